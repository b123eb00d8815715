//! What lies below a directory before there is any configuration: reports, the tests that fail in them, and what is wrong with
//! them that nobody can excuse.
//!
//! In: a workspace. Out: a [`Survey`], in the order of paths. It judges nothing: what a report comes to is what its reader says.

use super::super::told;
use super::runs;
use crate::collect;
use crate::model::{
    Artifact, Base, CaseStatus, Content, Gap, GapKind, Instant, Limits, RelPath, TestCase, TestReport, TestSuite, Timezone,
    parse_stamp_in, redact,
};
use crate::workspace::Workspace;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that was found.
#[derive(Debug, Default)]
pub struct Survey {
    /// The reports that are to be there from now on, those that cannot be read among them.
    pub reports: Vec<RelPath>,
    /// How many of them could be read.
    pub read: usize,
    /// How many other files there are.
    pub others: usize,
    /// The tests that failed, by id, with the place of the report that tells of it first.
    pub failing: BTreeMap<String, String>,
    /// How many tests of each suite ran. Suites whose names hold on no other machine are left out.
    pub suites: BTreeMap<String, usize>,
    /// How many tests ran.
    pub ran: usize,
    /// How many passed only when they were run again.
    pub flaky: usize,
    /// Suites and source files of which every test is skipped.
    pub all_skipped: BTreeSet<String>,
    /// What no entry of the exceptions file covers, one line each.
    pub unexcused: Vec<String>,
    /// What was seen and left out, one line each.
    pub left_out: Vec<String>,
    /// When each report was made, if it says so.
    pub made: BTreeMap<RelPath, Instant>,
    /// The reports of runs that are not the newest in their place.
    pub older: Vec<RelPath>,
    /// Files that are test reports and cannot be read as such.
    pub invalid: Vec<RelPath>,
}

impl Survey {
    /// Looks at every file below the repository's directory.
    ///
    /// # Errors
    /// The gaps of a search that could not be finished.
    pub fn of(workspace: &dyn Workspace, limits: &Limits, exclude: &[RelPath]) -> Result<Self, Vec<Gap>> {
        let (artifacts, others) = collect::test_reports(workspace, Base::Repo, limits, exclude)?;
        let mut survey = Survey { others, ..Survey::default() };
        let stamps = artifacts.iter().filter_map(|artifact| {
            Some((artifact.path.rel.clone(), stamp(artifact, workspace.now() + limits.clock_skew.duration())?))
        });
        survey.made = stamps.collect();
        let newest = runs::newest(&survey.made, artifacts.iter().map(|artifact| &artifact.path.rel));
        let (artifacts, older): (Vec<Artifact>, Vec<Artifact>) =
            artifacts.into_iter().partition(|artifact| newest.contains(&artifact.path.rel));
        survey.older = older.into_iter().map(|artifact| artifact.path.rel).collect();
        let mut ran: BTreeMap<String, [usize; 2]> = BTreeMap::new();
        let mut files: BTreeMap<String, [usize; 2]> = BTreeMap::new();
        for artifact in &artifacts {
            survey.take(artifact, &mut ran, &mut files);
        }
        for (kind, groups) in [("suite", &ran), ("file", &files)] {
            let idle = groups.iter().filter(|(_, [ran, skipped])| *ran == 0 && *skipped > 0);
            survey.all_skipped.extend(idle.map(|(name, _)| format!("{kind} `{}`", told::safe(name))));
        }
        for (name, [ran, _]) in ran {
            survey.ran += ran;
            if ran == 0 {
                continue;
            }
            match unfit_for_a_list(&name) {
                None => drop(survey.suites.insert(name, ran)),
                Some(because) => survey.left_out.push(format!("suite `{}` is not declared: {because}", told::safe(&name))),
            }
        }
        Ok(survey)
    }

