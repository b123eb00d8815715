//! What a scenario comes to, by how its steps and hooks ended: shared by the readers of Cucumber's reports.

use super::results_json::unknown;
use crate::model::{Attempt, AttemptStatus};

/// The worst that was told of a scenario so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Rank {
    /// No step was told of.
    #[default]
    Nothing,
    Passed,
    Skipped,
    Pending,
    Failed,
}

/// One attempt at a scenario, while its steps are read.
#[derive(Debug, Default)]
pub(super) struct Scenario {
    rank: Rank,
    message: String,
    seconds: Option<f64>,
}

impl Scenario {
    /// A step or a hook ended with this status. `what` names it, `message` is what the report says of a failure.
    pub(super) fn step(&mut self, status: &str, what: &str, message: &str) {
        let word = status.to_ascii_lowercase();
        let or = |other: String| if message.trim().is_empty() { other } else { message.to_owned() };
        let (rank, said) = match word.as_str() {
            "passed" => (Rank::Passed, String::new()),
            "skipped" | "untested" | "untested_pending" | "untested_undefined" => (Rank::Skipped, message.to_owned()),
            "pending" => (Rank::Pending, or(format!("`{what}` is pending"))),
            "failed" | "error" | "hook_error" | "cleanup_error" => (Rank::Failed, or(format!("`{what}` failed"))),
            "undefined" | "ambiguous" => (Rank::Failed, or(format!("`{what}` is {word}"))),
            _ => (Rank::Failed, unknown(status)),
        };
        if rank > self.rank {
            (self.rank, self.message) = (rank, said);
        }
    }

    /// A step took so long.
    pub(super) fn took(&mut self, seconds: Option<f64>) {
        if let Some(seconds) = seconds {
            *self.seconds.get_or_insert_default() += seconds;
        }
    }

    /// Takes what was told of its background.
    pub(super) fn behind(&mut self, background: Scenario) {
        if background.rank > self.rank {
            (self.rank, self.message) = (background.rank, background.message);
        }
        self.took(background.seconds);
    }

    /// Whether anything in it failed.
    pub(super) fn failed(&self) -> bool {
        self.rank == Rank::Failed
    }

    /// Whether it waits for steps that are still to be written.
    pub(super) fn pending(&self) -> bool {
        self.rank == Rank::Pending
    }

    /// The attempt. What waits for its steps ended so.
    pub(super) fn attempt(self, pending: AttemptStatus) -> Attempt {
        let (status, message) = match self.rank {
            Rank::Nothing => (AttemptStatus::Skipped, "no step ran"),
            Rank::Skipped => (AttemptStatus::Skipped, &*self.message),
            Rank::Pending => (pending, &*self.message),
            Rank::Failed => (AttemptStatus::Failed, &*self.message),
            Rank::Passed => (AttemptStatus::Passed, ""),
        };
        Attempt::new(status, self.seconds, message)
    }
}
