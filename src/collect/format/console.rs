//! What a test runner's log says in its last words: that the run failed, or that it never ended.
//!
//! Such a log names no test, or not every one, so it is no report of tests. Only its failures are read: a log that says that everything
//! passed is passed over, because the report beside it tells more, and a log that says that something failed is a failed run,
//! whatever a nicer report beside it says. Of several runs in one log, the last word of each tool counts.

use super::report::lines;
use crate::model::{Remark, Spot, TestReport, TestSuite};
use std::collections::BTreeMap;

/// What the last word of a run says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Passed,
    Failed,
    /// Not every test was tried.
    CutShort,
}

/// How one tool ends its log.
struct Runner {
    tool: &'static str,
    /// What a line says, if it is the last word of a run.
    last_word: fn(&str) -> Option<Word>,
}

static RUNNERS: &[Runner] = &[Runner { tool: "nextest", last_word: nextest }];

/// The failures that a log tells of; `None` if it is no log of a test runner, or says that all is well.
pub(super) fn report(text: &str) -> Option<TestReport> {
    let mut said: BTreeMap<&'static str, (Word, u64, String)> = BTreeMap::new();
    let mut began = None;
    for (line, own) in lines(text) {
        if began.is_none() && is_nextest_line(&own) {
            began = Some(line);
        }
        for runner in RUNNERS {
            if let Some(word) = (runner.last_word)(&own) {
                said.insert(runner.tool, (word, line, own.trim().to_owned()));
            }
        }
    }
    let mut report = TestReport::default();
    if let Some(line) = began.filter(|_| !said.contains_key("nextest")) {
        report.cut_short.push(Remark::new("nextest began and its line `Summary` never came", Spot::Line(line)));
    }
    for (tool, (word, line, text)) in said {
        let (at, remark) = (Spot::Line(line), Remark::new(&text, Spot::Line(line)));
        match word {
            Word::Passed => {}
            Word::CutShort => report.cut_short.push(remark),
            Word::Failed => {
                let errors = vec![remark];
                report.suites.push(TestSuite { errors, ..TestSuite::new(format!("the log of {tool}"), at) });
            }
        }
    }
    (!report.is_empty()).then_some(report)
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

/// `     Summary [   0.082s] 6 tests run: 4 passed (1 flaky), 2 failed, 1 skipped`; a run that was stopped says `3/6 tests run`.
fn nextest(line: &str) -> Option<Word> {
    let (_, rest) = line.trim_start().strip_prefix("Summary [")?.split_once("] ")?;
    let (count, rest) = rest.split_once(' ')?;
    let told = rest.strip_prefix("tests run: ").or_else(|| rest.strip_prefix("test run: "))?;
    let whole = count.parse::<u64>().is_ok();
    let bad = |part: &str| {
        let word = part.trim().split(' ').nth(1).unwrap_or_default();
        matches!(word, "failed" | "timed" | "exec")
    };
    Some(match (whole, told.split(',').any(bad)) {
        (false, _) => Word::CutShort,
        (true, true) => Word::Failed,
        (true, false) => Word::Passed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let Some(report) = report(text) else { return "nothing".to_owned() };
        let errors = report.suites.iter().flat_map(|suite| &suite.errors).map(|error| error.message.to_string());
        errors.chain(report.cut_short.iter().map(|remark| remark.message.to_string())).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn nextest_says_at_last_whether_its_run_failed() {
        let log = |summary: &str| told(&format!(" Nextest run ID 1 with nextest profile: ci\n{summary}\n"));
        assert_eq!(log("     Summary [   0.082s] 2 tests run: 2 passed, 1 skipped"), "nothing");
        assert_eq!(log("     Summary [   0.082s] 2 tests run: 2 passed (1 flaky), 0 skipped"), "nothing");
        let failed = log("     Summary [   0.082s] 2 tests run: 1 passed, 1 failed, 0 skipped");
        assert!(failed.starts_with("Summary [") && failed.contains("1 failed"), "{failed}");
        assert!(log("     Summary [   0.082s] 1 test run: 0 passed, 1 timed out, 0 skipped").contains("timed out"));
        assert!(log("     Summary [   0.082s] 1/2 tests run: 1 passed, 0 skipped").contains("1/2"));
        assert!(log("").contains("never came"));
    }
}
