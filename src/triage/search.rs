//! Signatures against what a run left: how its targets ended, their logs, artifacts, and failing gates.
//!
//! In: a workspace and the packs of signatures. Out: a [`Triage`]: why each failed target failed, and for each signature that
//! matches where it does, with its replay and its steps. Each log and artifact is read once; logs one at a time. An artifact that
//! is damaged, or that a condition cannot be told of, is a match: its signature says how to make it anew. Absence is one only
//! where the signature says so. Gates are those of a verdict that does not contradict itself; another is a gap. What was looked at is counted, so that "no match" can say so.

use super::cause::{self, Cause};
use super::command::{self, Command};
use super::condition::judge;
use super::log::lines;
use super::replay;
use super::run::{Read, Run, Surface, Target, document};
use crate::collect;
use crate::model::{
    Base, Document, Gap, GapKind, GateResult, Limits, Pointer, RelPath, Standing, Status, Verdict, Where, recorded,
};
use crate::signature::{ArtifactClause, Known, Pack, Signature, TargetState};
use crate::workspace::Workspace;
use std::collections::BTreeMap;

/// Most matches that are kept of one signature; the rest is counted.
const MATCHES_MAX: usize = 10;
/// Longest text that a match keeps, in characters.
pub(super) const TEXT_MAX: usize = 400;

/// What kind of match it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Found {
    /// A gate fails in the verdict.
    Gate,
    /// A suite or unit ended as the signature says.
    Target,
    /// A line of a log.
    Log,
    /// A condition holds over an artifact.
    Condition,
    /// The artifact is not there.
    Missing,
    /// The artifact cannot be read, or the condition cannot be told of it.
    Damaged,
}

impl Found {
    /// The word in outputs.
    pub const fn word(self) -> &'static str {
        match self {
            Found::Gate => "gate",
            Found::Target => "target",
            Found::Log => "log",
            Found::Condition => "condition",
            Found::Missing => "missing",
            Found::Damaged => "damaged",
        }
    }
}

/// One place where a signature matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What kind of match it is.
    pub found: Found,
    /// Where.
    pub at: Where,
    /// What stands there; untrusted, cut.
    pub line: String,
    /// What it means.
    pub say: Option<String>,
}

/// A signature that matches.
#[derive(Debug)]
pub struct Match<'s> {
    /// The signature.
    pub signature: &'s Signature,
    /// Where; never empty.
    pub places: Vec<Place>,
    /// How many more places there are.
    pub more: usize,
    /// Commands that replay it, each once.
    pub replay: Vec<String>,
    /// What to do, step by step.
    pub steps: Vec<&'s str>,
}

/// A suite or unit that failed.
#[derive(Debug)]
pub struct Failure {
    /// Where it is listed.
    pub surface: Surface,
    /// Its name; untrusted.
    pub name: String,
    /// Why.
    pub cause: Cause,
    /// The command that runs it again, or why there is none.
    pub command: Result<Command, &'static str>,
}

/// A gate that fails in the verdict, and that no signature which matches is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unclaimed {
    /// The gate.
    pub gate: String,
    /// Where the verdict says so.
    pub at: Where,
    /// What it says of it; untrusted, cut.
    pub line: String,
    /// The commands that it names; untrusted.
    pub commands: Vec<String>,
}

/// What was recognised.
#[derive(Debug, Default)]
pub struct Triage<'s> {
    /// How many suites and units the run has.
    pub targets: usize,
    /// Those that failed or left no result.
    pub failures: Vec<Failure>,
    /// The signatures that match, in the order of their packs.
    pub matches: Vec<Match<'s>>,
    /// Gates that fail in a verdict without a signature that matches, in its order.
    pub unclaimed: Vec<Unclaimed>,
    /// How many signatures there are.
    pub signatures: usize,
    /// How many logs were read.
    pub logs: usize,
    /// The artifacts that were read.
    pub artifacts: Vec<String>,
    /// What was not looked at, and why; untrusted.
    pub notes: Vec<String>,
    /// What could not be believed of the run itself.
    pub gaps: Vec<Gap>,
}

