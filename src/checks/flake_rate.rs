//! Asserts that no test is flaky beyond a rate, and that this is proven: the upper bound of each test's failure rate, over runs of
//! one commit, is at most `max_rate`.
//!
//! The bound is the exact one of Clopper and Pearson, one-sided, at `confidence` (0.95 where it is not said): 0 failures in 30 runs
//! bound the rate by 9.51 %, so `max_rate = 0.1` needs 29 clean runs, and 0.01 needs 299. `min_runs` asks for more. A test that never
//! failed in too few runs is *undecided*, with how many clean runs are missing; that is a gap, and no pass. So is a test whose
//! failures are rare enough in fewer than `min_runs` runs.
//!
//! `evidence` are the test reports of all runs, `identity` the documents that name each run: beside its reports or above them, with
//! its run's id at `id` and its commit at `commit`. The commit under judgement is that of the run, else that of the repository. A run of another
//! commit is a gap, or left out with `other_commits = "leave-out"`; one whose commit cannot be told is always a gap. `selected` are the
//! places in these documents that list what was to run; what left no report in a directory of its name broke there.
//!
//! All reports of one document are one run. Where a recording holds many runs, a directory for each, `each = "directory"` tells them
//! apart, and `each = "file"` where each report is that of a run of its own; names in `selected` are then of such directories.
//!
//! A run counts once: directories with one run id are one run, and a run whose reports are the bytes of another one is not counted
//! again. A test counts where it ran, not where it was skipped, absent, or taken from the tool's cache. A pass at a retry counts as a failure. Where a
//! run was cut short, whatever it lacks counts as failed, and the run as a whole has a failure too; wholes are bounded as tests are.
//! A test that is skipped wherever it is told of is for `tests-declared`.
//!
//! `ledger` holds tests apart as in `tests-pass`: an entry in force covers its test, and never a run as a whole. Where other evidence is
//! optional and absent (no history was given), the check is skipped.
//!
//! ```toml
//! [evidence.now]
//! path = "run:**/junit.xml"
//! pick = "all"
//! [evidence.before]
//! path = "history:*/**/junit.xml"
//! pick = "all"
//! optional = true
//! [evidence.environment]
//! path = "run:environment.json"
//! [evidence.environments]
//! path = "history:*/environment.json"
//! pick = "all"
//! optional = true
//! [evidence.ledger]
//! path = "repo:tests/suite_classification.toml"
//!
//! [[check]]
//! kind = "flake-rate"
//! evidence = ["now", "before"]
//! identity = ["environment", "environments"]
//! id = "/run_id"
//! commit = "/git_sha"
//! selected = ["/suites"]
//! each = "document"
//! max_rate = 0.1
//! confidence = 0.95
//! min_runs = 30
//! other_commits = "leave-out"
//! ledger = "ledger"
//! ```
//!
//! Findings: `flake-rate` (the test, how often it failed and in how many runs, the bound, a failing and a passing run), `test-broken` (it failed whenever
//! it ran, which is no flake), `cut-short` (no run of this part came to its end), `contradiction` (counts in a report), and those of `ledger`. Errors: `undecided`; runs of
//! other commits; reports without a run and runs without a report; no commit under judgement.

use super::flake_proof::{Asked, told};
use super::flake_runs::{Each, Naming, runs};
use super::quarantined::{Entry, Names, Runs, cover};
use super::reports::{Ids, Reported, reports};
use super::tally::Tally;
use super::values::{Given, admit, parameter};
use crate::definition::{Keys, Kind, Raw, Read, Refusal, Stricter, choice};
use crate::diagnostic::Code;
use crate::flake::{History, Record, Subject};
use crate::gate::{Admitted, Check, CheckKind, Context, Declared, Place, Refused, Step, Use};
use crate::model::{EvidenceId, Finding, Limit, Measure, Note, Number, Outcome, Pointer, Where};
use std::collections::BTreeMap;
use std::fmt;

