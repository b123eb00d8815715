//! `gatekeeper lint`: are the definitions and the ledger sound?

use super::args::Lint;
use super::{Console, Exit, place, trusted};
use crate::diagnostic::{Severity, render};
use crate::load::Selection;
use crate::workspace::Workspace;
use crate::{collect, load, pipeline};

/// Runs the command.
///
/// # Errors
/// [`Exit::Usage`], said.
pub fn run(args: &Lint, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let now = place::clock(args.now.as_deref(), console)?;
    let workspace = place::workspace(&args.definitions, None, None, now, console)?;
    let commit = trusted::commit(&args.trusted, &workspace, console)?;
    let from = trusted::definitions(&workspace, commit.as_ref());
    let mut loaded = pipeline::load(from, &Selection { policy: args.definitions.policy.clone() });
    load::lint_signatures(from, &mut loaded);
    if let Some(suite) = &loaded.suite {
        let state = collect::exceptions(from, suite).state(workspace.now().date_naive(), &suite.policy);
        let problems = load::lint_ledger(from, suite, &mut loaded.sources, &state);
        loaded.problems.extend(problems);
    }
    for problem in &loaded.problems {
        let text = render(problem, &loaded.sources, console.colour);
        console.say(&text);
    }
    let count = |severity| loaded.problems.iter().filter(|problem| problem.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let sound = errors == 0 && (warnings == 0 || !args.strict);
    match &loaded.suite {
        Some(suite) if sound => {
            let files = loaded.sources.iter().count();
            let gates = suite.gates.len();
            console.say(&format!(
                "policy `{}`: {gates} gates, {files} definition files, {warnings} warnings: sound",
                suite.policy.id
            ));
            Ok(Exit::Pass)
        }
        Some(_) | None => {
            console.say(&format!("{errors} errors, {warnings} warnings: not sound"));
            Ok(Exit::Usage)
        }
    }
}
