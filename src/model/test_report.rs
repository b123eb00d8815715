//! What a test run reported, in one model whatever tool wrote it: suites, cases, attempts.
//!
//! Readers state what stands in a report; the status of a case, the totals and what is flaky are derived here, so that no
//! reader can be more lenient than another. A case is the same case when suite, class, name and file agree; what a report
//! tells about it several times are attempts, in the order of telling.

use super::document::Document;
use super::location::{Pointer, Where};
use super::test_stop::Stop;
use std::cmp::Ordering;
use std::sync::OnceLock;

/// How one attempt at a test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptStatus {
    /// It passed.
    Passed,
    /// It failed, or began and was never heard of again, or ended in a way that nobody knows.
    Failed,
    /// It could not be judged: set-up, tear-down, collection, a crash.
    Errored,
    /// It did not run.
    Skipped,
}

/// What the attempts at a test come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseStatus {
    /// Every attempt that ran passed.
    Passed,
    /// The last attempt that ran failed.
    Failed,
    /// The last attempt that ran errored.
    Errored,
    /// No attempt ran.
    Skipped,
    /// The last attempt passed and an earlier one did not: never a plain pass.
    Flaky,
}

impl CaseStatus {
    /// Every status, in the order of totals.
    pub const ALL: [CaseStatus; 5] =
        [CaseStatus::Passed, CaseStatus::Failed, CaseStatus::Errored, CaseStatus::Skipped, CaseStatus::Flaky];

    /// The word in documents and findings.
    pub const fn word(self) -> &'static str {
        match self {
            CaseStatus::Passed => "passed",
            CaseStatus::Failed => "failed",
            CaseStatus::Errored => "errored",
            CaseStatus::Skipped => "skipped",
            CaseStatus::Flaky => "flaky",
        }
    }
}

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

/// One attempt at a test.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// How it ended.
    pub status: AttemptStatus,
    /// How long it took, in seconds, if the report says so.
    pub seconds: Option<f64>,
    /// Why it failed, errored or was skipped; empty if the report does not say. Cut to [`MESSAGE_MOST`] bytes.
    pub message: Box<str>,
    /// Where in the source it failed, if its output says so. Boxed, because few attempts fail.
    pub failed_at: Option<Box<SourceLine>>,
}

/// A line of a source file, as the report spells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceLine {
    /// The file.
    pub file: Box<str>,
    /// The line, from 1.
    pub line: u64,
}

/// Most bytes of a message that are kept: messages are for people and decide nothing.
pub const MESSAGE_MOST: usize = 2_000;

impl Attempt {
    /// An attempt. The message is trimmed, and cut if it is long.
    pub fn new(status: AttemptStatus, seconds: Option<f64>, message: &str) -> Self {
        Self { status, seconds, message: cut(message), failed_at: None }
    }

    /// The attempt, with the line of the source where it failed.
    #[must_use]
    pub fn failed_at(mut self, place: Option<(&str, u64)>) -> Self {
        self.failed_at = place.map(|(file, line)| Box::new(SourceLine { file: file.into(), line }));
        self
    }
}

fn cut(message: &str) -> Box<str> {
    let message = message.trim();
    if message.len() <= MESSAGE_MOST {
        return message.into();
    }
    format!("{}…", &message[..message.floor_char_boundary(MESSAGE_MOST)]).into_boxed_str()
}

/// One test.
#[derive(Debug, Clone, PartialEq)]
pub struct TestCase {
    /// The class or module; empty if the format has none.
    pub class: Box<str>,
    /// The name.
    pub name: Box<str>,
    /// The source file, as the report spells it.
    pub file: Option<Box<str>>,
    /// The line in the source file, from 1.
    pub line: Option<u64>,
    /// Where the report tells of it first.
    pub at: Spot,
    /// The attempts, oldest first; at least one.
    pub attempts: Vec<Attempt>,
}

