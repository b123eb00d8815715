//! From the parser's tree to the checked one: names, functions, patterns and bounds, all problems at once.
//!
//! In: the syntax tree of the package `cel`, the tokens and the names that may occur. Out: the checked tree. What this pass
//! accepts cannot fail at run time for a reason that lies in the text alone, apart from arithmetic on literals.

use super::bounds;
use super::functions::{self, Form, Function};
use super::problem::Problem;
use super::syntax;
use super::tokens::Tokens;
use super::tree::{Expr, Kind, Loop, Operator, Relation, Style};
use crate::model::Number;
use cel::common::ast::{
    CallExpr, EntryExpr, Expr as Ast, IdedExpr, LiteralValue, MapExpr, SelectExpr, SourceInfo, operators,
};
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
        let Lowering { free, mut guards, loops, mut problems, .. } = lowering;
        guards.sort_by_key(|guard| guard.range.start);
        problems.sort_by_key(|problem| (problem.range.start, problem.range.end));
        match tree {
            Some(tree) if problems.is_empty() => Ok(Compiled { tree, free, guards, loops }),
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
        let field = at.and_then(|at| self.tokens.get(at + 1)).map_or(dot, |token| token.range.clone());
        let range = self.tokens.with_parentheses(&operand.range).start..field.end;
        Some(Expr { range, kind: Kind::Select(Box::new(operand), select.field.as_str().into()) })
    }

    fn map(&mut self, id: u64, map: &MapExpr, depth: usize) -> Option<Expr> {
        let range = self.bracketed(id);
        let mut entries: Vec<(Arc<str>, Expr)> = Vec::with_capacity(map.entries.len());
        let mut sound = true;
        for entry in &map.entries {
            let EntryExpr::MapEntry(entry) = &entry.expr else {
                return self.refuse(Problem::new(range, "this object has no meaning here"));
            };
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

    fn call(&mut self, id: u64, call: &CallExpr, depth: usize) -> Option<Expr> {
        if is_operator(&call.func_name) {
            return self.operator(id, call, depth);
        }
        let (_, at) = self.token(id);
        let name_range = at.and_then(|at| self.tokens.get(at.checked_sub(1)?)).map_or(0..0, |token| token.range.clone());
        let close = self.bracketed(id).end;
        match (&*call.func_name, &call.target, call.args.as_slice()) {
            ("has", None, arguments) => self.has(name_range.start..close, arguments, depth),
            (name, Some(target), arguments) if style(name).is_some() => {
                let style = style(name)?;
                self.looping(style, &name_range, close, target, arguments, depth)
            }
            (name, target, arguments) => {
                let receiver = target.as_deref().map(|target| self.expr(target, depth + 1));
                let rest: Vec<_> = arguments.iter().map(|argument| self.expr(argument, depth + 1)).collect();
                let form = self.form(name, &name_range, target.is_some(), arguments.len());
                let method = receiver.is_some();
                let arguments: Vec<Expr> = receiver.into_iter().chain(rest).collect::<Option<_>>()?;
                let start = match arguments.first() {
                    Some(first) if method => self.tokens.with_parentheses(&first.range).start,
                    Some(_) | None => name_range.start,
                };
                self.finish_call(form?, start..close, arguments)
            }
        }
    }

    /// The function that a call means.
    fn form(&mut self, name: &str, at: &Range<usize>, method: bool, arguments: usize) -> Option<&'static Form> {
        let Some(form) = functions::find(name) else {
            let message = format!("there is no function `{name}`");
            let problem = if style(name).is_some() {
                Problem::new(at.clone(), format!("`{name}` needs a list before it"))
                    .help(format!("write `list.{name}(item, ..)`"))
            } else {
                Problem::new(at.clone(), message).did_you_mean(name, functions::names())
            };
            self.problems.push(problem);
            return None;
        };
        let given = arguments + usize::from(method);
        if given == form.arguments && if method { form.method } else { form.global } {
            return Some(form);
        }
        let message = if given == form.arguments {
            format!("`{name}` is not called like this")
        } else {
            format!("`{name}` takes {}, not {given}", plural(form.arguments))
        };
        self.problems.push(Problem::new(at.clone(), message).help(format!("write `{}`", form.usage)));
        None
    }

    /// Checks what a function asks of literals, and compiles patterns.
    fn finish_call(&mut self, form: &Form, range: Range<usize>, mut arguments: Vec<Expr>) -> Option<Expr> {
        if form.function == Function::Matches {
            let pattern = arguments.pop()?;
            let subject = arguments.pop()?;
            let Kind::Text(text) = &pattern.kind else {
                return self.refuse(Problem::new(pattern.range, "the pattern of `matches` must be a string written out"));
            };
            let built = regex::RegexBuilder::new(text)
                .size_limit(bounds::REGEX)
                .dfa_size_limit(bounds::REGEX)
                .nest_limit(50)
                .build();
            return match built {
                Ok(regex) => Some(Expr { range, kind: Kind::Matches(Box::new(subject), regex) }),
                Err(error) => {
                    self.refuse(Problem::new(pattern.range, format!("the pattern is unsound: {}", reason(&error))))
                }
            };
        }
        if let [Expr { kind: Kind::Text(text), range: at }] = arguments.as_slice()
            && let Err(fault) = functions::check_literal(form.function, text)
        {
            return self.refuse(Problem::new(at.clone(), fault.actual).help(format!("write {}", fault.expected)));
        }
        if form.function.folds() {
            let number = self.loops.len();
            self.loops.push(range.clone());
            let of = arguments.pop()?;
            return Some(Expr { range, kind: Kind::Fold(form.function, Box::new(of), number) });
        }
        Some(Expr { range, kind: Kind::Call(form.function, arguments) })
    }

    fn has(&mut self, range: Range<usize>, arguments: &[IdedExpr], depth: usize) -> Option<Expr> {
        let help = "write `has(a.b)`: everything before the last field must be there";
        let [IdedExpr { expr: Ast::Select(_), .. }] = arguments else {
            return self.refuse(Problem::new(range, "`has` asks for a field").help(help));
        };
        let select = self.expr(&arguments[0], depth)?;
        let path = self.tokens.slice(&select.range).to_owned();
        let Kind::Select(operand, field) = select.kind else {
            return self.refuse(Problem::new(range, "`has` asks for a field").help(help));
        };
        self.guards.push(Guard { range: range.clone(), path });
        Some(Expr { range, kind: Kind::Has(operand, field) })
    }

    fn looping(
        &mut self,
        style: Style,
        name_range: &Range<usize>,
        close: usize,
        target: &IdedExpr,
        arguments: &[IdedExpr],
        depth: usize,
    ) -> Option<Expr> {
        let word = self.tokens.slice(name_range).to_owned();
        let over = self.expr(target, depth + 1);
        let (variable, condition, made) = match (style, arguments) {
            (Style::Map, [variable, made]) => (variable, None, Some(made)),
            (Style::Map, [variable, condition, made]) => (variable, Some(condition), Some(made)),
            (Style::All | Style::Exists | Style::ExistsOne | Style::Filter, [variable, condition]) => {
                (variable, Some(condition), None)
            }
            (_, _) => {
                let message = format!("`{word}` takes a name and what is asked of each item");
                return self
                    .refuse(Problem::new(name_range.clone(), message).help(format!("write `list.{word}(item, ..)`")));
            }
        };
        let Ast::Ident(name) = &variable.expr else {
            let message = format!("`{word}` takes a plain name for the item first");
            return self.refuse(Problem::new(self.token(variable.id).0, message));
        };
        if self.bound.iter().any(|bound| **bound == **name) || self.known.contains(&name.as_str()) {
            let message = format!("`{name}` already has a meaning here");
            return self.refuse(Problem::new(self.token(variable.id).0, message).help("choose another name for the item"));
        }
        if self.bound.len() == bounds::LOOPS {
            let message = format!("`{word}` is nested more than {} deep", bounds::LOOPS);
            return self.refuse(Problem::new(name_range.clone(), message).help("use `each-holds` for the outermost list"));
        }
        let name: Arc<str> = name.as_str().into();
        self.bound.push(Arc::clone(&name));
        let condition = condition.map(|condition| self.expr(condition, depth + 1));
        let made = made.map(|made| self.expr(made, depth + 1));
        self.bound.pop();
        let (over, condition, made) = (over?, flip(condition)?, flip(made)?);
        let range = self.tokens.with_parentheses(&over.range).start..close;
        let number = self.loops.len();
        self.loops.push(range.clone());
        Some(Expr { range, kind: Kind::Loop(Box::new(Loop { style, over, condition, made, name, number })) })
    }

    fn operator(&mut self, id: u64, call: &CallExpr, depth: usize) -> Option<Expr> {
        let name = call.func_name.as_str();
        if matches!(name, operators::LOGICAL_AND | operators::LOGICAL_OR) {
            let mut terms = Vec::new();
            flatten(name, call, &mut terms);
            let terms: Vec<_> = terms.into_iter().map(|term| self.expr(term, depth + 1)).collect();
            let terms: Vec<Expr> = terms.into_iter().collect::<Option<_>>()?;
            let range = self.spanning(terms.first()?, terms.last()?);
            let kind = if name == operators::LOGICAL_AND { Kind::And(terms) } else { Kind::Or(terms) };
            return Some(Expr { range, kind });
        }
        let sign = self.token(id).0;
        let arguments: Vec<_> = call.args.iter().map(|argument| self.expr(argument, depth + 1)).collect();
        let arguments: Vec<Expr> = arguments.into_iter().collect::<Option<_>>()?;
        let range = match arguments.as_slice() {
            [only] => sign.start..self.tokens.with_parentheses(&only.range).end,
            [first, _] if name == operators::INDEX => {
                self.tokens.with_parentheses(&first.range).start..self.bracketed(id).end
            }
            [first, .., last] => self.spanning(first, last),
            [] => sign.clone(),
        };
        let kind = match (name, <[Expr; 1]>::try_from(arguments)) {
            (operators::LOGICAL_NOT, Ok([inner])) => Kind::Not(Box::new(inner)),
            (operators::NEGATE, Ok([inner])) => Kind::Negate(Box::new(inner)),
            (_, Err(arguments)) => match <[Expr; 2]>::try_from(arguments) {
                Ok([of, index]) if name == operators::INDEX => Kind::Index(Box::new(of), Box::new(index)),
                Ok(pair) if name == operators::IN => Kind::In(Box::new(pair)),
                Ok(pair) => match (relation(name), arithmetic(name)) {
                    (Some(relation), _) => Kind::Compare(relation, Box::new(pair)),
                    (None, Some(operator)) => Kind::Arithmetic(operator, Box::new(pair)),
                    (None, None) => return self.refuse(Problem::new(sign, format!("`{name}` has no meaning here"))),
                },
                Err(arguments) => match <[Expr; 3]>::try_from(arguments) {
                    Ok(three) if name == operators::CONDITIONAL => Kind::Choose(Box::new(three)),
                    Ok(_) | Err(_) => return self.refuse(Problem::new(sign, format!("`{name}` has no meaning here"))),
                },
            },
            (_, Ok(_)) => return self.refuse(Problem::new(sign, format!("`{name}` has no meaning here"))),
        };
        Some(Expr { range, kind })
    }
}

