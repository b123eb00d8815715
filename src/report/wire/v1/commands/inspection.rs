//! `gatekeeper inspect`: how evidence files are read.

use super::Gap;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// The id of the shape.
pub const SCHEMA: &str = "gatekeeper.inspection/1";

/// A place in a document.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Field {
    /// JSON Pointer, as expressions and findings name it.
    pub at: String,
    /// What stands there: a value, or how large the list or object is.
    pub value: String,
}

/// How one file of evidence is read; each file is a document of its own.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "gatekeeper inspection, version 1")]
pub struct Inspection {
    /// `gatekeeper.inspection/1`.
    pub schema: &'static str,
    /// The file, as it was named.
    pub path: String,
    /// The evidence format that it was read as.
    pub format: String,
    /// SHA-256 of its bytes, 64 hex digits; `null` where they could not all be read.
    pub sha256: Option<String>,
    /// Bytes.
    pub size: u64,
    /// What stands at the top of a document and one level below, in the order of the file, without secrets; absent where it is no document.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// How many records it has; absent where the format has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<u64>,
    /// Counts of a test report, as expressions see them under `totals`; absent for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tests: Option<BTreeMap<&'static str, usize>>,
    /// Counts of benchmarks; absent for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measurements: Option<BTreeMap<&'static str, usize>>,
    /// Counts of coverage; absent for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<BTreeMap<&'static str, usize>>,
    /// Failures that are no tests; absent if none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
    /// Signs that the report ends too early; absent if none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cut_short: Vec<String>,
    /// Where the report contradicts itself; absent if nowhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contradictions: Vec<String>,
    /// Why it is no evidence; absent if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap: Option<Gap>,
}
