//! The paths and rules of the full suite's runbook, read line by line: the definition or output that names each path, and the case that shows each
//! rule. Its commands are in `runbook_commands`.

use std::fs;
use std::path::{Path, PathBuf};

fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

const TRIAGE: &str = "policies/triage/full-suite.toml";
const INCIDENT: &str = "src/incident/mod.rs";
const ATTACHMENT: &str = "src/incident/attachment.rs";

/// What an operator is sent to, and who sends or reads: a gate, a signature, an incident.
const PATHS: &[(&str, &[&str])] = &[
    ("docs/non-mock-rubric.json", &["gates/full-suite/non_mock_compliance.toml", TRIAGE]),
    ("docs/test_double_inventory.json", &["gates/full-suite/non_mock_compliance.toml", TRIAGE]),
    (
        "tests/ext_conformance/reports/gate/must_pass_gate_verdict.json",
        &["gates/full-suite/conformance_must_pass.toml", TRIAGE],
    ),
    ("conformance_summary.json", &["gates/full-suite/conformance_pass_rate.toml", TRIAGE]),
    ("tests/cross_platform_reports/linux/platform_report.json", &["gates/full-suite/cross_platform.toml", TRIAGE]),
    ("tests/evidence_bundle/index.json", &["gates/full-suite/evidence_bundle.toml", TRIAGE, ATTACHMENT]),
    ("certification_dossier.json", &["gates/full-suite/extension_remediation_backlog.toml", TRIAGE]),
    ("extension_remediation_backlog.json", &["gates/full-suite/extension_remediation_backlog.toml", TRIAGE]),
    ("extension_remediation_backlog.md", &["gates/full-suite/extension_remediation_backlog.toml", TRIAGE]),
    ("pi.qa.extension_remediation_backlog.v1", &["gates/full-suite/schemas/extension_remediation_backlog.json"]),
    (
        "tests/suite_classification.toml",
        &["gates/full-suite/suite_classification.toml", "policies/full-suite.toml", TRIAGE],
    ),
    ("waiver_audit.json", &[TRIAGE, "src/report/waiver_audit.rs"]),
    ("waiver_lifecycle_audit", &["gates/full-suite/waiver_lifecycle.toml", TRIAGE]),
    ("tests/fixtures/vcr", &[TRIAGE]),
    ("vcr-playback", &[TRIAGE]),
    ("PI_TEST_MODE=1", &[TRIAGE]),
    ("tmux", &[TRIAGE]),
    ("FLAKE-TIMING", &["gates/full-suite/quarantine_lifecycle.toml", TRIAGE]),
    ("FLAKE-LOGIC", &["gates/full-suite/quarantine_lifecycle.toml", TRIAGE]),
    ("tests/perf/reports/parameter_sweeps.json", &["gates/full-suite/parameter_sweeps_integrity.toml", TRIAGE]),
    ("parameter_sweeps_events.jsonl", &["gates/full-suite/parameter_sweeps_integrity.toml", TRIAGE, ATTACHMENT]),
    ("phase1_matrix_validation.json", &["gates/full-suite/parameter_sweeps_integrity.toml", TRIAGE]),
    ("practical_finish_checkpoint.json", &["gates/full-suite/practical_finish_checkpoint.toml", TRIAGE, INCIDENT]),
    (".beads/issues.jsonl", &["gates/full-suite/practical_finish_checkpoint.toml", TRIAGE]),
    (".beads/beads.base.jsonl", &["gates/full-suite/practical_finish_checkpoint.toml", TRIAGE]),
    ("tests/full_suite_gate/certification_events.jsonl", &[TRIAGE]),
    ("certification_events.jsonl", &[ATTACHMENT]),
    ("docs/franken-node-claim-gating-contract.json", &["gates/claims/claim_tier_order.toml", TRIAGE]),
    ("franken_node_claim_verdict.json", &["gates/claims/claims_language.toml", TRIAGE]),
    ("docs/franken-node-kernel-extraction-boundary-manifest.json", &["gates/full-suite/kernel_boundary.toml", TRIAGE]),
    ("franken_node_kernel_boundary_drift_report.json", &["gates/full-suite/kernel_boundary.toml", TRIAGE]),
    ("tests/franken_node_compat_harness.rs", &[TRIAGE]),
    ("tests/franken_node_compat/fixtures/", &[TRIAGE]),
    ("generate_compatibility_matrix requires both Node", &["gates/full-suite/node_runtime.toml", TRIAGE]),
    ("not found on this machine", &["gates/full-suite/node_runtime.toml", TRIAGE]),
    ("tests/fixtures/completion_audit_gate/scenarios.json", &[TRIAGE]),
    ("goldens", &[TRIAGE]),
    ("missing_push", &["src/audit/kind.rs", TRIAGE]),
    ("failed_command", &["src/audit/kind.rs", TRIAGE]),
    ("proxy_only_evidence", &["src/audit/kind.rs", TRIAGE]),
    ("missing_artifact", &["src/audit/kind.rs", TRIAGE]),
    ("unresolved_gap", &["src/audit/kind.rs", TRIAGE]),
    ("PARITY GATE FAIL", &[TRIAGE, INCIDENT]),
    ("triage_diff.json", &["gates/e2e-run/parity_regression.toml", INCIDENT]),
    ("replay_bundle.json", &["gates/e2e-run/failure_records.toml"]),
    ("failure_diagnostics_index.json", &["gates/e2e-run/failure_records.toml"]),
    ("full_suite_events.jsonl", &[ATTACHMENT]),
    ("full_suite_report.md", &[ATTACHMENT]),
    ("dropin-certification-contract.json", &["gates/full-suite/dropin_certification.toml", ATTACHMENT]),
    ("docs/evidence/dropin-certification-verdict.json", &["gates/full-suite/dropin_certification.toml", TRIAGE]),
    ("perf3x_bead_coverage_audit.json", &["gates/full-suite/perf3x_bead_coverage.toml", INCIDENT]),
    ("budget_summary.json", &["gates/full-suite/perf_budgets.toml", INCIDENT]),
    ("perf_comparison.json", &["gates/full-suite/perf_comparison.toml", INCIDENT]),
    ("stress_triage.json", &["gates/full-suite/stress_triage.toml", INCIDENT]),
    ("budget_events.jsonl", &["gates/full-suite/perf_budgets.toml", ATTACHMENT]),
    ("perf_comparison_events.jsonl", &["gates/full-suite/perf_comparison.toml", ATTACHMENT]),
    ("stress_events.jsonl", &["gates/full-suite/stress_triage.toml", ATTACHMENT]),
];

