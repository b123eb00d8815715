//! `bazel-events`: Bazel's build events, one JSON object a line (`--build_event_json_file`).
//!
//! A test target is a suite with one test, both called after its label; the configuration is the host where a label was tested in several. Runs and shards of a target each
//! must pass: their attempts are attempts, in the order of their numbers. Only `PASSED` is green. A target that Bazel calls `FLAKY` is flaky, also where one of several runs failed (`--runs_per_test_detects_flakes`);
//! any other `overallStatus` (`FAILED`, `TIMEOUT`, `NO_STATUS`, `FAILED_TO_BUILD`, one that is not known) fails the target, whatever its results say.
//! A target that was skipped because it does not fit the platform is skipped. A target that does not build, an event that was aborted, and a test that was to
//! run and has no result are errors. So is a build that did not end with the exit code 0 where nothing else says why. A stream without `buildFinished` is a run cut short.
//! `suites[].cached` tells that Bazel took every result of a target from its cache.
//!
//! Tests inside of a target are in the `test.xml` files that Bazel writes; those are JUnit XML.

use super::made::Made;
use super::pipeline_words::{instant, since_epoch};
use super::report::room;
use super::results_events::{each, first_key};
use super::results_json::{of_the_run, trouble, unknown, whole, words};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{Attempt, AttemptStatus, Gap, Node, Remark, Spot, TestCase, TestReport, TestSuite, Where};
use std::collections::BTreeMap;

/// The format.
pub(super) static BAZEL_EVENTS: Format = Format {
    id: "bazel-events",
    extensions: &[],
    about: "Bazel's build events with the results of its tests",
    docs: include_str!("bazel_events.rs"),
    reading: Reading::Tests(TestReader { marks: Marks::Line(is_own), report }),
};

/// Ids that only Bazel's events have.
const OWN: [&str; 8] = [
    "started",
    "buildFinished",
    "testResult",
    "testSummary",
    "targetCompleted",
    "targetConfigured",
    "unstructuredCommandLine",
    "optionsParsed",
];

fn is_own(line: &str) -> bool {
    first_key(line) == Some("id")
        && line.split_once(':').is_some_and(|(_, id)| first_key(id).is_some_and(|key| OWN.contains(&key)))
}

fn report(bytes: &[u8], at: &Where) -> Result<TestReport, Gap> {
    let mut build = Build::default();
    let mut last = 1;
    each(bytes, at, "one event of Bazel a line", |event, line| {
        last = line;
        if build.told > super::report::TESTS_MOST { Ok(()) } else { build.take(event, line) }
    })?;
    room(build.told, at)?;
    Ok(build.finish(last))
}

/// A test of a target: its label and its configuration.
type Key = (String, String);

#[derive(Default)]
struct Target {
    line: u64,
    /// What each attempt came to, by run, shard and number.
    results: BTreeMap<(i128, i128, i128), Attempt>,
    overall: Option<String>,
    cached: bool,
    skipped: bool,
}

#[derive(Default)]
struct Build {
    told: usize,
    targets: BTreeMap<Key, Target>,
    errors: Vec<(String, Remark)>,
    finished: Option<(Option<String>, u64)>,
    /// When the build began.
    made: Made,
}

impl Build {
    fn take(&mut self, event: Node<'_>, line: u64) -> Result<(), String> {
        let id = event.get("id").filter(|id| id.is_map()).ok_or("an event without `id`")?;
        let labelled = ["testResult", "testSummary", "targetCompleted"];
        let named = labelled.into_iter().find_map(|kind| Some((kind, id.get(kind)?)));
        if let Some(aborted) = event.get("aborted") {
            self.abort(aborted, named, line);
        } else if let Some((kind, own)) = named {
            let Some(body) = event.get(if kind == "targetCompleted" { "completed" } else { kind }) else {
                return Err(format!("an event without `{kind}`"));
            };
            match kind {
                "testResult" => self.result(own, body, line)?,
                "testSummary" => {
                    let status = words(body, "overallStatus");
                    let status = if status.is_empty() { "NO_STATUS" } else { status };
                    self.target(own, line)?.overall = Some(status.to_owned());
                }
                _ => self.completed(own, body, event, line)?,
            }
        } else if id.get("started").is_some() {
            if let Some(started) = event.get("started") {
                self.begins(started, "startTime");
            }
        } else if id.get("buildFinished").is_some() {
            let finished = event.get("finished").ok_or("an event without `finished`")?;
            self.finished = Some((failure(finished), line));
            self.begins(finished, "finishTime");
        }
        Ok(())
    }

