//! Asserts that the report of a suite of scenarios is the sum of their reports.
//!
//! A suite's report is Markdown with front matter (`suite-id`, `status`, `tests-run`); what it counts stands in its tables: one with the columns `Test ID`, `Status`,
//! `Passed`, `Failed` and `Total`, and one with `Test ID` and `Report Directory`. It is made last and read first, so each row must be what the metadata in its
//! report directory say, and the status that of the rows.
//!
//! ```toml
//! [evidence.suites]
//! path = "run:*-{final-report,report}.md"
//! format = "front-matter"
//! pick = "all"
//! optional = true
//! [evidence.metadata]
//! path = "run:*-reports/metadata.yml"
//! pick = "all"
//!
//! [[check]]
//! kind = "suite-agrees"
//! suites = "suites"
//! metadata = "metadata"
//! ```
//!
//! Asked of each report with such a table:
//!
//! - its file is named for its `suite-id`;
//! - a row names a scenario (`TS-A-001`, or the name of its directory), and its directory in the other table is that of a run of this scenario; status
//!   and counts of both are the same. A row that was skipped, and the row of a preflight, have no directory that must be there;
//! - `status` is `pass` if every row passed or was skipped, `skip` if nothing ran, `fail` if nothing passed, else `partial`; `tests-run` is the number of
//!   rows; a line that begins with `Overall:` has the sums.
//!
//! - below a heading `Failed Tests` a scenario lists as many failed cases as its metadata count, and, in reports whose name does not end with
//!   `-final-report.md`, these cases: older versions of the runner make up the names.
//!
//! Reports of runs that were cleared away are passed over: those of which no directory is left, unless it is the newest. A run that ended in an error counts
//! no cases, so what is listed of it is not compared.
//!
//! Findings: `contradiction`, `missing-report`, `misplaced-report`, `missing-table`. Errors: none of the reports has anything left to compare.

use super::scenario_runs::{PASS, Run, count, failed, runs};
use super::tally::Tally;
use super::values::{Value, admit};
use crate::definition::{Keys, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Declared, Doc, Place, Refused, Step, Use};
use crate::model::{EvidenceId, Finding, Node, Number, Outcome, Pointer, Where};
use regex::Regex;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The kind `suite-agrees`.
pub static SUITE_AGREES: CheckKind = CheckKind {
    id: "suite-agrees",
    about: "the report of a suite of scenarios is the sum of their reports",
    docs: include_str!("suite_agrees.rs"),
    parse,
};

/// The line with the sums.
static OVERALL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?m)^\**Overall:\**\s*([0-9]+)/([0-9]+)\b").expect("a sound pattern"));

struct SuiteAgrees {
    suites: EvidenceId,
    metadata: EvidenceId,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[("suites", Stricter::Unclear), ("metadata", Stricter::Unclear)]);
    let suites = keys.required("suites", "The reports of suites, as front matter.");
    let metadata = keys.required("metadata", "The metadata, one document in each report directory.");
    Some(Box::new(SuiteAgrees { suites: suites?, metadata: metadata? }))
}

/// A row of a suite's report.
struct Row<'a> {
    name: &'a str,
    status: String,
    /// Passed, failed, total; absent where it was skipped.
    counts: Option<[i128; 3]>,
    directory: Option<&'a str>,
    at: Where,
}

/// A suite's report, as far as it counts.
struct Suite<'a> {
    document: Value<'a>,
    name: &'a str,
    rows: Vec<Row<'a>>,
}

/// Passed, failed and total over the rows of a suite's report; `None` if it has no such table.
pub(super) fn sums(root: Node<'_>) -> Option<[i128; 3]> {
    let table = table(root, &["Passed", "Failed", "Total"])?;
    let mut sums = [0; 3];
    for row in table.get("rows")?.items() {
        let counts = counts(row)?;
        sums.iter_mut().zip(counts.unwrap_or_default()).for_each(|(sum, count)| *sum += count);
    }
    Some(sums)
}

/// The first table that has these columns.
fn table<'a>(root: Node<'a>, columns: &[&str]) -> Option<Node<'a>> {
    let has = |table: &Node<'a>| {
        let first = table.get("rows").and_then(|rows| rows.items().next());
        first.is_some_and(|row| columns.iter().all(|column| row.get(column).is_some()))
    };
    root.get("tables")?.items().find(has)
}

