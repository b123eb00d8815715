//! Scenarios as directories: their cases, and the artifacts that runners, setup and layout declare.
//!
//! In: the scenario documents, the runners. Out: a contract for each scenario, and findings where it is none. Whether files are named
//! and paired as they must be is the matter of `files-named`.

use super::artifact_paths::{Paths, paths};
use super::tally::Tally;
use super::text;
use super::values::{Value, items};
use crate::gate::{Admitted, Refused};
use crate::model::{EvidenceId, Finding, Node, Pointer, Shape, Where};
use std::collections::BTreeMap;

/// The name of the runner of a whole scenario.
pub(super) const OF_ALL: &str = "runner.yml.md";

/// An artifact that a scenario declares.
pub(super) struct Declared {
    /// Whether it may be absent: nothing that declares it requires it.
    pub(super) optional: bool,
    /// Where it is declared first.
    pub(super) at: Where,
}

/// One scenario.
pub(super) struct Scenario {
    /// Its document.
    pub(super) at: Where,
    /// Its own name in that document.
    pub(super) test_id: Option<String>,
    /// Its cases, `TC-001`.
    pub(super) cases: Vec<String>,
    /// The artifacts it declares, by path.
    pub(super) declared: BTreeMap<String, Declared>,
}

/// Scenarios by their directory.
pub(super) type Scenarios = BTreeMap<String, Scenario>;

/// The directory and the name of a path.
pub(super) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// The id of the case that a file `TC-001-slug.<role>.md` or `TC-001a.<role>.md` belongs to.
pub(super) fn case_of(name: &str) -> Option<String> {
    let behind = name.strip_prefix("TC-")?;
    let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
    let letters = behind[digits..].bytes().take_while(u8::is_ascii_lowercase).count();
    let ends = behind[digits + letters..].starts_with(['-', '.']);
    (digits >= 2 && ends).then(|| format!("TC-{}", &behind[..digits + letters]))
}

/// Reads the contracts; what is wrong with them goes to the tally.
///
/// # Errors
/// The outcome to return when the evidence is not admitted.
pub(super) fn read(
    evidence: &Admitted<'_>,
    scenarios: &EvidenceId,
    runners: &EvidenceId,
    tally: &mut Tally,
) -> Result<Scenarios, Refused> {
    let mut found = Scenarios::new();
    for doc in evidence.documents(scenarios)? {
        let (directory, _) = split(doc.artifact.path.rel.as_str());
        let root = Value { node: doc.root, at: doc.at(Pointer::root()) };
        let test_id = doc.root.get("test-id").and_then(Node::text).map(str::to_owned);
        let at = Where::file(&doc.artifact.path.shown);
        let mut scenario = Scenario { at, test_id, cases: Vec::new(), declared: BTreeMap::new() };
        for (paths, at) in of_document(&root) {
            take(&mut scenario, paths, &at, tally);
        }
        found.insert(directory.to_owned(), scenario);
    }
    for (artifact, text) in text::texts(evidence, runners, false, tally)? {
        let (directory, name) = split(artifact.path.rel.as_str());
        let at = Where::file(&artifact.path.shown);
        let Some(scenario) = found.get_mut(directory) else {
            tally.find(Finding::new("no-scenario", "a scenario.yml beside the runner", "none").at(at));
            continue;
        };
        match case_of(name) {
            Some(case) => scenario.cases.push(case),
            None if name == OF_ALL => {}
            None => {
                let expected = format!("`TC-NNN-<slug>.runner.md` or `{OF_ALL}`");
                tally.find(Finding::new("misnamed-file", expected, format!("`{name}`")).at(at.clone()));
            }
        }
        tally.examined();
        take(scenario, paths(text), &at, tally);
    }
    for scenario in found.values().filter(|scenario| scenario.cases.is_empty()) {
        let finding = Finding::new("no-cases", "a scenario with at least one test case", "none");
        tally.find(finding.at(scenario.at.clone()));
    }
    Ok(found)
}

/// The files of cases that the front matter of `runner.yml.md` or `verifier.yml.md` bundles; empty if it speaks of none.
pub(super) fn bundled(text: &str) -> Vec<(u64, &str)> {
    let mut lines = (1..).zip(text.lines());
    if lines.next().is_none_or(|(_, line)| line.trim_end() != "---") {
        return Vec::new();
    }
    let block = lines.take_while(|(_, line)| line.trim_end() != "---");
    let names = block.filter_map(|(number, line)| {
        let item = line.trim().strip_prefix('-')?.trim().trim_matches(['"', '\'']);
        let name = item.strip_prefix("./").unwrap_or(item);
        (case_of(name).is_some() && name.ends_with(".md")).then_some((number, name))
    });
    names.collect()
}

/// A place in a text: a line of it, or the value in a document that holds it.
pub(super) fn place(at: &Where, line: u64) -> Where {
    if at.pointer.is_some() { at.clone() } else { Where { line: Some(line), ..at.clone() } }
}

/// Keeps what is written like a path and is none.
pub(super) fn refuse(paths: &Paths, at: &Where, tally: &mut Tally) {
    for unsound in &paths.unsound {
        let expected = "an exact path `results/tc/{NN}/<file>`";
        let finding = Finding::new(unsound.kind, expected, format!("`{}`", unsound.text));
        tally.find(finding.at(place(at, unsound.line)));
    }
}

fn take(scenario: &mut Scenario, paths: Paths, at: &Where, tally: &mut Tally) {
    refuse(&paths, at, tally);
    for named in paths.named {
        tally.examined();
        let at = place(at, named.line);
        let declared = scenario.declared.entry(named.path).or_insert(Declared { optional: named.optional, at });
        declared.optional &= named.optional;
    }
}

/// The paths in the setup and in the keys of the layout.
fn of_document(root: &Value<'_>) -> Vec<(Paths, Where)> {
    let mut found = root.get("setup").map(in_setup).unwrap_or_default();
    if let Some(layout) = root.get("sandbox-layout") {
        let keys = layout.node.entries().map(|(key, _): (&str, Node<'_>)| (paths(key), layout.at_key(key)));
        found.extend(keys.collect::<Vec<_>>());
    }
    found
}

/// The paths in the texts below a value.
fn in_setup(value: Value<'_>) -> Vec<(Paths, Where)> {
    match value.node.shape() {
        Shape::Text(text) => vec![(paths(text), value.at)],
        Shape::List(_) => items(value).flat_map(in_setup).collect(),
        Shape::Map(_) => {
            let keys: Vec<&str> = value.node.entries().map(|(key, _): (&str, Node<'_>)| key).collect();
            keys.into_iter().filter_map(|key| value.get(key)).flat_map(in_setup).collect()
        }
        Shape::Null | Shape::Bool(_) | Shape::Number(_) => Vec::new(),
    }
}
