//! `catch2`: test results of Catch2, versions 2 and 3, with its reporter `xml`. Its JUnit XML and TAP are formats of their own.
//!
//! A test is a `TestCase`; its class is its source file, since several may have one name. The suite is called after the program, in version 2 also after
//! the group. Only `OverallResult` counts: an assertion may fail as expected (`[!shouldfail]`, `[!mayfail]`, `CHECK_NOFAIL`). `success="true"` passed, unless
//! `skips` are told: then it is skipped. `success="false"` failed. A test without `OverallResult` began and never ended.
//!
//! Version 3 ends with 2 where no test ran and with 4 where every one was skipped, so a report of it that says so is an empty suite, or an error.
//! More failures stated in `OverallResultsCases` than shown is a `contradiction`; other differences are noted. A list of tests (`MatchingTests`) is no report.

use super::suites::{Suites, case, file_name};
use super::xml_record::{Element, Reader, Want, read};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{Attempt, AttemptStatus, Gap, TestCase, TestReport, Where};

/// The format.
pub(super) static CATCH2: Format = Format {
    id: "catch2",
    extensions: &[],
    about: "test results of Catch2",
    docs: include_str!("catch2.rs"),
    reading: Reading::Tests(TestReader { marks: Marks::Root(&ROOTS), report }),
};

const ROOTS: [&str; 2] = ["Catch2TestRun", "Catch"];

fn report(bytes: &[u8], at: &Where) -> Result<TestReport, Gap> {
    let mut catch = Catch::default();
    let walked = read(bytes, at, "a sound report of Catch2", &ROOTS, &mut catch);
    let nothing = catch.stated == Some(0) && catch.is_old;
    catch.suites.finish(walked, nothing, at)
}

#[derive(Default)]
struct Catch {
    suites: Suites,
    test: Option<(Element, Option<Element>)>,
    message: String,
    stated: Option<u64>,
    /// The report is of version 2, to which a run without a test is no failure.
    is_old: bool,
}

impl Reader for Catch {
    fn want(&self, name: &str, within: &[Box<str>]) -> Want {
        match (within.last().map_or("", |name| &**name), name) {
            ("", _) | (_, "Group" | "TestCase" | "Section" | "Expression") => Want::Ends,
            (_, "Exception" | "FatalErrorCondition" | "Failure" | "Skip" | "Expanded") => Want::Whole,
            ("TestCase", "OverallResult") | ("Catch2TestRun" | "Catch", "OverallResultsCases") => Want::Whole,
            _ => Want::Nothing,
        }
    }

    fn enter(&mut self, element: &Element, _: &[Box<str>]) -> Result<(), String> {
        match &*element.name {
            "TestCase" => {
                self.message.clear();
                self.test = Some((element.own(), None));
            }
            "Section" | "Expression" => {}
            name => {
                self.is_old |= name == "Catch";
                self.suites.enter(element.get("name").unwrap_or_default(), element.line);
            }
        }
        Ok(())
    }

    fn whole(&mut self, element: Element, _: &[Box<str>]) -> Result<(), String> {
        match (&*element.name, &mut self.test) {
            ("OverallResult", Some((_, result))) => *result = Some(element),
            ("OverallResultsCases", _) => {
                self.stated = element.count(&["successes", "failures", "expectedFailures", "skips"]);
                self.suites.hold_bad(element.count(&["failures"]), &element);
                let shown = self.suites.cases().count() as u64;
                self.suites.hold(self.stated, shown, "tests", &element);
                let skips = element.count(&["skips"]).unwrap_or(0);
                if skips > 0 && self.stated == Some(skips) {
                    self.suites.error("every test was skipped, on which Catch2 ends with 4", element.line)?;
                }
            }
            _ if self.message.is_empty() => element.said().clone_into(&mut self.message),
            _ => {}
        }
        Ok(())
    }

