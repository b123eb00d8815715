//! What the functions of the catalogue do.
//!
//! In: arguments that are already evaluated, as many as the catalogue says. Out: a value, or a fault; work that grows with
//! the data is paid for from the budget.

use super::arithmetic;
use super::bounds::Budget;
use super::catalogue::Function;
use super::compare;
use super::time;
use super::tree::Operator;
use super::trouble::{Fault, TroubleKind};
use super::value::{List, Located, Val};
use super::version::Version;
use crate::model::{Number, Twice};
use std::cmp::Ordering;

/// Checks a literal argument when the expression is compiled, so that a slip in the text is no surprise at run time.
pub(super) fn check_literal(function: Function, text: &str) -> Result<(), Fault> {
    match function {
        Function::Timestamp => time::parse_timestamp(text).map(|_| ()),
        Function::Duration => time::parse_span(text).map(|_| ()),
        Function::Version => Version::parse(text).map(|_| ()),
        _ => Ok(()),
    }
}

/// Calls a function. [`Function::Matches`] never comes here: its pattern is part of the tree.
pub(super) fn call<'d>(function: Function, arguments: &[Located<'d>], budget: &mut Budget) -> Result<Located<'d>, Fault> {
    match (function, arguments) {
        (Function::Size, [of]) => size(of, budget).map(Into::into),
        (Function::Contains, [text, part]) => texts(text, part, budget, |text, part| text.contains(part)),
        (Function::StartsWith, [text, part]) => texts(text, part, budget, |text, part| text.starts_with(part)),
        (Function::EndsWith, [text, part]) => texts(text, part, budget, |text, part| text.ends_with(part)),
        (Function::LowerAscii, [of]) => Ok(Val::text(&text(of, budget)?.to_ascii_lowercase()).into()),
        (Function::UpperAscii, [of]) => Ok(Val::text(&text(of, budget)?.to_ascii_uppercase()).into()),
        (Function::Trim, [of]) => Ok(Val::text(text(of, budget)?.trim()).into()),
        (Function::Split, [of, by]) => split(of, by, budget),
        (Function::Take, [of, count]) => take(of, count, budget),
        (Function::Int, [of]) => int(of).map(|number| Val::Number(number).into()),
        (Function::Double, [of]) => double(of).map(|number| Val::Number(number).into()),
        (Function::String, [of]) => string(of, budget).map(Into::into),
        (Function::Timestamp, [of]) => match &of.value {
            Val::Instant(at) => Ok(Val::Instant(*at).into()),
            _ => time::parse_timestamp(text(of, budget)?).map(|at| Val::Instant(at).into()),
        },
        (Function::Duration, [of]) => match &of.value {
            Val::Span(span) => Ok(Val::Span(*span).into()),
            _ => time::parse_span(text(of, budget)?).map(|span| Val::Span(span).into()),
        },
        (Function::Version, [of]) => match &of.value {
            Val::Version(version) => Ok(Val::Version(version.clone()).into()),
            _ => Version::parse(text(of, budget)?).map(|version| Val::Version(version).into()),
        },
        (Function::Abs, [of]) => arithmetic::absolute(of).map(Into::into),
        (Function::Min, [of]) => extreme(of, Ordering::Less, budget),
        (Function::Max, [of]) => extreme(of, Ordering::Greater, budget),
        (Function::Sum, [of]) => sum(of, budget),
        (Function::Unique, [of]) => unique(of, budget).map(|unique| Val::Bool(unique).into()),
        (_, _) => Err(wrong("the arguments this function takes", &Val::Null)),
    }
}

fn wrong(expected: &str, actual: &Val<'_>) -> Fault {
    Fault::new(TroubleKind::TypeMismatch, expected, actual.described())
}

/// The string, paid for.
fn text<'l>(of: &'l Located<'_>, budget: &mut Budget) -> Result<&'l str, Fault> {
    match &of.value {
        Val::Text(text) => {
            budget.spend_text(text.as_str().len())?;
            Ok(text.as_str())
        }
        other => Err(wrong("a string", other).blaming(of.origin.as_ref())),
    }
}

fn texts<'d>(
    of: &Located<'d>,
    part: &Located<'d>,
    budget: &mut Budget,
    holds: impl Fn(&str, &str) -> bool,
) -> Result<Located<'d>, Fault> {
    Ok(Val::Bool(holds(text(of, budget)?, text(part, budget)?)).into())
}

