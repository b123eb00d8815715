//! What `lint` found as workflow commands, which GitHub shows beside the changed lines of a definition.

use super::github::{Note, say, shown};
use super::wire::v1::commands::lint::{Lint, Problem};
use crate::model::Where;
use std::io;

/// One annotation for each problem at its first place, errors first.
///
/// # Errors
/// Those of writing.
pub fn github(lint: &Lint, out: &mut dyn io::Write) -> io::Result<()> {
    for kind in ["error", "warning"] {
        let own = lint.problems.iter().filter(|problem| problem.severity == kind);
        say(out, kind, own.map(note).collect())?;
    }
    Ok(())
}

fn note(problem: &Problem) -> Note {
    let at = problem.places.first().map(|place| Where::line(&place.file, place.line as u64));
    let labels = problem.places.iter().map(|place| &place.text).filter(|text| !text.is_empty()).map(|text| shown(text));
    let mut lines = vec![shown(&problem.message)];
    lines.extend(labels);
    lines.extend(problem.help.as_ref().map(|help| format!("help: {}", shown(help))));
    let listed = at.as_ref().map(|at| format!("{} at {}", problem.code, shown(&at.to_string())));
    Note { title: format!("lint: {}", problem.code), listed, lines, at }
}
