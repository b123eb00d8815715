//! What `scenarios-ran` says of the newest runs of scenarios. The bench's day is 2026-06-15.

use super::super::testing::{Bench, refused};
use crate::model::GapKind;

fn check(asks: &str) -> String {
    format!(
        "kind = 'scenarios-ran'\nasks = '{asks}'\nscenarios = 's'\ncases = 'c'\nmetadata = 'm'\nsuites = 'f'\nsince = 'x.started_at'\npackages = 'policy.packages'\nmax_age = '7d'"
    )
}

/// A scenario of two cases.
fn bench(asks: &str) -> Bench {
    of_packages(asks, "[]")
}

fn of_packages(asks: &str, packages: &str) -> Bench {
    let bench = Bench::new(&check(asks)).parameter("packages", packages);
    let bench = bench.json_at("s", "a/test/e2e/TS-A-001-x/scenario.yml", r#"{"test-id": "TS-A-001", "package": "a"}"#);
    bench.listing("c", &["a/test/e2e/TS-A-001-x/TC-001.runner.md", "a/test/e2e/TS-A-001-x/TC-002.runner.md"])
}

fn run(status: &str, passed: u32, completed: &str) -> String {
    let failed = if passed == 2 { "[]" } else { r#"[{"tc": "TC-002", "category": "tool-bug"}]"# };
    format!(
        r#"{{"run-id": "r", "test-id": "TS-A-001", "package": "a", "status": "{status}", "verdict": "{status}", "completed": "{completed}", "tcs-passed": {passed}, "tcs-failed": {}, "tcs-total": 2, "failed": {failed}}}"#,
        2 - passed
    )
}

const TODAY: &str = "2026-06-14T20:00:00Z";

fn told(asks: &str, runs: &[(&str, String)]) -> Vec<String> {
    let mut bench = bench(asks).absent("f").absent("x");
    for (directory, run) in runs {
        bench = bench.json_at("m", &format!("{directory}-reports/metadata.yml"), run);
    }
    bench.told()
}

fn kinds(lines: &[String]) -> Vec<&str> {
    lines.iter().map(|line| line.split(' ').next().unwrap_or_default()).collect()
}

/// Of a run that counts the times are looked at, whether the repository has its scenario or not.
#[test]
fn no_run_is_of_the_future_or_ends_before_it_begins() {
    let began = |run: String, at: &str| run.replacen('{', &format!(r#"{{"started": "{at}", "#), 1);
    let gone = |run: String| run.replace("TS-A-001", "TS-B-001");
    let rows = [
        (gone(run("pass", 2, TODAY)), "pass"),
        (gone(run("pass", 2, "2030-01-01T00:00:00Z")), "future-report"),
        (began(run("pass", 2, TODAY), "2026-06-14T19:55:00Z"), "pass"),
        (began(run("pass", 2, TODAY), TODAY), "pass"),
        (began(run("pass", 2, TODAY), "2026-06-14T22:00:00Z"), "bad-timestamp"),
        (began(gone(run("pass", 2, TODAY)), "2026-06-14T22:00:00Z"), "bad-timestamp"),
        (began(run("pass", 2, TODAY), "early"), "pass"),
    ];
    assert_eq!(rows.len(), 7);
    for (other, expected) in rows {
        let lines = told("reported", &[("8a-a-ts001", run("pass", 2, TODAY)), ("8b-a-ts001", other.clone())]);
        assert_eq!(kinds(&lines), [expected], "{other}");
    }
}

#[test]
fn what_ran_whole_and_lately_is_reported() {
    let one = |run: String| told("reported", &[("8a-a-ts001", run)]);
    assert_eq!(one(run("pass", 2, TODAY)), ["pass 1"]);
    assert_eq!(kinds(&one(run("pass", 2, "2026-05-01T00:00:00Z"))), ["stale-report"]);
    assert_eq!(kinds(&one(run("pass", 2, "2030-01-01T00:00:00Z"))), ["future-report"]);
    assert_eq!(kinds(&one(run("pass", 2, "yesterday"))), ["bad-timestamp"]);
    let part = run("pass", 2, TODAY).replace(r#""tcs-total": 2"#, r#""tcs-total": 1"#);
    assert_eq!(kinds(&one(part)), ["cases-left-out"]);
    assert_eq!(
        one(run("pass", 2, TODAY).replace("TS-A-001", "TS-B-001")),
        ["left-out a/test/e2e/TS-A-001-x/scenario.yml#/test-id: a report of `TS-A-001` | none"]
    );
    let single = run("pass", 2, TODAY).replace(r#""run-id""#, r#""tc-id": "TC-001", "run-id""#);
    assert_eq!(kinds(&one(single)), ["left-out"], "a run of one case is no run of its scenario");
    assert_eq!(one(r#"{"test-id": "TS-A-001", "status": "error"}"#.to_owned()), ["pass 1"]);
}

#[test]
fn the_newest_run_decides() {
    let good = || run("pass", 2, TODAY);
    let bad = || run("partial", 1, TODAY);
    assert_eq!(told("passed", &[("8a-a-ts001", bad()), ("8b-a-ts001", good())]), ["pass 1"]);
    assert_eq!(
        told("passed", &[("8a-a-ts001", good()), ("8b-a-ts001", bad())]),
        ["failed-scenario 8b-a-ts001-reports/metadata.yml#/failed/0: `TS-A-001` passes `TC-002` | failed: tool-bug"]
    );
    let empty = run("pass", 2, TODAY).replace(": 2", ": 0");
    assert_eq!(kinds(&told("passed", &[("8a-a-ts001", empty)])), ["failed-scenario"]);
    assert_eq!(kinds(&told("passed", &[("8a-a-ts001", run("skip", 2, TODAY))])), ["failed-scenario"]);
    let single = bad().replace(r#""run-id""#, r#""tc-id": "TC-002", "run-id""#);
    assert_eq!(
        kinds(&told("passed", &[("8a-a-ts001", good()), ("8b-a-ts001-tc002", single.clone())])),
        ["failed-scenario"]
    );
    assert_eq!(told("passed", &[("8a-a-ts001-tc002", single), ("8b-a-ts001", good())]), ["pass 1"]);
}

#[test]
fn a_pass_behind_a_failure_is_a_recovery() {
    let good = || run("pass", 2, TODAY);
    let lines = told("first-time", &[("8a-a-ts001", run("partial", 1, TODAY)), ("8b-a-ts001", good())]);
    assert_eq!(
        lines,
        [
            "flaky-recovery 8a-a-ts001-reports/metadata.yml#/status: `TS-A-001` passed at its first try | it failed in `8a-a-ts001-reports` and passed in `8b-a-ts001-reports`"
        ]
    );
    let old = ("8a-a-ts001", run("partial", 1, "2026-05-01T00:00:00Z"));
    assert_eq!(told("first-time", &[old, ("8b-a-ts001", good())]), ["pass 1"]);
    let twice = [("8a-a-ts001", run("partial", 1, TODAY)), ("8b-a-ts001", run("partial", 1, TODAY))];
    assert_eq!(told("first-time", &twice), ["pass 1"]);
    let suite = |flaky: u32| {
        let bench = bench("first-time").absent("x").json_at("m", "8a-a-ts001-reports/metadata.yml", &good());
        let old = bench.json_at("f", "1-suite-final-report.md", r#"{"fields": {"flaky-scenarios": 9}}"#);
        old.json_at("f", "8c-suite-final-report.md", &format!(r#"{{"fields": {{"flaky-scenarios": {flaky}}}}}"#)).told()
    };
    assert_eq!(suite(0), ["pass 2"]);
    assert_eq!(kinds(&suite(1)), ["flaky-recovery"]);
}

#[test]
fn packages_and_the_beginning_of_the_run_limit_what_counts() {
    let limited = |packages: &str, since: &str| {
        let bench = of_packages("reported", packages).absent("f");
        let bench = bench.json_at("m", "8a-a-ts001-reports/metadata.yml", &run("pass", 2, TODAY));
        bench.json_at("x", "run-context.json", &format!(r#"{{"started_at": "{since}"}}"#)).told()
    };
    assert_eq!(limited("[]", "2026-06-14T19:00:00Z"), ["pass 1"]);
    assert_eq!(kinds(&limited("[]", "2026-06-14T21:00:00Z")), ["left-out"]);
    assert_eq!(kinds(&limited("[]", "today")), ["wrong-type"]);
    assert_eq!(kinds(&limited(r#"["b"]"#, "2026-06-14T19:00:00Z")), ["error"], "nothing is asked for");
    let unbound = bench("reported").absent("f").absent("x");
    let notes = unbound.json_at("m", "8a-a-ts001-reports/metadata.yml", &run("pass", 2, TODAY)).notes();
    assert_eq!(notes, ["unbound: no commit is stated with the reports, so they are bound by their age alone"]);
}

#[test]
fn what_is_not_there_is_no_pass() {
    let lines = bench("passed").absent("f").absent("x").gap("m", GapKind::Missing).told();
    assert_eq!(lines, ["error missing m: a file | nothing"]);
    assert!(
        refused(&check("reported").replace("'7d'", "'soon'"), &["s", "c", "m", "f", "x"])
            .iter()
            .any(|line| line.contains("soon"))
    );
}

/// What a run came to that its own reports limit: of two packages, `a` ran. The first list has the reports of suites and packages, the second the logs of suites.
fn scoped(reports: &[(&str, &str)], logs: &[&str], runs: &[(&str, String)]) -> Bench {
    let bench = Bench::new(&format!("{}\nscope = 'r'\nsuite_logs = 'l'", check("reported"))).parameter("packages", "[]");
    let scenario = |name: &str| format!(r#"{{"test-id": "TS-{name}-001"}}"#);
    let bench = bench.json_at("s", "a/test/e2e/TS-A-001-x/scenario.yml", &scenario("A"));
    let bench = bench.json_at("s", "b/test/e2e/TS-B-001-x/scenario.yml", &scenario("B"));
    let mut bench = bench.listing("c", &["a/test/e2e/TS-A-001-x/TC-001.runner.md"]).absent("f").absent("x");
    for (name, package) in reports {
        let text = format!(r#"{{"fields": {{"package": "{package}", "executed": "{TODAY}"}}}}"#);
        bench = bench.json_at("r", name, &text);
    }
    let bench = if reports.is_empty() { bench.absent("r") } else { bench };
    let mut bench = if logs.is_empty() { bench.absent("l") } else { bench.listing("l", logs) };
    for (directory, run) in runs {
        bench = bench.json_at("m", &format!("{directory}-reports/metadata.yml"), run);
    }
    bench
}

#[test]
fn a_run_of_one_package_is_asked_for_it_alone() {
    let own = || ("8a-a-ts001", run("pass", 2, TODAY));
    let package = ("8a-final-report.md", "a");
    let bench = scoped(&[package], &[], &[own()]);
    assert_eq!(bench.told(), ["pass 1"]);
    let bench = scoped(&[package], &[], &[own()]);
    assert_eq!(bench.notes()[1..], ["some-packages: this is a run of `a` alone, as its reports say"]);

    // Whatever leaves it open asks for all.
    let other = || ("8b-b-ts001", run("pass", 2, TODAY).replace("TS-A", "TS-C").replace(r#""a""#, r#""c""#));
    let log = ["8a-a-ts001-reports/subprocess_output.log"];
    let cases = [
        ("no report of a package", scoped(&[], &[], &[own()])),
        ("the report of a suite", scoped(&[("8a-final-report.md", "suite")], &[], &[own()])),
        ("both", scoped(&[package, ("8b-suite-report.md", "suite")], &[], &[own()])),
        ("a suite that was killed", scoped(&[package], &log, &[own()])),
        ("a run of another package, which no report names", scoped(&[package], &[], &[own(), other()])),
    ];
    assert_eq!(cases.len(), 5);
    for (why, bench) in cases {
        let lines = bench.told();
        assert!(lines.iter().any(|line| line.contains("a report of `TS-B-001`")), "{why}: {lines:?}");
    }

    // Within the package nothing may be left out.
    let bench = scoped(
        &[("8a-final-report.md", "b")],
        &[],
        &[("8a-b-ts002", run("pass", 2, TODAY).replace("TS-A-001", "TS-B-002").replace(r#""a""#, r#""b""#))],
    );
    assert_eq!(kinds(&bench.told()), ["left-out"]);
    let damaged = scoped(&[package], &[], &[own()]).gap("r", GapKind::Malformed).told();
    assert_eq!(kinds(&damaged), ["error"], "a report that cannot be read limits nothing");
}

#[test]
fn scope_and_logs_of_suites_go_together() {
    let text = format!("{}\nscope = 'r'", check("reported"));
    assert!(refused(&text, &["s", "c", "m", "f", "x", "r"]).iter().any(|line| line.contains("suite_logs")));
}
