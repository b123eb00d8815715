//! A place in evidence: `sweeps.sweep_plan.dimensions[*].name`.
//!
//! The first word is an evidence id. Behind it `.key` and `["any key"]` step into objects, `[3]` into lists, and `[*]` takes
//! every item of a list or every value of an object. The words are those of the expression language, so gate authors learn
//! one syntax.

use crate::definition::{Kind, Raw, Read, Refusal};
use crate::model::{EvidenceId, Node, Pointer};
use std::fmt;

/// One step of a [`Place`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Into an object.
    Key(String),
    /// Into a list, from 0.
    Index(usize),
    /// Every item or value.
    Each,
    /// Every item of a list, and nothing of anything else: of places that are derived from others, and never written.
    Item,
}

/// An evidence id and the steps from its document's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The evidence.
    pub evidence: EvidenceId,
    /// The steps.
    pub steps: Vec<Step>,
}

/// What a place led to: the value, or the pointer at which the way ended.
#[derive(Debug, Clone)]
pub enum Found<'d> {
    /// A value.
    Value(Pointer, Node<'d>),
    /// Nothing is there, in a value that could hold it.
    Absent(Pointer),
    /// What is there cannot hold the rest of the way: the pointer that is not there, and what is in its parent's stead (`a string`).
    Blocked(Pointer, String),
}

impl Place {
    /// A place in an evidence: `rows.*.name`, where `*` is each item of a list.
    pub fn of(evidence: &EvidenceId, way: &str) -> Self {
        Self { evidence: evidence.clone(), steps: Vec::new() }.below(way)
    }

    /// A place inside of this one, as [`Place::of`]; an empty way is the place itself.
    #[must_use]
    pub fn below(&self, way: &str) -> Self {
        let step = |step: &str| if step == "*" { Step::Item } else { Step::Key(step.to_owned()) };
        let steps = way.split('.').filter(|step| !step.is_empty()).map(step);
        Self { evidence: self.evidence.clone(), steps: self.steps.iter().cloned().chain(steps).collect() }
    }

    /// Whether the place can lead to several values.
    pub fn many(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Each | Step::Item))
    }

    /// Follows the steps from a document's root. Every way that ends early is among the results, so nothing is skipped unseen.
    /// An empty list under `[*]` leads nowhere and yields nothing. Ways are followed as they are asked for: there may be millions.
    pub fn find<'d: 's, 's>(&'s self, root: Node<'d>) -> Ways<'d, 's> {
        follow(&self.steps, Pointer::root(), root)
    }
}

/// What steps lead to, in document order.
pub type Ways<'d, 's> = Box<dyn Iterator<Item = Found<'d>> + 's>;

/// Follows steps from a value at a pointer.
pub(crate) fn follow<'d: 's, 's>(steps: &'s [Step], at: Pointer, node: Node<'d>) -> Ways<'d, 's> {
    let Some((step, rest)) = steps.split_first() else {
        return Box::new(std::iter::once(Found::Value(at, node)));
    };
    let ended = |at: Pointer, holds: bool| -> Ways<'d, 's> {
        let found = if holds { Found::Absent(at) } else { Found::Blocked(at, format!("a {}", node.type_name())) };
        Box::new(std::iter::once(found))
    };
    match step {
        Step::Key(key) => match node.get(key) {
            Some(inner) => follow(rest, at.key(key), inner),
            None => ended(at.key(key), node.is_map()),
        },
        Step::Index(index) => match node.item(*index) {
            Some(inner) => follow(rest, at.index(*index), inner),
            None => ended(at.index(*index), node.is_list()),
        },
        Step::Each | Step::Item if node.is_list() => {
            Box::new(node.items().enumerate().flat_map(move |(index, inner)| follow(rest, at.index(index), inner)))
        }
        Step::Each if node.is_map() => {
            Box::new(node.entries().flat_map(move |(key, inner)| follow(rest, at.key(key), inner)))
        }
        Step::Each | Step::Item => ended(at, false),
    }
}

