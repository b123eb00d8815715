//! One `testcase` of JUnit XML: what its attributes and its children say of how it ended.

use super::junit_totals::Counts;
use super::report::seconds;
use super::xml::Attributes;
use crate::model::{Attempt, AttemptStatus, Attempts, CaseStatus, Plain, Spot, TestCase};
use std::sync::Arc;

/// What an element says of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The last word.
    Final(AttemptStatus),
    /// An attempt after the first one, which failed too.
    Rerun(AttemptStatus),
    /// An attempt before the last one.
    Flaky(AttemptStatus),
}

impl Kind {
    /// What an element of this name says.
    pub(super) fn of(element: &str) -> Option<Self> {
        Some(match element {
            "failure" => Kind::Final(AttemptStatus::Failed),
            "error" => Kind::Final(AttemptStatus::Errored),
            "skipped" => Kind::Final(AttemptStatus::Skipped),
            "rerunFailure" => Kind::Rerun(AttemptStatus::Failed),
            "rerunError" => Kind::Rerun(AttemptStatus::Errored),
            "flakyFailure" => Kind::Flaky(AttemptStatus::Failed),
            "flakyError" => Kind::Flaky(AttemptStatus::Errored),
            _ => return None,
        })
    }
}

/// Children of a case that say nothing of how it ended.
pub(super) fn known(element: &str) -> bool {
    ["system-out", "system-err", "properties", "output", "attachments", "attachment", "bindings"].contains(&element)
}

/// How one attempt ended, while its element is open.
pub(super) struct Ending {
    pub(super) kind: Kind,
    pub(super) text: String,
    message: String,
    word: String,
    seconds: Option<f64>,
    /// It is no failure, and the totals may count it as one.
    counted: bool,
}

impl Ending {
    pub(super) fn new(kind: Kind, attributes: &Attributes<'_>) -> Self {
        // TestNG writes a skip on purpose as the error that the test threw to say so.
        let skips = attributes.get("type") == Some("org.testng.SkipException");
        let kind = if skips { Kind::Final(AttemptStatus::Skipped) } else { kind };
        Self {
            counted: skips,
            kind,
            text: String::new(),
            message: attributes.get("message").unwrap_or_default().to_owned(),
            word: attributes.get("type").unwrap_or_default().to_owned(),
            seconds: attributes.get("time").and_then(seconds),
        }
    }

    pub(super) fn attempt(self) -> Attempt {
        let (Kind::Final(status) | Kind::Rerun(status) | Kind::Flaky(status)) = self.kind;
        let words = [&self.message, &self.text, &self.word];
        let message = words.into_iter().find(|text| !text.trim().is_empty()).map_or("", String::as_str);
        Attempt::new(status, self.seconds, message)
    }
}

/// Whether the attributes say that a test ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ran {
    Yes,
    /// It was left out on purpose.
    Skipped,
    /// `notrun`: only its reason says whether that was on purpose.
    No,
}

/// The class and the file of the last case: most cases have the same.
#[derive(Default)]
pub(super) struct Last {
    class: Arc<str>,
    file: Arc<str>,
}

impl Last {
    fn class(&mut self, text: &str) -> Arc<str> {
        same(&mut self.class, text)
    }

    fn file(&mut self, text: &str) -> Arc<str> {
        same(&mut self.file, text)
    }
}

fn same(last: &mut Arc<str>, text: &str) -> Arc<str> {
    if **last != *text {
        *last = text.into();
    }
    Arc::clone(last)
}

/// What the attributes of a case say.
#[derive(Default)]
struct Written<'a> {
    class: &'a str,
    name: Option<&'a str>,
    file: &'a str,
    line: Option<u64>,
    seconds: Option<f64>,
    /// `status` and `result`.
    words: [Option<&'a str>; 2],
    success: Option<&'a str>,
}

