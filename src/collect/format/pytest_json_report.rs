//! `pytest-json-report`: what the plugin of this name writes for pytest (`--json-report`).
//!
//! Suites are files, classes are classes, and tests are pytest's items. `passed` and `xpassed` passed (a strict unexpected pass is told as `failed`),
//! `skipped` and `xfailed` are skipped, `failed` failed, and `error` is an error in set-up or tear-down; any other outcome failed. An item
//! whose set-up or tear-down failed, or whose body never ran though it is called passed, is an error whatever its outcome says.
//! A collector that failed is an error of its file. An `exitcode` other than 0 that no test and no collector explains is an error of
//! the run. More failures or errors in `summary` than are shown contradict the report; other counts that differ are noted.

use super::pipeline_words::instant;
use super::report::has_keys;
use super::results_json::{
    self, Misfit, line, list, misfit, of_the_run, seconds, text, total, trouble, unknown, whole, words,
};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{Attempt, AttemptStatus, Node, Pointer, Remark, Spot, TestCase, TestReport, TestSuite};
use std::collections::BTreeMap;

/// The format.
pub(super) static PYTEST_JSON_REPORT: Format = Format {
    id: "pytest-json-report",
    extensions: &[],
    about: "the report of pytest-json-report",
    docs: include_str!("pytest_json_report.rs"),
    reading: Reading::Tests(TestReader {
        marks: Marks::Json(|text| {
            has_keys(text, &["exitcode", "summary"])
                && ["environment", "collectors", "nodeid", "created"].iter().any(|key| has_keys(text, &[key]))
        }),
        report: |bytes, at| results_json::read(bytes, at, read),
    }),
};

#[derive(Default)]
struct Files<'d> {
    suites: Vec<TestSuite>,
    places: BTreeMap<&'d str, usize>,
}

impl<'d> Files<'d> {
    fn suite(&mut self, file: &'d str, at: &Pointer) -> &mut TestSuite {
        let place = *self.places.entry(file).or_insert(self.suites.len());
        if place == self.suites.len() {
            let mut suite = TestSuite::new(file, Spot::Value(at.clone()));
            suite.file = (!file.is_empty()).then(|| file.into());
            self.suites.push(suite);
        }
        &mut self.suites[place]
    }
}

fn read(root: Node<'_>) -> Result<TestReport, Misfit> {
    let top = Pointer::root();
    let exit = whole(root, "exitcode").ok_or_else(|| misfit(&top.key("exitcode"), "an exit code", root.get("exitcode")))?;
    let mut files = Files::default();
    let mut outcomes = BTreeMap::<&str, i128>::new();
    // The plugin leaves both lists out on demand.
    for (key, at) in ["collectors", "tests"].map(|key| (key, top.key(key))) {
        if root.get(key).is_none() {
            continue;
        }
        for (index, item) in list(root, &top, key)?.items().enumerate() {
            let at = at.index(index);
            let (file, class, name) = parts(text(item, &at, "nodeid")?);
            let outcome = text(item, &at, "outcome")?;
            if key == "tests" {
                *outcomes.entry(outcome).or_default() += 1;
                let case = case(item, &at, outcome, (class, name))?;
                files.suite(file, &at).cases.push(case);
            } else if !matches!(outcome, "passed" | "skipped") {
                let said = words(item, "longrepr");
                let said = if said.trim().is_empty() { "it could not be collected" } else { said };
                files.suite(file, &at).errors.push(Remark::new(said, Spot::Value(at)));
            }
        }
    }
    let mut report = TestReport::of(files.suites);
    report.timestamp = root.get("created").and_then(instant).map(Into::into);
    report.runner = Some("pytest");
    let summary = root.get("summary").filter(|summary| summary.is_map());
    let at = top.key("summary");
    let summary = summary.ok_or_else(|| misfit(&at, "an object", root.get("summary")))?;
    for (word, bad) in [("failed", true), ("error", true), ("passed", false), ("skipped", false)] {
        let told = outcomes.get(word).copied().unwrap_or_default();
        total(&mut report, (&at.key(word), word), summary.get(word), told, bad);
    }
    total(&mut report, (&at.key("total"), "total"), summary.get("total"), outcomes.values().sum(), false);
    if exit != 0 && trouble(&report) == 0 {
        let said = format!("pytest ended with {exit}, and no test says why");
        of_the_run(&mut report, &said, Spot::Value(top.key("exitcode")));
    }
    Ok(report)
}

