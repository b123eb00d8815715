//! `ctrf`: test results as one CTRF document (Common Test Report Format, `reportFormat` "CTRF").
//!
//! `passed`, `failed` and `skipped` mean what they say, `pending` is skipped, `other` with the
//! `rawStatus` "todo" is skipped, and any other status failed. A test that passed and says
//! `flaky` or has `retries` had a failed attempt before; `retryAttempts` are attempts. `suite` may be a list or a text; `browser` or `device` is
//! its host. A test with the annotation `fail`, which Playwright's reporter writes for one that is meant to fail, failed if its `rawStatus` is `passed`. A name may be empty. Two tests of one name are two tests. More tests `failed` in `summary` than shown are a `contradiction`,
//! which fails; more `flaky` ones stated than shown are findings as flaky tests are; other counts that differ are noted. A count may be a text.
//!
//! Encodings: UTF-8 with or without a byte order mark, or UTF-16 with one, which PowerShell and .NET write. Half a surrogate pair (`"\ud83d"`, a text that was
//! cut in the middle of a character) is U+FFFD. Other bytes are malformed.

use super::made::Made;
use super::pipeline_words::instant;
use super::report::has_keys;
use super::{decode, json, malformed};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{
    Attempt, AttemptStatus, Contradiction, Gap, Node, Number, Pointer, Spot, TestCase, TestReport, TestSuite, Where,
};
use std::collections::BTreeMap;

/// The format.
pub(super) static CTRF: Format = Format {
    id: "ctrf",
    extensions: &[],
    about: "test results as a CTRF document",
    docs: include_str!("ctrf.rs"),
    reading: Reading::Tests(TestReader { marks: Marks::Json(is_ctrf), report }),
};

fn report(bytes: &[u8], at: &Where) -> Result<TestReport, Gap> {
    let document = json::parse(&decode::json(bytes, at)?, &json::Room::default()).map_err(|fault| {
        let actual = format!("{} (line {}, column {})", fault.message, fault.line, fault.column);
        fault.gap(at, (fault.line > 0).then_some(fault.line), "a sound CTRF document", actual)
    })?;
    let report = read(document.root()).map_err(|Misfit { at: pointer, expected, actual }| {
        let gap = malformed(at, None, expected, actual);
        Gap { at: Where { pointer: Some(pointer), ..gap.at.clone() }, ..gap }
    })?;
    Ok(report)
}

/// Whether a JSON text looks like a CTRF document.
fn is_ctrf(text: &str) -> bool {
    let stated = text.match_indices("\"reportFormat\"").any(|(at, key)| {
        let value = text[at + key.len()..].trim_start().strip_prefix(':').map(str::trim_start);
        value.is_some_and(|value| value.starts_with("\"CTRF\""))
    });
    stated || has_keys(text, &["results", "tool", "summary", "tests"])
}

/// A value that no CTRF document has.
struct Misfit {
    at: Pointer,
    expected: &'static str,
    actual: String,
}

fn misfit(at: &Pointer, expected: &'static str, found: Option<Node<'_>>) -> Misfit {
    Misfit { at: at.clone(), expected, actual: found.map_or_else(|| "nothing".to_owned(), |node| node.excerpt(80)) }
}

const STATUSES: [&str; 5] = ["passed", "failed", "skipped", "pending", "other"];

