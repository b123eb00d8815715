//! Asserts that the tests that must run did run: each declared suite is there, with at least so many tests, not too many of them skipped.
//!
//! `suites` are the names of suites (`outer > inner` for nested ones), as a list or a parameter of the policy. A suite that
//! several reports tell of is one. `min_tests` gives floors for suites, whether declared or not; a declared suite without a floor needs one
//! test. Tests that were skipped do not count for a floor. `max_skipped` bounds the skipped tests of all reports together.
//!
//! `skips` are the tests that may be skipped, by id (`suite::class::name`, as findings show it), by id without the suite or by bare name:
//! then every other skip is a finding, with the reason that the report gives. An empty parameter allows none. With `every_skip = true` it is asked the
//! other way round, and nothing else: each of them was skipped in some report.
//!
//! With `allow_empty = true` no suite need be declared: for parameters that are empty in a pack and that a repository fills. The suites that are
//! there are then what was examined.
//!
//! Optional evidence that is absent holds no reports, as long as other evidence does. Whatever is declared, a suite in which every test is skipped is a finding, and so is a source file in which every test is
//! skipped, where the report names files; a run that was cut short is one too.
//!
//! ```toml
//! [evidence.unit]
//! path = "run:junit.xml"
//!
//! [[check]]
//! kind = "tests-declared"
//! evidence = "unit"
//! suites = ["shop::orders", "shop::stock"]
//! max_skipped = 3
//! min_tests = { "shop::orders" = 40 }
//! skips = ["shop::orders::needs_a_printer"]
//! ```
//!
//! Findings: `suite-missing` (with the suites that are there), `too-few-tests`, `too-many-skipped`, `undeclared-skip`, `unused-skip`, `all-skipped`, `cut-short`. Errors: evidence that
//! is no test report; a parameter that is not a list of texts.

use super::reports::{Ids, Reported, reports};
use super::set_covers::once_each;
use super::tally::Tally;
use super::values::{Given, admit};
use crate::definition::{Keys, Stricter};
use crate::diagnostic::did_you_mean;
use crate::gate::{Admitted, Check, CheckKind, Refused, Use};
use crate::model::{CaseStatus, EvidenceId, Finding, Measure, Outcome, TestCase, Where, numbered};
use std::collections::{BTreeMap, BTreeSet};

/// The kind `tests-declared`.
pub static TESTS_DECLARED: CheckKind = CheckKind {
    id: "tests-declared",
    about: "declared suites ran, with enough tests and few skipped",
    docs: include_str!("tests_declared.rs"),
    parse,
};

struct TestsDeclared {
    evidence: Ids,
    suites: Given<Vec<String>>,
    min_tests: BTreeMap<String, u64>,
    max_skipped: Option<u64>,
    skips: Option<Given<Vec<String>>>,
    allow_empty: bool,
    every_skip: bool,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[
        ("evidence", Stricter::Unclear),
        ("suites", Stricter::More),
        ("max_skipped", Stricter::Lower),
        ("skips", Stricter::FewerElseAny),
        ("allow_empty", Stricter::False),
        ("every_skip", Stricter::Unclear),
    ]);
    let evidence = keys.required::<Ids>("evidence", "The test reports: an evidence id, or several.");
    let suites = keys
        .required::<Given<Vec<String>>>("suites", "The suites that must be there: names, or a parameter of the policy.");
    let min_tests: Option<BTreeMap<String, u64>> =
        keys.optional("min_tests", "How many tests of a suite must have run at least, by suite.");
    // A floor of none frees a declared suite from the one test that it needs without a floor.
    let frees = min_tests.iter().flatten().any(|(_, floor)| *floor == 0);
    keys.stricter(&[("min_tests", if frees { Stricter::Unclear } else { Stricter::Higher })]);
    let max_skipped = keys.optional("max_skipped", "How many tests may be skipped, in all reports together.");
    let doc = "The tests that may be skipped, and no others: names, or a parameter of the policy. Not judged if not given.";
    let skips = keys.optional::<Given<Vec<String>>>("skips", doc);
    let allow_empty = keys.or("allow_empty", false, "Whether no suite may be declared.");
    let doc = "Whether each test of `skips` must be skipped in some report; then nothing else is asked.";
    let every_skip = keys.or("every_skip", false, doc);
    // A narrowing that was named and refused must not be left out.
    let refused = skips.is_none() && keys.span("skips") != keys.here();
    let suites = suites?;
    if let Given::Literal(names) = &suites {
        once_each(keys, "suites", names)?;
    }
    let (evidence, min_tests) = (evidence?, min_tests.unwrap_or_default());
    (!refused).then_some(Box::new(TestsDeclared {
        evidence,
        suites,
        min_tests,
        max_skipped,
        skips,
        allow_empty,
        every_skip,
    }))
}

