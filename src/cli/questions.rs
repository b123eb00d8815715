//! What a judgement asks of earlier runs: for `gatekeeper-history verify`, which answers before it judges.
//!
//! In: a command line of `verify`. Out: the questions of its definitions, with the clock and the commit of the judgement. What keeps it from
//! being read is no news here: `verify` says it, and fails.

use super::args::{Arguments, Command, Verify};
use super::{Console, place, trusted, verify};
use crate::gate::Query;
use crate::load::Selection;
use crate::model::Instant;
use crate::pipeline;
use crate::workspace::{Workspace, clock};
use clap::Parser;
use std::ffi::OsString;

/// What is asked of earlier runs.
#[derive(Debug)]
pub struct Questions {
    /// The questions, each once.
    pub queries: Vec<Query>,
    /// The clock of the judgement.
    pub now: Instant,
    /// The commit under judgement, if the repository tells.
    pub commit: Option<String>,
}

/// The questions of a command line.
pub fn questions(given: &[OsString]) -> Questions {
    let none = || Questions { queries: Vec::new(), now: clock(), commit: None };
    match Arguments::try_parse_from(given).map(|arguments| arguments.command) {
        Ok(Some(Command::Verify(args))) => of(&args).unwrap_or_else(none),
        Ok(_) | Err(_) => none(),
    }
}

fn of(args: &Verify) -> Option<Questions> {
    let (mut nowhere, mut quiet) = (std::io::sink(), std::io::sink());
    let mut console = Console::apart(&mut nowhere, &mut quiet);
    let set = place::clock(args.asked.now.as_deref(), &mut console).ok()?;
    let workspace = verify::workspace(&args.asked, set, &mut console).ok()?;
    let commit = trusted::commit(&args.trusted, &workspace, &mut console).ok()?;
    let selection = Selection { policy: args.asked.definitions.policy.clone() };
    let suite = pipeline::load(trusted::definitions(&workspace, commit.as_ref()), &selection).suite?;
    trusted::attach_git(&workspace, &suite, &mut console).ok()?;
    let mut queries: Vec<Query> = Vec::new();
    for query in suite.gates.values().flat_map(|gate| &gate.evidence).filter_map(|need| need.query.as_ref()) {
        if !queries.contains(query) {
            queries.push(query.clone());
        }
    }
    let commit = workspace.git().and_then(|git| git.head()).ok();
    Some(Questions { queries, now: workspace.now(), commit })
}
