//! The directories that definitions name for verdicts, where the command that would have written there cannot.
//!
//! In: the words of a command line, as far as they are known. Out: directories. An older verdict that passes must stand in none of them, so too
//! many are found rather than too few: of the policy that was named and of the one that is configured; of the work tree, of the commit that
//! `--policy-ref` names, and where the work tree's definitions no longer say it, of the commit that is checked out.

use super::args::Definitions;
use super::{Console, place};
use crate::load::Selection;
use crate::model::{Base, RelPath};
use crate::pipeline;
use crate::workspace::{Disk, Outlet, Workspace};
use std::io;
use std::path::{Path, PathBuf};

/// The directories, each once; the likeliest first. One that is not there is not made, unless `made`.
pub fn outlets(definitions: &Definitions, policy_ref: Option<&str>, run: Option<&Path>, made: bool) -> Vec<Outlet> {
    let (mut out, mut err) = (io::sink(), io::sink());
    let mut silent = Console::apart(&mut out, &mut err);
    let mut open = |run| place::workspace(definitions, run, None, None, &mut silent);
    let run = run.filter(|run| run.is_dir());
    let Ok(workspace) = open(run).or_else(|_| open(None)) else { return Vec::new() };
    let there = |(base, path): &(Base, RelPath)| made || workspace.list(*base, Some(path)).is_ok();
    let named = named(definitions, policy_ref, &workspace);
    named.iter().filter(|named| there(named)).filter_map(|(base, path)| workspace.outlet(*base, path)?.ok()).collect()
}

/// The directories that hold something already, where the root that was named is none: of the repositories above it, and of those that
/// the current directory lies in, for one of them was perhaps meant.
pub fn perhaps_meant(definitions: &Definitions, policy_ref: Option<&str>, run: Option<&Path>) -> Vec<Outlet> {
    let Some(root) = definitions.root.as_deref().filter(|root| !root.is_dir()) else { return Vec::new() };
    let from = [std::path::absolute(root).ok(), place::root(None).ok()];
    let mut roots: Vec<PathBuf> = from.iter().flatten().flat_map(|from| from.ancestors()).map(Path::to_owned).collect();
    roots.retain(|root| root.join(place::CONFIG).is_file());
    roots.sort();
    roots.dedup();
    let of = |root: PathBuf| {
        let definitions = Definitions { root: Some(root), policy: definitions.policy.clone() };
        outlets(&definitions, policy_ref, run, false)
    };
    roots.into_iter().flat_map(of).collect()
}

fn named(definitions: &Definitions, policy_ref: Option<&str>, workspace: &Disk) -> Vec<(Base, RelPath)> {
    let mut found: Vec<(Base, RelPath)> = Vec::new();
    let mut take = |from: &dyn Workspace| {
        let mut told = false;
        for policy in [definitions.policy.clone(), None] {
            let loaded = pipeline::load(from, &Selection { policy });
            told |= loaded.output.is_some() || loaded.suite.is_some();
            found.extend(loaded.output);
        }
        told
    };
    let commit = |name: &str| workspace.commit(name).ok();
    let from = policy_ref.and_then(commit).is_some_and(|commit| take(&commit));
    let told = take(workspace) || from;
    if !told && let Some(commit) = commit("HEAD") {
        take(&commit);
    }
    let mut once: Vec<(Base, RelPath)> = Vec::new();
    for place in found {
        if !once.contains(&place) {
            once.push(place);
        }
    }
    once
}
