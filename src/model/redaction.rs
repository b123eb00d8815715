//! The verdict without secrets: every text that evidence, a definition, an exceptions file or the operator could have put into it is looked
//! at, with the shapes of the policy.
//!
//! It happens once, where the verdict is made, so that no writer can forget it. Digests and ids are left as they are: they are not quoted
//! from anywhere. A command that holds a secret loses it, and so reproduces nothing until somebody puts it back.

use super::exception::{Unsound, Validity};
use super::finding::Finding;
use super::ledger::{Entry, Problem};
use super::location::Pointer;
use super::policy::Mode;
use super::secret::Shapes;
use super::verdict::{ExceptionUse, GateResult, RunIdentity, Verdict};
use std::borrow::Cow;

/// Takes secrets out of texts.
struct Hide<'s>(&'s Shapes);

impl Hide<'_> {
    fn text(&self, text: &mut String) {
        if let Cow::Owned(hidden) = self.0.redact(text) {
            *text = hidden;
        }
    }

    fn texts<'t>(&self, texts: impl IntoIterator<Item = &'t mut String>) {
        texts.into_iter().for_each(|text| self.text(text));
    }

    fn finding(&self, finding: &mut Finding) {
        self.texts([&mut finding.expected, &mut finding.actual].into_iter().chain(&mut finding.message));
        self.texts(&mut finding.next);
        if let Some(at) = &mut finding.at {
            self.text(&mut at.path);
            at.pointer.iter_mut().for_each(|pointer| self.pointer(pointer));
        }
        self.texts(finding.source.iter_mut().map(|source| &mut source.path));
    }

    /// A key of a document can be a secret as well as a value can.
    fn pointer(&self, pointer: &mut Pointer) {
        if let Cow::Owned(_) = self.0.redact(pointer.as_str()) {
            *pointer = pointer.steps().fold(Pointer::root(), |at, step| at.key(&self.0.redact(&step)));
        }
    }

    fn gate(&self, gate: &mut GateResult) {
        self.texts([&mut gate.title, &mut gate.bead, &mut gate.owner, &mut gate.detail, &mut gate.reproduce]);
        self.texts(&mut gate.then);
        // A command without what was hidden in it would run something else.
        let reruns = gate.reruns.clone();
        self.texts(&mut gate.reruns);
        gate.reruns.retain(|command| reruns.contains(command));
        self.texts(gate.remediation.iter_mut().chain(&mut gate.artifact_path));
        gate.findings.iter_mut().for_each(|finding| self.finding(finding));
        self.texts(gate.checks.iter_mut().map(|check| &mut check.expect));
        self.texts(gate.notes.iter_mut().map(|note| &mut note.text));
        self.texts(gate.defined.iter_mut().map(|at| &mut at.path));
    }

    fn entry<T>(&self, entry: &mut Entry<T>, own: impl FnOnce(&mut T)) {
        self.text(&mut entry.name);
        self.pointer(&mut entry.at);
        match &mut entry.read {
            Ok(read) => own(read),
            Err(problems) => problems.iter_mut().for_each(|Problem { kind: _, at, expected, actual }| {
                self.pointer(at);
                self.texts([expected, actual]);
            }),
        }
    }

    /// Why no exception holds can be a quotation from any of them.
    fn validity(&self, validity: &mut Validity) {
        let Validity::Unsound(reasons) = validity else { return };
        for reason in reasons {
            if let Unsound::Damaged(phrase) = reason {
                self.text(phrase);
            }
        }
    }

    fn exceptions(&self, used: &mut ExceptionUse) {
        let waivers = used.waivers.iter_mut().filter_map(|waiver| waiver.validity.as_mut());
        let quarantine = used.quarantine.iter_mut().filter_map(|(_, validity)| validity.as_mut());
        waivers.chain(quarantine).for_each(|validity| self.validity(validity));
        for waiver in &mut used.waivers {
            self.entry(&mut waiver.entry, |own| {
                self.texts([&mut own.owner, &mut own.bead, &mut own.reason, &mut own.exit_criterion]);
            });
        }
        for (quarantine, _) in &mut used.quarantine {
            self.entry(quarantine, |own| {
                self.texts([&mut own.test, &mut own.owner, &mut own.bead, &mut own.reason]);
                self.texts([&mut own.evidence, &mut own.reproduce, &mut own.exit_criterion]);
            });
        }
        self.texts(&mut used.unused);
        let mut excused: Vec<String> = std::mem::take(&mut used.excused).into_iter().collect();
        self.texts(&mut excused);
        used.excused = excused.into_iter().collect();
    }

    fn run(&self, run: &mut RunIdentity) {
        self.text(&mut run.path);
        self.texts(run.name.iter_mut().chain(&mut run.id).chain(&mut run.shards));
    }
}

impl Verdict {
    /// The verdict with everything that looks like a secret replaced by its class.
    #[must_use]
    pub fn redacted(mut self, shapes: &Shapes) -> Self {
        let hide = Hide(shapes);
        self.gates.iter_mut().for_each(|gate| hide.gate(gate));
        hide.texts(self.weakened_by.iter_mut().map(|weakening| &mut weakening.detail));
        hide.exceptions(&mut self.exceptions);
        self.run.iter_mut().for_each(|run| hide.run(run));
        for row in &mut self.evidence {
            hide.text(&mut row.path.shown);
            hide.texts(&mut row.instead);
        }
        hide.texts(self.policy_ref.iter_mut().map(|from| &mut from.name));
        hide.texts(&mut self.incomplete);
        if let Mode::Rollback { rationale, until: _ } = &mut self.mode {
            hide.text(rationale);
        }
        self
    }
}
