//! The evaluator: a checked tree over a scope.
//!
//! Left to right, `&&`, `||` and `?:` stop as soon as they are decided, and a fault on the way is the answer: nothing
//! absorbs it. In: a tree and a scope. Out: a value with its origin, or [`Trouble`] with its place.

use super::arithmetic;
use super::bounds::Budget;
use super::compare;
use super::compile::Compiled;
use super::functions;
use super::problem::nearest;
use super::scope::Scope;
use super::tree::{Expr, Kind, Loop, Relation, Style};
use super::trouble::{Fault, Trouble, TroubleKind};
use super::value::{List, Located, Map, Text, Val};
use crate::model::Number;
use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

/// The outcome of a step.
pub(super) type Answer<T> = Result<T, Box<Trouble>>;

/// One evaluation.
#[derive(Debug)]
pub(super) struct Evaluation<'d> {
    free: Vec<Located<'d>>,
    pub(super) bound: Vec<Located<'d>>,
    pub(super) budget: Budget,
    /// For each loop and fold: whether it ran, and how many items it examined in all its runs.
    examined: Vec<Option<usize>>,
    /// What a comparison that comes out false means for the whole.
    sense: Sense,
}

/// Whether a condition makes the whole true when it is true, or when it is false.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sense {
    Plain,
    /// Behind a `!`.
    Negated,
    /// Either, as far as anybody can tell: what `filter` leaves out may be what should have been counted.
    Both,
}

impl Sense {
    fn turned(self) -> Self {
        match self {
            Sense::Plain => Sense::Negated,
            Sense::Negated => Sense::Plain,
            Sense::Both => Sense::Both,
        }
    }

    /// Whether the whole may become true because two values are different.
    fn gains_by_difference(self, relation: Relation) -> bool {
        match relation {
            Relation::Equal => self != Sense::Plain,
            Relation::NotEqual => self != Sense::Negated,
            Relation::Less | Relation::LessOrEqual | Relation::Greater | Relation::GreaterOrEqual => false,
        }
    }

    /// Whether the whole may become true because two values are the same.
    fn gains_by_sameness(self, relation: Relation) -> bool {
        match relation {
            Relation::Equal => self != Sense::Negated,
            Relation::NotEqual => self != Sense::Plain,
            Relation::Less | Relation::LessOrEqual | Relation::Greater | Relation::GreaterOrEqual => false,
        }
    }

    /// What it is for the parts of a node: what an answer is made into by anything but logic, nobody can follow.
    fn below(self, kind: &Kind) -> Self {
        match kind {
            Kind::Not(_)
            | Kind::And(_)
            | Kind::Or(_)
            | Kind::Choose(_)
            | Kind::Compare(..)
            | Kind::In(..)
            | Kind::Loop(_) => self,
            _ => Sense::Both,
        }
    }
}

impl<'d> Evaluation<'d> {
    /// Looks up every name of the expression, used or not: a name that is not bound is a fault of the caller.
    pub(super) fn new(compiled: &Compiled, scope: &Scope<'d>) -> Answer<Self> {
        let find = |name: &String| {
            scope.get(name).cloned().ok_or_else(|| {
                let expected = format!("`{name}` among the bound names");
                Fault::new(TroubleKind::Unbound, expected, "no such name").placed(&compiled.tree.range, None)
            })
        };
        let free = compiled.free.iter().map(find).collect::<Answer<_>>()?;
        Ok(Self {
            free,
            bound: Vec::new(),
            budget: Budget::new(),
            examined: vec![None; compiled.loops.len()],
            sense: Sense::Plain,
        })
    }

    /// The same, of a condition of which nobody can say whether it is better true or false.
    pub(super) fn in_either_sense(self) -> Self {
        Self { sense: Sense::Both, ..self }
    }

    /// Of each loop, by its number, whether it ran and found nothing to examine.
    pub(super) fn empty(&self) -> Vec<bool> {
        self.examined.iter().map(|examined| *examined == Some(0)).collect()
    }

