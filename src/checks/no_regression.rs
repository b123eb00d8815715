//! Asserts that nothing fails, or is gone, that passed in an earlier run; and that a recorded comparison says the same.
//!
//! `now` and `before` are the places of each run's items, `name` the keys that name an item (the first that it has), `failed` the
//! expression that tells whether an `item` failed. Passed then and failed now is a regression; so is passed then and gone now,
//! because a deleted test is not a fixed one. Not there then and failed now is a new failure. Failed then and passed now is
//! fixed; failed then and failed or gone now is still failing. The status is `regression` with any regression or new
//! failure, else `known_failures_only` with anything still failing, else `stable`.
//!
//! ```toml
//! [evidence.summary]
//! path = "run:summary.json"
//! [evidence.baseline]
//! path = "baseline:summary.json"
//! optional = true
//! [evidence.diff]
//! path = "run:triage_diff.json"
//! optional = true
//! [evidence.reports]
//! path = "run:**/output.log"
//! pick = "all"
//! format = "test-output"
//!
//! [[check]]
//! kind = "no-regression"
//! now = ["summary.suites", "summary.units"]
//! before = ["baseline.suites", "baseline.units"]
//! name = ["suite", "target"]
//! failed = "item.exit_code != 0"
//! diff = "diff"
//! quarantine = ["reports"]
//! ```
//!
//! `quarantine` names the test reports of the run: an item that failed of nothing but tests which entries hold apart (see
//! [`targets-pass`](targets-pass.md)) did not fail. The recorded comparison knows nothing of that, and is held to the bare facts.
//!
//! `diff` is the recorded comparison: `status` and, in `summary`, `regression_count`, `new_failures`, `fixed`, `still_failing`. It is recomputed;
//! where the record is optional and absent, nothing is compared. With `diff_only = true` the record alone is judged, and what
//! became of the items is left to another check; a record that is absent then leaves nothing to judge. The record of one shard of
//! a run may leave out what is gone, because other shards may have it, or count it.
//!
//! Findings: ranked, `regression` before `new-failure`, each with its name; `contradiction` (a name that is there twice in one run, a recorded
//! comparison that says something else); `missing-field`, `wrong-type`, `blank` and the words of `holds` for `failed`. Errors: one of the
//! runs has no items; and those of `holds`.

use super::apart::Apart;
use super::expression::{self, Condition};
use super::reports::{Ids, told};
use super::tally::Tally;
use super::values::{Value, admit, head, members, shown, whole};
use crate::definition::{Keys, Refusal, Stricter};
use crate::expr::{Scope, Truth};
use crate::gate::{Admitted, Check, CheckKind, Declared, Doc, Place, Refused, Use};
use crate::model::{Change, Comparison, EvidenceId, Finding, Gap, GapKind, Node, Note, Outcome, Pointer, Where};
use std::collections::{BTreeMap, BTreeSet};

/// The kind `no-regression`.
pub static NO_REGRESSION: CheckKind = CheckKind {
    id: "no-regression",
    about: "nothing that passed in an earlier run fails or is gone",
    docs: include_str!("no_regression.rs"),
    parse,
};

