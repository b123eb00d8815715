//! The condition of a signature over an artifact.
//!
//! In: a clause and a document. Out: each value of which it holds, with what stands there. A condition that cannot be told of a value is a match
//! too: the artifact is damaged.

use super::search::{Found, TEXT_MAX};
use crate::expr::{Expression, Scope, Truth};
use crate::model::{Document, Node, Pointer, Where};
use crate::signature::ArtifactClause;

pub(super) type Places = Vec<(Found, Where, String)>;

/// Looks at a document, or at each member of a part of it.
pub(super) fn judge(
    clause: &ArtifactClause,
    document: &Document,
    shown: &str,
    now: crate::model::Instant,
    places: &mut Places,
) {
    let Some(when) = &clause.when else { return };
    let root = document.root();
    let mut scope = Scope::new();
    scope.bind("doc", root);
    scope.bind_instant("now", now);
    let Some(each) = &clause.each else {
        return decide(when, &scope, root, &Pointer::root(), clause, shown, places);
    };
    // A document without the part has no members that could match; another clause may ask for the part itself.
    let Some(part) = root.at(each) else { return };
    let items = part.items().enumerate().map(|(index, item)| (each.index(index), item));
    let entries = part.entries().map(|(key, item)| (each.key(key), item));
    for (at, item) in items.chain(entries) {
        scope.bind_at("item", item, at.clone());
        decide(when, &scope, item, &at, clause, shown, places);
    }
}

fn decide(
    when: &Expression,
    scope: &Scope<'_>,
    value: Node<'_>,
    at: &Pointer,
    clause: &ArtifactClause,
    shown: &str,
    places: &mut Places,
) {
    match when.holds(scope) {
        Truth::DoesNotHold(_) => {}
        Truth::Trouble(trouble) => {
            let blamed = trouble.at.as_ref().map_or_else(|| at.clone(), |at| at.pointer.clone());
            let line = format!("{} instead of {}", trouble.actual, trouble.expected);
            places.push((Found::Damaged, Where::pointer(shown, blamed), line));
        }
        Truth::Holds { .. } => {
            let shown_at = clause.at.steps().fold(at.clone(), |at, step| at.key(&step));
            let line = value.at(&clause.at).map_or_else(|| "nothing".to_owned(), |node| node.excerpt(TEXT_MAX));
            places.push((Found::Condition, Where::pointer(shown, shown_at), line));
        }
    }
}
