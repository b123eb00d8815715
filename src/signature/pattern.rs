//! A regular expression in a signature.
//!
//! In: the text of a key. Out: a pattern that is matched in linear time, or why it is refused. Bounds hold for text and for the
//! compiled program, and a pattern that finds the empty text is refused: it would be found in every line.

use crate::definition::{Kind, Raw, Read, Refusal};
use crate::diagnostic::Code;
use regex::{Regex, RegexBuilder};

/// Longest text of a pattern, in bytes.
const TEXT_MAX: usize = 512;
/// Largest compiled pattern, in bytes.
const PROGRAM_MAX: usize = 1 << 20;

/// A pattern, to be sought in one line.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn compile(text: &str) -> Result<Self, Refusal> {
        if text.len() > TEXT_MAX {
            return Err(Refusal::new(format!("longer than {TEXT_MAX} bytes")).code(Code::EXPRESSION));
        }
        let regex = RegexBuilder::new(text).size_limit(PROGRAM_MAX).dfa_size_limit(PROGRAM_MAX).build();
        let regex = regex.map_err(|error| {
            // The package's message repeats the pattern over several lines; its last line is the fact.
            let message = error.to_string();
            let fact = message.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            Refusal::new(format!("not a regular expression: {fact}")).code(Code::EXPRESSION)
        })?;
        if regex.is_match("") {
            return Err(Refusal::new("the pattern matches the empty text, so it is in any line").code(Code::VACUOUS));
        }
        Ok(Self(regex))
    }

    /// Whether the line holds it.
    pub fn is_in(&self, line: &str) -> bool {
        self.0.is_match(line)
    }

    /// What the group `test` of the pattern holds in the line: the name of a test.
    pub fn test<'l>(&self, line: &'l str) -> Option<&'l str> {
        Some(self.0.captures(line)?.name("test")?.as_str())
    }

    /// Whether the pattern has a group of this name.
    pub fn names(&self, group: &str) -> bool {
        self.0.capture_names().flatten().any(|name| name == group)
    }
}

impl Read for Pattern {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        let text = raw.string("a regular expression").map_err(|refusal| vec![refusal])?;
        Self::compile(text).map_err(|refusal| vec![refusal])
    }

    fn kind() -> Kind {
        Kind::Pattern(".", "a regular expression, matched in linear time")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costly_and_empty_patterns_are_refused() {
        let refused = |text: &str| Pattern::compile(text).map(drop).expect_err("refused").message;
        assert!(refused("(").starts_with("not a regular expression"));
        assert!(refused("a*").contains("empty text"));
        assert!(refused(&"a".repeat(513)).contains("512"));
        assert!(refused(r"(\pL{1000}){1000}").contains("not a regular expression"));
        assert!(refused(r"(a)\1").contains("backreferences"));
    }

    #[test]
    fn a_test_is_captured_by_name() {
        let pattern = Pattern::compile("FLAKY .* (?<test>[a-z_:]+)$").expect("sound");
        assert_eq!(pattern.test("  FLAKY 2/3 [  0.1s] agent::tui opens_twice"), Some("opens_twice"));
        assert!(pattern.names("test") && !pattern.names("path"));
    }
}
