//! `cucumber-messages`: Cucumber's stream of messages, one JSON envelope a line (`--format message`).
//!
//! A suite is a feature file, a test a scenario or a row of an outline that was started: its name is that of the scenario, its class that of the
//! feature. Attempts are attempts: the stream numbers them and says `willBeRetried`. A step `PASSED`, `FAILED` or `SKIPPED` as it says; `UNDEFINED`,
//! `AMBIGUOUS` and statuses that are not known are failures. A scenario with a `PENDING` step is skipped, and the run says whether that is a failure:
//! `testRunFinished` without `success: true` is an error of the run where no scenario shows why.
//! A feature that cannot be parsed and a hook of the whole run that failed are errors. A scenario that began and never ended failed, and a stream without
//! `testRunFinished` is a run cut short. A line that is no whole JSON object is malformed.

use super::cucumber_steps::Scenario;
use super::made::Made;
use super::pipeline_words::instant;
use super::report::room;
use super::results_events::{each, first_key};
use super::results_json::{earlier, line, of_the_run, trouble, whole, words};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{Attempt, AttemptStatus, Gap, Node, Number, Remark, Spot, TestCase, TestReport, TestSuite, Where};
use std::collections::BTreeMap;

/// The format.
pub(super) static CUCUMBER_MESSAGES: Format = Format {
    id: "cucumber-messages",
    extensions: &[],
    about: "Cucumber's stream of messages",
    docs: include_str!("cucumber_messages.rs"),
    reading: Reading::Tests(TestReader { marks: Marks::Line(is_own), report }),
};

/// Envelopes that only this stream has; `meta` also needs its `protocolVersion`.
const OWN: [&str; 11] = [
    "gherkinDocument",
    "pickle",
    "parseError",
    "testRunStarted",
    "testRunFinished",
    "testCase",
    "testCaseStarted",
    "testCaseFinished",
    "testStepStarted",
    "testStepFinished",
    "testRunHookFinished",
];

fn is_own(line: &str) -> bool {
    first_key(line).is_some_and(|key| OWN.contains(&key) || key == "meta" && line.contains("\"protocolVersion\""))
}

fn report(bytes: &[u8], at: &Where) -> Result<TestReport, Gap> {
    let mut report = TestReport::default();
    let (mut run, mut made) = (Run::default(), Made::default());
    let mut told = 0;
    let mut last = 1;
    let expected = "one message of Cucumber a line";
    each(bytes, at, expected, |event, line| {
        last = line;
        // Streams of several runs may stand in one file.
        if event.get("meta").is_some() && run.begun {
            std::mem::take(&mut run).finish(&mut report, &mut made, line);
        }
        run.begun = true;
        if let Some(began) = event.get("testRunStarted").and_then(began) {
            made.at(&began);
            run.dated = true;
        }
        told += usize::from(event.get("testCaseStarted").is_some());
        if told > super::report::TESTS_MOST { Ok(()) } else { run.take(event, line) }
    })?;
    room(told, at)?;
    run.finish(&mut report, &mut made, last);
    made.tell(&mut report);
    Ok(report)
}

/// When a run began: seconds since 1970 in their own field.
fn began(event: Node<'_>) -> Option<String> {
    instant(event.get("timestamp")?.get("seconds")?)
}

/// What is known of a scenario before it is run.
#[derive(Default, Clone)]
struct Pickle {
    file: String,
    name: String,
    line: Option<u64>,
}

/// One attempt, while it is under way.
struct Try {
    scenario: Scenario,
    /// Which attempt it is, from 0.
    number: i128,
    ended: bool,
    again: bool,
}

/// A scenario that was started.
struct Test {
    pickle: Pickle,
    line: u64,
    tries: Vec<Try>,
}

#[derive(Default)]
struct Run {
    begun: bool,
    /// Whether it says when it began.
    dated: bool,
    features: BTreeMap<String, String>,
    pickles: BTreeMap<String, Pickle>,
    /// The pickle of each test case.
    cases: BTreeMap<String, String>,
    tests: Vec<Test>,
    /// The test of each test case that was started, and the test and the attempt of each start.
    places: BTreeMap<String, usize>,
    starts: BTreeMap<String, (usize, usize)>,
    /// Errors, with the file that they are of.
    errors: Vec<(String, Remark)>,
    /// Whether the run succeeded, what it said, and where.
    finished: Option<(bool, String, u64)>,
}

