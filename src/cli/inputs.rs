//! Whether what the operator named is there and is read by what judges it.
//!
//! In: a suite, the gates of the lane, the workspace, what was named. Out: nothing, or a phrase. A run, shard, history or baseline that is
//! named and that nothing looks at would let a verdict stand beside evidence which it is not about, so it is a slip of the command
//! line and never a note.

use super::args::Asked;
use super::{Console, Exit};
use crate::decide;
use crate::gate::{DefinedCheck, Gate, Paths, Suite};
use crate::model::{Base, LaneRule};
use crate::report::sanitise::terminal;
use crate::workspace::{Denied, Workspace};

/// The check kind that judges whether the shards of a run are all there and belong together.
const SHARDS_KIND: &str = "shards-complete";

/// What of several inputs was named on the command line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Named {
    /// A run, or shards of one.
    pub run: bool,
    /// Earlier runs.
    pub history: bool,
    /// A run to compare with.
    pub baseline: bool,
}

impl Named {
    /// What a command line names.
    pub fn of(asked: &Asked) -> Self {
        Self {
            run: asked.run.is_some() || !asked.shards.is_empty(),
            history: !asked.history.is_empty(),
            baseline: asked.baseline.is_some(),
        }
    }
}

/// Asserts that the run, or each of its shards, is there.
///
/// # Errors
/// [`Exit::Usage`], said.
pub fn there(workspace: &dyn Workspace, console: &mut Console<'_>) -> Result<(), Exit> {
    said(found(workspace), console)
}

/// Asserts that a gate of the lane reads everything that is named.
///
/// # Errors
/// [`Exit::Usage`], said.
pub fn are_read(
    suite: &Suite,
    rule: LaneRule,
    workspace: &dyn Workspace,
    named: Named,
    console: &mut Console<'_>,
) -> Result<(), Exit> {
    said(read(suite, rule, workspace, named), console)
}

fn said(result: Result<(), String>, console: &mut Console<'_>) -> Result<(), Exit> {
    result.map_err(|phrase| {
        console.say(&format!("error: {phrase}"));
        Exit::Usage
    })
}

fn read(suite: &Suite, rule: LaneRule, workspace: &dyn Workspace, named: Named) -> Result<(), String> {
    let gates: Vec<&Gate> = decide::order(suite, rule).iter().filter_map(|id| suite.gates.get(id)).collect();
    let unread = |what: &str, base: &str, without: &str| {
        Err(format!(
            "no gate that is judged here reads {what}: none of their evidence lies below `{base}:`; {without}, or name a policy whose \
             gates read it"
        ))
    };
    if let (true, Some(run)) = (named.run, workspace.run())
        && !gates.iter().any(|gate| reads_run(gate))
    {
        return unread(&format!("the run `{}`", terminal(&run)), "run", "leave it out to judge the repository");
    }
    if !workspace.shards().is_empty()
        && !gates.iter().any(|gate| gate.checks.iter().any(|check| check.kind.id == SHARDS_KIND))
    {
        return Err(format!(
            "no gate that is judged here has a check of the kind `{SHARDS_KIND}`, so nobody would notice a shard that is missing or \
             belongs to another run; add one to the policy, or judge each shard as a run of its own"
        ));
    }
    if named.history && !gates.iter().any(|gate| reads(gate, Base::History)) {
        return unread("the earlier runs of `--history`", "history", "leave them out");
    }
    if named.baseline && !gates.iter().any(|gate| reads(gate, Base::Baseline)) {
        return unread("the run of `--baseline`", "baseline", "leave it out");
    }
    Ok(())
}

fn found(workspace: &dyn Workspace) -> Result<(), String> {
    let gone = |base: Base| matches!(workspace.list(base, None), Err(Denied::Missing));
    let shards = workspace.shards();
    if let Some(run) = workspace.run().filter(|_| shards.is_empty() && gone(Base::Run)) {
        return Err(format!("there is no run `{}`", terminal(&run)));
    }
    for (position, (shard, _)) in (0..=u16::MAX).zip(&shards) {
        if gone(Base::Shard(position)) {
            return Err(format!("there is no shard `{}`", terminal(shard)));
        }
    }
    Ok(())
}

/// Whether a check of the gate reads files of the run, or files that must state which run they are of.
fn reads_run(gate: &Gate) -> bool {
    let needs = gate.checks.iter().flat_map(needs_of);
    needs.filter_map(|id| gate.need(&id)).any(|need| gate.of_run(&need.id) || need.bound.run_id.is_some())
}

/// Whether a check of the gate reads files below this base.
fn reads(gate: &Gate, base: Base) -> bool {
    let mut open: Vec<_> = gate.checks.iter().flat_map(needs_of).collect();
    // Needs that name each other's files in a circle are refused, so this ends.
    while let Some(need) = open.pop().and_then(|id| gate.need(&id)) {
        match &need.paths {
            Paths::Declared { base: own, .. } if *own == base => return true,
            Paths::Declared { .. } => {}
            Paths::Referenced { base: own, .. } if *own == base => return true,
            Paths::Referenced { place, .. } => open.push(place.evidence.clone()),
        }
    }
    false
}

fn needs_of(check: &DefinedCheck) -> impl Iterator<Item = crate::model::EvidenceId> {
    check.check.reads().into_iter().map(|(id, _)| id)
}
