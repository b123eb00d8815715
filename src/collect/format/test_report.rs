//! `test-report`: test results in any format that is read here, recognised by what the file says, not by what it is called.
//!
//! For directories of reports that nobody described: `path = "run:**/*"` with `pick = "all"` takes every report in it and passes over
//! everything else, which the verdict lists with its digest. A file that is named alone, or by another document, must be a report. Such a pattern
//! is not followed into `.git`, `.hg`, `.svn`, `node_modules`, `.venv`, `__pycache__` and what cargo builds.
//!
//! | read as | recognised by |
//! |---|---|
//! | [`junit`](junit.md) | the root element `testsuites` or `testsuite`, whole or cut off |
//! | [`ctrf`](ctrf.md) | `"reportFormat": "CTRF"`, or `results`, `tool`, `summary` and `tests` in one JSON object |
//! | [`go-test-json`](go-test-json.md) | lines with `Action` and `Package` (or `ImportPath`) |
//! | [`libtest-json`](libtest-json.md) | lines of the type `suite`, `test` or `bench` with an `event` |
//! | [`libtest-text`](libtest-text.md) | lines `running 3 tests`, `Running tests/a.rs (...)`, `error: could not compile` |
//! | [`go-test-text`](go-test-text.md) | lines `=== RUN`, `--- PASS: Name (0.00s)`, `ok` or `FAIL` with a package and a tab |
//! | [`tap`](tap.md) | a line `TAP version 14`, a plan `1..4`, a line `not ok 2`; the extension `tap` |
//!
//! A log of nextest that came to its end is passed over, because its JUnit report tells more; one that did not is a run cut short, as in
//! [`test-output`](test-output.md), which is for needs that name the files of one tool.
//!
//! Looked at are `xml`, `json`, `jsonl`, `ndjson`, `log`, `txt`, `out`, `tap` and files without an extension. Malformed, and never passed
//! over: XML without a root element; empty `xml` and `tap`; empty or unsound JSON, and empty logs, whose names speak of tests, results or
//! reports. Invalid: test results in XML that is not read here (NUnit, xUnit.net, Visual Studio, TestNG, Robot Framework, Sonar), because tests that
//! failed in it would stay unseen; a log with the marks of two formats.

use super::report::lines;
use super::{ctrf, go_test_json, go_test_text, junit, libtest_json, libtest_text, malformed, tap, test_output};
use crate::gate::{Format, Reading};
use crate::model::{Content, Gap, GapKind, Where};

/// The format.
pub(in crate::collect) static TEST_REPORT: Format = Format {
    id: "test-report",
    extensions: &[],
    about: "test results in any of the formats read here, by content",
    docs: include_str!("test_report.rs"),
    reading: Reading::Sift(read),
};

/// Extensions of files that are looked into; `""` for none.
const EXTENSIONS: [&str; 9] = ["xml", "json", "jsonl", "ndjson", "log", "txt", "out", "tap", ""];

/// Parts of names that speak of test results.
const SPEAKING: [&str; 7] = ["test", "junit", "xunit", "ctrf", "result", "report", "spec"];

/// Roots of test results in XML that nobody here reads, with the tool.
const UNREAD: [(&str, &str); 8] = [
    ("test-run", "NUnit"),
    ("test-results", "NUnit"),
    ("assemblies", "xUnit.net"),
    ("assembly", "xUnit.net"),
    ("TestRun", "Visual Studio"),
    ("testng-results", "TestNG"),
    ("robot", "Robot Framework"),
    ("testExecutions", "Sonar"),
];

