//! The one door to the outside: files below repository and run, git, the clock, and publishing results.
//!
//! Everything above asks through [`Workspace`], so stages are pure and tests swap the world.

mod ancestry;
mod disk;
mod git;
mod halves;
mod memory;
mod mount;
mod origins;
mod outlet;
mod overlay;
mod pinned;
mod reference;
mod several;
mod since;
mod tree;
mod tree_over;

pub use disk::{Disk, clock, open_to_others};
pub use memory::Memory;
pub use outlet::Outlet;
pub use overlay::{Cache, Overlay};
pub use pinned::{ExceptionsFrom, Pinned};
pub use several::given_runs;
pub use tree::Commit;
pub use tree_over::{Asked, TreeOver};

use crate::model::{Base, Digest, Instant, RelPath, unescape_path};
use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The directories that an operator's paths and patterns stand for. One that is not there, and a pattern that matches none, stays
/// as it is: the shards that are awaited are for the verdict to miss.
///
/// # Errors
/// A phrase about a pattern that is unsound or cannot be followed.
pub fn directories(given: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    several::expand(given, true)
}

/// Why a file was not opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denied {
    /// There is no such file or directory.
    Missing,
    /// It is there, and is no regular file below its base: a link that leaves it, a directory, a device, a pipe. The phrase
    /// says which.
    Irregular(String),
    /// The system refused; the phrase is its message.
    Refused(String),
}

/// An opened regular file.
pub struct Opened {
    /// Its size in bytes when it was opened.
    pub size: u64,
    /// Its bytes.
    pub reader: Box<dyn Read + Send>,
}

/// What a directory entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A regular file, or a link to one below the same base.
    File,
    /// A directory; links to directories are not followed.
    Directory,
    /// Anything else.
    Other,
}

/// One entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// Its name, as [`crate::model::escape_path`] writes it.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
}

/// The bytes of a file in git, as digests comparable with those of the work tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InGit {
    /// In the commit under judgement.
    pub head: Option<Digest>,
    /// In the index.
    pub index: Option<Digest>,
}

/// Where a commit is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Nowhere: the repository has no such commit.
    Unknown,
    /// In this repository, and in no remote-tracking branch.
    Local,
    /// In this remote-tracking branch too, such as `origin/main`; the first by name.
    Remote(String),
}

/// Consecutive commits in which some files are the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// The revisions that it follows, by position; all of them come before it.
    pub parents: Vec<usize>,
    /// When its first commit was made; never before any that it comes from, whatever a clock said.
    pub since: Instant,
    /// The bytes of the files, in the order in which they were asked for; `None` where there is none.
    pub files: Vec<Option<Arc<[u8]>>>,
}

/// The versions of some files, and of those that names in them came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lineage {
    /// The versions. Behind the files that were asked for stand those of `origins`, in their order.
    pub revisions: Vec<Revision>,
    /// For each other file from which names were moved into one of these: the names.
    pub origins: Vec<BTreeSet<String>>,
}

/// The names that a version of a file holds; none where it is no such file.
pub type Names<'n> = dyn Fn(&[u8]) -> BTreeSet<String> + 'n;

/// Consecutive commits of the first-parent line in which a file is the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// Its bytes; `None` while it is not there.
    pub bytes: Option<Vec<u8>>,
    /// The commits, oldest first: 40 hex digits, and when it was committed.
    pub commits: Vec<(String, Instant)>,
}

/// A file that a commit changed: in content, in mode, or by adding or removing it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its path in the repository, as [`crate::model::escape_path`] writes it.
    pub path: String,
    /// The oldest of the commits that changed it, 40 hex digits.
    pub commit: String,
}

/// How the commit under judgement comes after another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Since {
    /// The repository has no such commit.
    Unknown,
    /// The history is cut off before it is found (a shallow clone): at this commit, if one was reached.
    CutOff(Option<String>),
    /// The repository has it, and it does not come before the commit under judgement.
    NotBefore,
    /// It comes before it, or is the same: the files that any of the commits since has changed, by path. What is taken back later is
    /// named all the same.
    Changes(Vec<Change>),
}

