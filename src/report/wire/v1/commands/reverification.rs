//! `gatekeeper reverify -o json`: whether a verdict still holds.

use schemars::JsonSchema;
use serde::Serialize;

/// The id of the shape.
pub const SCHEMA: &str = "gatekeeper.reverification/1";

/// Whether a verdict, signed or not, still holds.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "gatekeeper reverification, version 1")]
pub struct Reverification {
    /// `gatekeeper.reverification/1`.
    pub schema: &'static str,
    /// The file, as it was named.
    pub file: String,
    /// Whether everything that was looked at holds.
    pub holds: bool,
    /// What the command exits with.
    pub exit_code: u8,
    /// What the verdict says; `null` where that was not reached.
    pub verdict: Option<String>,
    /// The ids of the keys that signed it.
    pub signed_by: Vec<String>,
    /// What was said on the way, line by line: what does not match, and what does.
    pub said: Vec<String>,
}
