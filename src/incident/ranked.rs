//! The diagnostics that a run ranks in its comparison with the baseline, each with a command of ours.

use super::Place;
use crate::collect;
use crate::model::{Base, Content, Limits, Node, RelPath, shell_word};

/// How many are told.
const MOST: usize = 5;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranked {
    /// The suite or unit; untrusted.
    pub name: String,
    /// `suite` or `unit`, as the run says; untrusted.
    pub surface: String,
    /// How bad the run says it is; untrusted.
    pub severity: String,
    /// The command that runs it again, if its name may stand in one.
    pub command: Option<String>,
}

/// Reads the first of them; none where the run has no sound comparison.
pub fn read(place: &Place<'_>, limits: &Limits) -> Vec<Ranked> {
    if !place.run {
        return Vec::new();
    }
    let path = RelPath::parse("triage_diff.json").expect("a sound path");
    let artifact = collect::look(place.around, Base::Run, &path, limits);
    let Ok(Content::Document(document)) = &artifact.content else { return Vec::new() };
    let rows = document.root().get("ranked_diagnostics").into_iter().flat_map(Node::items);
    let text = |row: Node<'_>, key: &str| row.get(key).and_then(Node::text).unwrap_or("unknown").to_owned();
    let ranked = rows.filter(|row| row.is_map()).take(MOST).map(|row| {
        let name = text(row, "name");
        let word = shell_word(&name).filter(|_| !name.starts_with('-') && !name.trim().is_empty());
        let command = word.map(|word| format!("cargo test --test {word} -- --nocapture"));
        Ranked { surface: text(row, "surface"), severity: text(row, "severity"), command, name }
    });
    ranked.collect()
}
