//! `gatekeeper mutate`: damages a copy of the evidence in memory, one damage at a time, and tells what no gate notices.

mod text;

use super::args::Definitions;
use super::inputs::{self, Named};
use super::{Console, Exit, Volume, place, refused};
use crate::load::Selection;
use crate::model::{Instant, Mode, shown_path};
use crate::mutate::{self, Refused, Sampling, Stage, Survivors};
use crate::pipeline;
use crate::report::wire::v1::mutation::Mutation;
use crate::report::wire::write_document;
use crate::workspace::{Disk, Workspace};
use clap::Args;
use std::io;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  gatekeeper mutate tests/e2e_results/20260302T090000Z
  gatekeeper mutate RUN --policy e2e-run --min-declared 100%
  gatekeeper mutate RUN --survivors tests/survivors.toml --min 95%
  gatekeeper mutate RUN --all -o json | jq -r '.survivors[] | select(.declared) | .example'

The run must pass. Nothing is written: every mutant is judged over the files as they are, with one damage in memory.
Exit codes: 0 done, 1 below `--min` or a list of survivors that is not true, 2 usage, definitions, or a run that fails,
3 a run whose evidence is missing or damaged.";

/// `gatekeeper mutate`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The run directory.
    #[arg(value_name = "RUN")]
    pub run: Option<PathBuf>,

    #[command(flatten)]
    pub definitions: Definitions,

    #[command(flatten)]
    pub trusted: super::trusted::Trusted,

    /// The run to compare with, instead of the one that the run itself names.
    #[arg(long, value_name = "RUN")]
    pub baseline: Option<PathBuf>,

    /// The shards of one run, judged together in place of RUN.
    #[arg(long, value_name = "RUN", num_args = 1.., conflicts_with = "run")]
    pub shards: Vec<PathBuf>,

    /// Earlier runs, for gates that look at more than one.
    #[arg(long, value_name = "RUN", num_args = 1..)]
    pub history: Vec<PathBuf>,

    /// Judge as of this instant (RFC 3339 with offset) instead of now.
    #[arg(long, value_name = "TIME")]
    pub now: Option<String>,

    /// How many mutants are judged at once. Default: one for each processor.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,

    /// How many mutants of one kind are tried at one field of files that are read alike.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub sample: u32,

    /// The most mutants that are tried altogether.
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub most: u32,

    /// Try all of them, however many there are.
    #[arg(long, conflicts_with_all = ["sample", "most"])]
    pub all: bool,

    /// Choose others of the same kind.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,

    /// The mutants that may survive, with reasons (TOML). What is in it and is not so is a failure.
    #[arg(long, value_name = "FILE")]
    pub survivors: Option<PathBuf>,

    /// Fail below this kill rate, over everything.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub min: Option<f64>,

    /// Fail below this kill rate, over what blocking gates declare.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub min_declared: Option<f64>,

    /// Also write the report as JSON: `json` to standard output, `json=PATH` to a file.
    #[arg(short = 'o', long = "output", value_name = "json[=PATH]")]
    pub output: Option<String>,
}

/// A part of one, written `95%` or `95`.
fn percent(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').unwrap_or(text).trim().parse::<f64>();
    match number {
        Ok(number) if (0.0..=100.0).contains(&number) => Ok(number / 100.0),
        Ok(_) | Err(_) => Err("it is no percentage from 0 to 100, such as `95%`".to_owned()),
    }
}

/// Runs the command.
///
/// # Errors
/// The exit code of whatever kept it from trying, said.
pub fn run(args: &Arguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let output = output(args, console)?;
    if let Some(Some(path)) = &output {
        refused::empty(path, console);
    }
    let set = place::clock(args.now.as_deref(), console)?;
    let workspace = open(args, set, console)?;
    inputs::there(&workspace, console)?;
    let now = Some(workspace.now());
    let survivors = survivors(args, &workspace, console)?;
    let suite = place::suite(&workspace, &args.definitions, &args.trusted, console)?;
    let request =
        pipeline::Request { lane: pipeline::default_lane().to_string(), mode: Mode::Strict, clock: None, policy_ref: None };
    let terms = pipeline::terms(&suite, &request, workspace.now()).map_err(|phrase| {
        console.say(&format!("error: {phrase}"));
        Exit::Usage
    })?;
    let named = Named {
        run: args.run.is_some() || !args.shards.is_empty(),
        history: !args.history.is_empty(),
        baseline: args.baseline.is_some(),
    };
    inputs::are_read(&suite, terms.lane.rule, &workspace, named, console)?;
    let fresh = || fresh(args, now);
    let baseline_named = args.baseline.is_some();
    let stage = Stage { suite: &suite, terms: &terms, baseline_named, workspace: &workspace, fresh: &fresh };
    let sampling = match args.all {
        true => Sampling { each: None, most: None, seed: args.seed },
        false => Sampling { each: Some(args.sample as usize), most: Some(args.most as usize), seed: args.seed },
    };
    let trial = mutate::prepare(&stage, sampling).map_err(|refused| refuse(&refused, console))?;
    let live = console.live && console.volume > Volume::Quiet;
    let mutation = trial.run(&stage, &survivors, args.jobs.map(usize::from), &mut |done, of| {
        if live {
            let end = if done == of { "\r\x1b[K" } else { "" };
            let _ = write!(console.err, "\rmutate: {done} of {of} mutants{end}");
            let _ = console.err.flush();
        }
    });
    console.note(text::render(&mutation, console.volume == Volume::Verbose).trim_end());
    if let Some(path) = output {
        deliver(&mutation, path, &workspace, console)?;
    }
    Ok(judge(args, &mutation, console))
}

