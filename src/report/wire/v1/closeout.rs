//! What `gatekeeper audit --json` prints: whether a completion audit holds, and what to do if it does not.

use super::Tool;
use schemars::JsonSchema;
use serde::Serialize;

/// The id of the shape.
pub const CLOSEOUT_SCHEMA: &str = "gatekeeper.audit/1";

/// What a completion audit comes to once its claims have been compared with commands, files and git.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "gatekeeper closeout audit, version 1")]
pub struct Closeout {
    /// `gatekeeper.audit/1`.
    pub schema: &'static str,
    /// The program that looked.
    pub tool: Tool,
    /// When it looked, RFC 3339, UTC.
    pub generated_at: String,
    /// Whether that time is the system's, or was given on the command line.
    #[schemars(extend("enum" = ["system", "given"]))]
    pub clock: &'static str,
    /// Always true: nothing was run, written, sent or deleted.
    pub read_only: bool,
    /// What was looked at and what was not done, in words.
    pub method: &'static str,
    /// The audit that was looked at.
    pub audit: Input,
    /// `pass` if nothing blocks, else `block`.
    #[schemars(extend("enum" = ["pass", "block"]))]
    pub status: &'static str,
    /// The author's own claim beside what was found.
    pub admit: Admit,
    /// Everything that blocks, by kind and then by id.
    pub blockers: Vec<Blocker>,
    /// Why the audit could not be read; while there is one, its claims were not looked at.
    pub gaps: Vec<InputGap>,
    /// What to do, each step once.
    pub operator_next_actions: Vec<&'static str>,
    /// What was looked at and could not be compared with anything.
    pub notes: Vec<String>,
    /// How much was looked at.
    pub examined: Examined,
}

/// The file with the audit.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Input {
    /// Its path: below the repository where it lies in it.
    pub path: String,
    /// Of the bytes that were read; `null` if they could not be read.
    pub sha256: Option<String>,
    /// In bytes.
    pub size: u64,
}

/// A claim and what became of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Admit {
    /// What the author says; `null` if nothing. It is compared and never believed.
    pub claimed: Option<bool>,
    /// Whether that is what was found; `null` if nothing was claimed.
    pub agrees: Option<bool>,
}

/// One thing that blocks.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Blocker {
    /// Its kind and what it is about; the same for the same fault.
    pub id: String,
    /// Its kind.
    #[schemars(extend("enum" = ["missing_push", "failed_command", "proxy_only_evidence", "missing_artifact", "unresolved_gap", "missing_evidence", "contradictory_evidence"]))]
    pub kind: &'static str,
    /// What is wrong.
    pub issue: String,
    /// Where in the audit: JSON Pointers.
    pub refs: Vec<String>,
    /// What to do.
    pub next_action: &'static str,
}

/// Why an audit could not be read.
#[derive(Debug, Serialize, JsonSchema)]
pub struct InputGap {
    /// `missing`, `malformed`, `invalid`, ...
    pub kind: &'static str,
    /// File and JSON Pointer.
    pub at: String,
    /// What was asked for.
    pub expected: String,
    /// What was there.
    pub actual: String,
}

/// Counts of what the audit lists.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Examined {
    /// Requirements.
    pub requirements: usize,
    /// Commands.
    pub commands: usize,
    /// Artifacts.
    pub artifacts: usize,
    /// Gaps.
    pub gaps: usize,
}
