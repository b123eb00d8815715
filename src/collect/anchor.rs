//! What everything else is bound to: the run's identity, the commit under judgement, the baseline.
//!
//! In: the policy's run binding and the documents that it names. Out: an [`Anchor`]. What the run does not state soundly stays
//! untold, and evidence that must be bound to it becomes a gap. A run that is not of the commit under judgement, or does not soundly say of
//! which it is, is a gap of every gate that reads it. The commit under judgement is the repository's; without git it
//! is the run's. A run that does not state its commit where the policy looks for it leaves none. If both are there and differ, there is none: evidence of one could vouch for the other.

use super::format::{self, JSON};
use super::intake::not_a_document;
use super::rebase::Recorded;
use super::shelf::{Key, Shelf};
use crate::gate::{Format, Reading};
use crate::model::{
    Artifact, Base, Content, Document, Gap, GapKind, Node, Pointer, Policy, RelPath, RunBinding, RunIdentity, Where,
};
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

/// The baseline that a run or shard names, and where, or why that cannot be told.
type Named = Result<Option<(String, Where)>, Gap>;

/// What everything else is bound to, of a run or of one shard.
#[derive(Debug)]
pub(super) struct Anchor {
    pub(super) run: Option<RunIdentity>,
    pub(super) commit: Result<String, String>,
    pub(super) recorded: Recorded,
    names: Named,
    /// Why the run is not of the commit under judgement, where the policy says where a run states its commit. A gap of everything that
    /// is read from it.
    pub(super) foreign: Option<Gap>,
    /// The documents that were read for it, for the manifest.
    pub(super) read: Vec<Key>,
}

/// What everything else is bound to: the run, and each of its shards if it is in shards.
#[derive(Debug)]
pub(super) struct Grounds {
    /// The run. Of one in shards: what they have in common.
    pub(super) whole: Anchor,
    /// Its shards, by position.
    pub(super) shards: Vec<Anchor>,
    /// What all of it is compared with.
    pub(super) baseline: Baseline,
}

impl Grounds {
    /// Reads what the run says of itself.
    pub(super) fn find(policy: &Policy, workspace: &dyn Workspace, shelf: &mut Shelf<'_>, operator_baseline: bool) -> Self {
        let positions = (0..=u16::MAX).take(workspace.shards().len());
        let shards: Vec<Anchor> =
            positions.map(|position| Anchor::read(policy, workspace, shelf, Base::Shard(position))).collect();
        let whole = match shards.is_empty() {
            true => Anchor::read(policy, workspace, shelf, Base::Run),
            false => common(workspace, &shards),
        };
        let parts = if shards.is_empty() { std::slice::from_ref(&whole) } else { &shards };
        let baseline = match operator_baseline {
            true => Baseline::There,
            false => attach(workspace, parts.iter().map(|part| &part.names)),
        };
        let required = policy.run.as_ref().filter(|binding| binding.baseline_required && whole.run.is_some());
        let baseline = match (baseline, required) {
            (Baseline::Unnamed, Some(binding)) => {
                let (file, pointer) =
                    binding.baseline.as_ref().unwrap_or(&(binding.file.clone(), binding.id.clone())).clone();
                let home = if shards.is_empty() { Base::Run } else { Base::Shard(0) };
                let at = Where::pointer(workspace.shown(home, &file), pointer);
                Baseline::Damaged(Gap::new(
                    GapKind::Missing,
                    at,
                    "a baseline run, which the policy requires",
                    "the run names none",
                ))
            }
            (baseline, _) => baseline,
        };
        Self { whole, shards, baseline }
    }

    /// What files of this base are bound to.
    pub(super) fn of(&self, base: Base) -> &Anchor {
        match base {
            Base::Shard(position) => self.shards.get(usize::from(position)).unwrap_or(&self.whole),
            Base::Repo | Base::Run | Base::Baseline | Base::History => &self.whole,
        }
    }

    /// The documents that were read for it.
    pub(super) fn read(&self) -> impl Iterator<Item = Key> {
        self.whole.read.iter().chain(self.shards.iter().flat_map(|shard| &shard.read)).copied()
    }
}

