//! Two values of one key: which of them is stricter.
//!
//! In: the values, and what the reader of the key says of its direction. Out: the class of the change, or nothing if the values
//! are the same. Where a value is not of the form that its direction is about (a parameter's name instead of a number), the
//! change is unclear.

use super::Class;
use crate::definition::Stricter;
use crate::model::{Document, Node, Number, Quantity, Shape, Value};
use std::cmp::Ordering;

/// Why a key without a direction is unclear.
pub(super) const UNDECLARED: &str = "the check kind does not say which way this key is stricter";
/// Why a key with the direction `Unclear` is unclear.
pub(super) const UNCLEAR: &str = "which way is stricter cannot be told";
/// Why a change of form is unclear.
const INCOMPARABLE: &str = "the two values cannot be compared";

/// The class of a change and the reason for it.
pub(super) type Weighed = (Class, String);

fn weighed(class: Class, reason: impl Into<String>) -> Option<Weighed> {
    Some((class, reason.into()))
}

/// A value as people see it, cut.
pub(super) fn show(value: &Value) -> String {
    Document::new(value.clone()).root().excerpt(400)
}

/// What going from one value to the other does; `None` if they are the same.
pub(super) fn weigh(stricter: Option<Stricter>, from: Option<&Value>, to: Option<&Value>) -> Option<Weighed> {
    if from == to {
        return None;
    }
    let Some(stricter) = stricter else { return weighed(Class::Unclear, UNDECLARED) };
    match stricter {
        Stricter::Higher => bound(from, to, Ordering::Greater),
        Stricter::Lower => bound(from, to, Ordering::Less),
        Stricter::HigherElse(default) => {
            let default = default.parse().ok().map(|number| Value::Number(Number::Float(number)));
            bound(from.or(default.as_ref()), to.or(default.as_ref()), Ordering::Greater)
        }
        Stricter::More => members(listed(from), listed(to), true),
        Stricter::Fewer => members(listed(from), listed(to), false),
        Stricter::FewerElseAny => match (from, to) {
            (None, Some(_)) => weighed(Class::Tightening, "until now nothing was left out"),
            (Some(_), None) => weighed(Class::Weakening, "without the key anything is allowed"),
            (from, to) => members(listed(from), listed(to), false),
        },
        Stricter::True => words(from, to, &["false", "true"]),
        Stricter::False => words(from, to, &["true", "false"]),
        Stricter::Words(order) => words(from, to, order),
        Stricter::Given => presence(from, to),
        Stricter::Prose => weighed(Class::Neutral, "words for people"),
        Stricter::Unclear => weighed(Class::Unclear, UNCLEAR),
    }
}

fn presence(from: Option<&Value>, to: Option<&Value>) -> Option<Weighed> {
    match (from, to) {
        (None, Some(_)) => weighed(Class::Tightening, "the key is new"),
        (Some(_), None) => weighed(Class::Weakening, "the key is gone"),
        (Some(_), Some(_)) | (None, None) => weighed(Class::Unclear, UNCLEAR),
    }
}

/// A bound; `stricter` says on which side of the old one the new one must lie.
fn bound(from: Option<&Value>, to: Option<&Value>, stricter: Ordering) -> Option<Weighed> {
    match (from, to) {
        (None, None) => None,
        (None, Some(_)) => weighed(Class::Tightening, "a bound is new"),
        (Some(_), None) => weighed(Class::Weakening, "a bound is gone"),
        (Some(Value::Map(_)), Some(Value::Map(_))) => each_bound(from?, to?, stricter),
        (Some(from), Some(to)) => match amounts(from, to) {
            None => weighed(Class::Unclear, INCOMPARABLE),
            Some(Ordering::Equal) => None,
            Some(order) => {
                let reason = if order == Ordering::Less { "the bound is higher" } else { "the bound is lower" };
                weighed(if order.reverse() == stricter { Class::Tightening } else { Class::Weakening }, reason)
            }
        },
    }
}

