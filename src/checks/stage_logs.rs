//! Asserts that the logs of a pipeline's stages are there and whole: each stage that ran left its own, and the one log of the whole run says what they say, no
//! less and no more.
//!
//! `summary` is read with `format = "pipeline-summary"`, `files` lists the files of the run, `parts` holds logs of stages among other files and `whole` the one
//! log of the run; both are read with `format = "lines"`, in constant memory but for some bytes a line.
//!
//! The log of a stage is what the summary names as its `log`; where it names none, the files of the folder `logs` that are called like the
//! stage: `logs/unit.log`, `logs/02-unit.out`, `logs/unit/stdout.txt`. What it names as `stderr` must be there too. A stage that was skipped
//! needs none, and neither does an attempt that another one followed; where all attempts write to one log, it need not hold what an earlier one said. A pipeline may keep no logs of stages at all; where one stage that ran has a log, each needs one.
//!
//! Lines are compared without white space around them, colours and blank lines. The whole may put a time, a level, the stage or all of these before a
//! line: `prefix` is the regular expression for one such part, and is taken off as often as it matches. Then each line of a log stands in the whole, logs in
//! the order of the stages; and each line of the whole that has a stage's name before it stands in a log of that stage. What a pipeline says
//! itself of a stage (`[unit] exit code 0`) does not count: lines that match `frames`. Where no line has a name before it, and the log of a
//! stage that ran is empty, the whole must not hold a line that no log has. Where the logs of all stages that wrote to both hold their standard error too, the
//! log of a stage is not empty beside a `stderr` that is not.
//!
//! ```toml
//! [evidence.summary]
//! path = "run:summary.json"
//! format = "pipeline-summary"
//! [evidence.files]
//! path = "run:**"
//! format = "listing"
//! [evidence.logs]
//! path = "run:**/*.log"
//! pick = "all"
//! format = "lines"
//! [evidence.streamed]
//! path = "run:e2e.log"
//! format = "lines"
//!
//! [[check]]
//! kind = "stage-logs"
//! summary = "summary"
//! files = "files"
//! parts = ["logs"]
//! whole = "streamed"
//! prefix = '\[[a-z-]+\]'
//! frames = '(?i)exit(?:ed)?\b'
//! ```
//!
//! Findings: `missing-file` (the summary names it), `missing-log` (other stages left theirs), `digest-mismatch` (`log_sha256`), `missing-line` (the
//! whole lacks the first line of a log that is named), `misplaced-line` (it stands there, but too early), `surplus-line` (a line of the whole that the stage's logs
//! lack), `empty-log`. Errors: the run has no line at all, there is not one whole, the summary is of another format, or a file was not read as lines.

use super::reports::Ids;
use super::stage_judge::{Seen, Stage, backward, beside_errors, forward, present};
use super::stage_lines::Lines;
use super::tally::Tally;
use super::text::Pattern;
use super::values::admit;
use crate::definition::{Keys, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Context, Fold, Refused, Use};
use crate::model::{Artifact, Content, Digest, EvidenceId, Finding, Gap, GapKind, Node, Outcome, Pointer, Where};
use std::collections::{BTreeMap, BTreeSet};

/// The kind `stage-logs`.
pub static STAGE_LOGS: CheckKind = CheckKind {
    id: "stage-logs",
    about: "the logs of a pipeline's stages are there, and the log of the run holds them",
    docs: include_str!("stage_logs.rs"),
    parse,
};

struct StageLogs {
    summary: EvidenceId,
    files: EvidenceId,
    parts: Ids,
    whole: EvidenceId,
    prefix: Pattern,
    frames: Pattern,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    let every = ["summary", "files", "parts", "whole", "prefix", "frames"];
    keys.stricter(&every.map(|key| (key, Stricter::Unclear)));
    let summary = keys.required("summary", "The summary of the run.");
    let files = keys.required("files", "The listing of the run's files.");
    let parts = keys.required("parts", "Files among which the logs of the stages are: an evidence id, or several.");
    let whole = keys.required("whole", "The one log of the run.");
    let prefix = keys.required("prefix", "The regular expression for one part of what the whole puts before a line.");
    let frames = keys.required(
        "frames",
        "The regular expression for what a pipeline says itself of a stage, from the line's beginning.",
    );
    Some(Box::new(StageLogs {
        summary: summary?,
        files: files?,
        parts: parts?,
        whole: whole?,
        prefix: prefix?,
        frames: frames?,
    }))
}

