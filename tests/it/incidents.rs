//! `gatekeeper incident` as users type it: severity, attachments and criteria, hostile verdicts, and nothing that a verdict could smuggle into an issue.

use crate::support::shop::{NOW, fixture};
use crate::support::{agent_cli, copy, gatekeeper, text};
use gatekeeper::cli::Exit;
use gatekeeper::report::sanitise::runner_command;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// A directory with the verdict of a recorded pipeline run that failed.
struct Bench {
    out: tempfile::TempDir,
    run: PathBuf,
}

impl Bench {
    fn new(run: &str) -> Self {
        // A copy: what lies below the work tree of this project is judged as a part of it.
        let out = tempfile::tempdir().expect("a directory");
        let home = out.path().join("runs").join(run);
        copy(&fixture(run), &home);
        let bench = Self { out, run: home };
        let run = text(&bench.run);
        gatekeeper(&["verify", run, "--root", run, "--now", NOW, "--out", text(bench.out.path())], &[]);
        bench
    }

    fn verdict(&self) -> PathBuf {
        self.out.path().join("full_suite_verdict.json")
    }

    fn change(&self, change: impl FnOnce(&mut Value)) {
        let mut value: Value = serde_json::from_slice(&fs::read(self.verdict()).expect("a verdict")).expect("JSON");
        change(&mut value);
        fs::write(self.verdict(), value.to_string()).expect("a verdict");
    }

    fn tell(&self, more: &[&str], variables: &[(&str, &str)]) -> (Exit, String, String) {
        let verdict = self.verdict();
        let own = ["incident", text(&verdict), "--run", text(&self.run), "--root", text(&self.run)];
        gatekeeper(&[&own, more].concat(), variables)
    }

    fn json(&self, more: &[&str], variables: &[(&str, &str)]) -> Value {
        let (_, out, said) = self.tell(&[more, &["--json"]].concat(), variables);
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {said}"))
    }
}

#[test]
fn the_issue_holds_what_is_needed_to_begin() {
    let bench = Bench::new("20261121T151000Z");
    let github = [
        ("GITHUB_SERVER_URL", "https://github.com"),
        ("GITHUB_REPOSITORY", "acme/shop"),
        ("GITHUB_RUN_ID", "77"),
        ("GITHUB_REF_NAME", "main"),
        ("GITHUB_SHA", "196187d63450d9f4c3d286562ad9e4d9bd7563f7"),
        ("RUNNER_OS", "Linux"),
    ];
    let (exit, title, _) = bench.tell(&["--format", "title"], &github);
    let (_, key, _) = bench.tell(&["--format", "key"], &github);
    assert_eq!((exit, title.trim_end()), (Exit::Failed, format!("E2E failure: smoke ({})", key.trim_end()).as_str()));
    let (_, body, _) =
        bench.tell(&["--format", "body", "--artifact", "e2e-77", "--command", "make e2e SHOP_RATE=19"], &github);
    let expected = [
        "**SEV-1**, to be owned and answered within 30 minutes: stage smoke failed, on main branch main.",
        "```sh\nmake e2e SHOP_RATE=19\n```",
        "```sh\nmake e2e\n```",
        "- commit: `196187d63450d9f4c3d286562ad9e4d9bd7563f7`",
        "- branch: `main`",
        "- `RUNNER_OS`: `Linux`",
        "- `SHOP_RATE`: `19`",
        "- stage: `smoke`, exit code 1",
        "    apple costs 119, not 120, in /home/ci/work/shop/shop.py",
        "<https://github.com/acme/shop/actions/runs/77>, artifact `e2e-77`",
        "- [x] `e2e.log` (run): ",
        "- [x] `logs/smoke.log` (run): ",
        "- [x] `full_suite_verdict.json` (verdict): ",
        "- [ ] every blocking gate passed: ",
        "- [ ] the final note is recorded: ",
    ];
    for part in expected {
        assert!(body.contains(part), "{part}\n{body}");
    }
    let (_, comment, _) = bench.tell(&["--format", "comment"], &github);
    assert!(
        comment.starts_with(&format!("Seen again (SEV-1, key `{}`): stage `smoke` failed, exit code 1.", key.trim_end()))
    );
    assert!(comment.contains("actions/runs/77"), "{comment}");
}

/// Flags, variables, and the level that must come of them.
type Case<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], &'a str);

