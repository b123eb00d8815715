//! `full_suite_events.jsonl`: one event a line, the verdict last.

use super::{Measure, Tool, mode_word};
use crate::model::{self, show_instant};
use schemars::JsonSchema;
use serde::Serialize;

/// The id of the events' shape.
pub const EVENT_SCHEMA: &str = "gatekeeper.event/1";

/// One event. The first is `run_started`, the last is `verdict`; a stream without a `verdict` was cut short.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "gatekeeper event, version 1")]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event<'a> {
    /// What is judged, and how.
    RunStarted {
        /// `gatekeeper.event/1`.
        schema: &'static str,
        /// The program that judges.
        tool: Tool,
        /// The clock of the judgement, RFC 3339, UTC.
        generated_at: String,
        /// The lane.
        lane: &'a str,
        /// Whether a failing verdict blocks.
        #[schemars(extend("enum" = ["strict", "rollback"]))]
        mode: &'static str,
        /// The policy.
        policy: &'a str,
        /// The run's id, as it states it.
        run_id: Option<&'a str>,
        /// The commit of the repository under judgement, 40 hex digits.
        commit: Option<&'a str>,
    },
    /// One gate, in the policy's order.
    Gate {
        /// The gate's id.
        id: &'a str,
        /// The raw word about its evidence.
        #[schemars(extend("enum" = ["pass", "fail", "warn", "skip"]))]
        status: &'static str,
        /// What it counts as.
        #[schemars(extend("enum" = ["pass", "fail", "waived", "advisory", "blocked", "skipped", "not-evaluated"]))]
        standing: &'static str,
        /// Why it does not simply pass.
        reason: Option<&'static str>,
        /// Whether the verdict fails when it does not stand.
        blocking: bool,
        /// How many findings it has; `full_suite_verdict.json` has them whole.
        findings: usize,
        /// What its checks measured; absent if nothing.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        measured: Vec<Measure<'a>>,
    },
    /// A waiver that covered a failure.
    WaiverUsed {
        /// The gate it covers.
        gate: &'a str,
        /// Who answers for it.
        owner: Option<&'a str>,
        /// The tracker's id.
        bead: Option<&'a str>,
        /// Its last day, UTC.
        expires: Option<String>,
    },
    /// What it all comes to.
    Verdict {
        /// What it comes to.
        #[schemars(extend("enum" = ["pass", "warn", "fail"]))]
        verdict: &'static str,
        /// One sentence: why.
        reason: String,
        /// Whether a failing verdict does not block, for now.
        rolled_back: bool,
        /// Whether a release may be promoted on it.
        promotable: bool,
        /// The oldest evidence that says when it was made; absent if none does.
        #[serde(skip_serializing_if = "Option::is_none")]
        oldest_evidence: Option<super::Oldest>,
    },
}

/// The events of a verdict, in order.
pub fn events(verdict: &model::Verdict) -> impl Iterator<Item = Event<'_>> {
    let started = Event::RunStarted {
        schema: EVENT_SCHEMA,
        tool: Tool::US,
        generated_at: show_instant(verdict.generated_at),
        lane: verdict.lane.as_str(),
        mode: mode_word(&verdict.mode),
        policy: verdict.policy.as_str(),
        run_id: verdict.run.as_ref().and_then(|run| run.id.as_deref()),
        commit: verdict.commit.as_deref(),
    };
    let gates = verdict.gates.iter().map(|gate| Event::Gate {
        id: gate.id.as_str(),
        status: gate.status.word(),
        standing: gate.standing.word(),
        reason: gate.reason.map(model::Reason::word),
        blocking: gate.terms.blocking,
        findings: gate.findings.len(),
        measured: gate.measured.iter().map(Measure::from).collect(),
    });
    let waivers = verdict.exceptions.waivers.iter().filter(|waiver| waiver.used).map(|waiver| {
        let read = waiver.entry.read.as_ref().ok();
        Event::WaiverUsed {
            gate: &waiver.entry.name,
            owner: read.map(|waiver| waiver.owner.as_str()),
            bead: read.map(|waiver| waiver.bead.as_str()),
            expires: read.map(|waiver| waiver.expires.to_string()),
        }
    });
    let ruled = Event::Verdict {
        verdict: verdict.ruling().word(),
        reason: verdict.reason(),
        rolled_back: verdict.rolled_back(),
        promotable: verdict.promotable(),
        oldest_evidence: super::Oldest::of(verdict),
    };
    std::iter::once(started).chain(gates).chain(waivers).chain(std::iter::once(ruled))
}
