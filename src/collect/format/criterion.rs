//! `criterion`: what criterion measured, as `sample.json` of one benchmark or as the messages of `cargo criterion --message-format=json`.
//!
//! `target/criterion/<benchmark>/new/sample.json` holds the iterations and the time of each sample; a sample is the time of one iteration, in nanoseconds. The benchmark is
//! called after the directories between `criterion` and `new` (or `base`), as criterion spells them; elsewhere after its path. Read all benchmarks with a pattern:
//! `path = "run:criterion/**/new/sample.json"`, `pick = "all"`. `sample.json` states no unit: what measures other things than wall time has to be read
//! from the messages, which do. `estimates.json` holds no samples and is refused. In messages, each `benchmark-complete` is one benchmark,
//! and the median that it states must be that of its samples.
//!
//! Encodings: UTF-8 with or without a byte order mark, or UTF-16 with one, which PowerShell and .NET write. Half a surrogate pair (`"\ud83d"`, a text that was
//! cut in the middle of a character) is U+FFFD. Other bytes are malformed.

use super::benchmarks::{Entry, Misfit, admit, document};
use super::decode;
use crate::gate::{Format, Reading};
use crate::model::{
    Better, Content, Contradiction, Document, Gap, Measurement, MeasurementReport, Node, Pointer, Spot, Unit, Values,
    Where, ascending, quantile,
};

/// The format.
pub(super) static CRITERION: Format = Format {
    id: "criterion",
    extensions: &[],
    about: "benchmarks as criterion samples them",
    docs: include_str!("criterion.rs"),
    reading: Reading::Whole(read),
};

const EXPECTED: &str = "a sound file of criterion";

fn read(bytes: &[u8], at: &Where) -> Result<Content, Gap> {
    let text = decode::json(bytes, at)?;
    let mut report = MeasurementReport::default();
    let reason = |text: &str| {
        let first = document(text.as_bytes(), at, EXPECTED).ok()?;
        first.root().get("reason").map(|_| ())
    };
    if text.lines().find(|line| !line.trim().is_empty()).and_then(reason).is_some() {
        for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
            let here = Where { line: Some(line), ..at.clone() };
            let message = document(text.as_bytes(), &here, EXPECTED).map_err(|gap| Gap { at: here.clone(), ..gap })?;
            complete(&message, line, &mut report).map_err(|misfit| misfit.gap(&here))?;
        }
    } else {
        let document = document(bytes, at, EXPECTED)?;
        sample(document.root(), at, &mut report).map_err(|misfit| misfit.gap(at))?;
    }
    admit(report, at)
}

/// The time of one iteration, for each sample.
fn per_iteration(own: Entry<'_>, iterations: &str, totals: &str) -> Result<Vec<f64>, Misfit> {
    let top = Pointer::root();
    let (counts, values) = (own.numbers(iterations, &top)?, own.numbers(totals, &top)?);
    if counts.len() != values.len() || counts.contains(&0.0) {
        let expected = format!("as many numbers as `{totals}`, none of them 0");
        return Err(Misfit::new(&top.key(iterations), expected, own.0.get(iterations)));
    }
    Ok(values.iter().zip(counts).map(|(value, count)| value / count).collect())
}

fn sample(root: Node<'_>, at: &Where, report: &mut MeasurementReport) -> Result<(), Misfit> {
    if root.get("median_abs_dev").is_some() {
        return Err(Misfit::new(&Pointer::root(), "samples (`sample.json`)", Some(root)));
    }
    let samples = per_iteration(Entry(root), "iters", "times")?;
    let name = name_of(&at.path).unwrap_or(&at.path);
    report.measurements.push(measurement(name, Some(Unit::NANOSECONDS), samples, Spot::Value(Pointer::root())));
    Ok(())
}

fn name_of(path: &str) -> Option<&str> {
    let directory = path.rsplit_once('/')?.0;
    let directory = ["/new", "/base"].iter().find_map(|last| directory.strip_suffix(last))?;
    // The path may begin with the word of its base: `run:criterion/a/new/sample.json`.
    let behind = ["/criterion/", ":criterion/"].iter().find_map(|step| directory.rsplit_once(step));
    let name = behind.map(|(_, name)| name).or_else(|| directory.strip_prefix("criterion/"))?;
    (!name.is_empty()).then_some(name)
}

fn measurement(name: &str, unit: Option<Unit>, samples: Vec<f64>, at: Spot) -> Measurement {
    let values = Values::Samples(samples);
    Measurement { name: name.into(), metric: "time".into(), unit, better: Some(Better::Lower), values, at }
}

