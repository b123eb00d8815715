//! What a verdict means for a release: go, no-go, or rolled back.
//!
//! Stricter than the ruling: a release needs every required gate, so one that was skipped is not checked off, and no gap anywhere, not even
//! at an advisory gate. Everything is derived from the standings.

use super::age::{Instant, show_span};
use super::finding::Finding;
use super::location::Base;
use super::outcome::Note;
use super::policy::{LaneRule, Mode};
use super::standing::{Reason, Standing};
use super::verdict::{EvidenceRow, GateResult, Verdict, Weakening};

/// What a release checklist comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Something is not as a release needs it.
    NoGo,
    /// The mode is rollback: whatever the gates say, nothing was cleared for a release.
    RolledBack,
    /// Every required gate is checked off.
    Go,
}

impl Decision {
    /// The word in outputs for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Decision::NoGo => "no-go",
            Decision::RolledBack => "rolled-back",
            Decision::Go => "go",
        }
    }

    /// The word for people.
    pub const fn heading(self) -> &'static str {
        match self {
            Decision::NoGo => "NO-GO",
            Decision::RolledBack => "ROLLED BACK",
            Decision::Go => "GO",
        }
    }
}

impl GateResult {
    /// Whether a release may check it off. A gate that was skipped judged nothing; a waived one is checked off and told of.
    pub fn checked_off(&self) -> bool {
        match self.standing {
            Standing::Fail | Standing::Advisory | Standing::Blocked | Standing::Skipped | Standing::NotEvaluated => false,
            Standing::Waived | Standing::Pass => true,
        }
    }

    /// Whether evidence could not be judged. A waiver that covers gaps covers it.
    fn gap(&self) -> bool {
        self.standing != Standing::Waived && matches!(self.reason, Some(Reason::Gap(_)))
    }

    /// What its notes tell of something, in their order.
    pub fn told<'a>(&'a self, about: &'a str) -> impl Iterator<Item = &'a str> {
        self.notes.iter().filter(move |note: &&Note| note.about == about).map(|note| note.text.as_str())
    }

    /// The first of its findings.
    pub fn first_finding(&self) -> Option<&Finding> {
        self.findings.first()
    }
}

impl Verdict {
    /// Whether a release may go out on it. Go is the last arm.
    pub fn decision(&self) -> Decision {
        if self.incomplete.is_some() {
            Decision::NoGo
        } else if let Mode::Rollback { .. } = self.mode {
            Decision::RolledBack
        } else if !self.objections().is_empty() {
            Decision::NoGo
        } else {
            Decision::Go
        }
    }

    /// Everything that speaks against a release, in the policy's order.
    pub fn objections(&self) -> Vec<String> {
        let mut told: Vec<String> = self.incomplete.iter().cloned().collect();
        match self.lane_rule {
            LaneRule::Full => {}
            LaneRule::Preflight => told.push(format!("the lane `{}` does not ask every gate", self.lane)),
        }
        if !self.gates.iter().any(|gate| gate.terms.blocking && gate.standing == Standing::Pass) {
            told.push("no required gate passed".to_owned());
        }
        for gate in &self.gates {
            let word = gate.reason.map_or_else(|| gate.standing.word(), Reason::word);
            if gate.terms.blocking && !gate.checked_off() {
                told.push(format!("`{}` is required and not checked off: {word}", gate.id));
            } else if gate.gap() {
                told.push(format!("the evidence of `{}` could not be judged: {word}", gate.id));
            }
        }
        let switches = self.weakened_by.iter().filter(|switch| !switch.tolerated() && !switch.clock());
        told.extend(switches.map(|switch| format!("a release does not tolerate the switch `{}`", switch.switch)));
        told
    }

    /// Whether a gap, or evidence that is absent, is among what speaks against a release.
    pub fn lacks_evidence(&self) -> bool {
        self.gates.iter().any(|gate| gate.gap() || gate.terms.blocking && gate.standing == Standing::Skipped)
    }

    /// The oldest evidence of all gates that says when it was made, with that time. What a run is compared with is older by its nature, and not
    /// looked at.
    pub fn oldest(&self) -> Option<(&EvidenceRow, Instant)> {
        let own = |row: &&EvidenceRow| !matches!(row.path.base, Base::Baseline | Base::History);
        let dated = self.evidence.iter().filter(own).filter_map(|row| Some((row, row.made?)));
        dated.min_by_key(|(row, made)| (*made, row.path.shown.clone()))
    }

    /// The age of the oldest evidence, in words: `3h 12m (build/junit.xml)`.
    pub fn age(&self) -> Option<String> {
        let (row, made) = self.oldest()?;
        let age = (self.generated_at - made).num_seconds().max(0);
        Some(format!("{} ({})", show_span(age), row.path.shown))
    }

    /// The oldest evidence of a gate that says when it was made, with that time.
    pub fn oldest_evidence(&self, gate: &GateResult) -> Option<(&EvidenceRow, Instant)> {
        let rows = self.evidence.iter().filter(|row| row.gates.contains(&gate.id));
        rows.filter_map(|row| Some((row, row.made?))).min_by_key(|(row, made)| (*made, row.path.shown.clone()))
    }
}

impl Weakening {
    /// Whether it is the clock that was set. A checklist says so beside its decision, and does not refuse: whoever reads it sees as of
    /// when it holds.
    pub fn clock(&self) -> bool {
        self.switch == "clock"
    }
}
