//! `gatekeeper waivers audit` and `quarantine audit` with `-o json`: every entry, and what git knows of those that were.

use schemars::JsonSchema;
use serde::Serialize;

/// The id of the shape.
pub const SCHEMA: &str = "gatekeeper.exceptions/1";

/// The exceptions of one kind as they are today.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "gatekeeper exceptions, version 1")]
pub struct Exceptions {
    /// `gatekeeper.exceptions/1`.
    pub schema: &'static str,
    /// Which kind.
    #[schemars(extend("enum" = ["waiver", "quarantine"]))]
    pub section: &'static str,
    /// The policy's name.
    pub policy: String,
    /// The day, UTC.
    pub today: String,
    /// An entry whose last day is at most so many days away counts as expiring.
    pub expiring_within_days: u64,
    /// How many entries are in force.
    pub active: usize,
    /// Every entry.
    pub entries: Vec<Entry>,
    /// What is wrong outside of the entries.
    pub problems: Vec<Problem>,
    /// What git history knows; `null` where it cannot be read.
    pub history: Option<History>,
    /// Why the history is not known.
    pub history_unknown: Option<String>,
}

/// One entry.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Entry {
    /// The gate or the test.
    pub name: String,
    /// The file.
    pub ledger: String,
    /// What it is today.
    #[schemars(extend("enum" = ["active", "expiring", "expired", "invalid"]))]
    pub state: &'static str,
    /// Why it does not hold.
    pub problems: Vec<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Its last day, UTC.
    pub expires: Option<String>,
    /// Days until then; negative when it is over.
    pub days_left: Option<i64>,
    /// How often it was renewed; `null` where git cannot tell.
    pub renewals: Option<u32>,
}

/// Something wrong in an exceptions file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Problem {
    /// The file.
    pub ledger: String,
    /// The place, as a JSON Pointer.
    pub at: String,
    /// What it should hold.
    pub expected: String,
    /// What it holds.
    pub actual: String,
}

/// What git history knows.
#[derive(Debug, Serialize, JsonSchema)]
pub struct History {
    /// How many commits were looked at.
    pub commits: u64,
    /// How many had no file that can be read.
    pub passed_over: u64,
    /// Entries that were removed.
    pub removed: Vec<Removed>,
    /// How many days an entry stood until then; `null` where none was removed.
    pub mean_days_to_fix: Option<f64>,
    /// Entries that came back after their end.
    pub escapes: Vec<Escape>,
    /// Entries that stood past their last day.
    pub expiry_violations: Vec<Violation>,
}

/// An entry that was removed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Removed {
    /// The gate or the test.
    pub name: String,
    /// Its first day.
    pub created: String,
    /// The day of its removal.
    pub removed: String,
}

/// An entry that came back.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Escape {
    /// The gate or the test.
    pub name: String,
    /// When it had ended.
    pub ended: String,
    /// When it was there again.
    pub again: String,
}

/// An entry that stood too long.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Violation {
    /// The gate or the test.
    pub name: String,
    /// Its last day.
    pub expires: String,
    /// The first commit past it.
    pub commit: String,
    /// The day of that commit.
    pub day: String,
    /// In how many commits it stood.
    pub commits: u64,
}
