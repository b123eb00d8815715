//! What `pipeline-summary` and `pipeline-manifest` make of documents whose fields have other names.

use super::super::pipeline_manifest::PIPELINE_MANIFEST;
use super::super::pipeline_words::below_run;
use super::PIPELINE_SUMMARY;
use crate::gate::{Format, Reading};
use crate::model::{Content, Where};

/// The document as JSON text, or the gap.
fn read(format: &Format, text: &str) -> String {
    let Reading::Whole(read) = format.reading else { panic!("read whole") };
    match read(text.as_bytes(), &Where::file("a.json")) {
        Ok(Content::Document(document)) => document.root().excerpt(2_000),
        Ok(other) => format!("{other:?}"),
        Err(gap) => format!("{} {}: {} | {}", gap.kind.word(), gap.at, gap.expected, gap.actual),
    }
}

fn summary(text: &str) -> String {
    read(&PIPELINE_SUMMARY, text)
}

fn manifest(text: &str) -> String {
    read(&PIPELINE_MANIFEST, text)
}

#[test]
fn fields_have_one_meaning_under_each_of_their_names() {
    let ours = r#"{"run_id": "r1", "started_at": "2026-03-02T10:00:00Z", "status": "failure", "stages": [{"name": "unit", "status": "success", "exit_code": 0, "duration_s": 1.5, "log": "logs/unit.log"}, {"name": "smoke", "status": "failure", "exit_code": null, "error_class": "timeout", "always": true}]}"#;
    let own = summary(ours);
    assert_eq!(own, summary(&own), "our own names stay");
    let others = [
        r#"{"runId": "r1", "started": "2026-03-02 10:00:00+00:00", "result": "FAILED", "stages": [{"stage": "unit", "result": "passed", "returncode": 0, "duration_seconds": 1.5, "log_file": "artifacts/e2e/r1/logs/unit.log"}, {"stage": "smoke", "result": "timed-out", "returncode": null, "always_run": true}]}"#,
        r#"{"id": "r1", "start_time": 1772445600, "ok": false, "steps": [{"step": "unit", "ok": true, "rc": 0, "duration_ms": 1500, "logPath": "/home/ci/shop/artifacts/e2e/r1/logs/unit.log"}, {"step": "smoke", "ok": false, "timed_out": true, "always": true}]}"#,
        r#"{"run": "r1", "timestamp": 1772445600000, "exit_code": 2, "stages": {"unit": {"state": "ok", "exitCode": 0, "elapsed": 1.5, "log": "unit.log"}, "smoke": {"state": "failed", "exitCode": null, "reason": "timeout", "always": true}}}"#,
    ];
    let mut same = 0;
    for text in others {
        assert_eq!(summary(text), own, "{text}");
        same += 1;
    }
    assert_eq!(same, 3);
    let times = r#"{"run_id": "r", "stages": [{"name": "a", "status": "passed", "exit_code": 0, "started": 1772445600, "end": 1772445602.5, "note": 7}]}"#;
    assert_eq!(
        summary(times),
        r#"{"run_id": "r", "stages": [{"duration_s": 2.5, "ended_at": "2026-03-02T10:00:02.500Z", "exit_code": 0, "name": "a", "note": 7, "started_at": "2026-03-02T10:00:00Z", "status": "success", "superseded": false}], "started_at": "2026-03-02T10:00:00Z"}"#
    );
}