fn list<'d>(of: &Located<'d>) -> Result<Box<dyn Iterator<Item = Located<'d>> + 'd>, Fault> {
    match (&of.value, of.members()) {
        (Val::List(_), Some(items)) => Ok(items),
        (other, _) => Err(wrong("a list", other)),
    }
}

/// Characters of a string, items of a list, entries of an object.
fn size<'d>(of: &Located<'d>, budget: &mut Budget) -> Result<Val<'d>, Fault> {
    let size = match &of.value {
        Val::Text(text) => {
            budget.spend_text(text.as_str().len())?;
            text.as_str().chars().count()
        }
        Val::List(list) => list.len(),
        Val::Map(map) => map.len(),
        other => return Err(wrong("a string, a list or an object to measure", other)),
    };
    Ok(Val::Number(Number::Int(size as i128)))
}

fn split<'d>(of: &Located<'d>, by: &Located<'d>, budget: &mut Budget) -> Result<Located<'d>, Fault> {
    let (whole, separator) = (text(of, budget)?, text(by, budget)?);
    if separator.is_empty() {
        return Err(wrong("a separator that is not empty", &by.value).blaming(by.origin.as_ref()));
    }
    budget.spend_items(whole.matches(separator).count() + 1)?;
    Ok(Val::List(List::Built(whole.split(separator).map(|part| Val::text(part).into()).collect())).into())
}

/// The first items of a list, all of them if there are not so many.
fn take<'d>(of: &Located<'d>, count: &Located<'d>, budget: &mut Budget) -> Result<Located<'d>, Fault> {
    let whole = list(of)?;
    let count = match &count.value {
        Val::Number(Number::Int(count @ 0..)) => usize::try_from(*count).unwrap_or(usize::MAX),
        other => return Err(wrong("how many items, from 0", other).blaming(count.origin.as_ref())),
    };
    let items: Vec<Located<'d>> = whole.take(count).collect();
    budget.spend_items(items.len())?;
    Ok(Val::List(List::Built(items.into())).into())
}

/// An integer from a number (towards zero, as in CEL), from decimal digits, or the seconds of a timestamp since 1970.
fn int(of: &Located<'_>) -> Result<Number, Fault> {
    match &of.value {
        Val::Number(Number::Int(int)) => Ok(Number::Int(*int)),
        // A float beyond 128 bits saturates and is then out of range.
        Val::Number(Number::Float(float)) => arithmetic::within(float.trunc() as i128),
        Val::Instant(at) => Ok(Number::Int(at.timestamp().into())),
        Val::Text(text) if decimal(text.as_str()) => {
            let digits = text.as_str().parse::<i128>();
            digits.map_or_else(|_| Err(bad_number("an integer within 64 bits", of)), arithmetic::within)
        }
        Val::Text(_) => Err(bad_number("an integer in decimal digits", of)),
        other => Err(wrong("a number, a string or a timestamp", other)),
    }
}

fn decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The nearest float.
fn double(of: &Located<'_>) -> Result<Number, Fault> {
    match &of.value {
        Val::Number(number) => Ok(Number::Float(number.as_float())),
        Val::Text(text) => {
            // The words `inf` and `nan` are no numbers, so digits must begin and end the text.
            let plain = text.as_str().bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
            match text.as_str().parse::<f64>() {
                Ok(float) if plain && float.is_finite() => Ok(Number::Float(float)),
                Ok(_) | Err(_) => Err(bad_number("a number", of)),
            }
        }
        other => Err(wrong("a number or a string", other)),
    }
}

fn bad_number(expected: &str, of: &Located<'_>) -> Fault {
    Fault::new(TroubleKind::BadNumber, expected, of.value.described())
}

fn string<'d>(of: &Located<'d>, budget: &mut Budget) -> Result<Val<'d>, Fault> {
    Ok(match &of.value {
        Val::Text(text) => {
            budget.spend_text(text.as_str().len())?;
            Val::Text(text.clone())
        }
        Val::Bool(flag) => Val::text(if *flag { "true" } else { "false" }),
        Val::Number(Number::Int(int)) => Val::text(&int.to_string()),
        Val::Number(Number::Float(float)) => Val::text(&float.to_string()),
        Val::Instant(at) => Val::text(&time::show_instant(*at)),
        Val::Span(span) => Val::text(&time::show_span(*span)),
        Val::Version(version) => Val::text(version.as_str()),
        other => return Err(wrong("a boolean, a number, a string or a time", other)),
    })
}

