//! One mutant judged: over an overlay, and only by the gates that can say something else about it.
//!
//! Only the gates that read a damaged file are judged anew. That is sound where nothing else hangs on the file: what says which run is
//! judged, the ledger, and names of files that are gone concern every gate, so those mutants are judged whole.

use super::mutant::{Change, Mutant, splice};
use super::{Stage, toml_text};
use crate::model::{GateId, GateResult, RelPath, Ruling, Verdict};
use crate::pipeline::{self, Basis};
use crate::workspace::{Cache, Overlay, Workspace};
use std::collections::BTreeSet;
use std::io::Read;

/// A file that is damaged.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) base: crate::model::Base,
    pub(super) rel: RelPath,
    pub(super) shown: String,
    /// The gates that read it.
    pub(super) gates: Vec<GateId>,
    /// Whether every gate hangs on it.
    pub(super) ground: bool,
}

/// What became of a mutant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// The verdict fails: these gates no longer stand.
    Killed(Vec<GateId>),
    /// The verdict stands, and a gate says something else: an advisory gate, or a skip. Those that no longer stand.
    Noticed(Vec<GateId>),
    /// Nothing differs.
    Survived,
    /// The change comes to the same bytes, or cannot be made.
    Equal,
}

/// What judging needs.
pub(super) struct Bench<'a> {
    pub(super) stage: &'a Stage<'a>,
    pub(super) basis: &'a Basis,
    pub(super) cache: &'a Cache,
    pub(super) targets: &'a [Target],
    /// Judge every mutant whole: what the shortcut is compared with.
    pub(super) whole: bool,
}

/// The bytes of a file, if they can be read.
pub(super) fn bytes(workspace: &dyn Workspace, target: &Target, most: u64) -> Option<Vec<u8>> {
    let opened = workspace.open(target.base, &target.rel).ok().filter(|opened| opened.size <= most)?;
    let (mut bytes, mut reader) = (Vec::new(), opened.reader);
    reader.read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

impl Bench<'_> {
    /// The files that a mutant leaves, `None` for one that is gone; nothing if nothing differs.
    pub(super) fn files(&self, mutant: &Mutant) -> Option<Vec<(String, Option<Vec<u8>>)>> {
        let target = &self.targets[mutant.file];
        let plain = Overlay::with(self.stage.workspace, self.cache, []);
        let read = |target: &Target| bytes(&plain, target, u64::MAX);
        let own = || read(target);
        let new = match &mutant.change {
            Change::Delete => None,
            Change::Bytes(bytes) => Some(bytes.clone()),
            Change::Splice(splices) => Some(splice(&own()?, splices)),
            Change::Toml(way, act) => Some(toml_text::apply(&own()?, way, act)?),
            Change::Swap(other) => {
                let other = &self.targets[*other];
                let (one, two) = (own()?, read(other)?);
                return (one != two).then(|| vec![(target.shown.clone(), Some(two)), (other.shown.clone(), Some(one))]);
            }
        };
        (new.is_none() || new != own()).then(|| vec![(target.shown.clone(), new)])
    }

    /// Judges a mutant.
    pub(super) fn judge(&self, mutant: &Mutant) -> Fate {
        let Some(files) = self.files(mutant) else { return Fate::Equal };
        self.fate(&self.verdict(mutant, files))
    }

    fn verdict(&self, mutant: &Mutant, files: Vec<(String, Option<Vec<u8>>)>) -> Verdict {
        let Stage { suite, terms, baseline_named, .. } = *self.stage;
        let mut touched = vec![&self.targets[mutant.file]];
        if let Change::Swap(other) = mutant.change {
            touched.push(&self.targets[other]);
        }
        let whole = mutant.change == Change::Delete || touched.iter().any(|target| target.ground);
        let overlay = Overlay::with(self.stage.workspace, self.cache, files.clone());
        let verdict = if self.whole {
            pipeline::judge(suite, &overlay, terms, baseline_named)
        } else {
            let gates: BTreeSet<GateId> = touched.iter().flat_map(|target| target.gates.iter().cloned()).collect();
            let gates: Vec<GateId> = gates.into_iter().collect();
            let differ = files.iter().map(|(path, _)| path.clone()).collect();
            let gates = (!whole).then_some(&*gates);
            pipeline::rejudge(self.basis, suite, &overlay, terms, baseline_named, &differ, gates)
        };
        if !overlay.diverged() {
            return verdict;
        }
        // Another baseline than the one of everybody else: only a workspace of its own can tell what lies there.
        let Ok(fresh) = (self.stage.fresh)() else { return verdict };
        let cache = Cache::default();
        let attached = Overlay::alone(&*fresh, &cache, files);
        pipeline::judge(suite, &attached, terms, baseline_named)
    }

    fn fate(&self, verdict: &Verdict) -> Fate {
        let before = &self.basis.verdict.gates;
        let fell = |(own, other): &(&GateResult, &GateResult)| !own.standing.permits() && own.standing != other.standing;
        let fallen = verdict.gates.iter().zip(before).filter(fell).map(|(own, _)| own.id.clone()).collect();
        if verdict.ruling() == Ruling::Fail {
            return Fate::Killed(fallen);
        }
        let same = |(own, other): (&GateResult, &GateResult)| {
            own.standing == other.standing
                && own.status == other.status
                && own.reason == other.reason
                && own.findings == other.findings
        };
        if verdict.gates.iter().zip(before).all(same) { Fate::Survived } else { Fate::Noticed(fallen) }
    }
}
