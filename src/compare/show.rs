//! The changes as the published document, and that document as texts for people.
//!
//! Definitions of a pull request are written by whoever opened it, so every text of theirs is made safe for where it goes.

use super::{Change, Class, Definitions};
use crate::model::{Digest, redact};
use crate::report::sanitise::{excerpt, markdown as safe_markdown, terminal};
use crate::report::wire::v1::Tool;
use crate::report::wire::v1::policy_diff::{Change as Row, Classes, End as Version, POLICY_DIFF_SCHEMA, PolicyDiff, Site};
use std::fmt::Write as _;

/// Longest value in a text for people, in characters.
const SHOWN: usize = 240;
/// Most rows of a Markdown table: a comment has an end.
const ROWS_MAX: usize = 200;

/// One of the two versions: how it was named, and the commit that it turned out to be.
pub struct End {
    /// As it was named.
    pub given: String,
    /// The commit, 40 hex digits; `None` for a directory.
    pub commit: Option<String>,
}

/// The published document.
pub fn document((base, from): (&End, &Definitions), (head, to): (&End, &Definitions), changes: &[Change]) -> PolicyDiff {
    let version = |end: &End, definitions: &Definitions| Version {
        given: end.given.clone(),
        commit: end.commit.clone(),
        policy: definitions.suite.policy.id.to_string(),
        sha256: definitions.suite.policy.digest.to_string(),
    };
    let count = |class| changes.iter().filter(|change| change.class == class).count();
    PolicyDiff {
        schema: POLICY_DIFF_SCHEMA,
        tool: Tool::US,
        status: if changes.iter().any(|change| change.class.weakens()) {
            "weaker"
        } else if changes.is_empty() {
            "same"
        } else {
            "not-weaker"
        },
        base: version(base, from),
        head: version(head, to),
        summary: Classes {
            weakening: count(Class::Weakening),
            unclear: count(Class::Unclear),
            tightening: count(Class::Tightening),
            neutral: count(Class::Neutral),
        },
        changes: changes.iter().map(row).collect(),
    }
}

/// A document that says that nothing was compared: it counts as weaker.
pub fn unfinished() -> PolicyDiff {
    let version = || Version {
        given: "unread".to_owned(),
        commit: None,
        policy: "unread".to_owned(),
        sha256: Digest::of(b"").to_string(),
    };
    let change = Change {
        class: Class::Unclear,
        gate: None,
        what: "comparison".to_owned(),
        from: None,
        to: None,
        reason: "gatekeeper did not finish, or was asked wrongly: nothing was compared".to_owned(),
        base: None,
        head: None,
    };
    PolicyDiff {
        schema: POLICY_DIFF_SCHEMA,
        tool: Tool::US,
        status: "weaker",
        base: version(),
        head: version(),
        summary: Classes { unclear: 1, ..Classes::default() },
        changes: vec![row(&change)],
    }
}

fn row(change: &Change) -> Row {
    let text = |text: &Option<String>| text.as_ref().map(|text| redact(text).into_owned());
    let site = |site: &Option<(String, usize)>| site.clone().map(|(file, line)| Site { file, line });
    Row {
        class: change.class.word(),
        weakens: change.class.weakens(),
        gate: change.gate.as_ref().map(ToString::to_string),
        what: redact(&change.what).into_owned(),
        from: text(&change.from),
        to: text(&change.to),
        reason: redact(&change.reason).into_owned(),
        base: site(&change.base),
        head: site(&change.head),
    }
}

/// `3 weakening, 1 unclear, 0 tightening, 2 neutral`.
fn counts(summary: &Classes) -> String {
    let Classes { weakening, unclear, tightening, neutral } = summary;
    format!("{weakening} weakening, {unclear} unclear, {tightening} tightening, {neutral} neutral")
}

fn ruling(diff: &PolicyDiff) -> &'static str {
    match diff.status {
        "weaker" => "the definitions are weaker, or may be",
        "same" => "the definitions are the same",
        _ => "nothing is weaker",
    }
}

fn named(version: &Version) -> String {
    let commit = version.commit.as_ref().map(|commit| format!(" ({})", &commit[..commit.len().min(12)]));
    format!("{}{}, policy {}", version.given, commit.unwrap_or_default(), version.policy)
}

fn value(text: Option<&String>) -> String {
    text.map_or_else(|| "nothing".to_owned(), |text| excerpt(text, SHOWN))
}

fn subject(row: &Row) -> String {
    row.gate.as_ref().map_or_else(|| row.what.clone(), |gate| format!("{gate}: {}", row.what))
}

/// For a terminal.
pub fn table(diff: &PolicyDiff) -> String {
    let safe = |text: &str| terminal(text);
    let mut out = format!("{}: {}\n", ruling(diff), counts(&diff.summary));
    let _ = write!(out, "  base  {}\n  head  {}\n", safe(&named(&diff.base)), safe(&named(&diff.head)));
    for row in &diff.changes {
        let _ = write!(out, "\n{}: {}\n", row.class, safe(&excerpt(&subject(row), SHOWN)));
        if row.from.is_some() || row.to.is_some() {
            let _ = writeln!(out, "   from   {}", safe(&value(row.from.as_ref())));
            let _ = writeln!(out, "   to     {}", safe(&value(row.to.as_ref())));
        }
        let _ = writeln!(out, "   why    {}", safe(&excerpt(&row.reason, SHOWN)));
        for (word, site) in [("base", &row.base), ("head", &row.head)] {
            if let Some(Site { file, line }) = site {
                let _ = writeln!(out, "   {word}   {}", safe(&format!("{file}:{line}")));
            }
        }
    }
    out
}

/// For a comment on a pull request.
pub fn markdown(diff: &PolicyDiff) -> String {
    let safe = |text: &str| safe_markdown(text);
    let mut out = format!("### Release gates: {}\n\n{}\n\n", ruling(diff), counts(&diff.summary));
    let _ = write!(out, "Base: {}. Head: {}.\n\n", safe(&named(&diff.base)), safe(&named(&diff.head)));
    let (weak, rest): (Vec<&Row>, Vec<&Row>) = diff.changes.iter().partition(|row| row.weakens);
    rows(&weak, &mut out);
    if !rest.is_empty() {
        let _ = write!(out, "<details><summary>{} changes that weaken nothing</summary>\n\n", rest.len());
        rows(&rest, &mut out);
        out.push_str("</details>\n");
    }
    out
}

fn rows(rows: &[&Row], out: &mut String) {
    if rows.is_empty() {
        return;
    }
    out.push_str("| class | what | from | to | why | where |\n|---|---|---|---|---|---|\n");
    let safe = |text: &str| safe_markdown(text);
    for row in rows.iter().take(ROWS_MAX) {
        let sites = [("base", &row.base), ("head", &row.head)]
            .into_iter()
            .filter_map(|(word, site)| site.as_ref().map(|Site { file, line }| format!("{word} {file}:{line}")));
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            row.class,
            safe(&excerpt(&subject(row), SHOWN)),
            safe(&value(row.from.as_ref())),
            safe(&value(row.to.as_ref())),
            safe(&excerpt(&row.reason, SHOWN)),
            safe(&sites.collect::<Vec<_>>().join(", ")),
        );
    }
    if rows.len() > ROWS_MAX {
        let _ = write!(out, "\nand {} more; `gatekeeper policy diff` lists them all\n", rows.len() - ROWS_MAX);
    }
    out.push('\n');
}
