//! `github`: workflow commands, which GitHub shows as annotations.
//!
//! One `::error::` for the verdict and one for each blocking gate that does not stand, causes first; `::warning::` for advisory
//! gates and for waivers that end soon; `::notice::` for what weakens the verdict. GitHub keeps ten of each kind from a step, so
//! the tenth says what it stands for. Each has what was expected, what was found and what to do next, and points at the artifact
//! where that lies in the repository, else at the definition of the gate.
//!
//! A test that failed is annotated at its own line, behind the gates, where the report names a file that the repository has: as it is
//! spelled, from a directory above the report, or as the end of a path on another machine. Where two files answer to the name, none does.
//!
//! Messages and properties are escaped by the rules of workflow commands, so that text from outside neither ends a command nor
//! begins one. It has no file; it is meant for the standard output of a step.

use super::Format;
use super::sanitise::{command, excerpt, terminal, workflow_data, workflow_property};
use crate::model::{Base, Finding, GateResult, Reason, Ruling, Verdict, Where};
use std::io::{self, Write};

/// The registry entry.
pub static FORMAT: Format = Format {
    id: "github",
    file: None,
    lane: None,
    about: "Workflow commands that GitHub shows as annotations.",
    docs: include_str!("github.rs"),
    schema: None,
    write,
};

/// Annotations of one kind that GitHub keeps from one step.
const KIND_MAX: usize = 10;
/// Findings of one gate that its annotation tells.
const FINDINGS_MAX: usize = 3;
/// Characters of one text from outside before it is cut.
const TEXT_MAX: usize = 600;

/// One annotation.
pub(super) struct Note {
    pub(super) title: String,
    /// What it is called in a list, if that is more than the title.
    pub(super) listed: Option<String>,
    /// Lines of ours, each with text from outside made harmless.
    pub(super) lines: Vec<String>,
    pub(super) at: Option<Where>,
}

fn write(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let mut errors = Vec::new();
    let mut warnings = Vec::new();
    let mut notices = Vec::new();
    let rolled_back = if verdict.rolled_back() { ", rolled back: it does not block" } else { "" };
    let ruled = Note {
        title: format!("verdict: {}{rolled_back}", verdict.ruling().word()),
        listed: None,
        lines: vec![shown(&verdict.reason())],
        at: None,
    };
    match verdict.ruling() {
        Ruling::Fail => errors.push(ruled),
        Ruling::Warn => warnings.push(ruled),
        Ruling::Pass => notices.push(ruled),
    }
    let (mut failed, mut doubtful) = (Vec::new(), Vec::new());
    for (_, gate) in verdict.cascade() {
        let (gates, tests) = if gate.terms.blocking { (&mut errors, &mut failed) } else { (&mut warnings, &mut doubtful) };
        gates.push(note(gate));
        tests.extend(gate.findings.iter().filter_map(|finding| at_source(gate, finding)));
    }
    errors.append(&mut failed);
    for name in verdict.exceptions.expiring_waivers() {
        let lines = vec![format!("The waiver of `{}` ends soon: repair the gate or renew it.", shown(name))];
        warnings.push(Note { title: "waiver ends soon".to_owned(), listed: None, lines, at: None });
    }
    warnings.append(&mut doubtful);
    for weakening in &verdict.weakened_by {
        let lines = vec![shown(&weakening.detail)];
        notices.push(Note { title: format!("weakened by {}", weakening.switch), listed: None, lines, at: None });
    }
    say(out, "error", errors)?;
    say(out, "warning", warnings)?;
    say(out, "notice", notices)
}

pub(super) fn shown(text: &str) -> String {
    terminal(&excerpt(text, TEXT_MAX))
}

