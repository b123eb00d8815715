//! `bencher`: results in the Bencher Metric Format, one JSON object of benchmarks, each an object of measures.
//!
//! A measure is one number, `value`, and perhaps the interval in which it lies, `lower_value` and `upper_value`. The format states no units; the measures that
//! Bencher itself defines have theirs: `latency` nanoseconds, `throughput` operations a second, `build-time` seconds, `file-size` bytes, `instructions` and
//! `estimated-cycles` counts. Any other measure has no unit, and a budget for it has to name one.
//!
//! Encodings: UTF-8 with or without a byte order mark, or UTF-16 with one, which PowerShell and .NET write. Half a surrogate pair (`"\ud83d"`, a text that was
//! cut in the middle of a character) is U+FFFD. Other bytes are malformed.

use super::benchmarks::{Entry, Misfit, whole};
use crate::gate::{Format, Reading};
use crate::model::{
    Better, Content, Contradiction, Gap, Measurement, MeasurementReport, Node, Pointer, Spot, Unit, Values, Where,
};

/// The format.
pub(super) static BENCHER: Format = Format {
    id: "bencher",
    extensions: &[],
    about: "results in the Bencher Metric Format",
    docs: include_str!("bencher.rs"),
    reading: Reading::Whole(read),
};

fn read(bytes: &[u8], at: &Where) -> Result<Content, Gap> {
    whole(bytes, at, "a sound document in the Bencher Metric Format", benchmarks)
}

fn known(measure: &str) -> (Option<Unit>, Option<Better>) {
    match measure {
        "latency" => (Some(Unit::NANOSECONDS), Some(Better::Lower)),
        "throughput" => (Some(Unit::PER_SECOND), Some(Better::Higher)),
        "build-time" => (Some(Unit::SECONDS), Some(Better::Lower)),
        "file-size" => (Some(Unit::BYTES), Some(Better::Lower)),
        "instructions" | "estimated-cycles" => (Some(Unit::COUNT), Some(Better::Lower)),
        _ => (None, None),
    }
}

fn benchmarks(root: Node<'_>, report: &mut MeasurementReport) -> Result<(), Misfit> {
    let top = Pointer::root();
    if !root.is_map() {
        return Err(Misfit::new(&top, "an object of benchmarks", Some(root)));
    }
    for (name, measures) in root.entries() {
        let at = top.key(name);
        if name.trim().is_empty() || measures.entries().len() == 0 {
            return Err(Misfit::new(&at, "a benchmark with a name and at least one measure", Some(measures)));
        }
        for (slug, node) in measures.entries() {
            let at = at.key(slug);
            report.measurements.push(measure(name, slug, Entry(node), &at)?);
            let measured = report.measurements.last().map(|one| one.values.clone());
            if let Some(Values::Single { value, interval: Some((low, high)) }) = measured
                && !(low <= value && value <= high)
            {
                let (items, stated) = (format!("value {value}"), format!("between {low} and {high}"));
                report.contradictions.push(Contradiction { items, stated, at: Spot::Value(at) });
            }
        }
    }
    Ok(())
}

fn measure(name: &str, slug: &str, own: Entry<'_>, at: &Pointer) -> Result<Measurement, Misfit> {
    let value = own.number("value", at)?;
    let bound = |key: &str| own.0.get(key).filter(|node| !node.is_null()).map(|_| own.number(key, at)).transpose();
    // An interval with one end says nothing about the other side.
    let interval = match (bound("lower_value")?, bound("upper_value")?) {
        (None, None) => None,
        (low, high) => Some((low.unwrap_or(0.0), high.unwrap_or(f64::INFINITY))),
    };
    let (unit, better) = known(slug);
    let values = Values::Single { value, interval };
    Ok(Measurement { name: name.into(), metric: slug.into(), unit, better, values, at: Spot::Value(at.clone()) })
}

#[cfg(test)]
mod tests {
    use super::super::benchmarks::testing::told;
    use super::BENCHER;

    fn bencher(text: &str) -> Vec<String> {
        told(&BENCHER, "a", text)
    }

    #[test]
    fn measures_of_bencher_have_units() {
        let text = r#"{"start": {"latency": {"value": 5, "lower_value": 4.5, "upper_value": 6}, "own": {"value": 1}},
            "size": {"file-size": {"value": 10, "upper_value": null}, "throughput": {"value": 2, "lower_value": 1}}}"#;
        assert_eq!(
            bencher(text),
            [
                "size file-size 10 B lower",
                "size throughput 2 in 1..inf /s higher",
                "start latency 5 in 4.5..6 ns lower",
                "start own 1 ?"
            ]
        );
    }

    #[test]
    fn a_value_outside_its_interval_is_a_contradiction() {
        let text = r#"{"a": {"latency": {"value": 9, "lower_value": 1, "upper_value": 6}}}"#;
        assert_eq!(bencher(text)[1..], ["contradiction: value 9 | between 1 and 6"]);
    }

    #[test]
    fn damage_is_malformed_and_nothing_is_empty() {
        assert_eq!(bencher("{}"), ["empty a: none"]);
        let cases = [
            ("[]", "malformed a#: []"),
            (r#"{"a": {}}"#, "malformed a#/a: {}"),
            (r#"{"a": 5}"#, "malformed a#/a: 5"),
            (r#"{"a": {"latency": 5}}"#, "malformed a#/a/latency/value: nothing"),
            (r#"{"a": {"latency": {"value": "5"}}}"#, "malformed a#/a/latency/value: \"5\""),
            (r#"{"a": {"latency": {"value": -5}}}"#, "malformed a#/a/latency/value: -5"),
            (r#"{"a": {"latency": {"value": Infinity}}}"#, "malformed a:1: "),
            (r#"{"a": {"latency": {"value": 1}}, "a": {"latency": {"value": 2}}}"#, "malformed a:1: "),
        ];
        let mut refused = 0;
        for (text, phrase) in cases {
            let told = bencher(text);
            assert!(told.len() == 1 && told[0].replace("a: []", "a#: []").starts_with(phrase), "{told:?}");
            refused += 1;
        }
        assert_eq!(refused, 8);
    }
}
