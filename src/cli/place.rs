//! Where a command works: repository, run, clock.

use super::args::Definitions;
use super::trusted::{self, Trusted};
use super::{Console, Exit};
use crate::gate::Suite;
use crate::load::{Loaded, Selection};
use crate::model::{Instant, RelPath, parse_instant, shown_path};
use crate::workspace::{Disk, directories};
use crate::{diagnostic, pipeline};
use std::path::{Path, PathBuf};

/// A command's `--now`.
///
/// # Errors
/// [`Exit::Usage`], said.
pub fn clock(given: Option<&str>, console: &mut Console<'_>) -> Result<Option<Instant>, Exit> {
    instant("--now", given, console)
}

/// An instant on the command line.
///
/// # Errors
/// [`Exit::Usage`], said.
pub fn instant(flag: &str, given: Option<&str>, console: &mut Console<'_>) -> Result<Option<Instant>, Exit> {
    given.map(parse_instant).transpose().map_err(|phrase| {
        console.say(&format!("error: `{flag} {}` {phrase}", given.unwrap_or_default()));
        Exit::Usage
    })
}

/// The repository: `--root`, else the nearest directory at or above `from` with a `gatekeeper.toml`, else with a `.git`,
/// else `from` itself.
pub fn root(given: Option<&Path>, from: &Path) -> PathBuf {
    if let Some(root) = given {
        return root.to_owned();
    }
    let from = std::path::absolute(from).unwrap_or_else(|_| from.to_owned());
    let above = |name: &str| from.ancestors().find(|above| above.join(name).exists()).map(Path::to_owned);
    above("gatekeeper.toml").or_else(|| above(".git")).unwrap_or(from)
}

/// A directory below the repository that an untrusted text names; no way leads out.
pub fn below(root: &Path, named: &str) -> Option<PathBuf> {
    let below = if named == "." { root.to_owned() } else { root.join(RelPath::parse(named).ok()?.as_str()) };
    let (root, path) = (root.canonicalize().ok()?, below.canonicalize().ok()?);
    (path.is_dir() && path.starts_with(root)).then_some(path)
}

/// Evidence does not say how it is judged: a run with a `gatekeeper.toml` of its own is refused, unless the operator names the root
/// or works in that directory.
fn brings_no_definitions(definitions: &Definitions, parts: &[&Path]) -> Result<(), String> {
    let here = std::env::current_dir().unwrap_or_default();
    let foreign = |part: &&&Path| {
        let real = std::path::absolute(part).unwrap_or_else(|_| part.to_path_buf());
        part.join("gatekeeper.toml").exists() && !here.starts_with(real)
    };
    match parts.iter().find(foreign).filter(|_| definitions.root.is_none()) {
        None => Ok(()),
        Some(part) => Err(format!(
            "the run `{}` holds a gatekeeper.toml, and evidence does not say how it is judged; name the repository whose definitions count with `--root DIR`",
            shown_path(part)
        )),
    }
}

/// Opens the workspace for definitions alone or with a run.
///
/// # Errors
/// [`Exit::Usage`], said, when the root or a directory named by the operator cannot be opened.
pub fn workspace(
    definitions: &Definitions,
    run: Option<&Path>,
    baseline: Option<&Path>,
    now: Option<Instant>,
    console: &mut Console<'_>,
) -> Result<Disk, Exit> {
    let parts: Vec<&Path> = run.into_iter().collect();
    let opened = brings_no_definitions(definitions, &parts).and_then(|()| {
        let root = root(definitions.root.as_deref(), run.unwrap_or(Path::new(".")));
        Disk::new(&root, run, baseline, now)
    });
    opened.map_err(|phrase| {
        console.say(&format!("error: {phrase}"));
        Exit::Usage
    })
}

/// Opens the workspace for a run in shards.
///
/// # Errors
/// [`Exit::Usage`], said, when the root or a directory named by the operator cannot be opened.
pub fn shards(
    definitions: &Definitions,
    given: &[PathBuf],
    baseline: Option<&Path>,
    now: Option<Instant>,
    console: &mut Console<'_>,
) -> Result<Disk, Exit> {
    let opened = directories(given).and_then(|shards| {
        brings_no_definitions(definitions, &shards.iter().map(PathBuf::as_path).collect::<Vec<_>>())?;
        let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let paths: Vec<PathBuf> = shards.iter().map(absolute).collect();
        let above = paths.first().and_then(|first| {
            first.ancestors().find(|above| paths.iter().all(|path| path.starts_with(above))).map(Path::to_owned)
        });
        let root = root(definitions.root.as_deref(), &above.unwrap_or_default());
        Disk::new(&root, None, baseline, now)?.with_shards(&shards)
    });
    opened.map_err(|phrase| {
        console.say(&format!("error: {phrase}"));
        Exit::Usage
    })
}

/// Adds the earlier runs of `--history`, and says which of them are passed over.
///
/// # Errors
/// [`Exit::Usage`], said, when one cannot be opened or told from another.
pub fn with_history(workspace: Disk, given: &[PathBuf], console: &mut Console<'_>) -> Result<Disk, Exit> {
    if given.is_empty() {
        return Ok(workspace);
    }
    let (workspace, own) = workspace.with_history(given).map_err(|phrase| {
        console.say(&format!("error: {phrase}"));
        Exit::Usage
    })?;
    for path in own {
        console.say(&format!("note: `{}` is the run under judgement, so it is no part of its history", shown_path(&path)));
    }
    Ok(workspace)
}

/// Loads the definitions, prints what is wrong with them, and gives the suite if there is one.
///
/// # Errors
/// [`Exit::Usage`], said.
pub fn suite(
    workspace: &Disk,
    definitions: &Definitions,
    trusted: &Trusted,
    console: &mut Console<'_>,
) -> Result<Suite, Exit> {
    let commit = trusted::commit(trusted, workspace, console)?;
    let from = trusted::definitions(workspace, commit.as_ref());
    sound(pipeline::load(from, &Selection { policy: definitions.policy.clone() }), console)
}

/// The suite of sound definitions; else prints what is wrong with them.
///
/// # Errors
/// [`Exit::Usage`], said.
pub fn sound(loaded: Loaded, console: &mut Console<'_>) -> Result<Suite, Exit> {
    say_problems(&loaded, false, console);
    if let Some(suite) = &loaded.suite {
        console.shapes = suite.policy.secrets.clone();
    }
    loaded.suite.ok_or_else(|| {
        console.say("error: the definitions are not sound, so nothing was judged");
        Exit::Usage
    })
}

/// Prints problems, errors before warnings left to `lint`.
pub fn say_problems(loaded: &Loaded, warnings: bool, console: &mut Console<'_>) {
    for problem in &loaded.problems {
        if warnings || problem.severity == diagnostic::Severity::Error {
            let text = diagnostic::render(problem, &loaded.sources, console.colour);
            console.say(&text);
        }
    }
}
