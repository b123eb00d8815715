//! Asserts that the records of one place are those of another: the same names, each once, with the same values.
//!
//! `primary` leads to the records that are believed, `derived` to those that repeat them: copies in a summary, rows of an index,
//! a list of names. A list stands for its items, a bare id for the top value of each of its documents. `name` is the key that
//! names a record; a record that is a text is a name and nothing else. Each record that is primary must be there once among the derived ones,
//! and no other. `fields` are the keys whose values must be equal; all keys of both records if not given.
//!
//! ```toml
//! [evidence.results]
//! path = "run:**/result.json"
//! pick = "all"
//! [evidence.summary]
//! path = "run:summary.json"
//!
//! [[check]]
//! kind = "records-agree"
//! primary = "results"
//! derived = "summary.suites"
//! name = "suite"
//! fields = ["exit_code", "passed"]
//!
//! [[check]]
//! kind = "records-agree"
//! primary = ["results"]
//! derived = "summary.failed_names"
//! name = "suite"
//! where = "item.exit_code != 0"
//! allow_empty = true
//! ```
//!
//! With `where`, an expression over `item`, only primary records for which it is true count; a derived one for any other is one too many.
//! Optional evidence that is absent holds no records. `absence` is as in `holds`.
//!
//! Findings: `contradiction` (with both values and both places), `missing-record`, `extra-record`, `duplicate-record`, `missing-field`,
//! `wrong-type`, `blank`, and the words of `holds` for `where`. Errors: no primary record counts, unless `allow_empty = true`; and
//! those of `holds`.

use super::expression::{self, Condition, cautions};
use super::tally::Tally;
use super::values::{Places, Value, admit, head, members, shown, whole};
use crate::definition::{Keys, Refusal, Stricter};
use crate::expr::{Scope, Truth};
use crate::gate::{Admitted, Check, CheckKind, Declared, Place, Refused, Use};
use crate::model::{EvidenceId, Finding, Node, Outcome, Where};
use std::collections::{BTreeMap, BTreeSet};

/// The kind `records-agree`.
pub static RECORDS_AGREE: CheckKind = CheckKind {
    id: "records-agree",
    about: "the records of one place are those of another",
    docs: include_str!("records_agree.rs"),
    parse,
};

struct RecordsAgree {
    primary: Places,
    derived: Places,
    name: String,
    fields: Option<Vec<String>>,
    filter: Option<Condition>,
    allow_empty: bool,
    absence: Option<String>,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[
        ("primary", Stricter::Unclear),
        ("derived", Stricter::Unclear),
        ("name", Stricter::Unclear),
        ("fields", Stricter::Unclear),
        ("where", Stricter::Unclear),
        ("allow_empty", Stricter::False),
        ("absence", Stricter::Prose),
    ]);
    let primary = keys.required("primary", "The places of the records that are believed.");
    let derived = keys.required("derived", "The places of the records that repeat them.");
    let name = keys.required("name", "The key that names a record.");
    let given = |keys: &Keys<'_>, key| keys.span(key) != keys.here();
    let doc = "The keys whose values must be equal; all keys of both records if not given.";
    let fields = keys.optional("fields", doc);
    let doc = "The expression over `item` that says which primary records count; all of them if not given.";
    let filter = keys.custom("where", false, expression::kind(), doc, |raw| expression::read(raw, &["item"]));
    let allow_empty = keys.or("allow_empty", false, "Whether there may be no primary record that counts.");
    let absence = keys.optional("absence", "Why what `has(...)` asks for may be absent.");
    // A narrowing that was named and refused must not be left out.
    let refused = (given(keys, "where") && filter.is_none()) || (given(keys, "fields") && fields.is_none());
    let check = RecordsAgree { primary: primary?, derived: derived?, name: name?, fields, filter, allow_empty, absence };
    (!refused).then_some(Box::new(check))
}

/// Records by name, in the order of names.
type Records<'d> = BTreeMap<&'d str, Value<'d>>;

