//! What is wrong with the text of an expression.

use std::fmt;
use std::ops::Range;

/// One thing to put right in the text of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The bytes in the text.
    pub range: Range<usize>,
    /// One fact, names in backticks.
    pub message: String,
    /// One thing to do.
    pub help: Option<String>,
}

impl Problem {
    pub(super) fn new(range: Range<usize>, message: impl Into<String>) -> Self {
        Self { range, message: message.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds `did you mean` when one of the candidates is close to what was written.
    pub(super) fn did_you_mean<'c>(mut self, written: &str, candidates: impl IntoIterator<Item = &'c str>) -> Self {
        let close = nearest(written, candidates);
        if let Some(candidate) = close {
            self.help = Some(format!("did you mean `{candidate}`?"));
        }
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(help) = &self.help {
            write!(f, " (help: {help})")?;
        }
        Ok(())
    }
}

/// The candidate that is close to what was written.
pub(super) fn nearest<'c>(written: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    // Half of a short name is no likeness: one edit from three characters on, two from six.
    let allowed = written.chars().count() / 3;
    let distances = candidates.into_iter().map(|candidate| (strsim::damerau_levenshtein(written, candidate), candidate));
    distances.filter(|(distance, _)| *distance <= allowed).min().map(|(_, candidate)| candidate)
}