#[test]
fn severity_follows_from_where_and_what() {
    let bench = Bench::new("20261121T151000Z");
    let level = |bench: &Bench, more: &[&str], variables: &[(&str, &str)]| {
        bench.json(more, variables)["severity"]["level"].as_str().expect("a level").to_owned()
    };
    let cases: [Case<'_>; 9] = [
        (&[], &[], "SEV-1"),
        (&["--branch", "main"], &[], "SEV-1"),
        (&["--branch", "topic"], &[], "SEV-2"),
        (&["--branch", "topic", "--release", "v1.2"], &[], "SEV-1"),
        (&[], &[("GITHUB_REF_NAME", "12/merge"), ("GITHUB_HEAD_REF", "topic")], "SEV-2"),
        (&[], &[("GITHUB_REF_NAME", "v1.2"), ("GITHUB_REF_TYPE", "tag")], "SEV-1"),
        (&[], &[("CI_COMMIT_BRANCH", "dev"), ("CI_DEFAULT_BRANCH", "dev")], "SEV-1"),
        (&[], &[("CI_COMMIT_BRANCH", "main"), ("CI_DEFAULT_BRANCH", "dev")], "SEV-2"),
        (&["--branch", "release/2.0"], &[], "SEV-1"),
    ];
    let mut looked = 0;
    for (more, variables, expected) in cases {
        assert_eq!(level(&bench, more, variables), expected, "{more:?} {variables:?}");
        looked += 1;
    }
    assert_eq!(looked, 9);

    // The run succeeded, and only its manifest is gone astray.
    let drifted = Bench::new("20261121T150000Z");
    let run = drifted.out.path().join("20261121T150000Z");
    copy(&drifted.run, &run);
    fs::remove_file(run.join("results/prices.json")).expect("a file");
    gatekeeper(&["verify", text(&run), "--root", text(&run), "--now", NOW, "--out", text(drifted.out.path())], &[]);
    let drifted = Bench { run, ..drifted };
    let told = drifted.json(&["--branch", "main"], &[]);
    assert_eq!(
        (&told["severity"]["level"], &told["severity"]["answer_within"]),
        (&json!("SEV-3"), &json!("one business day"))
    );
    assert!(
        told["title"].as_str().is_some_and(|title| title.starts_with("Release gate failure: pipeline_manifest (")),
        "{told}"
    );
}

#[test]
fn parity_and_performance_incidents_bring_their_own_lists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/repos/agent-cli");
    let work = tempfile::tempdir().expect("a directory");
    copy(&root, work.path());
    let summary = work.path().join("tests/perf/reports/budget_summary.json");
    fs::remove_file(&summary).expect("the budgets");
    let coverage = work.path().join("docs/coverage-summary.json");
    fs::write(&coverage, "{}").expect("the coverage");
    let run = work.path().join("tests/e2e_results/20260302T101500Z");
    let out = work.path().join("tests/full_suite_gate");
    let (exit, _, said) = gatekeeper(&["verify", text(&run), "--root", text(work.path()), "--now", agent_cli::NOW], &[]);
    assert!(matches!(exit, Exit::Failed | Exit::Gap), "{said}");
    let verdict = out.join("full_suite_verdict.json");
    // The verdict names the run, and it lies in the repository.
    let (exit, out, said) =
        gatekeeper(&["incident", text(&verdict), "--root", text(work.path()), "--json", "--branch", "main"], &[]);
    assert_eq!(exit, Exit::Failed, "{said}");
    let told: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(told["kinds"], json!(["parity", "performance"]), "{told}");
    let present = |path: &str| {
        let rows = told["attachments"].as_array().expect("rows");
        rows.iter().find(|row| row["path"] == path).map(|row| row["present"] == true && row["sha256"].is_string())
    };
    for path in ["summary.json", "triage_diff.json", "replay_bundle.json", "tests/evidence_bundle/index.json"] {
        assert_eq!(present(path), Some(true), "{path}: {told}");
    }
    assert_eq!(
        present("tests/perf/reports/budget_events.jsonl"),
        Some(root.join("tests/perf/reports/budget_events.jsonl").exists())
    );
    let criteria: Vec<(&str, bool)> = told["close_criteria"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| (row["text"].as_str().expect("text"), row["met"] == true))
        .collect();
    assert!(criteria.contains(&("triage_diff.status is not regression", true)), "{criteria:?}");
    assert!(criteria.contains(&("every blocking gate passed", false)), "{criteria:?}");
    assert!(criteria.contains(&("detection is recorded", false)), "{criteria:?}");
}

