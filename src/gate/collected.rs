//! What collecting hands on: every gate's evidence, and what checks may know beside it.

use super::check::Context;
use crate::model::{Evidence, EvidenceId, EvidenceRow, GateId};
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
    /// The evidence manifest, by path.
    pub manifest: Vec<EvidenceRow>,
    /// What checks may know.
    pub context: Context,
    /// The directory of the run that it is compared with, as people know it, if that can be told.
    pub baseline: Option<String>,
}
