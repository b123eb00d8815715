//! The body, the comment for an issue that is open already, and the checklist, as Markdown.
//!
//! In: what there is to tell. Out: text in which nothing from evidence is markup, mentions anybody or is a secret. Links are the operator's own,
//! and were looked at by the command line.

use super::attachment::Attachment;
use super::criteria::Criterion;
use super::verdict::Judged;
use super::{Circumstances, Incident, Severity, Told};
use crate::model::show_instant;
use crate::report::sanitise::{excerpt, markdown, markdown_code, markdown_fence, terminal};

/// Longest text of evidence in a line, in characters.
const TEXT_MOST: usize = 300;

/// How many triggers and commands are shown one by one.
const MOST: usize = 12;

fn safe(text: &str) -> String {
    markdown(&excerpt(text, TEXT_MOST))
}

fn code(text: &str) -> String {
    markdown_code(&excerpt(text, TEXT_MOST))
}

/// The run: link, name, directory.
fn run(judged: &Judged, circumstances: &Circumstances) -> String {
    let link = circumstances.run_url.as_ref().map_or("no link".to_owned(), |url| format!("<{url}>"));
    let artifact =
        circumstances.artifact.as_deref().map_or("no artifact named".to_owned(), |name| format!("artifact {}", code(name)));
    let directory = judged.run.as_deref().map_or("no run".to_owned(), code);
    let id = judged.run_id.as_deref().map(|id| format!(", id {}", code(id))).unwrap_or_default();
    format!("{link}, {artifact}, directory {directory}{id}")
}

fn commit(judged: &Judged, circumstances: &Circumstances) -> String {
    judged.commit.as_deref().or(circumstances.commit.as_deref()).map_or("unknown".to_owned(), code)
}

/// The body.
pub fn body(incident: &Incident, told: &Told, judged: &Judged, circumstances: &Circumstances) -> String {
    let kinds: Vec<&str> = incident.kinds.iter().map(|kind| kind.word()).collect();
    let severity = incident.severity;
    let mut out = format!(
        "**{}**, to be owned and answered within {}: {}.\n\nKind: {}. Key: `{}`. Policy {}, lane {}, judged {}.\n\n## What set it off\n\n",
        severity.word(),
        severity.target(),
        safe(&incident.because),
        kinds.join(" and "),
        incident.key,
        code(&judged.policy),
        code(&judged.lane),
        safe(&judged.generated_at),
    );
    list(&incident.triggers, &mut out);
    if let Some((rationale, until)) = &judged.rollback {
        out.push_str(&format!(
            "\nThe verdict fails and does not block until {}: {}. `strict` comes back after the fix.\n",
            safe(until),
            safe(rationale)
        ));
    }
    notify(incident, judged, &mut out);
    out.push_str("\n## Reproduce\n\n");
    reproduce(incident, judged, circumstances, &mut out);
    out.push_str(&format!("\n## Run\n\n{}\n\n## Attach\n\n", run(judged, circumstances)));
    incident.attachments.iter().for_each(|row| attach(row, &mut out));
    out.push_str(&format!("\n## Close only when\n\n{}", checklist(&told.criteria)));
    out.push_str(&format!("\n## Escalation\n\n{}", escalation(incident)));
    if !told.notes.is_empty() {
        out.push_str("\n## Not told\n\n");
        list(&told.notes, &mut out);
    }
    out
}

fn list(texts: &[String], out: &mut String) {
    for text in texts.iter().take(MOST) {
        out.push_str(&format!("- {}\n", safe(text)));
    }
    if texts.len() > MOST {
        out.push_str(&format!("- and {} more\n", texts.len() - MOST));
    }
}

/// What everybody who is notified is told: the gates, what the comparison says, what it ranks, and one command.
fn notify(incident: &Incident, judged: &Judged, out: &mut String) {
    let gates: Vec<String> = judged.causes().map(|gate| code(&gate.id)).collect();
    let gates = if gates.is_empty() { "none".to_owned() } else { gates.join(", ") };
    out.push_str(&format!("\n## Notify with\n\n- failing gates: {gates}\n"));
    if let Some(status) = &incident.triage {
        out.push_str(&format!("- triage_diff.status: {}\n", code(status)));
    }
    for row in &incident.ranked {
        let command = row.command.as_deref().map_or("its name stands in no command".to_owned(), code);
        out.push_str(&format!(
            "- ranked: {} {} ({}): {command}\n",
            safe(&row.surface),
            code(&row.name),
            safe(&row.severity)
        ));
    }
    if let Some(command) = &incident.one_command {
        out.push_str(&format!("- one command replays what failed: {}\n", code(command)));
    }
}