/// Tests that belong together, by suite or by file.
struct Group {
    ran: u64,
    skipped: u64,
    at: Where,
}

impl Group {
    fn add(&mut self, case: &TestCase) {
        match case.status() {
            CaseStatus::Skipped => self.skipped += 1,
            CaseStatus::Passed | CaseStatus::Failed | CaseStatus::Errored | CaseStatus::Flaky => self.ran += 1,
        }
    }
}

impl TestsDeclared {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        admit(evidence, self.evidence.0.iter().filter(|id| !evidence.is_absent(id)))?;
        let declared = match self.allow_empty {
            true => self.suites.any_texts(evidence.context)?,
            false => self.suites.texts(evidence.context)?,
        };
        let skips = self.skips.as_ref().map(|skips| skips.any_texts(evidence.context)).transpose()?;
        let reports = reports(evidence, &self.evidence.0)?;
        let mut tally = Tally::default();
        if self.every_skip {
            let names = skips.unwrap_or_default();
            unused(&names, &reports, &whole(&reports, &self.evidence), &mut tally);
            return Ok(tally.finish(|| ("at least one report".to_owned(), whole(&reports, &self.evidence))));
        }
        let (mut suites, mut files) = (BTreeMap::new(), BTreeMap::new());
        for from in &reports {
            for remark in &from.report.cut_short {
                let (actual, at) = from.remark(remark);
                tally.find(Finding::new("cut-short", "a run that came to its end", actual).at(at));
            }
            group(*from, &mut suites, &mut files);
        }
        if declared.is_empty() {
            suites.values().for_each(|_| tally.examined());
        }
        self.judge_floors(&declared, &suites, &reports, &mut tally);
        for (what, groups) in [("suite", &suites), ("file", &files)] {
            for (name, group) in groups.iter().filter(|(_, group)| group.ran == 0 && group.skipped > 0) {
                // A suite that is a file is told once.
                if what == "file" && suites.get(name).is_some_and(|suite| suite.ran == 0) {
                    continue;
                }
                let expected = format!("at least one test of the {what} `{name}` that is not skipped");
                let message = format!("{what} `{name}`: every test is skipped ({})", group.skipped);
                let finding = Finding::new("all-skipped", expected, format!("all {} are skipped", group.skipped));
                let finding = finding.saying(message);
                tally.find(finding.at(group.at.clone()));
            }
        }
        for from in reports.iter().filter(|_| skips.is_some()) {
            judge_skips(*from, skips.as_deref().unwrap_or_default(), &mut tally);
        }
        let skipped: u64 = suites.values().map(|suite| suite.skipped).sum();
        if let Some(most) = self.max_skipped.filter(|most| skipped > *most) {
            let expected = format!("at most {most} skipped tests");
            let message = format!("tests skipped: {skipped}, at most {most} may be");
            let finding = Finding::new("too-many-skipped", expected, skipped.to_string()).saying(message);
            tally.find(finding.at(whole(&reports, &self.evidence)));
        }
        Ok(tally.finish(|| ("at least one declared suite".to_owned(), whole(&reports, &self.evidence))))
    }

    fn judge_floors(
        &self,
        declared: &[String],
        suites: &BTreeMap<String, Group>,
        reports: &[Reported<'_>],
        tally: &mut Tally,
    ) {
        let mut floors: BTreeMap<&str, u64> = declared.iter().map(|name| (name.as_str(), 1)).collect();
        floors.extend(self.min_tests.iter().map(|(name, least)| (name.as_str(), *least)));
        for (name, least) in floors {
            tally.examined();
            match suites.get(name) {
                None => {
                    let help = did_you_mean(name, suites.keys().map(String::as_str));
                    let ran = numbered(suites.len() as u64, "suite that ran", "suites that ran");
                    let actual = format!("not among the {ran}; {help}");
                    let message = format!("suite `{name}` did not run: {actual}");
                    let finding = Finding::new("suite-missing", format!("the suite `{name}`"), actual).saying(message);
                    tally.find(finding.at(whole(reports, &self.evidence)));
                }
                // All of them skipped is told by its own finding.
                Some(group) if group.ran < least && (group.ran > 0 || group.skipped == 0) => {
                    let expected = format!("at least {least} tests of the suite `{name}` that ran");
                    let actual = format!("{} ran, {} skipped", group.ran, group.skipped);
                    let message = format!("suite `{name}`: {actual}; at least {least} must run");
                    tally.find(Finding::new("too-few-tests", expected, actual).saying(message).at(group.at.clone()));
                }
                Some(_) => {}
            }
        }
    }
}

