//! `google-benchmark`: what Google Benchmark writes with `--benchmark_out` or `--benchmark_format=json`.
//!
//! Each repetition is a sample of its `run_name`, with the metrics `time` (`real_time`) and `cpu_time` in the stated `time_unit`, `bytes_per_second`, and
//! `items_per_second`. Other counters are metrics of their own name without a unit. Aggregates must be those of the repetitions; where only aggregates were written,
//! the median is all there is. Faults: `error_occurred` and `skipped`, a library that was built for debugging, CPU scaling. Fewer rows than `repetitions` are a contradiction.
//!
//! Encodings: UTF-8 with or without a byte order mark, or UTF-16 with one, which PowerShell and .NET write. Half a surrogate pair (`"\ud83d"`, a text that was
//! cut in the middle of a character) is U+FFFD. Other bytes are malformed.

use super::benchmarks::{Entry, Misfit, number, whole};
use crate::gate::{Format, Reading};
use crate::model::{
    Better, Content, Contradiction, Fault, FaultKind, Gap, Measurement, MeasurementReport, Node, Pointer, Spot, Unit,
    Values, Where, ascending, quantile,
};

/// The format.
pub(super) static GOOGLE_BENCHMARK: Format = Format {
    id: "google-benchmark",
    extensions: &[],
    about: "benchmarks as Google Benchmark writes them",
    docs: include_str!("google_benchmark.rs"),
    reading: Reading::Whole(read),
};

fn read(bytes: &[u8], at: &Where) -> Result<Content, Gap> {
    whole(bytes, at, "a sound document of Google Benchmark", benchmarks)
}

/// Keys of a row that are no counters.
const OWN: [&str; 9] = [
    "family_index",
    "per_family_instance_index",
    "repetitions",
    "repetition_index",
    "threads",
    "iterations",
    "real_time",
    "cpu_time",
    "big_o",
];

/// What the rows of one benchmark tell together.
struct Group<'d> {
    name: &'d str,
    at: Pointer,
    /// Samples of each metric.
    metrics: Vec<Metric>,
    rows: u64,
    repetitions: u64,
    failed: bool,
    /// Stated medians and means of `time` and `cpu_time`, and where.
    stated: Vec<(String, &'static str, f64, Pointer)>,
}

struct Metric {
    name: String,
    unit: Option<Unit>,
    better: Option<Better>,
    samples: Vec<f64>,
}

fn benchmarks(root: Node<'_>, report: &mut MeasurementReport) -> Result<(), Misfit> {
    let top = Pointer::root();
    let context = root.get("context").filter(|node| node.is_map());
    let context = context.ok_or_else(|| Misfit::new(&top.key("context"), "an object", root.get("context")))?;
    context_faults(context, &top.key("context"), report)?;
    report.timestamp = context.get("date").and_then(Node::text).map(Into::into);
    let mut groups: Vec<Group<'_>> = Vec::new();
    for (index, node) in Entry(root).list("benchmarks", &top)?.items().enumerate() {
        row(Entry(node), &top.key("benchmarks").index(index), &mut groups, report)?;
    }
    for group in groups {
        finish(group, report);
    }
    Ok(())
}

fn context_faults(context: Node<'_>, at: &Pointer, report: &mut MeasurementReport) -> Result<(), Misfit> {
    let mut fault = |kind, key: &str, message: &str| {
        let at = Spot::Value(at.key(key));
        report.faults.push(Fault { kind, benchmark: None, message: message.to_owned(), at });
    };
    match Entry(context).text("library_build_type", at)? {
        "release" => {}
        _ => fault(FaultKind::DebugLibrary, "library_build_type", "the library was not built for release"),
    }
    if context.get("cpu_scaling_enabled").and_then(Node::boolean) == Some(true) {
        fault(FaultKind::CpuScaling, "cpu_scaling_enabled", "CPU scaling was on");
    }
    Ok(())
}

