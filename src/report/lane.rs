//! `lane-preflight` and `lane-full`: `lane_preflight.json` and `lane_full.json`, a lane in short.
//!
//! Both have the same shape; a verdict has one lane, so one of the two files is written. `promotable` answers the question that
//! a release asks: the full lane, in strict mode, nothing fails, and no switch was used that a release does not tolerate.
//! `blockers` has causes before consequences; `conditions` is what the verdict rests on besides passing gates (advisory gates
//! that do not stand, waivers, skipped gates, switches); `rerun_guidance` is what to run again, in order.

use super::Format;
use super::wire::{self, v1::lane};
use crate::model::{LaneRule, Verdict};
use std::io::{self, Write};

/// The registry entry of the preflight lane.
pub static PREFLIGHT: Format = Format {
    id: "lane-preflight",
    file: Some("lane_preflight.json"),
    lane: Some(LaneRule::Preflight),
    about: "The preflight lane in short: what blocks, and what to run again.",
    docs: include_str!("lane.rs"),
    schema: Some(schema),
    write,
};

/// The registry entry of the full lane.
pub static FULL: Format = Format {
    id: "lane-full",
    file: Some("lane_full.json"),
    lane: Some(LaneRule::Full),
    about: "The full lane in short: whether it promotes, what blocks, and what to run again.",
    docs: include_str!("lane.rs"),
    schema: Some(schema),
    write,
};

fn schema() -> String {
    wire::schema_of::<lane::Lane<'_>>(lane::LANE_SCHEMA)
}

fn write(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    wire::write_document(&lane::Lane::from(verdict), out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::canonical::{self, named};
    use serde_json::json;

    #[test]
    fn a_stopped_preflight_names_what_it_did_not_reach_and_never_promotes() {
        let value = canonical::json(&PREFLIGHT, &named("preflight stopped"));
        assert_eq!((&value["lane"], &value["promotable"]), (&json!("preflight"), &json!(false)));
        assert_eq!(value["blockers"][0]["id"], "conformance");
        assert_eq!(value["not_evaluated"], json!(["evidence_bundle"]));
        assert_eq!(value["rerun_guidance"], json!(["cargo test --test conformance -- --exact"]));
    }

    #[test]
    fn conditions_name_everything_that_is_not_a_plain_pass() {
        let value = canonical::json(&FULL, &named("waived and skipped"));
        assert_eq!((&value["promotable"], &value["verdict"]), (&json!(true), &json!("pass")));
        let kinds: Vec<_> = value["conditions"].as_array().into_iter().flatten().map(|c| c["kind"].clone()).collect();
        assert_eq!(kinds, ["waiver", "skipped", "weakening", "weakening"]);
        let audit = &value["waiver_audit"];
        assert_eq!((&audit["expired"], &audit["covering"]), (&json!(1), &json!(["parameter_sweeps"])));
        for name in ["rolled back", "incomplete", "nothing", "gap"] {
            assert_eq!(canonical::json(&FULL, &named(name))["promotable"], false, "{name}");
        }
    }

    #[test]
    fn guidance_begins_with_the_cause() {
        let value = canonical::json(&FULL, &named("cause and consequences"));
        assert_eq!(value["rerun_guidance"][0], "cargo test --test phase1_matrix -- --exact");
        assert_eq!(value["rerun_guidance"].as_array().map(Vec::len), Some(3));
    }
}
