//! What `within-budget` says of measurements in short: a line each, `name metric unit sample sample ...`, on the lines of the text from 1. `= value`, `= value low high`,
//! `~ median count` and `none` stand for what is no list of samples; `? kind name` is a fault, `not` a contradiction.

use super::super::testing::{Bench, refused};
use crate::model::{Better, Contradiction, Fault, FaultKind, GapKind, Measurement, MeasurementReport, Spot, Unit, Values};

fn report(text: &str) -> MeasurementReport {
    let mut report = MeasurementReport::default();
    for (line, text) in (1..).zip(text.lines()) {
        let words: Vec<&str> = text.split_whitespace().collect();
        let number = |at: usize| words[at].parse::<f64>().expect("a number");
        let at = Spot::Line(line);
        match words[0] {
            "?" => {
                let kind = FaultKind::ALL.into_iter().find(|kind| kind.word() == words[1]).expect("a kind");
                let benchmark = words.get(2).map(|name| (*name).into());
                report.faults.push(Fault { kind, benchmark, message: "it says so".to_owned(), at });
            }
            "not" => report.contradictions.push(Contradiction { items: "median 2".into(), stated: "median 1".into(), at }),
            name => {
                let values = match words.get(3).copied() {
                    Some("none") => Values::NoData,
                    Some("~") => Values::Summary { median: number(4), count: number(5) as u64 },
                    Some("=") => {
                        let interval = (words.len() > 5).then(|| (number(5), number(6)));
                        Values::Single { value: number(4), interval }
                    }
                    _ => Values::Samples((3..words.len()).map(number).collect()),
                };
                let better = match words[1] {
                    "time" => Some(Better::Lower),
                    "rate" => Some(Better::Higher),
                    _ => None,
                };
                let unit = Unit::parse(words[2]);
                let (name, metric) = (name.into(), words[1].into());
                report.measurements.push(Measurement { name, metric, unit, better, values, at });
            }
        }
    }
    report
}

const CHECK: &str = "kind = 'within-budget'\nevidence = 'r'\n";

fn bench(keys: &str, text: &str) -> Bench {
    Bench::new(&format!("{CHECK}{keys}")).measurements("r", report(text))
}

fn told(keys: &str, text: &str) -> Vec<String> {
    bench(&format!("benchmark = '*'\n{keys}"), text).told()
}