fn read(bytes: &[u8], at: &Where) -> Result<Option<Content>, Gap> {
    let name = at.path.rsplit(['/', ':']).next().unwrap_or_default().to_ascii_lowercase();
    let (stem, extension) = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).unwrap_or((&name, ""));
    if !EXTENSIONS.contains(&extension) {
        return Ok(None);
    }
    let speaks = !extension.is_empty() && SPEAKING.iter().any(|part| stem.contains(part));
    if bytes.trim_ascii().is_empty() {
        let damaged = matches!(extension, "xml" | "tap") || speaks;
        return if damaged { Err(malformed(at, None, "a test report", "an empty file".to_owned())) } else { Ok(None) };
    }
    // Only for looking: the reader that is chosen sees the bytes themselves, and refuses what is not UTF-8.
    let text = String::from_utf8_lossy(bytes);
    let format = match recognise(&text, extension) {
        Recognised::As(format) => format,
        Recognised::Refused(kind, actual) => return Err(Gap::new(kind, at.clone(), "a test report", actual)),
        Recognised::Other => {
            let json = matches!(extension, "json" | "jsonl" | "ndjson");
            return match json.then(|| unsound(&text)).flatten().filter(|_| speaks) {
                Some(fault) => Err(malformed(at, None, "a sound JSON document", fault)),
                None => Ok(None),
            };
        }
    };
    match &format.reading {
        // Anything else is the whole log of nextest, which is no report.
        Reading::Whole(parse) => {
            parse(bytes, at).map(|content| Some(content).filter(|content| matches!(content, Content::Tests(_))))
        }
        Reading::Sift(_) | Reading::Stream(_) | Reading::Opaque | Reading::Names => Ok(None),
    }
}

/// What a file is.
enum Recognised {
    As(&'static Format),
    /// Test results that cannot be judged, or a file in which they may have been.
    Refused(GapKind, String),
    /// Nothing to do with tests.
    Other,
}

fn recognise(text: &str, extension: &str) -> Recognised {
    let text = text.trim_start_matches('\u{feff}');
    let begins = text.trim_start();
    if extension == "tap" {
        return Recognised::As(&tap::TAP);
    }
    if extension == "xml" || begins.starts_with('<') {
        return match root(begins) {
            Root::Named("testsuites" | "testsuite") => Recognised::As(&junit::JUNIT),
            Root::Cut(name) if !name.is_empty() && "testsuites".starts_with(name) => Recognised::As(&junit::JUNIT),
            Root::Named(name) => match UNREAD.iter().find(|(root, _)| *root == name) {
                Some((_, tool)) => {
                    let actual = format!("results of {tool}, which are not read; have JUnit XML written instead of them");
                    Recognised::Refused(GapKind::Invalid, actual)
                }
                None => Recognised::Other,
            },
            Root::Cut(_) | Root::Nothing if extension == "xml" => {
                Recognised::Refused(GapKind::Malformed, "XML without a whole root element".to_owned())
            }
            Root::Cut(_) | Root::Nothing => Recognised::Other,
        };
    }
    if begins.starts_with('{') && is_ctrf(begins) {
        return Recognised::As(&ctrf::CTRF);
    }
    // A test that nextest ran prints as its own harness does.
    if lines(text).any(|(_, line)| libtest_text::is_nextest(&line)) {
        return Recognised::As(&test_output::TEST_OUTPUT);
    }
    let mut marks: Vec<&'static Format> = Vec::new();
    let mut unbuilt = false;
    for (_, line) in lines(text) {
        // Go says in plain text that a package does not build, also between its events.
        if line.starts_with("FAIL\t") && line.trim_end().ends_with(" failed]") {
            unbuilt = true;
            continue;
        }
        if let Some(format) = mark(&line).filter(|format| !marks.iter().any(|known| known.id == format.id)) {
            marks.push(format);
        }
    }
    match marks.as_slice() {
        [] if unbuilt => Recognised::As(&go_test_text::GO_TEST_TEXT),
        [] => Recognised::Other,
        [one] => Recognised::As(one),
        [one, other, ..] => {
            let actual = format!("the marks of both `{}` and `{}`; give each tool a file of its own", one.id, other.id);
            Recognised::Refused(GapKind::Invalid, actual)
        }
    }
}

/// What stands where the root element of XML should.
#[derive(Debug, PartialEq, Eq)]
enum Root<'t> {
    /// Its name, without a prefix.
    Named(&'t str),
    /// The file ends in its name.
    Cut(&'t str),
    Nothing,
}

fn root(mut text: &str) -> Root<'_> {
    loop {
        text = text.trim_start();
        let end = if text.starts_with("<?") {
            "?>"
        } else if text.starts_with("<!--") {
            "-->"
        } else if text.starts_with("<!") {
            let subset = text.find('[').is_some_and(|open| text.find('>').is_none_or(|close| open < close));
            if subset { "]>" } else { ">" }
        } else {
            break;
        };
        let Some((_, behind)) = text.split_once(end) else { return Root::Nothing };
        text = behind;
    }
    let Some(tag) = text.strip_prefix('<') else { return Root::Nothing };
    let local = |name: &'_ str| name.rfind(':').map_or(0, |colon| colon + 1);
    match tag.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/')) {
        Some(end) => Root::Named(&tag[local(&tag[..end])..end]),
        None => Root::Cut(&tag[local(tag)..]),
    }
}

