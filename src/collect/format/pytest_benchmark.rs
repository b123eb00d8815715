//! `pytest-benchmark`: what `pytest --benchmark-json` writes.
//!
//! A benchmark is called by its `fullname`; its metric is `time` in seconds, a sample a round. Only `--benchmark-save-data` writes the samples; without it the file
//! holds a median whose noise nobody can tell. Mean, median and `rounds` that are stated must be those of the samples. `commit_info` gives the commit; uncommitted changes are a fault.
//!
//! Encodings: UTF-8 with or without a byte order mark, or UTF-16 with one, which PowerShell and .NET write. Half a surrogate pair (`"\ud83d"`, a text that was
//! cut in the middle of a character) is U+FFFD. Other bytes are malformed.

use super::benchmarks::{Entry, Misfit, whole};
use crate::gate::{Format, Reading};
use crate::model::{
    Better, Content, Contradiction, Fault, FaultKind, Gap, Measurement, MeasurementReport, Node, Pointer, Spot, Unit,
    Values, Where, ascending, quantile,
};

/// The format.
pub(super) static PYTEST_BENCHMARK: Format = Format {
    id: "pytest-benchmark",
    extensions: &[],
    about: "benchmarks as pytest-benchmark saves them",
    docs: include_str!("pytest_benchmark.rs"),
    reading: Reading::Whole(read),
};

fn read(bytes: &[u8], at: &Where) -> Result<Content, Gap> {
    whole(bytes, at, "a sound file of pytest-benchmark", benchmarks)
}

fn benchmarks(root: Node<'_>, report: &mut MeasurementReport) -> Result<(), Misfit> {
    let top = Pointer::root();
    let at = top.key("benchmarks");
    for (index, node) in Entry(root).list("benchmarks", &top)?.items().enumerate() {
        benchmark(Entry(node), &at.index(index), report)?;
    }
    report.timestamp = root.get("datetime").and_then(Node::text).map(Into::into);
    let commit = root.get("commit_info");
    let id = commit.and_then(|commit| commit.get("id")).and_then(Node::text);
    report.commit = id.filter(|id| *id != "unversioned" && *id != "unknown").map(Into::into);
    if commit.and_then(|commit| commit.get("dirty")).and_then(Node::boolean) == Some(true) {
        report.faults.push(Fault {
            kind: FaultKind::DirtyCommit,
            benchmark: None,
            message: "there were uncommitted changes".to_owned(),
            at: Spot::Value(top.key("commit_info").key("dirty")),
        });
    }
    Ok(())
}

fn benchmark(own: Entry<'_>, at: &Pointer, report: &mut MeasurementReport) -> Result<(), Misfit> {
    let name = own.text("fullname", at)?;
    let node = own.0.get("stats").ok_or_else(|| Misfit::new(&at.key("stats"), "statistics", None))?;
    let (stats, at) = (Entry(node), at.key("stats"));
    let (median, mean, rounds) = (stats.number("median", &at)?, stats.number("mean", &at)?, stats.count("rounds", &at)?);
    let values = if node.get("data").is_some() {
        let data = stats.numbers("data", &at)?;
        report.compare(
            "median",
            quantile(&ascending(&data), 0.5).unwrap_or_default(),
            median,
            Spot::Value(at.key("median")),
        );
        report.compare("mean", data.iter().sum::<f64>() / data.len() as f64, mean, Spot::Value(at.key("mean")));
        if data.len() as u64 != rounds {
            let (items, stated) = (format!("{} samples", data.len()), format!("{rounds} rounds"));
            report.contradictions.push(Contradiction { items, stated, at: Spot::Value(at.key("rounds")) });
        }
        Values::Samples(data)
    } else {
        Values::Summary { median, count: rounds }
    };
    report.measurements.push(Measurement {
        name: name.into(),
        metric: "time".into(),
        unit: Some(Unit::SECONDS),
        better: Some(Better::Lower),
        values,
        at: Spot::Value(at),
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::benchmarks::testing::told;
    use super::PYTEST_BENCHMARK;

    fn pytest(stats: &str, rest: &str) -> Vec<String> {
        let text = format!(r#"{{"benchmarks": [{{"fullname": "t.py::t", "stats": {{{stats}}}}}]{rest}}}"#);
        told(&PYTEST_BENCHMARK, "a", &text)
    }

    #[test]
    fn rounds_are_samples() {
        let stats = r#""median": 2.0, "mean": 2.0, "rounds": 3"#;
        let rest = r#", "datetime": "2026-06-15T12:00:00+00:00", "commit_info": {"id": "1a2b", "dirty": true}"#;
        assert_eq!(
            pytest(&format!(r#"{stats}, "data": [1.0, 2.0, 3.0]"#), rest),
            [
                "t.py::t time [1.0, 2.0, 3.0] s lower",
                "dirty-commit *: there were uncommitted changes",
                "at 2026-06-15T12:00:00+00:00",
                "commit 1a2b"
            ]
        );
        let unversioned = r#", "commit_info": {"id": "unversioned", "dirty": false}"#;
        assert_eq!(pytest(stats, unversioned), ["t.py::t time median 2 of 3 s lower"]);
    }

    #[test]
    fn what_is_stated_must_be_so() {
        assert_eq!(
            pytest(r#""median": 1.0, "mean": 9.0, "rounds": 4, "data": [1.0, 2.0, 3.0]"#, "")[1..],
            ["contradiction: median 2 | median 1", "contradiction: mean 2 | mean 9", "contradiction: 3 samples | 4 rounds"]
        );
    }

    #[test]
    fn damage_is_malformed() {
        assert_eq!(told(&PYTEST_BENCHMARK, "a", "{}"), ["malformed a#/benchmarks: nothing"]);
        assert_eq!(told(&PYTEST_BENCHMARK, "a", r#"{"benchmarks": []}"#), ["malformed a#/benchmarks: []"]);
        let cases = [
            (r#""median": -2.0, "mean": 2.0, "rounds": 3"#, "stats/median: -2.0"),
            (r#""median": 2.0, "mean": 2.0, "rounds": 1.5"#, "stats/rounds: 1.5"),
            (r#""median": 2.0, "mean": 2.0, "rounds": 3, "data": []"#, "stats/data: []"),
            (r#""median": 2.0, "mean": 2.0, "rounds": 3, "data": [null]"#, "stats/data/0: null"),
        ];
        let mut refused = 0;
        for (stats, phrase) in cases {
            assert_eq!(pytest(stats, ""), [format!("malformed a#/benchmarks/0/{phrase}")]);
            refused += 1;
        }
        assert_eq!(refused, 4);
    }
}
