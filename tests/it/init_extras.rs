//! `gatekeeper init` with more than tests: coverage, benchmarks and static analysis as they are today; everything in one file; schemas for editors.

use crate::support::{gatekeeper, text};
use gatekeeper::cli::Exit;
use std::fs;
use std::path::Path;

const REPORT: &str = "<testsuite name=\"s\" tests=\"1\" failures=\"0\"><testcase classname=\"c\" name=\"a\"/></testsuite>";

fn lcov(hit: usize) -> String {
    let lines: String = (1..=9).map(|line| format!("DA:{line},{}\n", usize::from(line <= hit))).collect();
    format!("SF:src/shop.py\n{lines}LF:9\nLH:{hit}\nend_of_record\n")
}

fn bench(seconds: f64) -> String {
    let data: Vec<f64> = [1.0, 1.01, 0.99].iter().cycle().take(12).map(|factor| seconds * factor).collect();
    let (low, high) = (seconds * 0.99, seconds * 1.01);
    let stats = serde_json::json!({ "rounds": 12, "data": data, "iterations": 1, "min": low, "max": high, "mean": seconds, "median": seconds,
        "stddev": seconds / 115.0, "iqr": seconds / 50.0, "ops": 1.0 / seconds, "total": seconds * 12.0 });
    let one = serde_json::json!({ "name": "test_total", "fullname": "test_shop.py::test_total", "params": null, "group": null, "stats": stats });
    serde_json::json!({
        "machine_info": {}, "commit_info": { "id": "1".repeat(40), "dirty": false }, "benchmarks": [one],
        "datetime": "2026-03-02T10:00:00+00:00", "version": "5.1.0",
    })
    .to_string()
}

fn sarif(errors: usize) -> String {
    let result = |level: &str| serde_json::json!({ "ruleId": "r", "level": level, "message": { "text": "x" } });
    let results: Vec<_> = (0..errors).map(|_| result("error")).chain([result("warning")]).collect();
    let run = serde_json::json!({ "tool": { "driver": { "name": "t" } }, "results": results });
    serde_json::json!({ "version": "2.1.0", "runs": [run] }).to_string()
}

struct Project(tempfile::TempDir);

impl Project {
    fn new() -> Self {
        let project = Self(tempfile::tempdir().expect("a directory"));
        project.write("build/junit.xml", REPORT);
        project.write("build/lcov.info", &lcov(7));
        project.write("build/bench.json", &bench(0.002));
        project.write("build/lint.sarif", &sarif(2));
        project.write("node_modules/x/lcov.info", &lcov(1));
        project
    }

    fn root(&self) -> &str {
        text(self.0.path())
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        fs::write(path, text).expect("a file");
    }

    fn init(&self, more: &[&str]) -> (Exit, String, String) {
        let own = ["init", self.root(), "--owner", "o", "--bead", "B-1", "--name", "shop"];
        let done = gatekeeper(&[&own[..], more].concat(), &[]);
        // Renewals of exceptions are counted in git.
        let repository = git2::Repository::init(self.0.path()).expect("a repository");
        if repository.head().is_ok() {
            return done;
        }
        let tree = repository.find_tree(repository.index().expect("an index").write_tree().expect("a tree")).expect("it");
        let author = git2::Signature::now("a", "a@example.com").expect("an author");
        repository.commit(Some("HEAD"), &author, &author, "x", &tree, &[]).expect("a commit");
        done
    }

    /// The gates that fail.
    fn failing(&self) -> Vec<String> {
        let (_, out, said) = gatekeeper(&["verify", "--root", self.root(), "--dry-run", "-o", "verdict"], &[]);
        let verdict: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {said}"));
        let gates = verdict["gates"].as_array().expect("gates").iter().filter(|gate| gate["status"] == "fail");
        gates.map(|gate| gate["id"].as_str().expect("an id").to_owned()).collect()
    }
}

