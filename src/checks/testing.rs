//! A bench for the tests of check kinds: a check from TOML, evidence from JSON, and what the check says as short lines.
//!
//! The bench's day is 2026-06-15; its policy is called `bench` and has the lane `full` and the gates `gate_a`, `locked` (never
//! waived) and `waiver_lifecycle`.

use super::CHECKS;
use crate::definition::{Keys, Scope, Site};
use crate::diagnostic::Diagnostic;
use crate::gate::{Admitted, Check, CheckKind, Context, Use};
use crate::model::*;
use crate::source::SourceMap;
use std::collections::BTreeMap;
use std::sync::Arc;
use toml::de::DeTable;

/// A check with its evidence.
pub(super) struct Bench {
    check: String,
    evidence: BTreeMap<EvidenceId, Evidence>,
    parameters: Vec<(Box<str>, Value)>,
    part: bool,
    commit: Option<String>,
    run: Option<RunIdentity>,
    versions: Result<Vec<Document>, String>,
}

fn id(name: &str) -> EvidenceId {
    EvidenceId::try_from(name).expect("an id")
}

fn value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(flag) => Value::Bool(*flag),
        serde_json::Value::Number(number) => Value::Number(match number.as_i64() {
            Some(int) => Number::Int(int.into()),
            None => Number::Float(number.as_f64().expect("a number")),
        }),
        serde_json::Value::String(text) => Value::from(text.as_str()),
        serde_json::Value::Array(items) => Value::List(items.iter().map(value).collect()),
        serde_json::Value::Object(map) => {
            let entries = map.iter().map(|(key, item)| (key.as_str().into(), value(item))).collect();
            Value::Map(Map::from_entries(entries).expect("keys once"))
        }
    }
}

fn parsed(json: &str) -> Value {
    value(&serde_json::from_str(json).unwrap_or_else(|error| panic!("{error} in {json}")))
}

impl Bench {
    /// A bench for a check, written as the content of its table.
    pub(super) fn new(check: &str) -> Self {
        Self {
            check: check.to_owned(),
            evidence: BTreeMap::new(),
            parameters: Vec::new(),
            part: false,
            commit: None,
            run: None,
            versions: Ok(Vec::new()),
        }
    }

    /// The run is one shard of several that are judged together.
    pub(super) fn part(mut self) -> Self {
        self.part = true;
        self
    }

    /// A document from JSON.
    pub(super) fn document(json: &str) -> Document {
        Document::new(parsed(json))
    }

    fn need(&mut self, name: &str) -> &mut Evidence {
        self.evidence.entry(id(name)).or_insert_with(|| Evidence {
            id: id(name),
            many: false,
            artifacts: Vec::new(),
            gaps: Vec::new(),
            absent: None,
            made: None,
        })
    }

    fn artifact(mut self, name: &str, file: &str, size: u64, content: Result<Content, Gap>) -> Self {
        let rel = RelPath::parse(file).expect("a path");
        let path = ArtifactPath { base: Base::Run, rel, shown: file.to_owned() };
        let digest = content.is_ok().then(|| Digest::of(file.as_bytes()));
        let artifact = Artifact { path, size, digest, content, committed: None };
        let need = self.need(name);
        need.artifacts.push(Arc::new(artifact));
        need.many = need.artifacts.len() > 1;
        self
    }

    /// A document `<name>.json`; called again, one more under the name `<name>-2.json` and so on.
    pub(super) fn json(mut self, name: &str, json: &str) -> Self {
        let before = self.need(name).artifacts.len();
        let file = if before == 0 { format!("{name}.json") } else { format!("{name}-{}.json", before + 1) };
        self.artifact(name, &file, json.len() as u64, Ok(Content::Document(Self::document(json))))
    }

    /// A test report at a path of its own.
    pub(super) fn tests_at(self, name: &str, file: &str, report: TestReport) -> Self {
        self.artifact(name, file, 1, Ok(report.into()))
    }

    /// How many artifacts a need has.
    pub(super) fn artifacts(&self, name: &str) -> usize {
        self.evidence.get(&id(name)).map_or(0, |need| need.artifacts.len())
    }

