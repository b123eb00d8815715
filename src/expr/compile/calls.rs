//! Calls: functions, `has`, and the loops that look like calls.

use super::{Guard, Lowering};
use crate::expr::bounds;
use crate::expr::catalogue::{self, Form, Function};
use crate::expr::functions;
use crate::expr::problem::Problem;
use crate::expr::syntax::{Ast, Node};
use crate::expr::tree::{Expr, Kind, Loop, Style};
use std::ops::Range;
use std::sync::Arc;

impl Lowering<'_> {
    /// A call whose parenthesis is the token `open`.
    pub(super) fn call(
        &mut self,
        open: usize,
        target: Option<&Node>,
        name: &str,
        arguments: &[Node],
        depth: usize,
    ) -> Option<Expr> {
        let name_range = self.tokens.range(open.saturating_sub(1));
        let close = self.bracketed(open).end;
        match (target, style(name)) {
            (None, _) if name == "has" => self.has(name_range.start..close, arguments, depth),
            (Some(target), Some(style)) => self.looping(style, &name_range, close, target, arguments, depth),
            (_, _) => {
                let receiver = target.map(|target| self.expr(target, depth + 1));
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
        let Some(form) = catalogue::find(name) else {
            let message = format!("there is no function `{name}`");
            let problem = if name == "has" {
                Problem::new(at.clone(), "`has` is not called like this").help("write `has(a.b)`")
            } else if style(name).is_some() {
                Problem::new(at.clone(), format!("`{name}` needs a list before it"))
                    .help(format!("write `list.{name}(item, ..)`"))
            } else {
                Problem::new(at.clone(), message).did_you_mean(name, catalogue::names())
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

    fn has(&mut self, range: Range<usize>, arguments: &[Node], depth: usize) -> Option<Expr> {
        let help = "write `has(a.b)`: everything before the last field must be there";
        let [Node { kind: Ast::Select(..), .. }] = arguments else {
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
        target: &Node,
        arguments: &[Node],
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
        let Ast::Name(name) = &variable.kind else {
            let message = format!("`{word}` takes a plain name for the item first");
            return self.refuse(Problem::new(self.tokens.range(variable.at), message));
        };
        if self.bound.iter().any(|bound| **bound == **name) || self.known.contains(&name.as_str()) {
            let message = format!("`{name}` already has a meaning here");
            return self
                .refuse(Problem::new(self.tokens.range(variable.at), message).help("choose another name for the item"));
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

/// The last line of a regex error says what is wrong; the lines before it draw the pattern.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}
