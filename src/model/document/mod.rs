//! A parsed document and the one way to look into it.
//!
//! Readers write documents with a [`Builder`]; everyone else sees [`Node`]s: pointer look-up, iteration, exact numbers. How a
//! document lies in memory is known to this folder alone.

mod builder;
mod number;
mod tape;
mod value;

pub use builder::{Builder, Built, Mark, Overflow};
pub use number::Number;
pub use value::{DuplicateKey, Map, Value};

use super::location::Pointer;
use std::fmt;
use tape::{Kind, Tape, Word, word};

/// A whole parsed document.
#[derive(Clone)]
pub struct Document {
    tape: Tape,
    root: Word,
}

impl Document {
    /// Lays out a tree that a reader built.
    ///
    /// # Panics
    /// If the tree holds more than 4 GiB of text or a text of 256 MiB, which no limit on evidence lets through.
    pub fn new(root: Value) -> Self {
        let mut builder = Builder::default();
        let built = builder.value(&root).expect("less text than a document may have");
        Self::of(builder, built)
    }

    /// A document of its own with what a node shows.
    ///
    /// # Panics
    /// As [`Document::new`].
    pub fn copy(node: Node<'_>) -> Self {
        let mut builder = Builder::default();
        let built = builder.copy(node).expect("less text than a document may have");
        Self::of(builder, built)
    }

    /// Takes over what a reader wrote, with this value as its top.
    pub fn of(builder: Builder, root: Built) -> Self {
        let (tape, root) = builder.finish(root);
        Self { tape, root }
    }

    /// The document's top value.
    pub fn root(&self) -> Node<'_> {
        Node { tape: &self.tape, word: self.root }
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.root() == other.root()
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root().fmt(f)
    }
}

impl Builder {
    /// Writes a value that lies in another document.
    ///
    /// # Errors
    /// As [`Builder::text`].
    pub fn copy(&mut self, node: Node<'_>) -> Result<Built, Overflow> {
        Ok(match node.shape() {
            Shape::Null => self.null(),
            Shape::Bool(flag) => self.boolean(flag),
            Shape::Number(number) => self.number(number),
            Shape::Text(text) => self.text(text)?,
            Shape::List(_) => {
                let mark = self.begin();
                for item in node.items() {
                    let built = self.copy(item)?;
                    self.push(built);
                }
                self.list(mark)
            }
            Shape::Map(_) => {
                let mark = self.begin();
                for (key, value) in node.entries() {
                    let key = self.key(key)?;
                    self.push(key);
                    let value = self.copy(value)?;
                    self.push(value);
                }
                self.map(mark).expect("an object has each key once")
            }
        })
    }

    /// A value that was written, to look at before the builder goes on.
    pub fn look(&self, built: Built) -> Node<'_> {
        Node { tape: self.tape(), word: built.word() }
    }
}

/// A value inside a [`Document`]: a borrowed, copyable handle.
#[derive(Clone, Copy)]
pub struct Node<'d> {
    tape: &'d Tape,
    word: Word,
}

impl PartialEq for Node<'_> {
    /// Equal values, wherever they lie; numbers are compared exactly.
    fn eq(&self, other: &Self) -> bool {
        match (self.shape(), other.shape()) {
            (Shape::Null, Shape::Null) => true,
            (Shape::Bool(a), Shape::Bool(b)) => a == b,
            (Shape::Number(a), Shape::Number(b)) => a == b,
            (Shape::Text(a), Shape::Text(b)) => a == b,
            (Shape::List(a), Shape::List(b)) => a == b && self.items().eq(other.items()),
            (Shape::Map(a), Shape::Map(b)) => a == b && self.entries().eq(other.entries()),
            (Shape::Null | Shape::Bool(_) | Shape::Number(_) | Shape::Text(_) | Shape::List(_) | Shape::Map(_), _) => false,
        }
    }
}

/// What kind of value a [`Node`] is, with its content.
#[derive(Clone, Copy, Debug)]
pub enum Shape<'d> {
    /// JSON `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Any number.
    Number(Number),
    /// A string.
    Text(&'d str),
    /// An array, with its length; see [`Node::items`].
    List(usize),
    /// An object, with its number of entries; see [`Node::entries`].
    Map(usize),
}

impl<'d> Node<'d> {
    fn of(self, word: Word) -> Self {
        Self { word, ..self }
    }

