//! How bad it is, and how soon somebody answers: the runbook's three levels.
//!
//! Which one follows from what failed and where. What is not known is taken for the worse: an unknown branch for the main one, an unknown gate
//! for one that judges behaviour.

use super::verdict::{Gate, Judged};
use crate::model::{Age, Instant, next_business_day};

/// A severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A blocking regression on the main branch or a release cut.
    Sev1,
    /// A new regression in a pull request or on a branch.
    Sev2,
    /// Evidence or documents have drifted; behaviour has not changed.
    Sev3,
}

impl Severity {
    /// The word in issues.
    pub const fn word(self) -> &'static str {
        match self {
            Severity::Sev1 => "SEV-1",
            Severity::Sev2 => "SEV-2",
            Severity::Sev3 => "SEV-3",
        }
    }

    /// What it is.
    pub const fn about(self) -> &'static str {
        match self {
            Severity::Sev1 => "a blocking regression on the main branch or a release cut",
            Severity::Sev2 => "a new regression in a pull request or on a branch",
            Severity::Sev3 => "evidence or documents have drifted; behaviour has not changed",
        }
    }

    /// When the time is over that begins here.
    pub fn due(self, from: Instant) -> Instant {
        match self {
            Severity::Sev1 => from + Age::seconds(30 * 60).duration(),
            Severity::Sev2 => from + Age::seconds(4 * 3_600).duration(),
            Severity::Sev3 => next_business_day(from),
        }
    }

    /// Within what time somebody owns it and has said what is known.
    pub const fn target(self) -> &'static str {
        match self {
            Severity::Sev1 => "30 minutes",
            Severity::Sev2 => "4 hours",
            Severity::Sev3 => "one business day",
        }
    }
}

/// Gates that judge records and words. They fail without any change of behaviour.
const RECORDS: &[&str] = &[
    "claim_tier_order",
    "claims_language",
    "completion_audit",
    "dropin_certification",
    "e2e_log_contract",
    "evidence_bundle",
    "extension_remediation_backlog",
    "failure_records",
    "failure_summary",
    "kernel_boundary",
    "mission_contract",
    "parameter_sweeps_integrity",
    "perf3x_bead_coverage",
    "perf_lineage",
    "phase5_ready",
    "pipeline_manifest",
    "practical_finish_checkpoint",
    "quarantine_lifecycle",
    "run_references",
    "run_secrets",
    "suite_classification",
    "suite_sorted",
    "waiver_lifecycle",
];

/// Where it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// The branch.
    pub branch: Option<&'a str>,
    /// The main branch's own name, where CI says it.
    pub main: Option<&'a str>,
    /// The release that is being cut.
    pub release: Option<&'a str>,
}

impl Line<'_> {
    /// Why this is the main line or a release cut; `None` if it is another branch.
    fn main(&self) -> Option<String> {
        if let Some(release) = self.release {
            return Some(format!("release cut {release}"));
        }
        let Some(branch) = self.branch else {
            return Some("an unknown branch, which is taken for the main one".to_owned());
        };
        let main = self.main.map_or(matches!(branch, "main" | "master" | "trunk"), |main| main == branch);
        let cut = ["release/", "release-", "releases/", "hotfix/"].iter().any(|prefix| branch.starts_with(prefix));
        match (main, cut) {
            (true, _) => Some(format!("main branch {branch}")),
            (false, true) => Some(format!("release branch {branch}")),
            (false, false) => None,
        }
    }
}

fn drifted(gate: &Gate) -> bool {
    !gate.judged_wrong() || RECORDS.contains(&gate.id.as_str())
}

/// The severity of a failing verdict and the reason for it. `behaviour` says that something is known to behave otherwise: a stage failed, or
/// tests regressed.
pub fn of(judged: &Judged, behaviour: Option<&str>, line: Line<'_>) -> (Severity, String) {
    let changed =
        judged.causes().find(|gate| !drifted(gate)).map(|gate| format!("gate {} failed on its evidence", gate.id));
    let what = behaviour.map(str::to_owned).or(changed);
    let what = match what {
        Some(what) => what,
        None if judged.incomplete() || judged.causes().next().is_none() => "nothing is known about behaviour".to_owned(),
        None => {
            let reason = "only evidence and documents have drifted, nothing is known to behave otherwise";
            return (Severity::Sev3, reason.to_owned());
        }
    };
    match line.main() {
        Some(place) => (Severity::Sev1, format!("{what}, on {place}")),
        None => (Severity::Sev2, format!("{what}, on branch {}", line.branch.unwrap_or_default())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn main_line(branch: Option<&str>, main: Option<&str>, release: Option<&str>) -> bool {
        Line { branch, main, release }.main().is_some()
    }

    #[test]
    fn what_is_not_known_is_the_main_line() {
        assert!(
            main_line(None, None, None) && main_line(Some("main"), None, None) && main_line(Some("dev"), Some("dev"), None)
        );
        assert!(main_line(Some("release/1.2"), None, None) && main_line(Some("topic"), None, Some("v1.2")));
        assert!(!main_line(Some("topic"), None, None) && !main_line(Some("main"), Some("dev"), None));
    }

    #[test]
    fn every_level_has_a_target() {
        let told: Vec<_> = [Severity::Sev1, Severity::Sev2, Severity::Sev3].map(|sev| (sev.word(), sev.target())).to_vec();
        assert_eq!(told, [("SEV-1", "30 minutes"), ("SEV-2", "4 hours"), ("SEV-3", "one business day")]);
    }
}
