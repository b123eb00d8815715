//! From the parser's tree to the checked one: names, functions, patterns and bounds, all problems at once.
//!
//! In: the syntax tree of the package `cel`, the tokens and the names that may occur. Out: the checked tree. Names, functions,
//! their arguments' number, patterns and literal times are settled here; the types of values are judged at run time only,
//! because documents decide them.

mod calls;
mod operators;

use super::bounds;
use super::problem::Problem;
use super::syntax;
use super::tokens::Tokens;
use super::tree::{Expr, Kind};
use crate::model::Number;
use cel::common::ast::{EntryExpr, Expr as Ast, IdedExpr, LiteralValue, MapExpr, SelectExpr, SourceInfo};
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// A text that tests with `has(..)` whether a field is there: what is absent passes here without a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// The bytes of the whole `has(..)`.
    pub range: Range<usize>,
    /// The tested path as written: `sweeps.readiness.status`.
    pub path: String,
}

/// A checked expression with what was learnt on the way.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) tree: Expr,
    /// The names from outside, in the order of [`Kind::Free`].
    pub(super) free: Vec<String>,
    /// The fields read straight from a name from outside: its position in `free`, and the field.
    pub(super) fields: BTreeSet<(usize, String)>,
    pub(super) guards: Vec<Guard>,
    /// The byte ranges of the loops and folds, in the order of their numbers.
    pub(super) loops: Vec<Range<usize>>,
}

/// Compiles a text.
pub(super) fn compile(text: &str, known: &[&str]) -> Result<Compiled, Vec<Problem>> {
    let tokens = Tokens::scan(text)?;
    syntax::parse(&tokens, text, |ast, info| {
        let mut lowering = Lowering::new(&tokens, info, known);
        let tree = lowering.expr(ast, 0);
        let Lowering { free, fields, mut guards, loops, mut problems, .. } = lowering;
        guards.sort_by_key(|guard| guard.range.start);
        problems.sort_by_key(|problem| (problem.range.start, problem.range.end));
        match tree {
            Some(tree) if problems.is_empty() => Ok(Compiled { tree, free, fields, guards, loops }),
            Some(_) | None => Err(problems),
        }
    })
}

/// One pass over the tree. A node that cannot be checked is `None` and has left at least one problem.
struct Lowering<'t> {
    tokens: &'t Tokens<'t>,
    info: &'t SourceInfo,
    known: &'t [&'t str],
    free: Vec<String>,
    fields: BTreeSet<(usize, String)>,
    bound: Vec<Arc<str>>,
    guards: Vec<Guard>,
    loops: Vec<Range<usize>>,
    problems: Vec<Problem>,
    too_deep: bool,
}

