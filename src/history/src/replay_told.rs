//! How `replay` tells what would change: a table for people, JSON, a page.

use crate::fault::{Fault, Told};
use crate::replay::{Outcome, Turned, Would};
use crate::sheet::{self, Sheet};
use gatekeeper::model::redact;
use gatekeeper::report::sanitise;
use serde::Serialize;

/// The id of the JSON's shape.
pub const REPLAY_SCHEMA: &str = "gatekeeper.history-replay/1";

/// Longest text of a line, in characters.
const TEXT_MOST: usize = 300;

#[derive(Serialize)]
struct Document<'o> {
    schema: &'static str,
    policy: &'o str,
    policy_sha256: &'o str,
    runs: usize,
    change: usize,
    stay: usize,
    unknown: usize,
    outcomes: &'o [Outcome],
}

/// What was judged by which policy.
pub struct Answer<'o> {
    /// The policy's name.
    pub policy: &'o str,
    /// The digest of its definitions.
    pub digest: &'o str,
    /// What came of each run.
    pub outcomes: &'o [Outcome],
}

impl Answer<'_> {
    /// How many would become this.
    pub fn count(&self, would: Would) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.would == would).count()
    }

    fn sum(&self) -> String {
        let (all, change) = (self.outcomes.len(), self.count(Would::Change));
        let (stay, unknown) = (self.count(Would::Stay), self.count(Would::Unknown));
        let noun = if all == 1 { "run" } else { "runs" };
        let tell = if unknown == 0 { String::new() } else { format!(", {unknown} unknown") };
        format!("{all} {noun} under policy `{}`: {change} would change, {stay} would stay{tell}", self.policy)
    }

    /// For programs.
    ///
    /// # Errors
    /// It has no text, which nothing of ours is.
    pub fn json(&self) -> Told<String> {
        let document = Document {
            schema: REPLAY_SCHEMA,
            policy: self.policy,
            policy_sha256: self.digest,
            runs: self.outcomes.len(),
            change: self.count(Would::Change),
            stay: self.count(Would::Stay),
            unknown: self.count(Would::Unknown),
            outcomes: self.outcomes,
        };
        let text = serde_json::to_string_pretty(&document).map_err(|error| Fault::Internal(error.to_string()))?;
        Ok(format!("{}\n", sanitise::json(&text)))
    }

    /// For people: what would change, what is unknown, and gates that turn while the verdict stays.
    pub fn text(&self) -> String {
        let mut out = format!("{}\n", self.sum());
        for outcome in self.outcomes.iter().filter(|outcome| outcome.would != Would::Stay || !outcome.gates.is_empty()) {
            let [way, run, place] = head(outcome);
            out.push_str(&format!("\n{way}  {run}  {place}\n"));
            outcome.because.iter().for_each(|because| out.push_str(&format!("    {}\n", safe(because))));
            for gate in &outcome.gates {
                out.push_str(&format!("    {}: {}\n", safe(&gate.gate), turn(gate)));
                gate.findings.iter().for_each(|finding| out.push_str(&format!("        {}\n", safe(finding))));
                if gate.more > 0 {
                    out.push_str(&format!("        and {} more\n", gate.more));
                }
            }
        }
        out
    }

    /// A page.
    pub fn page(&self) -> String {
        let column = |name: &str| (name.to_owned(), false);
        let mut sheets = Vec::new();
        for (heading, would) in [("Would change", Would::Change), ("Unknown", Would::Unknown), ("Would stay", Would::Stay)]
        {
            let rows = self.outcomes.iter().filter(|outcome| outcome.would == would).map(|outcome| {
                let [way, run, place] = head(outcome);
                let gates = outcome.gates.iter().map(|gate| {
                    let why = gate.findings.first().map(|finding| format!(": {}", safe(finding))).unwrap_or_default();
                    format!("{} {}{why}", safe(&gate.gate), turn(gate))
                });
                let why: Vec<String> = outcome.because.iter().map(|because| safe(because)).chain(gates).collect();
                vec![way, run, place, why.join("; ")]
            });
            let columns = ["verdict", "run", "where", "why"].map(column).to_vec();
            sheets.push(Sheet { heading: heading.to_owned(), columns, rows: rows.collect() });
        }
        sheet::page("What if", &format!("{}.", self.sum()), &sheets)
    }
}

fn safe(text: &str) -> String {
    sanitise::terminal(&sanitise::excerpt(&redact(text), TEXT_MOST))
}

fn head(outcome: &Outcome) -> [String; 3] {
    let run = &outcome.run;
    let way = match (outcome.would, &outcome.after) {
        (Would::Unknown, _) | (_, None) => format!("{} -> unknown", run.ruling),
        (_, Some(after)) => format!("{} -> {after}", run.ruling),
    };
    let branch = run.branch.as_ref().map(|branch| format!("/{branch}")).unwrap_or_default();
    let commit =
        run.commit.as_ref().map(|commit| format!(" commit {}", &commit[..commit.len().min(12)])).unwrap_or_default();
    let at = run.judged_at.get(..16).unwrap_or(&run.judged_at).replace('T', " ");
    let place = safe(&format!("{at} {}{branch}{commit}", run.project));
    [way, run.verdict[..12].to_owned(), place]
}

fn turn(gate: &Turned) -> String {
    let word = |word: &Option<String>| word.clone().unwrap_or_else(|| "no such gate".to_owned());
    let (before, after) = (word(&gate.before), word(&gate.after));
    let advisory = if gate.blocking { "" } else { ", which blocks nothing" };
    if before == after {
        format!("{after}, and blocks otherwise{advisory}")
    } else {
        format!("{before} -> {after}{advisory}")
    }
}
