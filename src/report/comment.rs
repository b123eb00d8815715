//! `comment` and `buildkite`: the verdict in short Markdown, for a comment on a pull request and for an annotation of a build.
//!
//! The ruling and why, a table of the gates that do not stand with the first thing that is wrong, folded for each of them its findings,
//! the command that shows it again and what to do, then exceptions, what weakens the verdict, and of which run and commit it is. What is
//! too long is left out from the least: further findings first, then remediation, then rows; the ruling and the number of gates stay.
//!
//! `comment` keeps within 65,536 characters, which is what a comment on GitHub takes, and begins with a hidden line,
//! `<!-- gatekeeper verdict -->`, by which the next run finds its comment and writes it anew. The line is always the same: a run that cannot even
//! read its policy must not leave the pass of an earlier one standing. `buildkite` keeps within a mebibyte; give it to
//! `buildkite-agent annotate --context gatekeeper`.
//!
//! Text from outside cannot leave its place, as in `markdown`.

use super::Format;
use super::markdown::{cell, joined, prose, rows, told, value, weakened, word};
use super::plain::sentence;
use super::sanitise::markdown_fence;
use super::table::counts;
use crate::model::{GateResult, Ruling, Standing, Verdict, show_instant};

/// The comment on a pull request.
pub static COMMENT: Format = Format {
    id: "comment",
    file: None,
    lane: None,
    about: "Short Markdown for one comment on a pull request, which the next run writes anew.",
    docs: include_str!("comment.rs"),
    schema: None,
    write: |verdict, out| {
        let text = within(verdict, COMMENT_MAX - MARKER.len());
        out.write_all(MARKER.as_bytes())?;
        out.write_all(text.as_bytes())
    },
};

/// The annotation of a build.
pub static BUILDKITE: Format = Format {
    id: "buildkite",
    file: None,
    lane: None,
    about: "Short Markdown for the annotation of a Buildkite build.",
    docs: include_str!("comment.rs"),
    schema: None,
    write: |verdict, out| out.write_all(within(verdict, ANNOTATION_MAX).as_bytes()),
};

/// How a comment is found again.
const MARKER: &str = "<!-- gatekeeper verdict -->\n";
/// Bytes, which are never fewer than characters.
const COMMENT_MAX: usize = 65_536;
/// Bytes; a mebibyte is refused.
const ANNOTATION_MAX: usize = 1_000_000;

/// How much is told: rows, and of each row findings and remediation.
#[derive(Debug, Clone, Copy)]
struct Detail {
    rows: usize,
    findings: usize,
    remediation: bool,
}

/// From the most to the least; the last always fits.
const LEVELS: [Detail; 7] = [
    Detail { rows: 200, findings: 50, remediation: true },
    Detail { rows: 200, findings: 10, remediation: true },
    Detail { rows: 100, findings: 3, remediation: true },
    Detail { rows: 100, findings: 1, remediation: false },
    Detail { rows: 40, findings: 0, remediation: false },
    Detail { rows: 10, findings: 0, remediation: false },
    Detail { rows: 0, findings: 0, remediation: false },
];

fn within(verdict: &Verdict, budget: usize) -> String {
    let mut text = String::new();
    for detail in LEVELS {
        text = compose(verdict, detail);
        if text.len() <= budget {
            return text;
        }
    }
    // What is left is the ruling with names of at most three gates; only the phrase of an incomplete verdict could be long.
    text.truncate(text.floor_char_boundary(budget - 1));
    text + "\n"
}

fn compose(verdict: &Verdict, detail: Detail) -> String {
    let mark = match verdict.ruling() {
        Ruling::Fail => "❌",
        Ruling::Warn => "⚠",
        Ruling::Pass => "✅",
    };
    let whole = detail.rows > 0;
    let mut parts = vec![format!("## {mark} gatekeeper: {}", verdict.ruling().word().to_uppercase())];
    parts.push(format!("{}.", spans(&verdict.cause())));
    if verdict.rolled_back() {
        parts.push("**Rolled back: this verdict fails and, for now, does not block.**".to_owned());
    }
    let failed: Vec<&GateResult> = verdict.cascade().into_iter().map(|(_, gate)| gate).collect();
    let shown = &failed[..failed.len().min(detail.rows)];
    if !shown.is_empty() {
        parts.push(table(shown));
    }
    if let more @ 1.. = failed.len() - shown.len() {
        parts.push(format!("{more} more gates failed or are blocked; the verdict's own files have them all."));
    }
    if detail.findings > 0 {
        parts.extend(shown.iter().filter(|gate| gate.standing != Standing::Blocked).map(|gate| folded(gate, detail)));
    }
    if whole {
        parts.extend(verdict.excused().map(|excused| format!("With {}.", spans(&excused))));
        parts.extend(weakened(verdict).map(|text| text.replacen("## ", "### ", 1)));
    }
    parts.push(counts(verdict.summary()));
    if whole {
        parts.push(about(verdict));
    }
    joined(&parts)
}

fn table(gates: &[&GateResult]) -> String {
    rows(
        &["Gate", "Result", "What is wrong", "Where"],
        gates.iter().map(|gate| {
            let (wrong, place) = match gate.first_finding() {
                Some(finding) if gate.standing != Standing::Blocked => {
                    let place = finding.at.as_ref().map(|at| cell(&at.to_string())).unwrap_or_default();
                    (cell(&sentence(finding)), place)
                }
                Some(_) | None => (cell(&gate.detail), String::new()),
            };
            vec![format!("`{}`", gate.id), format!("**{}**", word(gate)), wrong, place]
        }),
    )
}

