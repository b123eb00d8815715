//! What people read about a thousand failures: `docs/assurance/printed.txt` has a line for each failing scenario below `fixtures/gates`, as
//! `gatekeeper self-test fixtures/gates --printed` wrote it. CI compares the page with what is printed now; here its words are judged.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

struct Row {
    name: String,
    named: String,
    gate: String,
    lines: Vec<String>,
    next: Vec<String>,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rows() -> Vec<Row> {
    let page = std::fs::read_to_string(root().join("docs/assurance/printed.txt")).expect("the page is there");
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        let [name, named, gate, text, next @ ..] = cells.as_slice() else { panic!("four cells at least: {line}") };
        let lines = text.split(" | ").map(str::to_owned).collect();
        let next = next.iter().map(|command| (*command).to_owned()).collect();
        Row { name: (*name).into(), named: (*named).into(), gate: (*gate).into(), lines, next }
    };
    page.lines().map(row).collect()
}

/// Folders with a scenario that is to fail.
fn failing(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.join("case.toml").is_file() {
            let text = std::fs::read_to_string(entry.join("case.toml")).expect("text");
            let case: toml::Table = text.parse().expect("sound");
            let verdict = case["expect"].get("verdict").and_then(toml::Value::as_str);
            if verdict.is_some_and(|word| word != "pass") {
                let name = entry.strip_prefix(root().join("fixtures")).expect("below").to_string_lossy().into_owned();
                found.insert(name);
            }
        } else if entry.is_dir() {
            failing(&entry, found);
        }
    }
}

#[test]
fn every_failing_scenario_has_its_line() {
    let told: BTreeSet<String> = rows().into_iter().map(|row| row.name).collect();
    let mut there = BTreeSet::new();
    failing(&root().join("fixtures/gates"), &mut there);
    let missing: Vec<&String> = there.difference(&told).collect();
    let gone: Vec<&String> = told.difference(&there).collect();
    assert!(missing.is_empty() && gone.is_empty(), "write the page anew: no line {missing:?}, no scenario {gone:?}");
    assert!(told.len() > 900, "{}", told.len());
}

/// Shapes of words that no message may have, and the sentences that have them for a reason.
const RULES: [(&str, &str, &[&str]); 7] = [
    ("a clause behind `expected`", r"expected [^;]*\b(passes|fails|ran|exits with|still fails|is (the|at|one))\b", &[]),
    ("an expression", r"&&|\|\|| == | != |\.(exists|exists_one|filter|all|map|size|contains)\(|\bhas\(|\?\s*'", &[]),
    ("a pattern", r"\(\?[a-zA-Z<:=!]|\[\^|\\[bsSdw]", &["does not match \"^"]),
    ("a placeholder without an answer", r"\(no [a-z_]+[.\[]", &[]),
    (
        "one thing told as many",
        r"(^|[ (])1 (more )?(tests|suites|runs|files|lines|items|errors|failures|warnings|findings|gates|entries|shards|samples|bytes|days|attempts|renewals|extensions|targets|issues|rows|dimensions|reports|modules|checks|sections)\b",
        &[],
    ),
    ("a standing that stands", r"\bdoes not stand\b", &[]),
    ("nothing at all", r"^[a-z-]+:\s*$", &[]),
];

