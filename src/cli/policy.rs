//! `gatekeeper policy diff`: what a change of the definitions does to judgements.

use super::args::Definitions as Where;
use super::{Console, Exit, place, refused};
use crate::compare::{self, Definitions, End};
use crate::diagnostic::{Severity, did_you_mean, render};
use crate::load::Selection;
use crate::model::{Base, RelPath, shown_path};
use crate::pipeline;
use crate::report::sanitise::terminal;
use crate::report::wire::{v1::policy_diff::PolicyDiff, write_document};
use crate::workspace::{Denied, Disk, Workspace};
use clap::{Args, Subcommand};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  gatekeeper policy diff origin/main .                      the work tree against a branch
  gatekeeper policy diff v1.3 HEAD                          two commits
  gatekeeper policy diff ../trusted .                       two directories
  gatekeeper policy diff \"$BASE_SHA\" . -o json=diff.json -o markdown > comment.md

A directory is written so that it cannot be taken for a commit: `.`, `./x`, `../x` or `/x`. Definitions are compared as they load:
gates, policy, configuration, ledger, with the packs inside this binary. What cannot be shown to be harmless counts as weaker.
Exit codes: 0 nothing is weaker, 1 something is weaker or unclear, 2 usage, or definitions that do not load, 4 internal.";

/// `gatekeeper policy`.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct Policy {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List every change of the definitions, and say which of them make judgements weaker.
    Diff(Diff),
}

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
struct Diff {
    /// The version that is trusted: a commit, branch or tag of the root, or a directory.
    #[arg(value_name = "BASE")]
    base: String,

    /// The version that is to take its place.
    #[arg(value_name = "HEAD", default_value = ".")]
    head: String,

    #[command(flatten)]
    at: Where,

    /// How to print: table, json or markdown; with a path, into that file. May be given several times. Default: table.
    #[arg(short = 'o', long = "output", value_name = "FORMAT[=PATH]")]
    outputs: Vec<String>,
}

/// How a difference is printed.
type Writer = fn(&PolicyDiff) -> Vec<u8>;

const FORMATS: [(&str, Writer); 3] = [
    ("table", |diff| compare::table(diff).into_bytes()),
    ("json", |diff| {
        let mut bytes = Vec::new();
        write_document(diff, &mut bytes).expect("memory takes it");
        bytes
    }),
    ("markdown", |diff| compare::markdown(diff).into_bytes()),
];

/// Runs the command.
///
/// # Errors
/// The exit code of whatever kept it from comparing, said.
pub fn run(args: &Policy, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let What::Diff(args) = &args.what;
    make_fail(&args.outputs, console);
    let outputs = outputs(args, console)?;
    let disk = place::workspace(&args.at, None, None, None, console)?;
    let base = end("base", &args.base, &disk, args, console);
    // The faults of both are told at once.
    let head = end("head", &args.head, &disk, args, console);
    let (base, head) = (base?, head?);
    let changes = compare::compare(&base.1, &head.1);
    let diff = compare::document((&base.0, &base.1), (&head.0, &head.1), &changes);
    let mut undelivered = false;
    for (write, path) in outputs {
        let bytes = write(&diff);
        undelivered |= match path {
            None => console.deliver(&bytes).is_err(),
            Some(path) => match disk.publish(&path, &bytes) {
                Ok(()) => false,
                Err(error) => {
                    console.say(&format!("error: cannot write `{}`: {error}", shown_path(&path)));
                    true
                }
            },
        };
    }
    Ok(if undelivered {
        Exit::Internal
    } else if changes.iter().any(|change| change.class.weakens()) {
        Exit::Failed
    } else {
        Exit::Pass
    })
}

/// Has the files behind `-o` say that nothing was compared.
pub fn make_fail<T: AsRef<OsStr>>(given: &[T], console: &mut Console<'_>) {
    for text in given.iter().filter_map(|text| text.as_ref().to_str()) {
        let Some((name, path)) = text.split_once('=').filter(|(_, path)| !path.is_empty()) else { continue };
        let known = FORMATS.iter().find(|(known, _)| *known == name);
        let likely = || FORMATS.iter().find(|(known, _)| (*known == "json") == path.ends_with(".json"));
        let (_, write) = known.or_else(likely).expect("there are others than JSON");
        refused::put(Path::new(path), &write(&compare::unfinished()), console);
    }
}

