//! `rspec-json`: the report of RSpec's JSON formatter.
//!
//! A suite is a file, a test an example: its name is the `description`, its class what stands before it in the `full_description`.
//! `passed` and `failed` mean what they say, `pending` is skipped, any other status failed. `errors_outside_of_examples_count` above 0 is an
//! error of the run. `failure_count` above what is shown contradicts the report; other counts that differ are noted. RSpec does not tell of
//! retries.

use super::report::has_keys;
use super::results_json::{self, Misfit, line, list, misfit, of_the_run, seconds, text, total, unknown, words};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{Attempt, AttemptStatus, Node, Number, Pointer, Spot, TestCase, TestReport, TestSuite};
use std::collections::BTreeMap;

/// The format.
pub(super) static RSPEC_JSON: Format = Format {
    id: "rspec-json",
    extensions: &[],
    about: "the report of RSpec's JSON formatter",
    docs: include_str!("rspec_json.rs"),
    reading: Reading::Tests(TestReader {
        marks: Marks::Json(|text| has_keys(text, &["examples", "summary_line"])),
        report: |bytes, at| results_json::read(bytes, at, read),
    }),
};

fn read(root: Node<'_>) -> Result<TestReport, Misfit> {
    let top = Pointer::root();
    let (mut suites, mut places) = (Vec::<TestSuite>::new(), BTreeMap::<&str, usize>::new());
    for (index, example) in list(root, &top, "examples")?.items().enumerate() {
        let at = top.key("examples").index(index);
        let file = words(example, "file_path");
        let place = *places.entry(file).or_insert(suites.len());
        if place == suites.len() {
            let mut suite = TestSuite::new(file, Spot::Value(at.clone()));
            suite.file = (!file.is_empty()).then(|| file.into());
            suites.push(suite);
        }
        suites[place].cases.push(case(example, &at)?);
    }
    let mut report = TestReport::of(suites);
    report.runner = Some("rspec");
    let at = top.key("summary");
    let summary = root.get("summary").filter(|summary| summary.is_map());
    let summary = summary.ok_or_else(|| misfit(&at, "an object", root.get("summary")))?;
    let told = report.totals();
    let counts = [
        ("failure_count", told.failed, true),
        ("example_count", told.total, false),
        ("pending_count", told.skipped, false),
    ];
    for (word, count, bad) in counts {
        total(&mut report, (&at.key(word), word), summary.get(word), count as i128, bad);
    }
    let outside = summary.get("errors_outside_of_examples_count");
    if outside.is_some_and(|count| count.number() != Some(Number::Int(0))) {
        let said: Vec<&str> = root.get("messages").into_iter().flat_map(Node::items).filter_map(Node::text).collect();
        let said = said.join("\n");
        let message = if said.trim().is_empty() { "an error outside of examples" } else { &said };
        of_the_run(&mut report, message, Spot::Value(at.key("errors_outside_of_examples_count")));
    }
    Ok(report)
}

fn case(example: Node<'_>, at: &Pointer) -> Result<TestCase, Misfit> {
    let name = text(example, at, "description")?;
    let class = words(example, "full_description").strip_suffix(name).unwrap_or_default().trim();
    let status = text(example, at, "status")?;
    let why = example.get("exception").map_or("", |exception| words(exception, "message"));
    let (ended, message) = match status {
        "passed" => (AttemptStatus::Passed, String::new()),
        "failed" => (AttemptStatus::Failed, why.to_owned()),
        "pending" => (AttemptStatus::Skipped, words(example, "pending_message").to_owned()),
        other => (AttemptStatus::Failed, unknown(other)),
    };
    Ok(TestCase {
        class: class.into(),
        name: name.into(),
        file: None,
        line: line(example, "line_number"),
        at: Spot::Value(at.clone()),
        attempts: Attempt::new(ended, seconds(example.get("run_time"), 1.0), &message).into(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::report::testing::told;
    use super::RSPEC_JSON;

    fn rspec(examples: &[(&str, &str)], summary: &str) -> Vec<String> {
        let examples: Vec<String> = examples
            .iter()
            .map(|(name, status)| {
                format!(
                    r#"{{"description": "{name}", "full_description": "Cart {name}", "status": "{status}", "file_path": "a.rb",
                        "pending_message": "later", "exception": {{"message": "no"}}}}"#
                )
            })
            .collect();
        let examples = examples.join(",");
        told(&RSPEC_JSON, &format!(r#"{{"messages": ["no stock"], "examples": [{examples}], "summary": {{{summary}}}}}"#))
    }

    #[test]
    fn statuses_are_read_and_what_is_told_twice_are_two() {
        let lines =
            rspec(&[("a", "passed"), ("b", "failed"), ("c", "pending"), ("d", ""), ("e", "failed"), ("e", "passed")], "");
        let expected = ["a passed 1", "b failed 1: no", "c skipped 1: later", "d failed 1: unknown status ``"];
        assert_eq!(lines[..4], expected.map(|line| format!("a.rb::Cart::{line}")));
        assert!(lines.len() == 6 && lines[4].contains("failed 1") && lines[5].contains("passed 1"), "{lines:?}");
    }

    #[test]
    fn the_summary_can_only_make_it_worse() {
        let good = [("a", "passed")];
        assert_eq!(
            rspec(&good, r#""failure_count": 0, "errors_outside_of_examples_count": 0, "example_count": 1"#).len(),
            1
        );
        assert_eq!(rspec(&good, r#""errors_outside_of_examples_count": 1"#)[1..], ["error : no stock"]);
        assert_eq!(rspec(&[], r#""errors_outside_of_examples_count": 1"#), ["error : no stock"]);
        assert_eq!(rspec(&good, r#""failure_count": 1"#)[1..], ["contradiction: 0 failure_count | failure_count = 1"]);
        assert_eq!(rspec(&good, r#""example_count": 2"#)[1..], ["difference: 1 example_count | example_count = 2"]);
    }

    #[test]
    fn damage_is_malformed_and_nothing_is_empty() {
        assert_eq!(rspec(&[], ""), ["empty a: none"]);
        let cases = [
            ("{", "malformed a:1"),
            ("{}", "malformed a#/examples: nothing"),
            (r#"{"examples": []}"#, "malformed a#/summary: nothing"),
            (r#"{"examples": [{"description": "a"}]}"#, "malformed a#/examples/0/status: nothing"),
        ];
        for (text, phrase) in cases {
            let told = told(&RSPEC_JSON, text);
            assert!(told.len() == 1 && told[0].starts_with(phrase), "{told:?}");
        }
        assert_eq!(cases.len(), 4);
    }
}
