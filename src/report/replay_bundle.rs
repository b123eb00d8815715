//! `replay-bundle`: `replay_bundle.json`, the way back to each failure.
//!
//! `one_command_replay` reproduces the first cause; `failed_gates` has a command for each gate that does not stand, each cause
//! followed by the gates it blocks; `judge_again` runs this program over the same run. Commands come from gate files and stand
//! here verbatim or, when they hold a line break, a control character or a character that hides text, not at all.

use super::Format;
use super::wire::{self, v1};

/// The registry entry.
pub static FORMAT: Format = Format {
    id: "replay-bundle",
    file: Some("replay_bundle.json"),
    lane: None,
    about: "The commands that show each failure again, causes first.",
    docs: include_str!("replay_bundle.rs"),
    schema: Some(|| wire::schema_of::<v1::replay::ReplayBundle<'_>>(v1::replay::REPLAY_SCHEMA)),
    write: |verdict, out| wire::write_document(&v1::replay::ReplayBundle::from(verdict), out),
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::canonical::{self, named};
    use serde_json::json;

    #[test]
    fn causes_come_before_consequences() {
        let value = canonical::json(&FORMAT, &named("cause and consequences"));
        assert_eq!(value["one_command_replay"], "cargo test --test phase1_matrix -- --exact");
        let ids: Vec<_> = value["failed_gates"].as_array().into_iter().flatten().map(|gate| gate["id"].clone()).collect();
        assert_eq!(ids, ["phase1_matrix", "evidence_bundle", "release_candidate"]);
        assert_eq!(value["failed_gates"][1]["blocked_by"], json!(["phase1_matrix"]));
        assert_eq!(
            value["judge_again"],
            "gatekeeper verify tests/e2e_results/20260301T115000Z --policy full-suite --lane full"
        );
        assert_eq!(value["environment"]["run_id"], "run-42");
    }

    #[test]
    fn equal_commands_stand_once() {
        let mut verdict = named("cause and consequences");
        for gate in &mut verdict.gates {
            gate.reproduce = "make gates".into();
        }
        assert_eq!(canonical::json(&FORMAT, &verdict)["commands"], json!(["make gates"]));
    }

    #[test]
    fn hostile_commands_and_paths_are_refused() {
        let value = canonical::json(&FORMAT, &named("hostile"));
        assert_eq!((&value["one_command_replay"], &value["judge_again"]), (&json!(null), &json!(null)));
        assert_eq!(value["commands"], json!([]));
        let gate = &value["failed_gates"][0];
        assert_eq!(gate["reproduce_command"], json!(null));
        assert!(gate["note"].as_str().is_some_and(|note| note.starts_with("refused")), "{gate}");
        let mut verdict = named("gap");
        verdict.run = Some(crate::model::RunIdentity { path: "-o $(reboot)".into(), ..Default::default() });
        let again = canonical::json(&FORMAT, &verdict)["judge_again"].clone();
        assert_eq!(again, "gatekeeper verify ./'-o $(reboot)' --policy full-suite --lane full");
    }
}
