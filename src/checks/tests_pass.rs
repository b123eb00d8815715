//! Asserts that every test of one or several test reports passed or was skipped.
//!
//! A flaky test, one that passed only when it was run again, is a finding unless `flaky = "allow"`. Reports are those of the formats for
//! tests: `junit`, `ctrf`, `libtest-text`, `libtest-json`, `go-test-json`, `go-test-text`, `tap`. Optional evidence that is absent holds no
//! reports, as long as other evidence does; an optional ledger that is absent holds nothing apart.
//!
//! `ledger` names the ledger whose `[quarantine.<test>]` tables hold tests apart. An entry covers one test: the one of this full id
//! (`suite::class::name`, as findings show it). A part of an id, such as the bare name, covers none: the finding lists the ids it may mean. Where several tests have
//! one id, findings show it longer, and an entry names one of them so: with the host of its suite (`pays [firefox]`), its file
//! (`adds (a.test.js)`) or its report (`adds in build/a.xml`). It holds from its first to its
//! last day. It covers the failure of that test and nothing else: never an error of a suite as a whole, a run cut short, a
//! contradiction or a suite without tests. Entries whose test is not in any of the reports are findings, because a
//! quarantine for nothing hides a test that is gone. An entry says with `kind = "known-failure"` that its test
//! fails, and then it is a finding that the test passed each time that it ran; with `kind = "flaky"` it may do either. Of entries that say
//! neither, `recovered` decides: `find` or `allow`.
//!
//! ```toml
//! [evidence.unit]
//! path = "run:junit.xml"
//! [evidence.end_to_end]
//! path = "run:e2e/*.xml"
//! pick = "all"
//! [evidence.ledger]
//! path = "repo:tests/suite_classification.toml"
//!
//! [[check]]
//! kind = "tests-pass"
//! evidence = ["unit", "end_to_end"]
//! flaky = "find"
//! empty_suites = "find"
//! ledger = "ledger"
//! recovered = "allow"
//! ```
//!
//! With `runs = "several"` the reports tell of the same tests again, and an entry covers its test in each of them.
//!
//! Findings: `test-failed` and `test-errored` (at the place in the report, with the id of the test, its message, and file and line of its source),
//! `test-flaky`, `suite-error` (it did not build, did not load, crashed), `timed-out` and `panicked` (the process died: in which test, in which phase,
//! where; no quarantine covers it), `cut-short`, `empty-suite` (a suite without a test, unless the
//! tool says that there is nothing to run, or `empty_suites = "allow"`), `contradiction` (the report states more failures than
//! it shows; other totals that differ are notes, and so is a report in which nothing ran beside one in which something did), `quarantine-unused`, `quarantine-ambiguous` (several tests go by the entry's name, or it is a part of an id; none is covered), `quarantine-twice` (two entries name one test; neither covers it), `quarantine-invalid` (an entry that
//! cannot be read or is out of date, and would have covered a test), `quarantine-recovered`. Errors: evidence that is no test report.

use super::quarantined::{Cover, Entry, Names, Runs, cover};
use super::reports::{Ids, Reported, idle, reports, source};
use super::tally::Tally;
use super::values::admit;
use crate::definition::{Keys, Kind, Raw, Read, Refusal, Stricter, choice};
use crate::gate::{Admitted, Check, CheckKind, Refused, Use};
use crate::model::{
    CaseStatus, EvidenceId, Finding, Measure, Note, Outcome, QuarantineKind, TestCase, TestIds, TestSuite, Where,
};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fmt;

/// The kind `tests-pass`.
pub static TESTS_PASS: CheckKind =
    CheckKind { id: "tests-pass", about: "every test passed or was skipped", docs: include_str!("tests_pass.rs"), parse };

/// Whether something that is no plain pass is a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stance {
    Find,
    Allow,
}

impl Read for Stance {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        choice(raw, &[("find", Stance::Find), ("allow", Stance::Allow)])
    }

    fn kind() -> Kind {
        Kind::Choice(vec!["find", "allow"])
    }
}

impl Read for Runs {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        choice(raw, &[("one", Runs::One), ("several", Runs::Several)])
    }

    fn kind() -> Kind {
        Kind::Choice(vec!["one", "several"])
    }
}

impl fmt::Display for Runs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Runs::One => "one",
            Runs::Several => "several",
        })
    }
}

impl fmt::Display for Stance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stance::Find => "find",
            Stance::Allow => "allow",
        })
    }
}

