//! Asserts that every quarantine entry of the ledger is whole, in date and not extended too often.
//!
//! An entry has nine fields (`category`, `owner`, `bead`, `reason`, `since`, `expires`, `evidence`, `reproduce`, `exit_criterion`); its category
//! is one of the six `FLAKE-*` classes; it spans at most `quarantine_max_days` and still applies on its last day. Extensions are
//! counted as renewals of waivers are (`waiver-lifecycle`), and follow the test: another spelling of its id is the same entry.
//!
//! ```toml
//! [evidence.ledger]
//! path = "repo:tests/suite_classification.toml"
//!
//! [[check]]
//! kind = "quarantine-lifecycle"
//! ledger = "ledger"
//! ```
//!
//! Findings: `quarantine-invalid` (each field that is missing, blank, mistyped or unknown), `quarantine-expired`,
//! `quarantine-unsound` (begins in the future, ends before it begins, spans too long), `quarantine-extended-too-often`,
//! `quarantine-twice`, `ledger-invalid` (a problem anywhere in the file: no exception holds while there is one). Errors: git cannot tell how often an entry was extended. A ledger without quarantine passes.

use super::lifecycle::{Class, judge};
use crate::definition::{Keys, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Declared, Use};
use crate::model::{EvidenceId, Measure, Outcome, Quarantine, Unsound};

/// The kind `quarantine-lifecycle`.
pub static QUARANTINE_LIFECYCLE: CheckKind = CheckKind {
    id: "quarantine-lifecycle",
    about: "every quarantine entry is whole, in date and not extended too often",
    docs: include_str!("quarantine_lifecycle.rs"),
    parse,
};

static CLASS: Class<Quarantine> = Class {
    section: "quarantine",
    renewed: ["extended-too-often", "extensions"],
    entries: |state| &state.quarantine,
    others: |ledger| ledger.waivers.iter().filter_map(|entry| entry.read.as_ref().err()).flatten().collect(),
    first: "since",
    last: |entry| entry.expires,
    wanted,
};

struct QuarantineLifecycle {
    ledger: EvidenceId,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[("ledger", Stricter::Unclear)]);
    let ledger = keys.required("ledger", "The ledger with `[quarantine.<test>]` tables.")?;
    Some(Box::new(QuarantineLifecycle { ledger }))
}

fn wanted(reason: &Unsound, _name: &str, evidence: &Admitted<'_>) -> String {
    match reason {
        Unsound::Future(_) => format!("a first day of {} or earlier", evidence.context.now.date_naive()),
        Unsound::Reversed => "a last day that is not before the first".to_owned(),
        Unsound::TooLong { max, .. } => format!("at most {max} days"),
        Unsound::RenewedTooFar { max, .. } => format!("at most {max} days from the day of the extension"),
        Unsound::UnknownGate
        | Unsound::Unwaivable
        | Unsound::UnknownLane(_)
        | Unsound::RenewedTooOften { .. }
        | Unsound::Twice
        | Unsound::Damaged(_) => "an entry that holds".to_owned(),
    }
}

impl Check for QuarantineLifecycle {
    fn declares(&self) -> Vec<Declared> {
        let judged = ["category", "since", "expires"];
        super::lifecycle::declares(
            &self.ledger,
            "quarantine",
            &judged,
            &["owner", "bead", "evidence", "reproduce", "reason", "exit_criterion"],
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

    fn ledger(category: &str, since: &str, expires: &str) -> String {
        format!(
            r#"{{"quarantine": {{"a::b": {{"category": "{category}", "owner": "o", "bead": "bd-1", "reason": "r",
            "since": "{since}", "expires": "{expires}", "evidence": "e", "reproduce": "c", "exit_criterion": "x"}}}}}}"#
        )
    }

    fn told(json: &str, versions: Versions) -> Vec<String> {
        let check = "kind = 'quarantine-lifecycle'\nledger = 'l'";
        Bench::new(check).json("l", json).versions(versions).told()
    }

    // The bench's day is 2026-06-15.
    fn one(category: &str, since: &str, expires: &str) -> Vec<String> {
        told(&ledger(category, since, expires), Ok(Vec::new()))
    }

    #[test]
    fn bounds_are_inclusive() {
        assert_eq!(one("FLAKE-NET", "2026-06-05", "2026-06-15"), ["pass 2"]);
        assert_eq!(one("FLAKE-NET", "2026-06-15", "2026-06-25"), ["pass 2"]);
        assert_eq!(
            one("FLAKE-NET", "2026-06-15", "2026-06-26"),
            [
                "quarantine-unsound l.json#/quarantine/a::b/expires: at most 10 days | it spans 11 days; at most 10 are allowed"
            ]
        );
        assert_eq!(
            one("FLAKE-NET", "2026-06-05", "2026-06-13"),
            [
                "quarantine-expired l.json#/quarantine/a::b/expires: a last day of 2026-06-15 or later | expired 2 days ago; its last day was 2026-06-13"
            ]
        );
        assert_eq!(
            one("FLAKE-NET", "2026-06-16", "2026-06-17"),
            [
                "quarantine-unsound l.json#/quarantine/a::b/since: a first day of 2026-06-15 or earlier | it begins in the future, on 2026-06-16"
            ]
        );
    }

    #[test]
    fn categories_and_fields_are_checked() {
        assert_eq!(
            one("FLAKE-MOON", "2026-06-05", "2026-06-15"),
            [
                r#"quarantine-invalid l.json#/quarantine/a::b/category: one of FLAKE-TIMING, FLAKE-ENV, FLAKE-NET, FLAKE-RES, FLAKE-EXT, FLAKE-LOGIC | "FLAKE-MOON""#
            ]
        );
        assert_eq!(told(r#"{"quarantine": {"a": {}}}"#, Ok(Vec::new())).len(), 9);
        assert_eq!(
            told(r#"{"quarantine": {"a": 5}}"#, Ok(Vec::new())),
            ["quarantine-invalid l.json#/quarantine/a: a table of fields | a integer"]
        );
    }

    #[test]
    fn extensions_are_counted_in_history() {
        let version = |expires| Bench::document(&ledger("FLAKE-NET", "2026-06-10", expires));
        let now = ledger("FLAKE-NET", "2026-06-10", "2026-06-20");
        assert_eq!(told(&now, Ok(vec![version("2026-06-15")])), ["pass 2"]);
        assert_eq!(
            told(&now, Ok(vec![version("2026-06-12"), version("2026-06-15")])),
            ["quarantine-extended-too-often l.json#/quarantine/a::b/expires: at most 1 extensions | 2 in git history"]
        );
        assert_eq!(
            told(&now, Err("no repository".to_owned())),
            ["error unreadable l.json: git history to count extensions in | no repository"]
        );
        assert_eq!(told("{}", Err("no repository".to_owned())), ["pass 1"]);
    }
}
