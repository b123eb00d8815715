//! `verdict`: `full_suite_verdict.json`, the verdict for programs.
//!
//! One JSON document with every gate (raw `status`, and `standing` after lane, waivers and mode), every artifact with its size
//! and SHA-256, the ledger's exceptions and every switch that weakens the verdict. Readers that only want to know what failed
//! take `gates[].id`, `gates[].status` and `gates[].reproduce_command`. A verdict that was rolled back still says `fail` in
//! `verdict`, and `rolled_back` in `status`; a waived gate still says `fail` in its `status`.
//!
//! The same verdict gives the same bytes. Fields may be added to this shape, never renamed or removed.

use super::Format;
use super::wire::{self, v1};

/// The registry entry.
pub static FORMAT: Format = Format {
    id: "verdict",
    file: Some("full_suite_verdict.json"),
    lane: None,
    about: "The whole verdict as JSON: every gate, every artifact, every exception.",
    docs: include_str!("verdict.rs"),
    schema: Some(|| wire::schema_of::<v1::Verdict<'_>>(v1::VERDICT_SCHEMA)),
    write: |verdict, out| wire::write_document(&v1::Verdict::from(verdict), out),
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Verdict;
    use crate::report::canonical::{self, named};
    use serde_json::Value;

    fn json(verdict: &Verdict) -> Value {
        canonical::json(&FORMAT, verdict)
    }

    fn keys(value: &Value) -> Vec<&str> {
        value.as_object().map(|map| map.keys().map(String::as_str).collect()).unwrap_or_default()
    }

    #[test]
    fn the_fields_that_readers_rely_on_keep_their_names() {
        let value = json(&named("cause and consequences"));
        let mut top = keys(&value);
        top.sort_unstable();
        let expected = "commit evidence exceptions gates generated_at lane mode policy reason run schema summary tool verdict weakened_by";
        assert_eq!(top.join(" "), expected);
        let mut gate = keys(&value["gates"][2]);
        gate.sort_unstable();
        let expected = "artifact_path bead blocked_by blocking checks detail findings id name owner reason remediation \
                        reproduce_command standing status waivable";
        assert_eq!(gate.join(" "), expected);
        let findings = &value["gates"][2]["findings"];
        assert_eq!(
            findings[0],
            serde_json::json!({
                "kind": "contradiction",
                "expected": "a ready sweep names no blocking reason",
                "actual": "`blocking_reasons.size()` = 1",
                "at": { "path": "tests/phase1_matrix.json", "pointer": "/readiness/status" },
                "next": "Rebuild the sweep from the latest matrix.",
            })
        );
        assert_eq!(findings[1]["at"], serde_json::json!({ "path": "tests/events.jsonl", "line": 7 }));
        assert_eq!(
            value["summary"],
            serde_json::json!({
                "gates": 4, "passed": 1, "failed": 1, "warned": 0, "skipped": 0, "waived": 0, "quarantined": 0,
                "exceptions": 0, "blocked": 2, "blocking": { "standing": 1, "total": 4 },
            })
        );
        assert_eq!(value["schema"], "gatekeeper.verdict/1");
    }

    #[test]
    fn a_rolled_back_verdict_still_fails() {
        let value = json(&named("rolled back"));
        assert_eq!((&value["verdict"], &value["status"]), (&"fail".into(), &"rolled_back".into()));
        assert_eq!((&value["mode"], &value["rollback"]["until"]), (&"rollback".into(), &"2026-03-02T12:00:00Z".into()));
        assert_eq!(json(&named("incomplete"))["status"], "incomplete");
    }

    #[test]
    fn a_waived_gate_keeps_its_raw_status_and_a_gap_its_row() {
        let value = json(&named("waived and skipped"));
        assert_eq!((&value["gates"][1]["status"], &value["gates"][1]["standing"]), (&"fail".into(), &"waived".into()));
        assert_eq!(keys(&value["exceptions"]), ["quarantine", "unused", "waivers"]);
        let value = json(&named("gap"));
        assert_eq!((&value["evidence"][1]["gap"], &value["evidence"][1]["sha256"]), (&"missing".into(), &Value::Null));
        assert_eq!(value["gates"][1]["reason"], "missing");
    }

    #[test]
    fn hostile_text_comes_back_as_it_was() {
        let value = json(&named("hostile"));
        assert_eq!(value["gates"][0]["detail"], canonical::HOSTILE);
        assert_eq!(value["gates"][0]["findings"][0]["actual"], canonical::HOSTILE);
    }
}
