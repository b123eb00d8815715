//! Asserts that an expression is true of each item: of a list in a document, of each record of a JSONL stream.
//!
//! `in` leads to the items; a list stands for its items, and a bare id for the items of the document's top list or for the records of
//! a stream. `as` names the item, `index` is its position in its document from 0, `path` the path of its document below repository or run. Other names are as in `holds`. With `where`, only
//! items for which it is true are looked at. A stream passes record by record in constant memory, unless the expressions also name
//! evidence or `in` leads further into it.
//!
//! ```toml
//! [evidence.sweeps]
//! path = "repo:tests/perf/reports/parameter_sweeps.json"
//! [evidence.events]
//! path = "run:events.jsonl"
//!
//! [[check]]
//! kind = "each-holds"
//! in = "sweeps.sweep_plan.dimensions"
//! as = "d"
//! where = "d.name != 'control'"
//! that = "d.values.size() > 0"
//! expect = "dimension `{d.name}` has values"
//! next = "Give dimension `{d.name}` at least one value."
//! allow_empty = false
//!
//! [[check]]
//! kind = "each-holds"
//! in = "events"
//! that = "item.type == 'heartbeat' || item.job_id != ''"
//! ```
//!
//! With `beside`, the names of that evidence mean the one document of it in the directory of the item's: `flows/echo/submit.json` beside
//! `flows/echo/job.json`. Where there is none, that is a finding, or `null` in expressions that speak of `null`.
//!
//! ```toml
//! [evidence.submits]
//! path = "run:flows/*/submit.json"
//! pick = "all"
//! [evidence.details]
//! path = "run:flows/*/job.json"
//! pick = "all"
//!
//! [[check]]
//! kind = "each-holds"
//! in = "submits"
//! as = "submit"
//! beside = ["details"]
//! that = "details.trace_id == submit.trace_id"
//! ```
//!
//! `expect`, `message` and `next` may hold placeholders: an expression between braces is filled in from the item; `{{` is a plain brace.
//! `message` is the sentence that people read instead of the values that decided. For `absence` see `holds`.
//!
//! Findings: `not-so` (with the values that decided, at the item), `missing-file` (nothing lies beside it), and the words of `holds` for an expression without an answer. Errors:
//! there are no items, or none is left after `where`, unless `allow_empty = true`, which counts the documents as examined; and
//! those of `holds`. An item of which the expression is true only because lists in it are empty does not count as examined.

use super::beside::{self, Beside};
use super::expression::{self, Condition, bind_always, cautions, read};
use super::tally::Tally;
use super::template::{MESSAGE, Template};
use super::values::{admit, head, items, values_in};
use crate::definition::{Keys, Kind, Raw, Read, Refusal, Stricter};
use crate::diagnostic::Code;
use crate::expr::{At, Expression, Scope, Trouble, Truth};
use crate::gate::{Admitted, Check, CheckKind, Context, Declared, Doc, Fold, Place, Refused, Use};
use crate::model::{Artifact, Content, Document, EvidenceId, Finding, Measure, Node, Number, Outcome, Pointer, Where};
use rayon::prelude::*;
use std::any::Any;
use std::sync::Arc;

/// How many documents one thread looks at before it asks for more.
const TOGETHER: usize = 64;
/// Most items that are measured, and most values of them that are told.
const MEASURED: usize = 10_000;
const MEASURES: usize = 12;

/// The kind `each-holds`.
pub static EACH_HOLDS: CheckKind =
    CheckKind { id: "each-holds", about: "an expression is true of each item", docs: include_str!("each_holds.rs"), parse };

/// What is asked of each item.
struct Rule {
    name: String,
    that: Condition,
    filter: Option<Condition>,
    expect: Option<Template>,
    message: Option<Template>,
    next: Option<Template>,
}

