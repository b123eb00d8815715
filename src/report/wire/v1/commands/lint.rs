//! `gatekeeper lint -o json`: every problem of the definitions, with its places.

use crate::report::wire::v1::Tool;
use schemars::JsonSchema;
use serde::Serialize;

/// The id of the shape.
pub const SCHEMA: &str = "gatekeeper.lint/1";

/// Whether definitions and exceptions are sound.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "gatekeeper lint, version 1")]
pub struct Lint {
    /// `gatekeeper.lint/1`.
    pub schema: &'static str,
    /// The program that looked.
    pub tool: Tool,
    /// Whether a judgement by these definitions is possible; with `--strict`, also that there is no warning.
    pub sound: bool,
    /// Whether warnings count as errors.
    pub strict: bool,
    /// The policy's name; `null` where the definitions do not load.
    pub policy: Option<String>,
    /// How many gates it has; `null` where the definitions do not load.
    pub gates: Option<usize>,
    /// Every definition file that was read, `builtin:...` for those inside the binary.
    pub files: Vec<String>,
    /// How many errors there are.
    pub errors: usize,
    /// How many warnings there are.
    pub warnings: usize,
    /// Every problem, by file and position.
    pub problems: Vec<Problem>,
}

/// One problem.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Problem {
    /// Its code, as `gatekeeper explain` knows it.
    pub code: &'static str,
    /// How bad it is.
    #[schemars(extend("enum" = ["error", "warning"]))]
    pub severity: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Where; the first is the place itself, others are what it disagrees with.
    pub places: Vec<Place>,
}

/// A part of a definition file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Place {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The line of its end, from 1.
    pub end_line: usize,
    /// The column behind its end, from 1.
    pub end_column: usize,
    /// A word about it.
    pub text: String,
}
