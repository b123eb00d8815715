//! What a gate's checks come to: Error over Fail over Pass, and Pass is the last arm.

use crate::model::{Finding, Findings, Gap, Gaps, Outcome};
use std::num::NonZeroUsize;

/// Folds the outcomes of a gate's checks. One gap makes the gate an error, because a waiver for what was found must not cover
/// what could not be looked at. A gate whose checks were all skipped is skipped; no checks at all cannot pass.
pub fn fold(checks: &[Outcome]) -> Outcome {
    let mut gaps: Vec<Gap> = Vec::new();
    let mut findings: Vec<Finding> = Vec::new();
    let mut skipped: Option<&String> = None;
    let mut examined = 0_usize;
    for outcome in checks {
        match outcome {
            Outcome::Error(more) => gaps.extend(more.clone().into_vec()),
            Outcome::Fail(found, more) => {
                findings.extend_from_slice(found.as_slice());
                gaps.extend_from_slice(more);
            }
            Outcome::Skip(phrase) => skipped = skipped.or(Some(phrase)),
            Outcome::Pass { examined: count } => examined = examined.saturating_add(count.get()),
        }
    }
    // Checks that read the same evidence report the same gap.
    let mut seen = Vec::new();
    gaps.retain(|gap| {
        !seen.contains(gap) && {
            seen.push(gap.clone());
            true
        }
    });

    if let Some(gaps) = Gaps::from_vec(gaps) {
        Outcome::Error(gaps)
    } else if let Some(findings) = Findings::from_vec(findings) {
        Outcome::Fail(findings, Vec::new())
    } else if let Some(examined) = NonZeroUsize::new(examined) {
        Outcome::Pass { examined }
    } else {
        Outcome::Skip(skipped.cloned().unwrap_or_else(|| "the gate has no checks".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{GapKind, Where};

    fn pass() -> Outcome {
        Outcome::of(2, Vec::new(), || unreachable!("two were examined"))
    }

    fn fail() -> Outcome {
        Outcome::Fail(Finding::new("not-so", "a", "b").into(), Vec::new())
    }

    fn error() -> Outcome {
        Outcome::Error(Gap::new(GapKind::Missing, Where::file("x.json"), "a file", "nothing").into())
    }

    fn skip() -> Outcome {
        Outcome::Skip("no baseline".to_owned())
    }

    #[test]
    fn the_worst_outcome_decides() {
        assert!(matches!(fold(&[pass(), fail(), error(), skip()]), Outcome::Error(_)));
        assert!(matches!(fold(&[pass(), fail(), skip()]), Outcome::Fail(..)));
        assert!(matches!(fold(&[pass(), skip(), pass()]), Outcome::Pass { examined } if examined.get() == 4));
        assert!(matches!(fold(&[skip(), skip()]), Outcome::Skip(_)));
        assert!(matches!(fold(&[]), Outcome::Skip(_)));
    }

    #[test]
    fn one_gap_is_reported_once() {
        let Outcome::Error(gaps) = fold(&[error(), error()]) else { panic!("gaps are errors") };
        assert_eq!(gaps.into_vec().len(), 1);
    }
}
