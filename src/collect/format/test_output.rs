//! `test-output`: whatever a test runner left of its tests: a log, and test reports of any format beside it.
//!
//! For needs that match several kinds of file at once, `path = "run:**/{output.log,junit.xml,events.jsonl}"`. The name decides where it can:
//! `.xml` is read as `junit`, `.tap` as `tap`, `.jsonl` as `go-test-json` or `libtest-json`, whichever its first event belongs to.
//! Anything else is a log, and the first line that only one tool writes decides: `libtest-text` (`running 3 tests`, `Running tests/a.rs (...)`,
//! `error: could not compile`), `go-test-text` (`=== RUN`, `--- PASS:`, `ok`, `FAIL`), `tap` (`TAP version`), or nextest.
//!
//! nextest's log does not name the tests that it skipped, so it is no report: the counts are those of the JUnit report or the
//! events beside it. It is only looked at for its end: without the line `Summary` it is a run cut short. A log that shows no tool is
//! text. A check that wants tests finds none in either, and does not pass on that. Last words of another runner that say that its run failed
//! count also in a log of tests that passed.
//!
//! Encodings are those of the format that is read; a log of nextest and one that shows no tool are read as `tap` is.

use super::console;
use super::report::lines;
use super::{decode, go_test_json, go_test_text, json, junit, libtest_json, libtest_text, malformed, tap};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{Content, Gap, Node, Where};

/// The format.
pub(super) static TEST_OUTPUT: Format = Format {
    id: "test-output",
    extensions: &[],
    about: "test results as any of the formats above, told apart by name and content",
    docs: include_str!("test_output.rs"),
    reading: Reading::Whole(read),
};

fn read(bytes: &[u8], at: &Where) -> Result<Content, Gap> {
    let extension = at.path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, extension)| extension);
    match extension {
        Some("xml") => as_format(&junit::JUNIT, bytes, at),
        Some("tap") => as_format(&tap::TAP, bytes, at),
        Some("jsonl") => as_format(events(bytes, at)?, bytes, at),
        Some(_) | None => log(bytes, at),
    }
}

fn as_format(format: &Format, bytes: &[u8], at: &Where) -> Result<Content, Gap> {
    match &format.reading {
        Reading::Tests(reader) => reader.content(bytes, at),
        Reading::Whole(_) | Reading::Sift(_) | Reading::Stream(_) | Reading::Opaque | Reading::Names => Ok(Content::Bytes),
    }
}

/// The format of these events.
fn events(bytes: &[u8], at: &Where) -> Result<&'static Format, Gap> {
    let expected = "events of `go test -json`, or of Rust's test harness or nextest";
    let text = decode::events(bytes, at)?;
    let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    // What a build says in plain lines may stand before the first event.
    let event = lines.clone().find(|(_, line)| line.starts_with('{'));
    let Some((line, first)) = event.or_else(|| lines.next()) else {
        return Err(malformed(at, None, expected, "no event".to_owned()));
    };
    let event = json::parse(first, &json::Room::default()).map_err(|fault| {
        let actual = format!("{} (line {line}, column {})", fault.message, fault.column);
        fault.gap(at, Some(line), expected, actual)
    })?;
    let has = |key: &str| event.root().get(key).and_then(Node::text).is_some();
    match (has("Action"), has("type")) {
        (true, false) => Ok(&go_test_json::GO_TEST_JSON),
        (false, true) => Ok(&libtest_json::LIBTEST_JSON),
        (true, true) | (false, false) => Err(malformed(at, Some(line), expected, "an event of neither".to_owned())),
    }
}

fn log(bytes: &[u8], at: &Where) -> Result<Content, Gap> {
    let text = &*decode::log(bytes, at)?;
    match lines(text).find_map(|(_, line)| tool(&line)) {
        Some(Tool::Of(format)) => as_format(format, bytes, at).map(|mut content| {
            if let Content::Tests(report) = &mut content {
                console::add_others(report, text, format.id);
            }
            content
        }),
        // Only a run that was cut short is read; failures are told by the report or the events beside it, with their tests.
        Some(Tool::Nextest) => {
            let cut = console::report(text).filter(|report| !report.cut_short.is_empty());
            Ok(cut.map_or_else(|| Content::Text(text.into()), Content::from))
        }
        None => Ok(Content::Text(text.into())),
    }
}

