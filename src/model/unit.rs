//! Units of measurement: what a number is of, and how it becomes another number of the same dimension.
//!
//! A number without its unit decides nothing: seconds that are read as milliseconds keep every budget. Units of different
//! dimensions are never compared.

use std::fmt;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    /// Time, counted in nanoseconds.
    Time,
    /// Data, counted in bytes.
    Data,
    /// A share of a whole, counted in hundredths.
    Share,
    /// A number of things.
    Count,
    /// Things per second.
    Rate,
    /// Data per second, counted in bytes.
    Throughput,
}

/// A unit. All of one dimension are multiples of the same thing, whole ones wherever they can be, so that converting does not round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unit {
    /// What it measures.
    pub dimension: Dimension,
    /// How many of the dimension's own things one of it is.
    factor: f64,
    word: &'static str,
}

const fn unit(dimension: Dimension, factor: f64, word: &'static str) -> Unit {
    Unit { dimension, factor, word }
}

/// Every unit under its spellings; the first one is the word in findings.
const UNITS: &[(&[&str], Dimension, f64)] = &[
    (&["ps"], Dimension::Time, 1e-3),
    (&["ns", "nanoseconds"], Dimension::Time, 1.0),
    (&["us", "µs", "μs", "microseconds"], Dimension::Time, 1e3),
    (&["ms", "milliseconds"], Dimension::Time, 1e6),
    (&["s", "sec", "second", "seconds"], Dimension::Time, 1e9),
    (&["min", "minutes"], Dimension::Time, 6e10),
    (&["h", "hours"], Dimension::Time, 3.6e12),
    (&["B", "byte", "bytes"], Dimension::Data, 1.0),
    (&["kB", "KB"], Dimension::Data, 1e3),
    (&["MB"], Dimension::Data, 1e6),
    (&["GB"], Dimension::Data, 1e9),
    (&["TB"], Dimension::Data, 1e12),
    (&["KiB"], Dimension::Data, 1_024.0),
    (&["MiB"], Dimension::Data, 1_048_576.0),
    (&["GiB"], Dimension::Data, 1_073_741_824.0),
    (&["TiB"], Dimension::Data, 1_099_511_627_776.0),
    (&["%", "percent"], Dimension::Share, 1.0),
    (&["ratio"], Dimension::Share, 100.0),
    (&["count"], Dimension::Count, 1.0),
    (&["/s", "1/s", "Hz", "ops/s", "operations/second", "items/s", "elements/s", "requests/s"], Dimension::Rate, 1.0),
    (&["B/s", "bytes/s"], Dimension::Throughput, 1.0),
    (&["kB/s", "KB/s"], Dimension::Throughput, 1e3),
    (&["MB/s"], Dimension::Throughput, 1e6),
    (&["GB/s"], Dimension::Throughput, 1e9),
    (&["KiB/s"], Dimension::Throughput, 1_024.0),
    (&["MiB/s"], Dimension::Throughput, 1_048_576.0),
    (&["GiB/s"], Dimension::Throughput, 1_073_741_824.0),
];

impl Unit {
    /// Nanoseconds.
    pub const NANOSECONDS: Unit = unit(Dimension::Time, 1.0, "ns");
    /// Seconds.
    pub const SECONDS: Unit = unit(Dimension::Time, 1e9, "s");
    /// Bytes.
    pub const BYTES: Unit = unit(Dimension::Data, 1.0, "B");
    /// Bytes per second.
    pub const BYTES_PER_SECOND: Unit = unit(Dimension::Throughput, 1.0, "B/s");
    /// Things per second.
    pub const PER_SECOND: Unit = unit(Dimension::Rate, 1.0, "/s");
    /// Things.
    pub const COUNT: Unit = unit(Dimension::Count, 1.0, "count");

    /// Reads the word of a unit, as it is spelt: `MB` and `mb` are not the same.
    pub fn parse(word: &str) -> Option<Self> {
        let known = UNITS.iter().find(|(words, _, _)| words.contains(&word))?;
        Some(unit(known.1, known.2, known.0[0]))
    }

