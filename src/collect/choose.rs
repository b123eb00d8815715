//! Which of several files a need is about: all of them, or the newest.
//!
//! In: the files that were found for a need, each with when it was made. Out: the job's files, those that were passed over, and the gap where it cannot be told.

use super::job::Job;
use super::locate::is_glob;
use super::shelf::{Key, Shelf};
use crate::model::{Base, Gap, GapKind, Instant, RelPath, Where};
use std::collections::BTreeSet;

/// When it was made, which file, and why it is not admitted.
pub(super) type Candidate = (Option<Instant>, Key, Vec<Gap>);

/// Keeps these candidates and why they are not admitted.
pub(super) fn keep(job: &mut Job<'_>, candidates: Vec<Candidate>) {
    job.keys.clear();
    for (_, key, gaps) in candidates {
        job.keys.push(key);
        job.gaps.extend(gaps);
    }
}

/// Keeps the newest candidate, or all of the newest run of a pattern. A candidate whose time cannot be read might be the newest, so it
/// is a gap.
pub(super) fn choose(shelf: &Shelf<'_>, job: &mut Job<'_>, candidates: Vec<Candidate>, runs: Option<&str>) {
    let untimed: Vec<Gap> = candidates
        .iter()
        .filter(|(made, _, _)| made.is_none())
        .flat_map(|(_, key, gaps)| {
            let shown = &shelf.artifact(*key).path.shown;
            let none =
                || vec![Gap::new(GapKind::Invalid, Where::file(shown), "a timestamp to choose the newest by", "none")];
            if gaps.is_empty() { none() } else { gaps.clone() }
        })
        .collect();
    if !untimed.is_empty() {
        job.gaps.extend(untimed);
        job.keys = candidates.into_iter().map(|(_, key, _)| key).collect();
        return;
    }
    let Some(newest) = candidates.iter().filter_map(|(made, _, _)| *made).max() else {
        job.keys.clear();
        return;
    };
    // What is chosen: a file, or the directory of a run.
    let own = |key: &Key| {
        let path = &shelf.artifact(*key).path;
        (path.base, runs.map_or_else(|| path.rel.to_string(), |pattern| run_of(pattern, &path.rel)))
    };
    let newest: BTreeSet<(Base, String)> =
        candidates.iter().filter(|(made, _, _)| *made == Some(newest)).map(|(_, key, _)| own(key)).collect();
    let (chosen, passed): (Vec<Candidate>, Vec<Candidate>) =
        candidates.into_iter().partition(|(_, key, _)| newest.contains(&own(key)));
    job.passed_over.extend(passed.into_iter().map(|(_, key, _)| key));
    // How old a file is that nobody judges says nothing of what is judged.
    let passed_over = &job.passed_over;
    job.made.retain(|key, _| !passed_over.contains(key));
    if newest.len() > 1 {
        let shown: Vec<String> = newest.iter().take(3).map(|(_, path)| path.clone()).collect();
        let actual = format!("ambiguous: {} are equally new ({})", newest.len(), shown.join(", "));
        let at = Where::file(job.wanted());
        let wanted = if runs.is_some() { "one newest run" } else { "one newest file" };
        job.gaps.push(Gap::new(GapKind::Invalid, at, wanted, actual));
    }
    keep(job, chosen);
}

/// The directory of the run that a match of a pattern is of: the path as far as the pattern's first wildcard.
fn run_of(pattern: &str, path: &RelPath) -> String {
    let literal = pattern.split('/').take_while(|part| !is_glob(part)).count();
    path.as_str().split('/').take(literal + 1).collect::<Vec<_>>().join("/")
}
