//! What the two readers of Go's tests share: packages, their tests, and what went wrong with a package as a whole.

use super::go_dump::Dump;
use super::go_phase::{logged_phase, waited};
use super::report::seconds;
use crate::model::{
    Attempt, AttemptStatus, CaseStatus, Contradiction, Halt, Phase, PhaseSource, Remark, SourceLine, Spot, Stop, TestCase,
    TestReport, TestSuite,
};
use std::collections::{BTreeMap, BTreeSet};

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
#[derive(Default)]
struct Running {
    line: u64,
    output: String,
    /// It waits for its turn beside parallel tests.
    paused: bool,
    /// It ever did: then it may run beside its siblings.
    parallel: bool,
    /// What it said last of a wait that was in vain, with its line.
    waited: Option<(String, u64)>,
    /// How it ended by a line of Go's own that stands behind half a line of the test's.
    glued: Option<(AttemptStatus, Option<f64>)>,
}

/// One package.
#[derive(Default)]
pub(super) struct Package {
    line: u64,
    cases: Vec<TestCase>,
    running: BTreeMap<String, Running>,
    output: String,
    /// What each test was about last; kept when it ends, because the events of a dead process end its tests.
    phases: BTreeMap<String, Phase>,
    last: Option<(String, AttemptStatus)>,
    waits: Vec<Stop>,
    dump: Option<Dump>,
    /// The first thing it printed that no sound package prints: a race, the death of a process.
    crash: Option<String>,
    cached: bool,
    /// Go says that none of its tests was asked for.
    unasked: bool,
    broken: Option<String>,
    /// Each word on how the package ended, with how many cases were told by then. A rerun of failed tests adds another.
    ends: Vec<(usize, End)>,
}

