//! Files looked at alone, for `gatekeeper inspect` and `triage`: the same reading as in a judgement, without terms.

use super::budget::Budget;
use super::format::{BYTES, JSON, TEST_REPORT, for_extension};
use super::intake::{self, Wanted};
use super::locate::{Locator, without};
use crate::gate::{Format, Reading, StreamReader};
use crate::model::{
    Artifact, ArtifactPath, Base, Content, Contradiction, CoverageTotals, Digest, Disagreement, Document, Fault, Gap,
    GapKind, Limits, MeasurementTotals, Node, Pointer, RelPath, Spot, TestTotals, Where, redact,
};
use crate::workspace::Workspace;

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Where it lies.
    pub path: ArtifactPath,
    /// The id of the format that it was read as.
    pub format: &'static str,
    /// SHA-256 of its bytes; `None` if they could not all be read.
    pub sha256: Option<Digest>,
    /// Bytes.
    pub size: u64,
    /// Why no gate could use it.
    pub gap: Option<Gap>,
    /// What stands at the top of it, if it is a document: each place with what stands there, in the order of the file.
    pub fields: Vec<(String, String)>,
    /// How many records it has, if it is a stream.
    pub records: Option<u64>,
    /// What the tests in it come to, if it is a test report.
    pub tests: Option<TestTotals>,
    /// How many measurements and samples it has, if it is a report of benchmarks.
    pub measurements: Option<MeasurementTotals>,
    /// How many lines and functions it tells of, if it is coverage.
    pub coverage: Option<CoverageTotals>,
    /// What went wrong with a benchmark, with the line or pointer.
    pub faults: Vec<String>,
    /// Why it is the report of a run that did not come to its end, with the line or pointer.
    pub cut_short: Vec<String>,
    /// Where it contradicts itself, with the line or pointer.
    pub contradictions: Vec<String>,
}

/// Looks at one file; without a format, as the one that its extension stands for, or as bytes.
pub fn inspect(
    workspace: &dyn Workspace,
    base: Base,
    path: &RelPath,
    format: Option<&'static Format>,
    limits: &Limits,
) -> Inspection {
    let asked = format.is_some();
    let format = format.or_else(|| for_extension(path.extension())).unwrap_or(&BYTES);
    let mut artifact = read(workspace, base, path, format, limits, false);
    let mut format = format.id;
    // The output of a test runner may be called anything.
    if !asked && matches!(artifact.content, Ok(Content::Text(_) | Content::Bytes)) {
        let report = read(workspace, base, path, &TEST_REPORT, limits, false);
        if matches!(&report.content, Ok(Content::Tests(tests)) if tests.cases().next().is_some()) {
            (artifact, format) = (report, TEST_REPORT.id);
        }
    }
    let Artifact { path, size, digest, content, .. } = artifact;
    let mut seen = Inspection {
        path,
        format,
        sha256: digest,
        size,
        gap: None,
        fields: Vec::new(),
        records: None,
        tests: None,
        measurements: None,
        coverage: None,
        faults: Vec::new(),
        cut_short: Vec::new(),
        contradictions: Vec::new(),
    };
    match content {
        Ok(Content::Records(records)) => seen.records = Some(records.count),
        Ok(Content::Tests(report)) => {
            let shown = |spot: &Spot| spot.within(&seen.path.shown);
            seen.cut_short = report.cut_short.iter().map(|one| format!("{}: {}", shown(&one.at), one.message)).collect();
            seen.contradictions = contradictions(&report.contradictions, &seen.path.shown);
            seen.tests = Some(report.totals());
        }
        Ok(Content::Measurements(report)) => {
            let told = |fault: &Fault| format!("{}: {}", fault.at.within(&seen.path.shown), fault.message);
            seen.faults = report.faults.iter().map(told).collect();
            seen.contradictions = contradictions(&report.contradictions, &seen.path.shown);
            seen.measurements = Some(report.totals());
        }
        Ok(Content::Coverage(report)) => {
            let told =
                |one: &Disagreement| format!("{}: {}, but {}", one.at.within(&seen.path.shown), one.items, one.stated);
            seen.contradictions = report.disagreements.iter().filter(|one| one.worse).map(told).collect();
            seen.coverage = Some(report.totals());
        }
        Ok(Content::Document(document)) => seen.fields = fields(&document),
        Ok(Content::Rust(_) | Content::Text(_) | Content::Bytes | Content::Listing(_)) => {}
        Err(gap) => seen.gap = Some(gap),
    }
    seen
}

