//! `doctest`: test results of doctest (C++) with its reporter `xml`. Its JUnit XML is [`junit`](junit.md).
//!
//! A test is a `TestCase`, with its source file as its class; the suite is the program, with the test suite in it. Only `test_case_success` counts: an assertion may
//! fail as expected (`should_fail`, `may_fail`). `true` passed, anything else failed; `skipped="true"` is skipped, which doctest also writes for tests that a filter
//! left out. A test without a result began and never ended. A list of tests (`skipped="false"`, outside of a `TestSuite`) is passed over.
//!
//! More failures stated in `OverallResultsTestCases` than shown is a `contradiction`; other differences are noted.

use super::suites::{Suites, case, file_name};
use super::xml_record::{Element, Reader, Want, read};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{Attempt, AttemptStatus, CaseStatus, Gap, TestCase, TestReport, Where};

/// The format.
pub(super) static DOCTEST: Format = Format {
    id: "doctest",
    extensions: &[],
    about: "test results of doctest",
    docs: include_str!("doctest.rs"),
    reading: Reading::Tests(TestReader { marks: Marks::Root(&["doctest"]), report }),
};

fn report(bytes: &[u8], at: &Where) -> Result<TestReport, Gap> {
    let mut doctest = Doctest { nothing: true, ..Doctest::default() };
    let walked = read(bytes, at, "a sound report of doctest", &["doctest"], &mut doctest);
    doctest.suites.finish(walked, doctest.nothing, at)
}

#[derive(Default)]
struct Doctest {
    suites: Suites,
    test: Option<(Element, Option<Element>)>,
    message: String,
    nothing: bool,
}

impl Reader for Doctest {
    fn want(&self, name: &str, within: &[Box<str>]) -> Want {
        match (within.last().map_or("", |name| &**name), name) {
            ("", _) | (_, "TestSuite" | "TestCase" | "SubCase" | "Expression") => Want::Ends,
            (_, "Exception" | "Message" | "Expanded") => Want::Whole,
            ("TestCase", "OverallResultsAsserts") | ("doctest", "OverallResultsTestCases") => Want::Whole,
            _ => Want::Nothing,
        }
    }

    fn enter(&mut self, element: &Element, _: &[Box<str>]) -> Result<(), String> {
        match &*element.name {
            "doctest" => {
                self.suites.enter(element.get("binary").map_or("", file_name), element.line);
            }
            "TestSuite" => match element.get("name") {
                Some(name) => {
                    self.suites.enter(name, element.line);
                }
                None => self.suites.enter_part(element.line),
            },
            "TestCase" => {
                self.message.clear();
                self.test = Some((element.own(), None));
            }
            _ => {}
        }
        Ok(())
    }

    fn whole(&mut self, element: Element, _: &[Box<str>]) -> Result<(), String> {
        match (&*element.name, &mut self.test) {
            ("OverallResultsAsserts", Some((_, result))) => *result = Some(element),
            ("OverallResultsTestCases", _) => {
                self.suites.hold_bad(element.count(&["failures"]), &element);
                let ran = self.suites.cases().filter(|case| case.status() != CaseStatus::Skipped).count() as u64;
                self.suites.hold(element.count(&["successes", "failures"]), ran, "tests that ran", &element);
            }
            _ if self.message.is_empty() => element.said().clone_into(&mut self.message),
            _ => {}
        }
        Ok(())
    }

    fn leave(&mut self, name: &str, within: &[Box<str>]) -> Result<(), String> {
        if matches!(name, "doctest" | "TestSuite") {
            self.suites.leave();
        }
        let Some((test, result)) = self.test.take_if(|_| name == "TestCase") else { return Ok(()) };
        if within.len() == 1 && test.get("skipped") == Some("false") && result.is_none() {
            return Ok(());
        }
        self.nothing = false;
        let seconds = result.as_ref().and_then(|result| result.get("duration")).and_then(super::report::seconds);
        let attempt = match result.as_ref().map(|result| result.get("test_case_success")) {
            Some(Some("true")) => Attempt::new(AttemptStatus::Passed, seconds, ""),
            Some(_) => Attempt::new(AttemptStatus::Failed, seconds, &self.message),
            None if test.get("skipped") == Some("true") => Attempt::new(AttemptStatus::Skipped, seconds, ""),
            None => Attempt::new(AttemptStatus::Errored, seconds, "it began and never ended"),
        };
        let file = test.get("filename");
        let own = case(file.map_or("", file_name), test.must("name")?, test.spot(), attempt);
        let line = test.get("line").and_then(|line| line.parse().ok());
        self.suites.case(TestCase { file: file.map(Into::into), line, ..own })
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::testing::told;
    use super::DOCTEST;

    fn doctest(tests: &str, totals: &str) -> Vec<String> {
        let text = format!(
            "<doctest binary='./shop'><Options/><TestSuite>{tests}</TestSuite><OverallResultsAsserts failures='9'/><OverallResultsTestCases {totals}/></doctest>"
        );
        told(&DOCTEST, &text)
    }

    fn test(name: &str, word: &str) -> String {
        format!(
            "<TestCase name='{name}' filename='a.cpp' line='1'><SubCase name='s'><Expression success='false'><Expanded>1 == 2</Expanded></Expression></SubCase><OverallResultsAsserts failures='1' test_case_success='{word}'/></TestCase>"
        )
    }

    #[test]
    fn tests_are_read() {
        let tests = [
            test("adds", "true"),
            test("adds", "false"),
            "<TestCase name='waits' filename='a.cpp' skipped='true'/><TestCase name='hangs' filename='a.cpp'/>".to_owned(),
        ];
        assert_eq!(
            doctest(&tests.concat(), "successes='1' failures='2' skipped='1'"),
            [
                "shop::a.cpp::adds #1 passed 1",
                "shop::a.cpp::adds #2 failed 1: 1 == 2",
                "shop::a.cpp::waits skipped 1",
                "shop::a.cpp::hangs errored 1: it began and never ended"
            ]
        );
        let named = "<doctest binary='shop'><TestSuite name='cart'><TestCase name='a'><OverallResultsAsserts test_case_success='true'/></TestCase></TestSuite></doctest>";
        assert_eq!(told(&DOCTEST, named), ["shop > cart::a passed 1"]);
    }

    #[test]
    fn totals_lists_and_damage_are_seen() {
        assert_eq!(
            doctest(&test("a", "true"), "successes='1' failures='1'"),
            [
                "shop::a.cpp::a passed 1",
                "contradiction: 0 failures and errors | 1 failure or error",
                "difference: 1 tests that ran | 2 tests that ran"
            ]
        );
        let list =
            "<doctest binary='shop'><TestCase name='a' skipped='false'/><OverallResultsTestCases unskipped='1'/></doctest>";
        assert_eq!(told(&DOCTEST, list), ["empty a: none"]);
        assert!(told(&DOCTEST, "<doctest><TestSuite><TestCase name='a'>")[0].starts_with("malformed a:1"));
        assert!(doctest("<TestCase skipped='true'/>", "")[0].contains("without `name`"));
    }
}
