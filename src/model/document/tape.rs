//! A document laid out flat: one word for each value, all text in one buffer.
//!
//! A tree of boxes needs several times the size of the file that it was read from, and an allocation for each value. A tape needs
//! about as much as the file, and a handful of allocations. Readers write it with a [`Builder`], from the inside out: the values of
//! a list or an object are complete before it is.

use super::{DuplicateKey, Number, Value};
use std::cmp::Ordering;
use std::ops::Range;

/// One value: what it is in the low four bits, where the rest of it lies, or the value itself, in the other sixty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word(u64);

/// What a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    False,
    True,
    /// The integer itself, within sixty bits.
    Short,
    /// The position of an `i64`.
    Signed,
    /// The position of a `u64` beyond `i64`.
    Unsigned,
    /// The position of the bits of a float.
    Float,
    /// 32 bits of offset and 28 of length, in bytes of the text.
    Text,
    /// The position of a length and the words of the items.
    List,
    /// The position of a length and pairs of a key and a value, sorted by key.
    Map,
}

impl Word {
    #[inline]
    fn new(kind: Kind, rest: u64) -> Self {
        Self(rest << 4 | kind as u64)
    }

    #[inline]
    pub(super) fn kind(self) -> Kind {
        const KINDS: [Kind; 10] = [
            Kind::Null,
            Kind::False,
            Kind::True,
            Kind::Short,
            Kind::Signed,
            Kind::Unsigned,
            Kind::Float,
            Kind::Text,
            Kind::List,
            Kind::Map,
        ];
        KINDS[(self.0 & 15) as usize]
    }

    #[inline]
    fn position(self) -> usize {
        (self.0 >> 4) as usize
    }

    /// Where a text lies.
    #[inline]
    fn range(self) -> Range<usize> {
        let (from, length) = ((self.0 >> 32) as usize, (self.0 >> 4 & 0x0fff_ffff) as usize);
        from..from + length
    }
}

/// There is more text, or a longer text, than a tape has room for: 4 GiB, 256 MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overflow;

/// The words and the text of one document.
#[derive(Debug, Clone, Default)]
pub(super) struct Tape {
    words: Vec<u64>,
    text: String,
}

impl Tape {
    #[inline]
    pub(super) fn text(&self, word: Word) -> &str {
        &self.text[word.range()]
    }

    /// The number that a word of one of the numeric kinds stands for.
    pub(super) fn number(&self, word: Word) -> Option<Number> {
        let bits = || self.words[word.position()];
        match word.kind() {
            Kind::Short => Some(Number::Int(i128::from(word.0 as i64 >> 4))),
            Kind::Signed => Some(Number::Int(i128::from(bits() as i64))),
            Kind::Unsigned => Some(Number::Int(i128::from(bits()))),
            Kind::Float => Some(Number::Float(f64::from_bits(bits()))),
            Kind::Null | Kind::False | Kind::True | Kind::Text | Kind::List | Kind::Map => None,
        }
    }

    /// The items of a list; nothing for another kind.
    #[inline]
    pub(super) fn items(&self, word: Word) -> &[u64] {
        if word.kind() == Kind::List { self.behind(word, 1) } else { &[] }
    }

    /// The entries of an object, sorted by key; nothing for another kind.
    #[inline]
    pub(super) fn entries(&self, word: Word) -> &[[u64; 2]] {
        if word.kind() == Kind::Map { self.behind(word, 2).as_chunks().0 } else { &[] }
    }

    #[inline]
    fn behind(&self, word: Word, each: usize) -> &[u64] {
        let at = word.position();
        &self.words[at + 1..][..self.words[at] as usize * each]
    }

    /// The value of a key of an object.
    pub(super) fn get(&self, word: Word, key: &str) -> Option<Word> {
        let entries = self.entries(word);
        let at = entries.binary_search_by(|[own, _]| self.text(Word(*own)).cmp(key)).ok()?;
        Some(Word(entries[at][1]))
    }
}

/// A word that was kept among others.
pub(super) fn word(bits: u64) -> Word {
    Word(bits)
}

/// How many keys are remembered, so that a key that comes again takes no more room.
const REMEMBERED: usize = 256;

/// Writes a tape. A value that was built is used once: in a list, in an object or as the whole document.
#[derive(Debug)]
pub struct Builder {
    tape: Tape,
    /// What belongs to lists and objects that are not complete yet.
    open: Vec<u64>,
    keys: [Word; REMEMBERED],
}

