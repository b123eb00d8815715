//! Conformance of extensions, coverage, test doubles, the platform report and the remediation backlog.

use super::history::Commits;
use super::sources::TestFile;
use super::{RUN, Tree, document, event, percent, records, text};
use serde_json::{Value, json};

const MADE: &str = "2026-03-02T10:41:07Z";
const FAMILIES: [&str; 8] = ["diff", "format", "git", "lint", "notes", "search", "shell", "theme"];
const VARIANTS: [&str; 5] = ["basic", "config", "events", "stream", "ui"];
/// Extensions that fail, with who mends them and how.
const FAILING: [(&str, &str, &str); 2] = [
    (
        "notes-stream",
        "extensions",
        "Back-pressure of `session.append` must suspend the extension instead of dropping the call.",
    ),
    ("shell-ui", "tui", "Map `ui.notify` to the status line when there is no window."),
];
/// Entries of the backlog that conformance no longer needs.
const TRACKED: [(&str, &str, &str); 1] =
    [("theme-events", "tui", "Watch the event order for a month after the mend of February.")];
const NOT_APPLICABLE: [&str; 3] = ["git-ui", "lint-ui", "search-ui"];

fn corpus() -> Vec<(String, &'static str)> {
    let names = FAMILIES.iter().flat_map(|family| VARIANTS.iter().map(move |variant| format!("{family}-{variant}")));
    names
        .map(|name| {
            let result = match name.as_str() {
                name if FAILING.iter().any(|(failing, ..)| *failing == name) => "fail",
                name if NOT_APPLICABLE.contains(&name) => "na",
                _ => "pass",
            };
            (name, result)
        })
        .collect()
}

fn count(corpus: &[(String, &str)], result: &str) -> usize {
    corpus.iter().filter(|(_, own)| *own == result).count()
}

/// `docs/*.json`, which are committed.
pub fn write_docs(tree: &mut Tree, tests: &[TestFile]) {
    // Module, covered and all lines, covered and all functions, floors.
    let modules = [
        ("config", (19, 20), (2, 2), (85, 90)),
        ("extensions", (11, 12), (1, 1), (85, 90)),
        ("provider", (27, 28), (4, 4), (90, 95)),
        ("session", (33, 36), (7, 7), (88, 95)),
        ("tools", (9, 10), (3, 3), (85, 90)),
    ];
    let measured = modules.map(|(module, lines, functions, _)| {
        json!({ "module": module, "line_pct": percent(lines.0, lines.1), "function_pct": percent(functions.0, functions.1) })
    });
    let floors = modules.map(|(module, _, _, (lines, functions))| {
        json!({ "module": module, "min_line_pct": lines, "min_function_pct": functions })
    });
    let doubles: Vec<(&TestFile, &String)> =
        tests.iter().flat_map(|file| file.doubles.iter().map(move |double| (file, double))).collect();
    let path = |file: &TestFile| format!("tests/{}.rs", file.stem);
    let mut entries: Vec<Value> = doubles
        .iter()
        .map(|(file, double)| json!({ "file": path(file), "suite": file.suite, "module": "session", "identifier": double }))
        .collect();
    entries.push(json!({
        "file": "tests/provider_streaming.rs", "suite": "vcr", "module": "provider", "identifier": "RecordedStream",
    }));
    let allowlist: Vec<Value> = doubles
        .iter()
        .map(|(file, double)| {
            json!({ "file": path(file), "identifier": double, "owner": "sessions", "expires": "2026-03-31" })
        })
        .collect();
    document(tree, "docs/coverage-summary.json", &json!({ "modules": measured }));
    document(tree, "docs/non-mock-rubric.json", &json!({ "modules": floors, "allowlist": allowlist }));
    document(tree, "docs/test_double_inventory.json", &json!({ "total": entries.len(), "entries": entries }));
}

