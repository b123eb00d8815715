//! The files of `src`, read and taken apart once.

use super::paths::{Path, paths};
use super::tokens::{Token, tokens, without_tests};
use std::collections::BTreeSet;
use std::fs;
use std::sync::OnceLock;

/// One file of `src`.
pub struct Source {
    /// Its path below `src`, with forward slashes.
    pub name: String,
    /// Its text.
    pub text: String,
    /// Its module path: `model/id.rs` is `model`, `id`.
    pub module: Vec<String>,
    /// Its tokens, without what only tests compile.
    pub tokens: Vec<Token>,
    /// The paths in them.
    pub paths: Vec<Path>,
    /// The modules that it declares for tests only, by their paths from the crate's root.
    pub test_modules: Vec<Vec<String>>,
}

impl Source {
    /// Takes a text apart as if it were this file.
    pub fn new(name: &str, text: &str) -> Self {
        let (kept, test_modules) = without_tests(&tokens(text));
        let stem = name.trim_end_matches(".rs");
        let mut module: Vec<String> = stem.split('/').map(str::to_owned).collect();
        if matches!(module.last().map(String::as_str), Some("mod" | "lib" | "main" | "build")) {
            module.pop();
        }
        let beside = name.rsplit_once('/').map_or(Vec::new(), |(folder, _)| folder.split('/').map(str::to_owned).collect());
        let test_modules = test_modules.into_iter().map(|file| match file.strip_suffix(".rs") {
            Some(stem) => beside.iter().cloned().chain([stem.to_owned()]).collect(),
            None => module.iter().cloned().chain([file]).collect(),
        });
        let test_modules = test_modules.collect();
        Source { name: name.to_owned(), text: text.to_owned(), module, paths: paths(&kept), tokens: kept, test_modules }
    }

    /// The room it belongs to; `None` for the crate's root files (and its build script).
    pub fn room(&self) -> Option<&str> {
        self.module.first().map(String::as_str)
    }

    /// Whether the file itself is declared for tests only, by one of `all`.
    fn is_test(&self, all: &[Source]) -> bool {
        all.iter().flat_map(|file| &file.test_modules).any(|module| self.module.starts_with(module))
    }
}

/// Every file of `src` that is of this package, those that only tests compile in the second list. They are taken apart once for all tests.
pub fn sources() -> &'static (Vec<Source>, Vec<Source>) {
    static SOURCES: OnceLock<(Vec<Source>, Vec<Source>)> = OnceLock::new();
    SOURCES.get_or_init(taken_apart)
}

fn taken_apart() -> (Vec<Source>, Vec<Source>) {
    let root = super::root().join("src");
    let mut all = Vec::new();
    let mut open = vec![root.clone()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).expect("a directory of the crate") {
            let path = entry.expect("an entry of the crate").path();
            if path.is_dir() {
                // A package of its own, with a manifest of its own: it is outside the house and names it by its name.
                if !path.join("Cargo.toml").is_file() {
                    open.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
                all.push(Source::new(&name, &fs::read_to_string(&path).expect("UTF-8 source")));
            }
        }
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    let tests: BTreeSet<String> = all.iter().filter(|file| file.is_test(&all)).map(|file| file.name.clone()).collect();
    all.into_iter().partition(|file| !tests.contains(&file.name))
}
