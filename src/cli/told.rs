//! What `diff`, `replay` and `triage` have in common: the run they open, and how they tell of it.
//!
//! In: arguments, gaps, untrusted text. Out: a workspace, and lines that are safe for a terminal. Nothing is written to disk.

use super::args::Where;
use super::{Console, Exit, place};
use crate::model::{Gap, Instant, redact};
use crate::report::sanitise;
use crate::report::wire::v1::commands;
use crate::triage::Command;
use crate::workspace::{Disk, Workspace};
use std::path::Path;

/// Longest untrusted text in a line, in characters.
const TEXT_MAX: usize = 200;

/// Opens a run, perhaps with the one to compare it with.
///
/// # Errors
/// [`Exit::Usage`], said.
pub fn open(
    at: &Where,
    run: &Path,
    baseline: Option<&Path>,
    now: Option<Instant>,
    console: &mut Console<'_>,
) -> Result<Disk, Exit> {
    let opened = place::beside(at.root.as_deref(), run).and_then(|root| Disk::new(&root, Some(run), baseline, now));
    let opened = opened.map_err(|phrase| {
        console.say(&format!("error: {phrase}"));
        Exit::Usage
    })?;
    console.detail(&format!("run: {}", safe(&opened.run().unwrap_or_default())));
    Ok(opened)
}

/// Untrusted text: one line, cut, no secret, nothing that deceives.
pub fn safe(text: &str) -> String {
    sanitise::terminal(&sanitise::excerpt(&redact(text), TEXT_MAX))
}

/// Text of a definition, whole: one line, nothing that deceives.
pub fn safe_long(text: &str) -> String {
    sanitise::terminal(text)
}

/// A count with its noun: `1 suite`, `2 suites`.
pub fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// The same of a count of bytes or records.
pub fn count_of(number: u64, noun: &str) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), noun)
}

/// `1 suite or unit`, `2 suites and units`.
pub fn targets(number: usize) -> String {
    if number == 1 { "1 suite or unit".to_owned() } else { format!("{number} suites and units") }
}

/// The gaps, a line each; nothing if there are none.
pub fn gaps(gaps: &[Gap]) -> String {
    let line = |gap: &Gap| {
        let (at, expected, actual) = (safe(&gap.at.to_string()), safe(&gap.expected), safe(&gap.actual));
        format!("gap: {}: {at}: expected {expected}, found {actual}\n", gap.kind.word())
    };
    gaps.iter().map(line).collect()
}

/// The gaps for programs.
pub fn gaps_json(gaps: &[Gap]) -> Vec<commands::Gap> {
    gaps.iter().map(commands::Gap::from).collect()
}

/// A command for programs.
pub fn command_json(command: &Command) -> commands::Command {
    commands::Command { argv: command.argv.clone(), shell: command.shell() }
}
