//! The versions of some files over the whole history of a commit: every parent of every merge, each with the time from which it stood.
//!
//! In: a repository, a commit, paths below its top. Out: [`Revision`]s, parents before children, the commit's own last. Parents are
//! read from the commits' own bytes, so that neither grafts nor replacements hide one. Consecutive commits with the same files are one
//! revision.

use super::Revision;
use super::git::{phrase, short};
use super::since::{Seen, read};
use crate::model::Instant;
use git2::{Oid, Repository};
use std::collections::HashMap;
use std::sync::Arc;

/// Most commits that are looked at.
const COMMITS_MOST: usize = 2_000_000;

/// A revision while it is made: blobs in place of bytes.
struct Draft {
    parents: Vec<usize>,
    since: i64,
    latest: i64,
    blobs: Vec<Option<Oid>>,
}

/// The revisions of the files that `blobs` finds in a commit's tree, at most `max`.
pub(super) fn ancestry(
    repository: &Repository,
    head: Oid,
    blobs: &dyn Fn(Oid) -> Result<Vec<Option<Oid>>, String>,
    max: usize,
) -> Result<Vec<Revision>, String> {
    let Commits { order, of: commits } = parents_first(repository, head)?;
    let mut drafts: Vec<Draft> = Vec::new();
    let mut draft_of: HashMap<Oid, usize> = HashMap::new();
    let mut trees: HashMap<Oid, Vec<Option<Oid>>> = HashMap::new();
    for id in order {
        let commit = &commits[&id];
        let found = match trees.get(&commit.tree) {
            Some(found) => found.clone(),
            None => {
                let found = blobs(commit.tree).map_err(|phrase| format!("{phrase} in commit {}", short(id)))?;
                trees.insert(commit.tree, found.clone());
                found
            }
        };
        let mut parents: Vec<usize> = commit.parents.iter().map(|parent| draft_of[parent]).collect();
        parents.sort_unstable();
        parents.dedup();
        let above = parents.iter().map(|at| drafts[*at].latest).max().unwrap_or(i64::MIN);
        // A clock that was set back does not make anything older than what it came from.
        let time = commit.time.max(above);
        let at = match parents.as_slice() {
            [only] if drafts[*only].blobs == found => {
                drafts[*only].latest = time;
                *only
            }
            _ => {
                drafts.push(Draft { parents, since: time, latest: time, blobs: found });
                drafts.len() - 1
            }
        };
        if drafts.len() > max {
            return Err(format!("the history holds more than {max} versions of the files"));
        }
        draft_of.insert(id, at);
    }
    let last = draft_of[&head];
    with_bytes(repository, drafts, last)
}

/// Puts the bytes in, and the revision of the commit itself to the end.
fn with_bytes(repository: &Repository, mut drafts: Vec<Draft>, last: usize) -> Result<Vec<Revision>, String> {
    if last + 1 != drafts.len() {
        let Draft { since, latest, blobs, .. } = &drafts[last];
        drafts.push(Draft { parents: vec![last], since: *since, latest: *latest, blobs: blobs.clone() });
    }
    let mut contents: HashMap<Oid, Arc<[u8]>> = HashMap::new();
    let mut revisions = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let mut files = Vec::with_capacity(draft.blobs.len());
        for blob in draft.blobs {
            let bytes = match blob {
                None => None,
                Some(id) => Some(match contents.get(&id) {
                    Some(known) => Arc::clone(known),
                    None => {
                        let bytes: Arc<[u8]> = repository.find_blob(id).map_err(phrase)?.content().into();
                        contents.insert(id, Arc::clone(&bytes));
                        bytes
                    }
                }),
            };
            files.push(bytes);
        }
        let since = Instant::from_timestamp(draft.since, 0).ok_or("a commit has no time that a calendar knows")?;
        revisions.push(Revision { parents: draft.parents, since, files });
    }
    Ok(revisions)
}

/// Commits, parents before children.
pub(super) struct Commits {
    pub(super) order: Vec<Oid>,
    pub(super) of: HashMap<Oid, Seen>,
}

/// Every commit that leads to this one, parents before children.
pub(super) fn parents_first(repository: &Repository, head: Oid) -> Result<Commits, String> {
    let mut commits: HashMap<Oid, Seen> = HashMap::new();
    let mut order = Vec::new();
    let mut stack = vec![(head, false)];
    while let Some((id, done)) = stack.pop() {
        if done {
            order.push(id);
            continue;
        }
        if commits.contains_key(&id) {
            continue;
        }
        let commit =
            read(repository, id, false)?.ok_or_else(|| format!("the history is cut off at commit {}", short(id)))?;
        stack.push((id, true));
        stack.extend(
            commit.parents.iter().rev().filter(|parent| !commits.contains_key(*parent)).map(|parent| (*parent, false)),
        );
        commits.insert(id, commit);
        if commits.len() > COMMITS_MOST {
            return Err(format!("the history holds more than {COMMITS_MOST} commits"));
        }
    }
    Ok(Commits { order, of: commits })
}
