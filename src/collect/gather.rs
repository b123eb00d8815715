//! The needs of all gates to artifacts on the shelf, in rounds: files that the definitions name, then files that those name.
//!
//! In: gates, anchor, workspace. Out: for each need what was found and which gaps there are. A need whose source is damaged
//! has the gaps of its source.

use super::anchor::{Anchor, Baseline};
use super::intake;
use super::locate::{Locator, is_glob};
use super::shelf::{Key, Reader, Shelf, terms_position};
use super::terms::{Judged, Terms};
use crate::gate::{Context, EvidenceNeed, Format, Found, Gate, Paths, Pick, Reading, digest_of_names};
use crate::model::{Artifact, Base, Content, Document, Gap, GapKind, Instant, Node, RelPath, Where};
use crate::workspace::Workspace;

/// One need on its way.
pub(super) struct Job<'s> {
    pub(super) gate: &'s Gate,
    pub(super) at: usize,
    /// Whether its files are known, as far as they can be.
    located: bool,
    /// The files in the order that checks see.
    pub(super) keys: Vec<Key>,
    /// Files that were read to choose among them, and not chosen.
    pub(super) passed_over: Vec<Key>,
    pub(super) gaps: Vec<Gap>,
    pub(super) absent: Option<String>,
    admitted: bool,
}

impl<'s> Job<'s> {
    pub(super) fn need(&self) -> &'s EvidenceNeed {
        &self.gate.evidence[self.at]
    }

    fn reader(&self) -> Reader<'s> {
        (self.gate, self.at)
    }

    /// The need as people wrote it.
    fn wanted(&self) -> String {
        match &self.need().paths {
            Paths::Declared { base, pattern, .. } => format!("{}:{pattern}", base.word()),
            Paths::Referenced { place, .. } => format!("the files named at {place}"),
        }
    }

    fn no_file(&mut self, allowed: bool, at: Where, expected: &str, actual: &str) {
        if allowed {
            self.absent = Some(format!("{} ({actual})", self.wanted()));
        } else {
            self.gaps.push(Gap::new(GapKind::Missing, at, expected, actual));
        }
    }
}

/// What gathering rests on.
pub(super) struct Gathering<'a, 's> {
    pub(super) workspace: &'s dyn Workspace,
    pub(super) context: &'a Context,
    pub(super) anchor: &'a Anchor,
    pub(super) shelf: &'a mut Shelf<'s>,
}

