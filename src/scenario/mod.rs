//! Golden scenarios: small repositories in a known state, each with one thing changed and the verdict that must come of it.
//!
//! Comes in: folders with a `case.toml` (see [`case`] for its keys) and a judge, which is the real command line. Goes out: a
//! [`Report`]. A scenario that cannot be read, whose edit does not apply, or that asks nothing fails; so does a run without
//! scenarios. Nothing is written outside temporary directories. Scenarios of one base are judged in memory where that comes to the same.

mod data;
mod edit;
mod embedded;
mod expect;
mod ground;
mod library;
mod printed;
mod read;
mod report;
mod tree;

pub use data::Data;
pub use edit::{Action, Edit};
pub use expect::{Expect, ExpectGate, Judged, Others, Seen};
pub use ground::{Ground, GroundOf};
pub use library::{Cases, Library, Scenario};
pub use printed::{Named, Printed};
pub use read::{Case, case};
pub use report::{CaseReport, Report};
pub use tree::Tree;

use crate::model::RelPath;
use ground::Bench;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;

/// Judges a tree: `verify` with this root (which the arguments do not name) and these arguments.
pub type Judge<'j> = dyn Fn(&Path, &[String]) -> Judged + Sync + 'j;

/// A tree before its edits, and how it is judged: scenarios that share both share one judgement.
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone)]
struct Unedited<'c> {
    base: Option<&'c RelPath>,
    /// The scenario whose own tree it is, where it names no base.
    own: Option<&'c str>,
    run: Option<&'c RelPath>,
    shards: &'c [RelPath],
    history: &'c [RelPath],
    now: Option<&'c str>,
    args: &'c [String],
}

/// The scenarios inside this binary.
///
/// # Errors
/// Phrases: what keeps them from being read.
pub fn built_in() -> Result<Cases, Vec<String>> {
    Library::embedded().find(None).map_err(|error| vec![error])
}

/// The scenarios at or below a folder of the disk. Bases are looked for below the nearest folder called `fixtures` at or above
/// it, else below the folder itself.
///
/// # Errors
/// Phrases: what keeps them from being read.
pub fn below(folder: &Path) -> Result<Cases, Vec<String>> {
    let folder = std::path::absolute(folder).map_err(|error| vec![format!("{}: {error}", folder.display())])?;
    let (library, below) = Library::around(&folder);
    library.find(below.as_ref()).map_err(|error| vec![error])
}

/// Runs every scenario, in parallel; the report is in the order of the scenarios. With `grounds`, those that it can judge are judged in memory.
pub fn run_all(cases: &Cases, judge: &Judge<'_>, grounds: Option<&GroundOf<'_>>) -> Report {
    let bench = Bench::new(cases, judge, grounds);
    // The unedited trees come first and apart. Waiting for one inside a parallel scenario could deadlock, because the judge
    // itself works in parallel and may be handed another scenario while it waits.
    let mut unedited: BTreeMap<Unedited<'_>, &Scenario> = BTreeMap::new();
    for scenario in &cases.scenarios {
        if let Some(key) = scenario.case.as_ref().ok().and_then(|case| compared_with(case, scenario)) {
            unedited.entry(key).or_insert(scenario);
        }
    }
    let unedited: Vec<(Unedited<'_>, &Scenario)> = unedited.into_iter().collect();
    let before: BTreeMap<Unedited<'_>, Result<Seen, String>> =
        unedited.into_par_iter().map(|(key, scenario)| (key, judge_unedited(cases, scenario, &bench))).collect();
    let reports = cases.scenarios.par_iter().map(|scenario| {
        let ran = match &scenario.case {
            Ok(case) => run(cases, scenario, case, &before, &bench),
            Err(problems) => Err(problems.clone()),
        };
        let (differences, printed) = ran.unwrap_or_else(|error| (vec![error], None));
        let says = scenario.case.as_ref().map(|case| case.says.clone()).unwrap_or_default();
        CaseReport { name: scenario.name.clone(), says, differences, printed }
    });
    Report { cases: reports.collect() }
}

/// The tree with which gates that the case does not name are compared; `None` if there is nothing to compare.
fn compared_with<'c>(case: &'c Case, scenario: &'c Scenario) -> Option<Unedited<'c>> {
    let changed = !case.edits.is_empty() || (case.base.is_some() && !scenario.own.is_empty());
    (case.expect.needs_base() && changed).then(|| Unedited {
        base: case.base.as_ref(),
        own: case.base.is_none().then_some(scenario.name.as_str()),
        run: case.run.as_ref(),
        shards: &case.shards,
        history: &case.history,
        now: case.now.as_deref(),
        args: &case.args,
    })
}

fn judge_unedited(cases: &Cases, scenario: &Scenario, bench: &Bench<'_>) -> Result<Seen, String> {
    let case = scenario.case.as_ref().map_err(String::clone)?;
    let judged = bench.judge_unedited(cases, scenario, case)?;
    let verdict = judged.verdict.ok_or_else(|| {
        format!(
            "the unedited tree reaches no verdict (exit code {}), so other gates cannot be compared with it: {}",
            judged.exit,
            expect::excerpt(&judged.stderr)
        )
    })?;
    Seen::read(&verdict)
}

/// The tree before anything is changed: the base, or the scenario's own tree if it names none.
fn starting_tree(cases: &Cases, scenario: &Scenario, case: &Case) -> Result<Tree, String> {
    match &case.base {
        Some(base) => cases.bases.get(base).cloned().unwrap_or_else(|| Err(format!("the base `{base}` was not read"))),
        None if scenario.own.is_empty() => Err("the scenario has neither a `base` nor a `tree/` folder".to_owned()),
        None => Ok(scenario.own.clone()),
    }
}

fn run(
    cases: &Cases,
    scenario: &Scenario,
    case: &Case,
    before: &BTreeMap<Unedited<'_>, Result<Seen, String>>,
    bench: &Bench<'_>,
) -> Result<(Vec<String>, Option<Printed>), String> {
    let base = match compared_with(case, scenario) {
        Some(key) => match before.get(&key) {
            Some(Ok(seen)) => Some(seen),
            Some(Err(error)) => return Err(error.clone()),
            None => return Err("the unedited tree was not judged".to_owned()),
        },
        None => None,
    };
    let mut tree = starting_tree(cases, scenario, case)?;
    tree.overlay(&scenario.own);
    let unedited = tree.clone();
    for (index, edit) in case.edits.iter().enumerate() {
        edit.apply(&mut tree).map_err(|error| format!("edit {}: {error}", index + 1))?;
    }
    let judged = bench.judge(scenario, case, &tree)?;
    let failed = case.expect.verdict.as_deref().is_some_and(|word| word != "pass");
    let printed = failed.then(|| printed::printed(case, &unedited, &judged)).flatten();
    Ok((case.expect.differences(&judged, base), printed))
}

fn judge_tree(tree: &Tree, case: &Case, judge: &Judge<'_>) -> Result<Judged, String> {
    let root = tree.materialise()?;
    let mut args = Vec::new();
    args.extend(case.run.as_ref().map(|run| root.path().join(run.as_str()).display().to_string()));
    let below = |path: &RelPath| root.path().join(path.as_str()).display().to_string();
    args.extend(case.shards.iter().map(|shard| format!("--shards={}", below(shard))));
    args.extend(case.history.iter().map(|run| format!("--history={}", below(run))));
    args.extend(case.now.iter().map(|now| format!("--now={now}")));
    args.extend(case.args.iter().cloned());
    Ok(judge(root.path(), &args))
}

#[cfg(test)]
mod tests;
