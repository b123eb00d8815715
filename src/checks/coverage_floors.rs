//! Asserts that tests run at least so much of each module: of its lines, its functions or its branches.
//!
//! Reports are those of the formats `lcov` and `cobertura`; several are one: a line is covered if any of them ran it. `floors` gives each module its floor in percent, or is `"policy.<name>"`, a
//! parameter of the policy that does. A module is a directory or a file (`src/decide`), or a pattern in which `*` stands for any run of characters (`*/src/decide/*`: reports
//! with absolute paths). A module in which nothing could run is an error, because a floor under nothing holds for ever. `total` is the floor of all
//! files together. `measure` is `lines`, `functions` or `branches`; a report without branches has none to hold a floor against, which is an error. A file may belong to several modules.
//!
//! ```toml
//! [evidence.coverage]
//! path = "run:coverage/*.info"
//! format = "lcov"
//! pick = "all"
//!
//! [[check]]
//! kind = "coverage-floors"
//! evidence = "coverage"
//! floors = { "src/decide" = 90, "src/report" = 82.5 }
//! total = 80
//! measure = "lines"
//! ```
//!
//! What a report states about itself is a second witness. Where it states less coverage than its lines show, that is a finding; where it counts in another way and comes to less (a line once for each
//! function or class that it belongs to), the floor is held against the lower share. Every other difference is a note in the verdict. A share is exact here: the tools round (coverage.py to whole
//! percents, gcovr to one digit), so a floor that a tool keeps only by rounding is not kept.
//!
//! A file that no test loads is often missing from a report, and then lowers nothing. That every source file is there is said by another check,
//! [`files-listed`](files-listed.md), over the fields of the report:
//!
//! ```toml
//! [evidence.sources]
//! path = "repo:src/**/*.ts"
//! format = "listing"
//!
//! [evidence.coverage]
//! path = "run:coverage/lcov.info"
//!
//! [[check]]
//! kind = "files-listed"
//! listing = "sources"
//! in = ["coverage.files[*].name"]
//! ```
//!
//! Findings: `below-floor` (at the file of the module that lacks most), `contradiction` (a total that is worse than the items). Errors: a module in which nothing could run, evidence that is no coverage, or the policy has no such
//! floors.

use super::reports::Ids;
use super::tally::Tally;
use super::values::{Given, admit, parameter};
use super::wildcard::Wildcard;
use crate::definition::{Keys, Kind, Raw, Read, Refusal, Stricter, choice};
use crate::diagnostic::{Code, Diagnostic};
use crate::gate::{Admitted, Check, CheckKind, Context, Refused, Use};
use crate::model::{
    Artifact, Content, CoverageMeasure, CoverageReport, CoveredFile, Disagreement, EvidenceId, Finding, Gap, GapKind,
    Limit, Measure, Node, Note, Number, Outcome, SourceCount, Where,
};
use std::collections::BTreeMap;

/// The kind `coverage-floors`.
pub static COVERAGE_FLOORS: CheckKind = CheckKind {
    id: "coverage-floors",
    about: "tests run at least so much of each module",
    docs: include_str!("coverage_floors.rs"),
    parse,
};

/// Most notes about one gate's reports.
const NOTES_MOST: usize = 20;

const MEASURES: [CoverageMeasure; 3] = [CoverageMeasure::Lines, CoverageMeasure::Functions, CoverageMeasure::Branches];

impl Read for CoverageMeasure {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        choice(raw, &MEASURES.map(|measure| (measure.word(), measure)))
    }

    fn kind() -> Kind {
        Kind::Choice(MEASURES.map(CoverageMeasure::word).to_vec())
    }
}

type Floors = BTreeMap<String, Number>;

