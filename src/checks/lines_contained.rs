//! Asserts that what the parts say stands in the whole: every line of every part, in the order of the parts and of their lines. For a
//! log into which the logs of the stages are streamed.
//!
//! Both are read with `format = "lines"`, in constant memory but for some bytes a line. A line of a part stands in the whole if one of
//! its lines is equal, behind all lines that the lines before it were found at; between them the whole may say more. `prefix` is a
//! regular expression for what the whole puts before a line (`[stage] `, a timestamp): what it matches at the beginning is taken off, and
//! the rest may be equal instead. A carriage return at the end and blank lines do not count. A line of more than 32 KiB is compared by its
//! beginning.
//!
//! ```toml
//! [evidence.summary]
//! path = "run:summary.json"
//! [evidence.logs]
//! from = "summary.stages[*].log"
//! base = "run"
//! format = "lines"
//! [evidence.streamed]
//! path = "run:e2e.log"
//! format = "lines"
//!
//! [[check]]
//! kind = "lines-contained"
//! parts = "logs"
//! whole = "streamed"
//! prefix = '\[[a-z-]+\] '
//! ```
//!
//! A file of `parts` that another document names and that is absent has no lines; that it must be there is the matter of `present`.
//!
//! Findings: `missing-line` (the first line of a part that the whole lacks), `misplaced-line` (it stands in the whole, but too early).
//! Errors: no line was compared, there is not one whole, or a file was not read as lines.

use super::tally::Tally;
use super::text::Pattern;
use crate::definition::{Keys, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Context, Fold, Refused, Use};
use crate::model::{Artifact, Content, Digest, EvidenceId, Finding, Gap, GapKind, Node, Outcome, Where};
use std::any::Any;

/// The kind `lines-contained`.
pub static LINES_CONTAINED: CheckKind = CheckKind {
    id: "lines-contained",
    about: "every line of the parts stands in the whole, in order",
    docs: include_str!("lines_contained.rs"),
    parse,
};

/// How much of a line is compared, in bytes: less than one piece of a long line, so that a prefix does not shift the cut.
const COMPARED: usize = 32 << 10;

struct LinesContained {
    parts: EvidenceId,
    whole: EvidenceId,
    prefix: Option<Pattern>,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[("parts", Stricter::Unclear), ("whole", Stricter::Unclear), ("prefix", Stricter::Unclear)]);
    let parts = keys.required("parts", "The files whose lines must stand in the whole, in their order.");
    let whole = keys.required("whole", "The one file that holds them all.");
    let given = keys.span("prefix") != keys.here();
    let prefix = keys.optional("prefix", "The regular expression for what the whole puts before a line.");
    let refused = given && prefix.is_none();
    let check = LinesContained { parts: parts?, whole: whole?, prefix };
    (!refused).then_some(Box::new(check))
}

/// What is left of a line: enough to tell whether another one is equal, and not its text.
type Print = u128;

/// The print of a line; `None` if it is blank.
fn print(line: &str) -> Option<Print> {
    let line = line.strip_suffix('\r').unwrap_or(line);
    let compared = &line.as_bytes()[..line.len().min(COMPARED)];
    // Half of the digest's hex digits always make a number.
    let hex = Digest::of(compared).to_string();
    (!line.trim().is_empty()).then(|| Print::from_str_radix(&hex[..32], 16).unwrap_or_default())
}

/// The lines of one file: each as it is, and without its prefix if it has one. Blank ones are `None`.
#[derive(Default)]
struct Lines {
    prefix: Option<regex::Regex>,
    plain: Vec<Option<Print>>,
    bare: Vec<Option<Print>>,
    gap: Option<Gap>,
}

impl Fold for Lines {
    fn record(&mut self, line: u64, record: Node<'_>) {
        let Some(text) = record.text() else {
            let gap = Gap::new(GapKind::Invalid, Where::line("", line), "a line of text", record.type_name());
            self.gap.get_or_insert(gap);
            return;
        };
        // A long line comes in several pieces under one number; the first is enough.
        let at = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
        if at < self.plain.len() {
            return;
        }
        self.plain.resize(at, None);
        self.plain.push(print(text));
        if let Some(prefix) = &self.prefix {
            let end = prefix.find(text).filter(|found| found.start() == 0).map(|found| found.end());
            self.bare.resize(at, None);
            self.bare.push(end.and_then(|end| print(&text[end..])));
        }
    }

    fn finish(self: Box<Self>) -> Box<dyn Any + Send + Sync> {
        self
    }
}

impl Lines {
    /// The first line that is equal, from a position on.
    fn find(&self, wanted: Print, from: usize) -> Option<usize> {
        let is = |lines: &[Option<Print>], at: usize| lines.get(at) == Some(&Some(wanted));
        (from..self.plain.len()).find(|at| is(&self.plain, *at) || is(&self.bare, *at))
    }
}

