//! `gatekeeper checklist`: go and no-go over a small repository, word for word, and over the release of the example repository.
//!
//! `GATEKEEPER_BLESS=1 cargo test --test it release_checklist` writes the golden lists anew; on a build server that is refused.

use crate::support::assurance::asked;
use crate::support::{copy, gatekeeper, text};
use gatekeeper::cli::Exit;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

const NOW: &str = "2026-03-02T12:00:00Z";
const RUN: &str = "tests/e2e_results/20260302T101500Z";
const OLDER: &str = "tests/e2e_results/20260301T091500Z";

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// A copy of a repository.
fn repository(name: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a directory");
    assert!(copy(&fixtures().join("repos").join(name), home.path()) > 3);
    home
}

fn edit(at: &Path, file: &str, from: &str, to: &str) {
    let path = at.join(file);
    let before = fs::read_to_string(&path).expect("a file of the copy");
    assert!(before.contains(from), "{file} holds {from}");
    fs::write(path, before.replacen(from, to, 1)).expect("the copy can be changed");
}

/// The exit, standard output and what was said.
fn checklist(at: &Path, more: &[&str]) -> (Exit, String, String) {
    let run = at.join("run");
    gatekeeper(&[&["checklist", text(&run), "--root", text(at), "--now", NOW], more].concat(), &[])
}

/// Compares with a golden file, or writes it.
fn golden(name: &str, shown: &str) {
    let path = fixtures().join("checklists").join(name);
    if asked("GATEKEEPER_BLESS") {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, shown).expect("a golden file can be written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(shown, expected, "{name}; bless it if the change is meant");
}

/// Something done to a copy of the small repository.
type Change = fn(&Path);

#[test]
fn every_decision_reads_as_it_should() {
    let cases: [(&str, Change, &[&str], Exit, &str); 5] = [
        ("go", |_| {}, &[], Exit::Pass, "go"),
        ("no-go-red", |at| edit(at, "run/summary.json", "\"failed\": 0", "\"failed\": 2"), &[], Exit::Failed, "no-go"),
        ("no-go-missing", |at| fs::remove_file(at.join("reports/audit.json")).expect("evidence"), &[], Exit::Gap, "no-go"),
        ("go-waived", |at| edit(at, "reports/audit.json", "\"open\": 0", "\"open\": 1"), &[], Exit::Pass, "go"),
        (
            "rolled-back",
            |at| edit(at, "run/summary.json", "\"failed\": 0", "\"failed\": 2"),
            &["--mode", "rollback", "--rationale", "hotfix 1.2.4, INC-77", "--until", "2026-03-03T00:00:00Z"],
            Exit::Pass,
            "rolled-back",
        ),
    ];
    let mut seen = 0;
    for (name, change, more, exit, decision) in cases {
        let home = repository("small-release");
        change(home.path());
        let (code, markdown, said) = checklist(home.path(), more);
        assert_eq!(code, exit, "{name}: {said}");
        golden(&format!("{name}.md"), &markdown);
        let (code, programs, _) = checklist(home.path(), &[more, &["-o", "json", "--quiet"]].concat());
        assert_eq!(code, exit, "{name}");
        golden(&format!("{name}.json"), &programs);
        let value: Value = serde_json::from_str(&programs).expect("JSON");
        assert_eq!((&value["decision"], &value["schema"]), (&json!(decision), &json!("gatekeeper.release-checklist/1")));
        let schema = gatekeeper(&["schema", "checklist-json"], &[]).1;
        let schema: Value = serde_json::from_str(&schema).expect("a schema");
        assert!(jsonschema::is_valid(&schema, &value), "{name}");
        seen += 1;
    }
    assert_eq!(seen, 5);
}

#[test]
fn files_say_no_go_until_the_judgement_is_done() {
    let home = repository("small-release");
    let out = home.path().join("lists");
    let (exit, shown, said) =
        checklist(home.path(), &["--out", text(&out), "-o", &format!("json={}", text(&home.path().join("lists.json")))]);
    assert_eq!((exit, shown.as_str()), (Exit::Pass, ""), "{said}");
    assert!(said.contains("release: GO") && said.contains("wrote: "), "{said}");
    assert!(home.path().join("lists.json").exists(), "it was written where it was asked for");
    let read = |name: &str| fs::read_to_string(out.join(name)).expect("a list");
    assert!(read("release_checklist.md").starts_with("# ✅ Release checklist: GO, as of 2026-03-02T12:00:00Z\n"));
    // Definitions that cannot be judged by leave no older GO behind.
    fs::write(home.path().join("gates/small/tests_pass.toml"), "schema = 1").expect("a broken gate");
    let (exit, ..) = checklist(home.path(), &["--out", text(&out)]);
    assert_eq!(exit, Exit::Usage);
    assert!(read("release_checklist.md").starts_with("# ❌ Release checklist: NO-GO\n"));
    let value: Value = serde_json::from_str(&read("release_checklist.json")).expect("JSON");
    assert_eq!(value["decision"], "no-go");
}

#[test]
fn what_is_asked_wrongly_decides_nothing() {
    let home = repository("small-release");
    let wrong: [&[&str]; 5] =
        [&["-o", "markdwn"], &["-o", "json="], &["--mode", "rollback"], &["--policy", "relese"], &["--now", "today"]];
    let mut seen = 0;
    for more in wrong {
        let run = home.path().join("run");
        let (exit, shown, said) =
            gatekeeper(&[&["checklist", text(&run), "--root", text(home.path())], more].concat(), &[]);
        assert_eq!((exit, shown.as_str()), (Exit::Usage, ""), "{more:?}: {said}");
        seen += 1;
    }
    assert_eq!(seen, 5);
}

/// The release of the example repository, judged: exit, the list for programs, what was said.
fn release(at: &Path, run: Option<&str>, more: &[&str]) -> (Exit, Value, String) {
    let run = run.map(|run| at.join(run));
    let mut arguments = vec!["checklist", "--policy", "release", "--root", text(at), "--now", NOW, "-o", "json"];
    arguments.extend(run.as_deref().map(text));
    arguments.extend(more);
    let (exit, shown, said) = gatekeeper(&arguments, &[]);
    (exit, serde_json::from_str(&shown).unwrap_or_else(|error| panic!("{error}: {said}")), said)
}

fn gate<'v>(list: &'v Value, id: &str) -> &'v Value {
    let gates = list["gates"].as_array().expect("gates");
    gates.iter().find(|gate| gate["id"] == id).unwrap_or_else(|| panic!("no gate {id}"))
}

