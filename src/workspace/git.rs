//! What a repository's history knows, read through libgit2: objects, index and references, never hooks, filters or networks.
//!
//! In: the top of a work tree, or a git directory. Out: commit, digests, old versions, or the phrase why they cannot be told.

#![expect(clippy::disallowed_methods, reason = "the repository's own top is compared as the disk knows it")]

use super::origins::Origins;
use super::{Change, Git, InGit, Lineage, Names, Reach, Revision, Since, Stretch, ancestry, names_commit, native, since};
use crate::model::{Digest, Instant, RelPath, escape_path, unescape_path};
use git2::{BranchType, ErrorCode, ObjectType, Oid, RepositoryOpenFlags};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Ids of commits, and when they were committed.
type Commits = Vec<(String, Instant)>;

/// The mark of an entry of the index that git is to take for unchanged.
const ASSUMED: u16 = 0x8000;
/// The mark of one that a sparse checkout leaves out of the work tree.
const LEFT_OUT: u16 = 1 << 14;

/// An open repository.
pub(super) struct Repository {
    pub(super) inner: git2::Repository,
    /// The commit that counts as its head, if it is not the one that is checked out.
    head: Option<Oid>,
    /// The directory below the top of the work tree that is judged; `None` is the top.
    below: Option<RelPath>,
}

pub(super) fn phrase(error: git2::Error) -> String {
    match error.code() {
        ErrorCode::Owner => "git refuses the repository because another user owns it (see `safe.directory`)".to_owned(),
        ErrorCode::UnbornBranch => "the repository has no commit yet".to_owned(),
        _other => error.message().to_owned(),
    }
}

impl Repository {
    /// The repository whose work tree has this directory: as its top, or as a directory that its commit has. Evidence that merely lies
    /// inside some other project's work tree is not vouched for by it.
    pub(super) fn over(root: &Path) -> Result<Self, String> {
        let nowhere: [&Path; 0] = [];
        let outside = || "the root is not the top of a git work tree, nor a directory that its commit has".to_owned();
        let inner = git2::Repository::open_ext(root, RepositoryOpenFlags::empty(), nowhere).map_err(|error| match error
            .code()
        {
            ErrorCode::NotFound => "the root is not the top of a git work tree".to_owned(),
            _other => phrase(error),
        })?;
        let top = inner.workdir().and_then(|top| std::fs::canonicalize(top).ok()).ok_or_else(outside)?;
        let below = root.strip_prefix(&top).map_err(|_| outside())?;
        if below.as_os_str().is_empty() {
            return Ok(Self { inner, head: None, below: None });
        }
        let below = relative(below).ok_or_else(outside)?;
        let found = Self { inner, head: None, below: None };
        let tracked = found.commit().and_then(|commit| commit.tree().map_err(phrase)).is_ok_and(|tree| {
            let entry = tree.get_path(&native(below.as_str()).unwrap_or_default());
            entry.is_ok_and(|entry| entry.kind() == Some(ObjectType::Tree))
        });
        if tracked { Ok(Self { below: Some(below), ..found }) } else { Err(outside()) }
    }

    /// The commit of the work tree around a directory that its commit does not have; `None` where there is no work tree, or where it ignores
    /// the directory and has no such commit.
    pub(super) fn commit_around(root: &Path, stated: Option<&str>) -> Option<Result<String, String>> {
        let nowhere: [&Path; 0] = [];
        let inner = git2::Repository::open_ext(root, RepositoryOpenFlags::empty(), nowhere).ok()?;
        let top = inner.workdir().and_then(|top| std::fs::canonicalize(top).ok())?;
        let below = std::fs::canonicalize(root).ok()?.strip_prefix(&top).ok()?.to_owned();
        if below.as_os_str().is_empty() {
            return None;
        }
        let ignored = inner.is_path_ignored(&below).unwrap_or(false);
        let found = Self { inner, head: None, below: None };
        let known = stated.is_some_and(|commit| !matches!(found.reach(commit), Ok(Reach::Unknown)));
        (known || !ignored).then(|| found.commit().map(|commit| commit.id().to_string()))
    }

    /// Whether there is a repository over this directory that does not open: something is called `.git`, and is none.
    pub(super) fn is_damaged_over(root: &Path) -> bool {
        let nowhere: [&Path; 0] = [];
        let named = |directory: &Path| directory.join(".git").symlink_metadata().is_ok();
        match git2::Repository::open_ext(root, RepositoryOpenFlags::empty(), nowhere) {
            Ok(_) => named(root) && Self::over(root).is_err(),
            Err(error) if error.code() == ErrorCode::NotFound => root.ancestors().any(named),
            Err(_) => true,
        }
    }

