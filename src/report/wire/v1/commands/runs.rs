//! `gatekeeper diff` and `replay` with `-o json`: two runs compared, and the plan that runs again what failed in one.

use super::{Command, Gap};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// The id of the shape of `diff`.
pub const DIFF_SCHEMA: &str = "gatekeeper.diff/1";
/// The id of the shape of `replay`.
pub const PLAN_SCHEMA: &str = "gatekeeper.replay-plan/1";

/// What became of suites and units from one run to another.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "gatekeeper diff, version 1")]
pub struct Diff {
    /// `gatekeeper.diff/1`.
    pub schema: &'static str,
    /// The earlier run.
    pub base: String,
    /// The later run.
    pub run: String,
    /// `regression`, `known_failures_only` or `stable`; `null` where results are damaged.
    pub status: Option<&'static str>,
    /// How many changes of each kind there are.
    pub summary: BTreeMap<&'static str, usize>,
    /// How many suites and units were compared.
    pub compared: usize,
    /// Every change.
    pub changes: Vec<Change>,
    /// All that failed, in one command.
    pub quick_replay: Option<Command>,
    /// Where the recorded `triage_diff.json` says otherwise; `null` where none is recorded of these runs.
    pub disagreements: Option<Vec<Disagreement>>,
    /// The run that the recorded file is about, where that is another one.
    pub recorded_against: Option<String>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// One change.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Change {
    /// What it is.
    pub change: &'static str,
    /// Under which count it stands.
    pub counted_as: &'static str,
    /// `suite` or `unit`.
    pub surface: &'static str,
    /// The name.
    pub name: String,
    /// Where it is told.
    pub at: String,
    /// The command that runs it again.
    pub replay: Option<Command>,
    /// Why there is none.
    pub replay_refused: Option<String>,
    /// Whether it stands against a release.
    pub blocks: bool,
}

/// A recorded value that is not what the results say.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Disagreement {
    /// Where it is recorded.
    pub at: String,
    /// What the results say.
    pub recomputed: String,
    /// What is recorded.
    pub recorded: String,
}

/// The smallest plan that runs again what failed.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "gatekeeper replay plan, version 1")]
pub struct Plan {
    /// `gatekeeper.replay-plan/1`.
    pub schema: &'static str,
    /// The run.
    pub run: String,
    /// How many suites and units it has.
    pub targets: usize,
    /// How many failed.
    pub failed: usize,
    /// The steps.
    pub steps: Vec<Step>,
    /// All of it in one command.
    pub quick_replay: Option<Command>,
    /// What no command is made for.
    pub refused: Vec<Refused>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// One command, and what it runs.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Step {
    /// Its words.
    pub argv: Vec<String>,
    /// The same, quoted for a shell.
    pub shell: String,
    /// What it runs again.
    pub covers: Vec<Covered>,
}

/// A suite or unit that a step runs again.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Covered {
    /// `suite` or `unit`.
    pub surface: &'static str,
    /// The name.
    pub name: String,
    /// Its tests that failed.
    pub failing_tests: Vec<String>,
    /// What kind of failure it is.
    pub root_cause_class: &'static str,
    /// What that was told by.
    pub decided_by: String,
    /// Where.
    pub at: String,
    /// The line there.
    pub line: String,
    /// Commands that the run recorded for it.
    pub recorded: Vec<String>,
    /// How many recorded commands are not shown.
    pub recorded_withheld: usize,
    /// The command with debug output.
    pub debug_shell: Option<String>,
}

/// A suite or unit whose name no command is made from.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Refused {
    /// `suite` or `unit`.
    pub surface: &'static str,
    /// The name.
    pub name: String,
    /// Why not.
    pub because: String,
}
