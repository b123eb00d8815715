//! Evidence of recorded runs, kept by digest, so that a run can be judged again under another policy.
//!
//! ```text
//! evidence/objects/ab/abcd....zst     bytes, compressed, called by the digest of what they were; what several runs have is there once
//! evidence/runs/ab/abcd....json       the run of this verdict: its files, with their digests, and what was left out
//! ```
//!
//! In: a verdict, its run and its repository. Out: every file of the run, and those files of the repository that the verdict names. Objects
//! come first and the list of a run last, in one step, so whoever is killed before it has kept nothing of that run. A file that holds
//! what looks like a secret, or is too large, is left out, and the list says so: nobody can take it for a file that was not there.

use crate::fault::{Fault, Told};
use crate::file;
use crate::store::Store;
use gatekeeper::model::{Base, RelPath, SecretShapes};
use gatekeeper::report::history::Row;
use gatekeeper::workspace::{Denied, Disk, EntryKind, Workspace};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What the list of a run says.
pub const KEPT_SCHEMA: &str = "gatekeeper.history-evidence/1";

/// Largest file that is kept.
pub const FILE_MOST: u64 = 64 << 20;

/// Most bytes that are kept of one run.
pub const RUN_MOST: u64 = 1 << 30;

/// Most files of one run.
pub const FILES_MOST: usize = 50_000;

/// How deep directories are followed.
const DEPTH_MOST: usize = 64;

/// What a path starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Home {
    /// The repository.
    Repo,
    /// The run.
    Run,
}

/// A file that was there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptFile {
    /// What its path starts from.
    pub home: Home,
    /// Where it lay.
    pub path: String,
    /// The digest under which its bytes are kept.
    pub sha256: Option<String>,
    /// Bytes.
    pub size: u64,
    /// Why it is not kept.
    pub left_out: Option<String>,
}

/// The list of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// [`KEPT_SCHEMA`].
    pub schema: String,
    /// The digest of the verdict, under which its document is kept too.
    pub verdict: String,
    /// The size of that document.
    pub document_size: u64,
    /// The run as people knew it.
    pub run: String,
    /// The name of its directory.
    pub run_name: Option<String>,
    /// Its files, and those of the repository that the verdict names.
    pub files: Vec<KeptFile>,
}

/// What came of keeping.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Keeping {
    /// Files that are kept.
    pub files: usize,
    /// Bytes that the store did not have yet, compressed.
    pub added: u64,
    /// What was left out, and why.
    pub left_out: Vec<(String, String)>,
}

/// What an open file holds, or why it is left out.
enum Read1 {
    Bytes(Vec<u8>),
    Out(u64, String),
}

fn below(store: &Store, part: &str, digest: &str, ending: &str) -> PathBuf {
    let first = digest.get(..2).unwrap_or("xx");
    store.root().join("evidence").join(part).join(first).join(format!("{digest}.{ending}"))
}

/// Where the bytes with this digest lie.
pub fn object_at(store: &Store, digest: &str) -> PathBuf {
    below(store, "objects", digest, "zst")
}

/// Where the list of a run lies.
pub fn list_at(store: &Store, verdict: &str) -> PathBuf {
    below(store, "runs", verdict, "json")
}

/// The list of a run; `None` if its evidence was not kept.
///
/// # Errors
/// It is damaged or foreign.
pub fn list(store: &Store, verdict: &str) -> Told<Option<Kept>> {
    let path = list_at(store, verdict);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Fault::io("read", &path, &error)),
    };
    let damaged = |what: String| Fault::Damaged(format!("`{}` {what}", path.display()));
    let kept: Kept = serde_json::from_slice(&bytes).map_err(|error| damaged(format!("is damaged: {error}")))?;
    if kept.schema != KEPT_SCHEMA {
        return Err(damaged(format!("is foreign: it says `{}`, and `{KEPT_SCHEMA}` was expected", kept.schema)));
    }
    if kept.verdict != verdict {
        return Err(damaged(format!("tells of another verdict, {}", kept.verdict)));
    }
    Ok(Some(kept))
}

