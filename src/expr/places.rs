//! The places that an expression reads: `s.rows.all(r, r.ok)` reads `s.rows` and `ok` of each of its items.
//!
//! In: a checked tree. Out: names with the steps behind them. What is computed (a key, a position) counts as any.

use super::catalogue::Function;
use super::tree::{Expr, Kind, Style};
use std::collections::BTreeSet;

/// A free name, and the steps from it: a key, or any key or position.
pub type Reached = (String, Vec<Option<String>>);

/// Gathers places.
struct Walk<'e> {
    free: &'e [String],
    /// What the variables of enclosing loops stand for.
    bound: Vec<Option<Reached>>,
    found: BTreeSet<Reached>,
    /// The free names that are looked at as a whole.
    whole: BTreeSet<String>,
}

/// Every place that a tree reads.
pub(super) fn places(free: &[String], tree: &Expr) -> BTreeSet<Reached> {
    walk(free, tree).found
}

/// The same, and the free names that are looked at as a whole, be it to compare them with `null`.
pub(super) fn reached(free: &[String], tree: &Expr) -> (BTreeSet<Reached>, BTreeSet<String>) {
    let walk = walk(free, tree);
    (walk.found, walk.whole)
}

fn walk<'e>(free: &'e [String], tree: &Expr) -> Walk<'e> {
    let mut walk = Walk { free, bound: Vec::new(), found: BTreeSet::new(), whole: BTreeSet::new() };
    let whole = walk.place(tree);
    walk.deep(whole);
    walk
}

fn below((name, mut steps): Reached, step: Option<String>) -> Reached {
    steps.push(step);
    (name, steps)
}

impl Walk<'_> {
    fn note(&mut self, place: Option<Reached>) {
        self.found.extend(place.filter(|(_, steps)| !steps.is_empty()));
    }

    /// A value whose items count too, if it is a list.
    fn deep(&mut self, place: Option<Reached>) {
        // A name by itself is compared as a whole, mostly with null.
        let inside = place.clone().filter(|(_, steps)| !steps.is_empty());
        self.whole.extend(place.iter().filter(|(_, steps)| steps.is_empty()).map(|(name, _)| name.clone()));
        self.note(inside.map(|place| below(place, None)));
        self.note(place);
    }

    fn all<'e>(&mut self, parts: impl IntoIterator<Item = &'e Expr>) {
        for part in parts {
            let place = self.place(part);
            self.deep(place);
        }
    }

    /// The place that a part of the tree is, if it is one; everything in it that is none is noted.
    fn place(&mut self, expr: &Expr) -> Option<Reached> {
        match &expr.kind {
            Kind::Free(at) => Some((self.free.get(*at)?.clone(), Vec::new())),
            Kind::Bound(at) => self.bound.get(*at)?.clone(),
            Kind::Select(inner, field) => Some(below(self.place(inner)?, Some(field.to_string()))),
            Kind::Has(inner, field) => {
                let place = self.place(inner).map(|place| below(place, Some(field.to_string())));
                self.note(place);
                None
            }
            Kind::Index(inner, key) => {
                let step = if let Kind::Text(text) = &key.kind { Some(text.to_string()) } else { None };
                self.all([&**key]);
                Some(below(self.place(inner)?, step))
            }
            Kind::Loop(of) => {
                let over = self.place(&of.over);
                self.note(over.clone());
                self.bound.push(over.clone().map(|over| below(over, None)));
                self.all(&of.condition);
                let made = of.made.as_ref().and_then(|made| self.place(made));
                self.note(made);
                self.bound.pop();
                (of.style == Style::Filter).then_some(over).flatten()
            }
            Kind::Call(Function::Size, arguments) => {
                for argument in arguments {
                    let place = self.place(argument);
                    self.note(place);
                }
                None
            }
            Kind::Choose(parts) => {
                self.all(parts.iter());
                None
            }
            Kind::Compare(_, parts) | Kind::In(parts, _) | Kind::Arithmetic(_, parts) => {
                self.all(parts.iter());
                None
            }
            Kind::And(parts) | Kind::Or(parts) | Kind::List(parts) | Kind::Call(_, parts) => {
                self.all(parts);
                None
            }
            Kind::Map(entries) => {
                self.all(entries.iter().map(|(_, value)| value));
                None
            }
            Kind::Not(inner) | Kind::Negate(inner) | Kind::Fold(_, inner, _) | Kind::Matches(inner, _) => {
                self.all([&**inner]);
                None
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::expr::Expression;

    fn told(text: &str) -> Vec<String> {
        let places = Expression::compile(text, &["s", "t"]).expect("sound").places();
        let step = |step: &Option<String>| step.clone().unwrap_or_else(|| "*".to_owned());
        places
            .iter()
            .map(|(name, steps)| format!("{name}/{}", steps.iter().map(step).collect::<Vec<_>>().join("/")))
            .collect()
    }

    #[test]
    fn what_is_read_is_found_with_the_way_to_it() {
        assert_eq!(told("s.a.b == 1"), ["s/a/b", "s/a/b/*"]);
        assert_eq!(told("s.rows.size() > 0"), ["s/rows"]);
        assert_eq!(told("s.rows.all(r, r.n < t['x y'])"), ["s/rows", "s/rows/*/n", "s/rows/*/n/*", "t/x y", "t/x y/*"]);
        assert_eq!(told("!has(s.note) || s.rows[0].ok"), ["s/note", "s/rows/*/ok", "s/rows/*/ok/*"]);
        assert_eq!(told("s.rows.filter(r, r.ok).size() == 1"), ["s/rows", "s/rows/*/ok", "s/rows/*/ok/*"]);
        assert_eq!(told("s.rows.map(r, r.id).unique()"), ["s/rows", "s/rows/*/id"]);
    }
}
