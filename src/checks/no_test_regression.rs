//! Asserts that no test fails now, or no longer runs, that passed in an earlier run, whichever tools told of the two runs.
//!
//! `now` and `before` are evidence of test reports, or of whatever a runner left (`format = "test-output"`). A test is the same test when it
//! lies in the same directory below the run and has the same name. What tools call its suite differs, so the suite is part of the name only
//! where tests of one report could not be told apart without: first as far as tools agree on it (`it::parses` for `it (tests/it/main.rs)` and
//! for `shop::it`), then in full. Several reports in one directory tell of the same tests; the worst that one of them says counts.
//!
//! Passed then and failed now is a regression. So is passed then and not run now: a test that was deleted or is skipped is not one that passes.
//! Not run then and failed now is a new failure. Flaky tests passed. What failed already, and what was mended, is no finding. With
//! `quarantine = true` neither is the failure of a test that an entry in force holds apart (see [`targets-pass`](targets-pass.md) for how an
//! entry names it); a test that is gone or skipped is one all the same.
//!
//! ```toml
//! [evidence.tests]
//! path = "run:**/{output.log,junit.xml,events.jsonl}"
//! pick = "all"
//! format = "test-output"
//! [evidence.baseline]
//! path = "baseline:**/{output.log,junit.xml,events.jsonl}"
//! pick = "all"
//! format = "test-output"
//! optional = true
//!
//! [[check]]
//! kind = "no-test-regression"
//! now = ["tests"]
//! before = ["baseline"]
//! quarantine = true
//! ```
//!
//! Findings: ranked, `regression` before `new-failure`, each with the test; `contradiction` (one report tells twice of a test in
//! ways that cannot be told apart). Errors: evidence that is no test report, a log that names no tests with no report beside it, a run in which
//! no test ran.

use super::apart::Apart;
use super::quarantined::Entry;
use super::reports::{Ids, Reported, directory, source, told, unreported};
use super::tally::Tally;
use super::values::admit;
use crate::definition::{Keys, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Refused, Use};
use crate::model::{
    Artifact, CaseStatus, Change, Comparison, EvidenceId, Finding, Gap, GapKind, NAMES, Note, Outcome, TestCase,
    TestReport, TestSuite, Where, named,
};
use std::collections::{BTreeMap, BTreeSet};

/// The kind `no-test-regression`.
pub static NO_TEST_REGRESSION: CheckKind = CheckKind {
    id: "no-test-regression",
    about: "no test that passed in an earlier run fails now or no longer runs",
    docs: include_str!("no_test_regression.rs"),
    parse,
};

struct NoTestRegression {
    now: Ids,
    before: Ids,
    quarantine: bool,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[("now", Stricter::Unclear), ("before", Stricter::Unclear), ("quarantine", Stricter::False)]);
    let now = keys.required("now", "The test reports of the run under judgement: an evidence id, or several.");
    let before = keys.required("before", "Those of the earlier run.");
    let doc = "Whether a failure is subtracted whose test a quarantine entry of the policy's exceptions files holds apart.";
    let quarantine = keys.or("quarantine", false, doc);
    Some(Box::new(NoTestRegression { now: now?, before: before?, quarantine }))
}

/// A test, comparable between two runs: its directory, which is its target, and its name.
type Key<'a> = (&'a str, String);

/// A test, with where its report tells of it. Large reports have many, so nothing is copied.
#[derive(Clone, Copy)]
struct Ran<'a> {
    failed: bool,
    from: Reported<'a>,
    /// The report that told of it last.
    last: &'a TestReport,
    suite: &'a TestSuite,
    case: &'a TestCase,
}

impl Ran<'_> {
    fn at(&self) -> Where {
        self.from.at(&self.case.at)
    }

    fn source(&self) -> Option<Where> {
        source(self.suite, self.case)
    }
}

/// The tests of one run.
#[derive(Default)]
struct Tests<'a> {
    ran: BTreeMap<Key<'a>, Ran<'a>>,
    skipped: BTreeMap<Key<'a>, Ran<'a>>,
}