fn note(gate: &GateResult) -> Note {
    let mut lines = vec![shown(&gate.detail)];
    for finding in gate.findings.iter().take(FINDINGS_MAX) {
        lines.extend(told(finding));
    }
    if let more @ 1.. = gate.findings.len().saturating_sub(FINDINGS_MAX) {
        lines.push(format!("{more} more findings in full_suite_verdict.json"));
    }
    if !gate.blocked_by.is_empty() {
        let names: Vec<_> = gate.blocked_by.iter().map(|id| format!("`{id}`")).collect();
        lines.push(format!("waits for {}", names.join(", ")));
    }
    lines.extend(gate.commands().filter_map(command).map(|line| format!("reproduce: {line}")));
    let reason = match gate.reason {
        Some(reason @ (Reason::Gap(_) | Reason::Incomplete)) => format!(" ({})", reason.word()),
        Some(_) | None => String::new(),
    };
    let title = format!("{}: {}{reason}", gate.id, gate.standing.word());
    // What lies in a source file is annotated there.
    let in_source = gate.findings.iter().any(|finding| finding.source.is_some());
    let at = gate.findings.iter().find_map(|finding| finding.at.clone()).filter(|at| !in_source && !elsewhere(&at.path));
    let at = at.or_else(|| gate.defined.clone());
    Note { title, listed: None, lines, at }
}

/// An annotation points into the repository; a path below the run alone would point nowhere.
fn elsewhere(path: &str) -> bool {
    Base::ALL.iter().any(|base| path.starts_with(&format!("{}:", base.word())))
}

/// The annotation of a finding at its own line of a source file.
fn at_source(gate: &GateResult, finding: &Finding) -> Option<Note> {
    let at = finding.source.clone()?;
    let title = format!("{}: {}", gate.id, finding.kind);
    let listed = Some(format!("{title} at {}", shown(&at.to_string())));
    Some(Note { title, listed, lines: told(finding), at: Some(at) })
}

fn told(finding: &Finding) -> Vec<String> {
    let place = finding.at.as_ref().map(|at| format!(" at {}", shown(&at.to_string()))).unwrap_or_default();
    let mut lines = match &finding.message {
        Some(message) => vec![shown(message), format!("  {}{place}", shown(&finding.kind))],
        None => vec![
            format!("{}{place}", shown(&finding.kind)),
            format!("  expected: {}", shown(&finding.expected)),
            format!("  found: {}", shown(&finding.actual)),
        ],
    };
    lines.extend(finding.next.as_ref().map(|next| format!("  next: {}", shown(next))));
    lines
}

