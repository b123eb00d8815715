//! `waiver_audit.json` and `quarantine_report.json`, and the rows of both in the verdict.

use crate::model::{self, Entry, ExceptionCounts, Problem, Validity, show_instant};
use schemars::JsonSchema;
use serde::Serialize;

/// The id of the waiver audit's shape.
pub const WAIVER_AUDIT_SCHEMA: &str = "gatekeeper.waiver-audit/1";
/// The id of the quarantine report's shape.
pub const QUARANTINE_REPORT_SCHEMA: &str = "gatekeeper.quarantine-report/1";

/// One waiver of the ledger. Its fields are absent when it cannot be read; `problems` then says why.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WaiverRow<'a> {
    /// The entry's key: the gate it means to cover.
    pub gate: &'a str,
    /// The entry's table in the ledger, as a JSON Pointer.
    pub at: &'a str,
    /// Whether it holds.
    #[schemars(extend("enum" = ["active", "expiring", "expired", "invalid", "unreadable"]))]
    pub validity: &'static str,
    /// It turned a failure into `waived`.
    pub used: bool,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<&'a str>,
    /// The tracker's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bead: Option<&'a str>,
    /// Why the failure is acceptable for now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'a str>,
    /// First day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// Last day, UTC; on this day it still applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// The lanes in which it applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Vec<&'a str>>,
    /// What must be true for it to be removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_criterion: Option<&'a str>,
    /// Days left while it holds, today not counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_left: Option<i64>,
    /// Days since its last one, once it is past.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_past: Option<i64>,
    /// How often `expires` was extended, from git history; `null` if that could not be told.
    pub renewals: Option<u32>,
    /// Everything that is wrong with it.
    pub problems: Vec<ProblemRow>,
}

/// One quarantined test of the ledger. Its fields are absent when the entry cannot be read; `problems` then says why.
#[derive(Debug, Serialize, JsonSchema)]
pub struct QuarantineRow<'a> {
    /// The test's id.
    pub test: &'a str,
    /// The entry's table in the ledger, as a JSON Pointer.
    pub at: &'a str,
    /// Whether it holds.
    #[schemars(extend("enum" = ["active", "expiring", "expired", "invalid", "unreadable"]))]
    pub validity: &'static str,
    /// The class of flake.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<&'a str>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<&'a str>,
    /// The tracker's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bead: Option<&'a str>,
    /// Why the test is held apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'a str>,
    /// First day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Last day, UTC; on this day it still applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// Where the flake was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<&'a str>,
    /// The command that runs the test alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reproduce: Option<&'a str>,
    /// What must be true for it to be removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_criterion: Option<&'a str>,
    /// Days left while it holds, today not counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_left: Option<i64>,
    /// Days since its last one, once it is past.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_past: Option<i64>,
    /// Everything that is wrong with it.
    pub problems: Vec<ProblemRow>,
}

/// What is wrong with an exception.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProblemRow {
    /// The value in the ledger, as a JSON Pointer.
    pub at: String,
    /// What is wrong there.
    pub detail: String,
}

/// Counts over exceptions.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ExceptionCountsRow {
    /// All entries.
    pub total: usize,
    /// In force, with time to spare.
    pub active: usize,
    /// In force, within the policy's warning span.
    pub expiring: usize,
    /// Past their last day.
    pub expired: usize,
    /// They never held.
    pub invalid: usize,
    /// They cannot be read.
    pub unreadable: usize,
}

/// Every waiver of the ledger, and whether it holds.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "gatekeeper waiver audit, version 1")]
pub struct WaiverAudit<'a> {
    /// `gatekeeper.waiver-audit/1`.
    pub schema: &'static str,
    /// The clock of the judgement, RFC 3339, UTC.
    pub generated_at: String,
    /// The lane.
    pub lane: &'a str,
    /// Counts by validity.
    pub counts: ExceptionCountsRow,
    /// Gates whose waiver ends within the policy's warning span.
    pub expiring: Vec<&'a str>,
    /// Exceptions in force that covered nothing, as the verdict names them.
    pub unused: &'a [String],
    /// The waivers, in the ledger's order.
    pub waivers: Vec<WaiverRow<'a>>,
}

/// Every quarantined test of the ledger, and whether its entry holds.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "gatekeeper quarantine report, version 1")]
pub struct QuarantineReport<'a> {
    /// `gatekeeper.quarantine-report/1`.
    pub schema: &'static str,
    /// The clock of the judgement, RFC 3339, UTC.
    pub generated_at: String,
    /// The lane.
    pub lane: &'a str,
    /// Counts by validity.
    pub counts: ExceptionCountsRow,
    /// Tests whose entry ends within the policy's warning span.
    pub expiring: Vec<&'a str>,
    /// The entries, in the ledger's order.
    pub quarantine: Vec<QuarantineRow<'a>>,
}

/// The word for a validity; an entry that cannot be read has none.
pub fn validity_word(validity: Option<&Validity>) -> &'static str {
    validity.map_or("unreadable", Validity::word)
}

