//! Asserts of every scenario that its newest run is recent and whole, that it passed, or that it needed no retry.
//!
//! Report directories pile up; nothing empties them. The newest run of a scenario is the one whose directory has the greatest name, as the runner itself
//! counts. `asks` says what is asserted:
//!
//! | `asks` | of | finding |
//! |---|---|---|
//! | `reported` | every scenario: a run is there | `left-out` |
//! | | the newest run ended at most `max_age` ago | `stale-report` |
//! | | no run that counts ended in the future, of a scenario that is gone neither | `future-report` |
//! | | no run that counts ended before it began | `bad-timestamp` |
//! | | it judged as many cases as the scenario has | `cases-left-out` |
//! | `passed` | every newest run: status and verdict are `pass`, and every case passed | `failed-scenario`, one for each failed case |
//! | `first-time` | every newest run that passed: no run before it, within `max_age`, failed | `flaky-recovery` |
//! | | the newest report of a suite with a retry: it names no flaky scenario | `flaky-recovery` |
//!
//! ```toml
//! [evidence.scenarios]
//! path = "repo:{policy.scenarios}/TS-*/scenario.yml"
//! pick = "all"
//! [evidence.cases]
//! path = "repo:{policy.scenarios}/TS-*/TC-*.runner.md"
//! format = "listing"
//! [evidence.metadata]
//! path = "run:*-reports/metadata.yml"
//! pick = "all"
//! [evidence.suites]
//! path = "run:*-suite-final-report.md"
//! format = "front-matter"
//! pick = "all"
//! optional = true
//! [evidence.context]
//! path = "run:run-context.json"
//! optional = true
//!
//! [[check]]
//! kind = "scenarios-ran"
//! asks = "first-time"
//! scenarios = "scenarios"
//! cases = "cases"
//! metadata = "metadata"
//! suites = "suites"
//! since = "context.started_at"
//! packages = "policy.packages"
//! max_age = "policy.run_max_age"
//! ```
//!
//! `packages` limits all of it to scenarios of these packages, by the field `package` or, without it, the first directory of their path; an empty list means all. `since` is the place of a
//! time: what ended before is of another run, and is passed over. A run of one case stands for no scenario, but one that failed after the newest run of its
//! scenario counts as a failure of it. A run that failed and lies further back than `max_age` is forgotten.
//!
//! `scope` names the reports of suites and packages, and goes with `suite_logs`, a listing of the logs that only a suite writes beside the metadata. With both, and without `packages`, a run of
//! single packages is asked for these alone: every report in `scope` that counts is of a package, every run that counts is of one of them, and none was made by a suite. A note
//! says which packages these are. In every other case scenarios of all packages are asked for.
//!
//! Findings: those above, `missing-field`, `wrong-type`, `blank`, `bad-timestamp`. Errors: there are no metadata; `asks = "reported"`
//! without scenarios.

use super::scenario_runs::{Run, count, newest, runs};
use super::scenario_scope::{Scope, names};
use super::scenarios::split;
use super::scenarios_asked::{Known, Terms, first_time, of_the_past, passed, reported};
use super::tally::Tally;
use super::values::{Given, Value, admit, parameter, values};
use crate::definition::{Keys, Kind, Raw, Read, Refusal, Stricter, choice};
use crate::gate::{Admitted, Check, CheckKind, Declared, Place, Refused, Step, Use};
use crate::model::{Age, EvidenceId, Finding, Node, Note, Outcome, Pointer, Where, parse_stamp};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The kind `scenarios-ran`.
pub static SCENARIOS_RAN: CheckKind = CheckKind {
    id: "scenarios-ran",
    about: "the newest run of every scenario is recent and whole, passed, or needed no retry",
    docs: include_str!("scenarios_ran.rs"),
    parse,
};

/// What is asserted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    Reported,
    Passed,
    FirstTime,
}

impl Read for Asks {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        choice(raw, &[("reported", Asks::Reported), ("passed", Asks::Passed), ("first-time", Asks::FirstTime)])
    }

    fn kind() -> Kind {
        Kind::Choice(vec!["reported", "passed", "first-time"])
    }
}

impl fmt::Display for Asks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Asks::Reported => "reported",
            Asks::Passed => "passed",
            Asks::FirstTime => "first-time",
        })
    }
}

