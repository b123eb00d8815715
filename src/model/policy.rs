//! What a policy asks: which gates, how they count, in which lanes, within which limits.

use super::age::Age;
use super::digest::Digest;
use super::document::Value;
use super::id::{GateId, LaneId, PackId};
use super::location::{Base, Pointer, RelPath};
use super::secret::Shapes;
use std::collections::BTreeMap;

/// Bounds on input and on exceptions. Sizes in bytes, the rest in its name's unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Longest span of a waiver, `created` to `expires`.
    pub waiver_max_days: u32,
    /// A waiver with this many days left, or fewer, is reported as expiring.
    pub waiver_warn_days: u32,
    /// How often a waiver may be renewed.
    pub renewals_max: u32,
    /// Longest span of a quarantine entry, `since` to `expires`.
    pub quarantine_max_days: u32,
    /// How often a quarantine entry may be extended.
    pub extensions_max: u32,
    /// How far ahead `--until` of a rollback may lie.
    pub rollback_max: Age,
    /// How far in the future a timestamp may lie before it is refused.
    pub clock_skew: Age,
    /// Largest artifact that is read whole.
    pub file_max: u64,
    /// Longest line of a JSONL artifact.
    pub line_max: u64,
    /// Most files one run of gatekeeper looks at.
    pub files_max: u64,
    /// Most bytes of artifacts that one run of gatekeeper reads.
    pub total_max: u64,
    /// Most bytes of artifacts whose content one run of gatekeeper holds at once.
    pub held_max: u64,
    /// How long one run of gatekeeper may take.
    pub time_max: Age,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            waiver_max_days: 30,
            waiver_warn_days: 5,
            renewals_max: 1,
            quarantine_max_days: 10,
            extensions_max: 1,
            rollback_max: Age::days(3),
            clock_skew: Age::seconds(120),
            file_max: 64 << 20,
            line_max: 8 << 20,
            files_max: 100_000,
            total_max: 8 << 30,
            held_max: 512 << 20,
            time_max: Age::seconds(1_800),
        }
    }
}

/// How a policy takes one gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateTerms {
    /// The gate.
    pub id: GateId,
    /// Whether the verdict fails when the gate does not stand.
    pub blocking: bool,
    /// Whether a waiver may cover a failure.
    pub waivable: bool,
    /// Whether a waiver may cover a gap too.
    pub gap_waivable: bool,
}

/// Which gates a lane takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaneRule {
    /// Only blocking gates; the first that does not stand ends the lane.
    Preflight,
    /// Every gate.
    Full,
}

/// A named way of counting gates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// The lane's name.
    pub id: LaneId,
    /// Which gates it takes.
    pub rule: LaneRule,
    /// The command that runs what it judges, if the policy names one.
    pub reproduce: Option<String>,
}

/// In which direction a parameter grows stricter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tighter {
    /// A higher number is stricter (a floor).
    Higher,
    /// A lower number is stricter (a ceiling).
    Lower,
    /// A list with more members is stricter (what is required).
    More,
    /// A list with fewer members is stricter (what is allowed).
    Fewer,
    /// Neither; any change needs a reason.
    Fixed,
}

/// A value that expressions see as `policy.<name>`.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// The value.
    pub value: Value,
    /// In which direction an override may move it without a reason.
    pub tighter: Tighter,
    /// What it means, for docs and `explain`.
    pub doc: String,
}

/// Where a run states its own identity. Every path is below the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunBinding {
    /// The document with the run's id and commit (`environment.json`).
    pub file: RelPath,
    /// Whether a run may come without that document. It then states neither id nor commit.
    pub file_optional: bool,
    /// The format it is read as, where its extension does not say so.
    pub format: Option<&'static str>,
    /// The run id in it.
    pub id: Pointer,
    /// The commit in it.
    pub commit: Pointer,
    /// Whether a run may state no commit. One that it states must still be the commit under judgement.
    pub commit_optional: bool,
    /// The directory that absolute paths inside artifacts start with, on the machine that recorded the run.
    pub artifact_dir: Option<Pointer>,
    /// The document and the pointer in it that name the baseline run, if any.
    pub baseline: Option<(RelPath, Pointer)>,
    /// Whether there must be a baseline: a run that names none is then not excused from being compared.
    pub baseline_required: bool,
}

/// A policy, valid and complete.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The policy's name.
    pub id: PackId,
    /// One line about it.
    pub title: String,
    /// Of every definition that took part: policy, configuration, gates, shapes.
    pub digest: Digest,
    /// The gates, in the order of the report.
    pub gates: Vec<GateTerms>,
    /// The lanes.
    pub lanes: Vec<Lane>,
    /// Bounds.
    pub limits: Limits,
    /// What expressions see as `policy`.
    pub parameters: BTreeMap<String, Parameter>,
    /// The ledger files.
    pub ledger: Vec<(Base, RelPath)>,
    /// Where outputs go when `--out` does not say.
    pub output: Option<(Base, RelPath)>,
    /// The schema id that readers of the verdict expect instead of ours.
    pub verdict_schema: Option<String>,
    /// How a run states its identity; `None` when the policy judges a repository without a run.
    pub run: Option<RunBinding>,
    /// What secrets look like, in evidence and on the way out: the built-in shapes, and those that the policy adds.
    pub secrets: Shapes,
}

impl Policy {
    /// How the policy takes this gate.
    pub fn terms(&self, gate: &GateId) -> Option<&GateTerms> {
        self.gates.iter().find(|terms| terms.id == *gate)
    }
}

/// Whether a failing verdict blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// It does.
    Strict,
    /// For a short time and for a recorded reason it does not.
    Rollback {
        /// Why.
        rationale: String,
        /// The last instant at which the mode applies.
        until: super::age::Instant,
    },
}
