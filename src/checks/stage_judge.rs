//! What `stage-logs` asks of logs that were read: each stage has one, the log of the run holds their lines, and they hold its lines.
//!
//! In: the stages that ran with their logs, and the log of the run. Out: findings in the tally.

use super::stage_lines::{Line, Lines};
use super::tally::Tally;
use crate::model::{Artifact, Finding, Where};
use std::collections::{BTreeMap, BTreeSet};

/// A stage that ran, with its logs.
pub(super) struct Stage<'a> {
    pub(super) name: String,
    /// Its name in small letters, as it stands before lines.
    pub(super) tag: String,
    pub(super) at: Where,
    pub(super) succeeded: bool,
    /// Its logs in order; the first is the one that the summary names, if it names one.
    pub(super) logs: Vec<(&'a Artifact, &'a Lines)>,
    /// What it wrote to standard error alone.
    pub(super) errors: Vec<(&'a Artifact, &'a Lines)>,
    /// Whether it left a log at all, read or not.
    pub(super) left: bool,
}

impl Stage<'_> {
    fn every(&self) -> impl Iterator<Item = &(&Artifact, &Lines)> {
        self.logs.iter().chain(&self.errors)
    }
}

/// Everything that is looked at.
pub(super) struct Seen<'a> {
    pub(super) whole: (&'a Artifact, &'a Lines),
    pub(super) stages: Vec<Stage<'a>>,
    /// Names of stages of which an attempt left no log of its own.
    pub(super) rewritten: BTreeSet<String>,
}

/// Each stage that ran has a log, if one has.
pub(super) fn present(seen: &Seen<'_>, tally: &mut Tally) {
    let Some(other) = seen.stages.iter().find(|stage| stage.left) else {
        seen.whole.1.lines().for_each(|_| tally.examined());
        return;
    };
    for stage in seen.stages.iter().filter(|stage| !stage.left) {
        let expected = format!("a log of stage `{}`, as `{}` left one", stage.name, other.name);
        tally.find(Finding::new("missing-log", expected, "none").at(stage.at.clone()));
    }
}

/// Every line of every log stands in the whole, in the order of the stages.
pub(super) fn forward(seen: &Seen<'_>, tally: &mut Tally) {
    let (holder, whole) = (seen.whole.0, seen.whole.1.positions());
    let mut begin = 0;
    for stage in &seen.stages {
        let mut end = begin;
        for (log, own) in &stage.logs {
            let mut next = begin;
            for (at, print) in own.plain() {
                tally.examined();
                if let Some(found) = whole.find(print, next) {
                    next = found + 1;
                    continue;
                }
                let expected = format!("a line that stands in {} behind line {next}", holder.path.shown);
                let (kind, actual) = match whole.find(print, 0) {
                    Some(early) => ("misplaced-line", format!("it stands in line {}", early + 1)),
                    None => ("missing-line", "it stands nowhere there".to_owned()),
                };
                let message = format!("`{}` line {} is not {expected}: {actual}", log.path.rel, at + 1);
                let finding = Finding::new(kind, expected, actual).saying(message);
                tally.find(finding.at(Where::line(&log.path.shown, at as u64 + 1)));
                break;
            }
            end = end.max(next);
        }
        // Standard error runs beside the rest, so its lines may stand between them.
        for (log, own) in &stage.errors {
            let lacking = own.plain().find(|(_, print)| whole.find(*print, begin).is_none());
            own.plain().for_each(|_| tally.examined());
            if let Some((at, _)) = lacking {
                let expected = format!("a line that stands in {}", holder.path.shown);
                tally.find(
                    Finding::new("missing-line", expected, "it stands nowhere there")
                        .at(Where::line(&log.path.shown, at as u64 + 1)),
                );
            }
        }
        begin = end;
    }
}

