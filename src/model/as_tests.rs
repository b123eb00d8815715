//! A verdict as test results, for readers that know nothing else: JUnit, CTRF, TeamCity.
//!
//! Each gate is a test. Something is failed or in error exactly when the verdict fails, so that a host which turns red on such a
//! report and a reader of the exit code agree. That is why a waived gate and an advisory one are skipped tests and no failures.

use super::standing::{Reason, Standing};
use super::verdict::{GateResult, Ruling, Verdict};

/// What a gate is where only tests are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TestWord {
    /// Its evidence could not be judged, and the verdict fails for it.
    Errored,
    /// Its evidence was found wrong, and the verdict fails for it.
    Failed,
    /// Anything that is neither a pass nor a cause: waived, advisory, blocked, skipped, not evaluated.
    Skipped,
    /// It passed on its evidence.
    Passed,
}

/// One test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsTest<'v> {
    /// The gate; `None` for the verdict itself, which is a test where it fails and no gate is the cause.
    pub gate: Option<&'v GateResult>,
    /// What it came to.
    pub word: TestWord,
    /// Why it did not simply pass, in a line; blank if it did.
    pub why: String,
}

/// Counts over the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TestWords {
    /// All tests.
    pub tests: usize,
    /// Those in error.
    pub errored: usize,
    /// Those that failed.
    pub failed: usize,
    /// Those that were skipped.
    pub skipped: usize,
    /// Those that passed.
    pub passed: usize,
}

impl AsTest<'_> {
    /// Its name: the gate's id, or `verdict`.
    pub fn name(&self) -> &str {
        self.gate.map_or("verdict", |gate| gate.id.as_str())
    }
}

impl TestWords {
    /// The counts over these tests.
    pub fn of(tests: &[AsTest<'_>]) -> Self {
        let mut counts = Self { tests: tests.len(), ..Self::default() };
        for test in tests {
            match test.word {
                TestWord::Errored => counts.errored += 1,
                TestWord::Failed => counts.failed += 1,
                TestWord::Skipped => counts.skipped += 1,
                TestWord::Passed => counts.passed += 1,
            }
        }
        counts
    }
}

impl Verdict {
    /// The gates as tests, in the policy's order.
    pub fn as_tests(&self) -> Vec<AsTest<'_>> {
        let mut tests: Vec<AsTest<'_>> = self.gates.iter().map(|gate| self.as_test(gate)).collect();
        let caused = tests.iter().any(|test| matches!(test.word, TestWord::Errored | TestWord::Failed));
        if self.ruling() == Ruling::Fail && !caused {
            tests.insert(0, AsTest { gate: None, word: TestWord::Errored, why: self.reason() });
        }
        tests
    }

    fn as_test<'v>(&'v self, gate: &'v GateResult) -> AsTest<'v> {
        let (word, why) = match gate.standing {
            Standing::Fail => (failure(gate.reason), gate.detail.clone()),
            Standing::Waived => (TestWord::Skipped, format!("waived{}: {}", self.waived_by(gate), gate.detail)),
            Standing::Advisory => (TestWord::Skipped, format!("advisory, does not block: {}", gate.detail)),
            Standing::Blocked => {
                let names: Vec<String> = gate.blocked_by.iter().map(|id| format!("`{id}`")).collect();
                (TestWord::Skipped, format!("blocked, waits for {}", names.join(", ")))
            }
            Standing::Skipped => (TestWord::Skipped, gate.detail.clone()),
            Standing::NotEvaluated => (TestWord::Skipped, format!("not evaluated: {}", gate.detail)),
            Standing::Pass => (TestWord::Passed, String::new()),
        };
        AsTest { gate: Some(gate), word, why }
    }

    /// Who answers for the waiver of this gate and until when, in brackets.
    fn waived_by(&self, gate: &GateResult) -> String {
        let mut used = self.exceptions.waivers.iter().filter(|waiver| waiver.used && waiver.entry.name == gate.id.as_str());
        let read = used.find_map(|waiver| waiver.entry.read.as_ref().ok());
        read.map(|waiver| format!(" ({}, until {})", waiver.owner, waiver.expires)).unwrap_or_default()
    }
}

/// A gate that fails was found wrong, or could not be judged.
fn failure(reason: Option<Reason>) -> TestWord {
    match reason {
        Some(Reason::Gap(_) | Reason::Incomplete | Reason::NotEvaluated | Reason::Absent | Reason::Blocked) => {
            TestWord::Errored
        }
        Some(Reason::Finding) | None => TestWord::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::canonical;

    #[test]
    fn something_fails_exactly_when_the_verdict_does() {
        let mut looked = 0;
        for (name, verdict) in canonical::all() {
            let tests = verdict.as_tests();
            let counts = TestWords::of(&tests);
            assert_eq!(counts.errored + counts.failed > 0, verdict.ruling() == Ruling::Fail, "{name}: {counts:?}");
            assert_eq!(counts.errored + counts.failed + counts.skipped + counts.passed, counts.tests, "{name}");
            assert_eq!(counts.passed, verdict.summary().passed, "{name}");
            assert!(counts.tests > 0, "{name}: a report without tests is an error at many hosts");
            looked += 1;
        }
        assert_eq!(looked, 10);
    }

    #[test]
    fn a_gap_is_an_error_a_waiver_a_skip_and_a_verdict_without_a_cause_its_own_test() {
        let told = |name| {
            let verdict = canonical::named(name);
            let tests = verdict.as_tests();
            tests.iter().map(|test| (test.name().to_owned(), test.word, test.why.clone())).collect::<Vec<_>>()
        };
        let gap = told("gap");
        assert_eq!(gap[1], ("conformance".to_owned(), TestWord::Errored, "the evidence is missing".to_owned()));
        let waived = told("waived and skipped");
        let why = "waived (perf, until 2026-03-03): the sweep is not ready".to_owned();
        assert_eq!(waived[1], ("parameter_sweeps".to_owned(), TestWord::Skipped, why));
        let nothing = told("nothing");
        assert_eq!(nothing, [("verdict".to_owned(), TestWord::Errored, "no gate was judged".to_owned())]);
        let cascade = told("cause and consequences");
        assert_eq!(cascade[0].2, "blocked, waits for `phase1_matrix`");
    }
}
