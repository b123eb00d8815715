//! `lcov`: coverage as lcov, llvm-cov, coverage.py and others write it (`.info` tracefiles).
//!
//! `SF` begins a source file and `end_of_record` ends it. `DA` tells how often a line ran and `FN` with `FNDA`, or `FNL` with `FNA`, how often a function did; totals are counted from these. `LF`, `LH`,
//! `FNF` and `FNH` state totals, and where they are not what the file's own items come to, the report contradicts itself. Branches (`BRDA`), conditions
//! (`MCDC`) and `TN`, `VER` decide nothing. A record of an unknown kind, an item outside a source file and a count that is no number are malformed; a
//! report without a single line that could run is empty.

use super::{malformed, plain_utf8};
use crate::gate::{Format, Reading};
use crate::model::{Content, Contradiction, CoverageReport, CoveredFile, Gap, GapKind, SourceCount, Spot, Where};
use std::collections::BTreeSet;

/// The format.
pub(super) static LCOV: Format = Format {
    id: "lcov",
    extensions: &["info", "lcov"],
    about: "coverage as an lcov tracefile",
    docs: include_str!("lcov.rs"),
    reading: Reading::Whole(read),
};

/// Most source lines of one report.
const LINES_MOST: usize = 5_000_000;

/// The report as content.
///
/// # Errors
/// A gap when it tells of no line.
pub(super) fn admit(report: CoverageReport, at: &Where) -> Result<Content, Gap> {
    let lines = report.totals().lines.total;
    if lines == 0 {
        return Err(Gap::new(GapKind::Empty, at.clone(), "at least one line that could run", "none"));
    }
    if lines > LINES_MOST {
        return Err(Gap::new(GapKind::OverLimit, at.clone(), format!("at most {LINES_MOST} lines in one report"), "more"));
    }
    Ok(Content::Coverage(report))
}

/// One source file on its way.
struct Record<'t> {
    file: CoveredFile,
    /// What the record states about itself: keyword, number, line of the report.
    stated: Vec<(&'t str, usize, u64)>,
    /// The indices of `FNL`, to which `FNA` refers.
    indices: BTreeSet<&'t str>,
}

fn read(bytes: &[u8], at: &Where) -> Result<Content, Gap> {
    let text = plain_utf8(bytes, at)?;
    let (mut files, mut contradictions, mut open) = (Vec::new(), Vec::new(), None);
    for (number, line) in (1_u64..).zip(text.lines()) {
        let refuse = |expected: &str| {
            let actual = format!("`{}`", line.chars().take(80).collect::<String>());
            malformed(at, usize::try_from(number).ok(), expected, actual)
        };
        let line = line.trim();
        let (keyword, rest) = line.split_once(':').unwrap_or((line, ""));
        match (keyword, &mut open) {
            // What stands before a source file names the test; blank lines and comments tell nothing.
            ("" | "TN", _) => {}
            (comment, _) if comment.starts_with('#') => {}
            ("SF", None) if !rest.trim().is_empty() => {
                let file = CoveredFile::new(rest.trim(), Spot::Line(number));
                open = Some(Record { file, stated: Vec::new(), indices: BTreeSet::new() });
            }
            ("end_of_record", own @ Some(_)) => {
                if let Some(record) = own.take() {
                    contradictions.extend(contradicted(&record));
                    files.push(record.file);
                }
            }
            (keyword, Some(record)) => item(record, keyword, rest, number).map_err(refuse)?,
            (_, None) => return Err(refuse("a source file (`SF:`)")),
        }
    }
    if let Some(record) = open {
        let actual = format!("the report ends inside `{}`", record.file.name);
        return Err(malformed(at, None, "`end_of_record` behind the last source file", actual));
    }
    admit(CoverageReport::assemble(files, contradictions), at)
}

fn item<'t>(record: &mut Record<'t>, keyword: &'t str, rest: &'t str, number: u64) -> Result<(), &'static str> {
    match keyword {
        "DA" => {
            let expected = "`DA:<line>,<times it ran>`";
            let mut parts = rest.split(',');
            let line = parts.next().and_then(|line| line.parse::<u32>().ok()).filter(|line| *line > 0).ok_or(expected)?;
            let ran = parts.next().and_then(hits).ok_or(expected)?;
            *record.file.lines.entry(line).or_default() |= ran;
        }
        "FN" => {
            // `FN:<begin>,<name>`, and since lcov 2 also `FN:<begin>,<end>,<name>`.
            let expected = "`FN:<line>,<name>`";
            let (_, tail) = rest.split_once(',').filter(|(begin, _)| is_number(begin)).ok_or(expected)?;
            let name = tail.split_once(',').filter(|(end, _)| is_number(end)).map_or(tail, |(_, name)| name);
            if name.is_empty() {
                return Err(expected);
            }
            function(record, name, false);
        }
        "FNDA" => {
            let (count, name) = rest.split_once(',').ok_or("`FNDA:<times it ran>,<name>`")?;
            let ran = hits(count).ok_or("`FNDA:<times it ran>,<name>`")?;
            function(record, name, ran);
        }
        "FNL" => {
            let (index, _) = rest.split_once(',').ok_or("`FNL:<index>,<line>`")?;
            record.indices.insert(index);
        }
        "FNA" => {
            let expected = "`FNA:<index>,<times it ran>,<name>`, behind its `FNL`";
            let mut parts = rest.splitn(3, ',');
            parts.next().filter(|index| record.indices.contains(index)).ok_or(expected)?;
            let ran = parts.next().and_then(hits).ok_or(expected)?;
            let name = parts.next().filter(|name| !name.is_empty()).ok_or(expected)?;
            function(record, name, ran);
        }
        "LF" | "LH" | "FNF" | "FNH" => {
            let count = rest.trim().parse().map_err(|_| "a count")?;
            record.stated.push((keyword, count, number));
        }
        "BRDA" | "BRF" | "BRH" | "MCDC" | "MCF" | "MCH" | "VER" => {}
        _ => return Err("a record of an lcov tracefile"),
    }
    Ok(())
}

