//! What to run next, for every output that people read.

use super::sanitise::command;
use super::wire::v1::replay::judge_again;
use crate::model::{Ruling, Verdict};

/// How many commands are shown to go on with.
const MOST: usize = 3;

/// The commands to run next, first the one that somebody tired should: the failing tests alone, what makes the evidence of the first cause
/// again, and what explains its gate. None when every gate that has a say passed. None of them is unsafe to copy.
pub(super) fn next(verdict: &Verdict) -> Vec<String> {
    match verdict.cascade().first() {
        Some((_, cause)) => {
            let explain = format!("gatekeeper explain {}", cause.id);
            let commands = cause.commands().filter_map(command).take(MOST - 1).map(str::to_owned);
            commands.chain([explain]).collect()
        }
        None if verdict.ruling() == Ruling::Fail => {
            vec![judge_again(verdict).unwrap_or_else(|| "gatekeeper lint".to_owned())]
        }
        None => Vec::new(),
    }
}
