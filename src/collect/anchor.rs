//! What everything else is bound to: the run's identity, the commit under judgement, the baseline.
//!
//! In: the policy's run binding and the documents that it names. Out: an [`Anchor`]. What the run does not state soundly stays
//! untold, and evidence that must be bound to it becomes a gap. The commit under judgement is the repository's; without git it
//! is the run's. A run that does not state its commit where the policy looks for it leaves none. If both are there and differ, there is none: evidence of one could vouch for the other.

use super::format::{self, JSON};
use super::intake::not_a_document;
use super::rebase::Recorded;
use super::shelf::{Key, Shelf};
use crate::gate::{Format, Reading};
use crate::model::{Base, Content, Document, Gap, GapKind, Node, Pointer, Policy, RelPath, RunBinding, RunIdentity, Where};
use crate::workspace::Workspace;

/// What a run compares itself with.
#[derive(Debug)]
pub(super) enum Baseline {
    /// Nothing.
    Unnamed,
    /// A directory that is there, named by the operator or by the run.
    There,
    /// Something that is not there, or that cannot be told.
    Damaged(Gap),
}

/// What everything else is bound to.
#[derive(Debug)]
pub(super) struct Anchor {
    pub(super) run: Option<RunIdentity>,
    pub(super) commit: Result<String, String>,
    pub(super) recorded: Recorded,
    pub(super) baseline: Baseline,
    /// The documents that were read for it, for the manifest.
    pub(super) read: Vec<Key>,
}

/// Whether a text names a commit in full.
pub(super) fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl Anchor {
    /// Reads what the run says of itself.
    pub(super) fn find(policy: &Policy, workspace: &dyn Workspace, shelf: &mut Shelf<'_>, operator_baseline: bool) -> Self {
        let mut anchor = Self {
            run: workspace.run().map(|path| RunIdentity { path, name: workspace.run_name(), ..RunIdentity::default() }),
            commit: Err(String::new()),
            recorded: Recorded::default(),
            baseline: if operator_baseline { Baseline::There } else { Baseline::Unnamed },
            read: Vec::new(),
        };
        let mut stated = Ok(None);
        if let (Some(run), Some(binding)) = (&mut anchor.run, &policy.run) {
            let mut files = vec![&binding.file];
            files.extend(binding.baseline.iter().map(|(file, _)| file));
            anchor.read = files.into_iter().map(|file| shelf.request(Base::Run, file, format_of(file), None)).collect();
            anchor.read.dedup();
            shelf.read(&anchor.read, None);
            match document(shelf, &binding.file) {
                Ok(document) => {
                    let root = document.root();
                    run.id = text_at(root, &binding.id);
                    stated = stated_commit(root, binding).map(Some);
                    run.commit = stated.clone().ok().flatten();
                    let directory = binding.artifact_dir.as_ref().and_then(|pointer| text_at(root, pointer));
                    anchor.recorded = Recorded::new(directory.as_deref(), below_repository(workspace).as_deref());
                }
                Err(gap) => stated = Err(format!("the run's `{}` is {}", binding.file, gap.kind.word())),
            }
            if !operator_baseline {
                anchor.baseline = baseline(binding, workspace, shelf);
            }
        }
        anchor.commit = commit_under_judgement(workspace, stated);
        anchor
    }
}

/// Documents that state identity are JSON unless their names say otherwise.
fn format_of(file: &RelPath) -> &'static Format {
    format::for_extension(file.extension()).filter(|format| matches!(format.reading, Reading::Whole(_))).unwrap_or(&JSON)
}

fn document<'s>(shelf: &'s Shelf<'_>, file: &RelPath) -> Result<&'s Document, Gap> {
    let artifact = shelf.artifact(&Key::new(Base::Run, file, format_of(file)));
    match &artifact.content {
        Ok(Content::Document(document)) => Ok(document),
        Ok(_) => Err(not_a_document(&artifact.path.shown)),
        Err(gap) => Err(gap.clone()),
    }
}

fn text_at(root: Node<'_>, pointer: &Pointer) -> Option<String> {
    root.at(pointer).and_then(Node::text).filter(|text| !text.trim().is_empty()).map(str::to_owned)
}

/// The commit that the run states. The policy says where, so a run that states none there is damaged.
fn stated_commit(root: Node<'_>, binding: &RunBinding) -> Result<String, String> {
    let at = || format!("`{}` at `{}`", binding.file, binding.commit);
    let node = root.at(&binding.commit).ok_or_else(|| format!("the run states no commit in {}", at()))?;
    match node.text().filter(|text| is_commit(text)) {
        Some(text) => Ok(text.to_ascii_lowercase()),
        None => Err(format!("the run states {} in {}, which is not 40 hex digits", node.excerpt(60), at())),
    }
}

fn commit_under_judgement(workspace: &dyn Workspace, stated: Result<Option<String>, String>) -> Result<String, String> {
    let head = workspace.git().and_then(|git| git.head()).map(|head| head.to_ascii_lowercase());
    match (head, stated?) {
        (Ok(head), Some(commit)) if head != commit => {
            Err(format!("the run states commit {commit}, and the repository is at commit {head}"))
        }
        (Ok(head), Some(_) | None) if is_commit(&head) => Ok(head),
        (Ok(head), _) => Err(format!("the repository is at `{head}`, which is not 40 hex digits")),
        (Err(_), Some(commit)) => Ok(commit),
        (Err(phrase), None) => Err(phrase),
    }
}

/// The run's directory relative to the repository, if it lies in it.
fn below_repository(workspace: &dyn Workspace) -> Option<String> {
    let probe = RelPath::parse("x").ok()?;
    let shown = workspace.shown(Base::Run, &probe);
    if shown == "x" { Some(String::new()) } else { shown.strip_suffix("/x").map(str::to_owned) }
}

/// Finds the baseline that the run names: a directory beside it, possibly by its path on another machine, possibly by the
/// document in it.
fn baseline(binding: &RunBinding, workspace: &dyn Workspace, shelf: &Shelf<'_>) -> Baseline {
    let Some((file, pointer)) = &binding.baseline else { return Baseline::Unnamed };
    let document = match document(shelf, file) {
        Ok(document) => document,
        // Whether the run names a baseline cannot be told, so it is not taken for a run that names none.
        Err(gap) => return Baseline::Damaged(gap),
    };
    let Some(node) = document.root().at(pointer).filter(|node| !node.is_null()) else { return Baseline::Unnamed };
    let at =
        || Where::pointer(shelf.artifact(&Key::new(Base::Run, file, format_of(file))).path.shown.clone(), pointer.clone());
    let mut parts = node.text().unwrap_or_default().split('/').filter(|part| !part.is_empty() && *part != ".").rev();
    let name = parts.next().and_then(|last| if last == file.name() { parts.next() } else { Some(last) });
    let Some(name) = name else {
        let gap = Gap::new(GapKind::Invalid, at(), "null or the path of the baseline run", node.excerpt(80));
        return Baseline::Damaged(gap);
    };
    match workspace.attach_baseline(name) {
        Ok(()) => Baseline::There,
        Err(phrase) => {
            let expected = format!("the baseline run `{name}` beside the run");
            Baseline::Damaged(Gap::new(GapKind::Missing, at(), expected, phrase))
        }
    }
}
