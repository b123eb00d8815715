//! The release checklist for programs.

use super::exception::{QuarantineRow, WaiverRow};
use super::{Counts, Rollback, Run, Tool, Weakening, mode_word};
use crate::model::{self, Decision, GateResult, Mode, Standing, Validity, show_instant};
use crate::report::sanitise::command;
use schemars::JsonSchema;
use serde::Serialize;

/// The id of the checklist's shape.
pub const CHECKLIST_SCHEMA: &str = "gatekeeper.release-checklist/1";

/// Whether a release may go out, and what that rests on.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "gatekeeper release checklist, version 1")]
pub struct Checklist<'a> {
    /// `gatekeeper.release-checklist/1`.
    pub schema: &'static str,
    /// The program that judged.
    pub tool: Tool,
    /// The clock of the judgement, RFC 3339, UTC.
    pub generated_at: String,
    /// `go`, `no-go`, or `rolled-back`: the mode is rollback, and nothing was cleared.
    #[schemars(extend("enum" = ["go", "no-go", "rolled-back"]))]
    pub decision: &'static str,
    /// Everything that speaks against a release; empty exactly if the decision is `go`, or would be in strict mode.
    pub objections: Vec<String>,
    /// Whether a failing verdict blocks (`strict`) or, for a short time, does not (`rollback`).
    #[schemars(extend("enum" = ["strict", "rollback"]))]
    pub mode: &'static str,
    /// Why and until when the mode is `rollback`; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback: Option<Rollback<'a>>,
    /// The policy.
    pub policy: &'a str,
    /// The run under judgement; `null` if there is none.
    pub run: Option<Run<'a>>,
    /// The commit under judgement, 40 hex digits.
    pub commit: Option<&'a str>,
    /// Every gate, in the policy's order.
    pub gates: Vec<Item<'a>>,
    /// Required gates that a waiver covers. A release over them is a decision that somebody took.
    pub waived: Vec<&'a str>,
    /// Which run is promoted; `null` if no gate says.
    pub promotion: Option<Promotion<'a>>,
    /// What may be claimed in public; `null` if no gate says.
    pub claims: Option<Claims<'a>>,
    /// The waivers in force.
    pub waivers: Vec<WaiverRow<'a>>,
    /// The tests in quarantine.
    pub quarantine: Vec<QuarantineRow<'a>>,
    /// Every switch that makes the verdict weaker than the policy's plain reading.
    pub weakened_by: Vec<Weakening<'a>>,
    /// The commands that reproduce what does not stand, each once, causes before consequences. One that is not safe to copy is left out.
    pub commands: Vec<&'a str>,
    /// Counts over the gates.
    pub summary: Counts,
}

/// One gate.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Item<'a> {
    /// The gate's id.
    pub id: &'a str,
    /// Its title.
    pub name: &'a str,
    /// Who answers for it.
    pub owner: &'a str,
    /// The tracker's id.
    pub bead: &'a str,
    /// Whether a release needs it.
    pub required: bool,
    /// Whether it is checked off: it passes, or a waiver in force covers it.
    pub checked: bool,
    /// What it counts as.
    #[schemars(extend("enum" = ["pass", "fail", "waived", "advisory", "blocked", "skipped", "not-evaluated"]))]
    pub standing: &'static str,
    /// Why it does not simply pass; `null` if it does.
    pub reason: Option<&'static str>,
    /// One line that sums it up.
    pub detail: &'a str,
    /// Its oldest evidence that says when it was made; `null` if none does.
    pub oldest_evidence: Option<Dated<'a>>,
    /// The command that reproduces its evidence, if it does not pass; `null` if it does, or if the command is not safe to copy.
    pub command: Option<&'a str>,
}

/// Evidence that says when it was made.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Dated<'a> {
    /// The artifact.
    pub path: &'a str,
    /// When it was made, RFC 3339, UTC.
    pub made_at: String,
    /// How old that is, in seconds; below 0 within the clock skew that the policy allows.
    pub age_seconds: i64,
}

/// Which run is promoted.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Promotion<'a> {
    /// The gate that says so.
    pub gate: &'a str,
    /// Whether that gate is checked off.
    pub checked: bool,
    /// The newest run that qualifies; `null` if there is none, or it cannot be told.
    pub run: Option<&'a str>,
    /// When it began, RFC 3339, UTC.
    pub began: Option<&'a str>,
    /// The version of the thresholds.
    pub threshold_version: Option<&'a str>,
    /// The other runs, each with the reason.
    pub passed_over: Vec<&'a str>,
}

