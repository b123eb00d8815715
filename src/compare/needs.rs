//! What a gate reads, and on which terms it is admitted.

use super::{Changes, Class, shown};
use crate::gate::{Bound, Duplicates, EvidenceNeed, Gate, Paths, Pick, Query};
use crate::model::{EvidenceId, RelPath};
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
        Paths::Declared { base, pattern, pick: _, fallback: _ } => format!("{}:{pattern}", base.word()),
        Paths::Referenced { place, base } => format!("{}: what {place} names", base.word()),
    }
}

fn pick(need: &EvidenceNeed) -> &'static str {
    match &need.paths {
        Paths::Declared { pick: Pick::Only, .. } => "only",
        Paths::Declared { pick: Pick::Newest, .. } => "newest",
        Paths::Declared { pick: Pick::NewestRun, .. } => "newest-run",
        Paths::Declared { pick: Pick::All, .. } | Paths::Referenced { .. } => "all",
    }
}

fn need<'s>(from: &EvidenceNeed, to: &EvidenceNeed, at: &dyn Fn(&str) -> super::At<'s>, changes: &mut Changes<'_>) {
    // Taken apart, so that a term that is added does not compile until it is weighed here.
    let EvidenceNeed {
        id,
        paths,
        format,
        schema,
        shape,
        at: made,
        at_name: named,
        timezone,
        max_age,
        bound,
        optional,
        duplicates,
        decisive,
        exclude,
        query,
    } = from;
    let what = |key: &str| format!("evidence {id} {key}");
    changes.unclear(&what("path"), Some(files(from)), Some(files(to)), at(".path"));
    let question = |query: &Option<Query>| query.as_ref().map(|query| format!("{} SHA-256 {}", query.name, query.digest()));
    changes.unclear(&what("query"), question(query), question(&to.query), at(".query"));
    changes.unclear(&what("pick"), Some(pick(from).to_owned()), Some(pick(to).to_owned()), at(".pick"));
    stand_in(&what("fallback"), (fallback(paths), fallback(&to.paths)), to.optional, at(".fallback"), changes);
    changes.unclear(&what("format"), Some(format.id.to_owned()), Some(to.format.id.to_owned()), at(".format"));
    term(&what("schema"), schema.clone(), to.schema.clone(), at(".schema"), changes);
    let digest = |shape: &Option<std::sync::Arc<dyn crate::gate::Shape>>| {
        shape.as_ref().map(|shape| format!("SHA-256 {}", shape.digest()))
    };
    term(&what("shape"), digest(shape), digest(&to.shape), at(".shape"), changes);
    let pointer = |pointer: &Option<crate::model::Pointer>| pointer.as_ref().map(ToString::to_string);
    term(&what("at"), pointer(made), pointer(&to.at), at(".at"), changes);
    let name = |name: &Option<crate::model::StampName>| name.as_ref().map(ToString::to_string);
    changes.unclear(&what("at_name"), name(named), name(&to.at_name), at(".at_name"));
    let zone = |zone: &Option<crate::model::Timezone>| zone.map(|zone| zone.to_string());
    changes.unclear(&what("timezone"), zone(timezone), zone(&to.timezone), at(".timezone"));
    let left_out = |paths: &[RelPath]| {
        let paths: BTreeSet<String> = paths.iter().map(ToString::to_string).collect();
        (!paths.is_empty()).then(|| paths.into_iter().collect::<Vec<_>>().join(", "))
    };
    changes.unclear(&what("exclude"), left_out(exclude), left_out(&to.exclude), at(".exclude"));
    match (*max_age, to.max_age) {
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
    let Bound { commit, apart_from, ancestor, run_id } = bound;
    term(&what("bound commit"), pointer(commit), pointer(&to.bound.commit), at(".bound"), changes);
    spared(&what("bound apart_from"), apart_from, &to.bound.apart_from, at(".bound"), changes);
    term(&what("bound ancestor"), pointer(ancestor), pointer(&to.bound.ancestor), at(".bound"), changes);
    term(&what("bound run_id"), pointer(run_id), pointer(&to.bound.run_id), at(".bound"), changes);
    changes.flag(&what("optional"), *optional, to.optional, false, at(".optional"));
    if *duplicates != to.duplicates {
        let (class, reason) = match to.duplicates {
            Duplicates::Tests => (Class::Tightening, "of two tests with one name each must pass"),
            Duplicates::Attempts => (Class::Weakening, "of two tests with one name only the last must pass"),
        };
        changes.add(class, what("duplicates"), shown(*duplicates, to.duplicates), reason, at(".duplicates"));
    }
    changes.flag(&what("decisive"), *decisive, to.decisive, true, at(".decisive"));
}

fn fallback(paths: &Paths) -> Option<String> {
    match paths {
        Paths::Declared { fallback, base: _, pattern: _, pick: _ } => fallback.as_ref().map(|path| format!("repo:{path}")),
        Paths::Referenced { place: _, base: _ } => None,
    }
}

/// Another file that may be judged instead. Without it evidence is missing, which is stricter unless its absence is allowed.
fn stand_in(
    what: &str,
    (from, to): (Option<String>, Option<String>),
    optional: bool,
    at: super::At<'_>,
    changes: &mut Changes<'_>,
) {
    match (&from, &to) {
        (None, Some(_)) => changes.add(Class::Weakening, what, (from, to), "another file may stand in", at),
        (Some(_), None) if !optional => changes.add(Class::Tightening, what, (from, to), "no other file stands in", at),
        (_, _) => changes.unclear(what, from, to, at),
    }
}

/// What may have changed since the commit that evidence names. Fewer is stricter; none at all is another rule, by which the evidence need
/// not be committed.
fn spared(what: &str, from: &[RelPath], to: &[RelPath], at: super::At<'_>, changes: &mut Changes<'_>) {
    let set = |paths: &[RelPath]| paths.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    let (was, is) = (set(from), set(to));
    let show = |paths: &BTreeSet<String>| (!paths.is_empty()).then(|| paths.iter().cloned().collect::<Vec<_>>().join(", "));
    let both = (show(&was), show(&is));
    let either_none = was.is_empty() || is.is_empty();
    match (was.is_subset(&is), is.is_subset(&was)) {
        (true, false) if !either_none => changes.add(Class::Weakening, what, both, "more may have changed since", at),
        (false, true) if !either_none => changes.add(Class::Tightening, what, both, "less may have changed since", at),
        (_, _) => changes.unclear(what, both.0, both.1, at),
    }
}

/// A term of admission: to have one is stricter, another one may be anything.
fn term(what: &str, from: Option<String>, to: Option<String>, at: super::At<'_>, changes: &mut Changes<'_>) {
    match (&from, &to) {
        (Some(_), Some(_)) => changes.unclear(what, from, to, at),
        (_, _) => changes.presence(what, (from, to), at),
    }
}
