//! How often an exception was renewed, over every version of every exceptions file, whichever way history went.
//!
//! In: the versions of the files in git, each with its parents and the day from which it stood, and the files as they are now. Out:
//! for one exception its [`Term`]. The dates that an entry states are never believed alone: a renewal is an end beyond the latest one
//! that was ever in force, whatever became of the entry between, and only a whole day without it, by commit times, makes a new one of it.

use super::exception::Spans;
use chrono::{Days, NaiveDate};
use std::collections::BTreeMap;

/// The exceptions of one class in all files together, at one time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stood {
    /// Each name with its first and last day; `None` where they cannot be read.
    pub spans: Spans,
    /// A file could not be read, so what is not in `spans` may have stood there all the same.
    pub untold: bool,
}

/// One version of the exceptions files, and how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The versions that it follows, by position; all of them come before it.
    pub parents: Vec<usize>,
    /// The day from which it stood: never before that of a parent.
    pub since: NaiveDate,
    /// Waivers.
    pub waivers: Stood,
    /// Quarantine entries.
    pub quarantine: Stood,
}

/// Where an exception is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// How often it was renewed.
    pub renewals: u32,
    /// The day from which its length counts: its first day, or that of its last renewal.
    pub since: NaiveDate,
    /// The first day that it had before it was renewed.
    pub began: NaiveDate,
}

/// What is known of an exception at one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Track {
    term: Term,
    /// The latest day on which it was, or could have been, in force.
    reached: NaiveDate,
    /// The last day that it stated last.
    last: NaiveDate,
    /// The day from which it was no longer there, while it is not.
    gone: Option<NaiveDate>,
}

/// What a version says of an exception.
#[derive(Debug, Clone, Copy)]
enum Seen {
    Nothing,
    Unread,
    Days(NaiveDate, NaiveDate),
}

/// Looks a name up in a version, in every spelling that may mean the same.
fn seen(stood: &Stood, same: &dyn Fn(&str) -> bool) -> Seen {
    let mut found = if stood.untold { Seen::Unread } else { Seen::Nothing };
    for (_, days) in stood.spans.iter().filter(|(name, _)| same(name)) {
        found = match (found, days) {
            (Seen::Days(first, last), Some((begins, ends))) => Seen::Days(first.min(*begins), last.max(*ends)),
            (Seen::Days(..), None) => found,
            (Seen::Nothing | Seen::Unread, Some((begins, ends))) => Seen::Days(*begins, *ends),
            (Seen::Nothing | Seen::Unread, None) => Seen::Unread,
        };
    }
    found
}

fn later(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX)
}

fn begin(first: NaiveDate, last: NaiveDate, day: NaiveDate, cap: u32) -> Track {
    let reached = last.min(later(first, cap)).min(later(day, cap));
    Track { term: Term { renewals: 0, since: first, began: first }, reached, last, gone: None }
}

fn step(before: Option<Track>, seen: Seen, day: NaiveDate, cap: u32) -> Option<Track> {
    let Some(track) = before else {
        return match seen {
            Seen::Days(first, last) => Some(begin(first, last, day, cap)),
            Seen::Nothing | Seen::Unread => None,
        };
    };
    Some(match seen {
        Seen::Unread => Track { gone: None, ..track },
        Seen::Nothing => Track { gone: track.gone.or(Some(day)), ..track },
        // An entry that says it began before it was taken out is the one that was taken out.
        Seen::Days(first, last) if track.gone.is_some_and(|gone| (day - gone).num_days() >= 2 && first > gone) => {
            begin(first, last, day, cap)
        }
        Seen::Days(_, last) if last > track.reached && last != track.last => Track {
            term: Term { renewals: track.term.renewals + 1, since: day, ..track.term },
            reached: last.min(later(day, cap)).max(track.reached),
            last,
            gone: None,
        },
        Seen::Days(first, last) => {
            let term =
                if track.term.renewals == 0 { Term { since: first, began: first, ..track.term } } else { track.term };
            Track { term, last, gone: None, ..track }
        }
    })
}

/// The term of an exception in the last of these versions, `None` if it never was there: what the strictest way through history makes of it.
/// `class` picks waivers or quarantine entries, `same` knows the names that may mean this exception, `cap` is its greatest length.
pub fn term(versions: &[Version], class: fn(&Version) -> &Stood, same: &dyn Fn(&str) -> bool, cap: u32) -> Option<Term> {
    let mut tracks: Vec<Option<Track>> = Vec::with_capacity(versions.len());
    for version in versions {
        let seen = seen(class(version), same);
        let ways: Vec<Option<Track>> = version.parents.iter().filter_map(|at| tracks.get(*at).copied()).collect();
        let ways = if ways.is_empty() { vec![None] } else { ways };
        let ends = ways.into_iter().filter_map(|before| step(before, seen, version.since, cap));
        tracks.push(ends.reduce(stricter));
    }
    tracks.last().copied().flatten().map(|track| track.term)
}

/// Of two ways that lead to one version: more renewals count, and of equally many the later one, from which it may last longest.
fn stricter(a: Track, b: Track) -> Track {
    let (more, other) = if (b.term.renewals, b.term.since) > (a.term.renewals, a.term.since) { (b, a) } else { (a, b) };
    let gone = match (a.gone, b.gone) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (_, _) => None,
    };
    Track { reached: more.reached.max(other.reached), gone, ..more }
}

/// Whether two names in a quarantine section may mean the same test: one is the other without its suite or class, without its host, file
/// or report.
pub fn may_be_one_test(one: &str, other: &str) -> bool {
    let ((one, own), (other, others)) = (parts(one), parts(other));
    let inner =
        |long: &str, short: &str| long == short || long.strip_suffix(short).is_some_and(|rest| rest.ends_with("::"));
    (inner(one, other) || inner(other, one)) && own.iter().all(|(kind, text)| others.get(kind).is_none_or(|b| b == text))
}

/// A name without what tells tests of one id apart, and that.
fn parts(name: &str) -> (&str, BTreeMap<char, &str>) {
    let (mut name, mut parts) = (name.trim(), BTreeMap::new());
    // In the order in which they are written, from the end: report, file, host.
    if let Some((before, report)) = name.rsplit_once(" in ") {
        parts.insert('r', report);
        name = before;
    }
    for (kind, open, close) in [('f', " (", ')'), ('h', " [", ']')] {
        if let Some((before, inner)) = name.strip_suffix(close).and_then(|inner| inner.rsplit_once(open)) {
            parts.insert(kind, inner);
            name = before;
        }
    }
    (name, parts)
}

#[cfg(test)]
#[path = "renewals_tests.rs"]
mod tests;
