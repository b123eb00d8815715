//! Asserts that no preflight of a package failed after its scenarios ran for the last time, and that no scenario ran behind a failed one.
//!
//! The deterministic tests of a package run before its scenarios and end the run where they fail. Then there are no reports, and those of yesterday are still there, green. What such a
//! run leaves is a sandbox `<id>-<package>-preflight`, and in the report of the suite a row `PREFLIGHT`.
//!
//! ```toml
//! [evidence.preflights]
//! path = "run:*-preflight/**"
//! format = "listing"
//! optional = true
//! [evidence.suites]
//! path = "run:*-report.md"
//! format = "front-matter"
//! pick = "all"
//! optional = true
//! [evidence.metadata]
//! path = "run:*-reports/metadata.yml"
//! pick = "all"
//! optional = true
//!
//! [[check]]
//! kind = "preflight-passed"
//! preflights = "preflights"
//! suites = "suites"
//! metadata = "metadata"
//! ```
//!
//! A preflight is over and done with where a run of its package (`package` of the metadata, without `ace-` as in the names of directories) began later, by the names of
//! directories: it would not have begun otherwise.
//!
//! Findings: `preflight-failed` (a row that did not pass, a sandbox behind which no scenario of its package ran), `ran-after-preflight` (a row of a scenario beside a
//! failed preflight that has reports). Errors: what is there is damaged. Without sandboxes and suites the check is skipped.

use super::scenario_runs::{PASS, Run, runs};
use super::tally::Tally;
use super::values::admit;
use crate::definition::{Keys, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Doc, Refused, Use};
use crate::model::{Content, EvidenceId, Finding, Node, Outcome, Pointer, Where};
use std::collections::BTreeSet;

/// The kind `preflight-passed`.
pub static PREFLIGHT_PASSED: CheckKind = CheckKind {
    id: "preflight-passed",
    about: "no preflight of a package failed after its scenarios ran for the last time",
    docs: include_str!("preflight_passed.rs"),
    parse,
};

struct PreflightPassed {
    preflights: EvidenceId,
    suites: EvidenceId,
    metadata: EvidenceId,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&["preflights", "suites", "metadata"].map(|key| (key, Stricter::Unclear)));
    let preflights = keys.required("preflights", "The sandboxes of preflights, as a listing; it may be optional.");
    let suites = keys.required("suites", "The reports of suites, as front matter; they may be optional.");
    let metadata = keys.required("metadata", "The metadata, one document in each report directory.");
    Some(Box::new(PreflightPassed { preflights: preflights?, suites: suites?, metadata: metadata? }))
}

/// A package as the names of directories write it.
fn short(package: &str) -> &str {
    package.strip_prefix("ace-").unwrap_or(package)
}

/// Whether a run of this package began after the one that a name begins with.
fn superseded(runs: &[Run<'_>], package: &str, name: &str) -> bool {
    let own =
        |run: &&Run<'_>| package == "suite" || run.text("package").is_some_and(|other| short(other) == short(package));
    runs.iter().filter(own).any(|run| run.directory > name)
}

impl PreflightPassed {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        let there: Vec<&EvidenceId> =
            [&self.preflights, &self.suites].into_iter().filter(|id| !evidence.is_absent(id)).collect();
        let metadata = (!evidence.is_absent(&self.metadata)).then_some(&self.metadata);
        admit(evidence, metadata.into_iter().chain(there.iter().copied()))?;
        if there.is_empty() {
            return Ok(Outcome::Skip("no preflight and no report of a suite is there".to_owned()));
        }
        let mut tally = Tally::default();
        // A first run whose preflight failed leaves no reports at all.
        let runs = match metadata {
            Some(metadata) => runs(evidence, metadata, &mut tally)?,
            None => Vec::new(),
        };
        if there.contains(&&self.suites) {
            evidence.documents(&self.suites)?.iter().for_each(|doc| rows(doc, &runs, &mut tally));
        }
        if there.contains(&&self.preflights) {
            for artifact in evidence.artifacts(&self.preflights)? {
                let Ok(Content::Listing(names)) = &artifact.content else { continue };
                let sandboxes: BTreeSet<&str> = names.iter().filter_map(|name| name.as_str().split('/').next()).collect();
                sandboxes.into_iter().for_each(|name| sandbox(name, &runs, &mut tally));
            }
        }
        Ok(tally.finish(|| ("a report of a suite, or a preflight".to_owned(), Where::file(self.suites.to_string()))))
    }
}

