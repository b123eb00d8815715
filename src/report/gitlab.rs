//! `gitlab`: the findings as a GitLab Code Quality report, which merge requests show beside the lines they are about.
//!
//! One entry for each finding: `blocker` where the gate makes the verdict fail, `minor` for an advisory gate, `info` for a waived one.
//! There is a `blocker` exactly when the verdict fails; a verdict with nothing to tell is an empty list. The place is where the finding
//! is, if that lies in the repository, else the line that defines the gate, else `gatekeeper.toml`, relative to `--root`. `fingerprint`
//! stays the same while lines, dates and measured numbers move, so that a merge request shows what is new. At about 5,000 entries each
//! gate keeps its first ones.
//!
//! In the job: `gatekeeper verify -o gitlab=gl-code-quality-report.json`, and `artifacts:reports:codequality` names that file.

use super::Format;
use super::issues::{Issue, Level, issues};
use super::wire::write_document;
use crate::model::Verdict;
use serde_json::{Value, json};

/// The registry entry.
pub static FORMAT: Format = Format {
    id: "gitlab",
    file: None,
    lane: None,
    about: "The findings as a GitLab Code Quality report.",
    docs: include_str!("gitlab.rs"),
    schema: None,
    write: |verdict, out| write_document(&compose(verdict), out),
};

/// Entries before gates keep only their first ones.
const ENTRIES_MAX: usize = 5_000;

fn compose(verdict: &Verdict) -> Vec<Value> {
    let tests = verdict.as_tests();
    issues(&tests, ENTRIES_MAX).0.iter().map(entry).collect()
}

fn entry(issue: &Issue<'_>) -> Value {
    let severity = match issue.level {
        Level::Error => "blocker",
        Level::Warning => "minor",
        Level::Note => "info",
    };
    json!({
        "description": format!("{}: {}", issue.test.name(), issue.headline()),
        "check_name": format!("gatekeeper/{}", issue.test.name()),
        "fingerprint": issue.fingerprint,
        "severity": severity,
        "location": { "path": issue.place.path, "lines": { "begin": issue.place.line } },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Ruling;
    use crate::report::canonical::{self, named};
    use std::collections::BTreeSet;

    #[test]
    fn entries_have_what_gitlab_asks_for() {
        let (mut looked, mut entries) = (0, 0);
        for (name, verdict) in canonical::all() {
            let report = canonical::json(&FORMAT, &verdict);
            let list = report.as_array().expect("a list");
            let mut prints = BTreeSet::new();
            for entry in list {
                let text = |field: &str| entry[field].as_str().filter(|text| !text.is_empty()).expect("a text").to_owned();
                assert!(["blocker", "minor", "info"].contains(&&*text("severity")), "{name}: {entry}");
                assert!(prints.insert(text("fingerprint")) && text("description").contains(": "), "{name}: {entry}");
                assert!(text("check_name").starts_with("gatekeeper/"), "{name}: {entry}");
                let path = entry["location"]["path"].as_str().expect("a path");
                assert!(!path.is_empty() && !path.starts_with(['/', '.']), "{name}: {path}");
                assert!(entry["location"]["lines"]["begin"].as_u64().is_some_and(|line| line > 0), "{name}: {entry}");
                entries += 1;
            }
            let blockers = list.iter().any(|entry| entry["severity"] == "blocker");
            assert_eq!(blockers, verdict.ruling() == Ruling::Fail, "{name}");
            looked += 1;
        }
        assert_eq!(looked, 10);
        assert!(entries > 20, "{entries}");
    }

    #[test]
    fn a_finding_is_an_entry_at_its_line_and_a_pass_an_empty_list() {
        let report = canonical::json(&FORMAT, &named("cause and consequences"));
        assert_eq!(report.as_array().map(Vec::len), Some(2));
        let entry = &report[1];
        assert_eq!(entry["description"], "phase1_matrix: empty-dimension: missing: at least one value");
        assert_eq!(entry["location"], json!({ "path": "tests/events.jsonl", "lines": { "begin": 7 } }));
        assert_eq!(canonical::text(&FORMAT, &named("all pass")), "[]\n");
    }
}
