//! What an expression says that is hardly meant: texts that look like numbers or versions, put in order by code point.
//!
//! In: a checked tree. Out: places in the text. It refuses nothing.

use super::tree::{Expr, Kind, Relation};
use super::version::looks_counted;
use std::ops::Range;

/// The literal operands of `<`, `<=`, `>` and `>=` that look like numbers or versions, in the order of the text.
pub(super) fn doubted_orders(tree: &Expr) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open = vec![tree];
    while let Some(expr) = open.pop() {
        if let Kind::Compare(Relation::Less | Relation::LessOrEqual | Relation::Greater | Relation::GreaterOrEqual, pair) =
            &expr.kind
        {
            for operand in pair.iter() {
                if let Kind::Text(text) = &operand.kind
                    && looks_counted(text)
                {
                    found.push(operand.range.clone());
                }
            }
        }
        open.extend(expr.parts());
    }
    found.sort_by_key(|range| range.start);
    found
}

#[cfg(test)]
mod tests {
    use crate::expr::Expression;

    #[test]
    fn ordered_literals_that_look_counted_are_doubted() {
        let doubted = |text: &str| -> Vec<String> {
            let expression = Expression::compile(text, &["s"]).expect("sound");
            expression.doubted_orders().into_iter().map(|range| text[range].to_owned()).collect()
        };
        assert_eq!(doubted("s.node >= '18.0.0'"), ["'18.0.0'"]);
        assert_eq!(doubted("s.all(r, r.a ? '80' < r.b : !(r.c > \"v1.2\"))"), ["'80'", "\"v1.2\""]);
        for sound in [
            "s.node == '18.0.0'",
            "version(s.node) >= version('18.0.0')",
            "s.day < '2026-01-31'",
            "s.n > 5",
            "s.name < 'm'",
        ] {
            assert!(doubted(sound).is_empty(), "{sound}");
        }
    }
}
