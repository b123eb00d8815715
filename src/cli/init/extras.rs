//! What `init --with` adds: gates for coverage, benchmarks and static analysis, each of them at what is there today.
//!
//! In: a workspace and what is asked for. Out: what was found of it, and gates that hold the project to it: coverage may not fall, a benchmark
//! may not become half slower, errors of an analysis may not become more.

use super::draft::quoted;
use crate::collect::{self, FORMATS};
use crate::model::{Base, Better, Content, Limits, Measurement, RelPath, Shape, Values};
use crate::workspace::Workspace;
use clap::ValueEnum;

/// What can be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Extra {
    /// A floor for coverage.
    Coverage,
    /// Budgets for benchmarks.
    Bench,
    /// A ceiling for the errors of SARIF reports.
    Sarif,
}

/// Patterns of files that may hold it, each with the evidence formats that they may be.
type Candidates = &'static [(&'static str, &'static [&'static str])];

/// Fewest samples that a budget is made of: fewer decide nothing.
const SAMPLES_MIN: usize = 10;

/// Most benchmarks that get a budget of their own.
const BUDGETS_MAX: usize = 100;

impl Extra {
    const fn candidates(self) -> Candidates {
        match self {
            Extra::Coverage => &[("**/*.info", &["lcov"]), ("**/*.xml", &["cobertura"])],
            Extra::Bench => &[("**/*.json", &["pytest-benchmark", "google-benchmark", "hyperfine"])],
            Extra::Sarif => &[("**/*.sarif", &["json"]), ("**/*.sarif.json", &["json"])],
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Extra::Coverage => "coverage",
            Extra::Bench => "bench",
            Extra::Sarif => "sarif",
        }
    }
}

/// What was found for it.
pub struct Found {
    /// The file.
    pub path: RelPath,
    /// What it is read as.
    pub format: &'static str,
    /// What it says.
    pub what: What,
}

/// What a file says today.
pub enum What {
    /// So many percent of its lines, rounded down.
    Lines(u32),
    /// Benchmarks with the median of each.
    Budgets(Vec<Budget>),
    /// So many results of level `error`.
    Errors(usize),
}

/// The bound of a benchmark.
pub struct Budget {
    name: String,
    metric: String,
    /// `max` or `min`.
    key: &'static str,
    bound: String,
}

impl Found {
    /// Looks for each of them; the first file that holds it counts.
    ///
    /// # Errors
    /// A phrase: there is none.
    pub fn all(extras: &[Extra], workspace: &dyn Workspace, exclude: &[RelPath]) -> Result<Vec<Self>, String> {
        let mut extras = extras.to_vec();
        extras.sort_unstable();
        extras.dedup();
        let look = |extra: Extra| {
            Self::of(extra, workspace, exclude).ok_or_else(|| {
                let tried: Vec<String> = extra
                    .candidates()
                    .iter()
                    .map(|(pattern, formats)| format!("`{pattern}` as {}", formats.join(", ")))
                    .collect();
                format!("nothing that is read is there for `--with {}`; looked for {}", extra.word(), tried.join("; "))
            })
        };
        extras.into_iter().map(look).collect()
    }

    fn of(extra: Extra, workspace: &dyn Workspace, exclude: &[RelPath]) -> Option<Self> {
        let limits = Limits::default();
        for (pattern, formats) in extra.candidates() {
            let files = collect::files(workspace, Base::Repo, pattern, &limits).unwrap_or_default();
            // What a package manager laid down is nobody's report.
            let own = |path: &&RelPath| {
                !exclude.contains(*path) && !path.as_str().split('/').any(|part| part == "node_modules" || part == ".git")
            };
            for path in files.iter().filter(own) {
                for format in FORMATS.iter().filter(|format| formats.contains(&format.id)) {
                    let read = collect::look_as(workspace, Base::Repo, path, format, &limits);
                    if let Some(what) = read.content.ok().and_then(|content| what(extra, &content)) {
                        return Some(Self { path: path.clone(), format: format.id, what });
                    }
                }
            }
        }
        None
    }

