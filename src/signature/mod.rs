//! Failure signatures: what a known failure looks like, how to replay it, what to do about it. Data, not code.
//!
//! In: the table file of a pack, `policies/triage/<pack>.toml`, key by key. Out: a [`Pack`] with its [`Signature`]s, or every
//! problem at once. Nothing is matched here: `triage` does that. A signature is a row of a runbook; adding one touches no Rust.
//! Patterns are compiled once, in linear time and bounded size; conditions are the expressions of gates.

mod pattern;
mod read;
mod template;

pub use pattern::Pattern;
pub use read::pack;
pub use template::{Known, Template};

use crate::expr::Expression;
use crate::model::{Base, GateId, PackId, Pointer, RelPath};
use crate::source::Span;

/// The signatures of one pack.
#[derive(Debug)]
pub struct Pack {
    /// The pack: the stem of its file.
    pub id: PackId,
    /// One line about it.
    pub title: String,
    /// The verdict whose failing gates count as matches of the signatures that name them.
    pub verdict: Option<(Base, RelPath)>,
    /// The signatures, in the order of the file.
    pub signatures: Vec<Signature>,
}

/// One known failure.
#[derive(Debug)]
pub struct Signature {
    /// Its name.
    pub id: String,
    /// Where the id stands.
    pub at: Span,
    /// One line about it.
    pub title: String,
    /// The gate that fails of it.
    pub gate: Option<GateId>,
    /// Artifacts that people look at beside those of the clauses.
    pub see: Vec<String>,
    /// Commands that replay it.
    pub replay: Vec<Template>,
    /// What to do, step by step.
    pub remediation: Vec<String>,
    /// Suites and units whose failure is a match.
    pub targets: Vec<TargetClause>,
    /// What to find in logs.
    pub logs: Vec<LogClause>,
    /// What to find in artifacts.
    pub artifacts: Vec<ArtifactClause>,
}

/// A suite or unit that ended in a certain way.
#[derive(Debug)]
pub struct TargetClause {
    /// Their names; none stands for all.
    pub names: Vec<String>,
    /// How it ended.
    pub state: TargetState,
    /// What it means.
    pub say: Option<String>,
    /// Steps that only this clause adds.
    pub remediation: Vec<String>,
}

/// How a suite or unit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetState {
    /// It failed.
    Failed,
    /// One of its tests both failed and passed in this run.
    Flaky,
}

/// A pattern in the logs of suites and units.
#[derive(Debug)]
pub struct LogClause {
    /// Whose logs; none stands for all.
    pub names: Vec<String>,
    /// Whether logs of what passed count too.
    pub passed_too: bool,
    /// What to find in one line.
    pub pattern: Pattern,
    /// What it means.
    pub say: Option<String>,
    /// Steps that only this clause adds.
    pub remediation: Vec<String>,
}

/// A condition over an artifact.
#[derive(Debug)]
pub struct ArtifactClause {
    /// Where the path starts.
    pub base: Base,
    /// The path or pattern.
    pub pattern: String,
    /// The list or table whose items are looked at one by one, as `item`; `None`: the whole document, as `doc`.
    pub each: Option<Pointer>,
    /// What must hold for a match.
    pub when: Option<Expression>,
    /// The value that is shown for a match.
    pub at: Pointer,
    /// Whether absence is a match.
    pub missing: bool,
    /// What it means.
    pub say: Option<String>,
    /// Steps that only this clause adds.
    pub remediation: Vec<String>,
}
