//! Writes a tape, and remembers what comes again: keys, and the order of the keys of an object.

use super::tape::{Kind, Tape, Word};
use super::{DuplicateKey, Number, Value};
use std::cell::Cell;
use std::cmp::Ordering;

/// There is more text, or a longer text, than a tape has room for: 4 GiB, 256 MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overflow;

/// How many keys are remembered, so that a key that comes again takes no more room.
const REMEMBERED: usize = 256;

/// How many orders of keys are remembered, so that objects with the same keys are sorted once, and the most keys of one.
const ORDERS: usize = 16;
const ORDERED: usize = 64;

/// Most room in bytes that a thread keeps for its next document. A larger one is worth its own allocations.
const SPARED: usize = 1 << 20;

thread_local! {
    /// A builder with room: documents come in thousands, and most of them are small.
    static SPARE: Cell<Option<Builder>> = const { Cell::new(None) };
}

/// Writes a tape. A value that was built is used once: in a list, in an object or as the whole document.
#[derive(Debug)]
pub struct Builder {
    tape: Tape,
    /// What belongs to lists and objects that are not complete yet.
    open: Vec<u64>,
    keys: [Word; REMEMBERED],
    orders: [Order; ORDERS],
}

/// How the keys of an object are sorted. Keys that were remembered have equal words, so equal words are equal keys.
#[derive(Debug, Default)]
struct Order {
    /// The words of the keys as they came.
    keys: Vec<u64>,
    /// Which of them comes first, second and so on.
    sorted: Vec<u8>,
}

/// A value that a [`Builder`] has written.
#[derive(Debug, Clone, Copy)]
pub struct Built(Word);

/// Where a list or an object began.
#[derive(Debug, Clone, Copy)]
pub struct Mark(usize);

impl Default for Builder {
    fn default() -> Self {
        let keys = [Word::new(Kind::Text, 0); REMEMBERED];
        Self { tape: Tape::default(), open: Vec::new(), keys, orders: Default::default() }
    }
}

impl Builder {
    /// For a document of about this many bytes.
    pub fn for_size(bytes: usize) -> Self {
        let mut builder = SPARE.take().unwrap_or_default();
        // Most documents need less of both; what is too much is given back with the last value.
        builder.tape.words.reserve(bytes / 12);
        builder.tape.text.reserve(bytes / 2);
        builder
    }

