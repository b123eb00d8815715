//! `toml`: one TOML document. Dates and times become text in the spelling of the file; numbers that are not finite are
//! malformed, and so are keys that are there twice.

use super::{malformed, plain_utf8};
use crate::gate::{Format, Reading};
use crate::model::{Content, Document, Gap, Map, Number, Value, Where};

/// The format.
pub(in crate::collect) static TOML: Format = Format {
    id: "toml",
    extensions: &["toml"],
    about: "one TOML document; dates are text",
    docs: include_str!("toml.rs"),
    reading: Reading::Whole(read),
};

/// Deepest nesting of a document, as for JSON.
const DEEPEST: usize = 127;

/// Room to parse in. The parser bounds the dots of a key and the nesting of inline tables, 80 each, but not their product:
/// a small text can be some thousand levels deep, which overflows an ordinary stack before the depth can be judged.
const STACK: usize = 256 << 20;

pub(super) fn read(bytes: &[u8], at: &Where) -> Result<Content, Gap> {
    let text = plain_utf8(bytes, at)?;
    let parsed = std::thread::scope(|scope| {
        let roomy = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || parse(text, at));
        roomy.ok().and_then(|thread| thread.join().ok())
    });
    // Without the room nothing was parsed, and what was not parsed is not sound.
    parsed.unwrap_or_else(|| Err(malformed(at, None, "a sound TOML document", "one that could not be parsed".to_owned())))
}

fn parse(text: &str, at: &Where) -> Result<Content, Gap> {
    let table: toml::Table = toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map(|before| 1 + before.matches('\n').count());
        let place = line.map_or(String::new(), |line| format!(" (line {line})"));
        malformed(at, line, "a sound TOML document", format!("{}{place}", error.message().trim_end()))
    })?;
    let value = convert(toml::Value::Table(table), DEEPEST);
    let value = value.map_err(|actual| malformed(at, None, "a sound TOML document", actual))?;
    Ok(Content::Document(Document::new(value)))
}

/// The value, if it nests at most `room` levels.
fn convert(value: toml::Value, room: usize) -> Result<Value, String> {
    let inner = || room.checked_sub(1).ok_or_else(|| format!("nesting of more than {DEEPEST} levels"));
    Ok(match value {
        toml::Value::String(text) => Value::Text(text.into_boxed_str()),
        toml::Value::Integer(number) => Value::Number(Number::Int(number.into())),
        toml::Value::Float(number) if number.is_finite() => Value::Number(Number::Float(number)),
        toml::Value::Float(number) => return Err(format!("the number `{number}`")),
        toml::Value::Boolean(flag) => Value::Bool(flag),
        toml::Value::Datetime(datetime) => Value::Text(datetime.to_string().into_boxed_str()),
        toml::Value::Array(items) => {
            let room = inner()?;
            Value::List(items.into_iter().map(|item| convert(item, room)).collect::<Result<_, _>>()?)
        }
        toml::Value::Table(table) => {
            let room = inner()?;
            let entries = table.into_iter().map(|(key, value)| Ok((key.into_boxed_str(), convert(value, room)?)));
            let entries: Vec<(Box<str>, Value)> = entries.collect::<Result<_, String>>()?;
            Value::Map(Map::from_entries(entries).map_err(|twin| format!("the key `{}` twice", twin.0))?)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(text: &str) -> Result<String, Gap> {
        match read(text.as_bytes(), &Where::file("a.toml"))? {
            Content::Document(document) => Ok(document.root().excerpt(200)),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn dates_are_text() {
        let text = "d = 2026-01-31\nt = 2026-01-31T10:00:00Z\n[a.b]\nn = [1, 2.5, true]\n";
        let expected = r#"{"a": {"b": {"n": [1, 2.5, true]}}, "d": "2026-01-31", "t": "2026-01-31T10:00:00Z"}"#;
        assert_eq!(excerpt(text), Ok(expected.to_owned()));
        assert_eq!(excerpt(""), Ok("{}".to_owned()));
    }

    #[test]
    fn damage_names_its_line() {
        let deep = format!("a = {}", "[".repeat(100_000));
        let cases = [
            ("a = 1\na = 2\n", Some(2)),
            ("[a]\n[a]\n", Some(2)),
            ("a = 1\nb\n", Some(2)),
            ("a = nan\n", None),
            ("a = [1, inf]\n", None),
            ("\u{feff}a = 1\n", Some(1)),
            ("a = 99999999999999999999\n", Some(1)),
            ("a = 2026-02-30\n", Some(1)),
            (&deep, Some(1)),
        ];
        let mut refused = 0;
        for (text, line) in cases {
            assert_eq!(excerpt(text).map_err(|gap| gap.at.line), Err(line), "{}", &text[..text.len().min(30)]);
            refused += 1;
        }
        assert_eq!(refused, 9);
        let dotted = format!("{} = 1", vec!["a"; 100_000].join("."));
        let header = format!("[{}]", vec!["a"; 100_000].join("."));
        // Each nested table adds a long way of its own, so the parser's limit on either is not one on their product.
        let way = vec!["a"; 79].join(".");
        let woven = format!("[{way}]\n{}{way} = 1{}", format!("{way} = {{ ").repeat(78), " }".repeat(78));
        let mut deep = 0;
        for text in [dotted, header, woven] {
            assert!(excerpt(&text).is_err_and(|gap| gap.actual.contains("limit") || gap.actual.contains("127 levels")));
            deep += 1;
        }
        assert_eq!(deep, 3);
        assert!(read(b"a = \"\xff\"", &Where::file("a")).is_err());
    }
}
