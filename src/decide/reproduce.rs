//! The commands of each gate with the run's own names.

use crate::gate::{Collected, Facts, Suite};
use crate::model::{EvidenceId, GateId, GateResult};

/// Fills them in from what was collected.
pub fn fill(gates: &mut [GateResult], suite: &Suite, collected: &Collected) {
    let run = collected.context.run.as_ref();
    let runs: Vec<&str> = match run {
        Some(run) if run.shards.is_empty() => vec![&run.path],
        Some(run) => run.shards.iter().map(String::as_str).collect(),
        None => Vec::new(),
    };
    let files = |gate: &GateId, id: &EvidenceId| {
        let found = collected.evidence.get(gate).and_then(|evidence| evidence.get(id));
        found.into_iter().flat_map(|found| &found.artifacts).map(|artifact| artifact.path.shown.clone()).collect()
    };
    for gate in gates {
        let id = gate.id.clone();
        let facts = Facts {
            runs: runs.clone(),
            run_id: run.and_then(|run| run.id.as_deref()),
            baseline: collected.baseline.as_deref(),
            files: &|evidence| files(&id, evidence),
        };
        put(gate, suite, &facts);
    }
}

/// Fills them in where nothing but the run's directory is known.
pub fn fill_unread(gates: &mut [GateResult], suite: &Suite, run: Option<&str>) {
    let facts = Facts { runs: run.into_iter().collect(), run_id: None, baseline: None, files: &|_| Vec::new() };
    gates.iter_mut().for_each(|gate| put(gate, suite, &facts));
}

fn put(gate: &mut GateResult, suite: &Suite, facts: &Facts<'_>) {
    let Some(defined) = suite.gates.get(&gate.id) else { return };
    let mut commands = defined.reproduce.commands(facts).into_iter();
    gate.reproduce = commands.next().unwrap_or_default();
    gate.then = commands.collect();
}
