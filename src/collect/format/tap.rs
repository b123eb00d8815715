//! `tap`: the Test Anything Protocol, versions 12 to 14: plan, tests, directives, subtests, diagnostics.
//!
//! A subtest is a suite called after its comment `# Subtest: name`, else after the test line behind it; that line is a case too, unless its
//! diagnostics say `type: 'suite'`. `# SKIP` is skipped. `not ok # TODO` is skipped, because it is known not to be done yet; `ok # TODO`
//! passed. `not ok # SKIP` failed. No plan, fewer tests than planned, a subtest without its test line, and `Bail out!` are runs cut
//! short; more tests than planned, numbers out of order, a second plan, a plan between tests, a line that is no TAP where `pragma +strict` forbids it, and more failures stated (`# fail 1`, `# Looks like you failed 1 test`) than shown contradict. A process that ended by itself (`# Looks like your test exited with 3`) cut the run short. Diagnostics give messages and times.
//!
//! Encodings: UTF-8 with or without a byte order mark, or UTF-16 with one, as PowerShell's `>` writes it. What a test printed need not be text: a byte that is
//! not UTF-8 is read as `\xff`. UTF-16 without a mark, also behind other lines, is malformed by name.

mod levels;

use super::report::{lines, room};
use super::tap_line::{Line, plan, test_line};
use super::{decode, malformed};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{AttemptStatus, Attempts, Contradiction, Gap, Remark, Spot, TestCase, TestReport, TestSuite, Where};
use std::collections::BTreeMap;

/// The format.
pub(super) static TAP: Format = Format {
    id: "tap",
    extensions: &[],
    about: "test results as TAP, the Test Anything Protocol",
    docs: include_str!("tap.rs"),
    reading: Reading::Tests(TestReader { marks: Marks::Line(is_own), report }),
};

/// Whether only this format has such a line.
fn is_own(line: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let first = |text: &str| is_number(text.split(' ').next().unwrap_or_default());
    let plan =
        |rest: &str| first(rest) && rest.split_once(' ').is_none_or(|(_, rest)| rest.trim_start().starts_with(['#', 't']));
    let numbered = line.strip_prefix("not ok ").or_else(|| line.strip_prefix("ok "));
    line.strip_prefix("TAP version ").is_some_and(is_number)
        || line.strip_prefix("1..").is_some_and(|rest| plan(rest.trim_end()))
        || numbered.is_some_and(first)
}

/// How deep subtests may be nested.
const DEPTH_MOST: usize = 64;

fn report(bytes: &[u8], at: &Where) -> Result<TestReport, Gap> {
    let mut tap = Tap::default();
    for (line, text) in lines(&decode::log(bytes, at)?) {
        tap.take(&text, line).map_err(|phrase| {
            malformed(at, usize::try_from(line).ok(), "a sound TAP stream", format!("{phrase} (line {line})"))
        })?;
        room(tap.tests, at)?;
    }
    let tap = tap.finish();
    match tap {
        Some(report) => Ok(report),
        None => Err(malformed(at, None, "a TAP stream", "no plan and no test line in it".to_owned())),
    }
}

/// One level of nesting.
#[derive(Default)]
struct Level {
    name: Option<String>,
    line: u64,
    plan: Option<u64>,
    /// How many tests stood before the plan.
    before_plan: u64,
    count: u64,
    /// Numbers of tests that the plan says are still to be done.
    todo: Vec<u64>,
    /// Numbers that went to lines which are no tests.
    notes: u64,
    cases: Vec<TestCase>,
    /// The suites below, named from this level on.
    below: Vec<TestSuite>,
}

impl Level {
    fn failed(&self) -> bool {
        let bad = |cases: &[TestCase]| {
            cases.iter().flat_map(|case| case.attempts.iter()).any(|attempt| attempt.status == AttemptStatus::Failed)
        };
        bad(&self.cases) || self.below.iter().any(|suite| bad(&suite.cases) || !suite.errors.is_empty())
    }
}

/// What the diagnostics of a test line say.
#[derive(Default)]
struct Diagnostics {
    message: String,
    seconds: Option<f64>,
    is_suite: bool,
    source: Option<(String, u64)>,
}

/// The test line last read, which waits for its diagnostics.
struct Waiting {
    depth: usize,
    case: TestCase,
    status: AttemptStatus,
    word: String,
    diagnostics: Diagnostics,
    /// The subtest in front of it.
    children: Option<Level>,
}