/// The smallest or largest item, with the place it came from.
fn extreme<'d>(of: &Located<'d>, wanted: Ordering, budget: &mut Budget) -> Result<Located<'d>, Fault> {
    let mut best: Option<Located<'d>> = None;
    for item in list(of)? {
        budget.spend(1)?;
        let blame = |fault: Fault| fault.blaming(item.origin.as_ref());
        // An item is also compared with itself, so that a list of one boolean is as wrong as a list of two.
        let better = match &best {
            Some(best) => compare::order(&item, best, budget).map_err(blame)? == wanted,
            None => compare::order(&item, &item, budget).map_err(blame)?.is_eq(),
        };
        if better {
            best = Some(item);
        }
    }
    best.ok_or_else(|| Fault::new(TroubleKind::EmptyList, "at least one item", "an empty list"))
}

fn sum<'d>(of: &Located<'d>, budget: &mut Budget) -> Result<Located<'d>, Fault> {
    let mut total: Option<Located<'d>> = None;
    for item in list(of)? {
        budget.spend(1)?;
        if !matches!(item.value, Val::Number(_) | Val::Span(_)) {
            return Err(wrong("numbers or durations to add up", &item.value).blaming(item.origin.as_ref()));
        }
        total = Some(match total {
            None => item.value.into(),
            Some(total) => {
                let added = arithmetic::apply(Operator::Add, &total, &item, budget);
                added.map_err(|fault| fault.blaming(item.origin.as_ref()))?.into()
            }
        });
    }
    Ok(total.unwrap_or_else(|| Val::Number(Number::Int(0)).into()))
}

/// Whether no two items are equal. Nulls equal each other; otherwise the items must be of one ordered type or booleans.
fn unique(of: &Located<'_>, budget: &mut Budget) -> Result<bool, Fault> {
    if let Val::List(list) = &of.value {
        budget.spend_items(list.len())?;
    }
    let mut counts = [0_usize; 3];
    let (mut signs, mut first) = (Vec::new(), None);
    for item in list(of)? {
        match &item.value {
            Val::Null => counts[0] += 1,
            Val::Bool(flag) => counts[1 + usize::from(*flag)] += 1,
            other => {
                if let Val::Text(text) = other {
                    budget.spend_text(text.as_str().len())?;
                }
                let apart = || wrong("plain values that can be told apart", other).blaming(item.origin.as_ref());
                signs.push(sign(other).ok_or_else(apart)?);
            }
        }
        match &first {
            _ if matches!(item.value, Val::Null) => {}
            Some(first) => {
                compare::equal(&item, first, budget).map_err(|fault| fault.blaming(item.origin.as_ref()))?;
            }
            None => first = Some(item),
        }
    }
    // Nearly all values are told apart by their signs. Those that are left have the type of the first one, so each pair has an order; the sort
    // is paid for in advance, because a comparison that fails half way would be no order at all.
    let twice = Twice::among(signs);
    let ordered = |item: &Located<'_>| sign(&item.value).is_some_and(|sign| twice.may_hold_hash(sign));
    let mut ordered: Vec<Located<'_>> = if twice.is_empty() { Vec::new() } else { list(of)?.filter(ordered).collect() };
    let rounds = ordered.len().max(2).ilog2() as usize;
    for item in &ordered {
        if let Val::Text(text) = &item.value {
            budget.spend_text(text.as_str().len().saturating_mul(rounds))?;
        }
    }
    let order = |a: &Located<'_>, b: &Located<'_>| compare::order(a, b, &mut Budget::new()).unwrap_or(Ordering::Equal);
    ordered.sort_by(order);
    Ok(counts.iter().all(|count| *count <= 1) && ordered.windows(2).all(|pair| order(&pair[0], &pair[1]).is_ne()))
}

/// What equal values have in common and others seldom; none for what has no order.
fn sign(value: &Val<'_>) -> Option<u64> {
    Some(match value {
        // Integers and floats that are equal are the same float. There are two zeros.
        Val::Number(number) => Twice::hash_of(&(number.as_float() + 0.0).to_bits()),
        Val::Text(text) => Twice::hash_of(text.as_str()),
        Val::Instant(at) => Twice::hash_of(at),
        Val::Span(span) => Twice::hash_of(span),
        Val::Version(version) => Twice::hash_of(version.numbers()),
        Val::Null | Val::Bool(_) | Val::List(_) | Val::Map(_) => return None,
    })
}
