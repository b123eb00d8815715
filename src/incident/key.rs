//! The key under which a failure is known: the same on every machine and in every run, another one for another failure.
//!
//! It is the first 12 hex digits of the SHA-256 over the failing stage, a line feed, its exit code (or, without one, the class of its error), and
//! behind a line feed each of the first 20 lines that it wrote to standard error, as `normal` leaves them.

use super::normal;
use crate::model::Digest;
use std::fmt;

/// A dedupe key: 12 hex digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// The key of a failure: where it happened, how it ended, and what was written about it.
    pub fn of(place: &str, ended: &str, text: &str) -> Self {
        Self::of_run(place, ended, text, None)
    }

    /// The same, of a run whose own id may stand in the text.
    pub fn of_run(place: &str, ended: &str, text: &str, run: Option<&str>) -> Self {
        let mut material = format!("{place}\n{ended}");
        for line in normal::lines(text, run) {
            material.push('\n');
            material.push_str(&line);
        }
        let mut hex = Digest::of(material.as_bytes()).to_string();
        hex.truncate(12);
        Self(hex)
    }

    /// The 12 hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_the_one_that_is_documented() {
        // `printf 'smoke\n1\napple costs 119' | sha256sum`
        assert_eq!(Key::of("smoke", "1", "apple costs 119\n").as_str(), "5bade21b9b96");
        assert_eq!(Key::of("smoke", "1", "").as_str(), &Digest::of(b"smoke\n1").to_string()[..12]);
    }

    #[test]
    fn stage_end_and_text_each_count() {
        let keys = [
            Key::of("smoke", "1", "apple costs 119"),
            Key::of("unit", "1", "apple costs 119"),
            Key::of("smoke", "2", "apple costs 119"),
            Key::of("smoke", "timeout", "apple costs 119"),
            Key::of("smoke", "1", "apple costs 121"),
            Key::of("smoke", "1", ""),
        ];
        let different: std::collections::BTreeSet<&str> = keys.iter().map(Key::as_str).collect();
        assert_eq!(different.len(), 6);
    }
}
