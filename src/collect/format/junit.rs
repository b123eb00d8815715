//! `junit`: test results as JUnit XML, in the dialects of nextest, pytest, Surefire, jest, vitest, mocha, go-junit-report, Bazel,
//! ScalaTest and Node.
//!
//! Suites may nest; a nested suite is called `outer > inner`. A case is the same case when suite, `classname`, `name` and
//! `file` agree, and each time that it is told is an attempt. `rerunFailure`, `rerunError`, `flakyFailure` and `flakyError`
//! are attempts too. A case with a `status` or `result` that nobody knows failed. In reports of pytest, where names differ, a case
//! without children before another attempt of the same name is a rerun: it failed. An `error` or `failure` of a suite itself is an
//! error of the suite.
//!
//! The counts in attributes decide nothing, but they must agree with the items; where they do not, the report contradicts
//! itself. As dialects count attempts, set-up errors and nested suites in different ways, each way is accepted. `system-out` and
//! `system-err` are not read. Malformed is what the walk over the XML refuses: a document type with declarations, entities beyond the
//! five, more than 64 levels or attributes.

use super::plain_utf8;
use super::report::{TESTS_MOST, admit, room, seconds};
use super::xml::{Attributes, Visitor, walk};
use crate::gate::{Format, Reading};
use crate::model::{
    Attempt, AttemptStatus, CaseStatus, Content, Contradiction, Gap, MESSAGE_MOST, Remark, Spot, TestCase, TestReport,
    TestSuite, Where,
};
use std::collections::{BTreeMap, BTreeSet};

/// The format.
pub(super) static JUNIT: Format = Format {
    id: "junit",
    extensions: &["xml"],
    about: "test results as JUnit XML",
    docs: include_str!("junit.rs"),
    reading: Reading::Whole(read),
};

pub(super) fn read(bytes: &[u8], at: &Where) -> Result<Content, Gap> {
    let mut junit = Junit::default();
    let walked = walk(plain_utf8(bytes, at)?, at, "a sound JUnit report", &mut junit);
    // The walk is stopped by the test that has no room, which is no damage.
    room(junit.told, at)?;
    walked?;
    admit(junit.finish(), at)
}

/// What an open element is.
enum Element {
    Root,
    Suite,
    Case,
    /// An element that says how an attempt ended.
    Ending(Ending),
    /// Anything else. Text in a stack trace belongs to the ending around it.
    Other {
        told: bool,
    },
}

/// How one attempt ended, while its element is open.
struct Ending {
    kind: Kind,
    message: String,
    kind_word: String,
    text: String,
    seconds: Option<f64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Final(AttemptStatus),
    /// An attempt after the first one, which failed too.
    Rerun(AttemptStatus),
    /// An attempt before the last one.
    Flaky(AttemptStatus),
}

/// The case that is open.
struct Open {
    case: TestCase,
    seconds: Option<f64>,
    unknown: Option<String>,
    not_run: bool,
    endings: Vec<(Kind, Attempt, bool)>,
}

