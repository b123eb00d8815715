//! Needs to evidence, or to the gap where evidence should have been.
//!
//! In: a suite, the gates to collect for, the workspace. Out: [`Collected`]: for each gate its evidence, admitted or with every
//! reason why not; the ledger; the manifest of all bytes that were read; what checks may know. It is total: nothing that lies in
//! a run or a repository makes it fail or panic. It never writes, never runs anything and never leaves the bases.
//!
//! `anchor` finds run, commit and baseline; `locate` and `rebase` find files; `intake` reads each once, by its `format`; `terms`
//! admits, `since` what is of an earlier commit, `choose` takes the newest; `gather` puts these in order, a `job` for each need, over the `shelf` of what was read; `lineage` and `exceptions` ask git; `manifest` lists; `sources` finds the
//! source files that findings name.

mod anchor;
mod budget;
mod choose;
mod exceptions;
mod format;
mod gather;
mod inspect;
mod intake;
mod job;
mod ledger_past;
mod lineage;
mod locate;
mod manifest;
mod rebase;
mod shape;
mod shelf;
mod since;
mod sources;
mod terms;

pub use exceptions::{ExceptionsRead, exceptions, exceptions_past};
pub use format::FORMATS;
pub use inspect::{Inspection, files, inspect, json, look, look_as, test_reports};
pub use ledger_past::{LedgerPast, ledger_past};
pub use locate::is_pattern;
pub use shape::parse_shape;
pub use shelf::{Kept, Reuse};
pub use sources::sources;

use crate::gate::{Collected, Context, Duplicates, EvidenceNeed, Gate, Shard, Suite};
use crate::model::{Artifact, Base, Document, Evidence, EvidenceId, Exceptions, GateId, Map, Policy, RelPath, Value};
use crate::workspace::Workspace;
use anchor::{Anchor, Baseline, Grounds};
use gather::Gathering;
use job::{Job, Scope};
use manifest::{Found, Line};
use shelf::{Contexts, Key, Shelf};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What only the caller knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// The operator named the baseline, so the run's own word about it does not count.
    pub baseline_named_by_operator: bool,
}

/// Collects the evidence of these gates, the ledger, and what checks may know.
pub fn collect(suite: &Suite, gates: &[GateId], workspace: &dyn Workspace, options: &Options) -> Collected {
    again(suite, gates, workspace, options, None)
}

/// The artifact as the checks of a need see it.
fn seen(need: &EvidenceNeed, artifact: &Arc<Artifact>) -> Arc<Artifact> {
    let merged = match need.duplicates {
        Duplicates::Tests => None,
        Duplicates::Attempts => artifact.with_attempts().map(Arc::new),
    };
    merged.unwrap_or_else(|| Arc::clone(artifact))
}

/// The same, without reading again what was read before and does not differ. Run identity and ledger are asked anew.
pub fn again(
    suite: &Suite,
    gates: &[GateId],
    workspace: &dyn Workspace,
    options: &Options,
    reuse: Option<Reuse<'_>>,
) -> Collected {
    let policy = &suite.policy;
    let mut shelf = Shelf::new(workspace, &policy.limits, reuse);
    let grounds = Grounds::find(policy, workspace, &mut shelf, options.baseline_named_by_operator);
    let git = workspace.git();
    let today = workspace.now().date_naive();
    let (exceptions, exceptions_read) = exceptions::read(policy, &suite.fields, &mut shelf, &git, today);
    let exceptions = Arc::new(Exceptions { told_elsewhere: sections(suite), ..exceptions.state(today, policy) });
    let context = |anchor: &Anchor, part| Context {
        now: workspace.now(),
        policy: policy.clone(),
        parameters: parameters(policy),
        run: anchor.run.clone(),
        part,
        commit: anchor.commit.clone(),
        fields: suite.fields.clone(),
        exceptions: Arc::clone(&exceptions),
    };
    let contexts = Contexts {
        whole: context(&grounds.whole, false),
        shards: grounds.shards.iter().map(|shard| context(shard, true)).collect(),
    };
    let gates: Vec<&Gate> = gates.iter().filter_map(|id| suite.gates.get(id)).collect();
    let gathering = Gathering { workspace, contexts: &contexts, grounds: &grounds, shelf: &mut shelf };
    let jobs = gathering.run(&gates);
    lineage::fill(&jobs, &mut shelf, &git);
    drop(git);
    let baseline = baseline(&grounds, workspace);

    let mut lines = Vec::new();
    let run = grounds.read().map(|key| ("run", key));
    for (id, key) in run.chain(exceptions_read.iter().map(|key| ("ledger", *key))) {
        let id = EvidenceId::try_from(id).expect("a lower-case word is an id");
        lines.push(line(&id, shelf.artifact(key), None, Scope::Whole));
    }
    let none = || -> BTreeMap<GateId, BTreeMap<EvidenceId, Evidence>> {
        gates.iter().map(|gate| (gate.id.clone(), BTreeMap::new())).collect()
    };
    let mut evidence = Found { whole: none(), shards: grounds.shards.iter().map(|_| none()).collect() };
    for job in jobs {
        lines.extend(lines_of(&job, &shelf, workspace));
        let Some(scope) = evidence.scope(job.scope) else { continue };
        let id = job.need().id.clone();
        let found = Evidence {
            id: id.clone(),
            many: job.need().many(),
            artifacts: job.keys.iter().map(|key| seen(job.need(), shelf.artifact(*key))).collect(),
            made: job.keys.iter().filter_map(|key| job.made.get(key)).min().copied(),
            gaps: job.gaps,
            absent: job.absent,
        };
        scope.entry(job.gate.id.clone()).or_default().insert(id, found);
    }
    manifest::contradict(&lines, &mut evidence);
    let manifest = manifest::rows(&lines, &evidence);
    let shards = evidence.shards.into_iter().zip(contexts.shards);
    let shards = shards.map(|(evidence, context)| Shard { evidence, context }).collect();
    Collected { evidence: evidence.whole, shards, manifest, context: contexts.whole, baseline }
}