/// Everything that is wrong with an entry: what could not be read, or why it never held.
pub fn problems<T>(entry: &Entry<T>, validity: Option<&Validity>) -> Vec<ProblemRow> {
    let unread = entry.read.as_ref().err().into_iter().flatten().map(|Problem { kind: _, at, expected, actual }| {
        ProblemRow { at: at.to_string(), detail: format!("expected {expected}, found {actual}") }
    });
    let unsound = match validity {
        Some(Validity::Unsound(reasons)) => reasons.as_slice(),
        Some(Validity::InForce { .. } | Validity::Expiring { .. } | Validity::Expired { .. }) | None => &[],
    };
    unread.chain(unsound.iter().map(|reason| ProblemRow { at: entry.at.to_string(), detail: reason.to_string() })).collect()
}

/// Days left and days past, whichever there are.
fn days(validity: Option<&Validity>) -> (Option<i64>, Option<i64>) {
    match validity {
        Some(Validity::InForce { days_left } | Validity::Expiring { days_left }) => (Some(*days_left), None),
        Some(Validity::Expired { days }) => (None, Some(*days)),
        Some(Validity::Unsound(_)) | None => (None, None),
    }
}

impl<'a> From<&'a model::WaiverUse> for WaiverRow<'a> {
    fn from(waiver: &'a model::WaiverUse) -> Self {
        let read = waiver.entry.read.as_ref().ok();
        let (days_left, days_past) = days(waiver.validity.as_ref());
        WaiverRow {
            gate: &waiver.entry.name,
            at: waiver.entry.at.as_str(),
            validity: validity_word(waiver.validity.as_ref()),
            used: waiver.used,
            owner: read.map(|waiver| waiver.owner.as_str()),
            bead: read.map(|waiver| waiver.bead.as_str()),
            reason: read.map(|waiver| waiver.reason.as_str()),
            created: read.map(|waiver| waiver.created.to_string()),
            expires: read.map(|waiver| waiver.expires.to_string()),
            scope: read.map(|waiver| waiver.scope.iter().map(model::LaneId::as_str).collect()),
            exit_criterion: read.map(|waiver| waiver.exit_criterion.as_str()),
            days_left,
            days_past,
            renewals: waiver.renewals,
            problems: problems(&waiver.entry, waiver.validity.as_ref()),
        }
    }
}

impl<'a> From<&'a (Entry<model::Quarantine>, Option<Validity>)> for QuarantineRow<'a> {
    fn from((entry, validity): &'a (Entry<model::Quarantine>, Option<Validity>)) -> Self {
        let read = entry.read.as_ref().ok();
        let (days_left, days_past) = days(validity.as_ref());
        QuarantineRow {
            test: &entry.name,
            at: entry.at.as_str(),
            validity: validity_word(validity.as_ref()),
            category: read.map(|entry| entry.category.as_str()),
            owner: read.map(|entry| entry.owner.as_str()),
            bead: read.map(|entry| entry.bead.as_str()),
            reason: read.map(|entry| entry.reason.as_str()),
            since: read.map(|entry| entry.since.to_string()),
            expires: read.map(|entry| entry.expires.to_string()),
            evidence: read.map(|entry| entry.evidence.as_str()),
            reproduce: read.map(|entry| entry.reproduce.as_str()),
            exit_criterion: read.map(|entry| entry.exit_criterion.as_str()),
            days_left,
            days_past,
            problems: problems(entry, validity.as_ref()),
        }
    }
}

impl From<ExceptionCounts> for ExceptionCountsRow {
    fn from(counts: ExceptionCounts) -> Self {
        let ExceptionCounts { total, active, expiring, expired, invalid, unreadable } = counts;
        ExceptionCountsRow { total, active, expiring, expired, invalid, unreadable }
    }
}

impl<'a> From<&'a model::Verdict> for WaiverAudit<'a> {
    fn from(verdict: &'a model::Verdict) -> Self {
        WaiverAudit {
            schema: WAIVER_AUDIT_SCHEMA,
            generated_at: show_instant(verdict.generated_at),
            lane: verdict.lane.as_str(),
            counts: verdict.exceptions.waiver_counts().into(),
            expiring: verdict.exceptions.expiring_waivers(),
            unused: &verdict.exceptions.unused,
            waivers: verdict.exceptions.waivers.iter().map(WaiverRow::from).collect(),
        }
    }
}

impl<'a> From<&'a model::Verdict> for QuarantineReport<'a> {
    fn from(verdict: &'a model::Verdict) -> Self {
        QuarantineReport {
            schema: QUARANTINE_REPORT_SCHEMA,
            generated_at: show_instant(verdict.generated_at),
            lane: verdict.lane.as_str(),
            counts: verdict.exceptions.quarantine_counts().into(),
            expiring: verdict.exceptions.expiring_quarantine(),
            quarantine: verdict.exceptions.quarantine.iter().map(QuarantineRow::from).collect(),
        }
    }
}
