//! Every command of the runbook of the full suite, to the letter: which gate, signature, replay or incident prints it, in which order; and
//! that each command which any pack prints is one that a shell takes.

use crate::support::{agent_cli, copy, gatekeeper, text};
use gatekeeper::cli::Exit;
use gatekeeper::gate::Facts;
use gatekeeper::load::Selection;
use gatekeeper::model::{EvidenceId, Instant};
use gatekeeper::pipeline;
use gatekeeper::workspace::Memory;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const RUN: &str = "tests/e2e_results/20260302T101500Z";
const OLDER: &str = "tests/e2e_results/20260301T091500Z";

const GATE: &str = "cargo test --test ci_full_suite_gate -- full_suite_gate --nocapture --exact";
const REMOTE_GATE: &str = "rch exec -- cargo test --test ci_full_suite_gate -- full_suite_gate --nocapture --exact";
const RERUN: &str = "./scripts/e2e/run_all.sh --rerun-from tests/e2e_results/20260302T101500Z/summary.json";
const DIFF: &str = "./scripts/e2e/run_all.sh --profile ci --diff-from tests/e2e_results/20260301T091500Z/summary.json";
const SWEEPS: &str = "rch exec -- cargo test --test release_evidence_gate -- parameter_sweeps_contract_links_phase1_matrix_and_readiness --nocapture --exact";
const FINISH: [&str; 3] = [
    "rch exec -- cargo test --test ci_full_suite_gate -- practical_finish_report_fails_when_technical_open_issues_remain --nocapture --exact",
    "rch exec -- cargo test --test release_readiness -- practical_finish_checkpoint_ -- --nocapture",
    REMOTE_GATE,
];
const TIERS: [&str; 2] = [
    "rch exec -- cargo test --test franken_node_claim_contract -- franken_node_claim_contract_declares_expected_tier_order -- --nocapture",
    "rch exec -- cargo test --test release_evidence_gate -- franken_node_claim_contract_is_present_and_valid --nocapture --exact",
];
const KERNEL: [&str; 2] = [
    "rch exec -- cargo test --test franken_node_kernel_extraction_boundary_manifest -- kernel_boundary_manifest_ -- --nocapture",
    "rch exec -- cargo test --test qa_docs_policy_validation -- franken_node_mission_contract_tier_mapping_declares_required_checks_and_phase6_beads -- --nocapture",
];
const NODE: [&str; 2] = [
    "rch exec -- cargo test --test franken_node_compat_harness -- node_detection_rejects_bun_node_shim_when_present -- --nocapture",
    "rch exec -- cargo test --test franken_node_compat_harness -- generate_compatibility_matrix -- --nocapture",
];
const DOUBLES: &str = "cargo test --test non_mock_compliance_gate -- --nocapture";
const MUST_PASS: &str = "cargo test --test ext_conformance_generated --features ext-conformance -- conformance_must_pass_gate --nocapture --exact";
const PLATFORMS: &str = "cargo test --test ci_cross_platform_matrix -- cross_platform_matrix --nocapture --exact";
const BUNDLE: &str = "cargo test --test ci_evidence_bundle -- build_evidence_bundle --nocapture --exact";
const DOSSIER: &str = "cargo test --test qa_certification_dossier -- certification_dossier --nocapture --exact";
const WAIVERS: &str = "cargo test --test ci_full_suite_gate -- waiver_lifecycle_audit --nocapture --exact";

/// A gate of the verdict, and its commands in their order.
const GATES: &[(&str, &[&str])] = &[
    ("suites_pass", &[RERUN]),
    ("failure_records", &[RERUN]),
    ("shards_complete", &[RERUN]),
    ("parity_regression", &[DIFF]),
    ("test_regression", &[DIFF]),
    ("suite_classification", &[GATE]),
    ("waiver_lifecycle", &[WAIVERS]),
    ("non_mock_compliance", &[DOUBLES]),
    ("conformance_must_pass", &[MUST_PASS]),
    ("conformance_pass_rate", &[MUST_PASS]),
    ("cross_platform", &[PLATFORMS]),
    ("evidence_bundle", &[BUNDLE]),
    ("extension_remediation_backlog", &[DOSSIER]),
    ("parameter_sweeps_integrity", &[SWEEPS, REMOTE_GATE]),
    ("practical_finish_checkpoint", &FINISH),
    ("claim_tier_order", &TIERS),
    ("kernel_boundary", &KERNEL),
    ("node_runtime", &NODE),
    ("perf_budgets", &[GATE]),
    ("perf_comparison", &[GATE]),
    ("stress_triage", &[GATE]),
    ("perf_lineage", &[GATE]),
];