impl<'t> Lowering<'t> {
    fn new(tokens: &'t Tokens<'t>, info: &'t SourceInfo, known: &'t [&'t str]) -> Self {
        Self {
            tokens,
            info,
            known,
            free: Vec::new(),
            fields: BTreeSet::new(),
            bound: Vec::new(),
            guards: Vec::new(),
            loops: Vec::new(),
            problems: Vec::new(),
            too_deep: false,
        }
    }

    fn refuse(&mut self, problem: Problem) -> Option<Expr> {
        self.problems.push(problem);
        None
    }

    /// The token that the parser remembers for a node: a literal or name itself, else the operator or bracket.
    fn token(&self, id: u64) -> (Range<usize>, Option<usize>) {
        let at = self.info.offset_for(id).and_then(|(start, _)| self.tokens.index_at(start as usize));
        match at.and_then(|at| self.tokens.get(at)) {
            Some(token) => (token.range.clone(), at),
            None => (0..0, None),
        }
    }

    /// From the token to the bracket that closes it.
    fn bracketed(&self, id: u64) -> Range<usize> {
        let (range, at) = self.token(id);
        let end = at.and_then(|at| self.tokens.partner(at)).map_or(range.end, |close| close.range.end);
        range.start..end
    }

    /// The range of two operands and all between them.
    fn spanning(&self, first: &Expr, last: &Expr) -> Range<usize> {
        self.tokens.with_parentheses(&first.range).start..self.tokens.with_parentheses(&last.range).end
    }

    fn expr(&mut self, ast: &IdedExpr, depth: usize) -> Option<Expr> {
        if depth > bounds::DEPTH {
            if !self.too_deep {
                self.too_deep = true;
                let message = format!("the expression is nested or chained more than {} deep", bounds::DEPTH);
                self.problems.push(Problem::new(self.token(ast.id).0, message).help("split it into several checks"));
            }
            return None;
        }
        let here = self.token(ast.id).0;
        match &ast.expr {
            Ast::Literal(literal) => self.literal(literal, here),
            Ast::Ident(name) => self.name(name, here),
            Ast::Select(select) => self.select(ast.id, select, depth),
            Ast::Call(call) => self.call(ast.id, call, depth),
            Ast::List(list) => {
                let range = self.bracketed(ast.id);
                let items: Vec<_> = list.elements.iter().map(|item| self.expr(item, depth + 1)).collect();
                Some(Expr { range, kind: Kind::List(items.into_iter().collect::<Option<_>>()?) })
            }
            Ast::Map(map) => self.map(ast.id, map, depth),
            Ast::Struct(message) => {
                let text = format!("`{}{{..}}` builds a message; there are none here", message.type_name);
                self.refuse(Problem::new(here, text))
            }
            Ast::Comprehension(_) | Ast::Unspecified => {
                self.refuse(Problem::new(here, "this part of the expression has no meaning here"))
            }
        }
    }

    fn literal(&mut self, literal: &LiteralValue, here: Range<usize>) -> Option<Expr> {
        let negative = |number: bool| if number { self.with_sign(&here) } else { here.clone() };
        let (range, kind) = match literal {
            LiteralValue::Null => (here, Kind::Null),
            LiteralValue::Boolean(flag) => (here, Kind::Bool(*flag.inner())),
            LiteralValue::Int(int) => (negative(*int.inner() < 0), Kind::Number(Number::Int(i128::from(*int.inner())))),
            LiteralValue::UInt(int) => (here, Kind::Number(Number::Int(i128::from(*int.inner())))),
            LiteralValue::Double(float) => {
                (negative(float.inner().is_sign_negative()), Kind::Number(Number::Float(*float.inner())))
            }
            LiteralValue::String(text) => (here, Kind::Text(text.inner().into())),
            LiteralValue::Bytes(_) => return self.refuse(Problem::new(here, "documents hold no bytes; write a string")),
        };
        Some(Expr { range, kind })
    }

    /// The parser places a negative number at its digits.
    fn with_sign(&self, digits: &Range<usize>) -> Range<usize> {
        let sign = self.tokens.index_at(digits.start).and_then(|at| self.tokens.get(at.checked_sub(1)?));
        match sign {
            Some(sign) if self.tokens.slice(&sign.range) == "-" => sign.range.start..digits.end,
            Some(_) | None => digits.clone(),
        }
    }

    fn name(&mut self, name: &str, here: Range<usize>) -> Option<Expr> {
        if let Some(at) = self.bound.iter().rposition(|bound| &**bound == name) {
            return Some(Expr { range: here, kind: Kind::Bound(at) });
        }
        if !self.known.contains(&name) {
            let candidates: Vec<String> =
                self.known.iter().map(|name| (*name).to_owned()).chain(self.bound.iter().map(|b| b.to_string())).collect();
            let message = format!("nothing is named `{name}` here");
            let problem = Problem::new(here, message).did_you_mean(name, candidates.iter().map(String::as_str));
            return self.refuse(problem);
        }
        let at = self.free.iter().position(|free| free == name).unwrap_or_else(|| {
            self.free.push(name.to_owned());
            self.free.len() - 1
        });
        Some(Expr { range: here, kind: Kind::Free(at) })
    }

    fn select(&mut self, id: u64, select: &SelectExpr, depth: usize) -> Option<Expr> {
        let (dot, at) = self.token(id);
        let operand = self.expr(&select.operand, depth + 1)?;
        self.note_field(&operand, &select.field);
        let field = at.and_then(|at| self.tokens.get(at + 1)).map_or(dot, |token| token.range.clone());
        let range = self.tokens.with_parentheses(&operand.range).start..field.end;
        Some(Expr { range, kind: Kind::Select(Box::new(operand), select.field.as_str().into()) })
    }

    fn note_field(&mut self, operand: &Expr, field: &str) {
        if let Kind::Free(at) = operand.kind {
            self.fields.insert((at, field.to_owned()));
        }
    }

    fn map(&mut self, id: u64, map: &MapExpr, depth: usize) -> Option<Expr> {
        let range = self.bracketed(id);
        let mut entries: Vec<(Arc<str>, Expr)> = Vec::with_capacity(map.entries.len());
        let mut sound = true;
        for entry in &map.entries {
            let EntryExpr::MapEntry(entry) = &entry.expr else {
                return self.refuse(Problem::new(range, "this object has no meaning here"));
            };
            if let Ast::Ident(word) = &entry.key.expr {
                let problem = Problem::new(self.token(entry.key.id).0, "a key must be a string written out");
                self.problems.push(problem.help(format!("write `'{word}'`")));
                sound = false;
                continue;
            }
            let key = self.expr(&entry.key, depth + 1);
            let value = self.expr(&entry.value, depth + 1);
            match (key, value) {
                (Some(Expr { kind: Kind::Text(key), range: at }), Some(value)) => {
                    if entries.iter().any(|(other, _)| *other == key) {
                        sound = false;
                        self.problems.push(Problem::new(at, format!("the key `{key}` is there twice")));
                    }
                    entries.push((key, value));
                }
                (Some(key), Some(_)) => {
                    sound = false;
                    self.problems.push(Problem::new(key.range, "a key must be a string written out"));
                }
                (Some(_) | None, Some(_) | None) => sound = false,
            }
        }
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        sound.then_some(Expr { range, kind: Kind::Map(entries) })
    }
}
