//! Whether a condition that is true says something, or is true only because lists are empty.
//!
//! In: a checked tree that was evaluated, and the loops that had nothing to look at. Out: whether all that carried the answer were such loops:
//! `x.all(..)`, `!x.exists(..)`, `x.filter(..).size() == 0` and `!(a in x)` over an empty `x`, and any of them joined by `&&`. To ask for the size
//! of a list itself is to look at it.

use super::tree::{Expr, Kind, Style};

/// Names that are no evidence.
const NO_EVIDENCE: [&str; 5] = ["policy", "now", "run", "index", "path"];

/// A tree after its evaluation.
pub(super) struct Rests<'e> {
    pub(super) free: &'e [String],
    /// Of each loop, by its number: whether it ran and found nothing to look at.
    pub(super) empty: &'e [bool],
}

impl Rests<'_> {
    /// Whether a condition that came to `value` rests on nothing.
    pub(super) fn on_nothing(&self, expr: &Expr, value: bool) -> bool {
        match &expr.kind {
            Kind::Not(inner) => self.on_nothing(inner, !value),
            // All terms were true, or all false: each of them carries the answer. Else the one that decided does, and what the
            // terms before it looked at was forgotten.
            Kind::And(terms) if value => terms.iter().all(|term| self.on_nothing(term, value)),
            Kind::Or(terms) if !value => terms.iter().all(|term| self.on_nothing(term, value)),
            Kind::And(terms) | Kind::Or(terms) => terms.iter().any(|term| self.on_nothing(term, value)),
            Kind::Choose(parts) => {
                let [condition, then, otherwise] = &**parts;
                let of = |part| self.on_nothing(part, value);
                !self.reads(condition) && (of(then) || of(otherwise))
            }
            Kind::Loop(of) if !self.empty[of.number] => {
                let condition = of.condition.as_ref();
                let every = (of.style == Style::All && value) || (of.style == Style::Exists && !value);
                every && condition.is_some_and(|condition| self.on_nothing(condition, value))
            }
            _ => self.has_empty(expr) && !self.reads(expr),
        }
    }

    /// Whether evidence is looked at outside of loops that had nothing to look at.
    fn reads(&self, expr: &Expr) -> bool {
        match &expr.kind {
            Kind::Free(at) => self.free.get(*at).is_none_or(|name| !NO_EVIDENCE.contains(&name.as_str())),
            Kind::Bound(_) => true,
            Kind::Loop(of) if self.empty[of.number] => false,
            Kind::Fold(_, _, number) if self.empty[*number] => false,
            Kind::In(pair, number) if self.empty[*number] && self.reads(&pair[1]) => false,
            _ => expr.parts().into_iter().any(|child| self.reads(child)),
        }
    }

    fn has_empty(&self, expr: &Expr) -> bool {
        let own = match &expr.kind {
            Kind::Loop(of) => self.empty[of.number],
            Kind::Fold(_, _, number) => self.empty[*number],
            // A policy may forbid nothing, and what it forbids is no evidence.
            Kind::In(pair, number) => self.empty[*number] && self.reads(&pair[1]),
            _ => false,
        };
        own || expr.parts().into_iter().any(|child| self.has_empty(child))
    }
}