/// A signature, and its commands in their order.
const SIGNATURES: &[(&str, &[&str])] = &[
    (
        "completion_audit_closeout",
        &[
            "python3 scripts/check_completion_audit_gate.py --self-test --generated-at 2026-01-02T03:04:05+00:00",
            "python3 scripts/check_completion_audit_gate.py --audit-json docs/evidence/completion-audit.json",
        ],
    ),
    ("non_mock_compliance_gate", &[DOUBLES]),
    ("conformance_must_pass_gate", &[MUST_PASS]),
    ("cross_platform_matrix", &[PLATFORMS]),
    ("build_evidence_bundle", &[BUNDLE]),
    ("certification_remediation_backlog", &[DOSSIER]),
    ("suite_classification_guard", &[GATE]),
    ("waiver_lifecycle", &[WAIVERS]),
    ("parity_gate_fail", &[GATE]),
    (
        "provider_streaming_regression",
        &[
            "VCR_MODE=playback cargo test --test provider_streaming -- --nocapture",
            "cargo test --test e2e_provider_streaming -- --nocapture",
        ],
    ),
    ("e2e_tui_failure", &["cargo test --test e2e_tui -- --nocapture"]),
    (
        "flaky_test",
        &[
            "cargo test --test e2e_tui -- --nocapture --test-threads=1",
            "for i in $(seq 1 5); do cargo test --test e2e_tui -- opens_twice --exact --nocapture || echo \"FAIL on run $i\"; done",
        ],
    ),
    ("parameter_sweeps_integrity", &[SWEEPS, REMOTE_GATE]),
    ("practical_finish_checkpoint", &FINISH),
    ("claim_tier_order_drift", &TIERS),
    ("kernel_boundary_drift", &KERNEL),
    ("node_runtime_unavailable_or_shimmed", &NODE),
];

/// What `replay` prints of a run with one test that failed, and of one with two.
const REPLAYS: &[&str] = &[
    "cargo test --test e2e_provider_streaming retries_after_disconnect -- --nocapture",
    "cargo test --test e2e_tui -- --nocapture",
    "RUST_LOG=debug RUST_BACKTRACE=1 cargo test --test e2e_tui -- --nocapture",
    RERUN,
];

const LANES: [&str; 2] = [
    "cargo test --test ci_full_suite_gate -- preflight_fast_fail --nocapture --exact",
    "cargo test --test ci_full_suite_gate -- full_certification --nocapture --exact",
];

/// The example repository, judged.
fn judged() -> (tempfile::TempDir, PathBuf, Value) {
    let work = tempfile::tempdir().expect("a directory");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/repos/agent-cli"), work.path());
    let run = work.path().join(RUN);
    gatekeeper(&["verify", text(&run), "--root", text(work.path()), "--now", agent_cli::NOW], &[]);
    let at = work.path().join("tests/full_suite_gate/full_suite_verdict.json");
    let verdict = serde_json::from_slice(&fs::read(&at).expect("a verdict")).expect("JSON");
    (work, at, verdict)
}

fn commands(gate: &Value) -> Vec<&str> {
    let then = gate["reproduce_then"].as_array().into_iter().flatten();
    std::iter::once(&gate["reproduce_command"]).chain(then).map(|step| step.as_str().expect("text")).collect()
}

#[test]
fn each_gate_prints_the_commands_of_the_runbook() {
    let (_work, _, verdict) = judged();
    let gates = verdict["gates"].as_array().expect("gates");
    for (id, expected) in GATES {
        let gate = gates.iter().find(|gate| gate["id"] == *id).unwrap_or_else(|| panic!("no gate {id}"));
        assert_eq!(commands(gate), *expected, "{id}");
    }
    assert_eq!(GATES.len(), 22);
}

fn write(path: &Path, contents: &str) {
    fs::create_dir_all(path.parent().expect("below a directory")).expect("a directory");
    fs::write(path, contents).expect("a file");
}

/// Makes a suite of the run fail, with this log.
fn fail(run: &Path, suite: &str, log: &str) {
    let path = run.join(suite).join("result.json");
    let mut result: Value = serde_json::from_slice(&fs::read(&path).expect("a result")).expect("JSON");
    result["exit_code"] = json!(101);
    result["failed"] = json!(log.matches("... FAILED").count());
    write(&path, &result.to_string());
    write(&run.join(suite).join("output.log"), log);
}

