//! What failed: a card for each cause, with what waits behind it.

use super::words::{badge, code, count, links, sentence, text, tone};
use crate::model::{Finding, GateId, GateResult, Verdict};
use crate::report::sanitise::command;

/// Findings of a gate that are open.
const OPEN: usize = 5;
/// Findings of a gate that are told at all.
const FINDINGS_MAX: usize = 1_000;

/// `None` where nothing failed.
pub(super) fn section(verdict: &Verdict) -> Option<String> {
    let mut cards: Vec<(&GateResult, Vec<GateId>)> = Vec::new();
    for (depth, gate) in verdict.cascade() {
        match cards.last_mut() {
            Some((_, behind)) if depth > 0 => behind.push(gate.id.clone()),
            Some(_) | None => cards.push((gate, Vec::new())),
        }
    }
    (!cards.is_empty()).then(|| cards.iter().map(|(gate, behind)| card(gate, behind)).collect())
}

fn card(gate: &GateResult, behind: &[GateId]) -> String {
    let id = &gate.id;
    let mut told = format!(
        "<article class=\"card {}\" id=\"gate-{id}\" data-result=\"{}\" aria-labelledby=\"gate-{id}-name\">\n\
         <h3 id=\"gate-{id}-name\">{} <code>{id}</code> <span>{}</span></h3>\n<p class=\"soft\">{}</p>\n",
        tone(gate.standing).class(),
        gate.standing.word(),
        badge(gate),
        text(&gate.title),
        about(gate),
    );
    if gate.findings.is_empty() || !gate.blocked_by.is_empty() {
        told += &format!("<p>{}</p>\n", sentence(&gate.detail));
    }
    told += &findings(gate);
    told += &to_do(gate);
    if !behind.is_empty() {
        told += &format!("<h4>Waiting behind it</h4>\n<p>{}</p>\n", links(behind));
    }
    told + "</article>\n"
}

fn about(gate: &GateResult) -> String {
    let mut parts = vec![if gate.terms.blocking { "blocking" } else { "advisory" }.to_owned()];
    let known = [("owner", &gate.owner), ("tracker", &gate.bead)];
    let known = known.into_iter().filter(|(_, value)| !value.trim().is_empty());
    parts.extend(known.map(|(name, value)| format!("{name} {}", text(value))));
    parts.extend(gate.defined.as_ref().map(|at| format!("from {}", code(&at.to_string()))));
    parts.join(" \u{b7} ")
}

/// Every finding of a gate, the first ones open.
pub(super) fn findings(gate: &GateResult) -> String {
    let item = |finding: &Finding| format!("<li>{}</li>\n", self::finding(finding));
    let open: String = gate.findings.iter().take(OPEN).map(item).collect();
    let rest: String = gate.findings.iter().take(FINDINGS_MAX).skip(OPEN).map(item).collect();
    let left_out = gate.findings.len().saturating_sub(FINDINGS_MAX);
    let mut told = String::new();
    if !open.is_empty() {
        told += &format!("<ol class=\"findings\">\n{open}</ol>\n");
    }
    if !rest.is_empty() {
        let more = count(gate.findings.len() - OPEN, "more finding", "more findings");
        told += &format!("<details><summary>{more}</summary>\n<ol class=\"findings\">\n{rest}</ol>\n");
        if left_out > 0 {
            told += &format!("<p>{left_out} more in <code>full_suite_verdict.json</code>.</p>\n");
        }
        told += "</details>\n";
    }
    told
}

fn finding(finding: &Finding) -> String {
    let place = finding.at.as_ref().map(|at| format!(" at {}", code(&at.to_string()))).unwrap_or_default();
    let next = finding.next.as_ref().map(|next| format!("<dt>Next</dt><dd>{}</dd>", sentence(next))).unwrap_or_default();
    let values = format!(
        "<dt>Expected</dt><dd>{}</dd><dt>Found</dt><dd>{}</dd>",
        sentence(&finding.expected),
        sentence(&finding.actual)
    );
    let kind = text(&finding.kind);
    match &finding.message {
        None => format!("<p><strong>{kind}</strong>{place}</p><dl>{values}{next}</dl>"),
        // The sentence says it; what it is made of is there for whoever wants the values.
        Some(message) => {
            let next = if next.is_empty() { next } else { format!("<dl>{next}</dl>") };
            format!(
                "<p><strong>{kind}</strong>{place}</p><p>{}</p>{next}<details><summary>Expected and found</summary><dl>{values}</dl></details>",
                sentence(message)
            )
        }
    }
}

/// The command that shows it again, and what to do about it.
pub(super) fn to_do(gate: &GateResult) -> String {
    let mut told = String::new();
    for (at, step) in gate.commands().enumerate() {
        told += if at == 0 { "<h4>Reproduce</h4>\n" } else { "" };
        told += &match command(step) {
            Some(line) => format!("<pre><code>{}</code></pre>\n", super::super::sanitise::xml(line)),
            None => format!("<p>Not safe to copy: {}</p>\n", code(step)),
        };
    }
    if !gate.remediation.is_empty() {
        let steps: String = gate.remediation.iter().map(|step| format!("<li>{}</li>\n", sentence(step))).collect();
        told += &format!("<h4>What to do</h4>\n<ol>\n{steps}</ol>\n");
    }
    told
}
