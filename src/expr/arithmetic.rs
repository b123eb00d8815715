//! `+ - * / %` and the minus sign: exact on integers, finite on floats, checked everywhere.
//!
//! Integers live in the range of documents, -2^63 to 2^64-1; an integer with a float makes a float. Division of two
//! integers drops the fraction and a remainder has the sign of its dividend, as in CEL.

use super::bounds::Budget;
use super::time;
use super::tree::Operator;
use super::trouble::{Fault, TroubleKind};
use super::value::{List, Located, Val};
use crate::model::Number;
use std::sync::Arc;

/// The value of `left operator right`.
pub(super) fn apply<'d>(
    operator: Operator,
    left: &Located<'d>,
    right: &Located<'d>,
    budget: &mut Budget,
) -> Result<Val<'d>, Fault> {
    match (operator, &left.value, &right.value) {
        (_, Val::Number(a), Val::Number(b)) => numbers(operator, *a, *b).map(Val::Number),
        (Operator::Add, Val::Text(a), Val::Text(b)) => {
            budget.spend_text(a.as_str().len() + b.as_str().len())?;
            Ok(Val::text(&[a.as_str(), b.as_str()].concat()))
        }
        (Operator::Add, Val::List(a), Val::List(b)) => {
            budget.spend_items(a.len().saturating_add(b.len()))?;
            let items: Arc<[Located<'d>]> =
                left.members().into_iter().flatten().chain(right.members().into_iter().flatten()).collect();
            Ok(Val::List(List::Built(items)))
        }
        (Operator::Subtract, Val::Instant(a), Val::Instant(b)) => Ok(Val::Span(a.signed_duration_since(*b))),
        (Operator::Add, Val::Instant(at), Val::Span(by)) | (Operator::Add, Val::Span(by), Val::Instant(at)) => {
            at.checked_add_signed(*by).map(Val::Instant).ok_or_else(beyond_time)
        }
        (Operator::Subtract, Val::Instant(at), Val::Span(by)) => {
            at.checked_sub_signed(*by).map(Val::Instant).ok_or_else(beyond_time)
        }
        (Operator::Add, Val::Span(a), Val::Span(b)) => a.checked_add(b).map(Val::Span).ok_or_else(beyond_time),
        (Operator::Subtract, Val::Span(a), Val::Span(b)) => a.checked_sub(b).map(Val::Span).ok_or_else(beyond_time),
        (_, a, b) => {
            let actual = format!("{} {} {}", a.described(), operator.sign(), b.described());
            let expected = format!("two values that `{}` can join", operator.sign());
            // The side that no arithmetic accepts is to blame, else the second.
            let usable = matches!(a, Val::Number(_) | Val::Instant(_) | Val::Span(_));
            let (first, second) = if usable { (right, left) } else { (left, right) };
            let blamed = first.origin.as_ref().or(second.origin.as_ref());
            Err(Fault::new(TroubleKind::TypeMismatch, expected, actual).blaming(blamed))
        }
    }
}

/// The value of `-inner`.
pub(super) fn negate<'d>(inner: &Located<'d>) -> Result<Val<'d>, Fault> {
    match &inner.value {
        Val::Number(Number::Int(int)) => within(-*int).map(Val::Number),
        Val::Number(Number::Float(float)) => Ok(Val::Number(Number::Float(-*float))),
        Val::Span(span) => time_negated(*span),
        other => Err(Fault::new(TroubleKind::TypeMismatch, "a number or a duration behind `-`", other.described())),
    }
}

/// The distance from zero.
pub(super) fn absolute<'d>(inner: &Located<'d>) -> Result<Val<'d>, Fault> {
    match &inner.value {
        Val::Number(Number::Int(int)) => within(int.abs()).map(Val::Number),
        Val::Number(Number::Float(float)) => Ok(Val::Number(Number::Float(float.abs()))),
        Val::Span(span) if time::nanos(*span) >= 0 => Ok(Val::Span(*span)),
        Val::Span(span) => time_negated(*span),
        other => Err(Fault::new(TroubleKind::TypeMismatch, "a number or a duration", other.described())),
    }
}

fn time_negated<'d>(span: chrono::TimeDelta) -> Result<Val<'d>, Fault> {
    chrono::TimeDelta::zero().checked_sub(&span).map(Val::Span).ok_or_else(beyond_time)
}

fn numbers(operator: Operator, a: Number, b: Number) -> Result<Number, Fault> {
    match (operator, a, b) {
        (Operator::Divide | Operator::Remainder, _, b) if b == Number::Int(0) => Err(Fault::new(
            TroubleKind::DivisionByZero,
            "a divisor other than zero",
            format!("{a} {} {b}", operator.sign()),
        )),
        (_, Number::Int(a), Number::Int(b)) => integers(operator, a, b),
        (Operator::Remainder, _, _) => {
            Err(Fault::new(TroubleKind::TypeMismatch, "two integers around `%`", format!("{a} % {b}")))
        }
        (_, _, _) => floats(operator, a.as_float(), b.as_float()),
    }
}

