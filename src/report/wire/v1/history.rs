//! The rows of a verdict: what `-o history` writes, one object a line, and what the store of `gatekeeper-history` keeps.
//!
//! They are read from the verdict's own document and from nothing else, so that a verdict that was written down a year ago gives the rows
//! that it gave on its day. Texts are cut to [`MESSAGE_MOST`] bytes and lists to [`FINDINGS_MOST`] a gate, and how many there were is told.

mod read;

pub use read::rows;

use crate::model::MESSAGE_MOST;
use schemars::JsonSchema;
use serde::Serialize;

/// The id of the rows' shape.
pub const HISTORY_SCHEMA: &str = "gatekeeper.history/1";

/// Most findings of a gate that become rows; the worst come first.
pub const FINDINGS_MOST: usize = 1_000;

/// What every row begins with: the verdict that it is of.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Key {
    /// SHA-256 of the verdict's document, 64 hex digits.
    pub verdict: String,
    /// The clock of the judgement, RFC 3339, UTC.
    pub judged_at: String,
    /// The commit under judgement, or else that of the run; 40 hex digits.
    pub commit: Option<String>,
    /// The policy.
    pub policy: String,
    /// The lane.
    pub lane: String,
}

/// One row of one table.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "gatekeeper history row, version 1")]
#[serde(tag = "table", rename_all = "snake_case")]
pub enum Row {
    /// The verdict as a whole; one row each.
    Runs(Run),
    /// A gate, in the policy's order.
    Gates(Gate),
    /// Something that is not as it must be.
    Findings(Finding),
    /// A value that a check measured.
    Measures(Measure),
    /// A test, as a report of the run tells of it. `record` adds them, who has the reports; the verdict does not tell of each.
    Tests(Test),
    /// An exception of the ledger.
    Exceptions(Exception),
    /// An artifact that was looked for.
    Evidence(Evidence),
}

/// The verdict as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Run {
    /// The verdict that it is of.
    #[serde(flatten)]
    pub key: Key,
    /// `gatekeeper.history/1`.
    pub schema: String,
    /// The version of the program that judged.
    pub tool: String,
    /// `strict` or `rollback`.
    pub mode: String,
    /// `rolled_back`, `incomplete`, or nothing.
    pub status: Option<String>,
    /// What it comes to: `pass`, `warn`, `fail`.
    pub ruling: String,
    /// One sentence: why.
    pub reason: String,
    /// SHA-256 over every definition that took part.
    pub policy_sha256: String,
    /// The run's directory.
    pub run_path: Option<String>,
    /// The run's id.
    pub run_id: Option<String>,
    /// The run's own commit.
    pub run_commit: Option<String>,
    /// All gates.
    pub gates: u64,
    /// Standing `pass`.
    pub passed: u64,
    /// Standing `fail`.
    pub failed: u64,
    /// Standing `advisory`.
    pub warned: u64,
    /// Standing `skipped` or `not-evaluated`.
    pub skipped: u64,
    /// Standing `waived`.
    pub waived: u64,
    /// Standing `blocked`.
    pub blocked: u64,
    /// Failures that a quarantine entry excused.
    pub quarantined: Option<u64>,
    /// The switches that weaken it, joined by `, `; empty if none does.
    pub weakened_by: String,
}