    /// The commit under judgement.
    pub(super) fn commit(mut self, commit: &str) -> Self {
        self.commit = Some(commit.to_owned());
        self
    }

    /// The run under judgement, by its directory.
    pub(super) fn run(mut self, path: &str) -> Self {
        self.run = Some(RunIdentity { path: path.to_owned(), ..RunIdentity::default() });
        self
    }

    /// A text `<name>.txt`.
    pub(super) fn text(self, name: &str, text: &str) -> Self {
        self.artifact(name, &format!("{name}.txt"), text.len() as u64, Ok(Content::Text(text.into())))
    }

    /// A text at a path.
    pub(super) fn text_at(self, name: &str, file: &str, text: &str) -> Self {
        self.artifact(name, file, text.len() as u64, Ok(Content::Text(text.into())))
    }

    /// A document from JSON at a path.
    pub(super) fn json_at(self, name: &str, file: &str, json: &str) -> Self {
        self.artifact(name, file, json.len() as u64, Ok(Content::Document(Self::document(json))))
    }

    /// A test report `<name>.xml`; called again, one more under the name `<name>-2.xml` and so on.
    pub(super) fn tests(mut self, name: &str, report: TestReport) -> Self {
        let before = self.need(name).artifacts.len();
        let file = if before == 0 { format!("{name}.xml") } else { format!("{name}-{}.xml", before + 1) };
        self.artifact(name, &file, 1, Ok(report.into()))
    }

    /// A report of benchmarks `<name>.bench`; called again, one more under the name `<name>-2.bench` and so on.
    pub(super) fn measurements(mut self, name: &str, report: MeasurementReport) -> Self {
        let before = self.need(name).artifacts.len();
        let file = if before == 0 { format!("{name}.bench") } else { format!("{name}-{}.bench", before + 1) };
        self.artifact(name, &file, 1, Ok(Content::Measurements(report)))
    }

    /// Coverage `<name>.info`; called again, one more under the name `<name>-2.info` and so on.
    pub(super) fn coverage(mut self, name: &str, report: CoverageReport) -> Self {
        let before = self.need(name).artifacts.len();
        let file = if before == 0 { format!("{name}.info") } else { format!("{name}-{}.info", before + 1) };
        self.artifact(name, &file, 1, Ok(Content::Coverage(report)))
    }

    /// A Rust source file at a path.
    pub(super) fn rust_at(self, name: &str, file: &str, source: RustSource) -> Self {
        self.artifact(name, file, 1, Ok(Content::Rust(source)))
    }

    /// A file that is only hashed; its digest is that of its own path.
    pub(super) fn bytes(self, name: &str, file: &str, size: u64) -> Self {
        self.artifact(name, file, size, Ok(Content::Bytes))
    }

    /// A file that cannot be looked at.
    pub(super) fn damaged(self, name: &str, file: &str, kind: GapKind) -> Self {
        self.artifact(name, file, 0, Err(Gap::new(kind, Where::file(file), "a sound file", "damaged")))
    }

    /// A listing of names.
    pub(super) fn listing(self, name: &str, files: &[&str]) -> Self {
        let names = files.iter().map(|file| RelPath::parse(file).expect("a path")).collect();
        self.artifact(name, name, 0, Ok(Content::Listing(names)))
    }

    /// A stream `<name>.jsonl`: one record a line; called again, one more under the name `<name>-2.jsonl` and so on.
    pub(super) fn jsonl(self, name: &str, lines: &str) -> Self {
        let records: Vec<Value> = lines.lines().filter(|line| !line.trim().is_empty()).map(parsed).collect();
        let records = Records {
            count: records.len() as u64,
            kept: Some(Document::new(Value::List(records))),
            folded: BTreeMap::new(),
        };
        let mut this = self;
        let before = this.need(name).artifacts.len();
        let file = if before == 0 { format!("{name}.jsonl") } else { format!("{name}-{}.jsonl", before + 1) };
        let mut bench = this.artifact(name, &file, lines.len() as u64, Ok(Content::Records(records)));
        bench.parameters.push((format!("\0{name}\0{before}").into(), lines.into()));
        bench
    }

