//! `[parameter.<name>]`: values that checks see as `policy.<name>`, and where they are named.

use super::files::Definition;
use crate::definition::{Keys, Kind, Raw, Refusal, Scope, choice};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Parameter, Tighter, Value};
use crate::source::Span;
use toml::de::{DeTable, DeValue};

/// The keys of checks that hold expressions, where `policy.<name>` may stand anywhere.
const EXPRESSIONS: [&str; 3] = ["that", "where", "failed"];

const DIRECTIONS: [(&str, Tighter); 5] = [
    ("higher", Tighter::Higher),
    ("lower", Tighter::Lower),
    ("more", Tighter::More),
    ("fewer", Tighter::Fewer),
    ("fixed", Tighter::Fixed),
];

/// Reads one parameter of a policy.
pub(super) fn read(name: &str, at: Option<Span>, keys: &mut Keys<'_>) -> Option<(String, Parameter)> {
    if let Some(at) = at.filter(|_| !is_name(name)) {
        let headline = format!("`{name}` cannot be the name of a parameter");
        let help = "use `a-z`, `0-9` and `_`, beginning with a letter, so that expressions can say `policy.<name>`";
        keys.report(Diagnostic::error(Code::WRONG_TYPE, headline).label(at, "").help(help));
    }
    let value = keys.required::<Value>("value", "What expressions see as `policy.<name>`.");
    let words = DIRECTIONS.iter().map(|(word, _)| *word).collect();
    let doc = "The direction in which a repository may move the value without a reason: `higher` or `lower` for numbers, \
               `more` or `fewer` for lists, `fixed` for neither.";
    let tighter = keys.custom("tighter", true, Kind::Choice(words), doc, |raw: Raw<'_>| choice(raw, &DIRECTIONS));
    let doc = keys.required::<String>("doc", "What it means.");
    let (value, tighter) = (value?, tighter?);
    let fits = match tighter {
        Tighter::Higher | Tighter::Lower => matches!(value, Value::Number(_)),
        Tighter::More | Tighter::Fewer => matches!(value, Value::List(_)),
        Tighter::Fixed => true,
    };
    if !fits {
        let refusal = Refusal::new(format!("{} cannot grow in this direction", type_name(&value)));
        keys.refuse("tighter", refusal.help("`higher` and `lower` are for numbers, `more` and `fewer` for lists"));
    }
    Some((name.to_owned(), Parameter { value, tighter, doc: doc? }))
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// A value's type, as messages say it.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::Text(_) => "text",
        Value::List(_) => "a list",
        Value::Map(_) => "a table",
    }
}

/// Whether moving a parameter to this value loosens it.
pub(super) fn loosens(parameter: &Parameter, to: &Value) -> bool {
    let within = |inner: &[Value], outer: &[Value]| inner.iter().all(|item| outer.contains(item));
    match (parameter.tighter, &parameter.value, to) {
        (_, from, to) if from == to => false,
        (Tighter::Higher, Value::Number(from), Value::Number(to)) => to < from,
        (Tighter::Lower, Value::Number(from), Value::Number(to)) => to > from,
        (Tighter::More, Value::List(from), Value::List(to)) => !within(from, to),
        (Tighter::Fewer, Value::List(from), Value::List(to)) => !within(to, from),
        (Tighter::Higher | Tighter::Lower | Tighter::More | Tighter::Fewer | Tighter::Fixed, _, _) => true,
    }
}

/// Every `policy.<name>` in the checks of a gate file: anywhere in expressions, and where a whole text is one.
pub(super) fn references(gate: &DeTable<'_>, definition: &Definition) -> Vec<(String, Span)> {
    let checks = gate.get("check").and_then(|checks| checks.get_ref().as_array());
    let mut found = Vec::new();
    for check in checks.into_iter().flat_map(|checks| checks.iter()).filter_map(|check| check.get_ref().as_table()) {
        for (key, value) in check.iter() {
            let expression = EXPRESSIONS.contains(&&**key.get_ref());
            let items: Vec<_> = match value.get_ref() {
                DeValue::Array(items) => items.iter().collect(),
                DeValue::String(_) => vec![value],
                DeValue::Integer(_)
                | DeValue::Float(_)
                | DeValue::Boolean(_)
                | DeValue::Datetime(_)
                | DeValue::Table(_) => {
                    continue;
                }
            };
            for value in items {
                let Some(text) = value.get_ref().as_str() else { continue };
                let raw = Raw { value, scope: &Scope::default(), text: &definition.text };
                let names = if expression { in_expression(text) } else { whole(text).into_iter().collect() };
                for (at, name) in names {
                    let start = raw.offset_in_string(text, at);
                    let length =
                        if start == value.span().start { value.span().len() } else { "policy.".len() + name.len() };
                    found.push((name.to_owned(), Span::new(definition.source, start..start + length)));
                }
            }
        }
    }
    found
}

fn whole(text: &str) -> Option<(usize, &str)> {
    text.strip_prefix("policy.").filter(|name| is_name(name)).map(|name| (0, name))
}

/// The names behind `policy.` in an expression, each with the offset of `policy`; quoted text is passed over.
fn in_expression(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let (mut quote, mut escaped, mut before) = (None, false, ' ');
    for (at, c) in text.char_indices() {
        if let Some(open) = quote {
            if c == open && !escaped {
                quote = None;
            }
            escaped = c == '\\' && !escaped;
        } else if c == '"' || c == '\'' {
            quote = Some(c);
        } else if !(before.is_alphanumeric() || before == '_' || before == '.') {
            if let Some(rest) = text[at..].strip_prefix("policy.") {
                let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
                if end > 0 {
                    found.push((at, &rest[..end]));
                }
            }
        }
        before = c;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Number;

    #[test]
    fn references_are_found_outside_of_quotes() {
        let text = r#"a.policy.no && policy.yes > 1 && 'policy.no' == "x\" policy.no" || policy.also.deep"#;
        let names: Vec<_> = in_expression(text).into_iter().map(|(at, name)| (&text[at..at + 6], name)).collect();
        assert_eq!(names, [("policy", "yes"), ("policy", "also")]);
        assert_eq!(whole("policy.max_age"), Some((0, "max_age")));
        assert_eq!((whole("policy."), whole("see policy.x"), whole("policy.X")), (None, None, None));
    }

    #[test]
    fn each_direction_has_two_sides() {
        let number = |n| Value::Number(Number::Int(n));
        let list = |items: &[&str]| Value::List(items.iter().map(|item| Value::from(*item)).collect());
        let cases = [
            (Tighter::Higher, number(5), number(6), number(4)),
            (Tighter::Lower, number(5), number(4), number(6)),
            (Tighter::More, list(&["a"]), list(&["a", "b"]), list(&["b"])),
            (Tighter::Fewer, list(&["a", "b"]), list(&["a"]), list(&["a", "c"])),
            (Tighter::Fixed, number(5), number(5), number(4)),
        ];
        for (tighter, from, stricter, looser) in cases {
            let parameter = Parameter { value: from, tighter, doc: "d".to_owned() };
            assert!(!loosens(&parameter, &stricter) && loosens(&parameter, &looser), "{tighter:?}");
            assert!(loosens(&parameter, &Value::Bool(true)), "another type is never stricter: {tighter:?}");
        }
    }
}
