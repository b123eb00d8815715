//! The binary as people and CI run it: exit codes, files, what goes where, and that nothing depends on the place or the hour.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const RUN: &str = "tests/e2e_results/20260302T101500Z";
const NOW: &str = "2026-03-02T12:00:00Z";

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/repos/agent-cli")
}

fn gatekeeper() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatekeeper"));
    command.env_remove("CI_GATE_PROMOTION_MODE").env("COLUMNS", "100").stdin(Stdio::null());
    command
}

fn run(arguments: &[&str], directory: &Path) -> (i32, String, String) {
    let Output { status, stdout, stderr } =
        gatekeeper().args(arguments).current_dir(directory).output().expect("the binary starts");
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    (status.code().expect("it was not killed"), text(stdout), text(stderr))
}

/// A copy of the green repository.
fn copy() -> tempfile::TempDir {
    let to = tempfile::tempdir().expect("a temporary directory");
    let copied = crate::support::copy(&fixture(), to.path());
    assert!(copied > 50, "the fixture has files");
    to
}

/// The files of a directory, by name.
fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(directory).expect("outputs");
    let read = |entry: std::fs::DirEntry| {
        (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).expect("an output"))
    };
    entries.map(|entry| read(entry.expect("an entry"))).collect()
}

fn verdict(directory: &Path) -> serde_json::Value {
    let bytes = std::fs::read(directory.join("full_suite_verdict.json")).expect("a verdict");
    serde_json::from_slice(&bytes).expect("a verdict is always whole")
}

#[test]
fn every_first_word_of_a_finding_is_explained() {
    let explained = |word: &str| run(&["explain", word], &fixture());
    let words = [
        ("overclaim", "claims-allowed"),
        ("regression", "no-regression"),
        ("out-of-order", "in-order"),
        ("left-out", "scenarios-ran"),
        ("missing-artifact", "completion_audit"),
        ("contradiction", "within-budget"),
        ("FLAKE-NET", "connection refused"),
        ("SEV-1", "30 minutes"),
    ];
    for (word, part) in words {
        let (code, stdout, stderr) = explained(word);
        assert!(code == 0 && stdout.contains(part), "{word}: {code} {stdout}{stderr}");
    }
    assert_eq!(words.len(), 8);
    for word in ["no-such-word", "allow_empty", ""] {
        assert_eq!(explained(word).0, 2, "{word}");
    }
}

#[test]
fn exit_codes_say_what_happened() {
    let root = copy();
    let verify = |more: &[&str]| run(&[&["verify", RUN, "--now", NOW, "--dry-run"], more].concat(), root.path());
    assert_eq!(verify(&[]).0, 0);
    for wrong in
        [&["--lane", "prefligt"][..], &["-o", "verdct"], &["--mode", "rollback"], &["--now", "today"], &["--polcy", "x"]]
    {
        let (code, stdout, stderr) = verify(wrong);
        assert_eq!((code, stdout.as_str()), (2, ""), "{wrong:?}: {stderr}");
    }
    let coverage = root.path().join("docs/coverage-summary.json");
    let whole = std::fs::read_to_string(&coverage).expect("evidence");
    std::fs::write(&coverage, &whole[..whole.len() / 2]).expect("evidence can be cut");
    let (code, _, stderr) = verify(&[]);
    assert!(code == 3 && stderr.contains("docs/coverage-summary.json"), "{stderr}");
    let mut low: serde_json::Value = serde_json::from_str(&whole).expect("sound evidence");
    *low.pointer_mut("/modules/0/line_pct").expect("a measured module") = 0.5.into();
    std::fs::write(&coverage, low.to_string()).expect("evidence can be changed");
    let (code, _, stderr) = verify(&[]);
    assert!(code == 1 && stderr.contains("below-line-floor"), "{stderr}");
    let rollback = ["--mode", "rollback", "--rationale", "INC-7", "--until", "2026-03-03T00:00:00Z"];
    let (code, _, stderr) = verify(&rollback);
    assert!(code == 0 && stderr.contains("verdict: FAIL"), "{stderr}");
    let unwritable = root.path().join("docs/coverage-summary.json/out");
    let (code, _, stderr) = run(&["verify", RUN, "--now", NOW, "--out", unwritable.to_str().expect("a path")], root.path());
    assert!(code == 4 && stderr.contains("cannot write"), "{stderr}");
}

#[test]
fn a_missing_run_is_a_slip_that_leaves_a_failing_verdict() {
    let root = copy();
    let out = root.path().join("out");
    std::fs::rename(root.path().join(RUN), root.path().join("elsewhere")).expect("the run can be moved away");
    let (code, _, stderr) = run(&["verify", RUN, "--now", NOW, "--out", "out"], root.path());
    assert!(code == 2 && stderr.contains("there is no run"), "{stderr}");
    assert_eq!(verdict(&out)["verdict"], "fail");
}