struct EachHolds {
    place: Place,
    beside: Vec<EvidenceId>,
    rule: Arc<Rule>,
    allow_empty: bool,
    absence: Option<String>,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[
        ("in", Stricter::Unclear),
        ("as", Stricter::Unclear),
        ("that", Stricter::Unclear),
        ("where", Stricter::Unclear),
        ("beside", Stricter::Unclear),
        ("allow_empty", Stricter::False),
        ("absence", Stricter::Prose),
        ("message", Stricter::Prose),
    ]);
    let place: Option<Place> = keys.required("in", "The place of the items.");
    let pattern = Kind::Pattern("^[a-z][a-z0-9_]*$", "a name");
    let name = keys.custom("as", false, pattern, "The name of the item in the expressions; `item` if not given.", name);
    let refused = name.is_none() && keys.span("as") != keys.here();
    let name = name.unwrap_or_else(|| "item".to_owned());
    let bound = [name.as_str(), "index", "path"];
    let doc = "The expression that must be true of each item.";
    let that = keys.custom("that", true, expression::kind(), doc, |raw| read(raw, &bound));
    let doc = "An expression that says which items are looked at; all of them if not given.";
    let filter = keys.custom("where", false, expression::kind(), doc, |raw| read(raw, &bound));
    let beside = beside::read(keys, place.as_ref().map(|place| &place.evidence));
    let allow_empty = keys.or("allow_empty", false, "Whether there may be no items to look at.");
    let absence = keys.optional("absence", "Why what `has(...)` asks for may be absent.");
    let message = keys.custom("message", false, String::kind(), MESSAGE, |raw| Template::read(raw, &bound));
    let expect = keys.again("expect", |raw| Template::read(raw, &bound));
    let next = keys.again("next", |raw| Template::read(raw, &bound));
    let that = that?;
    let says = |word: &str| that.expression.names().contains(word);
    if !says(&name) && !beside.iter().flatten().any(|id| says(id.as_str())) {
        let message = format!("the expression does not name `{name}`, so it says the same of each item");
        keys.refuse("that", Refusal::new(message).code(Code::VACUOUS));
        return None;
    }
    let rule = Arc::new(Rule { name, that, filter, expect, message, next });
    (!refused).then_some(Box::new(EachHolds { place: place?, beside: beside?, rule, allow_empty, absence }))
}

fn name(raw: Raw<'_>) -> Result<String, Vec<Refusal>> {
    let text = raw.string("a name").map_err(|e| vec![e])?;
    let sound = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && !["policy", "now", "run", "index", "path"].contains(&text)
        && Expression::compile(text, &[text]).is_ok();
    let refusal = || Refusal::new(format!("`{text}` cannot be the name of an item")).code(Code::EXPRESSION);
    let help = "use a word of `a-z`, `0-9` and `_` that means nothing else in expressions";
    if sound { Ok(text.to_owned()) } else { Err(vec![refusal().help(help)]) }
}

impl Rule {
    fn conditions(&self) -> Vec<&Condition> {
        let templates = self.expect.iter().chain(&self.message).chain(&self.next).flat_map(Template::conditions);
        [&self.that].into_iter().chain(&self.filter).chain(templates).collect()
    }

    /// Judges the item that the scope binds. `own` is its place, `lost` what is missing beside it, `place` tells that of other values.
    fn judge(
        &self,
        scope: &Scope<'_>,
        own: &Where,
        lost: Option<Finding>,
        place: impl Fn(&At) -> Option<Where>,
        tally: &mut Tally,
    ) {
        let inside = |at: &At| (at.binding == self.name).then(|| within(own, &at.pointer));
        let fault = |trouble: &Trouble, condition: &Condition| {
            let at = trouble.at.as_ref().and_then(|at| inside(at).or_else(|| place(at)));
            let fault = expression::fault(trouble, condition.expression.text(), at, own);
            fault.map(|finding| self.advise(finding, scope))
        };
        if let Some(filter) = &self.filter {
            match filter.expression.selects(scope) {
                Truth::Holds { .. } => {}
                Truth::DoesNotHold(_) => return,
                Truth::Trouble(trouble) => return tally.keep(fault(&trouble, filter)),
            }
        }
        if let Some(lost) = lost {
            return tally.find(self.advise(lost, scope));
        }
        let text = self.that.expression.text();
        match self.that.expression.holds(scope) {
            Truth::Holds { examined: false } => {}
            Truth::Holds { .. } => tally.examined(),
            Truth::DoesNotHold(operands) => {
                let expect = self.expect.as_ref().map(|expect| expect.fill(scope));
                let message = match &self.message {
                    Some(message) => message.fill(scope),
                    None => expression::sentence(expect.as_deref(), &operands),
                };
                let expected = expect.unwrap_or_else(|| format!("`{text}`"));
                let at = operands.iter().filter_map(|operand| operand.at.as_ref()).find_map(inside);
                let finding = Finding::new("not-so", expected, expression::told(&operands)).saying(message);
                tally.find(self.advise(finding.at(at.unwrap_or_else(|| own.clone())), scope));
            }
            Truth::Trouble(trouble) => tally.keep(fault(&trouble, &self.that)),
        }
    }

