//! The measurements that a check reads, each with its artifact.
//!
//! In: evidence ids, a pattern of names, a metric. Out: measurements. Evidence that is no report of benchmarks is a gap, and what reports say against
//! themselves is a finding, so that no budget rests on a run that failed.

use super::reports::Ids;
use super::tally::Tally;
use super::wildcard::Wildcard;
use crate::gate::{Admitted, Refused};
use crate::model::{
    Artifact, Content, FaultKind, Finding, Gap, GapKind, Measurement, MeasurementReport, Outcome, Unit, Values, Where,
};
use std::collections::BTreeMap;

/// One measurement, in a unit that is certain.
#[derive(Clone, Copy)]
pub(super) struct Measured<'a> {
    artifact: &'a Artifact,
    one: &'a Measurement,
    /// The unit of its numbers.
    pub(super) unit: Unit,
}

impl<'a> Measured<'a> {
    /// The benchmark.
    pub(super) fn name(&self) -> &'a str {
        &self.one.name
    }

    /// The numbers.
    pub(super) fn values(&self) -> &'a Values {
        &self.one.values
    }

    /// The measurement.
    pub(super) fn measurement(&self) -> &'a Measurement {
        self.one
    }

    /// Where it stands.
    pub(super) fn at(&self) -> Where {
        self.one.at.within(&self.artifact.path.shown)
    }
}

/// Which measurements a check is about.
pub(super) struct Wanted<'w> {
    /// The benchmarks.
    pub(super) benchmark: &'w Wildcard,
    /// The metric.
    pub(super) metric: &'w str,
    /// The unit where a report states none.
    pub(super) unit: Option<Unit>,
    /// What a report may say against itself.
    pub(super) allow: &'w [FaultKind],
}

impl Wanted<'_> {
    /// The measurements of all this evidence, by name. Faults, contradictions, a name that is there twice and a measurement without a unit are findings.
    ///
    /// # Errors
    /// The outcome to return when evidence is not admitted, is no report of benchmarks, or tells nothing of what is wanted.
    pub(super) fn find<'a>(
        &self,
        evidence: &Admitted<'a>,
        ids: &Ids,
        tally: &mut Tally,
    ) -> Result<BTreeMap<&'a str, Measured<'a>>, Refused> {
        let reports = reports(evidence, ids)?;
        let mut found: BTreeMap<&'a str, Measured<'a>> = BTreeMap::new();
        let mut matched = false;
        for (artifact, report) in &reports {
            self.believe(artifact, report, tally);
            for one in
                report.measurements.iter().filter(|one| *one.metric == *self.metric && self.benchmark.matches(&one.name))
            {
                matched = true;
                let at = one.at.within(&artifact.path.shown);
                let Some(unit) = self.unit(one, &at, tally) else { continue };
                if let Some(first) = found.insert(&one.name, Measured { artifact, one, unit }) {
                    let actual = format!("`{}` is also at {}", one.name, first.at());
                    tally.find(Finding::new("duplicate-benchmark", "each benchmark is measured once", actual).at(at));
                }
            }
        }
        if matched {
            return Ok(found);
        }
        let names = reports.iter().flat_map(|(_, report)| &report.measurements);
        let some: Vec<String> = names.clone().take(3).map(|one| format!("`{}` ({})", one.name, one.metric)).collect();
        let actual = match names.count() {
            0 => "no measurement at all".to_owned(),
            count => format!("{count} measurements, among them {}", some.join(", ")),
        };
        let at = reports.first().map_or_else(|| Where::file("evidence"), |(artifact, _)| Where::file(&artifact.path.shown));
        let expected = format!("a benchmark `{}` with the metric `{}`", self.benchmark, self.metric);
        let gap = Gap::new(GapKind::Empty, at, expected, actual);
        // A benchmark that failed has no measurement: the failure is the finding, and the gap stays beside it.
        let mut own = std::mem::take(tally);
        own.gap(gap);
        Err(own.finish(|| (String::new(), Where::file("evidence"))))
    }

    fn believe(&self, artifact: &Artifact, report: &MeasurementReport, tally: &mut Tally) {
        for fault in &report.faults {
            let about = fault.benchmark.as_deref().is_none_or(|name| self.benchmark.matches(name));
            if about && !self.allow.contains(&fault.kind) {
                let expected = match &fault.benchmark {
                    Some(name) => format!("`{name}` runs without failure"),
                    None => "measurements to rely on".to_owned(),
                };
                let message = match &fault.benchmark {
                    Some(name) => format!("`{name}`: {}", fault.message),
                    None => fault.message.clone(),
                };
                let finding = Finding::new(fault.kind.word(), expected, fault.message.clone()).saying(message);
                tally.find(finding.at(fault.at.within(&artifact.path.shown)));
            }
        }
        for contradiction in &report.contradictions {
            let expected = format!("{}, from the items", contradiction.items);
            let finding = Finding::new("contradiction", expected, format!("the report states {}", contradiction.stated));
            tally.find(finding.at(contradiction.at.within(&artifact.path.shown)));
        }
    }

    fn unit(&self, one: &Measurement, at: &Where, tally: &mut Tally) -> Option<Unit> {
        match (one.unit, self.unit) {
            (Some(stated), Some(given)) if stated != given => {
                let finding = Finding::new("unit-mismatch", given.to_string(), format!("the report states {stated}"));
                tally.find(finding.at(at.clone()));
                None
            }
            (None, None) => {
                let finding = Finding::new("no-unit", format!("a unit for `{}`", one.metric), "the report states none");
                tally.find(finding.at(at.clone()).next("Name it in the check: `unit = \"count\"`."));
                None
            }
            (stated, given) => stated.or(given),
        }
    }
}

fn reports<'a>(evidence: &Admitted<'a>, ids: &Ids) -> Result<Vec<(&'a Artifact, &'a MeasurementReport)>, Refused> {
    let mut reports = Vec::new();
    for id in &ids.0 {
        for artifact in evidence.artifacts(id)? {
            match &artifact.content {
                Ok(Content::Measurements(report)) => reports.push((artifact, report)),
                Ok(other) => {
                    let actual = format!("{} (name the format of the benchmarks: `format = \"criterion\"`)", other.what());
                    let at = Where::file(&artifact.path.shown);
                    return Err(Outcome::Error(Gap::new(GapKind::Invalid, at, "measurements", actual).into()));
                }
                Err(gap) => return Err(Outcome::Error(gap.clone().into())),
            }
        }
    }
    Ok(reports)
}
