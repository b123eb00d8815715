//! `lcov`: coverage as lcov, llvm-cov, Istanbul, coverage.py and others write it (`.info` tracefiles).
//!
//! `SF` begins a source file and `end_of_record` ends it. `DA` tells how often a line ran, `FN` with `FNDA`, or `FNL` with `FNA`, how often a function did, and `BRDA` how often a branch was taken;
//! what is told twice adds up: a line ran if one of its `DA` says so. Functions of one name on different lines are several. Totals are counted from these.
//! `LF`, `LH`, `FNF`, `FNH`, `BRF` and `BRH` state totals. They may count each item once or as often as it stands there. Where they count
//! more of both (gcovr counts a line once for each function on it), floors are held against the lower of the two shares. Any other total that is worse than what the items come to is a finding of
//! `coverage-floors`; one that is nicer is a note. Conditions (`MCDC`) and `TN`, `VER` decide nothing. A record of an unknown kind, an item outside a source file and a count that is no
//! number are malformed; a report without a single line that could run is empty.
//!
//! Encodings: UTF-8 with or without a byte order mark, or UTF-16 with one. Other bytes are malformed.

use super::lcov_record::Record;
use super::{decode, malformed};
use crate::gate::{Format, Reading};
use crate::model::{Content, CoverageReport, CoveredFile, Gap, GapKind, Spot, Where};
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

fn read(bytes: &[u8], at: &Where) -> Result<Content, Gap> {
    let text = decode::text(bytes, at)?;
    let (mut files, mut disagreements, mut open) = (Vec::new(), Vec::new(), None);
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
            // Some tools write what belongs to no file under no name.
            ("SF", None) if line.contains(':') => open = Some(Record::new(rest.trim(), Spot::Line(number))),
            ("end_of_record", own @ Some(_)) => {
                if let Some((file, differing)) = own.take().map(Record::finish) {
                    disagreements.extend(differing);
                    files.push(file);
                }
            }
            (keyword, Some(record)) => record.item(keyword, rest, number).map_err(refuse)?,
            (_, None) => return Err(refuse("a source file (`SF:`)")),
        }
    }
    if let Some(record) = open {
        let actual = format!("the report ends inside `{}`", record.name());
        return Err(malformed(at, None, "`end_of_record` behind the last source file", actual));
    }
    forget_parts(&mut files);
    admit(CoverageReport::assemble(files, disagreements), at)
}

/// The totals of a record say nothing about a file that several records, of several tests, tell of.
fn forget_parts(files: &mut [CoveredFile]) {
    let mut names = BTreeSet::new();
    let again: BTreeSet<Box<str>> =
        files.iter().filter(|file| !names.insert(&*file.name)).map(|file| file.name.clone()).collect();
    files.iter_mut().filter(|file| again.contains(&file.name)).for_each(|file| file.stated.clear());
}

#[cfg(test)]
pub(super) mod testing {
    //! What the tests of readers share: coverage as short lines.

    use crate::gate::{Format, Reading};
    use crate::model::{Content, CoverageTotals, SourceCount, Where};

