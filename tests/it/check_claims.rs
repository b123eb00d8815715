//! `gatekeeper check-claims` from the command line, on the repository of the pack `claims` and on this repository's own texts.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const NOW: &str = "2026-03-02T11:30:00Z";
const CONTRACT: &str = "docs/franken-node-claim-gating-contract.json";
const RELEASE: &str = "tests/full_suite_gate/claim_evidence/full_suite_verdict.json";
const RECORDED: &str = "tests/full_suite_gate/franken_node_claim_verdict.json";

fn home() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A copy of the repository.
fn copy() -> tempfile::TempDir {
    let copy = tempfile::tempdir().expect("a directory");
    crate::support::copy(&home().join("fixtures/repos/claims"), copy.path());
    copy
}

fn run(at: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatekeeper"));
    command.arg("check-claims").args(arguments).args(["--now", NOW]).current_dir(at).output().expect("gatekeeper runs")
}

/// The exit code, what people read, and the claim verdict.
fn check(at: &Path, texts: &[&str], release: bool) -> (i32, String, Value) {
    let mut arguments = vec!["--contract", CONTRACT, "--json", "--text"];
    arguments.extend(texts);
    if release {
        arguments.extend(["--verdict", RELEASE]);
    }
    let done = run(at, &arguments);
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    let verdict = serde_json::from_slice(&done.stdout).unwrap_or_else(|error| panic!("no JSON: {error}: {said}"));
    (done.status.code().unwrap_or(-1), said, verdict)
}

fn append(at: &Path, file: &str, text: &str) {
    let path = at.join(file);
    let before = fs::read_to_string(&path).expect("a text");
    fs::write(path, before + text).expect("the copy can be changed");
}