struct TestsPass {
    evidence: Ids,
    flaky: Stance,
    empty_suites: Stance,
    ledger: Option<EvidenceId>,
    recovered: Stance,
    runs: Runs,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[
        ("evidence", Stricter::Unclear),
        ("flaky", Stricter::Words(&["allow", "find"])),
        ("empty_suites", Stricter::Words(&["allow", "find"])),
        ("ledger", Stricter::Unclear),
        ("recovered", Stricter::Words(&["allow", "find"])),
        ("runs", Stricter::Words(&["several", "one"])),
    ]);
    let evidence = keys.required::<Ids>("evidence", "The test reports: an evidence id, or several.");
    let flaky = keys.or("flaky", Stance::Find, "Whether a test that passed only when it was run again is a finding.");
    let empty_suites = keys.or("empty_suites", Stance::Find, "Whether a suite without a single test is a finding.");
    let ledger = keys.optional("ledger", "The ledger with `[quarantine.<test>]` tables.");
    let doc = "Whether an entry of the ledger whose test passed is a finding.";
    let recovered = keys.or("recovered", Stance::Allow, doc);
    let doc = "Whether the reports tell of the same tests again (several runs, or one run in two formats), so that an entry covers its test in each.";
    let runs = keys.or("runs", Runs::One, doc);
    Some(Box::new(TestsPass { evidence: evidence?, flaky, empty_suites, ledger, recovered, runs }))
}

/// A test under judgement.
#[derive(Clone, Copy)]
struct Test<'a> {
    from: Reported<'a>,
    /// The position of its report, and its own in that report.
    position: (usize, usize),
    suite: &'a TestSuite,
    case: &'a TestCase,
}

/// Everything under judgement.
struct Judged<'a> {
    reports: Vec<Reported<'a>>,
    /// Every test by its position; most judgements ask for none.
    tests: OnceCell<Vec<Test<'a>>>,
    /// Most judgements find nothing to name.
    ids: OnceCell<TestIds>,
}

impl<'a> Judged<'a> {
    fn of(reports: Vec<Reported<'a>>) -> Self {
        Self { reports, tests: OnceCell::new(), ids: OnceCell::new() }
    }

    /// Every test, in the order of the reports.
    fn each(&self) -> impl Iterator<Item = Test<'a>> {
        self.reports.iter().enumerate().flat_map(|(at, from)| {
            let from = *from;
            let test = move |(own, (suite, case))| Test { from, position: (at, own), suite, case };
            from.report.cases().enumerate().map(test)
        })
    }

    /// Every test that is not a plain pass, and perhaps others, with its position among all.
    fn others(&self) -> impl Iterator<Item = (usize, Test<'a>)> {
        let mut before = 0;
        self.reports.iter().enumerate().flat_map(move |(at, from)| {
            let (from, first) = (*from, before);
            before += from.report.len();
            let test = move |(own, suite, case)| (first + own, Test { from, position: (at, own), suite, case });
            from.report.others().map(test)
        })
    }

    fn tests(&self) -> &[Test<'a>] {
        self.tests.get_or_init(|| self.each().collect())
    }

    fn count(&self) -> usize {
        self.reports.iter().map(|from| from.report.len()).sum()
    }

    fn ids(&self) -> &TestIds {
        self.ids.get_or_init(|| {
            let shown = |from: &Reported<'a>| (from.artifact.path.shown.as_str(), from.report);
            TestIds::of(&self.reports.iter().map(shown).collect::<Vec<_>>())
        })
    }

    fn id(&self, Test { position: (report, own), suite, case, .. }: &Test<'_>) -> String {
        self.ids().id(*report, *own, suite, case)
    }

    /// Which tests the ledger holds apart.
    fn cover(
        &self,
        runs: Runs,
        ledger: Option<&EvidenceId>,
        evidence: &Admitted<'_>,
        tally: &mut Tally,
    ) -> Result<Cover, Refused> {
        let names = |at: usize| {
            let test = &self.tests()[at];
            let Test { suite, case, from, position } = *test;
            let spellings = TestIds::spellings(&from.artifact.path.shown, suite, case);
            let everywhere = (TestIds::spellings("", suite, case).pop().unwrap_or_default(), position.0);
            let counted = self.ids().is_counted(position.0, position.1);
            Names { id: self.id(test), spellings, own_id: case.own_id(), name: case.name.to_string(), everywhere, counted }
        };
        cover(self.count(), names, runs, ledger, evidence, tally)
    }
}

/// How many notes of one kind are told one by one.
const NOTES_MOST: usize = 20;

