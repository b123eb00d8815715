//! `markdown`: `full_suite_report.md`, the verdict for people.
//!
//! The ruling and why, every gate in a table (what does not stand comes first), then for each gate that does not stand its
//! findings with what was expected, what was there, where, and what to do next; the command that reproduces it; the remediation.
//! Then the exceptions, what weakens the verdict, and the evidence manifest, folded.
//!
//! Text from outside cannot leave its place: prose is escaped, values and paths are code spans, commands are fenced, none of it
//! begins a line, and what is longer than two thousand characters is cut with a note.

use super::Format;
use super::sanitise::{excerpt, markdown, markdown_code, markdown_fence};
use super::table::counts;
use super::wire::v1::exception::{problems, validity_word};
use crate::model::{
    Finding, GateId, GateResult, LaneId, Mode, Quarantine, Reason, Ruling, Standing, Verdict, Waiver, show_instant,
};

/// The registry entry.
pub static FORMAT: Format = Format {
    id: "markdown",
    file: Some("full_suite_report.md"),
    lane: None,
    about: "The verdict for people: the ruling, every gate, every finding and what to do about it.",
    docs: include_str!("markdown.rs"),
    schema: None,
    write: |verdict, out| out.write_all(compose(verdict, Detail::Whole).as_bytes()),
};

/// How much of the verdict is told, most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Detail {
    /// Everything.
    Whole,
    /// All but the evidence manifest.
    Findings,
    /// Of each gate that does not stand the first finding only, and no exceptions.
    FirstFinding,
    /// The ruling and the names of the blocking gates that do not stand.
    Names,
}

/// Characters of one text from outside before it is cut.
const TEXT_MAX: usize = 2_000;
/// The same for a cell of a table.
const CELL_MAX: usize = 300;

/// The report with this much detail, with a final line break.
pub(super) fn compose(verdict: &Verdict, detail: Detail) -> String {
    let mut parts = vec![ruling(verdict)];
    if detail == Detail::Names {
        parts.push(blockers(verdict));
        return joined(&parts);
    }
    parts.push(about(verdict));
    parts.extend(next(verdict));
    parts.push(gates(verdict));
    let told = verdict.cascade();
    if !told.is_empty() {
        parts.push("## What failed".to_owned());
        parts.extend(told.iter().map(|(_, gate)| failure(gate, detail)));
    }
    if detail <= Detail::Findings {
        parts.extend(exceptions(verdict));
    }
    parts.extend(weakened(verdict));
    if detail <= Detail::Findings {
        parts.extend(measured(verdict));
        parts.extend(notes(verdict));
    }
    if detail == Detail::Whole {
        parts.push(evidence(verdict));
    }
    joined(&parts)
}

pub(super) fn joined(parts: &[String]) -> String {
    let parts: Vec<_> = parts.iter().map(|part| part.trim_end()).filter(|part| !part.is_empty()).collect();
    parts.join("\n\n") + "\n"
}

pub(super) fn prose(text: &str) -> String {
    markdown(&excerpt(text, TEXT_MAX))
}

pub(super) fn cell(text: &str) -> String {
    markdown(&excerpt(text, CELL_MAX))
}

pub(super) fn value(text: &str) -> String {
    markdown_code(&excerpt(text, TEXT_MAX))
}

pub(super) fn rows(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut lines = vec![format!("| {} |", header.join(" | ")), format!("|{}", " --- |".repeat(header.len()))];
    lines.extend(rows.map(|cells| format!("| {} |", cells.join(" | "))));
    lines.join("\n")
}

fn names(ids: &[GateId]) -> String {
    ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")
}

fn ruling(verdict: &Verdict) -> String {
    let mark = match verdict.ruling() {
        Ruling::Fail => "❌",
        Ruling::Warn => "⚠",
        Ruling::Pass => "✅",
    };
    let mut text = format!("# {mark} Release verdict: {}\n", verdict.ruling().word().to_uppercase());
    // The sentence is ours but for the ids in it, which hold nothing to escape, and for the phrase of an incomplete verdict.
    let reason = if verdict.incomplete.is_some() { prose(&verdict.reason()) } else { verdict.reason() };
    text += &format!("\nWhy: {reason}.\n");
    if verdict.rolled_back() {
        text += "\n**Rolled back: this verdict fails and, for now, does not block.**\n";
    }
    text
}

fn blockers(verdict: &Verdict) -> String {
    let lines: Vec<_> = verdict.blockers().iter().map(|gate| format!("- `{}`: {}", gate.id, word(gate))).collect();
    if lines.is_empty() {
        return String::new();
    }
    format!("## Blocking gates that failed\n\n{}", lines.join("\n"))
}

