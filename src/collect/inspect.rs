//! One file, looked at alone, for `gatekeeper inspect`: the same reading as in a judgement, without terms.

use super::format::{BYTES, for_extension};
use super::intake;
use crate::gate::{Format, StreamReader};
use crate::model::{Artifact, ArtifactPath, Base, Content, Digest, Gap, Limits, RelPath, TestTotals};
use crate::workspace::Workspace;

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Where it lies.
    pub path: ArtifactPath,
    /// The id of the format that it was read as.
    pub format: &'static str,
    /// SHA-256 of its bytes; `None` if they could not all be read.
    pub sha256: Option<Digest>,
    /// Bytes.
    pub size: u64,
    /// Why no gate could use it.
    pub gap: Option<Gap>,
    /// How many records it has, if it is a stream.
    pub records: Option<u64>,
    /// What the tests in it come to, if it is a test report.
    pub tests: Option<TestTotals>,
}

/// Looks at one file; without a format, as the one that its extension stands for, or as bytes.
pub fn inspect(
    workspace: &dyn Workspace,
    base: Base,
    path: &RelPath,
    format: Option<&'static Format>,
    limits: &Limits,
) -> Inspection {
    let format = format.or_else(|| for_extension(path.extension())).unwrap_or(&BYTES);
    let place = intake::place(workspace, base, path);
    let artifact = intake::read(workspace, place, format, limits, StreamReader::default());
    let (gap, records, tests) = match artifact.content {
        Ok(Content::Records(records)) => (None, Some(records.count), None),
        Ok(Content::Tests(report)) => (None, None, Some(report.totals())),
        Ok(Content::Document(_) | Content::Text(_) | Content::Bytes | Content::Listing(_)) => (None, None, None),
        Err(gap) => (Some(gap), None, None),
    };
    let Artifact { path, size, digest, .. } = artifact;
    Inspection { path, format: format.id, sha256: digest, size, gap, records, tests }
}
