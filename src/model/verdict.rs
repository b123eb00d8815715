//! The verdict: every standing and what it rests on. The ruling is derived from it, never stored.

use super::age::Instant;
use super::digest::Digest;
use super::evidence::GapKind;
use super::exception::{Quarantine, Validity, Waiver};
use super::finding::Finding;
use super::id::{EvidenceId, GateId, LaneId, PackId};
use super::ledger::Entry;
use super::location::{ArtifactPath, Where};
use super::measure::Measure;
use super::outcome::Note;
use super::policy::{GateTerms, LaneRule, Mode};
use super::standing::{Reason, Standing, Status};
use std::collections::BTreeSet;

/// What the verdict comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// A blocking gate does not stand, or nothing was judged.
    Fail,
    /// Every blocking gate stands, an advisory one does not.
    Warn,
    /// Every gate stands.
    Pass,
}

impl Ruling {
    /// The word in the verdict.
    pub const fn word(self) -> &'static str {
        match self {
            Ruling::Fail => "fail",
            Ruling::Warn => "warn",
            Ruling::Pass => "pass",
        }
    }
}

/// The run under judgement, as far as it names itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunIdentity {
    /// The run directory as given, relative to the repository where it lies in it. Of a run in shards: the nearest directory above
    /// all of them.
    pub path: String,
    /// The name of its directory, however the way there was written; `None` if it has none, or is in shards.
    pub name: Option<String>,
    /// Its id.
    pub id: Option<String>,
    /// Its commit, 40 hex digits.
    pub commit: Option<String>,
    /// The directories of its shards, sorted; none for a run that is judged by itself.
    pub shards: Vec<String>,
}

/// What one check of a gate said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckResult {
    /// The check's kind.
    pub kind: &'static str,
    /// The fact it asserts, in the gate author's words where there are some.
    pub expect: String,
    /// `pass`, `fail`, `error` or `skip`.
    pub outcome: &'static str,
    /// How many things were looked at; 0 unless it passed.
    pub examined: usize,
}

/// One gate in the verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateResult {
    /// The gate's id.
    pub id: GateId,
    /// Its title.
    pub title: String,
    /// The tracker's id.
    pub bead: String,
    /// Who answers for it.
    pub owner: String,
    /// How the policy takes it.
    pub terms: GateTerms,
    /// The raw word about its evidence.
    pub status: Status,
    /// What it counts as.
    pub standing: Standing,
    /// Why it does not simply pass; `None` when it does.
    pub reason: Option<Reason>,
    /// At least one check looked at admitted evidence and found it wrong; a gap beside it does not hide that.
    pub judged_wrong: bool,
    /// The first artifact it reads, as shown.
    pub artifact_path: Option<String>,
    /// One line that sums it up.
    pub detail: String,
    /// Every finding, gaps included (their kind is the gap's word), worst first.
    pub findings: Vec<Finding>,
    /// What its checks said, in the gate's order.
    pub checks: Vec<CheckResult>,
    /// What its checks told beside that; it decides nothing.
    pub notes: Vec<Note>,
    /// What its checks measured, whatever they decided.
    pub measured: Vec<Measure>,
    /// The gates it needs.
    pub needs: Vec<GateId>,
    /// The gates it needs that do not stand.
    pub blocked_by: Vec<GateId>,
    /// The commands that run the failing tests again and nothing else, as far as the runner is known.
    pub reruns: Vec<String>,
    /// The command that reproduces the evidence.
    pub reproduce: String,
    /// The commands that follow it, in their order, where it takes several.
    pub then: Vec<String>,
    /// What to do about a failure.
    pub remediation: Vec<String>,
    /// Where the repository defines it, or else names it: the gate's file, the policy, the configuration; `None` if all of them are
    /// built in.
    pub defined: Option<Where>,
}

impl GateResult {
    /// What to run, in its order: the failing tests alone, then all that makes the evidence again.
    pub fn commands(&self) -> impl Iterator<Item = &str> {
        self.reruns
            .iter()
            .chain([&self.reproduce])
            .chain(&self.then)
            .map(String::as_str)
            .filter(|command| !command.trim().is_empty())
    }
}

