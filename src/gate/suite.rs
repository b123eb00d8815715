//! Gates with their policy: everything that `load` made of the definitions.

use super::check::Check;
use super::kind::CheckKind;
use super::need::EvidenceNeed;
use crate::model::{EvidenceId, FieldNames, GateId, PackId, Policy, Weakening};
use crate::source::{SourceMap, Span};
use std::collections::BTreeMap;

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
    /// The check.
    pub check: Box<dyn Check>,
    /// Its table in the definition.
    pub at: Span,
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
    /// The command that reproduces its evidence.
    pub reproduce: String,
    /// What to do about a failure, in order.
    pub remediation: Vec<String>,
    /// Its evidence, in the order of the file.
    pub evidence: Vec<EvidenceNeed>,
    /// Its checks, in the order of the file; at least one.
    pub checks: Vec<DefinedCheck>,
    /// The value of `id` in its file.
    pub at: Span,
}

impl Gate {
    /// The need of this id.
    pub fn need(&self, id: &EvidenceId) -> Option<&EvidenceNeed> {
        self.evidence.iter().find(|need| need.id == *id)
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
    /// The definition files.
    pub sources: SourceMap,
}