/// Every line of the whole that has a stage's name before it stands in a log of that stage.
pub(super) fn backward(seen: &Seen<'_>, tally: &mut Tally) {
    let (holder, whole) = seen.whole;
    let mut surplus: BTreeMap<&str, (Vec<usize>, usize)> = BTreeMap::new();
    // All attempts of a stage have one name.
    let mut known: BTreeMap<&str, BTreeSet<u128>> = BTreeMap::new();
    for stage in &seen.stages {
        known.entry(&stage.name).or_default().extend(stage.every().flat_map(|(_, own)| own.every()));
    }
    let mut tagged = false;
    for (at, line) in whole.tagged() {
        let named = |(name, with): &(Box<str>, usize)| {
            seen.stages.iter().find(|stage| **name == *stage.tag).map(|stage| (stage, *with))
        };
        // The first name says whose line it is; behind it a stage may print what looks like another.
        let Some((stage, with)) = line.names.iter().find_map(named) else { continue };
        let (outside, inside) = line.prints.split_at(with);
        let printed = outside.iter().any(|print| known.values().any(|own| own.contains(print)));
        tagged |= !printed;
        let own = &known[stage.name.as_str()];
        if printed
            || stage.logs.is_empty()
            || seen.rewritten.contains(&stage.name)
            || inside.iter().any(|print| own.contains(print))
        {
            continue;
        }
        let (lines, frames) = surplus.entry(&stage.name).or_default();
        if line.frame { *frames += 1 } else { lines.push(at) }
    }
    // A stage that wrote nothing has as many lines of the pipeline's own as the others.
    let most = seen
        .stages
        .iter()
        .filter(|stage| !blank(stage))
        .map(|stage| surplus.get(stage.name.as_str()).map_or(0, |own| own.1))
        .max();
    for stage in &seen.stages {
        let Some((lines, frames)) = surplus.remove(stage.name.as_str()) else { continue };
        let log = stage.every().next().map_or_else(String::new, |(artifact, _)| artifact.path.shown.clone());
        if let Some(first) = lines.first() {
            let expected = format!("every line of stage `{}` in its log {log}", stage.name);
            let actual = match lines.len() {
                1 => "one line that it lacks".to_owned(),
                count => format!("{count} lines that it lacks, this one first"),
            };
            let message = format!("the log of stage `{}` lacks what {} says: {actual}", stage.name, holder.path.rel);
            let finding = Finding::new("surplus-line", expected, actual).saying(message);
            tally.find(finding.at(Where::line(&holder.path.shown, *first as u64 + 1)));
        } else if blank(stage) && stage.succeeded && most.is_some_and(|most| frames > most) {
            tally.find(empty(stage, &log, &format!("{frames} lines of it in {}", holder.path.shown)));
        }
    }
    if !tagged {
        untagged(seen, tally);
    }
}

/// A log that holds standard error too is not empty beside one that is not. Whether logs do, the other stages tell: each that wrote to both has every line of its
/// standard error in its log.
pub(super) fn beside_errors(seen: &Seen<'_>, tally: &mut Tally) {
    let says = |files: &[(&Artifact, &Lines)]| files.iter().any(|(_, own)| !own.is_blank());
    let holds = |stage: &Stage<'_>| {
        let logged: BTreeSet<u128> = stage.logs.iter().flat_map(|(_, own)| own.every()).collect();
        stage.errors.iter().flat_map(|(_, own)| own.every()).all(|print| logged.contains(&print))
    };
    let mut both = seen.stages.iter().filter(|stage| says(&stage.logs) && says(&stage.errors)).peekable();
    let Some(witness) = both.peek().map(|stage| stage.name.clone()) else { return };
    if !both.all(holds) {
        return;
    }
    for stage in seen.stages.iter().filter(|stage| says(&stage.errors) && !says(&stage.logs)) {
        let Some((log, _)) = stage.logs.first() else { continue };
        let actual = format!("standard error that is not; the log of `{witness}` holds its own");
        tally.find(empty(stage, &log.path.shown, &actual));
    }
}

/// Where no line names its stage, an empty log shows only by lines that nobody wrote. An attempt without a log of its own may have written them.
fn untagged(seen: &Seen<'_>, tally: &mut Tally) {
    if !seen.rewritten.is_empty() {
        return;
    }
    let Some(stage) = seen.stages.iter().find(|stage| stage.left && stage.every().next().is_some() && blank(stage)) else {
        return;
    };
    let known: BTreeSet<u128> = seen.stages.iter().flat_map(Stage::every).flat_map(|(_, own)| own.every()).collect();
    let (holder, whole) = seen.whole;
    let nobody = |line: &&Line| !line.frame && !line.prints.iter().any(|print| known.contains(print));
    let count = whole.lines().map(|(_, line)| line).filter(nobody).count();
    if count > 0 {
        let log = stage.every().next().map_or_else(String::new, |(artifact, _)| artifact.path.shown.clone());
        tally.find(empty(stage, &log, &format!("{count} lines in {} that no stage's log has", holder.path.shown)));
    }
}

fn empty(stage: &Stage<'_>, log: &str, actual: &str) -> Finding {
    let expected = format!("the log of stage `{}` holds what it wrote", stage.name);
    let message = format!("the log of stage `{}` is empty, beside {actual}", stage.name);
    Finding::new("empty-log", expected, format!("nothing in it, and {actual}")).saying(message).at(Where::file(log))
}

fn blank(stage: &Stage<'_>) -> bool {
    stage.every().all(|(_, lines)| lines.is_blank())
}