/// The kind `flake-rate`.
pub static FLAKE_RATE: CheckKind = CheckKind {
    id: "flake-rate",
    about: "many runs of one commit prove that no test fails more often than a rate",
    docs: include_str!("flake_rate.rs"),
    parse,
};

impl Read for Each {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        choice(raw, &[("document", Each::Document), ("directory", Each::Directory), ("file", Each::File)])
    }

    fn kind() -> Kind {
        Kind::Choice(vec!["document", "directory", "file"])
    }
}

impl fmt::Display for Each {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Each::Document => "document",
            Each::Directory => "directory",
            Each::File => "file",
        })
    }
}

/// What becomes of runs of other commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Others {
    Gap,
    LeaveOut,
}

impl Read for Others {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        choice(raw, &[("gap", Others::Gap), ("leave-out", Others::LeaveOut)])
    }

    fn kind() -> Kind {
        Kind::Choice(vec!["gap", "leave-out"])
    }
}

impl fmt::Display for Others {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Others::Gap => "gap",
            Others::LeaveOut => "leave-out",
        })
    }
}

struct FlakeRate {
    evidence: Ids,
    identity: Ids,
    id: Pointer,
    commit: Pointer,
    selected: Vec<Pointer>,
    max_rate: Given<Number>,
    confidence: Given<Number>,
    min_runs: Given<Number>,
    each: Each,
    others: Others,
    ledger: Option<EvidenceId>,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[
        ("evidence", Stricter::Unclear),
        ("identity", Stricter::Unclear),
        ("id", Stricter::Unclear),
        ("commit", Stricter::Unclear),
        ("selected", Stricter::More),
        ("max_rate", Stricter::Lower),
        ("confidence", Stricter::HigherElse("0.95")),
        ("min_runs", Stricter::HigherElse("1")),
        ("each", Stricter::Unclear),
        ("other_commits", Stricter::Words(&["leave-out", "gap"])),
        ("ledger", Stricter::Unclear),
    ]);
    let evidence = keys.required::<Ids>("evidence", "The test reports of all runs: an evidence id, or several.");
    let doc = "The documents that name the runs, each beside or above the reports of its run: an evidence id, or several.";
    let identity = keys.required::<Ids>("identity", doc);
    let id = keys.required("id", "Where such a document names its run.");
    let commit = keys.required("commit", "Where it names its commit.");
    let doc = "Where it lists what was to run: each name left a report in a directory of that name.";
    let selected = keys.optional::<Vec<Pointer>>("selected", doc);
    let doc = "The rate that the upper bound may reach, between 0 and 1: `0.1` is 10 %.";
    let max_rate = keys.required::<Given<Number>>("max_rate", doc);
    let doc = "How sure the bound must be, between 0 and 1; 0.95 if it is not said.";
    let confidence = keys.optional::<Given<Number>>("confidence", doc);
    let min_runs = keys.optional::<Given<Number>>(
        "min_runs",
        "In how many runs a test must have run, whatever the bound; 1 if it is not said.",
    );
    let doc = "What is one run: all reports of a `document`, those of each `directory` beside or below it, or each report's `file`.";
    let each = keys.or("each", Each::Document, doc);
    let doc = "What becomes of runs of another commit: `gap`, or `leave-out`.";
    let others = keys.or("other_commits", Others::Gap, doc);
    let ledger = keys.optional("ledger", "The ledger with `[quarantine.<test>]` tables.");
    let max_rate = max_rate?;
    for (key, given) in [("max_rate", Some(&max_rate)), ("confidence", confidence.as_ref())] {
        if let Some(Given::Literal(number)) = given
            && !fraction(*number)
        {
            let message = format!("{number} does not lie between 0 and 1");
            keys.refuse(key, Refusal::new(message).code(Code::LIMIT).help("write a part of one: `0.1` is 10 %"));
            return None;
        }
    }
    if let Some(Given::Literal(number)) = &min_runs
        && !whole(*number)
    {
        keys.refuse("min_runs", Refusal::new(format!("{number} is no number of runs, from 1")).code(Code::LIMIT));
        return None;
    }
    let check = FlakeRate {
        evidence: evidence?,
        identity: identity?,
        id: id?,
        commit: commit?,
        selected: selected.unwrap_or_default(),
        max_rate,
        confidence: confidence.unwrap_or(Given::Literal(Number::Float(0.95))),
        min_runs: min_runs.unwrap_or(Given::Literal(Number::Int(1))),
        each,
        others,
        ledger,
    };
    Some(Box::new(check))
}

