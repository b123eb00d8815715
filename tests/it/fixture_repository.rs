//! The committed repositories `fixtures/repos/agent-cli` and `agent-cli-shards` are what their generator makes, byte for byte.
//!
//! `GATEKEEPER_BLESS=1 cargo test --test it fixture_repository` writes it anew; on a build server that is refused.

use crate::support::agent_cli::{NOW, Tree, generate, generate_shards, is_primary};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/repos/agent-cli")
}

/// Every file below a directory, by its path with forward slashes.
fn read(root: &Path) -> Tree {
    let mut tree = Tree::new();
    let mut left = vec![root.to_owned()];
    while let Some(directory) = left.pop() {
        for entry in std::fs::read_dir(&directory).expect("a directory of the fixture") {
            let path = entry.expect("an entry of the fixture").path();
            if path.is_dir() {
                left.push(path);
            } else {
                let below = path.strip_prefix(root).expect("found below the root");
                let name =
                    below.components().map(|part| part.as_os_str().to_str().expect("plain names")).collect::<Vec<_>>();
                tree.insert(name.join("/"), std::fs::read(&path).expect("a file of the fixture"));
            }
        }
    }
    tree
}

fn write(root: &Path, committed: &Tree, made: &Tree) {
    assert!(std::env::var_os("CI").is_none(), "fixtures are blessed by people, not by build servers");
    for stale in committed.keys().filter(|path| !made.contains_key(*path)) {
        std::fs::remove_file(root.join(stale)).expect("a stale file can be removed");
    }
    for (path, bytes) in made.iter().filter(|(path, bytes)| committed.get(*path) != Some(bytes)) {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().expect("below the root")).expect("a directory can be made");
        std::fs::write(path, bytes).expect("a file can be written");
    }
}

#[test]
fn the_committed_files_are_those_of_the_generator() {
    let primary: Tree = read(&home()).into_iter().filter(|(path, _)| is_primary(path)).collect();
    let made = generate(&primary);
    agree(&home(), &made);
    assert!(made.len() > 100 && primary.len() >= 20, "{} files from {} primary ones", made.len(), primary.len());
    let shards = generate_shards(&primary);
    agree(&home().with_file_name("agent-cli-shards"), &shards);
    assert!(shards.len() > 50, "{} files of runs", shards.len());
}

/// What is committed is what is made.
fn agree(home: &Path, made: &Tree) {
    let mut committed = if home.exists() { read(home) } else { Tree::new() };
    if std::env::var_os("GATEKEEPER_BLESS").is_some() {
        write(home, &committed, made);
        committed = read(home);
    }
    let names = |tree: &Tree| tree.keys().cloned().collect::<BTreeSet<_>>();
    let (have, want) = (names(&committed), names(made));
    assert_eq!(have.difference(&want).collect::<Vec<_>>(), Vec::<&String>::new(), "files that nothing makes");
    assert_eq!(want.difference(&have).collect::<Vec<_>>(), Vec::<&String>::new(), "files that are not committed");
    let differing: Vec<_> =
        made.iter().filter(|(path, bytes)| committed.get(*path) != Some(bytes)).map(|(path, _)| path).collect();
    assert_eq!(differing, Vec::<&String>::new(), "files that differ; bless them if the change is meant");
}

#[test]
fn nothing_in_the_repository_depends_on_a_machine() {
    let mut committed = read(&home());
    committed.extend(
        read(&home().with_file_name("agent-cli-shards")).into_iter().map(|(path, own)| (format!("shards/{path}"), own)),
    );
    let text = committed.iter().filter(|(path, _)| !path.starts_with("history.git/")).collect::<Vec<_>>();
    for (path, bytes) in &text {
        let text = std::str::from_utf8(bytes).unwrap_or_else(|_| panic!("{path} is not text"));
        for trace in [env!("CARGO_MANIFEST_DIR"), "\r", "\t\n"] {
            assert!(!text.contains(trace), "{path} holds {trace:?}");
        }
    }
    assert!(text.len() > 80, "{} files", text.len());
}

#[test]
fn evidence_is_fresh_at_the_clock_of_the_cases() {
    let mut stamps = 0;
    for (path, bytes) in read(&home()).iter().filter(|(path, _)| path.ends_with(".json")) {
        let document: serde_json::Value = serde_json::from_slice(bytes).expect("the fixture's JSON is sound");
        if let Some(made) = document["generated_at"].as_str() {
            stamps += 1;
            assert!(made.starts_with("2026-03-02T") && made < NOW, "{path} was made at {made}");
        }
    }
    assert_eq!(stamps, 17, "documents that say when they were made");
}