    /// What git says about the artifact of a need.
    pub(super) fn in_git(mut self, name: &str, committed: Option<Committed>) -> Self {
        let artifact = self.need(name).artifacts.first_mut().expect("an artifact");
        Arc::get_mut(artifact).expect("not shared").committed = committed;
        self
    }

    /// The earlier versions of the exceptions files, oldest first, or why git cannot tell them.
    pub(super) fn versions(mut self, versions: Result<Vec<Document>, String>) -> Self {
        self.versions = versions;
        self
    }

    /// Evidence without any artifact.
    pub(super) fn nothing(mut self, name: &str) -> Self {
        self.need(name);
        self
    }

    /// Optional evidence that is absent.
    pub(super) fn absent(mut self, name: &str) -> Self {
        self.need(name).absent = Some(format!("{name} is absent"));
        self
    }

    /// Evidence with a gap.
    pub(super) fn gap(mut self, name: &str, kind: GapKind) -> Self {
        self.need(name).gaps.push(Gap::new(kind, Where::file(name), "a file", "nothing"));
        self
    }

    /// A parameter of the policy.
    pub(super) fn parameter(mut self, name: &str, json: &str) -> Self {
        self.parameters.push((name.into(), parsed(json)));
        self
    }

    /// What the check says.
    pub(super) fn outcome(self) -> Outcome {
        self.judged().0
    }

    /// What the check tells beside its outcome: `about: text`.
    pub(super) fn notes(self) -> Vec<String> {
        self.judged().1.iter().map(|note| format!("{}: {}", note.about, note.text)).collect()
    }

    /// What the check measured, in words.
    pub(super) fn measured(self) -> Vec<String> {
        self.judged().2.iter().map(ToString::to_string).collect()
    }

    /// The commands that run again what the check found.
    pub(super) fn reruns(self) -> Vec<String> {
        self.judged().3
    }

    fn judged(mut self) -> (Outcome, Vec<Note>, Vec<Measure>, Vec<String>) {
        let streams: Vec<(Box<str>, Value)>;
        (streams, self.parameters) = self.parameters.into_iter().partition(|(name, _)| name.starts_with('\0'));
        let ids: Vec<EvidenceId> = self.evidence.keys().cloned().collect();
        let (check, problems) = read(&self.check, ids);
        let check = check.unwrap_or_else(|| panic!("refused: {problems:?}"));
        assert!(problems.is_empty(), "{problems:?}");
        let mut context = Context { part: self.part, run: self.run, ..context(self.parameters) };
        if let Some(commit) = self.commit {
            context.commit = Ok(commit);
        }
        let gate = GateId::try_from("gate_a").expect("an id");
        let reads = check.reads();
        assert!(!reads.is_empty());
        context.exceptions = Arc::new(exceptions(&self.evidence, &self.versions, &reads, &context));
        for (name, lines) in streams {
            let Value::Text(lines) = lines else { panic!("lines are text") };
            let (name, position) = name[1..].split_once('\0').expect("a name and a position");
            let at = (&id(name), position.parse().expect("a position"));
            stream(&mut self.evidence, at, &lines, &*check, &reads, &context, &gate);
        }
        let admitted = Admitted { gate: &gate, check: 0, evidence: &self.evidence, context: &context };
        let outcome = check.examine(&admitted);
        let reruns = check.reruns(&admitted, &outcome);
        (outcome, check.notes(&admitted), check.measures(&admitted), reruns)
    }

    /// What the check says, a line for each finding or gap: `kind place: expected | actual`.
    pub(super) fn told(self) -> Vec<String> {
        let gap = |gap: Gap| format!("error {} {}: {} | {}", gap.kind.word(), gap.at, gap.expected, gap.actual);
        match self.outcome() {
            Outcome::Pass { examined } => vec![format!("pass {examined}")],
            Outcome::Skip(phrase) => vec![format!("skip {phrase}")],
            Outcome::Error(gaps) => gaps.into_vec().into_iter().map(gap).collect(),
            Outcome::Fail(findings, gaps) => {
                let line = |finding: Finding| {
                    let at = finding.at.map_or_else(String::new, |at| format!(" {at}"));
                    format!("{}{at}: {} | {}", finding.kind, finding.expected, finding.actual)
                };
                findings.into_vec().into_iter().map(line).chain(gaps.into_iter().map(gap)).collect()
            }
        }
    }
}