struct CoverageFloors {
    evidence: Ids,
    floors: Option<Given<Floors>>,
    total: Option<Given<Number>>,
    measure: CoverageMeasure,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[
        ("evidence", Stricter::Unclear),
        ("floors", Stricter::Higher),
        ("total", Stricter::Higher),
        ("measure", Stricter::Unclear),
    ]);
    let evidence = keys.required::<Ids>("evidence", "The coverage: an evidence id, or several.");
    let floors = keys.optional::<Given<Floors>>("floors", "The floor of each module, in percent.");
    let total = keys.optional::<Given<Number>>("total", "The floor of all files together, in percent.");
    let measure = keys.or("measure", CoverageMeasure::Lines, "What is counted.");
    if let Some(Given::Literal(own)) = &floors
        && let Some(phrase) = unsound(own)
    {
        keys.refuse("floors", Refusal::new(phrase).code(Code::LIMIT));
        return None;
    }
    if let Some(Given::Literal(floor)) = &total
        && !is_floor(*floor)
    {
        keys.refuse("total", Refusal::new(NO_FLOOR).code(Code::LIMIT));
        return None;
    }
    if floors.is_none() && total.is_none() {
        // A floor that is there and was refused has been reported already.
        let written = ["floors", "total"].iter().any(|key| keys.span(key) != keys.here());
        if let Some(here) = keys.here().filter(|_| !written) {
            let problem = Diagnostic::error(Code::MISSING_KEY, "the check has no floor");
            keys.report(problem.label(here, "this table needs `floors` or `total`"));
        }
        return None;
    }
    Some(Box::new(CoverageFloors { evidence: evidence?, floors, total, measure }))
}

const NO_FLOOR: &str = "a floor is above 0 and at most 100 percent";

/// A floor of 0 holds for anything, and would only look like one.
fn is_floor(floor: Number) -> bool {
    floor > Number::Int(0) && floor <= Number::Int(100)
}

fn unsound(floors: &Floors) -> Option<String> {
    if floors.is_empty() {
        return Some("must not be empty".to_owned());
    }
    let blank = floors.keys().find(|module| module.trim_matches(['/', ' ']).is_empty());
    let wrong = floors.iter().find(|(_, floor)| !is_floor(**floor));
    blank.map(|_| "a module has no name".to_owned()).or_else(|| wrong.map(|(module, _)| format!("`{module}`: {NO_FLOOR}")))
}

impl Given<Floors> {
    fn floors(&self, context: &Context) -> Result<Floors, Refused> {
        match self {
            Given::Literal(floors) => Ok(floors.clone()),
            Given::Parameter(name) => {
                parameter(context, name, "a table of modules with floors in percent", |node: Node<'_>| {
                    let floors: Option<Floors> =
                        node.entries().map(|(module, floor)| Some((module.to_owned(), floor.number()?))).collect();
                    floors.filter(|floors| unsound(floors).is_none())
                })
            }
        }
    }
}

/// Whether a file belongs to a module: it is the module, lies below it, or fits the pattern.
fn belongs(file: &str, module: &str, pattern: Option<&Wildcard>) -> bool {
    match pattern {
        Some(pattern) => pattern.matches(file),
        None => {
            let (file, module) = (file.trim_start_matches("./"), module.trim_start_matches("./").trim_end_matches('/'));
            file.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        }
    }
}

