//! The store: a directory, what is in it, and what counts.
//!
//! ```text
//! store.json                                            says that it is a store, and of which version
//! tables/TABLE/project=P/month=2026-03/NAME.parquet     rows; immutable
//! recorded/ab/abcd....json                              a run is in the store: its files, with their digests
//! compacted/00000001.json                               files were merged: what took the place of which runs
//! evidence/                                             what runs were judged by, where it is kept; see `keep`
//! ```
//!
//! A run counts from the moment at which its file in `recorded/` is there, and that file comes into being in one step, with the digest of the
//! verdict as its name: a writer that was killed before it leaves files that nobody counts, and a second writer finds the name taken. Merging
//! works likewise: of two who merge at the same time one gets the next number, and the other throws its work away. Nothing is ever changed.

use crate::fault::{Fault, Told};
use crate::file::{self, TEMPORARY};
use crate::tables::{TABLES, Table};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What `store.json` says.
pub const STORE_SCHEMA: &str = "gatekeeper.history-store/1";

/// One file of rows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its table.
    pub table: String,
    /// Where it lies, below the store.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// Rows.
    pub rows: u64,
}

/// A run that is in the store: the content of its file in `recorded/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// [`STORE_SCHEMA`].
    pub schema: String,
    /// SHA-256 of the verdict.
    pub verdict: String,
    /// Its project.
    pub project: String,
    /// The month of its judgement.
    pub month: String,
    /// Its files, one for each table that has rows of it.
    pub files: Vec<FileEntry>,
}

/// Files that were merged: the content of a file in `compacted/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compacted {
    /// [`STORE_SCHEMA`].
    pub schema: String,
    /// The project.
    pub project: String,
    /// The month.
    pub month: String,
    /// The verdicts whose rows are in `files`, and nowhere else.
    pub runs: BTreeSet<String>,
    /// The numbers of earlier ones that this one takes the place of.
    pub replaces: Vec<u64>,
    /// The files.
    pub files: Vec<FileEntry>,
}

/// What `store.json` holds.
#[derive(Debug, Serialize, Deserialize)]
struct Marker {
    schema: String,
}

/// A store on disk.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
}

/// What counts in a store at one moment.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// Runs that are in files of their own, by the digest of their verdict.
    pub alone: BTreeMap<String, Recorded>,
    /// What was merged, by number; only what nothing has taken the place of.
    pub merged: BTreeMap<u64, Compacted>,
    /// The highest number that was given.
    pub last: u64,
    /// Files of runs that never came to their end, or that something took the place of.
    pub left_over: Vec<String>,
}

impl Snapshot {
    /// Every file of rows.
    pub fn files(&self) -> impl Iterator<Item = &FileEntry> {
        let merged = self.merged.values().flat_map(|merged| &merged.files);
        self.alone.values().flat_map(|run| &run.files).chain(merged)
    }

    /// How many runs count.
    pub fn runs(&self) -> usize {
        self.alone.len() + self.merged.values().map(|merged| merged.runs.len()).sum::<usize>()
    }
}

/// Whether a project may be called so: its name is the name of a directory, here and on object storage.
pub fn sound_project(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=100).contains(&name.len()) && name.bytes().all(plain) && !name.starts_with('.')
}

fn read_json<T: for<'d> Deserialize<'d>>(path: &Path) -> Told<T> {
    let bytes = fs::read(path).map_err(|error| Fault::io("read", path, &error))?;
    serde_json::from_slice(&bytes).map_err(|error| Fault::Damaged(format!("`{}` is damaged: {error}", path.display())))
}

fn of_ours(schema: &str, path: &Path) -> Told<()> {
    if schema == STORE_SCHEMA {
        return Ok(());
    }
    let told = format!("`{}` is foreign: it says `{schema}`, and `{STORE_SCHEMA}` was expected", path.display());
    Err(Fault::Damaged(told))
}

/// The entries of a directory with their names, sorted; none if there is no such directory.
pub(crate) fn entries(directory: &Path) -> Told<Vec<(String, PathBuf)>> {
    let listed = match fs::read_dir(directory) {
        Ok(listed) => listed,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Fault::io("list", directory, &error)),
    };
    let mut found = Vec::new();
    for entry in listed {
        let entry = entry.map_err(|error| Fault::io("list", directory, &error))?;
        found.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
    }
    found.sort();
    Ok(found)
}

