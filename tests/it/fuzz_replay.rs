//! Replays what the fuzzers start from and what they found: every file of `fixtures/fuzz/<target>/`, through the same functions that
//! `tests/fuzz` fuzzes, so that a case that was mended stays mended without a nightly compiler.

#[path = "../fuzz/targets/mod.rs"]
mod targets;

use std::collections::BTreeSet;
use std::fs;
use std::panic;
use std::path::{Path, PathBuf};

/// Largest case, in bytes: a case that is larger was not minimised.
const LARGEST: u64 = 4 << 10;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The names in a directory, sorted.
fn names(directory: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name in UTF-8")).collect()
}

/// Runs every case of a target. How many there were.
fn replay(name: &str) -> usize {
    let home = root().join("fixtures/fuzz").join(name);
    let cases = names(&home);
    let mut broken = Vec::new();
    for case in &cases {
        let bytes = fs::read(home.join(case)).expect("a case");
        assert!(bytes.len() as u64 <= LARGEST, "{name}/{case} has {} bytes; minimise it", bytes.len());
        if panic::catch_unwind(|| targets::run(name, &bytes)).is_err() {
            broken.push(case);
        }
    }
    assert!(broken.is_empty(), "{name}: a promise is broken by {broken:?}; the messages are above");
    cases.len()
}

#[test]
fn readers() {
    assert!(replay("readers") > 0);
}

#[test]
fn structured() {
    assert!(replay("structured") > 0);
}

#[test]
fn definitions() {
    assert_eq!(targets::surroundings(), Vec::<String>::new());
    assert!(replay("definitions") > 0);
}

#[test]
fn expressions() {
    assert!(replay("expressions") > 0);
}

#[test]
fn outputs() {
    assert!(replay("outputs") > 0);
}

/// A target has a fuzzer, seeds and a test above; there is nothing else.
#[test]
fn every_target_is_fuzzed_and_replayed() {
    let targets: BTreeSet<String> = targets::TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(targets.len(), targets::TARGETS.len(), "a target stands twice");
    assert_eq!(
        names(&root().join("fixtures/fuzz")).into_iter().filter(|name| name != "README.md").collect::<BTreeSet<_>>(),
        targets
    );
    let fuzzers = names(&root().join("tests/fuzz/fuzz_targets"));
    assert_eq!(fuzzers.iter().map(|name| name.trim_end_matches(".rs").to_owned()).collect::<BTreeSet<_>>(), targets);
    let manifest: toml::Table =
        fs::read_to_string(root().join("tests/fuzz/Cargo.toml")).expect("Cargo.toml").parse().expect("TOML");
    let bins = manifest["bin"].as_array().expect("programs").iter();
    assert_eq!(bins.map(|bin| bin["name"].as_str().expect("a name").to_owned()).collect::<BTreeSet<_>>(), targets);
    let own = fs::read_to_string(root().join("tests/it/fuzz_replay.rs")).expect("this file");
    for name in &targets {
        let fuzzer = fs::read_to_string(root().join(format!("tests/fuzz/fuzz_targets/{name}.rs"))).expect("a fuzzer");
        assert!(fuzzer.contains(&format!("targets::run(\"{name}\", bytes)")), "{name}.rs fuzzes something else");
        assert!(own.contains(&format!("assert!(replay(\"{name}\") > 0);")), "{name} is not replayed");
    }
}

/// A target that cannot panic proves nothing.
#[test]
fn a_broken_promise_is_seen() {
    let broken = |text: &'static str| panic::catch_unwind(move || targets::promise("a text", text)).is_err();
    assert!(!broken("plain\n"));
    for text in ["\u{1b}[2J", "\u{202e}", "::error::x", "x ##[error]y", "##vso[task]"] {
        assert!(broken(text), "{text:?}");
    }
}
