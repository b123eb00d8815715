//! Asserts that a list of texts is in byte order, so that generated files do not change by chance and reviews show what changed.
//!
//! A place that leads to lists has each of them judged for itself; the values of a place that ends in `[*]` make up one list for
//! each document. Equal neighbours are in order (`unique` forbids them).
//!
//! ```toml
//! [evidence.manifest]
//! path = "run:manifest.json"
//!
//! [[check]]
//! kind = "sorted"
//! in = "manifest.files[*].path"
//! allow_empty = false
//! ```
//!
//! Findings: `not-sorted` (a text that must come before the one that precedes it), `wrong-type`, `missing-field`. Errors: there is
//! no text at all, unless `allow_empty = true`, which counts the documents as examined.

use super::tally::Tally;
use super::values::{Value, admit, head, items, shown, values_in, whole};
use crate::definition::{Keys, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Declared, Place, Refused, Use};
use crate::model::{EvidenceId, Finding, Outcome};

/// The kind `sorted`.
pub static SORTED: CheckKind =
    CheckKind { id: "sorted", about: "a list of texts is in byte order", docs: include_str!("sorted.rs"), parse };

struct Sorted {
    place: Place,
    allow_empty: bool,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[("in", Stricter::Unclear), ("allow_empty", Stricter::False)]);
    let place = keys.required("in", "The place of the list, or of its items.");
    let allow_empty = keys.or("allow_empty", false, "Whether the list may be empty.");
    Some(Box::new(Sorted { place: place?, allow_empty }))
}

impl Sorted {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        admit(evidence, [&self.place.evidence])?;
        let documents = evidence.documents(&self.place.evidence)?;
        let mut tally = Tally::default();
        for doc in &documents {
            // Values come by the million, so none is kept but the one before.
            let mut before = None;
            for way in values_in(*doc, &self.place) {
                let Some(value) = tally.value(way) else { continue };
                if !value.node.is_list() {
                    behind(&mut before, &value, &mut tally);
                    continue;
                }
                let mut within = None;
                items(value).for_each(|item| behind(&mut within, &item, &mut tally));
            }
        }
        if self.allow_empty && tally.count() == 0 {
            documents.iter().for_each(|_| tally.examined());
        }
        Ok(tally.finish(|| (format!("at least one text at `{}`", self.place), head(evidence, &self.place))))
    }
}

/// A value behind the one before it, which it takes the place of.
fn behind<'d>(before: &mut Option<&'d str>, value: &Value<'d>, tally: &mut Tally) {
    tally.examined();
    let Some(text) = value.node.text() else {
        return tally.find(value.wrong_type("a text"));
    };
    if let Some(before) = before.filter(|before| text < *before) {
        let actual = format!("{} behind {before:?}", shown(value.node));
        let message = format!("{} must stand before {before:?}: texts are in byte order", shown(value.node));
        tally.find(Finding::new("not-sorted", "texts in byte order", actual).saying(message).at(value.at.clone()));
    }
    *before = Some(text);
}

impl Check for Sorted {
    fn declares(&self) -> Vec<Declared> {
        super::values::declared([&self.place])
    }

    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        whole([&self.place])
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;

    fn told(keys: &str, json: &str) -> Vec<String> {
        Bench::new(&format!("kind = 'sorted'\n{keys}")).json("r", json).told()
    }

    #[test]
    fn lists_and_items_are_judged() {
        assert_eq!(told("in = 'r.a'", r#"{"a": ["A", "B", "B", "a"]}"#), ["pass 4"]);
        assert_eq!(told("in = 'r.f[*].p'", r#"{"f": [{"p": "a"}, {"p": "b"}]}"#), ["pass 2"]);
        assert_eq!(told("in = 'r.s[*].l'", r#"{"s": [{"l": ["b"]}, {"l": ["a"]}]}"#), ["pass 2"]);
    }

    #[test]
    fn what_is_out_of_order_is_found() {
        assert_eq!(
            told("in = 'r.a'", r#"{"a": ["b", "a", "c", 1]}"#),
            [r#"not-sorted r.json#/a/1: texts in byte order | "a" behind "b""#, "wrong-type r.json#/a/3: a text | 1"]
        );
    }

    #[test]
    fn empty_is_an_error_unless_allowed() {
        assert_eq!(
            told("in = 'r.a'", r#"{"a": []}"#),
            ["error empty r.json#/a: at least one text at `r.a` | nothing to examine"]
        );
        assert_eq!(told("in = 'r.a'\nallow_empty = true", r#"{"a": []}"#), ["pass 1"]);
        assert_eq!(told("in = 'r.a'\nallow_empty = true", "{}"), ["missing-field r.json#/a: a value at `r.a` | nothing"]);
    }
}
