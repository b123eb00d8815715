//! The verdict without secrets: every text that evidence or a ledger could have put into it goes through [`redact`].
//!
//! It happens once, where the verdict is made, so that no writer can forget it. Digests, ids of gates and commands of definitions are
//! left as they are: they are not quoted from evidence, and a command that was changed would reproduce nothing.

use super::finding::Finding;
use super::ledger::{Entry, Problem};
use super::location::Pointer;
use super::secret::redact;
use super::verdict::{ExceptionUse, GateResult, Verdict};
use std::borrow::Cow;

fn hide(text: &mut String) {
    if let Cow::Owned(hidden) = redact(text) {
        *text = hidden;
    }
}

fn hide_in(text: &mut Option<String>) {
    text.iter_mut().for_each(hide);
}

fn finding(finding: &mut Finding) {
    hide(&mut finding.expected);
    hide(&mut finding.actual);
    hide_in(&mut finding.next);
    if let Some(at) = &mut finding.at {
        hide(&mut at.path);
        pointer(&mut at.pointer);
    }
}

/// A key of a document can be a secret as well as a value can.
fn pointer(pointer: &mut Option<Pointer>) {
    let Some(own) = pointer else { return };
    if let Cow::Owned(_) = redact(own.as_str()) {
        *own = own.steps().fold(Pointer::root(), |at, step| at.key(&redact(&step)));
    }
}

fn gate(gate: &mut GateResult) {
    hide(&mut gate.detail);
    gate.findings.iter_mut().for_each(finding);
    gate.notes.iter_mut().for_each(|note| hide(&mut note.text));
}

fn entry<T>(entry: &mut Entry<T>, own: impl FnOnce(&mut T)) {
    hide(&mut entry.name);
    match &mut entry.read {
        Ok(read) => own(read),
        Err(problems) => problems.iter_mut().for_each(|Problem { expected, actual, .. }| {
            hide(expected);
            hide(actual);
        }),
    }
}

fn exceptions(used: &mut ExceptionUse) {
    for waiver in &mut used.waivers {
        entry(&mut waiver.entry, |own| {
            [&mut own.owner, &mut own.bead, &mut own.reason, &mut own.exit_criterion].into_iter().for_each(hide);
        });
    }
    for (quarantine, _) in &mut used.quarantine {
        entry(quarantine, |own| {
            let texts = [&mut own.test, &mut own.owner, &mut own.bead, &mut own.reason];
            texts.into_iter().for_each(hide);
            [&mut own.evidence, &mut own.reproduce, &mut own.exit_criterion].into_iter().for_each(hide);
        });
    }
    used.unused.iter_mut().for_each(hide);
}

impl Verdict {
    /// The verdict with everything that looks like a secret replaced by its class.
    #[must_use]
    pub fn redacted(mut self) -> Self {
        self.gates.iter_mut().for_each(gate);
        self.weakened_by.iter_mut().for_each(|weakening| hide(&mut weakening.detail));
        exceptions(&mut self.exceptions);
        if let Some(run) = &mut self.run {
            hide(&mut run.path);
            hide_in(&mut run.name);
            hide_in(&mut run.id);
            run.shards.iter_mut().for_each(hide);
        }
        self.evidence.iter_mut().for_each(|row| hide(&mut row.path.shown));
        if let Some(from) = &mut self.policy_ref {
            hide(&mut from.name);
        }
        hide_in(&mut self.incomplete);
        self
    }
}
