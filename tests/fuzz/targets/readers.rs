//! Any bytes through every evidence format: content or a gap, the same each time, and every place that is told lies in the file.
//!
//! There is no choice of a format in the bytes: a new format is fuzzed as soon as it is registered, and a seed is a plain file.

use gatekeeper::collect::{FORMATS, look_as};
use gatekeeper::gate::Format;
use gatekeeper::model::{
    Artifact, Base, Content, Contradiction, CoverageTotals, Digest, Limits, Node, RelPath, Shape, Spot, TestReport,
    parse_instant,
};
use gatekeeper::workspace::Memory;

/// The file that is read.
pub const FILE: &str = "evidence";

/// A workspace whose run holds these bytes as [`FILE`].
pub fn workspace(bytes: &[u8]) -> Memory {
    Memory::at(parse_instant("2026-03-01T12:00:00Z").expect("an instant")).with_run("runs/1").file("run:evidence", bytes)
}

/// The file as this format reads it.
pub fn read(workspace: &Memory, format: &'static Format) -> Artifact {
    look_as(workspace, Base::Run, &RelPath::parse(FILE).expect("a path"), format, &Limits::default())
}

pub fn target(bytes: &[u8]) {
    let workspace = workspace(bytes);
    let file = File { bytes: bytes.len(), lines: lines(bytes) };
    for format in FORMATS {
        let artifact = read(&workspace, format);
        let again = read(&workspace, format);
        assert_eq!(format!("{artifact:?}"), format!("{again:?}"), "{}: not the same twice", format.id);
        file.judge(format.id, &artifact);
        if artifact.digest.is_some() {
            assert_eq!((artifact.size, artifact.digest), (bytes.len() as u64, Some(Digest::of(bytes))), "{}", format.id);
        }
    }
}

/// How many lines an editor shows; it may take a lone carriage return for a line break.
fn lines(bytes: &[u8]) -> u64 {
    let feeds = bytes.iter().filter(|byte| **byte == b'\n').count();
    let returns = bytes.windows(2).filter(|pair| pair[0] == b'\r' && pair[1] != b'\n').count();
    1 + (feeds + returns + usize::from(bytes.ends_with(b"\r"))) as u64
}

/// Whether a document holds no value but empty ones.
fn tells_nothing(node: Node<'_>) -> bool {
    match node.shape() {
        Shape::Null => true,
        Shape::List(_) => node.items().all(tells_nothing),
        Shape::Map(_) => node.entries().all(|(_, node)| tells_nothing(node)),
        Shape::Bool(_) | Shape::Number(_) | Shape::Text(_) => false,
    }
}

struct File {
    bytes: usize,
    lines: u64,
}

impl File {
    fn judge(&self, format: &str, artifact: &Artifact) {
        match &artifact.content {
            Err(gap) => {
                assert!(!gap.expected.is_empty() && !gap.actual.is_empty(), "{format}: a gap without words: {gap:?}");
                assert_eq!(gap.at.path, artifact.path.shown, "{format}");
                self.line(format, gap.at.line);
            }
            Ok(Content::Document(document)) => {
                let root = document.root();
                assert!(self.bytes > 0 || tells_nothing(root), "{format}: nothing was read as {root:?}");
            }
            Ok(Content::Records(records)) => {
                let kept = records.kept.as_ref().map_or(0, |kept| kept.root().items().len());
                assert_eq!(kept as u64, records.count, "{format}: records were lost");
                assert!(records.count <= self.lines, "{format}: {} records", records.count);
                assert!(records.count == 0 || self.bytes > 0, "{format}: a record of nothing");
            }
            Ok(Content::Tests(report)) => self.tests(format, report),
            Ok(Content::Measurements(report)) => {
                let totals = report.totals();
                assert!(totals.total <= self.bytes, "{format}: {totals:?}");
                let spots = report.measurements.iter().map(|one| &one.at).chain(report.faults.iter().map(|one| &one.at));
                spots.for_each(|spot| self.spot(format, spot));
                self.contradictions(format, &report.contradictions);
                assert!(!report.document().root().is_null(), "{format}");
            }
            Ok(Content::Coverage(report)) => {
                let CoverageTotals { files, lines, functions, branches } = report.totals();
                assert!(files <= self.bytes && lines.covered <= lines.total && functions.covered <= functions.total);
                assert!(branches.covered <= branches.total, "{format}: {branches:?}");
                report.files.iter().for_each(|file| self.spot(format, &file.at));
                for one in &report.disagreements {
                    assert!(!one.items.is_empty() && !one.stated.is_empty(), "{format}: {one:?}");
                    self.spot(format, &one.at);
                }
                assert!(!report.document().root().is_null(), "{format}");
            }
            // A byte that is no text is read as `\xff`, and half a pair of UTF-16 as a sign of three bytes.
            Ok(Content::Text(text)) => assert!(text.len() <= 4 * self.bytes, "{format}: the text grew"),
            Ok(Content::Rust(_) | Content::Bytes) => {}
            Ok(Content::Listing(_)) => panic!("{format}: a file was listed"),
        }
    }

    /// Nobody passes a test that no byte tells of, and what is told of stands somewhere.
    fn tests(&self, format: &str, report: &TestReport) {
        let totals = report.totals();
        assert!(totals.total <= self.bytes, "{format}: {totals:?}");
        // What errored outside of a test counts as errored, and is no case.
        let outside: usize = report.suites.iter().map(|suite| suite.errors.len()).sum();
        let counted = totals.passed + totals.failed + totals.errored + totals.skipped + totals.flaky;
        assert_eq!(counted, totals.total + outside, "{format}: {totals:?}");
        for (suite, case) in report.cases() {
            self.spot(format, &suite.at);
            self.spot(format, &case.at);
            assert!(!case.attempts.is_empty(), "{format}: a case without an attempt");
            let seconds = case.attempts.iter().filter_map(|attempt| attempt.seconds);
            seconds.for_each(|seconds| assert!(seconds.is_finite() && seconds >= 0.0, "{format}: {seconds} seconds"));
        }
        let remarks = report.cut_short.iter().chain(report.suites.iter().flat_map(|suite| &suite.errors));
        remarks.for_each(|remark| self.spot(format, &remark.at));
        self.contradictions(format, &report.contradictions);
        assert!(!report.document().root().is_null(), "{format}");
    }

    fn contradictions(&self, format: &str, all: &[Contradiction]) {
        for one in all {
            assert!(!one.items.is_empty() && !one.stated.is_empty(), "{format}: {one:?}");
            self.spot(format, &one.at);
        }
    }

    fn spot(&self, format: &str, spot: &Spot) {
        match spot {
            Spot::Line(line) => self.line(format, Some(*line)),
            Spot::Value(_) => {}
        }
    }

    fn line(&self, format: &str, line: Option<u64>) {
        assert!(line.is_none_or(|line| 1 <= line && line <= self.lines), "{format}: line {line:?} of {}", self.lines);
    }
}
