//! `gatekeeper flakes` and the gate `flake_rate`, over runs that a tool wrote (`fixtures/flakes`, whose README says which) and over
//! runs in the layout of an end-to-end profile.

use gatekeeper::cli::Exit;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

const NOW: &str = "2026-03-02T12:00:00Z";
const COMMIT: &str = "4f6c0d2b9a7e85311c0e9d64b2f7a8c35d1e6f90";

fn home() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Runs a command line: exit, standard output, what was said.
fn gatekeeper(arguments: &[&str]) -> (Exit, String, String) {
    crate::support::gatekeeper(arguments, &[])
}

fn flakes(arguments: &[&str]) -> (Exit, Value) {
    let (exit, out, said) = gatekeeper(&[&["flakes", "--json", "--now", NOW], arguments].concat());
    (exit, serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{said}")))
}

/// A directory with a repository's mark, for runs.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().expect("a directory"));
        fs::create_dir(place.0.path().join(".git")).expect("made");
        place
    }

    fn write(&self, path: &str, text: &str) -> &Self {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().expect("above")).expect("made");
        fs::write(path, text).expect("written");
        self
    }

    fn path(&self, below: &str) -> String {
        self.0.path().join(below).display().to_string()
    }

    /// A run of one suite, whose log is given.
    fn run(&self, name: &str, commit: &str, exit: i32, log: &str) -> &Self {
        let environment = serde_json::json!({"run_id": name, "git_sha": commit, "suites": ["chat"], "units": []});
        let failed = i32::from(exit == 101);
        let result = serde_json::json!({"suite": "chat", "exit_code": exit, "failed": failed, "total": 2});
        self.write(&format!("runs/{name}/environment.json"), &environment.to_string());
        self.write(&format!("runs/{name}/chat/result.json"), &result.to_string());
        self.write(&format!("runs/{name}/chat/output.log"), log)
    }
}

/// A log of `cargo test` of the suite `chat`; `panic` is what its test `t` says when it fails. The seconds tell runs apart.
fn log(seconds: u32, panic: Option<&str>) -> String {
    let (word, verdict) =
        if panic.is_some() { ("FAILED", "FAILED. 1 passed; 1 failed") } else { ("ok", "ok. 2 passed; 0 failed") };
    let said = panic.map_or_else(String::new, |panic| {
        format!("\nfailures:\n\n---- t stdout ----\n\nthread 't' panicked at tests/chat.rs:4:5:\n{panic}\n\n\nfailures:\n    t\n")
    });
    format!(
        "     Running tests/chat.rs (target/debug/deps/chat-52d0a9c7e1f34b68)\n\nrunning 2 tests\ntest steady ... ok\ntest t ... {word}\n{said}\n\
         test result: {verdict}; 0 ignored; 0 measured; 0 filtered out; finished in {seconds}.00s\n\n"
    )
}

#[test]
fn reports_that_pytest_wrote_have_two_suspects_and_a_broken_test() {
    let runs = home().join("fixtures/flakes/pytest/run-*.xml").display().to_string();
    let (exit, json) = flakes(&[&runs, "--commit", COMMIT]);
    assert_eq!(exit, Exit::Failed);
    let suspects = json["suspects"].as_array().expect("a list");
    let told: Vec<(&str, u64, u64, Option<&str>)> = suspects
        .iter()
        .map(|row| {
            let count = |key: &str| row[key].as_u64().expect("a count");
            let name = row["name"].as_str().expect("a name");
            (name, count("failures"), count("runs"), row["proposal"]["category"].as_str())
        })
        .collect();
    assert_eq!(
        told,
        [
            ("pytest::tests.test_gateway::test_answers", 4, 6, Some("FLAKE-NET")),
            ("pytest::tests.test_gateway::test_order", 1, 6, None)
        ]
    );
    let bound = suspects[1]["upper_bound"].as_f64().expect("a rate");
    assert!((bound - 0.581_803).abs() < 1e-5, "{bound}");
    assert_eq!(suspects[1]["failing"][0]["end"], "passed at a retry");
    assert_eq!((json["broken"].as_array().map(Vec::len), json["gaps"].as_array().map(Vec::len)), (Some(1), Some(0)));
    assert_eq!(json["broken"][0]["name"], "pytest::tests.test_gateway::test_rounds");

    // Without a commit no run is compared with another: only the retry within one of them is a flake.
    let (exit, json) = flakes(&[&runs]);
    assert_eq!((exit, json["suspects"].as_array().map(Vec::len)), (Exit::Failed, Some(1)));
    assert_eq!(json["gaps"].as_array().map(Vec::len), Some(6));
}

