//! Two runs compared by their results, and what the run itself recorded about it.
//!
//! In: a run and a baseline. Out: a [`Diff`]: what became of each suite and unit, the worst first, each with the command that runs
//! it again; and every place where the recorded `triage_diff.json` says something else. The counting is that of
//! `model::Comparison`, as in the check kind `no-regression`. A target without a believable result in either run is a gap and is
//! not compared.

use super::command::Command;
use super::replay::{command, quick};
use super::run::{Key, Run, Surface, Target, document};
use crate::model::{Base, Change, Comparison, Gap, GapKind, Limits, Node, Pointer, RelPath, Where};
use crate::workspace::Workspace;
use std::collections::{BTreeMap, BTreeSet};

/// What became of one target.
#[derive(Debug, Clone)]
pub struct Row {
    /// What became of it.
    pub change: Change,
    /// Where it is listed.
    pub surface: Surface,
    /// Its name; untrusted.
    pub name: String,
    /// Where its result stands: in the run, or in the baseline if it is gone.
    pub at: Where,
    /// The command that runs it again, or the phrase why there is none. What was fixed needs none.
    pub command: Option<Result<Command, &'static str>>,
}

/// A place where the recorded comparison is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// The value.
    pub at: Where,
    /// What follows from the results.
    pub recomputed: String,
    /// What is recorded; untrusted.
    pub recorded: String,
}