impl TestsPass {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        let ledger = self.ledger.iter().filter(|ledger| !evidence.is_absent(ledger));
        admit(evidence, self.evidence.0.iter().filter(|id| !evidence.is_absent(id)).chain(ledger))?;
        let mut tally = Tally::default();
        let judged = Judged::of(reports(evidence, &self.evidence.0)?);
        let cover = judged.cover(self.runs, self.ledger.as_ref(), evidence, &mut tally)?;
        for from in &judged.reports {
            self.judge_report(*from, &mut tally);
        }
        recovered(&judged, &cover, self.recovered, &mut tally);
        tally.examined_at_once(judged.count());
        for (at, test) in judged.others() {
            self.judge_test(test, || judged.id(&test), cover.of(at), &mut tally);
        }
        Ok(tally.finish(|| {
            let first = self.evidence.0.first().map_or_else(String::new, ToString::to_string);
            ("at least one test".to_owned(), Where::file(first))
        }))
    }

    /// The failures that the ledger excused: a weakening of the verdict.
    fn excused(&self, judged: &Judged<'_>, evidence: &Admitted<'_>) -> Vec<Note> {
        let Some(ledger) = &self.ledger else { return Vec::new() };
        let Ok(cover) = judged.cover(self.runs, Some(ledger), evidence, &mut Tally::default()) else { return Vec::new() };
        let failed = |at: usize| match judged.tests()[at].case.status() {
            CaseStatus::Failed | CaseStatus::Errored => true,
            CaseStatus::Flaky => self.flaky == Stance::Find,
            CaseStatus::Passed | CaseStatus::Skipped => false,
        };
        let holds = cover.covered().filter(|(at, entry)| cover.entry(*entry).void.is_none() && failed(*at));
        let tell = |(at, entry)| {
            let test = &judged.tests()[at];
            let text = format!("`{}` is {} and quarantined", judged.id(test), test.case.status().word());
            Note::quarantined(cover.entry(entry).name(), text)
        };
        holds.map(tell).collect()
    }

    /// What no quarantine covers.
    fn judge_report(&self, from: Reported<'_>, tally: &mut Tally) {
        for remark in &from.report.cut_short {
            let (actual, at) = from.remark(remark);
            let message = format!("`{}` is cut short: {actual}", from.artifact.path.rel.name());
            tally.find(Finding::new("cut-short", "a run that came to its end", actual).saying(message).at(at));
        }
        for contradiction in &from.report.contradictions {
            let expected = format!("{}, counted from the items", contradiction.items);
            let message = format!("the report states {}, and shows {}", contradiction.stated, contradiction.items);
            let finding = Finding::new("contradiction", expected, format!("the report states {}", contradiction.stated));
            tally.find(finding.saying(message).at(from.at(&contradiction.at)));
        }
        if self.flaky == Stance::Find {
            from.unnamed_flaky().for_each(|finding| tally.find(finding));
        }
        for suite in &from.report.suites {
            for remark in &suite.errors {
                let (actual, at) = from.remark(remark);
                let expected = format!("the suite `{}` runs", suite.name);
                let named = if suite.name.is_empty() { "the run".to_owned() } else { format!("suite `{}`", suite.name) };
                let message = format!("{named} failed as a whole: {}", brief(&actual));
                tally.find(Finding::new("suite-error", expected, actual).saying(message).at(at));
            }
            for stop in &suite.stops {
                let expected = format!("the suite `{}` comes to its end", suite.name);
                let message = format!("suite `{}` stopped: {}", suite.name, stop.told());
                let finding = Finding::new(stop.halt.word(), expected, stop.told()).saying(message);
                tally.find(finding.at(from.at(&stop.at)));
            }
            let empty = suite.cases.is_empty() && suite.errors.is_empty() && !suite.says_empty;
            if empty && self.empty_suites == Stance::Find {
                let expected = format!("at least one test in the suite `{}`", suite.name);
                let message = format!("suite `{}` has no test", suite.name);
                tally.find(Finding::new("empty-suite", expected, "none").saying(message).at(from.at(&suite.at)));
            }
        }
    }

    fn judge_test(&self, test: Test<'_>, id: impl Fn() -> String, entry: Option<&Entry>, tally: &mut Tally) {
        let kind = match test.case.status() {
            CaseStatus::Passed | CaseStatus::Skipped => return,
            CaseStatus::Flaky if self.flaky == Stance::Allow => return,
            CaseStatus::Flaky => "test-flaky",
            CaseStatus::Failed => "test-failed",
            CaseStatus::Errored => "test-errored",
        };
        let place = test.from.at(&test.case.at);
        match entry {
            Some(Entry { void: None, .. }) => return,
            Some(entry) => tally.find(entry.invalid()),
            None => {}
        }
        let id = id();
        let tries = test.case.attempts.len();
        let mut actual = match test.case.status() {
            CaseStatus::Flaky => format!("it passed at attempt {tries}"),
            status => status.word().to_owned(),
        };
        if tries > 1 && test.case.status() != CaseStatus::Flaky {
            actual += &format!(" in {tries} attempts");
        }
        if let Some(source) = test.case.source() {
            actual += &format!(" at {source}");
        }
        if let Some(message) = test.case.message() {
            actual += &format!(": {}", brief(message));
        }
        let message = match test.case.status() {
            CaseStatus::Flaky => format!("`{id}` is flaky: {actual}"),
            _ => format!("`{id}` {actual}"),
        };
        let finding = Finding::new(kind, format!("`{id}` passes"), actual).saying(message).at(place);
        tally.find(finding.source(source(test.suite, test.case)));
    }
}

