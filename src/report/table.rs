//! `table`: the verdict on a terminal, for somebody tired.
//!
//! First the gates that did not pass, each cause above what it blocks, with the first thing that is wrong and where. Then one
//! line for each other group of gates, what weakens the verdict, the counts, the verdict and, last, the one command to run next.
//! Gates that pass are a single line unless more is asked for. It has no file; the command line shows it by default.
//!
//! Every text from outside is made harmless first. The columns have a rule between them, so that no wrapped line can begin with
//! text from outside.

use super::Format;
use super::next::next;
use super::sanitise::{command, excerpt, terminal};
use crate::model::{Finding, GateResult, Measure, Reason, Ruling, Standing, Summary, Verdict, unlike};
use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, Cell, Color, ContentArrangement, ContentLineStyle, LineStyle, Table};

/// The registry entry: plain, a hundred columns wide.
pub static FORMAT: Format = Format {
    id: "table",
    file: None,
    lane: None,
    about: "The verdict on a terminal: what failed, why, and what to run next.",
    docs: include_str!("table.rs"),
    schema: None,
    write: |verdict, out| out.write_all(render(verdict, Style::default()).as_bytes()),
};

/// How the table looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Columns of the terminal; 100 if unknown, at least 40.
    pub width: Option<u16>,
    /// Whether words that matter are coloured.
    pub colour: bool,
    /// Whether every gate, finding and remediation is shown.
    pub verbose: bool,
}

/// Characters of one text from outside before it is cut.
const TEXT_MAX: usize = 240;
/// The same for what was expected and found, unless more is asked for: a finding should fit into a glance.
const VALUE_MAX: usize = 110;
/// Names in a list before the rest is counted.
const NAMES_MAX: usize = 4;

