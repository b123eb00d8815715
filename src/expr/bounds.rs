//! What one expression may cost: how long, how deep, how many steps.
//!
//! In: sizes and steps. Out: a [`Fault`] once an evaluation has used up its budget. The figures are fixed, because a
//! definition that needs more is better written as a check kind of its own.

use super::trouble::{Fault, TroubleKind};

/// Longest text that is compiled, in bytes.
pub const TEXT: usize = 4_096;

/// Most tokens in one text. The tree is as deep as a chain of operators is long, so this bounds the stack that dropping it takes.
pub(super) const TOKENS: usize = 1_024;

/// Deepest nesting of brackets in the text.
pub(super) const BRACKETS: usize = 24;

/// Deepest tree: chained operators and fields count as well as brackets. Chains of `&&` and of `||` count once.
pub(super) const DEPTH: usize = 64;

/// Deepest nesting of `all`, `exists`, `exists_one`, `filter` and `map` inside each other's bodies.
pub(super) const LOOPS: usize = 3;

/// Largest compiled regular expression, in bytes.
pub(super) const REGEX: usize = 1 << 19;

/// Steps of one evaluation: one for each node evaluated, more for work that grows with the data.
pub const STEPS: u64 = 10_000_000;

/// Bytes of text that one step pays for.
const BYTES_PER_STEP: usize = 16;

/// Steps for each item of a list that an expression builds; this also bounds its memory.
const STEPS_PER_ITEM: u64 = 8;

/// What is left of the steps of one evaluation.
#[derive(Debug)]
pub(super) struct Budget {
    left: u64,
}

impl Budget {
    /// A full budget.
    pub(super) const fn new() -> Self {
        Self { left: STEPS }
    }

    /// Pays for that many steps.
    pub(super) fn spend(&mut self, steps: u64) -> Result<(), Fault> {
        match self.left.checked_sub(steps) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                self.left = 0;
                Err(Fault::new(
                    TroubleKind::TooExpensive,
                    format!("an answer within {STEPS} steps"),
                    "more steps than that".to_owned(),
                ))
            }
        }
    }

    /// Pays for reading or writing that many bytes of text.
    pub(super) fn spend_text(&mut self, bytes: usize) -> Result<(), Fault> {
        self.spend((bytes / BYTES_PER_STEP) as u64)
    }

    /// Pays for a list of that many items.
    pub(super) fn spend_items(&mut self, items: usize) -> Result<(), Fault> {
        self.spend((items as u64).saturating_mul(STEPS_PER_ITEM))
    }
}