impl<'s> Gathering<'_, 's> {
    /// Gathers the evidence of these gates.
    pub(super) fn run(mut self, gates: &[&'s Gate]) -> Vec<Job<'s>> {
        let mut locator = Locator::new(self.workspace, self.context.limits());
        let mut jobs: Vec<Job<'s>> = Vec::new();
        for gate in gates {
            jobs.extend((0..gate.evidence.len()).map(|at| Job {
                gate,
                at,
                located: false,
                keys: Vec::new(),
                passed_over: Vec::new(),
                gaps: Vec::new(),
                absent: None,
                admitted: false,
            }));
        }
        for job in &mut jobs {
            if let Paths::Declared { base, pattern, pick } = &job.need().paths {
                self.declared(&mut locator, job, *base, pattern, *pick);
                job.located = true;
            }
        }
        while self.follow(&mut locator, &mut jobs) {}
        let keys: Vec<Key> = jobs.iter().flat_map(|job| job.keys.clone()).collect();
        self.shelf.read(&keys, Some(self.context));
        for job in &mut jobs {
            if !job.located {
                let at = Where::file(job.wanted());
                job.gaps.push(Gap::new(
                    GapKind::Unreadable,
                    at,
                    "a source that names files",
                    "a source that waits for itself",
                ));
            }
            self.admit(job);
        }
        jobs
    }

    /// Whether the base of a need is there; says so in the job if it is not.
    fn base_is_there(&self, job: &mut Job<'_>, base: Base) -> bool {
        let at = Where::file(job.wanted());
        let optional = job.need().optional;
        match (base, &self.anchor.baseline) {
            (Base::Repo, _) => true,
            (Base::Run, _) if self.anchor.run.is_some() => true,
            (Base::Run, _) => {
                job.no_file(optional, at, "a run", "no run was given");
                false
            }
            (Base::History, _) if !self.workspace.history().is_empty() => true,
            (Base::History, _) => {
                job.no_file(optional, at, "earlier runs, given with `--history RUN...`", "no earlier run was given");
                false
            }
            (Base::Baseline, Baseline::There) => true,
            (Base::Baseline, Baseline::Unnamed) => {
                job.no_file(optional, at, "a baseline run", "the run names no baseline");
                false
            }
            (Base::Baseline, Baseline::Damaged(gap)) => {
                job.gaps.push(gap.clone());
                false
            }
        }
    }

    fn declared(&mut self, locator: &mut Locator<'_>, job: &mut Job<'s>, base: Base, pattern: &str, pick: Pick) {
        if !self.base_is_there(job, base) {
            return;
        }
        let format = job.need().format;
        let names = matches!(format.reading, Reading::Names);
        let located = if sifts(format) { locator.sifted(base, pattern) } else { locator.files(base, pattern, names) };
        let files = match located {
            Ok(files) => files,
            Err(gaps) => return job.gaps.extend(gaps),
        };
        let Ok(path) = RelPath::parse(pattern) else { return };
        let place = intake::place(self.workspace, base, &path);
        let at = Where::file(&place.shown);
        let allowed = job.need().optional && !all_or_nothing(base);
        if files.is_empty() {
            return job.no_file(allowed, at, "at least one matching file", "none");
        }
        if names {
            let digest = digest_of_names(files.iter().map(RelPath::as_str));
            let content = Ok(Content::Listing(files));
            let artifact = Artifact { path: place, size: 0, digest: Some(digest), content, committed: None, history: None };
            job.keys.push(self.shelf.put(base, &path, format, artifact));
            return;
        }
        if pick == Pick::Only && files.len() > 1 {
            let shown: Vec<String> = files.iter().take(3).map(|file| self.workspace.shown(base, file)).collect();
            let actual = format!("{}: {}", files.len(), shown.join(", "));
            job.gaps.push(Gap::new(GapKind::Invalid, at, "exactly one matching file", actual));
            return;
        }
        job.keys = files.iter().map(|file| self.shelf.request(base, file, format, Some(job.reader()))).collect();
    }

    /// Follows the references whose sources are known by now; false if there is nothing left to follow.
    fn follow(&mut self, locator: &mut Locator<'_>, jobs: &mut [Job<'s>]) -> bool {
        let source = |jobs: &[Job<'s>], at: usize| {
            let Paths::Referenced { place, .. } = &jobs[at].need().paths else { return None };
            let same = |job: &Job<'s>| job.gate.id == jobs[at].gate.id && job.need().id == place.evidence;
            jobs.iter().position(same).filter(|source| jobs[*source].located)
        };
        let pending = (0..jobs.len()).filter(|at| !jobs[*at].located);
        let ready: Vec<(usize, usize)> = pending.filter_map(|at| Some((at, source(jobs, at)?))).collect();
        let keys: Vec<Key> = ready.iter().flat_map(|(_, source)| jobs[*source].keys.clone()).collect();
        self.shelf.read(&keys, Some(self.context));
        for (at, source) in &ready {
            self.admit(&mut jobs[*source]);
            let (keys, gaps, absent) =
                (jobs[*source].keys.clone(), jobs[*source].gaps.clone(), jobs[*source].absent.clone());
            let job = &mut jobs[*at];
            job.located = true;
            job.gaps.extend(gaps);
            job.absent = absent;
            if job.gaps.is_empty() && job.absent.is_none() {
                self.referenced(locator, job, &keys);
            }
        }
        !ready.is_empty()
    }

    /// One key for each path that the sources name, in their order.
    fn referenced(&mut self, locator: &mut Locator<'_>, job: &mut Job<'s>, sources: &[Key]) {
        let Paths::Referenced { place, base } = &job.need().paths else { return };
        let mut named = Vec::new();
        for key in sources {
            let artifact = self.shelf.artifact(key);
            let Some(document) = document_of(artifact) else {
                let at = Where::file(&artifact.path.shown);
                job.gaps.push(Gap::new(GapKind::Invalid, at, "a document that names files", "something else"));
                continue;
            };
            for found in place.find(document.root()) {
                let at = |pointer| Where::pointer(&artifact.path.shown, pointer);
                match found {
                    Found::Value(pointer, node) => named.push((at(pointer), name_of(node))),
                    Found::Nothing(pointer, actual) => named.push((at(pointer), Err(actual))),
                }
            }
        }
        for (at, path) in named {
            let home = path
                .map_err(|actual| Gap::new(GapKind::Invalid, at.clone(), "the path of a file", actual))
                .and_then(|path| {
                    let home = self.anchor.recorded.bring_home(*base, &path);
                    home.map_err(|phrase| Gap::new(GapKind::Unreadable, at, "a path below run or repository", phrase))
                });
            match home {
                Ok((base, rel)) => {
                    if !self.base_is_there(job, base) {
                        continue;
                    }
                    let shown = self.workspace.shown(base, &rel);
                    match locator.count(&shown) {
                        Ok(()) => job.keys.push(self.shelf.request(base, &rel, job.need().format, Some(job.reader()))),
                        Err(gap) => return job.gaps.push(gap),
                    }
                }
                Err(gap) => job.gaps.push(gap),
            }
        }
    }

    /// Judges what was read by the terms of the need.
    fn admit(&self, job: &mut Job<'s>) {
        if std::mem::replace(&mut job.admitted, true) {
            return;
        }
        let need = job.need();
        let mut made = Vec::new();
        let mut others = 0;
        for key in job.keys.clone() {
            let artifact = self.shelf.artifact(&key);
            match &artifact.content {
                Ok(Content::Bytes) if sifts(need.format) => match &need.paths {
                    Paths::Declared { pattern, .. } if is_glob(pattern) => {
                        others += 1;
                        job.passed_over.push(key);
                    }
                    // A file that is named must be what it is named for.
                    Paths::Declared { .. } | Paths::Referenced { .. } => {
                        let at = Where::file(&artifact.path.shown);
                        let gap = Gap::new(GapKind::Invalid, at, wanted_of(need.format), "a file of another kind");
                        made.push((None, key, vec![gap]));
                    }
                },
                Ok(content) => {
                    let judged = self.judge(job, artifact, content);
                    made.push((judged.made, key, judged.gaps));
                }
                Err(gap) if gap.kind == GapKind::Missing => match &need.paths {
                    // The check decides what the absence of a named file means.
                    Paths::Referenced { .. } => made.push((None, key, Vec::new())),
                    Paths::Declared { base, pattern, .. } => {
                        let allowed = need.optional && !all_or_nothing(*base) && !is_glob(pattern);
                        job.no_file(allowed, gap.at.clone(), &gap.expected, &gap.actual);
                        job.passed_over.push(key);
                    }
                },
                Err(gap) => made.push((None, key, vec![gap.clone()])),
            }
        }
        if made.is_empty() && others > 0 {
            let files =
                if others == 1 { "the one file is none".to_owned() } else { format!("none of {others} files is one") };
            let actual = format!("{files} (`gatekeeper explain {}` tells how they are recognised)", need.format.id);
            job.no_file(need.optional, Where::file(job.wanted()), &wanted_of(need.format), &actual);
        }
        let newest = matches!(need.paths, Paths::Declared { pick: Pick::Newest, .. });
        if newest { self.choose(job, made) } else { keep(job, made) }
    }

    fn judge(&self, job: &Job<'_>, artifact: &Artifact, content: &Content) -> Judged {
        let Some(terms) = Terms::of(job.need(), self.context, &artifact.path.shown) else { return Judged::default() };
        match content {
            Content::Records(records) => {
                let own = (job.gate.id.clone(), terms_position(job.reader()));
                let folded = records.folded.get(&own).and_then(|folded| folded.downcast_ref::<Judged>());
                folded.cloned().unwrap_or_else(|| terms.judge_other("a stream of records that was not judged"))
            }
            other => other.document().map_or_else(|| terms.judge_other(other.what()), |document| terms.judge(document)),
        }
    }

    /// Keeps the newest candidate. A candidate whose time cannot be read might be the newest, so it is a gap.
    fn choose(&self, job: &mut Job<'_>, candidates: Vec<Candidate>) {
        let untimed: Vec<Gap> = candidates
            .iter()
            .filter(|(made, _, _)| made.is_none())
            .flat_map(|(_, key, gaps)| {
                let shown = &self.shelf.artifact(key).path.shown;
                let none =
                    || vec![Gap::new(GapKind::Invalid, Where::file(shown), "a timestamp to choose the newest by", "none")];
                if gaps.is_empty() { none() } else { gaps.clone() }
            })
            .collect();
        if !untimed.is_empty() {
            job.gaps.extend(untimed);
            job.keys = candidates.into_iter().map(|(_, key, _)| key).collect();
            return;
        }
        let Some(newest) = candidates.iter().filter_map(|(made, _, _)| *made).max() else {
            job.keys.clear();
            return;
        };
        let (chosen, passed): (Vec<Candidate>, Vec<Candidate>) =
            candidates.into_iter().partition(|(made, _, _)| *made == Some(newest));
        job.passed_over.extend(passed.into_iter().map(|(_, key, _)| key));
        if chosen.len() > 1 {
            let shown: Vec<String> =
                chosen.iter().take(3).map(|(_, key, _)| self.shelf.artifact(key).path.shown.clone()).collect();
            let actual = format!("ambiguous: {} are equally new ({})", chosen.len(), shown.join(", "));
            let at = Where::file(job.wanted());
            job.gaps.push(Gap::new(GapKind::Invalid, at, "one newest file", actual));
        }
        keep(job, chosen);
    }
}

