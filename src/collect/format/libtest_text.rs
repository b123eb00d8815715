//! `libtest-text`: the log of `cargo test` or of one test binary, as it stands on the terminal.
//!
//! One log may hold several blocks, each from `running N tests` to `test result:`. A suite is called after the binary and its source,
//! as cargo announces them (`orders (tests/orders.rs)`, `Doc-tests sample`), else `suite 1` and so on; keep standard error in the log
//! (`cargo test --no-fail-fast 2>&1`) to have these names. The `failures:` section gives messages; what a test printed there is never
//! taken for a result. The numbers of `running` and `test result:` must agree with the tests between them.
//!
//! A block without a result, a binary without a block, a test without a status, and a cargo that stopped at the first failing target are runs cut short. A crate
//! that does not compile is an error of the suite `build`. The output of nextest is another format, and malformed here: use its JUnit
//! report.
//!
//! Encodings: UTF-8 with or without a byte order mark, or UTF-16 with one, as PowerShell's `>` writes it. What a test printed need not be text: a byte that is
//! not UTF-8 is read as `\xff`. UTF-16 without a mark, also behind other lines, is malformed by name.

use super::console::is_nextest_line;
use super::report::{lines, room};
use super::{decode, malformed, panic};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{
    Attempt, AttemptStatus, Contradiction, Gap, Remark, Spot, TestCase, TestReport, TestSuite, Where, numbered,
};
use std::collections::{BTreeMap, BTreeSet};

/// The format.
pub(super) static LIBTEST_TEXT: Format = Format {
    id: "libtest-text",
    extensions: &[],
    about: "test results as the log of `cargo test`",
    docs: include_str!("libtest_text.rs"),
    reading: Reading::Tests(TestReader { marks: Marks::Line(is_own), report }),
};

fn report(bytes: &[u8], at: &Where) -> Result<TestReport, Gap> {
    let text = decode::log(bytes, at)?;
    let mut log = Log::default();
    for (line, text) in lines(&text) {
        if log.block.as_ref().is_none_or(|block| block.section == Section::Tests) && is_nextest_line(&text) {
            let hint = "the output of nextest (use its JUnit report with `format = \"junit\"`)";
            return Err(malformed(at, usize::try_from(line).ok(), "the log of `cargo test`", hint.to_owned()));
        }
        log.take(&text, line);
        room(log.tests, at)?;
    }
    if log.blocks == 0 && log.build.errors.is_empty() {
        let actual = "no `running N tests` in it".to_owned();
        return Err(malformed(at, None, "the log of `cargo test`", actual));
    }
    Ok(log.finish())
}

#[derive(Default, PartialEq)]
enum Section {
    /// `test x ... ok`.
    #[default]
    Tests,
    /// `---- x stdout ----` and what x printed.
    Output,
    /// The names at the end of a section of output.
    Names(usize),
}

/// From `running N tests` to `test result:`.
struct Block {
    line: u64,
    planned: u64,
    suite: TestSuite,
    /// The test whose line has no status yet, with the line: its own output stands between.
    pending: Option<(String, u64)>,
    counts: BTreeMap<&'static str, u64>,
    section: Section,
    /// Whether the open section is about the tests that failed; else about those that passed.
    failures: bool,
    /// What failed tests printed.
    output: BTreeMap<String, String>,
    printing: Option<String>,
}

struct Log {
    suites: Vec<TestSuite>,
    build: TestSuite,
    /// The binary that cargo announced, until its tests begin; with the line.
    header: Option<(String, u64)>,
    block: Option<Block>,
    blocks: usize,
    tests: usize,
    contradictions: Vec<Contradiction>,
    cut_short: Vec<Remark>,
    /// The line on which cargo says that a target failed; cleared when it says that it went on to the end.
    stopped: Option<u64>,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            suites: Vec::new(),
            build: TestSuite::new("build", Spot::Line(1)),
            header: None,
            block: None,
            blocks: 0,
            tests: 0,
            contradictions: Vec::new(),
            cut_short: Vec::new(),
            stopped: None,
        }
    }
}

/// `running 3 tests`.
fn running(line: &str) -> Option<u64> {
    let count = line.strip_prefix("running ")?;
    count.strip_suffix(" tests").or_else(|| count.strip_suffix(" test"))?.parse().ok()
}

/// Whether only `cargo test` or its harness writes such a line.
fn is_own(line: &str) -> bool {
    running(line).is_some() || header(line).is_some() || line.starts_with("error: could not compile ")
}

