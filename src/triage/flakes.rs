//! Tests that both failed and passed in runs of one commit.
//!
//! In: several runs. Out: [`Flakes`]: the suspects, the likeliest first, each with a failing and a passing run of one commit, the upper
//! bound of its rate, the category that something suggests, and a quarantine entry to paste. Runs of different commits are never
//! mixed, and a run without a commit is compared with no other: only its own retries count. What failed whenever it ran is broken,
//! and listed apart. The counting is that of `flake`, as in the check kind `flake-rate`.

use super::past::{self, Past, Piece};
use super::quarantine::{self, Fields};
use crate::collect;
use crate::flake::{
    End, Hint, History, Part, Record, Repeat, Run, Sighting, Subject, clean_runs_missing, hint, percent, upper_bound,
};
use crate::model::{Base, Content, Gap, Instant, Limits, Where, show_instant};
use crate::workspace::Workspace;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The rate that the exit criterion of an entry asks to exclude.
const EXCLUDED: f64 = 0.1;

/// A run on the command line.
pub struct Given<'w> {
    /// The directory that it is, or in which it lies, as the workspace's run.
    pub workspace: &'w dyn Workspace,
    /// Its file, if it is one report.
    pub file: Option<crate::model::RelPath>,
    /// As people know it.
    pub name: String,
}

/// What is told of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The run.
    pub run: String,
    /// The word for how it ended.
    pub end: &'static str,
    /// Where that stands.
    pub at: Where,
    /// What it says; untrusted.
    pub message: String,
}

impl Seen {
    /// The line of the message that tells most: the first one that is not the header of a panic. Empty if there is none.
    pub fn telling(&self) -> &str {
        let header = |line: &str| line.starts_with("thread '") && line.contains(" panicked at ");
        let mut lines = self.message.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.clone().find(|line| !header(line)).or_else(|| lines.next()).unwrap_or_default()
    }
}

/// A category that something suggests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// One of `Quarantine::CATEGORIES`.
    pub category: &'static str,
    /// What suggests it: `exit code`, `message`, `log`.
    pub by: &'static str,
    /// Where it stands.
    pub at: Where,
    /// The line; untrusted.
    pub line: String,
}

/// A test that failed in runs of a commit.
#[derive(Debug, Clone, PartialEq)]
pub struct Suspect {
    /// Its id, or what is meant as a whole; untrusted.
    pub name: String,
    /// Whether it is a part of a run as a whole, which no quarantine covers.
    pub whole: bool,
    /// The commit; `None` where a run has none.
    pub commit: Option<String>,
    /// In how many runs of the commit it ran.
    pub runs: u64,
    /// In how many of them it did not simply pass.
    pub failures: u64,
    /// The upper bound of its rate, 0 to 1.
    pub bound: f64,
    /// Each run in which it failed.
    pub failing: Vec<Seen>,
    /// Runs of the same commit in which it passed; at most a few.
    pub passing: Vec<Seen>,
    /// Other commits on which it is flaky too: commit, failures, runs.
    pub elsewhere: Vec<(Option<String>, u64, u64)>,
    /// What the category may be.
    pub proposal: Option<Proposal>,
    /// The quarantine entry.
    pub entry: Option<String>,
}

/// What many runs say.
#[derive(Debug, Default)]
pub struct Flakes {
    /// How sure the bounds are, 0 to 1.
    pub confidence: f64,
    /// Each commit, with the runs that count.
    pub commits: Vec<(Option<String>, Vec<String>)>,
    /// Runs that repeat another one.
    pub repeats: Vec<Repeat>,
    /// How many tests ran.
    pub tests: usize,
    /// The fewest runs of one commit in which a test ran that never failed, if there is one.
    pub fewest: Option<u64>,
    /// The suspects, the likeliest first.
    pub suspects: Vec<Suspect>,
    /// What failed whenever it ran.
    pub broken: Vec<Suspect>,
    /// What could not be believed.
    pub gaps: Vec<Gap>,
}

/// Where a report or a result lies: the run and its piece.
type Places<'p> = BTreeMap<String, (usize, &'p Piece)>;

