//! Asserts that reports of scenarios record the artifacts that lie in the sandbox, and that what is required lies there.
//!
//! The contract is that of `artifact-contract`, read from the scenarios and runners. A report is Markdown with front matter beside the
//! sandbox's `results/`; its `scenario` names the directory of the scenario. From contract and sandbox follow which required artifacts are
//! there and which are not; `artifacts-present` and `artifacts-missing` of the report must say the same. An optional artifact may be
//! recorded as present if it is there.
//!
//! ```toml
//! [evidence.scenarios]
//! path = "repo:test-e2e/scenarios/**/scenario.yml"
//! pick = "all"
//! [evidence.runners]
//! path = "repo:test-e2e/scenarios/**/{runner.yml.md,*.runner.md}"
//! pick = "all"
//! [evidence.reports]
//! path = "run:**/report.md"
//! format = "front-matter"
//! pick = "all"
//! [evidence.sandbox]
//! path = "run:**/results/tc/**"
//! format = "listing"
//! optional = true
//!
//! [[check]]
//! kind = "artifacts-recorded"
//! scenarios = "scenarios"
//! runners = "runners"
//! reports = "reports"
//! sandbox = "sandbox"
//! ```
//!
//! `tcs-total` must be the number of the scenario's cases and every `failed[].tc` one of them. A required artifact may be absent only if
//! its case failed. A file below `results/tc/` that the scenario does not declare is one that nobody agreed to look at.
//!
//! Findings: `missing-artifact`, `undeclared-artifact`, `contradiction` (record against sandbox, count against cases), `unknown-scenario`,
//! `unknown-case`, `no-report` (a sandbox without one), `missing-field`, `wrong-type`, `blank`, and those of `artifact-contract` about runners.
//! Errors: there are no reports or no scenarios.

use super::scenarios::{self, Scenario, Scenarios, split};
use super::tally::Tally;
use super::values::{Value, admit, items};
use crate::definition::{Keys, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Doc, Refused, Use};
use crate::model::{Content, EvidenceId, Finding, Outcome, Pointer, Where};
use std::collections::{BTreeMap, BTreeSet};

/// The kind `artifacts-recorded`.
pub static ARTIFACTS_RECORDED: CheckKind = CheckKind {
    id: "artifacts-recorded",
    about: "reports of scenarios record the artifacts that lie in the sandbox",
    docs: include_str!("artifacts_recorded.rs"),
    parse,
};

struct ArtifactsRecorded {
    scenarios: EvidenceId,
    runners: EvidenceId,
    reports: EvidenceId,
    sandbox: EvidenceId,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[
        ("scenarios", Stricter::Unclear),
        ("runners", Stricter::Unclear),
        ("reports", Stricter::Unclear),
        ("sandbox", Stricter::Unclear),
    ]);
    let scenarios = keys.required("scenarios", "The scenario documents.");
    let runners = keys.required("runners", "The runners, as text.");
    let reports = keys.required("reports", "The reports, as front matter.");
    let sandbox = keys.required("sandbox", "The artifacts, as a listing; it may be optional.");
    let check = ArtifactsRecorded { scenarios: scenarios?, runners: runners?, reports: reports?, sandbox: sandbox? };
    Some(Box::new(check))
}

/// The artifacts of each sandbox, below its directory.
type Sandboxes = BTreeMap<String, BTreeSet<String>>;