#[test]
fn no_message_has_words_that_people_stumble_over() {
    let rules: Vec<_> =
        RULES.iter().map(|(what, text, but)| (what, regex::Regex::new(text).expect("sound"), but)).collect();
    let (mut wrong, mut looked_at) = (Vec::new(), 0);
    for row in rows() {
        for line in row.lines.iter().filter(|line| !line.starts_with("at ")) {
            looked_at += 1;
            for (what, pattern, but) in &rules {
                if pattern.is_match(line) && !but.iter().any(|part| line.contains(part)) {
                    wrong.push(format!("{what}: {} {}: {line}", row.name, row.gate));
                }
            }
        }
        let once: BTreeSet<&String> = row.lines.iter().collect();
        if once.len() != row.lines.len() {
            wrong.push(format!("told twice: {}: {:?}", row.name, row.lines));
        }
    }
    assert!(wrong.is_empty(), "{} of {looked_at}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(looked_at > 1000, "{looked_at}");
}

#[test]
fn the_culprit_is_named() {
    let mut counts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows() {
        counts.entry(row.named).or_default().push(row.name);
    }
    let of = |word: &str| counts.get(word).map(Vec::as_slice).unwrap_or_default();
    let unnamed: BTreeSet<&str> = of("NOT NAMED").iter().map(String::as_str).collect();
    let listed: BTreeSet<&str> = UNNAMED.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    assert_eq!(unnamed.difference(&listed).collect::<Vec<_>>(), Vec::<&&str>::new(), "nobody sees what is wrong there");
    assert_eq!(listed.difference(&unnamed).collect::<Vec<_>>(), Vec::<&&str>::new(), "named by now");
    assert!(of("named").len() > 6 * of("place").len() && of("named").len() > 700, "{}", of("named").len());
}

/// Scenarios whose edit is not named by what the terminal shows first, by the reason.
const UNNAMED: [(&str, &[&str]); 2] = [
    (
        "something is gone, and what needs it is named: a run, a record, a scenario, a pattern",
        &[
            "gates/agent-e2e/nothing_left_out/fail_before_the_run",
            "gates/agent-e2e/nothing_left_out/fail_cases_left_out",
            "gates/agent-e2e/nothing_left_out/fail_new_scenario_not_run",
            "gates/agent-e2e/nothing_left_out/fail_suite_killed",
            "gates/agent-e2e/nothing_left_out/fail_within_the_package",
            "gates/agent-e2e/nothing_left_out/pass_one_package",
            "gates/agent-e2e/whole_repository/fail_one_package",
            "gates/agent-e2e/preflight/fail_first_run",
            "gates/agent-e2e/preflight/fail_short_circuit",
            "gates/agent-e2e/report_documents/gap_no_reports",
            "gates/agent-e2e/scenario_files/fail_runner_missing",
            "gates/agent-e2e/scenario_files/fail_verifier_missing",
            "gates/compose-flows/context_bound/no-file",
            "gates/compose-flows/context_bound/not-asked",
            "gates/compose-flows/flows_recorded/no-detail",
            "gates/compose-flows/flows_recorded/no-step-detail",
            "gates/compose-flows/flows_recorded/no-submission",
            "gates/compose-flows/one_result/child",
            "gates/compose-flows/one_result/none",
            "gates/compose-flows/result_payload/no-file",
            "gates/e2e-run/e2e_log_contract/fail_log_missing",
            "gates/e2e-run/failure_records/fail_digest_missing",
            "gates/e2e-run/run_selection/fail_result_removed",
            "gates/e2e-run/test_regression/fail_baseline_log_missing",
            "gates/e2e-run/test_regression/fail_baseline_result_missing",
            "gates/flakes/flake_rate/fail_no_log",
            "gates/full-suite/kernel_boundary/gap_no_modules",
            "gates/full-suite/suite_classification/fail_entry_without_file",
            "gates/go-e2e/forbidden_log_lines/no-log",
            "gates/go-e2e/forbidden_log_lines/one-log-gone",
            "gates/go-e2e/no_cached_results/cached-text",
            "gates/go-e2e/run_recorded/no-report",
            "gates/go-flakes/flake_runs_recorded/fail_log_gone",
            "gates/pipeline-run/failure_summary/fail_missing",
            "gates/release/promotion/gap_newer_directory_without_its_document",
            "gates/self/manifest_complete/left-out",
            "gates/test-results/tests_ran/damaged_only_report_deleted",
        ],
    ),
    (
        "what is wrong is named by an id, a count or a stage that the edit itself does not hold",
        &[
            "gates/agent-e2e/docs_drift/pass_recorded",
            "gates/agent-e2e/flaky_recovery/fail_recovered",
            "gates/agent-e2e/flaky_recovery/fail_told_by_the_suite",
            "gates/agent-e2e/flaky_recovery/pass_failed_for_good",
            "gates/agent-e2e/nothing_left_out/fail_stale",
            "gates/agent-e2e/report_documents/fail_unknown_case",
            "gates/compose-flows/children_accounted/no-children",
            "gates/compose-flows/children_accounted/unknown",
            "gates/compose-flows/context_bound/differs",
            "gates/compose-flows/topic_policy/denied",
            "gates/compose-flows/topic_policy/not-allowed",
            "gates/compose-flows/trace_bound/not-in-trace",
            "gates/compose-flows/trace_bound/twice",
            "gates/e2e-run/suites_pass/fail_failed_suite",
            "gates/e2e-run/test_regression/skip_without_baseline",
            "gates/flakes/flake_rate/undecided_other_commit",
            "gates/flakes/flake_rate/undecided_same_run",
            "gates/go-e2e/go_tests_declared/too-few",
            "gates/pipeline-run/stage_logs/fail_log_emptied",
            "gates/pipeline-run/stage_order/fail_stage_left_out",
            "gates/test-results/tests_pass/fail_events_of_go",
        ],
    ),
];

#[test]
fn every_command_is_one_that_a_shell_takes() {
    let commands: BTreeSet<String> = rows().into_iter().flat_map(|row| row.next).collect();
    let left =
        regex::Regex::new(r"(^|[^$])\{(run|run\.id|baseline|suite|test|tests|place|evidence\.[a-z_]+)\}|<[a-z][a-z _.-]*>")
            .expect("sound");
    let open: Vec<&String> = commands.iter().filter(|command| left.is_match(command)).collect();
    assert!(open.is_empty(), "a placeholder is left: {open:#?}");
    // A function each, so that one process reads all of them.
    let script: String = commands.iter().enumerate().map(|(at, line)| format!("f{at}() {{\n{line}\n}}\n")).collect();
    run("bash", &["-n", "/dev/stdin"], &script);
    let words = "import shlex, sys\nfor line in sys.stdin:\n    assert shlex.split(line), line\n";
    run("python3", &["-c", words], &commands.iter().map(|line| format!("{line}\n")).collect::<String>());
    assert!(commands.len() > 60, "{}", commands.len());
}

/// Runs a program that must take this input.
fn run(program: &str, arguments: &[&str], input: &str) {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let started = Command::new(program).args(arguments).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = started.unwrap_or_else(|error| panic!("{program}: {error}"));
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
    let ended = child.wait_with_output().expect("it ends");
    assert!(ended.status.success(), "{program}: {}", String::from_utf8_lossy(&ended.stderr));
}
