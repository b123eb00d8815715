//! The test reports that a check reads, each with its artifact.
//!
//! In: evidence ids. Out: reports. Evidence that is not a test report is a gap, so that a check about tests never passes on a
//! document that it does not understand.

use super::values::admit;
use crate::definition::{Kind, Raw, Read, Refusal};
use crate::gate::{Admitted, Refused, Use};
use crate::model::{
    Artifact, Content, EvidenceId, Gap, GapKind, Measure, Number, Outcome, Remark, Spot, TestReport, Where,
};

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
    let Ok(reports) = reports(evidence, ids) else { return Vec::new() };
    let mut measures = Vec::new();
    for (word, count) in reports.iter().flat_map(|from| from.report.totals().entries()) {
        let what = match word {
            "total" => "tests".to_owned(),
            "suites" => continue,
            word => format!("tests {word}"),
        };
        Measure::gather(&mut measures, vec![Measure::count(what, count)]);
    }
    // How many passed and failed is always told; of what else there is none is no news.
    let told =
        |one: &Measure| one.value != Number::Int(0) || matches!(&*one.what, "tests" | "tests passed" | "tests failed");
    measures.retain(told);
    measures
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
    Gap::new(GapKind::Malformed, Where::file(&log.path.shown), expected, "neither")
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
