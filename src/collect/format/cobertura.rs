//! `cobertura`: coverage as Cobertura XML, which coverage.py, gcovr, PHPUnit, coverlet and others write.
//!
//! The `line`s of each `class`, by the `filename` of the class, tell what ran; classes of one file are one file. Functions are the `method`s: one ran if any of its lines did.
//! Totals are counted from lines; `lines-valid`, `lines-covered` and `line-rate` of the root and `line-rate` of a class must be what they come to, to four digits. A document type is skipped
//! and never fetched; one with declarations of its own is malformed. Branches and conditions decide nothing. A report without a single line that could run is empty.

use super::lcov::admit;
use super::plain_utf8;
use super::xml::{Attributes, Visitor, walk};
use crate::gate::{Format, Reading};
use crate::model::{Content, Contradiction, CoverageReport, CoveredFile, Gap, SourceCount, Spot, Where};

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
    walk(plain_utf8(bytes, at)?, at, "a sound Cobertura report", &mut reader)?;
    let Reader { files, mut contradictions, stated, .. } = reader;
    let mut report = CoverageReport::assemble(files, Vec::new());
    let lines = report.totals().lines;
    for Stated { what, value, line } in stated {
        let (agrees, items) = match what {
            "lines-valid" => (value == lines.total as f64, format!("{} lines", lines.total)),
            "lines-covered" => (value == lines.covered as f64, format!("{} lines that ran", lines.covered)),
            _ => rate(lines, value),
        };
        if !agrees {
            contradictions.push(Contradiction { items, stated: format!("{what} = {value}"), at: Spot::Line(line) });
        }
    }
    report.contradictions = contradictions;
    admit(report, at)
}

/// Whether a stated rate is that of these lines, and what it is. Tools call the rate of nothing 0 or 1.
fn rate(lines: SourceCount, stated: f64) -> (bool, String) {
    match lines.percent() {
        Some(percent) => {
            ((percent / 100.0 - stated).abs() <= 0.000_1, format!("{} of {} lines", lines.covered, lines.total))
        }
        None => (stated == 0.0 || stated == 1.0, "no line".to_owned()),
    }
}

/// A total that the root states.
struct Stated {
    what: &'static str,
    value: f64,
    line: u64,
}

#[derive(Default)]
struct Reader {
    open: Vec<String>,
    files: Vec<CoveredFile>,
    stated: Vec<Stated>,
    contradictions: Vec<Contradiction>,
    /// The rate that the open class states, and the line of the report.
    class_rate: Option<(f64, u64)>,
    /// The open method, and whether a line of it ran.
    method: Option<(String, bool)>,
}

fn number(attributes: &Attributes<'_>, name: &str) -> Result<Option<f64>, String> {
    let Some(text) = attributes.get(name) else { return Ok(None) };
    let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
    number.map(Some).ok_or_else(|| format!("`{name}` is no number, 0 or more"))
}

impl Reader {
    fn line(&mut self, attributes: &Attributes<'_>) -> Result<(), String> {
        let line = attributes.get("number").and_then(|number| number.trim().parse::<u32>().ok()).filter(|line| *line > 0);
        let line = line.ok_or("a line without its `number`")?;
        let ran = number(attributes, "hits")?.ok_or("a line without `hits`")? > 0.0;
        match (&mut self.method, self.files.last_mut()) {
            // The lines of methods are there once more in the class; where a class has only methods, they are all there is.
            (Some((_, any)), Some(file)) => {
                *any |= ran;
                *file.lines.entry(line).or_default() |= ran;
            }
            (None, Some(file)) => *file.lines.entry(line).or_default() |= ran,
            (_, None) => return Err("a line outside a class".to_owned()),
        }
        Ok(())
    }
}

impl Visitor for Reader {
    fn open(&mut self, name: &str, attributes: &Attributes<'_>, line: u64) -> Result<(), String> {
        let parent = self.open.last().map(String::as_str);
        match (name, parent) {
            ("coverage", None) => {
                for what in ["lines-valid", "lines-covered", "line-rate"] {
                    self.stated.extend(number(attributes, what)?.map(|value| Stated { what, value, line }));
                }
            }
            (other, None) => return Err(format!("the root element `{}`", other.chars().take(40).collect::<String>())),
            ("class", Some(_)) if self.open.iter().any(|open| open == "class") => {
                return Err("a class inside a class".to_owned());
            }
            ("class", Some(_)) => {
                let file = attributes.get("filename").filter(|file| !file.trim().is_empty());
                let file = file.ok_or("a class without its `filename`")?;
                self.files.push(CoveredFile::new(file, Spot::Line(line)));
                self.class_rate = number(attributes, "line-rate")?.map(|rate| (rate, line));
            }
            ("method", Some("methods")) => {
                let name = attributes.get("name").unwrap_or_default();
                let id = format!("{name}{}", attributes.get("signature").unwrap_or_default());
                self.method = Some((id, false));
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
            Some("method") => {
                if let (Some((name, ran)), Some(file)) = (self.method.take(), self.files.last_mut()) {
                    *file.functions.entry(name.into()).or_default() |= ran;
                }
            }
            Some("class") => {
                if let (Some((stated, line)), Some(file)) = (self.class_rate.take(), self.files.last()) {
                    let (agrees, items) = rate(SourceCount::of(file.lines.values()), stated);
                    if !agrees {
                        let items = format!("{items} of `{}`", file.name);
                        let stated = format!("line-rate = {stated}");
                        self.contradictions.push(Contradiction { items, stated, at: Spot::Line(line) });
                    }
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
    fn totals_that_are_stated_must_be_so() {
        assert_eq!(
            cobertura("lines-valid='2' lines-covered='2' line-rate='0.9'", &class("line-rate='1'", TWO)),
            [
                "a.py 1/2 0/0",
                "contradiction: 1 of 2 lines of `a.py` | line-rate = 1",
                "contradiction: 1 lines that ran | lines-covered = 2",
                "contradiction: 1 of 2 lines | line-rate = 0.9"
            ]
        );
        let empty = "<class filename='e.py' line-rate='1'><lines/></class>";
        assert_eq!(cobertura("", &[empty.to_owned(), class("", TWO)].concat()), ["a.py 1/2 0/0", "e.py 0/0 0/0"]);
    }

    #[test]
    fn damage_is_malformed_and_nothing_is_empty() {
        assert!(cobertura("", "")[0].starts_with("empty a"));
        let declared = "<!DOCTYPE coverage [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><coverage/>";
        let cases = [
            (told(&COBERTURA, declared), "declarations of its own"),
            (told(&COBERTURA, "<testsuites/>"), "the root element `testsuites`"),
            (told(&COBERTURA, "<coverage>"), "ends inside"),
            (cobertura("line-rate='NaN'", ""), "`line-rate` is no number"),
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
        assert_eq!(refused, 9);
    }
}
