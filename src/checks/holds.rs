//! Asserts that an expression over the evidence is true.
//!
//! `that` is an expression in the syntax of CEL. Its names are the gate's evidence, `policy` (the policy's parameters), `now` and `run`
//! (`run.name` of its directory, `run.id`, `run.commit`; `null` without a run). Evidence with several files is a list. A field that is missing or mistyped is
//! a finding, never true or false. [Functions](expressions.md) and [fields](../evidence/fields.md) have pages of their own.
//!
//! ```toml
//! [evidence.sweeps]
//! path = "repo:tests/perf/reports/parameter_sweeps.json"
//!
//! [[check]]
//! kind = "holds"
//! that = "sweeps.readiness.status == 'ready' ? sweeps.readiness.blocking_reasons.size() == 0 : true"
//!
//! [[check]]
//! kind = "holds"
//! that = "!has(sweeps.note) || sweeps.note != ''"
//! absence = "A sweep without remarks has no note."
//! ```
//!
//! Texts compare by code point, in which `9.11.2` comes after `18.0.0`: write `version(doc.node) >= version('18.0.0')`, or `double(..)` for
//! numbers. `lint` doubts a literal that looks like either; two texts whose order as numbers or versions is another one are the finding `wrong-type`.
//!
//! `message` is the sentence that people read instead of the values that decided; an expression between braces is filled in from the evidence,
//! and `{{` is a plain brace.
//!
//! `has(...)` lets a missing field pass, so `lint` doubts it unless `absence` says why that is fine. Optional evidence that is
//! absent makes the check a skip; an expression that speaks of `null` is evaluated, and sees `null` there.
//!
//! Findings: `not-so` (with the values that decided); `missing-field`, `wrong-type` and other words for an expression without an answer
//! (`overflow`, `division-by-zero`, `bad-timestamp`, `bad-version`, ...), at the field that is to blame. Errors: the expression is true only because the
//! lists in it are empty (`each-holds` can allow that), it took too many steps, or the policy lacks a parameter.

use super::expression::{self, Condition, cautions};
use super::tally::Tally;
use super::template::{self, Template};
use crate::definition::{Keys, Read, Refusal, Stricter};
use crate::expr::Truth;
use crate::gate::{Admitted, Check, CheckKind, Declared, Refused, Use};
use crate::model::{EvidenceId, Finding, Measure, Outcome, Where};

/// The kind `holds`.
pub static HOLDS: CheckKind =
    CheckKind { id: "holds", about: "an expression over the evidence is true", docs: include_str!("holds.rs"), parse };

struct Holds {
    that: Condition,
    expect: Option<String>,
    message: Option<Template>,
    absence: Option<String>,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[("that", Stricter::Unclear), ("absence", Stricter::Prose), ("message", Stricter::Prose)]);
    let doc = "The expression that must be true.";
    let that = keys.custom("that", true, expression::kind(), doc, |raw| expression::read(raw, &[]));
    let absence = keys.optional("absence", "Why what `has(...)` asks for may be absent.");
    let message = keys.custom("message", false, String::kind(), template::MESSAGE, |raw| Template::read(raw, &[]));
    let expect = keys.again("expect", String::read);
    let that = that?;
    if that.evidence.is_empty() {
        let refusal = Refusal::new("the expression names no evidence, so it says nothing about it");
        keys.refuse("that", refusal.code(crate::diagnostic::Code::VACUOUS));
        return None;
    }
    Some(Box::new(Holds { that, expect, message, absence }))
}

