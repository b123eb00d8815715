//! Which phrases the highest tier refuses, and where a text has them.
//!
//! In: a text, a contract, the highest tier that may be claimed. Out: every place that claims more, with the tier that would allow it.
//! Refused is what this tier or a stronger one forbids, and what only stronger tiers allow. If no tier may be claimed, everything that
//! any tier forbids or allows is refused. A phrase inside a longer one that the highest tier allows is that longer one.

use super::contract::Contract;
use super::fence::{FenceFault, fences};
use super::text::{Phrase, Text};
use std::collections::BTreeSet;
use std::ops::Range;

/// A place that claims more than the evidence allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overclaim {
    /// The phrase, as the contract writes it.
    pub phrase: String,
    /// Its first line, from 1.
    pub first: u64,
    /// Its last line.
    pub last: u64,
    /// The weakest tier that would allow it; `None` if every tier refuses it.
    pub allowed_by: Option<String>,
}

impl Overclaim {
    /// Whether this is the same phrase at the same place.
    pub fn is_at(&self, other: &Overclaim) -> bool {
        (&self.phrase, self.first, self.last) == (&other.phrase, other.first, other.last)
    }
}

/// A part of a text that only quotes claims, by its author's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quoted {
    /// Its first line, from 1.
    pub first: u64,
    /// Its last line.
    pub last: u64,
    /// Why it is no claim, in the author's words.
    pub reason: String,
    /// How many places in it would claim too much.
    pub excused: usize,
}

/// What a text says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// What it claims too much, in the order of the text.
    pub overclaims: Vec<Overclaim>,
    /// Fences that are unsound.
    pub fences: Vec<FenceFault>,
    /// Fences that are sound, whether they excuse something or not.
    pub quoted: Vec<Quoted>,
}

/// What may and may not be said at a tier.
struct Rule<'c> {
    contract: &'c Contract,
    /// Tiers below this position may be claimed.
    claimable: usize,
}

impl Rule<'_> {
    fn allowed(&self) -> impl Iterator<Item = &Phrase> {
        self.contract.tiers[..self.claimable].iter().flat_map(|tier| &tier.allowed)
    }

    /// Whether a phrase is refused: by the highest tier, or by a stronger one without the leave of the tiers that may be claimed.
    fn refuses(&self, phrase: &Phrase) -> bool {
        let own = self.claimable.checked_sub(1);
        let has = |phrases: &[Phrase]| phrases.iter().any(|other| other.same(phrase));
        let by_own = own.is_some_and(|at| has(&self.contract.tiers[at].forbidden));
        let allowed = self.allowed().any(|other| other.same(phrase));
        let stronger = &self.contract.tiers[self.claimable..];
        by_own || (!allowed && stronger.iter().any(|tier| has(&tier.forbidden) || has(&tier.allowed)))
    }
}

/// The phrases that are refused if the tiers below `claimable` may be claimed, each once.
fn refused(contract: &Contract, claimable: usize) -> Vec<&Phrase> {
    let rule = Rule { contract, claimable };
    let mut phrases: Vec<&Phrase> = Vec::new();
    for phrase in contract.tiers.iter().flat_map(|tier| tier.forbidden.iter().chain(&tier.allowed)) {
        if rule.refuses(phrase) && !phrases.iter().any(|other| other.same(phrase)) {
            phrases.push(phrase);
        }
    }
    phrases
}

fn allowed_by(contract: &Contract, phrase: &Phrase, claimable: usize) -> Option<String> {
    let mut higher = claimable + 1..=contract.tiers.len();
    let at = higher.find(|at| !Rule { contract, claimable: *at }.refuses(phrase))?;
    Some(contract.tiers[at - 1].id.clone())
}

/// Places of a text, to ask whether one of them holds another place.
struct Cover {
    /// In the order of their beginnings, the longest first.
    places: Vec<Range<usize>>,
    /// The furthest end of so many of the first places.
    furthest: Vec<usize>,
}

impl Cover {
    fn of(mut places: Vec<Range<usize>>) -> Self {
        places.sort_by_key(|place| (place.start, std::cmp::Reverse(place.end)));
        let ends = places.iter().scan(0, |most, place| {
            *most = place.end.max(*most);
            Some(*most)
        });
        let furthest = std::iter::once(0).chain(ends).collect();
        Self { places, furthest }
    }

    /// Whether one of them holds this place and something beside it.
    fn holds_more_than(&self, place: &Range<usize>) -> bool {
        let before = self.places.partition_point(|own| own.start < place.start);
        let longest = self.places.get(before).filter(|own| own.start == place.start);
        (before > 0 && self.furthest[before] >= place.end) || longest.is_some_and(|own| own.end > place.end)
    }
}

/// Looks for claims that go beyond the highest tier (`None`: nothing may be claimed).
pub fn check(text: &str, contract: &Contract, highest: Option<usize>) -> Said {
    let claimable = highest.map_or(0, |at| at + 1);
    let read = Text::new(text);
    let (quoted, fences) = fences(text, |at| read.line(at));
    let rule = Rule { contract, claimable };
    let refused = refused(contract, claimable);
    let phrases: Vec<&Phrase> = refused.iter().copied().chain(rule.allowed()).collect();
    let tiers: Vec<Option<String>> = refused.iter().map(|phrase| allowed_by(contract, phrase, claimable)).collect();
    let fenced = |place: &Range<usize>| {
        let begun = quoted.partition_point(|fence| fence.bytes.start <= place.start).checked_sub(1)?;
        (quoted[begun].bytes.end >= place.end).then_some(begun)
    };
    let mut excuses = vec![0; quoted.len()];
    let mut seen = vec![BTreeSet::new(); refused.len()];
    let mut found: Vec<(Range<usize>, String, Option<String>)> = Vec::new();
    for mut way in read.find(&phrases) {
        let excused = Cover::of(way.split_off(refused.len()).into_iter().flatten().collect());
        for (at, places) in way.into_iter().enumerate() {
            // A place is judged in the first way of reading that has it, so that markup cannot put a word before it that nobody sees.
            let fresh = places.into_iter().filter(|place| seen[at].insert((place.start, place.end)));
            for place in fresh.filter(|place| !excused.holds_more_than(place)) {
                match fenced(&place) {
                    Some(fence) => excuses[fence] += 1,
                    None => found.push((place, refused[at].written.clone(), tiers[at].clone())),
                }
            }
        }
    }
    found.sort_by_key(|(place, _, _)| (place.start, place.end));
    let told = found.into_iter().map(|(place, phrase, allowed_by)| Overclaim {
        phrase,
        first: read.line(place.start),
        last: read.line(place.end - 1),
        allowed_by,
    });
    let quotes = quoted.iter().zip(excuses).map(|(fence, excused)| Quoted {
        first: read.line(fence.bytes.start),
        last: read.line(fence.bytes.end - 1),
        reason: fence.reason.clone(),
        excused,
    });
    Said { overclaims: told.collect(), fences, quoted: quotes.collect() }
}

#[cfg(test)]
#[path = "refusal_tests.rs"]
mod tests;