/// Whether a text names a commit in full.
pub(super) fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl Anchor {
    /// Reads what a run says of itself, or one shard of it: `home` is which.
    fn read(policy: &Policy, workspace: &dyn Workspace, shelf: &mut Shelf<'_>, home: Base) -> Self {
        let (path, name) = match home {
            Base::Shard(position) => workspace.shards().into_iter().nth(position.into()).unzip(),
            Base::Repo | Base::Run | Base::Baseline | Base::History => (workspace.run(), workspace.run_name()),
        };
        let mut anchor = Self {
            run: path.map(|path| RunIdentity { path, name, ..RunIdentity::default() }),
            commit: Err(String::new()),
            recorded: Recorded::default(),
            names: Ok(None),
            foreign: None,
            read: Vec::new(),
        };
        let mut stated = Ok(None);
        if let (Some(run), Some(binding)) = (&mut anchor.run, &policy.run) {
            let own = format_of(&binding.file, binding.format);
            let other = binding.baseline.iter().map(|(file, _)| (file, format_of(file, format_in(binding, file))));
            let files = std::iter::once((&binding.file, own)).chain(other);
            anchor.read = files.map(|(file, format)| shelf.request(home, file, format, None)).collect();
            anchor.read.dedup();
            shelf.read(&anchor.read, None);
            match document(shelf, home, &binding.file, own) {
                Ok(document) => {
                    let root = document.root();
                    run.id = text_at(root, &binding.id);
                    stated = stated_commit(root, binding);
                    run.commit = stated.clone().ok().flatten();
                    let directory = binding.artifact_dir.as_ref().and_then(|pointer| text_at(root, pointer));
                    anchor.recorded = Recorded::new(directory.as_deref(), below_repository(workspace, home).as_deref());
                }
                Err(gap) if gap.kind == GapKind::Missing && binding.file_optional => {}
                Err(gap) => {
                    stated = Err(format!("the run's `{}` is {}", binding.file, gap.kind.word()));
                    anchor.foreign = Some(gap);
                }
            }
            anchor.names = named_baseline(binding, shelf, home);
        }
        let file = policy.run.as_ref().and_then(|binding| RelPath::parse(&workspace.shown(home, &binding.file)).ok());
        let head = head(workspace, &stated, file.as_ref());
        if let (Some(binding), None, Some(phrase)) = (&policy.run, &anchor.foreign, disagreement(&head, &stated)) {
            let at = Where::pointer(workspace.shown(home, &binding.file), binding.commit.clone());
            anchor.foreign = Some(Gap::new(GapKind::Unbound, at, "the commit under judgement", phrase));
        }
        anchor.commit = commit_under_judgement(head, stated);
        anchor
    }
}

/// The format that the policy names for this file of the run.
fn format_in(binding: &RunBinding, file: &RelPath) -> Option<&'static str> {
    binding.format.filter(|_| *file == binding.file)
}

/// Documents that state identity are JSON unless the policy or their names say otherwise.
fn format_of(file: &RelPath, named: Option<&str>) -> &'static Format {
    if let Some(format) = named.and_then(|named| format::FORMATS.iter().find(|format| format.id == named)) {
        return format;
    }
    format::for_extension(file.extension()).filter(|format| matches!(format.reading, Reading::Whole(_))).unwrap_or(&JSON)
}

fn artifact<'s>(shelf: &'s Shelf<'_>, home: Base, file: &RelPath, format: &'static Format) -> &'s Artifact {
    shelf.artifact(shelf.find(home, file, format).expect("it was asked for by this name"))
}

fn document<'s>(shelf: &'s Shelf<'_>, home: Base, file: &RelPath, format: &'static Format) -> Result<&'s Document, Gap> {
    let artifact = artifact(shelf, home, file, format);
    match &artifact.content {
        Ok(Content::Document(document)) => Ok(document),
        Ok(_) => Err(not_a_document(&artifact.path.shown)),
        Err(gap) => Err(gap.clone()),
    }
}