/// The counts of a row: `Some(None)` for dashes, `None` if they are no numbers.
fn counts(row: Node<'_>) -> Option<Option<[i128; 3]>> {
    let cell = |column: &str| row.get(column).and_then(Node::text).unwrap_or_default();
    let cells = ["Passed", "Failed", "Total"].map(cell);
    if cells.iter().all(|cell| matches!(*cell, "-" | "–" | "—")) {
        return Some(None);
    }
    let mut counts = [0; 3];
    for (count, cell) in counts.iter_mut().zip(cells) {
        *count = cell.parse().ok()?;
    }
    Some(Some(counts))
}

impl SuiteAgrees {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        admit(evidence, [&self.suites, &self.metadata])?;
        let mut tally = Tally::default();
        let runs = runs(evidence, &self.metadata, &mut tally)?;
        let runs: BTreeMap<&str, &Run<'_>> = runs.iter().map(|run| (run.directory, run)).collect();
        let docs = evidence.documents(&self.suites)?;
        let names: Vec<&str> = docs.iter().map(|doc| doc.artifact.path.rel.as_str()).collect();
        let newest = names.iter().copied().max().unwrap_or_default();
        for doc in &docs {
            if let Some(suite) = suite(doc, &mut tally) {
                let left = suite.rows.iter().filter_map(|row| row.directory).any(|directory| runs.contains_key(directory));
                if left || suite.name == newest {
                    tally.examined();
                    compare(&suite, &names, &runs, &mut tally);
                }
            }
        }
        Ok(tally.finish(|| ("a report of a suite whose runs are there".to_owned(), Where::file(self.suites.to_string()))))
    }
}

/// A report with a table of scenarios. One that sums up attempts names their reports instead.
fn suite<'a>(doc: &Doc<'a>, tally: &mut Tally) -> Option<Suite<'a>> {
    let document = Value { node: doc.root, at: doc.at(Pointer::root()) };
    let fields = document.get("fields")?;
    if fields.get("retry-attempted").is_some() {
        tally.examined();
        return None;
    }
    let Some(table) = table(doc.root, &["Test ID", "Status", "Passed", "Failed", "Total"]) else {
        let expected = "a table of scenarios with their status and counts";
        let at = document.at_key("body");
        let message = format!("{} has no {}", at.subject(), expected.trim_start_matches("a "));
        tally.find(Finding::new("missing-table", expected, "none").saying(message).at(at));
        return None;
    };
    let directories = self::table(doc.root, &["Test ID", "Report Directory"]);
    let directory = |name: &str| {
        let rows = directories.and_then(|table| table.get("rows"))?;
        let mut rows = rows.items().filter(|row| row.get("Test ID").and_then(Node::text) == Some(name));
        let path = rows.next()?.get("Report Directory").and_then(Node::text)?;
        path.trim_end_matches('/').rsplit('/').next()
    };
    let line = table.get("line").and_then(count).and_then(|line| u64::try_from(line).ok()).unwrap_or(1);
    let mut rows = Vec::new();
    for (row, line) in table.get("rows")?.items().zip(line + 2..) {
        let at = Where::line(&doc.artifact.path.shown, line);
        let text = |column: &str| row.get(column).and_then(Node::text).unwrap_or_default();
        let Some(counts) = counts(row) else {
            let finding = Finding::new("wrong-type", format!("`{}`: numbers of cases", text("Test ID")), row.excerpt(120));
            tally.find(finding.at(at));
            continue;
        };
        let name = text("Test ID");
        rows.push(Row { name, status: text("Status").to_lowercase(), counts, directory: directory(name), at });
    }
    Some(Suite { document, name: doc.artifact.path.rel.as_str(), rows })
}