/// Which of its names a test goes by, where that is not the shortest: for each directory and shortest name, the first that
/// differs within every report.
type Ranks<'a> = BTreeMap<Key<'a>, usize>;

fn rank<'a>(reports: &[Reported<'a>], ranks: &mut Ranks<'a>) {
    for reported in reports {
        let home = directory(reported.artifact);
        for rank in 0..NAMES - 1 {
            let mut seen = BTreeSet::new();
            for (_, _, names) in named(reported.report) {
                let [shortest, ..] = &names;
                // Names that are unique so far stay so when they grow.
                if rank > 0 && ranks.get(&(home, shortest.clone())).is_none_or(|known| *known < rank) {
                    continue;
                }
                if !seen.insert(names[rank].clone()) {
                    let known = ranks.entry((home, shortest.clone())).or_default();
                    *known = (rank + 1).max(*known);
                }
            }
        }
    }
}

fn tests<'a>(reports: &[Reported<'a>], ranks: &Ranks<'a>) -> Tests<'a> {
    let mut tests = Tests::default();
    for from in reports {
        let home = directory(from.artifact);
        for (suite, case, names) in named(from.report) {
            let rank = ranks.get(&(home, names[0].clone())).copied().unwrap_or(0);
            let key = (home, names.into_iter().nth(rank).expect("a rank is that of a name"));
            let (side, failed) = match case.status() {
                CaseStatus::Skipped => (&mut tests.skipped, false),
                CaseStatus::Passed | CaseStatus::Flaky => (&mut tests.ran, false),
                CaseStatus::Failed | CaseStatus::Errored => (&mut tests.ran, true),
            };
            let told = Ran { failed, from: *from, last: from.report, suite, case };
            let known = side.entry(key).or_insert(told);
            if failed && !known.failed {
                *known = told;
            }
            known.last = from.report;
        }
    }
    tests
}

fn shown((home, name): &Key<'_>) -> String {
    if home.is_empty() { format!("test `{name}`") } else { format!("test `{name}` of `{home}`") }
}

/// What is told of a change; nothing of those that are no news.
fn finding(key: &Key<'_>, change: Change, before: &Tests<'_>, now: &Tests<'_>) -> Option<Finding> {
    let test = shown(key);
    let passed = || format!("{test} passes, as at {}", before.ran[key].at());
    let was = || format!("and passed at {}", before.ran[key].at());
    let (finding, message, at) = match change {
        Change::Regression => {
            (Finding::new("regression", passed(), "it fails"), format!("{test} fails, {}", was()), now.ran[key].at())
        }
        Change::Gone => match now.skipped.get(key) {
            Some(skipped) => {
                let finding = Finding::new("regression", passed(), "it is skipped");
                (finding, format!("{test} is skipped, {}", was()), skipped.at())
            }
            None => {
                let finding = Finding::new("regression", format!("{test} passes, as here"), "it is gone");
                (finding, format!("{test} is gone, and passed here"), before.ran[key].at())
            }
        },
        Change::NewFailure => {
            let actual = format!("{test} fails and did not run before");
            (Finding::new("new-failure", "nothing new that fails", &*actual), actual, now.ran[key].at())
        }
        Change::StillFailing | Change::GoneUnfixed | Change::Fixed => return None,
    };
    Some(finding.saying(message).at(at).source(now.ran.get(key).and_then(Ran::source)))
}

/// The entry that excuses a change: a failure, and nothing that is gone.
fn excuse<'e>(apart: &'e Option<Apart<'_>>, key: &Key<'_>, change: Change, now: &Tests<'_>) -> Option<&'e Entry> {
    match change {
        Change::Regression | Change::NewFailure => apart.as_ref()?.excuse(now.ran[key].case),
        Change::Gone | Change::StillFailing | Change::GoneUnfixed | Change::Fixed => None,
    }
}

