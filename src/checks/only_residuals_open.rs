//! Asserts that of a tracker's issues below one id only residual ones are open, and that a document counts them as the tracker does.
//!
//! `evidence` is the tracker: records with `id`, `status` and `issue_type`, one for each issue. `scope` is the id under which the issues
//! count, by whole segments: a dot and nothing else separates segments, so `bd-3ar8` covers `bd-3ar8` and `bd-3ar8.1.2`, and neither
//! `bd-3ar81` nor `bd-3ar8-1`.
//!
//! An issue is open unless its status is one of `closed`. A status that is neither in `closed` nor in `open` is a finding, and counts as open.
//! An open issue is residual if its `issue_type` is one of `residual`, else technical. Only a container, of one of the types `containers`,
//! goes by what it holds: it is residual as long as something below it is open, all of that is residual, and no container below it is
//! open without need. A container with nothing open below it is technical: nothing keeps it open. A parent of any other type is work of
//! its own, and goes by its own type.
//!
//! ```toml
//! [evidence.issues]
//! path = "repo:.beads/issues.jsonl"
//! [evidence.checkpoint]
//! path = "repo:docs/checkpoint.json"
//!
//! [[check]]
//! kind = "only-residuals-open"
//! evidence = "issues"
//! scope = "bd-3ar8"
//! closed = ["closed", "tombstone"]
//! open = ["open", "in_progress"]
//! residual = ["docs"]
//! containers = ["epic"]
//! open_count = "checkpoint.open"
//! technical_count = "checkpoint.technical"
//! residual_count = "checkpoint.residual"
//! ```
//!
//! The three counts are optional. `scope` and the lists may be parameters of the policy.
//!
//! Findings: `technical-issue-open`, `unknown-status`, `contradiction` (a count that is another), `duplicate` (an issue with two rows),
//! `missing-field`, `wrong-type`, `blank`. Errors: no issue is in scope, or the evidence is no stream of records.

use super::tally::Tally;
use super::values::{Given, admit, parameter, shown, values};
use crate::definition::{Keys, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Context, Fold, Place, Refused, Use};
use crate::model::{EvidenceId, Finding, Gap, GapKind, Node, Outcome, Pointer, Where};
use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};

/// The kind `only-residuals-open`.
pub static ONLY_RESIDUALS_OPEN: CheckKind = CheckKind {
    id: "only-residuals-open",
    about: "of a tracker's issues below one id only residual ones are open, and are counted so",
    docs: include_str!("only_residuals_open.rs"),
    parse,
};

type Words = Given<Vec<String>>;

struct OnlyResidualsOpen {
    evidence: EvidenceId,
    scope: Given<String>,
    closed: Words,
    open: Words,
    residual: Words,
    containers: Option<Words>,
    /// Places of the counts: of all open issues, of the technical ones, of the residual ones.
    counts: [Option<Place>; 3],
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    // A status that leaves a list is unknown, and so a finding. A type that leaves `containers` goes by itself, which may be residual.
    keys.stricter(&[
        ("evidence", Stricter::Unclear),
        ("scope", Stricter::Unclear),
        // A status in both lists is closed; taken from here, what has it is open, and may be residual.
        ("closed", Stricter::Unclear),
        ("open", Stricter::Fewer),
        ("residual", Stricter::Fewer),
        ("containers", Stricter::Unclear),
        ("open_count", Stricter::Given),
        ("technical_count", Stricter::Given),
        ("residual_count", Stricter::Given),
    ]);
    let evidence = keys.required("evidence", "The tracker's records.");
    let scope = keys.required("scope", "The id under which issues count, by whole segments.");
    let closed = keys.required("closed", "The statuses of issues that are not open; every other one is.");
    let open = keys.required("open", "The statuses of open issues that are known; any other is a finding.");
    let residual = keys.required("residual", "The types of issues that may stay open.");
    let containers = keys.optional::<Words>("containers", "The types of issues that go by what is open below them.");
    let counts = [
        keys.optional("open_count", "Where a document counts all open issues."),
        keys.optional("technical_count", "Where it counts the technical ones."),
        keys.optional("residual_count", "Where it counts the residual ones."),
    ];
    // A narrowing that was named and refused must not be left out.
    let given = |key| keys.span(key) != keys.here();
    let named = ["open_count", "technical_count", "residual_count"].into_iter().zip(&counts);
    let refused =
        (given("containers") && containers.is_none()) || named.into_iter().any(|(key, at)| given(key) && at.is_none());
    let (evidence, scope, closed, open, residual) = (evidence?, scope?, closed?, open?, residual?);
    let check = OnlyResidualsOpen { evidence, scope, closed, open, residual, containers, counts };
    (!refused).then_some(Box::new(check))
}