impl RecordsAgree {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        let conditions: Vec<&Condition> = self.filter.iter().collect();
        let asked = expression::asked(&conditions, evidence);
        let present = |place: &&Place| !evidence.is_absent(&place.evidence);
        let places: Vec<&Place> = self.primary.0.iter().chain(&self.derived.0).filter(present).collect();
        admit(evidence, places.iter().map(|place| &place.evidence).chain(asked))?;
        if places.is_empty() {
            evidence.get(&self.primary.0[0].evidence)?;
        }
        let run = expression::run(evidence.context);
        let mut scope = expression::scope(&conditions, evidence, &run)?;
        let mut tally = Tally::default();
        let (mut primary, mut passed_over) = (Records::new(), BTreeSet::new());
        for value in self.records(evidence, &self.primary, &mut tally)? {
            // The filter is asked first: records of another kind, which it passes over, may have another name.
            match self.counts(&value, evidence, &mut scope, &mut tally) {
                Some(true) => {
                    let Some(name) = self.name_of(&value, &mut tally) else { continue };
                    self.keep(&mut primary, name, value, &mut tally);
                }
                Some(false) => passed_over.extend(value.node.get(&self.name).and_then(Node::text)),
                None => {}
            }
        }
        let mut derived = Records::new();
        for value in self.records(evidence, &self.derived, &mut tally)? {
            let Some(name) = self.name_of(&value, &mut tally) else { continue };
            self.keep(&mut derived, name, value, &mut tally);
        }
        for (name, own) in &primary {
            tally.examined();
            match derived.get(name) {
                Some(copy) => self.compare(own, copy, &mut tally),
                None => {
                    let expected = format!("{} `{name}`, as {} says", self.name, own.at);
                    let message = format!("{} `{name}` is missing: {} tells of it", self.name, own.at);
                    let finding = Finding::new("missing-record", expected, "nothing").saying(message);
                    tally.find(finding.at(self.home(evidence)));
                }
            }
        }
        for (name, copy) in derived.iter().filter(|(name, _)| !primary.contains_key(*name)) {
            let which = if passed_over.contains(name) { "one that is there and does not count" } else { "no such record" };
            let expected = format!("only what stands at {}", self.primary);
            let message = match passed_over.contains(name) {
                true => format!("{} `{name}` stands here, and its record at {} does not count", self.name, self.primary),
                false => format!("{} `{name}` stands here, and has no record at {}", self.name, self.primary),
            };
            let finding = Finding::new("extra-record", expected, format!("{} `{name}`: {which}", self.name));
            tally.find(finding.saying(message).at(copy.at.clone()));
        }
        if self.allow_empty && tally.count() == 0 {
            tally.examined();
        }
        Ok(tally.finish(|| (format!("records at {} that count", self.primary), head(evidence, &self.primary.0[0]))))
    }

    /// Where a record that is missing should be.
    fn home(&self, evidence: &Admitted<'_>) -> Where {
        head(evidence, &self.derived.0[0])
    }

    fn records<'d>(&self, evidence: &Admitted<'d>, places: &Places, tally: &mut Tally) -> Result<Vec<Value<'d>>, Refused> {
        let mut records = Vec::new();
        for place in places.0.iter().filter(|place| !evidence.is_absent(&place.evidence)) {
            let ways = members(evidence, std::slice::from_ref(place))?;
            records.extend(ways.into_iter().filter_map(|way| tally.value(way)));
        }
        Ok(records)
    }

    fn name_of<'d>(&self, value: &Value<'d>, tally: &mut Tally) -> Option<&'d str> {
        if !value.node.is_map() {
            return value.text("an object or a name", tally);
        }
        match value.get(&self.name) {
            Some(name) => name.text("a name", tally),
            None => {
                let expected = format!("a name in `{}`", self.name);
                tally.find(Finding::new("missing-field", expected, "nothing").at(value.at_key(&self.name)));
                None
            }
        }
    }

    fn keep<'d>(&self, records: &mut Records<'d>, name: &'d str, value: Value<'d>, tally: &mut Tally) {
        match records.get(name) {
            Some(first) => {
                let expected = format!("one {} `{name}`, as at {}", self.name, first.at);
                let message = format!("{} `{name}` is there twice: first at {}", self.name, first.at);
                let finding = Finding::new("duplicate-record", expected, "one more of this name").saying(message);
                tally.find(finding.at(value.at));
            }
            None => drop(records.insert(name, value)),
        }
    }

    fn counts<'d>(
        &self,
        value: &Value<'d>,
        evidence: &Admitted<'_>,
        scope: &mut Scope<'d>,
        tally: &mut Tally,
    ) -> Option<bool> {
        let Some(filter) = &self.filter else { return Some(true) };
        scope.bind_at("item", value.node, value.at.pointer.clone().unwrap_or_default());
        match filter.expression.selects(scope) {
            Truth::Holds { .. } => Some(true),
            Truth::DoesNotHold(_) => Some(false),
            Truth::Trouble(trouble) => {
                let at = trouble.at.as_ref();
                let at = at.and_then(|at| value.place(at, "item").or_else(|| expression::place(at, evidence)));
                tally.keep(expression::fault(&trouble, filter.expression.text(), at, &value.at));
                None
            }
        }
    }

    fn compare(&self, own: &Value<'_>, copy: &Value<'_>, tally: &mut Tally) {
        let both = own.node.is_map() && copy.node.is_map();
        let fields: Vec<&str> = match &self.fields {
            Some(fields) if !both => {
                let text = if own.node.is_map() { copy } else { own };
                tally.find(text.wrong_type(&format!("an object with {}", quoted(fields))));
                return;
            }
            Some(fields) => fields.iter().map(String::as_str).collect(),
            None if both => {
                let keys: BTreeSet<&str> = own.node.entries().chain(copy.node.entries()).map(|(key, _)| key).collect();
                keys.into_iter().collect()
            }
            None => Vec::new(),
        };
        for field in fields {
            match (own.get(field), copy.get(field)) {
                (Some(value), Some(copied)) if value.node == copied.node => {}
                (Some(value), copied) => {
                    let expected = format!("{}, as {} says", shown(value.node), value.at);
                    let actual = copied.map_or_else(|| "nothing".to_owned(), |copied| shown(copied.node));
                    let message = format!("`{field}` is {actual}, and {} is {}", value.at, shown(value.node));
                    let finding = Finding::new("contradiction", expected, actual).saying(message);
                    tally.find(finding.at(copy.at_key(field)));
                }
                (None, Some(copied)) => {
                    let expected = format!("no `{field}`, as at {}", own.at);
                    let message = format!("`{field}` is {}, and {} has none", shown(copied.node), own.at);
                    tally.find(Finding::new("contradiction", expected, shown(copied.node)).saying(message).at(copied.at));
                }
                (None, None) => {
                    let expected = format!("`{field}`, to compare it");
                    tally.find(Finding::new("missing-field", expected, "nothing").at(own.at_key(field)));
                }
            }
        }
    }
}

