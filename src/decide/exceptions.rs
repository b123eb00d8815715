//! Waivers and quarantine at the moment of decision: which were used, which covered nothing. Whether they hold is asked of the
//! exceptions state.

use crate::gate::Collected;
use crate::model::{Exception, ExceptionUse, GateId, LaneId, Note, Waiver, WaiverUse};
use std::collections::BTreeSet;

/// The policy's exceptions in this lane.
pub struct Exceptions<'a> {
    lane: &'a LaneId,
    collected: &'a Collected,
    /// Whether each waiver was used, by position.
    used: Vec<bool>,
}

impl<'a> Exceptions<'a> {
    /// Nothing is used yet.
    pub fn new(collected: &'a Collected, lane: &'a LaneId) -> Self {
        Self { lane, collected, used: vec![false; collected.context.exceptions.waivers.len()] }
    }

    /// Whether a waiver covers this gate now, and marks it as used.
    pub fn cover(&mut self, gate: &GateId) -> bool {
        let lane = self.lane;
        let mut waivers = self.collected.context.exceptions.waivers.iter().zip(&mut self.used);
        match waivers.find(|(waiver, _)| waiver.entry.name == gate.as_str() && covers(waiver, lane)) {
            Some((_, used)) => {
                *used = true;
                true
            }
            None => false,
        }
    }

    /// Everything about the exceptions, for the verdict.
    pub fn into_use(self, notes: &[Note]) -> ExceptionUse {
        let excused: BTreeSet<String> = notes.iter().filter_map(|note| note.exception.clone()).collect();
        let state = &self.collected.context.exceptions;
        let waivers: Vec<WaiverUse> = state
            .waivers
            .iter()
            .zip(&self.used)
            .map(|(waiver, used)| WaiverUse {
                entry: waiver.entry.clone(),
                validity: waiver.validity.clone(),
                renewals: waiver.renewals,
                used: *used,
            })
            .collect();
        let unused = state.waivers.iter().zip(&self.used).filter(|(waiver, used)| covers(waiver, self.lane) && !**used);
        let unused = unused.map(|(waiver, _)| format!("waiver `{}`", waiver.entry.name));
        let idle = state.quarantine.iter().filter(|held| held.holds() && !excused.contains(&held.entry.name));
        let idle = idle.map(|held| format!("quarantine `{}`", held.entry.name));
        let unused = unused.chain(idle).collect();
        let quarantine = state.quarantine.iter().map(|held| (held.entry.clone(), held.validity.clone())).collect();
        ExceptionUse { waivers, quarantine, unused, excused }
    }
}

fn covers(waiver: &Exception<Waiver>, lane: &LaneId) -> bool {
    waiver.holds() && waiver.entry.read.as_ref().is_ok_and(|read| read.scope.contains(lane))
}
