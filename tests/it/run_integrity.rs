//! A run that was copied stays what it was, a run under another name does not; and no output ever shows a secret.

use crate::support::agent_cli::NOW;
use crate::support::copy;
use gatekeeper::load::Selection;
use gatekeeper::model::{Mode, Verdict, parse_instant};
use gatekeeper::pipeline::{self, Request};
use gatekeeper::report;
use gatekeeper::workspace::{Disk, Workspace};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const RUNS: [&str; 2] = ["20260301T091500Z", "20260302T101500Z"];

fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/repos/agent-cli")
}

fn judge(root: &Path, run: &Path) -> Verdict {
    let now = parse_instant(NOW).expect("the fixture's clock");
    let workspace = Disk::new(root, Some(run), None, Some(now)).expect("the directories can be opened");
    let selection = Selection { policy: Some("e2e-run".to_owned()) };
    let suite = pipeline::load(&workspace, &selection).suite.expect("the pack is sound");
    let request = Request { lane: "full".to_owned(), mode: Mode::Strict, clock: None, policy_ref: None };
    let terms = pipeline::terms(&suite, &request, workspace.now()).expect("the policy has the lane");
    pipeline::judge(&suite, &workspace, &terms, false)
}

fn standings(verdict: &Verdict) -> BTreeMap<String, String> {
    let told = |gate: &gatekeeper::model::GateResult| {
        let kinds: Vec<&str> = gate.findings.iter().map(|finding| &*finding.kind).collect();
        (gate.id.to_string(), format!("{} {}", gate.standing.word(), kinds.join(" ")))
    };
    verdict.gates.iter().map(told).collect()
}

#[test]
fn a_run_that_was_copied_elsewhere_stands_as_it_did() {
    let elsewhere = tempfile::tempdir().expect("a directory");
    let runs = home().join("tests/e2e_results");
    for run in RUNS {
        copy(&runs.join(run), &elsewhere.path().join("downloads").join(run));
    }
    let mut compared = 0;
    for run in RUNS {
        let here = standings(&judge(&home(), &runs.join(run)));
        let copied = elsewhere.path().join("downloads").join(run);
        assert_eq!(here, standings(&judge(elsewhere.path(), &copied)), "{run}");
        assert_eq!(here, standings(&judge(&copied, &copied)), "{run}, as its own root");
        assert!(here.len() >= 12 && here.values().filter(|told| *told == "pass ").count() >= 9, "{here:?}");
        compared += 1;
    }
    assert_eq!(compared, 2);
}

#[test]
fn a_run_under_another_name_is_another_run() {
    let elsewhere = tempfile::tempdir().expect("a directory");
    let renamed = elsewhere.path().join("20260301T091501Z");
    copy(&home().join("tests/e2e_results").join(RUNS[0]), &renamed);
    let verdict = judge(elsewhere.path(), &renamed);
    let told = standings(&verdict);
    assert_eq!(told["run_identity"], "fail contradiction");
    let others: Vec<&String> = told.iter().filter(|(_, standing)| standing.starts_with("fail")).map(|(id, _)| id).collect();
    assert_eq!(others, ["run_identity", "suites_pass"]);
}

/// Put together here, so that no scanner takes this file for a leak.
fn planted() -> [String; 4] {
    let body = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0fG3hJ6";
    [
        format!("ghp_{body}"),
        format!("sk-{}", &body[..30]),
        format!("AKIA{}", "Q3R5T7W9Y1P2L4K6"),
        format!("eyJ{}.eyJ{}.{body}", "hbGciOiJIUzI1NiJ9", "zdWIiOiIxMjM0In0"),
    ]
}

#[test]
fn a_planted_secret_is_found_and_shown_nowhere() {
    let mut looked = 0;
    for secret in planted() {
        let elsewhere = tempfile::tempdir().expect("a directory");
        let run = elsewhere.path().join(RUNS[0]);
        copy(&home().join("tests/e2e_results").join(RUNS[0]), &run);
        // In a value that findings quote, in a name that they quote, and in a file that nobody reads otherwise.
        let summary = fs::read_to_string(run.join("summary.json")).expect("the summary");
        let summary = summary.replacen("\"failed_units\": 0", &format!("\"failed_units\": \"{secret}\""), 1);
        fs::write(run.join("summary.json"), summary).expect("written");
        let bundle = fs::read_to_string(run.join("replay_bundle.json")).expect("the replay bundle");
        let bundle = bundle.replacen("run-20260301-091500-b20f", &secret, 1);
        fs::write(run.join("replay_bundle.json"), bundle).expect("written");
        fs::write(run.join("core.bin"), format!("\0\u{1}\n{secret}\n")).expect("written");
        let verdict = judge(elsewhere.path(), &run);
        let told = standings(&verdict);
        assert_eq!(told["run_secrets"], "fail secret secret secret", "{told:?}");
        assert!(told["run_documents"].contains("invalid") && told["run_identity"].contains("contradiction"), "{told:?}");
        for format in report::FORMATS {
            let shown = String::from_utf8(format.bytes(&verdict).expect("written down")).expect("text");
            // Half of it would be half a leak.
            for part in [&secret[..], &secret[..12], &secret[secret.len() - 12..]] {
                assert!(!shown.contains(part), "{}: {part}", format.id);
            }
            looked += 1;
        }
        let table =
            report::table::render(&verdict, report::table::Style { width: Some(400), colour: false, verbose: true });
        assert!(!table.contains(&secret[..12]) && table.contains("[redacted: "), "{table}");
    }
    assert_eq!(looked, 4 * report::FORMATS.len());
}
