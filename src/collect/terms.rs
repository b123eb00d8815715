//! The terms on which one need admits a document: schema id, shape, freshness, commit, run.
//!
//! In: a document or a record. Out: a gap for each term that it breaks, with path and pointer. A term that cannot be judged is
//! broken. Of a stream, every record must keep the terms, and the newest record tells its age.

use super::since::{Stated, is_commit_id, spelled_wrong, wanted};
use crate::gate::{Bound, Context, EvidenceNeed, Fold, Shape};
use crate::model::{
    Age, Content, Document, Gap, GapKind, Instant, Node, Pointer, StampName, Timezone, Where, parse_stamp_in, show_span,
};
use chrono::SecondsFormat;
use std::any::Any;
use std::sync::Arc;

/// Most gaps that one artifact reports; more of the same would help nobody.
const MOST: usize = 20;

/// How far clocks go before and behind UTC, for a name that does not say in which zone it is.
const ZONES_AHEAD: Age = Age::seconds(14 * 3_600);
const ZONES_BEHIND: Age = Age::seconds(12 * 3_600);

/// The terms of one need for one artifact.
pub(super) struct Terms {
    schema: Option<String>,
    shape: Option<Arc<dyn Shape>>,
    at: Option<Pointer>,
    /// The pattern of the run's name, and that name.
    named: Option<(StampName, Option<String>)>,
    zone: Option<Timezone>,
    max_age: Option<Age>,
    bound: Bound,
    now: Instant,
    skew: Age,
    commit: Result<String, String>,
    run_id: Result<String, String>,
    shown: String,
}

/// What judging came to.
#[derive(Debug, Clone, Default)]
pub(super) struct Judged {
    /// The broken terms.
    pub(super) gaps: Vec<Gap>,
    /// Other commits than the one under judgement that the document states where it may: git must tell what changed since.
    pub(super) since: Vec<Stated>,
    /// When the document says it was made; of a stream, its newest record.
    pub(super) made: Option<Instant>,
}

impl Terms {
    /// The terms of a need; `None` if it has none. `shown` is the artifact's path for people.
    pub(super) fn of(need: &EvidenceNeed, context: &Context, shown: &str) -> Option<Self> {
        let dated = need.at.is_some() || need.at_name.is_some();
        let free = need.schema.is_none() && need.shape.is_none() && !dated && need.bound == Bound::default();
        // An age without a place to read it from cannot be judged, so it is a term too.
        (!free || need.max_age.is_some()).then(|| Self {
            schema: need.schema.clone(),
            shape: need.shape.clone(),
            at: need.at.clone(),
            named: need.at_name.clone().map(|pattern| (pattern, context.run.as_ref().and_then(|run| run.name.clone()))),
            zone: need.timezone,
            max_age: need.max_age,
            bound: need.bound.clone(),
            now: context.now,
            skew: context.limits().clock_skew,
            commit: context.commit.clone(),
            run_id: run_id(context),
            shown: shown.to_owned(),
        })
    }

    /// Judges a whole document.
    pub(super) fn judge(&self, document: &Document) -> Judged {
        let mut judged = self.judge_record(document.root(), None, || None);
        if let Some(shape) = &self.shape {
            for violation in shape.violations(document).into_iter().take(MOST) {
                judged.gaps.push(self.misfit(violation.at, violation.message, None));
            }
        }
        judged.gaps.extend(judged.made.and_then(|made| self.too_old(made, None)));
        judged
    }

