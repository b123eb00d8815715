//! A parsed document and the one way to look into it.
//!
//! Readers build a [`Value`]; everyone else sees [`Node`]s: pointer look-up, iteration, exact numbers. The tree can become a
//! compact borrowed one without touching a check.

use super::location::Pointer;
use std::cmp::Ordering;
use std::fmt;

/// A number as the document states it. Integers within 64 bits are exact; readers refuse what would lose digits.
#[derive(Debug, Clone, Copy)]
pub enum Number {
    /// An integer, signed or unsigned, within 64 bits.
    Int(i128),
    /// A number with a fraction or an exponent; always finite.
    Float(f64),
}

impl Number {
    /// The number as an integer, also when it was written `5.0`.
    pub fn as_integer(self) -> Option<i128> {
        match self {
            Number::Int(int) => Some(int),
            // Beyond 2^53 a float no longer names one integer.
            Number::Float(float) if float.fract() == 0.0 && float.abs() <= 9_007_199_254_740_992.0 => Some(float as i128),
            Number::Float(_) => None,
        }
    }

    /// The nearest float.
    pub fn as_float(self) -> f64 {
        match self {
            Number::Int(int) => int as f64,
            Number::Float(float) => float,
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Number {
    /// Exact across integers and floats: 2^53 + 1 is not equal to the float 2^53.
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Number::Int(a), Number::Int(b)) => Some(a.cmp(b)),
            (Number::Float(a), Number::Float(b)) => a.partial_cmp(b),
            (Number::Int(a), Number::Float(b)) => compare(*a, *b),
            (Number::Float(a), Number::Int(b)) => compare(*b, *a).map(Ordering::reverse),
        }
    }
}

fn compare(int: i128, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    if float.abs() >= 1e30 {
        return Some(if float > 0.0 { Ordering::Less } else { Ordering::Greater });
    }
    let whole = float.trunc();
    Some(int.cmp(&(whole as i128)).then_with(|| 0.0_f64.total_cmp(&(float - whole + 0.0))))
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Int(int) => write!(f, "{int}"),
            Number::Float(float) if float.fract() == 0.0 && float.abs() < 1e15 => write!(f, "{float:.1}"),
            Number::Float(float) => write!(f, "{float}"),
        }
    }
}

/// What a reader builds. Only `collect::format` and tests name its variants.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// JSON `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Any number.
    Number(Number),
    /// A string.
    Text(Box<str>),
    /// An array.
    List(Vec<Value>),
    /// An object or table.
    Map(Map),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.into())
    }
}

/// The entries of an object, sorted by key, each key once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Map(Vec<(Box<str>, Value)>);

/// One object names a key twice, so two readers could see two different documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateKey(pub Box<str>);

impl Map {
    /// Builds the object.
    ///
    /// # Errors
    /// [`DuplicateKey`] names the first key, in key order, that is there twice.
    pub fn from_entries(mut entries: Vec<(Box<str>, Value)>) -> Result<Self, DuplicateKey> {
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        match entries.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            Some(pair) => Err(DuplicateKey(pair[0].0.clone())),
            None => Ok(Self(entries)),
        }
    }

    fn get(&self, key: &str) -> Option<&Value> {
        self.0.binary_search_by(|(own, _)| (**own).cmp(key)).ok().map(|at| &self.0[at].1)
    }
}

/// A whole parsed document.
#[derive(Debug, Clone, PartialEq)]
pub struct Document(Value);

impl Document {
    /// Takes over what a reader built.
    pub fn new(root: Value) -> Self {
        Self(root)
    }

    /// Gives back what a reader built, to put it into a larger document.
    pub fn into_value(self) -> Value {
        self.0
    }

    /// The document's top value.
    pub fn root(&self) -> Node<'_> {
        Node(&self.0)
    }
}

