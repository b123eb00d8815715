//! Asserts that the artifacts which a run of a scenario had to leave lie in its sandbox, and that the records of the run say so.
//!
//! Beside a sandbox `<run-id>` lies `<run-id>-reports` with a manifest for each case (`declared_artifacts`) and the snapshot of what was there when the verifier looked
//! (`artifact-snapshot.json`, a list of paths for each case). What the scenario declares by the syntax of `artifact-contract` counts too, so that a runner which
//! reads less than is written does not decide what is looked for.
//!
//! ```toml
//! [evidence.scenarios]
//! path = "repo:{policy.scenarios}/TS-*/scenario.yml"
//! pick = "all"
//! [evidence.runners]
//! path = "repo:{policy.scenarios}/TS-*/{runner.yml.md,*.runner.md}"
//! format = "text"
//! pick = "all"
//! [evidence.metadata]
//! path = "run:*-reports/metadata.yml"
//! pick = "all"
//! [evidence.manifests]
//! path = "run:*-reports/tc*.manifest.json"
//! pick = "all"
//! optional = true
//! [evidence.snapshots]
//! path = "run:*-reports/artifact-snapshot.json"
//! pick = "all"
//! optional = true
//! [evidence.sandbox]
//! path = "run:*/results/**"
//! format = "listing"
//! optional = true
//!
//! [[check]]
//! kind = "artifacts-recorded"
//! scenarios = "scenarios"
//! runners = "runners"
//! metadata = "metadata"
//! manifests = "manifests"
//! snapshots = "snapshots"
//! sandbox = "sandbox"
//! ```
//!
//! Only the newest run of each scenario counts. Where it did not pass, nothing is asked but that its records are true: what the snapshot has, the sandbox has. Where it passed, every
//! required artifact of a manifest is in the snapshot of its case and in the sandbox, and every required artifact of a case that was judged, as the scenario declares it today, lies in the
//! sandbox too. A directory may be empty and is then in no listing; what has no dot in its last name may be one, and its place in the snapshot is enough.
//!
//! Findings: `missing-artifact`, `contradiction` (recorded and not there), `missing-sandbox`, `missing-record` (a case without a list in the snapshot), `missing-field`,
//! `wrong-type`, `blank`, and those of `artifact-contract` about runners. Errors: there are no metadata or no scenarios.

use super::scenario_runs::{REPORTS, Run, directories, directory, runs};
use super::scenarios::{self, Scenario};
use super::tally::Tally;
use super::values::{Value, admit, items};
use crate::definition::{Keys, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Declared, Doc, Place, Refused, Step, Use};
use crate::model::{Content, EvidenceId, Finding, Node, Outcome, Pointer, Where};
use std::collections::{BTreeMap, BTreeSet};

/// The kind `artifacts-recorded`.
pub static ARTIFACTS_RECORDED: CheckKind = CheckKind {
    id: "artifacts-recorded",
    about: "the artifacts that a run of a scenario had to leave lie in its sandbox",
    docs: include_str!("artifacts_recorded.rs"),
    parse,
};

struct ArtifactsRecorded {
    scenarios: EvidenceId,
    runners: EvidenceId,
    metadata: EvidenceId,
    manifests: EvidenceId,
    snapshots: EvidenceId,
    sandbox: EvidenceId,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    let names = ["scenarios", "runners", "metadata", "manifests", "snapshots", "sandbox"];
    keys.stricter(&names.map(|name| (name, Stricter::Unclear)));
    let scenarios = keys.required("scenarios", "The scenario documents.");
    let runners = keys.required("runners", "The runners, as text.");
    let metadata = keys.required("metadata", "The metadata, one document in each report directory.");
    let manifests = keys.required("manifests", "The manifests of cases; they may be optional.");
    let snapshots = keys.required("snapshots", "The snapshots of artifacts; they may be optional.");
    let sandbox = keys.required("sandbox", "The artifacts, as a listing; it may be optional.");
    let check = ArtifactsRecorded {
        scenarios: scenarios?,
        runners: runners?,
        metadata: metadata?,
        manifests: manifests?,
        snapshots: snapshots?,
        sandbox: sandbox?,
    };
    Some(Box::new(check))
}

