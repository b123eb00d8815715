//! Mutation testing of policies: does a verdict fail when its evidence is damaged, and which fields does no gate read?
//!
//! In: a suite, a run whose verdict passes, how many mutants to try. Out: a [`Mutation`]: how many mutants each gate and each file of
//! evidence is good for, and the survivors. Every mutant is one damage, judged over an overlay in memory; nothing is written, and a run
//! that does not pass is refused, because nothing could be told from it. What may survive is listed by people, with reasons.
//!
//! `plan` finds the possible mutants by the syntax of each file (`json`, `yaml`, `xml`, `toml`, lines), `sample` chooses among them,
//! `judge` judges, `declared` tells which of them damage what a blocking gate names, `tally` counts.

mod declared;
mod json;
mod judge;
mod mutant;
mod plan;
#[cfg(test)]
mod plan_tests;
mod sample;
mod survivors;
mod tally;
mod toml_text;
mod tree;
mod value;
mod xml;
mod yaml;

pub use mutant::{Mutant, Mutator};
pub use sample::Sampling;
pub use survivors::{SURVIVORS_SCHEMA, Survivors};

use crate::decide::Terms;
use crate::gate::{EvidenceNeed, Suite};
use crate::model::{Base, GateId, Policy, RelPath, Ruling, Verdict};
use crate::pipeline::{self, Basis};
use crate::report::wire::v1::mutation::Mutation;
use crate::workspace::{Cache, Overlay, Workspace};
use declared::Declared;
use judge::{Bench, Fate, Target};
use plan::Subject;
use rayon::prelude::*;
use sample::{Chosen, Sample};
use std::collections::{BTreeMap, BTreeSet};

/// Largest file whose values are damaged too, in bytes; of a larger one only the whole is.
const DEEP_MAX: u64 = 32 << 20;

/// How many mutants are judged between two words about the progress.
const CHUNK: usize = 64;

/// What is judged, and where.
pub struct Stage<'a> {
    /// The definitions.
    pub suite: &'a Suite,
    /// The terms, of a lane that takes every gate.
    pub terms: &'a Terms,
    /// Whether the operator named the baseline.
    pub baseline_named: bool,
    /// The repository and the run.
    pub workspace: &'a dyn Workspace,
    /// The same again, for a mutant that changes what is attached to it.
    pub fresh: &'a (dyn Fn() -> Result<Box<dyn Workspace>, String> + Sync),
}

/// Why nothing was tried.
#[derive(Debug)]
pub enum Refused {
    /// The run itself does not pass.
    NotGreen(Box<Verdict>),
    /// There is no file to damage.
    Nothing,
}

/// Everything that is tried on one run.
pub struct Trial {
    basis: Basis,
    cache: Cache,
    targets: Vec<Target>,
    declared: Vec<Declared>,
    /// Files that are read alike have the same number.
    groups: Vec<usize>,
    mutants: Vec<Mutant>,
    possible: u64,
    /// Files that are too large to be read whole.
    shallow: Vec<String>,
    sampling: Sampling,
}

/// Finds the files and the mutants to try.
///
/// # Errors
/// [`Refused`], where nothing could be told.
pub fn prepare(stage: &Stage<'_>, sampling: Sampling) -> Result<Trial, Refused> {
    let cache = Cache::default();
    let plain = Overlay::plain(stage.workspace, &cache);
    let basis = pipeline::basis(stage.suite, &plain, stage.terms, stage.baseline_named);
    if basis.verdict.ruling() == Ruling::Fail {
        return Err(Refused::NotGreen(Box::new(basis.verdict)));
    }
    let (targets, declared) = targets(stage, &basis);
    if targets.is_empty() {
        return Err(Refused::Nothing);
    }
    let groups = groups(&targets, &basis);
    let mut trial =
        Trial { basis, cache, targets, declared, groups, mutants: Vec::new(), possible: 0, shallow: Vec::new(), sampling };
    let Chosen { mutants, possible } = trial.plan(stage);
    (trial.mutants, trial.possible) = (mutants, possible);
    Ok(trial)
}

