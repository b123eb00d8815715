//! The performance reports below `tests/perf/reports`.

use super::{RUN, Tree, document, event, records};
use serde_json::{Value, json};

const FOLDER: &str = "tests/perf/reports";
const MADE: &str = "2026-03-02T10:48:55Z";

/// Name, unit, comparison, threshold, measured, enforced.
#[expect(clippy::type_complexity, reason = "a table, read where its columns are told")]
const BUDGETS: [(&str, &str, &str, f64, Option<f64>, bool); 6] = [
    ("binary_size", "MiB", "maximum", 22.0, Some(19.4), true),
    ("cold_start", "ms", "maximum", 120.0, Some(87.5), true),
    ("idle_memory", "MiB", "maximum", 64.0, Some(41.25), true),
    ("stream_throughput", "events/s", "minimum", 20_000.0, Some(31_750.0), true),
    ("gpu_frame_time", "ms", "maximum", 8.0, None, false),
    ("warm_start", "ms", "maximum", 35.0, Some(37.9), false),
];

/// Knob, the values that were tried, and the time of each in milliseconds.
const SWEEP: [(&str, &[u64], &[f64]); 3] = [
    ("flush_cadence_ms", &[25, 50, 125, 250], &[9.1, 7.4, 6.2, 6.9]),
    ("queue_max_items", &[16, 64, 256], &[8.8, 6.2, 6.3]),
    ("compaction_quota_mb", &[4, 8, 16, 32], &[7.7, 6.2, 6.6, 7.0]),
];

fn status((_, _, comparison, threshold, actual, _): &(&str, &str, &str, f64, Option<f64>, bool)) -> &'static str {
    match actual {
        None => "NO_DATA",
        Some(actual) if *comparison == "maximum" && actual <= threshold => "PASS",
        Some(actual) if *comparison == "minimum" && actual >= threshold => "PASS",
        Some(_) => "FAIL",
    }
}

/// Every report and its events.
pub fn write(tree: &mut Tree) {
    let report = |tree: &mut Tree, name: &str, content: &Value| document(tree, &format!("{FOLDER}/{name}.json"), content);
    let budgets = BUDGETS.map(|budget| {
        let (name, unit, comparison, threshold, actual, enforced) = budget;
        json!({
            "name": name, "unit": unit, "comparison": comparison, "threshold": threshold, "actual": actual,
            "status": status(&budget), "enforced": enforced,
        })
    });
    let rows: Vec<Value> = budgets.iter().map(|budget| event(MADE, "budget", budget.clone())).collect();
    records(tree, &format!("{FOLDER}/budget_events.jsonl"), &rows);
    report(tree, "budget_summary", &json!({ "generated_at": MADE, "run_id": RUN.id, "budgets": budgets }));

    let workloads = [("cold_start", 87.5, 264.0), ("long_session", 412.0, 1_390.0), ("search", 33.1, 101.2)];
    let faster = workloads.iter().all(|(_, own, reference)| own < reference);
    let compared =
        workloads.map(|(name, own, reference)| json!({ "workload": name, "ms": own, "reference_ms": reference }));
    let rows: Vec<Value> = compared.iter().map(|row| event(MADE, "comparison", row.clone())).collect();
    records(tree, &format!("{FOLDER}/perf_comparison_events.jsonl"), &rows);
    let verdict = if faster { "pass" } else { "fail" };
    let content = json!({ "generated_at": MADE, "run_id": RUN.id, "overall_verdict": verdict, "workloads": compared });
    report(tree, "perf_comparison", &content);

    let scenarios = ["disk_full", "slow_reader", "thousand_sessions"];
    let rows: Vec<Value> =
        scenarios.iter().map(|name| event(MADE, "stress", json!({ "scenario": name, "result": "pass" }))).collect();
    records(tree, &format!("{FOLDER}/stress_events.jsonl"), &rows);
    let failures: Vec<&Value> = rows.iter().filter(|row| row["detail"]["result"] != "pass").collect();
    let content = json!({ "generated_at": MADE, "run_id": RUN.id, "pass": failures.is_empty(), "failures": failures });
    report(tree, "stress_triage", &content);
    write_sweeps(tree);
}

fn write_sweeps(tree: &mut Tree) {
    let best = |values: &[u64], times: &[f64]| {
        let pairs = values.iter().zip(times);
        *pairs.min_by(|a, b| a.1.total_cmp(b.1)).map(|(value, _)| value).expect("values were tried")
    };
    let matrix = format!("{FOLDER}/phase1_matrix_validation.json");
    let cells: Vec<Value> = SWEEP
        .iter()
        .flat_map(|(name, values, times)| {
            values.iter().zip(*times).map(move |(value, ms)| json!({ "knob": name, "value": value, "ms": ms }))
        })
        .collect();
    document(
        tree,
        &matrix,
        &json!({ "generated_at": "2026-03-02T10:44:00Z", "run_id": RUN.id, "status": "valid", "cells": cells }),
    );
    let rows: Vec<Value> = cells.iter().map(|cell| event(MADE, "sweep", cell.clone())).collect();
    records(tree, &format!("{FOLDER}/parameter_sweeps_events.jsonl"), &rows);
    let dimensions = SWEEP.map(|(name, values, _)| json!({ "name": name, "values": values }));
    let selected: serde_json::Map<String, Value> =
        SWEEP.iter().map(|(name, values, times)| ((*name).to_owned(), json!(best(values, times)))).collect();
    let sweeps = json!({
        "schema": "pi.perf.parameter_sweeps.v1",
        "generated_at": MADE,
        "run_id": RUN.id,
        "source_identity": { "source_artifact": "phase1_matrix_validation", "source_artifact_path": matrix },
        "readiness": { "status": "ready", "ready_for_phase5": true, "blocking_reasons": [] },
        "sweep_plan": { "dimensions": dimensions },
        "selected_defaults": selected,
    });
    document(tree, &format!("{FOLDER}/parameter_sweeps.json"), &sweeps);
}
