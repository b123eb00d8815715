//! What tests are made of: a directory that goes away, rows that were made up, and a question with its answer as values.

use gatekeeper::report::history::{Evidence, Exception, Finding, Gate, HISTORY_SCHEMA, Key, Measure, Row, Run, Test};
use gatekeeper_history::answer::{Form, text};
use gatekeeper_history::batch::Stamp;
use gatekeeper_history::engine::{Bounds, Engine, Scope};
use gatekeeper_history::question::Question;
use gatekeeper_history::record::{Outcome, add};
use gatekeeper_history::store::Store;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A directory that goes away with the test.
pub struct Place(PathBuf);

impl Place {
    /// A new one.
    pub fn new(name: &str) -> Self {
        let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock").as_nanos();
        let path = std::env::temp_dir().join(format!("gatekeeper-history-{name}-{}-{clock:x}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a directory");
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Something below it.
    pub fn join(&self, below: &str) -> PathBuf {
        self.0.join(below)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// Numbers that look random and are the same each time.
pub struct Dice(pub u64);

impl Dice {
    /// A number below this one.
    pub fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    /// One of these.
    pub fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[usize::try_from(self.below(of.len() as u64)).expect("small")]
    }
}

/// A verdict that was made up.
#[derive(Clone)]
pub struct Made {
    /// Whose it is.
    pub stamp: Stamp,
    /// Its digest.
    pub verdict: String,
    /// Seconds since the epoch.
    pub at: i64,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// An instant as rows have it.
pub fn instant(seconds: i64) -> String {
    chrono::DateTime::from_timestamp(seconds, 0).expect("a time").format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A day as rows have it.
pub fn day(seconds: i64) -> String {
    instant(seconds)[..10].to_owned()
}

/// The first judgement: 2026-01-05, noon.
pub const BEGAN: i64 = 1_767_614_400;

/// So many verdicts, six hours apart, of two projects in turns.
pub fn made(count: i64, seed: u64) -> Vec<Made> {
    let mut dice = Dice(seed);
    (0..count).map(|n| one(n, count, &mut dice)).collect()
}

fn one(n: i64, count: i64, dice: &mut Dice) -> Made {
    let at = BEGAN + n * 21_600;
    let (project, turn) = (if n % 2 == 0 { "shop" } else { "pay" }, n / 2);
    let verdict = format!("{:064x}", n + 1);
    let key = Key {
        verdict: verdict.clone(),
        judged_at: instant(at),
        commit: (dice.below(20) > 0).then(|| format!("{:040x}", turn / 3)),
        policy: "full-suite".to_owned(),
        lane: "full".to_owned(),
    };
    let mut rows = Vec::new();
    for gate in ["build", "coverage", "lint", "tests"] {
        let standing = match gate {
            "build" => "pass",
            _ => dice.one(&["pass", "pass", "pass", "fail", "fail", "advisory", "waived", "skipped", "blocked"]),
        };
        let failing = matches!(standing, "fail" | "advisory" | "waived");
        let findings = if failing { 1 + dice.below(3) } else { 0 };
        rows.push(Row::Gates(gate_row(&key, gate, standing, findings)));
        for rank in 1..=findings {
            let kind = dice.one(&["missing", "contradiction", "below-limit"]).to_owned();
            rows.push(Row::Findings(finding_row(&key, gate, rank, kind)));
        }
    }
    // A value that becomes another one behind two thirds of the series, one that does not, and one that stays the same.
    let step = if n > count * 2 / 3 { 9.0 } else { 0.0 };
    for (what, value) in [
        ("lines covered", 80.0 + step + dice.below(100) as f64 / 50.0),
        ("noise", dice.below(1_000) as f64 / 10.0),
        ("constant", 3.0),
    ] {
        let (gate, unit) = ("coverage".to_owned(), "%".to_owned());
        let row =
            Measure { key: key.clone(), gate, what: what.to_owned(), value, unit, at_most: None, at_least: Some(75.0) };
        rows.push(Row::Measures(row));
    }
    tests(&key, n, count, dice, &mut rows);
    exceptions(&key, at, n, dice, &mut rows);
    for (path, hours) in [("tests/report.xml", Some(dice.below(50))), ("tests/notes.json", None)] {
        rows.push(Row::Evidence(Evidence {
            key: key.clone(),
            evidence: "report".to_owned(),
            path: path.to_owned(),
            sha256: Some(key.verdict.clone()),
            size: 10,
            made_at: hours.map(|hours| instant(at - i64::try_from(hours).expect("small") * 3_600)),
            gap: (dice.below(6) == 0).then(|| "stale".to_owned()),
            gates: "tests".to_owned(),
        }));
    }
    rows.insert(0, Row::Runs(run_row(&key, dice)));
    Made {
        stamp: Stamp { project: project.to_owned(), branch: Some(dice.one(&["main", "next"]).to_owned()) },
        verdict,
        at,
        rows,
    }
}

fn tests(key: &Key, n: i64, count: i64, dice: &mut Dice, rows: &mut Vec<Row>) {
    for at in 0..8 {
        let status = match at {
            0 => "passed",
            1 => "failed",
            2 => dice.one(&["passed", "skipped"]),
            _ => dice.one(&["passed", "passed", "passed", "passed", "failed", "errored", "flaky", "skipped"]),
        };
        let slow = if at == 3 && n > count * 4 / 5 { 2.0 } else { 1.0 };
        rows.push(Row::Tests(Test {
            key: key.clone(),
            place: if at % 2 == 0 { String::new() } else { "unit".to_owned() },
            report: "junit.xml".to_owned(),
            // Now and then a report that was judged before.
            report_sha256: Some(format!("{:064x}", if dice.below(10) == 0 { n / 2 } else { 1_000 + n })),
            test: format!("suite::t{at}"),
            file: None,
            status: status.to_owned(),
            attempts: 1,
            cached: dice.below(12) == 0,
            seconds: (at != 7).then(|| slow * (at as f64 + 1.0) * (90 + dice.below(20)) as f64 / 100.0),
            message: (status != "passed").then(|| "it, \"broke\"\n= here".to_owned()),
        }));
    }
}

fn exceptions(key: &Key, at: i64, n: i64, dice: &mut Dice, rows: &mut Vec<Row>) {
    for (class, name, ends) in [("waiver", "lint", 40), ("waiver", "tests", 10), ("quarantine", "suite::t4", 90)] {
        let last = BEGAN + ends * 86_400;
        let validity = if at > last { "expired" } else { dice.one(&["active", "active", "expiring", "invalid"]) };
        let holds = matches!(validity, "active" | "expiring");
        rows.push(Row::Exceptions(Exception {
            key: key.clone(),
            class: class.to_owned(),
            name: name.to_owned(),
            validity: validity.to_owned(),
            used: (class == "waiver").then(|| holds && dice.below(2) == 0),
            unused: holds && dice.below(3) == 0,
            owner: Some("ada".to_owned()),
            bead: None,
            category: None,
            reason: None,
            first_day: Some(day(BEGAN - 10 * 86_400)),
            last_day: Some(day(last)),
            renewals: (n % 5 != 0).then(|| dice.below(4)),
            problems: 0,
        }));
    }
}

fn run_row(key: &Key, dice: &mut Dice) -> Run {
    Run {
        key: key.clone(),
        schema: HISTORY_SCHEMA.to_owned(),
        tool: "0.1.0".to_owned(),
        mode: "strict".to_owned(),
        status: None,
        ruling: dice.one(&["pass", "fail", "warn"]).to_owned(),
        reason: "because".to_owned(),
        policy_sha256: "1".repeat(64),
        run_path: None,
        run_id: None,
        run_commit: None,
        gates: 4,
        passed: 1,
        failed: 1,
        warned: 1,
        skipped: 1,
        waived: 0,
        blocked: 0,
        quarantined: None,
        weakened_by: String::new(),
    }
}

fn gate_row(key: &Key, gate: &str, standing: &str, findings: u64) -> Gate {
    Gate {
        key: key.clone(),
        gate: gate.to_owned(),
        title: gate.to_owned(),
        owner: "ada".to_owned(),
        bead: "gk-1".to_owned(),
        status: "pass".to_owned(),
        standing: standing.to_owned(),
        reason: None,
        blocking: true,
        findings,
        examined: 3,
        detail: String::new(),
    }
}

fn finding_row(key: &Key, gate: &str, rank: u64, kind: String) -> Finding {
    let (expected, actual) = ("this".to_owned(), "that".to_owned());
    let (key, gate) = (key.clone(), gate.to_owned());
    Finding { key, gate, rank, kind, expected, actual, message: None, path: None, pointer: None, line: None }
}

/// A store with these verdicts.
pub fn stored(place: &Place, all: &[Made]) -> Store {
    let store = Store::make(&place.join("store")).expect("a store");
    for own in all {
        let outcome = add(&store, &own.verdict, &own.rows, &own.stamp).expect("recorded");
        assert!(matches!(outcome, Outcome::Added { .. }), "{outcome:?}");
    }
    store
}

/// The answer to a statement.
pub fn sql(store: &Store, scope: &Scope, statement: &str) -> Vec<Value> {
    let engine = Engine::open(store, scope, Bounds::default()).expect("an engine");
    let (schema, batches) = engine.ask(statement, Vec::new()).unwrap_or_else(|fault| panic!("{fault}"));
    serde_json::from_str(&text(&schema, &batches, Form::Json).expect("JSON")).expect("JSON")
}

/// The answer to a question.
pub fn ask(store: &Store, name: &str, set: &[(&str, &str)]) -> Vec<Value> {
    let question = Question::find(name).expect("a question");
    let set: Vec<(String, String)> = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let engine = Engine::open(store, &Scope::default(), Bounds::default()).expect("an engine");
    let values = question.values(&set).expect("values");
    let (schema, batches) = engine.ask(&question.sql, values).unwrap_or_else(|fault| panic!("{name}: {fault}"));
    serde_json::from_str(&text(&schema, &batches, Form::Json).expect("JSON")).expect("JSON")
}