impl ArtifactsRecorded {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        admit(evidence, [&self.scenarios, &self.runners, &self.reports])?;
        let mut sandboxes = self.sandboxes(evidence)?;
        let (mut tally, mut contracts) = (Tally::default(), Tally::default());
        let scenarios = scenarios::read(evidence, &self.scenarios, &self.runners, &mut contracts)?;
        if !contracts.is_clean() {
            tally.take(&contracts, |at| at);
        }
        for doc in evidence.documents(&self.reports)? {
            let (directory, _) = split(doc.artifact.path.rel.as_str());
            let there = sandboxes.remove(directory).unwrap_or_default();
            report(doc, &scenarios, &there, &mut tally);
        }
        for directory in sandboxes.keys() {
            let at = Where::file(format!("{directory}/results/tc"));
            tally.find(Finding::new("no-report", "a report.md beside the sandbox", "none").at(at));
        }
        Ok(tally.finish(|| ("at least one report".to_owned(), Where::file(self.reports.to_string()))))
    }

    fn sandboxes(&self, evidence: &Admitted<'_>) -> Result<Sandboxes, Refused> {
        let mut sandboxes = Sandboxes::new();
        if evidence.is_absent(&self.sandbox) {
            return Ok(sandboxes);
        }
        for artifact in evidence.artifacts(&self.sandbox)? {
            let names = match &artifact.content {
                Ok(Content::Listing(names)) => names.as_slice(),
                Ok(_) => std::slice::from_ref(&artifact.path.rel),
                Err(gap) => return Err(Outcome::Error(gap.clone().into())),
            };
            for name in names {
                // The first `results/`, since an artifact may lie below another directory of this name.
                let at = format!("/{name}").find("/results/").unwrap_or_default();
                let (directory, below) = name.as_str().split_at(at);
                let directory = directory.trim_end_matches('/').to_owned();
                sandboxes.entry(directory).or_default().insert(below.trim_start_matches('/').to_owned());
            }
        }
        Ok(sandboxes)
    }
}

fn report(doc: Doc<'_>, scenarios: &Scenarios, there: &BTreeSet<String>, tally: &mut Tally) {
    let root = Value { node: doc.root, at: doc.at(Pointer::root()) };
    let Some(fields) = field(&root, "fields", tally) else { return };
    let Some(name) = field(&fields, "scenario", tally).and_then(|value| value.text("the name of a scenario", tally)) else {
        return;
    };
    let Some(scenario) = scenarios.iter().find(|(path, _)| split(path).1 == name).map(|(_, scenario)| scenario) else {
        let finding = Finding::new("unknown-scenario", "a scenario of the repository", format!("`{name}`"));
        return tally.find(finding.at(fields.at_key("scenario")));
    };
    tally.examined();
    if let Some(total) = field(&fields, "tcs-total", tally) {
        match total.node.number().and_then(|number| number.as_integer()) {
            Some(count) if count == scenario.cases.len() as i128 => {}
            Some(count) => {
                let expected = format!("{}, the cases of {}", scenario.cases.len(), scenario.at);
                tally.find(Finding::new("contradiction", expected, count.to_string()).at(total.at));
            }
            None => tally.find(total.wrong_type("a number of cases")),
        }
    }
    let failed = failed(&fields, scenario, tally);
    let present = paths(&fields, "artifacts-present", tally);
    let missing = paths(&fields, "artifacts-missing", tally);
    if let (Some(failed), Some(present), Some(missing)) = (failed, present, missing) {
        compare(&fields, scenario, there, &failed, &present, &missing, tally);
    }
}

fn field<'a>(value: &Value<'a>, key: &str, tally: &mut Tally) -> Option<Value<'a>> {
    let found = value.get(key);
    if found.is_none() {
        let finding = Finding::new("missing-field", format!("a value at `{key}`"), "nothing");
        tally.find(finding.at(value.at_key(key)));
    }
    found
}

/// The items of a list; anything else is a finding.
fn list<'a>(value: &Value<'a>, key: &str, tally: &mut Tally) -> Option<Vec<Value<'a>>> {
    let found = field(value, key, tally)?;
    if !found.node.is_list() {
        tally.find(found.wrong_type("a list"));
        return None;
    }
    Some(items(found).collect())
}

/// The numbers of the cases that failed.
fn failed(fields: &Value<'_>, scenario: &Scenario, tally: &mut Tally) -> Option<BTreeSet<u32>> {
    let mut failed = BTreeSet::new();
    for entry in list(fields, "failed", tally)? {
        let Some(tc) = field(&entry, "tc", tally) else { continue };
        let number = scenario.cases.iter().find(|(_, id)| tc.node.text() == Some(id.as_str())).map(|(number, _)| *number);
        match number {
            Some(number) => drop(failed.insert(number)),
            None => {
                let expected = format!("a case of {}", scenario.at);
                tally.find(Finding::new("unknown-case", expected, tc.node.excerpt(60)).at(tc.at));
            }
        }
    }
    Some(failed)
}

