//! Last words of every tool, failing and passing, and lines that are nobody's.

use super::*;
use crate::collect::format::console_logs::LOGS;
use std::collections::BTreeSet;

fn told(text: &str) -> String {
    let Some(report) = report(text) else { return "nothing".to_owned() };
    let errors = report.suites.iter().flat_map(|suite| {
        suite.errors.iter().map(move |error| format!("{}: {}", suite.name.trim_start_matches("the log of "), error.message))
    });
    errors.chain(report.cut_short.iter().map(|remark| remark.message.to_string())).collect::<Vec<_>>().join("; ")
}

#[test]
fn nextest_says_at_last_whether_its_run_failed() {
    let log = |summary: &str| told(&format!(" Nextest run ID 1 with nextest profile: ci\n{summary}\n"));
    assert_eq!(log("     Summary [   0.082s] 2 tests run: 2 passed, 1 skipped"), "nothing");
    assert_eq!(log("     Summary [   0.082s] 2 tests run: 2 passed (1 flaky), 0 skipped"), "nothing");
    let failed = log("     Summary [   0.082s] 2 tests run: 1 passed, 1 failed, 0 skipped");
    assert!(failed.starts_with("nextest: Summary [") && failed.contains("1 failed"), "{failed}");
    assert!(log("     Summary [   0.082s] 1 test run: 0 passed, 1 timed out, 0 skipped").contains("timed out"));
    assert!(
        log("     Summary [   0.082s] 2 tests run: 1 passed, 1 failed (1 due to being leaky), 0 skipped").contains("leaky")
    );
    assert!(log("     Summary [   0.082s] 1/2 tests run: 1 passed, 0 skipped").contains("1/2"));
    assert!(log("").contains("never came"));
    assert_eq!(log("     Summary [   0.016s] 3/3 stress run iterations: 3 passed"), "nothing");
}

#[test]
fn the_last_words_of_each_tool_are_heard() {
    let mut tools = BTreeSet::from(["nextest"]);
    for (tool, failed, passed) in LOGS {
        let heard = told(&format!("some output\n{failed}\n"));
        assert!(heard.starts_with(&format!("{tool}: ")), "{tool}: {heard}\n{failed}");
        assert_eq!(told(&format!("some output\n{passed}\n")), "nothing", "{tool}");
        assert_eq!(told(&format!("\u{1b}[31m{}\u{1b}[0m", failed.replace('\n', "\r\n"))), heard, "{tool}");
        tools.insert(tool);
    }
    let every: BTreeSet<&str> = RUNNERS.iter().chain(OTHERS).chain(HOSTS).map(|runner| runner.tool).collect();
    assert_eq!((LOGS.len(), tools), (160, every));
}

#[test]
fn the_last_run_of_a_runner_counts_and_every_program_of_a_framework() {
    let mut looked_at = 0;
    for tool in ["pytest", "unittest", "jest", "vitest", "mocha", "node", "Maven", "PHPUnit", "RSpec", "prove", "CTest"] {
        let (_, failed, passed) = LOGS.iter().find(|(own, ..)| *own == tool).expect("a row");
        assert_eq!(told(&format!("{failed}\n{passed}\n")), "nothing", "{tool}");
        assert!(told(&format!("{passed}\n{failed}\n")).starts_with(tool));
        looked_at += 1;
    }
    for tool in ["googletest", "Catch2", "doctest", "Boost.Test", "CppUTest", "Check", "sbt"] {
        let (_, failed, passed) = LOGS.iter().find(|(own, ..)| *own == tool).expect("a row");
        assert!(told(&format!("{failed}\n{passed}\n")).starts_with(tool), "{tool}");
        looked_at += 1;
    }
    assert_eq!(looked_at, 18);
    assert!(told("[==========] Running 2 tests from 1 test suite.\n[ RUN      ] Cart.Adds").contains("never came"));
    let pytest = "======= test session starts =======\ncollected 2 items\n\ntest_cart.py .";
    assert!(told(pytest).contains("never came"));
    for end in ["====== 2 passed in 0.10s ======", "===== 2 tests collected in 0.01s =====", "3 subtests passed in 0.10s"] {
        assert_eq!(told(&format!("{pytest}\n{end}\n")), "nothing", "{end}");
    }
    let unittest = "test_adds (test_cart.CartTest.test_adds) ... ok\ntest_till (test_cart.CartTest.test_till) ... ";
    assert!(told(unittest).contains("never came"));
    assert_eq!(told(&format!("{unittest}ok\n\nRan 2 tests in 0.001s\n\nOK\n")), "nothing");
    assert!(told("[\"start\",{\"total\":2}]\n[\"pass\",{\"title\":\"adds\"}]").contains("never came"));
    assert!(told("USING RUNNER: behave.runner:Runner\nfeatures/cart.feature  ...").contains("never came"));
    assert!(told("********* Start testing of CartTest *********").contains("never came"));
}

