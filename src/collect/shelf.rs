//! The files of one collection, each read once however many gates ask for it.
//!
//! In: requests for a file in a format, with the gate that asks. Out: artifacts. All requests that are known before a file is
//! read share one reading: its records pass every fold of every gate at once. Only a stream that is asked for again after it
//! was read (because a document that it helped to find names it) is read another time; the digests must then agree.

use super::budget::Budget;
use super::intake::{self, Wanted};
use super::terms::{Terms, TermsFold};
use crate::gate::{Context, EvidenceNeed, Fold, Format, Gate, Paths, Reading, StreamReader, Use};
use crate::model::{Artifact, Base, GapKind, GateId, Limits, RelPath, Where};
use crate::workspace::Workspace;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

/// One reading of a file: its place on the shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    at: usize,
    base: Base,
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
    pub(super) fn base(self) -> Base {
        self.base
    }
}

/// Who asks for a file: a gate and the position of the need in it.
pub(super) type Reader<'s> = (&'s Gate, usize);

/// What was asked for, and the artifact once it was read.
struct Slot<'s> {
    base: Base,
    rel: RelPath,
    format: &'static Format,
    readers: Vec<Reader<'s>>,
    artifact: Option<Arc<Artifact>>,
}

/// A file, and the format that it was read in.
type AsRead = (Base, RelPath, &'static str);

/// Files that were read before, for collections over workspaces that differ in a few files only. Streams are not kept: what is made of
/// their records depends on who asks.
#[derive(Default)]
pub struct Kept(RwLock<BTreeMap<AsRead, Arc<Artifact>>>);

/// What may be taken from an earlier collection: everything but these files, by their paths as shown.
#[derive(Clone, Copy)]
pub struct Reuse<'k> {
    /// Files that were read before, and will be.
    pub kept: &'k Kept,
    /// Those that differ.
    pub but: &'k BTreeSet<String>,
}

impl Reuse<'_> {
    /// Whether the artifact of a slot may be one of these.
    fn takes(&self, slot: &Slot<'_>, shown: &str) -> bool {
        !matches!(slot.format.reading, Reading::Stream(_)) && !self.but.contains(shown)
    }

    fn get(&self, slot: &Slot<'_>) -> Option<Arc<Artifact>> {
        self.kept.0.read().unwrap_or_else(PoisonError::into_inner).get(&slot.as_read()).cloned()
    }

    fn keep(&self, slot: &Slot<'_>, artifact: &Arc<Artifact>) {
        let mut kept = self.kept.0.write().unwrap_or_else(PoisonError::into_inner);
        kept.insert(slot.as_read(), Arc::clone(artifact));
    }
}

