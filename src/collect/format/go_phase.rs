//! What a test of Go says of its phase, and of a wait that was in vain.
//!
//! Tests log phases in many words: `phase: NAME`, `phase=NAME` as loggers write it, `Step 3: create the agent`, `[Poll 2] Phase transition: A → B`
//! (the later one), `Waiting for the server (timeout: 60s)`, and a message of a wait that ends with `(stuck at phase: NAME)` or `(last phase: NAME)`.

use crate::model::{Phase, PhaseSource};
use regex::{Regex, RegexSet};
use std::sync::LazyLock;

/// Forms that stand in a logged line; the first group is the phase. The earlier ones say more.
static FORMS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let forms = [
        // What a helper says of its own wait.
        r"(?i)\((?:stuck (?:at|in) |last |current )?phase:? ([^()]*[^() ])\)",
        r"(?i)\bphase transition: .*(?:→|->) *([^ ].*)$",
        r#"(?:^|\s)phase="([^"]*)""#,
        r"(?:^|\s)phase=([^\s]+)",
        r"(?i)^[^\p{Alphabetic}0-9]*(?:current )?phase: *([^ ].*)$",
        r"^[^\p{Alphabetic}0-9]*((?i:step) [0-9]+(?:/[0-9]+)?: *[^ ].*)$",
        r"^[^\p{Alphabetic}0-9]*((?i:waiting) for [^ ].*?)(?: *\((?i:timeout|up to|max)[^()]*\))?[ .…]*$",
    ];
    forms.iter().map(|form| Regex::new(form).expect("a sound pattern")).collect()
});

/// What is said where something did not come in time.
static WAITED: LazyLock<RegexSet> = LazyLock::new(|| {
    let signs = [
        r"(?i)\btime(?:d )?-?out (?:while )?(?:waiting|polling)",
        r"(?i)\btimed[ -]out\b",
        r"(?i)\btimeout (?:after|exceeded|reached|expired)\b",
        r"(?i)\bdeadline exceeded\b",
        r"(?i)\bstuck (?:at|in) phase\b",
        r"(?i)\bstream closed before\b",
        r"(?i)\bcondition never satisfied\b",
        r"(?i)\b(?:did not|never) [a-z ]{2,60} (?:within|in time|after [0-9])",
    ];
    RegexSet::new(signs).expect("sound patterns")
});

/// Longest line in which a phase is looked for, in bytes.
const LINE_MOST: usize = 2_000;

/// The phase that a logged line names.
pub(super) fn logged_phase(text: &str) -> Option<Phase> {
    let text = text.trim();
    if text.len() > LINE_MOST {
        return None;
    }
    let behind = text.split_once(".go:").and_then(|(_, rest)| rest.split_once(": ")).map_or(text, |(_, logged)| logged);
    let name = FORMS.iter().find_map(|form| form.captures(behind)?.get(1))?.as_str().trim();
    (!name.is_empty()).then(|| Phase { name: name.into(), source: PhaseSource::Log })
}

/// Whether a line says that something did not come in time. It counts only for a test that failed.
pub(super) fn waited(text: &str) -> bool {
    text.len() <= LINE_MOST && WAITED.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_name_phases() {
        let phase = |text| logged_phase(text).map(|phase| phase.name.to_string());
        let mut looked_at = 0;
        for (text, expected) in [
            ("    slow_test.go:13: phase: submit workflow", Some("submit workflow")),
            ("Phase: boot\n", Some("boot")),
            ("time=12:00 level=info phase=wait msg=x", Some("wait")),
            ("phase=\"wait for it\" x", Some("wait for it")),
            ("    run_test.go:40: Step 3: Wait for the execution", Some("Step 3: Wait for the execution")),
            (
                "    helpers_test.go:9:    [Poll 1] Phase transition: EXECUTION_PENDING → EXECUTION_IN_PROGRESS",
                Some("EXECUTION_IN_PROGRESS"),
            ),
            ("[Update 12] Phase transition: A -> B", Some("B")),
            (
                "    helpers_test.go:9: ⏳ Waiting for execution e-1 to complete (timeout: 60s)",
                Some("Waiting for execution e-1 to complete"),
            ),
            ("Waiting for the server...", Some("Waiting for the server")),
            (
                "timeout waiting for execution to reach phase EXECUTION_COMPLETED after 1m0s (stuck at phase: EXECUTION_PENDING)",
                Some("EXECUTION_PENDING"),
            ),
            (
                "timeout waiting for execution to complete after 60 seconds (last phase: EXECUTION_IN_PROGRESS)",
                Some("EXECUTION_IN_PROGRESS"),
            ),
            ("execution failed (phase: EXECUTION_FAILED)", Some("EXECUTION_FAILED")),
            ("emphase=no", None),
            ("phase:", None),
            ("the next phase: none", None),
            ("phäse", None),
            ("timeout waiting for execution to complete: context deadline exceeded", None),
            ("Step by step: no", None),
            ("still waiting for nothing", None),
        ] {
            assert_eq!(phase(text).as_deref(), expected, "{text}");
            looked_at += 1;
        }
        assert_eq!(looked_at, 19);
    }

    #[test]
    fn a_wait_in_vain_says_so() {
        let said = [
            "timeout waiting for execution to complete: context deadline exceeded",
            "timed out after 30s",
            "rpc error: code = DeadlineExceeded desc = context deadline exceeded",
            "Stream closed before the execution came to its end",
            "        \tError:      \tCondition never satisfied",
            "the server did not become ready within 10s",
        ];
        let others =
            ["Waiting for the server (timeout: 60s)", "want timeout 3, got 4", "expected 3, got 4", "phase: timeout"];
        assert_eq!(said.iter().filter(|text| waited(text)).count(), 6);
        assert_eq!(others.iter().filter(|text| waited(text)).count(), 0);
    }
}
