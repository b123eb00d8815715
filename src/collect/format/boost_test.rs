//! `boost-test`: test results of Boost.Test as XML, its report (root `TestResult`, `--report_level=detailed`) or its log (`TestLog`). Its JUnit XML is
//! [`junit`](junit.md).
//!
//! Suites nest as in the file, `outer > inner`. In a report the `result` counts: `passed` passed, `skipped` is skipped, `aborted` and `timed-out` are errors, every
//! other word failed. A suite that did not pass without a failure inside broke in its fixture: an error of the suite. More failures in the totals of a
//! suite than shown is a `contradiction`; Boost.Test leaves disabled tests out of the report and counts them, which is noted.
//!
//! In a log a test failed if an `Error`, `FatalError` or `Exception`, or anything else that is not known, stands in it; outside of a test
//! that is an error of the suite. `skipped="yes"` is skipped. A log does not say which failures were expected, so a test with an expected failure is read as
//! failed: prefer the report. A log below `--log_level=test_suite` names no tests and is refused as empty.

use super::suites::{Suites, case};
use super::xml_record::{Element, Reader, Want, read};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{Attempt, AttemptStatus, CaseStatus, Gap, TestCase, TestReport, Where};

/// The format.
pub(super) static BOOST_TEST: Format = Format {
    id: "boost-test",
    extensions: &[],
    about: "test results of Boost.Test",
    docs: include_str!("boost_test.rs"),
    reading: Reading::Tests(TestReader { marks: Marks::Root(&ROOTS), report }),
};

const ROOTS: [&str; 2] = ["TestResult", "TestLog"];

fn report(bytes: &[u8], at: &Where) -> Result<TestReport, Gap> {
    let mut boost = Boost::default();
    let walked = read(bytes, at, "a sound report or log of Boost.Test", &ROOTS, &mut boost);
    boost.suites.finish(walked, boost.nothing, at)
}

#[derive(Default)]
struct Boost {
    suites: Suites,
    open: Vec<Element>,
    test: Option<Element>,
    /// What went wrong in the open test of a log; the first.
    trouble: Option<String>,
    is_log: bool,
    nothing: bool,
}

impl Reader for Boost {
    fn want(&self, name: &str, within: &[Box<str>]) -> Want {
        match (within.last().map_or("", |name| &**name), name) {
            ("", _) | ("TestResult" | "TestLog" | "TestSuite", "TestSuite") | ("TestSuite", "TestCase") => Want::Ends,
            (
                "TestCase" | "TestSuite" | "TestLog",
                "Info" | "Warning" | "Message" | "TestingTime" | "BuildInfo" | "Context",
            ) => Want::Nothing,
            ("TestCase" | "TestSuite" | "TestLog", _) => Want::Whole,
            _ => Want::Nothing,
        }
    }

    fn enter(&mut self, element: &Element, within: &[Box<str>]) -> Result<(), String> {
        match &*element.name {
            "TestSuite" => {
                let suite = self.suites.enter(element.must("name")?, element.line);
                suite.file = element.get("file").map(Into::into);
                self.open.push(element.own());
            }
            "TestCase" => {
                self.trouble = None;
                self.test = Some(element.own());
            }
            _ if within.is_empty() => self.is_log = &*element.name == "TestLog",
            _ => {}
        }
        Ok(())
    }

    fn whole(&mut self, element: Element, _: &[Box<str>]) -> Result<(), String> {
        let told = format!("{}: {}", element.name, element.said());
        if self.test.is_some() {
            self.trouble.get_or_insert(told);
            return Ok(());
        }
        self.suites.error(&told, element.line)
    }

    fn leave(&mut self, name: &str, _: &[Box<str>]) -> Result<(), String> {
        if name == "TestCase"
            && let Some(test) = self.test.take()
        {
            let attempt = if self.is_log { self.logged(&test) } else { reported(&test) };
            let own = case("", test.must("name")?, test.spot(), attempt);
            let line = test.get("line").and_then(|line| line.parse().ok());
            return self.suites.case(TestCase { file: test.get("file").map(Into::into), line, ..own });
        }
        if name == "TestSuite"
            && let Some(suite) = self.open.pop()
        {
            if !self.is_log {
                self.suite_ended(&suite)?;
            }
            self.suites.leave();
        }
        Ok(())
    }
}

fn reported(test: &Element) -> Attempt {
    match test.get("result") {
        Some("passed") => Attempt::new(AttemptStatus::Passed, None, ""),
        Some("skipped") => Attempt::new(AttemptStatus::Skipped, None, ""),
        Some(word @ ("aborted" | "timed-out")) => Attempt::new(AttemptStatus::Errored, None, word),
        Some(word) => Attempt::new(AttemptStatus::Failed, None, word),
        None => Attempt::new(AttemptStatus::Failed, None, "no result"),
    }
}