/// One row of the tracker.
#[derive(Clone)]
struct Issue {
    line: u64,
    id: String,
    status: String,
    kind: String,
}

/// The rows of a tracker in their order; what is no sound row is a finding without its file.
#[derive(Default)]
struct Rows(Vec<Result<Issue, Vec<Finding>>>);

/// Reads rows while they pass.
struct Reader(Rows);

impl Fold for Reader {
    fn record(&mut self, line: u64, record: Node<'_>) {
        let mut findings = Vec::new();
        let mut text = |key: &str| {
            let at = Where { path: String::new(), pointer: Some(Pointer::root().key(key)), line: Some(line) };
            let found = record.get(key);
            let kind = match found.map(Node::text) {
                Some(Some(text)) if !text.trim().is_empty() => return text.to_owned(),
                Some(Some(_)) => "blank",
                Some(None) => "wrong-type",
                None => "missing-field",
            };
            let actual = found.map_or_else(|| "nothing".to_owned(), shown);
            findings.push(Finding::new(kind, format!("the issue's `{key}`, a text"), actual).at(at));
            String::new()
        };
        let issue = Issue { line, id: text("id"), status: text("status"), kind: text("issue_type") };
        self.0.0.push(if findings.is_empty() { Ok(issue) } else { Err(findings) });
    }

    fn finish(self: Box<Self>) -> Box<dyn Any + Send + Sync> {
        Box::new(self.0)
    }
}

