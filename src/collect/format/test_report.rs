//! `test-report`: test results in any format that is read here, recognised by what the file says, not by what it is called.
//!
//! For directories of reports that nobody described: `path = "run:**/*"` with `pick = "all"` takes every report in it and passes over
//! everything else, which the verdict lists with its digest. A file that is named alone, or by another document, must be a report. Such a pattern
//! is not followed into `.git`, `.hg`, `.svn`, `node_modules`, `.venv`, `__pycache__` and what cargo builds.
//!
//! | read as | recognised by |
//! |---|---|
//! | [`junit`](junit.md) | the root element `testsuites` or `testsuite`, whole or cut off |
//! | [`check`](check.md) | the root element `testsuites` in the namespace of Check |
//! | [`trx`](trx.md) | the root element `TestRun` in the namespace of Visual Studio |
//! | [`nunit`](nunit.md) | the root element `test-run`, `test-results` or `test-suite` |
//! | [`xunit`](xunit.md) | the root element `assemblies` or `assembly` |
//! | [`testng`](testng.md) | the root element `testng-results` |
//! | [`robot`](robot.md) | the root element `robot` |
//! | [`ctest`](ctest.md) | the root element `Site`, with `Testing` in it |
//! | [`catch2`](catch2.md) | the root element `Catch2TestRun` or `Catch` |
//! | [`doctest`](doctest.md) | the root element `doctest` |
//! | [`boost-test`](boost-test.md) | the root element `TestResult` or `TestLog` |
//! | [`qttest`](qttest.md) | the root element `TestCase` |
//! | [`sonar`](sonar.md) | the root element `testExecutions` or `unitTest` |
//! | [`ctrf`](ctrf.md) | `"reportFormat": "CTRF"`, or `results`, `tool`, `summary` and `tests` in one JSON object |
//! | [`jest-json`](jest-json.md) | `numFailedTests` and `testResults` in one JSON document |
//! | [`playwright-json`](playwright-json.md) | `config`, `suites`, `stats`, `expected` and `unexpected` in one JSON document |
//! | [`mocha-json`](mocha-json.md) | `stats`, `passes`, `failures` and `pending` in one JSON document |
//! | [`rspec-json`](rspec-json.md) | `examples` and `summary_line` in one JSON document |
//! | [`cucumber-json`](cucumber-json.md) | `elements`, `keyword` and `steps` in one JSON list |
//! | [`pytest-json-report`](pytest-json-report.md) | `exitcode`, `summary` and one of `environment`, `collectors`, `nodeid` and `created` in one JSON document |
//! | [`googletest-json`](googletest-json.md) | `testsuites`, `failures` and `disabled` in one JSON object |
//! | [`cucumber-messages`](cucumber-messages.md) | lines of JSON that begin with `testCaseStarted`, `pickle` or another message of Cucumber |
//! | [`bazel-events`](bazel-events.md) | lines of JSON that begin with an `id` of Bazel (`started`, `testResult`, `buildFinished`) |
//! | [`meson-json`](meson-json.md) | lines of JSON with `name`, `result`, `starttime` and `returncode` |
//! | [`go-test-json`](go-test-json.md) | lines with `Action` and `Package` (or `ImportPath`) |
//! | [`libtest-json`](libtest-json.md) | lines of the type `suite`, `test` or `bench` with an `event` |
//! | [`libtest-text`](libtest-text.md) | lines `running 3 tests`, `Running tests/a.rs (...)`, `error: could not compile` |
//! | [`go-test-text`](go-test-text.md) | lines `=== RUN`, `--- PASS: Name (0.00s)`, `ok` or `FAIL` with a package and a tab |
//! | [`tap`](tap.md) | a line `TAP version 14`, a plan `1..4`, a line `not ok 2`; the extension `tap` |
//!
//! Verdicts of gatekeeper that were written as JUnit or CTRF into the same directory are passed over: they state a digest over all that they
//! say. One that was changed, or something that only looks like one, is judged as the report that it says it is.
//!
//! The log of a runner that names no tests, or not all, is looked at for its last words: one that says that it failed, or that began and never ended (nextest,
//! googletest, Qt Test, pytest, behave), is an error of a suite called after it, whatever a report beside it says; one that says that it passed is passed over. Known are pytest, unittest,
//! stestr, behave, tox, Robot Framework, jest, vitest, mocha, Node, jasmine, karma, Playwright, Cypress, bun, deno, Maven, Gradle, Ant, sbt, TestNG, JUnit's
//! console, `dotnet test`, NUnit's console, CTest, googletest, Catch2, doctest, Boost.Test, Qt Test, CppUTest, Check, Meson, Bazel, PHPUnit, Pest, TeamCity's messages,
//! RSpec, minitest, test-unit, ExUnit, bats, EUnit, Common Test, prove, cucumber, gotestsum, Ginkgo, cargo, nextest, XCTest, Swift Testing and Dart.
//! So is one in which a shell, a host of CI or a packager says that the command failed or was killed (`Killed`, exit code 137), or that breaks off
//! behind the first line of a run of jest, vitest, Playwright, Cypress, bun, deno, Maven, Gradle, `dotnet test`, CTest, Boost.Test, PHPUnit, minitest, ExUnit,
//! Ginkgo or XCTest. The last
//! run of each counts, also beside lines of tests that are read (`libtest-text`, `go-test-text` and the like), except that frameworks whose programs are run one after another keep a failure. `failsafe-summary.xml` of Maven is read in the same way.
//! Stamps that a host puts in front of each line (GitHub, Azure, GitLab, Jenkins, `docker logs -t`) hide nothing.
//!
//! Looked at are `xml`, `trx`, `json`, `jsonl`, `ndjson`, `log`, `txt`, `out`, `tap` and files without an extension. Malformed, and never passed
//! over: XML without a root element; empty `xml` and `tap`; empty or unsound JSON, several documents in one `json`, and empty logs, whose names
//! speak of tests, results or reports. A byte order mark and UTF-16 hide no report: files are looked at decoded, and read or refused by the format that they are of. Invalid: test results that are not read here (CppUnit, CUnit, AUnit, UnitTest++, JMeter, test-unit,
//! Open Test Reporting, exports of an IDE, Parasoft, FPCUnit, gtester, MbUnit, Gallio, Squish, TUSAR; the JSON of Allure, TestCafe, Newman, mochawesome, Robot Framework, Ginkgo, Karate; the lines of pytest-reportlog, Dart and Swift Testing), because tests that failed in them
//! would stay unseen; XML and JSON of any other tool that has tests in it and says that some failed (`<verdict result="fail">`, `"failed": 2`); a log with the marks of two formats.

