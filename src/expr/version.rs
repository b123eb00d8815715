//! Versions: `1.9`, `v1.10.0`, `2.0.0-rc.1+build.5`.
//!
//! In: a text. Out: something that can be put in order, or a fault; a text that is no version has no order. The rules are those of semantic versioning, for any number
//! of parts: numbers compare as numbers, missing ones are 0, a pre-release comes before its release, and what a build adds decides nothing.

use super::trouble::{Fault, TroubleKind};
use std::cmp::Ordering;
use std::sync::Arc;

/// Most numbers of a version, and most parts of a pre-release.
const PARTS: usize = 16;

/// A version. Values are small, whatever they are.
#[derive(Debug, Clone)]
pub(super) struct Version(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    text: Box<str>,
    /// Without zeros at the end.
    numbers: Box<[u64]>,
    /// The parts of the pre-release; empty for a release.
    before: Box<[Part]>,
}

/// A part of a pre-release. Numbers come before words.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Number(u64),
    Word(Box<str>),
}

impl Version {
    /// Reads a version.
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        Self::read(text).ok_or_else(|| {
            let because = format!("`{}` is no version", text.chars().take(80).collect::<String>());
            Fault::new(TroubleKind::BadVersion, "a version like `1.9`, `v1.10.0` or `2.0.0-rc.1`", because)
        })
    }

    fn read(text: &str) -> Option<Self> {
        let plain = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let (plain, build) = plain.split_once('+').map_or((plain, None), |(plain, build)| (plain, Some(build)));
        let (core, before) = plain.split_once('-').map_or((plain, None), |(core, before)| (core, Some(before)));
        if build.is_some_and(|build| build.split('.').any(|part| !is_word(part))) {
            return None;
        }
        let mut numbers = core.split('.').map(number).collect::<Option<Vec<u64>>>()?;
        let before = before.map_or(Some(Vec::new()), |before| before.split('.').map(Part::read).collect())?;
        if numbers.len() > PARTS || before.len() > PARTS {
            return None;
        }
        while numbers.last() == Some(&0) {
            numbers.pop();
        }
        Some(Self(Arc::new(Parts { text: text.into(), numbers: numbers.into(), before: before.into() })))
    }

    /// The version as it was written.
    pub(super) fn as_str(&self) -> &str {
        &self.0.text
    }

    /// Its numbers, which are the same for equal versions.
    pub(super) fn numbers(&self) -> &[u64] {
        &self.0.numbers
    }
}

impl Part {
    fn read(text: &str) -> Option<Self> {
        is_word(text).then(|| number(text).map_or_else(|| Part::Word(text.into()), Part::Number))
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn number(text: &str) -> Option<u64> {
    // `parse` would take a sign.
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let (this, other) = (&self.0, &other.0);
        let numbers = this.numbers.cmp(&other.numbers);
        numbers.then_with(|| match (this.before.is_empty(), other.before.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => this.before.cmp(&other.before),
        })
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

/// Whether a text looks like a number or a version: its order by code point is hardly what is meant. Days and times of a day look otherwise.
pub(super) fn looks_counted(text: &str) -> bool {
    let text = text.trim();
    let bare = text.strip_prefix(['v', 'V', '-', '+']).unwrap_or(text);
    let bare = bare.strip_suffix('%').unwrap_or(bare).trim_end();
    let begins = bare.bytes().next().is_some_and(|first| first.is_ascii_digit());
    let core = bare.split(['-', '+']).next().unwrap_or_default();
    let is_day =
        core.len() == 4 && bare.as_bytes().get(4) == Some(&b'-') && bare.as_bytes().get(5).is_some_and(u8::is_ascii_digit);
    begins && !is_day && (Version::read(bare).is_some() || bare.parse::<f64>().is_ok())
}

/// The order of two texts as what they look like, where that can be told: as numbers and as versions. `None` in a place says that they do not look so.
pub(super) fn counted_orders(one: &str, other: &str) -> [Option<Ordering>; 2] {
    if !looks_counted(one) || !looks_counted(other) {
        return [None, None];
    }
    let numbers = one.trim().parse::<f64>().ok().zip(other.trim().parse::<f64>().ok());
    let versions = Version::read(one).zip(Version::read(other));
    [numbers.and_then(|(one, other)| one.partial_cmp(&other)), versions.map(|(one, other)| one.cmp(&other))]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap_or_else(|fault| panic!("{}", fault.actual))
    }

    #[test]
    fn versions_have_their_order() {
        let ascending = [
            "0",
            "0.0.1-alpha",
            "0.0.1",
            "v1.0.0-1",
            "1.0.0-2",
            "1.0.0-10",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-rc.1",
            "1.0.0-rc-1",
            "1",
            "1.0.1",
            "1.9",
            "1.10.0",
            "V2",
            "9.11.2",
            "18.0.0",
            "2024.1",
            "18446744073709551615",
        ];
        let mut looked_at = 0;
        for (at, one) in ascending.iter().enumerate() {
            for (to, other) in ascending.iter().enumerate() {
                assert_eq!(version(one).cmp(&version(other)), at.cmp(&to), "{one} and {other}");
                looked_at += 1;
            }
        }
        assert_eq!(looked_at, 400);
    }

    #[test]
    fn what_decides_nothing_is_equal() {
        for (one, other) in
            [("1.9", "1.9.0"), ("v1.9", "1.9.0.0"), ("1.0+a", "1.0+b.2"), ("1.0-rc.1+x", "1.0-rc.1"), ("1.02", "1.2")]
        {
            assert_eq!(version(one), version(other), "{one} and {other}");
        }
    }

    #[test]
    fn what_is_no_version_is_refused() {
        let bad = [
            "",
            "v",
            "x",
            "latest",
            "1.",
            ".1",
            "1..2",
            "1.x",
            "1.2.*",
            "-1",
            "+1",
            " 1",
            "1 ",
            "1.0-",
            "1.0-a..b",
            "1.0+",
            "1.0-ä",
            "vv1",
            "go1.22",
            "1.0rc1",
            ">=1.0",
            "1,5",
            "18446744073709551616",
            "1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1",
        ];
        for text in bad {
            assert_eq!(Version::parse(text).map_err(|fault| fault.kind).err(), Some(TroubleKind::BadVersion), "{text}");
        }
    }

    #[test]
    fn numbers_and_versions_look_so_and_days_do_not() {
        for text in ["18.0.0", "80", "9.5", "v1.2", "1.2-rc.1", "-3", "1e5", "80 %", "85%"] {
            assert!(looks_counted(text), "{text}");
        }
        for text in ["", "v", "ready", "2026-01-31", "2026-01-31T10:00:00Z", "12:30", "x86", "a1", "bd-12"] {
            assert!(!looks_counted(text), "{text}");
        }
    }
}