/// How many commands of a gate the comment shows.
const STEPS_MAX: usize = 3;

fn folded(gate: &GateResult, detail: Detail) -> String {
    let mut text = format!("<details><summary><code>{}</code>: {}</summary>\n\n", gate.id, cell(&gate.title));
    text += &gate.findings.iter().take(detail.findings).map(told).collect::<String>();
    if let more @ 1.. = gate.findings.len().saturating_sub(detail.findings) {
        text += &format!("- {more} more\n");
    }
    for (at, step) in gate.commands().take(STEPS_MAX).enumerate() {
        text += &match markdown_fence(step) {
            Some(fence) if at == 0 => format!("\nReproduce:\n\n{fence}\n"),
            Some(fence) => format!("\n{fence}\n"),
            None => format!("\nReproduce (not safe to copy): {}\n", value(step)),
        };
    }
    if detail.remediation && !gate.remediation.is_empty() {
        let steps: Vec<_> = gate.remediation.iter().zip(1..).map(|(step, n)| format!("{n}. {}", prose(step))).collect();
        text += &format!("\nRemediation:\n\n{}\n", steps.join("\n"));
    }
    text + "\n</details>"
}

fn about(verdict: &Verdict) -> String {
    let mut facts = vec![format!("policy `{}`, lane `{}`", verdict.policy, verdict.lane)];
    if let Some(run) = &verdict.run {
        facts.push(format!("run {}", cell(&run.path)));
    }
    facts.extend(verdict.commit.iter().map(|commit| format!("commit {}", cell(commit))));
    facts.push(format!("judged at `{}`", show_instant(verdict.generated_at)));
    format!("<sub>Of {}.</sub>", facts.join(", "))
}

/// A sentence of ours: names in code spans, and around them perhaps text from outside.
fn spans(line: &str) -> String {
    let parts: Vec<&str> = line.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return prose(line);
    }
    let part = |(at, text): (usize, &&str)| if at.is_multiple_of(2) { prose(text) } else { value(text) };
    parts.iter().enumerate().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::canonical::{failing, named, text, verdict};

    #[test]
    fn a_comment_is_known_again_and_tells_the_failure() {
        let shown = text(&COMMENT, &named("cause and consequences"));
        let begin = "\
<!-- gatekeeper verdict -->
## ❌ gatekeeper: FAIL

blocking gate `phase1_matrix` failed; blocked behind a cause: `evidence_bundle`, `release_candidate`.

| Gate | Result | What is wrong | Where |
| --- | --- | --- | --- |
";
        assert!(shown.starts_with(begin), "{shown}");
        let parts = [
            "| `evidence_bundle` | **blocked** | needs phase1\\_matrix |  |",
            "<details><summary><code>phase1_matrix</code>: The phase1\\_matrix gate</summary>",
            "```sh\ncargo test --test phase1_matrix -- --exact\n```",
            "4 gates: 1 fail, 2 blocked, 1 pass",
        ];
        for part in parts {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        assert_eq!(text(&BUILDKITE, &named("cause and consequences")), shown.split_once('\n').expect("a marker").1);
    }

    #[test]
    fn a_run_that_judged_nothing_takes_the_place_of_an_older_pass() {
        let refused = verdict(Vec::new());
        let first = |shown: String| shown.lines().next().map(str::to_owned);
        assert_eq!(first(text(&COMMENT, &refused)), first(text(&COMMENT, &named("all pass"))));
    }

    #[test]
    fn a_pass_is_short_and_says_what_it_leans_on() {
        let shown = text(&COMMENT, &named("all pass"));
        assert_eq!(shown.lines().filter(|line| !line.is_empty()).count(), 5, "{shown}");
        let shown = text(&COMMENT, &named("waived and skipped"));
        assert!(shown.contains("With 1 exception: waived `parameter_sweeps` (perf, until 2026-03-03)"), "{shown}");
        assert!(shown.contains("### What weakens this verdict"), "{shown}");
    }

    #[test]
    fn whatever_there_is_to_tell_a_comment_is_taken() {
        let flood = |gates: usize, findings: usize, length: usize| {
            let mut all: Vec<_> = (0..gates).map(|n| failing(&format!("gate_{n}"))).collect();
            for gate in &mut all {
                gate.findings = vec![gate.findings[0].clone(); findings];
                gate.findings[0].actual = "<|&".repeat(length);
            }
            verdict(all)
        };
        let mut looked = 0;
        for (gates, findings, length) in [(1, 10_000, 1), (30, 40, 100), (3_000, 1, 1), (500, 5, 5_000), (2, 2, 100_000)] {
            let verdict = flood(gates, findings, length);
            let shown = text(&COMMENT, &verdict);
            assert!(shown.len() <= COMMENT_MAX, "{}", shown.len());
            assert!(shown.starts_with("<!-- gatekeeper verdict -->\n## ❌ gatekeeper: FAIL\n"), "{shown}");
            assert_eq!(shown.matches("<details>").count(), shown.matches("</details>").count());
            assert!(text(&BUILDKITE, &verdict).len() <= ANNOTATION_MAX);
            looked += 1;
        }
        let mut verdict = named("incomplete");
        verdict.incomplete = Some("\u{e4}".repeat(200_000));
        assert!(text(&COMMENT, &verdict).len() <= COMMENT_MAX);
        assert_eq!(looked, 5);
    }
}
