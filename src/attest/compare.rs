//! Two documents field by field: a verdict that was recorded, and the same judgement made again.

use crate::model::{Node, Pointer, Shape};
use std::collections::BTreeMap;

/// Most differences that are collected; one is enough to refuse.
const DIFFERENCES_MAX: usize = 100;
/// Longest value in a difference, in characters.
const VALUE_MAX: usize = 120;

/// One place where two documents differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The value.
    pub at: Pointer,
    /// What the first document has there; nothing if it has none.
    pub first: Option<String>,
    /// What the second document has there; nothing if it has none.
    pub second: Option<String>,
}

/// Where the recorded evidence and the evidence at hand part.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence {
    /// Files that have the digest that was recorded.
    pub same: usize,
    /// Files that are there with another digest, or cannot be read.
    pub changed: Vec<String>,
    /// Files that are no longer there.
    pub missing: Vec<String>,
    /// Files that are there and were not.
    pub added: Vec<String>,
}

struct Walk {
    /// Whether what only the second document has is a difference too.
    exact: bool,
    found: Vec<Difference>,
}

/// Where two documents differ.
pub fn differences(first: Node<'_>, second: Node<'_>) -> Vec<Difference> {
    let mut walk = Walk { exact: true, found: Vec::new() };
    walk.compare(first, second, &Pointer::root());
    walk.found
}

/// What the first document says and the second does not. What only the second says is passed over, as in-toto asks of its readers; lists
/// must be as long as each other all the same.
pub fn lacking(first: Node<'_>, second: Node<'_>) -> Vec<Difference> {
    let mut walk = Walk { exact: false, found: Vec::new() };
    walk.compare(first, second, &Pointer::root());
    walk.found
}

impl Walk {
    fn compare(&mut self, first: Node<'_>, second: Node<'_>, at: &Pointer) {
        if self.found.len() >= DIFFERENCES_MAX {
            return;
        }
        let equal = match (first.shape(), second.shape()) {
            (Shape::Map(_), Shape::Map(_)) => {
                for (key, value) in first.entries() {
                    match second.get(key) {
                        Some(other) => self.compare(value, other, &at.key(key)),
                        None => self.differ(&at.key(key), Some(value), None),
                    }
                }
                let only = second.entries().filter(|(key, _)| self.exact && first.get(key).is_none());
                only.collect::<Vec<_>>().into_iter().for_each(|(key, value)| self.differ(&at.key(key), None, Some(value)));
                true
            }
            (Shape::List(one), Shape::List(other)) => {
                for index in 0..one.max(other) {
                    match (first.item(index), second.item(index)) {
                        (Some(value), Some(other)) => self.compare(value, other, &at.index(index)),
                        (value, other) => self.differ(&at.index(index), value, other),
                    }
                }
                true
            }
            _ => first == second,
        };
        if !equal {
            self.differ(at, Some(first), Some(second));
        }
    }

    fn differ(&mut self, at: &Pointer, first: Option<Node<'_>>, second: Option<Node<'_>>) {
        if self.found.len() < DIFFERENCES_MAX {
            let told = |node: Option<Node<'_>>| node.map(|node| node.excerpt(VALUE_MAX));
            self.found.push(Difference { at: at.clone(), first: told(first), second: told(second) });
        }
    }
}

/// Compares the evidence that two verdicts list, to tell people what became of it: whether it is the same is for [`differences`] to say.
pub fn evidence(recorded: Node<'_>, here: Node<'_>) -> Evidence {
    let (recorded, here) = (rows(recorded), rows(here));
    let mut evidence = Evidence::default();
    for (path, row) in &recorded {
        match (&row.sha256, here.get(path)) {
            (Some(sha256), Some(now)) if now.sha256.as_ref() == Some(sha256) => evidence.same += 1,
            (Some(_), None) => evidence.missing.push(path.clone()),
            (Some(_), Some(now)) if now.missing => evidence.missing.push(path.clone()),
            (Some(_), Some(_)) => evidence.changed.push(path.clone()),
            (None, Some(now)) if now.sha256.is_some() => evidence.added.push(path.clone()),
            (None, Some(_) | None) => {}
        }
    }
    let new = here.iter().filter(|(path, row)| row.sha256.is_some() && !recorded.contains_key(*path));
    evidence.added.extend(new.map(|(path, _)| path.clone()));
    evidence
}

struct Row {
    sha256: Option<String>,
    missing: bool,
}

fn rows(verdict: Node<'_>) -> BTreeMap<String, Row> {
    let text = |node: Node<'_>, key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
    let items = verdict.get("evidence").into_iter().flat_map(Node::items);
    let row = |node| {
        let missing = text(node, "gap").as_deref() == Some(crate::model::GapKind::Missing.word());
        Some((text(node, "path")?, Row { sha256: text(node, "sha256"), missing }))
    };
    items.filter_map(row).collect()
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