fn is_ctrf(text: &str) -> bool {
    let stated = text.match_indices("\"reportFormat\"").any(|(at, key)| {
        let value = text[at + key.len()..].trim_start().strip_prefix(':').map(str::trim_start);
        value.is_some_and(|value| value.starts_with("\"CTRF\""))
    });
    stated || ["results", "tool", "summary", "tests"].iter().all(|key| text.contains(&format!("\"{key}\"")))
}

/// The format that this line is a mark of.
fn mark(line: &str) -> Option<&'static Format> {
    if line.starts_with('{') {
        let has = |word: &str| line.contains(word);
        let go = has("\"Action\"") && (has("\"Package\"") || has("\"ImportPath\""));
        let libtest = has("\"type\"") && has("\"event\"") && ["\"suite\"", "\"test\"", "\"bench\""].into_iter().any(has);
        return if go { Some(&go_test_json::GO_TEST_JSON) } else { libtest.then_some(&libtest_json::LIBTEST_JSON) };
    }
    let own = line.trim_start();
    let ended = |word: &str| own.strip_prefix(word).is_some_and(|rest| rest.trim_end().ends_with("s)"));
    let package = |word: &str| line.split_once('\t').is_some_and(|(own, rest)| own.trim_end() == word && !rest.is_empty());
    if libtest_text::is_own(line) {
        Some(&libtest_text::LIBTEST_TEXT)
    } else if line.starts_with("=== RUN ")
        || ["--- PASS: ", "--- FAIL: ", "--- SKIP: "].into_iter().any(ended)
        || package("ok")
        || package("FAIL")
    {
        Some(&go_test_text::GO_TEST_TEXT)
    } else {
        is_tap(line).then_some(&tap::TAP)
    }
}

