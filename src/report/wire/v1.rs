//! Version 1 of our JSON: `full_suite_verdict.json` here, the other documents in the modules below.
//!
//! The field names of the outputs live here and nowhere else. Fields that are always there and may have nothing to say are
//! `null`; fields marked optional in the schema are left out instead.

pub mod checklist;
pub mod closeout;
pub mod commands;
pub mod event;
pub mod exception;
pub mod history;
pub mod lane;
pub mod mutation;
pub mod policy_diff;
pub mod replay;

use crate::model::{self, GateResult, Limit, Mode, Number, Summary, show_instant};
use exception::{QuarantineRow, WaiverRow};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

/// The id of the verdict's shape, unless the policy names the one that its readers expect.
pub const VERDICT_SCHEMA: &str = "gatekeeper.verdict/1";

/// A release verdict: what every gate came to, and the evidence it rests on.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "gatekeeper verdict, version 1")]
pub struct Verdict<'a> {
    /// `gatekeeper.verdict/1`, or the id that the policy sets for its readers.
    pub schema: &'a str,
    /// The program that judged.
    pub tool: Tool,
    /// The clock of the judgement, RFC 3339, UTC.
    pub generated_at: String,
    /// The lane: which gates were asked.
    pub lane: &'a str,
    /// Whether a failing verdict blocks (`strict`) or, for a short time, does not (`rollback`).
    #[schemars(extend("enum" = ["strict", "rollback"]))]
    pub mode: &'static str,
    /// Why and until when the mode is `rollback`; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback: Option<Rollback<'a>>,
    /// `rolled_back`: the verdict fails and does not block. `incomplete`: it was sealed before work began and never replaced.
    /// Absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["rolled_back", "incomplete"]))]
    pub status: Option<&'static str>,
    /// What it comes to. `fail` also while `status` is `rolled_back`.
    #[schemars(extend("enum" = ["pass", "warn", "fail"]))]
    pub verdict: &'static str,
    /// One sentence: why.
    pub reason: String,
    /// The run under judgement; `null` when the policy judges a repository alone.
    pub run: Option<Run<'a>>,
    /// The commit of the repository under judgement, 40 hex digits.
    pub commit: Option<&'a str>,
    /// The policy.
    pub policy: Policy<'a>,
    /// Every gate, in the policy's order.
    pub gates: Vec<Gate<'a>>,
    /// Every artifact that was looked for.
    pub evidence: Vec<Evidence<'a>>,
    /// The oldest of them that says when it was made; absent if none does. What a run is compared with is not among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest_evidence: Option<Oldest>,
    /// The ledger's exceptions.
    pub exceptions: Exceptions<'a>,
    /// Every switch that makes this verdict weaker than the policy's plain reading.
    pub weakened_by: Vec<Weakening<'a>>,
    /// Counts over the gates.
    pub summary: Counts,
}

/// The oldest evidence.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Oldest {
    /// Where it lies.
    pub path: String,
    /// When it says it was made, RFC 3339, UTC.
    pub made_at: String,
    /// How long before the judgement that was, in seconds.
    pub age_seconds: i64,
}

impl Oldest {
    /// That of a verdict.
    pub(super) fn of(verdict: &model::Verdict) -> Option<Self> {
        let (row, made) = verdict.oldest()?;
        let age_seconds = (verdict.generated_at - made).num_seconds();
        Some(Self { path: row.path.shown.clone(), made_at: show_instant(made), age_seconds })
    }
}

/// The program that judged.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Tool {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

impl Tool {
    /// This program.
    pub const US: Tool = Tool { name: "gatekeeper", version: env!("CARGO_PKG_VERSION") };
}

/// A recorded, short-lived permission to fail without blocking.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Rollback<'a> {
    /// Why it was taken.
    pub rationale: &'a str,
    /// Its last instant, RFC 3339, UTC.
    pub until: String,
}

/// The run under judgement.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Run<'a> {
    /// Its directory, relative to the repository where it lies in it.
    pub path: &'a str,
    /// Its id, as it states it.
    pub id: Option<&'a str>,
    /// Its commit, as it states it.
    pub commit: Option<&'a str>,
    /// The directories of its shards, sorted; absent when the run is one directory. `path` is then the nearest one above them.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub shards: &'a [String],
}

/// The policy.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Policy<'a> {
    /// Its name.
    pub id: &'a str,
    /// SHA-256 over every definition that took part.
    pub sha256: String,
    /// The commit that the definitions come from; absent when that is the work tree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<PolicyRef<'a>>,
}

