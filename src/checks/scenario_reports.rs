//! Asserts that the documents of each report directory tell one story: metadata, report, summary, manifests.
//!
//! A run of a scenario leaves a directory `<run-id>-reports` with `metadata.yml`, `report.md`, `summary.r.md` and, for each case that was selected, a
//! `tcNNN.manifest.json`. Each of them repeats what came of it, and people and tools read different ones; so they must agree, and the counts in them must
//! add up. A directory in which only `metadata.yml` stands, without a `run-id`, is that of a run which died; it may say everything but `pass`.
//!
//! ```toml
//! [evidence.metadata]
//! path = "run:*-reports/metadata.yml"
//! pick = "all"
//! [evidence.reports]
//! path = "run:*-reports/report.md"
//! format = "front-matter"
//! pick = "all"
//! optional = true
//! [evidence.summaries]
//! path = "run:*-reports/summary.r.md"
//! format = "front-matter"
//! pick = "all"
//! optional = true
//! [evidence.manifests]
//! path = "run:*-reports/tc*.manifest.json"
//! pick = "all"
//! optional = true
//!
//! [[check]]
//! kind = "scenario-reports"
//! metadata = "metadata"
//! reports = "reports"
//! summaries = "summaries"
//! manifests = "manifests"
//! ```
//!
//! Only the newest run of each scenario is looked at; report directories pile up. What is asked:
//!
//! - the directory is named for its `run-id`; a copy under another name is no run;
//! - `tcs-passed` and `tcs-failed` add up to `tcs-total`, `failed[]` has as many entries, no case is listed twice, and `results`, `failed_test_cases` and
//!   `canonical-failed-tcs` say the same;
//! - `verdict` is the one of the counts: `pass` if all cases passed and there was one, `partial` if some did, else `fail`; `status` is `pass` if and only if
//!   `verdict` is; `score` is the part of cases that passed, to three digits;
//! - report and summary have the scenario, package, counts, score, verdict and failed cases of the metadata, the summary its status too;
//! - every case with a manifest has a verdict in the report, and no other case has one. A run that ended in an error judged none.
//!
//! A directory without `report.md` is a prediction: no runner executed anything.
//!
//! Findings: `contradiction`, `misplaced-report`, `missing-report`, `incomplete-report`, `no-verdict` (a case that was selected), `unknown-case`, `duplicate`,
//! `missing-field`, `wrong-type`, `blank`. Errors: there are no metadata.

use super::scenario_runs::{PASS, REPORTS, Run, count, directories, directory, failed, runs};
use super::tally::Tally;
use super::values::{Value, admit, items};
use crate::definition::{Keys, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Declared, Doc, Place, Refused, Step, Use};
use crate::model::{EvidenceId, Finding, Outcome, Pointer, Where};
use std::collections::{BTreeMap, BTreeSet};

/// The kind `scenario-reports`.
pub static SCENARIO_REPORTS: CheckKind = CheckKind {
    id: "scenario-reports",
    about: "the documents of each report directory tell one story",
    docs: include_str!("scenario_reports.rs"),
    parse,
};

/// What report and summary repeat of the metadata.
const REPEATED: [&str; 7] = ["test-id", "package", "tcs-passed", "tcs-failed", "tcs-total", "score", "verdict"];

struct ScenarioReports {
    metadata: EvidenceId,
    reports: EvidenceId,
    summaries: EvidenceId,
    manifests: EvidenceId,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[
        ("metadata", Stricter::Unclear),
        ("reports", Stricter::Unclear),
        ("summaries", Stricter::Unclear),
        ("manifests", Stricter::Unclear),
    ]);
    let metadata = keys.required("metadata", "The metadata, one document in each report directory.");
    let reports = keys.required("reports", "The reports, as front matter.");
    let summaries = keys.required("summaries", "The summaries, as front matter.");
    let manifests = keys.required("manifests", "The manifests of cases.");
    let check = ScenarioReports { metadata: metadata?, reports: reports?, summaries: summaries?, manifests: manifests? };
    Some(Box::new(check))
}

/// The other documents of a report directory.
#[derive(Default)]
struct Beside<'a> {
    report: Option<Doc<'a>>,
    summary: Option<Doc<'a>>,
    manifests: Vec<Doc<'a>>,
}