    fn advise(&self, finding: Finding, scope: &Scope<'_>) -> Finding {
        match &self.next {
            Some(next) => finding.next(next.fill(scope)),
            None => finding,
        }
    }

    /// Whether an expression asks for the path of the item's document, which a record that passes does not know.
    fn names_path(&self) -> bool {
        self.conditions().iter().any(|condition| condition.expression.names().contains("path"))
    }

    fn bind<'d>(&self, scope: &mut Scope<'d>, index: usize, node: Node<'d>, pointer: Pointer) {
        scope.bind_at(&self.name, node, pointer);
        scope.bind_number("index", Number::Int(index as i128));
    }
}

/// A value inside the artifact of an item. A whole record needs no pointer beside its line.
fn within(own: &Where, pointer: &Pointer) -> Where {
    let whole_record = own.line.is_some() && pointer.as_str().is_empty();
    Where { pointer: (!whole_record).then(|| pointer.clone()), ..own.clone() }
}

impl EachHolds {
    /// Whether records can pass one by one: nothing but the record itself is asked for.
    fn streams(&self) -> bool {
        let alone = self.rule.conditions().iter().all(|condition| condition.evidence.is_empty());
        self.place.steps.is_empty() && alone && self.beside.is_empty() && !self.rule.names_path()
    }

    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        let conditions = self.rule.conditions();
        let asked = expression::asked(&conditions, evidence);
        admit(evidence, [&self.place.evidence].into_iter().chain(asked))?;
        let run = expression::run(evidence.context);
        let mut tally = Tally::default();
        let artifacts = evidence.artifacts(&self.place.evidence)?;
        let folded = self.streams() && artifacts.iter().any(|artifact| is_stream(artifact));
        if folded {
            for (artifact, stream) in evidence.folded::<Tally>(&self.place.evidence)? {
                tally.take(stream, |at| Where { path: artifact.path.shown.clone(), ..at });
            }
        } else {
            let scope = expression::scope(&conditions, evidence, &run)?;
            let documents = evidence.documents(&self.place.evidence)?;
            let beside = Beside::new(&self.beside, evidence)?;
            let parts = documents.par_chunks(TOGETHER).map(|part| self.look(part, &beside, scope.clone(), evidence));
            for part in parts.collect::<Vec<Tally>>() {
                tally.take(&part, |at| at);
            }
        }
        if self.allow_empty && tally.count() == 0 {
            artifacts.iter().for_each(|_| tally.examined());
        }
        Ok(tally.finish(|| {
            let left = if self.rule.filter.is_some() { ", left after `where`" } else { "" };
            (format!("at least one item at `{}`{left}", self.place), self.first(evidence, artifacts[0]))
        }))
    }

    /// Judges the items of these documents.
    fn look<'a>(
        &self,
        documents: &[Doc<'a>],
        beside: &Beside<'a, '_>,
        mut scope: Scope<'a>,
        evidence: &Admitted<'a>,
    ) -> Tally {
        let mut tally = Tally::default();
        for doc in documents {
            let path = &doc.artifact.path;
            scope.bind_text("path", path.rel.as_str());
            let missing = beside.bind(&mut scope, path);
            let missing = missing.into_iter().find(|_| !expression::says_null(self.rule.that.expression.text()));
            let mut index = 0;
            for way in values_in(*doc, &self.place) {
                for item in tally.value(way).into_iter().flat_map(items) {
                    self.rule.bind(&mut scope, index, item.node, item.at.pointer.clone().unwrap_or_default());
                    let lost = missing.map(|id| beside::missing(id, path, &item));
                    self.rule.judge(&scope, &item.at, lost, |at| expression::place(at, evidence), &mut tally);
                    index += 1;
                }
            }
        }
        tally
    }

    fn closest(&self, evidence: &Admitted<'_>) -> Result<Vec<Measure>, Refused> {
        let conditions: Vec<&Condition> = [&self.rule.that].into_iter().chain(&self.rule.filter).collect();
        let artifacts = evidence.artifacts(&self.place.evidence)?;
        if self.streams() && artifacts.iter().any(|artifact| is_stream(artifact)) {
            return Ok(Vec::new());
        }
        let run = expression::run(evidence.context);
        let mut scope = expression::scope(&conditions, evidence, &run)?;
        let beside = Beside::new(&self.beside, evidence)?;
        let (mut measured, mut index) = (Vec::new(), 0);
        let place = self.place.to_string();
        for doc in evidence.documents(&self.place.evidence)? {
            scope.bind_text("path", doc.artifact.path.rel.as_str());
            let lost = !beside.bind(&mut scope, &doc.artifact.path).is_empty();
            for item in values_in(doc, &self.place).flatten().flat_map(items).filter(|_| !lost) {
                if index == MEASURED {
                    return Ok(Vec::new());
                }
                self.rule.bind(&mut scope, index, item.node, Pointer::root());
                index += 1;
                let passed_over = |filter: &Condition| !matches!(filter.expression.selects(&scope), Truth::Holds { .. });
                if self.rule.filter.as_ref().is_some_and(passed_over) {
                    continue;
                }
                for one in self.rule.that.expression.measures(&scope, Some(&place)) {
                    Measure::keep_closest(&mut measured, one, true, MEASURES);
                }
            }
        }
        Ok(measured)
    }

    fn first(&self, evidence: &Admitted<'_>, artifact: &Artifact) -> Where {
        if is_stream(artifact) { Where::file(&artifact.path.shown) } else { head(evidence, &self.place) }
    }
}

