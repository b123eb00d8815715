//! Spans of time with a mandatory unit, and instants with a mandatory offset.

use chrono::{DateTime, Datelike, Duration, Utc, Weekday};
use std::fmt;

/// A point in time, UTC.
pub type Instant = DateTime<Utc>;

/// Reads an RFC 3339 timestamp. An offset (`Z` or `+02:00`) is mandatory: a time without one names a different instant on
/// each machine.
///
/// # Errors
/// Says what is wrong with the text, in a phrase that follows the text itself.
pub fn parse_instant(text: &str) -> Result<Instant, String> {
    match DateTime::parse_from_rfc3339(text) {
        Ok(at) => Ok(at.with_timezone(&Utc)),
        Err(_) if chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").is_ok() => {
            Err("has no UTC offset (write `Z` or `+00:00` behind it)".to_owned())
        }
        Err(_) => Err("is not an RFC 3339 timestamp".to_owned()),
    }
}

/// Reads when a run began: RFC 3339, or without punctuation and in UTC as directories are named, `20260302T101500Z`.
///
/// # Errors
/// As [`parse_instant`].
pub fn parse_stamp(text: &str) -> Result<Instant, String> {
    const COMPACT: &str = "%Y%m%dT%H%M%SZ";
    match chrono::NaiveDateTime::parse_from_str(text, COMPACT) {
        // Written again it must be the same: signs and fewer digits are read, too.
        Ok(at) if at.format(COMPACT).to_string() == text => Ok(at.and_utc()),
        Ok(_) | Err(_) => parse_instant(text),
    }
}

/// A zone by its distance from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timezone(chrono::FixedOffset);

impl Timezone {
    /// That of the clocks of machines.
    const UTC: Self = match chrono::FixedOffset::east_opt(0) {
        Some(zone) => Self(zone),
        None => panic!("no distance is a distance"),
    };

    /// Reads `UTC`, `+02:00` and their like. Names of places are none: when their clocks change is not written in evidence.
    ///
    /// # Errors
    /// A phrase.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "is no zone: write `UTC` or a distance from it, such as `+02:00`".to_owned();
        if text == "UTC" {
            return Ok(Self::UTC);
        }
        let (sign, rest) = match text.split_at_checked(1) {
            Some(("+", rest)) => (1, rest),
            Some(("-", rest)) => (-1, rest),
            Some(_) | None => return Err(wrong()),
        };
        let (hours, minutes) = rest.split_once(':').filter(|_| rest.len() == 5).ok_or_else(wrong)?;
        let number = |text: &str, most: i32| {
            let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|number: &i32| digits && *number <= most).ok_or_else(wrong)
        };
        let seconds = sign * (number(hours, 14)? * 3_600 + number(minutes, 59)? * 60);
        chrono::FixedOffset::east_opt(seconds).map(Self).ok_or_else(wrong)
    }

    /// Reads a timestamp that states no zone: the date and the time of day in this one.
    fn read(self, text: &str) -> Option<Instant> {
        let plain = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"];
        let local = plain.iter().find_map(|form| chrono::NaiveDateTime::parse_from_str(text, form).ok())?;
        // Written again it must begin the same: signs and fewer digits are read, too.
        let begins = local.format("%Y-%m-%d").to_string();
        text.starts_with(&begins).then(|| local.and_local_timezone(self.0).single())?.map(|at| at.to_utc())
    }
}

impl std::fmt::Display for Timezone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Reads a timestamp of evidence: as [`parse_stamp`], and one without an offset in the zone that a definition states for it.
///
/// # Errors
/// As [`parse_instant`].
pub fn parse_stamp_in(text: &str, zone: Option<Timezone>) -> Result<Instant, String> {
    let own = parse_stamp(text);
    match (own, zone) {
        (Err(phrase), Some(zone)) => zone.read(text).ok_or(phrase),
        (own, _) => own,
    }
}

/// How a directory is named for the time at which it was made: its text with `%Y`, `%m`, `%d`, `%H`, `%M`, `%S`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StampName(String);

impl StampName {
    /// Reads a pattern. It must hold a whole date, a time of day and nothing else that varies.
    ///
    /// # Errors
    /// A phrase.
    pub fn parse(text: &str) -> Result<Self, String> {
        let pattern = Self(text.to_owned());
        let parts: Vec<&str> = text.split('%').skip(1).map(|part| part.get(..1).unwrap_or_default()).collect();
        match ["Y", "m", "d", "H", "M", "S"].iter().all(|one| parts.iter().filter(|part| part == &one).count() == 1) {
            true if parts.len() == 6 => Ok(pattern),
            true | false => {
                Err("has not each of `%Y`, `%m`, `%d`, `%H`, `%M`, `%S` once, and nothing else behind `%`".to_owned())
            }
        }
    }

