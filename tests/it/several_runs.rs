//! Judgements over more than one run: earlier runs beside the one that is judged.

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