/// Most places of a document that are told.
const FIELDS_MOST: usize = 60;

/// What stands at the top of a document and one level below objects there: values as they are, lists and objects by their size.
fn fields(document: &Document) -> Vec<(String, String)> {
    fn told(node: Node<'_>) -> String {
        match (node.items().count(), node.entries().count()) {
            (items, _) if node.is_list() => format!("a list of {items}"),
            (_, entries) if node.is_map() => format!("an object of {entries}"),
            _ => redact(&node.excerpt(120)).into_owned(),
        }
    }
    fn under(node: Node<'_>, at: &Pointer, deep: bool, all: &mut Vec<(String, String)>) {
        for (key, value) in node.entries() {
            let place = at.key(key);
            all.push((place.to_string(), told(value)));
            if deep && value.is_map() {
                under(value, &place, false, all);
            }
        }
    }
    let mut all = Vec::new();
    match document.root() {
        root if root.is_map() => under(root, &Pointer::root(), true, &mut all),
        root => all.push((String::new(), told(root))),
    }
    all.truncate(FIELDS_MOST);
    all
}

fn contradictions(all: &[Contradiction], shown: &str) -> Vec<String> {
    all.iter().map(|one| format!("{}: {}, but {}", one.at.within(shown), one.items, one.stated)).collect()
}

/// Reads one file as the format that its extension stands for, or as bytes, and keeps its content, the records of a stream too.
pub fn look(workspace: &dyn Workspace, base: Base, path: &RelPath, limits: &Limits) -> Artifact {
    read(workspace, base, path, for_extension(path.extension()).unwrap_or(&BYTES), limits, true)
}

/// Reads bytes that are at hand as one JSON document, as strictly as the format `json`; `at` says for messages where they are from.
///
/// # Errors
/// The gap of the bytes, with line and column.
pub fn json(bytes: &[u8], at: &Where) -> Result<Document, Gap> {
    let Reading::Whole(read) = JSON.reading else { unreachable!("JSON is read whole") };
    match read(bytes, at)? {
        Content::Document(document) => Ok(document),
        other => Err(Gap::new(GapKind::Invalid, at.clone(), "a JSON document", other.what())),
    }
}

/// Reads one file as this format, and keeps its content, the records of a stream too.
pub fn look_as(
    workspace: &dyn Workspace,
    base: Base,
    path: &RelPath,
    format: &'static Format,
    limits: &Limits,
) -> Artifact {
    read(workspace, base, path, format, limits, true)
}

/// The files that a declared path or pattern names: the path itself, whether or not it is there, else all that match.
///
/// # Errors
/// The gaps of a judgement: a name that no path can hold, a directory that cannot be listed, more files than the limit.
pub fn files(workspace: &dyn Workspace, base: Base, pattern: &str, limits: &Limits) -> Result<Vec<RelPath>, Vec<Gap>> {
    Locator::new(workspace, limits).files(base, pattern, false)
}

/// The files below a base that hold test results, whatever they are called, each read as what it is; those that cannot be read
/// are among them, with their gap. Files of other kinds are only counted. The same search as that of a gate for the format
/// `test-report`.
///
/// # Errors
/// As [`files`].
pub fn test_reports(
    workspace: &dyn Workspace,
    base: Base,
    limits: &Limits,
    exclude: &[RelPath],
) -> Result<(Vec<Artifact>, usize), Vec<Gap>> {
    let files = without(Locator::new(workspace, limits).sifted(base, "**/*")?, exclude);
    let read = files.iter().map(|path| read(workspace, base, path, &TEST_REPORT, limits, false));
    let (reports, others): (Vec<Artifact>, Vec<Artifact>) =
        read.partition(|artifact| !matches!(artifact.content, Ok(Content::Bytes)));
    Ok((reports, others.len()))
}

fn read(
    workspace: &dyn Workspace,
    base: Base,
    path: &RelPath,
    format: &'static Format,
    limits: &Limits,
    keep: bool,
) -> Artifact {
    let place = intake::place(workspace, base, path);
    let budget = Budget::new(workspace, limits);
    let stream = StreamReader { keep, ..StreamReader::default() };
    intake::read_one(workspace, &place, Wanted { format, stream }, &budget)
}
