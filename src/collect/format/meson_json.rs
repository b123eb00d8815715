//! `meson-json`: what `meson test` leaves as `testlog.json`, one JSON object a line for each test.
//!
//! `OK` and `EXPECTEDFAIL` passed, `SKIP` and `IGNORED` are skipped, `TIMEOUT`, `ERROR` and `INTERRUPT` could not be judged; `FAIL`,
//! `UNEXPECTEDPASS` and results that are not known failed. A test told twice (`--repeat`) is two tests, as Meson fails if one of them
//! does. The project and its suites stand in the name, as Meson writes it (`shop:unit / adds`). A test that was never started is not in
//! the file. A line that is no whole JSON object is malformed.

use super::pipeline_words::since_epoch;
use super::report::{TESTS_MOST, room};
use super::results_events::each;
use super::results_json::{seconds, unknown, words};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{Attempt, AttemptStatus, Gap, Node, Spot, TestCase, TestReport, TestSuite, Where};

/// The format.
pub(super) static MESON_JSON: Format = Format {
    id: "meson-json",
    extensions: &[],
    about: "what `meson test` leaves as JSON",
    docs: include_str!("meson_json.rs"),
    reading: Reading::Tests(TestReader { marks: Marks::Line(is_own), report }),
};

fn is_own(line: &str) -> bool {
    line.starts_with("{\"name\":")
        && ["\"result\":", "\"starttime\":", "\"returncode\":"].iter().all(|key| line.contains(key))
}

fn report(bytes: &[u8], at: &Where) -> Result<TestReport, Gap> {
    let mut suite = TestSuite::new("", Spot::Line(1));
    let mut told = 0;
    let mut began = f64::INFINITY;
    each(bytes, at, "one test of Meson a line", |test, line| {
        told += 1;
        began = test.get("starttime").and_then(Node::number).map_or(began, |time| began.min(time.as_float()));
        if told <= TESTS_MOST {
            suite.cases.push(case(test, line)?);
        }
        Ok(())
    })?;
    room(told, at)?;
    let mut report = TestReport::of(vec![suite]);
    report.timestamp = Some(began).filter(|began| began.is_finite()).and_then(since_epoch).map(Into::into);
    Ok(report)
}

fn case(test: Node<'_>, line: u64) -> Result<TestCase, String> {
    let text = |key: &str| test.get(key).and_then(Node::text).ok_or_else(|| format!("a test without a text `{key}`"));
    let (name, result) = (text("name")?, text("result")?);
    let told = ["stderr", "stdout"].map(|key| words(test, key).trim());
    let told = told.into_iter().find(|told| !told.is_empty()).unwrap_or_default();
    let (status, message) = match result {
        "OK" | "EXPECTEDFAIL" => (AttemptStatus::Passed, ""),
        "SKIP" | "IGNORED" => (AttemptStatus::Skipped, told),
        "FAIL" => (AttemptStatus::Failed, told),
        "UNEXPECTEDPASS" => (AttemptStatus::Failed, "it passed, and was expected to fail"),
        "TIMEOUT" => (AttemptStatus::Errored, "it took too long"),
        "ERROR" | "INTERRUPT" => (AttemptStatus::Errored, told),
        other => (AttemptStatus::Failed, &*unknown(other)),
    };
    let attempts = vec![Attempt::new(status, seconds(test.get("duration"), 1.0), message)];
    Ok(TestCase {
        class: "".into(),
        name: name.into(),
        file: None,
        line: None,
        at: Spot::Line(line),
        attempts: attempts.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::report::testing::told;
    use super::MESON_JSON;

    fn line(name: &str, result: &str) -> String {
        format!(
            r#"{{"name": "{name}", "stdout": "no", "result": "{result}", "starttime": 1.5, "duration": 0.25, "returncode": 1, "env": {{}}, "command": ["sh"]}}"#
        ) + "\n"
    }

    #[test]
    fn results_are_read() {
        let table = [
            ("OK", "passed 1"),
            ("EXPECTEDFAIL", "passed 1"),
            ("SKIP", "skipped 1: no"),
            ("IGNORED", "skipped 1: no"),
            ("FAIL", "failed 1: no"),
            ("UNEXPECTEDPASS", "failed 1: it passed, and was expected to fail"),
            ("TIMEOUT", "errored 1: it took too long"),
            ("ERROR", "errored 1: no"),
            ("INTERRUPT", "errored 1: no"),
            ("odd", "failed 1: unknown status `odd`"),
        ];
        let mut looked_at = 0;
        for (result, expected) in table {
            assert_eq!(told(&MESON_JSON, &line("shop / adds", result)), [format!("shop / adds {expected}")], "{result}");
            looked_at += 1;
        }
        assert_eq!(looked_at, 10);
        let twice = line("a", "FAIL") + &line("a", "OK");
        assert_eq!(told(&MESON_JSON, &twice), ["a #1 failed 1: no", "a #2 passed 1"]);
    }

    #[test]
    fn damage_is_malformed() {
        let whole = line("a", "OK");
        let cases = [
            (String::new(), "malformed a: no event in it"),
            (whole[..whole.len() - 9].to_owned(), "malformed a:1"),
            (whole.replace("\"result\"", "\"results\""), "malformed a:1: a test without a text `result`"),
            (format!("{whole}[]\n"), "malformed a:2"),
        ];
        let mut refused = 0;
        for (text, phrase) in cases {
            let told = told(&MESON_JSON, &text);
            assert!(told.len() == 1 && told[0].starts_with(phrase), "{told:?}");
            refused += 1;
        }
        assert_eq!(refused, 4);
    }
}