impl<'a> Written<'a> {
    fn of(attributes: &'a Attributes<'_>) -> Self {
        let mut own = Self::default();
        for (key, value) in attributes.all() {
            match key {
                "classname" => own.class = value,
                "name" => own.name = Some(value),
                "file" => own.file = value,
                "line" => own.line = value.parse().ok(),
                "time" => own.seconds = seconds(value),
                "status" => own.words[0] = Some(value),
                "result" => own.words[1] = Some(value),
                "success" => own.success = Some(value),
                _ => {}
            }
        }
        own
    }

    fn file(&self) -> Option<&'a str> {
        Some(self.file).filter(|file| !file.is_empty())
    }

    fn says_no_success(&self) -> bool {
        self.success.is_some_and(|word| word.eq_ignore_ascii_case("false"))
    }
}

/// What a `status` or `result` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Ran,
    Skipped,
    NotRun,
    Failed,
    Unknown,
}

impl Word {
    fn of(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "" | "run" | "ran" | "pass" | "passed" | "ok" | "success" | "successful" | "completed" | "executed"
            | "finished" => Word::Ran,
            "skipped" | "ignored" | "suppressed" | "disabled" | "pending" | "todo" | "xfail" => Word::Skipped,
            "notrun" => Word::NotRun,
            "fail" | "failed" | "failure" | "error" => Word::Failed,
            _ => Word::Unknown,
        }
    }
}

/// The case that these attributes make by themselves, where nothing in them says that it did not pass.
pub(super) fn plain<'a>(attributes: &'a Attributes<'_>, line: u64) -> Option<Plain<'a>> {
    let own = Written::of(attributes);
    let ran = own.words.iter().flatten().all(|word| Word::of(word) == Word::Ran);
    let (name, file) = (own.name.filter(|_| ran && !own.says_no_success())?, own.file());
    Some(Plain { class: own.class, name, file, line: own.line, at: line, seconds: own.seconds })
}

/// The case that is open.
pub(super) struct Open {
    case: TestCase,
    seconds: Option<f64>,
    unknown: Option<String>,
    ran: Ran,
    endings: Vec<(Kind, Attempt)>,
    /// A skip says that the test is still to be done, so that it may fail.
    todo: bool,
    /// Endings that are no failures, and that totals may count as such.
    counted: u64,
}

impl Open {
    pub(super) fn new(attributes: &Attributes<'_>, line: u64, last: &mut Last) -> Result<Self, String> {
        let own = Written::of(attributes);
        let case = TestCase {
            class: last.class(own.class),
            name: own.name.ok_or("a `testcase` without a name")?.into(),
            file: own.file().map(|file| last.file(file)),
            line: own.line,
            at: Spot::Line(line),
            attempts: Attempts::default(),
        };
        let seconds = own.seconds;
        let mut open = Self { case, seconds, unknown: None, ran: Ran::Yes, endings: Vec::new(), todo: false, counted: 0 };
        for word in own.words.into_iter().flatten() {
            match Word::of(word) {
                Word::Ran => {}
                Word::Skipped => open.ran = Ran::Skipped,
                Word::NotRun => open.ran = if open.ran == Ran::Skipped { Ran::Skipped } else { Ran::No },
                Word::Failed => open.unknown(format!("status `{word}`")),
                Word::Unknown => open.unknown(format!("unknown status `{}`", word.chars().take(40).collect::<String>())),
            }
        }
        if own.says_no_success() {
            open.unknown("success `false`".to_owned());
        }
        Ok(open)
    }

    /// Something about the case says that it failed, or nobody knows what it says.
    pub(super) fn unknown(&mut self, what: String) {
        self.unknown.get_or_insert(what);
    }

    /// An element that tells of an attempt ends.
    pub(super) fn ended(&mut self, ending: Ending) {
        let kind = ending.kind;
        // Node says so by the type, Catch2 by its message, of tests that may fail or are known to.
        let may_fail = ending.word == "todo" || ending.message.starts_with("TEST_CASE tagged with !");
        self.todo |= kind == Kind::Final(AttemptStatus::Skipped) && may_fail;
        self.counted += u64::from(ending.counted);
        self.endings.push((kind, ending.attempt()));
    }

