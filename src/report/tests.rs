//! What holds for every format, on every canonical verdict.

use super::*;
use crate::model::Ruling;
use crate::report::canonical::{self, text};
use proptest::prelude::*;

/// What speaks to a CI runner, in commands.
const SPEAKING: [&str; 3] = ["github", "azure", "teamcity"];

#[test]
fn ids_and_files_are_unique_and_pages_say_something() {
    let mut seen = Vec::new();
    for format in FORMATS {
        assert!(!seen.contains(&format.id), "{} is listed twice", format.id);
        seen.push(format.id);
        assert!(format.page().len() > 100 && format.page().contains(format.id), "{}: {}", format.id, format.page());
        assert!(format.about.ends_with('.'), "{}", format.id);
        let same = FORMATS.iter().filter(|other| other.file.is_some() && other.file == format.file).count();
        assert!(same <= 1, "{:?} is written twice", format.file);
    }
    assert_eq!(seen.len(), FORMATS.len());
}

#[test]
fn each_lane_has_its_own_file() {
    let mut looked = 0;
    for (name, verdict) in canonical::all() {
        let written: Vec<_> =
            FORMATS.iter().filter(|format| format.by_default(&verdict)).filter_map(|format| format.file).collect();
        let (ours, other) = match verdict.lane_rule {
            LaneRule::Full => ("lane_full.json", "lane_preflight.json"),
            LaneRule::Preflight => ("lane_preflight.json", "lane_full.json"),
        };
        assert!(written.contains(&ours) && !written.contains(&other), "{name}: {written:?}");
        looked += 1;
    }
    assert_eq!(looked, 10);
}

#[test]
fn every_format_ends_well_and_gives_the_same_bytes_twice() {
    let mut looked = 0;
    for (name, verdict) in canonical::all() {
        for format in FORMATS {
            let shown = text(format, &verdict);
            assert!(shown.ends_with('\n') && !shown.ends_with("\n\n"), "{}: {name}", format.id);
            assert_eq!(shown, text(format, &verdict), "{}: {name}", format.id);
            let strange: Vec<char> = shown.chars().filter(|c| *c != '\n' && sanitise::deceives(*c)).collect();
            assert!(strange.is_empty(), "{}: {name}: {strange:?}", format.id);
            // These are made of such lines and have stricter tests of their own.
            if !SPEAKING.contains(&format.id) {
                assert_eq!(sanitise::runner_command(&shown), None, "{}: {name}", format.id);
            }
            looked += 1;
        }
    }
    assert_eq!(looked, 10 * FORMATS.len());
}

#[test]
fn json_obeys_its_published_schema() {
    let mut looked = 0;
    for format in FORMATS {
        let Some(schema) = format.schema else { continue };
        let schema: serde_json::Value = serde_json::from_str(&schema()).expect("a schema is JSON");
        assert!(jsonschema::meta::is_valid(&schema), "{}", format.id);
        let validator = jsonschema::validator_for(&schema).expect("a schema that can be used");
        for (name, verdict) in canonical::all() {
            let shown = text(format, &verdict);
            let lines = format.id == "history" || format.file.is_some_and(|file| file.ends_with(".jsonl"));
            for document in if lines { shown.lines().collect() } else { vec![shown.as_str()] } {
                let value: serde_json::Value = serde_json::from_str(document).expect("JSON");
                let errors: Vec<_> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
                assert!(errors.is_empty(), "{}: {name}: {errors:?}", format.id);
                looked += 1;
            }
        }
        // A schema that accepts everything proves nothing.
        assert!(!validator.is_valid(&serde_json::json!({})), "{}", format.id);
    }
    assert!(looked > 60, "{looked}");
}

#[test]
fn a_failing_verdict_never_reads_as_anything_else() {
    let mut failing = 0;
    for (name, verdict) in canonical::all() {
        let value: serde_json::Value = serde_json::from_str(&text(&super::verdict::FORMAT, &verdict)).expect("JSON");
        assert_eq!(value["verdict"], verdict.ruling().word(), "{name}");
        if verdict.ruling() == Ruling::Fail {
            failing += 1;
            assert_eq!(value["verdict"], "fail", "{name}");
        }
    }
    assert_eq!(failing, 7);
}

#[test]
fn a_megabyte_of_text_is_written() {
    let mut verdict = canonical::with_text(&"x\u{1b}`|".repeat(1 << 8));
    verdict.gates[0].detail = "x\u{1b}`|".repeat(1 << 18);
    verdict.gates[0].findings[0].actual = verdict.gates[0].detail.clone();
    let mut looked = 0;
    for format in FORMATS {
        assert!(text(format, &verdict).ends_with('\n'), "{}", format.id);
        looked += 1;
    }
    assert_eq!(looked, FORMATS.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_stays_in_its_place(hostile in "(::|##\\[|##vso\\[|##teamcity\\[|\\||`|</details>|%|,|:|#1|@a|\r|\n|\x1b|\u{202e}|\u{200b}|\\PC|.){0,40}") {
        let verdict = canonical::with_text(&hostile);
        for format in FORMATS {
            let shown = text(format, &verdict);
            prop_assert!(!shown.chars().any(|c| c != '\n' && sanitise::deceives(c)), "{}: {shown}", format.id);
            match format.id {
                "github" => {
                    for line in shown.lines() {
                        let ours = ["::error ", "::warning ", "::notice "].iter().any(|start| line.starts_with(start));
                        prop_assert!(ours && !line.contains("##[") && !line.contains("##vso["), "{line}");
                    }
                }
                "azure" | "teamcity" => {
                    for line in shown.lines() {
                        prop_assert!(line.starts_with("##"), "{line}");
                        prop_assert_eq!(sanitise::runner_command(&line[2..]), None);
                    }
                }
                _ => prop_assert_eq!(sanitise::runner_command(&shown), None, "{}", format.id),
            }
        }
        let value = canonical::json(&super::verdict::FORMAT, &verdict);
        prop_assert_eq!(&value["gates"][0]["findings"][0]["actual"], &serde_json::Value::from(hostile));
    }
}
