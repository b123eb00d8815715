//! `go-test-json`: the events of `go test -json`, one a line.
//!
//! Packages are suites, subtests are tests of their own (`TestA/inner`). A test that ran without an end failed. A package that failed though
//! none of its tests did (it did not build, panicked outside a test, or its `TestMain` failed) is an error of the suite; a
//! package without a result is a run cut short. `suites[].cached` tells that Go took the results from its cache.
//! `suites[].stops[]` tells how a process died: `why` (`timed-out`, `panicked`), `test`, `place`, `message`, and the `phase` of the test with
//! `phase_from` (`attribute`, `log`, `stack`); for what a phase is, see `timeouts_named` of the pack `go-e2e`.
//!
//! Other lines stand between the events: before Go 1.24 a package that does not build is told only by a plain line `FAIL` with its
//! name, and it is read; an event behind half a line of something else is read too; the rest is the compiler's, or noise.
//!
//! Encodings: UTF-8 with or without a byte order mark, or UTF-16 with one, as PowerShell's `>` writes it. What a test printed need not be text: a byte that is
//! not UTF-8 is read as `\xff`, and half a surrogate pair as U+FFFD. UTF-16 without a mark, also behind other lines, is malformed by name.

use super::go::{End, Packages};
use super::made::Made;
use super::report::room;
use super::{decode, json, malformed};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{AttemptStatus, Gap, Node, Number, Spot, TestReport, Where};
use std::collections::BTreeMap;

/// The format.
pub(super) static GO_TEST_JSON: Format = Format {
    id: "go-test-json",
    extensions: &[],
    about: "test results as the events of `go test -json`",
    docs: include_str!("go_test_json.rs"),
    reading: Reading::Tests(TestReader { marks: Marks::Line(is_own), report }),
};

fn report(bytes: &[u8], at: &Where) -> Result<TestReport, Gap> {
    let mut run = Run::default();
    let mut told = false;
    for (line, text) in (1_u64..).zip(decode::events(bytes, at)?.lines()) {
        let Some(event) = event_in(text) else {
            told |= run.plain(text, line);
            continue;
        };
        let damaged =
            |phrase: String| malformed(at, usize::try_from(line).ok(), "one event of `go test -json` a line", phrase);
        let event = json::parse(event, &json::Room::default())
            .map_err(|fault| damaged(format!("{} (line {line}, column {})", fault.message, fault.column)))?;
        run.take(event.root(), line).map_err(|phrase| damaged(format!("{phrase} (line {line})")))?;
        told = true;
        room(run.packages.told, at)?;
    }
    for (path, line) in std::mem::take(&mut run.unbuilt) {
        let name = path.split(' ').next().unwrap_or_default().to_owned();
        let said = run.build.get(&path).map_or("it does not build", |said| said.trim()).to_owned();
        let package = run.packages.package(&name, line);
        package.broke(&said);
        package.end(End::Fail);
    }
    if !told && bytes.iter().any(|byte| !byte.is_ascii_whitespace()) {
        return Err(malformed(at, None, "events of `go test -json`", "no event in it".to_owned()));
    }
    let mut report = run.packages.finish();
    run.made.tell(&mut report);
    Ok(report)
}

/// The event of a line: the whole line, or what stands behind half a line that something else printed.
pub(super) fn event_in(line: &str) -> Option<&str> {
    if line.starts_with('{') {
        return Some(line);
    }
    let begins = ["{\"Time\":", "{\"Action\":", "{\"ImportPath\":"];
    begins.iter().filter_map(|mark| line.find(mark)).min().map(|at| &line[at..])
}

/// Whether only this format has such a line. A test binary that `go tool test2json` ran names no package.
fn is_own(line: &str) -> bool {
    let has = |word: &str| line.contains(word);
    line.starts_with('{')
        && has("\"Action\"")
        && (has("\"Package\"") || has("\"ImportPath\"") || has("\"Test\"") || (has("\"Time\"") && has("\"Output\"")))
}

#[derive(Default)]
struct Run {
    packages: Packages,
    /// What the compiler said, by import path.
    build: BTreeMap<String, String>,
    /// Builds that failed, with their lines, until a package says that it failed for one.
    unbuilt: BTreeMap<String, u64>,
    /// The package that the compiler speaks of in plain lines.
    building: Option<String>,
    /// When the oldest event was written that says so.
    made: Made,
}

