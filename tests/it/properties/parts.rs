//! Tests stand as they do in one report, however they are shared out over reports and shards.

use super::runner;
use crate::support::{gatekeeper, text};
use gatekeeper::cli::Exit;
use proptest::prelude::{Strategy, prop_assert_eq, prop_oneof};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// How many runs are generated.
pub const CASES: u32 = 20;

const CONFIG: &str = "schema = \"gatekeeper.config/1\"\nextends = \"policies/parts.toml\"\n";
const POLICY: &str = "schema = \"gatekeeper.policy/1\"\nid = \"parts\"\ntitle = \"Parts of a run\"\n\n[lane.preflight]\nrule = \"preflight\"\n\n[lane.full]\nrule = \"full\"\n\n[[gate]]\nid = \"tests_pass\"\nblocking = true\n";
const GATE: &str = r#"schema = "gatekeeper.gate/1"
id = "tests_pass"
title = "Tests"
owner = "ada"
bead = "bd-1"
why = "A release is tested."
reproduce = "make test"
remediation = ["Mend the test."]

[evidence.reports]
path = "run:*.xml"
pick = "all"

[[check]]
kind = "tests-pass"
evidence = "reports"
shards = "HOW"

[[check]]
kind = "tests-declared"
evidence = "reports"
suites = ["s0"]
allow_empty = false
shards = "together"

[evidence.environments]
path = "run:environment.json"
pick = "all"

[[check]]
kind = "shards-complete"
shards = "together"
in = "environments"
shard = "shard"
same = ["run_id"]
selects = ["suites"]
"#;

/// What a run, or a shard of one, says of itself.
fn environment(shard: Option<usize>) -> String {
    let shard =
        shard.map(|index| format!(r#"{{"kind": "suite", "index": {index}, "total": 4}}, "suites": ["part {index}"]"#));
    let shard = shard.unwrap_or_else(|| r#"{"kind": "none", "index": null, "total": null}, "suites": ["all"]"#.to_owned());
    format!(r#"{{"run_id": "r-1", "shard": {shard}}}"#)
}

/// One test: its suite, whether it passes, fails or is skipped, and in which part it ran.
type Test = (u8, &'static str, usize);

fn report(tests: &[(usize, &Test)]) -> String {
    let mut suites: BTreeMap<u8, String> = BTreeMap::new();
    for (number, (suite, inside, _)) in tests {
        write!(suites.entry(*suite).or_default(), "<testcase name=\"t{number}\">{inside}</testcase>").expect("text grows");
    }
    let suites: String =
        suites.iter().map(|(suite, cases)| format!("<testsuite name=\"s{suite}\">{cases}</testsuite>")).collect();
    format!("<testsuites>{suites}</testsuites>\n")
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("above")).expect("a directory");
    fs::write(path, text).expect("written");
}

/// The exit, and each test that is told of.
fn stands(root: &Path, runs: &[String]) -> (Exit, BTreeSet<String>) {
    let runs: Vec<String> = runs.iter().map(|run| root.join(run).display().to_string()).collect();
    let mut arguments = vec!["verify", "--root", text(root), "--dry-run", "--quiet", "-o", "verdict"];
    match &*runs {
        [whole] => arguments.push(whole),
        shards => {
            arguments.push("--shards");
            arguments.extend(shards.iter().map(String::as_str));
        }
    }
    let (exit, out, said) = gatekeeper(&arguments, &[]);
    let verdict: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {said}"));
    let findings = verdict["gates"][0]["findings"].as_array().into_iter().flatten();
    (exit, findings.map(|finding| format!("{} {}", finding["kind"], finding["expected"])).collect())
}

#[test]
fn sharing_tests_out_and_merging_them_changes_nothing() {
    let status = prop_oneof![6 => proptest::strategy::Just(""), 1 => proptest::strategy::Just("<skipped/>"), 1 => proptest::strategy::Just("<failure message=\"no\"/>")];
    let test = (0..3_u8, status, 0..4_usize);
    let tests = proptest::collection::vec(test, 4..24).prop_map(|mut tests: Vec<Test>| {
        // No part is empty, and the declared suite passes in each.
        (0..4).for_each(|part| tests[part] = (0, "", part));
        tests
    });
    let (mut failing, mut judged) = (0, 0);
    let counts = std::cell::RefCell::new((&mut failing, &mut judged));
    let outcome = runner(CASES).run(&tests, |tests| {
        let home = tempfile::tempdir().expect("a directory");
        let root = home.path();
        write(&root.join("gatekeeper.toml"), CONFIG);
        write(&root.join("policies/parts.toml"), POLICY);
        let numbered: Vec<(usize, &Test)> = tests.iter().enumerate().collect();
        write(&root.join("whole/all.xml"), &report(&numbered));
        write(&root.join("whole/environment.json"), &environment(None));
        write(&root.join("several/environment.json"), &environment(None));
        for part in 0..4 {
            let own: Vec<(usize, &Test)> = numbered.iter().filter(|(_, test)| test.2 == part).copied().collect();
            write(&root.join(format!("several/{part}.xml")), &report(&own));
            write(&root.join(format!("shards/{part}/all.xml")), &report(&own));
            write(&root.join(format!("shards/{part}/environment.json")), &environment(Some(part)));
        }
        let shards = |order: [usize; 4]| order.map(|part| format!("shards/{part}")).to_vec();
        for how in ["each", "together"] {
            write(&root.join("gates/parts/tests_pass.toml"), &GATE.replace("HOW", how));
            let whole = stands(root, &["whole".to_owned()]);
            prop_assert_eq!(&whole, &stands(root, &["several".to_owned()]), "{}: several reports", how);
            prop_assert_eq!(&whole, &stands(root, &shards([0, 1, 2, 3])), "{}: shards", how);
            prop_assert_eq!(&whole, &stands(root, &shards([2, 0, 3, 1])), "{}: shards in another order", how);
            let mut counts = counts.borrow_mut();
            *counts.0 += u32::from(whole.0 == Exit::Failed);
            *counts.1 += 1;
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert!(failing > 5 && judged - failing > 2, "{failing} of {judged} fail");
}
