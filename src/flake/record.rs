//! How each test ended in each of several runs.
//!
//! In: runs of one commit. Out: a [`History`]: one [`Record`] for each test, and one for each part of a run as a whole, whose runs
//! are those that came to their end. A run counts once, however often it was given, and what is only repeated counts not at all:
//!
//! - Directories of one run id are one run, as those of its shards are; what two of them tell of one test counts once, the worse.
//! - A run whose reports are the same bytes as those of another one is that run given twice.
//! - A suite whose results its tool took from a cache did not run.
//!
//! A retry that passed is an end of its own, and no pass. A test counts where it ran: not where it was skipped, not where it is
//! absent. But where a run was cut short, what it lacks and other runs have did not come to its end there.

use crate::model::{CaseStatus, Digest, Remark, TestCase, TestReport, TestSuite, Where};
use std::collections::{BTreeMap, BTreeSet};

/// One run.
#[derive(Debug, Clone)]
pub struct Run<'a> {
    /// Its directory or file, as people know it.
    pub name: String,
    /// Its own id; without one it is a run of its own.
    pub id: Option<String>,
    /// What it reports.
    pub parts: Vec<Part<'a>>,
}

/// One part of a run: a suite's directory, or all of it.
#[derive(Debug, Clone)]
pub struct Part<'a> {
    /// Which part: the directory below the run, empty for the run itself. Equal in every run.
    pub place: String,
    /// Where it stands.
    pub at: Where,
    /// Of the report's bytes.
    pub digest: Option<Digest>,
    /// What its tests did, if it left a report.
    pub report: Option<&'a TestReport>,
    /// Why it did not come to a good end, where the report does not say so: the place, and what stands there.
    pub broke: Option<(Where, String)>,
}

/// How a test ended in one run. The later, the worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// It passed.
    Passed,
    /// It failed, and passed when it was run again.
    Recovered,
    /// It failed.
    Failed,
    /// It could not be judged: set-up, tear-down, a crash.
    Errored,
    /// The run was cut short and does not tell of it.
    Unfinished,
}

impl End {
    /// The word in outputs.
    pub const fn word(self) -> &'static str {
        match self {
            End::Passed => "passed",
            End::Recovered => "passed at a retry",
            End::Failed => "failed",
            End::Errored => "errored",
            End::Unfinished => "unfinished",
        }
    }

    /// Whether it counts as a failure. Not to count is the last arm.
    pub const fn counts(self) -> bool {
        match self {
            End::Recovered | End::Failed | End::Errored | End::Unfinished => true,
            End::Passed => false,
        }
    }

    /// Whether it shows that the test can pass.
    pub const fn passes(self) -> bool {
        match self {
            End::Passed | End::Recovered => true,
            End::Failed | End::Errored | End::Unfinished => false,
        }
    }
}

/// What is told of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The position of the run in [`History::runs`].
    pub run: usize,
    /// How it ended.
    pub end: End,
    /// Where that stands.
    pub at: Where,
    /// What it says; untrusted, empty if it says nothing.
    pub message: String,
}

/// What a record is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A part of a run as a whole: whether it came to its end.
    Whole {
        /// See [`Part::place`].
        place: String,
    },
    /// A test.
    Test {
        /// See [`Part::place`].
        place: String,
        /// Its id, with suite and class; untrusted.
        id: String,
        /// Its id without the suite; untrusted.
        own_id: String,
        /// Its name; untrusted.
        name: String,
    },
}

impl Subject {
    /// The part of a run that it belongs to.
    pub fn place(&self) -> &str {
        match self {
            Subject::Whole { place } | Subject::Test { place, .. } => place,
        }
    }

    /// What people call it; untrusted.
    pub fn shown(&self) -> String {
        match self {
            Subject::Whole { place } if place.is_empty() => "the run as a whole".to_owned(),
            Subject::Whole { place } => format!("`{place}` as a whole"),
            Subject::Test { id, .. } => format!("`{id}`"),
        }
    }
}