/// Writes annotations of one kind, of which GitHub keeps ten.
pub(super) fn say(out: &mut dyn Write, kind: &str, mut notes: Vec<Note>) -> io::Result<()> {
    if notes.len() > KIND_MAX {
        let rest = notes.split_off(KIND_MAX - 1);
        let lines = rest.iter().map(|note| note.listed.as_ref().unwrap_or(&note.title).clone()).collect();
        notes.push(Note { title: format!("{} more", rest.len()), listed: None, lines, at: None });
    }
    for note in notes {
        let mut properties = Vec::new();
        if let Some(at) = note.at.filter(|at| !elsewhere(&at.path) && command(&at.path).is_some()) {
            properties.push(format!("file={}", workflow_property(&at.path)));
            properties.extend(at.line.map(|line| format!("line={line}")));
        }
        properties.push(format!("title={}", workflow_property(&format!("gatekeeper {}", note.title))));
        writeln!(out, "::{kind} {}::{}", properties.join(","), workflow_data(&note.lines.join("\n")))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::canonical::{self, failing, named, text, verdict};

    #[test]
    fn a_failure_is_an_error_at_its_place() {
        let shown = text(&FORMAT, &named("gap"));
        let expected = "\
::error title=gatekeeper verdict%3A fail::blocking gate `conformance` failed
::error file=tests/conformance.json,title=gatekeeper conformance%3A fail (missing)::the evidence is missing%0Amissing at \
tests/conformance.json%0A  expected: the file%0A  found: no such file%0Areproduce: cargo test --test conformance -- --exact
";
        assert_eq!(shown, expected);
    }

    #[test]
    fn every_line_is_our_own_command() {
        let mut looked = 0;
        let flood = verdict((0..40).map(|n| failing(&format!("gate_{n}"))).collect());
        let more = [canonical::with_text("::error::x"), canonical::with_text("a,b:c%0A::set-env"), flood];
        for verdict in canonical::all().into_iter().map(|(_, verdict)| verdict).chain(more) {
            for line in text(&FORMAT, &verdict).lines() {
                let rest = line.strip_prefix("::").expect("a command");
                let (head, message) = rest.split_once("::").expect("a message");
                let (kind, properties) = head.split_once(' ').expect("a title");
                assert!(["error", "warning", "notice"].contains(&kind), "{line}");
                for property in properties.split(',') {
                    let (name, value) = property.split_once('=').expect("a value");
                    assert!(["file", "line", "title"].contains(&name) && !value.contains(':'), "{line}");
                }
                let codes: Vec<&str> = message.split('%').skip(1).map(|code| &code[..2]).collect();
                assert!(codes.iter().all(|code| ["25", "0A"].contains(code)), "{line}");
                assert!(!line.contains("##[") && !line.contains("##vso["), "{line}");
                looked += 1;
            }
        }
        assert!(looked > 30, "{looked}");
    }

    #[test]
    fn the_tenth_of_a_kind_names_the_rest() {
        let shown = text(&FORMAT, &verdict((0..12).map(|n| failing(&format!("gate_{n}"))).collect()));
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines.len(), 10);
        assert!(lines[0].contains("verdict%3A fail"));
        assert_eq!(
            lines[9],
            "::error title=gatekeeper 4 more::gate_8: fail%0Agate_9: fail%0Agate_10: fail%0A\
             gate_11: fail"
        );
        let ten = text(&FORMAT, &verdict((0..9).map(|n| failing(&format!("gate_{n}"))).collect()));
        assert!(ten.lines().count() == 10 && !ten.contains(" more::"), "{ten}");
        let eleven = text(&FORMAT, &verdict((0..10).map(|n| failing(&format!("gate_{n}"))).collect()));
        assert!(eleven.lines().count() == 10 && eleven.contains(" 2 more::"), "{eleven}");
    }

    #[test]
    fn a_test_is_annotated_at_its_own_line() {
        let mut gate = failing("unit");
        let report = Where::line("build/junit.xml", 3);
        let finding = |name: &str, line: Option<u64>| {
            let source = Where { line, ..Where::file("test/a,b.py") };
            Finding::new("test-failed", format!("`{name}` passes"), "failed").at(report.clone()).source(Some(source))
        };
        let elsewhere = Finding::new("test-failed", "`z` passes", "failed").at(report.clone());
        gate.findings = vec![finding("x", Some(39)), finding("y", None), elsewhere];
        let shown = text(&FORMAT, &verdict(vec![gate.clone()]));
        let heads: Vec<&str> = shown.lines().filter_map(|line| line[2..].split_once("::").map(|(head, _)| head)).collect();
        assert_eq!(
            heads,
            [
                "error title=gatekeeper verdict%3A fail",
                "error file=gates/unit.toml,line=3,title=gatekeeper unit%3A fail",
                "error file=test/a%2Cb.py,line=39,title=gatekeeper unit%3A test-failed",
                "error file=test/a%2Cb.py,title=gatekeeper unit%3A test-failed"
            ]
        );
        assert!(shown.lines().nth(2).is_some_and(|line| line.contains("`x` passes")), "{shown}");
        gate.findings = (1..=12).map(|line| finding("x", Some(line))).collect();
        let shown = text(&FORMAT, &verdict(vec![gate]));
        assert!(
            shown.lines().last().is_some_and(|line| line.contains("5 more::unit: test-failed at test/a,b.py:8%0A")),
            "{shown}"
        );
    }

    #[test]
    fn a_pass_is_a_notice_and_says_what_it_leans_on() {
        let shown = text(&FORMAT, &named("waived and skipped"));
        let kinds: Vec<&str> = shown.lines().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(kinds, ["::warning", "::notice", "::notice", "::notice"]);
    }
}
