//! The tables of rules on the pages of packs: each rule has a gate of the pack, and each case that it names is a scenario; each gate of the pack has a row.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Pages whose rows name scenarios, and what else a page tells of than its own pack.
const NAMED: [(&str, &[&str]); 3] = [
    ("agent-e2e", &["agent-e2e"]),
    ("compose-flows", &["compose-flows"]),
    ("full-suite", &["full-suite", "e2e-run", "claims"]),
];
/// Pages whose rows say in words what passes and what fails.
const IN_WORDS: [(&str, &[&str]); 2] = [("go-e2e", &["go-e2e", "go-flakes"]), ("pipeline-run", &["pipeline-run"])];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The words between back ticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// Gates and named cases of each row of the tables whose first column is `rule`.
fn rows(page: &str) -> Vec<(Vec<String>, Vec<String>)> {
    let text = read(&root().join(format!("docs/packs/{page}.md")));
    let (mut rows, mut inside) = (Vec::new(), false);
    for line in text.lines() {
        match line.strip_prefix("| ") {
            None if line.starts_with("|---") => {}
            None => inside = false,
            Some(cells) if cells.starts_with("rule ") => inside = true,
            Some(cells) if inside => {
                let cells: Vec<&str> = cells.split(" | ").collect();
                let own = |cells: &[&str]| cells.iter().flat_map(|cell| quoted(cell)).map(str::to_owned).collect();
                rows.push((own(&cells[1..2]), own(&[&cells[..1], &cells[2..]].concat())));
            }
            Some(_) => {}
        }
    }
    rows
}

fn case(packs: &[&str], gates: &[String], name: &str) -> bool {
    let at = |pack: &str, gate: &str| root().join("fixtures/gates").join(pack).join(gate).join(name).join("case.toml");
    packs.iter().any(|pack| gates.iter().any(|gate| at(pack, gate).is_file()))
}

/// The gates that a policy names.
fn gates_of(policy: &str) -> BTreeSet<String> {
    let text = read(&root().join(format!("policies/{policy}.toml")));
    let table: toml::Table = toml::from_str(&text).expect("a policy");
    let gates = table["gate"].as_array().expect("gates").iter();
    gates.map(|gate| gate["id"].as_str().expect("an id").to_owned()).collect()
}

#[test]
fn each_case_that_a_page_names_is_a_scenario() {
    let mut counts = Vec::new();
    for (page, packs) in NAMED {
        let mut cases = 0;
        for (gates, names) in rows(page) {
            let is_name = |name: &&String| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
            let found = names.iter().filter(is_name).filter(|name| case(packs, &gates, name)).count();
            // What else stands between back ticks in such a row has a blank, a dot or a slash, or is a word of the system.
            let like_a_case = ["pass", "fail_", "gap_", "skip_"];
            for name in names.iter().filter(|name| like_a_case.iter().any(|begin| name.starts_with(begin))) {
                assert!(case(packs, &gates, name), "{page}: {gates:?} has no scenario `{name}`");
            }
            assert!(found > 0, "{page}: the row of {gates:?} names no scenario: {names:?}");
            cases += found;
        }
        counts.push(cases);
    }
    assert!(counts.iter().all(|count| *count >= 70), "{counts:?}");
}

#[test]
fn where_a_page_tells_in_words_its_gates_have_cases_both_ways() {
    let mut looked = 0;
    for (page, packs) in IN_WORDS {
        for (gates, _) in rows(page) {
            let gate = gates.first().unwrap_or_else(|| panic!("{page}: a row without a gate"));
            let home =
                packs.iter().map(|pack| root().join("fixtures/gates").join(pack).join(gate)).find(|home| home.is_dir());
            let home = home.unwrap_or_else(|| panic!("{page}: `{gate}` has no scenarios"));
            let standing = |entry: fs::DirEntry| {
                let table: toml::Table = toml::from_str(&read(&entry.path().join("case.toml"))).expect("a scenario");
                let own = table["expect"].get("gate").and_then(|all| all.get(gate)).and_then(|own| own.get("standing"));
                own.and_then(toml::Value::as_str).unwrap_or("pass").to_owned()
            };
            let all: BTreeSet<String> =
                fs::read_dir(&home).expect("scenarios").map(|entry| standing(entry.expect("an entry"))).collect();
            assert!(all.contains("pass") && all.len() > 1, "{page}: `{gate}` is {all:?} in all scenarios");
            looked += 1;
        }
    }
    assert!(looked >= 25, "{looked}");
}

#[test]
fn each_gate_of_a_pack_has_a_row() {
    let mut looked = 0;
    let pages = NAMED.into_iter().chain(IN_WORDS).filter(|(page, _)| *page != "full-suite");
    for (page, packs) in pages {
        let told: BTreeSet<String> = rows(page).into_iter().flat_map(|(gates, _)| gates).collect();
        for gate in packs.iter().flat_map(|pack| gates_of(pack)) {
            assert!(told.contains(&gate), "{page}: no rule of `{gate}`");
            looked += 1;
        }
    }
    assert!(looked >= 55, "{looked}");
}

/// Each field that the list of survivors lets change unseen is told of on the page, so that nobody learns only from the test what is not read.
#[test]
fn each_field_that_no_gate_reads_is_told_on_the_page() {
    let mut looked = 0;
    for page in ["agent-e2e", "compose-flows", "go-e2e", "pipeline-run"] {
        let text = read(&root().join(format!("docs/packs/{page}.md")));
        let (_, told) = text.split_once("## What no gate reads\n").unwrap_or_else(|| panic!("{page}: no such section"));
        let told = told.split("\n## ").next().unwrap_or_default();
        let table: toml::Table =
            toml::from_str(&read(&root().join(format!("tests/it/mutate/{page}.toml")))).expect("a list");
        let rows = table["survivor"].as_array().expect("rows").iter();
        let places = rows.filter_map(|row| row.get("at")?.as_array()).flatten().filter_map(toml::Value::as_str);
        for place in places.filter(|place| place.starts_with('/')) {
            let mut parts = place.split('/').filter(|part| !part.is_empty() && !part.contains('*'));
            let Some(name) = parts.next_back() else { continue };
            assert!(told.contains(&format!("`{name}`")), "{page}: `{place}` may change, and the page does not tell");
            looked += 1;
        }
    }
    assert!(looked >= 80, "{looked}");
}