/// Parses the steps behind an evidence id: `.a["b"][0][*]`.
///
/// # Errors
/// What is wrong, as a phrase.
pub(crate) fn parse_steps(mut rest: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(tail) = rest.strip_prefix('.') {
            let end = tail.find(['.', '[']).unwrap_or(tail.len());
            let (key, after) = tail.split_at(end);
            if key.is_empty() || !key.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') {
                return Err(format!("`.{key}` is not a key (write `[\"{key}\"]` for unusual ones)"));
            }
            steps.push(Step::Key(key.to_owned()));
            rest = after;
        } else if let Some(tail) = rest.strip_prefix("[\"") {
            let (key, after) = tail.split_once("\"]").ok_or("a `[\"` has no `\"]` behind it")?;
            steps.push(Step::Key(key.to_owned()));
            rest = after;
        } else if let Some(tail) = rest.strip_prefix('[') {
            let (index, after) = tail.split_once(']').ok_or("a `[` has no `]` behind it")?;
            steps.push(match index {
                "*" => Step::Each,
                digits => Step::Index(digits.parse().map_err(|_| format!("`[{digits}]` is neither `[*]` nor a position"))?),
            });
            rest = after;
        } else {
            return Err(format!("`{rest}` does not begin with `.` or `[`"));
        }
    }
    Ok(steps)
}

impl Read for Place {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        let text = raw.string("a place in evidence, like `report.checks[*].id`").map_err(|e| vec![e])?;
        let end = text.find(['.', '[']).unwrap_or(text.len());
        let evidence = raw.scope.evidence(&text[..end]);
        let steps = parse_steps(&text[end..]).map_err(Refusal::new);
        match (evidence, steps) {
            (Ok(evidence), Ok(steps)) => Ok(Place { evidence, steps }),
            (evidence, steps) => Err(evidence.err().into_iter().chain(steps.err()).collect()),
        }
    }

    fn kind() -> Kind {
        Kind::Pattern("^[a-z0-9][a-z0-9_-]*([.\\[].*)?$", "a place in evidence: `report.checks[*].id`")
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.evidence)?;
        self.steps.iter().try_for_each(|step| match step {
            Step::Key(key) if key.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') => write!(f, ".{key}"),
            Step::Key(key) => write!(f, "[\"{key}\"]"),
            Step::Index(index) => write!(f, "[{index}]"),
            Step::Each | Step::Item => f.write_str("[*]"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Document, Map, Value};

    fn map(entries: Vec<(&str, Value)>) -> Value {
        Value::Map(Map::from_entries(entries.into_iter().map(|(k, v)| (k.into(), v)).collect()).expect("keys once"))
    }

    #[test]
    fn every_way_is_accounted_for() {
        let rows = vec![map(vec![("n", "a".into())]), map(vec![("m", Value::Null)]), "text".into()];
        let document = Document::new(map(vec![("rows", Value::List(rows))]));
        let steps = parse_steps(".rows[*].n").expect("sound");
        let found: Vec<String> = follow(&steps, Pointer::root(), document.root())
            .map(|found| match found {
                Found::Value(at, node) => format!("{at}={}", node.excerpt(20)),
                Found::Absent(at) => format!("{at}: nothing"),
                Found::Blocked(at, actual) => format!("{at}: {actual}"),
            })
            .collect();
        assert_eq!(found, [r#"/rows/0/n="a""#, "/rows/1/n: nothing", "/rows/2/n: a string"]);
    }

    #[test]
    fn steps_read_back() {
        let steps = parse_steps(".a-b[\"c.d\"][3][*]").expect("sound");
        let place = Place { evidence: EvidenceId::try_from("e").expect("id"), steps };
        assert_eq!(place.to_string(), "e.a-b[\"c.d\"][3][*]");
        for bad in ["a", ".", "..a", "[", "[x]", "[\"a", ".a b", "[-1]"] {
            assert!(parse_steps(bad).is_err(), "{bad}");
        }
    }
}
