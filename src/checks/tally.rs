//! What a check collects while it looks: how much it examined, what it found, what it could not judge.
//!
//! In: findings in document order. Out: an [`Outcome`]. It never drops a finding unseen: past [`MOST`] they are counted, and
//! the last finding says how many there are.

use super::values::{Value, Way};
use crate::model::{Finding, Gap, GapKind, Gaps, Outcome, Where};

/// How many findings one check reports one by one.
pub(super) const MOST: usize = 50;

/// A check's findings and gaps so far.
#[derive(Debug, Default, Clone)]
pub(super) struct Tally {
    examined: usize,
    findings: Vec<Finding>,
    more: usize,
    gaps: Vec<Gap>,
}

impl Tally {
    /// One more thing was looked at.
    pub(super) fn examined(&mut self) {
        self.examined += 1;
    }

    /// So many more things need not be looked at one by one, because it is known that nothing is wrong with them.
    pub(super) fn examined_at_once(&mut self, things: usize) {
        self.examined += things;
    }

    /// How many things were looked at.
    pub(super) fn count(&self) -> usize {
        self.examined
    }

    /// Whether nothing is wrong so far.
    pub(super) fn is_clean(&self) -> bool {
        self.findings.is_empty() && self.gaps.is_empty()
    }

    /// Keeps a finding.
    pub(super) fn find(&mut self, finding: Finding) {
        if self.findings.len() < MOST {
            self.findings.push(finding);
        } else {
            self.more += 1;
        }
    }

    /// The value that a place led to; where it led to none, the finding is kept.
    pub(super) fn value<'a>(&mut self, way: Way<'a>) -> Option<Value<'a>> {
        way.map_err(|finding| self.find(finding)).ok()
    }

    /// Keeps something that could not be judged. As many as findings are reported; more of the same tell nothing new.
    pub(super) fn gap(&mut self, gap: Gap) {
        if self.gaps.len() < MOST {
            self.gaps.push(gap);
        }
    }

    /// Keeps what came of something without an answer.
    pub(super) fn keep(&mut self, fault: Result<Finding, Gap>) {
        match fault {
            Ok(finding) => self.find(finding),
            Err(gap) => self.gap(gap),
        }
    }

    /// Takes over what another tally holds, its places put right by `place`.
    pub(super) fn take(&mut self, other: &Tally, place: impl Fn(Where) -> Where) {
        self.examined += other.examined;
        for gap in &other.gaps {
            self.gap(Gap { at: place(gap.at.clone()), ..gap.clone() });
        }
        for finding in &other.findings {
            let mut finding = finding.clone();
            finding.at = finding.at.map(&place);
            self.find(finding);
        }
        self.more += other.more;
    }

    /// What the check says: findings before gaps, both before "nothing was examined", and a pass last. `nothing` is asked for
    /// the phrase that says what was to be examined, and where.
    pub(super) fn finish(mut self, nothing: impl FnOnce() -> (String, Where)) -> Outcome {
        if self.more > 0 {
            let expected = "no further findings";
            self.findings.push(Finding::new("more-findings", expected, format!("{} more like these", self.more)));
        }
        match (self.findings.is_empty(), Gaps::from_vec(self.gaps)) {
            (true, Some(gaps)) => Outcome::Error(gaps),
            (_, gaps) => {
                let outcome = Outcome::of(self.examined, self.findings, || {
                    let (expected, at) = nothing();
                    Gap::new(GapKind::Empty, at, expected, "nothing to examine")
                });
                match (outcome, gaps) {
                    (Outcome::Fail(findings, _), Some(gaps)) => Outcome::Fail(findings, gaps.into_vec()),
                    (
                        outcome @ (Outcome::Error(_) | Outcome::Fail(..) | Outcome::Skip(_) | Outcome::Pass { .. }),
                        Some(_) | None,
                    ) => outcome,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing() -> (String, Where) {
        ("rows".to_owned(), Where::file("x.json"))
    }

    #[test]
    fn nothing_examined_is_an_error() {
        assert!(matches!(Tally::default().finish(nothing), Outcome::Error(_)));
        let mut tally = Tally::default();
        tally.examined();
        assert!(matches!(tally.finish(nothing), Outcome::Pass { examined } if examined.get() == 1));
    }

    #[test]
    fn the_last_finding_counts_the_rest() {
        let mut tally = Tally::default();
        for at in 0..MOST + 7 {
            tally.find(Finding::new("not-so", at.to_string(), ""));
        }
        let Outcome::Fail(findings, _) = tally.finish(nothing) else { panic!("findings fail") };
        let findings = findings.into_vec();
        assert_eq!(findings.len(), MOST + 1);
        assert_eq!(findings[MOST].actual, "7 more like these");
    }

    #[test]
    fn gaps_never_pass() {
        let gap = || Gap::new(GapKind::Unreadable, Where::file("x"), "a", "b");
        let mut tally = Tally::default();
        tally.examined();
        tally.gap(gap());
        assert!(!tally.is_clean());
        assert!(matches!(tally.clone().finish(nothing), Outcome::Error(_)));
        tally.find(Finding::new("not-so", "a", "b"));
        assert!(matches!(tally.finish(nothing), Outcome::Fail(_, gaps) if gaps == [gap()]));
    }
}
