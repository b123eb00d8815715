//! What git knows of artifacts: whether their bytes are committed. Asked only for what a check reads.
//!
//! In: jobs and the shelf. Out: artifacts with `committed` filled. What cannot be told is said to be unknown.

use super::job::Job;
use super::shelf::Shelf;
use crate::gate::{Format, Input, Reading, StreamReader, Use};
use crate::model::{Artifact, ArtifactPath, Base, Committed, Content, Document, Limits, RelPath, Where};
use crate::workspace::Git;

/// Most versions of one file that are looked at; more make its history unknown.
pub(super) const VERSIONS_MOST: usize = 1_000;

/// Git, or why there is none.
pub(super) type MaybeGit<'w> = Result<Box<dyn Git + 'w>, String>;

/// Fills in what the checks of each gate ask of git.
pub(super) fn fill(jobs: &[Job<'_>], shelf: &mut Shelf<'_>, git: &MaybeGit<'_>) {
    for job in jobs {
        let own = (job.need().id.clone(), Use::Committed);
        if !job.gate.checks.iter().any(|defined| defined.check.reads().contains(&own)) {
            continue;
        }
        for key in &job.keys {
            let artifact = shelf.artifact_mut(*key);
            if artifact.committed.is_none() {
                artifact.committed = Some(committed(artifact, git).unwrap_or_else(Committed::Unknown));
            }
        }
    }
}

/// The path of an artifact in the repository. Artifacts of a run count if the run lies in it.
pub(super) fn in_repository(path: &ArtifactPath) -> Result<RelPath, String> {
    let outside = || format!("`{}` does not lie in the repository", path.shown);
    match path.base {
        Base::Repo => Ok(path.rel.clone()),
        Base::Run | Base::Baseline | Base::History | Base::Shard(_)
            if path.shown.starts_with(&format!("{}:", path.base.word())) =>
        {
            Err(outside())
        }
        Base::Run | Base::Baseline | Base::History | Base::Shard(_) => RelPath::parse(&path.shown).map_err(|_| outside()),
    }
}

/// How an artifact stands in git.
pub(super) fn committed(artifact: &Artifact, git: &MaybeGit<'_>) -> Result<Committed, String> {
    let git = git.as_ref().map_err(Clone::clone)?;
    let here = artifact.digest.ok_or("its bytes could not be read")?;
    let known = git.file(&in_repository(&artifact.path)?)?;
    let commit: String = git.head()?.chars().take(12).collect();
    Ok(match (known.head, known.index) {
        (Some(head), Some(index)) if head == here && index == here => Committed::Same,
        (None, None) => Committed::Differs(format!("neither commit {commit} nor the index has it")),
        (None, Some(_)) => Committed::Differs(format!("commit {commit} does not have it")),
        (Some(_), None) => Committed::Differs("the index does not have it".to_owned()),
        (Some(head), Some(index)) if head != index => Committed::Differs(format!("the index differs from commit {commit}")),
        (Some(_), Some(_)) => Committed::Differs(format!("the work tree differs from commit {commit}")),
    })
}

/// An old version as a document; `None` if it is none.
pub(super) fn version(bytes: &[u8], format: &Format, limits: &Limits) -> Option<Document> {
    let at = Where::file("an earlier version");
    let content = match &format.reading {
        Reading::Whole(parse) => parse(bytes, &at),
        Reading::Tests(reader) => reader.content(bytes, &at),
        Reading::Sift(parse) => parse(bytes, &at).map(|content| content.unwrap_or(Content::Bytes)),
        Reading::Stream(parse) => {
            let size = bytes.len() as u64;
            let stream = StreamReader { folds: Vec::new(), keep: true };
            parse(Input { bytes: &mut &*bytes, size, at, limits }, stream)
        }
        Reading::Opaque | Reading::Names => return None,
    };
    match content.ok()? {
        Content::Document(document) => Some(document),
        Content::Records(records) => records.kept,
        Content::Tests(_)
        | Content::Measurements(_)
        | Content::Coverage(_)
        | Content::Rust(_)
        | Content::Text(_)
        | Content::Bytes
        | Content::Listing(_) => None,
    }
}
