//! What `shards-complete` says of documents in short.

use super::super::testing::Bench;
use crate::model::GapKind;

const CHECK: &str =
    "kind = 'shards-complete'\nin = 'e'\nshard = 'shard'\nsame = ['run_id', 'git_sha']\nselects = ['suites', 'units']";

fn shard(run: &str, kind: &str, number: Option<(i64, i64)>, suites: &[&str]) -> String {
    let (index, total) =
        number.map_or((serde_json::Value::Null, serde_json::Value::Null), |(index, total)| (index.into(), total.into()));
    serde_json::json!({
        "run_id": run, "git_sha": "c0ffee", "shard": {"kind": kind, "index": index, "total": total},
        "suites": suites, "units": [],
    })
    .to_string()
}

fn suite(index: i64, total: i64, suites: &[&str]) -> String {
    shard("r", "both", Some((index, total)), suites)
}

fn told(documents: &[String]) -> Vec<String> {
    documents.iter().fold(Bench::new(CHECK), |bench, document| bench.json("e", document)).told()
}

#[test]
fn whole_runs_and_all_shards_pass() {
    assert_eq!(told(&[shard("r", "none", None, &["a", "b"])]), ["pass 1"]);
    assert_eq!(told(&[suite(0, 1, &["a"])]), ["pass 1"]);
    assert_eq!(told(&[suite(1, 3, &["b"]), suite(0, 3, &["a"]), suite(2, 3, &["c"])]), ["pass 3"]);
}

#[test]
fn missing_shards_are_named() {
    assert_eq!(
        told(&[suite(1, 3, &["b"])]),
        ["missing-shard e.json#/shard: all of 3 shards of kind `both`, each once | shards 0, 2 are missing"]
    );
    assert_eq!(
        told(&[suite(1, 3, &["b"]), suite(2, 3, &["c"])]),
        ["missing-shard e.json#/shard: all of 3 shards of kind `both`, each once | shard 0 is missing"]
    );
    // A total that nobody could reach costs nothing.
    let many = told(&[suite(0, i64::MAX, &["a"])]);
    assert!(many[0].contains("shards 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 9223372036854775796 more are missing"), "{many:?}");
}

#[test]
fn each_shard_is_there_once_and_in_range() {
    assert_eq!(
        told(&[suite(0, 2, &["a"]), suite(1, 2, &["b"]), suite(1, 2, &["c"])]),
        ["duplicate-shard e-3.json#/shard: shard 1 once, as at e-2.json#/shard | one more shard 1"]
    );
    assert_eq!(
        told(&[suite(0, 1, &["a"]), suite(1, 1, &["b"])]),
        ["shard-out-of-range e-2.json#/shard: one of 1 shards, which count from 0 | shard 1 of 1 (`both`)"]
    );
    assert!(told(&[suite(0, 1, &["a"]), suite(-1, 1, &[])])[0].starts_with("shard-out-of-range e-2.json#/shard"));
    assert!(told(&[suite(0, 0, &["a"])])[0].starts_with("shard-out-of-range e.json#/shard"));
}

#[test]
fn what_differs_is_named() {
    let two = [suite(0, 3, &["a"]), suite(2, 3, &["c"])];
    let with = |odd: String| told(&[odd, two[0].clone(), two[1].clone()]);
    assert_eq!(
        with(shard("other", "both", Some((1, 3)), &["a"])),
        [
            "mixed-run-id e.json#/run_id: `r`, as at e-2.json#/run_id | `other`",
            "missing-shard e-2.json#/shard: all of 3 shards of kind `both`, each once | shard 1 is missing"
        ]
    );
    let odd = suite(1, 3, &["b"]).replace("c0ffee", "decaff");
    assert_eq!(with(odd), ["mixed-git-sha e.json#/git_sha: `c0ffee`, as at e-2.json#/git_sha | `decaff`"]);
    let odd = with(shard("r", "unit", Some((1, 3)), &["b"]));
    assert_eq!(odd, ["mixed-kind e.json#/shard: a shard of kind `both`, as the others | shard 1 of 3 (`unit`)"]);
    assert_eq!(
        with(suite(1, 4, &["b"])),
        ["mixed-total e.json#/shard: one of 3 shards, as the others | shard 1 of 4 (`both`)"]
    );
    assert_eq!(
        with(shard("r", "none", None, &["b"])),
        [
            "not-a-shard e.json#/shard: a shard of the same run as the others | a run that is in no shards",
            "missing-shard e-2.json#/shard: all of 3 shards of kind `both`, each once | shard 1 is missing"
        ]
    );
    let whole = shard("r", "none", None, &["a"]);
    assert_eq!(told(&[whole.clone(), whole]).len(), 2);
}

