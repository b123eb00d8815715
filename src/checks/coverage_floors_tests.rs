//! Floors over coverage told in short lines.

use super::super::testing::{Bench, refused};
use crate::model::{CoverageMeasure, CoverageReport, CoveredFile, Disagreement, GapKind, SourceCount, Spot};

/// A line a file, from 1: `name 110 1` are three lines of which two ran, one function that did, and
/// with `1/2` behind it two branches of which one was taken, with `=3/9` that the report counts 3 of 9 lines. `not` is a total that is worse, `nicer` one that is not.
fn report(text: &str) -> CoverageReport {
    let (mut files, mut disagreements) = (Vec::new(), Vec::new());
    for (line, text) in (1..).zip(text.lines()) {
        let words: Vec<&str> = text.split_whitespace().collect();
        if ["not", "nicer", "branch"].contains(&words[0]) {
            let measure = if words[0] == "branch" { CoverageMeasure::Branches } else { CoverageMeasure::Lines };
            let (items, stated) = ("1 line".into(), "LF = 2".into());
            let worse = words[0] != "nicer";
            disagreements.push(Disagreement { measure, items, stated, at: Spot::Line(line), worse });
            continue;
        }
        let count = |text: &str| {
            let (covered, total) = text.split_once('/').expect("covered/total");
            SourceCount { covered: covered.parse().expect("a count"), total: total.parse().expect("a count") }
        };
        let mut file = CoveredFile::new(words[0], Spot::Line(line));
        file.lines = (1..).zip(words[1].bytes().map(|ran| ran == b'1')).collect();
        let functions = words.get(2).copied().unwrap_or_default();
        file.functions = functions.bytes().enumerate().map(|(at, ran)| (at.to_string().into(), ran == b'1')).collect();
        for word in words.iter().skip(3) {
            match word.strip_prefix('=') {
                Some(stated) => drop(file.stated.insert(CoverageMeasure::Lines, count(stated))),
                None => file.branch(1, "", count(word)),
            }
        }
        files.push(file);
    }
    CoverageReport::assemble(files, disagreements)
}

fn bench(keys: &str, text: &str) -> Bench {
    Bench::new(&format!("kind = 'coverage-floors'\nevidence = 'c'\n{keys}")).coverage("c", report(text))
}

fn told(keys: &str, text: &str) -> Vec<String> {
    bench(keys, text).told()
}

const FILES: &str = "src/a/x.rs 1110 1\nsrc/a/y.rs 1100 10\nsrc/ab.rs 1111 1\nlib.rs 0 0";

#[test]
fn each_module_keeps_its_floor() {
    assert_eq!(told("floors = { 'src/a' = 62.5, 'src/ab.rs' = 100 }\ntotal = 69", FILES), ["pass 3"]);
    assert_eq!(
        told("floors = { 'src/a/' = 62.6, './src' = 70 }", FILES),
        ["below-floor c.info:2: `src/a/`: at least 62.6 % of lines | 62.5 % (5 of 8); most are missing in `src/a/y.rs`, 2"]
    );
    assert_eq!(
        told("total = 70", FILES),
        [
            "below-floor c.info:2: all files: at least 70 % of lines | 69.23 % (9 of 13); most are missing in `src/a/y.rs`, 2"
        ]
    );
    assert_eq!(
        told("measure = 'functions'\ntotal = 100", FILES).first().map(String::as_str),
        Some(
            "below-floor c.info:4: all files: at least 100 % of functions | 60 % (3 of 5); most are missing in `lib.rs`, 1"
        )
    );
    assert_eq!(told("floors = { '*/a/*' = 62 }", FILES), ["pass 1"]);
}

#[test]
fn reports_together_are_one() {
    let two = bench("total = 100", "a.rs 110").coverage("c", report("a.rs 001"));
    assert_eq!(two.told(), ["pass 1"]);
}

#[test]
fn a_floor_under_nothing_is_an_error() {
    assert_eq!(
        told("floors = { 'src/gone' = 1, 'src/a' = 1 }", FILES),
        ["error empty c.info: lines of `src/gone` that could run | no file of it"]
    );
    assert_eq!(
        told("measure = 'functions'\nfloors = { 'a.rs' = 1 }", "a.rs 1"),
        ["error empty c.info: functions of `a.rs` that could run | none"]
    );
}

#[test]
fn what_is_stated_worse_is_a_finding_and_all_else_a_note() {
    assert_eq!(
        told("total = 50", "a.rs 1\nnot"),
        ["contradiction c.info:2: 1 line, counted from the lines | the report states LF = 2"]
    );
    assert!(bench("total = 50", "a.rs 1\nnot").notes().is_empty());
    let nicer = || bench("total = 50", "a.rs 1\nnicer\nbranch");
    assert_eq!(nicer().told(), ["pass 1"]);
    let said = |line: u32| {
        format!("coverage-counted-otherwise: c.info:{line}: the report states LF = 2, its items come to 1 line")
    };
    assert_eq!(nicer().notes(), [said(2), said(3)]);
    let many = bench("total = 50", &format!("a.rs 1{}", "\nnicer".repeat(30))).notes();
    assert_eq!((many.len(), many[20].contains("10 more")), (21, true));
    assert!(bench("total = 50", "a.rs 1").gap("c", GapKind::Stale).notes().is_empty());
    // A branch total is held against a floor of branches.
    let branches = bench("total = 50\nmeasure = 'branches'", "a.rs 1 1 1/2\nbranch").told();
    assert!(branches[0].starts_with("contradiction c.info:2"), "{branches:?}");
}

