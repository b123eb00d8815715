//! Every mutator changes the bytes, and only what it says.

use super::mutant::{Change, Mutant, Mutator, splice};
use super::plan::{Subject, Terms, offer};
use super::sample::{Sample, Sampling};
use super::tree::{Kind, Node, Step};
use super::{json, toml_text, xml, yaml};
use crate::model::{Pointer, parse_instant};
use std::collections::{BTreeMap, BTreeSet};

const ALL: Sampling = Sampling { each: None, most: None, seed: 0 };

fn mutants(name: &str, text: &str, terms: &Terms) -> Vec<Mutant> {
    let mut sample = Sample::new(ALL);
    let bytes = text.as_bytes();
    offer(&Subject { file: 0, group: 0, name, bytes, twin: Some(1), terms, deep: true }, &mut sample);
    sample.choose().mutants
}

fn changed(text: &str, mutant: &Mutant) -> Option<String> {
    let bytes = match &mutant.change {
        Change::Delete | Change::Swap(_) => return None,
        Change::Bytes(bytes) => bytes.clone(),
        Change::Splice(splices) => splice(text.as_bytes(), splices),
        Change::Toml(way, act) => toml_text::apply(text.as_bytes(), way, act).expect("it was tried before"),
    };
    String::from_utf8(bytes).ok()
}

/// Every value that is no collection, by its place; and every collection that is empty.
fn leaves(at: &Pointer, node: &Node, found: &mut BTreeMap<String, String>) {
    let told = match &node.kind {
        Kind::Null => "null".to_owned(),
        Kind::Bool(flag) => flag.to_string(),
        Kind::Number(number) => number.clone(),
        Kind::Text(text) => format!("{text:?}"),
        Kind::List(inner) | Kind::Map(inner) if inner.is_empty() => "empty".to_owned(),
        Kind::List(_) | Kind::Map(_) => {
            for inner in node.inner() {
                let at = match &inner.step {
                    Step::Key(key) => at.key(key),
                    Step::Index(index) => at.index(*index),
                    Step::Root => at.clone(),
                };
                leaves(&at, inner, found);
            }
            return;
        }
    };
    found.insert(at.to_string(), told);
}

fn flat(parse: fn(&[u8]) -> Option<Node>, text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let root = parse(text.as_bytes()).unwrap_or_else(|| panic!("it can no longer be read: {text}"));
    leaves(&Pointer::root(), &root, &mut found);
    found
}

/// Tries every mutant of values in a text; what was done, by mutator.
fn try_all(name: &str, text: &str, parse: fn(&[u8]) -> Option<Node>) -> BTreeMap<Mutator, usize> {
    let before = flat(parse, text);
    let mut done: BTreeMap<Mutator, usize> = BTreeMap::new();
    for mutant in mutants(name, text, &Terms::default()) {
        let Some(at) = &mutant.at else { continue };
        let new = changed(text, &mutant).expect("text stays text");
        let what = format!("{} {at}: {new}", mutant.mutator.word());
        assert_ne!(new, text, "{what}");
        let after = flat(parse, &new);
        let differ: BTreeSet<&String> =
            before.keys().chain(after.keys()).filter(|key| before.get(*key) != after.get(*key)).collect();
        assert!(!differ.is_empty(), "{what}");
        // What is gone or twice moves its neighbours, and what is renamed or the last of its kind stands beside.
        let around = at.as_str().rsplit_once('/').map_or("", |(around, _)| around);
        let reach = match mutant.mutator {
            Mutator::Remove | Mutator::Repeat | Mutator::Rename => around,
            _ => at.as_str(),
        };
        assert!(differ.iter().all(|key| key.starts_with(reach)), "{what}: {differ:?}");
        if mutant.mutator == Mutator::Remove && !at.as_str().ends_with(|c: char| c.is_ascii_digit()) {
            let gone = |key: &&String| **key == at.as_str() || key.starts_with(&format!("{at}/"));
            let left = after.keys().filter(gone).count();
            assert_eq!(left, 0, "{what}");
        }
        *done.entry(mutant.mutator).or_default() += 1;
    }
    done
}

const JSON: &str = r#"{
  "id": "abc", "ok": true, "n": 3, "f": 0.5, "none": null, "status": "pass",
  "rows": [{"name": "a", "tags": ["x", "y"]}, {"name": "b", "tags": ["z"]}], "one": {"deep": [1]}, "empty": []
}
"#;