type Opened = Result<(Document, String), Gap>;
/// A verdict, and where it stands.
type Judged = (Verdict, String);

struct Search<'s, 'w> {
    workspace: &'w dyn Workspace,
    limits: &'w Limits,
    repository: bool,
    documents: BTreeMap<(Base, RelPath), Opened>,
    /// Those that were finished; `None` where there is none to be believed.
    verdicts: BTreeMap<(Base, RelPath), Option<Judged>>,
    matches: BTreeMap<usize, Match<'s>>,
    triage: Triage<'s>,
}

/// Matches signatures. `repository`: the run lies in one, so what lies below `repo:` means something.
pub fn triage<'s>(workspace: &dyn Workspace, packs: &'s [Pack], repository: bool, limits: &Limits) -> Triage<'s> {
    let run = Run::read(workspace, Base::Run, limits);
    let mut search = Search {
        workspace,
        limits,
        repository,
        documents: BTreeMap::new(),
        verdicts: BTreeMap::new(),
        matches: BTreeMap::new(),
        triage: Triage::default(),
    };
    let rows: Vec<(usize, &Pack, &Signature)> = packs
        .iter()
        .flat_map(|pack| pack.signatures.iter().map(move |signature| (pack, signature)))
        .enumerate()
        .map(|(order, (pack, signature))| (order, pack, signature))
        .collect();
    for target in run.targets.values() {
        search.target(target, &rows);
    }
    for (order, pack, signature) in &rows {
        search.gate(*order, pack, signature);
        for clause in &signature.artifacts {
            search.artifact(*order, signature, clause);
        }
    }
    packs.iter().for_each(|pack| search.unclaimed(pack));
    if !repository {
        search.triage.notes.push("the run lies in no repository, so artifacts below `repo:` were not looked at".to_owned());
    }
    let Search { documents, matches, mut triage, .. } = search;
    triage.targets = run.targets.len();
    triage.signatures = rows.len();
    triage.artifacts = documents.into_values().filter_map(|opened| opened.ok().map(|(_, shown)| shown)).collect();
    triage.gaps.splice(0..0, run.gaps);
    triage.matches = matches.into_values().collect();
    triage
}

fn cut(text: &str) -> String {
    text.chars().take(TEXT_MAX).collect()
}

fn says(names: &[String], target: &Target) -> bool {
    names.is_empty() || names.contains(&target.name)
}

type Words = BTreeMap<Known, String>;

fn words(pairs: &[(Known, Option<&str>)]) -> Words {
    let quoted = |(known, text): &(Known, Option<&str>)| Some((*known, command::word((*text)?).ok()?));
    pairs.iter().filter_map(quoted).collect()
}