/// What to run next, if anything.
fn next(verdict: &Verdict) -> Option<String> {
    let commands: Vec<String> = super::next::next(verdict).iter().filter_map(|line| markdown_fence(line)).collect();
    (!commands.is_empty()).then(|| format!("## Next\n\n{}", commands.join("\n\n")))
}

fn about(verdict: &Verdict) -> String {
    let mut facts = vec![
        ("Lane", format!("`{}`", verdict.lane)),
        ("Policy", format!("`{}`, SHA-256 `{}`", verdict.policy, verdict.policy_digest)),
        ("Judged at", format!("`{}`", show_instant(verdict.generated_at))),
    ];
    if let Some(from) = &verdict.policy_ref {
        let ledger = if from.ledger { "the ledger too" } else { "the ledger from the work tree" };
        facts.push(("Definitions from", format!("{}, commit `{}`, {ledger}", cell(&from.name), from.commit)));
    }
    if let Some(run) = &verdict.run {
        facts.push(("Run", cell(&run.path)));
        if !run.shards.is_empty() {
            let shards: Vec<String> = run.shards.iter().map(|shard| cell(shard)).collect();
            facts.push(("Shards", format!("{}: {}", shards.len(), shards.join(", "))));
        }
        facts.extend(run.id.as_ref().map(|id| ("Run id", cell(id))));
        facts.extend(run.commit.as_ref().map(|commit| ("Commit of the run", cell(commit))));
    }
    facts.extend(verdict.commit.as_ref().map(|commit| ("Commit", cell(commit))));
    match &verdict.mode {
        Mode::Strict => facts.push(("Mode", "strict".to_owned())),
        Mode::Rollback { rationale, until } => {
            facts.push(("Mode", format!("rollback until `{}`: {}", show_instant(*until), cell(rationale))));
        }
    }
    facts.extend(verdict.age().map(|age| ("Oldest evidence", cell(&age))));
    facts.push(("Gates", counts(verdict.summary())));
    rows(&["", ""], facts.into_iter().map(|(name, fact)| vec![name.to_owned(), fact]))
}

pub(super) fn word(gate: &GateResult) -> String {
    match gate.reason {
        Some(reason @ (Reason::Gap(_) | Reason::Incomplete)) => format!("{}: {}", gate.standing.word(), reason.word()),
        Some(_) | None => gate.standing.word().to_owned(),
    }
}

fn gates(verdict: &Verdict) -> String {
    let told: Vec<&GateResult> = verdict.cascade().into_iter().map(|(_, gate)| gate).collect();
    let rest = verdict.gates.iter().filter(|gate| !told.iter().any(|known| known.id == gate.id));
    let table = rows(
        &["Gate", "Result", "Blocking", "Owner", "Tracker", "Detail"],
        told.iter().copied().chain(rest).map(|gate| {
            let result = if gate.standing.permits() { word(gate) } else { format!("**{}**", word(gate)) };
            let blocking = if gate.terms.blocking { "yes" } else { "no" };
            let [owner, bead, detail] = [&gate.owner, &gate.bead, &gate.detail].map(|text| cell(text));
            vec![format!("`{}`", gate.id), result, blocking.to_owned(), owner, bead, detail]
        }),
    );
    format!("## Gates\n\n{table}")
}

fn failure(gate: &GateResult, detail: Detail) -> String {
    let mut text = format!("### `{}`: {}\n", gate.id, cell(&gate.title));
    if !gate.detail.trim().is_empty() {
        // Our words come first: text that begins a line could be a heading, a list or a rule.
        text += &format!("\nWhat happened: {}\n", prose(&gate.detail));
    }
    if gate.standing == Standing::Blocked && !gate.blocked_by.is_empty() {
        text += &format!("\nWaits for {}.\n", names(&gate.blocked_by));
    }
    let limit = if detail <= Detail::Findings { usize::MAX } else { 1 };
    if !gate.findings.is_empty() {
        text += "\n";
    }
    for finding in gate.findings.iter().take(limit) {
        text += &told(finding);
    }
    if let more @ 1.. = gate.findings.len().saturating_sub(limit) {
        text += &format!("- {more} more in `full_suite_verdict.json`\n");
    }
    if gate.reproduce.trim().is_empty() {
        text += "\nThe gate names no command that reproduces it.\n";
    }
    for (at, step) in gate.commands().enumerate() {
        text += &match markdown_fence(step) {
            Some(fence) if at == 0 => format!("\nReproduce:\n\n{fence}\n"),
            Some(fence) => format!("\n{fence}\n"),
            None => format!("\nReproduce (not safe to copy): {}\n", value(step)),
        };
    }
    if detail <= Detail::Findings && !gate.remediation.is_empty() {
        let steps: Vec<_> = gate.remediation.iter().zip(1..).map(|(step, n)| format!("{n}. {}", prose(step))).collect();
        text += &format!("\nRemediation:\n\n{}\n", steps.join("\n"));
    }
    text
}

