//! What `reverify` is asked for beyond "it still holds": which ruling, by whose policy, of which lane, weakened by what.
//!
//! A verdict says of itself which policy, lane and clock it was made with. Whoever asks for a pass says which of them count: the policy is that of
//! the repository or the one behind `--policy`, the lane is `full` or the one behind `--lane`, and nothing weakens the verdict but what
//! `--allow` names. A verdict that nobody signed may state any time, so it must pass as of now too.

use super::reverify::mismatch;
use super::{Console, Exit, told};
use crate::attest;
use crate::diagnostic::did_you_mean;
use crate::model::{Ruling, Verdict};
use clap::{Args, ValueEnum};

/// What is asked for.
#[derive(Debug, Args)]
pub struct Demand {
    /// The ruling that a verdict must have beside holding: `pass`, or `warn` for either of pass and warn. Policy, lane and
    /// weakenings then count too.
    #[arg(long, value_enum)]
    pub require: Option<Required>,

    /// A property that the verdict must have, as `attest` names them: `GATEKEEPER_<POLICY>_WITHOUT_EXCEPTIONS`, for one. May be
    /// given several times.
    #[arg(long, value_name = "NAME")]
    pub property: Vec<String>,

    /// The commit, branch or tag that the verdict must have taken its definitions from. Needed with `--require` or `--property` where
    /// they are not those of the work tree.
    #[arg(long, value_name = "REF")]
    pub policy_ref: Option<String>,

    /// The lane that the verdict must be of. Default with `--require` or `--property`: `full`.
    #[arg(long, value_name = "LANE")]
    pub lane: Option<String>,

    /// A weakening that is no reason to refuse with `--require` or `--property`: waiver, quarantine, skipped-gate, override,
    /// duplicates, configuration or clock. May be given several times.
    #[arg(long, value_name = "SWITCH")]
    pub allow: Vec<String>,
}

/// The ruling that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Required {
    /// Every gate stands.
    Pass,
    /// Every blocking gate stands.
    Warn,
}

/// The switches that may be allowed. A rollback never is: its verdict fails.
const ALLOWED: [&str; 7] = ["waiver", "quarantine", "skipped-gate", "override", "duplicates", "configuration", "clock"];

impl Demand {
    /// Whether anything is asked for.
    pub fn made(&self) -> bool {
        self.require.is_some() || !self.property.is_empty()
    }

    /// Whether the words are known ones that belong together.
    ///
    /// # Errors
    /// [`Exit::Usage`], said.
    pub fn sound(&self, console: &mut Console<'_>) -> Result<(), Exit> {
        if let Some(unknown) = self.allow.iter().find(|switch| !ALLOWED.contains(&switch.as_str())) {
            let help = did_you_mean(unknown, ALLOWED);
            console.say(&format!("error: nothing is weakened by `{}`; {help}", told::safe(unknown)));
            return Err(Exit::Usage);
        }
        if !self.allow.is_empty() && !self.made() {
            console.say("error: `--allow` belongs to `--require` or `--property`; without them nothing is refused");
            return Err(Exit::Usage);
        }
        Ok(())
    }

    /// Whether a verdict, which holds, is of the lane that is asked for.
    ///
    /// # Errors
    /// [`Exit::Failed`], said.
    pub fn lane(&self, lane: &str, console: &mut Console<'_>) -> Result<(), Exit> {
        let default = self.made().then_some("full");
        match self.lane.as_deref().or(default) {
            Some(asked) if asked != lane => {
                let (lane, asked) = (told::safe(lane), told::safe(asked));
                Err(mismatch(
                    &format!("the verdict is of lane `{lane}`, and `{asked}` is asked for (see `--lane`)"),
                    console,
                ))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Whether a judgement is as asked.
    ///
    /// # Errors
    /// [`Exit::Failed`], said.
    pub fn met(&self, verdict: &Verdict, console: &mut Console<'_>) -> Result<(), Exit> {
        if !self.made() {
            return Ok(());
        }
        let enough = match (self.require, verdict.ruling()) {
            (_, Ruling::Fail) | (Some(Required::Pass), Ruling::Warn) => false,
            (None | Some(Required::Warn), Ruling::Warn) | (_, Ruling::Pass) => true,
        };
        if !enough {
            return Err(mismatch("the verdict holds, and is not what `--require` or `--property` asks for", console));
        }
        let refused: Vec<_> =
            verdict.weakened_by.iter().filter(|one| !self.allow.iter().any(|allowed| allowed == one.switch)).collect();
        for one in &refused {
            console.say(&format!("weakened: {}: {}", one.switch, told::safe(&one.detail)));
        }
        match refused.first() {
            None => Ok(()),
            Some(first) => {
                let switch = first.switch;
                let phrase =
                    format!("the verdict holds, and is weakened; `--allow {switch}` says that this is no reason to refuse");
                Err(mismatch(&phrase, console))
            }
        }
    }

    /// Whether the properties that are asked for are the verdict's.
    ///
    /// # Errors
    /// [`Exit::Failed`], said.
    pub fn properties(&self, verdict: &attest::Verdict, console: &mut Console<'_>) -> Result<(), Exit> {
        let own = verdict.properties();
        let lacks: Vec<_> = self.property.iter().filter(|asked| !own.contains(asked)).collect();
        match lacks.first() {
            None => Ok(()),
            Some(first) => {
                let own = if own.is_empty() { "none".to_owned() } else { own.join(", ") };
                let phrase = format!(
                    "the verdict holds, and has not the property {}; it has {}",
                    told::safe(first),
                    told::safe(&own)
                );
                Err(mismatch(&phrase, console))
            }
        }
    }

    /// Whether it may be left open which clock a verdict was made with.
    pub fn allows_any_clock(&self) -> bool {
        self.allow.iter().any(|switch| switch == "clock")
    }
}
