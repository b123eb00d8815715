//! `libtest-json`: the JSON lines of Rust's test harness (`--format json`), and those of nextest (`--message-format libtest-json`, also
//! `libtest-json-plus`).
//!
//! The harness does not name its suites, so they are called `suite 1`, `suite 2` and so on. nextest calls tests `crate::binary$test`: what stands
//! before the `$` is the suite, a suffix `#2` says that the second attempt ended so and every earlier one failed, and a test
//! may end in a later block than it began; its suites overlap. A test that began and never ended failed, and the run was cut short; so was one
//! with a suite that never ended. The counts at the end of a suite must agree with the tests in it.
//!
//! Encodings: UTF-8 with or without a byte order mark, or UTF-16 with one, as PowerShell's `>` writes it. What a test printed need not be text: a byte that is
//! not UTF-8 is read as `\xff`, and half a surrogate pair as U+FFFD. UTF-16 without a mark, also behind other lines, is malformed by name.

use super::report::room;
use super::{decode, json, malformed, panic};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{
    Attempt, AttemptStatus, Contradiction, Gap, Node, Number, Remark, Spot, TestCase, TestReport, TestSuite, Where,
    numbered,
};
use std::collections::BTreeMap;

/// The format.
pub(super) static LIBTEST_JSON: Format = Format {
    id: "libtest-json",
    extensions: &[],
    about: "test results as the JSON lines of Rust's test harness or nextest",
    docs: include_str!("libtest_json.rs"),
    reading: Reading::Tests(TestReader { marks: Marks::Line(is_own), report }),
};

/// Most attempts that one suffix can stand for.
const ATTEMPTS_MOST: usize = 1_000;

fn report(bytes: &[u8], at: &Where) -> Result<TestReport, Gap> {
    let mut run = Run::default();
    let mut tests = 0;
    for (line, text) in (1_u64..).zip(decode::events(bytes, at)?.lines()) {
        if text.trim().is_empty() {
            continue;
        }
        let number = usize::try_from(line).ok();
        let event = json::parse(text, &json::Room::default()).map_err(|fault| {
            let actual = format!("{} (line {line}, column {})", fault.message, fault.column);
            fault.gap(at, number, "one JSON event a line", actual)
        })?;
        tests += 1;
        room(tests / 2, at)?;
        run.take(event.root(), line)
            .map_err(|phrase| malformed(at, number, "an event of a test harness", format!("{phrase} (line {line})")))?;
    }
    Ok(run.finish())
}

/// Whether only this format has such a line.
fn is_own(line: &str) -> bool {
    let has = |word: &str| line.contains(word);
    let kinds = ["\"suite\"", "\"test\"", "\"bench\""];
    line.starts_with('{') && has("\"type\"") && has("\"event\"") && kinds.into_iter().any(has)
}

#[derive(Default)]
struct Run {
    suites: Vec<TestSuite>,
    contradictions: Vec<Contradiction>,
    cut_short: Vec<Remark>,
    block: Option<Block>,
    blocks: usize,
    /// Tests that began, with the line; the harness's own within one block, nextest's until the end.
    pending: BTreeMap<String, u64>,
    /// Those of nextest that began in a suite which counts them as ignored, as long as nothing else is told of them.
    ignored: BTreeMap<String, u64>,
    nextest: bool,
}

/// From `started` to the end of a suite; of nextest's, which overlap, until as many ended as began.
#[derive(Default)]
struct Block {
    line: u64,
    began: usize,
    ended: usize,
    /// What the ends say passed and failed.
    stated: (i128, i128),
    planned: i128,
    passed: i128,
    failed: i128,
    ignored: i128,
    measured: i128,
}

fn count(node: Node<'_>, key: &str) -> Option<i128> {
    node.get(key).and_then(Node::number).and_then(Number::as_integer)
}