    /// The case with its attempts, oldest first, and what its elements count as.
    pub(super) fn finish(mut self) -> (TestCase, Counts) {
        let of = |status| self.endings.iter().filter(|(kind, _)| *kind == Kind::Final(status)).count() as u64;
        let (failed, errored, skipped) =
            (of(AttemptStatus::Failed), of(AttemptStatus::Errored), of(AttemptStatus::Skipped));
        let reruns = self.endings.iter().any(|(kind, _)| matches!(kind, Kind::Rerun(_)));
        // A test that is still to be done may fail and says so; any other failure beside a skip is a failure.
        let last = match (failed, errored) {
            (1.., _) | (_, 1..) if self.todo => Some(AttemptStatus::Skipped),
            (_, 1..) => Some(AttemptStatus::Errored),
            (1.., _) => Some(AttemptStatus::Failed),
            (0, 0) if skipped > 0 => Some(AttemptStatus::Skipped),
            (0, 0) => None,
        };
        self.case.attempts = if self.endings.is_empty() {
            self.last_word(None, false).into()
        } else {
            let mut attempts = self.take(|kind| matches!(kind, Kind::Flaky(_)));
            let stated = last.and_then(|last| self.take(|kind| kind == Kind::Final(last)).into_iter().next());
            attempts.push(self.last_word(stated, reruns));
            attempts.extend(self.take(|kind| matches!(kind, Kind::Rerun(_))));
            attempts.into()
        };
        let status = self.case.status();
        let skipped = u64::from(status == CaseStatus::Skipped);
        let least_bad = u64::from(matches!(status, CaseStatus::Failed | CaseStatus::Errored));
        let again = self.case.attempts.len() as u64 - 1;
        let unclear = least_bad * u64::from(failed + errored == 0);
        let counts = Counts {
            cases: 1 + again,
            least: 1,
            bad: failed + errored + again + unclear + self.counted,
            least_bad,
            skipped,
        };
        (self.case, counts)
    }

    /// The attempt that the elements and attributes come to, reruns aside.
    fn last_word(&mut self, stated: Option<Attempt>, reruns: bool) -> Attempt {
        let seconds = self.seconds;
        match (stated, self.unknown.take()) {
            (Some(skip), None)
                if skip.status == AttemptStatus::Skipped && self.ran == Ran::No && !on_purpose(&skip.message) =>
            {
                Attempt::new(AttemptStatus::Errored, seconds, &format!("not run: {}", skip.message))
            }
            (Some(stated), None) => Attempt { seconds: seconds.or(stated.seconds), ..stated },
            (Some(stated), Some(_)) if stated.status != AttemptStatus::Skipped => {
                Attempt { seconds: seconds.or(stated.seconds), ..stated }
            }
            (_, Some(word)) => Attempt::new(AttemptStatus::Failed, seconds, &word),
            (None, None) if reruns => Attempt::new(AttemptStatus::Failed, seconds, "only its reruns are told"),
            (None, None) => match self.ran {
                Ran::Yes => Attempt::new(AttemptStatus::Passed, seconds, ""),
                Ran::Skipped => Attempt::new(AttemptStatus::Skipped, seconds, ""),
                Ran::No if self.is_disabled() => Attempt::new(AttemptStatus::Skipped, seconds, ""),
                Ran::No => Attempt::new(AttemptStatus::Errored, seconds, "not run, and nothing says that it was meant so"),
            },
        }
    }

    /// Older versions of googletest say only `notrun` of a test that its name disables.
    fn is_disabled(&self) -> bool {
        let parts = self.case.class.split('/').chain(self.case.name.split('/'));
        parts.into_iter().any(|part| part.starts_with("DISABLED_"))
    }

    fn take(&mut self, wanted: impl Fn(Kind) -> bool) -> Vec<Attempt> {
        self.endings.extract_if(.., |(kind, _)| wanted(*kind)).map(|(_, attempt)| attempt).collect()
    }
}

/// Whether ctest skipped a test on purpose, by the reason that it gives.
pub(super) fn on_purpose(reason: &str) -> bool {
    ["SKIP_RETURN_CODE", "SKIP_REGULAR_EXPRESSION_MATCHED", "Disabled"].iter().any(|known| reason.starts_with(known))
}