#[test]
fn every_path_and_word_of_the_runbook_is_named_where_an_operator_meets_it() {
    let mut looked = 0;
    for (thing, places) in PATHS {
        for place in *places {
            let text = fs::read_to_string(home().join(place)).unwrap_or_else(|error| panic!("{place}: {error}"));
            assert!(text.contains(thing), "`{thing}` is not in {place}");
            looked += 1;
        }
    }
    assert_eq!((PATHS.len(), looked), (57, 103));
}

/// A rule of the runbook, and a case in which breaking it, or keeping to it, is judged.
const RULES: &[(&str, &str)] = &[
    ("an audit blocks by the kind of its blockers", "gates/full-suite/completion_audit/fail_blockers"),
    ("a closeout commit is pushed", "gates/full-suite/completion_audit/fail_missing_push"),
    ("a failed command is run again", "gates/full-suite/completion_audit/fail_failed_command"),
    ("narrative is no evidence", "gates/full-suite/completion_audit/fail_proxy_only"),
    ("a named artifact is there", "gates/full-suite/completion_audit/fail_artifact_gone"),
    ("a gap is closed or has an active owner", "gates/full-suite/completion_audit/fail_gap_without_owner"),
    ("a module is not below its floor", "gates/full-suite/non_mock_compliance/fail_line_floor"),
    ("a double is in the inventory", "gates/full-suite/non_mock_compliance/fail_undeclared_double"),
    ("an allowance ends", "gates/full-suite/non_mock_compliance/fail_expired_allowance"),
    ("extensions that must pass do", "gates/full-suite/conformance_must_pass/fail_one_failure"),
    ("pass, fail and N-A counts add up", "gates/full-suite/conformance_pass_rate/fail_sum"),
    ("a required check of a platform passes", "gates/full-suite/cross_platform/fail_required_check"),
    ("required artifacts of the bundle exist", "gates/full-suite/evidence_bundle/fail_required_file_gone"),
    ("and are well-formed", "gates/full-suite/evidence_bundle/fail_tampered_file"),
    ("one run makes dossier and backlog", "gates/full-suite/extension_remediation_backlog/fail_other_run"),
    ("the backlog has its schema", "gates/full-suite/extension_remediation_backlog/gap_other_schema"),
    ("failures have entries", "gates/full-suite/extension_remediation_backlog/fail_empty_backlog"),
    ("its page says the same", "gates/full-suite/extension_remediation_backlog/fail_page_differs"),
    ("a new test file is listed", "gates/full-suite/suite_classification/fail_unclassified_file"),
    ("a target of its own directory too", "gates/full-suite/suite_classification/fail_unclassified_target"),
    ("entries are sorted", "gates/full-suite/suite_sorted/advisory_out_of_order"),
    ("a waiver that is over is renewed or removed", "gates/full-suite/waiver_lifecycle/fail_expired"),
    ("a renewal is at most 30 days", "gates/full-suite/waiver_lifecycle/fail_too_long"),
    ("a waiver has all its fields", "gates/full-suite/waiver_lifecycle/fail_without_exit_criterion"),
    ("a flake has one of six categories", "gates/full-suite/quarantine_lifecycle/fail_unknown_category"),
    ("sweeps are ready, or say why not", "gates/full-suite/parameter_sweeps_integrity/fail_ready_with_reasons"),
    ("sweeps come from their source", "gates/full-suite/parameter_sweeps_integrity/fail_other_source"),
    ("the event stream is of the sweeps' run", "gates/full-suite/parameter_sweeps_integrity/fail_event_of_another_run"),
    ("no technical issue stays open", "gates/full-suite/practical_finish_checkpoint/fail_technical_issue_open"),
    ("the fallback tracker counts as the first", "gates/full-suite/practical_finish_checkpoint/gap_deleted_with_fallback"),
    ("a source that cannot be read fails", "gates/full-suite/practical_finish_checkpoint/gap_tracker_missing"),
    ("tiers have the canonical order", "gates/claims/claim_tier_order/fail_order"),
    ("strict replacement is fail-closed", "gates/claims/claim_tier_order/fail_not_strict"),
    ("each tier has its lists", "gates/claims/claim_tier_order/gap_no_evidence"),
    ("the three boundary checks are there", "gates/full-suite/kernel_boundary/fail_report_lacks_check"),
    (
        "the mission contract links manifest and report",
        "gates/full-suite/kernel_boundary/fail_mission_contract_without_report",
    ),
    ("and the items of phase 6", "gates/full-suite/kernel_boundary/fail_mission_contract_without_phase6"),
    ("Bun's shim is never Node", "gates/full-suite/node_runtime/fail_shim_in_home"),
    ("a skip of the harness is no pass: Node", "gates/full-suite/node_runtime/fail_skip_node"),
    ("a skip of the harness is no pass: Bun", "gates/full-suite/node_runtime/fail_skip_bun"),
    ("a skip of the harness is no pass: both", "gates/full-suite/node_runtime/fail_skip_both"),
    ("a regression of the run's tests blocks", "gates/e2e-run/parity_regression/fail_regression"),
    ("the recorded comparison is believed in no point", "gates/e2e-run/parity_regression/fail_forged_stable"),
    ("test logs keep their contract", "gates/e2e-run/e2e_log_contract/fail_failure_in_log"),
    ("the drop-in verdict is certified where texts claim it", "gates/full-suite/dropin_certification/fail_not_certified"),
    ("a missing one blocks where texts claim it", "gates/full-suite/dropin_certification/fail_claimed_without_verdict"),
    ("and nowhere else", "gates/full-suite/dropin_certification/skip_verdict_missing"),
    ("bead coverage is there and fresh", "gates/full-suite/perf3x_bead_coverage/gap_stale"),
    ("budgets are there and fresh", "gates/full-suite/perf_budgets/gap_stale"),
    ("the comparison is there and fresh", "gates/full-suite/perf_comparison/gap_stale"),
    ("stress results are there and fresh", "gates/full-suite/stress_triage/gap_stale"),
    ("a missing shard is named", "gates/e2e-run/shards_complete/fail_missing"),
    ("failures have their records and replays", "gates/e2e-run/failure_records/fail_replay_forgotten"),
];

#[test]
fn every_rule_of_the_runbook_has_its_case() {
    for (rule, case) in RULES {
        let path = home().join("fixtures").join(case).join("case.toml");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{rule}: {case}: {error}"));
        let gate = case.rsplit('/').nth(1).expect("a gate");
        assert!(text.contains(&format!("[expect.gate.{gate}]")) || text.contains("exit = 0"), "{rule}: {case}");
    }
    assert_eq!(RULES.len(), 53);
}
