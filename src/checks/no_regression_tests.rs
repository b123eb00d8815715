//! What `no-regression` says of runs in short.

use super::super::testing::Bench;
use crate::model::GapKind;

fn bench(now: &str, before: &str) -> Bench {
    let check = "kind = 'no-regression'\nnow = ['n.suites', 'n.units']\nbefore = ['b.suites', 'b.units']
        name = ['suite', 'target']\nfailed = 'item.exit_code != 0'\ndiff = 'd'";
    Bench::new(check).json("n", now).json("b", before)
}

/// A run in which these suites and units exit with these codes.
fn run(suites: &[(&str, i32)], units: &[(&str, i32)]) -> String {
    let items = |key: &str, items: &[(&str, i32)]| {
        let rows: Vec<String> =
            items.iter().map(|(name, code)| format!(r#"{{"{key}": "{name}", "exit_code": {code}}}"#)).collect();
        rows.join(", ")
    };
    format!(r#"{{"suites": [{}], "units": [{}]}}"#, items("suite", suites), items("target", units))
}

fn diff(status: &str, counts: [usize; 4]) -> String {
    let [regressions, new, fixed, still] = counts;
    format!(
        r#"{{"status": "{status}", "summary": {{"regression_count": {regressions}, "new_failures": {new},
        "fixed": {fixed}, "still_failing": {still}}}}}"#
    )
}

#[test]
fn stable_runs_and_known_failures_pass() {
    let told = |now: &str, before: &str, diff: &str| bench(now, before).json("d", diff).told();
    let same = run(&[("a", 0)], &[("a", 0)]);
    assert_eq!(told(&same, &same, &diff("stable", [0; 4])), ["pass 4"]);
    let known = run(&[("a", 1)], &[("a", 0)]);
    assert_eq!(told(&known, &known, &diff("known_failures_only", [0, 0, 0, 1])), ["pass 4"]);
    assert_eq!(told(&same, &known, &diff("stable", [0, 0, 1, 0])), ["pass 4"]);
    let gone = run(&[], &[("a", 0)]);
    assert_eq!(told(&gone, &known, &diff("known_failures_only", [0, 0, 0, 1])), ["pass 3"]);
}

#[test]
fn regressions_come_first() {
    let now = run(&[("new", 2), ("a", 1)], &[]);
    let before = run(&[("a", 0), ("gone", 0)], &[]);
    assert_eq!(
        bench(&now, &before).absent("d").told(),
        [
            "regression n.json#/suites/1: suite `a` passes, as at b.json#/suites/0 | suite `a` fails",
            "regression b.json#/suites/1: suite `gone` passes, as here | suite `gone` is gone",
            "new-failure n.json#/suites/0: nothing new that fails | suite `new` fails and was not there before"
        ]
    );
}

#[test]
fn the_recorded_comparison_must_agree() {
    let (now, before) = (run(&[("a", 1)], &[]), run(&[("a", 1)], &[]));
    assert_eq!(
        bench(&now, &before).json("d", &diff("stable", [0, 0, 1, 0])).told(),
        [
            "contradiction d.json#/status: `known_failures_only`, recomputed from both runs | \"stable\"",
            "contradiction d.json#/summary/fixed: 0, recomputed from both runs | 1",
            "contradiction d.json#/summary/still_failing: 1, recomputed from both runs | 0"
        ]
    );
    assert_eq!(bench(&now, &before).json("d", r#"{"summary": {"fixed": "0"}}"#).told().len(), 5);
    assert_eq!(bench(&now, &before).gap("d", GapKind::Malformed).told(), ["error malformed d: a file | nothing"]);
}

#[test]
fn the_record_can_be_judged_alone() {
    let only = |now: &str, before: &str| {
        let check = "kind = 'no-regression'\nnow = ['n.suites']\nbefore = ['b.suites']\nname = ['suite']
            failed = 'item.exit_code != 0'\ndiff = 'd'\ndiff_only = true";
        Bench::new(check).json("n", now).json("b", before)
    };
    let (now, before) = (run(&[("a", 1)], &[]), run(&[("a", 0), ("gone", 0)], &[]));
    let (all, shown) = (diff("regression", [2, 0, 0, 0]), diff("regression", [1, 0, 0, 0]));
    assert_eq!(only(&now, &before).json("d", &all).told(), ["pass 3"]);
    assert_eq!(only(&now, &before).absent("d").told().len(), 1);
    assert!(only(&now, &before).absent("d").told()[0].starts_with("skip"));
    // What is gone from the run is a regression. What is not in a shard may be in another one.
    let told = only(&now, &before).json("d", &shown).told();
    assert_eq!(told, ["contradiction d.json#/summary/regression_count: 2, recomputed from both runs | 1"]);
    assert_eq!(only(&now, &before).part().json("d", &shown).told(), ["pass 3"]);
    assert_eq!(only(&now, &before).part().json("d", &all).told(), ["pass 3"]);
    let other = diff("regression", [0, 1, 0, 0]);
    assert_eq!(only(&now, &before).part().json("d", &other).told().len(), 2);
}

#[test]
fn items_that_cannot_be_told_apart_are_found() {
    let twice = run(&[("a", 0), ("a", 1)], &[]);
    assert_eq!(
        bench(&twice, &run(&[("a", 0)], &[])).absent("d").told(),
        ["contradiction n.json#/suites/1: one suite `a`, as at n.json#/suites/0 | one more of this name"]
    );
    let damaged = r#"{"suites": [{"exit_code": 0}, {"suite": "a"}, 5], "units": [{"target": " ", "exit_code": 0}]}"#;
    let told = bench(damaged, &run(&[("a", 0)], &[])).absent("d").told();
    assert_eq!(told.len(), 4);
    assert_eq!(told[0], "missing-field n.json#/suites/0/suite: a name in `suite` or `target` | nothing");
    assert!(told[1].starts_with("missing-field n.json#/suites/1/exit_code: "), "{told:?}");
    assert!(told[2].starts_with("wrong-type n.json#/suites/2: an object"), "{told:?}");
    assert!(told[3].starts_with("blank n.json#/units/0/target: "), "{told:?}");
}

#[test]
fn a_run_without_items_is_an_error_and_no_baseline_a_skip() {
    let (some, none) = (run(&[("a", 0)], &[]), run(&[], &[]));
    let told = bench(&none, &some).absent("d").told();
    assert_eq!(told, ["error empty n.json#/suites: items at `n.suites` | nothing to examine"]);
    let told = bench(&some, &none).absent("d").told();
    assert_eq!(told, ["error empty b.json#/suites: items at `b.suites` | nothing to examine"]);
    let check = "kind = 'no-regression'\nnow = ['n.s']\nbefore = ['b.s']\nname = ['suite']\nfailed = 'item.x'";
    assert_eq!(Bench::new(check).json("n", "{}").absent("b").told(), ["skip b is absent"]);
}
