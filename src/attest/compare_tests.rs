//! Differences have places, and evidence is told apart by what became of it.

use super::*;
use crate::collect;
use crate::model::{Document, Where};

fn document(text: &str) -> Document {
    collect::json(text.as_bytes(), &Where::file("a.json")).expect("JSON")
}

fn told(found: &[Difference]) -> Vec<String> {
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    found.iter().map(|one| format!("{} {} {}", one.at.as_str(), value(&one.first), value(&one.second))).collect()
}

#[test]
fn every_difference_has_its_place() {
    let first = document(r#"{"a": 1, "b": [1, 2], "c": {"d": null}, "e": "x", "f": true}"#);
    let second = document(r#"{"a": 2, "b": [1], "c": {"d": []}, "e": "y", "g": 0}"#);
    let found = differences(first.root(), second.root());
    assert_eq!(told(&found), ["/a 1 2", "/b/1 2 -", "/c/d null []", "/e \"x\" \"y\"", "/f true -", "/g - 0"]);
    assert!(differences(first.root(), first.root()).is_empty());
}

#[test]
fn what_is_said_beside_is_passed_over_and_what_is_added_to_a_list_is_not() {
    let own = document(r#"{"predicate": {"properties": ["A"]}}"#);
    for (text, expected) in [
        (r#"{"predicate": {"properties": ["A"], "more": 1}, "x": 2}"#, vec![]),
        (r#"{"predicate": {"properties": ["A", "B"]}}"#, vec!["/predicate/properties/1 - \"B\""]),
        (r#"{"predicate": {"properties": []}}"#, vec!["/predicate/properties/0 \"A\" -"]),
        (r#"{"predicate": {}}"#, vec!["/predicate/properties [\"A\"] -"]),
    ] {
        assert_eq!(told(&lacking(own.root(), document(text).root())), expected, "{text}");
    }
}

#[test]
fn evidence_is_the_same_changed_missing_or_added() {
    let recorded = document(
        r#"{"evidence": [{"path": "a", "sha256": "1"}, {"path": "b", "sha256": "1"}, {"path": "c", "sha256": "1"},
            {"path": "d", "sha256": "1"}, {"path": "e", "sha256": null, "gap": "missing"}, {"path": "f", "sha256": "1"}]}"#,
    );
    let here = document(
        r#"{"evidence": [{"path": "a", "sha256": "1"}, {"path": "b", "sha256": "2"}, {"path": "c", "sha256": null, "gap": "missing"},
            {"path": "e", "sha256": "1"}, {"path": "f", "sha256": null, "gap": "unreadable"}, {"path": "g", "sha256": "1"}]}"#,
    );
    let found = evidence(recorded.root(), here.root());
    let list = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>();
    let (changed, missing, added) = (list(&["b", "f"]), list(&["c", "d"]), list(&["e", "g"]));
    assert_eq!(found, Evidence { same: 1, changed, missing, added });
}
