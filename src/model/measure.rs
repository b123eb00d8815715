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

    /// A length of time that is held against a longest one, in the unit of that.
    pub fn age(what: impl Into<String>, seconds: i64, most: i64) -> Self {
        let (unit, size) = Self::unit_of_time(most);
        let told = |seconds: i64| Number::Float(seconds as f64 / size);
        Self { what: what.into(), value: told(seconds), unit: unit.to_owned(), limit: Some(Limit::AtMost(told(most))) }
    }

    /// The unit in which people tell a length of time of about so many seconds, and its own.
    pub const fn unit_of_time(seconds: i64) -> (&'static str, f64) {
        match seconds.unsigned_abs() {
            172_800.. => ("days", 86_400.0),
            7_200.. => ("h", 3_600.0),
            120.. => ("min", 60.0),
            _ => ("s", 1.0),
        }
    }

    /// Adds what was measured of other evidence: numbers of the same things are added up, anything else stands beside.
    pub fn add_up(all: &mut Vec<Self>, more: Vec<Self>) {
        for one in more {
            match (all.iter_mut().find(|own| own.same(&one)), one.value) {
                (Some(Self { value: Number::Int(sum), .. }), Number::Int(own)) if one.unit == COUNT => *sum += own,
                (Some(own), _) if own.value == one.value => {}
                (Some(_) | None, _) => all.push(one),
            }
        }
    }

    /// Adds what was measured of the same evidence: what is there already is not told twice.
    pub fn add_other(all: &mut Vec<Self>, more: Vec<Self>) {
        for one in more {
            if !all.contains(&one) {
                all.push(one);
            }
        }
    }

    /// Adds a value, to `most` values; of `several` items that are held against a limit only the one that is closest to it is kept, or
    /// furthest beyond it.
    pub fn keep_closest(all: &mut Vec<Self>, one: Self, several: bool, most: usize) {
        let side = |limit: Option<Limit>| limit.map(|limit| matches!(limit, Limit::AtLeast(_)));
        let same = |own: &&mut Self| own.what == one.what && own.unit == one.unit && side(own.limit) == side(one.limit);
        if let Some(own) = all.iter_mut().find(same) {
            if one.margin() < own.margin() {
                *own = one;
            }
        } else if all.len() < most && (!several || one.limit.is_some()) {
            all.push(one);
        }
    }

    /// How far the value is from its limit; below zero beyond it.
    fn margin(&self) -> f64 {
        match self.limit {
            Some(Limit::AtMost(most)) => most.as_float() - self.value.as_float(),
            Some(Limit::AtLeast(least)) => self.value.as_float() - least.as_float(),
            None => 0.0,
        }
    }

    /// Whether it is the same thing that was measured.
    fn same(&self, other: &Self) -> bool {
        self.what == other.what && self.unit == other.unit && self.limit == other.limit
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
    /// The seconds of the unit, if it is one of time.
    fn seconds(&self) -> Option<f64> {
        [0, 120, 7_200, 172_800]
            .map(Self::unit_of_time)
            .into_iter()
            .find(|(unit, _)| *unit == self.unit)
            .map(|(_, size)| size)
    }

    /// A value in this unit, for people: at most four digits behind the point, so that a limit and what is just beside it differ.
    fn shown(&self, value: Number) -> String {
        if let (true, Some(size)) = (self.what.starts_with("age of "), self.seconds()) {
            return super::age::show_span((value.as_float() * size).round() as i64);
        }
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
    fn shards_add_up_and_looking_twice_does_not() {
        let rate = Measure::of("lines", 90.0, "%");
        let mut all = vec![Measure::count("tests", 2), rate.clone()];
        Measure::add_up(&mut all, vec![Measure::count("tests", 3), rate.clone(), Measure::of("lines", 80.0, "%")]);
        assert_eq!(all, [Measure::count("tests", 5), rate.clone(), Measure::of("lines", 80.0, "%")]);
        Measure::add_other(&mut all, vec![Measure::count("tests", 5), Measure::count("tests", 6), rate]);
        assert_eq!(all.len(), 4);
    }

    #[test]
    fn of_many_values_the_one_closest_to_its_limit_is_told() {
        let one = |value: f64, limit: Limit| Measure::of("n", value, "ms").limit(limit);
        let (most, least) =
            (|limit: f64| Limit::AtMost(Number::Float(limit)), |limit: f64| Limit::AtLeast(Number::Float(limit)));
        let mut all = Vec::new();
        for measure in
            [one(3.0, most(5.0)), one(9.0, most(10.0)), one(1.0, most(5.0)), one(3.0, least(1.0)), one(0.5, least(1.0))]
        {
            Measure::keep_closest(&mut all, measure, true, 4);
        }
        Measure::keep_closest(&mut all, Measure::count("bare", 1), true, 4);
        assert_eq!(all, [one(9.0, most(10.0)), one(0.5, least(1.0))]);
        assert_eq!(Measure::age("age of `e`", 6_300, 86_400).to_string(), "age of `e` 1h 45m (at most 1d)");
        assert_eq!(Measure::age("age of `e`", 86_400, 432_000).to_string(), "age of `e` 1d (at most 5d)");
    }
}
