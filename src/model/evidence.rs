//! What was collected: artifacts, and the gaps where an artifact should have been.

use super::age::Instant;
use super::coverage::CoverageReport;
use super::digest::Digest;
use super::document::Document;
use super::finding::Finding;
use super::id::{EvidenceId, GateId};
use super::location::{ArtifactPath, RelPath, Where};
use super::measurement::MeasurementReport;
use super::rust_source::RustSource;
use super::test_report::TestReport;
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Why evidence is not admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GapKind {
    /// There is no such file.
    Missing,
    /// It is there and cannot be read, or is no regular file below its base.
    Unreadable,
    /// Its bytes are not a sound document of its format.
    Malformed,
    /// It is another kind of document: wrong schema id or shape.
    Invalid,
    /// It is older than the gate allows, or from the future.
    Stale,
    /// It belongs to another commit or another run.
    Unbound,
    /// It is larger than the policy allows.
    OverLimit,
    /// It was read, and there was nothing in it to examine.
    Empty,
    /// It was read, and tells too little to say yes or no: too few samples, or too noisy ones.
    Undecided,
}

impl GapKind {
    /// Every kind, in the order of [`GapKind`].
    pub const ALL: [GapKind; 9] = [
        GapKind::Missing,
        GapKind::Unreadable,
        GapKind::Malformed,
        GapKind::Invalid,
        GapKind::Stale,
        GapKind::Unbound,
        GapKind::OverLimit,
        GapKind::Empty,
        GapKind::Undecided,
    ];

    /// The word in the verdict's `reason` and in finding kinds.
    pub const fn word(self) -> &'static str {
        match self {
            GapKind::Missing => "missing",
            GapKind::Unreadable => "unreadable",
            GapKind::Malformed => "malformed",
            GapKind::Invalid => "invalid",
            GapKind::Stale => "stale",
            GapKind::Unbound => "unbound",
            GapKind::OverLimit => "over-limit",
            GapKind::Empty => "empty",
            GapKind::Undecided => "undecided",
        }
    }

    /// What it means and what to do, for `explain` and the docs.
    pub const fn about(self) -> &'static str {
        match self {
            GapKind::Missing => {
                "There is no such file. Run what produces it (the gate's reproduce command), or restore it."
            }
            GapKind::Unreadable => {
                "It is there and cannot be read, or is no regular file below its base: a link out, a pipe, a device."
            }
            GapKind::Malformed => {
                "Its bytes are not a sound document: cut off, a key twice, trailing data, not UTF-8. Produce it again."
            }
            GapKind::Invalid => {
                "It is another kind of document than the gate reads: its schema id, shape or timestamp field is not right."
            }
            GapKind::Stale => "It is older than the gate allows, or its timestamp lies in the future. Produce it again.",
            GapKind::Unbound => {
                "It belongs to another commit or another run than the one under judgement. Produce it for this one."
            }
            GapKind::OverLimit => {
                "It is larger than the policy's limits allow. Make it smaller, or raise the limit in the policy."
            }
            GapKind::Empty => "It was read and there was nothing in it to examine. Nothing examined is never a pass.",
            GapKind::Undecided => {
                "It was read and tells too little to say yes or no: too few samples, or too noisy ones. Measure again, and more."
            }
        }
    }
}

/// One reason why evidence could not be judged.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Gap {
    /// The class of reason.
    pub kind: GapKind,
    /// What the gate asked for.
    pub expected: String,
    /// What was there instead.
    pub actual: String,
    /// The whole in one sentence, where whoever met it knows a better one than expected and found.
    pub message: Option<String>,
    /// The artifact, and the field or line when one is to blame.
    pub at: Where,
}

impl Gap {
    /// A gap at a place.
    pub fn new(kind: GapKind, at: Where, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        Self { kind, at, expected: expected.into(), actual: actual.into(), message: None }
    }

    /// The gap, told in this sentence.
    #[must_use]
    pub fn saying(self, message: impl Into<String>) -> Self {
        Self { message: Some(message.into()), ..self }
    }

    /// The finding that tells of it; its kind is the gap's word.
    pub fn finding(&self) -> Finding {
        self.finding_of(self.kind.word())
    }

    /// The same, where a check has its own word for it.
    pub fn finding_of(&self, kind: &'static str) -> Finding {
        let finding = Finding::new(kind, &*self.expected, &*self.actual).at(self.at.clone());
        finding.saying(self.sentence())
    }

    /// What people read. The place is named: it is what somebody has to look at.
    pub fn sentence(&self) -> String {
        if let Some(message) = &self.message {
            return message.clone();
        }
        let Self { expected, actual, .. } = self;
        let subject = self.at.subject();
        let because = match &**actual {
            "nothing" | "none" | "nothing to examine" => format!("; needed: {expected}"),
            actual => format!(": {actual}; needed: {expected}"),
        };
        match self.kind {
            GapKind::Missing => format!("{subject} is missing{because}"),
            GapKind::Unreadable | GapKind::Malformed => format!("{subject} cannot be read{because}"),
            GapKind::Stale => format!("{subject} is out of date: {actual}; allowed: {expected}"),
            GapKind::Unbound => format!("{subject} is not of this commit and run{because}"),
            GapKind::OverLimit => format!("{subject} is too large: {actual}; allowed: {expected}"),
            GapKind::Empty => format!("{subject} leaves nothing to judge{because}"),
            GapKind::Undecided => format!("{subject} decides nothing{because}"),
            GapKind::Invalid => format!("{subject}{because}"),
        }
    }
}

