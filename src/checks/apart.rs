//! What quarantine subtracts from a run of targets: the tests that failed and are held apart, and the targets that failed of nothing else.
//!
//! In: test reports, each in the directory of its target, and the quarantine entries of the policy's exceptions files. An entry names a test by
//! its full id, as findings show it (`e2e_tui (tests/e2e_tui.rs)::quits`), or by its target and name (`e2e_tui::quits`). Out: which failures
//! an entry excuses. A target is excused if its runner says with its exit code that tests failed, every failed test of it is held apart, and
//! nothing else is wrong: no suite broke, nothing was cut short or contradicts itself, and the result counts no more failures than are named.

use super::quarantined::{Cover, Entry, Names, Runs, cover_all};
use super::reports::{Reported, directory};
use super::tally::Tally;
use crate::gate::Admitted;
use crate::model::{CaseStatus, Note, TestCase, TestIds, TestSuite};
use std::collections::BTreeMap;

/// The exit codes with which runners say that tests failed; any other one is a crash, a signal, a missing program, the end of the time.
const TESTS_FAILED: [i128; 3] = [1, 100, 101];

/// One test of a run.
struct Told<'a> {
    from: Reported<'a>,
    suite: &'a TestSuite,
    case: &'a TestCase,
    /// The position of its report, and its own there.
    position: (usize, usize),
}

/// The tests of a run with what holds them apart.
pub(super) struct Apart<'a> {
    reports: Vec<Reported<'a>>,
    tests: Vec<Told<'a>>,
    cover: Cover,
    by_case: BTreeMap<*const TestCase, usize>,
}

/// Why a target that failed is not excused.
pub(super) enum Unexcused<'c> {
    /// Something else than tests failed, or it is not known what.
    Otherwise,
    /// These tests failed and no entry names them; entries that do not hold would have named others.
    Tests(Vec<String>, Vec<&'c Entry>),
}

/// The target of a directory of a run: what the directory is called.
pub(super) fn target(home: &str) -> &str {
    home.rsplit('/').next().unwrap_or(home)
}

fn failed(case: &TestCase) -> bool {
    matches!(case.status(), CaseStatus::Failed | CaseStatus::Errored)
}

impl<'a> Apart<'a> {
    /// Looks at these reports. Entries that name a test of one of their targets which is not there are findings of `tally`, and so are entries
    /// that name several or only a part of an id.
    pub(super) fn of(reports: Vec<Reported<'a>>, evidence: &Admitted<'_>, tally: &mut Tally) -> Self {
        let of = |(at, from): (usize, &Reported<'a>)| {
            let from = *from;
            let told = move |(own, (suite, case))| Told { from, suite, case, position: (at, own) };
            from.report.cases().enumerate().map(told)
        };
        let tests: Vec<Told<'a>> = reports.iter().enumerate().flat_map(of).collect();
        let cover = if evidence.context.exceptions.quarantine.is_empty() {
            Cover::default()
        } else {
            let shown = |from: &Reported<'a>| (from.artifact.path.shown.as_str(), from.report);
            let ids = TestIds::of(&reports.iter().map(shown).collect::<Vec<_>>());
            let names = |at: usize| names(&tests[at], &ids);
            let known = |name: &str| {
                let first = name.split("::").next().unwrap_or(name);
                reports.iter().any(|from| target(directory(from.artifact)) == first.split(" (").next().unwrap_or(first))
            };
            cover_all(tests.len(), names, Runs::Several, &known, evidence, tally)
        };
        let by_case = tests.iter().enumerate().map(|(at, test)| (std::ptr::from_ref(test.case), at)).collect();
        Self { reports, tests, cover, by_case }
    }

    /// The entry that holds and excuses the failure of this test.
    pub(super) fn excuse(&self, case: &TestCase) -> Option<&Entry> {
        let at = self.by_case.get(&std::ptr::from_ref(case))?;
        self.cover.of(*at).filter(|entry| entry.void.is_none())
    }

    /// The notes of a target that failed of nothing but tests that are held apart.
    ///
    /// # Errors
    /// What else it failed of.
    pub(super) fn target(&self, home: &str, exit_code: i128, counted: Option<i128>) -> Result<Vec<Note>, Unexcused<'_>> {
        let own: Vec<&Reported<'_>> = self.reports.iter().filter(|from| directory(from.artifact) == home).collect();
        if !TESTS_FAILED.contains(&exit_code) || own.is_empty() || !own.iter().all(|from| whole(from)) {
            return Err(Unexcused::Otherwise);
        }
        let of = |test: &&Told<'_>| directory(test.from.artifact) == home && failed(test.case);
        let failures: Vec<&Told<'_>> = self.tests.iter().filter(of).collect();
        let (mut notes, mut bare, mut void) = (Vec::new(), Vec::new(), Vec::new());
        for test in &failures {
            let name = format!("{}::{}", target(home), test.case.own_id());
            let at = self.by_case[&std::ptr::from_ref(test.case)];
            match self.cover.of(at) {
                Some(entry) if entry.void.is_none() => {
                    let text = format!("`{name}` is {} and quarantined", test.case.status().word());
                    notes.push(Note::quarantined(entry.name(), text));
                }
                Some(entry) => {
                    void.push(entry);
                    bare.push(name);
                }
                None => bare.push(name),
            }
        }
        bare.sort();
        bare.dedup();
        // Each report of the target tells of all its tests, so that each must name every failure that is counted.
        let named = |from: &&&Reported<'_>| from.report.others().filter(|(_, _, case)| failed(case)).count() as i128;
        let most = own.iter().map(|from| named(&from)).min().unwrap_or_default();
        match counted {
            _ if !bare.is_empty() => Err(Unexcused::Tests(bare, void)),
            Some(counted) if counted <= most && most > 0 => {
                notes.dedup();
                Ok(notes)
            }
            Some(_) | None => Err(Unexcused::Otherwise),
        }
    }

    /// The directories of the reports that are about a target of this name.
    pub(super) fn homes<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'a str> + 's {
        self.reports.iter().map(|from| directory(from.artifact)).filter(move |home| target(home) == name)
    }
}

/// Whether nothing is wrong with a report but its tests.
fn whole(from: &Reported<'_>) -> bool {
    let report = from.report;
    report.contradictions.is_empty()
        && report.cut_short.iter().all(|remark| remark.later_targets)
        && report.suites.iter().all(|suite| suite.errors.is_empty() && suite.stops.is_empty())
}

fn names(test: &Told<'_>, ids: &TestIds) -> Names {
    let Told { from, suite, case, position: (report, own) } = *test;
    let home = directory(from.artifact);
    let shown = &from.artifact.path.shown;
    let by_target = format!("{}::{}", target(home), case.own_id());
    let mut spellings = TestIds::spellings(shown, suite, case);
    spellings.push(by_target.clone());
    Names {
        id: ids.id(report, own, suite, case),
        spellings,
        own_id: case.own_id(),
        name: case.name.to_string(),
        everywhere: (format!("{home}/{by_target}"), report),
        counted: ids.is_counted(report, own),
    }
}