/// A value that a [`Builder`] has written.
#[derive(Debug, Clone, Copy)]
pub struct Built(Word);

/// Where a list or an object began.
#[derive(Debug, Clone, Copy)]
pub struct Mark(usize);

impl Default for Builder {
    fn default() -> Self {
        Self { tape: Tape::default(), open: Vec::new(), keys: [Word::new(Kind::Text, 0); REMEMBERED] }
    }
}

impl Builder {
    /// For a document of about this many bytes.
    pub fn for_size(bytes: usize) -> Self {
        // Most documents need less of both; what is too much is given back with the last value.
        let tape = Tape { words: Vec::with_capacity(bytes / 12), text: String::with_capacity(bytes / 2) };
        Self { tape, ..Self::default() }
    }

    /// Forgets everything and keeps the room, for the next document.
    pub fn clear(&mut self) {
        self.tape.words.clear();
        self.tape.text.clear();
        self.open.clear();
    }

    /// JSON `null`.
    #[inline]
    pub fn null(&self) -> Built {
        Built(Word::new(Kind::Null, 0))
    }

    /// `true` or `false`.
    #[inline]
    pub fn boolean(&self, flag: bool) -> Built {
        Built(Word::new(if flag { Kind::True } else { Kind::False }, 0))
    }

    /// A number.
    #[inline]
    pub fn number(&mut self, number: Number) -> Built {
        let (kind, bits) = match number {
            Number::Int(int) if (-(1 << 59)..1 << 59).contains(&int) => return Built(Word::new(Kind::Short, int as u64)),
            Number::Int(int) => match i64::try_from(int) {
                Ok(int) => (Kind::Signed, int as u64),
                Err(_) => (Kind::Unsigned, int as u64),
            },
            Number::Float(float) => (Kind::Float, float.to_bits()),
        };
        let at = self.tape.words.len() as u64;
        self.tape.words.push(bits);
        Built(Word::new(kind, at))
    }

    /// A string.
    ///
    /// # Errors
    /// [`Overflow`], for more text than there is room for.
    #[inline]
    pub fn text(&mut self, text: &str) -> Result<Built, Overflow> {
        let (from, length) = (self.tape.text.len() as u64, text.len() as u64);
        if from + length > u64::from(u32::MAX) || length >= 1 << 28 {
            return Err(Overflow);
        }
        self.tape.text.push_str(text);
        Ok(Built(Word::new(Kind::Text, from << 28 | length)))
    }

