//! Expressions over documents: an answer or a problem with its place, the same each time, and a field that is missing never makes a
//! condition true.
//!
//! The bytes are an expression and, behind a line `---`, the JSON document that it sees as `s`.

use super::{parts, readers};
use gatekeeper::expr::{Expression, Scope, Truth};
use gatekeeper::model::{Content, Document, Map, Node, Number, Shape, Value, parse_instant};

/// What is seen when the bytes bring no document.
const SAMPLE: &str = r#"{"a":1,"b":"x","c":[1,2.5,null],"d":{"e":true,"f":[]},"at":"2026-01-31T12:00:00Z",
    "suites":[{"name":"unit","total":10,"failed":0,"cases":["x","y"]},{"name":"e2e","total":4,"failed":1}]}"#;

pub fn target(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (text, given) = parts(text);
    let Some(document) = json(given).or_else(|| json(SAMPLE)) else { panic!("the sample is JSON") };
    let expression = match Expression::compile(text, &["s", "now"]) {
        Ok(expression) => expression,
        Err(problems) => {
            assert!(!problems.is_empty(), "{text:?} is refused without a word");
            for problem in problems {
                assert!(text.get(problem.range.clone()).is_some(), "{text:?}: {problem:?}");
                // Not anywhere: a message quotes the expression, which may say so too.
                let gave_up = problem.message.starts_with("the expression cannot be parsed: the parser gave up");
                assert!(!problem.message.is_empty() && !gave_up, "{text:?}: {problem:?}");
            }
            return;
        }
    };
    assert!(expression.names().iter().all(|name| ["s", "now"].contains(&name.as_str())), "{:?}", expression.names());
    let truth = holds(&expression, &document);
    assert_eq!(format!("{truth:?}"), format!("{:?}", holds(&expression, &document)), "{text:?}: not the same twice");
    match &truth {
        Truth::Trouble(trouble) => {
            assert!(text.get(trouble.range.clone()).is_some_and(|part| !part.is_empty()), "{text:?}: {trouble:?}");
            assert!(!trouble.expected.is_empty() && !trouble.actual.is_empty(), "{text:?}: {trouble:?}");
        }
        Truth::Holds { examined: true | false } => {}
        Truth::DoesNotHold(_) => {}
    }
    as_value(&expression, &document, &truth);
    without_a_field(text, &expression, &document, &truth);
}

fn holds(expression: &Expression, document: &Document) -> Truth {
    expression.holds(&scope(document))
}

fn scope(document: &Document) -> Scope<'_> {
    let mut scope = Scope::new();
    scope.bind("s", document.root());
    scope.bind_instant("now", parse_instant("2026-02-01T12:00:00Z").expect("an instant"));
    scope
}

/// A condition and the value of the same text say the same.
fn as_value(expression: &Expression, document: &Document, truth: &Truth) {
    let scope = scope(document);
    let value = expression.value(&scope);
    match (truth, &value) {
        (Truth::Holds { .. }, Ok(item)) => assert_eq!(item.boolean(), Some(true)),
        (Truth::DoesNotHold(_), Ok(item)) => assert_eq!(item.boolean(), Some(false)),
        (Truth::Trouble(_), Ok(item)) => assert_eq!(item.boolean(), None, "{truth:?}, but {item:?}"),
        (Truth::Trouble(_), Err(_)) => {}
        (_, Err(trouble)) => panic!("{truth:?}, but {trouble:?}"),
    }
    if let Ok(item) = value {
        assert!(item.excerpt(50).chars().count() <= 50 && item.in_words().chars().count() <= 120);
    }
    let _list_or_trouble = expression.list(&scope);
}

/// What reads fields and asks neither `has(..)` nor for the set of fields may lose its truth with a field, never gain it.
fn without_a_field(text: &str, expression: &Expression, document: &Document, truth: &Truth) {
    if !expression.guards().is_empty() || !reads_only_fields(text) {
        return;
    }
    for field in expression.fields("s") {
        if let (Some(less), false) = (without(document.root(), field), matches!(truth, Truth::Holds { .. })) {
            let now = holds(expression, &less);
            assert!(!matches!(now, Truth::Holds { .. }), "{text:?} holds without `{field}` and not with it");
        }
    }
}

/// Whether every `s` is followed by the name of a field, so that no expression sees which fields there are.
fn reads_only_fields(text: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices('s').all(|(at, _)| {
        let inside = text[..at].ends_with(is_letter) || text[at + 1..].starts_with(is_letter);
        let Some(rest) = text[at + 1..].strip_prefix('.') else { return inside };
        let name = rest.split(|c| !is_letter(c)).next().unwrap_or_default();
        inside || !name.is_empty() && !rest[name.len()..].trim_start().starts_with('(')
    })
}

/// The object without one of its entries; `None` where it has no such entry.
fn without(root: Node<'_>, field: &str) -> Option<Document> {
    root.get(field)?;
    let entries = root.entries().filter(|(key, _)| *key != field);
    let entries = entries.map(|(key, node)| (key.into(), value(node))).collect();
    Some(Document::new(Value::Map(Map::from_entries(entries).expect("the keys of a map differ"))))
}

fn value(node: Node<'_>) -> Value {
    match node.shape() {
        Shape::Null => Value::Null,
        Shape::Bool(flag) => Value::Bool(flag),
        Shape::Number(number @ (Number::Int(_) | Number::Float(_))) => Value::Number(number),
        Shape::Text(text) => text.into(),
        Shape::List(_) => Value::List(node.items().map(value).collect()),
        Shape::Map(_) => {
            let entries = node.entries().map(|(key, item)| (key.into(), value(item))).collect();
            Value::Map(Map::from_entries(entries).expect("the keys of a map differ"))
        }
    }
}

/// A document from JSON text, by the reader that reads evidence.
fn json(text: &str) -> Option<Document> {
    let format = gatekeeper::collect::FORMATS.iter().find(|format| format.id == "json").expect("a format");
    match readers::read(&readers::workspace(text.as_bytes()), format).content {
        Ok(Content::Document(document)) => Some(document),
        Ok(_) | Err(_) => None,
    }
}
