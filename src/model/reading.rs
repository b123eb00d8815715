//! What writers ask of a verdict: its order of telling, its counts over exceptions, whether it promotes.
//!
//! Every answer is derived from the standings, so that two outputs of one verdict cannot disagree.

use super::exception::Validity;
use super::id::GateId;
use super::policy::{LaneRule, Mode};
use super::standing::Standing;
use super::verdict::{ExceptionUse, GateResult, Ruling, Verdict, Weakening};
use std::collections::{BTreeMap, BTreeSet};

/// Counts over waivers or over quarantine entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExceptionCounts {
    /// All entries of the ledger.
    pub total: usize,
    /// In force, with time to spare.
    pub active: usize,
    /// In force, within the policy's warning span.
    pub expiring: usize,
    /// Past their last day.
    pub expired: usize,
    /// They never held.
    pub invalid: usize,
    /// They cannot be read.
    pub unreadable: usize,
}

impl ExceptionCounts {
    fn of<'a>(validities: impl Iterator<Item = Option<&'a Validity>>) -> Self {
        let mut counts = Self::default();
        for validity in validities {
            counts.total += 1;
            match validity {
                None => counts.unreadable += 1,
                Some(Validity::Unsound(_)) => counts.invalid += 1,
                Some(Validity::Expired { .. }) => counts.expired += 1,
                Some(Validity::Expiring { .. }) => counts.expiring += 1,
                Some(Validity::InForce { .. }) => counts.active += 1,
            }
        }
        counts
    }
}

impl ExceptionUse {
    /// Counts over the waivers.
    pub fn waiver_counts(&self) -> ExceptionCounts {
        ExceptionCounts::of(self.waivers.iter().map(|waiver| waiver.validity.as_ref()))
    }

    /// Counts over the quarantine entries.
    pub fn quarantine_counts(&self) -> ExceptionCounts {
        ExceptionCounts::of(self.quarantine.iter().map(|(_, validity)| validity.as_ref()))
    }

    /// Names of waivers that end within the policy's warning span.
    pub fn expiring_waivers(&self) -> Vec<&str> {
        let ends = |validity: &Option<Validity>| matches!(validity, Some(Validity::Expiring { .. }));
        self.waivers.iter().filter(|waiver| ends(&waiver.validity)).map(|waiver| waiver.entry.name.as_str()).collect()
    }

    /// Names of quarantine entries that end within the policy's warning span.
    pub fn expiring_quarantine(&self) -> Vec<&str> {
        let ends = |validity: &Option<Validity>| matches!(validity, Some(Validity::Expiring { .. }));
        self.quarantine.iter().filter(|(_, validity)| ends(validity)).map(|(entry, _)| entry.name.as_str()).collect()
    }
}

impl Weakening {
    /// Whether a release may be promoted although this switch was used. Such switches are dated, owned and recorded in files
    /// under review; every other one, and every one that is not known here, forbids promotion.
    pub fn tolerated(&self) -> bool {
        matches!(self.switch, "waiver" | "quarantine" | "skipped-gate" | "override" | "duplicates")
    }
}

impl Verdict {
    /// Whether the verdict may promote a release: every gate was asked, in strict mode, nothing fails and no switch was used
    /// that a release does not tolerate.
    pub fn promotable(&self) -> bool {
        let full = self.lane_rule == LaneRule::Full && self.mode == Mode::Strict && self.incomplete.is_none();
        full && self.weakened_by.iter().all(Weakening::tolerated) && self.ruling() != Ruling::Fail
    }

    /// Gates with a say in this lane that were reached and do not stand: blocking before advisory, causes before consequences.
    pub fn not_standing(&self) -> Vec<&GateResult> {
        let (blocked, reached): (Vec<_>, Vec<_>) = self
            .blockers()
            .into_iter()
            .filter(|gate| gate.standing != Standing::NotEvaluated)
            .partition(|gate| gate.standing == Standing::Blocked);
        let advisory = |blocked: bool| {
            self.gates.iter().filter(move |gate| {
                let reached = !gate.standing.permits() && gate.standing != Standing::NotEvaluated;
                !gate.terms.blocking && self.counts(gate) && reached && (gate.standing == Standing::Blocked) == blocked
            })
        };
        reached.into_iter().chain(advisory(false)).chain(blocked).chain(advisory(true)).collect()
    }

    /// [`Verdict::not_standing`] as a tree: each cause at depth 0, what it blocks behind it and one deeper. A gate that several
    /// others block stands behind the first of them.
    pub fn cascade(&self) -> Vec<(usize, &GateResult)> {
        let gates = self.not_standing();
        let listed: BTreeSet<&GateId> = gates.iter().map(|gate| &gate.id).collect();
        let mut behind: BTreeMap<&GateId, Vec<&GateResult>> = BTreeMap::new();
        let mut stack: Vec<(usize, &GateResult)> = Vec::new();
        // Backwards, because a stack gives back the last thing first. A stack instead of recursion: the depth of a graph is
        // nobody's promise.
        for &gate in gates.iter().rev() {
            let causes: Vec<_> = gate.blocked_by.iter().filter(|id| listed.contains(id)).collect();
            if gate.standing != Standing::Blocked || causes.is_empty() {
                stack.push((0, gate));
            } else {
                causes.into_iter().for_each(|cause| behind.entry(cause).or_default().push(gate));
            }
        }
        let mut told = Vec::with_capacity(gates.len());
        let mut seen: BTreeSet<&GateId> = BTreeSet::new();
        while let Some((depth, gate)) = stack.pop() {
            if seen.insert(&gate.id) {
                told.push((depth, gate));
                stack.extend(behind.remove(&gate.id).into_iter().flatten().map(|other| (depth + 1, other)));
            }
        }
        // Gates that only block each other cannot come out of a sound graph; if they do they must still be told.
        told.extend(gates.into_iter().filter(|gate| seen.insert(&gate.id)).map(|gate| (0, gate)));
        told
    }