    /// The same, with this commit in place of the one that is checked out.
    pub(super) fn from(self, commit: Oid) -> Self {
        Self { head: Some(commit), ..self }
    }

    /// A git directory that lies apart from its work tree.
    pub(super) fn attached(directory: &Path) -> Result<Self, String> {
        let inner = git2::Repository::open_bare(directory).map_err(phrase)?;
        Ok(Self { inner, head: None, below: None })
    }

    /// A path below the root as one below the top of the work tree.
    fn path_at_top(&self, path: &RelPath) -> RelPath {
        self.below.as_ref().map_or_else(|| path.clone(), |below| below.join(path))
    }

    /// The tree of the root in that of a commit; `None` if the commit has no such directory.
    pub(super) fn tree_of_root(&self, top: Oid) -> Result<Option<Oid>, String> {
        let Some(below) = &self.below else { return Ok(Some(top)) };
        match self.inner.find_tree(top).map_err(phrase)?.get_path(&native(below.as_str()).unwrap_or_default()) {
            Ok(entry) if entry.kind() == Some(ObjectType::Tree) => Ok(Some(entry.id())),
            Ok(_) => Ok(None),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(phrase(error)),
        }
    }

    /// Files that git was told not to look at (`assume-unchanged`, `skip-worktree`) and that differ from the index all the same, and the paths of those
    /// that a sparse checkout may leave out: to be gone is no difference of these.
    fn passed_over(&self) -> Result<(Vec<String>, BTreeSet<Vec<u8>>), String> {
        let mut left_out = BTreeSet::new();
        let mut index = match self.inner.index().map_err(phrase)?.path() {
            Some(path) => git2::Index::open(path).map_err(phrase)?,
            None => return Ok((Vec::new(), left_out)),
        };
        let told = |entry: &git2::IndexEntry| entry.flags & ASSUMED > 0 || entry.flags_extended & LEFT_OUT > 0;
        let entries: Vec<git2::IndexEntry> = index.iter().filter(told).collect();
        for mut entry in entries {
            if entry.flags_extended & LEFT_OUT > 0 {
                left_out.insert(entry.path.clone());
            }
            entry.flags &= !ASSUMED;
            entry.flags_extended &= !LEFT_OUT;
            // In memory alone: nothing is written.
            index.add(&entry).map_err(phrase)?;
        }
        let differs = self.inner.diff_index_to_workdir(Some(&index), None).map_err(phrase)?;
        let path = |delta: &git2::DiffDelta<'_>| delta.old_file().path_bytes().map(<[u8]>::to_vec).unwrap_or_default();
        let gone = |delta: &git2::DiffDelta<'_>| delta.status() == git2::Delta::Deleted && left_out.contains(&path(delta));
        let paths = differs.deltas().filter(|delta| !gone(delta)).map(|delta| escape_path(&path(&delta)).into_owned());
        Ok((paths.collect(), left_out))
    }

    fn commit(&self) -> Result<git2::Commit<'_>, String> {
        let found = match self.head {
            Some(commit) => self.inner.find_commit(commit),
            None => self.inner.head().and_then(|head| head.peel_to_commit()),
        };
        found.map_err(phrase)
    }

    /// The blob at a path of a commit; `None` if there is nothing.
    fn blob_in(&self, commit: &git2::Commit<'_>, path: &RelPath) -> Result<Option<Oid>, String> {
        self.blob(commit.tree_id(), path).map_err(|phrase| format!("{phrase} in commit {}", short(commit.id())))
    }

    /// The blob at a path of a commit's tree.
    fn blob(&self, tree: Oid, path: &RelPath) -> Result<Option<Oid>, String> {
        let path = self.path_at_top(path);
        let bytes = unescape_path(path.as_str()).ok_or_else(|| format!("`{path}` cannot be a path in git"))?;
        self.blob_at(tree, &bytes)
    }

    /// The blob at a path below the top, in a commit's tree; what is no regular file is none.
    fn blob_at(&self, tree: Oid, path: &[u8]) -> Result<Option<Oid>, String> {
        let shown = escape_path(path);
        let path = native(&shown).map_err(|_| format!("`{shown}` cannot be a path here"))?;
        match self.inner.find_tree(tree).and_then(|tree| tree.get_path(&path)) {
            Ok(entry) if entry.kind() == Some(ObjectType::Blob) && entry.filemode() != SYMLINK => Ok(Some(entry.id())),
            Ok(_) => Err(format!("`{shown}` is no regular file")),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(phrase(error)),
        }
    }

    fn bytes(&self, blob: Oid) -> Result<Vec<u8>, String> {
        self.inner.find_blob(blob).map(|blob| blob.content().to_vec()).map_err(phrase)
    }
}

