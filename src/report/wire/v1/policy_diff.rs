//! What `gatekeeper policy diff -o json` prints: every difference between two versions of the definitions, and what it does.

use super::Tool;
use schemars::JsonSchema;
use serde::Serialize;

/// The id of the shape.
pub const POLICY_DIFF_SCHEMA: &str = "gatekeeper.policy-diff/1";

/// Two versions of the definitions of one repository, compared as they were loaded.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "gatekeeper policy diff, version 1")]
pub struct PolicyDiff {
    /// `gatekeeper.policy-diff/1`.
    pub schema: &'static str,
    /// The program that compared.
    pub tool: Tool,
    /// `weaker` if a change weakens, or may; `same` if nothing differs; else `not-weaker`.
    #[schemars(extend("enum" = ["weaker", "not-weaker", "same"]))]
    pub status: &'static str,
    /// The version that is trusted.
    pub base: End,
    /// The version that is to take its place.
    pub head: End,
    /// How many changes there are of each class.
    pub summary: Classes,
    /// Every change, the worst first.
    pub changes: Vec<Change>,
}

/// One of the two versions.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct End {
    /// As it was named on the command line.
    pub given: String,
    /// The commit that it names, 40 hex digits; `null` if it is a directory.
    pub commit: Option<String>,
    /// The policy's name.
    pub policy: String,
    /// SHA-256 over every definition that took part; ledgers take no part in it.
    pub sha256: String,
}

/// Counts of changes.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Classes {
    /// Something that failed may pass.
    pub weakening: usize,
    /// Nobody can say what it does; it counts as a weakening.
    pub unclear: usize,
    /// Something that passed may fail, and nothing that failed passes.
    pub tightening: usize,
    /// Words for people, and order.
    pub neutral: usize,
}

/// One difference.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Change {
    /// What it does to judgements.
    #[schemars(extend("enum" = ["weakening", "unclear", "tightening", "neutral"]))]
    pub class: &'static str,
    /// Whether it counts as a weakening.
    pub weakens: bool,
    /// The gate that it is about; `null` if it is about the policy as a whole.
    pub gate: Option<String>,
    /// What changed.
    pub what: String,
    /// What it was; `null` if there was nothing.
    pub from: Option<String>,
    /// What it is; `null` if there is nothing.
    pub to: Option<String>,
    /// Why it has its class.
    pub reason: String,
    /// Where it stood in the base; `null` if it has no place of its own.
    pub base: Option<Site>,
    /// Where it stands in the head.
    pub head: Option<Site>,
}

/// A line of a definition file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Site {
    /// Its path below the repository, or `builtin:...` for one inside the binary.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}
