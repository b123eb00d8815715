//! What-if: recorded runs judged under another policy.
//!
//! In: a store, which of its runs, a suite of definitions, the repository. Out: for each run whether its verdict would be another one, and
//! which gates are why. Each run is judged as `verify` judges, with the clock, the lane and the mode of its recorded verdict. A run whose
//! evidence was not kept, is damaged, or does not answer everything that the policy asks is *unknown*, never unchanged.

use crate::fault::{Fault, Told};
use crate::keep;
use crate::laid_out::{Lacking, LaidOut};
use crate::store::Store;
use gatekeeper::attest;
use gatekeeper::decide::Terms;
use gatekeeper::gate::Suite;
use gatekeeper::model::{Instant, Mode, Node, Verdict, parse_instant};
use gatekeeper::pipeline::{self, Request};
use gatekeeper::report;
use gatekeeper::report::history::{Finding, Gate, Row, Run, rows};
use gatekeeper::workspace::Disk;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Most findings of a gate that are named.
pub const FINDINGS_NAMED: usize = 3;

/// A run of the store, as its tables tell of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// The digest of its verdict.
    pub verdict: String,
    /// Whose it is.
    pub project: String,
    /// The branch.
    #[serde(default)]
    pub branch: Option<String>,
    /// The clock of the judgement.
    pub judged_at: String,
    /// The commit.
    #[serde(default)]
    pub commit: Option<String>,
    /// What it came to.
    pub ruling: String,
}

/// What the other policy would say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Would {
    /// Another verdict.
    Change,
    /// The same.
    Stay,
    /// Nobody knows.
    Unknown,
}

/// A gate that would stand otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Turned {
    /// Its id.
    pub gate: String,
    /// What it counted as; absent if the verdict has no such gate.
    pub before: Option<String>,
    /// What it would count as; absent if the other policy has no such gate.
    pub after: Option<String>,
    /// Whether a verdict fails when it does not stand.
    pub blocking: bool,
    /// Why: the findings of the side on which it does not stand, the first ones.
    pub findings: Vec<String>,
    /// How many findings there are more.
    pub more: u64,
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The run.
    #[serde(flatten)]
    pub run: Recorded,
    /// What would become of it.
    pub would: Would,
    /// What it would come to; absent if nobody knows.
    pub after: Option<String>,
    /// Why nobody knows.
    pub because: Vec<String>,
    /// The gates that would stand otherwise, also where the verdict stays.
    pub gates: Vec<Turned>,
    /// What lies in the store is damaged.
    #[serde(skip)]
    pub damaged: bool,
}

/// The definitions that the runs are judged by.
pub struct Other<'s> {
    /// The suite.
    pub suite: &'s Suite,
    /// The repository that it was read from, whose commits are asked.
    pub repository: &'s Disk,
}

/// Judges every run, as many at a time as there are cores. `done` is told how many are finished.
pub fn replay(store: &Store, runs: &[Recorded], other: &Other<'_>, done: &(dyn Fn(usize) + Sync)) -> Vec<Outcome> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(runs.len()).max(1);
    let (next, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let found: Mutex<Vec<(usize, Outcome)>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((at, run)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, runs.get(at)?)))
                {
                    // What fails inside is a run of which nothing is known, and no reason to know nothing of the others.
                    let judged = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| one(store, run, other)));
                    let outcome = judged.unwrap_or_else(|_| unknown(run, ["gatekeeper failed inside".to_owned()]));
                    found.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((at, outcome));
                    done(finished.fetch_add(1, Ordering::Relaxed) + 1);
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, outcome)| outcome).collect()
}

fn unknown(run: &Recorded, because: impl IntoIterator<Item = String>) -> Outcome {
    let (because, gates) = (because.into_iter().collect(), Vec::new());
    Outcome { run: run.clone(), would: Would::Unknown, after: None, because, gates, damaged: false }
}

fn one(store: &Store, run: &Recorded, other: &Other<'_>) -> Outcome {
    judged(store, run, other).unwrap_or_else(|fault| {
        let damaged = matches!(fault, Fault::Damaged(_));
        Outcome { damaged, ..unknown(run, [fault.to_string()]) }
    })
}

/// A recorded verdict, read again.
struct Then {
    run: Run,
    rows: Vec<Row>,
    head: Option<String>,
    mode: Mode,
    now: Instant,
}

fn then(bytes: &[u8], name: &str) -> Told<Then> {
    let damaged = |what: String| Fault::Damaged(format!("the verdict {name}: {what}"));
    let verdict =
        attest::Verdict::read(bytes, name).map_err(|gap| damaged(format!("{}, found {}", gap.expected, gap.actual)))?;
    let rows = rows(bytes).map_err(damaged)?;
    let run = rows.iter().find_map(|row| if let Row::Runs(run) = row { Some(run.clone()) } else { None });
    let run = run.ok_or_else(|| damaged("it has no row of its own".to_owned()))?;
    let instant = |text: &str| parse_instant(text).map_err(|phrase| damaged(format!("`{text}` {phrase}")));
    let now = instant(&run.key.judged_at)?;
    let mode = match (run.mode.as_str(), &verdict.judged.rollback) {
        ("rollback", Some((rationale, until))) => Mode::Rollback { rationale: rationale.clone(), until: instant(until)? },
        (_, _) => Mode::Strict,
    };
    let head = verdict.document.root().get("commit").and_then(Node::text).map(str::to_owned);
    Ok(Then { run, rows, head, mode, now })
}

