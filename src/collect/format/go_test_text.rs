//! `go-test-text`: the log of `go test -v`.
//!
//! A package's tests stand before its line `ok`, `FAIL` or `?`, which names it. Without `-v` Go does not name the tests that pass, so such a log
//! has no test in it and says nothing; beside a report that names tests it is no failure. The same holds for a package with `[no tests to run]`. A test that ran without a `---` line failed. A package that failed though none of its tests
//! did, and one that does not build, are errors of the suite; tests without a package line behind them are a run cut short. `suites[].stops[]`
//! tells how a process died, as in `go-test-json`.
//!
//! Encodings: UTF-8 with or without a byte order mark, or UTF-16 with one, as PowerShell's `>` writes it. What a test printed need not be text: a byte that is
//! not UTF-8 is read as `\xff`. UTF-16 without a mark, also behind other lines, is malformed by name.

use super::go::{End, Package, Packages};
use super::report::{lines, room, seconds};
use super::{decode, malformed};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{AttemptStatus, Gap, TestReport, Where};
use std::collections::BTreeMap;

/// The format.
pub(super) static GO_TEST_TEXT: Format = Format {
    id: "go-test-text",
    extensions: &[],
    about: "test results as the log of `go test -v`",
    docs: include_str!("go_test_text.rs"),
    reading: Reading::Tests(TestReader { marks: Marks::Line(is_own), report }),
};

fn report(bytes: &[u8], at: &Where) -> Result<TestReport, Gap> {
    let mut log = Log::default();
    for (line, text) in lines(&decode::log(bytes, at)?) {
        log.take(&text, line);
        room(log.packages.told, at)?;
    }
    if !log.seen && bytes.iter().any(|byte| !byte.is_ascii_whitespace()) {
        let actual = "no test and no package in it".to_owned();
        return Err(malformed(at, None, "the log of `go test -v`", actual));
    }
    log.last_word();
    log.packages.silent = !log.verbose;
    if let Some(open) = log.open.take().filter(|open| !open.is_blank()) {
        log.packages.put("a package without a name", open);
    }
    Ok(log.packages.finish())
}

/// Whether only this format has such a line.
fn is_own(line: &str) -> bool {
    let own = line.trim_start();
    let ended = |word: &str| own.strip_prefix(word).is_some_and(|rest| rest.trim_end().ends_with("s)"));
    let package = |word: &str| line.split_once('\t').is_some_and(|(own, rest)| own.trim_end() == word && !rest.is_empty());
    line.starts_with("=== RUN ")
        || ["--- PASS: ", "--- FAIL: ", "--- SKIP: "].into_iter().any(ended)
        || package("ok")
        || package("FAIL")
}

#[derive(Default)]
struct Log {
    packages: Packages,
    /// The package whose name is not told yet.
    open: Option<Package>,
    /// The test that prints.
    test: Option<String>,
    /// What the compiler says of a package: behind `# name`.
    build: BTreeMap<String, String>,
    building: Option<String>,
    seen: bool,
    /// Go named the tests that it ran.
    verbose: bool,
    /// The line of the log that is not blank and came last, if it is `FAIL`: Go's own last word.
    failed: Option<u64>,
    /// Whether a package or a test said that it failed.
    blamed: bool,
}

/// `--- PASS: TestA (0.01s)`.
fn ended(text: &str) -> Option<(&str, AttemptStatus, Option<f64>)> {
    let (word, rest) = text.trim_start().strip_prefix("--- ")?.split_once(": ")?;
    let status = match word {
        "PASS" | "BENCH" => AttemptStatus::Passed,
        "FAIL" => AttemptStatus::Failed,
        "SKIP" => AttemptStatus::Skipped,
        _ => return None,
    };
    let (test, time) = rest.rsplit_once(" (").unwrap_or((rest, ""));
    Some((test, status, time.strip_suffix("s)").and_then(seconds)))
}

