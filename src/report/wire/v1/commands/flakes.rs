//! `gatekeeper flakes -o json`: tests that both failed and passed in runs of one commit.

use super::Gap;
use schemars::JsonSchema;
use serde::Serialize;

/// The id of the shape.
pub const SCHEMA: &str = "gatekeeper.flakes/1";

/// What runs of the same commit disagree about.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "gatekeeper flakes, version 1")]
pub struct Flakes {
    /// `gatekeeper.flakes/1`.
    pub schema: &'static str,
    /// How sure the upper bounds are, from 0 to 1.
    pub confidence: f64,
    /// The commits with their runs.
    pub commits: Vec<Commit>,
    /// Runs that repeat the reports of another one, and were not counted.
    pub repeats: Vec<Repeat>,
    /// How many tests there are.
    pub tests: usize,
    /// Those that did both.
    pub suspects: Vec<Suspect>,
    /// Those that failed in every run of a commit.
    pub broken: Vec<Suspect>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// The runs of a commit.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Commit {
    /// The commit; `null` for runs that state none.
    pub commit: Option<String>,
    /// The runs.
    pub runs: Vec<String>,
}

/// A run that was not counted.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Repeat {
    /// The run.
    pub run: String,
    /// The one that it repeats.
    pub of: String,
}

/// A test.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Suspect {
    /// Its name.
    pub name: String,
    /// Whether it is a whole suite or unit, which no quarantine covers.
    pub whole: bool,
    /// The commit.
    pub commit: Option<String>,
    /// In how many runs of it the test is.
    pub runs: u64,
    /// In how many of them it failed.
    pub failures: u64,
    /// The highest rate of failure that this does not exclude, from 0 to 1.
    pub upper_bound: f64,
    /// Where it failed.
    pub failing: Vec<Seen>,
    /// Where it passed.
    pub passing: Vec<Seen>,
    /// What runs of other commits say of it.
    pub elsewhere: Vec<Elsewhere>,
    /// A category for the quarantine.
    pub proposal: Option<Proposal>,
    /// An entry for the quarantine, TOML.
    pub quarantine: Option<String>,
}

/// How a test ended in a run.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Seen {
    /// The run.
    pub run: String,
    /// How.
    pub end: String,
    /// Where that is told.
    pub at: String,
    /// What was told with it.
    pub message: String,
}

/// What runs of another commit say.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Elsewhere {
    /// The commit.
    pub commit: Option<String>,
    /// In how many runs the test failed.
    pub failures: u64,
    /// In how many it is.
    pub runs: u64,
}

/// A category that the evidence points to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Proposal {
    /// The category.
    pub category: String,
    /// What told it.
    pub by: String,
    /// Where.
    pub at: String,
    /// The line there.
    pub line: String,
}
