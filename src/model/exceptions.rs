//! The exceptions state: every waiver and quarantine entry of the policy's exceptions files, and whether it holds.
//!
//! Made once for a judgement, from all files and their whole history; whoever asks about exceptions asks it. It is all or nothing: a file
//! that is missing or cannot be read, and a problem anywhere in one, leave no exception that holds, because what cannot be read might
//! have been the entry that takes another one back.

use super::evidence::Gap;
use super::exception::{Quarantine, Unsound, Validity, Waiver};
use super::ledger::{Entry, Ledger};
use super::location::ArtifactPath;
use super::policy::Policy;
use super::renewals::{Stood, Term, Version, may_be_one_test, term};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// One exceptions file as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionsFile {
    /// Where it lies.
    pub path: ArtifactPath,
    /// What is in it, damaged entries included, or why it cannot be told.
    pub read: Result<Ledger, Gap>,
}

/// One exception of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception<T> {
    /// The file, by its position in [`Exceptions::files`].
    pub file: usize,
    /// The exception, or what is wrong with it.
    pub entry: Entry<T>,
    /// Whether it holds; `None` if it cannot be read.
    pub validity: Option<Validity>,
    /// How often it was renewed; `None` if that cannot be told.
    pub renewals: Option<u32>,
}

impl<T> Exception<T> {
    /// Whether it holds today. One whose renewals cannot be counted does not: it may have been renewed too often.
    pub fn holds(&self) -> bool {
        self.validity.as_ref().is_some_and(Validity::holds) && self.renewals.is_some()
    }
}

/// Every exception of a policy, judged for one day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exceptions {
    /// The files, in the policy's order.
    pub files: Vec<ExceptionsFile>,
    /// Why no exception holds, whatever its own fields say.
    pub damage: Option<String>,
    /// The sections whose problems a gate of the policy tells of by itself.
    pub told_elsewhere: BTreeSet<&'static str>,
    /// Why git cannot tell how often exceptions were renewed.
    pub unknown: Option<String>,
    /// The waivers, file by file.
    pub waivers: Vec<Exception<Waiver>>,
    /// The quarantine entries, file by file.
    pub quarantine: Vec<Exception<Quarantine>>,
}

/// What is common to both classes.
struct Class<T> {
    entries: fn(&Ledger) -> &[Entry<T>],
    stood: fn(&Version) -> &Stood,
    same: fn(&str, &str) -> bool,
    cap: u32,
    renewals_max: u32,
}

/// The versions of the exceptions files in git, parents first; the last is that of the commit under judgement. Or why they cannot be told.
pub type ExceptionsPast = Result<Vec<Version>, String>;

impl Exceptions {
    /// Judges every entry of these files on this day.
    pub fn new(files: Vec<ExceptionsFile>, past: &ExceptionsPast, today: NaiveDate, policy: &Policy) -> Self {
        let damage = files.iter().find_map(damage);
        let versions = past.as_ref().map(|past| with_now(past, &files, today));
        let limits = &policy.limits;
        let waivers = Class {
            entries: |ledger| &ledger.waivers,
            stood: |version| &version.waivers,
            same: |one: &str, other: &str| one == other,
            cap: limits.waiver_max_days,
            renewals_max: limits.renewals_max,
        };
        let quarantine = Class {
            entries: |ledger| &ledger.quarantine,
            stood: |version| &version.quarantine,
            same: may_be_one_test,
            cap: limits.quarantine_max_days,
            renewals_max: limits.extensions_max,
        };
        let versions = versions.as_deref().ok();
        Self {
            waivers: waivers
                .judge(&files, versions, damage.as_deref(), |waiver, term, why| waiver.validity(today, policy, term, why)),
            quarantine: quarantine
                .judge(&files, versions, damage.as_deref(), |entry, term, why| entry.validity(today, limits, term, why)),
            told_elsewhere: BTreeSet::new(),
            unknown: past.as_ref().err().cloned(),
            files,
            damage,
        }
    }

