//! Asserts that every waiver of the ledger is whole, in date, allowed and not renewed too often.
//!
//! A waiver has seven fields (`owner`, `bead`, `reason`, `created`, `expires`, `scope`, `exit_criterion`), spans at most
//! `waiver_max_days`, still applies on its last day, and names a gate and lanes of the policy. To renew it is to move `expires`, by at
//! most as many days from the day on which that is done; `created` stays. Renewals are counted in git history, over all exceptions
//! files and all parents of merges: each time its last day was moved beyond the latest that was ever in force. It counts from zero only
//! after a whole day without it, by the times of commits. Gates that judge exceptions and gates marked `waivable = false` have no waiver.
//!
//! ```toml
//! [evidence.ledger]
//! path = "repo:tests/suite_classification.toml"
//!
//! [[check]]
//! kind = "waiver-lifecycle"
//! ledger = "ledger"
//! ```
//!
//! Findings: `waiver-invalid` (each field that is missing, blank, mistyped or unknown), `waiver-expired`, `waiver-unsound` (unknown,
//! unwaivable or its own gate; unknown lane; begins in the future; ends before it begins; spans too long),
//! `waiver-renewed-too-often`, `waiver-twice`, `ledger-invalid` (a problem anywhere in the file: no exception holds while there is one). Errors: git cannot tell how often a waiver was renewed. A ledger
//! without waivers passes, and so does a waiver that expires soon, which `waiver_audit.json` reports.

use super::lifecycle::{Class, judge};
use crate::definition::{Keys, Stricter};
use crate::diagnostic::did_you_mean;
use crate::gate::{Admitted, Check, CheckKind, Declared, Use};
use crate::model::{EvidenceId, Measure, Outcome, Unsound, Waiver};

/// The kind `waiver-lifecycle`.
pub static WAIVER_LIFECYCLE: CheckKind = CheckKind {
    id: "waiver-lifecycle",
    about: "every waiver is whole, in date, allowed and not renewed too often",
    docs: include_str!("waiver_lifecycle.rs"),
    parse,
};

static CLASS: Class<Waiver> = Class {
    section: "waiver",
    renewed: ["renewed-too-often", "renewals"],
    entries: |state| &state.waivers,
    others: |ledger| ledger.quarantine.iter().filter_map(|entry| entry.read.as_ref().err()).flatten().collect(),
    first: "created",
    last: |waiver| waiver.expires,
    wanted,
};

struct WaiverLifecycle {
    ledger: EvidenceId,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[("ledger", Stricter::Unclear)]);
    let ledger = keys.required("ledger", "The ledger with `[waiver.<gate>]` tables.")?;
    Some(Box::new(WaiverLifecycle { ledger }))
}

fn wanted(reason: &Unsound, name: &str, evidence: &Admitted<'_>) -> String {
    let policy = &evidence.context.policy;
    match reason {
        Unsound::UnknownGate => {
            let help = did_you_mean(name, policy.gates.iter().map(|gate| gate.id.as_str()));
            format!("a gate of the policy `{}` ({help})", policy.id)
        }
        Unsound::Unwaivable => "a gate that can be waived".to_owned(),
        Unsound::UnknownLane(lane) => {
            format!(
                "lanes of the policy ({})",
                did_you_mean(lane.as_str(), policy.lanes.iter().map(|lane| lane.id.as_str()))
            )
        }
        Unsound::Future(_) => format!("a first day of {} or earlier", evidence.context.now.date_naive()),
        Unsound::Reversed => "a last day that is not before the first".to_owned(),
        Unsound::TooLong { max, .. } => format!("at most {max} days"),
        Unsound::RenewedTooFar { max, .. } => format!("at most {max} days from the day of the renewal"),
        Unsound::RenewedTooOften { .. } | Unsound::Twice | Unsound::Damaged(_) => "a waiver that holds".to_owned(),
    }
}

