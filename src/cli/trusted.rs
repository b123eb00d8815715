//! `--policy-ref`: definitions from a commit, evidence from the work tree.
//!
//! Whoever opens a pull request writes its work tree. Policy, gates and configuration are therefore read from the commit alone.
//! The ledger is two things: exceptions, which only the commit may grant, and the classification of test files, which must
//! change together with them. So that of the work tree is taken as long as it excuses nothing that the commit's does not, and
//! that of the commit otherwise.

use super::{Console, Exit};
use crate::compare::{self, Change, Definitions};
use crate::diagnostic::{Code, Diagnostic};
use crate::gate::Suite;
use crate::load::{self, Selection};
use crate::model::{Base, PolicyRef, RelPath, Shape};
use crate::pipeline;
use crate::report::sanitise;
use crate::workspace::{Commit, Denied, Disk, ExceptionsFrom, Pinned, Workspace};
use clap::Args;

/// Where definitions come from, if not from the work tree.
#[derive(Debug, Args, Clone, Default)]
pub struct Trusted {
    /// Take the definitions from this commit, branch or tag, and only the evidence from the work tree. Use the base of a pull
    /// request, so that it cannot change what it is judged by.
    #[arg(long, value_name = "REF")]
    pub policy_ref: Option<String>,
}

/// Opens the commit that is named, if one is.
///
/// # Errors
/// [`Exit::Usage`], said: there is no such commit.
pub fn commit(args: &Trusted, disk: &Disk, console: &mut Console<'_>) -> Result<Option<Commit>, Exit> {
    let Some(name) = &args.policy_ref else { return Ok(None) };
    disk.commit(name).map(Some).map_err(|phrase| {
        console.say(&format!("error: `--policy-ref {}`: {phrase}", sanitise::terminal(name)));
        Exit::Usage
    })
}

/// The workspace that definitions are read from.
pub fn definitions<'w>(disk: &'w Disk, commit: Option<&'w Commit>) -> &'w dyn Workspace {
    match commit {
        Some(commit) => commit,
        None => disk,
    }
}

/// The work tree to judge, if the definitions are those of a commit that is named.
///
/// # Errors
/// [`Exit::Usage`], said: the commit's `git_dir` cannot serve.
pub fn pinned<'w>(
    args: &Trusted,
    commit: Option<&'w Commit>,
    disk: &'w Disk,
    suite: &Suite,
    console: &mut Console<'_>,
) -> Result<Option<(Pinned<'w>, PolicyRef)>, Exit> {
    let Some((name, commit)) = args.policy_ref.as_deref().zip(commit) else { return Ok(None) };
    attach_git(disk, suite, console)?;
    Ok(Some(pin(name, commit, disk, suite)))
}

/// The work tree to judge with the definitions of a commit, and what the verdict says of that.
fn pin<'w>(name: &str, commit: &'w Commit, disk: &'w Disk, suite: &Suite) -> (Pinned<'w>, PolicyRef) {
    let content = in_force(name, commit, disk, suite);
    let ledger_of_commit = content == ExceptionsFrom::Commit;
    let ledger: Vec<RelPath> =
        suite.policy.ledger.iter().filter(|(base, _)| *base == Base::Repo).map(|(_, path)| path.clone()).collect();
    let pinned = Pinned::new(disk, commit, ledger, content);
    (pinned, PolicyRef { name: name.to_owned(), commit: commit.id(), ledger: ledger_of_commit })
}

/// Follows the commit's `git_dir`, as the loader does for definitions of the work tree.
///
/// # Errors
/// [`Exit::Usage`], said.
pub fn attach_git(disk: &Disk, suite: &Suite, console: &mut Console<'_>) -> Result<(), Exit> {
    let stated = suite.settings.iter().filter(|stated| stated.key == "git_dir");
    for value in stated.filter_map(|stated| stated.value.clone()) {
        let document = crate::model::Document::new(value);
        if let Shape::Text(text) = document.root().shape()
            && let Ok(directory) = RelPath::parse(text)
            && let Err(phrase) = disk.attach_git(&directory)
        {
            console.say(&format!("error: `{directory}` cannot serve as git directory: {phrase}"));
            return Err(Exit::Usage);
        }
    }
    Ok(())
}

/// Whose exceptions are in force: those of the work tree as long as they grant nothing that those of the commit do not. A file that is
/// gone, and entries that are damaged, grant nothing: while there is one, no exception holds at all, and it is left in place to be found.
/// What cannot be read as a whole, and so not be compared, is not looked at either.
fn in_force(name: &str, commit: &Commit, disk: &Disk, suite: &Suite) -> ExceptionsFrom {
    let gone = |path: &RelPath| matches!(disk.open(Base::Repo, path), Err(Denied::Missing));
    let there = |path: &RelPath| !matches!(commit.open(Base::Repo, path), Err(Denied::Missing));
    if suite.policy.ledger.iter().any(|(base, path)| *base == Base::Repo && there(path) && gone(path)) {
        return ExceptionsFrom::WorkTree;
    }
    let (mut before, mut after) = (suite.sources.clone(), suite.sources.clone());
    let head = match load::ledger_files(disk, suite, &mut after) {
        Ok(head) => head,
        Err(problems) => {
            let damaged = |problem: &&Diagnostic| problem.code == Code::LEDGER;
            return match problems.iter().find(|problem| !damaged(problem)) {
                None => ExceptionsFrom::WorkTree,
                Some(problem) => ExceptionsFrom::Refused(format!(
                    "it cannot be compared with that of `{}`: {}",
                    sanitise::terminal(name),
                    sanitise::terminal(&problem.headline)
                )),
            };
        }
    };
    // If the commit's own cannot be read, nothing is granted: then it is the one to be found damaged.
    let Ok(base) = load::ledger_files(commit, suite, &mut before) else { return ExceptionsFrom::Commit };
    let changes = compare::compare_ledgers((&base, &before), (&head, &after));
    match changes.iter().any(|change| change.class.weakens()) {
        true => ExceptionsFrom::Commit,
        false => ExceptionsFrom::WorkTree,
    }
}

/// Says how the definitions of the work tree, which were not used, differ from those of the commit.
pub fn mention(from: &PolicyRef, commit: &Commit, disk: &Disk, selection: &Selection, console: &mut Console<'_>) {
    let short = &from.commit[..from.commit.len().min(12)];
    let judged = format!("judged by those of `{}` ({short})", sanitise::terminal(&from.name));
    let load = |workspace: &dyn Workspace| Definitions::new(workspace, pipeline::load(workspace, selection)).ok();
    match (load(commit), load(disk)) {
        (Some(base), Some(head)) => {
            let changes = compare::compare(&base, &head);
            let weaker = changes.iter().filter(|change: &&Change| change.class.weakens()).count();
            if !changes.is_empty() {
                console.note(&format!(
                    "note: {} of the definitions differ in the work tree, {weaker} of them weaker or unclear; {judged}; \
                     `gatekeeper policy diff {} .` lists them",
                    changes.len(),
                    sanitise::shell_word(&from.name).unwrap_or_else(|| "REF".to_owned()),
                ));
            }
        }
        (_, _) => console.note(&format!("note: the definitions of the work tree cannot be compared; {judged}")),
    }
    if from.ledger {
        console.note("note: the ledger of the work tree excuses more, or otherwise, so that of the commit is in force");
    }
}
