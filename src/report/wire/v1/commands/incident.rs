//! `gatekeeper incident -o json`: the issue that a failing verdict is worth.

use schemars::JsonSchema;
use serde::Serialize;

/// The id of the shape.
pub const SCHEMA: &str = "gatekeeper.incident/1";

/// What a verdict is worth.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "gatekeeper incident, version 1")]
pub struct Incident {
    /// `gatekeeper.incident/1`.
    pub schema: &'static str,
    /// Whether there is one; what is marked optional here is there only then.
    pub incident: bool,
    /// The policy of the verdict.
    pub policy: String,
    /// Its lane.
    pub lane: String,
    /// Its clock.
    pub verdict_generated_at: String,
    /// Its reason.
    pub reason: String,
    /// The run.
    pub run: Run,
    /// What must be so before the issue is closed.
    pub close_criteria: Vec<Criterion>,
    /// Whether all of it is so.
    pub may_be_closed: bool,
    /// What else there is to say.
    pub notes: Vec<String>,
    /// The incident.
    #[serde(flatten)]
    pub details: Option<Details>,
}

/// The run that was judged, and its surroundings.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Run {
    /// Its directory.
    pub path: Option<String>,
    /// Its id.
    pub id: Option<String>,
    /// Its commit.
    pub commit: Option<String>,
    /// Where it is shown.
    pub url: Option<String>,
    /// The name under which it was uploaded.
    pub artifact: Option<String>,
    /// The branch.
    pub branch: Option<String>,
    /// The release that is being cut.
    pub release: Option<String>,
}

/// A criterion for closing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Criterion {
    /// What must be so.
    pub text: String,
    /// Whether it is.
    pub met: bool,
    /// Why.
    pub because: String,
}

/// The incident itself.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Details {
    /// Its kinds.
    pub kinds: Vec<&'static str>,
    /// The title.
    pub title: String,
    /// The key: the same for the same failure.
    pub key: String,
    /// What set it off.
    pub triggers: Vec<String>,
    /// How bad it is.
    pub severity: Severity,
    /// What the run's own comparison says.
    pub triage: Comparison,
    /// How to see it again.
    pub reproduction: Reproduction,
    /// Files that belong to the issue.
    pub attachments: Vec<Attachment>,
    /// The body, Markdown.
    pub body: String,
    /// The comment for an issue that is open already, Markdown.
    pub comment: String,
}

/// How bad an incident is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Severity {
    /// The level.
    pub level: &'static str,
    /// How soon somebody must answer.
    pub answer_within: &'static str,
    /// Why it has that level.
    pub because: String,
    /// When that time is over, RFC 3339, UTC.
    pub due: Option<String>,
    /// Whether strict messaging is frozen.
    pub freeze_strict_messaging: bool,
}

/// What the run's own comparison says.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Comparison {
    /// Its status.
    pub status: Option<String>,
    /// Its rows, the worst first.
    pub ranked_diagnostics: Vec<Diagnostic>,
    /// The command that shows all of it again.
    pub one_command_replay: Option<String>,
}

/// One row of the comparison.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Diagnostic {
    /// The suite or unit.
    pub name: String,
    /// Which of both.
    pub surface: String,
    /// Its severity.
    pub severity: String,
    /// The command that runs it again.
    pub replay: Option<String>,
}

/// How to see it again.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reproduction {
    /// Commands.
    pub replay: Vec<String>,
    /// The commands of the policy's lanes.
    pub lanes: Vec<String>,
    /// The stage that failed.
    pub stage: Option<Stage>,
    /// Variables of the machine and the job.
    pub environment: Vec<Variable>,
}

/// A stage of a pipeline.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// How it ended.
    pub ended: String,
    /// Its log.
    pub log: Option<String>,
    /// The last lines of its standard error.
    pub stderr: Vec<String>,
}

/// A variable.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A file that belongs to the issue.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Attachment {
    /// Its path.
    pub path: String,
    /// Where that begins.
    #[serde(rename = "in")]
    pub home: &'static str,
    /// Whether the issue is incomplete without it.
    pub required: bool,
    /// Whether it is there.
    pub present: bool,
    /// Bytes.
    pub size: Option<u64>,
    /// SHA-256 of its bytes, 64 hex digits.
    pub sha256: Option<String>,
    /// What is wrong with it.
    pub problem: Option<String>,
}
