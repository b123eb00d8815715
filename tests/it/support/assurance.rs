//! What was tried is written down by what tried it: a table per topic in `docs/assurance/<topic>.json`, from which the page
//! `docs/assurance.md` is made (`assurance.rs`).
//!
//! A table is either *held* (the same on every machine: a test compares it each time it runs, and writes it anew with
//! `GATEKEEPER_BLESS=1`) or *measured* (counts, times, ratios of one machine on one day: written with `GATEKEEPER_MEASURE=1`).

use serde::{Deserialize, Serialize};
use std::fs;
use std::path::PathBuf;

/// The topics in the order of the page; every one has a table.
pub const TOPICS: &[&str] = &[
    "oracle",
    "hostile",
    "properties",
    "mutation",
    "crashes",
    "fuzzing",
    "attestation",
    "attestation-interop",
    "speed",
    "report-speed",
    "supply-chain",
];

/// One table of the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The heading.
    pub title: String,
    /// What was asked, in a paragraph.
    pub about: String,
    /// The command that writes this table.
    pub by: String,
    /// The day and the machine, for what is measured; nothing for what is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<String>,
    /// Heads of the columns.
    pub columns: Vec<String>,
    /// A cell for each column. Text, not Markdown.
    pub rows: Vec<Vec<String>>,
}

/// Where the table of a topic is kept.
pub fn place(topic: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/assurance").join(topic).with_extension("json")
}

/// The table of a topic as it stands.
pub fn read(topic: &str) -> Table {
    let text = fs::read_to_string(place(topic)).unwrap_or_else(|error| panic!("docs/assurance/{topic}.json: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("docs/assurance/{topic}.json: {error}"))
}

/// Holds a table that is the same on every machine to the one that stands, or writes it with `GATEKEEPER_BLESS=1`.
pub fn hold(topic: &str, table: &Table) {
    assert!(table.measured.is_none(), "{topic}: what is measured is not held");
    if asked("GATEKEEPER_BLESS") {
        return write(topic, table);
    }
    assert_eq!(read(topic), *table, "docs/assurance/{topic}.json is not what was seen; GATEKEEPER_BLESS=1 writes it anew");
}

/// Writes a table of this machine and this day, if `GATEKEEPER_MEASURE=1` asks for it.
pub fn measured(topic: &str, mut table: Table) {
    if asked("GATEKEEPER_MEASURE") {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let build = if cfg!(debug_assertions) { "development" } else { "release" };
        table.measured = Some(format!("{}, {cores} cores, {build} build", chrono::Utc::now().date_naive()));
        write(topic, &table);
    }
}

/// Whether a variable asks for writing instead of comparing.
pub fn asked(variable: &str) -> bool {
    writing(variable, std::env::var(variable).ok().as_deref(), std::env::var("CI").ok().as_deref())
}

fn writing(variable: &str, value: Option<&str>, ci: Option<&str>) -> bool {
    let asked = value.is_some_and(|word| !word.is_empty() && word != "0");
    let ci = ci.is_some_and(|word| !word.is_empty() && word != "false");
    assert!(!(asked && ci), "{variable} is refused where CI is set: nobody would read the difference");
    asked
}

fn write(topic: &str, table: &Table) {
    assert!(TOPICS.contains(&topic), "{topic} is not a topic of the page");
    assert!(!table.rows.is_empty(), "{topic}: nothing was tried");
    let text = serde_json::to_string_pretty(table).expect("a table is JSON");
    fs::write(place(topic), text + "\n").expect("docs/assurance can be written");
}

#[cfg(test)]
mod tests {
    #[test]
    fn writing_is_refused_in_ci() {
        let asked = |value, ci| super::writing("GATEKEEPER_BLESS", value, ci);
        assert!(!asked(None, None) && !asked(Some("0"), Some("true")) && !asked(None, Some("true")));
        assert!(asked(Some("1"), None) && asked(Some("1"), Some("")) && asked(Some("1"), Some("false")));
        assert!(std::panic::catch_unwind(|| asked(Some("1"), Some("true"))).is_err());
    }
}
