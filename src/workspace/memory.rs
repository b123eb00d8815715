//! A workspace without a disk, for tests and for library users: files, links, irregular entries, git and clock as given.
//!
//! It keeps the promises of [`Workspace`]; what is published is collected instead of written.

use super::{Denied, EntryKind, Git, InGit, Listed, Opened, Reach, Revision, Since, Stretch, Workspace, names_commit};
use crate::model::{Base, Digest, Instant, RelPath};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::Duration;

/// Something at a path.
#[derive(Debug, Clone)]
enum Entry {
    File(Vec<u8>),
    /// Claims another size than its bytes have, as a file does that changes while it is read.
    Changing(Vec<u8>, u64),
    /// A link to another path of the same base.
    Link(RelPath),
    Irregular(String),
    Refused(String),
}

/// One git file: commit, index, versions.
#[derive(Debug, Clone, Default)]
struct Tracked {
    head: Option<Vec<u8>>,
    index: Option<Vec<u8>>,
    versions: Vec<Vec<u8>>,
}

/// A git repository as told.
#[derive(Debug, Clone, Default)]
struct Told {
    head: Option<String>,
    shallow: bool,
    files: BTreeMap<RelPath, Tracked>,
    /// Commits, each with the remote-tracking branches that hold it.
    commits: BTreeMap<String, BTreeSet<String>>,
    /// How the commit under judgement comes after others.
    since: BTreeMap<String, Since>,
    uncommitted: Vec<String>,
}

/// A workspace in memory. Build it with its methods; each adds one thing.
#[derive(Debug)]
pub struct Memory {
    files: BTreeMap<(Base, RelPath), Entry>,
    siblings: BTreeMap<String, BTreeMap<RelPath, Entry>>,
    attached: RwLock<Option<String>>,
    baseline_named: bool,
    run: Option<String>,
    shards: Vec<String>,
    git: Option<Told>,
    now: Instant,
    elapsed: Duration,
    published: Mutex<BTreeMap<PathBuf, Vec<u8>>>,
    opened: Mutex<BTreeMap<String, usize>>,
}

fn rel(path: &str) -> RelPath {
    RelPath::parse(path).expect("paths of a memory workspace are given by its author")
}

impl Memory {
    /// An empty repository without run and git, at this time.
    pub fn at(now: Instant) -> Self {
        Self {
            files: BTreeMap::new(),
            siblings: BTreeMap::new(),
            attached: RwLock::new(None),
            baseline_named: false,
            run: None,
            shards: Vec::new(),
            git: None,
            now,
            elapsed: Duration::ZERO,
            published: Mutex::default(),
            opened: Mutex::default(),
        }
    }

    /// As if it had been open for so long.
    #[must_use]
    pub fn after(mut self, elapsed: Duration) -> Self {
        self.elapsed = elapsed;
        self
    }

    /// Adds a file; `path` is `repo:a/b`, `run:a/b`, `baseline:a/b` or `history:<run>/a/b`. A `baseline:` file makes the baseline one that the
    /// operator named.
    ///
    /// # Panics
    /// If the path has no base or is unsafe.
    #[must_use]
    pub fn file(self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.entry(path, Entry::File(bytes.as_ref().to_vec()))
    }

    /// Adds a file whose size, when opened, is said to be another.
    ///
    /// # Panics
    /// If the path has no base or is unsafe.
    #[must_use]
    pub fn changing(self, path: &str, bytes: impl AsRef<[u8]>, size: u64) -> Self {
        self.entry(path, Entry::Changing(bytes.as_ref().to_vec(), size))
    }

    /// Adds a link to another file of the same base.
    ///
    /// # Panics
    /// If a path is unsafe.
    #[must_use]
    pub fn link(self, path: &str, target: &str) -> Self {
        self.entry(path, Entry::Link(rel(target)))
    }

    /// Adds something that is no regular file; the phrase says what.
    ///
    /// # Panics
    /// If the path has no base or is unsafe.
    #[must_use]
    pub fn irregular(self, path: &str, phrase: &str) -> Self {
        self.entry(path, Entry::Irregular(phrase.to_owned()))
    }

    /// Adds a file that the system refuses to open.
    ///
    /// # Panics
    /// If the path has no base or is unsafe.
    #[must_use]
    pub fn refused(self, path: &str, phrase: &str) -> Self {
        self.entry(path, Entry::Refused(phrase.to_owned()))
    }

    fn entry(mut self, path: &str, entry: Entry) -> Self {
        let (word, path) = path.split_once(':').expect("a path begins with its base");
        let base = Base::ALL.into_iter().find(|base| base.word() == word).expect("a known base");
        self.baseline_named |= base == Base::Baseline;
        self.files.insert((base, rel(path)), entry);
        self
    }

