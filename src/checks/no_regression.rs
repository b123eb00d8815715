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
//!
//! [[check]]
//! kind = "no-regression"
//! now = ["summary.suites", "summary.units"]
//! before = ["baseline.suites", "baseline.units"]
//! name = ["suite", "target"]
//! failed = "item.exit_code != 0"
//! diff = "diff"
//! ```
//!
//! `diff` is the recorded comparison: `status` and, in `summary`, `regression_count`, `new_failures`, `fixed`, `still_failing`. It is recomputed;
//! where the record is optional and absent, nothing is compared. With `diff_only = true` the record alone is judged, and what
//! became of the items is left to another check; a record that is absent then leaves nothing to judge. The record of one shard of
//! a run may leave out what is gone, because other shards may have it, or count it.
//!
//! Findings: ranked, `regression` before `new-failure`, each with its name; `contradiction` (a name that is there twice in one run, a recorded
//! comparison that says something else); `missing-field`, `wrong-type`, `blank` and the words of `holds` for `failed`. Errors: one of the
//! runs has no items; and those of `holds`.

use super::expression::{self, Condition};
use super::tally::Tally;
use super::values::{Value, admit, head, members, shown, whole};
use crate::definition::{Keys, Refusal, Stricter};
use crate::expr::{Scope, Truth};
use crate::gate::{Admitted, Check, CheckKind, Declared, Doc, Place, Refused, Use};
use crate::model::{Change, Comparison, EvidenceId, Finding, Gap, GapKind, Outcome, Pointer, Where};
use std::collections::BTreeMap;

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
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[
        ("now", Stricter::Unclear),
        ("before", Stricter::Unclear),
        ("name", Stricter::Unclear),
        ("failed", Stricter::Unclear),
        ("diff", Stricter::Given),
        ("diff_only", Stricter::False),
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
    let check = NoRegression { now: now?, before: before?, name: name?, failed: failed?, diff, diff_only };
    (!diff_refused && (given || !diff_only)).then_some(Box::new(check))
}

/// An item of one run: whether it failed, and where it stands.
struct Item {
    failed: bool,
    at: Where,
}

/// The items of one run by the key that names them and the name.
type Items = BTreeMap<(String, String), Item>;