    /// The part of the content that the terms look at.
    pub(super) fn document_of<'c>(&self, content: &'c Content) -> Option<&'c Document> {
        let Bound { commit, ancestor, run_id, .. } = &self.bound;
        let deep = |at: &Pointer| at.steps().next().is_none_or(|step| step == Content::ITEMS);
        let whole = self.shape.is_some() || [&self.at, commit, ancestor, run_id].into_iter().flatten().any(deep);
        if whole { content.document() } else { content.summary() }
    }

    /// Content that is no document keeps no terms.
    pub(super) fn judge_other(&self, what: &str) -> Judged {
        let gap = Gap::new(GapKind::Invalid, Where::file(&self.shown), "a document", what);
        Judged { gaps: vec![gap], ..Judged::default() }
    }

    /// Everything but age, which of a stream only the newest record tells, and the shape of whole documents.
    fn judge_record(&self, root: Node<'_>, line: Option<u64>, own: impl FnOnce() -> Option<Document>) -> Judged {
        let mut gaps = Vec::new();
        if let Some(schema) = &self.schema {
            let found = root.get("schema");
            if found.and_then(Node::text) != Some(schema) {
                let at = self.place(Pointer::root().key("schema"), line);
                gaps.push(Gap::new(GapKind::Invalid, at, format!("the schema `{schema}`"), shown(found)));
            }
        }
        if let (Some(shape), Some(document)) = (&self.shape, own()) {
            let violations = shape.violations(&document).into_iter().take(MOST);
            gaps.extend(violations.map(|violation| self.misfit(violation.at, violation.message, line)));
        }
        let made = self.made(root, line).map_err(|gap| gaps.push(gap)).ok().flatten();
        let mut since = Vec::new();
        if let Some(pointer) = &self.bound.commit {
            match self.commit_of(root.at(pointer), pointer, line) {
                Ok(earlier) => since.extend(earlier),
                Err(gap) => gaps.push(gap),
            }
        }
        if let Some(pointer) = &self.bound.ancestor
            && let Some(node) = root.at(pointer).filter(|node| !node.is_null())
        {
            match node.text().filter(|text| is_commit_id(text)) {
                Some(text) => {
                    let at = self.place(pointer.clone(), line);
                    since.push(Stated { commit: text.to_owned(), ancestor: true, at });
                }
                None => {
                    let at = self.place(pointer.clone(), line);
                    gaps.push(Gap::new(GapKind::Unbound, at, "a commit in 40 hex digits", node.excerpt(80)));
                }
            }
        }
        if let Some(pointer) = &self.bound.run_id {
            gaps.extend(self.wrong_run(root.at(pointer), pointer, line));
        }
        Judged { gaps, since, made }
    }

    fn place(&self, pointer: Pointer, line: Option<u64>) -> Where {
        Where { path: self.shown.clone(), pointer: Some(pointer), line }
    }

    fn misfit(&self, at: Pointer, message: String, line: Option<u64>) -> Gap {
        let place = self.place(at, line);
        let sentence = format!("{}: {message}", place.subject());
        Gap::new(GapKind::Invalid, place, "a value that fits the shape", message).saying(sentence)
    }

    /// When the document says it was made, if the need asks.
    fn made(&self, root: Node<'_>, line: Option<u64>) -> Result<Option<Instant>, Gap> {
        if let Some((pattern, name)) = &self.named {
            return self.made_by_name(pattern, name.as_deref()).map(Some);
        }
        let Some(pointer) = &self.at else {
            return match self.max_age {
                Some(_) => {
                    Err(Gap::new(GapKind::Invalid, Where::file(&self.shown), "a timestamp", "no place to read it from"))
                }
                None => Ok(None),
            };
        };
        let at = || self.place(pointer.clone(), line);
        let found = root.at(pointer);
        let wrong = |actual| Gap::new(GapKind::Invalid, at(), "a timestamp with an offset", actual);
        let text = found.and_then(Node::text).ok_or_else(|| match root.get("undated").and_then(Node::text) {
            Some(part) if found.is_none() => {
                wrong("none".to_owned()).saying(format!("{}: {part}, so that its age is not known", self.shown))
            }
            Some(_) | None => wrong(shown(found)),
        })?;
        let made = parse_stamp_in(text, self.zone).map_err(|phrase| wrong(format!("{}, which {phrase}", shown(found))))?;
        let ahead = (made - self.now).num_seconds();
        if made > self.now + self.skew.duration() {
            let expected = format!("a timestamp at most {} in the future (now is {})", self.skew, spell(self.now));
            let actual = format!("{}, which is from the future by {}", spell(made), show_span(ahead));
            let message = format!("{} is {actual}; at most {} is allowed", at().subject(), self.skew);
            return Err(Gap::new(GapKind::Stale, at(), expected, actual).saying(message));
        }
        Ok(Some(made))
    }

    /// When the directory of the run is named for. Without a zone it is of none that is still ahead everywhere.
    fn made_by_name(&self, pattern: &StampName, name: Option<&str>) -> Result<Instant, Gap> {
        let at = || Where::file(&self.shown);
        let made = name.and_then(|name| pattern.read(name, self.zone)).ok_or_else(|| {
            let expected = format!(
                "the directory of the run under the name that says when it was made, such as `{}`",
                pattern.example()
            );
            let actual = name.map_or("no run".to_owned(), |name| format!("`{name}`"));
            let message = format!(
                "the directory of the run, {actual}, does not say when it was made: its name is not like `{}`",
                pattern.example()
            );
            Gap::new(GapKind::Invalid, at(), expected, actual).saying(message)
        })?;
        let zones = if self.zone.is_some() { Age::seconds(0) } else { ZONES_AHEAD };
        if made > self.now + self.skew.duration() + zones.duration() {
            let expected = format!("a directory named for a time that has been (now is {})", spell(self.now));
            return Err(Gap::new(GapKind::Stale, at(), expected, format!("`{}`", name.unwrap_or_default())));
        }
        Ok(made)
    }

    fn too_old(&self, made: Instant, line: Option<u64>) -> Option<Gap> {
        let max = self.max_age?;
        let zones = if self.named.is_some() && self.zone.is_none() { ZONES_BEHIND } else { Age::seconds(0) };
        if self.now - made <= max.duration() + zones.duration() {
            return None;
        }
        let expected = format!("at most {max} old (now is {})", spell(self.now));
        let actual = format!("{}, which is {} old", spell(made), show_span((self.now - made).num_seconds()));
        let place = self.at.clone().map_or_else(|| Where::file(&self.shown), |pointer| self.place(pointer, line));
        let message = format!("{} is {actual}; at most {max} is allowed (now is {})", place.subject(), spell(self.now));
        Some(Gap::new(GapKind::Stale, place, expected, actual).saying(message))
    }

    /// The other commit that git must be asked about, if the document states one where it may.
    fn commit_of(&self, found: Option<Node<'_>>, pointer: &Pointer, line: Option<u64>) -> Result<Option<Stated>, Gap> {
        let at = || self.place(pointer.clone(), line);
        let unbound = |expected: String, actual: String| Err(Gap::new(GapKind::Unbound, at(), expected, actual));
        let commit = match &self.commit {
            Ok(commit) => commit,
            Err(phrase) => return unbound("the commit under judgement".to_owned(), phrase.clone()),
        };
        let text = found.and_then(Node::text);
        match text.filter(|text| is_commit_id(text)) {
            Some(text) if text == commit => Ok(None),
            Some(text) if !self.bound.apart_from.is_empty() => {
                Ok(Some(Stated { commit: text.to_owned(), ancestor: false, at: at() }))
            }
            Some(_) => unbound(wanted(commit, &self.bound), shown(found)),
            None => {
                let phrase = text.and_then(spelled_wrong).map(|phrase| format!(", {phrase}")).unwrap_or_default();
                unbound(wanted(commit, &self.bound), shown(found) + &phrase)
            }
        }
    }

    fn wrong_run(&self, found: Option<Node<'_>>, pointer: &Pointer, line: Option<u64>) -> Option<Gap> {
        let unbound = |expected: String, actual: String| {
            Some(Gap::new(GapKind::Unbound, self.place(pointer.clone(), line), expected, actual))
        };
        match (&self.run_id, found.and_then(Node::text)) {
            (Err(phrase), _) => unbound("the id of the run under judgement".to_owned(), phrase.clone()),
            (Ok(id), Some(text)) if text == id => None,
            (Ok(id), _) => unbound(format!("the run under judgement, `{id}`"), shown(found)),
        }
    }
}