/// Whether an optional file may be absent only together with its base: optional means that the run names no baseline or that
/// no history was given. A file of a base that is there must be there.
fn all_or_nothing(base: Base) -> bool {
    match base {
        Base::Repo | Base::Run => false,
        Base::Baseline | Base::History => true,
    }
}

/// Whether files of other kinds are passed over.
fn sifts(format: &Format) -> bool {
    match format.reading {
        Reading::Sift(_) => true,
        Reading::Whole(_) | Reading::Stream(_) | Reading::Opaque | Reading::Names => false,
    }
}

fn wanted_of(format: &Format) -> String {
    format!("at least one file of the format `{}`", format.id)
}

/// When it was made, which file, and why it is not admitted.
type Candidate = (Option<Instant>, Key, Vec<Gap>);

fn keep(job: &mut Job<'_>, candidates: Vec<Candidate>) {
    job.keys.clear();
    for (_, key, gaps) in candidates {
        job.keys.push(key);
        job.gaps.extend(gaps);
    }
}

fn document_of(artifact: &Artifact) -> Option<&Document> {
    artifact.content.as_ref().ok().and_then(Content::document)
}

fn name_of(node: Node<'_>) -> Result<String, String> {
    node.text().map(str::to_owned).ok_or_else(|| node.excerpt(80))
}
