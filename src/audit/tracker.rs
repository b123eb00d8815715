//! The tracker's items, where the repository carries them as a file.
//!
//! In: the repository. Out: how an item stands. A file that is damaged, or that tells of one item twice and differently, tells nothing.

use crate::collect;
use crate::model::{Base, Content, GapKind, Limits, Node, RelPath};
use crate::workspace::Workspace;
use std::collections::BTreeMap;

/// Where the tracker keeps its items; the first that is there counts.
const FILES: [&str; 2] = [".beads/issues.jsonl", ".beads/beads.base.jsonl"];

/// Statuses of an item that somebody still has to do.
const ACTIVE: [&str; 3] = ["open", "in_progress", "blocked"];

/// How an item stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Bead {
    Active,
    Closed,
    /// The tracker does not know it.
    Unknown,
    /// The tracker does not say; the phrase is ours.
    Unclear(String),
    /// No tracker's file is there.
    NoTracker,
}

/// The tracker.
pub(super) enum Tracker {
    Absent,
    /// It is there and cannot be read: where, and why.
    Damaged(String),
    Items(BTreeMap<String, Bead>),
}

impl Tracker {
    /// Reads the tracker's file.
    pub(super) fn read(around: &dyn Workspace, limits: &Limits) -> Self {
        for file in FILES {
            let path = RelPath::parse(file).expect("a sound path");
            let artifact = collect::look(around, Base::Repo, &path, limits);
            match &artifact.content {
                Err(gap) if gap.kind == GapKind::Missing => {}
                Err(gap) => return Tracker::Damaged(format!("{file} is {}", gap.kind.word())),
                Ok(Content::Records(records)) => {
                    return records.kept.as_ref().map_or(Tracker::Items(BTreeMap::new()), |kept| items(kept.root()));
                }
                Ok(other) => return Tracker::Damaged(format!("{file} holds {}", other.what())),
            }
        }
        Tracker::Absent
    }

    /// Whether there is an item of this id.
    pub(super) fn knows(&self, id: &str) -> bool {
        matches!(self, Tracker::Items(items) if items.contains_key(id))
    }

    /// How an item stands.
    pub(super) fn bead(&self, id: &str) -> Bead {
        match self {
            Tracker::Absent => Bead::NoTracker,
            Tracker::Damaged(phrase) => Bead::Unclear(phrase.clone()),
            Tracker::Items(items) => items.get(id).cloned().unwrap_or(Bead::Unknown),
        }
    }
}

fn items(list: Node<'_>) -> Tracker {
    let mut items: BTreeMap<String, Bead> = BTreeMap::new();
    for record in list.items() {
        let Some(id) = record.get("id").and_then(Node::text) else { continue };
        let own = match record.get("status").and_then(Node::text) {
            Some("closed") => Bead::Closed,
            Some(status) if ACTIVE.contains(&status) => Bead::Active,
            Some(_) => Bead::Unclear("its status is not known".to_owned()),
            None => Bead::Unclear("it has no status".to_owned()),
        };
        let merged = match items.get(id) {
            Some(other) if *other != own => Bead::Unclear("the tracker tells of it twice, and differently".to_owned()),
            Some(_) | None => own,
        };
        items.insert(id.to_owned(), merged);
    }
    Tracker::Items(items)
}