fn outputs(args: &Diff, console: &mut Console<'_>) -> Result<Vec<(Writer, Option<PathBuf>)>, Exit> {
    let given: Vec<&str> =
        if args.outputs.is_empty() { vec!["table"] } else { args.outputs.iter().map(String::as_str).collect() };
    let mut outputs = Vec::new();
    for text in given {
        let (name, path) = text.split_once('=').map_or((text, None), |(name, path)| (name, Some(path)));
        let known = FORMATS.iter().find(|(known, _)| *known == name);
        match (known, path) {
            (Some(_), Some("")) => {
                console.say(&format!("error: `-o {text}` names no file"));
                return Err(Exit::Usage);
            }
            (Some((_, write)), path) => outputs.push((*write, path.map(PathBuf::from))),
            (None, _) => {
                let help = did_you_mean(name, FORMATS.iter().map(|(known, _)| *known));
                console.say(&format!("error: there is no format `{name}` here; {help}"));
                return Err(Exit::Usage);
            }
        }
    }
    Ok(outputs)
}

/// Whether a text is written as a directory: nothing that can name a commit. A branch and a directory of one name must never
/// be mistaken for each other, for a pull request can make the directory.
fn is_directory(text: &str) -> bool {
    let path = Path::new(text);
    matches!(text, "." | "..")
        || ["./", "../", ".\\", "..\\"].iter().any(|start| text.starts_with(start))
        || path.is_absolute()
}

fn end(word: &str, given: &str, root: &Disk, args: &Diff, console: &mut Console<'_>) -> Result<(End, Definitions), Exit> {
    let shown = terminal(given);
    if is_directory(given) {
        // `.` is the repository around us, as for every other command.
        let directory = if given == "." { None } else { Some(Path::new(given)) };
        let disk = directory.map(|directory| Disk::new(directory, None, None, None)).transpose().map_err(|phrase| {
            console.say(&format!("error: {phrase}"));
            Exit::Usage
        })?;
        let definitions = load(word, &shown, disk.as_ref().unwrap_or(root), args, console)?;
        return Ok((End { given: given.to_owned(), commit: None }, definitions));
    }
    let commit = root.commit(given).map_err(|phrase| {
        console.say(&format!("error: `{shown}`: {phrase}"));
        if Path::new(given).is_dir() {
            console.say(&format!("help: if you mean the directory, write `./{shown}`"));
        }
        Exit::Usage
    })?;
    let definitions = load(word, &shown, &commit, args, console)?;
    Ok((End { given: given.to_owned(), commit: Some(commit.id()) }, definitions))
}

fn load(
    word: &str,
    shown: &str,
    workspace: &dyn Workspace,
    args: &Diff,
    console: &mut Console<'_>,
) -> Result<Definitions, Exit> {
    // A policy that one of the sides does not have must not be read from where we stand, which may be the other side.
    let named = args.at.policy.as_deref().filter(|named| named.ends_with(".toml") || named.contains(['/', '\\']));
    if let Some(path) = named.and_then(|named| RelPath::parse(named).ok())
        && let Err(Denied::Missing) = workspace.open(Base::Repo, &path)
    {
        console.say(&format!("error: the {word} `{shown}` has no policy `{path}`, so nothing was compared"));
        return Err(Exit::Usage);
    }
    let loaded = pipeline::load(workspace, &Selection { policy: args.at.policy.clone() });
    Definitions::new(workspace, loaded).map_err(|(problems, sources)| {
        for problem in problems.iter().filter(|problem| problem.severity == Severity::Error) {
            let text = render(problem, &sources, console.colour);
            console.say(&text);
        }
        console.say(&format!("error: the definitions of the {word} `{shown}` do not load, so nothing was compared"));
        Exit::Usage
    })
}
