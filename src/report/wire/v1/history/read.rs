//! The rows of a verdict's document.
//!
//! In: the bytes of `full_suite_verdict.json`. Out: its rows, in the order of the document. Whether the document is sound is for whoever hands
//! it in to know; what is not there or is of another type is an error with its place, never an empty cell.

use super::{Evidence, Exception, FINDINGS_MOST, Finding, Gate, HISTORY_SCHEMA, Key, Measure, Row, Run, cut};
use crate::model::Digest;

/// The rows of a verdict's document; those of its tests are not in it.
///
/// # Errors
/// The line and column at which it is no verdict.
pub fn rows(bytes: &[u8]) -> Result<Vec<Row>, String> {
    let verdict: document::Verdict = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let stated = verdict.run.as_ref().and_then(|run| run.commit.clone());
    let key = Key {
        verdict: Digest::of(bytes).to_string(),
        judged_at: verdict.generated_at.clone(),
        commit: verdict.commit.clone().or(stated),
        policy: verdict.policy.id.clone(),
        lane: verdict.lane.clone(),
    };
    let document::Verdict { gates, evidence, exceptions, .. } = &verdict;
    let mut rows = vec![Row::Runs(run(&key, &verdict))];
    for own in gates {
        rows.push(Row::Gates(gate(&key, own)));
        rows.extend((1..).zip(own.findings.iter().take(FINDINGS_MOST)).map(|(rank, row)| {
            let (gate, at) = (own.id.clone(), row.at.as_ref());
            Row::Findings(Finding {
                key: key.clone(),
                gate,
                rank,
                kind: cut(&row.kind),
                expected: cut(&row.expected),
                actual: cut(&row.actual),
                message: row.message.as_deref().map(cut),
                path: at.map(|at| cut(&at.path)),
                pointer: at.and_then(|at| at.pointer.as_deref()).map(cut),
                line: at.and_then(|at| at.line),
            })
        }));
        rows.extend(own.measured.iter().map(|row| {
            let document::Measure { what, value, unit, at_most, at_least } = row;
            let (gate, key) = (own.id.clone(), key.clone());
            let (value, at_most, at_least) = (*value, *at_most, *at_least);
            Row::Measures(Measure { key, gate, what: cut(what), value, unit: cut(unit), at_most, at_least })
        }));
    }
    for (class, list) in [("waiver", &exceptions.waivers), ("quarantine", &exceptions.quarantine)] {
        rows.extend(list.iter().map(|row| Row::Exceptions(exception(&key, class, row, &exceptions.unused))));
    }
    rows.extend(evidence.iter().map(|row| {
        Row::Evidence(Evidence {
            key: key.clone(),
            evidence: row.id.clone(),
            path: cut(&row.path),
            sha256: row.sha256.clone(),
            size: row.size,
            made_at: row.made_at.clone(),
            gap: row.gap.clone(),
            gates: row.gates.join(", "),
        })
    }));
    Ok(rows)
}

fn run(key: &Key, verdict: &document::Verdict) -> Run {
    let (run, summary) = (verdict.run.as_ref(), &verdict.summary);
    let switches: Vec<&str> = verdict.weakened_by.iter().map(|row| row.switch.as_str()).collect();
    Run {
        key: key.clone(),
        schema: HISTORY_SCHEMA.to_owned(),
        tool: cut(&verdict.tool.version),
        mode: verdict.mode.clone(),
        status: verdict.status.clone(),
        ruling: verdict.verdict.clone(),
        reason: cut(&verdict.reason),
        policy_sha256: verdict.policy.sha256.clone(),
        run_path: run.map(|run| cut(&run.path)),
        run_id: run.and_then(|run| run.id.as_deref()).map(cut),
        run_commit: run.and_then(|run| run.commit.as_deref()).map(cut),
        gates: summary.gates,
        passed: summary.passed,
        failed: summary.failed,
        warned: summary.warned,
        skipped: summary.skipped,
        waived: summary.waived,
        blocked: summary.blocked,
        quarantined: summary.quarantined,
        weakened_by: switches.join(", "),
    }
}

fn gate(key: &Key, own: &document::Gate) -> Gate {
    Gate {
        key: key.clone(),
        gate: own.id.clone(),
        title: cut(&own.name),
        owner: cut(&own.owner),
        bead: cut(&own.bead),
        status: own.status.clone(),
        standing: own.standing.clone(),
        reason: own.reason.clone(),
        blocking: own.blocking,
        findings: own.findings.len() as u64,
        examined: own.checks.iter().map(|check| check.examined).sum(),
        detail: cut(&own.detail),
    }
}