impl<'s> Search<'s, '_> {
    fn add(&mut self, order: usize, signature: &'s Signature, place: Place, words: &Words, steps: &'s [String]) {
        let found = self.matches.entry(order).or_insert_with(|| {
            let steps = signature.remediation.iter().map(String::as_str).collect();
            Match { signature, places: Vec::new(), more: 0, replay: Vec::new(), steps }
        });
        if found.places.iter().any(|known| known.at == place.at && known.found == place.found) {
            return;
        }
        if found.places.len() == MATCHES_MAX {
            found.more += 1;
            return;
        }
        found.places.push(place);
        for command in signature.replay.iter().filter_map(|template| template.fill(words)) {
            if !found.replay.contains(&command) {
                found.replay.push(command);
            }
        }
        for step in steps {
            if !found.steps.contains(&step.as_str()) {
                found.steps.push(step);
            }
        }
    }

    fn target(&mut self, target: &Target, rows: &[(usize, &Pack, &'s Signature)]) {
        let read = target.log(self.workspace, Base::Run, self.limits);
        match read.as_ref().map(|read| &read.text) {
            Some(Ok(_)) => self.triage.logs += 1,
            Some(Err(gap)) => {
                let note = format!("{}: {} instead of {}", gap.at, gap.actual, gap.expected);
                self.triage.notes.push(note);
            }
            None => {}
        }
        if target.failed() {
            self.triage.failures.push(Failure {
                surface: target.surface,
                name: target.name.clone(),
                cause: cause::of(target, read.as_ref()),
                command: replay::command(target, read.as_ref()),
            });
        }
        for (order, _, signature) in rows {
            self.ended(*order, signature, target, read.as_ref());
            self.lines(*order, signature, target, read.as_ref());
        }
    }

    fn ended(&mut self, order: usize, signature: &'s Signature, target: &Target, read: Option<&Read>) {
        for clause in signature.targets.iter().filter(|clause| says(&clause.names, target)) {
            let say = clause.say.clone();
            match clause.state {
                TargetState::Failed if target.failed() => {
                    let Cause { at, line, .. } = cause::of(target, read);
                    let test = read.and_then(|read| read.log.failing.first()).map(|failing| failing.test.as_str());
                    let words = words(&[(Known::Target, Some(&target.name)), (Known::Test, test)]);
                    let place = Place { found: Found::Target, at, line: cut(&line), say };
                    self.add(order, signature, place, &words, &clause.remediation);
                }
                TargetState::Failed => {}
                TargetState::Flaky => {
                    let Some(read) = read else { continue };
                    for (test, line) in &read.log.flaky {
                        let words = words(&[(Known::Target, Some(&target.name)), (Known::Test, Some(test))]);
                        let at = Where::line(&read.shown, line.number);
                        let place = Place { found: Found::Target, at, line: cut(&line.text), say: say.clone() };
                        self.add(order, signature, place, &words, &clause.remediation);
                    }
                }
            }
        }
    }

    fn lines(&mut self, order: usize, signature: &'s Signature, target: &Target, read: Option<&Read>) {
        let heard =
            |clause: &&crate::signature::LogClause| says(&clause.names, target) && (clause.passed_too || target.failed());
        let clauses: Vec<_> = signature.logs.iter().filter(heard).collect();
        let Some((read, text)) = read.and_then(|read| Some((read, read.text.as_deref().ok()?))) else { return };
        if clauses.is_empty() {
            return;
        }
        for (number, line) in lines(text) {
            for clause in clauses.iter().filter(|clause| clause.pattern.is_in(&line)) {
                let words = words(&[(Known::Target, Some(&target.name)), (Known::Test, clause.pattern.test(&line))]);
                let at = Where::line(&read.shown, number);
                let place = Place { found: Found::Log, at, line: cut(line.trim()), say: clause.say.clone() };
                self.add(order, signature, place, &words, &clause.remediation);
            }
        }
    }

    /// A document, read once.
    fn open(&mut self, base: Base, path: &RelPath) -> &Opened {
        let (workspace, limits) = (self.workspace, self.limits);
        self.documents.entry((base, path.clone())).or_insert_with(|| document(workspace, base, path, limits))
    }

    /// The pack's verdict with where it stands, read once by the one reader of verdicts. One that contradicts itself says nothing, and is a gap.
    fn verdict(&mut self, pack: &Pack) -> Option<&Judged> {
        let (base, path) = pack.verdict.as_ref().filter(|(base, _)| *base != Base::Repo || self.repository)?;
        let key = (*base, path.clone());
        if !self.verdicts.contains_key(&key) {
            let read = match self.open(*base, path) {
                Ok((document, shown)) => {
                    recorded(document.root()).map(|own| (own.verdict, shown.clone())).map_err(|wrong| {
                        Gap::new(GapKind::Invalid, Where::pointer(shown, wrong.at), wrong.expected, wrong.actual)
                    })
                }
                Err(gap) => Err(gap.clone()),
            };
            if let Err(gap) = &read
                && gap.kind != GapKind::Missing
            {
                self.triage.gaps.push(gap.clone());
            }
            if let Ok((Verdict { incomplete: Some(reason), .. }, shown)) = &read {
                self.triage.notes.push(format!("{shown} was never finished, so its gates say nothing: {reason}"));
            }
            let finished = read.ok().filter(|(verdict, _)| verdict.incomplete.is_none());
            self.verdicts.insert(key.clone(), finished);
        }
        self.verdicts.get(&key)?.as_ref()
    }

    fn gate(&mut self, order: usize, pack: &Pack, signature: &'s Signature) {
        let Some(wanted) = &signature.gate else { return };
        let Some((verdict, shown)) = self.verdict(pack) else { return };
        let rows = verdict.gates.iter().enumerate();
        let failed = rows.filter(|(_, gate)| gate.id == *wanted && gate.status == Status::Fail);
        let place = |(index, gate): (usize, &GateResult)| Place {
            found: Found::Gate,
            at: Where::pointer(shown, Pointer::root().key("gates").index(index)),
            line: cut(&gate.detail),
            say: None,
        };
        let places: Vec<Place> = failed.map(place).collect();
        places.into_iter().for_each(|place| self.add(order, signature, place, &Words::new(), &[]));
    }

    /// The gates that fail in the pack's verdict for a reason of their own, and that nothing which matched is about.
    fn unclaimed(&mut self, pack: &Pack) {
        let claimed: Vec<String> =
            self.matches.values().filter_map(|found| found.signature.gate.as_ref().map(ToString::to_string)).collect();
        let known: Vec<String> = self.triage.unclaimed.iter().map(|row| row.gate.clone()).collect();
        let Some((verdict, shown)) = self.verdict(pack) else { return };
        let own = |gate: &&GateResult| gate.status == Status::Fail && gate.standing == Standing::Fail;
        let rows = verdict.gates.iter().enumerate().filter(|(_, gate)| own(gate));
        let free = rows.filter(|(_, gate)| !claimed.iter().chain(&known).any(|other| other == gate.id.as_str()));
        let found: Vec<Unclaimed> = free
            .map(|(index, gate)| Unclaimed {
                gate: gate.id.to_string(),
                at: Where::pointer(shown, Pointer::root().key("gates").index(index)),
                line: cut(&gate.detail),
                commands: std::iter::once(&gate.reproduce).chain(&gate.then).cloned().collect(),
            })
            .collect();
        self.triage.unclaimed.extend(found);
    }

    fn artifact(&mut self, order: usize, signature: &'s Signature, clause: &'s ArtifactClause) {
        if clause.base == Base::Repo && !self.repository {
            return;
        }
        let paths = match collect::files(self.workspace, clause.base, &clause.pattern, self.limits) {
            Ok(paths) => paths,
            Err(gaps) => {
                let notes = gaps.iter().map(|gap| format!("{}: {} instead of {}", gap.at, gap.actual, gap.expected));
                return self.triage.notes.extend(notes);
            }
        };
        let missing = paths.is_empty() && clause.missing;
        if missing {
            let at = Where::file(format!("{}:{}", clause.base.word(), clause.pattern));
            let place = Place { found: Found::Missing, at, line: "no such file".to_owned(), say: clause.say.clone() };
            self.add(order, signature, place, &Words::new(), &clause.remediation);
        }
        let now = self.workspace.now();
        for path in paths {
            let words = words(&[(Known::Path, Some(path.as_str()))]);
            let mut places = Vec::new();
            match self.open(clause.base, &path) {
                Ok((document, shown)) => judge(clause, document, shown, now, &mut places),
                Err(gap) if gap.kind == GapKind::Missing => {
                    if clause.missing {
                        places.push((Found::Missing, gap.at.clone(), "no such file".to_owned()));
                    }
                }
                Err(gap) => places.push((Found::Damaged, gap.at.clone(), gap.actual.clone())),
            }
            for (found, at, line) in places {
                let place = Place { found, at, line: cut(&line), say: clause.say.clone() };
                self.add(order, signature, place, &words, &clause.remediation);
            }
        }
    }
}