/// The terms of `a && b && c`, however the parser balanced them.
fn flatten<'a>(name: &str, call: &'a CallExpr, terms: &mut Vec<&'a IdedExpr>) {
    for argument in &call.args {
        match &argument.expr {
            Ast::Call(inner) if inner.func_name == name && inner.target.is_none() => flatten(name, inner, terms),
            _ => terms.push(argument),
        }
    }
}

fn flip(value: Option<Option<Expr>>) -> Option<Option<Expr>> {
    match value {
        Some(None) => None,
        Some(Some(expr)) => Some(Some(expr)),
        None => Some(None),
    }
}

fn plural(count: usize) -> String {
    if count == 1 { "1 argument".to_owned() } else { format!("{count} arguments (a receiver counts)") }
}

fn is_operator(name: &str) -> bool {
    relation(name).is_some()
        || arithmetic(name).is_some()
        || matches!(
            name,
            operators::LOGICAL_AND
                | operators::LOGICAL_OR
                | operators::LOGICAL_NOT
                | operators::NEGATE
                | operators::INDEX
                | operators::IN
                | operators::CONDITIONAL
        )
}

fn style(name: &str) -> Option<Style> {
    Some(match name {
        "all" => Style::All,
        "exists" => Style::Exists,
        "exists_one" | "existsOne" => Style::ExistsOne,
        "filter" => Style::Filter,
        "map" => Style::Map,
        _ => return None,
    })
}

fn relation(name: &str) -> Option<Relation> {
    Some(match name {
        operators::EQUALS => Relation::Equal,
        operators::NOT_EQUALS => Relation::NotEqual,
        operators::LESS => Relation::Less,
        operators::LESS_EQUALS => Relation::LessOrEqual,
        operators::GREATER => Relation::Greater,
        operators::GREATER_EQUALS => Relation::GreaterOrEqual,
        _ => return None,
    })
}

fn arithmetic(name: &str) -> Option<Operator> {
    Some(match name {
        operators::ADD => Operator::Add,
        operators::SUBSTRACT => Operator::Subtract,
        operators::MULTIPLY => Operator::Multiply,
        operators::DIVIDE => Operator::Divide,
        operators::MODULO => Operator::Remainder,
        _ => return None,
    })
}

/// The last line of a regex error says what is wrong; the lines before it draw the pattern.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}
