//! Asserts that no test of one or several test reports passed only when it was run again.
//!
//! A test that failed in every attempt is no finding here: `tests-pass` says so. Optional evidence that is absent holds no reports, as long as
//! other evidence does. With `allow_empty = true` there may be reports without a test.
//!
//! ```toml
//! [evidence.reports]
//! path = "run:**/*"
//! pick = "all"
//! format = "test-report"
//!
//! [[check]]
//! kind = "no-flaky-tests"
//! evidence = "reports"
//! allow_empty = false
//! ```
//!
//! Findings: `test-flaky`, with the id of the test, how often it was tried, and the message of its last failure. Errors: there is no test in any
//! report; evidence that is no test report.

use super::reports::{Ids, reports, source};
use super::tally::Tally;
use crate::definition::{Keys, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Refused, Use};
use crate::model::{CaseStatus, EvidenceId, Finding, Measure, Outcome, TestIds, Where};
use std::cell::LazyCell;

/// The kind `no-flaky-tests`.
pub static NO_FLAKY_TESTS: CheckKind = CheckKind {
    id: "no-flaky-tests",
    about: "no test passed only when it was run again",
    docs: include_str!("no_flaky_tests.rs"),
    parse,
};

struct NoFlakyTests {
    evidence: Ids,
    allow_empty: bool,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[("evidence", Stricter::Unclear), ("allow_empty", Stricter::False)]);
    let evidence = keys.required("evidence", "The test reports: an evidence id, or several.");
    let allow_empty = keys.or("allow_empty", false, "Whether there may be reports without a test.");
    Some(Box::new(NoFlakyTests { evidence: evidence?, allow_empty }))
}

impl NoFlakyTests {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        let reports = reports(evidence, &self.evidence.0)?;
        let shown: Vec<_> = reports.iter().map(|from| (from.artifact.path.shown.as_str(), from.report)).collect();
        // Most reports have no flaky test, and then no test needs an id.
        let ids = LazyCell::new(|| TestIds::of(&shown));
        let mut tally = Tally::default();
        for (at, from) in reports.iter().enumerate() {
            from.unnamed_flaky().for_each(|finding| tally.find(finding));
            let totals = from.report.counted();
            tally.examined_at_once(totals.total);
            for (own, suite, case) in from.report.others() {
                if case.status() == CaseStatus::Flaky {
                    let expected = format!("`{}` passes at its first attempt", ids.id(at, own, suite, case));
                    let tries = format!("it passed at attempt {}", case.attempts.len());
                    let actual = case.message().map_or(tries.clone(), |message| format!("{tries}; before: {message}"));
                    let next = "Run the test alone many times, and mend what makes it depend on chance.";
                    let message = format!("`{}` is flaky: {actual}", ids.id(at, own, suite, case));
                    let finding = Finding::new("test-flaky", expected, actual).saying(message);
                    let finding = finding.at(from.at(&case.at)).next(next);
                    tally.find(finding.source(source(suite, case)));
                }
            }
        }
        if self.allow_empty && tally.count() == 0 {
            reports.iter().for_each(|_| tally.examined());
        }
        Ok(tally.finish(|| {
            let at = reports.first().map_or_else(String::new, |from| from.artifact.path.shown.clone());
            ("at least one test".to_owned(), Where::file(at))
        }))
    }
}

impl Check for NoFlakyTests {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        self.evidence.whole()
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }

    fn reruns(&self, evidence: &Admitted<'_>, outcome: &Outcome) -> Vec<String> {
        super::reports::reruns(evidence, &self.evidence.0, outcome)
    }

    fn measures(&self, evidence: &Admitted<'_>) -> Vec<Measure> {
        super::reports::measures(evidence, &self.evidence.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use crate::model::{Attempt, AttemptStatus, GapKind, Spot, TestCase, TestReport, TestSuite};

    fn report(tests: &[(&str, &[AttemptStatus])]) -> TestReport {
        let case = |(name, attempts): &(&str, &[AttemptStatus])| TestCase {
            class: "".into(),
            name: (*name).into(),
            file: None,
            line: None,
            at: Spot::Line(7),
            attempts: attempts.iter().map(|status| Attempt::new(*status, None, "boom")).collect(),
        };
        let cases = tests.iter().map(case).collect();
        TestReport::of(vec![TestSuite { cases, ..TestSuite::new("s", Spot::Line(1)) }])
    }

    fn bench(keys: &str) -> Bench {
        Bench::new(&format!("kind = 'no-flaky-tests'\nevidence = 'r'\n{keys}"))
    }

    use AttemptStatus::{Failed, Passed, Skipped};

    #[test]
    fn what_is_flaky_is_run_again_by_name() {
        let runner = |tests: &[(&str, &[AttemptStatus])]| {
            let mut report = report(tests);
            report.runner = Some("jest");
            report
        };
        let flaky = runner(&[("a", &[Passed]), ("b", &[Failed, Passed])]);
        assert_eq!(bench("").tests("r", flaky).reruns(), ["npx jest -t '^(b)$'"]);
        assert_eq!(bench("").tests("r", runner(&[("a", &[Passed])])).reruns(), [""; 0]);
        assert_eq!(bench("").tests("r", report(&[("b", &[Failed, Passed])])).reruns(), [""; 0]);
    }

    #[test]
    fn only_a_test_that_passed_later_is_flaky() {
        let sound = report(&[("a", &[Passed]), ("b", &[Failed, Failed]), ("c", &[Skipped]), ("d", &[Passed, Passed])]);
        assert_eq!(bench("").tests("r", sound).told(), ["pass 4"]);
        let flaky = report(&[("a", &[Passed]), ("b", &[Failed, Failed, Passed])]);
        let told = bench("").tests("r", flaky).told();
        assert_eq!(told, ["test-flaky r.xml:7: `s::b` passes at its first attempt | it passed at attempt 3; before: boom"]);
    }

    #[test]
    fn nothing_is_no_pass() {
        let told = bench("").tests("r", report(&[])).told();
        assert_eq!(told, ["error empty r.xml: at least one test | nothing to examine"]);
        assert_eq!(bench("allow_empty = true").tests("r", report(&[])).told(), ["pass 1"]);
        assert_eq!(bench("").json("r", "{}").told().len(), 1);
        let told = bench("").gap("r", GapKind::Malformed).told();
        assert!(told[0].starts_with("error malformed"), "{told:?}");
    }
}