fn row<'d>(
    own: Entry<'d>,
    at: &Pointer,
    groups: &mut Vec<Group<'d>>,
    report: &mut MeasurementReport,
) -> Result<(), Misfit> {
    let node = own.0;
    let name = if node.get("run_name").is_some() { own.text("run_name", at)? } else { own.text("name", at)? };
    // Repetitions of several benchmarks may alternate (`--benchmark_enable_random_interleaving`).
    let known = groups.iter().rposition(|group| group.name == name).unwrap_or_else(|| {
        let (metrics, stated) = (Vec::new(), Vec::new());
        groups.push(Group { name, at: at.clone(), metrics, rows: 0, repetitions: 0, failed: false, stated });
        groups.len() - 1
    });
    let group = &mut groups[known];
    for (flag, told) in [("error_occurred", "error_message"), ("skipped", "skip_message")] {
        if node.get(flag).and_then(Node::boolean) == Some(true) {
            let message = node.get(told).and_then(Node::text).unwrap_or(flag).to_owned();
            let at = Spot::Value(at.clone());
            report.faults.push(Fault { kind: FaultKind::Failed, benchmark: Some(name.into()), message, at });
            group.failed = true;
            return Ok(());
        }
    }
    let aggregate = node.get("run_type").and_then(Node::text) == Some("aggregate");
    let kind = if aggregate { own.text("aggregate_name", at)? } else { "" };
    let kind = match kind {
        "" => "",
        "median" => "median",
        "mean" => "mean",
        // Deviations and fits say nothing that a budget may rest on.
        _ => return Ok(()),
    };
    let word = own.text("time_unit", at)?;
    let unit =
        Unit::parse(word).ok_or_else(|| Misfit::new(&at.key("time_unit"), "a unit of time", node.get("time_unit")))?;
    for (metric, key) in [("time", "real_time"), ("cpu_time", "cpu_time")] {
        let value = own.number(key, at)?;
        if aggregate {
            group.stated.push((metric.to_owned(), kind, value, at.key(key)));
            group.repetitions = group.repetitions.max(own.count("iterations", at)?);
        }
        sample(group, metric, Some(unit), Some(Better::Lower), (!aggregate).then_some(value));
    }
    if aggregate {
        return Ok(());
    }
    group.rows += 1;
    if node.get("repetitions").is_some() {
        group.repetitions = group.repetitions.max(own.count("repetitions", at)?);
    }
    for (key, counter) in node.entries().filter(|(key, counter)| counter.number().is_some() && !OWN.contains(key)) {
        let (unit, better) = match key {
            "bytes_per_second" => (Some(Unit::BYTES_PER_SECOND), Some(Better::Higher)),
            "items_per_second" => (Some(Unit::PER_SECOND), Some(Better::Higher)),
            _ => (None, None),
        };
        let value = number(counter).ok_or_else(|| Misfit::new(&at.key(key), "a number, 0 or more", Some(counter)))?;
        sample(group, key, unit, better, Some(value));
    }
    Ok(())
}

fn sample(group: &mut Group<'_>, name: &str, unit: Option<Unit>, better: Option<Better>, value: Option<f64>) {
    let known = group.metrics.iter().position(|metric| metric.name == name).unwrap_or_else(|| {
        group.metrics.push(Metric { name: name.to_owned(), unit, better, samples: Vec::new() });
        group.metrics.len() - 1
    });
    group.metrics[known].samples.extend(value);
}