impl Run {
    fn take(&mut self, event: Node<'_>, at: u64) -> Result<(), String> {
        let own = |key: &str| event.get(key);
        if let Some(document) = own("gherkinDocument") {
            let name = document.get("feature").map_or("", |feature| words(feature, "name"));
            self.features.insert(words(document, "uri").to_owned(), name.to_owned());
        } else if let Some(pickle) = own("pickle") {
            let place = pickle.get("location").and_then(|location| line(location, "line"));
            let (file, name) = (words(pickle, "uri").to_owned(), words(pickle, "name").to_owned());
            self.pickles.insert(id(pickle, "id")?, Pickle { file, name, line: place });
        } else if let Some(error) = own("parseError") {
            let file = error.get("source").map_or("", |source| words(source, "uri"));
            let message = words(error, "message");
            let message = if message.trim().is_empty() { "it cannot be parsed" } else { message };
            self.errors.push((file.to_owned(), Remark::new(message, Spot::Line(at))));
        } else if let Some(case) = own("testCase") {
            self.cases.insert(id(case, "id")?, words(case, "pickleId").to_owned());
        } else if let Some(start) = own("testCaseStarted") {
            self.start(start, at)?;
        } else if let Some(step) = own("testStepFinished") {
            self.step(step)?;
        } else if let Some(end) = own("testCaseFinished") {
            let own = self.own(end)?;
            own.ended = true;
            own.again = end.get("willBeRetried").and_then(Node::boolean) == Some(true);
        } else if let Some(hook) = own("testRunHookFinished") {
            let mut ended = Scenario::default();
            let result = hook.get("result").ok_or("a hook of the run without a result")?;
            ended.step(words(result, "status"), "a hook of the run", words(result, "message"));
            if ended.failed() {
                let message = ended.attempt(AttemptStatus::Failed).message;
                self.errors.push((String::new(), Remark::new(&message, Spot::Line(at))));
            }
        } else if let Some(end) = own("testRunFinished") {
            let success = end.get("success").and_then(Node::boolean) == Some(true);
            self.finished = Some((success, words(end, "message").to_owned(), at));
        }
        Ok(())
    }

    fn start(&mut self, start: Node<'_>, at: u64) -> Result<(), String> {
        let case = id(start, "testCaseId")?;
        let pickle = self.cases.get(&case).and_then(|pickle| self.pickles.get(pickle)).cloned().unwrap_or_default();
        let place = *self.places.entry(case).or_insert(self.tests.len());
        if place == self.tests.len() {
            self.tests.push(Test { pickle, line: at, tries: Vec::new() });
        }
        let number = whole(start, "attempt").unwrap_or_default();
        let tries = &mut self.tests[place].tries;
        tries.push(Try { scenario: Scenario::default(), number, ended: false, again: false });
        self.starts.insert(id(start, "id")?, (place, tries.len() - 1));
        Ok(())
    }

    /// The attempt that an event belongs to.
    fn own(&mut self, event: Node<'_>) -> Result<&mut Try, String> {
        let start = id(event, "testCaseStartedId")?;
        let (test, attempt) =
            *self.starts.get(&start).ok_or("an event of a test case that was never started".to_owned())?;
        Ok(&mut self.tests[test].tries[attempt])
    }

    fn step(&mut self, step: Node<'_>) -> Result<(), String> {
        let result = step.get("testStepResult").ok_or("a step without a result")?;
        let own = self.own(step)?;
        own.scenario.step(words(result, "status"), "a step", words(result, "message"));
        own.scenario.took(result.get("duration").map(|time| {
            let part = |key: &str| time.get(key).and_then(Node::number).map_or(0.0, Number::as_float);
            part("seconds") + part("nanos") / 1e9
        }));
        Ok(())
    }

