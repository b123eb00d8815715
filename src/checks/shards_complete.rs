//! Asserts that what was judged is one whole run: a run that is in no shards, or every shard of one run, each once.
//!
//! `in` leads to one object for each directory that is judged: the document that says which shard of which run it is. Under `shard`
//! it has `kind` (`none`, or what was shared out: `suite`, `unit`, `both`), `index` (from 0) and `total`. `same` are the keys that
//! all shards of one run agree on, the run's id first. `selects` are the keys of the lists of what a shard was to run.
//!
//! ```toml
//! [evidence.environments]
//! path = "run:environment.json"
//! pick = "all"
//!
//! [[check]]
//! kind = "shards-complete"
//! shards = "together"
//! in = "environments"
//! shard = "shard"
//! same = ["run_id", "git_sha", "profile"]
//! selects = ["suites", "units"]
//! ```
//!
//! Every shard from 0 to `total` must be there once, with the same `kind` and `total`, and what they select must be disjoint,
//! whatever the `kind`: what was not shared out belongs to one shard alone, or it would have two results. Where shards differ, the
//! value that most of them have is taken for the run's. A shard of another run counts for nothing else.
//!
//! Findings: `missing-shard` (names them), `duplicate-shard`, `shard-out-of-range`, `not-a-shard` (a whole run among shards),
//! `mixed-<key>` for each key of `same` and `mixed-kind`, `mixed-total`, `overlapping-selection` (with both places),
//! `missing-field`, `wrong-type`, `blank`. Errors: there is no document.

use super::tally::Tally;
use super::values::{Value, admit, head, items, shown, values, whole};
use crate::definition::{Keys, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Declared, Place, Refused, Use};
use crate::model::{EvidenceId, Finding, Outcome, Where};
use std::collections::{BTreeMap, BTreeSet};

/// The kind `shards-complete`.
pub static SHARDS_COMPLETE: CheckKind = CheckKind {
    id: "shards-complete",
    about: "what is judged is one whole run, in one piece or in all of its shards",
    docs: include_str!("shards_complete.rs"),
    parse,
};

/// How many missing shards are named one by one.
const NAMED: usize = 10;

struct ShardsComplete {
    documents: Place,
    shard: String,
    same: Vec<String>,
    selects: Vec<String>,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[
        ("in", Stricter::Unclear),
        ("shard", Stricter::Unclear),
        ("same", Stricter::Unclear),
        ("selects", Stricter::Unclear),
    ]);
    let documents = keys.required("in", "The place of one object for each directory that is judged.");
    let shard = keys.required("shard", "The key of the object with `kind`, `index` and `total`.");
    let same = keys.required("same", "The keys whose values all shards of one run share; the run's id first.");
    let selects = keys.required("selects", "The keys of the lists of what the shard was to run.");
    Some(Box::new(ShardsComplete { documents: documents?, shard: shard?, same: same?, selects: selects? }))
}

/// One directory, as far as it says what it is.
struct Part<'d> {
    document: Value<'d>,
    kind: &'d str,
    /// The shard's `index` and `total`; `None` for a whole run.
    number: Option<(i128, i128)>,
    at: Where,
}

impl Part<'_> {
    fn told(&self) -> String {
        match self.number {
            Some((index, total)) => format!("shard {index} of {total} (`{}`)", self.kind),
            None => "a run that is in no shards".to_owned(),
        }
    }
}

/// The value that most have, the first of them where several are as frequent.
fn usual<T: PartialEq + Copy>(values: &[T]) -> Option<T> {
    let count = |value: &T| values.iter().filter(|other| *other == value).count();
    values.iter().rev().max_by_key(|value| count(value)).copied()
}

