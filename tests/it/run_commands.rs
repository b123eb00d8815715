//! `diff`, `replay` and `triage` as users type them, over the fixture repository and over hostile runs; and a walk over every
//! failure signature.

use gatekeeper::cli::Exit;
use gatekeeper::model::{Limits, parse_instant};
use gatekeeper::triage::Triage;
use gatekeeper::workspace::Memory;
use gatekeeper::{load, triage};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const OLDER: &str = "fixtures/repos/agent-cli/tests/e2e_results/20260301T091500Z";
const NEWER: &str = "fixtures/repos/agent-cli/tests/e2e_results/20260302T101500Z";
const NOW: &str = "2026-03-02T12:00:00Z";

fn home() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn fixture(path: &str) -> String {
    home().join(path).display().to_string()
}

/// Runs a command line: exit, standard output, what was said.
fn gatekeeper(arguments: &[&str]) -> (Exit, String, String) {
    crate::support::gatekeeper(arguments, &[])
}

fn json(arguments: &[&str]) -> (Exit, Value) {
    let (exit, out, said) = gatekeeper(&[arguments, &["--json"]].concat());
    (exit, serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{said}")))
}

/// A run in a directory of its own.
struct Run(tempfile::TempDir);

impl Run {
    fn new(targets: &[(&str, i32, &str)]) -> Self {
        let run = Self(tempfile::tempdir().expect("a directory"));
        let names = |unit: bool| -> Value {
            let of = targets.iter().filter(|(path, ..)| path.starts_with("unit/") == unit);
            of.map(|(path, ..)| Value::from(path.trim_start_matches("unit/"))).collect()
        };
        run.write("environment.json", &serde_json::json!({"suites": names(false), "units": names(true)}).to_string());
        run.write("summary.json", "{}");
        for (path, exit, log) in targets {
            let (key, name) = path.strip_prefix("unit/").map_or(("suite", *path), |name| ("target", name));
            let failed = i32::from(*exit != 0);
            let result = serde_json::json!({key: name, "exit_code": exit, "failed": failed, "total": 1});
            run.write(&format!("{path}/result.json"), &result.to_string());
            run.write(&format!("{path}/output.log"), log);
        }
        run
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().expect("below the run")).expect("a directory");
        fs::write(path, text).expect("a file");
    }

    fn path(&self) -> &str {
        self.0.path().to_str().expect("UTF-8")
    }
}

#[test]
fn a_fixed_suite_is_no_regression_and_the_way_back_is() {
    let (older, newer) = (fixture(OLDER), fixture(NEWER));
    let (exit, out, _) = gatekeeper(&["diff", &older, &newer]);
    assert_eq!(exit, Exit::Pass);
    assert!(
        out.starts_with("stable: 0 regressions, 0 new failures, 1 fixed, 0 still failing; 14 suites and units"),
        "{out}"
    );
    assert!(
        out.contains("1. fixed: suite e2e_provider_streaming\n") && out.ends_with("triage_diff.json agrees\n"),
        "{out}"
    );

    let (exit, diff) = json(&["diff", &newer, &older]);
    assert_eq!((exit, &diff["status"]), (Exit::Failed, &Value::from("regression")));
    assert_eq!(diff["changes"][0]["change"], "regression");
    let replay = "cargo test --test e2e_provider_streaming retries_after_disconnect -- --nocapture";
    assert_eq!(diff["changes"][0]["replay"]["shell"], replay);
    assert_eq!((&diff["disagreements"], diff["gaps"].as_array().map(Vec::len)), (&Value::Null, Some(0)));
}

#[test]
fn deleted_and_new_tests_count_and_the_record_is_checked() {
    let base = Run::new(&[("a", 0, ""), ("gone", 0, ""), ("unit/u", 0, "")]);
    let run = Run::new(&[("a", 0, ""), ("new", 101, ""), ("unit/u", 101, "")]);
    let name = base.0.path().file_name().and_then(|name| name.to_str()).expect("a name");
    let recorded = serde_json::json!({"baseline": name, "status": "stable", "ranked_diagnostics": [], "summary":
        {"regression_count": 0, "new_failures": 0, "fixed": 0, "still_failing": 0}});
    run.write("triage_diff.json", &recorded.to_string());
    let (exit, diff) = json(&["diff", base.path(), run.path()]);
    assert_eq!(exit, Exit::Failed);
    let changes: Vec<String> = diff["changes"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| format!("{} {}", row["change"].as_str().expect("text"), row["name"].as_str().expect("text")))
        .collect();
    assert_eq!(changes, ["gone gone", "regression u", "new-failure new"]);
    let (_, out, _) = gatekeeper(&["diff", base.path(), run.path()]);
    assert_eq!(out.matches("contradiction: ").count(), 6, "{out}");
    assert!(out.contains("triage_diff.json#/status: recomputed regression, recorded \"stable\""), "{out}");
}