fn read(root: Node<'_>) -> Result<TestReport, Misfit> {
    let top = Pointer::root();
    let kind = root.get("reportFormat");
    if kind.and_then(Node::text) != Some("CTRF") {
        return Err(misfit(&top.key("reportFormat"), "\"CTRF\"", kind));
    }
    let at = top.key("results");
    let results = root.get("results").filter(|node| node.is_map()).ok_or_else(|| misfit(&at, "an object", None))?;
    let list = results.get("tests").filter(|node| node.is_list());
    let list = list.ok_or_else(|| misfit(&at.key("tests"), "a list of tests", results.get("tests")))?;
    let mut suites: BTreeMap<(String, Option<String>), (usize, TestSuite)> = BTreeMap::new();
    let mut counts = BTreeMap::from([("tests", 0_i128)]);
    // The reporter of Playwright counts them in `failed`, and Playwright does not.
    let mut meant = 0;
    for (index, test) in list.items().enumerate() {
        let at = at.key("tests").index(index);
        let (suite, status, case) = case(test, &at)?;
        *counts.entry("tests").or_default() += 1;
        meant += i128::from(meant_to_fail(test) == Some(Meant::Failed));
        *counts.entry(STATUSES.iter().find(|known| **known == status).copied().unwrap_or("other")).or_default() += 1;
        let order = suites.len();
        let host = ["browser", "device"].iter().find_map(|key| test.get(key)?.text()).filter(|host| !host.is_empty());
        let fresh = || {
            let host = host.map(Into::into);
            (order, TestSuite { host, ..TestSuite::new(suite.clone(), Spot::Value(at.clone())) })
        };
        let (_, own) = suites.entry((suite.clone(), host.map(str::to_owned))).or_insert_with(fresh);
        own.cases.push(case);
    }
    let mut ordered: Vec<(usize, TestSuite)> = suites.into_values().collect();
    ordered.sort_by_key(|(order, _)| *order);
    let mut report = TestReport::of(ordered.into_iter().map(|(_, suite)| suite).collect());
    let at = at.key("summary");
    let summary = results.get("summary").filter(|node| node.is_map());
    let summary = summary.ok_or_else(|| misfit(&at, "an object", results.get("summary")))?;
    for word in ["tests"].iter().chain(&STATUSES) {
        let count = counts.get(word).copied().unwrap_or(0);
        let stated = summary.get(word);
        if stated.and_then(count_of) != Some(count) {
            let difference = Contradiction {
                items: format!("{count} {word}"),
                stated: stated.map_or_else(|| "nothing".to_owned(), |node| format!("{word} = {}", node.excerpt(40))),
                at: Spot::Value(at.key(word)),
            };
            // Only more failures stated than shown are held against the report.
            let worse = *word == "failed" && stated.and_then(count_of).is_some_and(|stated| stated > count + meant);
            if worse { report.contradictions.push(difference) } else { report.differences.push(difference) }
        }
    }
    let flaky = report.totals().flaky as i128;
    if let Some(stated) = summary.get("flaky").and_then(count_of).filter(|stated| *stated > flaky) {
        let (items, stated) = (format!("{flaky} flaky"), format!("flaky = {stated}"));
        report.unnamed_flaky.push(Contradiction { items, stated, at: Spot::Value(at.key("flaky")) });
    }
    // Who merges reports dates the result anew, and the earliest start stays in its summary.
    let start = summary.get("start").filter(|start| start.number().is_some_and(|number| number.as_float() > 1e9));
    let mut made = Made::default();
    for stated in [root.get("timestamp"), start].into_iter().flatten().filter_map(instant) {
        made.at(&stated);
    }
    made.tell(&mut report);
    Ok(report)
}

/// A count: some writers put numbers into texts.
fn count_of(node: Node<'_>) -> Option<i128> {
    match node.number() {
        Some(number) => number.as_integer(),
        None => node.text()?.trim().parse().ok(),
    }
}

fn milliseconds(node: Option<Node<'_>>) -> Option<f64> {
    node.and_then(Node::number).map(|number| number.as_float() / 1_000.0).filter(|seconds| *seconds >= 0.0)
}

