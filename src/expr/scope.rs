//! What the names in an expression mean: documents, items of documents, and plain values.

use super::origin::{At, Origin};
use super::value::{EXCERPT, List, Located, Text, Val};
use crate::model::{Instant, Node, Number, Pointer};
use std::sync::Arc;

/// The meaning of each free name. Values that come from a document remember where they came from.
#[derive(Debug, Clone, Default)]
pub struct Scope<'d> {
    /// A handful, looked through from the first: records that pass by are bound by the million.
    names: Vec<(Arc<str>, Located<'d>)>,
}

impl<'d> Scope<'d> {
    /// Nothing bound.
    pub fn new() -> Self {
        Self::default()
    }

    /// Binds a whole document; places in it are told as `name` and a pointer. A name bound before is replaced, here and in
    /// every other method.
    pub fn bind(&mut self, name: &str, document: Node<'d>) {
        self.bind_at(name, document, Pointer::root());
    }

    /// Binds a value inside a document, which lies at `pointer` there.
    pub fn bind_at(&mut self, name: &str, node: Node<'d>, pointer: Pointer) {
        self.put(name, Located { value: node.into(), origin: Some(Origin::root(name, 0, pointer)) });
    }

    /// Binds one of the documents of an evidence with several files; its places are told with [`At::document`].
    pub fn bind_document(&mut self, name: &str, document: usize, node: Node<'d>) {
        let origin = Some(Origin::root(name, document, Pointer::root()));
        self.put(name, Located { value: node.into(), origin });
    }

    /// Binds the documents of an evidence with several files as one list; places are told with [`At::document`].
    pub fn bind_documents(&mut self, name: &str, documents: impl IntoIterator<Item = Node<'d>>) {
        let located = |(at, node): (usize, Node<'d>)| Located {
            value: node.into(),
            origin: Some(Origin::root(name, at, Pointer::root())),
        };
        let items: Arc<[Located<'d>]> = documents.into_iter().enumerate().map(located).collect();
        self.put(name, Val::List(List::Built(items)).into());
    }

    /// Binds an item that another expression gave; it keeps the place that it came from.
    pub fn bind_item(&mut self, name: &str, item: &Item<'d>) {
        self.put(name, item.0.clone());
    }

    /// Binds a point in time, such as `now`.
    pub fn bind_instant(&mut self, name: &str, instant: Instant) {
        self.put(name, Val::Instant(instant).into());
    }

    /// Binds a number; floats must be finite.
    pub fn bind_number(&mut self, name: &str, number: Number) {
        self.put(name, Val::Number(number).into());
    }

    /// Binds a string.
    pub fn bind_text(&mut self, name: &str, text: &'d str) {
        self.put(name, Val::Text(Text::Document(text)).into());
    }

    /// Binds `true` or `false`.
    pub fn bind_boolean(&mut self, name: &str, flag: bool) {
        self.put(name, Val::Bool(flag).into());
    }

    pub(super) fn get(&self, name: &str) -> Option<&Located<'d>> {
        self.names.iter().find(|(own, _)| **own == *name).map(|(_, value)| value)
    }

    fn put(&mut self, name: &str, value: Located<'d>) {
        match self.names.iter_mut().find(|(own, _)| **own == *name) {
            Some((_, own)) => *own = value,
            None => self.names.push((name.into(), value)),
        }
    }
}

/// A value that an expression gave, with the place it came from.
#[derive(Debug, Clone)]
pub struct Item<'d>(pub(super) Located<'d>);

impl<'d> Item<'d> {
    /// Where it lies, if it came from a document unchanged.
    pub fn at(&self) -> Option<At> {
        self.0.at()
    }

    /// The type as findings name it.
    pub fn type_name(&self) -> &'static str {
        self.0.value.type_name()
    }

    /// The string, if it is one.
    pub fn text(&self) -> Option<&str> {
        if let Val::Text(text) = &self.0.value { Some(text.as_str()) } else { None }
    }

    /// The number, if it is one.
    pub fn number(&self) -> Option<Number> {
        if let Val::Number(number) = &self.0.value { Some(*number) } else { None }
    }

    /// The boolean, if it is one.
    pub fn boolean(&self) -> Option<bool> {
        if let Val::Bool(flag) = &self.0.value { Some(*flag) } else { None }
    }

    /// The timestamp, if it is one.
    pub fn instant(&self) -> Option<Instant> {
        if let Val::Instant(instant) = &self.0.value { Some(*instant) } else { None }
    }

    /// The value as JSON, cut to about `limit` characters.
    pub fn excerpt(&self, limit: usize) -> String {
        self.0.value.excerpt(limit)
    }

    /// The value for use in a sentence: strings without quotes, everything else as JSON, cut to 120 characters.
    pub fn in_words(&self) -> String {
        match &self.0.value {
            Val::Text(text) if text.as_str().chars().count() <= EXCERPT => text.as_str().to_owned(),
            Val::Text(text) => text.as_str().chars().take(EXCERPT - 1).chain(['…']).collect(),
            // Four digits behind the point tell people enough.
            Val::Number(Number::Float(float)) if float.fract() != 0.0 && float.abs() >= 0.01 => {
                format!("{float:.4}").trim_end_matches('0').to_owned()
            }
            other => other.excerpt(EXCERPT),
        }
    }
}
