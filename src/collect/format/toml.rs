//! `toml`: one TOML document. Dates and times become text in the spelling of the file.
//!
//! What TOML 1.1 added is read too: line breaks and a last comma in inline tables, `\e` and `\x41` in texts, times without seconds.
//!
//! Malformed are: keys that are there twice, numbers that are not finite, integers beyond 64 bits with a sign, numbers beyond a double such as
//! `1e400` and `1e-400` (as in `json`), nesting of 128 levels or more, and any encoding but UTF-8. A byte order mark is malformed too: neither TOML 1.0
//! nor 1.1 has one, and parsers differ.

use super::{malformed, plain_utf8};
use crate::gate::{Format, Reading};
use crate::model::{Content, Document, Gap, Map, Number, Value, Where};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

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
    let refuse = |start: Option<usize>, message: &str| {
        let line = start.and_then(|start| text.get(..start)).map(|before| 1 + before.matches('\n').count());
        let place = line.map_or(String::new(), |line| format!(" (line {line})"));
        malformed(at, line, "a sound TOML document", format!("{message}{place}"))
    };
    let table = DeTable::parse(text)
        .map_err(|error| refuse(error.span().map(|span| span.start), error.message().trim_end()))?
        .into_inner();
    let value = convert(DeValue::Table(table), DEEPEST).map_err(|(start, actual)| refuse(start, &actual))?;
    Ok(Content::Document(Document::new(value)))
}

/// Where a value begins, and what is wrong with it.
type Fault = (Option<usize>, String);

/// The value, if it nests at most `room` levels.
fn convert(value: DeValue<'_>, room: usize) -> Result<Value, Fault> {
    let inner = || room.checked_sub(1).ok_or_else(|| (None, format!("nesting of more than {DEEPEST} levels")));
    let within = |item: Spanned<DeValue<'_>>, room| {
        let start = item.span().start;
        convert(item.into_inner(), room).map_err(|(deeper, actual)| (deeper.or(Some(start)), actual))
    };
    Ok(match value {
        DeValue::String(text) => Value::Text(text.into()),
        DeValue::Integer(number) => Value::Number(integer(number.as_str(), number.radix()).map_err(|own| (None, own))?),
        DeValue::Float(number) => Value::Number(decimal(number.as_str()).map_err(|own| (None, own))?),
        DeValue::Boolean(flag) => Value::Bool(flag),
        DeValue::Datetime(datetime) => Value::Text(datetime.to_string().into_boxed_str()),
        DeValue::Array(items) => {
            let room = inner()?;
            Value::List(items.into_iter().map(|item| within(item, room)).collect::<Result<_, _>>()?)
        }
        DeValue::Table(table) => {
            let room = inner()?;
            let entries = table.into_iter().map(|(key, value)| Ok((key.into_inner().into(), within(value, room)?)));
            let entries: Vec<(Box<str>, Value)> = entries.collect::<Result<_, Fault>>()?;
            Value::Map(Map::from_entries(entries).map_err(|twin| (None, format!("the key `{}` twice", twin.0)))?)
        }
    })
}

/// An integer, which the parser has no bound for. Other readers of TOML have a sign in their 64 bits.
fn integer(digits: &str, radix: u32) -> Result<Number, String> {
    let number = i64::from_str_radix(digits, radix);
    number.map(|number| Number::Int(number.into())).map_err(|_| "an integer beyond 64 bits with a sign".to_owned())
}

fn decimal(digits: &str) -> Result<Number, String> {
    let shown = || digits.chars().take(40).collect::<String>();
    match Number::parse(digits) {
        Some(Ok(number)) => Ok(number),
        Some(Err(because)) => Err(format!("`{}`, {because}", shown())),
        None => Err(format!("the number `{}`", shown())),
    }
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
    fn numbers_are_those_of_the_other_formats() {
        let text = "a = 9223372036854775807\nb = 1E22\nc = 1_000.5\nd = 0x_F\n".replace("0x_F", "0xf_f")
            + "e = 0o17\nf = +0\ng = 0e+1\n";
        let expected =
            r#"{"a": 9223372036854775807, "b": 10000000000000000000000, "c": 1000.5, "d": 255, "e": 15, "f": 0, "g": 0.0}"#;
        assert_eq!(excerpt(&text), Ok(expected.to_owned()));
    }

    #[test]
    fn what_toml_1_1_added_is_read() {
        let text = "a = {\n  b = \"\\x41\\e\",\n}\nt = 10:30\n";
        assert_eq!(excerpt(text), Ok("{\"a\": {\"b\": \"A\\u001b\"}, \"t\": \"10:30\"}".to_owned()));
    }

    #[test]
    fn damage_names_its_line() {
        let deep = format!("a = {}", "[".repeat(100_000));
        let cases = [
            ("a = 1\na = 2\n", Some(2)),
            ("[a]\n[a]\n", Some(2)),
            ("a = 1\nb\n", Some(2)),
            ("a = nan\n", Some(1)),
            ("a = 1\nb = [1,\n -inf]\n", Some(3)),
            ("a = 1\nb = 1e-400\n", Some(2)),
            ("a = 1e400\n", Some(1)),
            ("a = 18446744073709551615\n", Some(1)),
            ("a = 0xffff_ffff_ffff_ffff_f\n", Some(1)),
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
        assert_eq!(refused, 13);
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
