//! Which gates a lane takes, and in which order.

use super::detail;
use crate::gate::{Gate, Suite};
use crate::model::{GateId, GateResult, GateTerms, LaneRule};
use std::collections::BTreeSet;

/// The gates of the lane, needs before what needs them, else in the policy's order.
///
/// `preflight` takes the blocking gates, and whatever they need.
pub fn order(suite: &Suite, rule: LaneRule) -> Vec<GateId> {
    let taken = taken(suite, rule);
    suite.levels.iter().flatten().filter(|id| taken.contains(*id)).cloned().collect()
}

/// The gates of the lane, as a set.
pub fn taken(suite: &Suite, rule: LaneRule) -> BTreeSet<GateId> {
    let counts = |blocking: bool| match rule {
        LaneRule::Full => true,
        LaneRule::Preflight => blocking,
    };
    let mut taken = BTreeSet::new();
    let mut open: Vec<&GateId> =
        suite.policy.gates.iter().filter(|terms| counts(terms.blocking)).map(|terms| &terms.id).collect();
    while let Some(id) = open.pop() {
        if taken.insert(id.clone())
            && let Some(gate) = suite.gates.get(id)
        {
            open.extend(&gate.needs);
        }
    }
    taken
}

/// A gate that the lane did not come to.
pub fn not_evaluated(gate: &Gate, terms: &GateTerms) -> GateResult {
    detail::unjudged(gate, terms, crate::model::Reason::NotEvaluated, "the lane ended before this gate")
}