struct ScenariosRan {
    asks: Asks,
    scenarios: EvidenceId,
    cases: EvidenceId,
    metadata: EvidenceId,
    suites: EvidenceId,
    since: Place,
    packages: Given<Vec<String>>,
    scope: Option<Scope>,
    max_age: Given<String>,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[
        ("asks", Stricter::Unclear),
        ("scenarios", Stricter::Unclear),
        ("cases", Stricter::Unclear),
        ("metadata", Stricter::Unclear),
        ("suites", Stricter::Unclear),
        ("since", Stricter::Unclear),
        ("packages", Stricter::Unclear),
        ("scope", Stricter::Unclear),
        ("suite_logs", Stricter::Unclear),
        ("max_age", Stricter::Unclear),
    ]);
    let asks = keys.required("asks", "What is asserted: `reported`, `passed`, `first-time`.");
    let scenarios = keys.required("scenarios", "The scenario documents.");
    let cases = keys.required("cases", "The runners of cases, as a listing.");
    let metadata = keys.required("metadata", "The metadata, one document in each report directory.");
    let suites = keys.required("suites", "The reports of suites with a retry, as front matter; they may be optional.");
    let since =
        keys.required("since", "The place of the time before which nothing is of this run; its evidence may be optional.");
    let packages =
        keys.required::<Given<Vec<String>>>("packages", "The packages whose scenarios are asked for; none means all.");
    let scope =
        keys.optional("scope", "The reports of suites and packages, which say what the run was of; they may be optional.");
    let logs = keys.optional("suite_logs", "The logs that a suite writes beside the metadata, as a listing; with `scope`.");
    let doc = "How long ago a run may have ended: `7d`, or a parameter of the policy.";
    let max_age = keys.required::<Given<String>>("max_age", doc);
    let check = ScenariosRan {
        asks: asks?,
        scenarios: scenarios?,
        cases: cases?,
        metadata: metadata?,
        suites: suites?,
        since: since?,
        packages: packages?,
        scope: match (scope, logs) {
            (Some(reports), Some(logs)) => Some(Scope { reports, logs }),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => {
                keys.refuse("scope", Refusal::new("`scope` and `suite_logs` go together"));
                return None;
            }
        },
        max_age: max_age?,
    };
    if let Given::Literal(text) = &check.max_age
        && let Err(phrase) = Age::parse(text)
    {
        keys.refuse("max_age", Refusal::new(format!("`{text}` {phrase}")));
        return None;
    }
    Some(Box::new(check))
}

impl ScenariosRan {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        let optional = [&self.suites, &self.since.evidence].into_iter().chain(self.of_scope());
        let optional = optional.filter(|id| !evidence.is_absent(id));
        admit(evidence, [&self.scenarios, &self.cases, &self.metadata].into_iter().chain(optional))?;
        let mut tally = Tally::default();
        let mut terms = self.terms(evidence, &mut tally)?;
        terms.packages.extend(self.of_packages(evidence, &terms)?);
        let known = self.known(evidence, &terms, &mut tally)?;
        let wanted = |run: &Run<'_>| {
            let own = run.text("package").unwrap_or_default();
            terms.packages.is_empty() || terms.packages.iter().any(|package| package == own)
        };
        let runs: Vec<Run<'_>> = runs(evidence, &self.metadata, &mut tally)?
            .into_iter()
            .filter(|run| wanted(run) && !terms.before(run))
            .collect();
        let newest = newest(&runs);
        match self.asks {
            Asks::Reported => {
                of_the_past(&runs, &terms, &mut tally);
                reported(&known, &newest, &terms, &mut tally);
            }
            Asks::Passed => passed(&runs, &newest, &mut tally),
            Asks::FirstTime => {
                first_time(&runs, &newest, &terms, &mut tally);
                self.retried(evidence, &mut tally)?;
            }
        }
        Ok(tally.finish(|| ("at least one run of a scenario".to_owned(), Where::file(self.metadata.to_string()))))
    }

    fn terms(&self, evidence: &Admitted<'_>, tally: &mut Tally) -> Result<Terms, Refused> {
        let context = evidence.context;
        let read = |node: Node<'_>| node.text().and_then(|text| Age::parse(text).ok());
        let oldest = match &self.max_age {
            Given::Literal(text) => Age::parse(text).expect("it was read with the definition"),
            Given::Parameter(name) => parameter(context, name, "a length of time with its unit", read)?,
        };
        let mut since = None;
        if !evidence.is_absent(&self.since.evidence) {
            for way in values(evidence, &self.since)? {
                let Some(value) = tally.value(way) else { continue };
                match value.node.text().and_then(|text| parse_stamp(text).ok()) {
                    Some(at) => since = Some(at),
                    None => tally.find(value.wrong_type("a timestamp with an offset")),
                }
            }
        }
        let packages = self.packages.any_texts(context)?;
        Ok(Terms { now: context.now, skew: context.limits().clock_skew, oldest, since, packages })
    }

    /// The evidence that tells the scope of the run.
    fn of_scope(&self) -> impl Iterator<Item = &EvidenceId> {
        self.scope.iter().flat_map(|scope| [&scope.reports, &scope.logs])
    }

    /// The packages that the run was of, where no parameter names any and the reports do.
    fn of_packages(&self, evidence: &Admitted<'_>, terms: &Terms) -> Result<Vec<String>, Refused> {
        let Some(scope) = self.scope.as_ref().filter(|_| terms.packages.is_empty()) else { return Ok(Vec::new()) };
        let runs = runs(evidence, &self.metadata, &mut Tally::default())?;
        let counted: Vec<&Run<'_>> = runs.iter().filter(|run| !terms.before(run) && !terms.forgotten(run)).collect();
        let packages = scope.packages(evidence, &counted, |at| terms.counts(at))?;
        Ok(packages.into_iter().map(str::to_owned).collect())
    }

    /// The scenarios of the repository that are asked for.
    fn known(&self, evidence: &Admitted<'_>, terms: &Terms, tally: &mut Tally) -> Result<Vec<Known>, Refused> {
        let mut cases: BTreeMap<String, usize> = BTreeMap::new();
        for artifact in evidence.artifacts(&self.cases)? {
            for name in names(artifact)? {
                *cases.entry(split(name.as_str()).0.to_owned()).or_default() += 1;
            }
        }
        let mut known = Vec::new();
        for doc in evidence.documents(&self.scenarios)? {
            let (directory, _) = split(doc.artifact.path.rel.as_str());
            let root = Value { node: doc.root, at: doc.at(Pointer::root()) };
            let package = doc.root.get("package").and_then(Node::text);
            let package = package.unwrap_or_else(|| directory.split('/').next().unwrap_or_default());
            if !terms.packages.is_empty() && !terms.packages.iter().any(|own| own == package) {
                continue;
            }
            let Some(test_id) = root.get("test-id") else {
                let finding = Finding::new("missing-field", "a value at `test-id`", "nothing");
                tally.find(finding.at(root.at_key("test-id")));
                continue;
            };
            if let Some(text) = test_id.text("the name of the scenario", tally) {
                let cases = cases.get(directory).copied().unwrap_or_default();
                known.push(Known { at: test_id.at, test_id: text.to_owned(), cases });
            }
        }
        Ok(known)
    }

    /// The newest report of a suite that was tried again.
    fn retried(&self, evidence: &Admitted<'_>, tally: &mut Tally) -> Result<(), Refused> {
        if evidence.is_absent(&self.suites) {
            return Ok(());
        }
        let docs = evidence.documents(&self.suites)?;
        let Some(newest) = docs.iter().max_by_key(|doc| doc.artifact.path.rel.as_str()) else { return Ok(()) };
        let Some(flaky) = newest.root.get("fields").and_then(|fields| fields.get("flaky-scenarios")) else { return Ok(()) };
        tally.examined();
        if count(flaky) != Some(0) {
            let at = newest.at(Pointer::root().key("fields").key("flaky-scenarios"));
            let expected = "no scenario of the suite passed on its retry only";
            let message =
                format!("`flaky-scenarios` is {}: scenarios of the suite passed on a retry only", flaky.excerpt(40));
            tally.find(Finding::new("flaky-recovery", expected, flaky.excerpt(40)).saying(message).at(at));
        }
        Ok(())
    }
}

