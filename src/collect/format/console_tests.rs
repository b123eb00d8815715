//! Last words of every tool, failing and passing, and lines that are nobody's.

use super::*;
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

/// A tool, the end of a log that failed, and that of one that passed.
const LOGS: &[(&str, &str, &str)] = &[
    ("pytest", "======= 1 failed, 1 passed in 0.29s =======", "======= 2 passed, 1 warning in 0.29s ======="),
    ("pytest", "1 error in 12.50s", "3 passed, 1 skipped in 75.20s (0:01:15)"),
    ("pytest", "===== no tests ran in 0.01s =====", "3 passed, 1 deselected in 0.10s"),
    ("pytest", "!!!!!!!!! Interrupted: 1 error during collection !!!!!!!!!", "1 passed, 2 xfailed in 0.10s"),
    ("pytest", "INTERNALERROR> Traceback (most recent call last):", "2 passed in 1.00s"),
    (
        "pytest-cov",
        "ERROR: Coverage failure: total of 75 is less than fail-under=90",
        "Required test coverage of 50% reached. Total coverage: 75.00%",
    ),
    ("unittest", "Ran 3 tests in 0.001s\n\nFAILED (failures=1, errors=2)", "Ran 3 tests in 0.001s\n\nOK (skipped=1)"),
    ("stestr", " - Passed: 2\n - Skipped: 0\n - Failed: 1", " - Passed: 2\n - Skipped: 0\n - Failed: 0"),
    ("behave", "1 feature passed, 1 failed, 0 skipped", "2 features passed, 0 failed, 0 skipped"),
    ("tox", "  evaluation failed :( (1.52 seconds)", "  congratulations :) (1.52 seconds)"),
    ("Robot Framework", "3 tests, 2 passed, 1 failed", "3 tests, 3 passed, 0 failed"),
    (
        "jest",
        "Test Suites: 1 failed, 1 passed, 2 total\nTests:       3 passed, 3 total",
        "Test Suites: 2 passed, 2 total\nTests:       3 passed, 3 total",
    ),
    ("jest", "Tests:       1 failed, 1 skipped, 2 total", "Tests:       1 skipped, 1 passed, 2 total"),
    ("jest", "Jest: \"global\" coverage threshold for lines (66.66%) not met: 100%", "Snapshots:   0 total"),
    ("vitest", " Test Files  1 failed | 1 passed (2)", " Test Files  2 passed (2)"),
    (
        "vitest",
        " Test Files  1 passed (1)\n      Tests  1 passed (1)\n     Errors  1 error",
        " Test Files  1 passed (1)\n      Tests  1 passed | 1 todo (2)",
    ),
    ("mocha", "  1 passing (25ms)\n  1 failing", "  2 passing (2ms)\n  1 pending"),
    ("node", "ℹ pass 2\nℹ fail 1\nℹ cancelled 0", "ℹ pass 2\nℹ fail 0\nℹ cancelled 0"),
    ("jasmine", "3 specs, 1 failure", "2 specs, 0 failures"),
    (
        "karma",
        "Chrome Headless 120.0 (Linux x86_64): Executed 3 of 3 (1 FAILED) (0.1 secs / 0.01 secs)",
        "Chrome Headless 120.0 (Linux x86_64): Executed 3 of 3 SUCCESS (0.1 secs / 0.01 secs)",
    ),
    (
        "Playwright",
        "Running 2 tests using 1 worker\n  1 failed\n    a.spec.js:3:1 › adds\n  1 passed (3.1s)",
        "Running 2 tests using 1 worker\n  2 passed (3.1s)",
    ),
    (
        "Cypress",
        "    ✖  1 of 2 failed (50%)                      00:03        4        3        1",
        "    ✔  All specs passed!                        00:03        4        4        -",
    ),
    ("bun", "bun test v1.2.0 (b0ced2a9)\n 1 pass\n 1 fail", "bun test v1.2.0 (b0ced2a9)\n 2 pass\n 0 fail"),
    ("deno", "FAILED | 1 passed | 1 failed (90ms)", "ok | 2 passed | 0 failed (90ms)"),
    ("Maven", "[INFO] BUILD FAILURE", "[INFO] BUILD SUCCESS"),
    (
        "Maven",
        "[ERROR] Tests run: 3, Failures: 1, Errors: 0, Skipped: 0",
        "[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 0",
    ),
    ("Gradle", "BUILD FAILED in 4s", "BUILD SUCCESSFUL in 21s"),
    ("Gradle", "3 tests completed, 1 failed\nBUILD SUCCESSFUL in 4s", "BUILD SUCCESSFUL in 1m 2s"),
    (
        "Ant",
        "    [junit] Tests run: 1, Failures: 1, Errors: 0, Skipped: 0, Time elapsed: 1 sec",
        "    [junit] Tests run: 1, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 1 sec",
    ),
    (
        "sbt",
        "[error] Failed: Total 3, Failed 1, Errors 0, Passed 2",
        "[info] Passed: Total 3, Failed 0, Errors 0, Passed 3",
    ),
    ("TestNG", "Total tests run: 3, Failures: 1, Skips: 0", "Total tests run: 3, Passes: 3, Failures: 0, Skips: 0"),
    ("JUnit", "[         1 tests failed          ]", "[         0 tests failed          ]"),
    (
        "dotnet test",
        "Failed!  - Failed:     1, Passed:     2, Skipped:     0, Total:     3, Duration: 5 ms - Shop.dll (net8.0)",
        "Passed!  - Failed:     0, Passed:     3, Skipped:     0, Total:     3, Duration: 5 ms - Shop.dll (net8.0)",
    ),
    ("dotnet test", "Test Run Failed.", "Test Run Successful."),
    (
        "NUnit",
        "Tests run: 3, Errors: 0, Failures: 1, Inconclusive: 0, Time: 1.2 seconds",
        "Tests run: 3, Errors: 0, Failures: 0, Inconclusive: 1, Time: 1.2 seconds",
    ),
    ("CTest", "50% tests passed, 1 tests failed out of 2", "100% tests passed, 0 tests failed out of 2"),
    (
        "googletest",
        "[==========] Running 2 tests from 1 test suite.\n[  PASSED  ] 1 test.\n[  FAILED  ] 1 test, listed below:",
        "[==========] Running 2 tests from 1 test suite.\n[  PASSED  ] 2 tests.",
    ),
    (
        "Catch2",
        "test cases: 2 | 1 passed | 1 failed\nassertions: 2 | 1 passed | 1 failed",
        "test cases: 2 | 1 passed | 1 failed as expected",
    ),
    ("doctest", "[doctest] Status: FAILURE!", "[doctest] Status: SUCCESS!"),
    ("Boost.Test", "*** 1 failure is detected in the test module \"Shop\"", "*** No errors detected"),
    (
        "Qt Test",
        "Totals: 3 passed, 1 failed, 0 skipped, 0 blacklisted, 1ms",
        "Totals: 3 passed, 0 failed, 0 skipped, 0 blacklisted, 1ms",
    ),
    (
        "CppUTest",
        "Errors (1 failures, 3 tests, 3 ran, 3 checks, 0 ignored, 0 filtered out, 27 ms)",
        "OK (2 tests, 2 ran, 2 checks, 0 ignored, 0 filtered out, 33 ms)",
    ),
    ("Check", "50%: Checks: 2, Failures: 1, Errors: 0", "100%: Checks: 1, Failures: 0, Errors: 0"),
    ("Meson", "Ok:                 2   \nFail:               1   ", "Ok:                 2   \nFail:               0   "),
    ("Bazel", "Executed 2 out of 2 tests: 1 test passes and 1 fails locally.", "Executed 2 out of 2 tests: 2 tests pass."),
    (
        "PHPUnit",
        "PHPUnit 11.0.0 by Sebastian Bergmann and contributors.\nFAILURES!\nTests: 2, Assertions: 2, Failures: 1.",
        "PHPUnit 11.0.0 by Sebastian Bergmann and contributors.\nOK (2 tests, 2 assertions)",
    ),
    ("Pest", "  Tests:    1 failed, 2 passed (3 assertions)", "  Tests:    3 passed (3 assertions)"),
    ("TeamCity", "##teamcity[testFailed name='adds' message='no']", "##teamcity[testFinished name='adds' duration='1']"),
    ("RSpec", "2 examples, 1 failure", "2 examples, 0 failures, 1 pending"),
    (
        "minitest",
        "2 runs, 3 assertions, 0 failures, 1 errors, 0 skips",
        "2 runs, 3 assertions, 0 failures, 0 errors, 0 skips",
    ),
    (
        "minitest",
        "2 tests, 2 assertions, 1 failures, 0 errors, 0 pendings, 0 omissions, 0 notifications",
        "2 tests, 2 assertions, 0 failures, 0 errors, 1 pendings, 0 omissions, 0 notifications",
    ),
    ("ExUnit or bats", "3 tests, 1 failure", "3 tests, 0 failures"),
    ("ExUnit", "Result: 2/3 passed\nFailed: 1 test", "Result: 3 passed"),
    ("EUnit", "  Failed: 1.  Skipped: 0.  Passed: 2.", "  All 3 tests passed."),
    (
        "Common Test",
        "Testing shop.cart: TEST COMPLETE, 2 ok, 1 failed of 3 test cases",
        "Testing shop.cart: TEST COMPLETE, 3 ok, 0 failed of 3 test cases",
    ),
    ("prove", "Result: FAIL", "Result: PASS"),
    ("cucumber", "2 scenarios (1 failed, 1 passed)", "2 scenarios (2 passed)"),
    ("gotestsum", "DONE 3 tests, 1 skipped, 1 failure in 0.869s", "DONE 3 tests, 1 skipped in 0.869s"),
    (
        "Ginkgo",
        "FAIL! -- 2 Passed | 1 Failed | 0 Pending | 0 Skipped",
        "SUCCESS! -- 3 Passed | 0 Failed | 0 Pending | 0 Skipped",
    ),
    ("cargo", "error: test failed, to rerun pass `--lib`", "    Finished `test` profile [unoptimized] target(s) in 0.05s"),
    ("XCTest", "** TEST FAILED **", "** TEST SUCCEEDED **"),
    (
        "XCTest",
        "\t Executed 3 tests, with 1 failure (0 unexpected) in 0.005 (0.007) seconds",
        "\t Executed 3 tests, with 0 failures (0 unexpected) in 0.005 (0.007) seconds",
    ),
    (
        "Swift Testing",
        "✘ Test run with 3 tests failed after 0.001 seconds with 1 issue.",
        "✔ Test run with 3 tests passed after 0.001 seconds.",
    ),
    ("Dart", "00:01 +2 -1: Some tests failed.", "00:01 +3: All tests passed!"),
    ("behave", "0 features passed, 0 failed, 1 hook_error, 0 skipped", "1 feature passed, 0 failed, 0 skipped"),
    ("behave", "HOOK-ERROR in after_all: RuntimeError: no till", "1 feature passed, 0 failed, 0 skipped"),
    ("behave", "ParserError: Failed to parse \"/x/cart.feature\":", "1 feature passed, 0 failed, 0 skipped"),
    ("mocha", " Exception during run: Error: Cannot find module './stock'", "  2 passing (2ms)"),
    ("PHPUnit", "An error occurred inside PHPUnit.", "OK (2 tests, 2 assertions)"),
    ("pytest", "==== 1 failed in 0.29 seconds ====", "==== 2 passed in 0.29 seconds ===="),
    (
        "jest",
        "Error: Jest: Got error running globalTeardown - /x/after.js, reason: no stock",
        "Tests:       1 passed, 1 total",
    ),
    ("ExUnit", "Result: 1 passed, 2 invalid", "Result: 3 passed"),
];

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
    let every: BTreeSet<&str> = RUNNERS.iter().map(|runner| runner.tool).collect();
    assert_eq!((LOGS.len(), tools), (72, every));
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
    ];
    let mut looked_at = 0;
    for line in lines {
        let heard = told(&format!("a log\n{line}\nand more\n"));
        assert_eq!(heard, "nothing", "{line}");
        looked_at += 1;
    }
    assert_eq!(looked_at, 24);
    let long = format!("{} 1 failed, 1 passed in 0.29s {0}", "=".repeat(LINE_MOST));
    assert_eq!(told(&long), "nothing");
}
