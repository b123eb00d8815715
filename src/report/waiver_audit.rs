//! `waiver-audit`: `waiver_audit.json`, the waivers of the ledger.
//!
//! Each waiver with its seven fields, or with everything that is wrong with it; whether it holds (`active`, `expiring`,
//! `expired`, `invalid`, `unreadable`), the days left or past, how often it was renewed and whether it covered a failure. A
//! waiver that cannot be read is listed like every other one: it must never look like no waiver at all.

use super::Format;
use super::wire::{self, v1};

/// The registry entry.
pub static FORMAT: Format = Format {
    id: "waiver-audit",
    file: Some("waiver_audit.json"),
    lane: None,
    about: "Every waiver of the ledger, whether it holds and whether it was needed.",
    docs: include_str!("waiver_audit.rs"),
    schema: Some(|| wire::schema_of::<v1::exception::WaiverAudit<'_>>(v1::exception::WAIVER_AUDIT_SCHEMA)),
    write: |verdict, out| wire::write_document(&v1::exception::WaiverAudit::from(verdict), out),
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::canonical::{self, named};
    use serde_json::json;

    #[test]
    fn every_waiver_is_listed_whatever_its_state() {
        let value = canonical::json(&FORMAT, &named("waived and skipped"));
        let expected = json!({ "total": 5, "active": 1, "expiring": 1, "expired": 1, "invalid": 1, "unreadable": 1 });
        assert_eq!(value["counts"], expected);
        assert_eq!((&value["expiring"], &value["unused"]), (&json!(["parameter_sweeps"]), &json!(["conformance"])));
        let rows = &value["waivers"];
        assert_eq!((&rows[0]["days_left"], &rows[0]["used"], &rows[0]["renewals"]), (&json!(2), &json!(true), &json!(1)));
        assert_eq!((&rows[2]["validity"], &rows[2]["days_past"]), (&json!("expired"), &json!(4)));
        assert_eq!(rows[3]["problems"].as_array().map(Vec::len), Some(2));
        let torn = json!([{ "at": "/waiver/torn/expires", "detail": "expected a date like 2026-01-31, found \"soon\"" }]);
        assert_eq!((&rows[4]["validity"], &rows[4]["problems"]), (&json!("unreadable"), &torn));
        assert!(rows[4].get("owner").is_none());
    }
}