/// The exceptions state of the evidence that the check reads as exceptions. Each version in its history stood for a day.
fn exceptions(
    evidence: &BTreeMap<EvidenceId, Evidence>,
    versions: &Result<Vec<Document>, String>,
    reads: &[(EvidenceId, Use)],
    context: &Context,
) -> Exceptions {
    let today = context.now.date_naive();
    let read = reads.iter().filter(|(_, wanted)| *wanted == Use::Exceptions).filter_map(|(id, _)| evidence.get(id));
    // Checks that ask for all exceptions of the policy read no file of their own.
    let read = read.chain(evidence.get(&id("exceptions")));
    let files = read.flat_map(|need| &need.artifacts).filter_map(|artifact| {
        let document = artifact.content.as_ref().ok().and_then(Content::document)?;
        Some(ExceptionsFile { path: artifact.path.clone(), read: Ok(context.ledger(document.root())) })
    });
    let past = versions.as_ref().map_err(Clone::clone).map(|versions| {
        let version = |(at, document): (usize, &Document)| {
            let days = chrono::Days::new((versions.len() - at) as u64);
            let parents = at.checked_sub(1).into_iter().collect();
            Version::of(parents, today - days, &[Some(&context.ledger(document.root()))])
        };
        versions.iter().enumerate().map(version).collect()
    });
    Exceptions::new(files.collect(), &past, today, &context.policy)
}

/// Does with a stream what collecting does: folds it if the check asks for that, keeps it only if it is read whole.
fn stream(
    evidence: &mut BTreeMap<EvidenceId, Evidence>,
    (name, position): (&EvidenceId, usize),
    lines: &str,
    check: &dyn Check,
    reads: &[(EvidenceId, Use)],
    context: &Context,
    gate: &GateId,
) {
    let need = evidence.get_mut(name).expect("its evidence");
    let artifact = Arc::get_mut(&mut need.artifacts[position]).expect("not shared");
    let Ok(Content::Records(records)) = &mut artifact.content else { panic!("a stream") };
    if !reads.contains(&(name.clone(), Use::Whole)) {
        records.kept = None;
    }
    if reads.contains(&(name.clone(), Use::Stream)) {
        let mut fold = check.fold(name, context).expect("a stream is folded");
        for (line, text) in lines.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
            fold.record(line as u64 + 1, Bench::document(text).root());
        }
        records.folded.insert((gate.clone(), 0), fold.finish());
    }
}

/// A test report in short: each line begins with a suite or, indented, is a test of it, `name status status ...` with one status an
/// attempt. `error` and `empty` stand for a suite's own error and for its word that it has no tests; `cut` and `not` for a run
/// cut short and a contradiction. Tests stand on the lines of the text, from 1.
pub(super) fn report(text: &str) -> TestReport {
    let (mut suites, mut cut_short, mut contradictions) = (Vec::<TestSuite>::new(), Vec::new(), Vec::new());
    for (line, text) in (1..).zip(text.lines()) {
        let at = Spot::Line(line);
        let mut words = text.split_whitespace();
        let (Some(first), indented) = (words.next(), text.starts_with(' ')) else { continue };
        match (first, suites.last_mut()) {
            ("cut", _) => cut_short.push(Remark::new("it stopped", at)),
            ("not", _) => contradictions.push(Contradiction { items: "1 test".into(), stated: "2 tests".into(), at }),
            ("error", Some(suite)) => suite.errors.push(Remark::new("does not load", at)),
            ("empty", Some(suite)) => suite.says_empty = true,
            (name, Some(suite)) if indented => {
                let (name, file) = name.split_once('@').map_or((name, None), |(name, file)| (name, Some(file.into())));
                let attempt = |word| match word {
                    "ok" => Attempt::new(AttemptStatus::Passed, None, ""),
                    "skip" => Attempt::new(AttemptStatus::Skipped, None, ""),
                    "bad" => Attempt::new(AttemptStatus::Failed, None, "no").failed_at(Some(("src/a.rs", 7))),
                    "error" => Attempt::new(AttemptStatus::Errored, None, "no"),
                    other => panic!("the status {other}"),
                };
                let attempts = words.map(attempt).collect();
                suite.cases.push(TestCase { class: "".into(), name: name.into(), file, line: None, at, attempts });
            }
            (name, _) => suites.push(TestSuite::new(name, at)),
        }
    }
    let mut report = TestReport::of(suites);
    (report.cut_short, report.contradictions) = (cut_short, contradictions);
    report
}