impl Run {
    fn take(&mut self, event: Node<'_>, line: u64) -> Result<(), String> {
        let text = |key: &str| event.get(key).and_then(Node::text);
        match (text("type"), text("event"), text("name")) {
            (Some("suite"), Some("started"), _) => {
                self.nextest |= event.get("nextest").is_some();
                let planned = count(event, "test_count").ok_or("a suite without `test_count`")?;
                if let (true, Some(block)) = (self.nextest, &mut self.block) {
                    block.began += 1;
                    return Ok(());
                }
                self.end_block(line);
                self.blocks += 1;
                self.block = Some(Block { line, planned, began: 1, ..Block::default() });
                if planned == 0 {
                    let empty = TestSuite { says_empty: true, ..TestSuite::new(self.own_suite(), Spot::Line(line)) };
                    self.suites.push(empty);
                }
            }
            (Some("suite"), Some("ok" | "failed"), _) => self.close(event, line)?,
            (Some("test" | "bench"), _, None) => return Err("a test without a name".to_owned()),
            (Some("test"), Some("started"), Some(name)) => {
                self.nextest |= name.contains('$');
                self.pending.insert(name.to_owned(), line);
            }
            // A word of caution: the test runs for long.
            (Some("test"), Some("timeout"), Some(_)) => {}
            (Some("test"), Some(word), Some(name)) => self.ended(event, word, name, line),
            (Some("bench"), _, Some(name)) => self.ended(event, "bench", name, line),
            (Some("report"), _, _) => {}
            (kind, _, _) => {
                return Err(format!("an event of type {}", kind.map_or("nothing".to_owned(), |kind| format!("`{kind}`"))));
            }
        }
        Ok(())
    }

    fn own_suite(&self) -> String {
        format!("suite {}", self.blocks.max(1))
    }

    fn ended(&mut self, event: Node<'_>, word: &str, name: &str, line: u64) {
        self.nextest |= name.contains('$');
        let (plain, tries) = self.tries(name);
        let began = self.pending.remove(plain).or_else(|| self.pending.remove(name)).unwrap_or(line);
        self.ignored.remove(plain);
        let said = |key: &str| event.get(key).and_then(Node::text).unwrap_or_default();
        let seconds = event.get("exec_time").and_then(Node::number).map(Number::as_float).filter(|time| *time >= 0.0);
        let unknown = format!("unknown status `{}`", word.chars().take(40).collect::<String>());
        let found = panic::find(said("stdout"));
        let why = [said("reason"), said("message"), found.message].into_iter().find(|text| !text.is_empty());
        let why = why.unwrap_or_default();
        let mut none = Block::default();
        let block = self.block.as_mut().unwrap_or(&mut none);
        let (status, message) = match word {
            "ok" => {
                block.passed += 1;
                (AttemptStatus::Passed, "")
            }
            "bench" => {
                block.measured += 1;
                (AttemptStatus::Passed, "")
            }
            "ignored" => {
                block.ignored += 1;
                (AttemptStatus::Skipped, said("message"))
            }
            "failed" => {
                block.failed += 1;
                (AttemptStatus::Failed, why)
            }
            _ => (AttemptStatus::Failed, unknown.as_str()),
        };
        let mut attempts: Vec<Attempt> =
            (1..tries).map(|_| Attempt::new(AttemptStatus::Failed, None, "it was run again")).collect();
        let place = found.place.filter(|_| status == AttemptStatus::Failed);
        attempts.push(Attempt::new(status, seconds, message).failed_at(place));
        self.add(plain, began, attempts);
    }

