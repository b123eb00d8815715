//! Definition files, read key by key: every problem kept, every key described.
//!
//! A reader is one function over [`Keys`]. Run over a TOML table it yields the value and reports *all* that is wrong, with
//! spans; run over nothing it describes itself, and from that description come the JSON Schemas for editors and the tables in
//! the docs. So a key is written once. The rule for readers: ask for every key first, unconditionally, then decide.

mod keys;
mod schema;
mod stated;
mod value;

pub use keys::{Keys, Scope, Site};
pub use schema::{KeyDoc, Kind, describe, json_schema, markdown};
pub use stated::{Places, Stated, Stricter};
pub use value::{Marked, Raw, Read, Refusal, choice};
