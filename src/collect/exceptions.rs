//! The ledger of the policy, and how often its waivers were renewed.
//!
//! In: the policy's ledger files, through the shelf, and git. Out: one ledger, or the gaps because of which no exception holds.
//! A renewal is an `expires` that moved to a later day between two versions; the version of the work tree is the last. A waiver
//! that was taken out and came back for the same bead counts on, because taking it out changed nothing about the failure.

use super::format::TOML;
use super::lineage::{MaybeGit, VERSIONS_MOST, in_repository, version};
use super::shelf::{Key, Shelf};
use crate::model::{Content, FieldNames, Gap, Ledger, Limits, Policy, RelPath};
use chrono::NaiveDate;
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
        let artifact = shelf.artifact(key);
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
    let past: Vec<Ledger> = documents.map(|document| Ledger::read(document.root(), fields)).collect();
    Ok(count(past.iter().chain([now])))
}

/// A waiver as it was last seen.
struct Seen<'l> {
    version: usize,
    expires: NaiveDate,
    bead: &'l str,
    renewals: u32,
}

fn count<'l>(versions: impl Iterator<Item = &'l Ledger>) -> BTreeMap<String, u32> {
    let mut seen: BTreeMap<&str, Seen<'l>> = BTreeMap::new();
    for (version, ledger) in versions.enumerate() {
        for entry in &ledger.waivers {
            let Ok(waiver) = &entry.read else {
                // A damaged entry is still the same waiver; it was not taken out.
                seen.entry(&entry.name).and_modify(|last| last.version = version);
                continue;
            };
            let fresh = Seen { version, expires: waiver.expires, bead: &waiver.bead, renewals: 0 };
            let last = seen.remove(entry.name.as_str());
            let next = match last {
                Some(last) if last.version + 1 >= version || last.bead == waiver.bead => {
                    Seen { renewals: last.renewals + u32::from(waiver.expires > last.expires), ..fresh }
                }
                Some(_) | None => fresh,
            };
            seen.insert(&entry.name, next);
        }
    }
    seen.into_iter().map(|(name, last)| (name.to_owned(), last.renewals)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger(text: &str) -> Ledger {
        let document = version(text.as_bytes(), &TOML, &Limits::default()).expect("sound");
        Ledger::read(document.root(), &FieldNames::default())
    }

    fn waiver(expires: &str, bead: &str) -> String {
        format!(
            "[waiver.g]\nowner = 'o'\nbead = '{bead}'\nreason = 'r'\ncreated = 2026-01-01\nexpires = {expires}\n\
             scope = ['full']\nexit_criterion = 'e'\n"
        )
    }

    fn counted(versions: &[&str]) -> Option<u32> {
        let ledgers: Vec<Ledger> = versions.iter().map(|text| ledger(text)).collect();
        count(ledgers.iter()).get("g").copied()
    }

    #[test]
    fn only_later_days_are_renewals() {
        let (one, two, three) = (waiver("2026-01-10", "b"), waiver("2026-01-20", "b"), waiver("2026-01-30", "b"));
        let other = waiver("2026-01-30", "c");
        let damaged = "[waiver.g]\nowner = ''\n";
        let cases: [(&[&str], Option<u32>); 9] = [
            (&[&one], Some(0)),
            (&[&one, &two], Some(1)),
            (&[&one, &two, &three], Some(2)),
            (&[&two, &one], Some(0)),
            (&[&two, &one, &two], Some(1)),
            (&[&one, "", &two], Some(1)),
            (&[&one, "", &other], Some(0)),
            (&[&one, &other], Some(1)),
            (&[&one, damaged, &other], Some(1)),
        ];
        let mut tried = 0;
        for (versions, expected) in cases {
            assert_eq!(counted(versions), expected, "case {tried}");
            tried += 1;
        }
        assert_eq!(tried, 9);
        assert_eq!(counted(&[""]), None);
    }
}
