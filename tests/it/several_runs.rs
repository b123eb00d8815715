//! Judgements over more than one run: earlier runs beside the one that is judged, and one report that tells of its tests again.

use std::path::Path;
use std::process::{Command, Stdio};

const NOW: &str = "2026-03-02T12:00:00Z";

/// What a directory holds, and what the binary said of it.
struct Said {
    exit: i32,
    stderr: String,
    verdict: serde_json::Value,
}

fn verify(root: &Path, arguments: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatekeeper"));
    command.env_remove("CI_GATE_PROMOTION_MODE").env("COLUMNS", "100").stdin(Stdio::null()).current_dir(root);
    let output = command.args(["verify", "--now", NOW, "--dry-run", "-o", "verdict"]).args(arguments).output();
    let output = output.expect("the binary starts");
    Said {
        exit: output.status.code().expect("it was not killed"),
        stderr: String::from_utf8(output.stderr).expect("output is UTF-8"),
        verdict: serde_json::from_slice(&output.stdout).unwrap_or_default(),
    }
}

/// A repository with a gate that looks back, and some runs.
fn looking_back(optional: bool, runs: &[&str]) -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("a directory");
    let policy = "schema = \"gatekeeper.policy/1\"\nid = \"back\"\ntitle = \"Back\"\n\n[lane.full]\nrule = \"full\"\n\n\
                  [[gate]]\nid = \"steady\"\nblocking = true\n[[gate]]\nid = \"green\"\nblocking = true\n";
    let gate = format!(
        "schema = \"gatekeeper.gate/1\"\nid = \"steady\"\ntitle = \"Steady\"\nowner = \"ada\"\nbead = \"bd-1\"\n\
         why = \"One green run is luck.\"\nreproduce = \"make test\"\nremediation = [\"Look at the earlier runs.\"]\n\n\
         [evidence.before]\npath = \"history:*/summary.json\"\npick = \"all\"\noptional = {optional}\n\n\
         [[check]]\nkind = \"each-holds\"\nin = \"before\"\nas = \"run_before\"\nthat = \"run_before.failed == 0\"\n\
         finding = \"failed-before\"\n"
    );
    let write = |path: &str, text: &str| {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().expect("above")).expect("made");
        std::fs::write(path, text).expect("written");
    };
    write("gatekeeper.toml", "schema = \"gatekeeper.config/1\"\nextends = \"policies/back.toml\"\n");
    write("policies/back.toml", policy);
    write("gates/back/steady.toml", &gate);
    let (head, _) = gate.split_once("[evidence").expect("the gate has evidence");
    let own = "[evidence.own]\npath = \"run:summary.json\"\n[[check]]\nkind = \"holds\"\nthat = \"own.failed == 0\"\n";
    write("gates/back/green.toml", &(head.replace("\"steady\"", "\"green\"") + own));
    for run in runs {
        let failed = u8::from(run.contains("red"));
        write(&format!("{run}/summary.json"), &format!("{{\"failed\": {failed}}}"));
    }
    root
}

#[test]
fn a_gate_that_looks_back_needs_a_history() {
    let root = looking_back(false, &["runs/a", "runs/b", "runs/c"]);
    let said = verify(root.path(), &["runs/c"]);
    assert_eq!(said.exit, 3, "{}", said.stderr);
    let finding = &said.verdict["gates"][0]["findings"][0];
    assert_eq!(finding["kind"], "missing");
    assert!(finding["expected"].as_str().is_some_and(|text| text.contains("--history")), "{finding}");

    let said = verify(root.path(), &["runs/c", "--history", "runs/*"]);
    assert_eq!(said.exit, 0, "{}", said.stderr);
    assert!(said.stderr.contains("note: `runs/c` is the run under judgement"), "{}", said.stderr);
    let paths: Vec<&str> =
        said.verdict["evidence"].as_array().expect("a manifest").iter().filter_map(|row| row["path"].as_str()).collect();
    assert_eq!(paths, ["runs/a/summary.json", "runs/b/summary.json", "runs/c/summary.json"]);
    // Where a run has no history but itself, that is no history.
    let said = verify(root.path(), &["runs/c", "--history", "runs/c"]);
    assert_eq!(said.exit, 3, "{}", said.stderr);
    let optional = looking_back(true, &["runs/a"]);
    let said = verify(optional.path(), &["runs/a"]);
    assert_eq!(said.verdict["gates"][0]["standing"], "skipped", "{}", said.stderr);
}

#[test]
fn earlier_runs_with_one_name_are_all_looked_at() {
    let root = looking_back(false, &["linux/one", "macos/red/one", "now"]);
    let said = verify(root.path(), &["now", "--history", "linux/one", "--history", "macos/red/one", "linux/*"]);
    assert_eq!(said.exit, 1, "{}", said.stderr);
    let findings = said.verdict["gates"][0]["findings"].as_array().expect("findings").clone();
    assert_eq!((findings.len(), findings[0]["at"]["path"].as_str()), (1, Some("macos/red/one/summary.json")));
    assert_eq!(said.verdict["evidence"].as_array().map(Vec::len), Some(3));

    let mut refused = 0;
    for (given, why) in [("gone", "cannot be opened"), ("gone/*", "matches no directory"), ("now/summary.json", "opened")] {
        let said = verify(root.path(), &["now", "--history", given]);
        assert!(said.exit == 2 && said.stderr.contains(why), "{given}: {} {}", said.exit, said.stderr);
        refused += 1;
    }
    assert_eq!(refused, 3);
}

