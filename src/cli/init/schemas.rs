//! JSON Schemas beside the definitions, for editors: `#:schema PATH` in the first line of a TOML file is where they look.
//!
//! In: files that are to be written. Out: the same with such a line, and the schemas that it names. No address of the network is named,
//! because none is sure to answer.

use super::draft::{CONFIG, LEDGER};
use crate::{load, pipeline};

/// The directory of the schemas.
pub const DIRECTORY: &str = ".gatekeeper/schemas";

/// The files that have one.
const WORDS: [&str; 4] = ["config", "gate", "ledger", "policy"];

/// The word of a file's schema; `None` for files that have none.
fn word(path: &str) -> Option<&'static str> {
    match path {
        CONFIG => Some("config"),
        LEDGER => Some("ledger"),
        _ if path.starts_with("gates/") => Some("gate"),
        _ if path.starts_with("policies/") => Some("policy"),
        _ => None,
    }
}

/// The first line of a file at this path; blank where it has no schema.
pub fn line(path: &str) -> String {
    let up = "../".repeat(path.matches('/').count());
    let up = if up.is_empty() { "./" } else { &up };
    word(path).map_or_else(String::new, |word| format!("#:schema {up}{DIRECTORY}/{word}.json\n"))
}

/// Names its schema in each file, and adds the schemas.
pub fn name(files: &mut Vec<(String, String)>) {
    for (path, text) in &mut *files {
        text.insert_str(0, &line(path));
    }
    // Those of files that are still to come, too.
    let all = load::schemas(&pipeline::registry()).into_iter().filter(|(word, _)| WORDS.contains(word));
    let schemas: Vec<(String, String)> = all.map(|(word, text)| (format!("{DIRECTORY}/{word}.json"), text)).collect();
    // The configuration stays last: with it the others come into force.
    files.splice(0..0, schemas);
}
