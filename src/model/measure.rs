//! Values that checks measured: numbers of tests, shares, times, days, each with the limit that it was held against.
//!
//! A check tells them whatever it decided, so that people see how close it was and tools can draw a trend. They decide nothing.

use super::document::Number;
use std::fmt;

/// The unit of a number of things.
pub const COUNT: &str = "count";

/// One value that a check measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// What was measured: `tests failed`, `lines of src/decide`, `p95 of parse`.
    pub what: String,
    /// The value, in `unit`.
    pub value: Number,
    /// `count`, or the word of a unit: `%`, `ms`, `days`; empty where nobody says.
    pub unit: String,
    /// What it was held against, in the same unit.
    pub limit: Option<Limit>,
}

/// The limit of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// The value may not be higher.
    AtMost(Number),
    /// The value may not be lower.
    AtLeast(Number),
}

impl Measure {
    /// A number of things.
    pub fn count(what: impl Into<String>, count: usize) -> Self {
        Self { what: what.into(), value: Number::Int(count as i128), unit: COUNT.to_owned(), limit: None }
    }

    /// A value in a unit.
    pub fn of(what: impl Into<String>, value: f64, unit: impl fmt::Display) -> Self {
        Self { what: what.into(), value: Number::Float(value), unit: unit.to_string(), limit: None }
    }

    /// The same, held against a limit.
    pub fn limit(self, limit: Limit) -> Self {
        Self { limit: Some(limit), ..self }
    }

    /// Adds what another check of the gate measured, or the same check of another shard of the run: numbers of the same things are added
    /// up, anything else stands beside.
    pub fn gather(all: &mut Vec<Self>, more: Vec<Self>) {
        for one in more {
            let same = |own: &&mut Self| own.what == one.what && own.unit == one.unit && own.limit == one.limit;
            match (all.iter_mut().find(same), one.value) {
                (Some(Self { value: Number::Int(sum), .. }), Number::Int(own)) if one.unit == COUNT => *sum += own,
                (Some(own), _) if own.value == one.value => {}
                (Some(_) | None, _) => all.push(one),
            }
        }
    }
}

impl fmt::Display for Measure {
    /// `tests failed 1 (at most 0)`, `lines of src/decide 91.25 % (at least 90 %)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.what, self.shown(self.value))?;
        match self.limit {
            Some(Limit::AtMost(most)) => write!(f, " (at most {})", self.shown(most)),
            Some(Limit::AtLeast(least)) => write!(f, " (at least {})", self.shown(least)),
            None => Ok(()),
        }
    }
}

impl Measure {
    /// A value in this unit, for people: at most four digits behind the point, so that a limit and what is just beside it differ.
    fn shown(&self, value: Number) -> String {
        let number = match value {
            Number::Int(int) => int.to_string(),
            Number::Float(float) if float.abs() >= 1000.0 => format!("{float:.1}"),
            Number::Float(float) => format!("{float:.4}"),
        };
        let number = if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { &number };
        if self.unit == COUNT || self.unit.is_empty() { number.to_owned() } else { format!("{number} {}", self.unit) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_told_with_unit_and_limit() {
        let table = [
            (Measure::count("tests", 28), "tests 28"),
            (Measure::count("tests failed", 1).limit(Limit::AtMost(Number::Int(0))), "tests failed 1 (at most 0)"),
            (
                Measure::of("lines of `src`", 91.25, "%").limit(Limit::AtLeast(Number::Int(90))),
                "lines of `src` 91.25 % (at least 90 %)",
            ),
            (Measure::of("median of `parse`", 0.000_29, "s"), "median of `parse` 0.0003 s"),
            (
                Measure::of("median of `parse`", 5_000.0, "us").limit(Limit::AtMost(Number::Float(5_000.5))),
                "median of `parse` 5000 us (at most 5000.5 us)",
            ),
        ];
        for (measure, expected) in table {
            assert_eq!(measure.to_string(), expected);
        }
    }

    #[test]
    fn shards_add_up_and_checks_do_not_repeat_each_other() {
        let rate = Measure::of("lines", 90.0, "%");
        let mut all = vec![Measure::count("tests", 2), rate.clone()];
        Measure::gather(&mut all, vec![Measure::count("tests", 3), rate.clone(), Measure::of("lines", 80.0, "%")]);
        assert_eq!(all, [Measure::count("tests", 5), rate, Measure::of("lines", 80.0, "%")]);
    }
}
