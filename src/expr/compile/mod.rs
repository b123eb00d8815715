//! From the parser's tree to the checked one: names, functions, patterns and bounds, all problems at once.
//!
//! In: the syntax tree, the tokens and the names that may occur. Out: the checked tree. Names, functions,
//! their arguments' number, patterns and literal times are settled here; the types of values are judged at run time only,
//! because documents decide them.

mod calls;
mod operators;

use super::bounds;
use super::problem::Problem;
use super::syntax::{self, Ast, Node};
use super::tokens::Tokens;
use super::tree::{Expr, Kind};
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
    let syntax = syntax::parse(&tokens).map_err(|problem| vec![problem])?;
    let mut lowering = Lowering::new(&tokens, known);
    let tree = lowering.expr(&syntax, 0);
    let Lowering { free, fields, mut guards, loops, mut problems, .. } = lowering;
    guards.sort_by_key(|guard| guard.range.start);
    problems.sort_by_key(|problem| (problem.range.start, problem.range.end));
    match tree {
        Some(tree) if problems.is_empty() => Ok(Compiled { tree, free, fields, guards, loops }),
        Some(_) | None => Err(problems),
    }
}

/// One pass over the tree. A node that cannot be checked is `None` and has left at least one problem.
struct Lowering<'t> {
    tokens: &'t Tokens<'t>,
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
    fn new(tokens: &'t Tokens<'t>, known: &'t [&'t str]) -> Self {
        Self {
            tokens,
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

    /// From a bracket to the one that closes it.
    fn bracketed(&self, at: usize) -> Range<usize> {
        let range = self.tokens.range(at);
        range.start..self.tokens.partner(at).map_or(range.end, |close| close.range.end)
    }

    /// The range of two operands and all between them.
    fn spanning(&self, first: &Expr, last: &Expr) -> Range<usize> {
        self.tokens.with_parentheses(&first.range).start..self.tokens.with_parentheses(&last.range).end
    }

    fn expr(&mut self, node: &Node, depth: usize) -> Option<Expr> {
        let here = self.tokens.range(node.at);
        if depth > bounds::DEPTH {
            if !self.too_deep {
                self.too_deep = true;
                let message = format!("the expression is nested or chained more than {} deep", bounds::DEPTH);
                self.problems.push(Problem::new(here, message).help("split it into several checks"));
            }
            return None;
        }
        match &node.kind {
            Ast::Null => Some(Expr { range: here, kind: Kind::Null }),
            Ast::Bool(flag) => Some(Expr { range: here, kind: Kind::Bool(*flag) }),
            Ast::Number(number) => {
                let signed = usize::from(self.tokens.text(node.at) == "-");
                let range = here.start..self.tokens.range(node.at + signed).end;
                Some(Expr { range, kind: Kind::Number(*number) })
            }
            Ast::Text(text) => Some(Expr { range: here, kind: Kind::Text(text.as_str().into()) }),
            Ast::Name(name) => self.name(name, here),
            Ast::Select(of, field) => self.select(node.at, of, field, depth),
            Ast::Call { target, name, arguments } => self.call(node.at, target.as_deref(), name, arguments, depth),
            Ast::List(items) => Some(Expr { range: self.bracketed(node.at), kind: Kind::List(self.all(items, depth)?) }),
            Ast::Map(entries) => self.map(self.bracketed(node.at), entries, depth),
            Ast::And(terms) => self.chain(terms, depth, Kind::And),
            Ast::Or(terms) => self.chain(terms, depth, Kind::Or),
            Ast::Not(inner) => self.prefix(here, inner, depth, Kind::Not),
            Ast::Negate(inner) => self.prefix(here, inner, depth, Kind::Negate),
            Ast::Choose(parts) => self.together(parts, depth, |_, _, parts| Kind::Choose(parts)),
            Ast::Compare(relation, pair) => self.together(pair, depth, |_, _, pair| Kind::Compare(*relation, pair)),
            Ast::Arithmetic(operator, pair) => self.together(pair, depth, |_, _, pair| Kind::Arithmetic(*operator, pair)),
            Ast::In(pair) => self.together(pair, depth, |this, range, pair| {
                this.loops.push(range.clone());
                Kind::In(pair, this.loops.len() - 1)
            }),
            Ast::Index(pair) => self.index(self.bracketed(node.at).end, pair, depth),
        }
    }

    /// Every node, each looked at whatever is wrong with the others.
    fn all(&mut self, nodes: &[Node], depth: usize) -> Option<Vec<Expr>> {
        let checked: Vec<_> = nodes.iter().map(|node| self.expr(node, depth + 1)).collect();
        checked.into_iter().collect()
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

    fn select(&mut self, dot: usize, of: &Node, field: &str, depth: usize) -> Option<Expr> {
        let operand = self.expr(of, depth + 1)?;
        self.note_field(&operand, field);
        let range = self.tokens.with_parentheses(&operand.range).start..self.tokens.range(dot + 1).end;
        Some(Expr { range, kind: Kind::Select(Box::new(operand), field.into()) })
    }

    fn note_field(&mut self, operand: &Expr, field: &str) {
        if let Kind::Free(at) = operand.kind {
            self.fields.insert((at, field.to_owned()));
        }
    }

    fn map(&mut self, range: Range<usize>, written: &[(Node, Node)], depth: usize) -> Option<Expr> {
        let mut entries: Vec<(Arc<str>, Expr)> = Vec::with_capacity(written.len());
        let mut sound = true;
        for (key, value) in written {
            if let Ast::Name(word) = &key.kind {
                let problem = Problem::new(self.tokens.range(key.at), "a key must be a string written out");
                self.problems.push(problem.help(format!("write `'{word}'`")));
                sound = false;
                continue;
            }
            let key = self.expr(key, depth + 1);
            let value = self.expr(value, depth + 1);
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
