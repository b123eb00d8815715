//! Gates with their policy: everything that `load` made of the definitions.

use super::check::Check;
use super::kind::CheckKind;
use super::need::{EvidenceNeed, Paths};
use super::reproduce::Reproduce;
use crate::definition::{Kind, Places, Raw, Read, Refusal, Stated, choice};
use crate::model::{Base, EvidenceId, FieldNames, GateId, PackId, Policy, Weakening, Where};
use crate::source::{SourceMap, Span};
use std::collections::BTreeMap;

/// How a check takes a run that is in shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shards {
    /// Once for each shard, as if that were the run.
    Each,
    /// Once, over the files of all of them.
    Together,
}

impl Read for Shards {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        choice(raw, &[("each", Shards::Each), ("together", Shards::Together)])
    }

    fn kind() -> Kind {
        Kind::Choice(vec!["each", "together"])
    }
}

/// One check of a gate.
pub struct DefinedCheck {
    /// Its kind.
    pub kind: &'static CheckKind,
    /// The fact it asserts, in the author's words; the kind's own line where the author gave none.
    pub expect: String,
    /// The stable finding kind that replaces the check's own, for completion-audit blockers and remediation tables.
    pub finding: Option<String>,
    /// What to do next about any finding of this check that does not know better.
    pub next: Option<String>,
    /// How it takes a run that is in shards.
    pub shards: Shards,
    /// The check.
    pub check: Box<dyn Check>,
    /// Its table in the definition.
    pub at: Span,
    /// What the table states, key by key.
    pub stated: Vec<Stated>,
}

/// One gate.
pub struct Gate {
    /// The stem of its file.
    pub id: GateId,
    /// The pack it belongs to.
    pub pack: PackId,
    /// What it is called.
    pub title: String,
    /// Who answers for it.
    pub owner: String,
    /// The tracker's id.
    pub bead: String,
    /// Why it is a gate.
    pub why: String,
    /// Gates that must stand before this one can.
    pub needs: Vec<GateId>,
    /// The commands that reproduce its evidence.
    pub reproduce: Reproduce,
    /// What to do about a failure, in order.
    pub remediation: Vec<String>,
    /// Its evidence, in the order of the file.
    pub evidence: Vec<EvidenceNeed>,
    /// Its checks, in the order of the file; at least one.
    pub checks: Vec<DefinedCheck>,
    /// The value of `id` in its file.
    pub at: Span,
    /// Where its parts stand: `owner`, `evidence.report.max_age`.
    pub places: Places,
}

impl Gate {
    /// The need of this id.
    pub fn need(&self, id: &EvidenceId) -> Option<&EvidenceNeed> {
        self.evidence.iter().find(|need| need.id == *id)
    }

    /// Whether the files of a need are, or may be, files of the run: a run in shards has them in each shard.
    pub fn of_run(&self, id: &EvidenceId) -> bool {
        let mut id = id;
        // Needs that name each other's files in a circle are refused, so this is longer than every way.
        for _ in 0..=self.evidence.len() {
            match self.need(id).map(|need| &need.paths) {
                Some(Paths::Declared { base, .. }) => return *base == Base::Run,
                Some(Paths::Referenced { base: Base::Run, .. }) => return true,
                Some(Paths::Referenced { place, .. }) => id = &place.evidence,
                None => return false,
            }
        }
        true
    }

    /// Whether a check is judged once however many shards there are: it looks at all of them together, or at none.
    pub fn once(&self, check: &DefinedCheck) -> bool {
        match check.shards {
            Shards::Together => true,
            Shards::Each => !check.check.reads().iter().any(|(id, _)| self.of_run(id)),
        }
    }
}

/// A policy with its gates, sound and complete.
pub struct Suite {
    /// The policy.
    pub policy: Policy,
    /// Its gates.
    pub gates: BTreeMap<GateId, Gate>,
    /// The gates in levels: each needs only gates of earlier levels. Within a level, the policy's order.
    pub levels: Vec<Vec<GateId>>,
    /// How the ledger spells its fields.
    pub fields: FieldNames,
    /// Configuration that loosens what it extends, with its reasons.
    pub weakened: Vec<Weakening>,
    /// What else the definitions state that bears on a judgement: how the policy is chosen, where git is.
    pub settings: Vec<Stated>,
    /// Where the parts of the policy stand: `gate.a.blocking`, `limit.file_max`.
    pub places: Places,
    /// The definition files.
    pub sources: SourceMap,
}

impl Suite {
    /// Where the repository defines a gate, for outputs that must point at a line of it: the gate's own file, else where the policy
    /// or the configuration names the gate, else the first definition file of the repository; `None` if everything is built in.
    pub fn defined(&self, gate: &Gate) -> Option<Where> {
        let of_repository = |name: &str| !name.is_empty() && !name.starts_with("builtin:");
        let named = self.places.find(&format!("gate.{}", gate.id));
        let own = [Some(&gate.at), named].into_iter().flatten().find_map(|span| {
            let source = self.sources.get(span.source);
            let (line, _) = source.position(span.start);
            of_repository(&source.name).then(|| Where::line(&source.name, line as u64))
        });
        let first = || self.sources.iter().find(|source| of_repository(&source.name));
        own.or_else(|| first().map(|source| Where::line(&source.name, 1)))
    }
}