use super::console;
use super::report::lines;
use super::{FORMATS, decode, failsafe, go_test_text, malformed, tap, unread};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{Content, Gap, GapKind, TestReport, Where, is_own_output};

/// The format.
pub(in crate::collect) static TEST_REPORT: Format = Format {
    id: "test-report",
    extensions: &[],
    about: "test results in any of the formats read here, by content",
    docs: include_str!("test_report.rs"),
    reading: Reading::Sift(read),
};

/// Extensions of files that are looked into; `""` for none.
const EXTENSIONS: [&str; 10] = ["xml", "trx", "json", "jsonl", "ndjson", "log", "txt", "out", "tap", ""];

/// Parts of names that speak of test results.
const SPEAKING: [&str; 7] = ["test", "junit", "xunit", "ctrf", "result", "report", "spec"];

fn read(bytes: &[u8], at: &Where) -> Result<Option<Content>, Gap> {
    let name = at.path.rsplit(['/', ':']).next().unwrap_or_default().to_ascii_lowercase();
    let (stem, extension) = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).unwrap_or((&name, ""));
    if !EXTENSIONS.contains(&extension) {
        return Ok(None);
    }
    let speaks = !extension.is_empty() && SPEAKING.iter().any(|part| stem.contains(part));
    // What was not written to the end may be a file of nothing but zeros.
    if bytes.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0) {
        let damaged = matches!(extension, "xml" | "tap" | "trx") || speaks;
        return if damaged { Err(malformed(at, None, "a test report", "an empty file".to_owned())) } else { Ok(None) };
    }
    // Only for looking: the reader that is chosen sees the bytes themselves, and says which of them it cannot read.
    let text = decode::glance(bytes);
    match recognise(&text, extension) {
        Recognised::As(reader) => (reader.report)(bytes, at).map(|report| Some(report.into())),
        Recognised::Log(format, reader) => {
            let mut report = (reader.report)(bytes, at)?;
            console::add_others(&mut report, &text, format);
            Ok(Some(report.into()))
        }
        Recognised::Read(report) => Ok(Some(Content::Tests(report))),
        Recognised::Summary => failsafe::report(bytes, at).map(|report| report.map(Content::from)),
        Recognised::Refused(kind, actual) => Err(Gap::new(kind, at.clone(), "a test report", actual)),
        Recognised::Other => {
            let is_foreign = matches!(extension, "xml" | "json") && !is_own_output(&text);
            if let Some((line, words)) = is_foreign.then(|| unread::in_trouble(&text)).flatten() {
                let actual = format!(
                    "results of a tool that are not read, and that say `{words}` (line {line}); have JUnit XML written instead of them"
                );
                return Err(Gap::new(GapKind::Invalid, at.clone(), "a test report", actual));
            }
            let json = matches!(extension, "json" | "jsonl" | "ndjson");
            match json.then(|| unsound(&text, extension != "json")).flatten().filter(|_| speaks) {
                Some(fault) => Err(malformed(at, None, "a sound JSON document", fault)),
                None => Ok(None),
            }
        }
    }
}

