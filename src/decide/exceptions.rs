//! Waivers and quarantine at the moment of decision: which hold, which were used, which covered nothing.

use crate::gate::Collected;
use crate::model::{ExceptionUse, GateId, LaneId, WaiverUse};

/// The ledger's exceptions, judged for today and this lane.
pub struct Exceptions<'a> {
    lane: &'a LaneId,
    waivers: Vec<WaiverUse>,
    collected: &'a Collected,
}

impl<'a> Exceptions<'a> {
    /// Judges every entry. A ledger that could not be read has no entries, so nothing is covered.
    pub fn new(collected: &'a Collected, lane: &'a LaneId) -> Self {
        let today = collected.context.now.date_naive();
        let policy = &collected.context.policy;
        let readable = collected.ledger_gaps.is_empty();
        let waivers = collected.ledger.waivers.iter().filter(|_| readable).map(|entry| WaiverUse {
            validity: entry.read.as_ref().ok().map(|waiver| waiver.validity(today, policy)),
            renewals: collected.renewals.as_ref().map(|counts| counts.get(&entry.name).copied().unwrap_or(0)),
            entry: entry.clone(),
            used: false,
        });
        Self { lane, waivers: waivers.collect(), collected }
    }

    /// Whether a waiver covers this gate now, and marks it as used. Two waivers for one gate cover nothing: which of them would
    /// count is anybody's guess.
    pub fn cover(&mut self, gate: &GateId) -> bool {
        let max = self.collected.context.limits().renewals_max;
        let lane = self.lane;
        let mut for_gate: Vec<&mut WaiverUse> =
            self.waivers.iter_mut().filter(|waiver| waiver.entry.name == gate.as_str()).collect();
        let [only] = for_gate.as_mut_slice() else { return false };
        let covers = holds(only, lane, max);
        only.used |= covers;
        covers
    }

    /// Everything about the exceptions, for the verdict.
    pub fn into_use(self) -> ExceptionUse {
        let max = self.collected.context.limits().renewals_max;
        let today = self.collected.context.now.date_naive();
        let unused = self.waivers.iter().filter(|waiver| holds(waiver, self.lane, max) && !waiver.used);
        let unused = unused.map(|waiver| format!("waiver `{}`", waiver.entry.name)).collect();
        let readable = self.collected.ledger_gaps.is_empty();
        let quarantine = self.collected.ledger.quarantine.iter().filter(|_| readable).map(|entry| {
            let validity = entry.read.as_ref().ok().map(|held| held.validity(today, self.collected.context.limits()));
            (entry.clone(), validity)
        });
        ExceptionUse { quarantine: quarantine.collect(), unused, waivers: self.waivers }
    }
}

/// A waiver whose renewals cannot be counted, or were too many, does not hold.
fn holds(waiver: &WaiverUse, lane: &LaneId, renewals_max: u32) -> bool {
    let in_scope = waiver.entry.read.as_ref().is_ok_and(|read| read.scope.contains(lane));
    let valid = waiver.validity.as_ref().is_some_and(|validity| validity.holds());
    in_scope && valid && waiver.renewals.is_some_and(|count| count <= renewals_max)
}
