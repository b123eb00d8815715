//! Asserts that numbers lie within bounds.
//!
//! `min` and `max` are inclusive, `above` and `below` exclusive; each is a number, or `"policy.<name>"` for a parameter of the
//! policy. Numbers are compared exactly. What is no number is a finding, also a number written as text.
//!
//! ```toml
//! [evidence.summary]
//! path = "repo:docs/summary.json"
//!
//! [[check]]
//! kind = "within"
//! value = "summary.modules[*].line_pct"
//! min = "policy.line_floor"
//! max = 100
//! above = 0
//! below = 100.5
//! integer = false
//! allow_empty = false
//! ```
//!
//! Findings: `out-of-bounds`, `not-an-integer`, `wrong-type`, `missing-field`. Errors: the place leads to no value at all (unless
//! `allow_empty = true`, which counts the documents as examined), or the policy has no such number.

use super::tally::Tally;
use super::values::{Given, Value, admit, head, shown, values, whole};
use crate::definition::{Keys, Refusal, Stricter};
use crate::diagnostic::{Code, Diagnostic};
use crate::gate::{Admitted, Check, CheckKind, Declared, Place, Refused, Use};
use crate::model::{EvidenceId, Finding, Limit, Measure, Number, Outcome};
use std::cmp::Ordering;

/// The kind `within`.
pub static WITHIN: CheckKind =
    CheckKind { id: "within", about: "numbers lie within bounds", docs: include_str!("within.rs"), parse };

/// On which side of its number a bound lets a value be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Min,
    Max,
    Above,
    Below,
}

impl Side {
    const fn words(self) -> &'static str {
        match self {
            Side::Min => "at least",
            Side::Max => "at most",
            Side::Above => "above",
            Side::Below => "below",
        }
    }

    fn admits(self, value: Number, bound: Number) -> bool {
        match (self, value.partial_cmp(&bound)) {
            (Side::Min, Some(Ordering::Greater | Ordering::Equal))
            | (Side::Max, Some(Ordering::Less | Ordering::Equal))
            | (Side::Above, Some(Ordering::Greater))
            | (Side::Below, Some(Ordering::Less)) => true,
            (Side::Min | Side::Max | Side::Above | Side::Below, _) => false,
        }
    }
}

struct Within {
    value: Place,
    bounds: Vec<(Side, Given<Number>)>,
    integer: bool,
    allow_empty: bool,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[
        ("value", Stricter::Unclear),
        ("min", Stricter::Higher),
        ("max", Stricter::Lower),
        ("above", Stricter::Higher),
        ("below", Stricter::Lower),
        ("integer", Stricter::True),
        ("allow_empty", Stricter::False),
    ]);
    let value = keys.required("value", "The place of the numbers.");
    let min = keys.optional("min", "The least number that is allowed.").map(|bound| (Side::Min, bound));
    let max = keys.optional("max", "The greatest number that is allowed.").map(|bound| (Side::Max, bound));
    let above = keys.optional("above", "The number that values must exceed.").map(|bound| (Side::Above, bound));
    let below = keys.optional("below", "The number that values must stay under.").map(|bound| (Side::Below, bound));
    let integer = keys.or("integer", false, "Whether the numbers must be whole.");
    let allow_empty = keys.or("allow_empty", false, "Whether the place may lead to no value at all.");
    let bounds: Vec<(Side, Given<Number>)> = [min, max, above, below].into_iter().flatten().collect();
    bounded(keys, &bounds)?;
    Some(Box::new(Within { value: value?, bounds, integer, allow_empty }))
}