/// Names between back ticks.
fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

impl Check for ScenariosRan {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        let all = [&self.scenarios, &self.cases, &self.metadata, &self.suites, &self.since.evidence];
        let once: BTreeSet<&EvidenceId> = all.into_iter().chain(self.of_scope()).collect();
        once.into_iter().map(|id| (id.clone(), Use::Whole)).collect()
    }

    fn declares(&self) -> Vec<Declared> {
        let place = |id: &EvidenceId, keys: &[&str]| {
            let steps = keys.iter().map(|key| Step::Key((*key).to_owned())).collect();
            Declared::Value(Place { evidence: id.clone(), steps })
        };
        let own: &[&str] = match self.asks {
            Asks::Reported => &["test-id", "completed", "tcs-total"],
            Asks::Passed => &["test-id", "status", "verdict", "tcs-passed", "tcs-failed", "tcs-total"],
            Asks::FirstTime => &["test-id", "status"],
        };
        let mut all: Vec<Declared> = own.iter().map(|key| place(&self.metadata, &[key])).collect();
        if self.asks == Asks::Reported {
            all.push(place(&self.scenarios, &["test-id"]));
        }
        all
    }

    fn parameters(&self) -> Vec<String> {
        self.packages.parameter().into_iter().chain(self.max_age.parameter()).collect()
    }

    fn notes(&self, evidence: &Admitted<'_>) -> Vec<Note> {
        let unbound = self.asks == Asks::Reported && evidence.is_absent(&self.since.evidence);
        let text = "no commit is stated with the reports, so they are bound by their age alone";
        let mut notes = if unbound { vec![Note::new("unbound", text)] } else { Vec::new() };
        let packages = || self.of_packages(evidence, &self.terms(evidence, &mut Tally::default()).ok()?).ok();
        if let Some(packages) = packages().filter(|packages| !packages.is_empty()) {
            let text = format!("this is a run of {} alone, as its reports say", listed(&packages));
            notes.push(Note::new("some-packages", text));
        }
        notes
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
#[path = "scenarios_ran_tests.rs"]
mod tests;
