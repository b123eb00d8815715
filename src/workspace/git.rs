//! What a repository's history knows, read through libgit2: objects, index and references, never hooks, filters or networks.
//!
//! In: the top of a work tree, or a git directory. Out: commit, digests, old versions, or the phrase why they cannot be told.

#![expect(clippy::disallowed_methods, reason = "the repository's own top is compared as the disk knows it")]

use super::{Git, InGit, Reach, Since, Stretch, names_commit, native, since};
use crate::model::{Digest, Instant, RelPath, escape_path};
use git2::{BranchType, ErrorCode, ObjectType, Oid, RepositoryOpenFlags};
use std::path::Path;

/// Ids of commits, and when they were committed.
type Commits = Vec<(String, Instant)>;

/// An open repository, and the commit that counts as its head, if it is not the one that is checked out.
pub(super) struct Repository(pub(super) git2::Repository, Option<Oid>);

pub(super) fn phrase(error: git2::Error) -> String {
    match error.code() {
        ErrorCode::Owner => "git refuses the repository because another user owns it (see `safe.directory`)".to_owned(),
        ErrorCode::UnbornBranch => "the repository has no commit yet".to_owned(),
        _other => error.message().to_owned(),
    }
}

impl Repository {
    /// The repository whose work tree has this directory as its top. Directories above are not searched: evidence that lies
    /// inside some other project's repository is not vouched for by it.
    pub(super) fn at_top(root: &Path) -> Result<Self, String> {
        let nowhere: [&Path; 0] = [];
        let repository = git2::Repository::open_ext(root, RepositoryOpenFlags::NO_SEARCH, nowhere).map_err(|error| {
            match error.code() {
                ErrorCode::NotFound => "the root is not the top of a git work tree".to_owned(),
                _other => phrase(error),
            }
        })?;
        let top = repository.workdir().and_then(|top| std::fs::canonicalize(top).ok());
        if top.as_deref() != Some(root) {
            return Err("the root is not the top of a git work tree".to_owned());
        }
        Ok(Self(repository, None))
    }

    /// The same, with this commit in place of the one that is checked out.
    pub(super) fn from(self, commit: Oid) -> Self {
        Self(self.0, Some(commit))
    }

    /// A git directory that lies apart from its work tree.
    pub(super) fn attached(directory: &Path) -> Result<Self, String> {
        git2::Repository::open_bare(directory).map(|repository| Self(repository, None)).map_err(phrase)
    }

    fn commit(&self) -> Result<git2::Commit<'_>, String> {
        let found = match self.1 {
            Some(commit) => self.0.find_commit(commit),
            None => self.0.head().and_then(|head| head.peel_to_commit()),
        };
        found.map_err(phrase)
    }

    /// The blob at a path of a commit; `None` if there is nothing.
    fn blob_in(&self, commit: &git2::Commit<'_>, path: &RelPath) -> Result<Option<Oid>, String> {
        match commit.tree().and_then(|tree| tree.get_path(&native(path.as_str()).unwrap_or_default())) {
            Ok(entry) if entry.kind() == Some(ObjectType::Blob) && entry.filemode() != SYMLINK => Ok(Some(entry.id())),
            Ok(_) => Err(format!("`{path}` is no regular file in commit {}", short(commit.id()))),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(phrase(error)),
        }
    }

    fn bytes(&self, blob: Oid) -> Result<Vec<u8>, String> {
        self.0.find_blob(blob).map(|blob| blob.content().to_vec()).map_err(phrase)
    }
}

/// The mode of links in trees and in the index; a link's blob holds its target, not content.
pub(super) const SYMLINK: i32 = 0o120_000;

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
        let mut index = self.0.index().map_err(phrase)?;
        index.read(false).map_err(phrase)?;
        let staged = match index.get_path(&native(path.as_str()).unwrap_or_default(), 0) {
            Some(entry) if entry.mode == SYMLINK.unsigned_abs() => return Err(format!("`{path}` is a link in the index")),
            entry => entry.map(|entry| entry.id),
        };
        Ok(InGit { head: digest(head)?, index: digest(staged)? })
    }

    fn versions(&self, path: &RelPath, max: usize) -> Result<Vec<Vec<u8>>, String> {
        if self.0.is_shallow() {
            return Err("the history is cut off (a shallow clone)".to_owned());
        }
        // Newest first while walking. A commit without the file is no version of it.
        let mut blobs: Vec<Oid> = Vec::new();
        let mut next = Some(self.commit()?);
        while let Some(commit) = next {
            if let Some(blob) = self.blob_in(&commit, path)?
                && blobs.last() != Some(&blob)
            {
                blobs.push(blob);
                if blobs.len() > max {
                    return Err(format!("the history holds more than {max} versions of `{path}`"));
                }
            }
            next = if commit.parent_count() == 0 { None } else { Some(commit.parent(0).map_err(phrase)?) };
        }
        blobs.into_iter().rev().map(|blob| self.bytes(blob)).collect()
    }

    fn since(&self, commit: &str) -> Result<Since, String> {
        let earlier = Oid::from_str(commit).ok().filter(|_| commit.len() == 40);
        let earlier = earlier.ok_or("a commit is named by 40 hex digits")?;
        since::since(&self.0, self.commit()?.id(), earlier)
    }

    fn reach(&self, commit: &str) -> Result<Reach, String> {
        if !names_commit(commit) {
            return Err("a commit is named by 7 to 40 hex digits".to_owned());
        }
        let commit = match self.0.find_commit_by_prefix(commit) {
            Ok(commit) => commit.id(),
            Err(error) if error.code() == ErrorCode::NotFound => return Ok(Reach::Unknown),
            Err(error) => return Err(phrase(error)),
        };
        let mut names = Vec::new();
        for branch in self.0.branches(Some(BranchType::Remote)).map_err(phrase)? {
            let reference = branch.map_err(phrase)?.0.into_reference();
            // `origin/HEAD` points at another of them.
            if reference.symbolic_target_bytes().is_some() {
                continue;
            }
            let tip = reference.peel_to_commit().map_err(phrase)?.id();
            if tip == commit || self.0.graph_descendant_of(tip, commit).map_err(phrase)? {
                let name = String::from_utf8_lossy(reference.name_bytes()).into_owned();
                names.push(name.strip_prefix("refs/remotes/").map(str::to_owned).unwrap_or(name));
            }
        }
        Ok(names.into_iter().min().map_or(Reach::Local, Reach::Remote))
    }

    fn uncommitted(&self) -> Result<Vec<String>, String> {
        let mut options = git2::StatusOptions::new();
        options.include_untracked(true).recurse_untracked_dirs(true).exclude_submodules(true);
        let statuses = self.0.statuses(Some(&mut options)).map_err(phrase)?;
        let changed = statuses.iter().filter(|entry| !entry.status().intersects(git2::Status::IGNORED));
        Ok(changed.map(|entry| escape_path(entry.path_bytes()).into_owned()).collect())
    }

    fn stretches(&self, path: &RelPath, max: usize) -> Result<Vec<Stretch>, String> {
        if self.0.is_shallow() {
            return Err("the history is cut off (a shallow clone)".to_owned());
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
