//! Whatever is damaged in the evidence of a blocking gate, the verdict does not pass, and it names what is damaged.
//!
//! Every file that the green repository's verdict rests on is deleted, emptied, cut in half, overwritten and given another root;
//! every value in every document is removed, made null and given another type, one at a time. What no gate notices must be in
//! `fail_closed_survivors.toml`, with the reason; and what is in there must indeed come to that, so that the list cannot rot.
//! Damages are made in memory, over the green run; one in 25 on a disk too, and all of them with `GATEKEEPER_MEASURE=1`.

mod damage;
mod survivors;

use crate::support::agent_cli::NOW;
use crate::support::assurance::asked;
use damage::{Damage, Mutation};
use gatekeeper::decide::Terms;
use gatekeeper::gate::Suite;
use gatekeeper::load::Selection;
use gatekeeper::model::{Base, Finding, GateId, Mode, Pointer, RelPath, Ruling, Verdict, parse_instant};
use gatekeeper::pipeline::{self, Basis, Request};
use gatekeeper::scenario::Tree;
use gatekeeper::workspace::{Cache, Disk, Overlay, Workspace};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::Path;
use survivors::Survivors;

const RUN: &str = "tests/e2e_results/20260302T101500Z";

/// Of so many damages one is made on a disk as well, and must come to the same there. `GATEKEEPER_MEASURE=1` makes all of them there.
const ON_DISK_EACH: usize = 25;

/// A copy of the repository with its definitions, over which damaged files are judged in memory; or on the disk.
struct Bench {
    root: tempfile::TempDir,
    workspace: Disk,
    suite: Suite,
    terms: Terms,
    /// The files on which every gate hangs: what says which run is judged, and the exceptions.
    grounds: BTreeSet<String>,
}

impl Bench {
    fn new(tree: &Tree) -> Self {
        let root = tree.materialise().expect("a copy of the repository");
        let workspace = open(root.path());
        let suite = pipeline::load(&workspace, &Selection { policy: None }).suite.expect("the definitions are sound");
        let request = Request { lane: "full".to_owned(), mode: Mode::Strict, clock: None, policy_ref: None };
        let terms = pipeline::terms(&suite, &request, workspace.now()).expect("the policy has the lane");
        let policy = &suite.policy;
        let of_run = policy.run.iter().flat_map(|run| run.baseline.iter().map(|(file, _)| file).chain([&run.file]));
        let of_run = of_run.map(|file| workspace.shown(Base::Run, file));
        let grounds = of_run.chain(policy.ledger.iter().map(|(base, file)| workspace.shown(*base, file))).collect();
        Self { root, workspace, suite, terms, grounds }
    }

    /// Judges the copy as it is, and remembers what was read.
    fn basis(&self, cache: &Cache) -> Basis {
        pipeline::basis(&self.suite, &Overlay::plain(&self.workspace, cache), &self.terms, false)
    }

    /// Judges the copy with one file damaged in memory, by the gates that read it: by all of them where the file is gone or every gate hangs on
    /// it. Nothing if another baseline than that of the copy is named then.
    fn judge_damaged(&self, basis: &Basis, cache: &Cache, damage: &Damage) -> Option<Verdict> {
        let file = damage.file.as_str().to_owned();
        let overlay = Overlay::with(&self.workspace, cache, [(file.clone(), damage.bytes.clone())]);
        let reads = basis.reads.get(&file).filter(|_| damage.bytes.is_some() && !self.grounds.contains(&file));
        let gates: Option<BTreeSet<GateId>> = reads.map(|reads| reads.iter().map(|(gate, _)| gate.clone()).collect());
        let gates: Option<Vec<GateId>> = gates.map(|gates| gates.into_iter().collect());
        let differ = BTreeSet::from([file]);
        let verdict = pipeline::rejudge(basis, &self.suite, &overlay, &self.terms, false, &differ, gates.as_deref());
        (!overlay.diverged()).then_some(verdict)
    }

    /// Judges the copy with one file damaged on the disk, and mends it again. The workspace is a new one each time: it remembers the baseline
    /// that a run names.
    fn judge_on_disk(&self, tree: &Tree, damage: &Damage) -> Verdict {
        let path = self.root.path().join(damage.file.as_str());
        match &damage.bytes {
            Some(bytes) => std::fs::write(&path, bytes).expect("the file can be damaged"),
            None => std::fs::remove_file(&path).expect("the file can be deleted"),
        }
        let verdict = pipeline::judge(&self.suite, &open(self.root.path()), &self.terms, false);
        std::fs::write(&path, tree.file(&damage.file).expect("it was there")).expect("the file can be mended");
        verdict
    }
}