/// The artifacts of each sandbox, below its directory.
#[derive(Default)]
struct Sandboxes(BTreeMap<String, BTreeSet<String>>);

impl Sandboxes {
    /// Whether a file, or a directory that holds one, lies in a sandbox.
    fn has(&self, sandbox: &str, path: &str) -> bool {
        let Some(there) = self.0.get(sandbox) else { return false };
        let below = format!("{path}/");
        there.contains(path) || there.range(below.clone()..).next().is_some_and(|next| next.starts_with(&below))
    }
}

/// What a run left beside its metadata.
#[derive(Default)]
struct Records<'a> {
    manifests: Vec<Doc<'a>>,
    snapshot: Option<Value<'a>>,
}

impl ArtifactsRecorded {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        let optional = [&self.manifests, &self.snapshots, &self.sandbox].into_iter().filter(|id| !evidence.is_absent(id));
        admit(evidence, [&self.scenarios, &self.runners, &self.metadata].into_iter().chain(optional))?;
        let (mut tally, mut contracts) = (Tally::default(), Tally::default());
        let scenarios = scenarios::read(evidence, &self.scenarios, &self.runners, &mut contracts)?;
        if !contracts.is_clean() {
            tally.take(&contracts, |at| at);
        }
        let sandboxes = self.sandboxes(evidence)?;
        let mut records: BTreeMap<&str, Records<'_>> = BTreeMap::new();
        let docs = |id: &EvidenceId| if evidence.is_absent(id) { Ok(Vec::new()) } else { evidence.documents(id) };
        for doc in docs(&self.manifests)? {
            records.entry(directory(&doc)).or_default().manifests.push(doc);
        }
        for doc in docs(&self.snapshots)? {
            records.entry(directory(&doc)).or_default().snapshot = Some(root(&doc));
        }
        let runs = runs(evidence, &self.metadata, &mut tally)?;
        let newest = directories(&runs);
        for run in runs.iter().filter(|run| newest.contains(run.directory)) {
            tally.examined();
            let sandbox = run.directory.strip_suffix(REPORTS).unwrap_or(run.directory);
            let records = records.remove(run.directory).unwrap_or_default();
            let required = run.passed();
            recorded(run, &records, &sandboxes, sandbox, required, &mut tally);
            let scenario = scenarios.values().find(|scenario| scenario.test_id.as_deref() == Some(run.test_id));
            if let Some(scenario) = scenario.filter(|_| required) {
                declared(run, scenario, &records, &sandboxes, sandbox, &mut tally);
            }
        }
        Ok(tally.finish(|| ("at least one run".to_owned(), Where::file(self.metadata.to_string()))))
    }

    fn sandboxes(&self, evidence: &Admitted<'_>) -> Result<Sandboxes, Refused> {
        let mut sandboxes = Sandboxes::default();
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
                sandboxes.0.entry(directory).or_default().insert(below.trim_start_matches('/').to_owned());
            }
        }
        Ok(sandboxes)
    }
}

fn root<'a>(doc: &Doc<'a>) -> Value<'a> {
    Value { node: doc.root, at: doc.at(Pointer::root()) }
}

/// The paths of a list, each with its place.
fn listed<'a>(value: &Value<'a>, tally: &mut Tally) -> Vec<(&'a str, Where)> {
    if !value.node.is_list() {
        tally.find(value.wrong_type("a list of paths"));
        return Vec::new();
    }
    let items: Vec<Value<'a>> = items(value.clone()).collect();
    items.into_iter().filter_map(|item| Some((item.text("the path of an artifact", tally)?, item.at))).collect()
}

/// Whether a path may be a directory with nothing in it, which no listing shows.
fn may_be_empty(path: &str) -> bool {
    !path.rsplit('/').next().unwrap_or_default().contains('.')
}

