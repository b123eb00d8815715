//! A document as values that know the bytes they stand in, whatever its syntax.

use std::ops::Range;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    /// The step from the value around it: a key, or a position.
    pub(super) step: Step,
    /// The bytes of the value.
    pub(super) range: Range<usize>,
    /// The bytes of the entry: from the key, if it has one, to the end of the value.
    pub(super) entry: Range<usize>,
    /// The bytes of the key.
    pub(super) key: Option<Range<usize>>,
    /// What it is.
    pub(super) kind: Kind,
}

/// How a value is reached from the one around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Root,
    Key(String),
    Index(usize),
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    /// As it is written.
    Number(String),
    /// As it is meant, without quotes and escapes.
    Text(String),
    List(Vec<Node>),
    Map(Vec<Node>),
}

impl Node {
    /// The values directly inside.
    pub(super) fn inner(&self) -> &[Node] {
        match &self.kind {
            Kind::List(inner) | Kind::Map(inner) => inner,
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) => &[],
        }
    }

    /// The same value further behind in the bytes.
    pub(super) fn shift(&mut self, by: usize) {
        let moved = |range: &Range<usize>| range.start + by..range.end + by;
        self.range = moved(&self.range);
        self.entry = moved(&self.entry);
        self.key = self.key.as_ref().map(moved);
        if let Kind::List(inner) | Kind::Map(inner) = &mut self.kind {
            inner.iter_mut().for_each(|node| node.shift(by));
        }
    }
}

/// The syntax that values are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    Json,
    Yaml,
    Xml,
}

/// What is written in the place of a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    /// A list, or an object if it is one, without anything in it.
    Nothing(bool),
}

impl Syntax {
    /// The bytes of a literal.
    pub(super) fn write(self, literal: &Literal) -> String {
        match (self, literal) {
            (Syntax::Xml, Literal::Text(text)) => escape(text),
            (Syntax::Xml, Literal::Null | Literal::Nothing(_)) => String::new(),
            (Syntax::Json | Syntax::Yaml, Literal::Text(text)) => quote(text),
            (_, Literal::Null) => "null".to_owned(),
            (_, Literal::Bool(flag)) => flag.to_string(),
            (_, Literal::Number(number)) => number.clone(),
            (_, Literal::Nothing(true)) => "{}".to_owned(),
            (_, Literal::Nothing(false)) => "[]".to_owned(),
        }
    }
}

/// A string of JSON, which YAML reads too.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if u32::from(c) < 0x20 => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
