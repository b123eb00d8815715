//! `gatekeeper show-config -o json`: what is in force, and where each value comes from.

use schemars::JsonSchema;
use serde::Serialize;

/// The id of the shape.
pub const SCHEMA: &str = "gatekeeper.configuration/1";

/// The configuration in force.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "gatekeeper configuration, version 1")]
pub struct Configuration {
    /// `gatekeeper.configuration/1`.
    pub schema: &'static str,
    /// The repository: its directory.
    pub root: String,
    /// The policy's name.
    pub policy: String,
    /// SHA-256 over every definition that takes part.
    pub sha256: String,
    /// Every definition file, `builtin:...` for those inside the binary.
    pub files: Vec<String>,
    /// Every value.
    pub values: Vec<Setting>,
}

/// One value.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Setting {
    /// Its name, dotted.
    pub name: String,
    /// The value.
    pub value: String,
    /// Where it is stated, `file:line`; else `default`, or the flag or the rule that gives it.
    pub from: String,
}
