//! Which packages a run of scenarios was of, as the reports of its runner say: the report of a package names it, that of a suite says `suite`.
//!
//! In: reports of suites and packages as front matter, the runs of scenarios that count, logs that only a suite keeps. Out: the packages, where all of
//! this says that nothing else was meant to run; nothing, which means all packages, where any of it leaves that open. A suite that was killed has written no report of
//! itself, but it has written logs into the report directories of its scenarios.

use super::scenario_runs::Run;
use super::scenarios::split;
use crate::gate::{Admitted, Refused};
use crate::model::{Artifact, Content, EvidenceId, Instant, Node, Outcome, RelPath, parse_stamp};
use std::collections::BTreeSet;

/// What the report of a suite over several packages has in place of a package.
const SUITE: &str = "suite";

/// Where the scope of a run is told.
pub(super) struct Scope {
    /// Reports of suites and packages.
    pub(super) reports: EvidenceId,
    /// Logs beside the metadata of scenarios which a suite ran.
    pub(super) logs: EvidenceId,
}

impl Scope {
    /// The packages that the run was of; nothing if it was of all, or if that cannot be told. `counts` says whether what ended then is of this run.
    ///
    /// # Errors
    /// The outcome to return when the evidence is not admitted.
    pub(super) fn packages<'a>(
        &self,
        evidence: &Admitted<'a>,
        runs: &[&Run<'a>],
        counts: impl Fn(Instant) -> bool,
    ) -> Result<BTreeSet<&'a str>, Refused> {
        let nothing = BTreeSet::new();
        if evidence.is_absent(&self.reports) {
            return Ok(nothing);
        }
        let mut packages = BTreeSet::new();
        for doc in evidence.documents(&self.reports)? {
            let field = |key: &str| doc.root.get("fields").and_then(|fields| fields.get(key)).and_then(Node::text);
            let executed = field("executed").and_then(|text| parse_stamp(text).ok());
            if executed.is_some_and(|at| !counts(at)) {
                continue;
            }
            match field("package") {
                None | Some(SUITE) => return Ok(nothing),
                Some(package) => packages.insert(package),
            };
        }
        let mut by_suite = BTreeSet::new();
        if !evidence.is_absent(&self.logs) {
            for artifact in evidence.artifacts(&self.logs)? {
                by_suite.extend(names(artifact)?.iter().map(|name| split(name.as_str()).0));
            }
        }
        let stated = |run: &&Run<'_>| {
            !by_suite.contains(run.directory) && run.text("package").is_some_and(|package| packages.contains(package))
        };
        Ok(if runs.iter().all(stated) { packages } else { nothing })
    }
}

/// The files that an artifact stands for: those that it lists, else itself.
///
/// # Errors
/// The outcome to return when it could not be read.
pub(super) fn names(artifact: &Artifact) -> Result<&[RelPath], Refused> {
    match &artifact.content {
        Ok(Content::Listing(names)) => Ok(names.as_slice()),
        Ok(_) => Ok(std::slice::from_ref(&artifact.path.rel)),
        Err(gap) => Err(Outcome::Error(gap.clone().into())),
    }
}
