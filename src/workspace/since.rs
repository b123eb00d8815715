//! What changed between an earlier commit and the one under judgement, commit by commit: a change that a later commit takes back
//! is a change all the same.
//!
//! In: a repository and two commits. Out: [`Since`]. Parents are read from the commits' own bytes, so neither grafts nor replacements
//! nor the edge of a shallow clone can hide a commit; trees are compared entry by entry, so no setting of the repository hides
//! a file.

use super::git::{phrase, short};
use super::{Change, Since};
use crate::model::escape_path;
use git2::{ErrorCode, Oid, Repository};
use std::collections::{BTreeMap, BTreeSet};

/// Most commits that are looked at, those included that only tell where the histories meet.
const COMMITS_MOST: usize = 200_000;
/// Most changed paths that are kept.
const CHANGES_MOST: usize = 100_000;
/// Deepest directory.
const DEEPEST: usize = 512;

/// A commit that was seen.
pub(super) struct Seen {
    pub(super) time: i64,
    pub(super) tree: Oid,
    pub(super) parents: Vec<Oid>,
    /// The earlier commit, or one before it.
    old: bool,
}

/// What every commit between `earlier` and `head` changed.
pub(super) fn since(repository: &Repository, head: Oid, earlier: Oid) -> Result<Since, String> {
    if head == earlier {
        return Ok(Since::Changes(Vec::new()));
    }
    let Some(start) = read(repository, earlier, true)? else {
        return Ok(if repository.is_shallow() { Since::CutOff(None) } else { Since::Unknown });
    };
    let top = read(repository, head, false)?.ok_or("the commit under judgement cannot be read")?;
    let (seen, found) = match walk(repository, BTreeMap::from([(head, top), (earlier, start)]), earlier)? {
        Walked::Whole(seen, found) => (seen, found),
        Walked::CutOff(commit) => return Ok(Since::CutOff(Some(commit.to_string()))),
    };
    if !found {
        return Ok(Since::NotBefore);
    }
    let after = descendants(&seen, earlier);
    let mut range: Vec<(&Oid, &Seen)> = seen.iter().filter(|(_, commit)| !commit.old).collect();
    range.sort_by_key(|(id, commit)| (commit.time, **id));
    let mut changes: BTreeMap<Vec<u8>, Oid> = BTreeMap::new();
    for (id, commit) in range {
        // What comes after the earlier commit is compared with what does too, which pins it to that commit's files. Another parent
        // of a merge, which branched off before, lacks what the earlier commit had by then; its own commits are looked at like all.
        let pinned = |parent: &&Oid| !after.contains(id) || **parent == earlier || after.contains(*parent);
        let mut paths = BTreeSet::new();
        for parent in commit.parents.iter().filter(pinned) {
            differ(repository, Some(seen[parent].tree), Some(commit.tree), &mut Vec::new(), 0, &mut paths)?;
        }
        if commit.parents.is_empty() {
            differ(repository, None, Some(commit.tree), &mut Vec::new(), 0, &mut paths)?;
        }
        for path in paths {
            changes.entry(path).or_insert(*id);
        }
        if changes.len() > CHANGES_MOST {
            return Err(format!("more than {CHANGES_MOST} files changed"));
        }
    }
    let change =
        |(path, commit): (Vec<u8>, Oid)| Change { path: escape_path(&path).into_owned(), commit: commit.to_string() };
    Ok(Since::Changes(changes.into_iter().map(change).collect()))
}

/// A commit from its own bytes; `None` if the repository has no such commit.
pub(super) fn read(repository: &Repository, id: Oid, old: bool) -> Result<Option<Seen>, String> {
    let commit = match repository.find_commit(id) {
        Ok(commit) => commit,
        Err(error) if matches!(error.code(), ErrorCode::NotFound | ErrorCode::InvalidSpec) => return Ok(None),
        // There is such an object, and it is no commit.
        Err(_) if repository.find_object(id, None).is_ok() => return Ok(None),
        Err(error) => return Err(phrase(error)),
    };
    let parent = |line: &[u8]| -> Option<Result<Oid, String>> {
        let hex = line.strip_prefix(b"parent ")?;
        Some(
            std::str::from_utf8(hex)
                .ok()
                .and_then(|hex| Oid::from_str(hex).ok())
                .ok_or_else(|| format!("commit {} names a parent that is no commit id", short(id))),
        )
    };
    let header = commit.raw_header_bytes().split(|byte| *byte == b'\n');
    let parents = header.filter_map(parent).collect::<Result<_, String>>()?;
    Ok(Some(Seen { time: commit.time().seconds(), tree: commit.tree_id(), parents, old }))
}

