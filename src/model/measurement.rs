//! What benchmarks measured, in one model whatever tool wrote it: a name, a metric, a unit, samples.
//!
//! Readers state what stands in a report; medians and quantiles are computed anew from the samples, and what the report states
//! about them must agree. A statistic without samples is kept apart, because nobody can tell how noisy it is.
//!
//! As a document:
//!
//! ```text
//! totals          {total, samples, benchmarks, faults}
//! measurements[]  {name, metric, unit?, better?, samples, median?, value?}
//! faults[]        {kind, benchmark?, message}
//! contradictions[] {items, stated}
//! timestamp, commit   if the report says so
//! ```

use super::document::{Document, Number, Value};
use super::test_report::{Contradiction, Spot};
use super::test_view::{contradictions, counted, map};
use super::unit::Unit;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// Which direction is the good one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// Less is better: time, memory.
    Lower,
    /// More is better: throughput.
    Higher,
}

impl Better {
    /// The word in definitions and documents.
    pub const fn word(self) -> &'static str {
        match self {
            Better::Lower => "lower",
            Better::Higher => "higher",
        }
    }
}

/// What a measurement consists of, all in its unit; every number is finite.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// One number for each time it was measured; at least one.
    Samples(Vec<f64>),
    /// What the report says of samples that are not in it.
    Summary {
        /// Their median.
        median: f64,
        /// How many there were.
        count: u64,
    },
    /// One number that is all there is: a file's size, a count of instructions.
    Single {
        /// The number.
        value: f64,
        /// The interval in which it lies, if the report states one.
        interval: Option<(f64, f64)>,
    },
    /// The report says that it was not measured.
    NoData,
}

/// What one benchmark says of one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    /// The benchmark.
    pub name: Box<str>,
    /// What was measured of it: `time`.
    pub metric: Box<str>,
    /// The unit of the numbers; `None` where the report states none.
    pub unit: Option<Unit>,
    /// Which direction is the good one, if the metric says so.
    pub better: Option<Better>,
    /// The numbers.
    pub values: Values,
    /// Where the report tells of it.
    pub at: Spot,
}

/// What a report says against itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// A benchmark, or the command that it timed, failed.
    Failed,
    /// The library that measured was built for debugging.
    DebugLibrary,
    /// The processor changed its speed while it measured.
    CpuScaling,
    /// What was measured was not what is committed.
    DirtyCommit,
}

impl FaultKind {
    /// Every kind.
    pub const ALL: [FaultKind; 4] =
        [FaultKind::Failed, FaultKind::DebugLibrary, FaultKind::CpuScaling, FaultKind::DirtyCommit];

    /// The word in findings and definitions.
    pub const fn word(self) -> &'static str {
        match self {
            FaultKind::Failed => "benchmark-failed",
            FaultKind::DebugLibrary => "debug-library",
            FaultKind::CpuScaling => "cpu-scaling",
            FaultKind::DirtyCommit => "dirty-commit",
        }
    }
}

/// Why a measurement is not to be believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What kind of reason.
    pub kind: FaultKind,
    /// The benchmark, unless it is about all of them.
    pub benchmark: Option<Box<str>>,
    /// What the report says.
    pub message: String,
    /// Where it says that.
    pub at: Spot,
}

/// How much there is in a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MeasurementTotals {
    /// Measurements: a benchmark has one for each of its metrics.
    pub total: usize,
    /// Samples of all of them.
    pub samples: usize,
    /// Benchmarks.
    pub benchmarks: usize,
    /// Reasons not to believe a measurement.
    pub faults: usize,
}

impl MeasurementTotals {
    /// The totals with their words, in the order of documents.
    pub const fn entries(&self) -> [(&'static str, usize); 4] {
        let Self { total, samples, benchmarks, faults } = *self;
        [("total", total), ("samples", samples), ("benchmarks", benchmarks), ("faults", faults)]
    }
}

/// What benchmarks reported.
#[derive(Debug, Default)]
pub struct MeasurementReport {
    /// The measurements, in the order of the report.
    pub measurements: Vec<Measurement>,
    /// What the report says against itself.
    pub faults: Vec<Fault>,
    /// Where the report contradicts itself.
    pub contradictions: Vec<Contradiction>,
    /// When it was measured, as the report spells it.
    pub timestamp: Option<Box<str>>,
    /// The commit that was measured, as the report spells it.
    pub commit: Option<Box<str>>,
    view: OnceLock<Document>,
}

impl MeasurementReport {
    /// How much there is.
    pub fn totals(&self) -> MeasurementTotals {
        let samples = |one: &Measurement| if let Values::Samples(samples) = &one.values { samples.len() } else { 0 };
        let names: BTreeSet<&str> = self.measurements.iter().map(|one| &*one.name).collect();
        MeasurementTotals {
            total: self.measurements.len(),
            samples: self.measurements.iter().map(samples).sum(),
            benchmarks: names.len(),
            faults: self.faults.len(),
        }
    }

    /// Keeps what a report states of its samples, if it is not what they come to.
    pub fn compare(&mut self, what: &str, computed: f64, stated: f64, at: Spot) {
        // Reports round; a millionth is far below what any benchmark can tell.
        let apart = (computed - stated).abs() > 1e-6 * computed.abs().max(stated.abs());
        if apart {
            let (items, stated) = (format!("{what} {computed}"), format!("{what} {stated}"));
            self.contradictions.push(Contradiction { items, stated, at });
        }
    }

