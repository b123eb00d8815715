//! What a check or a gate says about its evidence.

use super::evidence::Gap;
use super::finding::{Finding, Findings};
use super::id::GateId;
use super::measure::Measure;
use std::num::NonZeroUsize;

/// One or more gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gaps(Vec<Gap>);

impl Gaps {
    /// `None` when there is no gap.
    pub fn from_vec(gaps: Vec<Gap>) -> Option<Self> {
        (!gaps.is_empty()).then_some(Self(gaps))
    }

    /// The gaps, at least one.
    pub fn into_vec(self) -> Vec<Gap> {
        self.0
    }
}

impl From<Gap> for Gaps {
    fn from(gap: Gap) -> Self {
        Self(vec![gap])
    }
}

/// What a check or a gate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The evidence could not be judged.
    Error(Gaps),
    /// It was judged and is not as it must be. Gaps that came up beside the findings are kept with them.
    Fail(Findings, Vec<Gap>),
    /// Optional evidence is absent, so there was nothing to judge; the phrase names it.
    Skip(String),
    /// It is as it must be.
    Pass {
        /// How many things were looked at: values, records, files. Never zero.
        examined: NonZeroUsize,
    },
}

impl Outcome {
    /// The outcome of looking at `examined` things and finding this. Looking at nothing is an error, and `nothing` says where
    /// something was to be.
    pub fn of(examined: usize, findings: Vec<Finding>, nothing: impl FnOnce() -> Gap) -> Self {
        match (Findings::from_vec(findings), NonZeroUsize::new(examined)) {
            (Some(findings), _) => Outcome::Fail(findings, Vec::new()),
            (None, None) => Outcome::Error(nothing().into()),
            (None, Some(examined)) => Outcome::Pass { examined },
        }
    }
}

/// What a check says beside its outcome, whatever that is: which of several things it judged, and why it passed the others over. A
/// note never decides anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// A stable kebab-case name of what it tells.
    pub about: &'static str,
    /// What it tells.
    pub text: String,
    /// The name of the exception that it is about, if it is about one.
    pub exception: Option<String>,
}

impl Note {
    /// What [`Note::about`] says of a failure that a quarantine entry excused. `decide` counts each as a weakening.
    pub const QUARANTINED: &'static str = "quarantined";

    /// A note.
    pub fn new(about: &'static str, text: impl Into<String>) -> Self {
        Self { about, text: text.into(), exception: None }
    }

    /// The note that a quarantine entry excused a failure.
    pub fn quarantined(entry: &str, text: impl Into<String>) -> Self {
        Self { exception: Some(entry.to_owned()), ..Self::new(Self::QUARANTINED, text) }
    }
}

/// A gate's outcome with those of its checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The gate.
    pub gate: GateId,
    /// What its checks come to.
    pub outcome: Outcome,
    /// What each check said, in the gate's order.
    pub checks: Vec<Outcome>,
    /// What its checks told beside that, in the gate's order.
    pub notes: Vec<Note>,
    /// What its checks measured, in the gate's order.
    pub measured: Vec<Measure>,
    /// The commands that run again what failed, in the gate's order.
    pub reruns: Vec<String>,
}
