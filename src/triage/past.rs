//! Runs as they were: who they say they are, and the test reports that they left.
//!
//! In: a directory in the layout of an end-to-end run, a directory with plain reports, or one report. Out: a [`Past`]. A directory
//! with an `environment.json` has the id and the commit that stand there, and its suites and units are read by their results; anything else
//! has no id, and the commit that the operator states, if any. What is damaged is a gap.

use super::command::Command;
use super::reports::{Found, below, reports};
use super::run::{Run, Surface, Target, document};
use crate::model::{Base, Content, Gap, GapKind, Limits, Pointer, RelPath, TestReport, Where};
use crate::workspace::{EntryKind, Workspace};

/// One run that was given.
pub(super) struct Past {
    /// Its directory or file, as people know it.
    pub name: String,
    /// Its own id.
    pub id: Option<String>,
    /// Its commit, if it can be told.
    pub commit: Option<String>,
    /// What it reports.
    pub pieces: Vec<Piece>,
}

/// A part of a run, with what is known about running it again.
pub(super) struct Piece {
    /// The directory below the run, equal in every run.
    pub place: String,
    /// Where it stands.
    pub at: Where,
    /// Its report.
    pub found: Option<Found>,
    /// Why it did not come to a good end, where no report says so.
    pub broke: Option<(Where, String)>,
    /// The suite or unit that it is of.
    pub target: Option<String>,
    /// Its log, for hints.
    pub log: Option<RelPath>,
    /// The category that its exit code or signal suggests, and where that stands.
    pub structure: Option<(&'static str, Where, String)>,
}

impl Piece {
    /// What its tests did.
    pub fn report(&self) -> Option<&TestReport> {
        let Ok(Content::Tests(report)) = &self.found.as_ref()?.artifact.content else { return None };
        Some(report)
    }

