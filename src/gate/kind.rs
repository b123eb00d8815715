//! The contracts of plug-ins: a check kind and an evidence format are one file and one line in their registry each.

use super::check::{Check, Fold};
use super::place::Step;
use crate::definition::Keys;
use crate::model::{Content, Digest, Document, Gap, GapKind, GateId, Limits, Pointer, TestReport, Where};
use std::io::Read;

/// A kind of check.
pub struct CheckKind {
    /// Its name in `kind = "..."`: kebab-case, readable in "this gate requires ...".
    pub id: &'static str,
    /// The fact it asserts, in one line.
    pub about: &'static str,
    /// Its docs page: the `//!` header of its file.
    pub docs: &'static str,
    /// Reads the check from its table. Keys that every check has (`kind`, `expect`, `finding`, `next`) are already read.
    pub parse: fn(&mut Keys<'_>) -> Option<Box<dyn Check>>,
}

impl CheckKind {
    /// Its docs page as Markdown.
    pub fn page(&self) -> String {
        page(self.docs)
    }
}

impl Format {
    /// Its docs page as Markdown.
    pub fn page(&self) -> String {
        page(self.docs)
    }
}

/// The `//!` header of a source file, as Markdown.
fn page(source: &str) -> String {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    lines.map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))).collect()
}

/// The bytes of one artifact, on their way to a format.
pub struct Input<'a> {
    /// The bytes; reading them also hashes and counts them.
    pub bytes: &'a mut (dyn Read + Send),
    /// The size of the file when it was opened.
    pub size: u64,
    /// Where they come from, for gaps.
    pub at: Where,
    /// Bounds.
    pub limits: &'a Limits,
}

/// What takes the records of a stream format.
#[derive(Default)]
pub struct StreamReader {
    /// The folds of checks, each with the gate and position it belongs to.
    pub folds: Vec<((GateId, usize), Box<dyn Fold>)>,
    /// Whether to keep the records as one list too.
    pub keep: bool,
}

/// How a format reads bytes.
pub enum Reading {
    /// All at once, below the size limit.
    Whole(fn(&[u8], &Where) -> Result<Content, Gap>),
    /// All at once, below the size limit, as what the content itself says that it is. `None`: it is nothing that the format
    /// knows, so a pattern that matches files of every kind passes it over.
    Sift(fn(&[u8], &Where) -> Result<Option<Content>, Gap>),
    /// All at once, below the size limit, as a test report.
    Tests(TestReader),
    /// Record by record, in constant memory.
    Stream(fn(Input<'_>, StreamReader) -> Result<Content, Gap>),
    /// Only hashed and measured, in constant memory.
    Opaque,
    /// Not opened: the names below a directory are the evidence.
    Names,
}

/// A reader of test reports, and what files of its format look like.
pub struct TestReader {
    /// How a file is recognised that nobody described.
    pub marks: Marks,
    /// The report, or the gap that says what is wrong with it. A report without a test is no error here.
    pub report: fn(&[u8], &Where) -> Result<TestReport, Gap>,
}

/// What tells that a file is of a format.
pub enum Marks {
    /// The name of its root element, without a prefix.
    Root(&'static [&'static str]),
    /// The name of its root element, and a text in the file: other files have that root too.
    RootWith(&'static str, &'static str),
    /// Something in the text of one JSON document.
    Json(fn(&str) -> bool),
    /// A line that only this format has.
    Line(fn(&str) -> bool),
}

impl TestReader {
    /// The report as evidence that was asked for by this format.
    ///
    /// # Errors
    /// As the reader says; also a gap when there is no test in the report, and nothing says why.
    pub fn content(&self, bytes: &[u8], at: &Where) -> Result<Content, Gap> {
        let report = (self.report)(bytes, at)?;
        if report.is_empty() {
            return Err(Gap::new(GapKind::Empty, at.clone(), "at least one test", "none"));
        }
        Ok(report.into())
    }
}

/// A format of evidence.
pub struct Format {
    /// Its name in `format = "..."`.
    pub id: &'static str,
    /// File extensions for which it is the default.
    pub extensions: &'static [&'static str],
    /// What it reads, in one line.
    pub about: &'static str,
    /// Its docs page: the `//!` header of its file.
    pub docs: &'static str,
    /// How it reads.
    pub reading: Reading,
}

/// One place where a document does not have its shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The value.
    pub at: Pointer,
    /// What is wrong with it.
    pub message: String,
}

/// A compiled JSON Schema.
pub trait Shape: Send + Sync {
    /// Everything in the document that does not fit, in document order, at most 100.
    fn violations(&self, document: &Document) -> Vec<Violation>;
    /// Of the schema as data: the same for the same schema, however its text is laid out.
    fn digest(&self) -> Digest;

    /// The fields that must be there where what holds them is there, as far as the schema says so outright.
    fn required(&self) -> Vec<Vec<Step>>;
}

/// Compiles the text of a JSON Schema; the error is a phrase. `$ref` to other files or hosts is refused.
pub type ParseShape = fn(&str) -> Result<std::sync::Arc<dyn Shape>, String>;

/// Every plug-in, as `pipeline` hands them to `load`, which may not import their rooms.
#[derive(Clone, Copy)]
pub struct Registry {
    /// Check kinds, by id.
    pub checks: &'static [&'static CheckKind],
    /// Evidence formats.
    pub formats: &'static [&'static Format],
    /// The JSON Schema compiler.
    pub shape: ParseShape,
}

impl Registry {
    /// The format for a file without `format`, by its extension.
    pub fn format_for(&self, extension: &str) -> Option<&'static Format> {
        self.formats.iter().copied().find(|format| format.extensions.contains(&extension))
    }
}

/// The digest of a set of names, for [`Reading::Names`]: of the sorted names, each followed by a newline.
pub fn digest_of_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Digest {
    let mut names: Vec<&str> = names.into_iter().collect();
    names.sort_unstable();
    Digest::of(names.iter().flat_map(|name| [name, "\n"]).collect::<String>().as_bytes())
}
