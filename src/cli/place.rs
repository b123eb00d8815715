//! Where a command works: repository, run, clock.

use super::args::Definitions;
use super::trusted::{self, Trusted};
use super::{Console, Exit, told};
use crate::gate::Suite;
use crate::load::{Loaded, Selection};
use crate::model::{Instant, RelPath, parse_instant, shown_path};
use crate::report::sanitise;
use crate::workspace::{Disk, Workspace, directories};
use crate::{diagnostic, pipeline};
use std::path::{Path, PathBuf};

/// The configuration at the root of a repository.
pub const CONFIG: &str = "gatekeeper.toml";

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

/// The repository: `--root`, else the work tree of the current directory. Nothing that lies in or beside evidence says where it is.
///
/// # Errors
/// A phrase: which repository is meant cannot be told.
pub fn root(given: Option<&Path>) -> Result<PathBuf, String> {
    match given {
        Some(root) => Ok(root.to_owned()),
        None => {
            let here = std::env::current_dir().map_err(|error| format!("the current directory is gone: {error}"))?;
            around(&here)
        }
    }
}

/// The repository that a run lies in, for commands that show what is there and judge nothing: `--root`, else the nearest directory at or
/// above the run with a `gatekeeper.toml`, else with a `.git`, else the run itself.
///
/// # Errors
/// A phrase: the run brings a configuration of its own, and nobody works in it.
pub fn beside(given: Option<&Path>, run: &Path) -> Result<PathBuf, String> {
    if let Some(root) = given {
        return Ok(root.to_owned());
    }
    let from = std::path::absolute(run).unwrap_or_else(|_| run.to_owned());
    if from.join(CONFIG).exists() && !std::env::current_dir().unwrap_or_default().starts_with(&from) {
        return Err(format!(
            "the run `{}` holds a gatekeeper.toml, and evidence does not say how it is judged; name the repository whose \
             definitions count with `--root DIR`",
            shown_path(run)
        ));
    }
    let above = |name: &str| from.ancestors().find(|above| above.join(name).exists()).map(Path::to_owned);
    Ok(above(CONFIG).or_else(|| above(".git")).unwrap_or(from))
}

/// The repository around a directory that somebody works in: the top of its work tree, or the nearest directory at or above it whose
/// `gatekeeper.toml` git knows; without git, the nearest that has one, else the directory itself.
fn around(here: &Path) -> Result<PathBuf, String> {
    let above = |name: &str| here.ancestors().find(|above| above.join(name).exists());
    let (top, configured) = (above(".git"), above(CONFIG));
    match (top, configured) {
        (Some(top), Some(part)) if part != top && part.starts_with(top) => known_to_git(top, part),
        (Some(top), Some(_) | None) => Ok(top.to_owned()),
        (None, Some(part)) => Ok(part.to_owned()),
        (None, None) => Ok(here.to_owned()),
    }
}

/// A part of a repository with a configuration of its own, which git must know: one that came with evidence says nothing.
fn known_to_git(top: &Path, part: &Path) -> Result<PathBuf, String> {
    let config = part.join(CONFIG);
    let known = || -> Result<bool, String> {
        let below = config.strip_prefix(top).ok().and_then(Path::to_str).ok_or("its path is no text")?;
        let path = RelPath::parse(below).map_err(|error| error.to_string())?;
        let known = Disk::new(top, None, None, None)?.git()?.file(&path)?;
        Ok(known.head.is_some() || known.index.is_some())
    };
    match known() {
        Ok(true) => Ok(part.to_owned()),
        Ok(false) => Err(format!(
            "git does not know `{}`, and what lies beside evidence does not say how it is judged; add it to git, or name the \
             repository whose definitions count with `--root DIR`",
            shown_path(&config)
        )),
        Err(phrase) => Err(format!(
            "git cannot tell whether `{}` belongs to the repository ({phrase}); name the repository with `--root DIR`",
            shown_path(&config)
        )),
    }
}

/// A directory below the repository that an untrusted text names; no way leads out.
pub fn below(root: &Path, named: &str) -> Option<PathBuf> {
    let below = if named == "." { root.to_owned() } else { root.join(RelPath::parse(named).ok()?.as_str()) };
    let (root, path) = (root.canonicalize().ok()?, below.canonicalize().ok()?);
    (path.is_dir() && path.starts_with(root)).then_some(path)
}

/// Evidence does not say how it is judged. Where the repository has no configuration and none is named, one in or above the evidence was
/// perhaps meant, and nothing stands in for it.
fn brings_no_definitions(definitions: &Definitions, root: &Path, parts: &[&Path]) -> Result<(), String> {
    let same = |part: &Path| part.canonicalize().ok() == root.canonicalize().ok();
    let own = parts.iter().find(|part| definitions.root.is_none() && part.join(CONFIG).exists() && !same(part));
    if let Some(own) = own {
        return Err(format!(
            "the run `{}` holds a gatekeeper.toml, and evidence does not say how it is judged; name the repository \
             whose definitions count with `--root DIR`",
            shown_path(own)
        ));
    }
    if definitions.root.is_some() || definitions.policy.is_some() || root.join(CONFIG).exists() {
        return Ok(());
    }
    let configured = |part: &&Path| {
        let real = std::path::absolute(part).unwrap_or_else(|_| part.to_path_buf());
        real.ancestors().map(|above| above.join(CONFIG)).find(|config| config.exists())
    };
    match parts.iter().find_map(configured) {
        None => Ok(()),
        Some(config) => Err(format!(
            "evidence does not say how it is judged, and `{}` is not that of the current directory; name the repository whose \
             definitions count with `--root DIR`",
            shown_path(&config)
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
    let opened = root(definitions.root.as_deref()).and_then(|root| {
        brings_no_definitions(definitions, &root, &parts)?;
        console.detail(&format!("repository: {}", shown_path(&root)));
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
        let root = root(definitions.root.as_deref())?;
        brings_no_definitions(definitions, &root, &shards.iter().map(PathBuf::as_path).collect::<Vec<_>>())?;
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
        console.note(&format!("note: `{}` is the run under judgement, so it is no part of its history", shown_path(&path)));
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
        definitions_of(suite, console);
    }
    loaded.suite.ok_or_else(|| {
        console.say("error: the definitions are not sound, so nothing was judged");
        Exit::Usage
    })
}

/// Says which policy it is and where its definitions lie: what `-v` asks for.
pub fn definitions_of(suite: &Suite, console: &mut Console<'_>) {
    let gates = told::count(suite.gates.len(), "gate");
    console.detail(&format!("policy: `{}`, {gates}", suite.policy.id));
    for name in suite.sources.names() {
        console.detail(&format!("definitions: {}", sanitise::terminal(&name)));
    }
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
