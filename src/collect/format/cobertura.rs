//! `cobertura`: coverage as Cobertura XML, which coverage.py, gcovr, Istanbul (jest, nyc, vitest, c8), PHPUnit, coverlet and others write.
//!
//! The `line`s of each `class`, by the `filename` of the class, tell what ran; classes of one file are one file. The lines of methods count only in a class that has none of its own.
//! Functions are the `method`s: one ran if any of its lines did. Branches are those of `condition-coverage="50% (1/2)"`; where a line is told of twice, the higher count is taken.
//! Totals are counted from lines. `lines-valid`, `lines-covered`, `line-rate` and the same of branches, which the root states, may be sums over lines, over classes, or over the `line` elements
//! as they stand, and rates agree to the digits that they have (2 of 3 are `0.67`, `0.6666` or `66.7%`; `NaN` is the rate of nothing). A total that is worse than what the lines come to is a
//! finding of `coverage-floors`; one that is nicer, and a `line-rate` of a class that is any other, are notes.
//! Branches may be stated that no line tells of (Istanbul leaves out those on lines without a statement): they belong to the total alone, whose floor is held against the lower share. A document type is skipped
//! and never fetched; one with declarations of its own is malformed. A report without a single line that could run is empty.
//!
//! Encodings: UTF-8 with or without a byte order mark, UTF-16 with one, and US-ASCII, ISO-8859-1 and windows-1252 where the declaration names them. Another
//! encoding, one that the bytes contradict, and UTF-16 without a mark are malformed by name.

use super::cobertura_totals::{Rate, Stated, class_differs, settle};
use super::decode;
use super::lcov::admit;
use super::xml::{Attributes, Visitor, walk};
use crate::gate::{Format, Reading};
use crate::model::{Content, CoverageMeasure, CoverageReport, CoveredFile, Disagreement, Gap, SourceCount, Spot, Where};
use std::collections::BTreeSet;

/// The format.
pub(super) static COBERTURA: Format = Format {
    id: "cobertura",
    extensions: &[],
    about: "coverage as Cobertura XML",
    docs: include_str!("cobertura.rs"),
    reading: Reading::Whole(read),
};

fn read(bytes: &[u8], at: &Where) -> Result<Content, Gap> {
    let mut reader = Reader::default();
    walk(&decode::xml(bytes, at)?, at, "a sound Cobertura report", &mut reader)?;
    let Reader { mut files, mut disagreements, stated, .. } = reader;
    let settled = settle(&mut files, &stated);
    disagreements.extend(settled.disagreements);
    let mut report = CoverageReport::assemble(files, disagreements);
    report.elsewhere = settled.elsewhere;
    admit(report, at)
}

#[derive(Default)]
struct Reader {
    open: Vec<String>,
    /// The files as classes tell of them; `stated` of each holds its elements as they stand until totals are settled.
    files: Vec<CoveredFile>,
    stated: Stated,
    disagreements: Vec<Disagreement>,
    class: Option<Class>,
}

/// A `line` element: its number, whether it ran, its branches.
type Line = (u32, bool, Option<SourceCount>);

/// The open class.
struct Class {
    file: CoveredFile,
    name: String,
    rate: Option<(Rate, u64)>,
    own: Vec<Line>,
    of_methods: Vec<Line>,
    /// The methods so far, and the open one with its first line and whether a line of it ran.
    methods: BTreeSet<String>,
    method: Option<(String, Option<u32>, bool)>,
}

/// A count that an attribute gives.
fn number(attributes: &Attributes<'_>, name: &str) -> Result<Option<f64>, String> {
    let Some(text) = attributes.get(name) else { return Ok(None) };
    let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
    number.map(Some).ok_or_else(|| format!("`{name}` is no number, 0 or more"))
}

/// A rate that an attribute gives.
fn rate(attributes: &Attributes<'_>, name: &str) -> Result<Option<Rate>, String> {
    let Some(text) = attributes.get(name) else { return Ok(None) };
    Rate::parse(text).map(Some).ok_or_else(|| format!("`{name}` is no rate"))
}

