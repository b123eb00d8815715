//! `ctest`: test results of CTest for a dashboard, its `Test.xml` (root `Site`, with `Testing` in it). Its JUnit XML is [`junit`](junit.md).
//!
//! The suite is called after the build and has the site as its host; the class of a test is its directory. `passed` passed, `failed` failed, and `notrun` is
//! skipped only if the completion status is `Disabled`, `SKIP_RETURN_CODE` or `SKIP_REGULAR_EXPRESSION_MATCHED`: a missing executable is an error. Every other
//! word failed. A test of `TestList` that is not told of cuts the run short. CTest's own retries (`--repeat`) leave only the last attempt.

use super::junit_case::on_purpose;
use super::pipeline_words::since_epoch;
use super::suites::{Suites, case};
use super::xml_record::{Element, Reader, Want, read};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{Attempt, AttemptStatus, Gap, TestReport, Where};
use std::collections::BTreeSet;

/// The format.
pub(super) static CTEST: Format = Format {
    id: "ctest",
    extensions: &[],
    about: "test results of CTest for a dashboard",
    docs: include_str!("ctest.rs"),
    reading: Reading::Tests(TestReader { marks: Marks::RootWith("Site", "<Testing"), report }),
};

fn report(bytes: &[u8], at: &Where) -> Result<TestReport, Gap> {
    let mut ctest = CTest::default();
    let walked = read(bytes, at, "a sound Test.xml of CTest", &["Site"], &mut ctest);
    if let Some(first) = ctest.listed.iter().next().filter(|_| walked.is_ok()) {
        let why = format!("{} tests of the list are not told of, among them `{first}`", ctest.listed.len());
        ctest.suites.cut_short(&why, ctest.line);
    }
    ctest.suites.finish(walked, ctest.nothing, at)
}

#[derive(Default)]
struct CTest {
    suites: Suites,
    /// Tests of the list that were not told of yet.
    listed: BTreeSet<String>,
    line: u64,
    nothing: bool,
}

impl Reader for CTest {
    fn want(&self, name: &str, within: &[Box<str>]) -> Want {
        match (within.last().map_or("", |name| &**name), name) {
            ("", _) | ("Site", "Testing") | ("Testing", "TestList") => Want::Ends,
            ("Testing" | "TestList", "Test") | ("Testing", "StartTestTime") => Want::Whole,
            _ => Want::Nothing,
        }
    }

    fn enter(&mut self, element: &Element, _: &[Box<str>]) -> Result<(), String> {
        if &*element.name == "Site" {
            self.suites.enter(element.get("BuildName").unwrap_or_default(), element.line).host =
                element.get("Name").map(Into::into);
        } else if &*element.name == "TestList" {
            (self.nothing, self.line) = (true, element.line);
        }
        Ok(())
    }

    fn whole(&mut self, element: Element, within: &[Box<str>]) -> Result<(), String> {
        if &*element.name == "StartTestTime" {
            self.suites.began(element.said().trim().parse().ok().and_then(since_epoch).as_deref());
            return Ok(());
        }
        if within.last().is_some_and(|name| &**name == "TestList") {
            self.nothing = false;
            self.listed.insert(element.named()?.to_owned());
            return Ok(());
        }
        let name = element.child("Name").ok_or("a `Test` without `Name`")?.named()?;
        self.listed.remove(element.text_at(&["FullName"]));
        let measured = |name: &str| {
            let all = element.child("Results").into_iter().flat_map(|results| results.all("NamedMeasurement"));
            all.into_iter().find(|one| one.get("name") == Some(name)).map_or("", |one| one.text_at(&["Value"]))
        };
        let seconds = super::report::seconds(measured("Execution Time"));
        let (completed, ended) = (measured("Completion Status"), measured("Exit Code"));
        let attempt = match element.get("Status") {
            Some("passed") => Attempt::new(AttemptStatus::Passed, seconds, ""),
            Some("failed") => Attempt::new(AttemptStatus::Failed, seconds, ended),
            Some("notrun") if on_purpose(completed) => Attempt::new(AttemptStatus::Skipped, seconds, completed),
            Some("notrun") => Attempt::new(AttemptStatus::Errored, seconds, &format!("not run: {completed}")),
            Some(word) => Attempt::new(AttemptStatus::Failed, seconds, &format!("status `{word}`")),
            None => Attempt::new(AttemptStatus::Failed, seconds, "no status"),
        };
        let directory = element.text_at(&["Path"]).trim_start_matches("./").trim_start_matches('.');
        self.suites.case(case(directory, name, element.spot(), attempt))
    }

    fn leave(&mut self, _: &str, _: &[Box<str>]) -> Result<(), String> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::testing::told;
    use super::CTEST;

    fn ctest(list: &str, tests: &str) -> Vec<String> {
        told(
            &CTEST,
            &format!("<Site BuildName='shop' Name='b'><Testing><TestList>{list}</TestList>{tests}</Testing></Site>"),
        )
    }

    fn test(path: &str, status: &str, completion: &str) -> String {
        format!(
            "<Test Status='{status}'><Name>a</Name><Path>{path}</Path><FullName>{path}/a</FullName><Results><NamedMeasurement name='Completion Status'><Value>{completion}</Value></NamedMeasurement><NamedMeasurement name='Exit Code'><Value>Timeout</Value></NamedMeasurement></Results></Test>"
        )
    }

    #[test]
    fn tests_are_read() {
        let tests = [
            test(".", "passed", "Completed"),
            test("./x", "failed", "Completed"),
            test("./y", "notrun", "SKIP_RETURN_CODE=77"),
            test("./z", "notrun", "Unable to find executable"),
            test("./q", "odd", ""),
        ];
        assert_eq!(
            ctest("<Test>./a</Test><Test>./x/a</Test>", &tests.concat()),
            [
                "shop::a passed 1",
                "shop::x::a failed 1: Timeout",
                "shop::y::a skipped 1: SKIP_RETURN_CODE=77",
                "shop::z::a errored 1: not run: Unable to find executable",
                "shop::q::a failed 1: status `odd`"
            ]
        );
    }

    #[test]
    fn what_is_missing_is_seen() {
        let short = "cut short: 1 tests of the list are not told of, among them `./b`";
        assert_eq!(ctest("<Test>./a</Test><Test>./b</Test>", &test(".", "passed", "")), ["shop::a passed 1", short]);
        assert!(ctest("", "<Test Status='passed'/>")[0].contains("without `Name`"));
        assert!(told(&CTEST, "<Site><Testing>")[0].starts_with("malformed a:1"));
        assert_eq!(ctest("", ""), ["empty a: none"]);
    }
}
