//! A waiver covers the failure of its gate, and nothing else.

use super::{Home, runner};
use gatekeeper::model::RelPath;
use gatekeeper::scenario::{Action, Case, Edit, Library, Tree};
use proptest::prelude::{Strategy, prop_assert, prop_assert_eq};
use serde_json::Value;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// How many ledgers are generated.
pub const CASES: u32 = 40;

const RUN: &str = "runs/20260302T110000Z";
const GATES: [&str; 7] =
    ["waiver_lifecycle", "tests_pass", "coverage_floor", "artifacts_match", "lineage", "benchmarks", "release_notes"];
/// Gates that are judged only if another one stands.
const BEHIND: [(&str, &str); 1] = [("lineage", "tests_pass")];
/// What the policy never lets a waiver cover.
const UNWAIVABLE: [&str; 2] = ["waiver_lifecycle", "artifacts_match"];

/// Ways to make gates fail on what they find, and to take their evidence from them.
const DAMAGES: [(&str, &str, &str); 9] = [
    ("docs/coverage.json", "91.5", "41.5"),
    ("docs/coverage.json", "{", ""),
    ("docs/benchmarks.json", "120", "900"),
    ("docs/benchmarks.json", "120", "NaN"),
    ("runs/20260302T110000Z/summary.json", "\"failed\": 0", "\"failed\": 1"),
    ("runs/20260302T110000Z/summary.json", "r-0042", "r-0041"),
    ("runs/20260302T110000Z/manifest.json", "2cd8d19d", "00000000"),
    ("runs/20260302T110000Z/manifest.json", "build/lantern.bin", "../lantern.bin"),
    ("CHANGELOG.md", "wick", "TODO"),
];

#[derive(Debug, Clone)]
struct Waiver {
    gate: usize,
    created: u32,
    expires: u32,
    lane: &'static str,
    whole: bool,
}

impl Waiver {
    fn table(&self) -> String {
        let Self { gate, created, expires, lane, whole } = self;
        let owner = if *whole { "owner = \"ada\"\n" } else { "" };
        format!(
            "\n[waiver.{}]\n{owner}bead = \"bd-7\"\nreason = \"In review.\"\ncreated = 2026-02-{created:02}\nexpires = 2026-03-{expires:02}\n\
             scope = [\"{lane}\"]\nexit_criterion = \"Merged.\"\n",
            GATES[*gate]
        )
    }
}

fn waiver() -> impl Strategy<Value = Waiver> {
    let lane = proptest::sample::select(vec!["full", "full", "full", "preflight"]);
    let fields = (
        proptest::sample::select(vec![0, 1, 1, 2, 2, 3, 4, 5, 5, 6]),
        5..=28_u32,
        1..=20_u32,
        lane,
        proptest::bool::weighted(0.9),
    );
    fields.prop_map(|(gate, created, expires, lane, whole)| Waiver { gate, created, expires, lane, whole })
}

fn damaged(tree: &Tree, which: &BTreeSet<usize>) -> Tree {
    let mut tree = tree.clone();
    for damage in which {
        let (file, from, to) = DAMAGES[*damage];
        let path = RelPath::parse(file).expect("a path");
        let text = String::from_utf8(tree.file(&path).expect("a file").to_vec()).expect("text");
        tree.write(path, text.replacen(from, to, 1).into_bytes());
    }
    tree
}

/// Standing and reason of each gate.
fn standings(verdict: Option<Value>) -> BTreeMap<String, (String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let verdict = verdict.expect("a verdict");
    let gates = verdict["gates"].as_array().expect("gates").iter();
    gates.map(|gate| (text(&gate["id"]), (text(&gate["standing"]), text(&gate["reason"])))).collect()
}

#[test]
fn a_waiver_covers_the_failure_of_its_gate_and_nothing_else() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let tree = Tree::from_disk(&fixtures.join("scenarios/base/tree")).expect("the fixture can be read");
    let cases = Library::on_disk(fixtures).find(Some(&RelPath::parse("scenarios/green").expect("a path"))).expect("cases");
    let case: Case = cases.scenarios[0].case.clone().expect("a sound case");
    assert_eq!(case.run.as_ref().map(RelPath::as_str), Some(RUN));
    let ledger = RelPath::parse("ledger.toml").expect("a path");
    let damages = proptest::collection::btree_set(0..DAMAGES.len(), 2..6);
    let waivers = proptest::collection::vec(waiver(), 2..5);
    let (covered, uncovered) = (Cell::new(0), Cell::new(0));
    let home = Home::new(&tree, &case);
    let outcome = runner(CASES).run(&(damages, waivers), |(damages, waivers)| {
        let without = damaged(&tree, &damages);
        let mut with = without.clone();
        let named: BTreeMap<usize, Waiver> = waivers.into_iter().map(|waiver| (waiver.gate, waiver)).collect();
        let tables: String = named.values().map(Waiver::table).collect();
        let append = Edit { file: ledger.clone(), line: None, at: None, action: Action::Append(tables) };
        append.apply(&mut with).expect("the ledger grows");
        home.change(&tree, &without);
        let before = standings(home.judge().1);
        home.change(&without, &with);
        let after = standings(home.judge().1);
        home.change(&with, &tree);
        prop_assert!(before.len() == GATES.len() && after.len() == GATES.len());
        let waived: BTreeSet<&str> = named.keys().map(|gate| GATES[*gate]).collect();
        for (gate, (standing, reason)) in &before {
            let now = &after[gate];
            let gap = !["finding", "", "blocked", "absent"].contains(&reason.as_str());
            let behind = BEHIND.iter().any(|(own, needs)| own == gate && waived.contains(needs));
            if standing == "fail" && (gap || UNWAIVABLE.contains(&gate.as_str())) {
                prop_assert_eq!(&now.0, "fail", "{} with {:?}", gate, named);
                uncovered.set(uncovered.get() + 1);
            }
            // The judge of waivers has more to judge, and what waits for a waived gate is judged.
            if !waived.contains(gate.as_str()) && gate != "waiver_lifecycle" && !behind {
                prop_assert_eq!(&(standing.clone(), reason.clone()), now, "{} with {:?}", gate, named);
            }
            prop_assert!(now.0 != "pass" || standing == "pass" || behind, "{} passes with {:?}", gate, named);
            covered.set(covered.get() + i32::from(now.0 == "waived"));
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert!(covered.get() > 2 && uncovered.get() > 10, "{} covered, {} not", covered.get(), uncovered.get());
}
