//! The test reports that lie in a directory, found by what they hold.
//!
//! In: files below a run. Out: each file that is a test report, read, or the gap why it cannot be. What a report is says the evidence format
//! `test-report`: content decides, because names differ; what looks like a report and is damaged is a gap. Where one directory tells of
//! its tests in several kinds of file, one kind counts, the richest: a log and a report of the same tests are not two runs of them.

use crate::collect::{self, FORMATS};
use crate::gate::Format;
use crate::model::{Artifact, Base, Content, Gap, Limits, RelPath};
use crate::workspace::Workspace;
use std::collections::BTreeMap;

/// Extensions of structured reports, the richest first; every other file is a log.
const RICHEST: [&str; 5] = ["xml", "json", "jsonl", "ndjson", "tap"];

/// A test report.
pub(super) struct Found {
    /// What it holds; always a test report.
    pub artifact: Artifact,
}

impl Found {
    /// Its directory below the base, empty for the base itself.
    pub fn directory(&self) -> &str {
        self.artifact.path.rel.as_str().rsplit_once('/').map_or("", |(directory, _)| directory)
    }

    /// Whether it is a log, and no structured report.
    pub fn is_log(&self) -> bool {
        self.rank() == RICHEST.len()
    }

    fn rank(&self) -> usize {
        let extension = self.artifact.path.rel.extension();
        RICHEST.iter().position(|known| extension == Some(*known)).unwrap_or(RICHEST.len())
    }
}

/// The reports among these files, one kind for each directory; and why others cannot be read.
pub(super) fn reports(workspace: &dyn Workspace, files: Vec<RelPath>, limits: &Limits) -> (Vec<Found>, Vec<Gap>) {
    let artifacts = files.iter().map(|file| collect::look_as(workspace, Base::Run, file, test_report(), limits));
    sorted(artifacts.collect())
}

/// The reports below the workspace's run, as [`reports`].
pub(super) fn below(workspace: &dyn Workspace, limits: &Limits) -> (Vec<Found>, Vec<Gap>) {
    match collect::test_reports(workspace, Base::Run, limits, &[]) {
        Ok((artifacts, _)) => sorted(artifacts),
        Err(gaps) => (Vec::new(), gaps),
    }
}

/// The test reports below the workspace's run, each an artifact that holds one, and why others cannot be read.
pub fn test_reports(workspace: &dyn Workspace, limits: &Limits) -> (Vec<Artifact>, Vec<Gap>) {
    let (found, gaps) = below(workspace, limits);
    (found.into_iter().map(|found| found.artifact).collect(), gaps)
}

fn sorted(artifacts: Vec<Artifact>) -> (Vec<Found>, Vec<Gap>) {
    let (mut found, mut gaps) = (Vec::new(), Vec::new());
    for artifact in artifacts {
        match report(artifact) {
            Ok(Some(report)) => found.push(report),
            Ok(None) => {}
            Err(gap) => gaps.push(gap),
        }
    }
    let mut richest: BTreeMap<String, usize> = BTreeMap::new();
    for report in &found {
        let best = richest.entry(report.directory().to_owned()).or_insert(report.rank());
        *best = report.rank().min(*best);
    }
    found.retain(|report| richest[report.directory()] == report.rank());
    (found, gaps)
}

/// The artifact as a test report; `None` if it is something else.
fn report(artifact: Artifact) -> Result<Option<Found>, Gap> {
    match &artifact.content {
        Ok(Content::Tests(_)) => Ok(Some(Found { artifact })),
        Ok(_) => Ok(None),
        Err(gap) => Err(gap.clone()),
    }
}

fn test_report() -> &'static Format {
    FORMATS.iter().copied().find(|format| format.id == "test-report").expect("a known format")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Instant;
    use crate::workspace::Memory;

    #[test]
    fn one_format_counts_and_damage_is_told() {
        let junit = "<testsuite name=\"s\" tests=\"1\"><testcase name=\"a\"/></testsuite>";
        let workspace = Memory::at(Instant::UNIX_EPOCH)
            .with_run("r")
            .file("run:a/junit.xml", junit)
            .file("run:a/output.log", "running 1 test\ntest a ... ok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n")
            .file("run:b/junit.xml", "<testsuite")
            .file("run:c/empty.xml", "")
            .file("run:d/notes.txt", "nothing")
            .file("run:d/core.bin", "running 1 test");
        let (found, gaps) = below(&workspace, &Limits::default());
        let paths: Vec<&str> = found.iter().map(|found| found.artifact.path.rel.as_str()).collect();
        assert_eq!(paths, ["a/junit.xml"]);
        let kinds: Vec<&str> = gaps.iter().map(|gap| gap.kind.word()).collect();
        assert_eq!(kinds, ["malformed", "malformed"]);
        assert!(!found[0].is_log());
    }
}