/// Looks at these runs. `stated` is the commit of those that do not say their own.
pub fn flakes(given: &[Given<'_>], stated: Option<&str>, confidence: f64, limits: &Limits) -> Flakes {
    let mut out = Flakes { confidence, ..Flakes::default() };
    let mut pasts: Vec<Past> = Vec::new();
    for run in given {
        let (past, gaps) = past::read(run.workspace, &run.name, run.file.as_ref(), stated, limits);
        out.gaps.extend(gaps);
        pasts.push(past);
    }
    let pieces = pasts.iter().enumerate().flat_map(|(at, past)| past.pieces.iter().map(move |piece| (at, piece)));
    let mut places = Places::new();
    for (at, piece) in pieces {
        let result = piece.broke.as_ref().map(|(place, _)| place.path.clone());
        for path in result.into_iter().chain([piece.at.path.clone()]) {
            places.entry(path).or_insert((at, piece));
        }
    }
    let now = given.first().map(|run| run.workspace.now());
    let look = Look { given, places, confidence, limits, now };
    let mut tests: BTreeSet<(String, String)> = BTreeSet::new();
    for (commit, runs) in groups(&pasts) {
        let history = History::of(runs);
        for record in &history.records {
            if let (Subject::Test { place, id, .. }, true) = (&record.subject, record.runs() > 0) {
                tests.insert((place.clone(), id.clone()));
                if record.failures() == 0 {
                    out.fewest = Some(out.fewest.map_or(record.runs(), |fewest| fewest.min(record.runs())));
                }
            }
            if record.broken() && !only_unfinished(record) {
                out.broken.push(look.suspect(record, commit.as_ref(), &history));
            } else if record.flaky() && !only_unfinished(record) {
                out.suspects.push(look.suspect(record, commit.as_ref(), &history));
            }
        }
        out.repeats.extend(history.repeats);
        out.commits.push((commit, history.runs));
    }
    out.tests = tests.len();
    out.suspects = ranked(out.suspects);
    out.broken.sort_by(|a, b| a.name.cmp(&b.name));
    out
}

/// What only lacks in runs cut short is no suspect: the run is.
fn only_unfinished(record: &Record) -> bool {
    let mut counted = record.sightings.iter().filter(|sighting| sighting.end.counts());
    matches!(record.subject, Subject::Test { .. }) && counted.all(|sighting| sighting.end == End::Unfinished)
}

/// The runs by commit; those without one each by itself.
fn groups(pasts: &[Past]) -> Vec<(Option<String>, Vec<Run<'_>>)> {
    let mut known: BTreeMap<&str, Vec<Run<'_>>> = BTreeMap::new();
    let mut alone = Vec::new();
    for past in pasts.iter().filter(|past| !past.pieces.is_empty()) {
        let part = |piece: &'_ Piece| -> (String, Where) { (piece.place.clone(), piece.at.clone()) };
        let parts = past.pieces.iter().map(|piece| {
            let (place, at) = part(piece);
            let digest = piece.found.as_ref().and_then(|found| found.artifact.digest);
            Part { place, at, digest, report: piece.report(), broke: piece.broke.clone() }
        });
        let run = Run { name: past.name.clone(), id: past.id.clone(), parts: parts.collect() };
        match past.commit.as_deref() {
            Some(commit) => known.entry(commit).or_default().push(run),
            None => alone.push((None, vec![run])),
        }
    }
    known.into_iter().map(|(commit, runs)| (Some(commit.to_owned()), runs)).chain(alone).collect()
}

/// One suspect for each test: the commit with the most failures, and the other commits behind it.
fn ranked(mut suspects: Vec<Suspect>) -> Vec<Suspect> {
    let rate = |suspect: &Suspect| suspect.failures as f64 / suspect.runs as f64;
    suspects.sort_by(|a, b| {
        let more = b.failures.cmp(&a.failures).then(rate(b).total_cmp(&rate(a)));
        more.then_with(|| a.name.cmp(&b.name)).then_with(|| a.commit.cmp(&b.commit))
    });
    let mut once: Vec<Suspect> = Vec::new();
    for suspect in suspects {
        match once.iter_mut().find(|known| known.name == suspect.name) {
            Some(known) => known.elsewhere.push((suspect.commit, suspect.failures, suspect.runs)),
            None => once.push(suspect),
        }
    }
    once
}

/// What is needed to tell of a record.
struct Look<'l, 'w> {
    given: &'l [Given<'w>],
    places: Places<'l>,
    confidence: f64,
    limits: &'l Limits,
    now: Option<Instant>,
}