pub(super) fn told(finding: &Finding) -> String {
    let place = finding.at.as_ref().map(|at| format!(" at {}", value(&at.to_string()))).unwrap_or_default();
    let mut text = format!("- **{}**{place}\n", cell(&finding.kind));
    if let Some(message) = &finding.message {
        text += &format!("  - {}\n", prose(message));
    }
    text += &format!("  - expected: {}\n  - found: {}\n", value(&finding.expected), value(&finding.actual));
    if let Some(next) = &finding.next {
        text += &format!("  - next: {}\n", prose(next));
    }
    text
}

fn exceptions(verdict: &Verdict) -> Vec<String> {
    let used = &verdict.exceptions;
    let mut parts = Vec::new();
    if !used.waivers.is_empty() {
        let table = rows(
            &["Waiver", "State", "Covered a failure", "Owner", "Last day", "Lanes", "Reason or problems"],
            used.waivers.iter().map(|waiver| {
                let read = waiver.entry.read.as_ref().ok();
                let wrong: Vec<_> =
                    problems(&waiver.entry, waiver.validity.as_ref()).into_iter().map(|problem| problem.detail).collect();
                let lanes = |waiver: &Waiver| waiver.scope.iter().map(LaneId::as_str).collect::<Vec<_>>().join(", ");
                let why = if wrong.is_empty() { read.map(|waiver| waiver.reason.clone()) } else { Some(wrong.join("; ")) };
                vec![
                    cell(&waiver.entry.name),
                    validity_word(waiver.validity.as_ref()).to_owned(),
                    if waiver.used { "yes" } else { "no" }.to_owned(),
                    read.map(|waiver| cell(&waiver.owner)).unwrap_or_default(),
                    read.map(|waiver| waiver.expires.to_string()).unwrap_or_default(),
                    read.map(lanes).unwrap_or_default(),
                    cell(&why.unwrap_or_default()),
                ]
            }),
        );
        parts.push(format!("## Waivers\n\n{table}"));
    }
    if !used.quarantine.is_empty() {
        let table = rows(
            &["Quarantined test", "State", "Category", "Owner", "Last day", "Reason or problems"],
            used.quarantine.iter().map(|(entry, validity)| {
                let read: Option<&Quarantine> = entry.read.as_ref().ok();
                let wrong: Vec<_> = problems(entry, validity.as_ref()).into_iter().map(|problem| problem.detail).collect();
                let why = if wrong.is_empty() { read.map(|entry| entry.reason.clone()) } else { Some(wrong.join("; ")) };
                vec![
                    cell(&entry.name),
                    validity_word(validity.as_ref()).to_owned(),
                    read.map(|entry| cell(&entry.category)).unwrap_or_default(),
                    read.map(|entry| cell(&entry.owner)).unwrap_or_default(),
                    read.map(|entry| entry.expires.to_string()).unwrap_or_default(),
                    cell(&why.unwrap_or_default()),
                ]
            }),
        );
        parts.push(format!("## Quarantine\n\n{table}"));
    }
    if !used.unused.is_empty() {
        let names: Vec<_> = used.unused.iter().map(|name| format!("- {}", cell(name))).collect();
        parts.push(format!("In force, and covering nothing:\n\n{}", names.join("\n")));
    }
    parts
}

pub(super) fn weakened(verdict: &Verdict) -> Option<String> {
    let line = |w: &crate::model::Weakening| format!("- **{}**: {}", w.switch, prose(&w.detail));
    let lines: Vec<_> = verdict.weakened_by.iter().map(line).collect();
    (!lines.is_empty()).then(|| format!("## What weakens this verdict\n\n{}", lines.join("\n")))
}

/// What checks measured, with the limits.
fn measured(verdict: &Verdict) -> Option<String> {
    let all = verdict.gates.iter().flat_map(|gate| gate.measured.iter().map(move |one| (gate, one)));
    let lines: Vec<_> = all.map(|(gate, one)| format!("- `{}`: {}", gate.id, prose(&one.to_string()))).collect();
    (!lines.is_empty()).then(|| format!("## Measured\n\n{}", lines.join("\n")))
}

