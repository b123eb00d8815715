//! Asserts that what benchmarks measured keeps a threshold, and has not become worse than in another run.
//!
//! Reports are those of the formats for benchmarks: `criterion`, `hyperfine`, `google-benchmark`, `pytest-benchmark`, `bencher`, `budget-summary`. `benchmark` is a name or a pattern
//! with `*`; each benchmark that it fits and that has the `metric` keeps the budget on its own. A budget that fits none is an error.
//!
//! `max` and `min` are numbers with units, or `"policy.<name>"`; numbers are converted within a dimension and refused across. They bind a
//! `statistic`: `median`, a quantile such as `p95`, or `value` for what is one number (the size of a file, a count of instructions). Never the best of several: a quantile on the good side of the median is
//! refused. Samples only bound a statistic: it is within the budget if its upper bound is, it is over if its lower bound is, and both bounds hold with the
//! confidence `1 - significance` whatever the distribution. In between it is undecided, and undecided is no pass. At 0.05 a median can be bounded from 5 samples on, `p95` from
//! 59, `p99` from 299. Fewer than `min_samples` and more scatter than `max_noise` (the median distance from the median, relative to it, as a
//! standard deviation) are undecided too.
//!
//! `baseline` names measurements of another run. It is a regression if the median is worse by more than `max_regression` and the one-sided Mann-Whitney test says that chance
//! does this at most as often as `significance`. Worse by more but perhaps by chance is undecided. A benchmark of the baseline that is gone is a finding; one that the baseline does not have is undecided unless
//! `allow_new = true`. `better` says which direction is good where the metric does not say it. A baseline that is optional and absent leaves `max` and `min` to judge.
//!
//! `unit` is that of numbers for which the report states none. `stated = true` accepts a median without samples; how noisy it is nobody
//! knows. `allow` names what a report may say against itself: `debug-library`, `cpu-scaling`, `dirty-commit`.
//!
//! ```toml
//! [evidence.bench]
//! path = "run:criterion/**/new/sample.json"
//! format = "criterion"
//! pick = "all"
//! [evidence.before]
//! path = "baseline:criterion/**/new/sample.json"
//! format = "criterion"
//! pick = "all"
//!
//! [[check]]
//! kind = "within-budget"
//! evidence = "bench"
//! benchmark = "verify/*"
//! metric = "time"
//! unit = "ns"
//! statistic = "median"
//! max = "250 ms"
//! min = "1 us"
//! min_samples = 10
//! max_noise = "20 %"
//! stated = false
//! allow = ["cpu-scaling"]
//! baseline = "before"
//! max_regression = "5 %"
//! significance = 0.05
//! better = "lower"
//! allow_new = false
//! ```
//!
//! Findings: `over-budget`, `under-budget`, `regression`, `benchmark-gone`, `unit-mismatch`, `no-unit`, `duplicate-benchmark`, `benchmark-failed` (an error, an exit code), `debug-library`,
//! `cpu-scaling`, `dirty-commit`, `contradiction` (a statistic that the samples do not come to). Errors: no benchmark fits; `undecided`: not measured, too few samples, too noisy, too near
//! to the threshold; evidence that is no report of benchmarks.

use super::budget_sense::{compared, is_share, sensible, shares};
use super::budget_words::{Allowed, Direction, Statistic, in_unit_of, once_in, percent};
use super::measured::{Measured, Wanted};
use super::reports::Ids;
use super::statistics::{bounds, chance_of_larger, least_chance, noise};
use super::tally::Tally;
use super::values::{Given, admit};
use super::wildcard::Wildcard;
use crate::definition::{Keys, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Context, Refused, Use};
use crate::model::{
    Better, EvidenceId, FaultKind, Finding, Gap, GapKind, Limit, Measure, Number, Outcome, Quantity, Unit, Values, Where,
    ascending, quantile,
};

/// The kind `within-budget`.
pub static WITHIN_BUDGET: CheckKind = CheckKind {
    id: "within-budget",
    about: "what benchmarks measured keeps its threshold and is no regression",
    docs: include_str!("within_budget.rs"),
    parse,
};

/// What a run is compared with.
struct Baseline {
    evidence: Ids,
    max_regression: Given<Quantity>,
    allow_new: bool,
}

