//! What one piece of evidence comes to: the commands, files, commits and tracker items that it names, looked at.
//!
//! In: a reference of a requirement, and what there is to look at. Out: direct and sound, mere words, or what blocks. Every file is opened once,
//! below the repository, through the workspace; git is asked for objects only.

use super::claim::{ArtifactClaim, Claims, Reference};
use super::copy;
use super::kind::Kind;
use super::tracker::{Bead, Tracker};
use crate::collect;
use crate::model::{Artifact, Base, Content, Digest, GapKind, Limits, RelPath, UnsafePath};
use crate::workspace::{Reach, Workspace, names_commit};
use std::collections::BTreeMap;

/// A kind of evidence that can be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direct {
    Command,
    Artifact,
    Git,
    Tracker,
}

impl Direct {
    /// The kind of this name.
    pub(super) fn of(word: &str) -> Option<Self> {
        match word.trim() {
            "command" => Some(Direct::Command),
            "artifact" | "file" => Some(Direct::Artifact),
            "git" | "commit" => Some(Direct::Git),
            "tracker" | "bead" => Some(Direct::Tracker),
            _other => None,
        }
    }
}

/// Whether evidence of this kind is words and no more.
pub(super) fn narrative(word: &str) -> bool {
    ["narrative", "note", "proxy"].contains(&word.trim())
}

/// What evidence comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// It was looked at, and shows what it is said to show.
    Direct,
    /// It is words.
    Words,
    /// It keeps the requirement from being covered.
    Blocks(Kind, String),
}

/// What there is to look at.
pub(super) struct Looking<'w> {
    pub around: &'w dyn Workspace,
    pub limits: &'w Limits,
    pub claims: &'w Claims,
    pub tracker: Tracker,
    /// The audit itself, which is no evidence of what it says.
    pub own: &'w Artifact,
    /// Its path below the repository, if it lies there.
    pub file: Option<&'w str>,
    /// What was found at each path that was looked at.
    files: BTreeMap<String, Result<Option<Digest>, (Kind, String)>>,
}

/// Longest quotation of untrusted text, in characters.
const QUOTED: usize = 160;

/// Untrusted text in a sentence: no secret, cut, on one line.
pub(super) fn quoted(text: &str) -> String {
    use crate::report::sanitise::{excerpt, terminal};
    format!("`{}`", terminal(&excerpt(&crate::model::redact(text), QUOTED)))
}

impl<'w> Looking<'w> {
    pub(super) fn new(
        around: &'w dyn Workspace,
        limits: &'w Limits,
        claims: &'w Claims,
        tracker: Tracker,
        own: &'w Artifact,
        file: Option<&'w str>,
    ) -> Self {
        Self { around, limits, claims, tracker, own, file, files: BTreeMap::new() }
    }

    /// Looks at a piece of evidence.
    pub(super) fn at(&mut self, reference: &Reference) -> Seen {
        let name = reference.name.as_str();
        let kind = match &reference.kind {
            Some(word) if narrative(word) => return Seen::Words,
            Some(word) => match Direct::of(word) {
                Some(kind) => Some(kind),
                None => {
                    let issue = format!("its evidence {} is of no kind that is known: {}", quoted(name), quoted(word));
                    return Seen::Blocks(Kind::MissingEvidence, issue);
                }
            },
            None => None,
        };
        if name.trim().is_empty() {
            return Seen::Blocks(Kind::MissingEvidence, "a piece of its evidence names nothing".to_owned());
        }
        let commands = self.claims.commands.iter().any(|said| said.what.line == name);
        let artifacts = self.claims.artifacts.iter().any(|said| said.what.path == name);
        match kind {
            Some(Direct::Command) => self.command(name),
            Some(Direct::Artifact) => self.named(name),
            Some(Direct::Git) => self.commit(name),
            Some(Direct::Tracker) => self.bead(name),
            None if commands => self.command(name),
            None if artifacts => self.named(name),
            None if self.tracker.knows(name) => self.bead(name),
            None if names_commit(name) => self.commit(name),
            None if name.split_whitespace().nth(1).is_some() => Seen::Words,
            None => {
                let issue = format!(
                    "its evidence {} is no command or artifact of the audit, no commit and no item of the tracker",
                    quoted(name)
                );
                Seen::Blocks(Kind::MissingEvidence, issue)
            }
        }
    }

    fn command(&self, name: &str) -> Seen {
        let mut ended = self.claims.commands.iter().filter(|said| said.what.line == name).map(|said| said.what.exit_code);
        match (ended.clone().find(|code| *code != 0), ended.next()) {
            (Some(code), _) => Seen::Blocks(
                Kind::Contradictory,
                format!("it is said to be covered by {}, which ended with {code}", quoted(name)),
            ),
            (None, Some(_)) => Seen::Direct,
            (None, None) => {
                Seen::Blocks(Kind::MissingEvidence, format!("its command {} is none of the audit's commands", quoted(name)))
            }
        }
    }

    /// An artifact that a requirement names, with every digest that the audit states for it.
    fn named(&mut self, path: &str) -> Seen {
        let mut stated: Vec<ArtifactClaim> =
            self.claims.artifacts.iter().filter(|said| said.what.path == path).map(|said| said.what.clone()).collect();
        if stated.is_empty() {
            stated.push(ArtifactClaim { path: path.to_owned(), sha256: None });
        }
        let faults = stated.iter().filter_map(|claim| self.artifact(claim).err());
        match faults.min() {
            Some((kind, issue)) => Seen::Blocks(kind, issue),
            None => Seen::Direct,
        }
    }

