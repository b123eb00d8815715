//! The exceptions files of the policy and their history, read once: what the exceptions state of a judgement is made of.
//!
//! In: the policy's exceptions files, through the shelf, and git. Out: each file as it was read, whole or not at all, and the versions of
//! all of them together, or why they cannot be told.

use super::format::TOML;
use super::lineage::{MaybeGit, VERSIONS_MOST, in_repository, version};
use super::shelf::{Key, Shelf};
use crate::gate::Suite;
use crate::model::{
    Content, DEFINITION_MAX, Exceptions, ExceptionsFile, ExceptionsPast, FieldNames, Gap, GapKind, Ledger, Limits, Policy,
    RelPath, Version, Where,
};
use crate::workspace::{Git, Workspace};
use chrono::NaiveDate;
use std::collections::HashMap;
use std::sync::Arc;

/// What the exceptions state is made of.
pub struct ExceptionsRead {
    /// The files, in the policy's order.
    pub files: Vec<ExceptionsFile>,
    /// Their versions in git.
    pub past: ExceptionsPast,
}

impl ExceptionsRead {
    /// The state on this day.
    pub fn state(&self, today: NaiveDate, policy: &Policy) -> Exceptions {
        Exceptions::new(self.files.clone(), &self.past, today, policy)
    }
}

/// Reads the exceptions files of a suite by themselves, for commands that judge nothing.
pub fn exceptions(workspace: &dyn Workspace, suite: &Suite) -> ExceptionsRead {
    let mut shelf = Shelf::new(workspace, &suite.policy.limits, None);
    let git = workspace.git();
    read(&suite.policy, &suite.fields, &mut shelf, &git, workspace.now().date_naive()).0
}

/// The versions in git of these files together, whatever is in them now.
///
/// # Errors
/// A phrase: why git cannot tell.
pub fn exceptions_past(workspace: &dyn Workspace, suite: &Suite, files: &[ExceptionsFile]) -> ExceptionsPast {
    past(files, &workspace.git(), &suite.fields, &suite.policy.limits, workspace.now().date_naive())
}

/// Reads the exceptions files of a policy; beside them what was read, for the manifest.
pub(super) fn read(
    policy: &Policy,
    fields: &FieldNames,
    shelf: &mut Shelf<'_>,
    git: &MaybeGit<'_>,
    today: NaiveDate,
) -> (ExceptionsRead, Vec<Key>) {
    let keys: Vec<Key> = policy.ledger.iter().map(|(base, file)| shelf.request(*base, file, &TOML, None)).collect();
    shelf.read(&keys, None);
    let files: Vec<ExceptionsFile> = keys
        .iter()
        .map(|key| {
            let artifact = shelf.artifact(*key);
            let read = match &artifact.content {
                Ok(_) if artifact.size > DEFINITION_MAX => Err(too_large(&artifact.path.shown, artifact.size)),
                Ok(Content::Document(document)) => Ok(Ledger::read(document.root(), fields)),
                Ok(_) => Err(super::intake::not_a_document(&artifact.path.shown)),
                Err(gap) => Err(gap.clone()),
            };
            ExceptionsFile { path: artifact.path.clone(), read }
        })
        .collect();
    let none = || {
        files
            .iter()
            .all(|file| matches!(&file.read, Ok(ledger) if ledger.waivers.is_empty() && ledger.quarantine.is_empty()))
    };
    // Where there is no exception there is nothing to count.
    let past = if none() { Ok(Vec::new()) } else { past(&files, git, fields, &policy.limits, today) };
    (ExceptionsRead { files, past }, keys)
}

fn too_large(shown: &str, size: u64) -> Gap {
    let expected = format!("at most {DEFINITION_MAX} bytes");
    Gap::new(GapKind::OverLimit, Where::file(shown), expected, format!("{size} bytes"))
}

/// The versions of all files together. What git cannot tell of one of them it cannot tell of any.
fn past(
    files: &[ExceptionsFile],
    git: &MaybeGit<'_>,
    fields: &FieldNames,
    limits: &Limits,
    today: NaiveDate,
) -> ExceptionsPast {
    let git: &dyn Git = &**git.as_ref().map_err(Clone::clone)?;
    let paths: Vec<RelPath> = files.iter().map(|file| in_repository(&file.path)).collect::<Result<_, _>>()?;
    let mut read: HashMap<Arc<[u8]>, Option<Ledger>> = HashMap::new();
    let revisions = git.revisions(&paths, VERSIONS_MOST)?;
    for bytes in revisions.iter().flat_map(|revision| revision.files.iter().flatten()) {
        if !read.contains_key(bytes) {
            let small = bytes.len() as u64 <= DEFINITION_MAX;
            let document = small.then(|| version(bytes, &TOML, limits)).flatten();
            read.insert(Arc::clone(bytes), document.map(|document| Ledger::read(document.root(), fields)));
        }
    }
    let empty = Ledger::default();
    let of = |bytes: &Option<Arc<[u8]>>| match bytes {
        None => Some(&empty),
        Some(bytes) => read[bytes].as_ref(),
    };
    let versions = revisions.iter().map(|revision| {
        let ledgers: Vec<Option<&Ledger>> = revision.files.iter().map(of).collect();
        // Nobody renews tomorrow: a commit from the future was made today.
        Version::of(revision.parents.clone(), revision.since.date_naive().min(today), &ledgers)
    });
    Ok(versions.collect())
}
