//! Equality and order. Values of different types are no pair to compare: that is a fault and not "unequal".
//!
//! Two exceptions: integers and floats compare exactly as numbers, and anything may be compared with `null`.

use super::bounds::Budget;
use super::trouble::{Fault, TroubleKind};
use super::value::{Located, Map, Val};
use super::version::counted_orders;
use std::cmp::Ordering;

/// Whether two values are equal, lists and objects deeply.
///
/// # Errors
/// [`TroubleKind::TypeMismatch`] for a pair of different types met before the answer was known.
pub(super) fn equal(left: &Located<'_>, right: &Located<'_>, budget: &mut Budget) -> Result<bool, Fault> {
    budget.spend(1)?;
    match (&left.value, &right.value) {
        (Val::Null, Val::Null) => Ok(true),
        (Val::Null, _) | (_, Val::Null) => Ok(false),
        (Val::Bool(a), Val::Bool(b)) => Ok(a == b),
        (Val::Text(a), Val::Text(b)) => {
            budget.spend_text(a.as_str().len().min(b.as_str().len()))?;
            Ok(a.as_str() == b.as_str())
        }
        (Val::List(a), Val::List(b)) => {
            if a.len() != b.len() {
                return Ok(false);
            }
            for (a, b) in left.members().into_iter().flatten().zip(right.members().into_iter().flatten()) {
                if !equal(&a, &b, budget)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Val::Map(a), Val::Map(b)) => equal_maps((left, a), (right, b), budget),
        (Val::Number(_), Val::Number(_))
        | (Val::Instant(_), Val::Instant(_))
        | (Val::Span(_), Val::Span(_))
        | (Val::Version(_), Val::Version(_)) => Ok(order(left, right, budget)? == Ordering::Equal),
        (_, _) => Err(mismatch(left, right)),
    }
}

fn equal_maps(left: (&Located<'_>, &Map<'_>), right: (&Located<'_>, &Map<'_>), budget: &mut Budget) -> Result<bool, Fault> {
    if left.1.len() != right.1.len() {
        return Ok(false);
    }
    for key in left.1.keys(usize::MAX) {
        match (left.0.field(key), right.0.field(key)) {
            (Some(a), Some(b)) => {
                if !equal(&a, &b, budget)? {
                    return Ok(false);
                }
            }
            (_, _) => return Ok(false),
        }
    }
    Ok(true)
}

/// The order of two numbers, strings (by code point), timestamps or durations.
///
/// # Errors
/// [`TroubleKind::TypeMismatch`] for every other pair, two of the same unordered type included.
pub(super) fn order(left: &Located<'_>, right: &Located<'_>, budget: &mut Budget) -> Result<Ordering, Fault> {
    match (&left.value, &right.value) {
        // No value is ever NaN: readers refuse it and arithmetic is checked.
        (Val::Number(a), Val::Number(b)) => a.partial_cmp(b).ok_or_else(|| mismatch(left, right)),
        (Val::Text(a), Val::Text(b)) => {
            budget.spend_text(a.as_str().len().min(b.as_str().len()))?;
            Ok(a.as_str().cmp(b.as_str()))
        }
        (Val::Instant(a), Val::Instant(b)) => Ok(a.cmp(b)),
        (Val::Span(a), Val::Span(b)) => Ok(a.cmp(b)),
        (Val::Version(a), Val::Version(b)) => Ok(a.cmp(b)),
        (a, b) if a.type_name() == b.type_name() => {
            let expected = "numbers, strings, timestamps, durations or versions to put in order";
            Err(Fault::new(TroubleKind::TypeMismatch, expected, format!("{} and {}", a.described(), b.described())))
        }
        (_, _) => Err(mismatch(left, right)),
    }
}

/// The order of the operands of `<` and its like.
///
/// # Errors
/// As [`order`]; also for two strings that look like numbers or versions and whose order as such is another one than that by code point.
pub(super) fn ordered(left: &Located<'_>, right: &Located<'_>, budget: &mut Budget) -> Result<Ordering, Fault> {
    let order = order(left, right, budget)?;
    if let (Val::Text(a), Val::Text(b)) = (&left.value, &right.value)
        && counted_orders(a.as_str(), b.as_str()).into_iter().flatten().any(|counted| counted != order)
    {
        let expected =
            "numbers or versions to put in order, not strings that look like them; write `version(..)` or `double(..)`";
        let actual = format!("{} and {}", left.value.described(), right.value.described());
        return Err(Fault::new(TroubleKind::TypeMismatch, expected, actual));
    }
    Ok(order)
}

/// Two values of different types, with the way out when there is one.
fn mismatch(left: &Located<'_>, right: &Located<'_>) -> Fault {
    let expected = match (&left.value, &right.value) {
        (Val::Instant(_), Val::Text(_)) | (Val::Text(_), Val::Instant(_)) => {
            "two values of the same type (write `timestamp(..)` around the string)"
        }
        (Val::Version(_), Val::Text(_)) | (Val::Text(_), Val::Version(_)) => {
            "two values of the same type (write `version(..)` around the string)"
        }
        (Val::Span(_), Val::Text(_)) | (Val::Text(_), Val::Span(_)) => {
            "two values of the same type (write `duration(..)` around the string)"
        }
        (_, _) => "two values of the same type",
    };
    let actual = format!("{} and {}", left.value.described(), right.value.described());
    Fault::new(TroubleKind::TypeMismatch, expected, actual).blaming(left.origin.as_ref().or(right.origin.as_ref()))
}
