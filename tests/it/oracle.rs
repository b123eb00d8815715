//! Verdicts on what real tools left, held against the tools' own exit codes (`fixtures/evidence/tools`, whose README says how they came).
//!
//! A case fails if and only if its tool did, and its tests are as many as the tool printed. What cannot agree stands in
//! `fixtures/evidence/tools/exceptions.toml` with the reason why, and only there: an exception that is not needed fails the test too.

mod forms;
mod order;
mod times;

use crate::support::assurance::{Table, hold};
use gatekeeper::cli::Exit;
use gatekeeper::collect::{FORMATS, inspect};
use gatekeeper::model::{Base, Limits, RelPath, TestTotals};
use gatekeeper::workspace::Disk;
use rayon::prelude::*;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

const NOW: &str = "2027-01-01T00:00:00Z";

/// A green report of another tool, beside which a log is judged that names no tests.
const GREEN: &str = "<testsuite name='beside' tests='1' failures='0'><testcase name='passes'/></testsuite>\n";

fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/evidence/tools")
}

/// `tool.toml`: what was run, and how it ended.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recorded {
    tool: String,
    version: String,
    command: String,
    exit_code: i32,
    reports: Vec<String>,
    printed: String,
    #[serde(default)]
    edited: Vec<String>,
    #[serde(default)]
    counts: BTreeMap<String, u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exceptions {
    /// Verdicts that cannot be the exit code.
    verdict: Vec<Exception>,
    /// Counts that are not the printed ones.
    #[serde(default)]
    counts: Vec<Exception>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    why: String,
    /// `writer/scenario`; `*` stands for any writer or any scenario.
    cases: Vec<String>,
}

impl Exception {
    fn covers(&self, case: &str) -> Option<&str> {
        let fits = |pattern: &str, text: &str| match pattern.split_once('*') {
            Some((before, after)) => {
                text.len() >= before.len() + after.len() && text.starts_with(before) && text.ends_with(after)
            }
            None => pattern == text,
        };
        let (writer, scenario) = case.split_once('/')?;
        let covers = |pattern: &&String| {
            pattern.split_once('/').is_some_and(|(own, rest)| fits(own, writer) && fits(rest, scenario))
        };
        self.cases.iter().find(covers).map(String::as_str)
    }
}

struct Case {
    name: String,
    at: PathBuf,
    recorded: Recorded,
}

fn cases() -> Vec<Case> {
    let directories = |at: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(at).unwrap_or_else(|error| panic!("{}: {error}", at.display()));
        let mut all: Vec<PathBuf> =
            entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect();
        all.sort();
        all
    };
    let name = |path: &Path| path.file_name().and_then(|name| name.to_str()).expect("a name in UTF-8").to_owned();
    let scenarios = directories(&home()).into_iter().flat_map(|writer| directories(&writer));
    let case = |at: PathBuf| {
        let case = format!("{}/{}", name(at.parent().expect("a writer")), name(&at));
        let text = fs::read_to_string(at.join("tool.toml")).unwrap_or_else(|error| panic!("{case}: {error}"));
        let recorded = toml::from_str(&text).unwrap_or_else(|error| panic!("{case}: {error}"));
        Case { name: case, at, recorded }
    };
    // Reports of coverage have totals, not tests.
    let is_coverage = |at: &PathBuf| name(at.parent().expect("a writer")).starts_with("coverage-");
    scenarios.filter(|at| !is_coverage(at)).map(case).collect()
}

/// What the formats for tests make of the reports of a case: how many tests, or nothing where no file names any.
fn totals(case: &Case) -> Option<TestTotals> {
    let format = FORMATS.iter().copied().find(|format| format.id == "test-report").expect("the format");
    let workspace = Disk::new(&case.at, Some(&case.at), None, None).expect("a directory of fixtures");
    let mut sum: Option<TestTotals> = None;
    for file in &case.recorded.reports {
        let path = RelPath::parse(file).unwrap_or_else(|_| panic!("{}: {file} is no path of evidence", case.name));
        let Some(own) = inspect(&workspace, Base::Run, &path, Some(format), &Limits::default()).tests else { continue };
        let sum = sum.get_or_insert_default();
        sum.total += own.total;
        sum.passed += own.passed;
        sum.failed += own.failed;
        sum.errored += own.errored;
        sum.skipped += own.skipped;
        sum.flaky += own.flaky;
    }
    sum
}

/// What `gatekeeper verify` says without any configuration: the exit, and the printed text. A log that names no test, as that of nextest,
/// stands beside a green report: it must not pass over what it says of a failure, and need not say more.
fn judge(case: &Case, named: bool) -> (Exit, String) {
    let out = tempfile::tempdir().expect("a directory");
    let beside = tempfile::tempdir().expect("a directory");
    let is_log = case.name.split('/').next().is_some_and(|writer| writer.ends_with("-text") || writer.ends_with("-spec"));
    let at = if named || !is_log || case.recorded.reports.is_empty() {
        case.at.clone()
    } else {
        for file in &case.recorded.reports {
            let target = beside.path().join(file);
            fs::create_dir_all(target.parent().expect("above")).expect("made");
            fs::copy(case.at.join(file), target).expect("copied");
        }
        fs::write(beside.path().join("junit.xml"), GREEN).expect("written");
        beside.path().to_owned()
    };
    let (at, out) = (at.display().to_string(), out.path().display().to_string());
    let arguments = ["verify", &at, "--root", &at, "--policy", "test-results", "--now", NOW, "--out", &out];
    let (exit, printed, said) = crate::support::gatekeeper(&arguments, &[]);
    (exit, printed + &said)
}

