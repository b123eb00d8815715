//! The evidence manifest: one row for each file that was looked for, with the digest of the bytes that were judged.
//!
//! In: evidence of all gates, and files that were read for other reasons. Out: rows sorted by path. Two readings of one file
//! must have seen the same bytes; where they did not, the evidence gets a gap.

use super::job::Scope;
use crate::model::{Artifact, ArtifactPath, Evidence, EvidenceId, EvidenceRow, Gap, GapKind, GateId, Instant, Where};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A file that was read, or a pattern that matched nothing.
pub(super) struct Line {
    pub(super) id: EvidenceId,
    /// What was read, or where nothing was.
    pub(super) artifact: Result<Arc<Artifact>, ArtifactPath>,
    pub(super) gate: Option<GateId>,
    pub(super) scope: Scope,
    /// The file that was judged in the place of this one, as people know it.
    pub(super) instead: Option<String>,
    /// When it says it was made.
    pub(super) made: Option<Instant>,
}

/// The evidence of gates, by the scope for which it was collected.
pub(super) struct Found {
    pub(super) whole: BTreeMap<GateId, BTreeMap<EvidenceId, Evidence>>,
    pub(super) shards: Vec<BTreeMap<GateId, BTreeMap<EvidenceId, Evidence>>>,
}

impl Line {
    fn path(&self) -> &ArtifactPath {
        match &self.artifact {
            Ok(artifact) => &artifact.path,
            Err(path) => path,
        }
    }

    fn shown(&self) -> &str {
        &self.path().shown
    }
}

impl Found {
    /// The evidence of a line.
    fn get(&self, line: &Line) -> Option<&Evidence> {
        let scope = match line.scope {
            Scope::Whole => &self.whole,
            Scope::Shard(position) => self.shards.get(usize::from(position))?,
        };
        scope.get(line.gate.as_ref()?)?.get(&line.id)
    }

    /// The same, to change it.
    fn get_mut(&mut self, line: &Line) -> Option<&mut Evidence> {
        self.scope(line.scope)?.get_mut(line.gate.as_ref()?)?.get_mut(&line.id)
    }

    /// All of a scope.
    pub(super) fn scope(&mut self, scope: Scope) -> Option<&mut BTreeMap<GateId, BTreeMap<EvidenceId, Evidence>>> {
        match scope {
            Scope::Whole => Some(&mut self.whole),
            Scope::Shard(position) => self.shards.get_mut(usize::from(position)),
        }
    }
}

/// Lines by file, sorted by path.
fn by_file(lines: &[Line]) -> Vec<&Line> {
    let mut sorted: Vec<&Line> = lines.iter().collect();
    sorted.sort_by_key(|line| line.shown());
    sorted
}

/// Whether two lines are of one file.
fn same_file(a: &&Line, b: &&Line) -> bool {
    a.shown() == b.shown()
}

/// Gaps for files whose readings differ, at every evidence that holds one.
pub(super) fn contradict(lines: &[Line], evidence: &mut Found) {
    for readings in by_file(lines).chunk_by(same_file) {
        let mut digests = readings.iter().filter_map(|line| line.artifact.as_ref().ok()?.digest);
        let first = digests.next();
        if digests.all(|digest| Some(digest) == first) {
            continue;
        }
        for line in readings {
            if let Some(own) = evidence.get_mut(line) {
                let at = Where::file(line.shown());
                let gap = Gap::new(GapKind::Unreadable, at, "a file that holds still", "it changed between two readings");
                if !own.gaps.contains(&gap) {
                    own.gaps.push(gap);
                }
            }
        }
    }
}

/// The first kind of gap of each file, in the order of [`GapKind`], by the evidence that has it.
type Gaps<'f> = HashMap<(Scope, &'f GateId, &'f EvidenceId, &'f str), GapKind>;

impl Found {
    /// A damaged run can have as many gaps as files, so they are looked at once and not once for each file.
    fn gaps(&self) -> Gaps<'_> {
        let shards = (0..).map(Scope::Shard).zip(&self.shards);
        let mut gaps = Gaps::new();
        for (scope, gates) in [(Scope::Whole, &self.whole)].into_iter().chain(shards) {
            for (gate, evidence) in gates {
                for (id, gap) in evidence.iter().flat_map(|(id, own)| own.gaps.iter().map(move |gap| (id, gap))) {
                    let kind = gaps.entry((scope, gate, id, &gap.at.path)).or_insert(gap.kind);
                    *kind = gap.kind.min(*kind);
                }
            }
        }
        gaps
    }
}

/// The rows.
pub(super) fn rows(lines: &[Line], evidence: &Found) -> Vec<EvidenceRow> {
    let gaps = evidence.gaps();
    by_file(lines).chunk_by(same_file).map(|lines| row(lines, evidence, &gaps)).collect()
}

/// The row of one file. There is at least one line.
fn row(lines: &[&Line], evidence: &Found, gaps: &Gaps<'_>) -> EvidenceRow {
    let own = |line: &&Line| {
        let named = line.gate.as_ref().and_then(|gate| gaps.get(&(line.scope, gate, &line.id, line.shown())));
        let other = match &line.artifact {
            Ok(artifact) => artifact.content.as_ref().err().map(|gap| gap.kind),
            Err(_) => Some(evidence.get(line).and_then(|own| own.gaps.first()).map_or(GapKind::Missing, |gap| gap.kind)),
        };
        named.copied().into_iter().chain(other).min()
    };
    let read = || lines.iter().filter_map(|line| line.artifact.as_ref().ok());
    let mut gates: Vec<GateId> = lines.iter().filter_map(|line| line.gate.clone()).collect();
    gates.sort();
    gates.dedup();
    EvidenceRow {
        id: lines[0].id.clone(),
        path: lines[0].path().clone(),
        digest: read().find_map(|artifact| artifact.digest),
        size: read().map(|artifact| artifact.size).max().unwrap_or(0),
        made: lines.iter().filter_map(|line| line.made).min(),
        gap: lines.iter().filter_map(own).min(),
        gates,
        instead: lines.iter().find_map(|line| line.instead.clone()),
    }
}
