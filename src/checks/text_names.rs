//! Asserts that a text names what it must: the names of records, each as a whole word.
//!
//! `in` leads to the records; a list stands for its items. `name` is the key that names a record; a record that is a text is a name. With
//! `where`, an expression over `item`, only records for which it is true must be named, and with `first = true` only the first of them. A
//! name counts as named where no letter, digit, `_` or `-` touches it, nor a dot with one of these behind it: `unit` is not named by
//! `unit-tests` or `unit.rs`.
//!
//! ```toml
//! [evidence.summary]
//! path = "run:summary.json"
//! [evidence.told]
//! path = "run:failure_summary.md"
//! format = "text"
//! optional = true
//!
//! [[check]]
//! kind = "text-names"
//! evidence = "told"
//! in = "summary.stages"
//! name = "name"
//! where = "item.status == 'failure'"
//! first = true
//! only_then = true
//! allow_empty = false
//! ```
//!
//! With `allow_empty = true` there may be nothing to name. With `only_then`, the text is there exactly when there is something to name: optional evidence that is absent then is a finding, and
//! so is a text without anything to name. Without it there must be something to name, and optional evidence may be absent.
//!
//! Findings: `missing-name`, `missing-file`, `needless-file`, `missing-field`, `wrong-type`, `blank`, and the words of `holds` for `where`.
//! Errors: there are no records, none of them must be named (without `only_then`), the text is blank or is no text; and those of `holds`.

use super::expression::{self, Condition};
use super::tally::Tally;
use super::text;
use super::values::{Value, admit, head, members};
use crate::definition::{Keys, Refusal, Stricter};
use crate::expr::{Scope, Truth};
use crate::gate::{Admitted, Check, CheckKind, Declared, Place, Refused, Use};
use crate::model::{EvidenceId, Finding, Gap, GapKind, Outcome, Where};
use aho_corasick::AhoCorasick;
use std::collections::BTreeSet;
use std::ops::Range;

/// The kind `text-names`.
pub static TEXT_NAMES: CheckKind = CheckKind {
    id: "text-names",
    about: "a text names the records that it must",
    docs: include_str!("text_names.rs"),
    parse,
};

struct TextNames {
    evidence: EvidenceId,
    place: Place,
    name: String,
    filter: Option<Condition>,
    first: bool,
    only_then: bool,
    allow_empty: bool,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[
        ("evidence", Stricter::Unclear),
        ("in", Stricter::Unclear),
        ("name", Stricter::Unclear),
        ("where", Stricter::Unclear),
        ("first", Stricter::False),
        ("only_then", Stricter::Unclear),
        ("allow_empty", Stricter::False),
    ]);
    let evidence = keys.required("evidence", "The text.");
    let place = keys.required("in", "The place of the records.");
    let name = keys.or("name", "name".to_owned(), "The key that names a record.");
    let given = keys.span("where") != keys.here();
    let doc = "The expression over `item` that says which records must be named; all of them if not given.";
    let filter = keys.custom("where", false, expression::kind(), doc, |raw| expression::read(raw, &["item"]));
    let refused = given && filter.is_none();
    let first = keys.or("first", false, "Whether only the first of these records must be named.");
    let only_then = keys.or("only_then", false, "Whether the text is there exactly when something must be named.");
    let allow_empty = keys.or("allow_empty", false, "Whether there may be nothing that must be named.");
    let check = TextNames { evidence: evidence?, place: place?, name, filter, first, only_then, allow_empty };
    (!refused).then_some(Box::new(check))
}

/// Whether a character continues a name.
fn continues(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

/// Whether what stands at these bytes is a whole word.
fn is_whole(text: &str, word: Range<usize>) -> bool {
    let (mut before, mut behind) = (text[..word.start].chars().rev(), text[word.end..].chars());
    let touches = |first: Option<char>, second: Option<char>| continues(first) || (first == Some('.') && continues(second));
    !touches(before.next(), before.next()) && !touches(behind.next(), behind.next())
}

/// Which of these names the text holds as whole words. One pass over the text, however many names there are.
fn named<'n>(text: &str, names: &BTreeSet<&'n str>) -> Result<BTreeSet<&'n str>, String> {
    let all: Vec<&str> = names.iter().copied().collect();
    let automaton = AhoCorasick::new(&all).map_err(|error| error.to_string())?;
    let mut found = BTreeSet::new();
    for place in automaton.find_overlapping_iter(text) {
        let name = all[place.pattern().as_usize()];
        if !found.contains(name) && is_whole(text, place.range()) {
            found.insert(name);
        }
    }
    Ok(found)
}