    /// The report as a document, for expressions; built when it is first asked for.
    pub fn document(&self) -> &Document {
        self.view.get_or_init(|| document(self))
    }
}

/// The quantile of sorted numbers, between two of them in proportion; `None` of no numbers. `at` is 0.5 for the median.
pub fn quantile(sorted: &[f64], at: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    // The position is between 0 and the last index, so the cast cuts the fraction and nothing else.
    let position = at.clamp(0.0, 1.0) * last as f64;
    let (below, above) = (sorted[position as usize], sorted[last.min(position as usize + 1)]);
    Some(below + (above - below) * position.fract())
}

/// The numbers in ascending order.
pub fn ascending(values: &[f64]) -> Vec<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values
}

fn document(report: &MeasurementReport) -> Document {
    let measurement = |one: &Measurement| {
        let mut entries = vec![("name", Value::from(&*one.name)), ("metric", Value::from(&*one.metric))];
        entries.extend(one.unit.map(|unit| ("unit", Value::from(unit.to_string().as_str()))));
        entries.extend(one.better.map(|better| ("better", Value::from(better.word()))));
        let (samples, key, value) = match &one.values {
            Values::Samples(samples) => (samples.len(), "median", quantile(&ascending(samples), 0.5)),
            Values::Summary { median, .. } => (0, "median", Some(*median)),
            Values::Single { value, .. } => (0, "value", Some(*value)),
            Values::NoData => (0, "value", None),
        };
        entries.push(counted(("samples", samples)));
        entries.push((key, value.map_or(Value::Null, |value| Value::Number(Number::Float(value)))));
        map(entries)
    };
    let fault = |fault: &Fault| {
        let mut entries = vec![("kind", Value::from(fault.kind.word())), ("message", Value::from(fault.message.as_str()))];
        entries.extend(fault.benchmark.as_deref().map(|name| ("benchmark", Value::from(name))));
        map(entries)
    };
    let mut entries = vec![
        ("totals", map(report.totals().entries().into_iter().map(counted).collect())),
        ("measurements", Value::List(report.measurements.iter().map(measurement).collect())),
        ("faults", Value::List(report.faults.iter().map(fault).collect())),
        ("contradictions", contradictions(&report.contradictions)),
    ];
    entries.extend(report.timestamp.as_deref().map(|stamp| ("timestamp", Value::from(stamp))));
    entries.extend(report.commit.as_deref().map(|commit| ("commit", Value::from(commit))));
    Document::new(map(entries))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(values: Values) -> Measurement {
        let unit = Some(Unit::SECONDS);
        let (name, metric, better) = ("b".into(), "time".into(), Some(Better::Lower));
        Measurement { name, metric, unit, better, values, at: Spot::Line(1) }
    }

    /// The values of `numpy.quantile([1, 2, 3, 10], q)`, numpy 2.
    #[test]
    fn quantiles_lie_between_their_neighbours() {
        let numbers = [1.0, 2.0, 3.0, 10.0];
        let told: Vec<_> = [0.0, 0.25, 0.5, 0.75, 0.9, 1.0].into_iter().map(|at| quantile(&numbers, at)).collect();
        assert_eq!(told.len(), 6);
        for (own, expected) in told.into_iter().zip([1.0, 1.75, 2.5, 4.75, 7.9, 10.0]) {
            assert!(own.is_some_and(|own| (own - expected).abs() < 1e-12), "{own:?} {expected}");
        }
        assert_eq!((quantile(&[], 0.5), quantile(&[7.0], 0.99)), (None, Some(7.0)));
    }

    #[test]
    fn what_is_stated_must_be_what_the_samples_come_to() {
        let mut report = MeasurementReport::default();
        report.compare("median", 2.5, 2.500_000_1, Spot::Line(1));
        assert!(report.contradictions.is_empty());
        report.compare("median", 2.5, 2.4, Spot::Line(1));
        report.compare("median", 0.0, 0.1, Spot::Line(1));
        assert_eq!(report.contradictions.len(), 2);
    }

    #[test]
    fn everything_that_is_told_is_in_the_view() {
        let single = Measurement { metric: "size".into(), ..one(Values::Single { value: 3.0, interval: None }) };
        let fault = Fault {
            kind: FaultKind::Failed,
            benchmark: Some("c".into()),
            message: "no database".to_owned(),
            at: Spot::Line(2),
        };
        let report = MeasurementReport {
            measurements: vec![one(Values::Samples(vec![3.0, 1.0])), single, one(Values::NoData)],
            faults: vec![fault],
            commit: Some("1a2b".into()),
            ..MeasurementReport::default()
        };
        let root = report.document().root();
        let shown = |key: &str| root.get(key).map(|node| node.excerpt(400)).unwrap_or_default();
        assert_eq!(
            shown("measurements"),
            r#"[{"better": "lower", "median": 2.0, "metric": "time", "name": "b", "samples": 2, "unit": "s"}, {"better": "lower", "metric": "size", "name": "b", "samples": 0, "unit": "s", "value": 3.0}, {"better": "lower", "metric": "time", "name": "b", "samples": 0, "unit": "s", "value": null}]"#
        );
        assert_eq!(shown("faults"), r#"[{"benchmark": "c", "kind": "benchmark-failed", "message": "no database"}]"#);
        assert_eq!(shown("totals"), r#"{"benchmarks": 1, "faults": 1, "samples": 2, "total": 3}"#);
        assert_eq!((shown("commit"), shown("timestamp")), (r#""1a2b""#.to_owned(), String::new()));
    }
}