fn open(root: &Path) -> Disk {
    let now = parse_instant(NOW).expect("the fixture's clock");
    let workspace = Disk::new(root, Some(&root.join(RUN)), None, Some(now)).expect("the copy can be opened");
    workspace.attach_git(&rel("history.git")).expect("the repository brings its history");
    workspace
}

fn rel(path: &str) -> RelPath {
    RelPath::parse(path).expect("a sound path")
}

/// The files that blocking gates read, or that say which run and commit are judged.
fn evidence(verdict: &Verdict, tree: &Tree) -> Vec<RelPath> {
    let blocking = |id: &GateId| verdict.gates.iter().any(|gate| gate.id == *id && gate.terms.blocking);
    let counted = verdict.evidence.iter().filter(|row| row.gates.is_empty() || row.gates.iter().any(blocking));
    let paths: BTreeSet<RelPath> = counted.filter_map(|row| RelPath::parse(&row.path.shown).ok()).collect();
    // What is no file is a listing: its files are not read, and their names are another test's matter.
    paths.into_iter().filter(|path| tree.file(path).is_some()).collect()
}

/// What came of one damage.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Noticed {
    /// The verdict fails and a finding names the place.
    Named,
    /// The verdict fails, and no finding leads to the place.
    Unnamed(String),
    /// The verdict stands.
    Nothing,
}

impl Noticed {
    /// The word in the list of survivors.
    const fn word(&self) -> &'static str {
        match self {
            Noticed::Named => "named",
            Noticed::Unnamed(_) => "unnamed",
            Noticed::Nothing => "unnoticed",
        }
    }
}

fn noticed(verdict: &Verdict, damage: &Damage) -> Noticed {
    if verdict.ruling() != Ruling::Fail {
        return Noticed::Nothing;
    }
    let blockers = verdict.blockers();
    let mut findings = blockers.iter().flat_map(|gate| &gate.findings);
    if findings.any(|finding| names(finding, damage)) {
        return Noticed::Named;
    }
    let told = blockers.iter().flat_map(|gate| &gate.findings).take(2).map(|finding| {
        let at = finding.at.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{} at {at}: {} | {}", finding.kind, finding.expected, finding.actual)
    });
    Noticed::Unnamed(told.collect::<Vec<_>>().join("; "))
}

/// Whether a finding leads to the damaged place: by its own place, by naming it in what it shows, or by naming what was lost.
fn names(finding: &Finding, damage: &Damage) -> bool {
    let shows = |text: &str| finding.expected.contains(text) || finding.actual.contains(text);
    let here = finding.at.as_ref().filter(|at| at.path == damage.file.as_str());
    let Some(pointer) = &damage.at else {
        return here.is_some() || shows(damage.file.name());
    };
    // Of a file that is compared byte by byte, only the whole can be named.
    let bytes = ["digest-mismatch", "not-committed"].contains(&&*finding.kind);
    let placed = here.is_some_and(|at| {
        let line = damage.line.is_none() || at.line.is_none() || at.line == damage.line;
        let pointer = match &at.pointer {
            Some(found) => related(found, pointer),
            None => at.line.is_some() || bytes || shows(&field(pointer)),
        };
        line && pointer
    });
    // A sibling of the field is to blame just as well, if the finding shows the field too.
    let beside = here.and_then(|at| at.pointer.as_ref()).is_some_and(|found| related(found, &record(pointer)));
    let shown = |name: &str| spelled(&finding.expected, name) || spelled(&finding.actual, name);
    placed || shown(&dotted(pointer)) || beside && shown(&field(pointer)) || damage.lost.iter().any(|text| shows(text))
}

/// One of the places holds the other.
fn related(a: &Pointer, b: &Pointer) -> bool {
    let holds =
        |outer: &str, inner: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    holds(a.as_str(), b.as_str()) || holds(b.as_str(), a.as_str())
}

/// The name of the field, the nearest one above for an item of a list.
fn field(pointer: &Pointer) -> String {
    let steps: Vec<String> = pointer.steps().collect();
    steps.into_iter().rev().find(|step| step.parse::<usize>().is_err()).unwrap_or_else(|| "(the record itself)".to_owned())
}

/// The object that the field stands in.
fn record(pointer: &Pointer) -> Pointer {
    let steps: Vec<String> = pointer.steps().collect();
    let field = steps.iter().rposition(|step| step.parse::<usize>().is_err()).unwrap_or(0);
    steps[..field].iter().fold(Pointer::root(), |above, step| above.key(step))
}

