//! Runs of agent-driven scenarios, judged from the command line: the green run passes, the red one says why it does not, no
//! loss of a file goes unnoticed, and a run that states commit and base is held to both.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const GREEN: &str = ".ace-local/test-e2e";
const RED: &str = ".ace-local/test-e2e-red";

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

/// The gates of a verdict that do not pass, with what they found first.
fn troubles(root: &Path, run: &str) -> (i32, Vec<String>) {
    let (code, stdout, stderr) = verify(root, run, &["-o", "verdict"]);
    let verdict: serde_json::Value = serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stderr}"));
    let gates = verdict["gates"].as_array().expect("gates");
    let told = gates.iter().filter(|gate| gate["standing"] == "fail").flat_map(|gate| {
        let findings = gate["findings"].as_array().cloned().unwrap_or_default();
        findings
            .into_iter()
            .map(move |finding| format!("{} {} {}", gate["id"], finding["kind"], finding["at"]["path"]).replace('"', ""))
    });
    (code, told.collect())
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
    let copied = crate::support::copy(&home(), to.path());
    assert!(copied > 100, "{copied} files");
    to
}

fn git(root: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "commit.gpgsign=false"])
        .args(arguments)
        .env("GIT_COMMITTER_DATE", "2026-03-01T12:00:00Z")
        .env("GIT_AUTHOR_DATE", "2026-03-01T12:00:00Z")
        .current_dir(root)
        .output()
        .expect("git starts");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

/// A repository with two commits of the fixture, the run ignored as the runner has it; and the two commits.
fn repository() -> (tempfile::TempDir, String, String) {
    let root = copy();
    git(root.path(), &["init", "-q", "."]);
    std::fs::write(root.path().join(".gitignore"), ".ace-local/\n").expect("written");
    git(root.path(), &["add", "-A"]);
    git(root.path(), &["commit", "-qm", "scenarios"]);
    let base = git(root.path(), &["rev-parse", "HEAD"]);
    std::fs::write(root.path().join("CHANGES.md"), "one\n").expect("written");
    git(root.path(), &["add", "-A"]);
    git(root.path(), &["commit", "-qm", "change"]);
    let head = git(root.path(), &["rev-parse", "HEAD"]);
    (root, base, head)
}

fn context(root: &Path, commit: &str, base: Option<&str>) {
    let document = serde_json::json!({
        "run_id": "r1", "commit": commit, "started_at": "2026-03-02T10:15:00Z", "shallow": false,
        "base_ref": base.map(|_| "origin/main"), "base_commit": base,
    });
    std::fs::write(root.join(GREEN).join("run-context.json"), document.to_string()).expect("written");
}

#[test]
fn the_policy_is_detected_and_the_green_run_passes() {
    let root = copy();
    let (code, stdout, stderr) = verify(root.path(), GREEN, &["-o", "verdict"]);
    assert_eq!(code, 0, "{stderr}");
    let verdict: serde_json::Value = serde_json::from_str(&stdout).expect("a verdict");
    assert_eq!((&verdict["verdict"], &verdict["policy"]["id"]), (&"pass".into(), &"agent-e2e".into()));
    assert_eq!(verdict["run"]["id"], "e2e-20260302-1");
    let gates = verdict["gates"].as_array().expect("gates");
    let passed = gates.iter().filter(|gate| gate["standing"] == "pass").count();
    // Only the gate of exceptions has nothing to judge.
    assert_eq!((gates.len(), passed), (20, 19), "{stderr}");
}

#[test]
fn the_red_run_names_the_failure_and_the_recovery_and_nothing_else() {
    let (code, told) = troubles(copy().path(), RED);
    assert_eq!(code, 1);
    let expected = [
        format!("scenarios_pass failed-scenario {RED}/8v1a0c4-jot-search-ts001-reports/metadata.yml"),
        format!("flaky_recovery flaky-recovery {RED}/8v1a0a4-jot-notes-ts002-reports/metadata.yml"),
        format!("flaky_recovery flaky-recovery {RED}/8v1a0d0-suite-final-report.md"),
    ];
    assert_eq!(told, expected);
}

/// A run that states a commit is of that commit, and its base is found in the history.
#[test]
fn commit_and_base_are_resolved_in_git() {
    let (root, base, head) = repository();
    let told = |commit: &str, base: Option<&str>| {
        context(root.path(), commit, base);
        let (code, stdout, _) = verify(root.path(), GREEN, &["-o", "verdict"]);
        let verdict: serde_json::Value = serde_json::from_str(&stdout).expect("a verdict");
        let gate = verdict["gates"].as_array().expect("gates").iter().find(|gate| gate["id"] == "run_context").cloned();
        let gate = gate.expect("the gate");
        (code, format!("{} {}", gate["standing"], gate["reason"]).replace('"', ""))
    };
    assert_eq!(told(&head, None), (0, "pass null".to_owned()));
    assert_eq!(told(&head, Some(&base)), (0, "pass null".to_owned()));
    assert_eq!(told(&head, Some(&head)), (0, "pass null".to_owned()));
    assert_eq!(told(&head, Some(&"ab".repeat(20))).1, "fail unbound");
    assert_eq!(told(&head, Some("main")).1, "fail unbound");
    assert_eq!(told(&"a".repeat(40), None).1, "fail unbound");
    assert_eq!(told(&base, None).1, "fail unbound", "a run of the commit before");
    git(root.path(), &["checkout", "-q", "--orphan", "other"]);
    git(root.path(), &["commit", "-qm", "other", "--allow-empty"]);
    let other = git(root.path(), &["rev-parse", "HEAD"]);
    git(root.path(), &["checkout", "-q", "-f", &head]);
    assert_eq!(told(&head, Some(&other)).1, "fail unbound", "a base of another history");
}

