//! What `narrative-agrees` finds in bodies, and what it leaves alone.

use super::super::testing::Bench;
use crate::model::GapKind;

const CHECK: &str = "kind = 'narrative-agrees'\nreports = 'r'";

/// The words found in a body of a report with two passed cases and, if told so, TC-002 failed.
fn found(failing: bool, body: &str) -> Vec<String> {
    let fields = if failing {
        r#"{"test-id": "TS-A-001", "tcs-passed": 1, "tcs-failed": 1, "tcs-total": 2, "failed": [{"tc": "TC-002"}]}"#
    } else {
        r#"{"test-id": "TS-A-001", "tcs-passed": 2, "tcs-failed": 0, "tcs-total": 2, "failed": []}"#
    };
    let body = serde_json::to_string(body).expect("text");
    let document = format!(r#"{{"fields": {fields}, "body": {body}, "body_line": 10}}"#);
    Bench::new(CHECK).json("r", &document).told()
}

#[test]
fn what_contradicts_is_found_with_its_line() {
    let expected = "what the report counts: 1 passed, 1 failed, 2 in all";
    assert_eq!(
        found(true, "# Report\n\nGood news: **all tests passed**.\n"),
        [format!("narrative-contradiction r.json:12: {expected} | `all tests passed`")]
    );
    let lies = [
        "Everything passed.",
        "All 2 test cases passed",
        "all of the tests are green",
        "Every test case has passed",
        "There were no failures.",
        "no test cases failed",
        "Finished without any failures.",
        "Verdict: PASS",
        "| Status | passed |",
        "- **Result:** ✅ PASS",
        "2 of 2 test cases passed",
        "2/2 tests passed",
        "1/3 TCs passed",
        "2 TCs passed, 0 TCs failed",
        "| TCs passed | 2 |",
        "tcs-failed: 0",
        "TC-002: PASS",
        "| TC-002 | `pass` |",
        "### TC-002-verbose — passed",
        "TC-001 - failed",
        "All tests failed.",
        "0 of 2 tests failed",
        "Not bad. All tests passed.",
        "10) Outcome = ok",
    ];
    let mut caught = 0;
    for lie in lies {
        let lines = found(true, lie);
        assert!(lines.iter().all(|line| line.starts_with("narrative-contradiction r.json:10:")), "{lie}: {lines:?}");
        caught += 1;
    }
    assert_eq!(caught, 24);
    let mut grim = 0;
    for lie in [
        "Verdict: FAIL",
        "1 test failed",
        "TC-002: FAILED",
        "| TC-001 | failed |",
        "1/2 tests passed",
        "Overall status: failure.",
    ] {
        assert!(found(false, lie)[0].starts_with("narrative-contradiction"), "{lie}");
        grim += 1;
    }
    assert_eq!(grim, 6);
}

#[test]
fn what_does_not_contradict_is_left_alone() {
    let honest = [
        "Not all tests passed.",
        "It isn't true that all tests passed.",
        "If all tests passed we would ship.",
        "Verdict: FAIL",
        "1 of 2 test cases passed; 1 test failed.",
        "TC-001: PASS",
        "TC-002 — FAIL: the exit code was 0",
        "| TC-002 | fail |",
        "```\nall tests passed\nVerdict: PASS\n```",
        "> everything passed",
        "It printed `all tests passed` and 41 examples passed.",
        "The runner should report that no tests failed.",
        "Result: the help text was cut off",
        "",
        "TC-002 needs `--pass`",
        "The status of TC-002 is passing through the proxy.",
        "In the previous run all tests passed.",
        "Statuses: pass, fail",
    ];
    let mut left = 0;
    for text in honest {
        assert_eq!(found(true, text), ["pass 1"], "{text}");
        left += 1;
    }
    assert_eq!(left, 18);
    assert_eq!(found(false, "Verdict: PASS. All 2 test cases passed, no failures. TC-002: pass"), ["pass 1"]);
}

#[test]
fn the_forms_of_real_reports_are_understood() {
    let lies = [
        "**Results: 2/2 passed**",
        "2/2 passed",
        "Goal 2 - PASS",
        "TC-002 ✅",
        "✓ TC-002",
        "- TC-001 ❌",
        "### Goal 1 — FAIL",
        "## Verdict\n\nPASS",
        "# Overall Result\n**PASSED**",
        "1/1 scenarios passed",
        "| TC-002 | Update | Pass |",
        "| Goal 1 | anything | ❌ |",
        "### Goal 2 — List\n- **Verdict**: PASS",
        "### TC-001\n\n- Verdict: FAIL (it did not)",
    ];
    let mut caught = 0;
    for lie in lies {
        assert!(found(true, lie)[0].starts_with("narrative-contradiction"), "{lie}");
        caught += 1;
    }
    let honest = [
        "Results: 1/2 passed",
        "1/2 passed",
        "Goal 2 - FAIL",
        "TC-002 ❌",
        "## Verdict\n\nFAIL",
        "0/1 scenarios passed",
        "| TC-001 | PASS | all tests passed, 2 of 3 tests passed, 1 test failed |",
        "| TC-002 | FAIL | `list` leaves it out. All other goals: PASS. Overall verdict: PASS |",
        "| results/tc/02/a.out | FAIL | results/tc/02/a.out |",
        "| TS-B-001-y | Other | Pass | 4 | 0 | 4 |",
        "- TS-B-001 passed 4/4 test cases.",
        "| Passed | 1 |\n| Failed | 1 |\n| Score | 50.0% |",
        "## Verdict\n\nSee above.",
        "### Goal 1 — Help\n- **Verdict**: PASS\n- **Evidence**: 2 of 3 tests passed, everything passed",
        "### Goal 2 — List\n- **Verdict**: FAIL\n- **Evidence**: all tests passed",
        "- `TC-002` (tool-bug) — the tool said 5 tests passed",
    ];
    for text in honest {
        assert_eq!(found(true, text), ["pass 1"], "{text}");
        caught += 1;
    }
    assert_eq!(caught, 30);
    assert_eq!(found(false, "1/1 scenarios passed\n2/2 passed\n## Verdict\nPASS"), ["pass 1"]);
}

#[test]
fn the_report_of_a_suite_is_held_against_its_table() {
    let suite = |body: &str| {
        let rows = r#"[{"Passed": "2", "Failed": "0", "Total": "2"}, {"Passed": "1", "Failed": "1", "Total": "2"}]"#;
        let body = serde_json::to_string(body).expect("text");
        let text = format!(
            r#"{{"fields": {{"status": "partial"}}, "body": {body}, "body_line": 5, "tables": [{{"rows": {rows}}}]}}"#
        );
        Bench::new(CHECK).json("r", &text).told()
    };
    assert_eq!(suite("**Overall:** 3/4 test cases passed (75%)\n1/2 scenarios passed\nTC-001: FAIL"), ["pass 1"]);
    assert!(suite("All 4 test cases passed; nothing to add.")[0].starts_with("narrative-contradiction r.json:5:"));
    assert!(suite("**Overall:** 4/4 test cases passed")[0].starts_with("narrative-contradiction"));
}

#[test]
fn only_the_reports_of_the_newest_runs_are_read() {
    let check = "kind = 'narrative-agrees'\nreports = 'r'\nnewest = 'm'";
    let report = r#"{"fields": {"test-id": "TS-A-001", "tcs-passed": 0, "tcs-failed": 1, "tcs-total": 1, "failed": [{"tc": "TC-001"}]}, "body": "All tests passed.", "body_line": 5}"#;
    let told = |directory: &str| {
        let run = r#"{"test-id": "TS-A-001", "status": "fail"}"#;
        let bench =
            Bench::new(check).json_at("m", "8a-reports/metadata.yml", run).json_at("m", "8b-reports/metadata.yml", run);
        bench
            .json_at("r", &format!("{directory}report.md"), report)
            .json_at("r", "8b-reports/summary.r.md", &report.replace("All tests", "No test"))
            .told()
    };
    assert!(told("8b-reports/")[0].starts_with("narrative-contradiction 8b-reports/report.md:5:"));
    assert_eq!(told("8a-reports/"), ["pass 1"]);
}

#[test]
fn what_cannot_be_compared_is_no_pass() {
    let lines = Bench::new(CHECK).json("r", r#"{"fields": {"tcs-passed": "2"}, "body": "", "body_line": 3}"#).told();
    assert!(lines[0].starts_with("missing-field r.json#/fields/tcs-failed"), "{lines:?}");
    assert_eq!(Bench::new(CHECK).gap("r", GapKind::Malformed).told(), ["error malformed r: a file | nothing"]);
    let aggregate = r#"{"fields": {"tcs-passed": 1, "tcs-failed": 1, "tcs-total": 2, "failed": [{"tc": "TC-001"}]}, "body": "TC-002: FAIL\n2 tests passed", "body_line": 7}"#;
    let lines = Bench::new(CHECK).json("r", aggregate).told();
    assert!(lines.len() == 1 && lines[0].starts_with("narrative-contradiction r.json:8:"), "{lines:?}");
}
