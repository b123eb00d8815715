//! Names with `*` for any run of characters: benchmarks, source files.

use crate::definition::{Kind, Raw, Read, Refusal};
use regex::Regex;
use std::fmt;

/// A name, or a pattern of names.
#[derive(Debug, Clone)]
pub(super) struct Wildcard {
    text: String,
    pattern: Regex,
}

impl Wildcard {
    /// Reads it. Every character but `*` stands for itself.
    ///
    /// # Errors
    /// A phrase, where it is too long to be a name.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let parts: Vec<String> = text.split('*').map(regex::escape).collect();
        let pattern = Regex::new(&format!("(?s)^{}$", parts.join(".*")));
        let pattern = pattern.map_err(|_| "is too long for a pattern".to_owned())?;
        Ok(Self { text: text.to_owned(), pattern })
    }

    /// Whether it is the name, or the name fits it.
    pub(super) fn matches(&self, name: &str) -> bool {
        self.pattern.is_match(name)
    }
}

impl fmt::Display for Wildcard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Read for Wildcard {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        let text = String::read(raw)?;
        Self::parse(&text).map_err(|phrase| vec![Refusal::new(format!("`{text}` {phrase}"))])
    }

    fn kind() -> Kind {
        Kind::Pattern("\\S", "a name; `*` stands for any run of characters")
    }
}

#[cfg(test)]
mod tests {
    use super::Wildcard;

    #[test]
    fn only_a_star_is_special() {
        let fits = |pattern: &str, name: &str| Wildcard::parse(pattern).is_ok_and(|own| own.matches(name));
        assert!(
            fits("a/*", "a/b/c") && fits("*", "") && fits("a*c", "abbc") && fits("a.b[0]", "a.b[0]") && fits("*", "a\nb")
        );
        assert!(!fits("a.b", "axb") && !fits("a/*", "b/a/c") && !fits("a", "ab") && !fits("", "a"));
    }
}
