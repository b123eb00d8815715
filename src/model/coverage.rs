//! Which lines and functions tests ran, in one model whatever tool wrote it down.
//!
//! Totals are counted from lines, never taken from what a report states about itself; several reports about one file are one:
//! a line is covered if any of them ran it.
//!
//! As a document:
//!
//! ```text
//! totals      {files, lines_total, lines_covered, functions_total, functions_covered}
//! files[]     {name, lines_total, lines_covered, functions_total, functions_covered}
//! contradictions[] {items, stated}
//! ```

use super::document::{Document, Value};
use super::test_report::{Contradiction, Spot};
use super::test_view::{contradictions, counted, map};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// How many there are of something, and how many of them ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SourceCount {
    /// All.
    pub total: usize,
    /// Those that ran.
    pub covered: usize,
}

impl SourceCount {
    /// Counts what ran.
    pub fn of<'r>(ran: impl IntoIterator<Item = &'r bool>) -> Self {
        ran.into_iter().fold(Self::default(), |count, ran| count.plus(Self { total: 1, covered: usize::from(*ran) }))
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { total: self.total + other.total, covered: self.covered + other.covered }
    }

    /// The share that ran, of a hundred; `None` of nothing.
    pub fn percent(self) -> Option<f64> {
        (self.total > 0).then(|| 100.0 * self.covered as f64 / self.total as f64)
    }
}

/// What ran of one source file.
#[derive(Debug, Clone, PartialEq)]
pub struct CoveredFile {
    /// The file, as the report spells it, with forward slashes.
    pub name: Box<str>,
    /// Each line that could run, and whether it did.
    pub lines: BTreeMap<u32, bool>,
    /// Each function that could run, by its name, and whether it did.
    pub functions: BTreeMap<Box<str>, bool>,
    /// Where the report tells of it first.
    pub at: Spot,
}

impl CoveredFile {
    /// A file of which nothing is told yet.
    pub fn new(name: &str, at: Spot) -> Self {
        Self { name: name.replace('\\', "/").into(), lines: BTreeMap::new(), functions: BTreeMap::new(), at }
    }

    /// Takes in what another report tells about the same file.
    pub fn merge(&mut self, other: &CoveredFile) {
        for (line, ran) in &other.lines {
            *self.lines.entry(*line).or_default() |= ran;
        }
        for (function, ran) in &other.functions {
            *self.functions.entry(function.clone()).or_default() |= ran;
        }
    }
}

/// How much a report tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CoverageTotals {
    /// Files.
    pub files: usize,
    /// Lines that could run.
    pub lines: SourceCount,
    /// Functions that could run.
    pub functions: SourceCount,
}

impl CoverageTotals {
    /// Counts these files.
    pub fn of<'f>(files: impl IntoIterator<Item = &'f CoveredFile>) -> Self {
        files.into_iter().fold(Self::default(), |totals, file| Self {
            files: totals.files + 1,
            lines: totals.lines.plus(SourceCount::of(file.lines.values())),
            functions: totals.functions.plus(SourceCount::of(file.functions.values())),
        })
    }

    /// The totals with their words, in the order of documents.
    pub const fn entries(&self) -> [(&'static str, usize); 5] {
        [
            ("files", self.files),
            ("lines_total", self.lines.total),
            ("lines_covered", self.lines.covered),
            ("functions_total", self.functions.total),
            ("functions_covered", self.functions.covered),
        ]
    }
}

/// Which lines tests ran.
#[derive(Debug, Default)]
pub struct CoverageReport {
    /// The source files, each once, by name.
    pub files: Vec<CoveredFile>,
    /// Where the report contradicts itself.
    pub contradictions: Vec<Contradiction>,
    view: OnceLock<Document>,
}

impl CoverageReport {
    /// Puts together what a reader found: what is told of one file in several places becomes one.
    pub fn assemble(found: Vec<CoveredFile>, contradictions: Vec<Contradiction>) -> Self {
        Self { files: merged(&found), contradictions, view: OnceLock::new() }
    }

    /// The totals, counted from lines.
    pub fn totals(&self) -> CoverageTotals {
        CoverageTotals::of(&self.files)
    }

    /// The report as a document, for expressions; built when it is first asked for.
    pub fn document(&self) -> &Document {
        self.view.get_or_init(|| {
            let file = |file: &CoveredFile| {
                let totals = CoverageTotals::of([file]).entries().into_iter().skip(1).map(counted);
                map(std::iter::once(("name", Value::from(&*file.name))).chain(totals).collect())
            };
            Document::new(map(vec![
                ("totals", map(self.totals().entries().into_iter().map(counted).collect())),
                ("files", Value::List(self.files.iter().map(file).collect())),
                ("contradictions", contradictions(&self.contradictions)),
            ]))
        })
    }
}

/// Files of one name become one, in the order of their names.
fn merged<'f>(files: impl IntoIterator<Item = &'f CoveredFile>) -> Vec<CoveredFile> {
    let mut merged: BTreeMap<&str, CoveredFile> = BTreeMap::new();
    for file in files {
        match merged.get_mut(&*file.name) {
            Some(own) => own.merge(file),
            None => drop(merged.insert(&file.name, file.clone())),
        }
    }
    merged.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, lines: &[(u32, bool)]) -> CoveredFile {
        let lines = lines.iter().copied().collect();
        CoveredFile { lines, functions: [("f".into(), true)].into(), ..CoveredFile::new(name, Spot::Line(1)) }
    }

    #[test]
    fn a_line_is_covered_if_any_report_ran_it() {
        let found =
            vec![file("b\\c.rs", &[(1, false), (2, true)]), file("a.rs", &[]), file("b/c.rs", &[(1, true), (3, false)])];
        let report = CoverageReport::assemble(found, Vec::new());
        assert_eq!(report.totals().entries().map(|(_, count)| count), [2, 3, 2, 2, 2]);
        let files = report.document().root().get("files").map(|node| node.excerpt(400)).unwrap_or_default();
        assert!(files.contains(
            r#"{"functions_covered": 1, "functions_total": 1, "lines_covered": 2, "lines_total": 3, "name": "b/c.rs"}"#
        ));
        assert_eq!(report.totals().lines.percent().map(f64::round), Some(67.0));
        assert_eq!(SourceCount::default().percent(), None);
    }
}
