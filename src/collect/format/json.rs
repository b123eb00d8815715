//! `json`: one JSON document (RFC 8259), read strictly.
//!
//! A number that is written as an integer is exact. One with a fraction or an exponent is the nearest double, so `1E22` and `123e45` are numbers.
//!
//! Malformed are: bytes that are not UTF-8, a byte order mark, a key that one object has twice, anything behind the document,
//! `NaN` and its kin, half a surrogate pair, nesting of 128 levels or more, integers beyond 64 bits, and numbers that no double is near: `1e400`, which is
//! beyond the largest, and `1e-400`, which would be read as 0. Gaps name line and column. A document of more than
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
    let (doubt, full) = (Cell::new(false), Cell::new(false));
    let mut with = |eager: bool| {
        room.0.set(before);
        full.set(false);
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let built =
            Reader { eager, room, doubt: &doubt, full: &full, builder: &mut *builder }.deserialize(&mut deserializer)?;
        deserializer.end().map(|()| built)
    };
    let built = with(false).map_err(|error| {
        // Twins are found by sorting once an object is complete. Only now that there is an error is it worth the time to
        // look each key up as it comes, which names the place of the second one.
        let first = full.get();
        let (error, crowded) = with(true).err().map_or((error, first), |eager| (eager, full.get()));
        let (line, column) = (error.line(), error.column());
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default().to_owned();
        Fault { crowded, message, line, column }
    })?;
    match doubt.get().then(|| inexact(text)).flatten() {
        Some(fault) => Err(fault),
        None => Ok(built),
    }
}

/// The first number of a sound text that was not read as it is written.
fn inexact(text: &str) -> Option<Fault> {
    let bytes = text.as_bytes();
    let of_number = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                at += 1;
                while bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            b'-' | b'0'..=b'9' => {
                let end = at + bytes[at..].iter().take_while(|byte| of_number(byte)).count();
                if let Some(Err(because)) = Number::parse(&text[at..end]) {
                    let line = 1 + text[..at].matches('\n').count();
                    let column = at - text[..at].rfind('\n').map_or(0, |before| before + 1) + 1;
                    let shown: String = text[at..end].chars().take(40).collect();
                    return Some(Fault { crowded: false, message: format!("`{shown}`, {because}"), line, column });
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    None
}

/// Writes values; `eager` looks for twins among the keys before each value.
struct Reader<'r, 'b> {
    eager: bool,
    room: &'r Room,
    /// A number came that may not be what is written: too near to 0, or an integer beyond 64 bits.
    doubt: &'r Cell<bool>,
    /// There was no room for a value.
    full: &'r Cell<bool>,
    builder: &'b mut Builder,
}

impl<'r> Reader<'r, '_> {
    /// The same, for a value inside of this one.
    fn inner(&mut self) -> Reader<'r, '_> {
        let Reader { eager, room, doubt, full, .. } = *self;
        Reader { eager, room, doubt, full, builder: &mut *self.builder }
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_, '_> {
    type Value = Built;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Built, D::Error> {
        let Some(left) = self.room.0.get().checked_sub(1) else {
            return Err(crowded(self.full));
        };
        self.room.0.set(left);
        deserializer.deserialize_any(self)
    }
}

fn twin(key: &str) -> String {
    format!("the key `{}` is there twice in one object", key.chars().take(80).collect::<String>())
}

fn crowded<E: serde::de::Error>(full: &Cell<bool>) -> E {
    full.set(true);
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

    fn visit_f64<E>(self, number: f64) -> Result<Built, E> {
        // Integers beyond 64 bits arrive here too, already rounded, and so does what was rounded to 0.
        if number == 0.0 || number.abs() >= 9_223_372_036_854_775_808.0 {
            self.doubt.set(true);
        }
        Ok(self.builder.number(Number::Float(number)))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Built, E> {
        self.builder.text(text).map_err(|Overflow| crowded(self.full))
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
        let full = self.full;
        while let Some(key) =
            object.next_key_seed(Key { seen: self.eager.then_some(&mut seen), full, builder: self.builder })?
        {
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
    full: &'s Cell<bool>,
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
        self.builder.key(key).map_err(|Overflow| crowded(self.full))
    }
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "json_suite.rs"]
mod suite;
