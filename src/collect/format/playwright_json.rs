//! `playwright-json`: the report of Playwright's JSON reporter.
//!
//! A suite is a file in one project (its host is the `projectName`), a test one of the `tests` of a spec, its class the titles between. Its
//! `results` are its attempts: one whose `status` is the `expectedStatus` passed, `skipped` is skipped, `interrupted` is an error, and any
//! other failed. A test without results did not run. The `status` of the test, `ok` of the spec and `stats` can only make it worse:
//! `unexpected` fails, `flaky` is never a plain pass. Top-level `errors` are errors of the run; a flaky test fails where the configuration
//! says `failOnFlakyTests`.

use super::pipeline_words::instant;
use super::report::has_keys;
use super::results_json::{self, Misfit, earlier, line, list, misfit, of_the_run, seconds, text, total, unknown, words};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{Attempt, AttemptStatus, CaseStatus, Node, Pointer, Spot, TestCase, TestReport, TestSuite};

/// The format.
pub(super) static PLAYWRIGHT_JSON: Format = Format {
    id: "playwright-json",
    extensions: &[],
    about: "the report of Playwright's JSON reporter",
    docs: include_str!("playwright_json.rs"),
    reading: Reading::Tests(TestReader {
        marks: Marks::Json(|text| has_keys(text, &["config", "suites", "stats", "expected", "unexpected"])),
        report: |bytes, at| results_json::read(bytes, at, read),
    }),
};

fn read(root: Node<'_>) -> Result<TestReport, Misfit> {
    let top = Pointer::root();
    let mut suites = Vec::new();
    for (index, file) in list(root, &top, "suites")?.items().enumerate() {
        let at = top.key("suites").index(index);
        let mut own = Vec::new();
        walk(file, &at, words(file, "title"), &[], &mut own)?;
        suites.append(&mut own);
    }
    let mut report = TestReport::of(suites);
    report.runner = Some("playwright");
    for (index, error) in root.get("errors").into_iter().flat_map(Node::items).enumerate() {
        let told = Some(words(error, "message")).filter(|told| !told.trim().is_empty());
        of_the_run(&mut report, told.unwrap_or("an error outside of tests"), Spot::Value(top.key("errors").index(index)));
    }
    let stats = root.get("stats").filter(|stats| stats.is_map());
    let stats = stats.ok_or_else(|| misfit(&top.key("stats"), "an object", root.get("stats")))?;
    report.timestamp = stats.get("startTime").and_then(instant).map(Into::into);
    let told = TestReport::totals(&report);
    let cases =
        report.cases().filter(|(_, case)| matches!(case.status(), CaseStatus::Failed | CaseStatus::Errored)).count();
    let counts = [
        ("unexpected", cases, true),
        ("flaky", told.flaky, true),
        ("expected", told.passed, false),
        ("skipped", told.skipped, false),
    ];
    for (word, count, bad) in counts {
        total(&mut report, (&top.key("stats").key(word), word), stats.get(word), count as i128, bad);
    }
    let forbidden = root.get("config").and_then(|config| config.get("failOnFlakyTests")).and_then(Node::boolean);
    if forbidden == Some(true) && told.flaky > 0 {
        let message = "a test was flaky, which this run does not allow (`failOnFlakyTests`)";
        of_the_run(&mut report, message, Spot::Value(top.key("config").key("failOnFlakyTests")));
    }
    Ok(report)
}

fn walk(node: Node<'_>, at: &Pointer, file: &str, titles: &[&str], suites: &mut Vec<TestSuite>) -> Result<(), Misfit> {
    for (index, spec) in node.get("specs").into_iter().flat_map(Node::items).enumerate() {
        let at = at.key("specs").index(index);
        let tests = list(spec, &at, "tests")?;
        let mut failed = false;
        for (index, test) in tests.items().enumerate() {
            let at = at.key("tests").index(index);
            let case = case((spec, test), &at, file, titles)?;
            failed |= matches!(case.status(), CaseStatus::Failed | CaseStatus::Errored);
            push(suites, file, words(test, "projectName"), case);
        }
        if spec.get("ok").and_then(Node::boolean) == Some(false) && !failed {
            let attempts = Attempt::new(AttemptStatus::Failed, None, "the spec is not ok, and no test says why").into();
            let (name, class) = (text(spec, &at, "title")?.into(), titles.join(" > ").into());
            push(suites, file, "", TestCase { class, name, file: None, line: None, at: Spot::Value(at), attempts });
        }
    }
    for (index, inner) in node.get("suites").into_iter().flat_map(Node::items).enumerate() {
        let titles = [titles, &[words(inner, "title")]].concat();
        walk(inner, &at.key("suites").index(index), file, &titles, suites)?;
    }
    Ok(())
}

