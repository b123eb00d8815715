//! `sarif`: the verdict as SARIF 2.1.0, for GitHub code scanning, Azure DevOps, GitLab and editors.
//!
//! Each gate is a rule, with its remediation and its command as help; each finding is a result. A finding of a gate that makes the
//! verdict fail has the level `error`, that of an advisory gate `warning`; that of a waived gate is a `note` with a suppression that
//! names the waiver. Gates that are blocked, skipped or not evaluated have no result: what blocks them has. There is a result of
//! level `error` exactly when the verdict fails: where no gate is the cause, the rule `verdict` has it.
//!
//! Every result has a location, because code scanning shows none without: where the finding is, if that lies in the repository,
//! else the line that defines the gate, else `gatekeeper.toml`. Paths are relative to `--root`; in a part of a monorepo give
//! `checkout_path` to the upload. `partialFingerprints` stay the same while lines, dates and measured numbers move, so that an
//! alert is not opened anew each day. Code scanning takes 5,000 results of a file; when there are more, each gate keeps its first
//! ones, and a notification says how many were left out.

use super::Format;
use super::issues::{Issue, Level, issues};
use super::plain::shown;
use super::sanitise::{command, markdown, markdown_fence};
use super::uri::{Place, place};
use super::wire::{v1::Tool, write_document};
use crate::model::{AsTest, GateResult, Verdict, WaiverUse, show_instant};
use serde_json::{Value, json};

/// The registry entry.
pub static FORMAT: Format = Format {
    id: "sarif",
    file: None,
    lane: None,
    about: "SARIF 2.1.0 for code scanning: each gate a rule, each finding a result.",
    docs: include_str!("sarif.rs"),
    schema: None,
    write: |verdict, out| write_document(&compose(verdict), out),
};

/// Results that code scanning takes of one file.
const RESULTS_MAX: usize = 5_000;

