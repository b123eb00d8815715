//! What a test runner's log says in its last words: that the run failed, or that it never ended.
//!
//! Such a log names no test, or not every one, so it is no report of tests. Only its failures are read: a log that says that everything
//! passed is passed over, because the report beside it tells more, and a log that says that something failed is a failed run,
//! whatever a nicer report beside it says. Of several runs in one log, the last word of each tool counts; only the frameworks that are one
//! program each (googletest, Catch2, doctest, Boost.Test and the like) keep a failure, since a log often holds several programs.

use super::console_hosts::{HOSTS, SHELL};
use super::console_others::OTHERS;
use super::console_runners::{RUNNERS, Runner};
use super::report::lines;
use crate::model::{Remark, Spot, TestReport, TestSuite};
use regex::{RegexSet, RegexSetBuilder};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// Longest line that can be a last word.
const LINE_MOST: usize = 2_000;

/// What a line says of a run; the greatest counts where a line fits several patterns of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
    Began,
    Ended,
    Failed,
}

/// All rows; their patterns, and for each the row and its word.
struct Table {
    runners: Vec<&'static Runner>,
    set: RegexSet,
    words: Vec<(usize, Word)>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut patterns = Vec::new();
    let mut words = Vec::new();
    let runners: Vec<&Runner> = RUNNERS.iter().chain(OTHERS).chain(HOSTS).collect();
    for (row, runner) in runners.iter().enumerate() {
        for (word, own) in [(Word::Failed, runner.failed), (Word::Ended, runner.ended), (Word::Began, runner.began)] {
            patterns.extend(own.iter().map(|pattern| format!("^(?:{})$", pattern.replace(r"\d", "[0-9]"))));
            words.extend(own.iter().map(|_| (row, word)));
        }
    }
    let set = RegexSetBuilder::new(patterns).size_limit(64 << 20).dfa_size_limit(16 << 20).build();
    Table { runners, set: set.expect("the patterns of the table are sound, as a test shows"), words }
});

/// What was said last in a row, and where.
struct Said {
    word: Word,
    line: u64,
    text: String,
}

impl Said {
    /// Whether another word takes its place.
    fn gives_way(&self, runner: &Runner, word: Word) -> bool {
        self.word != Word::Failed || word == Word::Failed || !runner.keeps
    }
}

/// The failures that a log tells of; `None` if it is no log of a test runner, or says that all is well.
pub(super) fn report(text: &str) -> Option<TestReport> {
    let mut said: BTreeMap<usize, Said> = BTreeMap::new();
    for (line, own) in lines(text) {
        let own = own.trim_end();
        if own.is_empty() || own.len() > LINE_MOST {
            continue;
        }
        let mut rows: BTreeMap<usize, Word> = BTreeMap::new();
        for pattern in TABLE.set.matches(own) {
            let (row, word) = TABLE.words[pattern];
            rows.entry(row).and_modify(|known| *known = word.max(*known)).or_insert(word);
        }
        for (row, word) in rows {
            let runner = TABLE.runners[row];
            let heard =
                said.get(&row).map_or(word != Word::Failed || !runner.must_begin, |last| last.gives_way(runner, word));
            if heard {
                said.insert(row, Said { word, line, text: own.trim().to_owned() });
            }
        }
    }
    told(&said)
}

fn told(said: &BTreeMap<usize, Said>) -> Option<TestReport> {
    let mut report = TestReport::default();
    let mut tools = BTreeSet::new();
    let came_to_its_end = said.values().any(|said| said.word == Word::Ended);
    for (row, Said { word, line, text }) in said {
        let (runner, at) = (TABLE.runners[*row], Spot::Line(*line));
        match word {
            Word::Failed if runner.tool == SHELL && came_to_its_end => {}
            // nextest says so of a run that was stopped: `1/2 tests run`.
            Word::Failed
                if runner.must_end
                    && text
                        .split(' ')
                        .any(|word| word.contains('/') && word.split('/').all(|count| count.parse::<u64>().is_ok())) =>
            {
                report.cut_short.push(Remark::new(text, at));
            }
            Word::Failed if tools.insert(runner.tool) => {
                let errors = vec![Remark::new(text, at.clone())];
                report.suites.push(TestSuite { errors, ..TestSuite::new(format!("the log of {}", runner.tool), at) });
            }
            Word::Began if runner.must_end => {
                report.cut_short.push(Remark::new(&format!("{} began and its last words never came", runner.tool), at));
            }
            Word::Failed | Word::Began | Word::Ended => {}
        }
    }
    (!report.is_empty()).then_some(report)
}

/// Adds to the report of a log what other runners say in the same log of failed runs: the worse counts. What cargo says of the programs that a Rust
/// log holds is read with them, and gotestsum counts failures that a later run mended.
pub(super) fn add_others(report: &mut TestReport, text: &str, format: &str) {
    let Some(mut others) = self::report(text) else { return };
    let is_own = |suite: &TestSuite| {
        let mended =
            || suite.errors.iter().all(|error| error.message.starts_with("DONE ") && error.message.contains(" runs, "));
        match &*suite.name {
            "the log of cargo" => format.starts_with("libtest"),
            // A format that has its own last words came to its end.
            "the log of a shell" => report.cut_short.is_empty(),
            "the log of gotestsum" => format.starts_with("go-test") && mended(),
            _ => false,
        }
    };
    others.suites.retain(|suite| !is_own(suite));
    report.suites.append(&mut others.suites);
    report.cut_short.append(&mut others.cut_short);
}

/// Whether a text is the log of nextest.
pub(super) fn is_nextest(text: &str) -> bool {
    lines(text).any(|(_, line)| is_nextest_line(&line))
}

/// Whether only nextest writes such a line.
pub(super) fn is_nextest_line(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("Nextest run ID ") || line.starts_with("Summary [") && line.contains(" tests run: ")
}

#[cfg(test)]
#[path = "console_tests.rs"]
mod tests;