    /// Names the run's directory, relative to the repository if it lies in it, else absolute.
    #[must_use]
    pub fn with_run(mut self, directory: &str) -> Self {
        self.run = Some(directory.to_owned());
        self
    }

    /// Adds a shard of the run: its directory, as [`Memory::with_run`], and its files.
    ///
    /// # Panics
    /// If a path is unsafe.
    #[must_use]
    pub fn shard(mut self, directory: &str, files: &[(&str, &str)]) -> Self {
        let base = Base::Shard(u16::try_from(self.shards.len()).expect("few shards"));
        self.shards.push(directory.to_owned());
        let entries = files.iter().map(|(path, text)| ((base, rel(path)), Entry::File(text.as_bytes().to_vec())));
        self.files.extend(entries);
        self
    }

    /// Adds a file to a directory beside the run, which a run may name as its baseline.
    ///
    /// # Panics
    /// If the path is unsafe.
    #[must_use]
    pub fn beside(mut self, sibling: &str, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        let entry = Entry::File(bytes.as_ref().to_vec());
        self.siblings.entry(sibling.to_owned()).or_default().insert(rel(path), entry);
        self
    }

    /// Gives the repository a git history that ends in this commit.
    #[must_use]
    pub fn head(mut self, commit: &str) -> Self {
        self.git.get_or_insert_default().head = Some(commit.to_owned());
        self
    }

    /// Says which files are not as the commit has them.
    #[must_use]
    pub fn uncommitted(mut self, paths: &[&str]) -> Self {
        self.git.get_or_insert_default().uncommitted = paths.iter().map(|path| (*path).to_owned()).collect();
        self
    }

    /// Says that the git history is cut off.
    #[must_use]
    pub fn shallow(mut self) -> Self {
        self.git.get_or_insert_default().shallow = true;
        self
    }

    /// Puts a file into the commit and the index.
    ///
    /// # Panics
    /// If the path is unsafe.
    #[must_use]
    pub fn tracked(mut self, path: &str, head: Option<&str>, index: Option<&str>) -> Self {
        let file = self.git.get_or_insert_default().files.entry(rel(path)).or_default();
        file.head = head.map(|text| text.as_bytes().to_vec());
        file.index = index.map(|text| text.as_bytes().to_vec());
        self
    }

    /// Puts a commit, 40 hex digits, into the history, and into these remote-tracking branches.
    #[must_use]
    pub fn commit(mut self, id: &str, remotes: &[&str]) -> Self {
        let remotes = remotes.iter().map(|name| (*name).to_owned()).collect();
        self.git.get_or_insert_default().commits.insert(id.to_owned(), remotes);
        self
    }

    /// Says how the commit under judgement comes after this one, 40 hex digits. Of any other it is [`Since::Unknown`].
    #[must_use]
    pub fn since(mut self, commit: &str, since: Since) -> Self {
        self.git.get_or_insert_default().since.insert(commit.to_owned(), since);
        self
    }

    /// The versions of a file in git, oldest first.
    ///
    /// # Panics
    /// If the path is unsafe.
    #[must_use]
    pub fn versions(mut self, path: &str, versions: &[&str]) -> Self {
        let file = self.git.get_or_insert_default().files.entry(rel(path)).or_default();
        file.versions = versions.iter().map(|text| text.as_bytes().to_vec()).collect();
        self
    }

    /// What was published so far.
    pub fn published(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        self.published.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often a file was opened, by its path as shown.
    pub fn times_opened(&self, shown: &str) -> usize {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).get(shown).copied().unwrap_or(0)
    }

    fn below_root(&self, base: Base) -> Option<String> {
        let directory = match base {
            Base::Repo => return Some(String::new()),
            Base::History => return None,
            Base::Shard(position) => self.shards.get(usize::from(position)).cloned()?,
            Base::Run => self.run.clone()?,
            Base::Baseline => {
                let name = self.attached.read().unwrap_or_else(PoisonError::into_inner).clone()?;
                let run = self.run.as_deref().or(self.shards.first().map(String::as_str))?;
                run.rsplit_once('/').map_or(name.clone(), |(parent, _)| format!("{parent}/{name}"))
            }
        };
        match directory.as_str() {
            "." => Some(String::new()),
            absolute if absolute.starts_with('/') => None,
            _relative => Some(directory),
        }
    }

