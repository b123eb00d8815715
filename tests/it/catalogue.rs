//! What exists is documented: pages are made from the code and the gate files, compared with `docs/` byte for byte, and written
//! anew with `GATEKEEPER_BLESS=1`. Hand-written pages name only what is there. Codes and gates have fixtures.

mod bless;
mod configuration;
mod gates;
mod links;
mod pages;
mod summary;

use crate::support::assurance::asked;
use bless::Pages;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder or file below `docs/` that holds nothing else, and what makes it.
type Generator = (&'static str, fn() -> Pages);

/// Every generated page.
const GENERATED: &[Generator] = &[
    ("checks", pages::checks),
    ("evidence", pages::evidence),
    ("formats", pages::formats),
    ("gates", gates::pages),
    ("configuration.md", configuration::configuration),
    ("diagnostics.md", pages::diagnostics),
    ("exit-codes.md", pages::exit_codes),
    ("glossary.md", pages::glossary),
    ("decisions/README.md", summary::decisions),
    // Last: it lists the others.
    ("SUMMARY.md", summary::summary),
    ("schemas", pages::schemas),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The names in a directory, sorted; none if it is not there.
fn names(directory: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(directory).into_iter().flatten();
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

/// The folders of `gates/`.
fn packs() -> BTreeSet<String> {
    let mut packs = names(&root().join("gates"));
    packs.retain(|name| root().join("gates").join(name).is_dir());
    packs
}

#[test]
fn generated_pages_are_fresh() {
    let blessing = asked("GATEKEEPER_BLESS");
    let mut faults = Vec::new();
    for (place, generate) in GENERATED {
        let pages = generate();
        assert!(!pages.is_empty(), "nothing was made for docs/{place}");
        let beneath = format!("{}/", place.trim_end_matches('/'));
        for name in pages.keys() {
            assert!(name == place || name.starts_with(&beneath), "docs/{name} is not below docs/{place}");
        }
        faults.extend(bless::settle(&root().join("docs"), place, &pages, blessing));
    }
    assert!(faults.is_empty(), "{}\nRun `GATEKEEPER_BLESS=1 cargo test` and read the difference.\n", faults.join("\n"));
}

#[test]
fn every_page_is_in_the_table_of_contents_once() {
    let text = fs::read_to_string(root().join("docs/SUMMARY.md")).expect("a table of contents");
    let listed = summary::targets(&text);
    let mut pages = summary::below("");
    pages.retain(|page| page != "SUMMARY.md");
    let lacking: Vec<_> = pages.iter().filter(|page| !listed.contains(page)).collect();
    let gone: Vec<_> = listed.iter().filter(|page| !pages.contains(page)).collect();
    assert!(
        lacking.is_empty() && gone.is_empty(),
        "docs/SUMMARY.md lacks {lacking:?} and names {gone:?}, which is not there"
    );
    assert_eq!(listed.len(), pages.len(), "a page is listed twice");
    assert!(pages.len() > 200, "{}", pages.len());
}

#[test]
fn everything_registered_has_a_page() {
    let pages: Pages = GENERATED.iter().flat_map(|(_, generate)| generate()).collect();
    let mut looked = 0;
    let mut must = |name: String| {
        assert!(pages.get(&name).is_some_and(|text| text.lines().count() > 3), "docs/{name} is missing or says nothing");
        looked += 1;
    };
    gatekeeper::checks::CHECKS.iter().for_each(|kind| must(format!("checks/{}.md", kind.id)));
    gatekeeper::collect::FORMATS.iter().for_each(|format| must(format!("evidence/{}.md", format.id)));
    gatekeeper::report::FORMATS.iter().for_each(|format| must(format!("formats/{}.md", format.id)));
    for pack in packs() {
        let files = names(&root().join("gates").join(&pack));
        let gates: Vec<&str> = files.iter().filter_map(|name| name.strip_suffix(".toml")).collect();
        assert!(!gates.is_empty(), "the pack `{pack}` has no gate");
        gates.iter().for_each(|gate| must(format!("gates/{pack}/{gate}.md")));
    }
    assert!(looked > 30, "only {looked} pages were looked for");
}

#[test]
fn every_diagnostic_code_has_a_fixture() {
    let folders = names(&root().join("fixtures/definitions"));
    let mut looked = 0;
    for code in gatekeeper::diagnostic::CODES {
        assert!(folders.contains(code.name), "no broken definition under fixtures/definitions/{}", code.name);
        let cases = names(&root().join("fixtures/definitions").join(code.name));
        assert!(!cases.is_empty(), "fixtures/definitions/{} is empty", code.name);
        for case in &cases {
            let expected = root().join("fixtures/definitions").join(code.name).join(case).join("expected.stderr");
            let text = fs::read_to_string(&expected).unwrap_or_else(|error| panic!("{}: {error}", expected.display()));
            assert!(text.contains(&format!("[{}]", code.name)), "{} does not show the code", expected.display());
            looked += 1;
        }
    }
    assert!(looked >= gatekeeper::diagnostic::CODES.len());
}

#[test]
fn every_gate_has_a_scenario_that_passes_and_one_that_does_not() {
    let (mut looked, mut faults) = (0, Vec::new());
    for pack in packs() {
        for file in names(&root().join("gates").join(&pack)) {
            let Some(gate) = file.strip_suffix(".toml") else { continue };
            let folder = root().join("fixtures/gates").join(&pack).join(gate);
            let standings: BTreeSet<bool> = names(&folder)
                .iter()
                .filter_map(|case| fs::read_to_string(folder.join(case).join("case.toml")).ok())
                .filter_map(|text| gates::expected_to_pass(&text, gate))
                .collect();
            for (passes, word) in [(true, "passes"), (false, "does not pass")] {
                if !standings.contains(&passes) {
                    faults.push(format!("fixtures/gates/{pack}/{gate}: no case.toml in which `{gate}` {word}"));
                }
            }
            looked += 1;
        }
    }
    assert!(looked > 10, "only {looked} gates were seen");
    assert!(faults.is_empty(), "{} faults:\n{}\n", faults.len(), faults.join("\n"));
}

#[test]
fn hand_written_pages_name_only_what_is_there() {
    let generated: BTreeSet<&str> = GENERATED.iter().map(|(place, _)| *place).collect();
    let (checked, faults) = links::dead(&root(), &generated);
    assert!(checked > 40, "only {checked} paths and links were seen");
    assert!(faults.is_empty(), "{} dead:\n{}\n", faults.len(), faults.join("\n"));
}

#[test]
fn every_test_file_is_in_a_suite() {
    let text = fs::read_to_string(root().join("tests/suite_classification.toml")).expect("our suites");
    let table: toml::Table = text.parse().expect("TOML");
    let suites = table["suite"].as_table().expect("suites").values();
    let files = suites.flat_map(|suite| suite["files"].as_array().expect("a list"));
    let listed: BTreeSet<String> = files.map(|file| file.as_str().expect("a name").to_owned()).collect();
    let mut there = names(&root().join("tests/it"));
    there.retain(|name| name.ends_with(".rs"));
    assert_eq!(there.iter().map(|name| name.trim_end_matches(".rs").to_owned()).collect::<BTreeSet<_>>(), listed);
    assert!(listed.len() > 40, "{}", listed.len());
}
