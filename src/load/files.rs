//! Definition files: read once, bounded, named for people, digested for the verdict.
//!
//! In: paths below the repository or inside the binary. Out: text in a [`SourceMap`], and the digest of every byte that took
//! part. Never reads a definition past its size limit, and never takes an unreadable file for an absent one.

use super::builtin::Packs;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Base, Digest, Hasher, RelPath};
use crate::source::{SourceId, SourceMap, Span};
use crate::workspace::{Denied, EntryKind, Workspace};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// The largest definition file, in bytes. The largest one known is a hundredth of it.
const FILE_MAX: u64 = crate::model::DEFINITION_MAX;
/// Most directory entries that one glob of gate files looks at.
const ENTRIES_MAX: usize = 50_000;

/// Where a definition file lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// In the binary.
    Builtin,
    /// In the repository under judgement.
    Repository,
}

/// One definition file.
#[derive(Debug, Clone)]
pub(super) struct Definition {
    /// Where it lies.
    pub origin: Origin,
    /// Its path there; `None` for a file outside the repository that the operator named.
    pub path: Option<RelPath>,
    /// Its place in the source map.
    pub source: SourceId,
    /// Its text.
    pub text: Arc<str>,
}

impl Definition {
    /// No file: what stands for one where keys are only described.
    pub fn nowhere(source: SourceId) -> Self {
        Self { origin: Origin::Repository, path: None, source, text: Arc::from("") }
    }
}

/// Why a file could not be had.
pub(super) enum Unread {
    /// There is none.
    Missing,
    /// There is one; the phrase says why it is not read.
    Refused(String),
}

/// The reader of definition files, with all that reading brings up.
pub(super) struct Files<'w> {
    workspace: &'w dyn Workspace,
    packs: &'w Packs,
    /// Every file read.
    pub sources: SourceMap,
    digests: BTreeMap<String, Digest>,
    /// Everything wrong with them.
    pub problems: Vec<Diagnostic>,
    /// Where the policy puts verdicts, as soon as that is known.
    pub output: Option<(Base, RelPath)>,
    /// The policy was chosen because nothing speaks for another one.
    pub last_resort: bool,
}

impl<'w> Files<'w> {
    pub fn new(workspace: &'w dyn Workspace, packs: &'w Packs) -> Self {
        Self {
            workspace,
            packs,
            sources: SourceMap::default(),
            digests: BTreeMap::new(),
            problems: Vec::new(),
            output: None,
            last_resort: false,
        }
    }

    /// The same world, with nothing read.
    pub fn afresh(&self) -> Self {
        Self::new(self.workspace, self.packs)
    }

