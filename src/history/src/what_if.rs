//! `replay`: its command line, its progress, its exit code.

use crate::answer::{Form, text};
use crate::cli::{At, print, say, with_engine};
use crate::fault::{Fault, Told};
use crate::part::Part;
use crate::replay::{Other, Recorded, Would, replay};
use crate::replay_told::Answer;
use crate::store::Store;
use clap::{Args, ValueEnum};
use gatekeeper::diagnostic::{self, Severity};
use gatekeeper::gate::Suite;
use gatekeeper::load::Selection;
use gatekeeper::pipeline;
use gatekeeper::workspace::Disk;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// `gatekeeper-history replay`.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// The other policy: a builtin one by its name, or a file.
    #[arg(long, value_name = "POLICY")]
    policy: String,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    part: Part,
    /// The repository: the definitions are read from its work tree, and what the recorded runs read of it from their commits.
    #[arg(long, value_name = "DIR", default_value = ".")]
    root: PathBuf,
    /// How the answer is written.
    #[arg(short = 'o', long, value_name = "FORM", default_value = "table")]
    output: Written,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Written {
    /// For people.
    Table,
    /// One document.
    Json,
    /// A page of its own.
    Html,
}

/// Runs it. Exit codes: 0 every run was judged, 1 of some nothing is known, 3 what is kept of some is damaged.
pub(crate) fn run(args: &Replay) -> Told<u8> {
    let runs = with_engine(&args.at, &args.part, &|engine| {
        let asked = "SELECT verdict, project, branch, judged_at, commit, ruling FROM runs ORDER BY judged_at, verdict";
        let (schema, batches) = engine.ask(asked, Vec::new())?;
        let rows = text(&schema, &batches, Form::Json)?;
        serde_json::from_str::<Vec<Recorded>>(&rows).map_err(|error| Fault::Damaged(format!("the table `runs`: {error}")))
    })?;
    let store = Store::open(&args.at.store)?;
    let repository = Disk::new(&args.root, None, None, None).map_err(Fault::Usage)?;
    let suite = suite(args, &repository)?;
    let progress = Progress::of(runs.len());
    let outcomes = replay(&store, &runs, &Other { suite: &suite, repository: &repository }, &|done| progress.told(done));
    progress.end();
    let (policy, digest) = (suite.policy.id.to_string(), suite.policy.digest.to_string());
    let answer = Answer { policy: &policy, digest: &digest, outcomes: &outcomes };
    print(&match args.output {
        Written::Table => answer.text(),
        Written::Json => answer.json()?,
        Written::Html => answer.page(),
    })?;
    let damaged = outcomes.iter().filter(|outcome| outcome.damaged).count();
    if damaged > 0 {
        return Err(Fault::Damaged(format!("what is kept of {damaged} of {} runs is damaged", outcomes.len())));
    }
    Ok(u8::from(answer.count(Would::Unknown) > 0))
}

fn suite(args: &Replay, repository: &Disk) -> Told<Suite> {
    let loaded = pipeline::load(repository, &Selection { policy: Some(args.policy.clone()) });
    for problem in loaded.problems.iter().filter(|problem| problem.severity == Severity::Error) {
        diagnostic::render(problem, &loaded.sources, false).lines().for_each(say);
    }
    loaded
        .suite
        .ok_or_else(|| Fault::Usage(format!("the definitions of `{}` are not sound; nothing was judged", args.policy)))
}

/// How far it is, told on standard error once it lasts: on a terminal in one line, elsewhere now and then.
struct Progress {
    all: usize,
    began: Instant,
    told: Mutex<Option<Instant>>,
    live: bool,
}

impl Progress {
    fn of(all: usize) -> Self {
        Self { all, began: Instant::now(), told: Mutex::default(), live: std::io::stderr().is_terminal() }
    }

    fn told(&self, done: usize) {
        let mut told = self.told.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let every = Duration::from_secs(if self.live { 1 } else { 10 });
        let due = told.map_or(self.began.elapsed() >= Duration::from_secs(1), |last| last.elapsed() >= every);
        if due && done < self.all {
            *told = Some(Instant::now());
            let (start, end) = if self.live { ("\r", "") } else { ("", "\n") };
            drop(write!(std::io::stderr(), "{start}judged {done} of {} runs{end}", self.all));
        }
    }

    /// Takes the line away again.
    fn end(&self) {
        if self.live && self.told.lock().unwrap_or_else(std::sync::PoisonError::into_inner).is_some() {
            drop(write!(std::io::stderr(), "\r{:60}\r", ""));
        }
    }
}