#[derive(Default)]
struct Tap {
    levels: Vec<Level>,
    waiting: Option<Waiting>,
    /// Test lines whose subtests stand behind them in braces that are still open.
    blocks: Vec<Waiting>,
    /// The indentation of the open YAML block, and the key whose text continues.
    yaml: Option<usize>,
    key: String,
    /// The names of subtests to come, by the indentation of the comment: that of the test line, or one level deeper.
    subtests: BTreeMap<usize, String>,
    seen: bool,
    tests: usize,
    bailed: bool,
    /// The stream is of a version that has pragmas.
    has_pragmas: bool,
    /// A pragma forbids lines that are no TAP.
    strict: bool,
    /// Lines `not ok`, whatever their directive.
    bad: u64,
    /// How many failures the writer states in a comment at its end, with the line.
    stated: Option<(u64, u64)>,
    contradictions: Vec<Contradiction>,
    cut_short: Vec<Remark>,
}

impl Tap {
    fn take(&mut self, text: &str, line: u64) -> Result<(), String> {
        let indent = text.len() - text.trim_start_matches(' ').len();
        let own = text.trim();
        if let Some(at) = self.yaml {
            if indent == at && own == "..." {
                self.yaml = None;
            } else {
                self.diagnose(&text[at.min(indent)..]);
            }
            return Ok(());
        }
        if self.bailed {
            return Ok(());
        }
        self.heed_last_words(text, line);
        let depth = indent / 4;
        if own == "---" && self.waiting.as_ref().is_some_and(|waiting| indent == waiting.depth * 4 + 2) {
            self.yaml = Some(indent);
            self.key.clear();
            return Ok(());
        }
        if indent.is_multiple_of(4) {
            if depth >= DEPTH_MOST && (test_line(own).is_some() || plan(own).is_some()) {
                return Err(format!("subtests nested more than {DEPTH_MOST} deep"));
            }
            if let Some(test) = test_line(own) {
                self.test(&test, depth, line);
                return Ok(());
            }
            // A test line with diagnostics has its brace behind them.
            if own == "{" && self.waiting.as_ref().is_some_and(|waiting| waiting.depth == depth) {
                self.blocks.extend(self.waiting.take());
                return Ok(());
            }
            if own == "}" && self.blocks.last().is_some_and(|block| block.depth == depth) {
                self.close_block(line);
                return Ok(());
            }
            if let Some((count, todo)) = plan(own) {
                self.settle();
                self.seen = true;
                let level = self.level(depth, line);
                level.todo.extend(todo);
                level.before_plan = level.count;
                if level.plan.replace(count).is_some() {
                    self.contradict("one plan".to_owned(), format!("a second plan `{own}`"), line);
                }
                return Ok(());
            }
            if let Some(name) = own.strip_prefix("# Subtest: ") {
                self.settle();
                self.subtests.insert(depth, name.to_owned());
                return Ok(());
            }
            // Catch2 numbers its warnings along with its tests.
            if own
                .strip_prefix("warning ")
                .and_then(|rest| rest.split_once(" - "))
                .is_some_and(|(number, _)| number.parse::<u64>().is_ok())
            {
                self.settle();
                self.level(depth, line).notes += 1;
                return Ok(());
            }
            if let Some(reason) = own.strip_prefix("Bail out!") {
                self.settle();
                (self.bailed, self.seen) = (true, true);
                self.cut_short.push(Remark::new(&format!("Bail out!{reason}"), Spot::Line(line)));
                return Ok(());
            }
        }
        // Some writers put plain text below a test line instead of a YAML block.
        if let Some(waiting) = self.waiting.as_mut().filter(|waiting| indent >= waiting.depth * 4 + 2) {
            let message = &mut waiting.diagnostics.message;
            if message.len() < 1 << 14 {
                *message += own;
                message.push('\n');
            }
        }
        self.heed_pragma(own, line);
        Ok(())
    }

    /// What a writer says of the whole run in a comment: how many tests failed, or with which code the process ended (Test::More).
    fn heed_last_words(&mut self, text: &str, line: u64) {
        let failed = text.strip_prefix("# fail ").or_else(|| {
            text.strip_prefix("# Looks like you failed ").and_then(|rest| rest.split_once(" test")).map(|(count, _)| count)
        });
        if let Some(count) = failed.and_then(|count| count.trim().parse().ok()) {
            self.stated = Some((count, line));
        }
        if text.starts_with("# Looks like your test exited with ") && text.contains(" just after ") {
            self.cut_short.push(Remark::new(text.trim_start_matches("# "), Spot::Line(line)));
        }
    }

