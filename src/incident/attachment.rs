//! What an incident must bring along, and whether it is there.
//!
//! In: the kinds of the incident, and the places where files lie. Out: a row for each file, with its digest if it is there and why it is of no
//! use if it is damaged. The lists are those of the runbook.

use super::{Kind, Place};
use crate::collect;
use crate::model::{Base, Digest, GapKind, Limits, RelPath};
use crate::workspace::Workspace;

/// Where a file lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Home {
    /// In the run.
    Run,
    /// Beside the verdict.
    Verdict,
    /// In the repository.
    Repository,
}

impl Home {
    /// The word in outputs.
    pub const fn word(self) -> &'static str {
        match self {
            Home::Run => "run",
            Home::Verdict => "verdict",
            Home::Repository => "repository",
        }
    }
}

/// A file to attach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Where it lies.
    pub home: Home,
    /// Its path there.
    pub path: String,
    /// Whether it must be there.
    pub required: bool,
    /// Its size and digest, if it is there and sound.
    pub found: Option<(u64, Digest)>,
    /// Why it is of no use.
    pub problem: Option<String>,
}

const VERDICT: &[(Home, &str, bool)] = &[
    (Home::Verdict, "full_suite_verdict.json", true),
    (Home::Verdict, "full_suite_events.jsonl", true),
    (Home::Verdict, "full_suite_report.md", true),
];

const PIPELINE: &[(Home, &str, bool)] = &[
    (Home::Run, "summary.json", true),
    (Home::Run, "manifest.json", true),
    (Home::Run, "e2e.log", true),
    (Home::Run, "failure_summary.md", true),
];

const PARITY: &[(Home, &str, bool)] = &[
    (Home::Run, "summary.json", true),
    (Home::Run, "triage_diff.json", true),
    (Home::Run, "replay_bundle.json", true),
    (Home::Run, "failure_diagnostics_index.json", true),
    (Home::Repository, "tests/evidence_bundle/index.json", true),
    (Home::Repository, "docs/contracts/dropin-certification-contract.json", true),
    (Home::Repository, "docs/evidence/dropin-certification-verdict.json", false),
];

const PERFORMANCE: &[(Home, &str, bool)] = &[
    (Home::Repository, "tests/full_suite_gate/certification_events.jsonl", true),
    (Home::Repository, "tests/perf/reports/budget_events.jsonl", true),
    (Home::Repository, "tests/perf/reports/perf_comparison_events.jsonl", true),
    (Home::Repository, "tests/perf/reports/stress_events.jsonl", true),
    (Home::Repository, "tests/perf/reports/parameter_sweeps_events.jsonl", true),
];

/// The files of these kinds of incident, each once, and those that only this one has.
/// `blamed` are files of the repository that set it off: those must be there, whatever the list says.
pub(super) fn attachments(
    kinds: &[Kind],
    own: &[String],
    blamed: &[&str],
    place: &Place<'_>,
    limits: &Limits,
) -> Vec<Attachment> {
    let mut wanted: Vec<(Home, String, bool)> = Vec::new();
    let of = |kind: &Kind| match kind {
        Kind::Pipeline => PIPELINE,
        Kind::Parity => PARITY,
        Kind::Performance => PERFORMANCE,
    };
    for (home, path, required) in kinds.iter().flat_map(of).chain(VERDICT) {
        let blamed = *home == Home::Repository && blamed.contains(path);
        let row = (*home, (*path).to_owned(), *required || blamed);
        if !wanted.contains(&row) {
            wanted.push(row);
        }
    }
    wanted.extend(own.iter().map(|path| (Home::Run, path.clone(), true)));
    wanted.into_iter().map(|(home, path, required)| look_around(home, path, required, place, limits)).collect()
}

/// Where a file of an incident is opened.
///
/// # Errors
/// A phrase: why it is nowhere.
pub(super) fn source<'w>(home: Home, path: &str, place: &Place<'w>) -> Result<(&'w dyn Workspace, Base, RelPath), String> {
    // The verdict itself may have any name.
    if home == Home::Verdict && path == "full_suite_verdict.json" {
        return Ok((place.beside, Base::Repo, place.verdict.clone()));
    }
    let path = RelPath::parse(path).map_err(|refused| format!("its path {}", refused.because))?;
    match (home, place.run) {
        (Home::Verdict, _) => Ok((place.beside, Base::Repo, path)),
        (Home::Repository, _) => Ok((place.around, Base::Repo, path)),
        (Home::Run, true) => Ok((place.around, Base::Run, path)),
        (Home::Run, false) => Err("the run is not at hand".to_owned()),
    }
}

/// Looks for a file; one of the full suite's directory that is not there lies beside the verdict where that was put elsewhere.
fn look_around(home: Home, path: String, required: bool, place: &Place<'_>, limits: &Limits) -> Attachment {
    let beside = path.strip_prefix("tests/full_suite_gate/").filter(|_| home == Home::Repository).map(str::to_owned);
    let row = look(home, path, required, place, limits);
    match beside {
        Some(name) if row.found.is_none() => {
            let other = look(Home::Verdict, name, required, place, limits);
            if other.found.is_some() { other } else { row }
        }
        Some(_) | None => row,
    }
}

fn look(home: Home, path: String, required: bool, place: &Place<'_>, limits: &Limits) -> Attachment {
    let (mut found, mut problem) = (None, None);
    match source(home, &path, place) {
        Err(because) => problem = Some(because),
        Ok((workspace, base, path)) => {
            let seen = collect::inspect(workspace, base, &path, None, limits);
            match (seen.gap, seen.sha256) {
                (Some(gap), _) if gap.kind == GapKind::Missing => {}
                (Some(gap), _) => problem = Some(format!("{}: {}", gap.kind.word(), gap.actual)),
                (None, Some(_)) if seen.size == 0 => problem = Some("empty".to_owned()),
                (None, Some(digest)) => found = Some((seen.size, digest)),
                (None, None) => problem = Some("it cannot be read to its end".to_owned()),
            }
        }
    }
    Attachment { home, path, required, found, problem }
}