/// Every file that the verdict rests on, and what is declared about it.
fn targets(stage: &Stage<'_>, basis: &Basis) -> (Vec<Target>, Vec<Declared>) {
    let policy = &stage.suite.policy;
    let grounds = grounds(policy, stage.workspace);
    let none = BTreeSet::new();
    let (mut targets, mut declared, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for row in &basis.verdict.evidence {
        let shown = &row.path.shown;
        // What cannot be opened is a listing, or allowed to be absent.
        if stage.workspace.open(row.path.base, &row.path.rel).is_err() || !seen.insert(shown.clone()) {
            continue;
        }
        let reads = basis.reads.get(shown).unwrap_or(&none);
        let mut own = Declared::of(stage.suite, reads);
        let ground = grounds.contains(shown);
        if ground {
            own.ground();
            identity(policy, &row.path.rel, row.path.base, &mut own);
        }
        let gates: BTreeSet<GateId> = row.gates.iter().cloned().chain(reads.iter().map(|(gate, _)| gate.clone())).collect();
        let gates = gates.into_iter().collect();
        targets.push(Target { base: row.path.base, rel: row.path.rel.clone(), shown: shown.clone(), gates, ground });
        declared.push(own);
    }
    (targets, declared)
}

/// The files, as shown, on which every gate hangs: what says which run is judged, and the ledger.
fn grounds(policy: &Policy, workspace: &dyn Workspace) -> BTreeSet<String> {
    let shards = u16::try_from(workspace.shards().len()).unwrap_or(u16::MAX);
    let homes: Vec<Base> = if shards == 0 { vec![Base::Run] } else { (0..shards).map(Base::Shard).collect() };
    let files = policy.run.iter().flat_map(|run| [Some(&run.file), run.baseline.as_ref().map(|(file, _)| file)]);
    let files: Vec<&RelPath> = files.flatten().collect();
    let of_run = homes.iter().flat_map(|home| files.iter().map(|file| workspace.shown(*home, file)));
    of_run.chain(policy.ledger.iter().map(|(base, file)| workspace.shown(*base, file))).collect()
}

/// Where a document states the identity of the run.
fn identity(policy: &Policy, rel: &RelPath, base: Base, own: &mut Declared) {
    let of_run =
        matches!(base, Base::Run | Base::Shard(_)) || policy.run.as_ref().is_some_and(|run| rel.name() == run.file.name());
    let Some(run) = policy.run.as_ref().filter(|_| of_run) else { return };
    if rel.as_str().ends_with(run.file.as_str()) {
        own.identity([&run.id, &run.commit], &run.artifact_dir);
    }
    if let Some((_, pointer)) = run.baseline.as_ref().filter(|(file, _)| rel.as_str().ends_with(file.as_str())) {
        own.identity([], [pointer]);
    }
}

/// Files that the same needs read are alike, if they have the same name apart from the directory of each.
fn groups(targets: &[Target], basis: &Basis) -> Vec<usize> {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let key = |target: &Target| match basis.reads.get(&target.shown) {
        Some(reads) if !target.ground => {
            let extension = target.rel.extension().unwrap_or_default();
            format!("{reads:?} {:?} {extension}", target.gates)
        }
        Some(_) | None => target.shown.clone(),
    };
    targets
        .iter()
        .map(|target| {
            let next = known.len();
            *known.entry(key(target)).or_insert(next)
        })
        .collect()
}

impl Trial {
    /// The verdict of the undamaged run.
    pub fn verdict(&self) -> &Verdict {
        &self.basis.verdict
    }

    /// The mutants, by file and place.
    pub fn mutants(&self) -> &[Mutant] {
        &self.mutants
    }

    /// The path of a mutant's file, as shown.
    pub fn path(&self, mutant: &Mutant) -> &str {
        &self.targets[mutant.file].shown
    }

    fn plan(&mut self, stage: &Stage<'_>) -> Chosen {
        let plain = Overlay::with(stage.workspace, &self.cache, []);
        let digests: BTreeMap<&str, _> =
            self.basis.verdict.evidence.iter().map(|row| (row.path.shown.as_str(), row.digest)).collect();
        let mut sample = Sample::new(self.sampling);
        for (file, target) in self.targets.iter().enumerate() {
            let read = judge::bytes(&plain, target, DEEP_MAX);
            let deep = read.is_some();
            if !deep {
                self.shallow.push(target.shown.clone());
            }
            let bytes = read.unwrap_or_default();
            let group = self.groups[file];
            let digest = |at: usize| digests.get(self.targets[at].shown.as_str());
            let alike = |at: &usize| *at != file && self.groups[*at] == group && digest(*at) != digest(file);
            let count = self.targets.len();
            let twin = (file + 1..count).chain(0..file).find(alike);
            let terms = terms(stage, &self.basis, target);
            let name = target.rel.name();
            plan::offer(&Subject { file, group, name, bytes: &bytes, twin, terms: &terms, deep }, &mut sample);
        }
        sample.choose()
    }

    /// Judges every mutant and counts. `progress` is told how many are judged, and of how many.
    pub fn run(
        &self,
        stage: &Stage<'_>,
        survivors: &Survivors,
        jobs: Option<usize>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Mutation {
        let fates = self.fates(stage, false, jobs, progress);
        tally::report(self, stage, &fates, survivors)
    }

    /// What became of every mutant, in their order, as a word. With `whole` each is judged by all gates over files that are all read again:
    /// what the shortcut is compared with.
    pub fn words(&self, stage: &Stage<'_>, whole: bool) -> Vec<String> {
        let fates = self.fates(stage, whole, None, &mut |_, _| {});
        let names = |ids: &[GateId]| ids.iter().map(GateId::as_str).collect::<Vec<_>>().join(" ");
        let word = |fate: &Fate| match fate {
            Fate::Killed(gates) => format!("killed: {}", names(gates)),
            Fate::Noticed(gates) => format!("noticed: {}", names(gates)),
            Fate::Survived => "survived".to_owned(),
            Fate::Equal => "equal".to_owned(),
        };
        fates.iter().map(word).collect()
    }

    fn fates(
        &self,
        stage: &Stage<'_>,
        whole: bool,
        jobs: Option<usize>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Vec<Fate> {
        // Without a pool of its own it takes that of everybody, which is as good.
        let pool = jobs.and_then(|jobs| rayon::ThreadPoolBuilder::new().num_threads(jobs).build().ok());
        let bench = Bench { stage, basis: &self.basis, cache: &self.cache, targets: &self.targets, whole };
        let mut fates = Vec::with_capacity(self.mutants.len());
        for chunk in self.mutants.chunks(CHUNK.max(4 * rayon::current_num_threads())) {
            let judge = || chunk.par_iter().map(|mutant| bench.judge(mutant)).collect::<Vec<_>>();
            fates.extend(pool.as_ref().map_or_else(judge, |pool| pool.install(judge)));
            progress(fates.len(), self.mutants.len());
        }
        fates
    }
}

/// What the gates that read a file ask of its time, commit and run.
fn terms(stage: &Stage<'_>, basis: &Basis, target: &Target) -> plan::Terms {
    let mut terms = plan::Terms::default();
    let needs = basis.reads.get(&target.shown).into_iter().flatten();
    let needs = needs.filter_map(|(gate, need)| stage.suite.gates.get(gate)?.need(need));
    for EvidenceNeed { at, max_age, bound, .. } in needs {
        if let (Some(at), Some(max_age)) = (at, max_age) {
            terms.stale.insert((at.clone(), stage.workspace.now() - max_age.duration()));
        }
        terms.commits.extend(bound.commit.clone());
        terms.runs.extend(bound.run_id.clone());
    }
    if let Some(run) = stage.suite.policy.run.as_ref().filter(|run| target.ground && target.rel == run.file) {
        terms.commits.insert(run.commit.clone());
        terms.runs.insert(run.id.clone());
    }
    terms
}