#[test]
fn nothing_is_selected_twice() {
    assert_eq!(
        told(&[suite(0, 2, &["a", "b"]), suite(1, 2, &["c", "b"])]),
        ["overlapping-selection e-2.json#/suites/1: `b` in one shard, as at e.json#/suites/1 | `b` in one more shard"]
    );
    // A unit target and a suite may have one name.
    let other = suite(1, 2, &[]).replace(r#""units":[]"#, r#""units":["a"]"#);
    assert_eq!(told(&[suite(0, 2, &["a"]), other]), ["pass 2"]);
    assert_eq!(told(&[suite(0, 2, &["a", "a"]), suite(1, 2, &["b"])]), ["pass 2"]);
}

#[test]
fn what_does_not_say_which_shard_it_is_is_found() {
    let mut tried = 0;
    for (from, to, kind) in [
        (r#""kind":"both""#, r#""kind":"suites""#, "wrong-type e.json#/shard/kind"),
        (r#""kind":"both""#, r#""kind":"none""#, "wrong-type e.json#/shard"),
        (r#""index":0"#, r#""index":0.5"#, "wrong-type e.json#/shard/index"),
        (r#""total":1"#, r#""totals":1"#, "missing-field e.json#/shard/total"),
        (r#""run_id":"r""#, r#""run_id":" ""#, "blank e.json#/run_id"),
        (r#""git_sha":"c0ffee","#, "", "missing-field e.json#/git_sha"),
        (r#""suites":["a"]"#, r#""suites":"a""#, "wrong-type e.json#/suites"),
        (r#""shard":{"#, r#""shards":{"#, "missing-field e.json#/shard"),
    ] {
        let document = suite(0, 1, &["a"]);
        assert!(document.contains(from), "{from} in {document}");
        let told = told(&[document.replace(from, to)]);
        assert!(told[0].starts_with(kind), "{to}: {told:?}");
        tried += 1;
    }
    assert_eq!(tried, 8);
    let told = Bench::new(CHECK).gap("e", GapKind::Missing).told();
    assert_eq!(told, ["error missing e: a file | nothing"]);
}

#[test]
fn suite_shards_and_unit_shards_are_one_run() {
    let of = |kind: &str, index: i64, total: i64, units: &str| {
        let names = if kind == "suite" && index == 0 { vec!["a"] } else { Vec::new() };
        let document = shard("r", kind, Some((index, total)), &names);
        document.replace(r#""units":[]"#, &format!(r#""units":[{units}]"#))
    };
    let suites = [of("suite", 0, 2, ""), of("suite", 1, 2, "")];
    let units = [of("unit", 0, 3, r#""u""#), of("unit", 1, 3, r#""v""#), of("unit", 2, 3, "")];
    let both: Vec<String> = suites.iter().chain(&units).cloned().collect();
    assert_eq!(told(&both), ["pass 5"]);
    assert_eq!(
        told(&suites),
        [
            "missing-partition e.json#/shard: the unit shards of this run beside its suite shards | no unit shard, and no unit target was selected"
        ]
    );
    assert_eq!(told(&units).len(), 1);
    assert!(told(&units)[0].starts_with("missing-partition e.json#/shard: the suite shards"), "{:?}", told(&units));
    // A partition that lacks a shard is named with its own kind and total.
    assert_eq!(
        told(&both[1..]),
        ["missing-shard e.json#/shard: all of 2 shards of kind `suite`, each once | shard 0 is missing"]
    );
    assert_eq!(
        told(&both[..4]),
        ["missing-shard e-3.json#/shard: all of 3 shards of kind `unit`, each once | shard 2 is missing"]
    );
    // Suite shards one of which ran the units are all of it; where each ran them, they ran twice.
    assert_eq!(told(&[of("suite", 0, 2, r#""u""#), of("suite", 1, 2, "")]), ["pass 2"]);
    let twice = told(&[of("suite", 0, 2, r#""u""#), of("suite", 1, 2, r#""u""#)]);
    assert!(twice.len() == 1 && twice[0].starts_with("overlapping-selection"), "{twice:?}");
}

#[test]
fn a_missing_shard_is_told_with_its_command() {
    let check = format!(
        "{CHECK}\ncommand = 'run --sha {{git_sha}} --shard-kind {{kind}} --shard-index {{index}} --shard-total {{total}}'"
    );
    let one = shard("r", "suite", Some((0, 2)), &["a"]).replace("c0ffee", "c0 ffee");
    let crate::model::Outcome::Fail(findings, _) = Bench::new(&check).json("e", &one).outcome() else { panic!("it fails") };
    let next: Vec<String> = findings.into_vec().into_iter().filter_map(|finding| finding.next).collect();
    assert!(
        next[0].starts_with("Run it: run --sha 'c0 ffee' --shard-kind suite --shard-index 1 --shard-total 2. "),
        "{next:?}"
    );
    assert!(
        next[1].starts_with("Run it: run --sha 'c0 ffee' --shard-kind unit --shard-index 0 --shard-total 1. "),
        "{next:?}"
    );
}