struct WithinBudget {
    evidence: Ids,
    benchmark: Wildcard,
    metric: String,
    unit: Option<Unit>,
    statistic: Statistic,
    max: Option<Given<Quantity>>,
    min: Option<Given<Quantity>>,
    min_samples: u64,
    max_noise: Option<Quantity>,
    stated: bool,
    allow: Vec<FaultKind>,
    baseline: Option<Baseline>,
    significance: f64,
    better: Option<Better>,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[
        ("evidence", Stricter::Unclear),
        ("benchmark", Stricter::Unclear),
        ("metric", Stricter::Unclear),
        ("unit", Stricter::Unclear),
        ("statistic", Stricter::Unclear),
        ("max", Stricter::Lower),
        ("min", Stricter::Higher),
        ("min_samples", Stricter::Higher),
        ("max_noise", Stricter::Lower),
        ("stated", Stricter::False),
        ("allow", Stricter::Fewer),
        ("baseline", Stricter::Given),
        ("max_regression", Stricter::Lower),
        ("significance", Stricter::Unclear),
        ("better", Stricter::Unclear),
        ("allow_new", Stricter::False),
    ]);
    let evidence = keys.required::<Ids>("evidence", "The measurements: an evidence id, or several.");
    let benchmark = keys.required("benchmark", "The benchmarks that keep the budget, each on its own.");
    let metric =
        keys.optional("metric", "What was measured; `time` if nothing is said.").unwrap_or_else(|| "time".to_owned());
    let unit = keys.optional("unit", "The unit of numbers for which the report states none.");
    let statistic = keys.or("statistic", Statistic::MEDIAN, "What of the samples the threshold binds.");
    let max = keys.optional("max", "The most that is allowed.");
    let min = keys.optional("min", "The least that is allowed.");
    let min_samples = keys.or("min_samples", 10, "Fewest samples that decide anything.");
    let max_noise =
        keys.optional::<Quantity>("max_noise", "The scatter, relative to the median, above which nothing is decided.");
    let stated = keys.or("stated", false, "Whether a median without samples counts.");
    let allow = keys.optional::<Vec<Allowed>>("allow", "What a report may say against itself.").unwrap_or_default();
    let baseline = keys.optional::<EvidenceId>("baseline", "The measurements of the run to compare with.");
    let max_regression = keys.optional("max_regression", "How much worse the median may be, relative to the baseline's.");
    let significance = keys.or("significance", Number::Float(0.05), "How often chance may look like a result.").as_float();
    let better = keys.optional::<Direction>("better", "The good direction, where the metric does not say it.");
    let allow_new = keys.or("allow_new", false, "Whether a benchmark may be missing in the baseline.");
    let better = better.map(|direction| direction.0);
    let sound = [
        sensible(keys, statistic, max.is_some(), min.is_some()),
        shares(keys, max_noise, max_regression.as_ref(), significance),
        compared(keys, statistic, baseline.is_some(), max_regression.is_some(), max.is_some() || min.is_some()),
    ];
    let baseline = baseline.zip(max_regression).map(|(id, max_regression)| Baseline {
        evidence: Ids(vec![id]),
        max_regression,
        allow_new,
    });
    let (evidence, benchmark) = (evidence?, benchmark?);
    let allow = allow.into_iter().map(|allowed| allowed.0).collect();
    sound.into_iter().all(|own| own.is_some()).then(|| {
        Box::new(WithinBudget {
            evidence,
            benchmark,
            metric,
            unit,
            statistic,
            max,
            min,
            min_samples,
            max_noise,
            stated,
            allow,
            baseline,
            significance,
            better,
        }) as Box<dyn Check>
    })
}

/// A statistic, and the bounds between which it surely lies, in a unit.
struct Bounded {
    value: f64,
    low: f64,
    high: f64,
    /// What it rests on: "12 samples".
    basis: String,
}

/// The side of a threshold on which values are allowed.
#[derive(Clone, Copy)]
enum Side {
    Max,
    Min,
}