fn complete(message: &Document, line: u64, report: &mut MeasurementReport) -> Result<(), Misfit> {
    let (own, top, at) = (Entry(message.root()), Pointer::root(), Spot::Line(line));
    if own.text("reason", &top)? != "benchmark-complete" {
        return Ok(());
    }
    let name = own.text("id", &top)?;
    let word = own.text("unit", &top)?;
    let samples = per_iteration(own, "iteration_count", "measured_values")?;
    if let Some(median) = own.0.get("median").filter(|median| median.is_map()) {
        let stated = Entry(median);
        let at_median = top.key("median");
        if stated.text("unit", &at_median)? == word {
            let computed = quantile(&ascending(&samples), 0.5).unwrap_or_default();
            report.compare("median", computed, stated.number("estimate", &at_median)?, at.clone());
        } else {
            let (items, stated) = (format!("the unit {word}"), "another unit for the median".to_owned());
            report.contradictions.push(Contradiction { items, stated, at: at.clone() });
        }
    }
    report.measurements.push(measurement(name, Unit::parse(word), samples, at));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::benchmarks::testing::told;
    use super::CRITERION;

    const PATH: &str = "target/criterion/total/sum/100/new/sample.json";

    #[test]
    fn samples_are_times_of_one_iteration() {
        let sample = r#"{"sampling_mode": "Linear", "iters": [10.0, 20.0], "times": [50.0, 120.0]}"#;
        assert_eq!(told(&CRITERION, PATH, sample), ["total/sum/100 time [5.0, 6.0] ns lower"]);
        for (path, name) in [
            ("run:criterion/a b/base/sample.json", Some("a b")),
            ("baseline:criterion/a/new/sample.json", Some("a")),
            ("criterion/a/new/sample.json", Some("a")),
            ("bench/a/new/sample.json", None),
            ("criterion/new/sample.json", None),
            ("criterion/a/change/sample.json", None),
            ("sample.json", None),
        ] {
            let name = name.unwrap_or(path);
            assert_eq!(told(&CRITERION, path, sample), [format!("{name} time [5.0, 6.0] ns lower")]);
        }
    }

    #[test]
    fn messages_tell_of_several_benchmarks() {
        let line = |id: &str, median: &str| {
            format!(
                r#"{{"reason": "benchmark-complete", "id": "{id}", "unit": "ns", "iteration_count": [1, 2], "measured_values": [5.0, 12.0], "median": {median}}}"#
            )
        };
        let sound = r#"{"estimate": 5.5, "lower_bound": 5.0, "upper_bound": 6.0, "unit": "ns"}"#;
        let text = [line("a", sound), r#"{"reason": "group-complete"}"#.to_owned(), String::new(), line("b", "null")];
        assert_eq!(told(&CRITERION, "a", &text.join("\n")), ["a time [5.0, 6.0] ns lower", "b time [5.0, 6.0] ns lower"]);
        assert_eq!(
            told(&CRITERION, "a", &line("a", r#"{"estimate": 5.0, "unit": "ns"}"#))[1..],
            ["contradiction: median 5.5 | median 5"]
        );
        assert_eq!(
            told(&CRITERION, "a", &line("a", "null").replace("\"ns\"", "\"cycles\"")),
            ["a time [5.0, 6.0] ? lower"]
        );
    }

    #[test]
    fn damage_is_malformed_and_nothing_is_empty() {
        assert_eq!(told(&CRITERION, PATH, r#"{"reason": "group-complete"}"#), [format!("empty {PATH}: none")]);
        let cases = [
            (r#"{"iters": [1.0], "times": [1.0, 2.0]}"#, "#/iters: [1.0]"),
            (r#"{"iters": [0.0], "times": [1.0]}"#, "#/iters: [0.0]"),
            (r#"{"iters": [], "times": []}"#, "#/iters: []"),
            (r#"{"iters": [1.0], "times": [-1.0]}"#, "#/times/0: -1.0"),
            (r#"{"median_abs_dev": {}}"#, ": {\"median"),
            (r#"{"reason": "benchmark-complete"}"#, ":1: nothing"),
            ("{\"reason\": \"x\"}\n{", ":2: "),
            ("{", ":1: "),
            ("", ":1: EOF"),
        ];
        let mut refused = 0;
        for (text, phrase) in cases {
            let told = told(&CRITERION, PATH, text);
            assert!(told.len() == 1 && told[0].starts_with(&format!("malformed {PATH}{phrase}")), "{told:?} {phrase}");
            refused += 1;
        }
        assert_eq!(refused, 9);
    }
}
