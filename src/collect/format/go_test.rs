//! `go-test`: what `go test` left of its tests, as events of `-json` or as the log of `-v`, whichever it is.
//!
//! A log is read as `go-test-text`; a file in which an event stands before the first line `=== RUN` is read as `go-test-json`, whatever its name is
//! and whatever other lines stand before the first event: with Go before 1.24 those of a package that does not build do.
//!
//! Encodings are those of these two formats.

use super::{decode, go_test_json, go_test_text};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{Gap, TestReport, Where};

/// The format.
pub(super) static GO_TEST: Format = Format {
    id: "go-test",
    extensions: &[],
    about: "test results as events or log of `go test`, whichever it is",
    docs: include_str!("go_test.rs"),
    // A file that nobody described is read as one of the two.
    reading: Reading::Tests(TestReader { marks: Marks::Line(|_| false), report }),
};

fn report(bytes: &[u8], at: &Where) -> Result<TestReport, Gap> {
    let reader =
        if is_events(&decode::log(bytes, at)?) { &go_test_json::GO_TEST_JSON } else { &go_test_text::GO_TEST_TEXT };
    match &reader.reading {
        Reading::Tests(reader) => (reader.report)(bytes, at),
        Reading::Whole(_) | Reading::Sift(_) | Reading::Stream(_) | Reading::Opaque | Reading::Names => {
            unreachable!("both are formats of test reports")
        }
    }
}

/// Whether it is a stream of events.
fn is_events(text: &str) -> bool {
    let mut lines = text.lines().map(|line| line.trim_start_matches('\u{feff}'));
    let decides = |line: &&str| line.starts_with("=== RUN ") || go_test_json::event_in(line).is_some();
    lines.find(decides).is_some_and(|line| go_test_json::event_in(line).is_some())
}

#[cfg(test)]
mod tests {
    use super::super::report::testing::told;
    use super::*;

    #[test]
    fn content_decides() {
        let events = "{\"Action\":\"run\",\"Package\":\"p\",\"Test\":\"A\"}\n{\"Action\":\"pass\",\"Package\":\"p\",\"Test\":\"A\"}\n{\"Action\":\"pass\",\"Package\":\"p\"}\n";
        let log = "=== RUN   A\n--- PASS: A (0.00s)\nPASS\nok  \tp\t0.1s\n";
        let unbuilt = "# q [q.test]\nq/a.go:1:1: undefined: x\nFAIL\tq [build failed]\n";
        let broken = "error q: q/a.go:1:1: undefined: x";
        let rows = [
            (events.to_owned(), vec!["p::A passed 1"]),
            (log.to_owned(), vec!["p::A passed 1"]),
            (format!("{unbuilt}{events}"), vec!["p::A passed 1", broken]),
            (format!("{unbuilt}{log}"), vec!["p::A passed 1", broken]),
            (unbuilt.to_owned(), vec![broken]),
            // A test that prints an event, and events behind what the shell says.
            (log.replace("--- PASS", "{\"Action\":\"fail\",\"Package\":\"z\"}\n--- PASS"), vec!["p::A passed 1"]),
            (format!("go: downloading x v1.0.0\n{events}"), vec!["p::A passed 1"]),
            ("hello\n".to_owned(), vec!["malformed a: no test and no package in it"]),
        ];
        let mut looked_at = 0;
        for (text, expected) in rows {
            assert_eq!(told(&GO_TEST, &text), expected, "{text}");
            looked_at += 1;
        }
        assert_eq!(looked_at, 8);
    }
}
