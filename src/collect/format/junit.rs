//! `junit`: test results as JUnit XML, in the dialects of nextest, pytest, Surefire, Gradle, jest, vitest, mocha, Playwright, Node, ctest,
//! googletest, gotestsum, go-junit-report, PHPUnit, Bazel, ScalaTest and others.
//!
//! Suites may nest; a nested suite is called `outer > inner`. Each `testsuite` is a suite of its own, also where two have one name: they
//! differ by `hostname` (a browser, a machine), by `file`, or by nothing but their place. What a suite tells twice, with the same
//! `classname`, `name` and `file`, are two tests. They are attempts at one test only where the writer says so: with `rerunFailure`,
//! `rerunError`, `flakyFailure` and `flakyError`, or with `tests` of the suite that leaves exactly the earlier ones out, and no failure stated that would be
//! mended; so write pytest-rerunfailures and gotestsum. Where totals leave that open, they are two tests. `failures="0"` alone says nothing: some writers never count.
//!
//! Failed is also: a case with a `status` or `result` that nobody knows, with a child that nobody knows (`warning`), or with `notrun`
//! that is no skip on purpose (ctest counts a missing executable as a failure; a disabled test, `SKIP_RETURN_CODE` and
//! `SKIP_REGULAR_EXPRESSION_MATCHED` are skips). An `error` or `failure` of a suite, or of the root, is an error of the suite. A name may be
//! empty, as titles may; without a `name` the report is malformed. A suite that states `tests="0"` and has none says nothing.
//!
//! Totals in attributes (Node's runner: in comments, `fail 1`) are a second witness: more failures and errors stated than shown is a `contradiction`, which fails; more `flakes` (Surefire) than shown are findings as flaky tests are. Whatever else
//! differs (tests, skips, nested counting) is noted, because tools count in different ways. `system-out` and
//! `system-err` are not read. Malformed is what the walk over the XML refuses: a document type with declarations, entities beyond the
//! five, more than 64 levels or attributes.
//!
//! Encodings: UTF-8 with or without a byte order mark, UTF-16 with one, and US-ASCII, ISO-8859-1 and windows-1252 where the declaration names them. Another
//! encoding, one that the bytes contradict, and UTF-16 without a mark are malformed by name.

use super::decode;
use super::junit_ahead::Ahead;
use super::junit_case::{Ending, Kind, Last, Open, known};
use super::junit_totals::{Counts, Stated};
use super::made::Made;
use super::report::{TESTS_MOST, room};
use super::xml::{Attributes, Visitor, walk};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{AttemptStatus, Contradiction, Gap, MESSAGE_MOST, Remark, Spot, TestReport, TestSuite, Where};
use std::collections::BTreeSet;

/// The format.
pub(super) static JUNIT: Format = Format {
    id: "junit",
    extensions: &["xml"],
    about: "test results as JUnit XML",
    docs: include_str!("junit.rs"),
    reading: Reading::Tests(TestReader { marks: Marks::Root(&["testsuites", "testsuite"]), report }),
};

fn report(bytes: &[u8], at: &Where) -> Result<TestReport, Gap> {
    let text = decode::xml(bytes, at)?;
    read(&text, Ahead::of(&text), at)
}

fn read(text: &str, ahead: Ahead<'_>, at: &Where) -> Result<TestReport, Gap> {
    let mut junit = Junit { ahead, ..Junit::default() };
    let walked = walk(text, at, "a sound JUnit report", &mut junit);
    // The walk is stopped by the test that has no room, which is no damage.
    room(junit.told, at)?;
    walked?;
    let mut report = junit.finish();
    // Gradle says nothing of itself, and puts its reports where nobody else does.
    report.runner = report.runner.or_else(|| at.path.contains("build/test-results/").then_some("gradle"));
    Ok(report)
}

/// What an open element is.
enum Element {
    Root,
    Suite,
    Case,
    /// An element that says how an attempt ended.
    Ending(Box<Ending>),
    /// Anything else. Text in a stack trace belongs to the ending around it.
    Other {
        trace: bool,
    },
}

/// One suite element; the root is the first.
struct Level {
    suite: TestSuite,
    /// A `testsuites` root.
    is_root: bool,
    /// Whether it or one around it says when it was made.
    dated: bool,
    parent: Option<usize>,
    stated: Stated,
    counts: Counts,
}

#[derive(Default)]
struct Junit<'t> {
    ahead: Ahead<'t>,
    stack: Vec<Element>,
    levels: Vec<Level>,
    open: Vec<usize>,
    case: Option<Open>,
    last: Last,
    told: usize,
    /// How many failures Node's runner states, in a comment at its end, and where.
    node: Option<(u64, Spot)>,
    made: Made,
    runner: Option<&'static str>,
}