fn judge(args: &Arguments, mutation: &Mutation, console: &mut Console<'_>) -> Exit {
    let mut exit = Exit::Pass;
    for phrase in &mutation.untrue {
        console.say(&format!("error: the list of survivors is not true: {}", super::told::safe_long(phrase)));
        exit = Exit::Failed;
    }
    let asked =
        [(args.min, mutation.total, "everything"), (args.min_declared, mutation.declared, "what blocking gates declare")];
    for (least, tally, what) in asked {
        let Some(least) = least else { continue };
        // Nothing that was tried proves nothing.
        if tally.rate.is_none_or(|rate| rate < least) {
            let rate = text::rate(tally.rate);
            console.say(&format!("error: the kill rate over {what} is {rate}, and must be {}", text::rate(Some(least))));
            exit = Exit::Failed;
        }
    }
    exit
}

fn open(args: &Arguments, now: Option<Instant>, console: &mut Console<'_>) -> Result<Disk, Exit> {
    let (definitions, baseline) = (&args.definitions, args.baseline.as_deref());
    let workspace = match &*args.shards {
        [] => place::workspace(definitions, args.run.as_deref(), baseline, now, console)?,
        shards => place::shards(definitions, shards, baseline, now, console)?,
    };
    place::with_history(workspace, &args.history, console)
}

/// The same workspace once more, for a mutant that has another baseline attached to it.
fn fresh(args: &Arguments, now: Option<Instant>) -> Result<Box<dyn Workspace>, String> {
    let (mut out, mut err) = (io::sink(), io::sink());
    let mut silent = Console::apart(&mut out, &mut err);
    let workspace = open(args, now, &mut silent).map_err(|_| "the run can no longer be opened".to_owned())?;
    // The definitions say where git is.
    drop(pipeline::load(&workspace, &Selection { policy: args.definitions.policy.clone() }));
    Ok(Box::new(workspace))
}

fn survivors(args: &Arguments, workspace: &Disk, console: &mut Console<'_>) -> Result<Survivors, Exit> {
    let Some(path) = &args.survivors else { return Ok(Survivors::default()) };
    let mut refuse = |phrase: &str| {
        console.say(&format!("error: `{}`: {}", shown_path(path), super::told::safe_long(phrase)));
        Exit::Usage
    };
    let bytes = workspace.read_named(path).map_err(|_| refuse("it cannot be read"))?;
    let text = String::from_utf8(bytes).map_err(|_| refuse("it is no text in UTF-8"))?;
    Survivors::parse(&text).map_err(|phrases| {
        for phrase in &phrases {
            refuse(phrase);
        }
        Exit::Usage
    })
}

fn refuse(why: &Refused, console: &mut Console<'_>) -> Exit {
    match why {
        Refused::NotGreen(verdict) => {
            let reason = super::told::safe_long(&verdict.reason());
            console.say(&format!("error: the run itself does not pass ({reason}), so damage to it would tell nothing"));
            console.say("help: `gatekeeper verify` shows the findings; `--now` judges a run as of its own day");
            if verdict.failed_on_findings() { Exit::Usage } else { Exit::Gap }
        }
        Refused::Nothing => {
            console.say("error: the policy reads no file here, so there is nothing to damage");
            Exit::Gap
        }
    }
}

/// Where the JSON goes: nowhere, to standard output, or to a file.
fn output(args: &Arguments, console: &mut Console<'_>) -> Result<Option<Option<PathBuf>>, Exit> {
    match args.output.as_deref().map(|text| (text, text.strip_prefix("json="))) {
        None => Ok(None),
        Some(("json", _)) => Ok(Some(None)),
        Some((_, Some(path))) if !path.is_empty() => Ok(Some(Some(PathBuf::from(path)))),
        Some((text, _)) => {
            console.say(&format!("error: `-o {text}` is neither `json` nor `json=PATH`"));
            Err(Exit::Usage)
        }
    }
}

fn deliver(mutation: &Mutation, path: Option<PathBuf>, workspace: &Disk, console: &mut Console<'_>) -> Result<(), Exit> {
    let mut bytes = Vec::new();
    write_document(mutation, &mut bytes).expect("memory takes it");
    let Some(path) = path else { return console.deliver(&bytes) };
    workspace.publish(&path, &bytes).map_err(|error| {
        console.say(&format!("error: cannot write `{}`: {error}", shown_path(&path)));
        Exit::Internal
    })
}
