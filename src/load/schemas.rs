//! JSON Schemas of every file that people write, for editors; made from the readers themselves.
//!
//! The ledger alone is described by hand, because it is read as a document (`model::Ledger`) and not key by key.

use super::{check_tables, config, gates, policies, signatures};
use crate::definition::{KeyDoc, Kind, json_schema};
use crate::gate::{CheckKind, Registry};
use crate::model::Quarantine;

/// The keys of gate, policy, configuration and ledger files, by the schema's word.
pub fn described(registry: &Registry) -> Vec<(&'static str, Vec<KeyDoc>)> {
    vec![
        ("gate", gates::keys(registry)),
        ("policy", policies::keys()),
        ("config", config::keys(registry)),
        ("ledger", ledger()),
        ("signatures", signatures::keys()),
    ]
}

/// The JSON Schemas (2020-12) of the same files, as text.
pub fn schemas(registry: &Registry) -> Vec<(&'static str, String)> {
    let schema = |(word, keys): (&'static str, Vec<KeyDoc>)| {
        (word, json_schema(&format!("gatekeeper {word} file"), &format!("gatekeeper.{word}/1"), &keys))
    };
    described(registry).into_iter().map(schema).collect()
}

/// The keys of one check kind's table.
pub fn check_kind_keys(kind: &CheckKind) -> Vec<KeyDoc> {
    check_tables::keys(kind)
}

fn key(name: &'static str, kind: Kind, doc: &'static str) -> KeyDoc {
    KeyDoc { name, required: true, default: None, kind, doc, stricter: None }
}

fn date() -> Kind {
    Kind::Pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "a date like 2026-01-31")
}

fn ledger() -> Vec<KeyDoc> {
    let table = |keys| Kind::Map(Box::new(Kind::Table(keys)));
    let texts = || Kind::List(Box::new(Kind::Text));
    let waiver = vec![
        key("owner", Kind::Text, "Who answers for it."),
        key("bead", Kind::Text, "The tracker's id."),
        key("reason", Kind::Text, "Why the failure is acceptable for now."),
        key("created", date(), "Its first day."),
        key("expires", date(), "Its last day, UTC; on this day it still applies."),
        key("scope", texts(), "The lanes in which it applies."),
        key("exit_criterion", Kind::Text, "What must be true for it to be removed."),
    ];
    let quarantine = vec![
        key("category", Kind::Choice(Quarantine::CATEGORIES.to_vec()), "The class of flake."),
        KeyDoc {
            required: false,
            ..key("kind", Kind::Choice(vec!["flaky", "known-failure"]), "Whether the test passes now and then, or fails.")
        },
        key("owner", Kind::Text, "Who answers for it."),
        key("bead", Kind::Text, "The tracker's id."),
        key("reason", Kind::Text, "Why the test is held apart."),
        key("since", date(), "Its first day."),
        key("expires", date(), "Its last day, UTC; on this day it still applies."),
        key("evidence", Kind::Text, "Where the flake was seen."),
        key("reproduce", Kind::Text, "The command that runs the test alone."),
        key("exit_criterion", Kind::Text, "What must be true for it to be removed."),
    ];
    // An empty suite is a suite: it lists no file.
    let files = KeyDoc { kind: Kind::Any, ..key("files", Kind::Any, "The stems of its test files, a list of texts.") };
    let keys = [
        key("schema", Kind::Choice(vec!["gatekeeper.ledger/1"]), "The version of the ledger."),
        key("suite", table(vec![files]), "Which suite each test file belongs to."),
        key("waiver", table(waiver), "Exceptions for gates, by the gate's id."),
        key("quarantine", table(quarantine), "Exceptions for tests, by the test's id."),
    ];
    keys.into_iter().map(|key| KeyDoc { required: false, ..key }).collect()
}
