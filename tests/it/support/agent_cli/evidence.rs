//! The evidence bundle: made last, because it holds digests of the rest.

use super::{RUN, Tree, document, sha256};
use serde_json::json;

/// Writes `tests/evidence_bundle/index.json`.
pub fn write(tree: &mut Tree) {
    let run = format!("tests/e2e_results/{}", RUN.name);
    let wanted = [
        ("budget_events", "tests/perf/reports/budget_events.jsonl".to_owned(), true),
        ("certification_events", "tests/full_suite_gate/certification_events.jsonl".to_owned(), true),
        ("conformance_events", "tests/ext_conformance/reports/conformance_events.jsonl".to_owned(), true),
        ("e2e_log", format!("{run}/e2e_tui/output.log"), true),
        ("perf_comparison_events", "tests/perf/reports/perf_comparison_events.jsonl".to_owned(), true),
        ("platform_log", "tests/cross_platform_reports/linux/platform_report.log".to_owned(), true),
        ("runbook", "docs/runbook.md".to_owned(), true),
        ("stress_events", "tests/perf/reports/stress_events.jsonl".to_owned(), true),
        ("flame_graph", "tests/perf/reports/flame_graph.svg".to_owned(), false),
        ("readme", "README.md".to_owned(), false),
    ];
    let mut sections = Vec::new();
    for (id, path, required) in &wanted {
        let mut section = json!({ "id": id, "path": path, "required": required, "status": "missing" });
        if let Some(bytes) = tree.get(path) {
            section["status"] = json!("present");
            if *required {
                section["sha256"] = json!(sha256(bytes));
            }
        }
        sections.push(section);
    }
    let count = |status: &str| sections.iter().filter(|section| section["status"] == status).count();
    let complete = sections.iter().all(|section| section["required"] == false || section["status"] == "present");
    let index = json!({
        "generated_at": "2026-03-02T11:20:00Z",
        "summary": {
            "verdict": if complete { "complete" } else { "incomplete" },
            "total": sections.len(), "present": count("present"), "missing": count("missing"), "invalid": count("invalid"),
        },
        "sections": sections,
    });
    document(tree, "tests/evidence_bundle/index.json", &index);
}
