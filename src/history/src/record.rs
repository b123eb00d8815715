//! `record`: a verdict and the tests of its run become rows in the store.
//!
//! In: the file of a verdict, and perhaps the run that it judged. Out: one file for each table that has rows of it. The verdict is read as
//! `attest` and `incident` read it, so one that contradicts itself is refused; the reports are read as `flakes` reads them. A report that
//! the verdict names and that is another one today is refused too: it is not what was judged. What looks like a secret is hidden in every text.

use crate::batch::{self, Stamp};
use crate::fault::{Fault, Told};
use crate::file;
use crate::keep::{self, Keeping};
use crate::store::{Recorded, STORE_SCHEMA, Store, sound_project};
use crate::tables::TABLES;
use gatekeeper::model::{Base, CaseStatus, Content, Instant, Limits, RelPath, TestReport, redact};
use gatekeeper::report::history::{Key, Row, Test, cut, rows};
use gatekeeper::workspace::{Disk, Memory};
use gatekeeper::{incident, triage};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The name under which a verdict lies in a directory.
const VERDICT: &str = "full_suite_verdict.json";

/// Largest verdict that is read.
const VERDICT_MOST: u64 = 256 << 20;

/// Most tests of one run.
const TESTS_MOST: usize = 1_000_000;

/// What to record.
#[derive(Debug, Clone)]
pub struct Given {
    /// A verdict, or a directory with one.
    pub path: PathBuf,
    /// The run that was judged, for its tests.
    pub run: Option<PathBuf>,
    /// The repository in which it was judged.
    pub root: PathBuf,
    /// Whose it is.
    pub stamp: Stamp,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the store now, with so many rows.
    Added {
        /// The digest of the verdict.
        verdict: String,
        /// Rows, of tests too.
        rows: u64,
        /// Rows of tests.
        tests: u64,
    },
    /// It was in the store already.
    Known {
        /// The digest of the verdict.
        verdict: String,
    },
}

/// Records one verdict.
///
/// # Errors
/// The verdict, the run or the store is not sound, or cannot be read or written.
pub fn record(store: &Store, given: &Given) -> Told<Outcome> {
    if !sound_project(&given.stamp.project) {
        let told = "a project is called by letters, digits, `-`, `_` and `.`, at most 100, and does not begin with a dot";
        return Err(Fault::Usage(format!("`{}` is no name of a project: {told}", given.stamp.project)));
    }
    let (path, run) = located(given)?;
    let bytes = sound(&path)?;
    let verdict = file::digest(&bytes);
    if let Some(known) = store.recorded(&verdict)? {
        return known_as(&known, &given.stamp, &path);
    }
    let mut all = rows(&bytes).map_err(|error| Fault::Damaged(format!("`{}` is no verdict: {error}", path.display())))?;
    if let Some(run) = run {
        let tests = tests(&all, &given.root, &run)?;
        all.extend(tests);
    }
    all.iter_mut().for_each(hidden);
    add(store, &verdict, &all, &given.stamp)
}

/// Keeps the evidence of a verdict that is recorded, so that its run can be judged again.
///
/// # Errors
/// There is no run, it is not what was judged, or the system refuses.
pub fn keep_evidence(store: &Store, given: &Given) -> Told<Keeping> {
    let (path, run) = located(given)?;
    let run = run.ok_or_else(|| Fault::Usage("`--keep-evidence` needs the run that was judged: `--run DIR`".to_owned()))?;
    let bytes = sound(&path)?;
    let all = rows(&bytes).map_err(|error| Fault::Damaged(format!("`{}` is no verdict: {error}", path.display())))?;
    keep::keep(store, &bytes, &all, &given.root, &run)
}