/// The comparison of two runs.
#[derive(Debug)]
pub struct Diff {
    /// `regression`, `known_failures_only` or `stable`; `None` if the results are damaged and show no regression.
    pub status: Option<&'static str>,
    /// The counts, by the keys of a recorded comparison.
    pub counts: [(&'static str, usize); 4],
    /// How many targets both runs have with a believable result.
    pub compared: usize,
    /// What changed, the worst first; end-to-end suites before units; then by name.
    pub rows: Vec<Row>,
    /// All that failed in the run, in one command.
    pub quick: Option<Command>,
    /// Where the recorded comparison is wrong. `None`: none is recorded, or it compares with another run.
    pub disagreements: Option<Vec<Disagreement>>,
    /// The other run that the recorded comparison is about; untrusted.
    pub recorded_against: Option<String>,
    /// What could not be believed.
    pub gaps: Vec<Gap>,
}

/// Compares the workspace's run with its baseline. `baseline` is the name of the baseline's directory.
pub fn diff(workspace: &dyn Workspace, baseline: &str, limits: &Limits) -> Diff {
    let before = Run::read(workspace, Base::Baseline, limits);
    let now = Run::read(workspace, Base::Run, limits);
    let mut gaps = before.gaps;
    gaps.extend(now.gaps);
    let damaged: BTreeSet<&Key> =
        before.targets.iter().chain(&now.targets).filter(|(_, target)| target.exit.is_none()).map(|(key, _)| key).collect();
    let sound = |targets: &BTreeMap<Key, Target>| -> BTreeMap<Key, Target> {
        let sound = targets.iter().filter(|(key, _)| !damaged.contains(key));
        sound.map(|(key, target)| (key.clone(), target.clone())).collect()
    };
    let (before, now) = (sound(&before.targets), sound(&now.targets));
    let comparison = Comparison::of(&before, &now, Target::failed);
    let row = |(key, change): &(Key, Change)| {
        let target = now.get(key).or_else(|| before.get(key)).expect("compared");
        let (surface, name) = key.clone();
        let command = match change {
            Change::Regression | Change::NewFailure | Change::StillFailing => {
                Some(command(target, target.log(workspace, Base::Run, limits).as_ref()))
            }
            Change::Gone | Change::GoneUnfixed => Some(Command::target(&name)),
            Change::Fixed => None,
        };
        Row { change: *change, surface, name, at: target.at.clone(), command }
    };
    let mut rows: Vec<Row> = comparison.changes.iter().map(row).collect();
    // What is gone ranks with what broke: a deleted test is a regression like any other.
    rows.sort_by_key(|row| (rank(row.change), row.surface, row.name.clone()));
    let status = Some(comparison.status()).filter(|status| gaps.is_empty() || *status == "regression");
    let mut diff = Diff {
        status,
        counts: comparison.counts(),
        compared: before.keys().filter(|key| now.contains_key(*key)).count(),
        rows,
        quick: if now.values().any(Target::failed) { quick(workspace) } else { None },
        disagreements: None,
        recorded_against: None,
        gaps,
    };
    diff.recorded(workspace, baseline, limits);
    diff
}

const fn rank(change: Change) -> u8 {
    match change {
        Change::Regression | Change::Gone => 0,
        Change::NewFailure => 1,
        Change::StillFailing | Change::GoneUnfixed => 2,
        Change::Fixed => 3,
    }
}

impl Diff {
    /// Compares with the recorded comparison.
    fn recorded(&mut self, workspace: &dyn Workspace, baseline: &str, limits: &Limits) {
        let path = RelPath::parse("triage_diff.json").expect("a sound path");
        let (document, shown) = match document(workspace, Base::Run, &path, limits) {
            Ok(found) => found,
            Err(gap) if gap.kind == GapKind::Missing => return,
            Err(gap) => return self.gaps.push(gap),
        };
        let root = document.root();
        let against = root.get("baseline").and_then(Node::text).map(|name| name.trim_end_matches('/').to_owned());
        if let Some(other) = against.filter(|name| name.rsplit('/').next() != Some(baseline)) {
            self.recorded_against = Some(other);
            return;
        }
        let mut wrong = Vec::new();
        let mut compare = |keys: &[&str], expected: String, agrees: &dyn Fn(Node<'_>) -> bool| {
            let at = keys.iter().fold(Pointer::root(), |at, key| at.key(key));
            let found = root.at(&at);
            if !found.is_some_and(agrees) {
                let recorded = found.map_or_else(|| "nothing".to_owned(), |node| node.excerpt(80));
                wrong.push(Disagreement { at: Where::pointer(&shown, at), recomputed: expected, recorded });
            }
        };
        if let Some(status) = self.status {
            compare(&["status"], status.to_owned(), &|node| node.text() == Some(status));
        }
        if self.gaps.is_empty() {
            for (key, count) in self.counts {
                let equal = |node: Node<'_>| node.number().and_then(|n| n.as_integer()) == Some(count as i128);
                compare(&["summary", key], count.to_string(), &equal);
            }
        }
        self.ranked(root, &shown, &mut wrong);
        self.disagreements = Some(wrong);
    }

    /// The recorded list must name every regression and new failure, and nothing that did not fail or go.
    fn ranked(&self, root: Node<'_>, shown: &str, wrong: &mut Vec<Disagreement>) {
        let list = Pointer::root().key("ranked_diagnostics");
        let name_of = |row: Node<'_>| Some((row.get("surface")?.text()?.to_owned(), row.get("name")?.text()?.to_owned()));
        let named: Vec<Option<(String, String)>> = root.at(&list).into_iter().flat_map(Node::items).map(name_of).collect();
        let told = |row: &Row| Some((row.surface.word().to_owned(), row.name.clone()));
        for row in self.rows.iter().filter(|row| rank(row.change) < 2 && !named.contains(&told(row))) {
            let recomputed = format!("{} {} `{}`", row.change.word(), row.surface.word(), row.name);
            let at = Where::pointer(shown, list.clone());
            wrong.push(Disagreement { at, recomputed, recorded: "not among them".to_owned() });
        }
        if !self.gaps.is_empty() {
            return;
        }
        for (index, name) in named.iter().enumerate() {
            if !self.rows.iter().any(|row| rank(row.change) < 3 && told(row) == *name) {
                let recorded =
                    name.as_ref().map_or_else(|| "no name".to_owned(), |(surface, name)| format!("{surface} `{name}`"));
                let at = Where::pointer(shown, list.index(index));
                wrong.push(Disagreement { at, recomputed: "nothing that failed or is gone".to_owned(), recorded });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Instant;
    use crate::workspace::Memory;

    fn add(memory: Memory, base: &str, targets: &[(&str, i32)]) -> Memory {
        let names = |unit: bool| {
            let names = targets.iter().filter(|(path, _)| path.starts_with("unit/") == unit);
            names.map(|(path, _)| format!("\"{}\"", path.trim_start_matches("unit/"))).collect::<Vec<_>>().join(",")
        };
        let selected = format!(r#"{{"suites": [{}], "units": [{}]}}"#, names(false), names(true));
        let memory = memory.file(&format!("{base}:environment.json"), selected);
        targets.iter().fold(memory, |memory, (path, exit)| {
            let key = if path.starts_with("unit/") { "target" } else { "suite" };
            let (name, failed) = (path.trim_start_matches("unit/"), i32::from(*exit != 0));
            let result = format!(r#"{{"{key}": "{name}", "exit_code": {exit}, "failed": {failed}, "total": 1}}"#);
            memory.file(&format!("{base}:{path}/result.json"), result)
        })
    }

    fn runs(before: &[(&str, i32)], now: &[(&str, i32)]) -> Memory {
        add(add(Memory::at(Instant::UNIX_EPOCH).with_run("new"), "run", now), "baseline", before)
    }

    fn told(diff: &Diff) -> Vec<String> {
        diff.rows.iter().map(|row| format!("{} {} {}", row.change.word(), row.surface.word(), row.name)).collect()
    }

    #[test]
    fn regressions_of_suites_come_first() {
        let before = [("a", 0), ("b", 1), ("gone", 0), ("unit/u", 0), ("unit/v", 1), ("fixed", 1)];
        let now = [("a", 101), ("b", 1), ("unit/u", 101), ("new", 2), ("fixed", 0)];
        let diff = diff(&runs(&before, &now), "old", &Limits::default());
        assert_eq!(
            told(&diff),
            [
                "regression suite a",
                "gone suite gone",
                "regression unit u",
                "new-failure suite new",
                "still-failing suite b",
                "gone-unfixed unit v",
                "fixed suite fixed"
            ]
        );
        assert_eq!((diff.status, diff.compared, diff.disagreements), (Some("regression"), 4, None));
        assert_eq!(diff.counts.map(|(_, count)| count), [3, 1, 1, 2]);
    }

    #[test]
    fn damage_is_neither_stable_nor_a_regression() {
        let memory = runs(&[("a", 0), ("b", 0)], &[("a", 0), ("b", 0)]).file("run:b/result.json", "{");
        let diff = diff(&memory, "old", &Limits::default());
        assert_eq!((diff.status, diff.gaps.len(), diff.rows.len(), diff.compared), (None, 1, 0, 1));
    }

    #[test]
    fn a_recorded_comparison_must_agree() {
        let recorded = r#"{"baseline": "old", "status": "stable", "summary": {"regression_count": 0, "new_failures": 0,
            "fixed": 0, "still_failing": 0}, "ranked_diagnostics": [{"name": "fine", "surface": "suite"}]}"#;
        let memory = runs(&[("a", 0), ("fine", 0)], &[("a", 1), ("fine", 0)]).file("run:triage_diff.json", recorded);
        let wrong = diff(&memory, "old", &Limits::default()).disagreements.expect("recorded");
        let places: Vec<String> = wrong.iter().map(|wrong| wrong.at.to_string()).collect();
        assert_eq!(
            places,
            [
                "new/triage_diff.json#/status",
                "new/triage_diff.json#/summary/regression_count",
                "new/triage_diff.json#/ranked_diagnostics",
                "new/triage_diff.json#/ranked_diagnostics/0"
            ]
        );
        let other = diff(&memory, "another", &Limits::default());
        assert_eq!((other.disagreements, other.recorded_against.as_deref()), (None, Some("old")));
        let damaged = diff(&memory.file("run:triage_diff.json", "{"), "old", &Limits::default());
        assert_eq!((damaged.status, damaged.gaps.len()), (Some("regression"), 1));
    }
}