/// Whether an issue is another one, or lies below it.
fn within(id: &str, scope: &str) -> bool {
    id.strip_prefix(scope).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The words that a check goes by.
struct Terms {
    scope: String,
    closed: Vec<String>,
    open: Vec<String>,
    residual: Vec<String>,
    containers: Vec<String>,
}

impl Terms {
    /// Why an open issue is technical, as a phrase behind it; `None` if it is residual.
    fn technical(&self, issue: &Issue, open: &[&Issue]) -> Option<String> {
        let residual = |issue: &&Issue| self.residual.contains(&issue.kind);
        let container = |issue: &&Issue| self.containers.contains(&issue.kind);
        if residual(&issue) {
            return None;
        }
        if !container(&issue) {
            return Some(String::new());
        }
        let below = |outer: &Issue| -> Vec<&Issue> {
            open.iter().filter(|inner| inner.id != outer.id && within(&inner.id, &outer.id)).copied().collect()
        };
        let idle = |outer: &Issue| below(outer).iter().all(|inner| container(inner) && !residual(inner));
        let all = below(issue);
        if idle(issue) {
            return Some(", and no work below it is".to_owned());
        }
        let other = all.iter().find(|inner| !residual(inner) && (!container(inner) || idle(inner)))?;
        Some(format!(", and so is `{}` ({}) below it", other.id, other.kind))
    }
}

impl OnlyResidualsOpen {
    fn terms(&self, context: &Context) -> Result<Terms, Refused> {
        let scope = match &self.scope {
            Given::Literal(scope) => scope.clone(),
            Given::Parameter(name) => {
                let text = |node: Node<'_>| node.text().filter(|text| !text.trim().is_empty()).map(str::to_owned);
                parameter(context, name, "the id of an issue", text)?
            }
        };
        Ok(Terms {
            scope,
            closed: self.closed.texts(context)?,
            open: self.open.texts(context)?,
            residual: self.residual.texts(context)?,
            containers: self.containers.as_ref().map(|words| words.any_texts(context)).transpose()?.unwrap_or_default(),
        })
    }

    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        admit(evidence, self.reads().iter().map(|(id, _)| id))?;
        let terms = self.terms(evidence.context)?;
        let trackers = evidence.folded::<Rows>(&self.evidence)?;
        let artifacts = evidence.artifacts(&self.evidence)?;
        if let Some(other) = artifacts.iter().find(|artifact| !trackers.iter().any(|(own, _)| own.path == artifact.path)) {
            let actual = other.content.as_ref().map_or("nothing", |content| content.what());
            let gap = Gap::new(GapKind::Invalid, Where::file(&other.path.shown), "records, one a line", actual);
            return Err(Outcome::Error(gap.into()));
        }
        let mut tally = Tally::default();
        let mut issues: Vec<(&str, &Issue)> = Vec::new();
        let mut rows: BTreeMap<&str, Where> = BTreeMap::new();
        for (artifact, Rows(read)) in &trackers {
            for row in read {
                let issue = match row {
                    Ok(issue) => issue,
                    Err(findings) => {
                        for finding in findings {
                            let at = finding.at.clone().map(|at| Where { path: artifact.path.shown.clone(), ..at });
                            tally.find(Finding { at, ..finding.clone() });
                        }
                        continue;
                    }
                };
                let at = place(&artifact.path.shown, issue, "id");
                match rows.get(&*issue.id) {
                    Some(first) => {
                        let actual = format!("`{}` again, first at {first}", issue.id);
                        tally.find(Finding::new("duplicate", "one row for each issue", actual).at(at));
                    }
                    None => drop(rows.insert(&issue.id, at)),
                }
                if within(&issue.id, &terms.scope) {
                    tally.examined();
                    issues.push((&artifact.path.shown, issue));
                }
            }
        }
        let open: Vec<(&str, &Issue)> =
            issues.iter().filter(|(_, own)| !terms.closed.contains(&own.status)).copied().collect();
        let all: Vec<&Issue> = open.iter().map(|(_, issue)| *issue).collect();
        let mut technical = 0_usize;
        for (path, issue) in &open {
            if !terms.open.contains(&issue.status) {
                let known = [&*terms.closed, &*terms.open].concat().join("`, `");
                let finding = Finding::new("unknown-status", format!("one of `{known}`"), format!("`{}`", issue.status));
                tally.find(finding.at(place(path, issue, "status")));
            }
            if let Some(why) = terms.technical(issue, &all) {
                technical += 1;
                let expected = format!("only `{}` open below `{}`", terms.residual.join("`, `"), terms.scope);
                let actual = format!("`{}` ({}, {}) is open{why}", issue.id, issue.kind, issue.status);
                let finding = Finding::new("technical-issue-open", expected, actual).at(place(path, issue, "issue_type"));
                tally.find(finding.next(format!("Finish and close `{}` ({}, {}).", issue.id, issue.kind, issue.status)));
            }
        }
        let counted =
            [(open.len(), "open"), (technical, "technical and open"), (open.len() - technical, "residual and open")];
        for (place, (count, what)) in self.counts.iter().zip(counted) {
            for way in
                place.iter().map(|place| values(evidence, place)).collect::<Result<Vec<_>, _>>()?.into_iter().flatten()
            {
                let Some(value) = tally.value(way) else { continue };
                let stated = value.node.number().and_then(|number| number.as_integer());
                if stated != i128::try_from(count).ok() {
                    let expected = format!("{count}: so many issues below `{}` are {what}", terms.scope);
                    let message = format!(
                        "{} is {}; below `{}` {count} are {what}",
                        value.at.subject(),
                        shown(value.node),
                        terms.scope
                    );
                    tally.find(Finding::new("contradiction", expected, shown(value.node)).saying(message).at(value.at));
                }
            }
        }
        let paths: BTreeSet<&str> = artifacts.iter().map(|artifact| &*artifact.path.shown).collect();
        let first = paths.first().map_or_else(|| self.evidence.to_string(), |path| (*path).to_owned());
        Ok(tally.finish(|| (format!("at least one issue below `{}`", terms.scope), Where::file(first))))
    }
}

fn place(path: &str, issue: &Issue, key: &str) -> Where {
    Where { path: path.to_owned(), pointer: Some(Pointer::root().key(key)), line: Some(issue.line) }
}

impl Check for OnlyResidualsOpen {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        let mut reads = vec![(self.evidence.clone(), Use::Stream)];
        for place in self.counts.iter().flatten() {
            let own = (place.evidence.clone(), Use::Whole);
            if !reads.contains(&own) {
                reads.push(own);
            }
        }
        reads
    }

    fn parameters(&self) -> Vec<String> {
        let lists = [&self.closed, &self.open, &self.residual].into_iter().chain(&self.containers);
        self.scope.parameter().into_iter().chain(lists.filter_map(Given::parameter)).collect()
    }

    fn fold(&self, evidence: &EvidenceId, _context: &Context) -> Option<Box<dyn Fold>> {
        (*evidence == self.evidence).then(|| Box::new(Reader(Rows::default())) as Box<dyn Fold>)
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
#[path = "only_residuals_open_tests.rs"]
mod tests;
