//! Asserts how often an event occurs in each sequence of a stream, and what it follows: exactly one result for a job, an approval before
//! the step behind it, heartbeats that do not pause.
//!
//! `events` is a stream of records; `by` is the key whose text says which sequence a record belongs to: `job_id`, a place further inside
//! (`/jobResult/jobId`), or a list of which the first that leads to something counts. With `where`, only records for which it is true are looked at.
//! `event` is an expression over `event` that says which records are meant. With `each`, the sequences are those that these places name: one without a record counts none, and
//! a record of any other is a finding, unless `others_allowed = true`, which asks nothing of the others. Without it they are those of the stream.
//!
//! ```toml
//! [evidence.flows]
//! path = "run:flows/*.json"
//! pick = "all"
//! [evidence.stream]
//! path = "run:flows/*.jsonl"
//! pick = "all"
//!
//! [[check]]
//! kind = "events-follow"
//! events = "stream"
//! by = "job_id"
//! each = "flows.job_id"
//! event = "event.type == 'heartbeat'"
//! at_least = 1
//! at_most = 1000
//! before = "event.type == 'result'"
//! max_gap_seconds = 30
//! at = "ts"
//!
//! [[check]]
//! kind = "events-follow"
//! events = "stream"
//! by = "job_id"
//! event = "event.type == 'step' && event.step == 'apply'"
//! after = "event.type == 'approval'"
//!
//! [[check]]
//! kind = "events-follow"
//! events = "stream"
//! by = ["/heartbeat/worker", "/answer/worker"]
//! where = "has(event.heartbeat) || has(event.answer)"
//! event = "has(event.heartbeat)"
//! at = "/sent"
//! max_gap_seconds = 15
//! to_end = true
//! absence = "a record is a heartbeat, an answer or something else"
//! ```
//!
//! `at_least` and `at_most` bound how often the event occurs in each sequence, all files together. `after`: in its file, a record for which
//! this is true must stand above each such event. `before`: none may stand below a record for which this is true. `max_gap_seconds`: from the first
//! record of a sequence on, no more time than this passes until the next such event, or until the sequence's last record; with `to_end = true`,
//! until the last record of the file, whatever it belongs to. A `null` decides nothing in `where`, in `before`, and in `event` where an event that is
//! missed could pass. Times stand at `at`, a key or a place, and never go back within a sequence. `absence` is as in `holds`. Records pass one by one; what is kept is a few words for each sequence.
//!
//! Findings: `too-few-events`, `too-many-events`, `event-too-early`, `event-too-late`, `events-too-far-apart`, `time-goes-back`, `stray-event`,
//! `missing-field`, `wrong-type`, and the words of `holds` for an expression without an answer. Errors: there is no sequence; evidence that is no
//! stream of records.

use super::expression::{self, Condition, bind_always, cautions};
use super::tally::Tally;
use super::values::{Given, Places, admit, members};
use super::ways::{Way, Ways};
use crate::definition::{Keys, Raw, Refusal, Stricter};
use crate::diagnostic::Code;
use crate::expr::{Scope, Truth};
use crate::gate::{Admitted, Check, CheckKind, Context, Declared, Fold, Place, Refused, Use};
use crate::model::{
    Document, EvidenceId, Finding, Gap, GapKind, Instant, Node, Number, Outcome, Pointer, Where, parse_instant,
};
use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The kind `events-follow`.
pub static EVENTS_FOLLOW: CheckKind = CheckKind {
    id: "events-follow",
    about: "an event occurs as often, and in such an order, as it must",
    docs: include_str!("events_follow.rs"),
    parse,
};

/// Most sequences that are followed: a stream that names a new one in each record would fill the memory.
const SEQUENCES_MOST: usize = 100_000;

/// What is asked of each record.
struct Rule {
    by: Ways,
    only: Option<Condition>,
    event: Condition,
    after: Option<Condition>,
    before: Option<Condition>,
    at: Option<Way>,
    max_gap: Option<Given<Number>>,
    to_end: bool,
    /// Whether an event that is not taken for one could pass.
    missed_passes: bool,
}

