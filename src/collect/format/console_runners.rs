//! The last words of test runners, as data: whole lines, without colours.
//!
//! Facts about what tools print, found with real runs. A pattern is a whole line, so that prose and the logs of applications are not taken for a runner; in it
//! `\d` is a digit of ASCII.

/// How one tool ends its log. A tool may have several rows, one for each line that it ends with.
pub(super) struct Runner {
    /// What the tool is called.
    pub(super) tool: &'static str,
    /// Lines that say that a run failed.
    pub(super) failed: &'static [&'static str],
    /// Lines that say that a run passed, or only that it ended.
    pub(super) ended: &'static [&'static str],
    /// Lines that say that a run began.
    pub(super) began: &'static [&'static str],
    /// A failure counts only behind a line that says that the run began.
    pub(super) must_begin: bool,
    /// A run that began and never ended is cut short.
    pub(super) must_end: bool,
    /// A failure stays, whatever ends later: one log often has the words of several programs.
    pub(super) keeps: bool,
}

/// A row of lines that say that a run failed.
pub(super) const fn fails(tool: &'static str, failed: &'static [&'static str]) -> Runner {
    Runner { tool, failed, ended: &[], began: &[], must_begin: false, must_end: false, keeps: false }
}

impl Runner {
    /// Lines that say that a later run passed.
    pub(super) const fn passes(self, ended: &'static [&'static str]) -> Self {
        Self { ended, ..self }
    }

    /// Lines that end a run, and say nothing of the runs before it.
    pub(super) const fn ends(self, ended: &'static [&'static str]) -> Self {
        Self { ended, keeps: true, ..self }
    }

    /// Lines behind which alone a failure counts; they begin a new run.
    pub(super) const fn after(self, began: &'static [&'static str]) -> Self {
        Self { began, must_begin: true, ..self }
    }

    /// Lines that begin a run which must end.
    pub(super) const fn begins(self, began: &'static [&'static str]) -> Self {
        Self { began, must_end: true, ..self }
    }
}

