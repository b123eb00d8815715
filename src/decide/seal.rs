//! The failing verdict that is written before any work begins, so that a run which dies leaves no older pass behind.

use super::{Terms, detail, reproduce};
use crate::gate::Suite;
use crate::model::{
    Digest, ExceptionUse, GateResult, Instant, LaneId, LaneRule, Mode, PackId, Reason, RunIdentity, Status, Verdict,
};

/// A verdict that fails because nothing was judged yet.
pub fn seal(suite: &Suite, terms: &Terms, now: Instant, run: Option<String>) -> Verdict {
    sealed(suite, terms, now, run, "gatekeeper did not finish: the evaluation was cut short before a verdict was reached")
}

/// A verdict that fails because the time of the policy was over before everything was judged.
pub fn out_of_time(suite: &Suite, terms: &Terms, now: Instant, run: Option<String>) -> Verdict {
    let limit = suite.policy.limits.time_max;
    let phrase = format!("gatekeeper did not finish: its time of {limit} was over before everything was judged");
    sealed(suite, terms, now, run, &phrase)
}

fn sealed(suite: &Suite, terms: &Terms, now: Instant, run: Option<String>, phrase: &str) -> Verdict {
    let gates = suite.policy.gates.iter().filter_map(|gate_terms| {
        let gate = suite.gates.get(&gate_terms.id)?;
        let mut result = detail::unjudged(gate, gate_terms, Reason::Incomplete, "gatekeeper did not finish");
        result.defined = suite.defined(gate);
        result.status = if gate_terms.blocking { Status::Fail } else { Status::Warn };
        Some(result)
    });
    let mut gates: Vec<GateResult> = gates.collect();
    reproduce::fill_unread(&mut gates, suite, run.as_deref());
    Verdict {
        generated_at: now,
        lane: terms.lane.id.clone(),
        lane_rule: terms.lane.rule,
        mode: terms.mode.clone(),
        policy: suite.policy.id.clone(),
        policy_digest: suite.policy.digest,
        policy_ref: terms.policy_ref.clone(),
        verdict_schema: suite.policy.verdict_schema.clone(),
        run: run.map(|path| RunIdentity { path, ..RunIdentity::default() }),
        commit: None,
        gates,
        evidence: Vec::new(),
        exceptions: ExceptionUse::default(),
        weakened_by: Vec::new(),
        incomplete: Some(phrase.to_owned()),
    }
    .redacted(&suite.policy.secrets)
}

/// A verdict that fails because nothing could be judged: the command line or the definitions are wrong.
pub fn refused(now: Instant, run: Option<String>) -> Verdict {
    let phrase = "nothing was judged: the command line or the definitions are wrong; standard error says where";
    without_policy(now, run, "unsound", phrase)
}

/// A verdict that fails because the definitions are not even read yet.
pub fn unbegun(now: Instant, run: Option<String>) -> Verdict {
    without_policy(now, run, "unread", "gatekeeper did not finish: it was cut short before it had read its definitions")
}

/// A verdict of another lane than the one that was judged: it fails, because nobody asked for that lane.
pub fn unasked(judged: &Verdict, rule: LaneRule) -> Verdict {
    let phrase = format!("this lane was not judged: the verdict beside it is that of lane {}", judged.lane);
    let run = judged.run.as_ref().map(|run| run.path.clone());
    let word = match rule {
        LaneRule::Full => "full",
        LaneRule::Preflight => "preflight",
    };
    let lane = LaneId::try_from(word).expect("a lane's name");
    Verdict { lane, lane_rule: rule, ..without_policy(judged.generated_at, run, "unread", &phrase) }
}

fn without_policy(now: Instant, run: Option<String>, policy: &str, phrase: &str) -> Verdict {
    let id = "the words are ids";
    Verdict {
        generated_at: now,
        lane: LaneId::try_from("full").expect(id),
        lane_rule: LaneRule::Full,
        mode: Mode::Strict,
        policy: PackId::try_from(policy).expect(id),
        policy_digest: Digest::of(b""),
        policy_ref: None,
        verdict_schema: None,
        run: run.map(|path| RunIdentity { path, ..RunIdentity::default() }),
        commit: None,
        gates: Vec::new(),
        evidence: Vec::new(),
        exceptions: ExceptionUse::default(),
        weakened_by: Vec::new(),
        incomplete: Some(phrase.to_owned()),
    }
}