impl StageLogs {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        admit(evidence, [&self.summary, &self.files, &self.whole])?;
        let mut tally = Tally::default();
        let Some(seen) = self.look(evidence, &mut tally)? else {
            return Ok(tally.finish(|| ("lines of logs".to_owned(), Where::file(self.whole.to_string()))));
        };
        present(&seen, &mut tally);
        forward(&seen, &mut tally);
        backward(&seen, &mut tally);
        beside_errors(&seen, &mut tally);
        Ok(tally.finish(|| ("lines of logs".to_owned(), Where::file(self.whole.to_string()))))
    }

    /// The stages with their logs; `None` if the whole is not one file of lines.
    fn look<'a>(&self, evidence: &Admitted<'a>, tally: &mut Tally) -> Result<Option<Seen<'a>>, Refused> {
        let wholes = lines(evidence, &self.whole, tally)?;
        let &[whole] = wholes.as_slice() else {
            let actual = format!("{} of them", wholes.len());
            let gap = Gap::new(GapKind::Invalid, Where::file(self.whole.to_string()), "one file of lines", actual);
            return Err(Outcome::Error(gap.into()));
        };
        if whole.1.is_blank() {
            tally.gap(Gap::new(GapKind::Empty, Where::file(&whole.0.path.shown), "at least one line", "none"));
        }
        let mut read: BTreeMap<String, (&Artifact, &Lines)> = BTreeMap::new();
        for id in self.parts.0.iter().filter(|id| !evidence.is_absent(id)) {
            admit(evidence, [id])?;
            for (artifact, own) in lines(evidence, id, tally)? {
                read.insert(artifact.path.rel.to_string(), (artifact, own));
            }
        }
        let names = listed(evidence, &self.files)?;
        let documents = evidence.documents(&self.summary)?;
        let [summary] = documents.as_slice() else {
            let gap = Gap::new(GapKind::Invalid, Where::file(self.summary.to_string()), "one summary", "another number");
            return Err(Outcome::Error(gap.into()));
        };
        let (mut stages, mut rewritten) = (Vec::new(), BTreeSet::new());
        let list = Pointer::root().key("stages");
        for (index, node) in summary.root.get("stages").into_iter().flat_map(Node::items).enumerate() {
            let pointer = list.index(index);
            let text = |key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
            let status = text("status").unwrap_or_default();
            if status == "skipped" {
                continue;
            }
            let name = text("name").unwrap_or_default();
            let at = summary.at(pointer.clone());
            let superseded = node.get("superseded").and_then(Node::boolean) == Some(true);
            if superseded && !own_log(summary.root, index, text("log")) {
                rewritten.insert(name);
                continue;
            }
            let mut stage = Stage {
                tag: name.to_lowercase(),
                name,
                at,
                succeeded: status == "success",
                logs: Vec::new(),
                errors: Vec::new(),
                left: false,
            };
            for key in ["log", "stderr"] {
                let Some(path) = text(key) else { continue };
                if path.starts_with('/') || path.split('/').any(|part| part == "..") {
                    let gap = Gap::new(GapKind::Unreadable, summary.at(pointer.key(key)), "a path below the run", path);
                    tally.gap(gap);
                    stage.left = true;
                    continue;
                }
                if !names.contains(&path) {
                    let place = summary.at(pointer.key(key));
                    let expected = format!("the file that {place} names");
                    tally.find(Finding::new("missing-file", expected, format!("no `{path}`")).at(place));
                }
                stage.left |= key == "log";
                let Some(found) = read.get(&path) else { continue };
                let same = stage.logs.iter().any(|(log, _)| log.path.rel == found.0.path.rel);
                match key {
                    "log" => {
                        digest(&node, found.0, tally);
                        stage.logs.push(*found);
                    }
                    _ if !same => stage.errors.push(*found),
                    _ => {}
                }
            }
            if text("log").is_none() {
                by_name(&mut stage, &names, &read);
            }
            stages.push(stage);
        }
        Ok(Some(Seen { whole, stages, rewritten }))
    }
}

/// Whether an attempt that another one followed names a log that no later attempt names.
fn own_log(summary: Node<'_>, index: usize, log: Option<String>) -> bool {
    let later = summary.get("stages").into_iter().flat_map(Node::items).skip(index + 1);
    log.is_some_and(|log| later.filter_map(|row| row.get("log")?.text()).all(|other| other != log))
}