fn compare(suite: &Suite<'_>, suites: &[&str], runs: &BTreeMap<&str, &Run<'_>>, tally: &mut Tally) {
    let fields = suite.document.get("fields").unwrap_or_else(|| suite.document.clone());
    let own = fields.get("suite-id");
    let file = suite.name.rsplit('/').next().unwrap_or_default();
    let stem = file.split('-').next().unwrap_or_default();
    // An id of digits, or of digits and one `e`, looks like a number to YAML.
    let is_named = |id: &Value<'_>| match (id.node.text(), id.node.number()) {
        (Some(text), _) => file.strip_prefix(text).is_some_and(|rest| rest.starts_with('-')),
        (None, Some(number)) => Number::parse(stem).and_then(Result::ok) == Some(number),
        (None, None) => false,
    };
    if !own.as_ref().is_some_and(is_named) {
        let expected = format!("the suite that `{file}` is named for");
        let actual = own.map_or_else(|| "nothing".to_owned(), |id| id.node.excerpt(40));
        tally.find(Finding::new("misplaced-report", expected, actual).at(fields.at_key("suite-id")));
    }
    // The row of a whole package names the report of the package, which is compared by itself.
    let packaged = |row: &&Row<'_>| row.directory.is_some_and(|name| suites.contains(&name));
    suite.rows.iter().filter(|row| !packaged(row)).for_each(|row| of_run(row, runs, tally));
    listed_cases(suite, runs, tally);
    let contradiction = |at: Where, expected: String, actual: String, tally: &mut Tally| {
        let message = format!("{} is {actual}; it must be {expected}", at.subject());
        tally.find(Finding::new("contradiction", expected, actual).saying(message).at(at));
    };
    let status = fields.get("status").and_then(|status| status.node.text()).unwrap_or("nothing").to_lowercase();
    let expected = status_of(&suite.rows);
    if status != expected {
        contradiction(fields.at_key("status"), format!("`{expected}`, as the rows say"), format!("`{status}`"), tally);
    }
    let run = fields.get("tests-run").and_then(|value| count(value.node));
    if run != Some(suite.rows.len() as i128) {
        let actual = run.map_or_else(|| "nothing".to_owned(), |run| run.to_string());
        contradiction(fields.at_key("tests-run"), format!("{}, the number of rows", suite.rows.len()), actual, tally);
    }
    let body = suite.document.get("body").and_then(|body| body.node.text()).unwrap_or_default();
    if let (Some(found), Some([passed, _, total])) = (OVERALL.captures(body), sums(suite.document.node))
        && (found[1].parse().ok(), found[2].parse().ok()) != (Some(passed), Some(total))
    {
        let first = suite.document.get("body_line").and_then(|line| count(line.node)).unwrap_or(1);
        let start = found.get(0).map_or(0, |found| found.start());
        let line = u64::try_from(first).unwrap_or(1) + body[..start].matches('\n').count() as u64;
        let at = Where::line(&suite.document.at.path, line);
        contradiction(at, format!("{passed}/{total}, the sums of the rows"), format!("{}/{}", &found[1], &found[2]), tally);
    }
}

/// What the prose of a suite's report lists of a scenario: its failed cases, and the line of its heading in the body.
struct Listed<'a> {
    name: &'a str,
    cases: Vec<&'a str>,
    line: u64,
}

/// The failed cases that the prose of a suite's report lists, by scenario.
fn told_failed(body: &str) -> Vec<Listed<'_>> {
    let (mut told, mut inside): (Vec<Listed<'_>>, bool) = (Vec::new(), false);
    for (line, number) in body.lines().zip(0..) {
        let line = line.trim();
        if let Some(heading) = line.strip_prefix("## ") {
            inside = heading.trim().eq_ignore_ascii_case("failed tests");
        } else if let Some(name) = line.strip_prefix("### ").filter(|_| inside) {
            told.push(Listed { name: name.trim(), cases: Vec::new(), line: number });
        } else if let (true, Some(own), Some(case)) = (inside, told.last_mut(), line.strip_prefix("- `")) {
            own.cases.extend(case.split_once('`').map(|(case, _)| case));
        }
    }
    told
}

