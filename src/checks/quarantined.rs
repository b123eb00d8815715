//! Which tests a ledger holds apart.
//!
//! In: the names of the tests under judgement, and the ledger's `[quarantine.<test>]` tables. Out: the entry of each test that one
//! names. An entry names one test by its full id. Entries that name none, several, or only a part of an id, and two entries for one test,
//! are findings, whatever the tests did.

use super::tally::Tally;
use crate::gate::{Admitted, Refused};
use crate::model::{EvidenceId, Exception, Exceptions, Finding, Quarantine, QuarantineKind, Validity, Where};
use std::collections::{BTreeMap, BTreeSet};

/// One quarantine entry: its place, and why it does not hold if it does not.
pub(super) struct Entry {
    name: String,
    at: Where,
    pub(super) kind: Option<QuarantineKind>,
    pub(super) void: Option<String>,
}

impl Entry {
    /// Its name in the ledger.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The finding that it would have covered a test, and does not hold.
    pub(super) fn invalid(&self) -> Finding {
        let expected = format!("a quarantine that holds for `{}`", self.name);
        let why = self.void.clone().unwrap_or_default();
        let message = format!("`{}` failed, and its quarantine does not hold: {why}", self.name);
        Finding::new("quarantine-invalid", expected, why).saying(message).at(self.at.clone())
    }

    /// The finding that its test passes, so that it covers nothing any more.
    pub(super) fn recovered(&self) -> Finding {
        let finding = Finding::new("quarantine-recovered", format!("`{}` still fails", self.name), "it passed");
        let message = format!("`{}` passes again, and is still quarantined as a known failure", self.name);
        finding.saying(message).at(self.at.clone()).next("Remove the entry: there is nothing left that it excuses.")
    }
}

/// Which entry covers which test.
#[derive(Default)]
pub(super) struct Cover {
    entries: Vec<Entry>,
    /// The entry of each test that one names, by the position of the test.
    by_test: BTreeMap<usize, usize>,
}

impl Cover {
    /// The position of each covered test, with that of its entry.
    pub(super) fn covered(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.by_test.iter().map(|(test, entry)| (*test, *entry))
    }

    /// The entry at this position.
    pub(super) fn entry(&self, at: usize) -> &Entry {
        &self.entries[at]
    }

    /// The entry of the test at this position, whether it holds or not.
    pub(super) fn of(&self, test: usize) -> Option<&Entry> {
        self.by_test.get(&test).map(|entry| &self.entries[*entry])
    }
}

/// What the reports are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Runs {
    /// One run: a test of one name in two of them is two tests.
    One,
    /// They tell of the same tests again: several runs, or one run in two formats.
    Several,
}

/// What a test may be called in a ledger: by its id, however it is written; by its id without the suite; by its bare name.
pub(super) struct Names {
    /// Its id as findings show it.
    pub(super) id: String,
    /// The other ways to write the id.
    pub(super) spellings: Vec<String>,
    pub(super) own_id: String,
    pub(super) name: String,
    /// The test, whichever of the reports tells of it, and the position of that report.
    pub(super) everywhere: (String, usize),
    /// Only its position tells it from another test, which may be another one tomorrow.
    pub(super) counted: bool,
}

/// Which test each quarantine entry names, of `tests` tests. Entries that name none, or several, are findings.
///
/// # Errors
/// The outcome to return when the ledger is not admitted.
pub(super) fn cover(
    tests: usize,
    names: impl Fn(usize) -> Names,
    runs: Runs,
    ledger: Option<&EvidenceId>,
    evidence: &Admitted<'_>,
    tally: &mut Tally,
) -> Result<Cover, Refused> {
    Ok(assign(entries(ledger, evidence)?, tests, names, runs, &|_| true, tally))
}

/// The same with the entries of all exceptions files of the policy. An entry whose test is not there is a finding where `known` knows what it
/// names: a run of a part of the tests says nothing about the others.
pub(super) fn cover_all(
    tests: usize,
    names: impl Fn(usize) -> Names,
    runs: Runs,
    known: &dyn Fn(&str) -> bool,
    evidence: &Admitted<'_>,
    tally: &mut Tally,
) -> Cover {
    let state = &evidence.context.exceptions;
    let entries = state.quarantine.iter().map(|held| entry(state, held)).collect();
    assign(entries, tests, names, runs, known, tally)
}

