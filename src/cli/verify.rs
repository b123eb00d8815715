//! `gatekeeper verify`: judge, print, exit.

use super::args::{Asked, ModeName, Verify};
use super::judgement::{self, Asking, Judgement};
use super::outputs::{Forms, Outputs};
use super::{Console, Exit, Volume, inputs, place, trusted};
use crate::gate::Suite;
use crate::load::Selection;
use crate::model::{Age, Instant, Mode, Verdict, shown_path};
use crate::report::table;
use crate::workspace::{Disk, Workspace, clock};
use crate::{decide, pipeline};

/// Runs the command.
///
/// # Errors
/// The exit code of whatever kept it from a verdict, said.
pub fn run(args: &Verify, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let out = args.out.as_deref().filter(|_| !args.dry_run);
    let outputs = Outputs::named(Forms::of_verdict(), out, &args.outputs, console)?;
    let asking = Asking {
        asked: &args.asked,
        trusted: &args.trusted,
        lane: &args.lane,
        at_policys_output: args.out.is_none() && !args.dry_run,
    };
    let judgement = judgement::judge(&asking, outputs, console)?;
    show(&judgement.verdict, judgement.last_resort.then_some(&judgement.suite), console);
    if console.volume > Volume::Quiet {
        tell(args, &judgement, console);
    }
    let exit = if judgement.undelivered { Exit::Internal } else { Exit::of(&judgement.verdict) };
    // Thousands of gates take longer to give back than the system takes to end the process.
    std::mem::forget(judgement);
    Ok(exit)
}

/// Judges a workspace by definitions that were read before, and prints what [`run`] prints; no file is written.
///
/// # Errors
/// The exit code of whatever kept it from a verdict, said.
pub fn over(
    args: &Verify,
    (suite, last_resort): (&Suite, bool),
    workspace: &dyn Workspace,
    console: &mut Console<'_>,
) -> Result<Exit, Exit> {
    let outputs = Outputs::named(Forms::of_verdict(), None, &args.outputs, console)?;
    outputs.sound(console)?;
    inputs::there(workspace, console)?;
    let request = pipeline::Request {
        lane: args.lane.clone(),
        mode: mode(&args.asked, console)?,
        clock: Some((workspace.now(), clock())),
        policy_ref: None,
    };
    console.shapes = suite.policy.secrets.clone();
    let verdict = judgement::decided(&args.asked, suite, workspace, request, &outputs, console)?;
    let delivered = outputs.hand_over(&verdict, console);
    show(&verdict, last_resort.then_some(suite), console);
    delivered.map(|()| Exit::of(&verdict))
}

/// Prints a verdict for people. With a suite, its policy was neither named nor detected.
fn show(verdict: &Verdict, last_resort: Option<&Suite>, console: &mut Console<'_>) {
    if let Some(phrase) = &verdict.incomplete {
        console.say(&format!("error: {phrase}"));
    }
    if console.volume == Volume::Quiet {
        return;
    }
    let style = table::Style { width: console.width, colour: console.colour, verbose: console.volume == Volume::Verbose };
    console.say(table::render(verdict, style).trim_end());
    if let Some(suite) = last_resort {
        console.say(&format!(
            "policy: `{}`, because no other is configured or detected; `gatekeeper init` writes a first configuration",
            suite.policy.id
        ));
    }
}

fn tell(args: &Verify, judgement: &Judgement, console: &mut Console<'_>) {
    if let Some((commit, from)) = &judgement.commit {
        let selection = Selection { policy: args.asked.definitions.policy.clone() };
        trusted::mention(from, commit, &judgement.workspace, &selection, console);
    }
    if let Some(directory) = judgement.outputs.directory() {
        console.say(&format!("wrote: {}", shown_path(directory)));
    }
}