/// A run that began with a line of its own must come to its end, whatever it was cut off by; the last one counts.
#[test]
fn a_run_that_breaks_off_is_cut_short() {
    let rows = [
        (
            "jest",
            "PASS src/a.test.js (5.1 s)\nRUNS  src/b.te",
            "Test Suites: 2 passed, 2 total\nTests:       3 passed, 3 total",
        ),
        ("vitest", " RUN  v1.6.0 /srv/shop\n\n ✓ a.test.ts (1 te", " Test Files  2 passed (2)\n      Tests  3 passed (3)"),
        ("Playwright", "Running 3 tests using 2 workers\n  ✓  1 a.spec.ts", "  3 passed (1.2s)"),
        ("Cypress", "  (Run Starting)\n  Running:  a.cy.js", "  (Run Finished)\n    ✔  All specs passed!"),
        ("bun", "bun test v1.1.0 (5903a614)\na.test.ts:", " 2 pass\n 0 fail\nRan 2 tests across 1 files. [10.00ms]"),
        ("deno", "running 2 tests from ./a.ts\nadds ... ok (1ms)\npays ...", "ok | 2 passed | 0 failed (5ms)"),
        ("Maven", "[INFO]  T E S T S\n[INFO] Running org.acme.CartTest", "[INFO] BUILD SUCCESS"),
        ("Gradle", "> Task :shop:test", "BUILD SUCCESSFUL in 3s"),
        ("Gradle", "> Task :integrationTest FROM-CACHE", "BUILD SUCCESSFUL in 3s"),
        (
            "dotnet test",
            "Starting test execution, please wait...",
            "Passed!  - Failed:     0, Passed:     2, Skipped:     0, Total:     2, Duration: 3 ms - shop.dll (net8.0)",
        ),
        ("CTest", "    Start 1: cart\n1/2 Test #1: cart ...", "100% tests passed, 0 tests failed out of 2"),
        ("Boost.Test", "Running 2 test cases...", "*** No errors detected"),
        ("PHPUnit", "Runtime:       PHP 8.3.1\n\n..", "Time: 00:00.010, Memory: 6.00 MB\n\nOK (2 tests, 2 assertions)"),
        ("minitest", "# Running:\n\n..", "2 runs, 2 assertions, 0 failures, 0 errors, 0 skips"),
        ("ExUnit", "Running ExUnit with seed: 1, max_cases: 8\n\n..", "2 tests, 0 failures"),
        ("Ginkgo", "Running Suite: Cart - /srv/shop", "Ran 2 of 2 Specs in 0.001 seconds\nTest Suite Passed"),
        (
            "XCTest",
            "Test Suite 'All tests' started at 2026-03-01 10:00:00.000",
            "\t Executed 2 tests, with 0 failures (0 unexpected) in 0.001 (0.002) seconds",
        ),
    ];
    for (tool, began, ended) in rows {
        let cut = format!("{tool} began and its last words never came");
        assert_eq!(told(began), cut, "{tool}");
        assert_eq!(told(&format!("{began}\n{ended}\n")), "nothing", "{tool}");
        assert_eq!(told(&format!("{began}\n{ended}\n{began}\n")), cut, "{tool}: a second run");
    }
    assert_eq!(rows.len(), 17);
}

#[test]
fn prose_and_other_logs_are_not_taken_for_a_runner() {
    let lines = [
        "1 failed",
        "3 failing tests were fixed",
        "FAILED",
        "Build failed in 4s",
        "we had 2 examples, 1 failure of which was odd",
        "ERROR: test failed, see below",
        "Tests: 1 failed of 3",
        "The last run said: 3 tests, 1 failure",
        "> 1 failed, 1 passed in 0.29s",
        "Result: FAILED",
        "2026-01-01T00:00:00Z ERROR request failed, 1 failed in 0.3s",
        "  1 failing",
        "  1 failed",
        " 1 fail",
        "FAILURES!",
        "FAILED (failures=1)",
        " - Failed: 1",
        "Fail: 3",
        "Tests run: 3",
        "error: could not open a file",
        "0 failed",
        "Failed: 1 test",
        "assertions: 2 | 1 passed | 1 failed",
        "Test suite passed with 1 warning",
        "Failed tests:",
        "FAILED to open cart.py",
        "ERROR while reading cart.py: no such file",
        "tests (of the cart) ... are fine",
        "::error file=src/cart.ts,title=a rule,line=1,column=1::no",
    ];
    let mut looked_at = 0;
    for line in lines {
        let heard = told(&format!("a log\n{line}\nand more\n"));
        assert_eq!(heard, "nothing", "{line}");
        looked_at += 1;
    }
    assert_eq!(looked_at, 29);
    let long = format!("{} 1 failed, 1 passed in 0.29s {0}", "=".repeat(LINE_MOST));
    assert_eq!(told(&long), "nothing");
}
