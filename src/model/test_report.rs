//! What a test run reported, in one model whatever tool wrote it: suites, cases, attempts.
//!
//! Readers state what stands in a report; the status of a case, the totals and what is flaky are derived here, so that no
//! reader can be more lenient than another. A suite is a suite of its own wherever the report tells of it, and a case is a case:
//! what is told twice happened twice, unless the format says that it was a rerun ([`TestSuite::merge_reruns`]).

use super::cases::Cases;
use super::document::Document;
use super::location::{Pointer, Where};
use super::test_case::{Attempt, AttemptStatus, CaseStatus, TestCase, cut};
use super::test_ids::TestIds;
use super::test_stop::Stop;
use super::test_view::{self, Extent};
use super::twice::twice;
use std::sync::OnceLock;

/// A place in the file of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    /// A line, from 1.
    Line(u64),
    /// A value of a document.
    Value(Pointer),
}

impl Spot {
    /// The place, with the path of the file as outputs show it.
    pub fn within(&self, shown: &str) -> Where {
        match self {
            Spot::Line(line) => Where::line(shown, *line),
            Spot::Value(pointer) => Where::pointer(shown, pointer.clone()),
        }
    }
}

/// Something that a report says at a place, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// What it says.
    pub message: Box<str>,
    /// Where.
    pub at: Spot,
    /// Whether all that is missing are targets of cargo after the one that failed. To a log of one target nothing is missing then.
    pub later_targets: bool,
}

impl Remark {
    /// Why a log of `cargo test` is cut short that ends with a failure: targets after the failed one were not tried.
    pub fn later_targets(at: Spot) -> Self {
        let message = "cargo stopped at the first target that failed (run it with `--no-fail-fast`)";
        Self { later_targets: true, ..Self::new(message, at) }
    }

    /// A remark. The message is trimmed, and cut if it is long.
    pub fn new(message: &str, at: Spot) -> Self {
        Self { message: cut(message), at, later_targets: false }
    }
}

/// Tests that belong together: a binary, a file, a package.
#[derive(Debug, Clone, PartialEq)]
pub struct TestSuite {
    /// The name; nested suites are joined by ` > `.
    pub name: Box<str>,
    /// The machine, browser project or device that it ran on, if the report says so.
    pub host: Option<Box<str>>,
    /// The source file, as the report spells it.
    pub file: Option<Box<str>>,
    /// Where the report tells of it first.
    pub at: Spot,
    /// Its tests, in the order of the report.
    pub cases: Cases,
    /// What went wrong with the suite as a whole: it did not build, did not load, crashed.
    pub errors: Vec<Remark>,
    /// The tool said in so many words that there is nothing to run (`running 0 tests`), or names no test that passed (`go test`
    /// without `-v`).
    pub says_empty: bool,
    /// The tool took the results from an earlier run of its own instead of running the tests.
    pub cached: bool,
    /// How it stopped before its tests came to their end. The tests that were under way are among the cases, as failed ones.
    pub stops: Vec<Stop>,
    /// The tests that failed because what they waited for did not come in time; each is a failed case too.
    pub waits: Vec<Stop>,
}

impl TestSuite {
    /// A suite without anything in it yet.
    pub fn new(name: impl Into<Box<str>>, at: Spot) -> Self {
        let (cases, errors, stops) = (Cases::default(), Vec::new(), Vec::new());
        Self {
            name: name.into(),
            host: None,
            file: None,
            at,
            cases,
            errors,
            says_empty: false,
            cached: false,
            stops,
            waits: Vec::new(),
        }
    }

    /// How many cases are told again later in the suite, under the same class, name and file, and how many of those did not
    /// pass: what a writer leaves out of its totals if it means reruns.
    pub fn repeated(&self) -> Repeated {
        let mut repeated = Repeated::default();
        for group in self.groups() {
            for at in &group[..group.len() - 1] {
                repeated.cases += 1;
                let status = self.cases[*at].status();
                repeated.bad += usize::from(matches!(status, CaseStatus::Failed | CaseStatus::Errored));
            }
        }
        repeated
    }