/// `     Running tests/orders.rs (target/debug/deps/orders-5c94)`, `   Doc-tests sample`.
fn header(line: &str) -> Option<String> {
    let line = line.trim_start();
    if let Some(name) = line.strip_prefix("Doc-tests ") {
        return Some(format!("Doc-tests {name}"));
    }
    let (source, path) = line.strip_prefix("Running ")?.strip_suffix(')')?.rsplit_once(" (")?;
    // Other runners say what they run, too; cargo names the file that it made.
    if !path.contains(['/', '\\']) {
        return None;
    }
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let file = file.strip_suffix(".exe").unwrap_or(file);
    let binary = match file.rsplit_once('-') {
        Some((stem, hash)) if hash.len() == 16 && hash.chars().all(|c| c.is_ascii_hexdigit()) => stem,
        Some(_) | None => file,
    };
    Some(format!("{binary} ({source})"))
}

/// The status behind ` ... `: the word it counts as, how the attempt ended, and what is said of it.
fn status(text: &str) -> Option<(&'static str, Attempt)> {
    // `--report-time` adds the time in angle brackets.
    let (word, seconds) = match text.rsplit_once(" <") {
        Some((word, time)) => (word, time.strip_suffix("s>").and_then(super::report::seconds)),
        None => (text, None),
    };
    let ended = |status, message: &str| Attempt::new(status, seconds, message);
    Some(match word {
        "ok" => ("passed", ended(AttemptStatus::Passed, "")),
        "FAILED" => ("failed", ended(AttemptStatus::Failed, "")),
        "FAILED (time limit exceeded)" => ("failed", ended(AttemptStatus::Failed, "time limit exceeded")),
        "ignored" => ("ignored", ended(AttemptStatus::Skipped, "")),
        _ => match (word.strip_prefix("ignored, "), word.strip_prefix("bench: ")) {
            (Some(reason), _) => ("ignored", ended(AttemptStatus::Skipped, reason)),
            (None, Some(_)) => ("measured", ended(AttemptStatus::Passed, "")),
            (None, None) => return None,
        },
    })
}

impl Log {
    fn take(&mut self, text: &str, line: u64) {
        if let Some(block) = &mut self.block {
            if block.section != Section::Tests {
                if let Some(result) = block.take_output(text) {
                    self.close(&result, line);
                }
                return;
            }
            if text.starts_with("test result: ") {
                self.close(text, line);
                return;
            }
            if block.take_test(text, line) {
                self.tests += 1;
                return;
            }
        }
        if let Some(planned) = running(text) {
            self.open(planned, line);
        } else if let Some(name) = header(text) {
            self.abandon();
            self.unheard();
            self.header = Some((name, line));
        } else if text.starts_with("error: could not compile ") {
            self.build.errors.push(Remark::new(text, Spot::Line(line)));
        } else if text.starts_with("error: test failed, to rerun") || text.starts_with("error: doctest failed, to rerun") {
            self.abandon();
            self.stopped.get_or_insert(line);
        } else if text.starts_with("error: ") && (text.ends_with(" target failed:") || text.ends_with(" targets failed:")) {
            self.stopped = None;
        }
    }

    fn open(&mut self, planned: u64, line: u64) {
        self.abandon();
        self.blocks += 1;
        let name = self.header.take().map_or_else(|| format!("suite {}", self.blocks), |(name, _)| name);
        self.block = Some(Block {
            line,
            planned,
            suite: TestSuite { says_empty: planned == 0, ..TestSuite::new(name, Spot::Line(line)) },
            pending: None,
            counts: BTreeMap::new(),
            section: Section::Tests,
            failures: false,
            output: BTreeMap::new(),
            printing: None,
        });
    }

    /// A binary that was announced and printed no tests: it crashed, or its harness is another one.
    fn unheard(&mut self) {
        if let Some((name, line)) = self.header.take() {
            let message = format!("`{name}` was announced and no `running N tests` followed");
            self.cut_short.push(Remark::new(&message, Spot::Line(line)));
        }
    }

    /// Ends a block that has no result.
    fn abandon(&mut self) {
        let Some(mut block) = self.block.take() else { return };
        block.never_ended();
        let message = format!("`{}` began on line {} and has no `test result:`", block.suite.name, block.line);
        self.cut_short.push(Remark::new(&message, Spot::Line(block.line)));
        self.suites.push(block.suite());
    }

