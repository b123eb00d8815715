//! `json`: one JSON document (RFC 8259), read strictly.
//!
//! Malformed are: bytes that are not UTF-8, a byte order mark, a key that one object has twice, anything behind the document,
//! `NaN` and its kin, nesting of 128 levels or more, and numbers that 64 bits cannot hold exactly: integers beyond 64 bits
//! and any number of 2^63 or more that is not written as such an integer. Gaps name line and column. A document of more than
//! eight million values is over the limit: small values need many times their size in memory.

use super::{malformed, plain_utf8};
use crate::gate::{Format, Reading};
use crate::model::{Builder, Built, Content, Document, DuplicateKey, Gap, GapKind, Number, Overflow, Where};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;

/// The format.
pub(in crate::collect) static JSON: Format = Format {
    id: "json",
    extensions: &["json"],
    about: "one JSON document, read strictly",
    docs: include_str!("json.rs"),
    reading: Reading::Whole(read),
};

pub(super) fn read(bytes: &[u8], at: &Where) -> Result<Content, Gap> {
    let text = plain_utf8(bytes, at)?;
    let document = parse(text, &Room::default()).map_err(|fault| {
        let actual = format!("{} (line {}, column {})", fault.message, fault.line, fault.column);
        fault.gap(at, (fault.line > 0).then_some(fault.line), "a sound JSON document", actual)
    })?;
    Ok(Content::Document(document))
}

/// How many values may still be built.
#[derive(Debug, Clone)]
pub(super) struct Room(Cell<u32>);

impl Default for Room {
    fn default() -> Self {
        Self(Cell::new(8_000_000))
    }
}

impl Room {
    /// How many values were built.
    pub(super) fn taken(&self) -> u32 {
        Self::default().0.get() - self.0.get()
    }

    /// Takes up room for so many values, if it is there.
    pub(super) fn take(&self, values: u32) -> bool {
        let left = self.0.get().checked_sub(values);
        self.0.set(left.unwrap_or(0));
        left.is_some()
    }
}

pub(super) const CROWDED: &str = "more values than a document may have";

