//! What a check found wrong.

use super::location::Where;
use std::borrow::Cow;
use std::fmt::Display;

/// One thing that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Finding {
    /// A stable kebab-case name, for remediation tables and tests: `contradiction`, `empty-dimension`.
    pub kind: Cow<'static, str>,
    /// What the gate asked for.
    pub expected: String,
    /// What was there.
    pub actual: String,
    /// The whole in one sentence, where whoever wrote the gate or the check knows a better one than expected and found.
    pub message: Option<String>,
    /// Where it was, or should have been.
    pub at: Option<Where>,
    /// The line of a source file that it is about. A check says it as the evidence spells it; a verdict has it only where the
    /// repository has that file.
    pub source: Option<Where>,
    /// The next thing to do, when the check knows it better than the gate's remediation.
    pub next: Option<String>,
}

impl Finding {
    /// A finding without a place; add one with [`Finding::at`].
    pub fn new(kind: impl Into<Cow<'static, str>>, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        let (kind, expected, actual) = (kind.into(), expected.into(), actual.into());
        Self { kind, expected, actual, message: None, at: None, source: None, next: None }
    }

    /// The finding, told in this sentence.
    #[must_use]
    pub fn saying(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// What people read: the message, or what was found and what is needed.
    pub fn sentence(&self) -> String {
        match &self.message {
            Some(message) => message.clone(),
            None => unlike(&self.expected, &self.actual),
        }
    }

    /// The finding, at this place.
    #[must_use]
    pub fn at(mut self, place: Where) -> Self {
        self.at = Some(place);
        self
    }

    /// The finding, with the line of a source file as the evidence spells it.
    #[must_use]
    pub fn source(mut self, source: Option<Where>) -> Self {
        self.source = source;
        self
    }

    /// The finding, with the next thing to do.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }
}

/// What was there and what is needed in its place, in words: `3 rows; needed: 4 rows`, and `missing: a row for x` where nothing was there.
pub fn unlike(expected: &str, actual: &str) -> String {
    match actual {
        "nothing" | "none" => format!("missing: {expected}"),
        actual => format!("{actual}; needed: {expected}"),
    }
}

/// A number of things: `1 test`, `2 tests`.
pub fn numbered<N: Display + PartialEq + From<u8>>(count: N, one: &str, many: &str) -> String {
    let noun = if count == N::from(1) { one } else { many };
    format!("{count} {noun}")
}

/// One or more findings: a failure without a reason cannot be built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// `None` when there is nothing to report.
    pub fn from_vec(findings: Vec<Finding>) -> Option<Self> {
        (!findings.is_empty()).then_some(Self(findings))
    }

    /// The findings, at least one.
    pub fn into_vec(self) -> Vec<Finding> {
        self.0
    }

    /// The findings, at least one.
    pub fn as_slice(&self) -> &[Finding] {
        &self.0
    }
}

impl From<Finding> for Findings {
    fn from(finding: Finding) -> Self {
        Self(vec![finding])
    }
}