impl TestCase {
    /// What the attempts come to. Skipped attempts count only when nothing else was tried.
    pub fn status(&self) -> CaseStatus {
        let mut ran = self.attempts.iter().map(|attempt| attempt.status).filter(|status| *status != AttemptStatus::Skipped);
        match ran.clone().next_back() {
            None if self.attempts.is_empty() => CaseStatus::Errored,
            None | Some(AttemptStatus::Skipped) => CaseStatus::Skipped,
            Some(AttemptStatus::Failed) => CaseStatus::Failed,
            Some(AttemptStatus::Errored) => CaseStatus::Errored,
            Some(AttemptStatus::Passed) if ran.any(|status| status != AttemptStatus::Passed) => CaseStatus::Flaky,
            Some(AttemptStatus::Passed) => CaseStatus::Passed,
        }
    }

    /// Why the case is not a pass: the message of the last attempt that has one and did not pass.
    pub fn message(&self) -> Option<&str> {
        let told = |attempt: &&Attempt| attempt.status != AttemptStatus::Passed && !attempt.message.is_empty();
        self.attempts.iter().rev().find(told).map(|attempt| &*attempt.message)
    }

    /// The source of the test as `file:line` or `file`: where its last failed attempt failed, else where it stands.
    pub fn source(&self) -> Option<String> {
        let failed = self.attempts.iter().rev().find_map(|attempt| attempt.failed_at.as_deref());
        match (failed, &self.file, self.line) {
            (Some(SourceLine { file, line }), _, _) => Some(format!("{file}:{line}")),
            (None, Some(file), Some(line)) => Some(format!("{file}:{line}")),
            (None, Some(file), None) => Some(file.to_string()),
            (None, None, _) => None,
        }
    }

    /// How long all attempts took together, in seconds, as far as the report says.
    pub fn seconds(&self) -> Option<f64> {
        self.attempts.iter().filter_map(|attempt| attempt.seconds).reduce(|sum, more| sum + more)
    }

    /// The name with its class, `class::name`; only the name where there is no class or the name begins with it.
    pub fn own_id(&self) -> String {
        if self.class.is_empty() || self.name.starts_with(&*self.class) {
            self.name.to_string()
        } else {
            format!("{}::{}", self.class, self.name)
        }
    }

    /// The id of the test in its run, `suite::class::name`; a class that repeats the suite is left out.
    pub fn id(&self, suite: &TestSuite) -> String {
        if suite.name.is_empty() || self.class.starts_with(&*suite.name) {
            self.own_id()
        } else if *self.class == *suite.name {
            format!("{}::{}", suite.name, self.name)
        } else {
            format!("{}::{}", suite.name, self.own_id())
        }
    }

    /// Suites of one name are one, so within a suite the rest of the identity decides.
    fn identity(&self) -> (&str, &str, Option<&str>) {
        (&self.class, &self.name, self.file.as_deref())
    }
}

/// Something that a report says at a place, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// What it says.
    pub message: Box<str>,
    /// Where.
    pub at: Spot,
}

impl Remark {
    /// Why a log of `cargo test` is cut short that ends with a failure: targets after the failed one were not tried. To a log of
    /// one target nothing is missing.
    pub const LATER_TARGETS: &str = "cargo stopped at the first target that failed (run it with `--no-fail-fast`)";

    /// A remark. The message is trimmed, and cut if it is long.
    pub fn new(message: &str, at: Spot) -> Self {
        Self { message: cut(message), at }
    }
}

/// Tests that belong together: a binary, a file, a package.
#[derive(Debug, Clone, PartialEq)]
pub struct TestSuite {
    /// The name; nested suites are joined by ` > `.
    pub name: Box<str>,
    /// Where the report tells of it first.
    pub at: Spot,
    /// Its tests, in the order of the report.
    pub cases: Vec<TestCase>,
    /// What went wrong with the suite as a whole: it did not build, did not load, crashed.
    pub errors: Vec<Remark>,
    /// The tool said in so many words that there is nothing to run (`running 0 tests`).
    pub says_empty: bool,
    /// The tool took the results from an earlier run of its own instead of running the tests.
    pub cached: bool,
    /// How it stopped before its tests came to their end. The tests that were under way are among the cases, as failed ones.
    pub stops: Vec<Stop>,
}

impl TestSuite {
    /// A suite without anything in it yet.
    pub fn new(name: impl Into<Box<str>>, at: Spot) -> Self {
        let (cases, errors, stops) = (Vec::new(), Vec::new(), Vec::new());
        Self { name: name.into(), at, cases, errors, says_empty: false, cached: false, stops }
    }
}