#[test]
fn an_entry_is_refused_until_a_person_has_filled_it_in() {
    let place = Place::new();
    place.run("one", COMMIT, 101, &log(1, Some("the token: timed out after 5s"))).run("two", COMMIT, 0, &log(2, None));
    let (exit, out, _) = gatekeeper(&["flakes", &place.path("runs/*"), "--now", NOW]);
    assert_eq!(exit, Exit::Failed, "{out}");
    for words in [
        "1 suspect among 2 tests in 2 runs of 1 commit",
        "failed in 1 of 2 runs, so up to 97.47 % of runs at 95 % confidence",
        "   failed   runs/one/chat/output.log:5: the token: timed out after 5s",
        "   passed   runs/two/chat/output.log:5",
        "propose FLAKE-TIMING by the message at runs/one/chat/output.log:5",
    ] {
        assert!(out.contains(words), "{words}\n{out}");
    }
    let (_, json) = flakes(&[&place.path("runs/*")]);
    let entry = json["suspects"][0]["quarantine"].as_str().expect("an entry").to_owned();
    assert!(out.contains(&entry), "{out}");
    assert!(entry.contains("reproduce      = \"cargo test --test chat t -- --nocapture\""), "{entry}");
    assert!(entry.contains("since          = 2026-03-02\nexpires        = 2026-03-12\n"), "{entry}");

    // The same repository, judged by a policy that reads the ledger.
    let policy = "schema = \"gatekeeper.policy/1\"\nid = \"own\"\ntitle = \"Own\"\nledger = [\"repo:ledger.toml\"]\n\n[lane.full]\nrule = \"full\"\n\n\
                  [[gate]]\nid = \"quarantine_lifecycle\"\nblocking = true\n\n[[gate]]\nid = \"waiver_lifecycle\"\nblocking = true\nwaivable = false\n";
    let gate = |id: &str, kind: &str| {
        format!(
            "schema = \"gatekeeper.gate/1\"\nid = \"{id}\"\ntitle = \"T\"\nowner = \"ada\"\nbead = \"bd-1\"\nwhy = \"w\"\nreproduce = \"make\"\n\
             remediation = [\"Mend it.\"]\n\n[evidence.ledger]\npath = \"repo:ledger.toml\"\n\n[[check]]\nkind = \"{kind}\"\nledger = \"ledger\"\n"
        )
    };
    place
        .write("gatekeeper.toml", "schema = \"gatekeeper.config/1\"\nextends = \"policies/own.toml\"\n")
        .write("policies/own.toml", policy)
        .write("gates/own/quarantine_lifecycle.toml", &gate("quarantine_lifecycle", "quarantine-lifecycle"))
        .write("gates/own/waiver_lifecycle.toml", &gate("waiver_lifecycle", "waiver-lifecycle"));
    let lint = |ledger: &str| {
        place.write("ledger.toml", ledger);
        gatekeeper(&["lint", "--root", &place.path(""), "--now", NOW])
    };
    let (exit, _, said) = lint(&entry);
    assert_eq!(exit, Exit::Usage, "{said}");
    assert!(said.contains("for `owner`") && said.contains("for `bead`"), "{said}");
    let filled =
        entry.replace("owner          = \"\"", "owner = \"ada\"").replace("bead           = \"\"", "bead = \"bd-7\"");
    let (exit, _, said) = lint(&filled);
    assert_eq!(exit, Exit::Pass, "{said}");
    // Where nothing suggests a category, that too is left to a person.
    let (exit, _, said) = lint(&filled.replace("\"FLAKE-TIMING\"", "\"\""));
    assert!(exit == Exit::Usage && said.contains("for `category`"), "{said}");
}

