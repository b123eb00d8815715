//! How high a failure rate may be, given so many failures in so many runs: the exact upper bound of Clopper and Pearson.
//!
//! The bound is one-sided, because only a rate that is too high does harm: at a confidence of 95 % it is the rate at which so few
//! failures come up in 5 % of all cases. It is never below what the confidence asks for, whatever the rate: 0 failures in 30
//! runs bound the rate by 9.50 % (the two-sided interval would say 11.6 %), 0 in 300 by 0.99 %.

use statrs::distribution::{Binomial, DiscreteCDF};

/// Most clean runs that are looked for; beyond them nobody will run.
const RUNS_MOST: u64 = 1 << 24;

/// The chance of at most so many failures in so many runs of something that fails at this rate.
fn at_most(failures: u64, runs: u64, rate: f64) -> f64 {
    Binomial::new(rate, runs).expect("a rate is between 0 and 1").cdf(failures)
}

/// The highest rate, from 0 to 1, that is consistent with so many failures in so many runs at this confidence (between 0 and 1,
/// both excluded). It is 1 where every run failed or there is none: nothing is known then. Rounded up, never down.
pub fn upper_bound(failures: u64, runs: u64, confidence: f64) -> f64 {
    if failures >= runs {
        return 1.0;
    }
    let doubt = 1.0 - confidence;
    // The chance falls as the rate grows, so halving finds the rate at which it passes the doubt. `high` is always beyond it.
    let (mut low, mut high) = (failures as f64 / runs as f64, 1.0);
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return high;
        }
        if at_most(failures, runs, middle) <= doubt { high = middle } else { low = middle }
    }
}

/// How many runs without a further failure are missing until the bound is at most this rate; 0 if it is already. `None` if no
/// number of runs that anybody would wait for is enough, as for a rate of 0.
pub fn clean_runs_missing(failures: u64, runs: u64, confidence: f64, most: f64) -> Option<u64> {
    let enough = |more: u64| upper_bound(failures, runs + more, confidence) <= most;
    if enough(0) {
        return Some(0);
    }
    let mut high = 1;
    while !enough(high) {
        high = Some(high * 2).filter(|high| *high <= RUNS_MOST)?;
    }
    // It is enough with `high`, and not with `low`.
    let mut low = high / 2;
    while high - low > 1 {
        let middle = u64::midpoint(low, high);
        if enough(middle) { high = middle } else { low = middle }
    }
    Some(high)
}

