//! The gates of a release verdict, as evidence for tiers.
//!
//! In: the document that `gatekeeper verify` wrote, and the commit under judgement. Out: what each gate counts as, or why the verdict is
//! no evidence: it is none, never came to its end, was rolled back, or is of another commit. A verdict that fails is evidence for the gates
//! that stand in it: which tier may be claimed depends on the gates that the tier names, and on no others. A verdict that says something
//! else than its own gates come to is evidence for nothing, and is told apart from one that is merely foreign: somebody or something changed it.

use super::contract::Fault;
use crate::model::{Contradicted, Node, Recorded, recorded};
use std::collections::BTreeMap;

/// The shape of the verdicts that tiers rest on.
const VERDICT_SCHEMA: &str = "gatekeeper.verdict/1";

/// What a release verdict says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The run that it judged.
    pub run_id: Option<String>,
    /// The standing of each gate, by its id.
    pub gates: BTreeMap<String, String>,
}

/// Why a release verdict is no evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unusable {
    /// It is none, or not of this commit, or of no use; the phrase says which.
    Foreign(String),
    /// It contradicts itself.
    Contradictory(Fault),
}

fn foreign<T>(phrase: impl Into<String>) -> Result<T, Unusable> {
    Err(Unusable::Foreign(phrase.into()))
}

/// Reads a release verdict. `commit` is the one under judgement, if there is a repository; a verdict of another one, or of none where
/// there is one, is no evidence, and neither is a verdict of some commit where none can be told.
///
/// # Errors
/// Why it is no evidence.
pub fn release(root: Node<'_>, commit: Option<&str>) -> Result<Release, Unusable> {
    match root.get("schema").and_then(Node::text) {
        Some(VERDICT_SCHEMA) => {}
        Some(_) | None => return foreign(format!("the release verdict is no `{VERDICT_SCHEMA}`")),
    }
    let Recorded { verdict, status, .. } = recorded(root)
        .map_err(|Contradicted { at, expected, actual }| Unusable::Contradictory(Fault { at, expected, actual }))?;
    if let Some(status) = status {
        return foreign(format!("the release verdict is `{status}`"));
    }
    if verdict.gates.is_empty() {
        return foreign("the release verdict has no gates");
    }
    let run = verdict.run.as_ref();
    let own = verdict.commit.as_deref().or_else(|| run.and_then(|run| run.commit.as_deref()));
    match (own, commit) {
        (Some(own), Some(commit)) if own == commit => {}
        (None, None) => {}
        (Some(own), Some(commit)) => {
            return foreign(format!("the release verdict is of commit {own}, and not of {commit}"));
        }
        (Some(own), None) => return foreign(format!("the release verdict is of commit {own}, and none is known here")),
        (None, Some(commit)) => return foreign(format!("the release verdict names no commit, and not {commit}")),
    }
    let gates = verdict.gates.iter().map(|gate| (gate.id.to_string(), gate.standing.word().to_owned())).collect();
    Ok(Release { run_id: run.and_then(|run| run.id.clone()), gates })
}
