//! What the readers of test results as JSON events, one a line, share: lines to events, damage at a line.

use super::{decode, json, malformed};
use crate::model::{Gap, Node, Where};

/// Hands each event to this function, with its line. Blank lines are passed over; anything else that is no sound JSON object is damage, as is
/// what the function says is wrong with an event.
///
/// # Errors
/// A gap at the line.
pub(super) fn each(
    bytes: &[u8],
    at: &Where,
    expected: &str,
    mut take: impl FnMut(Node<'_>, u64) -> Result<(), String>,
) -> Result<(), Gap> {
    let mut told = false;
    for (line, text) in (1_u64..).zip(decode::events(bytes, at)?.lines()) {
        if text.trim().is_empty() {
            continue;
        }
        let damaged = |phrase: String| malformed(at, usize::try_from(line).ok(), expected, phrase);
        let event = json::parse(text, &json::Room::default())
            .map_err(|fault| damaged(format!("{} (line {line}, column {})", fault.message, fault.column)))?;
        if !event.root().is_map() {
            return Err(damaged(format!("{} (line {line})", event.root().excerpt(80))));
        }
        take(event.root(), line).map_err(|phrase| damaged(format!("{phrase} (line {line})")))?;
        told = true;
    }
    if told { Ok(()) } else { Err(malformed(at, None, expected, "no event in it".to_owned())) }
}

/// The first key of a line that holds one JSON object.
pub(super) fn first_key(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix('{')?.trim_start().strip_prefix('"')?.split('"').next()
}