#[test]
fn exit_codes_say_the_same_under_all_their_names() {
    let stage =
        |fields: &str| summary(&format!(r#"{{"run_id": "r", "stages": [{{"name": "a", "status": "ok", {fields}}}]}}"#));
    for fields in [r#""exit_code": 0, "returncode": 3"#, r#""rc": 1, "exitCode": 0"#] {
        assert!(stage(fields).starts_with("malformed a.json#/stages/0/"), "{fields}: {}", stage(fields));
    }
    for fields in [
        r#""exit_code": 0, "returncode": 0"#,
        r#""exit_code": 0, "code": 200"#,
        r#""exit": 0"#,
        r#""exit_code": 0, "rc": null"#,
    ] {
        assert!(stage(fields).contains(r#""exit_code": 0"#), "{fields}: {}", stage(fields));
    }
}

#[test]
fn attempts_of_a_stage_are_rows_with_their_numbers() {
    // A row as `name status attempt`, with `*` where a later attempt follows.
    let rows = |text: &str| {
        let bytes = format!(r#"{{"run_id": "r", {text}}}"#);
        let Reading::Whole(read) = PIPELINE_SUMMARY.reading else { panic!("read whole") };
        let Ok(Content::Document(document)) = read(bytes.as_bytes(), &Where::file("a.json")) else {
            return summary(&bytes);
        };
        let stages = document.root().get("stages").expect("stages");
        let row = |row: crate::model::Node<'_>| {
            let text = |key: &str| row.get(key).map_or_else(|| "-".to_owned(), |node| node.excerpt(20).replace('"', ""));
            let mark = if text("superseded") == "true" { "*" } else { "" };
            format!("{} {} {}{mark}", text("name"), text("status"), text("attempt"))
        };
        stages.items().map(row).collect::<Vec<_>>().join(", ")
    };
    let told = [
        (r#""stages": [{"name": "a", "status": "ok"}]"#, "a success -"),
        (
            r#""stages": [{"name": "a", "status": "failed", "attempt": 1}, {"name": "a", "status": "ok", "attempt": 2}]"#,
            "a failure 1*, a success 2",
        ),
        (
            r#""stages": [{"name": "a", "status": "failed", "try": 0}, {"name": "a", "status": "ok", "try": 1}]"#,
            "a failure 1*, a success 2",
        ),
        (
            r#""stages": [{"name": "a", "status": "failed"}, {"name": "a", "status": "ok", "attempt": "2/3"}]"#,
            "a failure 1*, a success 2",
        ),
        (r#""stages": [{"name": "a", "status": "failed"}, {"name": "a", "status": "ok"}]"#, "a failure -, a success -"),
        (
            r#""stages": [{"name": "a", "status": "failed", "attempt": 1}, {"name": "a", "status": "ok", "attempt": 3}]"#,
            "a failure 1*, a success 3",
        ),
        (
            r#""stages": [{"name": "a", "status": "ok", "exit_code": 0, "attempts": [{"status": "failed", "rc": 1}, {"status": "ok", "rc": 0}]}]"#,
            "a failure 1*, a success 2",
        ),
        (r#""stages": {"a": {"attempts": [{"status": "failed"}, {"status": "ok"}]}}"#, "a failure 1*, a success 2"),
        (r#""stages": [{"name": "a", "status": "ok", "attempts": 2}]"#, "a success -"),
        // All of them are of the run's own second attempt.
        (r#""attempt": 2, "stages": [{"name": "a", "status": "ok", "attempt": 2}]"#, "a success -"),
        (r#""stages": [{"name": "a", "status": "ok", "attempt": 2}]"#, "a success 2"),
    ];
    for (text, expected) in told {
        assert_eq!(rows(text), expected, "{text}");
    }
    assert_eq!(told.len(), 11);
    let lie = r#""stages": [{"name": "a", "status": "ok", "attempts": [{"status": "ok"}, {"status": "failed"}]}]"#;
    assert!(
        rows(lie).starts_with("malformed a.json#/stages/0: a `status` that is that of the last attempt"),
        "{}",
        rows(lie)
    );
    // What the stage leaves out, its last attempt says.
    let merged = summary(
        r#"{"stages": [{"name": "a", "status": "ok", "attempts": [{"status": "failed", "rc": 1, "log": "a.1.log"}, {"status": "ok", "rc": 0, "log": "a.2.log"}]}]}"#,
    );
    assert!(merged.contains(r#""exit_code": 0"#) && merged.contains(r#""log": "logs/a.2.log""#), "{merged}");
}

#[test]
fn ids_are_numbers_too_and_marks_of_windows_are_passed_over() {
    assert_eq!(summary(r#"{"run_id": 19283746501}"#), r#"{"run_id": "19283746501"}"#);
    assert_eq!(summary("\u{feff}{\"run_id\": \"r\"}"), r#"{"run_id": "r"}"#);
    assert_eq!(manifest("\u{feff}[]"), r#"{"files": []}"#);
    // A mark elsewhere is none.
    assert!(summary("{\"run_id\": \"r\"}\u{feff}").starts_with("malformed"));
    assert_eq!(summary(r#"{"run_id": 1.5}"#), r#"{"run_id": 1.5}"#);
}

#[test]
fn what_tells_of_a_failure_is_kept_whatever_the_status_says() {
    let stage = |fields: &str| {
        summary(&format!(r#"{{"run_id": "r", "stages": [{{"name": "a", "status": "ok", "exit_code": 0, {fields}}}]}}"#))
    };
    let told = [
        r#""timed_out": true"#,
        r#""timeout": true"#,
        r#""error": "connection refused by db""#,
        r#""error_class": "AssertionError""#,
        r#""exception": {"type": "KeyError"}"#,
        r#""signal": 9"#,
        r#""errors": ["x"]"#,
    ];
    for fields in told {
        assert!(stage(fields).contains(r#""trouble": "#), "{fields}: {}", stage(fields));
    }
    let nothing = [
        r#""timed_out": false"#,
        r#""timeout": 300"#,
        r#""timeout": "30s""#,
        r#""error": null"#,
        r#""error": """#,
        r#""error": "None""#,
        r#""errors": 0"#,
        r#""errors": []"#,
        r#""reason": "cached""#,
        r#""exception": {}"#,
    ];
    for fields in nothing {
        assert!(!stage(fields).contains(r#""trouble": "#), "{fields}: {}", stage(fields));
    }
    let run = |fields: &str| summary(&format!(r#"{{"run_id": "r", "status": "ok", "stages": [], {fields}}}"#));
    let told_of_run = [
        r#""failed_stage": "unit""#,
        r#""failed": 1"#,
        r#""summary": {"passed": 1, "failed": 1}"#,
        r#""failed_stages": ["a"]"#,
        r#""error": "x""#,
    ];
    for fields in told_of_run {
        assert!(run(fields).contains(r#""trouble": "#), "{fields}: {}", run(fields));
    }
    let nothing_of_run =
        [r#""failed_stage": null"#, r#""failed": 0"#, r#""counts": {"passed": 1, "failed": 0}"#, r#""failed_stages": []"#];
    for fields in nothing_of_run {
        assert!(!run(fields).contains(r#""trouble": "#), "{fields}: {}", run(fields));
    }
    assert_eq!((told.len(), nothing.len(), told_of_run.len(), nothing_of_run.len()), (7, 10, 5, 4));
}

#[test]
fn stages_of_an_object_have_an_order() {
    let names = |text: &str| {
        let told = summary(text);
        told.match_indices("\"name\": \"")
            .map(|(at, mark)| told[at + mark.len()..].chars().take(1).collect::<String>())
            .collect::<String>()
    };
    assert_eq!(names(r#"{"stages": {"z": {"status": "ok"}, "a": {"status": "ok"}, "m": {"status": "ok"}}}"#), "zam");
    assert_eq!(names(r#"{"stages": {"z": {"started": 3}, "a": {"started": 2}, "m": {"started": 1}}}"#), "maz");
}

#[test]
fn what_contradicts_itself_is_malformed_and_what_is_unknown_stays() {
    let told = summary(r#"{"run_id": "r", "stages": [{"name": "a", "status": "passed", "ok": false, "exit_code": 0}]}"#);
    assert_eq!(told, "malformed a.json#/stages/0/ok: `ok` that says the same as `status`, success | failure");
    let code = summary(r#"{"run_id": "r", "status": "passed", "exit_code": 1, "stages": []}"#);
    assert_eq!(code, "malformed a.json: a status that follows from the exit code | status `success` and exit code 1");
    assert!(summary("[]").starts_with("malformed a.json: an object"));
    assert!(summary(r#"{"stages": [{"name": "a", "status": "running"}]}"#).contains(r#""status": "running""#));
    assert!(summary(r#"{"started_at": "2026-03-02T10:00:00"}"#).contains(r#""started_at": "2026-03-02T10:00:00""#));
    assert!(summary(r#"{"stages": [{"name": "a", "exit_code": "0"}]}"#).contains(r#""exit_code": "0""#));
    let mut looked_at = 0;
    for (path, expected) in [
        ("logs/a.log", Some("logs/a.log")),
        ("./logs/a.log", Some("logs/a.log")),
        ("a.log", Some("logs/a.log")),
        ("artifacts/e2e/other/logs/a.log", Some("logs/a.log")),
        ("/w x/artifacts/e2e/r1/logs/a.log", Some("logs/a.log")),
        ("/ci/out/r1/logs/a.log", Some("logs/a.log")),
        ("../r2/logs/a.log", Some("../r2/logs/a.log")),
        ("/etc/passwd", Some("/etc/passwd")),
        ("cannot open /etc/foo", None),
        ("boom", None),
        ("a\nb/c", None),
        ("", None),
    ] {
        assert_eq!(below_run(path, Some("r1")).as_deref(), expected, "{path}");
        looked_at += 1;
    }
    assert_eq!(looked_at, 12);
}

#[test]
fn manifests_are_lists_or_objects() {
    let hex = "0".repeat(64);
    let own =
        format!(r#"{{"files": [{{"path": "e2e.log", "sha256": "{hex}"}}, {{"path": "logs/a.log", "sha256": "{hex}"}}]}}"#);
    let rows = [
        own.clone(),
        format!(r#"{{"files": {{"logs/a.log": "{hex}", "e2e.log": "sha256:{hex}"}}}}"#),
        format!(r#"{{"e2e.log": "{hex}", "logs/a.log": {{"checksum": "{}"}}}}"#, hex.to_uppercase()),
        format!(
            r#"[{{"file": "artifacts/e2e/r/e2e.log", "digest": "{hex}"}}, {{"file": "./logs/a.log", "hash": "{hex}"}}]"#
        ),
        format!(
            r#"{{"run_id": "r", "artifacts": [{{"name": "e2e.log", "sha256": "{hex}", "size": null}}, {{"name": "logs/a.log", "sha256": "{hex}"}}]}}"#
        ),
    ];
    let mut same = 0;
    for row in rows {
        assert_eq!(manifest(&row), own, "{row}");
        same += 1;
    }
    assert_eq!(same, 5);
    let listed = |paths: [&str; 2]| {
        manifest(&format!(
            r#"[{{"path": "{}", "sha256": "{hex}"}}, {{"path": "{}", "sha256": "{hex}"}}]"#,
            paths[0], paths[1]
        ))
    };
    // By whole directories it is in order as well; otherwise it stays as it is.
    assert_eq!(listed(["r/x", "r.json"]), listed(["r.json", "r/x"]));
    assert_ne!(listed(["b", "a"]), listed(["a", "b"]));
    assert_eq!(
        manifest(r#"{"files": [{"path": "a", "sha256": 3, "size": "x"}, 7]}"#),
        r#"{"files": [{"path": "a", "sha256": "3", "size": "\"x\""}, {}]}"#
    );
    assert_eq!(manifest(r#"{"files": ["a", "b"]}"#), r#"{"files": [{}, {}]}"#);
}