/// Two integers of 64 bits never leave 128 bits, whatever joins them; only the result is checked.
fn integers(operator: Operator, a: i128, b: i128) -> Result<Number, Fault> {
    let result = match operator {
        Operator::Add => a.checked_add(b),
        Operator::Subtract => a.checked_sub(b),
        Operator::Multiply => a.checked_mul(b),
        Operator::Divide => a.checked_div(b),
        Operator::Remainder => a.checked_rem(b),
    };
    match result.map(within) {
        Some(Ok(number)) => Ok(number),
        Some(Err(_)) | None => Err(overflow(format!("{a} {} {b}", operator.sign()))),
    }
}

fn floats(operator: Operator, a: f64, b: f64) -> Result<Number, Fault> {
    let result = match operator {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        Operator::Divide => a / b,
        Operator::Remainder => a % b,
    };
    let (left, right) = (Number::Float(a), Number::Float(b));
    finite(result).map_err(|_| overflow(format!("{left} {} {right}", operator.sign())))
}

/// An integer within the range of documents.
pub(super) fn within(int: i128) -> Result<Number, Fault> {
    if (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&int) {
        Ok(Number::Int(int))
    } else {
        Err(overflow(int.to_string()))
    }
}

/// A float that is a number.
pub(super) fn finite(float: f64) -> Result<Number, Fault> {
    if float.is_finite() { Ok(Number::Float(float)) } else { Err(overflow(float.to_string())) }
}

fn overflow(actual: String) -> Fault {
    Fault::new(TroubleKind::Overflow, "a result within 64 bits", actual)
}

fn beyond_time() -> Fault {
    Fault::new(TroubleKind::Overflow, "a time within the calendar", "a time beyond it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(value: Number) -> Located<'static> {
        Val::Number(value).into()
    }

    fn any_number() -> impl Strategy<Value = Number> {
        let edges = prop_oneof![
            Just(0_i128),
            Just(1),
            Just(-1),
            Just(i64::MIN.into()),
            Just(i64::MAX.into()),
            Just(u64::MAX.into()),
            Just(9_007_199_254_740_993),
        ];
        prop_oneof![
            edges.prop_map(Number::Int),
            any::<i64>().prop_map(|n| Number::Int(n.into())),
            any::<u64>().prop_map(|n| Number::Int(n.into())),
            (-9_i128..9).prop_map(Number::Int),
            any::<f64>().prop_filter("finite", |f| f.is_finite()).prop_map(Number::Float),
            (-9_i8..9).prop_map(|n| Number::Float(f64::from(n) / 2.0)),
        ]
    }

    proptest! {
        #[test]
        fn agrees_with_wide_integers_and_with_floats(a in any_number(), b in any_number(), which in 0_usize..4) {
            let operator = [Operator::Add, Operator::Subtract, Operator::Multiply, Operator::Divide][which];
            let result = apply(operator, &number(a), &number(b), &mut Budget::new());
            let expected = match (a, b) {
                (_, b) if operator == Operator::Divide && b == Number::Int(0) => None,
                (Number::Int(a), Number::Int(b)) => {
                    let wide = match which { 0 => a + b, 1 => a - b, 2 => a.saturating_mul(b), _ => a / b };
                    (wide >= i64::MIN.into() && wide <= u64::MAX.into()).then_some(Number::Int(wide))
                }
                (a, b) => {
                    let (a, b) = (a.as_float(), b.as_float());
                    let float = match which { 0 => a + b, 1 => a - b, 2 => a * b, _ => a / b };
                    float.is_finite().then_some(Number::Float(float))
                }
            };
            match (result, expected) {
                (Ok(Val::Number(Number::Int(got))), Some(Number::Int(want))) => prop_assert_eq!(got, want),
                (Ok(Val::Number(Number::Float(got))), Some(Number::Float(want))) => {
                    prop_assert_eq!(got.to_bits(), want.to_bits());
                }
                (Err(fault), None) => {
                    prop_assert!(matches!(fault.kind, TroubleKind::Overflow | TroubleKind::DivisionByZero));
                }
                (got, want) => prop_assert!(false, "{got:?} for {want:?}"),
            }
        }

        #[test]
        fn any_two_numbers_compare_in_exactly_one_way(a in any_number(), b in any_number()) {
            use crate::expr::compare::{equal, order};
            let (left, right) = (number(a), number(b));
            let forth = order(&left, &right, &mut Budget::new()).expect("numbers");
            let back = order(&right, &left, &mut Budget::new()).expect("numbers");
            prop_assert_eq!(forth, back.reverse());
            prop_assert_eq!(equal(&left, &right, &mut Budget::new()).expect("numbers"), forth.is_eq());
            if let (Number::Int(a), Number::Int(b)) = (a, b) {
                prop_assert_eq!(forth, a.cmp(&b));
            }
        }
    }
}