    fn close(&mut self, result: &str, line: u64) {
        let Some(mut block) = self.block.take() else { return };
        block.never_ended();
        let mut contradict = |items: String, stated: String, line: u64| {
            let items = format!("{items} in `{}`", block.suite.name);
            self.contradictions.push(Contradiction { items, stated, at: Spot::Line(line) });
        };
        let ended: u64 = block.counts.values().sum();
        if ended != block.planned {
            contradict(
                numbered(ended, "test ended", "tests ended"),
                format!("running {} tests", block.planned),
                block.line,
            );
        }
        let (word, counts) =
            result.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")).unwrap_or_default();
        let stated: BTreeMap<&str, &str> =
            counts.split("; ").filter_map(|part| part.split_once(' ')).map(|(count, word)| (word, count)).collect();
        for noun in ["passed", "failed", "ignored", "measured"] {
            let items = block.counts.get(noun).copied().unwrap_or(0);
            let said = stated.get(noun);
            if said.and_then(|said| said.parse().ok()) != Some(items) {
                let said = said.map_or_else(|| format!("no number of `{noun}`"), |said| format!("{said} {noun}"));
                contradict(format!("{items} {noun}"), said, line);
            }
        }
        let failed = block.counts.get("failed").is_some_and(|failed| *failed > 0);
        if word != if failed { "FAILED" } else { "ok" } {
            contradict(
                if failed { "a failed test" } else { "no failed test" }.to_owned(),
                format!("the result `{word}`"),
                line,
            );
        }
        self.suites.push(block.suite());
    }

    fn finish(mut self) -> TestReport {
        self.abandon();
        self.unheard();
        if let Some(line) = self.stopped {
            self.cut_short.push(Remark::later_targets(Spot::Line(line)));
        }
        if !self.build.errors.is_empty() {
            self.suites.push(self.build);
        }
        let mut report = TestReport::of(self.suites);
        report.runner = Some("cargo");
        report.contradictions = self.contradictions;
        report.cut_short = self.cut_short;
        report
    }
}

impl Block {
    /// A line among the tests; whether it was one of them.
    fn take_test(&mut self, text: &str, line: u64) -> bool {
        if text == "failures:" || text == "successes:" {
            self.section = Section::Output;
            self.failures = text == "failures:";
            return true;
        }
        if let (Some(_), Some((word, attempt))) = (&self.pending, status(text)) {
            let (name, began) = self.pending.take().expect("it was just looked at");
            self.add(&name, began, word, attempt);
            return true;
        }
        let Some((name, behind)) = text.strip_prefix("test ").and_then(|rest| rest.split_once(" ... ")) else {
            return false;
        };
        let name = name.strip_suffix(" - should panic").unwrap_or(name);
        self.never_ended();
        match status(behind) {
            Some((word, attempt)) => self.add(name, line, word, attempt),
            None => self.pending = Some((name.to_owned(), line)),
        }
        true
    }

    /// A line of the sections behind the tests; the line of the result, once it comes.
    fn take_output(&mut self, text: &str) -> Option<String> {
        let own = if self.failures { "failed" } else { "passed" };
        match &mut self.section {
            Section::Names(seen) => {
                let named = text.strip_prefix("    ");
                // Only as many names as tests of this kind end the section: anything else was printed by a test.
                let known = self.counts.get(own).copied().unwrap_or(0);
                if named.is_some_and(|name| self.suite.cases.iter().any(|case| *case.name == *name)) {
                    *seen += 1;
                } else if *seen as u64 == known && text.starts_with("test result: ") {
                    return Some(text.to_owned());
                } else if *seen as u64 == known && text == "failures:" && !self.failures {
                    self.failures = true;
                    self.section = Section::Output;
                } else if !text.is_empty() {
                    self.section = Section::Output;
                }
            }
            Section::Output if text == if self.failures { "failures:" } else { "successes:" } => {
                self.section = Section::Names(0);
            }
            Section::Output => self.take_printed(text),
            Section::Tests => {}
        }
        None
    }

    fn take_printed(&mut self, text: &str) {
        let heading = text.strip_prefix("---- ").and_then(|rest| rest.strip_suffix(" ----"));
        let heading = heading.map(|name| name.strip_suffix(" stdout").unwrap_or(name));
        let heading = heading.map(|name| name.strip_suffix(" - should panic").unwrap_or(name));
        match heading.filter(|name| self.suite.cases.iter().any(|case| *case.name == **name)) {
            Some(name) => self.printing = Some(name.to_owned()),
            None => {
                let Some(name) = &self.printing else { return };
                let own = self.output.entry(name.clone()).or_default();
                // A panic stands behind what was printed, so much more is read than is kept.
                if own.len() < 1 << 16 {
                    own.push_str(text);
                    own.push('\n');
                }
            }
        }
    }