fn function(record: &mut Record<'_>, name: &str, ran: bool) {
    *record.file.functions.entry(name.into()).or_default() |= ran;
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a count says that something ran. Some tools write large counts with an exponent; a negative or endless one is none.
fn hits(text: &str) -> Option<bool> {
    let count = text.trim().parse::<f64>().ok().filter(|count| count.is_finite() && *count >= 0.0)?;
    Some(count > 0.0)
}

fn contradicted(record: &Record<'_>) -> Vec<Contradiction> {
    let lines = SourceCount::of(record.file.lines.values());
    let functions = SourceCount::of(record.file.functions.values());
    let counted = |keyword: &str| match keyword {
        "LF" => (lines.total, "lines"),
        "LH" => (lines.covered, "lines that ran"),
        "FNF" => (functions.total, "functions"),
        _ => (functions.covered, "functions that ran"),
    };
    let differing = record.stated.iter().filter(|(keyword, stated, _)| counted(keyword).0 != *stated);
    let told = |(keyword, stated, line): &(&str, usize, u64)| {
        let (count, what) = counted(keyword);
        let (items, stated) = (format!("{count} {what} of `{}`", record.file.name), format!("{keyword} = {stated}"));
        Contradiction { items, stated, at: Spot::Line(*line) }
    };
    differing.map(told).collect()
}

#[cfg(test)]
pub(super) mod testing {
    //! What the tests of readers share: coverage as short lines.

    use crate::gate::{Format, Reading};
    use crate::model::{Content, CoverageTotals, Where};

    /// `name lines/covered functions/covered` for each file, then contradictions; a gap as `kind place: actual`.
    pub(in crate::collect::format) fn told(format: &Format, text: &str) -> Vec<String> {
        let Reading::Whole(read) = &format.reading else { panic!("whole") };
        match read(text.as_bytes(), &Where::file("a")) {
            Ok(Content::Coverage(report)) => {
                let file = |file| {
                    let CoverageTotals { lines, functions, .. } = CoverageTotals::of([file]);
                    let counts = (lines.covered, lines.total, functions.covered, functions.total);
                    format!("{} {}/{} {}/{}", file.name, counts.0, counts.1, counts.2, counts.3)
                };
                let contradictions =
                    report.contradictions.iter().map(|one| format!("contradiction: {} | {}", one.items, one.stated));
                report.files.iter().map(file).chain(contradictions).collect()
            }
            Ok(other) => panic!("{other:?}"),
            Err(gap) => vec![format!("{} {}: {}", gap.kind.word(), gap.at, gap.actual)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LCOV;
    use super::testing::told;

    fn lcov(text: &str) -> Vec<String> {
        told(&LCOV, text)
    }

    #[test]
    fn lines_and_functions_are_counted() {
        let old = "TN:x\nSF:src\\a.c\nFN:1,f\nFNDA:2,f\nFN:5,9,g\nFNDA:0,g\nDA:1,2\nDA:2,0,hash\nDA:3,1e3\nBRDA:1,0,0,-\nLF:3\nLH:2\nFNF:2\nFNH:1\nend_of_record\n";
        let new =
            "SF:src/b.c\nFNL:0,7,9\nFNA:0,3,h<a, b>\nDA:7,1\nend_of_record\nSF:src/b.c\nDA:8,0\nDA:7,0\nend_of_record";
        assert_eq!(lcov(&format!("# tool\n{old}\n{new}")), ["src/a.c 2/3 1/2", "src/b.c 1/2 1/1"]);
    }

    #[test]
    fn totals_that_are_stated_must_be_so() {
        assert_eq!(
            lcov("SF:a.c\nDA:1,0\nLF:1\nLH:1\nFNF:1\nFNH:0\nend_of_record"),
            [
                "a.c 0/1 0/0",
                "contradiction: 0 lines that ran of `a.c` | LH = 1",
                "contradiction: 0 functions of `a.c` | FNF = 1"
            ]
        );
    }

    #[test]
    fn damage_is_malformed_and_nothing_is_empty() {
        assert_eq!(lcov(""), ["empty a: none"]);
        assert_eq!(lcov("SF:a.c\nend_of_record"), ["empty a: none"]);
        let cases = [
            ("SF:a.c\nDA:1,1", "malformed a: the report ends inside `a.c`"),
            ("DA:1,1", "malformed a:1: `DA:1,1`"),
            ("SF:a.c\nDA:0,1", "malformed a:2: `DA:0,1`"),
            ("SF:a.c\nDA:1,-1", "malformed a:2: "),
            ("SF:a.c\nDA:1,NaN", "malformed a:2: "),
            ("SF:a.c\nDA:1", "malformed a:2: "),
            ("SF:a.c\nFNA:0,1,f", "malformed a:2: "),
            ("SF:a.c\nFN:f", "malformed a:2: "),
            ("SF:a.c\nLF:x", "malformed a:2: "),
            ("SF:a.c\nSF:b.c", "malformed a:2: "),
            ("SF:a.c\nHELLO", "malformed a:2: "),
            ("end_of_record", "malformed a:1: "),
            ("<html>", "malformed a:1: "),
        ];
        let mut refused = 0;
        for (text, phrase) in cases {
            let told = lcov(text);
            assert!(told.len() == 1 && told[0].starts_with(phrase), "{told:?}");
            refused += 1;
        }
        assert_eq!(refused, 13);
    }
}