fn exception(key: &Key, class: &str, row: &document::Exception, unused: &[String]) -> Exception {
    Exception {
        key: key.clone(),
        class: class.to_owned(),
        name: cut(&row.name),
        validity: row.validity.clone(),
        used: row.used,
        unused: unused.contains(&format!("{class} `{}`", row.name)),
        owner: row.owner.as_deref().map(cut),
        bead: row.bead.as_deref().map(cut),
        category: row.category.clone(),
        reason: row.reason.as_deref().map(cut),
        first_day: row.first_day.clone(),
        last_day: row.expires.clone(),
        renewals: row.renewals,
        problems: row.problems.len() as u64,
    }
}

/// What is read of a verdict's document; everything else in it has no row.
mod document {
    use serde::Deserialize;

    #[derive(Deserialize)]
    pub struct Verdict {
        pub tool: Tool,
        pub generated_at: String,
        pub lane: String,
        pub mode: String,
        pub status: Option<String>,
        pub verdict: String,
        pub reason: String,
        pub run: Option<Run>,
        pub commit: Option<String>,
        pub policy: Policy,
        pub gates: Vec<Gate>,
        pub evidence: Vec<Evidence>,
        pub exceptions: Exceptions,
        pub weakened_by: Vec<Weakening>,
        pub summary: Counts,
    }

    #[derive(Deserialize)]
    pub struct Tool {
        pub version: String,
    }

    #[derive(Deserialize)]
    pub struct Run {
        pub path: String,
        pub id: Option<String>,
        pub commit: Option<String>,
    }

    #[derive(Deserialize)]
    pub struct Policy {
        pub id: String,
        pub sha256: String,
    }

    #[derive(Deserialize)]
    pub struct Gate {
        pub id: String,
        pub name: String,
        pub owner: String,
        pub bead: String,
        pub status: String,
        pub standing: String,
        pub reason: Option<String>,
        pub blocking: bool,
        pub detail: String,
        pub findings: Vec<Finding>,
        pub checks: Vec<Check>,
        #[serde(default)]
        pub measured: Vec<Measure>,
    }

    #[derive(Deserialize)]
    pub struct Check {
        pub examined: u64,
    }

    #[derive(Deserialize)]
    pub struct Finding {
        pub kind: String,
        pub expected: String,
        pub actual: String,
        pub message: Option<String>,
        pub at: Option<At>,
    }

    #[derive(Deserialize)]
    pub struct At {
        pub path: String,
        pub pointer: Option<String>,
        pub line: Option<u64>,
    }

    #[derive(Deserialize)]
    pub struct Measure {
        pub what: String,
        pub value: f64,
        pub unit: String,
        pub at_most: Option<f64>,
        pub at_least: Option<f64>,
    }

    #[derive(Deserialize)]
    pub struct Evidence {
        pub id: String,
        pub path: String,
        pub sha256: Option<String>,
        pub size: u64,
        pub made_at: Option<String>,
        pub gap: Option<String>,
        pub gates: Vec<String>,
    }

    #[derive(Deserialize)]
    pub struct Exceptions {
        pub waivers: Vec<Exception>,
        pub quarantine: Vec<Exception>,
        pub unused: Vec<String>,
    }

    #[derive(Deserialize)]
    pub struct Exception {
        #[serde(rename = "gate", alias = "test")]
        pub name: String,
        pub validity: String,
        pub used: Option<bool>,
        pub owner: Option<String>,
        pub bead: Option<String>,
        pub category: Option<String>,
        pub reason: Option<String>,
        #[serde(rename = "created", alias = "since")]
        pub first_day: Option<String>,
        pub expires: Option<String>,
        pub renewals: Option<u64>,
        #[serde(default)]
        pub problems: Vec<serde::de::IgnoredAny>,
    }

    #[derive(Deserialize)]
    pub struct Weakening {
        pub switch: String,
    }

    #[derive(Deserialize)]
    pub struct Counts {
        pub gates: u64,
        pub passed: u64,
        pub failed: u64,
        pub warned: u64,
        pub skipped: u64,
        pub waived: u64,
        pub blocked: u64,
        pub quarantined: Option<u64>,
    }
}
