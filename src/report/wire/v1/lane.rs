//! `lane_preflight.json` and `lane_full.json`.

use super::exception::ExceptionCountsRow;
use crate::model::{self, GateResult, Standing, show_instant};
use crate::report::sanitise::command;
use schemars::JsonSchema;
use serde::Serialize;

/// The id of the lane's shape.
pub const LANE_SCHEMA: &str = "gatekeeper.lane/1";

/// What a lane came to, and what to do next.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "gatekeeper lane, version 1")]
pub struct Lane<'a> {
    /// `gatekeeper.lane/1`.
    pub schema: &'static str,
    /// The clock of the judgement, RFC 3339, UTC.
    pub generated_at: String,
    /// The lane.
    pub lane: &'a str,
    /// What the verdict comes to.
    #[schemars(extend("enum" = ["pass", "warn", "fail"]))]
    pub verdict: &'static str,
    /// One sentence: why.
    pub reason: String,
    /// Whether a release may be promoted on it: full lane, strict mode, nothing fails, and no switch was used that a release
    /// does not tolerate.
    pub promotable: bool,
    /// Blocking gates that do not stand, causes before consequences.
    pub blockers: Vec<Blocker<'a>>,
    /// What the verdict rests on besides passing gates.
    pub conditions: Vec<Condition<'a>>,
    /// The ledger's waivers in short; `waiver_audit.json` has them whole.
    pub waiver_audit: WaiverSummary<'a>,
    /// Gates that the lane did not reach.
    pub not_evaluated: Vec<&'a str>,
    /// Commands that reproduce what does not stand, each once, causes before consequences. A command that is not safe to copy is
    /// left out; `replay_bundle.json` says why.
    pub rerun_guidance: Vec<&'a str>,
}

/// A blocking gate that does not stand.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Blocker<'a> {
    /// The gate.
    pub id: &'a str,
    /// Why it does not stand.
    pub reason: Option<&'static str>,
    /// One line that sums it up.
    pub detail: &'a str,
    /// The gates it needs that do not stand.
    pub blocked_by: Vec<&'a str>,
    /// The command that reproduces its evidence.
    pub reproduce_command: &'a str,
    /// The commands that follow it, in their order; absent where there are none.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub reproduce_then: &'a [String],
}

/// Something other than a passing gate that the verdict rests on.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Condition<'a> {
    /// An advisory gate that does not stand, a waiver that covered a failure, a gate without its optional evidence, or a switch
    /// that weakens the verdict.
    #[schemars(extend("enum" = ["advisory", "waiver", "skipped", "weakening"]))]
    pub kind: &'static str,
    /// The gate, or the switch.
    pub name: &'a str,
    /// What it means here.
    pub detail: &'a str,
}

/// The ledger's waivers in short.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WaiverSummary<'a> {
    /// Counts by validity.
    #[serde(flatten)]
    pub counts: ExceptionCountsRow,
    /// Gates whose failure a waiver covers.
    pub covering: Vec<&'a str>,
    /// Gates whose waiver ends soon.
    pub ending_soon: Vec<&'a str>,
    /// Exceptions in force that covered nothing.
    pub unused: &'a [String],
}

fn condition<'a>(kind: &'static str) -> impl Fn(&'a GateResult) -> Condition<'a> {
    move |gate| Condition { kind, name: gate.id.as_str(), detail: &gate.detail }
}

impl<'a> From<&'a GateResult> for Blocker<'a> {
    fn from(gate: &'a GateResult) -> Self {
        Blocker {
            id: gate.id.as_str(),
            reason: gate.reason.map(model::Reason::word),
            detail: &gate.detail,
            blocked_by: gate.blocked_by.iter().map(model::GateId::as_str).collect(),
            reproduce_command: &gate.reproduce,
            reproduce_then: &gate.then,
        }
    }
}

impl<'a> From<&'a model::Verdict> for Lane<'a> {
    fn from(verdict: &'a model::Verdict) -> Self {
        let advisory = verdict.with_standing(Standing::Advisory).map(condition("advisory"));
        let waived = verdict.with_standing(Standing::Waived).map(condition("waiver"));
        let skipped = verdict.with_standing(Standing::Skipped).map(condition("skipped"));
        let weakened = verdict.weakened_by.iter().map(|weakening| Condition {
            kind: "weakening",
            name: weakening.switch,
            detail: &weakening.detail,
        });
        let covering = verdict.exceptions.waivers.iter().filter(|waiver| waiver.used);
        Lane {
            schema: LANE_SCHEMA,
            generated_at: show_instant(verdict.generated_at),
            lane: verdict.lane.as_str(),
            verdict: verdict.ruling().word(),
            reason: verdict.reason(),
            promotable: verdict.promotable(),
            blockers: verdict.blockers().into_iter().map(Blocker::from).collect(),
            conditions: advisory.chain(waived).chain(skipped).chain(weakened).collect(),
            waiver_audit: WaiverSummary {
                counts: verdict.exceptions.waiver_counts().into(),
                covering: covering.map(|waiver| waiver.entry.name.as_str()).collect(),
                ending_soon: verdict.exceptions.expiring_waivers(),
                unused: &verdict.exceptions.unused,
            },
            not_evaluated: verdict.with_standing(Standing::NotEvaluated).map(|gate| gate.id.as_str()).collect(),
            rerun_guidance: verdict.rerun_commands().into_iter().filter_map(command).collect(),
        }
    }
}
