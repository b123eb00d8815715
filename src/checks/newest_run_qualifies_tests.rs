//! Which run may speak for the commit, and that nothing that might be it is passed over.

use super::super::testing::{Bench, refused};
use crate::model::GapKind;

const CHECK: &str = "kind = 'newest-run-qualifies'\nin = 'runs'\nfiles = 'files'\nat = '/timestamp'\ncommit = '/git_sha'\n\
                     must = ['/profile = full', '/shard/kind = none']\ndocuments = ['summary.json']\nmax_age = '5d'\n\
                     thresholds = 'policy.version'\nversions = ['t-1', 't-2']";
const HEAD: &str = "c0ffee0000000000000000000000000000000000";
const OTHER: &str = "badc0de000000000000000000000000000000000";
/// The newest run that qualifies.
const NEWEST: &str = "20260614T100000Z";

fn environment(timestamp: &str, profile: &str, shard: &str, commit: &str) -> String {
    serde_json::json!({"timestamp": timestamp, "profile": profile, "shard": {"kind": shard}, "git_sha": commit}).to_string()
}

/// A bench with these runs, each with its summary: directory, profile, kind of shard, commit.
fn bench(runs: &[(&str, &str, &str, &str)]) -> Bench {
    let documents: Vec<(&str, String)> = runs
        .iter()
        .map(|(directory, profile, shard, commit)| (*directory, environment(directory, profile, shard, commit)))
        .collect();
    with(&documents, &[])
}

/// A bench with these documents, and more files.
fn with(documents: &[(&str, String)], more: &[&str]) -> Bench {
    let mut bench = Bench::new(CHECK).commit(HEAD).parameter("version", "\"t-1\"");
    let mut files: Vec<String> = more.iter().map(|file| (*file).to_owned()).collect();
    for (directory, json) in documents {
        bench = bench.json_at("runs", &format!("r/{directory}/environment.json"), json);
        files.extend(["environment.json", "summary.json"].map(|name| format!("r/{directory}/{name}")));
    }
    bench.listing("files", &files.iter().map(String::as_str).collect::<Vec<_>>())
}

fn usual() -> Vec<(&'static str, &'static str, &'static str, &'static str)> {
    vec![
        ("20260613T100000Z", "full", "none", HEAD),
        (NEWEST, "full", "none", HEAD),
        ("20260614T110000Z", "ci", "none", HEAD),
        ("20260614T120000Z", "full", "both", HEAD),
        ("20260614T130000Z", "full", "none", OTHER),
    ]
}

fn judged(run: &str) -> String {
    format!("r/{run}")
}

#[test]
fn the_newest_run_that_qualifies_is_the_one() {
    assert_eq!(bench(&usual()).run(&judged(NEWEST)).told(), ["pass 6"]);
    let notes = bench(&usual()).run(&judged(NEWEST)).notes();
    let expected = [
        "judged-run: judges run `r/20260614T100000Z` by the thresholds `t-1`",
        "run: r/20260614T100000Z",
        "run-began: 2026-06-14T10:00:00Z",
        "threshold-version: t-1",
        "passed-over: `r/20260614T130000Z`: it tested commit badc0de00000, not c0ffee000000",
        "passed-over: `r/20260614T120000Z`: its shard kind is `both`, not `none`",
        "passed-over: `r/20260614T110000Z`: its profile is `ci`, not `full`",
        "passed-over: `r/20260613T100000Z`: it is older",
    ];
    assert_eq!(notes, expected);
}

#[test]
fn another_run_than_the_newest_does_not_stand_in_for_it() {
    let told = bench(&usual()).run(&judged("20260613T100000Z")).told();
    let wanted = "the newest run that qualifies, `r/20260614T100000Z`, under judgement";
    let place = "r/20260614T100000Z/environment.json#/timestamp";
    assert_eq!(told, [format!("not-the-newest {place}: {wanted} | `r/20260613T100000Z`")]);
    let told = bench(&usual()).told();
    assert_eq!(told, [format!("error missing {place}: {wanted} | no run was given")]);
}

#[test]
fn without_a_run_that_qualifies_each_says_why() {
    let told = bench(&usual()[2..]).run(&judged(NEWEST)).told();
    assert_eq!(told.len(), 3);
    assert!(told.iter().all(|line| line.starts_with("no-qualifying-run r/20260614T1")), "{told:?}");
    assert!(told[1].ends_with("| `r/20260614T120000Z`: its shard kind is `both`, not `none`"), "{told:?}");
}

