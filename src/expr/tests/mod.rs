//! Tests of the room as a whole: what expressions mean, what they refuse, what they show.

mod basics;
mod operands;
mod peer;
mod problems;
mod robustness;
mod strictness;

use super::{Expression, Scope, Trouble, TroubleKind, Truth};
use crate::model::{Document, Map, Number, Value};

/// A document from JSON text.
fn document(json: &str) -> Document {
    fn value(json: &serde_json::Value) -> Value {
        match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(flag) => Value::Bool(*flag),
            serde_json::Value::Number(number) => Value::Number(match (number.as_i64(), number.as_u64(), number.as_f64()) {
                (Some(int), _, _) => Number::Int(int.into()),
                (None, Some(int), _) => Number::Int(int.into()),
                (None, None, float) => Number::Float(float.expect("a number")),
            }),
            serde_json::Value::String(text) => Value::Text(text.as_str().into()),
            serde_json::Value::Array(items) => Value::List(items.iter().map(value).collect()),
            serde_json::Value::Object(entries) => {
                let entries = entries.iter().map(|(key, item)| (key.as_str().into(), value(item))).collect();
                Value::Map(Map::from_entries(entries).expect("keys once"))
            }
        }
    }
    Document::new(value(&serde_json::from_str(json).expect("JSON")))
}

/// The document most tests look at, bound as `s`.
const SAMPLE: &str = r#"{
    "status": "ready", "ready": true, "count": 14, "ratio": 0.5, "five": 5, "five_point_oh": 5.0, "nothing": null,
    "big": 18446744073709551615, "at": "2026-01-31T12:00:00Z", "later": "2026-02-01T00:00:00+02:00",
    "tags": ["a", "b", "c"], "empty": [], "numbers": [3, 1.5, 2], "mixed": [1, "x"], "bare": {},
    "dash-key": {"x-y": 1},
    "suites": [
        {"name": "unit", "total": 10, "passed": 10, "failed": 0, "cases": ["x", "y"]},
        {"name": "e2e", "total": 4, "passed": 3, "failed": 1, "note": "flaky", "cases": []}
    ],
    "limits": {"cpu": 2, "ram": 8}
}"#;

/// What a text means over [`SAMPLE`], as a condition.
fn truth(text: &str) -> Truth {
    let document = document(SAMPLE);
    let mut scope = Scope::new();
    scope.bind("s", document.root());
    scope.bind_instant("now", crate::model::parse_instant("2026-02-01T12:00:00Z").expect("sound"));
    compiled(text).holds(&scope)
}

fn compiled(text: &str) -> Expression {
    Expression::compile(text, &["s", "now"]).unwrap_or_else(|problems| panic!("{text}: {problems:?}"))
}

/// The value of a text over [`SAMPLE`], as JSON.
fn shown(text: &str) -> Result<String, Box<Trouble>> {
    let document = document(SAMPLE);
    let mut scope = Scope::new();
    scope.bind("s", document.root());
    scope.bind_instant("now", crate::model::parse_instant("2026-02-01T12:00:00Z").expect("sound"));
    compiled(text).value(&scope).map(|item| item.excerpt(200))
}

fn trouble(text: &str) -> Trouble {
    match shown(text) {
        Err(trouble) => *trouble,
        Ok(value) => panic!("{text} has the value {value}"),
    }
}

fn kind(text: &str) -> TroubleKind {
    trouble(text).kind
}
