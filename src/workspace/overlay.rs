//! A workspace over another one, in which a few files are other than they are: what would be, without touching what is.
//!
//! In: any workspace, a [`Cache`] that several overlays share, and the files that differ. Out: what [`Workspace`] promises. Files that do
//! not differ are read from below once and kept, and so are listings and what git knows, so that thousands of overlays cost little more
//! than one look. Nothing is written: an overlay publishes nothing.

use super::{Denied, Git, InGit, Lineage, Listed, Names, Opened, Reach, Revision, Since, Stretch, Workspace};
use crate::model::{Base, Instant, RelPath};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

/// Largest file that is kept, in bytes; a larger one is read from below each time.
const KEPT_MAX: u64 = 16 << 20;

/// Bytes of all files that are kept.
const ALL_MAX: u64 = 512 << 20;

/// A table that is filled as it is asked.
type Kept<K, V> = RwLock<BTreeMap<K, V>>;

/// The bytes of a file, or why there are none.
type File = Result<Arc<[u8]>, Denied>;

/// What git said when it was asked for revisions.
type Revisions = Result<Vec<Revision>, String>;

/// What was asked of a lineage: the files, further names, how many revisions.
type Descent = (Vec<RelPath>, BTreeSet<String>, usize);

/// What overlays over one workspace remember of it.
#[derive(Default)]
pub struct Cache {
    files: Kept<(Base, RelPath), File>,
    bytes: Mutex<u64>,
    listings: Kept<(Base, Option<RelPath>), Result<Vec<Listed>, Denied>>,
    git: Mutex<Option<Result<(), String>>>,
    head: Mutex<Option<Result<String, String>>>,
    tracked: Kept<RelPath, Result<InGit, String>>,
    revisions: Kept<(Vec<RelPath>, usize), Revisions>,
    lineages: Kept<Descent, Result<Lineage, String>>,
    reaches: Kept<String, Result<Reach, String>>,
    baseline: Mutex<Option<String>>,
}

/// The kept answer, or the one that is asked for now.
fn once<K: Ord + Clone, V: Clone>(kept: &Kept<K, V>, key: &K, ask: impl FnOnce() -> V) -> V {
    if let Some(known) = kept.read().unwrap_or_else(PoisonError::into_inner).get(key) {
        return known.clone();
    }
    let answer = ask();
    kept.write().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), answer.clone());
    answer
}

/// The same for what is asked without a key.
fn only<V: Clone>(kept: &Mutex<Option<V>>, ask: impl FnOnce() -> V) -> V {
    kept.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(ask).clone()
}

/// A workspace in which a few files differ.
pub struct Overlay<'w> {
    below: &'w dyn Workspace,
    cache: &'w Cache,
    /// By the path as people know it, so that one file is one however it is reached. `None`: it is not there.
    changed: BTreeMap<String, Option<Arc<[u8]>>>,
    /// Whether a baseline may be attached below: only before others rest on it.
    first: bool,
    diverged: AtomicBool,
    made: std::time::Instant,
}

impl<'w> Overlay<'w> {
    /// Nothing differs. What the run names as its baseline is attached below, so this one is judged before any other.
    pub fn plain(below: &'w dyn Workspace, cache: &'w Cache) -> Self {
        Self {
            below,
            cache,
            changed: BTreeMap::new(),
            first: true,
            diverged: AtomicBool::new(false),
            made: std::time::Instant::now(),
        }
    }

    /// These files differ: path as shown, and bytes, or nothing where there is no such file.
    pub fn with(
        below: &'w dyn Workspace,
        cache: &'w Cache,
        changed: impl IntoIterator<Item = (String, Option<Vec<u8>>)>,
    ) -> Self {
        let changed = changed.into_iter().map(|(path, bytes)| (path, bytes.map(Arc::from))).collect();
        Self { changed, first: false, ..Self::plain(below, cache) }
    }

    /// As [`Overlay::with`], over a workspace that nobody else looks at: what the run names as its baseline is attached there.
    pub fn alone(
        below: &'w dyn Workspace,
        cache: &'w Cache,
        changed: impl IntoIterator<Item = (String, Option<Vec<u8>>)>,
    ) -> Self {
        Self { first: true, ..Self::with(below, cache, changed) }
    }

    /// Whether something was asked for that only a workspace of its own can tell: another baseline than the one that is attached below.
    /// What was judged over this overlay does not count then.
    pub fn diverged(&self) -> bool {
        self.diverged.load(Ordering::Relaxed)
    }