impl LinesContained {
    /// The files of the evidence that are there, as their lines; others are gaps in the tally.
    fn lines<'a>(
        evidence: &Admitted<'a>,
        id: &EvidenceId,
        tally: &mut Tally,
    ) -> Result<Vec<(&'a Artifact, &'a Lines)>, Refused> {
        for artifact in evidence.artifacts(id)? {
            let at = Where::file(&artifact.path.shown);
            match &artifact.content {
                Ok(Content::Records(_)) => {}
                Err(gap) if gap.kind == GapKind::Missing => {}
                Err(gap) => tally.gap(gap.clone()),
                Ok(_) => {
                    let expected = "a file that is read with `format = \"lines\"`";
                    tally.gap(Gap::new(GapKind::Invalid, at, expected, "something else"));
                }
            }
        }
        let folded = evidence.folded::<Lines>(id)?;
        for (artifact, lines) in &folded {
            if let Some(gap) = &lines.gap {
                tally.gap(Gap { at: Where { path: artifact.path.shown.clone(), ..gap.at.clone() }, ..gap.clone() });
            }
        }
        Ok(folded)
    }

    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        super::values::admit(evidence, [&self.parts, &self.whole])?;
        let mut tally = Tally::default();
        let whole = Self::lines(evidence, &self.whole, &mut tally)?;
        let parts = Self::lines(evidence, &self.parts, &mut tally)?;
        let &[(holder, whole)] = whole.as_slice() else {
            let at = Where::file(self.whole.to_string());
            let actual = format!("{} of them", whole.len());
            return Ok(Outcome::Error(Gap::new(GapKind::Invalid, at, "one file that holds the lines", actual).into()));
        };
        let mut next = 0;
        for (part, lines) in parts {
            for (index, wanted) in lines.plain.iter().enumerate().filter_map(|(at, line)| Some((at, (*line)?))) {
                tally.examined();
                if let Some(found) = whole.find(wanted, next) {
                    next = found + 1;
                    continue;
                }
                let shown = &holder.path.shown;
                let expected = format!("a line that stands in {shown} behind line {next}");
                let (kind, actual) = match whole.find(wanted, 0) {
                    Some(early) => ("misplaced-line", format!("it stands in line {}", early + 1)),
                    None => ("missing-line", "it stands nowhere there".to_owned()),
                };
                tally.find(Finding::new(kind, expected, actual).at(Where::line(&part.path.shown, index as u64 + 1)));
                break;
            }
        }
        Ok(tally.finish(|| (format!("lines of `{}`", self.parts), Where::file(self.parts.to_string()))))
    }
}

impl Check for LinesContained {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        vec![(self.parts.clone(), Use::Stream), (self.whole.clone(), Use::Stream)]
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }

    fn fold(&self, evidence: &EvidenceId, _context: &Context) -> Option<Box<dyn Fold>> {
        let prefix = || self.prefix.as_ref().map(|Pattern(prefix)| prefix.clone());
        if *evidence == self.whole {
            Some(Box::new(Lines { prefix: prefix(), ..Lines::default() }))
        } else {
            (*evidence == self.parts).then(|| Box::new(Lines::default()) as Box<dyn Fold>)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Bench, refused};
    use super::print;
    use crate::model::GapKind;

    const CHECK: &str = r"kind = 'lines-contained'
        parts = 'p'
        whole = 'w'
        prefix = '\[[a-z]+\] '";

    fn json(lines: &[&str]) -> String {
        lines.iter().map(|line| format!("{}\n", serde_json::Value::from(*line))).collect()
    }

    fn told(whole: &[&str], parts: &[&[&str]]) -> Vec<String> {
        let bench = Bench::new(CHECK).jsonl("w", &json(whole));
        parts.iter().fold(bench, |bench, part| bench.jsonl("p", &json(part))).told()
    }

    #[test]
    fn lines_stand_in_order_and_may_have_a_prefix() {
        let whole = ["== unit", "[unit] a", "[unit] ", "b\r", "== smoke", "[smoke] [x] c", "a"];
        assert_eq!(told(&whole, &[&["a", " ", "b"], &["[x] c", "a"]]), ["pass 4"]);
        assert_eq!(told(&whole, &[&["[unit] a"]]), ["pass 1"]);
    }

    #[test]
    fn a_line_that_is_not_there_or_too_early_is_named() {
        let whole = ["[a] one", "[a] two", "[b] three"];
        let lacking = told(&whole, &[&["one", "other", "two"], &["three"]]);
        assert_eq!(
            lacking,
            ["missing-line p.jsonl:2: a line that stands in w.jsonl behind line 1 | it stands nowhere there"]
        );
        let swapped = told(&whole, &[&["three"], &["one"]]);
        assert_eq!(
            swapped,
            ["misplaced-line p-2.jsonl:1: a line that stands in w.jsonl behind line 3 | it stands in line 1"]
        );
        // One line of the whole does not stand for two of the parts.
        assert_eq!(told(&whole, &[&["one"], &["one"]]).len(), 1);
    }

    #[test]
    fn nothing_to_compare_is_an_error() {
        assert_eq!(told(&["a"], &[&[" "]]), ["error empty p: lines of `p` | nothing to examine"]);
        let absent = Bench::new(CHECK).jsonl("w", &json(&["a"])).damaged("p", "p.log", GapKind::Missing).told();
        assert_eq!(absent, ["error empty p: lines of `p` | nothing to examine"]);
        let damaged = Bench::new(CHECK).jsonl("w", &json(&["a"])).damaged("p", "p.log", GapKind::Unreadable).told();
        assert_eq!(damaged, ["error unreadable p.log: a sound file | damaged"]);
        let text = Bench::new(CHECK).text("w", "a").jsonl("p", &json(&["a"])).told();
        assert_eq!(text, ["error invalid w: one file that holds the lines | 0 of them"]);
        assert!(Bench::new(CHECK).jsonl("w", "{\"a\": 1}\n").jsonl("p", &json(&["a"])).told().len() > 1);
        let bad = refused("kind = 'lines-contained'\nparts = 'p'\nwhole = 'w'\nprefix = '('", &["p", "w"]);
        assert_eq!(bad.len(), 1, "{bad:?}");
    }

    #[test]
    fn long_lines_are_compared_by_their_beginning() {
        let long = "x".repeat(40_000);
        assert_eq!(print(&long), print(&format!("{long}y")));
        assert_ne!(print("a"), print("a "));
        assert_eq!((print("a\r"), print(" \t")), (print("a"), None));
    }
}