    fn target(&mut self, id: Node<'_>, line: u64) -> Result<&mut Target, String> {
        let label = words(id, "label");
        if label.is_empty() {
            return Err("an event of a target without `label`".to_owned());
        }
        let configuration = id.get("configuration").map_or("", |configuration| words(configuration, "id"));
        let key = (label.to_owned(), configuration.to_owned());
        Ok(self.targets.entry(key).or_insert_with(|| Target { line, cached: true, ..Target::default() }))
    }

    fn result(&mut self, id: Node<'_>, result: Node<'_>, line: u64) -> Result<(), String> {
        let number = |key: &str| whole(id, key).unwrap_or_default();
        let place = (number("run"), number("shard"), number("attempt"));
        let status = words(result, "status");
        let seconds = words(result, "testAttemptDurationMillis").parse::<u32>().ok().map(|time| f64::from(time) / 1000.0);
        let (ended, message) = attempt(status, words(result, "statusDetails"));
        let remote = result.get("executionInfo").and_then(|info| info.get("cachedRemotely")).and_then(Node::boolean);
        let cached = result.get("cachedLocally").and_then(Node::boolean) == Some(true) || remote == Some(true);
        let target = self.target(id, line)?;
        target.cached &= cached;
        target.results.insert(place, Attempt::new(ended, seconds, &message));
        self.told += 1;
        Ok(())
    }

    fn completed(&mut self, id: Node<'_>, body: Node<'_>, event: Node<'_>, line: u64) -> Result<(), String> {
        if body.get("success").and_then(Node::boolean) != Some(true) {
            let said = body.get("failureDetail").map_or("", |detail| words(detail, "message"));
            let said = if said.trim().is_empty() { "it does not build" } else { said };
            self.errors.push((words(id, "label").to_owned(), Remark::new(said, Spot::Line(line))));
        } else if event.get("children").into_iter().flat_map(Node::items).any(|child| child.get("testSummary").is_some()) {
            // It is to be tested.
            self.target(id, line)?;
            self.told += 1;
        }
        Ok(())
    }

    fn abort(&mut self, aborted: Node<'_>, named: Option<(&str, Node<'_>)>, line: u64) {
        let reason = words(aborted, "reason");
        if let ("SKIPPED", Some((_, id))) = (reason, named)
            && let Ok(target) = self.target(id, line)
        {
            target.skipped = true;
            return;
        }
        let said = words(aborted, "description");
        let reason = if reason.is_empty() { "UNKNOWN" } else { reason };
        let said = if said.trim().is_empty() { format!("it was aborted: {reason}") } else { said.to_owned() };
        let label = named.map_or("", |(_, id)| words(id, "label")).to_owned();
        self.errors.push((label, Remark::new(&said, Spot::Line(line))));
    }

    /// When the build began, or else ended: `startTime`, or in the events of older Bazels `startTimeMillis`, a text of digits.
    fn begins(&mut self, body: Node<'_>, key: &str) {
        let millis = || words(body, &format!("{key}Millis")).parse().ok().and_then(since_epoch);
        if let Some(began) = body.get(key).and_then(instant).or_else(millis) {
            self.made.at(&began);
        }
    }

    fn finish(self, last: u64) -> TestReport {
        let mut report = TestReport::default();
        self.made.tell(&mut report);
        let mut several: BTreeMap<&str, usize> = BTreeMap::new();
        for (label, _) in self.targets.keys() {
            *several.entry(label).or_default() += 1;
        }
        for ((label, configuration), target) in &self.targets {
            let at = Spot::Line(target.line);
            let mut suite = TestSuite::new(label.as_str(), at.clone());
            suite.host = several.get(label.as_str()).filter(|count| **count > 1).map(|_| configuration.as_str().into());
            suite.cached = target.cached && !target.results.is_empty();
            let (class, name) = (label.as_str().into(), label.as_str().into());
            suite.cases.push(TestCase { class, name, file: None, line: None, at, attempts: target.attempts().into() });
            report.suites.push(suite);
        }
        for (label, error) in self.errors {
            let place = report.suites.iter().position(|suite| *suite.name == *label).unwrap_or(report.suites.len());
            if place == report.suites.len() {
                report.suites.push(TestSuite::new(label, error.at.clone()));
            }
            report.suites[place].errors.push(error);
        }
        match self.finished {
            Some((Some(why), line)) if trouble(&report) == 0 => of_the_run(&mut report, &why, Spot::Line(line)),
            Some(_) => {}
            None => report.cut_short.push(Remark::new("the events end before the build did", Spot::Line(last))),
        }
        report
    }
}

