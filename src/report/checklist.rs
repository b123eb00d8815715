//! `checklist` and `checklist-json`: whether a release may go out, as a list with boxes for people, and for programs.
//!
//! GO: every required (blocking) gate passes, or a waiver in force covers it; no evidence of any gate is missing, stale or damaged; and no switch was used
//! that a release does not tolerate. Anything else is NO-GO, also a required gate that was skipped. In rollback mode it is ROLLED BACK,
//! whatever the gates say: nothing was cleared. A waived gate and a clock that was set stand beside the decision.
//!
//! The list has every gate with the age of its oldest evidence, which run is promoted by which thresholds and why each other run was passed
//! over, the highest tier of claims with the words that it allows, the waivers in force with owner, last day and exit criterion,
//! quarantined tests, and the exact command for everything that is still red. `gatekeeper checklist` prints it.
//!
//! Text from outside cannot leave its place, as in `markdown`.

use super::Format;
use super::markdown::{cell, joined, prose, rows, told, value, weakened, word};
use super::sanitise::markdown_fence;
use super::wire::v1::checklist::{CHECKLIST_SCHEMA, Checklist, Claims, Promotion, in_force, waived};
use super::wire::{schema_of, write_document};
use crate::model::{Decision, GateResult, Mode, Verdict, show_instant, show_span};

/// The list for people.
pub static MARKDOWN: Format = Format {
    id: "checklist",
    file: None,
    lane: None,
    about: "The release checklist for people: GO or NO-GO, a box for each gate, and what is left to do.",
    docs: include_str!("checklist.rs"),
    schema: None,
    write: |verdict, out| out.write_all(compose(verdict).as_bytes()),
};

/// The list for programs.
pub static JSON: Format = Format {
    id: "checklist-json",
    file: None,
    lane: None,
    about: "The release checklist for programs.",
    docs: include_str!("checklist.rs"),
    schema: Some(|| schema_of::<Checklist<'_>>(CHECKLIST_SCHEMA)),
    write: |verdict, out| write_document(&Checklist::from(verdict), out),
};

fn compose(verdict: &Verdict) -> String {
    let (required, advisory): (Vec<&GateResult>, Vec<_>) = verdict.gates.iter().partition(|gate| gate.terms.blocking);
    let mut parts = vec![decision(verdict), about(verdict)];
    let checked = required.iter().filter(|gate| gate.checked_off()).count();
    parts.push(format!("## Required gates: {checked} of {} checked off\n\n{}", required.len(), boxes(verdict, &required)));
    if !advisory.is_empty() {
        parts.push(format!("## Advisory gates\n\n{}", boxes(verdict, &advisory)));
    }
    parts.extend(still_red(verdict));
    parts.extend(Promotion::of(verdict).map(|promotion| self::promotion(&promotion)));
    parts.extend(Claims::of(verdict).map(|claims| self::claims(&claims)));
    parts.push(waivers(verdict));
    parts.extend(quarantine(verdict));
    parts.extend(weakened(verdict));
    joined(&parts)
}

fn decision(verdict: &Verdict) -> String {
    let decision = verdict.decision();
    let mark = match decision {
        Decision::NoGo => "❌",
        Decision::RolledBack => "↩",
        Decision::Go => "✅",
    };
    let clock = verdict.weakened_by.iter().any(crate::model::Weakening::clock);
    let at = if clock { format!(", as of {}", show_instant(verdict.generated_at)) } else { String::new() };
    let mut text = format!("# {mark} Release checklist: {}{at}\n", decision.heading());
    if let Mode::Rollback { rationale, until } = &verdict.mode {
        text += &format!(
            "\n**Rolled back until `{}`, which is no GO.** Rationale: {}\n",
            show_instant(*until),
            prose(rationale)
        );
    }
    let covered: Vec<String> = waived(verdict).into_iter().map(|id| format!("`{id}`")).collect();
    if !covered.is_empty() {
        let fails = if covered.len() == 1 { "fails, and a waiver covers it" } else { "fail, and waivers cover them" };
        text += &format!(
            "\n**Required and waived: {} {fails}.** Whoever releases takes that on; see below.\n",
            covered.join(", ")
        );
    }
    if clock {
        text += "\nThe clock was set by hand, so this holds as of that time and says nothing of now.\n";
    }
    let objections: Vec<String> = verdict.objections().iter().map(|line| format!("- {}\n", ours(line))).collect();
    if !objections.is_empty() {
        text += &format!("\nWhat speaks against it:\n\n{}", objections.concat());
    }
    text
}

/// A sentence of ours: ids in code spans, which hold nothing to escape, and around them perhaps a phrase of an incomplete verdict.
fn ours(line: &str) -> String {
    let parts: Vec<&str> = line.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return prose(line);
    }
    let part = |(at, text): (usize, &&str)| if at.is_multiple_of(2) { prose(text) } else { format!("`{text}`") };
    parts.iter().enumerate().map(part).collect()
}

fn about(verdict: &Verdict) -> String {
    let mut facts = vec![
        ("Policy", format!("`{}`", verdict.policy)),
        ("Judged at", format!("`{}`", show_instant(verdict.generated_at))),
        ("Mode", if matches!(verdict.mode, Mode::Strict) { "strict" } else { "rollback" }.to_owned()),
    ];
    facts.extend(
        verdict
            .policy_ref
            .as_ref()
            .map(|from| ("Definitions from", format!("{}, commit `{}`", cell(&from.name), from.commit))),
    );
    match &verdict.run {
        Some(run) => {
            facts.push(("Run", cell(&run.path)));
            facts.extend(run.id.as_ref().map(|id| ("Run id", cell(id))));
        }
        None => facts.push(("Run", "none was given".to_owned())),
    }
    facts.extend(verdict.commit.as_ref().map(|commit| ("Commit", cell(commit))));
    rows(&["", ""], facts.into_iter().map(|(name, fact)| vec![name.to_owned(), fact]))
}

