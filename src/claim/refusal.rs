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

/// What a text says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// What it claims too much, in the order of the text.
    pub overclaims: Vec<Overclaim>,
    /// Fences that are unsound.
    pub fences: Vec<FenceFault>,
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

fn within(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// The places of what the tiers that may be claimed allow, for each way of reading.
fn excused(text: &Text, rule: &Rule<'_>) -> Vec<Vec<Range<usize>>> {
    let mut excused = vec![Vec::new(); Text::WAYS];
    for phrase in rule.allowed() {
        excused.iter_mut().zip(text.find(phrase)).for_each(|(all, own)| all.extend(own));
    }
    excused
}

/// Looks for claims that go beyond the highest tier (`None`: nothing may be claimed).
pub fn check(text: &str, contract: &Contract, highest: Option<usize>) -> Said {
    let claimable = highest.map_or(0, |at| at + 1);
    let read = Text::new(text);
    let (quoted, fences) = fences(text, |at| read.line(at));
    let rule = Rule { contract, claimable };
    let excused = excused(&read, &rule);
    let mut found: Vec<(Range<usize>, String, Option<String>)> = Vec::new();
    for phrase in refused(contract, claimable) {
        let tier = allowed_by(contract, phrase, claimable);
        let mut seen = BTreeSet::new();
        for (places, excused) in read.find(phrase).into_iter().zip(&excused) {
            for place in places {
                // A place is judged in the first way of reading that has it, so that markup cannot put a word before it that nobody sees.
                let fresh = seen.insert((place.start, place.end));
                let longer = |other: &Range<usize>| within(&place, other) && *other != place;
                if fresh && !quoted.iter().any(|other| within(&place, other)) && !excused.iter().any(longer) {
                    found.push((place, phrase.written.clone(), tier.clone()));
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
    Said { overclaims: told.collect(), fences }
}

#[cfg(test)]
#[path = "refusal_tests.rs"]
mod tests;
