//! Losing more of a failing run never makes it pass.

use super::{Home, runner, scenarios};
use gatekeeper::cli::Exit;
use gatekeeper::model::{Pointer, RelPath};
use gatekeeper::scenario::{Action, Case, Edit, Tree};
use proptest::prelude::{Strategy, any, prop_assert};
use proptest::sample::Index;
use serde_json::Value;
use std::cell::Cell;
use std::collections::BTreeSet;

/// How many failing runs lose something.
pub const CASES: u32 = 25;
/// How often each of them does.
pub const TIMES: usize = 3;

const PACKS: [&str; 6] =
    ["gates/full-suite", "gates/e2e-run", "gates/agent-e2e", "gates/compose-flows", "gates/go-e2e", "gates/pipeline-run"];

/// What is lost: which file, the whole of it or one value, and which.
type Loss = (Index, bool, Index);

/// The files that the verdict rests on, but for those in which something is wrong already: taking that away would mend it. The
/// ledger is no evidence of a run.
fn evidence(verdict: &Value, case: &Case, tree: &Tree) -> Vec<RelPath> {
    let edited: BTreeSet<&RelPath> = case.edits.iter().map(|edit| &edit.file).collect();
    let rows = verdict["evidence"].as_array().into_iter().flatten().filter(|row| row["id"] != "ledger");
    let paths = rows.filter_map(|row| RelPath::parse(row["path"].as_str()?).ok());
    let files: BTreeSet<RelPath> = paths.filter(|path| tree.file(path).is_some() && !edited.contains(path)).collect();
    files.into_iter().collect()
}

/// Every value below the root of a document, and every record of a stream.
fn places(path: &RelPath, bytes: &[u8]) -> Vec<(Option<u64>, Option<Pointer>)> {
    let mut found = Vec::new();
    match path.extension() {
        Some("json") => serde_json::from_slice(bytes).into_iter().for_each(|root| walk(None, root, &mut found)),
        Some("jsonl") => {
            for (line, record) in (1..).zip(String::from_utf8_lossy(bytes).lines()) {
                serde_json::from_str(record).into_iter().for_each(|root| walk(Some(line), root, &mut found));
                found.push((Some(line), None));
            }
        }
        Some(_) | None => {}
    }
    found
}

/// The values below a root.
fn walk(line: Option<u64>, root: Value, found: &mut Vec<(Option<u64>, Option<Pointer>)>) {
    let mut open = vec![(Pointer::root(), root)];
    while let Some((at, value)) = open.pop() {
        if at != Pointer::root() {
            found.push((line, Some(at.clone())));
        }
        match value {
            Value::Object(map) => open.extend(map.into_iter().map(|(key, value)| (at.key(&key), value))),
            Value::Array(items) => open.extend(items.into_iter().enumerate().map(|(n, item)| (at.index(n), item))),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

fn lose(tree: &mut Tree, file: &RelPath, whole: bool, which: &Index) -> String {
    let places = tree.file(file).map(|bytes| places(file, bytes)).unwrap_or_default();
    if whole || places.is_empty() {
        tree.delete(file);
        return file.to_string();
    }
    let (line, at) = which.get(&places).clone();
    let told = format!("{file}:{}#{}", line.unwrap_or(1), at.as_ref().map_or("", Pointer::as_str));
    let edit = Edit { file: file.clone(), line, at, action: Action::Remove };
    edit.apply(tree).unwrap_or_else(|error| panic!("{told}: {error}"));
    told
}

#[test]
fn what_a_failing_run_loses_never_makes_it_pass() {
    let red: Vec<_> = scenarios(&PACKS).into_iter().filter(|(_, case, _)| [1, 3].contains(&case.expect.exit)).collect();
    assert!(red.len() > 300, "{} failing scenarios", red.len());
    let losses = proptest::collection::vec((any::<Index>(), proptest::bool::weighted(0.3), any::<Index>()), 1..=4);
    let several = proptest::collection::vec(losses, TIMES);
    let judged = Cell::new(0);
    let outcome = runner(CASES).run(&(any::<Index>(), several).no_shrink(), |(which, several): (Index, Vec<Vec<Loss>>)| {
        let (name, case, tree) = which.get(&red);
        let home = Home::new(tree, case);
        let (before, verdict) = home.judge();
        prop_assert!(before != Exit::Pass, "{name} passes before anything is lost");
        let files = verdict.map(|verdict| evidence(&verdict, case, tree)).unwrap_or_default();
        for losses in several.iter().filter(|_| !files.is_empty()) {
            let mut damaged = tree.clone();
            let lost: Vec<String> =
                losses.iter().map(|(file, whole, which)| lose(&mut damaged, file.get(&files), *whole, which)).collect();
            home.change(tree, &damaged);
            let (after, _) = home.judge();
            home.change(&damaged, tree);
            judged.set(judged.get() + 1);
            prop_assert!(after != Exit::Pass, "{name} passes without {}", lost.join(", "));
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert!(judged.get() > CASES, "{} judged", judged.get());
}