/// The keys that `load` reads of every check.
pub(super) fn common(keys: &mut Keys<'_>) {
    keys.optional::<String>("kind", "");
    keys.optional::<String>("expect", "");
    keys.optional::<String>("finding", "");
    keys.optional::<String>("next", "");
    keys.optional::<String>("shards", "");
}

fn read(text: &str, evidence: Vec<EvidenceId>) -> (Option<Box<dyn Check>>, Vec<String>) {
    let table = DeTable::parse(text).expect("the test's TOML");
    let kind = table.get_ref().get("kind").and_then(|kind| kind.get_ref().as_str()).expect("a kind");
    let kind = CHECKS.iter().find(|known| known.id == kind).expect("a known kind");
    let scope = Scope { evidence };
    let source = SourceMap::default().add("bench.toml", text);
    let site = Site { source, text, scope: &scope };
    let (check, problems) = Keys::read(site, table.get_ref(), table.span(), |keys| {
        common(keys);
        (kind.parse)(keys)
    });
    (check, problems.iter().map(told).collect())
}

fn told(problem: &Diagnostic) -> String {
    format!("{}: {}", problem.code.name, problem.headline)
}

/// What is wrong with a check's table: `code: headline`.
pub(super) fn refused(check: &str, evidence: &[&str]) -> Vec<String> {
    read(check, evidence.iter().map(|name| id(name)).collect()).1
}

/// The check of a sound table.
pub(super) fn sound(check: &str, evidence: &[&str]) -> Box<dyn Check> {
    let (check, problems) = read(check, evidence.iter().map(|name| id(name)).collect());
    assert!(problems.is_empty(), "{problems:?}");
    check.expect("no problems")
}

/// The problems of each check in the examples of a docs page.
pub(super) fn examples(kind: &CheckKind) -> Vec<Vec<String>> {
    let page = kind.page();
    let mut problems = Vec::new();
    for example in page.split("```toml\n").skip(1) {
        let text = example.split("```").next().unwrap_or_default();
        let table = DeTable::parse(text).unwrap_or_else(|error| panic!("{}: {error}", kind.id));
        let names = table.get_ref().get("evidence").and_then(|table| table.get_ref().as_table()).expect("evidence");
        let evidence: Vec<EvidenceId> = names.keys().map(|name| id(name.get_ref())).collect();
        for check in text.split("[[check]]\n").skip(1) {
            let own = check.split("\n[").next().unwrap_or_default();
            let (read, refused) = read(own, evidence.clone());
            assert!(read.is_some() || !refused.is_empty(), "{}: None without a problem", kind.id);
            problems.push(refused);
        }
    }
    problems
}

fn context(parameters: Vec<(Box<str>, Value)>) -> Context {
    let gate = |name: &str, waivable| GateTerms {
        id: GateId::try_from(name).expect("an id"),
        blocking: true,
        waivable,
        gap_waivable: false,
    };
    let policy = Policy {
        id: PackId::try_from("bench").expect("an id"),
        title: "Bench".to_owned(),
        digest: Digest::of(b""),
        gates: vec![gate("gate_a", true), gate("locked", false), gate("waiver_lifecycle", false)],
        lanes: vec![Lane { id: LaneId::try_from("full").expect("an id"), rule: LaneRule::Full, reproduce: None }],
        limits: Limits::default(),
        parameters: BTreeMap::new(),
        ledger: Vec::new(),
        output: None,
        verdict_schema: None,
        run: None,
        secrets: crate::model::SecretShapes::default(),
    };
    Context {
        now: parse_instant("2026-06-15T12:00:00Z").expect("an instant"),
        policy,
        parameters: Document::new(Value::Map(Map::from_entries(parameters).expect("each once"))),
        run: None,
        part: false,
        commit: Err("no repository".to_owned()),
        fields: FieldNames::default(),
        exceptions: Arc::default(),
    }
}
