//! What the runs of one test prove: that it is broken, that it fails too often, that it does not, or nothing yet.
//!
//! In: the record of a test in all its runs, and what is asked of every test. Out: a finding, or how many clean runs are missing.

use super::tests_pass::brief;
use crate::flake::{End, History, Record, Subject, clean_runs_missing, percent, upper_bound};
use crate::model::{Finding, Gap, GapKind, Where, numbered};

/// What is asked of every test.
pub(super) struct Asked {
    /// The rate that the upper bound may reach.
    pub(super) most: f64,
    /// How sure the bound must be.
    pub(super) confidence: f64,
    /// In how many runs a test must have run.
    pub(super) least: u64,
}

impl Asked {
    fn words(&self) -> String {
        format!("at most {} of runs fail, at {} confidence", percent(self.most), percent(self.confidence))
    }

    /// How many clean runs are missing, if any number is enough.
    pub(super) fn missing(&self, record: &Record) -> Option<u64> {
        let by_bound = clean_runs_missing(record.failures(), record.runs(), self.confidence, self.most)?;
        Some(by_bound.max(self.least.saturating_sub(record.runs())))
    }

    /// The upper bound of the rate of its failures.
    pub(super) fn bound(&self, record: &Record) -> f64 {
        upper_bound(record.failures(), record.runs(), self.confidence)
    }

    /// What is wrong with a test, as far as its runs tell. Nothing found is not yet a pass.
    pub(super) fn find(&self, record: &Record, history: &History) -> Option<Finding> {
        let shown = record.subject.shown();
        let (failures, runs) = (record.failures(), record.runs());
        let failing = record.sightings.iter().rev().find(|sighting| sighting.end.counts())?;
        let why = match failing.message.as_str() {
            "" => String::new(),
            message => format!(": {}", brief(message)),
        };
        let place = failing.at.clone();
        if record.broken() {
            let (kind, expected) = match &record.subject {
                Subject::Whole { .. } => ("cut-short", format!("{shown} comes to its end")),
                Subject::Test { .. } => ("test-broken", format!("{shown} passes in at least one of its runs")),
            };
            let actual = match runs {
                1 => format!("{} in its only run{why}", failing.end.word()),
                _ => format!("failed in all {runs} runs, so it is broken and not flaky; last {}{why}", failing.end.word()),
            };
            let message = format!("{shown} {actual}");
            return Some(Finding::new(kind, expected, actual).saying(message).at(place));
        }
        let bound = self.bound(record);
        if bound <= self.most {
            return None;
        }
        let passing = record.sightings.iter().rev().find(|sighting| sighting.end == End::Passed);
        let passing = passing.map_or_else(String::new, |passing| format!("; passed in {}", history.run(passing)));
        let actual = format!(
            "{failures} of {runs} runs: a rate of up to {}; {} in {}{why}{passing}",
            percent(bound),
            failing.end.word(),
            history.run(failing)
        );
        let next = match self.missing(record) {
            Some(missing) => format!(
                "Mend it, or quarantine it (`gatekeeper flakes` prints the entry). If its cause was mended elsewhere, {missing} more runs without a failure prove it."
            ),
            None => "Mend it, or quarantine it (`gatekeeper flakes` prints the entry).".to_owned(),
        };
        let expected = format!("{shown}: {}", self.words());
        let message = format!("{shown} failed in {actual}; {}", self.words());
        Some(Finding::new("flake-rate", expected, actual).saying(message).at(place).next(next))
    }

    /// One gap for all tests of which equally much is known.
    pub(super) fn undecided(&self, alike: (u64, u64, u64), records: &[&Record], history: &History, left_out: usize) -> Gap {
        let (missing, failures, runs) = alike;
        let some: Vec<String> = records.iter().take(3).map(|record| record.subject.shown()).collect();
        let more = records.len() - some.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let bound = percent(upper_bound(failures, runs, self.confidence));
        let mut actual =
            format!("undecided: {failures} failures in {runs} runs bound the rate by {bound}; {}{more}", some.join(", "));
        if let Some(cached) = records.iter().map(|record| record.cached).max().filter(|cached| *cached > 0) {
            actual += &format!("; {cached} more results are from a cache, and no runs");
        }
        if let Some(repeat) = history.repeats.first() {
            let count = history.repeats.len();
            actual +=
                &format!("; {count} of the runs repeat the bytes of another ({} those of {})", repeat.name, repeat.of);
        }
        if left_out > 0 {
            let runs = numbered(left_out, "run of another commit was", "runs of other commits were");
            actual += &format!("; {runs} left out");
        }
        let wanted = match missing {
            u64::MAX => "more runs than can be made".to_owned(),
            missing => numbered(missing, "more run", "more runs"),
        };
        let expected = format!("{}, proven by {wanted} without a failure", self.words());
        let at = records.first().map_or_else(|| Where::file("runs"), |record| record.at.clone());
        let message = format!("{actual}; {} needs {wanted} without a failure", self.words());
        Gap::new(GapKind::Undecided, at, expected, actual).saying(message)
    }
}

/// Whether a record is about something that ran, or that a cache hid. What was only ever skipped is not.
pub(super) fn told(record: &Record) -> bool {
    record.runs() > 0 || record.cached > 0
}
