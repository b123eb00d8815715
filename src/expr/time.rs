//! Lengths of time as expressions write them, and how times are shown.
//!
//! Both spellings are read: that of the definitions (`5d`) and that of CEL (`1h30m`, `-1.5h`, `250ms`). A unit is
//! mandatory, zero included.

use super::trouble::{Fault, TroubleKind};
use crate::model::{Age, Instant, parse_instant};
use chrono::{SecondsFormat, TimeDelta};

/// Nanoseconds of each unit, the longest first; `ms` before `m` matters to no one because whole unit words are compared.
const UNITS: [(&str, i128); 8] = [
    ("w", 604_800_000_000_000),
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// A hundred years in nanoseconds, the limit that [`Age`] has as well.
const LONGEST: i128 = 36_525 * 86_400 * 1_000_000_000;

/// Reads a length of time.
pub(super) fn parse_span(text: &str) -> Result<TimeDelta, Fault> {
    if let Ok(age) = Age::parse(text) {
        return Ok(age.duration());
    }
    let bad = || {
        let because = format!("`{text}` is not a length of time");
        Fault::new(TroubleKind::BadDuration, "a length of time like `36h`, `1h30m` or `5d`", because)
    };
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(bad)?;
        let word = rest[number..].find(|c: char| !c.is_ascii_lowercase()).unwrap_or(rest.len() - number);
        let (whole, fraction) = rest[..number].split_once('.').unwrap_or((&rest[..number], "0"));
        let nanos = UNITS.iter().find(|(unit, _)| *unit == &rest[number..number + word]).ok_or_else(bad)?.1;
        let whole: i128 = whole.parse::<u64>().map_err(|_| bad())?.into();
        // More than nine digits would be finer than a nanosecond of a second; they are refused rather than dropped.
        let digits = u32::try_from(fraction.len()).ok().filter(|digits| (1..=9).contains(digits)).ok_or_else(bad)?;
        let part = i128::from(fraction.parse::<u32>().map_err(|_| bad())?) * nanos / 10_i128.pow(digits);
        total += whole * nanos + part;
        rest = &rest[number + word..];
    }
    if text.is_empty() || text == "-" || total > LONGEST {
        return Err(bad());
    }
    from_nanos(sign * total).ok_or_else(bad)
}

/// Reads a timestamp; the offset is mandatory.
pub(super) fn parse_timestamp(text: &str) -> Result<Instant, Fault> {
    parse_instant(text).map_err(|because| {
        let expected = "an RFC 3339 timestamp like `2026-01-31T12:00:00Z`";
        Fault::new(
            TroubleKind::BadTimestamp,
            expected,
            format!("`{}` {because}", text.chars().take(80).collect::<String>()),
        )
    })
}

fn from_nanos(nanos: i128) -> Option<TimeDelta> {
    let seconds = i64::try_from(nanos.div_euclid(1_000_000_000)).ok()?;
    let rest = u32::try_from(nanos.rem_euclid(1_000_000_000)).ok()?;
    TimeDelta::new(seconds, rest)
}

/// The length in nanoseconds; wide enough for every [`TimeDelta`].
pub(super) fn nanos(span: TimeDelta) -> i128 {
    i128::from(span.num_seconds()) * 1_000_000_000 + i128::from(span.subsec_nanos())
}

/// A length of time in the spelling that [`parse_span`] reads: `1d12h`, `-90s` is `-1m30s`.
pub(super) fn show_span(span: TimeDelta) -> String {
    let total = nanos(span);
    let mut out = String::from(if total < 0 { "-" } else { "" });
    let mut rest = total.abs();
    for (unit, size) in &UNITS[1..] {
        if rest >= *size {
            out.push_str(&format!("{}{unit}", rest / size));
            rest %= size;
        }
    }
    if total == 0 { "0s".to_owned() } else { out }
}

/// A point in time as RFC 3339 in UTC.
pub(super) fn show_instant(instant: Instant) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_read_and_shown_again() {
        let cases = [
            ("5d", "5d"),
            ("2w", "14d"),
            ("36h", "1d12h"),
            ("1h30m", "1h30m"),
            ("1.5h", "1h30m"),
            ("-1.5h", "-1h30m"),
            ("90s", "1m30s"),
            ("250ms", "250ms"),
            ("0.25s", "250ms"),
            ("1us2ns", "1us2ns"),
            ("0s", "0s"),
            ("-0s", "0s"),
            ("-5s", "-5s"),
        ];
        for (given, shown) in cases {
            assert_eq!(parse_span(given).map(show_span).map_err(|f| f.actual), Ok(shown.to_owned()), "{given}");
        }
        assert_eq!(parse_span("-1ns").map(nanos).expect("sound"), -1);
    }

    #[test]
    fn a_length_without_a_sound_unit_is_refused() {
        for bad in [
            "",
            "-",
            "0",
            "5",
            "5x",
            "h",
            "1h30",
            "1 h",
            "1.h",
            ".5h",
            "1..5h",
            "1H",
            "+5s",
            "--5s",
            "101000w",
            "1.0000000001s",
        ] {
            assert_eq!(parse_span(bad).map_err(|fault| fault.kind), Err(TroubleKind::BadDuration), "{bad}");
        }
    }
}