    /// The time that a name holds, in the zone, else as if in UTC; `None` if it is not named so.
    pub fn read(&self, name: &str, zone: Option<Timezone>) -> Option<Instant> {
        let local = chrono::NaiveDateTime::parse_from_str(name, &self.0).ok()?;
        // Written again it must be the same: signs, blanks and fewer digits are read, too.
        let same = self.show(local) == name;
        same.then(|| local.and_local_timezone(zone.unwrap_or(Timezone::UTC).0).single())?.map(|at| at.to_utc())
    }

    /// A name as an example.
    pub fn example(&self) -> String {
        self.show(
            chrono::NaiveDate::from_ymd_opt(2026, 3, 2).and_then(|day| day.and_hms_opt(10, 15, 0)).unwrap_or_default(),
        )
    }

    fn show(&self, local: chrono::NaiveDateTime) -> String {
        local.format(&self.0).to_string()
    }
}

impl std::fmt::Display for StampName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Writes an instant as every output shows it: RFC 3339 with `Z`, and no more digits of a second than there are.
pub fn show_instant(at: Instant) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

/// The same time of the next business day, UTC: what begins on a weekend begins on Monday.
pub fn next_business_day(from: Instant) -> Instant {
    let weekend = |at: &Instant| matches!(at.weekday(), Weekday::Sat | Weekday::Sun);
    let days = |count| from + Duration::days(count);
    let begins = (0..3).find(|count| !weekend(&days(*count))).unwrap_or_default();
    (begins + 1..begins + 4).map(days).find(|at| !weekend(at)).unwrap_or_else(|| days(begins + 1))
}

/// A length of time in seconds, for people: its two largest units.
pub fn show_span(seconds: i64) -> String {
    let seconds = seconds.unsigned_abs();
    let units = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
    let largest = units.iter().position(|(size, _)| seconds >= *size).unwrap_or(3);
    let mut rest = seconds;
    let mut words = Vec::new();
    for (size, unit) in units.iter().skip(largest).take(2) {
        if rest / size > 0 || words.is_empty() {
            words.push(format!("{}{unit}", rest / size));
        }
        rest %= size;
    }
    words.join(" ")
}

/// A length of time as definitions write it: a whole number and a unit (`90s`, `15m`, `36h`, `5d`, `2w`). A bare number is
/// refused, because nobody can tell days from seconds in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Age(u64);

impl Age {
    /// That many days.
    pub const fn days(days: u32) -> Self {
        Self(days as u64 * 86_400)
    }

    /// That many seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// The length in seconds.
    pub const fn as_seconds(self) -> u64 {
        self.0
    }

    /// Reads `5d` and its like.
    ///
    /// # Errors
    /// Says what is wrong, in a phrase that follows the text itself.
    pub fn parse(text: &str) -> Result<Self, String> {
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (count, unit) = text.split_at(digits);
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            "w" => 604_800,
            "" if digits > 0 => return Err("has no unit (write `s`, `m`, `h`, `d` or `w` behind it)".to_owned()),
            _ => return Err("is not a length of time like `90s`, `15m`, `36h`, `5d` or `2w`".to_owned()),
        };
        // A hundred years is beyond every use and far below every overflow.
        match count.parse::<u64>().ok().and_then(|n| n.checked_mul(seconds)) {
            Some(total) if total <= 36_525 * 86_400 => Ok(Self(total)),
            Some(_) => Err("is longer than a hundred years".to_owned()),
            None => Err("is not a length of time like `90s`, `15m`, `36h`, `5d` or `2w`".to_owned()),
        }
    }

    /// The same length for arithmetic with [`Instant`].
    pub fn duration(self) -> Duration {
        Duration::seconds(i64::try_from(self.0).unwrap_or(i64::MAX / 1_000))
    }
}