/// A statement of the report about itself that its own items contradict.
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

    /// Counts these cases.
    pub fn count<'c>(cases: impl IntoIterator<Item = &'c TestCase>) -> Self {
        let mut totals = Self::default();
        for case in cases {
            totals.total += 1;
            match case.status() {
                CaseStatus::Passed => totals.passed += 1,
                CaseStatus::Failed => totals.failed += 1,
                CaseStatus::Errored => totals.errored += 1,
                CaseStatus::Skipped => totals.skipped += 1,
                CaseStatus::Flaky => totals.flaky += 1,
            }
        }
        totals
    }
}

/// What a test run reported.
#[derive(Debug, Default)]
pub struct TestReport {
    /// The suites, each name once, in the order of the report.
    pub suites: Vec<TestSuite>,
    /// Why the report is that of a run that did not come to its end; empty if it did.
    pub cut_short: Vec<Remark>,
    /// Where the report contradicts itself.
    pub contradictions: Vec<Contradiction>,
    /// When the run began, as the report spells it.
    pub timestamp: Option<Box<str>>,
    view: OnceLock<Document>,
}

impl TestReport {
    /// Puts together what a reader found: suites of one name become one, cases of one identity become attempts at one case.
    pub fn assemble(suites: Vec<TestSuite>) -> Self {
        let mut report = Self { suites: merge_suites(suites), ..Self::default() };
        for suite in &mut report.suites {
            merge_cases(&mut suite.cases);
        }
        report
    }

    /// The totals, counted anew from the cases.
    pub fn totals(&self) -> TestTotals {
        let mut totals = TestTotals::count(self.suites.iter().flat_map(|suite| &suite.cases));
        totals.errored += self.suites.iter().map(|suite| suite.errors.len()).sum::<usize>();
        totals.suites = self.suites.len();
        totals
    }

    /// Every case with its suite.
    pub fn cases(&self) -> impl Iterator<Item = (&TestSuite, &TestCase)> {
        self.suites.iter().flat_map(|suite| suite.cases.iter().map(move |case| (suite, case)))
    }

    /// The report as a document, for expressions; built when it is first asked for.
    pub fn document(&self) -> &Document {
        self.view.get_or_init(|| super::test_view::document(self))
    }
}

fn merge_suites(suites: Vec<TestSuite>) -> Vec<TestSuite> {
    let mut order: Vec<(usize, TestSuite)> = suites.into_iter().enumerate().collect();
    order.sort_by(|(_, a), (_, b)| a.name.cmp(&b.name));
    let mut merged: Vec<(usize, TestSuite)> = Vec::with_capacity(order.len());
    for (at, suite) in order {
        match merged.last_mut() {
            Some((_, first)) if first.name == suite.name => {
                first.cases.extend(suite.cases);
                first.errors.extend(suite.errors);
                first.says_empty &= suite.says_empty;
                first.cached |= suite.cached;
                first.stops.extend(suite.stops);
            }
            Some(_) | None => merged.push((at, suite)),
        }
    }
    merged.sort_by_key(|(at, _)| *at);
    merged.into_iter().map(|(_, suite)| suite).collect()
}