/// Refuses a check without bounds, and literal bounds that no number satisfies.
fn bounded(keys: &mut Keys<'_>, bounds: &[(Side, Given<Number>)]) -> Option<()> {
    if bounds.is_empty() {
        // A bound that is there and was refused has been reported already.
        let written = ["min", "max", "above", "below"].iter().any(|key| keys.span(key) != keys.here());
        if let Some(here) = keys.here().filter(|_| !written) {
            let problem = Diagnostic::error(Code::MISSING_KEY, "the check has no bound");
            keys.report(problem.label(here, "this table needs `min`, `max`, `above` or `below`"));
        }
        return None;
    }
    for (low, floor) in bounds.iter().filter(|(side, _)| matches!(side, Side::Min | Side::Above)) {
        for (high, ceiling) in bounds.iter().filter(|(side, _)| matches!(side, Side::Max | Side::Below)) {
            if let (Given::Literal(floor), Given::Literal(ceiling)) = (floor, ceiling) {
                let meet = *low == Side::Min && *high == Side::Max;
                if floor > ceiling || (floor == ceiling && !meet) {
                    let key = if *high == Side::Max { "max" } else { "below" };
                    let message = format!("no number is {} {floor} and {} {ceiling}", low.words(), high.words());
                    keys.refuse(key, Refusal::new(message).code(Code::LIMIT));
                    return None;
                }
            }
        }
    }
    Some(())
}

impl Within {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        admit(evidence, [&self.value.evidence])?;
        let mut bounds = Vec::new();
        for (side, bound) in &self.bounds {
            bounds.push((*side, bound.number(evidence.context)?));
        }
        let allowed =
            bounds.iter().map(|(side, bound)| format!("{} {bound}", side.words())).collect::<Vec<_>>().join(" and ");
        let mut tally = Tally::default();
        for way in values(evidence, &self.value)? {
            let Some(value) = tally.value(way) else { continue };
            self.judge_one(&value, &bounds, &allowed, &mut tally);
            tally.examined();
        }
        if self.allow_empty && tally.count() == 0 {
            evidence.documents(&self.value.evidence)?.iter().for_each(|_| tally.examined());
        }
        Ok(tally.finish(|| (format!("at least one number at `{}`", self.value), head(evidence, &self.value))))
    }

    fn judge_one(&self, value: &Value<'_>, bounds: &[(Side, Number)], allowed: &str, tally: &mut Tally) {
        let finding = match value.node.number() {
            None => value.wrong_type(if self.integer { "an integer" } else { "a number" }),
            Some(number) if self.integer && number.as_integer().is_none() => {
                let message = format!("{} is {}, not a whole number", value.at.subject(), shown(value.node));
                Finding::new("not-an-integer", "a whole number", shown(value.node)).saying(message).at(value.at.clone())
            }
            Some(number) if !bounds.iter().all(|(side, bound)| side.admits(number, *bound)) => {
                let message = format!("{} is {number}, it must be {allowed}", value.at.subject());
                Finding::new("out-of-bounds", allowed, number.to_string()).saying(message).at(value.at.clone())
            }
            Some(_) => return,
        };
        tally.find(finding);
    }
}

