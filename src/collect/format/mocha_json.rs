//! `mocha-json`: the report of mocha's JSON reporter.
//!
//! A suite is a file, a test an item of `passes`, `failures` or `pending`; its class is what stands before its `title` in the `fullTitle`.
//! A test with a `currentRetry` above 0 had failed attempts before. A failure that is a hook and no test (`"before each" hook ...`) is an error
//! of its suite. A test that stands in `tests` alone failed: it has no result. `stats.failures` above what is shown contradicts the report; other
//! totals that differ are noted.

use super::pipeline_words::instant;
use super::report::has_keys;
use super::results_json::{self, Misfit, earlier, list, misfit, seconds, text, total, trouble, words};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{Attempt, AttemptStatus, Node, Number, Pointer, Remark, Spot, TestCase, TestReport, TestSuite};
use std::collections::{BTreeMap, BTreeSet};

/// The format.
pub(super) static MOCHA_JSON: Format = Format {
    id: "mocha-json",
    extensions: &[],
    about: "the report of mocha's JSON reporter",
    docs: include_str!("mocha_json.rs"),
    reading: Reading::Tests(TestReader {
        marks: Marks::Json(|text| has_keys(text, &["stats", "passes", "failures", "pending"])),
        report: |bytes, at| results_json::read(bytes, at, read),
    }),
};

const HOOKS: [&str; 4] = ["\"before all\" hook", "\"before each\" hook", "\"after all\" hook", "\"after each\" hook"];

/// What names a test: its file and its full title.
fn key(test: Node<'_>) -> (&str, &str) {
    (words(test, "file"), words(test, "fullTitle"))
}

fn read(root: Node<'_>) -> Result<TestReport, Misfit> {
    let top = Pointer::root();
    let stats = root.get("stats").filter(|stats| stats.is_map());
    let stats = stats.ok_or_else(|| misfit(&top.key("stats"), "an object", root.get("stats")))?;
    let tests = list(root, &top, "tests")?;
    let named: BTreeSet<(&str, &str)> = tests.items().map(key).collect();
    let mut told = BTreeSet::new();
    let mut suites = Suites::default();
    let lists =
        [("passes", AttemptStatus::Passed), ("failures", AttemptStatus::Failed), ("pending", AttemptStatus::Skipped)];
    for (word, status) in lists {
        for (index, test) in list(root, &top, word)?.items().enumerate() {
            let at = top.key(word).index(index);
            let title = text(test, &at, "title")?;
            told.insert(key(test));
            let hook = status == AttemptStatus::Failed && HOOKS.iter().any(|hook| title.starts_with(hook));
            let suite = suites.of(words(test, "file"), &at);
            if hook && !named.contains(&key(test)) {
                suite.errors.push(Remark::new(&format!("{title}: {}", message(test)), Spot::Value(at)));
            } else {
                suite.cases.push(case(test, &at, status, message(test))?);
            }
        }
    }
    for (index, test) in tests.items().enumerate().filter(|(_, test)| !told.contains(&key(*test))) {
        let at = top.key("tests").index(index);
        suites.of(words(test, "file"), &at).cases.push(case(test, &at, AttemptStatus::Failed, "it has no result")?);
    }
    let mut report = TestReport::of(suites.list);
    report.timestamp = stats.get("start").and_then(instant).map(Into::into);
    report.runner = Some("mocha");
    let counts = report.totals();
    let failures = trouble(&report);
    total(&mut report, (&top.key("stats").key("failures"), "failures"), stats.get("failures"), failures, true);
    let passed = counts.passed + counts.flaky;
    for (word, count) in [("passes", passed), ("pending", counts.skipped), ("tests", counts.total)] {
        total(&mut report, (&top.key("stats").key(word), word), stats.get(word), count as i128, false);
    }
    Ok(report)
}

/// The suites in the order of the report, by file.
#[derive(Default)]
struct Suites {
    list: Vec<TestSuite>,
    places: BTreeMap<String, usize>,
}

impl Suites {
    fn of(&mut self, file: &str, at: &Pointer) -> &mut TestSuite {
        let place = *self.places.entry(file.to_owned()).or_insert(self.list.len());
        if place == self.list.len() {
            let mut suite = TestSuite::new(file, Spot::Value(at.clone()));
            suite.file = (!file.is_empty()).then(|| file.into());
            self.list.push(suite);
        }
        &mut self.list[place]
    }
}