impl Look<'_, '_> {
    fn suspect(&self, record: &Record, commit: Option<&String>, history: &History) -> Suspect {
        let seen = |sighting: &Sighting| Seen {
            run: history.run(sighting).to_owned(),
            end: sighting.end.word(),
            at: sighting.at.clone(),
            message: sighting.message.clone(),
        };
        let told = |counts: bool| record.sightings.iter().filter(move |sighting| sighting.end.counts() == counts);
        let (name, whole) = match &record.subject {
            Subject::Test { id, .. } => (id.clone(), false),
            Subject::Whole { .. } => (record.subject.shown(), true),
        };
        let mut suspect = Suspect {
            name,
            whole,
            commit: commit.cloned(),
            runs: record.runs(),
            failures: record.failures(),
            bound: upper_bound(record.failures(), record.runs(), self.confidence),
            failing: told(true).map(seen).collect(),
            passing: told(false).map(seen).take(3).collect(),
            elsewhere: Vec::new(),
            proposal: self.proposal(record),
            entry: None,
        };
        if !whole && !record.broken() {
            suspect.entry = self.entry(&suspect, record);
        }
        suspect
    }

    /// What the category may be: by the exit code of a failing suite, else by a message, else by a line of a failing log that no
    /// passing log holds too.
    fn proposal(&self, record: &Record) -> Option<Proposal> {
        let failing = || record.sightings.iter().filter(|sighting| sighting.end.counts());
        let piece = |sighting: &Sighting| self.places.get(&sighting.at.path).copied();
        let structure = failing().find_map(|sighting| {
            let (category, at, line) = piece(sighting)?.1.structure.clone()?;
            Some(Proposal { category, by: "exit code", at, line })
        });
        let message = || {
            failing().find_map(|sighting| {
                let found = |line: &str| Some((hint(line)?, line.trim().to_owned()));
                let (Hint { category, .. }, line) = sighting.message.lines().find_map(found)?;
                Some(Proposal { category, by: "message", at: sighting.at.clone(), line })
            })
        };
        let log = || {
            let passing = record.sightings.iter().filter(|sighting| !sighting.end.counts());
            let everyday: BTreeSet<&'static str> = passing
                .filter_map(piece)
                .take(3)
                .filter_map(|(run, piece)| self.log(run, piece))
                .flat_map(|(_, text)| text.lines().filter_map(hint).map(|hint| hint.words).collect::<Vec<_>>())
                .collect();
            failing().take(3).filter_map(piece).find_map(|(run, piece)| {
                let (shown, text) = self.log(run, piece)?;
                (1..).zip(text.lines()).find_map(|(number, line)| {
                    let found = hint(line).filter(|hint| !everyday.contains(hint.words))?;
                    let at = Where::line(&shown, number);
                    Some(Proposal { category: found.category, by: "log", at, line: line.trim().to_owned() })
                })
            })
        };
        structure.or_else(message).or_else(log)
    }

    /// The log beside a report, with its path for people.
    fn log(&self, run: usize, piece: &Piece) -> Option<(String, Box<str>)> {
        let artifact = collect::look(self.given.get(run)?.workspace, Base::Run, piece.log.as_ref()?, self.limits);
        let Ok(Content::Text(text)) = artifact.content else { return None };
        Some((artifact.path.shown, text))
    }

    fn entry(&self, suspect: &Suspect, record: &Record) -> Option<String> {
        let Subject::Test { name, .. } = &record.subject else { return None };
        let now = self.now?;
        let days = Duration::from_secs(86_400 * u64::from(self.limits.quarantine_max_days));
        let day = |at: Instant| show_instant(at).chars().take(10).collect::<String>();
        let failing = suspect.failing.last()?;
        let sighting = record.sightings.iter().rev().find(|sighting| sighting.end.counts())?;
        let command = self.places.get(&sighting.at.path).and_then(|(_, piece)| piece.command(name));
        let message = match failing.telling() {
            "" => String::new(),
            message => format!(": {message}"),
        };
        let reason = match &suspect.commit {
            Some(commit) => format!("failed in {} of {} runs of commit {commit}{message}", suspect.failures, suspect.runs),
            None => format!("failed, and passed at a retry in the same run{message}"),
        };
        let passed = suspect.passing.last().map_or_else(String::new, |seen| format!(", and passed at {}", seen.at));
        let evidence = format!("{} at {}{passed}", failing.end, failing.at);
        let clean = clean_runs_missing(0, 0, self.confidence, EXCLUDED)?;
        let exit_criterion = format!(
            "{clean} runs of one commit without a failure: its rate is at most {} at {} confidence",
            percent(EXCLUDED),
            percent(self.confidence)
        );
        let command = command.map(|command| command.shell());
        quarantine::entry(&Fields {
            test: &suspect.name,
            category: suspect.proposal.as_ref().map(|proposal| (proposal.category, proposal.line.as_str())),
            reason: &reason,
            since: &day(now),
            expires: &day(now + days),
            evidence: &evidence,
            reproduce: command.as_deref(),
            exit_criterion: &exit_criterion,
        })
    }
}