    /// The value of a node.
    pub(super) fn value(&mut self, expr: &Expr) -> Answer<Located<'d>> {
        self.budget.spend(1).map_err(|fault| fault.placed(&expr.range, None))?;
        self.sensed(self.sense.below(&expr.kind), |this| this.step(expr))
    }

    fn step(&mut self, expr: &Expr) -> Answer<Located<'d>> {
        let range = &expr.range;
        match &expr.kind {
            Kind::Null => Ok(Val::Null.into()),
            Kind::Bool(flag) => Ok(Val::Bool(*flag).into()),
            Kind::Number(number) => Ok(Val::Number(*number).into()),
            Kind::Text(text) => Ok(Val::Text(Text::Built(Arc::clone(text))).into()),
            Kind::Free(at) => Ok(self.free[*at].clone()),
            Kind::Bound(at) => Ok(self.bound[*at].clone()),
            Kind::Select(of, field) => {
                let of = self.value(of)?;
                field_of(&of, field, range)
            }
            Kind::Has(of, field) => {
                let of = self.value(of)?;
                match &of.value {
                    Val::Map(_) => Ok(Val::Bool(of.field(field).is_some()).into()),
                    other => Err(no_object(other, field).placed(range, of.at())),
                }
            }
            Kind::Index(of, index) => {
                let (of, index) = (self.value(of)?, self.value(index)?);
                item_of(&of, &index, range)
            }
            Kind::List(items) => {
                self.pay(range, |budget| budget.spend_items(items.len()))?;
                let items: Arc<[Located<'d>]> = items.iter().map(|item| self.value(item)).collect::<Answer<_>>()?;
                Ok(Val::List(List::Built(items)).into())
            }
            Kind::Map(entries) => {
                self.pay(range, |budget| budget.spend_items(entries.len()))?;
                let entry = |(key, value): &(Arc<str>, Expr)| Ok((Arc::clone(key), self.value(value)?));
                let entries: Arc<[(Arc<str>, Located<'d>)]> = entries.iter().map(entry).collect::<Answer<_>>()?;
                Ok(Val::Map(Map::Built(entries)).into())
            }
            Kind::Not(inner) => {
                let sense = self.sense.turned();
                Ok(Val::Bool(!self.sensed(sense, |this| this.truth(inner))?).into())
            }
            Kind::And(terms) => self.first(terms, false),
            Kind::Or(terms) => self.first(terms, true),
            Kind::Choose(parts) => {
                let [condition, then, otherwise] = &**parts;
                // Either branch may make the whole true.
                let chosen = self.sensed(Sense::Both, |this| this.truth(condition))?;
                if chosen { self.value(then) } else { self.value(otherwise) }
            }
            Kind::Compare(relation, pair) => {
                let both = |this: &mut Self| Ok((this.value(&pair[0])?, this.value(&pair[1])?));
                let (left, right) = self.sensed(Sense::Both, both)?;
                let told = pair.iter().any(Expr::says_null);
                let sound = if told { Ok(()) } else { no_null(self.sense, *relation, &left, &right) };
                let holds = sound.and_then(|()| holds(*relation, &left, &right, &mut self.budget));
                holds.map(|holds| Val::Bool(holds).into()).map_err(|fault| fault.placed(range, left.at().or(right.at())))
            }
            Kind::In(pair, number) => {
                let both = |this: &mut Self| Ok((this.value(&pair[0])?, this.value(&pair[1])?));
                let (needle, hay) = self.sensed(Sense::Both, both)?;
                self.count(*number, hay.members().map_or(1, |members| members.take(1).count()));
                let told = pair.iter().any(Expr::says_null);
                self.is_in(&needle, &hay, told)
                    .map(|is| Val::Bool(is).into())
                    .map_err(|fault| fault.placed(range, hay.at()))
            }
            Kind::Negate(inner) => {
                let inner = self.value(inner)?;
                arithmetic::negate(&inner).map(Into::into).map_err(|fault| fault.placed(range, inner.at()))
            }
            Kind::Arithmetic(operator, pair) => {
                let (left, right) = (self.value(&pair[0])?, self.value(&pair[1])?);
                let result = arithmetic::apply(*operator, &left, &right, &mut self.budget);
                result.map(Into::into).map_err(|fault| fault.placed(range, left.at().or(right.at())))
            }
            Kind::Call(function, arguments) => {
                let arguments: Vec<_> = arguments.iter().map(|argument| self.value(argument)).collect::<Answer<_>>()?;
                let of = arguments.first().and_then(Located::at);
                functions::call(*function, &arguments, &mut self.budget).map_err(|fault| fault.placed(range, of))
            }
            Kind::Fold(function, of, number) => {
                let of = self.value(of)?;
                if let Val::List(list) = &of.value {
                    self.count(*number, list.len());
                }
                let at = of.at();
                functions::call(*function, &[of], &mut self.budget).map_err(|fault| fault.placed(range, at))
            }
            Kind::Matches(of, regex) => {
                let of = self.value(of)?;
                match &of.value {
                    Val::Text(text) => {
                        self.pay(range, |budget| budget.spend_text(text.as_str().len()))?;
                        Ok(Val::Bool(regex.is_match(text.as_str())).into())
                    }
                    other => Err(Fault::new(TroubleKind::TypeMismatch, "a string to match", other.described())
                        .placed(range, of.at())),
                }
            }
            Kind::Loop(of) => self.looping(of, range),
        }
    }

    /// Evaluates in a sense.
    fn sensed<T>(&mut self, sense: Sense, then: impl FnOnce(&mut Self) -> Answer<T>) -> Answer<T> {
        let before = std::mem::replace(&mut self.sense, sense);
        let result = then(self);
        self.sense = before;
        result
    }

    /// The value of a condition.
    pub(super) fn truth(&mut self, expr: &Expr) -> Answer<bool> {
        let value = self.value(expr)?;
        match &value.value {
            Val::Bool(flag) => Ok(*flag),
            other => {
                Err(Fault::new(TroubleKind::NotBoolean, "`true` or `false`", other.described())
                    .placed(&expr.range, value.at()))
            }
        }
    }

    fn pay(&mut self, range: &Range<usize>, cost: impl FnOnce(&mut Budget) -> Result<(), Fault>) -> Answer<()> {
        cost(&mut self.budget).map_err(|fault| fault.placed(range, None))
    }

    fn count(&mut self, number: usize, items: usize) {
        let examined = self.examined[number].get_or_insert(0);
        *examined = examined.saturating_add(items);
    }

    /// `&&` stops at the first `false`, `||` at the first `true`. When one term decides, what the terms before it
    /// examined did not carry the answer and is forgotten.
    fn first(&mut self, terms: &[Expr], decisive: bool) -> Answer<Located<'d>> {
        let before = self.examined.clone();
        for (at, term) in terms.iter().enumerate() {
            let carried = (at > 0).then(|| self.examined.clone());
            if self.truth(term)? == decisive {
                if let Some(carried) = carried {
                    self.forget(&before, &carried);
                }
                return Ok(Val::Bool(decisive).into());
            }
        }
        Ok(Val::Bool(!decisive).into())
    }

    /// Takes back what was examined between two moments.
    fn forget(&mut self, before: &[Option<usize>], after: &[Option<usize>]) {
        for ((now, before), after) in self.examined.iter_mut().zip(before).zip(after) {
            // A loop belongs to one term only, so nothing ran it since.
            if before != after {
                *now = *before;
            }
        }
    }

    fn is_in(&mut self, needle: &Located<'d>, hay: &Located<'d>, told: bool) -> Result<bool, Fault> {
        match (&hay.value, &needle.value) {
            (Val::List(_), _) => {
                for item in hay.members().into_iter().flatten() {
                    if !told {
                        no_null(self.sense, Relation::Equal, needle, &item)?;
                    }
                    if compare::equal(needle, &item, &mut self.budget)
                        .map_err(|fault| fault.blaming(item.origin.as_ref()))?
                    {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            (Val::Map(_), Val::Text(key)) => Ok(hay.field(key.as_str()).is_some()),
            (Val::Map(_), other) => Err(Fault::new(TroubleKind::TypeMismatch, "a string as key", other.described())),
            (other, _) => Err(Fault::new(TroubleKind::TypeMismatch, "a list or an object behind `in`", other.described())),
        }
    }

    /// Enters a loop body with the item bound.
    pub(super) fn with_item<T>(&mut self, item: Located<'d>, then: impl FnOnce(&mut Self) -> Answer<T>) -> Answer<T> {
        self.bound.push(item);
        let result = then(self);
        self.bound.pop();
        result
    }

    /// What a loop goes through, as an iterator.
    pub(super) fn members_of(&mut self, of: &Loop) -> Answer<Box<dyn Iterator<Item = Located<'d>> + 'd>> {
        let over = self.sensed(Sense::Both, |this| this.value(&of.over))?;
        over.members().ok_or_else(|| {
            Fault::new(TroubleKind::TypeMismatch, "a list or an object to go through", over.value.described())
                .placed(&of.over.range, over.at())
        })
    }

    fn looping(&mut self, of: &Loop, range: &Range<usize>) -> Answer<Located<'d>> {
        let members = self.members_of(of)?;
        let (mut examined, mut matching) = (0_usize, 0_usize);
        let mut kept: Vec<Located<'d>> = Vec::new();
        for item in members {
            examined += 1;
            let sense = match of.style {
                Style::All | Style::Exists => self.sense,
                Style::ExistsOne | Style::Filter | Style::Map => Sense::Both,
            };
            let holds = match &of.condition {
                Some(condition) => self.sensed(sense, |this| this.with_item(item.clone(), |this| this.truth(condition)))?,
                None => true,
            };
            matching += usize::from(holds);
            let decided = match of.style {
                Style::All => !holds,
                Style::Exists => holds,
                Style::ExistsOne | Style::Filter | Style::Map => false,
            };
            if decided {
                break;
            }
            if holds && matches!(of.style, Style::Filter | Style::Map) {
                self.pay(range, |budget| budget.spend_items(1))?;
                kept.push(match &of.made {
                    Some(made) => self.sensed(Sense::Both, |this| this.with_item(item, |this| this.value(made)))?,
                    None => item,
                });
            }
        }
        self.count(of.number, examined);
        Ok(match of.style {
            Style::All => Val::Bool(matching == examined).into(),
            Style::Exists => Val::Bool(matching > 0).into(),
            Style::ExistsOne => Val::Bool(matching == 1).into(),
            Style::Filter | Style::Map => Val::List(List::Built(kept.into())).into(),
        })
    }
}

/// Refuses a `null` that would make the whole true by being different from what it is compared with, or by being as absent as that is, where
/// the expression does not speak of `null`: a value that is not there is no other value, and no same one.
fn no_null(sense: Sense, relation: Relation, left: &Located<'_>, right: &Located<'_>) -> Result<(), Fault> {
    let null = |value: &Located<'_>| matches!(value.value, Val::Null);
    let gains = match (null(left), null(right)) {
        (false, false) => false,
        (true, true) => sense.gains_by_sameness(relation),
        (true, false) | (false, true) => sense.gains_by_difference(relation),
    };
    if !gains {
        return Ok(());
    }
    let expected = "a value to compare; ask for `null` in so many words where it may be there";
    let origin = if null(left) { left.origin.as_ref() } else { right.origin.as_ref() };
    Err(Fault::new(TroubleKind::TypeMismatch, expected, "null").blaming(origin))
}

/// Whether a comparison holds.
fn holds(relation: Relation, left: &Located<'_>, right: &Located<'_>, budget: &mut Budget) -> Result<bool, Fault> {
    Ok(match relation {
        Relation::Equal => compare::equal(left, right, budget)?,
        Relation::NotEqual => !compare::equal(left, right, budget)?,
        Relation::Less => compare::ordered(left, right, budget)? == Ordering::Less,
        Relation::LessOrEqual => compare::ordered(left, right, budget)? != Ordering::Greater,
        Relation::Greater => compare::ordered(left, right, budget)? == Ordering::Greater,
        Relation::GreaterOrEqual => compare::ordered(left, right, budget)? != Ordering::Less,
    })
}

fn no_object(actual: &Val<'_>, field: &str) -> Fault {
    Fault::new(TroubleKind::TypeMismatch, format!("an object that can have a field `{field}`"), actual.described())
}

/// The field of an object; its absence is trouble that names the very place where it should be.
fn field_of<'d>(of: &Located<'d>, field: &str, range: &Range<usize>) -> Answer<Located<'d>> {
    match (&of.value, of.field(field)) {
        (_, Some(value)) => Ok(value),
        (Val::Map(map), None) => {
            let at = of.origin_of_key(field).map(|origin| origin.at());
            Err(Fault::new(TroubleKind::MissingField, format!("a field `{field}`"), absent(map, field)).placed(range, at))
        }
        (other, None) => Err(no_object(other, field).placed(range, of.at())),
    }
}

