//! When an incident may be closed, asked anew each time.
//!
//! In: the verdict as it is now, the run as it is now, and what the operator says is recorded. Out: a row for each criterion of the runbook:
//! met, not met, or not to be told, which is not met.

use super::verdict::Judged;
use super::{Circumstances, Kind};
use crate::model::Standing;

/// One criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Criterion {
    /// What must be so.
    pub text: String,
    /// Whether it is so now.
    pub met: bool,
    /// What says so, or what is in the way.
    pub because: String,
}

fn criterion(text: impl Into<String>, met: Result<String, String>) -> Criterion {
    let (met, because) = match met {
        Ok(because) => (true, because),
        Err(because) => (false, because),
    };
    Criterion { text: text.into(), met, because }
}

/// What must be recorded before a kind of incident is closed: the name for `--recorded`, and the criterion.
pub fn records(kind: Kind) -> &'static [(&'static str, &'static str)] {
    const CLOSING: &[(&str, &str)] = &[("links", "the links are recorded"), ("note", "the final note is recorded")];
    const PERFORMANCE: &[(&str, &str)] = &[
        ("detection", "detection is recorded"),
        ("attribution", "attribution is recorded"),
        ("mitigation", "mitigation is recorded"),
        ("verification", "verification is recorded"),
    ];
    match kind {
        Kind::Pipeline | Kind::Parity => CLOSING,
        Kind::Performance => PERFORMANCE,
    }
}

/// The criteria of these kinds of incident.
pub(super) fn criteria(
    kinds: &[Kind],
    judged: &Judged,
    triage: &Result<String, String>,
    excused: bool,
    stage: Option<&str>,
    circumstances: &Circumstances,
) -> Vec<Criterion> {
    let mut list = Vec::new();
    if kinds.contains(&Kind::Parity) {
        let stable = triage.clone().and_then(|status| {
            let told = format!("triage_diff.json says {status}");
            match (status == "regression", excused) {
                (false, _) => Ok(told),
                (true, true) => Ok(format!("{told}, and gate parity_regression passes: all of it is quarantined")),
                (true, false) => Err(told),
            }
        });
        list.push(criterion("triage_diff.status is not regression", stable));
    }
    if kinds.contains(&Kind::Pipeline) {
        let failing = stage.map(|stage| format!("stage {stage} failed"));
        list.push(criterion("no stage fails", failing.map_or_else(|| stages(judged), Err)));
    }
    list.push(criterion("every blocking gate passed", blocking(judged)));
    if kinds.contains(&Kind::Parity) {
        list.push(criterion("the guard of drop-in wording holds", wording(judged)));
    }
    let mut asked: Vec<&(&str, &str)> = kinds.iter().flat_map(|kind| records(*kind)).collect();
    asked.dedup();
    let mut seen = Vec::new();
    for (name, text) in asked {
        if seen.contains(name) {
            continue;
        }
        seen.push(*name);
        let recorded = circumstances.recorded.get(*name);
        let met = recorded.cloned().ok_or_else(|| format!("say where with --recorded {name}=..."));
        list.push(criterion(*text, met));
    }
    list
}

/// Without a failing stage it is the gates that say that none failed.
fn stages(judged: &Judged) -> Result<String, String> {
    match judged.gates.iter().find(|gate| gate.id == "stages_succeed") {
        Some(gate) if gate.standing == Standing::Pass => Ok("gate stages_succeed passes".to_owned()),
        Some(gate) => Err(format!("gate stages_succeed is {}", gate.standing.word())),
        None => Err("the verdict has no gate stages_succeed".to_owned()),
    }
}

fn blocking(judged: &Judged) -> Result<String, String> {
    let standing = |standing| judged.gates.iter().filter(|gate| gate.blocking && gate.standing == standing).count();
    if judged.fails {
        return Err(judged.reason.clone());
    }
    match standing(Standing::Waived) {
        0 => Ok(format!("{} of them pass", standing(Standing::Pass))),
        waived => Err(format!("{waived} of them only because a waiver covers them")),
    }
}

/// The gates that hold wording against certification.
const WORDING: [&str; 2] = ["claims_language", "dropin_certification"];

fn wording(judged: &Judged) -> Result<String, String> {
    let gates: Vec<_> = judged.gates.iter().filter(|gate| WORDING.contains(&gate.id.as_str())).collect();
    match gates.iter().find(|gate| gate.standing != Standing::Pass) {
        Some(gate) => Err(format!("gate {} is {}", gate.id, gate.standing.word())),
        None if gates.is_empty() => Err("the verdict judges no wording".to_owned()),
        None => Ok(gates.iter().map(|gate| format!("gate {} passes", gate.id)).collect::<Vec<_>>().join(", ")),
    }
}