    fn kept(&self, base: Base, path: &RelPath) -> Option<File> {
        let key = (base, path.clone());
        if let Some(known) = self.cache.files.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Some(known.clone());
        }
        let read = match self.below.open(base, path) {
            Err(denied) => Err(denied),
            Ok(opened) if opened.size > KEPT_MAX || !self.room(opened.size) => return None,
            Ok(Opened { size, mut reader }) => {
                let mut bytes = Vec::new();
                // A file that changes or cannot be read to its end is not kept: who reads it sees that for himself.
                match reader.read_to_end(&mut bytes) {
                    Ok(read) if read as u64 == size => Ok(Arc::from(bytes)),
                    Ok(_) | Err(_) => return None,
                }
            }
        };
        self.cache.files.write().unwrap_or_else(PoisonError::into_inner).insert(key, read.clone());
        Some(read)
    }

    fn room(&self, size: u64) -> bool {
        let mut bytes = self.cache.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        *bytes += size;
        *bytes <= ALL_MAX
    }
}

fn opened(bytes: &Arc<[u8]>) -> Opened {
    Opened { size: bytes.len() as u64, reader: Box::new(Cursor::new(Arc::clone(bytes))) }
}

impl Workspace for Overlay<'_> {
    fn open(&self, base: Base, path: &RelPath) -> Result<Opened, Denied> {
        if !self.changed.is_empty()
            && let Some(own) = self.changed.get(&self.below.shown(base, path))
        {
            return own.as_ref().map(opened).ok_or(Denied::Missing);
        }
        match self.kept(base, path) {
            Some(kept) => kept.map(|bytes| opened(&bytes)),
            None => self.below.open(base, path),
        }
    }

    fn list(&self, base: Base, directory: Option<&RelPath>) -> Result<Vec<Listed>, Denied> {
        let key = (base, directory.cloned());
        let mut entries = once(&self.cache.listings, &key, || self.below.list(base, directory))?;
        if self.changed.values().any(Option::is_none) {
            entries.retain(|entry| {
                let path = directory.map_or(entry.name.clone(), |directory| format!("{directory}/{}", entry.name));
                let gone = |path: RelPath| matches!(self.changed.get(&self.below.shown(base, &path)), Some(None));
                !RelPath::parse(&path).is_ok_and(gone)
            });
        }
        Ok(entries)
    }

    fn shown(&self, base: Base, path: &RelPath) -> String {
        self.below.shown(base, path)
    }

    fn shards(&self) -> Vec<(String, String)> {
        self.below.shards()
    }

    fn run(&self) -> Option<String> {
        self.below.run()
    }

    fn run_name(&self) -> Option<String> {
        self.below.run_name()
    }

    fn attach_baseline(&self, sibling: &str) -> Result<(), String> {
        let mut attached = self.cache.baseline.lock().unwrap_or_else(PoisonError::into_inner);
        if self.first {
            self.below.attach_baseline(sibling)?;
            *attached = Some(sibling.to_owned());
            return Ok(());
        }
        if attached.as_deref() == Some(sibling) {
            return Ok(());
        }
        self.diverged.store(true, Ordering::Relaxed);
        Err("it is not the baseline that is attached".to_owned())
    }

    fn history(&self) -> Vec<String> {
        self.below.history()
    }

    fn attach_git(&self, directory: &RelPath) -> Result<(), String> {
        self.below.attach_git(directory)
    }

    fn git(&self) -> Result<Box<dyn Git + '_>, String> {
        only(&self.cache.git, || self.below.git().map(drop))?;
        Ok(Box::new(Remembered { below: self.below, cache: self.cache }))
    }

    fn has_git(&self) -> bool {
        self.below.has_git()
    }

    fn commit_around(&self, stated: Option<&str>) -> Option<Result<String, String>> {
        self.below.commit_around(stated)
    }

    fn now(&self) -> Instant {
        self.below.now()
    }

    /// Since the overlay was made: each judgement has the time of one.
    fn elapsed(&self) -> Duration {
        self.made.elapsed()
    }

    fn read_named(&self, path: &Path) -> Result<Vec<u8>, Denied> {
        self.below.read_named(path)
    }

    fn publish(&self, _path: &Path, _bytes: &[u8]) -> std::io::Result<()> {
        Err(std::io::Error::other("an overlay publishes nothing"))
    }
}

/// What git below said before, or says now.
struct Remembered<'w> {
    below: &'w dyn Workspace,
    cache: &'w Cache,
}