fn fraction(number: Number) -> bool {
    let number = number.as_float();
    number > 0.0 && number < 1.0
}

fn whole(number: Number) -> bool {
    number.as_integer().is_some_and(|runs| (1..=1_000_000).contains(&runs))
}

/// A number that must satisfy something, wherever it stands.
fn given(given: &Given<Number>, context: &Context, wanted: &str, accept: fn(Number) -> bool) -> Result<Number, Refused> {
    match given {
        Given::Literal(number) => Ok(*number),
        Given::Parameter(name) => parameter(context, name, wanted, |node| node.number().filter(|number| accept(*number))),
    }
}

/// What is said of all runs.
struct Judged {
    outcome: Outcome,
    /// The failures that the ledger excused.
    excused: Vec<Note>,
    measured: Vec<Measure>,
}

impl FlakeRate {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Judged, Refused> {
        let mut excused = Vec::new();
        let ledger = self.ledger.iter().filter(|ledger| !evidence.is_absent(ledger));
        admit(evidence, self.evidence.0.iter().chain(&self.identity.0).chain(ledger))?;
        let context = evidence.context;
        let asked = Asked {
            most: given(&self.max_rate, context, "a rate between 0 and 1", fraction)?.as_float(),
            confidence: given(&self.confidence, context, "a confidence between 0 and 1", fraction)?.as_float(),
            least: given(&self.min_runs, context, "a number of runs, from 1", whole)?
                .as_integer()
                .and_then(|runs| u64::try_from(runs).ok())
                .unwrap_or(u64::MAX),
        };
        let reports = reports(evidence, &self.evidence.0)?;
        let mut tally = Tally::default();
        contradictions(&reports, &mut tally);
        let naming = Naming {
            evidence: &self.identity.0,
            id: &self.id,
            commit: &self.commit,
            selected: &self.selected,
            each: self.each,
            leave_out: self.others == Others::LeaveOut,
        };
        let (runs, left_out) = runs(evidence, &naming, &reports, &mut tally)?;
        let history = History::of(runs);
        let names = |at: usize| match &history.records[at].subject {
            Subject::Test { id, own_id, name, .. } => Names {
                id: id.clone(),
                spellings: Vec::new(),
                own_id: own_id.clone(),
                name: name.clone(),
                everywhere: (id.clone(), 0),
                counted: false,
            },
            // No entry has a name with a line break, so none covers a run as a whole.
            Subject::Whole { place } => {
                let [id, own_id, name] = [(); 3].map(|()| format!("\n{place}"));
                Names { everywhere: (id.clone(), 0), id, spellings: Vec::new(), own_id, name, counted: false }
            }
        };
        let cover = cover(history.records.len(), names, Runs::One, self.ledger.as_ref(), evidence, &mut tally)?;
        let mut undecided: BTreeMap<(u64, u64, u64), Vec<&Record>> = BTreeMap::new();
        for (at, record) in history.records.iter().enumerate().filter(|(_, record)| told(record)) {
            tally.examined();
            let entry = cover.of(at);
            if let Some(entry @ Entry { void: None, .. }) = entry {
                if record.failures() > 0 {
                    let (failures, runs) = (record.failures(), record.runs());
                    let text = format!("{} failed in {failures} of {runs} runs and is quarantined", record.subject.shown());
                    excused.push(Note::quarantined(entry.name(), text));
                }
                continue;
            }
            match asked.find(record, &history) {
                Some(finding) => {
                    entry.into_iter().for_each(|entry| tally.find(entry.invalid()));
                    tally.find(finding);
                }
                None => {
                    // A rate that no number of runs proves is refused when the definition is read.
                    let missing = asked.missing(record).unwrap_or(u64::MAX);
                    if missing > 0 {
                        undecided.entry((missing, record.failures(), record.runs())).or_default().push(record);
                    }
                }
            }
        }
        for (alike, records) in undecided.into_iter().rev() {
            tally.gap(asked.undecided(alike, &records, &history, left_out));
        }
        let outcome = tally.finish(|| {
            let actual = self.evidence.0.first().map_or_else(String::new, ToString::to_string);
            ("at least one test that ran".to_owned(), Where::file(actual))
        });
        let bounds = history.records.iter().enumerate().filter(|(at, record)| told(record) && cover.of(*at).is_none());
        let worst = bounds.map(|(_, record)| asked.bound(record)).reduce(f64::max);
        let limit = Limit::AtMost(Number::Float(100.0 * asked.most));
        let rate = worst.map(|bound| Measure::of("highest bound of a failure rate", 100.0 * bound, "%").limit(limit));
        let is_test = |record: &&Record| matches!(record.subject, Subject::Test { .. });
        let tests = history.records.iter().filter(|record| told(record)).filter(is_test).count();
        let measured = [Measure::count("tests", tests), Measure::count("runs", history.runs.len())];
        Ok(Judged { outcome, excused, measured: measured.into_iter().chain(rate).collect() })
    }
}

