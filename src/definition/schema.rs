//! What a reader says about itself, and what is made from it: JSON Schemas for editors, Markdown tables for docs.

use super::keys::Keys;
use super::stated::Stricter;
use serde_json::{Map, Value, json};

/// The form of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Text, not blank.
    Text,
    /// `true` or `false`.
    Boolean,
    /// A whole number, 0 or more.
    Natural,
    /// A finite number.
    Number,
    /// One of these words.
    Choice(Vec<&'static str>),
    /// Text that matches a pattern, with what it means.
    Pattern(&'static str, &'static str),
    /// A list with at least one member.
    List(Box<Kind>),
    /// Any one of these forms: `["a"]` or `"policy.required"`.
    Either(Vec<Kind>),
    /// A table whose keys are free.
    Map(Box<Kind>),
    /// A table with these keys.
    Table(Vec<KeyDoc>),
    /// One of several tables, each with the word that its first key (`kind`) must have.
    OneOf(Vec<(&'static str, Vec<KeyDoc>)>),
    /// Any data.
    Any,
}

/// One key of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyDoc {
    /// The key.
    pub name: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// The value that stands for its absence, as text.
    pub default: Option<String>,
    /// Its form.
    pub kind: Kind,
    /// What it does: one or more sentences.
    pub doc: &'static str,
    /// Which change of it makes the definition stricter; `None` where the reader does not say.
    pub stricter: Option<Stricter>,
}

/// Lets a reader describe the keys it asks for.
pub fn describe(reader: impl FnOnce(&mut Keys<'_>)) -> Vec<KeyDoc> {
    let mut keys = Keys::describing();
    reader(&mut keys);
    keys.into_docs()
}

/// A JSON Schema (2020-12) for a whole file with these keys.
pub fn json_schema(title: &str, id: &str, keys: &[KeyDoc]) -> String {
    let mut schema = json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": id, "title": title });
    merge(&mut schema, table(keys, None));
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is plain JSON");
    text.push('\n');
    text
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}

fn table(keys: &[KeyDoc], constant: Option<(&str, &str)>) -> Value {
    let mut properties = Map::new();
    for key in keys {
        let mut schema = form(&key.kind);
        merge(&mut schema, json!({ "description": key.doc }));
        if let Some(default) = &key.default {
            let value = serde_json::from_str(default).unwrap_or_else(|_| Value::from(default.as_str()));
            merge(&mut schema, json!({ "default": value }));
        }
        properties.insert(key.name.to_owned(), schema);
    }
    if let Some((name, word)) = constant {
        properties.insert(name.to_owned(), json!({ "const": word }));
    }
    let required: Vec<&str> = keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn form(kind: &Kind) -> Value {
    match kind {
        Kind::Text => json!({ "type": "string", "pattern": "\\S" }),
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Natural => json!({ "type": "integer", "minimum": 0 }),
        Kind::Number => json!({ "type": "number" }),
        Kind::Choice(words) => json!({ "enum": words }),
        Kind::Pattern(pattern, _) => json!({ "type": "string", "pattern": pattern }),
        Kind::List(item) => json!({ "type": "array", "minItems": 1, "items": form(item) }),
        Kind::Either(forms) => json!({ "anyOf": forms.iter().map(form).collect::<Vec<_>>() }),
        Kind::Map(value) => json!({ "type": "object", "additionalProperties": form(value) }),
        Kind::Table(keys) => table(keys, None),
        Kind::OneOf(tables) => {
            json!({ "oneOf": tables.iter().map(|(word, keys)| table(keys, Some(("kind", word)))).collect::<Vec<_>>() })
        }
        Kind::Any => json!({}),
    }
}

/// The keys as a Markdown table; nested tables follow with their path before the key.
pub fn markdown(keys: &[KeyDoc]) -> String {
    let directed = keys.iter().any(|key| key.stricter.is_some());
    let mut out = match directed {
        true => String::from("| key | takes | default | stricter is | meaning |\n|---|---|---|---|---|\n"),
        false => String::from("| key | takes | default | meaning |\n|---|---|---|---|\n"),
    };
    rows(keys, "", directed, &mut out);
    out
}

fn rows(keys: &[KeyDoc], prefix: &str, directed: bool, out: &mut String) {
    for key in keys {
        let default = match (&key.default, key.required) {
            (Some(default), _) => format!("`{default}`"),
            (None, true) => "required".to_owned(),
            (None, false) => String::new(),
        };
        let doc = key.doc.replace('|', "\\|").replace('\n', " ");
        let stricter = match (directed, key.stricter) {
            (true, Some(stricter)) => format!("{} | ", stricter.word()),
            (true, None) => " | ".to_owned(),
            (false, _) => String::new(),
        };
        out.push_str(&format!("| `{prefix}{}` | {} | {default} | {stricter}{doc} |\n", key.name, takes(&key.kind)));
        match &key.kind {
            Kind::Table(inner) => rows(inner, &format!("{prefix}{}.", key.name), directed, out),
            Kind::Map(inner) => nested(inner, &format!("{prefix}{}.<name>.", key.name), directed, out),
            Kind::List(inner) => nested(inner, &format!("{prefix}{}[].", key.name), directed, out),
            Kind::Text
            | Kind::Boolean
            | Kind::Natural
            | Kind::Number
            | Kind::Choice(_)
            | Kind::Pattern(..)
            | Kind::Either(_)
            | Kind::OneOf(_)
            | Kind::Any => {}
        }
    }
}

fn nested(kind: &Kind, prefix: &str, directed: bool, out: &mut String) {
    if let Kind::Table(keys) = kind {
        rows(keys, prefix, directed, out);
    }
}

fn takes(kind: &Kind) -> String {
    match kind {
        Kind::Text => "text".to_owned(),
        Kind::Boolean => "`true`, `false`".to_owned(),
        Kind::Natural => "whole number".to_owned(),
        Kind::Number => "number".to_owned(),
        Kind::Choice(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Kind::Pattern(_, meaning) => (*meaning).replace('|', "\\|"),
        Kind::List(item) => format!("list of: {}", takes(item)),
        Kind::Either(forms) => forms.iter().map(takes).collect::<Vec<_>>().join(", or "),
        Kind::Map(value) => format!("table of: {}", takes(value)),
        Kind::Table(_) => "table".to_owned(),
        Kind::OneOf(_) => "table by `kind`".to_owned(),
        Kind::Any => "any data".to_owned(),
    }
}
