//! `replay_bundle.json` of the verdict: the commands that show each failure again.

use super::{Tool, mode_word};
use crate::model::{self, GateResult, Standing};
use crate::report::sanitise::command;
use schemars::JsonSchema;
use serde::Serialize;

/// The id of the replay bundle's shape.
pub const REPLAY_SCHEMA: &str = "gatekeeper.replay-bundle/1";

/// How to see each failure again. A command stands here verbatim or not at all: one with a line break, another control
/// character or a character that hides text is refused, and `note` says so.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "gatekeeper replay bundle, version 1")]
pub struct ReplayBundle<'a> {
    /// `gatekeeper.replay-bundle/1`.
    pub schema: &'static str,
    /// What the verdict comes to.
    #[schemars(extend("enum" = ["pass", "warn", "fail"]))]
    pub verdict: &'static str,
    /// The command of the first cause. `null` when everything stands, or when the command is refused.
    pub one_command_replay: Option<&'a str>,
    /// The command that judges the run again. `null` without a run, or when its path cannot be quoted.
    pub judge_again: Option<String>,
    /// What is known about where the evidence comes from.
    pub environment: Environment<'a>,
    /// Every command that may be copied, each once, causes before consequences.
    pub commands: Vec<&'a str>,
    /// The gates that do not stand, each cause followed by what it blocks.
    pub failed_gates: Vec<FailedGate<'a>>,
}

/// What is known about where the evidence comes from.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Environment<'a> {
    /// The program that judged.
    pub tool: Tool,
    /// The lane.
    pub lane: &'a str,
    /// Whether a failing verdict blocks.
    #[schemars(extend("enum" = ["strict", "rollback"]))]
    pub mode: &'static str,
    /// The policy.
    pub policy: &'a str,
    /// SHA-256 over every definition that took part.
    pub policy_sha256: String,
    /// The run's directory.
    pub run_path: Option<&'a str>,
    /// The run's id, as it states it.
    pub run_id: Option<&'a str>,
    /// The run's commit as it states it, else that of the repository under judgement.
    pub git_sha: Option<&'a str>,
}

/// A gate that does not stand.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FailedGate<'a> {
    /// The gate.
    pub id: &'a str,
    /// Whether the verdict fails because of it.
    pub blocking: bool,
    /// Why it does not stand.
    pub reason: Option<&'static str>,
    /// The command that reproduces its evidence; `null` when it is refused.
    pub reproduce_command: Option<&'a str>,
    /// The commands that follow it, in their order, as far as they may be copied; absent where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reproduce_then: Vec<&'a str>,
    /// Why the command is refused; absent when it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
    /// The first artifact it reads.
    pub artifact_path: Option<&'a str>,
    /// The gates it needs that do not stand; repair them first.
    pub blocked_by: Vec<&'a str>,
}

/// The command that judges the run again; `None` without a run, or when its path cannot be quoted.
pub fn judge_again(verdict: &model::Verdict) -> Option<String> {
    let run = verdict.run.as_ref()?;
    let word = |path: &String| model::shell_path(path);
    let what = match &*run.shards {
        [] => word(&run.path)?,
        shards => format!("--shards {}", shards.iter().map(word).collect::<Option<Vec<_>>>()?.join(" ")),
    };
    // The commit itself: its name may stand for another one by then.
    let from = verdict.policy_ref.as_ref().map(|from| format!(" --policy-ref {}", from.commit)).unwrap_or_default();
    Some(format!("gatekeeper verify {what} --policy {} --lane {}{from}", verdict.policy, verdict.lane))
}

impl<'a> From<&'a GateResult> for FailedGate<'a> {
    fn from(gate: &'a GateResult) -> Self {
        let reproduce_command = command(&gate.reproduce);
        FailedGate {
            id: gate.id.as_str(),
            blocking: gate.terms.blocking,
            reason: gate.reason.map(model::Reason::word),
            reproduce_command,
            reproduce_then: gate.then.iter().filter_map(|step| command(step)).collect(),
            note: match reproduce_command {
                Some(_) => None,
                None if gate.reproduce.trim().is_empty() => Some("the gate names no command"),
                None => Some(
                    "refused: the gate's command holds a line break, another control character or one that hides text, or is longer than 8 KiB",
                ),
            },
            artifact_path: gate.artifact_path.as_deref(),
            blocked_by: gate.blocked_by.iter().map(model::GateId::as_str).collect(),
        }
    }
}

impl<'a> From<&'a model::Verdict> for ReplayBundle<'a> {
    fn from(verdict: &'a model::Verdict) -> Self {
        let run = verdict.run.as_ref();
        let cascade = verdict.cascade();
        let cause = cascade.iter().map(|(_, gate)| *gate).find(|gate| gate.standing != Standing::Blocked);
        ReplayBundle {
            schema: REPLAY_SCHEMA,
            verdict: verdict.ruling().word(),
            one_command_replay: cause.and_then(|gate| command(&gate.reproduce)),
            judge_again: judge_again(verdict),
            environment: Environment {
                tool: Tool::US,
                lane: verdict.lane.as_str(),
                mode: mode_word(&verdict.mode),
                policy: verdict.policy.as_str(),
                policy_sha256: verdict.policy_digest.to_string(),
                run_path: run.map(|run| run.path.as_str()),
                run_id: run.and_then(|run| run.id.as_deref()),
                git_sha: run.and_then(|run| run.commit.as_deref()).or(verdict.commit.as_deref()),
            },
            commands: verdict.rerun_commands().into_iter().filter_map(command).collect(),
            failed_gates: cascade.into_iter().map(|(_, gate)| FailedGate::from(gate)).collect(),
        }
    }
}
