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
    let bare = held_apart(&["b"], "s\n b bad");
    assert_eq!(
        bare[0],
        "quarantine-ambiguous l.json#/quarantine/b: the full id of a test | a part of an id: `s::b` goes by it"
    );
    assert_eq!(bare.len(), 2, "nothing is covered: {bare:?}");
    let twice = held_apart(&["s::b", "s::b in r.xml"], "s\n b bad");
    assert_eq!(
        twice[0],
        "quarantine-twice l.json#/quarantine/s::b in r.xml: one entry for `s::b` | `s::b` and `s::b in r.xml` both name it, so neither covers it"
    );
    assert_eq!(twice.len(), 2, "neither covers it: {twice:?}");
    let whole = held_apart(&["s::a"], "s\n a bad\n error\nt\ncut\nnot");
    let kinds: Vec<&str> = whole.iter().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(kinds, ["cut-short", "contradiction", "suite-error", "empty-suite"]);
}

#[test]
fn an_entry_names_one_test_of_several_with_one_id() {
    let twice = |entry: &str, first: &str, second: &str| {
        let bench = bench("ledger = 'l'", first).json("l", &ledger(&[entry], "2026-06-16"));
        bench.tests("r", report(second)).told()
    };
    let ambiguous = twice("s::a", "s\n a bad", "s\n a bad");
    assert_eq!(
        ambiguous[..1],
        [
            "quarantine-ambiguous l.json#/quarantine/s::a: one test called `s::a` | 2 tests go by it: `s::a in r.xml`, `s::a in r-2.xml`"
        ]
    );
    assert_eq!(ambiguous.len(), 3, "none is covered: {ambiguous:?}");
    assert_eq!(twice("s::a in r-2.xml", "s\n a ok", "s\n a bad"), ["pass 2"]);
    let main_fails = twice("s::a in r-2.xml", "s\n a bad", "s\n a bad");
    assert_eq!(main_fails, ["test-failed r.xml:2: `s::a in r.xml` passes | failed at src/a.rs:7: no"]);
    // What was pasted stays right when the other report is gone.
    assert_eq!(held_apart(&["s::a in r.xml"], "s\n a bad"), ["pass 1"]);
    assert_eq!(held_apart(&["s::a (f)"], "s\n a@f bad\n a@g ok"), ["pass 2"]);
    let several = |second: &str| {
        let bench = bench("ledger = 'l'\nruns = 'several'", "s\n a bad").json("l", &ledger(&["s::a"], "2026-06-16"));
        bench.tests("r", report(second)).told()
    };
    assert_eq!(several("s\n a bad"), ["pass 2"]);
    assert_eq!(several("s\n a bad\n a bad").len(), 4, "two tests in one of the runs are two");
    // Only their position tells these apart, so no entry can name one of them.
    let same = held_apart(&["s::a #1"], "s\n a bad\n a ok");
    assert!(same[0].starts_with("quarantine-ambiguous") && same.len() == 2, "{same:?}");
}

#[test]
fn totals_that_differ_are_noted_and_decide_nothing() {
    let mut differs = report("s\n a ok");
    let at = crate::model::Spot::Line(1);
    differs.differences = vec![crate::model::Contradiction { items: "1 test".into(), stated: "2 tests".into(), at }; 22];
    let check = || Bench::new("kind = 'tests-pass'\nevidence = 'r'");
    let mut again = report("s\n a ok");
    again.differences.clone_from(&differs.differences);
    assert_eq!(check().tests("r", differs).told(), ["pass 1"]);
    let notes = check().tests("r", again).notes();
    assert_eq!(notes.len(), 21);
    assert_eq!(notes[0], "totals-differ: r.xml:1: the report states 2 tests, and its items come to 1 test");
    assert_eq!(notes[20], "totals-differ: 2 more totals differ like these");
}

/// F28: an empty report, or one of skipped tests, beside one that is good.
#[test]
fn a_report_in_which_nothing_ran_is_noted_beside_one_in_which_something_did() {
    let beside = |own: &str| {
        let check =
            || Bench::new("kind = 'tests-pass'\nevidence = 'r'\nempty_suites = 'allow'").tests("r", report("s\n a ok"));
        (check().tests("r", report(own)).told(), check().tests("r", report(own)).notes())
    };
    let (told, notes) = beside("t");
    assert_eq!((told, notes), (vec!["pass 1".to_owned()], vec!["nothing-ran: r-2.xml: no test in it".to_owned()]));
    let (told, notes) = beside("t\n b skip\n c skip");
    assert_eq!(
        (told, notes),
        (vec!["pass 3".to_owned()], vec!["nothing-ran: r-2.xml: all 2 tests in it were skipped".to_owned()])
    );
    assert_eq!(beside("t\n b skip\n c ok").1, [""; 0]);
    assert_eq!(beside("t\n b bad").1, [""; 0]);
    // Alone it is what is judged, and no note.
    let alone = || Bench::new("kind = 'tests-pass'\nevidence = 'r'").tests("r", report("t\n b skip"));
    assert_eq!(alone().notes(), [""; 0]);
}

#[test]
fn entries_that_cover_no_test_are_told() {
    assert_eq!(
        held_apart(&["a", "z"], "s\n a bad\nt\n a ok"),
        [
            "quarantine-ambiguous l.json#/quarantine/a: the full id of a test | a part of an id: `s::a`, `t::a` go by it",
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
fn a_known_failure_that_passes_is_a_finding_where_that_is_asked_for() {
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
}

#[test]
fn a_known_failure_that_passes_is_a_finding_and_a_flake_may_do_either() {
    let told = |kind: &str, recovered: &str, text: &str| {
        let said =
            ledger(&["s::a"], "2026-06-16").replace("\"FLAKE-NET\"", &format!("\"FLAKE-NET\", \"kind\": \"{kind}\""));
        bench(&format!("ledger = 'l'\nflaky = 'allow'\nrecovered = '{recovered}'"), text).json("l", &said).told()
    };
    let mut looked = 0;
    for recovered in ["find", "allow"] {
        for (kind, text, pass) in [
            ("flaky", "s\n a ok", true),
            ("flaky", "s\n a bad", true),
            ("known-failure", "s\n a ok", false),
            ("known-failure", "s\n a bad", true),
            ("known-failure", "s\n a skip\n b ok", true),
        ] {
            let said = told(kind, recovered, text);
            let expected = if pass { "pass" } else { "quarantine-recovered" };
            assert!(said.len() == 1 && said[0].starts_with(expected), "{kind} {recovered} {text}: {said:?}");
            looked += 1;
        }
    }
    assert_eq!(looked, 10);
    assert!(told("often", "allow", "s\n a bad").len() > 1, "a kind that nobody knows voids the entry");
}

#[test]
fn tests_are_counted_whatever_came_of_them() {
    let text = "s\n a ok\n b bad\n c skip\n d bad ok";
    assert_eq!(
        bench("", text).measured(),
        ["tests 4", "tests passed 1", "tests failed 1", "tests skipped 1", "tests flaky 1"]
    );
    assert_eq!(bench("", "s\n a ok").measured(), ["tests 1", "tests passed 1", "tests failed 0"]);
}
