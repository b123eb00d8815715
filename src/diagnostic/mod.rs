//! Problems in our own inputs: definitions, configuration, ledger. Never in evidence, which has findings and gaps.
//!
//! A diagnostic is one fact with a code, labels at both ends where two places disagree, and one thing to do. All problems of
//! one load are reported together.

mod code;
mod render;

pub use code::{CODES, Code};
pub use render::render;

use crate::source::Span;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is evaluated (exit 2).
    Error,
    /// Reported by `lint`, and an error there under `--strict`.
    Warning,
}

/// A place in a definition, with a word about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// A phrase for the carets; may be empty.
    pub text: String,
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What class of problem it is; see [`CODES`].
    pub code: &'static Code,
    /// Error or warning.
    pub severity: Severity,
    /// One fact, lower case, present tense, names in backticks.
    pub headline: String,
    /// Where; the first is the primary one.
    pub labels: Vec<Label>,
    /// One thing to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error without a place; add one with [`Diagnostic::label`].
    pub fn error(code: &'static Code, headline: impl Into<String>) -> Self {
        Self { code, severity: Severity::Error, headline: headline.into(), labels: Vec::new(), help: None }
    }

    /// A warning without a place.
    pub fn warning(code: &'static Code, headline: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, headline) }
    }

    /// The problem, with one more place.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// The problem, with one thing to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The known word nearest to a mistyped one, if one is near enough to be meant.
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(given, word), word))
        .filter(|(distance, word)| *distance <= 1 + given.len().min(word.len()) / 4)
        .min()
        .map(|(_, word)| word)
}

/// "did you mean `x`?", or the list of what is known.
pub fn did_you_mean<'a>(given: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(given, known.clone()) {
        Some(word) => format!("did you mean `{word}`?"),
        None => {
            let mut words: Vec<_> = known.into_iter().collect();
            words.sort_unstable();
            let quoted: Vec<_> = words.iter().take(24).map(|word| format!("`{word}`")).collect();
            format!("known: {}{}", quoted.join(", "), if words.len() > 24 { ", ..." } else { "" })
        }
    }
}
