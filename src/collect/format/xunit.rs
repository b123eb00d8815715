//! `xunit`: test results of xUnit.net 2 and 3 (root `assemblies`), and of version 1 or a single assembly (`assembly`).
//!
//! A suite is an assembly, called after its file, with its `environment` where two have one name; a test is called by its `name` and has its
//! `type` as its class. The format marks no retries: what is told twice are two tests.
//!
//! `Pass` passed, `Fail` failed, `Skip` and `NotRun` (tests that run only on demand) are skipped; every other word failed. Each `error` of an assembly
//! (clean-up of a class, a collection, the assembly) is an error of the suite. More `failed` and `errors` stated than shown is a `contradiction`; other
//! differences are noted. An assembly with `total="0"` says that there is nothing to run.

use super::suites::{Suites, case, file_name};
use super::xml_record::{Element, Reader, Want, read};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{Attempt, AttemptStatus, Gap, TestCase, TestReport, Where};

/// The format.
pub(super) static XUNIT: Format = Format {
    id: "xunit",
    extensions: &[],
    about: "test results of xUnit.net",
    docs: include_str!("xunit.rs"),
    reading: Reading::Tests(TestReader { marks: Marks::Root(&ROOTS), report }),
};

const ROOTS: [&str; 2] = ["assemblies", "assembly"];

fn report(bytes: &[u8], at: &Where) -> Result<TestReport, Gap> {
    let mut xunit = XUnit { nothing: true, ..XUnit::default() };
    let walked = read(bytes, at, "a sound xUnit.net report", &ROOTS, &mut xunit);
    xunit.suites.finish(walked, xunit.nothing, at)
}

#[derive(Default)]
struct XUnit {
    suites: Suites,
    assembly: Option<Element>,
    told: u64,
    nothing: bool,
}

impl Reader for XUnit {
    fn want(&self, name: &str, within: &[Box<str>]) -> Want {
        match (within.last().map_or("", |name| &**name), name) {
            ("", _) | ("assemblies", "assembly") | ("assembly", "errors" | "collection" | "class") => Want::Ends,
            ("errors", _) | ("collection" | "class" | "assembly", "test") => Want::Whole,
            _ => Want::Nothing,
        }
    }

    fn enter(&mut self, element: &Element, _: &[Box<str>]) -> Result<(), String> {
        if &*element.name == "assembly" {
            let name = element.get("name").unwrap_or_default();
            let suite = self.suites.enter(file_name(name), element.line);
            suite.file = Some(name.into()).filter(|_| file_name(name) != name);
            suite.host = element.get("environment").map(Into::into);
            let day = || Some(format!("{} {}", element.get("run-date")?, element.get("run-time")?));
            self.suites.run_began(day().as_deref(), name, element.line);
            self.told = 0;
            self.assembly = Some(element.own());
        }
        Ok(())
    }

    fn whole(&mut self, element: Element, within: &[Box<str>]) -> Result<(), String> {
        let message = element.text_at(&["failure", "message"]);
        if within.last().is_some_and(|name| &**name == "errors") {
            let kind = [element.get("type"), element.get("name")].into_iter().flatten().collect::<Vec<_>>().join(" ");
            return self.suites.error(&format!("{kind}: {message}"), element.line);
        }
        self.told += 1;
        let seconds = element.get("time").and_then(super::report::seconds);
        let attempt = match element.get("result") {
            Some("Pass") => Attempt::new(AttemptStatus::Passed, seconds, ""),
            Some("Fail") => Attempt::new(AttemptStatus::Failed, seconds, message),
            Some("Skip" | "NotRun") => {
                let reason = [element.text_at(&["reason"]), element.text_at(&["reason", "message"])];
                Attempt::new(
                    AttemptStatus::Skipped,
                    seconds,
                    reason.into_iter().find(|text| !text.is_empty()).unwrap_or_default(),
                )
            }
            Some(word) => Attempt::new(AttemptStatus::Failed, seconds, &format!("result `{word}`: {message}")),
            None => Attempt::new(AttemptStatus::Failed, seconds, "no result"),
        };
        let own = case(element.get("type").unwrap_or_default(), element.must("name")?, element.spot(), attempt);
        let file = element.get("source-file").map(Into::into);
        let line = element.get("source-line").and_then(|line| line.parse().ok());
        self.suites.case(TestCase { file, line, ..own })
    }

    fn leave(&mut self, name: &str, _: &[Box<str>]) -> Result<(), String> {
        if let Some(assembly) = self.assembly.take_if(|_| name == "assembly") {
            self.nothing &= assembly.count(&["total"]) == Some(0);
            self.suites.hold_bad(assembly.count(&["failed", "errors"]), &assembly);
            self.suites.hold(assembly.count(&["total"]), self.told, "tests", &assembly);
            self.suites.leave();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::testing::told;
    use super::XUNIT;

    fn assembly(attributes: &str, errors: &str, tests: &str) -> Vec<String> {
        told(
            &XUNIT,
            &format!(
                "<assemblies><assembly name='/b/Shop.dll' {attributes}><errors>{errors}</errors><collection>{tests}</collection></assembly></assemblies>"
            ),
        )
    }

    #[test]
    fn tests_are_read() {
        let tests = "<test name='N.A.T(x: 1)' type='N.A' method='T' time='0.1' result='Pass'/><test name='N.A.T(x: 1)' type='N.A' result='Fail'><failure><message><![CDATA[no]]></message><stack-trace/></failure></test><test name='N.A.S' type='N.A' result='Skip'><reason><![CDATA[later]]></reason></test><test name='N.A.E' type='N.A' result='NotRun'/><test name='N.A.O' type='N.A' result='Odd'/><test name='N.A.N' type='N.A'/>";
        assert_eq!(
            assembly("total='6' failed='3' errors='0'", "", tests),
            [
                "Shop.dll::N.A.T(x: 1) #1 passed 1",
                "Shop.dll::N.A.T(x: 1) #2 failed 1: no",
                "Shop.dll::N.A.S skipped 1: later",
                "Shop.dll::N.A.E skipped 1",
                "Shop.dll::N.A.O failed 1: result `Odd`:",
                "Shop.dll::N.A.N failed 1: no result",
            ]
        );
        let one = "<assembly name='S.dll' total='1' failed='0'><class name='A'><test name='A.T' type='A' result='Pass'/></class></assembly>";
        assert_eq!(told(&XUNIT, one), ["S.dll::A.T passed 1"]);
    }

    #[test]
    fn errors_and_totals_are_held_against_it() {
        let pass = "<test name='T' result='Pass'/>";
        let error = "<error type='test-class-cleanup' name='N.A'><failure><message>torn</message></failure></error>";
        assert_eq!(
            assembly("total='1' failed='0' errors='1'", error, pass),
            ["Shop.dll::T passed 1", "error Shop.dll: test-class-cleanup N.A: torn"]
        );
        assert_eq!(
            assembly("total='2' failed='0' errors='1'", "", pass),
            [
                "Shop.dll::T passed 1",
                "contradiction: 0 failures and errors | 1 failure or error",
                "difference: 1 tests | 2 tests"
            ]
        );
    }

    #[test]
    fn damage_is_malformed_and_nothing_says_so() {
        assert!(assembly("", "", "<test result='Pass'/>")[0].contains("without `name`"));
        assert!(told(&XUNIT, "<assemblies><assembly>")[0].starts_with("malformed a:1"));
        assert_eq!(assembly("total='0'", "", ""), ["empty a: none"]);
        assert_eq!(told(&XUNIT, "<assemblies/>"), ["empty a: none"]);
    }
}
