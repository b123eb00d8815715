//! Runs of scenarios: what the metadata of each report directory say, read in one place.
//!
//! In: documents `<run-id>-reports/metadata.yml`. Out: runs in the order in which they began, which is that of their directories' names. A document
//! without id and status is a finding; everything else that may be wrong with one is the matter of `scenario-reports`.

use super::tally::Tally;
use super::values::Value;
use crate::gate::{Admitted, Doc, Refused};
use crate::model::{EvidenceId, Finding, Instant, Node, Pointer, Where, parse_stamp};
use std::collections::{BTreeMap, BTreeSet};

/// What the name of a report directory ends in.
pub(super) const REPORTS: &str = "-reports";

/// The word of a status or verdict that is no failure.
pub(super) const PASS: &str = "pass";

/// One run of a scenario, or of one case of it.
#[derive(Clone)]
pub(super) struct Run<'a> {
    /// The directory of its reports below the run.
    pub(super) directory: &'a str,
    /// The metadata.
    pub(super) root: Value<'a>,
    /// The scenario.
    pub(super) test_id: &'a str,
    /// Its status.
    pub(super) status: &'a str,
}

/// A failed case, as a report lists it.
pub(super) struct Failed<'a> {
    /// The case, or the path of an artifact that is missing.
    pub(super) tc: &'a str,
    /// What kind of failure it is, if the report says so.
    pub(super) category: Option<&'a str>,
    /// Where it is listed.
    pub(super) at: Where,
}

/// The directory that holds a file.
pub(super) fn directory<'a>(doc: &Doc<'a>) -> &'a str {
    doc.artifact.path.rel.as_str().rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// The runs, in the order in which they began.
///
/// # Errors
/// The outcome to return when the evidence is not admitted.
pub(super) fn runs<'a>(evidence: &Admitted<'a>, id: &EvidenceId, tally: &mut Tally) -> Result<Vec<Run<'a>>, Refused> {
    let mut runs = Vec::new();
    for doc in evidence.documents(id)? {
        let root = Value { node: doc.root, at: doc.at(Pointer::root()) };
        let mut text = |key: &str| match root.get(key) {
            Some(value) => value.text("a text", tally),
            None => {
                let finding = Finding::new("missing-field", format!("a value at `{key}`"), "nothing");
                tally.find(finding.at(root.at_key(key)));
                None
            }
        };
        if let (Some(test_id), Some(status)) = (text("test-id"), text("status")) {
            // A run of one case names its scenario beside.
            let scenario = root.get("scenario-id").and_then(|value| value.node.text()).unwrap_or(test_id);
            runs.push(Run { directory: directory(&doc), root: root.clone(), test_id: scenario, status });
        }
    }
    runs.sort_by(|a, b| a.directory.cmp(b.directory));
    Ok(runs)
}

/// The newest run of each scenario, by the name of its directory; runs of one case are no runs of their scenario.
pub(super) fn newest<'r, 'a>(runs: &'r [Run<'a>]) -> BTreeMap<&'a str, &'r Run<'a>> {
    runs.iter().filter(|run| !run.of_one_case()).map(|run| (run.test_id, run)).collect()
}

/// The directories of what counts today: the newest run of each scenario, and runs of one case behind it.
pub(super) fn directories<'a>(runs: &[Run<'a>]) -> BTreeSet<&'a str> {
    let newest = newest(runs);
    let behind = |run: &&Run<'a>| newest.get(run.test_id).is_none_or(|newest| newest.directory <= run.directory);
    runs.iter().filter(behind).map(|run| run.directory).collect()
}

impl<'a> Run<'a> {
    /// A text of the metadata.
    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.root.get(key).and_then(|value| value.node.text())
    }

    /// A whole number of the metadata.
    pub(super) fn count(&self, key: &str) -> Option<i128> {
        self.root.get(key).and_then(|value| count(value.node))
    }

    /// Whether it is of one case only, which says nothing about the others.
    pub(super) fn of_one_case(&self) -> bool {
        self.root.get("tc-id").is_some()
    }

    /// Whether nothing in the metadata speaks of a failure, and at least one case passed.
    pub(super) fn passed(&self) -> bool {
        let all = self.count("tcs-total").is_some_and(|total| total > 0 && self.count("tcs-passed") == Some(total));
        let words = self.status == PASS && self.text("verdict") == Some(PASS);
        words && all && self.count("tcs-failed") == Some(0) && failed(&self.root).is_empty()
    }

    /// What it came to, for people.
    pub(super) fn shown(&self) -> String {
        let count = |key| self.count(key).map_or_else(|| "?".to_owned(), |count| count.to_string());
        let verdict = self.text("verdict").map(|verdict| format!(", verdict {verdict}")).unwrap_or_default();
        format!("status {}{verdict}, {} of {} cases passed", self.status, count("tcs-passed"), count("tcs-total"))
    }

    /// When it ended, or the finding that this cannot be told.
    pub(super) fn completed(&self) -> Result<Instant, Finding> {
        let found = self.text("completed");
        found.and_then(|text| parse_stamp(text).ok()).ok_or_else(|| {
            let actual = found.map_or_else(|| "nothing".to_owned(), |text| format!("`{text}`"));
            let expected = format!("`{}` says when it ended, with an offset", self.test_id);
            Finding::new("bad-timestamp", expected, actual).at(self.root.at_key("completed"))
        })
    }
}

/// A value as a whole number of cases.
pub(super) fn count(node: Node<'_>) -> Option<i128> {
    node.number().and_then(|number| number.as_integer())
}

/// The failed cases that a document lists.
pub(super) fn failed<'a>(document: &Value<'a>) -> Vec<Failed<'a>> {
    let Some(list) = document.get("failed").filter(|list| list.node.is_list()) else { return Vec::new() };
    let entry = |value: Value<'a>| {
        // An entry without its case is a failure all the same.
        let tc = value.node.get("tc").and_then(Node::text).or(value.node.text()).unwrap_or("?");
        Failed { tc, category: value.node.get("category").and_then(Node::text), at: value.at }
    };
    super::values::items(list).map(entry).collect()
}
