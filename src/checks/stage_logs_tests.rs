//! What `stage-logs` says of a run's logs.

use super::super::testing::Bench;
use crate::model::GapKind;

const CHECK: &str = r"kind = 'stage-logs'
summary = 's'
files = 'f'
parts = ['p']
whole = 'w'
prefix = '[0-9:]+|\[[a-z]+\]|INFO'
frames = '(?i)start|exit|==|running'";

fn json(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("{}\n", serde_json::Value::from(*line))).collect()
}

/// What the check says of the stages `a` and `b`, whose logs are `p.jsonl` and `p-2.jsonl`.
fn told(whole: &[&str], parts: &[&[&str]]) -> Vec<String> {
    let stages = r#"{"stages": [{"name": "a", "status": "success", "log": "p.jsonl"}, {"name": "b", "status": "failure", "log": "p-2.jsonl"}]}"#;
    let bench = Bench::new(CHECK).json("s", stages).listing("f", &["p.jsonl", "p-2.jsonl", "w.jsonl"]);
    parts.iter().fold(bench.jsonl("w", &json(whole)), |bench, part| bench.jsonl("p", &json(part))).told()
}

fn words(told: &[String]) -> Vec<&str> {
    told.iter().map(|line| line.split(' ').next().unwrap_or_default()).collect()
}

#[test]
fn lines_stand_both_ways() {
    let whole = ["== a", "12:00 INFO [a] one", "[a] two", "[a] exit 0", "[b] three", "[b] exit 1", ""];
    assert_eq!(told(&whole, &[&["one", " two"], &["three"]]), ["pass 3"]);
    let lacking = told(&whole, &[&["one"], &["three"]]);
    assert_eq!(lacking, ["surplus-line w.jsonl:3: every line of stage `a` in its log p.jsonl | one line that it lacks"]);
    assert_eq!(words(&told(&whole, &[&["one", "two", "four"], &["three"]])), ["missing-line"]);
    assert_eq!(words(&told(&whole, &[&["three"], &["one"]])), ["misplaced-line", "surplus-line", "surplus-line"]);
}

#[test]
fn an_emptied_log_is_found() {
    let whole = ["[a] start", "[a] exit 0", "[b] start", "[b] exit now", "[b] exit 1"];
    assert_eq!(words(&told(&["[a] one", "[b] three"], &[&[" "], &["three"]])), ["surplus-line"]);
    // `b` said only what the pipeline says of every stage, and once more.
    assert_eq!(told(&whole, &[&["one"], &["exit now"]])[0].split(' ').next(), Some("missing-line"));
    // Without names before the lines.
    assert_eq!(told(&["== a", "== b", "three"], &[&[" "], &["three"]]), ["pass 1"]);
    assert_eq!(words(&told(&["== a", "one", "== b", "three"], &[&[" "], &["three"]])), ["empty-log"]);
}

#[test]
fn a_log_is_called_like_its_stage_in_any_spelling() {
    let called = super::called;
    for path in [
        "logs/unit tests.log",
        "logs/unit_tests.log",
        "logs/02-Unit-Tests.out",
        "logs/unit-tests/stdout.txt",
        "logs/unit_tests.1.log",
        "logs/unit-tests-attempt-2.log",
    ] {
        assert!(called(path, "Unit tests"), "{path}");
    }
    for path in ["logs/unit.log", "logs/unit-tests-slow.log", "unit-tests.log", "logs/a/unit-tests.log"] {
        assert!(!called(path, "Unit tests"), "{path}");
    }
    assert!(called("logs/unit.fast.log", "unit.fast") && called("logs/unit.fast.log", "unit"));
    assert!(!called("logs/x.log", "--") && !called("logs/x.log", ""));
}