/// The bytes with this digest.
///
/// # Errors
/// They are missing or damaged.
pub fn object(store: &Store, digest: &str, size: u64) -> Told<Vec<u8>> {
    let path = object_at(store, digest);
    let damaged = |what: &str| Fault::Damaged(format!("`{}` {what}", path.display()));
    let file = match fs::File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(damaged("is missing from the store")),
        Err(error) => return Err(Fault::io("read", &path, &error)),
    };
    let mut bytes = Vec::new();
    let read = zstd::Decoder::new(file).and_then(|reader| reader.take(size.saturating_add(1)).read_to_end(&mut bytes));
    if let Err(error) = read {
        return Err(damaged(&format!("is damaged: {error}")));
    }
    match file::digest(&bytes) {
        found if found == digest => Ok(bytes),
        found => Err(damaged(&format!("is damaged: its bytes have the digest {found}"))),
    }
}

/// Puts bytes under their digest, if they are not there whole already; how many bytes that took.
fn put(store: &Store, digest: &str, bytes: &[u8]) -> Told<u64> {
    let path = object_at(store, digest);
    if path.exists() && object(store, digest, bytes.len() as u64).is_ok() {
        // It is wanted again, and so as good as new to whoever sweeps.
        let touched = fs::File::options().append(true).open(&path);
        drop(touched.and_then(|file| file.set_modified(std::time::SystemTime::now())));
        return Ok(0);
    }
    let compressed = zstd::encode_all(bytes, 6).map_err(|error| Fault::io("compress for", &path, &error))?;
    file::put(&path, &compressed)?;
    Ok(compressed.len() as u64)
}

/// Keeps the evidence of a verdict that is in the store. What is kept already stays as it is.
///
/// # Errors
/// A file is not the one that was judged, there are too many, or the system refuses.
pub fn keep(store: &Store, document: &[u8], rows: &[Row], root: &Path, run: &Path) -> Told<Keeping> {
    let verdict = file::digest(document);
    if let Some(kept) = list(store, &verdict)? {
        return Ok(told(&kept, 0));
    }
    let workspace = Disk::new(root, Some(run), None, None).map_err(Fault::Usage)?;
    let Some(own) = rows.iter().find_map(|row| if let Row::Runs(own) = row { Some(own) } else { None }) else {
        return Err(Fault::Damaged("a verdict without a row of its own".to_owned()));
    };
    let Some(known_as) = own.run_path.clone() else {
        return Err(Fault::Usage("the verdict is of no run, so there is no evidence of one to keep".to_owned()));
    };
    let mut named: BTreeMap<(Home, String), Option<String>> = BTreeMap::new();
    walk(&workspace, None, 0, &mut named)?;
    for row in rows {
        let Row::Evidence(own) = row else { continue };
        let place = place(&known_as, &own.path);
        let Some((home, path)) = place else { continue };
        if own.sha256.is_some() || home == Home::Run {
            let seen = named.entry((home, path)).or_default();
            *seen = seen.take().or_else(|| own.sha256.clone());
        }
    }
    if named.len() > FILES_MOST {
        return Err(Fault::Damaged(format!("the run has more than {FILES_MOST} files; its evidence is not kept")));
    }
    let (mut files, mut added, mut total) = (Vec::new(), 0, 0);
    for ((home, path), expected) in named {
        let Some(read) = read(&workspace, home, &path)? else {
            match expected {
                None => continue,
                Some(_) => return Err(changed(&path, "it is gone")),
            }
        };
        let (sha256, size, left_out) = match read {
            Read1::Bytes(bytes) => {
                let (digest, size) = (file::digest(&bytes), bytes.len() as u64);
                if expected.is_some_and(|expected| expected != digest) {
                    return Err(changed(&path, "it was changed since"));
                }
                if total + size > RUN_MOST {
                    (None, size, Some(format!("more than {} MB of one run", RUN_MOST >> 20)))
                } else {
                    total += size;
                    added += put(store, &digest, &bytes)?;
                    (Some(digest), size, None)
                }
            }
            Read1::Out(size, because) => (None, size, Some(because)),
        };
        files.push(KeptFile { home, path, sha256, size, left_out });
    }
    added += put(store, &verdict, document)?;
    let kept = Kept {
        schema: KEPT_SCHEMA.to_owned(),
        verdict: verdict.clone(),
        document_size: document.len() as u64,
        run: known_as,
        run_name: workspace.run_name(),
        files,
    };
    let text = serde_json::to_vec(&kept).expect("text");
    file::put_new(&list_at(store, &verdict), &text)?;
    let stands = list(store, &verdict)?.ok_or_else(|| Fault::Internal(format!("the list of {verdict} has gone")))?;
    Ok(told(&stands, added))
}