    /// The builtin packs.
    pub fn packs(&self) -> &'w Packs {
        self.packs
    }

    /// The outside world.
    pub fn workspace(&self) -> &'w dyn Workspace {
        self.workspace
    }

    /// Reads bytes and digests them under their name.
    pub fn bytes(&mut self, origin: Origin, path: &RelPath) -> Result<Vec<u8>, Unread> {
        let bytes = match origin {
            Origin::Builtin => self.packs.file(path).ok_or(Unread::Missing)?.to_vec(),
            Origin::Repository => read_bounded(self.workspace, path)?,
        };
        self.digests.insert(name(origin, path), Digest::of(&bytes));
        Ok(bytes)
    }

    /// Reads a definition file.
    pub fn open(&mut self, origin: Origin, path: &RelPath) -> Result<Definition, Unread> {
        let bytes = self.bytes(origin, path)?;
        self.define(origin, Some(path.clone()), name(origin, path), bytes)
    }

    /// Reads a definition file that the operator named and that lies outside the repository.
    pub fn open_named(&mut self, given: &str) -> Result<Definition, Unread> {
        let bytes = self.workspace.read_named(Path::new(given)).map_err(Unread::from)?;
        // Only the last component goes into the digest: the same file elsewhere is the same definition.
        let short = given.rsplit(['/', '\\']).next().unwrap_or(given);
        self.digests.insert(format!("named:{short}"), Digest::of(&bytes));
        self.define(Origin::Repository, None, given.to_owned(), bytes)
    }

    fn define(
        &mut self,
        origin: Origin,
        path: Option<RelPath>,
        name: String,
        bytes: Vec<u8>,
    ) -> Result<Definition, Unread> {
        refuse_large(&bytes)?;
        let text: Arc<str> = match String::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                return Err(Unread::Refused(format!("is not UTF-8 text (at byte {at})")));
            }
        };
        let source = self.sources.add(name, Arc::clone(&text));
        Ok(Definition { origin, path, source, text })
    }

    /// Reads a definition file that something needs; its absence is a problem too, shown at `asked`.
    pub fn demand(&mut self, origin: Origin, path: &RelPath, asked: Option<Span>) -> Option<Definition> {
        let phrase = match self.open(origin, path) {
            Ok(definition) => return Some(definition),
            Err(Unread::Missing) => "does not exist".to_owned(),
            Err(Unread::Refused(phrase)) => phrase,
        };
        let problem = Diagnostic::error(Code::UNREADABLE, format!("`{}` {phrase}", name(origin, path)));
        self.problems.push(match asked {
            Some(span) => problem.label(span, "named here"),
            None => problem,
        });
        None
    }

    /// Whether a path of the repository exists, as file or directory.
    pub fn exists(&self, path: &RelPath) -> bool {
        self.workspace.open(Base::Repo, path).is_ok() || self.workspace.list(Base::Repo, Some(path)).is_ok()
    }

    /// Whether there is such a file or directory in the run. The first component may be a pattern for directories of it.
    pub fn exists_in_run(&self, path: &RelPath) -> bool {
        let there = |path: &RelPath| {
            self.workspace.open(Base::Run, path).is_ok() || self.workspace.list(Base::Run, Some(path)).is_ok()
        };
        let Some((first, rest)) = path.as_str().split_once('/').filter(|(first, _)| first.contains('*')) else {
            return there(path);
        };
        let Ok(pattern) = globset::Glob::new(first) else { return false };
        let (pattern, listed) = (pattern.compile_matcher(), self.workspace.list(Base::Run, None).unwrap_or_default());
        let fitting = listed.iter().filter(|entry| pattern.is_match(entry.name.as_str()));
        fitting.filter_map(|entry| RelPath::parse(&format!("{}/{rest}", entry.name)).ok()).any(|path| there(&path))
    }

    /// The `.toml` files directly in a directory, by name; `None` if there is no such directory.
    pub fn tables_in(&mut self, origin: Origin, directory: &RelPath) -> Option<Vec<RelPath>> {
        let names: Vec<String> = match origin {
            Origin::Builtin => self.packs.names(directory)?,
            Origin::Repository => match self.workspace.list(Base::Repo, Some(directory)) {
                // Whatever is named like a definition is one: what cannot be opened is reported when it is.
                Ok(entries) => {
                    entries.into_iter().filter(|entry| entry.kind != EntryKind::Directory).map(|entry| entry.name).collect()
                }
                Err(Denied::Missing) => return None,
                Err(Denied::Irregular(phrase) | Denied::Refused(phrase)) => {
                    self.problems
                        .push(Diagnostic::error(Code::UNREADABLE, format!("`{directory}` cannot be listed: {phrase}")));
                    return None;
                }
            },
        };
        let toml = names.iter().filter(|name| name.ends_with(".toml"));
        Some(toml.filter_map(|name| RelPath::parse(name).ok()).map(|name| directory.join(&name)).collect())
    }

    /// The files of the repository that a pattern matches, in path order.
    ///
    /// # Errors
    /// A phrase: the pattern is not sound, or the tree below it is too large or cannot be listed.
    pub fn matching(&self, pattern: &str) -> Result<Vec<RelPath>, String> {
        let sound = RelPath::parse(pattern).map_err(|error| error.to_string())?;
        let glob = globset::GlobBuilder::new(sound.as_str())
            .literal_separator(true)
            .build()
            .map_err(|error| error.kind().to_string())?
            .compile_matcher();
        let fixed: Vec<&str> = sound.as_str().split('/').take_while(|part| !part.contains(['*', '?', '[', '{'])).collect();
        if fixed.len() == sound.as_str().split('/').count() {
            return Ok(vec![sound]);
        }
        let mut left = vec![RelPath::parse(&fixed.join("/")).ok()];
        let (mut found, mut seen) = (Vec::new(), 0_usize);
        while let Some(directory) = left.pop() {
            let entries = match self.workspace.list(Base::Repo, directory.as_ref()) {
                Ok(entries) => entries,
                Err(Denied::Missing) => continue,
                Err(Denied::Irregular(phrase) | Denied::Refused(phrase)) => {
                    return Err(format!("leads to a directory that cannot be listed: {phrase}"));
                }
            };
            for entry in entries {
                seen += 1;
                if seen > ENTRIES_MAX {
                    return Err(format!("leads through more than {ENTRIES_MAX} directory entries"));
                }
                let Ok(name) = RelPath::parse(&entry.name) else { continue };
                let path = directory.as_ref().map_or(name.clone(), |directory| directory.join(&name));
                match entry.kind {
                    EntryKind::Directory if name.as_str() != ".git" => left.push(Some(path)),
                    EntryKind::Directory => {}
                    EntryKind::File | EntryKind::Other => {
                        if glob.is_match(path.as_str()) {
                            found.push(path);
                        }
                    }
                }
            }
        }
        found.sort();
        Ok(found)
    }

    /// The digest of every definition file: of their names and digests, in name order.
    pub fn digest(&self) -> Digest {
        let mut hasher = Hasher::default();
        for (name, digest) in &self.digests {
            hasher.update(format!("{digest}  {name}\n").as_bytes());
        }
        hasher.finish()
    }
}

impl From<Denied> for Unread {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Missing => Unread::Missing,
            Denied::Irregular(phrase) => Unread::Refused(phrase),
            Denied::Refused(phrase) => Unread::Refused(format!("cannot be read: {phrase}")),
        }
    }
}

/// The name of a file as people know it.
pub(super) fn name(origin: Origin, path: &RelPath) -> String {
    match origin {
        Origin::Builtin => format!("builtin:{path}"),
        Origin::Repository => path.to_string(),
    }
}

/// Reads a file of the repository whole, or not at all: what lies behind a limit must not look as if it had never been written.
pub(super) fn read_bounded(workspace: &dyn Workspace, path: &RelPath) -> Result<Vec<u8>, Unread> {
    let opened = workspace.open(Base::Repo, path)?;
    let mut bytes = Vec::new();
    opened
        .reader
        .take(FILE_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Unread::Refused(format!("cannot be read: {error}")))?;
    refuse_large(&bytes)?;
    Ok(bytes)
}

fn refuse_large(bytes: &[u8]) -> Result<(), Unread> {
    match bytes.len() as u64 > FILE_MAX {
        true => Err(Unread::Refused(format!("is larger than {FILE_MAX} bytes"))),
        false => Ok(()),
    }
}