fn push(suites: &mut Vec<TestSuite>, file: &str, project: &str, case: TestCase) {
    let host = (!project.is_empty()).then_some(project);
    if let Some(suite) = suites.iter_mut().find(|suite| suite.host.as_deref() == host) {
        suite.cases.push(case);
        return;
    }
    let mut suite = TestSuite::new(file, case.at.clone());
    suite.host = host.map(Into::into);
    suite.cases.push(case);
    suites.push(suite);
}

fn case((spec, test): (Node<'_>, Node<'_>), at: &Pointer, file: &str, titles: &[&str]) -> Result<TestCase, Misfit> {
    let expected = text(test, at, "expectedStatus")?;
    let mut attempts = Vec::new();
    for (index, result) in list(test, at, "results")?.items().enumerate() {
        attempts.push(attempt(result, &at.key("results").index(index), expected)?);
    }
    if attempts.is_empty() {
        attempts.push(Attempt::new(AttemptStatus::Skipped, None, "it did not run"));
    }
    let name =
        spec.get("title").and_then(Node::text).ok_or_else(|| misfit(at, "a test of a spec with a title", Some(test)))?;
    let own = Some(words(spec, "file")).filter(|own| !own.is_empty() && *own != file);
    let mut case = TestCase {
        class: titles.join(" > ").into(),
        name: name.into(),
        file: own.map(Into::into),
        line: line(spec, "line"),
        at: Spot::Value(at.clone()),
        attempts: attempts.into(),
    };
    let bad = matches!(case.status(), CaseStatus::Failed | CaseStatus::Errored);
    match text(test, at, "status")? {
        "expected" | "skipped" => {}
        "flaky" if case.status() == CaseStatus::Passed => {
            case.attempts = earlier(1).chain(case.attempts).collect();
        }
        "flaky" => {}
        _ if bad => {}
        "unexpected" => case.attempts.push(Attempt::new(AttemptStatus::Failed, None, "the report calls it unexpected")),
        other => case.attempts.push(Attempt::new(AttemptStatus::Failed, None, &unknown(other))),
    }
    Ok(case)
}

fn attempt(result: Node<'_>, at: &Pointer, expected: &str) -> Result<Attempt, Misfit> {
    let status = text(result, at, "status")?;
    let error = result.get("error").map_or("", |error| words(error, "message"));
    let (ended, message) = match status {
        "skipped" => (AttemptStatus::Skipped, String::new()),
        "interrupted" => (AttemptStatus::Errored, "it was interrupted".to_owned()),
        "passed" | "failed" | "timedOut" if status == expected => (AttemptStatus::Passed, error.to_owned()),
        "passed" => (AttemptStatus::Failed, format!("it passed, and was expected to be `{expected}`")),
        "failed" | "timedOut" => (AttemptStatus::Failed, error.to_owned()),
        other => (AttemptStatus::Failed, unknown(other)),
    };
    Ok(Attempt::new(ended, seconds(result.get("duration"), 1_000.0), &message))
}

#[cfg(test)]
mod tests {
    use super::super::report::testing::{read, told};
    use super::PLAYWRIGHT_JSON;

