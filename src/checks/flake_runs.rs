//! Test reports put together as runs, each known by the document beside or above its reports.
//!
//! In: test reports, and the documents that name runs and their commits. Out: the runs of the commit under judgement. A run of
//! another commit, or of one that cannot be told, is never mixed with them: it is a gap, or left out where the check says so. A
//! report that belongs to no run, and a run that left no report, are gaps.

use super::reports::{Reported, directory};
use super::tally::Tally;
use super::values::shown;
use crate::flake::{Part, Run};
use crate::gate::{Admitted, Doc, Refused};
use crate::model::{Base, EvidenceId, Gap, GapKind, Outcome, Pointer, Where};
use std::collections::BTreeMap;

/// What is one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Each {
    /// All reports of a document.
    Document,
    /// Those of each directory.
    Directory,
    /// Each report.
    File,
}

/// What tells runs apart.
pub(super) struct Naming<'k> {
    /// The documents.
    pub(super) evidence: &'k [EvidenceId],
    /// Where a document names its run.
    pub(super) id: &'k Pointer,
    /// Where it names its commit.
    pub(super) commit: &'k Pointer,
    /// Where it lists what was to run.
    pub(super) selected: &'k [Pointer],
    /// What is one run.
    pub(super) each: Each,
    /// Whether runs of other commits are left out; else they are gaps.
    pub(super) leave_out: bool,
}

/// A run that a document names.
struct Home<'a> {
    doc: Doc<'a>,
    base: Base,
    directory: &'a str,
    /// Its id, if it is of the commit under judgement.
    id: Option<String>,
    parts: Vec<Part<'a>>,
}