#[test]
fn the_alarm_of_ci_opens_an_incident_with_a_due_time() {
    let work = tempfile::tempdir().expect("a directory");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/repos/agent-cli/tests/e2e_results"), work.path());
    let run = work.path().join("20260302T101500Z");
    let out = tempfile::tempdir().expect("a directory");
    let own = ["--root", text(work.path()), "--policy", "e2e-run", "--now", agent_cli::NOW, "--out", text(out.path())];
    assert_eq!(gatekeeper(&[&["verify", text(&run)], &own[..]].concat(), &[]).0, Exit::Pass);
    let (verdict, log) = (out.path().join("full_suite_verdict.json"), out.path().join("ci.log"));
    let tell = |more: &[&str]| {
        let own = ["incident", text(&verdict), "--run", text(&run), "--root", text(work.path()), "--ci-log", text(&log)];
        gatekeeper(&[&own, more].concat(), &[])
    };
    assert_eq!(tell(&[]).0, Exit::Usage, "there is no such log");
    fs::write(&log, "parity gate: pass\n").expect("a log");
    assert_eq!(tell(&["--branch", "main"]).0, Exit::Pass);
    fs::write(&log, "12:01 start\n\u{1b}[31mPARITY GATE FAIL\u{1b}[0m suites\n").expect("a log");
    let rows =
        [("main", "SEV-1", "30 minutes", "2026-03-02T12:30:00Z"), ("topic", "SEV-2", "4 hours", "2026-03-02T16:00:00Z")];
    for (branch, level, within, due) in rows {
        let (exit, json, _) = tell(&["--branch", branch, "--json"]);
        let told: Value = serde_json::from_str(&json).expect("JSON");
        let severity = &told["severity"];
        assert_eq!(exit, Exit::Failed, "{told}");
        assert_eq!([&severity["level"], &severity["answer_within"], &severity["due"]], [level, within, due], "{told}");
        assert_eq!(told["kinds"], json!(["parity"]), "{told}");
        let (_, body, _) = tell(&["--branch", branch, "--format", "body"]);
        assert!(body.contains("ci.log:2") && body.contains("## Escalation") && body.contains(due), "{body}");
    }
    assert_eq!(rows.len(), 2);
}

/// A change that no gatekeeper would make.
type Damage = fn(&mut Value);

#[test]
fn a_verdict_that_is_no_verdict_is_no_all_clear() {
    let damages: [(&str, Damage); 7] = [
        ("says pass over a gate that fails", |value| value["verdict"] = json!("pass")),
        ("hides the gate", |value| value["gates"] = json!([])),
        ("counts otherwise", |value| value["summary"]["blocking"]["standing"] = json!(8)),
        ("has no standing", |value| value["gates"][7]["standing"] = json!("fine")),
        ("has no gates", |value| drop(value.as_object_mut().expect("an object").remove("gates"))),
        ("blocks nothing", |value| value["gates"][7]["blocking"] = json!(false)),
        ("is a list", |value| *value = json!([])),
    ];
    let mut refused = 0;
    for (what, damage) in damages {
        let bench = Bench::new("20261121T151000Z");
        bench.change(damage);
        let (exit, out, said) = bench.tell(&[], &[]);
        assert_eq!((exit, out.as_str()), (Exit::Gap, ""), "{what}: {said}");
        assert!(said.contains("is not known"), "{what}: {said}");
        refused += 1;
    }
    assert_eq!(refused, 7);
    let bench = Bench::new("20261121T151000Z");
    fs::write(bench.verdict(), "{\"verdict\": ").expect("a file");
    assert_eq!(bench.tell(&[], &[]).0, Exit::Gap);
    fs::remove_file(bench.verdict()).expect("a file");
    assert_eq!(bench.tell(&[], &[]).0, Exit::Gap);
}

