//! The stage at which a pipeline failed, from the run itself.
//!
//! In: the run's `summary.json` and what the stage wrote. Out: the first failing stage with its first lines, and the key; a run of another kind
//! has none. Damage is told in a note: the verdict has judged the run already, and an issue without a detail is better than none.

use super::key::Key;
use super::normal;
use crate::collect;
use crate::model::{Base, Content, Limits, Node, RelPath, redact};
use crate::workspace::Workspace;
use std::io::Read;

/// How much of a log is read, in bytes: its first lines are what counts.
const READ_MOST: u64 = 1 << 20;

/// A stage that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// How it ended, for people: `exit code 1`, `timeout`.
    pub ended: String,
    /// Its key.
    pub key: Key,
    /// Its log, as the run names it.
    pub log: Option<String>,
    /// The first lines of its standard error as they are, but without secrets.
    pub lines: Vec<String>,
    /// What the run says of its environment, sorted.
    pub environment: Vec<(String, String)>,
}

/// What a run says about stages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stages {
    /// Whether it is the run of a pipeline at all.
    pub pipeline: bool,
    /// The first stage that failed.
    pub failing: Option<Stage>,
    /// What could not be told.
    pub notes: Vec<String>,
}

/// Looks at the run.
pub fn read(workspace: &dyn Workspace, limits: &Limits) -> Stages {
    let summary = RelPath::parse("summary.json").expect("a sound path");
    let Some(format) = collect::FORMATS.iter().find(|format| format.id == "pipeline-summary") else {
        return Stages::default();
    };
    let artifact = collect::look_as(workspace, Base::Run, &summary, format, limits);
    let document = match artifact.content {
        Ok(Content::Document(document)) => document,
        Ok(_) => {
            return Stages::default();
        }
        Err(gap) => {
            let notes = vec![format!("{} cannot be read: {}", artifact.path.shown, gap.actual)];
            return Stages { notes, ..Stages::default() };
        }
    };
    let root = document.root();
    let Some(stages) = root.get("stages").filter(|stages| stages.is_list()) else { return Stages::default() };
    let mut seen = Stages { pipeline: true, ..Stages::default() };
    // An attempt that another one followed is no failure of the stage.
    let is_last = |stage: &Node<'_>| stage.get("superseded").and_then(Node::boolean) != Some(true);
    let failed = |stage: &Node<'_>| is_last(stage) && stage.get("status").and_then(Node::text) == Some("failure");
    if let Some(stage) = stages.items().find(failed) {
        seen.failing = Some(failing(workspace, root, stage, &mut seen.notes));
    }
    seen
}

fn text(node: Node<'_>, key: &str) -> Option<String> {
    node.get(key).and_then(Node::text).filter(|text| !text.trim().is_empty()).map(str::to_owned)
}

fn failing(workspace: &dyn Workspace, root: Node<'_>, stage: Node<'_>, notes: &mut Vec<String>) -> Stage {
    let name = text(stage, "name").unwrap_or_else(|| "unnamed".to_owned());
    let code = stage.get("exit_code").and_then(Node::number).and_then(|code| code.as_integer());
    let class = text(stage, "error_class");
    let (ended, counts) = match (code, class) {
        (Some(code), None) => (format!("exit code {code}"), code.to_string()),
        (Some(code), Some(class)) => (format!("exit code {code}, {class}"), code.to_string()),
        (None, Some(class)) => (class.clone(), class),
        (None, None) => ("neither an exit code nor the class of an error".to_owned(), "unknown".to_owned()),
    };
    let home = text(root, "artifact_dir");
    let log = text(stage, "log").or_else(|| by_name(workspace, &name));
    let written = written(workspace, text(stage, "stderr"), log.as_deref(), home.as_deref(), &name, notes);
    let key = Key::of_run(&name, &counts, &written, text(root, "run_id").as_deref());
    let lines = redact(&written).lines().take(normal::LINES).map(str::to_owned).collect();
    let environment = root.get("environment").into_iter().flat_map(Node::entries);
    let environment = environment.filter_map(|(key, value)| Some((key.to_owned(), value.text()?.to_owned()))).collect();
    Stage { name, ended, key, log, lines, environment }
}

/// What a stage wrote: its standard error, else its log. What stands in for another is told.
fn written(
    workspace: &dyn Workspace,
    stderr: Option<String>,
    log: Option<&str>,
    home: Option<&str>,
    name: &str,
    notes: &mut Vec<String>,
) -> String {
    let begin = |path: &str| beginning(workspace, path, home).map_err(|phrase| format!("{path} {phrase}"));
    let mut lacks = None;
    if let Some(path) = stderr {
        match begin(&path) {
            Ok(text) if !text.trim().is_empty() => return text,
            // A stage that says nothing there says it in its log.
            Ok(_) => {}
            Err(phrase) => lacks = Some(phrase),
        }
    }
    match (log.ok_or_else(|| "it names no log".to_owned()).and_then(begin), lacks) {
        (Ok(text), None) => text,
        (Ok(text), Some(phrase)) => {
            notes.push(format!(
                "the key of stage {name} is made from its log, because its standard error is not there: {phrase}"
            ));
            text
        }
        (Err(phrase), lacks) => {
            let lacks = lacks.map(|lacks| format!("{lacks}; ")).unwrap_or_default();
            notes.push(format!("what stage {name} wrote is not part of the key: {lacks}{phrase}"));
            String::new()
        }
    }
}

/// The log of a stage that the summary names none for.
fn by_name(workspace: &dyn Workspace, name: &str) -> Option<String> {
    let path = format!("logs/{name}.log");
    let there = RelPath::parse(&path).is_ok_and(|path| workspace.open(Base::Run, &path).is_ok());
    there.then_some(path)
}

/// The beginning of a file of the run; an absolute path is one of the machine that recorded it.
fn beginning(workspace: &dyn Workspace, path: &str, home: Option<&str>) -> Result<String, String> {
    let below = home.and_then(|home| path.strip_prefix(home)).map_or(path, |rest| rest.trim_start_matches('/'));
    let path = RelPath::parse(below).map_err(|unsafe_path| unsafe_path.because.to_owned())?;
    let opened = workspace.open(Base::Run, &path).map_err(|_| "cannot be opened".to_owned())?;
    let mut bytes = Vec::new();
    opened.reader.take(READ_MOST).read_to_end(&mut bytes).map_err(|error| format!("cannot be read: {error}"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
