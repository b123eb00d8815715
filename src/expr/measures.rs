//! What a condition measures: each comparison of numbers, of spans of time and of ages in it, with the limit that it sets.
//!
//! Runs beside the evaluation, whatever came of that, and decides nothing. It goes only where the evaluation must go for the condition to be
//! true: all terms of `&&`, the last of `||` where no other holds, the branch that `?:` chooses, each item of `all`. Trouble ends it quietly, and what has
//! no short name in the expression is left out.

use super::compile::Compiled;
use super::eval::{Answer, Evaluation};
use super::tree::{Expr, Kind, Loop, Relation, Style};
use super::value::{Located, Val};
use crate::model::{Instant, Limit, Measure, Number};
use chrono::TimeDelta;

/// Longest expression that names what it measures.
const NAME: usize = 60;
/// Most values of one condition.
const MOST: usize = 12;

/// The values that a condition compares.
pub(super) fn measures(
    text: &str,
    compiled: &Compiled,
    mut evaluation: Evaluation<'_>,
    now: Option<Instant>,
    over: Vec<String>,
) -> Vec<Measure> {
    let mut gauge = Gauge { text, free: &compiled.free, evaluation: &mut evaluation, now, over, found: Vec::new() };
    // Trouble is told by the evaluation that decides; a value that was met before is a value all the same.
    let _trouble = gauge.condition(&compiled.tree, false).is_err();
    gauge.found
}

/// Collects the values of a condition.
struct Gauge<'e, 'd> {
    text: &'e str,
    free: &'e [String],
    evaluation: &'e mut Evaluation<'d>,
    now: Option<Instant>,
    /// The lists that are gone through, from the outside.
    over: Vec<String>,
    found: Vec<Measure>,
}

impl Gauge<'_, '_> {
    /// What must be so, or with `not` must not be so.
    fn condition(&mut self, expr: &Expr, not: bool) -> Answer<()> {
        match &expr.kind {
            Kind::Not(inner) => self.condition(inner, !not),
            Kind::And(terms) if !not => terms.iter().try_for_each(|term| self.condition(term, false)),
            Kind::Or(terms) if !not => {
                let Some((last, before)) = terms.split_last() else { return Ok(()) };
                for term in before {
                    if self.evaluation.truth(term)? {
                        return Ok(());
                    }
                }
                self.condition(last, false)
            }
            Kind::Choose(parts) => {
                let [condition, then, otherwise] = &**parts;
                let chosen = if self.evaluation.truth(condition)? { then } else { otherwise };
                self.condition(chosen, not)
            }
            Kind::Compare(relation, pair) => self.compare(if not { opposite(*relation) } else { *relation }, pair),
            Kind::Loop(of) if !not && of.style == Style::All => self.each(of),
            _ => Ok(()),
        }
    }

    fn each(&mut self, of: &Loop) -> Answer<()> {
        let (Some(condition), Some(name)) = (&of.condition, self.name(&of.over)) else { return Ok(()) };
        self.over.push(name);
        let members = self.evaluation.members_of(of)?;
        let mut all = Ok(());
        for item in members {
            self.evaluation.bound.push(item);
            all = self.condition(condition, false);
            self.evaluation.bound.pop();
            if all.is_err() {
                break;
            }
        }
        self.over.pop();
        all
    }

    fn compare(&mut self, relation: Relation, pair: &[Expr; 2]) -> Answer<()> {
        // The side that no evidence decides is the limit; of two sides from evidence the second is.
        let turned = !self.of_evidence(&pair[0]) && self.of_evidence(&pair[1]);
        let (own, bound) = if turned { (&pair[1], &pair[0]) } else { (&pair[0], &pair[1]) };
        let relation = if turned { mirrored(relation) } else { relation };
        if relation == Relation::NotEqual || !self.of_evidence(own) {
            return Ok(());
        }
        let Some(name) = self.name(own) else { return Ok(()) };
        let (value, limit) = (self.evaluation.value(own)?, self.evaluation.value(bound)?);
        if let Some(measure) = self.measure(name, relation, &value, &limit) {
            let several = !self.over.is_empty();
            let what = match self.over.last() {
                Some(list) => format!("{} of {list}", measure.what),
                None => measure.what.clone(),
            };
            Measure::keep_closest(&mut self.found, Measure { what, ..measure }, several, MOST);
        }
        Ok(())
    }

    fn measure(&self, name: String, relation: Relation, value: &Located<'_>, limit: &Located<'_>) -> Option<Measure> {
        match (&value.value, &limit.value) {
            (Val::Number(value), Val::Number(limit)) => {
                Some(Measure { what: name, value: *value, unit: String::new(), limit: bound(relation, *value, *limit) })
            }
            (Val::Span(value), Val::Span(limit)) => spans(name, relation, *value, *limit),
            (Val::Instant(value), Val::Instant(limit)) => {
                // The later a thing was made, the younger it is.
                let now = self.now?;
                spans(format!("age of {name}"), mirrored(relation), now - *value, now - *limit)
            }
            (_, _) => None,
        }
    }