/// The field as expressions spell it: `summary.triage_diff`, without the evidence's name.
fn dotted(pointer: &Pointer) -> String {
    let mut steps: Vec<String> = pointer.steps().collect();
    while steps.last().is_some_and(|step| step.parse::<usize>().is_ok()) {
        steps.pop();
    }
    steps.join(".")
}

/// Whether a text shows a field behind a dot, and not just the beginning of its name.
fn spelled(text: &str, name: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    !name.is_empty() && text.match_indices(&format!(".{name}")).any(|(at, dotted)| ends(&text[at + dotted.len()..]))
}

/// What came of every damage: of one of so many on the disk too, which must be the same, and of those on the disk that memory cannot tell.
fn on_disk_too(tree: &Tree, damages: &[Damage], in_memory: Vec<Option<Noticed>>, each: usize) -> Vec<Noticed> {
    let all: Vec<(usize, (&Damage, Option<Noticed>))> = damages.iter().zip(in_memory).enumerate().collect();
    // Few and large shares: each needs a copy of the repository of its own, with its definitions read.
    let share = all.len().div_ceil(2 * rayon::current_num_threads());
    let judge = |bench: &Bench, (index, (damage, in_memory)): &(usize, (&Damage, Option<Noticed>))| {
        if let (Some(noticed), false) = (in_memory, index % each == 0) {
            return noticed.clone();
        }
        let on_disk = noticed(&bench.judge_on_disk(tree, damage), damage);
        assert!(
            in_memory.as_ref().is_none_or(|noticed| *noticed == on_disk),
            "{damage}: {in_memory:?}, on a disk {on_disk:?}"
        );
        on_disk
    };
    let shares = all.par_chunks(share).flat_map_iter(|share| {
        let bench = Bench::new(tree);
        share.iter().map(|one| judge(&bench, one)).collect::<Vec<_>>()
    });
    shares.collect()
}

#[test]
fn no_damage_to_evidence_of_a_blocking_gate_goes_unnoticed() {
    let mut survivors = Survivors::read();
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/repos/agent-cli");
    let tree = Tree::from_disk(&home).expect("the fixture can be read");
    let (bench, cache) = (Bench::new(&tree), Cache::default());
    let basis = bench.basis(&cache);
    let green = &basis.verdict;
    assert_eq!(green.ruling(), Ruling::Pass, "the repository must be green before it is damaged: {}", green.reason());

    let files = evidence(green, &tree);
    let damages: Vec<Damage> = files.iter().flat_map(|file| damage::of(file, &tree)).collect();
    let judge = |damage: &Damage| Some(noticed(&bench.judge_damaged(&basis, &cache, damage)?, damage));
    let in_memory: Vec<Option<Noticed>> = damages.par_iter().map(judge).collect();
    let each = if asked("GATEKEEPER_MEASURE") { 1 } else { ON_DISK_EACH };
    let results = on_disk_too(&tree, &damages, in_memory, each);

    let (mut unnoticed, mut unnamed, mut stale) = (Vec::new(), Vec::new(), Vec::new());
    for (damage, noticed) in damages.iter().zip(&results) {
        let expected = survivors.expected(damage);
        match noticed {
            _ if noticed.word() == expected => {}
            Noticed::Nothing => unnoticed.push(damage.to_string()),
            Noticed::Unnamed(told) => unnamed.push(format!("{damage} -> {told}")),
            Noticed::Named => stale.push(format!("{damage} is {expected} in the list")),
        }
    }
    stale.extend(survivors.idle().into_iter().map(|part| format!("{part} fits no damage")));

    let of = |mutation: Mutation| damages.iter().filter(|damage| damage.mutation == mutation).count();
    let counts: Vec<String> = Mutation::ALL.iter().map(|mutation| format!("{} {mutation}", of(*mutation))).collect();
    println!("{} damages to {} files: {}", damages.len(), files.len(), counts.join(", "));
    let list = |title: &str, lines: &[String]| format!("{} {title}:\n  {}\n", lines.len(), lines.join("\n  "));
    let report = [
        list("damages that nothing notices", &unnoticed),
        list("damages that no finding names", &unnamed),
        list("entries of the list that say what is not so", &stale),
    ];
    assert!(unnoticed.is_empty() && unnamed.is_empty() && stale.is_empty(), "{}", report.concat());
    assert!(files.len() >= 30 && damages.len() >= 500, "only {} damages to {} files", damages.len(), files.len());
    assert!(Mutation::ALL.iter().all(|mutation| of(*mutation) > 0), "{}", counts.join(", "));
}