    /// Adds what the stream told to the report.
    fn finish(self, report: &mut TestReport, made: &mut Made, last: u64) {
        if let Some(test) = self.tests.first().filter(|_| !self.dated) {
            made.unsaid(&test.pickle.file, Spot::Line(test.line));
        }
        let mut own = TestReport::default();
        let mut places = BTreeMap::<String, usize>::new();
        let mut suite_of = |own: &mut TestReport, file: &str, at: &Spot| {
            let place = *places.entry(file.to_owned()).or_insert(own.suites.len());
            if place == own.suites.len() {
                let file = (!file.is_empty()).then(|| file.into());
                own.suites.push(TestSuite { file: file.clone(), ..TestSuite::new(file.unwrap_or_default(), at.clone()) });
            }
            place
        };
        let mut pending = 0;
        for test in self.tests {
            let at = Spot::Line(test.line);
            let place = suite_of(&mut own, &test.pickle.file, &at);
            let class = self.features.get(&test.pickle.file).map_or("", String::as_str).into();
            let attempts = attempts(test.tries, &mut pending);
            let (name, line) = (test.pickle.name.into(), test.pickle.line);
            own.suites[place].cases.push(TestCase { class, name, file: None, line, at, attempts: attempts.into() });
        }
        for (file, error) in self.errors {
            let place = suite_of(&mut own, &file, &error.at);
            own.suites[place].errors.push(error);
        }
        match self.finished {
            Some((false, said, line)) if trouble(&own) == 0 => {
                let why = match pending {
                    0 if said.trim().is_empty() => "the run did not succeed, and no scenario says why".to_owned(),
                    0 => said,
                    _ => format!("the run did not succeed; scenarios that wait for their steps: {pending}"),
                };
                of_the_run(&mut own, &why, Spot::Line(line));
            }
            Some(_) => {}
            None => own.cut_short.push(Remark::new("the stream ends before the run did", Spot::Line(last))),
        }
        report.suites.append(&mut own.suites);
        report.cut_short.append(&mut own.cut_short);
    }
}

fn attempts(tries: Vec<Try>, pending: &mut usize) -> Vec<Attempt> {
    // Attempts that the stream does not tell of were tried all the same.
    let lost = tries.iter().map(|own| own.number).max().unwrap_or_default() + 1 - tries.len() as i128;
    let mut attempts: Vec<Attempt> = earlier(lost).collect();
    let count = tries.len();
    for (index, own) in tries.into_iter().enumerate() {
        let again = own.again || index + 1 < count;
        *pending += usize::from(own.scenario.pending() && !again);
        let mut attempt = own.scenario.attempt(AttemptStatus::Skipped);
        if !own.ended && attempt.status != AttemptStatus::Failed {
            attempt = Attempt::new(AttemptStatus::Failed, attempt.seconds, "it began and never ended");
        } else if again && attempt.status == AttemptStatus::Passed {
            attempt = Attempt::new(AttemptStatus::Failed, attempt.seconds, "it was run again");
        }
        attempts.push(attempt);
    }
    attempts
}

/// An id, which is text, or a number in some streams.
fn id(node: Node<'_>, key: &str) -> Result<String, String> {
    let found = node.get(key).filter(|found| found.text().is_some() || found.number().is_some());
    found
        .map(|found| found.text().map_or_else(|| found.excerpt(80), str::to_owned))
        .ok_or_else(|| format!("a message without `{key}`"))
}

#[cfg(test)]
mod tests {
    use super::super::report::testing::told;
    use super::CUCUMBER_MESSAGES;

    const HEAD: &str = r#"{"meta":{"protocolVersion":"32"}}
{"source":{"uri":"a.feature","data":""}}
{"gherkinDocument":{"uri":"a.feature","feature":{"name":"Till"}}}
{"pickle":{"id":"p","uri":"a.feature","name":"rings","location":{"line":2}}}
{"pickle":{"id":"q","uri":"a.feature","name":"rings"}}
{"testRunStarted":{}}
{"testCase":{"id":"c","pickleId":"p"}}
{"testCase":{"id":"d","pickleId":"q"}}
"#;