/// Opens what is to be judged.
///
/// # Errors
/// [`Exit::Usage`], said.
pub fn workspace(asked: &Asked, set: Option<Instant>, console: &mut Console<'_>) -> Result<Disk, Exit> {
    let (definitions, baseline) = (&asked.definitions, asked.baseline.as_deref());
    let workspace = match &*asked.shards {
        [] => place::workspace(definitions, asked.run.as_deref(), baseline, set, console)?,
        shards => place::shards(definitions, shards, baseline, set, console)?,
    };
    place::with_history(workspace, &asked.history, console)
}

/// On which terms it is judged.
///
/// # Errors
/// [`Exit::Usage`], said.
pub fn terms(
    suite: &Suite,
    request: pipeline::Request,
    now: Instant,
    console: &mut Console<'_>,
) -> Result<decide::Terms, Exit> {
    pipeline::terms(suite, &request, now).map_err(|phrase| {
        console.say(&format!("error: {phrase}"));
        Exit::Usage
    })
}

/// How long the judgement may take: `--timeout`, which can only be shorter than the policy's time.
///
/// # Errors
/// [`Exit::Usage`], said.
pub fn time(given: Option<&str>, most: Age, console: &mut Console<'_>) -> Result<Age, Exit> {
    let Some(text) = given else { return Ok(most) };
    let refuse = |phrase: String, console: &mut Console<'_>| {
        console.say(&format!("error: `--timeout {text}` {phrase}"));
        Exit::Usage
    };
    let time = Age::parse(text).map_err(|phrase| refuse(phrase, console))?;
    if time > most {
        let phrase = format!("is longer than the policy allows, which is {most}; raise `time_max` in its limits");
        return Err(refuse(phrase, console));
    }
    Ok(time)
}

/// The mode from flags, else from the variable that the customer's CI sets.
///
/// # Errors
/// [`Exit::Usage`], said.
pub fn mode(args: &Asked, console: &mut Console<'_>) -> Result<Mode, Exit> {
    let read = |name: &str| (console.environment)(name).filter(|text| !text.trim().is_empty());
    let variable = read("CI_GATE_PROMOTION_MODE");
    // In an emergency nobody edits the file of CI: the same place that sets the mode sets these.
    let from_ci = variable.as_deref() == Some("rollback") && args.mode != Some(ModeName::Strict);
    let variables = ["CI_GATE_PROMOTION_RATIONALE", "CI_GATE_PROMOTION_UNTIL"].map(|name| read(name).filter(|_| from_ci));
    let [rationale, until] = variables;
    let (rationale, until) = (args.rationale.clone().or(rationale), args.until.clone().or(until));
    let mut refuse = |phrase: &str| {
        console.say(&format!("error: {phrase}"));
        Exit::Usage
    };
    let name = match (args.mode, variable.as_deref()) {
        (Some(name), _) => name,
        (None, None | Some("strict")) => ModeName::Strict,
        (None, Some("rollback")) => ModeName::Rollback,
        (None, Some(other)) => {
            return Err(refuse(&format!("CI_GATE_PROMOTION_MODE is `{other}`; it takes `strict` or `rollback`")));
        }
    };
    match name {
        ModeName::Strict if args.rationale.is_some() || args.until.is_some() => {
            Err(refuse("`--rationale` and `--until` belong to `--mode rollback`"))
        }
        ModeName::Strict => Ok(Mode::Strict),
        ModeName::Rollback => {
            let rationale = rationale.filter(|text| !text.trim().is_empty()).ok_or_else(|| {
                refuse("rollback needs `--rationale` (or CI_GATE_PROMOTION_RATIONALE): why a failing verdict may pass")
            })?;
            if until.is_none() {
                return Err(refuse("rollback needs `--until` (or CI_GATE_PROMOTION_UNTIL): when it ends"));
            }
            let until: Option<Instant> = place::instant("--until", until.as_deref(), console)?;
            Ok(Mode::Rollback { rationale, until: until.expect("given above") })
        }
    }
}