/// One attempt: a test, or a member of `retryAttempts`.
fn attempt(node: Node<'_>, at: &Pointer) -> Result<(String, Attempt), Misfit> {
    let status = node.get("status").and_then(Node::text);
    let status = status.ok_or_else(|| misfit(&at.key("status"), "a status", node.get("status")))?;
    let words = ["message", "trace"].into_iter().filter_map(|key| node.get(key).and_then(Node::text));
    let told = words.into_iter().find(|text| !text.trim().is_empty()).unwrap_or_default();
    let unknown = format!("unknown status `{}`", status.chars().take(40).collect::<String>());
    let (ended, message) = match status {
        "passed" => (AttemptStatus::Passed, told),
        "failed" => (AttemptStatus::Failed, told),
        "skipped" | "pending" => (AttemptStatus::Skipped, told),
        // The one known meaning of `other`: a test that is still to be written.
        "other" if node.get("rawStatus").and_then(Node::text) == Some("todo") => (AttemptStatus::Skipped, "to do"),
        _ => (AttemptStatus::Failed, unknown.as_str()),
    };
    Ok((status.to_owned(), Attempt::new(ended, milliseconds(node.get("duration")), message)))
}

/// What became of a test that was meant to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meant {
    /// It failed, as it was meant to.
    Failed,
    /// It passed, which fails the run.
    Passed,
}

/// Playwright's reporter writes an annotation for `test.fail()`, and how the test itself ended as `rawStatus`.
fn meant_to_fail(test: Node<'_>) -> Option<Meant> {
    let annotations = test.get("extra")?.get("annotations")?;
    let meant = annotations.items().any(|one| one.get("type").and_then(Node::text) == Some("fail"));
    let ended = [test.get("status"), test.get("rawStatus")].map(|word| word.and_then(Node::text));
    match ended {
        [Some("passed"), Some("passed")] if meant => Some(Meant::Passed),
        [Some("passed"), Some("failed" | "timedOut")] if meant => Some(Meant::Failed),
        _ => None,
    }
}

fn case(test: Node<'_>, at: &Pointer) -> Result<(String, String, TestCase), Misfit> {
    let name = test.get("name").and_then(Node::text);
    let name = name.ok_or_else(|| misfit(&at.key("name"), "a name", test.get("name")))?;
    let suite = match test.get("suite") {
        None => String::new(),
        Some(suite) if suite.is_list() => {
            let steps: Option<Vec<&str>> = suite.items().map(Node::text).collect();
            steps.ok_or_else(|| misfit(&at.key("suite"), "a list of texts", Some(suite)))?.join(" > ")
        }
        Some(suite) => suite.text().ok_or_else(|| misfit(&at.key("suite"), "a text or a list", Some(suite)))?.to_owned(),
    };
    let (status, mut last) = attempt(test, at)?;
    if meant_to_fail(test) == Some(Meant::Passed) {
        last =
            Attempt::new(AttemptStatus::Failed, milliseconds(test.get("duration")), "it was meant to fail, and it passed");
    }
    let mut attempts = Vec::new();
    let retries = test.get("retryAttempts");
    for (index, retry) in retries.into_iter().flat_map(Node::items).enumerate() {
        attempts.push(attempt(retry, &at.key("retryAttempts").index(index))?.1);
    }
    // Some writers put numbers and truth into texts.
    let text = |key: &str| test.get(key).and_then(Node::text).map(str::trim);
    let again = test.get("retries").and_then(Node::number).is_some_and(|count| count > Number::Int(0))
        || text("retries").and_then(|count| count.parse::<u64>().ok()).is_some_and(|count| count > 0);
    let flaky = test.get("flaky").and_then(Node::boolean) == Some(true) || text("flaky") == Some("true");
    if attempts.is_empty() && (again || flaky) {
        attempts.push(Attempt::new(AttemptStatus::Failed, None, "it was run again"));
    }
    attempts.push(last);
    let case = TestCase {
        class: "".into(),
        name: name.into(),
        file: test.get("filePath").and_then(Node::text).filter(|file| !file.is_empty()).map(Into::into),
        line: test.get("line").and_then(Node::number).and_then(Number::as_integer).and_then(|line| line.try_into().ok()),
        at: Spot::Value(at.clone()),
        attempts: attempts.into(),
    };
    Ok((suite, status, case))
}

#[cfg(test)]
mod tests {
    use super::super::report::testing::{read, told};
    use super::CTRF;

