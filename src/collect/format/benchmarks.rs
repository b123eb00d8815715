//! What the readers of benchmarks share: one JSON document, numbers that can be measurements, and what is no report at all.

use super::{decode, json, malformed};
use crate::model::{Content, Document, Gap, GapKind, MeasurementReport, Node, Pointer, Where};

/// Most samples of one report: a file of endless numbers would fill the memory.
const SAMPLES_MOST: usize = 5_000_000;

/// A value that the format does not have at this place.
#[derive(Debug)]
pub(super) struct Misfit {
    at: Pointer,
    expected: String,
    actual: String,
}

impl Misfit {
    /// What stands there, or that nothing does.
    pub(super) fn new(at: &Pointer, expected: impl Into<String>, found: Option<Node<'_>>) -> Self {
        let actual = found.map_or_else(|| "nothing".to_owned(), |node| node.excerpt(80));
        Self { at: at.clone(), expected: expected.into(), actual }
    }

    /// The misfit as a gap; of a line where the file is one of lines.
    pub(super) fn gap(self, at: &Where) -> Gap {
        let gap = malformed(at, None, &self.expected, self.actual);
        let pointer = at.line.is_none().then_some(self.at);
        Gap { at: Where { pointer, line: at.line, ..gap.at }, ..gap }
    }
}

/// An object whose entries are asked for by key, with the place of the object for what is not as it must be.
#[derive(Clone, Copy)]
pub(super) struct Entry<'d>(pub(super) Node<'d>);

/// Reads the bytes as one JSON document.
///
/// # Errors
/// A gap that names line and column.
pub(super) fn document(bytes: &[u8], at: &Where, expected: &str) -> Result<Document, Gap> {
    let value = json::parse(&decode::json(bytes, at)?, &json::Room::default()).map_err(|fault| {
        let actual = format!("{} (line {}, column {})", fault.message, fault.line, fault.column);
        fault.gap(at, (fault.line > 0).then_some(fault.line), expected, actual)
    })?;
    Ok(value)
}

/// Reads the bytes as one JSON document, and that as a report.
///
/// # Errors
/// As [`document`]; also a gap where the document is not of the format, or tells of no benchmark.
pub(super) fn whole(
    bytes: &[u8],
    at: &Where,
    expected: &str,
    read: fn(Node<'_>, &mut MeasurementReport) -> Result<(), Misfit>,
) -> Result<Content, Gap> {
    let document = document(bytes, at, expected)?;
    let mut report = MeasurementReport::default();
    read(document.root(), &mut report).map_err(|misfit| misfit.gap(at))?;
    admit(report, at)
}

/// The report as content.
///
/// # Errors
/// A gap when it tells of no benchmark, or of too many samples.
pub(super) fn admit(report: MeasurementReport, at: &Where) -> Result<Content, Gap> {
    if report.measurements.is_empty() && report.faults.is_empty() {
        return Err(Gap::new(GapKind::Empty, at.clone(), "at least one benchmark", "none"));
    }
    if report.totals().samples > SAMPLES_MOST {
        let expected = format!("at most {SAMPLES_MOST} samples in one report");
        return Err(Gap::new(GapKind::OverLimit, at.clone(), expected, "more"));
    }
    Ok(Content::Measurements(report))
}

impl<'d> Entry<'d> {
    fn get<T>(
        self,
        key: &str,
        at: &Pointer,
        expected: &str,
        read: impl FnOnce(Node<'d>) -> Option<T>,
    ) -> Result<T, Misfit> {
        let found = self.0.get(key);
        found.and_then(read).ok_or_else(|| Misfit::new(&at.key(key), expected, found))
    }

    /// A text that is not blank.
    pub(super) fn text(self, key: &str, at: &Pointer) -> Result<&'d str, Misfit> {
        self.get(key, at, "a text that is not blank", |node| node.text().filter(|text| !text.trim().is_empty()))
    }

    /// A list with at least one item.
    pub(super) fn list(self, key: &str, at: &Pointer) -> Result<Node<'d>, Misfit> {
        self.get(key, at, "a list with at least one item", |node| (node.items().len() > 0).then_some(node))
    }

    /// A number that can be a measurement: 0 or more.
    pub(super) fn number(self, key: &str, at: &Pointer) -> Result<f64, Misfit> {
        self.get(key, at, "a number, 0 or more", number)
    }

    /// A whole number, 0 or more.
    pub(super) fn count(self, key: &str, at: &Pointer) -> Result<u64, Misfit> {
        let whole = |node: Node<'_>| node.number()?.as_integer().and_then(|count| u64::try_from(count).ok());
        self.get(key, at, "a whole number, 0 or more", whole)
    }

    /// A list of numbers that can be measurements, at least one.
    pub(super) fn numbers(self, key: &str, at: &Pointer) -> Result<Vec<f64>, Misfit> {
        let list = self.list(key, at)?;
        let one = |(index, node)| {
            number(node).ok_or_else(|| Misfit::new(&at.key(key).index(index), "a number, 0 or more", Some(node)))
        };
        list.items().enumerate().map(one).collect()
    }
}

/// A number that can be a measurement. Times, sizes and rates are never negative; the JSON reader admits no NaN.
pub(super) fn number(node: Node<'_>) -> Option<f64> {
    node.number().map(|number| number.as_float()).filter(|number| number.is_finite() && *number >= 0.0)
}

#[cfg(test)]
pub(super) mod testing {
    //! What the tests of readers share: a report as short lines.

    use crate::gate::{Format, Reading};
    use crate::model::{Content, Values, Where};

    /// `name metric unit values` for each measurement, then what else the report says; a gap as `kind place: actual`.
    pub(in crate::collect::format) fn told(format: &Format, path: &str, text: &str) -> Vec<String> {
        let Reading::Whole(read) = &format.reading else { panic!("whole") };
        let report = match read(text.as_bytes(), &Where::file(path)) {
            Ok(Content::Measurements(report)) => report,
            Ok(other) => panic!("{other:?}"),
            Err(gap) => return vec![format!("{} {}: {}", gap.kind.word(), gap.at, gap.actual)],
        };
        let mut told: Vec<String> = Vec::new();
        for one in &report.measurements {
            let unit = one.unit.map_or_else(|| "?".to_owned(), |unit| unit.to_string());
            let values = match &one.values {
                Values::Samples(samples) => format!("{samples:?}"),
                Values::Summary { median, count } => format!("median {median} of {count}"),
                Values::Single { value, interval: None } => format!("{value}"),
                Values::Single { value, interval: Some((low, high)) } => format!("{value} in {low}..{high}"),
                Values::NoData => "no data".to_owned(),
            };
            let better = one.better.map_or("", |better| better.word());
            told.push(format!("{} {} {values} {unit} {better}", one.name, one.metric).trim_end().to_owned());
        }
        for fault in &report.faults {
            let whose = fault.benchmark.as_deref().unwrap_or("*");
            told.push(format!("{} {whose}: {}", fault.kind.word(), fault.message));
        }
        told.extend(report.contradictions.iter().map(|one| format!("contradiction: {} | {}", one.items, one.stated)));
        told.extend(report.timestamp.iter().map(|stamp| format!("at {stamp}")));
        told.extend(report.commit.iter().map(|commit| format!("commit {commit}")));
        told
    }
}