impl Holds {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        let run = expression::run(evidence.context);
        let scope = expression::scope(&self.conditions(), evidence, &run)?;
        let text = self.that.expression.text();
        let first = self.first(evidence);
        let mut tally = Tally::default();
        match self.that.expression.holds(&scope) {
            Truth::Holds { examined: false } => {}
            Truth::Holds { .. } => tally.examined(),
            Truth::DoesNotHold(operands) => {
                let expected = self.expect.clone().unwrap_or_else(|| format!("`{text}`"));
                let places = operands.iter().filter_map(|operand| operand.at.as_ref());
                let at = places.filter_map(|at| expression::place(at, evidence)).next().unwrap_or(first.clone());
                let finding = Finding::new("not-so", expected, expression::told(&operands)).at(at);
                let message = match &self.message {
                    Some(message) => message.fill(&scope),
                    None => expression::sentence(self.expect.as_deref(), &operands),
                };
                tally.find(finding.saying(message));
            }
            Truth::Trouble(trouble) => {
                let at = trouble.at.as_ref().and_then(|at| expression::place(at, evidence));
                tally.keep(expression::fault(&trouble, text, at, &first));
            }
        }
        Ok(tally.finish(|| ("items in the lists of the expression, at least one".to_owned(), first)))
    }

    fn conditions(&self) -> Vec<&Condition> {
        [&self.that].into_iter().chain(self.message.iter().flat_map(Template::conditions)).collect()
    }

    /// The first file that the expression reads: where findings without a place of their own are shown.
    fn first(&self, evidence: &Admitted<'_>) -> Where {
        let artifacts = self.that.evidence.iter().filter_map(|id| evidence.artifacts(id).ok()).flatten();
        artifacts.map(|artifact| Where::file(&artifact.path.shown)).next().unwrap_or_else(|| Where::file("evidence"))
    }
}

