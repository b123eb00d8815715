//! `go-test`: what `go test` left of its tests, as events of `-json` or as the log of `-v`, whichever it is.
//!
//! A log is read as `go-test-text`; a file in which an event stands before the first line `=== RUN` is read as `go-test-json`, whatever its name is
//! and whatever other lines stand before the first event: with Go before 1.24 those of a package that does not build do.
//!
//! Both tell alike of a package that passed although it crashed: it printed `WARNING: DATA RACE`, or `panic: ` or `fatal error: ` with the stacks of goroutines, or
//! outside its tests `exit status 2` or `signal: killed`. It is an error of the suite.
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

    #[test]
    fn a_crash_in_a_package_that_passed_is_told_by_both_readers() {
        // What test `A` printed, and what stands behind its end.
        let log =
            |inside: &str, behind: &str| format!("=== RUN   A\n{inside}--- PASS: A (0.00s)\nPASS\n{behind}ok  \tp\t0.1s\n");
        let event = |test: &str, line: &str| {
            let line = line.replace('\t', "\\t");
            format!("{{\"Action\":\"output\",\"Package\":\"p\"{test},\"Output\":\"{line}\\n\"}}\n")
        };
        let events = |inside: &str, behind: &str| {
            let all = |test: &str, text: &str| text.lines().map(|line| event(test, line)).collect::<String>();
            let test = ",\"Test\":\"A\"";
            format!(
                "{{\"Action\":\"run\",\"Package\":\"p\"{test}}}\n{}{{\"Action\":\"pass\",\"Package\":\"p\"{test}}}\n{}{{\"Action\":\"pass\",\"Package\":\"p\"}}\n",
                all(test, inside),
                all("", behind)
            )
        };
        let dead = "panic: boom\n\ngoroutine 7 [running]:\nmain.main()\n";
        let rows = [
            ("", "", None),
            ("", "exit status 2\n", Some("exit status 2")),
            ("", "signal: segmentation fault (core dumped)\n", Some("signal: segmentation fault (core dumped)")),
            ("==================\nWARNING: DATA RACE\nRead at 0x0\n", "", Some("WARNING: DATA RACE")),
            ("", "WARNING: DATA RACE\n", Some("WARNING: DATA RACE")),
            (dead, "", Some("panic: boom")),
            (
                "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [select]:\n",
                "",
                Some("fatal error: all goroutines are asleep - deadlock!"),
            ),
            ("", dead, Some("panic: boom")),
            // What a test prints of programs that it ran and that were to fail.
            ("exit status 2\nsignal: killed\n", "", None),
            ("    a_test.go:3: panic: boom\n", "", None),
            ("panic: said so\n", "", None),
            ("    a_test.go:3: WARNING: DATA RACE\n", "", None),
            ("", "exit status 0\n", None),
        ];
        let mut looked_at = 0;
        for (inside, behind, crash) in rows {
            let mut expected = vec!["p::A passed 1".to_owned()];
            expected.extend(crash.map(|crash| format!("error p: the package passed, and it printed `{crash}`")));
            for text in [log(inside, behind), events(inside, behind)] {
                assert_eq!(told(&GO_TEST, &text), expected, "{text}");
                looked_at += 1;
            }
        }
        assert_eq!(looked_at, 26);
    }
}