/// One artifact in the evidence manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceRow {
    /// The id under which gates read it (the first of them, if they differ).
    pub id: EvidenceId,
    /// Where it lies, or should.
    pub path: ArtifactPath,
    /// Of the bytes that were judged.
    pub digest: Option<Digest>,
    /// Bytes.
    pub size: u64,
    /// When it says it was made, where a gate asked it; the earliest, if gates asked in several places.
    pub made: Option<Instant>,
    /// Why it is not admitted for at least one of its gates.
    pub gap: Option<GapKind>,
    /// The gates that read it.
    pub gates: Vec<GateId>,
    /// The file that was judged in its place: it is the fallback of evidence whose own file is there.
    pub instead: Option<String>,
}

/// Exceptions, as the ledger states them and as they were used.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExceptionUse {
    /// Every waiver of the ledger with its validity (`None` if it cannot be read) and whether it covered a failure.
    pub waivers: Vec<WaiverUse>,
    /// Every quarantine entry of the ledger, with its validity.
    pub quarantine: Vec<(Entry<Quarantine>, Option<Validity>)>,
    /// Names of exceptions in force that covered nothing.
    pub unused: Vec<String>,
    /// Names of the quarantine entries that excused a failure.
    pub excused: BTreeSet<String>,
}

/// One waiver of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaiverUse {
    /// The waiver, or what is wrong with it.
    pub entry: Entry<Waiver>,
    /// Whether it holds; `None` if it cannot be read.
    pub validity: Option<Validity>,
    /// It turned a failure into `waived`.
    pub used: bool,
    /// Extensions of `expires` found in git history; `None` if they could not be counted.
    pub renewals: Option<u32>,
}

/// A switch that makes the verdict weaker than the policy's plain reading.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weakening {
    /// `rollback-mode`, `waiver`, `clock`, `override`, `skipped-gate`, `quarantine`, `duplicates`, ...
    pub switch: &'static str,
    /// What it does here.
    pub detail: String,
}

/// Where the definitions of a judgement come from, if that is a commit and not the work tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRef {
    /// The commit as the operator named it.
    pub name: String,
    /// The commit, 40 hex digits.
    pub commit: String,
    /// Whether the ledger is that of the commit too, because that of the work tree excuses more.
    pub ledger: bool,
}

/// Counts over the gates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// All gates of the policy.
    pub gates: usize,
    /// Standing `pass`.
    pub passed: usize,
    /// Blocking gates that do not stand for a reason of their own: standing `fail`.
    pub failed: usize,
    /// Advisory gates that do not stand.
    pub warned: usize,
    /// Standing `skipped` or `not-evaluated`.
    pub skipped: usize,
    /// Standing `waived`.
    pub waived: usize,
    /// Failures that a quarantine entry excused, in each gate that looked at them.
    pub quarantined: usize,
    /// Standing `blocked`.
    pub blocked: usize,
    /// Blocking gates that stand. One that was skipped does not: nothing was looked at.
    pub blocking_standing: usize,
    /// Blocking gates that were skipped.
    pub blocking_skipped: usize,
    /// Blocking gates.
    pub blocking_total: usize,
}

/// Everything that was decided, and what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The clock of the judgement.
    pub generated_at: Instant,
    /// The lane.
    pub lane: LaneId,
    /// How the lane takes gates.
    pub lane_rule: LaneRule,
    /// Strict or rollback.
    pub mode: Mode,
    /// The policy's name.
    pub policy: PackId,
    /// Of every definition that took part.
    pub policy_digest: Digest,
    /// The commit that the definitions come from; `None` if it is the work tree.
    pub policy_ref: Option<PolicyRef>,
    /// The schema id that readers of the verdict expect instead of ours.
    pub verdict_schema: Option<String>,
    /// The run.
    pub run: Option<RunIdentity>,
    /// The commit of the repository under judgement, 40 hex digits.
    pub commit: Option<String>,
    /// The gates, in the policy's order.
    pub gates: Vec<GateResult>,
    /// Every artifact that was looked for, by path.
    pub evidence: Vec<EvidenceRow>,
    /// Waivers and quarantine.
    pub exceptions: ExceptionUse,
    /// What weakens the verdict, sorted.
    pub weakened_by: Vec<Weakening>,
    /// Set while the verdict is only the seal written before work began; the phrase says so.
    pub incomplete: Option<String>,
}

