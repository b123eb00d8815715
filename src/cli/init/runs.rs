//! Directories of runs: those that are called by a date, a number or a hash, of which a next run will not write the same one.
//!
//! In: paths of reports, and when each was made. Out: the place of a run's directory in a path, and which reports are of the newest run.

use crate::model::{Instant, RelPath};
use std::collections::{BTreeMap, BTreeSet};

/// Fewest hex digits of a name that is a hash.
const HASH: usize = 7;

/// Words in front of a number that counts runs. A number behind another word, or a short one by itself, may be a version of what was tested
/// with (`node-18`, `x86_64`): then every directory counts.
const RUNS: [&str; 9] = ["run", "build", "job", "ci", "attempt", "pipeline", "nightly", "execution", "test-run"];

/// Whether a directory is called by what only one run has: a date or a time, a long number, a hash, or one of them behind a word for runs
/// (`run-17`).
pub fn is_of_one_run(name: &str) -> bool {
    let long = name.len() > 2 && unique(name);
    let behind = name.rsplit_once(['-', '_', '.']).filter(|(word, _)| RUNS.contains(&word.to_ascii_lowercase().as_str()));
    dated(name) || long || behind.is_some_and(|(_, last)| dated(last) || unique(last))
}

/// Whether four digits of a year, and month and day behind them, stand in a name.
fn dated(name: &str) -> bool {
    let digits: String = name.chars().filter(char::is_ascii_digit).collect();
    let year = digits.get(..4).and_then(|year| year.parse::<u16>().ok()).is_some_and(|year| (2000..2100).contains(&year));
    let rest = digits.get(4..8).and_then(|rest| rest.parse::<u16>().ok());
    let day = rest.is_some_and(|rest| (1..=12).contains(&(rest / 100)) && (1..=31).contains(&(rest % 100)));
    let others = name.chars().filter(|c| !c.is_ascii_digit());
    year && day && others.clone().count() <= 12 && others.into_iter().all(|c| "-_:.TZtz+".contains(c))
}

fn unique(text: &str) -> bool {
    let number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let hex = text.len() >= HASH && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'));
    number || hex && text.bytes().any(|byte| byte.is_ascii_digit()) && text.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// The position of the directory of a run in a path, if there is one that is not the report itself.
pub fn place(path: &RelPath) -> Option<usize> {
    let parts: Vec<&str> = path.as_str().split('/').collect();
    parts[..parts.len() - 1].iter().position(|part| is_of_one_run(part))
}

/// What the runs of one place have in common: everything above their directories.
fn above(path: &RelPath) -> Option<(String, String)> {
    let at = place(path)?;
    let parts: Vec<&str> = path.as_str().split('/').collect();
    Some((parts[..at].join("/"), parts[at].to_owned()))
}

/// The reports of the newest run in each place, and all that are in no directory of a run. Where a report of a place states no time, nobody can
/// say which run is the newest, so all of them are.
pub fn newest<'r>(made: &BTreeMap<RelPath, Instant>, reports: impl Iterator<Item = &'r RelPath>) -> BTreeSet<RelPath> {
    let mut places: BTreeMap<String, BTreeMap<String, Vec<&RelPath>>> = BTreeMap::new();
    let mut kept = BTreeSet::new();
    for report in reports {
        match above(report) {
            Some((place, run)) => places.entry(place).or_default().entry(run).or_default().push(report),
            None => drop(kept.insert(report.clone())),
        }
    }
    for runs in places.into_values() {
        let dated = runs.values().flatten().all(|report| made.contains_key(*report));
        let age = |reports: &Vec<&RelPath>| reports.iter().filter_map(|report| made.get(*report)).max().copied();
        let newest = runs.values().filter_map(age).max();
        for reports in runs.values().filter(|reports| !dated || age(reports) == newest) {
            kept.extend(reports.iter().map(|report| (*report).clone()));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_of_runs_are_told_from_others() {
        let of_runs = [
            "2026-11-26",
            "20261126",
            "20261126T101500Z",
            "2026-11-26_10-15-00",
            "0017",
            "run-17",
            "build_0042",
            "1a2b3c4d",
            "nightly-20261126",
            "ci-9f8e7d6",
            "run.3",
        ];
        for name in of_runs {
            assert!(is_of_one_run(name), "{name}");
        }
        let others = [
            "reports",
            "unit",
            "v1",
            "linux-x86_64",
            "18",
            "node-18",
            "3.11",
            "e2e",
            "2fast",
            "node18",
            "py311",
            "deadbeef",
            "target",
            "junit",
            "",
        ];
        for name in others {
            assert!(!is_of_one_run(name), "{name}");
        }
        assert_eq!((of_runs.len(), others.len()), (11, 15));
    }
}