impl TextNames {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        let conditions: Vec<&Condition> = self.filter.iter().collect();
        let asked = expression::asked(&conditions, evidence);
        let absent = self.only_then && evidence.is_absent(&self.evidence);
        let text = (!absent).then_some(&self.evidence);
        admit(evidence, std::iter::once(&self.place.evidence).chain(text).chain(asked))?;
        let run = expression::run(evidence.context);
        let mut scope = expression::scope(&conditions, evidence, &run)?;
        let (mut tally, mut wanted, mut seen) = (Tally::default(), Vec::new(), 0);
        for way in members(evidence, std::slice::from_ref(&self.place))? {
            let Some(record) = tally.value(way) else { continue };
            seen += 1;
            // Each record is asked, so that one without an answer is told even behind the first.
            let counts = self.counts(&record, evidence, &mut scope, &mut tally);
            if counts && (!self.first || wanted.is_empty()) {
                wanted.push(record);
            }
        }
        let texts = if absent { Vec::new() } else { text::texts(evidence, &self.evidence, false, &mut tally)? };
        let mut called: Vec<(Value<'_>, &str)> = Vec::new();
        for record in &wanted {
            let own = if record.node.is_map() { record.get(&self.name) } else { Some(record.clone()) };
            let Some(own) = own else {
                tally.find(Finding::new("missing-field", "a name", "nothing").at(record.at_key(&self.name)));
                continue;
            };
            if let Some(name) = own.text("a name", &mut tally) {
                called.push((own, name));
            }
        }
        let names: BTreeSet<&str> = called.iter().map(|(_, name)| *name).collect();
        let mut held = Vec::new();
        for (artifact, text) in &texts {
            let at = || Where::file(&artifact.path.shown);
            let too_many = |phrase| Outcome::Error(Gap::new(GapKind::OverLimit, at(), "names to look for", phrase).into());
            held.push((artifact, text, named(text, &names).map_err(too_many)?));
        }
        for (own, name) in &called {
            tally.examined();
            for (artifact, text, _) in held.iter().filter(|(_, _, held)| !held.contains(name)) {
                let expected = format!("a text that names `{name}`, as {} does", own.at);
                let finding =
                    Finding::new("missing-name", expected, format!("{} characters without it", text.chars().count()));
                let message = format!("`{}` does not name `{name}`, as {} does", artifact.path.rel.name(), own.at);
                tally.find(finding.saying(message).at(Where::file(&artifact.path.shown)));
            }
            if absent {
                let expected = format!("a text that names `{name}`, as {} does", own.at);
                let message = format!("`{name}` is named nowhere: evidence `{}` has no file", self.evidence);
                tally.find(Finding::new("missing-file", expected, "no such file").saying(message).at(own.at.clone()));
            }
        }
        if self.allow_empty && wanted.is_empty() {
            texts.iter().for_each(|_| tally.examined());
        }
        if self.only_then && wanted.is_empty() && seen > 0 {
            tally.examined();
            for (artifact, _) in &texts {
                let expected = format!("no such file, as nothing at `{}` must be named", self.place);
                let message = format!("`{}` is there, and nothing at `{}` must be named", artifact.path.rel, self.place);
                let finding = Finding::new("needless-file", expected, "a file").saying(message);
                tally.find(finding.at(Where::file(&artifact.path.shown)));
            }
        }
        Ok(tally.finish(|| (format!("records at `{}` that must be named", self.place), head(evidence, &self.place))))
    }

    fn counts<'d>(&self, record: &Value<'d>, evidence: &Admitted<'_>, scope: &mut Scope<'d>, tally: &mut Tally) -> bool {
        let Some(filter) = &self.filter else { return true };
        scope.bind_at("item", record.node, record.at.pointer.clone().unwrap_or_default());
        match filter.expression.selects(scope) {
            Truth::Holds { .. } => true,
            Truth::DoesNotHold(_) => false,
            Truth::Trouble(trouble) => {
                let at = trouble.at.as_ref();
                let at = at.and_then(|at| record.place(at, "item").or_else(|| expression::place(at, evidence)));
                tally.keep(expression::fault(&trouble, filter.expression.text(), at, &record.at));
                false
            }
        }
    }
}