/// One test over the runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What it is about.
    pub subject: Subject,
    /// Its ends, one for each run in which it ran, in the order of the runs.
    pub sightings: Vec<Sighting>,
    /// In how many runs its tool took the result from a cache.
    pub cached: usize,
    /// Where it is told of first.
    pub at: Where,
}

impl Record {
    /// In how many runs it ran.
    pub fn runs(&self) -> u64 {
        self.sightings.len() as u64
    }

    /// In how many of them it did not simply pass.
    pub fn failures(&self) -> u64 {
        self.sightings.iter().filter(|sighting| sighting.end.counts()).count() as u64
    }

    /// Whether it failed whenever it ran: broken, which is not flaky.
    pub fn broken(&self) -> bool {
        !self.sightings.is_empty() && !self.sightings.iter().any(|sighting| sighting.end.passes())
    }

    /// Whether it both failed and passed.
    pub fn flaky(&self) -> bool {
        self.failures() > 0 && !self.broken()
    }
}

/// A run that was given more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeat {
    /// The run that counts for nothing.
    pub name: String,
    /// The run that it repeats.
    pub of: String,
}

/// Several runs of one commit.
#[derive(Debug, Default)]
pub struct History {
    /// The runs that count, each once.
    pub runs: Vec<String>,
    /// The runs that repeat one of them.
    pub repeats: Vec<Repeat>,
    /// Every test and every part, in order.
    pub records: Vec<Record>,
}

/// A test within a part, before its ends are put in order.
struct Growing {
    subject: Subject,
    suite: Box<str>,
    ends: BTreeMap<usize, Sighting>,
    /// Runs that tell of it, whether it ran or not.
    told: BTreeSet<usize>,
    cached: BTreeSet<usize>,
    at: Where,
}

type Key = (String, String);

impl History {
    /// Counts over these runs.
    pub fn of(runs: Vec<Run<'_>>) -> Self {
        let (runs, repeats) = distinct(merged(runs));
        let mut tests: BTreeMap<Key, Growing> = BTreeMap::new();
        let mut wholes: BTreeMap<String, Growing> = BTreeMap::new();
        for (index, run) in runs.iter().enumerate() {
            for part in &run.parts {
                whole(part, index, &mut wholes);
                let Some(report) = part.report else { continue };
                for (at, (suite, case)) in report.cases().enumerate() {
                    let id = report.ids().stem(0, at, suite, case);
                    test(part, id, suite, case, index, &mut tests);
                }
            }
        }
        for (index, run) in runs.iter().enumerate() {
            run.parts.iter().for_each(|part| unfinished(part, index, &mut tests));
        }
        let finish = |growing: Growing| Record {
            subject: growing.subject,
            cached: growing.cached.len(),
            sightings: growing.ends.into_values().collect(),
            at: growing.at,
        };
        let records = wholes.into_values().chain(tests.into_values()).map(finish).collect();
        Self { runs: runs.into_iter().map(|run| run.name).collect(), repeats, records }
    }

    /// The name of the run in which something was seen.
    pub fn run(&self, sighting: &Sighting) -> &str {
        self.runs.get(sighting.run).map_or("", String::as_str)
    }
}