impl ShardsComplete {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        admit(evidence, [&self.documents.evidence])?;
        let mut tally = Tally::default();
        let mut parts = Vec::new();
        for way in values(evidence, &self.documents)? {
            let Some(document) = tally.value(way) else { continue };
            tally.examined();
            parts.extend(self.part(document, &mut tally));
        }
        // What does not say which shard it is cannot be counted, and a count without it would say too much.
        if tally.is_clean() {
            match &*parts {
                [whole] if whole.number.is_none() => {}
                parts => self.shards(parts, &mut tally),
            }
        }
        Ok(tally.finish(|| (format!("a document at `{}`", self.documents), head(evidence, &self.documents))))
    }

    fn part<'d>(&self, document: Value<'d>, tally: &mut Tally) -> Option<Part<'d>> {
        let shard = field(&document, &self.shard, tally)?;
        let at = shard.at.clone();
        let (kind, index, total) =
            (field(&shard, "kind", tally), field(&shard, "index", tally), field(&shard, "total", tally));
        let (kind, index, total) = (kind?, index?, total?);
        let word = kind.text("the kind of the shard", tally)?;
        let number = match word {
            "none" if index.node.is_null() && total.node.is_null() => None,
            "none" => {
                let expected = "no `index` and no `total` where `kind` is `none`";
                tally.find(Finding::new("wrong-type", expected, shown(shard.node)).at(at));
                return None;
            }
            "suite" | "unit" | "both" => {
                let (index, total) = (whole_number(&index, tally), whole_number(&total, tally));
                Some((index?, total?))
            }
            _unknown => {
                tally.find(kind.wrong_type("`none`, `suite`, `unit` or `both`"));
                return None;
            }
        };
        Some(Part { document, kind: word, number, at })
    }

    fn shards(&self, parts: &[Part<'_>], tally: &mut Tally) {
        let mut own: Vec<&Part<'_>> = Vec::new();
        for part in parts {
            match part.number {
                Some(_) => own.push(part),
                None => tally.find(
                    Finding::new("not-a-shard", "a shard of the same run as the others", part.told())
                        .at(part.at.clone())
                        .next("Judge a whole run by itself: gatekeeper verify RUN"),
                ),
            }
        }
        for (position, key) in self.same.iter().enumerate() {
            let others = self.agree(key, &own, tally);
            // The first key tells runs apart, and a shard of another run says nothing about this one.
            if position == 0 {
                own.retain(|part| !others.contains(&part.at));
            }
        }
        let kinds: Vec<&str> = own.iter().map(|part| part.kind).collect();
        let totals: Vec<i128> = own.iter().filter_map(|part| part.number.map(|(_, total)| total)).collect();
        let (Some(kind), Some(total)) = (usual(&kinds), usual(&totals)) else { return };
        for part in &own {
            let differs = |what: &str, expected: String| {
                Finding::new(format!("mixed-{what}"), expected, part.told()).at(part.at.clone())
            };
            if part.kind != kind {
                tally.find(differs("kind", format!("a shard of kind `{kind}`, as the others")));
            }
            if part.number.is_some_and(|(_, own)| own != total) {
                tally.find(differs("total", format!("one of {total} shards, as the others")));
            }
        }
        self.numbers(&own, total, tally);
        self.selections(&own, tally);
    }

    /// The shards that say something else than most of them under a key.
    fn agree(&self, key: &str, parts: &[&Part<'_>], tally: &mut Tally) -> Vec<Where> {
        let mut stated = Vec::new();
        for part in parts {
            let Some(value) = field(&part.document, key, tally) else { continue };
            let Some(text) = value.text("a text that all shards share", tally) else { continue };
            stated.push((text, value.at.clone(), part.at.clone()));
        }
        let texts: Vec<&str> = stated.iter().map(|(text, _, _)| *text).collect();
        let Some(most) = usual(&texts) else { return Vec::new() };
        let like = stated.iter().find(|(text, _, _)| *text == most).map(|(_, at, _)| at.to_string()).unwrap_or_default();
        let mut others = Vec::new();
        for (text, at, part) in stated.into_iter().filter(|(text, _, _)| *text != most) {
            let kind = format!("mixed-{}", key.replace('_', "-"));
            tally.find(Finding::new(kind, format!("`{most}`, as at {like}"), format!("`{text}`")).at(at));
            others.push(part);
        }
        others
    }

    /// Every index once.
    fn numbers(&self, parts: &[&Part<'_>], total: i128, tally: &mut Tally) {
        let mut seen: BTreeMap<i128, &Part<'_>> = BTreeMap::new();
        for part in parts {
            let Some((index, _)) = part.number else { continue };
            if !(0..total).contains(&index) {
                let expected = format!("one of {total} shards, which count from 0");
                tally.find(Finding::new("shard-out-of-range", expected, part.told()).at(part.at.clone()));
            } else if let Some(first) = seen.get(&index) {
                let expected = format!("shard {index} once, as at {}", first.at);
                tally.find(
                    Finding::new("duplicate-shard", expected, format!("one more shard {index}"))
                        .at(part.at.clone())
                        .next("Keep the directory that belongs to the run, and leave the other one out."),
                );
            } else {
                seen.insert(index, part);
            }
        }
        let missing: Vec<String> =
            (0..total).filter(|index| !seen.contains_key(index)).take(NAMED).map(|index| index.to_string()).collect();
        if let ([_, ..], Some(first)) = (&*missing, parts.first()) {
            let absent = total - i128::try_from(seen.len()).unwrap_or(i128::MAX);
            let more = absent - i128::try_from(missing.len()).unwrap_or_default();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let (word, verb) = if absent == 1 { ("shard", "is") } else { ("shards", "are") };
            let actual = format!("{word} {}{more} {verb} missing", missing.join(", "));
            tally.find(
                Finding::new("missing-shard", format!("all of {total} shards, each once"), actual)
                    .at(first.at.clone())
                    .next(format!("Judge all {total} together: gatekeeper verify --shards <the directory of each shard>")),
            );
        }
    }

    /// Nothing is selected by two shards.
    fn selections(&self, parts: &[&Part<'_>], tally: &mut Tally) {
        for key in &self.selects {
            let mut first: BTreeMap<&str, (usize, Where)> = BTreeMap::new();
            for (position, part) in parts.iter().enumerate() {
                let Some(list) = field(&part.document, key, tally) else { continue };
                if !list.node.is_list() {
                    tally.find(list.wrong_type("a list of names"));
                    continue;
                }
                let mut told = BTreeSet::new();
                for item in items(list) {
                    let Some(name) = item.text("a name", tally) else { continue };
                    match first.get(name) {
                        // What one shard selects twice is its own matter.
                        Some((other, at)) if *other != position && told.insert(name) => {
                            let expected = format!("`{name}` in one shard, as at {at}");
                            tally.find(
                                Finding::new("overlapping-selection", expected, format!("`{name}` in one more shard"))
                                    .at(item.at.clone()),
                            );
                        }
                        Some(_) => {}
                        None => drop(first.insert(name, (position, item.at.clone()))),
                    }
                }
            }
        }
    }
}

fn field<'d>(value: &Value<'d>, key: &str, tally: &mut Tally) -> Option<Value<'d>> {
    if !value.node.is_map() {
        tally.find(value.wrong_type("an object"));
        return None;
    }
    let found = value.get(key);
    if found.is_none() {
        tally.find(Finding::new("missing-field", format!("a value in `{key}`"), "nothing").at(value.at_key(key)));
    }
    found
}

fn whole_number(value: &Value<'_>, tally: &mut Tally) -> Option<i128> {
    let number = value.node.number().and_then(|number| number.as_integer());
    if number.is_none() {
        tally.find(value.wrong_type("a whole number"));
    }
    number
}

impl Check for ShardsComplete {
    fn declares(&self) -> Vec<Declared> {
        let mut all = super::values::declared_keys([&self.documents], self.same.iter().chain(&self.selects));
        let shard = ["kind", "index", "total"].map(|key| self.documents.below(&self.shard).below(key));
        all.extend(shard.map(Declared::Value));
        all.extend(self.selects.iter().map(|key| Declared::Value(self.documents.below(key).below("*"))));
        all
    }

    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        whole([&self.documents])
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use crate::model::GapKind;

    const CHECK: &str =
        "kind = 'shards-complete'\nin = 'e'\nshard = 'shard'\nsame = ['run_id', 'git_sha']\nselects = ['suites', 'units']";

    fn shard(run: &str, kind: &str, number: Option<(i64, i64)>, suites: &[&str]) -> String {
        let (index, total) = number
            .map_or((serde_json::Value::Null, serde_json::Value::Null), |(index, total)| (index.into(), total.into()));
        serde_json::json!({
            "run_id": run, "git_sha": "c0ffee", "shard": {"kind": kind, "index": index, "total": total},
            "suites": suites, "units": [],
        })
        .to_string()
    }

    fn suite(index: i64, total: i64, suites: &[&str]) -> String {
        shard("r", "suite", Some((index, total)), suites)
    }

    fn told(documents: &[String]) -> Vec<String> {
        documents.iter().fold(Bench::new(CHECK), |bench, document| bench.json("e", document)).told()
    }

    #[test]
    fn whole_runs_and_all_shards_pass() {
        assert_eq!(told(&[shard("r", "none", None, &["a", "b"])]), ["pass 1"]);
        assert_eq!(told(&[suite(0, 1, &["a"])]), ["pass 1"]);
        assert_eq!(told(&[suite(1, 3, &["b"]), suite(0, 3, &["a"]), suite(2, 3, &["c"])]), ["pass 3"]);
    }

    #[test]
    fn missing_shards_are_named() {
        assert_eq!(
            told(&[suite(1, 3, &["b"])]),
            ["missing-shard e.json#/shard: all of 3 shards, each once | shards 0, 2 are missing"]
        );
        assert_eq!(
            told(&[suite(1, 3, &["b"]), suite(2, 3, &["c"])]),
            ["missing-shard e.json#/shard: all of 3 shards, each once | shard 0 is missing"]
        );
        // A total that nobody could reach costs nothing.
        let many = told(&[suite(0, i64::MAX, &["a"])]);
        assert!(
            many[0].contains("shards 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 9223372036854775796 more are missing"),
            "{many:?}"
        );
    }

    #[test]
    fn each_shard_is_there_once_and_in_range() {
        assert_eq!(
            told(&[suite(0, 2, &["a"]), suite(1, 2, &["b"]), suite(1, 2, &["c"])]),
            ["duplicate-shard e-3.json#/shard: shard 1 once, as at e-2.json#/shard | one more shard 1"]
        );
        assert_eq!(
            told(&[suite(0, 1, &["a"]), suite(1, 1, &["b"])]),
            ["shard-out-of-range e-2.json#/shard: one of 1 shards, which count from 0 | shard 1 of 1 (`suite`)"]
        );
        assert!(told(&[suite(0, 1, &["a"]), suite(-1, 1, &[])])[0].starts_with("shard-out-of-range e-2.json#/shard"));
        assert!(told(&[suite(0, 0, &["a"])])[0].starts_with("shard-out-of-range e.json#/shard"));
    }

    #[test]
    fn what_differs_is_named() {
        let two = [suite(0, 3, &["a"]), suite(2, 3, &["c"])];
        let with = |odd: String| told(&[odd, two[0].clone(), two[1].clone()]);
        assert_eq!(
            with(shard("other", "suite", Some((1, 3)), &["a"])),
            [
                "mixed-run-id e.json#/run_id: `r`, as at e-2.json#/run_id | `other`",
                "missing-shard e-2.json#/shard: all of 3 shards, each once | shard 1 is missing"
            ]
        );
        let odd = suite(1, 3, &["b"]).replace("c0ffee", "decaff");
        assert_eq!(with(odd), ["mixed-git-sha e.json#/git_sha: `c0ffee`, as at e-2.json#/git_sha | `decaff`"]);
        let odd = with(shard("r", "unit", Some((1, 3)), &["b"]));
        assert_eq!(odd, ["mixed-kind e.json#/shard: a shard of kind `suite`, as the others | shard 1 of 3 (`unit`)"]);
        assert_eq!(
            with(suite(1, 4, &["b"])),
            ["mixed-total e.json#/shard: one of 3 shards, as the others | shard 1 of 4 (`suite`)"]
        );
        assert_eq!(
            with(shard("r", "none", None, &["b"])),
            [
                "not-a-shard e.json#/shard: a shard of the same run as the others | a run that is in no shards",
                "missing-shard e-2.json#/shard: all of 3 shards, each once | shard 1 is missing"
            ]
        );
        let whole = shard("r", "none", None, &["a"]);
        assert_eq!(told(&[whole.clone(), whole]).len(), 2);
    }

    #[test]
    fn nothing_is_selected_twice() {
        assert_eq!(
            told(&[suite(0, 2, &["a", "b"]), suite(1, 2, &["c", "b"])]),
            ["overlapping-selection e-2.json#/suites/1: `b` in one shard, as at e.json#/suites/1 | `b` in one more shard"]
        );
        // A unit target and a suite may have one name.
        let other = suite(1, 2, &[]).replace(r#""units":[]"#, r#""units":["a"]"#);
        assert_eq!(told(&[suite(0, 2, &["a"]), other]), ["pass 2"]);
        assert_eq!(told(&[suite(0, 2, &["a", "a"]), suite(1, 2, &["b"])]), ["pass 2"]);
    }

    #[test]
    fn what_does_not_say_which_shard_it_is_is_found() {
        let mut tried = 0;
        for (from, to, kind) in [
            (r#""kind":"suite""#, r#""kind":"suites""#, "wrong-type e.json#/shard/kind"),
            (r#""kind":"suite""#, r#""kind":"none""#, "wrong-type e.json#/shard"),
            (r#""index":0"#, r#""index":0.5"#, "wrong-type e.json#/shard/index"),
            (r#""total":1"#, r#""totals":1"#, "missing-field e.json#/shard/total"),
            (r#""run_id":"r""#, r#""run_id":" ""#, "blank e.json#/run_id"),
            (r#""git_sha":"c0ffee","#, "", "missing-field e.json#/git_sha"),
            (r#""suites":["a"]"#, r#""suites":"a""#, "wrong-type e.json#/suites"),
            (r#""shard":{"#, r#""shards":{"#, "missing-field e.json#/shard"),
        ] {
            let document = suite(0, 1, &["a"]);
            assert!(document.contains(from), "{from} in {document}");
            let told = told(&[document.replace(from, to)]);
            assert!(told[0].starts_with(kind), "{to}: {told:?}");
            tried += 1;
        }
        assert_eq!(tried, 8);
        let told = Bench::new(CHECK).gap("e", GapKind::Missing).told();
        assert_eq!(told, ["error missing e: a file | nothing"]);
    }
}