    /// The entries of a base by path.
    fn entries(&self, base: Base) -> Vec<(RelPath, Entry)> {
        if base == Base::Run && self.run.is_none() {
            return Vec::new();
        }
        let attached = self.attached.read().unwrap_or_else(PoisonError::into_inner);
        let sibling = attached.as_ref().filter(|_| base == Base::Baseline && !self.baseline_named);
        match sibling.and_then(|name| self.siblings.get(name)) {
            Some(files) => files.iter().map(|(path, entry)| (path.clone(), entry.clone())).collect(),
            None => {
                let own = self.files.iter().filter(|((own, _), _)| *own == base);
                own.map(|((_, path), entry)| (path.clone(), entry.clone())).collect()
            }
        }
    }

    fn resolve(&self, base: Base, path: &RelPath) -> Result<(Vec<u8>, u64), Denied> {
        let entries: BTreeMap<RelPath, Entry> = self.entries(base).into_iter().collect();
        let mut path = path;
        // More than forty links are a circle, as on Linux.
        for _ in 0..40 {
            match entries.get(path) {
                Some(Entry::File(bytes)) => return Ok((bytes.clone(), bytes.len() as u64)),
                Some(Entry::Changing(bytes, size)) => return Ok((bytes.clone(), *size)),
                Some(Entry::Link(target)) => path = target,
                Some(Entry::Irregular(phrase)) => return Err(Denied::Irregular(phrase.clone())),
                Some(Entry::Refused(phrase)) => return Err(Denied::Refused(phrase.clone())),
                None => {
                    let above = format!("{path}/");
                    let directory = entries.keys().any(|other| other.as_str().starts_with(&above));
                    return Err(if directory {
                        Denied::Irregular("it is a directory".to_owned())
                    } else {
                        Denied::Missing
                    });
                }
            }
        }
        Err(Denied::Refused("too many links".to_owned()))
    }
}

impl Workspace for Memory {
    fn open(&self, base: Base, path: &RelPath) -> Result<Opened, Denied> {
        let (bytes, size) = self.resolve(base, path)?;
        *self.opened.lock().unwrap_or_else(PoisonError::into_inner).entry(self.shown(base, path)).or_default() += 1;
        Ok(Opened { size, reader: Box::new(Cursor::new(bytes)) })
    }

    fn list(&self, base: Base, directory: Option<&RelPath>) -> Result<Vec<Listed>, Denied> {
        let prefix = directory.map_or(String::new(), |directory| format!("{directory}/"));
        let mut found: BTreeMap<String, EntryKind> = BTreeMap::new();
        let entries = self.entries(base);
        for (path, entry) in &entries {
            let Some(below) = path.as_str().strip_prefix(&prefix) else { continue };
            let (name, kind) = match below.split_once('/') {
                Some((name, _)) => (name, EntryKind::Directory),
                None => {
                    let file = match entry {
                        Entry::File(_) | Entry::Changing(..) | Entry::Refused(_) => true,
                        Entry::Link(target) => self.resolve(base, target).is_ok(),
                        Entry::Irregular(_) => false,
                    };
                    (below, if file { EntryKind::File } else { EntryKind::Other })
                }
            };
            found.insert(name.to_owned(), kind);
        }
        match directory {
            Some(directory) if found.is_empty() => Err(match entries.iter().any(|(path, _)| path == directory) {
                true => Denied::Irregular("it is no directory".to_owned()),
                false => Denied::Missing,
            }),
            Some(_) | None => Ok(found.into_iter().map(|(name, kind)| Listed { name, kind }).collect()),
        }
    }

    fn shown(&self, base: Base, path: &RelPath) -> String {
        match self.below_root(base) {
            Some(directory) if directory.is_empty() => path.to_string(),
            Some(directory) => format!("{directory}/{path}"),
            None => format!("{}:{path}", base.word()),
        }
    }

    fn shards(&self) -> Vec<(String, String)> {
        let name = |path: &String| path.rsplit('/').next().unwrap_or_default().to_owned();
        self.shards.iter().map(|path| (path.clone(), name(path))).collect()
    }

    fn run(&self) -> Option<String> {
        let above = |path: &String| path.rsplit_once('/').map_or(".", |(above, _)| above).to_owned();
        self.run.clone().or_else(|| self.shards.first().map(above))
    }

    fn run_name(&self) -> Option<String> {
        self.run.as_deref()?.rsplit('/').find(|part| !part.is_empty()).map(str::to_owned)
    }