struct NoRegression {
    now: Vec<Place>,
    before: Vec<Place>,
    name: Vec<String>,
    failed: Condition,
    diff: Option<EvidenceId>,
    diff_only: bool,
    quarantine: Option<Ids>,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[
        ("now", Stricter::Unclear),
        ("before", Stricter::Unclear),
        ("name", Stricter::Unclear),
        ("failed", Stricter::Unclear),
        ("diff", Stricter::Given),
        ("diff_only", Stricter::False),
        ("quarantine", Stricter::Unclear),
    ]);
    let now = keys.required("now", "The places of the items of the run under judgement.");
    let before = keys.required("before", "The places of the items of the earlier run.");
    let name = keys.required("name", "The keys that name an item; the first that it has counts.");
    let doc = "The expression that tells whether an `item` failed.";
    let failed = keys.custom("failed", true, expression::kind(), doc, |raw| expression::read(raw, &["item"]));
    let given = keys.span("diff") != keys.here();
    let diff = keys.optional("diff", "The recorded comparison, which must say the same.");
    // A comparison that was named and refused must not be left out.
    let diff_refused = given && diff.is_none();
    let diff_only = keys.or("diff_only", false, "Whether only `diff` is judged, and not the changes themselves.");
    if diff_only && !given {
        keys.refuse("diff_only", Refusal::new("needs `diff`: without it nothing would be judged"));
    }
    let doc = "The test reports of the run, each in the directory of its item. An item that failed of nothing but tests which quarantine \
               entries of the policy's exceptions files hold apart did not fail.";
    let quarantine = keys.optional::<Ids>("quarantine", doc);
    let check = NoRegression { now: now?, before: before?, name: name?, failed: failed?, diff, diff_only, quarantine };
    (!diff_refused && (given || !diff_only)).then_some(Box::new(check))
}

/// An item of one run: whether it failed, and where it stands.
struct Item {
    failed: bool,
    /// Its exit code and the number of failures that it counts, where it states them.
    codes: (Option<i128>, Option<i128>),
    /// What excuses its failure, if it failed of tests that are held apart alone.
    excused: Vec<Note>,
    at: Where,
}

impl Item {
    fn counts(&self) -> bool {
        self.failed && self.excused.is_empty()
    }
}

/// The items of one run by the key that names them and the name.
type Items = BTreeMap<(String, String), Item>;

/// What is told of a change; nothing of those that are no news.
fn finding(name: &(String, String), change: Change, before: &Items, now: &Items) -> Option<Finding> {
    let shown = format!("{} `{}`", name.0, name.1);
    let (finding, at) = match change {
        Change::Regression => {
            let expected = format!("{shown} passes, as at {}", before[name].at);
            let message = format!("{shown} fails, and passed at {}", before[name].at);
            (Finding::new("regression", expected, format!("{shown} fails")).saying(message), &now[name].at)
        }
        Change::Gone => {
            let finding = Finding::new("regression", format!("{shown} passes, as here"), format!("{shown} is gone"));
            (finding.saying(format!("{shown} is gone, and passed here")), &before[name].at)
        }
        Change::NewFailure => {
            let actual = format!("{shown} fails and was not there before");
            let message = actual.clone();
            (Finding::new("new-failure", "nothing new that fails", actual).saying(message), &now[name].at)
        }
        Change::StillFailing | Change::GoneUnfixed | Change::Fixed => return None,
    };
    Some(finding.at(at.clone()))
}

/// Compares with what was recorded.
fn agrees(comparison: &Comparison<(String, String)>, diff: Doc<'_>, tally: &mut Tally) {
    let field = |keys: &[&str]| keys.iter().fold(Pointer::root(), |at, key| at.key(key));
    let missing = |at: Pointer, expected: String| Finding::new("missing-field", expected, "nothing").at(diff.at(at));
    let at = field(&["status"]);
    let expected = format!("`{}`, recomputed from both runs", comparison.status());
    match diff.root.at(&at) {
        None => tally.find(missing(at, expected)),
        Some(status) if status.text() == Some(comparison.status()) => {}
        Some(status) => {
            let message = format!("`status` is {}; both runs come to `{}`", shown(status), comparison.status());
            tally.find(Finding::new("contradiction", expected, shown(status)).saying(message).at(diff.at(at)));
        }
    }
    for (key, count) in comparison.counts() {
        let at = field(&["summary", key]);
        let expected = format!("{count}, recomputed from both runs");
        match diff.root.at(&at).map(|node| (node, node.number().and_then(|number| number.as_integer()))) {
            None => tally.find(missing(at, expected)),
            Some((node, None)) => tally.find(Finding::new("wrong-type", expected, shown(node)).at(diff.at(at))),
            Some((_, Some(recorded))) if recorded == count as i128 => {}
            Some((node, Some(_))) => {
                let message = format!("`{key}` is {}; both runs come to {count}", shown(node));
                tally.find(Finding::new("contradiction", expected, shown(node)).saying(message).at(diff.at(at)));
            }
        }
    }
}

