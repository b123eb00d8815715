//! Evidence of an earlier commit: whether it may stand for the commit under judgement.
//!
//! In: the commit that evidence states, what its need lets change since, and git. Out: a gap for each reason why it may not. A
//! report that is committed cannot name the commit that holds it, so it names the one before; then every commit since is looked
//! at, because a change that was taken back was still a change, and the report itself must be what the commit holds.

use super::lineage::committed;
use super::locate::matcher;
use crate::gate::Bound;
use crate::model::{Artifact, Committed, Gap, GapKind, Where};
use crate::workspace::{Change, Since, Workspace, names_commit};

/// Most changed files that one gap names.
const NAMED_MOST: usize = 3;

/// A commit that evidence states, other than the one under judgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stated {
    /// 40 lower-case hex digits.
    pub(super) commit: String,
    /// Whether it need only come before the commit under judgement, as the base of a comparison.
    pub(super) ancestor: bool,
    /// Where it is stated.
    pub(super) at: Where,
}

/// Whether a text names a commit as git writes it: in full and in lower case.
pub(super) fn is_commit_id(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// What is wrong with the spelling of a commit, as a phrase behind it.
pub(super) fn spelled_wrong(text: &str) -> Option<&'static str> {
    match (names_commit(text), text.len()) {
        (true, 40) => Some("which is not in lower case, as git writes it"),
        (true, _) => Some("which is cut short: 40 hex digits name a commit"),
        (false, _) => None,
    }
}

/// What is asked of a commit.
pub(super) fn wanted(commit: &str, bound: &Bound) -> String {
    match &*bound.apart_from {
        [] => format!("the commit under judgement, {commit}"),
        spared => {
            let spared: Vec<String> = spared.iter().map(|pattern| format!("`{pattern}`")).collect();
            let spared = spared.join(", ");
            format!(
                "the commit under judgement, {commit}, or one before it since which nothing changed apart from {spared}"
            )
        }
    }
}

/// Why an artifact that states an earlier commit is not bound to the one under judgement; nothing if it is.
pub(super) fn gaps(stated: &Stated, bound: &Bound, artifact: &Artifact, workspace: &dyn Workspace) -> Vec<Gap> {
    let git = workspace.git();
    let head = git.as_ref().map_err(Clone::clone).and_then(|git| git.head());
    let expected = match stated.ancestor {
        true => format!("a commit before the commit under judgement, {}", head.as_deref().unwrap_or("unknown")),
        false => wanted(head.as_deref().unwrap_or("unknown"), bound),
    };
    let unbound = |actual: String| Gap::new(GapKind::Unbound, stated.at.clone(), expected.clone(), actual);
    let short: String = stated.commit.chars().take(12).collect();
    let since = head.and_then(|_| git.as_ref().map_err(Clone::clone)?.since(&stated.commit));
    let reason = match since {
        Err(phrase) => Some(format!("commit {short}, and what changed since cannot be told: {phrase}")),
        Ok(Since::Unknown) => Some(format!("commit {short}, which the repository does not have")),
        Ok(Since::CutOff(at)) => {
            let at = at.map(|at| format!(" at commit {}", at.chars().take(12).collect::<String>())).unwrap_or_default();
            Some(format!("commit {short}, and the history is cut off{at} before it is found (a shallow clone?)"))
        }
        Ok(Since::NotBefore) => Some(format!("commit {short}, which does not come before it")),
        Ok(Since::Changes(_)) if stated.ancestor => None,
        Ok(Since::Changes(changes)) => {
            changed(&changes, bound).map(|phrase| format!("commit {short}, since which {phrase}"))
        }
    };
    let mut gaps: Vec<Gap> = reason.map(unbound).into_iter().collect();
    if stated.ancestor {
        return gaps;
    }
    let uncommitted = match committed(artifact, &git) {
        Ok(Committed::Same) => return gaps,
        Ok(Committed::Differs(phrase) | Committed::Unknown(phrase)) | Err(phrase) => phrase,
    };
    let expected = "the same bytes in the commit, the index and the work tree, as it is of an earlier commit";
    gaps.push(Gap::new(GapKind::Unbound, Where::file(&artifact.path.shown), expected, uncommitted));
    gaps
}

/// The changes that are not spared, as a phrase; `None` if there are none.
fn changed(changes: &[Change], bound: &Bound) -> Option<String> {
    // A pattern that cannot be matched spares nothing.
    let spared: Vec<_> = bound.apart_from.iter().filter_map(|pattern| matcher(pattern).ok()).collect();
    let others: Vec<&Change> =
        changes.iter().filter(|change| !spared.iter().any(|spared| spared.is_match(&change.path))).collect();
    let named: Vec<String> = others
        .iter()
        .take(NAMED_MOST)
        .map(|change| format!("commit {} changed `{}`", change.commit.chars().take(12).collect::<String>(), change.path))
        .collect();
    let more = others.len().saturating_sub(NAMED_MOST);
    let more = if more == 0 { String::new() } else { format!(", and {more} more files changed") };
    (!named.is_empty()).then(|| named.join(", ") + &more)
}
