//! What report commands print: `-o FORMAT[=PATH]` is one spelling for all of them, their JSON keeps to a published schema, and `-q` and
//! `-v` mean the same everywhere.

use crate::support::{copy, gatekeeper};
use gatekeeper::cli::Exit;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

const RUN: &str = "tests/e2e_results/20260302T101500Z";
const OLDER: &str = "tests/e2e_results/20260301T091500Z";
const NOW: &str = "2026-03-02T12:00:00Z";

fn here(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path).display().to_string()
}

fn schema(name: &str) -> jsonschema::Validator {
    let path = PathBuf::from(here("docs/schemas")).join(format!("{name}.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    jsonschema::validator_for(&serde_json::from_str(&text).expect("JSON")).expect("a schema")
}

/// A repository with an older verdict that fails, for all commands together.
struct Bench(tempfile::TempDir);

impl Bench {
    /// Made once: nothing here changes it.
    fn shared() -> &'static Self {
        static SHARED: OnceLock<Bench> = OnceLock::new();
        SHARED.get_or_init(Self::new)
    }

    fn new() -> Self {
        let to = tempfile::tempdir().expect("a temporary directory");
        assert!(copy(Path::new(&here("fixtures/repos/agent-cli")), to.path()) > 50, "the fixture has files");
        let bench = Self(to);
        let (run, root, out) = (bench.at(OLDER), bench.at("."), bench.at("out"));
        let (exit, _, said) = gatekeeper(&["verify", &run, "--root", &root, "--now", NOW, "--out", &out, "-q"], &[]);
        assert!(exit != Exit::Pass && said.is_empty(), "{exit:?} {said}");
        bench
    }

    fn at(&self, path: &str) -> String {
        self.0.path().join(path).display().to_string()
    }

    /// Each command line, the schema of its JSON, and a word that its text holds.
    fn commands(&self) -> Vec<(Vec<String>, &'static str, &'static str)> {
        let (root, run, older) = (self.at("."), self.at(RUN), self.at(OLDER));
        let (verdict, log) = (self.at("out/full_suite_verdict.json"), self.at("docs/coverage-summary.json"));
        let (claims, readme) = (here("docs/claims.json"), here("README.md"));
        let row = |words: &[&str], schema, word| {
            let root = ["--root", root.as_str()];
            let words = words.iter().chain(root.iter().filter(|_| words[0] != "inspect"));
            (words.map(ToString::to_string).collect(), schema, word)
        };
        vec![
            row(&["lint", "--policy", "test-results"], "lint", ": sound\n"),
            row(&["lint", "--policy", "nosuch"], "lint", "1 error, 0 warnings: not sound\n"),
            row(&["gates", "--policy", "test-results"], "gates", "blocking"),
            row(&["graph", "--policy", "e2e-run"], "graph", "run_documents"),
            row(&["explain", "tests-pass", "--policy", "test-results"], "explanation", "check kind tests-pass"),
            row(&["explain", "flaky_tests", "--policy", "test-results"], "explanation", "Evidence:"),
            row(&["show-config", "--policy", "test-results"], "configuration", "limits.file_max"),
            row(&["inspect", &log], "inspection", "a list of"),
            row(&["inspect", &readme], "inspection", "README.md"),
            row(&["diff", &older, &run], "diff", "compared"),
            row(&["replay", &older], "replay-plan", "failed in"),
            row(&["triage", &older, "--now", NOW], "triage", "failed in"),
            row(&["flakes", &older, &run, "--now", NOW], "flakes", "among"),
            row(&["waivers", "audit", "--now", NOW], "exceptions", "waiver"),
            row(&["quarantine", "audit", "--now", NOW], "exceptions", "quarantine"),
            row(&["check-claims", "--contract", &claims, "--text", &readme], "claim-verdict", "may be claimed"),
            row(&["reverify", &verdict], "reverification", ""),
            row(&["incident", &verdict], "incident", "# "),
            row(&["audit", &self.at("docs/evidence/completion-audit.json")], "closeout-audit", "read only"),
            row(&["policy", "diff", &root, &root, "--policy", "test-results"], "policy-diff", ""),
        ]
    }
}

fn run(words: &[String], more: &[&str]) -> (Exit, String, String) {
    let words: Vec<&str> = words.iter().map(String::as_str).chain(more.iter().copied()).collect();
    gatekeeper(&words, &[])
}

/// Every command: its JSON keeps to its schema and is the same in a file, and as the alias says it; its text is what is printed unasked.
#[test]
fn every_report_command_prints_json_with_a_published_schema() {
    let bench = Bench::shared();
    let file = bench.at("told.json");
    let mut looked = 0;
    for (words, name, word) in bench.commands() {
        let text_form = if words[0] == "incident" {
            "markdown"
        } else if words[0] == "policy" {
            "table"
        } else {
            "text"
        };
        let (exit, json, said) = run(&words, &["-o", "json"]);
        let value: Value = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{words:?}: {error}: {json}{said}"));
        let wrong: Vec<String> = schema(name).iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{words:?}: {wrong:?}");
        let id = if name == "closeout-audit" { "audit" } else { name };
        assert_eq!(value["schema"], format!("gatekeeper.{id}/1"), "{words:?}");
        fs::write(&file, "of an earlier day").expect("a file");
        let (same, nothing, _) = run(&words, &["-o", &format!("json={file}"), "-q"]);
        assert_eq!((same, nothing.as_str()), (exit, ""), "{words:?}");
        let written: Value = serde_json::from_slice(&fs::read(&file).expect("a file")).expect("JSON");
        assert_eq!(keys(&written), keys(&value), "{words:?}");
        let (same, shown, _) = run(&words, &["-o", text_form]);
        assert!(same == exit && shown.contains(word), "{words:?}: {shown}");
        if words[0] != "policy" {
            let (same, alias, _) = run(&words, &["--json"]);
            assert!(same == exit && keys(&serde_json::from_str(&alias).expect("JSON")) == keys(&value), "{words:?}");
        }
        // A wrong word is told with those that there are, and the file of an earlier day is gone.
        fs::write(&file, "of an earlier day").expect("a file");
        let (usage, out, said) = run(&words, &["-o", &format!("jsn={file}")]);
        assert!(usage == Exit::Usage && out.is_empty() && said.contains("did you mean `json`?"), "{words:?}: {said}");
        assert_ne!(fs::read_to_string(&file).expect("a file"), "of an earlier day", "{words:?}");
        looked += 1;
    }
    assert_eq!(looked, 20);
}

fn keys(value: &Value) -> Vec<&String> {
    value.as_object().expect("an object").keys().collect()
}

/// What `-q` leaves is what is wrong; what `-v` adds is where and with what.
#[test]
fn quiet_and_verbose_mean_the_same_everywhere() {
    let bench = Bench::shared();
    let mut looked = 0;
    // One of each three: the switches are read in one place.
    for (words, _, _) in bench.commands().into_iter().step_by(3) {
        let (exit, usual_out, usual) = run(&words, &[]);
        let (quiet_exit, out, quiet) = run(&words, &["-q"]);
        let (verbose_exit, _, verbose) = run(&words, &["-v"]);
        assert_eq!((quiet_exit, verbose_exit), (exit, exit), "{words:?}");
        assert!(out == usual_out && quiet.len() <= usual.len() && verbose.len() >= usual.len(), "{words:?}");
        let sound = exit == Exit::Pass;
        assert!(!sound || quiet.is_empty(), "{words:?}: {quiet}");
        looked += 1;
    }
    assert_eq!(looked, 7);
    let (both, _, said) = gatekeeper(&["gates", "-q", "-v"], &[]);
    assert!(both == Exit::Usage && said.contains("exclude each other"), "{said}");
    let (root, run) = (bench.at("."), bench.at(RUN));
    let judged = ["verify", &run, "--root", &root, "--now", NOW, "--dry-run"];
    let said = |more: &[&str]| gatekeeper(&[more, &judged].concat(), &[]).2;
    let (quiet, usual, verbose) = (said(&["--quiet"]), said(&[]), said(&["--verbose"]));
    assert!(quiet.is_empty() && usual.contains("verdict: PASS") && verbose.len() > usual.len(), "{verbose}");
    assert!(verbose.contains("repository: ") && verbose.contains("definitions: "), "{verbose}");
}

#[test]
fn what_is_in_force_names_its_file_and_line() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let root = directory.path().display().to_string();
    let config = "schema = \"gatekeeper.config/1\"\nextends = \"builtin:full-suite\"\n\n[limits]\nwaiver_max_days = 14\n";
    fs::write(Path::new(&root).join("gatekeeper.toml"), config).expect("a configuration");
    let (exit, out, said) = gatekeeper(&["show-config", "--root", &root, "-o", "json"], &[]);
    assert_eq!(exit, Exit::Pass, "{said}");
    let shown: Value = serde_json::from_str(&out).expect("JSON");
    let value = |name: &str| {
        let rows = shown["values"].as_array().expect("values");
        let row = rows.iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("no `{name}`: {out}"));
        [text_of(&row["value"]), text_of(&row["from"])]
    };
    assert_eq!(value("policy"), ["full-suite", "gatekeeper.toml:1"]);
    assert_eq!(value("limits.waiver_max_days"), ["14", "gatekeeper.toml:5"]);
    assert_eq!(value("limits.held_max")[1], "default");
    assert!(value("gate.waiver_lifecycle.blocking")[1].starts_with("builtin:policies/full-suite.toml:"));
    assert!(shown["files"].as_array().is_some_and(|files| files.iter().any(|file| file == "gatekeeper.toml")));
    fs::write(Path::new(&root).join("gatekeeper.toml"), config.replace("extends", "extnds")).expect("a configuration");
    let (exit, out, said) = gatekeeper(&["show-config", "--root", &root], &[]);
    assert!(exit == Exit::Usage && out.is_empty() && said.contains("did you mean `extends`?"), "{said}");
}

fn text_of(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