/// Lets every gate of a verdict fail, and everything follow from that; how many gates there are.
fn failing(verdict: &mut Value) -> usize {
    let gates = verdict["gates"].as_array_mut().expect("gates");
    for gate in gates.iter_mut() {
        let given = json!({
            "status": "fail", "standing": "fail", "reason": "finding", "blocking": true, "blocked_by": [], "notes": [],
            "findings": [{"kind": "broken", "expected": "a pass", "actual": "none"}],
            "checks": [{"kind": "holds", "expect": "a pass", "outcome": "fail", "examined": 0}],
        });
        given.as_object().expect("keys").iter().for_each(|(key, value)| gate[key] = value.clone());
    }
    let count = gates.len();
    (verdict["verdict"], verdict["weakened_by"], verdict["tool"]["version"]) = (json!("fail"), json!([]), json!("0.0.1"));
    verdict["exceptions"] = json!({"waivers": [], "quarantine": [], "unused": []});
    verdict["summary"] = json!({
        "gates": count, "passed": 0, "failed": count, "warned": 0, "skipped": 0, "waived": 0, "quarantined": 0,
        "exceptions": 0, "blocked": 0, "blocking": {"standing": 0, "total": count},
    });
    count
}

/// A verdict in which one word was changed says nothing.
#[test]
fn triage_takes_nothing_from_a_verdict_that_contradicts_itself() {
    let (work, at, mut verdict) = judged();
    failing(&mut verdict);
    let run = work.path().join(RUN);
    let told = |verdict: &Value| {
        write(&at, &verdict.to_string());
        let (exit, out, _) = gatekeeper(&["triage", text(&run), "--root", text(work.path()), "--json"], &[]);
        let told: Value = serde_json::from_str(&out).expect("JSON");
        let gates = told["failed_gates"].as_array().expect("gates").len();
        let places =
            told["matches"].as_array().expect("matches").iter().flat_map(|one| one["places"].as_array().expect("places"));
        let matched = places.filter(|place| place["found"] == "gate").count();
        (exit, gates + matched > 0)
    };
    assert_eq!(told(&verdict), (Exit::Pass, true));
    let changed = [
        ("/gates/0/status", json!("pass")),
        ("/gates/1/standing", json!("pass")),
        ("/gates/2/findings", json!([])),
        ("/gates/3/checks/0/outcome", json!("pass")),
        ("/gates/4/id", verdict["gates"][5]["id"].clone()),
        ("/verdict", json!("pass")),
        ("/summary/failed", json!(0)),
        ("/summary/blocking/total", json!(1)),
        ("/mode", json!("rollback")),
        ("/tool/name", json!("another")),
        ("/policy/sha256", json!("none")),
        ("/gates", json!({})),
    ];
    let mut looked = 0;
    for (place, value) in changed {
        let mut forged = verdict.clone();
        *forged.pointer_mut(place).unwrap_or_else(|| panic!("{place}")) = value;
        assert_eq!(told(&forged), (Exit::Gap, false), "{place}");
        looked += 1;
    }
    assert_eq!(looked, 12);
}

#[test]
fn each_signature_prints_the_commands_of_the_runbook() {
    let (work, at, mut verdict) = judged();
    let gates = failing(&mut verdict);
    write(&at, &verdict.to_string());
    let audit = json!({"blockers": [{"kind": "missing_push", "id": "p"}]});
    write(&work.path().join("docs/evidence/completion-audit.json"), &audit.to_string());
    let run = work.path().join(RUN);
    fail(&run, "e2e_provider_streaming", "test retries_after_disconnect ... FAILED\n");
    fail(&run, "e2e_tui", "  FLAKY 2/3 [   0.014s] agent-cli::e2e_tui opens_twice\ntest a ... FAILED\ntest b ... FAILED\n");
    let (exit, out, said) =
        gatekeeper(&["triage", text(&run), "--root", text(work.path()), "--now", agent_cli::NOW, "--json"], &[]);
    let told: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{said} {exit:?}"));
    let matches = told["matches"].as_array().expect("matches");
    for (id, expected) in SIGNATURES {
        let found = matches.iter().find(|found| found["signature"] == *id).unwrap_or_else(|| panic!("no match of {id}"));
        assert_eq!(found["replay"], json!(expected), "{id}");
    }
    assert_eq!((SIGNATURES.len(), matches.len()), (17, 17));
    // Gates without a signature are named with their commands; none is passed over.
    let named: Vec<&str> =
        told["failed_gates"].as_array().expect("gates").iter().map(|row| row["gate"].as_str().expect("an id")).collect();
    assert!(named.contains(&"perf_budgets") && named.contains(&"dropin_certification"), "{named:?}");
    let claimed = matches.iter().filter(|found| found["gate"].is_string()).count();
    assert_eq!(named.len() + claimed, gates, "{named:?}");
    let all: Vec<&str> =
        matches.iter().flat_map(|found| found["replay"].as_array().expect("commands")).filter_map(Value::as_str).collect();
    assert!(a_shell_takes(&all) >= 25);
}

