//! The suites and units of a run, and how each ended.
//!
//! In: the run's directory. Out: one [`Target`] for each name that `environment.json` selects or that has a directory with a
//! `result.json`, and the gaps. Summaries are not read. What is damaged, contradicts itself or left no result has no outcome, and
//! a target without an outcome never counts as passed.

use super::log::{self, Log};
use crate::collect;
use crate::model::{Base, Content, Document, Gap, GapKind, Limits, Node, Pointer, RelPath, Where};
use crate::workspace::{EntryKind, Workspace};
use std::collections::BTreeMap;

/// Where a target is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Surface {
    /// An end-to-end suite: `<suite>/result.json`.
    Suite,
    /// A unit: `unit/<target>/result.json`.
    Unit,
}

impl Surface {
    /// The word in outputs.
    pub const fn word(self) -> &'static str {
        match self {
            Surface::Suite => "suite",
            Surface::Unit => "unit",
        }
    }

    /// The key that names it in its result.
    const fn key(self) -> &'static str {
        match self {
            Surface::Suite => "suite",
            Surface::Unit => "target",
        }
    }
}

/// A target's place in a run: where it is listed, and its name.
pub type Key = (Surface, String);

/// One suite or unit.
#[derive(Debug, Clone)]
pub struct Target {
    /// Where it is listed.
    pub surface: Surface,
    /// Its name: that of its directory.
    pub name: String,
    /// Its directory below the run; `None` if no path can hold its name.
    pub directory: Option<RelPath>,
    /// Where its result stands.
    pub at: Where,
    /// Its exit code; `None` if it left no result that can be believed.
    pub exit: Option<i64>,
    /// The signal that ended it, if its result names one.
    pub signal: Option<i64>,
    /// How many of its tests failed, if its result says so.
    pub failed_tests: Option<i64>,
}

impl Target {
    /// Whether it did not pass. Passing is the last arm: without an outcome it did not.
    pub fn failed(&self) -> bool {
        self.exit != Some(0)
    }

    /// Its log, as evidence is read, and where it lies; `None` if it has no directory.
    pub(super) fn log(&self, workspace: &dyn Workspace, base: Base, limits: &Limits) -> Option<Read> {
        let path = self.directory.as_ref()?.join(&RelPath::parse("output.log").ok()?);
        let artifact = collect::look(workspace, base, &path, limits);
        let shown = artifact.path.shown;
        Some(match artifact.content {
            Ok(Content::Text(text)) => Read { log: log::read(&text), text: Ok(text), shown },
            Ok(_) => {
                let gap = Gap::new(GapKind::Invalid, Where::file(&shown), "a log", "something else");
                Read { log: Log::default(), text: Err(gap), shown }
            }
            Err(gap) => Read { log: Log::default(), text: Err(gap), shown },
        })
    }
}

/// A log that was read.
pub(super) struct Read {
    /// What libtest said in it.
    pub log: Log,
    /// Its text, or why there is none.
    pub text: Result<Box<str>, Gap>,
    /// Its path for people.
    pub shown: String,
}

/// The targets of a run.
#[derive(Debug, Default)]
pub(super) struct Run {
    /// By place and name.
    pub targets: BTreeMap<Key, Target>,
    /// What could not be believed.
    pub gaps: Vec<Gap>,
}

/// A document of the run or the repository.
pub(super) fn document(
    workspace: &dyn Workspace,
    base: Base,
    path: &RelPath,
    limits: &Limits,
) -> Result<(Document, String), Gap> {
    let artifact = collect::look(workspace, base, path, limits);
    let shown = artifact.path.shown;
    match artifact.content? {
        Content::Document(document) => Ok((document, shown)),
        Content::Records(records) => match records.kept {
            Some(document) => Ok((document, shown)),
            None => Err(Gap::new(GapKind::Invalid, Where::file(shown), "records", "none were kept")),
        },
        other => Err(Gap::new(GapKind::Invalid, Where::file(shown), "a document", other.what())),
    }
}

