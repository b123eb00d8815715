//! What `suite-agrees` says of the reports of suites.

use super::super::testing::Bench;
use crate::model::GapKind;

const CHECK: &str = "kind = 'suite-agrees'\nsuites = 's'\nmetadata = 'm'";

fn bench() -> Bench {
    let run = |id: &str, status: &str, passed: u32| {
        format!(
            r#"{{"run-id": "r", "test-id": "TS-{id}-001", "status": "{status}", "tcs-passed": {passed}, "tcs-failed": {}, "tcs-total": 2}}"#,
            2 - passed
        )
    };
    let bench = Bench::new(CHECK).json_at("m", "8a-a-ts001-reports/metadata.yml", &run("A", "pass", 2));
    bench.json_at("m", "8b-b-ts001-reports/metadata.yml", &run("B", "partial", 1))
}

fn suite() -> String {
    let row = |id: &str, status: &str, passed: u32, failed: u32| {
        format!(r#"{{"Test ID": "{id}", "Status": "{status}", "Passed": "{passed}", "Failed": "{failed}", "Total": "2"}}"#)
    };
    let place = |id: &str, name: &str| format!(r#"{{"Test ID": "{id}", "Report Directory": "{name}"}}"#);
    format!(
        r#"{{"fields": {{"suite-id": "8c", "status": "partial", "tests-run": 2}}, "body": "x\n**Overall:** 3/4 test cases passed\n", "body_line": 7, "tables": [{{"line": 10, "rows": [{}, {}]}}, {{"line": 20, "rows": [{}, {}]}}]}}"#,
        row("TS-A-001-x", "Pass", 2, 0),
        row("TS-B-001", "Partial", 1, 1),
        place("TS-A-001-x", "8a-a-ts001-reports"),
        place("TS-B-001", ".ace-local/test-e2e/8b-b-ts001-reports/")
    )
}

#[test]
fn the_failed_cases_that_it_lists_are_those_of_the_reports() {
    let bench = |name: &str, listed: &str| {
        let run = |id: &str, failed: &str| {
            let count = failed.matches("tc").count();
            let (status, passed) = if count == 0 { ("pass", 2) } else { ("partial", 1) };
            format!(
                r#"{{"run-id": "r", "test-id": "TS-{id}-001", "status": "{status}", "tcs-passed": {passed}, "tcs-failed": {count}, "tcs-total": 2, "failed": [{failed}]}}"#
            )
        };
        let bench = Bench::new(CHECK).json_at("m", "8a-a-ts001-reports/metadata.yml", &run("A", ""));
        let bench = bench.json_at("m", "8b-b-ts001-reports/metadata.yml", &run("B", r#"{"tc": "TC-002"}"#));
        bench.json_at(
            "s",
            name,
            &suite().replace(
                r"x\n**Overall",
                &format!(r"## Failed Tests\n\n{listed}\n## Friction\n\n- `TC-009` is slow\n**Overall"),
            ),
        )
    };
    let section = |name: &str, cases: &[&str]| {
        let rows: Vec<String> = cases.iter().map(|case| format!(r"- `{case}` (tool-bug) wrong\n")).collect();
        format!(r"### {name}\n\n**Failed test case details**\n{}", rows.concat())
    };
    let cases = [
        ("8c-suite-report.md", section("TS-B-001", &["TC-002"]), None),
        (
            "8c-suite-report.md",
            section("TS-B-001", &["TC-004"]),
            Some("contradiction 8c-suite-report.md:9: `TS-B-001` with TC-002 failed, as its metadata say | TC-004 failed"),
        ),
        ("8c-final-report.md", section("TS-B-001", &["TC-004"]), None),
        (
            "8c-final-report.md",
            section("TS-B-001", &["TC-002", "TC-004"]),
            Some(
                "contradiction 8c-final-report.md:9: `TS-B-001` with TC-002 failed, as its metadata say | TC-002, TC-004 failed",
            ),
        ),
        (
            "8c-final-report.md",
            section("TS-A-001-x", &["TC-001"]),
            Some("contradiction 8c-final-report.md:9: `TS-A-001` with no case failed"),
        ),
        ("8c-suite-report.md", section("TS-OF-ANOTHER", &["TC-001"]), None),
    ];
    assert_eq!(cases.len(), 6);
    for (name, listed, finding) in cases {
        let lines = bench(name, &listed).told();
        match finding {
            None => assert_eq!(lines, ["pass 3"], "{name}: {listed}"),
            Some(finding) => assert!(lines[0].starts_with(&finding.replace("`TS-A-001`", "`TS-A-001-x`")), "{lines:?}"),
        }
    }
}

#[test]
fn an_id_that_looks_like_a_number_is_one() {
    for (id, name, named) in [("812e12", "812e12", true), ("8120012", "8120012", true), ("812e12", "813e12", false)] {
        let suite = suite().replace(r#""8c""#, id);
        let lines = bench().json_at("s", &format!("{name}-suite-report.md"), &suite).told();
        assert_eq!(lines == ["pass 3"], named, "{id} in {name}: {lines:?}");
    }
}

fn changed(from: &str, to: &str) -> String {
    assert!(suite().contains(from), "{from}");
    bench().json_at("s", "8c-suite-report.md", &suite().replace(from, to)).told()[0].clone()
}

#[test]
fn rows_status_and_sums_are_those_of_the_reports() {
    assert_eq!(bench().json_at("s", "8c-suite-report.md", &suite()).told(), ["pass 3"]);
    let row = changed(r#""Passed": "2", "Failed": "0""#, r#""Passed": "1", "Failed": "1""#);
    assert_eq!(
        row,
        "contradiction 8c-suite-report.md:12: `TS-A-001` with status pass and 2/0/2, as its metadata say | `TS-A-001-x` with status pass and 1/1/2"
    );
    let cases = [
        (r#""status": "partial""#, r#""status": "pass""#, "contradiction"),
        (r#""tests-run": 2"#, r#""tests-run": 3"#, "contradiction"),
        ("3/4 test", "4/4 test", "contradiction 8c-suite-report.md:8:"),
        (r#""Status": "Partial""#, r#""Status": "Pass""#, "contradiction"),
        (r#""suite-id": "8c""#, r#""suite-id": "8d""#, "misplaced-report"),
        (r#""8a-a-ts001-reports""#, r#""8z-a-ts001-reports""#, "missing-report"),
        (r#""8a-a-ts001-reports""#, r#""8b-b-ts001-reports""#, "contradiction"),
        (r#""Total": "2"}, {"Test ID": "TS-B"#, r#""Total": "two"}, {"Test ID": "TS-B"#, "wrong-type"),
        (r#""Total""#, r#""Sum""#, "missing-table"),
    ];
    let mut found = 0;
    for (from, to, kind) in cases {
        let line = changed(from, to);
        assert!(line.starts_with(kind), "{from} -> {to}: {line}");
        found += 1;
    }
    assert_eq!(found, 9);
}

#[test]
fn what_was_skipped_or_cleared_away_has_no_reports() {
    let skipped = suite()
        .replace(
            r#""Status": "Partial", "Passed": "1", "Failed": "1", "Total": "2""#,
            r#""Status": "Skip", "Passed": "-", "Failed": "-", "Total": "-""#,
        )
        .replace(r#""status": "partial""#, r#""status": "pass""#)
        .replace("3/4", "2/2")
        .replace("8b-b-ts001-reports", "8x-b-ts001-reports");
    assert_eq!(bench().json_at("s", "8c-suite-report.md", &skipped).told(), ["pass 3"]);
    let old = suite().replace("8a-a", "7a-a").replace("8b-b", "7b-b").replace(r#""8c""#, r#""7c""#);
    let both = bench().json_at("s", "7c-suite-report.md", &old).json_at("s", "8c-suite-report.md", &suite());
    assert_eq!(both.told(), ["pass 3"]);
    let newest = bench().json_at("s", "7c-suite-report.md", &old).told();
    assert!(newest.iter().all(|line| line.starts_with("missing-report")) && newest.len() == 2, "{newest:?}");
    let package = suite().replace("8a-a-ts001-reports", "8b-a-report.md");
    let told = bench()
        .json_at("s", "8c-suite-report.md", &package)
        .json_at("s", "8b-a-report.md", &suite().replace(r#""8c""#, r#""8b""#))
        .told();
    assert_eq!(told, ["pass 5"]);
}

#[test]
fn nothing_to_compare_is_no_pass() {
    let attempts = r#"{"fields": {"suite-id": "8d", "retry-attempted": true}, "tables": []}"#;
    assert_eq!(bench().json_at("s", "8d-suite-final-report.md", attempts).told(), ["pass 1"]);
    assert_eq!(bench().gap("s", GapKind::Malformed).told(), ["error malformed s: a file | nothing"]);
}
