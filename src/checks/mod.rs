//! The kinds of check, one file each.
//!
//! In: a check's keys, and admitted evidence. Out: an outcome whose findings say what was expected, what was there and where.
//! A kind never opens files, asks the time or looks at evidence that is not admitted, and never passes on nothing.
//!
//! A new kind is one file with a [`CheckKind`] and its tests, and one line in [`CHECKS`]. The file's header is its docs page, for
//! authors of gates: what it asserts, an example in TOML with every key, its findings, and when it errors.

use crate::gate::CheckKind;

mod apart;
mod artifact_contract;
mod artifact_paths;
mod artifacts_recorded;
mod beside;
mod boundaries_hold;
mod budget_sense;
mod budget_words;
mod claims_allowed;
mod committed;
mod coverage_floors;
mod digests_match;
mod each_holds;
mod events_follow;
mod expression;
mod files_listed;
mod files_named;
mod flake_proof;
mod flake_rate;
mod flake_runs;
mod holds;
mod in_order;
mod lifecycle;
mod lines_contained;
mod markdown;
mod measured;
mod narrative_agrees;
mod newest_run_qualifies;
mod no_flaky_tests;
mod no_regression;
mod no_secrets;
mod no_test_regression;
mod only_residuals_open;
mod preflight_passed;
mod present;
mod quarantine_lifecycle;
mod quarantined;
mod records_agree;
mod recount_agrees;
mod reports;
mod runner_role;
mod scenario_logs;
mod scenario_reports;
mod scenario_runs;
mod scenario_scope;
mod scenarios;
mod scenarios_asked;
mod scenarios_ran;
mod set_covers;
mod shards_complete;
mod sorted;
mod stage_judge;
mod stage_lines;
mod stage_logs;
mod statistics;
mod suite_agrees;
mod suite_classification;
mod tally;
mod targets_pass;
mod template;
#[cfg(test)]
mod testing;
mod tests_declared;
mod tests_pass;
mod text;
mod text_forbids;
mod text_names;
mod text_requires;
mod unique;
mod values;
mod values_agree;
mod waiver_lifecycle;
mod ways;
mod wildcard;
mod within;
mod within_budget;

/// Every kind of check, in the order of the docs.
pub static CHECKS: &[&CheckKind] = &[
    &holds::HOLDS,
    &each_holds::EACH_HOLDS,
    &present::PRESENT,
    &within::WITHIN,
    &within_budget::WITHIN_BUDGET,
    &coverage_floors::COVERAGE_FLOORS,
    &values_agree::VALUES_AGREE,
    &set_covers::SET_COVERS,
    &records_agree::RECORDS_AGREE,
    &unique::UNIQUE,
    &sorted::SORTED,
    &in_order::IN_ORDER,
    &events_follow::EVENTS_FOLLOW,
    &digests_match::DIGESTS_MATCH,
    &files_listed::FILES_LISTED,
    &lines_contained::LINES_CONTAINED,
    &stage_logs::STAGE_LOGS,
    &committed::COMMITTED,
    &suite_classification::SUITE_CLASSIFICATION,
    &waiver_lifecycle::WAIVER_LIFECYCLE,
    &quarantine_lifecycle::QUARANTINE_LIFECYCLE,
    &no_regression::NO_REGRESSION,
    &no_test_regression::NO_TEST_REGRESSION,
    &recount_agrees::RECOUNT_AGREES,
    &shards_complete::SHARDS_COMPLETE,
    &newest_run_qualifies::NEWEST_RUN_QUALIFIES,
    &targets_pass::TARGETS_PASS,
    &tests_pass::TESTS_PASS,
    &no_flaky_tests::NO_FLAKY_TESTS,
    &tests_declared::TESTS_DECLARED,
    &files_named::FILES_NAMED,
    &artifact_contract::ARTIFACT_CONTRACT,
    &runner_role::RUNNER_ROLE,
    &artifacts_recorded::ARTIFACTS_RECORDED,
    &scenario_reports::SCENARIO_REPORTS,
    &scenarios_ran::SCENARIOS_RAN,
    &suite_agrees::SUITE_AGREES,
    &scenario_logs::SCENARIO_LOGS,
    &preflight_passed::PREFLIGHT_PASSED,
    &narrative_agrees::NARRATIVE_AGREES,
    &flake_rate::FLAKE_RATE,
    &claims_allowed::CLAIMS_ALLOWED,
    &only_residuals_open::ONLY_RESIDUALS_OPEN,
    &boundaries_hold::BOUNDARIES_HOLD,
    &no_secrets::NO_SECRETS,
    &text_names::TEXT_NAMES,
    &text_requires::TEXT_REQUIRES,
    &text_forbids::TEXT_FORBIDS,
];

