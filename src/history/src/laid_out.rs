//! A recorded run laid out again: the repository and the run as a judgement saw them, read from what is kept.
//!
//! In: the list of a run, the store, the commit of the repository where there is one. Out: what [`Workspace`] promises, read only, with the
//! clock of the recorded judgement. Files of the repository that the verdict names are those that were judged; all others are those of the
//! commit. Whatever is asked for and is not known is noted: a judgement over it says nothing of the run.

use crate::keep::{Home, Kept, KeptFile, object, place};
use crate::store::Store;
use gatekeeper::model::{Base, Instant, RelPath};
use gatekeeper::workspace::{
    Commit, Denied, EntryKind, Git, InGit, Lineage, Listed, Names, Opened, Reach, Revision, Since, Stretch, Workspace,
};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant as Moment};

/// Why a judgement over a run that is laid out says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lacking {
    /// Files of the repository that were asked for and are not known; they count only if a gate wanted them as evidence.
    pub files: BTreeSet<String>,
    /// Everything else, each a phrase.
    pub more: BTreeSet<String>,
    /// What is damaged in the store.
    pub damaged: BTreeSet<String>,
}

/// A recorded run, as if it lay on disk.
pub struct LaidOut<'s> {
    store: &'s Store,
    run: &'s str,
    run_name: Option<&'s str>,
    files: BTreeMap<(Home, &'s str), &'s KeptFile>,
    /// Files of the repository that were not there.
    absent: BTreeSet<String>,
    head: Option<&'s str>,
    commit: Option<&'s Commit>,
    now: Instant,
    since: Moment,
    lacking: Mutex<Lacking>,
}