#[test]
fn the_same_evidence_gives_the_same_bytes_anywhere() {
    let (one, two) = (copy(), copy());
    for root in [&one, &two] {
        let (code, _, stderr) = run(&["verify", RUN, "--now", NOW, "--out", "out"], root.path());
        assert_eq!(code, 0, "{stderr}");
    }
    let outputs = files(&one.path().join("out"));
    assert!(outputs.len() >= 7, "{:?}", outputs.keys());
    assert_eq!(outputs, files(&two.path().join("out")));
    // From another working directory, with the repository named.
    let run_directory = one.path().join(RUN);
    let (root, run_directory) = (one.path().to_str().expect("a path"), run_directory.to_str().expect("a path"));
    let (code, _, stderr) = run(&["verify", run_directory, "--root", root, "--now", NOW, "--out", "out2"], one.path());
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(outputs, files(&one.path().join("out2")));
}

#[test]
fn each_lane_writes_its_own_file() {
    let root = copy();
    let lane = |lane: &str| run(&["verify", RUN, "--now", NOW, "--out", lane, "--lane", lane], root.path());
    assert_eq!((lane("full").0, lane("preflight").0), (0, 0));
    let names = |lane: &str| {
        files(&root.path().join(lane)).into_keys().filter(|name| name.starts_with("lane_")).collect::<Vec<_>>()
    };
    assert_eq!(
        (names("full"), names("preflight")),
        (vec!["lane_full.json".to_owned()], vec!["lane_preflight.json".to_owned()])
    );
}

#[test]
fn results_go_to_standard_output_and_talk_does_not() {
    let arguments = ["verify", RUN, "--now", NOW, "--dry-run", "-o", "verdict"];
    let (code, stdout, stderr) = run(&arguments, &fixture());
    let json: serde_json::Value = serde_json::from_str(&stdout).expect("only the verdict");
    assert_eq!((code, &json["verdict"]), (0, &serde_json::Value::from("pass")));
    assert!(stderr.contains("verdict: PASS"));
    let (_, _, quiet) = run(&[&arguments[..], &["--quiet"]].concat(), &fixture());
    assert_eq!(quiet, "");
}

#[test]
fn unsound_definitions_judge_nothing_and_are_told_together() {
    let root = copy();
    let config = "schema = \"gatekeeper.config/1\"\nextnds = \"builtin:full-suite\"\n[limits]\nwaiver_max_days = \"30\"\n";
    std::fs::write(root.path().join("gatekeeper.toml"), config).expect("a configuration");
    let (code, _, stderr) = run(&["verify", RUN, "--now", NOW, "--dry-run"], root.path());
    assert_eq!(code, 2);
    for part in ["gatekeeper.toml:2", "did you mean `extends`?", "waiver_max_days"] {
        assert!(stderr.contains(part), "{part}: {stderr}");
    }
    // An older verdict that passed does not outlive them.
    let out = root.path().join("out");
    std::fs::create_dir(&out).expect("a directory");
    std::fs::write(out.join("full_suite_verdict.json"), r#"{"verdict": "pass"}"#).expect("an older verdict");
    assert_eq!(run(&["verify", RUN, "--now", NOW, "--out", "out"], root.path()).0, 2);
    assert_eq!(verdict(&out)["verdict"], "fail");
}

#[test]
fn every_command_teaches_by_help() {
    let (code, help, _) = run(&["--help"], &fixture());
    assert!(code == 0 && help.contains("Examples:") && help.contains("Exit codes:"));
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        // What is indented further goes on from the line above.
        .filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.len() >= 10, "{commands:?}");
    for command in commands.into_iter().filter(|command| *command != "help") {
        let (code, help, _) = run(&[command, "--help"], &fixture());
        assert!(code == 0 && help.contains("Usage:"), "{command}");
        let (code, other, _) = run(&["help", command], &fixture());
        assert!(code == 0 && other == help, "`help {command}` is `{command} --help`");
    }
    for (arguments, begins) in [(&["man"][..], ".ie"), (&["completions", "zsh"], "#compdef gatekeeper")] {
        let (code, stdout, _) = run(arguments, &fixture());
        assert!(code == 0 && stdout.starts_with(begins), "{arguments:?}");
    }
}