impl Git for Remembered<'_> {
    fn head(&self) -> Result<String, String> {
        only(&self.cache.head, || self.below.git()?.head())
    }

    fn file(&self, path: &RelPath) -> Result<InGit, String> {
        once(&self.cache.tracked, path, || self.below.git()?.file(path))
    }

    fn revisions(&self, paths: &[RelPath], max: usize) -> Result<Vec<Revision>, String> {
        once(&self.cache.revisions, &(paths.to_vec(), max), || self.below.git()?.revisions(paths, max))
    }

    fn lineage(
        &self,
        paths: &[RelPath],
        wanted: &BTreeSet<String>,
        names: &Names<'_>,
        max: usize,
    ) -> Result<Lineage, String> {
        let key = (paths.to_vec(), wanted.clone(), max);
        once(&self.cache.lineages, &key, || self.below.git()?.lineage(paths, wanted, names, max))
    }

    fn stretches(&self, path: &RelPath, max: usize) -> Result<Vec<Stretch>, String> {
        self.below.git()?.stretches(path, max)
    }

    fn since(&self, commit: &str) -> Result<Since, String> {
        self.below.git()?.since(commit)
    }

    fn may_be_of(&self, commit: &str) -> bool {
        self.below.git().is_ok_and(|git| git.may_be_of(commit))
    }

    fn uncommitted(&self) -> Result<Vec<String>, String> {
        self.below.git()?.uncommitted()
    }

    fn reach(&self, commit: &str) -> Result<Reach, String> {
        once(&self.cache.reaches, &commit.to_owned(), || self.below.git()?.reach(commit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Memory;

    fn rel(path: &str) -> RelPath {
        RelPath::parse(path).expect("sound")
    }

    fn bytes(workspace: &dyn Workspace, path: &str) -> Result<Vec<u8>, Denied> {
        let mut opened = workspace.open(Base::Repo, &rel(path))?;
        let mut bytes = Vec::new();
        opened.reader.read_to_end(&mut bytes).expect("memory can be read");
        assert_eq!(opened.size, bytes.len() as u64);
        Ok(bytes)
    }

    fn memory() -> Memory {
        Memory::at(Instant::UNIX_EPOCH)
            .with_run("results/one")
            .file("repo:a.json", "1")
            .file("repo:b.json", "2")
            .file("run:c.json", "3")
            .head(&"a".repeat(40))
            .tracked("a.json", Some("1"), None)
    }

    #[test]
    fn only_what_differs_differs() {
        let (below, cache) = (memory(), Cache::default());
        let changed = [("a.json".to_owned(), Some(b"9".to_vec())), ("results/one/c.json".to_owned(), None)];
        let overlay = Overlay::with(&below, &cache, changed);
        assert_eq!(bytes(&overlay, "a.json"), Ok(b"9".to_vec()));
        assert_eq!(bytes(&overlay, "b.json"), Ok(b"2".to_vec()));
        // One file is one however it is reached.
        assert_eq!(overlay.open(Base::Run, &rel("c.json")).err(), Some(Denied::Missing));
        assert_eq!(bytes(&overlay, "results/one/c.json"), Err(Denied::Missing));
        let names = |workspace: &dyn Workspace| -> Vec<String> {
            workspace.list(Base::Run, None).expect("listed").into_iter().map(|entry| entry.name).collect()
        };
        assert_eq!(names(&overlay), Vec::<String>::new());
        let plain = Overlay::with(&below, &cache, []);
        assert_eq!((bytes(&plain, "a.json"), names(&plain)), (Ok(b"1".to_vec()), vec!["c.json".to_owned()]));
        assert!(overlay.publish(Path::new("x"), b"").is_err());
        assert!(below.published().is_empty());
    }

    #[test]
    fn below_is_asked_once() {
        let (below, cache) = (memory(), Cache::default());
        for _ in 0..3 {
            let overlay = Overlay::with(&below, &cache, [("a.json".to_owned(), Some(b"9".to_vec()))]);
            assert_eq!(bytes(&overlay, "b.json"), Ok(b"2".to_vec()));
            assert_eq!(bytes(&overlay, "none.json"), Err(Denied::Missing));
            let git = overlay.git().expect("git");
            assert_eq!(git.head(), Ok("a".repeat(40)));
            assert!(git.file(&rel("a.json")).expect("known").head.is_some());
        }
        assert_eq!((below.times_opened("b.json"), below.times_opened("a.json")), (1, 0));
    }

    #[test]
    fn another_baseline_is_not_attached_for_all() {
        let below = memory().beside("zero", "c.json", "4").beside("other", "c.json", "5");
        let cache = Cache::default();
        assert_eq!(Overlay::plain(&below, &cache).attach_baseline("zero"), Ok(()));
        let same = Overlay::with(&below, &cache, []);
        assert!(same.attach_baseline("zero").is_ok() && !same.diverged());
        let other = Overlay::with(&below, &cache, []);
        assert!(other.attach_baseline("other").is_err() && other.diverged());
        assert!(below.open(Base::Baseline, &rel("c.json")).is_ok());
    }
}