/// Manifests and snapshot against the sandbox.
fn recorded(run: &Run<'_>, records: &Records<'_>, sandboxes: &Sandboxes, sandbox: &str, required: bool, tally: &mut Tally) {
    let there = |path: &str| sandboxes.has(sandbox, path) || may_be_empty(path);
    let name = run.test_id;
    if required && !sandboxes.0.contains_key(sandbox) {
        let expected = format!("`{name}`: its sandbox `{sandbox}`, with the artifacts that were judged");
        tally.find(Finding::new("missing-sandbox", expected, "nothing below `results/`").at(run.root.at.clone()));
        return;
    }
    if let Some(snapshot) = &records.snapshot {
        let cases: Vec<&str> = snapshot.node.entries().map(|(case, _): (&str, Node<'_>)| case).collect();
        let mut told = BTreeSet::new();
        for list in cases.into_iter().filter_map(|case| snapshot.get(case)) {
            for (path, at) in listed(&list, tally) {
                if !there(path) && sandboxes.0.contains_key(sandbox) && told.insert(path) {
                    let expected = format!("`{name}`: `{path}`, which was there when the verifier looked");
                    tally.find(Finding::new("contradiction", expected, "nothing in the sandbox").at(at));
                }
            }
        }
    }
    for manifest in records.manifests.iter().filter(|_| required) {
        let root = root(manifest);
        let case = root.get("tc_id").and_then(|value| value.node.text()).unwrap_or("?");
        let Some(list) = root.get("declared_artifacts") else {
            let finding = Finding::new("missing-field", "a value at `declared_artifacts`", "nothing");
            tally.find(finding.at(root.at_key("declared_artifacts")));
            continue;
        };
        let snapshot = records.snapshot.as_ref().and_then(|snapshot| snapshot.get(case));
        let Some(seen) = snapshot.map(|list| listed(&list, tally)) else {
            let expected = format!("`{name}`: what was there of `{case}` when the verifier looked");
            tally.find(Finding::new("missing-record", expected, "no list in the snapshot").at(root.at.clone()));
            continue;
        };
        for (path, at) in listed(&list, tally) {
            tally.examined();
            // What was seen and is gone is found above.
            if !seen.iter().any(|(own, _)| *own == path) {
                let expected = format!("`{name}`: `{path}`, which `{case}` had to leave");
                tally.find(Finding::new("missing-artifact", expected, "nothing in the snapshot").at(at));
            }
        }
    }
}

/// What the scenario declares against the sandbox, for the cases that were judged.
fn declared(
    run: &Run<'_>,
    scenario: &Scenario,
    records: &Records<'_>,
    sandboxes: &Sandboxes,
    sandbox: &str,
    tally: &mut Tally,
) {
    let digits = |case: &str| case.bytes().filter(u8::is_ascii_digit).map(char::from).collect::<String>();
    let number = |digits: &str| digits.parse::<u32>().ok();
    let judged: BTreeSet<u32> = records
        .manifests
        .iter()
        .filter_map(|manifest| manifest.root.get("tc_id").and_then(Node::text))
        .filter_map(|case| number(&digits(case)))
        .collect();
    for (path, declared) in scenario.declared.iter().filter(|(_, declared)| !declared.optional) {
        let case = path.split('/').nth(2).and_then(number);
        if !case.is_some_and(|case| judged.contains(&case)) || !sandboxes.0.contains_key(sandbox) {
            continue;
        }
        tally.examined();
        if !sandboxes.has(sandbox, path) && !may_be_empty(path) {
            let expected = format!("`{}`: `{path}`, which {} declares", run.test_id, declared.at);
            let finding = Finding::new("missing-artifact", expected, format!("nothing in `{sandbox}`"));
            tally.find(
                finding.at(run.root.at.clone()).next(format!("Run `{}` again, or mark it `(optional)`.", run.test_id)),
            );
        }
    }
}

impl Check for ArtifactsRecorded {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        [&self.scenarios, &self.runners, &self.metadata, &self.manifests, &self.snapshots, &self.sandbox]
            .map(|id| (id.clone(), Use::Whole))
            .to_vec()
    }

    fn declares(&self) -> Vec<Declared> {
        let steps = vec![Step::Key("declared_artifacts".to_owned())];
        vec![Declared::Value(Place { evidence: self.manifests.clone(), steps })]
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
#[path = "artifacts_recorded_tests.rs"]
mod tests;