impl Run {
    /// Reads the results below a base.
    pub fn read(workspace: &dyn Workspace, base: Base, limits: &Limits) -> Self {
        let mut run = Run::default();
        run.selected(workspace, base, limits);
        for surface in [Surface::Suite, Surface::Unit] {
            run.listed(workspace, base, surface, limits);
        }
        for target in run.targets.values().filter(|target| target.directory.is_none()) {
            let gap = Gap::new(GapKind::Missing, target.at.clone(), "a result of what was selected", "nothing");
            run.gaps.push(gap);
        }
        if run.targets.is_empty() && run.gaps.is_empty() {
            let at = Where::file(workspace.shown(base, &file("environment.json")));
            run.gaps.push(Gap::new(GapKind::Empty, at, "at least one suite or unit", "none"));
        }
        run
    }

    /// Every name that was selected, as a target that has left nothing yet.
    fn selected(&mut self, workspace: &dyn Workspace, base: Base, limits: &Limits) {
        let (document, shown) = match document(workspace, base, &file("environment.json"), limits) {
            Ok(found) => found,
            Err(gap) => return self.gaps.push(gap),
        };
        for (surface, key) in [(Surface::Suite, "suites"), (Surface::Unit, "units")] {
            let pointer = Pointer::root().key(key);
            let list = document.root().get(key).filter(|list| list.is_list());
            let Some(list) = list else {
                let at = Where::pointer(&shown, pointer);
                self.gaps.push(Gap::new(GapKind::Invalid, at, "a list of names", "nothing of the kind"));
                continue;
            };
            for (index, item) in list.items().enumerate() {
                let at = Where::pointer(&shown, pointer.index(index));
                match item.text() {
                    Some(name) => {
                        let target = Target::nothing(surface, name, at);
                        self.targets.insert((surface, name.to_owned()), target);
                    }
                    None => self.gaps.push(Gap::new(GapKind::Invalid, at, "a name", item.excerpt(80))),
                }
            }
        }
    }

    /// Every directory with a result.
    fn listed(&mut self, workspace: &dyn Workspace, base: Base, surface: Surface, limits: &Limits) {
        let above = match surface {
            Surface::Suite => None,
            Surface::Unit => Some(file("unit")),
        };
        // A directory that is not there holds no results; what was selected is missed all the same.
        let entries = workspace.list(base, above.as_ref()).unwrap_or_default();
        for entry in entries.into_iter().filter(|entry| entry.kind == EntryKind::Directory) {
            let unnamed = |shown: String| {
                Gap::new(GapKind::Unreadable, Where::file(shown), "a name that a target can have", "another one")
            };
            let Ok(name) = RelPath::parse(&entry.name) else {
                self.gaps.push(unnamed(format!("{}:{}", base.word(), entry.name)));
                continue;
            };
            let directory = above.as_ref().map_or(name.clone(), |above| above.join(&name));
            let key = (surface, entry.name.clone());
            let path = directory.join(&file("result.json"));
            let artifact = workspace.open(base, &path).is_ok();
            let selected = self.targets.contains_key(&key);
            // Directories of other things are no targets; `unit` itself is none.
            if !artifact && !selected {
                continue;
            }
            // Written with escapes, it would name another target to whoever runs it again.
            if entry.name.contains('\\') {
                self.gaps.push(unnamed(workspace.shown(base, &path)));
                continue;
            }
            let mut target = Target::nothing(surface, &entry.name, Where::file(workspace.shown(base, &path)));
            target.directory = Some(directory);
            match document(workspace, base, &path, limits) {
                Ok((document, shown)) => {
                    target.take(document.root(), &shown).into_iter().for_each(|gap| self.gaps.push(gap))
                }
                Err(gap) => self.gaps.push(gap),
            }
            self.targets.insert(key, target);
        }
    }
}

fn file(path: &str) -> RelPath {
    RelPath::parse(path).expect("a sound path")
}

impl Target {
    fn nothing(surface: Surface, name: &str, at: Where) -> Self {
        let name = name.to_owned();
        Self { surface, name, directory: None, at, exit: None, signal: None, failed_tests: None }
    }

