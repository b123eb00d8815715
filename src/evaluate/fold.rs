//! What a gate's checks come to: Error over Fail over Pass, and Pass is the last arm.

use crate::model::{Finding, Findings, Gap, Gaps, Outcome};
use std::collections::HashSet;
use std::hash::Hash;
use std::num::NonZeroUsize;

/// Everything that several outcomes say, side by side.
#[derive(Default)]
struct Said {
    gaps: Vec<Gap>,
    findings: Vec<Finding>,
    skipped: Option<String>,
    examined: usize,
}

impl Said {
    fn of(outcomes: &[Outcome]) -> Self {
        let mut said = Self::default();
        for outcome in outcomes {
            match outcome {
                Outcome::Error(more) => said.gaps.extend(more.clone().into_vec()),
                Outcome::Fail(found, more) => {
                    said.findings.extend_from_slice(found.as_slice());
                    said.gaps.extend_from_slice(more);
                }
                Outcome::Skip(phrase) => said.skipped = said.skipped.or_else(|| Some(phrase.clone())),
                Outcome::Pass { examined } => said.examined = said.examined.saturating_add(examined.get()),
            }
        }
        // Those that look at the same evidence report the same gap, and of what no shard holds the same finding.
        once(&mut said.gaps);
        once(&mut said.findings);
        said
    }
}

/// Keeps the first of equal ones, in order. A damaged run can have as many gaps as files.
fn once<T: Eq + Hash + Clone>(items: &mut Vec<T>) {
    let mut seen = HashSet::new();
    items.retain(|item| seen.insert(item.clone()));
}

/// Folds the outcomes of a gate's checks. One gap makes the gate an error, because a waiver for what was found must not cover
/// what could not be looked at. A gate whose checks were all skipped is skipped; no checks at all cannot pass.
pub fn fold(checks: &[Outcome]) -> Outcome {
    let Said { gaps, findings, skipped, examined } = Said::of(checks);
    if let Some(gaps) = Gaps::from_vec(gaps) {
        Outcome::Error(gaps)
    } else if let Some(findings) = Findings::from_vec(findings) {
        Outcome::Fail(findings, Vec::new())
    } else if let Some(examined) = NonZeroUsize::new(examined) {
        Outcome::Pass { examined }
    } else {
        Outcome::Skip(skipped.unwrap_or_else(|| "the gate has no checks".to_owned()))
    }
}

/// What one check says of a run whose shards it looked at one by one. As [`fold`], but findings in one shard stay beside the
/// gaps of another, as they do where one check finds both.
pub fn across(shards: &[Outcome]) -> Outcome {
    let Said { gaps, findings, skipped, examined } = Said::of(shards);
    match (Findings::from_vec(findings), Gaps::from_vec(gaps), NonZeroUsize::new(examined)) {
        (Some(findings), gaps, _) => Outcome::Fail(findings, gaps.map(Gaps::into_vec).unwrap_or_default()),
        (None, Some(gaps), _) => Outcome::Error(gaps),
        (None, None, None) => Outcome::Skip(skipped.unwrap_or_else(|| "there is no shard to look at".to_owned())),
        (None, None, Some(examined)) => Outcome::Pass { examined },
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
    fn a_check_says_of_all_shards_what_it_says_of_each() {
        assert!(matches!(across(&[pass(), skip(), pass()]), Outcome::Pass { examined } if examined.get() == 4));
        assert!(matches!(across(&[pass(), error()]), Outcome::Error(_)));
        assert!(matches!(across(&[pass(), fail(), error(), error()]), Outcome::Fail(_, gaps) if gaps.len() == 1));
        assert!(matches!(across(&[fail(), pass(), fail()]), Outcome::Fail(found, _) if found.as_slice().len() == 1));
        assert!(matches!(across(&[skip(), skip()]), Outcome::Skip(_)));
        assert!(matches!(across(&[]), Outcome::Skip(_)));
        assert!(matches!(fold(&[across(&[fail(), error()])]), Outcome::Error(_)));
    }

    #[test]
    fn one_gap_is_reported_once() {
        let Outcome::Error(gaps) = fold(&[error(), error()]) else { panic!("gaps are errors") };
        assert_eq!(gaps.into_vec().len(), 1);
    }
}
