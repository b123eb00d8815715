//! Asserts that each result of a run counts what the log or test report beside it tells.
//!
//! `results` are the result documents, one for each target: `exit_code`, `passed`, `failed`, `ignored`. `reports` is evidence of test reports
//! (`format = "test-output"`, `"junit"`, ...); those in the directory of a result are its own, and each of them must agree. Each result
//! needs one: optional evidence that is absent holds none, and neither does a log that names no tests.
//!
//! ```toml
//! [evidence.results]
//! path = "run:**/result.json"
//! pick = "all"
//! [evidence.reports]
//! path = "run:**/{output.log,junit.xml,events.jsonl}"
//! pick = "all"
//! format = "test-output"
//!
//! [[check]]
//! kind = "recount-agrees"
//! results = "results"
//! reports = ["reports"]
//! ```
//!
//! Flaky tests count as passed, errored ones as failed. A test or a suite that failed contradicts an exit code of 0; a target that
//! exits with another one although no test failed may have crashed afterwards.
//!
//! Findings: `contradiction` (both values and both places; also counts in a report that its own items do not come to), `cut-short` (the report stops
//! before its end), `no-report`, `missing-field`, `wrong-type`. Errors: evidence that is no test report, a log that names no tests with
//! no report beside it, or no result at all.

use super::reports::{Ids, Reported, directory, told, unreported};
use super::tally::Tally;
use super::values::{Value, admit, shown};
use crate::definition::{Keys, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Declared, Place, Refused, Use};
use crate::model::{EvidenceId, Finding, Node, Outcome, Pointer, Remark, TestTotals, Where};

/// The kind `recount-agrees`.
pub static RECOUNT_AGREES: CheckKind = CheckKind {
    id: "recount-agrees",
    about: "each result counts what its log or test report tells",
    docs: include_str!("recount_agrees.rs"),
    parse,
};

struct RecountAgrees {
    results: EvidenceId,
    reports: Ids,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[("results", Stricter::Unclear), ("reports", Stricter::Unclear)]);
    let results = keys.required("results", "The result documents.");
    let reports = keys.required("reports", "The evidence of test reports that lie beside them.");
    Some(Box::new(RecountAgrees { results: results?, reports: reports? }))
}

impl RecountAgrees {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        let present: Vec<EvidenceId> = self.reports.0.iter().filter(|id| !evidence.is_absent(id)).cloned().collect();
        admit(evidence, [&self.results].into_iter().chain(&present))?;
        let (reports, silent) = told(evidence, &present)?;
        let mut tally = Tally::default();
        for doc in evidence.documents(&self.results)? {
            let result = Value { node: doc.root, at: doc.at(Pointer::root()) };
            tally.examined();
            if !result.node.is_map() {
                tally.find(result.wrong_type("an object"));
                continue;
            }
            let home = directory(doc.artifact);
            let mut own = reports.iter().filter(|reported| directory(reported.artifact) == home).peekable();
            if own.peek().is_none() {
                if let Some(log) = silent.iter().find(|log| directory(log) == home) {
                    tally.gap(unreported(log));
                    continue;
                }
                let expected = format!("a log or test report beside {}", result.at);
                let message = format!("`{}` has neither log nor test report beside it", result.at.path);
                tally.find(Finding::new("no-report", expected, "none").saying(message).at(result.at.clone()));
            }
            own.for_each(|reported| compare(&result, *reported, &mut tally));
        }
        Ok(tally.finish(|| (format!("results of `{}`", self.results), Where::file(self.results.to_string()))))
    }
}

fn compare(result: &Value<'_>, reported: Reported<'_>, tally: &mut Tally) {
    let Reported { artifact, report } = reported;
    // A result is of one target, and cargo's word that it tried no later ones says nothing about it.
    let cut_short: Vec<&Remark> = report.cut_short.iter().filter(|remark| !remark.later_targets).collect();
    for remark in &cut_short {
        let (message, at) = reported.remark(remark);
        let sentence = format!("`{}` is cut short: {message}", reported.artifact.path.rel);
        tally.find(Finding::new("cut-short", "a run that came to its end", message).saying(sentence).at(at));
    }
    for contradiction in &report.contradictions {
        let at = reported.at(&contradiction.at);
        tally.find(Finding::new("contradiction", contradiction.items.clone(), contradiction.stated.clone()).at(at));
    }
    // Counts of a report that stops half way say the same once more.
    if !cut_short.is_empty() {
        return;
    }
    let totals = TestTotals::of(&report.suites);
    let failed = totals.failed + totals.errored;
    let counts = [("passed", totals.passed + totals.flaky), ("failed", failed), ("ignored", totals.skipped)];
    for (key, counted) in counts {
        let Some(stated) = number(result, key, tally) else { continue };
        if stated != counted as i128 {
            let expected = format!("{counted}, as counted in {}", artifact.path);
            let message = format!("`{key}` is {stated}, and {} shows {counted}", artifact.path);
            let finding = Finding::new("contradiction", expected, stated.to_string()).saying(message);
            tally.find(finding.at(result.at_key(key)));
        }
    }
    let broken = report.suites.iter().map(|suite| suite.errors.len()).sum::<usize>();
    if number(result, "exit_code", tally) == Some(0) && failed + broken > 0 {
        let expected = format!("an exit code other than 0, because of {} failed in {}", failed + broken, artifact.path);
        tally.find(Finding::new("contradiction", expected, "0").at(result.at_key("exit_code")));
    }
}