    /// A line of no other kind: a pragma, or text that one forbids.
    fn heed_pragma(&mut self, own: &str, line: u64) {
        if let Some(version) = own.strip_prefix("TAP version ") {
            self.has_pragmas = version.trim().parse().is_ok_and(|version: u64| version >= 13);
        } else if let Some(pragmas) = own.strip_prefix("pragma ").filter(|_| self.has_pragmas) {
            for pragma in pragmas.split(',').map(str::trim) {
                self.strict = if self.strict { pragma != "-strict" } else { pragma == "+strict" };
            }
        } else if self.strict && !own.is_empty() && !own.starts_with(['#', '}']) {
            let shown: String = own.chars().take(40).collect();
            self.contradict("lines of TAP (`pragma +strict`)".to_owned(), format!("the line `{shown}`"), line);
        }
    }

    /// The level at a depth; deeper ones that are open have lost their test line.
    fn level(&mut self, depth: usize, line: u64) -> &mut Level {
        while self.levels.len() > depth + 1 {
            self.orphan();
        }
        while self.levels.len() <= depth {
            let own = self.levels.len();
            let outer = own.checked_sub(1).and_then(|outer| self.subtests.remove(&outer));
            let name = if own == 0 { None } else { outer.or_else(|| self.subtests.remove(&own)) };
            self.levels.push(Level { name, line, ..Level::default() });
        }
        &mut self.levels[depth]
    }

    fn test(&mut self, test: &Line<'_>, depth: usize, line: u64) {
        self.settle();
        self.seen = true;
        self.tests += 1;
        self.bad += u64::from(!test.ok);
        let mut children = None;
        while self.levels.len() > depth + 2 {
            self.orphan();
        }
        if self.levels.len() == depth + 2 {
            children = self.levels.pop();
        }
        self.subtests.retain(|own, _| *own < depth);
        let level = self.level(depth, line);
        level.count += 1;
        let (count, name) =
            (level.count, if test.name.is_empty() { format!("test {}", level.count) } else { test.name.to_owned() });
        let planned = level.todo.contains(&test.number.unwrap_or(count)).then_some(("todo", ""));
        let expected = count + level.notes;
        if let Some(number) = test.number.filter(|number| *number != expected) {
            self.contradict(format!("test number {count}"), format!("the number {number}"), line);
        }
        let (status, word) = match (test.ok, test.directive.or(planned)) {
            (true, Some(("skip", reason))) => (AttemptStatus::Skipped, reason.to_owned()),
            (false, Some(("todo", reason))) => (AttemptStatus::Skipped, format!("to do: {reason}")),
            (true, _) => (AttemptStatus::Passed, String::new()),
            (false, _) => (AttemptStatus::Failed, String::new()),
        };
        let at = Spot::Line(line);
        let case =
            TestCase { class: "".into(), name: name.into(), file: None, line: None, at, attempts: Attempts::default() };
        let diagnostics = Diagnostics { seconds: test.seconds, ..Diagnostics::default() };
        let waiting = Waiting { depth, case, status, word, diagnostics, children };
        if test.opens {
            self.blocks.push(waiting);
        } else {
            self.waiting = Some(waiting);
        }
    }

    /// The subtests of a test line end.
    fn close_block(&mut self, line: u64) {
        self.settle();
        let Some(mut block) = self.blocks.pop() else { return };
        // The levels above the one in the braces are whole.
        while self.levels.len() > block.depth + 2 {
            self.orphan();
        }
        if self.levels.len() == block.depth + 2 {
            block.children = self.levels.pop();
        }
        self.level(block.depth, line);
        self.waiting = Some(block);
        self.settle();
    }

    /// A line of a YAML block, without the block's indentation.
    fn diagnose(&mut self, text: &str) {
        let Some(Waiting { diagnostics, .. }) = &mut self.waiting else { return };
        if text.starts_with(' ') || text.is_empty() {
            if matches!(self.key.as_str(), "error" | "message") && diagnostics.message.len() < 1 << 14 {
                diagnostics.message += text.trim();
                diagnostics.message.push('\n');
            }
            return;
        }
        let Some((key, value)) = text.split_once(':') else { return };
        let value = value.trim();
        let bare = value.strip_prefix(['\'', '"']).and_then(|own| own.strip_suffix(['\'', '"'])).unwrap_or(value);
        self.key = key.trim().to_owned();
        match self.key.as_str() {
            "error" | "message" if !value.starts_with(['|', '>']) => diagnostics.message = bare.to_owned(),
            "duration_ms" => diagnostics.seconds = super::report::seconds(bare).map(|time| time / 1_000.0),
            "type" => diagnostics.is_suite = bare == "suite",
            "location" => {
                let mut parts = bare.rsplitn(3, ':');
                let line = parts.nth(1).and_then(|line| line.parse().ok());
                diagnostics.source = parts.next().map(str::to_owned).zip(line);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
#[path = "tap_tests.rs"]
mod tests;