/// What the tool printed and what was read, where they differ.
fn miscounted(case: &Case, read: &TestTotals) -> Option<String> {
    let printed = |words: &[&str]| {
        words.iter().filter_map(|word| case.recorded.counts.get(*word)).copied().reduce(|sum, more| sum + more)
    };
    let rows = [
        ("passed", printed(&["passed"]), read.passed + read.flaky),
        ("failed", printed(&["failed", "errored", "errors", "error"]), read.failed + read.errored),
        ("skipped", printed(&["skipped", "todo", "xfailed", "pending", "disabled", "ignored"]), read.skipped),
    ];
    let wrong: Vec<String> = rows
        .into_iter()
        .filter_map(|(word, printed, read)| {
            let printed = printed?;
            (printed != read as u64).then(|| format!("{word}: printed {printed}, read {read}"))
        })
        .collect();
    (!wrong.is_empty()).then(|| wrong.join(", "))
}

struct Judged {
    name: String,
    exit: Exit,
    exit_code: i32,
    printed: String,
    miscounted: Option<String>,
    counted: bool,
}

impl Judged {
    fn agrees(&self) -> bool {
        (self.exit == Exit::Pass) == (self.exit_code == 0)
    }
}

#[test]
fn verdicts_are_the_exit_codes_of_the_tools() {
    let text = fs::read_to_string(home().join("exceptions.toml")).expect("the exceptions");
    let exceptions: Exceptions = toml::from_str(&text).unwrap_or_else(|error| panic!("exceptions.toml: {error}"));
    let cases = cases();
    let writers: BTreeSet<&str> = cases.iter().filter_map(|case| case.name.split('/').next()).collect();
    let judged: Vec<Judged> = cases
        .par_iter()
        .map(|case| {
            let totals = totals(case);
            let (exit, printed) = judge(case, totals.as_ref().is_some_and(|totals| totals.total > 0));
            let counted = totals.filter(|totals| totals.total > 0);
            let miscounted = counted.as_ref().and_then(|totals| miscounted(case, totals));
            let (name, exit_code) = (case.name.clone(), case.recorded.exit_code);
            Judged { name, exit, exit_code, printed, miscounted, counted: counted.is_some() }
        })
        .collect();
    let mut wrong = Vec::new();
    let mut rows = Vec::new();
    let mut sides = [("verdict", &exceptions.verdict, 0_usize), ("counts", &exceptions.counts, 0)];
    for (side, table, agreed) in &mut sides {
        let mut used: BTreeMap<(usize, &str), usize> = BTreeMap::new();
        let mut named: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
        for one in &judged {
            let differs = if *side == "verdict" {
                (!one.agrees())
                    .then(|| format!("exit code {} of the tool, {:?} of ours\n{}", one.exit_code, one.exit, one.printed))
            } else {
                one.miscounted.clone()
            };
            let exception = table.iter().enumerate().find_map(|(at, own)| Some((at, own.covers(&one.name)?)));
            match (differs, exception) {
                (None, _) => *agreed += 1,
                (Some(_), Some((at, pattern))) => {
                    *used.entry((at, pattern)).or_default() += 1;
                    named.entry(at).or_default().push(&one.name);
                }
                (Some(text), None) => wrong.push(format!("{side} of {}: {text}", one.name)),
            }
        }
        for (at, own) in table.iter().enumerate() {
            for pattern in own.cases.iter().filter(|pattern| !used.contains_key(&(at, pattern.as_str()))) {
                wrong.push(format!("{side}: the exception `{pattern}` is not needed"));
            }
            let named = named.remove(&at).unwrap_or_default();
            rows.push(vec![(*side).to_owned(), named.len().to_string(), own.why.clone(), named.join(", ")]);
        }
    }
    let [(_, _, verdicts), (_, _, counts)] = sides;
    let counted = judged.iter().filter(|one| one.counted).count();
    let uncounted = judged.len() - counted;
    // Past the harness, which keeps what a passing test prints to itself.
    let printed = writeln!(
        std::io::stderr(),
        "oracle: {verdicts} of {} verdicts agree with the exit code of the tool ({} writers); {} of {counted} counts with what it printed",
        judged.len(),
        writers.len(),
        counts - uncounted
    );
    printed.expect("standard error is open");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(judged.len() >= 1_400 && writers.len() >= 100, "{} cases of {} writers", judged.len(), writers.len());
    let columns = ["side", "cases", "why they cannot agree", "which"].map(str::to_owned).to_vec();
    let about = format!(
        "Reports that real tools wrote, judged without configuration. {verdicts} of {} verdicts are the exit code of the tool (failing if and only if it is not 0), over {} writers: {}. Of {counted} reports that name tests, {} have the counts that the tool printed. Each exception is listed with its reason.",
        judged.len(),
        writers.len(),
        writers.iter().copied().collect::<Vec<_>>().join(", "),
        counts - uncounted
    );
    let by = "cargo test --test it oracle".to_owned();
    hold("oracle", &Table { title: "Verdicts against real tools".to_owned(), about, by, measured: None, columns, rows });
}

#[test]
fn recordings_say_what_was_run() {
    let cases = cases();
    let mut looked_at = 0;
    for Case { name, at, recorded } in &cases {
        let said = [&recorded.tool, &recorded.version, &recorded.command];
        assert!(said.iter().all(|text| !text.trim().is_empty()), "{name}");
        for file in &recorded.reports {
            assert!(at.join(file).is_file(), "{name}: {file} is not there");
            looked_at += 1;
        }
        assert!(!recorded.printed.contains('\u{1b}') && recorded.edited.iter().all(|what| !what.is_empty()), "{name}");
    }
    assert!(looked_at >= 300);
}
