//! Reports that were once judged wrongly, each with another of its kind: what the tool that writes such a report exits with is what the
//! command line says of it, in whatever order suites, tests and files stand.

use crate::support::gatekeeper;
use gatekeeper::cli::Exit;
use std::fs;

/// What a row is about, the files, and the exit that is right.
struct Row {
    about: &'static str,
    files: Vec<(&'static str, String)>,
    exit: Exit,
}

fn row(about: &'static str, exit: Exit, files: &[(&'static str, &str)]) -> Row {
    Row { about, exit, files: files.iter().map(|(name, text)| (*name, (*text).to_owned())).collect() }
}

fn judge(row: &Row) -> (Exit, String) {
    let (run, out) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    for (name, text) in &row.files {
        let path = run.path().join(name);
        fs::create_dir_all(path.parent().expect("above")).expect("made");
        fs::write(path, text).expect("written");
    }
    let (at, out) = (run.path().display().to_string(), out.path().display().to_string());
    let now = "2027-01-01T00:00:00Z";
    let own = ["verify", &at, "--root", &at, "--policy", "test-results", "--now", now, "--out", &out];
    let (exit, printed, said) = gatekeeper(&own, &[]);
    (exit, printed + &said)
}

const GOOD: &str = "<testcase classname='till' name='opens'/>";
const BAD: &str = "<testcase classname='till' name='opens'><failure message='stuck'/></testcase>";

fn suite(attributes: &str, cases: &[&str]) -> String {
    format!("<testsuite name='till' {attributes}>{}</testsuite>", cases.concat())
}

fn suites(all: &[String]) -> String {
    format!("<testsuites>{}</testsuites>", all.concat())
}

fn ctrf(tests: &[&str], summary: &str) -> String {
    format!(
        r#"{{"reportFormat": "CTRF", "results": {{"tool": {{"name": "x"}}, "summary": {{"tests": {}, "skipped": 0, "pending": 0, "other": 0, {summary}}}, "tests": [{}]}}}}"#,
        tests.len(),
        tests.join(", ")
    )
}

