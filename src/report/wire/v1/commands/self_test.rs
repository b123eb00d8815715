//! `gatekeeper audit --self-test -o json`: what came of the golden audits.

use schemars::JsonSchema;
use serde::Serialize;

/// The id of the shape.
pub const SCHEMA: &str = "gatekeeper.audit-self-test/1";

/// What came of the golden audits inside the binary.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "gatekeeper audit self-test, version 1")]
pub struct SelfTest {
    /// `gatekeeper.audit-self-test/1`.
    pub schema: &'static str,
    /// Whether every audit came out as expected, and together they show all that they must.
    pub passed: bool,
    /// The audits, by name.
    pub cases: Vec<Case>,
    /// What no audit shows, though it must be shown; empty if nothing.
    pub lacks: Vec<String>,
}

/// One golden audit.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// Whether it came out as expected.
    pub passed: bool,
    /// The first difference from what was expected; absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub differs: Option<String>,
}