/// The rows of a suite's report.
fn rows(doc: &Doc<'_>, runs: &[Run<'_>], tally: &mut Tally) {
    tally.examined();
    let package = doc.root.get("fields").and_then(|fields| fields.get("package")).and_then(Node::text).unwrap_or("suite");
    let file = doc.artifact.path.rel.as_str();
    let tables = doc.root.get("tables").into_iter().flat_map(Node::items);
    let rows: Vec<Node<'_>> = tables.filter_map(|table| table.get("rows")).flat_map(Node::items).collect();
    let cell = |row: &Node<'_>, column: &str| row.get(column).and_then(Node::text).unwrap_or_default().to_lowercase();
    let failed =
        |row: &&Node<'_>| cell(row, "Test ID") == "preflight" && row.get("Status").is_some() && cell(row, "Status") != PASS;
    let Some(row) = rows.iter().find(failed).filter(|_| !superseded(runs, package, file)) else { return };
    let at = || doc.at(Pointer::root().key("tables"));
    let expected = format!("the tests in `test/feat` of `{package}` passed");
    let actual = format!("preflight: {}", cell(row, "Status"));
    let message = format!("the preflight of `{package}` did not pass: {}", cell(row, "Status"));
    tally.find(Finding::new("preflight-failed", expected, actual).saying(message).at(at()));
    for row in &rows {
        let directory = row.get("Report Directory").and_then(Node::text).unwrap_or_default();
        let directory = directory.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        if cell(row, "Test ID") != "preflight" && runs.iter().any(|run| run.directory == directory) {
            let expected = format!("no scenario of `{package}` after its preflight failed");
            let message = format!("`{directory}` ran although the preflight of `{package}` failed");
            let finding = Finding::new("ran-after-preflight", expected, format!("`{directory}`")).saying(message);
            tally.find(finding.at(at()));
        }
    }
}

/// A sandbox of a preflight, `<id>-<package>-preflight`.
fn sandbox(name: &str, runs: &[Run<'_>], tally: &mut Tally) {
    tally.examined();
    let package = name.strip_suffix("-preflight").and_then(|rest| rest.split_once('-')).map_or("", |(_, package)| package);
    if !superseded(runs, package, name) {
        let expected =
            format!("a scenario of `{package}` that ran after this preflight, since it ends the run where it fails");
        let message = format!("`{name}` ended the run: no scenario of `{package}` ran behind it");
        let finding = Finding::new("preflight-failed", expected, "none").saying(message);
        tally.find(finding.at(Where::file(name.to_owned())));
    }
}

impl Check for PreflightPassed {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        [&self.preflights, &self.suites, &self.metadata].map(|id| (id.clone(), Use::Whole)).to_vec()
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use crate::model::GapKind;

    const CHECK: &str = "kind = 'preflight-passed'\npreflights = 'p'\nsuites = 's'\nmetadata = 'm'";

    fn bench(run: &str) -> Bench {
        let metadata = r#"{"test-id": "TS-A-001", "status": "pass", "package": "ace-a"}"#;
        Bench::new(CHECK).json_at("m", &format!("{run}-a-ts001-reports/metadata.yml"), metadata)
    }

    fn suite(status: &str, directory: &str) -> String {
        format!(
            r#"{{"fields": {{"package": "ace-a"}}, "tables": [{{"rows": [{{"Test ID": "PREFLIGHT", "Status": "{status}"}}]}}, {{"rows": [{{"Test ID": "TS-A-001", "Report Directory": "{directory}"}}]}}]}}"#
        )
    }

    #[test]
    fn a_failed_preflight_is_newer_than_green_reports() {
        let told = |run: &str, status: &str| {
            bench(run).absent("p").json_at("s", "5-ace-a-report.md", &suite(status, "x-reports")).told()
        };
        assert_eq!(
            told("4", "Fail"),
            ["preflight-failed 5-ace-a-report.md#/tables: the tests in `test/feat` of `ace-a` passed | preflight: fail"]
        );
        assert_eq!(told("6", "Fail"), ["pass 1"]);
        assert_eq!(told("4", "Pass"), ["pass 1"]);
        let ran = bench("4").absent("p").json_at("s", "5-ace-a-report.md", &suite("Error", "4-a-ts001-reports")).told();
        assert!(ran.len() == 2 && ran[1].starts_with("ran-after-preflight"), "{ran:?}");
    }

    #[test]
    fn a_sandbox_without_reports_behind_it_failed() {
        let told = |run: &str, sandbox: &str| bench(run).absent("s").listing("p", &[sandbox]).told();
        assert!(told("4", "5-a-preflight/a/Rakefile")[0].starts_with("preflight-failed 5-a-preflight: a scenario of `a`"));
        assert_eq!(told("5", "5-a-preflight/a/Rakefile"), ["pass 1"]);
        assert!(told("6", "5-b-preflight/b/Rakefile")[0].starts_with("preflight-failed"));
        let first = Bench::new(CHECK).absent("m").absent("s").listing("p", &["5-a-preflight/a/Rakefile"]).told();
        assert!(first[0].starts_with("preflight-failed"), "{first:?}");
    }

    #[test]
    fn nothing_is_no_pass() {
        assert_eq!(bench("4").absent("p").absent("s").told(), ["skip no preflight and no report of a suite is there"]);
        assert_eq!(bench("4").absent("p").gap("s", GapKind::Malformed).told(), ["error malformed s: a file | nothing"]);
    }
}
