//! What commands that judge nothing print with `-o json`: one shape for each, every one with its `schema`.
//!
//! Texts in them are as they were found; whoever prints them hides secrets and what steers a terminal.

pub mod claims;
pub mod configuration;
pub mod definitions;
pub mod exceptions;
pub mod flakes;
pub mod incident;
pub mod inspection;
pub mod lint;
pub mod reverification;
pub mod runs;
pub mod self_test;
pub mod triage;

use crate::model;
use crate::report::wire::schema_of;
use schemars::JsonSchema;
use serde::Serialize;

/// Evidence that could not be judged.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Gap {
    /// Why: `missing`, `malformed`, `stale`, ...
    pub kind: &'static str,
    /// Where it was, or should have been.
    pub at: String,
    /// What was asked for.
    pub expected: String,
    /// What was there.
    pub actual: String,
}

impl From<&model::Gap> for Gap {
    fn from(gap: &model::Gap) -> Self {
        Self { kind: gap.kind.word(), at: gap.at.to_string(), expected: gap.expected.clone(), actual: gap.actual.clone() }
    }
}

/// A command, twice: for programs and for a shell.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Command {
    /// Its words.
    pub argv: Vec<String>,
    /// The same, quoted for a shell.
    pub shell: String,
}

/// The published JSON Schemas of these shapes, each with its name.
pub fn schemas() -> Vec<(&'static str, String)> {
    vec![
        ("audit-self-test", schema_of::<self_test::SelfTest>(self_test::SCHEMA)),
        ("claim-verdict", schema_of::<claims::ClaimVerdict>(claims::SCHEMA)),
        ("configuration", schema_of::<configuration::Configuration>(configuration::SCHEMA)),
        ("diff", schema_of::<runs::Diff>(runs::DIFF_SCHEMA)),
        ("exceptions", schema_of::<exceptions::Exceptions>(exceptions::SCHEMA)),
        ("explanation", schema_of::<definitions::Explanation>(definitions::EXPLANATION_SCHEMA)),
        ("flakes", schema_of::<flakes::Flakes>(flakes::SCHEMA)),
        ("gates", schema_of::<definitions::Gates>(definitions::GATES_SCHEMA)),
        ("graph", schema_of::<definitions::Graph>(definitions::GRAPH_SCHEMA)),
        ("incident", schema_of::<incident::Incident>(incident::SCHEMA)),
        ("inspection", schema_of::<inspection::Inspection>(inspection::SCHEMA)),
        ("lint", schema_of::<lint::Lint>(lint::SCHEMA)),
        ("replay-plan", schema_of::<runs::Plan>(runs::PLAN_SCHEMA)),
        ("reverification", schema_of::<reverification::Reverification>(reverification::SCHEMA)),
        ("triage", schema_of::<triage::Triage>(triage::SCHEMA)),
    ]
}
