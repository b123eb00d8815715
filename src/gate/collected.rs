//! What collecting hands on: every gate's evidence, the ledger, and what checks may know beside them.

use super::check::Context;
use crate::model::{Evidence, EvidenceId, EvidenceRow, Gap, GateId, Ledger};
use std::collections::BTreeMap;

/// What was collected in one shard of the run.
pub struct Shard {
    /// The evidence of each gate with a check that takes the shards one by one.
    pub evidence: BTreeMap<GateId, BTreeMap<EvidenceId, Evidence>>,
    /// What those checks may know: the shard is their run.
    pub context: Context,
}

/// Everything that was collected for a suite.
pub struct Collected {
    /// The evidence of each gate, admitted or not. Of a run in shards: what checks see that are judged once.
    pub evidence: BTreeMap<GateId, BTreeMap<EvidenceId, Evidence>>,
    /// The shards of the run, by position; none for a run that is judged by itself.
    pub shards: Vec<Shard>,
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
