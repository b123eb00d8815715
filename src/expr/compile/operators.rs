//! Operators: the parser's names for them, and `&&` and `||` chains made flat.

use super::Lowering;
use crate::expr::problem::Problem;
use crate::expr::tree::{Expr, Kind, Operator, Relation};
use cel::common::ast::{CallExpr, Expr as Ast, IdedExpr, operators};

impl Lowering<'_> {
    pub(super) fn operator(&mut self, id: u64, call: &CallExpr, depth: usize) -> Option<Expr> {
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
        if let (operators::INDEX, [of, Expr { kind: Kind::Text(key), .. }]) = (name, arguments.as_slice()) {
            self.note_field(of, key);
        }
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
                Ok(pair) if name == operators::IN => {
                    self.loops.push(range.clone());
                    Kind::In(Box::new(pair), self.loops.len() - 1)
                }
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

pub(super) fn is_operator(name: &str) -> bool {
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
