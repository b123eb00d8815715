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
    let every: BTreeSet<&str> = RUNNERS.iter().chain(OTHERS).map(|runner| runner.tool).collect();
    assert_eq!((LOGS.len(), tools), (132, every));
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