pub(crate) fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

impl Store {
    /// Opens a store, or makes one where nothing is yet.
    ///
    /// # Errors
    /// The directory holds something else, or cannot be written.
    pub fn make(root: &Path) -> Told<Self> {
        if let Some(scheme) = remote(root) {
            return Err(Fault::Usage(format!(
                "a store behind `{scheme}` cannot be written yet; record into a directory and copy it"
            )));
        }
        let store = Self { root: root.to_owned() };
        if !store.marker().exists() {
            if let Some((name, _)) =
                entries(root)?.into_iter().find(|(name, _)| !name.starts_with(TEMPORARY) && name != "store.json")
            {
                return Err(Fault::Usage(format!("`{}` is no store, and not empty: it holds `{name}`", root.display())));
            }
            let marker = serde_json::to_vec(&Marker { schema: STORE_SCHEMA.to_owned() }).expect("text");
            file::put_new(&store.marker(), &marker)?;
        }
        Self::open(root)
    }

    /// Opens a store.
    ///
    /// # Errors
    /// There is none, or one of another version.
    pub fn open(root: &Path) -> Told<Self> {
        let store = Self { root: root.to_owned() };
        if !store.marker().exists() {
            return Err(Fault::Usage(format!(
                "`{}` is no store: it has no `store.json`; `record` makes one",
                root.display()
            )));
        }
        let marker: Marker = read_json(&store.marker())?;
        of_ours(&marker.schema, &store.marker())?;
        Ok(store)
    }

    fn marker(&self) -> PathBuf {
        self.root.join("store.json")
    }

    /// Its directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the file of a run lies that says that it is there.
    pub fn recorded_at(&self, verdict: &str) -> PathBuf {
        self.root.join("recorded").join(&verdict[..2]).join(format!("{verdict}.json"))
    }

    /// The run with this verdict, if it is in the store.
    ///
    /// # Errors
    /// Its file is damaged.
    pub fn recorded(&self, verdict: &str) -> Told<Option<Recorded>> {
        let path = self.recorded_at(verdict);
        if !path.exists() {
            return Ok(None);
        }
        let recorded: Recorded = read_json(&path)?;
        of_ours(&recorded.schema, &path)?;
        if recorded.verdict != verdict {
            return Err(Fault::Damaged(format!("`{}` tells of another verdict, {}", path.display(), recorded.verdict)));
        }
        Ok(Some(recorded))
    }

    /// Where what was merged under a number is told.
    pub fn compacted_at(&self, number: u64) -> PathBuf {
        self.root.join("compacted").join(format!("{number:08}.json"))
    }

    /// The directory of a table's files of a project and a month, below the store.
    pub fn partition(table: &str, project: &str, month: &str) -> String {
        format!("tables/{table}/project={project}/month={month}")
    }

    /// Puts the rows of a table into the store. They count only when something says so.
    ///
    /// # Errors
    /// The system refuses.
    pub fn put(&self, table: &Table, partition: &str, stem: &str, bytes: &[u8], rows: u64) -> Told<FileEntry> {
        let sha256 = file::digest(bytes);
        let path = format!("{partition}/{stem}-{}.parquet", &sha256[..16]);
        file::put(&self.root.join(&path), bytes)?;
        Ok(FileEntry { table: table.name.to_owned(), path, sha256, size: bytes.len() as u64, rows })
    }

