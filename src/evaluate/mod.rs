//! Checks over evidence. In: a suite and what was collected. Out: what each gate says. Pure; no clock, no files, no waivers.

mod fold;

use crate::gate::{Admitted, Collected, Context, DefinedCheck, EvidenceNeed, Gate, Suite, Use};
use crate::model::{Evidence, EvidenceId, Findings, GateId, Judged, Measure, Note, Outcome};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// How much is asked of each gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All that a verdict tells.
    Everything,
    /// What comes of its checks alone, without notes, measured values and commands: what many judgements are compared by.
    Outcomes,
}

/// Judges these gates, in parallel. The order of the result is that of the ids, whatever finishes first. `late` is asked before each;
/// those that come after the end of the time are not judged, and are not in the result.
pub fn evaluate(
    suite: &Suite,
    collected: &Collected,
    gates: &[GateId],
    extent: Extent,
    late: &(dyn Fn() -> bool + Sync),
) -> BTreeMap<GateId, Judged> {
    let gates = gates.par_iter().filter_map(|id| suite.gates.get(id)).filter(|_| !late());
    gates.map(|gate| (gate.id.clone(), judge(gate, collected, extent, late))).collect()
}

/// Judges one gate. Of a run in shards, a check that takes them one by one says for all of them what it says of each. After the end of
/// the time nothing more is examined, and what is said then does not count.
pub fn judge(gate: &Gate, collected: &Collected, extent: Extent, late: &dyn Fn() -> bool) -> Judged {
    let mut notes: Vec<Note> = Vec::new();
    let mut measured = Measured::default();
    let mut reruns: Vec<String> = Vec::new();
    let examine = |(position, defined): (usize, &DefinedCheck)| {
        let mut one = |evidence: &Of, context: &Context| {
            let none = BTreeMap::new();
            let evidence = evidence.get(&gate.id).unwrap_or(&none);
            let admitted = Admitted { gate: &gate.id, check: position, evidence, context };
            if extent == Extent::Outcomes {
                return in_the_authors_words(defined.check.examine(&admitted), defined);
            }
            let told = defined.check.notes(&admitted);
            notes.extend(told.into_iter().filter(|note| !notes.contains(note)).collect::<Vec<_>>());
            let told = defined.check.measures(&admitted);
            measured.add(position, defined, told);
            let outcome = defined.check.examine(&admitted);
            let again = defined.check.reruns(&admitted, &outcome);
            reruns.extend(again.into_iter().filter(|command| !reruns.contains(command)).collect::<Vec<_>>());
            in_the_authors_words(outcome, defined)
        };
        if collected.shards.is_empty() || gate.once(defined) {
            return one(&collected.evidence, &collected.context);
        }
        let each: Vec<Outcome> = collected.shards.iter().map(|shard| one(&shard.evidence, &shard.context)).collect();
        fold::across(&each)
    };
    let mut checks: Vec<Outcome> = gate.checks.iter().enumerate().take_while(|_| !late()).map(examine).collect();
    let mut outcome = fold::fold(&checks);
    if let (Outcome::Pass { .. }, Some(phrase)) = (&outcome, undecided(gate, collected)) {
        // What is left to look at decides nothing, so none of it counts.
        checks.fill(Outcome::Skip(phrase.clone()));
        outcome = Outcome::Skip(phrase);
    }
    let measured = match extent {
        Extent::Everything => measured.with_ages(gate, collected),
        Extent::Outcomes => Vec::new(),
    };
    Judged { gate: gate.id.clone(), outcome, checks, notes, measured, reruns }
}

/// What the checks of a gate measured, by check.
#[derive(Default)]
struct Measured(BTreeMap<usize, (BTreeSet<EvidenceId>, Vec<Measure>)>);

impl Measured {
    /// Adds what a check measured; that of several shards is added up.
    fn add(&mut self, position: usize, defined: &DefinedCheck, told: Vec<Measure>) {
        let (_, own) = self.0.entry(position).or_insert_with(|| (looked_at(defined), Vec::new()));
        Measure::add_up(own, told);
    }

    /// All of it, and how old the evidence is that may only be so old. What two checks say of other evidence is added up; where they look at
    /// the same, it is told once.
    fn with_ages(self, gate: &Gate, collected: &Collected) -> Vec<Measure> {
        let (mut all, mut seen) = (Vec::new(), BTreeSet::new());
        for (reads, told) in self.0.into_values() {
            let add = if seen.is_disjoint(&reads) { Measure::add_up } else { Measure::add_other };
            add(&mut all, told);
            seen.extend(reads);
        }
        all.extend(ages(gate, collected));
        all
    }
}

/// The evidence that a check looks at for itself: exceptions only excuse what is found elsewhere.
fn looked_at(defined: &DefinedCheck) -> BTreeSet<EvidenceId> {
    let reads = defined.check.reads();
    let excuses = |id: &EvidenceId| reads.iter().any(|(own, of)| own == id && *of == Use::Exceptions);
    reads.iter().map(|(id, _)| id).filter(|id| !excuses(id)).cloned().collect()
}

/// The age of each evidence with a highest age, by its oldest file.
fn ages(gate: &Gate, collected: &Collected) -> Vec<Measure> {
    let scopes = std::iter::once(&collected.evidence).chain(collected.shards.iter().map(|shard| &shard.evidence));
    let found: Vec<_> = scopes.filter_map(|scope| scope.get(&gate.id)).collect();
    let age = |need: &EvidenceNeed| {
        let made = found.iter().filter_map(|evidence| evidence.get(&need.id)?.made).min()?;
        let most = i64::try_from(need.max_age?.as_seconds()).ok()?;
        let seconds = (collected.context.now - made).num_seconds().max(0);
        Some(Measure::age(format!("age of `{}`", need.id), seconds, most))
    };
    gate.evidence.iter().filter_map(age).collect()
}

/// Why the gate is skipped although its checks pass: the evidence that decides is not there.
fn undecided(gate: &Gate, collected: &Collected) -> Option<String> {
    let found = collected.evidence.get(&gate.id)?;
    gate.evidence.iter().filter(|need| need.decisive).find_map(|need| found.get(&need.id)?.absent.clone())
}

/// The evidence of gates, as it is collected.
type Of = BTreeMap<GateId, BTreeMap<EvidenceId, Evidence>>;

/// Puts the definition's finding kind and next step into findings. A field that is not there keeps its own kind: it says what
/// is wrong with the evidence, not which rule it broke.
fn in_the_authors_words(outcome: Outcome, defined: &DefinedCheck) -> Outcome {
    let Outcome::Fail(findings, gaps) = outcome else { return outcome };
    let mut findings = findings.into_vec();
    for finding in &mut findings {
        if let Some(kind) = &defined.finding
            && !matches!(&*finding.kind, "missing-field" | "wrong-type")
        {
            finding.kind = kind.clone().into();
        }
        if finding.next.is_none() {
            finding.next.clone_from(&defined.next);
        }
    }
    let findings = Findings::from_vec(findings).expect("a failure has findings");
    Outcome::Fail(findings, gaps)
}
