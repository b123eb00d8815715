//! A command of a signature, with places for names.
//!
//! In: our own text, such as `cargo test --test {target} -- --nocapture`. Out: the text with each place filled by a word that
//! the caller has quoted for a shell. A template never takes text from evidence in any other way.

use crate::definition::{Kind, Raw, Read, Refusal, choice};
use crate::diagnostic::Code;
use std::collections::BTreeMap;

/// What a place stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// The suite or unit.
    Target,
    /// The test.
    Test,
    /// The artifact.
    Path,
}

const KNOWN: [(&str, Known); 3] = [("target", Known::Target), ("test", Known::Test), ("path", Known::Path)];

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Place(Known),
}

/// A command with places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Part>);

impl Template {
    fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("must not be blank".to_owned());
        }
        if text.chars().any(char::is_control) {
            return Err("a command is one line without control characters".to_owned());
        }
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, behind)) = rest.split_once('{') {
            let (word, behind) = behind.split_once('}').ok_or("a `{` has no `}` behind it")?;
            let known = KNOWN.iter().find(|(name, _)| *name == word).map(|(_, known)| *known);
            let known = known.ok_or_else(|| {
                let words = KNOWN.map(|(name, _)| name);
                format!("`{{{word}}}` stands for nothing; {}", crate::diagnostic::did_you_mean(word, words))
            })?;
            parts.extend([Part::Text(before.to_owned()), Part::Place(known)]);
            rest = behind;
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Self(parts))
    }

    /// The places in it.
    pub fn places(&self) -> impl Iterator<Item = Known> {
        self.0.iter().filter_map(|part| if let Part::Place(known) = part { Some(*known) } else { None })
    }

    /// The command; `None` where a place has no word. Words must already be quoted.
    pub fn fill(&self, quoted: &BTreeMap<Known, String>) -> Option<String> {
        let part = |part: &Part| match part {
            Part::Text(text) => Some(text.clone()),
            Part::Place(known) => quoted.get(known).cloned(),
        };
        self.0.iter().map(part).collect()
    }
}

impl Read for Template {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        let text = raw.string("a command").map_err(|refusal| vec![refusal])?;
        Self::parse(text).map_err(|phrase| vec![Refusal::new(phrase).code(Code::EXPRESSION)])
    }

    fn kind() -> Kind {
        Kind::Pattern("\\S", "a command; `{target}`, `{test}` and `{path}` stand for quoted names")
    }
}

impl Read for super::TargetState {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        choice(raw, &[("failed", super::TargetState::Failed), ("flaky", super::TargetState::Flaky)])
    }

    fn kind() -> Kind {
        Kind::Choice(vec!["failed", "flaky"])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_or_the_command_is_left_out() {
        let template = Template::parse("cargo test --test {target} {test} -- --nocapture").expect("sound");
        let mut words = BTreeMap::from([(Known::Target, "a".to_owned())]);
        assert_eq!(template.fill(&words), None);
        words.insert(Known::Test, "'b c'".to_owned());
        assert_eq!(template.fill(&words).as_deref(), Some("cargo test --test a 'b c' -- --nocapture"));
        assert_eq!(template.places().collect::<Vec<_>>(), [Known::Target, Known::Test]);
    }

    #[test]
    fn unknown_places_are_refused() {
        assert!(Template::parse("x {tagret}").expect_err("misspelt").contains("did you mean `target`"));
        assert!(Template::parse("x {target").is_err() && Template::parse(" ").is_err() && Template::parse("a\nb").is_err());
    }
}