#[test]
fn the_lower_way_of_counting_decides() {
    let twice = "a.rs 110 1 =3/5";
    assert_eq!(told("total = 60", twice), ["pass 1"]);
    assert_eq!(
        told("total = 61", twice),
        [
            "below-floor c.info:1: all files: at least 61 % of lines | 60 % (3 of 5, as the report counts); most are missing in `a.rs`, 1"
        ]
    );
    // One that comes to more saves nothing.
    assert!(told("total = 67", "a.rs 110 1 =4/5")[0].contains("66.66 % (2 of 3)"));
    // Together with a second report, the first no longer speaks for the file.
    assert_eq!(bench("total = 100", twice).coverage("c", report("a.rs 001")).told(), ["pass 1"]);
}

#[test]
fn branches_have_floors() {
    let text = "src/a.rs 1 1 1/2\nsrc/b.rs 1 1 2/2\nlib.rs 1 1";
    assert_eq!(told("measure = 'branches'\nfloors = { src = 75 }\ntotal = 75", text), ["pass 2"]);
    assert_eq!(
        told("measure = 'branches'\ntotal = 75.1", text),
        ["below-floor c.info:1: all files: at least 75.1 % of branches | 75 % (3 of 4); most are missing in `src/a.rs`, 1"]
    );
    assert_eq!(
        told("measure = 'branches'\ntotal = 1", "a.rs 1"),
        ["error empty c.info: branches of all files that could run | none"]
    );
}

#[test]
fn parameters_are_floors() {
    let with = |value: &str| bench("floors = 'policy.floors'", FILES).parameter("floors", value).told();
    assert_eq!(with(r#"{"src/a": 60}"#), ["pass 1"]);
    assert!(with(r#"{"src/a": 99}"#)[0].starts_with("below-floor"));
    for wrong in ["{}", r#"{"src/a": "60"}"#, r#"{"src/a": 0}"#, "60"] {
        assert!(with(wrong)[0].starts_with("error invalid policy bench#/floors"), "{wrong}");
    }
}

#[test]
fn other_evidence_is_an_error() {
    let check = "kind = 'coverage-floors'\nevidence = 'c'\ntotal = 50";
    assert!(Bench::new(check).json("c", "{}").told()[0].starts_with("error invalid c.json: coverage | a document"));
    assert!(Bench::new(check).damaged("c", "c", GapKind::Malformed).told()[0].starts_with("error malformed"));
    assert_eq!(Bench::new(check).absent("c").told(), ["skip c is absent"]);
}

#[test]
fn senseless_floors_are_refused() {
    let check = |keys: &str| refused(&format!("kind = 'coverage-floors'\nevidence = 'c'\n{keys}"), &["c"]);
    assert_eq!(check(""), ["missing-key: the check has no floor"]);
    assert_eq!(check("total = 0"), ["limit: `total`: a floor is above 0 and at most 100 percent"]);
    assert_eq!(check("floors = { a = 101 }"), ["limit: `floors`: `a`: a floor is above 0 and at most 100 percent"]);
    assert_eq!(check("floors = { '/' = 5 }"), ["limit: `floors`: a module has no name"]);
    assert_eq!(check("floors = {}"), ["limit: `floors`: must not be empty"]);
    assert_eq!(check("floors = 5").len(), 1);
}

#[test]
fn every_source_file_must_be_in_the_coverage() {
    let check = "kind = 'files-listed'\nlisting = 'sources'\nin = ['c.files[*].name']";
    let bench = |files: &[&str]| Bench::new(check).listing("sources", files).coverage("c", report("src/a.ts 1"));
    assert_eq!(bench(&["src/a.ts"]).told(), ["pass 1"]);
    let told = bench(&["src/a.ts", "src/b.ts"]).told();
    assert!(told.len() == 1 && told[0].starts_with("unlisted-file ") && told[0].contains("src/b.ts"), "{told:?}");
    assert_eq!(Bench::new(check).listing("sources", &["a"]).damaged("c", "c", GapKind::Malformed).told().len(), 1);
}

#[test]
fn a_guessed_field_is_told_which_there_are() {
    let bench =
        Bench::new("kind = 'each-holds'\nin = 'c.files'\nthat = \"item.path != ''\"").coverage("c", report("a.rs 1"));
    let told = bench.told();
    assert!(told[0].starts_with("missing-field ") && told[0].contains("`name`"), "{told:?}");
}

#[test]
fn shares_are_measured_whether_they_pass_or_not() {
    let keys = "floors = { 'src/a' = 62.5, 'lib.rs' = 1 }\ntotal = 70";
    assert_eq!(
        bench(keys, FILES).measured(),
        [
            "lines of `lib.rs` 0 % (at least 1 %)",
            "lines of `src/a` 62.5 % (at least 62.5 %)",
            "lines of all files 69.2308 % (at least 70 %)"
        ]
    );
    assert_eq!(bench("floors = { 'nosuch' = 1 }", FILES).measured(), [""; 0], "nothing of it could run");
    assert_eq!(Bench::new("kind = 'coverage-floors'\nevidence = 'c'\ntotal = 1").json("c", "{}").measured(), [""; 0]);
}