struct EventsFollow {
    events: EvidenceId,
    each: Option<Places>,
    others_allowed: bool,
    at_least: u64,
    at_most: Option<u64>,
    absence: Option<String>,
    rule: Arc<Rule>,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[
        ("events", Stricter::Unclear),
        ("by", Stricter::Unclear),
        ("each", Stricter::Unclear),
        ("others_allowed", Stricter::False),
        ("where", Stricter::Unclear),
        ("event", Stricter::Unclear),
        ("at_least", Stricter::Higher),
        ("at_most", Stricter::Lower),
        ("after", Stricter::Given),
        ("before", Stricter::Given),
        ("at", Stricter::Unclear),
        ("max_gap_seconds", Stricter::Lower),
        ("to_end", Stricter::True),
        ("absence", Stricter::Prose),
    ]);
    let bound = ["event"];
    let events = keys.required("events", "The stream of records.");
    let by = keys.required(
        "by",
        "The key, or the place, whose text names the sequence of a record; of a list the first that is there.",
    );
    let each = keys
        .optional::<Places>("each", "The places of the sequences that there must be; those of the stream if not given.");
    let doc = "Whether there may be sequences that `each` does not name.";
    let others_allowed = keys.or("others_allowed", false, doc);
    let read = |raw: Raw<'_>| expression::read(raw, &bound);
    let doc = "An expression over `event` that says which records are looked at; all of them if not given.";
    let only = keys.custom("where", false, expression::kind(), doc, read);
    let doc = "The expression over `event` that says which records are meant.";
    let event = keys.custom("event", true, expression::kind(), doc, read);
    let at_least = keys.or("at_least", 0, "How often the event must occur in each sequence at least.");
    let at_most = keys.optional("at_most", "How often the event may occur in each sequence.");
    let after = keys.custom("after", false, expression::kind(), "What must stand above each such event.", read);
    let before = keys.custom("before", false, expression::kind(), "Below what no such event may stand.", read);
    let at = keys.optional("at", "The key, or the place, of a record's time; needed for `max_gap_seconds`.");
    let max_gap = keys.optional("max_gap_seconds", "How long a sequence may go on without such an event.");
    let to_end =
        keys.or("to_end", false, "Whether it goes on until the last record of the file, instead of its own last one.");
    let absence = keys.optional("absence", "Why what `has(...)` asks for may be absent.");
    let given = |keys: &Keys<'_>, key| keys.span(key) != keys.here();
    // A narrowing that was named and refused must not be left out.
    let refused = [("each", each.is_none()), ("at_most", at_most.is_none()), ("after", after.is_none())]
        .into_iter()
        .chain([
            ("where", only.is_none()),
            ("before", before.is_none()),
            ("max_gap_seconds", max_gap.is_none()),
            ("at", at.is_none()),
        ])
        .any(|(key, none)| none && given(keys, key));
    let says_nothing = at_least == 0 && at_most.is_none() && after.is_none() && before.is_none() && max_gap.is_none();
    if !refused && says_nothing && event.is_some() {
        let refusal = Refusal::new("nothing is asked of the event, so the check could not fail").code(Code::VACUOUS);
        keys.refuse("event", refusal.help("give `at_least`, `at_most`, `after`, `before` or `max_gap_seconds`"));
        return None;
    }
    if max_gap.is_some() && at.is_none() {
        keys.refuse("max_gap_seconds", Refusal::new("needs `at`, the key of a record's time").code(Code::MISSING_KEY));
        return None;
    }
    if to_end && max_gap.is_none() {
        keys.refuse("to_end", Refusal::new("needs `max_gap_seconds`").code(Code::MISSING_KEY));
        return None;
    }
    let ordered = after.is_some() || before.is_some() || max_gap.is_some() || at.is_some();
    if others_allowed && (each.is_none() || ordered) {
        let refusal = Refusal::new("needs `each`, and that nothing but `at_least` and `at_most` is asked");
        keys.refuse("others_allowed", refusal.code(Code::WRONG_TYPE));
        return None;
    }
    let missed_passes = at_most.is_some() || after.is_some() || before.is_some();
    let rule = Arc::new(Rule { by: by?, only, event: event?, after, before, at, max_gap, to_end, missed_passes });
    let check = EventsFollow { events: events?, each, others_allowed, at_least, at_most, absence, rule };
    (!refused).then_some(Box::new(check))
}

