//! `jest-json`: the results of `jest --json` and of the JSON reporter of vitest.
//!
//! A suite is a file (`testResults`), a test one of its `assertionResults`: its class are the `ancestorTitles`, its name the `title`.
//! `passed` and `failed` mean what they say; `pending`, `skipped`, `todo` and `disabled` are skipped; any other status failed. A test
//! with `invocations` above 1 had failed attempts before. What is told twice are two tests, also in two projects.
//!
//! A file that is `failed`, or has a `message` or a `testExecError`, without a failed test in it is an error of its suite: it did not load,
//! or a hook failed. `success: false` with nothing failed to show for it is an error of the run as a whole (a coverage threshold, an obsolete
//! snapshot, an unhandled error), and `wasInterrupted` cuts the run short. `numFailedTests` or `numRuntimeErrorTestSuites` above what is shown
//! contradict the report; other totals that differ are noted. vitest does not tell of retries.

use super::pipeline_words::instant;
use super::report::has_keys;
use super::results_json::{
    self, Misfit, earlier, line, list, misfit, of_the_run, seconds, text, total, trouble, unknown, words,
};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{
    Attempt, AttemptStatus, CaseStatus, Node, Number, Pointer, Remark, Spot, TestCase, TestReport, TestSuite,
};

/// The format.
pub(super) static JEST_JSON: Format = Format {
    id: "jest-json",
    extensions: &[],
    about: "results of `jest --json` or of vitest's JSON reporter",
    docs: include_str!("jest_json.rs"),
    reading: Reading::Tests(TestReader {
        marks: Marks::Json(|text| has_keys(text, &["numFailedTests", "testResults"])),
        report: |bytes, at| results_json::read(bytes, at, read),
    }),
};

fn read(root: Node<'_>) -> Result<TestReport, Misfit> {
    let top = Pointer::root();
    let files = list(root, &top, "testResults")?;
    let success = root.get("success");
    let success = success.and_then(Node::boolean).ok_or_else(|| misfit(&top.key("success"), "true or false", success))?;
    let mut suites = Vec::new();
    for (index, file) in files.items().enumerate() {
        suites.push(suite(file, &top.key("testResults").index(index))?);
    }
    let mut report = TestReport::of(suites);
    report.timestamp = root.get("startTime").and_then(instant).map(Into::into);
    // Vitest writes the same form, and counts no suites that could not run.
    report.runner = Some(if root.get("numRuntimeErrorTestSuites").is_some() { "jest" } else { "vitest" });
    totals(&mut report, root);
    let interrupted = root.get("wasInterrupted").and_then(Node::boolean) == Some(true);
    if interrupted {
        report.cut_short.push(Remark::new("the run was interrupted", Spot::Value(top.key("wasInterrupted"))));
    }
    if !success && !interrupted && trouble(&report) == 0 {
        let message = "the run did not succeed, and no test says why";
        of_the_run(&mut report, message, Spot::Value(top.key("success")));
    }
    Ok(report)
}

fn totals(report: &mut TestReport, root: Node<'_>) {
    let told = report.totals();
    let errors: usize = report.suites.iter().map(|suite| suite.errors.len()).sum();
    let skipped = ["numPendingTests", "numTodoTests"].iter().filter_map(|key| root.get(key)).filter_map(Node::number);
    let skipped: i128 = skipped.filter_map(Number::as_integer).sum();
    let at = |key: &str| Pointer::root().key(key);
    total(report, (&at("numFailedTests"), "numFailedTests"), root.get("numFailedTests"), told.failed as i128, true);
    let broken = "numRuntimeErrorTestSuites";
    // A file can load and still have an error of its own, so fewer are no difference.
    if root.get(broken).and_then(Node::number).is_some_and(|stated| stated > Number::Int(errors as i128)) {
        total(report, (&at(broken), broken), root.get(broken), errors as i128, true);
    }
    // vitest counts the groups within a file as suites too, so only none at all can be compared.
    if trouble(report) == 0 {
        let word = "numFailedTestSuites";
        total(report, (&at(word), word), root.get(word), 0, true);
    }
    let passed = (told.passed + told.flaky) as i128;
    total(report, (&at("numPassedTests"), "numPassedTests"), root.get("numPassedTests"), passed, false);
    total(report, (&at("numTotalTests"), "numTotalTests"), root.get("numTotalTests"), told.total as i128, false);
    if skipped != told.skipped as i128 {
        let word = "numPendingTests";
        total(report, (&at(word), word), root.get(word), told.skipped as i128, false);
    }
}

