//! One way from a command line to a verdict: make the outputs fail, load, judge, publish. Every command that publishes a verdict goes it.
//!
//! Whatever ends it early, the places that it would have written hold a verdict that fails.

use super::args::Asked;
use super::inputs::{self, Named};
use super::outputs::Outputs;
use super::progress::Progress;
use super::trusted::{self, Trusted};
use super::watch::Watch;
use super::{Console, Exit, place, policys_place, told, verify};
use crate::decide;
use crate::gate::Suite;
use crate::load::Selection;
use crate::model::{Base, PolicyRef, RelPath, Verdict, shown_path};
use crate::pipeline::{self, Extent};
use crate::workspace::{Commit, Disk, Workspace, clock};
use std::time::Duration;

/// What is asked for.
pub struct Asking<'a> {
    /// What is judged, and on which terms.
    pub asked: &'a Asked,
    /// Where the definitions come from.
    pub trusted: &'a Trusted,
    /// The lane's name.
    pub lane: &'a str,
    /// Whether the policy says where files go when the command line does not.
    pub at_policys_output: bool,
}

/// What came of it.
pub struct Judgement {
    /// The verdict, published.
    pub verdict: Verdict,
    /// Whether an output could not be written.
    pub undelivered: bool,
    /// The outputs.
    pub outputs: Outputs,
    /// The definitions.
    pub suite: Suite,
    /// The policy was neither named nor detected.
    pub last_resort: bool,
    /// What was judged.
    pub workspace: Disk,
    /// The commit that the definitions come from.
    pub commit: Option<(Commit, PolicyRef)>,
}

/// Judges and publishes.
///
/// # Errors
/// The exit code of whatever kept it from a verdict, said.
pub fn judge(asking: &Asking<'_>, mut outputs: Outputs, console: &mut Console<'_>) -> Result<Judgement, Exit> {
    let run = asking.asked.run.as_ref().map(shown_path);
    outputs.put(&decide::unbegun(clock(), run.clone()), Extent::NoLane, console)?;
    let judged = attempt(asking, &mut outputs, console);
    let (verdict, suite, last_resort, workspace, commit) = match judged {
        Ok(judged) => judged,
        Err(exit) => {
            let mut others = Vec::new();
            if asking.at_policys_output && outputs.directory().is_none() {
                let (asked, trusted) = (asking.asked, asking.trusted);
                let (definitions, reference) = (&asked.definitions, trusted.policy_ref.as_deref());
                let mut outlets = policys_place::outlets(definitions, reference, asked.run.as_deref(), true).into_iter();
                outlets.next().into_iter().for_each(|outlet| outputs.fall_back(outlet));
                others.extend(outlets);
                others.extend(policys_place::perhaps_meant(definitions, reference, asked.run.as_deref()));
            }
            let sealed = match exit {
                Exit::Usage => decide::refused(clock(), run),
                Exit::Pass | Exit::Failed | Exit::Gap | Exit::Internal => decide::unbegun(clock(), run),
            };
            outputs.put(&sealed, Extent::NoLane, console)?;
            others.iter().try_for_each(|outlet| outputs.put_older(&sealed, outlet, console))?;
            return Err(exit);
        }
    };
    let undelivered = outputs.put(&verdict, Extent::Lane, console).is_err();
    let undelivered = outputs.hand_over(&verdict, console).is_err() || undelivered;
    Ok(Judgement { verdict, undelivered, outputs, suite, last_resort, workspace, commit })
}

type Judged = (Verdict, Suite, bool, Disk, Option<(Commit, PolicyRef)>);

fn attempt(asking: &Asking<'_>, outputs: &mut Outputs, console: &mut Console<'_>) -> Result<Judged, Exit> {
    let asked = asking.asked;
    outputs.sound(console)?;
    let set = place::clock(asked.now.as_deref(), console)?;
    let workspace = verify::workspace(asked, set, console)?;
    inputs::there(&workspace, console)?;
    let mode = verify::mode(asked, console)?;
    let commit = trusted::commit(asking.trusted, &workspace, console)?;
    let selection = Selection { policy: asked.definitions.policy.clone() };
    let loaded = pipeline::load(trusted::definitions(&workspace, commit.as_ref()), &selection);
    if asking.at_policys_output && outputs.directory().is_none() {
        at(loaded.output.as_ref(), &workspace, outputs, console)?;
    }
    let last_resort = loaded.last_resort;
    let mut suite = place::sound(loaded, console)?;
    suite.policy.limits.time_max = verify::time(asked.timeout.as_deref(), suite.policy.limits.time_max, console)?;
    let clock = set.map(|set| (set, workspace.real_now()));
    let pinned = trusted::pinned(asking.trusted, commit.as_ref(), &workspace, &suite, console)?;
    let policy_ref = pinned.as_ref().map(|(_, from)| from.clone());
    let judged: &dyn Workspace = pinned.as_ref().map_or(&workspace, |(pinned, _)| pinned);
    let request = pipeline::Request { lane: asking.lane.to_owned(), mode, clock, policy_ref: policy_ref.clone() };
    let verdict = decided(asked, &suite, judged, request, outputs, console)?;
    drop(pinned);
    Ok((verdict, suite, last_resort, workspace, commit.zip(policy_ref)))
}

/// Judges by sound definitions. Until the verdict is there, a failing one stands where it will be written.
///
/// # Errors
/// [`Exit::Usage`], said: what is asked for does not fit these definitions. [`Exit::Internal`], said: an output cannot be written.
pub fn decided(
    asked: &Asked,
    suite: &Suite,
    workspace: &dyn Workspace,
    request: pipeline::Request,
    outputs: &Outputs,
    console: &mut Console<'_>,
) -> Result<Verdict, Exit> {
    let now = workspace.now();
    let terms = verify::terms(suite, request, now, console)?;
    inputs::are_read(suite, terms.lane.rule, workspace, Named::of(asked), console)?;
    outputs.put(&decide::seal(suite, &terms, now, workspace.run()), Extent::Lane, console)?;
    let time = Duration::from_secs(suite.policy.limits.time_max.as_seconds());
    let watch = Watch::over(time.saturating_sub(workspace.elapsed()));
    let progress = Progress::of(format!("judging {}", told::count(suite.gates.len(), "gate")), console);
    let verdict = pipeline::judge(suite, workspace, &terms, asked.baseline.is_some());
    drop((progress, watch));
    Ok(verdict)
}

/// Takes the directory that the policy names.
fn at(
    output: Option<&(Base, RelPath)>,
    workspace: &Disk,
    outputs: &mut Outputs,
    console: &mut Console<'_>,
) -> Result<(), Exit> {
    let Some((base, path)) = output else { return Ok(()) };
    match workspace.outlet(*base, path) {
        None => Ok(()),
        Some(Ok(outlet)) => {
            outputs.fall_back(outlet);
            Ok(())
        }
        Some(Err(error)) => {
            console.say(&format!("error: cannot write `{}:{path}`: {error}", base.word()));
            Err(Exit::Internal)
        }
    }
}