fn message(test: Node<'_>) -> &str {
    test.get("err").map_or("", |err| words(err, "message"))
}

fn case(test: Node<'_>, at: &Pointer, status: AttemptStatus, message: &str) -> Result<TestCase, Misfit> {
    let name = text(test, at, "title")?;
    let class = words(test, "fullTitle").strip_suffix(name).unwrap_or_default().trim();
    let retries = test.get("currentRetry").and_then(Node::number).and_then(Number::as_integer).unwrap_or(0);
    let mut attempts: Vec<Attempt> = earlier(retries).collect();
    attempts.push(Attempt::new(status, seconds(test.get("duration"), 1_000.0), message));
    Ok(TestCase {
        class: class.into(),
        name: name.into(),
        file: None,
        line: None,
        at: Spot::Value(at.clone()),
        attempts: attempts.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::report::testing::told;
    use super::MOCHA_JSON;

    fn test(name: &str, more: &str) -> String {
        format!(r#"{{"title": {name:?}, "fullTitle": {:?}, "file": "a.js"{more}}}"#, format!("cart {name}"))
    }

    fn mocha(stats: &str, tests: &[&str], passes: &[&str], failures: &[&str], pending: &[&str]) -> Vec<String> {
        let [tests, passes, failures, pending] = [tests, passes, failures, pending].map(|list| list.join(","));
        told(
            &MOCHA_JSON,
            &format!(
                r#"{{"stats": {{{stats}}}, "tests": [{tests}], "passes": [{passes}], "failures": [{failures}], "pending": [{pending}]}}"#
            ),
        )
    }

    #[test]
    fn lists_are_read() {
        let (a, b, c) = (test("a", ""), test("b", r#", "err": {"message": "no"}"#), test("c", ""));
        let lines = mocha("", &[&a, &b, &c], &[&a], &[&b], &[&c]);
        assert_eq!(lines, ["a.js::cart::a passed 1", "a.js::cart::b failed 1: no", "a.js::cart::c skipped 1"]);
        assert_eq!(mocha("", &[&a, &c], &[&a], &[], &[])[1..], ["a.js::cart::c failed 1: it has no result"]);
    }

    #[test]
    fn hooks_are_errors_and_tests_that_are_called_like_them_are_not() {
        let hook = test("\"before each\" hook for \"a\"", r#", "err": {"message": "no"}"#);
        assert_eq!(mocha("", &[], &[], &[&hook], &[]), ["error a.js: \"before each\" hook for \"a\": no"]);
        assert!(mocha("", &[&hook], &[], &[&hook], &[])[0].ends_with("failed 1: no"));
    }

    #[test]
    fn retries_are_attempts_and_what_is_told_twice_are_two() {
        let again = test("a", r#", "currentRetry": 2"#);
        assert_eq!(mocha("", &[&again], &[&again], &[], &[]), ["a.js::cart::a flaky 3: it was run again"]);
        let a = test("a", "");
        let lines = mocha("", &[&a, &a], &[&a], &[&a], &[]);
        assert!(lines.len() == 2 && lines[0].contains("passed 1") && lines[1].contains("failed 1"), "{lines:?}");
    }

    #[test]
    fn totals_are_compared() {
        let a = test("a", "");
        let lines = mocha(r#""failures": 1, "passes": 1, "tests": 2"#, &[&a], &[&a], &[], &[]);
        assert_eq!(lines[1..], ["contradiction: 0 failures | failures = 1", "difference: 1 tests | tests = 2"]);
    }

    #[test]
    fn damage_is_malformed_and_nothing_is_empty() {
        assert_eq!(mocha("", &[], &[], &[], &[]), ["empty a: none"]);
        let cases = [
            ("{", "malformed a:1"),
            ("{}", "malformed a#/stats: nothing"),
            (r#"{"stats": {}}"#, "malformed a#/tests: nothing"),
            (r#"{"stats": {}, "tests": [], "passes": [{}]}"#, "malformed a#/passes/0/title: nothing"),
        ];
        for (text, phrase) in cases {
            let told = told(&MOCHA_JSON, text);
            assert!(told.len() == 1 && told[0].starts_with(phrase), "{told:?}");
        }
        assert_eq!(cases.len(), 4);
    }
}