/// One sequence in one file.
#[derive(Default, Clone)]
struct Sequence {
    first: u64,
    last: u64,
    count: u64,
    allowed: bool,
    closed: Option<u64>,
    /// When the last such event, or the first record, was, and its line.
    since: Option<(Instant, u64)>,
    now: Option<Instant>,
}

/// What came of one file.
#[derive(Default)]
struct Stream {
    sequences: BTreeMap<String, Sequence>,
    /// The latest time of any record, and its line.
    end: Option<(Instant, u64)>,
    tally: Tally,
}

struct Records {
    rule: Arc<Rule>,
    context: Context,
    run: Document,
    max_gap: Option<f64>,
    stream: Stream,
}

impl Rule {
    fn conditions(&self) -> Vec<&Condition> {
        [&self.event].into_iter().chain(&self.only).chain(&self.after).chain(&self.before).collect()
    }
}

impl Records {
    /// Whether a condition is true of a record; with `selects` a `null` decides nothing in it, because what it leaves out nobody looks at.
    fn holds(&mut self, condition: &Condition, selects: bool, line: u64, record: Node<'_>) -> Option<bool> {
        let mut scope = Scope::new();
        bind_always(&mut scope, &self.rule.conditions(), &self.context, &self.run);
        scope.bind_at("event", record, Pointer::root());
        let truth = match selects {
            true => condition.expression.selects(&scope),
            false => condition.expression.holds(&scope),
        };
        match truth {
            Truth::Holds { .. } => Some(true),
            Truth::DoesNotHold(_) => Some(false),
            Truth::Trouble(trouble) => {
                let own = Where::line("", line);
                let inside = trouble.at.as_ref().filter(|at| at.binding == "event");
                let at = inside.map(|at| Where { pointer: Some(at.pointer.clone()), ..own.clone() });
                self.stream.tally.keep(expression::fault(&trouble, condition.expression.text(), at, &own));
                None
            }
        }
    }

    /// The text at the first of these places of a record that is there.
    fn text<'r>(&mut self, record: Node<'r>, ways: &[Way], line: u64) -> Option<&'r str> {
        let (way, node) = ways.iter().find_map(|way| Some((way, record.at(&way.0)?))).unzip();
        let (kind, actual) = match node {
            Some(node) => match node.text().filter(|text| !text.trim().is_empty()) {
                Some(text) => return Some(text),
                None => ("wrong-type", node.excerpt(60)),
            },
            None => ("missing-field", "nothing".to_owned()),
        };
        let way = way.or(ways.first()).expect("a key names at least one place");
        let at = Where { pointer: Some(way.0.clone()), ..Where::line("", line) };
        self.stream.tally.find(Finding::new(kind, format!("a text in `{way}`"), actual).at(at));
        None
    }

    /// Follows the clock of the whole file.
    fn last(&mut self, record: Node<'_>, line: u64) {
        let Some(at) = self.rule.at.as_ref().filter(|_| self.rule.to_end) else { return };
        let time = record.at(&at.0).and_then(Node::text).and_then(|text| parse_instant(text).ok());
        if let Some(time) = time.filter(|time| self.stream.end.is_none_or(|(end, _)| *time > end)) {
            self.stream.end = Some((time, line));
        }
    }

    fn find(&mut self, kind: &'static str, expected: String, actual: String, line: u64) {
        self.stream.tally.find(Finding::new(kind, expected, actual).at(Where::line("", line)));
    }

    /// Follows the clock of a sequence.
    fn tick(&mut self, sequence: &mut Sequence, name: &str, record: Node<'_>, is_event: bool, line: u64) {
        let rule = self.rule.clone();
        let Some(text) = rule.at.as_ref().and_then(|at| self.text(record, std::slice::from_ref(at), line)) else { return };
        let time = match parse_instant(text) {
            Ok(time) => time,
            Err(phrase) => return self.find("wrong-type", "a time with an offset".to_owned(), phrase, line),
        };
        if sequence.now.is_some_and(|now| time < now) {
            self.find(
                "time-goes-back",
                format!("a time of `{name}` not before that of the record above"),
                text.to_owned(),
                line,
            );
        }
        let (since, from) = *sequence.since.get_or_insert((time, line));
        let passed = (time - since).as_seconds_f64();
        if let Some(most) = self.max_gap.filter(|most| passed > *most) {
            let expected = format!("at most {most} seconds of `{name}` without such an event");
            self.find("events-too-far-apart", expected, format!("{passed} seconds since line {from}"), line);
        }
        if is_event || self.max_gap.is_some_and(|most| passed > most) {
            // A gap is told once, and not again by each record behind it.
            sequence.since = Some((time, line));
        }
        sequence.now = Some(time);
    }
}