    /// The command that runs a test of it alone, if it is known how.
    pub fn command(&self, test: &str) -> Option<Command> {
        let target = self.target.as_deref()?;
        match self.found.as_ref().is_some_and(Found::is_log) {
            true => Command::test(target, test).ok(),
            false => Command::target(target).ok(),
        }
    }
}

/// Reads a run, and says what of it cannot be believed. `file` is the only report, if the run is one file.
pub(super) fn read(
    workspace: &dyn Workspace,
    name: &str,
    file: Option<&RelPath>,
    stated: Option<&str>,
    limits: &Limits,
) -> (Past, Vec<Gap>) {
    let mut past = Past { name: name.to_owned(), id: None, commit: stated.map(str::to_owned), pieces: Vec::new() };
    let mut gaps = Vec::new();
    let environment = RelPath::parse("environment.json").expect("a sound path");
    match (file, document(workspace, Base::Run, &environment, limits)) {
        (Some(file), _) => {
            let (found, more) = reports(workspace, vec![file.clone()], limits);
            if found.is_empty() && more.is_empty() {
                let at = Where::file(workspace.shown(Base::Run, file));
                gaps.push(Gap::new(GapKind::Invalid, at, "a test report of a known format", "something else"));
            }
            past.pieces.extend(found.into_iter().map(|found| Piece::plain(found, true)));
            gaps.extend(more);
        }
        (None, Err(gap)) if gap.kind == GapKind::Missing => plain(workspace, &mut past, &mut gaps, limits),
        (None, Err(gap)) => gaps.push(gap),
        (None, Ok((document, shown))) => {
            let text = |key: &str| {
                let text = document.root().get(key).and_then(|node| node.text()).map(str::trim);
                text.filter(|text| !text.is_empty()).map(str::to_owned)
            };
            past.id = text("run_id");
            let own = text("git_sha").or_else(|| text("commit"));
            if let (Some(own), Some(stated)) = (&own, stated)
                && own != stated
            {
                let at = Where::pointer(&shown, Pointer::root().key("git_sha"));
                gaps.push(Gap::new(GapKind::Unbound, at, format!("a run of the stated commit, {stated}"), own.clone()));
            }
            // Its own word counts; a run that says another commit than the operator is never taken for one of that commit.
            past.commit = own.or(past.commit);
            // Where nothing is selected by name there are no results of suites and units, only reports.
            match document.root().get("suites").or(document.root().get("units")) {
                Some(_) => targets(workspace, &mut past, &mut gaps, limits),
                None => plain(workspace, &mut past, &mut gaps, limits),
            }
        }
    }
    if past.pieces.is_empty() && gaps.is_empty() {
        gaps.push(Gap::new(GapKind::Empty, Where::file(name), "at least one test report", "none"));
    }
    if past.commit.is_none() && !past.pieces.is_empty() {
        let at = Where::file(name);
        let expected = "the commit of the run, in its environment.json or given with `--commit`";
        gaps.push(Gap::new(GapKind::Unbound, at, expected, "none, so it is compared with no other run"));
    }
    (past, gaps)
}

/// Every report below the directory.
fn plain(workspace: &dyn Workspace, past: &mut Past, gaps: &mut Vec<Gap>, limits: &Limits) {
    let (found, more) = below(workspace, limits);
    past.pieces.extend(found.into_iter().map(|found| Piece::plain(found, false)));
    gaps.extend(more);
}

impl Piece {
    /// A report without a result beside it. A run that is one file has no places.
    fn plain(found: Found, alone: bool) -> Self {
        Self {
            place: if alone { String::new() } else { found.directory().to_owned() },
            at: Where::file(&found.artifact.path.shown),
            broke: None,
            target: None,
            log: None,
            structure: None,
            found: Some(found),
        }
    }
}

/// Each suite and unit by its result, with the reports beside it.
fn targets(workspace: &dyn Workspace, past: &mut Past, gaps: &mut Vec<Gap>, limits: &Limits) {
    let run = Run::read(workspace, Base::Run, limits);
    gaps.extend(run.gaps);
    for target in run.targets.into_values() {
        let place = match (&target.directory, target.surface) {
            (Some(directory), _) => directory.to_string(),
            (None, Surface::Suite) => target.name.clone(),
            (None, Surface::Unit) => format!("unit/{}", target.name),
        };
        let entries = target.directory.as_ref().and_then(|directory| workspace.list(Base::Run, Some(directory)).ok());
        let files: Vec<RelPath> = entries
            .into_iter()
            .flatten()
            .filter(|entry| entry.kind == EntryKind::File)
            .filter_map(|entry| Some(target.directory.as_ref()?.join(&RelPath::parse(&entry.name).ok()?)))
            .collect();
        let log = files.iter().find(|file| file.name() == "output.log").cloned();
        let results = |file: &RelPath| !["result.json", "failure_digest.json"].contains(&file.name());
        let (found, more) = reports(workspace, files.into_iter().filter(results).collect(), limits);
        gaps.extend(more);
        let structure = structure(&target);
        let piece = |found: Option<Found>| Piece {
            place: place.clone(),
            at: found.as_ref().map_or_else(|| target.at.clone(), |found| Where::file(&found.artifact.path.shown)),
            broke: None,
            target: Some(target.name.clone()),
            log: log.clone(),
            structure: structure.clone(),
            found,
        };
        let mut pieces: Vec<Piece> = found.into_iter().map(|found| piece(Some(found))).collect();
        if pieces.is_empty() {
            pieces.push(piece(None));
        }
        // A failure that no test explains is one of the target as a whole.
        let explained = pieces.iter().filter_map(Piece::report).any(failed);
        if target.failed() && !explained {
            let said = target.exit.map_or_else(
                || "it left no result that can be believed".to_owned(),
                |code| format!("it exited with {code} although no test failed"),
            );
            pieces[0].broke = Some((target.at.clone(), said));
        }
        past.pieces.extend(pieces);
    }
}

fn failed(report: &TestReport) -> bool {
    let totals = report.totals();
    totals.failed + totals.errored > 0
}

/// What the exit code or the signal of a target says about the kind of flake.
fn structure(target: &Target) -> Option<(&'static str, Where, String)> {
    let field = |key: &str| Where { pointer: Some(Pointer::root().key(key)), ..target.at.clone() };
    match (target.signal, target.exit) {
        // Killed from outside: what does that to a test is most often the kernel short of memory.
        (Some(9), _) => Some(("FLAKE-RES", field("signal"), "signal 9".to_owned())),
        (_, Some(code @ (137 | -9))) => Some(("FLAKE-RES", field("exit_code"), format!("exit code {code}"))),
        // 124 is what `timeout` exits with, 126 and 127 what a shell says of a program that it cannot start.
        (_, Some(124)) => Some(("FLAKE-TIMING", field("exit_code"), "exit code 124".to_owned())),
        (_, Some(code @ (126 | 127))) => Some(("FLAKE-ENV", field("exit_code"), format!("exit code {code}"))),
        (Some(_) | None, Some(_) | None) => None,
    }
}
