//! `sha256sum`: what `sha256sum` writes, as one document: `{"entries": [{"path": ..., "sha256": ...}]}`, in the order of the file.
//!
//! A line is 64 hex digits, a blank, a blank or `*` (the file was read as binary) and the name. A line that begins with a backslash has
//! `\\`, `\n` and `\r` in its name for a backslash, a line feed and a carriage return. So `digests-match` reads such a file like any
//! index: `entries = "sums.entries[*]"`. Other digests, lines of any other form, blank lines and names that are there twice are
//! malformed.
//!
//! Encoding: UTF-8 without a byte order mark, which would be part of the first digest.

use super::{malformed, plain_utf8};
use crate::gate::{Format, Reading};
use crate::model::{Content, Digest, Document, Gap, Map, Value, Where};
use std::collections::BTreeMap;

/// The format.
pub(super) static SHA256SUM: Format = Format {
    id: "sha256sum",
    extensions: &["sha256", "sha256sum"],
    about: "the digests and names that `sha256sum` writes",
    docs: include_str!("sha256sum.rs"),
    reading: Reading::Whole(read),
};

fn read(bytes: &[u8], at: &Where) -> Result<Content, Gap> {
    let text = plain_utf8(bytes, at)?;
    let (mut entries, mut first) = (Vec::new(), BTreeMap::new());
    // Not `lines()`: it would take a carriage return off, which belongs to the name.
    for (index, line) in text.strip_suffix('\n').unwrap_or(text).split('\n').enumerate().filter(|_| !text.is_empty()) {
        let number = index + 1;
        let gap = |actual: String| malformed(at, Some(number), "64 hex digits, two blanks and a name", actual);
        let (digest, path) = entry(line).map_err(|phrase| gap(format!("{phrase} (line {number})")))?;
        if let Some(before) = first.insert(path.clone(), number) {
            return Err(gap(format!("the name of line {before} again (line {number})")));
        }
        let entry =
            vec![("path".into(), Value::from(path.as_str())), ("sha256".into(), Value::from(digest.to_string().as_str()))];
        entries.push(Value::Map(Map::from_entries(entry).expect("two different keys")));
    }
    let root = vec![("entries".into(), Value::List(entries))];
    Ok(Content::Document(Document::new(Value::Map(Map::from_entries(root).expect("one key")))))
}

/// Digest and name of a line.
fn entry(line: &str) -> Result<(Digest, String), &'static str> {
    let (escaped, line) = line.strip_prefix('\\').map_or((false, line), |rest| (true, rest));
    let (hex, rest) = line.split_at_checked(64).ok_or("no digest")?;
    let digest = Digest::parse(hex).ok_or("no SHA-256 digest")?;
    let name = rest.strip_prefix("  ").or_else(|| rest.strip_prefix(" *")).ok_or("no two blanks behind the digest")?;
    if name.is_empty() {
        return Err("no name");
    }
    let name = if escaped { unescape(name).ok_or("a backslash that escapes nothing")? } else { name.to_owned() };
    Ok((digest, name))
}

fn unescape(name: &str) -> Option<String> {
    let (mut plain, mut rest) = (String::with_capacity(name.len()), name.chars());
    while let Some(c) = rest.next() {
        plain.push(match c {
            '\\' => match rest.next()? {
                '\\' => '\\',
                'n' => '\n',
                'r' => '\r',
                _ => return None,
            },
            c => c,
        });
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn paths(text: &str) -> Result<Vec<String>, (Option<u64>, String)> {
        match read(text.as_bytes(), &Where::file("SHA256SUMS")) {
            Ok(Content::Document(document)) => {
                let entries = document.root().get("entries").expect("entries");
                assert!(entries.items().all(|entry| entry.get("sha256").and_then(|hex| hex.text()) == Some(HEX)));
                let path =
                    |entry: crate::model::Node<'_>| entry.get("path").and_then(|path| path.text()).map(str::to_owned);
                Ok(entries.items().filter_map(path).collect())
            }
            Ok(other) => panic!("{other:?}"),
            Err(gap) => Err((gap.at.line, gap.actual)),
        }
    }

    #[test]
    fn both_markers_and_escaped_names_are_read() {
        let upper = HEX.to_uppercase();
        let text = format!("{HEX}  a b.log\n{HEX} *./bin\n\\{HEX}  a\\nb\\\\c\\r\n{upper}    two blanks before\n");
        let expected = ["a b.log", "./bin", "a\nb\\c\r", "  two blanks before"];
        assert_eq!(paths(&text), Ok(expected.map(str::to_owned).to_vec()));
        assert_eq!(paths(&format!("{HEX}  no\\escape")), Ok(vec!["no\\escape".to_owned()]));
        assert_eq!(paths(""), Ok(Vec::new()));
    }

    #[test]
    fn damage_names_its_line() {
        let whole = format!("{HEX}  a\n");
        let cases = [
            format!("{whole}\n{whole}"),
            format!("{whole}{HEX}  a\n"),
            format!("{whole}{}  b\n", &HEX[1..]),
            format!("{whole}{HEX} b\n"),
            format!("{whole}{HEX}  \n"),
            format!("{whole}{HEX}\tb\n"),
            format!("{whole}\\{HEX}  b\\t\n"),
            format!("{whole}\\{HEX}  b\\\n"),
            format!("{whole}sha256:{HEX}  b\n"),
            format!("{whole}# a comment\n"),
            format!("{whole}SHA256 (b) = {HEX}\n"),
            format!("{whole}ä{HEX}  b\n"),
        ];
        for text in &cases {
            let (line, actual) = paths(text).expect_err(text);
            assert!(line == Some(2) && actual.ends_with("(line 2)"), "{text}: {line:?} {actual}");
        }
        assert_eq!(cases.len(), 12);
    }
}
