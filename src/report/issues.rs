//! The findings of a verdict as issues, for hosts that show such beside the lines of a repository: SARIF, GitLab.
//!
//! A gate that makes the verdict fail has its findings as errors, an advisory gate as warnings, a waived gate as notes. Gates that are
//! blocked, skipped or not evaluated have none: what blocks them has. There is an error exactly when the verdict fails.

use super::fingerprint::Fingerprints;
use super::plain::{sentence, shown};
use super::sanitise::command;
use super::uri::{Place, place};
use crate::model::{AsTest, Finding, Standing, TestWord};

/// How much an issue weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// The verdict fails for it.
    Error,
    /// It is to be looked at.
    Warning,
    /// A waiver covers it.
    Note,
}

/// One issue.
pub(super) struct Issue<'v> {
    /// The gate as a test, or the verdict.
    pub(super) test: &'v AsTest<'v>,
    /// How much it weighs.
    pub(super) level: Level,
    /// What was found; `None` where the gate, or the verdict, tells no finding.
    pub(super) finding: Option<&'v Finding>,
    /// What stays the same of it from run to run; no two issues of a verdict have the same.
    pub(super) fingerprint: String,
    /// Where it is shown: where it was found, else where the gate is defined.
    pub(super) place: Place,
}

impl Issue<'_> {
    /// What is wrong, in a line.
    pub(super) fn headline(&self) -> String {
        self.finding.map_or_else(|| shown(&self.test.why), sentence)
    }

    /// The same with its place, what to do next and the command that shows it again, each on a line.
    pub(super) fn story(&self) -> Vec<String> {
        let mut lines = vec![self.headline()];
        let at = self.finding.and_then(|finding| finding.at.as_ref());
        lines.extend(at.map(|at| format!("at {}", shown(&at.to_string()))));
        lines.extend(self.finding.and_then(|finding| finding.next.as_ref()).map(|next| format!("next: {}", shown(next))));
        let reproduce = self.test.gate.and_then(|gate| gate.commands().find_map(command));
        lines.extend(reproduce.map(|line| format!("reproduce: {line}")));
        lines
    }
}

/// The issues of a verdict, in the order of its gates, and how many were left out so that there are about `most`. Each gate keeps its
/// first.
pub(super) fn issues<'v>(tests: &'v [AsTest<'v>], most: usize) -> (Vec<Issue<'v>>, usize) {
    let with: Vec<_> = tests.iter().filter_map(|test| Some((test, level(test)?, findings(test)))).collect();
    let each = (most / with.len().max(1)).max(1);
    let left_out = with.iter().map(|(_, _, findings)| findings.len().saturating_sub(each)).sum();
    let mut fingerprints = Fingerprints::default();
    let mut issues = Vec::new();
    for (test, level, findings) in with {
        for finding in findings.into_iter().take(each) {
            let fingerprint = match test.gate {
                Some(gate) => fingerprints.next(&gate.id, finding),
                None => "verdict:1".to_owned(),
            };
            let defined = test.gate.and_then(|gate| gate.defined.as_ref());
            let source = finding.and_then(|finding| finding.source.as_ref());
            let place = place(&[source, finding.and_then(|finding| finding.at.as_ref()), defined]);
            issues.push(Issue { test, level, finding, fingerprint, place });
        }
    }
    (issues, left_out)
}

fn level(test: &AsTest<'_>) -> Option<Level> {
    match (test.word, test.gate.map(|gate| gate.standing)) {
        (TestWord::Errored | TestWord::Failed, _) => Some(Level::Error),
        (TestWord::Skipped, Some(Standing::Advisory)) => Some(Level::Warning),
        (TestWord::Skipped, Some(Standing::Waived)) => Some(Level::Note),
        (TestWord::Skipped | TestWord::Passed, _) => None,
    }
}

fn findings<'v>(test: &AsTest<'v>) -> Vec<Option<&'v Finding>> {
    let findings: Vec<_> = test.gate.into_iter().flat_map(|gate| gate.findings.iter().map(Some)).collect();
    if findings.is_empty() { vec![None] } else { findings }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Ruling;
    use crate::report::canonical;

    #[test]
    fn there_is_an_error_exactly_when_the_verdict_fails() {
        let mut looked = 0;
        for (name, verdict) in canonical::all() {
            let tests = verdict.as_tests();
            let (issues, left_out) = issues(&tests, 5_000);
            assert_eq!(left_out, 0, "{name}");
            let errors = issues.iter().any(|issue| issue.level == Level::Error);
            assert_eq!(errors, verdict.ruling() == Ruling::Fail, "{name}");
            let prints: std::collections::BTreeSet<&str> = issues.iter().map(|issue| &*issue.fingerprint).collect();
            assert_eq!(prints.len(), issues.len(), "{name}");
            looked += 1;
        }
        assert_eq!(looked, 10);
    }
}
