//! The test reports that a check reads, each with its artifact.
//!
//! In: evidence ids. Out: reports. Evidence that is not a test report is a gap, so that a check about tests never passes on a
//! document that it does not understand.

use super::values::admit;
use crate::definition::{Kind, Raw, Read, Refusal};
use crate::gate::{Admitted, Refused, Use};
use crate::model::{
    Artifact, CaseStatus, Content, EvidenceId, Finding, Gap, GapKind, Measure, Note, Number, Outcome, Remark, Spot,
    TestCase, TestReport, TestSuite, Where,
};
use std::collections::HashSet;

/// One report.
#[derive(Clone, Copy)]
pub(super) struct Reported<'a> {
    pub(super) artifact: &'a Artifact,
    pub(super) report: &'a TestReport,
}

impl Reported<'_> {
    /// A place in the file of this report.
    pub(super) fn at(&self, spot: &Spot) -> Where {
        spot.within(&self.artifact.path.shown)
    }

    /// What it states of flaky tests that it does not name.
    pub(super) fn unnamed_flaky(&self) -> impl Iterator<Item = Finding> {
        self.report.unnamed_flaky.iter().map(|one| {
            let expected = format!("{}, counted from the items", one.items);
            let message = format!("the report states {} and names {}", one.stated, one.items);
            let finding = Finding::new("test-flaky", expected, format!("the report states {}", one.stated));
            finding.saying(message).at(self.at(&one.at))
        })
    }

    /// What a remark says, with its place.
    pub(super) fn remark(&self, remark: &Remark) -> (String, Where) {
        (remark.message.to_string(), self.at(&remark.at))
    }
}

/// Every report of all this evidence. Optional evidence that is absent holds no reports, as long as other evidence does.
///
/// # Errors
/// The outcome to return when evidence is not admitted, or is no test report.
pub(super) fn reports<'a>(evidence: &Admitted<'a>, ids: &[EvidenceId]) -> Result<Vec<Reported<'a>>, Refused> {
    let (reports, silent) = told(evidence, ids)?;
    silent.first().map_or(Ok(reports), |artifact| Err(refused(artifact, "text")))
}

/// Every report of all this evidence, and the logs that tell of no test (see the format `test-output`). Whoever asks must not
/// pass on a log without a report beside it; [`unreported`] is what to say then.
///
/// # Errors
/// The outcome to return when evidence is not admitted, or is neither.
pub(super) fn told<'a>(
    evidence: &Admitted<'a>,
    ids: &[EvidenceId],
) -> Result<(Vec<Reported<'a>>, Vec<&'a Artifact>), Refused> {
    let present: Vec<&EvidenceId> = ids.iter().filter(|id| !evidence.is_absent(id)).collect();
    if present.is_empty() {
        admit(evidence, ids)?;
    }
    admit(evidence, present.iter().copied())?;
    let (mut reports, mut silent) = (Vec::new(), Vec::new());
    for id in present {
        for artifact in evidence.artifacts(id)? {
            let other = match &artifact.content {
                Ok(Content::Tests(report)) => {
                    reports.push(Reported { artifact, report });
                    continue;
                }
                Ok(Content::Text(_)) => {
                    silent.push(artifact);
                    continue;
                }
                Ok(content) => content.what(),
                Err(gap) => return Err(Outcome::Error(gap.clone().into())),
            };
            return Err(refused(artifact, other));
        }
    }
    Ok((reports, silent))
}

/// How many tests these reports tell of, by what came of them.
pub(super) fn measures(evidence: &Admitted<'_>, ids: &[EvidenceId]) -> Vec<Measure> {
    let Ok((reports, _)) = told(evidence, ids) else { return Vec::new() };
    let mut measures = Vec::new();
    for (word, count) in reports.iter().flat_map(|from| from.report.counted().entries()) {
        let what = match word {
            "total" => "tests".to_owned(),
            "suites" => continue,
            word => format!("tests {word}"),
        };
        Measure::add_up(&mut measures, vec![Measure::count(what, count)]);
    }
    // How many passed and failed is always told; of what else there is none is no news.
    let told =
        |one: &Measure| one.value != Number::Int(0) || matches!(&*one.what, "tests" | "tests passed" | "tests failed");
    measures.retain(told);
    measures
}