impl From<TestReport> for Content {
    fn from(report: TestReport) -> Self {
        Content::Tests(Box::new(report))
    }
}

/// What an artifact holds, once parsed.
#[derive(Debug)]
pub enum Content {
    /// A tree: JSON, TOML.
    Document(Document),
    /// A stream of records, one a line.
    Records(Records),
    /// The results of a test run.
    Tests(Box<TestReport>),
    /// What benchmarks measured.
    Measurements(MeasurementReport),
    /// Which lines tests ran.
    Coverage(CoverageReport),
    /// What a Rust source file declares and names.
    Rust(RustSource),
    /// UTF-8 text.
    Text(Box<str>),
    /// Bytes that are only hashed and measured.
    Bytes,
    /// The names of files in a directory; the files themselves are not read.
    Listing(Vec<RelPath>),
}

impl Content {
    /// What it is, for gaps about content that is something else.
    pub const fn what(&self) -> &'static str {
        match self {
            Content::Document(_) => "a document",
            Content::Records(_) => "records",
            Content::Tests(_) => "a test report",
            Content::Measurements(_) => "measurements",
            Content::Coverage(_) => "coverage",
            Content::Rust(_) => "Rust source",
            Content::Text(_) => "text",
            Content::Bytes => "bytes",
            Content::Listing(_) => "a listing of names",
        }
    }

    /// The content as expressions and places see it: a tree, the kept records as one list, a report as its view shows it.
    pub fn document(&self) -> Option<&Document> {
        match self {
            Content::Document(document) => Some(document),
            Content::Records(records) => records.kept.as_ref(),
            Content::Tests(report) => Some(report.document()),
            Content::Measurements(report) => Some(report.document()),
            Content::Coverage(report) => Some(report.document()),
            Content::Rust(source) => Some(source.document()),
            Content::Text(_) | Content::Bytes | Content::Listing(_) => None,
        }
    }

    /// The same for those who look at nothing below the key [`Content::ITEMS`]: of a test report, that is a small part.
    pub fn summary(&self) -> Option<&Document> {
        if let Content::Tests(report) = self { Some(report.summary()) } else { self.document() }
    }

    /// The key of a view whose value is `null` in a [`Content::summary`].
    pub const ITEMS: &str = "cases";
}

/// A stream of records that was read once, line by line.
#[derive(Debug, Default)]
pub struct Records {
    /// How many records there were.
    pub count: u64,
    /// The records as one list, if a check asked for all of them at once (see `gate::Use::Whole`).
    pub kept: Option<Document>,
    /// What checks made of the stream while it passed, by gate and position of the check in its gate.
    pub folded: BTreeMap<(GateId, usize), Box<dyn Any + Send + Sync>>,
}

/// How an artifact stands in git: its bytes in the commit under judgement, in the index and in the work tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Committed {
    /// The same bytes in all three.
    Same,
    /// Not the same; the phrase says where it differs ("the index differs from commit 1a2b3c4").
    Differs(String),
    /// There is no repository, or it cannot be read; the phrase says why.
    Unknown(String),
}

/// One file that was located.
#[derive(Debug)]
pub struct Artifact {
    /// Where it lies.
    pub path: ArtifactPath,
    /// Bytes read; 0 if none were.
    pub size: u64,
    /// Of the very bytes that were parsed; `None` if they could not all be read.
    pub digest: Option<Digest>,
    /// The parsed bytes, or why there is nothing to look at.
    pub content: Result<Content, Gap>,
    /// Filled when a check asked for `gate::Use::Committed`.
    pub committed: Option<Committed>,
}

impl Artifact {
    /// A test report whose tests of one name are attempts at one; `None` if it is no test report.
    pub fn with_attempts(&self) -> Option<Self> {
        let Ok(Content::Tests(report)) = &self.content else { return None };
        let (path, committed) = (self.path.clone(), self.committed.clone());
        let content = Ok(report.with_attempts().into());
        Some(Self { path, content, committed, ..*self })
    }
}

/// What one evidence need of one gate found.
#[derive(Debug)]
pub struct Evidence {
    /// The need's id.
    pub id: EvidenceId,
    /// Whether the need may match several files, so that expressions see a list.
    pub many: bool,
    /// The files, in path order.
    pub artifacts: Vec<Arc<Artifact>>,
    /// Why the evidence is not admitted; empty when it is.
    pub gaps: Vec<Gap>,
    /// The need is optional and no file is there: not a gap, and not evidence either. The phrase names what was looked for.
    pub absent: Option<String>,
    /// When the oldest of the files says it was made, where the need asks.
    pub made: Option<Instant>,
}