impl CoverageFloors {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        admit(evidence, &self.evidence.0)?;
        let mut tally = Tally::default();
        let reports = reports(evidence, &self.evidence)?;
        for (artifact, report) in &reports {
            for one in report.disagreements.iter().filter(|one| self.counts(one)) {
                let expected = format!("{}, counted from the lines", one.items);
                let finding = Finding::new("contradiction", expected, format!("the report states {}", one.stated));
                tally.find(finding.at(one.at.within(&artifact.path.shown)));
            }
        }
        let head = Where::file(reports.first().map_or("evidence", |(artifact, _)| artifact.path.shown.as_str()));
        // The places of files are those of the first report that tells of them.
        let mut places: BTreeMap<&str, Where> = BTreeMap::new();
        for (artifact, file) in
            reports.iter().flat_map(|(artifact, report)| report.files.iter().map(move |file| (artifact, file)))
        {
            places.entry(&*file.name).or_insert_with(|| file.at.within(&artifact.path.shown));
        }
        let whole = together(&reports);
        for (module, floor) in self.modules(&whole, evidence.context, &head)? {
            self.judge_module(&module, floor, (&places, &head), &mut tally);
        }
        Ok(tally.finish(|| ("at least one module".to_owned(), head)))
    }

    /// The modules with their floors, all files together last.
    ///
    /// # Errors
    /// The outcome to return when the policy has no such floors, or a module cannot be read.
    fn modules<'w>(
        &self,
        whole: &'w CoverageReport,
        context: &Context,
        head: &Where,
    ) -> Result<Vec<(Module<'w>, Number)>, Refused> {
        let floors = self.floors.as_ref().map(|own| own.floors(context)).transpose()?.unwrap_or_default();
        let total = self.total.as_ref().map(|own| own.number(context)).transpose()?;
        let mut modules = Vec::new();
        for (module, floor) in floors {
            let pattern = module.contains('*').then(|| Wildcard::parse(&module)).transpose().map_err(|phrase| {
                Outcome::Error(Gap::new(GapKind::Invalid, head.clone(), "a module", format!("`{module}` {phrase}")).into())
            })?;
            let own = whole.files.iter().filter(|file| belongs(&file.name, &module, pattern.as_ref())).collect();
            modules.push((Module { name: format!("`{module}`"), files: own, beyond: SourceCount::default() }, floor));
        }
        modules.extend(total.map(|floor| {
            let beyond = whole.elsewhere.get(&self.measure).copied().unwrap_or_default();
            (Module { name: "all files".to_owned(), files: whole.files.iter().collect(), beyond }, floor)
        }));
        Ok(modules)
    }

    /// The share of each module.
    fn shares(&self, evidence: &Admitted<'_>) -> Result<Vec<Measure>, Refused> {
        let whole = together(&reports(evidence, &self.evidence)?);
        let modules = self.modules(&whole, evidence.context, &Where::file("evidence"))?;
        let share = |(module, floor): (Module<'_>, Number)| {
            let Share { percent, .. } = module.share(self.measure)?;
            let what = format!("{} of {}", self.measure, module.name);
            Some(Measure::of(what, percent, "%").limit(Limit::AtLeast(floor)))
        };
        Ok(modules.into_iter().filter_map(share).collect())
    }

    /// Whether a statement weighs against this floor: one that is worse, of lines, of which all else is made, or of what is measured.
    fn counts(&self, one: &Disagreement) -> bool {
        one.worse && (one.measure == CoverageMeasure::Lines || one.measure == self.measure)
    }

    /// What the reports state that is other than their items and does not weigh, as far as a reader may want to know.
    fn differences(&self, evidence: &Admitted<'_>) -> Result<Vec<Note>, Refused> {
        let reports = reports(evidence, &self.evidence)?;
        let all = reports.iter().flat_map(|(artifact, report)| {
            let light = report.disagreements.iter().filter(|one| !self.counts(one));
            light.map(move |one| {
                let at = one.at.within(&artifact.path.shown);
                format!("{at}: the report states {}, its items come to {}", one.stated, one.items)
            })
        });
        let mut texts: Vec<String> = all.collect();
        let more = texts.len().saturating_sub(NOTES_MOST);
        texts.truncate(NOTES_MOST);
        texts.extend((more > 0).then(|| format!("{more} more statements differ from their items like these")));
        Ok(texts.into_iter().map(|text| Note::new("coverage-counted-otherwise", text)).collect())
    }

    fn judge_module(
        &self,
        module: &Module<'_>,
        floor: Number,
        (places, head): (&BTreeMap<&str, Where>, &Where),
        tally: &mut Tally,
    ) {
        let Module { name, files, .. } = module;
        let Some(Share { count, percent, as_stated }) = module.share(self.measure) else {
            let expected = format!("{} of {name} that could run", self.measure);
            let actual = if files.is_empty() { "no file of it" } else { "none" };
            tally.gap(Gap::new(GapKind::Empty, head.clone(), expected, actual));
            return;
        };
        tally.examined();
        if percent >= floor.as_float() {
            return;
        }
        let lacks = |file: &&&CoveredFile| {
            let own = file.count(self.measure);
            own.total - own.covered
        };
        let worst = files.iter().rev().max_by_key(lacks);
        let place = worst.and_then(|file| places.get(&*file.name)).unwrap_or(head).clone();
        // Rounded down, so that what is below a floor never looks like it.
        let shown = (percent * 100.0).floor() / 100.0;
        let counted = if as_stated { ", as the report counts" } else { "" };
        let share = format!("{} of {}{counted}", count.covered, count.total);
        let missing =
            worst.map(|file| format!("; most are missing in `{}`, {}", file.name, lacks(&file))).unwrap_or_default();
        let message =
            format!("{name}: tests run {shown} % of {} ({share}), at least {floor} % is asked for{missing}", self.measure);
        let actual = format!("{shown} % ({share}){missing}");
        let expected = format!("{name}: at least {floor} % of {}", self.measure);
        tally.find(Finding::new("below-floor", expected, actual).saying(message).at(place));
    }
}

