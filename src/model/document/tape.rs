//! A document laid out flat: one word for each value, all text in one buffer.
//!
//! A tree of boxes needs several times the size of the file that it was read from, and an allocation for each value. A tape needs
//! about as much as the file, and a handful of allocations. It is written from the inside out, by `builder`: the values of a list or an
//! object are complete before it is.

use super::Number;
use std::ops::Range;

/// One value: what it is in the low four bits, where the rest of it lies, or the value itself, in the other sixty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word(pub(super) u64);

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
    pub(super) fn new(kind: Kind, rest: u64) -> Self {
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
    pub(super) fn range(self) -> Range<usize> {
        let (from, length) = ((self.0 >> 32) as usize, (self.0 >> 4 & 0x0fff_ffff) as usize);
        from..from + length
    }
}

/// The words and the text of one document.
#[derive(Debug, Clone, Default)]
pub(super) struct Tape {
    pub(super) words: Vec<u64>,
    pub(super) text: String,
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
