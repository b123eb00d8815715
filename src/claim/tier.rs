//! Resolves the evidence of tiers, and says which is the highest that may be claimed.
//!
//! In: a contract, and what is known of files and gates. Out: an [`Assessment`]. What nothing is known of is missing; a tier may be
//! claimed only if it and every tier below it miss nothing.

use super::contract::{Contract, Required, Source};
use super::release::Release;
use crate::model::{GapKind, Node, Shape};
use std::collections::BTreeMap;

/// What is known of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// It is there, not empty and well-formed; with its field `overall_verdict`, if it has one.
    Sound(Option<String>),
    /// It is no evidence: the phrase says why.
    Unsound(String),
}

/// What is known of evidence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proofs {
    /// Files, by their path in the repository.
    pub artifacts: BTreeMap<String, Proof>,
    /// The gates of a release verdict, or why there are none: with what is wrong with it as evidence, unless it was judged and contradicts itself.
    pub release: Option<Result<Release, (Option<GapKind>, String)>>,
}

/// Evidence that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What the contract asks for.
    pub required: Required,
    /// Why nothing stands for it.
    pub because: String,
    /// What is wrong with the release verdict, where it is the one that tells nothing of a gate: it is not there, or is of another commit. `None`
    /// where the evidence itself does not suffice or was never brought.
    pub gap: Option<GapKind>,
}

/// What one tier comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierStanding {
    /// The tier.
    pub id: String,
    /// Whether it may be claimed: it and every tier below it have their evidence.
    pub claimable: bool,
    /// What it misses itself.
    pub missing: Vec<Missing>,
}

/// What all tiers come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// The tiers, in the order of the contract.
    pub tiers: Vec<TierStanding>,
}

impl Assessment {
    /// The position of the highest tier that may be claimed.
    pub fn highest(&self) -> Option<usize> {
        self.tiers.iter().take_while(|tier| tier.claimable).count().checked_sub(1)
    }

    /// The position of the highest tier that may be claimed once evidence is there which is not: nothing of what is missing up to it could be
    /// judged.
    pub fn possible(&self) -> Option<usize> {
        let open = |tier: &&TierStanding| tier.missing.iter().all(|missing| missing.gap.is_some());
        self.tiers.iter().take_while(open).count().checked_sub(1)
    }

    /// The evidence that is not there up to that tier.
    pub fn unknown(&self) -> impl Iterator<Item = &Missing> {
        let until = self.possible().map_or(0, |at| at + 1);
        self.tiers[..until].iter().flat_map(|tier| &tier.missing)
    }

    /// Its name, or `none`.
    pub fn tier(&self) -> &str {
        self.highest().map_or("none", |at| &self.tiers[at].id)
    }
}

/// Resolves all evidence.
pub fn assess(contract: &Contract, proofs: &Proofs) -> Assessment {
    let (mut tiers, mut claimable) = (Vec::new(), true);
    for (at, tier) in contract.tiers.iter().enumerate() {
        let mut missing: Vec<Missing> = tier.required.iter().filter_map(|required| proofs.missing(required)).collect();
        if at + 1 == contract.tiers.len() {
            missing.extend(uncertified(contract, proofs));
        }
        claimable &= missing.is_empty();
        tiers.push(TierStanding { id: tier.id.clone(), claimable, missing });
    }
    Assessment { tiers }
}

/// What a strict replacement misses.
fn uncertified(contract: &Contract, proofs: &Proofs) -> Vec<Missing> {
    let Some(strict) = &contract.strict else { return Vec::new() };
    let mut missing: Vec<Missing> = strict.required.iter().filter_map(|required| proofs.missing(required)).collect();
    let mut certified = false;
    for required in &strict.required {
        let Some(Proof::Sound(Some(verdict))) = proofs.artifact(required) else { continue };
        if *verdict == strict.verdict {
            certified = true;
        } else {
            let because = format!("its `overall_verdict` is `{verdict}` and not `{}`", strict.verdict);
            missing.push(Missing { required: required.clone(), because, gap: None });
        }
    }
    if !certified && missing.is_empty() {
        let because = format!("no artifact of the strict replacement has `overall_verdict` = `{}`", strict.verdict);
        missing.extend(strict.required.first().map(|required| Missing { required: required.clone(), because, gap: None }));
    }
    missing
}

impl Proofs {
    fn artifact(&self, required: &Required) -> Option<&Proof> {
        match &required.source {
            Source::Artifact(path) => self.artifacts.get(path.as_str()),
            Source::Gate(_) | Source::Prose => None,
        }
    }

    fn missing(&self, required: &Required) -> Option<Missing> {
        let (because, gap) = match &required.source {
            Source::Prose => ("it names neither a gate nor a file".to_owned(), None),
            Source::Artifact(path) => match self.artifacts.get(path.as_str()) {
                Some(Proof::Sound(_)) => return None,
                Some(Proof::Unsound(because)) => (because.clone(), None),
                None => ("no such file was read".to_owned(), None),
            },
            Source::Gate(gate) => match &self.release {
                None => ("there is no release verdict that could tell of this gate".to_owned(), Some(GapKind::Missing)),
                Some(Err((gap, because))) => (because.clone(), *gap),
                Some(Ok(release)) => match release.gates.get(gate.as_str()).map(String::as_str) {
                    Some("pass") => return None,
                    Some(standing) => {
                        (format!("the gate counts as `{standing}` in the release verdict, not as `pass`"), None)
                    }
                    None => ("the release verdict has no such gate".to_owned(), None),
                },
            },
        };
        Some(Missing { required: required.clone(), because, gap })
    }
}

impl Proof {
    /// What a document proves: one that holds nothing proves nothing.
    pub fn of_document(root: Node<'_>) -> Self {
        match root.shape() {
            Shape::Null | Shape::List(0) | Shape::Map(0) => Proof::Unsound("it holds nothing".to_owned()),
            Shape::Bool(_) | Shape::Number(_) | Shape::Text(_) | Shape::List(_) => Proof::Sound(None),
            Shape::Map(_) => Proof::Sound(root.get("overall_verdict").map(|verdict| match verdict.text() {
                Some(text) => text.to_owned(),
                None => verdict.excerpt(60),
            })),
        }
    }

    /// What a file proves of which only the size is known, in bytes.
    pub fn of_size(size: u64) -> Self {
        if size == 0 { Proof::Unsound("it is empty".to_owned()) } else { Proof::Sound(None) }
    }
}