impl NoTestRegression {
    /// What holds tests of the run apart.
    fn apart<'a>(&self, now: &[Reported<'a>], evidence: &Admitted<'_>) -> Option<Apart<'a>> {
        self.quarantine.then(|| Apart::of(now.to_vec(), evidence, &mut Tally::default()))
    }

    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        admit(evidence, self.now.0.iter().chain(&self.before.0))?;
        let mut tally = Tally::default();
        // Both runs go by the same names, or a test would seem gone where only its name is longer.
        let mut ranks = Ranks::new();
        let mut sides = Vec::new();
        for ids in [&self.now, &self.before] {
            let (reports, silent) = told(evidence, &ids.0)?;
            let alone = |log: &&Artifact| !reports.iter().any(|one| directory(one.artifact) == directory(log));
            silent.into_iter().filter(alone).for_each(|log| tally.gap(unreported(log)));
            rank(&reports, &mut ranks);
            sides.push(reports);
        }
        let [now, before] = [&sides[0], &sides[1]].map(|reports| tests(reports, &ranks));
        for (tests, ids) in [(&now, &self.now), (&before, &self.before)] {
            if tests.ran.is_empty() {
                let at = Where::file(ids.0.first().map_or_else(String::new, EvidenceId::to_string));
                tally.gap(Gap::new(GapKind::Empty, at, "at least one test that ran", "none"));
            }
        }
        // What cannot be told apart cannot be compared either: a comparison without these tests would say too little.
        if tally.is_clean() {
            let comparison = Comparison::of(&before.ran, &now.ran, |ran| ran.failed);
            now.ran.iter().chain(&before.ran).for_each(|_| tally.examined());
            let apart = self.apart(&sides[0], evidence);
            for (key, change) in
                comparison.changes.iter().filter(|(key, change)| excuse(&apart, key, *change, &now).is_none())
            {
                finding(key, *change, &before, &now).into_iter().for_each(|finding| tally.find(finding));
            }
        }
        Ok(tally.finish(|| ("tests of two runs".to_owned(), Where::file("tests"))))
    }
}