/// A commit that definitions come from.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PolicyRef<'a> {
    /// As the operator named it.
    #[serde(rename = "ref")]
    pub name: &'a str,
    /// The commit, 40 hex digits.
    pub commit: &'a str,
    /// Where the ledger comes from: the `commit`, because the one in the work tree excuses more or otherwise, or the `work-tree`.
    #[schemars(extend("enum" = ["commit", "work-tree"]))]
    pub ledger: &'static str,
}

/// One gate.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Gate<'a> {
    /// The gate's id.
    pub id: &'a str,
    /// Its title.
    pub name: &'a str,
    /// The tracker's id.
    pub bead: &'a str,
    /// Who answers for it.
    pub owner: &'a str,
    /// The raw word about its evidence. A waived gate reads `fail` here, never `pass`.
    #[schemars(extend("enum" = ["pass", "fail", "warn", "skip"]))]
    pub status: &'static str,
    /// What it counts as, once lane, waivers and mode have had their say.
    #[schemars(extend("enum" = ["pass", "fail", "waived", "advisory", "blocked", "skipped", "not-evaluated"]))]
    pub standing: &'static str,
    /// Why it does not simply pass: `finding`, `blocked`, `absent`, `not-evaluated`, `incomplete` or the kind of gap. `null` when
    /// it does.
    pub reason: Option<&'static str>,
    /// Whether the verdict fails when it does not stand.
    pub blocking: bool,
    /// Whether a waiver may cover a failure of it.
    pub waivable: bool,
    /// The first artifact it reads.
    pub artifact_path: Option<&'a str>,
    /// One line that sums it up.
    pub detail: &'a str,
    /// Everything that is not as it must be, worst first.
    pub findings: Vec<Finding<'a>>,
    /// What its checks said, in the gate's order.
    pub checks: Vec<Check<'a>>,
    /// What its checks told beside that: which of several things they judged, and why not the others; absent if nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note<'a>>,
    /// What its checks measured, whatever they decided, and the limits; absent if nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub measured: Vec<Measure<'a>>,
    /// The gates it needs that do not stand.
    pub blocked_by: Vec<&'a str>,
    /// The commands that run the failing tests again and nothing else; absent where the runner is not known.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub rerun_commands: &'a [String],
    /// The command that reproduces the evidence.
    pub reproduce_command: &'a str,
    /// The commands that follow it, in their order; absent where there are none.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub reproduce_then: &'a [String],
    /// What to do about a failure.
    pub remediation: &'a [String],
}

/// What a check told beside its outcome. It decides nothing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Note<'a> {
    /// A stable name of what it tells: `judged-run`, `passed-over`, `thresholds`, `claim-tier`, `claim-allowed`, ...
    pub about: &'static str,
    /// What it tells.
    pub text: &'a str,
}

/// A value that a check measured. It decides nothing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Measure<'a> {
    /// What was measured: `tests failed`, `lines of src/decide`.
    pub what: &'a str,
    /// The value, in `unit`.
    #[serde(serialize_with = "number")]
    #[schemars(with = "f64")]
    pub value: Number,
    /// `count` for a number of things, else the word of a unit: `%`, `ms`, `days`.
    pub unit: &'a str,
    /// The highest value that is allowed, in `unit`; absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "maybe_number")]
    #[schemars(with = "f64")]
    pub at_most: Option<Number>,
    /// The lowest value that is allowed, in `unit`; absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "maybe_number")]
    #[schemars(with = "f64")]
    pub at_least: Option<Number>,
}

fn number<S: Serializer>(number: &Number, to: S) -> Result<S::Ok, S::Error> {
    match number {
        Number::Int(int) => to.serialize_i128(*int),
        Number::Float(float) => to.serialize_f64(*float),
    }
}

fn maybe_number<S: Serializer>(own: &Option<Number>, to: S) -> Result<S::Ok, S::Error> {
    match own {
        Some(own) => number(own, to),
        None => to.serialize_none(),
    }
}

/// One thing that is not as it must be.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Finding<'a> {
    /// A stable name; the word of a gap when evidence could not be judged.
    pub kind: &'a str,
    /// What the gate asked for.
    pub expected: &'a str,
    /// What was there.
    pub actual: &'a str,
    /// The whole in one sentence; absent where nobody wrote one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<&'a str>,
    /// Where it was, or should have been.
    pub at: Option<At<'a>>,
    /// The line of a source file of the repository that it is about; absent where the evidence names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<At<'a>>,
    /// The next thing to do, when it is more than the gate's remediation.
    pub next: Option<&'a str>,
}

