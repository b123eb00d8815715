//! The ledger: exceptions that are new or reach further, and tests that no longer stand in their suite.

use super::{Changes, Class, shown};
use crate::load::LedgerFile;
use crate::model::{Entry, GateId, LaneId, Pointer, Quarantine, QuarantineKind, Waiver};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// Compares two ledgers, entry by entry.
pub(super) fn compare(base: &[LedgerFile], head: &[LedgerFile], changes: &mut Changes<'_>) {
    let waivers = |file: &'_ LedgerFile| read(&file.ledger.waivers);
    exceptions(
        (&gather(base, waivers), &gather(head, waivers)),
        "waiver",
        |waiver| {
            let lanes: Vec<&str> = waiver.scope.iter().map(LaneId::as_str).collect();
            format!("{} to {}, in {}", waiver.created, waiver.expires, lanes.join(", "))
        },
        waiver,
        changes,
    );
    let entries = |file: &'_ LedgerFile| read(&file.ledger.quarantine);
    exceptions(
        (&gather(base, entries), &gather(head, entries)),
        "quarantine",
        |entry| format!("{} to {}", entry.since, entry.expires),
        quarantine,
        changes,
    );
    suites(base, head, changes);
}

/// Entries by name; a name that two files hold has two.
type Entries<'l, T> = BTreeMap<String, Vec<(T, Pointer, &'l LedgerFile)>>;

fn read<T: Clone>(entries: &[Entry<T>]) -> Vec<(String, T, Pointer)> {
    // Entries that cannot be read have been refused when the ledger was.
    entries.iter().filter_map(|entry| Some((entry.name.clone(), entry.read.clone().ok()?, entry.at.clone()))).collect()
}

fn gather<T>(files: &[LedgerFile], read: impl Fn(&LedgerFile) -> Vec<(String, T, Pointer)>) -> Entries<'_, T> {
    let mut entries: Entries<'_, T> = BTreeMap::new();
    for file in files {
        for (name, entry, at) in read(file) {
            entries.entry(name).or_default().push((entry, at, file));
        }
    }
    entries
}

fn exceptions<T>(
    (base, head): (&Entries<'_, T>, &Entries<'_, T>),
    section: &str,
    show: impl Fn(&T) -> String,
    compare: impl Fn(&str, (&T, &T), super::At<'_>, &mut Changes<'_>),
    changes: &mut Changes<'_>,
) {
    for name in base.keys().chain(head.keys()).collect::<BTreeSet<_>>() {
        let own = |entries: &Entries<'_, T>| entries.get(name).map_or(0, Vec::len);
        changes.gate = if section == "waiver" { GateId::try_from(name.as_str()).ok() } else { None };
        let what = match &changes.gate {
            Some(_) => section.to_owned(),
            None => format!("{section} {name}"),
        };
        for position in 0..own(base).max(own(head)) {
            let was = base.get(name).and_then(|entries| entries.get(position));
            let is = head.get(name).and_then(|entries| entries.get(position));
            let at = (was.and_then(|(_, at, file)| file.find(at)), is.and_then(|(_, at, file)| file.find(at)));
            let both = (was.map(|(entry, ..)| show(entry)), is.map(|(entry, ..)| show(entry)));
            match (was, is) {
                (Some((was, ..)), Some((is, ..))) => compare(&what, (was, is), at, changes),
                (None, Some(_)) => changes.add(Class::Weakening, what.clone(), both, "the exception is new", at),
                (Some(_), None) => changes.add(Class::Tightening, what.clone(), both, "the exception is gone", at),
                (None, None) => {}
            }
        }
    }
    changes.gate = None;
}

/// The last day: later reaches further. The first day: later leaves room for a longer span, so neither way is known to be stricter.
fn dates(
    what: &str,
    (first, last): ((NaiveDate, NaiveDate), (NaiveDate, NaiveDate)),
    at: super::At<'_>,
    changes: &mut Changes<'_>,
) {
    if last.0 != last.1 {
        let (class, reason) = match last.1 > last.0 {
            true => (Class::Weakening, "the exception is extended"),
            false => (Class::Tightening, "the exception ends sooner"),
        };
        changes.add(class, format!("{what} expires"), shown(last.0, last.1), reason, at);
    }
    changes.unclear(&format!("{what} begins"), Some(first.0.to_string()), Some(first.1.to_string()), at);
}