    /// Takes over what the result says, if it can be believed; otherwise why not.
    fn take(&mut self, result: Node<'_>, shown: &str) -> Option<Gap> {
        let number = |key: &str| result.get(key)?.number()?.as_integer().and_then(|number| i64::try_from(number).ok());
        let gap = |key: &str, expected: String| {
            let actual = result.get(key).map_or_else(|| "nothing".to_owned(), |node| node.excerpt(80));
            Some(Gap::new(GapKind::Invalid, Where::pointer(shown, Pointer::root().key(key)), expected, actual))
        };
        let key = self.surface.key();
        if result.get(key).and_then(Node::text) != Some(self.name.as_str()) {
            return gap(key, format!("`{}`, the name of its directory", self.name));
        }
        self.failed_tests = number("failed");
        self.signal = number("signal");
        let Some(exit) = number("exit_code") else { return gap("exit_code", "an exit code".to_owned()) };
        if exit == 0 && self.failed_tests != Some(0) {
            return gap("failed", "0, as the exit code is 0".to_owned());
        }
        if exit == 0 && number("total").is_none_or(|total| total <= 0) {
            return gap("total", "at least one test, as the exit code is 0".to_owned());
        }
        self.exit = Some(exit);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Instant;
    use crate::workspace::Memory;

    fn read(files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let workspace = Memory::at(Instant::UNIX_EPOCH).with_run("r");
        let workspace =
            files.iter().fold(workspace, |workspace, (path, text)| workspace.file(&format!("run:{path}"), text));
        let run = Run::read(&workspace, Base::Run, &Limits::default());
        let told = |target: &Target| format!("{} {} {:?}", target.surface.word(), target.name, target.exit);
        let gap = |gap: &Gap| format!("{} {}", gap.kind.word(), gap.at);
        (run.targets.values().map(told).collect(), run.gaps.iter().map(gap).collect())
    }

    const SELECTED: (&str, &str) = ("environment.json", r#"{"suites": ["a"], "units": ["u"]}"#);
    const UNIT: (&str, &str) = ("unit/u/result.json", r#"{"target": "u", "exit_code": 101, "failed": 1, "total": 1}"#);

    #[test]
    fn outcomes_come_from_results() {
        let suite = ("a/result.json", r#"{"suite": "a", "exit_code": 0, "failed": 0, "total": 2}"#);
        let (targets, gaps) = read(&[SELECTED, UNIT, suite, ("notes/readme.json", "{}")]);
        assert_eq!((targets, gaps), (vec!["suite a Some(0)".into(), "unit u Some(101)".into()], vec![]));
    }

    #[test]
    fn what_cannot_be_believed_did_not_pass() {
        let mut looked = 0;
        for (result, gap) in [
            ("{", "malformed r/a/result.json:1"),
            (r#"{"suite": "b", "exit_code": 0, "failed": 0, "total": 1}"#, "invalid r/a/result.json#/suite"),
            (r#"{"suite": "a", "failed": 0, "total": 1}"#, "invalid r/a/result.json#/exit_code"),
            (r#"{"suite": "a", "exit_code": "0", "failed": 0, "total": 1}"#, "invalid r/a/result.json#/exit_code"),
            (r#"{"suite": "a", "exit_code": 0, "failed": 2, "total": 2}"#, "invalid r/a/result.json#/failed"),
            (r#"{"suite": "a", "exit_code": 0, "failed": 0, "total": 0}"#, "invalid r/a/result.json#/total"),
        ] {
            let (targets, gaps) = read(&[SELECTED, UNIT, ("a/result.json", result)]);
            assert_eq!((targets[0].as_str(), gaps), ("suite a None", vec![gap.to_owned()]), "{result}");
            looked += 1;
        }
        assert_eq!(looked, 6);
    }

    #[test]
    fn what_left_no_result_is_missed() {
        let (targets, gaps) = read(&[SELECTED, UNIT, ("a/output.log", "running 1 test\n")]);
        assert_eq!((targets[0].as_str(), gaps), ("suite a None", vec!["missing r/a/result.json".to_owned()]));
        let (targets, gaps) = read(&[SELECTED, UNIT]);
        assert_eq!((targets[0].as_str(), gaps), ("suite a None", vec!["missing r/environment.json#/suites/0".to_owned()]));
        assert_eq!(read(&[]).1, ["missing r/environment.json"]);
        let (_, gaps) = read(&[("environment.json", r#"{"suites": [], "units": []}"#)]);
        assert_eq!(gaps, ["empty r/environment.json"]);
    }
}