    /// `name lines functions branches` for each file, each as `covered/total`, and how the report counts where it does otherwise; then disagreements; a gap as `kind place: actual`.
    pub(in crate::collect::format) fn told(format: &Format, text: &str) -> Vec<String> {
        let Reading::Whole(read) = &format.reading else { panic!("whole") };
        match read(text.as_bytes(), &Where::file("a")) {
            Ok(Content::Coverage(report)) => {
                let file = |file| {
                    let CoverageTotals { lines, functions, branches, .. } = CoverageTotals::of([file]);
                    let shown = |count: SourceCount| format!(" {}/{}", count.covered, count.total);
                    let branches = if branches.total == 0 { String::new() } else { shown(branches) };
                    let stated = file.stated.iter().map(|(measure, count)| format!(" {}{}", measure.word(), shown(*count)));
                    format!(
                        "{}{}{}{branches}{}",
                        file.name,
                        shown(lines),
                        shown(functions),
                        stated.collect::<Vec<_>>().concat()
                    )
                };
                let word = |worse| if worse { "worse" } else { "note" };
                let differing =
                    report.disagreements.iter().map(|one| format!("{}: {} | {}", word(one.worse), one.items, one.stated));
                report.files.iter().map(file).chain(differing).collect()
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
        assert_eq!(lcov(&format!("# tool\n{old}\n{new}")), ["src/a.c 2/3 1/2 0/1", "src/b.c 1/2 1/1"]);
    }

    #[test]
    fn what_is_worse_is_told_apart_from_what_is_nicer() {
        assert_eq!(
            lcov("SF:a.c\nFN:1,f\nFNDA:1,f\nDA:1,0\nLF:1\nLH:1\nFNF:1\nFNH:0\nend_of_record"),
            [
                "a.c 0/1 1/1 lines 1/1",
                "note: 0 lines that ran of `a.c` | LH = 1",
                "worse: 1 functions that ran of `a.c` | FNH = 0"
            ]
        );
        // A report that was cut: more lines are stated than there are, and fewer that ran.
        assert_eq!(
            lcov("SF:a.c\nDA:1,1\nLF:9\nLH:0\nend_of_record"),
            ["a.c 1/1 0/0", "worse: 1 lines of `a.c` | LF = 9", "worse: 1 lines that ran of `a.c` | LH = 0"]
        );
        // gcovr counts a line once for each function on it, and tells of it once.
        assert_eq!(
            lcov("SF:a.c\nDA:1,1\nDA:2,0\nLF:4\nLH:1\nend_of_record"),
            ["a.c 1/2 0/0 lines 1/4", "note: 2 lines of `a.c` | LF = 4"]
        );
    }

    #[test]
    fn what_is_told_twice_adds_up() {
        let twice = "SF:a.cs\nFN:1,f\nFN:1,f\nFNDA:0,f\nFNDA:1,f\nDA:1,0\nDA:1,2\nDA:2,0\nDA:2,0\nLF:4\nLH:1\nFNF:2\nFNH:1\nend_of_record";
        assert_eq!(lcov(twice), ["a.cs 1/2 1/1 lines 1/4 functions 1/2"]);
        let once = "SF:a.cs\nDA:1,0\nDA:1,2\nDA:2,0\nLF:2\nLH:1\nend_of_record";
        assert_eq!(lcov(once), ["a.cs 1/2 0/0"]);
        // Two tests of one file: neither total is that of both.
        let tests = "TN:x\nSF:a.c\nDA:1,1\nDA:2,0\nLF:4\nLH:1\nend_of_record\nTN:y\nSF:a.c\nDA:1,0\nDA:2,1\nLF:2\nLH:1\nend_of_record";
        assert_eq!(lcov(tests)[0], "a.c 2/2 0/0");
    }

    #[test]
    fn functions_of_one_name_are_several() {
        let two = "SF:a.js\nFN:1,get\nFN:9,get\nFNF:2\nFNH:1\nFNDA:0,get\nFNDA:4,get\nDA:1,1\nend_of_record";
        assert_eq!(lcov(two), ["a.js 1/1 1/2"]);
        assert_eq!(lcov("SF:a.js\nFN:1,get\nFN:9,get\nFNDA:4,get\nDA:1,1\nend_of_record"), ["a.js 1/1 1/2"]);
    }

    #[test]
    fn branches_are_counted() {
        let text = "SF:a.c\nDA:1,1\nBRDA:1,0,0,1\nBRDA:1,0,1,-\nBRDA:1,e2,x,y,0\nBRDA:?\nBRF:4\nBRH:1\nend_of_record";
        assert_eq!(lcov(text), ["a.c 1/1 0/0 1/4"]);
        assert_eq!(lcov("SF:a.c\nDA:1,1\nBRF:4\nBRH:4\nend_of_record"), ["a.c 1/1 0/0"]);
    }

    #[test]
    fn a_line_0_and_a_file_without_a_name_are_there() {
        assert_eq!(
            lcov("SF:\nDA:0,1\nDA:1,0\nLF:2\nLH:1\nend_of_record\nSF:a.c\nend_of_record"),
            [" 1/2 0/0", "a.c 0/0 0/0"]
        );
    }

    #[test]
    fn damage_is_malformed_and_nothing_is_empty() {
        assert_eq!(lcov(""), ["empty a: none"]);
        assert_eq!(lcov("SF:a.c\nend_of_record"), ["empty a: none"]);
        let cases = [
            ("SF:a.c\nDA:1,1", "malformed a: the report ends inside `a.c`"),
            ("DA:1,1", "malformed a:1: `DA:1,1`"),
            ("SF:a.c\nDA:-1,1", "malformed a:2: `DA:-1,1`"),
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