#[test]
fn a_project_is_held_to_what_is_there_today() {
    let project = Project::new();
    let (exit, _, said) = project.init(&["--with", "coverage,bench,sarif"]);
    assert_eq!(exit, Exit::Pass, "{said}");
    for part in [
        "build/lcov.info: 77 % of lines",
        "build/bench.json: 1 benchmark with a budget",
        "build/lint.sarif: 2 errors, the ceiling",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let (exit, _, said) = gatekeeper(&["lint", "--root", project.root()], &[]);
    assert!(exit == Exit::Pass && said.contains("13 gates"), "{said}");
    assert_eq!(project.failing(), [""; 0]);
    let worse = [
        ("coverage_floor", "build/lcov.info", lcov(6), lcov(7)),
        ("benchmarks", "build/bench.json", bench(0.004), bench(0.0021)),
        ("analysis_errors", "build/lint.sarif", sarif(3), sarif(0)),
    ];
    let mut looked = 0;
    for (gate, file, bad, good) in worse {
        project.write(file, &bad);
        assert_eq!(project.failing(), [gate], "{file}");
        project.write(file, &good);
        assert_eq!(project.failing(), [""; 0], "{file}");
        looked += 1;
    }
    assert_eq!(looked, 3);
}

#[test]
fn one_file_says_what_several_say() {
    let (several, one) = (Project::new(), Project::new());
    assert_eq!(several.init(&["--with", "coverage,bench,sarif"]).0, Exit::Pass);
    let (exit, _, said) = one.init(&["--with", "sarif,coverage,bench", "--one-file"]);
    assert!(
        exit == Exit::Pass && !one.0.path().join("gates").exists() && !one.0.path().join("policies").exists(),
        "{said}"
    );
    let (exit, table, said) = gatekeeper(&["policy", "diff", several.root(), one.root(), "--root", one.root()], &[]);
    assert!(exit == Exit::Pass && table.starts_with("the definitions are the same"), "{table}{said}");
    assert_eq!(one.failing(), [""; 0]);
}

#[test]
fn each_file_keeps_to_the_schema_that_it_names() {
    let mut looked = 0;
    for more in [&[][..], &["--one-file"]] {
        let project = Project::new();
        let (exit, _, said) = project.init(&[&["--with", "coverage,bench,sarif", "--schemas"], more].concat());
        assert_eq!(exit, Exit::Pass, "{said}");
        let (exit, _, said) = gatekeeper(&["new", "gate", "sorted", "--root", project.root()], &[]);
        assert_eq!(exit, Exit::Pass, "{said}");
        let mut open = vec![project.0.path().to_owned()];
        while let Some(directory) = open.pop() {
            for entry in fs::read_dir(directory).expect("a directory") {
                let path = entry.expect("an entry").path();
                if path.is_dir() && path.file_name().is_some_and(|name| name != ".git" && name != "fixtures") {
                    open.push(path);
                } else if path.extension().is_some_and(|ending| ending == "toml")
                    && !path.ends_with("gatekeeper-reports.toml")
                {
                    keeps_to_its_schema(&path);
                    looked += 1;
                }
            }
        }
        assert_eq!(gatekeeper(&["lint", "--root", project.root()], &[]).0, Exit::Pass);
    }
    assert_eq!(looked, 17 + 3);
}

fn keeps_to_its_schema(path: &Path) {
    let text = fs::read_to_string(path).expect("a file");
    let named = text.lines().next().and_then(|line| line.strip_prefix("#:schema "));
    let named = path.parent().expect("a directory").join(named.unwrap_or_else(|| panic!("{}: {text}", path.display())));
    let schema = fs::read_to_string(&named).unwrap_or_else(|error| panic!("{}: {error}", named.display()));
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).expect("JSON")).expect("a schema");
    let table: toml::Table = text.parse().expect("TOML");
    let value = serde_json::to_value(table).expect("data");
    let wrong: Vec<String> = schema.iter_errors(&value).map(|error| format!("{} {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{}: {wrong:?}", path.display());
}

#[test]
fn what_is_not_there_is_asked_for_in_vain() {
    let project = Project::new();
    fs::remove_file(project.0.path().join("build/lcov.info")).expect("a file");
    let (exit, _, said) = project.init(&["--with", "coverage"]);
    assert!(
        exit == Exit::Usage
            && said.contains("nothing that is read is there for `--with coverage`; looked for `**/*.info` as lcov"),
        "{said}"
    );
    assert!(!project.0.path().join("gatekeeper.toml").exists());
    let (exit, _, said) = project.init(&["--with", "coverag"]);
    assert!(exit == Exit::Usage && said.contains("coverage"), "{said}");
    let out = project.0.path().join("schemas");
    assert_eq!(gatekeeper(&["schema", "--out", text(&out)], &[]).0, Exit::Pass);
    let names = gatekeeper(&["schema"], &[]).1;
    assert!(names.lines().count() > 25 && names.lines().all(|name| out.join(format!("{name}.json")).exists()), "{names}");
}
