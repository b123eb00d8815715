//! `gatekeeper gates`, `graph` and `explain` with `-o json`: what definitions say.

use schemars::JsonSchema;
use serde::Serialize;

/// The id of the shape of `gates`.
pub const GATES_SCHEMA: &str = "gatekeeper.gates/1";
/// The id of the shape of `graph`.
pub const GRAPH_SCHEMA: &str = "gatekeeper.graph/1";
/// The id of the shape of `explain`.
pub const EXPLANATION_SCHEMA: &str = "gatekeeper.explanation/1";

/// The gates of a policy.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "gatekeeper gates, version 1")]
pub struct Gates {
    /// `gatekeeper.gates/1`.
    pub schema: &'static str,
    /// The policy's name.
    pub policy: String,
    /// Its gates, in its order.
    pub gates: Vec<Gate>,
}

/// One gate.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Gate {
    /// Its id.
    pub id: String,
    /// One line about it.
    pub title: String,
    /// Who answers for it.
    pub owner: String,
    /// The tracker's id.
    pub bead: String,
    /// Whether the verdict fails when it fails.
    pub blocking: bool,
    /// Whether a waiver may cover a failure.
    pub waivable: bool,
    /// Whether a waiver may cover missing evidence too.
    pub gap_waivable: bool,
    /// The gates that it needs.
    pub needs: Vec<String>,
    /// Where its evidence lies.
    pub evidence: Vec<String>,
    /// The kinds of its checks.
    pub checks: Vec<&'static str>,
    /// The commands that make the evidence, as templates.
    pub reproduce: Vec<String>,
}

/// Which gate needs which.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "gatekeeper graph, version 1")]
pub struct Graph {
    /// `gatekeeper.graph/1`.
    pub schema: &'static str,
    /// The policy's name.
    pub policy: String,
    /// Its gates, in its order.
    pub nodes: Vec<Node>,
    /// Every need.
    pub edges: Vec<Edge>,
}

/// A gate in the graph.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Node {
    /// Its id.
    pub id: String,
    /// Whether the verdict fails when it fails.
    pub blocking: bool,
}

/// A need.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Edge {
    /// The gate that must pass first.
    pub needed: String,
    /// The gate that needs it.
    pub by: String,
}

/// What a word of gatekeeper's means.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "gatekeeper explanation, version 1")]
pub struct Explanation {
    /// `gatekeeper.explanation/1`.
    pub schema: &'static str,
    /// The word.
    pub word: String,
    /// What it means: one entry, or more where several things have the name.
    pub meanings: Vec<Meaning>,
}

/// One meaning.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Meaning {
    /// What kind of thing it is: `gate`, `check-kind`, `evidence-format`, `output-format`, `diagnostic`, `reason`, `result`, `exit-code`, `class`, `finding`, `word`.
    pub kind: &'static str,
    /// What is printed about it.
    pub text: String,
}
