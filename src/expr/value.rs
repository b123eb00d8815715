//! The values of an evaluation: borrowed from documents where they can be, built where they must be.

use super::origin::{At, Origin, Step};
use super::time;
use super::version::Version;
use crate::model::{Instant, Node, Number, Shape};
use chrono::TimeDelta;
use std::sync::Arc;

/// How many characters of a value troubles and operands show.
pub(super) const EXCERPT: usize = 120;

/// A value with the place that it came from, if it came from a document.
#[derive(Debug, Clone)]
pub(super) struct Located<'d> {
    pub(super) value: Val<'d>,
    pub(super) origin: Option<Origin>,
}

/// A value.
#[derive(Debug, Clone)]
pub(super) enum Val<'d> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Text<'d>),
    List(List<'d>),
    Map(Map<'d>),
    Instant(Instant),
    Span(TimeDelta),
    Version(Version),
}

/// A string.
#[derive(Debug, Clone)]
pub(super) enum Text<'d> {
    Document(&'d str),
    Built(Arc<str>),
}

/// A list.
#[derive(Debug, Clone)]
pub(super) enum List<'d> {
    Document(Node<'d>),
    Built(Arc<[Located<'d>]>),
}

/// An object.
#[derive(Debug, Clone)]
pub(super) enum Map<'d> {
    Document(Node<'d>),
    /// Sorted by key.
    Built(Arc<[(Arc<str>, Located<'d>)]>),
}

impl<'d> Text<'d> {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Text::Document(text) => text,
            Text::Built(text) => text,
        }
    }
}

impl<'d> List<'d> {
    pub(super) fn len(&self) -> usize {
        match self {
            List::Document(node) => node.items().len(),
            List::Built(items) => items.len(),
        }
    }
}

impl<'d> Map<'d> {
    pub(super) fn len(&self) -> usize {
        match self {
            Map::Document(node) => node.entries().len(),
            Map::Built(entries) => entries.len(),
        }
    }

    /// Up to `limit` keys, in key order.
    pub(super) fn keys(&self, limit: usize) -> Vec<&str> {
        match self {
            Map::Document(node) => node.entries().take(limit).map(|(key, _)| key).collect(),
            Map::Built(entries) => entries.iter().take(limit).map(|(key, _)| &**key).collect(),
        }
    }
}

impl<'d> From<Node<'d>> for Val<'d> {
    fn from(node: Node<'d>) -> Self {
        match node.shape() {
            Shape::Null => Val::Null,
            Shape::Bool(flag) => Val::Bool(flag),
            Shape::Number(number) => Val::Number(number),
            Shape::Text(text) => Val::Text(Text::Document(text)),
            Shape::List(_) => Val::List(List::Document(node)),
            Shape::Map(_) => Val::Map(Map::Document(node)),
        }
    }
}

impl<'d> From<Val<'d>> for Located<'d> {
    fn from(value: Val<'d>) -> Self {
        Self { value, origin: None }
    }
}

impl Val<'_> {
    /// A string of our own.
    pub(super) fn text(text: &str) -> Self {
        Val::Text(Text::Built(text.into()))
    }

    /// The type as findings name it.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Val::Null => "null",
            Val::Bool(_) => "boolean",
            Val::Number(Number::Int(_)) => "integer",
            Val::Number(Number::Float(_)) => "number",
            Val::Text(_) => "string",
            Val::List(_) => "list",
            Val::Map(_) => "object",
            Val::Instant(_) => "timestamp",
            Val::Span(_) => "duration",
            Val::Version(_) => "version",
        }
    }

    /// The value as JSON, cut to about `limit` characters; times as an expression would write them.
    pub(super) fn excerpt(&self, limit: usize) -> String {
        let mut out = String::new();
        self.write(limit, &mut out);
        if out.chars().count() > limit {
            out = out.chars().take(limit.saturating_sub(1)).chain(['…']).collect();
        }
        out
    }

    /// Whether the value has no parts.
    pub(super) fn is_plain(&self) -> bool {
        !matches!(self, Val::List(_) | Val::Map(_))
    }

    /// The type and the value: `integer 5`.
    pub(super) fn described(&self) -> String {
        match self {
            Val::Null => "null".to_owned(),
            other => format!("{} {}", other.type_name(), other.excerpt(EXCERPT)),
        }
    }

    fn write(&self, limit: usize, out: &mut String) {
        if out.len() > limit * 4 {
            return;
        }
        match self {
            Val::Null => out.push_str("null"),
            Val::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Val::Number(number) => out.push_str(&number.to_string()),
            Val::Text(text) => write_quoted(text.as_str(), limit, out),
            Val::List(List::Document(node)) | Val::Map(Map::Document(node)) => out.push_str(&node.excerpt(limit)),
            Val::List(List::Built(items)) => {
                out.push('[');
                for (at, item) in items.iter().enumerate().take(limit) {
                    out.push_str(if at > 0 { ", " } else { "" });
                    item.value.write(limit, out);
                }
                out.push(']');
            }
            Val::Map(Map::Built(entries)) => {
                out.push('{');
                for (at, (key, item)) in entries.iter().enumerate().take(limit) {
                    out.push_str(if at > 0 { ", " } else { "" });
                    write_quoted(key, limit, out);
                    out.push_str(": ");
                    item.value.write(limit, out);
                }
                out.push('}');
            }
            Val::Instant(instant) => out.push_str(&time::show_instant(*instant)),
            Val::Span(span) => out.push_str(&time::show_span(*span)),
            Val::Version(version) => write_quoted(version.as_str(), limit, out),
        }
    }
}