/// What is wrong with JSON text, and where.
#[derive(Debug)]
pub(super) struct Fault {
    /// There were more values than room for them.
    crowded: bool,
    pub(super) message: String,
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Fault {
    /// The fault as a gap.
    pub(super) fn gap(&self, at: &Where, line: Option<usize>, expected: &str, actual: String) -> Gap {
        let gap = malformed(at, line, expected, actual);
        if self.crowded { Gap { kind: GapKind::OverLimit, ..gap } } else { gap }
    }
}

/// Parses one JSON text strictly, and takes up room for its values.
pub(super) fn parse(text: &str, room: &Room) -> Result<Document, Fault> {
    let mut builder = Builder::for_size(text.len());
    let built = build(text, &mut builder, room)?;
    Ok(Document::of(builder, built))
}

/// As [`parse`], into a document that may hold more than this text. What a damaged text left there is not looked at again.
pub(super) fn build(text: &str, builder: &mut Builder, room: &Room) -> Result<Built, Fault> {
    let before = room.0.get();
    let mut with = |eager: bool| {
        room.0.set(before);
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let built = Reader { eager, room, builder: &mut *builder }.deserialize(&mut deserializer)?;
        deserializer.end().map(|()| built)
    };
    with(false).map_err(|error| {
        // Twins are found by sorting once an object is complete. Only now that there is an error is it worth the time to
        // look each key up as it comes, which names the place of the second one.
        let error = with(true).err().unwrap_or(error);
        let (line, column) = (error.line(), error.column());
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default().to_owned();
        Fault { crowded: message == CROWDED, message, line, column }
    })
}

/// Writes values; `eager` looks for twins among the keys before each value.
struct Reader<'r, 'b> {
    eager: bool,
    room: &'r Room,
    builder: &'b mut Builder,
}

impl<'r> Reader<'r, '_> {
    /// The same, for a value inside of this one.
    fn inner(&mut self) -> Reader<'r, '_> {
        Reader { eager: self.eager, room: self.room, builder: &mut *self.builder }
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_, '_> {
    type Value = Built;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Built, D::Error> {
        let Some(left) = self.room.0.get().checked_sub(1) else {
            return Err(D::Error::custom(CROWDED));
        };
        self.room.0.set(left);
        deserializer.deserialize_any(self)
    }
}

fn twin(key: &str) -> String {
    format!("the key `{}` is there twice in one object", key.chars().take(80).collect::<String>())
}

fn crowded<E: serde::de::Error>(Overflow: Overflow) -> E {
    E::custom(CROWDED)
}

impl<'de> Visitor<'de> for Reader<'_, '_> {
    type Value = Built;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Built, E> {
        Ok(self.builder.null())
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Built, E> {
        Ok(self.builder.boolean(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Built, E> {
        Ok(self.builder.number(Number::Int(number.into())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Built, E> {
        Ok(self.builder.number(Number::Int(number.into())))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Built, E> {
        // Integers beyond 64 bits arrive here too, already rounded.
        if !number.is_finite() || number.abs() >= 9_223_372_036_854_775_808.0 {
            return Err(E::custom("a number that cannot be held exactly"));
        }
        Ok(self.builder.number(Number::Float(number)))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Built, E> {
        self.builder.text(text).map_err(crowded)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Built, A::Error> {
        let mark = self.builder.begin();
        while let Some(item) = list.next_element_seed(self.inner())? {
            self.builder.push(item);
        }
        Ok(self.builder.list(mark))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut object: A) -> Result<Built, A::Error> {
        let mark = self.builder.begin();
        let mut seen = BTreeSet::new();
        while let Some(key) = object.next_key_seed(Key { seen: self.eager.then_some(&mut seen), builder: self.builder })? {
            self.builder.push(key);
            let value = object.next_value_seed(self.inner())?;
            self.builder.push(value);
        }
        self.builder.map(mark).map_err(|DuplicateKey(key)| A::Error::custom(twin(&key)))
    }
}

/// Writes a key, and refuses one that was seen.
struct Key<'s, 'b> {
    seen: Option<&'s mut BTreeSet<String>>,
    builder: &'b mut Builder,
}

impl<'de> DeserializeSeed<'de> for Key<'_, '_> {
    type Value = Built;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Built, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_, '_> {
    type Value = Built;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<Built, E> {
        if self.seen.is_some_and(|seen| !seen.insert(key.to_owned())) {
            return Err(E::custom(twin(key)));
        }
        self.builder.key(key).map_err(crowded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::GapKind;

    fn gap(bytes: &[u8]) -> Option<Gap> {
        read(bytes, &Where::file("a.json")).err()
    }

    #[test]
    fn sound_documents_are_read() {
        let deep = "[".repeat(127) + &"]".repeat(127);
        let sound = [
            "null",
            " true ",
            "\t[ ]\r\n",
            "{}",
            "0",
            "-0",
            "-1",
            "1.5e3",
            "9223372036854775807",
            "-9223372036854775808",
            "18446744073709551615",
            "9007199254740993",
            "1e18",
            "\"\\ud83d\\ude00\"",
            "\"\\u0000\"",
            "\"\u{feff}\"",
            r#"{"a":1,"A":2,"":3}"#,
            r#"{"a":{"a":{}},"b":[{"a":1},{"a":1}]}"#,
            &deep,
        ];
        let mut read = 0;
        for text in sound {
            assert_eq!(gap(text.as_bytes()), None, "{text}");
            read += 1;
        }
        assert_eq!(read, 19);
    }

    #[test]
    fn everything_else_is_malformed() {
        let deep = "[".repeat(128) + &"]".repeat(128);
        let abyss = "[".repeat(100_000);
        let objects = r#"{"a":"#.repeat(100_000);
        let damaged: [&[u8]; 44] = [
            b"",
            b" ",
            b"\n",
            b"\xef\xbb\xbf{}",
            b"\xff",
            b"\"\xff\"",
            b"\"\xed\xa0\x80\"",
            b"\"\xc0\x80\"",
            b"\xfe\xff\0{\0}",
            b"nul",
            b"NULL",
            b"True",
            b"NaN",
            b"-NaN",
            b"Infinity",
            b"-Infinity",
            b"[NaN]",
            b"1e400",
            b"-1e400",
            b"1e300",
            b"9223372036854775808.0",
            b"18446744073709551616",
            b"-9223372036854775809",
            b"340282366920938463463374607431768211456",
            b"01",
            b"+1",
            b".5",
            b"1.",
            b"0x10",
            b"1_000",
            b"'a'",
            b"\"a",
            b"\"\\x41\"",
            b"\"\\ud800\"",
            b"\"a\0b\"",
            b"\"a\tb\"",
            b"[1,]",
            b"{\"a\":1,}",
            b"{a:1}",
            b"{\"a\":1,\"a\":1}",
            b"{\"a\":{\"b\":1,\"c\":2,\"b\":3}}",
            b"{\"a\":1,\"\\u0061\":2}",
            b"{} {}",
            b"{}\0",
        ];
        let more: [&[u8]; 7] =
            [b"[1] // c", b"/**/1", b"[1", b"{\"a\"}", deep.as_bytes(), abyss.as_bytes(), objects.as_bytes()];
        let mut refused = 0;
        for bytes in damaged.into_iter().chain(more) {
            let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]);
            assert_eq!(gap(bytes).map(|gap| gap.kind), Some(GapKind::Malformed), "{shown:?}");
            refused += 1;
        }
        assert_eq!(refused, 51);
    }

    #[test]
    fn gaps_name_the_place() {
        let twins = gap(b"{\n  \"a\": 1,\n  \"b\": {\"k\": 1, \"k\": 2},\n  \"z\": 0\n}").expect("malformed");
        assert_eq!(twins.at.line, Some(3));
        assert_eq!(twins.actual, "the key `k` is there twice in one object (line 3, column 19)");
        let behind = gap(b"{}\n]").expect("malformed");
        assert_eq!((behind.at.line, behind.actual.as_str()), (Some(2), "trailing characters (line 2, column 1)"));
        let number = gap(b"[18446744073709551616]").expect("malformed");
        assert!(number.actual.starts_with("a number that cannot be held exactly"), "{}", number.actual);
        assert_eq!(gap(b"\"a\nb\xff\"").map(|gap| gap.at.line), Some(Some(2)));
    }

    #[test]
    fn values_are_counted() {
        let room = |left: u32| Room(Cell::new(left));
        let left = room(5);
        assert!(parse("[1, [2, 3]]", &left).is_ok() && left.0.get() == 0);
        let fault = parse("[1, [2, 3]]", &room(4)).expect_err("crowded");
        assert_eq!(fault.gap(&Where::file("a"), None, "", String::new()).kind, GapKind::OverLimit);
        // Damage on the last value that has room is damage.
        let fault = parse("[1, [2, 3]", &room(6)).expect_err("damaged");
        assert_eq!(fault.gap(&Where::file("a"), None, "", String::new()).kind, GapKind::Malformed);
        assert_eq!(gap(format!("[{}0]", "0,".repeat(8_000_000)).as_bytes()).map(|gap| gap.kind), Some(GapKind::OverLimit));
    }

    #[test]
    fn numbers_keep_their_digits() {
        let root = |text: &str| parse(text, &Room::default()).expect("sound");
        assert_eq!(root("18446744073709551615").root().number(), Some(Number::Int(18_446_744_073_709_551_615)));
        // The nearest float to each text, as the compiler finds it.
        for (text, float) in
            [("0.95", 0.95), ("0.30000000000000004", 0.1 + 0.2), ("123456.789012345678", 123_456.789_012_345_68)]
        {
            assert_eq!(root(text).root().number().map(Number::as_float), Some(float), "{text}");
        }
    }
}
