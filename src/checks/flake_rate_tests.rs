//! What `flake-rate` says of runs: proven, flaky, broken, undecided, and runs that do not count.

use super::super::testing::{Bench, refused, report};
use crate::model::GapKind;

const CHECK: &str = "kind = 'flake-rate'\nevidence = 'r'\nidentity = 'i'\nid = '/id'\ncommit = '/sha'\n";

/// Runs of the commit `c`, each from its report.
fn bench(keys: &str, runs: &[&str]) -> Bench {
    (0..).zip(runs).fold(Bench::new(&format!("{CHECK}{keys}")).commit("c"), |bench: Bench, (at, text): (usize, _)| {
        bench
            .json_at("i", &format!("run{at}/env.json"), &format!(r#"{{"id": "{at}", "sha": "c", "suites": ["s"]}}"#))
            .tests_at("r", &format!("run{at}/s/r.xml"), report(text))
    })
}

fn told(keys: &str, runs: &[&str]) -> Vec<String> {
    bench(keys, runs).told()
}

fn clean(runs: usize) -> Vec<&'static str> {
    vec!["s\n a ok\n b skip"; runs]
}

const HALF: &str = "max_rate = 0.5";

#[test]
fn enough_clean_runs_pass() {
    // The suite as a whole, and one test; the other never ran.
    assert_eq!(told("max_rate = 0.1", &clean(29)), ["pass 2"]);
    assert_eq!(told("max_rate = 0.1\nmin_runs = 30", &clean(30)), ["pass 2"]);
    assert_eq!(told(HALF, &clean(5)), ["pass 2"]);
    assert_eq!(bench("max_rate = 'policy.most'", &clean(29)).parameter("most", "0.1").told(), ["pass 2"]);
}

#[test]
fn too_few_runs_are_undecided() {
    assert_eq!(
        told("max_rate = 0.1", &clean(28)),
        [
            "error undecided run0/s/r.xml: at most 10 % of runs fail, at 95 % confidence, proven by 1 more run without a failure | undecided: 0 failures in 28 runs bound the rate by 10.15 %; `s` as a whole, `s::a`"
        ]
    );
    let more = told("max_rate = 0.1\nmin_runs = 40", &clean(30));
    assert!(more[0].contains("proven by 10 more runs"), "{more:?}");
    let sure = told("max_rate = 0.1\nconfidence = 0.99", &clean(30));
    assert!(sure[0].contains("at 99 % confidence, proven by 14 more"), "{sure:?}");
}

#[test]
fn failures_are_found_with_a_failing_and_a_passing_run() {
    let runs = ["s\n a ok\n b ok", "s\n a bad\n b bad ok", "s\n a bad\n b ok", "s\n a ok\n b ok", "s\n a ok\n b ok"];
    assert_eq!(
        told(HALF, &runs),
        [
            "flake-rate run2/s/r.xml:2: `s::a`: at most 50 % of runs fail, at 95 % confidence | 2 of 5 runs: a rate of up to 81.08 %; failed in run2: no; passed in run4",
            "flake-rate run1/s/r.xml:3: `s::b`: at most 50 % of runs fail, at 95 % confidence | 1 of 5 runs: a rate of up to 65.75 %; passed at a retry in run1: no; passed in run4"
        ]
    );
    let mut rare = clean(30);
    rare[3] = "s\n a bad";
    assert_eq!(told("max_rate = 0.2", &rare), ["pass 2"], "rare enough, and proven");
}

#[test]
fn what_always_fails_is_broken() {
    assert_eq!(
        told(HALF, &["s\n a bad\n b ok"; 6]),
        [
            "test-broken run5/s/r.xml:2: `s::a` passes in at least one of its runs | failed in all 6 runs, so it is broken and not flaky; last failed: no"
        ]
    );
    let once = told(HALF, &["s\n a bad"]);
    assert!(once[0].ends_with("failed in its only run: no") && once[1].starts_with("error undecided"), "{once:?}");
}

#[test]
fn runs_cut_short_and_missing_reports_count_against() {
    let cut = told(HALF, &["s\n a ok\n b ok", "s\n a ok\ncut", "s\n a ok\n b ok", "s\n a ok\n b ok"]);
    assert_eq!(cut.len(), 3, "{cut:?}");
    assert!(cut[0].starts_with("flake-rate run1/s/r.xml:3: `s` as a whole: "), "{cut:?}");
    assert!(cut[1].contains("`s::b`") && cut[1].contains("unfinished in run1: it stopped"), "{cut:?}");
    assert!(cut[2].starts_with("error undecided") && cut[2].contains("`s::a`"), "{cut:?}");
    let gone = bench(&format!("{HALF}\nselected = ['/suites']"), &clean(5))
        .json_at("i", "run9/env.json", r#"{"id": "9", "sha": "c", "suites": ["s"]}"#)
        .told();
    assert_eq!(gone.len(), 2, "{gone:?}");
    assert!(gone[0].starts_with("flake-rate run9/env.json#/suites/0: `s` as a whole"), "{gone:?}");
    assert!(gone[1].contains("`s::a`") && gone[1].contains("left no report"), "{gone:?}");
    let unselected = bench(HALF, &clean(5)).json_at("i", "run9/env.json", r#"{"id": "9", "sha": "c"}"#).told();
    assert_eq!(unselected, ["error missing run9/env.json: at least one test report of the run in run9 | none"]);
}

#[test]
fn runs_of_other_commits_are_never_mixed_in() {
    let other = |keys: &str, sha: &str| {
        bench(&format!("{HALF}\n{keys}"), &clean(5))
            .json_at("i", "other/env.json", &format!(r#"{{"id": "9", "sha": {sha}}}"#))
            .tests_at("r", "other/s/r.xml", report("s\n a bad"))
            .told()
    };
    assert_eq!(other("", r#""d""#), ["error unbound other/env.json#/sha: a run of the commit under judgement, c | \"d\""]);
    assert_eq!(other("other_commits = 'leave-out'", r#""d""#), ["pass 2"]);
    let unknown = other("other_commits = 'leave-out'", "null");
    assert_eq!(unknown, ["error unbound other/env.json#/sha: the commit of the run | null"]);
    let few = other("other_commits = 'leave-out'\nmin_runs = 6", r#""d""#);
    assert!(few[0].ends_with("; 1 run of another commit was left out"), "{few:?}");
    let stray = bench(HALF, &clean(5)).tests_at("r", "stray/r.xml", report("s\n a ok")).told();
    assert!(stray[0].starts_with("error unbound stray/r.xml: "), "{stray:?}");
    let nowhere = Bench::new(&format!("{CHECK}{HALF}")).json_at("i", "e.json", r#"{"id": "1", "sha": "c"}"#);
    let nowhere = nowhere.tests_at("r", "r.xml", report("s\n a ok")).told();
    assert!(nowhere[0].starts_with("error unbound commit: ") && nowhere.len() == 1, "{nowhere:?}");
}

#[test]
fn one_run_given_twice_proves_no_more() {
    let twice = clean(5).iter().fold(bench("max_rate = 0.4", &[]), |bench, text| {
        let at = bench.artifacts("i");
        bench.json_at("i", &format!("run{at}/env.json"), r#"{"id": "same", "sha": "c"}"#).tests_at(
            "r",
            &format!("run{at}/s/r.xml"),
            report(text),
        )
    });
    let told = twice.told();
    assert!(told[0].starts_with("error undecided") && told[0].contains("0 failures in 1 runs"), "{told:?}");
}

#[test]
fn a_recording_may_hold_many_runs() {
    let recording = |each: &str| {
        let bench = Bench::new(&format!("{CHECK}{HALF}\neach = '{each}'")).commit("c");
        let bench = bench.json_at("i", "all/env.json", r#"{"id": "1", "sha": "c"}"#);
        (0..5).fold(bench, |bench, at| bench.tests_at("r", &format!("all/runs/{at}/r.xml"), report("s\n a ok"))).told()
    };
    assert_eq!(recording("directory"), ["pass 2"]);
    assert!(recording("document")[0].starts_with("error undecided"));
}

#[test]
fn quarantine_covers_tests_and_no_crash() {
    let ledger = r#"{"quarantine": {"s::a": {"category": "FLAKE-NET", "owner": "ada", "bead": "b", "reason": "r", "since": "2026-06-10",
        "expires": "2026-06-18", "evidence": "e", "reproduce": "r", "exit_criterion": "x"}}}"#;
    let keys = format!("{HALF}\nledger = 'l'");
    let runs = ["s\n a bad\n b ok", "s\n a ok\n b ok", "s\n a ok\n b ok", "s\n a ok\n b ok", "s\n a ok\n b ok"];
    assert_eq!(bench(&keys, &runs).json("l", ledger).told(), ["pass 3"]);
    let mut cut = runs;
    cut[1] = "s\n b ok\ncut";
    let told = bench(&keys, &cut).json("l", ledger).told();
    assert!(told.len() == 1 && told[0].contains("`s` as a whole"), "{told:?}");
    let late = bench(&keys, &runs).json("l", &ledger.replace("2026-06-18", "2026-06-12")).told();
    assert!(late.len() == 2 && late[0].starts_with("quarantine-invalid"), "{late:?}");
    let unused = bench(&keys, &["s\n b ok"; 5]).json("l", ledger).told();
    assert!(unused[0].starts_with("quarantine-unused"), "{unused:?}");
}

#[test]
fn damage_and_absence_are_not_passes() {
    assert_eq!(bench(HALF, &clean(5)).gap("r", GapKind::Malformed).told(), ["error malformed r: a file | nothing"]);
    assert_eq!(Bench::new(&format!("{CHECK}{HALF}")).absent("r").json("i", "{}").told(), ["skip r is absent"]);
    let contradiction = told(HALF, &["s\n a ok\nnot", "s\n a ok", "s\n a ok", "s\n a ok", "s\n a ok"]);
    assert!(contradiction[0].starts_with("contradiction run0/s/r.xml:3"), "{contradiction:?}");
    let two = bench(HALF, &clean(5)).json_at("i", "run0/again.json", r#"{"id": "1", "sha": "c"}"#).told();
    assert!(two[0].starts_with("error invalid run0/again.json: one document that names the run"), "{two:?}");
    let nothing = told(HALF, &["s\n a skip"; 5]);
    assert_eq!(nothing, ["pass 1"], "the suite came to its end five times; its skips are for another kind");
}

#[test]
fn definitions_are_checked() {
    let check = |keys: &str| refused(&format!("{CHECK}{keys}"), &["r", "i"]);
    let mut looked = 0;
    for (keys, said) in [
        ("max_rate = 0", "limit: `max_rate`: 0 does not lie between 0 and 1"),
        ("max_rate = 10", "limit: `max_rate`: 10 does not lie between 0 and 1"),
        ("max_rate = 0.1\nconfidence = 1", "limit: `confidence`: 1 does not lie between 0 and 1"),
        ("max_rate = 0.1\nmin_runs = 0", "limit: `min_runs`: 0 is no number of runs, from 1"),
        ("max_rate = 0.1\nother_commits = 'mix'", "wrong-type: `other_commits`: `mix` is not one of the words it takes"),
    ] {
        assert_eq!(check(keys), [said]);
        looked += 1;
    }
    assert_eq!(looked, 5);
    let told = bench("max_rate = 'policy.most'", &clean(5)).parameter("most", "7").told();
    assert!(told[0].starts_with("error invalid policy bench#/most: "), "{told:?}");
}

#[test]
fn the_highest_bound_is_measured() {
    let bounds = |runs: &[&str]| bench("max_rate = 0.1", runs).measured();
    assert_eq!(bounds(&clean(29)), ["tests 1", "runs 29", "highest bound of a failure rate 9.8145 % (at most 10 %)"]);
    let mut rare = clean(29);
    rare[3] = "s\n a bad";
    assert_eq!(bounds(&rare)[2], "highest bound of a failure rate 15.3392 % (at most 10 %)");
}