#[test]
fn replay_and_incident_print_the_commands_of_the_runbook() {
    let (work, at, _) = judged();
    let run = work.path().join(RUN);
    fail(&run, "e2e_provider_streaming", "test retries_after_disconnect ... FAILED\n");
    fail(&run, "e2e_tui", "test a ... FAILED\ntest b ... FAILED\n");
    let (exit, out, _) = gatekeeper(&["replay", text(&run), "--root", text(work.path())], &[]);
    assert_eq!(exit, Exit::Pass, "{out}");
    for command in REPLAYS {
        assert!(out.lines().any(|line| line.ends_with(command)), "{command}\n{out}");
    }
    gatekeeper(&["verify", text(&run), "--root", text(work.path()), "--now", agent_cli::NOW], &[]);
    let (exit, out, said) = gatekeeper(&["incident", text(&at), "--root", text(work.path()), "--json"], &[]);
    assert_eq!(exit, Exit::Failed, "{said}");
    let told: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(told["reproduction"]["lanes"], json!(LANES));
    assert_eq!(told["triage"]["one_command_replay"], RERUN);
    assert!(told["reproduction"]["replay"].as_array().is_some_and(|all| all.contains(&json!(RERUN))), "{out}");
    let body = told["body"].as_str().expect("text");
    for command in LANES.iter().chain([&RERUN]) {
        assert!(body.contains(command), "{command}\n{body}");
    }
    assert_eq!((REPLAYS.len(), LANES.len()), (4, 2));
}

/// Whether bash and Python's `shlex` take each of these; how many there are.
fn a_shell_takes(commands: &[&str]) -> usize {
    let work = tempfile::tempdir().expect("a directory");
    let path = work.path().join("commands");
    fs::write(&path, commands.join("\n") + "\n").expect("a file");
    let bash = Command::new("bash").arg("-n").arg(&path).output().expect("bash");
    assert!(bash.status.success(), "{}", String::from_utf8_lossy(&bash.stderr));
    let split = "import shlex, sys\nfor line in open(sys.argv[1], encoding='utf-8'): assert shlex.split(line), line";
    let python = Command::new("python3").args(["-c", split]).arg(&path).output().expect("python3");
    assert!(python.status.success(), "{}", String::from_utf8_lossy(&python.stderr));
    for command in commands {
        let placeholder = command
            .split('<')
            .skip(1)
            .any(|rest| rest.split_once('>').is_some_and(|(word, _)| word.starts_with(|c: char| c.is_ascii_alphabetic())));
        assert!(!placeholder && !command.contains("{run") && !command.contains("{baseline"), "{command}");
    }
    commands.len()
}

#[test]
fn a_shell_takes_every_command_of_every_pack() {
    let workspace = Memory::at(Instant::UNIX_EPOCH);
    let (mut taken, mut policies) = (0, 0);
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("policies")).expect("policies") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let policy = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
        let selection = Selection { policy: Some(policy.clone()) };
        let Some(suite) = pipeline::load(&workspace, &selection).suite else { panic!("{policy} does not load") };
        policies += 1;
        let files = |_: &EvidenceId| vec!["docs/it's a file.json".to_owned(), "plain.json".to_owned()];
        let hostile = "tests/a run; $(reboot) & 'so'";
        let facts = [
            (vec![RUN], Some("run-1"), Some(OLDER)),
            (vec![hostile, "-x"], Some("`id`"), Some(hostile)),
            (vec!["a\nb"], None, None),
            (vec![], None, None),
        ];
        for (runs, run_id, baseline) in facts {
            let facts = Facts { runs, run_id, baseline, files: &files };
            let commands: Vec<String> = suite.gates.values().flat_map(|gate| gate.reproduce.commands(&facts)).collect();
            assert!(suite.gates.values().all(|gate| !gate.reproduce.commands(&facts).is_empty()), "{policy}");
            taken += a_shell_takes(&commands.iter().map(String::as_str).collect::<Vec<_>>());
        }
        let lanes: Vec<&str> = suite.policy.lanes.iter().filter_map(|lane| lane.reproduce.as_deref()).collect();
        taken += if lanes.is_empty() { 0 } else { a_shell_takes(&lanes) };
    }
    assert!(policies >= 10 && taken > 400, "{policies} policies, {taken} commands");
}