    /// Makes attempts at one case of what is told several times. Only for a report that says that these were reruns. An earlier
    /// attempt that tells of no failure failed: there was a reason to try again.
    pub fn merge_reruns(&mut self, reruns: Reruns) {
        let groups = self.groups();
        let cases = self.cases.all();
        let mut gone = vec![false; cases.len()];
        for group in groups {
            let (last, earlier) = group.split_last().expect("a group has members");
            let merged: Vec<usize> = match reruns {
                Reruns::All | Reruns::Told => earlier.to_vec(),
                Reruns::Silent => earlier.iter().copied().filter(|at| cases[*at].status() == CaseStatus::Passed).collect(),
            };
            let Some(first) = merged.first().copied() else { continue };
            let mut attempts = Vec::new();
            for at in merged {
                gone[at] = at != first;
                for mut attempt in std::mem::take(&mut cases[at].attempts) {
                    if attempt.status == AttemptStatus::Passed && reruns != Reruns::Told {
                        attempt = Attempt::new(AttemptStatus::Failed, attempt.seconds, "it was run again");
                    }
                    attempts.push(attempt);
                }
            }
            gone[*last] = true;
            attempts.extend(std::mem::take(&mut cases[*last].attempts));
            cases[first].attempts = attempts.into();
        }
        let mut gone = gone.into_iter();
        cases.retain(|_| !gone.next().unwrap_or_default());
    }

    /// Makes one case of a failure and the error right behind it that has the same identity: so pytest tells of a test that failed and
    /// could not be torn down. It stays a failure.
    pub fn merge_teardown_errors(&mut self) {
        let ends = |before: &TestCase, own: &TestCase| {
            (before.status(), own.status()) == (CaseStatus::Failed, CaseStatus::Errored)
                && before.identity() == own.identity()
        };
        let pairs = self.cases.others().zip(self.cases.others().skip(1));
        if !pairs.into_iter().any(|((first, before), (second, own))| first + 1 == second && ends(before, own)) {
            return;
        }
        let mut at = 1;
        let cases = self.cases.all();
        while at < cases.len() {
            if ends(&cases[at - 1], &cases[at]) {
                let attempts = cases.remove(at).attempts;
                cases[at - 1].attempts.extend(attempts);
            } else {
                at += 1;
            }
        }
    }

    /// The positions of the cases that have their identity in common with others, those of one identity together and in the order of the report.
    fn groups(&self) -> Vec<Vec<usize>> {
        let twice = twice(self.cases.len(), || self.cases.hashes());
        if twice.is_empty() {
            return Vec::new();
        }
        // Looked up by their positions, which ascend: the list of all tests is made for nobody here.
        let mut wanted = twice.into_iter().peekable();
        let identities = self.cases.identities().enumerate();
        let mut order: Vec<_> = identities.filter(|(at, _)| wanted.next_if_eq(at).is_some()).collect();
        order.sort_by(|(a, own), (b, other)| own.cmp(other).then(a.cmp(b)));
        let groups = order.chunk_by(|(_, own), (_, other)| own == other).filter(|group| group.len() > 1);
        groups.map(|group| group.iter().map(|(at, _)| *at).collect()).collect()
    }
}

/// Which of the cases that are told again later were tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reruns {
    /// All of them.
    All,
    /// Those that tell of no failure: a writer that tells of each failure has others too.
    Silent,
    /// All of them, because people say so and not the report: an attempt ended as it is told.
    Told,
}

/// See [`TestSuite::repeated`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Repeated {
    /// Cases that are told again later.
    pub cases: usize,
    /// Those of them that did not pass.
    pub bad: usize,
}

/// A statement of the report about itself that its own items do not come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// What the items come to.
    pub items: String,
    /// What the report states.
    pub stated: String,
    /// Where it states that.
    pub at: Spot,
}

/// How many cases there are, and of which status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TestTotals {
    /// All.
    pub total: usize,
    /// See [`CaseStatus::Passed`].
    pub passed: usize,
    /// See [`CaseStatus::Failed`].
    pub failed: usize,
    /// See [`CaseStatus::Errored`], and one for each error of a suite as a whole; those are no cases and not in `total`.
    pub errored: usize,
    /// See [`CaseStatus::Skipped`].
    pub skipped: usize,
    /// See [`CaseStatus::Flaky`].
    pub flaky: usize,
    /// Suites.
    pub suites: usize,
}

impl TestTotals {
    /// The totals with their words, in the order of documents.
    pub const fn entries(&self) -> [(&'static str, usize); 7] {
        let Self { total, passed, failed, errored, skipped, flaky, suites } = *self;
        [
            ("total", total),
            ("passed", passed),
            ("failed", failed),
            ("errored", errored),
            ("skipped", skipped),
            ("flaky", flaky),
            ("suites", suites),
        ]
    }

    /// Counts the cases of these suites.
    pub fn of<'s>(suites: impl IntoIterator<Item = &'s TestSuite>) -> Self {
        let mut totals = Self::default();
        for TestSuite { cases, .. } in suites {
            totals.add(cases.others().map(|(_, case)| case));
            totals.total += cases.plain();
            totals.passed += cases.plain();
        }
        totals
    }