    fn add(&mut self, name: &str, line: u64, word: &'static str, attempt: Attempt) {
        *self.counts.entry(word).or_default() += 1;
        let attempts = vec![attempt];
        let case = TestCase {
            class: "".into(),
            name: name.into(),
            file: None,
            line: None,
            at: Spot::Line(line),
            attempts: attempts.into(),
        };
        self.suite.cases.push(case);
    }

    fn never_ended(&mut self) {
        if let Some((name, line)) = self.pending.take() {
            let attempt = Attempt::new(AttemptStatus::Failed, None, "it began and never ended");
            let attempts = vec![attempt];
            let (name, at) = (name.into(), Spot::Line(line));
            self.suite.cases.push(TestCase {
                class: "".into(),
                name,
                file: None,
                line: None,
                at,
                attempts: attempts.into(),
            });
        }
    }

    /// The suite, with what its failed tests printed.
    fn suite(mut self) -> TestSuite {
        let mut told = BTreeSet::new();
        for case in self.suite.cases.all() {
            let Some(output) = self.output.get(&*case.name).filter(|_| told.insert(case.name.clone())) else { continue };
            if let [attempt @ Attempt { status: AttemptStatus::Failed, .. }] = &mut *case.attempts {
                let found = panic::find(output);
                let message = if attempt.message.is_empty() { found.message } else { &attempt.message };
                *attempt = Attempt::new(AttemptStatus::Failed, attempt.seconds, message).failed_at(found.place);
            }
        }
        self.suite
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::testing::{read, told};
    use super::LIBTEST_TEXT;

    fn libtest(text: &str) -> Vec<String> {
        told(&LIBTEST_TEXT, text)
    }

    fn result(word: &str, passed: usize, failed: usize, ignored: usize) -> String {
        format!(
            "test result: {word}. {passed} passed; {failed} failed; {ignored} ignored; 0 measured; 9 filtered out; finished in 0.01s\n"
        )
    }

    const HEAD: &str = "     Running tests/o.rs (target/debug/deps/o-5c946822e4260a72)\n\nrunning 3 tests\n";
    const TESTS: &str = "test m::a - should panic ... ok\ntest m::b ... ignored, later\ntest m::c ... FAILED\n";
    // The failed test prints what looks like results.
    const FAILURES: &str = "\nfailures:\n\n---- m::c stdout ----\ntest m::d ... ok\nfailures:\ntest result: ok. 9 passed; 0 failed; 0 ignored; 0 measured\n\nthread 'm::c' panicked at src/a.rs:3:1:\nno\n\n\nfailures:\n    m::c\n\n";

    #[test]
    fn what_other_runners_run_is_no_target_of_cargo() {
        for line in [
            "     Running unittests src/lib.rs (target/debug/deps/a-5c94)",
            r"     Running tests\o.rs (target\debug\deps\o-5c946822e4260a72.exe)",
        ] {
            assert!(super::is_own(line), "{line}");
        }
        for line in ["Running E2E test: TS-X-001 (acme-x)", "Running 3 tests (quick)", "Running tests ()"] {
            assert!(!super::is_own(line), "{line}");
        }
    }

    #[test]
    fn blocks_are_suites() {
        let doc = "   Doc-tests o\n\nrunning 0 tests\n\n";
        let log = format!("{HEAD}{TESTS}{FAILURES}{}{doc}{}", result("FAILED", 1, 1, 1), result("ok", 0, 0, 0));
        let told = libtest(&log);
        assert_eq!(told[..2], ["o (tests/o.rs)::m::a passed 1", "o (tests/o.rs)::m::b skipped 1: later"]);
        assert!(
            told[2].starts_with("o (tests/o.rs)::m::c failed 1: thread 'm::c' panicked at src/a.rs:3:1:\nno"),
            "{told:?}"
        );
        assert_eq!(told[3..], ["empty Doc-tests o as it says"]);
        let report = read(&LIBTEST_TEXT, &log).expect("sound");
        assert_eq!(report.cases().nth(2).and_then(|(_, case)| case.source()).as_deref(), Some("src/a.rs:3"));
    }

    #[test]
    fn output_may_stand_between_a_test_and_its_status() {
        let log = format!("running 2 tests\ntest a ... said\nok\ntest b ... ok <0.250s>\n{}", result("ok", 2, 0, 0));
        assert_eq!(libtest(&log), ["suite 1::a passed 1", "suite 1::b passed 1"]);
        let coloured =
            format!("running 1 test\ntest a ... \u{1b}[32mok\u{1b}[m\n{}", result("\u{1b}[32mok\u{1b}[m", 1, 0, 0));
        assert_eq!(libtest(&coloured), ["suite 1::a passed 1"]);
        let shown = format!(
            "running 2 tests\ntest a ... ok\ntest b ... ok\n\nsuccesses:\n\n---- a stdout ----\ntest z ... ok\n\n\nsuccesses:\n    a\n    b\n\n{}",
            result("ok", 2, 0, 0)
        );
        assert_eq!(libtest(&shown), ["suite 1::a passed 1", "suite 1::b passed 1"]);
    }

    #[test]
    fn a_block_without_a_result_is_cut_short() {
        let cut = |log: &str| libtest(log).into_iter().filter(|line| line.starts_with("cut short")).collect::<Vec<_>>();
        let none = ["cut short: `o (tests/o.rs)` began on line 3 and has no `test result:`"];
        assert_eq!(cut(&format!("{HEAD}{TESTS}")), none);
        assert_eq!(cut(&format!("{HEAD}{TESTS}{FAILURES}")), none);
        assert_eq!(cut(&format!("{HEAD}test m::a ... ok\nrunning 1 test\ntest b ... ok\n{}", result("ok", 1, 0, 0))), none);
        assert_eq!(libtest(&format!("{HEAD}test m::a ... "))[0], "o (tests/o.rs)::m::a failed 1: it began and never ended");
        let whole = format!("{HEAD}{TESTS}{FAILURES}{}", result("FAILED", 1, 1, 1));
        let announced = HEAD.lines().next().unwrap_or_default();
        let unheard = ["cut short: `o (tests/o.rs)` was announced and no `running N tests` followed"];
        assert_eq!(cut(&format!("{announced}\n{whole}")), unheard);
        assert_eq!(cut(&format!("{whole}{announced}\n")), unheard);
        let stop =
            format!("{HEAD}{TESTS}{FAILURES}{}\nerror: test failed, to rerun pass `--test o`\n", result("FAILED", 1, 1, 1));
        let stopped = ["cut short: cargo stopped at the first target that failed (run it with `--no-fail-fast`)"];
        assert_eq!(cut(&stop), stopped);
        assert_eq!(cut(&format!("{stop}error: 1 target failed:\n    `--test o`\n")), [""; 0]);
    }

    #[test]
    fn numbers_must_agree() {
        let log = format!("{HEAD}{TESTS}{FAILURES}{}", result("ok", 3, 0, 0));
        assert_eq!(
            libtest(&log)[3..],
            [
                "contradiction: 1 passed in `o (tests/o.rs)` | 3 passed",
                "contradiction: 1 failed in `o (tests/o.rs)` | 0 failed",
                "contradiction: 1 ignored in `o (tests/o.rs)` | 0 ignored",
                "contradiction: a failed test in `o (tests/o.rs)` | the result `ok`"
            ]
        );
        let log = format!("running 4 tests\ntest a ... ok\n{}", result("ok", 1, 0, 0));
        assert_eq!(libtest(&log)[1..], ["contradiction: 1 test ended in `suite 1` | running 4 tests"]);
        let odd = format!("running 1 test\ntest a ... wobbly\n{}", result("ok", 1, 0, 0));
        assert_eq!(libtest(&odd).len(), 3, "no status: failed, and two numbers disagree");
    }

    #[test]
    fn endless_small_tests_are_over_the_limit() {
        let log = format!("running 2000000 tests\n{}", "test a ... ok\n".repeat(500_001));
        assert_eq!(libtest(&log), ["over-limit a: more"]);
    }

    #[test]
    fn other_logs_are_malformed() {
        let broken = "error[E0308]: mismatched types\nerror: could not compile `o` (test \"o\") due to 1 previous error\n";
        assert_eq!(libtest(broken), ["error build: error: could not compile `o` (test \"o\") due to 1 previous error"]);
        let nextest = "────\n Nextest run ID 1 with nextest profile: ci\n";
        assert!(libtest(nextest)[0].starts_with("malformed a:2: the output of nextest"), "{:?}", libtest(nextest));
        assert!(libtest("     Summary [   0.082s] 6 tests run: 4 passed\n")[0].contains("nextest"));
        assert_eq!(libtest("hello\n"), ["malformed a: no `running N tests` in it"]);
        assert_eq!(libtest(&format!("running 0 tests\n\n{}", result("ok", 0, 0, 0))), ["empty a: none"]);
    }
}
