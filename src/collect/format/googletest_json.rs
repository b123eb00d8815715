//! `googletest-json`: the report of googletest's `--gtest_output=json`.
//!
//! Suites are googletest's suites, and tests are its tests; a parameter is part of the name. A test with `failures` failed. Without, `COMPLETED` passed,
//! `SKIPPED` and `SUPPRESSED` (a `DISABLED_` test) and what was not run are skipped, any other result failed. A report that states more `failures` or
//! `errors` than it shows, as a whole or of a suite, contradicts itself; other counts that differ are noted.

use super::report::has_keys;
use super::results_json::{self, Misfit, line, list, seconds_of_text, text, total, trouble, unknown, words};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{Attempt, AttemptStatus, Node, Pointer, Spot, TestCase, TestReport, TestSuite};

/// The format.
pub(super) static GOOGLETEST_JSON: Format = Format {
    id: "googletest-json",
    extensions: &[],
    about: "the report of googletest's `--gtest_output=json`",
    docs: include_str!("googletest_json.rs"),
    reading: Reading::Tests(TestReader {
        marks: Marks::Json(|text| text.starts_with('{') && has_keys(text, &["testsuites", "failures", "disabled"])),
        report: |bytes, at| results_json::read(bytes, at, read),
    }),
};

fn read(root: Node<'_>) -> Result<TestReport, Misfit> {
    let top = Pointer::root();
    let mut report = TestReport::default();
    for (index, node) in list(root, &top, "testsuites")?.items().enumerate() {
        let at = top.key("testsuites").index(index);
        let mut suite = TestSuite::new(words(node, "name"), Spot::Value(at.clone()));
        for (index, test) in list(node, &at, "testsuite")?.items().enumerate() {
            suite.cases.push(case(test, &at.key("testsuite").index(index))?);
        }
        let mut own = TestReport::of(vec![suite]);
        hold(&mut own, node, &at);
        report.suites.append(&mut own.suites);
        report.contradictions.append(&mut own.contradictions);
        report.differences.append(&mut own.differences);
    }
    report.suites.retain(|suite| !suite.cases.is_empty());
    hold(&mut report, root, &top);
    report.timestamp = root.get("timestamp").and_then(Node::text).map(Into::into);
    Ok(report)
}

/// Holds the counts of the report or of a suite against what is shown.
fn hold(report: &mut TestReport, node: Node<'_>, at: &Pointer) {
    let told = report.totals().total as i128;
    let bad = trouble(report);
    total(report, (&at.key("failures"), "failures"), node.get("failures"), bad, true);
    total(report, (&at.key("errors"), "errors"), node.get("errors"), 0, true);
    total(report, (&at.key("tests"), "tests"), node.get("tests"), told, false);
}