    /// A key of an object: a string that is likely to come again.
    ///
    /// # Errors
    /// As [`Builder::text`].
    pub fn key(&mut self, key: &str) -> Result<Built, Overflow> {
        // Two keys of one slot only cost room, so a cheap mixture will do.
        let mix = |mix: u64, byte: &u8| mix.wrapping_mul(31) ^ u64::from(*byte);
        let mixed = key.as_bytes().iter().rev().take(8).fold(key.len() as u64, mix);
        let slot = (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize % REMEMBERED;
        let word = self.keys[slot];
        // What an earlier document left here is no text of this one, or one that happens to be equal.
        if self.tape.text.get(word.range()) == Some(key) {
            return Ok(Built(word));
        }
        let built = self.text(key)?;
        self.keys[slot] = built.0;
        Ok(built)
    }

    /// Begins a list or an object.
    #[inline]
    pub fn begin(&self) -> Mark {
        Mark(self.open.len())
    }

    /// Adds to the innermost list or object that was begun: an item, or in turn a key and its value.
    #[inline]
    pub fn push(&mut self, built: Built) {
        self.open.push(built.0.0);
    }

    /// Ends a list.
    pub fn list(&mut self, mark: Mark) -> Built {
        let length = self.open.len() - mark.0;
        self.end(mark, Kind::List, length)
    }

    /// Ends an object.
    ///
    /// # Errors
    /// [`DuplicateKey`] names the first key, in key order, that is there twice.
    pub fn map(&mut self, mark: Mark) -> Result<Built, DuplicateKey> {
        let tape = &self.tape;
        let entries = self.open[mark.0..].as_chunks_mut::<2>().0;
        // Keys that were remembered have equal words.
        let order = |a: u64, b: u64| if a == b { Ordering::Equal } else { tape.text(Word(a)).cmp(tape.text(Word(b))) };
        entries.sort_unstable_by(|[a, _], [b, _]| order(*a, *b));
        if let Some(pair) = entries.windows(2).find(|pair| order(pair[0][0], pair[1][0]) == Ordering::Equal) {
            return Err(DuplicateKey(tape.text(Word(pair[0][0])).into()));
        }
        let length = entries.len();
        Ok(self.end(mark, Kind::Map, length))
    }

    fn end(&mut self, mark: Mark, kind: Kind, length: usize) -> Built {
        let at = self.tape.words.len() as u64;
        self.tape.words.push(length as u64);
        self.tape.words.extend_from_slice(&self.open[mark.0..]);
        self.open.truncate(mark.0);
        Built(Word::new(kind, at))
    }

    /// Writes a tree.
    ///
    /// # Errors
    /// As [`Builder::text`]: more text than there is room for.
    pub fn value(&mut self, value: &Value) -> Result<Built, Overflow> {
        Ok(match value {
            Value::Null => self.null(),
            Value::Bool(flag) => self.boolean(*flag),
            Value::Number(number) => self.number(*number),
            Value::Text(text) => self.text(text)?,
            Value::List(items) => {
                let mark = self.begin();
                for item in items {
                    let built = self.value(item)?;
                    self.push(built);
                }
                self.list(mark)
            }
            Value::Map(map) => {
                let mark = self.begin();
                for (key, value) in map.entries() {
                    let key = self.key(key)?;
                    self.push(key);
                    let value = self.value(value)?;
                    self.push(value);
                }
                self.map(mark).expect("a map has each key once")
            }
        })
    }

    /// What was built so far, to look at it before the next value.
    pub(super) fn tape(&self) -> &Tape {
        &self.tape
    }

    /// Ends the tape with this value as the whole document.
    pub(super) fn finish(mut self, built: Built) -> (Tape, Word) {
        self.tape.words.shrink_to_fit();
        self.tape.text.shrink_to_fit();
        (self.tape, built.0)
    }
}

impl Built {
    pub(super) fn word(self) -> Word {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_as_they_went_in() {
        let edge = 1_i128 << 59;
        let ints = [0, 1, -1, edge - 1, edge, -edge, -edge - 1, i64::MAX.into(), i64::MIN.into(), u64::MAX.into()];
        let mut builder = Builder::default();
        for int in ints {
            let built = builder.number(Number::Int(int));
            assert!(matches!(builder.tape.number(built.0), Some(Number::Int(back)) if back == int), "{int}");
        }
        for float in [0.0, -0.0, 0.1, -1e300, f64::MIN_POSITIVE] {
            let built = builder.number(Number::Float(float));
            let Some(Number::Float(back)) = builder.tape.number(built.0) else { panic!("{float} is a float") };
            assert_eq!(back.to_bits(), float.to_bits());
        }
    }

    #[test]
    fn keys_that_come_again_take_no_room_and_are_found() {
        let mut builder = Builder::default();
        let outer = builder.begin();
        for _ in 0..3 {
            let mark = builder.begin();
            for key in ["b", "a", "ü"] {
                let built = builder.key(key).expect("room");
                builder.push(built);
                let value = builder.null();
                builder.push(value);
            }
            let map = builder.map(mark).expect("three keys");
            builder.push(map);
        }
        let list = builder.list(outer);
        assert_eq!(builder.tape.text, "baü");
        let items = builder.tape.items(list.0);
        assert_eq!(items.len(), 3);
        let keys: Vec<&str> =
            builder.tape.entries(word(items[2])).iter().map(|[key, _]| builder.tape.text(word(*key))).collect();
        assert_eq!(keys, ["a", "b", "ü"]);
        assert!(builder.tape.get(word(items[0]), "ü").is_some() && builder.tape.get(word(items[0]), "c").is_none());
    }

    #[test]
    fn a_key_that_is_there_twice_is_named_also_when_it_was_forgotten() {
        let mut builder = Builder::default();
        let mark = builder.begin();
        let keys: Vec<String> = (0..REMEMBERED * 4).map(|at| format!("key {at}")).collect();
        for key in keys.iter().chain([&keys[0]]) {
            let built = builder.key(key).expect("room");
            builder.push(built);
            builder.push(built);
        }
        assert_eq!(builder.map(mark).expect_err("a twin"), DuplicateKey("key 0".into()));
    }
}