impl Verdict {
    /// What the verdict comes to. Pass is the last arm, reached when nothing else is left.
    #[expect(clippy::if_same_then_else, reason = "two reasons to fail, told apart")]
    pub fn ruling(&self) -> Ruling {
        let counted = self.gates.iter().filter(|gate| gate.terms.blocking);
        let judged = self.gates.iter().any(|gate| gate.standing == Standing::Pass);
        if self.incomplete.is_some() || self.gates.is_empty() || !judged {
            Ruling::Fail
        } else if counted.clone().any(|gate| !gate.standing.permits()) {
            Ruling::Fail
        } else if self.gates.iter().any(|gate| self.counts(gate) && !gate.standing.permits()) {
            Ruling::Warn
        } else {
            Ruling::Pass
        }
    }

    /// Whether the gate has a say in this lane: an advisory gate has none in `preflight`.
    pub fn counts(&self, gate: &GateResult) -> bool {
        match self.lane_rule {
            LaneRule::Full => true,
            LaneRule::Preflight => gate.terms.blocking,
        }
    }

    /// Blocking gates that do not stand, causes before consequences.
    pub fn blockers(&self) -> Vec<&GateResult> {
        let rank = |gate: &&GateResult| match gate.standing {
            Standing::Fail | Standing::Advisory => 0,
            Standing::Blocked => 1,
            Standing::NotEvaluated => 2,
            Standing::Pass | Standing::Waived | Standing::Skipped => 3,
        };
        let mut blockers: Vec<_> =
            self.gates.iter().filter(|gate| gate.terms.blocking && !gate.standing.permits()).collect();
        blockers.sort_by_key(rank);
        blockers
    }

    /// Whether a blocking gate that does not stand was found wrong on admitted evidence, rather than not judged for a gap.
    pub fn failed_on_findings(&self) -> bool {
        self.blockers().iter().any(|gate| gate.judged_wrong)
    }

    /// A failing verdict that does not block, for now.
    pub fn rolled_back(&self) -> bool {
        matches!(self.mode, Mode::Rollback { .. }) && self.ruling() == Ruling::Fail && self.incomplete.is_none()
    }

    /// Counts over the gates.
    pub fn summary(&self) -> Summary {
        let notes = self.gates.iter().flat_map(|gate| &gate.notes);
        let quarantined = notes.filter(|note| note.about == Note::QUARANTINED).count();
        let mut sum = Summary { gates: self.gates.len(), quarantined, ..Summary::default() };
        for gate in &self.gates {
            match gate.standing {
                Standing::Pass => sum.passed += 1,
                Standing::Fail => sum.failed += 1,
                Standing::Waived => sum.waived += 1,
                Standing::Advisory => sum.warned += 1,
                Standing::Blocked => sum.blocked += 1,
                Standing::Skipped | Standing::NotEvaluated => sum.skipped += 1,
            }
            if gate.terms.blocking {
                sum.blocking_total += 1;
                let skipped = gate.standing == Standing::Skipped;
                sum.blocking_skipped += usize::from(skipped);
                sum.blocking_standing += usize::from(gate.standing.permits() && !skipped);
            }
        }
        sum
    }

    /// One sentence: why the verdict is what it is, with whatever was excused.
    pub fn reason(&self) -> String {
        match (self.ruling(), self.exceptions_used()) {
            (Ruling::Fail, _) | (_, 0) => self.cause(),
            (Ruling::Warn | Ruling::Pass, 1) => format!("{}; with 1 exception", self.cause()),
            (Ruling::Warn | Ruling::Pass, count) => format!("{}; with {count} exceptions", self.cause()),
        }
    }