/// What a floor is about.
struct Module<'f> {
    name: String,
    files: Vec<&'f CoveredFile>,
    /// What is counted of it and belongs to no file.
    beyond: SourceCount,
}

/// How much of a module is covered.
struct Share {
    count: SourceCount,
    percent: f64,
    /// Whether that is as the report counts, and not as its items do.
    as_stated: bool,
}

impl Module<'_> {
    /// Its share, in the way of counting that comes to less: a tool that counts so has held its own floor against it. `None` if nothing in
    /// it could run.
    fn share(&self, measure: CoverageMeasure) -> Option<Share> {
        let sum = |own: fn(&CoveredFile, CoverageMeasure) -> SourceCount| {
            self.files.iter().fold(SourceCount::default(), |count, file| count.plus(own(file, measure)))
        };
        let (items, stated) = (sum(CoveredFile::count), sum(CoveredFile::count_as_stated).plus(self.beyond));
        let percent = items.percent()?;
        let lower = stated.percent().filter(|stated| *stated < percent);
        Some(match lower {
            Some(percent) => Share { count: stated, percent, as_stated: true },
            None => Share { count: items, percent, as_stated: false },
        })
    }
}

/// All reports as one. What one of several says about its share of a file says nothing about the whole file.
fn together(reports: &[(&Artifact, &CoverageReport)]) -> CoverageReport {
    let mut tellers: BTreeMap<&str, usize> = BTreeMap::new();
    for file in reports.iter().flat_map(|(_, report)| &report.files) {
        *tellers.entry(&*file.name).or_default() += 1;
    }
    let whole = reports.iter().flat_map(|(_, report)| &report.files).map(|file| {
        let mut file = file.clone();
        if tellers.get(&*file.name).is_some_and(|count| *count > 1) {
            file.stated.clear();
        }
        file
    });
    let mut whole = CoverageReport::assemble(whole.collect(), Vec::new());
    if tellers.values().all(|count| *count == 1) {
        for (measure, more) in reports.iter().flat_map(|(_, report)| &report.elsewhere) {
            let own = whole.elsewhere.entry(*measure).or_default();
            *own = own.plus(*more);
        }
    }
    whole
}

fn reports<'a>(evidence: &Admitted<'a>, ids: &Ids) -> Result<Vec<(&'a Artifact, &'a CoverageReport)>, Refused> {
    let mut reports = Vec::new();
    for id in &ids.0 {
        for artifact in evidence.artifacts(id)? {
            match &artifact.content {
                Ok(Content::Coverage(report)) => reports.push((artifact, report)),
                Ok(other) => {
                    let actual = format!("{} (name the format of the coverage: `format = \"lcov\"`)", other.what());
                    let at = Where::file(&artifact.path.shown);
                    return Err(Outcome::Error(Gap::new(GapKind::Invalid, at, "coverage", actual).into()));
                }
                Err(gap) => return Err(Outcome::Error(gap.clone().into())),
            }
        }
    }
    Ok(reports)
}

impl Check for CoverageFloors {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        self.evidence.whole()
    }

    fn parameters(&self) -> Vec<String> {
        let floors = self.floors.as_ref().and_then(Given::parameter);
        floors.into_iter().chain(self.total.as_ref().and_then(Given::parameter)).collect()
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }

    fn measures(&self, evidence: &Admitted<'_>) -> Vec<Measure> {
        self.shares(evidence).unwrap_or_default()
    }

    fn notes(&self, evidence: &Admitted<'_>) -> Vec<Note> {
        // What cannot be looked at is told by the outcome.
        self.differences(evidence).unwrap_or_default()
    }
}

#[cfg(test)]
#[path = "coverage_floors_tests.rs"]
mod tests;
