//! The ledger of the policy, and how often its waivers were renewed.
//!
//! In: the policy's ledger files, through the shelf, and git. Out: one ledger, or the gaps because of which no exception holds.
//! Renewals are counted over the versions in git, with that of the work tree as the last.

use super::format::TOML;
use super::lineage::{MaybeGit, VERSIONS_MOST, in_repository, version};
use super::shelf::{Key, Shelf};
use crate::model::{self, Content, FieldNames, Gap, Ledger, Limits, Policy, RelPath, Spans};
use std::collections::BTreeMap;

/// The ledger as it was read.
pub(super) struct Exceptions {
    pub(super) ledger: Ledger,
    pub(super) gaps: Vec<Gap>,
    pub(super) renewals: Option<BTreeMap<String, u32>>,
    /// The files that were read for it, for the manifest.
    pub(super) read: Vec<Key>,
}

/// Reads the ledger files of a policy.
pub(super) fn read(policy: &Policy, fields: &FieldNames, shelf: &mut Shelf<'_>, git: &MaybeGit<'_>) -> Exceptions {
    let keys = policy.ledger.iter().map(|(base, file)| shelf.request(*base, file, &TOML, None));
    let read: Vec<Key> = keys.collect();
    shelf.read(&read, None);
    let mut exceptions =
        Exceptions { ledger: Ledger::default(), gaps: Vec::new(), renewals: Some(BTreeMap::new()), read: read.clone() };
    for key in &read {
        let artifact = shelf.artifact(*key);
        match &artifact.content {
            Ok(Content::Document(document)) => {
                let ledger = Ledger::read(document.root(), fields);
                let counted = renewals(in_repository(&artifact.path), &ledger, git, fields, &policy.limits);
                exceptions.ledger.append(ledger);
                exceptions.renewals = match (exceptions.renewals.take(), counted) {
                    (Some(mut all), Ok(own)) => {
                        own.into_iter().for_each(|(name, count)| *all.entry(name).or_default() += count);
                        Some(all)
                    }
                    (_, _) => None,
                };
            }
            Ok(_) => exceptions.gaps.push(super::intake::not_a_document(&artifact.path.shown)),
            Err(gap) => exceptions.gaps.push(gap.clone()),
        }
    }
    if !exceptions.gaps.is_empty() {
        exceptions.ledger = Ledger::default();
        exceptions.renewals = None;
    }
    exceptions
}

fn renewals(
    path: Result<RelPath, String>,
    now: &Ledger,
    git: &MaybeGit<'_>,
    fields: &FieldNames,
    limits: &Limits,
) -> Result<BTreeMap<String, u32>, String> {
    let git = git.as_ref().map_err(Clone::clone)?;
    let versions = git.versions(&path?, VERSIONS_MOST)?;
    let documents = versions.iter().filter_map(|bytes| version(bytes, &TOML, limits));
    let past = documents.map(|document| Ledger::read(document.root(), fields).waiver_spans());
    let spans: Vec<Spans> = past.chain([now.waiver_spans()]).collect();
    Ok(model::renewals(&spans))
}