impl ScenarioReports {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        let others = [&self.reports, &self.summaries, &self.manifests];
        admit(evidence, [&self.metadata].into_iter().chain(others.into_iter().filter(|id| !evidence.is_absent(id))))?;
        let docs = |id: &EvidenceId| if evidence.is_absent(id) { Ok(Vec::new()) } else { evidence.documents(id) };
        let mut beside: BTreeMap<&str, Beside<'_>> = BTreeMap::new();
        for doc in docs(&self.reports)? {
            beside.entry(directory(&doc)).or_default().report = Some(doc);
        }
        for doc in docs(&self.summaries)? {
            beside.entry(directory(&doc)).or_default().summary = Some(doc);
        }
        for doc in docs(&self.manifests)? {
            beside.entry(directory(&doc)).or_default().manifests.push(doc);
        }
        let mut tally = Tally::default();
        let mut told: BTreeSet<&str> = evidence.documents(&self.metadata)?.iter().map(directory).collect();
        let runs = runs(evidence, &self.metadata, &mut tally)?;
        let newest = directories(&runs);
        for run in &runs {
            let beside = beside.remove(run.directory).unwrap_or_default();
            told.remove(run.directory);
            if newest.contains(run.directory) {
                tally.examined();
                one(run, &beside, &mut tally);
            }
        }
        for (directory, _) in beside.iter().filter(|(directory, _)| !told.contains(*directory)) {
            let finding = Finding::new("missing-report", format!("`metadata.yml` in `{directory}`"), "nothing");
            tally.find(finding.at(Where::file((*directory).to_owned())));
        }
        Ok(tally.finish(|| ("at least one report directory".to_owned(), Where::file(self.metadata.to_string()))))
    }
}

/// One report directory.
fn one(run: &Run<'_>, beside: &Beside<'_>, tally: &mut Tally) {
    let Some(run_id) = run.text("run-id") else {
        if run.status == PASS {
            let expected = format!("the whole metadata of `{}`, since it passed", run.test_id);
            tally.find(Finding::new("incomplete-report", expected, "no `run-id`").at(run.root.at.clone()));
        }
        return;
    };
    if format!("{run_id}{REPORTS}") != run.directory {
        let expected = format!("the run that `{}` is named for", run.directory);
        tally.find(Finding::new("misplaced-report", expected, format!("`{run_id}`")).at(run.root.at_key("run-id")));
    }
    counts(run, tally);
    for (name, doc) in [("report.md", &beside.report), ("summary.r.md", &beside.summary)] {
        match doc {
            Some(doc) => repeats(run, &root(doc), tally),
            None => {
                let expected = format!("`{name}` of `{}` beside its metadata", run.test_id);
                tally.find(Finding::new("missing-report", expected, "nothing").at(run.root.at.clone()));
            }
        }
    }
    if let Some(summary) = &beside.summary {
        let fields = fields(&root(summary));
        same(run, &fields, "status", tally);
    }
    if let Some(report) = &beside.report {
        verdicts(run, &fields(&root(report)), &beside.manifests, tally);
    }
}

fn root<'a>(doc: &Doc<'a>) -> Value<'a> {
    Value { node: doc.root, at: doc.at(Pointer::root()) }
}

/// The front matter of a document.
fn fields<'a>(root: &Value<'a>) -> Value<'a> {
    root.get("fields").unwrap_or_else(|| root.clone())
}

fn contradiction(at: Where, expected: String, actual: String, tally: &mut Tally) {
    let message = format!("{expected}; {} is {actual}", at.subject());
    tally.find(Finding::new("contradiction", expected, actual).saying(message).at(at));
}

