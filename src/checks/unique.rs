//! Asserts that no value is there twice.
//!
//! `in` is one place or several; their values count together, also across the documents of one evidence. A place that leads to a
//! list means its items. Values are scalars; `"5"` and `5` are different, `5` and `5.0` are the same.
//!
//! ```toml
//! [evidence.report]
//! path = "repo:docs/report.json"
//!
//! [[check]]
//! kind = "unique"
//! in = ["report.units[*].target", "report.suites[*].suite"]
//! ```
//!
//! Findings: `duplicate` (with both places), `blank`, `wrong-type`, `missing-field`. Errors: there is no value at all.

use super::tally::Tally;
use super::values::{Places, admit, head, members, shown, whole};
use super::values_agree::states_something;
use crate::definition::{Keys, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Declared, Refused, Use};
use crate::model::{EvidenceId, Finding, Node, Outcome, Shape, Twice, Where};
use std::collections::BTreeMap;

/// The kind `unique`.
pub static UNIQUE: CheckKind =
    CheckKind { id: "unique", about: "no value is there twice", docs: include_str!("unique.rs"), parse };

struct Unique {
    places: Places,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[("in", Stricter::Unclear)]);
    let places = keys.required("in", "The place of the values, or several.")?;
    Some(Box::new(Unique { places }))
}

/// A scalar as the key of a map: equal values have equal keys.
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Scalar<'a> {
    Text(&'a str),
    Integer(i128),
    Float(u64),
    Bool(bool),
}

fn scalar(node: Node<'_>) -> Option<Scalar<'_>> {
    match node.shape() {
        Shape::Text(text) => Some(Scalar::Text(text)),
        Shape::Number(number) => {
            Some(number.as_integer().map_or_else(|| Scalar::Float(number.as_float().to_bits()), Scalar::Integer))
        }
        Shape::Bool(flag) => Some(Scalar::Bool(flag)),
        Shape::Null | Shape::List(_) | Shape::Map(_) => None,
    }
}

impl Unique {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        admit(evidence, self.places.0.iter().map(|place| &place.evidence))?;
        let mut tally = Tally::default();
        // Values come by the million, and few come twice: only those whose hashes are equal are kept and compared.
        let twice = Twice::of(members(evidence, &self.places.0)?.filter_map(|way| scalar(way.ok()?.node)));
        let mut seen: BTreeMap<Scalar<'_>, Where> = BTreeMap::new();
        for way in members(evidence, &self.places.0)? {
            let Some(value) = tally.value(way) else { continue };
            tally.examined();
            if !states_something(&value, &mut tally) {
                continue;
            }
            let Some(key) = scalar(value.node).filter(|key| twice.may_hold(key)) else { continue };
            match seen.get(&key) {
                Some(first) => {
                    let actual = format!("{} again, first at {first}", shown(value.node));
                    let message = format!("{} stands twice: first at {first}", shown(value.node));
                    tally.find(Finding::new("duplicate", "each value once", actual).saying(message).at(value.at));
                }
                None => drop(seen.insert(key, value.at)),
            }
        }
        Ok(tally.finish(|| (format!("at least one value at {}", self.places), head(evidence, &self.places.0[0]))))
    }
}

impl Check for Unique {
    fn declares(&self) -> Vec<Declared> {
        super::values::declared(&self.places.0)
    }

    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        whole(&self.places.0)
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;

    fn told(json: &str) -> Vec<String> {
        Bench::new("kind = 'unique'\nin = ['r.a', 'r.b[*].n']").json("r", json).told()
    }

    #[test]
    fn different_values_pass() {
        assert_eq!(told(r#"{"a": ["x", "5", 5], "b": [{"n": "y"}, {"n": true}]}"#), ["pass 5"]);
    }

    #[test]
    fn duplicates_show_both_places() {
        assert_eq!(
            told(r#"{"a": ["x", 5], "b": [{"n": "x"}, {"n": 5.0}]}"#),
            [
                r#"duplicate r.json#/b/0/n: each value once | "x" again, first at r.json#/a/0"#,
                "duplicate r.json#/b/1/n: each value once | 5.0 again, first at r.json#/a/1"
            ]
        );
    }

    #[test]
    fn holes_are_found_and_empty_is_an_error() {
        assert_eq!(
            told(r#"{"a": [[]], "b": [{}]}"#),
            [
                "wrong-type r.json#/a/0: a text, number or boolean | []",
                "missing-field r.json#/b/0/n: a value at `r.b[*].n` | nothing"
            ]
        );
        assert_eq!(
            told(r#"{"a": [], "b": []}"#),
            ["error empty r.json#/a: at least one value at `r.a`, `r.b[*].n` | nothing to examine"]
        );
    }
}