    /// Counts these cases.
    pub fn count<'c>(cases: impl IntoIterator<Item = &'c TestCase>) -> Self {
        let mut totals = Self::default();
        totals.add(cases);
        totals
    }

    fn add<'c>(&mut self, cases: impl IntoIterator<Item = &'c TestCase>) {
        for case in cases {
            self.total += 1;
            match case.status() {
                CaseStatus::Passed => self.passed += 1,
                CaseStatus::Failed => self.failed += 1,
                CaseStatus::Errored => self.errored += 1,
                CaseStatus::Skipped => self.skipped += 1,
                CaseStatus::Flaky => self.flaky += 1,
            }
        }
    }
}

/// What a test run reported.
#[derive(Debug, Default)]
pub struct TestReport {
    /// The suites, in the order of the report.
    pub suites: Vec<TestSuite>,
    /// Why the report is that of a run that did not come to its end; empty if it did.
    pub cut_short: Vec<Remark>,
    /// Where the report states more trouble than its items show: something failed that is not told. It fails.
    pub contradictions: Vec<Contradiction>,
    /// Where else the stated totals differ from the items: tools count skips, subtests and hooks in their own ways. It is noted.
    pub differences: Vec<Contradiction>,
    /// Where it states more tests that passed only when they were run again than its items show: it is no plain pass.
    pub unnamed_flaky: Vec<Contradiction>,
    /// When the run began, as the report spells it: the oldest time that a part of it states.
    pub timestamp: Option<Box<str>>,
    /// The first part that ran and states no time where others do: how old the report is, is not known then, and `timestamp` is none.
    pub undated: Option<Remark>,
    /// How many tests failed by what the report says, and passed because what it tells twice was declared to be attempts.
    pub excused: usize,
    counted: OnceLock<TestTotals>,
    /// The runner that it certainly is of, by its id in [`RUNNERS`](super::RUNNERS).
    pub runner: Option<&'static str>,
    view: OnceLock<Document>,
    summary: OnceLock<Document>,
    ids: OnceLock<TestIds>,
}

impl TestReport {
    /// A report of these suites. Two suites of one name are two: another file, another browser, another machine.
    pub fn of(suites: Vec<TestSuite>) -> Self {
        Self { suites, ..Self::default() }
    }

    /// The totals, counted anew from the cases.
    pub fn totals(&self) -> TestTotals {
        let mut totals = TestTotals::of(&self.suites);
        totals.errored += self.suites.iter().map(|suite| suite.errors.len()).sum::<usize>();
        totals.suites = self.suites.len();
        totals
    }

    /// The totals, counted once: for whoever looks at a report that is read.
    pub fn counted(&self) -> TestTotals {
        *self.counted.get_or_init(|| self.totals())
    }

    /// The same report, in which tests of one identity are attempts at one, the last of which counts: where people say that its
    /// writer means it so.
    #[must_use]
    pub fn with_attempts(&self) -> Self {
        let mut suites = self.suites.clone();
        suites.iter_mut().for_each(|suite| suite.merge_reruns(Reruns::Told));
        let (cut_short, contradictions) = (self.cut_short.clone(), self.contradictions.clone());
        let (differences, timestamp) = (self.differences.clone(), self.timestamp.clone());
        let undated = self.undated.clone();
        let unnamed_flaky = self.unnamed_flaky.clone();
        let mut report =
            Self { cut_short, contradictions, differences, unnamed_flaky, timestamp, undated, ..Self::of(suites) };
        let flaky = |report: &Self| report.others().filter(|(_, _, case)| case.status() == CaseStatus::Flaky).count();
        report.runner = self.runner;
        report.excused = flaky(&report).saturating_sub(flaky(self));
        report
    }

    /// Whether it tells of nothing: no test, and no reason why there is none.
    pub fn is_empty(&self) -> bool {
        self.suites.iter().all(|suite| suite.cases.is_empty())
            && self.cut_short.is_empty()
            && self.suites.iter().all(|suite| suite.errors.is_empty())
    }

    /// Every case with its suite.
    pub fn cases(&self) -> impl Iterator<Item = (&TestSuite, &TestCase)> {
        self.suites.iter().flat_map(|suite| suite.cases.iter().map(move |case| (suite, case)))
    }

    /// How many cases there are.
    pub fn len(&self) -> usize {
        self.suites.iter().map(|suite| suite.cases.len()).sum()
    }