/// The file, the classes and the name of an item. A parameter may hold anything.
fn parts(id: &str) -> (&str, &str, &str) {
    let end = id.find('[').unwrap_or(id.len());
    let Some(file) = id[..end].find("::") else { return (id, "", "") };
    let name = id[..end].rfind("::").unwrap_or(file);
    (&id[..file], id.get(file + 2..name).unwrap_or_default(), &id[name + 2..])
}

fn case(item: Node<'_>, at: &Pointer, outcome: &str, (class, name): (&str, &str)) -> Result<TestCase, Misfit> {
    let mut time: Option<f64> = None;
    let mut said = String::new();
    let mut broken = None;
    for stage in ["setup", "call", "teardown"] {
        let Some(node) = item.get(stage) else { continue };
        let ended = text(node, &at.key(stage), "outcome")?;
        time = time.into_iter().chain(seconds(node.get("duration"), 1.0)).reduce(|sum, more| sum + more);
        let told = match node.get("crash").map_or("", |crash| words(crash, "message")) {
            "" => words(node, "longrepr"),
            message => message,
        };
        if !told.is_empty() && ended != "passed" {
            said = told.to_owned();
        }
        if !matches!(ended, "passed" | "skipped") {
            broken = broken.or(Some((stage, if ended == "failed" { String::new() } else { unknown(ended) })));
        }
    }
    let (status, message) = match (outcome, broken) {
        ("failed", _) => (AttemptStatus::Failed, said),
        ("error", _) => (AttemptStatus::Errored, said),
        ("passed" | "xpassed" | "skipped" | "xfailed", Some((stage, odd))) => {
            let status = if stage == "call" { AttemptStatus::Failed } else { AttemptStatus::Errored };
            (status, if odd.is_empty() { said } else { odd })
        }
        // pytest came to its end in the middle of the test.
        ("passed" | "xpassed", None) if item.get("setup").is_some() && item.get("call").is_none() => {
            (AttemptStatus::Errored, "its body never came to an end".to_owned())
        }
        ("passed" | "xpassed", None) => (AttemptStatus::Passed, String::new()),
        ("skipped" | "xfailed", None) => (AttemptStatus::Skipped, said),
        (other, _) => (AttemptStatus::Failed, unknown(other)),
    };
    Ok(TestCase {
        class: class.into(),
        name: name.into(),
        file: None,
        // pytest counts lines from 0 here.
        line: line(item, "lineno").map(|line| line + 1),
        at: Spot::Value(at.clone()),
        attempts: Attempt::new(status, time, &message).into(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::report::testing::told;
    use super::{PYTEST_JSON_REPORT, parts};

    fn run(exit: i32, tests: &[String], more: &str, summary: &str) -> Vec<String> {
        let tests = tests.join(",");
        let text =
            format!(r#"{{"exitcode": {exit}, "environment": {{}}, {more} "summary": {{{summary}}}, "tests": [{tests}]}}"#);
        told(&PYTEST_JSON_REPORT, &text)
    }

    fn test(id: &str, outcome: &str, stages: [&str; 3]) -> String {
        let stages: String = ["setup", "call", "teardown"]
            .iter()
            .zip(stages)
            .filter(|(_, outcome)| !outcome.is_empty())
            .map(|(stage, outcome)| format!(r#", "{stage}": {{"outcome": "{outcome}", "longrepr": "{stage} is odd"}}"#))
            .collect();
        format!(r#"{{"nodeid": "{id}", "lineno": 3, "outcome": "{outcome}" {stages}}}"#)
    }

    const GOOD: [&str; 3] = ["passed", "passed", "passed"];

    #[test]
    fn outcomes_and_stages_are_read_and_what_is_told_twice_are_two() {
        let table = [
            (test("t.py::a", "passed", GOOD), "passed 1"),
            (test("t.py::a", "xpassed", GOOD), "passed 1"),
            (test("t.py::a", "failed", ["passed", "failed", "passed"]), "failed 1: call is odd"),
            (test("t.py::a", "error", ["failed", "", "passed"]), "errored 1: setup is odd"),
            (test("t.py::a", "skipped", ["skipped", "", "passed"]), "skipped 1: setup is odd"),
            (test("t.py::a", "xfailed", ["passed", "skipped", "passed"]), "skipped 1: call is odd"),
            (test("t.py::a", "passed", ["passed", "passed", "failed"]), "errored 1: teardown is odd"),
            (test("t.py::a", "passed", ["passed", "odd", "passed"]), "failed 1: unknown status `odd`"),
            (test("t.py::a", "passed", ["passed", "", ""]), "errored 1: its body never came to an end"),
            (test("t.py::a", "passed", ["", "", ""]), "passed 1"),
            (test("t.py::a", "rerun", GOOD), "failed 1: unknown status `rerun`"),
        ];
        for (test, expected) in &table {
            assert_eq!(run(0, std::slice::from_ref(test), "", ""), [format!("t.py::a {expected}")]);
        }
        assert_eq!(table.len(), 11);
        let twice = [test("t.py::a", "failed", GOOD), test("t.py::a", "passed", GOOD)];
        assert_eq!(run(1, &twice, "", "").len(), 2);
        assert_eq!(parts("d/t.py::C::D::f[x::y]"), ("d/t.py", "C::D", "f[x::y]"));
        assert_eq!((parts("t.py::f"), parts("t.py"), parts("")), (("t.py", "", "f"), ("t.py", "", ""), ("", "", "")));
    }

    #[test]
    fn the_run_can_only_be_worse_than_its_tests() {
        let good = [test("t.py::a", "passed", GOOD)];
        assert_eq!(run(0, &good, "", r#""passed": 1, "total": 1"#).len(), 1);
        assert_eq!(run(2, &good, "", "")[1..], ["error : pytest ended with 2, and no test says why"]);
        assert_eq!(run(5, &[], "", ""), ["error : pytest ended with 5, and no test says why"]);
        assert_eq!(run(0, &good, "", r#""failed": 1"#)[1..], ["contradiction: 0 failed | failed = 1"]);
        assert_eq!(run(0, &good, "", r#""error": 1"#)[1..], ["contradiction: 0 error | error = 1"]);
        assert_eq!(run(0, &good, "", r#""total": 2"#)[1..], ["difference: 1 total | total = 2"]);
        let collectors = r#""collectors": [{"nodeid": "", "outcome": "passed"}, {"nodeid": "u.py", "outcome": "failed", "longrepr": "no stock"}],"#;
        assert_eq!(run(2, &good, collectors, "")[1..], ["error u.py: no stock"]);
        assert_eq!(run(0, &good, collectors, "")[1..], ["error u.py: no stock"]);
    }

    #[test]
    fn damage_is_malformed_and_nothing_is_empty() {
        assert_eq!(run(0, &[], "", ""), ["empty a: none"]);
        let cases = [
            ("{", "malformed a:1"),
            ("{}", "malformed a#/exitcode: nothing"),
            (r#"{"exitcode": 0}"#, "malformed a#/summary: nothing"),
            (r#"{"exitcode": 0, "tests": [{}]}"#, "malformed a#/tests/0/nodeid: nothing"),
            (r#"{"exitcode": 0, "tests": [{"nodeid": "a"}]}"#, "malformed a#/tests/0/outcome: nothing"),
        ];
        for (text, phrase) in cases {
            let told = told(&PYTEST_JSON_REPORT, text);
            assert!(told.len() == 1 && told[0].starts_with(phrase), "{told:?}");
        }
        assert_eq!(cases.len(), 5);
    }
}
