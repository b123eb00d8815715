//! What one run of gatekeeper may spend on evidence: bytes read, bytes held, time.
//!
//! In: the policy's limits and the clock of the process. Out: whether reading goes on. Files are read in parallel, so which of them
//! comes last before a limit is chance; whether all of them together are beyond it is not. A limit that is passed is therefore told
//! of every file of the reading, in the same words.

use crate::model::Limits;
use crate::workspace::Workspace;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What is spent so far.
pub(super) struct Budget<'w> {
    workspace: &'w dyn Workspace,
    limits: &'w Limits,
    read: AtomicU64,
    held: AtomicU64,
}

impl<'w> Budget<'w> {
    pub(super) fn new(workspace: &'w dyn Workspace, limits: &'w Limits) -> Self {
        Self { workspace, limits, read: AtomicU64::new(0), held: AtomicU64::new(0) }
    }

    /// The policy's limits.
    pub(super) fn limits(&self) -> &'w Limits {
        self.limits
    }

    /// Counts a file of this size that is about to be read; whether it may be.
    pub(super) fn admits(&self, size: u64) -> bool {
        // More than fits into the sum is beyond every limit.
        let add = |sum: u64| Some(sum.saturating_add(size));
        let _before = self.read.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
        self.passed().is_none()
    }

    /// Counts a file of this size whose content is kept until the verdict.
    pub(super) fn hold(&self, size: u64) {
        self.held.fetch_add(size, Ordering::Relaxed);
    }

    /// The limit that is passed: what was expected, and what was there. Of two, always the same one.
    pub(super) fn passed(&self) -> Option<(String, &'static str)> {
        let told = |most: u64, what: &str| format!("at most {most} bytes of evidence {what} in all");
        if self.read.load(Ordering::Relaxed) > self.limits.total_max {
            Some((told(self.limits.total_max, "read"), "more (`total_max` in the policy's limits)"))
        } else if self.held.load(Ordering::Relaxed) > self.limits.held_max {
            Some((told(self.limits.held_max, "held at once"), "more (`held_max` in the policy's limits)"))
        } else {
            None
        }
    }

    /// Whether the time of the policy is over. The verdict is then the seal, whatever was read.
    pub(super) fn late(&self) -> bool {
        self.workspace.elapsed() > Duration::from_secs(self.limits.time_max.as_seconds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Age, Instant};
    use crate::workspace::Memory;

    #[test]
    fn what_is_beyond_a_limit_stays_beyond_it() {
        let workspace = Memory::at(Instant::UNIX_EPOCH);
        let limits = Limits { total_max: 10, held_max: 4, ..Limits::default() };
        let budget = Budget::new(&workspace, &limits);
        assert!(budget.admits(4) && budget.passed().is_none());
        budget.hold(4);
        assert!(budget.admits(6), "exactly the limit is within it");
        budget.hold(1);
        assert!(budget.passed().is_some_and(|(expected, _)| expected.contains("4 bytes of evidence held")));
        assert!(!budget.admits(1));
        assert!(budget.passed().is_some_and(|(expected, _)| expected.contains("10 bytes of evidence read")));
        assert!(!budget.admits(u64::MAX), "the sum does not wrap");
    }

    #[test]
    fn time_that_is_over_is_over() {
        let limits = Limits { time_max: Age::seconds(3), ..Limits::default() };
        let at = |seconds| Memory::at(Instant::UNIX_EPOCH).after(Duration::from_millis(seconds));
        for (milliseconds, late) in [(0, false), (3_000, false), (3_001, true)] {
            assert_eq!(Budget::new(&at(milliseconds), &limits).late(), late, "{milliseconds}");
        }
    }
}