/// One suite element; the root is the first.
struct Level {
    suite: TestSuite,
    /// A `testsuites` root.
    is_root: bool,
    parent: Option<usize>,
    stated: Vec<(&'static str, String)>,
    elements: Elements,
}

/// What the elements of one suite come to.
#[derive(Debug, Clone, Copy, Default)]
struct Elements {
    /// Attempts: an element is one, and each rerun in it is one more.
    cases: u64,
    /// Cases, told once however often they were tried, without those that errored: some dialects do not count these.
    least: u64,
    /// Failures and errors, one for each element that says so, reruns included.
    bad: u64,
    /// Cases that failed or errored in the end.
    least_bad: u64,
    /// Case elements that were skipped.
    skipped: u64,
}

impl Elements {
    fn add(&mut self, other: Elements) {
        self.cases += other.cases;
        self.least += other.least;
        self.bad += other.bad;
        self.least_bad += other.least_bad;
        self.skipped += other.skipped;
    }
}

#[derive(Default)]
struct Junit {
    stack: Vec<Element>,
    levels: Vec<Level>,
    open: Vec<usize>,
    case: Option<Open>,
    told: usize,
    pytest: bool,
    timestamp: Option<Box<str>>,
}

/// Attributes with counts; `skip` and `disabled` are other words for `skipped`.
const COUNTS: [&str; 6] = ["tests", "failures", "errors", "skipped", "skip", "disabled"];

impl Visitor for Junit {
    fn open(&mut self, name: &str, attributes: &Attributes<'_>, line: u64) -> Result<(), String> {
        let element = match (name, self.stack.last()) {
            ("testsuites", None) => {
                self.pytest = attributes.get("name") == Some("pytest tests");
                self.enter(String::new(), true, attributes, line);
                Element::Root
            }
            ("testsuite", None | Some(Element::Root | Element::Suite)) => {
                let own = attributes.get("name").unwrap_or_default();
                let outer = self.open.last().map_or("", |at| &*self.levels[*at].suite.name);
                let name = if outer.is_empty() { own.to_owned() } else { format!("{outer} > {own}") };
                self.enter(name, false, attributes, line);
                Element::Suite
            }
            (other, None) => return Err(format!("the root element `{}`", other.chars().take(40).collect::<String>())),
            ("testcase", Some(Element::Root | Element::Suite)) => {
                self.told += 1;
                if self.told > TESTS_MOST {
                    return Err("more tests than one report may tell of".to_owned());
                }
                self.case = Some(Open::new(attributes, line)?);
                Element::Case
            }
            ("testsuite" | "testcase" | "testsuites", Some(_)) => {
                return Err(format!("a `{name}` where none belongs"));
            }
            (_, Some(Element::Case | Element::Suite)) => match kind(name) {
                Some(kind) => Element::Ending(Ending::new(kind, attributes)),
                None => Element::Other { told: false },
            },
            (_, Some(Element::Ending(_) | Element::Other { told: true })) => Element::Other { told: name == "stackTrace" },
            (_, Some(Element::Root | Element::Other { told: false })) => Element::Other { told: false },
        };
        self.stack.push(element);
        Ok(())
    }

    fn text(&mut self, text: &str) {
        let ending = match self.stack.as_mut_slice() {
            [.., Element::Ending(ending)] | [.., Element::Ending(ending), Element::Other { told: true }] => ending,
            _ => return,
        };
        // Messages are cut in the end; reading a little more than is kept shows that something was cut.
        let room = (MESSAGE_MOST + 4).saturating_sub(ending.text.len());
        let text = if ending.text.is_empty() { text.trim_start() } else { text };
        ending.text.push_str(&text[..text.floor_char_boundary(room)]);
    }

