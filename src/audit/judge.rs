//! The claims of an audit against what is there.
//!
//! In: the claims, and what there is to look at. Out: everything that blocks, by kind and subject, each once. Nothing blocks is what is left when
//! every claim has been looked at and there was at least one requirement.

use super::claim::{Claims, OpenGap, Push, Requirement, Said};
use super::evidence::{Looking, Seen, quoted};
use super::kind::Kind;
use super::tracker::Bead;
use crate::model::{Pointer, redact};
use crate::report::sanitise::{excerpt, terminal};
use crate::workspace::Reach;
use std::collections::{BTreeMap, BTreeSet};

/// Longest name of what a blocker is about, in characters.
const SUBJECT: usize = 120;

/// What blocks, by kind and subject: what is wrong, and where in the audit.
#[derive(Debug, Default)]
pub(super) struct Blocking(BTreeMap<(Kind, String), (Vec<String>, BTreeSet<String>)>);

/// One thing that blocks.
pub(super) struct Blocked {
    pub kind: Kind,
    pub subject: String,
    pub issue: String,
    pub refs: Vec<String>,
}

impl Blocking {
    fn add(&mut self, kind: Kind, subject: &str, issue: String, at: &Pointer) {
        let subject = terminal(&excerpt(&redact(subject), SUBJECT));
        let (issues, refs) = self.0.entry((kind, subject)).or_default();
        if !issues.contains(&issue) {
            issues.push(issue);
        }
        refs.insert(at.as_str().to_owned());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn into_rows(self) -> impl Iterator<Item = Blocked> {
        self.0.into_iter().map(|((kind, subject), (issues, refs))| Blocked {
            kind,
            subject,
            issue: issues.join("; "),
            refs: refs.into_iter().collect(),
        })
    }
}

/// Looks at every claim. Notes are what could not be compared with anything.
pub(super) fn judge(looking: &mut Looking<'_>) -> (Blocking, Vec<String>) {
    let claims: &Claims = looking.claims;
    let (mut blocking, mut notes) = (Blocking::default(), Vec::new());
    requirements(claims, looking, &mut blocking);
    for said in &claims.commands {
        if said.what.exit_code != 0 {
            let issue = format!("the command ended with {}", said.what.exit_code);
            blocking.add(Kind::FailedCommand, &said.what.line, issue, &said.at);
        }
    }
    for said in &claims.artifacts {
        if let Err((kind, issue)) = looking.artifact(&said.what) {
            blocking.add(kind, &said.what.path, issue, &said.at);
        }
    }
    gaps(claims, looking, &mut blocking, &mut notes);
    push(claims.push.as_ref(), looking, &mut blocking);
    // Nobody closes out work of which its author says that it is not done.
    if claims.admit == Some(false) && blocking.is_empty() {
        let issue = "its author does not admit it, and nothing else blocks".to_owned();
        blocking.add(Kind::Contradictory, "admit", issue, &Pointer::root().key("admit"));
    }
    (blocking, notes)
}

fn requirements(claims: &Claims, looking: &mut Looking<'_>, blocking: &mut Blocking) {
    if claims.requirements.is_empty() {
        let issue = "the audit lists no requirement, so nothing was shown".to_owned();
        blocking.add(Kind::MissingEvidence, "requirements", issue, &Pointer::root().key("requirements"));
    }
    let mut seen = BTreeSet::new();
    for said in &claims.requirements {
        let own = &said.what;
        if !seen.insert(own.id.as_str()) {
            let issue = "the audit lists this requirement more than once".to_owned();
            blocking.add(Kind::Contradictory, &own.id, issue, &said.at);
        }
        let status = said.at.key("status");
        let mut stands = |kind, issue: &str| blocking.add(kind, &own.id, issue.to_owned(), &status);
        match own.status.as_str() {
            "covered" => covered(said, looking, blocking),
            "failed" => failed(said, claims, blocking),
            "missing" => stands(Kind::MissingEvidence, "the audit itself says `missing`"),
            "proxy_only" => stands(Kind::ProxyOnly, "the audit itself says `proxy_only`"),
            "contradiction" => stands(Kind::Contradictory, "the audit itself says `contradiction`"),
            other => stands(Kind::MissingEvidence, &format!("its status {} is none that is known", quoted(other))),
        }
    }
}

/// A requirement that is said to fail: by a command that failed, or else against the evidence.
fn failed(said: &Said<Requirement>, claims: &Claims, blocking: &mut Blocking) {
    let failing = |name: &str| claims.commands.iter().any(|ran| ran.what.line == name && ran.what.exit_code != 0);
    let own = &said.what;
    let issue = if own.evidence.iter().any(|reference| failing(&reference.what.name)) {
        "the audit itself says `failed`, by a command that failed"
    } else {
        "the audit itself says `failed`"
    };
    blocking.add(Kind::FailedCommand, &own.id, issue.to_owned(), &said.at.key("status"));
}

fn covered(said: &Said<Requirement>, looking: &mut Looking<'_>, blocking: &mut Blocking) {
    let own = &said.what;
    if own.evidence.is_empty() {
        let issue = "it is said to be covered and names no evidence".to_owned();
        blocking.add(Kind::MissingEvidence, &own.id, issue, &said.at.key("evidence"));
        return;
    }
    let (mut direct, mut words) = (0, Vec::new());
    for reference in &own.evidence {
        match looking.at(&reference.what) {
            Seen::Direct => direct += 1,
            Seen::Words => words.push(reference),
            Seen::Blocks(kind, issue) => {
                direct += 1;
                blocking.add(kind, &own.id, issue, &reference.at);
            }
        }
    }
    if direct == 0 {
        for reference in words {
            let issue = "it is said to be covered by words alone".to_owned();
            blocking.add(Kind::ProxyOnly, &own.id, issue, &reference.at);
        }
    }
}

fn gaps(claims: &Claims, looking: &Looking<'_>, blocking: &mut Blocking, notes: &mut Vec<String>) {
    let Some(gaps) = &claims.gaps else {
        let issue = "the audit does not say which gaps are left; an empty list says that there is none".to_owned();
        blocking.add(Kind::UnresolvedGap, "gaps", issue, &Pointer::root());
        return;
    };
    for said in gaps {
        let OpenGap { id, status, owner_bead } = &said.what;
        let issue = match (status.as_str(), owner_bead) {
            ("closed" | "resolved", _) => continue,
            ("open" | "in_progress", None) => "it is open and no bead owns it".to_owned(),
            ("open" | "in_progress", Some(bead)) => match looking.tracker.bead(bead) {
                Bead::Active => continue,
                Bead::NoTracker => {
                    notes.push(format!(
                        "gap {} is owned by {}; no tracker's file is there to compare with",
                        quoted(id),
                        quoted(bead)
                    ));
                    continue;
                }
                Bead::Closed => format!("it is open and its bead {} is closed", quoted(bead)),
                Bead::Unknown => format!("the tracker has no bead {}", quoted(bead)),
                Bead::Unclear(phrase) => format!("how its bead {} stands cannot be told: {phrase}", quoted(bead)),
            },
            (other, _) => format!("its status {} is none that is known", quoted(other)),
        };
        blocking.add(Kind::UnresolvedGap, id, issue, &said.at);
    }
}

fn push(push: Option<&Said<Push>>, looking: &Looking<'_>, blocking: &mut Blocking) {
    let Some(Said { what: Push { commit, pushed }, at }) = push else {
        let issue = "the audit does not say whether the work is pushed".to_owned();
        return blocking.add(Kind::MissingPush, "push", issue, &Pointer::root());
    };
    let reach = looking.around.git().and_then(|git| git.reach(commit));
    let issue = match (pushed, reach) {
        (false, _) => "the audit itself says that it is not pushed".to_owned(),
        (true, Ok(Reach::Remote(_))) => match unpushed(looking) {
            None => return,
            Some(issue) => issue,
        },
        (true, Ok(Reach::Local)) => "it is said to be pushed, and no remote-tracking branch has it".to_owned(),
        (true, Ok(Reach::Unknown)) => "it is said to be pushed, and the repository has no such commit".to_owned(),
        (true, Err(phrase)) => format!("whether it is pushed cannot be told: {}", quoted(&phrase)),
    };
    blocking.add(Kind::MissingPush, commit, issue, at);
}

/// What of the work is here and nowhere else: a commit in which it ends and that no remote-tracking branch has, a change that is not committed.
/// The audit itself may be new: it tells of the push.
fn unpushed(looking: &Looking<'_>) -> Option<String> {
    let git = match looking.around.git() {
        Ok(git) => git,
        Err(phrase) => return Some(format!("whether everything is pushed cannot be told: {}", quoted(&phrase))),
    };
    let told = |what: &str, phrase: &str| Some(format!("whether {what} cannot be told: {}", quoted(phrase)));
    match git.head().and_then(|head| Ok((git.reach(&head)?, head))) {
        Ok((Reach::Remote(_), _)) => {}
        Ok((Reach::Local | Reach::Unknown, head)) => {
            let short: String = head.chars().take(12).collect();
            return Some(format!("it is said to be pushed, and HEAD, {short}, is in no remote-tracking branch"));
        }
        Err(phrase) => return told("HEAD is pushed", &phrase),
    }
    match git.uncommitted() {
        Ok(paths) => {
            let others: Vec<&String> = paths.iter().filter(|path| Some(path.as_str()) != looking.file).collect();
            let first = others.first()?;
            let more = match others.len() {
                1 => String::new(),
                several => format!(" and {} more", several - 1),
            };
            Some(format!("it is said to be pushed, and this is not committed: {}{more}", quoted(first)))
        }
        Err(phrase) => told("everything is committed", &phrase),
    }
}
