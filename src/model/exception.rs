//! Dated, owned exceptions, and the one judgement of whether they hold.

use super::id::{GateId, LaneId};
use super::policy::{Limits, Policy};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::fmt;

/// An exception for a gate: its failure is known, owned and ends on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The gate it covers.
    pub gate: GateId,
    /// Who answers for it.
    pub owner: String,
    /// The tracker's id.
    pub bead: String,
    /// Why the failure is acceptable for now.
    pub reason: String,
    /// First day.
    pub created: NaiveDate,
    /// Last day, UTC; on this day the waiver still applies.
    pub expires: NaiveDate,
    /// The lanes in which it applies.
    pub scope: Vec<LaneId>,
    /// What must be true for it to be removed.
    pub exit_criterion: String,
}

/// An exception for one test id: the test still runs and is reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantine {
    /// The test's id.
    pub test: String,
    /// One of [`Quarantine::CATEGORIES`].
    pub category: String,
    /// Who answers for it.
    pub owner: String,
    /// The tracker's id.
    pub bead: String,
    /// Why the test is held apart.
    pub reason: String,
    /// First day.
    pub since: NaiveDate,
    /// Last day, UTC; on this day the entry still applies.
    pub expires: NaiveDate,
    /// Where the flake was seen.
    pub evidence: String,
    /// The command that runs the test alone.
    pub reproduce: String,
    /// What must be true for it to be removed.
    pub exit_criterion: String,
}

impl Quarantine {
    /// The classes of flake (brief S1.5).
    pub const CATEGORIES: [&'static str; 6] =
        ["FLAKE-TIMING", "FLAKE-ENV", "FLAKE-NET", "FLAKE-RES", "FLAKE-EXT", "FLAKE-LOGIC"];
}

/// Why an exception with all its fields does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsound {
    /// The policy has no such gate.
    UnknownGate,
    /// This gate is never waived: the policy says so, or it judges exceptions.
    Unwaivable,
    /// The scope names a lane that the policy does not have.
    UnknownLane(LaneId),
    /// It begins after today.
    Future(NaiveDate),
    /// It ends before it begins.
    Reversed,
    /// It spans more days than allowed.
    TooLong {
        /// Days from its first to its last.
        days: i64,
        /// Days allowed.
        max: u32,
    },
}

impl fmt::Display for Unsound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unsound::UnknownGate => f.write_str("it names a gate that the policy does not have"),
            Unsound::Unwaivable => f.write_str("this gate is never waivable: the policy says so, or it judges exceptions"),
            Unsound::UnknownLane(lane) => write!(f, "its scope names the lane `{lane}`, which the policy does not have"),
            Unsound::Future(first) => write!(f, "it begins in the future, on {first}"),
            Unsound::Reversed => f.write_str("it ends before it begins"),
            Unsound::TooLong { days, max } => write!(f, "it spans {days} days; at most {max} are allowed"),
        }
    }
}

/// Whether an exception holds today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Validity {
    /// It does, and for some days more.
    InForce {
        /// Days left, today not counted.
        days_left: i64,
    },
    /// It does, and ends within the policy's warning span.
    Expiring {
        /// Days left, today not counted; 0 on its last day.
        days_left: i64,
    },
    /// Its last day is past.
    Expired {
        /// Days since.
        days: i64,
    },
    /// It never held.
    Unsound(Vec<Unsound>),
}

impl Validity {
    /// Whether the exception applies today.
    pub const fn holds(&self) -> bool {
        match self {
            Validity::InForce { .. } | Validity::Expiring { .. } => true,
            Validity::Expired { .. } | Validity::Unsound(_) => false,
        }
    }

    /// The word in `waiver_audit.json` and `quarantine_report.json`.
    pub const fn word(&self) -> &'static str {
        match self {
            Validity::InForce { .. } => "active",
            Validity::Expiring { .. } => "expiring",
            Validity::Expired { .. } => "expired",
            Validity::Unsound(_) => "invalid",
        }
    }
}

