//! Why an expression has no answer: the fault, and where in the text and in the evidence it lies.

use super::origin::{At, Origin};
use std::fmt;
use std::ops::Range;

/// The class of a [`Trouble`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TroubleKind {
    /// A field or key is not there.
    MissingField,
    /// A value has another type than the operation needs, or two values of different types meet.
    TypeMismatch,
    /// A number leaves the range of 64 bits, or a float is no longer finite.
    Overflow,
    /// The divisor is zero.
    DivisionByZero,
    /// A text is no RFC 3339 timestamp with an offset.
    BadTimestamp,
    /// A text is no length of time.
    BadDuration,
    /// A text is no number.
    BadNumber,
    /// A text is no version.
    BadVersion,
    /// The evaluation used up its steps.
    TooExpensive,
    /// A condition is not `true` or `false`.
    NotBoolean,
    /// The answer had to be a list.
    NotList,
    /// A position lies outside a list.
    OutOfRange,
    /// The smallest or largest item of an empty list was asked for.
    EmptyList,
    /// A name was promised when the expression was compiled and is not in the scope.
    Unbound,
}

impl TroubleKind {
    /// Every kind, in the order of [`TroubleKind`].
    pub const ALL: [TroubleKind; 14] = [
        TroubleKind::MissingField,
        TroubleKind::TypeMismatch,
        TroubleKind::Overflow,
        TroubleKind::DivisionByZero,
        TroubleKind::BadTimestamp,
        TroubleKind::BadDuration,
        TroubleKind::BadNumber,
        TroubleKind::BadVersion,
        TroubleKind::TooExpensive,
        TroubleKind::NotBoolean,
        TroubleKind::NotList,
        TroubleKind::OutOfRange,
        TroubleKind::EmptyList,
        TroubleKind::Unbound,
    ];

    /// The kebab-case word for finding kinds.
    pub const fn word(self) -> &'static str {
        match self {
            TroubleKind::MissingField => "missing-field",
            TroubleKind::TypeMismatch => "type-mismatch",
            TroubleKind::Overflow => "overflow",
            TroubleKind::DivisionByZero => "division-by-zero",
            TroubleKind::BadTimestamp => "bad-timestamp",
            TroubleKind::BadDuration => "bad-duration",
            TroubleKind::BadNumber => "bad-number",
            TroubleKind::BadVersion => "bad-version",
            TroubleKind::TooExpensive => "too-expensive",
            TroubleKind::NotBoolean => "not-boolean",
            TroubleKind::NotList => "not-a-list",
            TroubleKind::OutOfRange => "out-of-range",
            TroubleKind::EmptyList => "empty-list",
            TroubleKind::Unbound => "unbound-name",
        }
    }
}

/// An evaluation without an answer. It is neither true nor false, and no operator absorbs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The class.
    pub kind: TroubleKind,
    /// What the expression needed.
    pub expected: String,
    /// What was there instead.
    pub actual: String,
    /// The bytes of the sub-expression in the expression's text.
    pub range: Range<usize>,
    /// The value that is missing or mistyped, when it lies in a document; a missing value's pointer names where it should be.
    pub at: Option<At>,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.kind.word(), self.expected, self.actual)?;
        if let Some(at) = &self.at {
            write!(f, " at {at}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Trouble {}

/// A [`Trouble`] before its place is known; the evaluator adds the place.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) kind: TroubleKind,
    pub(super) expected: String,
    pub(super) actual: String,
    /// The value to blame, when it is another one than the operation's first operand.
    pub(super) at: Option<At>,
}

impl Fault {
    pub(super) fn new(kind: TroubleKind, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        Self { kind, expected: expected.into(), actual: actual.into(), at: None }
    }

    /// Blames a value of its own.
    pub(super) fn blaming(mut self, origin: Option<&Origin>) -> Self {
        self.at = self.at.or_else(|| origin.map(Origin::at));
        self
    }

    /// The place in the text and, if the value came from a document, in the evidence.
    pub(super) fn placed(self, range: &Range<usize>, at: Option<At>) -> Box<Trouble> {
        let at = self.at.or(at);
        Box::new(Trouble { kind: self.kind, expected: self.expected, actual: self.actual, range: range.clone(), at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_kind_has_its_own_word() {
        let words: BTreeSet<_> = TroubleKind::ALL.iter().map(|kind| kind.word()).collect();
        assert_eq!(words.len(), 14);
        assert!(words.iter().all(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '-')));
    }
}