impl fmt::Display for Age {
    /// The largest unit that loses nothing: 7,200 seconds are `2h`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (size, unit) = [(86_400, "d"), (3_600, "h"), (60, "m")]
            .into_iter()
            .find(|(size, _)| self.0 > 0 && self.0.is_multiple_of(*size))
            .unwrap_or((1, "s"));
        write!(f, "{}{unit}", self.0 / size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_without_a_zone_is_read_in_the_one_that_is_stated() {
        let read = |text: &str, zone: Option<&str>| {
            let zone = zone.map(|zone| Timezone::parse(zone).expect("a zone"));
            parse_stamp_in(text, zone).map(show_instant).ok()
        };
        let rows = [
            ("2026-06-15T12:00:00", Some("UTC"), Some("2026-06-15T12:00:00Z")),
            ("2026-06-15 12:00:00.5", Some("+02:00"), Some("2026-06-15T10:00:00.500Z")),
            ("2026-06-15T12:00:00", Some("-05:30"), Some("2026-06-15T17:30:00Z")),
            // One that states a zone is of that one.
            ("2026-06-15T12:00:00+01:00", Some("+02:00"), Some("2026-06-15T11:00:00Z")),
            ("20260615T120000Z", Some("+02:00"), Some("2026-06-15T12:00:00Z")),
            ("2026-06-15T12:00:00", None, None),
            ("2026-06-15", Some("UTC"), None),
            ("+2026-06-15T12:00:00", Some("UTC"), None),
            ("2026-13-15T12:00:00", Some("UTC"), None),
        ];
        for (text, zone, expected) in rows {
            assert_eq!(read(text, zone).as_deref(), expected, "{text} in {zone:?}");
        }
        let wrong = ["utc", "Z", "+2:00", "+02", "+02:60", "+15:00", "02:00", "+0a:00", "Europe/Berlin", ""];
        for text in wrong {
            assert!(Timezone::parse(text).is_err(), "{text}");
        }
        assert_eq!((rows.len(), wrong.len()), (9, 10));
    }

    #[test]
    fn a_directory_is_named_for_a_time() {
        let pattern = StampName::parse("test-results-%Y%m%d-%H%M%S").expect("a pattern");
        assert_eq!(pattern.example(), "test-results-20260302-101500");
        let east = Timezone::parse("+02:00").expect("a zone");
        let read = |name: &str, zone| pattern.read(name, zone).map(show_instant);
        assert_eq!(read("test-results-20260123-101112", None).as_deref(), Some("2026-01-23T10:11:12Z"));
        assert_eq!(read("test-results-20260123-101112", Some(east)).as_deref(), Some("2026-01-23T08:11:12Z"));
        let others = [
            "nightly",
            "test-results-20260123-256112",
            "test-results-2026123-101112",
            "test-results-20260123-101112-2",
            "",
        ];
        for name in others {
            assert_eq!(read(name, None), None, "{name}");
        }
        let wrong = ["", "run", "%Y%m%d", "%Y%m%d%H%M%S%Z", "%Y-%m-%d-%H-%M-%M", "%F %T"];
        for text in wrong {
            assert!(StampName::parse(text).is_err(), "{text}");
        }
        assert_eq!((others.len(), wrong.len()), (5, 6));
    }

    #[test]
    fn ages_need_a_unit() {
        assert_eq!(Age::parse("5d"), Ok(Age::days(5)));
        assert_eq!(Age::parse("36h").map(|a| a.to_string()), Ok("36h".to_owned()));
        assert_eq!(Age::parse("2w").map(|a| a.to_string()), Ok("14d".to_owned()));
        for bad in ["", "5", "d", "-5d", "5 d", "5days", "1.5d", "99999999999999999999d", "40000d"] {
            assert!(Age::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_business_day_ends_on_a_business_day() {
        let table = [
            ("2026-03-02T10:00:00Z", "2026-03-03T10:00:00Z"), // Monday
            ("2026-03-06T10:00:00Z", "2026-03-09T10:00:00Z"), // Friday
            ("2026-03-07T10:00:00Z", "2026-03-10T10:00:00Z"), // Saturday: begins on Monday
            ("2026-03-08T10:00:00Z", "2026-03-10T10:00:00Z"), // Sunday
        ];
        for (from, due) in table {
            assert_eq!(
                next_business_day(parse_instant(from).expect("a time")),
                parse_instant(due).expect("a time"),
                "{from}"
            );
        }
        assert_eq!(table.len(), 4);
    }

    #[test]
    fn instants_need_an_offset() {
        assert!(parse_instant("2026-01-02T03:04:05Z").is_ok());
        assert_eq!(parse_instant("2026-01-02T03:04:05+02:00"), parse_instant("2026-01-02T01:04:05Z"));
        assert!(parse_instant("2026-01-02T03:04:05").is_err_and(|e| e.contains("offset")));
        assert!(parse_instant("2026-01-02").is_err());
        assert!(parse_instant("2026-02-30T00:00:00Z").is_err());
    }
}