    /// The same without what was excused.
    pub fn cause(&self) -> String {
        if let Some(phrase) = &self.incomplete {
            return phrase.clone();
        }
        let names = |gates: Vec<&GateResult>| {
            let shown: Vec<_> = gates.iter().take(3).map(|gate| format!("`{}`", gate.id)).collect();
            let more = gates.len().saturating_sub(3);
            shown.join(", ") + &if more > 0 { format!(" and {more} more") } else { String::new() }
        };
        let with = |standing| move |gate: &&&GateResult| gate.standing == standing;
        let of = |standing| self.gates.iter().filter(|gate| gate.standing == standing).collect::<Vec<_>>();
        let blockers = self.blockers();
        let behind: Vec<_> = blockers.iter().filter(with(Standing::Blocked)).copied().collect();
        let unseen: Vec<_> = blockers.iter().filter(with(Standing::NotEvaluated)).copied().collect();
        let causes: Vec<_> = blockers.iter().filter(with(Standing::Fail)).copied().collect();
        let (advisory, waived) = (of(Standing::Advisory), of(Standing::Waived));
        let passed_over: Vec<_> = of(Standing::Skipped).into_iter().filter(|gate| gate.terms.blocking).collect();
        // What was not judged is said, so that nobody counts it among what stands.
        let (judged, skipped) = match passed_over.is_empty() {
            true => ("", String::new()),
            false => (" that was judged", format!("; skipped: {}", names(passed_over))),
        };
        match self.ruling() {
            Ruling::Fail if blockers.is_empty() => "no gate was judged".to_owned(),
            Ruling::Fail => {
                let mut phrases = Vec::new();
                match causes.len() {
                    0 => {}
                    1 => phrases.push(format!("blocking gate {} failed", names(causes))),
                    count => phrases.push(format!("{count} blocking gates failed: {}", names(causes))),
                }
                if !behind.is_empty() {
                    phrases.push(format!("blocked behind a cause: {}", names(behind)));
                }
                if !unseen.is_empty() {
                    phrases.push(format!("not evaluated: {}", names(unseen)));
                }
                phrases.join("; ")
            }
            Ruling::Warn => format!("every blocking gate{judged} passed; advisory: {}{skipped}", names(advisory)),
            Ruling::Pass if waived.is_empty() => format!("every gate{judged} passed{skipped}"),
            Ruling::Pass if judged.is_empty() => "every gate that is not waived passed".to_owned(),
            Ruling::Pass => format!("every gate that was judged and is not waived passed{skipped}"),
        }
    }

    /// Whatever was excused, in a phrase such as `2 exceptions: waived `a` (ada, until 2026-03-10); quarantined `s::t` (ada, until
    /// 2026-03-08)`; `None` if nothing was.
    pub fn excused(&self) -> Option<String> {
        let until = |owner: &str, last: &dyn std::fmt::Display| format!("{owner}, until {last}");
        let waivers = self.exceptions.waivers.iter().filter(|waiver| waiver.used);
        let waived = waivers.map(|waiver| {
            let terms = waiver.entry.read.as_ref().map(|read| until(&read.owner, &read.expires));
            format!("waived `{}` ({})", waiver.entry.name, terms.unwrap_or_default())
        });
        let held = self.exceptions.quarantine.iter().map(|(entry, _)| entry);
        let tests = held.filter(|entry| self.exceptions.excused.contains(&entry.name)).map(|entry| {
            let terms = entry.read.as_ref().map(|read| until(&read.owner, &read.expires));
            format!("quarantined `{}` ({})", entry.name, terms.unwrap_or_default())
        });
        let all: Vec<String> = waived.chain(tests).collect();
        let (count, shown) = (self.exceptions_used(), 4);
        let noun = if count == 1 { "exception" } else { "exceptions" };
        let more = if all.len() > shown { format!("; and {} more", all.len() - shown) } else { String::new() };
        (count > 0).then(|| format!("{count} {noun}: {}{more}", all[..all.len().min(shown)].join("; ")))
    }

    /// How often something was excused: waived gates, and failures that quarantine entries excused.
    pub fn exceptions_used(&self) -> usize {
        let summary = self.summary();
        summary.waived + summary.quarantined
    }
}
