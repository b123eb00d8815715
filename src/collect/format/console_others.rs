//! The last words of test runners that are met less often, as data; see `console_runners`.
//!
//! Facts about what these tools print at their end, by their documentation or their source.

use super::console_runners::{Runner, fails};

/// Every row.
pub(super) static OTHERS: &[Runner] = &[
    // JavaScript.
    fails("AVA", &[r"  [1-9]\d* (tests?|hooks?) failed", r"  [1-9]\d* (uncaught exceptions?|unhandled rejections?)"])
        .passes(&[r"  \d+ tests? passed"]),
    fails("uvu", &[r#"   FAIL  .*".*""#]),
    fails("TestCafe", &[r" \d+/\d+ failed \([0-9hms ]+\)"]).passes(&[r" \d+ passed \([0-9hms ]+\)"]),
    fails("Nightwatch", &[r"[^A-Z]{0,6}TEST FAILURE( \(.*\))?:.*"]),
    fails("WebdriverIO", &[r"Spec Files:\s+(\d+ [a-z]+, )*[1-9]\d* failed, (\d+ [a-z]+, )*\d+ total .*"])
        .passes(&[r"Spec Files:\s.* total .*"]),
    fails("CodeceptJS", &[r"  FAIL  \| .*\d+ failed.*"]).passes(&[r"  OK  \| \d+ passed.*"]),
    fails("elm-test", &["TEST RUN (FAILED|INCOMPLETE.*)"]).passes(&["TEST RUN PASSED"]),
    fails(
        "npm",
        &[
            r"npm ERR! Test failed\..*",
            r"npm (ERR!|error) Lifecycle script `test.*` failed with error:.*",
            r".?ELIFECYCLE.? +Test failed\..*",
        ],
    ),
    // Python.
    fails("shUnit2", &[r"FAILED \(failures=\d+.*\)"]).after(&[r"Ran \d+ tests?\."]),
    fails("nox", &[r"nox > \* .*: failed", r"nox > Session .* failed( with .*)?\."]).passes(&[r"nox > \* .*: success"]),
    fails("tox", &[r"[^ ]+: FAIL code -?\d+ \(.*\)", r" *evaluation failed :\( \(.*\)"])
        .passes(&[r" *congratulations :\) \(.*\)"]),
    fails("just", &[r"error: Recipe `.*` (failed|was terminated) on .*"]),
    fails("lit", &[r"Failed Tests \([1-9]\d*\):"]),
    fails("Pants", &[r"✕ [^ ]+ (failed|timed out).*"]),
    // The JVM and functional languages.
    fails("ScalaTest", &[r"(\[info\] )?\*\*\* [1-9]\d* (TESTS?|SUITES?) (FAILED|ABORTED) \*\*\*"])
        .passes(&[r"(\[info\] )?All tests passed\."]),
    fails("JUnit", &["FAILURES!!!"]).passes(&[r"OK \(\d+ tests?\)"]),
    fails("Mill", &[r"[1-9]\d* (targets|tasks) failed"]),
    fails("clojure.test", &[r"[1-9]\d* failures, \d+ errors\.", r"\d+ failures, [1-9]\d* errors\."])
        .passes(&[r"0 failures, 0 errors\."])
        .after(&[r"Ran \d+ tests containing \d+ assertions\."]),
    fails("Kaocha", &[r"\d+ tests?, \d+ assertions?, (.*, )?[1-9]\d* (failures?|errors?)\."])
        .passes(&[r"\d+ tests?, \d+ assertions?, 0 failures\."]),
    fails("Tasty", &[r"\d+ out of \d+ tests failed \(.*\)"]).passes(&[r"All \d+ tests passed \(.*\)"]),
    fails("Cabal", &[r"Test suite [^ ]+: FAIL"]),
    fails("Alcotest", &[r"[1-9]\d* (failures?|errors?)! in [0-9.]+s\. \d+ tests? run\."])
        .passes(&[r"Test Successful in [0-9.]+s\. \d+ tests? run\."]),
    // Other languages.
    fails(
        "busted",
        &[
            r"\d+ success(es)? / [1-9]\d* failures? / \d+ errors? / \d+ pending : .*",
            r"\d+ success(es)? / \d+ failures? / [1-9]\d* errors? / \d+ pending : .*",
        ],
    )
    .passes(&[r"\d+ success(es)? / 0 failures / 0 errors / \d+ pending : .*"]),
    fails("testthat", &[r"\[ FAIL [1-9]\d* \| WARN \d+ \| SKIP \d+ \| PASS \d+ \]"])
        .passes(&[r"\[ FAIL 0 \| WARN \d+ \| SKIP \d+ \| PASS \d+ \]"]),
    fails("Julia", &[r"ERROR: (LoadError: )?Some tests did not pass: .*"]),
    fails("Zig", &[r"\d+ passed; \d+ skipped; [1-9]\d* failed\."]).passes(&[r"All \d+ tests passed\."]),
    fails("phpspec", &[r"\d+ examples? \((.*, )?[1-9]\d* (failed|broken)(, .*)?\)"]).passes(&[r"\d+ examples? \(.*\)"]),
    fails(
        "Pester",
        &[r"Tests Passed: \d+, Failed: [1-9]\d*, Skipped: .*", r"(Container|BeforeAll \\ AfterAll) failed: [1-9]\d*"],
    )
    .passes(&[r"Tests Passed: \d+, Failed: 0, Skipped: .*"]),
    fails(
        "xUnit.net",
        &[r"   .* Total: \d+, Errors: \d+, Failed: [1-9]\d*, .*", r"   .* Total: \d+, Errors: [1-9]\d*, .*"],
    ),
    fails("VSTest", &[r" +Failed: [1-9]\d*"]).after(&[r"Total tests: \d+"]),
    fails("Forge", &[r"Ran \d+ test suites? .*: \d+ tests passed, [1-9]\d* failed, .*", r"Suite result: FAILED\. .*"])
        .passes(&[r"Ran \d+ test suites? .*: \d+ tests passed, 0 failed, .*"]),
    // C and C++, and what builds them; a log often holds several programs.
    fails("CppUnit", &["!!!FAILURES!!!"]),
    fails("Unity", &[r"\d+ Tests [1-9]\d* Failures \d+ Ignored"]),
    fails("cmocka", &[r"\[  FAILED  \] (.*: )?[1-9]\d* test\(s\), listed below:"]),
    fails("Criterion", &[r"\[====\] Synthesis: .*(Failing|Crashing): [1-9]\d*.*"]),
    fails("greatest", &[r"Pass: \d+, fail: [1-9]\d*, skip: \d+\."]),
    fails("DejaGnu", &[r"# of (unexpected failures|unexpected successes|unresolved testcases)\t+[1-9]\d*"]),
    fails("Automake", &[r"# (FAIL|XPASS|ERROR): +[1-9]\d*"]).after(&[r"# TOTAL: +\d+"]).ends(&[]),
    fails("lit", &[r"(Failed|Timed Out|Unresolved|Unexpectedly Passed) Tests \(\d+\):"]),
    fails("Buck2", &[r"Tests finished: .*(Fail|Fatal|Timeout|Build failure) [1-9]\d*.*"]).passes(&[r"Tests finished: .*"]),
    fails(
        "make",
        &[r"make(\[\d+\])?: \*\*\* \[[^\]]*\b(test|check)\b[^\]]*\] (Error \d+|[A-Z][a-z ]+( \(core dumped\))?)"],
    ),
    // Interfaces and infrastructure.
    fails("Hurl", &[r"Failed files: +[1-9]\d* .*"]).passes(&[r"Failed files: +0 .*"]),
    fails("Venom", &["final status: FAIL"]).passes(&["final status: PASS"]),
    fails("Terraform", &[r"Failure! \d+ passed, [1-9]\d* failed(, \d+ skipped)?\."])
        .passes(&[r"Success! \d+ passed, 0 failed.*"]),
    fails("OPA", &[r"(FAIL|ERROR): [1-9]\d*/\d+"]).passes(&[r"PASS: \d+/\d+"]),
];
