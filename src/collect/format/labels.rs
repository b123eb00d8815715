//! `labels`: a text of lines `Label: value`, as one document with a field for each, as scripts write summaries.
//!
//! `Total runs:  30` becomes `"total_runs": 30`: the label in small letters, with `_` for what is no letter and no digit. A value that begins with a number is
//! that number, whatever stands behind it (`0%`, `3 of 30`); any other is a text. Signs and colours before a label do not count, and lines without
//! a colon, or with a label of more than 40 characters, are passed over. A label that comes twice with another value is malformed, and so is a text without any.
//!
//! Encodings: UTF-8 with or without a byte order mark, or UTF-16 with one.

use super::{decode, malformed};
use crate::gate::{Format, Reading};
use crate::model::{Content, Document, Gap, Map, Number, Value, Where};
use regex::Regex;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The format.
pub(super) static LABELS: Format = Format {
    id: "labels",
    extensions: &[],
    about: "lines `Label: value`, as a document",
    docs: include_str!("labels.rs"),
    reading: Reading::Whole(read),
};

static COLOURS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\x1b\[[0-9;]*m").expect("a sound pattern"));
static LINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[^\p{Alphabetic}0-9]*([\p{Alphabetic}0-9][^:]{0,39}):\s*(\S.*?)\s*$").expect("a sound pattern")
});
static FIGURE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^-?[0-9]+(?:\.[0-9]+)?(?:$|[^0-9A-Za-z.:_-])").expect("a sound pattern"));

fn read(bytes: &[u8], at: &Where) -> Result<Content, Gap> {
    let text = decode::text(bytes, at)?;
    let mut fields: BTreeMap<String, Value> = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let line = COLOURS.replace_all(line, "");
        let Some((label, value)) =
            LINE.captures(&line).and_then(|found| Some((found.get(1)?.as_str(), found.get(2)?.as_str())))
        else {
            continue;
        };
        let (label, value) = (name(label), figure(value));
        match fields.get(&label) {
            Some(before) if *before != value => {
                let actual = format!("another value of `{label}` (line {})", index + 1);
                return Err(malformed(at, Some(index + 1), "each label once", actual));
            }
            _ => drop(fields.insert(label, value)),
        }
    }
    if fields.is_empty() {
        return Err(malformed(at, None, "lines `Label: value`", "none".to_owned()));
    }
    let fields = fields.into_iter().map(|(label, value)| (label.into(), value)).collect();
    Ok(Content::Document(Document::new(Value::Map(Map::from_entries(fields).expect("each label once")))))
}

fn name(label: &str) -> String {
    let words = label.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("_")
}

fn figure(value: &str) -> Value {
    let end = FIGURE
        .is_match(value)
        .then(|| value.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '-').unwrap_or(value.len()));
    match end.and_then(|end| Number::parse(&value[..end])) {
        Some(Ok(number)) => Value::Number(number),
        Some(Err(_)) | None => Value::from(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        match read(text.as_bytes(), &Where::file("summary.txt")) {
            Ok(Content::Document(document)) => document.root().excerpt(400),
            Ok(other) => format!("{other:?}"),
            Err(gap) => format!("{} {}", gap.kind.word(), gap.actual),
        }
    }

    #[test]
    fn lines_are_fields() {
        let text = "=== Flakiness ===\n\u{1b}[32mTotal runs:   30\u{1b}[0m\nPassed: 28 of 30\n- Failed: 2\nFlake rate: 6.67%\nDate: 2026-01-23\nCommand: go test ./...\nno label here\n";
        assert_eq!(
            told(text),
            r#"{"command": "go test ./...", "date": "2026-01-23", "failed": 2, "flake_rate": 6.67, "passed": 28, "total_runs": 30}"#
        );
    }

    #[test]
    fn nothing_and_contradictions_are_malformed() {
        assert_eq!(told("hello\n"), "malformed none");
        assert_eq!(told("Total: 1\nTotal: 2\n"), "malformed another value of `total` (line 2)");
        assert_eq!(told("Total: 1\ntotal: 1\n"), r#"{"total": 1}"#);
    }
}
