//! Asserts that every target of a run passed: the program that ran it exits with 0.
//!
//! `results` are the result documents, one for each target: `exit_code`, `failed`, and a name under one of the keys of `name`. `reports` are the
//! logs and test reports; those in the directory of a result are its own, and say which tests failed.
//!
//! With `quarantine = true` the entries of the policy's exceptions files subtract tests. An entry names a test by its target (the directory of its
//! reports) and its name, `e2e_tui::quits`, or by the full id that findings show, `e2e_tui (tests/e2e_tui.rs)::quits`. A target that exits with 1, 100 or
//! 101 is excused if every test that failed in it is held apart by an entry in force, its reports are whole, and `failed` counts no more failures
//! than they name. A crash, a signal, an end of time, a suite that did not load and a log that stops early are never excused, and
//! neither is a test that is gone.
//!
//! ```toml
//! [evidence.results]
//! path = "run:**/result.json"
//! pick = "all"
//! [evidence.reports]
//! path = "run:**/{output.log,junit.xml,events.jsonl}"
//! pick = "all"
//! format = "test-output"
//! optional = true
//!
//! [[check]]
//! kind = "targets-pass"
//! results = "results"
//! reports = ["reports"]
//! name = ["suite", "target"]
//! quarantine = true
//! ```
//!
//! Findings: `failed-target` (with the tests that failed and are not held apart, and the command that runs them again), `quarantine-unused` (an entry
//! names a test of a target of this run, and no such test ran), `quarantine-ambiguous`, `quarantine-twice`, `quarantine-invalid`
//! (as in [`tests-pass`](tests-pass.md)), `missing-field`, `wrong-type`. Errors: no result at all.

use super::apart::{Apart, Unexcused};
use super::reports::{Ids, directory, told};
use super::tally::Tally;
use super::values::{Value, admit, shown};
use crate::definition::{Keys, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Declared, Doc, Place, Refused, Use};
use crate::model::{EvidenceId, Finding, Limit, Measure, Node, Note, Number, Outcome, Pointer, Where, shell_word};

/// The kind `targets-pass`.
pub static TARGETS_PASS: CheckKind = CheckKind {
    id: "targets-pass",
    about: "every target of a run passed, or failed in quarantined tests alone",
    docs: include_str!("targets_pass.rs"),
    parse,
};

struct TargetsPass {
    results: EvidenceId,
    reports: Ids,
    name: Vec<String>,
    quarantine: bool,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[
        ("results", Stricter::Unclear),
        ("reports", Stricter::Unclear),
        ("name", Stricter::Unclear),
        ("quarantine", Stricter::False),
    ]);
    let results = keys.required("results", "The result documents.");
    let reports = keys.required("reports", "The evidence of logs and test reports that lie beside them.");
    let name = keys.required("name", "The keys that name a target: the first that a result has.");
    let doc = "Whether tests are subtracted that quarantine entries of the policy's exceptions files hold apart.";
    let quarantine = keys.or("quarantine", false, doc);
    Some(Box::new(TargetsPass { results: results?, reports: reports?, name: name?, quarantine }))
}

fn number(result: &Value<'_>, key: &str) -> Option<i128> {
    result.node.get(key).and_then(Node::number).and_then(|number| number.as_integer())
}