/// Where the baseline lies, as people know it.
fn baseline(grounds: &Grounds, workspace: &dyn Workspace) -> Option<String> {
    let Baseline::There = grounds.baseline else { return None };
    let shown = workspace.shown(Base::Baseline, &RelPath::parse("any").expect("a sound path"));
    shown.strip_suffix("/any").filter(|path| !path.starts_with("baseline:")).map(str::to_owned)
}

/// The sections of exceptions files that a check of the suite judges.
fn sections(suite: &Suite) -> BTreeSet<&'static str> {
    let kinds = suite.gates.values().flat_map(|gate| &gate.checks).map(|check| check.kind.id);
    let section = |kind| match kind {
        "waiver-lifecycle" => Some("waiver"),
        "quarantine-lifecycle" => Some("quarantine"),
        "suite-classification" => Some("suite"),
        _ => None,
    };
    kinds.filter_map(section).collect()
}

/// The policy's parameters as one object.
fn parameters(policy: &Policy) -> Document {
    let entries = policy.parameters.iter().map(|(name, parameter)| (name.as_str().into(), parameter.value.clone()));
    let map = Map::from_entries(entries.collect()).expect("the keys of a map differ");
    Document::new(Value::Map(map))
}

fn line(id: &EvidenceId, artifact: &Arc<Artifact>, gate: Option<&GateId>, scope: Scope) -> Line {
    let artifact = Ok(Arc::clone(artifact));
    Line { id: id.clone(), artifact, gate: gate.cloned(), scope, instead: None, made: None }
}

/// The files of a need, or its pattern where there is none.
fn lines_of(job: &Job<'_>, shelf: &Shelf<'_>, workspace: &dyn Workspace) -> Vec<Line> {
    let (need, gate) = (job.need(), Some(&job.gate.id));
    let keys = job.keys.iter().chain(&job.passed_over);
    let made = |key: Key| job.made.get(&key).copied();
    let mut lines: Vec<Line> =
        keys.map(|key| Line { made: made(*key), ..line(&need.id, shelf.artifact(*key), gate, job.scope) }).collect();
    let chosen = job.keys.first().map(|key| shelf.artifact(*key).path.shown.clone());
    lines.extend(
        job.spare
            .iter()
            .map(|key| Line { instead: chosen.clone(), ..line(&need.id, shelf.artifact(*key), gate, job.scope) }),
    );
    if let (true, crate::gate::Paths::Declared { base, pattern, .. }) = (lines.is_empty(), &need.paths)
        && let Ok(path) = RelPath::parse(pattern)
    {
        let home = match (base, job.scope) {
            (Base::Run, Scope::Shard(position)) => Base::Shard(position),
            (base, Scope::Whole | Scope::Shard(_)) => *base,
        };
        let path = intake::place(workspace, home, &path);
        lines.push(Line {
            id: need.id.clone(),
            artifact: Err(path),
            gate: gate.cloned(),
            scope: job.scope,
            instead: None,
            made: None,
        });
    }
    lines
}

#[cfg(test)]
mod tests;
