//! What holds of every run, not only of those that somebody thought of: losses, order, place and hour, shards, waivers.
//!
//! Cases are drawn at random, the same ones each time, so that a failure can be seen again; `PROPTEST_CASES` draws so many others, new
//! ones each time.

mod losses;
mod order;
mod parts;
mod waivers;

use crate::support::assurance::{self, Table};
use crate::support::{gatekeeper, text};
use gatekeeper::cli::Exit;
use gatekeeper::model::RelPath;
use gatekeeper::scenario::{Case, Library, Scenario, Tree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// A runner for so many cases.
fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 64, ..Config::default() };
    match std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()) {
        Some(cases) => TestRunner::new(Config { cases, ..config }),
        None => TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha)),
    }
}

/// The golden scenarios below these folders of the fixtures that start from a base and look at one run, each with its tree.
fn scenarios(folders: &[&str]) -> Vec<(String, Case, Tree)> {
    let library = Library::on_disk(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"));
    let mut found = Vec::new();
    for folder in folders {
        let below = RelPath::parse(folder).expect("a folder of the fixtures");
        let cases = library.find(Some(&below)).expect("the fixtures can be read");
        for Scenario { name, case, own } in cases.scenarios {
            let case = case.expect("a sound case");
            let Some(base) = case.base.as_ref().filter(|_| case.shards.is_empty() && case.history.is_empty()) else {
                continue;
            };
            let mut tree = cases.bases[base].clone().expect("the base can be read");
            tree.overlay(&own);
            case.edits.iter().for_each(|edit| edit.apply(&mut tree).expect("the edit applies"));
            found.push((name, case, tree));
        }
    }
    found
}

/// A copy of a scenario's tree that can be changed and judged.
struct Home<'c> {
    root: tempfile::TempDir,
    case: &'c Case,
}

impl<'c> Home<'c> {
    fn new(tree: &Tree, case: &'c Case) -> Self {
        Self { root: tree.materialise().expect("a copy"), case }
    }

    /// Writes what differs between what lies there and another tree.
    fn change(&self, from: &Tree, to: &Tree) {
        for (path, _) in from.files().filter(|(path, _)| to.file(path).is_none()) {
            fs::remove_file(self.root.path().join(path.as_str())).expect("removed");
        }
        for (path, bytes) in to.files().filter(|(path, bytes)| from.file(path) != Some(*bytes)) {
            fs::write(self.root.path().join(path.as_str()), bytes).expect("written");
        }
    }

    /// Judges what lies there as the case asks: the exit, and the verdict if there is one.
    fn judge(&self) -> (Exit, Option<Value>) {
        let (root, case) = (self.root.path(), self.case);
        let run = case.run.as_ref().map(|run| root.join(run.as_str()));
        let mut arguments = vec!["verify", "--root", text(root), "--dry-run", "--quiet", "-o", "verdict"];
        arguments.extend(run.as_deref().map(text));
        arguments.extend(case.now.iter().flat_map(|now| ["--now", now.as_str()]));
        arguments.extend(case.args.iter().map(String::as_str));
        let (exit, out, _) = gatekeeper(&arguments, &[]);
        (exit, serde_json::from_str(&out).ok())
    }
}

#[test]
fn the_table_is_that_of_the_properties() {
    let row = |property: &str, over: &str| vec![property.to_owned(), over.to_owned()];
    let table = Table {
        title: "Properties".to_owned(),
        about: "What holds of every run, tried on cases that are drawn at random; `PROPTEST_CASES` draws more.".to_owned(),
        by: "cargo test --test it properties".to_owned(),
        measured: None,
        columns: ["what holds", "tried on"].map(str::to_owned).to_vec(),
        rows: vec![
            row(
                "a failing run never passes because files, fields, list items or records are lost as well, one to four of them",
                &format!("{} losses each in {} failing golden scenarios of six packs", losses::TIMES, losses::CASES),
            ),
            row(
                "the order of the keys in a document does not matter: the verdict is the same but for digests and sizes",
                &format!("{} golden scenarios, every document shuffled", order::SHUFFLED),
            ),
            row(
                "the order in which files were made does not matter: every output is the same",
                "golden repositories, made forwards and backwards",
            ),
            row(
                "the same evidence gives the same bytes: in another working directory, time zone and language, with one thread and with seven",
                "three golden repositories, every output format",
            ),
            row(
                "tests stand as they do in one report, however they are shared out over reports and over shards",
                &format!("{} generated runs", parts::CASES),
            ),
            row(
                "a waiver makes no gap and no gate that may not be waived pass, and changes no gate but its own and those behind it",
                &format!("{} generated ledgers over a repository with damage drawn at random", waivers::CASES),
            ),
        ],
    };
    assurance::hold("properties", &table);
}
