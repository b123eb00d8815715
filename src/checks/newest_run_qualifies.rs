//! Asserts that of all recorded runs the newest one that may speak for this commit is the one under judgement, and is whole.
//!
//! `in` is the document of each run that says what it is, with its time at `at` (RFC 3339, or `20260302T101500Z`) and its commit at
//! `commit`. A run qualifies if the commit is the one under judgement and each line of `must`, a JSON Pointer and a text, holds. The newest
//! that qualifies, by its own word and never by the time of a file, must be the run under judgement, not be older than `max_age`, and have
//! every file of `documents` beside it. `files` is a listing of everything in the directories of runs.
//!
//! ```toml
//! [evidence.runs]
//! path = "repo:tests/e2e_results/*/environment.json"
//! pick = "all"
//! [evidence.files]
//! path = "repo:tests/e2e_results/*/**"
//! format = "listing"
//!
//! [[check]]
//! kind = "newest-run-qualifies"
//! in = "runs"
//! files = "files"
//! at = "/timestamp"
//! commit = "/git_sha"
//! must = ["/profile = full", "/shard/kind = none"]
//! documents = ["summary.json"]
//! max_age = "5d"
//! thresholds = "policy.promotion_threshold_version"
//! versions = ["promotion-1"]
//! ```
//!
//! A run is passed over if it says soundly that it does not qualify, or that it is older; the notes of the verdict name each with the
//! reason. What does not say what it is might be the newest, so it is never passed over: a document that cannot be read, a directory without
//! one, a time that is no time, lies in the future, or is not the directory's name. Nor does a newer run that qualifies and is damaged give
//! way to an older one. `thresholds` names the version of the thresholds that the gate's other checks judge the run by; it must be one of
//! `versions`.
//!
//! Findings: `no-qualifying-run`, `not-the-newest` (with the command that judges the right one), `contradiction` (a directory of another
//! name than its run), `unknown-thresholds`. Errors: what might be the newest run cannot be read, the commit under judgement is unknown, no run is under
//! judgement, two are equally new, the newest is too old or lacks a document.

use super::tally::Tally;
use super::values::{Given, admit, parameter, shown};
use crate::definition::{Keys, Kind, Raw, Read, Refusal, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Context, Doc, Refused, Use};
use crate::model::{
    Age, Content, EvidenceId, Finding, Gap, GapKind, Instant, Node, Note, Outcome, Pointer, RelPath, Where, parse_stamp,
    show_instant,
};
use std::collections::BTreeSet;

/// The kind `newest-run-qualifies`.
pub static NEWEST_RUN_QUALIFIES: CheckKind = CheckKind {
    id: "newest-run-qualifies",
    about: "the run under judgement is the newest that may speak for the commit",
    docs: include_str!("newest_run_qualifies.rs"),
    parse,
};

struct NewestRunQualifies {
    runs: EvidenceId,
    files: EvidenceId,
    at: Pointer,
    commit: Pointer,
    must: Vec<Must>,
    documents: Vec<RelPath>,
    max_age: Age,
    thresholds: Given<String>,
    versions: Vec<String>,
}

/// A place and the text that must stand there.
struct Must(Pointer, String);

