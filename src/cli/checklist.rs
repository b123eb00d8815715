//! `gatekeeper checklist`: judge as `verify` does, and say go or no-go to a release.

use super::args::Asked;
use super::trusted::{self, Trusted};
use super::{Console, Exit, place, verify};
use crate::diagnostic::did_you_mean;
use crate::load::Selection;
use crate::model::{Decision, Verdict, shown_path};
use crate::report::{self, sanitise};
use crate::workspace::{Disk, Workspace};
use crate::{decide, pipeline};
use clap::Args;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  gatekeeper checklist tests/e2e_results/20260302T101500Z --policy release
  gatekeeper checklist RUN --policy release --out build/release       both lists as files
  gatekeeper checklist RUN --policy release -o json | jq -r '.commands[]'
  gatekeeper checklist --policy release                               which run is the newest that qualifies

It judges by itself, every gate of the policy, and writes no verdict; `gatekeeper verify` does that.
Exit codes: 0 GO (or a recorded rollback is in force, which is no GO), 1 NO-GO on evidence, 2 usage, 3 NO-GO because evidence is
missing, stale or damaged, 4 internal.";

/// The formats of the list, by the name behind `-o`: format, file below `--out`.
const FORMS: [(&str, &str, &str); 2] =
    [("markdown", "checklist", "release_checklist.md"), ("json", "checklist-json", "release_checklist.json")];

/// `gatekeeper checklist`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Checklist {
    #[command(flatten)]
    asked: Asked,

    #[command(flatten)]
    trusted: Trusted,

    /// Write both lists into this directory: `release_checklist.md` and `release_checklist.json`. Until the judgement is done
    /// they say NO-GO.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// `markdown` or `json`, to PATH or to standard output. May be given several times. Default: Markdown on standard output.
    #[arg(short = 'o', long = "output", value_name = "FORMAT[=PATH]")]
    outputs: Vec<String>,

    /// Print nothing for people on standard error.
    #[arg(short, long)]
    quiet: bool,
}

/// Runs the command.
///
/// # Errors
/// The exit code of whatever kept it from a decision, said.
pub fn run(args: &Checklist, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let outputs = outputs(&args.outputs, console)?;
    let set = place::clock(args.asked.now.as_deref(), console)?;
    let workspace = verify::workspace(&args.asked, set, console)?;
    let now = workspace.now();
    // From here on no older list says GO.
    publish(&decide::unbegun(now, workspace.run()), &workspace, args.out.as_deref(), console)?;
    let mode = verify::mode(&args.asked, console)?;
    let commit = trusted::commit(&args.trusted, &workspace, console)?;
    let selection = Selection { policy: args.asked.definitions.policy.clone() };
    let loaded = pipeline::load(trusted::definitions(&workspace, commit.as_ref()), &selection);
    let mut suite = match place::sound(loaded, console) {
        Ok(suite) => suite,
        Err(exit) => {
            publish(&decide::unsound(now, workspace.run()), &workspace, args.out.as_deref(), console)?;
            return Err(exit);
        }
    };
    suite.policy.limits.time_max = verify::time(args.asked.timeout.as_deref(), suite.policy.limits.time_max, console)?;
    let clock = set.map(|set| (set, workspace.real_now()));
    let lane = pipeline::default_lane().to_string();
    let pinned = trusted::pinned(&args.trusted, commit.as_ref(), &workspace, &suite, console)?;
    let policy_ref = pinned.as_ref().map(|(_, from)| from.clone());
    let judged: &dyn Workspace = pinned.as_ref().map_or(&workspace, |(pinned, _)| pinned);
    let terms = verify::terms(&suite, pipeline::Request { lane, mode, clock, policy_ref }, now, console)?;
    let sealed = decide::seal(&suite, &terms, now, workspace.run());
    publish(&sealed, &workspace, args.out.as_deref(), console)?;

    let verdict = pipeline::judge(&suite, judged, &terms, args.asked.baseline.is_some());
    let mut undelivered = publish(&verdict, &workspace, args.out.as_deref(), console).is_err();
    for (format, path) in outputs {
        undelivered |= verify::deliver(&verdict, format, path, &workspace, console).is_err();
    }
    if !args.quiet {
        console.say(&summary(&verdict));
        if let Some(directory) = &args.out {
            console.say(&format!("wrote: {}", shown_path(directory)));
        }
    }
    Ok(if undelivered { Exit::Internal } else { Exit::of_release(&verdict) })
}

/// The decision in a line, and what to do first.
fn summary(verdict: &Verdict) -> String {
    let objections = verdict.objections();
    let decision = verdict.decision();
    let more = objections.len().saturating_sub(1);
    let why = match (objections.first(), more) {
        (None, _) => String::new(),
        (Some(first), 0) => format!(" - {}", sanitise::terminal(first)),
        (Some(first), more) => format!(" - {}, and {more} more", sanitise::terminal(first)),
    };
    let next = match decision {
        Decision::NoGo | Decision::RolledBack => verdict.rerun_commands().into_iter().find_map(sanitise::command),
        Decision::Go => None,
    };
    let next = next.map(|command| format!("\nnext: {command}")).unwrap_or_default();
    format!("release: {}{why}{next}", decision.heading())
}

type Output = (&'static report::Format, Option<PathBuf>);

fn format(id: &str) -> &'static report::Format {
    report::FORMATS.iter().copied().find(|format| format.id == id).expect("a format of our own")
}

fn outputs(given: &[String], console: &mut Console<'_>) -> Result<Vec<Output>, Exit> {
    let mut outputs = Vec::new();
    for text in given {
        let (name, path) = text.split_once('=').map_or((text.as_str(), None), |(name, path)| (name, Some(path)));
        let Some((_, id, _)) = FORMS.iter().find(|(known, id, _)| *known == name || *id == name) else {
            let help = did_you_mean(name, FORMS.iter().map(|(known, ..)| *known));
            console.say(&format!("error: there is no checklist in the format `{}`; {help}", sanitise::terminal(name)));
            return Err(Exit::Usage);
        };
        if path == Some("") {
            console.say(&format!("error: `-o {}` names no file", sanitise::terminal(text)));
            return Err(Exit::Usage);
        }
        outputs.push((format(id), path.map(PathBuf::from)));
    }
    if outputs.is_empty() {
        outputs.push((format(FORMS[0].1), None));
    }
    Ok(outputs)
}

/// Both lists into the directory, if there is one.
fn publish(verdict: &Verdict, workspace: &Disk, directory: Option<&Path>, console: &mut Console<'_>) -> Result<(), Exit> {
    let Some(directory) = directory else { return Ok(()) };
    let mut done = Ok(());
    for (_, id, file) in FORMS {
        let delivered = verify::deliver(verdict, format(id), Some(directory.join(file)), workspace, console);
        done = done.and(delivered);
    }
    done
}