    /// Whether a part depends on evidence, and not only on what is written down, on the policy and on the clock.
    fn of_evidence(&self, expr: &Expr) -> bool {
        match &expr.kind {
            Kind::Free(at) => !matches!(self.free.get(*at).map(String::as_str), Some("policy" | "now") | None),
            Kind::Bound(_) => true,
            _ => expr.parts().into_iter().any(|part| self.of_evidence(part)),
        }
    }

    /// What people call a part: the way to a value as it is written, without what only makes a number or a time of it, and what is counted or
    /// summed up. Anything else has no name that is shorter than the expression.
    fn name(&self, expr: &Expr) -> Option<String> {
        use super::catalogue::Function;
        let written = |expr: &Expr| {
            let text = self.text.get(expr.range.clone())?.split_whitespace().collect::<Vec<_>>().join(" ");
            (is_way(expr) && text.chars().count() <= NAME).then(|| format!("`{text}`"))
        };
        match &expr.kind {
            Kind::Call(Function::Timestamp | Function::Duration | Function::Double | Function::Int, parts) => {
                parts.first().and_then(|part| self.name(part))
            }
            Kind::Arithmetic(super::tree::Operator::Subtract, pair) if self.is_now(&pair[0]) => {
                self.name(&pair[1]).map(|name| format!("age of {name}"))
            }
            Kind::Call(Function::Size, parts) => match parts.first().map(|part| (&part.kind, part)) {
                Some((Kind::Loop(of), _)) if of.style == Style::Filter => {
                    written(&of.over).map(|name| format!("counted items of {name}"))
                }
                Some((_, part)) => written(part).map(|name| format!("items of {name}")),
                None => None,
            },
            Kind::Call(Function::Sum, parts) => {
                parts.first().and_then(|part| self.over(part)).map(|name| format!("sum over {name}"))
            }
            Kind::Fold(Function::Sum, part, _) => self.over(part).map(|name| format!("sum over {name}")),
            _ => written(expr),
        }
    }

    /// The list that a list is made of.
    fn over(&self, expr: &Expr) -> Option<String> {
        match &expr.kind {
            Kind::Loop(of) => self.over(&of.over),
            _ => self.name(expr),
        }
    }

    fn is_now(&self, expr: &Expr) -> bool {
        matches!(&expr.kind, Kind::Free(at) if self.free.get(*at).is_some_and(|name| name == "now"))
    }
}

/// Whether a part leads to a value, or is made of such parts by arithmetic.
fn is_way(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Free(_) | Kind::Bound(_) | Kind::Number(_) | Kind::Text(_) => true,
        Kind::Select(of, _) | Kind::Negate(of) => is_way(of),
        Kind::Index(of, key) => is_way(of) && is_way(key),
        Kind::Arithmetic(_, pair) => pair.iter().all(is_way),
        _ => false,
    }
}

fn spans(what: String, relation: Relation, value: TimeDelta, limit: TimeDelta) -> Option<Measure> {
    let (unit, size) = Measure::unit_of_time(limit.num_seconds());
    let told = |span: TimeDelta| Number::Float(span.num_milliseconds() as f64 / 1_000.0 / size);
    let (value, limit) = (told(value), told(limit));
    Some(Measure { what, value, unit: unit.to_owned(), limit: Some(bound(relation, value, limit)?) })
}

/// The limit that a comparison sets to its first side. A whole number below another is at most the one before it.
fn bound(relation: Relation, value: Number, limit: Number) -> Option<Limit> {
    let whole = matches!(value, Number::Int(_));
    let step = |by: i128| match limit {
        // What is counted is far below.
        Number::Int(limit) if whole && limit.unsigned_abs() < 1 << 62 => Number::Int(limit + by),
        limit => limit,
    };
    match relation {
        Relation::LessOrEqual => Some(Limit::AtMost(limit)),
        Relation::Less => Some(Limit::AtMost(step(-1))),
        Relation::GreaterOrEqual => Some(Limit::AtLeast(limit)),
        Relation::Greater => Some(Limit::AtLeast(step(1))),
        Relation::Equal if limit == Number::Int(0) => Some(Limit::AtMost(limit)),
        Relation::Equal | Relation::NotEqual => None,
    }
}

const fn opposite(relation: Relation) -> Relation {
    match relation {
        Relation::Equal => Relation::NotEqual,
        Relation::NotEqual => Relation::Equal,
        Relation::Less => Relation::GreaterOrEqual,
        Relation::LessOrEqual => Relation::Greater,
        Relation::Greater => Relation::LessOrEqual,
        Relation::GreaterOrEqual => Relation::Less,
    }
}

/// The relation as the other side sees it.
const fn mirrored(relation: Relation) -> Relation {
    match relation {
        Relation::Equal | Relation::NotEqual => relation,
        Relation::Less => Relation::Greater,
        Relation::LessOrEqual => Relation::GreaterOrEqual,
        Relation::Greater => Relation::Less,
        Relation::GreaterOrEqual => Relation::LessOrEqual,
    }
}
