//! What a table states, key by key, and which way each key grows stricter: what two versions of a definition are compared by.
//!
//! A reader says beside its keys which change of each makes the definition stricter ([`super::Keys::stricter`]). A key of which
//! nothing is said has no known direction, and then every change of it counts as a weakening.

use crate::model::Value;
use crate::source::Span;
use std::collections::BTreeMap;

/// Which change of a key's value makes a definition stricter. Every other change is a weakening, or counts as one.
///
/// A direction is only for keys of which this holds whatever the evidence: nothing that failed can pass after the change. A filter
/// has none: a check that looks at more may find something to look at where it found nothing before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stricter {
    /// A higher number, also with a unit; in a table of numbers each one, and one more. Without the key there is no bound.
    Higher,
    /// As [`Stricter::Higher`]; without the key the bound is this number.
    HigherElse(&'static str),
    /// A lower number, as [`Stricter::Higher`].
    Lower,
    /// More members of a list: what must be there. Without the key nothing must.
    More,
    /// Fewer members of a list: what may be there. Without the key nothing may.
    Fewer,
    /// As [`Stricter::Fewer`]; without the key everything may.
    FewerElseAny,
    /// `true`.
    True,
    /// `false`.
    False,
    /// A later one of these words.
    Words(&'static [&'static str]),
    /// That the key is there. Another value may be anything.
    Given,
    /// None: the key holds words for people, and a change of it is neutral.
    Prose,
    /// No change does so for certain: expressions, patterns, places, names.
    Unclear,
}

impl Stricter {
    /// The word in the docs.
    pub fn word(self) -> String {
        match self {
            Stricter::Higher => "higher".to_owned(),
            Stricter::HigherElse(default) => format!("higher, from {default}"),
            Stricter::Lower => "lower".to_owned(),
            Stricter::More => "more members".to_owned(),
            Stricter::Fewer => "fewer members".to_owned(),
            Stricter::FewerElseAny => "given, fewer members".to_owned(),
            Stricter::True => "`true`".to_owned(),
            Stricter::False => "`false`".to_owned(),
            Stricter::Words(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" < "),
            Stricter::Given => "given".to_owned(),
            Stricter::Prose => "(words)".to_owned(),
            Stricter::Unclear => "unclear".to_owned(),
        }
    }
}

/// One key of a table as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Stated {
    /// The key.
    pub key: &'static str,
    /// Its value, or the one that stands for its absence; `None` where it is absent and nothing stands for that.
    pub value: Option<Value>,
    /// The value in the file; `None` where the key is absent.
    pub at: Option<Span>,
    /// What makes it stricter; `None` where the reader does not say.
    pub stricter: Option<Stricter>,
}

/// Where things stand that a suite is made of, by a path of names such as `evidence.report.max_age`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places(BTreeMap<String, Span>);

impl Places {
    /// Says where something stands; what was said before is replaced.
    pub fn put(&mut self, name: impl Into<String>, at: Span) {
        self.0.insert(name.into(), at);
    }

    /// Where it stands, or else the nearest of what holds it (`evidence.report` for `evidence.report.max_age`).
    pub fn find(&self, name: &str) -> Option<&Span> {
        let mut name = name;
        loop {
            match (self.0.get(name), name.rsplit_once('.')) {
                (Some(at), _) => return Some(at),
                (None, Some((above, _))) => name = above,
                (None, None) => return None,
            }
        }
    }
}
