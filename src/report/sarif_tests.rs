//! What code scanning asks of SARIF, asked of every canonical verdict. Other people's validators ask more, in `.ci/outputs.py`.

use super::*;
use crate::model::Ruling;
use crate::report::canonical::{self, failing, named, verdict};
use std::collections::BTreeSet;

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no text at {pointer}: {value}"))
}

fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value.pointer(pointer).and_then(Value::as_array).unwrap_or_else(|| panic!("no list at {pointer}: {value}"))
}

#[test]
fn every_result_has_its_rule_a_place_and_a_fingerprint_of_its_own() {
    let (mut looked, mut results) = (0, 0);
    for (name, verdict) in canonical::all() {
        let log = canonical::json(&FORMAT, &verdict);
        assert_eq!((text(&log, "/version"), list(&log, "/runs").len()), ("2.1.0", 1), "{name}");
        let rules: BTreeSet<&str> = list(&log, "/runs/0/tool/driver/rules").iter().map(|rule| text(rule, "/id")).collect();
        assert_eq!(rules.len(), verdict.as_tests().len(), "{name}");
        for rule in list(&log, "/runs/0/tool/driver/rules") {
            for part in ["/shortDescription/text", "/fullDescription/text", "/help/text", "/help/markdown"] {
                assert!(!text(rule, part).trim().is_empty(), "{name}: {part}");
            }
            assert!(list(rule, "/properties/tags").len() <= 10, "{name}");
        }
        let mut prints = BTreeSet::new();
        for result in list(&log, "/runs/0/results") {
            assert!(rules.contains(text(result, "/ruleId")), "{name}: {result}");
            assert!(["error", "warning", "note"].contains(&text(result, "/level")), "{name}: {result}");
            let uri = text(result, "/locations/0/physicalLocation/artifactLocation/uri");
            assert!(!uri.is_empty() && !uri.starts_with('/') && !uri.contains([':', '\\', ' ']), "{name}: {uri}");
            let line = result.pointer("/locations/0/physicalLocation/region/startLine").and_then(Value::as_u64);
            assert!(line.is_some_and(|line| line > 0), "{name}: {result}");
            let print = text(result, "/partialFingerprints/primaryLocationLineHash");
            assert!(prints.insert(print.to_owned()), "{name}: {print} twice");
            assert!(!text(result, "/message/text").contains("]("), "{name}: {result}");
            results += 1;
        }
        let errors = list(&log, "/runs/0/results").iter().filter(|result| result["level"] == "error").count();
        assert_eq!(errors > 0, verdict.ruling() == Ruling::Fail, "{name}");
        looked += 1;
    }
    assert_eq!(looked, 10);
    assert!(results > 20, "{results}");
}

#[test]
fn a_finding_is_shown_at_its_place_and_tells_what_to_do() {
    let log = canonical::json(&FORMAT, &named("cause and consequences"));
    let results = list(&log, "/runs/0/results");
    assert_eq!(results.len(), 2);
    let expected = "contradiction: `blocking_reasons.size()` = 1; needed: a ready sweep names no blocking reason\n\
                    at tests/phase1_matrix.json#/readiness/status\nnext: Rebuild the sweep from the latest matrix.\n\
                    reproduce: cargo test --test phase1_matrix -- --exact";
    assert_eq!(text(&results[0], "/message/text"), expected);
    let place = json!({ "artifactLocation": { "uri": "tests/events.jsonl", "uriBaseId": "%SRCROOT%" }, "region": { "startLine": 7 } });
    assert_eq!(results[1]["locations"][0]["physicalLocation"], place);
    let related = &results[1]["relatedLocations"][0]["physicalLocation"];
    assert_eq!(
        (text(related, "/artifactLocation/uri"), &related["region"]["startLine"]),
        ("gates/phase1_matrix.toml", &json!(3))
    );
}

#[test]
fn evidence_outside_the_repository_is_shown_where_the_gate_is_defined() {
    let mut gate = failing("a");
    gate.findings[0].at = Some(crate::model::Where::line("run:junit.xml", 23));
    let log = canonical::json(&FORMAT, &verdict(vec![gate.clone()]));
    let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!((text(place, "/artifactLocation/uri"), &place["region"]["startLine"]), ("gates/a.toml", &json!(3)));
    gate.defined = None;
    let log = canonical::json(&FORMAT, &verdict(vec![gate]));
    let uri = text(&log, "/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri");
    assert_eq!(uri, "gatekeeper.toml");
}

#[test]
fn a_waived_finding_is_a_note_with_its_waiver() {
    let log = canonical::json(&FORMAT, &named("waived and skipped"));
    let results = list(&log, "/runs/0/results");
    assert_eq!(results.len(), 2);
    for result in results {
        assert_eq!(text(result, "/level"), "note");
        let why = "Waived by perf until 2026-03-03: the sweep is rebuilt on Friday";
        assert_eq!(text(result, "/suppressions/0/justification"), why);
    }
}

#[test]
fn a_flood_of_findings_leaves_each_gate_its_first_and_says_so() {
    let mut gates: Vec<_> = (0..20).map(|n| failing(&format!("gate_{n}"))).collect();
    gates[0].findings = vec![gates[0].findings[0].clone(); 10_000];
    let log = canonical::json(&FORMAT, &verdict(gates));
    let results = list(&log, "/runs/0/results");
    assert_eq!(results.len(), 250 + 19 * 2);
    let rules: BTreeSet<&str> = results.iter().map(|result| text(result, "/ruleId")).collect();
    assert_eq!(rules.len(), 20);
    let told = text(&log, "/runs/0/invocations/0/toolExecutionNotifications/0/message/text");
    assert!(told.starts_with("9750 more findings"), "{told}");
}