/// What the repository's history knows. Errors are phrases: why it cannot be told.
pub trait Git {
    /// The commit under judgement, 40 hex digits.
    fn head(&self) -> Result<String, String>;
    /// A file of the repository in commit and index.
    fn file(&self, path: &RelPath) -> Result<InGit, String>;
    /// The versions of these files over the whole history of the commit under judgement, parents before children, its own last; at most
    /// `max`. Cut-off history (a shallow clone, more versions than `max`) is an error: a count over it would be too low.
    fn revisions(&self, paths: &[RelPath], max: usize) -> Result<Vec<Revision>, String>;
    /// The same, and the versions of other files from which `wanted` names were moved into these: files in which such a name stood until at most
    /// two days before it first stood in one of these, and in which it did not stand then.
    fn lineage(
        &self,
        paths: &[RelPath],
        _wanted: &BTreeSet<String>,
        _names: &Names<'_>,
        max: usize,
    ) -> Result<Lineage, String> {
        Ok(Lineage { revisions: self.revisions(paths, max)?, origins: Vec::new() })
    }
    /// The first-parent line of a file with every commit and its time, oldest first, at most `max` stretches.
    fn stretches(&self, path: &RelPath, max: usize) -> Result<Vec<Stretch>, String>;
    /// What every commit changed that comes before the commit under judgement and not before this one, which is named by 40 hex
    /// digits: each is compared with its parents, merges included.
    fn since(&self, commit: &str) -> Result<Since, String>;
    /// Where a commit is known: 7 to 40 hex digits. Remote-tracking branches are what the last push or fetch left here; no network
    /// is asked.
    fn reach(&self, commit: &str) -> Result<Reach, String>;
    /// Whether a run that states this commit can be one of this repository: always, but for a directory below the top of a work tree, which may
    /// be an example of another repository. There the repository must have the commit.
    fn may_be_of(&self, _commit: &str) -> bool {
        true
    }
    /// The files that the index or the work tree has otherwise than the commit under judgement, those that git does not know and does
    /// not ignore included: their paths as git spells them.
    fn uncommitted(&self) -> Result<Vec<String>, String>;
}

/// A path as the system has it. Where names are no bytes, one that is written with escapes may be none of the system's.
fn native(path: &str) -> Result<PathBuf, Denied> {
    let refused = || Denied::Irregular("its name cannot be opened on this system".to_owned());
    let bytes = unescape_path(path).ok_or_else(refused)?;
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        Ok(std::ffi::OsStr::from_bytes(&bytes).into())
    }
    #[cfg(not(unix))]
    {
        // A backslash there parts directories, and is never in a name.
        std::str::from_utf8(&bytes).ok().filter(|text| !text.contains('\\')).map(PathBuf::from).ok_or_else(refused)
    }
}

/// Whether a text can name a commit: 7 to 40 hex digits.
pub fn names_commit(text: &str) -> bool {
    (7..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The outside world.
pub trait Workspace: Sync {
    /// Opens a regular file below a base. Never follows a link out of it, never waits on a pipe.
    fn open(&self, base: Base, path: &RelPath) -> Result<Opened, Denied>;
    /// The entries of a directory below a base (`None`: the base itself), sorted by name.
    fn list(&self, base: Base, directory: Option<&RelPath>) -> Result<Vec<Listed>, Denied>;
    /// The path as people know it: relative to the repository where the base lies in it, else `run:<path>`.
    fn shown(&self, base: Base, path: &RelPath) -> String;
    /// The directories of the run's shards as people know them, each with the name of the directory itself; the position is that of
    /// [`Base::Shard`]. None means that the run is one directory.
    fn shards(&self) -> Vec<(String, String)>;
    /// The run's directory as people know it, if there is a run. Of shards: the nearest directory above all of them.
    fn run(&self) -> Option<String>;
    /// The name of the run's directory itself, wherever it lies and however the operator wrote it. A run in shards has none.
    fn run_name(&self) -> Option<String>;
    /// Names the directory that [`Base::Baseline`] stands for: a sibling of the run, or of its shards, with this name. Fails with a
    /// phrase if there is none, or more than one. An operator's `--baseline` stands and is not replaced.
    fn attach_baseline(&self, sibling: &str) -> Result<(), String>;
    /// The names of the directories in [`Base::History`], sorted: the first component of every path there. None means that
    /// no earlier run was given.
    fn history(&self) -> Vec<String>;
    /// Names the directory below the repository that holds its git objects, for work trees whose `.git` lies elsewhere
    /// (`git_dir` in `gatekeeper.toml`). Fails with a phrase if it is no git directory.
    fn attach_git(&self, directory: &RelPath) -> Result<(), String>;
    /// The repository's git. The repository's own directory must be the top of the work tree, or a directory that its commit has: what
    /// merely lies inside another project's work tree has no git of its own.
    fn git(&self) -> Result<Box<dyn Git + '_>, String>;
    /// Whether there is a git of this repository, be it one that [`Workspace::git`] cannot open: damaged, another user's, of a format
    /// that is not known. What is there and does not speak is never taken for what is not there.
    fn has_git(&self) -> bool {
        self.git().is_ok()
    }
    /// The commit of the work tree that the root lies in without being a directory of it, or why that cannot be told. `None` if there is no
    /// such work tree, or if it ignores the root and has no commit `stated`: then the root is another project's.
    fn commit_around(&self, stated: Option<&str>) -> Option<Result<String, String>> {
        let _ = stated;
        None
    }
    /// The clock.
    fn now(&self) -> Instant;
    /// How long this workspace is open, by a clock that nobody sets.
    fn elapsed(&self) -> Duration;
    /// Reads a file that the operator named on the command line.
    fn read_named(&self, path: &Path) -> Result<Vec<u8>, Denied>;
    /// Replaces a file in one step, so that readers see the old bytes or the new ones and never a part. Directories above it
    /// are made. A link is replaced and not followed; a pipe or a device is left alone.
    fn publish(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()>;
}
