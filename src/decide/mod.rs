//! Outcomes -> verdict. Pure: the clock, the lane and the exceptions are arguments.

mod detail;
mod exceptions;
mod lane;
mod reproduce;
mod seal;

pub use lane::{order, taken};
pub use seal::{out_of_time, refused, seal, unasked, unbegun};

use crate::gate::{Collected, Gate, Suite};
use crate::model::{
    Artifact, Content, Evidence, GateId, GateResult, GateTerms, Judged, Lane, LaneRule, Mode, Note, Outcome, PolicyRef,
    Reason, Standing, Status, Verdict, Weakening,
};
use exceptions::Exceptions;
use std::collections::BTreeMap;

/// How the judgement was asked for.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The lane.
    pub lane: Lane,
    /// Strict or rollback.
    pub mode: Mode,
    /// Switches outside the suite that weaken the verdict: an overridden clock, for one.
    pub weakened: Vec<Weakening>,
    /// The commit that the definitions come from; `None` if it is the work tree.
    pub policy_ref: Option<PolicyRef>,
}

/// Decides. `judge` is asked for each gate of the lane in order; a lane that stops early asks no further.
pub fn decide(suite: &Suite, collected: &Collected, terms: &Terms, judge: &mut dyn FnMut(&GateId) -> Judged) -> Verdict {
    let mut exceptions = Exceptions::new(collected, &terms.lane.id);
    let mut results: BTreeMap<GateId, GateResult> = BTreeMap::new();
    let by_gate: BTreeMap<&GateId, &GateTerms> = suite.policy.gates.iter().rev().map(|terms| (&terms.id, terms)).collect();
    let mut stopped = false;
    for id in lane::order(suite, terms.lane.rule) {
        if stopped {
            continue;
        }
        let (Some(gate), Some(gate_terms)) = (suite.gates.get(&id), by_gate.get(&id).copied()) else { continue };
        let result = rule(gate, gate_terms, &judge(&id), &results, &mut exceptions);
        stopped = terms.lane.rule == LaneRule::Preflight && gate_terms.blocking && !result.standing.permits();
        results.insert(id, result);
    }
    let mut gates = suite
        .policy
        .gates
        .iter()
        .filter_map(|gate_terms| {
            let gate = suite.gates.get(&gate_terms.id)?;
            let result = results.remove(&gate.id).unwrap_or_else(|| lane::not_evaluated(gate, gate_terms));
            Some(GateResult { defined: suite.defined(gate), ..result })
        })
        .collect::<Vec<_>>();

    reproduce::fill(&mut gates, suite, collected);
    let notes: Vec<Note> = gates.iter().flat_map(|gate| gate.notes.iter().cloned()).collect();
    let exceptions = exceptions.into_use(&notes);
    let mut weakened_by = terms.weakened.clone();
    weakened_by.extend(suite.weakened.iter().cloned());
    weakened_by.extend(weakenings(&gates, &terms.mode));
    weakened_by.extend(excused(collected));
    weakened_by.sort();
    weakened_by.dedup();
    Verdict {
        generated_at: collected.context.now,
        lane: terms.lane.id.clone(),
        lane_rule: terms.lane.rule,
        mode: terms.mode.clone(),
        policy: suite.policy.id.clone(),
        policy_digest: suite.policy.digest,
        policy_ref: terms.policy_ref.clone(),
        verdict_schema: suite.policy.verdict_schema.clone(),
        run: collected.context.run.clone(),
        commit: collected.context.commit.clone().ok(),
        gates,
        evidence: collected.manifest.clone(),
        exceptions,
        weakened_by,
        incomplete: None,
    }
    .redacted(&suite.policy.secrets)
}

