//! What `scenario-reports` says of report directories, and what it lets pass.

use super::super::testing::Bench;
use crate::model::GapKind;

const CHECK: &str = "kind = 'scenario-reports'\nmetadata = 'm'\nreports = 'r'\nsummaries = 's'\nmanifests = 'f'";
const HOME: &str = "8a-x-ts001-reports";

/// Metadata, report and summary of a run of two cases, of which the second failed or not.
fn documents(failing: bool) -> [String; 3] {
    let failed = if failing { r#"[{"tc": "TC-002", "category": "tool-bug"}]"# } else { "[]" };
    let names = if failing { r#"["TC-002"]"# } else { "[]" };
    let (passed, bad, score, verdict) = if failing { (1, 1, "0.5", "partial") } else { (2, 0, "1.0", "pass") };
    let list = if failing { r#"["TC-001"]"# } else { r#"["TC-001", "TC-002"]"# };
    let both = format!(
        r#""test-id": "TS-A-001", "package": "x", "tcs-passed": {passed}, "tcs-failed": {bad}, "tcs-total": 2, "score": {score}, "verdict": "{verdict}", "failed": {failed}"#
    );
    [
        format!(
            r#"{{"run-id": "8a-x-ts001", "status": "{verdict}", {both}, "results": {{"passed": {passed}, "failed": {bad}, "total": 2}}, "failed_test_cases": {names}}}"#
        ),
        format!(r#"{{"fields": {{{both}, "passed": {list}, "canonical-failed-tcs": {names}}}}}"#),
        format!(r#"{{"fields": {{{both}, "status": "{verdict}"}}}}"#),
    ]
}

fn told(failing: bool, edit: impl Fn(usize, String) -> String) -> Vec<String> {
    let names = ["m", "r", "s"].iter().zip(["metadata.yml", "report.md", "summary.r.md"]);
    let mut bench = Bench::new(CHECK);
    for (at, ((need, name), text)) in names.zip(documents(failing)).enumerate() {
        bench = bench.json_at(need, &format!("{HOME}/{name}"), &edit(at, text));
    }
    for case in ["TC-001", "TC-002"] {
        bench = bench.json_at("f", &format!("{HOME}/{case}.manifest.json"), &format!(r#"{{"tc_id": "{case}"}}"#));
    }
    bench.told()
}

/// What is found when one piece of one document (0 metadata, 1 report, 2 summary) is another.
fn changed(failing: bool, document: usize, from: &str, to: &str) -> String {
    let lines = told(failing, |at, text| {
        if at != document {
            return text;
        }
        assert!(text.contains(from), "{text}");
        text.replacen(from, to, 1)
    });
    lines[0].clone()
}

#[test]
fn documents_that_agree_pass_whatever_came_of_the_run() {
    for failing in [true, false] {
        assert_eq!(told(failing, |_, text| text), ["pass 1"]);
    }
}

#[test]
fn what_does_not_agree_is_found() {
    let cases = [
        (false, 0, r#""run-id": "8a"#, r#""run-id": "8b"#, "misplaced-report"),
        (false, 0, r#""tcs-passed": 2"#, r#""tcs-passed": 1"#, "contradiction"),
        (false, 0, r#""total": 2"#, r#""total": 3"#, "contradiction"),
        (false, 0, r#""verdict": "pass""#, r#""verdict": "fail""#, "contradiction"),
        (false, 0, r#""status": "pass""#, r#""status": "fail""#, "contradiction"),
        (false, 0, r#""score": 1.0"#, r#""score": 0.9"#, "contradiction"),
        (false, 0, r#""failed": []"#, r#""failed": [{"tc": "TC-002"}]"#, "contradiction"),
        (false, 0, r#""tcs-total": 2"#, r#""tcs-total": "2""#, "wrong-type"),
        (true, 0, r#""status": "partial""#, r#""status": "pass""#, "contradiction"),
        (true, 0, r#""failed_test_cases": ["TC-002"]"#, r#""failed_test_cases": ["TC-001"]"#, "contradiction"),
        (
            true,
            0,
            r#"{"tc": "TC-002", "category": "tool-bug"}"#,
            r#"{"tc": "TC-001", "category": "tool-bug"}"#,
            "contradiction",
        ),
        (false, 1, r#""test-id": "TS-A-001""#, r#""test-id": "TS-A-002""#, "contradiction"),
        (false, 1, r#"["TC-001", "TC-002"]"#, r#"["TC-001", "TC-001"]"#, "duplicate"),
        (false, 1, r#"["TC-001", "TC-002"]"#, r#"["TC-001", "TC-009"]"#, "no-verdict"),
        (true, 1, r#""canonical-failed-tcs": ["TC-002"]"#, r#""canonical-failed-tcs": []"#, "contradiction"),
        (true, 2, r#""verdict": "partial""#, r#""verdict": "pass""#, "contradiction"),
        (true, 2, r#""status": "partial""#, r#""status": "pass""#, "contradiction"),
        (false, 2, r#""package": "x""#, r#""package": "y""#, "contradiction"),
    ];
    let mut found = 0;
    for (failing, document, from, to, kind) in cases {
        let line = changed(failing, document, from, to);
        assert!(line.starts_with(kind), "{from} -> {to}: {line}");
        found += 1;
    }
    assert_eq!(found, 18);
}

#[test]
fn an_error_is_no_pass_and_its_stub_neither() {
    let counts = r#""tcs-passed": 0, "tcs-failed": 0, "tcs-total": 0, "score": 0.0, "failed": []"#;
    let error = |verdict: &str, status: &str| {
        let fields = format!(r#""test-id": "TS-A-001", "package": "x", {counts}, "verdict": "{verdict}""#);
        let bench = Bench::new(CHECK).absent("f");
        let bench = bench.json_at(
            "m",
            &format!("{HOME}/metadata.yml"),
            &format!(r#"{{"run-id": "8a-x-ts001", "status": "{status}", {fields}}}"#),
        );
        let bench =
            bench.json_at("r", &format!("{HOME}/report.md"), &format!(r#"{{"fields": {{{fields}, "passed": []}}}}"#));
        bench
            .json_at("s", &format!("{HOME}/summary.r.md"), &format!(r#"{{"fields": {{{fields}, "status": "{status}"}}}}"#))
            .told()
    };
    assert_eq!(error("fail", "error"), ["pass 1"]);
    assert!(error("pass", "fail")[0].starts_with("contradiction 8a-x-ts001-reports/metadata.yml#/verdict"));
    let stub = |status: &str| {
        let text = format!(r#"{{"test-id": "TS-A-001", "package": "x", "status": "{status}"}}"#);
        Bench::new(CHECK).absent("r").absent("s").absent("f").json_at("m", &format!("{HOME}/metadata.yml"), &text).told()
    };
    assert_eq!(stub("error"), ["pass 1"]);
    assert!(stub("pass")[0].starts_with("incomplete-report"));
}

#[test]
fn what_is_missing_is_found_and_what_is_old_is_not_looked_at() {
    let [metadata, report, _] = documents(false);
    let bench = Bench::new(CHECK).absent("s").absent("f").json_at("m", &format!("{HOME}/metadata.yml"), &metadata);
    let lines = bench.json_at("r", &format!("{HOME}/report.md"), &report).told();
    assert!(
        lines[0].starts_with("missing-report 8a-x-ts001-reports/metadata.yml: `summary.r.md` of `TS-A-001`"),
        "{lines:?}"
    );
    let stray = Bench::new(CHECK).absent("s").absent("f").json_at("m", &format!("{HOME}/metadata.yml"), &metadata);
    let lines = stray.json_at("r", "8b-x-ts001-reports/report.md", &report).told();
    assert!(lines.iter().any(|line| line.starts_with("missing-report 8b-x-ts001-reports: `metadata.yml`")), "{lines:?}");
    let old = Bench::new(CHECK).absent("r").absent("s").absent("f");
    let old = old.json_at("m", "7a-x-ts001-reports/metadata.yml", &metadata.replace("8a-", "7b-"));
    let lines = old.json_at("m", &format!("{HOME}/metadata.yml"), r#"{"test-id": "TS-A-001", "status": "error"}"#).told();
    assert_eq!(lines, ["pass 1"]);
    assert_eq!(
        Bench::new(CHECK).absent("r").absent("s").absent("f").gap("m", GapKind::Malformed).told(),
        ["error malformed m: a file | nothing"]
    );
}