/// A rate for people, in percent with two decimals, rounded up so that it never promises more than was proven.
pub fn percent(rate: f64) -> String {
    // A rate of exactly 9.5 % is not 9.51 %: what floating point adds is not rounded up.
    let hundredths = (rate * 10_000.0 - 1e-6).max(0.0).ceil();
    let text = format!("{:.2}", hundredths / 100.0);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text} %")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Binomial tail, summed term by term: slow, and independent of the package.
    fn summed(failures: u64, runs: u64, rate: f64) -> f64 {
        let (mut term, mut sum) = ((1.0 - rate).powi(i32::try_from(runs).expect("small")), 0.0);
        for k in 0..=failures {
            sum += term;
            term *= (runs - k) as f64 / (k + 1) as f64 * rate / (1.0 - rate);
        }
        sum
    }

    #[test]
    fn known_bounds() {
        // From tables: one-sided, exact.
        let mut looked = 0;
        for (failures, runs, confidence, expected) in [
            (0, 30, 0.95, 0.095_034),
            (0, 29, 0.95, 0.098_145),
            (0, 28, 0.95, 0.101_466),
            (0, 300, 0.95, 0.009_936),
            (0, 59, 0.95, 0.049_508),
            (1, 30, 0.95, 0.148_596),
            (2, 10, 0.95, 0.506_901),
            (0, 1, 0.95, 0.95),
            (0, 30, 0.99, 0.142_305),
        ] {
            let bound = upper_bound(failures, runs, confidence);
            assert!((bound - expected).abs() < 2e-6, "{failures} of {runs} at {confidence}: {bound}");
            looked += 1;
        }
        assert_eq!(looked, 9);
        assert_eq!((upper_bound(0, 0, 0.95), upper_bound(3, 3, 0.95), upper_bound(4, 3, 0.95)), (1.0, 1.0, 1.0));
    }

    #[test]
    fn without_failures_it_is_the_closed_form() {
        for runs in 1..=2_000_u32 {
            let closed = 1.0 - 0.05_f64.powf(1.0 / f64::from(runs));
            let bound = upper_bound(0, runs.into(), 0.95);
            assert!((bound - closed).abs() < 1e-9, "{runs}: {bound} {closed}");
        }
    }

    #[test]
    fn large_numbers_of_runs_stay_sound() {
        let bound = upper_bound(50, 100_000, 0.95);
        assert!((0.000_6..0.000_7).contains(&bound), "{bound}");
    }

    /// Whatever the true rate, the bound is below it in at most 5 % of all cases: counted over every possible result.
    #[test]
    fn the_bound_covers_every_rate() {
        let mut looked = 0;
        for runs in 1..=24_u64 {
            let bounds: Vec<f64> = (0..=runs).map(|failures| upper_bound(failures, runs, 0.95)).collect();
            for hundredth in 1..100_u32 {
                let rate = f64::from(hundredth) / 100.0;
                let chance = |failures: u64| {
                    summed(failures, runs, rate) - if failures == 0 { 0.0 } else { summed(failures - 1, runs, rate) }
                };
                let missed: f64 = (0..=runs).filter(|k| bounds[*k as usize] < rate).map(chance).sum();
                assert!(missed <= 0.05 + 1e-9, "{runs} runs at {rate}: {missed}");
                looked += 1;
            }
        }
        assert_eq!(looked, 24 * 99);
    }

    #[test]
    fn missing_runs_are_counted() {
        assert_eq!(clean_runs_missing(0, 0, 0.95, 0.1), Some(29));
        assert_eq!(clean_runs_missing(0, 5, 0.95, 0.1), Some(24));
        assert_eq!(clean_runs_missing(0, 29, 0.95, 0.1), Some(0));
        assert_eq!(clean_runs_missing(1, 30, 0.95, 0.1), Some(16));
        assert_eq!(clean_runs_missing(0, 5, 0.95, 0.0), None);
        assert_eq!(clean_runs_missing(3, 3, 0.95, 1.0), Some(0));
    }

    #[test]
    fn percents_are_rounded_up() {
        let told: Vec<String> = [0.095_034, 0.1, 0.095, 1.0, 0.0, 0.000_01].into_iter().map(percent).collect();
        assert_eq!(told, ["9.51 %", "10 %", "9.5 %", "100 %", "0 %", "0.01 %"]);
    }

    proptest! {
        #[test]
        fn the_bound_is_exact_and_above_what_was_seen(runs in 1..80_u64, part in 0.0..1.0_f64, confidence in 0.5..0.999_f64) {
            let failures = (part * runs as f64) as u64;
            prop_assume!(failures < runs);
            let bound = upper_bound(failures, runs, confidence);
            prop_assert!(bound > failures as f64 / runs as f64 && bound <= 1.0);
            prop_assert!((summed(failures, runs, bound) - (1.0 - confidence)).abs() < 1e-7);
        }

        #[test]
        fn the_bound_is_monotone(runs in 1..200_u64, failures in 0..200_u64, confidence in 0.5..0.99_f64) {
            prop_assume!(failures < runs);
            let bound = upper_bound(failures, runs, confidence);
            prop_assert!(upper_bound(failures, runs + 1, confidence) < bound, "one clean run more");
            prop_assert!(upper_bound(failures + 1, runs, confidence) > bound, "one failure more");
            prop_assert!(upper_bound(failures, runs, confidence + 0.005) > bound, "more confidence");
        }

        #[test]
        fn the_missing_runs_are_just_enough(runs in 0..40_u64, failures in 0..5_u64, most in 0.02..0.9_f64) {
            let more = clean_runs_missing(failures, runs, 0.95, most).expect("some number");
            prop_assert!(upper_bound(failures, runs + more, 0.95) <= most);
            prop_assert!(more == 0 || upper_bound(failures, runs + more - 1, 0.95) > most);
        }
    }
}
