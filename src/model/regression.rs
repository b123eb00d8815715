//! What became of suites, units or tests from one run to the next: the one place where regressions are counted.
//!
//! In: which items failed before and which fail now, by any key. Out: what changed, counts and the status. Both the check kind
//! `no-regression` and `gatekeeper diff` ask here, so they cannot disagree. An item that is gone and had passed is a regression:
//! a deleted test is not a fixed one. An item that is gone and had failed is not fixed either.

use std::collections::BTreeMap;

/// What became of one item. Items that pass in both runs, and new ones that pass, have not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// It passed and fails.
    Regression,
    /// It passed and is gone.
    Gone,
    /// It was not there and fails.
    NewFailure,
    /// It failed and fails.
    StillFailing,
    /// It failed and is gone.
    GoneUnfixed,
    /// It failed and passes.
    Fixed,
}

impl Change {
    /// Every change, the worst first.
    pub const ALL: [Change; 6] =
        [Change::Regression, Change::Gone, Change::NewFailure, Change::StillFailing, Change::GoneUnfixed, Change::Fixed];

    /// The word in outputs.
    pub const fn word(self) -> &'static str {
        match self {
            Change::Regression => "regression",
            Change::Gone => "gone",
            Change::NewFailure => "new-failure",
            Change::StillFailing => "still-failing",
            Change::GoneUnfixed => "gone-unfixed",
            Change::Fixed => "fixed",
        }
    }

    /// The key under `summary` of a recorded comparison that counts it.
    pub const fn counted_as(self) -> &'static str {
        match self {
            Change::Regression | Change::Gone => "regression_count",
            Change::NewFailure => "new_failures",
            Change::StillFailing | Change::GoneUnfixed => "still_failing",
            Change::Fixed => "fixed",
        }
    }
}

/// The comparison of two runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison<K> {
    /// What changed: the worst first, then by key.
    pub changes: Vec<(K, Change)>,
}

impl<K: Ord + Clone> Comparison<K> {
    /// Compares two runs; `failed` tells of an item whether it failed.
    pub fn of<T>(before: &BTreeMap<K, T>, now: &BTreeMap<K, T>, failed: impl Fn(&T) -> bool) -> Self {
        let mut changes = Vec::new();
        for (key, item) in now {
            let change = match (before.get(key).map(&failed), failed(item)) {
                (Some(false), true) => Change::Regression,
                (Some(true), true) => Change::StillFailing,
                (Some(true), false) => Change::Fixed,
                (None, true) => Change::NewFailure,
                (None | Some(false), false) => continue,
            };
            changes.push((key.clone(), change));
        }
        for (key, item) in before.iter().filter(|(key, _)| !now.contains_key(*key)) {
            changes.push((key.clone(), if failed(item) { Change::GoneUnfixed } else { Change::Gone }));
        }
        changes.sort_by(|(a, change_a), (b, change_b)| (change_a, a).cmp(&(change_b, b)));
        Self { changes }
    }

    /// The comparison of what is there now: what is gone from a part of a run may be in another part.
    #[must_use]
    pub fn without_gone(&self) -> Self {
        let kept = self.changes.iter().filter(|(_, change)| match change {
            Change::Gone | Change::GoneUnfixed => false,
            Change::Regression | Change::NewFailure | Change::StillFailing | Change::Fixed => true,
        });
        Self { changes: kept.cloned().collect() }
    }

    /// How many changes are counted under this key of a recorded comparison.
    pub fn count(&self, counted_as: &str) -> usize {
        self.changes.iter().filter(|(_, change)| change.counted_as() == counted_as).count()
    }

    /// The counts by the keys under `summary` of a recorded comparison.
    pub fn counts(&self) -> [(&'static str, usize); 4] {
        ["regression_count", "new_failures", "fixed", "still_failing"].map(|key| (key, self.count(key)))
    }

    /// `regression` if anything passed that no longer does or anything new fails; `known_failures_only` if what fails had
    /// failed before; else `stable`.
    pub fn status(&self) -> &'static str {
        if self.count("regression_count") + self.count("new_failures") > 0 {
            "regression"
        } else if self.count("still_failing") > 0 {
            "known_failures_only"
        } else {
            "stable"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(before: &[(&'static str, bool)], now: &[(&'static str, bool)]) -> Comparison<&'static str> {
        let items = |items: &[(&'static str, bool)]| items.iter().copied().collect::<BTreeMap<_, _>>();
        Comparison::of(&items(before), &items(now), |failed| *failed)
    }

    #[test]
    fn every_pair_of_outcomes_is_told() {
        let before =
            [("broke", false), ("broken", true), ("fine", false), ("gone", false), ("lost", true), ("mended", true)];
        let now = [("broke", true), ("broken", true), ("fine", false), ("mended", false), ("new", true), ("young", false)];
        let comparison = compare(&before, &now);
        let told: Vec<_> = comparison.changes.iter().map(|(key, change)| (*key, change.word())).collect();
        assert_eq!(
            told,
            [
                ("broke", "regression"),
                ("gone", "gone"),
                ("new", "new-failure"),
                ("broken", "still-failing"),
                ("lost", "gone-unfixed"),
                ("mended", "fixed")
            ]
        );
        assert_eq!(comparison.counts().map(|(_, count)| count), [2, 1, 1, 2]);
        assert_eq!(told.len(), Change::ALL.len());
    }

    #[test]
    fn the_status_follows_the_worst() {
        assert_eq!(compare(&[("a", false)], &[("a", false), ("b", false)]).status(), "stable");
        assert_eq!(compare(&[("a", true)], &[("a", false)]).status(), "stable");
        assert_eq!(compare(&[("a", true)], &[("a", true)]).status(), "known_failures_only");
        assert_eq!(compare(&[("a", true)], &[]).status(), "known_failures_only");
        assert_eq!(compare(&[("a", false)], &[]).status(), "regression");
        assert_eq!(compare(&[("a", true)], &[("a", true), ("b", true)]).status(), "regression");
    }
}
