//! What `targets-pass` says of results in short, with and without quarantine. The bench's day is 2026-06-15.

use super::super::testing::{Bench, report};

const CHECK: &str = "kind = 'targets-pass'\nresults = 'r'\nreports = ['log']\nname = ['suite']";

fn bench(result: &str, log: &str, more: &str) -> Bench {
    Bench::new(&format!("{CHECK}\n{more}")).json("r", result).tests("log", report(log))
}

fn entry(test: &str, expires: &str) -> String {
    format!(
        r#"{{"quarantine": {{"{test}": {{"category": "FLAKE-NET", "owner": "ada", "bead": "bd-1", "reason": "r", "since": "2026-06-10",
            "expires": "{expires}", "evidence": "e", "reproduce": "r", "exit_criterion": "x"}}}}}}"#
    )
}

fn held(result: &str, log: &str, test: &str, expires: &str) -> Bench {
    bench(result, log, "quarantine = true").json("exceptions", &entry(test, expires))
}

const FAILED: &str = r#"{"suite": "chat", "exit_code": 101, "failed": 1}"#;

#[test]
fn an_exit_code_of_zero_passes_and_no_other() {
    assert_eq!(bench(r#"{"suite": "chat", "exit_code": 0, "failed": 0}"#, "s\n a ok", "").told(), ["pass 1"]);
    let told = bench(FAILED, "s\n a ok\n b bad", "").told();
    assert_eq!(told, ["failed-target r.json#/exit_code: `chat` exits with 0 | it exits with 101"]);
    assert!(bench(r#"{"exit_code": "0"}"#, "s\n a ok", "").told()[0].starts_with("wrong-type r.json#/exit_code"));
    assert!(bench("{}", "s\n a ok", "").told()[0].starts_with("missing-field r.json#/exit_code"));
    assert!(bench("[]", "s\n a ok", "").told()[0].starts_with("wrong-type r.json"));
}

#[test]
fn a_target_that_failed_of_quarantined_tests_alone_is_excused() {
    let told = |log: &str| held(FAILED, log, "s::b", "2026-06-16").told();
    assert_eq!(told("s\n a ok\n b bad"), ["pass 1"]);
    let notes = held(FAILED, "s\n a ok\n b bad", "s::b", "2026-06-16").notes();
    assert_eq!(notes, ["quarantined: `::b` is failed and quarantined"]);
    assert!(told("s\n a bad\n b bad")[0].contains("`::a` failed"), "{:?}", told("s\n a bad\n b bad"));
    // What is wrong beside its tests is never excused.
    let otherwise = ["failed-target r.json#/exit_code: `chat` exits with 0 | it exits with 101"];
    for log in ["s\n a ok\n b bad\ncut", "s\n a ok\n b bad\nerror", "s\n a ok\n b bad\nnot"] {
        assert_eq!(told(log), otherwise, "{log}");
    }
    for result in [
        r#"{"suite": "chat", "exit_code": 134, "failed": 1}"#,
        r#"{"suite": "chat", "exit_code": 124, "failed": 1}"#,
        r#"{"suite": "chat", "exit_code": 101, "failed": 2}"#,
        r#"{"suite": "chat", "exit_code": 101}"#,
    ] {
        let told = held(result, "s\n a ok\n b bad", "s::b", "2026-06-16").told();
        assert!(told.len() == 1 && told[0].starts_with("failed-target"), "{result}: {told:?}");
    }
}

#[test]
fn an_entry_that_does_not_hold_excuses_nothing() {
    let told = held(FAILED, "s\n a ok\n b bad", "s::b", "2026-06-14").told();
    assert_eq!(
        told,
        [
            "failed-target r.json#/exit_code: `chat` exits with 0 | it exits with 101: `::b` failed",
            "quarantine-invalid exceptions.json#/quarantine/s::b: a quarantine that holds for `s::b` | the entry is expired"
        ]
    );
    let told = held(FAILED, "s\n a ok\n b bad", "b", "2026-06-16").told();
    assert!(told.len() == 2 && told[0].starts_with("quarantine-ambiguous"), "{told:?}");
    // Without `quarantine = true` nobody asks.
    assert_eq!(bench(FAILED, "s\n b bad", "").json("exceptions", &entry("s::b", "2026-06-16")).told().len(), 1);
}