fn told(kept: &Kept, added: u64) -> Keeping {
    let left = |file: &KeptFile| Some((file.path.clone(), file.left_out.clone()?));
    let files = kept.files.iter().filter(|file| file.sha256.is_some()).count();
    Keeping { files, added, left_out: kept.files.iter().filter_map(left).collect() }
}

fn changed(path: &str, what: &str) -> Fault {
    Fault::Damaged(format!("`{path}` is not the evidence that was judged: {what}; nothing of the run is kept"))
}

/// What a path starts from that a verdict shows. `None` for an earlier run, a baseline or a shard, which are not kept.
pub fn place(run: &str, shown: &str) -> Option<(Home, String)> {
    let sound = |path: &str| RelPath::parse(path).is_ok().then(|| path.to_owned());
    if let Some(path) = shown.strip_prefix("run:") {
        return Some((Home::Run, sound(path)?));
    }
    if shown.starts_with("baseline:") || shown.starts_with("history:") {
        return None;
    }
    let within = if run == "." { Some(shown) } else { shown.strip_prefix(run).and_then(|path| path.strip_prefix('/')) };
    match within {
        Some(path) => Some((Home::Run, sound(path)?)),
        None => Some((Home::Repo, sound(shown)?)),
    }
}

fn walk(
    workspace: &Disk,
    directory: Option<&RelPath>,
    depth: usize,
    named: &mut BTreeMap<(Home, String), Option<String>>,
) -> Told<()> {
    let here = || directory.map_or_else(|| ".".to_owned(), RelPath::to_string);
    let listed = workspace.list(Base::Run, directory);
    let listed =
        listed.map_err(|denied| Fault::Damaged(format!("`{}` of the run cannot be listed: {denied:?}", here())))?;
    if depth > DEPTH_MOST || named.len() > FILES_MOST {
        return Err(Fault::Damaged(format!("`{}` of the run lies too deep, or the run has too many files", here())));
    }
    for entry in listed {
        let path = directory.map_or_else(|| entry.name.clone(), |directory| format!("{directory}/{}", entry.name));
        let Ok(sound) = RelPath::parse(&path) else { continue };
        match entry.kind {
            EntryKind::Directory => walk(workspace, Some(&sound), depth + 1, named)?,
            EntryKind::File | EntryKind::Other => drop(named.insert((Home::Run, path), None)),
        }
    }
    Ok(())
}

/// Reads a file, if it is there.
fn read(workspace: &Disk, home: Home, path: &str) -> Told<Option<Read1>> {
    let base = if home == Home::Run { Base::Run } else { Base::Repo };
    let sound = RelPath::parse(path).map_err(|error| Fault::Damaged(format!("`{path}`: {error}")))?;
    let opened = match workspace.open(base, &sound) {
        Ok(opened) => opened,
        Err(Denied::Missing) => return Ok(None),
        Err(Denied::Irregular(phrase) | Denied::Refused(phrase)) => return Ok(Some(Read1::Out(0, phrase))),
    };
    let large = || format!("larger than {} MB", FILE_MOST >> 20);
    if opened.size > FILE_MOST {
        return Ok(Some(Read1::Out(opened.size, large())));
    }
    let mut bytes = Vec::new();
    let refused = |error: std::io::Error| Fault::Internal(format!("cannot read `{path}`: {error}"));
    opened.reader.take(FILE_MOST + 1).read_to_end(&mut bytes).map_err(refused)?;
    let size = bytes.len() as u64;
    if size > FILE_MOST {
        return Ok(Some(Read1::Out(size, large())));
    }
    if let Some(class) = secret(&bytes) {
        return Ok(Some(Read1::Out(size, format!("holds what looks like a secret ({class})"))));
    }
    Ok(Some(Read1::Bytes(bytes)))
}

/// The class of a secret in these bytes, be they UTF-8 or plain letters in UTF-16.
fn secret(bytes: &[u8]) -> Option<String> {
    let shapes = SecretShapes::default();
    let found = |bytes: &[u8]| {
        if !shapes.may_be_in(bytes) {
            return None;
        }
        let text = String::from_utf8_lossy(bytes);
        shapes.secrets(&text).first().map(|secret| secret.class.to_string())
    };
    found(bytes).or_else(|| {
        let narrow: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
        if narrow.len() == bytes.len() { None } else { found(&narrow) }
    })
}