/// What a file is.
enum Recognised {
    As(&'static TestReader),
    /// Lines of this format, among which other runners may have had their last words.
    Log(&'static str, &'static TestReader),
    /// The log of a runner whose last words are all that is read of it.
    Read(Box<TestReport>),
    /// The summary of Maven Failsafe.
    Summary,
    /// Test results that cannot be judged, or a file in which they may have been.
    Refused(GapKind, String),
    /// Nothing to do with tests.
    Other,
}

/// The readers of test reports, with the ids of their formats.
fn readers() -> impl Iterator<Item = (&'static str, &'static TestReader)> {
    FORMATS.iter().filter_map(|format| match &format.reading {
        Reading::Tests(reader) => Some((format.id, reader)),
        Reading::Whole(_) | Reading::Sift(_) | Reading::Stream(_) | Reading::Opaque | Reading::Names => None,
    })
}

fn reader(wanted: &Format) -> Option<(&'static str, &'static TestReader)> {
    readers().find(|(id, _)| *id == wanted.id)
}

fn refused(tool: &str) -> Recognised {
    let actual = format!("results of {tool}, which are not read; have JUnit XML written instead of them");
    Recognised::Refused(GapKind::Invalid, actual)
}

fn recognise(text: &str, extension: &str) -> Recognised {
    let text = text.trim_start_matches('\u{feff}');
    let begins = text.trim_start();
    if is_own_output(text) {
        return Recognised::Other;
    }
    if extension == "tap" {
        return reader(&tap::TAP).map_or(Recognised::Other, |(_, reader)| Recognised::As(reader));
    }
    let is_xml = matches!(extension, "xml" | "trx");
    // The log of a runner may begin with a sign that looks like XML.
    let root = (is_xml || begins.starts_with('<')).then(|| by_root(begins, extension));
    if let Some(root) = root.filter(|root| is_xml || !matches!(root, Recognised::Other)) {
        return root;
    }
    if begins.starts_with(['{', '[']) {
        let own = readers().find(|(_, reader)| matches!(reader.marks, Marks::Json(is_own) if is_own(begins)));
        if let Some((_, reader)) = own {
            return Recognised::As(reader);
        }
        if let Some(tool) = unread::of_keys(begins) {
            return refused(tool);
        }
    }
    by_lines(text)
}

fn by_root(text: &str, extension: &str) -> Recognised {
    let of = |wanted: &dyn Fn(&str) -> bool| {
        readers().find(|(_, reader)| match reader.marks {
            Marks::Root(names) => names.iter().any(|name| wanted(name)),
            Marks::RootWith(name, part) => wanted(name) && text.contains(part),
            Marks::Json(_) | Marks::Line(_) => false,
        })
    };
    match root(text) {
        Root::Named(name) => match of(&|own| own == name) {
            Some((_, reader)) => Recognised::As(reader),
            None if name == failsafe::ROOT => Recognised::Summary,
            None => unread::of_root(name, text).map_or(Recognised::Other, refused),
        },
        Root::Cut(name) if !name.is_empty() && of(&|own| own.starts_with(name)).is_some() => {
            Recognised::Refused(GapKind::Malformed, "XML that ends in the name of its root element".to_owned())
        }
        Root::Cut(_) | Root::Nothing if matches!(extension, "xml" | "trx") => {
            Recognised::Refused(GapKind::Malformed, "XML without a whole root element".to_owned())
        }
        Root::Cut(_) | Root::Nothing => Recognised::Other,
    }
}

fn by_lines(text: &str) -> Recognised {
    // A test that nextest ran prints as its own harness does.
    if console::is_nextest(text) {
        return console::report(text).map_or(Recognised::Other, |report| Recognised::Read(Box::new(report)));
    }
    let mut marks: Vec<(&'static str, &'static TestReader)> = Vec::new();
    let mut unbuilt = false;
    for (_, line) in lines(text) {
        if let Some(tool) = unread::of_line(&line) {
            return refused(tool);
        }
        // Go says in plain text that a package does not build, also between its events.
        if line.starts_with("FAIL\t") && line.trim_end().ends_with(" failed]") {
            unbuilt = true;
            continue;
        }
        let own = readers().find(|(_, reader)| matches!(reader.marks, Marks::Line(is_own) if is_own(&line)));
        marks.extend(own.filter(|(id, _)| !marks.iter().any(|(known, _)| known == id)));
    }
    if marks.is_empty() && unbuilt {
        marks.extend(reader(&go_test_text::GO_TEST_TEXT));
    }
    match marks.as_slice() {
        // A log that says that its run failed, or did not end, is never passed over. One that says that it passed names no tests.
        [] => console::report(text).map_or(Recognised::Other, |report| Recognised::Read(Box::new(report))),
        [(format, reader)] => Recognised::Log(format, reader),
        [(one, _), (other, _), ..] => {
            let actual = format!("the marks of both `{one}` and `{other}`; give each tool a file of its own");
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

/// Why text is no JSON document, nor several where there may be.
fn unsound(text: &str, several: bool) -> Option<String> {
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
    let mut count = 0;
    while let Some(document) = documents.next() {
        count += 1;
        match document {
            Err(error) => return Some(error.to_string()),
            Ok(_) if count > 1 && !several => {
                let line = 1 + text[..documents.byte_offset()].trim_end().matches('\n').count();
                return Some(format!("a second document behind the first (it ends on line {line})"));
            }
            Ok(_) => {}
        }
    }
    None
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
            ("test-summary.jsonl", "{\"status\": \"passed\"}\n{}"),
            ("summary.json", "{\"status\": \"passed\"}\n{}"),
            ("build.log", "running tests now\nok, done\n1..\nFAIL: nothing\n--- PASS: x"),
            ("stderr.log", " \n"),
            ("empty", ""),
        ];
        for (name, text) in others {
            assert_eq!(seen(name, text), "other", "{name}");
        }
        assert_eq!(others.len(), 9);
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
            ("tests.json", "{\"status\": \"failed\"}\n{\"status\": \"passed\"}\n"),
            ("spec.json", "[1]\n\n[2]\n[3"),
            ("ctrf-report.json", "{\"reportFor"),
            ("x.json", "{\"reportFormat\": \"CTRF\", \"results\": {"),
            ("x.json", "{\"results\": {\"tool\": {}, \"summary\": {}, \"tests\": []}}"),
            ("unit-tests.log", ""),
            ("a.tap", "nothing of the kind"),
        ];
        for (name, text) in malformed {
            assert!(seen(name, text).starts_with("malformed: "), "{name}: {}", seen(name, text));
        }
        assert_eq!(malformed.len(), 11);
        assert!(
            matches!(read(b"<testsuite name='\xff'/>", &Where::file("a.xml")), Err(gap) if gap.kind == GapKind::Malformed)
        );
    }

    #[test]
    fn results_that_nobody_reads_are_refused() {
        let cunit = seen("TestResult.xml", "<CUNIT_TEST_RUN_REPORT></CUNIT_TEST_RUN_REPORT>");
        assert_eq!(cunit, "invalid: results of CUnit, which are not read; have JUnit XML written instead of them");
        // Of a tool that nobody knows, what speaks of failing tests is refused, whatever the file is called; a log is no such document.
        let told = "{\"suites\": [{\"state\": \"failed\"}]}";
        let words = "invalid: results of a tool that are not read, and that say `\"state\": \"failed\"` (line 1); have JUnit XML written instead of them";
        assert_eq!((seen("x.json", told), seen("x.log", told)), (words.to_owned(), "other".to_owned()));
        assert_eq!(seen("x.xml", "<r><test/></r>"), "other");
        assert!(seen("x.xml", "<r><test/><failure/></r>").starts_with("invalid: "));
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
