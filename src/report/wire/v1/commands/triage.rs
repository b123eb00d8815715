//! `gatekeeper triage -o json`: known failures of a run.

use super::{Command, Gap};
use schemars::JsonSchema;
use serde::Serialize;

/// The id of the shape.
pub const SCHEMA: &str = "gatekeeper.triage/1";

/// What failed, and which signatures match.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "gatekeeper triage, version 1")]
pub struct Triage {
    /// `gatekeeper.triage/1`.
    pub schema: &'static str,
    /// The run.
    pub run: String,
    /// How many suites and units it has.
    pub targets: usize,
    /// Those that failed.
    pub failures: Vec<Failure>,
    /// Gates that fail without a signature that is about them.
    pub failed_gates: Vec<FailedGate>,
    /// The signatures that match.
    pub matches: Vec<Match>,
    /// What was looked at.
    pub looked_at: LookedAt,
    /// What else there is to say.
    pub notes: Vec<String>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// A suite or unit that failed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Failure {
    /// `suite` or `unit`.
    pub surface: &'static str,
    /// The name.
    pub name: String,
    /// What kind of failure it is.
    pub root_cause_class: &'static str,
    /// What that was told by.
    pub decided_by: String,
    /// Where.
    pub at: String,
    /// The line there.
    pub line: String,
    /// The command that runs it again.
    pub replay: Option<Command>,
    /// Why there is none.
    pub replay_refused: Option<String>,
}

/// A gate that fails by the run's own verdict.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FailedGate {
    /// The gate.
    pub gate: String,
    /// Where that is told.
    pub at: String,
    /// What is told.
    pub line: String,
    /// Commands to run.
    pub replay: Vec<String>,
}

/// A signature that matches.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Match {
    /// Its id.
    pub signature: String,
    /// One line about it.
    pub title: String,
    /// The gate that it is about.
    pub gate: Option<String>,
    /// Where it matches.
    pub places: Vec<Place>,
    /// How many further places there are.
    pub more_places: usize,
    /// Commands that run it again.
    pub replay: Vec<String>,
    /// What to do.
    pub remediation: Vec<String>,
    /// Where more is written.
    pub see: Vec<String>,
}

/// A place that matches.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Place {
    /// How it was found.
    pub found: &'static str,
    /// The place.
    pub at: String,
    /// The line there.
    pub line: String,
    /// What the signature says of it.
    pub say: Option<String>,
}

/// What was looked at.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LookedAt {
    /// How many signatures.
    pub signatures: usize,
    /// How many logs.
    pub logs: usize,
    /// Which artifacts.
    pub artifacts: Vec<String>,
}
