//! A workspace whose repository is a tree of files in memory, and whose git is that of another workspace: a tree in which anything may differ,
//! without a directory for it.
//!
//! In: a workspace, the files and empty directories that stand in place of its own, the run below them. Out: what [`Workspace`] promises, as a
//! disk with these files would have it. There are no links, shards, earlier runs or baselines named by an operator, and nothing is published.
//! What was asked of the files can be recorded, so that whoever made something of it knows whether another tree would give the same.

use super::{Denied, EntryKind, Git, Listed, Opened, Workspace};
use crate::model::{Base, Instant, RelPath};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

/// The bytes of a file, or why there are none.
type File = Result<Arc<[u8]>, Denied>;

/// What was asked of the files of a tree, and what was answered.
#[derive(Debug, Default)]
pub struct Asked {
    files: BTreeMap<(Base, RelPath), File>,
    listings: BTreeMap<(Base, Option<RelPath>), Result<Vec<Listed>, Denied>>,
    /// The directory that was attached as the one of git.
    git: Option<RelPath>,
    /// Something was asked that does not depend on the tree alone.
    more: bool,
}

impl Asked {
    /// Whether another tree answers the same. The directory of git counts as it was: whoever changes something in it must say so.
    pub fn same(&self, other: &TreeOver<'_>) -> bool {
        !self.more
            && self.files.iter().all(|((base, path), answer)| *answer == other.file(*base, path))
            && self.listings.iter().all(|((base, path), answer)| *answer == other.listing(*base, path.as_ref()))
    }

    /// The directory that was attached as the one of git.
    pub fn git(&self) -> Option<&RelPath> {
        self.git.as_ref()
    }
}

/// A tree in memory, over a workspace that answers for git.
pub struct TreeOver<'w> {
    below: &'w dyn Workspace,
    files: &'w BTreeMap<RelPath, Arc<[u8]>>,
    /// Every directory, with files in it or not.
    directories: BTreeSet<&'w str>,
    bare: &'w BTreeSet<RelPath>,
    run: Option<RelPath>,
    now: Instant,
    baseline: RwLock<Option<RelPath>>,
    asked: Option<Mutex<Asked>>,
    made: std::time::Instant,
}

impl<'w> TreeOver<'w> {
    /// These files, and these directories without files. `None` where a disk could not hold them so, or would have to be asked: two entries of
    /// one name, names that are written with escapes, a run that is not there.
    pub fn new(
        below: &'w dyn Workspace,
        files: &'w BTreeMap<RelPath, Arc<[u8]>>,
        bare: &'w BTreeSet<RelPath>,
        run: Option<&RelPath>,
        now: Instant,
    ) -> Option<Self> {
        let mut directories: BTreeSet<&str> = bare.iter().map(RelPath::as_str).collect();
        directories.extend(files.keys().chain(bare).flat_map(|path| above(path.as_str())));
        let odd = |path: &RelPath| path.as_str().contains('\\');
        if files.keys().chain(bare).any(odd) || files.keys().any(|file| directories.contains(file.as_str())) {
            return None;
        }
        let (run, made) = (run.cloned(), std::time::Instant::now());
        let there = run.as_ref().is_none_or(|run| directories.contains(run.as_str()));
        there.then(|| Self { below, files, directories, bare, run, now, baseline: RwLock::new(None), asked: None, made })
    }

    /// The same, and what is asked of it from now on is recorded.
    pub fn recording(mut self) -> Self {
        self.asked = Some(Mutex::default());
        self
    }

    /// What was asked since the recording began.
    pub fn asked(self) -> Asked {
        self.asked.map(|asked| asked.into_inner().unwrap_or_else(PoisonError::into_inner)).unwrap_or_default()
    }

