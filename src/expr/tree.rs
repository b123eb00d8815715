//! The checked form of an expression: every name resolved, every function known, every pattern compiled.

use super::catalogue::Function;
use crate::model::Number;
use regex::Regex;
use std::ops::Range;
use std::sync::Arc;

/// A node of the checked tree.
#[derive(Debug)]
pub(super) struct Expr {
    /// The bytes of the node in the text, without parentheses that merely group it.
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
}

/// What a node is. A receiver is the first argument of its call.
#[derive(Debug)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    Number(Number),
    Text(Arc<str>),
    /// A name from outside, by its position in the expression's names.
    Free(usize),
    /// The variable of an enclosing loop, by its nesting from the outside.
    Bound(usize),
    Select(Box<Expr>, Arc<str>),
    Has(Box<Expr>, Arc<str>),
    Index(Box<Expr>, Box<Expr>),
    List(Vec<Expr>),
    /// Sorted by key, each key once.
    Map(Vec<(Arc<str>, Expr)>),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    /// Two or more, `a && b && c` flat.
    And(Vec<Expr>),
    /// Two or more, flat.
    Or(Vec<Expr>),
    /// Condition, then, otherwise.
    Choose(Box<[Expr; 3]>),
    Compare(Relation, Box<[Expr; 2]>),
    /// What is looked for, and in what; with its position among all loops and folds.
    In(Box<[Expr; 2]>, usize),
    Arithmetic(Operator, Box<[Expr; 2]>),
    Call(Function, Vec<Expr>),
    /// A function over a list that has an answer for the empty one; with its position among all loops and folds.
    Fold(Function, Box<Expr>, usize),
    Matches(Box<Expr>, Regex),
    Loop(Box<Loop>),
}

/// `all` and its like.
#[derive(Debug)]
pub(super) struct Loop {
    pub(super) style: Style,
    /// What is gone through.
    pub(super) over: Expr,
    /// What is asked of each item; absent in `x.map(v, f)`.
    pub(super) condition: Option<Expr>,
    /// What is made of each item; only in `map`.
    pub(super) made: Option<Expr>,
    /// The variable's name.
    pub(super) name: Arc<str>,
    /// The position of this loop among all loops and folds of the expression, to count what they examine.
    pub(super) number: usize,
}

/// Which loop it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// An operator that makes a value of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Operator {
    /// The sign, for messages.
    pub(super) const fn sign(self) -> &'static str {
        match self {
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Multiply => "*",
            Operator::Divide => "/",
            Operator::Remainder => "%",
        }
    }
}

impl Expr {
    /// Whether the node is written out in the text, so that showing its value would tell nothing.
    pub(super) fn is_literal(&self) -> bool {
        match &self.kind {
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) => true,
            Kind::List(items) => items.iter().all(Expr::is_literal),
            Kind::Map(entries) => entries.iter().all(|(_, value)| value.is_literal()),
            Kind::Negate(inner) => inner.is_literal(),
            Kind::Call(Function::Timestamp | Function::Duration | Function::Version, arguments) => {
                arguments.iter().all(Expr::is_literal)
            }
            Kind::Free(_)
            | Kind::Bound(_)
            | Kind::Select(..)
            | Kind::Has(..)
            | Kind::Index(..)
            | Kind::Not(_)
            | Kind::And(_)
            | Kind::Or(_)
            | Kind::Choose(_)
            | Kind::Compare(..)
            | Kind::In(..)
            | Kind::Arithmetic(..)
            | Kind::Call(..)
            | Kind::Fold(..)
            | Kind::Matches(..)
            | Kind::Loop(_) => false,
        }
    }

    /// Whether `null` stands in it.
    pub(super) fn says_null(&self) -> bool {
        matches!(self.kind, Kind::Null) || matches!(&self.kind, Kind::List(items) if items.iter().any(Expr::says_null))
    }

    /// The nodes right below.
    pub(super) fn parts(&self) -> Vec<&Expr> {
        match &self.kind {
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Free(_) | Kind::Bound(_) => Vec::new(),
            Kind::Select(inner, _) | Kind::Has(inner, _) | Kind::Not(inner) | Kind::Negate(inner) => vec![inner],
            Kind::Fold(_, inner, _) | Kind::Matches(inner, _) => vec![inner],
            Kind::Index(of, key) => vec![of, key],
            Kind::List(parts) | Kind::And(parts) | Kind::Or(parts) | Kind::Call(_, parts) => parts.iter().collect(),
            Kind::Map(entries) => entries.iter().map(|(_, value)| value).collect(),
            Kind::Choose(parts) => parts.iter().collect(),
            Kind::Compare(_, pair) | Kind::In(pair, _) | Kind::Arithmetic(_, pair) => pair.iter().collect(),
            Kind::Loop(of) => std::iter::once(&of.over).chain(&of.condition).chain(&of.made).collect(),
        }
    }
}