fn number(result: &Value<'_>, key: &str, tally: &mut Tally) -> Option<i128> {
    let Some(value) = result.get(key) else {
        tally.find(Finding::new("missing-field", format!("`{key}`, an integer"), "nothing").at(result.at_key(key)));
        return None;
    };
    let integer = Node::number(value.node).and_then(|number| number.as_integer());
    if integer.is_none() {
        tally.find(Finding::new("wrong-type", "an integer", shown(value.node)).at(value.at));
    }
    integer
}

impl Check for RecountAgrees {
    fn declares(&self) -> Vec<Declared> {
        let keys = ["passed", "failed", "ignored", "exit_code"];
        keys.map(|key| Declared::Value(Place::of(&self.results, key))).to_vec()
    }

    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        let mut reads = self.reports.whole();
        reads.push((self.results.clone(), Use::Whole));
        reads.sort();
        reads.dedup();
        reads
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Bench, report};
    use crate::model::GapKind;

    const RESULT: &str = r#"{"exit_code": 101, "passed": 2, "failed": 1, "ignored": 1}"#;

    fn bench(result: &str) -> Bench {
        Bench::new("kind = 'recount-agrees'\nresults = 'r'\nreports = ['log', 'more']").json("r", result)
    }

    fn told(result: &str, log: &str) -> Vec<String> {
        bench(result).tests("log", report(log)).absent("more").told()
    }

    #[test]
    fn what_agrees_passes() {
        assert_eq!(told(RESULT, "s\n a ok\n b bad ok\n c bad\n d skip"), ["pass 1"]);
        assert_eq!(told(r#"{"exit_code": 101, "passed": 1, "failed": 0, "ignored": 0}"#, "s\n a ok"), ["pass 1"]);
    }

    #[test]
    fn both_values_and_both_places_are_told() {
        assert_eq!(
            told(RESULT, "s\n a ok\n c error\n d skip\n e skip"),
            [
                "contradiction r.json#/passed: 1, as counted in log.xml | 2",
                "contradiction r.json#/ignored: 2, as counted in log.xml | 1"
            ]
        );
        let zero = r#"{"exit_code": 0, "passed": 0, "failed": 1, "ignored": 0}"#;
        assert_eq!(
            told(zero, "s\n a bad"),
            ["contradiction r.json#/exit_code: an exit code other than 0, because of 1 failed in log.xml | 0"]
        );
        assert_eq!(told(&zero.replace('1', "0"), "s\nerror").len(), 1);
    }

    #[test]
    fn a_report_that_stops_or_contradicts_itself_is_found() {
        assert_eq!(told(RESULT, "s\n a ok\ncut"), ["cut-short log.xml:3: a run that came to its end | it stopped"]);
        let lines = told(r#"{"exit_code": 0, "passed": 1, "failed": 0, "ignored": 0}"#, "s\n a ok\nnot");
        assert_eq!(lines, ["contradiction log.xml:3: 1 test | 2 tests"]);
    }

    #[test]
    fn targets_that_cargo_did_not_try_are_none_of_this_result() {
        use crate::model::{Remark, Spot};
        let mut log = report("s\n a ok\n b ok\n c bad\n d skip");
        log.cut_short.push(Remark::later_targets(Spot::Line(9)));
        assert_eq!(bench(RESULT).tests("log", log).absent("more").told(), ["pass 1"]);
    }

    #[test]
    fn every_result_needs_a_report_and_every_report_agrees() {
        let two = bench(RESULT).tests("log", report("s\n a ok\n b ok\n c bad\n d skip"));
        assert_eq!(
            two.tests("more", report("s\n a ok\n c bad\n d skip")).told(),
            ["contradiction r.json#/passed: 1, as counted in more.xml | 2"]
        );
        let none = bench(RESULT).absent("log").absent("more").told();
        assert_eq!(none, ["no-report r.json: a log or test report beside r.json | none"]);
        assert!(bench(RESULT).gap("log", GapKind::Malformed).absent("more").told()[0].starts_with("error malformed"));
        let silent = "error malformed log.txt: the log of a test runner that names its tests, or a test report beside it | a log without them";
        assert_eq!(bench(RESULT).text("log", "x").absent("more").told(), [silent]);
        let beside = bench(RESULT).text("log", "x").tests("more", report("s\n a ok\n b ok\n c bad\n d skip"));
        assert_eq!(beside.told(), ["pass 1"]);
        assert!(bench(RESULT).json("log", "{}").absent("more").told()[0].starts_with("error invalid log.json"));
    }

    #[test]
    fn fields_of_the_result_are_needed() {
        let lines = told(r#"{"exit_code": "0", "passed": 1, "failed": 0}"#, "s\n a ok");
        assert_eq!(
            lines,
            [
                "missing-field r.json#/ignored: `ignored`, an integer | nothing",
                "wrong-type r.json#/exit_code: an integer | \"0\""
            ]
        );
    }
}