impl Target {
    /// The attempts of all runs and shards as those of one test: the failures that count come last.
    fn attempts(&self) -> Vec<Attempt> {
        let flaky = self.overall.as_deref() == Some("FLAKY");
        let mut by_part: BTreeMap<(i128, i128), Vec<&Attempt>> = BTreeMap::new();
        for ((run, shard, _), attempt) in &self.results {
            by_part.entry((*run, *shard)).or_default().push(attempt);
        }
        let mut parts: Vec<Vec<&Attempt>> = by_part.into_values().collect();
        let is_bad = |part: &Vec<&Attempt>| part.last().is_some_and(|last| last.status != AttemptStatus::Passed);
        // Where Bazel says that the target is only flaky, a run that failed was an earlier attempt; else it decides.
        parts.sort_by_key(|part| is_bad(part) != flaky);
        let mut attempts: Vec<Attempt> = parts.into_iter().flatten().cloned().collect();
        let passes = attempts.last().is_some_and(|last| last.status == AttemptStatus::Passed);
        match self.overall.as_deref() {
            Some("PASSED") if passes => {}
            Some("PASSED") if attempts.is_empty() => attempts.push(Attempt::new(AttemptStatus::Passed, None, "")),
            Some("PASSED") => {}
            Some("FLAKY") if passes && attempts.len() > 1 => {}
            Some("FLAKY") => {
                attempts.insert(0, Attempt::new(AttemptStatus::Failed, None, "Bazel calls it flaky"));
                if attempts.len() == 1 {
                    attempts.push(Attempt::new(AttemptStatus::Passed, None, ""));
                }
            }
            Some(status) if passes || attempts.is_empty() => {
                let (ended, message) = attempt(status, "");
                attempts.push(Attempt::new(ended, None, &message));
            }
            Some(_) => {}
            None if self.skipped && attempts.is_empty() => {
                attempts.push(Attempt::new(AttemptStatus::Skipped, None, "it does not fit the platform"));
            }
            None if attempts.is_empty() => {
                attempts.push(Attempt::new(AttemptStatus::Errored, None, "it was to be tested, and has no result"));
            }
            None => {}
        }
        attempts
    }
}

/// How an attempt with this status ended. An enumeration's first value is left out in this JSON.
fn attempt(status: &str, details: &str) -> (AttemptStatus, String) {
    let or = |said: String| if details.trim().is_empty() { said } else { details.to_owned() };
    match status {
        "PASSED" => (AttemptStatus::Passed, String::new()),
        "FAILED" => (AttemptStatus::Failed, or("it failed".to_owned())),
        "TIMEOUT" => (AttemptStatus::Failed, or("it timed out".to_owned())),
        "" | "NO_STATUS" | "INCOMPLETE" | "REMOTE_FAILURE" | "FAILED_TO_BUILD" | "TOOL_HALTED_BEFORE_TESTING" => {
            (AttemptStatus::Errored, or(format!("its status is {}", if status.is_empty() { "NO_STATUS" } else { status })))
        }
        other => (AttemptStatus::Failed, unknown(other)),
    }
}

/// Why the build is no success. An exit code of 0 is left out in this JSON.
fn failure(finished: Node<'_>) -> Option<String> {
    let success = finished.get("overallSuccess").and_then(Node::boolean);
    let exit = finished.get("exitCode");
    let (name, code) = (exit.map_or("", |exit| words(exit, "name")), exit.and_then(|exit| exit.get("code")));
    let code_is_good =
        code.is_none() && matches!(name, "SUCCESS" | "") || exit.and_then(|exit| whole(exit, "code")) == Some(0);
    let good = code_is_good && success != Some(false) && (success == Some(true) || name == "SUCCESS");
    let code = code.map_or_else(String::new, |code| format!(" ({})", code.excerpt(20)));
    (!good).then(|| {
        format!("the build ended with {}{code}, and no test says why", if name.is_empty() { "no success" } else { name })
    })
}

#[cfg(test)]
#[path = "bazel_events_tests.rs"]
mod tests;
