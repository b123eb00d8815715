//! `go-test-json`: the events of `go test -json`, one a line.
//!
//! Packages are suites, subtests are tests of their own (`TestA/inner`). A test that ran without an end failed. A package that failed though
//! none of its tests did (it did not build, panicked outside a test, or its `TestMain` failed) is an error of the suite; a
//! package without a result is a run cut short. `suites[].cached` tells that Go took the results from its cache. Lines that
//! do not begin with `{` are the compiler's and are passed over.

use super::go::{End, Packages};
use super::report::{admit, room};
use super::{json, malformed, plain_utf8};
use crate::gate::{Format, Reading};
use crate::model::{AttemptStatus, Content, Document, Gap, Node, Number, Where};
use std::collections::BTreeMap;

/// The format.
pub(super) static GO_TEST_JSON: Format = Format {
    id: "go-test-json",
    extensions: &[],
    about: "test results as the events of `go test -json`",
    docs: include_str!("go_test_json.rs"),
    reading: Reading::Whole(read),
};

pub(super) fn read(bytes: &[u8], at: &Where) -> Result<Content, Gap> {
    let mut run = Run::default();
    let mut events = 0;
    for (line, text) in (1_u64..).zip(plain_utf8(bytes, at)?.lines()).filter(|(_, text)| text.starts_with('{')) {
        let damaged =
            |phrase: String| malformed(at, usize::try_from(line).ok(), "one event of `go test -json` a line", phrase);
        let event = json::parse(text, &json::Room::default())
            .map_err(|fault| damaged(format!("{} (line {line}, column {})", fault.message, fault.column)))?;
        run.take(Document::new(event).root(), line).map_err(|phrase| damaged(format!("{phrase} (line {line})")))?;
        events += 1;
        room(run.packages.told, at)?;
    }
    if events == 0 && bytes.iter().any(|byte| !byte.is_ascii_whitespace()) {
        return Err(malformed(at, None, "events of `go test -json`", "no event in it".to_owned()));
    }
    admit(run.packages.finish(), at)
}

#[derive(Default)]
struct Run {
    packages: Packages,
    /// What the compiler said, by import path.
    build: BTreeMap<String, String>,
}

impl Run {
    fn take(&mut self, event: Node<'_>, line: u64) -> Result<(), String> {
        let text = |key: &str| event.get(key).and_then(Node::text);
        let action = text("Action").ok_or("an event without `Action`")?;
        let output = text("Output").unwrap_or_default();
        if let ("build-output", Some(path)) = (action, text("ImportPath")) {
            let own = self.build.entry(path.to_owned()).or_default();
            if own.len() < 1 << 14 {
                own.push_str(output);
            }
            return Ok(());
        }
        if action == "build-fail" {
            // The package's own failure follows, and names this build.
            return Ok(());
        }
        let name = text("Package").ok_or("an event without `Package`")?;
        let package = self.packages.package(name, line);
        let seconds = event.get("Elapsed").and_then(Node::number).map(Number::as_float).filter(|time| *time >= 0.0);
        match (action, text("Test")) {
            ("run", Some(test)) => {
                package.run(test, line);
                self.packages.told += 1;
            }
            ("pass" | "bench", Some(test)) => package.ended(test, AttemptStatus::Passed, seconds, line),
            ("fail", Some(test)) => package.ended(test, AttemptStatus::Failed, seconds, line),
            ("skip", Some(test)) => package.ended(test, AttemptStatus::Skipped, seconds, line),
            ("output", test) => package.print(test, output),
            ("pass", None) => package.end(End::Pass),
            ("skip", None) => package.end(End::Skip),
            ("fail", None) => {
                if let Some(path) = text("FailedBuild") {
                    let said = self.build.get(path).map(String::as_str).filter(|said| !said.trim().is_empty());
                    package.broke(said.unwrap_or("it does not build"));
                }
                package.end(End::Fail);
            }
            // `start`, `pause`, `cont`, `attr` and whatever comes later do not end anything.
            (_, _) => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::testing::{read, told};
    use super::GO_TEST_JSON;

    fn go(events: &[&str]) -> Vec<String> {
        told(&GO_TEST_JSON, &events.join("\n"))
    }

    const RUN: &str = r#"{"Action":"run","Package":"p","Test":"TestA"}"#;
    const PASS: &str = r#"{"Action":"pass","Package":"p","Test":"TestA","Elapsed":0.5}"#;
    const FAIL: &str = r#"{"Action":"fail","Package":"p","Test":"TestA","Elapsed":0}"#;
    const SAID: &str = r#"{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:12: no\n"}"#;
    const GOOD: &str = r#"{"Action":"pass","Package":"p","Elapsed":0.6}"#;
    const BAD: &str = r#"{"Action":"fail","Package":"p","Elapsed":0.6}"#;

    #[test]
    fn events_are_read() {
        assert_eq!(go(&["# p", RUN, PASS, GOOD]), ["p::TestA passed 1"]);
        assert_eq!(go(&[RUN, SAID, FAIL, BAD]), ["p::TestA failed 1: a_test.go:12: no"]);
        let report = read(&GO_TEST_JSON, &[RUN, SAID, FAIL, BAD].join("\n")).expect("sound");
        assert_eq!(report.cases().next().and_then(|(_, case)| case.source()).as_deref(), Some("a_test.go:12"));
        assert_eq!(go(&[RUN, FAIL, RUN, PASS, GOOD])[0], "p::TestA flaky 2");
        let skip = r#"{"Action":"skip","Package":"q","Elapsed":0}"#;
        assert_eq!(go(&[RUN, PASS, GOOD, skip])[1..], ["empty q as it says"]);
        let cached = r#"{"Action":"output","Package":"p","Output":"ok  \tp\t(cached)\n"}"#;
        let report = read(&GO_TEST_JSON, &[RUN, PASS, cached, GOOD].join("\n")).expect("sound");
        assert!(report.suites[0].cached && report.suites.len() == 1);
    }

    #[test]
    fn what_never_ends_failed() {
        assert_eq!(go(&[RUN, SAID, BAD]), ["p::TestA failed 1: it began and never ended\n    a_test.go:12: no"]);
        assert_eq!(go(&[RUN, PASS]), ["p::TestA passed 1", "cut short: the package `p` has no result"]);
    }

    #[test]
    fn a_package_can_fail_by_itself() {
        let said = r#"{"Action":"output","Package":"p","Output":"panic: no\n"}"#;
        assert_eq!(go(&[RUN, PASS, said, BAD]), ["p::TestA passed 1", "error p: panic: no"]);
        let build = r#"{"ImportPath":"p [p.test]","Action":"build-output","Output":"a.go:1: undefined\n"}"#;
        let failed = r#"{"Action":"fail","Package":"p","FailedBuild":"p [p.test]"}"#;
        assert_eq!(go(&[build, failed]), ["error p: a.go:1: undefined"]);
        let contradiction = "contradiction: a failed test | the package `p` did not fail";
        assert_eq!(go(&[RUN, FAIL, GOOD])[1..], [contradiction]);
    }

    #[test]
    fn damage_is_malformed_and_nothing_is_empty() {
        assert_eq!(go(&[""]), ["empty a: none"]);
        assert_eq!(go(&[r#"{"Action":"skip","Package":"q"}"#]), ["empty a: none"]);
        let mut refused = 0;
        for text in ["{\"Action\":", "{}", "{\"Action\":\"run\"}", "hello"] {
            let told = go(&[text]);
            assert!(told.len() == 1 && told[0].starts_with("malformed a"), "{told:?}");
            refused += 1;
        }
        assert_eq!(refused, 4);
    }
}
