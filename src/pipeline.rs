//! The five stages in order. Nothing else knows the order, and no stage knows another.

use crate::decide::Terms;
use crate::gate::{Collected, Registry, Suite};
use crate::load::{Loaded, Selection};
use crate::model::{
    Age, EvidenceId, GateId, Instant, Judged, LaneId, LaneRule, Mode, PolicyRef, Ruling, Verdict, shown_path,
};
use crate::workspace::{Outlet, Workspace};
use crate::{checks, collect, decide, diagnostic, evaluate, load, report};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::time::Duration;

/// Every plug-in of this binary.
pub fn registry() -> Registry {
    Registry { checks: checks::CHECKS, formats: collect::FORMATS, shape: collect::parse_shape }
}

/// How a judgement is asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The lane's name.
    pub lane: String,
    /// Strict or rollback.
    pub mode: Mode,
    /// The clock that the operator set instead of the real one, beside the real one.
    pub clock: Option<(Instant, Instant)>,
    /// The commit that the definitions come from; `None` if it is the work tree.
    pub policy_ref: Option<PolicyRef>,
}

/// Reads the definitions.
pub fn load(workspace: &dyn Workspace, selection: &Selection) -> Loaded {
    load::load(workspace, &registry(), selection)
}

/// What the judgement of this suite is asked for.
///
/// # Errors
/// A phrase for the operator: an unknown lane, a rollback that is already over or too long.
pub fn terms(suite: &Suite, request: &Request, now: Instant) -> Result<Terms, String> {
    let lanes = &suite.policy.lanes;
    let known = || lanes.iter().map(|lane| lane.id.as_str());
    let lane = lanes.iter().find(|lane| lane.id.as_str() == request.lane);
    let lane = lane.ok_or_else(|| {
        format!("the policy has no lane `{}`; {}", request.lane, diagnostic::did_you_mean(&request.lane, known()))
    })?;
    if let Mode::Rollback { until, .. } = &request.mode {
        let max: Age = suite.policy.limits.rollback_max;
        if *until < now {
            return Err(format!("the rollback ended at {until}; set `--until` to a time ahead, or go back to strict"));
        }
        if *until > now + max.duration() {
            return Err(format!("`--until` lies more than {max} ahead, which is the policy's longest rollback"));
        }
    }
    let weakened = request.clock.iter().map(|(set, real)| crate::model::Weakening {
        switch: "clock",
        detail: format!(
            "`--now` sets the clock to {}, {}",
            set.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            if set < real { "in the past" } else { "not in the past" },
        ),
    });
    Ok(Terms {
        lane: lane.clone(),
        mode: request.mode.clone(),
        weakened: weakened.collect(),
        policy_ref: request.policy_ref.clone(),
    })
}

/// Collects, evaluates and decides. `baseline_named`: the operator named the run to compare with. When the time of the policy is over
/// before everything is judged, the verdict is the seal: what was seen so far proves nothing.
pub fn judge(suite: &Suite, workspace: &dyn Workspace, terms: &Terms, baseline_named: bool) -> Verdict {
    let gates: Vec<GateId> = decide::order(suite, terms.lane.rule);
    let collected =
        collect::collect(suite, &gates, workspace, &collect::Options { baseline_named_by_operator: baseline_named });
    let time = Duration::from_secs(suite.policy.limits.time_max.as_seconds());
    let late = || workspace.elapsed() > time;
    let verdict = match terms.lane.rule {
        LaneRule::Full => {
            let judged = evaluate::evaluate(suite, &collected, &gates, evaluate::Extent::Everything, &late);
            // Time that was over for one of them is over now.
            (!late()).then(|| decide::decide(suite, &collected, terms, &mut |id| judged[id].clone()))
        }
        // One gate at a time, so that nothing after the first failure is evaluated.
        LaneRule::Preflight => {
            let mut judge =
                |id: &GateId| evaluate::judge(&suite.gates[id], &collected, evaluate::Extent::Everything, &late);
            let verdict = decide::decide(suite, &collected, terms, &mut judge);
            (!late()).then_some(verdict)
        }
    };
    let verdict = verdict.map(|mut verdict| {
        collect::sources(&mut verdict, workspace);
        verdict
    });
    // Nobody waits until the room of thousands of documents is given back.
    rayon::spawn(move || drop(collected));
    verdict.unwrap_or_else(|| decide::out_of_time(suite, terms, workspace.now(), workspace.run()))
}

/// A judgement of the full lane with what it was made of, so that judgements of almost the same evidence can be made of a part of it.
pub struct Basis {
    /// The verdict, without notes, measured values and commands to run again: nobody compares judgements by them.
    pub verdict: Verdict,
    /// Which gates read a file, and as which of their needs, by the file's path as shown. Files that were looked at and passed over are
    /// in the verdict's manifest only.
    pub reads: BTreeMap<String, BTreeSet<(GateId, EvidenceId)>>,
    judged: BTreeMap<GateId, Judged>,
    collected: Collected,
    kept: collect::Kept,
}