impl WithinBudget {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        let baseline = self.baseline.as_ref().filter(|own| !own.evidence.0.iter().any(|id| evidence.is_absent(id)));
        if (self.max.is_none() && self.min.is_none()) || baseline.is_some() {
            admit(evidence, self.evidence.0.iter().chain(self.baseline.iter().flat_map(|own| &own.evidence.0)))?;
        } else {
            admit(evidence, &self.evidence.0)?;
        }
        let given = |bound: &Option<Given<Quantity>>| bound.as_ref().map(|own| own.quantity(evidence.context)).transpose();
        let thresholds = [(Side::Max, given(&self.max)?), (Side::Min, given(&self.min)?)];
        let mut tally = Tally::default();
        let wanted = Wanted { benchmark: &self.benchmark, metric: &self.metric, unit: self.unit, allow: &self.allow };
        let found = wanted.find(evidence, &self.evidence, &mut tally)?;
        for measured in found.values() {
            tally.examined();
            for (side, threshold) in thresholds.iter().filter_map(|(side, own)| own.map(|own| (*side, own))) {
                self.judge_threshold(measured, side, threshold, &mut tally);
            }
        }
        if let Some(own) = baseline {
            let mut before = Tally::default();
            let earlier = wanted.find(evidence, &own.evidence, &mut before)?;
            // What the baseline says against itself is said of it, and counts: nothing is compared with what cannot be believed.
            tally.take(&before, |at| at);
            let most = own.max_regression.quantity(evidence.context)?;
            let most = share(most, evidence.context)?;
            for (name, then) in &earlier {
                match found.get(name) {
                    Some(now) => self.judge_regression(now, then, most, &mut tally),
                    None => {
                        let finding =
                            Finding::new("benchmark-gone", format!("`{name}` is measured"), "it is only in the baseline");
                        tally.find(finding.at(then.at()));
                    }
                }
            }
            for (name, now) in found.iter().filter(|(name, _)| !own.allow_new && !earlier.contains_key(*name)) {
                undecided(now.at(), format!("`{name}` in the baseline"), "nothing to compare with", &mut tally);
            }
        }
        Ok(tally.finish(|| ("at least one measurement with a unit".to_owned(), Where::file("evidence"))))
    }

    /// The statistic of each benchmark beside its thresholds, and how much worse each median is than the baseline's.
    fn measured(&self, evidence: &Admitted<'_>) -> Result<Vec<Measure>, Refused> {
        let given = |bound: &Option<Given<Quantity>>| bound.as_ref().map(|own| own.quantity(evidence.context)).transpose();
        let (max, min) = (given(&self.max)?, given(&self.min)?);
        let limits = max.map(|own| (own, Limit::AtMost(Number::Float(own.value))));
        let limits = limits.into_iter().chain(min.map(|own| (own, Limit::AtLeast(Number::Float(own.value)))));
        let limits: Vec<(Quantity, Limit)> = limits.collect();
        // What is wrong with a measurement is said by the outcome.
        let mut aside = Tally::default();
        let wanted = Wanted { benchmark: &self.benchmark, metric: &self.metric, unit: self.unit, allow: &self.allow };
        let mut measures = Vec::new();
        for (name, measured) in wanted.find(evidence, &self.evidence, &mut aside)? {
            let Some(bounded) = self.bounded(&measured, &mut aside) else { continue };
            let what = format!("{} of {} of `{name}`", self.statistic, self.metric);
            let told = measures.len();
            measures.extend(limits.iter().filter_map(|(threshold, limit)| {
                let value = measured.unit.convert(bounded.value, threshold.unit)?;
                Some(Measure::of(&*what, value, threshold.unit).limit(*limit))
            }));
            if measures.len() == told {
                measures.push(Measure::of(what, bounded.value, measured.unit));
            }
        }
        Ok(measures)
    }

    fn judge_threshold(&self, measured: &Measured<'_>, side: Side, threshold: Quantity, tally: &mut Tally) {
        let to = threshold.unit;
        if measured.unit.convert(0.0, to).is_none() {
            let finding =
                Finding::new("unit-mismatch", format!("a number that can be told in {to}"), measured.unit.to_string());
            tally.find(finding.at(measured.at()));
            return;
        }
        let Some(bounded) = self.bounded(measured, tally) else { return };
        let converted = |value: f64| measured.unit.convert(value, to).unwrap_or(f64::NAN);
        let (value, low, high) = (converted(bounded.value), converted(bounded.low), converted(bounded.high));
        let limit = threshold.value;
        let (kind, word, kept, broken) = match side {
            Side::Max => ("over-budget", "at most", high <= limit, low > limit),
            Side::Min => ("under-budget", "at least", low >= limit, high < limit),
        };
        if kept {
            return;
        }
        let expected = format!("`{}`: {} of {} {word} {threshold}", measured.name(), self.statistic, self.metric);
        let between = match (low.is_finite(), high.is_finite()) {
            _ if low == high => String::new(),
            (true, true) => format!(" (between {} and {})", to.show(low), to.show(high)),
            (true, false) => format!(" (at least {}, perhaps far more)", to.show(low)),
            (false, true) => format!(" (at most {}, perhaps far less)", to.show(high)),
            (false, false) => " (anything is possible)".to_owned(),
        };
        let actual = format!("{}{between}, {}", to.show(value), bounded.basis);
        if broken {
            let message = format!(
                "`{}`: {} of {} is {actual}; {word} {threshold} is allowed",
                measured.name(),
                self.statistic,
                self.metric
            );
            tally.find(Finding::new(kind, expected, actual).saying(message).at(measured.at()));
        } else {
            undecided(measured.at(), expected, actual, tally);
        }
    }

    /// The statistic of a measurement with its bounds; where it cannot be told, that is kept as undecided.
    fn bounded(&self, measured: &Measured<'_>, tally: &mut Tally) -> Option<Bounded> {
        let wanted = || format!("`{}`: {} of {}", measured.name(), self.statistic, self.metric);
        match (measured.values(), self.statistic) {
            (Values::NoData, _) => {
                undecided(measured.at(), wanted(), "no data", tally);
                None
            }
            (Values::Single { value, interval }, Statistic::Value) => {
                let (low, high) = interval.unwrap_or((*value, *value));
                let basis = if interval.is_some() { "with the interval that the report states" } else { "one number" };
                // A number outside its own interval contradicts itself; the farther end is the one to go by.
                Some(Bounded { value: *value, low: low.min(*value), high: high.max(*value), basis: basis.to_owned() })
            }
            (Values::Samples(samples), Statistic::Value) if samples.len() == 1 => {
                let (value, basis) = (samples[0], "one number".to_owned());
                Some(Bounded { value, low: value, high: value, basis })
            }
            (Values::Samples(samples), Statistic::Quantile(at)) => {
                let sorted = self.enough(samples, measured, tally)?;
                let (low, high) = bounds(&sorted, at / 100.0, self.significance);
                let value = quantile(&sorted, at / 100.0)?;
                Some(Bounded { value, low, high, basis: format!("{} samples", sorted.len()) })
            }
            (Values::Summary { median, count }, Statistic::Quantile(at))
                if self.stated && at == 50.0 && *count >= self.min_samples =>
            {
                let (value, basis) = (*median, format!("as the report states of {count} samples"));
                Some(Bounded { value, low: value, high: value, basis })
            }
            (Values::Summary { count, .. }, _) => {
                let actual = format!("only what the report states of {count} samples that are not in it");
                undecided(measured.at(), wanted(), actual, tally);
                None
            }
            (Values::Samples(samples), Statistic::Value) => {
                undecided(measured.at(), wanted(), format!("{} samples, which have no one value", samples.len()), tally);
                None
            }
            (Values::Single { .. }, Statistic::Quantile(_)) => {
                undecided(measured.at(), wanted(), "one number, which has no quantiles", tally);
                None
            }
        }
    }

    /// The samples in order, if they are enough and not too noisy.
    fn enough(&self, samples: &[f64], measured: &Measured<'_>, tally: &mut Tally) -> Option<Vec<f64>> {
        if (samples.len() as u64) < self.min_samples {
            let expected = format!("`{}`: at least {} samples", measured.name(), self.min_samples);
            undecided(measured.at(), expected, samples.len().to_string(), tally);
            return None;
        }
        let sorted = ascending(samples);
        if let Some(most) = self.max_noise {
            let scatter = noise(&sorted).map(|noise| most.unit.show(in_unit_of(most, noise)));
            let calm = noise(&sorted).is_some_and(|noise| in_unit_of(most, noise) <= most.value);
            if !calm {
                let expected = format!("`{}`: samples that scatter by at most {most}", measured.name());
                let actual = scatter.unwrap_or_else(|| "a median of 0, to which nothing is relative".to_owned());
                undecided(measured.at(), expected, actual, tally);
                return None;
            }
        }
        Some(sorted)
    }

    fn judge_regression(&self, now: &Measured<'_>, then: &Measured<'_>, most: f64, tally: &mut Tally) {
        let name = now.name();
        let better = match (self.better, now.measurement().better) {
            (Some(given), _) => given,
            (None, Some(stated)) => stated,
            (None, None) => {
                undecided(now.at(), format!("`{name}`: which direction is good"), "neither metric nor check say it", tally);
                return;
            }
        };
        let samples = |measured: &Measured<'_>, tally: &mut Tally| match measured.values() {
            Values::Samples(samples) => self.enough(samples, measured, tally),
            Values::Summary { .. } | Values::Single { .. } | Values::NoData => {
                undecided(measured.at(), format!("`{name}`: samples to compare"), "none", tally);
                None
            }
        };
        let (Some(own), Some(before)) = (samples(now, tally), samples(then, tally)) else { return };
        let before: Option<Vec<f64>> = before.into_iter().map(|value| then.unit.convert(value, now.unit)).collect();
        let Some(before) = before else {
            let finding =
                Finding::new("unit-mismatch", format!("a number that can be told in {}", now.unit), then.unit.to_string());
            tally.find(finding.at(then.at()));
            return;
        };
        let (Some(median), Some(earlier)) = (quantile(&own, 0.5), quantile(&before, 0.5)) else { return };
        let worse = match better {
            Better::Lower => median - earlier,
            Better::Higher => earlier - median,
        };
        let expected = format!("`{name}`: {} at most {} worse than before", self.metric, percent(most));
        if earlier == 0.0 {
            if worse > 0.0 {
                undecided(now.at(), expected, "a median of 0 before, to which nothing is relative", tally);
            }
            return;
        }
        if least_chance(own.len(), before.len()) > self.significance {
            let actual = format!("{} and {} samples, too few for any test", own.len(), before.len());
            undecided(now.at(), expected, actual, tally);
            return;
        }
        if worse / earlier <= most {
            return;
        }
        let chance = match better {
            Better::Lower => chance_of_larger(&own, &before),
            Better::Higher => chance_of_larger(&before, &own),
        };
        let medians = format!("from {} to {}", now.unit.show(earlier), now.unit.show(median));
        let actual = format!("{} worse, {medians} (by chance once in {})", percent(worse / earlier), once_in(chance));
        if chance <= self.significance {
            let most = percent(most);
            let message =
                format!("`{name}`: {} is {actual}; at most {most} worse than the baseline is allowed", self.metric);
            tally.find(Finding::new("regression", expected, actual).saying(message).at(now.at()));
        } else {
            undecided(now.at(), expected, actual, tally);
        }
    }
}

