//! The suites of a report while it is read, and its totals held against them.

use super::made::Made;
use super::report::{TESTS_MOST, room};
use super::xml_record::Element;
use crate::model::{
    Attempt, CaseStatus, Contradiction, Gap, Remark, Spot, TestCase, TestReport, TestSuite, Where, numbered,
};

/// A part of the report that is open: a suite, or something in it that has totals or errors of its own.
struct Level {
    /// The suite among all.
    suite: usize,
    /// How much trouble was told before it began.
    before: u64,
}

/// What was told so far.
#[derive(Default)]
pub(super) struct Suites {
    report: TestReport,
    open: Vec<Level>,
    made: Made,
    told: usize,
    bad: u64,
    /// A suite that shows nothing stays: in formats in which it is a sign that something went wrong.
    pub(super) keeps_empty: bool,
}

/// A test with one attempt.
pub(super) fn case(class: &str, name: &str, at: Spot, attempt: Attempt) -> TestCase {
    TestCase { class: class.into(), name: name.into(), file: None, line: None, at, attempts: attempt.into() }
}

/// The last part of a path, of whatever system: what a file is called.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

impl Suites {
    /// A suite begins inside the one that is open: `outer > inner`.
    pub(super) fn enter(&mut self, name: &str, line: u64) -> &mut TestSuite {
        let outer = self.open.last().map_or("", |level| &*self.report.suites[level.suite].name);
        let name = if outer.is_empty() { name.to_owned() } else { format!("{outer} > {name}") };
        self.report.suites.push(TestSuite::new(name, Spot::Line(line)));
        self.open.push(Level { suite: self.report.suites.len() - 1, before: self.bad });
        self.report.suites.last_mut().expect("it was added")
    }

    /// A part of the open suite begins that is no suite itself.
    pub(super) fn enter_part(&mut self, line: u64) {
        let suite = self.place(line);
        self.open.push(Level { suite, before: self.bad });
    }

    /// The innermost part or suite ends.
    pub(super) fn leave(&mut self) {
        self.open.pop();
    }

    /// The position of the open suite; without one, of a suite without a name.
    fn place(&mut self, line: u64) -> usize {
        if let Some(level) = self.open.last() {
            return level.suite;
        }
        if self.report.suites.last().is_none_or(|suite| !suite.name.is_empty()) {
            self.report.suites.push(TestSuite::new("", Spot::Line(line)));
        }
        self.report.suites.len() - 1
    }

    /// The open suite.
    pub(super) fn suite(&mut self, line: u64) -> &mut TestSuite {
        let at = self.place(line);
        &mut self.report.suites[at]
    }

    /// A test of the open suite.
    ///
    /// # Errors
    /// When there are more than one report may tell of; [`Suites::finish`] says so in a better way.
    pub(super) fn case(&mut self, case: TestCase) -> Result<(), String> {
        self.count()?;
        self.bad += u64::from(matches!(case.status(), CaseStatus::Failed | CaseStatus::Errored));
        let Spot::Line(line) = case.at else { return Ok(()) };
        self.suite(line).cases.push(case);
        Ok(())
    }

    fn count(&mut self) -> Result<(), String> {
        self.told += 1;
        if self.told > TESTS_MOST { Err("more tests than one report may tell of".to_owned()) } else { Ok(()) }
    }

    /// Something went wrong with the open suite as a whole.
    ///
    /// # Errors
    /// As [`Suites::case`].
    pub(super) fn error(&mut self, message: &str, line: u64) -> Result<(), String> {
        self.count()?;
        self.bad += 1;
        let message = if message.trim().is_empty() { "an error without a message" } else { message };
        self.suite(line).errors.push(Remark::new(message, Spot::Line(line)));
        Ok(())
    }

    /// How many failures and errors the innermost part or suite shows, or the report if none is open.
    pub(super) fn bad(&self) -> u64 {
        self.bad - self.open.last().map_or(0, |level| level.before)
    }

    /// Every case so far.
    pub(super) fn cases(&self) -> impl Iterator<Item = &TestCase> {
        self.report.cases().map(|(_, case)| case)
    }

    /// Holds failures that are stated against those that are shown, here in the innermost part or suite.
    pub(super) fn hold_bad(&mut self, stated: Option<u64>, at: &Element) {
        let shown = self.bad();
        let Some(stated) = stated.filter(|stated| *stated != shown) else { return };
        let told = Contradiction {
            items: numbered(shown, "failure or error", "failures and errors"),
            stated: numbered(stated, "failure or error", "failures and errors"),
            at: at.spot(),
        };
        if stated > shown { self.report.contradictions.push(told) } else { self.report.differences.push(told) }
    }

    /// Holds another count against what is shown.
    pub(super) fn hold(&mut self, stated: Option<u64>, shown: u64, noun: &str, at: &Element) {
        if let Some(stated) = stated.filter(|stated| *stated != shown) {
            let told = self.contradiction(shown, stated, noun, at);
            self.report.differences.push(told);
        }
    }

    fn contradiction(&self, shown: u64, stated: u64, noun: &str, at: &Element) -> Contradiction {
        Contradiction { items: format!("{shown} {noun}"), stated: format!("{stated} {noun}"), at: at.spot() }
    }

    /// The run did not come to its end.
    pub(super) fn cut_short(&mut self, why: &str, line: u64) {
        self.report.cut_short.push(Remark::new(why, Spot::Line(line)));
    }

    /// The report. `says_empty`: it states that there was nothing to run. Suites of nothing but suites are none.
    ///
    /// # Errors
    /// When there are too many tests; else as the walk ended.
    pub(super) fn finish(mut self, walked: Result<(), Gap>, says_empty: bool, at: &Where) -> Result<TestReport, Gap> {
        // The walk is stopped by the test that has no room, which is no damage.
        room(self.told, at)?;
        walked?;
        let first = self.report.suites.first().map(|suite| suite.name.clone());
        if !self.keeps_empty {
            self.report.suites.retain(|suite| !suite.cases.is_empty() || !suite.errors.is_empty());
        }
        if self.report.suites.is_empty() {
            let suite = TestSuite::new(first.unwrap_or_default(), Spot::Line(1));
            self.report.suites.push(TestSuite { says_empty, ..suite });
        }
        self.made.tell(&mut self.report);
        Ok(self.report)
    }

    /// When a part of the run began, as the report spells it.
    pub(super) fn began(&mut self, timestamp: Option<&str>) {
        if let Some(stated) = timestamp {
            self.made.at(stated);
        }
    }

    /// When a part that is a run of its own began; without a time it is of no known age.
    pub(super) fn run_began(&mut self, timestamp: Option<&str>, part: &str, line: u64) {
        match timestamp {
            Some(stated) => self.made.at(stated),
            None => self.made.unsaid(part, Spot::Line(line)),
        }
    }
}