    /// A value in this unit as a value in another one; `None` if they measure different things.
    pub fn convert(self, value: f64, to: Unit) -> Option<f64> {
        (self.dimension == to.dimension).then(|| if self == to { value } else { value * self.factor / to.factor })
    }

    /// A value in this unit, for people: four digits, and the word.
    pub fn show(self, value: f64) -> String {
        format!("{} {}", digits(value), self.word)
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word)
    }
}

/// Four significant digits, or all of a whole number.
fn digits(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    // The exponent of a finite f64 is between -324 and 308.
    let exponent = value.abs().log10().floor() as i32;
    let decimals = usize::try_from(3 - exponent).unwrap_or(0).min(12);
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A number with its unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantity {
    /// The number; finite.
    pub value: f64,
    /// Its unit.
    pub unit: Unit,
}

impl Quantity {
    /// Reads `250 ms`, `1.5GiB`, `99.5 %`.
    ///
    /// # Errors
    /// A phrase that follows the text: `has no unit`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let end = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '-' | '+')).unwrap_or(text.len());
        let (number, word) = (&text[..end], text[end..].trim());
        let value = number.parse::<f64>().ok().filter(|value| value.is_finite());
        let value = value.ok_or("does not begin with a number")?;
        if word.is_empty() {
            return Err("has no unit".to_owned());
        }
        let unit = Unit::parse(word).ok_or_else(|| format!("has a unit that is not known, `{word}`"))?;
        Ok(Self { value, unit })
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.unit.show(self.value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_with_their_unit() {
        let shown = |text: &str| Quantity::parse(text).map(|quantity| quantity.to_string());
        assert_eq!(shown("250 ms"), Ok("250 ms".to_owned()));
        assert_eq!(shown("1.5GiB"), Ok("1.5 GiB".to_owned()));
        assert_eq!(shown("99.50 %"), Ok("99.5 %".to_owned()));
        assert_eq!(shown("12 µs"), Ok("12 us".to_owned()));
        assert_eq!(shown("0.000123456 s"), Ok("0.0001235 s".to_owned()));
        assert_eq!(shown("123456 B"), Ok("123456 B".to_owned()));
        assert_eq!(shown("250"), Err("has no unit".to_owned()));
        assert_eq!(shown("ms"), Err("does not begin with a number".to_owned()));
        assert_eq!(shown("1e400 s"), Err("has a unit that is not known, `e400 s`".to_owned()));
        assert_eq!(shown("5 mb"), Err("has a unit that is not known, `mb`".to_owned()));
    }

    #[test]
    fn only_units_of_one_dimension_convert() {
        let as_unit = |text: &str, to: &str| {
            let from = Quantity::parse(text).expect("a quantity");
            from.unit.convert(from.value, Unit::parse(to).expect("a unit"))
        };
        assert_eq!(as_unit("250 ms", "s"), Some(0.25));
        assert_eq!(as_unit("0.25 s", "ns"), Some(250_000_000.0));
        assert_eq!(as_unit("1 MiB", "KB"), Some(1_048.576));
        assert_eq!(as_unit("0.5 ratio", "%"), Some(50.0));
        assert_eq!([as_unit("1 s", "B"), as_unit("1 count", "%"), as_unit("1 B", "B/s")], [None; 3]);
    }

    #[test]
    fn each_spelling_is_of_one_unit() {
        let spellings: Vec<&str> = UNITS.iter().flat_map(|(words, _, _)| *words).copied().collect();
        let mut once = spellings.clone();
        once.sort_unstable();
        once.dedup();
        assert!(once.len() == spellings.len() && once.len() > 40, "{spellings:?}");
    }

    #[test]
    fn named_units_are_those_of_the_table() {
        let named = [Unit::NANOSECONDS, Unit::SECONDS, Unit::BYTES, Unit::BYTES_PER_SECOND, Unit::PER_SECOND, Unit::COUNT];
        assert!(named.into_iter().all(|own| Unit::parse(own.word) == Some(own)));
    }
}