fn is_stream(artifact: &Artifact) -> bool {
    matches!(artifact.content, Ok(Content::Records(_)))
}

impl Check for EachHolds {
    fn declares(&self) -> Vec<Declared> {
        let place: &[&Place] = &[&self.place];
        expression::declares([&self.rule.that].into_iter().chain(&self.rule.filter), &[(self.rule.name.as_str(), place)])
    }

    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        if self.streams() {
            return vec![(self.place.evidence.clone(), Use::Stream)];
        }
        let mut reads = expression::reads(self.rule.conditions());
        let own = [&self.place.evidence].into_iter().chain(&self.beside);
        reads.extend(own.map(|id| (id.clone(), Use::Whole)));
        reads.sort();
        reads.dedup();
        reads
    }

    fn named_in_expressions(&self) -> Vec<EvidenceId> {
        self.rule.conditions().into_iter().flat_map(|condition| condition.evidence.iter().cloned()).collect()
    }

    fn parameters(&self) -> Vec<String> {
        expression::parameters(self.rule.conditions())
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }

    /// Of each comparison the item that is closest to its limit. What passes record by record, or is more than people would look at, is not
    /// gone through again.
    fn measures(&self, evidence: &Admitted<'_>) -> Vec<Measure> {
        self.closest(evidence).unwrap_or_default()
    }

    fn fold(&self, evidence: &EvidenceId, context: &Context) -> Option<Box<dyn Fold>> {
        (self.streams() && *evidence == self.place.evidence).then(|| {
            let conditions = self.rule.conditions();
            let named = |word: &&str| conditions.iter().any(|condition| condition.expression.names().contains(*word));
            let fold = Records {
                always: ["policy", "now", "run"].iter().any(named),
                index: named(&"index"),
                rule: self.rule.clone(),
                context: context.clone(),
                run: expression::run(context),
                next: 0,
                tally: Tally::default(),
            };
            Box::new(fold) as Box<dyn Fold>
        })
    }

    fn cautions(&self) -> Vec<Refusal> {
        cautions(self.absence.as_deref(), [&self.rule.that].into_iter().chain(&self.rule.filter))
    }
}

/// The rule over records that pass one by one. Places lack their path until the end, which only the artifact knows.
struct Records {
    rule: Arc<Rule>,
    /// Whether a condition names what is always there, and the position: records come by the million, and most are judged alone.
    always: bool,
    index: bool,
    context: Context,
    run: Document,
    next: usize,
    tally: Tally,
}