fn quoted(words: &[String]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

impl Check for RecordsAgree {
    fn declares(&self) -> Vec<Declared> {
        let places = || self.primary.0.iter().chain(&self.derived.0);
        let keys = [&self.name].into_iter().chain(self.fields.iter().flatten());
        let mut all = super::values::declared_keys(places(), keys);
        if self.fields.is_none() {
            all.extend(places().flat_map(|place| [place.below("*"), place.below("*.*")]).map(Declared::Value));
        }
        let primary: Vec<&Place> = self.primary.0.iter().collect();
        all.extend(expression::declares(&self.filter, &[("item", &primary)]));
        all
    }

    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        let mut reads = whole(self.primary.0.iter().chain(&self.derived.0));
        reads.extend(expression::reads(&self.filter));
        reads.sort();
        reads.dedup();
        reads
    }

    fn parameters(&self) -> Vec<String> {
        expression::parameters(&self.filter)
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }

    fn cautions(&self) -> Vec<Refusal> {
        cautions(self.absence.as_deref(), &self.filter)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use crate::model::GapKind;

    fn bench(keys: &str) -> Bench {
        Bench::new(&format!("kind = 'records-agree'\nprimary = 'r'\nderived = 's.rows'\nname = 'suite'\n{keys}"))
    }

    fn two(keys: &str) -> Bench {
        bench(keys).json("r", r#"{"suite": "a", "exit": 0, "n": 1}"#).json("r", r#"{"suite": "b", "exit": 101, "n": 2}"#)
    }

    #[test]
    fn copies_pass_in_any_order() {
        let rows = r#"{"rows": [{"n": 2, "suite": "b", "exit": 101}, {"suite": "a", "exit": 0, "n": 1.0}]}"#;
        assert_eq!(two("").json("s", rows).told(), ["pass 2"]);
    }

    #[test]
    fn both_values_and_both_places_are_told() {
        let rows = r#"{"rows": [{"suite": "a", "exit": 0}, {"suite": "b", "exit": 0, "n": 2, "more": true}]}"#;
        assert_eq!(
            two("").json("s", rows).told(),
            [
                "contradiction s.json#/rows/0/n: 1, as r.json#/n says | nothing",
                "contradiction s.json#/rows/1/exit: 101, as r-2.json#/exit says | 0",
                "contradiction s.json#/rows/1/more: no `more`, as at r-2.json | true"
            ]
        );
        let told = two("fields = ['n', 'm']").json("s", rows).told();
        assert_eq!(told.len(), 3);
        assert_eq!(told[1], "missing-field r.json#/m: `m`, to compare it | nothing");
    }

    #[test]
    fn names_are_the_same_and_each_once() {
        let rows = r#"{"rows": [{"suite": "a"}, {"suite": "c"}, {"suite": "a"}, {"suit": "b"}, 5]}"#;
        assert_eq!(
            two("fields = ['suite']").json("s", rows).told(),
            [
                "duplicate-record s.json#/rows/2: one suite `a`, as at s.json#/rows/0 | one more of this name",
                "missing-field s.json#/rows/3/suite: a name in `suite` | nothing",
                "wrong-type s.json#/rows/4: an object or a name | 5",
                "missing-record s.json#/rows: suite `b`, as r-2.json says | nothing",
                "extra-record s.json#/rows/1: only what stands at `r` | suite `c`: no such record"
            ]
        );
    }

    #[test]
    fn a_list_of_names_is_exact() {
        let failed = "where = 'item.exit != 0'";
        assert_eq!(two(failed).json("s", r#"{"rows": ["b"]}"#).told(), ["pass 1"]);
        assert_eq!(
            two(failed).json("s", r#"{"rows": ["a"]}"#).told(),
            [
                "missing-record s.json#/rows: suite `b`, as r-2.json says | nothing",
                "extra-record s.json#/rows/0: only what stands at `r` | suite `a`: one that is there and does not count"
            ]
        );
        let told = two("fields = ['n']").json("s", r#"{"rows": ["a", "b"]}"#).told();
        assert_eq!(told[0], "wrong-type s.json#/rows/0: an object with `n` | \"a\"");
    }

    #[test]
    fn nothing_that_counts_is_an_error_unless_allowed() {
        let none = "where = 'item.exit > 200'";
        let told = two(none).json("s", r#"{"rows": []}"#).told();
        assert_eq!(told, ["error empty r.json: records at `r` that count | nothing to examine"]);
        assert_eq!(two(&format!("{none}\nallow_empty = true")).json("s", r#"{"rows": []}"#).told(), ["pass 1"]);
        let told = two("where = 'item.exitt > 200'").json("s", r#"{"rows": []}"#).told();
        assert!(told[0].starts_with("missing-field r.json#/exitt: "), "{told:?}");
    }

    #[test]
    fn records_of_another_kind_are_passed_over_only_if_the_filter_says_so() {
        let mixed = |keys: &str| {
            bench(keys)
                .json("r", r#"{"suite": "a"}"#)
                .json("r", r#"{"target": "u"}"#)
                .json("s", r#"{"rows": ["a"]}"#)
                .told()
        };
        assert_eq!(mixed("where = 'has(item.suite)'\nabsence = 'the others are units'"), ["pass 1"]);
        assert_eq!(mixed(""), ["missing-field r-2.json#/suite: a name in `suite` | nothing"]);
    }

    #[test]
    fn absent_evidence_holds_no_records_and_a_gap_is_none() {
        let told = bench("allow_empty = true").absent("r").json("s", r#"{"rows": ["a"]}"#).told();
        assert_eq!(told, ["extra-record s.json#/rows/0: only what stands at `r` | suite `a`: no such record"]);
        assert_eq!(bench("allow_empty = true").absent("r").json("s", r#"{"rows": []}"#).told(), ["pass 1"]);
        assert_eq!(bench("").absent("r").absent("s").told(), ["skip r is absent"]);
        let told = bench("allow_empty = true").gap("r", GapKind::Malformed).json("s", r#"{"rows": []}"#).told();
        assert!(told[0].starts_with("error malformed"), "{told:?}");
    }
}