/// The files of one collection.
pub(super) struct Shelf<'s> {
    workspace: &'s dyn Workspace,
    budget: Budget<'s>,
    reuse: Option<Reuse<'s>>,
    slots: Vec<Slot<'s>>,
    /// The readings of each file: one, but for streams that have to be read again.
    known: HashMap<AsRead, Vec<usize>>,
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
    pub(super) fn new(workspace: &'s dyn Workspace, limits: &'s Limits, reuse: Option<Reuse<'s>>) -> Self {
        Self { workspace, budget: Budget::new(workspace, limits), reuse, slots: Vec::new(), known: HashMap::new() }
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
        let readings = self.known.entry((base, rel.clone(), format.id)).or_default();
        for at in readings.iter().copied() {
            let slot = &mut self.slots[at];
            let Some(reader) = reader else { return Key { at, base } };
            let same = |other: &Reader<'s>| other.0.id == reader.0.id && other.1 == reader.1;
            if slot.readers.iter().any(same) {
                return Key { at, base };
            }
            // A check has one result for each file, so two needs of one check cannot share a reading.
            let clash = |other: &Reader<'s>| {
                let own = streaming(reader);
                other.0.id == reader.0.id && streaming(*other).iter().any(|at| own.contains(at))
            };
            if !stream || (slot.artifact.is_none() && !slot.readers.iter().any(clash)) {
                slot.readers.push(reader);
                return Key { at, base };
            }
        }
        let at = self.slots.len();
        readings.push(at);
        self.slots.push(Slot { base, rel: rel.clone(), format, readers: reader.into_iter().collect(), artifact: None });
        Key { at, base }
    }

    /// Puts an artifact on the shelf that needs no reading: a listing.
    pub(super) fn put(&mut self, base: Base, rel: &RelPath, format: &'static Format, artifact: Artifact) -> Key {
        let key = self.request(base, rel, format, None);
        self.slots[key.at].artifact.get_or_insert_with(|| Arc::new(artifact));
        key
    }

    /// The first reading of a file that was asked for.
    pub(super) fn find(&self, base: Base, rel: &RelPath, format: &'static Format) -> Option<Key> {
        let at = *self.known.get(&(base, rel.clone(), format.id))?.first()?;
        Some(Key { at, base })
    }

    /// Reads what was asked for and not yet read, in parallel. Without a context only whole documents can be read.
    pub(super) fn read(&mut self, keys: &[Key], contexts: Option<&Contexts>) {
        let mut unread: Vec<usize> = keys.iter().map(|key| key.at).collect();
        unread.retain(|at| self.slots[*at].artifact.is_none());
        unread.sort_unstable();
        unread.dedup();
        // What lies in one file is read at once.
        let mut files: BTreeMap<(Base, &RelPath), Vec<usize>> = BTreeMap::new();
        for at in unread {
            let slot = &self.slots[at];
            files.entry((slot.base, &slot.rel)).or_default().push(at);
        }
        let files: Vec<Vec<usize>> = files.into_values().collect();
        let read = files.par_iter().flat_map_iter(|file| file.iter().copied().zip(self.read_file(file, contexts)));
        let (unread, mut read): (Vec<usize>, Vec<Arc<Artifact>>) = read.collect::<Vec<_>>().into_iter().unzip();
        if self.budget.passed().is_some() {
            let there = |artifact: &Artifact| !matches!(&artifact.content, Err(gap) if gap.kind == GapKind::Missing);
            for artifact in read.iter_mut().filter(|artifact| there(artifact)) {
                let gap = intake::spent(&self.budget, &Where::file(&artifact.path.shown));
                let Artifact { path, .. } = &**artifact;
                let (path, content) = (path.clone(), Err(gap));
                *artifact = Arc::new(Artifact { path, size: 0, digest: None, content, committed: None });
            }
        }
        for (at, artifact) in unread.into_iter().zip(read) {
            self.slots[at].artifact = Some(artifact);
        }
    }

    /// Reads one file in the formats of these slots.
    fn read_file(&self, file: &[usize], contexts: Option<&Contexts>) -> Vec<Arc<Artifact>> {
        let slots = || file.iter().map(|at| &self.slots[*at]);
        let Some(first) = slots().next() else { return Vec::new() };
        let path = intake::place(self.workspace, first.base, &first.rel);
        let reuse = |slot: &Slot<'s>| self.reuse.filter(|reuse| reuse.takes(slot, &path.shown));
        let known: Vec<Option<Arc<Artifact>>> = slots().map(|slot| reuse(slot)?.get(slot)).collect();
        let unknown = slots().zip(&known).filter(|(_, known)| known.is_none()).map(|(slot, _)| slot);
        let wanted = |slot: &Slot<'s>| {
            let streams = contexts.filter(|_| matches!(slot.format.reading, Reading::Stream(_)));
            let stream = streams.map(|contexts| slot.stream(contexts.of(slot.base), &path.shown));
            Wanted { format: slot.format, stream: stream.unwrap_or_default() }
        };
        let wanted = unknown.map(wanted).collect();
        let mut read = intake::read(self.workspace, &path, wanted, &self.budget).into_iter().map(Arc::new);
        let artifact = |(slot, known): (&Slot<'s>, Option<Arc<Artifact>>)| {
            known.unwrap_or_else(|| {
                let artifact = read.next().expect("an artifact for each format");
                if let Some(reuse) = reuse(slot) {
                    reuse.keep(slot, &artifact);
                }
                artifact
            })
        };
        slots().zip(known).map(artifact).collect()
    }

    /// The artifact of a request that was read.
    pub(super) fn artifact(&self, key: Key) -> &Arc<Artifact> {
        self.slots[key.at].artifact.as_ref().expect(LOOKED_AT)
    }

    /// The same, to add what git knows of it, with its format.
    pub(super) fn artifact_mut(&mut self, key: Key) -> &mut Artifact {
        let Slot { format, artifact, .. } = &mut self.slots[key.at];
        let artifact = artifact.as_mut().expect(LOOKED_AT);
        if Arc::get_mut(artifact).is_none() {
            // Others hold it, and what git knows is not theirs.
            let wanted = Wanted { format, stream: StreamReader::default() };
            *artifact = Arc::new(intake::read_one(self.workspace, &artifact.path, wanted, &self.budget));
        }
        Arc::get_mut(artifact).expect("it was made just now")
    }
}

const LOOKED_AT: &str = "what is asked for is read before it is looked at";

impl Slot<'_> {
    fn as_read(&self) -> AsRead {
        (self.base, self.rel.clone(), self.format.id)
    }

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