impl Fold for Records {
    fn record(&mut self, line: u64, record: Node<'_>) {
        let mut scope = Scope::new();
        if self.always {
            bind_always(&mut scope, &self.rule.conditions(), &self.context, &self.run);
        }
        scope.bind_at(&self.rule.name, record, Pointer::root());
        if self.index {
            scope.bind_number("index", Number::Int(self.next as i128));
        }
        self.next += 1;
        self.rule.judge(&scope, &Where::line("", line), None, |_| None, &mut self.tally);
    }

    fn finish(self: Box<Self>) -> Box<dyn Any + Send + Sync> {
        Box::new(self.tally)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Bench, refused, sound};
    use crate::gate::Use;
    use crate::model::Outcome;

    fn bench(keys: &str) -> Bench {
        Bench::new(&format!("kind = 'each-holds'\n{keys}"))
    }

    const DIMENSIONS: &str = "in = 's.plan'\nas = 'd'\nthat = \"d.name != '' && d.values.size() > 0\"";

    #[test]
    fn of_all_items_the_closest_to_its_limit_is_measured() {
        let plan = r#"{"plan": [{"n": 3, "k": "a"}, {"n": 8, "k": "b"}, {"n": 9, "k": "c"}, {"k": "d"}]}"#;
        let measured = |keys: &str| bench(&format!("in = 's.plan'\nas = 'd'\n{keys}")).json("s", plan).measured();
        assert_eq!(measured("that = 'd.n <= 10'"), ["`d.n` of `s.plan` 9 (at most 10)"]);
        assert_eq!(measured("that = 'd.n >= 2'\nwhere = \"d.k == 'b'\""), ["`d.n` of `s.plan` 8 (at least 2)"]);
        assert_eq!(measured("that = 'd.n == 3'"), [""; 0]);
        let many = format!("{{\"plan\": [{}{{\"n\": 1}}]}}", "{\"n\": 1},".repeat(10_000));
        let bench = bench("in = 's.plan'\nas = 'd'\nthat = 'd.n <= 10'").json("s", &many);
        assert_eq!(bench.measured(), [""; 0]);
    }

    #[test]
    fn items_of_documents_are_judged() {
        let good = r#"{"plan": [{"name": "a", "values": [1]}, {"name": "b", "values": [1]}]}"#;
        assert_eq!(bench(DIMENSIONS).json("s", good).told(), ["pass 2"]);
        let bad = r#"{"plan": [{"name": "a", "values": []}, {"values": 1}, 5]}"#;
        let told = bench(DIMENSIONS).json("s", bad).told();
        assert_eq!(told.len(), 3);
        assert!(
            told[0].starts_with("not-so s.json#/plan/0/values: ") && told[0].contains("`d.values.size()` = 0"),
            "{told:?}"
        );
        assert!(told[1].starts_with("missing-field s.json#/plan/1/name: "), "{told:?}");
        assert!(told[2].starts_with("wrong-type s.json#/plan/2"), "{told:?}");
    }