    fn note(&self, note: impl FnOnce(&mut Asked)) {
        if let Some(asked) = &self.asked {
            note(&mut asked.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// The directory of a base; `None` for the repository itself.
    fn directory(&self, base: Base) -> Result<Option<RelPath>, Denied> {
        match base {
            Base::Repo => Ok(None),
            Base::Run => self.run.clone().map(Some).ok_or(Denied::Missing),
            Base::Baseline => {
                let attached = self.baseline.read().unwrap_or_else(PoisonError::into_inner).clone();
                attached.map(Some).ok_or(Denied::Missing)
            }
            Base::Shard(_) | Base::History => Err(Denied::Missing),
        }
    }

    fn is_directory(&self, path: &RelPath) -> bool {
        self.directories.contains(path.as_str())
    }

    /// Files and empty directories below a directory: the rest of each path, and whether it is a file.
    fn below_directory<'a>(&'a self, directory: Option<&'a RelPath>) -> impl Iterator<Item = (&'a str, bool)> {
        let inside = move |path: &'a RelPath| match directory {
            None => Some(path.as_str()),
            Some(directory) => path.as_str().strip_prefix(directory.as_str())?.strip_prefix('/'),
        };
        let files = self.files.keys().filter_map(move |path| Some((inside(path)?, true)));
        files.chain(self.bare.iter().filter_map(move |path| Some((inside(path)?, false))))
    }

    fn file(&self, base: Base, path: &RelPath) -> File {
        let path = self.directory(base)?.map_or(path.clone(), |directory| directory.join(path));
        match self.files.get(&path) {
            Some(bytes) => Ok(Arc::clone(bytes)),
            None if self.is_directory(&path) => Err(Denied::Irregular("it is a directory".to_owned())),
            None => Err(Denied::Missing),
        }
    }

    fn listing(&self, base: Base, directory: Option<&RelPath>) -> Result<Vec<Listed>, Denied> {
        if (base, directory) == (Base::History, None) {
            return Ok(Vec::new());
        }
        let path = match (self.directory(base)?, directory) {
            (None, directory) => directory.cloned(),
            (Some(above), None) => Some(above),
            (Some(above), Some(directory)) => Some(above.join(directory)),
        };
        let entry = |(rest, file): (&str, bool)| match rest.split_once('/') {
            Some((name, _)) => (name.to_owned(), EntryKind::Directory),
            None if file => (rest.to_owned(), EntryKind::File),
            None => (rest.to_owned(), EntryKind::Directory),
        };
        let entries: BTreeSet<(String, EntryKind)> = self.below_directory(path.as_ref()).map(entry).collect();
        match path {
            Some(path) if !self.is_directory(&path) => {
                let mut way = above(path.as_str()).chain([path.as_str()]);
                let on_file = way.any(|part| RelPath::parse(part).is_ok_and(|part| self.files.contains_key(&part)));
                Err(if on_file { Denied::Irregular("it is no directory".to_owned()) } else { Denied::Missing })
            }
            Some(_) | None => Ok(entries.into_iter().map(|(name, kind)| Listed { name, kind }).collect()),
        }
    }
}

/// The directories that a path lies in, the nearest first.
fn above(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(path.rsplit_once('/'), |(above, _)| above.rsplit_once('/')).map(|(above, _)| above)
}

impl Workspace for TreeOver<'_> {
    fn open(&self, base: Base, path: &RelPath) -> Result<Opened, Denied> {
        let file = self.file(base, path);
        self.note(|asked| drop(asked.files.insert((base, path.clone()), file.clone())));
        file.map(|bytes| Opened { size: bytes.len() as u64, reader: Box::new(Cursor::new(bytes)) })
    }

    fn list(&self, base: Base, directory: Option<&RelPath>) -> Result<Vec<Listed>, Denied> {
        let listing = self.listing(base, directory);
        self.note(|asked| drop(asked.listings.insert((base, directory.cloned()), listing.clone())));
        listing
    }

    fn shown(&self, base: Base, path: &RelPath) -> String {
        match self.directory(base) {
            Ok(None) => path.to_string(),
            Ok(Some(directory)) => format!("{directory}/{path}"),
            Err(_) => format!("{}:{path}", base.word()),
        }
    }

    fn shards(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    fn run(&self) -> Option<String> {
        self.run.as_ref().map(RelPath::to_string)
    }

    fn run_name(&self) -> Option<String> {
        self.run.as_ref().map(|run| run.name().to_owned())
    }

    fn attach_baseline(&self, sibling: &str) -> Result<(), String> {
        self.note(|asked| asked.more = true);
        let Some(run) = &self.run else { return Err("there is no run that it could lie beside".to_owned()) };
        let name = RelPath::parse(sibling).ok().filter(|path| path.as_str() == sibling && !sibling.contains('/'));
        let name = name.ok_or_else(|| format!("`{sibling}` is not the name of one directory"))?;
        let beside = above(run.as_str()).next().and_then(|above| RelPath::parse(above).ok());
        let path = beside.map_or(name.clone(), |above| above.join(&name));
        if !self.is_directory(&path) {
            return Err(format!("there is no directory `{sibling}` beside the run"));
        }
        if path == *run {
            return Err(format!("`{sibling}` is the run itself"));
        }
        *self.baseline.write().unwrap_or_else(PoisonError::into_inner) = Some(path);
        Ok(())
    }

    fn history(&self) -> Vec<String> {
        Vec::new()
    }

    fn attach_git(&self, directory: &RelPath) -> Result<(), String> {
        self.note(|asked| asked.git = Some(directory.clone()));
        self.below.attach_git(directory)
    }

    fn git(&self) -> Result<Box<dyn Git + '_>, String> {
        self.note(|asked| asked.more = true);
        self.below.git()
    }

    fn has_git(&self) -> bool {
        self.note(|asked| asked.more = true);
        self.below.has_git()
    }

    fn commit_around(&self, stated: Option<&str>) -> Option<Result<String, String>> {
        self.note(|asked| asked.more = true);
        self.below.commit_around(stated)
    }

    fn now(&self) -> Instant {
        self.now
    }

    fn elapsed(&self) -> Duration {
        self.made.elapsed()
    }

    fn read_named(&self, path: &Path) -> Result<Vec<u8>, Denied> {
        self.note(|asked| asked.more = true);
        self.below.read_named(path)
    }

    fn publish(&self, _path: &Path, _bytes: &[u8]) -> std::io::Result<()> {
        Err(std::io::Error::other("a tree in memory publishes nothing"))
    }
}

#[cfg(test)]
#[path = "tree_over_tests.rs"]
mod tests;
