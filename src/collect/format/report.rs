//! What the readers of test reports share: how many tests one may tell of, lengths of time, lines of logs.

use crate::model::{Gap, GapKind, Where};

/// Most tests that one report may tell of, attempts included: a file of endless small tests would fill the memory.
pub(super) const TESTS_MOST: usize = 500_000;

/// Whether there are more tests than one report may tell of.
///
/// # Errors
/// A gap that says so.
pub(super) fn room(tests: usize, at: &Where) -> Result<(), Gap> {
    if tests <= TESTS_MOST {
        return Ok(());
    }
    Err(Gap::new(GapKind::OverLimit, at.clone(), format!("at most {TESTS_MOST} tests in one report"), "more"))
}

/// Whether a JSON text has all of these keys somewhere.
pub(super) fn has_keys(text: &str, keys: &[&str]) -> bool {
    keys.iter().all(|key| text.contains(&format!("\"{key}\"")))
}

/// A length of time in seconds: `1.5`, also with commas between thousands. `None` for anything else; it decides nothing.
pub(super) fn seconds(text: &str) -> Option<f64> {
    let text = text.trim();
    let seconds: f64 = if text.contains(',') { text.replace(',', "").parse() } else { text.parse() }.ok()?;
    (seconds.is_finite() && seconds >= 0.0).then_some(seconds)
}

/// A line without its colours: escape sequences are dropped, so that logs of terminals read like logs of pipes.
pub(super) fn plain(line: &str) -> std::borrow::Cow<'_, str> {
    if !line.contains('\u{1b}') {
        return line.into();
    }
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once('\u{1b}') {
        out.push_str(before);
        let sequence = behind.strip_prefix('[').and_then(|own| own.split_once(|c: char| ('@'..='~').contains(&c)));
        rest = sequence.map_or(behind, |(_, rest)| rest);
    }
    out.push_str(rest);
    out.into()
}

/// The lines of a log, with their numbers from 1, without colours and line ends.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (u64, std::borrow::Cow<'_, str>)> {
    (1..).zip(text.lines().map(plain))
}

#[cfg(test)]
pub(super) mod testing {
    //! What the tests of readers share: a report as short lines.

    use crate::gate::{Format, Reading};
    use crate::model::{Content, Gap, TestReport, Where};

    /// Reads text as this format.
    pub(in crate::collect::format) fn read(format: &Format, text: &str) -> Result<TestReport, Gap> {
        let Reading::Tests(reader) = &format.reading else { panic!("a reader of tests") };
        match reader.content(text.as_bytes(), &Where::file("a"))? {
            Content::Tests(report) => Ok(*report),
            other => panic!("{other:?}"),
        }
    }

    /// `id status attempts: message` for each case, then what else the report says.
    pub(in crate::collect::format) fn told(format: &Format, text: &str) -> Vec<String> {
        let report = match read(format, text) {
            Ok(report) => report,
            Err(gap) => return vec![format!("{} {}: {}", gap.kind.word(), gap.at, gap.actual)],
        };
        let mut told: Vec<String> = report
            .cases()
            .enumerate()
            .map(|(at, (suite, case))| {
                let message = case.message().map_or(String::new(), |message| format!(": {message}"));
                format!("{} {} {}{message}", report.ids().id(0, at, suite, case), case.status().word(), case.attempts.len())
            })
            .collect();
        for suite in &report.suites {
            told.extend(suite.errors.iter().map(|error| format!("error {}: {}", suite.name, error.message)));
            if suite.cases.is_empty() && suite.errors.is_empty() {
                told.push(format!("empty {}{}", suite.name, if suite.says_empty { " as it says" } else { "" }));
            }
        }
        told.extend(report.cut_short.iter().map(|remark| format!("cut short: {}", remark.message)));
        let contradictions = report.contradictions.iter();
        told.extend(contradictions.map(|one| format!("contradiction: {} | {}", one.items, one.stated)));
        let flaky = report.unnamed_flaky.iter();
        told.extend(flaky.map(|one| format!("flaky: {} | {}", one.items, one.stated)));
        let differences = report.differences.iter();
        told.extend(differences.map(|one| format!("difference: {} | {}", one.items, one.stated)));
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_may_have_commas() {
        assert_eq!(seconds("1,234.5"), Some(1234.5));
        assert_eq!([seconds(""), seconds("-1"), seconds("NaN"), seconds("1s"), seconds("inf")], [None; 5]);
    }

    #[test]
    fn colours_are_dropped() {
        assert_eq!(plain("a \u{1b}[31;1mFAILED\u{1b}[0m b\u{1b}c"), "a FAILED bc");
        assert_eq!(lines("a\r\nb").map(|(at, line)| format!("{at}{line}")).collect::<Vec<_>>(), ["1a", "2b"]);
    }
}