    /// The file of an exception, as people know it.
    pub fn file<T>(&self, exception: &Exception<T>) -> &str {
        &self.files[exception.file].path.shown
    }

    /// The position of a file by its path as shown.
    pub fn position(&self, shown: &str) -> Option<usize> {
        self.files.iter().position(|file| file.path.shown == shown)
    }
}

impl<T: Clone> Class<T> {
    fn judge(
        &self,
        files: &[ExceptionsFile],
        versions: Option<&[Version]>,
        damage: Option<&str>,
        validity: impl Fn(&T, Option<&Term>, Vec<Unsound>) -> Validity,
    ) -> Vec<Exception<T>> {
        let all = || {
            let whole = files.iter().enumerate().filter_map(|(at, file)| Some((at, file.read.as_ref().ok()?)));
            whole.flat_map(|(at, ledger)| (self.entries)(ledger).iter().map(move |entry| (at, entry)))
        };
        let mut times: BTreeMap<&str, usize> = BTreeMap::new();
        all().for_each(|(_, entry)| *times.entry(&entry.name).or_default() += 1);
        let one = |(file, entry): (usize, &Entry<T>)| {
            let same = |other: &str| (self.same)(&entry.name, other);
            let term = versions.map(|versions| term(versions, self.stood, &same, self.cap));
            let mut why = Vec::new();
            why.extend(damage.map(|phrase| Unsound::Damaged(phrase.to_owned())));
            if times[entry.name.as_str()] > 1 {
                why.push(Unsound::Twice);
            }
            let term = term.flatten();
            if let Some(count) = term.map(|term| term.renewals).filter(|count| *count > self.renewals_max) {
                why.push(Unsound::RenewedTooOften { count, max: self.renewals_max });
            }
            Exception {
                file,
                entry: entry.clone(),
                validity: entry.read.as_ref().ok().map(|read| validity(read, term.as_ref(), why)),
                renewals: versions.is_some().then(|| term.map_or(0, |term| term.renewals)),
            }
        };
        all().map(one).collect()
    }
}

/// Why this file leaves no exception that holds.
fn damage(file: &ExceptionsFile) -> Option<String> {
    let shown = &file.path.shown;
    let ledger = match &file.read {
        Ok(ledger) => ledger,
        Err(gap) => return Some(format!("`{shown}` is {}: {}", gap.kind.word(), gap.actual)),
    };
    let problem = ledger.all_problems().next()?;
    Some(format!("`{shown}` has a problem at {}: expected {}, found {}", problem.at, problem.expected, problem.actual))
}

/// The versions of history with that of the work tree as the last.
fn with_now(past: &[Version], files: &[ExceptionsFile], today: NaiveDate) -> Vec<Version> {
    let read: Vec<Option<&Ledger>> = files.iter().map(|file| file.read.as_ref().ok()).collect();
    let mut versions = past.to_vec();
    let parents: Vec<usize> = past.len().checked_sub(1).into_iter().collect();
    let since = past.last().map_or(today, |last| last.since.max(today));
    versions.push(Version::of(parents, since, &read));
    versions
}

impl Version {
    /// The version in which these files stood; `None` is a file that could not be read.
    pub fn of(parents: Vec<usize>, since: NaiveDate, files: &[Option<&Ledger>]) -> Self {
        let untold = files.iter().any(Option::is_none);
        let (mut waivers, mut quarantine) = (Stood { untold, ..Stood::default() }, Stood { untold, ..Stood::default() });
        for ledger in files.iter().flatten() {
            merge(&mut waivers, ledger.waiver_spans());
            merge(&mut quarantine, ledger.quarantine_spans());
        }
        Self { parents, since, waivers, quarantine }
    }
}

/// Two files may have an entry of one name: then the longest counts.
fn merge(into: &mut Stood, spans: super::exception::Spans) {
    for (name, days) in spans {
        let known = into.spans.entry(name).or_insert(days);
        *known = match (*known, days) {
            (Some((first, last)), Some((begins, ends))) => Some((first.min(begins), last.max(ends))),
            (known, days) => known.or(days),
        };
    }
}