/// The rows of tools with recordings of their own, and of what is like them; those of others are in `console_others`.
pub(super) static RUNNERS: &[Runner] = &[
    // Python.
    fails(
        "pytest",
        &[
            r"(=+ )?(\d+ [a-z ]+, )*\d+ (failed|errors?)(, \d+ [a-z ]+)* in \d+\.\d+(s| seconds)( \([0-9:, days]+\))?( =+)?",
            r"(=+ )?no tests (ran|collected) in \d+\.\d+(s| seconds)( =+)?",
            r"(=+ )?\d+ deselected(, \d+ warnings?)? in \d+\.\d+(s| seconds)( =+)?",
            // All that `-qq` leaves of the summary.
            r"(FAILED|ERROR|SUBFAIL(ED)?[\[(][^ ].*[\])]) [^ ]+\.py(::[^ ].*)?( - .*)?",
        ],
    )
    .passes(&[
        r"(=+ )?\d+ [a-z ]+(, \d+ [a-z ]+)* in \d+\.\d+(s| seconds)( \([0-9:, days]+\))?( =+)?",
        r"(=+ )?\d+(/\d+)? tests? collected.* in \d+\.\d+(s| seconds)( =+)?",
    ])
    .begins(&[r"=+ test session starts( \(.*\))? =+"]),
    fails(
        "pytest",
        &[
            r"!{5,} .+ !{5,}",
            r"ERROR: usage: .*pytest.* \[options\].*",
            r"ImportError while loading conftest '.*'\.",
            r"INTERNALERROR> .*",
        ],
    ),
    fails(
        "pytest-cov",
        &[
            r"(FAIL|ERROR:) Required test coverage of [0-9.]+% not reached\. Total coverage: [0-9.]+%",
            r"(FAIL|ERROR:) Coverage failure: total of [0-9.]+ is less than fail-under=[0-9.]+",
        ],
    ),
    fails(
        "unittest",
        &[
            r"FAILED \(((failures|errors|skipped|skips|expected ?[fF]ailures|unexpected ?[sS]uccesses|successes|todos)=\d+(, )?)+\)",
            r"NO TESTS RAN( \(.*\))?",
        ],
    )
    .after(&[r"Ran \d+ tests? in \d+\.\d+s"]),
    // With `-v`: a test begins, and the number of tests ends them.
    fails("unittest", &[])
        .passes(&[r"Ran \d+ tests? in \d+\.\d+s"])
        .begins(&[r"test\w* \([\w.]+\) \.\.\.( .*)?"]),
    fails("stestr", &[r" - Failed: [1-9]\d*", r" - Unexpected Success: [1-9]\d*"]).after(&[r" - Passed: \d+"]),
    fails("behave", &[r"\d+ features? passed, (.*, )?[1-9]\d* (failed|error|hook_error|cleanup_error)(, .*)?"])
        .passes(&[r"\d+ features? passed, .*"])
        .begins(&[r"USING RUNNER: behave\..*"]),
    fails("behave", &[r#"ParserError: Failed to parse ".*":"#, r"(HOOK|CLEANUP)-ERROR in [a-z_]+: .*"]),
    fails("tox", &[r"  evaluation failed :\( \([0-9.]+ seconds\)", r"ERROR:   [^ ]+: commands failed"])
        .passes(&[r"  congratulations :\) \([0-9.]+ seconds\)"]),
    fails("Robot Framework", &[r"\d+ (critical )?tests?, \d+ passed, [1-9]\d* failed(, \d+ skipped)?"])
        .passes(&[r"\d+ (critical )?tests?, \d+ passed, 0 failed(, \d+ skipped)?"]),
    fails("Robot Framework", &[r"\[ ERROR \] Suite '.*' contains no tests.*", r"\[ ERROR \] Parsing '.*' failed: .*"]),
    // JavaScript.
    fails(
        "jest",
        &[
            r"Test Suites: +(\d+ [a-z]+, )*[1-9]\d* failed, (\d+ [a-z]+, )*(\d+ of )?\d+ total",
            r"FAIL [^ ]+\.[cm]?[jt]sx?( \([0-9.]+ m?s(, .*)?\))?",
        ],
    )
        .passes(&[r"Test Suites: .* total"]),
    fails("jest", &[r"Tests: +(\d+ [a-z]+, )*[1-9]\d* failed, (\d+ [a-z]+, )*\d+ total"]).passes(&[r"Tests: .* total"]),
    fails(
        "jest",
        &[r"Jest: .* for [a-z]+ \(.*\) (does not meet .* threshold|not met: ).*", r"No tests found, exiting with code 1", r"Error: Jest: .*"],
    ),
    fails(
        "vitest",
        &[
            r" *Test Files +(\d+ [a-z]+ \| )*[1-9]\d* failed( \| \d+ [a-z]+)* \(\d+\)",
            r" FAIL  [^ ]+\.[cm]?[jt]sx?( > .*| \[ .* \])?",
        ],
    )
        .passes(&[r" *Test Files +.*\(\d+\)"]),
    fails("vitest", &[r" *Tests +(\d+ [a-z ]+ \| )*[1-9]\d* failed( \| \d+ [a-z ]+)* \(\d+\)"])
        .passes(&[r" *Tests +.*\(\d+\)"]),
    fails("vitest", &[r" *(Type )?Errors +[1-9]\d* errors?"])
        .after(&[r" *Test Files +.*\(\d+\)", r" *Test Files +no tests"]),
    fails(
        "vitest",
        &[
            r"ERROR: Coverage for [a-z]+ \([0-9.]+%\) does not meet .* threshold \([0-9.]+%\)",
            r"No test (suite )?files found, exiting with code 1",
            // What it tells a workflow of GitHub.
            r"::error file=.*,title=[^ ]+\.[cm]?[jt]sx?( > .*)?,line=\d+,column=\d+::.*",
        ],
    ),
    fails("mocha", &[r"  [1-9]\d* failing"]).after(&[r"  \d+ passing \(.*\)"]),
    fails("mocha", &[r#"\["end",\{.*"failures":[1-9]\d*[,}].*"#])
        .passes(&[r#"\["end",\{.*"failures":0[,}].*"#])
        .begins(&[r#"\["start",\{"total":\d+\}\]"#]),
    fails("mocha", &[r#" *<dt class="error">.*"#]),
    fails("mocha", &[r#"Error: No test files found: ".*""#, r" ?Exception during run: .*"]),
    fails("node", &[r"ℹ fail [1-9]\d*"]).passes(&[r"ℹ fail 0"]),
    fails("node", &[r"ℹ cancelled [1-9]\d*"]).passes(&[r"ℹ cancelled 0"]),
    // The reporter `dot`.
    fails("node", &["Failed tests:"]).after(&["[.X]+"]),
    fails("node", &[r"ℹ Error: [0-9.]+% [a-z]+ coverage does not meet threshold of [0-9.]+%\."]),
    fails(
        "jasmine",
        &[
            r"(Ran \d+ of )?\d+ specs?, [1-9]\d* failures?(, \d+ pending specs?)?",
            r"Incomplete: .*",
            r"Overall: (failed|incomplete).*",
        ],
    )
    .passes(&[r"(Ran \d+ of )?\d+ specs?, 0 failures.*"]),
    fails(
        "karma",
        &[
            r"[A-Z].*: Executed \d+ of \d+ .*\([1-9]\d* FAILED\).*",
            r"[A-Z].*: Executed \d+ of \d+ .*(DISCONNECTED|ERROR).*",
        ],
    ),
    fails(
        "Playwright",
        &[
            r"  [1-9]\d* (failed|interrupted|did not run)",
            r"  [1-9]\d* errors? (was|were) not a part of any test, see above for details",
        ],
    )
    .after(&[r"Running \d+ tests? using \d+ workers?.*"]),
    fails("Playwright", &[r"Error: No tests found", r#"Error: duplicate test title ".*", first declared in .*:\d+"#]),
    fails("Cypress", &[r" *✖ +\d+ of \d+ failed \(\d+%\).*", r" *│ +Failing: +[1-9]\d* +│"])
        .passes(&[r" *✔ +All specs passed!.*"]),
    fails("bun", &[r" *[1-9]\d* fail", r" *[1-9]\d* errors?", r"Bailed out after \d+ failures?"])
        .after(&[r" *\d+ pass", r"bun test v\d.*"]),
    fails("deno", &[r"error: (Type checking failed\.|Test failed.*|No test modules found)"]),
    fails("deno", &[r"FAILED \| \d+ passed .*\| \d+ failed.*"]).passes(&[r"ok \| \d+ passed .*"]),
    // The JVM.
    fails("Maven", &[r"(\[(INFO|ERROR)\] )?BUILD (FAILURE|ERROR)"]).passes(&[r"(\[INFO\] )?BUILD SUCCESS"]),
    fails(
        "Maven",
        &[
            r"(\[(ERROR|WARNING)\] +)?Tests run: \d+, Failures: [1-9]\d*, Errors: \d+, Skipped: \d+(, Flakes: \d+)?",
            r"(\[(ERROR|WARNING)\] +)?Tests run: \d+, Failures: \d+, Errors: [1-9]\d*, Skipped: \d+(, Flakes: \d+)?",
        ],
    ),
    fails("Gradle", &[r"BUILD FAILED in \d+.*"]).passes(&[r"BUILD SUCCESSFUL in \d+.*"]),
    fails(
        "Gradle",
        &[
            r"\d+ tests? completed, [1-9]\d* failed(, \d+ skipped)?",
            r"(> )?There were failing tests\. See the (report|results) at: .*",
        ],
    ),
    fails("Ant", &[r"BUILD FAILED"]).passes(&[r"BUILD SUCCESSFUL"]),
    fails(
        "Ant",
        &[
            r" *\[junit\] Tests run: \d+, Failures: [1-9]\d*, Errors: .*",
            r" *\[junit\] Tests run: \d+, Failures: \d+, Errors: [1-9]\d*.*",
        ],
    ),
    fails(
        "sbt",
        &[
            r"\[error\] Failed: Total \d+, Failed .*",
            r"\[error\] Error: Total \d+, .*",
            r"\[error\] \(.*\) sbt\.TestsFailedException: Tests unsuccessful",
        ],
    ),
    fails(
        "TestNG",
        &[
            r"Total tests run: \d+, (Passes: \d+, )?Failures: [1-9]\d*, Skips: \d+.*",
            r"Configuration Failures: [1-9]\d*, Skips: \d+",
        ],
    )
    .passes(&[r"Total tests run: \d+, (Passes: \d+, )?Failures: 0, .*"]),
    fails("JUnit", &[r"\[ +[1-9]\d* (tests|containers) failed +\]"]),
    // .NET.
    fails(
        "dotnet test",
        &[
            r"(Failed|Aborted)!  - Failed: +\d+, Passed: +\d+, Skipped: +\d+, Total: +\d+.*",
            r"Test Run (Failed|Aborted)\.( .*)?",
            r"Test summary: total: \d+, failed: [1-9]\d*, .*",
            r"Test run summary: (Failed|Aborted|Zero tests ran).*",
        ],
    ),
    fails(
        "NUnit",
        &[
            r" *Overall result: (Failed|Invalid|Error|Cancelled)",
            r"Tests run: \d+, Errors: [1-9]\d*, Failures: \d+, Inconclusive: .*",
            r"Tests run: \d+, Errors: \d+, Failures: [1-9]\d*, Inconclusive: .*",
            r" *Not run: \d+, Invalid: [1-9]\d*, Ignored: .*",
        ],
    ),
    // C and C++, and what builds them.
    fails("CTest", &[r"\d+% tests passed, [1-9]\d* tests? failed out of \d+", r"Errors while running CTest"])
        .passes(&[r"100% tests passed(, 0 tests failed)? out of \d+"]),
    fails("googletest", &[r"\[  FAILED  \] \d+ tests?, listed below:", r"\[  FAILED  \] [^ ]+(, where .*)? \(\d+ ms\)"])
        .ends(&[r"\[  PASSED  \] \d+ tests?\."])
        .begins(&[r"\[==========\] Running \d+ tests? from .*"]),
    fails(
        "Catch2",
        &[r"test cases: +\d+ \| +\d+ skipped", r"test cases: +\d+( \| +\d+ [a-z ]+)* \| +[1-9]\d* failed( \|.*)?"],
    ),
    fails("doctest", &[r"\[doctest\] Status: FAILURE!"]),
    fails(
        "Boost.Test",
        &[
            r#"Test (module|suite|case) ".*" (has|was) (failed|aborted|timed-out|timed out) with:"#,
            r"\*\*\* \d+ (failure|failures|error|errors) (is|are|was|were) detected (in .*)?",
            r#"\*\*\* The test (module|suite|case) ".*" was (aborted|timed out).*"#,
            r"Test setup error: .*",
        ],
    ),
    fails("Qt Test", &[r"Totals: \d+ passed, [1-9]\d* failed, \d+ skipped.*"]),
    fails("Qt Test", &[]).passes(&[r"\*{9} Finished testing of .* \*{9}"]).begins(&[r"\*{9} Start testing of .* \*{9}"]),
    fails("CppUTest", &[r"Errors \((ran nothing, )?\d+ failures?, \d+ tests?.*", r"Errors \(ran nothing, .*\)"]),
    fails(
        "Check",
        &[r"\d+%: Checks: \d+, Failures: [1-9]\d*, Errors: \d+", r"\d+%: Checks: \d+, Failures: \d+, Errors: [1-9]\d*"],
    ),
    fails("Meson", &[r"(Fail|FAIL|Timeout|TIMEOUT|Unexpected Pass|UnexpectedPass): +[1-9]\d*"]).after(&[r"(Ok|OK): +\d+"]),
    fails(
        "Bazel",
        &[
            r"Executed \d+ out of \d+ tests?: (.*[, ])?[1-9]\d* (fails?|failed)( .*)?\.",
            r"Executed \d+ out of \d+ tests?: .*fails? (locally|remotely|to build).*",
            r"ERROR: No test targets were found, yet testing was requested",
            r"ERROR: Build did NOT complete successfully",
            r"(INFO: )?Build completed, [1-9]\d* tests? FAILED, .*",
        ],
    )
    .passes(&[r"Executed \d+ out of \d+ tests?: .*"]),
    // PHP, Ruby, Elixir, Erlang, Perl, shells, and tools of several languages.
    fails(
        "PHPUnit",
        &[
            r"(FAILURES|ERRORS)!",
            r"There (was|were) \d+ PHPUnit errors?:",
            r"(PHP )?Fatal error: +Premature end of PHP process when running .*",
            r"An error occurred inside PHPUnit\.",
            r"Tests: \d+, Assertions: \d+, (.*, )?(Errors|Failures): [1-9]\d*.*\.",
        ],
    )
    .passes(&[r"OK \(\d+ tests?, \d+ assertions?\)", r"OK, but .*!"])
    .after(&[r"PHPUnit \d+\..* by Sebastian Bergmann and contributors\.", r"Codeception PHP Testing Framework v\d.*"]),
    // One that stops before it says who it is.
    fails("PHPUnit", &[r"An error occurred inside PHPUnit\."]),
    fails("Pest", &[r" *Tests: +[1-9]\d* failed(, \d+ [a-z]+)*( \(\d+ assertions?\))?"])
        .passes(&[r" *Tests: +\d+ [a-z]+(, \d+ [a-z]+)* \(\d+ assertions?\)"]),
    fails("TeamCity", &[r"##teamcity\[testFailed .*"]),
    fails(
        "RSpec",
        &[
            r"\d+ examples?, [1-9]\d* failures?(, .*)?",
            r"\d+ examples?, \d+ failures?(, .*)?, [1-9]\d* errors? occurred outside of examples",
        ],
    )
    .passes(&[r"\d+ examples?, 0 failures(, \d+ pending)?"]),
    fails(
        "minitest",
        &[
            r"\d+ (runs|tests), \d+ assertions, [1-9]\d* failures, \d+ errors, \d+ (skips|pendings).*",
            r"\d+ (runs|tests), \d+ assertions, \d+ failures, [1-9]\d* errors, \d+ (skips|pendings).*",
        ],
    )
    .passes(&[r"\d+ (runs|tests), \d+ assertions, 0 failures, 0 errors, .*"]),
    fails(
        "ExUnit or bats",
        &[
            r"(\d+ (doctests?|properties|property), )*\d+ tests?, [1-9]\d* failures?(, \d+ [a-z ]+)*( in [0-9.]+ seconds)?",
            r"(\d+ (doctests?|properties|property), )*\d+ tests?, \d+ failures?(, \d+ [a-z ]+)*, [1-9]\d* (timed out|not run|invalid)(, .*)?",
        ],
    )
    .passes(&[r"(\d+ (doctests?|properties|property), )*\d+ tests?, 0 failures.*"]),
    fails("ExUnit", &[r"Result: \d+(/\d+)? passed(, .*)?, [1-9]\d* invalid.*"]).passes(&[r"Result: \d+(/\d+)? passed.*"]),
    fails("ExUnit", &[r"Failed: [1-9]\d* tests?"]).after(&[r"Result: \d+(/\d+)? passed.*"]),
    fails("EUnit", &[r" +Failed: [1-9]\d*\.  Skipped: \d+\.  Passed: \d+\."])
        .passes(&[r" +(All \d+ tests|\d+ tests|Test) passed\."]),
    fails(
        "Common Test",
        &[r"Testing .*: TEST COMPLETE, \d+ ok, [1-9]\d* failed.*", r"Failed [1-9]\d* tests\. Passed \d+ tests\..*"],
    ),
    fails("prove", &[r"Result: FAIL"]).passes(&[r"Result: (PASS|NOTESTS)"]),
    fails("cucumber", &[r"\d+ scenarios? \((.*, )?[1-9]\d* (failed|undefined|ambiguous|unknown)(, .*)?\)"])
        .passes(&[r"\d+ scenarios? \(.*\)", r"\d+ scenarios?"]),
    // cucumber-js fails on steps that are still to be written, and alone prints such a time.
    fails("cucumber", &[r"\d+m\d+\.\d+s \(executing steps: .*\)"])
        .after(&[r"\d+ scenarios? \((.*, )?[1-9]\d* pending(, .*)?\)"]),
    fails("cucumber", &[r#"Parse error in ".*" \(\d+:\d+\): .*"#]),
    // Go, Rust, Swift, Dart.
    fails("gotestsum", &[r"DONE (\d+ runs, )?\d+ tests?(, \d+ skipped)?(, [1-9]\d* (failures?|errors?))+ in .*"])
        .passes(&[r"DONE (\d+ runs, )?\d+ tests?(, \d+ skipped)? in .*"]),
    fails("Ginkgo", &[r"FAIL! (-- )?(.*-- )?\d+ Passed \| \d+ Failed \| .*", r"Test Suite Failed"])
        .passes(&[r"Test Suite Passed"]),
    fails("cargo", &[r"error: test failed, to rerun pass .*", r"error: \d+ targets? failed:"]),
    fails(
        "nextest",
        &[
            r" *Summary \[[^\]]*\] \d+/\d+ (tests? run|stress run iterations): .*[1-9]\d* failed.*",
            r" *Summary \[[^\]]*\] \d+/\d+ tests? run: .*",
            r" *Summary \[[^\]]*\] \d+ tests? run: (.*, )?[1-9]\d* (failed|timed out|exec failed)( .*|,.*)?",
        ],
    )
    .passes(&[r" *Summary \[[^\]]*\] \d+ tests? run: .*", r" *Summary \[[^\]]*\] \d+/\d+ stress run iterations: .*"])
    .begins(&[r" *Nextest run ID .*"]),
    fails(
        "nextest",
        &[
            r"error: command `.*cargo.* test --no-run .*` exited with code \d+",
            r"error: (no tests to run|creating test list failed)",
        ],
    ),
    fails("XCTest", &[r"\*\* TEST (EXECUTE )?FAILED \*\*"]).passes(&[r"\*\* TEST (EXECUTE )?SUCCEEDED \*\*"]),
    fails(
        "XCTest",
        &[r"\t? ?Executed \d+ tests?, with (\d+ tests? skipped and )?[1-9]\d* failures? \(\d+ unexpected\) in .*"],
    )
    .passes(&[r"\t? ?Executed \d+ tests?, with (\d+ tests? skipped and )?0 failures \(0 unexpected\) in .*"]),
    fails("Swift Testing", &[r"[✘􀢄] Test run with \d+ tests? .*failed after .*"])
        .passes(&[r"[✔􁁛] Test run with \d+ tests? .*passed after .*"]),
    fails("Dart", &[r"\d\d:\d\d \+\d+( ~\d+)?( -\d+)?: Some tests failed\."])
        .passes(&[r"\d\d:\d\d \+\d+( ~\d+)?: All tests passed!"]),
];
