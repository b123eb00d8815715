//! Runs of agent-driven scenarios, judged from the command line: the green run passes, the red one says why it does not, and no
//! loss of a file goes unnoticed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const GREEN: &str = "test-e2e/runs/20260302T101500Z";
const RED: &str = "test-e2e/runs/20260301T091500Z";

fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/repos/agent-scenarios")
}

fn verify(root: &Path, run: &str, more: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_gatekeeper"))
        .args([&["verify", run, "--now", "2026-03-02T12:00:00Z", "--root", ".", "--dry-run"], more].concat())
        .env_remove("CI_GATE_PROMOTION_MODE")
        .current_dir(root)
        .stdin(Stdio::null())
        .output()
        .expect("the binary starts");
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    (output.status.code().expect("it was not killed"), text(output.stdout), text(output.stderr))
}

/// The files below a directory, by their paths with forward slashes.
fn files(root: &Path, below: &str, found: &mut Vec<String>) {
    let mut names: Vec<String> = std::fs::read_dir(root.join(below))
        .expect("a directory of the fixture")
        .map(|entry| format!("{below}/{}", entry.expect("an entry").file_name().to_str().expect("a plain name")))
        .collect();
    names.sort();
    for name in names {
        if root.join(&name).is_dir() { files(root, &name, found) } else { found.push(name) }
    }
}

fn copy() -> tempfile::TempDir {
    let to = tempfile::tempdir().expect("a directory");
    let copied = crate::support::copy(&home().join("test-e2e"), &to.path().join("test-e2e"));
    assert!(copied > 60, "{copied} files");
    to
}

#[test]
fn the_policy_is_detected_and_the_green_run_passes() {
    let (code, stdout, stderr) = verify(&home(), GREEN, &["-o", "verdict"]);
    assert_eq!(code, 0, "{stderr}");
    let verdict: serde_json::Value = serde_json::from_str(&stdout).expect("a verdict");
    assert_eq!((&verdict["verdict"], &verdict["policy"]["id"]), (&"pass".into(), &"agent-e2e".into()));
    assert_eq!(verdict["run"]["id"], "batch-20260302-101500");
    let gates = verdict["gates"].as_array().expect("gates");
    assert!(gates.len() == 17 && gates.iter().all(|gate| gate["standing"] == "pass"), "{stderr}");
}

#[test]
fn the_red_run_names_the_failure_and_the_recovery_and_nothing_else() {
    let (code, stdout, stderr) = verify(&home(), RED, &["-o", "verdict"]);
    assert_eq!(code, 1, "{stderr}");
    let verdict: serde_json::Value = serde_json::from_str(&stdout).expect("a verdict");
    let gates = verdict["gates"].as_array().expect("gates");
    let told: Vec<String> = gates
        .iter()
        .filter(|gate| gate["standing"] != "pass")
        .flat_map(|gate| gate["findings"].as_array().expect("findings").iter().map(move |finding| (gate, finding)))
        .map(|(gate, finding)| format!("{} {} {}", gate["id"], finding["kind"], finding["at"]["path"]).replace('"', ""))
        .collect();
    let expected = [
        format!("scenarios_pass failed-scenario {RED}/5f2a05/report.md"),
        format!("flaky_recovery flaky-recovery {RED}/5f2a03/report.md"),
    ];
    assert_eq!(told, expected);
}

/// An artifact in a sandbox is evidence by being there; what is in it is the verifier's to judge.
#[test]
fn no_file_can_go_or_lose_its_content_unnoticed() {
    let root = copy();
    let mut all = Vec::new();
    files(root.path(), "test-e2e/scenarios", &mut all);
    files(root.path(), GREEN, &mut all);
    let (mut deleted, mut emptied) = (0, 0);
    for file in &all {
        let path = root.path().join(file);
        let whole = std::fs::read(&path).expect("a file");
        std::fs::remove_file(&path).expect("it can go");
        let (code, _, stderr) = verify(root.path(), GREEN, &[]);
        assert!([1, 3].contains(&code), "{file} deleted: {code} {stderr}");
        deleted += 1;
        if !file.contains("/results/") {
            std::fs::write(&path, "").expect("it can be emptied");
            let (code, _, stderr) = verify(root.path(), GREEN, &[]);
            assert!([1, 3].contains(&code), "{file} emptied: {code} {stderr}");
            emptied += 1;
        }
        std::fs::write(&path, whole).expect("it comes back");
    }
    assert_eq!(verify(root.path(), GREEN, &[]).0, 0, "whole again");
    assert_eq!((deleted, emptied), (42, 27));
}

#[test]
fn what_yaml_must_not_do_is_said_with_its_line() {
    let root = copy();
    let scenario = root.path().join("test-e2e/scenarios/notes/TS-NOTES-002-help/scenario.yml");
    let whole = std::fs::read_to_string(&scenario).expect("a scenario");
    let laughs: String = (1..40).map(|at| format!("l{at}: &l{at} [*l{0}, *l{0}]\n", at - 1)).collect();
    let cases = [
        (format!("l0: &l0 [ha]\n{laughs}{whole}"), "an anchor (line 1"),
        (whole.replace("priority: medium", "priority: !!str medium"), "a tag (line 2"),
        (format!("{whole}deep: {}{}\n", "[".repeat(200), "]".repeat(200)), "nesting of more than 127 levels"),
        (format!("{whole}many: [{}]\n", "0,".repeat(150_000)), "values"),
        (format!("{whole}long: {}\n", "x".repeat(1_000_001)), "are the most"),
    ];
    let mut refused = 0;
    for (text, says) in cases {
        std::fs::write(&scenario, text).expect("written");
        let (code, stdout, _) = verify(root.path(), GREEN, &["-o", "verdict"]);
        assert!(code == 3 && stdout.contains(says), "{says}: {code}");
        refused += 1;
    }
    assert_eq!(refused, 5);
}