#[test]
fn each_attempt_has_its_log_or_the_last_one_has_all() {
    let row = |superseded: bool, log: &str| {
        let log = if log.is_empty() { String::new() } else { format!(r#", "log": "{log}""#) };
        format!(r#"{{"name": "a", "status": "success", "superseded": {superseded}{log}}}"#)
    };
    let run = |logs: [&str; 2], whole: &[&str], parts: &[&[&str]]| {
        let stages = format!(r#"{{"stages": [{}, {}]}}"#, row(true, logs[0]), row(false, logs[1]));
        let bench = Bench::new(CHECK).json("s", &stages).listing("f", &["p.jsonl", "p-2.jsonl", "w.jsonl"]);
        parts.iter().fold(bench.jsonl("w", &json(whole)), |bench, part| bench.jsonl("p", &json(part))).told()
    };
    let whole = ["[a] one", "[a] two"];
    assert_eq!(run(["p.jsonl", "p-2.jsonl"], &whole, &[&["one"], &["two"]]), ["pass 2"]);
    assert_eq!(words(&run(["p.jsonl", "p-2.jsonl"], &whole, &[&["one"], &[""]])), ["surplus-line"]);
    assert_eq!(words(&run(["p.jsonl", "p-2.jsonl"], &whole, &[&["two"], &["one"]])), ["misplaced-line"]);
    // One log for all attempts, of which the last one is there; and the same without a name for the first.
    assert_eq!(run(["p.jsonl", "p.jsonl"], &whole, &[&["two"]]), ["pass 1"]);
    assert_eq!(run(["", "p.jsonl"], &whole, &[&["one", "two"]]), ["pass 2"]);
    assert_eq!(words(&run(["", "p.jsonl"], &whole, &[&["three"]])), ["missing-line"]);
}

#[test]
fn an_emptied_log_is_found_beside_its_standard_error() {
    let stages = r#"{"stages": [{"name": "a", "status": "success", "log": "p.jsonl", "stderr": "p-2.jsonl"},
        {"name": "b", "status": "success", "log": "p-3.jsonl", "stderr": "p-4.jsonl"}]}"#;
    let names = ["p.jsonl", "p-2.jsonl", "p-3.jsonl", "p-4.jsonl", "w.jsonl"];
    let run = |whole: &[&str], parts: [&[&str]; 4]| {
        let bench = Bench::new(CHECK).json("s", stages).listing("f", &names).jsonl("w", &json(whole));
        parts.iter().fold(bench, |bench, part| bench.jsonl("p", &json(part))).told()
    };
    // (log of a, its standard error, log of b, its standard error), and what is said; `b` left its lines in the whole.
    let rows: [([&[&str]; 4], &[&str]); 6] = [
        ([&["one", "warn"], &["warn"], &["two"], &["two"]], &["pass"]),
        ([&["one", "warn"], &["warn"], &[""], &["two"]], &["empty-log"]),
        ([&["one", "warn"], &["warn"], &["  "], &["two"]], &["empty-log"]),
        // Logs of standard output alone: nothing was written there.
        ([&["one"], &["warn"], &[""], &["two"]], &["pass"]),
        // No stage tells what a log holds.
        ([&["one", "warn"], &[""], &[""], &["two"]], &["pass"]),
        // Nothing was written anywhere.
        ([&["one", "warn"], &["warn"], &[""], &[""]], &["pass"]),
    ];
    let mut looked = 0;
    for (parts, expected) in rows {
        let mut whole = vec!["[a] one", "[a] warn"];
        whole.extend(parts[3].iter().filter(|line| !line.is_empty()).map(|_| "[b] two"));
        assert_eq!(words(&run(&whole, parts)), expected, "{parts:?}");
        looked += 1;
    }
    assert_eq!(looked, 6);
}

#[test]
fn logs_that_are_named_or_left_by_others_are_there() {
    let run = |stages: &str, files: &[&str]| {
        Bench::new(CHECK).json("s", stages).listing("f", files).jsonl("w", &json(&["x"])).jsonl("p", &json(&["x"])).told()
    };
    let none = r#"{"stages": [{"name": "a", "status": "success"}]}"#;
    assert_eq!(run(none, &["w.jsonl"]), ["pass 1"], "a pipeline may keep no logs of stages");
    let named = r#"{"stages": [{"name": "a", "status": "success", "log": "gone.log", "stderr": "lost.log"}]}"#;
    assert_eq!(words(&run(named, &["w.jsonl"])), ["missing-file", "missing-file"]);
    let two = r#"{"stages": [{"name": "a", "status": "success", "log": "p.jsonl"}, {"name": "b", "status": "failure"}, {"name": "c", "status": "skipped"}]}"#;
    assert_eq!(words(&run(two, &["p.jsonl", "w.jsonl"])), ["missing-log"]);
    let mut found = 0;
    for name in ["logs/b.log", "logs/02-b.out", "logs/b/stdout.txt", "logs/2_b.stderr.log"] {
        assert_eq!(run(two, &["p.jsonl", "w.jsonl", name]), ["pass 1"], "{name}");
        found += 1;
    }
    for name in ["logs/bb.log", "b.log", "logs/a-b.log"] {
        assert_eq!(words(&run(two, &["p.jsonl", "w.jsonl", name])), ["missing-log"], "{name}");
        found += 1;
    }
    assert_eq!(found, 7);
}

#[test]
fn damage_is_an_error() {
    let bench = || Bench::new(CHECK).json("s", r#"{"stages": []}"#).listing("f", &["w.jsonl"]);
    assert!(told(&[" "], &[&[" "], &[" "]])[0].starts_with("error empty w.jsonl"));
    let text = bench().text("w", "a").jsonl("p", &json(&["a"])).told();
    assert_eq!(text, ["error invalid w: one file of lines | 0 of them"]);
    let gone = bench().gap("w", GapKind::Missing).jsonl("p", &json(&["a"])).told();
    assert_eq!(gone, ["error missing w: a file | nothing"]);
}

#[test]
fn long_logs_are_compared_in_one_pass() {
    let lines: Vec<String> = (0..40_000).map(|number| format!("line {number}")).collect();
    let tagged: Vec<String> = lines.iter().map(|line| format!("[b] {line}")).collect();
    let borrowed = |lines: &[String]| json(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    let stages = r#"{"stages": [{"name": "b", "status": "success", "log": "p.jsonl", "stderr": "p-2.jsonl"}]}"#;
    let run = |errors: &[String]| {
        let bench = Bench::new(CHECK).json("s", stages).listing("f", &["p.jsonl", "p-2.jsonl", "w.jsonl"]);
        bench.jsonl("w", &borrowed(&tagged)).jsonl("p", &borrowed(&lines)).jsonl("p", &borrowed(errors)).told()
    };
    // Standard error is looked for anywhere behind the stage's beginning; line by line from there it would take a minute.
    let begun = std::time::Instant::now();
    assert_eq!(words(&run(&lines)), ["pass"]);
    let other: Vec<String> = lines.iter().rev().cloned().chain(["another".to_owned()]).collect();
    assert_eq!(words(&run(&other)), ["missing-line"]);
    assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{:?}", begun.elapsed());
}
