//! What collecting hands on: every gate's evidence, the ledger, and what checks may know beside them.

use super::check::Context;
use crate::model::{Evidence, EvidenceId, EvidenceRow, Gap, GateId, Ledger};
use std::collections::BTreeMap;

/// Everything that was collected for a suite.
pub struct Collected {
    /// The evidence of each gate, admitted or not.
    pub evidence: BTreeMap<GateId, BTreeMap<EvidenceId, Evidence>>,
    /// The ledger files of the policy, read as one; empty where `ledger_gaps` is not.
    pub ledger: Ledger,
    /// Why the ledger could not be read. No exception holds then.
    pub ledger_gaps: Vec<Gap>,
    /// How often each waiver's `expires` was moved later in git history; `None` if it cannot be told.
    pub renewals: Option<BTreeMap<String, u32>>,
    /// The evidence manifest, by path.
    pub manifest: Vec<EvidenceRow>,
    /// What checks may know.
    pub context: Context,
}