impl Boost {
    fn logged(&mut self, test: &Element) -> Attempt {
        match (self.trouble.take(), test.get("skipped")) {
            (Some(trouble), _) => Attempt::new(AttemptStatus::Failed, None, &trouble),
            (None, Some("yes")) => Attempt::new(AttemptStatus::Skipped, None, test.get("reason").unwrap_or_default()),
            (None, _) => Attempt::new(AttemptStatus::Passed, None, ""),
        }
    }

    fn suite_ended(&mut self, suite: &Element) -> Result<(), String> {
        let result = suite.get("result").unwrap_or("none");
        let name = suite.get("name").unwrap_or_default();
        if !matches!(result, "passed" | "skipped") && (result != "failed" || self.suites.bad() == 0) {
            self.suites.error(&format!("the result of `{name}` is `{result}`"), suite.line)?;
        }
        // A test that is aborted is counted as failed too.
        self.suites.hold_bad(suite.count(&["test_cases_failed", "test_cases_timed_out"]), suite);
        if self.open.is_empty() {
            let shown = self.suites.cases().filter(|case| case.status() == CaseStatus::Skipped).count() as u64;
            self.suites.hold(suite.count(&["test_cases_skipped"]), shown, "skipped tests", suite);
            let parts = ["test_cases_passed", "test_cases_passed_with_warnings", "test_cases_failed", "test_cases_skipped"];
            self.nothing = suite.count(&parts) == Some(0);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::testing::told;
    use super::BOOST_TEST;

    fn result(inner: &str, suite: &str) -> Vec<String> {
        told(&BOOST_TEST, &format!("<TestResult><TestSuite name='M' {suite}>{inner}</TestSuite></TestResult>"))
    }

    fn test(name: &str, word: &str) -> String {
        format!("<TestCase name='{name}' result='{word}' assertions_failed='1'></TestCase>")
    }

    #[test]
    fn reports_are_read() {
        let tests: String =
            ["passed", "failed", "skipped", "aborted", "timed-out", "odd"].map(|word| test("a", word)).concat();
        assert_eq!(
            result(
                &format!("<TestSuite name='c' result='failed'>{tests}</TestSuite>"),
                "result='failed' test_cases_failed='2' test_cases_skipped='2'"
            ),
            [
                "M > c::a #1 passed 1",
                "M > c::a #2 failed 1: failed",
                "M > c::a #3 skipped 1",
                "M > c::a #4 errored 1: aborted",
                "M > c::a #5 errored 1: timed-out",
                "M > c::a #6 failed 1: odd",
                "difference: 4 failures and errors | 2 failures and errors",
                "difference: 1 skipped tests | 2 skipped tests",
            ]
        );
        let passed = "M::a passed 1";
        assert_eq!(result(&test("a", "passed"), "result='failed'"), [passed, "error M: the result of `M` is `failed`"]);
        assert_eq!(result(&test("a", "passed"), "result='aborted'"), [passed, "error M: the result of `M` is `aborted`"]);
        let stated = "contradiction: 0 failures and errors | 1 failure or error";
        assert_eq!(result(&test("a", "passed"), "result='passed' test_cases_failed='1'"), [passed, stated]);
    }

    #[test]
    fn logs_are_read() {
        let log = |inner: &str| told(&BOOST_TEST, &format!("<TestLog><TestSuite name='M'>{inner}</TestSuite></TestLog>"));
        let inner = "<TestCase name='a'><Info>x</Info><Warning>w</Warning><TestingTime>5</TestingTime></TestCase><TestCase name='b'><Error>1 != 2</Error><Error>z</Error></TestCase><TestCase name='c' skipped='yes' reason='off'/><TestCase name='d'><Odd/></TestCase>";
        assert_eq!(
            log(inner),
            ["M::a passed 1", "M::b failed 1: Error: 1 != 2", "M::c skipped 1: off", "M::d failed 1: Odd:"]
        );
        assert_eq!(log("<Exception>torn</Exception><TestCase name='a'/>"), ["M::a passed 1", "error M: Exception: torn"]);
        assert_eq!(told(&BOOST_TEST, "<TestLog></TestLog>"), ["empty a: none"]);
    }

    #[test]
    fn damage_is_malformed() {
        assert!(told(&BOOST_TEST, "<TestLog><TestSuite name='M'><TestCase name='a'>")[0].starts_with("malformed a:1"));
        assert!(result("<TestCase result='passed'/>", "")[0].contains("without `name`"));
        assert!(told(&BOOST_TEST, "Test setup error: test tree is empty")[0].starts_with("malformed a:1"));
    }
}
