//! The checks of a gate. They have no names, so those that are alike are taken for the same.
//!
//! However checks are paired, every check of the base must have one of the head that asserts as much, or a weakening is told:
//! pairing decides how well a difference reads, never whether there is one.

use super::value::{show, weigh};
use super::{Changes, Class};
use crate::definition::Stated;
use crate::gate::{DefinedCheck, Gate, Paths};
use crate::model::EvidenceId;

/// Compares the checks of two versions of a gate.
pub(super) fn compare(from: &Gate, to: &Gate, changes: &mut Changes<'_>) {
    let mut taken = vec![false; to.checks.len()];
    let mut paired: Vec<Option<usize>> = vec![None; from.checks.len()];
    // Those that are the same first, then the likest of the same kind, in order.
    for least in (0..=most(from)).rev() {
        for (position, check) in
            from.checks.iter().enumerate().filter(|(position, _)| paired[*position].is_none()).collect::<Vec<_>>()
        {
            let free = to.checks.iter().enumerate().filter(|(other, _)| !taken[*other]);
            let alike = free.filter(|(_, other)| check.kind.id == other.kind.id);
            if let Some((other, _)) = alike.into_iter().find(|(_, other)| likeness(check, other) >= least) {
                taken[other] = true;
                paired[position] = Some(other);
            }
        }
    }
    for (position, check) in from.checks.iter().enumerate() {
        match paired[position] {
            Some(other) => pair(position, check, &to.checks[other], changes),
            None => {
                let both = (Some(sum(check)), None);
                changes.add(Class::Weakening, name(position, check), both, "the check is gone", (Some(&check.at), None));
            }
        }
    }
    for (position, check) in to.checks.iter().enumerate().filter(|(position, _)| !taken[*position]) {
        let both = (None, Some(sum(check)));
        let (class, reason) = match skippable(from) {
            false => (Class::Tightening, "the check is new"),
            // A gate that is skipped is no pass, and what is new may pass on other evidence.
            true => (Class::Unclear, "the check is new, and the gate could be skipped without it"),
        };
        changes.add(class, name(position, check), both, reason, (None, Some(&check.at)));
    }
    let order: Vec<usize> = paired.iter().flatten().copied().collect();
    if order.windows(2).any(|pair| pair[0] > pair[1]) {
        let at = (Some(&from.at), Some(&to.at));
        changes.add(Class::Neutral, "order of checks", (None, None), "only the order", at);
    }
}

/// Whether every check of a gate may be skipped, so that the gate is.
fn skippable(gate: &Gate) -> bool {
    gate.checks.iter().all(|check| check.check.reads().iter().any(|(id, _)| may_be_absent(gate, id)))
}

/// Whether evidence may be absent: it is optional, or named by what is.
fn may_be_absent(gate: &Gate, id: &EvidenceId) -> bool {
    let mut id = id;
    // Needs that name each other's files in a circle are refused, so this is longer than every way.
    for _ in 0..=gate.evidence.len() {
        match gate.need(id) {
            Some(need) if need.optional => return true,
            Some(need) => match &need.paths {
                Paths::Declared { .. } => return false,
                Paths::Referenced { place, base: _ } => id = &place.evidence,
            },
            None => return false,
        }
    }
    true
}

fn name(position: usize, check: &DefinedCheck) -> String {
    format!("check {} ({})", position + 1, check.kind.id)
}

/// The most keys in which two checks can be alike.
fn most(gate: &Gate) -> usize {
    gate.checks.iter().map(|check| check.stated.len()).max().unwrap_or(0)
}

fn likeness(from: &DefinedCheck, to: &DefinedCheck) -> usize {
    from.stated.iter().filter(|own| find(to, own.key).is_some_and(|other| other.value == own.value)).count()
}

fn find<'c>(check: &'c DefinedCheck, key: &str) -> Option<&'c Stated> {
    check.stated.iter().find(|stated| stated.key == key)
}

/// What a check states, in one line.
fn sum(check: &DefinedCheck) -> String {
    let told = check.stated.iter().filter(|stated| stated.at.is_some() && stated.key != "kind");
    told.filter_map(|stated| Some(format!("{} = {}", stated.key, show(stated.value.as_ref()?))))
        .collect::<Vec<_>>()
        .join(", ")
}

fn pair(position: usize, from: &DefinedCheck, to: &DefinedCheck, changes: &mut Changes<'_>) {
    // Taken apart, so that what is added does not compile until it is looked at here: all of it is among what the table states.
    let DefinedCheck { kind: _, expect: _, finding: _, next: _, shards, check: _, at: _, stated: _ } = from;
    let keys = from.stated.iter().map(|stated| stated.key);
    let more = to.stated.iter().map(|stated| stated.key).filter(|key| find(from, key).is_none());
    for key in keys.chain(more) {
        // What is written may be what counts where nothing is.
        if key == "shards" && *shards == to.shards {
            continue;
        }
        let (was, is) = (find(from, key), find(to, key));
        // Where the two say different things about the direction, there is none.
        let stricter = match (was.map(|stated| stated.stricter), is.map(|stated| stated.stricter)) {
            (Some(was), Some(is)) if was == is => was,
            (_, _) => None,
        };
        let value = |stated: Option<&Stated>| stated.and_then(|stated| stated.value.clone());
        let (old, new) = (value(was), value(is));
        let Some((class, reason)) = weigh(stricter, old.as_ref(), new.as_ref()) else { continue };
        let place = |stated: Option<&Stated>, check: &DefinedCheck| {
            stated.and_then(|stated| stated.at.clone()).unwrap_or_else(|| check.at.clone())
        };
        let (before, after) = (place(was, from), place(is, to));
        let what = format!("{} {key}", name(position, from));
        let both = (old.as_ref().map(show), new.as_ref().map(show));
        changes.add(class, what, both, reason, (Some(&before), Some(&after)));
    }
}