fn shown(found: Option<Node<'_>>) -> String {
    found.map_or_else(|| "nothing".to_owned(), |node| node.excerpt(80))
}

fn spell(at: Instant) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Judges a stream while it passes.
pub(super) struct TermsFold {
    terms: Terms,
    judged: Judged,
    newest: Option<(Instant, u64)>,
}

impl TermsFold {
    pub(super) fn new(terms: Terms) -> Self {
        Self { terms, judged: Judged::default(), newest: None }
    }
}

impl Fold for TermsFold {
    fn record(&mut self, line: u64, record: Node<'_>) {
        let judged = self.terms.judge_record(record, Some(line), || Some(Document::copy(record)));
        let room = MOST.saturating_sub(self.judged.gaps.len());
        self.judged.gaps.extend(judged.gaps.into_iter().take(room));
        for stated in judged.since {
            if self.judged.since.iter().any(|known| known.commit == stated.commit && known.ancestor == stated.ancestor) {
                continue;
            }
            // Each costs a walk through the history.
            match self.judged.since.len() {
                ..MOST => self.judged.since.push(stated),
                MOST if room > 0 => {
                    let expected = format!("records of at most {MOST} earlier commits");
                    self.judged.gaps.push(Gap::new(GapKind::Unbound, stated.at, expected, "more"));
                }
                // A stream with that many gaps is not admitted anyway.
                _more => {}
            }
        }
        if let Some(made) = judged.made
            && self.newest.is_none_or(|(newest, _)| made > newest)
        {
            self.newest = Some((made, line));
        }
    }

    fn finish(self: Box<Self>) -> Box<dyn Any + Send + Sync> {
        let Self { terms, mut judged, newest } = *self;
        if let Some((made, line)) = newest {
            judged.made = Some(made);
            judged.gaps.extend(terms.too_old(made, Some(line)));
        }
        Box::new(judged)
    }
}

/// The id of the run under judgement, or why there is none.
fn run_id(context: &Context) -> Result<String, String> {
    let run = context.run.as_ref().ok_or("no run was given")?;
    let stated = || match &context.policy.run {
        Some(binding) => format!("the run does not state it in `{}` at `{}`", binding.file, binding.id),
        None => "the policy does not say where a run states it".to_owned(),
    };
    run.id.clone().ok_or_else(stated)
}