impl Log {
    fn take(&mut self, text: &str, line: u64) {
        let own = text.trim_start();
        if !own.is_empty() {
            self.failed = (text.trim_end() == "FAIL").then_some(line);
        }
        self.blamed |= text.starts_with("FAIL\t") || own.starts_with("--- FAIL: ");
        if let Some((word, rest)) = self.package_line(text) {
            return self.close(word, rest, line);
        }
        if let Some(name) = text.strip_prefix("# ") {
            self.building = Some(name.split(' ').next().unwrap_or(name).to_owned());
        } else if let Some((action, test)) = own.strip_prefix("=== ").and_then(|rest| rest.split_once(' ')) {
            (self.seen, self.verbose, self.building) = (true, true, None);
            let test = test.trim_start();
            let open = self.open(line);
            match action {
                "RUN" => open.run(test, line),
                "PAUSE" => open.pause(test, true),
                "CONT" => open.pause(test, false),
                _ => {}
            }
            if let ("ATTR", [test, key, value]) = (action, &test.splitn(3, ' ').collect::<Vec<_>>()[..]) {
                open.attribute(test, key, value);
            } else {
                self.test = Some(test.to_owned());
            }
        } else if let Some((test, status, seconds)) = ended(text) {
            (self.seen, self.building) = (true, None);
            // A test prints below its own `---` line too when it is told without `-v`; a message may then be missing.
            self.packages.told += 1;
            self.open(line).ended(test, status, seconds, line);
            self.test = None;
        } else {
            self.print(text, line);
        }
    }