/// A gate.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Gate {
    /// The verdict that it is of.
    #[serde(flatten)]
    pub key: Key,
    /// The gate's id.
    pub gate: String,
    /// Its title.
    pub title: String,
    /// Who answers for it.
    pub owner: String,
    /// The tracker's id.
    pub bead: String,
    /// The raw word about its evidence.
    pub status: String,
    /// What it counts as.
    pub standing: String,
    /// Why it does not simply pass.
    pub reason: Option<String>,
    /// Whether the verdict fails when it does not stand.
    pub blocking: bool,
    /// How many findings it has, those included that became no rows.
    pub findings: u64,
    /// How many things its checks looked at.
    pub examined: u64,
    /// One line that sums it up.
    pub detail: String,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Finding {
    /// The verdict that it is of.
    #[serde(flatten)]
    pub key: Key,
    /// The gate.
    pub gate: String,
    /// Its place among the gate's findings, from 1, the worst first.
    pub rank: u64,
    /// A stable name.
    pub kind: String,
    /// What the gate asked for.
    pub expected: String,
    /// What was there.
    pub actual: String,
    /// The whole in one sentence, where somebody wrote one.
    pub message: Option<String>,
    /// The artifact.
    pub path: Option<String>,
    /// The value in it, as a JSON Pointer.
    pub pointer: Option<String>,
    /// The line in it, from 1.
    pub line: Option<u64>,
}

/// A measured value.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Measure {
    /// The verdict that it is of.
    #[serde(flatten)]
    pub key: Key,
    /// The gate.
    pub gate: String,
    /// What was measured.
    pub what: String,
    /// The value, in `unit`.
    pub value: f64,
    /// `count`, or the word of a unit.
    pub unit: String,
    /// The highest value that is allowed.
    pub at_most: Option<f64>,
    /// The lowest value that is allowed.
    pub at_least: Option<f64>,
}

/// A test.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Test {
    /// The verdict that it is of.
    #[serde(flatten)]
    pub key: Key,
    /// The directory of its report below the run; two tests of one id in two places are two tests.
    pub place: String,
    /// The report.
    pub report: String,
    /// SHA-256 of the report: what two verdicts judged counts once.
    pub report_sha256: Option<String>,
    /// Its id, `suite::class::name`.
    pub test: String,
    /// Its source file, as the report spells it.
    pub file: Option<String>,
    /// `passed`, `failed`, `errored`, `skipped`, or `flaky`: the last attempt passed and an earlier one did not.
    pub status: String,
    /// How often it was tried.
    pub attempts: u64,
    /// Whether the tool took the result from an earlier run of its own.
    pub cached: bool,
    /// How long all attempts took together.
    pub seconds: Option<f64>,
    /// Why it is no pass.
    pub message: Option<String>,
}

/// An exception of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Exception {
    /// The verdict that it is of.
    #[serde(flatten)]
    pub key: Key,
    /// `waiver` or `quarantine`.
    pub class: String,
    /// The gate or the test that it is about.
    pub name: String,
    /// Whether it holds: `active`, `expiring`, `expired`, `invalid`, `unreadable`.
    pub validity: String,
    /// Whether it covered a failure; `null` for a quarantine entry.
    pub used: Option<bool>,
    /// It holds and covered nothing.
    pub unused: bool,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The tracker's id.
    pub bead: Option<String>,
    /// The class of flake.
    pub category: Option<String>,
    /// Why it is acceptable for now.
    pub reason: Option<String>,
    /// First day.
    pub first_day: Option<String>,
    /// Last day, UTC.
    pub last_day: Option<String>,
    /// How often its end was extended; `null` if that could not be told.
    pub renewals: Option<u64>,
    /// How much is wrong with it.
    pub problems: u64,
}

/// An artifact.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Evidence {
    /// The verdict that it is of.
    #[serde(flatten)]
    pub key: Key,
    /// The id under which gates read it.
    pub evidence: String,
    /// Where it lies, or should.
    pub path: String,
    /// Of the bytes that were judged.
    pub sha256: Option<String>,
    /// Bytes.
    pub size: u64,
    /// When it says it was made, RFC 3339, UTC.
    pub made_at: Option<String>,
    /// Why it is not admitted for at least one of its gates.
    pub gap: Option<String>,
    /// The gates that read it, joined by `, `.
    pub gates: String,
}

/// A text, or its beginning.
pub fn cut(text: &str) -> String {
    if text.len() <= MESSAGE_MOST {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(MESSAGE_MOST)])
}