impl NoRegression {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        let places = self.now.iter().chain(&self.before);
        let recorded = self.diff.as_ref().filter(|diff| self.diff_only || !evidence.is_absent(diff));
        let asked = expression::asked(&[&self.failed], evidence);
        admit(evidence, places.map(|place| &place.evidence).chain(asked).chain(recorded))?;
        let run = expression::run(evidence.context);
        let mut scope = expression::scope(&[&self.failed], evidence, &run)?;
        let mut tally = Tally::default();
        let mut now = self.items(evidence, &self.now, &mut scope, &mut tally)?;
        self.excuse(evidence, &mut now);
        let before = self.items(evidence, &self.before, &mut scope, &mut tally)?;
        // What cannot be told apart cannot be compared either: a comparison without these items would say too little.
        if tally.is_clean() {
            let ruled = Comparison::of(&before, &now, Item::counts);
            let comparison = Comparison::of(&before, &now, |item| item.failed);
            now.iter().chain(&before).for_each(|_| tally.examined());
            for (name, change) in ruled.changes.iter().filter(|_| !self.diff_only) {
                finding(name, *change, &before, &now).into_iter().for_each(|finding| tally.find(finding));
            }
            if let Some(diff) = recorded {
                let diff = evidence.document(diff)?;
                let own = comparison.without_gone();
                let mut alone = Tally::default();
                agrees(&own, diff, &mut alone);
                if !(evidence.context.part && alone.is_clean()) {
                    agrees(&comparison, diff, &mut tally);
                }
            }
        }
        Ok(tally.finish(|| ("items of two runs".to_owned(), head(evidence, &self.now[0]))))
    }

    /// The items of one run. None at all is a gap, an item without a name or an answer is a finding.
    fn items<'d>(
        &self,
        evidence: &Admitted<'d>,
        places: &[Place],
        scope: &mut Scope<'d>,
        tally: &mut Tally,
    ) -> Result<Items, Refused> {
        let ways: Vec<_> = members(evidence, places)?.collect();
        if ways.is_empty() {
            let expected = format!("items at `{}`", places[0]);
            tally.gap(Gap::new(GapKind::Empty, head(evidence, &places[0]), expected, "nothing to examine"));
        }
        let mut items = Items::new();
        for way in ways {
            let Some(value) = tally.value(way) else { continue };
            let Some(name) = self.name_of(&value, tally) else { continue };
            let Some(failed) = self.failed(&value, evidence, scope, tally) else { continue };
            if let Some(first) = items.get(&name) {
                let expected = format!("one {} `{}`, as at {}", name.0, name.1, first.at);
                let message = format!("{} `{}` is there twice: first at {}", name.0, name.1, first.at);
                let finding = Finding::new("contradiction", expected, "one more of this name").saying(message);
                tally.find(finding.at(value.at));
            } else {
                items.insert(name, Item { failed, excused: Vec::new(), codes: codes(&value), at: value.at });
            }
        }
        Ok(items)
    }

    /// What would be a regression or a new failure if it were not for quarantine.
    fn excused(&self, evidence: &Admitted<'_>) -> Result<Vec<Note>, Refused> {
        let run = expression::run(evidence.context);
        let mut scope = expression::scope(&[&self.failed], evidence, &run)?;
        let mut tally = Tally::default();
        let mut now = self.items(evidence, &self.now, &mut scope, &mut tally)?;
        self.excuse(evidence, &mut now);
        let before = self.items(evidence, &self.before, &mut scope, &mut tally)?;
        let changes = Comparison::of(&before, &now, |item| item.failed).changes;
        let news = changes.iter().filter(|(_, change)| matches!(change, Change::Regression | Change::NewFailure));
        Ok(news.filter_map(|(name, _)| now.get(name)).flat_map(|item| item.excused.clone()).collect())
    }

    /// Subtracts what failed of tests that are held apart alone. Reports that cannot be read excuse nothing.
    fn excuse(&self, evidence: &Admitted<'_>, items: &mut Items) {
        let Some(ids) = self.quarantine.as_ref().filter(|_| items.values().any(|item| item.failed)) else { return };
        let Ok((reports, _)) = told(evidence, &ids.0) else { return };
        let apart = Apart::of(reports, evidence, &mut Tally::default());
        for ((_, name), item) in items.iter_mut().filter(|(_, item)| item.failed) {
            let (Some(code), counted) = item.codes else { continue };
            let homes: BTreeSet<&str> = apart.homes(name).collect();
            // Where a suite and a unit have one name, only one of them need have failed.
            let excused = homes.iter().filter_map(|home| apart.target(home, code, counted).ok());
            item.excused = if homes.len() == 1 { excused.flatten().collect() } else { Vec::new() };
        }
    }

    fn name_of(&self, value: &Value<'_>, tally: &mut Tally) -> Option<(String, String)> {
        if !value.node.is_map() {
            tally.find(value.wrong_type("an object"));
            return None;
        }
        match self.name.iter().find_map(|key| value.get(key).map(|name| (key, name))) {
            Some((key, name)) => Some((key.clone(), name.text("a name", tally)?.to_owned())),
            None => {
                let keys = self.name.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" or ");
                let at = value.at_key(&self.name[0]);
                tally.find(Finding::new("missing-field", format!("a name in {keys}"), "nothing").at(at));
                None
            }
        }
    }

    fn failed<'d>(
        &self,
        value: &Value<'d>,
        evidence: &Admitted<'_>,
        scope: &mut Scope<'d>,
        tally: &mut Tally,
    ) -> Option<bool> {
        scope.bind_at("item", value.node, value.at.pointer.clone().unwrap_or_default());
        match self.failed.expression.selects(scope) {
            Truth::Holds { .. } => Some(true),
            Truth::DoesNotHold(_) => Some(false),
            Truth::Trouble(trouble) => {
                let at =
                    trouble.at.as_ref().and_then(|at| value.place(at, "item").or_else(|| expression::place(at, evidence)));
                tally.keep(expression::fault(&trouble, self.failed.expression.text(), at, &value.at));
                None
            }
        }
    }
}

