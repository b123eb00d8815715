//! Asserts that tests run at least so much of each module, counted from lines.
//!
//! Reports are those of the formats `lcov` and `cobertura`; several are one: a line is covered if any of them ran it. `floors` gives each module its floor in percent, or is `"policy.<name>"`, a
//! parameter of the policy that does. A module is a directory or a file (`src/decide`), or a pattern in which `*` stands for any run of characters (`*/src/decide/*`: reports
//! with absolute paths). A module in which nothing could run is an error, because a floor under nothing holds for ever. `total` is the floor of all
//! files together. `measure` is `lines` or `functions`. A file may belong to several modules. What the reports state about themselves counts for nothing, and must agree with their lines.
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
//! Findings: `below-floor` (at the file of the module that lacks most), `contradiction`. Errors: a module in which nothing could run, evidence that is no coverage, or the policy has no such
//! floors.

use super::reports::Ids;
use super::tally::Tally;
use super::values::{Given, admit, parameter};
use super::wildcard::Wildcard;
use crate::definition::{Keys, Kind, Raw, Read, Refusal, Stricter, choice};
use crate::diagnostic::{Code, Diagnostic};
use crate::gate::{Admitted, Check, CheckKind, Context, Refused, Use};
use crate::model::{
    Artifact, Content, CoverageReport, CoveredFile, EvidenceId, Finding, Gap, GapKind, Node, Number, Outcome, SourceCount,
    Where,
};
use std::collections::BTreeMap;
use std::fmt;

/// The kind `coverage-floors`.
pub static COVERAGE_FLOORS: CheckKind = CheckKind {
    id: "coverage-floors",
    about: "tests run at least so much of each module",
    docs: include_str!("coverage_floors.rs"),
    parse,
};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measure {
    Lines,
    Functions,
}

impl Measure {
    fn count(self, file: &CoveredFile) -> SourceCount {
        match self {
            Measure::Lines => SourceCount::of(file.lines.values()),
            Measure::Functions => SourceCount::of(file.functions.values()),
        }
    }
}

impl Read for Measure {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        choice(raw, &[("lines", Measure::Lines), ("functions", Measure::Functions)])
    }

    fn kind() -> Kind {
        Kind::Choice(vec!["lines", "functions"])
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Measure::Lines => "lines",
            Measure::Functions => "functions",
        })
    }
}

type Floors = BTreeMap<String, Number>;

struct CoverageFloors {
    evidence: Ids,
    floors: Option<Given<Floors>>,
    total: Option<Given<Number>>,
    measure: Measure,
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
    let measure = keys.or("measure", Measure::Lines, "What is counted.");
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
        let floors = self.floors.as_ref().map(|own| own.floors(evidence.context)).transpose()?.unwrap_or_default();
        let total = self.total.as_ref().map(|own| own.number(evidence.context)).transpose()?;
        let mut tally = Tally::default();
        let reports = reports(evidence, &self.evidence)?;
        for (artifact, report) in &reports {
            for one in &report.contradictions {
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
        let files = reports.iter().flat_map(|(_, report)| report.files.iter().cloned()).collect();
        let whole = CoverageReport::assemble(files, Vec::new());
        for (module, floor) in &floors {
            let pattern = module.contains('*').then(|| Wildcard::parse(module)).transpose().map_err(|phrase| {
                Outcome::Error(Gap::new(GapKind::Invalid, head.clone(), "a module", format!("`{module}` {phrase}")).into())
            })?;
            let own: Vec<&CoveredFile> =
                whole.files.iter().filter(|file| belongs(&file.name, module, pattern.as_ref())).collect();
            self.judge_module(&format!("`{module}`"), &own, *floor, (&places, &head), &mut tally);
        }
        if let Some(floor) = total {
            let all: Vec<&CoveredFile> = whole.files.iter().collect();
            self.judge_module("all files", &all, floor, (&places, &head), &mut tally);
        }
        Ok(tally.finish(|| ("at least one module".to_owned(), head)))
    }

    fn judge_module(
        &self,
        module: &str,
        files: &[&CoveredFile],
        floor: Number,
        (places, head): (&BTreeMap<&str, Where>, &Where),
        tally: &mut Tally,
    ) {
        let count = files.iter().fold(SourceCount::default(), |count, file| count.plus(self.measure.count(file)));
        let Some(percent) = count.percent() else {
            let expected = format!("{} of {module} that could run", self.measure);
            let actual = if files.is_empty() { "no file of it" } else { "none" };
            tally.gap(Gap::new(GapKind::Empty, head.clone(), expected, actual));
            return;
        };
        tally.examined();
        if percent >= floor.as_float() {
            return;
        }
        let lacks = |file: &&&CoveredFile| {
            let own = self.measure.count(file);
            own.total - own.covered
        };
        let worst = files.iter().rev().max_by_key(lacks);
        let place = worst.and_then(|file| places.get(&*file.name)).unwrap_or(head).clone();
        // Rounded down, so that what is below a floor never looks like it.
        let shown = (percent * 100.0).floor() / 100.0;
        let mut actual = format!("{shown} % ({} of {})", count.covered, count.total);
        if let Some(file) = worst {
            actual += &format!("; most are missing in `{}`, {}", file.name, lacks(&file));
        }
        let expected = format!("{module}: at least {floor} % of {}", self.measure);
        tally.find(Finding::new("below-floor", expected, actual).at(place));
    }
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
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Bench, refused};
    use crate::model::{Contradiction, CoverageReport, CoveredFile, GapKind, Spot};