#[test]
fn the_example_may_be_released() {
    let home = repository("agent-cli");
    let (exit, list, said) = release(home.path(), Some(RUN), &[]);
    assert_eq!((exit, &list["decision"], &list["objections"]), (Exit::Pass, &json!("go"), &json!([])), "{said}");
    for id in
        ["conformance_must_pass", "evidence_bundle", "claims_language", "promotion", "waiver_lifecycle", "run_summary"]
    {
        assert_eq!((&gate(&list, id)["required"], &gate(&list, id)["checked"]), (&json!(true), &json!(true)), "{id}");
    }
    let aged = &gate(&list, "evidence_bundle")["oldest_evidence"];
    assert_eq!((&aged["age_seconds"], &aged["path"]), (&json!(2_400), &json!("tests/evidence_bundle/index.json")));
    let promotion = &list["promotion"];
    assert_eq!((&promotion["run"], &promotion["threshold_version"]), (&json!(RUN), &json!("promotion-1")));
    let passed = promotion["passed_over"][0].as_str().expect("the older run");
    assert!(passed.starts_with(&format!("`{OLDER}`: it tested commit ")) && passed.ends_with("; it is older"), "{passed}");
    let claims = json!({ "gate": "claims_language", "stands": true, "tier": "TIER-2-TARGETED-RUNTIME-PARITY",
        "allowed": ["runs extensions", "runs Node programs of the listed kinds"] });
    assert_eq!(list["claims"], claims);
    assert_eq!((&list["waivers"][0]["gate"], &list["waivers"][0]["used"]), (&json!("suite_sorted"), &json!(false)));
    assert_eq!(list["quarantine"].as_array().map(Vec::len), Some(1));
}

#[test]
fn without_a_run_the_list_says_which_one_to_judge() {
    let home = repository("agent-cli");
    let (exit, list, said) = release(home.path(), None, &[]);
    assert_eq!((exit, &list["decision"]), (Exit::Gap, &json!("no-go")), "{said}");
    assert_eq!(list["promotion"]["run"], RUN);
    assert_eq!(list["promotion"]["checked"], false);
}

#[test]
fn a_rollback_shows_mode_rationale_and_end() {
    let home = repository("agent-cli");
    let more = ["--mode", "rollback", "--rationale", "hotfix, INC-77", "--until", "2026-03-03T00:00:00Z"];
    let (exit, list, said) = release(home.path(), Some(RUN), &more);
    assert_eq!((exit, &list["decision"], &list["mode"]), (Exit::Pass, &json!("rolled-back"), &json!("rollback")));
    assert_eq!(list["rollback"], json!({ "rationale": "hotfix, INC-77", "until": "2026-03-03T00:00:00Z" }));
    assert!(said.contains("release: ROLLED BACK"), "{said}");
}