    fn attach_baseline(&self, sibling: &str) -> Result<(), String> {
        if self.baseline_named {
            return Ok(());
        }
        let runs: Vec<&String> = self.run.iter().chain(&self.shards).collect();
        if runs.is_empty() {
            return Err("there is no run that it could lie beside".to_owned());
        }
        if runs.iter().any(|run| run.rsplit('/').next() == Some(sibling)) {
            return Err(format!("`{sibling}` is the run itself"));
        }
        if !self.siblings.contains_key(sibling) {
            return Err(format!("there is no directory `{sibling}` beside the run"));
        }
        *self.attached.write().unwrap_or_else(PoisonError::into_inner) = Some(sibling.to_owned());
        Ok(())
    }

    fn history(&self) -> Vec<String> {
        let paths = self.entries(Base::History).into_iter();
        let names: BTreeSet<String> =
            paths.filter_map(|(path, _)| path.as_str().split('/').next().map(str::to_owned)).collect();
        names.into_iter().collect()
    }

    fn attach_git(&self, directory: &RelPath) -> Result<(), String> {
        match &self.git {
            Some(_) => Ok(()),
            None => Err(format!("`{directory}` is no git directory")),
        }
    }

    fn git(&self) -> Result<Box<dyn Git + '_>, String> {
        match &self.git {
            Some(told) => Ok(Box::new(InMemory { told: told.clone(), now: self.now })),
            None => Err("the root is not the top of a git work tree".to_owned()),
        }
    }

    fn now(&self) -> Instant {
        self.now
    }

    fn elapsed(&self) -> Duration {
        self.elapsed
    }

    fn read_named(&self, path: &Path) -> Result<Vec<u8>, Denied> {
        let path = path.to_str().and_then(|text| RelPath::parse(text).ok()).ok_or(Denied::Missing)?;
        self.resolve(Base::Repo, &path).map(|(bytes, _)| bytes)
    }

    fn publish(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.published.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), bytes.to_vec());
        Ok(())
    }
}

/// The repository as it is told, with the clock of its commits: each version of a file stood for a day.
struct InMemory {
    told: Told,
    now: Instant,
}

impl Git for InMemory {
    fn head(&self) -> Result<String, String> {
        self.told.head.clone().ok_or_else(|| "the repository has no commit yet".to_owned())
    }

    fn file(&self, path: &RelPath) -> Result<InGit, String> {
        let digest = |bytes: &Option<Vec<u8>>| bytes.as_deref().map(Digest::of);
        let file = self.told.files.get(path);
        Ok(InGit { head: file.and_then(|file| digest(&file.head)), index: file.and_then(|file| digest(&file.index)) })
    }

    fn revisions(&self, paths: &[RelPath], max: usize) -> Result<Vec<Revision>, String> {
        let told = |path: &RelPath| self.told.files.get(path).map(|file| file.versions.clone()).unwrap_or_default();
        let files: Vec<Vec<Vec<u8>>> = paths.iter().map(told).collect();
        let count = files.iter().map(Vec::len).max().unwrap_or_default();
        if self.told.shallow {
            return Err("the history is cut off (a shallow clone)".to_owned());
        } else if count > max {
            return Err(format!("the history holds more than {max} versions of the files"));
        }
        let revision = |at: usize| Revision {
            parents: at.checked_sub(1).into_iter().collect(),
            since: self.now - Duration::from_secs(86_400) * u32::try_from(count - at).unwrap_or(u32::MAX),
            files: files
                .iter()
                .map(|versions| (at + versions.len()).checked_sub(count).map(|own| versions[own].as_slice().into()))
                .collect(),
        };
        Ok((0..count).map(revision).collect())
    }

    fn since(&self, commit: &str) -> Result<Since, String> {
        if self.told.head.as_deref() == Some(commit) {
            return Ok(Since::Changes(Vec::new()));
        }
        Ok(match (self.told.since.get(commit), self.told.shallow) {
            (Some(since), _) => since.clone(),
            (None, true) => Since::CutOff(None),
            (None, false) => Since::Unknown,
        })
    }

    fn uncommitted(&self) -> Result<Vec<String>, String> {
        Ok(self.told.uncommitted.clone())
    }

    fn reach(&self, commit: &str) -> Result<Reach, String> {
        if !names_commit(commit) {
            return Err("a commit is named by 7 to 40 hex digits".to_owned());
        }
        let commit = commit.to_ascii_lowercase();
        let remotes = self.told.commits.iter().find(|(id, _)| id.starts_with(&commit)).map(|(_, remotes)| remotes);
        Ok(match remotes.map(BTreeSet::first) {
            None => Reach::Unknown,
            Some(None) => Reach::Local,
            Some(Some(name)) => Reach::Remote(name.clone()),
        })
    }

    fn stretches(&self, path: &RelPath, _max: usize) -> Result<Vec<Stretch>, String> {
        Err(format!("the versions of `{path}` in memory have no times"))
    }
}
