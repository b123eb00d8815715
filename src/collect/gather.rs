//! The needs of all gates to artifacts on the shelf, in rounds: files that the definitions name, then files that those name.
//!
//! In: gates, anchor, workspace. Out: for each need what was found and which gaps there are. A need whose source is damaged
//! has the gaps of its source.

use super::anchor::{Baseline, Grounds};
use super::choose::{choose, keep};
use super::intake;
use super::job::{Job, Scope, sources};
use super::locate::{Locator, is_glob, without};
use super::shelf::{Contexts, Key, Shelf, terms_position};
use super::since;
use super::terms::{Judged, Terms};
use crate::gate::{Format, Found, Gate, Paths, Pick, Query, Reading, digest_of_names};
use crate::model::{Artifact, Base, Content, Document, EvidenceId, Gap, GapKind, Node, RelPath, Where};
use crate::workspace::{Denied, Workspace};
use std::collections::BTreeSet;

/// What gathering rests on.
pub(super) struct Gathering<'a, 's> {
    pub(super) workspace: &'s dyn Workspace,
    pub(super) contexts: &'a Contexts,
    pub(super) grounds: &'a Grounds,
    pub(super) shelf: &'a mut Shelf<'s>,
}

impl<'s> Gathering<'_, 's> {
    /// Gathers the evidence of these gates.
    pub(super) fn run(mut self, gates: &[&'s Gate]) -> Vec<Job<'s>> {
        let mut locator = Locator::new(self.workspace, self.contexts.whole.limits());
        let mut jobs: Vec<Job<'s>> = gates.iter().flat_map(|gate| self.jobs(gate)).collect();
        for job in &mut jobs {
            if let Paths::Declared { base, pattern, pick, fallback } = &job.need().paths {
                let instead = fallback.as_ref().and_then(|fallback| self.stand_in(job, *base, pattern, fallback));
                self.declared(&mut locator, job, *base, instead.as_ref().map_or(pattern, |path| path.as_str()), *pick);
                job.located = true;
            }
        }
        let sources = sources(&jobs);
        while self.follow(&mut locator, &mut jobs, &sources) {}
        let keys: Vec<Key> = jobs.iter().flat_map(|job| job.keys.iter().chain(&job.spare).copied()).collect();
        self.shelf.read(&keys, Some(self.contexts));
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
            self.bind(job);
        }
        jobs
    }

    /// Says in everything that is read from a run which is of another commit that it is.
    fn bind(&self, job: &mut Job<'_>) {
        let anchor = match job.scope {
            Scope::Whole => &self.grounds.whole,
            Scope::Shard(position) => self.grounds.of(Base::Shard(position)),
        };
        let Some(gap) = anchor.foreign.as_ref().filter(|_| job.gate.of_run(&job.need().id)) else { return };
        if !job.gaps.contains(gap) {
            job.gaps.push(gap.clone());
        }
    }

    /// What to collect for a gate. Of a run in shards, each check gets what it reads in the scope in which it is judged.
    fn jobs(&self, gate: &'s Gate) -> Vec<Job<'s>> {
        let shards = self.shards();
        if shards.is_empty() {
            return (0..gate.evidence.len()).map(|at| Job::new(gate, at, Scope::Whole)).collect();
        }
        let read = |once: bool| {
            let checks = gate.checks.iter().filter(|check| gate.once(check) == once);
            let mut ids: BTreeSet<&EvidenceId> = BTreeSet::new();
            let mut open: Vec<EvidenceId> =
                checks.flat_map(|check| check.check.reads()).map(|(evidence, _)| evidence).collect();
            while let Some(need) = open.pop().and_then(|id| gate.need(&id)) {
                if let (true, Paths::Referenced { place, .. }) = (ids.insert(&need.id), &need.paths) {
                    open.push(place.evidence.clone());
                }
            }
            (0..gate.evidence.len()).filter(|at| ids.contains(&gate.evidence[*at].id)).collect::<Vec<_>>()
        };
        let mut jobs: Vec<Job<'s>> = read(true).into_iter().map(|at| Job::new(gate, at, Scope::Whole)).collect();
        let each = read(false);
        for position in shards {
            jobs.extend(each.iter().map(|at| Job::new(gate, *at, Scope::Shard(position))));
        }
        jobs
    }

    /// The positions of the shards.
    fn shards(&self) -> Vec<u16> {
        (0..=u16::MAX).take(self.grounds.shards.len()).collect()
    }

    /// Where files of this base lie for a job: those of a run in shards lie in one of them, or in each.
    fn homes(&self, scope: Scope, base: Base) -> Vec<Base> {
        match (base, scope) {
            (Base::Run, Scope::Shard(position)) => vec![Base::Shard(position)],
            (Base::Run, Scope::Whole) if !self.grounds.shards.is_empty() => {
                self.shards().into_iter().map(Base::Shard).collect()
            }
            (Base::Repo | Base::Run | Base::Baseline | Base::History | Base::Shard(_), _) => vec![base],
        }
    }

    /// Whether the base of a need is there; says so in the job if it is not.
    fn base_is_there(&self, job: &mut Job<'_>, base: Base) -> bool {
        let at = Where::file(job.wanted());
        let optional = job.need().optional;
        match (base, &self.grounds.baseline) {
            (Base::Repo | Base::Shard(_), _) => true,
            (Base::Run, _) if self.grounds.whole.run.is_some() => true,
            (Base::Run, _) => {
                let gap = Gap::new(GapKind::Missing, at, "a run", "no run was given");
                job.lacks(optional, gap.saying(format!("no run was given, and `{}` lies in one", job.wanted())));
                false
            }
            (Base::History, _) if !self.workspace.history().is_empty() => true,
            (Base::History, _) => {
                let gap = Gap::new(
                    GapKind::Missing,
                    at,
                    "earlier runs, given with `--history RUN...`",
                    "no earlier run was given",
                );
                let usual = || "no earlier run was given: name them with `--history RUN...`".to_owned();
                job.lacks(optional, gap.saying(job.need().query.as_ref().map_or_else(usual, Query::advice)));
                false
            }
            (Base::Baseline, Baseline::There) => true,
            (Base::Baseline, Baseline::Unnamed) => {
                let gap = Gap::new(GapKind::Missing, at, "a baseline run", "the run names no baseline");
                job.lacks(optional, gap.saying("the run names no baseline that it could be compared with"));
                false
            }
            (Base::Baseline, Baseline::Damaged(gap)) => {
                job.gaps.push(gap.clone());
                false
            }
        }
    }

    /// The fallback of a need, where it is read: only where its file is nowhere. A file that the commit or the index has and the
    /// work tree has not was deleted, and nothing stands in for it; nor where git cannot tell.
    fn stand_in(&mut self, job: &mut Job<'s>, base: Base, pattern: &str, fallback: &RelPath) -> Option<RelPath> {
        let path = RelPath::parse(pattern).ok()?;
        let there = |path: &RelPath| !matches!(self.workspace.open(base, path), Err(Denied::Missing));
        let known = self.workspace.git().and_then(|git| git.file(&path));
        let nowhere = known.is_ok_and(|known| known.head.is_none() && known.index.is_none());
        match (there(&path), there(fallback)) {
            (true, true) => job.spare = Some(self.shelf.request(base, fallback, job.need().format, None)),
            (false, true) if nowhere => return Some(fallback.clone()),
            (true | false, false) | (false, true) => {}
        }
        None
    }

    fn declared(&mut self, locator: &mut Locator<'_>, job: &mut Job<'s>, base: Base, pattern: &str, pick: Pick) {
        if !self.base_is_there(job, base) {
            return;
        }
        let Ok(path) = RelPath::parse(pattern) else { return };
        let format = job.need().format;
        let names = matches!(format.reading, Reading::Names);
        let allowed = job.need().optional && !all_or_nothing(base);
        let mut found: Vec<(Base, RelPath)> = Vec::new();
        for home in self.homes(job.scope, base) {
            let place = intake::place(self.workspace, home, &path);
            let located = if sifts(format) { locator.sifted(home, pattern) } else { locator.files(home, pattern, names) };
            match located.map(|files| without(files, &job.need().exclude)) {
                // Each shard must have what the run must have: one that has nothing would be passed over in silence.
                Ok(files) if files.is_empty() => {
                    let at = Where::file(&place.shown);
                    let gap = Gap::new(GapKind::Missing, at, "at least one matching file", "none");
                    let none = || format!("no file matches `{}`", place.shown);
                    job.lacks(allowed, gap.saying(job.need().query.as_ref().map_or_else(none, Query::advice)));
                }
                Ok(files) if names => {
                    let digest = digest_of_names(files.iter().map(RelPath::as_str));
                    let content = Ok(Content::Listing(files));
                    let artifact = Artifact { path: place, size: 0, digest: Some(digest), content, committed: None };
                    job.keys.push(self.shelf.put(home, &path, format, artifact));
                }
                Ok(files) => found.extend(files.into_iter().map(|file| (home, file))),
                Err(gaps) => job.gaps.extend(gaps),
            }
        }
        if pick == Pick::Only && found.len() > 1 {
            let shown: Vec<String> = found.iter().take(3).map(|(home, file)| self.workspace.shown(*home, file)).collect();
            let actual = format!("{}: {}", found.len(), shown.join(", "));
            let at = Where::file(intake::place(self.workspace, base, &path).shown);
            job.gaps.push(Gap::new(GapKind::Invalid, at, "exactly one matching file", actual));
            return;
        }
        let reader = job.reader();
        job.keys.extend(found.iter().map(|(home, file)| self.shelf.request(*home, file, format, Some(reader))));
        if !job.keys.is_empty() {
            job.absent = None;
        }
    }

    /// Follows the references whose sources are known by now; false if there is nothing left to follow.
    fn follow(&mut self, locator: &mut Locator<'_>, jobs: &mut [Job<'s>], sources: &[Option<usize>]) -> bool {
        let pending = sources.iter().enumerate().filter(|(at, _)| !jobs[*at].located);
        let ready: Vec<(usize, usize)> =
            pending.filter_map(|(at, source)| Some((at, source.filter(|source| jobs[*source].located)?))).collect();
        let keys: Vec<Key> = ready.iter().flat_map(|(_, source)| jobs[*source].keys.clone()).collect();
        self.shelf.read(&keys, Some(self.contexts));
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
            let artifact = self.shelf.artifact(*key);
            let Some(document) = document_of(artifact) else {
                let at = Where::file(&artifact.path.shown);
                job.gaps.push(Gap::new(GapKind::Invalid, at, "a document that names files", "something else"));
                continue;
            };
            for found in place.find(document.root()) {
                let at = |pointer| Where::pointer(&artifact.path.shown, pointer);
                match found {
                    Found::Value(pointer, node) => named.push((key.base(), at(pointer), name_of(node))),
                    Found::Absent(pointer) => named.push((key.base(), at(pointer), Err("nothing".to_owned()))),
                    Found::Blocked(pointer, actual) => named.push((key.base(), at(pointer), Err(actual))),
                }
            }
        }
        for (from, at, path) in named {
            let home = path
                .map_err(|actual| Gap::new(GapKind::Invalid, at.clone(), "the path of a file", actual))
                .and_then(|path| {
                    let home = self.bring_home(job.scope, from, *base, &path);
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

    /// Where a path lies that a document of this base names. What a shard names lies in that shard.
    fn bring_home(&self, scope: Scope, from: Base, base: Base, path: &str) -> Result<(Base, RelPath), String> {
        let part = match (from, scope) {
            (Base::Shard(_), _) => from,
            (_, Scope::Shard(position)) => Base::Shard(position),
            (_, Scope::Whole) => Base::Run,
        };
        let (home, rel) = self.grounds.of(part).recorded.bring_home(base, path)?;
        match home {
            Base::Run if part == Base::Run && !self.grounds.shards.is_empty() => {
                Err(format!("`{path}` is a file of the run, which is in shards, and nothing says in which of them"))
            }
            Base::Run => Ok((part, rel)),
            Base::Repo | Base::Baseline | Base::History | Base::Shard(_) => Ok((home, rel)),
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
            let artifact = self.shelf.artifact(key);
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
                    let judged = self.judge(job, key.base(), artifact, content);
                    job.made.extend(judged.made.map(|made| (key, made)));
                    made.push((judged.made, key, judged.gaps));
                }
                Err(gap) if gap.kind == GapKind::Missing => match &need.paths {
                    // The check decides what the absence of a named file means.
                    Paths::Referenced { .. } => made.push((None, key, Vec::new())),
                    Paths::Declared { base, pattern, .. } => {
                        let allowed = need.optional && !all_or_nothing(*base) && !is_glob(pattern);
                        let advice = need.query.as_ref().map(|query| gap.clone().saying(query.advice()));
                        job.lacks(allowed, advice.unwrap_or_else(|| gap.clone()));
                        job.passed_over.push(key);
                    }
                },
                Err(gap) => made.push((None, key, vec![gap.clone()])),
            }
        }
        // What one shard may lack and another one has is there.
        if !made.is_empty() {
            job.absent = None;
        } else if others > 0 {
            let files =
                if others == 1 { "the one file is none".to_owned() } else { format!("none of {others} files is one") };
            let actual = format!("{files} (`gatekeeper explain {}` tells how they are recognised)", need.format.id);
            let gap = Gap::new(GapKind::Missing, Where::file(job.wanted()), wanted_of(need.format), &*actual);
            let message = format!("`{}` holds no file of the format `{}`: {actual}", job.wanted(), need.format.id);
            job.lacks(need.optional, gap.saying(message));
        }
        match &need.paths {
            Paths::Declared { pick: Pick::Newest, .. } => choose(self.shelf, job, made, None),
            Paths::Declared { pick: Pick::NewestRun, pattern, .. } => choose(self.shelf, job, made, Some(pattern)),
            Paths::Declared { pick: Pick::Only | Pick::All, .. } | Paths::Referenced { .. } => keep(job, made),
        }
    }

    fn judge(&self, job: &Job<'_>, base: Base, artifact: &Artifact, content: &Content) -> Judged {
        let Some(terms) = Terms::of(job.need(), self.contexts.of(base), &artifact.path.shown) else {
            return Judged::default();
        };
        let mut judged = match content {
            Content::Records(records) => {
                let own = (job.gate.id.clone(), terms_position(job.reader()));
                let folded = records.folded.get(&own).and_then(|folded| folded.downcast_ref::<Judged>());
                folded.cloned().unwrap_or_else(|| terms.judge_other("a stream of records that was not judged"))
            }
            other => {
                terms.document_of(other).map_or_else(|| terms.judge_other(other.what()), |document| terms.judge(document))
            }
        };
        for stated in std::mem::take(&mut judged.since) {
            judged.gaps.extend(since::gaps(&stated, &job.need().bound, artifact, self.workspace));
        }
        judged
    }
}

/// Whether an optional file may be absent only together with its base: optional means that the run names no baseline or that
/// no history was given. A file of a base that is there must be there.
fn all_or_nothing(base: Base) -> bool {
    match base {
        Base::Repo | Base::Run | Base::Shard(_) => false,
        Base::Baseline | Base::History => true,
    }
}

/// Whether files of other kinds are passed over.
fn sifts(format: &Format) -> bool {
    match format.reading {
        Reading::Sift(_) => true,
        Reading::Whole(_) | Reading::Tests(_) | Reading::Stream(_) | Reading::Opaque | Reading::Names => false,
    }
}

fn wanted_of(format: &Format) -> String {
    format!("at least one file of the format `{}`", format.id)
}

fn document_of(artifact: &Artifact) -> Option<&Document> {
    artifact.content.as_ref().ok().and_then(Content::document)
}

fn name_of(node: Node<'_>) -> Result<String, String> {
    node.text().map(str::to_owned).ok_or_else(|| node.excerpt(80))
}