    #[test]
    fn several_documents_and_their_positions() {
        let check = "in = 's.rows[*]'\nthat = 'item.n == index'";
        let two = || bench(check).json("s", r#"{"rows": [{"n": 0}, {"n": 1}]}"#);
        assert_eq!(two().json("s", r#"{"rows": [{"n": 0}]}"#).told(), ["pass 3"]);
        assert_eq!(
            two().json("s", r#"{"rows": [{"n": 1}]}"#).told(),
            ["not-so s-2.json#/rows/0/n: `item.n == index` | `item.n` = 1, `index` = 0"]
        );
    }

    #[test]
    fn records_that_pass_know_what_their_expressions_name() {
        let lines = "{\"n\": 0}\n\n{\"n\": 1}\n{\"n\": 7}\n";
        let by_position = bench("in = 'e'\nthat = 'item.n == index'").jsonl("e", lines).told();
        assert_eq!(by_position, ["not-so e.jsonl:4#/n: `item.n == index` | `item.n` = 7, `index` = 2"]);
        let in_words =
            bench("in = 'e'\nthat = 'item.n < 5'\nexpect = 'record {index} before {now}'").jsonl("e", lines).told();
        assert!(in_words.len() == 1 && in_words[0].contains("record 2 before 20"), "{in_words:?}");
        assert_eq!(bench("in = 'e'\nthat = 'item.n < 9'").jsonl("e", lines).told(), ["pass 3"]);
    }

    #[test]
    fn documents_know_their_path() {
        let check = "in = 's'\nas = 'd'\nthat = \"path == d.name + '.json'\"";
        let two = bench(check).json("s", r#"{"name": "s"}"#).json("s", r#"{"name": "other"}"#).told();
        assert_eq!(
            two,
            [
                "not-so s-2.json#/name: `path == d.name + '.json'` | `path` = \"s-2.json\", `d.name + '.json'` = \"other.json\", `d.name` = \"other\""
            ]
        );
        let lines = bench("in = 'e'\nthat = \"path == item.file\"").jsonl("e", "{\"file\": \"e.jsonl\"}\n");
        assert_eq!(lines.told(), ["pass 1"]);
    }

    #[test]
    fn nothing_left_to_examine_is_an_error() {
        let filtered = format!("{DIMENSIONS}\nwhere = \"d.name != 'control'\"");
        let control = r#"{"plan": [{"name": "control", "values": []}]}"#;
        assert_eq!(
            bench(&filtered).json("s", control).told(),
            ["error empty s.json#/plan: at least one item at `s.plan`, left after `where` | nothing to examine"]
        );
        assert_eq!(bench(&format!("{filtered}\nallow_empty = true")).json("s", control).told(), ["pass 1"]);
        assert_eq!(
            bench(DIMENSIONS).json("s", r#"{"plan": []}"#).told(),
            ["error empty s.json#/plan: at least one item at `s.plan` | nothing to examine"]
        );
        let inner = "in = 's.plan'\nthat = 'item.values.all(v, v > 0)'";
        assert!(bench(inner).json("s", r#"{"plan": [{"values": []}]}"#).told()[0].starts_with("error empty"));
        assert_eq!(bench(DIMENSIONS).json("s", "{}").told(), ["missing-field s.json#/plan: a value at `s.plan` | nothing"]);
        let doubtful = bench(&format!("{DIMENSIONS}\nwhere = 'd.on'")).json("s", r#"{"plan": [{}]}"#).told();
        assert!(doubtful[0].starts_with("missing-field s.json#/plan/0/on: "), "{doubtful:?}");
    }

    #[test]
    fn a_name_may_mean_the_document_beside_the_item() {
        let check = "in = 's'\nas = 'submit'\nbeside = ['d']\nthat = 'd.trace == submit.trace'";
        let two = |other: &str| {
            let bench = bench(check).json_at("s", "flows/a/s.json", r#"{"trace": 1}"#);
            let bench = bench.json_at("s", "flows/b/s.json", r#"{"trace": 2}"#);
            bench.json_at("d", "flows/b/d.json", r#"{"trace": 2}"#).json_at("d", other, r#"{"trace": 1}"#)
        };
        assert_eq!(two("flows/a/d.json").told(), ["pass 2"]);
        let lost = ["missing-file flows/a/s.json: a file of `d` in `flows/a` | nothing"];
        assert_eq!(two("flows/c/d.json").told(), lost);
        // What is filtered out needs nothing beside it, and `null` may be asked for.
        let others = |keys: &str| Bench::new(&format!("kind = 'each-holds'\n{check}\n{keys}"));
        let alone = |keys: &str| others(keys).json_at("s", "a/s.json", r#"{"trace": 1}"#).json_at("d", "b/d.json", "{}");
        assert!(alone("where = 'submit.trace > 1'").told()[0].starts_with("error empty"));
        let asked = check.replace("d.trace == submit.trace", "d == null && submit.trace == 1");
        let asked = bench(&asked).json_at("s", "a/s.json", r#"{"trace": 1}"#).json_at("d", "b/d.json", "{}");
        assert_eq!(asked.told(), ["pass 1"]);
        // A value of the second document is told at its place, and two in one directory tell nothing.
        let wrong = two("flows/a/d.json").json_at("d", "flows/a/e.json", "{}").told();
        assert_eq!(wrong, ["error invalid flows/a/e.json: one file of `d` in each directory | a second one"]);
        let told = bench(check)
            .json_at("s", "b/s.json", r#"{"trace": 1}"#)
            .json_at("d", "a/d.json", "{}")
            .json_at("d", "b/d.json", "{}")
            .told();
        assert!(told[0].starts_with("missing-field b/d.json#/trace: "), "{told:?}");
        let refused = refused("kind = 'each-holds'\nin = 's'\nbeside = ['s']\nthat = 'item > 1'", &["s"]);
        assert!(refused[0].contains("the evidence of the items themselves"), "{refused:?}");
    }

    #[test]
    fn records_pass_one_by_one() {
        let check = "in = 'e'\nthat = \"item.job != policy.bad\"";
        assert_eq!(sound(&format!("kind = 'each-holds'\n{check}"), &["e"]).reads()[0].1, Use::Stream);
        let told = |lines: &str| bench(check).jsonl("e", lines).parameter("bad", "\"x\"").told();
        assert_eq!(told("{\"job\": \"a\"}\n\n{\"job\": \"b\"}\n"), ["pass 2"]);
        let lines = told("{\"job\": \"a\"}\n\n{\"job\": \"x\"}\n{}\n");
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("not-so e.jsonl:3#/job: `item.job != policy.bad` | `item.job` = \"x\""), "{lines:?}");
        assert!(lines[1].starts_with("missing-field e.jsonl:4#/job: "), "{lines:?}");
        assert_eq!(told("\n"), ["error empty e.jsonl: at least one item at `e` | nothing to examine"]);
        let many = told(&"{\"job\": \"x\"}\n".repeat(70));
        assert_eq!((many.len(), &*many[50]), (51, "more-findings: no further findings | 20 more like these"));
    }

    #[test]
    fn other_evidence_makes_a_stream_whole() {
        let check = "in = 'e'\nthat = 'item.job in s.jobs'";
        assert_eq!(sound(&format!("kind = 'each-holds'\n{check}"), &["e", "s"]).reads()[0].1, Use::Whole);
        let told = bench(check).jsonl("e", "{\"job\": \"a\"}\n{\"job\": \"b\"}").json("s", r#"{"jobs": ["a"]}"#).told();
        assert_eq!(told.len(), 1);
        assert!(told[0].starts_with("not-so e.jsonl#/1/job: "), "{told:?}");
        let absent = bench(check).jsonl("e", "{\"job\": \"a\"}").absent("s").told();
        assert_eq!(absent, ["skip s is absent"]);
    }

    #[test]
    fn placeholders_are_filled_from_the_item() {
        let check =
            format!("{DIMENSIONS}\nexpect = '`{{d.name}}` has values {{{{}}}}'\nnext = 'Mend {{d.name}}: {{d.id}}.'");
        let outcome = bench(&check).json("s", r#"{"plan": [{"name": "a", "values": []}]}"#).outcome();
        let Outcome::Fail(findings, _) = outcome else { panic!("it fails") };
        assert_eq!(findings.as_slice()[0].expected, "`a` has values {}");
        assert_eq!(findings.as_slice()[0].next.as_deref(), Some("Mend a: (no d.id)."));
    }

    #[test]
    fn every_expression_tells_its_parameters() {
        let keys = "in = 's'\nwhere = 'item > policy.a'\nthat = \"item < policy['b']\"\nnext = 'below {policy.c}'";
        let mut parameters = sound(&format!("kind = 'each-holds'\n{keys}"), &["s"]).parameters();
        parameters.sort();
        assert_eq!(parameters, ["a", "b", "c"]);
    }

    #[test]
    fn unsound_definitions_are_refused() {
        let told = |keys: &str| refused(&format!("kind = 'each-holds'\nin = 's'\n{keys}"), &["s"]);
        assert_eq!(
            told("that = 's.size() > 1'"),
            ["vacuous: `that`: the expression does not name `item`, so it says the same of each item"]
        );
        assert!(told("that = 'item > 1'\nnext = 'see {itm}'")[0].starts_with("expression: `next`: "));
        assert_eq!(told("that = 'item > 1'\nnext = 'see {item'"), ["expression: `next`: a `{` has no `}` behind it"]);
        assert_eq!(told("as = 'now'\nthat = 'now > 1'")[0], "expression: `as`: `now` cannot be the name of an item");
        assert_eq!(
            told("as = 's'\nthat = 's > 1'"),
            ["expression: `that`: the name `s` is both evidence of the gate and bound by the check"]
        );
    }
}