fn write_quoted(text: &str, limit: usize, out: &mut String) {
    out.push('"');
    for c in text.chars().take(limit) {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

impl<'d> Located<'d> {
    /// The place spelled out.
    pub(super) fn at(&self) -> Option<At> {
        self.origin.as_ref().map(Origin::at)
    }

    /// The entry of an object; `None` when it is not there or the value is no object.
    pub(super) fn field(&self, key: &str) -> Option<Located<'d>> {
        match &self.value {
            Val::Map(Map::Document(node)) => {
                Some(Located { value: node.get(key)?.into(), origin: self.origin_of_key(key) })
            }
            Val::Map(Map::Built(entries)) => {
                let at = entries.binary_search_by(|(own, _)| (**own).cmp(key)).ok()?;
                Some(entries[at].1.clone())
            }
            _ => None,
        }
    }

    /// The item of a list; `None` when it is not there or the value is no list.
    pub(super) fn item(&self, index: usize) -> Option<Located<'d>> {
        match &self.value {
            Val::List(List::Document(node)) => {
                Some(Located { value: node.item(index)?.into(), origin: self.origin_of_index(index) })
            }
            Val::List(List::Built(items)) => items.get(index).cloned(),
            _ => None,
        }
    }

    /// Where the entry of an object is or would be.
    pub(super) fn origin_of_key(&self, key: &str) -> Option<Origin> {
        self.origin.as_ref().map(|origin| origin.below(Step::Key(key.into())))
    }

    /// Where the item of a list is or would be.
    pub(super) fn origin_of_index(&self, index: usize) -> Option<Origin> {
        self.origin.as_ref().map(|origin| origin.below(Step::Index(index)))
    }

    /// What a loop goes through: the items of a list, the keys of an object. `None` for any other value.
    pub(super) fn members(&self) -> Option<Box<dyn Iterator<Item = Located<'d>> + 'd>> {
        let origin = self.origin.clone();
        Some(match &self.value {
            Val::List(List::Document(node)) => Box::new(node.items().enumerate().map(move |(at, item)| Located {
                value: item.into(),
                origin: origin.as_ref().map(|origin| origin.below(Step::Index(at))),
            })),
            Val::List(List::Built(items)) => {
                let items = Arc::clone(items);
                Box::new((0..items.len()).map(move |at| items[at].clone()))
            }
            Val::Map(Map::Document(node)) => Box::new(node.entries().map(move |(key, _)| Located {
                value: Val::Text(Text::Document(key)),
                origin: origin.as_ref().map(|origin| origin.below(Step::Key(key.into()))),
            })),
            Val::Map(Map::Built(entries)) => {
                let entries = Arc::clone(entries);
                Box::new((0..entries.len()).map(move |at| Val::Text(Text::Built(Arc::clone(&entries[at].0))).into()))
            }
            Val::Null | Val::Bool(_) | Val::Number(_) | Val::Text(_) | Val::Instant(_) | Val::Span(_) | Val::Version(_) => {
                return None;
            }
        })
    }
}