fn assign(
    entries: Vec<Entry>,
    tests: usize,
    names: impl Fn(usize) -> Names,
    runs: Runs,
    known: &dyn Fn(&str) -> bool,
    tally: &mut Tally,
) -> Cover {
    let mut cover = Cover { entries, by_test: BTreeMap::new() };
    if cover.entries.is_empty() {
        return cover;
    }
    // For each entry, the tests that go by its name: by id, by id without the suite, by bare name.
    let mut called: BTreeMap<&str, [Vec<usize>; 3]> =
        cover.entries.iter().map(|entry| (entry.name.as_str(), Default::default())).collect();
    for at in 0..tests {
        let Names { id, spellings, own_id, name, .. } = names(at);
        let ranked = [(0, id), (1, own_id), (2, name)].into_iter().chain(spellings.into_iter().map(|id| (0, id)));
        for (rank, name) in ranked {
            if let Some(found) = called.get_mut(name.as_str()).filter(|found| found[rank].last() != Some(&at)) {
                found[rank].push(at);
            }
        }
    }
    let mut claims: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, entry) in cover.entries.iter().enumerate() {
        let [full, shorter @ ..] = called.get(entry.name.as_str()).cloned().unwrap_or_default();
        let told = |tests: &[usize]| {
            let some: Vec<_> = tests.iter().take(CANDIDATES_MOST).map(|at| format!("`{}`", names(*at).id)).collect();
            let more = tests.len() - some.len();
            some.join(", ") + &if more > 0 { format!(" and {more} more") } else { String::new() }
        };
        let ambiguous = |expected: String, actual: String, next: &str| {
            Finding::new("quarantine-ambiguous", expected, actual).at(entry.at.clone()).next(next)
        };
        let one = || format!("one test called `{}`", entry.name);
        match full.as_slice() {
            [] => match shorter.into_iter().find(|found| !found.is_empty()) {
                None if !known(&entry.name) => {}
                None => {
                    let expected = format!("the test `{}` in the reports", entry.name);
                    let message = format!("`{}` is quarantined, and no test of this name ran", entry.name);
                    let finding = Finding::new("quarantine-unused", expected, "no test of this name ran").saying(message);
                    tally.find(finding.at(entry.at.clone()).next("Remove the entry, or spell the test as findings do."));
                }
                // A part of an id is another test's tomorrow.
                Some(found) => {
                    let actual =
                        format!("a part of an id: {} {} by it", told(&found), if found.len() == 1 { "goes" } else { "go" });
                    tally.find(ambiguous(
                        "the full id of a test".to_owned(),
                        actual,
                        "Spell the id of the test in full, as here.",
                    ));
                }
            },
            [only] if names(*only).counted => {
                let actual = "only its place in the report tells it from another test of this name";
                tally.find(ambiguous(one(), actual.to_owned(), "Give the tests names that differ."));
            }
            [only] => claims.entry(*only).or_default().push(index),
            several if runs == Runs::Several && is_one(several, &names) => {
                several.iter().for_each(|at| claims.entry(*at).or_default().push(index));
            }
            several => {
                let actual = format!("{} tests go by it: {}", several.len(), told(several));
                tally.find(ambiguous(one(), actual, "Spell the id of the test in full, as here."));
            }
        }
    }
    let mut twice = BTreeSet::new();
    for (test, entries) in claims {
        match entries.as_slice() {
            [only] => drop(cover.by_test.insert(test, *only)),
            several => twice.extend(several.iter().skip(1).map(|entry| (*entry, several[0], test))),
        }
    }
    for (again, first, test) in twice {
        let actual = format!(
            "`{}` and `{}` both name it, so neither covers it",
            cover.entries[first].name, cover.entries[again].name
        );
        let finding = Finding::new("quarantine-twice", format!("one entry for `{}`", names(test).id), actual);
        tally.find(finding.at(cover.entries[again].at.clone()).next("Keep one of them."));
    }
    cover
}

/// Most tests that are named as those an entry may mean.
const CANDIDATES_MOST: usize = 5;

/// Whether these are one test, told once by each of several reports.
fn is_one(found: &[usize], names: &impl Fn(usize) -> Names) -> bool {
    let everywhere: Vec<(String, usize)> = found.iter().map(|at| names(*at).everywhere).collect();
    let reports: BTreeSet<usize> = everywhere.iter().map(|(_, report)| *report).collect();
    reports.len() == found.len() && everywhere.iter().all(|(test, _)| *test == everywhere[0].0)
}

/// The entries of the exceptions files that this evidence is, as the exceptions state has them.
fn entries(ledger: Option<&EvidenceId>, evidence: &Admitted<'_>) -> Result<Vec<Entry>, Refused> {
    // An optional ledger that is absent holds nothing apart.
    let Some(ledger) = ledger.filter(|ledger| !evidence.is_absent(ledger)) else { return Ok(Vec::new()) };
    let state = &evidence.context.exceptions;
    let mut entries = Vec::new();
    for artifact in evidence.artifacts(ledger)? {
        let Some(file) = state.position(&artifact.path.shown) else { continue };
        entries.extend(state.quarantine.iter().filter(|held| held.file == file).map(|held| entry(state, held)));
    }
    Ok(entries)
}

/// One entry, and whether it holds.
fn entry(state: &Exceptions, held: &Exception<Quarantine>) -> Entry {
    let void = match (&held.entry.read, &held.validity) {
        (Err(problems), _) => Some(format!("{} of its fields are not as they must be", problems.len())),
        (Ok(_), Some(validity)) if validity.holds() => state
            .unknown
            .as_ref()
            .filter(|_| !held.holds())
            .map(|phrase| format!("git cannot tell how often it was extended: {phrase}")),
        (Ok(_), Some(Validity::Unsound(why))) => why.first().map(|why| format!("the entry is invalid: {why}")),
        (Ok(_), validity) => Some(format!("the entry is {}", validity.as_ref().map_or("invalid", Validity::word))),
    };
    let at = Where::pointer(state.file(held), held.entry.at.clone());
    let kind = held.entry.read.as_ref().ok().and_then(|read| read.kind);
    Entry { name: held.entry.name.clone(), at, kind, void }
}
