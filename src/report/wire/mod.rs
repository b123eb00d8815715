//! The JSON shapes of our outputs, how they are spelled and how they are published.
//!
//! Comes in: a [`Verdict`](crate::model::Verdict). Goes out: JSON text that is the same for the same verdict, and the JSON
//! Schema of each shape. A shape is a contract with its readers: fields may be added to `v1`, never renamed, retyped or dropped.

pub mod intoto;
pub mod v1;

use super::sanitise::json;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use std::io::{self, Write};

/// Writes one document, indented, with a final line break.
///
/// # Errors
/// Those of `out`.
pub fn write_document(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(io::Error::other)?;
    writeln!(out, "{}", json(&text))
}

/// One document as text, indented, with a final line break.
pub fn document(value: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(value).expect("shapes of ours have text keys");
    format!("{}\n", json(&text))
}

/// Writes one document on one line.
///
/// # Errors
/// Those of `out`.
pub fn write_line(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let text = serde_json::to_string(value).map_err(io::Error::other)?;
    writeln!(out, "{}", json(&text))
}

/// The published JSON Schema (draft 2020-12) of a shape, under a name that its readers can refer to.
pub(super) fn schema_of<T: JsonSchema>(id: &str) -> String {
    let mut schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>();
    schema.insert("$id".to_owned(), format!("urn:{}", id.replace('/', ":")).into());
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is made of maps with text keys");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sanitise::deceives;

    #[test]
    fn escapes_change_the_looks_and_not_the_value() {
        let text = "\u{1b}[2J\u{9b}\u{202e}\u{e0041}##[error]##vso[x]\r\n::error::";
        let mut out = Vec::new();
        write_document(&vec![text], &mut out).expect("memory takes it");
        let shown = String::from_utf8(out).expect("UTF-8");
        assert!(!shown.chars().any(|c| c != '\n' && deceives(c)), "{shown}");
        assert_eq!(crate::report::sanitise::runner_command(&shown), None);
        let back: Vec<String> = serde_json::from_str(&shown).expect("JSON");
        assert_eq!(back, [text]);
    }
}