    fn attempt(case: &str, number: usize, statuses: &[&str], again: bool) -> String {
        let start = format!("{case}{number}");
        let steps: String = statuses
            .iter()
            .map(|status| format!("{{\"testStepFinished\":{{\"testCaseStartedId\":\"{start}\",\"testStepResult\":{{\"status\":\"{status}\",\"message\":\"\"}}}}}}\n"))
            .collect();
        format!(
            "{{\"testCaseStarted\":{{\"id\":\"{start}\",\"testCaseId\":\"{case}\",\"attempt\":{number}}}}}\n{steps}{{\"testCaseFinished\":{{\"testCaseStartedId\":\"{start}\",\"willBeRetried\":{again}}}}}\n"
        )
    }

    fn end(success: &str) -> String {
        format!("{{\"testRunFinished\":{{{success}}}}}\n")
    }

    const GOOD: &str = "\"success\":true";
    const BAD: &str = "\"success\":false";

    fn one(statuses: &[&str], success: &str) -> String {
        told(&CUCUMBER_MESSAGES, &format!("{HEAD}{}{}", attempt("c", 0, statuses, false), end(success)))
            .join("; ")
            .replace("a.feature::Till::rings ", "")
    }

    #[test]
    fn the_worst_step_decides_and_the_run_can_only_be_worse() {
        let table = [
            (one(&["PASSED", "PASSED"], GOOD), "passed 1"),
            (one(&["PASSED", "FAILED", "SKIPPED"], BAD), "failed 1: `a step` failed"),
            (one(&["UNDEFINED"], GOOD), "failed 1: `a step` is undefined"),
            (one(&["AMBIGUOUS"], BAD), "failed 1: `a step` is ambiguous"),
            (one(&["UNKNOWN"], GOOD), "failed 1: unknown status `UNKNOWN`"),
            (one(&["SKIPPED"], GOOD), "skipped 1"),
            (one(&["PENDING"], GOOD), "skipped 1: `a step` is pending"),
            (
                one(&["PENDING"], BAD),
                "skipped 1: `a step` is pending; error : the run did not succeed; scenarios that wait for their steps: 1",
            ),
            (one(&["PASSED"], BAD), "passed 1; error : the run did not succeed, and no scenario says why"),
            (one(&["PASSED"], ""), "passed 1; error : the run did not succeed, and no scenario says why"),
            (one(&["PASSED"], "\"success\":false,\"message\":\"late\""), "passed 1; error : late"),
        ];
        for (told, expected) in &table {
            assert_eq!(told, expected);
        }
        assert_eq!(table.len(), 11);
    }

    #[test]
    fn several_runs_are_as_old_as_the_oldest_of_them() {
        let run = |seconds: Option<u64>| {
            let at =
                seconds.map_or_else(String::new, |seconds| format!("\"timestamp\":{{\"seconds\":{seconds},\"nanos\":0}}"));
            let head = HEAD.replace("\"testRunStarted\":{}", &format!("\"testRunStarted\":{{{at}}}"));
            format!("{head}{}{}", attempt("c", 0, &["PASSED"], false), end(GOOD))
        };
        let read = |runs: &[Option<u64>]| {
            let text: String = runs.iter().map(|seconds| run(*seconds)).collect();
            let report = super::super::report::testing::read(&CUCUMBER_MESSAGES, &text).expect("sound");
            (report.timestamp.map(String::from), report.undated.map(|part| part.message.to_string()))
        };
        let (old, new) = (Some(1_772_359_200), Some(1_772_445_600));
        let oldest = (Some("2026-03-01T10:00:00Z".to_owned()), None);
        assert_eq!(read(&[old, new]), oldest);
        assert_eq!(read(&[new, old]), oldest);
        let unknown = "`a.feature` (line 21) states no time, and other parts do";
        assert_eq!(read(&[new, None]), (None, Some(unknown.to_owned())));
        assert_eq!(read(&[None]), (None, None));
    }