/// Ten samples from `first` on, a step apart.
fn ten(first: f64, step: f64) -> String {
    (0..10).map(|at| (first + step * f64::from(at)).to_string()).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_budget_is_kept_broken_or_undecided() {
    let samples = format!("a time ms {}", ten(101.0, 1.0));
    assert_eq!(told("max = '0.11 s'", &samples), ["pass 1"]);
    assert_eq!(told("max = '109 ms'", &samples), ["pass 1"], "the upper bound of the median of ten is the ninth");
    assert_eq!(
        told("max = '108 ms'", &samples),
        [
            "error undecided r.bench:1: `a`: median of time at most 108 ms | 105.5 ms (between 102 ms and 109 ms), 10 samples"
        ]
    );
    assert_eq!(
        told("max = '101 ms'", &samples),
        ["over-budget r.bench:1: `a`: median of time at most 101 ms | 105.5 ms (between 102 ms and 109 ms), 10 samples"]
    );
    assert_eq!(told("min = '102 ms'", &samples), ["pass 1"]);
    assert_eq!(
        told("min = '1 s'", &samples),
        ["under-budget r.bench:1: `a`: median of time at least 1 s | 0.1055 s (between 0.102 s and 0.109 s), 10 samples"]
    );
    assert!(told("max = '108 ms'\nmin = '1 s'", &samples)[0].starts_with("under-budget"));
}

#[test]
fn parameters_are_thresholds() {
    let samples = format!("a time ms {}", ten(1.0, 0.0));
    let with = |value: &str| bench("benchmark = 'a'\nmax = 'policy.most'", &samples).parameter("most", value).told();
    assert_eq!(with("\"1 ms\""), ["pass 1"]);
    assert_eq!(
        with("5"),
        ["error invalid policy bench#/most: the parameter `policy.most`: a number with its unit, like `250 ms` | 5"]
    );
}

#[test]
fn quantiles_need_enough_samples() {
    let keys = "statistic = 'p95'\nmax = '100 ms'";
    let told_of = |count: usize| told(keys, &format!("a time ms {}", vec!["50"; count].join(" ")));
    assert_eq!(told_of(59), ["pass 1"]);
    assert_eq!(
        told_of(58),
        [
            "error undecided r.bench:1: `a`: p95 of time at most 100 ms | 50 ms (at least 50 ms, perhaps far more), 58 samples"
        ]
    );
    assert_eq!(told_of(9), ["error undecided r.bench:1: `a`: at least 10 samples | 9"]);
    assert_eq!(
        told("max = '2 ms'\nmin_samples = 3", "a time ms 1 1 1")[0].split(':').next(),
        Some("error undecided r.bench")
    );
}

#[test]
fn one_number_is_a_value_and_nothing_else() {
    let size = "metric = 'size'\nstatistic = 'value'\nmax = '2 MiB'";
    assert_eq!(told(size, "a size KiB = 2048"), ["pass 1"]);
    assert_eq!(
        told(size, "a size KiB = 2049"),
        ["over-budget r.bench:1: `a`: value of size at most 2 MiB | 2.001 MiB, one number"]
    );
    assert_eq!(
        told(size, "a size KiB = 2047 2000 2100"),
        [
            "error undecided r.bench:1: `a`: value of size at most 2 MiB | 1.999 MiB (between 1.953 MiB and 2.051 MiB), with the interval that the report states"
        ]
    );
    assert_eq!(told(size, "a size KiB 5"), ["pass 1"]);
    assert!(told(size, "a size KiB 5 5")[0].ends_with("| 2 samples, which have no one value"));
    assert!(
        told(size, "a size KiB none")[0].starts_with("error undecided")
            && told(size, "a size KiB none")[0].ends_with("| no data")
    );
    assert!(told("max = '2 ms'", "a time ms = 1")[0].ends_with("| one number, which has no quantiles"));
}

#[test]
fn a_stated_median_counts_only_where_that_is_said() {
    assert!(told("max = '2 ms'", "a time ms ~ 1 20")[0].starts_with("error undecided"));
    assert_eq!(told("max = '2 ms'\nstated = true", "a time ms ~ 1 20"), ["pass 1"]);
    assert!(told("max = '2 ms'\nstated = true", "a time ms ~ 1 9")[0].starts_with("error undecided"));
    assert!(told("max = '2 ms'\nstated = true\nstatistic = 'p95'", "a time ms ~ 1 99")[0].starts_with("error undecided"));
}

#[test]
fn noise_decides_nothing() {
    let keys = "max = '1 s'\nmax_noise = '10 %'";
    assert_eq!(told(keys, &format!("a time ms {}", ten(100.0, 1.0))), ["pass 1"]);
    assert_eq!(
        told(keys, &format!("a time ms {}", ten(100.0, 20.0))),
        ["error undecided r.bench:1: `a`: samples that scatter by at most 10 % | 39.02 %"]
    );
    assert!(told(keys, &format!("a time ms {}", ten(0.0, 0.0)))[0].contains("a median of 0"));
}

#[test]
fn units_are_certain_or_found() {
    let samples = |unit: &str| format!("a time {unit} {}", ten(1.0, 0.0));
    assert_eq!(told("max = '5 KiB'", &samples("ms")), ["unit-mismatch r.bench:1: a number that can be told in KiB | ms"]);
    assert_eq!(told("max = '5 s'", &samples("x")), ["no-unit r.bench:1: a unit for `time` | the report states none"]);
    assert_eq!(told("max = '5 s'\nunit = 'ms'", &samples("x")), ["pass 1"]);
    assert_eq!(told("max = '5 s'\nunit = 'ms'", &samples("us")), ["unit-mismatch r.bench:1: ms | the report states us"]);
}

#[test]
fn what_a_report_says_against_itself_is_found() {
    let sound = format!("a time ms {}\nb time ms {}", ten(1.0, 0.0), ten(9.0, 0.0));
    let keys = "benchmark = 'a'\nmax = '5 ms'";
    let with = |keys: &str, more: &str| bench(keys, &format!("{sound}\n{more}")).told();
    assert_eq!(with(keys, "? benchmark-failed b"), ["pass 1"]);
    assert_eq!(
        with(keys, "? benchmark-failed a\nnot"),
        [
            "benchmark-failed r.bench:3: `a` runs without failure | it says so",
            "contradiction r.bench:4: median 2, from the items | the report states median 1"
        ]
    );
    assert_eq!(with(keys, "? debug-library"), ["debug-library r.bench:3: measurements to rely on | it says so"]);
    assert_eq!(with(&format!("{keys}\nallow = ['debug-library']"), "? debug-library"), ["pass 1"]);
    assert!(with(keys, &format!("a time ms {}", ten(1.0, 0.0)))[0].starts_with("duplicate-benchmark r.bench:3"));
}

#[test]
fn a_budget_for_nothing_is_an_error() {
    let samples = format!("a time ms {}", ten(1.0, 0.0));
    assert_eq!(
        bench("benchmark = 'b*'\nmax = '5 ms'", &samples).told(),
        ["error empty r.bench: a benchmark `b*` with the metric `time` | 1 measurements, among them `a` (time)"]
    );
    assert_eq!(bench("benchmark = 'a'\nmetric = 'memory'\nmax = '5 B'", &samples).told().len(), 1);
    let failed = bench("benchmark = 'b'\nmax = '5 ms'", "? benchmark-failed b").told();
    assert!(failed[0].starts_with("benchmark-failed") && failed[1].ends_with("no measurement at all"), "{failed:?}");
    let check = format!("{CHECK}benchmark = '*'\nmax = '5 ms'");
    assert!(Bench::new(&check).json("r", "{}").told()[0].starts_with("error invalid r.json: measurements | a document"));
    assert!(Bench::new(&check).damaged("r", "r.json", GapKind::Malformed).told()[0].starts_with("error malformed"));
    assert_eq!(Bench::new(&check).absent("r").told(), ["skip r is absent"]);
}

fn compared(keys: &str, before: &str, now: &str) -> Vec<String> {
    let keys = format!("benchmark = '*'\nbaseline = 'b'\nmax_regression = '5 %'\n{keys}");
    bench(&keys, now).measurements("b", report(before)).told()
}

#[test]
fn a_regression_needs_effect_and_test() {
    let line = |first: f64, step: f64| format!("a time ms {}", ten(first, step));
    let before = line(100.0, 1.0);
    assert_eq!(compared("", &before, &before), ["pass 1"]);
    assert_eq!(compared("", &before, &line(50.0, 1.0)), ["pass 1"]);
    assert_eq!(compared("", &before, &line(104.0, 1.0)), ["pass 1"], "significant and small");
    assert_eq!(
        compared("", &before, &line(120.0, 1.0)),
        [
            "regression r.bench:1: `a`: time at most 5 % worse than before | 19.14 % worse, from 104.5 ms to 124.5 ms (by chance once in 184756)"
        ]
    );
    let noisy = "a time ms 10 20 30 40 125 126 300 310 320 330";
    assert!(compared("", &before, noisy)[0].starts_with("error undecided r.bench:1"), "large and perhaps by chance");
    assert_eq!(compared("", &line(0.1, 0.001).replace("ms", "s"), &line(100.0, 1.0)), ["pass 1"]);
    assert!(compared("", &before.replace("ms", "KiB"), &before)[0].starts_with("unit-mismatch b.bench:1"));
    let rate = |first: f64| format!("a rate /s {}", ten(first, 1.0));
    assert_eq!(compared("metric = 'rate'", &rate(100.0), &rate(200.0)), ["pass 1"]);
    assert!(compared("metric = 'rate'", &rate(200.0), &rate(100.0))[0].starts_with("regression"));
    let own = |first: f64| format!("a own count {}", ten(first, 1.0));
    assert!(compared("metric = 'own'", &own(100.0), &own(200.0))[0].starts_with("error undecided"));
    assert!(compared("metric = 'own'\nbetter = 'lower'", &own(100.0), &own(200.0))[0].starts_with("regression"));
    assert_eq!(compared("metric = 'own'\nbetter = 'higher'", &own(100.0), &own(200.0)), ["pass 1"]);
}

#[test]
fn too_few_samples_test_nothing() {
    let keys = "min_samples = 2";
    assert_eq!(
        compared(keys, "a time ms 1 1 1", "a time ms 1 1"),
        ["error undecided r.bench:1: `a`: time at most 5 % worse than before | 2 and 3 samples, too few for any test"]
    );
    assert!(compared("", "a time ms ~ 1 99", "a time ms ~ 9 99")[0].ends_with("samples to compare | none"));
    assert!(
        compared(keys, &format!("a time ms {}", ten(0.0, 0.0)), &format!("a time ms {}", ten(1.0, 0.0)))[0]
            .contains("a median of 0")
    );
}

#[test]
fn benchmarks_come_and_go() {
    let line = |name: &str| format!("{name} time ms {}", ten(1.0, 0.0));
    let both = format!("{}\n{}", line("a"), line("b"));
    assert_eq!(compared("", &both, &line("a")), ["benchmark-gone b.bench:2: `b` is measured | it is only in the baseline"]);
    assert_eq!(
        compared("", &line("a"), &both),
        ["error undecided r.bench:2: `b` in the baseline | nothing to compare with"]
    );
    assert_eq!(compared("allow_new = true", &line("a"), &both), ["pass 2"]);
}

#[test]
fn an_absent_baseline_leaves_the_threshold() {
    let keys = "benchmark = '*'\nbaseline = 'b'\nmax_regression = '5 %'";
    let samples = format!("a time ms {}", ten(2.0, 0.0));
    assert_eq!(bench(keys, &samples).absent("b").told(), ["skip b is absent"]);
    assert_eq!(bench(&format!("{keys}\nmax = '5 ms'"), &samples).absent("b").told(), ["pass 1"]);
    assert!(bench(&format!("{keys}\nmax = '1 ms'"), &samples).absent("b").told()[0].starts_with("over-budget"));
    assert!(bench(keys, &samples).gap("b", GapKind::Malformed).told()[0].starts_with("error malformed"));
}

#[test]
fn senseless_budgets_are_refused() {
    let check = |keys: &str| refused(&format!("{CHECK}benchmark = 'a'\n{keys}"), &["r", "b"]);
    assert_eq!(check(""), ["missing-key: the check has no budget"]);
    assert_eq!(check("max = 5"), ["wrong-type: `max`: expected a string, found an integer"]);
    assert_eq!(check("max = '5'"), ["wrong-type: `max`: `5` has no unit"]);
    assert_eq!(
        check("max = '5 ms'\nstatistic = 'min'"),
        ["wrong-type: `statistic`: `min` is neither `median` nor a quantile like `p95` nor `value`"]
    );
    for (keys, count) in [
        ("max = '5 ms'\nstatistic = 'p5'", 1),
        ("min = '5 ms'\nstatistic = 'p95'", 1),
        ("max = '5 ms'\nstatistic = 'p95'", 0),
    ] {
        assert_eq!(check(keys).len(), count, "{keys}");
    }
    assert_eq!(check("baseline = 'b'"), ["missing-key: a comparison is incomplete"]);
    assert_eq!(check("max = '1 s'\nmax_regression = '5 %'"), ["missing-key: a comparison is incomplete"]);
    assert_eq!(
        check("baseline = 'b'\nmax_regression = '5 ms'"),
        ["limit: `max_regression`: expected a share, 0 % or more"]
    );
    assert_eq!(check("max = '1 s'\nmax_noise = '-5 %'"), ["limit: `max_noise`: expected a share, 0 % or more"]);
    assert_eq!(
        check("max = '1 s'\nsignificance = 0"),
        ["limit: `significance`: expected a number above 0 and at most 0.2"]
    );
    assert_eq!(check("baseline = 'b'\nmax_regression = '5 %'\nstatistic = 'p95'").len(), 1);
    assert_eq!(check("max = '1 s'\nallow = ['benchmark-failed']").len(), 1);
}

#[test]
fn statistics_are_measured_in_the_unit_of_the_threshold() {
    let run = format!("parse time us {}\nother time us none", ten(100.0, 10.0));
    let measured = |keys: &str| bench(&format!("benchmark = '*'\n{keys}"), &run).measured();
    assert_eq!(measured("max = '1 ms'"), ["median of time of `parse` 0.145 ms (at most 1 ms)"]);
    assert_eq!(measured("max = '120 us'\nmin = '1 us'").len(), 2);
    assert_eq!(
        measured("max = '1 MB'"),
        ["median of time of `parse` 145 us"],
        "what cannot be told in bytes keeps its own unit"
    );
    assert_eq!(bench("benchmark = 'nosuch'\nmax = '1 ms'", &run).measured(), [""; 0]);
}