#[test]
fn the_plan_of_a_failed_suite_runs_its_one_failing_test() {
    let (exit, out, _) = gatekeeper(&["replay", &fixture(OLDER)]);
    assert_eq!(exit, Exit::Pass);
    let expected = "\
1 of 14 suites and units failed in tests/e2e_results/20260301T091500Z

1. cargo test --test e2e_provider_streaming retries_after_disconnect -- --nocapture
   suite e2e_provider_streaming: assertion_failure: assertion `left == right` failed: turns after the reconnect
   by failure section at tests/e2e_results/20260301T091500Z/e2e_provider_streaming/output.log:14
   recorded: cargo test --test e2e_provider_streaming -- --nocapture
   recorded: ./scripts/e2e/run_all.sh --profile full --suite e2e_provider_streaming
   with debug output: RUST_LOG=debug RUST_BACKTRACE=1 cargo test --test e2e_provider_streaming -- --nocapture

or all of it in one command, at the top of the repository:
  ./scripts/e2e/run_all.sh --rerun-from tests/e2e_results/20260301T091500Z/summary.json
";
    assert_eq!(out, expected);
    let (exit, plan) = json(&["replay", &fixture(OLDER)]);
    let argv = ["cargo", "test", "--test", "e2e_provider_streaming", "retries_after_disconnect", "--", "--nocapture"];
    assert_eq!((exit, &plan["steps"][0]["argv"]), (Exit::Pass, &Value::from(argv.to_vec())));

    let (exit, out, _) = gatekeeper(&["replay", &fixture(NEWER)]);
    assert_eq!(exit, Exit::Pass);
    assert!(out.starts_with("nothing failed in ") && out.ends_with(": nothing to replay\n"), "{out}");
}

