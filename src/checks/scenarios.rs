//! Scenarios as directories: their cases, and the artifacts that runners and setup declare.
//!
//! In: the scenario documents, the runners. Out: a contract for each scenario, and findings where it is none. Whether files are named
//! and paired as they must be is the matter of `files-named`.

use super::artifact_paths::{Paths, alone, declared};
use super::tally::Tally;
use super::text;
use super::values::{Value, items};
use crate::gate::{Admitted, Refused};
use crate::model::{EvidenceId, Finding, Node, Pointer, Shape, Where};
use std::collections::BTreeMap;

/// The name of the runner of a whole scenario.
const OF_ALL: &str = "runner.yml.md";

/// An artifact that a scenario declares.
pub(super) struct Declared {
    /// Whether it may be absent.
    pub(super) optional: bool,
    /// The number of its case.
    pub(super) case: u32,
    /// Where it is declared.
    pub(super) at: Where,
}

/// One scenario.
pub(super) struct Scenario {
    /// Its document.
    pub(super) at: Where,
    /// Its cases, `TC-001`, by number.
    pub(super) cases: BTreeMap<u32, String>,
    /// The artifacts it declares, by path.
    pub(super) declared: BTreeMap<String, Declared>,
}

/// Scenarios by their directory.
pub(super) type Scenarios = BTreeMap<String, Scenario>;

/// The directory and the name of a path.
pub(super) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// The number and id of the case that a file `TC-001-slug.<role>.md` belongs to.
pub(super) fn case_of(name: &str) -> Option<(u32, String)> {
    let digits = name.strip_prefix("TC-")?;
    let digits = &digits[..digits.bytes().take_while(u8::is_ascii_digit).count()];
    let number = digits.parse().ok().filter(|_| digits.len() >= 3)?;
    Some((number, format!("TC-{digits}")))
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
    let documents = evidence.documents(scenarios)?;
    for doc in &documents {
        let (directory, _) = split(doc.artifact.path.rel.as_str());
        let at = Where::file(&doc.artifact.path.shown);
        found.insert(directory.to_owned(), Scenario { at, cases: BTreeMap::new(), declared: BTreeMap::new() });
    }
    let mut declarations = Vec::new();
    for (artifact, text) in text::texts(evidence, runners, tally)? {
        let (directory, name) = split(artifact.path.rel.as_str());
        let shown = &artifact.path.shown;
        let Some(scenario) = found.get_mut(directory) else {
            let finding = Finding::new("no-scenario", "a scenario.yml beside the runner", "none");
            tally.find(finding.at(Where::file(shown)));
            continue;
        };
        let case = case_of(name);
        if case.is_none() && name != OF_ALL {
            let expected = format!("`TC-NNN-<slug>.runner.md` or `{OF_ALL}`");
            tally.find(Finding::new("misnamed-file", expected, format!("`{name}`")).at(Where::file(shown)));
        }
        let own = case.as_ref().map(|(number, _)| *number);
        let paths = declared(text);
        if let Some((number, id)) = case {
            if paths.named.is_empty() {
                let finding =
                    Finding::new("nothing-declared", "at least one artifact that the verifier can look at", "none");
                tally.find(finding.at(Where::file(shown)));
            }
            scenario.cases.insert(number, id);
        }
        declarations.push((directory.to_owned(), own, paths, Where::file(shown)));
    }
    for doc in &documents {
        let (directory, _) = split(doc.artifact.path.rel.as_str());
        if let Some(setup) = doc.root.get("setup") {
            let value = Value { node: setup, at: doc.at(Pointer::root().key("setup")) };
            for (paths, at) in in_setup(value) {
                declarations.push((directory.to_owned(), None, paths, at));
            }
        }
    }
    for (directory, own, paths, at) in declarations {
        if let Some(scenario) = found.get_mut(&directory) {
            take(scenario, own, paths, &at, tally);
        }
    }
    for scenario in found.values().filter(|scenario| scenario.cases.is_empty()) {
        let finding = Finding::new("no-cases", "a scenario with at least one test case", "none");
        tally.find(finding.at(scenario.at.clone()));
    }
    Ok(found)
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

fn take(scenario: &mut Scenario, own: Option<u32>, paths: Paths, at: &Where, tally: &mut Tally) {
    refuse(&paths, at, tally);
    for named in paths.named {
        let at = place(at, named.line);
        let expected = match own {
            Some(own) if own != named.case => format!("a path below `results/tc/{own:02}/`"),
            None if !scenario.cases.contains_key(&named.case) => "a path of one of the scenario's test cases".to_owned(),
            Some(_) | None => {
                tally.examined();
                match scenario.declared.get(&named.path) {
                    Some(first) if first.optional != named.optional => {
                        let expected = format!("`{}` either required or optional, as at {}", named.path, first.at);
                        tally.find(Finding::new("contradiction", expected, "the other").at(at));
                    }
                    Some(_) => {}
                    None => {
                        let declared = Declared { optional: named.optional, case: named.case, at };
                        scenario.declared.insert(named.path, declared);
                    }
                }
                continue;
            }
        };
        tally.find(Finding::new("foreign-path", expected, format!("`{}`", named.path)).at(at));
    }
}

/// The paths in the texts below a value.
fn in_setup(value: Value<'_>) -> Vec<(Paths, Where)> {
    match value.node.shape() {
        Shape::Text(text) => vec![(alone(text), value.at)],
        Shape::List(_) => items(value).flat_map(in_setup).collect(),
        Shape::Map(_) => {
            let keys: Vec<&str> = value.node.entries().map(|(key, _): (&str, Node<'_>)| key).collect();
            keys.into_iter().filter_map(|key| value.get(key)).flat_map(in_setup).collect()
        }
        Shape::Null | Shape::Bool(_) | Shape::Number(_) => Vec::new(),
    }
}
