//! `gatekeeper checklist`: judge as `verify` does, and say go or no-go to a release.

use super::args::Asked;
use super::judgement::{self, Asking};
use super::outputs::{Forms, Outputs};
use super::trusted::Trusted;
use super::{Console, Exit};
use crate::model::{Decision, Verdict, shown_path};
use crate::pipeline;
use crate::report::sanitise;
use clap::Args;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  gatekeeper checklist tests/e2e_results/20260302T101500Z --policy release
  gatekeeper checklist RUN --policy release --out build/release       both lists as files
  gatekeeper checklist RUN --policy release -o json | jq -r '.commands[]'
  gatekeeper checklist --policy release                               which run is the newest that qualifies

It judges by itself, every gate of the policy, and writes no verdict; `gatekeeper verify` does that.
Exit codes: 0 GO (or a recorded rollback is in force, which is no GO), 1 NO-GO on evidence, 2 usage, 3 NO-GO because evidence is
missing, stale or damaged, 4 internal.";

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
}

/// Runs the command.
///
/// # Errors
/// The exit code of whatever kept it from a decision, said.
pub fn run(args: &Checklist, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let outputs = Outputs::named(Forms::of_checklist(), args.out.as_deref(), &args.outputs, console)?.or_markdown();
    let lane = pipeline::default_lane().to_string();
    let asking = Asking { asked: &args.asked, trusted: &args.trusted, lane: &lane, at_policys_output: false };
    let judgement = judgement::judge(&asking, outputs, console)?;
    console.note(&summary(&judgement.verdict));
    if let Some(directory) = judgement.outputs.directory() {
        console.note(&format!("wrote: {}", shown_path(directory)));
    }
    Ok(if judgement.undelivered { Exit::Internal } else { Exit::of_release(&judgement.verdict) })
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
