//! What `tests-pass` says of reports in short, with and without quarantine. The bench's day is 2026-06-15.

use super::super::testing::{Bench, refused, report};

fn bench(keys: &str, text: &str) -> Bench {
    Bench::new(&format!("kind = 'tests-pass'\nevidence = 'r'\n{keys}")).tests("r", report(text))
}

fn told(keys: &str, text: &str) -> Vec<String> {
    bench(keys, text).told()
}

/// A ledger with an entry for each of these tests.
fn ledger(tests: &[&str], expires: &str) -> String {
    let entry = |test: &&str| {
        format!(
            r#""{test}": {{"category": "FLAKE-NET", "owner": "o", "bead": "bd-1", "reason": "r", "since": "2026-06-10",
            "expires": "{expires}", "evidence": "e", "reproduce": "c", "exit_criterion": "x"}}"#
        )
    };
    format!(r#"{{"quarantine": {{{}}}}}"#, tests.iter().map(entry).collect::<Vec<_>>().join(","))
}

fn held_apart(tests: &[&str], text: &str) -> Vec<String> {
    bench("ledger = 'l'", text).json("l", &ledger(tests, "2026-06-16")).told()
}

#[test]
fn passed_and_skipped_tests_pass() {
    assert_eq!(told("", "s\n a ok\n b skip\n c ok ok"), ["pass 3"]);
    let two = Bench::new("kind = 'tests-pass'\nevidence = ['r', 'q']");
    assert_eq!(two.tests("r", report("s\n a ok")).tests("q", report("s\n a ok")).told(), ["pass 2"]);
}

#[test]
fn other_tests_are_findings() {
    assert_eq!(
        told("", "s\n a bad\n b error bad\n c bad ok\n d ok error"),
        [
            "test-failed r.xml:2: `s::a` passes | failed at src/a.rs:7: no",
            "test-failed r.xml:3: `s::b` passes | failed in 2 attempts at src/a.rs:7: no",
            "test-flaky r.xml:4: `s::c` passes | it passed at attempt 2 at src/a.rs:7: no",
            "test-errored r.xml:5: `s::d` passes | errored in 2 attempts: no"
        ]
    );
    assert_eq!(told("flaky = 'allow'", "s\n a bad ok"), ["pass 1"]);
    assert_eq!(told("flaky = 'allow'", "s\n a ok bad").len(), 1);
}

#[test]
fn reports_can_be_wrong_as_a_whole() {
    assert_eq!(
        told("", "s\n a ok\n error\nt\nu\n empty\ncut\nnot"),
        [
            "cut-short r.xml:7: a run that came to its end | it stopped",
            "contradiction r.xml:8: 1 test, counted from the items | the report states 2 tests",
            "suite-error r.xml:3: the suite `s` runs | does not load",
            "empty-suite r.xml:4: at least one test in the suite `t` | none"
        ]
    );
    assert_eq!(told("empty_suites = 'allow'", "s\n a ok\nt"), ["pass 1"]);
}

#[test]
fn quarantine_covers_one_test_and_nothing_else() {
    let text = "s\n a bad\n b ok\nt\n a bad ok";
    assert_eq!(held_apart(&["s::a", "t::a"], text), ["pass 3"]);
    assert_eq!(
        held_apart(&["s::a"], text),
        ["test-flaky r.xml:5: `t::a` passes | it passed at attempt 2 at src/a.rs:7: no"]
    );
    assert_eq!(held_apart(&["b"], "s\n b bad"), ["pass 1"], "the only test of this name");
    let whole = held_apart(&["s::a"], "s\n a bad\n error\nt\ncut\nnot");
    let kinds: Vec<&str> = whole.iter().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(kinds, ["cut-short", "contradiction", "suite-error", "empty-suite"]);
}

#[test]
fn entries_that_cover_no_test_are_told() {
    assert_eq!(
        held_apart(&["a", "z"], "s\n a bad\nt\n a ok"),
        [
            "quarantine-ambiguous l.json#/quarantine/a: one test called `a` | 2 tests go by it: `s::a`, `t::a`",
            "quarantine-unused l.json#/quarantine/z: the test `z` in the reports | no test of this name ran",
            "test-failed r.xml:2: `s::a` passes | failed at src/a.rs:7: no"
        ]
    );
    let late = bench("ledger = 'l'", "s\n a bad").json("l", &ledger(&["s::a"], "2026-06-14")).told();
    assert_eq!(
        late,
        [
            "quarantine-invalid l.json#/quarantine/s::a: a quarantine that holds for `s::a` | the entry is expired",
            "test-failed r.xml:2: `s::a` passes | failed at src/a.rs:7: no"
        ]
    );
    let damaged = bench("ledger = 'l'", "s\n a bad").json("l", r#"{"quarantine": {"s::a": {}}}"#).told();
    assert_eq!(damaged.len(), 2, "{damaged:?}");
}

#[test]
fn what_is_no_report_is_an_error() {
    let check = "kind = 'tests-pass'\nevidence = 'r'";
    assert!(Bench::new(check).text("r", "x").told()[0].starts_with("error invalid r.txt: a test report | text"));
    assert_eq!(Bench::new(check).absent("r").told(), ["skip r is absent"]);
    assert!(Bench::new(check).gap("r", crate::model::GapKind::Malformed).told()[0].starts_with("error malformed"));
    assert_eq!(refused("kind = 'tests-pass'\nevidence = []", &["r"]), ["wrong-type: `evidence`: must not be empty"]);
    assert!(refused("kind = 'tests-pass'\nevidence = 'r'\nflaky = 'maybe'", &["r"])[0].contains("`maybe`"));
}

#[test]
fn other_kinds_see_reports_as_documents() {
    let of = |check: &str| Bench::new(check).tests("r", report("s\n a ok\n b bad")).told();
    assert_eq!(of("kind = 'holds'\nthat = 'r.totals.total == 2 && r.suites.size() == 1'"), ["pass 1"]);
    let failed = of("kind = 'holds'\nthat = 'r.totals.failed == 0'");
    assert!(failed.len() == 1 && failed[0].contains("r.totals.failed"), "{failed:?}");
    assert_eq!(of("kind = 'each-holds'\nin = 'r.cases'\nas = 'case'\nthat = \"case.status == 'passed'\"").len(), 1);
    assert_eq!(of("kind = 'within'\nvalue = 'r.totals.total'\nmin = 2"), ["pass 1"]);
    let unique = of("kind = 'unique'\nin = 'r.cases[*].id'");
    assert_eq!(unique, ["pass 2"]);
}

#[test]
fn debt_that_is_paid_is_a_finding_where_that_is_asked_for() {
    let told = |text: &str| {
        let bench = bench("ledger = 'l'\nrecovered = 'find'\nflaky = 'allow'", text);
        bench.json("l", &ledger(&["s::a"], "2026-06-16")).told()
    };
    assert_eq!(held_apart(&["s::a"], "s\n a ok"), ["pass 1"]);
    assert_eq!(told("s\n a ok"), ["quarantine-recovered l.json#/quarantine/s::a: `s::a` still fails | it passed"]);
    // It failed, was flaky, or did not run: nothing is paid yet.
    assert_eq!(
        [told("s\n a bad"), told("s\n a bad ok"), told("s\n a skip\n b ok")].concat(),
        ["pass 1", "pass 1", "pass 2"]
    );
    let twice = bench("ledger = 'l'\nrecovered = 'find'", "s\n a ok").json("l", &ledger(&["s::a"], "2026-06-16"));
    assert_eq!(twice.tests("r", report("s\n a bad")).told(), ["pass 2"]);
}
