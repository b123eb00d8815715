//! `check`: test results of Check, the framework for C, as XML (`CK_XML_LOG_FILE_NAME`). Its root is called `testsuites` as that of JUnit XML, in a namespace of
//! its own. Its TAP is [`tap`](tap.md).
//!
//! A suite is called by its `title`; a test by its `id`, with its number where a loop ran it several times, and has its test case (`description`) as its class.
//! `success` passed, `error` is an error, `failure` and every other word failed. The format marks no retries and has no totals.

use super::suites::{Suites, case};
use super::xml_record::{Element, Reader, Want, read};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{Attempt, AttemptStatus, Gap, TestReport, Where};

/// The format.
pub(super) static CHECK: Format = Format {
    id: "check",
    extensions: &[],
    about: "test results of Check (C)",
    docs: include_str!("check.rs"),
    reading: Reading::Tests(TestReader {
        marks: Marks::RootWith("testsuites", "=\"http://check.sourceforge.net/ns\""),
        report,
    }),
};

fn report(bytes: &[u8], at: &Where) -> Result<TestReport, Gap> {
    let mut check = Check { nothing: true, ..Check::default() };
    let walked = read(bytes, at, "a sound report of Check", &["testsuites"], &mut check);
    check.suites.finish(walked, check.nothing, at)
}

#[derive(Default)]
struct Check {
    suites: Suites,
    nothing: bool,
}

impl Reader for Check {
    fn want(&self, name: &str, within: &[Box<str>]) -> Want {
        match (within.last().map_or("", |name| &**name), name) {
            ("", _) | ("testsuites", "suite") => Want::Ends,
            ("suite", "title" | "test") | ("testsuites", "datetime") => Want::Whole,
            _ => Want::Nothing,
        }
    }

    fn enter(&mut self, element: &Element, within: &[Box<str>]) -> Result<(), String> {
        if !within.is_empty() {
            self.suites.enter("", element.line);
        }
        Ok(())
    }

    fn whole(&mut self, element: Element, _: &[Box<str>]) -> Result<(), String> {
        match &*element.name {
            "datetime" => self.suites.began(Some(element.said())),
            "title" => self.suites.suite(element.line).name = element.named()?.into(),
            _ => return self.test(&element),
        }
        Ok(())
    }

    fn leave(&mut self, name: &str, _: &[Box<str>]) -> Result<(), String> {
        if name == "suite" {
            self.suites.leave();
        }
        Ok(())
    }
}

impl Check {
    fn test(&mut self, test: &Element) -> Result<(), String> {
        self.nothing = false;
        let id = test.child("id").ok_or("a `test` without `id`")?.named()?;
        let round = test.text_at(&["iteration"]);
        let name = if matches!(round, "" | "0") { id.to_owned() } else { format!("{id}[{round}]") };
        let (said, seconds) = (test.text_at(&["message"]), super::report::seconds(test.text_at(&["duration"])));
        let attempt = match test.get("result") {
            Some("success") => Attempt::new(AttemptStatus::Passed, seconds, ""),
            Some("failure") => Attempt::new(AttemptStatus::Failed, seconds, said),
            Some("error") => Attempt::new(AttemptStatus::Errored, seconds, said),
            Some(word) => Attempt::new(AttemptStatus::Failed, seconds, &format!("result `{word}`: {said}")),
            None => Attempt::new(AttemptStatus::Failed, seconds, "no result"),
        };
        self.suites.case(case(test.text_at(&["description"]), &name, test.spot(), attempt))
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::testing::told;
    use super::CHECK;

    fn check(tests: &str) -> Vec<String> {
        let text = format!(
            "<testsuites xmlns=\"http://check.sourceforge.net/ns\"><datetime>d</datetime><suite><title>shop</title>{tests}</suite><duration>1</duration></testsuites>"
        );
        told(&CHECK, &text)
    }

    fn test(result: &str, round: &str) -> String {
        format!(
            "<test result=\"{result}\"><id>adds</id><iteration>{round}</iteration><description>cart</description><message>why</message></test>"
        )
    }

    #[test]
    fn tests_are_read() {
        let tests = [
            test("success", "0"),
            test("failure", "1"),
            test("error", "0"),
            test("odd", "2"),
            "<test><id>x</id></test>".to_owned(),
        ];
        assert_eq!(
            check(&tests.concat()),
            [
                "shop::cart::adds #1 passed 1",
                "shop::cart::adds[1] failed 1: why",
                "shop::cart::adds #2 errored 1: why",
                "shop::cart::adds[2] failed 1: result `odd`: why",
                "shop::x failed 1: no result"
            ]
        );
    }

    #[test]
    fn damage_is_malformed_and_nothing_is_empty() {
        assert!(check("<test result=\"success\"/>")[0].contains("without `id`"));
        assert!(told(&CHECK, "<testsuites><suite>")[0].starts_with("malformed a:1"));
        assert_eq!(check(""), ["empty a: none"]);
    }
}