/// What is told of a change; nothing of those that are no news.
fn finding(name: &(String, String), change: Change, before: &Items, now: &Items) -> Option<Finding> {
    let shown = format!("{} `{}`", name.0, name.1);
    let (finding, at) = match change {
        Change::Regression => {
            let expected = format!("{shown} passes, as at {}", before[name].at);
            (Finding::new("regression", expected, format!("{shown} fails")), &now[name].at)
        }
        Change::Gone => {
            let finding = Finding::new("regression", format!("{shown} passes, as here"), format!("{shown} is gone"));
            (finding, &before[name].at)
        }
        Change::NewFailure => {
            let actual = format!("{shown} fails and was not there before");
            (Finding::new("new-failure", "nothing new that fails", actual), &now[name].at)
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
        Some(status) => tally.find(Finding::new("contradiction", expected, shown(status)).at(diff.at(at))),
    }
    for (key, count) in comparison.counts() {
        let at = field(&["summary", key]);
        let expected = format!("{count}, recomputed from both runs");
        match diff.root.at(&at).map(|node| (node, node.number().and_then(|number| number.as_integer()))) {
            None => tally.find(missing(at, expected)),
            Some((node, None)) => tally.find(Finding::new("wrong-type", expected, shown(node)).at(diff.at(at))),
            Some((_, Some(recorded))) if recorded == count as i128 => {}
            Some((node, Some(_))) => {
                tally.find(Finding::new("contradiction", expected, shown(node)).at(diff.at(at)));
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
        let now = self.items(evidence, &self.now, &mut scope, &mut tally)?;
        let before = self.items(evidence, &self.before, &mut scope, &mut tally)?;
        // What cannot be told apart cannot be compared either: a comparison without these items would say too little.
        if tally.is_clean() {
            let comparison = Comparison::of(&before, &now, |item| item.failed);
            now.iter().chain(&before).for_each(|_| tally.examined());
            for (name, change) in comparison.changes.iter().filter(|_| !self.diff_only) {
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
                tally.find(Finding::new("contradiction", expected, "one more of this name").at(value.at));
            } else {
                items.insert(name, Item { failed, at: value.at });
            }
        }
        Ok(items)
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
        match self.failed.expression.holds(scope) {
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
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use crate::model::GapKind;

    fn bench(now: &str, before: &str) -> Bench {
        let check = "kind = 'no-regression'\nnow = ['n.suites', 'n.units']\nbefore = ['b.suites', 'b.units']
            name = ['suite', 'target']\nfailed = 'item.exit_code != 0'\ndiff = 'd'";
        Bench::new(check).json("n", now).json("b", before)
    }

    /// A run in which these suites and units exit with these codes.
    fn run(suites: &[(&str, i32)], units: &[(&str, i32)]) -> String {
        let items = |key: &str, items: &[(&str, i32)]| {
            let rows: Vec<String> =
                items.iter().map(|(name, code)| format!(r#"{{"{key}": "{name}", "exit_code": {code}}}"#)).collect();
            rows.join(", ")
        };
        format!(r#"{{"suites": [{}], "units": [{}]}}"#, items("suite", suites), items("target", units))
    }

    fn diff(status: &str, counts: [usize; 4]) -> String {
        let [regressions, new, fixed, still] = counts;
        format!(
            r#"{{"status": "{status}", "summary": {{"regression_count": {regressions}, "new_failures": {new},
            "fixed": {fixed}, "still_failing": {still}}}}}"#
        )
    }

    #[test]
    fn stable_runs_and_known_failures_pass() {
        let told = |now: &str, before: &str, diff: &str| bench(now, before).json("d", diff).told();
        let same = run(&[("a", 0)], &[("a", 0)]);
        assert_eq!(told(&same, &same, &diff("stable", [0; 4])), ["pass 4"]);
        let known = run(&[("a", 1)], &[("a", 0)]);
        assert_eq!(told(&known, &known, &diff("known_failures_only", [0, 0, 0, 1])), ["pass 4"]);
        assert_eq!(told(&same, &known, &diff("stable", [0, 0, 1, 0])), ["pass 4"]);
        let gone = run(&[], &[("a", 0)]);
        assert_eq!(told(&gone, &known, &diff("known_failures_only", [0, 0, 0, 1])), ["pass 3"]);
    }

    #[test]
    fn regressions_come_first() {
        let now = run(&[("new", 2), ("a", 1)], &[]);
        let before = run(&[("a", 0), ("gone", 0)], &[]);
        assert_eq!(
            bench(&now, &before).absent("d").told(),
            [
                "regression n.json#/suites/1: suite `a` passes, as at b.json#/suites/0 | suite `a` fails",
                "regression b.json#/suites/1: suite `gone` passes, as here | suite `gone` is gone",
                "new-failure n.json#/suites/0: nothing new that fails | suite `new` fails and was not there before"
            ]
        );
    }

    #[test]
    fn the_recorded_comparison_must_agree() {
        let (now, before) = (run(&[("a", 1)], &[]), run(&[("a", 1)], &[]));
        assert_eq!(
            bench(&now, &before).json("d", &diff("stable", [0, 0, 1, 0])).told(),
            [
                "contradiction d.json#/status: `known_failures_only`, recomputed from both runs | \"stable\"",
                "contradiction d.json#/summary/fixed: 0, recomputed from both runs | 1",
                "contradiction d.json#/summary/still_failing: 1, recomputed from both runs | 0"
            ]
        );
        assert_eq!(bench(&now, &before).json("d", r#"{"summary": {"fixed": "0"}}"#).told().len(), 5);
        assert_eq!(bench(&now, &before).gap("d", GapKind::Malformed).told(), ["error malformed d: a file | nothing"]);
    }

    #[test]
    fn the_record_can_be_judged_alone() {
        let only = |now: &str, before: &str| {
            let check = "kind = 'no-regression'\nnow = ['n.suites']\nbefore = ['b.suites']\nname = ['suite']
                failed = 'item.exit_code != 0'\ndiff = 'd'\ndiff_only = true";
            Bench::new(check).json("n", now).json("b", before)
        };
        let (now, before) = (run(&[("a", 1)], &[]), run(&[("a", 0), ("gone", 0)], &[]));
        let (all, shown) = (diff("regression", [2, 0, 0, 0]), diff("regression", [1, 0, 0, 0]));
        assert_eq!(only(&now, &before).json("d", &all).told(), ["pass 3"]);
        assert_eq!(only(&now, &before).absent("d").told().len(), 1);
        assert!(only(&now, &before).absent("d").told()[0].starts_with("skip"));
        // What is gone from the run is a regression. What is not in a shard may be in another one.
        let told = only(&now, &before).json("d", &shown).told();
        assert_eq!(told, ["contradiction d.json#/summary/regression_count: 2, recomputed from both runs | 1"]);
        assert_eq!(only(&now, &before).part().json("d", &shown).told(), ["pass 3"]);
        assert_eq!(only(&now, &before).part().json("d", &all).told(), ["pass 3"]);
        let other = diff("regression", [0, 1, 0, 0]);
        assert_eq!(only(&now, &before).part().json("d", &other).told().len(), 2);
    }

    #[test]
    fn items_that_cannot_be_told_apart_are_found() {
        let twice = run(&[("a", 0), ("a", 1)], &[]);
        assert_eq!(
            bench(&twice, &run(&[("a", 0)], &[])).absent("d").told(),
            ["contradiction n.json#/suites/1: one suite `a`, as at n.json#/suites/0 | one more of this name"]
        );
        let damaged = r#"{"suites": [{"exit_code": 0}, {"suite": "a"}, 5], "units": [{"target": " ", "exit_code": 0}]}"#;
        let told = bench(damaged, &run(&[("a", 0)], &[])).absent("d").told();
        assert_eq!(told.len(), 4);
        assert_eq!(told[0], "missing-field n.json#/suites/0/suite: a name in `suite` or `target` | nothing");
        assert!(told[1].starts_with("missing-field n.json#/suites/1/exit_code: "), "{told:?}");
        assert!(told[2].starts_with("wrong-type n.json#/suites/2: an object"), "{told:?}");
        assert!(told[3].starts_with("blank n.json#/units/0/target: "), "{told:?}");
    }

    #[test]
    fn a_run_without_items_is_an_error_and_no_baseline_a_skip() {
        let (some, none) = (run(&[("a", 0)], &[]), run(&[], &[]));
        let told = bench(&none, &some).absent("d").told();
        assert_eq!(told, ["error empty n.json#/suites: items at `n.suites` | nothing to examine"]);
        let told = bench(&some, &none).absent("d").told();
        assert_eq!(told, ["error empty b.json#/suites: items at `b.suites` | nothing to examine"]);
        let check = "kind = 'no-regression'\nnow = ['n.s']\nbefore = ['b.s']\nname = ['suite']\nfailed = 'item.x'";
        assert_eq!(Bench::new(check).json("n", "{}").absent("b").told(), ["skip b is absent"]);
    }
}