impl Run {
    /// A line that is no event. Whether it tells of a package.
    fn plain(&mut self, text: &str, line: u64) -> bool {
        if let Some((name, told)) =
            text.strip_prefix("FAIL\t").map(|rest| rest.split_once([' ', '\t']).unwrap_or((rest, "")))
        {
            let said = self.build.get(name).map(|said| said.trim()).filter(|said| !said.is_empty());
            let package = self.packages.package(name, line);
            package.broke(said.or(Some(told.trim()).filter(|told| !told.is_empty())).unwrap_or("it failed"));
            package.end(End::Fail);
            self.building = None;
            return true;
        }
        if let Some(name) = text.strip_prefix("# ") {
            self.building = Some(name.split(' ').next().unwrap_or(name).to_owned());
        } else if let Some(name) = &self.building {
            self.said(&name.clone(), &format!("{text}\n"));
        }
        false
    }

    fn said(&mut self, package: &str, text: &str) {
        let own = self.build.entry(package.to_owned()).or_default();
        if own.len() < 1 << 14 {
            own.push_str(text);
        }
    }

    fn take(&mut self, event: Node<'_>, line: u64) -> Result<(), String> {
        let text = |key: &str| event.get(key).and_then(Node::text);
        let action = text("Action").ok_or("an event without `Action`")?;
        match text("Time") {
            Some(time) => self.made.at(time),
            None if matches!(action, "run" | "pass" | "fail") => {
                self.made.unsaid(text("Package").or(text("Test")).unwrap_or_default(), Spot::Line(line));
            }
            None => {}
        }
        let output = text("Output").unwrap_or_default();
        if let ("build-output", Some(path)) = (action, text("ImportPath")) {
            self.said(path, output);
            return Ok(());
        }
        if action == "build-fail" {
            // The package's own failure follows, and names this build; a stream that is cut before it says nothing else of it.
            self.unbuilt.insert(text("ImportPath").unwrap_or_default().to_owned(), line);
            return Ok(());
        }
        self.building = None;
        // The events of a test binary by itself (`go tool test2json`) name no package.
        let name = match (text("Package"), action) {
            (Some(name), _) => name,
            (None, "start" | "pass" | "fail" | "skip" | "output") => "",
            (None, _) if text("Test").is_some() => "",
            (None, _) => return Err("an event without `Package`".to_owned()),
        };
        let unbuilt =
            output.starts_with("FAIL\t") && (output.contains("[build failed]") || output.contains("[setup failed]"));
        let said = self.build.get(name).map(|said| said.trim().to_owned()).filter(|said| unbuilt && !said.is_empty());
        let package = self.packages.package(name, line);
        // Before Go 1.24 the compiler speaks in plain lines, and the event only says that it failed.
        if let ("output", None, Some(said)) = (action, text("Test"), said) {
            package.broke(&said);
        }
        let seconds = event.get("Elapsed").and_then(Node::number).map(Number::as_float).filter(|time| *time >= 0.0);
        match (action, text("Test")) {
            ("run", Some(test)) => {
                package.run(test, line);
                self.packages.told += 1;
            }
            ("pass" | "bench", Some(test)) => package.ended(test, AttemptStatus::Passed, seconds, line),
            ("fail", Some(test)) => package.ended(test, AttemptStatus::Failed, seconds, line),
            ("skip", Some(test)) => package.ended(test, AttemptStatus::Skipped, seconds, line),
            ("pause", Some(test)) => package.pause(test, true),
            ("cont", Some(test)) => package.pause(test, false),
            ("attr", Some(test)) => {
                package.attribute(test, text("Key").unwrap_or_default(), text("Value").unwrap_or_default());
            }
            ("output", test) => package.print(test, output, line),
            ("pass", None) => package.end(End::Pass),
            ("skip", None) => package.end(End::Skip),
            ("fail", None) => {
                if let Some(path) = text("FailedBuild") {
                    self.unbuilt.remove(path);
                    let said = self.build.get(path).map(String::as_str).filter(|said| !said.trim().is_empty());
                    package.broke(said.unwrap_or("it does not build"));
                }
                package.end(End::Fail);
            }
            // `start` and whatever comes later do not end anything.
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
        // A rerun of what failed ends the package anew; with `-count=2` it ends once, and every failure counts.
        assert_eq!(go(&[RUN, FAIL, BAD, RUN, PASS, GOOD]), ["p::TestA flaky 2"]);
        assert_eq!(go(&[RUN, FAIL, RUN, PASS, BAD]), ["p::TestA #1 failed 1", "p::TestA #2 passed 1"]);
        assert_eq!(go(&[RUN, PASS, RUN, FAIL, BAD]), ["p::TestA #1 passed 1", "p::TestA #2 failed 1"]);
        assert_eq!(go(&[RUN, FAIL, RUN, PASS, GOOD])[0], "p::TestA #1 failed 1");
        // Two whole runs in one file are no rerun.
        let other = RUN.replace("TestA", "TestB");
        let ran = PASS.replace("TestA", "TestB");
        assert_eq!(go(&[RUN, FAIL, &other, &ran, BAD, RUN, PASS, &other, &ran, GOOD])[0], "p::TestA #1 failed 1");
        let skip = r#"{"Action":"skip","Package":"q","Elapsed":0}"#;
        assert_eq!(go(&[RUN, PASS, GOOD, skip])[1..], ["empty q as it says"]);
        let end = r#"{"Action":"pass","Package":"q"}"#;
        let unasked = r#"{"Action":"output","Package":"q","Output":"ok  \tq\t0.003s [no tests to run]\n"}"#;
        assert_eq!(go(&[RUN, PASS, GOOD, unasked, end])[1..], ["empty q as it says"]);
        assert_eq!(go(&[RUN, PASS, GOOD, &unasked.replace(" [no tests to run]", ""), end])[1..], ["empty q"]);
        let cached = r#"{"Action":"output","Package":"p","Output":"ok  \tp\t(cached)\n"}"#;
        let report = read(&GO_TEST_JSON, &[RUN, PASS, cached, GOOD].join("\n")).expect("sound");
        assert!(report.suites[0].cached && report.suites.len() == 1);
    }

    #[test]
    fn it_is_as_old_as_its_oldest_event() {
        let stamped = |day: u8, event: &str| event.replacen('{', &format!("{{\"Time\":\"2026-03-0{day}T10:00:00Z\","), 1);
        for days in [[1, 2, 3], [3, 2, 1], [2, 1, 3]] {
            let text = [stamped(days[0], RUN), stamped(days[1], PASS), stamped(days[2], GOOD)].join("\n");
            let report = read(&GO_TEST_JSON, &text).expect("sound");
            assert_eq!(report.timestamp.as_deref(), Some("2026-03-01T10:00:00Z"), "{days:?}");
        }
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
        let unbuilt = r#"{"ImportPath":"p [p.test]","Action":"build-fail"}"#;
        assert_eq!(go(&[build, unbuilt, failed]), ["error p: a.go:1: undefined"]);
        // The stream is cut before the package's own word.
        assert_eq!(go(&[build, unbuilt]), ["error p: a.go:1: undefined"]);
        let other = r#"{"ImportPath":"x/z","Action":"build-fail"}"#;
        assert_eq!(go(&[other, RUN, PASS, GOOD]), ["p::TestA passed 1", "error x/z: it does not build"]);
        let contradiction = "contradiction: a failed test | the package `p` did not fail";
        assert_eq!(go(&[RUN, FAIL, GOOD])[1..], [contradiction]);
    }

    #[test]
    fn a_test_binary_by_itself_names_no_package() {
        let bare = |events: &[&str]| {
            let events: Vec<String> = events.iter().map(|event| event.replace(r#""Package":"p","#, "")).collect();
            go(&events.iter().map(String::as_str).collect::<Vec<_>>())
        };
        assert_eq!(bare(&[RUN, PASS, GOOD]), ["TestA passed 1"]);
        assert_eq!(bare(&[RUN, SAID, FAIL, BAD]), ["TestA failed 1: a_test.go:12: no"]);
        assert_eq!(bare(&[RUN, PASS, BAD])[1], "error : the package failed and none of its tests did");
    }

    #[test]
    fn what_stands_between_the_events_is_no_noise() {
        let plain = ["# q [q.test]", "q/a.go:1:1: undefined: x", RUN, PASS, GOOD, "FAIL\tq [build failed]"];
        assert_eq!(go(&plain), ["p::TestA passed 1", "error q: q/a.go:1:1: undefined: x"]);
        assert_eq!(go(&["FAIL\tq [setup failed]"]), ["error q: [setup failed]"]);
        let started = r#"{"Action":"output","Package":"q","Output":"FAIL\tq [build failed]\n"}"#;
        let ended = r#"{"Action":"fail","Package":"q","Elapsed":0}"#;
        assert_eq!(
            go(&["# q [q.test]", "q/a.go:1:1: undefined: x", started, ended]),
            ["error q: q/a.go:1:1: undefined: x"]
        );
        let glued = format!("stderr{}", BAD.replace("{\"Action\"", "{\"Time\":\"t\",\"Action\""));
        assert_eq!(go(&[RUN, FAIL, &glued]), ["p::TestA failed 1"]);
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
