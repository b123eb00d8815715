//! `gatekeeper verify`: seal a failing verdict, judge, replace it, print, exit.

use super::args::{Asked, ModeName, Verify};
use super::{Console, Exit, place, trusted};
use crate::diagnostic::did_you_mean;
use crate::gate::Suite;
use crate::load::Selection;
use crate::model::{Age, Base, Instant, Mode, RelPath, Verdict, shown_path};
use crate::report::{self, table};
use crate::workspace::{Disk, Workspace};
use crate::{decide, pipeline};
use std::path::{Path, PathBuf};

/// Runs the command.
///
/// # Errors
/// The exit code of whatever kept it from a verdict, said.
pub fn run(args: &Verify, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let outputs = outputs(args, console)?;
    let set = place::clock(args.asked.now.as_deref(), console)?;
    let workspace = workspace(&args.asked, set, console)?;
    let now = workspace.now();
    // Where the verdict goes is known before the definitions are: from here on no older one stands there.
    if let Some(out) = args.out.as_deref().filter(|_| !args.dry_run) {
        let sealed = decide::unbegun(now, workspace.run());
        told(pipeline::publish_verdict(&sealed, &workspace, out), console)?;
    }
    let mode = mode(&args.asked, console)?;
    let selection = Selection { policy: args.asked.definitions.policy.clone() };
    let commit = match trusted::commit(&args.trusted, &workspace, console) {
        Ok(commit) => commit,
        Err(exit) => {
            // Where verdicts go is not known without definitions, unless the operator says so.
            if let Some(directory) = directory(args, None, &workspace) {
                publish(&decide::unsound(now, workspace.run()), &workspace, &directory, console)?;
            }
            return Err(exit);
        }
    };
    let loaded = pipeline::load(trusted::definitions(&workspace, commit.as_ref()), &selection);
    let directory = directory(args, loaded.output.as_ref(), &workspace);
    let last_resort = loaded.last_resort;
    let mut suite = match place::sound(loaded, console) {
        Ok(suite) => suite,
        Err(exit) => {
            if let Some(directory) = &directory {
                publish(&decide::unsound(now, workspace.run()), &workspace, directory, console)?;
            }
            return Err(exit);
        }
    };

    suite.policy.limits.time_max = time(args.asked.timeout.as_deref(), suite.policy.limits.time_max, console)?;
    let clock = set.map(|set| (set, workspace.real_now()));
    let pinned = trusted::pinned(&args.trusted, commit.as_ref(), &workspace, &suite, console)?;
    let policy_ref = pinned.as_ref().map(|(_, from)| from.clone());
    let judged: &dyn Workspace = pinned.as_ref().map_or(&workspace, |(pinned, _)| pinned);
    let request = pipeline::Request { lane: args.lane.clone(), mode, clock, policy_ref };
    let terms = terms(&suite, request, now, console)?;
    if let Some(directory) = &directory {
        let sealed = decide::seal(&suite, &terms, now, workspace.run());
        publish(&sealed, &workspace, directory, console)?;
    }
    let verdict = pipeline::judge(&suite, judged, &terms, args.asked.baseline.is_some());

    let mut undelivered = false;
    if let Some(directory) = &directory {
        undelivered |= publish(&verdict, &workspace, directory, console).is_err();
    }
    for (format, path) in outputs {
        undelivered |= deliver(&verdict, format, path, &workspace, console).is_err();
    }
    if let Some(phrase) = &verdict.incomplete {
        console.say(&format!("error: {phrase}"));
    }
    if !args.quiet {
        let style = table::Style { width: console.width, colour: console.colour, verbose: args.verbose };
        let text = table::render(&verdict, style);
        console.say(text.trim_end());
        if last_resort {
            let policy = &suite.policy.id;
            console.say(&format!(
                "policy: `{policy}`, because no other is configured or detected; `gatekeeper init` writes a first configuration"
            ));
        }
        if let (Some((_, from)), Some(commit)) = (&pinned, &commit) {
            trusted::mention(from, commit, &workspace, &selection, console);
        }
        if let Some(directory) = &directory {
            console.say(&format!("wrote: {}", shown_path(directory)));
        }
    }
    Ok(if undelivered { Exit::Internal } else { Exit::of(&verdict) })
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

type Output = (&'static report::Format, Option<PathBuf>);

fn outputs(args: &Verify, console: &mut Console<'_>) -> Result<Vec<Output>, Exit> {
    let mut outputs = Vec::new();
    for text in &args.outputs {
        let (name, path) = text.split_once('=').map_or((text.as_str(), None), |(name, path)| (name, Some(path)));
        let Some(format) = report::FORMATS.iter().copied().find(|format| format.id == name) else {
            let help = did_you_mean(name, report::FORMATS.iter().map(|format| format.id));
            console.say(&format!("error: there is no output format `{name}`; {help}"));
            return Err(Exit::Usage);
        };
        if path == Some("") {
            console.say(&format!("error: `-o {text}` names no file"));
            return Err(Exit::Usage);
        }
        outputs.push((format, path.map(PathBuf::from)));
    }
    Ok(outputs)
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
    let variable = (console.environment)("CI_GATE_PROMOTION_MODE").filter(|text| !text.is_empty());
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
            let rationale = args.rationale.clone().filter(|text| !text.trim().is_empty());
            let rationale =
                rationale.ok_or_else(|| refuse("rollback needs `--rationale`: why a failing verdict may pass"))?;
            if args.until.is_none() {
                return Err(refuse("rollback needs `--until`: when it ends"));
            }
            let until: Option<Instant> = place::instant("--until", args.until.as_deref(), console)?;
            Ok(Mode::Rollback { rationale, until: until.expect("given above") })
        }
    }
}

/// Where default outputs go; `None` writes none.
fn directory(args: &Verify, output: Option<&(Base, RelPath)>, workspace: &Disk) -> Option<PathBuf> {
    if args.dry_run {
        return None;
    }
    args.out.clone().or_else(|| output.and_then(|(base, path)| workspace.locate(*base, path)))
}

fn publish(verdict: &Verdict, workspace: &Disk, directory: &Path, console: &mut Console<'_>) -> Result<(), Exit> {
    told(pipeline::publish(verdict, workspace, directory), console)
}

fn told(written: Result<Vec<String>, Vec<String>>, console: &mut Console<'_>) -> Result<(), Exit> {
    written.map(drop).map_err(|phrases| {
        for phrase in phrases {
            console.say(&format!("error: {phrase}"));
        }
        Exit::Internal
    })
}

/// Writes one format to a file or to standard output.
///
/// # Errors
/// [`Exit::Internal`], said.
pub fn deliver(
    verdict: &Verdict,
    format: &report::Format,
    path: Option<PathBuf>,
    workspace: &Disk,
    console: &mut Console<'_>,
) -> Result<(), Exit> {
    let mut bytes = Vec::new();
    let written = (format.write)(verdict, &mut bytes);
    let result = match &path {
        None => return console.hand_over(&bytes),
        Some(path) => written.and_then(|()| workspace.publish(path, &bytes)),
    };
    result.map_err(|error| {
        console.say(&format!("error: cannot write `{}`: {error}", shown_path(path.unwrap_or_default())));
        Exit::Internal
    })
}