/// Suites and tests of one name: F1, F2, F4, F26 and C11 c.
fn told_twice() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut both = |about, first: &str, second: &str| {
        for (one, other) in [(first, second), (second, first)] {
            rows.push(row(about, Exit::Failed, &[("junit.xml", &suites(&[one.to_owned(), other.to_owned()]))]));
        }
    };
    for key in ["hostname", "device", "browser", "id", "package"] {
        let with = |value: &str, case| suite(&format!("{key}='{value}' tests='1'"), &[case]);
        both("two suites, told apart by one attribute", &with("a", BAD), &with("b", GOOD));
    }
    both("two suites of one name", &suite("tests='1' failures='1'", &[BAD]), &suite("tests='1' failures='0'", &[GOOD]));
    both("two suites without totals", &suite("", &[BAD]), &suite("", &[GOOD]));
    let twice = |first, second, failures| suite(&format!("tests='2' failures='{failures}'"), &[first, second]);
    for (first, second) in [(BAD, GOOD), (GOOD, BAD)] {
        rows.push(row("one title twice", Exit::Failed, &[("junit.xml", &twice(first, second, 1))]));
        rows.push(row("one title twice, failures not counted", Exit::Failed, &[("junit.xml", &twice(first, second, 0))]));
    }
    rows.push(row("one title twice, both good", Exit::Pass, &[("junit.xml", &twice(GOOD, GOOD, 0))]));
    let (bad, good) = (r#"{"name": "opens", "status": "failed"}"#, r#"{"name": "opens", "status": "passed"}"#);
    for tests in [[bad, good], [good, bad]] {
        rows.push(row(
            "CTRF, one title twice",
            Exit::Failed,
            &[("ctrf.json", &ctrf(&tests, r#""passed": 1, "failed": 1"#))],
        ));
    }
    let host = |text: &str, host: &str| text.replace("}", &format!(r#", "browser": "{host}"}}"#));
    let browsers = [host(bad, "a"), host(good, "b")];
    let tests = [browsers[0].as_str(), browsers[1].as_str()];
    rows.push(row("CTRF, two browsers", Exit::Failed, &[("ctrf.json", &ctrf(&tests, r#""passed": 1, "failed": 1"#))]));
    let (one, other) = (suite("", &[BAD]), suite("", &[GOOD]));
    rows.push(row("two files of one suite", Exit::Failed, &[("a/junit.xml", &one), ("b/junit.xml", &other)]));
    rows.push(row("two files of one suite", Exit::Failed, &[("a/junit.xml", &other), ("b/junit.xml", &one)]));
    rows.push(row("TAP, one title twice", Exit::Failed, &[("a.tap", "1..2\nnot ok 1 - opens\nok 2 - opens\n")]));
    rows
}

/// Outcomes that are no pass, and totals: F5, F13, F14, F16, F25, F28, C11 h.
fn outcomes_and_totals() -> Vec<Row> {
    let many = GOOD.repeat(20);
    let ctest = |reason: &str| {
        let case =
            format!("<testcase name='gone' classname='gone' status='notrun'><skipped message='{reason}'/></testcase>");
        suite("tests='21' failures='0' disabled='0' skipped='1'", &[&many, &case])
    };
    let junit = |about, exit, text: &str| row(about, exit, &[("junit.xml", text)]);
    let dashboard = |status: &str, more: &str| {
        format!(
            "<Site><Testing><Test Status='passed'><Name>a</Name></Test><Test Status='{status}'><Name>b</Name>{more}</Test></Testing></Site>"
        )
    };
    let mut rows = vec![
        junit("ctest without an executable", Exit::Failed, &ctest("Unable to find executable")),
        junit("ctest without a file", Exit::Failed, &ctest("Required Files Missing")),
        junit("ctest after a fixture that failed", Exit::Failed, &ctest("Fixture dependency failed")),
        junit("ctest with a skip on purpose", Exit::Pass, &ctest("SKIP_RETURN_CODE=77")),
        row("ctest's dashboard without an executable", Exit::Failed, &[("Test.xml", &dashboard("notrun", ""))]),
        junit(
            "googletest, one disabled and one skipped",
            Exit::Pass,
            &format!(
                "<testsuites tests='3' failures='0' disabled='1' errors='0'><testsuite name='a' tests='2' failures='0' disabled='1' skipped='0' errors='0'>{GOOD}<testcase name='DISABLED_slow' status='notrun' result='suppressed' classname='a'/></testsuite><testsuite name='b' tests='1' failures='0' disabled='0' skipped='1' errors='0'><testcase name='rings' status='run' result='skipped' classname='b'><skipped message='no bell'/></testcase></testsuite></testsuites>"
            ),
        ),
        junit(
            "subtests are counted as tests",
            Exit::Pass,
            &suite("errors='0' failures='0' skipped='0' tests='5'", &[GOOD, GOOD]),
        ),
        junit(
            "fewer tests stated than shown",
            Exit::Pass,
            &suite("tests='1' failures='0' skipped='2'", &[GOOD, GOOD, GOOD]),
        ),
        junit("an empty title", Exit::Pass, &suite("tests='1'", &["<testcase classname='' name=''/>"])),
        junit(
            "an empty title that failed",
            Exit::Failed,
            &suite("tests='1'", &["<testcase classname='' name=''><failure/></testcase>"]),
        ),
        junit("no title at all", Exit::Gap, &suite("tests='1'", &["<testcase classname='a'/>"])),
        junit(
            "a root suite with nothing in it",
            Exit::Pass,
            &suites(&[
                "<testsuite name='Root Suite' tests='0' failures='0'></testsuite>".to_owned(),
                suite("tests='1'", &[GOOD]),
            ]),
        ),
        junit("more failures stated than shown", Exit::Failed, &suite("tests='1' failures='1'", &[GOOD])),
        junit(
            "more errors stated by the root",
            Exit::Failed,
            &format!("<testsuites errors='1'>{}</testsuites>", suite("tests='1'", &[GOOD])),
        ),
        junit("a count that is none", Exit::Failed, &suite("tests='1' failures='some'", &[GOOD])),
    ];
    for element in ["error", "failure"] {
        let below = format!("<testsuites><{element} message='no'/>{}</testsuites>", suite("tests='1'", &[GOOD]));
        rows.push(junit("trouble below the root", Exit::Failed, &below));
        let below = suite("tests='1'", &[GOOD, &format!("<{element} message='no'/>")]);
        rows.push(junit("trouble below a suite", Exit::Failed, &below));
    }
    for word in ["inconclusive", "warning", "blocked", "timeout", "Failed", "error"] {
        let status = format!("<testcase classname='a' name='b' status='{word}'/>");
        rows.push(junit("a status that is no pass", Exit::Failed, &suite("", &[GOOD, &status])));
        let child = format!("<testcase classname='a' name='b'><{word}/></testcase>");
        rows.push(junit("an element that is no pass", Exit::Failed, &suite("", &[GOOD, &child])));
    }
    rows
}

/// Beside a green report: F27, F28, F30, F33 and C11 a, b, d, e, f.
fn beside() -> Vec<Row> {
    let green = suite("tests='1' failures='0'", &[GOOD]);
    let beside = |about, exit, name: &'static str, text: &str| row(about, exit, &[("green.xml", &green), (name, text)]);
    let event = |action: &str, test: &str| format!("{{\"Action\":\"{action}\",\"Package\":\"p\"{test}}}\n");
    let test = ",\"Test\":\"T\"";
    let go =
        |ends: &[&str], package: &str| ends.iter().map(|end| event(end, test)).collect::<String>() + &event(package, "");
    let mut rows = vec![
        beside("nothing to run", Exit::Pass, "a.tap", "1..0 # SKIP no network\n"),
        beside("no suites", Exit::Pass, "a.xml", "<testsuites/>"),
        beside(
            "all skipped",
            Exit::Pass,
            "a.xml",
            &suite("tests='1' skipped='1'", &["<testcase name='a'><skipped/></testcase>"]),
        ),
        row("nothing to run, alone", Exit::Failed, &[("a.tap", "1..0 # SKIP no network\n")]),
        beside(
            "nextest failed",
            Exit::Failed,
            "a.log",
            "Nextest run ID 7\n     Summary [   0.2s] 2 tests run: 1 passed, 1 failed, 0 skipped\n",
        ),
        beside(
            "nextest failed to build",
            Exit::Failed,
            "a.log",
            "error: command `cargo test --no-run --message-format json` exited with code 101\n",
        ),
        beside("go told twice", Exit::Failed, "a.json", &go(&["fail", "pass"], "fail")),
        beside("go failed after its tests", Exit::Failed, "a.json", &go(&["pass"], "fail")),
        beside(
            "go did not build",
            Exit::Failed,
            "a.json",
            &(go(&["pass"], "pass") + "{\"ImportPath\":\"q\",\"Action\":\"build-fail\"}\n"),
        ),
        beside(
            "go's log told twice",
            Exit::Failed,
            "a.log",
            "=== RUN   T\n--- FAIL: T (0.00s)\n=== RUN   T\n--- PASS: T (0.00s)\nFAIL\nFAIL\tp\t0.1s\n",
        ),
        beside("go's last word", Exit::Failed, "a.log", "=== RUN   T\n--- PASS: T (0.00s)\nPASS\nok  \tp\t0.1s\nFAIL\n"),
        beside("go without -v", Exit::Pass, "a.log", "ok  \tp\t0.1s\nok  \tq\t(cached)\n"),
        beside("go without -v fails", Exit::Failed, "a.log", "ok  \tp\t0.1s\nFAIL\tq\t0.2s\nFAIL\n"),
        beside(
            "go with a filter",
            Exit::Pass,
            "a.json",
            &(go(&["pass"], "pass")
                + "{\"Action\":\"output\",\"Package\":\"q\",\"Output\":\"ok  \\tq\\t0.1s [no tests to run]\\n\"}\n{\"Action\":\"pass\",\"Package\":\"q\"}\n"),
        ),
        beside(
            "TRX",
            Exit::Failed,
            "a.trx",
            "<TestRun xmlns='http://microsoft.com/schemas/VisualStudio/TeamTest/2010'><Results><UnitTestResult testName='a' outcome='Timeout'/></Results><ResultSummary outcome='Failed'/></TestRun>",
        ),
        beside(
            "jest's JSON",
            Exit::Failed,
            "a.json",
            r#"{"numFailedTests": 0, "numFailedTestSuites": 1, "success": false, "testResults": [{"name": "a.test.js", "status": "failed", "message": "no", "assertionResults": []}]}"#,
        ),
        beside("one TAP stream with a plan in its middle", Exit::Failed, "a.tap", "ok 1 - a\n1..2\nok 2 - b\n"),
        beside(
            "a line that a pragma forbids",
            Exit::Failed,
            "a.tap",
            "TAP version 13\npragma +strict\n1..1\nok 1 - a\nboom\n",
        ),
    ];
    for name in ["renders #todolist", "renders # TODOIST", "a # todos of today", "b # skipping"] {
        rows.push(beside(
            "a word that begins like a directive",
            Exit::Failed,
            "a.tap",
            &format!("1..1\nnot ok 1 - {name}\n"),
        ));
    }
    rows
}

#[test]
fn every_known_report_is_judged_as_its_tool_did() {
    let mut wrong = Vec::new();
    let mut looked_at = [0, 0];
    for row in told_twice().iter().chain(&outcomes_and_totals()).chain(&beside()) {
        let (exit, printed) = judge(row);
        looked_at[usize::from(row.exit == Exit::Pass)] += 1;
        if exit != row.exit {
            wrong.push(format!("{}: {exit:?} instead of {:?}\n{:?}\n{printed}", row.about, row.exit, row.files));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(looked_at, [66, 12]);
}

/// F17: a mark in front changes nothing, good or bad.
#[test]
fn a_byte_order_mark_changes_no_verdict() {
    let mut looked_at = 0;
    for (name, good, bad) in [
        ("a.xml", suite("tests='1'", &[GOOD]), suite("tests='1'", &[BAD])),
        (
            "ctrf.json",
            ctrf(&[r#"{"name": "a \ud83d", "status": "passed"}"#], r#""passed": 1, "failed": 0"#),
            ctrf(&[r#"{"name": "a", "status": "failed"}"#], r#""passed": 0, "failed": 1"#),
        ),
        ("a.tap", "1..1\nok 1 - a\n".to_owned(), "1..1\nnot ok 1 - a\n".to_owned()),
    ] {
        for (text, exit) in [(good, Exit::Pass), (bad, Exit::Failed)] {
            for mark in ["", "\u{feff}"] {
                let row = Row { about: name, files: vec![(name, format!("{mark}{text}"))], exit };
                let (exit, printed) = judge(&row);
                assert_eq!(exit, row.exit, "{name}: {printed}");
                looked_at += 1;
            }
        }
    }
    assert_eq!(looked_at, 12);
}

/// F33: a test that passed only when it was run again is no plain pass, wherever the report says so.
#[test]
fn flakiness_is_told_however_it_is_written() {
    let test = |more: &str| format!(r#"{{"name": "a", "status": "passed"{more}}}"#);
    let summary = r#""passed": 1, "failed": 0"#;
    let reports = [
        ctrf(&[&test(r#", "flaky": true"#)], summary),
        ctrf(&[&test(r#", "flaky": "true""#)], summary),
        ctrf(&[&test(r#", "retries": "2""#)], summary),
        ctrf(&[&test("")], &format!(r#"{summary}, "flaky": 1"#)),
        ctrf(&[&test("")], &format!(r#"{summary}, "flaky": "1""#)),
    ];
    let flakes =
        |inner| format!("<testsuite name='s' tests='1' flakes='1'><testcase name='a'>{inner}</testcase></testsuite>");
    let mut rows: Vec<(&str, String, bool)> = reports.map(|text| ("ctrf.json", text, true)).to_vec();
    rows.extend(["<flakyFailure message='no'/>", ""].map(|inner| ("TEST-a.xml", flakes(inner), true)));
    rows.push(("ctrf.json", ctrf(&[&test("")], summary), false));
    let mut looked_at = 0;
    for (name, text, flaky) in rows {
        let (exit, printed) = judge(&Row { about: name, files: vec![(name, text)], exit: Exit::Pass });
        assert_eq!((exit, printed.contains("verdict: WARN")), (Exit::Pass, flaky), "{printed}");
        looked_at += 1;
    }
    assert_eq!(looked_at, 8);
}
