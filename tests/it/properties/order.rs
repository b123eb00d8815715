//! Neither the order of keys and files nor the place and the hour matter.

use super::{Home, runner, scenarios};
use crate::support::copy;
use gatekeeper::model::RelPath;
use gatekeeper::scenario::Tree;
use proptest::prelude::{any, prop_assert_eq};
use proptest::sample::Index;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How many scenarios are shuffled.
pub const SHUFFLED: u32 = 24;

/// The golden repositories, with the run of each and the clock at which it is judged.
const REPOSITORIES: [(&str, &str, &str); 3] = [
    ("repos/agent-cli", "tests/e2e_results/20260302T101500Z", "2026-03-02T12:00:00Z"),
    ("repos/pipeline", "artifacts/e2e/20261121T151000Z", "2026-11-21T18:00:00Z"),
    ("scenarios/base/tree", "runs/20260302T110000Z", "2026-03-02T12:00:00Z"),
];

/// A document with the keys of every object in another order. The order is that of a hash with this seed, so that it is another one in
/// each object.
fn shuffled(value: &Value, seed: u64, text: &mut String) {
    match value {
        Value::Object(map) => {
            let rank =
                |key: &str| key.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
            let mut entries: Vec<(&String, &Value)> = map.iter().collect();
            entries.sort_by_key(|(key, _)| rank(key));
            text.push('{');
            for (position, (key, value)) in entries.into_iter().enumerate() {
                text.push_str(if position > 0 { "," } else { "" });
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push(':');
                shuffled(value, seed.rotate_left(7), text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (position, item) in items.iter().enumerate() {
                text.push_str(if position > 0 { "," } else { "" });
                shuffled(item, seed.rotate_left(11), text);
            }
            text.push(']');
        }
        other => text.push_str(&other.to_string()),
    }
}

/// The documents that may be written anew: another document may hold the digest or the size of one, and files that must be as they were
/// committed stay.
fn free(tree: &Tree) -> Vec<RelPath> {
    let texts: Vec<String> = tree.files().map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()).collect();
    let named = |path: &RelPath| texts.iter().any(|text| text.contains(path.name()) && text.contains("sha256"));
    let json = tree.files().map(|(path, _)| path).filter(|path| path.extension() == Some("json"));
    json.filter(|path| !path.as_str().contains("history.git") && !named(path)).cloned().collect()
}

/// A verdict without digests and sizes of files.
fn bare(mut verdict: Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.retain(|key, _| key != "sha256" && key != "size");
                map.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    strip(&mut verdict);
    verdict
}

#[test]
fn the_order_of_keys_does_not_matter() {
    let all = scenarios(&[
        "gates/e2e-run",
        "gates/compose-flows",
        "gates/pipeline-run",
        "gates/full-suite/conformance_must_pass",
        "gates/full-suite/perf_budgets",
        "gates/full-suite/cross_platform",
        "scenarios",
    ]);
    assert!(all.len() > 150, "{} scenarios", all.len());
    let documents = std::cell::Cell::new(0_usize);
    let outcome = runner(SHUFFLED).run(&(any::<Index>(), any::<u64>()), |(which, seed)| {
        let (name, case, tree) = which.get(&all);
        let mut other = tree.clone();
        for path in free(tree) {
            // What is damaged on purpose stays.
            let Ok(value) = serde_json::from_slice::<Value>(tree.file(&path).expect("a file")) else { continue };
            let edited = case.edits.iter().any(|edit| edit.file == path);
            if edited {
                continue;
            }
            let mut text = String::new();
            shuffled(&value, seed, &mut text);
            other.write(path, text.into_bytes());
            documents.set(documents.get() + 1);
        }
        let home = Home::new(tree, case);
        let one = home.judge();
        home.change(tree, &other);
        let two = home.judge();
        prop_assert_eq!((one.0, one.1.map(bare)), (two.0, two.1.map(bare)), "{}", name);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert!(documents.get() > 60, "only {} documents were shuffled", documents.get());
}

/// The outputs of a run of the binary, by name.
fn outputs(root: &Path, run: &str, now: &str, from: &Path, environment: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
    let out = tempfile::tempdir().expect("a directory");
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatekeeper"));
    command.env_remove("CI_GATE_PROMOTION_MODE").envs(environment.iter().copied()).current_dir(from);
    command.arg("verify").arg(root.join(run)).arg("--root").arg(root).args(["--now", now, "--out"]).arg(out.path());
    for format in ["table", "github", "step-summary"] {
        command.arg("-o").arg(format!("{format}={}", out.path().join(format).display()));
    }
    let done = command.output().expect("the binary starts");
    assert!(done.status.code().is_some_and(|code| code <= 3), "{}", String::from_utf8_lossy(&done.stderr));
    let files = fs::read_dir(out.path()).expect("outputs").map(|entry| {
        let entry = entry.expect("an entry");
        (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).expect("an output"))
    });
    files.collect()
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

#[test]
fn neither_place_nor_hour_nor_language_nor_threads_matter() {
    let elsewhere = tempfile::tempdir().expect("a directory");
    let mut compared = 0;
    for (name, run, now) in REPOSITORIES {
        let root = elsewhere.path().join(name);
        copy(&fixture(name), &root);
        let plain = outputs(&root, run, now, &root, &[]);
        assert!(plain.len() >= 10, "{:?}", plain.keys());
        let surroundings: [(&Path, &[(&str, &str)]); 3] = [
            (Path::new("/"), &[("TZ", "Pacific/Kiritimati"), ("LANG", "tr_TR.UTF-8"), ("LC_ALL", "tr_TR.UTF-8")]),
            (elsewhere.path(), &[("TZ", "America/St_Johns"), ("LANG", "C"), ("LC_ALL", "C"), ("RAYON_NUM_THREADS", "1")]),
            (&root, &[("RAYON_NUM_THREADS", "7"), ("COLUMNS", "40"), ("HOME", "/nowhere"), ("NO_COLOR", "1")]),
        ];
        for (from, environment) in surroundings {
            let other = outputs(&root, run, now, from, environment);
            let differing: Vec<&String> = plain.keys().filter(|file| plain.get(*file) != other.get(*file)).collect();
            assert!(differing.is_empty() && plain.len() == other.len(), "{name}, {environment:?}: {differing:?}");
            compared += 1;
        }
    }
    assert_eq!(compared, 9);
}

#[test]
fn the_order_in_which_files_were_made_does_not_matter() {
    let mut compared = 0;
    for (name, run, now) in REPOSITORIES {
        let tree = Tree::from_disk(&fixture(name)).expect("the fixture can be read");
        let files: Vec<(&RelPath, &[u8])> = tree.files().collect();
        let made = |files: &mut dyn Iterator<Item = &(&RelPath, &[u8])>| {
            let home = tempfile::tempdir().expect("a directory");
            let root = home.path().join("repository");
            for (path, bytes) in files {
                let path = root.join(path.as_str());
                fs::create_dir_all(path.parent().expect("above")).expect("a directory");
                fs::write(path, bytes).expect("written");
            }
            // Some directories of a bare repository hold no file.
            fs::create_dir_all(root.join("history.git/refs/tags")).ok();
            fs::create_dir_all(root.join("history.git/objects/info")).ok();
            outputs(&root, run, now, &root, &[])
        };
        let (forwards, backwards) = (made(&mut files.iter()), made(&mut files.iter().rev()));
        assert!(forwards == backwards && forwards.len() >= 10, "{name}");
        compared += 1;
    }
    assert_eq!(compared, REPOSITORIES.len());
}