#[cfg(test)]
mod tests {
    use super::testing::{common, examples};
    use super::*;
    use crate::definition::describe;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_kebab_case_and_unique() {
        let ids: BTreeSet<_> = CHECKS.iter().map(|kind| kind.id).collect();
        assert_eq!(ids.len(), CHECKS.len());
        assert!(ids.iter().all(|id| id.chars().all(|c| c.is_ascii_lowercase() || c == '-')));
        assert!(CHECKS.iter().all(|kind| kind.about.starts_with(|c: char| c.is_lowercase()) && !kind.about.ends_with('.')));
    }

    /// Kinds that measure nothing, by the reason.
    const SILENT: [(&str, &[&str]); 5] = [
        ("says yes or no of what stands there", &["in-order", "sorted", "unique", "set-covers", "events-follow"]),
        (
            "compares two sides, and any difference is a finding",
            &[
                "values-agree",
                "records-agree",
                "digests-match",
                "committed",
                "no-regression",
                "narrative-agrees",
                "suite-agrees",
                "no-test-regression",
                "recount-agrees",
            ],
        ),
        (
            "looks for files and names",
            &[
                "present",
                "files-listed",
                "files-named",
                "artifact-contract",
                "artifacts-recorded",
                "suite-classification",
                "shards-complete",
                "newest-run-qualifies",
            ],
        ),
        (
            "looks for words in texts and sources",
            &[
                "text-requires",
                "text-forbids",
                "text-names",
                "lines-contained",
                "stage-logs",
                "scenario-logs",
                "runner-role",
                "boundaries-hold",
                "claims-allowed",
                "no-secrets",
            ],
        ),
        (
            "holds the counts of documents against each other, which state them",
            &["scenario-reports", "scenarios-ran", "preflight-passed", "only-residuals-open"],
        ),
    ];

    #[test]
    fn every_kind_measures_or_says_why_not() {
        let silent: BTreeSet<&str> = SILENT.iter().flat_map(|(_, kinds)| kinds.iter().copied()).collect();
        // The documentation of a kind is its source.
        let measures = |kind: &&&CheckKind| kind.docs.contains("fn measures(&self");
        let found: BTreeSet<&str> = CHECKS.iter().filter(|kind| !measures(kind)).map(|kind| kind.id).collect();
        assert_eq!(found, silent);
        assert!(CHECKS.iter().filter(measures).count() >= 9 && SILENT.iter().all(|(why, _)| !why.is_empty()));
    }

    #[test]
    fn the_docs_of_each_kind_mention_its_keys() {
        let mut looked_at = 0;
        for kind in CHECKS {
            let page = kind.page();
            let keys = describe(|keys| drop((kind.parse)(keys)));
            assert!(!keys.is_empty(), "{} has no keys", kind.id);
            for key in keys {
                let mentioned = page.contains(&format!("\n{} = ", key.name)) || page.contains(&format!("`{}", key.name));
                assert!(mentioned, "{}: the page does not mention `{}`", kind.id, key.name);
                looked_at += 1;
            }
            for word in ["Findings:", "Errors:", "```toml"] {
                assert!(page.contains(word), "{}: the page lacks {word}", kind.id);
            }
        }
        assert!(looked_at > 25, "{looked_at}");
    }

    #[test]
    fn the_examples_in_the_docs_are_sound() {
        let mut looked_at = 0;
        for kind in CHECKS {
            for problems in examples(kind) {
                assert_eq!(problems, Vec::<String>::new(), "{}", kind.id);
                looked_at += 1;
            }
        }
        assert!(looked_at >= CHECKS.len(), "{looked_at} examples");
    }

    #[test]
    fn no_kind_takes_a_key_of_every_check() {
        let common: BTreeSet<_> = describe(common).into_iter().map(|key| key.name).collect();
        assert_eq!(common.len(), 5);
        for kind in CHECKS {
            let keys = describe(|keys| drop((kind.parse)(keys)));
            assert!(keys.iter().all(|key| !common.contains(key.name)), "{}", kind.id);
        }
    }
}
