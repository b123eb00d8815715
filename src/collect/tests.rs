//! Collecting as a whole, over workspaces in memory.

use super::*;
use crate::definition::Keys;
use crate::gate::{Admitted, Bound, Check, CheckKind, DefinedCheck, EvidenceNeed, Fold, Paths, Pick, Place, Step, Use};
use crate::model::{
    Age, Base, Committed, Content, Digest, FieldNames, GapKind, History, Instant, Limits, Node, Outcome, Parameter,
    Pointer, RunBinding, Tighter, parse_instant,
};
use crate::source::{SourceMap, Span};
use crate::workspace::Memory;
use std::any::Any;

const HEAD: &str = "0123456789abcdef0123456789abcdef01234567";
const OTHER: &str = "89abcdef0123456789abcdef0123456789abcdef";

/// A check that reads as it is told and counts the records of streams.
struct Probe(Vec<(&'static str, Use)>);

struct Counter(Vec<u64>);

impl Fold for Counter {
    fn record(&mut self, line: u64, _record: Node<'_>) {
        self.0.push(line);
    }

    fn finish(self: Box<Self>) -> Box<dyn Any + Send + Sync> {
        Box::new(self.0)
    }
}

impl Check for Probe {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        self.0.iter().map(|(name, used)| (id(name), *used)).collect()
    }

    fn examine(&self, _evidence: &Admitted<'_>) -> Outcome {
        Outcome::Skip("a probe".to_owned())
    }

    fn fold(&self, evidence: &EvidenceId, _context: &Context) -> Option<Box<dyn Fold>> {
        let streams = self.0.iter().any(|(name, used)| *name == evidence.as_str() && *used == Use::Stream);
        streams.then(|| Box::new(Counter(Vec::new())) as Box<dyn Fold>)
    }
}

fn no_parse(_keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    None
}

static PROBE: CheckKind = CheckKind { id: "probe", about: "looks", docs: "", parse: no_parse };

fn id(name: &str) -> EvidenceId {
    EvidenceId::try_from(name).expect("an id")
}

fn gate_id(name: &str) -> GateId {
    GateId::try_from(name).expect("an id")
}

fn pointer(text: &str) -> Pointer {
    Pointer::parse(text).expect("a pointer")
}

fn rel(text: &str) -> RelPath {
    RelPath::parse(text).expect("a path")
}

fn now() -> Instant {
    parse_instant("2026-02-10T12:00:00Z").expect("a time")
}

/// A need for `base:pattern` in the format of its extension, `bytes` for none.
fn need(name: &str, path: &str, pick: Pick) -> EvidenceNeed {
    let (word, pattern) = path.split_once(':').expect("a base");
    let base = Base::ALL.into_iter().find(|base| base.word() == word).expect("a base");
    let paths = Paths::Declared { base, pattern: pattern.to_owned(), pick };
    let format = format::for_extension(rel(pattern).extension()).unwrap_or(&format::BYTES);
    EvidenceNeed {
        id: id(name),
        paths,
        format,
        schema: None,
        shape: None,
        at: None,
        max_age: None,
        bound: Bound::default(),
        optional: false,
    }
}

fn only(name: &str, path: &str) -> EvidenceNeed {
    need(name, path, Pick::Only)
}

fn referenced(name: &str, source: &str, steps: &[Step], base: Base) -> EvidenceNeed {
    let place = Place { evidence: id(source), steps: steps.to_vec() };
    EvidenceNeed { paths: Paths::Referenced { place, base }, ..only(name, "repo:any") }
}

fn listing(name: &str, path: &str) -> EvidenceNeed {
    let format = FORMATS.iter().find(|format| format.id == "listing").expect("a format");
    EvidenceNeed { format, ..need(name, path, Pick::All) }
}

fn span() -> Span {
    Span::new(SourceMap::default().add("g", ""), 0..0)
}

fn gate(name: &str, evidence: Vec<EvidenceNeed>, checks: Vec<Vec<(&'static str, Use)>>) -> Gate {
    let check = |reads| DefinedCheck {
        kind: &PROBE,
        expect: String::new(),
        finding: None,
        next: None,
        check: Box::new(Probe(reads)),
        at: span(),
    };
    Gate {
        id: gate_id(name),
        pack: crate::model::PackId::try_from("p").expect("an id"),
        title: String::new(),
        owner: String::new(),
        bead: String::new(),
        why: String::new(),
        needs: Vec::new(),
        reproduce: String::new(),
        remediation: Vec::new(),
        evidence,
        checks: checks.into_iter().map(check).collect(),
        at: span(),
    }
}

fn suite(gates: Vec<Gate>) -> Suite {
    let parameter = Parameter { value: Value::Text("v".into()), tighter: Tighter::Fixed, doc: String::new() };
    let run = RunBinding {
        file: rel("environment.json"),
        id: pointer("/run_id"),
        commit: pointer("/git_sha"),
        artifact_dir: Some(pointer("/artifact_dir")),
        baseline: Some((rel("summary.json"), pointer("/baseline"))),
    };
    Suite {
        policy: Policy {
            id: crate::model::PackId::try_from("p").expect("an id"),
            title: String::new(),
            digest: Digest::of(b""),
            gates: Vec::new(),
            lanes: Vec::new(),
            limits: Limits::default(),
            parameters: BTreeMap::from([("name".to_owned(), parameter)]),
            ledger: Vec::new(),
            output: None,
            verdict_schema: None,
            run: Some(run),
        },
        levels: vec![gates.iter().map(|gate| gate.id.clone()).collect()],
        gates: gates.into_iter().map(|gate| (gate.id.clone(), gate)).collect(),
        fields: FieldNames::default(),
        weakened: Vec::new(),
        sources: SourceMap::default(),
    }
}

fn all(suite: &Suite, workspace: &Memory) -> Collected {
    let gates: Vec<GateId> = suite.gates.keys().cloned().collect();
    collect(suite, &gates, workspace, &Options::default())
}

/// The evidence of one need alone in a gate.
fn one(need: EvidenceNeed, workspace: &Memory) -> (Vec<GapKind>, Vec<String>, Option<String>) {
    let name = need.id.clone();
    let collected = all(&suite(vec![gate("g", vec![need], Vec::new())]), workspace);
    let found = &collected.evidence[&gate_id("g")][&name];
    let kinds = found.gaps.iter().map(|gap| gap.kind).collect();
    (kinds, found.artifacts.iter().map(|artifact| artifact.path.shown.clone()).collect(), found.absent.clone())
}

fn gaps(need: EvidenceNeed, workspace: &Memory) -> Vec<String> {
    let name = need.id.clone();
    let collected = all(&suite(vec![gate("g", vec![need], Vec::new())]), workspace);
    let gaps = &collected.evidence[&gate_id("g")][&name].gaps;
    gaps.iter().map(|gap| format!("{} {}: {}", gap.kind.word(), gap.at, gap.actual)).collect()
}

fn memory() -> Memory {
    Memory::at(now())
}

/// A run below the repository that knows itself.
fn run() -> Memory {
    let environment = format!(r#"{{"run_id":"r1","git_sha":"{HEAD}","artifact_dir":"/ci/proj/results/one"}}"#);
    memory()
        .with_run("results/one")
        .file("run:environment.json", environment)
        .file("run:summary.json", r#"{"baseline":null}"#)
}

#[test]
fn absence_is_allowed_only_where_it_is_said() {
    let workspace =
        memory().file("repo:bad.json", "{").file("repo:d/a.json", "1").irregular("repo:pipe.json", "it is a pipe");
    let optional = |path| EvidenceNeed { optional: true, ..only("e", path) };
    assert_eq!(one(only("e", "repo:none.json"), &workspace).0, [GapKind::Missing]);
    assert_eq!(one(only("e", "repo:none/*.json"), &workspace).0, [GapKind::Missing]);
    let mut absent = 0;
    for path in ["repo:none.json", "repo:none/*.json", "repo:d/*.toml", "run:a.json", "baseline:a.json"] {
        let (gaps, artifacts, phrase) = one(optional(path), &workspace);
        assert!(gaps.is_empty() && artifacts.is_empty() && phrase.is_some(), "{path}");
        absent += 1;
    }
    assert_eq!(absent, 5);
    assert_eq!(one(optional("repo:bad.json"), &workspace).0, [GapKind::Malformed]);
    assert_eq!(one(optional("repo:pipe.json"), &workspace).0, [GapKind::Unreadable]);
    assert_eq!(one(optional("repo:d"), &workspace).0, [GapKind::Unreadable]);
    assert_eq!(one(only("e", "run:a.json"), &workspace).0, [GapKind::Missing]);
    assert_eq!(one(only("e", "baseline:a.json"), &workspace).0, [GapKind::Missing]);
}

#[test]
fn only_and_all_take_what_they_say() {
    let workspace = memory().file("repo:d/b.json", "2").file("repo:d/a.json", "1").file("repo:e/bad.json", "x");
    assert_eq!(one(only("e", "repo:d/*.json"), &workspace).0, [GapKind::Invalid]);
    assert_eq!(one(only("e", "repo:d/a*.json"), &workspace).1, ["d/a.json"]);
    assert_eq!(one(need("e", "repo:d/*.json", Pick::All), &workspace).1, ["d/a.json", "d/b.json"]);
    let (gaps, artifacts, _) = one(need("e", "repo:?/*.json", Pick::All), &workspace);
    assert_eq!((gaps, artifacts.len()), (vec![GapKind::Malformed], 3));
}

#[test]
fn the_newest_is_chosen_by_what_documents_say() {
    let at = |day: u32| format!(r#"{{"at":"2026-02-{day:02}T00:00:00Z"}}"#);
    let newest = || EvidenceNeed { at: Some(pointer("/at")), ..need("e", "repo:d/*.json", Pick::Newest) };
    let two = || memory().file("repo:d/a.json", at(3)).file("repo:d/b.json", at(2));
    assert_eq!(one(newest(), &two()), (vec![], vec!["d/a.json".to_owned()], None));
    assert_eq!(one(EvidenceNeed { max_age: Some(Age::days(1)), ..newest() }, &two()).0, [GapKind::Stale]);
    let tie = two().file("repo:d/c.json", at(3));
    assert_eq!(gaps(newest(), &tie), ["invalid repo:d/*.json: ambiguous: 2 are equally new (d/a.json, d/c.json)"]);
    let mut refused = 0;
    for damaged in ["{}", "{", r#"{"at":1}"#, r#"{"at":"2026-02-01T00:00:00"}"#, r#"{"at":"2027-02-01T00:00:00Z"}"#] {
        let found = one(newest(), &two().file("repo:d/c.json", damaged));
        assert_eq!(found.0.len(), 1, "{damaged}");
        refused += 1;
    }
    assert_eq!(refused, 5);
    assert_eq!(one(need("e", "repo:d/*.json", Pick::Newest), &two()).0, [GapKind::Invalid, GapKind::Invalid]);
    let stream = EvidenceNeed { at: Some(pointer("/at")), ..need("e", "repo:d/*.jsonl", Pick::Newest) };
    let streams = memory().file("repo:d/a.jsonl", at(3) + "\n" + &at(1)).file("repo:d/b.jsonl", at(2) + "\n" + &at(2));
    assert_eq!(one(stream, &streams), (vec![], vec!["d/a.jsonl".to_owned()], None));
    let collected = all(&suite(vec![gate("g", vec![newest()], Vec::new())]), &two());
    assert_eq!(collected.manifest.len(), 2);
}

#[test]
fn each_broken_term_is_a_gap_with_its_place() {
    let shape = parse_shape(r#"{"required":["n"],"properties":{"n":{"type":"integer"}}}"#).expect("sound");
    let strict = EvidenceNeed {
        schema: Some("s/1".to_owned()),
        shape: Some(shape),
        at: Some(pointer("/at")),
        max_age: Some(Age::days(5)),
        bound: Bound { commit: Some(pointer("/commit")), run_id: Some(pointer("/run")) },
        ..only("e", "repo:a.json")
    };
    let with = |text: &str| run().head(HEAD).file("repo:a.json", text);
    let upper = HEAD.to_uppercase();
    let sound = format!(r#"{{"schema":"s/1","n":1,"at":"2026-02-05T12:00:00Z","commit":"{upper}","run":"r1"}}"#);
    assert_eq!(gaps(strict.clone(), &with(&sound)), Vec::<String>::new());
    let broken = format!(r#"{{"schema":"s/2","n":"x","at":"2026-02-05T11:59:59Z","commit":"{OTHER}","run":"r2"}}"#);
    let expected = [
        r#"invalid a.json#/schema: "s/2""#.to_owned(),
        format!(r#"unbound a.json#/commit: "{OTHER}""#),
        r#"unbound a.json#/run: "r2""#.to_owned(),
        r#"invalid a.json#/n: "x" is not of type "integer""#.to_owned(),
        "stale a.json#/at: 2026-02-05T11:59:59Z, which is 5d old".to_owned(),
    ];
    assert_eq!(gaps(strict.clone(), &with(&broken)), expected);
    let nothing = gaps(strict.clone(), &with("{}"));
    assert_eq!(nothing.len(), 5, "{nothing:?}");
    let times = [
        ("2026-02-10T12:02:00Z", None),
        ("2026-02-10T12:02:01Z", Some(GapKind::Stale)),
        ("2026-02-10T14:00:00+02:00", None),
        ("2026-02-10T12:00:00", Some(GapKind::Invalid)),
        ("yesterday", Some(GapKind::Invalid)),
    ];
    let mut timed = 0;
    for (text, kind) in times {
        let need = EvidenceNeed { at: Some(pointer("/at")), ..only("e", "repo:a.json") };
        let workspace = memory().file("repo:a.json", format!(r#"{{"at":"{text}"}}"#));
        assert_eq!(one(need, &workspace).0.first().copied(), kind, "{text}");
        timed += 1;
    }
    assert_eq!(timed, 5);
    let text = EvidenceNeed { schema: Some("s/1".to_owned()), ..only("e", "repo:a.txt") };
    assert_eq!(one(text, &memory().file("repo:a.txt", "s/1")).0, [GapKind::Invalid]);
    // Many violations are cut at twenty.
    let many = EvidenceNeed { shape: parse_shape(r#"{"items":{"type":"string"}}"#).ok(), ..only("e", "repo:a.json") };
    let list = format!("[{}0]", "0,".repeat(60));
    assert_eq!(one(many, &memory().file("repo:a.json", list)).0.len(), 20);
}

#[test]
fn every_record_of_a_stream_keeps_the_terms() {
    let strict = EvidenceNeed {
        schema: Some("s/1".to_owned()),
        at: Some(pointer("/at")),
        max_age: Some(Age::days(5)),
        bound: Bound { commit: None, run_id: Some(pointer("/run")) },
        ..only("e", "run:a.jsonl")
    };
    let line =
        |schema, day, run| format!("{{\"schema\":\"{schema}\",\"at\":\"2026-02-{day}T00:00:00Z\",\"run\":\"{run}\"}}\n");
    // An old first record is no harm; the newest one tells the age.
    let sound = line("s/1", "01", "r1") + "\n" + &line("s/1", "09", "r1");
    assert_eq!(gaps(strict.clone(), &run().file("run:a.jsonl", sound)), Vec::<String>::new());
    let broken = line("s/1", "01", "r1") + "\n" + &line("s/2", "02", "r2");
    let expected = [
        "invalid results/one/a.jsonl:3#/schema: \"s/2\"",
        "unbound results/one/a.jsonl:3#/run: \"r2\"",
        "stale results/one/a.jsonl:3#/at: 2026-02-02T00:00:00Z, which is 8d 12h old",
    ];
    assert_eq!(gaps(strict, &run().file("run:a.jsonl", broken)), expected);
}

#[test]
fn the_commit_under_judgement_is_one() {
    let bound = || {
        let bound = Bound { commit: Some(pointer("/c")), run_id: None };
        EvidenceNeed { bound, ..only("e", "repo:a.json") }
    };
    let with = |workspace: Memory, commit: &str| workspace.file("repo:a.json", format!(r#"{{"c":"{commit}"}}"#));
    let none: Vec<GapKind> = Vec::new();
    assert_eq!(one(bound(), &with(memory().head(HEAD), HEAD)).0, none);
    assert_eq!(one(bound(), &with(memory().head(HEAD), OTHER)).0, [GapKind::Unbound]);
    assert_eq!(one(bound(), &with(memory().head(HEAD), &HEAD[..12])).0, [GapKind::Unbound]);
    assert_eq!(one(bound(), &with(run(), HEAD)).0, none);
    assert_eq!(one(bound(), &with(run().head(HEAD), HEAD)).0, none);
    // The repository and the run disagree: neither side can vouch.
    for commit in [HEAD, OTHER] {
        let gaps = gaps(bound(), &with(run().head(OTHER), commit));
        assert!(gaps.len() == 1 && gaps[0].contains("cannot be told: the run states commit"), "{gaps:?}");
    }
    assert!(gaps(bound(), &with(memory(), HEAD))[0].contains("cannot be told"));
    let damaged = with(run().head(HEAD), HEAD).file("run:environment.json", r#"{"git_sha":"abc"}"#);
    assert!(gaps(bound(), &damaged)[0].contains("not 40 hex digits"));
    let collected = all(&suite(Vec::new()), &run().head(OTHER));
    assert!(collected.context.commit.is_err_and(|phrase| phrase.contains(HEAD) && phrase.contains(OTHER)));
}

#[test]
fn baselines_are_named_by_the_run_or_not_at_all() {
    let need = |optional| EvidenceNeed { optional, ..only("e", "baseline:a.json") };
    let named = |baseline: &str| {
        run().file("run:summary.json", format!(r#"{{"baseline":{baseline}}}"#)).beside("zero", "a.json", "1").beside(
            "zero",
            "summary.json",
            "1",
        )
    };
    let mut there = 0;
    for baseline in ["\"zero\"", "\"/ci/proj/results/zero\"", "\"/ci/proj/results/zero/\"", "\"../zero/summary.json\""] {
        assert_eq!(
            one(need(false), &named(baseline)),
            (vec![], vec!["results/zero/a.json".to_owned()], None),
            "{baseline}"
        );
        there += 1;
    }
    assert_eq!(there, 4);
    assert!(one(need(true), &named("null")).2.is_some_and(|phrase| phrase.contains("names no baseline")));
    assert_eq!(one(need(false), &named("null")).0, [GapKind::Missing]);
    // A baseline that is named must be there, and so must its files.
    let mut refused = 0;
    for baseline in ["\"gone\"", "\"/ci/proj/results/one\"", "\"..\"", "\"\"", "7", "\"summary.json\""] {
        let (gaps, _, absent) = one(need(true), &named(baseline));
        assert!(gaps.len() == 1 && absent.is_none(), "{baseline}");
        refused += 1;
    }
    assert_eq!(refused, 6);
    let other = EvidenceNeed { optional: true, ..only("e", "baseline:b.json") };
    assert_eq!(one(other, &named("\"zero\"")).0, [GapKind::Missing]);
    assert_eq!(one(need(true), &run().file("run:summary.json", "{")).0, [GapKind::Malformed]);
    // The operator's word stands.
    let suite = suite(vec![gate("g", vec![need(false)], Vec::new())]);
    let workspace = run().file("run:summary.json", r#"{"baseline":"gone"}"#).file("baseline:a.json", "1");
    let options = Options { baseline_named_by_operator: true };
    let collected = collect(&suite, &[gate_id("g")], &workspace, &options);
    assert!(collected.evidence[&gate_id("g")][&id("e")].gaps.is_empty());
}

#[test]
fn named_files_stand_in_the_order_of_their_names() {
    let steps = [Step::Key("files".to_owned()), Step::Each];
    let needs = || vec![referenced("files", "index", &steps, Base::Run), only("index", "run:index.json")];
    let collect_with = |index: &str| {
        let workspace = run().file("run:index.json", index).file("run:b", "bb").file("repo:docs/c", "c");
        all(&suite(vec![gate("g", needs(), Vec::new())]), &workspace)
    };
    let collected = collect_with(r#"{"files":["/ci/proj/results/one/b","gone","/ci/proj/docs/c","b"]}"#);
    let found = &collected.evidence[&gate_id("g")][&id("files")];
    assert!(found.gaps.is_empty() && found.many);
    let shown: Vec<(&str, Option<GapKind>)> = found
        .artifacts
        .iter()
        .map(|artifact| (artifact.path.shown.as_str(), artifact.content.as_ref().err().map(|gap| gap.kind)))
        .collect();
    let missing = Some(GapKind::Missing);
    let b = "results/one/b";
    assert_eq!(shown, [(b, None), ("results/one/gone", missing), ("docs/c", None), (b, None)]);
    let kinds = |index: &str| -> Vec<GapKind> {
        collect_with(index).evidence[&gate_id("g")][&id("files")].gaps.iter().map(|gap| gap.kind).collect()
    };
    assert_eq!(kinds(r#"{"files":["b",7,null]}"#), [GapKind::Invalid, GapKind::Invalid]);
    assert_eq!(kinds(r#"{"files":["../../etc/passwd","/etc/passwd"]}"#), [GapKind::Unreadable, GapKind::Unreadable]);
    assert_eq!(kinds("{}"), [GapKind::Invalid]);
    assert_eq!(kinds("{"), [GapKind::Malformed]);
    assert_eq!(kinds(r#"{"files":["unit"]}"#), Vec::new());
    let circle = vec![referenced("a", "b", &steps, Base::Run), referenced("b", "a", &steps, Base::Run)];
    let collected = all(&suite(vec![gate("g", circle, Vec::new())]), &run());
    assert_eq!(collected.evidence[&gate_id("g")][&id("a")].gaps[0].kind, GapKind::Unreadable);
}

#[test]
fn a_file_is_opened_once_for_all() {
    let workspace =
        run().file("run:events.jsonl", "1\n\n2\n3\n").file("run:index.json", r#"["events.jsonl","index.json"]"#);
    let events = || only("events", "run:events.jsonl");
    let gates = vec![
        gate("a", vec![events()], vec![vec![("events", Use::Stream)], vec![("events", Use::Stream)]]),
        gate("b", vec![events()], vec![vec![("events", Use::Stream)]]),
        gate("c", vec![events()], vec![vec![("events", Use::Whole)]]),
        gate("d", vec![only("environment", "run:environment.json")], Vec::new()),
        gate("e", vec![only("environment", "run:environment.json"), only("index", "run:index.json")], Vec::new()),
    ];
    let collected = all(&suite(gates), &workspace);
    for shown in ["results/one/events.jsonl", "results/one/environment.json", "results/one/index.json"] {
        assert_eq!(workspace.times_opened(shown), 1, "{shown}");
    }
    let artifact = &collected.evidence[&gate_id("b")][&id("events")].artifacts[0];
    let Ok(Content::Records(records)) = &artifact.content else { panic!("records") };
    let lines = |gate: &str, at| records.folded.get(&(gate_id(gate), at)).and_then(|own| own.downcast_ref::<Vec<u64>>());
    let mut folded = 0;
    for (gate, at) in [("a", 0), ("a", 1), ("b", 0)] {
        assert_eq!(lines(gate, at), Some(&vec![1, 3, 4]));
        folded += 1;
    }
    assert_eq!((folded, records.folded.len(), records.count), (3, 3, 3));
    assert!(records.kept.is_some());
    let rows: Vec<(&str, Vec<&str>)> = collected
        .manifest
        .iter()
        .map(|row| (row.path.shown.as_str(), row.gates.iter().map(GateId::as_str).collect()))
        .collect();
    let expected = [
        ("results/one/environment.json", vec!["d", "e"]),
        ("results/one/events.jsonl", vec!["a", "b", "c"]),
        ("results/one/index.json", vec!["e"]),
        ("results/one/summary.json", vec![]),
    ];
    assert_eq!(rows, expected);
    assert_eq!(collected.manifest[1].digest, Some(Digest::of(b"1\n\n2\n3\n")));
}

#[test]
fn two_needs_of_one_check_each_get_the_stream() {
    let workspace = memory().file("repo:a.jsonl", "1\n2\n");
    let needs = vec![only("x", "repo:a.jsonl"), only("y", "repo:a.jsonl")];
    let collected = all(&suite(vec![gate("g", needs, vec![vec![("x", Use::Stream), ("y", Use::Stream)]])]), &workspace);
    let evidence = &collected.evidence[&gate_id("g")];
    let admitted = Admitted { gate: &gate_id("g"), check: 0, evidence, context: &collected.context };
    let mut folded = 0;
    for name in ["x", "y"] {
        let found = admitted.folded::<Vec<u64>>(&id(name)).expect("folded");
        assert_eq!(found.iter().map(|(_, lines)| (*lines).clone()).collect::<Vec<_>>(), [vec![1, 2]]);
        folded += 1;
    }
    assert_eq!((folded, collected.manifest.len()), (2, 1));
}

#[test]
fn listings_name_files_and_open_none() {
    let workspace = memory().file("repo:t/b.rs", "").file("repo:t/a.rs", "").file("repo:t/d/c.rs", "");
    let collected = all(&suite(vec![gate("g", vec![listing("files", "repo:t/*.rs")], Vec::new())]), &workspace);
    let found = &collected.evidence[&gate_id("g")][&id("files")];
    let Ok(Content::Listing(names)) = &found.artifacts[0].content else { panic!("a listing") };
    assert_eq!(names.iter().map(RelPath::as_str).collect::<Vec<_>>(), ["t/a.rs", "t/b.rs"]);
    assert_eq!(found.artifacts[0].digest, Some(Digest::of(b"t/a.rs\nt/b.rs\n")));
    assert_eq!((collected.manifest[0].path.shown.as_str(), workspace.times_opened("t/a.rs")), ("t/*.rs", 0));
    assert_eq!(one(listing("files", "repo:t/*.zig"), &workspace).0, [GapKind::Missing]);
}

#[test]
fn limits_hold() {
    let workspace = memory().changing("repo:huge.json", "1", 1 << 40).changing("repo:grows.json", "[1]", 2);
    assert_eq!(one(only("e", "repo:huge.json"), &workspace).0, [GapKind::OverLimit]);
    assert_eq!(one(only("e", "repo:grows.json"), &workspace).0, [GapKind::Unreadable]);
    let mut suite = suite(vec![gate("g", vec![only("a", "repo:a"), only("b", "repo:b")], Vec::new())]);
    suite.policy.limits.files_max = 1;
    let collected = all(&suite, &memory().file("repo:a", "").file("repo:b", ""));
    let kinds = |name| collected.evidence[&gate_id("g")][&id(name)].gaps.iter().map(|gap| gap.kind).collect::<Vec<_>>();
    assert_eq!((kinds("a"), kinds("b")), (vec![], vec![GapKind::OverLimit]));
    assert_eq!(collected.manifest[1].gap, Some(GapKind::OverLimit));
}

#[test]
fn git_is_asked_only_for_what_checks_read() {
    let needs = || vec![only("a", "repo:a.toml"), only("b", "repo:a.toml"), only("r", "run:x")];
    let same = Some("v = 3");
    let workspace = run().head(HEAD).file("repo:a.toml", "v = 3").file("run:x", "x").tracked("a.toml", same, same);
    let workspace = workspace.versions("a.toml", &["v = 1", "not toml", "v = 3"]);
    let asks = vec![("a", Use::Committed), ("a", Use::History), ("r", Use::Committed)];
    let collected = all(&suite(vec![gate("g", needs(), vec![asks.clone()])]), &workspace);
    let found = |name| collected.evidence[&gate_id("g")][&id(name)].artifacts[0].clone();
    assert_eq!(found("a").committed, Some(Committed::Same));
    assert!(matches!(&found("a").history, Some(History::Versions(versions)) if versions.len() == 2));
    assert_eq!(
        found("r").committed,
        Some(Committed::Differs(format!("neither commit {} nor the index has it", &HEAD[..12])))
    );
    assert!(found("r").history.is_none());
    let unasked = all(&suite(vec![gate("g", needs(), Vec::new())]), &workspace);
    assert!(unasked.evidence[&gate_id("g")][&id("a")].artifacts[0].committed.is_none());
    let mut differ = 0;
    for (head, index) in [(None, same), (same, None), (same, Some("v = 4")), (Some("v = 4"), Some("v = 4"))] {
        let workspace = run().head(HEAD).file("repo:a.toml", "v = 3").file("run:x", "").tracked("a.toml", head, index);
        let collected = all(&suite(vec![gate("g", needs(), vec![asks.clone()])]), &workspace);
        let committed = collected.evidence[&gate_id("g")][&id("a")].artifacts[0].committed.clone();
        assert!(matches!(committed, Some(Committed::Differs(_))), "{committed:?}");
        differ += 1;
    }
    assert_eq!(differ, 4);
    let outside = memory().with_run("/elsewhere").file("run:x", "").file("repo:a.toml", "").head(HEAD);
    let collected = all(&suite(vec![gate("g", needs(), vec![asks])]), &outside);
    let committed = collected.evidence[&gate_id("g")][&id("r")].artifacts[0].committed.clone();
    assert!(matches!(committed, Some(Committed::Unknown(_))), "{committed:?}");
}

#[test]
fn a_damaged_ledger_is_a_gap_and_never_empty() {
    let waiver = |expires| {
        format!(
            "[waiver.g]\nowner = 'o'\nbead = 'b'\nreason = 'r'\ncreated = 2026-02-01\nexpires = {expires}\nscope = ['full']\n\
             exit_criterion = 'e'\n"
        )
    };
    let mut suite = suite(Vec::new());
    suite.policy.ledger = vec![(Base::Repo, rel("ledger.toml"))];
    let (old, new) = (waiver("2026-02-11"), waiver("2026-02-12"));
    let workspace = memory().head(HEAD).file("repo:ledger.toml", &new).versions("ledger.toml", &[&old]);
    let collected = all(&suite, &workspace);
    assert_eq!((collected.ledger.waivers.len(), collected.ledger_gaps.len()), (1, 0));
    assert_eq!(collected.renewals, Some(BTreeMap::from([("g".to_owned(), 1)])));
    assert_eq!(collected.manifest[0].path.shown, "ledger.toml");
    for untold in [memory().file("repo:ledger.toml", &new), memory().shallow().file("repo:ledger.toml", &new)] {
        let collected = all(&suite, &untold);
        assert_eq!((collected.renewals, collected.ledger.waivers.len()), (None, 1));
    }
    suite.policy.ledger.push((Base::Repo, rel("more.toml")));
    for (bytes, kind) in [(None, GapKind::Missing), (Some("[waiver"), GapKind::Malformed)] {
        let workspace = memory().head(HEAD).file("repo:ledger.toml", &new);
        let workspace = bytes.iter().fold(workspace, |workspace, bytes| workspace.file("repo:more.toml", bytes));
        let collected = all(&suite, &workspace);
        assert_eq!(collected.ledger_gaps.iter().map(|gap| gap.kind).collect::<Vec<_>>(), [kind]);
        assert!(collected.ledger.waivers.is_empty() && collected.renewals.is_none());
    }
}

#[test]
fn inspecting_tells_what_a_file_is() {
    let workspace = memory().file("repo:a.jsonl", "1\n2").file("repo:b.json", "{").file("repo:c", "c");
    let look = |path: &str| inspect(&workspace, Base::Repo, &rel(path), None, &Limits::default());
    let stream = look("a.jsonl");
    assert_eq!((stream.format, stream.records, stream.size, stream.gap), ("jsonl", Some(2), 3, None));
    assert_eq!(look("b.json").gap.map(|gap| gap.kind), Some(GapKind::Malformed));
    assert_eq!((look("c").format, look("c").sha256), ("bytes", Some(Digest::of(b"c"))));
    assert_eq!(look("d.json").gap.map(|gap| gap.kind), Some(GapKind::Missing));
}

#[test]
fn what_checks_may_know_comes_along() {
    let collected = all(&suite(Vec::new()), &run());
    let run = collected.context.run.expect("a run");
    assert_eq!((run.path.as_str(), run.id.as_deref(), run.commit.as_deref()), ("results/one", Some("r1"), Some(HEAD)));
    assert_eq!(collected.context.parameters.root().excerpt(40), r#"{"name": "v"}"#);
    assert_eq!((collected.context.now, collected.context.commit), (now(), Ok(HEAD.to_owned())));
}

#[cfg(unix)]
#[test]
fn a_hostile_run_on_disk_is_all_gaps() {
    let keep = tempfile::tempdir().expect("a directory");
    let (root, run) = (keep.path().join("repo"), keep.path().join("run"));
    std::fs::create_dir_all(&root).expect("made");
    std::fs::create_dir_all(run.join("directory.json")).expect("made");
    std::fs::write(keep.path().join("secret.json"), "{}").expect("written");
    std::fs::write(run.join("good.json"), "{}").expect("written");
    std::fs::write(run.join("empty.json"), "").expect("written");
    std::os::unix::fs::symlink("../secret.json", run.join("out.json")).expect("linked");
    std::os::unix::fs::symlink("nowhere", run.join("broken.json")).expect("linked");
    let made = std::process::Command::new("mkfifo").arg(run.join("pipe.json")).status().expect("mkfifo runs");
    assert!(made.success());
    // A file with a hole takes no room on disk.
    std::fs::File::create(run.join("huge.json")).and_then(|file| file.set_len(1 << 40)).expect("made");
    let disk = crate::workspace::Disk::new(&root, Some(&run), None, Some(now())).expect("opened");
    let names = ["good", "empty", "directory", "out", "broken", "pipe", "huge", "none"];
    let paths: Vec<String> = names.iter().map(|name| format!("run:{name}.json")).collect();
    let needs = names.iter().zip(&paths).map(|(name, path)| only(name, path)).collect();
    let suite =
        suite(vec![gate("g", needs, Vec::new()), gate("h", vec![need("all", "run:*.json", Pick::All)], Vec::new())]);
    let started = std::time::Instant::now();
    let collected = collect(&suite, &[gate_id("g"), gate_id("h")], &disk, &Options::default());
    assert!(started.elapsed().as_secs() < 20);
    let kind = |name: &str| collected.evidence[&gate_id("g")][&id(name)].gaps.first().map(|gap| gap.kind);
    let kinds: Vec<Option<GapKind>> = names.iter().map(|name| kind(name)).collect();
    let unreadable = Some(GapKind::Unreadable);
    let (malformed, over, missing) = (Some(GapKind::Malformed), Some(GapKind::OverLimit), Some(GapKind::Missing));
    assert_eq!(kinds, [None, malformed, unreadable, unreadable, unreadable, unreadable, over, missing]);
    // A pattern skips directories, and nothing else.
    let all = &collected.evidence[&gate_id("h")][&id("all")];
    assert_eq!((all.artifacts.len(), all.gaps.len()), (6, 5));
    assert!(collected.manifest.iter().all(|row| row.path.shown.starts_with("run:")));
}