/// What the metadata say by themselves.
fn counts(run: &Run<'_>, tally: &mut Tally) {
    let name = run.test_id;
    let mut number = |key: &str| {
        let found = run.count(key).filter(|count| *count >= 0);
        if found.is_none() {
            let expected = format!("`{name}`: a number of cases at `{key}`");
            let actual = run.root.get(key).map_or_else(|| "nothing".to_owned(), |value| value.node.excerpt(60));
            tally.find(Finding::new("wrong-type", expected, actual).at(run.root.at_key(key)));
        }
        found
    };
    let (Some(passed), Some(bad), Some(total)) = (number("tcs-passed"), number("tcs-failed"), number("tcs-total")) else {
        return;
    };
    if passed + bad != total {
        let expected = format!("`{name}`: {passed} passed and {bad} failed add up to the total");
        contradiction(run.root.at_key("tcs-total"), expected, total.to_string(), tally);
    }
    if let Some(results) = run.root.get("results") {
        for (key, stated) in [("passed", passed), ("failed", bad), ("total", total)] {
            if results.node.get(key).and_then(count) != Some(stated) {
                let actual = results.node.get(key).map_or_else(|| "nothing".to_owned(), |node| node.excerpt(60));
                contradiction(results.at_key(key), format!("`{name}`: {stated}, as `tcs-{key}` says"), actual, tally);
            }
        }
    }
    let cases = listed(&run.root, bad, tally, name);
    if let Some(list) = run.root.get("failed_test_cases") {
        same_cases(&list, &cases, name, tally);
    }
    let expected = verdict_of(passed, total);
    let verdict = run.text("verdict").unwrap_or("nothing");
    if verdict != expected {
        let words = format!("`{name}`: the verdict of {passed} of {total} cases passed, `{expected}`");
        contradiction(run.root.at_key("verdict"), words, format!("`{verdict}`"), tally);
    }
    if (run.status == PASS) != (verdict == PASS) {
        let words = format!("`{name}`: a status that goes with the verdict `{verdict}`");
        contradiction(run.root.at_key("status"), words, format!("`{}`", run.status), tally);
    }
    let score = run.root.get("score").and_then(|score| score.node.number()).map(|score| score.as_float());
    let part = if total == 0 { 0.0 } else { passed as f64 / total as f64 };
    if score.is_none_or(|score| (score - part).abs() > 0.0006) {
        let actual = score.map_or_else(|| "nothing".to_owned(), |score| score.to_string());
        contradiction(run.root.at_key("score"), format!("`{name}`: {part:.3}, the part that passed"), actual, tally);
    }
}

fn verdict_of(passed: i128, total: i128) -> &'static str {
    match passed {
        _ if total == 0 => "fail",
        0 => "fail",
        _ if passed >= total => PASS,
        _ => "partial",
    }
}

/// The failed cases of a document; there must be as many as it counts, each once.
fn listed<'a>(document: &Value<'a>, bad: i128, tally: &mut Tally, name: &str) -> BTreeSet<&'a str> {
    let (mut cases, list) = (BTreeSet::new(), failed(document));
    for one in &list {
        if !cases.insert(one.tc) {
            tally
                .find(Finding::new("duplicate", format!("`{name}`: `{}` failed once", one.tc), "twice").at(one.at.clone()));
        }
    }
    match document.get("failed").filter(|failed| failed.node.is_list()) {
        Some(_) if list.len() as i128 == bad => {}
        Some(failed) => {
            let expected = format!("`{name}`: {bad} failed cases, as `tcs-failed` says");
            contradiction(failed.at, expected, list.len().to_string(), tally);
        }
        None => {
            let finding = Finding::new("missing-field", format!("`{name}`: the list of failed cases"), "none");
            tally.find(finding.at(document.at_key("failed")));
        }
    }
    cases
}

/// A list of names must be that of the failed cases.
fn same_cases(list: &Value<'_>, cases: &BTreeSet<&str>, name: &str, tally: &mut Tally) {
    let named: Vec<Option<&str>> = items(list.clone()).map(|item| item.node.text()).collect();
    let own: BTreeSet<&str> = named.iter().copied().flatten().collect();
    if own != *cases || named.len() != cases.len() {
        let expected = Vec::from_iter(cases.iter().copied()).join(", ");
        let expected = if expected.is_empty() { "no case".to_owned() } else { expected };
        contradiction(list.at.clone(), format!("`{name}`: {expected}, which failed"), list.node.excerpt(80), tally);
    }
}

/// What another document repeats.
fn repeats(run: &Run<'_>, document: &Value<'_>, tally: &mut Tally) {
    let fields = fields(document);
    REPEATED.iter().for_each(|key| same(run, &fields, key, tally));
    let bad = fields.get("tcs-failed").and_then(|value| count(value.node)).unwrap_or_default();
    let cases = listed(&fields, bad, tally, run.test_id);
    if let Some(list) = fields.get("canonical-failed-tcs") {
        same_cases(&list, &cases, run.test_id, tally);
    }
    let own: BTreeSet<&str> = failed(&run.root).iter().map(|one| one.tc).collect();
    if own != cases {
        let words = |cases: &BTreeSet<&str>| match cases.is_empty() {
            true => "no failed case".to_owned(),
            false => Vec::from_iter(cases.iter().copied()).join(", "),
        };
        let expected = format!("`{}`: {}, as the metadata say", run.test_id, words(&own));
        contradiction(fields.at_key("failed"), expected, words(&cases), tally);
    }
}