fn judged(store: &Store, run: &Recorded, other: &Other<'_>) -> Told<Outcome> {
    let Some(kept) = keep::list(store, &run.verdict)? else {
        return Ok(unknown(run, ["its evidence was not kept; `record --keep-evidence` keeps it".to_owned()]));
    };
    let bytes = keep::object(store, &kept.verdict, kept.document_size)?;
    let then = then(&bytes, &run.verdict[..12])?;
    if then.head.is_none() && then.run.run_commit.is_some() {
        let told =
            "its verdict names no commit under judgement although the run states one, so it cannot be judged as it was";
        return Ok(unknown(run, [told.to_owned()]));
    }
    let commit = then.head.as_deref().and_then(|head| other.repository.commit(head).ok());
    let absent = then.rows.iter().filter_map(|row| match row {
        Row::Evidence(own) if own.sha256.is_none() && own.gap.as_deref().is_none_or(|gap| gap == "missing") => {
            Some(own.path.as_str())
        }
        _ => None,
    });
    let laid = LaidOut::new(store, &kept, absent, (then.head.as_deref(), commit.as_ref()), then.now);
    let request = Request { lane: then.run.key.lane.clone(), mode: then.mode.clone(), clock: None, policy_ref: None };
    let terms: Terms = match pipeline::terms(other.suite, &request, then.now) {
        Ok(terms) => terms,
        Err(phrase) => return Ok(unknown(run, [phrase])),
    };
    let verdict = pipeline::judge(other.suite, &laid, &terms, false);
    let lacking = laid.lacking();
    let because = reasons(&verdict, &lacking);
    if !because.is_empty() {
        return Ok(Outcome { damaged: !lacking.damaged.is_empty(), ..unknown(run, because) });
    }
    let format = report::FORMATS.iter().find(|format| format.id == "verdict").expect("the format is registered");
    let document =
        format.bytes(&verdict).map_err(|error| Fault::Internal(format!("the verdict cannot be written: {error}")))?;
    let now = rows(&document).map_err(Fault::Internal)?;
    let after = verdict.ruling().word().to_owned();
    let gates = turned(&then.rows, &now);
    let same = after == then.run.ruling;
    if then.run.policy_sha256 == other.suite.policy.digest.to_string() && !(same && gates.is_empty()) {
        let told = "the policy of its verdict itself says something else over what is kept, so more counted than that";
        return Ok(unknown(run, [told.to_owned()]));
    }
    let would = if same { Would::Stay } else { Would::Change };
    Ok(Outcome { run: run.clone(), would, after: Some(after), because: Vec::new(), gates, damaged: false })
}

/// Why the judgement says nothing. A file of the repository that is not known counts where a gate wanted it.
fn reasons(verdict: &Verdict, lacking: &Lacking) -> Vec<String> {
    let wanted = verdict.evidence.iter().map(|row| row.path.shown.as_str()).filter(|path| lacking.files.contains(*path));
    let wanted = wanted.map(|path| format!("the policy reads `{path}`, which the verdict did not, and which is not kept"));
    let mut all: Vec<String> = lacking.damaged.iter().chain(&lacking.more).cloned().chain(wanted).collect();
    if verdict.incomplete.is_some() {
        all.push("the judgement did not come to its end in the time that the policy allows".to_owned());
    }
    all.dedup();
    all
}

fn gates(rows: &[Row]) -> BTreeMap<&str, (&Gate, Vec<&Finding>)> {
    let mut found: BTreeMap<&str, (&Gate, Vec<&Finding>)> = BTreeMap::new();
    for row in rows {
        match row {
            Row::Gates(gate) => drop(found.insert(&gate.gate, (gate, Vec::new()))),
            Row::Findings(finding) => {
                if let Some((_, own)) = found.get_mut(finding.gate.as_str()) {
                    own.push(finding);
                }
            }
            _ => {}
        }
    }
    found
}

/// The gates that stand otherwise, each with its reasons.
fn turned(before: &[Row], after: &[Row]) -> Vec<Turned> {
    let (old, new) = (gates(before), gates(after));
    let mut names: Vec<&str> = old.keys().chain(new.keys()).copied().collect();
    names.sort_unstable();
    names.dedup();
    let mut found = Vec::new();
    for name in names {
        let (was, is) = (old.get(name), new.get(name));
        let word = |side: Option<&(&Gate, Vec<&Finding>)>| side.map(|(gate, _)| gate.standing.clone());
        let blocking = |side: Option<&(&Gate, Vec<&Finding>)>| side.map(|(gate, _)| gate.blocking);
        if word(was) == word(is) && blocking(was) == blocking(is) {
            continue;
        }
        let not_standing = |side: &&(&Gate, Vec<&Finding>)| !side.1.is_empty();
        let told = is.filter(not_standing).or(was.filter(not_standing));
        let (findings, more) = told.map_or((Vec::new(), 0), |(gate, own)| {
            let named: Vec<String> = own.iter().take(FINDINGS_NAMED).map(|finding| sentence(finding)).collect();
            let more = gate.findings.saturating_sub(named.len() as u64);
            (named, more)
        });
        found.push(Turned {
            gate: name.to_owned(),
            before: word(was),
            after: word(is),
            blocking: blocking(is).or(blocking(was)).unwrap_or_default(),
            findings,
            more,
        });
    }
    found
}

fn sentence(finding: &Finding) -> String {
    let place = finding.path.as_ref().map(|path| format!(" ({path})")).unwrap_or_default();
    match &finding.message {
        Some(message) => format!("{message}{place}"),
        None => format!("{}: expected {}; found {}{place}", finding.kind, finding.expected, finding.actual),
    }
}