/// A table of bounds: the worst of its changes.
fn each_bound(from: &Value, to: &Value, stricter: Ordering) -> Option<Weighed> {
    let (from, to) = (Document::new(from.clone()), Document::new(to.clone()));
    let mut keys: Vec<&str> = from.root().entries().chain(to.root().entries()).map(|(key, _)| key).collect();
    keys.sort_unstable();
    keys.dedup();
    let own = |document: &Document, key: &str| document.root().get(key).and_then(plain);
    let changes = keys.into_iter().filter_map(|key| {
        // A member that is there and is no plain value cannot be compared.
        let odd = |document: &Document| document.root().get(key).is_some_and(|node| plain(node).is_none());
        let weighed = match odd(&from) || odd(&to) {
            true => Some((Class::Unclear, INCOMPARABLE.to_owned())),
            false => bound(own(&from, key).as_ref(), own(&to, key).as_ref(), stricter),
        };
        weighed.map(|(class, reason)| (class, format!("`{key}`: {reason}")))
    });
    changes.min_by_key(|(class, _)| *class)
}

fn plain(node: Node<'_>) -> Option<Value> {
    match node.shape() {
        Shape::Number(number) => Some(Value::Number(number)),
        Shape::Text(text) => Some(Value::from(text)),
        Shape::Null | Shape::Bool(_) | Shape::List(_) | Shape::Map(_) => None,
    }
}

fn amounts(from: &Value, to: &Value) -> Option<Ordering> {
    match (from, to) {
        (Value::Number(from), Value::Number(to)) => from.partial_cmp(to),
        (Value::Text(from), Value::Text(to)) => {
            let (from, to) = (Quantity::parse(from).ok()?, Quantity::parse(to).ok()?);
            from.value.partial_cmp(&to.unit.convert(to.value, from.unit)?)
        }
        (_, _) => None,
    }
}

/// The members of a list; none where there is no list. `Err` for anything that is no list.
fn listed(value: Option<&Value>) -> Result<Vec<Value>, ()> {
    match value {
        None => Ok(Vec::new()),
        Some(Value::List(items)) => Ok(items.clone()),
        Some(_) => Err(()),
    }
}

fn members(from: Result<Vec<Value>, ()>, to: Result<Vec<Value>, ()>, more: bool) -> Option<Weighed> {
    let (Ok(from), Ok(to)) = (from, to) else { return weighed(Class::Unclear, INCOMPARABLE) };
    let gone: Vec<String> = from.iter().filter(|item| !to.contains(item)).map(show).collect();
    let new: Vec<String> = to.iter().filter(|item| !from.contains(item)).map(show).collect();
    let (looser, stricter, loose, strict) = match more {
        true => (gone, new, "no longer required", "required now"),
        false => (new, gone, "allowed now", "no longer allowed"),
    };
    match (looser.as_slice(), stricter.as_slice()) {
        ([], []) => weighed(Class::Neutral, "the same members in another order"),
        ([], strict_ones) => weighed(Class::Tightening, format!("{strict}: {}", strict_ones.join(", "))),
        (loose_ones, _) => weighed(Class::Weakening, format!("{loose}: {}", loose_ones.join(", "))),
    }
}

