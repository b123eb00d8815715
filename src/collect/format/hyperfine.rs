//! `hyperfine`: what `hyperfine --export-json` writes.
//!
//! A benchmark is called after its command, or as `--command-name` says. Its metrics are `time` (seconds, a sample a run) and, where hyperfine
//! notes it, `memory` (bytes). Mean and median that are stated must be those of the samples. A run that ended with anything but 0 (`--ignore-failure`) is a fault:
//! the time of a failure is not the time of the work. A list of exit codes that is shorter than that of times contradicts it.
//!
//! Encodings: UTF-8 with or without a byte order mark, or UTF-16 with one, which PowerShell and .NET write. Half a surrogate pair (`"\ud83d"`, a text that was
//! cut in the middle of a character) is U+FFFD. Other bytes are malformed.

use super::benchmarks::{Entry, Misfit, whole};
use crate::gate::{Format, Reading};
use crate::model::{
    Better, Content, Contradiction, Fault, FaultKind, Gap, Measurement, MeasurementReport, Node, Number, Pointer, Spot,
    Unit, Values, Where, ascending, quantile,
};

/// The format.
pub(super) static HYPERFINE: Format = Format {
    id: "hyperfine",
    extensions: &[],
    about: "benchmarks as hyperfine exports them",
    docs: include_str!("hyperfine.rs"),
    reading: Reading::Whole(read),
};

fn read(bytes: &[u8], at: &Where) -> Result<Content, Gap> {
    whole(bytes, at, "a sound export of hyperfine", results)
}

fn results(root: Node<'_>, report: &mut MeasurementReport) -> Result<(), Misfit> {
    let at = Pointer::root().key("results");
    for (index, node) in Entry(root).list("results", &Pointer::root())?.items().enumerate() {
        command(Entry(node), &at.index(index), report)?;
    }
    Ok(())
}

fn command(own: Entry<'_>, at: &Pointer, report: &mut MeasurementReport) -> Result<(), Misfit> {
    let name = own.text("command", at)?;
    let codes = own.list("exit_codes", at)?;
    let failed = codes.items().filter(|code| code.number() != Some(Number::Int(0))).count();
    if failed > 0 {
        report.faults.push(Fault {
            kind: FaultKind::Failed,
            benchmark: Some(name.into()),
            message: format!("{failed} of {} runs did not exit with 0", codes.items().len()),
            at: Spot::Value(at.key("exit_codes")),
        });
    }
    let median = own.number("median", at)?;
    let values = if own.0.get("times").is_some() {
        let times = own.numbers("times", at)?;
        report.compare(
            "median",
            quantile(&ascending(&times), 0.5).unwrap_or_default(),
            median,
            Spot::Value(at.key("median")),
        );
        let mean = times.iter().sum::<f64>() / times.len() as f64;
        report.compare("mean", mean, own.number("mean", at)?, Spot::Value(at.key("mean")));
        if times.len() != codes.items().len() {
            let (items, stated) = (format!("{} times", times.len()), format!("{} exit codes", codes.items().len()));
            report.contradictions.push(Contradiction { items, stated, at: Spot::Value(at.key("exit_codes")) });
        }
        Values::Samples(times)
    } else {
        Values::Summary { median, count: codes.items().len() as u64 }
    };
    let one = |metric: &str, unit, values| Measurement {
        name: name.into(),
        metric: metric.into(),
        unit: Some(unit),
        better: Some(Better::Lower),
        values,
        at: Spot::Value(at.clone()),
    };
    report.measurements.push(one("time", Unit::SECONDS, values));
    if own.0.get("memory_usage_byte").is_some() {
        let memory = Values::Samples(own.numbers("memory_usage_byte", at)?);
        report.measurements.push(one("memory", Unit::BYTES, memory));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::benchmarks::testing::told;
    use super::HYPERFINE;

    fn hyperfine(result: &str) -> Vec<String> {
        told(&HYPERFINE, "a", &format!(r#"{{"results": [{{"command": "ls", {result}}}]}}"#))
    }

    #[test]
    fn each_run_is_a_sample() {
        let sound = r#""mean": 2.0, "median": 1.0, "times": [4.0, 1.0, 1.0], "exit_codes": [0, 0, 0]"#;
        assert_eq!(hyperfine(sound), ["ls time [4.0, 1.0, 1.0] s lower"]);
        assert_eq!(
            hyperfine(&format!(r#"{sound}, "memory_usage_byte": [10, 20, 30]"#)),
            ["ls time [4.0, 1.0, 1.0] s lower", "ls memory [10.0, 20.0, 30.0] B lower"]
        );
        let summary = r#""mean": 2.0, "median": 1.0, "exit_codes": [0, 0, 0]"#;
        assert_eq!(hyperfine(summary), ["ls time median 1 of 3 s lower"]);
    }

    #[test]
    fn failed_runs_and_contradictions_are_told() {
        let text = r#""mean": 3.0, "median": 0.5, "times": [4.0, 1.0, 1.0], "exit_codes": [0, null, 2, 0]"#;
        assert_eq!(
            hyperfine(text),
            [
                "ls time [4.0, 1.0, 1.0] s lower",
                "benchmark-failed ls: 2 of 4 runs did not exit with 0",
                "contradiction: median 1 | median 0.5",
                "contradiction: mean 2 | mean 3",
                "contradiction: 3 times | 4 exit codes"
            ]
        );
    }

    #[test]
    fn damage_is_malformed() {
        let cases = [
            (r#""mean": 1, "median": NaN, "exit_codes": [0]"#, "malformed a:1: "),
            (r#""mean": 1, "median": 1, "times": [], "exit_codes": [0]"#, "malformed a#/results/0/times: []"),
            (r#""mean": 1, "median": 1, "times": [-1.0], "exit_codes": [0]"#, "malformed a#/results/0/times/0: -1.0"),
            (r#""mean": 1, "median": 1, "times": ["1"], "exit_codes": [0]"#, "malformed a#/results/0/times/0: \"1\""),
            (r#""mean": 1, "median": 1, "times": [1], "exit_codes": []"#, "malformed a#/results/0/exit_codes: []"),
            (r#""mean": 1, "median": 1e999, "exit_codes": [0]"#, "malformed a:1: "),
            (r#""mean": 1, "median": null, "exit_codes": [0]"#, "malformed a#/results/0/median: null"),
        ];
        let mut refused = 0;
        for (text, phrase) in cases {
            let told = hyperfine(text);
            assert!(told.len() == 1 && told[0].starts_with(phrase), "{told:?}");
            refused += 1;
        }
        assert_eq!(refused, 7);
        assert_eq!(told(&HYPERFINE, "a", r#"{"results": []}"#), ["malformed a#/results: []"]);
        assert_eq!(told(&HYPERFINE, "a", "[]"), ["malformed a#/results: nothing"]);
    }
}
