//! A work tree whose ledger is that of a commit: what excuses is never taken from those who need the excuse.
//!
//! Everything but the ledger comes from beneath. The history of a ledger file is always that of the commit, so that renewals are
//! counted where nobody can rewrite them; its content too, if it is pinned.

use super::tree::Commit;
use super::{Denied, Git, InGit, Lineage, Listed, Names, Opened, Reach, Revision, Since, Stretch, Workspace};
use crate::model::{Base, Digest, Instant, RelPath};
use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

/// The work tree with the commit laid over it.
pub struct Pinned<'w> {
    beneath: &'w dyn Workspace,
    commit: &'w Commit,
    ledger: BTreeSet<RelPath>,
    content: ExceptionsFrom,
}

/// Whose exceptions files a judgement sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExceptionsFrom {
    /// Those of the work tree.
    WorkTree,
    /// Those of the commit.
    Commit,
    /// None: those of the work tree cannot be compared with those of the commit. The phrase says why.
    Refused(String),
}

impl<'w> Pinned<'w> {
    /// Lays the ledger files of a commit over a workspace: their history always, their bytes as `content` says.
    pub fn new(
        beneath: &'w dyn Workspace,
        commit: &'w Commit,
        ledger: impl IntoIterator<Item = RelPath>,
        content: ExceptionsFrom,
    ) -> Self {
        Self { beneath, commit, ledger: ledger.into_iter().collect(), content }
    }

    fn pins(&self, base: Base, path: &RelPath) -> bool {
        self.content == ExceptionsFrom::Commit && self.holds(base, path)
    }

    fn holds(&self, base: Base, path: &RelPath) -> bool {
        base == Base::Repo && self.ledger.contains(path)
    }
}

impl Workspace for Pinned<'_> {
    fn open(&self, base: Base, path: &RelPath) -> Result<Opened, Denied> {
        match &self.content {
            ExceptionsFrom::Commit if self.holds(base, path) => self.commit.open(base, path),
            ExceptionsFrom::Refused(phrase) if self.holds(base, path) => Err(Denied::Refused(phrase.clone())),
            ExceptionsFrom::WorkTree | ExceptionsFrom::Commit | ExceptionsFrom::Refused(_) => self.beneath.open(base, path),
        }
    }

    fn list(&self, base: Base, directory: Option<&RelPath>) -> Result<Vec<Listed>, Denied> {
        self.beneath.list(base, directory)
    }

    fn shown(&self, base: Base, path: &RelPath) -> String {
        self.beneath.shown(base, path)
    }

    fn shards(&self) -> Vec<(String, String)> {
        self.beneath.shards()
    }

    fn run(&self) -> Option<String> {
        self.beneath.run()
    }

    fn run_name(&self) -> Option<String> {
        self.beneath.run_name()
    }

    fn attach_baseline(&self, sibling: &str) -> Result<(), String> {
        self.beneath.attach_baseline(sibling)
    }

    fn history(&self) -> Vec<String> {
        self.beneath.history()
    }

    fn attach_git(&self, directory: &RelPath) -> Result<(), String> {
        self.beneath.attach_git(directory)
    }

    fn git(&self) -> Result<Box<dyn Git + '_>, String> {
        Ok(Box::new(PinnedGit { beneath: self.beneath.git()?, commit: self.commit.git()?, pinned: self }))
    }

    fn has_git(&self) -> bool {
        self.beneath.has_git()
    }

    fn commit_around(&self, stated: Option<&str>) -> Option<Result<String, String>> {
        self.beneath.commit_around(stated)
    }

    fn now(&self) -> Instant {
        self.beneath.now()
    }

    fn elapsed(&self) -> Duration {
        self.beneath.elapsed()
    }

    fn read_named(&self, path: &Path) -> Result<Vec<u8>, Denied> {
        self.beneath.read_named(path)
    }

    fn publish(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.beneath.publish(path, bytes)
    }
}

struct PinnedGit<'w> {
    beneath: Box<dyn Git + 'w>,
    commit: Box<dyn Git + 'w>,
    pinned: &'w Pinned<'w>,
}

impl Git for PinnedGit<'_> {
    fn head(&self) -> Result<String, String> {
        self.beneath.head()
    }

    fn file(&self, path: &RelPath) -> Result<InGit, String> {
        if !self.pinned.pins(Base::Repo, path) {
            return self.beneath.file(path);
        }
        let digest = match self.pinned.commit.open(Base::Repo, path) {
            Ok(opened) => {
                let mut bytes = Vec::new();
                let mut reader = opened.reader;
                reader.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
                Some(Digest::of(&bytes))
            }
            Err(Denied::Missing) => None,
            Err(Denied::Irregular(phrase) | Denied::Refused(phrase)) => return Err(phrase),
        };
        Ok(InGit { head: digest, index: digest })
    }

    fn revisions(&self, paths: &[RelPath], max: usize) -> Result<Vec<Revision>, String> {
        self.commit.revisions(paths, max)
    }

    fn lineage(
        &self,
        paths: &[RelPath],
        wanted: &BTreeSet<String>,
        names: &Names<'_>,
        max: usize,
    ) -> Result<Lineage, String> {
        self.commit.lineage(paths, wanted, names, max)
    }

    fn stretches(&self, path: &RelPath, max: usize) -> Result<Vec<Stretch>, String> {
        let git = if self.pinned.ledger.contains(path) { &self.commit } else { &self.beneath };
        git.stretches(path, max)
    }

    fn since(&self, commit: &str) -> Result<Since, String> {
        self.beneath.since(commit)
    }

    fn may_be_of(&self, commit: &str) -> bool {
        self.beneath.may_be_of(commit)
    }

    fn uncommitted(&self) -> Result<Vec<String>, String> {
        self.beneath.uncommitted()
    }

    fn reach(&self, commit: &str) -> Result<Reach, String> {
        self.beneath.reach(commit)
    }
}
