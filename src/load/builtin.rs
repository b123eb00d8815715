//! The packs inside the binary: `gates/<pack>/*.toml` with their `schemas/`, and `policies/*.toml`.
//!
//! Paths are those of the source tree, so a builtin file and the same file in a repository have the same name but for
//! `builtin:`.

use crate::model::{PackId, RelPath};
use include_dir::{Dir, include_dir};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

static GATES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/gates");
static POLICIES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/policies");

/// Builtin files by path.
#[derive(Debug, Default)]
pub(super) struct Packs(BTreeMap<String, Cow<'static, [u8]>>);

impl Packs {
    /// Those of this binary.
    pub fn embedded() -> &'static Packs {
        static EMBEDDED: OnceLock<Packs> = OnceLock::new();
        EMBEDDED.get_or_init(|| {
            let mut packs = Packs::default();
            packs.take("gates", &GATES);
            packs.take("policies", &POLICIES);
            packs
        })
    }

    fn take(&mut self, above: &str, directory: &'static Dir<'static>) {
        for file in directory.files() {
            // Files of other names cannot be named by definitions either.
            if let Some(path) = file.path().to_str() {
                self.0.insert(format!("{above}/{}", path.replace('\\', "/")), Cow::Borrowed(file.contents()));
            }
        }
        directory.dirs().for_each(|below| self.take(above, below));
    }

    /// Others, for tests.
    #[cfg(test)]
    pub fn of(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        Packs(files.into_iter().map(|(path, bytes)| (path, Cow::Owned(bytes))).collect())
    }

    /// The bytes of a file: `gates/<pack>/<gate>.toml`.
    pub fn file(&self, path: &RelPath) -> Option<&[u8]> {
        self.0.get(path.as_str()).map(|bytes| &**bytes)
    }

    /// The names of the files in a directory, sorted; `None` if there are none.
    pub fn names(&self, directory: &RelPath) -> Option<Vec<String>> {
        let inside = |path: &String| path.strip_prefix(directory.as_str())?.strip_prefix('/').map(str::to_owned);
        let names: Vec<String> = self.0.keys().filter_map(inside).filter(|name| !name.contains('/')).collect();
        if names.is_empty() { None } else { Some(names) }
    }

    /// The policies, by name.
    pub fn policies(&self) -> Vec<PackId> {
        let folder = RelPath::parse("policies").expect("a sound path");
        let names = self.names(&folder).unwrap_or_default();
        let mut ids: Vec<PackId> =
            names.iter().filter_map(|name| PackId::try_from(name.strip_suffix(".toml")?).ok()).collect();
        ids.sort();
        ids
    }
}

/// The policies of this binary, by name.
pub fn policies() -> Vec<PackId> {
    Packs::embedded().policies()
}

/// The file of a builtin policy.
pub(super) fn policy_path(id: &PackId) -> RelPath {
    RelPath::parse(&format!("policies/{id}.toml")).expect("an id is a sound path component")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_embedded_is_found_by_path_and_name() {
        let packs = Packs::embedded();
        let path = |text| RelPath::parse(text).expect("sound");
        assert!(packs.file(&path("policies/README.md")).is_some_and(|bytes| !bytes.is_empty()));
        assert!(packs.names(&path("gates")).is_some_and(|names| names.contains(&"README.md".to_owned())));
        assert!(packs.file(&path("src/lib.rs")).is_none() && packs.names(&path("src")).is_none());
        for id in packs.policies() {
            assert!(packs.file(&policy_path(&id)).is_some(), "{id}");
        }
    }
}
