//! The values behind a failed condition: which sub-expressions decided it, and what they were.
//!
//! Runs after the evaluation and only for failures: it walks down the decisive side, evaluates again what it shows and
//! stops quietly when the budget or the number of operands is used up; what it cannot show it leaves out.

use super::catalogue::Function;
use super::eval::{Answer, Evaluation};
use super::origin::At;
use super::tree::{Expr, Kind, Loop, Style};
use super::value::{EXCERPT, Located};
use std::fmt;

/// Most operands that one failure shows.
const OPERANDS: usize = 12;

/// A sub-expression that helped to decide, with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operand {
    /// The sub-expression as written: `sweeps.readiness.status`.
    pub text: String,
    /// Its value as JSON, cut to 120 characters: `"ready"`.
    pub value: String,
    /// Where the value lies; for a size or another function of one value, where that value lies.
    pub at: Option<At>,
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.text, self.value)
    }
}

/// Collects the operands of a condition.
pub(super) struct Explanation<'e, 'd> {
    text: &'e str,
    evaluation: &'e mut Evaluation<'d>,
    operands: Vec<Operand>,
}

/// The operands of a condition that came out as `result`, the first decisive ones first.
pub(super) fn explain(text: &str, evaluation: &mut Evaluation<'_>, tree: &Expr, result: bool) -> Vec<Operand> {
    let mut explanation = Explanation { text, evaluation, operands: Vec::new() };
    // Trouble here can only be a used-up budget: the same tree had an answer before.
    let _incomplete = explanation.condition(tree, result).is_err();
    explanation.operands
}

impl<'d> Explanation<'_, 'd> {
    fn condition(&mut self, expr: &Expr, result: bool) -> Answer<()> {
        match &expr.kind {
            Kind::Not(inner) => self.condition(inner, !result),
            Kind::And(terms) => self.terms(terms, result, false),
            // `a != b || c`: the last term is what was asked for, those before it only say when.
            Kind::Or(terms) if !result => terms.iter().rev().try_for_each(|term| self.condition(term, false)),
            Kind::Or(terms) => self.terms(terms, result, true),
            Kind::Choose(parts) => {
                let [condition, then, otherwise] = &**parts;
                let chosen = self.evaluation.truth(condition)?;
                self.condition(condition, chosen)?;
                self.condition(if chosen { then } else { otherwise }, result)
            }
            Kind::Compare(_, pair) | Kind::In(pair, _) => {
                self.operand(&pair[0])?;
                self.operand(&pair[1])
            }
            Kind::Matches(of, _) => self.operand(of),
            Kind::Call(_, arguments) => arguments.iter().try_for_each(|argument| self.operand(argument)),
            Kind::Fold(_, of, _) => self.operand(of),
            Kind::Loop(of) => self.looping(expr, of, result),
            Kind::Has(of, _) => {
                let of = self.evaluation.value(of)?;
                self.show(expr, result.to_string(), &of);
                Ok(())
            }
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::Text(_)
            | Kind::Free(_)
            | Kind::Bound(_)
            | Kind::Select(..)
            | Kind::Index(..)
            | Kind::List(_)
            | Kind::Map(_)
            | Kind::Negate(_)
            | Kind::Arithmetic(..) => self.operand(expr),
        }
    }

    /// The first decisive term, or every term when none was decisive.
    fn terms(&mut self, terms: &[Expr], result: bool, decisive: bool) -> Answer<()> {
        for term in terms {
            if result != decisive {
                self.condition(term, result)?;
            } else if self.evaluation.truth(term)? == decisive {
                return self.condition(term, decisive);
            }
        }
        Ok(())
    }

    /// A value that is compared: itself, then what it was made of.
    fn operand(&mut self, expr: &Expr) -> Answer<()> {
        if expr.is_literal() || self.operands.len() >= OPERANDS {
            return Ok(());
        }
        let value = self.evaluation.value(expr)?;
        let from = self.source(expr)?.unwrap_or_else(|| value.clone());
        self.show(expr, value.value.excerpt(EXCERPT), &from);
        match &expr.kind {
            Kind::Arithmetic(_, pair) | Kind::In(pair, _) | Kind::Compare(_, pair) => {
                self.operand(&pair[0])?;
                self.operand(&pair[1])
            }
            Kind::Choose(parts) => {
                let chosen = self.evaluation.truth(&parts[0])?;
                self.condition(&parts[0], chosen)
            }
            // The text that became a time or a number is worth seeing; a size speaks for itself.
            Kind::Call(Function::Size, _) => Ok(()),
            Kind::Call(_, arguments) => arguments.iter().try_for_each(|argument| self.operand(argument)),
            Kind::Fold(_, of, _) | Kind::Negate(of) | Kind::Matches(of, _) => self.operand(of),
            Kind::Index(_, index) => self.operand(index),
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::Text(_)
            | Kind::Free(_)
            | Kind::Bound(_)
            | Kind::Select(..)
            | Kind::Has(..)
            | Kind::List(_)
            | Kind::Map(_)
            | Kind::Not(_)
            | Kind::And(_)
            | Kind::Or(_)
            | Kind::Loop(_) => Ok(()),
        }
    }

    /// The value in a document that a function was called on.
    fn source(&mut self, expr: &Expr) -> Answer<Option<Located<'d>>> {
        let of = match &expr.kind {
            Kind::Call(_, arguments) => arguments.first(),
            Kind::Fold(_, of, _) => Some(&**of),
            Kind::Loop(of) => Some(&of.over),
            _ => None,
        };
        of.map(|of| self.evaluation.value(of)).transpose()
    }

    /// The item that decided a loop and the operands of its condition, or the whole list when no single item did.
    fn looping(&mut self, expr: &Expr, of: &Loop, result: bool) -> Answer<()> {
        let Some(condition) = &of.condition else { return self.operand(&of.over) };
        let decisive = match (of.style, result) {
            (Style::All, false) => false,
            (Style::Exists, true) => true,
            (Style::ExistsOne, _) => return self.counted(expr, of, condition),
            (Style::All | Style::Exists | Style::Filter | Style::Map, _) => return self.operand(&of.over),
        };
        for item in self.evaluation.members_of(of)? {
            let holds = self.evaluation.with_item(item.clone(), |evaluation| evaluation.truth(condition))?;
            if holds == decisive {
                // An item with parts is told by the parts that decided.
                if item.value.is_plain() {
                    self.push(of.name.to_string(), item.value.excerpt(EXCERPT), item.at());
                }
                self.evaluation.bound.push(item);
                let explained = self.condition(condition, holds);
                self.evaluation.bound.pop();
                return explained;
            }
        }
        Ok(())
    }

    fn counted(&mut self, expr: &Expr, of: &Loop, condition: &Expr) -> Answer<()> {
        let (mut all, mut matching) = (0, 0);
        for item in self.evaluation.members_of(of)? {
            all += 1;
            matching += usize::from(self.evaluation.with_item(item, |evaluation| evaluation.truth(condition))?);
        }
        let over = self.evaluation.value(&of.over)?;
        self.show(expr, format!("{matching} of {all} items"), &over);
        Ok(())
    }

    fn show(&mut self, expr: &Expr, value: String, from: &Located<'d>) {
        let text = self.text.get(expr.range.clone()).unwrap_or_default();
        self.push(text.split_whitespace().collect::<Vec<_>>().join(" "), value, from.at());
    }

    fn push(&mut self, text: String, value: String, at: Option<At>) {
        let operand = Operand { text, value, at };
        if self.operands.len() < OPERANDS && !self.operands.contains(&operand) {
            self.operands.push(operand);
        }
    }
}