fn suite(file: Node<'_>, at: &Pointer) -> Result<TestSuite, Misfit> {
    let name = text(file, at, "name")?;
    let mut suite = TestSuite::new(name, Spot::Value(at.clone()));
    suite.file = (!name.is_empty()).then(|| name.into());
    for (index, test) in list(file, at, "assertionResults")?.items().enumerate() {
        suite.cases.push(case(test, &at.key("assertionResults").index(index))?);
    }
    let failed = suite.cases.iter().any(|case| case.status() == CaseStatus::Failed);
    let status = text(file, at, "status")?;
    let message = words(file, "message").trim();
    let broke = file.get("testExecError").filter(|error| !error.is_null());
    let place = Spot::Value(at.clone());
    if let Some(error) = broke {
        let told = error.get("message").and_then(Node::text).unwrap_or("it could not be run");
        suite.errors.push(Remark::new(if message.is_empty() { told } else { message }, place));
    } else if !matches!(status, "passed" | "failed" | "focused" | "skipped" | "pending" | "todo" | "disabled") {
        suite.errors.push(Remark::new(&unknown(status), place));
    } else if !failed && (status == "failed" || !message.is_empty()) {
        suite.errors.push(Remark::new(if message.is_empty() { "the file failed" } else { message }, place));
    }
    Ok(suite)
}

fn case(test: Node<'_>, at: &Pointer) -> Result<TestCase, Misfit> {
    let titles = test.get("ancestorTitles").map(|_| list(test, at, "ancestorTitles")).transpose()?;
    let titles: Vec<&str> = titles.into_iter().flat_map(Node::items).filter_map(Node::text).collect();
    let name = if test.get("title").is_some() { text(test, at, "title")? } else { text(test, at, "fullName")? };
    let status = text(test, at, "status")?;
    let told: Vec<&str> = test.get("failureMessages").into_iter().flat_map(Node::items).filter_map(Node::text).collect();
    let (ended, message) = match status {
        "passed" => (AttemptStatus::Passed, String::new()),
        "failed" => (AttemptStatus::Failed, told.join("\n")),
        "pending" | "skipped" | "todo" | "disabled" => (AttemptStatus::Skipped, String::new()),
        _ => (AttemptStatus::Failed, unknown(status)),
    };
    let tries = test.get("invocations").and_then(Node::number).and_then(Number::as_integer).unwrap_or(1);
    let mut attempts: Vec<Attempt> = earlier(tries - 1).collect();
    attempts.push(Attempt::new(ended, seconds(test.get("duration"), 1_000.0), &message));
    let line = test.get("location").and_then(|location| line(location, "line"));
    let (class, file) = (titles.join(" > ").into(), None);
    Ok(TestCase { class, name: name.into(), file, line, at: Spot::Value(at.clone()), attempts: attempts.into() })
}

#[cfg(test)]
mod tests {
    use super::super::report::testing::told;
    use super::JEST_JSON;

