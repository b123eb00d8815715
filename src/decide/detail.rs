//! A gate's entry in the verdict: findings in order, one line that sums them up.

use crate::gate::{Gate, Paths};
use crate::model::{
    CheckResult, Finding, Gap, GateId, GateResult, GateTerms, Judged, Measure, Outcome, Reason, Standing, Status,
};
use std::collections::HashSet;

/// What was ruled on a gate.
pub struct Ruled {
    /// The raw word.
    pub status: Status,
    /// What it counts as.
    pub standing: Standing,
    /// Why it does not simply pass.
    pub reason: Option<Reason>,
    /// The needs that do not stand.
    pub blocked_by: Vec<GateId>,
}

/// The entry of a gate that was judged.
pub fn result(gate: &Gate, terms: &GateTerms, judged: &Judged, ruled: Ruled) -> GateResult {
    let findings = findings(judged);
    let judged_wrong = judged.checks.iter().any(|outcome| matches!(outcome, Outcome::Fail(..)));
    let detail = if ruled.standing == Standing::Blocked {
        let needs: Vec<String> = ruled.blocked_by.iter().map(|id| format!("`{id}`")).collect();
        format!("needs {}, which did not pass", needs.join(", "))
    } else {
        match &judged.outcome {
            Outcome::Error(_) | Outcome::Fail(..) => first_of(&findings),
            Outcome::Skip(phrase) => phrase.clone(),
            Outcome::Pass { examined } => {
                let (facts, checks) = (examined.get(), judged.checks.len());
                let note = judged.notes.first().map(|note| format!("; {}", note.text)).unwrap_or_default();
                match measured(&judged.measured) {
                    Some(measured) => format!("{measured}{note}"),
                    None => format!("{facts} fact{} examined by {checks} check{}{note}", plural(facts), plural(checks)),
                }
            }
        }
    };
    let checks = gate.checks.iter().zip(&judged.checks).map(|(defined, outcome)| CheckResult {
        kind: defined.kind.id,
        expect: defined.expect.clone(),
        outcome: match outcome {
            Outcome::Error(_) => "error",
            Outcome::Fail(..) => "fail",
            Outcome::Skip(_) => "skip",
            Outcome::Pass { .. } => "pass",
        },
        examined: if let Outcome::Pass { examined } = outcome { examined.get() } else { 0 },
    });
    GateResult {
        status: ruled.status,
        standing: ruled.standing,
        reason: ruled.reason,
        judged_wrong,
        detail,
        findings,
        checks: checks.collect(),
        notes: judged.notes.clone(),
        measured: judged.measured.clone(),
        reruns: judged.reruns.clone(),
        blocked_by: ruled.blocked_by,
        ..unjudged(gate, terms, Reason::NotEvaluated, "")
    }
}

/// The entry of a gate that was not judged.
pub fn unjudged(gate: &Gate, terms: &GateTerms, reason: Reason, detail: &str) -> GateResult {
    GateResult {
        id: gate.id.clone(),
        title: gate.title.clone(),
        bead: gate.bead.clone(),
        owner: gate.owner.clone(),
        terms: terms.clone(),
        status: Status::Skip,
        standing: Standing::NotEvaluated,
        reason: Some(reason),
        judged_wrong: false,
        artifact_path: gate.evidence.iter().find_map(|need| match &need.paths {
            Paths::Declared { base, pattern, .. } if *base == crate::model::Base::Repo => Some(pattern.clone()),
            Paths::Declared { base, pattern, .. } => Some(format!("{}:{pattern}", base.word())),
            Paths::Referenced { .. } => None,
        }),
        detail: detail.to_owned(),
        findings: Vec::new(),
        checks: Vec::new(),
        notes: Vec::new(),
        measured: Vec::new(),
        needs: gate.needs.clone(),
        blocked_by: Vec::new(),
        reruns: Vec::new(),
        reproduce: String::new(),
        then: Vec::new(),
        remediation: gate.remediation.clone(),
        defined: None,
    }
}

/// Gaps first, since nothing else can be trusted before they are closed; each finding once.
fn findings(judged: &Judged) -> Vec<Finding> {
    let (mut all, mut seen) = (Vec::new(), HashSet::new());
    let mut add = |finding: Finding| {
        if seen.insert(finding.clone()) {
            all.push(finding);
        }
    };
    for outcome in &judged.checks {
        match outcome {
            Outcome::Error(gaps) => gaps.clone().into_vec().iter().map(Gap::finding).for_each(&mut add),
            Outcome::Fail(_, gaps) => gaps.iter().map(Gap::finding).for_each(&mut add),
            Outcome::Skip(_) | Outcome::Pass { .. } => {}
        }
    }
    for outcome in &judged.checks {
        if let Outcome::Fail(findings, _) = outcome {
            findings.as_slice().iter().cloned().for_each(&mut add);
        }
    }
    all
}

/// How many values one line tells.
const MEASURED_MOST: usize = 6;

/// What was measured, in one line; `None` if nothing was.
fn measured(all: &[Measure]) -> Option<String> {
    let shown: Vec<String> = all.iter().take(MEASURED_MOST).map(ToString::to_string).collect();
    let more = all.len().saturating_sub(MEASURED_MOST);
    let more = if more > 0 { format!(", and {more} more values") } else { String::new() };
    (!shown.is_empty()).then(|| format!("{}{more}", shown.join(", ")))
}

fn first_of(findings: &[Finding]) -> String {
    let Some(first) = findings.first() else { return "not judged".to_owned() };
    let place = first.at.as_ref().map(|at| format!("{at}: ")).unwrap_or_default();
    let more = findings.len() - 1;
    let more = if more > 0 { format!(" (and {more} more finding{})", plural(more)) } else { String::new() };
    format!("{place}{}: {}{more}", first.kind, first.sentence())
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}