/// Until when, and what comes then.
fn escalation(incident: &Incident) -> String {
    let by = incident.due.map_or("Past its target".to_owned(), |due| format!("Past {}", show_instant(due)));
    let word = incident.severity.word();
    let mut out = format!("{by} without owner and context, {word} is escalated in this thread.\n");
    out.push_str(if incident.freeze {
        "A release is being cut: strict messaging is frozen until this is closed.\n"
    } else if incident.severity == Severity::Sev1 {
        "While a release train is active, strict messaging is frozen until this is closed.\n"
    } else {
        "Strict messaging is frozen if it becomes SEV-1 on an active release train.\n"
    });
    out.push_str(
        "Rollback mode is for an emergency: short, with rationale and end recorded; `strict` comes back after the fix.\n",
    );
    out
}

fn reproduce(incident: &Incident, judged: &Judged, circumstances: &Circumstances, out: &mut String) {
    let fenced: Vec<String> = incident.commands.iter().take(MOST).filter_map(|command| markdown_fence(command)).collect();
    match fenced.is_empty() {
        true => out.push_str("There is no command that is safe to show.\n"),
        false => out.push_str(&(fenced.join("\n\n") + "\n")),
    }
    if !incident.lanes.is_empty() {
        let lanes: Vec<String> = incident.lanes.iter().filter_map(|command| markdown_fence(command)).collect();
        out.push_str(&format!("\nThe lanes as a whole:\n\n{}\n", lanes.join("\n\n")));
    }
    out.push_str(&format!("\n- commit: {}\n", commit(judged, circumstances)));
    let branch = circumstances.branch.as_deref().map_or("unknown".to_owned(), code);
    out.push_str(&format!("- branch: {branch}\n"));
    for (name, value) in &incident.environment {
        out.push_str(&format!("- {}: {}\n", code(name), code(value)));
    }
    let Some(stage) = &incident.stage else { return };
    out.push_str(&format!("- stage: {}, {}\n", code(&stage.name), safe(&stage.ended)));
    if let Some(log) = &stage.log {
        out.push_str(&format!("- log: {}\n", code(log)));
    }
    if !stage.lines.is_empty() {
        // Indented by four columns behind a blank line, every line is code, whatever stands in it.
        out.push_str("\nIts first lines on standard error:\n\n");
        for line in &stage.lines {
            out.push_str(&format!("    {}\n", terminal(&excerpt(line, TEXT_MOST))));
        }
    }
}

fn attach(row: &Attachment, out: &mut String) {
    let (mark, state) = match (&row.found, &row.problem) {
        (Some((size, digest)), _) => ("x", format!("{size} bytes, SHA-256 `{digest}`")),
        (None, Some(problem)) => (" ", safe(problem)),
        (None, None) if row.required => (" ", "missing".to_owned()),
        (None, None) => (" ", "not there; it need not be".to_owned()),
    };
    out.push_str(&format!("- [{mark}] {} ({}): {state}\n", code(&row.path), row.home.word()));
}

/// The close criteria, a box each.
pub fn checklist(criteria: &[Criterion]) -> String {
    let row = |row: &Criterion| {
        let mark = if row.met { "x" } else { " " };
        format!("- [{mark}] {}: {}\n", safe(&row.text), safe(&row.because))
    };
    criteria.iter().map(row).collect()
}

/// What to say in an issue that is open already under this key.
pub fn comment(incident: &Incident, judged: &Judged, circumstances: &Circumstances) -> String {
    let what = incident.stage.as_ref().map_or_else(
        || incident.triggers.first().map_or("the verdict fails".to_owned(), |trigger| safe(trigger)),
        |stage| format!("stage {} failed, {}", code(&stage.name), safe(&stage.ended)),
    );
    format!(
        "Seen again ({}, key `{}`): {what}.\n\nCommit {}. Run: {}\n",
        incident.severity.word(),
        incident.key,
        commit(judged, circumstances),
        run(judged, circumstances)
    )
}