impl Home<'_> {
    /// Where a file lies below this run; `None` if it lies elsewhere.
    fn place(&self, base: Base, directory: &str) -> Option<String> {
        let below = if self.directory.is_empty() {
            Some(directory)
        } else {
            directory.strip_prefix(self.directory).filter(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        below.filter(|_| base == self.base).map(|below| below.trim_start_matches('/').to_owned())
    }

    /// The run's directory as people know it.
    fn name(&self) -> String {
        let shown = &self.doc.artifact.path.shown;
        shown.rsplit_once('/').map_or(".", |(directory, _)| directory).to_owned()
    }
}

/// The runs of the commit under judgement, and how many of other commits were left out.
///
/// # Errors
/// The outcome to return when the commit under judgement cannot be told, or evidence is no document.
pub(super) fn runs<'a>(
    evidence: &Admitted<'a>,
    naming: &Naming<'_>,
    reports: &[Reported<'a>],
    tally: &mut Tally,
) -> Result<(Vec<Run<'a>>, usize), Refused> {
    let wanted = commit(evidence)?;
    let (mut homes, mut left_out) = (Vec::new(), 0);
    for id in naming.evidence {
        for doc in evidence.documents(id)? {
            let home = home(doc, naming, &wanted, &mut left_out, tally);
            let twice = |other: &&Home<'_>| (other.base, other.directory) == (home.base, home.directory);
            if let Some(other) = homes.iter().find(twice) {
                let expected = format!("one document that names the run in this directory, as {}", other.doc.artifact.path);
                let at = doc.at(Pointer::root());
                return Err(Outcome::Error(Gap::new(GapKind::Invalid, at, expected, "one more").into()));
            }
            homes.push(home);
        }
    }
    for from in reports {
        let (base, below) = (from.artifact.path.base, directory(from.artifact));
        let places = homes.iter().enumerate().filter_map(|(at, home)| Some((home.place(base, below)?, at)));
        // The nearest document above a report is the one that it belongs to.
        let Some((place, at)) = places.min_by_key(|(place, _)| place.len()) else {
            let at = Where::file(&from.artifact.path.shown);
            let expected = "a report beside or below a document that names its run and commit";
            tally.gap(Gap::new(GapKind::Unbound, at, expected, "none"));
            continue;
        };
        let place = match naming.each {
            Each::File => format!("{place}/{}", from.artifact.path.rel.name()).trim_start_matches('/').to_owned(),
            Each::Document | Each::Directory => place,
        };
        let at_file = Where::file(&from.artifact.path.shown);
        let (digest, report) = (from.artifact.digest, Some(from.report));
        homes[at].parts.push(Part { place, at: at_file, digest, report, broke: None });
    }
    selected(&mut homes, naming, tally);
    let mut runs = Vec::new();
    for home in homes.into_iter().filter(|home| home.id.is_some()) {
        if home.parts.is_empty() {
            let expected = format!("at least one test report of the run in {}", home.name());
            tally.gap(Gap::new(GapKind::Missing, home.doc.at(Pointer::root()), expected, "none"));
        }
        match naming.each {
            Each::Directory | Each::File => runs.extend(apart(home)),
            Each::Document => runs.push(Run { name: home.name(), id: home.id, parts: home.parts }),
        }
    }
    Ok((runs, left_out))
}

/// Each place with reports as a run of its own. Its id is that of the recording with the directory, so that a recording that
/// is given twice still counts once.
fn apart(home: Home<'_>) -> Vec<Run<'_>> {
    let (name, id) = (home.name(), home.id.unwrap_or_default());
    let mut runs: BTreeMap<String, Vec<Part<'_>>> = BTreeMap::new();
    for part in home.parts {
        runs.entry(part.place.clone()).or_default().push(Part { place: String::new(), ..part });
    }
    let run = |(place, parts): (String, Vec<_>)| Run {
        name: format!("{name}/{place}").trim_end_matches('/').to_owned(),
        id: Some(format!("{id}/{place}")),
        parts,
    };
    runs.into_iter().map(run).collect()
}

/// The commit that all runs must be of: that of the run under judgement, else that of the repository.
fn commit(evidence: &Admitted<'_>) -> Result<String, Refused> {
    let run = evidence.context.run.as_ref().and_then(|run| run.commit.clone());
    run.map_or_else(|| evidence.context.commit.clone(), Ok).map_err(|phrase| {
        let at = Where::file("commit");
        Outcome::Error(Gap::new(GapKind::Unbound, at, "a commit under judgement, which the runs are of", phrase).into())
    })
}

/// Whom a document names. What is no run of the wanted commit has no id.
fn home<'a>(doc: Doc<'a>, naming: &Naming<'_>, wanted: &str, left_out: &mut usize, tally: &mut Tally) -> Home<'a> {
    let text = |pointer: &Pointer| doc.root.at(pointer).and_then(|node| node.text()).filter(|text| !text.trim().is_empty());
    let (base, directory) = (doc.artifact.path.base, directory(doc.artifact));
    let mut home = Home { doc, base, directory, id: None, parts: Vec::new() };
    let gap = |pointer: &Pointer, expected: String| {
        let actual = doc.root.at(pointer).map_or_else(|| "nothing".to_owned(), shown);
        Gap::new(GapKind::Unbound, doc.at(pointer.clone()), expected, actual)
    };
    match (text(naming.id), text(naming.commit)) {
        (None, _) => tally.gap(gap(naming.id, "the id of the run".to_owned())),
        (_, None) => tally.gap(gap(naming.commit, "the commit of the run".to_owned())),
        (Some(_), Some(commit)) if commit != wanted && naming.leave_out => *left_out += 1,
        (Some(_), Some(commit)) if commit != wanted => {
            tally.gap(gap(naming.commit, format!("a run of the commit under judgement, {wanted}")));
        }
        (Some(id), Some(_)) => home.id = Some(id.to_owned()),
    }
    home
}

/// What was to run and left no report broke. It stands in the same place as in the other runs.
fn selected(homes: &mut [Home<'_>], naming: &Naming<'_>, tally: &mut Tally) {
    let last = |place: &str| place.rsplit('/').next().unwrap_or_default().to_owned();
    let known: BTreeMap<String, String> =
        homes.iter().flat_map(|home| &home.parts).map(|part| (last(&part.place), part.place.clone())).collect();
    for home in homes.iter_mut().filter(|home| home.id.is_some()) {
        for pointer in naming.selected {
            let list = home.doc.root.at(pointer).filter(|list| list.is_list());
            let Some(list) = list else {
                let actual = home.doc.root.at(pointer).map_or_else(|| "nothing".to_owned(), shown);
                let at = home.doc.at(pointer.clone());
                tally.gap(Gap::new(GapKind::Invalid, at, "a list of names that were selected", actual));
                continue;
            };
            for (index, item) in list.items().enumerate() {
                let at = home.doc.at(pointer.index(index));
                let Some(name) = item.text() else {
                    tally.gap(Gap::new(GapKind::Invalid, at, "a name that was selected", shown(item)));
                    continue;
                };
                if !home.parts.iter().any(|part| last(&part.place) == name) {
                    let place = known.get(name).cloned().unwrap_or_else(|| name.to_owned());
                    let broke = Some((at.clone(), "it was selected and left no report".to_owned()));
                    home.parts.push(Part { place, at, digest: None, report: None, broke });
                }
            }
        }
    }
}