    fn leave(&mut self, name: &str, _: &[Box<str>]) -> Result<(), String> {
        if name != "TestCase" {
            if !matches!(name, "Section" | "Expression") {
                self.suites.leave();
            }
            return Ok(());
        }
        let Some((test, result)) = self.test.take() else { return Ok(()) };
        let seconds = result.as_ref().and_then(|result| result.get("durationInSeconds")).and_then(super::report::seconds);
        let skips = result.as_ref().and_then(|result| result.count(&["skips"])).unwrap_or(0);
        let attempt = match result.as_ref().map(|result| result.get("success")) {
            Some(Some("true")) if skips > 0 => Attempt::new(AttemptStatus::Skipped, seconds, &self.message),
            Some(Some("true")) => Attempt::new(AttemptStatus::Passed, seconds, ""),
            Some(_) => Attempt::new(AttemptStatus::Failed, seconds, &self.message),
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
    use super::CATCH2;

    fn catch(tests: &str, totals: &str) -> Vec<String> {
        told(
            &CATCH2,
            &format!(
                "<Catch2TestRun name='shop'>{tests}<OverallResults failures='9'/><OverallResultsCases {totals}/></Catch2TestRun>"
            ),
        )
    }

    fn test(name: &str, inner: &str, result: &str) -> String {
        format!("<TestCase name='{name}' filename='src/a.cpp' line='3'>{inner}{result}</TestCase>")
    }

    const FAILED: &str =
        "<Expression success='false' type='CHECK'><Original>x == 2</Original><Expanded>1 == 2</Expanded></Expression>";

    #[test]
    fn tests_are_read() {
        let tests = [
            test(
                "adds",
                &format!("<Section name='s'>{FAILED}<OverallResults failures='1'/></Section>"),
                "<OverallResult success='false'/>",
            ),
            test("adds", FAILED, "<OverallResult success='true' skips='0'/>"),
            test("waits", "<Skip>later</Skip>", "<OverallResult success='true' skips='1'/>"),
            test("crashes", "<FatalErrorCondition>SIGSEGV</FatalErrorCondition>", "<OverallResult success='false'/>"),
            test("hangs", "", ""),
        ];
        assert_eq!(
            catch(&tests.concat(), "successes='1' failures='3' expectedFailures='0' skips='1'"),
            [
                "shop::a.cpp::adds #1 failed 1: 1 == 2",
                "shop::a.cpp::adds #2 passed 1",
                "shop::a.cpp::waits skipped 1: later",
                "shop::a.cpp::crashes failed 1: SIGSEGV",
                "shop::a.cpp::hangs errored 1: it began and never ended"
            ]
        );
        let old = format!(
            "<Catch name='shop'><Group name='g'>{}</Group></Catch>",
            test("a", "", "<OverallResult success='true'/>")
        );
        assert_eq!(told(&CATCH2, &old), ["shop > g::a.cpp::a passed 1"]);
    }

    #[test]
    fn totals_and_damage_are_seen() {
        let pass = test("a", "", "<OverallResult success='true'/>");
        assert_eq!(
            catch(&pass, "successes='1' failures='1'"),
            [
                "shop::a.cpp::a passed 1",
                "contradiction: 0 failures and errors | 1 failure or error",
                "difference: 1 tests | 2 tests"
            ]
        );
        assert!(told(&CATCH2, "<Catch2TestRun><TestCase name='a'>")[0].starts_with("malformed a:1"));
        assert!(told(&CATCH2, "<Catch><TestCase/></Catch>")[0].contains("without `name`"));
        assert_eq!(catch("", "successes='0' failures='0'"), ["empty a: none"]);
        let skipped = test("a", "<Skip>later</Skip>", "<OverallResult success='true' skips='1'/>");
        let error = "error shop: every test was skipped, on which Catch2 ends with 4";
        assert_eq!(catch(&skipped, "successes='0' failures='0' skips='1'"), ["shop::a.cpp::a skipped 1: later", error]);
    }
}