/// How often names may have moved on from file to file.
const RENAMES_MOST: usize = 16;

/// The mode of links in trees and in the index; a link's blob holds its target, not content.
pub(super) const SYMLINK: i32 = 0o120_000;

const SHALLOW: &str =
    "the history is cut off (a shallow clone); fetch all of it (`git fetch --unshallow`, `fetch-depth: 0`)";

/// A change with its path from the root. What lies outside begins with `..`, and no pattern below the root is meant by it.
fn from_root(change: Change, below: &RelPath) -> Change {
    let inside = change.path.strip_prefix(below.as_str()).and_then(|rest| rest.strip_prefix('/')).map(str::to_owned);
    let up = || "../".repeat(below.as_str().split('/').count()) + &change.path;
    Change { path: inside.unwrap_or_else(up), ..change }
}

fn relative(path: &Path) -> Option<RelPath> {
    #[cfg(unix)]
    let bytes = std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str());
    #[cfg(not(unix))]
    let owned = path.to_str()?.replace('\\', "/");
    #[cfg(not(unix))]
    let bytes = owned.as_bytes();
    RelPath::parse(&escape_path(bytes)).ok()
}

pub(super) fn short(id: Oid) -> String {
    id.to_string().chars().take(12).collect()
}

impl Git for Repository {
    fn head(&self) -> Result<String, String> {
        Ok(self.commit()?.id().to_string())
    }

    fn file(&self, path: &RelPath) -> Result<InGit, String> {
        let digest = |blob: Option<Oid>| blob.map(|blob| Ok::<_, String>(Digest::of(&self.bytes(blob)?))).transpose();
        let head = self.blob_in(&self.commit()?, path)?;
        let mut index = self.inner.index().map_err(phrase)?;
        index.read(false).map_err(phrase)?;
        let staged = match index.get_path(&native(self.path_at_top(path).as_str()).unwrap_or_default(), 0) {
            Some(entry) if entry.mode == SYMLINK.unsigned_abs() => return Err(format!("`{path}` is a link in the index")),
            entry => entry.map(|entry| entry.id),
        };
        Ok(InGit { head: digest(head)?, index: digest(staged)? })
    }

    fn revisions(&self, paths: &[RelPath], max: usize) -> Result<Vec<Revision>, String> {
        if self.inner.is_shallow() {
            return Err(SHALLOW.to_owned());
        }
        let blobs = |tree| paths.iter().map(|path| self.blob(tree, path)).collect();
        ancestry::ancestry(&self.inner, self.commit()?.id(), &blobs, max)
    }

    fn lineage(
        &self,
        paths: &[RelPath],
        wanted: &BTreeSet<String>,
        names: &Names<'_>,
        max: usize,
    ) -> Result<Lineage, String> {
        if self.inner.is_shallow() {
            return Err(SHALLOW.to_owned());
        }
        let head = self.commit()?.id();
        let mut files: Vec<Vec<u8>> = Vec::new();
        for path in paths {
            let top = self.path_at_top(path);
            files
                .push(unescape_path(top.as_str()).ok_or_else(|| format!("`{path}` cannot be a path in git"))?.into_owned());
        }
        let mut origins: BTreeMap<Vec<u8>, BTreeSet<String>> = BTreeMap::new();
        let wanted = |bytes: &[u8]| names(bytes).intersection(wanted).cloned().collect();
        let count = files.len();
        let blobs = |all: &[Vec<u8>], tree| {
            let blob = |(at, path): (usize, &Vec<u8>)| match self.blob_at(tree, path) {
                // Whatever else the path of another file was once is none of ours.
                Err(_) if at >= count => Ok(None),
                found => found,
            };
            all.iter().enumerate().map(blob).collect()
        };
        // A file that names came from may have had them from another one.
        for _ in 0..RENAMES_MOST {
            let all: Vec<Vec<u8>> = files.iter().chain(origins.keys()).cloned().collect();
            let blobs = |tree| blobs(&all, tree);
            let found = Origins::new(&self.inner, &blobs, &wanted, all.clone()).find(head)?;
            if found.is_empty() {
                break;
            }
            for (path, names) in found {
                origins.entry(path).or_default().extend(names);
            }
        }
        let all: Vec<Vec<u8>> = files.iter().chain(origins.keys()).cloned().collect();
        let revisions = ancestry::ancestry(&self.inner, head, &|tree| blobs(&all, tree), max)?;
        Ok(Lineage { revisions, origins: origins.into_values().collect() })
    }

