//! `quarantine-report`: `quarantine_report.json`, the tests that the ledger holds apart.
//!
//! Each entry with its category, owner and last day, or with everything that is wrong with it, and whether it holds. A
//! quarantined test still runs and is still reported; an entry excuses its failure only, and only while it holds.

use super::Format;
use super::wire::{self, v1};

/// The registry entry.
pub static FORMAT: Format = Format {
    id: "quarantine-report",
    file: Some("quarantine_report.json"),
    lane: None,
    about: "Every quarantined test of the ledger and whether its entry holds.",
    docs: include_str!("quarantine_report.rs"),
    schema: Some(|| wire::schema_of::<v1::exception::QuarantineReport<'_>>(v1::exception::QUARANTINE_REPORT_SCHEMA)),
    write: |verdict, out| wire::write_document(&v1::exception::QuarantineReport::from(verdict), out),
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::canonical::{self, named};
    use serde_json::json;

    #[test]
    fn every_entry_is_listed_whatever_its_state() {
        let value = canonical::json(&FORMAT, &named("waived and skipped"));
        assert_eq!((&value["counts"]["total"], &value["counts"]["unreadable"]), (&json!(2), &json!(1)));
        assert_eq!(value["expiring"], json!(["net::race"]));
        let rows = &value["quarantine"];
        assert_eq!((&rows[0]["category"], &rows[0]["expires"]), (&json!("FLAKE-TIMING"), &json!("2026-03-05")));
        assert_eq!((&rows[1]["test"], &rows[1]["validity"]), (&json!("net::torn"), &json!("unreadable")));
    }
}