impl Read for Must {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        let wanted = "a JSON Pointer and a text, like `/profile = full`";
        let text = raw.string(wanted).map_err(|refusal| vec![refusal])?;
        let parts = text.split_once(" = ").and_then(|(at, text)| Some((Pointer::parse(at.trim())?, text.trim())));
        match parts {
            Some((at, text)) if !text.is_empty() => Ok(Must(at, text.to_owned())),
            Some(_) | None => Err(vec![Refusal::new(format!("`{text}` is not {wanted}"))]),
        }
    }

    fn kind() -> Kind {
        Kind::Pattern("^/[^ ]+ = \\S.*$", "a JSON Pointer and the text that must stand there: `/profile = full`")
    }
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[
        ("in", Stricter::Unclear),
        ("files", Stricter::Unclear),
        ("at", Stricter::Unclear),
        ("commit", Stricter::Unclear),
        // Another run may be the newest that qualifies, in both directions.
        ("must", Stricter::Unclear),
        ("documents", Stricter::Unclear),
        ("max_age", Stricter::Lower),
        ("thresholds", Stricter::Unclear),
        ("versions", Stricter::Fewer),
    ]);
    let runs = keys.required("in", "The document of each run that says what it is.");
    let files = keys.required("files", "A listing of everything in the directories of runs.");
    let at = keys.required("at", "Where a run says when it began; its directory is named by that.");
    let commit = keys.required("commit", "Where a run says which commit it tested.");
    let must = keys.required::<Vec<Must>>("must", "What a run that qualifies says: JSON Pointers with texts.");
    let documents = keys.required("documents", "The files that must lie beside that document.");
    let max_age = keys.required("max_age", "How old the newest run that qualifies may be.");
    let thresholds = keys.required("thresholds", "The version of the thresholds, or a parameter of the policy.");
    let versions = keys.required::<Vec<String>>("versions", "The versions of thresholds that there are.");
    Some(Box::new(NewestRunQualifies {
        runs: runs?,
        files: files?,
        at: at?,
        commit: commit?,
        must: must?,
        documents: documents?,
        max_age: max_age?,
        thresholds: thresholds?,
        versions: versions?,
    }))
}

/// A run that says what it is.
struct Run {
    directory: String,
    began: Instant,
    /// Where it says so.
    at: Where,
    /// Why it does not qualify; nothing if it does.
    reasons: Vec<String>,
}

/// Every recorded run, or what kept it from being one.
struct Survey {
    /// Those that say soundly what they are, newest first.
    runs: Vec<Run>,
    tally: Tally,
}

impl Survey {
    /// The newest that qualifies, if everything that might be it could be read.
    fn newest(&self) -> Option<&Run> {
        self.runs.iter().find(|run| run.reasons.is_empty()).filter(|_| self.tally.is_clean())
    }
}

/// The directory of a file, below its base.
fn directory(path: &RelPath) -> &str {
    path.as_str().rsplit_once('/').map_or("", |(directory, _)| directory)
}

impl NewestRunQualifies {
    fn survey(&self, evidence: &Admitted<'_>) -> Result<Survey, Refused> {
        admit(evidence, [&self.runs, &self.files])?;
        let context = evidence.context;
        let commit = context.commit.as_ref().map_err(|phrase| {
            let at = Where::file(self.runs.to_string());
            let actual = format!("it cannot be told: {phrase}");
            Outcome::Error(Gap::new(GapKind::Unbound, at, "the commit under judgement", actual).into())
        })?;
        let mut survey = Survey { runs: Vec::new(), tally: Tally::default() };
        let mut described = BTreeSet::new();
        let documents = evidence.documents(&self.runs)?;
        for doc in &documents {
            described.insert(directory(&doc.artifact.path.rel));
            survey.tally.examined();
            let run = self.run(doc, commit, context, &mut survey.tally);
            survey.runs.extend(run);
        }
        let first = &documents[0].artifact.path.rel;
        let depth = first.as_str().split('/').count() - 1;
        for (listed, file) in self.listed(evidence)? {
            let above: Vec<&str> = file.as_str().split('/').take(depth).collect();
            let above = above.join("/");
            if file.as_str().len() > above.len() && described.insert(file.as_str().get(..above.len()).unwrap_or_default()) {
                let at = Where::file(format!("{above}/{}", first.name()));
                let expected = "a document that says what this run is";
                let actual = format!("none, and the directory is not empty (listed as `{listed}`)");
                survey.tally.gap(Gap::new(GapKind::Missing, at, expected, actual));
            }
        }
        survey.runs.sort_by(|a, b| b.began.cmp(&a.began).then_with(|| a.directory.cmp(&b.directory)));
        Ok(survey)
    }

