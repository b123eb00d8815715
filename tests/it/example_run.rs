//! The example of the README: its newest run is releasable, and would not be on another day.
//!
//! `GATEKEEPER_EXAMPLE_NOW` moves the hour at which the first test judges. On a day on which the evidence has gone stale that test fails,
//! and for a true reason: this is how `.ci/run` records a run of this repository with a failing test in it, of the same tests and the
//! same commit as the green one. A test that is ignored and always fails would be a new failure there, never a regression.

use std::path::Path;
use std::process::{Command, Stdio};

const RUN: &str = "tests/e2e_results/20260302T101500Z";

/// Judges the example; the exit code and what people see.
fn judge(policy: &str, now: &str) -> (Option<i32>, String) {
    let out = tempfile::tempdir().expect("a temporary directory");
    let output = Command::new(env!("CARGO_BIN_EXE_gatekeeper"))
        .args(["verify", RUN, "--policy", policy, "--now", now, "--out"])
        .arg(out.path())
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/repos/agent-cli"))
        .env_remove("CI_GATE_PROMOTION_MODE")
        .stdin(Stdio::null())
        .output()
        .expect("the binary starts");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn the_example_is_releasable() {
    let now = std::env::var("GATEKEEPER_EXAMPLE_NOW").unwrap_or_else(|_| "2026-03-02T12:00:00Z".to_owned());
    let (code, shown) = judge("full-suite", &now);
    assert_eq!(code, Some(0), "at {now}:\n{shown}");
}

#[test]
fn the_example_goes_stale() {
    let (code, shown) = judge("full-suite", "2026-04-02T12:00:00Z");
    assert_eq!(code, Some(1), "{shown}");
    assert!(shown.contains("FAIL: stale"), "{shown}");
}

#[test]
fn a_run_is_whole_for_a_week() {
    let (code, shown) = judge("e2e-run", "2026-03-09T10:00:00Z");
    assert_eq!(code, Some(0), "{shown}");
    let (code, shown) = judge("e2e-run", "2026-03-10T12:00:00Z");
    assert_eq!(code, Some(3), "{shown}");
    assert!(shown.contains("FAIL: stale"), "{shown}");
}