impl Check for NoTestRegression {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        let mut reads = self.now.whole();
        reads.extend(self.before.whole());
        reads.sort();
        reads.dedup();
        reads
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }

    fn reruns(&self, evidence: &Admitted<'_>, outcome: &Outcome) -> Vec<String> {
        super::reports::reruns(evidence, &self.now.0, outcome)
    }

    fn notes(&self, evidence: &Admitted<'_>) -> Vec<Note> {
        let both = [&self.now, &self.before].map(|ids| told(evidence, &ids.0).map(|(reports, _)| reports));
        let ([Ok(now), Ok(before)], true) = (both, self.quarantine) else { return Vec::new() };
        let mut ranks = Ranks::new();
        [&now, &before].into_iter().for_each(|reports| rank(reports, &mut ranks));
        let apart = self.apart(&now, evidence);
        let [now, before] = [&now, &before].map(|reports| tests(reports, &ranks));
        let comparison = Comparison::of(&before.ran, &now.ran, |ran| ran.failed);
        let excused = comparison.changes.iter().filter_map(|(key, change)| {
            let entry = excuse(&apart, key, *change, &now)?;
            Some(Note::quarantined(entry.name(), format!("{} fails and is quarantined", shown(key))))
        });
        excused.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Bench, report};
    use crate::model::GapKind;

    fn bench() -> Bench {
        Bench::new("kind = 'no-test-regression'\nnow = ['n']\nbefore = 'b'")
    }

    fn told(now: &str, before: &str) -> Vec<String> {
        bench().tests("n", report(now)).tests("b", report(before)).told()
    }

    #[test]
    fn suites_that_tools_call_differently_are_no_difference() {
        assert_eq!(told("shop::it\n a ok\n b bad", "suite-1\n a ok\n b bad"), ["pass 4"]);
        assert_eq!(
            told("shop::it\n a bad\n b ok", "suite-1\n a ok\n b bad"),
            ["regression n.xml:2: test `a` passes, as at b.xml:2 | it fails"]
        );
    }

    #[test]
    fn a_test_that_is_gone_or_skipped_does_not_pass() {
        assert_eq!(
            told("shop::it\n a skip\n c bad\n d ok", "it\n a ok\n b ok"),
            [
                "regression n.xml:2: test `a` passes, as at b.xml:2 | it is skipped",
                "regression b.xml:3: test `b` passes, as here | it is gone",
                "new-failure n.xml:3: nothing new that fails | test `c` fails and did not run before"
            ]
        );
        // Some formats do not name what is skipped.
        assert_eq!(told("it\n d ok", "it\n a skip\n d ok"), ["pass 2"]);
        assert_eq!(told("it\n a bad ok\n d ok", "it\n a ok\n b bad\n d bad"), ["pass 5"]);
    }

    #[test]
    fn tests_of_one_name_are_told_apart_by_their_binary() {
        let before = "shop::x\n a ok\nshop::y\n a ok";
        assert_eq!(told("x\n a ok\ny\n a ok", before), ["pass 4"]);
        assert_eq!(
            told("x\n a bad\ny\n a ok", before),
            ["regression n.xml:2: test `x::a` passes, as at b.xml:2 | it fails"]
        );
        assert_eq!(told("x\n a ok", before), ["regression b.xml:4: test `y::a` passes, as here | it is gone"]);
        let same_binary = "one::x\n a ok\ntwo::x\n a ok";
        assert_eq!(told(same_binary, same_binary), ["pass 4"]);
        assert_eq!(told("one::x\n a ok\ntwo::x\n a bad", same_binary).len(), 1);
        let two_files = told("x\n a@f ok\n a@g ok", "x\n a ok");
        assert_eq!(two_files, ["regression b.xml:2: test `x::a` passes, as here | it is gone"]);
        // What nothing tells apart is one test, which fails if it fails once.
        assert_eq!(told("x\n a ok\n a ok", "x\n a ok"), ["pass 2"]);
        let fails = ["regression n.xml:3: test `a` passes, as at b.xml:2 | it fails"];
        assert_eq!(told("x\n a ok\n a bad", "x\n a ok"), fails.map(|line| line.replace("`a`", "`x::a`")));
    }

    #[test]
    fn several_reports_of_one_target_tell_of_the_same_tests() {
        let two = |second: &str| bench().tests("n", report("shop::it\n a ok")).tests("n", report(second));
        assert_eq!(two("suite-1\n a ok").tests("b", report("it\n a ok")).told(), ["pass 2"]);
        assert_eq!(
            two("suite-1\n a bad").tests("b", report("it\n a ok")).told(),
            ["regression n-2.xml:2: test `a` passes, as at b.xml:2 | it fails"]
        );
    }

    #[test]
    fn nothing_to_compare_is_an_error_and_no_baseline_a_skip() {
        let silent = bench().text("n", "x").tests("b", report("s\n a ok")).told();
        assert!(
            silent.len() == 2 && silent[0].starts_with("error malformed n.txt: the log of a test runner"),
            "{silent:?}"
        );
        assert_eq!(bench().text("n", "x").tests("n", report("s\n a ok")).tests("b", report("t\n a ok")).told(), ["pass 2"]);
        let skipped = told("s\n a skip", "s\n a skip");
        assert_eq!(skipped[0], "error empty n: at least one test that ran | none");
        assert_eq!(skipped.len(), 2);
        assert_eq!(bench().tests("n", report("s\n a ok")).absent("b").told(), ["skip b is absent"]);
        let gap = bench().tests("n", report("s\n a ok")).gap("b", GapKind::Missing).told();
        assert_eq!(gap, ["error missing b: a file | nothing"]);
        assert!(bench().json("n", "{}").tests("b", report("s\n a ok")).told()[0].starts_with("error invalid n.json"));
    }
}