    /// The value's kind and content.
    pub fn shape(self) -> Shape<'d> {
        match self.word.kind() {
            Kind::Null => Shape::Null,
            Kind::False => Shape::Bool(false),
            Kind::True => Shape::Bool(true),
            Kind::Short | Kind::Signed | Kind::Unsigned | Kind::Float => {
                Shape::Number(self.tape.number(self.word).expect("a word of a numeric kind"))
            }
            Kind::Text => Shape::Text(self.tape.text(self.word)),
            Kind::List => Shape::List(self.tape.items(self.word).len()),
            Kind::Map => Shape::Map(self.tape.entries(self.word).len()),
        }
    }

    /// The value's kind as findings name it.
    pub fn type_name(self) -> &'static str {
        match self.word.kind() {
            Kind::Null => "null",
            Kind::False | Kind::True => "boolean",
            Kind::Short | Kind::Signed | Kind::Unsigned => "integer",
            Kind::Float => "number",
            Kind::Text => "string",
            Kind::List => "list",
            Kind::Map => "object",
        }
    }

    /// The string, if it is one.
    pub fn text(self) -> Option<&'d str> {
        (self.word.kind() == Kind::Text).then(|| self.tape.text(self.word))
    }

    /// The number, if it is one.
    pub fn number(self) -> Option<Number> {
        self.tape.number(self.word)
    }

    /// The boolean, if it is one.
    pub fn boolean(self) -> Option<bool> {
        if let Shape::Bool(flag) = self.shape() { Some(flag) } else { None }
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.word.kind() == Kind::Null
    }

    /// Whether it is an array.
    pub fn is_list(self) -> bool {
        self.word.kind() == Kind::List
    }

    /// Whether it is an object.
    pub fn is_map(self) -> bool {
        self.word.kind() == Kind::Map
    }

    /// The entry of an object.
    pub fn get(self, key: &str) -> Option<Node<'d>> {
        self.tape.get(self.word, key).map(|word| self.of(word))
    }

    /// The item of an array, from 0.
    pub fn item(self, index: usize) -> Option<Node<'d>> {
        self.tape.items(self.word).get(index).map(|bits| self.of(word(*bits)))
    }

    /// The items of an array; nothing for any other value.
    pub fn items(self) -> impl ExactSizeIterator<Item = Node<'d>> + Clone + 'd {
        self.tape.items(self.word).iter().map(move |bits| self.of(word(*bits)))
    }

    /// The entries of an object in key order; nothing for any other value.
    pub fn entries(self) -> impl ExactSizeIterator<Item = (&'d str, Node<'d>)> + Clone + 'd {
        self.tape.entries(self.word).iter().map(move |[key, value]| (self.tape.text(word(*key)), self.of(word(*value))))
    }

    /// Follows a JSON Pointer. List positions are plain decimals without leading zeros (RFC 6901).
    pub fn at(self, pointer: &Pointer) -> Option<Node<'d>> {
        pointer.steps().try_fold(self, |node, step| match node.shape() {
            Shape::Map(_) => node.get(&step),
            Shape::List(_) if step == "0" || !step.starts_with(['0', '+']) => node.item(step.parse().ok()?),
            Shape::Null | Shape::Bool(_) | Shape::Number(_) | Shape::Text(_) | Shape::List(_) => None,
        })
    }

    /// The value as compact JSON, cut to about `limit` characters with `…`, for findings.
    pub fn excerpt(self, limit: usize) -> String {
        let mut out = String::new();
        write_excerpt(self, limit, &mut out);
        if out.chars().count() > limit {
            out = out.chars().take(limit.saturating_sub(1)).chain(['…']).collect();
        }
        out
    }
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.excerpt(200))
    }
}

/// Stops descending once the text is long enough, so that the excerpt of a huge value is cheap.
fn write_excerpt(node: Node<'_>, limit: usize, out: &mut String) {
    if out.len() > limit * 4 {
        return;
    }
    match node.shape() {
        Shape::Null => out.push_str("null"),
        Shape::Bool(flag) => out.push_str(if flag { "true" } else { "false" }),
        Shape::Number(number) => out.push_str(&number.to_string()),
        Shape::Text(text) => write_quoted(text, limit, out),
        Shape::List(_) => {
            out.push('[');
            for (at, item) in node.items().enumerate().take(limit) {
                out.push_str(if at > 0 { ", " } else { "" });
                write_excerpt(item, limit, out);
            }
            out.push(']');
        }
        Shape::Map(_) => {
            out.push('{');
            for (at, (key, item)) in node.entries().enumerate().take(limit) {
                out.push_str(if at > 0 { ", " } else { "" });
                write_quoted(key, limit, out);
                out.push_str(": ");
                write_excerpt(item, limit, out);
            }
            out.push('}');
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

#[cfg(test)]
mod tests {
    use super::*;

    fn map(entries: &[(&str, Value)]) -> Value {
        Value::Map(Map::from_entries(entries.iter().map(|(k, v)| ((*k).into(), v.clone())).collect()).expect("keys once"))
    }

    #[test]
    fn pointers_find_values() {
        let list = Value::List(vec![Value::Bool(true), "x".into()]);
        let document = Document::new(map(&[("a/b", list), ("n", Value::Null)]));
        let at = |text: &str| document.root().at(&Pointer::parse(text).expect("sound"));
        assert_eq!(at("/a~1b/1").and_then(Node::text), Some("x"));
        assert!(at("/a~1b/01").is_none() && at("/a~1b/2").is_none() && at("/n/0").is_none() && at("").is_some());
        assert_eq!(document.root().excerpt(80), r#"{"a/b": [true, "x"], "n": null}"#);
    }
}