impl Fold for Records {
    fn record(&mut self, line: u64, record: Node<'_>) {
        let rule = self.rule.clone();
        self.last(record, line);
        if rule.only.as_ref().is_some_and(|only| self.holds(only, true, line, record) != Some(true)) {
            return;
        }
        let Some(name) = self.text(record, &rule.by.0, line) else { return };
        let known = self.stream.sequences.get(name).cloned();
        if known.is_none() && self.stream.sequences.len() >= SEQUENCES_MOST {
            let expected = format!("at most {SEQUENCES_MOST} sequences in one stream");
            return self.stream.tally.gap(Gap::new(GapKind::OverLimit, Where::line("", line), expected, "more"));
        }
        let mut sequence = known.unwrap_or_else(|| Sequence { first: line, ..Sequence::default() });
        let Some(is_event) = self.holds(&rule.event, rule.missed_passes, line, record) else { return };
        if is_event {
            sequence.count += 1;
            sequence.last = line;
            if let Some(after) = rule.after.as_ref().filter(|_| !sequence.allowed) {
                let expected = format!("`{}` of `{name}` above this event", after.expression.text());
                self.find("event-too-early", expected, "nothing".to_owned(), line);
            }
            if let (Some(before), Some(closed)) = (&rule.before, sequence.closed) {
                let expected = format!("no such event of `{name}` below `{}`", before.expression.text());
                self.find("event-too-late", expected, format!("that is in line {closed}"), line);
            }
        }
        if let Some(after) = &rule.after {
            sequence.allowed |= self.holds(after, false, line, record) == Some(true);
        }
        if let Some(before) = rule.before.as_ref().filter(|_| sequence.closed.is_none()) {
            sequence.closed = (self.holds(before, true, line, record) == Some(true)).then_some(line);
        }
        self.tick(&mut sequence, name, record, is_event, line);
        self.stream.sequences.insert(name.to_owned(), sequence);
    }

    fn finish(mut self: Box<Self>) -> Box<dyn Any + Send + Sync> {
        if let (Some((end, last)), Some(most)) = (self.stream.end, self.max_gap) {
            let sequences = std::mem::take(&mut self.stream.sequences);
            for (name, sequence) in &sequences {
                let Some((since, line)) = sequence.since else { continue };
                let passed = (end - since).as_seconds_f64();
                if passed > most {
                    let expected = format!("at most {most} seconds of `{name}` without such an event");
                    let actual = format!("{passed} seconds from here to line {last}, the end of the stream");
                    self.find("events-too-far-apart", expected, actual, line);
                }
            }
            self.stream.sequences = sequences;
        }
        Box::new(self.stream)
    }
}

