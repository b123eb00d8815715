//! One need of one gate on its way to evidence: which files it has, which gaps, and what it waits for.

use super::shelf::{Key, Reader};
use crate::gate::{EvidenceNeed, Gate, Paths};
use crate::model::{EvidenceId, Gap, GateId, Instant};
use std::collections::BTreeMap;

/// For whom evidence is collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Scope {
    /// For checks that look at the run, at all of its shards together or at none of them.
    Whole,
    /// For checks that look at one shard as if it were the run.
    Shard(u16),
}

/// One need on its way.
pub(super) struct Job<'s> {
    pub(super) gate: &'s Gate,
    pub(super) at: usize,
    pub(super) scope: Scope,
    /// Whether its files are known, as far as they can be.
    pub(super) located: bool,
    /// The files in the order that checks see.
    pub(super) keys: Vec<Key>,
    /// Files that were read to choose among them, and not chosen.
    pub(super) passed_over: Vec<Key>,
    /// A fallback that is there too, and is not what checks see.
    pub(super) spare: Option<Key>,
    pub(super) gaps: Vec<Gap>,
    pub(super) absent: Option<String>,
    /// When each file says it was made, where the need asks.
    pub(super) made: BTreeMap<Key, Instant>,
    pub(super) admitted: bool,
}

impl<'s> Job<'s> {
    pub(super) fn new(gate: &'s Gate, at: usize, scope: Scope) -> Self {
        Self {
            gate,
            at,
            scope,
            located: false,
            keys: Vec::new(),
            passed_over: Vec::new(),
            spare: None,
            gaps: Vec::new(),
            absent: None,
            made: BTreeMap::new(),
            admitted: false,
        }
    }

    pub(super) fn need(&self) -> &'s EvidenceNeed {
        &self.gate.evidence[self.at]
    }

    pub(super) fn reader(&self) -> Reader<'s> {
        (self.gate, self.at)
    }

    /// The need as people wrote it.
    pub(super) fn wanted(&self) -> String {
        match &self.need().paths {
            Paths::Declared { base, pattern, .. } => format!("{}:{pattern}", base.word()),
            Paths::Referenced { place, .. } => format!("the files named at {place}"),
        }
    }

    /// What must be done where no file is there: it may be absent, or it is missing.
    pub(super) fn lacks(&mut self, allowed: bool, gap: Gap) {
        if allowed {
            self.absent = Some(format!("{} ({})", self.wanted(), gap.actual));
        } else {
            self.gaps.push(gap);
        }
    }
}

/// For each job that follows references the one whose documents name its files, by position.
pub(super) fn sources(jobs: &[Job<'_>]) -> Vec<Option<usize>> {
    let own = |job: &Job<'_>, id: &EvidenceId| (job.gate.id.clone(), job.scope, id.clone());
    let by_id: BTreeMap<(GateId, Scope, EvidenceId), usize> =
        jobs.iter().enumerate().rev().map(|(at, job)| (own(job, &job.need().id), at)).collect();
    let source = |job: &Job<'_>| match &job.need().paths {
        Paths::Referenced { place, .. } => by_id.get(&own(job, &place.evidence)).copied(),
        Paths::Declared { .. } => None,
    };
    jobs.iter().map(source).collect()
}
