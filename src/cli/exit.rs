//! Exit codes. Only this file makes them, and for a judgement only from the verdict.

use crate::model::{Decision, Ruling, Verdict};

/// What a command's end means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// The verdict is pass or warn, or the command did its work.
    Pass,
    /// A blocking gate failed on its evidence.
    Failed,
    /// The command line or the definitions are wrong; nothing was judged.
    Usage,
    /// Evidence is missing, stale or malformed, and nothing failed outright.
    Gap,
    /// A fault of ours, or an output could not be written.
    Internal,
}

/// Every exit code with what it means and what to do, for `explain` and the docs.
pub const EXITS: &[(Exit, &str)] = &[
    (
        Exit::Pass,
        "The verdict is `pass` or `warn` (or a recorded rollback is in force). Other commands: done, nothing wrong.",
    ),
    (
        Exit::Failed,
        "A blocking gate was judged on its evidence and failed. Read the findings; reproduce with the gate's command.",
    ),
    (
        Exit::Usage,
        "The command line or the definitions are wrong, so nothing was judged. Every problem is printed; `gatekeeper lint` shows them alone.",
    ),
    (
        Exit::Gap,
        "Evidence of a blocking gate is missing, stale, malformed or foreign, and nothing failed outright. Produce the evidence again.",
    ),
    (
        Exit::Internal,
        "gatekeeper itself failed, its time was over, or an output could not be written. The verdict on disk, if any, is the failing seal.",
    ),
];

impl Exit {
    /// The process's exit code.
    pub const fn number(self) -> u8 {
        match self {
            Exit::Pass => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Gap => 3,
            Exit::Internal => 4,
        }
    }

    /// The same for the process.
    pub fn code(self) -> std::process::ExitCode {
        std::process::ExitCode::from(self.number())
    }

    /// What a release checklist exits with: as its verdict, but a verdict that passes and is no go is no success. Zero is the last arm.
    pub fn of_release(verdict: &Verdict) -> Self {
        match (verdict.decision(), Exit::of(verdict)) {
            (Decision::NoGo, Exit::Pass) if verdict.lacks_evidence() => Exit::Gap,
            (Decision::NoGo, Exit::Pass) => Exit::Failed,
            (Decision::NoGo | Decision::RolledBack | Decision::Go, exit) => exit,
        }
    }

    /// What a verdict exits with. Zero is the last arm.
    pub fn of(verdict: &Verdict) -> Self {
        if verdict.incomplete.is_some() {
            Exit::Internal
        } else if verdict.ruling() == Ruling::Fail && !verdict.rolled_back() {
            if verdict.failed_on_findings() { Exit::Failed } else { Exit::Gap }
        } else {
            Exit::Pass
        }
    }
}
