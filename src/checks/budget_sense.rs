//! What a budget must make sense of before anything is measured: no best of several, shares that are shares, a whole comparison or a threshold.
//!
//! In: the keys of a check and what they say. Out: nothing where it does not make sense; why is told at its key.

use super::budget_words::Statistic;
use super::values::Given;
use crate::definition::{Keys, Refusal};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Dimension, Quantity};

/// Refuses quantiles on the good side of the median: they are the best of several under another name.
pub(super) fn sensible(keys: &mut Keys<'_>, statistic: Statistic, max: bool, min: bool) -> Option<()> {
    let best = match statistic {
        Statistic::Quantile(at) => (max && at < 50.0) || (min && at > 50.0),
        Statistic::Value => false,
    };
    if best {
        let message = format!("`{statistic}` lies on the good side of the median: that is the best of several");
        keys.refuse("statistic", Refusal::new(message).code(Code::LIMIT));
    }
    (!best).then_some(())
}

/// Refuses what should be a share and is none.
pub(super) fn shares(
    keys: &mut Keys<'_>,
    noise: Option<Quantity>,
    regression: Option<&Given<Quantity>>,
    significance: f64,
) -> Option<()> {
    let mut sound = Some(());
    let mut refuse = |key: &str, message: &str| {
        keys.refuse(key, Refusal::new(message).code(Code::LIMIT));
        sound = None;
    };
    if noise.is_some_and(|noise| !is_share(noise)) {
        refuse("max_noise", "expected a share, 0 % or more");
    }
    if let Some(Given::Literal(share)) = regression
        && !is_share(*share)
    {
        refuse("max_regression", "expected a share, 0 % or more");
    }
    if !(significance > 0.0 && significance <= 0.2) {
        refuse("significance", "expected a number above 0 and at most 0.2");
    }
    sound
}

/// Whether it is a share: 0 % or more.
pub(super) fn is_share(quantity: Quantity) -> bool {
    quantity.unit.dimension == Dimension::Share && quantity.value >= 0.0
}

/// Refuses half of a comparison, one of anything but medians, and a check without any budget.
pub(super) fn compared(
    keys: &mut Keys<'_>,
    statistic: Statistic,
    baseline: bool,
    regression: bool,
    threshold: bool,
) -> Option<()> {
    let written = |keys: &Keys<'_>, key: &str| keys.span(key) != keys.here();
    let report = |keys: &mut Keys<'_>, headline: &str, label: &str| {
        if let Some(here) = keys.here() {
            keys.report(Diagnostic::error(Code::MISSING_KEY, headline).label(here, label));
        }
    };
    if baseline != regression {
        if ["baseline", "max_regression"].iter().all(|key| written(keys, key)) {
            return None;
        }
        report(keys, "a comparison is incomplete", "`baseline` and `max_regression` belong together");
        return None;
    }
    if baseline && statistic != Statistic::MEDIAN {
        let message = "a regression is one of the median: judge other statistics in a check of their own";
        keys.refuse("statistic", Refusal::new(message).code(Code::LIMIT));
        return None;
    }
    if !baseline && !threshold {
        // A threshold that is there and was refused has been reported already.
        if !["max", "min"].iter().any(|key| written(keys, key)) {
            report(keys, "the check has no budget", "this table needs `max`, `min` or `baseline`");
        }
        return None;
    }
    Some(())
}