/// The reports of the campaign.
pub fn write(tree: &mut Tree, commits: &Commits) {
    let corpus = corpus();
    let (pass, fail, na) = (count(&corpus, "pass"), count(&corpus, "fail"), count(&corpus, "na"));
    let reports = "tests/ext_conformance/reports";
    let rows: Vec<Value> = corpus
        .iter()
        .map(|(name, result)| event(MADE, "conformance", json!({ "extension_id": name, "result": result })))
        .collect();
    records(tree, &format!("{reports}/conformance_events.jsonl"), &rows);
    let summary = json!({
        "run_id": RUN.id,
        "generated_at": MADE,
        "counts": { "pass": pass, "fail": fail, "na": na, "total": corpus.len() },
        "pass_rate": percent(pass, pass + fail),
    });
    document(tree, &format!("{reports}/conformance_summary.json"), &summary);
    let must_pass = corpus.iter().filter(|(name, _)| name.ends_with("-basic") || name.ends_with("-config")).cloned();
    let must_pass: Vec<_> = must_pass.collect();
    let (passed, failed) = (count(&must_pass, "pass"), count(&must_pass, "fail"));
    let failures: Vec<&String> = must_pass.iter().filter(|(_, result)| *result == "fail").map(|(name, _)| name).collect();
    let verdict = json!({
        "status": if passed == must_pass.len() { "pass" } else { "fail" },
        "generated_at": MADE,
        "run_id": RUN.id,
        "git_commit": commits.head,
        "counts": {
            "total": must_pass.len(), "tested": passed + failed, "passed": passed, "failed": failed,
            "skipped": must_pass.len() - passed - failed,
        },
        "failures": failures,
    });
    document(tree, &format!("{reports}/gate/must_pass_gate_verdict.json"), &verdict);
    write_platform(tree);
    write_backlog(tree, fail);
}

fn write_platform(tree: &mut Tree) {
    let checks = [
        ("case_sensitive_paths", true, "pass"),
        ("file_permissions", true, "pass"),
        ("path_separators", true, "pass"),
        ("pty_available", true, "pass"),
        ("system_certificates", true, "pass"),
        ("clipboard", false, "skip"),
        ("true_colour", false, "pass"),
    ];
    let required: Vec<_> = checks.iter().filter(|(_, required, _)| *required).collect();
    let passed = required.iter().filter(|(_, _, status)| *status == "pass").count();
    let folder = "tests/cross_platform_reports/linux";
    let report = json!({
        "platform": "linux",
        "generated_at": "2026-03-02T10:52:30Z",
        "checks": checks.map(|(id, required, status)| json!({ "id": id, "required": required, "status": status })),
        "required": { "passed": passed, "total": required.len() },
    });
    document(tree, &format!("{folder}/platform_report.json"), &report);
    let log: String = checks.iter().map(|(id, _, status)| format!("check {id} ... {status}\n")).collect();
    text(tree, &format!("{folder}/platform_report.log"), &log);
}

fn write_backlog(tree: &mut Tree, failing: usize) {
    let entry = |status: &'static str| move |(name, owner, remediation): &(&str, &str, &str)| json!({ "extension_id": name, "status": status, "owner": owner, "remediation": remediation });
    let entries: Vec<Value> = FAILING.iter().map(entry("actionable")).chain(TRACKED.iter().map(entry("tracked"))).collect();
    assert!(entries.len() >= failing, "every failing extension has an entry");
    let folder = "tests/full_suite_gate";
    let backlog = json!({
        "schema": "pi.qa.extension_remediation_backlog.v1",
        "run_id": RUN.id,
        "generated_at": "2026-03-02T11:05:12Z",
        "summary": { "total": entries.len(), "actionable": FAILING.len(), "tracked": TRACKED.len() },
        "entries": entries,
    });
    document(tree, &format!("{folder}/extension_remediation_backlog.json"), &backlog);
    let mut page = String::from("# Extension remediation backlog\n\n| extension | owner | what to do |\n|---|---|---|\n");
    for (name, owner, remediation) in FAILING.iter().chain(&TRACKED) {
        page.push_str(&format!("| `{name}` | {owner} | {remediation} |\n"));
    }
    text(tree, &format!("{folder}/extension_remediation_backlog.md"), &page);
    let dossier = json!({
        "run_id": RUN.id,
        "generated_at": "2026-03-02T11:05:12Z",
        "sections": ["conformance", "cross_platform", "performance", "remediation"],
    });
    document(tree, &format!("{folder}/certification_dossier.json"), &dossier);
    let events = [
        event("2026-03-02T11:05:10Z", "dossier_started", json!({})),
        event("2026-03-02T11:05:12Z", "backlog_written", json!({ "entries": backlog["summary"]["total"] })),
    ];
    records(tree, &format!("{folder}/certification_events.jsonl"), &events);
}