/// What checks told beside their outcomes: which run was judged and which were passed over, what may be claimed.
fn notes(verdict: &Verdict) -> Option<String> {
    let told = verdict.gates.iter().flat_map(|gate| gate.notes.iter().map(move |note| (gate, note)));
    let lines: Vec<_> =
        told.map(|(gate, note)| format!("- `{}`, {}: {}", gate.id, note.about, prose(&note.text))).collect();
    (!lines.is_empty()).then(|| format!("## Notes\n\n{}", lines.join("\n")))
}

fn evidence(verdict: &Verdict) -> String {
    if verdict.evidence.is_empty() {
        return "## Evidence\n\nNo artifact was looked for.".to_owned();
    }
    let table = rows(
        &["Artifact", "Bytes", "SHA-256", "Gap", "Gates"],
        verdict.evidence.iter().map(|row| {
            let digest = row.digest.map(|digest| format!("`{digest}`")).unwrap_or_default();
            let gap = row.gap.map(|gap| format!("**{}**", Reason::Gap(gap).word())).unwrap_or_default();
            let instead = row.instead.as_ref().map(|path| format!(" (not judged: {} is there)", cell(path)));
            let path = cell(&row.path.shown) + &instead.unwrap_or_default();
            vec![path, row.size.to_string(), digest, gap, names(&row.gates)]
        }),
    );
    let count = verdict.evidence.len();
    format!("## Evidence\n\n<details><summary>Artifacts that were looked for: {count}</summary>\n\n{table}\n\n</details>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::canonical::{self, named, text};
    use crate::report::sanitise::runner_command;

    #[test]
    fn a_failure_is_told_from_its_cause() {
        let shown = text(&FORMAT, &named("cause and consequences"));
        let expected = "\
### `phase1_matrix`: The phase1\\_matrix gate

What happened: the sweep is not ready

- **contradiction** at `tests/phase1_matrix.json#/readiness/status`
  - expected: `a ready sweep names no blocking reason`
  - found: `` `blocking_reasons.size()` = 1 ``
  - next: Rebuild the sweep from the latest matrix.
- **empty-dimension** at `tests/events.jsonl:7`
  - expected: `at least one value`
  - found: `none`

Reproduce:

```sh
cargo test --test phase1_matrix -- --exact
```

Remediation:

1. Rebuild phase1\\_matrix.
";
        assert!(shown.contains(expected), "{shown}");
        let at = |part: &str| shown.find(part).expect("it is told");
        assert!(at("### `phase1_matrix`") < at("### `evidence_bundle`"), "{shown}");
        assert!(at("| `phase1_matrix` | **fail**") < at("| `suite_classification` | pass |"), "{shown}");
        assert!(shown.starts_with("# ❌ Release verdict: FAIL\n\nWhy: blocking gate `phase1_matrix` failed"));
    }

    #[test]
    fn exceptions_and_switches_are_told() {
        let shown = text(&FORMAT, &named("waived and skipped"));
        for part in [
            "| parameter\\_sweeps | expiring | yes | perf | 2026-03-03 | full | the sweep is rebuilt on Friday |",
            "| torn | unreadable | no |  |  |  | expected a date like 2026-01-31, found \"soon\" |",
            "| net::race | expiring | FLAKE-TIMING | core | 2026-03-05 | races the clock |",
            "- **skipped-gate**: \\`bench\\` has no evidence",
            "- conformance",
        ] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        assert!(text(&FORMAT, &named("rolled back")).contains("**Rolled back: this verdict fails"));
    }

    #[test]
    fn text_from_outside_adds_no_markup() {
        let calm = text(&FORMAT, &canonical::with_text("calm"));
        let wild = text(&FORMAT, &canonical::with_text(canonical::HOSTILE));
        assert_eq!(runner_command(&wild), None);
        // Outside code spans there is exactly the markup of a calm report: same rows, headings and HTML.
        let count = |text: &str, part: &str| text.matches(part).count();
        for part in ["<details>", "\n|", "\n#", "\n- ", "\n  - "] {
            assert_eq!(count(&calm, part), count(&wild, part), "{part}");
        }
        assert_eq!(count(&wild, "</details>\n"), 1);
        let mut looked = 0;
        for line in wild.lines().filter(|line| line.starts_with('|')) {
            let bars = line.replace("\\|", "").matches('|').count();
            assert!([3, 6, 7, 8].contains(&bars), "{line}");
            assert!(!line.contains("<script") && !line.contains("@team") && !line.contains(" #12"), "{line}");
            looked += 1;
        }
        assert!(looked > 20, "{looked}");
    }

    #[test]
    fn long_text_is_cut_with_a_note() {
        let shown = text(&FORMAT, &canonical::with_text(&"x".repeat(1 << 20)));
        assert!(shown.len() < 200_000, "{}", shown.len());
        assert!(shown.contains("(1046576 more characters)"));
    }
}