/// The files of the run, by their paths in it.
fn listed(evidence: &Admitted<'_>, id: &EvidenceId) -> Result<BTreeSet<String>, Refused> {
    let mut names = BTreeSet::new();
    for artifact in evidence.artifacts(id)? {
        match &artifact.content {
            Ok(Content::Listing(files)) => names.extend(files.iter().map(ToString::to_string)),
            _ => {
                let at = Where::file(&artifact.path.shown);
                let gap =
                    Gap::new(GapKind::Invalid, at, "a listing (read it with `format = \"listing\"`)", "something else");
                return Err(Outcome::Error(gap.into()));
            }
        }
    }
    Ok(names)
}

/// The files of the evidence, as their lines.
fn lines<'a>(
    evidence: &Admitted<'a>,
    id: &EvidenceId,
    tally: &mut Tally,
) -> Result<Vec<(&'a Artifact, &'a Lines)>, Refused> {
    for artifact in evidence.artifacts(id)? {
        match &artifact.content {
            Ok(Content::Records(_)) => {}
            Err(gap) => tally.gap(gap.clone()),
            Ok(_) => {
                let at = Where::file(&artifact.path.shown);
                tally.gap(Gap::new(
                    GapKind::Invalid,
                    at,
                    "a file that is read with `format = \"lines\"`",
                    "something else",
                ));
            }
        }
    }
    let folded = evidence.folded::<Lines>(id)?;
    for (artifact, own) in &folded {
        if let Some(gap) = &own.gap {
            tally.gap(Gap { at: Where { path: artifact.path.shown.clone(), ..gap.at.clone() }, ..gap.clone() });
        }
    }
    Ok(folded)
}

/// The digest that the summary gives for a log, if it gives one.
fn digest(stage: &Node<'_>, log: &Artifact, tally: &mut Tally) {
    let Some(stated) = stage.get("log_sha256").filter(|stated| !stated.is_null()) else { return };
    let own = log.digest.map(|digest| digest.to_string());
    if stated.text().and_then(Digest::parse).map(|digest| digest.to_string()) != own {
        let actual = own.unwrap_or_else(|| "no digest".to_owned());
        let message = format!("`{}` is not what was recorded: its SHA-256 is {actual}", log.path.rel);
        tally.find(
            Finding::new("digest-mismatch", format!("{}, as the summary says", stated.excerpt(80)), actual)
                .saying(message)
                .at(Where::file(&log.path.shown)),
        );
    }
}

/// The files of `logs` that are called like the stage.
fn by_name<'a>(stage: &mut Stage<'a>, names: &BTreeSet<String>, read: &BTreeMap<String, (&'a Artifact, &'a Lines)>) {
    for path in names.iter().filter(|path| called(path, &stage.name)) {
        stage.left = true;
        let Some(found) = read.get(path) else { continue };
        let file = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        let errors = file.contains("stderr") || file.ends_with(".err");
        if errors { stage.errors.push(*found) } else { stage.logs.push(*found) }
    }
}

/// Whether a file below `logs` is called like a stage: `logs/unit.log`, `logs/02-unit.stderr.log`, `logs/unit/out.txt`.
fn called(path: &str, name: &str) -> bool {
    let Some(below) = path.strip_prefix("logs/") else { return false };
    let first = below.split('/').next().unwrap_or_default();
    let bare = first.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches(['-', '_', '.']);
    let name = plain(name);
    // The name may hold dots itself.
    let ends = |text: &str| text.match_indices('.').map(|(at, _)| at).chain([text.len()]).collect::<Vec<_>>();
    let fits = |text: &str| {
        let stems = ends(text).into_iter().map(|end| plain(&text[..end]));
        let is_attempt = |rest: &str| rest.is_empty() || rest.starts_with("-attempt");
        stems.into_iter().any(|stem| stem.strip_prefix(&name).is_some_and(is_attempt))
    };
    !name.is_empty() && (fits(first) || fits(bare))
}

/// A name in small letters, with one dash for all that stands between letters and digits: `Unit tests` is in the file `unit_tests.log`.
fn plain(name: &str) -> String {
    let lower = name.to_lowercase();
    lower.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

impl Check for StageLogs {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        let mut reads =
            vec![(self.summary.clone(), Use::Whole), (self.files.clone(), Use::Whole), (self.whole.clone(), Use::Stream)];
        reads.extend(self.parts.0.iter().map(|id| (id.clone(), Use::Stream)));
        reads
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }

    fn fold(&self, evidence: &EvidenceId, _context: &Context) -> Option<Box<dyn Fold>> {
        let ours = *evidence == self.whole || self.parts.0.contains(evidence);
        ours.then(|| Box::new(Lines::new(&self.prefix.0, &self.frames.0)) as Box<dyn Fold>)
    }
}

#[cfg(test)]
#[path = "stage_logs_tests.rs"]
mod tests;
