//! Which of many things may be there twice, in little memory.
//!
//! In: things that can be hashed. Out: a yes for each that is equal to another one, and by a rare chance for one that is not; whoever asks
//! compares those. Sorted hashes take eight bytes a thing, and far less time than a map of all of them.

use std::hash::{DefaultHasher, Hash, Hasher};

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

    /// The positions of things that may be equal to another one of them.
    pub(super) fn twice(&self) -> Vec<usize> {
        if self.are_unique() {
            return Vec::new();
        }
        (0..self.in_order.len()).filter(|at| self.is_twice(*at)).collect()
    }
}

/// The hashes of those things that are there twice, and no others.
#[derive(Debug)]
pub struct Twice(Vec<u64>);

impl Twice {
    /// Looks through things once.
    pub fn of<T: Hash>(all: impl Iterator<Item = T>) -> Self {
        let mut hashes: Vec<u64> = all.map(|one| hash_of(&one)).collect();
        hashes.sort_unstable();
        Self(hashes.chunk_by(|a, b| a == b).filter(|equal| equal.len() > 1).map(|equal| equal[0]).collect())
    }

    /// Whether this one may be there twice.
    pub fn may_hold<T: Hash + ?Sized>(&self, one: &T) -> bool {
        self.0.binary_search(&hash_of(one)).is_ok()
    }
}

fn hash_of<T: Hash + ?Sized>(one: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    one.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_twice_is_seen() {
        let hashes = Hashes::of(["a", "b", "a", "c"].into_iter());
        assert_eq!((hashes.twice(), hashes.are_unique()), (vec![0, 2], false));
        assert!(hashes.has("c") && !hashes.has("d"));
        assert!(Hashes::of(["a", "b"].into_iter()).twice().is_empty());
        let twice = Twice::of(["a", "b", "a"].into_iter());
        assert_eq!(["a", "b", "d"].map(|one| twice.may_hold(one)), [true, false, false]);
        assert!(!Twice::of(std::iter::empty::<u8>()).may_hold(&1));
    }
}
