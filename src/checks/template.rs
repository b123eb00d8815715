//! Texts with placeholders: `Give dimension `{d.name}` at least one value.`
//!
//! In: the text of `expect`, `message` or `next`. What stands between braces is an expression, compiled when the definition is read; `{{` and
//! `}}` are plain braces. Out: the text filled for one item. A placeholder without an answer says so and spoils nothing else.

use super::expression::{Condition, compile};
use crate::definition::{Raw, Refusal};
use crate::diagnostic::Code;
use crate::expr::Scope;

/// What the key `message` is.
pub(super) const MESSAGE: &str = "What is wrong, in one sentence for people; `{..}` is filled in from the evidence.";

#[derive(Debug)]
enum Part {
    Text(String),
    Value(Box<Condition>),
}

/// A text with placeholders.
#[derive(Debug)]
pub(super) struct Template(Vec<Part>);

impl Template {
    /// Reads the text of a key. `bound` are the names that the kind binds.
    pub(super) fn read(raw: Raw<'_>, bound: &[&str]) -> Result<Self, Vec<Refusal>> {
        let text = raw.string("a string").map_err(|e| vec![e])?;
        let (mut parts, mut refusals, mut plain) = (Vec::new(), Vec::new(), String::new());
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            let doubled = matches!(c, '{' | '}') && text[at + 1..].starts_with(c);
            if c != '{' || doubled {
                plain.push(c);
                at += if doubled { 2 } else { c.len_utf8() };
                continue;
            }
            let Some(length) = text[at..].find('}') else {
                let refusal = Refusal::new("a `{` has no `}` behind it").code(Code::EXPRESSION);
                return Err(vec![refusal.help("write `{{` for a plain brace")]);
            };
            match compile(raw, text, at + 1, &text[at + 1..at + length], bound) {
                Ok(value) => {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                    parts.push(Part::Value(Box::new(value)));
                }
                Err(more) => refusals.extend(more),
            }
            at += length + 1;
        }
        parts.push(Part::Text(plain));
        if refusals.is_empty() { Ok(Self(parts)) } else { Err(refusals) }
    }

    /// The expressions in it.
    pub(super) fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.0.iter().filter_map(|part| match part {
            Part::Value(value) => Some(&**value),
            Part::Text(_) => None,
        })
    }

    /// The text for what the scope binds.
    pub(super) fn fill(&self, scope: &Scope<'_>) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Value(value) => match value.expression.value(scope) {
                Ok(item) => item.in_words(),
                Err(_) => format!("(no {})", value.expression.text()),
            },
        };
        self.0.iter().map(part).collect()
    }
}