/// The runner that writes such a root or suite, where it certainly is one.
fn runner(name: &str, is_root: bool, attributes: &Attributes<'_>) -> Option<&'static str> {
    let has = |key: &str, end: &str| attributes.get(key).is_some_and(|value| value.ends_with(end));
    match (is_root, name) {
        (_, "pytest tests") | (false, "pytest") => Some("pytest"),
        (true, "jest tests") => Some("jest"),
        (true, "vitest tests") => Some("vitest"),
        (_, "Mocha Tests") => Some("mocha"),
        (true, "nextest-run") => Some("nextest"),
        (true, "") if attributes.get("id") == Some("") => Some("playwright"),
        (false, "rspec") => Some("rspec"),
        (false, _) if has("xsi:noNamespaceSchemaLocation", "surefire-test-report.xsd") => Some("maven"),
        (false, _) if has("file", ".php") => Some("phpunit"),
        (false, _) if has("filepath", ".rb") => Some("minitest"),
        (_, _) => None,
    }
}

impl Visitor for Junit<'_> {
    fn open(&mut self, name: &str, attributes: &Attributes<'_>, line: u64) -> Result<(), String> {
        let element = match (name, self.stack.last()) {
            ("testsuites", None) => {
                self.enter(String::new(), true, attributes, line);
                Element::Root
            }
            ("testsuite", None | Some(Element::Root | Element::Suite)) => {
                let own = attributes.get("name").unwrap_or_default();
                let outer = self.open.last().map_or("", |at| &*self.levels[*at].suite.name);
                let name = if outer.is_empty() { own.to_owned() } else { format!("{outer} > {own}") };
                self.enter(name, false, attributes, line);
                Element::Suite
            }
            (other, None) => return Err(format!("the root element `{}`", other.chars().take(40).collect::<String>())),
            ("testcase", Some(Element::Root | Element::Suite)) => {
                self.told += 1;
                if self.told > TESTS_MOST {
                    return Err("more tests than one report may tell of".to_owned());
                }
                self.case = Some(Open::new(attributes, line, &mut self.last)?);
                Element::Case
            }
            ("testsuite" | "testcase" | "testsuites", Some(_)) => {
                return Err(format!("a `{name}` where none belongs"));
            }
            (_, Some(Element::Case | Element::Suite | Element::Root)) => match Kind::of(name) {
                Some(kind) => Element::Ending(Box::new(Ending::new(kind, attributes))),
                None => {
                    if let Some(open) = self.case.as_mut().filter(|_| !known(name)) {
                        open.unknown(format!("unknown element `{}`", name.chars().take(40).collect::<String>()));
                    }
                    Element::Other { trace: false }
                }
            },
            (_, Some(Element::Ending(_) | Element::Other { trace: true })) => {
                Element::Other { trace: name == "stackTrace" }
            }
            (_, Some(Element::Other { trace: false })) => {
                if name == "property" && self.case.is_none() && attributes.get("name") == Some("go.version") {
                    self.level(|level| level.stated.counts_reruns = true);
                    self.runner = Some("go");
                }
                Element::Other { trace: false }
            }
        };
        self.stack.push(element);
        Ok(())
    }

    fn text(&mut self, text: &str) {
        let ending = match self.stack.as_mut_slice() {
            [.., Element::Ending(ending)] | [.., Element::Ending(ending), Element::Other { trace: true }] => ending,
            _ => return,
        };
        // Messages are cut in the end; reading a little more than is kept shows that something was cut.
        let room = (MESSAGE_MOST + 4).saturating_sub(ending.text.len());
        let text = if ending.text.is_empty() { text.trim_start() } else { text };
        ending.text.push_str(&text[..text.floor_char_boundary(room)]);
    }

    fn known(&mut self, position: usize) -> Option<usize> {
        if !matches!(self.stack.last(), Some(Element::Root | Element::Suite)) {
            return None;
        }
        let run = self.ahead.at(position).filter(|run| self.told + run.cases.len() <= TESTS_MOST)?;
        self.told += run.cases.len();
        self.level(|level| {
            level.counts.add(Counts::passed(run.cases.len() as u64));
            level.suite.cases.append(run.cases);
        });
        Some(run.to)
    }

    fn comment(&mut self, text: &str, line: u64) {
        let own = text.trim();
        let count = own.strip_prefix("fail ").or_else(|| own.strip_prefix("cancelled "));
        if let Some(count) = count.and_then(|count| count.parse::<u64>().ok()).filter(|_| self.stack.len() == 1) {
            let sum = self.node.as_ref().map_or(0, |(sum, _)| *sum);
            self.node = Some((sum.saturating_add(count), Spot::Line(line)));
        }
    }

    fn close(&mut self) -> Result<(), String> {
        match self.stack.pop() {
            Some(Element::Root | Element::Suite) => {
                self.open.pop();
            }
            Some(Element::Case) => {
                let open = self.case.take().expect("a case is open while its element is");
                let (case, counts) = open.finish();
                self.level(|level| {
                    level.counts.add(counts);
                    level.suite.cases.keep(case);
                });
            }
            Some(Element::Ending(ending)) => match &mut self.case {
                Some(open) => open.ended(*ending),
                None => self.broken_suite(*ending),
            },
            Some(Element::Other { .. }) | None => {}
        }
        Ok(())
    }
}