/// Judges all gates and keeps what each of them said.
pub fn basis(suite: &Suite, workspace: &dyn Workspace, terms: &Terms, baseline_named: bool) -> Basis {
    let gates = decide::order(suite, terms.lane.rule);
    let options = collect::Options { baseline_named_by_operator: baseline_named };
    let mut collected = collect::collect(suite, &gates, workspace, &options);
    // Who tries thousands of judgements has no use for the time that one of them may take.
    let judged = evaluate::evaluate(suite, &collected, &gates, evaluate::Extent::Outcomes, &|| false);
    let verdict = decide::decide(suite, &collected, terms, &mut |id| judged[id].clone());
    let mut reads: BTreeMap<String, BTreeSet<(GateId, EvidenceId)>> = BTreeMap::new();
    let scopes = std::iter::once(&collected.evidence).chain(collected.shards.iter().map(|shard| &shard.evidence));
    for (gate, id, evidence) in scopes
        .flat_map(|scope| scope.iter().flat_map(|(gate, needs)| needs.iter().map(move |(id, found)| (gate, id, found))))
    {
        for artifact in &evidence.artifacts {
            reads.entry(artifact.path.shown.clone()).or_default().insert((gate.clone(), id.clone()));
        }
    }
    // Deciding again looks at neither, and every judgement would copy them.
    collected.manifest.clear();
    collected.evidence.clear();
    collected.shards.clear();
    Basis { verdict, reads, judged, collected, kept: collect::Kept::default() }
}

/// Judges over a workspace in which a few files differ, given by their paths as shown: what does not differ is not read again.
///
/// With `gates`, only these are judged anew, and what all others said is that of the basis. That is the whole judgement where nothing
/// else than the evidence of these gates differs: run identity, ledger, git and clock are those of the basis. The verdict then has no
/// manifest. Like that of the basis it has no notes, measured values and commands.
pub fn rejudge(
    basis: &Basis,
    suite: &Suite,
    workspace: &dyn Workspace,
    terms: &Terms,
    baseline_named: bool,
    differ: &BTreeSet<String>,
    gates: Option<&[GateId]>,
) -> Verdict {
    let options = collect::Options { baseline_named_by_operator: baseline_named };
    let reuse = Some(collect::Reuse { kept: &basis.kept, but: differ });
    let all = decide::order(suite, terms.lane.rule);
    let asked = gates.unwrap_or(&all);
    let collected = collect::again(suite, asked, workspace, &options, reuse);
    let judged = evaluate::evaluate(suite, &collected, asked, evaluate::Extent::Outcomes, &|| false);
    let told = if gates.is_some() { &basis.collected } else { &collected };
    decide::decide(suite, told, terms, &mut |id| judged.get(id).unwrap_or(&basis.judged[id]).clone())
}

/// A format and the name of its file in an output directory.
pub type Placed = (&'static report::Format, &'static str);

/// The files of an output directory that a verdict goes to. The first is what the others are read beside.
pub fn outputs() -> Vec<Placed> {
    report::FORMATS.iter().filter_map(|format| Some((*format, format.file?))).collect()
}

/// Which files of a directory a verdict goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Those of its lane.
    Lane,
    /// All that belong to no lane: which lane is asked for is not known yet.
    NoLane,
    /// None but those that are there: whether the directory was meant is not known.
    Older,
}

/// Puts a verdict into a directory, in all of these formats, while no other process does, and goes on after one that cannot be written.
/// The directory then holds one set: a file that is not among those of `extent`, and which an earlier verdict left there, fails too.
///
/// A failing verdict replaces the first of the older files before all others, and one that passes is put there after all others, if
/// they could be: whatever cuts this short, no pass stands beside what it does not belong to.
///
/// # Errors
/// A phrase for each output that could not be written.
pub fn publish(verdict: &Verdict, set: &[Placed], outlet: &Outlet, extent: Extent) -> Result<(), Vec<String>> {
    let compose = |(format, file): &Placed| {
        let of_lane = format.lane.is_none_or(|lane| lane == verdict.lane_rule);
        let other = format.lane.filter(|_| !of_lane).map(|lane| decide::unasked(verdict, lane));
        let wanted = match extent {
            Extent::Lane => of_lane,
            Extent::NoLane => format.lane.is_none(),
            Extent::Older => false,
        };
        let wanted = wanted || outlet.holds(Path::new(file));
        wanted.then(|| (*file, format.bytes(other.as_ref().unwrap_or(verdict))))
    };
    // Composed side by side, and written so too: waiting for the disk is most of it.
    let mut composed: Vec<(&str, io::Result<Vec<u8>>)> = set.par_iter().filter_map(compose).collect();
    if composed.is_empty() {
        return Ok(());
    }
    let put = |(file, bytes): (&str, io::Result<Vec<u8>>)| {
        let put = bytes.and_then(|bytes| outlet.put(Path::new(file), &bytes));
        put.map_err(|error| format!("cannot write `{}`: {error}", shown_path(outlet.path().join(file))))
    };
    let all =
        |rest: Vec<(&str, io::Result<Vec<u8>>)>| rest.into_par_iter().filter_map(|one| put(one).err()).collect::<Vec<_>>();
    let write = || {
        let rest = composed.split_off(1);
        let first = composed.pop().expect("it is not empty");
        if verdict.ruling() == Ruling::Fail {
            let failed = put(first).err();
            failed.into_iter().chain(all(rest)).collect::<Vec<_>>()
        } else {
            let failed = all(rest);
            if failed.is_empty() { put(first).err().into_iter().collect() } else { failed }
        }
    };
    let failed = match outlet.alone(write) {
        Ok(failed) => failed,
        Err(error) => vec![format!("cannot write `{}`: {error}", shown_path(outlet.path()))],
    };
    if failed.is_empty() { Ok(()) } else { Err(failed) }
}

/// The lane that is judged when none is named.
pub fn default_lane() -> LaneId {
    LaneId::try_from("full").expect("a lane's name")
}