    /// The commands that reproduce what does not stand, each once, causes before consequences.
    pub fn rerun_commands(&self) -> Vec<&str> {
        let mut commands: Vec<&str> = Vec::new();
        let mut told = self.cascade();
        told.sort_by_key(|(depth, _)| *depth);
        for (_, gate) in told {
            for command in gate.commands() {
                if !commands.contains(&command) {
                    commands.push(command);
                }
            }
        }
        commands
    }

    /// The gates with this standing, in the policy's order.
    pub fn with_standing(&self, standing: Standing) -> impl Iterator<Item = &GateResult> {
        self.gates.iter().filter(move |gate| gate.standing == standing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Digest, GateTerms, LaneId, PackId, Reason, Status, parse_instant};

    fn gate(id: &str, standing: Standing, blocking: bool, blocked_by: &[&str]) -> GateResult {
        let id = GateId::try_from(id).expect("an id");
        GateResult {
            terms: GateTerms { id: id.clone(), blocking, waivable: true, gap_waivable: false },
            title: id.to_string(),
            bead: "bd-1".into(),
            owner: "core".into(),
            status: Status::Fail,
            standing,
            reason: Some(Reason::Finding),
            judged_wrong: standing == Standing::Fail,
            artifact_path: None,
            detail: String::new(),
            findings: Vec::new(),
            checks: Vec::new(),
            notes: Vec::new(),
            measured: Vec::new(),
            blocked_by: blocked_by.iter().map(|id| GateId::try_from(*id).expect("an id")).collect(),
            reproduce: format!("run {id}"),
            then: Vec::new(),
            reruns: Vec::new(),
            remediation: Vec::new(),
            needs: Vec::new(),
            defined: None,
            id,
        }
    }

    fn verdict(gates: Vec<GateResult>) -> Verdict {
        Verdict {
            generated_at: parse_instant("2026-03-01T12:00:00Z").expect("an instant"),
            lane: LaneId::try_from("full").expect("an id"),
            lane_rule: LaneRule::Full,
            mode: Mode::Strict,
            policy: PackId::try_from("full-suite").expect("an id"),
            policy_digest: Digest::of(b"policy"),
            policy_ref: None,
            verdict_schema: None,
            run: None,
            commit: None,
            gates,
            evidence: Vec::new(),
            exceptions: ExceptionUse::default(),
            weakened_by: Vec::new(),
            incomplete: None,
        }
    }

    #[test]
    fn consequences_follow_their_cause() {
        let verdict = verdict(vec![
            gate("c", Standing::Blocked, true, &["b"]),
            gate("b", Standing::Blocked, true, &["a"]),
            gate("x", Standing::Fail, true, &[]),
            gate("a", Standing::Fail, true, &[]),
            gate("n", Standing::NotEvaluated, true, &[]),
            gate("w", Standing::Advisory, false, &[]),
            gate("p", Standing::Pass, true, &[]),
        ]);
        let told: Vec<_> = verdict.cascade().into_iter().map(|(depth, gate)| (depth, gate.id.to_string())).collect();
        let expected = [(0, "x"), (0, "a"), (1, "b"), (2, "c"), (0, "w")].map(|(depth, id)| (depth, id.to_owned()));
        assert_eq!(told, expected);
        assert_eq!(verdict.rerun_commands(), ["run x", "run a", "run w", "run b", "run c"]);
    }

    #[test]
    fn gates_that_block_each_other_are_still_told() {
        let verdict = verdict(vec![gate("a", Standing::Blocked, true, &["b"]), gate("b", Standing::Blocked, true, &["a"])]);
        assert_eq!(verdict.cascade().len(), 2);
    }

    #[test]
    fn only_a_full_strict_standing_verdict_promotes() {
        let good = verdict(vec![gate("p", Standing::Pass, true, &[])]);
        assert!(good.promotable());
        let switch = |switch| Weakening { switch, detail: String::new() };
        assert!(Verdict { weakened_by: vec![switch("waiver")], ..good.clone() }.promotable());
        let until = good.generated_at;
        for bad in [
            Verdict { lane_rule: LaneRule::Preflight, ..good.clone() },
            Verdict { mode: Mode::Rollback { rationale: "x".into(), until }, ..good.clone() },
            Verdict { weakened_by: vec![switch("clock")], ..good.clone() },
            Verdict { weakened_by: vec![switch("something-new")], ..good.clone() },
            Verdict { incomplete: Some("cut short".into()), ..good.clone() },
            Verdict { gates: Vec::new(), ..good.clone() },
            Verdict { gates: vec![gate("f", Standing::Fail, true, &[])], ..good.clone() },
        ] {
            assert!(!bad.promotable(), "{bad:?}");
        }
    }
}
