//! What hosts, shells and packagers say of a command that failed or was killed, and runs that began and must end, as data; see `console_runners`.
//!
//! A killed runner has no last words of its own: whatever started it has them.

use super::console_runners::{Runner, fails};

/// What the row of shells is called. A script that stops a server behind its tests prints the same lines, so they count only where no runner
/// of the same log came to its end.
pub(super) const SHELL: &str = "a shell";

/// Every row.
pub(super) static HOSTS: &[Runner] = &[
    fails(
        SHELL,
        &[
            r"(Killed|Terminated|Aborted|Segmentation fault|Bus error|Illegal instruction|Floating point exception)( \(core dumped\)|: \d+)?",
            r".*: line \d+: +\d+ (Killed|Terminated|Hangup|Aborted|Alarm clock|Segmentation fault|Bus error|Illegal instruction)( .*)?",
            r"\[\d+\][+-]? +(\d+ )?(Killed|Terminated|Hangup|Aborted|Segmentation fault)( .*)?",
            r"timeout: sending signal [A-Z]+ to command .*",
        ],
    ),
    fails(
        "a process",
        &[
            // 128 and the number of the signal.
            r#"([0-9TZ:.-]+ )?((##\[error\]|ERROR:?|Error:?|error:?|fatal:) *)?((The |the )?([Cc]ommand|[Pp]rocess|[Cc]ontainer|[Ss]cript|[Ss]tep|[Jj]ob|[Tt]ask|[Pp]rogram|[Bb]ash)\b.* )?[Ee]xit(ed)?( with)?( code| status| value)?[:=]? *['(]?(exit status )?(134|137|139|143)['".)]*"#,
            r".*died with <Signals\.SIG[A-Z]+: \d+>\.",
            r"(.* )?[Oo]ut of memory: Killed process \d+ .*",
            r"signal: (killed|terminated|aborted.*|segmentation fault.*)",
        ],
    ),
    fails("go test", &[r"panic: test timed out after .*"]),
    fails(
        "GitHub Actions",
        &[
            r"([0-9TZ:.-]+ )?(##\[error\]|Error: )Process completed with exit code [1-9]\d*\.",
            r"([0-9TZ:.-]+ )?(##\[error\]|Error: )The (operation was cancell?ed|runner has received a shutdown signal)\..*",
            r"([0-9TZ:.-]+ )?(##\[error\]|Error: )The job .* has exceeded the maximum execution time of .*",
        ],
    ),
    fails("GitLab", &[r"ERROR: Job failed( \(.*\))?: .*"]).passes(&["Job succeeded"]),
    fails("Jenkins", &["Finished: (FAILURE|ABORTED|UNSTABLE)"]).passes(&["Finished: SUCCESS"]),
    fails("Azure Pipelines", &[r"([0-9TZ:.-]+ )?##\[error\](Bash|PowerShell|Cmd\.exe) exited with code '[1-9]\d*'\."]),
    fails("Travis", &[r#"The command ".*" exited with [1-9]\d*\."#, r"Done\. Your build exited with [1-9]\d*\."]),
    fails("Docker", &[r".*did not complete successfully: exit code: [1-9]\d*"]),
    fails(
        "yarn or pnpm",
        &[
            r"error Command failed with (exit code [1-9]\d*|signal .*)\.",
            r".?ELIFECYCLE.? +Command failed( with exit code [1-9]\d*)?\.",
            r"npm (ERR!|error) code ELIFECYCLE",
        ],
    ),
    fails(
        "a forked JVM",
        &[
            r"(> )?Process '.*' finished with non-zero exit value [1-9]\d*.*",
            r"(.* )?The forked VM terminated without (properly )?saying (properly )?goodbye\..*",
        ],
    ),
    fails(
        "behave",
        &[
            r" +(Given|When|Then|And|But|\*) .* \.\.\. (failed|error|undefined)( in \d+\.\d+s)?",
            r"      (Assertion Failed|ASSERT FAILED): .*",
            r"(Failing|Errored) scenarios:",
        ],
    )
    .passes(&[r"\d+ features? passed, .*"]),
    // Runs that begin with a line of their own and end with another.
    fails("jest", &[])
        .passes(&[r"(Test Suites|Tests): .* total"])
        .begins(&[r" ?(PASS|FAIL|RUNS) +[^ ]+\.[cm]?[jt]sx?( \([0-9.]+ m?s(, .*)?\))?"]),
    fails("vitest", &[])
        .passes(&[r" *Test Files +.*", r" *BENCH +Summary", r"No test (suite )?files found.*"])
        .begins(&[r" *RUN +v\d+\.\d+.*"]),
    fails("Playwright", &[])
        .passes(&[r"  \d+ (passed|failed|flaky|skipped|interrupted|did not run)( \(.*\))?"])
        .begins(&[r"Running \d+ tests? using \d+ workers?.*"]),
    fails("Cypress", &[]).passes(&[r" +\(Run Finished\)"]).begins(&[r" +\(Run Starting\)"]),
    fails("bun", &[]).passes(&[r" *\d+ (pass|fail)", r"Ran \d+ tests? across \d+ files?\..*"]).begins(&[r"bun test v\d.*"]),
    fails("deno", &[]).passes(&[r"(ok|FAILED) \| \d+ passed .*"]).begins(&[r"running \d+ tests? from .*"]),
    fails("Maven", &[]).passes(&[r"\[(INFO|ERROR)\] BUILD .*"]).begins(&[r"\[INFO\]  T E S T S"]),
    fails("Gradle", &[])
        .passes(&[r"BUILD (SUCCESSFUL|FAILED) in .*"])
        .begins(&[r"> Task :([^ ]*:)?[a-zA-Z]*[tT]est([A-Z][a-zA-Z]*)?( [A-Z-]+)?"]),
    fails("dotnet test", &[])
        .passes(&[r"(Passed|Failed|Skipped|Aborted)! +- Failed: .*", r"Test Run .*", r"Total tests: .*", r"No test .*"])
        .begins(&[r"Starting test execution, please wait\.\.\."]),
    fails("CTest", &[]).passes(&[r"\d+% tests passed.*"]).begins(&[r" +Start +\d+: .*"]),
    fails("Boost.Test", &[]).passes(&[r"\*\*\* .*"]).begins(&[r"Running \d+ test cases?\.\.\."]),
    fails("PHPUnit", &[]).passes(&[r"Time: .*, Memory: .*", r"No tests executed!"]).begins(&[r"Runtime: +PHP \d.*"]),
    fails("minitest", &[]).passes(&[r"\d+ (runs|tests), .*"]).begins(&["# Running:"]),
    fails("ExUnit", &[])
        .passes(&[r"(.*, )?\d+ tests?, \d+ failures?.*", r"Result: .*", r"There are no tests to run"])
        .begins(&[r"Running ExUnit with seed: \d+.*"]),
    fails("Ginkgo", &[]).passes(&[r"Ran \d+ of \d+ Specs in .*"]).begins(&[r"Running Suite: .*"]),
    fails("XCTest", &[]).passes(&[r"\t? ?Executed \d+ tests?, with .*"]).begins(&[r"Test Suite '.*' started at .*"]),
];