    fn ctrf(tests: &str, summary: &str) -> Vec<String> {
        told(&CTRF, &format!(r#"{{"reportFormat": "CTRF", "results": {{"tests": {tests}, "summary": {summary}}}}}"#))
    }

    fn summary(counts: [usize; 6]) -> String {
        let [tests, passed, failed, skipped, pending, other] = counts;
        format!(
            r#"{{"tests": {tests}, "passed": {passed}, "failed": {failed}, "skipped": {skipped}, "pending": {pending}, "other": {other}}}"#
        )
    }

    #[test]
    fn statuses_and_attempts_are_read() {
        let tests = r#"[{"name": "a", "status": "passed", "duration": 5, "suite": ["x", "y"]},
            {"name": "b", "status": "failed", "message": "no", "retries": 2},
            {"name": "c", "status": "passed", "flaky": true, "suite": "x > y"},
            {"name": "d", "status": "passed", "retryAttempts": [{"attempt": 1, "status": "failed", "message": "first"}]},
            {"name": "e", "status": "pending"}, {"name": "f", "status": "other"}, {"name": "g", "status": "odd"},
            {"name": "h", "status": "other", "rawStatus": "todo"}]"#;
        assert_eq!(
            ctrf(tests, &summary([8, 3, 1, 0, 1, 3])),
            [
                "x > y::a passed 1",
                "x > y::c flaky 2: it was run again",
                "b failed 2: no",
                "d flaky 2: first",
                "e skipped 1",
                "f failed 1: unknown status `other`",
                "g failed 1: unknown status `odd`",
                "h skipped 1: to do"
            ]
        );
    }

    #[test]
    fn it_is_as_old_as_its_start_however_often_it_is_written_again() {
        let times = |root: &str, summary: &str| {
            let text = format!(
                "{{\"reportFormat\":\"CTRF\",{root}\"results\":{{\"tool\":{{\"name\":\"t\"}},\"summary\":{{\"tests\":1,\"passed\":1,\"failed\":0,\"skipped\":0,\"pending\":0,\"other\":0{summary}}},\"tests\":[{{\"name\":\"a\",\"status\":\"passed\"}}]}}}}"
            );
            read(&CTRF, &text).expect("sound").timestamp.map(String::from)
        };
        let written = "\"timestamp\":\"2026-03-02T10:00:00Z\",";
        assert_eq!(times(written, "").as_deref(), Some("2026-03-02T10:00:00Z"));
        assert_eq!(times(written, ",\"start\":1772359200000").as_deref(), Some("2026-03-01T10:00:00Z"));
        assert_eq!(times("", ",\"start\":1772359200000").as_deref(), Some("2026-03-01T10:00:00Z"));
        assert_eq!(times(written, ",\"start\":0").as_deref(), Some("2026-03-02T10:00:00Z"));
        assert_eq!(times("", ""), None);
    }

    #[test]
    fn the_summary_must_agree() {
        let tests = r#"[{"name": "a", "status": "failed"}]"#;
        assert_eq!(
            ctrf(tests, r#"{"tests": 1, "passed": 1, "failed": 0, "skipped": 0, "pending": 0}"#),
            [
                "a failed 1",
                "difference: 0 passed | passed = 1",
                "difference: 1 failed | failed = 0",
                "difference: 0 other | nothing"
            ]
        );
        let green = r#"[{"name": "a", "status": "passed"}]"#;
        let with = |more: &str| summary([1, 1, 0, 0, 0, 0]).replace(r#""failed": 0"#, more);
        assert_eq!(ctrf(green, &with(r#""failed": "1""#))[1..], [r#"contradiction: 0 failed | failed = "1""#]);
        assert_eq!(ctrf(green, &with(r#""failed": "0""#)).len(), 1);
        for count in ["1", "\"1\""] {
            assert_eq!(
                ctrf(green, &with(&format!(r#""failed": 0, "flaky": {count}"#)))[1..],
                ["flaky: 0 flaky | flaky = 1"]
            );
        }
        let named = r#"[{"name": "a", "status": "passed", "flaky": true}]"#;
        assert_eq!(ctrf(named, &with(r#""failed": 0, "flaky": 1"#)).len(), 1);
        assert_eq!(ctrf(green, &summary([1, 1, 1, 0, 0, 0]))[1..], ["contradiction: 0 failed | failed = 1"]);
    }

    #[test]
    fn a_test_that_was_meant_to_fail_and_passed_failed() {
        let test = |raw: &str, kind: &str| {
            format!(
                r#"[{{"name": "a", "status": "passed", "rawStatus": "{raw}", "extra": {{"annotations": [{{"type": "{kind}"}}]}}}}]"#
            )
        };
        let green = summary([1, 1, 0, 0, 0, 0]);
        let one_failed = summary([1, 0, 1, 0, 0, 0]);
        assert_eq!(ctrf(&test("passed", "fail"), &green), ["a failed 1: it was meant to fail, and it passed"]);
        assert_eq!(ctrf(&test("passed", "issue"), &green), ["a passed 1"]);
        for raw in ["failed", "timedOut"] {
            let told = ctrf(&test(raw, "fail"), &one_failed);
            assert!(told[0] == "a passed 1" && told.iter().all(|line| !line.starts_with("contradiction")), "{told:?}");
            assert!(ctrf(&test(raw, "issue"), &one_failed).iter().any(|line| line.starts_with("contradiction")));
            let two = summary([1, 0, 2, 0, 0, 0]);
            assert!(ctrf(&test(raw, "fail"), &two).iter().any(|line| line.starts_with("contradiction")));
        }
    }

    #[test]
    fn browsers_and_equal_names_are_told_apart() {
        let tests = r#"[{"name": "pays", "status": "failed", "suite": "a", "browser": "firefox"}, {"name": "pays", "status": "passed", "suite": "a", "browser": "webkit"},
            {"name": "big", "status": "failed"}, {"name": "big", "status": "passed"}, {"name": "", "status": "passed"},
            {"name": "t", "status": "passed", "retries": "2"}, {"name": "u", "status": "passed", "flaky": "true"}]"#;
        let told = ctrf(tests, &summary([7, 5, 2, 0, 0, 0]));
        assert_eq!(told[..2], ["a::pays [firefox] failed 1", "a::pays [webkit] passed 1"]);
        assert_eq!(told[2..5], ["big #1 failed 1", "big #2 passed 1", "(no name) passed 1"]);
        assert_eq!(told[5..], ["t flaky 2: it was run again", "u flaky 2: it was run again"]);
    }

    #[test]
    fn damage_is_malformed_and_nothing_is_empty() {
        assert_eq!(ctrf("[]", &summary([0; 6])), ["empty a: none"]);
        let cases = [
            ("{", "malformed a:1"),
            ("[]", "malformed a#/reportFormat: nothing"),
            (r#"{"reportFormat": "CTRF"}"#, "malformed a#/results"),
            (r#"{"reportFormat": "CTRF", "results": {"tests": {}}}"#, "malformed a#/results/tests: {}"),
            (r#"{"reportFormat": "CTRF", "results": {"tests": []}}"#, "malformed a#/results/summary"),
            (
                r#"{"reportFormat": "CTRF", "results": {"tests": [{"status": "passed"}]}}"#,
                "malformed a#/results/tests/0/name",
            ),
            (r#"{"reportFormat": "CTRF", "results": {"tests": [{"name": "a"}]}}"#, "malformed a#/results/tests/0/status"),
            (r#"{"reportFormat": "x", "reportFormat": "CTRF"}"#, "malformed a:1"),
        ];
        let mut refused = 0;
        for (text, phrase) in cases {
            let told = told(&CTRF, text);
            assert!(told.len() == 1 && told[0].starts_with(phrase), "{told:?}");
            refused += 1;
        }
        assert_eq!(refused, 8);
    }
}