fn waiver(what: &str, (from, to): (&Waiver, &Waiver), at: super::At<'_>, changes: &mut Changes<'_>) {
    dates(what, ((from.created, to.created), (from.expires, to.expires)), at, changes);
    for lane in to.scope.iter().filter(|lane| !from.scope.contains(lane)) {
        let both = (None, Some(lane.to_string()));
        changes.add(Class::Weakening, format!("{what} scope"), both, "the exception holds in one more lane", at);
    }
    for lane in from.scope.iter().filter(|lane| !to.scope.contains(lane)) {
        let both = (Some(lane.to_string()), None);
        changes.add(Class::Tightening, format!("{what} scope"), both, "the exception holds in one lane less", at);
    }
    let words = [
        ("owner", &from.owner, &to.owner),
        ("bead", &from.bead, &to.bead),
        ("reason", &from.reason, &to.reason),
        ("exit_criterion", &from.exit_criterion, &to.exit_criterion),
    ];
    for (key, from, to) in words {
        changes.prose(&format!("{what} {key}"), from, to, at);
    }
}

fn quarantine(what: &str, (from, to): (&Quarantine, &Quarantine), at: super::At<'_>, changes: &mut Changes<'_>) {
    dates(what, ((from.since, to.since), (from.expires, to.expires)), at, changes);
    changes.unclear(&format!("{what} category"), Some(from.category.clone()), Some(to.category.clone()), at);
    if from.kind != to.kind {
        let class = match (from.kind, to.kind) {
            (_, Some(QuarantineKind::KnownFailure)) => Class::Tightening,
            (Some(QuarantineKind::KnownFailure), _) => Class::Weakening,
            (_, _) => Class::Unclear,
        };
        let word = |kind: Option<QuarantineKind>| kind.map(|kind| kind.word().to_owned());
        let both = (word(from.kind), word(to.kind));
        changes.add(class, format!("{what} kind"), both, "a known failure that passes is a finding", at);
    }
    let words = [
        ("owner", &from.owner, &to.owner),
        ("bead", &from.bead, &to.bead),
        ("reason", &from.reason, &to.reason),
        ("evidence", &from.evidence, &to.evidence),
        ("reproduce", &from.reproduce, &to.reproduce),
        ("exit_criterion", &from.exit_criterion, &to.exit_criterion),
    ];
    for (key, from, to) in words {
        changes.prose(&format!("{what} {key}"), from, to, at);
    }
}

/// Where each test file is listed: suites, in order, and a place.
type Listed<'l> = BTreeMap<String, (BTreeSet<String>, Pointer, &'l LedgerFile)>;

fn listed(files: &[LedgerFile]) -> (BTreeMap<String, &LedgerFile>, Listed<'_>) {
    let (mut names, mut tests): (BTreeMap<String, &LedgerFile>, Listed<'_>) = Default::default();
    for file in files {
        for (suite, stems) in &file.ledger.suites.0 {
            names.entry(suite.clone()).or_insert(file);
            for (stem, at) in stems {
                let test = tests.entry(stem.clone()).or_insert_with(|| (BTreeSet::new(), at.clone(), file));
                test.0.insert(suite.clone());
            }
        }
    }
    (names, tests)
}

fn suites(base: &[LedgerFile], head: &[LedgerFile], changes: &mut Changes<'_>) {
    let ((old, from), (new, to)) = (listed(base), listed(head));
    for name in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let (was, is) = (old.get(name), new.get(name));
        let pointer = Pointer::root().key("suite").key(name);
        let at = (was.and_then(|file| file.find(&pointer)), is.and_then(|file| file.find(&pointer)));
        let (both, what) = ((was.map(|_| name.clone()), is.map(|_| name.clone())), format!("suite {name}"));
        match (was, is) {
            (Some(_), None) => changes.add(Class::Weakening, what, both, "the suite is gone", at),
            (None, Some(_)) => changes.add(Class::Neutral, what, both, "another suite, beside those there were", at),
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
    for stem in from.keys().chain(to.keys()).collect::<BTreeSet<_>>() {
        let (was, is) = (from.get(stem), to.get(stem));
        let names = |test: Option<&(BTreeSet<String>, Pointer, &LedgerFile)>| {
            test.map(|(suites, ..)| suites.iter().cloned().collect::<Vec<_>>().join(", "))
        };
        let at = (was.and_then(|(_, at, file)| file.find(at)), is.and_then(|(_, at, file)| file.find(at)));
        let both = (names(was), names(is));
        let what = format!("test {stem}");
        match (was, is) {
            (Some(_), None) => changes.add(Class::Weakening, what, both, "it stands in no suite any more", at),
            (None, Some(_)) => changes.add(Class::Tightening, what, both, "one more test file that must be there", at),
            (Some(_), Some(_)) if both.0 != both.1 => {
                changes.add(Class::Unclear, what, both, "it may be a weaker suite", at);
            }
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
}