/// What an item states of its end.
fn codes(value: &Value<'_>) -> (Option<i128>, Option<i128>) {
    let number = |key| value.node.get(key).and_then(Node::number).and_then(|number| number.as_integer());
    (number("exit_code"), number("failed"))
}

impl Check for NoRegression {
    fn declares(&self) -> Vec<Declared> {
        let places = || self.now.iter().chain(&self.before);
        let mut all = super::values::declared_keys(places(), &self.name);
        let places: Vec<&Place> = places().collect();
        all.extend(expression::declares([&self.failed], &[("item", &places)]));
        all
    }

    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        let mut reads = whole(self.now.iter().chain(&self.before));
        reads.extend(expression::reads([&self.failed]));
        reads.extend(self.diff.clone().map(|diff| (diff, Use::Whole)));
        reads.extend(self.quarantine.iter().flat_map(Ids::whole));
        reads.sort();
        reads.dedup();
        reads
    }

    fn parameters(&self) -> Vec<String> {
        expression::parameters([&self.failed])
    }

    fn cautions(&self) -> Vec<Refusal> {
        expression::doubts([&self.failed])
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }

    fn notes(&self, evidence: &Admitted<'_>) -> Vec<Note> {
        if self.quarantine.is_none() || self.diff_only {
            return Vec::new();
        }
        self.excused(evidence).unwrap_or_default()
    }
}

#[cfg(test)]
#[path = "no_regression_tests.rs"]
mod cases;
