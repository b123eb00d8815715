//! What `gatekeeper mutate -o json` prints: how much of a run's evidence its policy really judges.

use super::Tool;
use schemars::JsonSchema;
use serde::Serialize;

/// The id of the shape.
pub const MUTATION_SCHEMA: &str = "gatekeeper.mutation/1";

/// What came of damaging the evidence of a passing run, one damage at a time.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "gatekeeper mutation report, version 1")]
pub struct Mutation {
    /// `gatekeeper.mutation/1`.
    pub schema: &'static str,
    /// The program that tried.
    pub tool: Tool,
    /// The clock of every judgement, RFC 3339, UTC.
    pub generated_at: String,
    /// The policy's name.
    pub policy: String,
    /// SHA-256 over every definition that took part.
    pub policy_sha256: String,
    /// The run's directory; `null` when the policy judges a repository alone.
    pub run: Option<String>,
    /// What the undamaged run comes to.
    #[schemars(extend("enum" = ["pass", "warn"]))]
    pub verdict: &'static str,
    /// How the mutants were chosen.
    pub sample: Drawn,
    /// Over everything in the evidence files.
    pub total: Tally,
    /// Over what blocking gates declare: their files, the fields that their definitions name.
    pub declared: Tally,
    /// Every gate, in the policy's order.
    pub gates: Vec<GateRow>,
    /// Every file of evidence, by path.
    pub evidence: Vec<FileRow>,
    /// What survived, by file and field.
    pub survivors: Vec<Survivor>,
    /// What the list of survivors says and is not so.
    pub untrue: Vec<String>,
    /// Files that were damaged as a whole only, because they are too large.
    pub whole_only: Vec<String>,
}

/// How the mutants were chosen.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Drawn {
    /// How many mutants there could be.
    pub possible: u64,
    /// How many were judged.
    pub tried: usize,
    /// Whether that is all of them.
    pub all: bool,
    /// What the choice follows from.
    pub seed: u64,
}

/// Counts of mutants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
pub struct Tally {
    /// How many were judged.
    pub mutants: usize,
    /// The verdict failed.
    pub killed: usize,
    /// The verdict stood, and a gate said something else: an advisory gate, or a skip.
    pub noticed: usize,
    /// Nothing differed, and nobody says that it may.
    pub survived: usize,
    /// Nobody had to fail: it stood, and the list of survivors says why it may.
    pub accepted: usize,
    /// Killed, as a part of one, of those that were not accepted; `null` if there is none.
    pub rate: Option<f64>,
}

/// One gate.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct GateRow {
    /// Its id.
    pub id: String,
    /// Whether it is blocking.
    pub blocking: bool,
    /// How many mutants damaged evidence that it reads.
    pub mutants: usize,
    /// At how many mutants it no longer stood.
    pub fell: usize,
    /// At how many of these no other gate fell.
    pub alone: usize,
}

/// One file of evidence.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FileRow {
    /// Its path.
    pub path: String,
    /// The gates that read it; none where it tells which run is judged or which exceptions hold.
    pub gates: Vec<String>,
    /// Counts.
    #[serde(flatten)]
    pub tally: Tally,
}

/// Mutants of one field that survived, or were noticed only.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Survivor {
    /// The file, or the first of several that are read alike.
    pub path: String,
    /// How many files.
    pub files: usize,
    /// The field, with `*` for positions in lists, or the kind of a line; empty for the file as a whole.
    pub field: String,
    /// What was done.
    pub mutators: Vec<String>,
    /// How many mutants.
    pub mutants: usize,
    /// One of them: file, line and JSON Pointer.
    pub example: String,
    /// Blocking gates whose definitions name the field.
    pub declared_by: Vec<String>,
    /// Whether something blocking declares it.
    pub declared: bool,
    /// Why it may survive; `null` if nobody says that.
    pub reason: Option<String>,
}
