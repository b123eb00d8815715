//! Why a suite or unit failed: structure first, text last, and always the line that decided.
//!
//! In: a failed target and its log. Out: a [`Cause`]. The order is: the signal and exit code of the result, what the runner says
//! about a signal, the panic in a failure section of libtest, and only then words in the log. Nothing is guessed: without any of
//! them it is `other`.

use super::log::{Line, lines};
use super::run::{Read, Target};
use crate::model::{Pointer, Where};

/// The class of a root cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Something that the tests need is not there. It comes first: nothing else can succeed before.
    MissingPrerequisite,
    /// The process was ended by a signal.
    Crash,
    /// Something took too long.
    Timeout,
    /// A test panicked outside an assertion.
    Panic,
    /// An assertion did not hold.
    AssertionFailure,
    /// None of these.
    Other,
}

impl Class {
    /// The word in outputs and in `failure_digest.json`.
    pub const fn word(self) -> &'static str {
        match self {
            Class::MissingPrerequisite => "missing_prerequisite",
            Class::Crash => "crash",
            Class::Timeout => "timeout",
            Class::Panic => "panic",
            Class::AssertionFailure => "assertion_failure",
            Class::Other => "other",
        }
    }
}

/// Why a target failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The class.
    pub class: Class,
    /// What decided: `signal`, `exit code`, `runner`, `failure section`, `log text`, `no result`.
    pub by: &'static str,
    /// Where it stands.
    pub at: Where,
    /// What stands there; untrusted.
    pub line: String,
}

/// Words in a log, tried in this order on each line. Small letters.
const WORDS: [(&str, Class); 9] = [
    ("command not found", Class::MissingPrerequisite),
    ("not found on this machine", Class::MissingPrerequisite),
    ("no such file or directory (os error 2)", Class::MissingPrerequisite),
    ("segmentation fault", Class::Crash),
    ("has overflowed its stack", Class::Crash),
    ("timed out", Class::Timeout),
    ("deadline has elapsed", Class::Timeout),
    ("panicked at", Class::Panic),
    ("assertion failed", Class::AssertionFailure),
];

/// The cause of a failed target.
pub(super) fn of(target: &Target, log: Option<&Read>) -> Cause {
    structure(target, log).or_else(|| text(log?)).unwrap_or_else(|| {
        let (by, line) = match target.exit {
            Some(code) => ("exit code", format!("exit code {code}")),
            None => ("no result", "no result that can be believed".to_owned()),
        };
        Cause { class: Class::Other, by, at: target.at.clone(), line }
    })
}

fn structure(target: &Target, log: Option<&Read>) -> Option<Cause> {
    let field = |key: &str| Where { pointer: Some(Pointer::root().key(key)), ..target.at.clone() };
    if let Some(signal) = target.signal {
        let line = format!("signal {signal}");
        return Some(Cause { class: Class::Crash, by: "signal", at: field("signal"), line });
    }
    // 124 is what `timeout` exits with, 126 and 127 what a shell says of a program that it cannot start, and above 128 it adds
    // the number of a signal.
    let class = match target.exit {
        Some(124) => Some(Class::Timeout),
        Some(126 | 127) => Some(Class::MissingPrerequisite),
        Some(129..=192 | i64::MIN..=-1) => Some(Class::Crash),
        Some(_) | None => None,
    };
    if let (Some(class), Some(code)) = (class, target.exit) {
        let line = format!("exit code {code}");
        return Some(Cause { class, by: "exit code", at: field("exit_code"), line });
    }
    let read = log?;
    let at = |class, by, line: &Line| {
        Some(Cause { class, by, at: Where::line(&read.shown, line.number), line: line.text.clone() })
    };
    if let Some(line) = &read.log.killed {
        return at(Class::Crash, "runner", line);
    }
    let message = read.log.failing.iter().find_map(|failing| failing.message.as_ref())?;
    let assertion = message.text.starts_with("assertion ");
    at(if assertion { Class::AssertionFailure } else { Class::Panic }, "failure section", message)
}

fn text(read: &Read) -> Option<Cause> {
    lines(read.text.as_deref().ok()?).find_map(|(number, line)| {
        let small = line.to_ascii_lowercase();
        let (_, class) = WORDS.iter().find(|(word, _)| small.contains(word))?;
        let line = line.trim().to_owned();
        Some(Cause { class: *class, by: "log text", at: Where::line(&read.shown, number), line })
    })
}

#[cfg(test)]
mod tests {
    use super::super::log;
    use super::super::run::Surface;
    use super::*;

    fn told(exit: Option<i64>, signal: Option<i64>, text: &str) -> (&'static str, &'static str, String) {
        let at = Where::file("a/result.json");
        let target =
            Target { surface: Surface::Suite, name: "a".into(), directory: None, at, exit, signal, failed_tests: None };
        let read = Read { log: log::read(text), text: Ok(text.into()), shown: "a/output.log".into() };
        let cause = of(&target, Some(&read));
        (cause.class.word(), cause.by, cause.at.to_string())
    }

    #[test]
    fn structure_comes_before_text() {
        let misleading = "waiting: timed out\n";
        let assertion = "timed out\n---- t stdout ----\nthread 't' panicked at x.rs:1:1:\nassertion failed: a\n";
        let panic = "---- t stdout ----\nthread 't' panicked at x.rs:1:1:\ncalled `unwrap` after it timed out\n";
        let killed = "  process didn't exit successfully: `t` (signal: 6, SIGABRT)\n";
        let cases = [
            (Some(101), Some(9), misleading, ("crash", "signal", "a/result.json#/signal")),
            (Some(124), None, assertion, ("timeout", "exit code", "a/result.json#/exit_code")),
            (Some(127), None, misleading, ("missing_prerequisite", "exit code", "a/result.json#/exit_code")),
            (Some(139), None, misleading, ("crash", "exit code", "a/result.json#/exit_code")),
            (Some(-11), None, misleading, ("crash", "exit code", "a/result.json#/exit_code")),
            (Some(101), None, killed, ("crash", "runner", "a/output.log:1")),
            (Some(101), None, assertion, ("assertion_failure", "failure section", "a/output.log:4")),
            (Some(101), None, panic, ("panic", "failure section", "a/output.log:3")),
            (Some(1), None, misleading, ("timeout", "log text", "a/output.log:1")),
            (Some(1), None, "tmux: command not found\n", ("missing_prerequisite", "log text", "a/output.log:1")),
            (Some(1), None, "nothing to see\n", ("other", "exit code", "a/result.json")),
            (None, None, "", ("other", "no result", "a/result.json")),
        ];
        let mut looked = 0;
        for (exit, signal, text, (class, by, at)) in cases {
            assert_eq!(told(exit, signal, text), (class, by, at.to_owned()), "{text}");
            looked += 1;
        }
        assert_eq!(looked, 12);
    }
}
