//! The pack `pipeline-run` and `gatekeeper incident`, over runs that a recorder really made, here and now.

use crate::support::shop::{NOW, Shop, fixture};
use crate::support::{gatekeeper, text};
use gatekeeper::cli::Exit;
use serde_json::Value;
use std::path::Path;

/// Judges a run that is its own root, as after a download; the directory with the verdict.
fn verify(run: &Path, now: Option<&str>) -> (Exit, tempfile::TempDir, String) {
    let out = tempfile::tempdir().expect("a directory");
    let mut arguments = vec!["verify", text(run), "--root", text(run), "--out", text(out.path())];
    arguments.extend(now.into_iter().flat_map(|now| ["--now", now]));
    let (exit, _, said) = gatekeeper(&arguments, &[]);
    (exit, out, said)
}

/// The incident of a run, as JSON.
fn incident(run: &Path, variables: &[(&str, &str)]) -> Value {
    let (_, out, said) = verify(run, None);
    let verdict = out.path().join("full_suite_verdict.json");
    assert!(verdict.is_file(), "{said}");
    let arguments = ["incident", text(&verdict), "--run", text(run), "--root", text(run), "--json"];
    let (exit, json, said) = gatekeeper(&arguments, variables);
    assert_eq!(exit, Exit::Failed, "{said}");
    serde_json::from_str(&json).expect("JSON")
}

#[test]
fn a_green_run_that_was_just_recorded_stands() {
    let shop = Shop::new("green");
    let (green, run) = shop.e2e("nightly-7", &[]);
    let (exit, out, said) = verify(&run, None);
    assert!(green && exit == Exit::Pass, "{said}");
    assert!(said.contains("10 gates: 1 skipped or not evaluated, 9 pass"), "{said}");
    let verdict = out.path().join("full_suite_verdict.json");
    let (exit, printed, said) =
        gatekeeper(&["incident", text(&verdict), "--run", text(&run), "--root", text(&run), "--format", "title"], &[]);
    let reason = "no incident: every gate that was judged passed; skipped: `pipeline_exceptions`";
    assert_eq!((exit, printed.as_str(), said.trim_end()), (Exit::Pass, "", reason));
}

#[test]
fn recorded_runs_are_detected_and_judged_as_they_ended() {
    let runs = [
        ("20260", Exit::Usage, ""),
        ("20261121T150000Z", Exit::Pass, ""),
        ("20261121T151000Z", Exit::Failed, "stage `smoke` failed"),
        ("20261121T152000Z", Exit::Failed, "stage `smoke` failed"),
        ("20261121T153000Z", Exit::Failed, "stage `unit` failed"),
    ];
    let mut judged = 0;
    for (run, expected, finding) in runs {
        let (exit, _, said) = verify(&fixture(run), Some(NOW));
        assert_eq!(exit, expected, "{run}: {said}");
        let flat = said.replace(['\n', '│'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(finding), "{run}: {said}");
        judged += 1;
    }
    assert_eq!(judged, 5);
}

#[test]
fn the_same_failure_has_the_same_key_on_another_machine() {
    let (here, there) = (Shop::new("here"), Shop::new("a-much-longer-name-over-there"));
    let wrong_rate = [("SHOP_RATE", "19")];
    let (_, first) = here.e2e("one", &wrong_rate);
    let (_, second) = there.e2e("20270101T000000Z", &wrong_rate);
    let stderr = |run: &Path| std::fs::read_to_string(run.join("logs/smoke.stderr.log")).expect("the stage's errors");
    assert_ne!(stderr(&first), stderr(&second), "processes, ports, addresses and paths differ");
    let keys: Vec<Value> = [&first, &second].map(|run| incident(run, &[])["key"].clone()).to_vec();
    assert_eq!(keys[0], keys[1], "{}{}", stderr(&first), stderr(&second));
    // The recorded run failed in the same way, months ago and elsewhere.
    assert_eq!(incident(&fixture("20261121T151000Z"), &[])["key"], keys[0]);
    assert_eq!(keys[0].as_str().map(str::len), Some(12));

    let (_, other_rate) = here.e2e("two", &[("SHOP_RATE", "21")]);
    let (_, other_stage) = here.e2e("three", &[("SHOP_EXPECTED", "119")]);
    let others = [&other_rate, &other_stage, &fixture("20261121T152000Z")].map(|run| incident(run, &[])["key"].clone());
    let mut all = vec![keys[0].clone(), others[0].clone(), others[1].clone(), others[2].clone()];
    all.sort_by_key(Value::to_string);
    all.dedup();
    assert_eq!(all.len(), 4, "{all:?}");
    // Another line of the log, and the same failure otherwise.
    assert_eq!(incident(&fixture("20261121T153000Z"), &[])["key"], others[1]);
}

#[test]
fn secrets_are_taken_out_before_the_upload_and_found_if_they_are_not() {
    let shop = Shop::new("secret");
    let (_, run) = shop.e2e("leaky", &[]);
    std::fs::write(run.join("results/debug.txt"), format!("DB_{}=hunter22-and-more\n", "PASSWORD")).expect("a file");
    let (exit, _, said) = verify(&run, None);
    assert_eq!(exit, Exit::Failed);
    assert!(said.contains("pipeline_secrets") && said.contains("unlisted-file") && !said.contains("hunter22"), "{said}");
}

#[test]
fn what_a_stage_wrote_is_found_where_it_is_left() {
    let shop = Shop::new("stderr");
    let (_, run) = shop.e2e("20270101T000001Z", &[("SHOP_EXPECTED", "119")]);
    let whole = incident(&run, &[]);
    std::fs::remove_file(run.join("logs/unit.stderr.log")).expect("the stage's errors");
    let (exit, _, said) = verify(&run, None);
    assert!(exit == Exit::Failed && said.contains("stage_logs") && said.contains("missing-file"), "{said}");
    let by_log = incident(&run, &[]);
    assert!(by_log["notes"].to_string().contains("made from its log"), "{}", by_log["notes"]);
    // The log holds standard error here, so the failure is the same.
    assert_eq!(by_log["key"], whole["key"]);
}

#[test]
fn a_pipeline_that_was_killed_is_no_drift_of_documents() {
    let shop = Shop::new("killed");
    let (_, run) = shop.e2e("20270101T000002Z", &[]);
    std::fs::remove_file(run.join("summary.json")).expect("the summary");
    let out = tempfile::tempdir().expect("a directory");
    let verdict = out.path().join("full_suite_verdict.json");
    gatekeeper(&["verify", text(&run), "--root", text(&run), "--policy", "pipeline-run", "--out", text(out.path())], &[]);
    let told = ["incident", text(&verdict), "--run", text(&run), "--root", text(&run), "--json", "--branch", "topic"];
    let (_, json, said) = gatekeeper(&told, &[]);
    let json: Value = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {said}"));
    assert_eq!(json["severity"]["level"], "SEV-2", "{json}");
}