    fn listed<'a>(&self, evidence: &Admitted<'a>) -> Result<Vec<(&'a str, &'a RelPath)>, Refused> {
        let mut files = Vec::new();
        for artifact in evidence.artifacts(&self.files)? {
            let Ok(Content::Listing(names)) = &artifact.content else {
                let expected = "a listing (read it with `format = \"listing\"`)";
                let gap = Gap::new(GapKind::Invalid, Where::file(&artifact.path.shown), expected, "something else");
                return Err(Outcome::Error(gap.into()));
            };
            files.extend(names.iter().map(|name| (&*artifact.path.shown, name)));
        }
        Ok(files)
    }

    fn run(&self, doc: &Doc<'_>, commit: &str, context: &Context, tally: &mut Tally) -> Option<Run> {
        let directory = directory(&doc.artifact.path.rel).to_owned();
        let text = |pointer: &Pointer| doc.root.at(pointer).and_then(Node::text);
        let actual = |pointer: &Pointer| doc.root.at(pointer).map_or_else(|| "nothing".to_owned(), shown);
        let mut refuse = |pointer: &Pointer, kind, expected: &str, actual: String| {
            tally.gap(Gap::new(kind, doc.at(pointer.clone()), expected, actual));
        };
        let stamp = text(&self.at).unwrap_or_default();
        let Ok(began) = parse_stamp(stamp) else {
            refuse(&self.at, GapKind::Invalid, "when the run began", actual(&self.at));
            return None;
        };
        if began > context.now + context.limits().clock_skew.duration() {
            refuse(&self.at, GapKind::Stale, "a time that is not in the future", show_instant(began));
            return None;
        }
        let tested = text(&self.commit).filter(|text| text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit()));
        let Some(tested) = tested else {
            refuse(&self.commit, GapKind::Invalid, "the commit that the run tested, 40 hex digits", actual(&self.commit));
            return None;
        };
        let mut reasons = Vec::new();
        for Must(pointer, wanted) in &self.must {
            match text(pointer) {
                Some(own) if own == wanted => {}
                Some(own) => reasons.push(format!("its {} is `{own}`, not `{wanted}`", named(pointer))),
                None => {
                    refuse(pointer, GapKind::Invalid, "a text that says whether the run qualifies", actual(pointer));
                    return None;
                }
            }
        }
        if !tested.eq_ignore_ascii_case(commit) {
            let short = |commit: &str| commit.chars().take(12).collect::<String>();
            reasons.push(format!("it tested commit {}, not {}", short(tested), short(commit)));
        }
        let at = doc.at(self.at.clone());
        let name = directory.rsplit('/').next().unwrap_or_default();
        if name != stamp {
            let expected = format!("a run that began at `{name}`, as its directory says");
            tally.find(Finding::new("contradiction", expected, format!("`{stamp}`")).at(at));
            return None;
        }
        Some(Run { directory, began, at, reasons })
    }

    fn version(&self, context: &Context) -> Result<String, Refused> {
        match &self.thresholds {
            Given::Literal(version) => Ok(version.clone()),
            Given::Parameter(name) => {
                parameter(context, name, "the version of the thresholds, a text", |node| node.text().map(str::to_owned))
            }
        }
    }

    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        let version = self.version(evidence.context)?;
        let mut survey = self.survey(evidence)?;
        if version.trim().is_empty() || !self.versions.contains(&version) {
            let known: Vec<String> = self.versions.iter().map(|version| format!("`{version}`")).collect();
            let place = Where::file(format!("policy {}", evidence.context.policy.id));
            let expected = format!("a version of the thresholds that is known: {}", known.join(", "));
            survey.tally.find(Finding::new("unknown-thresholds", expected, format!("`{version}`")).at(place));
        }
        let mut verdict = Tally::default();
        if let Some(newest) = survey.newest() {
            self.newest(newest, &survey, evidence, &mut verdict)?;
        } else if survey.tally.is_clean() {
            for run in &survey.runs {
                let expected = "a run that qualifies: whole, and of the commit under judgement";
                let actual = format!("`{}`: {}", run.directory, run.reasons.join("; "));
                verdict.find(Finding::new("no-qualifying-run", expected, actual).at(run.at.clone()));
            }
        }
        verdict.take(&survey.tally, |at| at);
        Ok(verdict.finish(|| ("recorded runs".to_owned(), Where::file(self.runs.to_string()))))
    }

    fn newest(&self, newest: &Run, survey: &Survey, evidence: &Admitted<'_>, tally: &mut Tally) -> Result<(), Refused> {
        let context = evidence.context;
        let mut refuse = |kind, at: Where, expected: String, actual: String| {
            tally.gap(Gap::new(kind, at, expected, actual));
        };
        for twin in survey.runs.iter().filter(|run| run.reasons.is_empty() && run.began == newest.began).skip(1) {
            let actual = format!("`{}` is as new as `{}`", twin.directory, newest.directory);
            refuse(GapKind::Invalid, twin.at.clone(), "one newest run".to_owned(), actual);
        }
        if context.now - newest.began > self.max_age.duration() {
            let expected = format!("at most {} old (now is {})", self.max_age, show_instant(context.now));
            refuse(GapKind::Stale, newest.at.clone(), expected, show_instant(newest.began));
        }
        let there: BTreeSet<&str> = self.listed(evidence)?.into_iter().map(|(_, file)| file.as_str()).collect();
        for document in &self.documents {
            let path = format!("{}/{document}", newest.directory);
            if !there.contains(path.as_str()) {
                let expected = "a document of the newest run that qualifies; an older run does not stand in for it";
                refuse(GapKind::Missing, Where::file(path), expected.to_owned(), "no such file".to_owned());
            }
        }
        let wanted = format!("the newest run that qualifies, `{}`, under judgement", newest.directory);
        match &context.run {
            None => refuse(GapKind::Missing, newest.at.clone(), wanted, "no run was given".to_owned()),
            Some(run) if run.shards.is_empty() && run.path.trim_end_matches('/') == newest.directory => tally.examined(),
            Some(run) => {
                let actual = match run.shards.len() {
                    0 => format!("`{}`", run.path),
                    shards => format!("a run in {shards} shards below `{}`", run.path),
                };
                let next = format!("Judge that run: {}", newest.directory);
                tally.find(Finding::new("not-the-newest", wanted, actual).at(newest.at.clone()).next(next));
            }
        }
        Ok(())
    }
}

