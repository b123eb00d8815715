//! The certification as a drop-in, and the matrix that compares the runtimes.

use super::history::Commits;
use super::{Tree, document, sha256, text};
use serde_json::{Value, json};

const CONTRACT: &str = "docs/contracts/dropin-certification-contract.json";
const LOG: &str = "tests/full_suite_gate/franken_node_compat_harness.log";

/// Gates of the contract, and their artifacts: files of the certification alone.
const REQUIRED: [(&str, &[&str]); 3] = [
    ("cli_parity", &["docs/evidence/dropin/arguments.json", "docs/evidence/dropin/exit_codes.json"]),
    ("extension_parity", &["docs/evidence/dropin/extensions.json"]),
    ("session_parity", &["docs/evidence/dropin/sessions.json", "docs/evidence/dropin/streams.json"]),
];

/// The contract and the artifacts that it names, which are committed.
pub fn write_contract(tree: &mut Tree) {
    for (at, path) in REQUIRED.iter().flat_map(|(_, artifacts)| *artifacts).enumerate() {
        let cases = 40 + 7 * at;
        document(tree, path, &json!({ "reference": "pi 0.52.9", "cases": cases, "equal": cases, "different": [] }));
    }
    let gates = REQUIRED.map(|(id, artifacts)| json!({ "id": id, "artifacts": artifacts }));
    document(tree, CONTRACT, &json!({ "required_gates": gates }));
}

/// The verdict over the commit under judgement. It is fresh: once it is committed, it is of the commit before.
pub fn write_verdict(tree: &mut Tree, commits: &Commits) {
    let paths = REQUIRED.iter().flat_map(|(_, artifacts)| *artifacts).chain([&CONTRACT]);
    let evidence: Vec<Value> = paths.map(|path| json!({ "path": path, "sha256": sha256(&tree[*path]) })).collect();
    let verdict = json!({
        "git_commit": commits.head,
        "generated_at": "2026-03-02T11:15:12Z",
        "overall_verdict": "CERTIFIED",
        "gates": REQUIRED.map(|(id, _)| json!({ "id": id, "status": "pass" })),
        "blocking_reasons": [],
        "evidence": evidence,
    });
    document(tree, "docs/evidence/dropin-certification-verdict.json", &verdict);
}

/// The log of the harness and the report that is made from it.
pub fn write_matrix(tree: &mut Tree, commits: &Commits) {
    let runtimes = [("node", "/usr/local/bin/node", "v22.12.0", None), ("bun", "/opt/bun/bin/bun", "1.2.4", Some("1.2.4"))];
    let checks =
        ["buffer.slices", "crypto.hash", "fs.read_stream", "module.resolution", "process.exit_code", "timers.order"];
    let mut log = "    Finished `test` profile [unoptimized + debuginfo] target(s) in 0.21s\n     Running \
        tests/franken_node_compat_harness.rs (target/debug/deps/franken_node_compat_harness-6f0e1c52d7ab9034)\n\nrunning 1 test\n"
        .to_owned();
    for (role, path, version, _) in runtimes {
        log.push_str(&format!("runtime: {role} {path} {version}\n"));
    }
    for check in checks {
        log.push_str(&format!("check: {check} node=pass bun=pass\n"));
    }
    log.push_str(
        "test generate_compatibility_matrix ... ok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; \
        0 filtered out; finished in 8.46s\n\n",
    );
    text(tree, LOG, &log);
    let runtime = |(role, path, version, bun): (&str, &str, &str, Option<&str>)| json!({ "role": role, "path": path, "version": version, "bun_version": bun });
    let report = json!({
        "generated_at": "2026-03-02T10:52:31Z",
        "git_commit": commits.head,
        "runtimes": runtimes.map(runtime),
        "checks": checks.map(|id| json!({ "id": id, "status": "pass" })),
        "summary": { "executed": checks.len(), "passed": checks.len(), "failed": 0, "skipped": 0 },
        "log": { "path": LOG, "sha256": sha256(log.as_bytes()) },
    });
    document(tree, "tests/full_suite_gate/franken_node_compat_report.json", &report);
}