/// Pages for a package: the program's, one for each command, one for each command of a command.
#[test]
fn every_command_has_a_manual_page() {
    let root = copy();
    let (code, printed, said) = run(&["man", "--out", "man"], root.path());
    assert!(code == 0 && printed.is_empty() && said.is_empty(), "{said}");
    let written = std::fs::read_dir(root.path().join("man")).expect("a directory of pages");
    let mut names: Vec<String> =
        written.map(|entry| entry.expect("a page").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    assert!(names.len() > 30 && names.iter().all(|name| name.ends_with(".1")), "{names:?}");
    for name in ["gatekeeper.1", "gatekeeper-verify.1", "gatekeeper-policy-diff.1", "gatekeeper-waivers-renew.1"] {
        assert!(names.iter().any(|known| known == name), "{name} is none of {names:?}");
    }
    let (code, _, said) = run(&["man", "--out", "man/gatekeeper.1"], root.path());
    assert!(code == 4 && said.contains("cannot write manual pages into `man/gatekeeper.1`"), "{code} {said}");
}

#[test]
fn colours_are_asked_for_by_name() {
    for (given, coloured) in
        [(&["lint", "--color", "always"][..], true), (&["--color=never", "lint"], false), (&["lint"], false)]
    {
        let (_, _, said) = run(&[given, &["--policy", "nosuch"]].concat(), &fixture());
        assert_eq!(said.contains('\u{1b}'), coloured, "{given:?}: {said}");
    }
    let (code, _, said) = run(&["lint", "--color", "blue"], &fixture());
    assert!(code == 2 && said.contains("possible values: auto, always, never"), "{said}");
}

#[test]
fn what_lint_finds_is_sarif_too() {
    let root = copy();
    let sarif = |root: &Path| {
        let (code, out, said) = run(&["lint", "--now", NOW, "-o", "sarif"], root);
        assert_eq!(said, "");
        (code, serde_json::from_str::<serde_json::Value>(&out).expect("JSON")["runs"][0].clone())
    };
    let (code, sound) = sarif(root.path());
    assert_eq!((code, sound["results"].as_array().map(Vec::len)), (0, Some(0)));
    std::fs::write(root.path().join("gatekeeper.toml"), "schema = \"gatekeeper.config/1\"\npolcy = \"full-suite\"\n")
        .expect("written");
    let (code, broken) = sarif(root.path());
    let results = broken["results"].as_array().expect("results");
    let first = results.iter().find(|one| one["ruleId"] == "unknown-key").expect("the key is unknown");
    assert_eq!((code, &first["level"]), (2, &"error".into()));
    let at = &first["locations"][0]["physicalLocation"];
    assert_eq!((&at["artifactLocation"]["uri"], &at["region"]["startLine"]), (&"gatekeeper.toml".into(), &2.into()));
    assert_eq!(
        broken["tool"]["driver"]["rules"][first["ruleIndex"].as_u64().expect("a rule") as usize]["id"],
        "unknown-key"
    );
    let (code, out, _) = run(&["lint", "-o", "github"], root.path());
    assert_eq!(code, 2);
    assert!(out.lines().all(|line| line.starts_with("::error ") && line.contains("title=gatekeeper lint%3A ")), "{out}");
    let key = out.lines().find(|line| line.contains("unknown-key")).expect("the key is unknown");
    assert!(key.contains("file=gatekeeper.toml,line=2,") && key.contains("did you mean"), "{key}");
    let (code, out, said) = run(&["lint", "-o", "azure"], root.path());
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(said.contains("there is no format `azure` here"), "{said}");
}

/// `docs/coverage-summary.json` has a module below its floor, and the sweep is cut short: what the README shows.
#[test]
fn the_readme_shows_what_is_printed() {
    let root = copy();
    let coverage = root.path().join("docs/coverage-summary.json");
    let mut low: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&coverage).expect("evidence")).expect("sound evidence");
    *low.pointer_mut("/modules/0/line_pct").expect("a measured module") = 41.5.into();
    std::fs::write(&coverage, low.to_string()).expect("evidence can be changed");
    let sweep = root.path().join("tests/perf/reports/parameter_sweeps.json");
    let whole = std::fs::read(&sweep).expect("evidence");
    std::fs::write(&sweep, &whole[..200]).expect("evidence can be cut");
    let (code, _, printed) = run(&["verify", RUN, "--now", NOW, "--dry-run"], root.path());
    assert_eq!(code, 1);
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = std::fs::read_to_string(&readme).expect("the README");
    let (before, rest) = text.split_once("```text\n").expect("the README has an excerpt");
    let (excerpt, after) = rest.split_once("```").expect("the excerpt ends");
    if std::env::var_os("GATEKEEPER_BLESS").is_some() && std::env::var_os("CI").is_none() {
        std::fs::write(&readme, format!("{before}```text\n{printed}```{after}")).expect("the README can be written");
    } else {
        assert_eq!(excerpt, printed, "run with GATEKEEPER_BLESS=1 to show what is printed now");
    }
}
