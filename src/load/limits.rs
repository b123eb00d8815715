//! `[limits]`: one table of what each bounds, its sane range, and which way is stricter.

use crate::definition::{Keys, Refusal};
use crate::diagnostic::Code;
use crate::model::{Age, Limits};
use crate::source::Span;

/// How a limit is written.
#[derive(Clone, Copy)]
enum Unit {
    /// A whole number of what its name says.
    Count,
    /// A length of time, kept in seconds.
    Time,
}

/// One limit.
pub(super) struct Limit {
    /// Its key.
    pub name: &'static str,
    doc: &'static str,
    unit: Unit,
    range: (u64, u64),
    /// Whether a higher number is the stricter one.
    higher_is_tighter: bool,
    get: fn(&Limits) -> u64,
    set: fn(&mut Limits, u64),
}

/// A limit as a file states it.
pub(super) struct Stated {
    /// Which one.
    pub limit: &'static Limit,
    /// In its unit; seconds for lengths of time.
    pub amount: u64,
    /// Its value in the file.
    pub at: Option<Span>,
}

const DAY: u64 = 86_400;
const MIB: u64 = 1 << 20;

macro_rules! limits {
    ($($name:ident: $unit:ident, $range:expr, $direction:ident, $doc:literal, $get:expr, $set:expr;)+) => {
        const LIMITS: &[Limit] = &[$(Limit {
            name: stringify!($name),
            doc: $doc,
            unit: Unit::$unit,
            range: $range,
            higher_is_tighter: limits!(@$direction),
            get: $get,
            set: $set,
        }),+];
    };
    (@higher) => { true };
    (@lower) => { false };
}

/// Amounts are within their range before they are set, so nothing is cut off here.
fn small(amount: u64) -> u32 {
    u32::try_from(amount).unwrap_or(u32::MAX)
}

limits! {
    waiver_max_days: Count, (1, 366), lower, "Most days that a waiver may span, from `created` to `expires`.",
        |l| l.waiver_max_days.into(), |l, n| l.waiver_max_days = small(n);
    waiver_warn_days: Count, (0, 366), higher, "A waiver or quarantine entry with this many days left, or fewer, is reported as expiring.",
        |l| l.waiver_warn_days.into(), |l, n| l.waiver_warn_days = small(n);
    renewals_max: Count, (0, 24), lower, "How often the end of a waiver may be moved later, counted in git history.",
        |l| l.renewals_max.into(), |l, n| l.renewals_max = small(n);
    quarantine_max_days: Count, (1, 366), lower, "Most days that a quarantine entry may span, from `since` to `expires`.",
        |l| l.quarantine_max_days.into(), |l, n| l.quarantine_max_days = small(n);
    extensions_max: Count, (0, 24), lower, "How often the end of a quarantine entry may be moved later.",
        |l| l.extensions_max.into(), |l, n| l.extensions_max = small(n);
    rollback_max: Time, (3_600, 30 * DAY), lower, "How far ahead `--until` of the rollback mode may lie.",
        |l| l.rollback_max.as_seconds(), |l, n| l.rollback_max = Age::seconds(n);
    clock_skew: Time, (0, 3_600), lower, "How far in the future a timestamp in evidence may lie before it is refused.",
        |l| l.clock_skew.as_seconds(), |l, n| l.clock_skew = Age::seconds(n);
    file_max: Count, (1 << 10, 4096 * MIB), lower, "The largest artifact that is read whole, in bytes.",
        |l| l.file_max, |l, n| l.file_max = n;
    line_max: Count, (1 << 10, 1024 * MIB), lower, "The longest line of a JSONL artifact, in bytes.",
        |l| l.line_max, |l, n| l.line_max = n;
    files_max: Count, (1, 10_000_000), lower, "The most files that one run of gatekeeper looks at.",
        |l| l.files_max, |l, n| l.files_max = n;
    total_max: Count, (1 << 10, 1_048_576 * MIB), lower, "The most bytes of artifacts that one run of gatekeeper reads, streams included.",
        |l| l.total_max, |l, n| l.total_max = n;
    held_max: Count, (1 << 10, 1_048_576 * MIB), lower, "The most bytes of artifacts whose content one run of gatekeeper holds at once: documents and reports, not streams.",
        |l| l.held_max, |l, n| l.held_max = n;
    time_max: Time, (1, 7 * DAY), lower, "How long one run of gatekeeper may take. When it is over, the verdict is the failing seal.",
        |l| l.time_max.as_seconds(), |l, n| l.time_max = Age::seconds(n);
}