impl<'s> LaidOut<'s> {
    /// Lays a run out. `absent` are the paths, as the verdict shows them, at which nothing was found; `head` is the commit under judgement.
    pub fn new<'p>(
        store: &'s Store,
        kept: &'s Kept,
        absent: impl IntoIterator<Item = &'p str>,
        (head, commit): (Option<&'s str>, Option<&'s Commit>),
        now: Instant,
    ) -> Self {
        let repo = |path: &str| place(&kept.run, path).filter(|(home, _)| *home == Home::Repo).map(|(_, path)| path);
        Self {
            store,
            run: &kept.run,
            run_name: kept.run_name.as_deref(),
            files: kept.files.iter().map(|file| ((file.home, file.path.as_str()), file)).collect(),
            absent: absent.into_iter().filter_map(repo).collect(),
            head,
            commit,
            now,
            since: Moment::now(),
            lacking: Mutex::default(),
        }
    }

    /// What was asked for and is not known.
    pub fn lacking(&self) -> Lacking {
        self.lacking.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, note: impl FnOnce(&mut Lacking) -> bool) {
        let _ = note(&mut self.lacking.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn lack(&self, phrase: String) -> String {
        self.note(|lacking| lacking.more.insert(phrase.clone()));
        phrase
    }

    /// The way below the run, of a path of the repository.
    fn within<'p>(&self, path: &'p str) -> Option<&'p str> {
        match self.run {
            "." => Some(path),
            run if Path::new(run).is_absolute() => None,
            run if path == run => Some(""),
            run => path.strip_prefix(run)?.strip_prefix('/'),
        }
    }

    fn read(&self, file: &KeptFile) -> Result<Opened, Denied> {
        let Some(digest) = &file.sha256 else {
            let because = file.left_out.as_deref().unwrap_or("nobody says why");
            return Err(Denied::Refused(self.lack(format!("`{}` was left out: {because}", file.path))));
        };
        match object(self.store, digest, file.size) {
            Ok(bytes) => Ok(Opened { size: bytes.len() as u64, reader: Box::new(Cursor::new(bytes)) }),
            Err(fault) => {
                let told = format!("`{}`: {fault}", file.path);
                self.note(|lacking| lacking.damaged.insert(told.clone()));
                Err(Denied::Refused(told))
            }
        }
    }

    fn of(&self, home: Home, path: &str) -> Option<Result<Opened, Denied>> {
        if let Some(file) = self.files.get(&(home, path)) {
            return Some(self.read(file));
        }
        let above = format!("{path}/");
        let directory = self
            .files
            .range((home, above.as_str())..)
            .next()
            .is_some_and(|((own, next), _)| *own == home && next.starts_with(&above));
        directory.then(|| Err(Denied::Irregular("it is a directory".to_owned())))
    }

    /// What lies in a directory, as far as files are kept.
    fn entries(&self, home: Home, directory: &str) -> BTreeMap<String, EntryKind> {
        let above = if directory.is_empty() { String::new() } else { format!("{directory}/") };
        let mut found = BTreeMap::new();
        for ((_, path), _) in self
            .files
            .range((home, above.as_str())..)
            .take_while(|((own, path), _)| *own == home && path.starts_with(&above))
        {
            match path[above.len()..].split_once('/') {
                Some((name, _)) => found.insert(name.to_owned(), EntryKind::Directory),
                None => found.insert(path[above.len()..].to_owned(), EntryKind::File),
            };
        }
        found
    }

    fn listed(found: BTreeMap<String, EntryKind>) -> Vec<Listed> {
        found.into_iter().map(|(name, kind)| Listed { name, kind }).collect()
    }

    fn list_run(&self, directory: &str) -> Result<Vec<Listed>, Denied> {
        let found = self.entries(Home::Run, directory);
        match (found.is_empty(), directory.is_empty()) {
            (true, false) => Err(Denied::Missing),
            (_, _) => Ok(Self::listed(found)),
        }
    }

    fn list_repo(&self, directory: Option<&RelPath>) -> Result<Vec<Listed>, Denied> {
        let text = directory.map_or("", RelPath::as_str);
        let Some(commit) = self.commit else {
            let shown = if text.is_empty() { "." } else { text };
            return Err(Denied::Refused(
                self.lack(format!("the directory `{shown}` of the repository is not kept, and its commit is not here")),
            ));
        };
        let mut found = self.entries(Home::Repo, text);
        let listed = match commit.list(Base::Repo, directory) {
            Ok(listed) => listed,
            Err(Denied::Missing) if !found.is_empty() => Vec::new(),
            Err(denied) => return Err(denied),
        };
        let join = |name: &str| if text.is_empty() { name.to_owned() } else { format!("{text}/{name}") };
        for entry in listed.into_iter().filter(|entry| !self.absent.contains(&join(&entry.name))) {
            found.entry(entry.name).or_insert(entry.kind);
        }
        // The run's own directory is there, whatever the commit has of it.
        let run = self
            .run
            .strip_prefix(text)
            .map(|rest| rest.trim_start_matches('/'))
            .filter(|_| !Path::new(self.run).is_absolute());
        if let Some(name) = run.and_then(|rest| rest.split('/').next()).filter(|name| !name.is_empty() && *name != ".") {
            if self.run.starts_with(&join(name)) {
                found.insert(name.to_owned(), EntryKind::Directory);
            }
        }
        Ok(Self::listed(found))
    }
}