    fn run(tests: &[String], more: &str, stats: &str) -> String {
        let tests = tests.join(",");
        format!(
            r#"{{"config": {{{more}}}, "suites": [{{"title": "a.js", "specs": [], "suites": [{{"title": "cart", "specs": [
                {{"title": "t", "tests": [{tests}]}}]}}]}}], "errors": [], "stats": {{{stats}}}}}"#
        )
    }

    fn test(expected: &str, status: &str, results: &[&str]) -> String {
        let results: Vec<String> = results.iter().map(|status| format!(r#"{{"status": "{status}"}}"#)).collect();
        let results = results.join(",");
        format!(r#"{{"expectedStatus": "{expected}", "projectName": "", "status": "{status}", "results": [{results}]}}"#)
    }

    fn one(expected: &str, status: &str, results: &[&str]) -> String {
        told(&PLAYWRIGHT_JSON, &run(&[test(expected, status, results)], "", "")).join("; ").replace("a.js::cart::t ", "")
    }

    #[test]
    fn attempts_are_judged_by_what_was_expected() {
        let table = [
            (one("passed", "expected", &["passed"]), "passed 1"),
            (one("passed", "unexpected", &["failed", "timedOut"]), "failed 2"),
            (one("passed", "flaky", &["failed", "passed"]), "flaky 2"),
            (one("failed", "expected", &["failed"]), "passed 1"),
            (one("failed", "unexpected", &["passed"]), "failed 1: it passed, and was expected to be `failed`"),
            (one("skipped", "skipped", &["skipped"]), "skipped 1"),
            (one("passed", "skipped", &[]), "skipped 1: it did not run"),
            (one("passed", "skipped", &["interrupted"]), "errored 1: it was interrupted"),
            (one("passed", "expected", &["odd"]), "failed 1: unknown status `odd`"),
            (one("passed", "unexpected", &["passed"]), "failed 2: the report calls it unexpected"),
            (one("passed", "flaky", &["passed"]), "flaky 2: it was run again"),
            (one("passed", "odd", &["passed"]), "failed 2: unknown status `odd`"),
        ];
        for (told, expected) in &table {
            assert_eq!(told, expected);
        }
        assert_eq!(table.len(), 12);
    }

    #[test]
    fn projects_are_hosts_and_what_is_told_twice_are_two() {
        let good = test("passed", "expected", &["passed"]);
        let web = good.replace(r#""projectName": """#, r#""projectName": "web""#);
        let report =
            read(&PLAYWRIGHT_JSON, &run(&[good.clone(), web, good], "", "")).unwrap_or_else(|gap| panic!("{gap:?}"));
        let hosts: Vec<_> = report.suites.iter().map(|suite| (suite.host.as_deref(), suite.cases.len())).collect();
        assert_eq!(hosts, [(None, 2), (Some("web"), 1)]);
    }

    #[test]
    fn the_run_can_only_be_worse_than_its_tests() {
        let flaky = [test("passed", "flaky", &["failed", "passed"])];
        let lines = told(&PLAYWRIGHT_JSON, &run(&flaky, r#""failOnFlakyTests": true"#, ""));
        assert!(lines[1].starts_with("error : a test was flaky"), "{lines:?}");
        let good = [test("passed", "expected", &["passed"])];
        let lines = told(&PLAYWRIGHT_JSON, &run(&good, "", r#""unexpected": 1, "expected": 0"#));
        assert_eq!(lines[1..], ["contradiction: 0 unexpected | unexpected = 1", "difference: 1 expected | expected = 0"]);
        let text = run(&good, "", "").replace(r#""errors": []"#, r#""errors": [{"message": "late"}]"#);
        assert_eq!(told(&PLAYWRIGHT_JSON, &text)[1..], ["error : late"]);
        let text = run(&good, "", "").replace(r#""title": "t","#, r#""title": "t", "ok": false,"#);
        assert!(told(&PLAYWRIGHT_JSON, &text)[1].contains("failed 1: the spec is not ok"));
    }

    #[test]
    fn damage_is_malformed_and_nothing_is_empty() {
        assert_eq!(told(&PLAYWRIGHT_JSON, r#"{"suites": [], "stats": {}}"#), ["empty a: none"]);
        let no_status = run(&[r#"{"expectedStatus": "passed", "results": [{}]}"#.to_owned()], "", "");
        let cases = [
            ("{", "malformed a:1"),
            ("{}", "malformed a#/suites: nothing"),
            (r#"{"suites": []}"#, "malformed a#/stats: nothing"),
            (&no_status, "malformed a#/suites/0/suites/0/specs/0/tests/0/results/0/status: nothing"),
        ];
        for (text, phrase) in cases {
            let told = told(&PLAYWRIGHT_JSON, text);
            assert!(told.len() == 1 && told[0].starts_with(phrase), "{told:?}");
        }
        assert_eq!(cases.len(), 4);
    }
}