/// What is listed of failed cases against the runs of the rows.
fn listed_cases(suite: &Suite<'_>, runs: &BTreeMap<&str, &Run<'_>>, tally: &mut Tally) {
    let body = suite.document.get("body").and_then(|body| body.node.text()).unwrap_or_default();
    let first = suite.document.get("body_line").and_then(|line| count(line.node)).and_then(|line| u64::try_from(line).ok());
    for Listed { name, cases, line } in told_failed(body) {
        let row = suite.rows.iter().find(|row| row.name == name);
        let Some(run) = row.and_then(|row| runs.get(row.directory?)).filter(|run| run.status != "error") else { continue };
        let own = failed(&run.root);
        let named = suite.name.ends_with("-final-report.md") || own.iter().all(|one| cases.contains(&one.tc));
        if cases.len() != own.len() || !named {
            let shown = |cases: &[&str]| if cases.is_empty() { "no case".to_owned() } else { cases.join(", ") };
            let expected = format!(
                "`{name}` with {} failed, as its metadata say",
                shown(&own.iter().map(|one| one.tc).collect::<Vec<_>>())
            );
            let at = Where::line(&suite.document.at.path, first.unwrap_or(1) + line);
            let own: Vec<&str> = own.iter().map(|one| one.tc).collect();
            let message = format!("`{name}`: the suite lists {} as failed, its metadata {}", shown(&cases), shown(&own));
            let actual = format!("{} failed", shown(&cases));
            tally.find(Finding::new("contradiction", expected, actual).saying(message).at(at));
        }
    }
}

/// One row against the run that it names.
fn of_run(row: &Row<'_>, runs: &BTreeMap<&str, &Run<'_>>, tally: &mut Tally) {
    tally.examined();
    if row.status.starts_with("skip") || row.name.eq_ignore_ascii_case("preflight") {
        return;
    }
    let Some(run) = row.directory.and_then(|directory| runs.get(directory)) else {
        let expected = format!("the reports of `{}`, which it counts", row.name);
        let actual = row.directory.map_or_else(|| "no directory named".to_owned(), |name| format!("no `{name}`"));
        let message = format!("`{}` is counted, and its reports are not there: {actual}", row.name);
        tally.find(Finding::new("missing-report", expected, actual).saying(message).at(row.at.clone()));
        return;
    };
    let same = row.name == run.test_id || row.name.starts_with(&format!("{}-", run.test_id));
    let stated = ["tcs-passed", "tcs-failed", "tcs-total"].map(|key| run.count(key));
    let told = row.counts.map(|counts| counts.map(Some));
    let counted = told.unwrap_or([None; 3]);
    // The metadata of a run that died count nothing.
    let died = run.text("run-id").is_none() && run.status != PASS;
    if !same || row.status != run.status.to_lowercase() || (counted != stated && !died) {
        let shown =
            |counts: [Option<i128>; 3]| counts.map(|count| count.map_or("-".to_owned(), |c| c.to_string())).join("/");
        let expected = format!("`{}` with status {} and {}, as its metadata say", run.test_id, run.status, shown(stated));
        let actual = format!("`{}` with status {} and {}", row.name, row.status, shown(counted));
        let message =
            format!("the row says {actual}; its metadata say {}", expected.trim_end_matches(", as its metadata say"));
        tally.find(Finding::new("contradiction", expected, actual).saying(message).at(row.at.clone()));
    }
}

fn status_of(rows: &[Row<'_>]) -> &'static str {
    let ran: Vec<&Row<'_>> = rows.iter().filter(|row| !row.status.starts_with("skip")).collect();
    let passed = ran.iter().filter(|row| row.status == PASS).count();
    match (ran.len(), passed) {
        (0, _) => "skip",
        (ran, passed) if ran == passed => PASS,
        (_, 0) => "fail",
        (_, _) => "partial",
    }
}

impl Check for SuiteAgrees {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        [&self.suites, &self.metadata].map(|id| (id.clone(), Use::Whole)).to_vec()
    }

    fn declares(&self) -> Vec<Declared> {
        let place = |id: &EvidenceId, keys: &[&str]| {
            let steps = keys.iter().map(|key| Step::Key((*key).to_owned())).collect();
            Declared::Value(Place { evidence: id.clone(), steps })
        };
        let mut all: Vec<Declared> =
            ["suite-id", "status", "tests-run"].iter().map(|key| place(&self.suites, &["fields", key])).collect();
        let own = ["test-id", "status", "tcs-passed", "tcs-failed", "tcs-total"];
        all.extend(own.iter().map(|key| place(&self.metadata, &[key])));
        all
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
#[path = "suite_agrees_tests.rs"]
mod tests;
