//! `front-matter`: Markdown that begins with a block of YAML between two lines `---`.
//!
//! Seen as an object with four entries: `fields` is the block, read as `yaml` reads it; `body` is the text behind the block;
//! `body_line` is the line of the file, from 1, on which the body begins; `tables` are the tables of the body. The block must be the first thing
//! in the file and a mapping. A file without a block, with one that does not end or one that is not sound YAML is malformed; gaps name the
//! line of the file. The body is text and nothing in it is believed, except where a check asks for its tables.
//!
//! `tables[]` is `{section, line, rows[]}`: the heading above the table, the line of its header in the file, and its rows, each an object
//! from column to cell. A cell that is one code span stands without its ticks. What a row has more than columns belongs to its last cell; a column whose
//! name is there twice, or that has none, is called `column 2` by its position. Tables in fenced code are code.
//!
//! Encoding: UTF-8 without a byte order mark.

use super::{malformed, markdown_tables, plain_utf8, yaml};
use crate::gate::{Format, Reading};
use crate::model::{Content, Document, Gap, Map, Number, Value, Where};

/// The format.
pub(super) static FRONT_MATTER: Format = Format {
    id: "front-matter",
    extensions: &[],
    about: "Markdown with a leading block of YAML",
    docs: include_str!("front_matter.rs"),
    reading: Reading::Whole(read),
};

const EXPECTED: &str = "Markdown with a leading block of YAML";

fn read(bytes: &[u8], at: &Where) -> Result<Content, Gap> {
    let text = plain_utf8(bytes, at)?;
    let refuse = |line, actual: &str| Err(malformed(at, line, EXPECTED, actual.to_owned()));
    let mut lines = text.split_inclusive('\n');
    let Some(first) = lines.next().filter(|line| is_fence(line)) else {
        return refuse(Some(1), "a first line that is not `---`");
    };
    let rest = &text[first.len()..];
    // The parser of YAML passes over one, as at the beginning of a file.
    if rest.starts_with('\u{feff}') {
        return refuse(Some(2), "a byte order mark");
    }
    let mut length = 0;
    let mut closing = None;
    for (index, line) in lines.enumerate() {
        if is_fence(line) {
            closing = Some((index, line.len()));
            break;
        }
        length += line.len();
    }
    let Some((inside, fence)) = closing else {
        return refuse(Some(1), "a block that does not end with a line `---`");
    };
    let fields = yaml::parse(&rest[..length]).map_err(|fault| fault.gap(at, 1, EXPECTED))?;
    if !matches!(fields, Value::Map(_)) {
        return refuse(Some(2), "a block that is no mapping");
    }
    let (line, body) = (inside + 3, &rest[length + fence..]);
    let entries = vec![
        ("fields".into(), fields),
        ("body".into(), Value::from(body)),
        ("body_line".into(), Value::Number(Number::Int(line as i128))),
        ("tables".into(), Value::List(markdown_tables::tables(body, line))),
    ];
    let map = Map::from_entries(entries).expect("four different keys");
    Ok(Content::Document(Document::new(Value::Map(map))))
}

/// A line of three dashes; what editors leave behind them does not count.
fn is_fence(line: &str) -> bool {
    line.trim_end_matches(['\n', '\r', ' ', '\t']) == "---"
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn excerpt(text: &str) -> Result<String, Gap> {
        match read(text.as_bytes(), &Where::file("report.md"))? {
            Content::Document(document) => Ok(document.root().excerpt(300).replace(", \"tables\": []", "")),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn fields_and_body_are_told_apart() {
        let cases = [
            ("---\na: 1\n---\n# Title\n\ntext\n", r##"{"body": "# Title\n\ntext\n", "body_line": 4, "fields": {"a": 1}}"##),
            ("---\r\na: 1\r\n---  \r\nx", r#"{"body": "x", "body_line": 4, "fields": {"a": 1}}"#),
            ("---\na: 1\n---", r#"{"body": "", "body_line": 4, "fields": {"a": 1}}"#),
            (
                "---\na: |\n  x\n   ---\n---\ny\n---\nz\n",
                r#"{"body": "y\n---\nz\n", "body_line": 6, "fields": {"a": "x\n ---\n"}}"#,
            ),
        ];
        let mut read = 0;
        for (text, expected) in cases {
            assert_eq!(excerpt(text), Ok(expected.to_owned()));
            read += 1;
        }
        assert_eq!(read, 4);
    }

    #[test]
    fn anything_else_is_malformed_with_its_line() {
        let cases = [
            ("", 1, "first line"),
            ("# Title\n---\na: 1\n---\n", 1, "first line"),
            ("\n---\na: 1\n---\n", 1, "first line"),
            ("\u{feff}---\na: 1\n---\n", 1, "byte order mark"),
            ("---\n\u{feff}a: 1\n---\n", 2, "byte order mark"),
            ("---\na: 1\n\u{feff}b: 1\n---\n", 3, "byte order mark"),
            ("----\na: 1\n----\n", 1, "first line"),
            ("---\na: 1\n", 1, "does not end"),
            ("---\n---\n", 0, "no document"),
            ("---\n- a\n---\n", 2, "no mapping"),
            ("---\njust text\n---\n", 2, "no mapping"),
            ("---\na: 1\na: 2\n---\n", 3, "the key `a` is there twice in one mapping (line 3, column 1)"),
            ("---\nx: 0\na: &x 1\n---\n", 3, "an anchor"),
            ("---\na: !t 1\n---\n", 2, "a tag"),
            ("---\na: [1\n---\n", 3, ""),
        ];
        let mut refused = 0;
        for (text, line, says) in cases {
            let gap = excerpt(text).expect_err(text);
            assert_eq!(gap.at.line.unwrap_or(0), line, "{text:?}: {}", gap.actual);
            assert!(gap.actual.contains(says), "{text:?}: {}", gap.actual);
            refused += 1;
        }
        assert_eq!(refused, 15);
    }

    proptest! {
        /// The line of the body is where the body is.
        #[test]
        fn the_body_is_the_rest_of_the_file(block in "(a|b: 1|\\n|---|#){0,8}", body in "(x|\\n|---|\\r){0,8}") {
            let text = format!("---\nk: 1\n{block}\n---\n{body}");
            if let Ok(Content::Document(document)) = read(text.as_bytes(), &Where::file("a")) {
                let own = document.root().get("body").and_then(crate::model::Node::text).expect("a body");
                let line = document.root().get("body_line").and_then(crate::model::Node::number).expect("a line");
                prop_assert!(text.ends_with(own));
                let above = text[..text.len() - own.len()].matches('\n').count();
                prop_assert_eq!(line.as_integer(), Some(above as i128 + 1));
            }
        }
    }
}
