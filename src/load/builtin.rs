//! The packs inside the binary: `gates/<pack>/*.toml` with their `schemas/`, and `policies/*.toml`.
//!
//! Paths are those of the source tree, so a builtin file and the same file in a repository have the same name but for
//! `builtin:`.

use crate::model::{PackId, RelPath};
use include_dir::{Dir, include_dir};

static GATES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/gates");
static POLICIES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/policies");

fn tree(path: &RelPath) -> Option<(&'static Dir<'static>, &str)> {
    match path.as_str().split_once('/') {
        Some(("gates", rest)) => Some((&GATES, rest)),
        Some(("policies", rest)) => Some((&POLICIES, rest)),
        Some(_) | None => None,
    }
}

/// The bytes of a builtin file: `gates/<pack>/<gate>.toml`.
pub(super) fn file(path: &RelPath) -> Option<&'static [u8]> {
    let (dir, rest) = tree(path)?;
    dir.get_file(rest).map(include_dir::File::contents)
}

/// The names of the files in a builtin directory: `gates/<pack>`.
pub(super) fn names(directory: &RelPath) -> Option<Vec<String>> {
    let (dir, rest) = tree(directory)?;
    let mut names: Vec<String> = dir.get_dir(rest)?.files().filter_map(|file| own_name(file.path())).collect();
    names.sort();
    Some(names)
}

fn own_name(path: &std::path::Path) -> Option<String> {
    path.file_name().and_then(|name| name.to_str()).map(str::to_owned)
}

/// The builtin policies, by name.
pub fn policies() -> Vec<PackId> {
    let stems = POLICIES.files().filter_map(|file| own_name(file.path()));
    let mut ids: Vec<PackId> = stems.filter_map(|name| PackId::try_from(name.strip_suffix(".toml")?).ok()).collect();
    ids.sort();
    ids
}

/// The builtin file of a policy.
pub(super) fn policy_path(id: &PackId) -> RelPath {
    RelPath::parse(&format!("policies/{id}.toml")).expect("an id is a sound path component")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_builtin_policy_can_be_opened_by_its_id() {
        let policies = policies();
        for id in &policies {
            assert!(file(&policy_path(id)).is_some_and(|bytes| !bytes.is_empty()), "{id}");
        }
        let outside = RelPath::parse("src/lib.rs").expect("sound");
        assert!(file(&outside).is_none() && names(&outside).is_none());
    }
}
