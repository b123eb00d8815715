//! The list of damages that go unnoticed or unnamed, each with its reason.

use super::Noticed;
use super::damage::{Damage, Mutation};
use std::collections::BTreeSet;

/// Damages of the same kind, and why what comes of them is right.
struct Entry {
    /// What comes of them: `unnoticed` or `unnamed`.
    word: &'static str,
    files: Vec<String>,
    /// Places in the files; none means the files as a whole.
    at: Vec<String>,
    mutations: Vec<String>,
    used: BTreeSet<String>,
}

/// The list.
pub struct Survivors(Vec<Entry>);

impl Survivors {
    /// Reads `fail_closed_survivors.toml`.
    pub fn read() -> Self {
        let table: toml::Table = include_str!("../fail_closed_survivors.toml").parse().expect("the list is TOML");
        assert!(table.keys().all(|key| ["unnoticed", "unnamed"].contains(&key.as_str())), "the list holds nothing else");
        let entries = ["unnoticed", "unnamed"].into_iter().flat_map(|word| {
            let entries = table.get(word).map(|entries| entries.as_array().expect("a list of entries").as_slice());
            entries.unwrap_or_default().iter().map(move |value| Self::entry(word, value))
        });
        Self(entries.collect())
    }

    fn entry(word: &'static str, value: &toml::Value) -> Entry {
        let table = value.as_table().expect("an entry is a table");
        let known = ["files", "at", "mutations", "reason"];
        assert!(table.keys().all(|key| known.contains(&key.as_str())), "an unknown key in {table:?}");
        let reason = table.get("reason").and_then(|reason| reason.as_str());
        assert!(reason.is_some_and(|reason| reason.len() > 30), "an entry without a reason: {table:?}");
        let texts = |key: &str| {
            let items = table.get(key).map(|items| items.as_array().expect("a list").as_slice()).unwrap_or_default();
            items.iter().map(|item| item.as_str().expect("a text").to_owned()).collect::<Vec<_>>()
        };
        let entry =
            Entry { word, files: texts("files"), at: texts("at"), mutations: texts("mutations"), used: BTreeSet::new() };
        let sound = |mutation: &String| Mutation::ALL.iter().any(|known| known.word() == mutation);
        assert!(!entry.files.is_empty() && !entry.mutations.is_empty() && entry.mutations.iter().all(sound), "{table:?}");
        entry
    }

    /// What the list says must come of a damage; `Named` for what is not on it.
    pub fn expected(&mut self, damage: &Damage) -> &'static str {
        let at = damage.at.as_ref().map_or("", |at| at.as_str());
        let mut expected = Noticed::Named.word();
        for entry in &mut self.0 {
            let file = entry.files.iter().find(|pattern| fits(pattern, damage.file.as_str()));
            let place = match (&damage.at, entry.at.is_empty()) {
                (None, true) => Some(""),
                (Some(_), false) => entry.at.iter().find(|pattern| fits(pattern, at)).map(String::as_str),
                (None, false) | (Some(_), true) => None,
            };
            let mutation = entry.mutations.iter().find(|word| *word == damage.mutation.word());
            if let (Some(file), Some(place), Some(mutation)) = (file, place, mutation) {
                let used = [file.clone(), place.to_owned(), mutation.clone()];
                entry.used.extend(used);
                expected = entry.word;
            }
        }
        expected
    }

    /// Files, places and mutations of entries that no damage has.
    pub fn idle(&self) -> Vec<String> {
        let parts = |entry: &Entry| [entry.files.clone(), entry.at.clone(), entry.mutations.clone()].concat();
        let idle = |entry: &Entry| parts(entry).into_iter().filter(|part| !entry.used.contains(part)).collect::<Vec<_>>();
        self.0.iter().flat_map(|entry| idle(entry).into_iter().map(|part| format!("{}: `{part}`", entry.word))).collect()
    }
}

/// Whether a path or pointer fits a pattern in which `*` is any part of one step.
fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), text.split('/').collect());
    let step = |pattern: &str, step: &str| match pattern.split_once('*') {
        Some((head, tail)) => step.len() >= head.len() + tail.len() && step.starts_with(head) && step.ends_with(tail),
        None => pattern == step,
    };
    pattern.len() == text.len() && pattern.iter().zip(&text).all(|(pattern, text)| step(pattern, text))
}
