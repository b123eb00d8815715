//! Dated, owned exceptions, and the one judgement of whether they hold.

use super::id::{GateId, LaneId};
use super::policy::{Limits, Policy};
use super::renewals::Term;
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
    /// What is known of the test; `None` where the entry does not say, so that the check decides.
    pub kind: Option<QuarantineKind>,
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

/// What is known of a quarantined test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum QuarantineKind {
    /// It passes now and then.
    Flaky,
    /// It fails: that it passes is news, and a finding.
    KnownFailure,
}

impl QuarantineKind {
    /// Both.
    pub const ALL: [QuarantineKind; 2] = [QuarantineKind::Flaky, QuarantineKind::KnownFailure];

    /// The word in the ledger.
    pub const fn word(self) -> &'static str {
        match self {
            QuarantineKind::Flaky => "flaky",
            QuarantineKind::KnownFailure => "known-failure",
        }
    }
}

impl Quarantine {
    /// The classes of flake (brief S1.5).
    pub const CATEGORIES: [&'static str; 6] =
        ["FLAKE-TIMING", "FLAKE-ENV", "FLAKE-NET", "FLAKE-RES", "FLAKE-EXT", "FLAKE-LOGIC"];
}

/// Why an exception with all its fields does not hold, its last day apart.
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
    /// Its last renewal moved its last day further than allowed.
    RenewedTooFar {
        /// The day of the renewal.
        since: NaiveDate,
        /// Days from then to its last.
        days: i64,
        /// Days allowed.
        max: u32,
    },
    /// It was renewed too often.
    RenewedTooOften {
        /// How often.
        count: u32,
        /// How often is allowed.
        max: u32,
    },
    /// Another entry has the same name, and which of them would count is anybody's guess.
    Twice,
    /// Something else in the exceptions files cannot be read, so that none of them holds; the phrase says what.
    Damaged(String),
}

impl fmt::Display for Unsound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unsound::UnknownGate => f.write_str("it names a gate that the policy does not have"),
            Unsound::Unwaivable => f.write_str(
                "this gate is never waivable, by the policy or because it judges exceptions: it cannot be waived",
            ),
            Unsound::UnknownLane(lane) => write!(f, "its scope names the lane `{lane}`, which the policy does not have"),
            Unsound::Future(first) => write!(f, "it begins in the future, on {first}"),
            Unsound::Reversed => f.write_str("it ends before it begins"),
            Unsound::TooLong { days, max } => write!(f, "it spans {days} days; at most {max} are allowed"),
            Unsound::RenewedTooFar { since, days, max } => {
                write!(f, "it was renewed on {since} for {days} days; at most {max} are allowed")
            }
            Unsound::RenewedTooOften { count, max } => {
                write!(f, "it was renewed {count} times; the policy allows {max}")
            }
            Unsound::Twice => f.write_str("another entry has the same name"),
            Unsound::Damaged(phrase) => write!(f, "no exception holds while {phrase}"),
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
    /// It does not hold, whatever its last day.
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
    /// From its first day to its last, in days.
    pub fn days(&self) -> i64 {
        (self.expires - self.created).num_days()
    }

    /// Whether the waiver holds on this day under this policy: in this term of its life, with what else is known against it.
    pub fn validity(&self, today: NaiveDate, policy: &Policy, term: Option<&Term>, mut unsound: Vec<Unsound>) -> Validity {
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
        let (max, warn) = (policy.limits.waiver_max_days, policy.limits.waiver_warn_days);
        span((self.created, self.expires), today, (max, warn), term, unsound)
    }
}

impl Quarantine {
    /// From its first day to its last, in days.
    pub fn days(&self) -> i64 {
        (self.expires - self.since).num_days()
    }

    /// Whether the entry holds on this day: in this term of its life, with what else is known against it.
    pub fn validity(&self, today: NaiveDate, limits: &Limits, term: Option<&Term>, unsound: Vec<Unsound>) -> Validity {
        let (max, warn) = (limits.quarantine_max_days, limits.waiver_warn_days);
        span((self.since, self.expires), today, (max, warn), term, unsound)
    }
}

/// One version of the exceptions of a file: by name, the first and last day, or `None` where they cannot be read.
pub type Spans = BTreeMap<String, Option<(NaiveDate, NaiveDate)>>;

fn span(
    (first, last): (NaiveDate, NaiveDate),
    today: NaiveDate,
    (max, warn): (u32, u32),
    term: Option<&Term>,
    mut unsound: Vec<Unsound>,
) -> Validity {
    if first > today {
        unsound.push(Unsound::Future(first));
    }
    if last < first {
        unsound.push(Unsound::Reversed);
    }
    // The first span is bounded, and so is what each renewal adds from the day on which it was made; their sum is not.
    // One whose first day was moved before that is no longer the one that was renewed.
    let renewed = term.filter(|term| term.renewals > 0 && first >= term.began).map(|term| term.since);
    let days = (last - renewed.unwrap_or(first)).num_days();
    if days > i64::from(max) {
        unsound.push(match renewed {
            Some(since) => Unsound::RenewedTooFar { since, days, max },
            None => Unsound::TooLong { days, max },
        });
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
