//! What libtest wrote into a log: outcomes of tests, the first panic of each failing one, a process that was killed.
//!
//! In: text, as a test run left it, colours included. Out: a [`Log`]. Names and messages are still what the log says; nothing here
//! is safe to paste. One pass, and nothing is kept of tests that passed but their names. Counts are not taken from here: whoever
//! judges reads the log as `libtest-text`, which refuses what is cut short. Triage must still see what a broken log has to say, with
//! the line that says it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Longest line that is looked at, in bytes; the rest of a longer one is cut.
const LINE_MAX: usize = 8 << 10;

/// A line of the log, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number.
    pub number: u64,
    /// Its text without colours, cut.
    pub text: String,
}

/// A test that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    /// Its name.
    pub test: String,
    /// The line that says so.
    pub said: Line,
    /// Its first panic: the message.
    pub message: Option<Line>,
}

/// What a log says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Log {
    /// The tests that failed, in the order of the log.
    pub failing: Vec<Failing>,
    /// Tests that both failed and passed, by name, with the line of the later outcome.
    pub flaky: Vec<(String, Line)>,
    /// Where the runner says that a signal ended the tests.
    pub killed: Option<Line>,
}

/// The lines of a text: number, and text without colours.
pub fn lines(text: &str) -> impl Iterator<Item = (u64, Cow<'_, str>)> {
    (1..).zip(text.lines()).map(|(number, line)| (number, plain(line)))
}

/// A line without terminal colours, cut to the bound.
fn plain(line: &str) -> Cow<'_, str> {
    let line = &line[..line.floor_char_boundary(LINE_MAX)];
    if !line.contains("\u{1b}[") {
        return Cow::Borrowed(line);
    }
    let mut parts = line.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // A sequence that is no colour stays, so that nothing is hidden.
        match part.find(|c: char| !c.is_ascii_digit() && c != ';') {
            Some(end) if part[end..].starts_with('m') => plain.push_str(&part[end + 1..]),
            Some(_) | None => {
                plain.push_str("\u{1b}[");
                plain.push_str(part);
            }
        }
    }
    Cow::Owned(plain)
}

/// Reads a log.
pub fn read(text: &str) -> Log {
    let mut log = Log::default();
    let mut outcomes: BTreeMap<String, bool> = BTreeMap::new();
    let mut flaky: BTreeSet<String> = BTreeSet::new();
    let mut section: Option<String> = None;
    let mut panicked: Option<String> = None;
    for (number, line) in lines(text) {
        let here = || Line { number, text: line.trim().to_owned() };
        if let Some(test) = panicked.take() {
            log.message(&test, here());
        }
        // What a test printed is never taken for a result.
        if let Some((test, passed)) = outcome(&line).filter(|_| section.is_none()) {
            match outcomes.insert(test.to_owned(), passed) {
                Some(before) if before != passed && flaky.insert(test.to_owned()) => {
                    log.flaky.push((test.to_owned(), here()))
                }
                Some(_) | None => {}
            }
            if !passed {
                log.failed(test, here());
            }
        } else if let Some(test) = line.strip_prefix("---- ").and_then(|rest| rest.strip_suffix(" stdout ----")) {
            log.failed(test, here());
            section = Some(test.to_owned());
        } else if let Some(thread) = panic_of(&line) {
            // Helper threads have no names of their own; what they say belongs to the section they stand in.
            panicked = section.clone().or(Some(thread));
        } else if line.contains("process didn't exit successfully") && line.contains("(signal: ") {
            log.killed.get_or_insert_with(here);
        } else if line.starts_with("test result: ") || line.starts_with("running ") {
            section = None;
        }
    }
    log
}

/// `test <name> ... ok` or `... FAILED`.
fn outcome(line: &str) -> Option<(&str, bool)> {
    let (test, word) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    match word.trim_end() {
        "ok" => Some((test, true)),
        "FAILED" => Some((test, false)),
        _ => None,
    }
}

/// The thread that panicked, if the line begins the report of a panic.
fn panic_of(line: &str) -> Option<String> {
    let (thread, rest) = line.trim_start().strip_prefix("thread '")?.split_once('\'')?;
    rest.contains("panicked at ").then(|| thread.to_owned())
}

impl Log {
    fn failed(&mut self, test: &str, said: Line) {
        if !self.failing.iter().any(|failing| failing.test == test) {
            self.failing.push(Failing { test: test.to_owned(), said, message: None });
        }
    }

    fn message(&mut self, test: &str, message: Line) {
        if let Some(failing) = self.failing.iter_mut().find(|failing| failing.test == test) {
            failing.message.get_or_insert(message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
running 3 tests
test a ... ok
test b ... \u{1b}[31mFAILED\u{1b}[0m
test c ... FAILED

failures:

---- b stdout ----

thread 'b' (7) panicked at tests/x.rs:21:5:
assertion `left == right` failed: turns

---- c stdout ----
thread 'worker' panicked at src/lib.rs:3:1:
index out of bounds
";

    #[test]
    fn failing_tests_come_with_their_first_panic() {
        let log = read(LOG);
        let told: Vec<_> = log.failing.iter().map(|f| (f.test.as_str(), f.said.number, f.message.clone())).collect();
        let line = |number, text: &str| Some(Line { number, text: text.to_owned() });
        assert_eq!(
            told,
            [("b", 3, line(11, "assertion `left == right` failed: turns")), ("c", 4, line(15, "index out of bounds"))]
        );
        assert!(log.flaky.is_empty() && log.killed.is_none());
    }

    #[test]
    fn a_test_with_both_outcomes_is_flaky() {
        let log = read("test a ... FAILED\ntest b ... ok\ntest a ... ok\ntest b ... ok\n");
        assert_eq!(log.flaky, [("a".to_owned(), Line { number: 3, text: "test a ... ok".to_owned() })]);
    }

    #[test]
    fn a_signal_is_heard() {
        let text =
            "error: test failed\n\nCaused by:\n  process didn't exit successfully: `x` (signal: 11, SIGSEGV: invalid)\n";
        assert_eq!(read(text).killed.map(|line| line.number), Some(4));
    }

    #[test]
    fn only_colours_are_taken_away() {
        assert_eq!(plain("\u{1b}[1;32mok\u{1b}[0m \u{1b}[2Jx \u{1b}["), "ok \u{1b}[2Jx \u{1b}[");
        assert_eq!(plain(&"ä".repeat(LINE_MAX)).len(), LINE_MAX);
    }
}
