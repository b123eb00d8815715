//! `nunit`: test results of NUnit 3 (root `test-run`), NUnit 2 (`test-results`), or a part of either (`test-suite`), and of what writes the same.
//!
//! A suite is an assembly, called after its file; what is nested in it (namespaces, fixtures, parametrised methods) only has errors of its own. A test
//! is called by its `fullname`, or its `name`, with parameters. The format marks no retries: what is told twice are two tests.
//!
//! `Passed` and `Success` passed. `Skipped` and `Ignored` are skipped, and so is `Inconclusive`: it is no pass, and NUnit's console ends with 0
//! on it. `Error`, `NotRunnable`, `Cancelled` and `Invalid` are errors; `Failed`, `Failure`, `Warning` and every other word failed.
//!
//! A suite whose `site` is `SetUp` or `TearDown`, or whose result is `Error`, broke by itself: an error of the suite. So is any other result that is no pass and no
//! skip without a failure inside; also of the whole run. More failures stated (`failed`, `failures`, `errors`, `invalid`) than shown is a
//! `contradiction`; other differences are noted.

use super::suites::{Suites, case, file_name};
use super::xml_record::{Element, Reader, Want, read};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{Attempt, AttemptStatus, Gap, TestReport, Where};

/// The format.
pub(super) static NUNIT: Format = Format {
    id: "nunit",
    extensions: &[],
    about: "test results of NUnit 3 and 2",
    docs: include_str!("nunit.rs"),
    reading: Reading::Tests(TestReader { marks: Marks::Root(&ROOTS), report }),
};

const ROOTS: [&str; 3] = ["test-run", "test-results", "test-suite"];

fn report(bytes: &[u8], at: &Where) -> Result<TestReport, Gap> {
    let mut nunit = NUnit::default();
    let walked = read(bytes, at, "a sound NUnit report", &ROOTS, &mut nunit);
    nunit.suites.finish(walked, nunit.nothing, at)
}

/// An open suite, or the root.
struct Open {
    element: Element,
    message: String,
}

#[derive(Default)]
struct NUnit {
    suites: Suites,
    open: Vec<Open>,
    told: u64,
    nothing: bool,
}

impl Reader for NUnit {
    fn want(&self, name: &str, within: &[Box<str>]) -> Want {
        match (within.last().map_or("", |name| &**name), name) {
            ("", _) | (_, "test-suite" | "results") => Want::Ends,
            (_, "test-case") | ("test-suite" | "test-run", "failure" | "reason") => Want::Whole,
            _ => Want::Nothing,
        }
    }

    fn enter(&mut self, element: &Element, within: &[Box<str>]) -> Result<(), String> {
        if &*element.name == "results" {
            return Ok(());
        }
        let kind = element.get("type").unwrap_or_default();
        let name = element.get("name").or_else(|| element.get("fullname")).unwrap_or_default();
        let first = within.iter().all(|outer| &**outer != "test-suite");
        if kind == "Assembly" || (first && &*element.name == "test-suite" && !kind.ends_with("Project")) {
            let suite = self.suites.enter(file_name(name), element.line);
            suite.file = Some(name.into()).filter(|_| file_name(name) != name);
        } else {
            self.suites.enter_part(element.line);
        }
        if within.is_empty() {
            let began = element.get("start-time").map(str::to_owned);
            let day = || Some(format!("{} {}", element.get("date")?, element.get("time")?));
            self.suites.began(began.or_else(day).as_deref());
        }
        self.open.push(Open { element: element.own(), message: String::new() });
        Ok(())
    }

    fn whole(&mut self, element: Element, _: &[Box<str>]) -> Result<(), String> {
        if &*element.name == "test-case" {
            self.told += 1;
            return self.test(&element);
        }
        if let Some(open) = self.open.last_mut() {
            open.message.push_str(element.text_at(&["message"]));
        }
        Ok(())
    }

