//! Collecting as a whole, over workspaces in memory: what the tests build on.

mod admission;
mod files;
mod shards;
mod since;

use super::*;
use crate::definition::Keys;
use crate::gate::{
    Admitted, Bound, Check, CheckKind, DefinedCheck, Duplicates, EvidenceNeed, Fold, Paths, Pick, Place, Step, Use,
};
use crate::model::{
    Age, Base, Committed, Content, Digest, FieldNames, GapKind, Instant, Limits, Node, Outcome, Parameter, Pointer,
    RunBinding, Tighter, parse_instant,
};
use crate::source::{SourceMap, Span};
use crate::workspace::{Denied, Memory};
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
        // Which evidence it counts for shows in the result, so that a mix-up does too.
        let mark = if evidence.as_str() == "y" { vec![0] } else { Vec::new() };
        streams.then(|| Box::new(Counter(mark)) as Box<dyn Fold>)
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
    let paths = Paths::Declared { base, pattern: pattern.to_owned(), pick, fallback: None };
    let format = format::for_extension(rel(pattern).extension()).unwrap_or(&format::BYTES);
    EvidenceNeed {
        id: id(name),
        paths,
        format,
        schema: None,
        shape: None,
        at: None,
        at_name: None,
        max_age: None,
        bound: Bound::default(),
        optional: false,
        duplicates: Duplicates::Tests,
        decisive: false,
        timezone: None,
        exclude: Vec::new(),
        query: None,
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
        shards: crate::gate::Shards::Each,
        check: Box::new(Probe(reads)),
        at: span(),
        stated: Vec::new(),
    };
    Gate {
        id: gate_id(name),
        pack: crate::model::PackId::try_from("p").expect("an id"),
        title: String::new(),
        owner: String::new(),
        bead: String::new(),
        why: String::new(),
        needs: Vec::new(),
        reproduce: crate::gate::Reproduce::plain("true"),
        remediation: Vec::new(),
        evidence,
        checks: checks.into_iter().map(check).collect(),
        at: span(),
        places: Default::default(),
    }
}

fn suite(gates: Vec<Gate>) -> Suite {
    let parameter = Parameter { value: Value::Text("v".into()), tighter: Tighter::Fixed, doc: String::new() };
    let run = RunBinding {
        format: None,
        file: rel("environment.json"),
        id: pointer("/run_id"),
        commit: pointer("/git_sha"),
        commit_optional: false,
        file_optional: false,
        artifact_dir: Some(pointer("/artifact_dir")),
        baseline: Some((rel("summary.json"), pointer("/baseline"))),
        baseline_required: false,
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
            secrets: crate::model::SecretShapes::default(),
            run: Some(run),
        },
        levels: vec![gates.iter().map(|gate| gate.id.clone()).collect()],
        gates: gates.into_iter().map(|gate| (gate.id.clone(), gate)).collect(),
        fields: FieldNames::default(),
        weakened: Vec::new(),
        settings: Vec::new(),
        places: Default::default(),
        sources: SourceMap::default(),
    }
}

fn all(suite: &Suite, workspace: &Memory) -> Collected {
    let gates: Vec<GateId> = suite.gates.keys().cloned().collect();
    collect(suite, &gates, workspace, &Options::default())
}

/// The evidence of one need alone in a gate.
/// A suite without a rule for runs, where the run says nothing of itself.
fn fitting(mut suite: Suite, workspace: &dyn Workspace) -> Suite {
    if matches!(workspace.open(Base::Run, &rel("environment.json")), Err(Denied::Missing)) {
        suite.policy.run = None;
    }
    suite
}

fn one(need: EvidenceNeed, workspace: &Memory) -> (Vec<GapKind>, Vec<String>, Option<String>) {
    let name = need.id.clone();
    let collected = all(&fitting(suite(vec![gate("g", vec![need], Vec::new())]), workspace), workspace);
    let found = &collected.evidence[&gate_id("g")][&name];
    let kinds = found.gaps.iter().map(|gap| gap.kind).collect();
    (kinds, found.artifacts.iter().map(|artifact| artifact.path.shown.clone()).collect(), found.absent.clone())
}

fn gaps(need: EvidenceNeed, workspace: &Memory) -> Vec<String> {
    let name = need.id.clone();
    let collected = all(&fitting(suite(vec![gate("g", vec![need], Vec::new())]), workspace), workspace);
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