/// A skip that is declared and happens nowhere is a hole that waits for a test.
fn unused(declared: &[String], reports: &[Reported<'_>], at: &Where, tally: &mut Tally) {
    reports.iter().for_each(|_| tally.examined());
    let mut happened = BTreeSet::new();
    for from in reports {
        let skipped = from.report.others().filter(|(_, _, case)| case.status() == CaseStatus::Skipped);
        for (position, suite, case) in skipped {
            let id = from.report.ids().id(0, position, suite, case);
            happened.extend([id, case.short_id(suite), case.own_id(), case.name.to_string()]);
        }
    }
    for name in declared.iter().filter(|name| !happened.contains(*name)) {
        let finding = Finding::new("unused-skip", format!("the declared skip of `{name}` happened"), "it did not");
        let finding = finding.saying(format!("`{name}` is declared as skipped, and was not"));
        tally.find(finding.at(at.clone()));
    }
}

/// A test that is skipped must be one of those that may be.
fn judge_skips(from: Reported<'_>, declared: &[String], tally: &mut Tally) {
    let skipped = from.report.others().filter(|(_, _, case)| case.status() == CaseStatus::Skipped);
    for (at, suite, case) in skipped {
        tally.examined();
        let id = from.report.ids().id(0, at, suite, case);
        let names = [id, case.short_id(suite), case.own_id(), case.name.to_string()];
        if declared.iter().any(|name| names.contains(name)) {
            continue;
        }
        let actual = case.message().map_or_else(|| "skipped".to_owned(), |message| format!("skipped: {message}"));
        let message = format!("`{}` is {actual}; the skip is not declared", names[0]);
        let finding = Finding::new("undeclared-skip", format!("`{}` runs, or its skip is declared", names[0]), actual);
        let finding = finding.saying(message);
        tally.find(finding.at(from.at(&case.at)));
    }
}

/// Counts the tests of one report by suite and by file.
fn group(from: Reported<'_>, suites: &mut BTreeMap<String, Group>, files: &mut BTreeMap<String, Group>) {
    for suite in &from.report.suites {
        let fresh = || Group { ran: 0, skipped: 0, at: from.at(&suite.at) };
        let own = suites.entry(suite.name.to_string()).or_insert_with(fresh);
        own.ran += suite.cases.plain() as u64;
        suite.cases.others().for_each(|(_, case)| own.add(case));
        for case in suite.cases.iter().filter(|_| suite.cases.name_files()) {
            if let Some(file) = &case.file {
                let fresh = || Group { ran: 0, skipped: 0, at: from.at(&case.at) };
                files.entry(file.to_string()).or_insert_with(fresh).add(case);
            }
        }
    }
}

/// The place for what no single suite is to blame for.
fn whole(reports: &[Reported<'_>], ids: &Ids) -> Where {
    match reports {
        [only] => Where::file(&only.artifact.path.shown),
        _ => Where::file(ids.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    }
}

impl Check for TestsDeclared {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        self.evidence.whole()
    }

    fn parameters(&self) -> Vec<String> {
        self.suites.parameter().into_iter().chain(self.skips.as_ref().and_then(Given::parameter)).collect()
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }

    fn measures(&self, evidence: &Admitted<'_>) -> Vec<Measure> {
        super::reports::measures(evidence, &self.evidence.0)
    }
}

#[cfg(test)]
mod cases {
    use super::super::testing::{Bench, refused, report};

    fn told(keys: &str, text: &str) -> Vec<String> {
        let check = format!("kind = 'tests-declared'\nevidence = 'r'\n{keys}");
        Bench::new(&check).parameter("must", r#"["s"]"#).parameter("none", "[]").tests("r", report(text)).told()
    }

    #[test]
    fn declared_suites_must_have_run() {
        assert_eq!(told("suites = ['s', 't']", "s\n a ok\nt\n a bad"), ["pass 2"]);
        assert_eq!(told("suites = 'policy.must'", "s\n a ok"), ["pass 1"]);
        assert_eq!(
            told("suites = ['orders']", "order\n a ok"),
            ["suite-missing r.xml: the suite `orders` | not among the 1 suite that ran; did you mean `order`?"]
        );
        assert_eq!(
            told("suites = ['s']", "s\nt\n a ok"),
            ["too-few-tests r.xml:1: at least 1 tests of the suite `s` that ran | 0 ran, 0 skipped"]
        );
    }

    #[test]
    fn floors_count_what_ran() {
        let keys = "suites = ['s']\nmin_tests = { s = 2, t = 1 }";
        assert_eq!(told(keys, "s\n a ok\n b ok\nt\n a ok"), ["pass 2"]);
        assert_eq!(
            told(keys, "s\n a ok\n b skip"),
            [
                "too-few-tests r.xml:1: at least 2 tests of the suite `s` that ran | 1 ran, 1 skipped",
                "suite-missing r.xml: the suite `t` | not among the 1 suite that ran; did you mean `s`?"
            ]
        );
    }

    #[test]
    fn skips_are_bounded_and_never_everything() {
        let keys = "suites = ['s']\nmax_skipped = 1";
        assert_eq!(told(keys, "s\n a ok\n b skip"), ["pass 1"]);
        assert_eq!(told(keys, "s\n a ok\n b skip\n c skip"), ["too-many-skipped r.xml: at most 1 skipped tests | 2"]);
        assert_eq!(
            told("suites = ['s']", "s\n a skip"),
            ["all-skipped r.xml:1: at least one test of the suite `s` that is not skipped | all 1 are skipped"]
        );
        assert_eq!(
            told("suites = ['s']", "s\n a@x.py ok\n b@y.py skip\n c@y.py skip"),
            ["all-skipped r.xml:3: at least one test of the file `y.py` that is not skipped | all 2 are skipped"]
        );
    }

    #[test]
    fn skips_are_declared_by_name() {
        let keys = |names: &str| format!("suites = ['s']\nskips = {names}");
        assert_eq!(told(&keys("['s::b']"), "s\n a ok\n b skip"), ["pass 2"]);
        assert_eq!(told(&keys("['b']"), "s\n a ok\n b skip"), ["pass 2"]);
        assert_eq!(told("suites = ['s']\nskips = 'policy.none'", "s\n a ok"), ["pass 1"]);
        let told = told(&keys("'policy.must'"), "s\n a ok\n b skip");
        assert!(told[0].starts_with("undeclared-skip r.xml:3: `s::b` runs, or its skip is declared | skipped"), "{told:?}");
    }

    #[test]
    fn a_run_cut_short_declares_nothing() {
        assert_eq!(told("suites = ['s']", "s\n a ok\ncut"), ["cut-short r.xml:3: a run that came to its end | it stopped"]);
        let two = Bench::new("kind = 'tests-declared'\nevidence = 'r'\nsuites = ['s', 't']");
        assert_eq!(two.tests("r", report("s\n a ok")).tests("r", report("t\n a ok")).told(), ["pass 2"]);
    }

    #[test]
    fn definitions_are_checked() {
        let check = |keys: &str| refused(&format!("kind = 'tests-declared'\nevidence = 'r'\n{keys}"), &["r"]);
        assert_eq!(check("suites = []"), ["wrong-type: `suites`: must not be empty"]);
        assert_eq!(check("suites = ['a', 'a']"), ["vacuous: `suites`: `a` is named twice"]);
        let other = Bench::new("kind = 'tests-declared'\nevidence = 'r'\nsuites = ['s']").json("r", "{}").told();
        assert!(other[0].starts_with("error invalid r.json: a test report | a document"), "{other:?}");
    }
}
