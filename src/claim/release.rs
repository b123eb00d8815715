//! The gates of a release verdict, as evidence for tiers.
//!
//! In: the document that `gatekeeper verify` wrote, and the commit under judgement. Out: what each gate counts as, or why the verdict is
//! no evidence: it is none, never came to its end, was rolled back, or is of another commit. A verdict that fails is evidence for the gates
//! that stand in it: which tier may be claimed depends on the gates that the tier names, and on no others. A verdict that says something
//! else than its own gates come to is evidence for nothing, and is told apart from one that is merely foreign: somebody or something changed it.

use super::contract::Fault;
use crate::model::{Node, Pointer, Standing};
use std::collections::BTreeMap;

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

fn text(node: Node<'_>, key: &str) -> Option<String> {
    node.get(key).and_then(Node::text).map(str::to_owned)
}

/// Reads a release verdict. `commit` is the one under judgement, if there is a repository; a verdict of another one, or of none where
/// there is one, is no evidence, and neither is a verdict of some commit where none can be told.
///
/// # Errors
/// Why it is no evidence.
pub fn release(root: Node<'_>, commit: Option<&str>) -> Result<Release, Unusable> {
    match text(root, "schema").as_deref() {
        Some("gatekeeper.verdict/1") => {}
        Some(_) | None => return foreign("the release verdict is no `gatekeeper.verdict/1`"),
    }
    let at = Pointer::root().key("gates");
    let mut gates = BTreeMap::new();
    let mut judged = Vec::new();
    for (index, node) in root.get("gates").into_iter().flat_map(Node::items).enumerate() {
        let gate = Gate::read(node, at.index(index))?;
        if gates.insert(gate.id.clone(), gate.standing.word().to_owned()).is_some() {
            return contradiction(&gate.at.key("id"), "each gate once", format!("`{}` again", gate.id));
        }
        judged.push(gate);
    }
    if gates.is_empty() {
        return foreign("the release verdict has no gates");
    }
    if let Some(status) = text(root, "status") {
        return foreign(format!("the release verdict is `{status}`"));
    }
    consistent(root, &judged)?;
    let run = root.get("run");
    let own = text(root, "commit").or_else(|| run.and_then(|run| text(run, "commit")));
    match (own.as_deref(), commit) {
        (Some(own), Some(commit)) if own == commit => {}
        (None, None) => {}
        (Some(own), Some(commit)) => {
            return foreign(format!("the release verdict is of commit {own}, and not of {commit}"));
        }
        (Some(own), None) => return foreign(format!("the release verdict is of commit {own}, and none is known here")),
        (None, Some(commit)) => return foreign(format!("the release verdict names no commit, and not {commit}")),
    }
    Ok(Release { run_id: run.and_then(|run| text(run, "id")), gates })
}

fn contradiction<T>(at: &Pointer, expected: impl Into<String>, actual: impl Into<String>) -> Result<T, Unusable> {
    Err(Unusable::Contradictory(Fault { at: at.clone(), expected: expected.into(), actual: actual.into() }))
}

/// A gate as the verdict tells of it.
struct Gate {
    id: String,
    standing: Standing,
    blocking: bool,
    at: Pointer,
}

impl Gate {
    fn read(node: Node<'_>, at: Pointer) -> Result<Self, Unusable> {
        let (id, word, status) = (text(node, "id"), text(node, "standing"), text(node, "status"));
        let blocking = node.get("blocking").and_then(Node::boolean);
        let (Some(id), Some(word), Some(status), Some(blocking)) = (id, word, status, blocking) else {
            return foreign("the release verdict has a gate without `id`, `status`, `standing` or `blocking`");
        };
        let Some(standing) = Standing::ALL.into_iter().find(|standing| standing.word() == word) else {
            return foreign(format!("the release verdict says `{word}` of the gate `{id}`, which is no standing"));
        };
        let failed = if blocking { "fail" } else { "warn" };
        let may: &[&str] = match standing {
            Standing::Pass => &["pass"],
            Standing::Fail => &["fail"],
            Standing::Waived => &[failed],
            Standing::Advisory => &["warn"],
            Standing::Blocked => &[failed, "skip"],
            Standing::Skipped | Standing::NotEvaluated => &["skip"],
        };
        if !may.contains(&status.as_str()) {
            let expected = format!("a status that goes with the standing `{word}` of `{id}`");
            return contradiction(&at.key("status"), expected, format!("`{status}`"));
        }
        let placed = match standing {
            Standing::Fail => blocking,
            Standing::Advisory => !blocking,
            Standing::Pass | Standing::Waived | Standing::Blocked | Standing::Skipped | Standing::NotEvaluated => true,
        };
        if !placed {
            let expected = format!("a standing of `{id}` that goes with `blocking`, {blocking}");
            return contradiction(&at.key("standing"), expected, format!("`{word}`"));
        }
        if standing == Standing::Pass {
            passed(node, &id, &at)?;
        }
        Ok(Self { id, standing, blocking, at })
    }
}

/// Nothing in a gate that passed says that it did not.
fn passed(node: Node<'_>, id: &str, at: &Pointer) -> Result<(), Unusable> {
    let checks = node.get("checks").into_iter().flat_map(Node::items);
    for (index, check) in checks.enumerate() {
        let outcome = text(check, "outcome").unwrap_or_default();
        if !matches!(outcome.as_str(), "pass" | "skip") {
            let place = at.key("checks").index(index).key("outcome");
            return contradiction(
                &place,
                format!("no check of `{id}`, which passed, that did not"),
                format!("`{outcome}`"),
            );
        }
    }
    for key in ["findings", "blocked_by"] {
        if node.get(key).is_some_and(|list| list.items().next().is_some()) {
            return contradiction(&at.key(key), format!("nothing against `{id}`, which passed"), "something");
        }
    }
    match text(node, "reason") {
        None => Ok(()),
        Some(reason) => {
            contradiction(&at.key("reason"), format!("no reason why `{id}` does not pass"), format!("`{reason}`"))
        }
    }
}

/// What follows from the gates is what the verdict says.
fn consistent(root: Node<'_>, gates: &[Gate]) -> Result<(), Unusable> {
    let at = |steps: &[&str]| steps.iter().fold(Pointer::root(), |at, step| at.key(step));
    let blocking: Vec<&Gate> = gates.iter().filter(|gate| gate.blocking).collect();
    let standing = blocking.iter().filter(|gate| gate.standing.permits()).count();
    let fails = !gates.iter().any(|gate| gate.standing == Standing::Pass) || standing < blocking.len();
    let stated = text(root, "verdict").unwrap_or_default();
    let agrees = if fails { stated == "fail" } else { matches!(stated.as_str(), "pass" | "warn") };
    if !agrees {
        let word = if fails { "`fail`" } else { "`pass` or `warn`" };
        return contradiction(&at(&["verdict"]), format!("{word}, as `verdict.gates` come to"), format!("`{stated}`"));
    }
    let counts = root.get("summary").and_then(|summary| summary.get("blocking"));
    for (key, own) in [("standing", standing), ("total", blocking.len())] {
        let count = counts.and_then(|counts| counts.get(key)).and_then(Node::number).and_then(|count| count.as_integer());
        if count != i128::try_from(own).ok() {
            let actual = count.map_or_else(|| "nothing".to_owned(), |count| count.to_string());
            return contradiction(&at(&["summary", "blocking", key]), format!("{own}, as `verdict.gates` come to"), actual);
        }
    }
    Ok(())
}