impl Check for WaiverLifecycle {
    fn declares(&self) -> Vec<Declared> {
        super::lifecycle::declares(
            &self.ledger,
            "waiver",
            &["scope", "created", "expires"],
            &["owner", "bead", "reason", "exit_criterion"],
        )
    }

    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        vec![(self.ledger.clone(), Use::Whole), (self.ledger.clone(), Use::Exceptions)]
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        judge(&CLASS, &self.ledger, evidence).unwrap_or_else(|refused| refused)
    }

    fn measures(&self, evidence: &Admitted<'_>) -> Vec<Measure> {
        super::lifecycle::measures(&CLASS, &self.ledger, evidence)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use crate::model::Document;

    type Versions = Result<Vec<Document>, String>;

    // The bench's day is 2026-06-15; its policy has `gate_a`, `locked` (not waivable) and `waiver_lifecycle`.
    fn waiver(gate: &str, created: &str, expires: &str) -> String {
        format!(
            r#""{gate}": {{"owner": "o", "bead": "bd-1", "reason": "r", "created": "{created}", "expires": "{expires}",
            "scope": ["full"], "exit_criterion": "x"}}"#
        )
    }

    fn ledger(entries: &[String]) -> String {
        format!(r#"{{"waiver": {{{}}}}}"#, entries.join(", "))
    }

    fn bench(json: &str, versions: Versions) -> Bench {
        Bench::new("kind = 'waiver-lifecycle'\nledger = 'l'").json("l", json).versions(versions)
    }

    fn told(json: &str) -> Vec<String> {
        bench(json, Ok(Vec::new())).told()
    }

    fn one(gate: &str, created: &str, expires: &str) -> Vec<String> {
        told(&ledger(&[waiver(gate, created, expires)]))
    }

    #[test]
    fn the_days_that_are_left_are_measured() {
        let entries = [waiver("gate_a", "2026-06-01", "2026-06-20"), waiver("gate_b", "2026-06-01", "2026-06-14")];
        let measured = bench(&ledger(&entries), Ok(Vec::new())).measured();
        assert_eq!(measured, ["waiver entries 2", "to the end of the first waiver entry -1 days"]);
        let none = bench(r#"{"waiver": {}}"#, Ok(Vec::new())).measured();
        assert_eq!(none, ["waiver entries 0"]);
    }

    #[test]
    fn a_waiver_holds_through_its_last_day() {
        assert_eq!(one("gate_a", "2026-06-01", "2026-06-20"), ["pass 2"]);
        assert_eq!(one("gate_a", "2026-06-01", "2026-06-15"), ["pass 2"]);
        assert_eq!(
            one("gate_a", "2026-06-01", "2026-06-14"),
            [
                "waiver-expired l.json#/waiver/gate_a/expires: a last day of 2026-06-15 or later | expired 1 day ago; its last day was 2026-06-14"
            ]
        );
    }

    #[test]
    fn the_longest_span_is_allowed_and_one_day_more_is_not() {
        assert_eq!(one("gate_a", "2026-06-15", "2026-07-15"), ["pass 2"]);
        assert_eq!(
            one("gate_a", "2026-06-15", "2026-07-16"),
            ["waiver-unsound l.json#/waiver/gate_a/expires: at most 30 days | it spans 31 days; at most 30 are allowed"]
        );
    }

    #[test]
    fn unsound_waivers_are_found() {
        let cases = [
            (
                one("gate_b", "2026-06-01", "2026-06-20"),
                "waiver-unsound l.json#/waiver/gate_b: a gate of the policy `bench` (did you mean `gate_a`?) | it names a gate that the policy does not have",
            ),
            (
                one("locked", "2026-06-01", "2026-06-20"),
                "waiver-unsound l.json#/waiver/locked: a gate that can be waived | this gate is never waivable, by the policy or because it judges exceptions: it cannot be waived",
            ),
            (
                one("waiver_lifecycle", "2026-06-01", "2026-06-20"),
                "waiver-unsound l.json#/waiver/waiver_lifecycle: a gate that can be waived | this gate is never waivable, by the policy or because it judges exceptions: it cannot be waived",
            ),
            (
                one("gate_a", "2026-06-16", "2026-06-20"),
                "waiver-unsound l.json#/waiver/gate_a/created: a first day of 2026-06-15 or earlier | it begins in the future, on 2026-06-16",
            ),
            (
                one("gate_a", "2026-06-10", "2026-06-09"),
                "waiver-unsound l.json#/waiver/gate_a/expires: a last day that is not before the first | it ends before it begins",
            ),
        ];
        assert_eq!(cases.len(), 5);
        for (told, expected) in cases {
            assert_eq!(told, [expected]);
        }
        let lane = told(&ledger(&[waiver("gate_a", "2026-06-01", "2026-06-20")]).replace("full", "ful"));
        assert_eq!(
            lane,
            [
                "waiver-unsound l.json#/waiver/gate_a/scope: lanes of the policy (did you mean `full`?) | its scope names the lane `ful`, which the policy does not have"
            ]
        );
    }

    #[test]
    fn each_damaged_field_is_a_finding_of_its_own() {
        let json = r#"{"waiver": {"gate_a": {"owner": " ", "bead": 5, "reason": "r", "created": "2026-06-1",
            "scope": [], "exit_criterion": "x", "note": 1}}, "wavier": {}, "suite": 7}"#;
        assert_eq!(
            told(json),
            [
                "ledger-invalid l.json#/suite: a table of entries | a integer",
                "ledger-invalid l.json#/wavier: one of `schema`, `suite`, `waiver`, `quarantine` | the section `wavier`",
                r#"waiver-invalid l.json#/waiver/gate_a/owner: text that is not blank | " ""#,
                "waiver-invalid l.json#/waiver/gate_a/bead: text that is not blank | 5",
                r#"waiver-invalid l.json#/waiver/gate_a/created: a date like 2026-01-31 | "2026-06-1""#,
                "waiver-invalid l.json#/waiver/gate_a/expires: a date like 2026-01-31 | nothing",
                "waiver-invalid l.json#/waiver/gate_a/scope: a list of lanes, at least one | []",
                "waiver-invalid l.json#/waiver/gate_a/note: only `owner`, `bead`, `reason`, `created`, `expires`, `scope`, `exit_criterion` | the key `note`"
            ]
        );
        assert_eq!(told("[]"), ["ledger-invalid l.json: a table of sections | a list"]);
    }

    #[test]
    fn renewals_are_counted_in_history() {
        let version = |expires| Bench::document(&ledger(&[waiver("gate_a", "2026-06-01", expires)]));
        let now = ledger(&[waiver("gate_a", "2026-06-01", "2026-06-30")]);
        let once = Ok(vec![version("2026-06-20"), version("2026-06-20")]);
        assert_eq!(bench(&now, once).told(), ["pass 2"]);
        let twice = Ok(vec![version("2026-06-18"), version("2026-06-20")]);
        assert_eq!(
            bench(&now, twice).told(),
            ["waiver-renewed-too-often l.json#/waiver/gate_a/expires: at most 1 renewals | 2 in git history"]
        );
    }

    #[test]
    fn unknown_history_is_an_error_where_there_is_a_waiver() {
        let unknown = || Err("a shallow clone".to_owned());
        let now = ledger(&[waiver("gate_a", "2026-06-01", "2026-06-30")]);
        assert_eq!(
            bench(&now, unknown()).told(),
            ["error unreadable l.json: git history to count renewals in | a shallow clone"]
        );
        assert_eq!(bench("{}", unknown()).told(), ["pass 1"]);
    }
}