/// A share as a fraction.
///
/// # Errors
/// The outcome to return when a parameter of the policy is no share.
fn share(quantity: Quantity, context: &Context) -> Result<f64, Refused> {
    let ratio = Unit::parse("ratio").and_then(|ratio| quantity.unit.convert(quantity.value, ratio));
    ratio.filter(|_| is_share(quantity)).ok_or_else(|| {
        let at = Where::file(format!("policy {}", context.policy.id));
        Outcome::Error(Gap::new(GapKind::Invalid, at, "a share, 0 % or more", quantity.to_string()).into())
    })
}

fn undecided(at: Where, expected: impl Into<String>, actual: impl Into<String>, tally: &mut Tally) {
    tally.gap(Gap::new(GapKind::Undecided, at, expected, actual));
}

impl Check for WithinBudget {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        let mut reads = self.evidence.whole();
        reads.extend(self.baseline.iter().flat_map(|own| own.evidence.whole()));
        reads.sort();
        reads.dedup();
        reads
    }

    fn parameters(&self) -> Vec<String> {
        let regression = self.baseline.as_ref().map(|own| &own.max_regression);
        [self.max.as_ref(), self.min.as_ref(), regression].into_iter().flatten().filter_map(Given::parameter).collect()
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }

    fn measures(&self, evidence: &Admitted<'_>) -> Vec<Measure> {
        self.measured(evidence).unwrap_or_default()
    }
}

#[cfg(test)]
#[path = "within_budget_tests.rs"]
mod cases;