/// Puts the rows of a verdict into the store.
///
/// # Errors
/// A row fits no table, or the system refuses.
pub fn add(store: &Store, verdict: &str, all: &[Row], stamp: &Stamp) -> Told<Outcome> {
    let month = all.iter().find_map(|row| if let Row::Runs(run) = row { run.key.judged_at.get(..7) } else { None });
    let month = month.ok_or_else(|| Fault::Damaged("a verdict without an instant of its own".to_owned()))?;
    let mut tables: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in all {
        tables.entry(batch::table_of(row).name).or_default().push(row);
    }
    let mut files = Vec::new();
    for table in TABLES {
        let Some(own) = tables.get(table.name) else { continue };
        let (bytes, rows) = file::bytes(table, [batch::batch(table, own, stamp)])?;
        let partition = Store::partition(table.name, &stamp.project, month);
        files.push(store.put(table, &partition, &verdict[..32], &bytes, rows)?);
    }
    let (rows, tests) = (all.len() as u64, tables.get("tests").map_or(0, |tests| tests.len() as u64));
    let recorded = Recorded {
        schema: STORE_SCHEMA.to_owned(),
        verdict: verdict.to_owned(),
        project: stamp.project.clone(),
        month: month.to_owned(),
        files,
    };
    let text = serde_json::to_vec_pretty(&recorded).expect("text");
    if file::put_new(&store.recorded_at(verdict), &text)? {
        return Ok(Outcome::Added { verdict: verdict.to_owned(), rows, tests });
    }
    let known = store.recorded(verdict)?.ok_or_else(|| Fault::Internal(format!("the run {verdict} has gone")))?;
    known_as(&known, stamp, &store.recorded_at(verdict))
}

fn known_as(known: &Recorded, stamp: &Stamp, path: &Path) -> Told<Outcome> {
    if known.project == stamp.project {
        return Ok(Outcome::Known { verdict: known.verdict.clone() });
    }
    Err(Fault::Usage(format!(
        "`{}` is in the store already, as a run of the project `{}` and not of `{}`",
        path.display(),
        known.project,
        stamp.project
    )))
}

/// The verdict's file, and the run.
fn located(given: &Given) -> Told<(PathBuf, Option<PathBuf>)> {
    if !given.path.exists() {
        return Err(Fault::Usage(format!("`{}` is not there", given.path.display())));
    }
    if !given.path.is_dir() {
        return Ok((given.path.clone(), given.run.clone()));
    }
    let own = given.path.join(VERDICT);
    if !own.is_file() {
        return Err(Fault::Usage(format!(
            "`{}` holds no `{VERDICT}`; judge it with `gatekeeper verify {} --out DIR`, then record `DIR/{VERDICT}` with `--run {}`",
            given.path.display(),
            given.path.display(),
            given.path.display()
        )));
    }
    // A directory with a verdict in it is the run, unless another one is named.
    Ok((own, Some(given.run.clone().unwrap_or_else(|| given.path.clone()))))
}

/// The bytes of a verdict that does not contradict itself.
fn sound(path: &Path) -> Told<Vec<u8>> {
    let refused = |error: &std::io::Error| Fault::io("read", path, error);
    let size = std::fs::metadata(path).map_err(|error| refused(&error))?.len();
    if size > VERDICT_MOST {
        let told = format!("`{}` has {size} bytes; a verdict has at most {VERDICT_MOST}", path.display());
        return Err(Fault::Damaged(told));
    }
    let bytes = std::fs::read(path).map_err(|error| refused(&error))?;
    let name = RelPath::parse(VERDICT).expect("a sound path");
    let beside = Memory::at(Instant::UNIX_EPOCH).file(&format!("repo:{VERDICT}"), &bytes);
    incident::read(&beside, &name, &Limits::default()).map_err(|gap| {
        Fault::Damaged(format!("`{}`, at {}: expected {}; found {}", path.display(), gap.at, gap.expected, gap.actual))
    })?;
    Ok(bytes)
}