impl EventsFollow {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        let mut tally = Tally::default();
        let places = self.each.iter().flat_map(|each| &each.0);
        admit(evidence, [&self.events].into_iter().chain(places.map(|place| &place.evidence)))?;
        self.rule.max_gap.as_ref().map(|gap| gap.number(evidence.context)).transpose()?;
        let streams = evidence.folded::<Stream>(&self.events)?;
        let artifacts = evidence.artifacts(&self.events)?;
        if streams.len() != artifacts.len() {
            let at = Where::file(&artifacts[0].path.shown);
            return Ok(Outcome::Error(Gap::new(GapKind::Invalid, at, "a stream of records", "something else").into()));
        }
        // How often, where the sequence begins and where its last such event is.
        let mut counts: BTreeMap<&str, (u64, Where, Where)> = BTreeMap::new();
        for (artifact, stream) in &streams {
            tally.take(&stream.tally, |at| Where { path: artifact.path.shown.clone(), ..at });
            for (name, sequence) in &stream.sequences {
                let at = |line| Where::line(&artifact.path.shown, line);
                let fresh = || (0, at(sequence.first), at(sequence.first));
                let own = counts.entry(name).or_insert_with(fresh);
                own.0 += sequence.count;
                if sequence.count > 0 {
                    own.2 = at(sequence.last);
                }
            }
        }
        match &self.each {
            None => {
                counts.iter().for_each(|(name, (count, first, last))| self.count(name, *count, first, last, &mut tally))
            }
            Some(each) => {
                let mut named = BTreeSet::new();
                for way in members(evidence, &each.0)? {
                    let Some(value) = tally.value(way) else { continue };
                    let Some(name) = value.text("the name of a sequence", &mut tally) else { continue };
                    // Two places may name the same sequence.
                    if !named.insert(name.to_owned()) {
                        continue;
                    }
                    let (count, first, last) =
                        counts.remove(name).unwrap_or_else(|| (0, value.at.clone(), value.at.clone()));
                    self.count(name, count, &first, &last, &mut tally);
                }
                for (name, (_, first, _)) in counts.into_iter().filter(|_| !self.others_allowed) {
                    let finding =
                        Finding::new("stray-event", format!("records of {each} alone"), format!("one of `{name}`"));
                    let finding = finding.saying(format!("a record of `{name}`, which is none of {each}"));
                    tally.find(finding.at(first));
                }
            }
        }
        Ok(tally.finish(|| ("a sequence of records".to_owned(), Where::file(&artifacts[0].path.shown))))
    }

    fn count(&self, name: &str, count: u64, first: &Where, last: &Where, tally: &mut Tally) {
        tally.examined();
        let what = self.rule.event.expression.text();
        if count < self.at_least {
            let expected = format!("at least {} `{what}` of `{name}`", self.at_least);
            let message = format!("`{name}` has {count} of the events, at least {} are asked for", self.at_least);
            tally.find(Finding::new("too-few-events", expected, count.to_string()).saying(message).at(first.clone()));
        }
        if let Some(most) = self.at_most.filter(|most| count > *most) {
            let expected = format!("at most {most} `{what}` of `{name}`");
            let message = format!("`{name}` has {count} of the events, at most {most} may be there");
            tally.find(Finding::new("too-many-events", expected, count.to_string()).saying(message).at(last.clone()));
        }
    }
}

impl Check for EventsFollow {
    fn declares(&self) -> Vec<Declared> {
        let record = Place::of(&self.events, "");
        let ways = self.rule.by.0.iter().chain(&self.rule.at);
        let mut all: Vec<Declared> = ways.map(|way| Declared::Value(way.below(&record))).collect();
        all.extend(expression::declares(self.rule.conditions(), &[("event", &[&record])]));
        all.extend(super::values::declared(self.each.iter().flat_map(|each| &each.0)));
        all
    }

    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        let mut reads = vec![(self.events.clone(), Use::Stream)];
        reads.extend(self.each.iter().flat_map(|each| &each.0).map(|place| (place.evidence.clone(), Use::Whole)));
        reads.sort();
        reads.dedup();
        reads
    }

    fn parameters(&self) -> Vec<String> {
        let own = self.rule.max_gap.as_ref().and_then(Given::parameter);
        expression::parameters(self.rule.conditions()).into_iter().chain(own).collect()
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }

    fn fold(&self, evidence: &EvidenceId, context: &Context) -> Option<Box<dyn Fold>> {
        (*evidence == self.events).then(|| {
            let max_gap = self.rule.max_gap.as_ref().and_then(|gap| gap.number(context).ok()).map(Number::as_float);
            let stream = Stream::default();
            let (rule, run) = (self.rule.clone(), expression::run(context));
            Box::new(Records { rule, context: context.clone(), run, max_gap, stream }) as Box<dyn Fold>
        })
    }

    fn cautions(&self) -> Vec<Refusal> {
        cautions(self.absence.as_deref(), self.rule.conditions())
    }
}

#[cfg(test)]
#[path = "events_follow_tests.rs"]
mod tests;
