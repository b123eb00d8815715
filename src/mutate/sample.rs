//! Which of all possible mutants are tried: of each kind of place in files that are read alike the same few, whatever the order.
//!
//! In: every possible mutant, one by one, with its change unmade. Out: those that are kept, and how many there were. Which ones is a
//! matter of the seed and of the mutant's own place, so the same evidence and the same seed give the same mutants.

use super::mutant::{Change, Mutant, Mutator};
use crate::model::Pointer;
use std::collections::BTreeMap;

/// How many are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sampling {
    /// Of one mutator at one kind of place in files that are read alike; `None`: all.
    pub each: Option<usize>,
    /// Altogether; `None`: as many as there are.
    pub most: Option<usize>,
    /// What else would be chosen with another one.
    pub seed: u64,
}

/// One of the possible mutants.
pub(super) struct Offer<'o> {
    pub(super) file: usize,
    /// What is read alike has the same number.
    pub(super) group: usize,
    pub(super) mutator: Mutator,
    pub(super) line: Option<u64>,
    pub(super) at: Option<&'o str>,
    pub(super) field: &'o str,
}

/// Mutants that stand for each other.
#[derive(Default)]
struct Stratum {
    seen: u64,
    kept: Vec<(u64, Mutant)>,
}

/// Takes possible mutants and keeps some.
pub(super) struct Sample {
    sampling: Sampling,
    strata: BTreeMap<(usize, String, Mutator), Stratum>,
}

/// What was kept.
pub(super) struct Chosen {
    /// By file, line, place and mutator.
    pub(super) mutants: Vec<Mutant>,
    /// How many there could be.
    pub(super) possible: u64,
}

impl Sample {
    pub(super) fn new(sampling: Sampling) -> Self {
        Self { sampling, strata: BTreeMap::new() }
    }

    /// Takes one, and asks for its change only if it may be kept. A change that cannot be made is no mutant.
    pub(super) fn offer(&mut self, offer: &Offer<'_>, change: impl FnOnce() -> Option<Change>) {
        let each = self.sampling.each;
        let rank = rank(self.sampling.seed, offer);
        let key = (offer.group, offer.field.to_owned(), offer.mutator);
        let stratum = self.strata.entry(key).or_default();
        let full = each.is_some_and(|each| stratum.kept.len() >= each);
        if full && stratum.kept.last().is_none_or(|(last, _)| *last <= rank) {
            stratum.seen += 1;
            return;
        }
        let Some(change) = change() else { return };
        stratum.seen += 1;
        if full {
            stratum.kept.pop();
        }
        let mutant = Mutant {
            file: offer.file,
            mutator: offer.mutator,
            line: offer.line,
            at: offer.at.and_then(Pointer::parse),
            field: offer.field.to_owned(),
            change,
        };
        let place = stratum.kept.partition_point(|(other, _)| *other <= rank);
        stratum.kept.insert(place, (rank, mutant));
    }

    /// What was kept.
    pub(super) fn choose(self) -> Chosen {
        let possible = self.strata.values().map(|stratum| stratum.seen).sum();
        let mut kept: Vec<(usize, u64, Mutant)> = Vec::new();
        for stratum in self.strata.into_values() {
            kept.extend(stratum.kept.into_iter().enumerate().map(|(turn, (rank, mutant))| (turn, rank, mutant)));
        }
        if let Some(most) = self.sampling.most.filter(|most| *most < kept.len()) {
            // First one of each kind of place, then a second one.
            kept.sort_by_key(|(turn, rank, _)| (*turn, *rank));
            kept.truncate(most);
        }
        let mut mutants: Vec<Mutant> = kept.into_iter().map(|(_, _, mutant)| mutant).collect();
        mutants.sort_by(|a, b| {
            (a.file, a.line, &a.at, a.mutator, &a.field).cmp(&(b.file, b.line, &b.at, b.mutator, &b.field))
        });
        Chosen { mutants, possible }
    }
}

/// A number that looks drawn, and follows from seed and place.
fn rank(seed: u64, offer: &Offer<'_>) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut take = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    take(&(offer.file as u64).to_le_bytes());
    take(&offer.line.unwrap_or(0).to_le_bytes());
    take(offer.at.unwrap_or("").as_bytes());
    take(offer.mutator.word().as_bytes());
    hash ^= hash >> 30;
    hash = hash.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash ^= hash >> 27;
    hash = hash.wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(sampling: Sampling) -> (Vec<String>, u64) {
        let mut sample = Sample::new(sampling);
        for at in 0..100_u64 {
            for (field, mutator) in [("/rows/*/a", Mutator::Remove), ("/rows/*/b", Mutator::Null)] {
                let place = field.replace('*', &at.to_string());
                let offer = Offer { file: 0, group: 0, mutator, line: None, at: Some(&place), field };
                sample.offer(&offer, || (at != 7).then_some(Change::Delete));
            }
        }
        let Chosen { mutants, possible } = sample.choose();
        (mutants.iter().map(|mutant| mutant.at.clone().unwrap_or_default().to_string()).collect(), possible)
    }

    #[test]
    fn each_kind_of_place_has_its_few() {
        let all = Sampling { each: None, most: None, seed: 1 };
        assert_eq!(chosen(all).0.len(), 198);
        let few = Sampling { each: Some(3), ..all };
        let (places, possible) = chosen(few);
        assert_eq!(places.len(), 6);
        // A place that cannot be changed is counted only where nobody looked.
        assert!((198..=200).contains(&possible));
        assert_eq!(places.iter().filter(|place| place.ends_with('a')).count(), 3);
        assert_eq!(chosen(few), chosen(few));
        assert_ne!(chosen(few).0, chosen(Sampling { seed: 2, ..few }).0);
        let two = chosen(Sampling { most: Some(2), ..few }).0;
        assert!(two.len() == 2 && two[0].ends_with('a') != two[1].ends_with('a'), "{two:?}");
    }
}