/// All packages of a run, in the order in which they are told of.
#[derive(Default)]
pub(super) struct Packages {
    order: Vec<String>,
    by_name: BTreeMap<String, Package>,
    /// How many tests began.
    pub(super) told: usize,
    /// Tests that passed are not named: a package without tests says nothing.
    pub(super) silent: bool,
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
        own.phases.extend(package.phases);
        own.waits.extend(package.waits);
        own.dump = own.dump.take().or(package.dump);
        own.crash = own.crash.take().or(package.crash);
        own.cached |= package.cached;
        own.unasked |= package.unasked;
        own.broken = own.broken.take().or(package.broken);
    }

    /// The report.
    pub(super) fn finish(mut self) -> TestReport {
        let (mut suites, mut cut_short, mut contradictions) = (Vec::new(), Vec::new(), Vec::new());
        for name in self.order {
            let Some(mut package) = self.by_name.remove(&name) else { continue };
            package.unasked |= self.silent;
            suites.push(package.finish(&name, &mut cut_short, &mut contradictions));
        }
        let mut report = TestReport::of(suites);
        report.runner = Some("go");
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

    /// Whether a test is under way: it began, and no line, not even one behind half a line of its own, says that it ended.
    pub(super) fn is_under_way(&self) -> bool {
        self.running.values().any(|running| running.glued.is_none())
    }

    /// A test begins.
    pub(super) fn run(&mut self, test: &str, line: u64) {
        // A process that died starts nothing any more: it was another one's death.
        if let Some(dump) = self.dump.take().filter(Dump::is_death) {
            self.crashed(&dump.first);
        }
        self.running.entry(test.to_owned()).or_insert_with(|| Running { line, ..Running::default() });
    }

    /// A test waits for its turn, or goes on.
    pub(super) fn pause(&mut self, test: &str, paused: bool) {
        if let Some(running) = self.running.get_mut(test) {
            running.paused = paused;
            running.parallel |= paused;
        }
    }

    /// A test set an attribute.
    pub(super) fn attribute(&mut self, test: &str, key: &str, value: &str) {
        if key == "phase" && !value.trim().is_empty() {
            self.enter(test, Phase { name: value.trim().into(), source: PhaseSource::Attribute });
        }
    }

    fn enter(&mut self, test: &str, phase: Phase) {
        // What is said in a structured way is not overwritten by text.
        if self.phases.get(test).is_none_or(|own| own.source <= phase.source) {
            self.phases.insert(test.to_owned(), phase);
        }
    }

    fn crashed(&mut self, what: &str) {
        self.crash.get_or_insert_with(|| what.to_owned());
    }

    /// A test, or the package, printed something on this line.
    pub(super) fn print(&mut self, test: Option<&str>, text: &str, line: u64) {
        if let Some(what) = crash(test, text) {
            self.crashed(what);
        }
        if let Some(dump) = &mut self.dump {
            return dump.add(text);
        }
        if let Some(dump) = Dump::begin(text, line) {
            return self.die(dump, test);
        }
        if let (Some(test), Some(phase)) = (test, logged_phase(text)) {
            self.enter(test, phase);
        }
        let output = match test {
            Some(test) => match self.running.get_mut(test) {
                Some(running) => {
                    running.glued = running.glued.or_else(|| glued(text, test));
                    if waited(text) {
                        running.waited = Some((text.trim().to_owned(), line));
                    }
                    &mut running.output
                }
                None => return,
            },
            None => {
                let ok = text.starts_with("ok ");
                self.cached |= ok && text.trim_end().split('\t').any(|word| word == "(cached)");
                self.unasked |= ok && text.trim_end().ends_with("[no tests to run]");
                &mut self.output
            }
        };
        let own = text.trim_start();
        let frame = ["=== ", "--- PASS: ", "--- FAIL: ", "--- SKIP: "].iter().any(|mark| own.starts_with(mark));
        if !frame && output.len() < OUTPUT_MOST {
            output.push_str(text);
        }
    }

    /// The process prints its last words.
    fn die(&mut self, mut dump: Dump, test: Option<&str>) {
        let last = self.last.as_ref().filter(|(_, status)| *status == AttemptStatus::Failed).map(|(test, _)| test.clone());
        dump.test = test.map(str::to_owned).or(last);
        let waits = |test: &str| {
            self.running.keys().any(|inner| inner.strip_prefix(test).is_some_and(|rest| rest.starts_with('/')))
        };
        let under_way = self
            .running
            .iter()
            .filter(|(test, running)| !running.paused && !waits(test) && !self.was_followed(test, running));
        dump.under_way = under_way.map(|(test, _)| test.clone()).collect();
        if let Some(running) = dump.test.as_ref().and_then(|test| self.running.get_mut(test)) {
            running.output.push_str(&format!("panic: {}\n", dump.message));
        }
        self.dump = Some(dump);
    }

    /// Whether a sibling began after a test that runs by itself: then it has ended, though Go before 1.20 says so only when the test above
    /// it ends.
    fn was_followed(&self, test: &str, own: &Running) -> bool {
        let parent = |test: &str| test.rsplit_once('/').map(|(parent, _)| parent.to_owned());
        let later = |(other, running): (&String, &Running)| running.line > own.line && parent(other) == parent(test);
        !own.parallel && self.running.iter().any(later)
    }

    /// A test ended.
    pub(super) fn ended(&mut self, test: &str, status: AttemptStatus, seconds: Option<f64>, line: u64) {
        let running = self.running.remove(test).unwrap_or_else(|| Running { line, ..Running::default() });
        self.last = Some((test.to_owned(), status));
        if let (Some((said, line)), AttemptStatus::Failed) = (&running.waited, status) {
            let wait = self.wait(test, said, *line);
            self.waits.push(wait);
        }
        self.add(test, running.line, status, seconds, &running.output);
    }

    /// A test that waited in vain, by what it said of it: `    e2e_test.go:41: timeout waiting for the execution (stuck at phase: PENDING)`.
    fn wait(&self, test: &str, said: &str, line: u64) -> Stop {
        let place = place(said).map(|(file, line)| SourceLine { file: file.into(), line });
        let message = said.split_once(".go:").and_then(|(_, rest)| rest.split_once(": ")).map_or(said, |(_, text)| text);
        Stop {
            halt: Halt::Waited,
            message: message.into(),
            test: Some(test.into()),
            phase: self.phase(test),
            place,
            at: Spot::Line(line),
        }
    }

    fn add(&mut self, test: &str, line: u64, status: AttemptStatus, seconds: Option<f64>, output: &str) {
        let place = output.lines().find_map(place).filter(|_| status == AttemptStatus::Failed);
        let message = if status == AttemptStatus::Passed { "" } else { output };
        let attempt = Attempt::new(status, seconds, message).failed_at(place);
        let (name, at) = (test.into(), Spot::Line(line));
        self.cases.push(TestCase { class: "".into(), name, file: None, line: None, at, attempts: attempt.into() });
    }

    /// The package did not build, or could not be set up.
    pub(super) fn broke(&mut self, message: &str) {
        self.broken.get_or_insert_with(|| message.to_owned());
    }

    /// The package ended.
    pub(super) fn end(&mut self, end: End) {
        self.ends.push((self.cases.len(), end));
    }

    fn finish(mut self, name: &str, cut: &mut Vec<Remark>, contradictions: &mut Vec<Contradiction>) -> TestSuite {
        let at = Spot::Line(self.line);
        let end = self.ends.last().map(|(_, end)| *end);
        let passed = end == Some(End::Pass);
        let stops = if passed { Vec::new() } else { self.stops(name) };
        let death = self.dump.as_ref().filter(|dump| dump.is_death()).map(|dump| dump.first.clone());
        if let Some(what) = self.crash.take().or(death).filter(|_| passed) {
            self.broke(&format!("the package passed, and it printed `{what}`"));
        }
        for (test, running) in std::mem::take(&mut self.running) {
            match running.glued.filter(|_| passed) {
                Some((status, seconds)) => self.add(&test, running.line, status, seconds, &running.output),
                None => {
                    let output = format!("it began and never ended\n{}", running.output);
                    self.add(&test, running.line, AttemptStatus::Failed, None, &output);
                }
            }
        }
        if passed {
            self.merge_reruns();
        }
        let failed = self.cases.iter().any(|case| case.status() == CaseStatus::Failed);
        let mut suite = TestSuite {
            cases: self.cases.into(),
            cached: self.cached,
            stops,
            waits: self.waits,
            ..TestSuite::new(name, at.clone())
        };
        match (end, self.broken) {
            (_, Some(message)) => suite.errors.push(Remark::new(&message, at)),
            (None, None) => cut.push(Remark::new(&format!("the package `{name}` has no result"), at)),
            (Some(End::Fail), None) if !failed => {
                let died = self.dump.map(|dump| format!("panic: {}", dump.message)).unwrap_or_default();
                let output = format!("{}\n{died}", self.output);
                let why =
                    if output.trim().is_empty() { "the package failed and none of its tests did" } else { output.trim() };
                suite.errors.push(Remark::new(why, at));
            }
            (Some(End::Pass | End::Skip), None) if failed => {
                let stated = format!("the package `{name}` did not fail");
                contradictions.push(Contradiction { items: "a failed test".to_owned(), stated, at });
            }
            (Some(End::Skip), None) => suite.says_empty = suite.cases.is_empty(),
            (Some(End::Pass), None) => suite.says_empty = self.unasked && suite.cases.is_empty(),
            (Some(End::Fail), None) => {}
        }
        suite
    }

    /// A package that failed and passed at last: if only what had failed ran again, those were reruns, and their attempts belong
    /// together. Otherwise two runs stand in one file. In one run of the package (`-count=2`) every failure counts.
    fn merge_reruns(&mut self) {
        let root = |name: &str| name.split('/').next().unwrap_or_default().to_owned();
        let run = |at: usize| self.ends.iter().take_while(|(cases, _)| *cases <= at).count();
        let mut failed = BTreeSet::new();
        let mut last_run: BTreeMap<&str, usize> = BTreeMap::new();
        for (at, case) in self.cases.iter().enumerate() {
            if run(at) > 0 && !failed.contains(&root(&case.name)) {
                return;
            }
            if case.status() == CaseStatus::Failed {
                failed.insert(root(&case.name));
            }
            last_run.insert(&case.name, run(at));
        }
        let stays: Vec<bool> =
            self.cases.iter().enumerate().map(|(at, case)| last_run.get(&*case.name) == Some(&run(at))).collect();
        let mut earlier: BTreeMap<Box<str>, Vec<Attempt>> = BTreeMap::new();
        for (case, stays) in std::mem::take(&mut self.cases).into_iter().zip(stays) {
            if stays {
                let mut attempts = earlier.remove(&case.name).unwrap_or_default();
                attempts.extend(case.attempts);
                self.cases.push(TestCase { attempts: attempts.into(), ..case });
            } else {
                earlier.entry(case.name).or_default().extend(case.attempts);
            }
        }
    }

    /// How the process died, for each test that was under way.
    fn stops(&self, name: &str) -> Vec<Stop> {
        let Some(dump) = self.dump.as_ref().filter(|dump| dump.is_death()) else { return Vec::new() };
        let stop = |test: Option<&str>| {
            let stood = dump.stood(name, test);
            let stack = stood.as_ref().map(|(name, _)| Phase { name: name.as_str().into(), source: PhaseSource::Stack });
            Stop {
                halt: dump.halt(),
                message: dump.message.as_str().into(),
                test: test.map(Into::into),
                phase: test.and_then(|test| self.phase(test)).or(stack),
                place: stood.map(|(_, place)| place),
                at: Spot::Line(dump.line),
            }
        };
        let named = match dump.halt() {
            Halt::TimedOut => {
                let running = dump.running();
                // Go names the test above a stuck one too, which only waits for it.
                let waits = |test: &str| {
                    running.iter().any(|inner| inner.strip_prefix(test).is_some_and(|rest| rest.starts_with('/')))
                };
                let stuck: Vec<String> = running.iter().filter(|test| !waits(test)).cloned().collect();
                Some(stuck).filter(|tests| !tests.is_empty()).unwrap_or_else(|| dump.under_way.clone())
            }
            Halt::Panicked | Halt::Waited => dump.test.iter().cloned().collect(),
        };
        if named.is_empty() { vec![stop(None)] } else { named.iter().map(|test| stop(Some(test))).collect() }
    }

    /// The last phase of a test, or of the nearest test above it that has one.
    fn phase(&self, test: &str) -> Option<Phase> {
        self.phases.get(test).cloned().or_else(|| self.phase(test.rsplit_once('/')?.0))
    }
}

