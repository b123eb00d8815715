//! The exceptions files of the policy and their history, read once: what the exceptions state of a judgement is made of.
//!
//! In: the policy's exceptions files, through the shelf, and git. Out: each file as it was read, whole or not at all, and the versions of
//! all of them together, or why they cannot be told.

use super::format::TOML;
use super::lineage::{MaybeGit, VERSIONS_MOST, in_repository, version};
use super::shelf::{Key, Shelf};
use crate::gate::Suite;
use crate::model::{
    Content, DEFINITION_MAX, Entry, Exceptions, ExceptionsFile, ExceptionsPast, FieldNames, Gap, GapKind, Ledger, Limits,
    Policy, RelPath, Version, Where, may_be_one_test,
};
use crate::workspace::{Git, Lineage, Workspace};
use chrono::NaiveDate;
use std::collections::{BTreeSet, HashMap};
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

/// Where the fields of exceptions may be spelled otherwise.
const CONFIG: &str = "gatekeeper.toml";

/// The versions of all files together, and of those that their entries were moved from. What git cannot tell of one of them it cannot
/// tell of any.
fn past(
    files: &[ExceptionsFile],
    git: &MaybeGit<'_>,
    fields: &FieldNames,
    limits: &Limits,
    today: NaiveDate,
) -> ExceptionsPast {
    let git: &dyn Git = &**git.as_ref().map_err(Clone::clone)?;
    let mut paths: Vec<RelPath> = files.iter().map(|file| in_repository(&file.path)).collect::<Result<_, _>>()?;
    paths.push(RelPath::parse(CONFIG).expect("a sound path"));
    let wanted: BTreeSet<String> = files.iter().filter_map(|file| file.read.as_ref().ok()).flat_map(names).collect();
    let names = |bytes: &[u8]| match holds_exceptions(bytes).then(|| ledger(bytes, fields, limits)).flatten() {
        Some(ledger) => wanted.iter().filter(|name| names_it(&ledger, name)).cloned().collect(),
        None => BTreeSet::new(),
    };
    let Lineage { revisions, origins } = git.lineage(&paths, &wanted, &names, VERSIONS_MOST)?;
    let mut read = Versions { fields, limits, read: HashMap::new() };
    let versions = revisions.iter().map(|revision| {
        let (own, others) = revision.files.split_at(paths.len());
        let (config, own) = own.split_last().expect("the configuration is among them");
        let own: Vec<Option<Ledger>> = own.iter().map(|bytes| read.ledger(bytes.as_ref(), config.as_ref())).collect();
        let moved: Vec<Ledger> = others
            .iter()
            .zip(&origins)
            .filter_map(|(bytes, names)| Some(still_there(&read.ledger(bytes.as_ref(), config.as_ref())?, names, &own)))
            .collect();
        let all: Vec<Option<&Ledger>> = own.iter().map(Option::as_ref).chain(moved.iter().map(Some)).collect();
        // Nobody renews tomorrow: a commit from the future was made today.
        Version::of(revision.parents.clone(), revision.since.date_naive().min(today), &all)
    });
    Ok(versions.collect())
}

/// The entries of a ledger, as names that tell waivers from quarantine.
fn names(ledger: &Ledger) -> impl Iterator<Item = String> {
    let waivers = ledger.waivers.iter().map(|entry| format!("{WAIVER}{}", entry.name));
    waivers.chain(ledger.quarantine.iter().map(|entry| format!("{QUARANTINE}{}", entry.name)))
}

const WAIVER: &str = "waiver ";
const QUARANTINE: &str = "quarantine ";

/// Whether a ledger has an entry that may be the one of this name.
fn names_it(ledger: &Ledger, name: &str) -> bool {
    let waiver = |gate: &str| ledger.waivers.iter().any(|entry| entry.name == gate);
    let quarantine = |test: &str| ledger.quarantine.iter().any(|entry| may_be_one_test(&entry.name, test));
    name.strip_prefix(WAIVER).is_some_and(waiver) || name.strip_prefix(QUARANTINE).is_some_and(quarantine)
}

/// Whether it is worth while to read a file of another name.
fn holds_exceptions(bytes: &[u8]) -> bool {
    let has = |word: &str| bytes.windows(word.len()).any(|window| window == word.as_bytes());
    bytes.len() as u64 <= DEFINITION_MAX && (has("waiver") || has("quarantine"))
}

/// Of a file that entries were moved from: those of them that stand in none of the policy's files.
fn still_there(ledger: &Ledger, names: &BTreeSet<String>, own: &[Option<Ledger>]) -> Ledger {
    let moved = |name: &&String| !own.iter().flatten().any(|own| names_it(own, name));
    let names: Vec<&String> = names.iter().filter(moved).collect();
    let mut left = Ledger::default();
    let waivers = |entry: &&Entry<_>| names.iter().any(|name| name.strip_prefix(WAIVER) == Some(&*entry.name));
    left.waivers.extend(ledger.waivers.iter().filter(waivers).cloned());
    let one = |entry: &str| {
        names.iter().filter_map(|name| name.strip_prefix(QUARANTINE)).any(|test| may_be_one_test(entry, test))
    };
    left.quarantine.extend(ledger.quarantine.iter().filter(|entry| one(&entry.name)).cloned());
    left
}

/// One version of an exceptions file; `None` where it is none.
fn ledger(bytes: &[u8], fields: &FieldNames, limits: &Limits) -> Option<Ledger> {
    let small = bytes.len() as u64 <= DEFINITION_MAX;
    let document = small.then(|| version(bytes, &TOML, limits)).flatten()?;
    Some(Ledger::read(document.root(), fields))
}

/// A file and the configuration beside it.
type Beside = (Arc<[u8]>, Option<Arc<[u8]>>);

/// Versions of exceptions files, each read once, with the fields as they were spelled then.
struct Versions<'v> {
    /// As they are spelled now: where no configuration says it.
    fields: &'v FieldNames,
    limits: &'v Limits,
    read: HashMap<Beside, Option<Ledger>>,
}

impl Versions<'_> {
    /// The ledger; empty where there is no file, `None` where it cannot be read.
    fn ledger(&mut self, bytes: Option<&Arc<[u8]>>, config: Option<&Arc<[u8]>>) -> Option<Ledger> {
        let Some(bytes) = bytes else { return Some(Ledger::default()) };
        let key = (Arc::clone(bytes), config.cloned());
        if !self.read.contains_key(&key) {
            let stated = config.and_then(|config| version(config, &TOML, self.limits));
            let stated = stated.map(|config| FieldNames::stated(config.root()));
            let read = ledger(bytes, stated.as_ref().unwrap_or(self.fields), self.limits);
            self.read.insert(key.clone(), read);
        }
        self.read[&key].clone()
    }
}