/// A place inside an artifact.
#[derive(Debug, Serialize, JsonSchema)]
pub struct At<'a> {
    /// The artifact.
    pub path: &'a str,
    /// The value in a document, as a JSON Pointer; absent when the place is a line or a whole file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<&'a str>,
    /// The line, from 1; absent when the place is a value or a whole file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
}

/// What one check said.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Check<'a> {
    /// The check's kind.
    pub kind: &'static str,
    /// The fact it asserts.
    pub expect: &'a str,
    /// What it said; `error` when the evidence could not be judged.
    #[schemars(extend("enum" = ["pass", "fail", "error", "skip"]))]
    pub outcome: &'static str,
    /// How many things it looked at; 0 unless it passed.
    pub examined: usize,
}

/// One artifact in the evidence manifest.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Evidence<'a> {
    /// The id under which gates read it.
    pub id: &'a str,
    /// Where it lies, or should.
    pub path: &'a str,
    /// Of the bytes that were judged, 64 hex digits; `null` if they could not all be read.
    pub sha256: Option<String>,
    /// Bytes.
    pub size: u64,
    /// When it says it was made, RFC 3339, UTC; absent where no gate asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made_at: Option<String>,
    /// Why it is not admitted for at least one of its gates; absent when it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap: Option<&'static str>,
    /// The gates that read it.
    pub gates: Vec<&'a str>,
    /// The file that was judged in its place, which is there too: this one is its fallback. Absent for all others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judged_instead: Option<&'a str>,
}

/// The ledger's exceptions.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Exceptions<'a> {
    /// Every waiver.
    pub waivers: Vec<WaiverRow<'a>>,
    /// Every quarantined test.
    pub quarantine: Vec<QuarantineRow<'a>>,
    /// Names of exceptions in force that covered nothing.
    pub unused: &'a [String],
}

/// A switch that makes the verdict weaker than the policy's plain reading.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Weakening<'a> {
    /// `rollback-mode`, `waiver`, `clock`, `override`, `skipped-gate`, `quarantine`, `duplicates`, ...
    pub switch: &'static str,
    /// What it does here.
    pub detail: &'a str,
}

/// Counts over the gates.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Counts {
    /// All gates of the policy.
    pub gates: usize,
    /// Standing `pass`.
    pub passed: usize,
    /// Standing `fail`.
    pub failed: usize,
    /// Standing `advisory`.
    pub warned: usize,
    /// Standing `skipped` or `not-evaluated`.
    pub skipped: usize,
    /// Standing `waived`.
    pub waived: usize,
    /// Failures that a quarantine entry excused, in each gate that looked at them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quarantined: Option<usize>,
    /// Whatever was excused: gates that are waived, and failures that a quarantine entry excused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exceptions: Option<usize>,
    /// Standing `blocked`.
    pub blocked: usize,
    /// The blocking gates among them.
    pub blocking: BlockingCounts,
}

/// Counts over the blocking gates.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BlockingCounts {
    /// Those that stand; one that was skipped does not.
    pub standing: usize,
    /// All of them.
    pub total: usize,
}

/// The word for the mode.
pub fn mode_word(mode: &Mode) -> &'static str {
    match mode {
        Mode::Strict => "strict",
        Mode::Rollback { .. } => "rollback",
    }
}

impl<'a> From<&'a model::Verdict> for Verdict<'a> {
    fn from(verdict: &'a model::Verdict) -> Self {
        Verdict {
            schema: verdict.verdict_schema.as_deref().unwrap_or(VERDICT_SCHEMA),
            tool: Tool::US,
            generated_at: show_instant(verdict.generated_at),
            lane: verdict.lane.as_str(),
            mode: mode_word(&verdict.mode),
            rollback: match &verdict.mode {
                Mode::Strict => None,
                Mode::Rollback { rationale, until } => Some(Rollback { rationale, until: show_instant(*until) }),
            },
            status: if verdict.incomplete.is_some() {
                Some("incomplete")
            } else {
                verdict.rolled_back().then_some("rolled_back")
            },
            verdict: verdict.ruling().word(),
            reason: verdict.reason(),
            run: verdict.run.as_ref().map(|run| Run {
                path: &run.path,
                id: run.id.as_deref(),
                commit: run.commit.as_deref(),
                shards: &run.shards,
            }),
            commit: verdict.commit.as_deref(),
            policy: Policy {
                id: verdict.policy.as_str(),
                sha256: verdict.policy_digest.to_string(),
                from: verdict.policy_ref.as_ref().map(|from| PolicyRef {
                    name: &from.name,
                    commit: &from.commit,
                    ledger: if from.ledger { "commit" } else { "work-tree" },
                }),
            },
            gates: verdict.gates.iter().map(Gate::from).collect(),
            evidence: verdict.evidence.iter().map(Evidence::from).collect(),
            oldest_evidence: Oldest::of(verdict),
            exceptions: Exceptions {
                waivers: verdict.exceptions.waivers.iter().map(WaiverRow::from).collect(),
                quarantine: verdict.exceptions.quarantine.iter().map(QuarantineRow::from).collect(),
                unused: &verdict.exceptions.unused,
            },
            weakened_by: verdict.weakened_by.iter().map(Weakening::from).collect(),
            summary: verdict.summary().into(),
        }
    }
}

