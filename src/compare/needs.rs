//! What a gate reads, and on which terms it is admitted.

use super::{Changes, Class, shown};
use crate::gate::{EvidenceNeed, Gate, Paths, Pick};
use crate::model::EvidenceId;
use std::collections::BTreeSet;

/// Compares the evidence needs of two versions of a gate, by id.
pub(super) fn compare(from: &Gate, to: &Gate, changes: &mut Changes<'_>) {
    let ids: Vec<&EvidenceId> = from.evidence.iter().chain(&to.evidence).map(|need| &need.id).collect();
    let mut seen = BTreeSet::new();
    for id in ids.into_iter().filter(|id| seen.insert(*id)) {
        let at = |key: &str| {
            let name = format!("evidence.{id}{key}");
            (from.places.find(&name), to.places.find(&name))
        };
        match (from.need(id), to.need(id)) {
            (Some(was), Some(is)) => need(was, is, &at, changes),
            (was, is) => changes.presence(&format!("evidence {id}"), (was.map(files), is.map(files)), at("")),
        }
    }
}

/// Where the files of a need are.
fn files(need: &EvidenceNeed) -> String {
    match &need.paths {
        Paths::Declared { base, pattern, .. } => format!("{}:{pattern}", base.word()),
        Paths::Referenced { place, base } => format!("{}: what {place} names", base.word()),
    }
}

fn pick(need: &EvidenceNeed) -> &'static str {
    match &need.paths {
        Paths::Declared { pick: Pick::Only, .. } => "only",
        Paths::Declared { pick: Pick::Newest, .. } => "newest",
        Paths::Declared { pick: Pick::All, .. } | Paths::Referenced { .. } => "all",
    }
}

fn need<'s>(from: &EvidenceNeed, to: &EvidenceNeed, at: &dyn Fn(&str) -> super::At<'s>, changes: &mut Changes<'_>) {
    let what = |key: &str| format!("evidence {} {key}", from.id);
    changes.unclear(&what("path"), Some(files(from)), Some(files(to)), at(".path"));
    changes.unclear(&what("pick"), Some(pick(from).to_owned()), Some(pick(to).to_owned()), at(".pick"));
    changes.unclear(&what("format"), Some(from.format.id.to_owned()), Some(to.format.id.to_owned()), at(".format"));
    term(&what("schema"), from.schema.clone(), to.schema.clone(), at(".schema"), changes);
    let shape = |need: &EvidenceNeed| need.shape.as_ref().map(|shape| format!("SHA-256 {}", shape.digest()));
    term(&what("shape"), shape(from), shape(to), at(".shape"), changes);
    let pointer = |pointer: &Option<crate::model::Pointer>| pointer.as_ref().map(ToString::to_string);
    term(&what("at"), pointer(&from.at), pointer(&to.at), at(".at"), changes);
    match (from.max_age, to.max_age) {
        (Some(was), Some(is)) if was != is => {
            let (class, reason) = match is.duration() < was.duration() {
                true => (Class::Tightening, "it must be younger"),
                false => (Class::Weakening, "it may be older"),
            };
            changes.add(class, what("max_age"), shown(was, is), reason, at(".max_age"));
        }
        (was, is) => {
            let show = |age: Option<crate::model::Age>| age.map(|age| age.to_string());
            term(&what("max_age"), show(was), show(is), at(".max_age"), changes);
        }
    }
    let (was, is) = (&from.bound, &to.bound);
    term(&what("bound commit"), pointer(&was.commit), pointer(&is.commit), at(".bound"), changes);
    term(&what("bound run_id"), pointer(&was.run_id), pointer(&is.run_id), at(".bound"), changes);
    changes.flag(&what("optional"), from.optional, to.optional, false, at(".optional"));
}

/// A term of admission: to have one is stricter, another one may be anything.
fn term(what: &str, from: Option<String>, to: Option<String>, at: super::At<'_>, changes: &mut Changes<'_>) {
    match (&from, &to) {
        (Some(_), Some(_)) => changes.unclear(what, from, to, at),
        (_, _) => changes.presence(what, (from, to), at),
    }
}
