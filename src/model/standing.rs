//! What an outcome counts as, once lane, waivers and mode have had their say.

use super::evidence::GapKind;

/// The raw word about a gate's evidence, as readers of the verdict know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// The evidence is as it must be.
    Pass,
    /// It is not, or could not be judged, and the gate is blocking.
    Fail,
    /// The same, and the gate is advisory.
    Warn,
    /// Nothing was judged: allowed absence, a failed need, or a lane that stopped earlier.
    Skip,
}

impl Status {
    /// The word in the verdict.
    pub const fn word(self) -> &'static str {
        match self {
            Status::Pass => "pass",
            Status::Fail => "fail",
            Status::Warn => "warn",
            Status::Skip => "skip",
        }
    }
}

/// What the gate counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Passed on its evidence.
    Pass,
    /// Failed or not judged, and blocking.
    Fail,
    /// Failed, and a waiver in force covers it.
    Waived,
    /// Failed or not judged, and not blocking.
    Advisory,
    /// A gate that this one needs does not stand.
    Blocked,
    /// Its optional evidence is absent.
    Skipped,
    /// The lane stopped before it.
    NotEvaluated,
}

impl Standing {
    /// Every standing, in the order of the glossary.
    pub const ALL: [Standing; 7] = [
        Standing::Pass,
        Standing::Fail,
        Standing::Waived,
        Standing::Advisory,
        Standing::Blocked,
        Standing::Skipped,
        Standing::NotEvaluated,
    ];

    /// The word in the verdict.
    pub const fn word(self) -> &'static str {
        match self {
            Standing::Pass => "pass",
            Standing::Fail => "fail",
            Standing::Waived => "waived",
            Standing::Advisory => "advisory",
            Standing::Blocked => "blocked",
            Standing::Skipped => "skipped",
            Standing::NotEvaluated => "not-evaluated",
        }
    }

    /// What it means, for `explain` and the docs.
    pub const fn about(self) -> &'static str {
        match self {
            Standing::Pass => "The gate passed on its evidence.",
            Standing::Fail => "The gate is blocking, and failed on its evidence or could not be judged. The verdict fails.",
            Standing::Waived => "The gate failed, and a waiver in force covers it. Its status stays `fail`.",
            Standing::Advisory => {
                "The gate failed or could not be judged, and is not blocking. The verdict is at best `warn`."
            }
            Standing::Blocked => "A gate that this one needs did not pass, so its own result is not relied on.",
            Standing::Skipped => "Its optional evidence is absent; that is recorded, and is no pass.",
            Standing::NotEvaluated => "The lane ended before this gate, or does not take it.",
        }
    }

    /// Whether a blocking gate with this standing lets the verdict stand. The one place that says so.
    pub const fn permits(self) -> bool {
        match self {
            Standing::Pass | Standing::Waived | Standing::Skipped => true,
            Standing::Fail | Standing::Advisory | Standing::Blocked | Standing::NotEvaluated => false,
        }
    }
}

/// Why a gate does not simply pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Its evidence was judged and found wrong.
    Finding,
    /// Its evidence could not be judged.
    Gap(GapKind),
    /// A gate it needs does not stand.
    Blocked,
    /// Optional evidence is absent.
    Absent,
    /// The lane stopped before it.
    NotEvaluated,
    /// The run was cut short before the gate could be judged.
    Incomplete,
}

impl Reason {
    /// The word in the verdict.
    pub const fn word(self) -> &'static str {
        match self {
            Reason::Finding => "finding",
            Reason::Gap(kind) => kind.word(),
            Reason::Blocked => "blocked",
            Reason::Absent => "absent",
            Reason::NotEvaluated => "not-evaluated",
            Reason::Incomplete => "incomplete",
        }
    }
}
