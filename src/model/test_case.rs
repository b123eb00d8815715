//! One test in a report: its name, its attempts, and what these come to.
//!
//! An attempt is one try of a test that the *format* marks as a try: a rerun element, a list of retries. A test that a report names
//! twice without such a mark is two tests, of which each must pass (see [`TestSuite`](super::TestSuite)).

use super::attempts::Attempts;
use super::test_report::{Spot, TestSuite};
use std::sync::Arc;

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

/// What a test without a name is called. Some writers leave a name empty where the title of a test is empty.
const UNNAMED: &str = "(no name)";

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

pub(super) fn cut(message: &str) -> Box<str> {
    let message = message.trim();
    if message.len() <= MESSAGE_MOST {
        return message.into();
    }
    format!("{}…", &message[..message.floor_char_boundary(MESSAGE_MOST)]).into_boxed_str()
}

/// One test.
#[derive(Debug, Clone, PartialEq)]
pub struct TestCase {
    /// The class or module; empty if the format has none. Shared, because the tests of a class come by the dozen.
    pub class: Arc<str>,
    /// The name.
    pub name: Box<str>,
    /// The source file, as the report spells it.
    pub file: Option<Arc<str>>,
    /// The line in the source file, from 1.
    pub line: Option<u64>,
    /// Where the report tells of it first.
    pub at: Spot,
    /// The attempts, oldest first; at least one.
    pub attempts: Attempts,
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

    /// The source file of the test, with the line if the report names one: where its last failed attempt failed, else where it stands.
    pub fn source_line(&self) -> Option<(&str, Option<u64>)> {
        let failed = self.attempts.iter().rev().find_map(|attempt| attempt.failed_at.as_deref());
        match failed {
            Some(SourceLine { file, line }) => Some((file, Some(*line))),
            None => self.file.as_deref().map(|file| (file, self.line)),
        }
    }

    /// The same as `file:line` or `file`.
    pub fn source(&self) -> Option<String> {
        self.source_line().map(|(file, line)| line.map_or_else(|| file.to_owned(), |line| format!("{file}:{line}")))
    }

    /// How long all attempts took together, in seconds, as far as the report says.
    pub fn seconds(&self) -> Option<f64> {
        self.attempts.iter().filter_map(|attempt| attempt.seconds).reduce(|sum, more| sum + more)
    }

    /// The name with its class, `class::name`; only the name where there is no class or the name begins with it.
    pub fn own_id(&self) -> String {
        own_id(&self.class, &self.name)
    }

    /// The short id of the test, `suite::class::name`; a class that repeats the suite is left out. Two tests can have the same
    /// one: the id that is unique in what is judged comes from [`TestIds`](super::TestIds).
    pub fn short_id(&self, suite: &TestSuite) -> String {
        short_id(suite, &self.class, &self.name)
    }

    /// What tells tests of one suite apart.
    pub(super) fn identity(&self) -> (&str, &str, Option<&str>) {
        (&self.class, &self.name, self.file.as_deref())
    }
}

fn own_id(class: &str, name: &str) -> String {
    let name = if name.trim().is_empty() { UNNAMED } else { name };
    if class.is_empty() || name.starts_with(class) { name.to_owned() } else { format!("{class}::{name}") }
}

/// See [`TestCase::short_id`].
pub(super) fn short_id(suite: &TestSuite, class: &str, name: &str) -> String {
    let own = own_id(class, name);
    if suite.name.is_empty() || class.starts_with(&*suite.name) { own } else { format!("{}::{own}", suite.name) }
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
        TestSuite { cases: cases.into(), ..TestSuite::new(name, Spot::Line(1)) }
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
    fn ids_do_not_repeat_the_suite() {
        let own = |suite_name: &str, class: &str, name: &str| {
            let suite = suite(suite_name, Vec::new());
            case(class, name, &[Passed]).short_id(&suite)
        };
        assert_eq!(own("krate::bin", "krate::bin", "mod::t"), "krate::bin::mod::t");
        assert_eq!(own("pytest", "tests.test_a", "test_b"), "pytest::tests.test_a::test_b");
        assert_eq!(own("", "", "t"), "t");
        assert_eq!(own("s", "", "t"), "s::t");
        assert_eq!(own("src/a.test.js", "sum", "sum adds"), "src/a.test.js::sum adds");
        assert_eq!((own("s", "c", ""), own("", "", " ")), ("s::c::(no name)".to_owned(), "(no name)".to_owned()));
        assert_eq!(own("com.Shop", "com.Shop$Inner", "t"), "com.Shop$Inner::t");
    }

    #[test]
    fn messages_are_cut() {
        let attempt = Attempt::new(Failed, None, &format!("  {}", "ä".repeat(5_000)));
        assert!(attempt.message.len() <= MESSAGE_MOST + 3 && attempt.message.ends_with('…'));
        let two = TestCase { attempts: vec![attempt, Attempt::new(Passed, None, "")].into(), ..case("", "a", &[Passed]) };
        assert!(two.message().is_some_and(|message| message.starts_with('ä')));
    }
}
