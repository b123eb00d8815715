//! The totals that JUnit XML states of its suites, held against what the suites show.
//!
//! Writers count attempts, set-up errors, skips and nested suites in different ways, and each way is accepted. Only one thing is held
//! against a report: more failures and errors stated than shown.

use super::xml::Attributes;
use crate::model::{CaseStatus, Contradiction, Repeated, Reruns, TestReport, TestSuite, numbered};

/// What the elements of one suite come to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    /// Attempts: an element is one, and each rerun in it is one more.
    pub(super) cases: u64,
    /// Case elements.
    pub(super) least: u64,
    /// Failures and errors, one for each element that says so, reruns included.
    pub(super) bad: u64,
    /// Cases that failed in the end.
    pub(super) least_bad: u64,
    /// Case elements that were skipped.
    pub(super) skipped: u64,
}

impl Counts {
    /// Those of cases that passed.
    pub(super) fn passed(cases: u64) -> Self {
        Self { cases, least: cases, ..Self::default() }
    }

    pub(super) fn add(&mut self, other: Counts) {
        self.cases += other.cases;
        self.least += other.least;
        self.bad += other.bad;
        self.least_bad += other.least_bad;
        self.skipped += other.skipped;
    }

    /// Takes reruns out. Some writers count their failures although the last attempt passed.
    pub(super) fn leave_out(&mut self, reruns: Reruns, told: Repeated, failures_are_counted: bool) {
        let (cases, bad) = match reruns {
            Reruns::All | Reruns::Told => (told.cases, told.bad),
            Reruns::Silent => (told.cases - told.bad, 0),
        };
        self.least = self.least.saturating_sub(cases as u64);
        self.least_bad = self.least_bad.saturating_sub(bad as u64);
        if !failures_are_counted {
            self.bad = self.bad.saturating_sub(bad as u64);
        }
    }
}

/// The totals that one suite states.
#[derive(Debug, Default)]
pub(super) struct Stated {
    tests: Option<u64>,
    /// Failures and errors together: some writers count failures as errors.
    bad: Option<u64>,
    skipped: Option<u64>,
    /// Tests that passed only when they were run again, as Surefire counts them.
    flaky: Option<u64>,
    /// Attributes that are no counts.
    unsound: Vec<String>,
    /// The suite is Go's: gotestsum counts a failure that its rerun mended, but not the rerun as a test.
    pub(super) counts_reruns: bool,
}

impl Stated {
    pub(super) fn read(attributes: &Attributes<'_>) -> Self {
        let mut unsound = Vec::new();
        let mut sum = |words: &[&str]| {
            let mut sum: Option<u64> = None;
            for word in words {
                let Some(text) = attributes.get(word).filter(|text| !text.trim().is_empty()) else { continue };
                match text.replace(',', "").trim().parse::<u64>() {
                    Ok(count) => sum = Some(sum.unwrap_or(0).saturating_add(count)),
                    Err(_) => unsound.push(format!("{word}=\"{}\"", text.chars().take(40).collect::<String>())),
                }
            }
            sum
        };
        let (tests, bad) = (sum(&["tests"]), sum(&["failures", "errors"]));
        let skipped = sum(&["skipped", "skip", "disabled"]);
        let flaky = sum(&["flakes"]);
        Self { tests, bad, skipped, flaky, unsound, counts_reruns: false }
    }

    /// The suite says that there is nothing to run.
    pub(super) fn is_empty(&self) -> bool {
        self.tests == Some(0)
    }

    /// Which of what is told again later the totals leave out exactly, so that it was a rerun. The number of tests decides: a writer
    /// that keeps no count of failures states none, whatever failed.
    pub(super) fn leaves_out(&self, shown: &Counts, repeated: Repeated) -> Option<Reruns> {
        let (cases, bad) = (repeated.cases as u64, repeated.bad as u64);
        let tests = cases > 0 && self.tests.is_some_and(|tests| tests + cases == shown.least);
        // A failure that is stated must stay one, unless the writer counts mended failures.
        let told = self.counts_reruns || self.bad.is_none_or(|stated| stated + bad <= shown.bad);
        let silent = cases - bad;
        if tests && told {
            return Some(Reruns::All);
        }
        (silent > 0 && self.tests.is_some_and(|tests| tests + silent == shown.least)).then_some(Reruns::Silent)
    }

    /// Holds the totals against what the suite shows by itself, and with the suites in it.
    pub(super) fn compare(&self, own: Counts, all: Counts, suite: &TestSuite, report: &mut TestReport) {
        let name = if suite.name.is_empty() { String::new() } else { format!(" of suite `{}`", suite.name) };
        let told = |items: String, stated: String| Contradiction { items: items + &name, stated, at: suite.at.clone() };
        for text in &self.unsound {
            // mocha writes `skipped="-1"`; a number of failures that is none may hide some.
            let side = if text.starts_with("skip") { &mut report.differences } else { &mut report.contradictions };
            side.push(told("a count".to_owned(), text.clone()));
        }
        let flaky = || suite.cases.others().filter(|(_, case)| case.status() == CaseStatus::Flaky).count() as u64;
        // What holds other suites may sum theirs up.
        if let Some(stated) = self.flaky.filter(|stated| !suite.cases.is_empty() && *stated > flaky()) {
            report.unnamed_flaky.push(told(format!("{} flaky tests", flaky()), format!("{stated} flaky tests")));
        }
        if let Some(stated) = self.bad {
            let bad = |count: u64| numbered(count, "failure or error", "failures and errors");
            let difference = || told(bad(all.bad), bad(stated));
            if stated > all.bad {
                report.contradictions.push(difference());
            } else if !(own.least_bad..=own.bad).contains(&stated) && !(all.least_bad..=all.bad).contains(&stated) {
                report.differences.push(difference());
            }
        }
        for (stated, noun, [(own_least, own_most), (all_least, all_most)]) in [
            (self.tests, "tests", [(own.least, own.cases), (all.least, all.cases)]),
            (self.skipped, "skipped tests", [(own.skipped, own.skipped), (all.skipped, all.skipped)]),
        ] {
            let Some(stated) = stated else { continue };
            if !(own_least..=own_most).contains(&stated) && !(all_least..=all_most).contains(&stated) {
                report.differences.push(told(format!("{all_most} {noun}"), format!("{stated} {noun}")));
            }
        }
    }
}