enum Tool {
    Of(&'static Format),
    Nextest,
}

/// Which tool writes such a line, if only one does.
fn tool(line: &str) -> Option<Tool> {
    let formats = [&libtest_text::LIBTEST_TEXT, &go_test_text::GO_TEST_TEXT];
    let is_own = |format: &Format| matches!(&format.reading, Reading::Tests(TestReader { marks: Marks::Line(own), .. }) if own(line));
    if console::is_nextest_line(line) {
        Some(Tool::Nextest)
    } else if line.starts_with("TAP version ") {
        Some(Tool::Of(&tap::TAP))
    } else {
        formats.into_iter().find(|format| is_own(format)).map(Tool::Of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a file of this name is read as: its tests, `text`, or the gap.
    fn told(name: &str, text: &str) -> String {
        match read(text.as_bytes(), &Where::file(name)) {
            Ok(Content::Tests(report)) => {
                let ids: Vec<String> = report.cases().map(|(suite, case)| case.short_id(suite)).collect();
                format!("{} cut {}", ids.join(" "), report.cut_short.len())
            }
            Ok(Content::Text(_)) => "text".to_owned(),
            Ok(other) => format!("{other:?}"),
            Err(gap) => format!("{} {}: {}", gap.kind.word(), gap.at, gap.actual),
        }
    }

    const LIBTEST: &str = "running 1 test\ntest a ... ok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s\n";
    const NEXTEST: &str = " Nextest run ID 3269ad1b with nextest profile: ci\n    Starting 1 test across 1 binary\n        PASS [   0.019s] (1/1) sample a\n────────────\n     Summary [   0.082s] 1 test run: 1 passed, 0 skipped\n";

    #[test]
    fn names_and_first_signs_decide() {
        let go = r#"{"Action":"run","Package":"p","Test":"A"}
{"Action":"pass","Package":"p","Test":"A","Elapsed":0.1}
{"Action":"pass","Package":"p","Elapsed":0.1}"#;
        let rust = r#"{"type":"test","event":"ok","name":"k::b$a"}"#;
        let cases = [
            ("d/output.log", LIBTEST, "suite 1::a cut 0"),
            ("output.log", "=== RUN   A\n--- PASS: A (0.00s)\nPASS\nok  \tp\t0.1s\n", "p::A cut 0"),
            ("output.log", "TAP version 13\n1..1\nok 1 - a\n", "a cut 0"),
            ("report.tap", "1..1\nok 1 - a\n", "a cut 0"),
            ("junit.xml", r#"<testsuite name="s"><testcase name="a" classname="s"/></testsuite>"#, "s::a cut 0"),
            ("events.jsonl", go, "p::A cut 0"),
            ("events.jsonl", rust, "k::b::a cut 0"),
            ("output.log", NEXTEST, "text"),
            ("output.log", "Killed\n", "text"),
            ("output", "", "text"),
        ];
        let mut looked_at = 0;
        for (name, text, expected) in cases {
            assert_eq!(told(name, text), expected, "{name}: {text}");
            looked_at += 1;
        }
        assert_eq!(looked_at, 10);
    }

    #[test]
    fn the_failure_of_another_runner_counts() {
        let both = format!("{LIBTEST}==== 1 failed, 1 passed in 0.29s ====\n");
        let Ok(Content::Tests(report)) = read(both.as_bytes(), &Where::file("output.log")) else { panic!("a report") };
        assert_eq!((report.totals().passed, report.totals().errored), (1, 1));
        assert_eq!(told("output.log", &both.replace("1 failed, ", "")), "suite 1::a cut 0");
        let cargo = format!("{LIBTEST}error: 1 target failed:\n");
        let Ok(Content::Tests(report)) = read(cargo.as_bytes(), &Where::file("output.log")) else { panic!("a report") };
        assert_eq!(report.totals().errored, 0, "read with its programs");
    }

    #[test]
    fn what_a_test_printed_is_no_sign_of_another_tool() {
        let printed =
            NEXTEST.replace("        PASS", "  stdout ───\n\n    running 1 test\n    test a ... FAILED\n        PASS");
        assert_eq!(told("output.log", &printed), "text");
        let harness = LIBTEST.replace("test a", "Nextest run ID 1\ntest a");
        assert_eq!(
            told("output.log", &harness),
            "malformed output.log:2: the output of nextest (use its JUnit report with `format = \"junit\"`)"
        );
    }

    #[test]
    fn what_is_cut_or_damaged_is_not_taken_for_text() {
        let cut = NEXTEST.split("────").next().unwrap_or_default();
        assert_eq!(told("output.log", cut), " cut 1");
        assert_eq!(told("output.log", &NEXTEST.replace("1 test run", "1/2 tests run")), " cut 1");
        assert_eq!(told("output.log", LIBTEST.split("test result").next().unwrap_or_default()), "suite 1::a cut 1");
        let malformed = ["junit.xml", "events.jsonl", "report.tap"].map(|name| told(name, "Killed"));
        assert!(malformed.iter().all(|told| told.starts_with("malformed ")), "{malformed:?}");
        assert!(told("events.jsonl", "").starts_with("malformed "), "no event");
        assert!(told("events.jsonl", "{\"a\": 1}").ends_with("an event of neither"));
        assert_eq!(told("output.log", &format!("\u{feff}{LIBTEST}")), told("output.log", LIBTEST));
        assert_eq!(told("output.log", "\u{feff}running 1 test"), told("output.log", "running 1 test"));
    }
}