#[test]
fn json() {
    let done = try_all("a.json", JSON, json::parse);
    use Mutator::{Change, Clear, Decrement, Flip, Increment, Negate, Null, Remove, Rename, Repeat, Type};
    for mutator in [Remove, Null, Type, Flip, Increment, Decrement, Negate, Change, Repeat, Clear, Rename] {
        assert!(done.contains_key(&mutator), "{}", mutator.word());
    }
    assert_eq!(done[&Flip], 2);
    assert_eq!(done[&Remove], done[&Rename] + done[&Repeat]);
}

#[test]
fn yaml() {
    let text =
        "id: abc\nok: true\nrows:\n  - name: a\n    n: 1\n  - name: b\n    n: 2\nflow: [x, {y: 1}]\nlast:\n  deep: text\n";
    let done = try_all("a.yaml", text, yaml::parse);
    assert!(done.values().sum::<usize>() > 50, "{done:?}");
    assert_eq!(done[&Mutator::Flip], 1);
}

#[test]
fn xml() {
    let text = "<suites n=\"2\">\n<suite name=\"a\"><case id=\"1\"/><case id=\"2\">out</case></suite>\n</suites>\n";
    let done = try_all("a.xml", text, xml::parse);
    assert!(done[&Mutator::Remove] >= 7 && done[&Mutator::Repeat] >= 3 && done[&Mutator::Increment] == 3, "{done:?}");
}

#[test]
fn toml() {
    let text = "a = 1\n[b]\nc = \"x\" # why\nd = [1, 2]\n\n[[e]]\nf = true\n[[e]]\nf = false\n";
    let done = try_all("a.toml", text, toml_text::parse);
    assert!(done[&Mutator::Flip] == 2 && done[&Mutator::Repeat] >= 2 && !done.contains_key(&Mutator::Null), "{done:?}");
}

#[test]
fn records_and_lines() {
    let text = "{\"a\": 1}\n{\"a\": 2}\n";
    let all = mutants("a.jsonl", text, &Terms::default());
    let whole: Vec<String> =
        all.iter().filter(|mutant| mutant.field.is_empty()).filter_map(|mutant| changed(text, mutant)).collect();
    assert!(
        whole.contains(&"{\"a\": 2}\n".to_owned()) && whole.contains(&"{\"a\": 1}\n{\"a\": 1}\n{\"a\": 2}\n".to_owned())
    );
    assert!(whole.contains(&"[]\n".to_owned()) && whole.contains(&"{\"a\": 1,\"a\": 1}\n{\"a\": 2}\n".to_owned()));
    let text = "test a ... ok\ntest b ... FAILED\nresult: 1 passed\n";
    let all = mutants("output.log", text, &Terms::default());
    let fields: BTreeSet<&str> = all.iter().map(|mutant| mutant.field.as_str()).collect();
    assert_eq!(fields.into_iter().collect::<Vec<_>>(), ["", "(success line)", "(trouble line)"]);
    let told: Vec<String> = all.iter().filter_map(|mutant| changed(text, mutant)).collect();
    assert!(told.contains(&text.replace("FAILED", "PASSED")) && told.contains(&text.replace("1 passed", "2 passed")));
    assert!(told.contains(&text.replace("test a ... ok\n", "")) && told.contains(&text.replace("result: 1 passed\n", "")));
    assert!(told.iter().all(|new| new != text));
}

#[test]
fn times_commits_and_runs_are_those_that_gates_ask_for() {
    let at = |pointer: &str| Pointer::parse(pointer).expect("sound");
    let latest = parse_instant("2026-03-01T00:00:00Z").expect("sound");
    let terms = Terms {
        stale: [(at("/at"), latest)].into(),
        commits: [at("/commit")].into(),
        runs: [at("/run"), at("/none")].into(),
    };
    let text = "{\"at\": \"2026-03-02T00:00:00Z\", \"commit\": \"c\", \"run\": \"r\"}\n";
    let told = |mutator: Mutator| -> Vec<String> {
        let all =
            mutants("a.json", text, &terms).into_iter().filter(|mutant| mutant.mutator == mutator).collect::<Vec<_>>();
        all.iter().filter_map(|mutant| changed(text, mutant)).collect()
    };
    assert_eq!(told(Mutator::Stale), [text.replace("2026-03-02T00", "2026-02-28T23")]);
    assert_eq!(told(Mutator::ForeignCommit), [text.replace("\"c\"", &format!("\"{}\"", "0".repeat(40)))]);
    assert_eq!(told(Mutator::ForeignRun), [text.replace("\"r\"", "\"another-run\"")]);
}

#[test]
fn what_is_no_document_is_damaged_as_a_whole() {
    let all = mutants("a.bin", "\u{0}binary", &Terms::default());
    let words: Vec<&str> = all.iter().map(|mutant| mutant.mutator.word()).collect();
    assert_eq!(words, ["delete", "empty", "half", "garbage", "swap"]);
}