/// One field that another document repeats.
fn same(run: &Run<'_>, fields: &Value<'_>, key: &str, tally: &mut Tally) {
    let (own, other) = (run.root.get(key), fields.get(key));
    let equal = match (own.as_ref().map(|own| own.node), other.as_ref().map(|other| other.node)) {
        (Some(own), Some(other)) => match (own.number(), other.number()) {
            (Some(a), Some(b)) => a == b,
            _ => own.text().is_some() && own.text() == other.text(),
        },
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    if !equal {
        let shown = |value: Option<Value<'_>>| value.map_or_else(|| "nothing".to_owned(), |value| value.node.excerpt(60));
        let expected = format!("`{}`: `{key}` is {}, as the metadata say", run.test_id, shown(own));
        contradiction(fields.at_key(key), expected, shown(other), tally);
    }
}

/// Every case that was selected has a verdict, and no other has.
fn verdicts(run: &Run<'_>, report: &Value<'_>, manifests: &[Doc<'_>], tally: &mut Tally) {
    let name = run.test_id;
    let passed: Vec<&str> =
        report.get("passed").map(|list| items(list).filter_map(|item| item.node.text()).collect()).unwrap_or_default();
    let stated = report.get("tcs-passed").and_then(|value| count(value.node));
    if stated != Some(passed.len() as i128) {
        let expected = format!("`{name}`: as many passed cases as `tcs-passed` says");
        contradiction(report.at_key("passed"), expected, passed.len().to_string(), tally);
    }
    let failed: BTreeSet<&str> = failed(report).iter().map(|one| one.tc).collect();
    let once: BTreeSet<&str> = passed.iter().copied().collect();
    for case in once.intersection(&failed) {
        contradiction(report.at_key("passed"), format!("`{name}`: one verdict of `{case}`"), "two".to_owned(), tally);
    }
    if once.len() != passed.len() {
        let finding = Finding::new("duplicate", format!("`{name}`: every passed case once"), "one of them twice");
        tally.find(finding.at(report.at_key("passed")));
    }
    if run.status == "error" {
        return;
    }
    let judged: BTreeSet<&str> = once.union(&failed).copied().collect();
    let mut selected = BTreeSet::new();
    for manifest in manifests {
        let root = root(manifest);
        let Some(case) = root.get("tc_id").and_then(|value| value.text("the id of a case", tally)) else {
            let finding = Finding::new("missing-field", "a value at `tc_id`", "nothing");
            tally.find(finding.at(root.at_key("tc_id")));
            continue;
        };
        selected.insert(case);
        if !judged.contains(case) {
            let next = format!("Run `{name}` again: the verifier left `{case}` out.");
            let finding = Finding::new("no-verdict", format!("`{name}`: a verdict of `{case}`"), "none");
            tally.find(finding.at(report.at_key("passed")).next(next));
        }
    }
    for case in judged.difference(&selected) {
        let finding = Finding::new("unknown-case", format!("`{name}`: a manifest of `{case}`, which was judged"), "none");
        tally.find(finding.at(report.at.clone()));
    }
}

impl Check for ScenarioReports {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        [&self.metadata, &self.reports, &self.summaries, &self.manifests].map(|id| (id.clone(), Use::Whole)).to_vec()
    }

    fn declares(&self) -> Vec<Declared> {
        let place = |id: &EvidenceId, steps: &[&str]| {
            let steps = steps.iter().map(|step| if *step == "*" { Step::Each } else { Step::Key((*step).to_owned()) });
            Declared::Value(Place { evidence: id.clone(), steps: steps.collect() })
        };
        let own = ["run-id", "test-id", "package", "status", "tcs-passed", "tcs-failed", "tcs-total", "score", "verdict"];
        let mut all: Vec<Declared> = own.iter().map(|key| place(&self.metadata, &[key])).collect();
        all.extend(["passed", "failed", "total"].iter().map(|key| place(&self.metadata, &["results", key])));
        for id in [&self.reports, &self.summaries] {
            all.extend(REPEATED.iter().map(|key| place(id, &["fields", key])));
        }
        all.push(place(&self.summaries, &["fields", "status"]));
        all.extend([&["fields", "passed"][..], &["fields", "passed", "*"]].map(|steps| place(&self.reports, steps)));
        all.push(place(&self.manifests, &["tc_id"]));
        all
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
#[path = "scenario_reports_tests.rs"]
mod tests;