/// A value inside a [`Document`]: a borrowed, copyable handle.
#[derive(Clone, Copy, PartialEq)]
pub struct Node<'d>(&'d Value);

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
    /// The value's kind and content.
    pub fn shape(self) -> Shape<'d> {
        match self.0 {
            Value::Null => Shape::Null,
            Value::Bool(flag) => Shape::Bool(*flag),
            Value::Number(number) => Shape::Number(*number),
            Value::Text(text) => Shape::Text(text),
            Value::List(items) => Shape::List(items.len()),
            Value::Map(map) => Shape::Map(map.0.len()),
        }
    }

    /// The value's kind as findings name it.
    pub fn type_name(self) -> &'static str {
        match self.0 {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(Number::Int(_)) => "integer",
            Value::Number(Number::Float(_)) => "number",
            Value::Text(_) => "string",
            Value::List(_) => "list",
            Value::Map(_) => "object",
        }
    }

    /// The string, if it is one.
    pub fn text(self) -> Option<&'d str> {
        if let Value::Text(text) = self.0 { Some(text) } else { None }
    }

    /// The number, if it is one.
    pub fn number(self) -> Option<Number> {
        if let Value::Number(number) = self.0 { Some(*number) } else { None }
    }

    /// The boolean, if it is one.
    pub fn boolean(self) -> Option<bool> {
        if let Value::Bool(flag) = self.0 { Some(*flag) } else { None }
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        matches!(self.0, Value::Null)
    }

    /// Whether it is an array.
    pub fn is_list(self) -> bool {
        matches!(self.0, Value::List(_))
    }

    /// Whether it is an object.
    pub fn is_map(self) -> bool {
        matches!(self.0, Value::Map(_))
    }

    /// The entry of an object.
    pub fn get(self, key: &str) -> Option<Node<'d>> {
        if let Value::Map(map) = self.0 { map.get(key).map(Node) } else { None }
    }

    /// The item of an array, from 0.
    pub fn item(self, index: usize) -> Option<Node<'d>> {
        if let Value::List(items) = self.0 { items.get(index).map(Node) } else { None }
    }

    /// The items of an array; nothing for any other value.
    pub fn items(self) -> impl ExactSizeIterator<Item = Node<'d>> + Clone + 'd {
        let items: &'d [Value] = if let Value::List(items) = self.0 { items } else { &[] };
        items.iter().map(Node)
    }

    /// The entries of an object in key order; nothing for any other value.
    pub fn entries(self) -> impl ExactSizeIterator<Item = (&'d str, Node<'d>)> + Clone + 'd {
        let entries: &'d [(Box<str>, Value)] = if let Value::Map(map) = self.0 { &map.0 } else { &[] };
        entries.iter().map(|(key, value)| (&**key, Node(value)))
    }

    /// Follows a JSON Pointer. List positions are plain decimals without leading zeros (RFC 6901).
    pub fn at(self, pointer: &Pointer) -> Option<Node<'d>> {
        pointer.steps().try_fold(self, |node, step| match node.0 {
            Value::Map(_) => node.get(&step),
            Value::List(_) if step == "0" || !step.starts_with(['0', '+']) => node.item(step.parse().ok()?),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) => None,
        })
    }

    /// The value as compact JSON, cut to about `limit` characters with `…`, for findings.
    pub fn excerpt(self, limit: usize) -> String {
        let mut out = String::new();
        write_excerpt(self.0, limit, &mut out);
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
fn write_excerpt(value: &Value, limit: usize, out: &mut String) {
    if out.len() > limit * 4 {
        return;
    }
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::Text(text) => write_quoted(text, limit, out),
        Value::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate().take(limit) {
                out.push_str(if at > 0 { ", " } else { "" });
                write_excerpt(item, limit, out);
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            for (at, (key, item)) in map.0.iter().enumerate().take(limit) {
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
    fn duplicate_keys_are_refused() {
        let twice = vec![("b".into(), Value::Null), ("a".into(), Value::Null), ("b".into(), Value::Bool(true))];
        assert_eq!(Map::from_entries(twice), Err(DuplicateKey("b".into())));
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

    #[test]
    fn numbers_compare_exactly() {
        let int = |n| Number::Int(n);
        assert_eq!(int(5), Number::Float(5.0));
        assert!(int(9_007_199_254_740_993) > Number::Float(9_007_199_254_740_992.0));
        assert!(int(5) < Number::Float(5.5) && int(-5) > Number::Float(-5.5) && Number::Float(0.1) < int(1));
        assert!(int(0) < Number::Float(1e300) && int(0) > Number::Float(-1e300));
        assert_eq!(Number::Float(-0.0), int(0));
        assert_eq!(int(7).to_string() + " " + &Number::Float(7.0).to_string(), "7 7.0");
    }
}