    /// What counts now.
    ///
    /// # Errors
    /// Something in the store is damaged or foreign, by its name.
    pub fn snapshot(&self) -> Told<Snapshot> {
        let mut last = Fault::Internal(String::new());
        // What lists a store while somebody merges it may miss a file that is just being replaced: look again.
        for _ in 0..5 {
            match self.snapshot_once() {
                Ok(snapshot) => return Ok(snapshot),
                Err(fault) => last = fault,
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        Err(last)
    }

    fn snapshot_once(&self) -> Told<Snapshot> {
        let mut snapshot = Snapshot::default();
        self.read_compacted(&mut snapshot)?;
        let gone: BTreeSet<String> = snapshot.merged.values().flat_map(|merged| merged.runs.iter().cloned()).collect();
        for (name, directory) in entries(&self.root.join("recorded"))? {
            if name.starts_with(TEMPORARY) {
                continue;
            }
            for (name, path) in entries(&directory)? {
                match name.strip_suffix(".json").filter(|stem| is_digest(stem)) {
                    Some(verdict) if gone.contains(verdict) => {}
                    Some(verdict) => {
                        let run = self.recorded(verdict)?.ok_or_else(|| Fault::Internal(format!("`{name}` has gone")))?;
                        snapshot.alone.insert(verdict.to_owned(), run);
                    }
                    None if name.starts_with(TEMPORARY) => {}
                    None => return Err(foreign(&path)),
                }
            }
        }
        self.match_files(&mut snapshot)?;
        Ok(snapshot)
    }

    fn read_compacted(&self, snapshot: &mut Snapshot) -> Told<()> {
        let mut replaced = BTreeSet::new();
        for (name, path) in entries(&self.root.join("compacted"))? {
            if name.starts_with(TEMPORARY) {
                continue;
            }
            let number =
                name.strip_suffix(".json").filter(|stem| stem.len() == 8).and_then(|stem| stem.parse::<u64>().ok());
            let number = number.ok_or_else(|| foreign(&path))?;
            let merged: Compacted = read_json(&path)?;
            of_ours(&merged.schema, &path)?;
            replaced.extend(merged.replaces.iter().copied());
            snapshot.last = snapshot.last.max(number);
            snapshot.merged.insert(number, merged);
        }
        snapshot.merged.retain(|number, _| !replaced.contains(number));
        Ok(())
    }

    /// Every file that counts is there with its size, and every file that is there is known.
    fn match_files(&self, snapshot: &mut Snapshot) -> Told<()> {
        let known: BTreeMap<&str, u64> = snapshot.files().map(|file| (file.path.as_str(), file.size)).collect();
        let mut seen = 0;
        let mut left_over = Vec::new();
        let tables = self.root.join("tables");
        let mut open = vec![(tables.clone(), String::from("tables"), 0)];
        while let Some((directory, below, depth)) = open.pop() {
            for (name, path) in entries(&directory)? {
                let below = format!("{below}/{name}");
                if depth < 3 {
                    let known = match depth {
                        0 => TABLES.iter().any(|table| table.name == name),
                        1 => name.strip_prefix("project=").is_some_and(sound_project),
                        _ => name.strip_prefix("month=").is_some_and(|month| month.len() == 7),
                    };
                    if !known || !path.is_dir() {
                        return Err(foreign(&path));
                    }
                    open.push((path, below, depth + 1));
                } else if let Some(size) = known.get(below.as_str()) {
                    let found = fs::metadata(&path).map_err(|error| Fault::io("look at", &path, &error))?.len();
                    if found != *size {
                        let told =
                            format!("`{}` is damaged: it has {found} bytes, and {size} were written", path.display());
                        return Err(Fault::Damaged(told));
                    }
                    seen += 1;
                } else if name.starts_with(TEMPORARY) || of_a_writer(&name) {
                    left_over.push(below);
                } else {
                    return Err(foreign(&path));
                }
            }
        }
        if seen != known.len() {
            let missing = known.keys().find(|path| !self.root.join(path).exists()).copied().unwrap_or_default();
            return Err(Fault::Damaged(format!("`{}` is missing from the store", self.root.join(missing).display())));
        }
        snapshot.left_over = left_over;
        Ok(())
    }
}

fn foreign(path: &Path) -> Fault {
    Fault::Damaged(format!("`{}` is foreign: nothing of a store is called so", path.display()))
}

/// Whether a file is called as ours are: the beginnings of two digests, or a number and one.
fn of_a_writer(name: &str) -> bool {
    let hex = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts = name.strip_suffix(".parquet").and_then(|stem| stem.split_once('-'));
    parts.is_some_and(|(own, bytes)| bytes.len() == 16 && hex(bytes) && hex(own.strip_prefix('m').unwrap_or(own)))
}

/// The scheme of a place that is no directory.
pub fn remote(root: &Path) -> Option<String> {
    let text = root.to_str()?;
    text.split_once("://").map(|(scheme, _)| format!("{scheme}://"))
}
