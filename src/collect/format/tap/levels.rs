//! What becomes of test lines of TAP: each goes to its level with its diagnostics and its subtest, and a level that is whole becomes suites.

use super::{Diagnostics, Level, Tap, Waiting};
use crate::model::{Attempt, AttemptStatus, Contradiction, Remark, Spot, TestReport, TestSuite};

impl Tap {
    /// Puts the waiting test line, with its diagnostics and its subtest, into its level.
    pub(super) fn settle(&mut self) {
        let Some(Waiting { depth, mut case, status, word, diagnostics, children }) = self.waiting.take() else { return };
        let Diagnostics { message, seconds, is_suite, source } = diagnostics;
        let own_failure = children.as_ref().is_none_or(|children| !children.failed());
        let name = case.name.to_string();
        let below = children.map(|level| self.conclude(level, &name)).unwrap_or_default();
        let has_children = !below.is_empty();
        let level = &mut self.levels[depth];
        level.below.extend(below);
        if is_suite && has_children {
            if status == AttemptStatus::Failed && own_failure {
                let mut suite = TestSuite::new(name, case.at);
                suite.errors.push(Remark::new(if message.is_empty() { "it failed" } else { &message }, suite.at.clone()));
                level.below.push(suite);
            }
            return;
        }
        let why = if word.is_empty() && status != AttemptStatus::Passed { &message } else { &word };
        let place = source.as_ref().filter(|_| status == AttemptStatus::Failed).map(|(file, line)| (file.as_str(), *line));
        case.attempts = Attempt::new(status, seconds, why).failed_at(place).into();
        level.cases.push(case);
    }

    /// The suites of a level that is whole.
    fn conclude(&mut self, level: Level, name: &str) -> Vec<TestSuite> {
        let Level { name: own, line, plan, before_plan, count, todo: _, notes: _, cases, below } = level;
        let name = own.unwrap_or_else(|| name.to_owned());
        let whose = if name.is_empty() { String::new() } else { format!(" in `{name}`") };
        let mut cut = |message: String| self.cut_short.push(Remark::new(&message, Spot::Line(line)));
        match plan {
            None => cut(format!("no plan{whose}")),
            Some(plan) if count < plan => cut(format!("{count} of {plan} planned tests{whose}")),
            Some(plan) if count > plan => {
                self.contradict(format!("{count} tests{whose}"), format!("the plan 1..{plan}"), line)
            }
            Some(_) if (1..count).contains(&before_plan) => {
                let items = format!("a plan before or behind the tests{whose}");
                self.contradict(items, format!("one behind {before_plan} of {count}"), line);
            }
            Some(_) => {}
        }
        let mut suites = Vec::new();
        if !cases.is_empty() {
            suites.push(TestSuite { cases: cases.into(), ..TestSuite::new(name.clone(), Spot::Line(line)) });
        }
        for mut suite in below {
            if !name.is_empty() {
                suite.name = format!("{name} > {}", suite.name).into();
            }
            suites.push(suite);
        }
        suites
    }

    /// Closes the deepest level, which has no test line behind it.
    pub(super) fn orphan(&mut self) {
        self.settle();
        let Some(level) = self.levels.pop() else { return };
        let (line, name) = (level.line, level.name.clone().unwrap_or_else(|| "a subtest".to_owned()));
        let below = self.conclude(level, &name);
        self.cut_short.push(Remark::new(&format!("`{name}` has no test line behind it"), Spot::Line(line)));
        if let Some(parent) = self.levels.last_mut() {
            parent.below.extend(below);
        }
    }

    pub(super) fn contradict(&mut self, items: String, stated: String, line: u64) {
        self.contradictions.push(Contradiction { items, stated, at: Spot::Line(line) });
    }

    /// `None` if there was no TAP at all.
    pub(super) fn finish(mut self) -> Option<TestReport> {
        self.settle();
        for block in std::mem::take(&mut self.blocks) {
            let message = format!("the subtests of `{}` have no end", block.case.name);
            self.cut_short.push(Remark::new(&message, block.case.at.clone()));
            let status = AttemptStatus::Failed;
            let waiting = Waiting { status, ..block };
            let line = if let Spot::Line(line) = waiting.case.at { line } else { 1 };
            self.level(waiting.depth, line);
            self.waiting = Some(waiting);
            self.settle();
        }
        while self.levels.len() > 1 {
            self.orphan();
        }
        let suites = match self.levels.pop() {
            Some(top) if !self.bailed || top.count > 0 => self.conclude(top, ""),
            Some(_) | None if self.seen => Vec::new(),
            Some(_) | None => return None,
        };
        if let Some((stated, line)) = self.stated.filter(|(stated, _)| *stated > self.bad) {
            self.contradict(format!("{} lines `not ok`", self.bad), format!("# fail {stated}"), line);
        }
        let mut report = TestReport::of(suites);
        report.contradictions = self.contradictions;
        report.cut_short = self.cut_short;
        Some(report)
    }
}