/// Directories of one run id become one run, under the name of the first. Reports that both hold count once.
fn merged(runs: Vec<Run<'_>>) -> Vec<Run<'_>> {
    let mut merged: Vec<Run<'_>> = Vec::new();
    for run in runs {
        let known = merged.iter_mut().find(|known| known.id.is_some() && known.id == run.id);
        match known {
            None => merged.push(run),
            Some(known) => {
                for part in run.parts {
                    let again = |other: &Part<'_>| other.place == part.place && other.digest == part.digest;
                    if part.digest.is_none() || !known.parts.iter().any(again) {
                        known.parts.push(part);
                    }
                }
            }
        }
    }
    merged
}

/// The runs whose reports are not the bytes of an earlier one, and those that are.
fn distinct(runs: Vec<Run<'_>>) -> (Vec<Run<'_>>, Vec<Repeat>) {
    let mut known: BTreeMap<Vec<(String, String)>, String> = BTreeMap::new();
    let (mut kept, mut repeats) = (Vec::new(), Vec::new());
    for run in runs {
        let bytes: Option<Vec<(String, String)>> = run
            .parts
            .iter()
            .filter(|part| part.report.is_some())
            .map(|part| Some((part.place.clone(), part.digest?.to_string())))
            .collect();
        let Some(mut bytes) = bytes.filter(|bytes| !bytes.is_empty()) else {
            kept.push(run);
            continue;
        };
        bytes.sort();
        match known.get(&bytes) {
            Some(of) => repeats.push(Repeat { name: run.name, of: of.clone() }),
            None => {
                known.insert(bytes, run.name.clone());
                kept.push(run);
            }
        }
    }
    (kept, repeats)
}

/// Why a report is that of a run cut short. To a report of one target nothing is missing because later ones were not tried: the
/// failure before it counts by itself.
fn cut_short(report: &TestReport) -> Option<&Remark> {
    report.cut_short.iter().find(|remark| !remark.later_targets)
}

fn within(part: &Part<'_>, remark: &Remark) -> Where {
    remark.at.within(&part.at.path)
}

/// Whether this part of the run came to its end.
fn whole(part: &Part<'_>, run: usize, wholes: &mut BTreeMap<String, Growing>) {
    let said = part.broke.clone().or_else(|| {
        let report = part.report?;
        let errors = report.suites.iter().flat_map(|suite| &suite.errors);
        let said = cut_short(report).into_iter().chain(errors).next();
        let stop = report.suites.iter().flat_map(|suite| &suite.stops).next();
        if let (None, Some(stop)) = (said, stop) {
            return Some((stop.at.within(&part.at.path), stop.told()));
        }
        let nothing = || (part.at.clone(), "it tells of no test".to_owned());
        said.map(|remark| (within(part, remark), remark.message.to_string()))
            .or_else(|| report.cases().next().is_none().then(nothing))
    });
    let (end, at, message) = match said {
        Some((at, message)) => (End::Errored, at, message),
        None => (End::Passed, part.at.clone(), String::new()),
    };
    let subject = Subject::Whole { place: part.place.clone() };
    let growing = wholes.entry(part.place.clone()).or_insert_with(|| Growing::new(subject, "", part.at.clone()));
    growing.take(Sighting { run, end, at, message });
}

fn test(part: &Part<'_>, id: String, suite: &TestSuite, case: &TestCase, run: usize, tests: &mut BTreeMap<Key, Growing>) {
    let at = case.at.within(&part.at.path);
    let end = match case.status() {
        CaseStatus::Failed => Some(End::Failed),
        CaseStatus::Errored => Some(End::Errored),
        CaseStatus::Flaky => Some(End::Recovered),
        CaseStatus::Skipped => None,
        CaseStatus::Passed => Some(End::Passed),
    };
    let key = (part.place.clone(), id.clone());
    let growing = tests.entry(key).or_insert_with(|| {
        let (place, own_id, name) = (part.place.clone(), case.own_id(), case.name.to_string());
        Growing::new(Subject::Test { place, id, own_id, name }, &suite.name, at.clone())
    });
    growing.told.insert(run);
    match end {
        // A pass from a cache is the pass of an earlier run; a failure is never taken from one.
        Some(End::Passed) if suite.cached => drop(growing.cached.insert(run)),
        Some(end) => {
            let message = case.message().unwrap_or_default().to_owned();
            growing.take(Sighting { run, end, at, message });
        }
        None => {}
    }
}

/// What a run lacks that was cut short, and what its broken suites lack.
fn unfinished(part: &Part<'_>, run: usize, tests: &mut BTreeMap<Key, Growing>) {
    let Some(report) = part.report else {
        let Some((at, message)) = &part.broke else { return };
        let lacks = tests.values_mut().filter(|growing| *growing.subject.place() == part.place);
        return lacks.for_each(|growing| growing.lacked(run, at, message));
    };
    let cut = cut_short(report);
    for growing in tests.values_mut().filter(|growing| *growing.subject.place() == part.place) {
        let suite = report.suites.iter().find(|suite| *suite.name == *growing.suite);
        if let Some(remark) = cut.or_else(|| suite?.errors.first()) {
            growing.lacked(run, &within(part, remark), &remark.message);
        } else if let Some(stop) = suite.and_then(|suite| suite.stops.first()) {
            growing.lacked(run, &stop.at.within(&part.at.path), &stop.told());
        }
    }
}

impl Growing {
    fn new(subject: Subject, suite: &str, at: Where) -> Self {
        let (ends, told, cached) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        Self { subject, suite: suite.into(), ends, told, cached, at }
    }

    /// Of two ends in one run the worse counts.
    fn take(&mut self, sighting: Sighting) {
        let worse = self.ends.get(&sighting.run).is_none_or(|known| known.end < sighting.end);
        if worse {
            self.ends.insert(sighting.run, sighting);
        }
    }

    /// A test that never ran anywhere would not have run here either.
    fn lacked(&mut self, run: usize, at: &Where, message: &str) {
        let ran = self.ends.values().any(|sighting| sighting.end != End::Unfinished);
        if ran && !self.told.contains(&run) {
            self.take(Sighting { run, end: End::Unfinished, at: at.clone(), message: message.to_owned() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Attempt, AttemptStatus, Spot};

    /// A report from lines: `name status status ...`; `cut`, `error` and `cached` as what they say, of the suite `s`.
    fn report(text: &str) -> TestReport {
        let mut suite = TestSuite::new("s", Spot::Line(1));
        let mut short = Vec::new();
        for (line, text) in (1..).zip(text.lines()) {
            let at = Spot::Line(line);
            let mut words = text.split_whitespace();
            match words.next() {
                Some("cut") => short.push(Remark::new("it stopped", at)),
                Some("later") => short.push(Remark::later_targets(at)),
                Some("error") => suite.errors.push(Remark::new("does not load", at)),
                Some("cached") => suite.cached = true,
                Some(name) => {
                    let attempts = words
                        .map(|word| {
                            let status = match word {
                                "ok" => AttemptStatus::Passed,
                                "skip" => AttemptStatus::Skipped,
                                _ => AttemptStatus::Failed,
                            };
                            Attempt::new(status, None, if word == "bad" { "no" } else { "" })
                        })
                        .collect();
                    let case = TestCase { class: "".into(), name: name.into(), file: None, line: None, at, attempts };
                    suite.cases.push(case);
                }
                None => {}
            }
        }
        let mut report = TestReport::of(vec![suite]);
        report.cut_short = short;
        report
    }

    struct Given {
        id: Option<&'static str>,
        bytes: String,
        report: TestReport,
    }

    fn given(id: Option<&'static str>, bytes: &str, text: &str) -> Given {
        Given { id, bytes: bytes.to_owned(), report: report(text) }
    }

    fn history(given: &[Given]) -> History {
        let part = |at: usize, given: &Given| Part {
            place: String::new(),
            at: Where::file(format!("r{at}")),
            digest: Some(Digest::of(given.bytes.as_bytes())),
            report: None,
            broke: None,
        };
        let runs = given.iter().enumerate().map(|(at, given)| Run {
            name: format!("r{at}"),
            id: given.id.map(str::to_owned),
            parts: vec![Part { report: Some(&given.report), ..part(at, given) }],
        });
        History::of(runs.collect())
    }

    fn plain(texts: &[&str]) -> History {
        let given: Vec<Given> = (0..).zip(texts).map(|(at, text): (usize, _)| given(None, &at.to_string(), text)).collect();
        history(&given)
    }

    fn told(history: &History) -> Vec<String> {
        let line = |record: &Record| {
            let word = match (record.broken(), record.flaky()) {
                (true, _) => "broken",
                (_, true) => "flaky",
                _ => "clean",
            };
            format!("{} {} of {} {word}", record.subject.shown(), record.failures(), record.runs())
        };
        history.records.iter().map(line).collect()
    }

    #[test]
    fn a_test_counts_where_it_ran() {
        let history = plain(&["a ok\nb ok\nc skip", "a bad\nb skip", "a ok\nc skip\nd bad ok", "d ok\na ok"]);
        assert_eq!(
            told(&history),
            [
                "the run as a whole 0 of 4 clean",
                "`s::a` 1 of 4 flaky",
                "`s::b` 0 of 1 clean",
                "`s::c` 0 of 0 clean",
                "`s::d` 1 of 2 flaky"
            ]
        );
        let failing = history.records[1].sightings.iter().find(|sighting| sighting.end.counts()).expect("one");
        assert_eq!((history.run(failing), failing.at.to_string(), &*failing.message), ("r1", "r1:1".to_owned(), "no"));
    }

    #[test]
    fn what_fails_whenever_it_runs_is_broken() {
        assert_eq!(told(&plain(&["a bad", "a bad\n", "a bad bad"]))[1], "`s::a` 3 of 3 broken");
        assert_eq!(told(&plain(&["a bad ok", "a bad ok"]))[1], "`s::a` 2 of 2 flaky", "it can pass");
    }

    #[test]
    fn a_run_cut_short_counts_against_what_it_lacks() {
        let history = plain(&["a ok\nb ok\nc ok\nd skip", "a ok\nc skip\ncut"]);
        assert_eq!(
            told(&history),
            [
                "the run as a whole 1 of 2 flaky",
                "`s::a` 0 of 2 clean",
                "`s::b` 1 of 2 flaky",
                "`s::c` 0 of 1 clean",
                "`s::d` 0 of 0 clean"
            ]
        );
        assert_eq!(history.records[2].sightings[1].end, End::Unfinished);
        assert_eq!(told(&plain(&["a ok\nb ok", "a ok\nerror"]))[2], "`s::b` 1 of 2 flaky", "a suite that broke");
        assert_eq!(told(&plain(&["a ok\nb ok", "a bad\nlater"]))[2], "`s::b` 0 of 1 clean", "not tried");
        assert_eq!(told(&plain(&["a ok", ""]))[0], "the run as a whole 1 of 2 flaky", "nothing told is no clean run");
    }

    #[test]
    fn a_run_given_twice_counts_once() {
        let twice = [given(None, "x", "a ok"), given(None, "x", "a ok"), given(None, "y", "a ok")];
        let history = history(&twice);
        assert_eq!(told(&history)[1], "`s::a` 0 of 2 clean");
        assert_eq!(history.repeats, [Repeat { name: "r1".to_owned(), of: "r0".to_owned() }]);
    }

    #[test]
    fn directories_of_one_id_are_one_run() {
        let shards =
            [given(Some("i"), "x", "a ok\nb ok"), given(Some("i"), "y", "c ok\nb bad"), given(Some("j"), "z", "a ok")];
        assert_eq!(told(&history(&shards))[1..], ["`s::a` 0 of 2 clean", "`s::b` 1 of 1 broken", "`s::c` 0 of 1 clean"]);
        let copies = [given(Some("i"), "x", "a ok"), given(Some("j"), "x", "a ok")];
        assert_eq!(history(&copies).repeats.len(), 1, "another id over the same bytes is no other run");
    }

    #[test]
    fn results_from_a_cache_are_no_runs() {
        let history = plain(&["a ok\nb ok", "cached\na ok\nb bad"]);
        assert_eq!(told(&history)[1..], ["`s::a` 0 of 1 clean", "`s::b` 1 of 2 flaky"]);
        assert_eq!(history.records[1].cached, 1);
    }
}
