//! The evidence manifest: one row for each file that was looked for, with the digest of the bytes that were judged.
//!
//! In: evidence of all gates, and files that were read for other reasons. Out: rows sorted by path. Two readings of one file
//! must have seen the same bytes; where they did not, the evidence gets a gap.

use super::gather::Scope;
use crate::model::{
    Artifact, ArtifactPath, Digest, Evidence, EvidenceId, EvidenceRow, Gap, GapKind, GateId, Instant, Where,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A file that was read, or a pattern that matched nothing.
pub(super) struct Line {
    pub(super) id: EvidenceId,
    pub(super) path: ArtifactPath,
    pub(super) artifact: Option<Arc<Artifact>>,
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

/// Gaps for files whose readings differ, at every evidence that holds one.
pub(super) fn contradict(lines: &[Line], evidence: &mut Found) {
    let mut digests: BTreeMap<&str, BTreeSet<Digest>> = BTreeMap::new();
    for artifact in lines.iter().filter_map(|line| line.artifact.as_ref()) {
        digests.entry(&artifact.path.shown).or_default().extend(artifact.digest);
    }
    let torn: BTreeSet<&str> = digests.iter().filter(|(_, seen)| seen.len() > 1).map(|(path, _)| *path).collect();
    for line in lines.iter().filter(|line| torn.contains(line.path.shown.as_str())) {
        if let Some(own) = evidence.get_mut(line) {
            let at = Where::file(&line.path.shown);
            let gap = Gap::new(GapKind::Unreadable, at, "a file that holds still", "it changed between two readings");
            if !own.gaps.contains(&gap) {
                own.gaps.push(gap);
            }
        }
    }
}

/// The rows.
pub(super) fn rows(lines: &[Line], evidence: &Found) -> Vec<EvidenceRow> {
    let mut rows: BTreeMap<&str, EvidenceRow> = BTreeMap::new();
    for line in lines {
        let row = rows.entry(&line.path.shown).or_insert_with(|| EvidenceRow {
            id: line.id.clone(),
            path: line.path.clone(),
            digest: None,
            size: 0,
            made: None,
            gap: None,
            gates: Vec::new(),
            instead: None,
        });
        row.instead = row.instead.take().or_else(|| line.instead.clone());
        let own = evidence.get(line).map_or(&[][..], |own| &own.gaps);
        let mut gaps: Vec<GapKind> = own.iter().filter(|gap| gap.at.path == line.path.shown).map(|gap| gap.kind).collect();
        match &line.artifact {
            Some(artifact) => {
                row.digest = row.digest.or(artifact.digest);
                row.size = row.size.max(artifact.size);
                gaps.extend(artifact.content.as_ref().err().map(|gap| gap.kind));
            }
            None => gaps.push(own.first().map_or(GapKind::Missing, |gap| gap.kind)),
        }
        row.made = row.made.into_iter().chain(line.made).min();
        row.gap = row.gap.into_iter().chain(gaps).min();
        row.gates.extend(line.gate.iter().filter(|gate| !row.gates.contains(gate)).cloned().collect::<Vec<_>>());
        row.gates.sort();
    }
    rows.into_values().collect()
}
