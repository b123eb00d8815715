//! `events`: `full_suite_events.jsonl`, one JSON object a line.
//!
//! `run_started` first, then a `gate` for each gate in the policy's order, a `waiver_used` for each waiver that covered a
//! failure, and `verdict` last. A stream whose last line is no `verdict` was cut short and proves nothing.

use super::Format;
use super::wire::{self, v1::event};

/// The registry entry.
pub static FORMAT: Format = Format {
    id: "events",
    file: Some("full_suite_events.jsonl"),
    lane: None,
    about: "One JSON object a line: the start, each gate, each waiver that was used, the verdict.",
    docs: include_str!("events.rs"),
    schema: Some(|| wire::schema_of::<event::Event<'_>>(event::EVENT_SCHEMA)),
    write: |verdict, out| event::events(verdict).try_for_each(|event| wire::write_line(&event, out)),
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::canonical::{self, named};
    use serde_json::json;

    #[test]
    fn the_stream_begins_with_the_run_and_ends_with_the_verdict() {
        let mut looked = 0;
        for (name, verdict) in canonical::all() {
            let text = canonical::text(&FORMAT, &verdict);
            let lines: Vec<serde_json::Value> =
                text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
            let used = verdict.exceptions.waivers.iter().filter(|waiver| waiver.used).count();
            assert_eq!(lines.len(), verdict.gates.len() + used + 2, "{name}");
            assert_eq!(lines[0]["event"], "run_started", "{name}");
            let last = &lines[lines.len() - 1];
            assert_eq!((&last["event"], &last["verdict"]), (&json!("verdict"), &json!(verdict.ruling().word())), "{name}");
            looked += 1;
        }
        assert_eq!(looked, 10);
    }

    #[test]
    fn a_used_waiver_is_an_event() {
        let text = canonical::text(&FORMAT, &named("waived and skipped"));
        let used: Vec<_> = text.lines().filter(|line| line.contains("\"waiver_used\"")).collect();
        let expected =
            r#"{"event":"waiver_used","gate":"parameter_sweeps","owner":"perf","bead":"bd-77","expires":"2026-03-03"}"#;
        assert_eq!(used, [expected]);
    }
}
