//! `gatekeeper check-claims -o json`: the claim verdict. Fields stand in the order of their names, as in verdicts that were recorded.

use super::Gap;
use schemars::JsonSchema;
use serde::Serialize;

/// The id of the shape.
pub const SCHEMA: &str = "gatekeeper.claim-verdict/1";

/// Whether texts claim more than the evidence allows.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "gatekeeper claim verdict, version 1")]
pub struct ClaimVerdict {
    /// Why not.
    pub blocking_reasons: Vec<String>,
    /// Its commit.
    pub commit: Option<String>,
    /// Whether the texts may stand.
    #[schemars(extend("enum" = ["allowed", "blocked"]))]
    pub decision: &'static str,
    /// Required files that are there.
    pub evidence: Vec<Evidence>,
    /// Parts of texts that quote claims.
    pub fences: Vec<Fence>,
    /// Phrases that are too much.
    pub findings: Vec<Finding>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// The clock, RFC 3339, UTC.
    pub generated_at: String,
    /// The run of the release verdict.
    pub run_id: Option<String>,
    /// `gatekeeper.claim-verdict/1`.
    pub schema: &'static str,
    /// The texts.
    pub texts: Vec<String>,
    /// The highest tier that may be claimed, or `none`.
    pub tier: String,
    /// Every tier of the contract.
    pub tiers: Vec<Tier>,
}

/// A required file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Evidence {
    /// Its path below the repository.
    pub path: String,
    /// SHA-256 of its bytes, 64 hex digits.
    pub sha256: Option<String>,
    /// Bytes.
    pub size: u64,
}

/// A tier of claims.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Tier {
    /// Whether it may be claimed.
    pub claimable: bool,
    /// Its id.
    pub id: String,
    /// The evidence that it lacks.
    pub missing: Vec<Missing>,
}

/// Evidence that is lacking.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Missing {
    /// Where the contract asks for it, as a JSON Pointer.
    pub at: String,
    /// Why it does not count.
    pub because: String,
    /// As the contract writes it.
    pub evidence: String,
}

/// A phrase that is too much.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Finding {
    /// The lowest tier that would allow it.
    pub allowed_by: Option<String>,
    /// The text.
    pub file: String,
    /// Its first line, from 1.
    pub first_line: u64,
    /// Its last line.
    pub last_line: u64,
    /// The phrase.
    pub phrase: String,
}

/// A part that quotes claims.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Fence {
    /// How many phrases it excuses.
    pub excused: usize,
    /// The text.
    pub file: String,
    /// Its first line, from 1.
    pub first_line: u64,
    /// Its last line.
    pub last_line: u64,
    /// Why it is there.
    pub reason: String,
}