impl TargetsPass {
    /// What the reports say; one that cannot be read excuses nothing, and is told of by the gates that are about it.
    fn apart<'a>(&self, evidence: &Admitted<'a>, tally: &mut Tally) -> Option<Apart<'a>> {
        let (reports, _) = told(evidence, &self.reports.0).ok()?;
        self.quarantine.then(|| Apart::of(reports, evidence, tally))
    }

    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        admit(evidence, [&self.results])?;
        let mut tally = Tally::default();
        let apart = self.apart(evidence, &mut tally);
        for doc in evidence.documents(&self.results)? {
            let result = Value { node: doc.root, at: doc.at(Pointer::root()) };
            if !result.node.is_map() {
                tally.find(result.wrong_type("an object"));
                continue;
            }
            match result.get("exit_code").map(|value| (number(&result, "exit_code"), value)) {
                None => {
                    let finding = Finding::new("missing-field", "`exit_code`, an integer", "nothing");
                    tally.find(finding.at(result.at_key("exit_code")));
                }
                Some((None, value)) => {
                    tally.find(Finding::new("wrong-type", "an integer", shown(value.node)).at(value.at));
                }
                Some((Some(0), _)) => tally.examined(),
                Some((Some(code), _)) => self.failed(doc, &result, code, apart.as_ref(), &mut tally),
            }
        }
        Ok(tally.finish(|| (format!("results of `{}`", self.results), Where::file(self.results.to_string()))))
    }

    fn failed(&self, doc: Doc<'_>, result: &Value<'_>, code: i128, apart: Option<&Apart<'_>>, tally: &mut Tally) {
        let home = directory(doc.artifact);
        let name = self.name.iter().find_map(|key| result.node.get(key).and_then(Node::text)).unwrap_or(home);
        let ruled = apart.map(|apart| apart.target(home, code, number(result, "failed")));
        let (tests, void) = match ruled {
            Some(Ok(_)) => return tally.examined(),
            Some(Err(Unexcused::Tests(tests, void))) => (tests, void),
            Some(Err(Unexcused::Otherwise)) | None => (Vec::new(), Vec::new()),
        };
        let actual = match tests.as_slice() {
            [] => format!("it exits with {code}"),
            [only] => format!("it exits with {code}: `{only}` failed"),
            [first, rest @ ..] => format!("it exits with {code}: `{first}` and {} more tests failed", rest.len()),
        };
        let message = format!("`{name}` failed: {actual}");
        let finding = Finding::new("failed-target", format!("`{name}` exits with 0"), actual).saying(message);
        let log = doc.artifact.path.shown.rsplit_once('/').map(|(home, _)| format!("{home}/output.log"));
        let test = match tests.as_slice() {
            [only] => only.split_once("::").and_then(|(_, test)| shell_word(test)).map(|test| format!(" {test}")),
            _ => None,
        };
        let replay = shell_word(name)
            .filter(|_| !name.starts_with('-'))
            .map(|name| format!("cargo test --test {name}{} -- --nocapture", test.unwrap_or_default()));
        let next = [log.map(|log| format!("Read {log}.")), replay.map(|command| format!("Replay: {command}"))];
        let next: Vec<String> = next.into_iter().flatten().collect();
        tally.find(finding.at(result.at_key("exit_code")).next(next.join(" ")));
        void.into_iter().for_each(|entry| tally.find(entry.invalid()));
    }
}

impl Check for TargetsPass {
    fn declares(&self) -> Vec<Declared> {
        vec![Declared::Value(Place::of(&self.results, "exit_code"))]
    }

    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        let mut reads = self.reports.whole();
        reads.push((self.results.clone(), Use::Whole));
        reads.sort();
        reads.dedup();
        reads
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }

    fn measures(&self, evidence: &Admitted<'_>) -> Vec<Measure> {
        let Ok(results) = evidence.documents(&self.results) else { return Vec::new() };
        let code = |doc: &Doc<'_>| doc.root.get("exit_code").and_then(Node::number).and_then(|number| number.as_integer());
        let failed = results.iter().filter(|doc| code(doc).is_some_and(|code| code != 0)).count();
        let none = Limit::AtMost(Number::Int(0));
        vec![Measure::count("targets", results.len()), Measure::count("targets failed", failed).limit(none)]
    }

    fn notes(&self, evidence: &Admitted<'_>) -> Vec<Note> {
        let Some(apart) = self.apart(evidence, &mut Tally::default()) else { return Vec::new() };
        let Ok(documents) = evidence.documents(&self.results) else { return Vec::new() };
        let excused = documents.into_iter().filter_map(|doc| {
            let result = Value { node: doc.root, at: doc.at(Pointer::root()) };
            let code = number(&result, "exit_code").filter(|code| *code != 0)?;
            apart.target(directory(doc.artifact), code, number(&result, "failed")).ok()
        });
        excused.flatten().collect()
    }
}

#[cfg(test)]
#[path = "targets_pass_tests.rs"]
mod cases;