impl Waiver {
    /// Whether the waiver holds on this day under this policy.
    pub fn validity(&self, today: NaiveDate, policy: &Policy) -> Validity {
        let mut unsound = Vec::new();
        match policy.terms(&self.gate) {
            None => unsound.push(Unsound::UnknownGate),
            Some(terms) if !terms.waivable => unsound.push(Unsound::Unwaivable),
            Some(_) => {}
        }
        for lane in &self.scope {
            if !policy.lanes.iter().any(|known| known.id == *lane) {
                unsound.push(Unsound::UnknownLane(lane.clone()));
            }
        }
        let limits = &policy.limits;
        span(self.created, self.expires, today, limits.waiver_max_days, limits.waiver_warn_days, unsound)
    }
}

impl Quarantine {
    /// Whether the entry holds on this day.
    pub fn validity(&self, today: NaiveDate, limits: &Limits) -> Validity {
        span(self.since, self.expires, today, limits.quarantine_max_days, limits.waiver_warn_days, Vec::new())
    }
}

/// One version of a ledger's exceptions: by name, the first and last day, or `None` where they cannot be read.
pub type Spans = BTreeMap<String, Option<(NaiveDate, NaiveDate)>>;

/// How often each exception of the last version was renewed: its last day was moved later from one version to a later one.
/// An exception that was taken out and put back counts as renewed too, unless a whole day without it lay between; then it is
/// a new one and counts from zero. A version in which it cannot be read is passed over.
pub fn renewals(versions: &[Spans]) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for name in versions.last().into_iter().flat_map(Spans::keys) {
        let (mut count, mut last, mut gone): (_, Option<NaiveDate>, _) = (0, None, false);
        for version in versions {
            match version.get(name) {
                None => gone = true,
                Some(None) => {}
                Some(Some((begins, ends))) => {
                    let anew = gone && last.and_then(|last| last.succ_opt()).is_some_and(|free| *begins > free);
                    if anew {
                        count = 0;
                    } else if last.is_some_and(|last| *ends > last) {
                        count += 1;
                    }
                    (last, gone) = (Some(*ends), false);
                }
            }
        }
        counts.insert(name.clone(), count);
    }
    counts
}

fn span(first: NaiveDate, last: NaiveDate, today: NaiveDate, max: u32, warn: u32, mut unsound: Vec<Unsound>) -> Validity {
    let days = (last - first).num_days();
    if first > today {
        unsound.push(Unsound::Future(first));
    }
    if days < 0 {
        unsound.push(Unsound::Reversed);
    }
    if days > i64::from(max) {
        unsound.push(Unsound::TooLong { days, max });
    }
    let days_left = (last - today).num_days();
    if !unsound.is_empty() {
        Validity::Unsound(unsound)
    } else if days_left < 0 {
        Validity::Expired { days: -days_left }
    } else if days_left <= i64::from(warn) {
        Validity::Expiring { days_left }
    } else {
        Validity::InForce { days_left }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(first: &str, last: &str) -> Spans {
        let day = |text: &str| text.parse().expect("a date");
        BTreeMap::from([("g".to_owned(), Some((day(first), day(last))))])
    }

    fn renewed(versions: &[Spans]) -> Option<u32> {
        renewals(versions).get("g").copied()
    }

    #[test]
    fn moving_the_last_day_later_is_a_renewal() {
        let (june, july) = (version("2026-06-01", "2026-06-10"), version("2026-06-01", "2026-07-01"));
        assert_eq!(renewed(std::slice::from_ref(&june)), Some(0));
        assert_eq!(renewed(&[june.clone(), june.clone(), july.clone()]), Some(1));
        assert_eq!(renewed(&[july.clone(), june.clone()]), Some(0), "earlier is no renewal");
        let damaged = BTreeMap::from([("g".to_owned(), None)]);
        assert_eq!(renewed(&[june.clone(), damaged, july.clone()]), Some(1));
        assert_eq!(renewed(&[june, BTreeMap::new()]), None);
    }

    #[test]
    fn taking_it_out_and_putting_it_back_does_not_reset_the_count() {
        let june = version("2026-06-01", "2026-06-10");
        let (next_day, later) = (version("2026-06-11", "2026-06-20"), version("2026-06-12", "2026-06-20"));
        assert_eq!(renewed(&[june.clone(), BTreeMap::new(), next_day]), Some(1));
        assert_eq!(renewed(&[june, BTreeMap::new(), later]), Some(0));
    }
}
