//! How a suite came to its end before its tests did: what stopped it, in which test, and in which phase of that test. And the same of a test
//! that gave up waiting by itself.
//!
//! Readers state what a tool printed. Whether a stop is a failure is no question here: a suite that stopped never passes.

use super::test_case::SourceLine;
use super::test_report::Spot;

/// What stopped a suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halt {
    /// The time that the tool allows was over.
    TimedOut,
    /// The process crashed.
    Panicked,
    /// A test gave up what it waited for, and failed; the suite went on.
    Waited,
}

impl Halt {
    /// The word in documents, which is also the kind of the finding.
    pub const fn word(self) -> &'static str {
        match self {
            Halt::TimedOut => "timed-out",
            Halt::Panicked => "panicked",
            Halt::Waited => "waited",
        }
    }
}

/// How a phase is known; what is said in a structured way comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PhaseSource {
    /// The function in which the test was when it stopped: a place in the code, and no word of the test's own.
    Stack,
    /// A line that the test logged.
    Log,
    /// An attribute that the test set.
    Attribute,
}

impl PhaseSource {
    /// The word in documents.
    pub const fn word(self) -> &'static str {
        match self {
            PhaseSource::Stack => "stack",
            PhaseSource::Log => "log",
            PhaseSource::Attribute => "attribute",
        }
    }
}

/// What a test was about when it stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phase {
    /// Its name, as the test spells it.
    pub name: Box<str>,
    /// How it is known.
    pub source: PhaseSource,
}

/// The end of a suite that had not come to its end, one for each test that was under way; or that of a test that waited in vain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// What stopped it.
    pub halt: Halt,
    /// What the tool said: `test timed out after 2s`.
    pub message: Box<str>,
    /// The test that was under way; none if the suite stopped outside of its tests.
    pub test: Option<Box<str>>,
    /// What that test was about, if anything tells.
    pub phase: Option<Phase>,
    /// Where in its source it was; the file without its directory, which is that of a machine.
    pub place: Option<SourceLine>,
    /// Where the report tells of it.
    pub at: Spot,
}

impl Stop {
    /// `test timed out after 2s in `TestServer`, phase `wait` (told by log), at server_test.go:21`.
    pub fn told(&self) -> String {
        let mut told = self.message.to_string();
        if let Some(test) = &self.test {
            told += &format!(" in `{test}`");
        }
        match &self.phase {
            Some(Phase { name, source }) => told += &format!(", phase `{name}` (told by {})", source.word()),
            None => told += ", in a phase that nothing tells",
        }
        if let Some(SourceLine { file, line }) = &self.place {
            told += &format!(", at {file}:{line}");
        }
        told
    }
}
