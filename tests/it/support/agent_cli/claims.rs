//! The claim contract, the release verdict that its tiers rest on, and the recorded claim verdict.

use super::history::Commits;
use super::{RUN, Tree, document};
use serde_json::{Value, json};

const CONTRACT: &str = "docs/franken-node-claim-gating-contract.json";
const TIERS: [&str; 3] =
    ["TIER-1-EXTENSION-HOST-PARITY", "TIER-2-TARGETED-RUNTIME-PARITY", "TIER-3-FULL-NODE-BUN-REPLACEMENT"];

/// The gates on which the lower tiers rest, all of which pass: id, title, tracker, owner, artifact, command.
const GATES: [(&str, &str, &str, &str, &str, &str); 3] = [
    (
        "conformance_must_pass",
        "Conformance: the must-pass extensions",
        "bd-1f42.3.1",
        "extensions",
        "tests/ext_conformance/reports/gate/must_pass_gate_verdict.json",
        "cargo test --test ext_conformance_generated --features ext-conformance -- conformance_must_pass_gate --nocapture --exact",
    ),
    (
        "conformance_pass_rate",
        "Conformance: the pass rate of all extensions",
        "bd-1f42.3.2",
        "extensions",
        "tests/ext_conformance/reports/conformance_summary.json",
        "cargo test --test ext_conformance_generated --features ext-conformance -- conformance_must_pass_gate --nocapture --exact",
    ),
    (
        "cross_platform",
        "Cross-platform matrix",
        "bd-1f42.4.1",
        "platform",
        "tests/cross_platform_reports/linux/platform_report.json",
        "cargo test --test ci_cross_platform_matrix -- cross_platform_matrix --nocapture --exact",
    ),
];

/// The contract, which is committed.
pub fn write_contract(tree: &mut Tree) {
    let tier = |id: &str, allowed: Value, forbidden: Value, required: Value| {
        json!({
            "id": id, "allowed_claim_language": allowed, "forbidden_claim_language": forbidden, "required_evidence": required,
        })
    };
    let contract = json!({
        "claim_tiers": [
            tier(
                TIERS[0],
                json!(["runs extensions"]),
                json!(["runs Node programs", "drop-in replacement for Node"]),
                json!(["conformance_must_pass", "conformance_pass_rate"]),
            ),
            tier(
                TIERS[1],
                json!(["runs Node programs of the listed kinds"]),
                json!(["drop-in replacement for Node"]),
                json!(["cross_platform"]),
            ),
            tier(
                TIERS[2],
                json!(["drop-in replacement for Node"]),
                json!(["better than Node in every way"]),
                json!(["franken_node_replacement"]),
            ),
        ],
        "strict_replacement": {
            "overall_verdict": "CERTIFIED",
            "required_artifacts": ["docs/evidence/dropin-certification-verdict.json"],
        },
    });
    document(tree, CONTRACT, &contract);
}

/// The two verdicts.
pub fn write(tree: &mut Tree, commits: &Commits) {
    let gates: Vec<Value> = GATES
        .iter()
        .map(|(id, name, bead, owner, artifact, command)| {
            json!({
                "id": id, "name": name, "bead": bead, "owner": owner, "status": "pass", "standing": "pass", "reason": null,
                "blocking": true, "waivable": true, "artifact_path": artifact, "detail": "4 facts examined by 2 checks",
                "checks": [{ "kind": "holds", "expect": name, "outcome": "pass", "examined": 1 }],
                "findings": [], "blocked_by": [], "reproduce_command": command, "remediation": [],
            })
        })
        .collect();
    let count = GATES.len();
    let verdict = json!({
        "schema": "gatekeeper.verdict/1",
        "tool": { "name": "gatekeeper", "version": "0.1.0" },
        "generated_at": "2026-03-02T11:25:00Z",
        "lane": "full",
        "mode": "strict",
        "verdict": "pass",
        "reason": "every gate passed",
        "run": { "path": format!("tests/e2e_results/{}", RUN.name), "id": RUN.id, "commit": commits.head },
        "commit": commits.head,
        "policy": { "id": "claim-evidence", "sha256": "6ff51b4800cdb1fdda60458db584709fee1d7f607d2d94d4cc105562bd96bb81" },
        "gates": gates,
        "evidence": [],
        "exceptions": { "waivers": [], "quarantine": [], "unused": [] },
        "weakened_by": [],
        "summary": {
            "gates": count, "passed": count, "failed": 0, "warned": 0, "skipped": 0, "waived": 0, "blocked": 0,
            "blocking": { "standing": count, "total": count },
        },
    });
    document(tree, "tests/full_suite_gate/claim_evidence/full_suite_verdict.json", &verdict);
    let claim = json!({
        "run_id": RUN.id,
        "generated_at": "2026-03-02T11:30:00Z",
        "tier": TIERS[1],
        "decision": "allowed",
        "blocking_reasons": [],
        "evidence": [],
    });
    document(tree, "tests/full_suite_gate/franken_node_claim_verdict.json", &claim);
}