/// The paths of a list, each with its place.
fn paths<'a>(fields: &Value<'a>, key: &str, tally: &mut Tally) -> Option<BTreeMap<&'a str, Where>> {
    let mut paths = BTreeMap::new();
    for entry in list(fields, key, tally)? {
        if let Some(path) = entry.text("the path of an artifact", tally) {
            paths.insert(path, entry.at);
        }
    }
    Some(paths)
}

fn compare(
    fields: &Value<'_>,
    scenario: &Scenario,
    there: &BTreeSet<String>,
    failed: &BTreeSet<u32>,
    present: &BTreeMap<&str, Where>,
    missing: &BTreeMap<&str, Where>,
    tally: &mut Tally,
) {
    for (path, declared) in &scenario.declared {
        tally.examined();
        let (lies_there, recorded) = (there.contains(path), present.contains_key(path.as_str()));
        let as_missing = missing.contains_key(path.as_str());
        let mut contradict = |key: &str, expected: String, actual: &str| {
            let at = present.get(path.as_str()).or(missing.get(path.as_str())).cloned();
            let finding = Finding::new("contradiction", expected, actual);
            tally.find(finding.at(at.unwrap_or_else(|| fields.at_key(key))));
        };
        match (lies_there, declared.optional) {
            (true, _) if as_missing => {
                contradict("artifacts-missing", format!("`{path}` as present: it is in the sandbox"), "missing");
            }
            (true, false) if !recorded => {
                contradict("artifacts-present", format!("`{path}` as present: it is in the sandbox"), "nothing about it");
            }
            (false, _) if recorded => {
                contradict("artifacts-present", format!("`{path}` as missing: it is not in the sandbox"), "present");
            }
            (false, false) if !as_missing => {
                contradict(
                    "artifacts-missing",
                    format!("`{path}` as missing: it is not in the sandbox"),
                    "nothing about it",
                );
            }
            (true | false, _) => {}
        }
        if !lies_there && !declared.optional && !failed.contains(&declared.case) {
            let expected = format!("`{path}`, which {} declares, since its case did not fail", declared.at);
            let finding = Finding::new("missing-artifact", expected, "nothing in the sandbox");
            tally.find(finding.at(fields.at_key("artifacts-missing")));
        }
    }
    let recorded = present.iter().chain(missing).map(|(path, at)| (*path, at.clone()));
    let lying = there.iter().map(|path| (path.as_str(), Where::file(&fields.at.path)));
    let mut told = BTreeSet::new();
    for (path, at) in recorded.chain(lying) {
        if !scenario.declared.contains_key(path) && told.insert(path.to_owned()) {
            let expected = format!("an artifact that {} declares", scenario.at);
            tally.find(Finding::new("undeclared-artifact", expected, format!("`{path}`")).at(at));
        }
    }
}

impl Check for ArtifactsRecorded {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        [&self.scenarios, &self.runners, &self.reports, &self.sandbox].map(|id| (id.clone(), Use::Whole)).to_vec()
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use crate::model::GapKind;

    const CHECK: &str = "kind = 'artifacts-recorded'\nscenarios = 's'\nrunners = 'r'\nreports = 'p'\nsandbox = 'b'";
    const RUNNER: &str = "- `results/tc/01/a.out`, `.err`\n- `results/tc/01/log` (optional)\n";

