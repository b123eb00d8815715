//! What the two readers of Go's tests share: packages, their tests, and what went wrong with a package as a whole.

use crate::model::{Attempt, AttemptStatus, Contradiction, Remark, Spot, TestCase, TestReport, TestSuite};
use std::collections::BTreeMap;

/// Most bytes of the output of one test that are read; messages are cut further.
const OUTPUT_MOST: usize = 1 << 14;

/// How a package ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Pass,
    Fail,
    /// There is nothing to test in it.
    Skip,
}

/// A test that began: the line, and what it printed.
struct Running {
    line: u64,
    output: String,
}

/// One package.
#[derive(Default)]
pub(super) struct Package {
    line: u64,
    cases: Vec<TestCase>,
    running: BTreeMap<String, Running>,
    output: String,
    cached: bool,
    broken: Option<String>,
    end: Option<End>,
}

/// All packages of a run, in the order in which they are told of.
#[derive(Default)]
pub(super) struct Packages {
    order: Vec<String>,
    by_name: BTreeMap<String, Package>,
    /// How many tests began.
    pub(super) told: usize,
}

impl Packages {
    /// The package of this name.
    pub(super) fn package(&mut self, name: &str, line: u64) -> &mut Package {
        if !self.by_name.contains_key(name) {
            self.order.push(name.to_owned());
            self.by_name.insert(name.to_owned(), Package { line, ..Package::default() });
        }
        self.by_name.get_mut(name).expect("it was just put there")
    }

    /// Puts a package that was read under no name under its own.
    pub(super) fn put(&mut self, name: &str, package: Package) {
        let own = self.package(name, package.line);
        own.cases.extend(package.cases);
        own.running.extend(package.running);
        own.output.push_str(&package.output);
        own.cached |= package.cached;
        own.broken = own.broken.take().or(package.broken);
    }

    /// The report.
    pub(super) fn finish(mut self) -> TestReport {
        let (mut suites, mut cut_short, mut contradictions) = (Vec::new(), Vec::new(), Vec::new());
        for name in self.order {
            let Some(package) = self.by_name.remove(&name) else { continue };
            suites.push(package.finish(&name, &mut cut_short, &mut contradictions));
        }
        let mut report = TestReport::assemble(suites);
        report.cut_short = cut_short;
        report.contradictions = contradictions;
        report
    }
}

impl Package {
    /// A package that begins on this line.
    pub(super) fn at(line: u64) -> Self {
        Self { line, ..Self::default() }
    }

    /// Whether nothing was told of it yet.
    pub(super) fn is_blank(&self) -> bool {
        self.cases.is_empty() && self.running.is_empty() && self.output.is_empty() && self.broken.is_none()
    }

    /// A test begins.
    pub(super) fn run(&mut self, test: &str, line: u64) {
        self.running.entry(test.to_owned()).or_insert_with(|| Running { line, output: String::new() });
    }

    /// A test, or the package, printed something.
    pub(super) fn print(&mut self, test: Option<&str>, text: &str) {
        let whose = match test {
            Some(test) => self.running.get_mut(test).map(|running| &mut running.output),
            None => {
                self.cached |= text.starts_with("ok ") && text.trim_end().ends_with("(cached)");
                Some(&mut self.output)
            }
        };
        let Some(output) = whose else { return };
        let own = text.trim_start();
        let frame = ["=== ", "--- PASS: ", "--- FAIL: ", "--- SKIP: "].iter().any(|mark| own.starts_with(mark));
        if !frame && output.len() < OUTPUT_MOST {
            output.push_str(text);
        }
    }

    /// A test ended.
    pub(super) fn ended(&mut self, test: &str, status: AttemptStatus, seconds: Option<f64>, line: u64) {
        let Running { line, output } = self.running.remove(test).unwrap_or_else(|| Running { line, output: String::new() });
        self.add(test, line, status, seconds, &output);
    }

    fn add(&mut self, test: &str, line: u64, status: AttemptStatus, seconds: Option<f64>, output: &str) {
        let place = output.lines().find_map(place).filter(|_| status == AttemptStatus::Failed);
        let message = if status == AttemptStatus::Passed { "" } else { output };
        let attempt = Attempt::new(status, seconds, message).failed_at(place);
        let (name, at) = (test.into(), Spot::Line(line));
        self.cases.push(TestCase { class: "".into(), name, file: None, line: None, at, attempts: vec![attempt] });
    }

    /// The package did not build, or could not be set up.
    pub(super) fn broke(&mut self, message: &str) {
        self.broken.get_or_insert_with(|| message.to_owned());
    }

    /// The package ended.
    pub(super) fn end(&mut self, end: End) {
        self.end = Some(end);
    }

    fn finish(mut self, name: &str, cut: &mut Vec<Remark>, contradictions: &mut Vec<Contradiction>) -> TestSuite {
        let at = Spot::Line(self.line);
        for (test, running) in std::mem::take(&mut self.running) {
            let output = format!("it began and never ended\n{}", running.output);
            self.add(&test, running.line, AttemptStatus::Failed, None, &output);
        }
        let failed =
            self.cases.iter().flat_map(|case| &case.attempts).any(|attempt| attempt.status == AttemptStatus::Failed);
        let mut suite = TestSuite { cases: self.cases, cached: self.cached, ..TestSuite::new(name, at.clone()) };
        match (self.end, self.broken) {
            (_, Some(message)) => suite.errors.push(Remark::new(&message, at)),
            (None, None) => cut.push(Remark::new(&format!("the package `{name}` has no result"), at)),
            (Some(End::Fail), None) if !failed => {
                let output = self.output.trim();
                let why = if output.is_empty() { "the package failed and none of its tests did" } else { output };
                suite.errors.push(Remark::new(why, at));
            }
            (Some(End::Pass | End::Skip), None) if failed => {
                let stated = format!("the package `{name}` did not fail");
                contradictions.push(Contradiction { items: "a failed test".to_owned(), stated, at });
            }
            (Some(End::Skip), None) => suite.says_empty = suite.cases.is_empty(),
            (Some(End::Pass | End::Fail), None) => {}
        }
        suite
    }
}

/// `    shop_test.go:12: message`.
fn place(line: &str) -> Option<(&str, u64)> {
    let line = line.trim_start();
    let (file, rest) = line.split_at(line.find(".go:")? + 3);
    let digits = rest[1..].split(|c: char| !c.is_ascii_digit()).next()?;
    let number = digits.parse().ok()?;
    (!file.contains(char::is_whitespace)).then_some((file, number))
}