#[test]
fn hostile_names_neither_leave_their_quotes_nor_reach_the_terminal() {
    let hostile = "'; rm -rf ~ #";
    let log = "test $(touch pwned)`id` ... FAILED\n\u{1b}[2J\u{9b}31m::error::x ##[error]y\n";
    let run = Run::new(&[(hostile, 101, log), ("unit/a\nb", 101, ""), ("e\u{1b}[2J", 101, ""), ("--config=x", 1, "")]);
    let bundle = serde_json::json!({"failed_suites": [{"suite": hostile, "cargo_replay": format!("cargo test --test {hostile}"),
        "targeted_replay": "cargo test\nrm -rf ~"}]});
    run.write("replay_bundle.json", &bundle.to_string());
    let base = Run::new(&[(hostile, 0, "")]);
    let mut looked = 0;
    for arguments in [vec!["replay", run.path()], vec!["triage", run.path()], vec!["diff", base.path(), run.path()]] {
        let (exit, out, said) = gatekeeper(&arguments);
        assert!(matches!(exit, Exit::Gap | Exit::Failed), "{exit:?}: {out}{said}");
        let deceiving = out.chars().filter(|c| *c != '\n').find(|c| gatekeeper::report::sanitise::deceives(*c));
        assert_eq!(deceiving, None, "{out}");
        assert_eq!(gatekeeper::report::sanitise::runner_command(&out), None, "{out}");
        assert!(!out.contains("recorded: cargo"), "{out}");
        looked += 1;
    }
    assert_eq!(looked, 3);

    let (_, plan) = json(&["replay", run.path()]);
    let step = &plan["steps"][0];
    assert_eq!(step["argv"][3], hostile);
    assert_eq!(step["covers"][0]["recorded_withheld"], 2);
    assert_eq!(plan["refused"].as_array().map(Vec::len), Some(3), "{plan}");
    #[cfg(unix)]
    {
        // A shell takes the line apart into the words of the list, and runs nothing else.
        let shell = step["shell"].as_str().expect("text");
        let script = format!("set -- {shell}\nprintf '%s\\n' \"$@\"");
        let output = std::process::Command::new("sh").arg("-c").arg(script).output().expect("a shell");
        let words: Vec<String> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
        let argv: Vec<&str> = step["argv"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
        assert_eq!(words, argv);
        assert!(output.stderr.is_empty());
    }
}

#[test]
fn secrets_in_logs_are_not_repeated() {
    let token = ["ghp", "_", "0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R"].concat();
    let run = Run::new(&[("e2e_tui", 1, &format!("tmux: not found; authorization: Bearer {token}\n"))]);
    let mut looked = 0;
    for arguments in [vec!["triage", run.path()], vec!["replay", run.path()]] {
        for more in [&[][..], &["--json"]] {
            let (_, out, said) = gatekeeper(&[&arguments[..], more].concat());
            assert!(!out.contains(&token) && said.is_empty(), "{out}");
            looked += 1;
        }
    }
    assert_eq!(looked, 4);
    assert!(gatekeeper(&["triage", run.path()]).1.contains("output.log:1 (log, tmux is not there)"));
}

#[test]
fn damage_is_a_gap_and_never_nothing_failed() {
    let base = Run::new(&[("a", 0, ""), ("b", 0, "")]);
    let mut looked = 0;
    for damage in
        ["{", "{}", r#"{"suite": "b", "exit_code": 0, "failed": 1, "total": 1}"#, r#"{"suite": "b", "suite": "b"}"#]
    {
        let run = Run::new(&[("a", 0, ""), ("b", 0, "")]);
        run.write("b/result.json", damage);
        let (exit, out, _) = gatekeeper(&["diff", base.path(), run.path()]);
        assert_eq!(exit, Exit::Gap, "{out}");
        assert!(out.starts_with("unknown, because results are damaged") && out.contains("\ngap: "), "{out}");
        for command in ["replay", "triage"] {
            let (exit, out, _) = gatekeeper(&[command, run.path()]);
            assert_eq!(exit, Exit::Gap, "{out}");
            assert!(!out.contains("nothing failed") && out.contains("1 of 2 suites and units failed"), "{out}");
        }
        looked += 1;
    }
    assert_eq!(looked, 4);
    let empty = Run::new(&[]);
    assert_eq!(gatekeeper(&["replay", empty.path()]).0, Exit::Gap);
}

#[test]
fn triage_says_what_it_recognised_and_what_it_looked_at() {
    let (exit, out, _) = gatekeeper(&["triage", &fixture(OLDER), "--now", NOW]);
    assert_eq!(exit, Exit::Pass);
    for line in [
        "failed: suite e2e_provider_streaming: assertion_failure\n",
        "signature provider_streaming_regression: Provider streaming regressed\n",
        "  replay  VCR_MODE=playback cargo test --test provider_streaming -- --nocapture\n",
        "  replay  cargo test --test e2e_provider_streaming -- --nocapture\n",
        "  1. Look for stale cassettes in `tests/fixtures/vcr/`.\n",
        "\nmatched 17 signatures against 14 logs and ",
    ] {
        assert!(out.contains(line), "{line:?} is not in {out}");
    }
    let (exit, out, _) = gatekeeper(&["triage", &fixture(NEWER), "--now", NOW]);
    assert_eq!(exit, Exit::Pass);
    assert!(
        out.contains("\nno signature matches; 17 signatures against 14 logs and ") && out.contains("\nnext: "),
        "{out}"
    );
    assert!(out.contains("  tests/evidence_bundle/index.json\n"), "{out}");

    let alone = Run::new(&[("e2e_tui", 1, "nothing known\n")]);
    let (_, triage) = json(&["triage", alone.path()]);
    assert_eq!(triage["matches"][0]["signature"], "e2e_tui_failure");
    assert_eq!(triage["looked_at"]["artifacts"].as_array().map(Vec::len), Some(0));
    assert!(triage["notes"][0].as_str().is_some_and(|note| note.contains("no repository")), "{triage}");
}

#[test]
fn a_repository_brings_signatures_of_its_own() {
    let run = Run::new(&[("deploy", 1, "quota exceeded for project\n")]);
    run.write(
        "gatekeeper.toml",
        "schema = 'gatekeeper.config/1'\nextends = 'builtin:full-suite'\nsignatures = ['own/*.toml']\n",
    );
    let pack = "schema = 'gatekeeper.signatures/1'\nid = 'cloud'\ntitle = 'Cloud'\n[[signature]]\nid = 'quota'\ntitle = 'Quota'\n\
                replay = ['make deploy SUITE={target}']\nremediation = ['Ask for more.']\n[[signature.log]]\npattern = 'quota exceeded'\n";
    run.write("own/cloud.toml", pack);
    // A run does not bring its own: what a signature prints is copied into a shell.
    let (exit, _, said) = gatekeeper(&["triage", run.path()]);
    assert!(exit == Exit::Usage && said.contains("evidence does not say how it is judged"), "{said}");
    let (_, triage) = json(&["triage", run.path(), "--root", run.path()]);
    let quota =
        triage["matches"].as_array().expect("a list").iter().find(|row| row["signature"] == "quota").expect("quota");
    assert_eq!(quota["replay"][0], "make deploy SUITE=deploy");

    run.write("own/cloud.toml", &pack.replace("pattern", "patern"));
    let (exit, out, said) = gatekeeper(&["triage", run.path(), "--root", run.path()]);
    assert_eq!((exit, out.as_str()), (Exit::Usage, ""));
    assert!(said.contains("did you mean `pattern`?") && said.contains("own/cloud.toml:"), "{said}");
    let (exit, _, said) = gatekeeper(&["lint", "--root", run.path()]);
    assert_eq!(exit, Exit::Usage);
    assert!(said.contains("did you mean `pattern`?"), "{said}");
}

#[test]
fn the_commands_are_deterministic_documented_and_write_nothing() {
    let run = Run::new(&[("a", 101, "test t ... FAILED\n"), ("unit/a", 1, ""), ("b", 0, "")]);
    let files = || tree(run.0.path());
    let before = files();
    let mut looked = 0;
    for arguments in [vec!["replay", run.path()], vec!["triage", run.path()], vec!["diff", run.path(), run.path()]] {
        let first = gatekeeper(&arguments);
        assert_eq!(first, gatekeeper(&arguments));
        assert!(!first.1.is_empty() && first.2.is_empty());
        let (exit, help, _) = gatekeeper(&[arguments[0], "--help"]);
        assert!(exit == Exit::Pass && help.contains("Examples:") && help.contains("Exit codes:"), "{help}");
        looked += 1;
    }
    assert_eq!(looked, 3);
    assert_eq!(files(), before);
    let (exit, schema, _) = gatekeeper(&["schema", "signatures"]);
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    assert_eq!((exit, &schema["$id"]), (Exit::Pass, &Value::from("gatekeeper.signatures/1")));
    assert!(schema["properties"]["signature"]["items"]["properties"]["artifact"].is_object());
}

#[test]
fn the_page_shows_what_is_printed() {
    let page = fs::read_to_string(home().join("docs/run-commands.md")).expect("the page");
    let mut looked = 0;
    for block in page.split("```text\n$ gatekeeper ").skip(1) {
        let (block, _) = block.split_once("```").expect("a block ends");
        let (command, shown) = block.split_once('\n').expect("a command and its output");
        let place = |word: &str| if word.starts_with("fixtures/") { fixture(word) } else { word.to_owned() };
        let words: Vec<String> = command.split(' ').map(place).collect();
        let (_, out, _) = gatekeeper(&words.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(out, shown, "{command}");
        looked += 1;
    }
    assert_eq!(looked, 4);
}

type Files = BTreeMap<String, Vec<u8>>;

/// Every file below a directory, by its path with forward slashes.
fn tree(root: &Path) -> Files {
    let (mut files, mut left) = (Files::new(), vec![root.to_owned()]);
    while let Some(directory) = left.pop() {
        for entry in fs::read_dir(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display())) {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                left.push(path);
            } else {
                let name = path.strip_prefix(root).expect("below").to_str().expect("UTF-8").replace('\\', "/");
                files.insert(name, fs::read(&path).expect("a file"));
            }
        }
    }
    files
}

/// The signatures that match when a case is laid over the green repository, each with its places and steps.
fn recognised(green: &Files, case: &Files) -> Vec<(String, Vec<String>, Vec<String>)> {
    let run = NEWER.strip_prefix("fixtures/repos/agent-cli/").expect("a run of the fixture");
    let mut files: Files = green.clone();
    for (path, bytes) in case {
        match path.strip_prefix("run/") {
            Some(below) => drop(files.insert(format!("{run}/{below}"), bytes.clone())),
            None => drop(files.insert(path.clone(), bytes.clone())),
        }
    }
    let absent = case.get("absent.txt").map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
    for path in absent.lines() {
        assert!(files.remove(path).is_some(), "`{path}` is not there to be taken away");
    }
    let mut workspace = Memory::at(parse_instant(NOW).expect("a time")).with_run(run);
    for (path, bytes) in &files {
        workspace = workspace.file(&format!("repo:{path}"), bytes);
        if let Some(below) = path.strip_prefix(&format!("{run}/")) {
            workspace = workspace.file(&format!("run:{below}"), bytes);
        }
    }
    let loaded = load::signatures(&workspace);
    let triage: Triage<'_> = triage::triage(&workspace, &loaded.packs, true, &Limits::default());
    assert_eq!(triage.gaps, []);
    let told = |found: &triage::Match<'_>| {
        let places = found.places.iter().map(|place| format!("{} {}", place.found.word(), place.at)).collect();
        (found.signature.id.clone(), places, found.steps.iter().map(|step| (*step).to_owned()).collect())
    };
    triage.matches.iter().map(told).collect()
}