    /// Looks at a file of the repository: it is there, sound, not empty, and what its digest says.
    ///
    /// # Errors
    /// What blocks.
    pub(super) fn artifact(&mut self, claim: &ArtifactClaim) -> Result<(), (Kind, String)> {
        let path = quoted(&claim.path);
        if !self.files.contains_key(&claim.path) {
            let found = open(self.around, self.limits, &claim.path, self.own);
            self.files.insert(claim.path.clone(), found);
        }
        let digest = self.files[&claim.path].clone()?;
        let Some(stated) = &claim.sha256 else { return Ok(()) };
        let Some(wanted) = Digest::parse(stated) else {
            return Err((Kind::Contradictory, format!("the digest of {path}, {}, is no SHA-256", quoted(stated))));
        };
        match digest {
            Some(found) if found == wanted => Ok(()),
            Some(found) => {
                Err((Kind::Contradictory, format!("{path} has the SHA-256 {found}, and the audit says {wanted}")))
            }
            None => Err((Kind::MissingArtifact, format!("{path} cannot be read to its end"))),
        }
    }

    fn commit(&self, name: &str) -> Seen {
        let reach = self.around.git().and_then(|git| git.reach(name));
        let issue = match reach {
            Ok(Reach::Local | Reach::Remote(_)) => return Seen::Direct,
            Ok(Reach::Unknown) => format!("the repository has no commit {}", quoted(name)),
            Err(phrase) => format!("whether there is a commit {} cannot be told: {}", quoted(name), quoted(&phrase)),
        };
        Seen::Blocks(Kind::MissingEvidence, issue)
    }

    fn bead(&self, id: &str) -> Seen {
        let issue = match self.tracker.bead(id) {
            Bead::Closed => return Seen::Direct,
            Bead::Active => {
                let issue = format!("it is said to be covered by {}, which the tracker has open", quoted(id));
                return Seen::Blocks(Kind::Contradictory, issue);
            }
            Bead::Unknown => format!("the tracker has no item {}", quoted(id)),
            Bead::Unclear(phrase) => format!("how the item {} stands cannot be told: {phrase}", quoted(id)),
            Bead::NoTracker => format!("the item {} cannot be looked up: no tracker's file is there", quoted(id)),
        };
        Seen::Blocks(Kind::MissingEvidence, issue)
    }
}

/// Formats whose content is looked at too; of any other file it is enough that it has bytes.
const PARSED: [&str; 3] = ["json", "jsonl", "toml"];

fn open(around: &dyn Workspace, limits: &Limits, path: &str, own: &Artifact) -> Result<Option<Digest>, (Kind, String)> {
    let missing = |issue: String| (Kind::MissingArtifact, issue);
    let proxy = |what: &str| {
        Err((Kind::ProxyOnly, format!("{} is {what}, which shows nothing of what the audit says", quoted(path))))
    };
    let rel = RelPath::parse(path)
        .map_err(|UnsafePath { given, because }| missing(format!("{} {because}, so it was not opened", quoted(&given))))?;
    if rel.as_str().split('/').any(|part| part.eq_ignore_ascii_case(".git")) {
        return proxy("a file of git's own");
    }
    let artifact: Artifact = match rel.extension() {
        Some(extension) if PARSED.contains(&extension) => collect::look(around, Base::Repo, &rel, limits),
        Some(_) | None => {
            let bytes = collect::FORMATS.iter().find(|format| format.id == "bytes").expect("bytes are a format");
            collect::look_as(around, Base::Repo, &rel, bytes, limits)
        }
    };
    let name = quoted(path);
    // Whatever kind of file it is: without a byte it shows nothing.
    if artifact.digest == Some(Digest::of(b"")) {
        return Err((Kind::Contradictory, format!("{name} is empty")));
    }
    // A copy is the audit too, however it is laid out, whatever it is called and whatever stands around it.
    let bytes = copy::bytes(around, &rel, limits);
    if let Some(bytes) = bytes.filter(|_| artifact.digest.is_some()) {
        if copy::is_blank(&bytes) {
            return Err((Kind::Contradictory, format!("{name} is empty")));
        }
        if matches!(&own.content, Ok(Content::Document(own)) if copy::is_copy(&bytes, own)) {
            return proxy("the audit itself");
        }
    }
    if artifact.digest.is_some() && artifact.digest == own.digest {
        return proxy("the audit itself");
    }
    match &artifact.content {
        Ok(Content::Records(records)) if records.count == 0 => {
            Err((Kind::Contradictory, format!("{name} holds no record")))
        }
        Ok(_) => Ok(artifact.digest),
        Err(gap) => {
            let actual = quoted(&gap.actual);
            Err(match gap.kind {
                GapKind::Missing => missing(format!("{name} is not there")),
                GapKind::Unreadable => missing(format!("{name} may not be opened or cannot be read: {actual}")),
                GapKind::OverLimit => missing(format!("{name} is too large to be read: {actual}")),
                GapKind::Empty => (Kind::Contradictory, format!("{name} is empty")),
                GapKind::Malformed | GapKind::Invalid | GapKind::Stale | GapKind::Unbound | GapKind::Undecided => {
                    (Kind::Contradictory, format!("{name} is damaged: {actual}"))
                }
            })
        }
    }
}