fn is_tap(line: &str) -> bool {
    let first = |text: &str| is_number(text.split(' ').next().unwrap_or_default());
    let plan = |rest: &str| first(rest) && rest.split_once(' ').is_none_or(|(_, rest)| rest.starts_with('#'));
    let numbered = line.strip_prefix("not ok ").or_else(|| line.strip_prefix("ok "));
    line.strip_prefix("TAP version ").is_some_and(is_number)
        || line.strip_prefix("1..").is_some_and(|rest| plan(rest.trim_end()))
        || numbered.is_some_and(first)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Why text is neither one JSON document nor several.
fn unsound(text: &str) -> Option<String> {
    let documents = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
    documents.into_iter().find_map(|document| document.err().map(|error| error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(name: &str, text: &str) -> String {
        match read(text.as_bytes(), &Where::file(name)) {
            Ok(Some(Content::Tests(report))) => format!("{} tests", report.totals().total),
            Ok(Some(other)) => panic!("{other:?}"),
            Ok(None) => "other".to_owned(),
            Err(gap) => format!("{}: {}", gap.kind.word(), gap.actual),
        }
    }

    const JUNIT: &str = "<?xml version='1.0'?>\n<!-- by a tool -->\n<testsuite name='s'><testcase name='a'/></testsuite>";

    #[test]
    fn files_are_what_they_say_and_not_what_they_are_called() {
        let libtest =
            "running 1 test\ntest a ... ok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n";
        let go = "{\"Action\":\"run\",\"Package\":\"p\",\"Test\":\"T\"}\n{\"Action\":\"pass\",\"Package\":\"p\",\"Test\":\"T\"}\n{\"Action\":\"pass\",\"Package\":\"p\"}\n";
        let go_text = "=== RUN   T\n--- PASS: T (0.00s)\nPASS\nok  \tp\t0.1s\n";
        let events = "{\"type\":\"suite\",\"event\":\"started\",\"test_count\":1}\n{\"type\":\"test\",\"event\":\"started\",\"name\":\"a\"}\n{\"type\":\"test\",\"name\":\"a\",\"event\":\"ok\"}\n{\"type\":\"suite\",\"event\":\"ok\",\"passed\":1,\"failed\":0,\"ignored\":0,\"measured\":0}\n";
        let ctrf = r#"{"results": {"tool": {}, "summary": {"tests": 1, "passed": 1, "failed": 0, "skipped": 0, "pending": 0, "other": 0}, "tests": [{"name": "a", "status": "passed", "duration": 1}]}, "reportFormat" : "CTRF"}"#;
        let mut read = 0;
        for text in [JUNIT, libtest, go, go_text, events, ctrf, "TAP version 14\n1..1\nok 1 - a\n", "ok 1 - a\n1..1\n"] {
            for name in ["a/x.log", "run:out", "x.TXT"] {
                assert_eq!(seen(name, text), "1 tests", "{name}: {text}");
                read += 1;
            }
            // A source or a page may well quote a report.
            assert_eq!((seen("a/x.md", text), seen("x.rs", text)), ("other".to_owned(), "other".to_owned()));
        }
        assert_eq!(read, 24);
    }

    #[test]
    fn what_is_no_report_is_passed_over() {
        let others = [
            ("coverage.xml", "<?xml version='1.0'?><!DOCTYPE coverage SYSTEM 'x.dtd'><coverage/>"),
            ("jacocoTestReport.xml", "<!DOCTYPE report [<!ELEMENT a>]><report><testsuite/></report>"),
            ("cut-report.xml", "<coverage line-rate="),
            ("package.json", "{\"scripts\": {\"test\": \"x\"}"),
            ("test-summary.json", "{\"status\": \"passed\"}\n{}"),
            ("build.log", "running tests now\nok, done\n1..\nFAIL: nothing\n--- PASS: x"),
            ("stderr.log", " \n"),
            ("empty", ""),
        ];
        for (name, text) in others {
            assert_eq!(seen(name, text), "other", "{name}");
        }
        assert_eq!(others.len(), 8);
        assert!(matches!(read(b"\x7fELF\0\0", &Where::file("tests")), Ok(None)));
    }

    #[test]
    fn damage_is_never_passed_over() {
        let mut cuts = 0;
        // Behind the comment the root begins.
        for end in 1..JUNIT.len() - 1 {
            assert!(seen("a.xml", &JUNIT[..end]).starts_with("malformed: "), "{}", &JUNIT[..end]);
            cuts += 1;
        }
        assert!(cuts > 80);
        let malformed = [
            ("a.xml", ""),
            ("a.tap", "\n"),
            ("junit.json", ""),
            ("test-results.json", "{\"a\": 1,"),
            ("ctrf-report.json", "{\"reportFor"),
            ("x.json", "{\"reportFormat\": \"CTRF\", \"results\": {"),
            ("x.json", "{\"results\": {\"tool\": {}, \"summary\": {}, \"tests\": []}}"),
            ("unit-tests.log", ""),
            ("a.tap", "nothing of the kind"),
        ];
        for (name, text) in malformed {
            assert!(seen(name, text).starts_with("malformed: "), "{name}: {}", seen(name, text));
        }
        assert_eq!(malformed.len(), 9);
        assert!(
            matches!(read(b"<testsuite name='\xff'/>", &Where::file("a.xml")), Err(gap) if gap.kind == GapKind::Malformed)
        );
    }

    #[test]
    fn results_that_nobody_reads_are_refused() {
        let nunit = seen("TestResult.xml", "<test-run id='2'></test-run>");
        assert_eq!(nunit, "invalid: results of NUnit, which are not read; have JUnit XML written instead of them");
        let nextest = "Nextest run ID 1\n    running 1 test\nSummary [   0.1s] 1 tests run: 1 passed, 0 skipped\n";
        assert_eq!((seen("ci.log", nextest), seen("ci.log", &nextest[..35])), ("other".to_owned(), "0 tests".to_owned()));
        let unbuilt = "FAIL\tp [build failed]\n";
        assert_eq!(seen("go.log", unbuilt), "0 tests");
        let event = r#"{"Action":"pass","Package":"q","Test":"T"}"#;
        assert_eq!(seen("go.log", &format!("{event}\n{unbuilt}")), "1 tests");
        let two = seen("ci.log", "running 1 test\ntest a ... ok\n=== RUN   TestA\n");
        assert!(two.starts_with("invalid: the marks of both `libtest-text` and `go-test-text`"), "{two}");
    }
}