/// The commands that run again what an outcome found in these reports: each test at whose place a finding is, and that did not simply pass.
pub(super) fn reruns(evidence: &Admitted<'_>, ids: &[EvidenceId], outcome: &Outcome) -> Vec<String> {
    let Outcome::Fail(findings, _) = outcome else { return Vec::new() };
    let Ok((reports, _)) = told(evidence, ids) else { return Vec::new() };
    let places: HashSet<&Where> = findings.as_slice().iter().filter_map(|finding| finding.at.as_ref()).collect();
    let found = |from: &Reported<'_>, case: &TestCase| {
        !matches!(case.status(), CaseStatus::Passed | CaseStatus::Skipped) && places.contains(&from.at(&case.at))
    };
    let of = |from: &Reported<'_>| {
        let others = from.report.others().map(|(_, suite, case)| (suite, case));
        let failing: Vec<_> = others.filter(|(_, case)| found(from, case)).collect();
        crate::model::reruns(from.report, &failing)
    };
    let mut commands = Vec::new();
    for command in reports.iter().filter(|from| from.report.runner.is_some()).flat_map(of) {
        if !commands.contains(&command) {
            commands.push(command);
        }
    }
    commands
}

/// A note for each report in which nothing ran, beside one in which something did.
pub(super) fn idle(reports: &[Reported<'_>]) -> Vec<Note> {
    let ran = |from: &&Reported<'_>| from.report.counted().skipped < from.report.len();
    if !reports.iter().any(|from| ran(&from)) {
        return Vec::new();
    }
    let told = |from: &Reported<'_>| {
        let what = match from.report.len() {
            0 => "no test in it".to_owned(),
            1 => "its only test was skipped".to_owned(),
            count => format!("all {count} tests in it were skipped"),
        };
        Note::new("nothing-ran", format!("{}: {what}", from.artifact.path))
    };
    reports.iter().filter(|from| !ran(from)).map(told).collect()
}

/// Endings of names that are source files of tests.
const SOURCES: [&str; 20] = [
    "js", "cjs", "mjs", "jsx", "ts", "cts", "mts", "tsx", "py", "rb", "php", "phpt", "ex", "exs", "rs", "go", "feature",
    "robot", "bats", "t",
];

/// The source of a test as the report spells it. Some writers name the file as the suite or the class, and Go names it below its package.
pub(super) fn source(suite: &TestSuite, case: &TestCase) -> Option<Where> {
    let is_source = |name: &&str| {
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        SOURCES.contains(&ending) && !name.contains([' ', '\t', '\n'])
    };
    let named = || {
        let names = [
            suite.file.as_deref(),
            Some(&*case.class).filter(|name| is_source(name)),
            Some(&*suite.name).filter(|name| is_source(name)),
        ];
        names.into_iter().flatten().next().map(|file| (file, None))
    };
    let module = python_module(suite, case);
    let (file, line) = case.source_line().or_else(named).or_else(|| Some((module.as_deref()?, None)))?;
    let in_package = file.ends_with(".go") && !file.contains(['/', '\\']) && !suite.name.is_empty();
    let path = if in_package { format!("{}/{file}", suite.name) } else { file.to_owned() };
    Some(Where { path, pointer: None, line })
}

/// The file of a module, where pytest names that and no file: `tests.test_cart.TestCart`.
fn python_module(suite: &TestSuite, case: &TestCase) -> Option<String> {
    let parts: Vec<&str> = case.class.split('.').take_while(|part| !part.starts_with(|c: char| c.is_uppercase())).collect();
    (&*suite.name == "pytest" && !case.class.is_empty() && !parts.is_empty()).then(|| format!("{}.py", parts.join("/")))
}

fn refused(artifact: &Artifact, other: &str) -> Refused {
    let actual = format!("{other} (name the format of the tests: `format = \"junit\"`)");
    let at = Where::file(&artifact.path.shown);
    Outcome::Error(Gap::new(GapKind::Invalid, at, "a test report", actual).into())
}

/// The directory of an artifact below its base. What lies there together is about one target.
pub(super) fn directory(artifact: &Artifact) -> &str {
    artifact.path.rel.as_str().rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// The gap of a log that tells of no test and has no report beside it.
pub(super) fn unreported(log: &Artifact) -> Gap {
    let expected = "the log of a test runner that names its tests, or a test report beside it";
    Gap::new(GapKind::Malformed, Where::file(&log.path.shown), expected, "a log without them")
}

/// One evidence id or a list of them.
#[derive(Debug)]
pub(super) struct Ids(pub(super) Vec<EvidenceId>);

impl Read for Ids {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        if raw.get().as_array().is_some() {
            Vec::read(raw).map(Self)
        } else {
            EvidenceId::read(raw).map(|id| Self(vec![id]))
        }
    }

    fn kind() -> Kind {
        Kind::Either(vec![EvidenceId::kind(), Vec::<EvidenceId>::kind()])
    }
}

impl Ids {
    /// Each of them, read whole.
    pub(super) fn whole(&self) -> Vec<(EvidenceId, Use)> {
        let mut reads: Vec<(EvidenceId, Use)> = self.0.iter().map(|id| (id.clone(), Use::Whole)).collect();
        reads.sort();
        reads.dedup();
        reads
    }
}
