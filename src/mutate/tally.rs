//! Fates to counts: of all, of what is declared, of each gate and file, and the survivors by field.

use super::judge::Fate;
use super::mutant::{Mutant, Mutator};
use super::survivors::Survivors;
use super::{Stage, Trial};
use crate::model::{GateId, Where, show_instant};
use crate::report::wire::v1::Tool;
use crate::report::wire::v1::mutation::{Drawn, FileRow, GateRow, MUTATION_SCHEMA, Mutation, Survivor, Tally};
use std::collections::{BTreeMap, BTreeSet};

/// How a mutant counts.
enum Count<'r> {
    Killed,
    Noticed,
    Survived,
    Accepted(&'r str),
}

fn add(tally: &mut Tally, count: &Count<'_>) {
    tally.mutants += 1;
    *match count {
        Count::Killed => &mut tally.killed,
        Count::Noticed => &mut tally.noticed,
        Count::Survived => &mut tally.survived,
        Count::Accepted(_) => &mut tally.accepted,
    } += 1;
}

/// With the rate.
fn rated(mut tally: Tally) -> Tally {
    let counted = tally.mutants - tally.accepted;
    tally.rate = (counted > 0).then(|| tally.killed as f64 / counted as f64);
    tally
}

/// Survivors of one field of files that are read alike, with or without a reason.
#[derive(Default)]
struct Cluster {
    files: BTreeSet<usize>,
    mutators: BTreeSet<Mutator>,
    mutants: usize,
    example: String,
    gates: BTreeSet<GateId>,
}

/// The report.
pub(super) fn report(trial: &Trial, stage: &Stage<'_>, fates: &[Fate], survivors: &Survivors) -> Mutation {
    let (mut total, mut declared) = (Tally::default(), Tally::default());
    let mut files = vec![Tally::default(); trial.targets.len()];
    let mut gates: BTreeMap<&GateId, GateRow> = BTreeMap::new();
    for result in &trial.basis.verdict.gates {
        let row = GateRow { id: result.id.to_string(), blocking: result.terms.blocking, mutants: 0, fell: 0, alone: 0 };
        gates.insert(&result.id, row);
    }
    let mut clusters: BTreeMap<(usize, &str, bool, Option<String>), Cluster> = BTreeMap::new();
    let mut equal = 0;
    for (mutant, fate) in trial.mutants.iter().zip(fates) {
        let (path, by) = (trial.path(mutant), trial.declared[mutant.file].by(mutant));
        if *fate == Fate::Equal {
            equal += 1;
            continue;
        }
        let stands = matches!(fate, Fate::Survived | Fate::Noticed(_));
        let reason = survivors.reason(path, &mutant.field, mutant.mutator, stands);
        let count = match (fate, reason) {
            (Fate::Killed(_), _) => Count::Killed,
            (Fate::Noticed(_), None) => Count::Noticed,
            (Fate::Survived | Fate::Noticed(_) | Fate::Equal, Some(reason)) => Count::Accepted(reason),
            (Fate::Survived | Fate::Equal, None) => Count::Survived,
        };
        add(&mut total, &count);
        add(&mut files[mutant.file], &count);
        if by.is_some() {
            add(&mut declared, &count);
        }
        for id in &trial.targets[mutant.file].gates {
            gates.entry(id).and_modify(|row| row.mutants += 1);
        }
        if let Fate::Killed(fallen) | Fate::Noticed(fallen) = fate {
            for id in fallen {
                gates.entry(id).and_modify(|row| {
                    row.fell += 1;
                    row.alone += usize::from(fallen.len() == 1);
                });
            }
        }
        let reason = match count {
            Count::Killed | Count::Noticed => continue,
            Count::Survived => None,
            Count::Accepted(reason) => Some(reason.to_owned()),
        };
        let key = (trial.groups[mutant.file], mutant.field.as_str(), by.is_some(), reason);
        let cluster = clusters.entry(key).or_default();
        cluster.files.insert(mutant.file);
        cluster.mutators.insert(mutant.mutator);
        cluster.mutants += 1;
        cluster.gates.extend(by.unwrap_or_default());
        if cluster.example.is_empty() {
            cluster.example = place(path, mutant);
        }
    }
    let tried = trial.mutants.len() - equal;
    // A change that comes to the same bytes is no mutant, and was never possible.
    let possible = trial.possible.saturating_sub(equal as u64);
    let all = possible == tried as u64;
    let paths: Vec<&str> = trial.targets.iter().map(|target| target.shown.as_str()).collect();
    let fields: BTreeSet<&str> = trial.mutants.iter().map(|mutant| mutant.field.as_str()).collect();
    let drawn = Drawn { possible, tried, all, seed: trial.sampling.seed };
    let mut rows: Vec<Survivor> = clusters.into_iter().map(|(key, cluster)| row(trial, key, cluster)).collect();
    rows.sort_by(|a, b| (&a.path, &a.field, &a.reason).cmp(&(&b.path, &b.field, &b.reason)));
    let evidence = trial.targets.iter().zip(files).map(|(target, tally)| FileRow {
        path: target.shown.clone(),
        gates: target.gates.iter().map(ToString::to_string).collect(),
        tally: rated(tally),
    });
    let verdict = &trial.basis.verdict;
    Mutation {
        schema: MUTATION_SCHEMA,
        tool: Tool::US,
        generated_at: show_instant(stage.workspace.now()),
        policy: verdict.policy.to_string(),
        policy_sha256: verdict.policy_digest.to_string(),
        run: verdict.run.as_ref().map(|run| run.path.clone()),
        verdict: verdict.ruling().word(),
        sample: drawn,
        total: rated(total),
        declared: rated(declared),
        evidence: evidence.collect(),
        gates: verdict.gates.iter().filter_map(|result| gates.remove(&result.id)).collect(),
        survivors: rows,
        untrue: survivors.untrue(all, &paths, &fields),
        whole_only: trial.shallow.clone(),
    }
}

fn row(trial: &Trial, (_, field, declared, reason): (usize, &str, bool, Option<String>), cluster: Cluster) -> Survivor {
    let first = cluster.files.first().map(|file| trial.targets[*file].shown.clone());
    Survivor {
        path: first.unwrap_or_default(),
        files: cluster.files.len(),
        field: field.to_owned(),
        mutators: cluster.mutators.iter().map(|mutator| mutator.word().to_owned()).collect(),
        mutants: cluster.mutants,
        example: cluster.example,
        declared_by: cluster.gates.iter().map(ToString::to_string).collect(),
        declared,
        reason,
    }
}

/// Where a mutant is.
fn place(path: &str, mutant: &Mutant) -> String {
    Where { path: path.to_owned(), pointer: mutant.at.clone(), line: mutant.line }.to_string()
}