impl Limit {
    /// The limit of this name.
    pub fn named(name: &str) -> Option<&'static Limit> {
        LIMITS.iter().find(|limit| limit.name == name)
    }

    /// Every name.
    pub fn names() -> impl Iterator<Item = &'static str> + Clone {
        LIMITS.iter().map(|limit| limit.name)
    }

    /// Its value in `limits`.
    pub fn get(&self, limits: &Limits) -> u64 {
        (self.get)(limits)
    }

    /// Sets it in `limits`.
    pub fn set(&self, limits: &mut Limits, amount: u64) {
        (self.set)(limits, amount);
    }

    /// Whether going from one amount to another loosens it.
    pub fn loosens(&self, from: u64, to: u64) -> bool {
        if self.higher_is_tighter { to < from } else { to > from }
    }

    /// An amount as people write it.
    pub fn show(&self, amount: u64) -> String {
        match self.unit {
            Unit::Count => amount.to_string(),
            Unit::Time => Age::seconds(amount).to_string(),
        }
    }
}

/// One limit in two versions of a policy that differ in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitChange {
    /// Its key.
    pub name: &'static str,
    /// What it was, as people write it.
    pub from: String,
    /// What it is.
    pub to: String,
    /// Whether that is looser.
    pub loosens: bool,
}

/// The limits that differ, in the order of their table.
pub fn changes(from: &Limits, to: &Limits) -> Vec<LimitChange> {
    let both = LIMITS.iter().map(|limit| (limit, limit.get(from), limit.get(to)));
    both.filter(|(_, from, to)| from != to)
        .map(|(limit, from, to)| LimitChange {
            name: limit.name,
            from: limit.show(from),
            to: limit.show(to),
            loosens: limit.loosens(from, to),
        })
        .collect()
}

/// Every limit by its name, in the order of their table.
pub fn values(limits: &Limits) -> Vec<(&'static str, String)> {
    LIMITS.iter().map(|limit| (limit.name, limit.show(limit.get(limits)))).collect()
}

/// Reads the limits that a table states. `defaults` are shown in docs where the file extends nothing.
pub(super) fn read(keys: &mut Keys<'_>, defaults: Option<&Limits>) -> Vec<Stated> {
    let mut stated = Vec::new();
    for limit in LIMITS {
        let amount = match (limit.unit, defaults.map(|defaults| limit.get(defaults))) {
            (Unit::Count, Some(default)) => Some(keys.or(limit.name, default, limit.doc)),
            (Unit::Count, None) => keys.optional::<u64>(limit.name, limit.doc),
            (Unit::Time, Some(default)) => Some(keys.or(limit.name, Age::seconds(default), limit.doc).as_seconds()),
            (Unit::Time, None) => keys.optional::<Age>(limit.name, limit.doc).map(Age::as_seconds),
        };
        let Some(amount) = amount else { continue };
        let (least, most) = limit.range;
        if (least..=most).contains(&amount) {
            stated.push(Stated { limit, amount, at: keys.span(limit.name) });
        } else {
            let refusal = Refusal::new(format!("{} is outside of any use", limit.show(amount))).code(Code::LIMIT);
            keys.refuse(limit.name, refusal.help(format!("it can be {} to {}", limit.show(least), limit.show(most))));
        }
    }
    stated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_within_their_ranges_and_come_back() {
        let mut limits = Limits::default();
        for limit in LIMITS {
            let default = limit.get(&Limits::default());
            assert!((limit.range.0..=limit.range.1).contains(&default), "{}", limit.name);
            limit.set(&mut limits, limit.range.1);
            assert_eq!(limit.get(&limits), limit.range.1, "{}", limit.name);
            limit.set(&mut limits, default);
        }
        assert_eq!((LIMITS.len(), limits), (13, Limits::default()), "each sets its own field and no other");
    }
}
