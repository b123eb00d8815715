//! What is admitted on which terms, read how often, and what comes along.

use super::*;

#[test]
fn each_broken_term_is_a_gap_with_its_place() {
    let shape = parse_shape(r#"{"required":["n"],"properties":{"n":{"type":"integer"}}}"#).expect("sound");
    let strict = EvidenceNeed {
        schema: Some("s/1".to_owned()),
        shape: Some(shape),
        at: Some(pointer("/at")),
        max_age: Some(Age::days(5)),
        bound: Bound { commit: Some(pointer("/commit")), run_id: Some(pointer("/run")), ..Bound::default() },
        ..only("e", "repo:a.json")
    };
    let with = |text: &str| run().head(HEAD).file("repo:a.json", text);
    let sound = format!(r#"{{"schema":"s/1","n":1,"at":"2026-02-05T12:00:00Z","commit":"{HEAD}","run":"r1"}}"#);
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
        bound: Bound { run_id: Some(pointer("/run")), ..Bound::default() },
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
        let bound = Bound { commit: Some(pointer("/c")), ..Bound::default() };
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
        assert!(
            gaps.len() == 1 && gaps[0].contains("the run states commit") && !gaps[0].contains("cannot be told"),
            "{gaps:?}"
        );
    }
    assert_eq!(one(bound(), &with(memory(), HEAD)).0, [GapKind::Unbound]);
    let damaged = with(run().head(HEAD), HEAD).file("run:environment.json", r#"{"git_sha":"abc"}"#);
    assert!(gaps(bound(), &damaged)[0].contains("not 40 hex digits"));
    // A run that says nothing does not leave the word to the repository.
    for silent in ["{}", r#"{"git_sha":null}"#, "{"] {
        let silent = with(run().head(HEAD), HEAD).file("run:environment.json", silent);
        assert!(gaps(bound(), &silent)[0].contains("the run"));
    }
    let collected = all(&suite(Vec::new()), &run().head(OTHER));
    assert!(collected.context.commit.is_err_and(|phrase| phrase.contains(HEAD) && phrase.contains(OTHER)));
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
    for (name, expected) in [("x", vec![1, 2]), ("y", vec![0, 1, 2])] {
        let found = admitted.folded::<Vec<u64>>(&id(name)).expect("folded");
        assert_eq!(found.iter().map(|(_, lines)| (*lines).clone()).collect::<Vec<_>>(), [expected]);
        folded += 1;
    }
    assert_eq!((folded, collected.manifest.len()), (2, 1));
}

#[test]
fn git_is_asked_only_for_what_checks_read() {
    let needs = || vec![only("a", "repo:a.toml"), only("b", "repo:a.toml"), only("r", "run:x")];
    let same = Some("v = 3");
    let workspace = run().head(HEAD).file("repo:a.toml", "v = 3").file("run:x", "x").tracked("a.toml", same, same);
    let workspace = workspace.versions("a.toml", &["v = 1", "not toml", "v = 3"]);
    let asks = vec![("a", Use::Committed), ("r", Use::Committed)];
    let collected = all(&suite(vec![gate("g", needs(), vec![asks.clone()])]), &workspace);
    let found = |name| collected.evidence[&gate_id("g")][&id(name)].artifacts[0].clone();
    assert_eq!(found("a").committed, Some(Committed::Same));
    assert_eq!(
        found("r").committed,
        Some(Committed::Differs(format!("neither commit {} nor the index has it", &HEAD[..12])))
    );
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
    let mut one = self::suite(Vec::new());
    one.policy.ledger.clone_from(&suite.policy.ledger);
    let (old, new) = (waiver("2026-02-11"), waiver("2026-02-12"));
    let workspace = memory().head(HEAD).file("repo:ledger.toml", &new).versions("ledger.toml", &[&old]);
    let state = |workspace: &Memory| (*all(&one, workspace).context.exceptions).clone();
    let whole = state(&workspace);
    assert_eq!((whole.waivers.len(), whole.damage.clone(), whole.waivers[0].renewals), (1, None, Some(1)));
    assert!(whole.waivers[0].validity.is_some());
    assert_eq!(all(&suite, &workspace).manifest[0].path.shown, "ledger.toml");
    for untold in [memory().file("repo:ledger.toml", &new), memory().shallow().file("repo:ledger.toml", &new)] {
        let untold = state(&untold);
        assert_eq!((untold.waivers[0].renewals, untold.waivers[0].holds(), untold.waivers.len()), (None, false, 1));
    }
    suite.policy.ledger.push((Base::Repo, rel("more.toml")));
    for (bytes, word) in
        [(None, "missing"), (Some("[waiver"), "malformed"), (Some("[suite.x]\nfiles = 7"), "has a problem")]
    {
        let workspace = memory().head(HEAD).file("repo:ledger.toml", &new);
        let workspace = bytes.iter().fold(workspace, |workspace, bytes| workspace.file("repo:more.toml", bytes));
        let collected = all(&suite, &workspace);
        let state = &collected.context.exceptions;
        assert!(state.damage.as_deref().is_some_and(|phrase| phrase.contains(word)), "{:?}", state.damage);
        assert!(state.waivers.iter().all(|waiver| !waiver.holds()), "{word}");
    }
}

#[test]
fn inspecting_tells_what_a_file_is() {
    let workspace = memory().file("repo:a.jsonl", "1\n2").file("repo:b.json", "{").file("repo:c", "c");
    let look = |path: &str| inspect(&workspace, Base::Repo, &rel(path), None, &Limits::default());
    let stream = look("a.jsonl");
    assert_eq!((stream.format, stream.records, stream.size, stream.gap), ("jsonl", Some(2), 3, None));
    assert_eq!(look("b.json").gap.map(|gap| gap.kind), Some(GapKind::Malformed));
    let document =
        memory().file("repo:d.json", r#"{"id": "r", "stages": [1, 2], "totals": {"failed": 0, "by": {"x": 1}}}"#);
    let fields = inspect(&document, Base::Repo, &rel("d.json"), None, &Limits::default()).fields;
    let told: Vec<String> = fields.iter().map(|(at, value)| format!("{at} {value}")).collect();
    assert_eq!(
        told,
        ["/id \"r\"", "/stages a list of 2", "/totals an object of 2", "/totals/by an object of 1", "/totals/failed 0"]
    );
    let log = memory().file("repo:output.log", "running 1 test\ntest a ... ok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n").file("repo:other.log", "hello\n");
    let told = |path: &str| inspect(&log, Base::Repo, &rel(path), None, &Limits::default());
    assert_eq!((told("output.log").format, told("output.log").tests.map(|tests| tests.passed)), ("test-report", Some(1)));
    assert_eq!((told("other.log").format, told("other.log").tests), ("text", None));
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

#[test]
fn a_stream_that_names_itself_is_read_again_for_the_new_fold() {
    let workspace = run().file("run:index.jsonl", "\"index.jsonl\"\n");
    let index = only("index", "run:index.jsonl");
    let files = EvidenceNeed { format: index.format, ..referenced("files", "index", &[Step::Each], Base::Run) };
    let collected = all(&suite(vec![gate("g", vec![index, files], vec![vec![("files", Use::Stream)]])]), &workspace);
    let evidence = &collected.evidence[&gate_id("g")];
    let admitted = Admitted { gate: &gate_id("g"), check: 0, evidence, context: &collected.context };
    let found = admitted.folded::<Vec<u64>>(&id("files")).expect("folded");
    assert_eq!(found.iter().map(|(_, lines)| (*lines).clone()).collect::<Vec<_>>(), [vec![1]]);
    assert_eq!(workspace.times_opened("results/one/index.jsonl"), 2);
}