impl Check for TextNames {
    fn declares(&self) -> Vec<Declared> {
        let mut all = super::values::declared_keys([&self.place], [&self.name]);
        all.extend(expression::declares(&self.filter, &[("item", &[&self.place])]));
        all
    }

    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        let mut reads = vec![(self.evidence.clone(), Use::Whole), (self.place.evidence.clone(), Use::Whole)];
        reads.extend(expression::reads(&self.filter));
        reads.sort();
        reads.dedup();
        reads
    }

    fn parameters(&self) -> Vec<String> {
        expression::parameters(&self.filter)
    }

    fn cautions(&self) -> Vec<Refusal> {
        expression::doubts(self.filter.iter())
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;

    const STAGES: &str = r#"{"s": [{"name": "build", "status": "success"}, {"name": "unit", "status": "failure"},
        {"name": "smoke", "status": "failure"}]}"#;
    const GREEN: &str = r#"{"s": [{"name": "build", "status": "success"}]}"#;

    fn bench(keys: &str) -> Bench {
        Bench::new(&format!(
            "kind = 'text-names'\nevidence = 't'\nin = 'r.s'\nwhere = \"item.status == 'failure'\"\n{keys}"
        ))
    }

    #[test]
    fn a_name_is_a_whole_word() {
        let named = ["unit", "stage `unit` failed", "the stage unit.", "(unit)", "Unit, unit: 1", "x.y unit.", "unit\n"];
        let other = ["units", "unit-tests", "unit.rs", "a_unit", "my.unit", "UNIT", ""];
        let names = |text: &str| super::named(text, &["unit"].into()).expect("one name").contains("unit");
        assert!(named.iter().all(|text| names(text)) && other.iter().all(|text| !names(text)));
        assert_eq!((named.len(), other.len()), (7, 7));
    }

    #[test]
    fn what_must_be_named_is_named() {
        assert_eq!(bench("").json("r", STAGES).text("t", "unit and smoke").told(), ["pass 2"]);
        assert_eq!(bench("first = true").json("r", STAGES).text("t", "unit").told(), ["pass 1"]);
        assert_eq!(
            bench("").json("r", STAGES).text("t", "unit").told(),
            ["missing-name t.txt: a text that names `smoke`, as r.json#/s/2/name does | 4 characters without it"]
        );
        assert_eq!(bench("").json("r", STAGES).absent("t").told(), ["skip t is absent"]);
        assert!(bench("").json("r", GREEN).text("t", "x").told()[0].starts_with("error empty r.json#/s"));
    }

    #[test]
    fn only_then_is_the_text_there() {
        let only = || bench("first = true\nonly_then = true");
        assert_eq!(only().json("r", GREEN).absent("t").told(), ["pass 1"]);
        assert_eq!(only().json("r", STAGES).text("t", "unit").told(), ["pass 1"]);
        let missing = only().json("r", STAGES).absent("t").told();
        assert_eq!(
            missing,
            ["missing-file r.json#/s/1/name: a text that names `unit`, as r.json#/s/1/name does | no such file"]
        );
        let needless = only().json("r", GREEN).text("t", "all is well").told();
        assert_eq!(needless, ["needless-file t.txt: no such file, as nothing at `r.s` must be named | a file"]);
    }

    #[test]
    fn records_and_texts_that_say_nothing_are_no_pass() {
        let only = || bench("only_then = true");
        assert!(only().json("r", r#"{"s": []}"#).absent("t").told()[0].starts_with("error empty"));
        assert_eq!(only().json("r", STAGES).text("t", " ").told(), ["error empty t.txt: text | nothing to examine"]);
        let odd = r#"{"s": [{"status": "failure"}, {"name": "a"}]}"#;
        let told = only().json("r", odd).text("t", "a").told();
        assert!(told[0].starts_with("missing-field r.json#/s/1/status") && told.len() == 2, "{told:?}");
    }
}