/// The counts in `50% (1/2)`; a line may also say nothing of them.
fn branches(attributes: &Attributes<'_>) -> Result<Option<SourceCount>, String> {
    let Some(text) = attributes.get("condition-coverage") else { return Ok(None) };
    let Some((_, counts)) = text.split_once('(') else { return Ok(None) };
    let counts = counts.trim_end().trim_end_matches(')').split_once('/');
    let counts = counts.and_then(|(covered, total)| Some((covered.trim().parse().ok()?, total.trim().parse().ok()?)));
    match counts {
        Some((covered, total)) if covered <= total && total <= BRANCHES_MOST => Ok(Some(SourceCount { total, covered })),
        Some(_) | None => Err("`condition-coverage` counts no branches, as in `50% (1/2)`".to_owned()),
    }
}

/// Most branches of one line; far beyond what a compiler makes of one.
const BRANCHES_MOST: usize = 1_000_000;

impl Reader {
    fn line(&mut self, attributes: &Attributes<'_>) -> Result<(), String> {
        let line = attributes.get("number").and_then(|number| number.trim().parse::<u32>().ok());
        let line = line.ok_or("a line without its `number`")?;
        let ran = number(attributes, "hits")?.ok_or("a line without `hits`")? > 0.0;
        let class = self.class.as_mut().ok_or("a line outside a class")?;
        let row = (line, ran, branches(attributes)?);
        match &mut class.method {
            Some((_, first, any)) => {
                first.get_or_insert(line);
                *any |= ran;
                class.of_methods.push(row);
            }
            None => class.own.push(row),
        }
        Ok(())
    }

    fn class(&mut self, attributes: &Attributes<'_>, line: u64) -> Result<(), String> {
        if self.class.is_some() {
            return Err("a class inside a class".to_owned());
        }
        let file = attributes.get("filename").filter(|file| !file.trim().is_empty());
        let file = file.ok_or("a class without its `filename`")?;
        self.class = Some(Class {
            file: CoveredFile::new(file, Spot::Line(line)),
            name: attributes.get("name").unwrap_or_default().to_owned(),
            rate: rate(attributes, "line-rate")?.map(|rate| (rate, line)),
            own: Vec::new(),
            of_methods: Vec::new(),
            methods: BTreeSet::new(),
            method: None,
        });
        Ok(())
    }
}

impl Class {
    fn end_method(&mut self) {
        let Some((name, first, ran)) = self.method.take() else { return };
        let mut id = format!("{}.{name}", self.name);
        // Istanbul gives several functions of a file one name.
        if !self.methods.insert(id.clone()) {
            id = format!("{id}:{}", first.unwrap_or_default());
        }
        *self.file.functions.entry(id.into()).or_default() |= ran;
    }

    fn finish(mut self) -> (CoveredFile, Option<Disagreement>) {
        let methods = counted(&self.of_methods);
        // The lines of methods stand once more in the class; where a class has only methods, they are all there is.
        let lines = if self.own.is_empty() { &self.of_methods } else { &self.own };
        let elements = counted(lines);
        for (line, ran, branches) in lines {
            *self.file.lines.entry(*line).or_default() |= ran;
            if let Some(branches) = branches {
                self.file.branch(*line, "", *branches);
            }
        }
        let distinct = self.file.count(CoverageMeasure::Lines);
        let differs = self.rate.and_then(|(rate, line)| {
            class_differs(&self.file.name, &rate, &[distinct, elements.0, methods.0], Spot::Line(line))
        });
        self.file.stated = [(CoverageMeasure::Lines, elements.0), (CoverageMeasure::Branches, elements.1)].into();
        (self.file, differs)
    }
}

/// Lines and branches, each element once.
fn counted(lines: &[Line]) -> (SourceCount, SourceCount) {
    let branches = lines.iter().filter_map(|(.., branches)| *branches).fold(SourceCount::default(), SourceCount::plus);
    (SourceCount::of(lines.iter().map(|(_, ran, _)| ran)), branches)
}

impl Visitor for Reader {
    fn open(&mut self, name: &str, attributes: &Attributes<'_>, line: u64) -> Result<(), String> {
        let parent = self.open.last().map(String::as_str);
        match (name, parent) {
            ("coverage", None) => {
                for (measure, valid, covered, share) in [
                    (CoverageMeasure::Lines, "lines-valid", "lines-covered", "line-rate"),
                    (CoverageMeasure::Branches, "branches-valid", "branches-covered", "branch-rate"),
                ] {
                    let counts = [number(attributes, valid)?, number(attributes, covered)?];
                    self.stated.add(measure, [valid, covered, share], counts, rate(attributes, share)?);
                }
                self.stated.line = line;
            }
            (other, None) => return Err(format!("the root element `{}`", other.chars().take(40).collect::<String>())),
            ("class", Some(_)) => self.class(attributes, line)?,
            ("method", Some("methods")) => {
                let name = attributes.get("name").unwrap_or_default();
                let id = format!("{name}{}", attributes.get("signature").unwrap_or_default());
                if let Some(class) = &mut self.class {
                    class.method = Some((id, None, false));
                }
            }
            ("line", Some("lines")) => self.line(attributes)?,
            (_, Some(_)) => {}
        }
        self.open.push(name.to_owned());
        Ok(())
    }