#[test]
fn the_recorded_claim_verdict_is_what_the_command_writes() {
    let copy = copy();
    let recorded = fs::read_to_string(copy.path().join(RECORDED)).expect("the recorded one");
    let texts = ["README.md", "docs/releases/1.2.0.md"];
    let arguments = ["--contract", CONTRACT, "--verdict", RELEASE, "--out", RECORDED, "--text", texts[0], texts[1]];
    fs::remove_file(copy.path().join(RECORDED)).expect("it was there");
    let done = run(copy.path(), &arguments);
    assert_eq!((done.status.code(), done.stdout.len()), (Some(0), 0), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(fs::read_to_string(copy.path().join(RECORDED)).expect("it is written"), recorded);
    let verdict: Value = serde_json::from_str(&recorded).expect("JSON");
    assert_eq!(verdict["tier"], "TIER-2-TARGETED-RUNTIME-PARITY");
    assert_eq!((&verdict["decision"], verdict["evidence"].as_array().map(Vec::len)), (&"allowed".into(), Some(4)));
    assert_eq!(verdict["run_id"], "run-20260302-101500-7c1e");
}

#[test]
fn a_claim_beyond_the_tier_fails_with_file_line_and_tier() {
    let copy = copy();
    append(copy.path(), "README.md", "\nThe first **drop-in\nrepl\u{AD}acement** <i>for</i> NODE.\n");
    let (code, said, verdict) = check(copy.path(), &["README.md"], true);
    assert_eq!(code, 1, "{said}");
    let expected = serde_json::json!([{ "file": "README.md", "first_line": 10, "last_line": 11,
        "phrase": "drop-in replacement for Node", "allowed_by": "TIER-3-FULL-NODE-BUN-REPLACEMENT" }]);
    assert_eq!(verdict["findings"], expected);
    assert_eq!((&verdict["decision"], verdict["blocking_reasons"].as_array().map(Vec::len)), (&"blocked".into(), Some(1)));
    let line = "README.md:10-11: claims `drop-in replacement for Node`; the tier `TIER-3-FULL-NODE-BUN-REPLACEMENT` would";
    assert!(said.contains(line), "{said}");
}

#[test]
fn without_evidence_nothing_may_be_claimed() {
    let copy = copy();
    let (code, said, verdict) = check(copy.path(), &["README.md"], false);
    // Without a release verdict it is not known whether the texts claim too much.
    assert_eq!((code, &verdict["tier"]), (3, &"none".into()), "{said}");
    assert!(said.contains("README.md:3: whether `runs extensions` may be claimed is not known"), "{said}");
    assert_eq!(verdict["findings"].as_array().map(Vec::len), Some(4));
}

#[test]
fn a_verdict_of_another_commit_or_a_damaged_one_is_no_evidence() {
    let copy = copy();
    fs::write(copy.path().join("plain.md"), "Franken is a program.\n").expect("a text");
    let path = copy.path().join(RELEASE);
    let release = fs::read_to_string(&path).expect("the release verdict");
    let commit = "\"commit\": \"c55381bc9dca0e697c37c0701b75065fbc69916e\"";
    let damaged = [
        release.replacen("\"commit\": null", commit, 1),
        release.replace("\"standing\": 2", "\"standing\": 3"),
        release.replacen("\"verdict\": \"fail\"", "\"verdict\": \"pass\"", 1),
        release[..release.len() / 2].to_owned(),
        "{}".to_owned(),
        String::new(),
    ];
    let mut looked = 0;
    for text in damaged {
        assert_ne!(text, release);
        fs::write(&path, &text).expect("the copy can be damaged");
        let (code, said, verdict) = check(copy.path(), &["plain.md"], true);
        let told = (code, &verdict["tier"], &verdict["decision"]);
        assert_eq!(told, (3, &"none".into(), &"blocked".into()), "{said}");
        let (code, ..) = check(copy.path(), &["README.md"], true);
        assert!(code == 1 || code == 3, "a claim never passes whatever is damaged: {code}");
        looked += 1;
    }
    assert_eq!(looked, 6);
}

#[test]
fn what_is_missing_or_empty_is_a_gap_and_never_allowed() {
    let copy = copy();
    fs::write(copy.path().join("blank.md"), " \n").expect("a text");
    let mut looked = 0;
    for texts in [&["absent.md"][..], &["README.md", "absent.md"], &["blank.md"], &["docs"]] {
        let (code, said, verdict) = check(copy.path(), texts, true);
        assert_eq!((code, &verdict["decision"]), (3, &"blocked".into()), "{texts:?}: {said}");
        looked += 1;
    }
    assert_eq!(looked, 4);
    let contract = copy.path().join(CONTRACT);
    for text in ["{\"claim_tiers\": []}", "{", ""] {
        fs::write(&contract, text).expect("the copy can be damaged");
        let (code, said, verdict) = check(copy.path(), &["README.md"], true);
        assert_eq!((code, &verdict["decision"]), (3, &"blocked".into()), "{said}");
        looked += 1;
    }
    assert_eq!(looked, 7);
    let done = run(copy.path(), &["--contract", CONTRACT]);
    assert_eq!(done.status.code(), Some(2), "a text must be named");
}

#[test]
fn the_texts_of_this_repository_claim_no_more_than_its_contract_allows() {
    let texts = ["README.md", "docs/architecture.md", "docs/changelog.md", "docs/packs/claims.md"];
    let arguments = ["--contract", "docs/claims.json", "--root", ".", "--json", "--text"];
    let done = run(&home(), &[&arguments[..], &texts].concat());
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    let verdict: Value = serde_json::from_slice(&done.stdout).expect("JSON");
    assert_eq!(verdict["tier"], "FAILS-CLOSED-ON-ITS-FIXTURES");
    // And it bites: the same words, claimed without a fence.
    let copy = tempfile::tempdir().expect("a directory");
    let boast = copy.path().join("boast.md");
    fs::write(&boast, "gatekeeper is\n*battle*-tested.\n").expect("a text");
    let done = run(&home(), &["--contract", "docs/claims.json", "--root", ".", "--text", &boast.to_string_lossy()]);
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(1), "{said}");
    assert!(said.contains("boast.md:2: claims `battle-tested`; the tier `PROVEN-IN-USE` would allow it"), "{said}");
}