    #[test]
    fn attempts_are_attempts_and_scenarios_of_one_name_are_two() {
        let run = |tries: &[String], success: &str| {
            told(&CUCUMBER_MESSAGES, &format!("{HEAD}{}{}", tries.concat(), end(success)))
        };
        let failed = attempt("c", 0, &["FAILED"], true);
        let flaky = run(&[failed.clone(), attempt("c", 1, &["PASSED"], false)], GOOD);
        assert_eq!(flaky, ["a.feature::Till::rings flaky 2: `a step` failed"]);
        let hard = run(&[failed.clone(), attempt("c", 1, &["FAILED"], false)], BAD);
        assert_eq!(hard, ["a.feature::Till::rings failed 2: `a step` failed"]);
        let lost = run(&[attempt("c", 2, &["PASSED"], false)], GOOD);
        assert_eq!(lost, ["a.feature::Till::rings flaky 3: it was run again"]);
        let odd = run(&[attempt("c", 0, &["PASSED"], true)], GOOD);
        assert_eq!(odd, ["a.feature::Till::rings failed 1: it was run again"]);
        let two = run(&[attempt("c", 0, &["FAILED"], false), attempt("d", 0, &["PASSED"], false)], BAD);
        assert!(two.len() == 2 && two[0].contains("failed 1") && two[1].contains("passed 1"), "{two:?}");
    }

    #[test]
    fn what_fails_outside_of_scenarios_is_an_error() {
        let good = attempt("c", 0, &["PASSED"], false);
        let parse = "{\"parseError\":{\"source\":{\"uri\":\"b.feature\"},\"message\":\"(4:5): expected a step\"}}\n";
        let lines = told(&CUCUMBER_MESSAGES, &format!("{HEAD}{parse}{good}{}", end(BAD)));
        assert_eq!(lines[1..], ["error b.feature: (4:5): expected a step"]);
        let hook = "{\"testRunHookFinished\":{\"result\":{\"status\":\"FAILED\",\"message\":\"no till\"}}}\n";
        let lines = told(&CUCUMBER_MESSAGES, &format!("{HEAD}{good}{hook}{}", end(GOOD)));
        assert_eq!(lines[1..], ["error : no till"]);
        let twice = told(&CUCUMBER_MESSAGES, &format!("{HEAD}{good}{}{HEAD}{good}{}", end(GOOD), end(BAD)));
        assert_eq!((twice.len(), twice[2].as_str()), (3, "error : the run did not succeed, and no scenario says why"));
    }

    #[test]
    fn a_cut_stream_is_never_whole() {
        let whole = format!("{HEAD}{}{}", attempt("c", 0, &["PASSED"], false), end(GOOD));
        assert_eq!(told(&CUCUMBER_MESSAGES, &whole).len(), 1);
        let mut cuts = 0;
        for cut in 1..whole.len() - 1 {
            let lines = told(&CUCUMBER_MESSAGES, &whole[..cut]);
            let seen = lines.iter().any(|line| line.starts_with("malformed a") || line.starts_with("cut short: "));
            assert!(seen, "{lines:?}\n{}", &whole[..cut]);
            cuts += 1;
        }
        assert!(cuts > 600);
        let begun = whole.split_inclusive('\n').filter(|line| !line.contains("testCaseFinished")).collect::<String>();
        assert!(told(&CUCUMBER_MESSAGES, &begun)[0].ends_with("failed 1: it began and never ended"));
    }

    #[test]
    fn damage_is_malformed_and_nothing_is_empty() {
        assert_eq!(told(&CUCUMBER_MESSAGES, &format!("{HEAD}{}", end(GOOD))), ["empty a: none"]);
        let cases = [
            ("", "malformed a: no event in it"),
            ("[]", "malformed a:1: [] (line 1)"),
            ("{\"pickle\":{}}", "malformed a:1: a message without `id` (line 1)"),
            ("{\"testCaseStarted\":{\"id\":\"1\"}}", "malformed a:1: a message without `testCaseId` (line 1)"),
            (
                "{\"testCaseFinished\":{\"testCaseStartedId\":\"1\"}}",
                "malformed a:1: an event of a test case that was never started (line 1)",
            ),
            ("{\"testRunHookFinished\":{}}", "malformed a:1: a hook of the run without a result (line 1)"),
        ];
        for (text, phrase) in cases {
            assert_eq!(told(&CUCUMBER_MESSAGES, text), [phrase]);
        }
        assert_eq!(cases.len(), 6);
    }
}
