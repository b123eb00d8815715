//! Asserts that values come in a given order: claim tiers from the weakest to the strongest, stages of a pipeline.
//!
//! With `exact = true` the values are that sequence and nothing else; with `exact = false` some may be left out, but none may be
//! there twice, be unknown or come too early. A place that leads to a list means its items.
//!
//! ```toml
//! [evidence.contract]
//! path = "repo:docs/claims.json"
//!
//! [[check]]
//! kind = "in-order"
//! in = "contract.claim_tiers[*].id"
//! order = ["not_ready", "functional_parity", "drop_in"]
//! exact = true
//! ```
//!
//! `order` may be `"policy.<name>"`. Findings: `out-of-order`, `unknown-member`, `missing-member`, `duplicate`, `wrong-type`,
//! `missing-field`. Errors: there is no value at all, or the policy has no such list.

use super::set_covers::once_each;
use super::tally::Tally;
use super::values::{Given, admit, head, members, whole};
use crate::definition::{Keys, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Declared, Place, Refused, Use};
use crate::model::{EvidenceId, Finding, Gap, GapKind, Outcome};

/// The kind `in-order`.
pub static IN_ORDER: CheckKind =
    CheckKind { id: "in-order", about: "values come in a given order", docs: include_str!("in_order.rs"), parse };

struct InOrder {
    place: Place,
    order: Given<Vec<String>>,
    exact: bool,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[("in", Stricter::Unclear), ("order", Stricter::Unclear), ("exact", Stricter::True)]);
    let place = keys.required("in", "The place of the values.");
    let order: Option<Given<Vec<String>>> =
        keys.required("order", "The texts in their order, or a parameter of the policy.");
    let exact = keys.or("exact", true, "Whether every text of the order must be there.");
    let order = order?;
    if let Given::Literal(texts) = &order {
        once_each(keys, "order", texts)?;
    }
    Some(Box::new(InOrder { place: place?, order, exact }))
}

impl InOrder {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        admit(evidence, [&self.place.evidence])?;
        let order = self.order.texts(evidence.context)?;
        let mut tally = Tally::default();
        let mut taken: Vec<usize> = Vec::new();
        for way in members(evidence, std::slice::from_ref(&self.place))? {
            let Some(value) = tally.value(way) else { continue };
            tally.examined();
            let Some(text) = value.text("a text that is not blank", &mut tally) else { continue };
            let found = |kind, expected: String, message: String| {
                Finding::new(kind, expected, format!("`{text}`")).saying(message).at(value.at.clone())
            };
            match order.iter().position(|member| member == text) {
                None => tally.find(found(
                    "unknown-member",
                    format!("one of {}", quoted(&order)),
                    format!("`{text}` is none of {}", quoted(&order)),
                )),
                Some(position) if taken.contains(&position) => {
                    tally.find(found("duplicate", "each value once".to_owned(), format!("`{text}` stands twice")));
                }
                Some(position) => {
                    if let Some(later) = taken.iter().find(|before| **before > position) {
                        let before = format!("`{text}` before `{}`", order[*later]);
                        let message = format!("`{text}` must stand before `{}`", order[*later]);
                        tally.find(found("out-of-order", before, message));
                    }
                    taken.push(position);
                }
            }
        }
        let at = head(evidence, &self.place);
        if tally.count() == 0 && tally.is_clean() {
            let gap = Gap::new(GapKind::Empty, at, format!("values at `{}`", self.place), "nothing to examine");
            return Ok(Outcome::Error(gap.into()));
        }
        for (_, member) in order.iter().enumerate().filter(|(position, _)| self.exact && !taken.contains(position)) {
            let actual = format!("not at `{}`", self.place);
            let message = format!("`{member}` is missing at `{}`", self.place);
            tally.find(Finding::new("missing-member", format!("`{member}`"), actual).saying(message).at(at.clone()));
        }
        Ok(tally.finish(|| (format!("values at `{}`", self.place), at)))
    }
}

fn quoted(texts: &[String]) -> String {
    texts.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join(", ")
}

impl Check for InOrder {
    fn declares(&self) -> Vec<Declared> {
        super::values::declared([&self.place])
    }

    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        whole([&self.place])
    }

    fn parameters(&self) -> Vec<String> {
        self.order.parameter().into_iter().collect()
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;

    fn told(exact: bool, json: &str) -> Vec<String> {
        Bench::new(&format!("kind = 'in-order'\nin = 'r.t'\norder = 'policy.tiers'\nexact = {exact}"))
            .json("r", json)
            .parameter("tiers", r#"["a", "b", "c"]"#)
            .told()
    }

    #[test]
    fn the_order_passes() {
        assert_eq!(told(true, r#"{"t": ["a", "b", "c"]}"#), ["pass 3"]);
        assert_eq!(told(false, r#"{"t": ["a", "c"]}"#), ["pass 2"]);
    }

    #[test]
    fn every_deviation_is_named() {
        assert_eq!(told(true, r#"{"t": ["a", "c"]}"#), ["missing-member r.json#/t: `b` | not at `r.t`"]);
        assert_eq!(told(true, r#"{"t": ["b", "a", "c"]}"#), ["out-of-order r.json#/t/1: `a` before `b` | `a`"]);
        assert_eq!(
            told(false, r#"{"t": ["a", "x", "a", 1]}"#),
            [
                "unknown-member r.json#/t/1: one of `a`, `b`, `c` | `x`",
                "duplicate r.json#/t/2: each value once | `a`",
                "wrong-type r.json#/t/3: a text that is not blank | 1"
            ]
        );
    }

    #[test]
    fn empty_is_an_error() {
        assert_eq!(told(true, r#"{"t": []}"#), ["error empty r.json#/t: values at `r.t` | nothing to examine"]);
    }
}