    /// The id of its gate.
    pub const fn id(&self) -> &'static str {
        match self.what {
            What::Lines(_) => "coverage_floor",
            What::Budgets(_) => "benchmarks",
            What::Errors(_) => "analysis_errors",
        }
    }

    /// One line about it.
    pub fn told(&self) -> String {
        match &self.what {
            What::Lines(percent) => format!("{}: {percent} % of lines, the floor from now on", self.path),
            What::Budgets(budgets) => {
                format!(
                    "{}: {} with a budget half above today's median",
                    self.path,
                    crate::cli::told::count(budgets.len(), "benchmark")
                )
            }
            What::Errors(errors) => {
                format!("{}: {}, the ceiling from now on", self.path, crate::cli::told::count(*errors, "error"))
            }
        }
    }

    /// Title, why, remediation, and the tables of its gate.
    pub fn gate(&self) -> [String; 4] {
        let path = quoted(&format!("repo:{}", super::draft::literal(self.path.as_str())));
        let evidence = |id: &str| format!("[evidence.{id}]\npath   = {path}\nformat = \"{}\"\n\n", self.format);
        match &self.what {
            What::Lines(percent) => [
                "Coverage does not fall".to_owned(),
                "What no test runs is found by customers.".to_owned(),
                "Test the lines that are named; lower `total` in a change of its own.".to_owned(),
                format!(
                    "{}[[check]]\nkind     = \"coverage-floors\"\nevidence = \"coverage\"\ntotal    = {percent}\n",
                    evidence("coverage")
                ),
            ],
            What::Budgets(budgets) => {
                let checks = budgets.iter().map(|budget| {
                    format!(
                        "\n[[check]]\nkind      = \"within-budget\"\nevidence  = \"bench\"\nbenchmark = {}\nmetric    = {}\n\
                         statistic = \"median\"\n{}       = {}\n",
                        quoted(&budget.name),
                        quoted(&budget.metric),
                        budget.key,
                        quoted(&budget.bound)
                    )
                });
                let tables = evidence("bench").trim_end().to_owned() + "\n" + &checks.collect::<String>();
                [
                    "Benchmarks keep to their budgets".to_owned(),
                    "A slow release is noticed by everybody but its tests.".to_owned(),
                    "Find the change that made it slower; a new budget is a change of its own.".to_owned(),
                    tables,
                ]
            }
            What::Errors(errors) => [
                "No more errors of the analysis than before".to_owned(),
                "An error that nobody looks at is joined by others.".to_owned(),
                "Mend what the report names; lower the number in `that` with it.".to_owned(),
                format!(
                    "{}[[check]]\nkind    = \"holds\"\nthat    = \"sum(sarif.runs.map(r, r.results.filter(x, has(x.level) ? x.level == 'error' : \
                     false).size())) <= {errors}\"\nfinding = \"more-errors\"\nabsence = \"A result without a level is a warning.\"\n",
                    evidence("sarif")
                ),
            ],
        }
    }
}

fn what(extra: Extra, content: &Content) -> Option<What> {
    match (extra, content) {
        (Extra::Coverage, Content::Coverage(report)) => {
            let percent = report.totals().lines.percent()?;
            // Rounded down, so that the floor holds today.
            let floor = (0..=100).rev().find(|floor| f64::from(*floor) <= percent)?;
            Some(What::Lines(floor))
        }
        (Extra::Bench, Content::Measurements(report)) => {
            let budgets: Vec<Budget> = report.measurements.iter().filter_map(budget).take(BUDGETS_MAX).collect();
            (!budgets.is_empty()).then_some(What::Budgets(budgets))
        }
        (Extra::Sarif, Content::Document(document)) => {
            let runs = document.root().get("runs")?;
            let mut errors = 0;
            for run in runs.items() {
                let results = run.get("results")?;
                let is_error = |level: &Shape<'_>| matches!(level, Shape::Text("error"));
                let levels = results.items().filter_map(|result| result.get("level"));
                errors += levels.filter(|level| is_error(&level.shape())).count();
            }
            Some(What::Errors(errors))
        }
        _ => None,
    }
}

/// Half above the median, or half below it where more is better. A name with `*` would name others too.
fn budget(measurement: &Measurement) -> Option<Budget> {
    let unit = measurement.unit.filter(|_| !measurement.name.contains('*'))?;
    let median = match &measurement.values {
        Values::Samples(samples) if samples.len() >= SAMPLES_MIN => {
            let mut sorted = samples.clone();
            sorted.sort_by(f64::total_cmp);
            sorted[sorted.len() / 2]
        }
        Values::Samples(_) | Values::Summary { .. } | Values::Single { .. } | Values::NoData => return None,
    };
    let (key, bound) = match measurement.better {
        Some(Better::Higher) => ("min", median / 1.5),
        Some(Better::Lower) | None => ("max", median * 1.5),
    };
    Some(Budget {
        name: measurement.name.to_string(),
        metric: measurement.metric.to_string(),
        key,
        bound: unit.show(bound),
    })
}
