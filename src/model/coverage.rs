//! Which lines, functions and branches tests ran, in one model whatever tool wrote it down.
//!
//! Totals are counted from lines, never taken from what a report states about itself; several reports about one file are one:
//! a line is covered if any of them ran it.
//!
//! As a document:
//!
//! ```text
//! totals      {files, lines_total, lines_covered, functions_total, functions_covered, branches_total, branches_covered}
//! files[]     {name, lines_total, lines_covered, functions_total, functions_covered, branches_total, branches_covered}
//! disagreements[] {items, stated, worse}
//! ```

use super::document::{Document, Value};
use super::test_report::Spot;
use super::test_view::{counted, map};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
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

/// What is counted of a source file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CoverageMeasure {
    /// Lines that could run.
    Lines,
    /// Functions, methods and closures.
    Functions,
    /// The ways out of conditions.
    Branches,
}

impl CoverageMeasure {
    /// The word for definitions and messages.
    pub const fn word(self) -> &'static str {
        match self {
            CoverageMeasure::Lines => "lines",
            CoverageMeasure::Functions => "functions",
            CoverageMeasure::Branches => "branches",
        }
    }
}

impl fmt::Display for CoverageMeasure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
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
    /// Branches by their line and their name there. A format that only counts those of a line gives them together, without a name.
    pub branches: BTreeMap<(u32, Box<str>), SourceCount>,
    /// How the report counts where it counts otherwise than each item once: a line of two functions is two lines for some tools.
    pub stated: BTreeMap<CoverageMeasure, SourceCount>,
    /// Where the report tells of it first.
    pub at: Spot,
}

impl CoveredFile {
    /// A file of which nothing is told yet.
    pub fn new(name: &str, at: Spot) -> Self {
        let name = name.replace('\\', "/").into();
        let (lines, functions, branches) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { name, lines, functions, branches, stated: BTreeMap::new(), at }
    }

    /// How many there are and how many ran, each item once.
    pub fn count(&self, measure: CoverageMeasure) -> SourceCount {
        match measure {
            CoverageMeasure::Lines => SourceCount::of(self.lines.values()),
            CoverageMeasure::Functions => SourceCount::of(self.functions.values()),
            CoverageMeasure::Branches => self.branches.values().fold(SourceCount::default(), |count, own| count.plus(*own)),
        }
    }

    /// As the report counts.
    pub fn count_as_stated(&self, measure: CoverageMeasure) -> SourceCount {
        self.stated.get(&measure).copied().unwrap_or_else(|| self.count(measure))
    }

    /// Takes in branches of a line: what one of the tellers saw taken is taken.
    pub fn branch(&mut self, line: u32, name: &str, own: SourceCount) {
        let known = self.branches.entry((line, name.into())).or_default();
        *known = SourceCount { total: known.total.max(own.total), covered: known.covered.max(own.covered) };
    }

    /// Takes in what is told about the same file elsewhere in a report.
    pub fn merge(&mut self, other: &CoveredFile) {
        let counted: BTreeSet<CoverageMeasure> = self.stated.keys().chain(other.stated.keys()).copied().collect();
        for measure in counted {
            let both = self.count_as_stated(measure).plus(other.count_as_stated(measure));
            self.stated.insert(measure, both);
        }
        for (line, ran) in &other.lines {
            *self.lines.entry(*line).or_default() |= ran;
        }
        for (function, ran) in &other.functions {
            *self.functions.entry(function.clone()).or_default() |= ran;
        }
        for ((line, name), own) in &other.branches {
            self.branch(*line, name, *own);
        }
    }
}

/// A statement of a report about itself that its own items do not come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// What is counted.
    pub measure: CoverageMeasure,
    /// What the items come to.
    pub items: String,
    /// What the report states.
    pub stated: String,
    /// Where it states that.
    pub at: Spot,
    /// Whether it states less coverage than its items show. What is stated nicer, or counted another way, is only worth a note.
    pub worse: bool,
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
    /// Branches that could be taken.
    pub branches: SourceCount,
}

impl CoverageTotals {
    /// Counts these files.
    pub fn of<'f>(files: impl IntoIterator<Item = &'f CoveredFile>) -> Self {
        files.into_iter().fold(Self::default(), |totals, file| Self {
            files: totals.files + 1,
            lines: totals.lines.plus(file.count(CoverageMeasure::Lines)),
            functions: totals.functions.plus(file.count(CoverageMeasure::Functions)),
            branches: totals.branches.plus(file.count(CoverageMeasure::Branches)),
        })
    }

    /// The totals with their words, in the order of documents.
    pub const fn entries(&self) -> [(&'static str, usize); 7] {
        [
            ("files", self.files),
            ("lines_total", self.lines.total),
            ("lines_covered", self.lines.covered),
            ("functions_total", self.functions.total),
            ("functions_covered", self.functions.covered),
            ("branches_total", self.branches.total),
            ("branches_covered", self.branches.covered),
        ]
    }
}

/// Which lines tests ran.
#[derive(Debug, Default)]
pub struct CoverageReport {
    /// The source files, each once, by name.
    pub files: Vec<CoveredFile>,
    /// Where the report states about itself what its items do not come to.
    pub disagreements: Vec<Disagreement>,
    /// What the report counts beyond what it tells of: Istanbul's branches on lines without a statement. It belongs to no file, only to the total.
    pub elsewhere: BTreeMap<CoverageMeasure, SourceCount>,
    view: OnceLock<Document>,
}

impl CoverageReport {
    /// Puts together what a reader found: what is told of one file in several places becomes one.
    pub fn assemble(found: Vec<CoveredFile>, disagreements: Vec<Disagreement>) -> Self {
        Self { files: merged(&found), disagreements, elsewhere: BTreeMap::new(), view: OnceLock::new() }
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
            let disagreement = |one: &Disagreement| {
                let texts = [("items", &one.items), ("stated", &one.stated)];
                let texts = texts.into_iter().map(|(key, text)| (key, Value::from(text.as_str())));
                map(texts.chain([("worse", Value::Bool(one.worse))]).collect())
            };
            Document::new(map(vec![
                ("totals", map(self.totals().entries().into_iter().map(counted).collect())),
                ("files", Value::List(self.files.iter().map(file).collect())),
                ("disagreements", Value::List(self.disagreements.iter().map(disagreement).collect())),
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
        let lines: BTreeMap<u32, bool> = lines.iter().copied().collect();
        let lines_ran = SourceCount::of(lines.values()).covered;
        let mut file =
            CoveredFile { lines, functions: [("f".into(), true)].into(), ..CoveredFile::new(name, Spot::Line(1)) };
        file.branch(1, "", SourceCount { total: 2, covered: lines_ran });
        file
    }

    #[test]
    fn a_line_is_covered_if_any_report_ran_it() {
        let found =
            vec![file("b\\c.rs", &[(1, false), (2, true)]), file("a.rs", &[]), file("b/c.rs", &[(1, true), (3, false)])];
        let report = CoverageReport::assemble(found, Vec::new());
        assert_eq!(report.totals().entries().map(|(_, count)| count), [2, 3, 2, 2, 2, 4, 1]);
        let files = report.document().root().get("files").map(|node| node.excerpt(400)).unwrap_or_default();
        assert!(files.contains(
            r#"{"branches_covered": 1, "branches_total": 2, "functions_covered": 1, "functions_total": 1, "lines_covered": 2, "lines_total": 3, "name": "b/c.rs"}"#
        ));
        assert_eq!(report.totals().lines.percent().map(f64::round), Some(67.0));
        assert_eq!(SourceCount::default().percent(), None);
    }
}