/// The counts of a report that its own items do not come to: what it tells of a test may be wrong too.
fn contradictions(reports: &[Reported<'_>], tally: &mut Tally) {
    for from in reports {
        for contradiction in &from.report.contradictions {
            let expected = format!("{}, counted from the items", contradiction.items);
            let finding = Finding::new("contradiction", expected, format!("the report states {}", contradiction.stated));
            tally.find(finding.at(from.at(&contradiction.at)));
        }
    }
}

impl Check for FlakeRate {
    fn declares(&self) -> Vec<Declared> {
        let own = |pointer: &Pointer, deep: bool| {
            let steps = pointer.steps().map(Step::Key).chain(deep.then_some(Step::Each)).collect::<Vec<_>>();
            self.identity
                .0
                .iter()
                .map(move |id| Declared::Value(Place { evidence: id.clone(), steps: steps.clone() }))
                .collect::<Vec<_>>()
        };
        let single = [&self.id, &self.commit].into_iter().flat_map(|pointer| own(pointer, false));
        single.chain(self.selected.iter().flat_map(|pointer| own(pointer, true))).collect()
    }

    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        let mut reads = self.evidence.whole();
        reads.extend(self.identity.whole());
        reads.extend(
            self.ledger.iter().flat_map(|ledger| [(ledger.clone(), Use::Whole), (ledger.clone(), Use::Exceptions)]),
        );
        reads.sort();
        reads.dedup();
        reads
    }

    fn parameters(&self) -> Vec<String> {
        [&self.max_rate, &self.confidence, &self.min_runs].into_iter().filter_map(Given::parameter).collect()
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).map_or_else(|refused| refused, |judged| judged.outcome)
    }

    fn reruns(&self, evidence: &Admitted<'_>, outcome: &Outcome) -> Vec<String> {
        super::reports::reruns(evidence, &self.evidence.0, outcome)
    }

    fn notes(&self, evidence: &Admitted<'_>) -> Vec<Note> {
        // Without a ledger nothing is excused, and nothing need be counted again.
        let judged = self.ledger.as_ref().map(|_| self.judge(evidence));
        judged.and_then(Result::ok).map(|judged| judged.excused).unwrap_or_default()
    }

    fn measures(&self, evidence: &Admitted<'_>) -> Vec<Measure> {
        self.judge(evidence).map(|judged| judged.measured).unwrap_or_default()
    }
}

#[cfg(test)]
#[path = "flake_rate_tests.rs"]
mod tests;
