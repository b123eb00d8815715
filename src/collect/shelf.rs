//! The files of one collection, each read once however many gates ask for it.
//!
//! In: requests for a file in a format, with the gate that asks. Out: artifacts. All requests that are known before a file is
//! read share one reading: its records pass every fold of every gate at once. Only a stream that is asked for again after it
//! was read (because a document that it helped to find names it) is read another time; the digests must then agree.

use super::budget::Budget;
use super::intake;
use super::terms::{Terms, TermsFold};
use crate::gate::{Context, EvidenceNeed, Fold, Format, Gate, Paths, Reading, StreamReader, Use};
use crate::model::{Artifact, Base, GapKind, GateId, Limits, RelPath, Where};
use crate::workspace::Workspace;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// One reading of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    base: Base,
    rel: RelPath,
    format: &'static str,
    /// 0 but for streams that have to be read again.
    turn: usize,
}

/// What checks may know: of the run, and of each of its shards.
pub(super) struct Contexts {
    pub(super) whole: Context,
    pub(super) shards: Vec<Context>,
}

impl Contexts {
    /// What those may know who read a file of this base: what lies in a shard belongs to that.
    pub(super) fn of(&self, base: Base) -> &Context {
        match base {
            Base::Shard(position) => self.shards.get(usize::from(position)).unwrap_or(&self.whole),
            Base::Repo | Base::Run | Base::Baseline | Base::History => &self.whole,
        }
    }
}

impl Key {
    /// What the path starts from.
    pub(super) fn base(&self) -> Base {
        self.base
    }

    pub(super) fn new(base: Base, rel: &RelPath, format: &Format) -> Self {
        Self { base, rel: rel.clone(), format: format.id, turn: 0 }
    }
}

/// Who asks for a file: a gate and the position of the need in it.
pub(super) type Reader<'s> = (&'s Gate, usize);

struct Wanted<'s> {
    format: &'static Format,
    readers: Vec<Reader<'s>>,
}

/// The files of one collection.
pub(super) struct Shelf<'s> {
    workspace: &'s dyn Workspace,
    budget: Budget<'s>,
    wanted: BTreeMap<Key, Wanted<'s>>,
    artifacts: BTreeMap<Key, Artifact>,
}

fn need<'s>((gate, at): Reader<'s>) -> &'s EvidenceNeed {
    &gate.evidence[at]
}

/// The positions of the checks of a gate that take the records of this need.
fn streaming(reader: Reader<'_>) -> Vec<usize> {
    let own = (need(reader).id.clone(), Use::Stream);
    let checks = reader.0.checks.iter().enumerate();
    checks.filter(|(_, defined)| defined.check.reads().contains(&own)).map(|(at, _)| at).collect()
}

/// Whether a check or another need wants all records of this need at once.
fn whole((gate, at): Reader<'_>) -> bool {
    let id = &need((gate, at)).id;
    let source =
        gate.evidence.iter().any(|other| matches!(&other.paths, Paths::Referenced { place, .. } if place.evidence == *id));
    source || gate.checks.iter().any(|defined| defined.check.reads().contains(&(id.clone(), Use::Whole)))
}

/// Where the terms of a need keep their result among those of the gate's checks: behind them.
pub(super) fn terms_position((gate, at): Reader<'_>) -> usize {
    gate.checks.len() + at
}

impl<'s> Shelf<'s> {
    pub(super) fn new(workspace: &'s dyn Workspace, limits: &'s Limits) -> Self {
        Self { workspace, budget: Budget::new(workspace, limits), wanted: BTreeMap::new(), artifacts: BTreeMap::new() }
    }