    fn jest(success: bool, totals: &str, files: &str) -> Vec<String> {
        told(&JEST_JSON, &format!(r#"{{"success": {success}, {totals} "testResults": [{files}]}}"#))
    }

    fn file(status: &str, message: &str, tests: &[(&str, &str)]) -> String {
        let tests: Vec<String> = tests
            .iter()
            .map(|(name, status)| {
                format!(
                    r#"{{"ancestorTitles": ["cart"], "title": "{name}", "status": "{status}", "failureMessages": ["no"]}}"#
                )
            })
            .collect();
        let tests = tests.join(",");
        format!(r#"{{"name": "a.js", "status": "{status}", "message": "{message}", "assertionResults": [{tests}]}}"#)
    }

    #[test]
    fn statuses_are_read() {
        let one =
            file("passed", "", &[("a", "passed"), ("b", "todo"), ("c", "pending"), ("d", "skipped"), ("e", "disabled")]);
        let lines = ["a passed 1", "b skipped 1", "c skipped 1", "d skipped 1", "e skipped 1"];
        assert_eq!(jest(true, "", &one), lines.map(|line| format!("a.js::cart::{line}")));
        let two = file("failed", "x", &[("a", "failed"), ("b", "odd")]);
        assert_eq!(jest(false, "", &two), ["a.js::cart::a failed 1: no", "a.js::cart::b failed 1: unknown status `odd`"]);
    }

    #[test]
    fn what_fails_outside_of_tests_is_an_error() {
        let loads = file("failed", "no stock", &[]);
        assert_eq!(jest(false, "", &loads), ["error a.js: no stock"]);
        let hook = file("failed", "", &[("a", "passed")]);
        assert_eq!(jest(false, "", &hook)[1..], ["error a.js: the file failed"]);
        let odd = file("odd", "", &[("a", "passed")]);
        assert_eq!(jest(true, "", &odd)[1..], ["error a.js: unknown status `odd`"]);
        let good = file("passed", "", &[("a", "passed")]);
        assert_eq!(jest(false, "", &good)[1..], ["error : the run did not succeed, and no test says why"]);
        assert_eq!(jest(false, r#""wasInterrupted": true,"#, &good)[1..], ["cut short: the run was interrupted"]);
    }

    #[test]
    fn invocations_are_attempts_and_what_is_told_twice_are_two() {
        let retried = |status: &str| {
            let test = format!(r#"{{"title": "a", "status": "{status}", "invocations": 3}}"#);
            jest(true, "", &format!(r#"{{"name": "a.js", "status": "passed", "assertionResults": [{test}]}}"#))
        };
        assert_eq!(retried("passed"), ["a.js::a flaky 3: it was run again"]);
        assert_eq!(retried("failed"), ["a.js::a failed 3: it was run again"]);
        let twice = file("failed", "", &[("a", "failed"), ("a", "passed")]);
        let lines = jest(false, "", &twice);
        assert!(lines.len() == 2 && lines[0].contains("failed 1") && lines[1].contains("passed 1"), "{lines:?}");
    }

    #[test]
    fn totals_are_compared() {
        let good = file("passed", "", &[("a", "passed"), ("b", "todo")]);
        let sound =
            r#""numFailedTests": 0, "numPassedTests": 1, "numTotalTests": 2, "numPendingTests": 0, "numTodoTests": 1,"#;
        assert_eq!(jest(true, sound, &good).len(), 2);
        assert_eq!(
            jest(true, r#""numFailedTests": 1,"#, &good)[2..],
            ["contradiction: 0 numFailedTests | numFailedTests = 1"]
        );
        let broken = r#""numRuntimeErrorTestSuites": 1,"#;
        let expected = "contradiction: 0 numRuntimeErrorTestSuites | numRuntimeErrorTestSuites = 1";
        assert_eq!(jest(true, broken, &good)[2..], [expected]);
        assert_eq!(jest(true, r#""numTotalTests": 3,"#, &good)[2..], ["difference: 2 numTotalTests | numTotalTests = 3"]);
    }

    #[test]
    fn damage_is_malformed_and_nothing_is_empty() {
        assert_eq!(jest(true, "", ""), ["empty a: none"]);
        let cases = [
            ("{", "malformed a:1"),
            (r#"{"success": true}"#, "malformed a#/testResults: nothing"),
            (r#"{"testResults": []}"#, "malformed a#/success: nothing"),
            (r#"{"success": true, "testResults": [{"name": "a"}]}"#, "malformed a#/testResults/0/assertionResults"),
            (
                r#"{"success": true, "testResults": [{"name": "a", "assertionResults": [{"title": "b"}]}]}"#,
                "malformed a#/testResults/0/assertionResults/0/status",
            ),
        ];
        for (text, phrase) in cases {
            let told = told(&JEST_JSON, text);
            assert!(told.len() == 1 && told[0].starts_with(phrase), "{told:?}");
        }
        assert_eq!(cases.len(), 5);
    }
}
