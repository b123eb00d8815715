//! Scenarios judged in memory: what many of them share, a base, its definitions and its git, is made ready once and stands on a disk; what each
//! changes does not.
//!
//! Comes in: the cases, and whoever can judge a tree in memory. Goes out: a [`Ground`] for each base with its run and arguments. The first
//! scenario of each ground, and of each pack, is judged on a disk too, and both must come to the same: exit code, verdict and every word.

use super::expect::Judged;
use super::library::{Cases, Scenario};
use super::read::Case;
use super::tree::{Directory, Tree};
use super::{Judge, judge_tree, starting_tree};
use crate::model::RelPath;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A base that stands on a disk, and over which other trees are judged.
pub trait Ground: Send + Sync {
    /// Judges a tree as of an instant. `None` where only a directory can tell: it has other definitions than the base, or another git.
    fn judge(&self, tree: &Tree, now: &str) -> Option<Judged>;
}

/// Makes a ground of a base: where it stands, its files, the run and the further arguments of `verify`. `None` where nothing can be judged over it.
pub type GroundOf<'g> = dyn Fn(&Path, &Tree, Option<&RelPath>, &[String]) -> Option<Box<dyn Ground>> + Sync + 'g;

/// A base, its run, and the arguments.
type Key<'c> = (&'c RelPath, Option<&'c RelPath>, &'c [String]);

/// A ground, and the directory below it.
struct Standing {
    ground: Box<dyn Ground>,
    _directory: Directory,
}

/// How scenarios are judged.
pub(super) struct Bench<'c> {
    judge: &'c Judge<'c>,
    standing: BTreeMap<Key<'c>, Standing>,
    /// The scenarios that are judged both ways.
    both: BTreeSet<&'c str>,
}

impl<'c> Bench<'c> {
    /// Makes the grounds ready.
    pub(super) fn new(cases: &'c Cases, judge: &'c Judge<'c>, grounds: Option<&GroundOf<'_>>) -> Self {
        let mut first: BTreeMap<Key<'c>, &'c Scenario> = BTreeMap::new();
        let mut packs: BTreeMap<&str, &'c str> = BTreeMap::new();
        for scenario in &cases.scenarios {
            if let Some(key) = scenario.case.as_ref().ok().and_then(key).filter(|_| grounds.is_some()) {
                first.entry(key).or_insert(scenario);
                packs.entry(pack(&scenario.name)).or_insert(&scenario.name);
            }
        }
        let both = packs.into_values().chain(first.values().map(|scenario| &*scenario.name)).collect();
        let first: Vec<Key<'c>> = first.into_keys().collect();
        let stand = |key: Key<'c>| {
            let tree = cases.bases.get(key.0)?.as_ref().ok()?;
            let directory = tree.materialise().ok()?;
            let ground = grounds?(directory.path(), tree, key.1, key.2)?;
            Some((key, Standing { ground, _directory: directory }))
        };
        Self { judge, standing: first.into_par_iter().filter_map(stand).collect(), both }
    }

    /// Judges the tree of a scenario.
    pub(super) fn judge(&self, scenario: &Scenario, case: &Case, tree: &Tree) -> Result<Judged, String> {
        let over = |now| self.standing.get(&key(case)?)?.ground.judge(tree, now);
        match case.now.as_deref().and_then(over) {
            None => judge_tree(tree, case, self.judge),
            Some(judged) if !self.both.contains(&*scenario.name) => Ok(judged),
            Some(judged) => {
                let on_disk = judge_tree(tree, case, self.judge)?;
                if judged == on_disk { Ok(judged) } else { Err(otherwise(&judged, &on_disk)) }
            }
        }
    }

    /// Judges the tree that a scenario starts from.
    pub(super) fn judge_unedited(&self, cases: &Cases, scenario: &Scenario, case: &Case) -> Result<Judged, String> {
        self.judge(scenario, case, &starting_tree(cases, scenario, case)?)
    }
}

fn key(case: &Case) -> Option<Key<'_>> {
    let plain = case.shards.is_empty() && case.history.is_empty();
    Some((case.base.as_ref().filter(|_| plain)?, case.run.as_ref(), &case.args))
}

/// The two folders at the top of a scenario's name.
fn pack(name: &str) -> &str {
    name.match_indices('/').nth(1).map_or(name, |(end, _)| &name[..end])
}

fn otherwise(judged: &Judged, on_disk: &Judged) -> String {
    let all = |judged: &Judged| {
        format!("exit code {}\n{}\n{}", judged.exit, judged.verdict.as_deref().unwrap_or_default(), judged.stderr)
    };
    let (judged, on_disk) = (all(judged), all(on_disk));
    let line = judged.lines().zip(on_disk.lines()).find(|(one, other)| one != other);
    let (one, other) = line.unwrap_or(("(one of them is longer)", ""));
    format!("judged in memory otherwise than on a disk: `{one}` and `{other}`")
}