/// Two tests of one name in one report, by what the evidence declares: `tests` is the default.
#[test]
fn what_one_report_tells_twice_are_attempts_only_where_evidence_says_so() {
    let judge = |duplicates: &str, flaky: &str, report: &str| {
        let root = tempfile::tempdir().expect("a directory");
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().expect("above")).expect("made");
            std::fs::write(path, text).expect("written");
        };
        write("gatekeeper.toml", "schema = \"gatekeeper.config/1\"\nextends = \"policies/again.toml\"\n");
        let policy = "schema = \"gatekeeper.policy/1\"\nid = \"again\"\ntitle = \"Again\"\n\n[lane.full]\nrule = \"full\"\n\n\
                      [[gate]]\nid = \"unit\"\nblocking = true\n";
        write("policies/again.toml", policy);
        let gate = format!(
            "schema = \"gatekeeper.gate/1\"\nid = \"unit\"\ntitle = \"Unit\"\nowner = \"ada\"\nbead = \"bd-1\"\n\
             why = \"Tests pass.\"\nreproduce = \"make test\"\nremediation = [\"Mend it.\"]\n\n\
             [evidence.unit]\npath = \"run:junit.xml\"\nformat = \"junit\"\n{duplicates}\n\
             [[check]]\nkind = \"tests-pass\"\nevidence = \"unit\"\nflaky = \"{flaky}\"\n"
        );
        write("gates/again/unit.toml", &gate);
        write("runs/a/junit.xml", report);
        let said = verify(root.path(), &["runs/a"]);
        let list = |value: &serde_json::Value, key: &str| -> Vec<String> {
            let rows = value.as_array().map(Vec::as_slice).unwrap_or_default();
            rows.iter().filter_map(|row| row[key].as_str().map(str::to_owned)).collect()
        };
        let kinds = list(&said.verdict["gates"][0]["findings"], "kind");
        let mut switches = list(&said.verdict["weakened_by"], "switch");
        switches.retain(|switch| switch != "clock");
        (said.exit, kinds, switches, said.stderr)
    };
    let case = |name: &str, fails: bool| {
        let inner = if fails { "<failure message='no'/>" } else { "" };
        format!("<testcase classname='c' name='{name}'>{inner}</testcase>")
    };
    let retry = format!("<testsuite name='s' tests='2' failures='1'>{}{}</testsuite>", case("a", true), case("a", false));
    let last_fails =
        format!("<testsuite name='s' tests='2' failures='1'>{}{}</testsuite>", case("a", false), case("a", true));
    let two_suites = format!(
        "<testsuites><testsuite name='s'>{}</testsuite><testsuite name='t'>{}</testsuite></testsuites>",
        case("a", true),
        case("a", false)
    );
    let hidden = format!("<testsuite name='s' tests='2' failures='2'>{}{}</testsuite>", case("a", true), case("a", false));
    let both_pass = format!("<testsuite name='s' tests='2'>{}{}</testsuite>", case("a", false), case("a", false));
    let attempts = "duplicates = \"attempts\"";
    let (failed, flaky) = (vec!["test-failed"], vec!["test-flaky"]);
    type Row<'r> = (&'r str, &'r str, &'r str, i32, Vec<&'r str>, Vec<&'r str>);
    let rows: [Row<'_>; 9] = [
        ("", "allow", &retry, 1, failed.clone(), vec![]),
        ("duplicates = \"tests\"", "allow", &retry, 1, failed.clone(), vec![]),
        (attempts, "allow", &retry, 0, vec![], vec!["duplicates"]),
        (attempts, "find", &retry, 1, flaky, vec!["duplicates"]),
        (attempts, "allow", &last_fails, 1, failed.clone(), vec![]),
        // Two suites are two, and what a report states stays stated.
        (attempts, "allow", &two_suites, 1, failed, vec![]),
        (attempts, "allow", &hidden, 1, vec!["contradiction"], vec!["duplicates"]),
        (attempts, "find", &both_pass, 0, vec![], vec![]),
        // Damage is damage.
        (attempts, "allow", &retry[..retry.len() - 5], 3, vec!["malformed"], vec![]),
    ];
    let mut looked_at = 0;
    for (duplicates, stance, report, exit, kinds, switches) in rows {
        let said = judge(duplicates, stance, report);
        assert_eq!(
            (said.0, said.1, said.2),
            (exit, kinds.iter().map(ToString::to_string).collect(), switches.iter().map(ToString::to_string).collect()),
            "{duplicates} {stance} {report}\n{}",
            said.3
        );
        looked_at += 1;
    }
    assert_eq!(looked_at, 9);
    let (exit, .., said) = judge("duplicates = \"attempt\"", "allow", &retry);
    assert!(exit == 2 && said.contains("attempts"), "{exit} {said}");
    let (exit, .., said) = judge(
        "duplicates = \"attempts\"\n[evidence.log]\npath = \"run:a.json\"\nduplicates = \"attempts\"",
        "allow",
        &retry,
    );
    assert!(exit == 2 && said.contains("reads no test reports"), "{exit} {said}");
}
