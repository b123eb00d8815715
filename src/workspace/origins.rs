//! Where names in some files were moved from: other files, whatever they are called, that lost a name when these gained it.
//!
//! In: a repository, a commit, the blobs of the files in each tree, and what reads names in bytes. Out: paths below the top, each with the names
//! that came from there. A file that is renamed, a directory that is moved, entries that are carried over into a file that was made for
//! them: where git knows a name in another file shortly before, it is not new.

use super::Names;
use super::ancestry::{Commits, parents_first};
use super::git::{SYMLINK, phrase};
use git2::{ObjectType, Oid, Repository};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// How long before it stood in one of the files a name may have stood in another, in seconds: what was gone for a whole day is new.
const SHORTLY: i64 = 2 * 86_400;
/// The ending of files that are looked at.
const ENDING: &[u8] = b".toml";
/// Deepest directory.
const DEEPEST: usize = 64;

/// The tree entries of one kind below a directory: path and blob.
type Entries = Arc<Vec<(Vec<u8>, Oid)>>;

/// What is looked for, and what was read.
pub(super) struct Origins<'r> {
    pub(super) repository: &'r Repository,
    /// The blobs of the files in a tree.
    pub(super) blobs: &'r dyn Fn(Oid) -> Result<Vec<Option<Oid>>, String>,
    pub(super) names: &'r Names<'r>,
    /// The paths of the files below the top.
    pub(super) paths: Vec<Vec<u8>>,
    known: HashMap<Oid, Arc<BTreeSet<String>>>,
    below: HashMap<Oid, Entries>,
}

impl<'r> Origins<'r> {
    pub(super) fn new(
        repository: &'r Repository,
        blobs: &'r dyn Fn(Oid) -> Result<Vec<Option<Oid>>, String>,
        names: &'r Names<'r>,
        paths: Vec<Vec<u8>>,
    ) -> Self {
        Self { repository, blobs, names, paths, known: HashMap::new(), below: HashMap::new() }
    }

    /// The files that names came from.
    pub(super) fn find(mut self, head: Oid) -> Result<BTreeMap<Vec<u8>, BTreeSet<String>>, String> {
        let commits = parents_first(self.repository, head)?;
        let mut found: BTreeMap<Vec<u8>, BTreeSet<String>> = BTreeMap::new();
        let mut held: HashMap<Oid, Arc<BTreeSet<String>>> = HashMap::new();
        for id in &commits.order {
            let commit = &commits.of[id];
            let own = match held.get(&commit.tree) {
                Some(own) => Arc::clone(own),
                None => {
                    let own = Arc::new(self.of_files(commit.tree)?);
                    held.insert(commit.tree, Arc::clone(&own));
                    own
                }
            };
            for parent in &commit.parents {
                let before = &held[&commits.of[parent].tree];
                let born: BTreeSet<String> = own.difference(before).cloned().collect();
                if !born.is_empty() {
                    self.look_before(*id, *parent, &born, &commits, &mut found)?;
                }
            }
        }
        Ok(found)
    }

    /// The names in the files themselves.
    fn of_files(&mut self, tree: Oid) -> Result<BTreeSet<String>, String> {
        let blobs = (self.blobs)(tree)?;
        let mut all = BTreeSet::new();
        for blob in blobs.into_iter().flatten() {
            all.extend(self.of(blob)?.iter().cloned());
        }
        Ok(all)
    }

    fn of(&mut self, blob: Oid) -> Result<Arc<BTreeSet<String>>, String> {
        if let Some(known) = self.known.get(&blob) {
            return Ok(Arc::clone(known));
        }
        let read = Arc::new((self.names)(self.repository.find_blob(blob).map_err(phrase)?.content()));
        self.known.insert(blob, Arc::clone(&read));
        Ok(read)
    }

    /// Looks for the names that a commit has more than its parent in other files of the parent, and of what came shortly before it.
    fn look_before(
        &mut self,
        child: Oid,
        parent: Oid,
        born: &BTreeSet<String>,
        commits: &Commits,
        found: &mut BTreeMap<Vec<u8>, BTreeSet<String>>,
    ) -> Result<(), String> {
        let commit = &commits.of[&child];
        let mut still: BTreeMap<Vec<u8>, Arc<BTreeSet<String>>> = BTreeMap::new();
        for (path, blob) in self.listed(commit.tree, 0)?.iter() {
            still.insert(path.clone(), self.of(*blob)?);
        }
        let (mut seen, mut open, mut trees) = (HashSet::from([parent]), vec![parent], HashSet::new());
        while let Some(id) = open.pop() {
            let before = &commits.of[&id];
            if trees.insert(before.tree) {
                for (path, blob) in self.listed(before.tree, 0)?.iter() {
                    if self.paths.contains(path) {
                        continue;
                    }
                    let names = self.of(*blob)?;
                    let kept = still.get(path);
                    let moved =
                        born.iter().filter(|name| names.contains(*name) && !kept.is_some_and(|kept| kept.contains(*name)));
                    let moved: BTreeSet<String> = moved.cloned().collect();
                    if !moved.is_empty() {
                        found.entry(path.clone()).or_default().extend(moved);
                    }
                }
            }
            // What came before it stood until it was made.
            if before.time >= commit.time.saturating_sub(SHORTLY) {
                open.extend(before.parents.iter().filter(|id| seen.insert(**id)));
            }
        }
        Ok(())
    }

    /// The files below a tree that may hold names.
    fn listed(&mut self, tree: Oid, depth: usize) -> Result<Entries, String> {
        if let Some(known) = self.below.get(&tree) {
            return Ok(Arc::clone(known));
        }
        let mut all = Vec::new();
        let entries = self.repository.find_tree(tree).map_err(phrase)?;
        for entry in &entries {
            let name = entry.name_bytes();
            match entry.kind() {
                Some(ObjectType::Blob) if name.ends_with(ENDING) && entry.filemode() != SYMLINK => {
                    all.push((name.to_vec(), entry.id()));
                }
                Some(ObjectType::Tree) if depth < DEEPEST => {
                    let below = self.listed(entry.id(), depth + 1)?;
                    all.extend(below.iter().map(|(path, blob)| ([name, b"/", path].concat(), *blob)));
                }
                _ => {}
            }
        }
        let all = Arc::new(all);
        self.below.insert(tree, Arc::clone(&all));
        Ok(all)
    }
}