/// Entries of known failures whose test ran in at least one report, and passed wherever it ran. `unsaid` decides of those that do not say
/// what they are.
fn recovered(judged: &Judged<'_>, cover: &Cover, unsaid: Stance, tally: &mut Tally) {
    let mut passed: BTreeMap<usize, bool> = BTreeMap::new();
    for (test, entry) in cover.covered() {
        let stands = match judged.tests()[test].case.status() {
            CaseStatus::Skipped => continue,
            CaseStatus::Passed => true,
            CaseStatus::Failed | CaseStatus::Errored | CaseStatus::Flaky => false,
        };
        *passed.entry(entry).or_insert(true) &= stands;
    }
    let known = |entry: &Entry| match entry.kind {
        Some(QuarantineKind::KnownFailure) => true,
        Some(QuarantineKind::Flaky) => false,
        None => unsaid == Stance::Find,
    };
    for (entry, _) in passed.into_iter().filter(|(entry, passed)| *passed && known(cover.entry(*entry))) {
        tally.find(cover.entry(entry).recovered());
    }
}

/// The beginning of a message, in one line.
pub(super) fn brief(message: &str) -> String {
    let words = message.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

impl Check for TestsPass {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        let mut reads = self.evidence.whole();
        reads.extend(
            self.ledger.iter().flat_map(|ledger| [(ledger.clone(), Use::Whole), (ledger.clone(), Use::Exceptions)]),
        );
        reads
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }

    fn measures(&self, evidence: &Admitted<'_>) -> Vec<Measure> {
        super::reports::measures(evidence, &self.evidence.0)
    }

    fn reruns(&self, evidence: &Admitted<'_>, _outcome: &Outcome) -> Vec<String> {
        let Ok(found) = reports(evidence, &self.evidence.0) else { return Vec::new() };
        let clean = |from: &Reported<'_>| {
            let totals = from.report.counted();
            from.report.runner.is_none() || totals.failed + totals.errored + totals.flaky == 0
        };
        if found.iter().all(clean) {
            return Vec::new();
        }
        let judged = Judged::of(found);
        let ledger = self.ledger.as_ref().filter(|ledger| !evidence.is_absent(ledger));
        let Ok(cover) = judged.cover(self.runs, ledger, evidence, &mut Tally::default()) else { return Vec::new() };
        let counts = |(at, test): &(usize, Test<'_>)| match test.case.status() {
            CaseStatus::Failed | CaseStatus::Errored => cover.of(*at).is_none_or(|entry| entry.void.is_some()),
            CaseStatus::Flaky => self.flaky == Stance::Find && cover.of(*at).is_none_or(|entry| entry.void.is_some()),
            CaseStatus::Passed | CaseStatus::Skipped => false,
        };
        let failing: Vec<Test<'_>> = judged.others().filter(counts).map(|(_, test)| test).collect();
        let of = |(at, from): (usize, &Reported<'_>)| {
            let own = failing.iter().filter(|test| test.position.0 == at).map(|test| (test.suite, test.case));
            crate::model::reruns(from.report, &own.collect::<Vec<_>>())
        };
        judged.reports.iter().enumerate().flat_map(of).collect()
    }

    fn notes(&self, evidence: &Admitted<'_>) -> Vec<Note> {
        let Ok(reports) = reports(evidence, &self.evidence.0) else { return Vec::new() };
        let judged = Judged::of(reports);
        let mut notes = self.excused(&judged, evidence);
        let idle = idle(&judged.reports);
        let more = idle.len().saturating_sub(NOTES_MOST);
        notes.extend(idle.into_iter().take(NOTES_MOST));
        if more > 0 {
            notes.push(Note::new("nothing-ran", format!("{more} more reports in which nothing ran")));
        }
        let told = judged.reports.iter().flat_map(|from| {
            from.report.differences.iter().map(|one| {
                let at = from.at(&one.at);
                format!("{at}: the report states {}, and its items come to {}", one.stated, one.items)
            })
        });
        notes.extend(told.clone().take(NOTES_MOST).map(|text| Note::new("totals-differ", text)));
        let more = told.count().saturating_sub(NOTES_MOST);
        if more > 0 {
            notes.push(Note::new("totals-differ", format!("{more} more totals differ like these")));
        }
        notes
    }
}

#[cfg(test)]
#[path = "tests_pass_tests.rs"]
mod cases;