impl<'a> From<&'a GateResult> for Gate<'a> {
    fn from(gate: &'a GateResult) -> Self {
        Gate {
            id: gate.id.as_str(),
            name: &gate.title,
            bead: &gate.bead,
            owner: &gate.owner,
            status: gate.status.word(),
            standing: gate.standing.word(),
            reason: gate.reason.map(model::Reason::word),
            blocking: gate.terms.blocking,
            waivable: gate.terms.waivable,
            artifact_path: gate.artifact_path.as_deref(),
            detail: &gate.detail,
            findings: gate.findings.iter().map(Finding::from).collect(),
            checks: gate.checks.iter().map(Check::from).collect(),
            notes: gate.notes.iter().map(Note::from).collect(),
            measured: gate.measured.iter().map(Measure::from).collect(),
            blocked_by: gate.blocked_by.iter().map(model::GateId::as_str).collect(),
            rerun_commands: &gate.reruns,
            reproduce_command: &gate.reproduce,
            reproduce_then: &gate.then,
            remediation: &gate.remediation,
        }
    }
}

impl<'a> From<&'a model::Note> for Note<'a> {
    fn from(note: &'a model::Note) -> Self {
        Note { about: note.about, text: &note.text }
    }
}

impl<'a> From<&'a model::Measure> for Measure<'a> {
    fn from(measure: &'a model::Measure) -> Self {
        let (at_most, at_least) = match measure.limit {
            Some(Limit::AtMost(most)) => (Some(most), None),
            Some(Limit::AtLeast(least)) => (None, Some(least)),
            None => (None, None),
        };
        Measure { what: &measure.what, value: measure.value, unit: &measure.unit, at_most, at_least }
    }
}

impl<'a> From<&'a model::Finding> for Finding<'a> {
    fn from(finding: &'a model::Finding) -> Self {
        Finding {
            kind: &finding.kind,
            expected: &finding.expected,
            actual: &finding.actual,
            message: finding.message.as_deref(),
            at: finding.at.as_ref().map(At::from),
            source: finding.source.as_ref().map(At::from),
            next: finding.next.as_deref(),
        }
    }
}

impl<'a> From<&'a model::Where> for At<'a> {
    fn from(at: &'a model::Where) -> Self {
        At { path: &at.path, pointer: at.pointer.as_ref().map(model::Pointer::as_str), line: at.line }
    }
}

impl<'a> From<&'a model::CheckResult> for Check<'a> {
    fn from(check: &'a model::CheckResult) -> Self {
        Check { kind: check.kind, expect: &check.expect, outcome: check.outcome, examined: check.examined }
    }
}

impl<'a> From<&'a model::EvidenceRow> for Evidence<'a> {
    fn from(row: &'a model::EvidenceRow) -> Self {
        Evidence {
            id: row.id.as_str(),
            path: &row.path.shown,
            sha256: row.digest.map(|digest| digest.to_string()),
            size: row.size,
            made_at: row.made.map(show_instant),
            gap: row.gap.map(model::GapKind::word),
            gates: row.gates.iter().map(model::GateId::as_str).collect(),
            judged_instead: row.instead.as_deref(),
        }
    }
}

impl<'a> From<&'a model::Weakening> for Weakening<'a> {
    fn from(weakening: &'a model::Weakening) -> Self {
        Weakening { switch: weakening.switch, detail: &weakening.detail }
    }
}

impl From<Summary> for Counts {
    fn from(sum: Summary) -> Self {
        Counts {
            gates: sum.gates,
            passed: sum.passed,
            failed: sum.failed,
            warned: sum.warned,
            skipped: sum.skipped,
            waived: sum.waived,
            quarantined: Some(sum.quarantined),
            exceptions: Some(sum.waived + sum.quarantined),
            blocked: sum.blocked,
            blocking: BlockingCounts { standing: sum.blocking_standing, total: sum.blocking_total },
        }
    }
}