    /// The word and the rest of a line that tells of a package: `ok  \tp\t0.1s`. It stands at the beginning of its line, and while a test
    /// is under way only `FAIL` can be Go's: whatever else looks so was printed by the test.
    fn package_line<'t>(&self, text: &'t str) -> Option<(&'t str, &'t str)> {
        let (word, rest) = text.split_once('\t')?;
        let rest_tells = |mark: &str| rest.contains(mark);
        let told = match word.trim_end() {
            // `\tp\t\tcoverage: 0.0% of statements`: a package without test files.
            "" => word.is_empty() && (rest_tells("[no test files]") || rest_tells("coverage:")),
            "ok" | "FAIL" | "?" => true,
            _ => false,
        };
        let under_way = self.open.as_ref().is_some_and(Package::is_under_way);
        (told && (word == "FAIL" || !under_way)).then_some((word.trim_end(), rest))
    }

    /// A bare `FAIL` at the end is Go's, for all packages together.
    fn last_word(&mut self) {
        let Some(line) = self.failed.filter(|_| !self.blamed) else { return };
        let whole = self.packages.package("all packages", line);
        whole.broke("go test says `FAIL` at its end, and no package in the log failed");
        whole.end(End::Fail);
    }

    fn open(&mut self, line: u64) -> &mut Package {
        self.open.get_or_insert_with(|| Package::at(line))
    }

    fn print(&mut self, text: &str, line: u64) {
        if let Some(name) = &self.building {
            let own = self.build.entry(name.clone()).or_default();
            own.push_str(text);
            own.push('\n');
        } else if let Some(open) = &mut self.open
            && !matches!(text, "PASS" | "FAIL" | "")
        {
            open.print(self.test.as_deref(), &format!("{text}\n"), line);
        }
    }

    /// `ok`, `FAIL` or `?`, then the name and a time or `[build failed]`, `[no test files]`; tabs between them.
    fn close(&mut self, word: &str, rest: &str, line: u64) {
        self.seen = true;
        (self.test, self.building) = (None, None);
        let (name, told) = rest.split_once(['\t', ' ']).unwrap_or((rest, ""));
        // A package without test files has no tests that could stand before its line.
        if matches!(word, "ok" | "FAIL")
            && let Some(open) = self.open.take()
        {
            self.packages.put(name, open);
        }
        let package = self.packages.package(name, line);
        let broken = told.contains("[build failed]") || told.contains("[setup failed]");
        if broken {
            let said = self.build.get(name).map(|said| said.trim()).filter(|said| !said.is_empty());
            package.broke(said.unwrap_or(told.trim()));
        }
        if word == "ok" {
            package.print(None, &format!("ok \t{rest}"), line);
        }
        package.end(match word {
            "ok" => End::Pass,
            "FAIL" => End::Fail,
            _ => End::Skip,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::testing::{read, told};
    use super::GO_TEST_TEXT;

    fn go(text: &str) -> Vec<String> {
        told(&GO_TEST_TEXT, text)
    }

    const LOG: &str = "=== RUN   TestA\n--- PASS: TestA (0.01s)\n=== RUN   TestB\n=== RUN   TestB/inner\n    b_test.go:7: no\n--- FAIL: TestB (0.02s)\n    --- FAIL: TestB/inner (0.02s)\n=== RUN   TestC\n    c_test.go:3: needs a printer\n--- SKIP: TestC (0.00s)\nFAIL\nFAIL\texample.com/p\t0.030s\n=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\nok  \texample.com/q\t(cached)\n?   \texample.com/r\t[no test files]\nFAIL\n";

    #[test]
    fn packages_are_suites() {
        assert_eq!(
            go(LOG),
            [
                "example.com/p::TestA passed 1",
                "example.com/p::TestB failed 1",
                "example.com/p::TestB/inner failed 1: b_test.go:7: no",
                "example.com/p::TestC skipped 1: c_test.go:3: needs a printer",
                "example.com/q::TestA passed 1",
                "empty example.com/r as it says"
            ]
        );
        let report = read(&GO_TEST_TEXT, LOG).expect("sound");
        assert_eq!(report.suites.iter().filter(|suite| suite.cached).count(), 1);
        assert_eq!(report.cases().nth(2).and_then(|(_, case)| case.source()).as_deref(), Some("b_test.go:7"));
    }

    #[test]
    fn a_bare_fail_at_the_end_is_the_last_word() {
        let green = "=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\nok  \tp\t0.1s\n";
        assert_eq!(go(green), ["p::TestA passed 1"]);
        let told = go(&format!("{green}FAIL\n\n"));
        assert_eq!(told[1], "error all packages: go test says `FAIL` at its end, and no package in the log failed");
        // A test that prints the word says nothing of the run.
        let printed = green.replace("--- PASS", "FAIL\n--- PASS");
        assert_eq!(go(&printed), ["p::TestA passed 1"]);
        assert_eq!(go(LOG).iter().filter(|line| line.starts_with("error")).count(), 0);
    }

    #[test]
    fn a_printed_line_with_tabs_is_no_package() {
        // What `t.Log` prints is indented; testify puts a tab behind that.
        let log = "=== RUN   TestA\n--- PASS: TestA (0.00s)\n    a_test.go:3: out:\n        \tfoo\tcreated\n";
        assert_eq!(go(log)[1..], ["cut short: the package `a package without a name` has no result"]);
        let green = format!("{log}PASS\nok  \tp\t0.1s\n");
        assert_eq!(go(&green), ["p::TestA passed 1"]);
        let testify = "=== RUN   TestE\n    suite_test.go:9: \n        \tError Trace:\tsuite_test.go:9\n        \tError:      \tNot equal\n        \tTest:       \tTestE\n--- FAIL: TestE (0.00s)\nFAIL\nFAIL\tp\t0.1s\nFAIL\n";
        let told = go(testify);
        assert!(told.len() == 1 && told[0].starts_with("p::TestE failed 1"), "{told:?}");
        // A test that runs Go itself prints lines that look as the end of a package.
        let inner = "=== RUN   TestA\nok  \tinner\t0.1s\n?   \tinner/none\t[no test files]\n";
        assert_eq!(go(&format!("{inner}--- PASS: TestA (0.00s)\nPASS\nok  \tp\t0.1s\n")), ["p::TestA passed 1"]);
        let cut = go(inner);
        assert!(cut.len() == 2 && cut[0].contains("never ended") && cut[1].starts_with("cut short"), "{cut:?}");
        let unmatched = "testing: warning: no tests to run\nPASS\nok  \tq\t0.01s [no tests to run]\n";
        assert_eq!(go(&format!("{green}{unmatched}")), ["p::TestA passed 1", "empty q as it says"]);
        let none = "\tp/none\t\tcoverage: 0.0% of statements\n";
        assert_eq!(go(&format!("{green}{none}")), ["p::TestA passed 1", "empty p/none as it says"]);
    }

    #[test]
    fn panics_and_builds_that_fail_are_told() {
        let panic = "=== RUN   TestA\npanic: no [recovered]\n\ngoroutine 7 [running]:\nFAIL\tp\t0.01s\nFAIL\n";
        assert_eq!(go(panic), ["p::TestA failed 1: it began and never ended\npanic: no [recovered]"]);
        let build = "# p [p.test]\na.go:1:1: undefined: x\nFAIL\tp [build failed]\nFAIL\n";
        assert_eq!(go(build), ["error p: a.go:1:1: undefined: x"]);
        let main = "=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\nexit status 3\nFAIL\tp\t0.01s\n";
        assert_eq!(go(main), ["p::TestA passed 1", "error p: exit status 3"]);
        let cut = "=== RUN   TestA\n--- PASS: TestA (0.00s)\n=== RUN   TestB\n";
        assert_eq!(
            go(cut)[1..],
            [
                "a package without a name::TestB failed 1: it began and never ended",
                "cut short: the package `a package without a name` has no result"
            ]
        );
    }

    #[test]
    fn half_a_line_hides_no_end() {
        let log = |end: &str| go(&format!("=== RUN   TestA\nhalf a line--- PASS: TestA (0.00s)\n{end}\n"));
        assert_eq!(log("PASS\nok  \tp\t0.01s"), ["p::TestA passed 1"]);
        let told = log("FAIL\nFAIL\tp\t0.01s");
        assert!(told[0].starts_with("p::TestA failed 1: it began and never ended"), "{told:?}");
        assert!(log("")[1].starts_with("cut short"), "without a package nothing says that it passed");
    }

    #[test]
    fn the_dead_tell_their_phase() {
        let stop = |text: &str| {
            let report = read(&GO_TEST_TEXT, text).expect("sound");
            report.suites.iter().flat_map(|suite| &suite.stops).map(crate::model::Stop::told).collect::<Vec<_>>()
        };
        let stuck = "=== RUN   TestA\n    a_test.go:3: phase: boot\n=== RUN   TestA/b\npanic: test timed out after 1s\n\ngoroutine 9 [running]:\nFAIL\tp\t1.0s\n";
        assert_eq!(stop(stuck), ["test timed out after 1s in `TestA/b`, phase `boot` (told by log)"]);
        let attribute =
            stuck.replace("panic:", "=== ATTR  TestA/b phase wait for it\n    a_test.go:4: phase: later\npanic:");
        assert_eq!(stop(&attribute), ["test timed out after 1s in `TestA/b`, phase `wait for it` (told by attribute)"]);
        let ended = "--- PASS: TestA (0.10s)\n    --- PASS: TestA/b (0.10s)\nPASS\nok  \tp";
        // Go names the test above a stuck one, and before 1.20 tells the ends of subtests only behind that of their parent.
        let both = stuck.replace("1s\n\ngoroutine", "1s\n\trunning tests:\n\t\tTestA (1s)\n\t\tTestA/b (1s)\n\ngoroutine");
        assert_eq!(stop(&both).len(), 1);
        let later =
            stuck.replace("=== RUN   TestA/b", "=== RUN   TestA/a\n    a_test.go:9: Step 1: begin\n=== RUN   TestA/b");
        assert_eq!(stop(&later), ["test timed out after 1s in `TestA/b`, phase `boot` (told by log)"]);
        let passed = stuck.replace("FAIL\tp", ended);
        assert_eq!(stop(&passed), Vec::<String>::new());
    }

    #[test]
    fn logs_without_tests_are_empty_and_others_malformed() {
        assert_eq!(go("ok  \tp\t0.01s\n"), ["empty a: none"]);
        let ran = "=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\nok  \tp\t0.01s\n";
        let unasked = "testing: warning: no tests to run\nPASS\nok  \tq\t0.01s [no tests to run]\n";
        assert_eq!(go(&format!("{ran}{unasked}")), ["p::TestA passed 1", "empty q as it says"]);
        // A package that ran nothing, and does not say why, is an empty suite.
        assert_eq!(go(&format!("{ran}PASS\nok  \tq\t0.01s\n"))[1..], ["empty q"]);
        let silent = go("--- FAIL: TestA (0.00s)\nFAIL\nFAIL\tp\t0.01s\nok  \tq\t0.01s\nFAIL\n");
        assert_eq!(silent, ["p::TestA failed 1", "empty q as it says"]);
        assert_eq!(go(""), ["empty a: none"]);
        assert_eq!(go("hello\n"), ["malformed a: no test and no package in it"]);
    }
}