impl Workspace for LaidOut<'_> {
    fn open(&self, base: Base, path: &RelPath) -> Result<Opened, Denied> {
        let text = path.as_str();
        match base {
            Base::Run => self.of(Home::Run, text).unwrap_or(Err(Denied::Missing)),
            Base::Repo => {
                if let Some(within) = self.within(text) {
                    if self.run != "." || self.of(Home::Run, within).is_some() {
                        return self.of(Home::Run, within).unwrap_or(Err(Denied::Missing));
                    }
                }
                if let Some(own) = self.of(Home::Repo, text) {
                    return own;
                }
                if self.absent.contains(text) {
                    return Err(Denied::Missing);
                }
                match self.commit {
                    Some(commit) => commit.open(base, path),
                    None => {
                        self.note(|lacking| lacking.files.insert(text.to_owned()));
                        Err(Denied::Missing)
                    }
                }
            }
            Base::Baseline => Err(Denied::Refused(self.lack("the run that it is compared with is not kept".to_owned()))),
            Base::History | Base::Shard(_) => Err(Denied::Missing),
        }
    }

    fn list(&self, base: Base, directory: Option<&RelPath>) -> Result<Vec<Listed>, Denied> {
        let text = directory.map_or("", RelPath::as_str);
        match base {
            Base::Run => self.list_run(text),
            Base::Repo => match self.within(text).filter(|_| self.run != ".") {
                Some(within) => self.list_run(within),
                None => self.list_repo(directory),
            },
            Base::Baseline => Err(Denied::Refused(self.lack("the run that it is compared with is not kept".to_owned()))),
            Base::History | Base::Shard(_) => Err(Denied::Missing),
        }
    }

    fn shown(&self, base: Base, path: &RelPath) -> String {
        match base {
            Base::Repo => path.to_string(),
            Base::Run if self.run == "." => path.to_string(),
            Base::Run if !Path::new(self.run).is_absolute() => format!("{}/{path}", self.run),
            Base::Run | Base::Baseline | Base::History | Base::Shard(_) => format!("{}:{path}", base.word()),
        }
    }

    fn shards(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    fn run(&self) -> Option<String> {
        Some(self.run.to_owned())
    }

    fn run_name(&self) -> Option<String> {
        self.run_name.map(str::to_owned)
    }

    /// Which run it was compared with does not matter until a file of that is asked for.
    fn attach_baseline(&self, _sibling: &str) -> Result<(), String> {
        Ok(())
    }

    fn history(&self) -> Vec<String> {
        self.lack("earlier runs that are given as directories are not kept".to_owned());
        Vec::new()
    }

    fn attach_git(&self, _directory: &RelPath) -> Result<(), String> {
        Ok(())
    }

    fn git(&self) -> Result<Box<dyn Git + '_>, String> {
        let head = self.head.ok_or_else(|| "the recorded run was judged without a commit".to_owned())?;
        let beneath = self.commit.map(Workspace::git).transpose()?;
        Ok(Box::new(LaidOutGit { head, beneath, over: self }))
    }

    fn has_git(&self) -> bool {
        self.head.is_some()
    }

    fn now(&self) -> Instant {
        self.now
    }

    fn elapsed(&self) -> Duration {
        self.since.elapsed()
    }

    fn read_named(&self, _path: &Path) -> Result<Vec<u8>, Denied> {
        Err(Denied::Missing)
    }

    fn publish(&self, _path: &Path, _bytes: &[u8]) -> std::io::Result<()> {
        Err(std::io::Error::other("a recorded run is only read"))
    }
}

/// The git of the commit under judgement; without the repository nothing but its name is known.
struct LaidOutGit<'w, 's> {
    head: &'w str,
    beneath: Option<Box<dyn Git + 'w>>,
    over: &'w LaidOut<'s>,
}

impl LaidOutGit<'_, '_> {
    fn beneath(&self) -> Result<&dyn Git, String> {
        let told = || self.over.lack(format!("git is asked, and the repository with the commit {} is not here", self.head));
        self.beneath.as_deref().ok_or_else(told)
    }
}

impl Git for LaidOutGit<'_, '_> {
    fn head(&self) -> Result<String, String> {
        Ok(self.head.to_owned())
    }

    /// The index of then is not known; it is taken to be that of the commit.
    fn file(&self, path: &RelPath) -> Result<InGit, String> {
        let head = self.beneath()?.file(path)?.head;
        Ok(InGit { head, index: head })
    }

    fn revisions(&self, paths: &[RelPath], max: usize) -> Result<Vec<Revision>, String> {
        self.beneath()?.revisions(paths, max)
    }

    fn lineage(
        &self,
        paths: &[RelPath],
        wanted: &BTreeSet<String>,
        names: &Names<'_>,
        max: usize,
    ) -> Result<Lineage, String> {
        self.beneath()?.lineage(paths, wanted, names, max)
    }

    fn stretches(&self, path: &RelPath, max: usize) -> Result<Vec<Stretch>, String> {
        self.beneath()?.stretches(path, max)
    }

    fn since(&self, commit: &str) -> Result<Since, String> {
        self.beneath()?.since(commit)
    }

    fn reach(&self, commit: &str) -> Result<Reach, String> {
        self.beneath()?.reach(commit)
    }

    fn may_be_of(&self, commit: &str) -> bool {
        self.beneath.as_deref().is_none_or(|git| git.may_be_of(commit))
    }

    fn uncommitted(&self) -> Result<Vec<String>, String> {
        Err(self.over.lack("what was not committed in the work tree is not kept".to_owned()))
    }
}