/// What an object has instead of the field that was asked for.
fn absent(map: &Map<'_>, field: &str) -> String {
    const SHOWN: usize = 8;
    let keys: Vec<String> =
        map.keys(SHOWN).into_iter().map(|key| format!("`{}`", key.chars().take(40).collect::<String>())).collect();
    let more = if map.len() > SHOWN { format!(" and {} more", map.len() - SHOWN) } else { String::new() };
    // A stranger's object may have a million fields; what is near is looked for among the first ones.
    const LOOKED_AT: usize = 256;
    let near = nearest(field, map.keys(LOOKED_AT).into_iter().filter(|key| key.len() <= 64));
    let near = near.map(|key| format!("; did you mean `{key}`?")).unwrap_or_default();
    if keys.is_empty() { "an object without fields".to_owned() } else { format!("only {}{more}{near}", keys.join(", ")) }
}

fn item_of<'d>(of: &Located<'d>, index: &Located<'d>, range: &Range<usize>) -> Answer<Located<'d>> {
    match (&of.value, &index.value) {
        (Val::Map(_), Val::Text(key)) => field_of(of, key.as_str(), range),
        (Val::List(list), Val::Number(Number::Int(int))) => {
            let at = usize::try_from(*int).ok();
            at.and_then(|at| of.item(at)).ok_or_else(|| {
                let expected = format!("a position from 0 to below {}", list.len());
                let place = at.and_then(|at| of.origin_of_index(at)).map_or_else(|| of.at(), |origin| Some(origin.at()));
                Fault::new(TroubleKind::OutOfRange, expected, int.to_string()).placed(range, place)
            })
        }
        (Val::List(_), other) => {
            let fault = Fault::new(TroubleKind::TypeMismatch, "an integer as position in a list", other.described());
            Err(fault.placed(range, index.at().or(of.at())))
        }
        (Val::Map(_), other) => {
            let fault = Fault::new(TroubleKind::TypeMismatch, "a string as key of an object", other.described());
            Err(fault.placed(range, index.at().or(of.at())))
        }
        (other, _) => Err(Fault::new(TroubleKind::TypeMismatch, "a list or an object to look into", other.described())
            .placed(range, of.at())),
    }
}