fn compose(verdict: &Verdict) -> Value {
    let tests = verdict.as_tests();
    let (issues, left_out) = issues(&tests, RESULTS_MAX);
    let results: Vec<Value> = issues.iter().map(|issue| result(verdict, issue)).collect();
    let notifications: Vec<Value> = (left_out > 0)
        .then(|| {
            format!("{left_out} more findings are in full_suite_verdict.json: code scanning takes {RESULTS_MAX} results.")
        })
        .map(|text| json!({ "level": "note", "message": { "text": text } }))
        .into_iter()
        .collect();
    let driver = json!({
        "name": Tool::US.name,
        "version": Tool::US.version,
        "semanticVersion": Tool::US.version,
        "rules": rules(&tests),
    });
    let run = json!({
        "tool": { "driver": driver },
        "automationDetails": { "id": format!("gatekeeper/{}/{}/", verdict.policy, verdict.lane) },
        "columnKind": "unicodeCodePoints",
        "invocations": [{
            "executionSuccessful": verdict.incomplete.is_none(),
            "endTimeUtc": show_instant(verdict.generated_at),
            "toolExecutionNotifications": notifications,
        }],
        "results": results,
        "properties": {
            "verdict": verdict.ruling().word(),
            "reason": shown(&verdict.reason()),
            "policy_sha256": verdict.policy_digest.to_string(),
            "rolled_back": verdict.rolled_back(),
        },
    });
    json!({ "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run] })
}

fn rules(tests: &[AsTest<'_>]) -> Vec<Value> {
    tests.iter().map(|test| test.gate.map_or_else(whole, rule)).collect()
}

/// The rule that a verdict breaks which fails without a gate being the cause.
fn whole() -> Value {
    let text = "The verdict fails, and no gate is the cause: nothing was judged, or only what waits for something else.";
    json!({
        "id": "verdict",
        "name": "Verdict",
        "shortDescription": { "text": "The verdict" },
        "fullDescription": { "text": text },
        "help": { "text": text, "markdown": text },
        "defaultConfiguration": { "level": "error" },
        "properties": { "tags": ["gatekeeper"], "precision": "very-high", "problem.severity": "error" },
    })
}

fn rule(gate: &GateResult) -> Value {
    let severity = if gate.terms.blocking { "error" } else { "warning" };
    let title = shown(&gate.title);
    let blocking = if gate.terms.blocking { "blocking" } else { "advisory" };
    let help = help(gate);
    json!({
        "id": gate.id.as_str(),
        "name": format!("Gate{}", pascal(gate.id.as_str())),
        "shortDescription": { "text": title },
        "fullDescription": { "text": format!("{title}: a {blocking} gate. Owner: {}.", shown(&gate.owner)) },
        "help": { "text": help.0, "markdown": help.1 },
        "defaultConfiguration": { "level": severity },
        "properties": { "tags": ["gatekeeper", blocking], "precision": "very-high", "problem.severity": severity },
    })
}

/// How many commands the help of a rule has.
const STEPS_MAX: usize = 6;

/// What to do when the gate fails, as text and as Markdown.
fn help(gate: &GateResult) -> (String, String) {
    let mut text = vec![format!("Gate {}.", gate.id)];
    let mut marked = vec![format!("Gate `{}`: {}", gate.id, markdown(&shown(&gate.title)))];
    for line in gate.commands().filter_map(command).take(STEPS_MAX) {
        text.push(format!("Reproduce: {line}"));
        marked.extend(markdown_fence(line).map(|fence| format!("Reproduce:\n\n{fence}")));
    }
    if !gate.remediation.is_empty() {
        let steps = || gate.remediation.iter().zip(1..);
        text.extend(steps().map(|(step, n)| format!("Fix {n}: {}", shown(step))));
        let list: Vec<String> = steps().map(|(step, n)| format!("{n}. {}", markdown(&shown(step)))).collect();
        marked.push(format!("Remediation:\n\n{}", list.join("\n")));
    }
    (text.join("\n"), marked.join("\n\n"))
}

fn result(verdict: &Verdict, issue: &Issue<'_>) -> Value {
    let name = issue.test.name();
    let level = match issue.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    };
    let mut result = json!({
        "ruleId": name,
        "level": level,
        "message": { "text": unlinked(&issue.story().join("\n")) },
        "locations": [{ "physicalLocation": physical(&issue.place) }],
        "partialFingerprints": { "gatekeeperFinding/v1": issue.fingerprint, "primaryLocationLineHash": issue.fingerprint },
    });
    if let Some(defined) = issue.test.gate.and_then(|gate| gate.defined.as_ref()) {
        let defined = physical(&place(&[Some(defined)]));
        result["relatedLocations"] =
            json!([{ "message": { "text": "The gate is defined here." }, "physicalLocation": defined }]);
    }
    if issue.level == Level::Note {
        result["suppressions"] = json!([suppression(verdict, name)]);
    }
    result
}

fn suppression(verdict: &Verdict, gate: &str) -> Value {
    let mut used = verdict.exceptions.waivers.iter().filter(|waiver: &&WaiverUse| waiver.used && waiver.entry.name == gate);
    let why = used.find_map(|waiver| waiver.entry.read.as_ref().ok()).map_or_else(
        || "A waiver covers it.".to_owned(),
        |waiver| format!("Waived by {} until {}: {}", shown(&waiver.owner), waiver.expires, shown(&waiver.reason)),
    );
    json!({ "kind": "external", "status": "accepted", "justification": why })
}

fn physical(place: &Place) -> Value {
    json!({ "artifactLocation": { "uri": place.uri, "uriBaseId": "%SRCROOT%" }, "region": { "startLine": place.line } })
}

/// Messages may embed links, `[text](target)`: none comes from outside.
fn unlinked(text: &str) -> String {
    text.replace("](", "] (")
}

/// `phase1_matrix` as `Phase1Matrix`.
fn pascal(id: &str) -> String {
    let words = id.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect()
}

#[cfg(test)]
#[path = "sarif_tests.rs"]
mod tests;