/// The tests of a run, as its reports tell of them.
fn tests(verdict: &[Row], root: &Path, run: &Path) -> Told<Vec<Row>> {
    let workspace = Disk::new(root, Some(run), None, None).map_err(Fault::Usage)?;
    if !run.is_dir() {
        return Err(Fault::Usage(format!("`{}` is no directory of a run", run.display())));
    }
    let (reports, gaps) = triage::test_reports(&workspace, &Limits::default());
    if let Some(gap) = gaps.first() {
        return Err(Fault::Damaged(format!("{}: expected {}; found {}", gap.at, gap.expected, gap.actual)));
    }
    let mut rows = Vec::new();
    let own = verdict.iter().find_map(|row| if let Row::Runs(run) = row { Some(run) } else { None });
    let own = own.expect("a verdict has a row of its own");
    // Tests ran on the commit that the run states, whatever is checked out where it is judged.
    let key = &Key { commit: own.run_commit.clone().or_else(|| own.key.commit.clone()), ..own.key.clone() };
    for artifact in &reports {
        let (Ok(Content::Tests(report)), Base::Run) = (&artifact.content, artifact.path.base) else { continue };
        let digest = artifact.digest.map(|digest| digest.to_string());
        if changed(verdict, &artifact.path.shown, artifact.path.rel.as_str(), digest.as_deref()) {
            let told = format!("`{}` is not the report that was judged: it was changed since", artifact.path.shown);
            return Err(Fault::Damaged(told));
        }
        rows_of(report, key, artifact.path.rel.as_str(), digest.as_deref(), &mut rows);
        if rows.len() > TESTS_MOST {
            return Err(Fault::Damaged(format!("the run tells of more than {TESTS_MOST} tests")));
        }
    }
    Ok(rows)
}

/// Whether the verdict names this report, and as another one. The run may lie elsewhere today, so the way to it is not compared.
fn changed(verdict: &[Row], shown: &str, below: &str, digest: Option<&str>) -> bool {
    let inner = format!("/{below}");
    let mut named = verdict.iter().filter_map(|row| match row {
        Row::Evidence(own) if own.path == shown || own.path == below || own.path.ends_with(&inner) => Some(own),
        _ => None,
    });
    let first = named.next();
    first.is_some() && !first.into_iter().chain(named).any(|own| own.sha256.as_deref() == digest)
}

fn rows_of(report: &TestReport, key: &Key, path: &str, sha256: Option<&str>, rows: &mut Vec<Row>) {
    let place = path.rsplit_once('/').map_or("", |(directory, _)| directory);
    let ids = report.ids();
    for (at, (suite, case)) in report.cases().enumerate() {
        rows.push(Row::Tests(Test {
            key: key.clone(),
            place: cut(place),
            report: cut(path),
            report_sha256: sha256.map(str::to_owned),
            test: cut(&ids.stem(0, at, suite, case)),
            file: case.file.as_deref().map(cut),
            status: case.status().word().to_owned(),
            attempts: case.attempts.len() as u64,
            cached: suite.cached,
            seconds: case.seconds().filter(|seconds| seconds.is_finite()),
            message: if case.status() == CaseStatus::Passed { None } else { case.message().map(cut) },
        }));
    }
}

/// Hides what looks like a secret in every text that evidence or people could have put into a row. Digests and words of ours stay.
fn hidden(row: &mut Row) {
    let hide = |text: &mut String| {
        if let std::borrow::Cow::Owned(hidden) = redact(text) {
            *text = hidden;
        }
    };
    let maybe = |text: &mut Option<String>| text.iter_mut().for_each(hide);
    match row {
        Row::Runs(own) => {
            [&mut own.reason, &mut own.tool].into_iter().for_each(hide);
            [&mut own.run_path, &mut own.run_id].into_iter().for_each(maybe);
        }
        Row::Gates(own) => {
            [&mut own.title, &mut own.owner, &mut own.bead, &mut own.detail].into_iter().for_each(hide);
        }
        Row::Findings(own) => {
            [&mut own.kind, &mut own.expected, &mut own.actual].into_iter().for_each(hide);
            [&mut own.message, &mut own.path, &mut own.pointer].into_iter().for_each(maybe);
        }
        Row::Measures(own) => [&mut own.what, &mut own.unit].into_iter().for_each(hide),
        Row::Tests(own) => {
            [&mut own.place, &mut own.report, &mut own.test].into_iter().for_each(hide);
            [&mut own.file, &mut own.message].into_iter().for_each(maybe);
        }
        Row::Exceptions(own) => {
            hide(&mut own.name);
            [&mut own.owner, &mut own.bead, &mut own.category, &mut own.reason].into_iter().for_each(maybe);
        }
        Row::Evidence(own) => hide(&mut own.path),
    }
}