    fn take(
        &mut self,
        artifact: &Artifact,
        suites: &mut BTreeMap<String, [usize; 2]>,
        files: &mut BTreeMap<String, [usize; 2]>,
    ) {
        let (shown, rel) = (&artifact.path.shown, &artifact.path.rel);
        let report = match &artifact.content {
            Ok(Content::Tests(report)) => report,
            Ok(_) => return,
            Err(gap) => {
                let line = format!("{}: {}: {}", gap.kind.word(), told::safe(&gap.at.to_string()), told::safe(&gap.actual));
                if gap.kind == GapKind::Invalid {
                    self.invalid.push(rel.clone());
                    self.left_out.push(line);
                } else {
                    self.reports.push(rel.clone());
                    self.unexcused.push(line);
                }
                return;
            }
        };
        self.reports.push(rel.clone());
        self.read += 1;
        self.damage(report, shown);
        for (position, (suite, case)) in report.cases().enumerate() {
            let skipped = usize::from(case.status() == CaseStatus::Skipped);
            let count = |groups: &mut BTreeMap<String, [usize; 2]>, name: &str| {
                let own = groups.entry(name.to_owned()).or_default();
                own[skipped] += 1;
            };
            count(suites, &suite.name);
            if let Some(file) = &case.file {
                count(files, file);
            }
            match case.status() {
                CaseStatus::Passed | CaseStatus::Skipped => {}
                CaseStatus::Flaky => self.flaky += 1,
                CaseStatus::Failed | CaseStatus::Errored => self.owe(report, position, suite, case, shown),
            }
        }
    }

    /// A test that failed becomes a known failure, if the exceptions file can name it.
    fn owe(&mut self, report: &TestReport, position: usize, suite: &TestSuite, case: &TestCase, shown: &str) {
        let (id, at) = (report.ids().id(0, position, suite, case), case.at.within(shown).to_string());
        if report.ids().is_counted(0, position) {
            self.unexcused
                .push(format!("test-failed: {}: a test that has its name in common with another", told::safe(&at)));
        } else if case.name.trim().is_empty() {
            self.unexcused.push(format!("test-failed: {}: a test without a name", told::safe(&at)));
        } else if redact(&id) != id {
            self.unexcused
                .push(format!("test-failed: {}: a test whose name holds what looks like a secret", told::safe(&at)));
        } else {
            self.failing.entry(id).or_insert(at);
        }
    }

    /// What is wrong with a report as a whole.
    fn damage(&mut self, report: &TestReport, shown: &str) {
        let mut say = |kind: &str, at: String, what: &str| {
            self.unexcused.push(format!("{kind}: {}: {}", told::safe(&at), told::safe(what)));
        };
        for remark in &report.cut_short {
            say("cut-short", remark.at.within(shown).to_string(), &remark.message);
        }
        for one in &report.contradictions {
            say("contradiction", one.at.within(shown).to_string(), &format!("{}, but {}", one.items, one.stated));
        }
        for suite in &report.suites {
            for remark in &suite.errors {
                say("suite-error", remark.at.within(shown).to_string(), &remark.message);
            }
            if suite.cases.is_empty() && suite.errors.is_empty() && !suite.says_empty {
                say("empty-suite", suite.at.within(shown).to_string(), &suite.name);
            }
        }
    }
}

/// When a report says that it was made, which is before `latest`. One that states no zone is read as UTC, as its evidence will be; if that is
/// still to come, it is another zone's.
fn stamp(artifact: &Artifact, latest: Instant) -> Option<Instant> {
    let Ok(Content::Tests(report)) = &artifact.content else { return None };
    let utc = Timezone::parse("UTC").expect("a zone");
    parse_stamp_in(report.timestamp.as_deref()?, Some(utc)).ok().filter(|made| *made <= latest)
}

/// Why a suite is not declared by name: a list of suites is for every machine.
fn unfit_for_a_list(name: &str) -> Option<&'static str> {
    let drive =
        name.as_bytes().get(1) == Some(&b':') && name.as_bytes().get(2).is_some_and(|byte| matches!(byte, b'\\' | b'/'));
    if name.trim().is_empty() {
        Some("it has no name")
    } else if name.starts_with('/') || drive {
        Some("its name is a path of this machine")
    } else if redact(name) != name {
        Some("its name holds what looks like a secret")
    } else {
        None
    }
}