    /// Forgets everything and keeps the room, for the next document.
    pub fn clear(&mut self) {
        self.tape.words.clear();
        self.tape.text.clear();
        self.open.clear();
        // Their words stood for texts that are no more.
        self.orders.iter_mut().for_each(|order| order.keys.clear());
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
        let mixed = match key.as_bytes().last_chunk() {
            Some(end) => u64::from_le_bytes(*end),
            None => key.bytes().fold(0, |mixed, byte| mixed << 8 | u64::from(byte)),
        };
        let slot = (mixed ^ key.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56;
        let slot = slot as usize % REMEMBERED;
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
        let length = (self.open.len() - mark.0) / 2;
        if !(2..=ORDERED).contains(&length) {
            sort(&self.tape, self.open[mark.0..].as_chunks_mut().0)?;
            return Ok(self.end(mark, Kind::Map, length));
        }
        let entries = self.open[mark.0..].as_chunks::<2>().0;
        let order = &mut self.orders[(entries[0][0] ^ entries[length - 1][0] >> 8 ^ length as u64) as usize % ORDERS];
        if !order.keys.iter().eq(entries.iter().map(|[key, _]| key)) {
            order.learn(&self.tape, entries)?;
        }
        let at = self.tape.words.len() as u64;
        self.tape.words.push(length as u64);
        self.tape.words.extend(order.sorted.iter().flat_map(|at| entries[usize::from(*at)]));
        self.open.truncate(mark.0);
        Ok(Built(Word::new(Kind::Map, at)))
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
        let (words, text) = (&mut self.tape.words, &mut self.tape.text);
        if words.capacity() * size_of::<u64>() + text.capacity() > SPARED {
            words.shrink_to_fit();
            text.shrink_to_fit();
            return (self.tape, built.0);
        }
        // A copy takes exactly the room that it needs, and the room of this one is used again.
        let tape = self.tape.clone();
        self.clear();
        SPARE.set(Some(self));
        (tape, built.0)
    }
}

impl Order {
    /// Sorts other keys.
    fn learn(&mut self, tape: &Tape, entries: &[[u64; 2]]) -> Result<(), DuplicateKey> {
        let mut numbered: Vec<[u64; 2]> = (0..).zip(entries).map(|(at, [key, _])| [*key, at]).collect();
        // What cannot be sorted must not be taken for the order of the keys that were here before.
        self.keys.clear();
        sort(tape, &mut numbered)?;
        self.keys.extend(entries.iter().map(|[key, _]| key));
        self.sorted.clear();
        self.sorted.extend(numbered.iter().map(|[_, at]| *at as u8));
        Ok(())
    }
}

/// Sorts by key, and refuses a key that is there twice.
fn sort(tape: &Tape, entries: &mut [[u64; 2]]) -> Result<(), DuplicateKey> {
    let order = |a: u64, b: u64| if a == b { Ordering::Equal } else { tape.text(Word(a)).cmp(tape.text(Word(b))) };
    entries.sort_unstable_by(|[a, _], [b, _]| order(*a, *b));
    match entries.windows(2).find(|pair| order(pair[0][0], pair[1][0]) == Ordering::Equal) {
        Some(pair) => Err(DuplicateKey(tape.text(Word(pair[0][0])).into())),
        None => Ok(()),
    }
}

impl Built {
    pub(super) fn word(self) -> Word {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::super::tape::word;
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

    /// An object of these keys, each with its own position as the value, as `key=position` in its order.
    fn object(builder: &mut Builder, keys: &[&str]) -> Result<String, DuplicateKey> {
        let mark = builder.begin();
        for (at, key) in keys.iter().enumerate() {
            let built = builder.key(key).expect("room");
            builder.push(built);
            let value = builder.number(Number::Int(at as i128));
            builder.push(value);
        }
        let map = builder.map(mark)?;
        let told: Vec<String> = builder.look(map).entries().map(|(key, value)| format!("{key}={value:?}")).collect();
        Ok(told.join(" "))
    }

    #[test]
    fn an_order_that_was_learnt_is_that_of_the_same_keys_only() {
        let mut builder = Builder::default();
        let rows: [(&[&str], &str); 6] = [
            (&["b", "a", "c"], "a=1 b=0 c=2"),
            (&["b", "a", "c"], "a=1 b=0 c=2"),
            (&["c", "a", "b"], "a=1 b=2 c=0"),
            (&["b", "c", "a"], "a=2 b=0 c=1"),
            (&["b", "a"], "a=1 b=0"),
            (&[], ""),
        ];
        let mut told = 0;
        for turn in 0..2 {
            for (keys, expected) in rows {
                assert_eq!(object(&mut builder, keys).as_deref(), Ok(expected), "{turn}: {keys:?}");
                told += 1;
            }
            // The same words stand for other texts afterwards.
            builder.clear();
            assert_eq!(object(&mut builder, &["y", "z", "x"]).as_deref(), Ok("x=2 y=0 z=1"));
            assert_eq!(object(&mut builder, &["y", "z", "y"]), Err(DuplicateKey("y".into())));
            assert_eq!(object(&mut builder, &["y", "z", "y"]), Err(DuplicateKey("y".into())));
            builder = Builder::default();
        }
        assert_eq!(told, 12);
    }

    #[test]
    fn many_keys_are_sorted_too() {
        let keys: Vec<String> = (0..ORDERED + 1).rev().map(|at| format!("{at:03}")).collect();
        for length in [ORDERED, ORDERED + 1] {
            let keys: Vec<&str> = keys.iter().rev().take(length).rev().map(String::as_str).collect();
            for _ in 0..2 {
                let told = object(&mut Builder::default(), &keys).expect("keys once");
                assert!(told.starts_with(&format!("000={} 001={} ", length - 1, length - 2)), "{told}");
            }
        }
    }

    #[test]
    fn room_is_used_again_and_what_was_there_is_not_seen() {
        let mut seen = 0;
        for text in ["first", "second, which is longer", "3"] {
            let mut builder = Builder::for_size(10);
            assert!(builder.tape.text.is_empty() && builder.tape.words.is_empty() && builder.open.is_empty());
            let built = builder.text(text).expect("room");
            let (tape, word) = builder.finish(built);
            assert_eq!((tape.text(word), tape.text.len()), (text, tape.text.capacity()));
            seen += 1;
        }
        assert_eq!(seen, 3);
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