    /// A line a file, from 1: `name 110 1` are three lines of which two ran, and one function that did. `not` is a contradiction.
    fn report(text: &str) -> CoverageReport {
        let (mut files, mut contradictions) = (Vec::new(), Vec::new());
        for (line, text) in (1..).zip(text.lines()) {
            let words: Vec<&str> = text.split_whitespace().collect();
            if words[0] == "not" {
                contradictions.push(Contradiction {
                    items: "1 line".into(),
                    stated: "LF = 2".into(),
                    at: Spot::Line(line),
                });
                continue;
            }
            let mut file = CoveredFile::new(words[0], Spot::Line(line));
            file.lines = (1..).zip(words[1].bytes().map(|ran| ran == b'1')).collect();
            let functions = words.get(2).copied().unwrap_or_default();
            file.functions = functions.bytes().enumerate().map(|(at, ran)| (at.to_string().into(), ran == b'1')).collect();
            files.push(file);
        }
        CoverageReport::assemble(files, contradictions)
    }

    fn bench(keys: &str, text: &str) -> Bench {
        Bench::new(&format!("kind = 'coverage-floors'\nevidence = 'c'\n{keys}")).coverage("c", report(text))
    }

    fn told(keys: &str, text: &str) -> Vec<String> {
        bench(keys, text).told()
    }

    const FILES: &str = "src/a/x.rs 1110 1\nsrc/a/y.rs 1100 10\nsrc/ab.rs 1111 1\nlib.rs 0 0";

    #[test]
    fn each_module_keeps_its_floor() {
        assert_eq!(told("floors = { 'src/a' = 62.5, 'src/ab.rs' = 100 }\ntotal = 69", FILES), ["pass 3"]);
        assert_eq!(
            told("floors = { 'src/a/' = 62.6, './src' = 70 }", FILES),
            [
                "below-floor c.info:2: `src/a/`: at least 62.6 % of lines | 62.5 % (5 of 8); most are missing in `src/a/y.rs`, 2"
            ]
        );
        assert_eq!(
            told("total = 70", FILES),
            [
                "below-floor c.info:2: all files: at least 70 % of lines | 69.23 % (9 of 13); most are missing in `src/a/y.rs`, 2"
            ]
        );
        assert_eq!(
            told("measure = 'functions'\ntotal = 100", FILES).first().map(String::as_str),
            Some(
                "below-floor c.info:4: all files: at least 100 % of functions | 60 % (3 of 5); most are missing in `lib.rs`, 1"
            )
        );
        assert_eq!(told("floors = { '*/a/*' = 62 }", FILES), ["pass 1"]);
    }

    #[test]
    fn reports_together_are_one() {
        let two = bench("total = 100", "a.rs 110").coverage("c", report("a.rs 001"));
        assert_eq!(two.told(), ["pass 1"]);
    }

    #[test]
    fn a_floor_under_nothing_is_an_error() {
        assert_eq!(
            told("floors = { 'src/gone' = 1, 'src/a' = 1 }", FILES),
            ["error empty c.info: lines of `src/gone` that could run | no file of it"]
        );
        assert_eq!(
            told("measure = 'functions'\nfloors = { 'a.rs' = 1 }", "a.rs 1"),
            ["error empty c.info: functions of `a.rs` that could run | none"]
        );
    }

    #[test]
    fn what_is_stated_must_agree() {
        assert_eq!(
            told("total = 50", "a.rs 1\nnot"),
            ["contradiction c.info:2: 1 line, counted from the lines | the report states LF = 2"]
        );
    }

    #[test]
    fn parameters_are_floors() {
        let with = |value: &str| bench("floors = 'policy.floors'", FILES).parameter("floors", value).told();
        assert_eq!(with(r#"{"src/a": 60}"#), ["pass 1"]);
        assert!(with(r#"{"src/a": 99}"#)[0].starts_with("below-floor"));
        for wrong in ["{}", r#"{"src/a": "60"}"#, r#"{"src/a": 0}"#, "60"] {
            assert!(with(wrong)[0].starts_with("error invalid policy bench#/floors"), "{wrong}");
        }
    }

    #[test]
    fn other_evidence_is_an_error() {
        let check = "kind = 'coverage-floors'\nevidence = 'c'\ntotal = 50";
        assert!(Bench::new(check).json("c", "{}").told()[0].starts_with("error invalid c.json: coverage | a document"));
        assert!(Bench::new(check).damaged("c", "c", GapKind::Malformed).told()[0].starts_with("error malformed"));
        assert_eq!(Bench::new(check).absent("c").told(), ["skip c is absent"]);
    }

    #[test]
    fn senseless_floors_are_refused() {
        let check = |keys: &str| refused(&format!("kind = 'coverage-floors'\nevidence = 'c'\n{keys}"), &["c"]);
        assert_eq!(check(""), ["missing-key: the check has no floor"]);
        assert_eq!(check("total = 0"), ["limit: `total`: a floor is above 0 and at most 100 percent"]);
        assert_eq!(check("floors = { a = 101 }"), ["limit: `floors`: `a`: a floor is above 0 and at most 100 percent"]);
        assert_eq!(check("floors = { '/' = 5 }"), ["limit: `floors`: a module has no name"]);
        assert_eq!(check("floors = {}"), ["limit: `floors`: must not be empty"]);
        assert_eq!(check("floors = 5").len(), 1);
    }
}