/// What may be claimed in public.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Claims<'a> {
    /// The gate that says so.
    pub gate: &'a str,
    /// Whether that gate passes. If it does not, nothing may be claimed.
    pub stands: bool,
    /// The highest tier that may be claimed; `none` if there is none.
    pub tier: &'a str,
    /// What it and the tiers below it allow to be said.
    pub allowed: Vec<&'a str>,
}

fn first<'a>(verdict: &'a model::Verdict, about: &'a str) -> Option<(&'a GateResult, &'a str)> {
    verdict.gates.iter().find_map(|gate| Some((gate, gate.told(about).next()?)))
}

impl<'a> Promotion<'a> {
    /// What the gate that chooses among runs told.
    pub fn of(verdict: &'a model::Verdict) -> Option<Self> {
        let (gate, _) = first(verdict, "judged-run")?;
        Some(Self {
            gate: gate.id.as_str(),
            checked: gate.checked_off(),
            run: gate.told("run").next(),
            began: gate.told("run-began").next(),
            threshold_version: gate.told("threshold-version").next(),
            passed_over: gate.told("passed-over").collect(),
        })
    }
}

impl<'a> Claims<'a> {
    /// What the gate that judges claims told. Without its pass nothing may be claimed.
    pub fn of(verdict: &'a model::Verdict) -> Option<Self> {
        let (gate, tier) = first(verdict, "claim-tier")?;
        let stands = gate.standing == Standing::Pass;
        Some(Self {
            gate: gate.id.as_str(),
            stands,
            tier: if stands { tier } else { "none" },
            allowed: gate.told("claim-allowed").filter(|_| stands).collect(),
        })
    }
}

impl<'a> Item<'a> {
    fn of(verdict: &'a model::Verdict, gate: &'a GateResult) -> Self {
        let age = |made: model::Instant| (verdict.generated_at - made).num_seconds();
        let red = gate.standing != Standing::Pass;
        Item {
            id: gate.id.as_str(),
            name: &gate.title,
            owner: &gate.owner,
            bead: &gate.bead,
            required: gate.terms.blocking,
            checked: gate.checked_off(),
            standing: gate.standing.word(),
            reason: gate.reason.map(model::Reason::word),
            detail: &gate.detail,
            oldest_evidence: verdict.oldest_evidence(gate).map(|(row, made)| Dated {
                path: &row.path.shown,
                made_at: show_instant(made),
                age_seconds: age(made),
            }),
            command: if red { command(&gate.reproduce) } else { None },
        }
    }
}

/// Whether an exception is in force.
pub fn in_force(validity: Option<&Validity>) -> bool {
    validity.is_some_and(Validity::holds)
}

/// The required gates that a waiver covers.
pub fn waived(verdict: &model::Verdict) -> Vec<&str> {
    let waived = verdict.gates.iter().filter(|gate| gate.terms.blocking && gate.standing == Standing::Waived);
    waived.map(|gate| gate.id.as_str()).collect()
}

impl<'a> From<&'a model::Verdict> for Checklist<'a> {
    fn from(verdict: &'a model::Verdict) -> Self {
        let used = &verdict.exceptions;
        let decision: Decision = verdict.decision();
        Checklist {
            schema: CHECKLIST_SCHEMA,
            tool: Tool::US,
            generated_at: show_instant(verdict.generated_at),
            decision: decision.word(),
            objections: verdict.objections(),
            mode: mode_word(&verdict.mode),
            rollback: match &verdict.mode {
                Mode::Strict => None,
                Mode::Rollback { rationale, until } => Some(Rollback { rationale, until: show_instant(*until) }),
            },
            policy: verdict.policy.as_str(),
            run: verdict.run.as_ref().map(|run| Run {
                path: &run.path,
                id: run.id.as_deref(),
                commit: run.commit.as_deref(),
                shards: &run.shards,
            }),
            commit: verdict.commit.as_deref(),
            gates: verdict.gates.iter().map(|gate| Item::of(verdict, gate)).collect(),
            waived: waived(verdict),
            promotion: Promotion::of(verdict),
            claims: Claims::of(verdict),
            waivers: used.waivers.iter().filter(|waiver| in_force(waiver.validity.as_ref())).map(WaiverRow::from).collect(),
            quarantine: used
                .quarantine
                .iter()
                .filter(|(_, validity)| in_force(validity.as_ref()))
                .map(QuarantineRow::from)
                .collect(),
            weakened_by: verdict.weakened_by.iter().map(Weakening::from).collect(),
            commands: verdict.rerun_commands().into_iter().filter_map(command).collect(),
            summary: verdict.summary().into(),
        }
    }
}