#[test]
fn commits_are_never_mixed_and_crashes_are_their_own_suspects() {
    let place = Place::new();
    place.run("one", COMMIT, 101, &log(1, Some("no"))).run("two", "ffff", 0, &log(2, None));
    let (exit, json) = flakes(&[&place.path("runs/*")]);
    assert_eq!((exit, json["suspects"].as_array().map(Vec::len)), (Exit::Pass, Some(0)), "{json}");
    assert_eq!(json["broken"][0]["commit"], COMMIT);

    let cut = log(3, None).split("test t").next().expect("a part").to_owned();
    place.run("three", COMMIT, 137, &cut).run("four", COMMIT, 0, &log(4, None));
    let (exit, json) = flakes(&[&place.path("runs/*")]);
    assert_eq!(exit, Exit::Failed);
    let suspects = json["suspects"].as_array().expect("a list");
    let whole = suspects.iter().find(|row| row["whole"] == true).expect("the suite as a whole");
    assert_eq!((whole["failures"].as_u64(), whole["runs"].as_u64()), (Some(1), Some(3)));
    assert_eq!((&whole["proposal"]["category"], &whole["quarantine"]), (&Value::from("FLAKE-RES"), &Value::Null));
}

#[test]
fn exits_tell_what_is_wrong() {
    let place = Place::new();
    place.run("one", COMMIT, 0, &log(1, None)).run("two", COMMIT, 0, &log(2, None));
    let all = place.path("runs/*");
    assert_eq!(flakes(&[&all]).0, Exit::Pass);
    let gone = place.path("gone");
    let (exit, json) = flakes(&[&all, &gone]);
    assert_eq!((exit, &json["gaps"][0]["kind"]), (Exit::Gap, &Value::from("missing")));
    let mut looked = 0;
    for arguments in [vec!["flakes"], vec!["flakes", &all, "--confidence", "95"], vec!["flakes", "none/*"]] {
        assert_eq!(gatekeeper(&arguments).0, Exit::Usage, "{arguments:?}");
        looked += 1;
    }
    assert_eq!(looked, 3);
    place.write("runs/two/environment.json", "{");
    assert_eq!(flakes(&[&all]).0, Exit::Gap, "a run that cannot say who it is");
    place.run("two", COMMIT, 0, &log(1, None));
    let (exit, json) = flakes(&[&all]);
    assert_eq!((exit, &json["repeats"][0]["of"]), (Exit::Pass, &Value::from("runs/one")), "one run under two names");
    place.write("plain/notes.txt", "nothing");
    assert_eq!(flakes(&[&place.path("plain"), "--commit", COMMIT]).0, Exit::Gap, "a directory without a report");
    place.write("plain/junit.xml", "<testsuite");
    assert_eq!(flakes(&[&place.path("plain"), "--commit", COMMIT]).0, Exit::Gap, "a damaged report");
}

/// Copies runs of the fixtures, so many under new names and ids, and judges the last of them.
fn judged(runs: usize) -> (Exit, Value) {
    let place = Place::new();
    // A repository that is there and does not tell its commit would vouch for no run.
    fs::remove_dir(place.path(".git")).expect("removed");
    for at in 0..runs {
        place.run(&format!("run-{at:02}"), COMMIT, 0, &log(u32::try_from(at).expect("small"), None));
    }
    let last = place.path(&format!("runs/run-{:02}", runs - 1));
    let history = place.path("runs/*");
    let arguments = [
        "verify",
        &last,
        "--root",
        &place.path(""),
        "--policy",
        "flakes",
        "--history",
        &history,
        "--now",
        NOW,
        "--dry-run",
        "-o",
        "verdict",
    ];
    let (exit, out, said) = gatekeeper(&arguments);
    (exit, serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {said}")))
}

#[test]
fn thirty_clean_runs_prove_it_and_fewer_are_undecided() {
    assert_eq!(judged(30).0, Exit::Pass);
    let (exit, verdict) = judged(20);
    assert_eq!(exit, Exit::Gap);
    let gate = &verdict["gates"][0];
    assert_eq!((&gate["standing"], &gate["reason"]), (&Value::from("fail"), &Value::from("undecided")));
    let expected = gate["findings"][0]["expected"].as_str().expect("words");
    assert!(expected.contains("proven by 10 more runs without a failure"), "{expected}");
}