impl Check for Holds {
    fn declares(&self) -> Vec<Declared> {
        expression::declares([&self.that], &[])
    }

    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        expression::reads(self.conditions())
    }

    fn named_in_expressions(&self) -> Vec<EvidenceId> {
        self.conditions().into_iter().flat_map(|condition| condition.evidence.iter().cloned()).collect()
    }

    fn parameters(&self) -> Vec<String> {
        expression::parameters(self.conditions())
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }

    fn measures(&self, evidence: &Admitted<'_>) -> Vec<Measure> {
        let run = expression::run(evidence.context);
        expression::scope(&[&self.that], evidence, &run)
            .map(|scope| self.that.expression.measures(&scope, None))
            .unwrap_or_default()
    }

    fn cautions(&self) -> Vec<Refusal> {
        cautions(self.absence.as_deref(), [&self.that])
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Bench, refused, sound};
    use crate::model::{GapKind, Outcome};

    fn bench(that: &str) -> Bench {
        Bench::new(&format!("kind = 'holds'\nthat = \"{that}\""))
    }

    const READY: &str = "s.status == 'ready' ? s.reasons.size() == 0 : true";

    #[test]
    fn what_is_true_passes_and_what_is_not_shows_its_values() {
        assert_eq!(bench(READY).json("s", r#"{"status": "ready", "reasons": []}"#).told(), ["pass 1"]);
        assert_eq!(bench(READY).json("s", r#"{"status": "blocked"}"#).told(), ["pass 1"]);
        let told = bench(READY).json("s", r#"{"status": "ready", "reasons": ["x"]}"#).told();
        assert_eq!(told.len(), 1);
        assert!(told[0].starts_with("not-so s.json#/status: `s.status == 'ready' ? "), "{told:?}");
        assert!(told[0].ends_with("| `s.status` = \"ready\", `s.reasons.size()` = 1"), "{told:?}");
    }

    #[test]
    fn the_authors_words_are_what_was_expected() {
        let told = Bench::new("kind = 'holds'\nthat = 's.n > 1'\nexpect = 'more than one'").json("s", r#"{"n": 1}"#).told();
        assert_eq!(told, ["not-so s.json#/n: more than one | `s.n` = 1"]);
    }

    #[test]
    fn a_message_says_what_is_wrong_with_the_values_filled_in() {
        let check = "kind = 'holds'\nthat = 's.n <= policy.most'\nmessage = '{s.n} issues are open, at most {policy.most} may be ({s.none})'";
        let bench = || Bench::new(check).parameter("most", "3");
        assert_eq!(bench().json("s", r#"{"n": 3}"#).told(), ["pass 1"]);
        let failed = bench().json("s", r#"{"n": 4}"#).outcome();
        let Outcome::Fail(findings, _) = failed else { panic!("{failed:?}") };
        let finding = &findings.as_slice()[0];
        // A place that is not there spoils nothing else.
        assert_eq!(finding.sentence(), "4 issues are open, at most 3 may be ((no s.none))");
        assert_eq!(finding.actual, "`s.n` = 4, `policy.most` = 3");
        let damaged = bench().json("s", r#"{"n": "4"}"#).told();
        assert!(damaged[0].starts_with("wrong-type s.json#/n: "), "{damaged:?}");
        let refused = refused("kind = 'holds'\nthat = 's.n > 1'\nmessage = '{s.n'", &["s"]);
        assert!(refused.iter().any(|line| line.contains("a `{` has no `}` behind it")), "{refused:?}");
    }

    #[test]
    fn trouble_is_a_finding_at_the_field() {
        let told = bench("s.n > 1").json("s", "{}").told();
        assert!(told[0].starts_with("missing-field s.json#/n: "), "{told:?}");
        let told = bench("s.n > 1").json("s", r#"{"n": "5"}"#).told();
        assert!(told[0].starts_with("wrong-type s.json#/n: "), "{told:?}");
        let told = bench("s[1].n > 1").json("s", r#"{"n": 5}"#).json("s", r#"{"m": 5}"#).told();
        assert!(told[0].starts_with("missing-field s-2.json#/n: "), "{told:?}");
    }

    #[test]
    fn parameters_now_and_run_are_there() {
        let json = r#"{"n": 5, "at": "2026-06-15T11:00:00Z"}"#;
        assert_eq!(bench("s.n >= policy.least").json("s", json).parameter("least", "5").told(), ["pass 1"]);
        assert_eq!(bench("timestamp(s.at) < now && run == null").json("s", json).told(), ["pass 1"]);
        let told = bench("s.n >= policy.lest").json("s", json).parameter("least", "5").told();
        assert!(told[0].starts_with("error invalid s.json: "), "{told:?}");
    }

    #[test]
    fn true_over_empty_lists_alone_is_an_error() {
        let told = |that: &str, json: &str| bench(that).json("s", json).told();
        let empty = "error empty s.json: items in the lists of the expression, at least one | nothing to examine";
        assert_eq!(told("s.rows.all(r, r.ok)", r#"{"rows": []}"#), [empty]);
        assert_eq!(told("(s.rows.all(r, r.ok) && s.more.all(r, r.ok))", r#"{"rows": [], "more": []}"#), [empty]);
        assert_eq!(told("s.rows.all(r, r.ok)", r#"{"rows": [{"ok": true}]}"#), ["pass 1"]);
        assert_eq!(told("s.n == 0 && s.rows.all(r, r.ok)", r#"{"n": 0, "rows": []}"#), ["pass 1"]);
    }

    #[test]
    fn what_is_missing_is_never_what_makes_a_condition_true() {
        let evidence = r#"{"v": null, "w": "failed", "rows": [{"s": null}], "none": [], "some": ["a"]}"#;
        let null = |that: &str| bench(that).json("s", evidence).told();
        let empty = "error empty s.json: items in the lists of the expression, at least one | nothing to examine";
        // True only because a value is `null`.
        let mut seen = 0;
        for that in [
            "s.v != 'failed'",
            "!(s.v == 'failed')",
            "'failed' != s.v",
            "s.v != s.w",
            "s.rows.all(r, r.s != 'failed')",
            "!s.rows.exists(r, r.s == 'failed')",
            "s.rows.filter(r, r.s == 'failed').size() == 0",
            "s.v == 'failed' ? false : true",
            "!(s.v in ['failed', 'error'])",
            // Or because neither of two is there, or because what came of a comparison is compared again.
            "s.v == s.rows[0].s",
            "(s.v == 0) == (s.w == 'passed')",
            "(s.v == 'failed') == false",
            "s.rows.map(r, r.s == 'failed').all(failed, !failed)",
        ] {
            let said = null(that);
            assert!(said.iter().any(|line| line.contains("wrong-type")), "{that}: {said:?}");
            seen += 1;
        }
        // True only because a list is empty.
        for that in [
            "s.none.filter(r, r.s == 'failed').size() == 0",
            "size(s.none.filter(r, r.s == 'failed')) <= 3",
            "0 == s.none.filter(r, r.s == 'failed').size()",
            "s.none.map(r, r.s).size() < 1",
            "!('failed' in s.none)",
            "!s.none.exists(r, r.s == 'failed')",
            "sum(s.none) == 0",
            "!('a' in s.none) && s.none.filter(r, r.s == 'x').size() == 0",
        ] {
            assert_eq!(null(that), [empty], "{that}");
            seen += 1;
        }
        // The other side: `null` asked for by its name, values that are there, lists with members, lists that are to be empty.
        for that in [
            "s.v == null",
            "s.w != null",
            "s.v == null || s.v != 'failed'",
            "s.w != 'passed'",
            "[s.v, s.w] == [s.rows[0].s, 'failed']",
            "(s.v != null && s.v == 0) == (s.w == 'passed')",
            "!('failed' in s.some)",
            "s.some.filter(r, r == 'x').size() == 0",
            "s.none.size() == 0",
            "s.none == []",
            "s.w in ['failed', 'error']",
        ] {
            assert_eq!(null(that), ["pass 1"], "{that}");
            seen += 1;
        }
        assert_eq!(seen, 32);
    }

    #[test]
    fn what_is_compared_is_measured_whatever_comes_of_it() {
        let measured = |that: &str, json: &str| bench(that).json("s", json).parameter("most", "3").measured();
        let counts = r#"{"n": 4, "p": 0.5, "total": 9, "took": "90s", "at": "2026-06-15T10:00:00Z", "rows": [{"n": 1, "ok": true}, {"n": 7, "ok": false}], "none": []}"#;
        let mut seen = 0;
        for (that, expected) in [
            ("s.n <= policy.most", "`s.n` 4 (at most 3)"),
            ("s.n <= 5 && s.p > 0.25", "`s.n` 4 (at most 5), `s.p` 0.5 (at least 0.25)"),
            ("3 > s.n", "`s.n` 4 (at most 2)"),
            ("!(s.n > 5)", "`s.n` 4 (at most 5)"),
            ("s.n < s.total", "`s.n` 4 (at most 8)"),
            ("s.n == 4", "`s.n` 4"),
            ("s.none.size() == 0", "items of `s.none` 0 (at most 0)"),
            ("s.rows.filter(r, !r.ok).size() == 0", "counted items of `s.rows` 1 (at most 0)"),
            ("s.rows.all(r, r.n < 7)", "`r.n` of `s.rows` 7 (at most 6)"),
            ("s.rows.all(r, r.ok ? r.n <= 5 : r.n <= 10)", "`r.n` of `s.rows` 7 (at most 10)"),
            ("s.p == null || s.p <= 1.0", "`s.p` 0.5 (at most 1)"),
            ("s.total == 9 ? s.n <= 5 : s.n <= 1", "`s.n` 4 (at most 5)"),
            ("sum(s.rows.map(r, r.n)) <= 9", "sum over `s.rows` 8 (at most 9)"),
            ("[s.n, s.total].max() <= 9", ""),
            ("s.n / s.total <= 1.0", "`s.n / s.total` 0 (at most 1)"),
            ("now - timestamp(s.at) < duration('4h')", "age of `s.at` 2h (at most 4h)"),
            ("timestamp(s.at) > now - duration('4h')", "age of `s.at` 2h (at most 4h)"),
            ("duration(s.took) <= duration('2m')", "`s.took` 1.5 min (at most 2 min)"),
            // Nothing is compared, or nothing that has a value.
            ("s.n != 5", ""),
            ("s.took == '90s'", ""),
            ("s.total == 9 || s.n <= 5", ""),
            ("s.lost <= 5", ""),
            ("s.rows.exists(r, r.n == 7)", ""),
        ] {
            let told = measured(that, counts);
            assert_eq!(told.join(", "), expected, "{that}");
            seen += 1;
        }
        assert_eq!(seen, 23);
    }

    #[test]
    fn absent_evidence_skips_unless_null_is_spoken_of() {
        assert_eq!(bench("s.n > b.n").json("s", r#"{"n": 5}"#).absent("b").told(), ["skip b is absent"]);
        assert_eq!(bench("b == null || s.n > b.n").json("s", r#"{"n": 5}"#).absent("b").told(), ["pass 1"]);
        let told = bench("b == null || s.n > 1").gap("s", GapKind::Stale).absent("b").told();
        assert_eq!(told, ["error stale s: a file | nothing"]);
    }

    #[test]
    fn unsound_expressions_are_refused() {
        let told = |that: &str| refused(&format!("kind = 'holds'\nthat = \"{that}\""), &["sweeps"]);
        assert_eq!(told("1 < 2"), ["vacuous: `that`: the expression names no evidence, so it says nothing about it"]);
        let unknown = told("sweep.n > 1");
        assert!(unknown.len() == 1 && unknown[0].starts_with("expression: `that`: "), "{unknown:?}");
        assert!(told("sweeps.n >")[0].starts_with("expression: `that`: "));
        let hidden = refused("kind = 'holds'\nthat = 'run.n > 1'", &["run"]);
        assert_eq!(hidden, ["expression: `that`: the name `run` is both evidence of the gate and bound by the check"]);
    }

    #[test]
    fn guards_need_a_reason() {
        let cautions = |keys: &str| sound(&format!("kind = 'holds'\n{keys}"), &["s"]).cautions();
        let guarded = cautions("that = '!has(s.n) || s.n > 1'");
        assert_eq!(guarded.len(), 1);
        assert_eq!(guarded[0].message, "without `s.n` the expression may hold all the same");
        let text = "kind = 'holds'\nthat = '!has(s.n) || s.n > 1'";
        assert_eq!(guarded[0].range.clone().and_then(|range| text.get(range)), Some("has(s.n)"));
        assert!(cautions("that = '!has(s.n) || s.n > 1'\nabsence = 'n is new'").is_empty());
        assert_eq!(cautions("that = 's.n > 1'\nabsence = 'n is new'").len(), 1);
        assert!(cautions("that = 's.n > 1'").is_empty());
    }

    #[test]
    fn versions_have_an_order_and_texts_that_look_so_have_none() {
        let told = |that: &str, node: &str| bench(that).json("s", &format!("{{\"node\": \"{node}\"}}")).told();
        let least = "version(s.node) >= version('18.0.0')";
        for node in ["18.0.0", "v18", "18.0.1", "20.1", "100.0.0"] {
            assert_eq!(told(least, node), ["pass 1"], "{node}");
        }
        for node in ["9.11.2", "17.99", "18.0.0-rc.1"] {
            assert!(told(least, node)[0].starts_with("not-so s.json#/node: "), "{node}");
        }
        for node in ["", "latest", "18.x"] {
            assert!(told(least, node)[0].starts_with("bad-version s.json#/node: "), "{node}");
            // Never false either: what is refused does not pass the other way round.
            assert!(told(&format!("!({least})"), node)[0].starts_with("bad-version "), "{node}");
        }
        let texts = "s.node >= '18.0.0'";
        assert!(told(texts, "9.11.2")[0].starts_with("wrong-type s.json#/node: "));
        assert!(told("!(s.node < '18.0.0')", "9.11.2")[0].starts_with("wrong-type "));
        assert!(told("s.node >= '80'", "9.5")[0].starts_with("wrong-type "));
        assert_eq!(told(texts, "19.0.0"), ["pass 1"]);
        assert_eq!(told("s.node < '2026-02-01'", "2026-01-31"), ["pass 1"]);
        let floor = |node: &str| {
            bench("s.node >= policy.least")
                .json("s", &format!("{{\"node\": \"{node}\"}}"))
                .parameter("least", "\"18.0.0\"")
                .told()
        };
        assert!(floor("9.11.2")[0].starts_with("wrong-type "));
        assert_eq!(floor("20.0.0"), ["pass 1"]);
    }

    #[test]
    fn ordered_literals_are_doubted() {
        let cautions = sound("kind = 'holds'\nthat = 's.node >= \"18.0.0\"'", &["s"]).cautions();
        assert_eq!(cautions.len(), 1);
        assert_eq!(cautions[0].message, "\"18.0.0\" is compared as a text: \"9\" comes after \"18\"");
        assert!(sound("kind = 'holds'\nthat = 'version(s.node) >= version(\"18\")'", &["s"]).cautions().is_empty());
    }

    #[test]
    fn a_missing_field_names_those_that_are_there() {
        let told = bench("s.staus == 'x'").json("s", r#"{"status": "x", "n": 1}"#).told();
        assert!(told[0].ends_with("| only `n`, `status`; did you mean `status`?"), "{told:?}");
        let told = bench("s.path == 'x'").json("s", r#"{"name": "x"}"#).told();
        assert!(told[0].ends_with("| only `name`"), "{told:?}");
    }
}
