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
//! command = "./scripts/e2e/run_all.sh --profile {profile} --shard-kind {kind} --shard-index {index} --shard-total {total}"
//! ```
//!
//! Every shard from 0 to `total` must be there once, with the same `kind` and `total`, and what they select must be disjoint,
//! whatever the `kind`: what was not shared out belongs to one shard alone, or it would have two results. Where shards differ, the
//! value that most of them have is taken for the run's. A shard of another run counts for nothing else.
//!
//! Shards of kind `suite` and shards of kind `unit` of one run are two partitions of it, each with a total of its own; both together are the run.
//! One of them alone is a part, unless its shards also select what the other one shares out: `suites` and `units` among `selects`.
//!
//! `command` is the command that runs one shard, with `{kind}`, `{index}`, `{total}` and the keys of `same` as places; a missing shard is told
//! with it.
//!
//! Findings: `missing-shard` (names them), `missing-partition`, `duplicate-shard`, `shard-out-of-range`, `not-a-shard` (a whole run among shards),
//! `mixed-<key>` for each key of `same` and `mixed-kind`, `mixed-total`, `overlapping-selection` (with both places),
//! `missing-field`, `wrong-type`, `blank`. Errors: there is no document.

use super::tally::Tally;
use super::values::{Value, admit, head, items, shown, values, whole};
use crate::definition::{Keys, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Declared, Place, Refused, Use};
use crate::model::{EvidenceId, Finding, Outcome, Where, shell_word};
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
    command: Option<String>,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[
        ("in", Stricter::Unclear),
        ("shard", Stricter::Unclear),
        ("same", Stricter::Unclear),
        ("selects", Stricter::Unclear),
        ("command", Stricter::Prose),
    ]);
    let documents = keys.required("in", "The place of one object for each directory that is judged.");
    let shard = keys.required("shard", "The key of the object with `kind`, `index` and `total`.");
    let same = keys.required("same", "The keys whose values all shards of one run share; the run's id first.");
    let selects = keys.required("selects", "The keys of the lists of what the shard was to run.");
    let command = keys
        .optional("command", "The command that runs one shard, with `{kind}`, `{index}`, `{total}` and keys of `same`.");
    Some(Box::new(ShardsComplete { documents: documents?, shard: shard?, same: same?, selects: selects?, command }))
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
        let of_kind = |kind: &str| own.iter().filter(|part| part.kind == kind).copied().collect::<Vec<_>>();
        let partitions = [of_kind("suite"), of_kind("unit")];
        if partitions.iter().map(Vec::len).sum::<usize>() == own.len() {
            partitions.iter().filter(|parts| !parts.is_empty()).for_each(|parts| self.partition(parts, tally));
            self.other_partition(&partitions, tally);
        } else {
            self.partition(&own, tally);
        }
        self.selections(&own, tally);
    }

    /// Shards that shared out the same.
    fn partition(&self, own: &[&Part<'_>], tally: &mut Tally) {
        let kinds: Vec<&str> = own.iter().map(|part| part.kind).collect();
        let totals: Vec<i128> = own.iter().filter_map(|part| part.number.map(|(_, total)| total)).collect();
        let (Some(kind), Some(total)) = (usual(&kinds), usual(&totals)) else { return };
        for part in own {
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
        self.numbers(own, (kind, total), tally);
    }

    /// Suites and units are both shared out, or those shards have both that there are.
    fn other_partition(&self, [suites, units]: &[Vec<&Part<'_>>; 2], tally: &mut Tally) {
        let (there, other) = match (suites.first(), units.first()) {
            (Some(there), None) => ((there, suites), "unit"),
            (None, Some(there)) => ((there, units), "suite"),
            (Some(_), Some(_)) | (None, None) => return,
        };
        let (first, all) = there;
        let key = format!("{other}s");
        let selected = |part: &&Part<'_>| part.document.get(&key).is_some_and(|list| list.node.items().next().is_some());
        if !self.selects.contains(&key) || all.iter().any(selected) {
            return;
        }
        let expected = format!("the {other} shards of this run beside its {} shards", first.kind);
        let finding =
            Finding::new("missing-partition", expected, format!("no {other} shard, and no {other} target was selected"));
        let command = self.commands(first, other, &[0], 1);
        tally.find(
            finding.at(first.at.clone()).next(format!("{command}Judge both together with `gatekeeper verify --shards`.")),
        );
    }

    /// The commands that run these shards, in a sentence; nothing where none can be told.
    fn commands(&self, like: &Part<'_>, kind: &str, indices: &[i128], total: i128) -> String {
        let fill = |index: &i128| {
            let mut command = self.command.clone()?;
            for (place, word) in [("{kind}", kind), ("{index}", &index.to_string()), ("{total}", &total.to_string())] {
                command = command.replace(place, word);
            }
            for key in &self.same {
                let place = format!("{{{key}}}");
                if command.contains(&place) {
                    let text = like.document.get(key).and_then(|value| value.node.text().map(str::to_owned))?;
                    command = command.replace(&place, &shell_word(&text)?);
                }
            }
            Some(command)
        };
        let commands: Vec<String> = indices.iter().filter_map(fill).collect();
        if commands.is_empty() { String::new() } else { format!("Run it: {}. ", commands.join("; ")) }
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
            let message = format!("`{key}` is `{text}`, and `{most}` at {like}");
            let finding = Finding::new(kind, format!("`{most}`, as at {like}"), format!("`{text}`")).saying(message);
            tally.find(finding.at(at));
            others.push(part);
        }
        others
    }

    /// Every index once.
    fn numbers(&self, parts: &[&Part<'_>], (kind, total): (&str, i128), tally: &mut Tally) {
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
                        .saying(format!("shard {index} is there twice: first at {}", first.at))
                        .at(part.at.clone())
                        .next("Keep the directory that belongs to the run, and leave the other one out."),
                );
            } else {
                seen.insert(index, part);
            }
        }
        let absent: Vec<i128> = (0..total).filter(|index| !seen.contains_key(index)).take(NAMED).collect();
        let missing: Vec<String> = absent.iter().map(ToString::to_string).collect();
        if let ([_, ..], Some(first)) = (&*missing, parts.first()) {
            let command = self.commands(first, kind, &absent, total);
            let absent = total - i128::try_from(seen.len()).unwrap_or(i128::MAX);
            let more = absent - i128::try_from(missing.len()).unwrap_or_default();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let (word, verb) = if absent == 1 { ("shard", "is") } else { ("shards", "are") };
            let actual = format!("{word} {}{more} {verb} missing", missing.join(", "));
            let message = format!("{actual} of {total} (`{kind}`)");
            tally.find(
                Finding::new("missing-shard", format!("all of {total} shards of kind `{kind}`, each once"), actual)
                    .saying(message)
                    .at(first.at.clone())
                    .next(format!("{command}Judge all {total} together with `gatekeeper verify --shards`.")),
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
                                    .saying(format!("`{name}` ran in two shards: the other one is at {at}"))
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
#[path = "shards_complete_tests.rs"]
mod cases;