    /// The name without nextest's suffix, and how often the test was tried.
    fn tries<'n>(&self, name: &'n str) -> (&'n str, usize) {
        let suffix = name.rsplit_once('#').filter(|_| name.contains('$'));
        match suffix.and_then(|(plain, tries)| Some((plain, tries.parse::<usize>().ok()?))) {
            Some((plain, tries)) => (plain, tries.clamp(1, ATTEMPTS_MOST)),
            None => (name, 1),
        }
    }

    fn add(&mut self, name: &str, line: u64, attempts: Vec<Attempt>) {
        let own = self.own_suite();
        let (suite, name) = name.split_once('$').unwrap_or((&own, name));
        let case = TestCase {
            class: "".into(),
            name: name.into(),
            file: None,
            line: None,
            at: Spot::Line(line),
            attempts: attempts.into(),
        };
        match self.suites.iter_mut().rev().find(|known| *known.name == *suite) {
            Some(known) => known.cases.push(case),
            None => self.suites.push(TestSuite { cases: vec![case].into(), ..TestSuite::new(suite, Spot::Line(line)) }),
        }
    }

    fn close(&mut self, event: Node<'_>, line: u64) -> Result<(), String> {
        let block = self.block.as_mut().ok_or("the end of a suite that did not begin")?;
        block.ended += 1;
        for (word, stated) in [("passed", &mut block.stated.0), ("failed", &mut block.stated.1)] {
            *stated += count(event, word).ok_or_else(|| format!("the end of a suite without `{word}`"))?;
        }
        let over = block.ended >= block.began;
        if self.nextest {
            self.left_out(event);
        }
        let Some(block) = self.block.as_mut().filter(|_| over) else { return Ok(()) };
        let Block { passed, failed, ignored, measured, planned, stated, line: first, .. } = *block;
        self.block = None;
        if !self.nextest {
            self.never_ended();
        }
        for (word, items, stated) in [("passed", passed, stated.0), ("failed", failed, stated.1)] {
            if stated != items {
                self.contradict(format!("{items} {word}"), format!("{word} = {stated}"), line);
            }
        }
        if self.nextest {
            // Its suites overlap, so only their sums can be compared, and it counts ignored tests in each block of a suite.
            return Ok(());
        }
        for (word, items) in [("ignored", ignored), ("measured", measured)] {
            let stated = count(event, word);
            if stated != Some(items) {
                let stated = stated.map_or("nothing".to_owned(), |stated| format!("{word} = {stated}"));
                self.contradict(format!("{items} {word}"), stated, line);
            }
        }
        let ended = passed + failed + ignored + measured;
        if planned != ended {
            self.contradict(numbered(ended, "test ended", "tests ended"), format!("test_count = {planned}"), first);
        }
        let word = event.get("event").and_then(Node::text);
        if word == Some("ok") && failed > 0 {
            self.contradict(format!("{failed} failed"), "the suite is ok".to_owned(), line);
        }
        if word == Some("failed") && failed == 0 {
            self.contradict("no failed test".to_owned(), "the suite failed".to_owned(), line);
        }
        Ok(())
    }

    /// nextest lets an ignored test begin and tells of no end; the suite counts it. In a suite that is `ok` nothing else can be without
    /// an end.
    fn left_out(&mut self, event: Node<'_>) {
        let text = |key: &str| event.get("nextest").and_then(|own| own.get(key)).and_then(Node::text);
        let (Some(package), Some(binary)) = (text("crate"), text("test_binary")) else { return };
        let prefix = if package == binary { format!("{package}$") } else { format!("{package}::{binary}$") };
        let of = |name: &&String| name.starts_with(&prefix) || name.starts_with(&format!("{package}::{binary}$"));
        let open: Vec<String> = self.pending.keys().filter(of).cloned().collect();
        let ignored = count(event, "ignored").and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
        if event.get("event").and_then(Node::text) != Some("ok") || open.len() > ignored {
            return;
        }
        for name in open {
            let line = self.pending.remove(&name).unwrap_or_default();
            self.ignored.insert(name, line);
        }
    }

    fn contradict(&mut self, items: String, stated: String, line: u64) {
        self.contradictions.push(Contradiction { items, stated, at: Spot::Line(line) });
    }

    fn end_block(&mut self, line: u64) {
        if let Some(block) = self.block.take() {
            let message = format!("the suite that began on line {} has no end", block.line);
            self.cut_short.push(Remark::new(&message, Spot::Line(line)));
            if !self.nextest {
                self.never_ended();
            }
        }
    }

    fn never_ended(&mut self) {
        for (name, line) in std::mem::take(&mut self.pending) {
            let message = "it began and never ended";
            self.cut_short.push(Remark::new(&format!("`{name}` {message}"), Spot::Line(line)));
            self.add(&name, line, vec![Attempt::new(AttemptStatus::Failed, None, message)]);
        }
    }

    fn finish(mut self) -> TestReport {
        let last = self.block.as_ref().map_or(0, |block| block.line);
        self.end_block(last);
        self.never_ended();
        for (name, line) in std::mem::take(&mut self.ignored) {
            self.add(&name, line, vec![Attempt::new(AttemptStatus::Skipped, None, "ignored")]);
        }
        let mut report = TestReport::of(self.suites);
        report.contradictions = self.contradictions;
        report.cut_short = self.cut_short;
        report
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::testing::told;
    use super::LIBTEST_JSON;

    fn libtest(text: &str) -> Vec<String> {
        told(&LIBTEST_JSON, text)
    }

    fn end(word: &str, passed: usize, failed: usize, ignored: usize) -> String {
        format!(
            r#"{{"type":"suite","event":"{word}","passed":{passed},"failed":{failed},"ignored":{ignored},"measured":0,"filtered_out":0}}"#
        )
    }

    const START: &str = r#"{"type":"suite","event":"started","test_count":3}"#;
    const TESTS: &str = r#"{"type":"test","event":"started","name":"a"}
{"type":"test","name":"a","event":"ok","exec_time":0.5}
{"type":"test","name":"b","event":"ignored","message":"later"}
{"type":"test","event":"timeout","name":"c"}
{"type":"test","name":"c","event":"failed","stdout":"x\nthread 'c' panicked at src/a.rs:3:1:\nno\n"}"#;

    #[test]
    fn events_are_read() {
        let expected = [
            "suite 1::a passed 1",
            "suite 1::b skipped 1: later",
            "suite 1::c failed 1: thread 'c' panicked at src/a.rs:3:1:\nno",
        ];
        assert_eq!(libtest(&format!("{START}\n{TESTS}\n{}\n", end("failed", 1, 1, 1))), expected);
        let odd = r#"{"type":"test","name":"c","event":"odd"}"#;
        assert_eq!(libtest(odd), ["suite 1::c failed 1: unknown status `odd`"]);
    }

    #[test]
    fn what_never_ends_failed() {
        let began = r#"{"type":"test","event":"started","name":"z"}"#;
        let told = libtest(&format!("{START}\n{TESTS}\n{began}\n"));
        assert_eq!(
            told[3..],
            [
                "suite 1::z failed 1: it began and never ended",
                "cut short: the suite that began on line 1 has no end",
                "cut short: `z` it began and never ended"
            ]
        );
    }

    #[test]
    fn counts_must_agree() {
        let told = libtest(&format!("{START}\n{TESTS}\n{}\n", end("ok", 2, 0, 1)));
        assert_eq!(
            told[3..],
            [
                "contradiction: 1 passed | passed = 2",
                "contradiction: 1 failed | failed = 0",
                "contradiction: 1 failed | the suite is ok"
            ]
        );
        let few = libtest(&format!("{}\n{TESTS}\n{}\n", START.replace('3', "4"), end("failed", 1, 1, 1)));
        assert_eq!(few[3..], ["contradiction: 3 tests ended | test_count = 4"]);
    }

    #[test]
    fn attempts_of_nextest_are_in_the_name() {
        let text = r#"{"type":"suite","event":"started","test_count":2}
{"type":"test","event":"started","name":"k::b$m::flaky"}
{"type":"test","event":"started","name":"k::b$m::late"}
{"type":"test","event":"ok","name":"k::b$m::flaky#2","exec_time":0.1}
{"type":"suite","event":"ok","passed":1,"failed":0,"ignored":1,"measured":0,"filtered_out":0}
{"type":"suite","event":"started","test_count":2}
{"type":"test","event":"failed","name":"k::b$m::late#3","reason":"time limit exceeded"}
{"type":"suite","event":"failed","passed":0,"failed":1,"ignored":1,"measured":0,"filtered_out":1}"#;
        assert_eq!(
            libtest(text),
            ["k::b::m::flaky flaky 2: it was run again", "k::b::m::late failed 3: time limit exceeded"]
        );
        let cancelled = text.lines().take(5).collect::<Vec<_>>().join("\n");
        assert_eq!(
            libtest(&cancelled)[1..],
            ["k::b::m::late failed 1: it began and never ended", "cut short: `k::b$m::late` it began and never ended"]
        );
    }

    #[test]
    fn damage_is_malformed_and_nothing_is_empty() {
        assert_eq!(libtest(""), ["empty a: none"]);
        let none = format!("{}\n{}", START.replace('3', "0"), end("ok", 0, 0, 0));
        assert_eq!(libtest(&none), ["empty a: none"]);
        let cases = [
            "{\"type\":",
            "running 3 tests",
            "{\"type\":\"odd\"}",
            "{\"type\":\"test\",\"event\":\"ok\"}",
            &end("ok", 0, 0, 0),
        ];
        let mut refused = 0;
        for text in cases {
            let told = libtest(text);
            assert!(told.len() == 1 && told[0].starts_with("malformed a:1: "), "{told:?}");
            refused += 1;
        }
        assert_eq!(refused, 5);
    }
}