impl Check for Within {
    fn declares(&self) -> Vec<Declared> {
        super::values::declared([&self.value])
    }

    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        whole([&self.value])
    }

    fn parameters(&self) -> Vec<String> {
        self.bounds.iter().filter_map(|(_, bound)| bound.parameter()).collect()
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }

    /// The number that is closest to each bound, or furthest beyond it.
    fn measures(&self, evidence: &Admitted<'_>) -> Vec<Measure> {
        let Ok(found) = values(evidence, &self.value) else { return Vec::new() };
        let numbers: Vec<Number> = found.flatten().filter_map(|value| value.node.number()).collect();
        let measure = |(side, bound): &(Side, Given<Number>)| {
            let bound = bound.number(evidence.context).ok()?;
            let least = matches!(side, Side::Min | Side::Above);
            let closest = numbers.iter().copied().reduce(|a, b| if (a < b) == least { a } else { b })?;
            let limit = if least { Limit::AtLeast(bound) } else { Limit::AtMost(bound) };
            let which = match (numbers.len(), least) {
                (1, _) => "",
                (_, true) => "lowest ",
                (_, false) => "highest ",
            };
            let what = format!("{which}`{}`", self.value);
            Some(Measure { what, value: closest, unit: String::new(), limit: Some(limit) })
        };
        self.bounds.iter().filter_map(measure).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Bench, refused};

    fn told(bounds: &str, json: &str) -> Vec<String> {
        Bench::new(&format!("kind = 'within'\nvalue = 'r.n[*]'\n{bounds}")).json("r", json).parameter("floor", "80").told()
    }

    #[test]
    fn bounds_are_inclusive_or_exclusive_as_named() {
        assert_eq!(told("min = 80\nmax = 100", r#"{"n": [80, 100, 80.0]}"#), ["pass 3"]);
        assert_eq!(told("above = 80", r#"{"n": [80]}"#), ["out-of-bounds r.json#/n/0: above 80 | 80"]);
        assert_eq!(told("below = 100", r#"{"n": [99.9, 100]}"#), ["out-of-bounds r.json#/n/1: below 100 | 100"]);
        assert_eq!(
            told("min = 80\nmax = 90", r#"{"n": [79.99]}"#),
            ["out-of-bounds r.json#/n/0: at least 80 and at most 90 | 79.99"]
        );
    }

    #[test]
    fn the_number_closest_to_each_bound_is_measured() {
        let measured = |bounds: &str, json: &str| {
            let check = format!("kind = 'within'\nvalue = 'r.n[*]'\n{bounds}");
            Bench::new(&check).json("r", json).measured()
        };
        let both = measured("min = 80\nmax = 100", r#"{"n": [85, 99.5, 90]}"#);
        assert_eq!(both, ["lowest `r.n[*]` 85 (at least 80)", "highest `r.n[*]` 99.5 (at most 100)"]);
        assert_eq!(measured("below = 1", r#"{"n": [3]}"#), ["`r.n[*]` 3 (at most 1)"]);
        assert!(measured("min = 1", r#"{"n": ["x"]}"#).is_empty());
    }

    #[test]
    fn parameters_of_the_policy_are_bounds() {
        assert_eq!(told("min = 'policy.floor'", r#"{"n": [80]}"#), ["pass 1"]);
        assert_eq!(told("min = 'policy.floor'", r#"{"n": [79]}"#), ["out-of-bounds r.json#/n/0: at least 80 | 79"]);
        assert_eq!(
            told("min = 'policy.flor'", r#"{"n": [99]}"#),
            ["error invalid policy bench#/flor: the parameter `policy.flor`: a number | no such parameter"]
        );
    }

    #[test]
    fn what_is_no_number_is_found() {
        assert_eq!(
            told("min = 1", r#"{"n": ["9", null, true]}"#),
            [
                r#"wrong-type r.json#/n/0: a number | "9""#,
                "wrong-type r.json#/n/1: a number | null",
                "wrong-type r.json#/n/2: a number | true"
            ]
        );
        assert_eq!(
            told("min = 1\ninteger = true", r#"{"n": [5.0, 5.5]}"#),
            ["not-an-integer r.json#/n/1: a whole number | 5.5"]
        );
        assert_eq!(told("min = 1", "{}"), ["missing-field r.json#/n: a value at `r.n[*]` | nothing"]);
        assert_eq!(told("min = 1", r#"{"n": 5}"#), ["wrong-type r.json#/n: a value at `r.n[*]` | a integer"]);
    }

    #[test]
    fn empty_is_an_error_unless_allowed() {
        let empty = r#"{"n": []}"#;
        assert_eq!(told("min = 1", empty), ["error empty r.json#/n: at least one number at `r.n[*]` | nothing to examine"]);
        assert_eq!(told("min = 1\nallow_empty = true", empty), ["pass 1"]);
    }

    #[test]
    fn senseless_bounds_are_refused() {
        let check = |bounds: &str| refused(&format!("kind = 'within'\nvalue = 'r.n'\n{bounds}"), &["r"]);
        assert_eq!(check(""), ["missing-key: the check has no bound"]);
        assert_eq!(check("min = 2\nmax = 1"), ["limit: `max`: no number is at least 2 and at most 1"]);
        assert_eq!(check("above = 2\nmax = 2"), ["limit: `max`: no number is above 2 and at most 2"]);
        assert!(check("min = 2\nmax = 2").is_empty());
        assert_eq!(check("min = 'five'"), ["wrong-type: `min`: expected a finite number, found a string"]);
    }
}