    fn since(&self, commit: &str) -> Result<Since, String> {
        let earlier = Oid::from_str(commit).ok().filter(|_| commit.len() == 40);
        let earlier = earlier.ok_or("a commit is named by 40 hex digits")?;
        let found = since::since(&self.inner, self.commit()?.id(), earlier)?;
        Ok(match (found, &self.below) {
            (Since::Changes(changes), Some(below)) => {
                Since::Changes(changes.into_iter().map(|change| from_root(change, below)).collect())
            }
            (found, _) => found,
        })
    }

    fn reach(&self, commit: &str) -> Result<Reach, String> {
        if !names_commit(commit) {
            return Err("a commit is named by 7 to 40 hex digits".to_owned());
        }
        let commit = match self.inner.find_commit_by_prefix(commit) {
            Ok(commit) => commit.id(),
            Err(error) if error.code() == ErrorCode::NotFound => return Ok(Reach::Unknown),
            Err(error) => return Err(phrase(error)),
        };
        let mut names = Vec::new();
        for branch in self.inner.branches(Some(BranchType::Remote)).map_err(phrase)? {
            let reference = branch.map_err(phrase)?.0.into_reference();
            // `origin/HEAD` points at another of them; one that holds a commit itself was pushed nowhere.
            if reference.symbolic_target_bytes().is_some() || reference.name_bytes().ends_with(b"/HEAD") {
                continue;
            }
            let tip = reference.peel_to_commit().map_err(phrase)?.id();
            if tip == commit || self.inner.graph_descendant_of(tip, commit).map_err(phrase)? {
                let name = String::from_utf8_lossy(reference.name_bytes()).into_owned();
                names.push(name.strip_prefix("refs/remotes/").map(str::to_owned).unwrap_or(name));
            }
        }
        Ok(names.into_iter().min().map_or(Reach::Local, Reach::Remote))
    }

    fn may_be_of(&self, commit: &str) -> bool {
        self.below.is_none() || !matches!(self.reach(commit), Ok(Reach::Unknown))
    }

    fn uncommitted(&self) -> Result<Vec<String>, String> {
        let mut options = git2::StatusOptions::new();
        options.include_untracked(true).recurse_untracked_dirs(true).exclude_submodules(true);
        let statuses = self.inner.statuses(Some(&mut options)).map_err(phrase)?;
        let (hidden, left_out) = self.passed_over()?;
        let counts = |entry: &git2::StatusEntry<'_>| {
            let gone = entry.status() == git2::Status::WT_DELETED && left_out.contains(entry.path_bytes());
            !gone && !entry.status().intersects(git2::Status::IGNORED)
        };
        let changed = statuses.iter().filter(counts).map(|entry| escape_path(entry.path_bytes()).into_owned());
        let paths: BTreeSet<String> = changed.chain(hidden).collect();
        Ok(paths.into_iter().collect())
    }

    fn stretches(&self, path: &RelPath, max: usize) -> Result<Vec<Stretch>, String> {
        if self.inner.is_shallow() {
            return Err(SHALLOW.to_owned());
        }
        let mut stretches: Vec<(Option<Oid>, Commits)> = Vec::new();
        let mut next = Some(self.commit()?);
        while let Some(commit) = next {
            let blob = self.blob_in(&commit, path)?;
            let made = Instant::from_timestamp(commit.time().seconds(), 0)
                .ok_or_else(|| format!("commit {} has no time that a calendar knows", short(commit.id())))?;
            let own = (commit.id().to_string(), made);
            match stretches.last_mut() {
                Some((known, commits)) if *known == blob => commits.push(own),
                Some(_) | None => stretches.push((blob, vec![own])),
            }
            if stretches.len() > max {
                return Err(format!("the history holds more than {max} versions of `{path}`"));
            }
            next = if commit.parent_count() == 0 { None } else { Some(commit.parent(0).map_err(phrase)?) };
        }
        let oldest_first = stretches.into_iter().rev().map(|(blob, mut commits)| {
            commits.reverse();
            Ok(Stretch { bytes: blob.map(|blob| self.bytes(blob)).transpose()?, commits })
        });
        oldest_first.collect()
    }
}
