//! `azure`: logging commands, which Azure Pipelines shows as errors and warnings of a step.
//!
//! One `task.logissue` of type `error` for the verdict where it fails and for each blocking gate that does not stand, causes first; of
//! type `warning` for a verdict that warns, for advisory gates and for waivers that end soon. A verdict that passes is a section line.
//! Azure keeps ten of each type from a step, so the tenth says what it stands for. Each names the file where the finding is, if that lies
//! in the repository, else the file that defines the gate.
//!
//! Properties and messages are escaped by the rules of logging commands, so that text from outside neither ends a command nor begins
//! one. It has no file; it is meant for the standard output of a step.

use super::Format;
use super::plain::{finding, shown};
use super::sanitise::{azure_data, azure_property, command};
use super::uri::{Place, place};
use crate::model::{GateResult, Ruling, Verdict};
use std::io::{self, Write};

/// The registry entry.
pub static FORMAT: Format = Format {
    id: "azure",
    file: None,
    lane: None,
    about: "Logging commands that Azure Pipelines shows as errors and warnings.",
    docs: include_str!("azure.rs"),
    schema: None,
    write,
};

/// Issues of one type that Azure keeps from one step.
const KIND_MAX: usize = 10;
/// Findings of one gate that its issue tells.
const FINDINGS_MAX: usize = 3;

/// One issue: a title of ours, more lines, and where it is.
struct Issue {
    title: String,
    lines: Vec<String>,
    place: Option<Place>,
}

fn write(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let rolled_back = if verdict.rolled_back() { ", rolled back: it does not block" } else { "" };
    let title = format!("gatekeeper verdict: {}{rolled_back}", verdict.ruling().word());
    let (mut errors, mut warnings) = (Vec::new(), Vec::new());
    let ruled = Issue { title, lines: vec![shown(&verdict.reason())], place: None };
    match verdict.ruling() {
        Ruling::Fail => errors.push(ruled),
        Ruling::Warn => warnings.push(ruled),
        Ruling::Pass => writeln!(out, "##[section]{}", azure_data(&format!("{}: {}", ruled.title, ruled.lines.join(" "))))?,
    }
    for (_, gate) in verdict.cascade() {
        if gate.terms.blocking { errors.push(issue(gate)) } else { warnings.push(issue(gate)) }
    }
    for name in verdict.exceptions.expiring_waivers() {
        let title = format!("the waiver of {} ends soon: repair the gate or renew it", shown(name));
        warnings.push(Issue { title, lines: Vec::new(), place: None });
    }
    say(out, "error", errors)?;
    say(out, "warning", warnings)
}

fn issue(gate: &GateResult) -> Issue {
    let mut lines: Vec<String> = gate.findings.iter().take(FINDINGS_MAX).flat_map(finding).collect();
    if lines.is_empty() || !gate.blocked_by.is_empty() {
        lines.insert(0, shown(&gate.detail));
    }
    if let more @ 1.. = gate.findings.len().saturating_sub(FINDINGS_MAX) {
        lines.push(format!("{more} more in full_suite_verdict.json"));
    }
    lines.extend(gate.commands().filter_map(command).take(3).map(|line| format!("reproduce: {line}")));
    let at = gate.findings.iter().find_map(|finding| finding.at.as_ref());
    let title = format!("gatekeeper {}: {}", gate.id, gate.standing.word());
    Issue { title, lines, place: Some(place(&[at, gate.defined.as_ref()])) }
}

fn say(out: &mut dyn Write, kind: &str, mut issues: Vec<Issue>) -> io::Result<()> {
    if issues.len() > KIND_MAX {
        let rest = issues.split_off(KIND_MAX - 1);
        let lines = rest.iter().map(|issue| issue.title.clone()).collect();
        issues.push(Issue { title: format!("gatekeeper: {} more", rest.len()), lines, place: None });
    }
    for Issue { title, lines, place } in issues {
        let at = place.map(|place| format!("sourcepath={};linenumber={};", azure_property(&place.path), place.line));
        let text = std::iter::once(title).chain(lines).collect::<Vec<_>>().join("\n");
        writeln!(out, "##vso[task.logissue type={kind};{}]{}", at.unwrap_or_default(), azure_data(&text))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::canonical::{self, failing, named, text, verdict};

    #[test]
    fn a_failure_is_an_error_at_its_place() {
        let expected = "\
##vso[task.logissue type=error;]gatekeeper verdict: fail%0Ablocking gate `conformance` failed
##vso[task.logissue type=error;sourcepath=tests/conformance.json;linenumber=1;]gatekeeper conformance: fail%0A- missing: no such \
file; needed: the file%0A  at tests/conformance.json%0Areproduce: cargo test --test conformance -- --exact
";
        assert_eq!(text(&FORMAT, &named("gap")), expected);
        assert_eq!(text(&FORMAT, &named("all pass")), "##[section]gatekeeper verdict: pass: every gate passed\n");
    }

    #[test]
    fn every_line_is_our_own_command_and_says_nothing_else() {
        let mut looked = 0;
        let flood = verdict((0..40).map(|n| failing(&format!("gate_{n}"))).collect());
        let more =
            [canonical::with_text("##vso[task.complete result=Succeeded;]x"), canonical::with_text("a;b]c%0A%5D"), flood];
        for verdict in canonical::all().into_iter().map(|(_, verdict)| verdict).chain(more) {
            let shown = text(&FORMAT, &verdict);
            assert!(shown.lines().count() <= 20, "{shown}");
            for line in shown.lines() {
                assert_eq!(line.matches("##").count(), 1, "{line}");
                if let Some(rest) = line.strip_prefix("##vso[task.logissue type=") {
                    let (properties, _) = rest.split_once(']').expect("an end");
                    for property in properties.split(';').skip(1).filter(|property| !property.is_empty()) {
                        let (name, _) = property.split_once('=').expect("a value");
                        assert!(["sourcepath", "linenumber"].contains(&name), "{line}");
                    }
                } else {
                    assert!(line.starts_with("##[section]gatekeeper verdict: pass"), "{line}");
                }
                looked += 1;
            }
        }
        assert!(looked > 30, "{looked}");
    }
}
