//! The gates of a release verdict, as evidence for tiers.
//!
//! In: the document that `gatekeeper verify` wrote, and the commit under judgement. Out: what each gate counts as, or why the verdict is
//! no evidence: it is none, never came to its end, was rolled back, or is of another commit.

use crate::model::Node;
use std::collections::BTreeMap;

/// What a release verdict says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The run that it judged.
    pub run_id: Option<String>,
    /// The standing of each gate, by its id.
    pub gates: BTreeMap<String, String>,
}

/// Reads a release verdict. `commit` is the one under judgement, if there is a repository; a verdict of another one, or of none where
/// there is one, is no evidence, and neither is a verdict of some commit where none can be told.
///
/// # Errors
/// A phrase: why it is no evidence.
pub fn release(root: Node<'_>, commit: Option<&str>) -> Result<Release, String> {
    let text = |node: Node<'_>, key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
    match text(root, "schema").as_deref() {
        Some("gatekeeper.verdict/1") => {}
        Some(_) | None => return Err("the release verdict is no `gatekeeper.verdict/1`".to_owned()),
    }
    if let Some(status) = text(root, "status") {
        return Err(format!("the release verdict is `{status}`"));
    }
    let run = root.get("run");
    let own = text(root, "commit").or_else(|| run.and_then(|run| text(run, "commit")));
    match (own.as_deref(), commit) {
        (Some(own), Some(commit)) if own == commit => {}
        (None, None) => {}
        (Some(own), Some(commit)) => return Err(format!("the release verdict is of commit {own}, and not of {commit}")),
        (Some(own), None) => return Err(format!("the release verdict is of commit {own}, and none is known here")),
        (None, Some(commit)) => return Err(format!("the release verdict names no commit, and not {commit}")),
    }
    let mut gates = BTreeMap::new();
    for gate in root.get("gates").into_iter().flat_map(Node::items) {
        let (Some(id), Some(standing), Some(status)) = (text(gate, "id"), text(gate, "standing"), text(gate, "status"))
        else {
            return Err("the release verdict has a gate without `id`, `status` or `standing`".to_owned());
        };
        if (standing == "pass") != (status == "pass") && standing == "pass" {
            return Err(format!("the release verdict contradicts itself about the gate `{id}`"));
        }
        if gates.insert(id.clone(), standing).is_some() {
            return Err(format!("the release verdict has the gate `{id}` twice"));
        }
    }
    if gates.is_empty() {
        return Err("the release verdict has no gates".to_owned());
    }
    Ok(Release { run_id: run.and_then(|run| text(run, "id")), gates })
}