    /// Every case that is not a plain pass, and perhaps others, with its suite and its position among all cases.
    pub fn others(&self) -> impl Iterator<Item = (usize, &TestSuite, &TestCase)> {
        let mut before = 0;
        self.suites.iter().flat_map(move |suite| {
            let from = before;
            before += suite.cases.len();
            suite.cases.others().map(move |(at, case)| (from + at, suite, case))
        })
    }

    /// The ids of its tests, unique in this report.
    pub fn ids(&self) -> &TestIds {
        self.ids.get_or_init(|| TestIds::of(&[("", self)]))
    }

    /// The report as a document, for expressions; built when it is first asked for.
    pub fn document(&self) -> &Document {
        self.view.get_or_init(|| test_view::document(self, Extent::Whole))
    }

    /// The same with `null` for its cases: for those who look at totals, suites and the timestamp, which is most.
    pub fn summary(&self) -> &Document {
        self.view.get().unwrap_or_else(|| self.summary.get_or_init(|| test_view::document(self, Extent::WithoutCases)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use AttemptStatus::{Failed, Passed};

    fn case(class: &str, name: &str, statuses: &[AttemptStatus]) -> TestCase {
        let attempts = statuses.iter().map(|status| Attempt::new(*status, Some(0.5), "why")).collect();
        TestCase { class: class.into(), name: name.into(), file: None, line: None, at: Spot::Line(1), attempts }
    }

    fn suite(name: &str, cases: Vec<TestCase>) -> TestSuite {
        TestSuite { cases: cases.into(), ..TestSuite::new(name, Spot::Line(1)) }
    }

    #[test]
    fn what_is_told_twice_happened_twice() {
        let suites = vec![suite("y", vec![case("", "z", &[Failed])]), suite("y", vec![case("", "z", &[Passed])])];
        let totals = TestReport::of(suites).totals();
        assert_eq!((totals.total, totals.passed, totals.failed, totals.flaky, totals.suites), (2, 1, 1, 0, 2));
        let twice = suite("y", vec![case("", "z", &[Failed]), case("", "z", &[Passed])]);
        assert_eq!(TestReport::of(vec![twice]).totals().failed, 1);
    }

    #[test]
    fn reruns_become_attempts_where_the_format_says_so() {
        let other_file = TestCase { file: Some("b.rs".into()), ..case("", "z", &[Passed]) };
        let cases = vec![case("", "z", &[Failed]), case("", "a", &[Passed]), case("", "z", &[Passed]), other_file];
        let mut suite = suite("y", cases);
        assert_eq!(suite.repeated(), Repeated { cases: 1, bad: 1 });
        suite.merge_reruns(Reruns::All);
        let told: Vec<String> = suite
            .cases
            .iter()
            .map(|case| format!("{} {} {}", case.name, case.status().word(), case.attempts.len()))
            .collect();
        assert_eq!(told, ["z flaky 2", "a passed 1", "z passed 1"]);
        assert_eq!(suite.repeated(), Repeated::default());
        let mut silent = super::TestSuite {
            cases: vec![case("", "z", &[Passed]), case("", "z", &[Passed])].into(),
            ..TestSuite::new("s", Spot::Line(1))
        };
        silent.merge_reruns(Reruns::Silent);
        assert_eq!(silent.cases[0].status(), CaseStatus::Flaky, "it was run again, so it had failed");
    }

    #[test]
    fn what_is_told_twice_are_attempts_where_people_say_so() {
        let cases = vec![
            case("", "mended", &[Failed]),
            case("", "broken", &[Passed]),
            case("", "same", &[Passed]),
            case("", "mended", &[Passed]),
            case("", "broken", &[Failed]),
            case("", "same", &[Passed]),
        ];
        let other = suite("z", vec![case("", "mended", &[Failed])]);
        let mut told = TestReport::of(vec![suite("y", cases), other]);
        told.contradictions.push(Contradiction { items: "1".into(), stated: "2".into(), at: Spot::Line(1) });
        let report = told.with_attempts();
        let ended: Vec<&str> = report.cases().map(|(_, case)| case.status().word()).collect();
        assert_eq!((ended, report.excused), (vec!["flaky", "failed", "passed", "failed"], 1));
        assert_eq!(report.contradictions.len(), 1, "no number that the report states is forgiven");
    }

    #[test]
    fn errors_of_a_suite_count_and_are_no_cases() {
        let mut broken = suite("s", vec![case("", "a", &[Passed])]);
        broken.errors.push(Remark::new("does not build", Spot::Line(4)));
        let totals = TestReport::of(vec![broken]).totals();
        assert_eq!((totals.total, totals.passed, totals.errored), (1, 1, 1));
    }
}