fn case(test: Node<'_>, at: &Pointer) -> Result<TestCase, Misfit> {
    let failures = match test.get("failures") {
        Some(_) => list(test, at, "failures")?.items().map(|failure| words(failure, "failure")).collect::<Vec<_>>(),
        None => Vec::new(),
    };
    let (status, message) = match (text(test, at, "status")?, words(test, "result")) {
        _ if !failures.is_empty() => (AttemptStatus::Failed, failures.join("\n")),
        ("NOTRUN", _) | ("RUN", "SKIPPED" | "SUPPRESSED") => (AttemptStatus::Skipped, String::new()),
        // Before googletest 1.10 there was no `result`.
        ("RUN", "COMPLETED" | "") => (AttemptStatus::Passed, String::new()),
        ("RUN", other) | (other, _) => (AttemptStatus::Failed, unknown(other)),
    };
    Ok(TestCase {
        class: words(test, "classname").into(),
        name: text(test, at, "name")?.into(),
        file: test.get("file").and_then(Node::text).map(Into::into),
        line: line(test, "line"),
        at: Spot::Value(at.clone()),
        attempts: Attempt::new(status, seconds_of_text(words(test, "time")), &message).into(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::report::testing::told;
    use super::GOOGLETEST_JSON;

    fn run(tests: &str, suite: &str, root: &str) -> Vec<String> {
        let suites = format!(r#"[{{"name": "Cart", {suite} "testsuite": [{tests}]}}]"#);
        told(&GOOGLETEST_JSON, &format!(r#"{{{root} "disabled": 0, "testsuites": {suites}}}"#))
    }

    fn test(name: &str, status: &str, result: &str, more: &str) -> String {
        format!(
            r#"{{"name": "{name}", "status": "{status}", "result": "{result}", "classname": "Cart", "time": "0.5s" {more}}}"#
        )
    }

    #[test]
    fn results_are_read_and_what_is_told_twice_are_two() {
        let failed = r#", "failures": [{"failure": "1 != 2", "type": ""}, {"failure": "3 != 4"}]"#;
        let tests = [
            test("A", "RUN", "COMPLETED", ""),
            test("B", "RUN", "COMPLETED", failed),
            test("C", "RUN", "SKIPPED", ""),
            test("D", "NOTRUN", "SUPPRESSED", ""),
            test("E", "RUN", "ODD", ""),
            test("F", "ODD", "COMPLETED", ""),
            test("G", "RUN", "SKIPPED", failed),
            test("H", "RUN", "COMPLETED", failed),
            test("H", "RUN", "COMPLETED", ""),
        ];
        let lines = run(&tests.join(","), "", "");
        let expected = [
            "Cart::A passed 1",
            "Cart::B failed 1: 1 != 2\n3 != 4",
            "Cart::C skipped 1",
            "Cart::D skipped 1",
            "Cart::E failed 1: unknown status `ODD`",
            "Cart::F failed 1: unknown status `ODD`",
            "Cart::G failed 1: 1 != 2\n3 != 4",
        ];
        assert_eq!(lines[..7], expected);
        assert!(lines.len() == 9 && lines[7].contains("failed 1") && lines[8].contains("passed 1"), "{lines:?}");
    }

    #[test]
    fn totals_can_only_make_it_worse() {
        let good = test("A", "RUN", "COMPLETED", "");
        assert_eq!(run(&good, r#""tests": 1, "failures": 0,"#, r#""tests": 1, "failures": 0, "errors": 0,"#).len(), 1);
        assert_eq!(run(&good, r#""failures": 1,"#, "")[1..], ["contradiction: 0 failures | failures = 1"]);
        assert_eq!(run(&good, "", r#""failures": 1,"#)[1..], ["contradiction: 0 failures | failures = 1"]);
        assert_eq!(run(&good, "", r#""failures": 0, "errors": 1,"#)[1..], ["contradiction: 0 errors | errors = 1"]);
        assert_eq!(run(&good, "", r#""tests": 2,"#)[1..], ["difference: 1 tests | tests = 2"]);
    }

    #[test]
    fn damage_is_malformed_and_nothing_is_empty() {
        assert_eq!(told(&GOOGLETEST_JSON, r#"{"tests": 0, "failures": 0, "testsuites": []}"#), ["empty a: none"]);
        let cases = [
            ("{", "malformed a:1"),
            ("{}", "malformed a#/testsuites: nothing"),
            (r#"{"testsuites": [{}]}"#, "malformed a#/testsuites/0/testsuite: nothing"),
            (r#"{"testsuites": [{"testsuite": [{}]}]}"#, "malformed a#/testsuites/0/testsuite/0/status: nothing"),
            (
                r#"{"testsuites": [{"testsuite": [{"status": "RUN"}]}]}"#,
                "malformed a#/testsuites/0/testsuite/0/name: nothing",
            ),
        ];
        for (text, phrase) in cases {
            let told = told(&GOOGLETEST_JSON, text);
            assert!(told.len() == 1 && told[0].starts_with(phrase), "{told:?}");
        }
        assert_eq!(cases.len(), 5);
    }
}