    fn text(&mut self, _: &str) {}

    fn close(&mut self) -> Result<(), String> {
        match self.open.pop().as_deref() {
            Some("method") => self.class.iter_mut().for_each(Class::end_method),
            Some("class") => {
                if let Some((file, differs)) = self.class.take().map(Class::finish) {
                    self.files.push(file);
                    self.disagreements.extend(differs);
                }
            }
            Some(_) | None => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::lcov::testing::told;
    use super::COBERTURA;

    fn cobertura(root: &str, classes: &str) -> Vec<String> {
        let head = "<?xml version=\"1.0\"?>\n<!DOCTYPE coverage SYSTEM 'http://example.org/coverage-04.dtd'>\n";
        told(
            &COBERTURA,
            &format!(
                "{head}<coverage {root}><packages><package><classes>{classes}</classes></package></packages></coverage>"
            ),
        )
    }

    fn class(keys: &str, lines: &str) -> String {
        format!("<class filename='a.py' {keys}><methods/><lines>{lines}</lines></class>")
    }

    const TWO: &str = "<line number='1' hits='3'/><line number='2' hits='0'/>";

    #[test]
    fn lines_are_counted_once() {
        let method =
            |name: &str, line: &str| format!("<method name='{name}' signature='()'><lines>{line}</lines></method>");
        let methods = [method("f", "<line number='1' hits='3'/>"), method("g", "<line number='2' hits='0'/>")].concat();
        let with_methods = format!("<class filename='b.c'><methods>{methods}</methods><lines>{TWO}</lines></class>");
        let only_methods = format!("<class filename='c.c'><methods>{methods}</methods></class>");
        assert_eq!(
            cobertura(
                "lines-valid='6' lines-covered='3' line-rate='0.5'",
                &[class("", TWO), with_methods, only_methods].concat()
            ),
            ["a.py 1/2 0/0", "b.c 1/2 1/2", "c.c 1/2 1/2"]
        );
        let inner = class("", "<line number='2' hits='1'/><line number='9' hits='0'/>");
        assert_eq!(cobertura("", &[class("", TWO), inner].concat()), ["a.py 2/3 0/0"]);
    }

    #[test]
    fn what_is_worse_is_told_apart_from_what_is_nicer() {
        assert_eq!(
            cobertura("lines-valid='2' lines-covered='2' line-rate='0.9'", &class("line-rate='1'", TWO)),
            [
                "a.py 1/2 0/0",
                "note: 1 of 2 lines of `a.py` | line-rate = 1",
                "note: 1 lines that ran | lines-covered = 2",
                "note: 1 of 2 lines | line-rate = 0.9"
            ]
        );
        assert_eq!(
            cobertura("lines-valid='40' lines-covered='2' line-rate='0.05'", &class("line-rate='0'", TWO)),
            [
                "a.py 1/2 0/0",
                "note: 1 of 2 lines of `a.py` | line-rate = 0",
                "worse: 2 lines | lines-valid = 40",
                "worse: 1 lines that ran | lines-covered = 2",
                "worse: 1 of 2 lines | line-rate = 0.05"
            ]
        );
        assert_eq!(cobertura("line-rate='0.4'", &class("", TWO))[1..], ["worse: 1 of 2 lines | line-rate = 0.4"]);
        let empty = "<class filename='e.py' line-rate='1'><lines/></class>";
        assert_eq!(cobertura("", &[empty.to_owned(), class("", TWO)].concat()), ["a.py 1/2 0/0", "e.py 0/0 0/0"]);
    }

    /// Issues of two kinds of writers: rates of two digits, and lines that stand in two classes.
    #[test]
    fn ways_to_round_and_to_add_up_agree() {
        let three = "<line number='1' hits='3'/><line number='2' hits='1'/><line number='5' hits='0'/>";
        assert_eq!(
            cobertura("line-rate='0.67' lines-covered='2' lines-valid='3'", &class("line-rate='0.67'", three)),
            ["a.py 2/3 0/0"]
        );
        let outer =
            "<line number='1' hits='1'/><line number='2' hits='1'/><line number='3' hits='1'/><line number='4' hits='0'/>";
        let two = [class("line-rate='0.75'", outer), class("line-rate='1'", "<line number='3' hits='2'/>")].concat();
        assert_eq!(cobertura("line-rate='0.8' lines-covered='4' lines-valid='5'", &two), ["a.py 3/4 0/0 lines 4/5"]);
        assert_eq!(cobertura("line-rate='0.75' lines-covered='3' lines-valid='4'", &two), ["a.py 3/4 0/0"]);
        // gcovr: one class, a line of two functions.
        let twice = class("line-rate='0.5'", "<line number='1' hits='1'/><line number='1' hits='0'/>");
        assert_eq!(cobertura("line-rate='0.5' lines-covered='1' lines-valid='2'", &twice), ["a.py 1/1 0/0 lines 1/2"]);
    }

    /// Istanbul tells of a function's own line in its method alone.
    #[test]
    fn lines_of_methods_count_only_where_the_class_has_none() {
        let method = |line: u32, hits: u32| {
            format!("<method name='get' signature='()V'><lines><line number='{line}' hits='{hits}'/></lines></method>")
        };
        let lines = "<line number='2' hits='1'/><line number='3' hits='0'/>";
        let text = format!(
            "<class filename='a.js' line-rate='0.5'><methods>{}{}</methods><lines>{lines}</lines></class>",
            method(1, 4),
            method(7, 0)
        );
        assert_eq!(cobertura("line-rate='0.5' lines-covered='1' lines-valid='2'", &text), ["a.js 1/2 1/2"]);
    }

    #[test]
    fn branches_are_those_of_lines_and_what_is_stated_beyond_them() {
        let line = "<line number='1' hits='1' branch='true' condition-coverage='50% (1/2)'/><line number='0' hits='0'/>";
        let root = |valid: u32, covered: u32, rate: &str| {
            cobertura(
                &format!("branches-valid='{valid}' branches-covered='{covered}' branch-rate='{rate}'"),
                &class("", line),
            )
        };
        assert_eq!(root(2, 1, "0.5"), ["a.py 1/2 0/0 1/2"]);
        assert_eq!(root(3, 1, "0.3333"), ["a.py 1/2 0/0 1/2", "note: 2 branches | branches-valid = 3"]);
        assert_eq!(
            root(2, 0, "0")[1..],
            ["worse: 1 branches that ran | branches-covered = 0", "worse: 1 of 2 branches | branch-rate = 0"]
        );
        assert_eq!(
            cobertura("branches-valid='9' branches-covered='1' branch-rate='0.1'", &class("", TWO)),
            ["a.py 1/2 0/0"]
        );
    }

    #[test]
    fn damage_is_malformed_and_nothing_is_empty() {
        assert!(cobertura("", "")[0].starts_with("empty a"));
        let declared = "<!DOCTYPE coverage [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><coverage/>";
        let cases = [
            (told(&COBERTURA, declared), "declarations of its own"),
            (told(&COBERTURA, "<testsuites/>"), "the root element `testsuites`"),
            (told(&COBERTURA, "<coverage>"), "ends inside"),
            (cobertura("line-rate='much'", ""), "`line-rate` is no rate"),
            (
                cobertura("", &class("", "<line number='1' hits='1' condition-coverage='50% (3/2)'/>")),
                "`condition-coverage`",
            ),
            (cobertura("", "<class><lines/></class>"), "a class without its `filename`"),
            (cobertura("", &class("", "<line hits='1'/>")), "a line without its `number`"),
            (cobertura("", &class("", "<line number='1'/>")), "a line without `hits`"),
            (cobertura("", &class("", "<line number='1' hits='-1'/>")), "`hits` is no number"),
            (cobertura("", "<lines><line number='1' hits='1'/></lines>"), "a line outside a class"),
        ];
        let mut refused = 0;
        for (told, phrase) in cases {
            assert!(told.len() == 1 && told[0].starts_with("malformed") && told[0].contains(phrase), "{told:?}");
            refused += 1;
        }
        assert_eq!(refused, 10);
    }
}