    fn close(&mut self) -> Result<(), String> {
        match self.stack.pop() {
            Some(Element::Root | Element::Suite) => {
                self.open.pop();
            }
            Some(Element::Case) => {
                let open = self.case.take().expect("a case is open while its element is");
                let level = *self.open.last().expect("a case lies in a suite");
                self.levels[level].take(open);
            }
            Some(Element::Ending(ending)) => {
                let (kind, todo) = (ending.kind, ending.kind_word == "todo");
                let attempt = ending.attempt();
                match &mut self.case {
                    Some(open) => open.endings.push((kind, attempt, todo)),
                    None => self.broken_suite(kind, &attempt.message),
                }
            }
            Some(Element::Other { .. }) | None => {}
        }
        Ok(())
    }
}

fn kind(name: &str) -> Option<Kind> {
    Some(match name {
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

impl Ending {
    fn new(kind: Kind, attributes: &Attributes<'_>) -> Self {
        Self {
            kind,
            message: attributes.get("message").unwrap_or_default().to_owned(),
            kind_word: attributes.get("type").unwrap_or_default().to_owned(),
            text: String::new(),
            seconds: attributes.get("time").and_then(seconds),
        }
    }

    fn attempt(self) -> Attempt {
        let (Kind::Final(status) | Kind::Rerun(status) | Kind::Flaky(status)) = self.kind;
        let words = [&self.message, &self.text, &self.kind_word];
        let message = words.into_iter().find(|text| !text.trim().is_empty()).map_or("", String::as_str);
        Attempt::new(status, self.seconds, message)
    }
}

impl Open {
    fn new(attributes: &Attributes<'_>, line: u64) -> Result<Self, String> {
        let name = attributes.get("name").filter(|name| !name.trim().is_empty()).ok_or("a `testcase` without a name")?;
        let case = TestCase {
            class: attributes.get("classname").unwrap_or_default().into(),
            name: name.into(),
            file: attributes.get("file").filter(|file| !file.is_empty()).map(Into::into),
            line: attributes.get("line").and_then(|line| line.parse().ok()),
            at: Spot::Line(line),
            attempts: Vec::new(),
        };
        let mut open = Self {
            case,
            seconds: attributes.get("time").and_then(seconds),
            unknown: None,
            not_run: false,
            endings: Vec::new(),
        };
        for word in ["status", "result"].iter().filter_map(|key| attributes.get(key)) {
            match word.to_ascii_lowercase().as_str() {
                "" | "run" | "ran" | "pass" | "passed" | "ok" | "success" | "successful" | "completed" | "executed"
                | "finished" => {}
                "notrun" | "skipped" | "ignored" | "suppressed" | "disabled" | "pending" => open.not_run = true,
                "fail" | "failed" | "failure" | "error" => open.unknown = Some(format!("status `{word}`")),
                _ => open.unknown = Some(format!("unknown status `{word}`")),
            }
        }
        Ok(open)
    }

    /// The attempts, oldest first, and what the elements of the case count as.
    fn finish(mut self) -> (TestCase, Elements) {
        let of = |status| self.endings.iter().filter(|(kind, _, _)| *kind == Kind::Final(status)).count() as u64;
        let todo = self.endings.iter().any(|(kind, _, todo)| *todo && *kind == Kind::Final(AttemptStatus::Skipped));
        let (failed, errored, skipped) =
            (of(AttemptStatus::Failed), of(AttemptStatus::Errored), of(AttemptStatus::Skipped));
        let reruns = self.endings.iter().any(|(kind, _, _)| matches!(kind, Kind::Rerun(_)));
        // A test that is still to be done may fail and says so; any other failure beside a skip is a failure.
        let last = match (failed, errored) {
            (_, 1..) => Some(AttemptStatus::Errored),
            (1.., _) if todo => Some(AttemptStatus::Skipped),
            (1.., _) => Some(AttemptStatus::Failed),
            (0, 0) if skipped > 0 => Some(AttemptStatus::Skipped),
            (0, 0) => None,
        };
        let wanted = last.unwrap_or(AttemptStatus::Passed);
        // Most tests have one attempt, and a vector that grows would take room for four.
        let mut attempts: Vec<Attempt> = Vec::with_capacity(1 + self.endings.len());
        attempts.extend(self.take(|kind| matches!(kind, Kind::Flaky(_))));
        let told = self.take(|kind| kind == Kind::Final(wanted)).into_iter().next();
        attempts.push(match (told, self.unknown.take(), self.not_run) {
            (Some(told), _, _) => Attempt { seconds: self.seconds.or(told.seconds), ..told },
            (None, Some(word), _) => Attempt::new(AttemptStatus::Failed, self.seconds, &word),
            (None, None, _) if reruns => Attempt::new(AttemptStatus::Failed, self.seconds, "only its reruns are told"),
            (None, None, true) => Attempt::new(AttemptStatus::Skipped, self.seconds, ""),
            (None, None, false) => Attempt::new(AttemptStatus::Passed, self.seconds, ""),
        });
        attempts.extend(self.take(|kind| matches!(kind, Kind::Rerun(_))));
        self.case.attempts = attempts;
        let skipped = u64::from(self.case.status() == CaseStatus::Skipped);
        let again = self.case.attempts.len() as u64 - 1;
        let bad = if todo { 0 } else { failed + errored + again };
        let elements = Elements { cases: 1 + again, bad, skipped, ..Elements::default() };
        (self.case, elements)
    }

    fn take(&mut self, wanted: impl Fn(Kind) -> bool) -> Vec<Attempt> {
        self.endings.extract_if(.., |(kind, _, _)| wanted(*kind)).map(|(_, attempt, _)| attempt).collect()
    }
}

impl Level {
    fn take(&mut self, open: Open) {
        let (case, elements) = open.finish();
        self.elements.add(elements);
        self.suite.cases.push(case);
    }

    /// Counts what must be known of all elements of a suite, and says which of pytest's attempts failed.
    fn conclude(&mut self, pytest: bool) {
        let cases = &self.suite.cases;
        let identity = |at: &usize| (&cases[*at].class, &cases[*at].name, &cases[*at].file);
        // Sorting takes less memory than a map of a million names.
        let mut order: Vec<usize> = (0..cases.len()).collect();
        order.sort_by(|a, b| identity(a).cmp(&identity(b)).then(a.cmp(b)));
        let mut reruns = Vec::new();
        for all in order.chunk_by(|a, b| identity(a) == identity(b)) {
            let statuses = || all.iter().map(|at| cases[*at].status());
            let last = statuses().next_back();
            self.elements.least += u64::from(statuses().all(|status| status != CaseStatus::Errored));
            self.elements.least_bad += u64::from(matches!(last, Some(CaseStatus::Failed | CaseStatus::Errored)));
            reruns.extend_from_slice(&all[..all.len() - 1]);
        }
        for at in reruns.into_iter().filter(|_| pytest) {
            let attempts = &mut self.suite.cases[at].attempts;
            if let [only @ Attempt { status: AttemptStatus::Passed, .. }] = attempts.as_mut_slice() {
                *only = Attempt::new(AttemptStatus::Failed, only.seconds, "it was run again");
            }
        }
    }

    fn contradictions(&self, own: Elements, all: Elements, into: &mut Vec<Contradiction>) {
        let mut parsed: BTreeMap<&str, u64> = BTreeMap::new();
        for (word, text) in &self.stated {
            match text.replace(',', "").trim().parse() {
                Ok(count) => drop(parsed.insert(word, count)),
                Err(_) => into.push(self.contradiction("a count".to_owned(), format!("{word}=\"{text}\""))),
            }
        }
        let sum = |words: &[&str]| words.iter().filter_map(|word| parsed.get(word)).copied().reduce(u64::saturating_add);
        let skipped: &[&str] = &["skipped", "skip", "disabled"];
        let wholes = [(own.least, own.cases), (all.least, all.cases)];
        let bads = [(own.least_bad, own.bad), (all.least_bad, all.bad)];
        let skips = [(own.skipped, own.skipped), (all.skipped, all.skipped)];
        for (stated, bounds, words, noun) in [
            (sum(&["tests"]), wholes, &["tests"][..], "tests"),
            (sum(&["failures", "errors"]), bads, &["failures", "errors"], "failures and errors"),
            (sum(skipped), skips, skipped, "skipped tests"),
        ] {
            let Some(stated) = stated else { continue };
            if !bounds.iter().any(|(least, most)| (*least..=(*most).max(*least)).contains(&stated)) {
                let said = words.iter().filter_map(|word| parsed.get(word).map(|count| format!("{word}=\"{count}\"")));
                let said = said.collect::<Vec<_>>().join(" ");
                into.push(self.contradiction(format!("{} {noun}", bounds[1].1), said));
            }
        }
    }

    fn contradiction(&self, items: String, stated: String) -> Contradiction {
        let name = if self.suite.name.is_empty() { String::new() } else { format!(" of suite `{}`", self.suite.name) };
        Contradiction { items: items + &name, stated, at: self.suite.at.clone() }
    }
}

impl Junit {
    /// Begins a suite. The cases of a `testsuites` root itself are those of a suite without a name.
    fn enter(&mut self, name: String, is_root: bool, attributes: &Attributes<'_>, line: u64) {
        let parent = self.open.last().copied();
        if self.timestamp.is_none() {
            self.timestamp = attributes.get("timestamp").map(Into::into);
        }
        let stated = COUNTS.iter().filter_map(|word| Some((*word, attributes.get(word)?.to_owned()))).collect();
        self.open.push(self.levels.len());
        self.levels.push(Level {
            suite: TestSuite::new(name, Spot::Line(line)),
            is_root,
            parent,
            stated,
            elements: Elements::default(),
        });
    }

    fn broken_suite(&mut self, kind: Kind, message: &str) {
        let Some(level) = self.open.last().map(|at| &mut self.levels[*at]) else { return };
        if kind != Kind::Final(AttemptStatus::Skipped) {
            let message = if message.is_empty() { "an error without a message" } else { message };
            level.suite.errors.push(Remark::new(message, level.suite.at.clone()));
            level.elements.bad += 1;
        }
    }

    fn finish(mut self) -> TestReport {
        for level in &mut self.levels {
            level.conclude(self.pytest);
        }
        let own: Vec<Elements> = self.levels.iter().map(|level| level.elements).collect();
        let mut all = own.clone();
        // Children stand behind their parents, so going backwards every child is whole before it is added.
        for at in (1..self.levels.len()).rev() {
            if let Some(parent) = self.levels[at].parent {
                let child = all[at];
                all[parent].add(child);
            }
        }
        let mut contradictions = Vec::new();
        for (at, level) in self.levels.iter().enumerate() {
            level.contradictions(own[at], all[at], &mut contradictions);
        }
        let parents: BTreeSet<usize> = self.levels.iter().filter_map(|level| level.parent).collect();
        // What only holds suites is no suite of its own.
        let kept = self.levels.into_iter().enumerate().filter(|(at, level)| {
            let holds = !level.suite.cases.is_empty() || !level.suite.errors.is_empty();
            holds || !(parents.contains(at) || level.is_root)
        });
        let mut report = TestReport::assemble(kept.map(|(_, level)| level.suite).collect());
        report.contradictions = contradictions;
        report.timestamp = self.timestamp;
        report
    }
}

#[cfg(test)]
#[path = "junit_tests.rs"]
mod cases;
