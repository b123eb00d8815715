//! The generator of `fixtures/repos/agent-cli`: a small repository of the first system with two runs, every gate of which is
//! green at [`NOW`].
//!
//! In: the primary files, written by hand (manifest, sources, tests, runbook). Out: the whole tree. Counts, rates, digests,
//! ids of commits and names of tests are computed from what they describe and never typed.

mod boundary;
mod certification;
mod claims;
mod conformance;
mod evidence;
mod history;
mod ledger;
mod performance;
mod run;
mod sources;
mod tracker;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// Files by their path below the repository.
pub type Tree = BTreeMap<String, Vec<u8>>;

/// The clock at which the repository is green; cases judge it at this instant.
pub const NOW: &str = "2026-03-02T12:00:00Z";

/// The campaign that made the evidence: the newer run, and the reports that belong to it.
const RUN: run::Stamp = run::Stamp { name: "20260302T101500Z", id: "run-20260302-101500-7c1e" };

/// The run it is compared with.
const BASELINE: run::Stamp = run::Stamp { name: "20260301T091500Z", id: "run-20260301-091500-b20f" };

/// The newer run as one run and in shards, beside the older one: see [`run::shards`].
pub fn in_shards(primary: &Tree, homes: &[&'static str], ran: &dyn Fn(&str, usize) -> bool, red: bool) -> Tree {
    run::shards(&sources::read(primary), homes, ran, red)
}

/// The shards of the committed run, in the order of their indices.
pub const SHARDS: [&str; 3] = ["20260302T101501Z", "20260302T101502Z", "20260302T101503Z"];

/// The runs `fixtures/repos/agent-cli-shards`: the newer run in three shards, and the older one that it is compared with.
pub fn generate_shards(primary: &Tree) -> Tree {
    let stems: Vec<String> = sources::read(primary).into_iter().map(|file| file.stem).collect();
    let of = |stem: &str| stems.iter().position(|own| own == stem).expect("a test file") % SHARDS.len();
    let tree = in_shards(primary, &SHARDS, &|stem, shard| of(stem) == shard, false);
    let below = |path: &str| path.strip_prefix("tests/e2e_results/").expect("a file of a run").to_owned();
    let whole = format!("{}/", RUN.name);
    tree.into_iter().map(|(path, bytes)| (below(&path), bytes)).filter(|(path, _)| !path.starts_with(&whole)).collect()
}

/// Whether a file of the repository is written by hand.
pub fn is_primary(path: &str) -> bool {
    let test = path.strip_prefix("tests/").is_some_and(|name| name.ends_with(".rs") && !name.contains('/'));
    test || path.starts_with("src/") || ["Cargo.toml", "README.md", "docs/runbook.md"].contains(&path)
}

/// The whole repository.
pub fn generate(primary: &Tree) -> Tree {
    let tests = sources::read(primary);
    let mut tree = primary.clone();
    text(&mut tree, "gatekeeper.toml", CONFIGURATION);
    ledger::write(&mut tree, &tests);
    conformance::write_docs(&mut tree, &tests);
    boundary::write_manifest(&mut tree);
    tracker::write_issues(&mut tree);
    certification::write_contract(&mut tree);
    claims::write_contract(&mut tree);
    let commits = history::write(&mut tree, &tests);
    run::write(&mut tree, &tests, &commits);
    conformance::write(&mut tree, &commits);
    certification::write_matrix(&mut tree, &commits);
    performance::write(&mut tree);
    boundary::write_report(&mut tree);
    tracker::write_checkpoint(&mut tree);
    certification::write_verdict(&mut tree, &commits);
    evidence::write(&mut tree);
    claims::write(&mut tree, &commits);
    completion_audit(&mut tree);
    tree
}

/// The audit of the certification work, as its author left it.
fn completion_audit(tree: &mut Tree) {
    let requirement =
        |id: &str, evidence: &str| json!({"id": id, "kind": "gate", "status": "covered", "evidence": [evidence]});
    let audit = json!({
        "requirements": [
            requirement("certified", "artifact: docs/evidence/dropin-certification-verdict.json"),
            requirement("conformance", "command: cargo test --test ci_evidence_bundle"),
        ],
        "commands": [{"command": "cargo test --test ci_evidence_bundle", "exit_code": 0}],
        "artifacts": [{"path": "docs/evidence/dropin-certification-verdict.json"}],
        "push": {"commit": "d1278cdc2399e53ba6e30443e8aea3c0c333eb78", "pushed": true},
        "gaps": [{"id": "docs", "status": "open", "owner_bead": "bd-3ar8v.7.1"}],
    });
    document(tree, "docs/evidence/completion-audit.json", &audit);
}

const CONFIGURATION: &str = r#"# How gatekeeper judges this repository.
schema  = "gatekeeper.config/1"
extends = "builtin:full-suite"

# The fixture keeps its history beside its files, because a `.git` cannot be committed.
git_dir = "history.git"

# What its reports must be made of, so that nothing red can go by being left out.
[parameter.required_budgets]
value = ["binary_size", "cold_start", "idle_memory", "stream_throughput", "gpu_frame_time", "warm_start"]

[parameter.enforced_budgets]
value = ["binary_size", "cold_start", "idle_memory", "stream_throughput"]

[parameter.required_modules]
value = ["config", "extensions", "provider", "session", "tools"]

[parameter.required_sections]
value = ["budget_events", "certification_events", "conformance_events", "e2e_log", "perf_comparison_events", "platform_log", "runbook", "stress_events", "flame_graph", "readme"]

[parameter.required_platform_checks]
value = ["case_sensitive_paths", "file_permissions", "path_separators", "pty_available", "system_certificates", "clipboard", "true_colour"]

[parameter.required_banned_pairs]
value = ["kernel -> host", "kernel -> shell", "host -> shell"]
"#;

fn text(tree: &mut Tree, path: &str, content: &str) {
    let before = tree.insert(path.to_owned(), content.as_bytes().to_vec());
    assert!(before.is_none(), "{path} is written twice");
}

fn document(tree: &mut Tree, path: &str, content: &Value) {
    let pretty = serde_json::to_string_pretty(content).expect("plain JSON");
    text(tree, path, &format!("{pretty}\n"));
}

fn records(tree: &mut Tree, path: &str, rows: &[Value]) {
    text(tree, path, &rows.iter().map(|row| format!("{row}\n")).collect::<String>());
}

fn read_back(tree: &Tree, path: &str) -> Value {
    serde_json::from_slice(tree.get(path).unwrap_or_else(|| panic!("{path} is not made yet"))).expect("own JSON")
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn event(at: &str, name: &str, detail: Value) -> Value {
    json!({ "ts": at, "event": name, "run_id": RUN.id, "detail": detail })
}

fn percent(part: usize, whole: usize) -> f64 {
    let whole = u32::try_from(whole).expect("small");
    (f64::from(u32::try_from(part).expect("small")) * 10_000.0 / f64::from(whole)).round() / 100.0
}
