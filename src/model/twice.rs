//! Which of many things may be there twice, in little memory.
//!
//! In: things that can be hashed. Out: a yes for each that is equal to another one, and by a rare chance for one that is not; whoever asks
//! compares those. Sorted hashes take eight bytes a thing, and far less time than a map of all of them.

use std::hash::{Hash, Hasher};

/// The hashes of things, in their order and sorted.
pub(super) struct Hashes {
    in_order: Vec<u64>,
    sorted: Vec<u64>,
}

impl Hashes {
    pub(super) fn of<T: Hash>(all: impl Iterator<Item = T>) -> Self {
        let in_order: Vec<u64> = all.map(|one| hash_of(&one)).collect();
        let mut sorted = in_order.clone();
        sorted.sort_unstable();
        Self { in_order, sorted }
    }

    /// Whether no thing is equal to another one.
    pub(super) fn are_unique(&self) -> bool {
        self.sorted.windows(2).all(|pair| pair[0] != pair[1])
    }

    /// Whether the thing at this position may be equal to another one.
    pub(super) fn is_twice(&self, at: usize) -> bool {
        let own = self.in_order[at];
        let first = self.sorted.partition_point(|hash| *hash < own);
        self.sorted.get(first + 1) == Some(&own)
    }

    /// Whether this may be one of the things.
    pub(super) fn has<T: Hash + ?Sized>(&self, one: &T) -> bool {
        self.sorted.binary_search(&hash_of(one)).is_ok()
    }
}

/// The positions of hashes that are there twice.
pub(super) fn twice<I: Iterator<Item = u64>>(len: usize, hashes: impl Fn() -> I) -> Vec<usize> {
    let several = several(len, &hashes);
    if several.is_empty() {
        return Vec::new();
    }
    hashes().enumerate().filter(|(_, hash)| several.binary_search(hash).is_ok()).map(|(at, _)| at).collect()
}

/// The hashes that are there twice, sorted. Most are told from all others by some of their bits, so that only few have to be sorted.
fn several<I: Iterator<Item = u64>>(len: usize, hashes: impl Fn() -> I) -> Vec<u64> {
    let bits = (len.saturating_mul(16)).next_power_of_two().max(64);
    let (mut seen, mut again) = (vec![0_u64; bits / 64], vec![0_u64; bits / 64]);
    let place = |hash: u64| {
        let bit = (hash ^ hash >> 32) as usize % bits;
        (bit / 64, 1 << (bit % 64))
    };
    for (word, bit) in hashes().map(place) {
        again[word] |= seen[word] & bit;
        seen[word] |= bit;
    }
    let is_again = |hash: &u64| {
        let (word, bit) = place(*hash);
        again[word] & bit != 0
    };
    let mut several: Vec<u64> = hashes().filter(is_again).collect();
    several.sort_unstable();
    several.chunk_by(|a, b| a == b).filter(|equal| equal.len() > 1).map(|equal| equal[0]).collect()
}

/// The hashes of those things that are there twice, and no others.
#[derive(Debug)]
pub struct Twice(Vec<u64>);

impl Twice {
    /// Looks through things once.
    pub fn of<T: Hash>(all: impl Iterator<Item = T>) -> Self {
        Self::among(all.map(|one| hash_of(&one)).collect())
    }

    /// Those of hashes that are there twice, each made by [`Twice::hash_of`].
    pub fn among(hashes: Vec<u64>) -> Self {
        Self(several(hashes.len(), || hashes.iter().copied()))
    }

    /// The hash of a thing.
    pub fn hash_of<T: Hash + ?Sized>(one: &T) -> u64 {
        hash_of(one)
    }

    /// Whether no hash is there twice.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the thing of this hash may be there twice.
    pub fn may_hold_hash(&self, hash: u64) -> bool {
        self.0.binary_search(&hash).is_ok()
    }

    /// Whether this one may be there twice.
    pub fn may_hold<T: Hash + ?Sized>(&self, one: &T) -> bool {
        self.may_hold_hash(hash_of(one))
    }
}

pub(super) fn hash_of<T: Hash + ?Sized>(one: &T) -> u64 {
    let mut hasher = Mixture(0x2545_f491_4f6c_dd1d);
    one.hash(&mut hasher);
    hasher.finish()
}

/// A hash in a few steps for each eight bytes. Who makes up things of one hash makes more work of comparing them, and no other answer.
struct Mixture(u64);

impl Mixture {
    fn mix(&mut self, word: u64) {
        let wide = u128::from(self.0.rotate_left(23) ^ word) * 0x9e37_79b9_7f4a_7c15;
        self.0 = wide as u64 ^ (wide >> 64) as u64;
    }
}

impl Hasher for Mixture {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks();
        words.iter().for_each(|word| self.mix(u64::from_le_bytes(*word)));
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        // A rest has at most seven bytes, and its length stands behind it.
        last[7] = rest.len() as u8;
        self.mix(u64::from_le_bytes(last));
    }

    /// What ends each text; the text has ended itself.
    fn write_u8(&mut self, byte: u8) {
        self.0 ^= u64::from(byte);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_twice_is_seen() {
        let hashes = Hashes::of(["a", "b", "a", "c"].into_iter());
        assert!(!hashes.are_unique() && hashes.is_twice(2) && !hashes.is_twice(1));
        let of = |all: &[&str]| twice(all.len(), || all.iter().map(hash_of));
        assert_eq!((of(&["a", "b", "a", "c"]), of(&["a", "b"]), of(&[])), (vec![0, 2], vec![], vec![]));
        // However many there are, those that are equal are found and no others.
        let many: Vec<u64> = (0..20_000_u64).map(|at| hash_of(&(at % 19_998))).collect();
        assert_eq!(twice(many.len(), || many.iter().copied()), [0, 1, 19_998, 19_999]);
        assert_eq!(twice(3, || [1, 1 | 1 << 40, 1].into_iter()), [0, 2]);
        assert!(hashes.has("c") && !hashes.has("d"));
        assert!(Hashes::of(["a", "b"].into_iter()).are_unique());
        let twice = Twice::of(["a", "b", "a"].into_iter());
        assert_eq!(["a", "b", "d"].map(|one| twice.may_hold(one)), [true, false, false]);
        assert!(!Twice::of(std::iter::empty::<u8>()).may_hold(&1));
    }
}