/// A place as people call it: `/shard/kind` is the shard kind.
fn named(pointer: &Pointer) -> String {
    pointer.steps().collect::<Vec<_>>().join(" ")
}

impl Check for NewestRunQualifies {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        let mut reads = vec![(self.runs.clone(), Use::Whole), (self.files.clone(), Use::Whole)];
        reads.sort();
        reads.dedup();
        reads
    }

    fn parameters(&self) -> Vec<String> {
        self.thresholds.parameter().into_iter().collect()
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }

    fn notes(&self, evidence: &Admitted<'_>) -> Vec<Note> {
        let (Ok(version), Ok(survey)) = (self.version(evidence.context), self.survey(evidence)) else { return Vec::new() };
        let newest = survey.newest();
        let judged = newest.map_or_else(|| "no run".to_owned(), |run| format!("run `{}`", run.directory));
        let mut notes = vec![Note::new("judged-run", format!("judges {judged} by the thresholds `{version}`"))];
        if let Some(run) = newest {
            notes.push(Note::new("run", &*run.directory));
            notes.push(Note::new("run-began", show_instant(run.began)));
        }
        notes.push(Note::new("threshold-version", version));
        for run in survey.runs.iter().filter(|run| newest.is_none_or(|newest| newest.directory != run.directory)) {
            let older = newest.filter(|newest| newest.began > run.began).map(|_| "it is older".to_owned());
            let reasons: Vec<String> = run.reasons.iter().cloned().chain(older).collect();
            // With something that cannot be read beside them, even runs that qualify are judged no further.
            let reasons =
                if reasons.is_empty() { "which run is the newest cannot be told".to_owned() } else { reasons.join("; ") };
            notes.push(Note::new("passed-over", format!("`{}`: {reasons}", run.directory)));
        }
        notes
    }
}

#[cfg(test)]
#[path = "newest_run_qualifies_tests.rs"]
mod tests;