/// `half a line--- PASS: TestA (0.01s)`: a test that prints without a line end hides how it ended. Only a pass and a skip are taken from
/// there, and only in a package that passed; a test without an end failed anyhow.
fn glued(text: &str, test: &str) -> Option<(AttemptStatus, Option<f64>)> {
    let text = text.trim_end();
    let (before, behind) = text.rsplit_once("--- ")?;
    let (word, rest) = behind.split_once(": ")?;
    let status = match word {
        "PASS" => AttemptStatus::Passed,
        "SKIP" => AttemptStatus::Skipped,
        _ => return None,
    };
    let time = rest.strip_prefix(test)?.strip_prefix(" (")?.strip_suffix("s)")?;
    (!before.trim().is_empty()).then(|| (status, seconds(time)))
}

/// A line that a sound package does not print: a data race, wherever it is told, and outside its tests how a process ended that was killed or that failed. A test
/// may run programs that fail, and says so.
fn crash<'t>(test: Option<&str>, text: &'t str) -> Option<&'t str> {
    let text = text.trim_end();
    let ended = text.strip_prefix("exit status ").is_some_and(|code| code != "0" && code.parse::<u32>().is_ok());
    let killed = text.strip_prefix("signal: ").is_some_and(|name| !name.is_empty());
    (text == "WARNING: DATA RACE" || test.is_none() && (ended || killed)).then_some(text)
}

/// `    shop_test.go:12: message`.
fn place(line: &str) -> Option<(&str, u64)> {
    let line = line.trim_start();
    let (file, rest) = line.split_at(line.find(".go:")? + 3);
    let digits = rest[1..].split(|c: char| !c.is_ascii_digit()).next()?;
    let number = digits.parse().ok()?;
    (!file.contains(char::is_whitespace)).then_some((file, number))
}
