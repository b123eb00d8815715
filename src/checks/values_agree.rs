//! Asserts that the same fact, stated at several places, is the same everywhere: run ids, commits, totals.
//!
//! Every value must be a scalar and not blank, every place must lead to at least one, and there must be two at least: one value
//! cannot disagree. Text is compared to the letter, numbers exactly; `"5"` and `5` are different.
//!
//! ```toml
//! [evidence.summary]
//! path = "run:summary.json"
//! [evidence.results]
//! path = "run:*/result.json"
//! pick = "all"
//!
//! [[check]]
//! kind = "values-agree"
//! values = ["summary.run_id", "results.run_id"]
//! ```
//!
//! Findings: `contradiction` (both values and both places: the first one stands, each that differs from it is named), `blank`,
//! `wrong-type`, `missing-field`. Errors: a place leads to no value, or there is only one value in all.

use super::tally::Tally;
use super::values::{Value, admit, head, shown, values, whole};
use crate::definition::{Keys, Refusal, Stricter};
use crate::diagnostic::Code;
use crate::gate::{Admitted, Check, CheckKind, Declared, Place, Refused, Use};
use crate::model::{EvidenceId, Finding, Gap, GapKind, Node, Outcome, Shape, Where};

/// The kind `values-agree`.
pub static VALUES_AGREE: CheckKind = CheckKind {
    id: "values-agree",
    about: "a fact that several places state is the same at all of them",
    docs: include_str!("values_agree.rs"),
    parse,
};

struct ValuesAgree {
    places: Vec<Place>,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    let places: Option<Vec<Place>> = keys.required("values", "The places that state the fact.");
    // A place alone may lead to one value, which agrees with none; with another one it agrees.
    let alone = places.as_ref().is_some_and(|places| places.len() < 2);
    keys.stricter(&[("values", if alone { Stricter::Unclear } else { Stricter::More })]);
    let places = places?;
    if let Some(twice) = places.iter().enumerate().find_map(|(at, place)| places[..at].contains(place).then_some(place)) {
        keys.refuse("values", Refusal::new(format!("`{twice}` always agrees with itself")).code(Code::VACUOUS));
        return None;
    }
    Some(Box::new(ValuesAgree { places }))
}

/// Whether two scalars are the same fact.
pub(super) fn same(a: Node<'_>, b: Node<'_>) -> bool {
    match (a.shape(), b.shape()) {
        (Shape::Text(a), Shape::Text(b)) => a == b,
        (Shape::Number(a), Shape::Number(b)) => a == b,
        (Shape::Bool(a), Shape::Bool(b)) => a == b,
        (
            Shape::Text(_) | Shape::Number(_) | Shape::Bool(_) | Shape::Null | Shape::List(_) | Shape::Map(_),
            Shape::Text(_) | Shape::Number(_) | Shape::Bool(_) | Shape::Null | Shape::List(_) | Shape::Map(_),
        ) => false,
    }
}

/// Whether a value is a scalar that states something; if not, that is a finding.
pub(super) fn states_something(value: &Value<'_>, tally: &mut Tally) -> bool {
    match value.node.shape() {
        Shape::Text(_) => value.text("text that is not blank", tally).is_some(),
        Shape::Number(_) | Shape::Bool(_) => true,
        Shape::Null | Shape::List(_) | Shape::Map(_) => {
            tally.find(value.wrong_type("a text, number or boolean"));
            false
        }
    }
}

impl ValuesAgree {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        admit(evidence, self.places.iter().map(|place| &place.evidence))?;
        let mut tally = Tally::default();
        let mut first: Option<Value<'_>> = None;
        for place in &self.places {
            let mut stated = false;
            for way in values(evidence, place)? {
                stated = true;
                let Some(value) = tally.value(way) else { continue };
                tally.examined();
                if !states_something(&value, &mut tally) {
                    continue;
                }
                match &first {
                    None => first = Some(value),
                    Some(first) if same(first.node, value.node) => {}
                    Some(first) => tally.find(contradiction(first, &value)),
                }
            }
            // A place that fans out over an empty list states nothing, and would agree with anything.
            if !stated {
                let at = head(evidence, place);
                tally.gap(Gap::new(GapKind::Empty, at, format!("at least one value at `{place}`"), "nothing to examine"));
            }
        }
        let only = first.filter(|_| tally.count() == 1 && tally.is_clean());
        Ok(match only {
            Some(only) => {
                Outcome::Error(Gap::new(GapKind::Empty, only.at, "at least two values to compare", "only this one").into())
            }
            None => tally.finish(|| ("at least two values to compare".to_owned(), Where::file("evidence"))),
        })
    }
}

fn contradiction(first: &Value<'_>, other: &Value<'_>) -> Finding {
    let expected = format!("{}, as {} says", shown(first.node), first.at);
    let message = format!("{} is {}, and {} is {}", other.at.subject(), shown(other.node), first.at, shown(first.node));
    Finding::new("contradiction", expected, shown(other.node)).saying(message).at(other.at.clone())
}

impl Check for ValuesAgree {
    fn declares(&self) -> Vec<Declared> {
        super::values::declared(&self.places)
    }

    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        whole(&self.places)
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Bench, refused};

    fn told(a: &str, b: &str) -> Vec<String> {
        Bench::new("kind = 'values-agree'\nvalues = ['a.id', 'b.rows[*].id']").json("a", a).json("b", b).told()
    }

    #[test]
    fn equal_values_pass() {
        assert_eq!(told(r#"{"id": "r1"}"#, r#"{"rows": [{"id": "r1"}, {"id": "r1"}]}"#), ["pass 3"]);
        assert_eq!(told(r#"{"id": 5}"#, r#"{"rows": [{"id": 5.0}]}"#), ["pass 2"]);
    }

    #[test]
    fn a_disagreement_shows_both_sides() {
        assert_eq!(
            told(r#"{"id": "r1"}"#, r#"{"rows": [{"id": "r1"}, {"id": "r2"}]}"#),
            [r#"contradiction b.json#/rows/1/id: "r1", as a.json#/id says | "r2""#]
        );
        assert_eq!(
            told(r#"{"id": "5"}"#, r#"{"rows": [{"id": 5}]}"#),
            [r#"contradiction b.json#/rows/0/id: "5", as a.json#/id says | 5"#]
        );
    }

    #[test]
    fn blank_missing_and_mistyped_values_are_found() {
        assert_eq!(
            told(r#"{"id": " "}"#, r#"{"rows": [{"id": null}, {}]}"#),
            [
                r#"blank a.json#/id: text that is not blank | " ""#,
                "wrong-type b.json#/rows/0/id: a text, number or boolean | null",
                "missing-field b.json#/rows/1/id: a value at `b.rows[*].id` | nothing"
            ]
        );
    }

    #[test]
    fn one_value_is_not_enough() {
        assert_eq!(
            told(r#"{"id": "r1"}"#, r#"{"rows": []}"#),
            ["error empty b.json#/rows: at least one value at `b.rows[*].id` | nothing to examine"]
        );
        let one = Bench::new("kind = 'values-agree'\nvalues = ['a.ids[*]']").json("a", r#"{"ids": ["x"]}"#).told();
        assert_eq!(one, ["error empty a.json#/ids/0: at least two values to compare | only this one"]);
        let twice = refused("kind = 'values-agree'\nvalues = ['a.id', 'a.id']", &["a"]);
        assert_eq!(twice, ["vacuous: `values`: `a.id` always agrees with itself"]);
    }
}