/// Without a stated commit only age binds the reports; the verdict says so.
#[test]
fn what_could_not_be_bound_is_said() {
    let (root, _, _) = repository();
    std::fs::remove_file(root.path().join(GREEN).join("run-context.json")).expect("it can go");
    let (code, stdout, stderr) = verify(root.path(), GREEN, &["-o", "verdict"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("no commit is stated with the reports"), "{stdout}");
    assert!(stderr.contains("run_context"), "{stderr}");
    let (code, _, stderr) = verify(root.path(), GREEN, &["--now", "2026-04-02T12:00:00Z"]);
    assert_ne!(code, 0, "{stderr}");
}

/// The old layout of scenarios is a parameter.
#[test]
fn scenarios_may_lie_elsewhere() {
    let root = copy();
    let old = root.path().join("test-e2e/scenarios/jot");
    std::fs::create_dir_all(&old).expect("a directory");
    for package in ["jot-notes", "jot-search"] {
        let from = root.path().join(package).join("test/e2e");
        for entry in std::fs::read_dir(&from).expect("scenarios") {
            let entry = entry.expect("an entry");
            std::fs::rename(entry.path(), old.join(entry.file_name())).expect("moved");
        }
    }
    assert_ne!(verify(root.path(), GREEN, &[]).0, 0, "nothing is found where the documents say");
    let configuration = "schema = \"gatekeeper.config/1\"\nextends = \"builtin:agent-e2e\"\n\n[parameter.scenarios]\nvalue = \"test-e2e/scenarios/*\"\n\n[[weaken]]\nparameter = \"scenarios\"\nreason = \"the layout before packages\"\n";
    std::fs::write(root.path().join("gatekeeper.toml"), configuration).expect("written");
    let (code, _, stderr) = verify(root.path(), GREEN, &[]);
    assert_eq!(code, 0, "{stderr}");
}

/// A failure that is known is let through until its waiver ends, and the verdict says so.
#[test]
fn exceptions_are_honoured_and_told() {
    let (root, _, _) = repository();
    let waiver = |gate: &str, expires: &str| {
        format!(
            "[waiver.{gate}]\nowner = \"ada\"\nbead = \"T-1\"\nreason = \"known\"\ncreated = \"2026-03-01\"\nexpires = \"{expires}\"\nscope = [\"full\"]\nexit_criterion = \"T-1 is closed\"\n"
        )
    };
    std::fs::create_dir_all(root.path().join(".ace")).expect("a directory");
    let file = root.path().join(".ace/e2e-exceptions.toml");
    let both = |expires: &str| format!("{}\n{}", waiver("scenarios_pass", expires), waiver("flaky_recovery", expires));
    std::fs::write(&file, both("2026-03-20")).expect("written");
    git(root.path(), &["add", "-A"]);
    git(root.path(), &["commit", "-qm", "waivers"]);
    let (code, _, stderr) = verify(root.path(), RED, &[]);
    assert!(code == 0 && stderr.contains("scenarios_pass"), "{code} {stderr}");
    std::fs::write(&file, both("2026-03-01")).expect("written");
    let (code, told) = troubles(root.path(), RED);
    assert!(code == 1 && told.iter().any(|line| line.starts_with("waiver_lifecycle waiver-expired")), "{told:?}");
}

/// An artifact in a sandbox is evidence by being there; what is in it is the verifier's to judge.
#[test]
fn no_file_can_go_or_lose_its_content_unnoticed() {
    let root = copy();
    let mut all = Vec::new();
    ["jot-notes", "jot-search", GREEN].iter().for_each(|below| files(root.path(), below, &mut all));
    // The log of a run and the document of the CI are there or not; without the suite, the scenarios speak for themselves.
    let free = |file: &str| {
        ["subprocess_output.log", "run-context.json", "-suite-report.md"].iter().any(|end| file.ends_with(end))
    };
    let (mut deleted, mut emptied) = (0, 0);
    for file in all.iter().filter(|file| !free(file)) {
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
    assert_eq!((deleted, emptied), (50, 36));
}

#[test]
fn what_yaml_must_not_do_is_said_with_its_line() {
    let root = copy();
    let scenario = root.path().join("jot-notes/test/e2e/TS-NOTES-002-help/scenario.yml");
    let whole = std::fs::read_to_string(&scenario).expect("a scenario");
    let laughs: String = (1..40).map(|at| format!("l{at}: &l{at} [*l{0}, *l{0}]\n", at - 1)).collect();
    let cases = [
        (format!("l0: &l0 [ha]\n{laughs}{whole}"), "an anchor (line 1"),
        (whole.replace("priority: high", "priority: !!str high"), "a tag (line 5"),
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