fn text_at(root: Node<'_>, pointer: &Pointer) -> Option<String> {
    root.at(pointer).and_then(Node::text).filter(|text| !text.trim().is_empty()).map(str::to_owned)
}

/// The commit that the run states. The policy says where, so a run that states none there is damaged, unless the policy allows it.
fn stated_commit(root: Node<'_>, binding: &RunBinding) -> Result<Option<String>, String> {
    let at = || format!("`{}` at `{}`", binding.file, binding.commit);
    let node = match root.at(&binding.commit) {
        Some(node) => node,
        None if binding.commit_optional => return Ok(None),
        None => return Err(format!("the run states no commit in {}", at())),
    };
    match node.text().filter(|text| is_commit(text)) {
        Some(text) => Ok(Some(text.to_ascii_lowercase())),
        None if binding.commit_optional && node.is_null() => Ok(None),
        None => Err(format!("the run states {} in {}, which is not 40 hex digits", node.excerpt(60), at())),
    }
}

/// What the repository says of the commit under judgement.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Head {
    /// It is at this one.
    At(String),
    /// There is no repository that a run could be one of, so the run's own word counts.
    Nowhere(String),
    /// There is one, and it does not tell: whatever the run states may be wrong.
    Untold(String),
}

/// The commit that the repository is at, if the run can be one of it. Below the top of a work tree a run that is committed itself, and of a commit
/// that the repository has not, is an example of another repository. A root that lies in a work tree and that git does not know is of that
/// work tree too, unless it is ignored there.
fn head(workspace: &dyn Workspace, stated: &Result<Option<String>, String>, file: Option<&RelPath>) -> Head {
    let git = match workspace.git() {
        Ok(git) => git,
        Err(phrase) if workspace.has_git() => return Head::Untold(phrase),
        Err(phrase) => {
            let own = stated.as_ref().ok().and_then(Option::as_deref);
            let around = workspace.commit_around(own).map(|head| head.map_or_else(Head::Untold, Head::At));
            return around.unwrap_or(Head::Nowhere(phrase));
        }
    };
    let committed = |path: &RelPath| git.file(path).is_ok_and(|file| file.head.is_some());
    match stated {
        Ok(Some(commit)) if !git.may_be_of(commit) && file.is_some_and(committed) => {
            Head::Nowhere(format!("the repository around the root has no commit {commit}, so the run is of another one"))
        }
        Ok(_) | Err(_) => git.head().map_or_else(Head::Untold, |head| Head::At(head.to_ascii_lowercase())),
    }
}

/// Why a run is not of the commit that the repository is at, or cannot be told to be.
fn disagreement(head: &Head, stated: &Result<Option<String>, String>) -> Option<String> {
    match (head, stated) {
        (_, Err(phrase)) => Some(phrase.clone()),
        (Head::At(head), Ok(Some(commit))) if head != commit => {
            Some(format!("the run states commit {commit}, and the repository is at commit {head}"))
        }
        (Head::Untold(phrase), Ok(Some(commit))) => {
            Some(format!("the run states commit {commit}, and the repository does not tell at which it is: {phrase}"))
        }
        (Head::At(_) | Head::Nowhere(_) | Head::Untold(_), Ok(_)) => None,
    }
}

fn commit_under_judgement(head: Head, stated: Result<Option<String>, String>) -> Result<String, String> {
    if let Some(phrase) = disagreement(&head, &stated) {
        return Err(phrase);
    }
    match (head, stated?) {
        (Head::At(head), _) if is_commit(&head) => Ok(head),
        (Head::At(head), _) => Err(format!("the repository is at `{head}`, which is not 40 hex digits")),
        (Head::Nowhere(_), Some(commit)) => Ok(commit),
        (Head::Nowhere(phrase) | Head::Untold(phrase), _) => Err(phrase),
    }
}

/// The directory of a run or shard relative to the repository, if it lies in it.
fn below_repository(workspace: &dyn Workspace, home: Base) -> Option<String> {
    let probe = RelPath::parse("x").ok()?;
    let shown = workspace.shown(home, &probe);
    if shown == "x" { Some(String::new()) } else { shown.strip_suffix("/x").map(str::to_owned) }
}