fn finish(group: Group<'_>, report: &mut MeasurementReport) {
    if group.rows > 0 && group.rows != group.repetitions.max(1) && !group.failed {
        let (items, stated) = (format!("{} repetitions", group.rows), format!("{} repetitions", group.repetitions));
        report.contradictions.push(Contradiction { items, stated, at: Spot::Value(group.at.clone()) });
    }
    for metric in group.metrics {
        let stated = || group.stated.iter().filter(|(own, ..)| *own == metric.name);
        let values = if metric.samples.is_empty() {
            let median = stated().find(|(_, kind, ..)| *kind == "median").map(|(_, _, value, _)| *value);
            let Some(median) = median else { continue };
            Values::Summary { median, count: group.repetitions }
        } else {
            for (_, kind, value, at) in stated() {
                let computed = match *kind {
                    "median" => quantile(&ascending(&metric.samples), 0.5).unwrap_or_default(),
                    _ => metric.samples.iter().sum::<f64>() / metric.samples.len() as f64,
                };
                report.compare(kind, computed, *value, Spot::Value(at.clone()));
            }
            Values::Samples(metric.samples)
        };
        report.measurements.push(Measurement {
            name: group.name.into(),
            metric: metric.name.into(),
            unit: metric.unit,
            better: metric.better,
            values,
            at: Spot::Value(group.at.clone()),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::benchmarks::testing::told;
    use super::GOOGLE_BENCHMARK;

    fn google(rows: &str) -> Vec<String> {
        let context = r#"{"library_build_type": "release", "date": "2026-06-15T12:00:00+00:00"}"#;
        told(&GOOGLE_BENCHMARK, "a", &format!(r#"{{"context": {context}, "benchmarks": [{rows}]}}"#))
    }

    fn row(index: usize, time: &str, more: &str) -> String {
        format!(
            r#"{{"name": "BM_A/8", "run_name": "BM_A/8", "run_type": "iteration", "repetitions": 2, "repetition_index": {index},
            "threads": 1, "iterations": 100, "real_time": {time}, "cpu_time": 1.0, "time_unit": "us"{more}}}"#
        )
    }

    fn aggregate(name: &str, time: f64) -> String {
        format!(
            r#"{{"name": "BM_A/8_{name}", "run_name": "BM_A/8", "run_type": "aggregate", "aggregate_name": "{name}",
            "iterations": 2, "real_time": {time}, "cpu_time": 1.0, "time_unit": "us"}}"#
        )
    }

    #[test]
    fn repetitions_are_samples_and_counters_metrics() {
        let rows = [
            row(0, "2.0", r#", "bytes_per_second": 10.0, "own": 7"#),
            row(1, "4.0", r#", "bytes_per_second": 20.0, "own": 7"#),
            aggregate("median", 3.0),
            aggregate("stddev", 1.0),
        ];
        assert_eq!(
            google(&rows.join(",")),
            [
                "BM_A/8 time [2.0, 4.0] us lower",
                "BM_A/8 cpu_time [1.0, 1.0] us lower",
                "BM_A/8 bytes_per_second [10.0, 20.0] B/s higher",
                "BM_A/8 own [7.0, 7.0] ?",
                "at 2026-06-15T12:00:00+00:00"
            ]
        );
        assert_eq!(
            google(&aggregate("median", 3.0))[..2],
            ["BM_A/8 time median 3 of 2 us lower", "BM_A/8 cpu_time median 1 of 2 us lower"]
        );
    }

    #[test]
    fn faults_and_contradictions_are_told() {
        let error = r#"{"name": "BM_B", "error_occurred": true, "error_message": "no database"}"#;
        assert_eq!(google(error)[0], "benchmark-failed BM_B: no database");
        let lacking = [row(0, "2.0", ""), aggregate("mean", 9.0)].join(",");
        assert_eq!(
            google(&lacking)[2..4],
            ["contradiction: 1 repetitions | 2 repetitions", "contradiction: mean 2 | mean 9"]
        );
        let text = format!(
            r#"{{"context": {{"library_build_type": "debug", "cpu_scaling_enabled": true}}, "benchmarks": [{error}]}}"#
        );
        assert_eq!(
            told(&GOOGLE_BENCHMARK, "a", &text)[..2],
            ["debug-library *: the library was not built for release", "cpu-scaling *: CPU scaling was on"]
        );
    }

    #[test]
    fn damage_is_malformed() {
        let cases = [
            (row(0, "NaN", ""), "malformed a:2: "),
            (row(0, "-1", ""), "malformed a#/benchmarks/0/real_time: -1"),
            (row(0, "1", r#", "own": -3"#), "malformed a#/benchmarks/0/own: -3"),
            (row(0, "1", "").replace("\"us\"", "\"fortnights\""), "malformed a#/benchmarks/0/time_unit: \"fortnights\""),
            ("{}".to_owned(), "malformed a#/benchmarks/0/name: nothing"),
            (String::new(), "malformed a#/benchmarks: []"),
        ];
        let mut refused = 0;
        for (rows, phrase) in cases {
            let told = google(&rows);
            assert!(told.len() == 1 && told[0].starts_with(phrase), "{told:?}");
            refused += 1;
        }
        assert_eq!(refused, 6);
        assert_eq!(told(&GOOGLE_BENCHMARK, "a", "{}"), ["malformed a#/context: nothing"]);
        let bare = r#"{"context": {}, "benchmarks": [{}]}"#;
        assert_eq!(told(&GOOGLE_BENCHMARK, "a", bare), ["malformed a#/context/library_build_type: nothing"]);
    }
}
