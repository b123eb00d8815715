//! Operators: their operands checked, and the bytes from the first to the last of them.

use super::Lowering;
use crate::expr::syntax::Node;
use crate::expr::tree::{Expr, Kind};
use std::ops::Range;

impl Lowering<'_> {
    /// `a && b && c`, or the same with `||`.
    pub(super) fn chain(&mut self, terms: &[Node], depth: usize, kind: fn(Vec<Expr>) -> Kind) -> Option<Expr> {
        let terms = self.all(terms, depth)?;
        let range = self.spanning(terms.first()?, terms.last()?);
        Some(Expr { range, kind: kind(terms) })
    }

    /// `!a` or `-a`; `sign` are the bytes of the sign.
    pub(super) fn prefix(
        &mut self,
        sign: Range<usize>,
        inner: &Node,
        depth: usize,
        kind: fn(Box<Expr>) -> Kind,
    ) -> Option<Expr> {
        let inner = self.expr(inner, depth + 1)?;
        let range = sign.start..self.tokens.with_parentheses(&inner.range).end;
        Some(Expr { range, kind: kind(Box::new(inner)) })
    }

    /// Operands with operators between them.
    pub(super) fn together<const N: usize>(
        &mut self,
        operands: &[Node; N],
        depth: usize,
        kind: impl FnOnce(&mut Self, &Range<usize>, Box<[Expr; N]>) -> Kind,
    ) -> Option<Expr> {
        let operands = Box::new(<[Expr; N]>::try_from(self.all(operands, depth)?).ok()?);
        let range = self.spanning(operands.first()?, operands.last()?);
        let kind = kind(self, &range, operands);
        Some(Expr { range, kind })
    }

    /// `of[index]`, up to the byte behind its bracket.
    pub(super) fn index(&mut self, end: usize, [of, index]: &[Node; 2], depth: usize) -> Option<Expr> {
        let (of, index) = (self.expr(of, depth + 1), self.expr(index, depth + 1));
        let (of, index) = (of?, index?);
        if let Kind::Text(key) = &index.kind {
            self.note_field(&of, key);
        }
        let range = self.tokens.with_parentheses(&of.range).start..end;
        Some(Expr { range, kind: Kind::Index(Box::new(of), Box::new(index)) })
    }
}