    fn told(fields: &str, sandbox: &[&str]) -> Vec<String> {
        let bench = Bench::new(CHECK).json_at("s", "e2e/TS-A-001-x/scenario.yml", "{}");
        let bench = bench.text_at("r", "e2e/TS-A-001-x/TC-001-y.runner.md", RUNNER);
        let bench = bench.json_at("p", "r1/report.md", &format!(r#"{{"fields": {fields}}}"#));
        if sandbox.is_empty() { bench.absent("b").told() } else { bench.listing("b", sandbox).told() }
    }

    fn fields(failed: &str, present: &str, missing: &str) -> String {
        format!(
            r#"{{"scenario": "TS-A-001-x", "tcs-total": 1, "failed": [{failed}], "artifacts-present": [{present}], "artifacts-missing": [{missing}]}}"#
        )
    }

    const OUT: &str = r#""results/tc/01/a.out""#;
    const ERR: &str = r#""results/tc/01/a.err""#;
    const BOTH: [&str; 2] = ["r1/results/tc/01/a.out", "r1/results/tc/01/a.err"];

    #[test]
    fn what_lies_there_is_what_is_recorded() {
        let both = format!("{OUT}, {ERR}");
        assert_eq!(told(&fields("", &both, ""), &BOTH), ["pass 4"]);
        let log = format!("{both}, \"results/tc/01/log\"");
        assert_eq!(told(&fields("", &log, ""), &[BOTH[0], BOTH[1], "r1/results/tc/01/log"]), ["pass 4"]);
        assert_eq!(told(&fields(r#"{"tc": "TC-001"}"#, OUT, ERR), &BOTH[..1]), ["pass 4"]);
    }

    #[test]
    fn what_does_not_agree_is_found() {
        let first = |lines: Vec<String>| {
            lines.into_iter().map(|line| line.split(": ").next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        let both = format!("{OUT}, {ERR}");
        assert_eq!(
            told(&fields("", OUT, ERR), &BOTH[..1]),
            [
                "missing-artifact r1/report.md#/fields/artifacts-missing: `results/tc/01/a.err`, which e2e/TS-A-001-x/TC-001-y.runner.md:1 declares, since its case did not fail | nothing in the sandbox"
            ]
        );
        assert_eq!(
            first(told(&fields("", &both, ""), &BOTH[..1])),
            [
                "contradiction r1/report.md#/fields/artifacts-present/1",
                "missing-artifact r1/report.md#/fields/artifacts-missing"
            ]
        );
        assert_eq!(first(told(&fields("", OUT, ERR), &BOTH)), ["contradiction r1/report.md#/fields/artifacts-missing/0"]);
        assert_eq!(first(told(&fields("", OUT, ""), &BOTH)), ["contradiction r1/report.md#/fields/artifacts-present"]);
        let extra = [BOTH[0], BOTH[1], "r1/results/tc/01/core"];
        assert_eq!(first(told(&fields("", &both, ""), &extra)), ["undeclared-artifact r1/report.md"]);
        assert_eq!(
            first(told(&fields("", &both, ""), &[BOTH[0], BOTH[1], "r2/results/tc/01/a.out"])),
            ["no-report r2/results/tc"]
        );
        assert_eq!(
            first(told(&fields(r#"{"tc": "TC-009"}"#, &both, ""), &BOTH)),
            ["unknown-case r1/report.md#/fields/failed/0/tc"]
        );
        assert_eq!(first(told(r#"{"scenario": "TS-B-001-x"}"#, &BOTH)), ["unknown-scenario r1/report.md#/fields/scenario"]);
        let total = fields("", &both, "").replace("\"tcs-total\": 1", "\"tcs-total\": 2");
        assert_eq!(first(told(&total, &BOTH)), ["contradiction r1/report.md#/fields/tcs-total"]);
    }

    #[test]
    fn what_is_not_there_is_no_pass() {
        let lines = told(&fields("", "", &format!("{OUT}, {ERR}")), &[]);
        assert!(lines.len() == 2 && lines.iter().all(|line| line.starts_with("missing-artifact")), "{lines:?}");
        let lines = told("{}", &BOTH);
        assert!(lines[0].starts_with("missing-field r1/report.md#/fields/scenario"), "{lines:?}");
        let lines = told(
            r#"{"scenario": "TS-A-001-x", "tcs-total": 1, "failed": null, "artifacts-present": [], "artifacts-missing": []}"#,
            &BOTH,
        );
        assert_eq!(lines, ["wrong-type r1/report.md#/fields/failed: a list | null"]);
        let bench = Bench::new(CHECK).json("s", "{}").text("r", "x").absent("b");
        assert_eq!(bench.gap("p", GapKind::Malformed).told(), ["error malformed p: a file | nothing"]);
    }
}
