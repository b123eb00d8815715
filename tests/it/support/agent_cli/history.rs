//! `history.git`: a bare repository with three commits, written object by object.
//!
//! Objects are loose and stored without compression, so that their bytes depend on no library's compressor. Only the index is
//! written by libgit2, with all times zero.

use super::ledger::{self, Version};
use super::sources::TestFile;
use super::{Tree, text, tracker};
use git2::{Index, IndexEntry, IndexTime, ObjectType, Oid};
use std::collections::BTreeMap;

/// The commits that evidence names.
pub struct Commits {
    /// The one under judgement.
    pub head: String,
    /// The one before it.
    pub parent: String,
}

/// Seconds since 1970 of the three commits: 12 and 27 February and 2 March 2026.
const TIMES: [i64; 3] = [1_770_887_700, 1_772_184_600, 1_772_438_400];
const MESSAGES: [&str; 3] = [
    "Classify tests, waive the order of old entries\n",
    "Renew the waiver once, set a flaky test apart\n",
    "Close the defaults for phase 5\n",
];

fn committed(path: &str) -> bool {
    !path.starts_with("tests/") || path.ends_with(".rs") || path == ledger::PATH
}

/// Writes the history of what is in the tree so far.
pub fn write(tree: &mut Tree, tests: &[TestFile]) -> Commits {
    let current: Tree = tree.iter().filter(|(path, _)| committed(path)).map(|(p, b)| (p.clone(), b.clone())).collect();
    let mut second = current.clone();
    second.insert(".beads/issues.jsonl".to_owned(), tracker::earlier(tree));
    let mut first = second.clone();
    first.insert(ledger::PATH.to_owned(), ledger::version(tests, Version::First).into_bytes());
    let mut objects = Objects(Tree::new());
    let mut commits: Vec<Oid> = Vec::new();
    for ((state, seconds), message) in [&first, &second, &current].into_iter().zip(TIMES).zip(MESSAGES) {
        let root = objects.tree(state);
        let parent = commits.last().map(|parent| format!("parent {parent}\n")).unwrap_or_default();
        let who = format!("Ada Fenn <ada@agent-cli.example> {seconds} +0000");
        let commit = format!("tree {root}\n{parent}author {who}\ncommitter {who}\n\n{message}");
        commits.push(objects.add(ObjectType::Commit, commit.as_bytes()));
    }
    let head = commits[2].to_string();
    for (path, bytes) in objects.0 {
        assert!(tree.insert(format!("history.git/{path}"), bytes).is_none(), "{path} is written twice");
    }
    text(tree, "history.git/HEAD", "ref: refs/heads/main\n");
    text(tree, "history.git/config", "[core]\n    repositoryformatversion = 0\n    filemode = true\n    bare = true\n");
    text(tree, "history.git/refs/heads/main", &format!("{head}\n"));
    tree.insert("history.git/index".to_owned(), index(&current));
    Commits { head, parent: commits[1].to_string() }
}

/// Loose objects by their path below the repository's directory.
struct Objects(Tree);

impl Objects {
    fn add(&mut self, kind: ObjectType, content: &[u8]) -> Oid {
        let id = Oid::hash_object(kind, content).expect("git hashes any bytes");
        let word = kind.str();
        let whole = [format!("{word} {}\0", content.len()).as_bytes(), content].concat();
        let hex = id.to_string();
        self.0.insert(format!("objects/{}/{}", &hex[..2], &hex[2..]), stored(&whole));
        id
    }

    /// Adds a directory with everything below it.
    fn tree(&mut self, files: &Tree) -> Oid {
        // Directories sort as if a slash stood behind their name.
        let mut entries: BTreeMap<String, (&str, Oid)> = BTreeMap::new();
        let mut below: BTreeMap<String, Tree> = BTreeMap::new();
        for (path, bytes) in files {
            match path.split_once('/') {
                Some((directory, rest)) => {
                    below.entry(directory.to_owned()).or_default().insert(rest.to_owned(), bytes.clone());
                }
                None => {
                    let blob = self.add(ObjectType::Blob, bytes);
                    entries.insert(path.clone(), ("100644", blob));
                }
            }
        }
        for (name, files) in &below {
            let id = self.tree(files);
            entries.insert(format!("{name}/"), ("40000", id));
        }
        let mut content = Vec::new();
        for (name, (mode, id)) in &entries {
            content.extend_from_slice(format!("{mode} {}\0", name.trim_end_matches('/')).as_bytes());
            content.extend_from_slice(id.as_bytes());
        }
        self.add(ObjectType::Tree, &content)
    }
}

/// A zlib stream of stored blocks (RFC 1950, RFC 1951 section 3.2.4).
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let mut blocks = bytes.chunks(0xffff).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).expect("a block is at most 65535 bytes");
        out.push(u8::from(blocks.peek().is_none()));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
    }
    let (mut low, mut high) = (1_u32, 0_u32);
    for byte in bytes {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    out.extend_from_slice(&(high << 16 | low).to_be_bytes());
    out
}

fn index(files: &Tree) -> Vec<u8> {
    let scratch = tempfile::tempdir().expect("a scratch directory");
    let path = scratch.path().join("index");
    let mut index = Index::open(&path).expect("a new index");
    for (name, bytes) in files {
        let zero = IndexTime::new(0, 0);
        let entry = IndexEntry {
            ctime: zero,
            mtime: zero,
            dev: 0,
            ino: 0,
            mode: 0o100_644,
            uid: 0,
            gid: 0,
            file_size: u32::try_from(bytes.len()).expect("fixtures are small"),
            id: Oid::hash_object(ObjectType::Blob, bytes).expect("git hashes any bytes"),
            flags: 0,
            flags_extended: 0,
            path: name.clone().into_bytes(),
        };
        index.add(&entry).expect("an entry can be added");
    }
    index.write().expect("an index can be written");
    std::fs::read(&path).expect("the index was written")
}