#[test]
fn nothing_hostile_reaches_the_issue() {
    let bench = Bench::new("20261121T151000Z");
    let token = format!("ghp_{}", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0fG3hJ6");
    bench.change(|value| {
        let gate = &mut value["gates"][7];
        gate["owner"] = json!("@everyone <script>alert(1)</script>");
        gate["reproduce_command"] = json!("make e2e\nrm -rf /");
        gate["findings"][0]["actual"] = json!(format!("![x](http://evil) | {token}\n## Close\n- [x] all done"));
        // Our own sentence follows from the gates; that of another version is text.
        value["tool"]["version"] = json!("0.0.1");
        value["reason"] = json!("##[error]gone\u{202e}");
    });
    let (exit, body, _) = bench.tell(&["--format", "body", "--artifact", "`a`\n# b"], &[]);
    assert_eq!(exit, Exit::Failed);
    let json = bench.tell(&["--json"], &[]).1;
    for text in [&body, &json] {
        assert!(!text.contains(&token) && !text.contains("aB3dE6gH9jK2"), "{text}");
    }
    assert_eq!(runner_command(&body), None, "{body}");
    for part in ["<script>", "@everyone", "![x]", "\n## Close\n", "\n# b", "\nrm -rf", "\u{202e}"] {
        assert!(!body.contains(part), "{part:?}\n{body}");
    }
    assert!(body.contains("There is no command that is safe to show.") && body.contains("not safe to copy"), "{body}");
    let (exit, _, said) = bench.tell(&["--run-url", "https://ci/1> [x](javascript:1)"], &[]);
    assert!(exit == Exit::Usage && said.contains("no link to a run"), "{said}");
    let (exit, _, said) = bench.tell(&["--recorded", "lnks=https://x"], &[]);
    assert!(exit == Exit::Usage && said.contains("links"), "{said}");
}

#[test]
fn the_bundle_holds_what_is_there_and_no_secret() {
    let bench = Bench::new("20261121T151000Z");
    let run = bench.out.path().join("20261121T151000Z");
    copy(&bench.run, &run);
    let log = fs::read_to_string(run.join("e2e.log")).expect("the log");
    fs::write(run.join("e2e.log"), format!("{log}DB_{}=hunter22-and-more\n", "PASSWORD")).expect("the log");
    let bench = Bench { run, ..bench };
    let (first, second) = (bench.out.path().join("a.tar.zst"), bench.out.path().join("b.tar.zst"));
    let (exit, _, said) = bench.tell(&["--format", "key", "--bundle", text(&first)], &[]);
    bench.tell(&["--format", "key", "--bundle", text(&second)], &[]);
    assert_eq!(exit, Exit::Failed);
    assert!(said.contains("(10 files)"), "{said}");
    let packed = fs::read(&first).expect("the bundle");
    assert_eq!(packed, fs::read(&second).expect("the bundle"), "the same files make the same bytes");
    let mut archive = Vec::new();
    let mut reader = ruzstd::decoding::StreamingDecoder::new(packed.as_slice()).expect("zstd");
    std::io::Read::read_to_end(&mut reader, &mut archive).expect("zstd");
    let files = unpack(&archive);
    let manifest: Value = serde_json::from_slice(&files["manifest.json"]).expect("JSON");
    let rows = manifest["files"].as_array().expect("rows");
    assert_eq!((files.len(), rows.len()), (10, 9));
    for row in rows {
        let bytes = &files[row["path"].as_str().expect("a path")];
        assert_eq!(row["sha256"], gatekeeper::model::Digest::of(bytes).to_string());
        assert_eq!(row["size"], bytes.len());
        assert_eq!(row["redacted"] == true, row["path"] == "run/e2e.log", "{row}");
    }
    assert!(!archive.windows(8).any(|window| window == b"hunter22"));
    assert!(files.contains_key("issue.md") && files.contains_key("verdict/full_suite_verdict.json"));
    let (exit, ..) = bench.tell(&["--bundle", text(&bench.out.path().join("20261121T151000Z"))], &[]);
    assert_eq!(exit, Exit::Internal);
}

/// The regular files of a tar archive.
fn unpack(archive: &[u8]) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut files = std::collections::BTreeMap::new();
    let mut rest = archive;
    while rest.first().is_some_and(|first| *first != 0) {
        let word = |from: usize, length: usize| {
            let bytes = rest[from..from + length].split(|byte| *byte == 0).next().expect("a field");
            String::from_utf8(bytes.to_vec()).expect("UTF-8")
        };
        let size = usize::from_str_radix(&word(124, 11), 8).expect("octal");
        let name = if word(345, 155).is_empty() { word(0, 100) } else { format!("{}/{}", word(345, 155), word(0, 100)) };
        files.insert(name, rest[512..512 + size].to_vec());
        rest = &rest[512 + size.next_multiple_of(512)..];
    }
    files
}

#[test]
fn criteria_are_asked_anew_when_the_verdict_stands() {
    let bench = Bench::new("20261121T150000Z");
    let (exit, out, said) = bench.tell(&[], &[]);
    assert_eq!(exit, Exit::Pass);
    assert!(
        said.starts_with("no incident: ") && out.contains("- [x] every blocking gate passed: 8 of them pass"),
        "{out}{said}"
    );
    assert!(out.contains("- [ ] the final note is recorded"), "{out}");
    let told = bench.json(&["--recorded", "links=https://x/1", "--recorded", "note=https://x/2"], &[]);
    assert_eq!((&told["incident"], &told["may_be_closed"]), (&json!(false), &json!(true)), "{told}");
    assert_eq!(bench.json(&["--recorded", "links=https://x/1"], &[])["may_be_closed"], json!(false));
}
