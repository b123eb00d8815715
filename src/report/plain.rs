//! A gate's story in plain lines, for outputs that have no markup of their own: JUnit, CTRF, Azure, TeamCity and the like.
//!
//! Each line begins with words of ours and went through [`terminal`], so that none is a command for a CI runner. Whoever writes
//! them escapes them for their place.

use super::sanitise::{command, excerpt, terminal};
use crate::model::{Finding, GateResult, unlike};

/// Characters of one text from outside before it is cut.
const TEXT_MAX: usize = 2_000;

/// A text from outside on one line, cut where it is very long.
pub(super) fn shown(text: &str) -> String {
    terminal(&excerpt(text, TEXT_MAX))
}

/// What is wrong, in a line.
pub(super) fn sentence(finding: &Finding) -> String {
    let told = match &finding.message {
        Some(message) => shown(message),
        // Each part is cut by itself, so that a long one does not take the other along.
        None => unlike(&shown(&finding.expected), &shown(&finding.actual)),
    };
    format!("{}: {told}", shown(&finding.kind))
}

/// A finding: what is wrong, where, and what to do next.
pub(super) fn finding(finding: &Finding) -> Vec<String> {
    let mut lines = vec![format!("- {}", sentence(finding))];
    lines.extend(finding.at.as_ref().map(|at| format!("  at {}", shown(&at.to_string()))));
    lines.extend(finding.next.as_ref().map(|next| format!("  next: {}", shown(next))));
    lines
}

/// The gate's title, its first `most` findings, how to see it again, what to do about it, and who answers for it.
pub(super) fn story(gate: &GateResult, most: usize) -> Vec<String> {
    let mut lines = vec![format!("gate {}: {}", gate.id, shown(&gate.title))];
    if gate.findings.is_empty() && !gate.detail.trim().is_empty() {
        lines.push(format!("why: {}", shown(&gate.detail)));
    }
    lines.extend(gate.findings.iter().take(most).flat_map(finding));
    match gate.findings.len().saturating_sub(most) {
        0 => {}
        1 => lines.push("1 more finding in full_suite_verdict.json".to_owned()),
        more => lines.push(format!("{more} more findings in full_suite_verdict.json")),
    }
    lines.extend(gate.commands().filter_map(command).map(|line| format!("reproduce: {line}")));
    lines.extend(gate.remediation.iter().zip(1..).map(|(step, n)| format!("fix {n}: {}", shown(step))));
    if !gate.owner.trim().is_empty() {
        lines.push(format!("owner: {}", shown(&gate.owner)));
    }
    lines
}