#[test]
fn what_might_be_the_newest_is_never_passed_over() {
    let sound = || (NEWEST, environment(NEWEST, "full", "none", HEAD));
    let newer = "20260615T100000Z";
    let wrong = [
        environment("soon", "full", "none", HEAD),
        environment(newer, "full", "none", "c0ffee"),
        serde_json::json!({"timestamp": newer, "git_sha": HEAD, "shard": {"kind": "none"}}).to_string(),
        serde_json::json!({"timestamp": newer, "git_sha": HEAD, "profile": "full", "shard": null}).to_string(),
        serde_json::json!({"timestamp": newer, "git_sha": HEAD, "profile": 7, "shard": {"kind": "none"}}).to_string(),
        "{}".to_owned(),
    ];
    for json in &wrong {
        let told = with(&[sound(), (newer, json.clone())], &[]).run(&judged(NEWEST)).told();
        assert!(told.len() == 1 && told[0].starts_with("error invalid r/20260615T100000Z"), "{json}: {told:?}");
    }
    assert_eq!(wrong.len(), 6);
    let ahead = with(&[sound(), ("20260615T120300Z", environment("20260615T120300Z", "ci", "none", HEAD))], &[]);
    assert!(ahead.run(&judged(NEWEST)).told()[0].starts_with("error stale r/20260615T120300Z"));
    // A directory with anything in it is a run, though nothing says which.
    let told = with(&[sound()], &["r/20260615T100000Z/unit/x/result.json", "r/20260615T100000Z/summary.json"]);
    let told = told.run(&judged(NEWEST)).told();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("error missing r/20260615T100000Z/environment.json: a document that says what"),
        "{told:?}"
    );
    // Notes judge no run where the newest cannot be told.
    let notes = with(&[sound()], &["r/x/y"]).run(&judged(NEWEST)).notes();
    assert_eq!(notes[0], "judged-run: judges no run by the thresholds `t-1`");
    assert_eq!(notes[2], "passed-over: `r/20260614T100000Z`: which run is the newest cannot be told");
}

#[test]
fn a_newer_run_that_is_damaged_does_not_give_way() {
    let newer = "20260615T100000Z";
    let documents = [NEWEST, newer].map(|name| (name, environment(name, "full", "none", HEAD)));
    let bench = || {
        let mut bench = Bench::new(CHECK).commit(HEAD).parameter("version", "\"t-1\"");
        for (directory, json) in &documents {
            bench = bench.json_at("runs", &format!("r/{directory}/environment.json"), json);
        }
        let whole = format!("r/{NEWEST}/summary.json");
        bench.listing("files", &[&format!("r/{NEWEST}/environment.json"), &whole, &format!("r/{newer}/environment.json")])
    };
    for run in [NEWEST, newer] {
        let told = bench().run(&judged(run)).told();
        assert!(
            told.iter().any(|line| line.starts_with("error missing r/20260615T100000Z/summary.json")),
            "{run}: {told:?}"
        );
    }
    let told = bench().gap("runs", GapKind::Malformed).run(&judged(NEWEST)).told();
    assert_eq!(told, ["error malformed runs: a file | nothing"]);
}

#[test]
fn names_ages_and_thresholds_count() {
    let renamed = with(&[("20260615T100000Z", environment(NEWEST, "full", "none", HEAD))], &[]);
    assert!(renamed.run(&judged("20260615T100000Z")).told()[0].starts_with("contradiction r/20260615T100000Z"));
    let old = "20260610T115959Z";
    let told = bench(&[(old, "full", "none", HEAD)]).run(&judged(old)).told();
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("error stale r/20260610T115959Z/environment.json#/timestamp: at most 5d old"), "{told:?}");
    for version in ["\"\"", "\" \"", "\"t-3\""] {
        let mut told = Vec::new();
        for run in [NEWEST, "20260613T100000Z"] {
            let bench = Bench::new(CHECK).commit(HEAD).parameter("version", version);
            let bench =
                bench.json_at("runs", &format!("r/{NEWEST}/environment.json"), &environment(NEWEST, "full", "none", HEAD));
            let files = [format!("r/{NEWEST}/environment.json"), format!("r/{NEWEST}/summary.json")];
            told.extend(bench.listing("files", &[&files[0], &files[1]]).run(&judged(run)).told());
        }
        let unknown = told.iter().filter(|line| line.starts_with("unknown-thresholds policy bench: a version")).count();
        assert_eq!(unknown, 2, "{told:?}");
    }
    let told = Bench::new(CHECK).commit(HEAD).json("runs", "{}").listing("files", &["r/a"]).told();
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("error invalid policy bench#/version"), "{told:?}");
}

#[test]
fn nothing_to_look_at_is_an_error() {
    let told = Bench::new(CHECK).parameter("version", "\"t-1\"").json("runs", "{}").listing("files", &["r/a"]).told();
    assert_eq!(told, ["error unbound runs: the commit under judgement | it cannot be told: no repository"]);
    let told = bench(&usual()).gap("files", GapKind::Unreadable).told();
    assert_eq!(told, ["error unreadable files: a file | nothing"]);
    let bad = CHECK.replace("/profile = full", "profile is full");
    assert_eq!(refused(&bad, &["runs", "files"]).len(), 1);
}