/// How a walk ended.
enum Walked {
    /// All that comes before one commit and not before the other was seen; whether the one leads to the other.
    Whole(BTreeMap<Oid, Seen>, bool),
    /// The parents of this commit are not in the repository.
    CutOff(Oid),
}

/// Walks down from both commits, the newest first, until nothing is left that is not older than the earlier one. Where clocks were
/// wrong, a commit may count as newer that is older; never the other way.
fn walk(repository: &Repository, mut seen: BTreeMap<Oid, Seen>, earlier: Oid) -> Result<Walked, String> {
    let mut open: BTreeSet<(i64, Oid)> = seen.iter().map(|(id, commit)| (commit.time, *id)).collect();
    let mut oldest = seen.values().filter(|commit| !commit.old).map(|commit| commit.time).min().unwrap_or(i64::MAX);
    let mut found = false;
    while let Some((time, id)) = open.pop_last() {
        let left = !seen[&id].old || open.iter().any(|(_, other)| !seen[other].old);
        if !left && time < oldest {
            break;
        }
        let (old, parents) = (seen[&id].old, seen[&id].parents.clone());
        for parent in parents {
            found |= !old && parent == earlier;
            match seen.get_mut(&parent) {
                Some(known) if old && !known.old => {
                    known.old = true;
                    open.insert((known.time, parent));
                }
                Some(_) => {}
                None => match read(repository, parent, old)? {
                    Some(commit) => {
                        if !old {
                            oldest = oldest.min(commit.time);
                        }
                        open.insert((commit.time, parent));
                        seen.insert(parent, commit);
                    }
                    // What lies before the earlier commit is not asked for.
                    None if old => {}
                    None => return Ok(Walked::CutOff(id)),
                },
            }
        }
        if seen.len() > COMMITS_MOST {
            return Err(format!("more than {COMMITS_MOST} commits would have to be looked at"));
        }
    }
    Ok(Walked::Whole(seen, found))
}

/// The commits among these that come after one of them.
fn descendants(seen: &BTreeMap<Oid, Seen>, earlier: Oid) -> BTreeSet<Oid> {
    let mut children: BTreeMap<Oid, Vec<Oid>> = BTreeMap::new();
    for (id, commit) in seen {
        for parent in &commit.parents {
            children.entry(*parent).or_default().push(*id);
        }
    }
    let (mut after, mut open) = (BTreeSet::new(), vec![earlier]);
    while let Some(id) = open.pop() {
        for child in children.get(&id).into_iter().flatten() {
            if after.insert(*child) {
                open.push(*child);
            }
        }
    }
    after
}

/// The mode of directories in trees.
const DIRECTORY: i32 = 0o040_000;

/// Adds the paths of the files in which two trees differ: in content, in mode, or by being there.
fn differ(
    repository: &Repository,
    before: Option<Oid>,
    after: Option<Oid>,
    above: &mut Vec<u8>,
    depth: usize,
    paths: &mut BTreeSet<Vec<u8>>,
) -> Result<(), String> {
    if before == after {
        return Ok(());
    }
    if depth > DEEPEST {
        return Err(format!("directories are nested more than {DEEPEST} deep"));
    }
    let (before, after) = (entries(repository, before)?, entries(repository, after)?);
    let names: BTreeSet<&Vec<u8>> = before.keys().chain(after.keys()).collect();
    for name in names {
        let (old, new) = (before.get(name), after.get(name));
        if old == new {
            continue;
        }
        let length = above.len();
        above.extend_from_slice(name);
        let directory = |entry: Option<&(i32, Oid)>| entry.filter(|(mode, _)| *mode == DIRECTORY).map(|(_, id)| *id);
        let file = |entry: Option<&(i32, Oid)>| entry.filter(|(mode, _)| *mode != DIRECTORY).copied();
        if file(old) != file(new) {
            paths.insert(above.clone());
        }
        if directory(old) != directory(new) {
            above.push(b'/');
            differ(repository, directory(old), directory(new), above, depth + 1, paths)?;
        }
        above.truncate(length);
        if paths.len() > CHANGES_MOST {
            return Err(format!("more than {CHANGES_MOST} files changed"));
        }
    }
    Ok(())
}

/// The entries of a tree by name; none of no tree.
fn entries(repository: &Repository, tree: Option<Oid>) -> Result<BTreeMap<Vec<u8>, (i32, Oid)>, String> {
    let Some(tree) = tree else { return Ok(BTreeMap::new()) };
    let tree = repository.find_tree(tree).map_err(phrase)?;
    Ok(tree.iter().map(|entry| (entry.name_bytes().to_vec(), (entry.filemode_raw(), entry.id()))).collect())
}

#[cfg(test)]
#[path = "since_tests.rs"]
mod tests;