fn words(from: Option<&Value>, to: Option<&Value>, order: &[&str]) -> Option<Weighed> {
    let rank = |value: Option<&Value>| {
        let word = match value? {
            Value::Bool(flag) => flag.to_string(),
            Value::Text(text) => text.to_string(),
            Value::Null | Value::Number(_) | Value::List(_) | Value::Map(_) => return None,
        };
        order.iter().position(|known| *known == word)
    };
    let (Some(was), Some(is)) = (rank(from), rank(to)) else { return weighed(Class::Unclear, INCOMPARABLE) };
    let reason = format!("`{}` is stricter", order[was.max(is)]);
    weighed(if is > was { Class::Tightening } else { Class::Weakening }, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn int(number: i128) -> Value {
        Value::Number(Number::Int(number))
    }

    fn list(items: &[&str]) -> Value {
        Value::List(items.iter().map(|item| Value::from(*item)).collect())
    }

    fn class(stricter: Stricter, from: &Option<Value>, to: &Option<Value>) -> Option<Class> {
        weigh(Some(stricter), from.as_ref(), to.as_ref()).map(|(class, _)| class)
    }

    #[test]
    fn each_direction_has_two_sides() {
        let rows = [
            (Stricter::Higher, Some(int(1)), Some(int(2))),
            (Stricter::Higher, None, Some(int(2))),
            (Stricter::HigherElse("0.95"), Some(Value::Number(Number::Float(0.5))), None),
            (Stricter::Lower, Some(Value::from("2 s")), Some(Value::from("1999 ms"))),
            (Stricter::Lower, None, Some(int(0))),
            (Stricter::More, Some(list(&["a"])), Some(list(&["b", "a"]))),
            (Stricter::More, None, Some(list(&["a"]))),
            (Stricter::Fewer, Some(list(&["a", "b"])), Some(list(&["a"]))),
            (Stricter::Fewer, Some(list(&["a"])), None),
            (Stricter::FewerElseAny, None, Some(list(&["a"]))),
            (Stricter::FewerElseAny, Some(list(&["a", "b"])), Some(list(&["a"]))),
            (Stricter::True, Some(Value::Bool(false)), Some(Value::Bool(true))),
            (Stricter::False, Some(Value::Bool(true)), Some(Value::Bool(false))),
            (Stricter::Words(&["allow", "find"]), Some(Value::from("allow")), Some(Value::from("find"))),
            (Stricter::Given, None, Some(Value::from("x"))),
        ];
        let mut looked = 0;
        for (stricter, loose, strict) in rows {
            assert_eq!(class(stricter, &loose, &strict), Some(Class::Tightening), "{stricter:?}");
            assert_eq!(class(stricter, &strict, &loose), Some(Class::Weakening), "{stricter:?}");
            assert_eq!(class(stricter, &strict, &strict), None, "{stricter:?}");
            looked += 1;
        }
        assert_eq!(looked, 15);
    }

    #[test]
    fn what_cannot_be_compared_is_unclear() {
        let rows = [
            (Stricter::Higher, Some(int(5)), Some(Value::from("policy.floor"))),
            (Stricter::Lower, Some(Value::from("5 s")), Some(Value::from("4 MiB"))),
            (Stricter::More, Some(Value::from("policy.required")), Some(list(&["policy.required"]))),
            (Stricter::Fewer, Some(list(&["a"])), Some(Value::from("a"))),
            (Stricter::Words(&["a", "b"]), Some(Value::from("a")), Some(Value::from("c"))),
            (Stricter::Given, Some(int(1)), Some(int(2))),
            (Stricter::Unclear, None, Some(int(2))),
        ];
        for (stricter, from, to) in rows {
            assert_eq!(class(stricter, &from, &to), Some(Class::Unclear), "{stricter:?}");
            assert_eq!(class(stricter, &to, &from), Some(Class::Unclear), "{stricter:?}");
        }
        assert_eq!(weigh(None, None, Some(&int(1))), Some((Class::Unclear, UNDECLARED.to_owned())));
    }

    #[test]
    fn both_ways_at_once_weakens() {
        assert_eq!(class(Stricter::More, &Some(list(&["a", "b"])), &Some(list(&["a", "c"]))), Some(Class::Weakening));
        let table = |rows: &[(&str, i128)]| {
            let rows = rows.iter().map(|(key, number)| (Box::from(*key), int(*number))).collect();
            Some(Value::Map(crate::model::Map::from_entries(rows).expect("keys once")))
        };
        let from = table(&[("a", 1), ("b", 5)]);
        assert_eq!(class(Stricter::Higher, &from, &table(&[("a", 2), ("b", 4)])), Some(Class::Weakening));
        assert_eq!(class(Stricter::Higher, &from, &table(&[("a", 2)])), Some(Class::Weakening));
        assert_eq!(class(Stricter::Higher, &from, &table(&[("a", 1), ("b", 5), ("c", 1)])), Some(Class::Tightening));
        assert_eq!(class(Stricter::More, &Some(list(&["a", "b"])), &Some(list(&["b", "a"]))), Some(Class::Neutral));
    }
}