/// A run of the commit under judgement that began later, with these documents.
fn later(at: &Path, documents: &[&str]) -> &'static str {
    const LATER: &str = "20260302T113000Z";
    let directory = at.join("tests/e2e_results").join(LATER);
    fs::create_dir_all(&directory).expect("a directory");
    let read = fs::read_to_string(at.join(RUN).join("environment.json")).expect("the newest run");
    let mut own: Value = serde_json::from_str(&read).expect("JSON");
    own["timestamp"] = LATER.into();
    fs::write(directory.join("environment.json"), own.to_string()).expect("written");
    for document in documents {
        fs::write(directory.join(document), "{}").expect("written");
    }
    "tests/e2e_results/20260302T113000Z"
}

#[test]
fn an_older_green_run_never_stands_in_for_a_newer_one() {
    let home = repository("agent-cli");
    let whole = ["summary.json", "replay_bundle.json", "failure_diagnostics_index.json"];
    let directory = later(home.path(), &whole);
    let (exit, list, said) = release(home.path(), Some(RUN), &[]);
    assert_eq!((exit, &list["decision"]), (Exit::Failed, &json!("no-go")), "{said}");
    assert_eq!(list["promotion"]["run"], directory);
    assert_eq!(list["objections"], json!(["`promotion` is required and not checked off: finding"]));
    assert!(gate(&list, "promotion")["detail"].as_str().expect("a detail").contains("not-the-newest"), "{list}");
    // Nor if the newer one lacks a document, says nothing of itself, or says what is damaged.
    let mut seen = 0;
    for gone in ["summary.json", "replay_bundle.json", "failure_diagnostics_index.json", "environment.json"] {
        let path = home.path().join(directory).join(gone);
        let bytes = fs::read(&path).expect("a document");
        for damage in [None, Some(&b"{"[..]), Some(b"")] {
            match damage {
                None => fs::remove_file(&path).expect("removed"),
                Some(damage) => fs::write(&path, damage).expect("damaged"),
            }
            let (exit, list, said) = release(home.path(), Some(RUN), &[]);
            assert_ne!(exit, Exit::Pass, "{gone}: {said}");
            assert_eq!(
                (&list["decision"], &gate(&list, "promotion")["checked"]),
                (&json!("no-go"), &json!(false)),
                "{gone}"
            );
            seen += 1;
        }
        fs::write(&path, bytes).expect("mended");
    }
    assert_eq!(seen, 12);
}

#[test]
fn every_damage_to_what_the_runs_say_of_themselves_blocks() {
    let home = repository("agent-cli");
    let mut seen = 0;
    for run in [RUN, OLDER] {
        let path = home.path().join(run).join("environment.json");
        let sound = fs::read_to_string(&path).expect("a document");
        let value: Value = serde_json::from_str(&sound).expect("JSON");
        for key in ["timestamp", "profile", "git_sha", "shard", "run_id", "artifact_dir", "vcr_mode", "suites", "units"] {
            for damage in [None, Some(Value::Null), Some(json!(7))] {
                let mut own = value.clone();
                match damage {
                    None => drop(own.as_object_mut().expect("an object").remove(key)),
                    Some(damage) => own[key] = damage,
                }
                fs::write(&path, own.to_string()).expect("the copy can be damaged");
                let (exit, list, _) = release(home.path(), Some(RUN), &[]);
                assert_ne!(exit, Exit::Pass, "{run} {key}");
                assert_eq!(gate(&list, "promotion")["checked"], false, "{run} {key}");
                seen += 1;
            }
        }
        fs::write(&path, &sound).expect("mended");
    }
    assert_eq!(seen, 54);
}

#[test]
fn what_the_repository_says_of_the_full_suite_holds_for_the_release() {
    let home = repository("agent-cli");
    edit(home.path(), "gatekeeper.toml", "\"warm_start\"]", "\"warm_start\", \"first_paint\"]");
    let (exit, list, _) = release(home.path(), Some(RUN), &[]);
    assert_eq!((exit, &gate(&list, "perf_budgets")["checked"]), (Exit::Failed, &json!(false)));
    assert!(list["weakened_by"].as_array().expect("a list").iter().all(|switch| switch["switch"] != "configuration"));
}