/// The verdict as text, with a final line break.
pub fn render(verdict: &Verdict, style: Style) -> String {
    let mut lines = Vec::new();
    let told = verdict.cascade();
    if !told.is_empty() || (style.verbose && !verdict.gates.is_empty()) {
        lines.extend(grid(verdict, &told, style).lines().map(|line| line.trim_end().to_owned()));
        lines.push(String::new());
    }
    let others = [Standing::NotEvaluated, Standing::Waived, Standing::Skipped, Standing::Pass];
    for standing in others {
        let names: Vec<&str> = verdict.with_standing(standing).map(|gate| gate.id.as_str()).collect();
        if !names.is_empty() {
            lines.push(format!("{}: {}", standing.word(), listed(&names)));
        }
    }
    for name in verdict.exceptions.expiring_waivers() {
        lines.push(format!("waiver ends soon: {}", shown(name)));
    }
    let apart: Vec<&str> = verdict.exceptions.excused.iter().map(String::as_str).collect();
    if !apart.is_empty() {
        lines.push(format!("quarantined (failing, not counted): {}", listed(&apart)));
    }
    let unused: Vec<&str> = verdict.exceptions.unused.iter().map(String::as_str).collect();
    if !unused.is_empty() {
        lines.push(format!("in force, and had no effect: {}", listed(&unused)));
    }
    for weakening in &verdict.weakened_by {
        lines.push(format!("weakened by {}: {}", weakening.switch, shown(&weakening.detail)));
    }
    if let Some(from) = &verdict.policy_ref {
        let ledger = if from.ledger { "the ledger too" } else { "the ledger from the work tree" };
        lines.push(format!("definitions from {} ({}), {ledger}", shown(&from.name), shown(&from.commit)));
    }
    if let Some(run) = verdict.run.as_ref().filter(|run| !run.shards.is_empty()) {
        let names: Vec<String> = run.shards.iter().map(|shard| shown(shard)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        lines.push(format!(
            "one run in {} shard{}: {}",
            names.len(),
            if names.len() == 1 { "" } else { "s" },
            listed(&names)
        ));
    }
    lines.extend(measured(verdict).into_iter().map(|line| format!("measured: {line}")));
    lines.extend(verdict.age().map(|age| format!("oldest evidence: {}", shown(&age))));
    lines.push(counts(verdict.summary()));
    lines.push(ruled(verdict, style.colour));
    lines.extend(next(verdict).into_iter().map(|next| format!("next: {next}")));
    lines.join("\n") + "\n"
}

fn shown(text: &str) -> String {
    terminal(&excerpt(text, TEXT_MAX))
}

/// How many gates' values are told without `--verbose`, and how many values of each.
const MEASURED_MAX: usize = 3;
const VALUES_MAX: usize = 5;

/// What the first gates measured: those that counted tests or targets, or measured in a unit, before those that compared bare numbers. Several
/// gates that look at the same evidence say the same, once. How old evidence is has a line of its own.
fn measured(verdict: &Verdict) -> Vec<String> {
    let aged = |one: &&Measure| one.what.starts_with("age of ");
    let told = |gate: &GateResult| -> Vec<Measure> {
        let of_note = |one: &&Measure| one.limit.is_some() || !one.unit.is_empty();
        gate.measured.iter().filter(|one| !aged(one)).filter(of_note).cloned().collect()
    };
    let mut gates: Vec<Vec<Measure>> = verdict.gates.iter().map(told).collect();
    let of_note = |one: &Measure| one.limit.is_some() || one.what == "tests";
    gates.retain(|all| all.iter().any(of_note));
    gates.sort_by_key(|all| all.iter().all(|one| one.unit.is_empty()));
    let mut lines = Vec::new();
    for all in gates {
        let values: Vec<String> = all.iter().take(VALUES_MAX).map(ToString::to_string).collect();
        let more = all.len().saturating_sub(VALUES_MAX);
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        let line = shown(&format!("{}{more}", values.join(", ")));
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.truncate(MEASURED_MAX);
    lines
}

/// The first names, and how many more there are.
fn listed(names: &[&str]) -> String {
    let first = names.iter().take(NAMES_MAX).map(|name| shown(name)).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMES_MAX) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

fn grid(verdict: &Verdict, told: &[(usize, &GateResult)], style: Style) -> Table {
    let rule = ContentLineStyle::none().junction('│');
    let mut table = Table::new();
    table
        .load_style(NOTHING.header_lines(rule).content_lines(rule))
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(style.width.unwrap_or(100).max(40))
        .force_no_tty()
        .set_header(["gate", "result", "why"]);
    table.style_mut().header_separator = LineStyle::none().fill('─').junction('┼');
    if style.colour {
        table.enforce_styling();
    }
    let rest = verdict.gates.iter().filter(|gate| style.verbose && !told.iter().any(|(_, known)| known.id == gate.id));
    for (depth, gate) in told.iter().copied().chain(rest.map(|gate| (0, gate))) {
        // Deeper cascades are drawn at the same depth, so that the name keeps its room.
        let branch = if depth == 0 { String::new() } else { "  ".repeat(depth.min(4) - 1) + "└ " };
        let why = why(gate, style.verbose).join("\n");
        table.add_row([Cell::new(format!("{branch}{}", gate.id)), result(gate), Cell::new(why)]);
    }
    table
}

/// What it counts as in a word, with the reason behind it where evidence could not be judged.
fn result(gate: &GateResult) -> Cell {
    let word = match gate.standing {
        Standing::Fail => "FAIL",
        Standing::Advisory => "warn",
        other @ (Standing::Pass | Standing::Waived | Standing::Blocked | Standing::Skipped | Standing::NotEvaluated) => {
            other.word()
        }
    };
    let reason = match gate.reason {
        Some(reason @ (Reason::Gap(_) | Reason::Incomplete)) => format!(": {}", reason.word()),
        Some(Reason::Finding | Reason::Blocked | Reason::Absent | Reason::NotEvaluated) | None => String::new(),
    };
    let cell = Cell::new(format!("{word}{reason}"));
    match gate.standing {
        Standing::Fail => cell.fg(Color::Red).add_attribute(Attribute::Bold),
        Standing::Advisory | Standing::Waived => cell.fg(Color::Yellow),
        Standing::Pass => cell.fg(Color::Green),
        Standing::Blocked | Standing::Skipped | Standing::NotEvaluated => cell,
    }
}

/// What is wrong: the first finding and its place, or everything.
fn why(gate: &GateResult, verbose: bool) -> Vec<String> {
    let mut lines = Vec::new();
    if gate.standing == Standing::Blocked && !gate.blocked_by.is_empty() {
        let names: Vec<&str> = gate.blocked_by.iter().map(crate::model::GateId::as_str).collect();
        lines.push(format!("waits for {}", listed(&names)));
    } else if gate.findings.is_empty() {
        lines.push(shown(&gate.detail));
    }
    // What a blocked gate found is most often its cause again.
    let count = match (verbose, gate.standing) {
        (true, _) => usize::MAX,
        (false, Standing::Blocked) => return lines,
        (false, _) => 1,
    };
    for finding in gate.findings.iter().take(count) {
        lines.extend(told(finding, verbose));
    }
    if let more @ 1.. = gate.findings.len().saturating_sub(count) {
        lines.push(format!("and {more} more finding{}; `-v` lists all", if more == 1 { "" } else { "s" }));
    }
    if verbose && gate.standing != Standing::Pass {
        let values: Vec<String> = gate.measured.iter().map(ToString::to_string).collect();
        lines.extend((!values.is_empty()).then(|| format!("measured: {}", shown(&values.join(", ")))));
        lines.extend(gate.remediation.iter().map(|step| format!("- {}", shown(step))));
        lines.extend(gate.commands().filter_map(command).map(|line| format!("$ {line}")));
    }
    lines
}

fn told(finding: &Finding, verbose: bool) -> Vec<String> {
    let limit = if verbose { 20 * VALUE_MAX } else { VALUE_MAX };
    let [expected, actual] = [&finding.expected, &finding.actual].map(|text| terminal(&excerpt(text, limit)));
    let values = format!("expected {expected}; found {actual}");
    let kind = shown(&finding.kind);
    let mut lines = match &finding.message {
        Some(message) => vec![format!("{kind}: {}", shown(message))],
        None => vec![format!("{kind}: {}", unlike(&expected, &actual))],
    };
    lines.extend((verbose && finding.message.is_some()).then_some(values));
    lines.extend(finding.at.as_ref().map(|at| format!("at {}", shown(&at.to_string()))));
    lines.extend(finding.next.as_ref().map(|next| format!("fix: {}", shown(next))));
    lines
}

/// The counts over the gates in one line.
pub(super) fn counts(sum: Summary) -> String {
    let parts = [
        (sum.failed, "fail"),
        (sum.blocked, "blocked"),
        (sum.warned, "advisory"),
        (sum.waived, "waived"),
        (sum.skipped, "skipped or not evaluated"),
        (sum.passed, "pass"),
    ];
    let parts: Vec<_> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    let of = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
    let skipped = if sum.blocking_skipped > 0 { format!(", {} skipped", sum.blocking_skipped) } else { String::new() };
    let gates = if sum.gates == 1 { "gate" } else { "gates" };
    let waived = if sum.waived > 0 { " or are waived" } else { "" };
    let (passed, all) = (sum.blocking_standing, sum.blocking_total);
    format!("{} {gates}{of}; {passed} of {all} blocking gates passed{waived}{skipped}", sum.gates)
}

fn ruled(verdict: &Verdict, colour: bool) -> String {
    let ruling = verdict.ruling();
    let word = ruling.word().to_uppercase();
    let code = match ruling {
        Ruling::Fail => 31,
        Ruling::Warn => 33,
        Ruling::Pass => 32,
    };
    let word = if colour { format!("\u{1b}[1;{code}m{word}\u{1b}[0m") } else { word };
    let rolled_back = if verdict.rolled_back() { " (rolled back: it does not block)" } else { "" };
    let excused = verdict.excused().filter(|_| ruling != Ruling::Fail);
    let with = excused.map_or_else(String::new, |excused| format!(" with {}", terminal(&excused)));
    format!("verdict: {word}{with}{rolled_back} - {}", shown(&verdict.cause()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::canonical::{self, HOSTILE, named, with_text};
    use crate::report::sanitise::{deceives, runner_command};

    #[test]
    fn a_cascade_is_read_from_its_cause() {
        let expected = "\
\x20gate                  │ result  │ why
───────────────────────┼─────────┼───────────────────────────────────────────────────────────────
 phase1_matrix         │ FAIL    │ contradiction: `blocking_reasons.size()` = 1; needed: a ready
                       │         │ sweep names no blocking reason
                       │         │ at tests/phase1_matrix.json#/readiness/status
                       │         │ fix: Rebuild the sweep from the latest matrix.
                       │         │ and 1 more finding; `-v` lists all
 └ evidence_bundle     │ blocked │ waits for phase1_matrix
   └ release_candidate │ blocked │ waits for evidence_bundle

pass: suite_classification
4 gates: 1 fail, 2 blocked, 1 pass; 1 of 4 blocking gates passed
verdict: FAIL - blocking gate `phase1_matrix` failed; blocked behind a cause: `evidence_bundle`, `release_candidate`
next: cargo test --test phase1_matrix -- --exact
next: gatekeeper explain phase1_matrix
";
        assert_eq!(render(&named("cause and consequences"), Style::default()), expected);
    }

    #[test]
    fn a_pass_is_three_lines_and_has_nothing_next() {
        let shown = render(&named("all pass"), Style::default());
        assert_eq!(
            shown,
            "pass: suite_classification, conformance\n2 gates: 2 pass; 2 of 2 blocking gates passed\n\
             verdict: PASS - every gate passed\n"
        );
    }

    #[test]
    fn a_pass_that_leans_on_exceptions_says_so() {
        let shown = render(&named("waived and skipped"), Style::default());
        for part in ["waived: parameter_sweeps", "waiver ends soon: parameter_sweeps", "weakened by skipped-gate: `bench`"]
        {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        let shown = render(&named("rolled back"), Style::default());
        assert!(shown.contains("verdict: FAIL (rolled back: it does not block) - "), "{shown}");
    }

    #[test]
    fn a_verdict_without_a_cause_is_judged_again() {
        let shown = render(&named("incomplete"), Style::default());
        assert!(
            shown.ends_with("next: gatekeeper verify tests/e2e_results/20260301T115000Z --policy full-suite --lane full\n")
        );
        assert!(render(&named("nothing"), Style::default()).ends_with("next: gatekeeper lint\n"));
    }

    #[test]
    fn no_text_from_outside_leaves_its_cell_at_any_width() {
        let hostile = [with_text(HOSTILE), with_text(&"a::error::b##[x] ".repeat(20)), with_text("::error::x")];
        let mut looked = 0;
        for verdict in &hostile {
            for width in (0..160).step_by(7).chain([u16::MAX]) {
                for verbose in [false, true] {
                    let shown = render(verdict, Style { width: Some(width), colour: false, verbose });
                    assert_eq!(runner_command(&shown), None, "{width}: {shown}");
                    assert!(!shown.chars().any(|c| c != '\n' && deceives(c)), "{width}: {shown}");
                    assert!(shown.lines().last().is_some_and(|line| line.starts_with("next: ")), "{shown}");
                    looked += 1;
                }
            }
        }
        assert_eq!(looked, 144);
    }

    #[test]
    fn colour_is_all_that_colour_adds() {
        let mut looked = 0;
        for (name, verdict) in canonical::all() {
            let plain = render(&verdict, Style::default());
            let mut coloured = render(&verdict, Style { colour: true, ..Style::default() });
            while let Some(at) = coloured.find("\u{1b}[") {
                let end = coloured[at..].find('m').expect("a colour ends in `m`");
                coloured.replace_range(at..=at + end, "");
            }
            let trimmed = |text: &str| text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
            assert_eq!(trimmed(&plain), trimmed(&coloured), "{name}");
            looked += 1;
        }
        assert_eq!(looked, 10);
    }

    #[test]
    fn more_is_shown_on_request() {
        let shown = render(&named("cause and consequences"), Style { verbose: true, ..Style::default() });
        for part in
            ["empty-dimension", "at tests/events.jsonl:7", "- Rebuild phase1_matrix.", "suite_classification", "$ cargo"]
        {
            assert!(shown.contains(part), "{part}: {shown}");
        }
    }
}