fn green() -> Files {
    let mut files = tree(&home().join("fixtures/repos/agent-cli"));
    files.retain(|path, _| !path.starts_with("history.git/"));
    files
}

#[test]
fn every_signature_matches_its_cases_and_nothing_one_step_away() {
    let green = green();
    assert_eq!(recognised(&green, &Files::new()), []);
    let loaded = load::signatures(&Memory::at(parse_instant(NOW).expect("a time")));
    let signatures: BTreeSet<&str> =
        loaded.packs.iter().flat_map(|pack| &pack.signatures).map(|signature| signature.id.as_str()).collect();
    let folders: BTreeSet<String> = fs::read_dir(home().join("fixtures/triage"))
        .expect("fixtures")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().expect("a name").to_string_lossy().into_owned())
        .collect();
    assert_eq!(signatures, folders.iter().map(String::as_str).collect(), "left: signatures; right: fixtures/triage");

    let (mut matched, mut missed) = (0, 0);
    for id in &signatures {
        let cases = tree(&home().join("fixtures/triage").join(id));
        let names: BTreeSet<&str> = cases.keys().filter_map(|path| path.split('/').next()).collect();
        assert!(names.contains("match") && names.contains("near"), "{id} needs a case `match` and a case `near`");
        for name in names {
            let below = |path: &String| path.strip_prefix(name)?.strip_prefix('/').map(str::to_owned);
            let case: Files = cases.iter().filter_map(|(path, bytes)| Some((below(path)?, bytes.clone()))).collect();
            let found = recognised(&green, &case);
            let ids: Vec<&str> = found.iter().map(|(id, ..)| id.as_str()).collect();
            if name.starts_with("match") {
                assert_eq!(ids, [*id], "{id}/{name}: {found:?}");
                matched += 1;
            } else {
                assert_eq!(ids, [""; 0], "{id}/{name}: {found:?}");
                missed += 1;
            }
        }
    }
    assert_eq!((signatures.len(), missed), (17, 18));
    assert!(matched > 30, "{matched} cases that match");
}

#[test]
fn each_kind_of_blocker_has_its_step() {
    let case = tree(&home().join("fixtures/triage/completion_audit_closeout/match"));
    let found = recognised(&green(), &case);
    let (_, places, steps) = &found[0];
    assert_eq!(places.len(), 6);
    let mut looked = 0;
    for kind in
        ["missing_push", "failed_command", "proxy_only_evidence", "missing_artifact", "unresolved_gap", "Any other kind"]
    {
        assert!(
            steps.iter().any(|step| step.starts_with(&format!("`{kind}`:")) || step.starts_with(kind)),
            "{kind}: {steps:?}"
        );
        looked += 1;
    }
    assert_eq!(looked, 6);
}
