//! `budget-summary`: the document in which budgets and what was measured for them stand side by side, as measurements.
//!
//! `budgets[]` of `{name, unit, comparison, threshold, actual, status, enforced}`: each `actual` is one number, of the metric `budget`, in the stated unit; `null` was
//! not measured. `comparison` tells the good direction. A `status` that the numbers do not come to is a contradiction. The thresholds in the
//! document are its author's; what a gate asks for stands in the gate.
//!
//! Encodings: UTF-8 with or without a byte order mark, or UTF-16 with one, which PowerShell and .NET write. Half a surrogate pair (`"\ud83d"`, a text that was
//! cut in the middle of a character) is U+FFFD. Other bytes are malformed.

use super::benchmarks::{Entry, Misfit, number, whole};
use crate::gate::{Format, Reading};
use crate::model::{
    Better, Content, Contradiction, Gap, Measurement, MeasurementReport, Node, Pointer, Spot, Unit, Values, Where,
};

/// The format.
pub(super) static BUDGET_SUMMARY: Format = Format {
    id: "budget-summary",
    extensions: &[],
    about: "budgets with what was measured for them",
    docs: include_str!("budget_summary.rs"),
    reading: Reading::Whole(read),
};

fn read(bytes: &[u8], at: &Where) -> Result<Content, Gap> {
    whole(bytes, at, "a sound summary of budgets", budgets)
}

fn budgets(root: Node<'_>, report: &mut MeasurementReport) -> Result<(), Misfit> {
    let top = Pointer::root();
    let at = top.key("budgets");
    for (index, node) in Entry(root).list("budgets", &top)?.items().enumerate() {
        budget(Entry(node), &at.index(index), report)?;
    }
    report.timestamp = root.get("generated_at").and_then(Node::text).map(Into::into);
    Ok(())
}

fn budget(own: Entry<'_>, at: &Pointer, report: &mut MeasurementReport) -> Result<(), Misfit> {
    let name = own.text("name", at)?;
    let better = match own.text("comparison", at)? {
        "maximum" => Better::Lower,
        "minimum" => Better::Higher,
        _ => return Err(Misfit::new(&at.key("comparison"), "`maximum` or `minimum`", own.0.get("comparison"))),
    };
    let threshold = own.number("threshold", at)?;
    let found = own.0.get("actual").ok_or_else(|| Misfit::new(&at.key("actual"), "a number or null", None))?;
    let (values, computed) = if found.is_null() {
        (Values::NoData, "NO_DATA")
    } else {
        let misfit = || Misfit::new(&at.key("actual"), "a number, 0 or more, or null", Some(found));
        let value = number(found).ok_or_else(misfit)?;
        let kept = match better {
            Better::Lower => value <= threshold,
            Better::Higher => value >= threshold,
        };
        (Values::Single { value, interval: None }, if kept { "PASS" } else { "FAIL" })
    };
    let status = own.text("status", at)?;
    if status != computed {
        let at = Spot::Value(at.key("status"));
        let stated = status.chars().take(40).collect();
        report.contradictions.push(Contradiction { items: computed.to_owned(), stated, at });
    }
    let unit = Unit::parse(own.text("unit", at)?);
    let at = Spot::Value(at.clone());
    let metric = "budget".into();
    report.measurements.push(Measurement { name: name.into(), metric, unit, better: Some(better), values, at });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::benchmarks::testing::told;
    use super::BUDGET_SUMMARY;

    fn summary(budget: &str) -> Vec<String> {
        told(&BUDGET_SUMMARY, "a", &format!(r#"{{"budgets": [{{"name": "cold_start", {budget}}}]}}"#))
    }

    #[test]
    fn what_was_measured_is_read() {
        let keys = r#""unit": "ms", "comparison": "maximum", "threshold": 250, "enforced": true"#;
        assert_eq!(summary(&format!(r#"{keys}, "actual": 180.5, "status": "PASS""#)), ["cold_start budget 180.5 ms lower"]);
        assert_eq!(
            summary(&format!(r#"{keys}, "actual": null, "status": "NO_DATA""#)),
            ["cold_start budget no data ms lower"]
        );
        assert_eq!(
            summary(&format!(r#"{keys}, "actual": 300, "status": "PASS""#)),
            ["cold_start budget 300 ms lower", "contradiction: FAIL | PASS"]
        );
        let least = keys.replace("maximum", "minimum").replace("ms", "widgets");
        assert_eq!(summary(&format!(r#"{least}, "actual": 300, "status": "PASS""#)), ["cold_start budget 300 ? higher"]);
    }

    #[test]
    fn damage_is_malformed() {
        let keys = r#""unit": "ms", "comparison": "maximum", "threshold": 250, "status": "PASS""#;
        assert_eq!(summary(keys), ["malformed a#/budgets/0/actual: nothing"]);
        assert_eq!(summary(&format!(r#"{keys}, "actual": "9""#)), ["malformed a#/budgets/0/actual: \"9\""]);
        assert_eq!(summary(&format!(r#"{keys}, "actual": -9"#)), ["malformed a#/budgets/0/actual: -9"]);
        let other = keys.replace("maximum", "most");
        assert_eq!(summary(&format!(r#"{other}, "actual": 9"#)), ["malformed a#/budgets/0/comparison: \"most\""]);
        assert_eq!(told(&BUDGET_SUMMARY, "a", r#"{"budgets": []}"#), ["malformed a#/budgets: []"]);
    }
}
