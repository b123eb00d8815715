//! What `artifacts-recorded` says of manifests, snapshots and sandboxes.

use super::super::testing::Bench;
use crate::model::GapKind;

const CHECK: &str = "kind = 'artifacts-recorded'\nscenarios = 's'\nrunners = 'r'\nmetadata = 'm'\nmanifests = 'f'\nsnapshots = 'p'\nsandbox = 'b'";
const HOME: &str = "8a-x-ts001-reports";
const BOTH: [&str; 2] = ["8a-x-ts001/results/tc/01/a.out", "8a-x-ts001/results/tc/01/a.err"];

/// A scenario whose runner declares a group and something optional; what lies there, and what the snapshot says.
fn told(status: &str, sandbox: &[&str], snapshot: &str) -> Vec<String> {
    let (passed, bad) = if status == "pass" { (1, 0) } else { (0, 1) };
    let failed = if bad == 0 { "[]" } else { r#"[{"tc": "TC-001"}]"# };
    let metadata = format!(
        r#"{{"run-id": "8a-x-ts001", "test-id": "TS-A-001", "status": "{status}", "verdict": "{status}", "tcs-passed": {passed}, "tcs-failed": {bad}, "tcs-total": 1, "failed": {failed}}}"#
    );
    let manifest = r#"{"tc_id": "TC-001", "declared_artifacts": ["results/tc/01", "results/tc/01/a.out"]}"#;
    let bench = Bench::new(CHECK).json_at("s", "x/test/e2e/TS-A-001-y/scenario.yml", r#"{"test-id": "TS-A-001"}"#);
    let runner = "- ``results/tc/01/a.out`, `.err``\n- `results/tc/01/log.txt` (optional)\n";
    let bench = bench.text_at("r", "x/test/e2e/TS-A-001-y/TC-001-y.runner.md", runner);
    let bench = bench.json_at("m", &format!("{HOME}/metadata.yml"), &metadata);
    let bench = bench.json_at("f", &format!("{HOME}/tc001.manifest.json"), manifest);
    let bench = bench.json_at("p", &format!("{HOME}/artifact-snapshot.json"), snapshot);
    if sandbox.is_empty() { bench.absent("b").told() } else { bench.listing("b", sandbox).told() }
}

const SEEN: &str = r#"{"TC-001": ["results/tc/01", "results/tc/01/a.out"]}"#;

fn kinds(lines: &[String]) -> Vec<&str> {
    lines.iter().map(|line| line.split(' ').next().unwrap_or_default()).collect()
}

#[test]
fn what_was_declared_lies_there() {
    assert_eq!(told("pass", &BOTH, SEEN), ["pass 5"]);
    let empty_directory = SEEN.replace("a.out\"]", "a.out\", \"results/tc/01/reports\"]");
    assert_eq!(told("pass", &BOTH, &empty_directory), ["pass 5"]);
    assert_eq!(told("fail", &BOTH[..1], r#"{"TC-001": ["results/tc/01", "results/tc/01/a.out"]}"#), ["pass 1"]);
    assert_eq!(told("fail", &[], r#"{"TC-001": []}"#), ["pass 1"]);
}

#[test]
fn what_is_missing_is_found() {
    assert_eq!(
        told("pass", &BOTH[..1], SEEN),
        [
            "missing-artifact 8a-x-ts001-reports/metadata.yml: `TS-A-001`: `results/tc/01/a.err`, which x/test/e2e/TS-A-001-y/TC-001-y.runner.md:1 declares | nothing in `8a-x-ts001`"
        ]
    );
    assert_eq!(kinds(&told("pass", &BOTH[1..], SEEN)), ["contradiction", "missing-artifact"]);
    assert_eq!(kinds(&told("pass", &BOTH, r#"{"TC-001": ["results/tc/01"]}"#)), ["missing-artifact"]);
    assert_eq!(kinds(&told("pass", &BOTH, r#"{"TC-002": []}"#)), ["missing-record"]);
    assert_eq!(
        kinds(&told("pass", &BOTH, r#"{"TC-001": {}}"#)),
        ["wrong-type", "wrong-type", "missing-artifact", "missing-artifact"]
    );
    assert_eq!(kinds(&told("pass", &[], SEEN)), ["missing-sandbox"]);
    assert_eq!(kinds(&told("pass", &["8z/results/tc/01/a.out"], SEEN)), ["missing-sandbox"]);
    assert_eq!(kinds(&told("fail", &BOTH[1..], SEEN)), ["contradiction"]);
}

#[test]
fn nothing_is_no_pass() {
    let bench = Bench::new(CHECK).json("s", "{}").text("r", "x").absent("f").absent("p").absent("b");
    assert_eq!(bench.gap("m", GapKind::Malformed).told(), ["error malformed m: a file | nothing"]);
}