fn boxes(verdict: &Verdict, gates: &[&GateResult]) -> String {
    let line = |gate: &&GateResult| {
        let mark = if gate.checked_off() { 'x' } else { ' ' };
        let standing = if gate.reason.is_none() { String::new() } else { format!(" **{}**", word(gate)) };
        let age = verdict.oldest_evidence(gate).map(|(row, made)| {
            let age = show_span((verdict.generated_at - made).num_seconds().max(0));
            format!("; evidence {age} old ({})", value(&row.path.shown))
        });
        format!("- [{mark}] `{}`{standing}: {}{}\n", gate.id, cell(&gate.title), age.unwrap_or_default())
    };
    gates.iter().map(line).collect()
}

/// What does not pass, waived gates included, each with its first finding and its command.
fn still_red(verdict: &Verdict) -> Option<String> {
    let told_of: Vec<&GateResult> = verdict.cascade().into_iter().map(|(_, gate)| gate).collect();
    let rest = verdict.gates.iter().filter(|gate| {
        gate.reason.is_some()
            && gate.standing != crate::model::Standing::NotEvaluated
            && !told_of.iter().any(|other| other.id == gate.id)
    });
    let red: Vec<String> = told_of.iter().copied().chain(rest).map(to_do).collect();
    (!red.is_empty()).then(|| format!("## Still red\n\n{}", red.join("\n")))
}

fn to_do(gate: &GateResult) -> String {
    let mut text = format!("### `{}`: {}\n\n", gate.id, word(gate));
    match gate.first_finding() {
        Some(finding) => {
            text += &told(finding);
            if let more @ 1.. = gate.findings.len() - 1 {
                text += &format!("- {more} more\n");
            }
        }
        None => text += &format!("What happened: {}\n", prose(&gate.detail)),
    }
    if gate.reproduce.trim().is_empty() {
        text += "\nThe gate names no command that reproduces it.\n";
    }
    for step in gate.commands() {
        text += &match markdown_fence(step) {
            Some(fence) => format!("\n{fence}\n"),
            None => format!("\nNot safe to copy: {}\n", value(step)),
        };
    }
    text
}

fn promotion(promotion: &Promotion<'_>) -> String {
    let run = match (promotion.run, promotion.began) {
        (Some(run), Some(began)) => format!("{}, which began at `{began}`", value(run)),
        (Some(run), None) => value(run),
        (None, _) => "none; which one is the newest that qualifies cannot be told, or there is none".to_owned(),
    };
    let by = promotion.threshold_version.map(value).unwrap_or_default();
    let state = if promotion.checked { "may be promoted" } else { "**is not promoted**" };
    let mut text = format!("## Promotion\n\n- Run: {run}; it {state} (`{}`)\n- Thresholds: {by}\n", promotion.gate);
    if promotion.run.is_none() {
        text = format!("## Promotion\n\n- Run: {run}\n- Thresholds: {by}\n");
    }
    for line in &promotion.passed_over {
        text += &format!("- Passed over: {}\n", prose(line));
    }
    text
}

fn claims(claims: &Claims<'_>) -> String {
    let allowed: Vec<String> = claims.allowed.iter().map(|phrase| format!("- {}\n", value(phrase))).collect();
    let said = match (claims.stands, &*allowed) {
        (false, _) => format!("Nothing: `{}` does not pass.", claims.gate),
        (true, []) => "Nothing: no tier has its evidence.".to_owned(),
        (true, allowed) => format!("Highest tier: {}. It allows:\n\n{}", value(claims.tier), allowed.concat()),
    };
    format!("## What may be claimed\n\n{said}\n")
}

fn waivers(verdict: &Verdict) -> String {
    let held: Vec<_> = verdict.exceptions.waivers.iter().filter(|waiver| in_force(waiver.validity.as_ref())).collect();
    if held.is_empty() {
        return "## Waivers in force\n\nNone.".to_owned();
    }
    let table = rows(
        &["Gate", "Covers a failure", "Owner", "Last day", "Tracker", "Ends when", "Reason"],
        held.into_iter().map(|waiver| {
            let mut cells = vec![cell(&waiver.entry.name), if waiver.used { "**yes**" } else { "no" }.to_owned()];
            match &waiver.entry.read {
                Ok(read) => cells.extend([
                    cell(&read.owner),
                    read.expires.to_string(),
                    cell(&read.bead),
                    cell(&read.exit_criterion),
                    cell(&read.reason),
                ]),
                Err(_) => cells.extend(vec![String::new(); 5]),
            }
            cells
        }),
    );
    format!("## Waivers in force\n\n{table}")
}

fn quarantine(verdict: &Verdict) -> Option<String> {
    let held: Vec<_> = verdict.exceptions.quarantine.iter().filter(|(_, validity)| in_force(validity.as_ref())).collect();
    if held.is_empty() {
        return None;
    }
    let table = rows(
        &["Test", "Category", "Owner", "Last day", "Tracker", "Ends when"],
        held.into_iter().map(|(entry, _)| {
            let mut cells = vec![cell(&entry.name)];
            match &entry.read {
                Ok(read) => cells.extend([
                    cell(&read.category),
                    cell(&read.owner),
                    read.expires.to_string(),
                    cell(&read.bead),
                    cell(&read.exit_criterion),
                ]),
                Err(_) => cells.extend(vec![String::new(); 5]),
            }
            cells
        }),
    );
    Some(format!("## Tests in quarantine\n\n{table}"))
}

#[cfg(test)]
#[path = "checklist_tests.rs"]
mod tests;