    fn leave(&mut self, name: &str, within: &[Box<str>]) -> Result<(), String> {
        if name == "results" {
            return Ok(());
        }
        let Some(Open { element, message }) = self.open.pop() else { return Ok(()) };
        let result = element.get("result").unwrap_or("none");
        let well = match (element.get("result"), element.get("success")) {
            (None, success) => success.is_none_or(|word| word.eq_ignore_ascii_case("true")),
            (Some(word), _) => matches!(word, "Passed" | "Success" | "Skipped" | "Ignored" | "Inconclusive"),
        };
        let itself = matches!(element.get("site"), Some("SetUp" | "TearDown")) || result == "Error";
        if !well && (itself || self.suites.bad() == 0) {
            let told = if message.is_empty() { format!("its result is `{result}`") } else { message };
            let what = element.get("fullname").or_else(|| element.get("name")).unwrap_or("the run");
            self.suites.error(&format!("{what}: {told}"), element.line)?;
        }
        self.suites.hold_bad(element.count(&["failed", "failures", "errors", "invalid"]), &element);
        if within.is_empty() {
            self.nothing = element.count(&["total", "not-run"]) == Some(0);
            let ran = element.count(&["total"]).map(|ran| ran + element.count(&["not-run"]).unwrap_or(0));
            self.suites.hold(ran, self.told, "tests", &element);
        }
        self.suites.leave();
        Ok(())
    }
}