impl Junit<'_> {
    /// Changes the innermost open suite.
    fn level(&mut self, change: impl FnOnce(&mut Level)) {
        if let Some(level) = self.open.last().and_then(|at| self.levels.get_mut(*at)) {
            change(level);
        }
    }

    /// Begins a suite. The cases of a `testsuites` root itself are those of a suite without a name.
    fn enter(&mut self, name: String, is_root: bool, attributes: &Attributes<'_>, line: u64) {
        let parent = self.open.last().copied();
        self.runner = self.runner.or_else(|| runner(attributes.get("name").unwrap_or_default(), is_root, attributes));
        // A report that was put together from several is as old as the oldest of them. Googletest writes 1970 of suites that did not run.
        let mut dated = parent.is_some_and(|at| self.levels[at].dated);
        if let Some(stated) = attributes.get("timestamp").filter(|stated| *stated >= "2000") {
            self.made.at(stated);
            dated = true;
        }
        let first = |keys: &[&str]| keys.iter().find_map(|key| attributes.get(key).filter(|value| !value.is_empty()));
        let host = first(&["hostname", "device", "browser"]).map(Into::into);
        let file = first(&["file", "filepath"]).map(Into::into);
        self.open.push(self.levels.len());
        self.levels.push(Level {
            suite: TestSuite { host, file, ..TestSuite::new(name, Spot::Line(line)) },
            is_root,
            dated,
            parent,
            stated: Stated::read(attributes),
            counts: Counts::default(),
        });
    }

    fn broken_suite(&mut self, ending: Ending) {
        if ending.kind != Kind::Final(AttemptStatus::Skipped) {
            let attempt = ending.attempt();
            let message = if attempt.message.is_empty() { "an error without a message" } else { &attempt.message };
            self.level(|level| {
                level.suite.errors.push(Remark::new(message, level.suite.at.clone()));
                level.counts.bad += 1;
                level.counts.least_bad += 1;
            });
        }
    }

    fn finish(mut self) -> TestReport {
        for level in &mut self.levels {
            if &*level.suite.name == "pytest" && level.counts.least_bad > 0 {
                level.suite.merge_teardown_errors();
            }
            let repeated = level.suite.repeated();
            if let Some(reruns) = level.stated.leaves_out(&level.counts, repeated) {
                level.counts.leave_out(reruns, repeated, level.stated.counts_reruns);
                level.suite.merge_reruns(reruns);
            }
        }
        let own: Vec<Counts> = self.levels.iter().map(|level| level.counts).collect();
        let mut all = own.clone();
        // Children stand behind their parents, so going backwards every child is whole before it is added.
        for at in (1..self.levels.len()).rev() {
            if let Some(parent) = self.levels[at].parent {
                let child = all[at];
                all[parent].add(child);
            }
        }
        let ran = |level: &Level| level.suite.cases.len() > level.counts.skipped as usize;
        if let Some(level) = self.levels.iter().find(|level| !level.dated && ran(level)) {
            self.made.unsaid(&level.suite.name, level.suite.at.clone());
        }
        let mut report = TestReport::default();
        for (at, level) in self.levels.iter().enumerate() {
            level.stated.compare(own[at], all[at], &level.suite, &mut report);
        }
        let bad = all.first().map_or(0, |root| root.bad);
        let node = self.node.is_some().then_some("node");
        if let Some((stated, at)) = self.node.take().filter(|(stated, _)| *stated > bad) {
            let (items, stated) = (format!("{bad} failures and errors"), format!("{stated} failed or cancelled"));
            report.contradictions.push(Contradiction { items, stated, at });
        }
        let parents: BTreeSet<usize> = self.levels.iter().filter_map(|level| level.parent).collect();
        // What only holds suites is no suite of its own.
        let kept = self.levels.into_iter().enumerate().filter(|(at, level)| {
            let holds = !level.suite.cases.is_empty() || !level.suite.errors.is_empty();
            holds || !(parents.contains(at) || level.is_root)
        });
        let suite = |(_, level): (usize, Level)| TestSuite { says_empty: level.stated.is_empty(), ..level.suite };
        report.suites = kept.map(suite).collect();
        self.made.tell(&mut report);
        report.runner = self.runner.or(node);
        report
    }
}

#[cfg(test)]
#[path = "junit_tests.rs"]
mod cases;