/// Sorting finds what is there twice without an index that would double the memory of a large report.
fn merge_cases(cases: &mut Vec<TestCase>) {
    let identity = |a: &TestCase, b: &TestCase| a.identity().cmp(&b.identity());
    let mut order: Vec<usize> = (0..cases.len()).collect();
    order.sort_by(|a, b| identity(&cases[*a], &cases[*b]).then(a.cmp(b)));
    if order.windows(2).all(|pair| identity(&cases[pair[0]], &cases[pair[1]]) == Ordering::Less) {
        return;
    }
    let mut gone = vec![false; cases.len()];
    let mut first = order[0];
    for &next in &order[1..] {
        if identity(&cases[first], &cases[next]) == Ordering::Equal {
            let attempts = std::mem::take(&mut cases[next].attempts);
            cases[first].attempts.extend(attempts);
            gone[next] = true;
        } else {
            first = next;
        }
    }
    let mut at = 0;
    cases.retain(|_| {
        at += 1;
        !gone[at - 1]
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use AttemptStatus::{Errored, Failed, Passed, Skipped};

    fn case(class: &str, name: &str, statuses: &[AttemptStatus]) -> TestCase {
        let attempts = statuses.iter().map(|status| Attempt::new(*status, Some(0.5), "why")).collect();
        TestCase { class: class.into(), name: name.into(), file: None, line: None, at: Spot::Line(1), attempts }
    }

    fn suite(name: &str, cases: Vec<TestCase>) -> TestSuite {
        TestSuite { cases, ..TestSuite::new(name, Spot::Line(1)) }
    }

    #[test]
    fn attempts_come_to_a_status() {
        let table: [(&[AttemptStatus], CaseStatus); 12] = [
            (&[Passed], CaseStatus::Passed),
            (&[Passed, Passed], CaseStatus::Passed),
            (&[Failed, Passed], CaseStatus::Flaky),
            (&[Errored, Passed], CaseStatus::Flaky),
            (&[Failed, Skipped, Passed], CaseStatus::Flaky),
            (&[Passed, Failed], CaseStatus::Failed),
            (&[Failed, Failed], CaseStatus::Failed),
            (&[Failed, Errored], CaseStatus::Errored),
            (&[Failed, Skipped], CaseStatus::Failed),
            (&[Skipped, Passed], CaseStatus::Passed),
            (&[Skipped], CaseStatus::Skipped),
            (&[], CaseStatus::Errored),
        ];
        let mut looked_at = 0;
        for (attempts, expected) in table {
            assert_eq!(case("", "a", attempts).status(), expected, "{attempts:?}");
            looked_at += 1;
        }
        assert_eq!(looked_at, 12);
    }

    #[test]
    fn one_identity_is_one_case_in_the_order_of_the_report() {
        let other_file = TestCase { file: Some("b.rs".into()), ..case("", "z", &[Passed]) };
        let first = vec![case("", "z", &[Failed]), case("", "a", &[Passed]), case("c", "a", &[Passed]), other_file];
        let suites = vec![suite("y", first), suite("x", Vec::new()), suite("y", vec![case("", "z", &[Passed])])];
        let report = TestReport::assemble(suites);
        let told: Vec<String> = report
            .cases()
            .map(|(suite, case)| format!("{} {} {}", case.id(suite), case.status().word(), case.attempts.len()))
            .collect();
        assert_eq!(told, ["y::z flaky 2", "y::a passed 1", "y::c::a passed 1", "y::z passed 1"]);
        let names: Vec<&str> = report.suites.iter().map(|suite| &*suite.name).collect();
        assert_eq!(names, ["y", "x"]);
        let totals = report.totals();
        assert_eq!((totals.total, totals.passed, totals.flaky, totals.suites), (4, 3, 1, 2));
    }

    #[test]
    fn errors_of_a_suite_count_and_are_no_cases() {
        let mut broken = suite("s", vec![case("", "a", &[Passed])]);
        broken.errors.push(Remark::new("does not build", Spot::Line(4)));
        let totals = TestReport::assemble(vec![broken]).totals();
        assert_eq!((totals.total, totals.passed, totals.errored), (1, 1, 1));
    }

    #[test]
    fn ids_do_not_repeat_the_suite() {
        let own = |suite_name: &str, class: &str, name: &str| {
            let suite = suite(suite_name, Vec::new());
            case(class, name, &[Passed]).id(&suite)
        };
        assert_eq!(own("krate::bin", "krate::bin", "mod::t"), "krate::bin::mod::t");
        assert_eq!(own("pytest", "tests.test_a", "test_b"), "pytest::tests.test_a::test_b");
        assert_eq!(own("", "", "t"), "t");
        assert_eq!(own("s", "", "t"), "s::t");
        assert_eq!(own("src/a.test.js", "sum", "sum adds"), "src/a.test.js::sum adds");
        assert_eq!(own("com.Shop", "com.Shop$Inner", "t"), "com.Shop$Inner::t");
    }

    #[test]
    fn messages_are_cut() {
        let attempt = Attempt::new(Failed, None, &format!("  {}", "ä".repeat(5_000)));
        assert!(attempt.message.len() <= MESSAGE_MOST + 3 && attempt.message.ends_with('…'));
        let two = TestCase { attempts: vec![attempt, Attempt::new(Passed, None, "")], ..case("", "a", &[Passed]) };
        assert!(two.message().is_some_and(|message| message.starts_with('ä')));
    }
}