/// What the mode and the standings weaken.
fn weakenings(gates: &[GateResult], mode: &Mode) -> Vec<Weakening> {
    let mut found: Vec<Weakening> = gates
        .iter()
        .filter_map(|gate| match gate.standing {
            Standing::Waived => Some(Weakening { switch: "waiver", detail: format!("`{}` failed and is waived", gate.id) }),
            Standing::Skipped => {
                Some(Weakening { switch: "skipped-gate", detail: format!("`{}`: {}", gate.id, gate.detail) })
            }
            Standing::Pass | Standing::Fail | Standing::Advisory | Standing::Blocked | Standing::NotEvaluated => None,
        })
        .collect();
    let notes = gates.iter().flat_map(|gate| gate.notes.iter().map(move |note| (gate, note)));
    found.extend(
        notes
            .filter(|(_, note)| note.about == Note::QUARANTINED)
            .map(|(gate, note)| Weakening { switch: "quarantine", detail: format!("`{}`: {}", gate.id, note.text) }),
    );
    if let Mode::Rollback { rationale, until } = mode {
        let until = until.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        found.push(Weakening { switch: "rollback-mode", detail: format!("until {until}: {rationale}") });
    }
    found
}

/// Failures that evidence was declared to mean as earlier attempts.
fn excused(collected: &Collected) -> Vec<Weakening> {
    let scopes = std::iter::once(&collected.evidence).chain(collected.shards.iter().map(|shard| &shard.evidence));
    let needs = scopes.flat_map(|scope| scope.iter().flat_map(|(gate, needs)| needs.values().map(move |own| (gate, own))));
    let told = |(gate, own): (&GateId, &Evidence)| {
        let excused = |artifact: &Artifact| match &artifact.content {
            Ok(Content::Tests(report)) => report.excused,
            Ok(_) | Err(_) => 0,
        };
        let count: usize = own.artifacts.iter().map(|artifact| excused(artifact)).sum();
        let what = if count == 1 { "a failure" } else { &*format!("{count} failures") };
        let detail =
            format!("`{gate}`: {what} in evidence `{}` counts as an earlier attempt (`duplicates = \"attempts\"`)", own.id);
        (count > 0).then_some(Weakening { switch: "duplicates", detail })
    };
    needs.filter_map(told).collect()
}

/// Rules on one gate, the gates it needs being ruled already.
fn rule(
    gate: &Gate,
    terms: &GateTerms,
    judged: &Judged,
    ruled: &BTreeMap<GateId, GateResult>,
    exceptions: &mut Exceptions<'_>,
) -> GateResult {
    let stands = |need: &&GateId| ruled.get(*need).is_some_and(|result| result.standing.permits());
    let blocked_by: Vec<GateId> = gate.needs.iter().filter(|need| !stands(need)).cloned().collect();
    let failed = if terms.blocking { Standing::Fail } else { Standing::Advisory };
    let standing = if blocked_by.is_empty() {
        match &judged.outcome {
            Outcome::Error(_) if terms.gap_waivable && exceptions.cover(&gate.id) => Standing::Waived,
            Outcome::Error(_) => failed,
            Outcome::Fail(..) if terms.waivable && exceptions.cover(&gate.id) => Standing::Waived,
            Outcome::Fail(..) => failed,
            Outcome::Skip(_) => Standing::Skipped,
            Outcome::Pass { .. } => Standing::Pass,
        }
    } else {
        Standing::Blocked
    };
    let status = match &judged.outcome {
        Outcome::Error(_) | Outcome::Fail(..) if terms.blocking => Status::Fail,
        Outcome::Error(_) | Outcome::Fail(..) => Status::Warn,
        // Evidence that rests on a gate which does not stand is not read as a pass.
        Outcome::Skip(_) | Outcome::Pass { .. } if standing == Standing::Blocked => Status::Skip,
        Outcome::Skip(_) => Status::Skip,
        Outcome::Pass { .. } => Status::Pass,
    };
    let reason = match (&judged.outcome, standing) {
        (_, Standing::Blocked) => Some(Reason::Blocked),
        (Outcome::Error(gaps), _) => gaps.clone().into_vec().first().map(|gap| Reason::Gap(gap.kind)),
        (Outcome::Fail(..), _) => Some(Reason::Finding),
        (Outcome::Skip(_), _) => Some(Reason::Absent),
        (Outcome::Pass { .. }, _) => None,
    };
    detail::result(gate, terms, judged, detail::Ruled { status, standing, reason, blocked_by })
}

#[cfg(test)]
mod tests;