    /// Asks for a file. The key finds the artifact once [`Shelf::read`] has seen it.
    pub(super) fn request(
        &mut self,
        base: Base,
        rel: &RelPath,
        format: &'static Format,
        reader: Option<Reader<'s>>,
    ) -> Key {
        let stream = matches!(format.reading, Reading::Stream(_));
        let mut key = Key::new(base, rel, format);
        loop {
            let read = self.artifacts.contains_key(&key);
            let wanted = self.wanted.entry(key.clone()).or_insert_with(|| Wanted { format, readers: Vec::new() });
            let Some(reader) = reader else { return key };
            let same = |other: &Reader<'s>| other.0.id == reader.0.id && other.1 == reader.1;
            if wanted.readers.iter().any(same) {
                return key;
            }
            // A check has one result for each file, so two needs of one check cannot share a reading.
            let clash = |other: &Reader<'s>| {
                let own = streaming(reader);
                other.0.id == reader.0.id && streaming(*other).iter().any(|at| own.contains(at))
            };
            if stream && (read || wanted.readers.iter().any(clash)) {
                key.turn += 1;
                continue;
            }
            wanted.readers.push(reader);
            return key;
        }
    }

    /// Puts an artifact on the shelf that needs no reading: a listing.
    pub(super) fn put(&mut self, base: Base, rel: &RelPath, format: &'static Format, artifact: Artifact) -> Key {
        let key = Key::new(base, rel, format);
        self.wanted.entry(key.clone()).or_insert_with(|| Wanted { format, readers: Vec::new() });
        self.artifacts.entry(key.clone()).or_insert(artifact);
        key
    }

    /// Reads what was asked for and not yet read, in parallel. Without a context only whole documents can be read.
    pub(super) fn read(&mut self, keys: &[Key], contexts: Option<&Contexts>) {
        let mut unread: Vec<&Key> = keys.iter().filter(|key| !self.artifacts.contains_key(key)).collect();
        unread.sort();
        unread.dedup();
        let (workspace, budget, wanted) = (self.workspace, &self.budget, &self.wanted);
        let read = unread.into_par_iter().filter_map(|key| {
            let own = wanted.get(key)?;
            let path = intake::place(workspace, key.base, &key.rel);
            let stream = match contexts {
                Some(contexts) if matches!(own.format.reading, Reading::Stream(_)) => {
                    own.stream(contexts.of(key.base), &path.shown)
                }
                Some(_) | None => StreamReader::default(),
            };
            Some((key.clone(), intake::read(workspace, path, own.format, budget, stream)))
        });
        let mut read: Vec<(Key, Artifact)> = read.collect();
        if self.budget.passed().is_some() {
            let there = |artifact: &Artifact| !matches!(&artifact.content, Err(gap) if gap.kind == GapKind::Missing);
            for (_, artifact) in read.iter_mut().filter(|(_, artifact)| there(artifact)) {
                let gap = intake::spent(&self.budget, &Where::file(&artifact.path.shown));
                (artifact.size, artifact.digest, artifact.content) = (0, None, Err(gap));
            }
        }
        self.artifacts.extend(read);
    }

    /// The artifact of a request that was read.
    pub(super) fn artifact(&self, key: &Key) -> &Artifact {
        self.artifacts.get(key).expect("what is asked for is read before it is looked at")
    }

    /// The same, to add what git knows of it, with its format.
    pub(super) fn artifact_mut(&mut self, key: &Key) -> (&mut Artifact, &'static Format) {
        let format = self.wanted.get(key).expect("every artifact was asked for").format;
        (self.artifacts.get_mut(key).expect("what is asked for is read before it is looked at"), format)
    }

    /// Hands over every artifact.
    pub(super) fn into_artifacts(self) -> BTreeMap<Key, Artifact> {
        self.artifacts
    }
}

impl Wanted<'_> {
    fn stream(&self, context: &Context, shown: &str) -> StreamReader {
        let mut folds: Vec<((GateId, usize), Box<dyn Fold>)> = Vec::new();
        for reader in &self.readers {
            let (gate, own) = (reader.0, need(*reader));
            for at in streaming(*reader) {
                if let Some(fold) = gate.checks[at].check.fold(&own.id, context) {
                    folds.push(((gate.id.clone(), at), fold));
                }
            }
            if let Some(terms) = Terms::of(own, context, shown) {
                folds.push(((gate.id.clone(), terms_position(*reader)), Box::new(TermsFold::new(terms))));
            }
        }
        StreamReader { folds, keep: self.readers.iter().any(|reader| whole(*reader)) }
    }
}