impl NUnit {
    fn test(&mut self, element: &Element) -> Result<(), String> {
        let name = element.get("fullname").map_or_else(|| element.must("name"), Ok)?;
        let words = [["failure", "message"], ["reason", "message"]];
        let told = words.iter().map(|path| element.text_at(path)).find(|text| !text.is_empty()).unwrap_or_default();
        let seconds = element.get("duration").or_else(|| element.get("time")).and_then(super::report::seconds);
        // .NET writes `True`, those that followed it `true`.
        let is = |key: &str| element.get(key).and_then(|word| word.to_ascii_lowercase().parse::<bool>().ok());
        let word = element.get("result").or_else(|| match (is("executed"), is("success")) {
            (Some(false), _) => Some("Ignored"),
            (_, Some(true)) => Some("Success"),
            (_, Some(false)) => Some("Failure"),
            (_, None) => None,
        });
        let labelled = element.get("label").unwrap_or_default();
        let attempt = match word {
            Some("Passed" | "Success") => Attempt::new(AttemptStatus::Passed, seconds, ""),
            Some("Skipped" | "Ignored") => Attempt::new(AttemptStatus::Skipped, seconds, told),
            Some("Inconclusive") => Attempt::new(AttemptStatus::Skipped, seconds, &format!("inconclusive: {told}")),
            Some("Failed") if matches!(labelled, "Error" | "Invalid" | "Cancelled") => {
                Attempt::new(AttemptStatus::Errored, seconds, told)
            }
            Some("Failed" | "Failure") => Attempt::new(AttemptStatus::Failed, seconds, told),
            Some(word @ ("Error" | "NotRunnable" | "Cancelled" | "Invalid")) => {
                Attempt::new(AttemptStatus::Errored, seconds, &format!("{word}: {told}"))
            }
            Some(word) => Attempt::new(AttemptStatus::Failed, seconds, &format!("result `{word}`: {told}")),
            None => Attempt::new(AttemptStatus::Failed, seconds, "no result"),
        };
        self.suites.case(case(element.get("classname").unwrap_or_default(), name, element.spot(), attempt))
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::testing::told;
    use super::NUNIT;

    fn three(run: &str, assembly: &str, inside: &str) -> Vec<String> {
        told(
            &NUNIT,
            &format!(
                "<test-run {run}><test-suite type='Assembly' name='/b/Shop.dll' {assembly}><environment/><test-suite type='TestFixture' fullname='N.Cart' {inside}</test-suite></test-suite></test-run>"
            ),
        )
    }

    fn test(name: &str, result: &str) -> String {
        format!("<test-case fullname='N.Cart.{name}' name='{name}' classname='N.Cart' {result}")
    }

    #[test]
    fn tests_of_nunit_3_are_read() {
        let tests = [
            test("Adds(1)", "result='Passed' duration='0.5'/>"),
            test("Adds(1)", "result='Failed'><failure><message>no</message></failure></test-case>"),
            test("Waits", "result='Skipped' label='Ignored'><reason><message>later</message></reason></test-case>"),
            test("Maybe", "result='Inconclusive'/>"),
            test("Warns", "result='Warning'/>"),
            test("Throws", "result='Failed' label='Error'/>"),
        ];
        assert_eq!(
            three(
                "result='Failed' total='6' failed='2'",
                "result='Failed' site='Child'",
                &format!("result='Failed' site='Child'>{}", tests.concat())
            ),
            [
                "Shop.dll::N.Cart.Adds(1) #1 passed 1",
                "Shop.dll::N.Cart.Adds(1) #2 failed 1: no",
                "Shop.dll::N.Cart.Waits skipped 1: later",
                "Shop.dll::N.Cart.Maybe skipped 1: inconclusive:",
                "Shop.dll::N.Cart.Warns failed 1: result `Warning`:",
                "Shop.dll::N.Cart.Throws errored 1",
                "difference: 3 failures and errors | 2 failures and errors",
            ]
        );
    }

    #[test]
    fn what_broke_outside_of_tests_is_an_error_of_the_suite() {
        let (pass, fail) = (test("A", "result='Passed'/>"), test("B", "result='Failed'/>"));
        let passed = "Shop.dll::N.Cart.A passed 1";
        let torn =
            |site: &str, tests: &str| format!("result='Failed' {site}><failure><message>torn</message></failure>{tests}");
        let error = "error Shop.dll: N.Cart: torn";
        assert_eq!(three("result='Failed'", "", &torn("site='TearDown'", &pass)), [passed, error]);
        assert_eq!(three("result='Failed'", "", &torn("", &pass)), [passed, error]);
        assert_eq!(three("result='Failed'", "", &torn("site='SetUp'", &fail)), ["Shop.dll::N.Cart.B failed 1", error]);
        assert_eq!(three("result='Failed'", "", &torn("site='Child'", &fail)), ["Shop.dll::N.Cart.B failed 1"]);
        assert_eq!(three("result='Failed'", "", &format!(">{pass}")), [passed, "error : the run: its result is `Failed`"]);
        assert_eq!(three("result='Odd'", "", &format!(">{pass}")), [passed, "error : the run: its result is `Odd`"]);
        let stated = "contradiction: 0 failures and errors | 1 failure or error";
        assert_eq!(three("result='Passed' failed='1'", "", &format!(">{pass}")), [passed, stated]);
    }

    #[test]
    fn nunit_2_and_damage_are_read() {
        let results = "<test-results total='1' failures='0' not-run='2'><test-suite type='Project' result='Failure'><results><test-suite type='Assembly' name='C:\\b\\S.dll' success='False'><results><test-case name='N.A' executed='True' success='True' time='1'/><test-case name='N.B' executed='False'/><test-case name='N.C' result='NotRunnable'><reason><message>bad</message></reason></test-case></results></test-suite></results></test-suite></test-results>";
        assert_eq!(
            told(&NUNIT, results),
            [
                "S.dll::N.A passed 1",
                "S.dll::N.B skipped 1",
                "S.dll::N.C errored 1: NotRunnable: bad",
                "difference: 1 failure or error | 0 failures and errors"
            ]
        );
        // Writers beside .NET spell the words small.
        let small = |suite: &str, case: &str| {
            told(
                &NUNIT,
                &format!(
                    "<test-results><test-suite name='s' success='{suite}'><results><test-case name='a' executed='true' success='{case}'/></results></test-suite></test-results>"
                ),
            )
        };
        assert_eq!(small("true", "true"), ["s::a passed 1"]);
        assert_eq!(small("false", "false"), ["s::a failed 1"]);
        assert_eq!(small("false", "true"), ["s::a passed 1", "error s: s: its result is `none`"]);
        assert_eq!(small("Turue", "true"), ["s::a passed 1", "error s: s: its result is `none`"]);
        assert_eq!(
            told(&NUNIT, "<test-suite name='s'><test-case name='a' result='Passed'/></test-suite>"),
            ["s::a passed 1"]
        );
        assert!(told(&NUNIT, &results[..results.len() - 3])[0].starts_with("malformed a"));
        assert!(told(&NUNIT, "<test-run><test-case result='Passed'/></test-run>")[0].contains("without `name`"));
        assert_eq!(told(&NUNIT, "<test-run total='0' result='Passed'/>"), ["empty a: none"]);
    }
}