/// The baseline that a run names, where it names it: a directory beside it, possibly by its path on another machine, possibly by
/// the document in it. `None` if it names none.
fn named_baseline(binding: &RunBinding, shelf: &Shelf<'_>, home: Base) -> Result<Option<(String, Where)>, Gap> {
    let Some((file, pointer)) = &binding.baseline else { return Ok(None) };
    // Whether the run names a baseline cannot be told if this fails, so it is not taken for a run that names none.
    let format = format_of(file, format_in(binding, file));
    let document = document(shelf, home, file, format)?;
    let Some(node) = document.root().at(pointer).filter(|node| !node.is_null()) else { return Ok(None) };
    let shown = &artifact(shelf, home, file, format).path.shown;
    let at = Where::pointer(shown.clone(), pointer.clone());
    let mut parts = node.text().unwrap_or_default().split('/').filter(|part| !part.is_empty() && *part != ".").rev();
    let name = parts.next().and_then(|last| if last == file.name() { parts.next() } else { Some(last) });
    match name {
        Some(name) => Ok(Some((name.to_owned(), at))),
        None => Err(Gap::new(GapKind::Invalid, at, "null or the path of the baseline run", node.excerpt(80))),
    }
}

/// Attaches the baseline that a run names; all shards of one run name the same.
fn attach<'n>(workspace: &dyn Workspace, names: impl Iterator<Item = &'n Named>) -> Baseline {
    let mut first: Option<&Option<(String, Where)>> = None;
    for named in names {
        let own = match named {
            Ok(own) => own,
            Err(gap) => return Baseline::Damaged(gap.clone()),
        };
        let name = |named: &Option<(String, Where)>| named.as_ref().map(|(name, _)| name.clone());
        match first {
            None => first = Some(own),
            Some(other) if name(other) == name(own) => {}
            Some(other) => {
                let told = |named: &Option<(String, Where)>| match named {
                    Some((name, at)) => format!("`{name}` at {at}"),
                    None => "none".to_owned(),
                };
                let at =
                    own.as_ref().or(other.as_ref()).map(|(_, at)| at.clone()).expect("one of two that differ names one");
                let actual = format!("{} and {}", told(other), told(own));
                return Baseline::Damaged(Gap::new(GapKind::Invalid, at, "one baseline for all shards", actual));
            }
        }
    }
    let Some(Some((name, at))) = first else { return Baseline::Unnamed };
    match workspace.attach_baseline(name) {
        Ok(()) => Baseline::There,
        Err(phrase) => {
            let expected = format!("the baseline run `{name}` beside the run");
            Baseline::Damaged(Gap::new(GapKind::Missing, at.clone(), expected, phrase))
        }
    }
}

/// What the shards of one run have in common; nothing where they differ.
fn common(workspace: &dyn Workspace, shards: &[Anchor]) -> Anchor {
    let same = |of: fn(&RunIdentity) -> &Option<String>| {
        let mut all = shards.iter().map(|shard| shard.run.as_ref().and_then(|run| of(run).clone()));
        all.next().flatten().filter(|first| all.all(|other| other.as_ref() == Some(first)))
    };
    let mut commits = shards.iter().map(|shard| shard.commit.clone());
    let first = commits.next().unwrap_or_else(|| Err("there is no shard".to_owned()));
    let commit = commits.fold(first, |first, other| match (first, other) {
        (Ok(first), Ok(other)) if first == other => Ok(first),
        (Ok(first), Ok(other)) => Err(format!("the shards are of commits {first} and {other}")),
        (Err(phrase), _) | (Ok(_), Err(phrase)) => Err(phrase),
    });
    let foreign = shards.iter().find_map(|shard| shard.foreign.clone());
    let run = RunIdentity {
        path: workspace.run().unwrap_or_default(),
        name: None,
        id: same(|run| &run.id),
        commit: same(|run| &run.commit),
        shards: workspace.shards().into_iter().map(|(path, _)| path).collect(),
    };
    Anchor { run: Some(run), commit, recorded: Recorded::default(), names: Ok(None), foreign, read: Vec::new() }
}
