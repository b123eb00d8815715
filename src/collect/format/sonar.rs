//! `sonar`: test results in the generic format of SonarQube (root `testExecutions`, formerly `unitTest`), as jest-sonar, Catch2 and others write it.
//!
//! A suite is a `file`. A `testCase` without anything in it passed; `skipped` is skipped, `failure` and `error` are what they say, and anything else failed. The
//! format has no totals and marks no retries; what is told twice are two tests. It has no place for what went wrong outside of a test: a file that did not load is
//! a `file` without tests, which is an empty suite, and a tear-down that failed is not told at all. Prefer JUnit XML where a tool writes both.

use super::suites::{Suites, case, file_name};
use super::xml_record::{Element, Reader, Want, read};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{Attempt, AttemptStatus, Gap, TestReport, Where};

/// The format.
pub(super) static SONAR: Format = Format {
    id: "sonar",
    extensions: &[],
    about: "test results in the generic format of SonarQube",
    docs: include_str!("sonar.rs"),
    reading: Reading::Tests(TestReader { marks: Marks::Root(&ROOTS), report }),
};

const ROOTS: [&str; 2] = ["testExecutions", "unitTest"];

fn report(bytes: &[u8], at: &Where) -> Result<TestReport, Gap> {
    let mut sonar = Sonar::default();
    sonar.suites.keeps_empty = true;
    let walked = read(bytes, at, "a sound report for SonarQube", &ROOTS, &mut sonar);
    sonar.suites.finish(walked, false, at)
}

#[derive(Default)]
struct Sonar {
    suites: Suites,
}

impl Reader for Sonar {
    fn want(&self, name: &str, within: &[Box<str>]) -> Want {
        match (within.last().map_or("", |name| &**name), name) {
            ("", _) | ("testExecutions" | "unitTest", "file") => Want::Ends,
            ("file", "testCase") => Want::Whole,
            _ => Want::Nothing,
        }
    }

    fn enter(&mut self, element: &Element, within: &[Box<str>]) -> Result<(), String> {
        if !within.is_empty() {
            let path = element.must("path")?;
            self.suites.enter(file_name(path), element.line).file = Some(path.into());
        }
        Ok(())
    }

    fn whole(&mut self, element: Element, _: &[Box<str>]) -> Result<(), String> {
        let seconds = element.get("duration").and_then(super::report::seconds).map(|milliseconds| milliseconds / 1_000.0);
        let told = |ending: &Element| {
            let short = ending.get("message").unwrap_or_default().to_owned();
            if ending.said().is_empty() { short } else { ending.said().to_owned() }
        };
        let worst = element.children.iter().max_by_key(|ending| match &*ending.name {
            "skipped" => 0,
            "failure" => 2,
            "error" => 3,
            _ => 1,
        });
        let attempt = match worst.map(|ending| (&*ending.name, told(ending))) {
            None => Attempt::new(AttemptStatus::Passed, seconds, ""),
            Some(("skipped", told)) => Attempt::new(AttemptStatus::Skipped, seconds, &told),
            Some(("error", told)) => Attempt::new(AttemptStatus::Errored, seconds, &told),
            Some(("failure", told)) => Attempt::new(AttemptStatus::Failed, seconds, &told),
            Some((word, told)) => {
                Attempt::new(AttemptStatus::Failed, seconds, &format!("unknown element `{word}`: {told}"))
            }
        };
        self.suites.case(case("", element.must("name")?, element.spot(), attempt))
    }

    fn leave(&mut self, name: &str, _: &[Box<str>]) -> Result<(), String> {
        if name == "file" {
            self.suites.leave();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::testing::told;
    use super::SONAR;

    #[test]
    fn tests_are_read() {
        let tests = "<testCase name='a' duration='5'/><testCase name='a'><failure message='no'>long no</failure></testCase><testCase name='b'><skipped message='later'/></testCase><testCase name='c'><skipped/><error message='torn'/></testCase><testCase name='d'><warning/></testCase>";
        assert_eq!(
            told(&SONAR, &format!("<testExecutions version='1'><file path='t/a.js'>{tests}</file></testExecutions>")),
            [
                "a.js::a #1 passed 1",
                "a.js::a #2 failed 1: long no",
                "a.js::b skipped 1: later",
                "a.js::c errored 1: torn",
                "a.js::d failed 1: unknown element `warning`:"
            ]
        );
        let two = "<testExecutions><file path='x/a.js'><testCase name='a'/></file><file path='y/a.js'><testCase name='a'/></file></testExecutions>";
        assert_eq!(told(&SONAR, two), ["a.js::a (x/a.js) passed 1", "a.js::a (y/a.js) passed 1"]);
    }

    #[test]
    fn damage_is_malformed_and_nothing_is_empty() {
        assert!(told(&SONAR, "<testExecutions><file>")[0].contains("without `path`"));
        assert!(told(&SONAR, "<unitTest><file path='a'><testCase/></file></unitTest>")[0].contains("without `name`"));
        assert!(told(&SONAR, "<testExecutions><file path='a'>")[0].starts_with("malformed a:1"));
        assert_eq!(told(&SONAR, "<testExecutions><file path='a'/></testExecutions>"), ["empty a: none"]);
        let unloaded = "<testExecutions><file path='a'/><file path='b'><testCase name='x'/></file></testExecutions>";
        assert_eq!(told(&SONAR, unloaded), ["b::x passed 1", "empty a"]);
    }
}
