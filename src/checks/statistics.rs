//! What samples prove: between which bounds a quantile lies, whether one set of samples is larger than another, how noisy they are.
//!
//! Nothing here assumes a distribution: times of benchmarks have long tails, and a test that assumes none is fooled by none. In: finite
//! numbers. Out: numbers. Nothing is drawn at random, so the same samples always say the same.

use crate::model::{ascending, quantile};
use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, Normal};

/// The bounds of a quantile, each of which holds with the confidence `1 - significance`: two of the samples, or infinity where there are too few to
/// tell. How many samples lie below the quantile has a binomial distribution, whatever that of the samples is.
pub(super) fn bounds(sorted: &[f64], at: f64, significance: f64) -> (f64, f64) {
    let Ok(below) = Binomial::new(at, sorted.len() as u64) else { return (f64::NEG_INFINITY, f64::INFINITY) };
    // The first position at which the chance of being above the quantile is no longer small, and the last likewise.
    let low = partition(sorted.len(), |position| below.cdf(position as u64) <= significance);
    let high = partition(sorted.len(), |position| below.sf(position as u64) > significance);
    let lower = low.checked_sub(1).map_or(f64::NEG_INFINITY, |position| sorted[position]);
    (lower, sorted.get(high).copied().unwrap_or(f64::INFINITY))
}

/// How many of the first positions hold; those that hold come before those that do not.
fn partition(count: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut from, mut to) = (0, count);
    while from < to {
        let middle = usize::midpoint(from, to);
        if holds(middle) { from = middle + 1 } else { to = middle }
    }
    from
}

/// How far samples scatter, relative to their median: the median distance from the median, scaled so that it is the standard deviation for a normal
/// distribution. `None` where the median is 0.
pub(super) fn noise(sorted: &[f64]) -> Option<f64> {
    let middle = quantile(sorted, 0.5).filter(|middle| *middle != 0.0)?;
    let distances: Vec<f64> = sorted.iter().map(|sample| (sample - middle).abs()).collect();
    quantile(&ascending(&distances), 0.5).map(|distance| 1.4826 * distance / middle.abs())
}

/// The chance that samples would look at least this much larger than others if they came from the same source: the Mann-Whitney U test, one-sided.
/// Exact for few samples without ties, else by the normal approximation with corrections for ties and continuity.
pub(super) fn chance_of_larger(samples: &[f64], others: &[f64]) -> f64 {
    let (n, m) = (samples.len(), others.len());
    if n == 0 || m == 0 {
        return 1.0;
    }
    let mut all: Vec<(f64, bool)> =
        samples.iter().map(|own| (*own, true)).chain(others.iter().map(|other| (*other, false))).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Ranks count from 1; equal samples share the middle of their ranks.
    let (mut ranks, mut ties, mut before) = (0.0, 0.0, 0.0);
    for group in all.chunk_by(|a, b| a.0 == b.0) {
        let size = group.len() as f64;
        let own = group.iter().filter(|(_, own)| *own).count() as f64;
        ranks += own * (before + (size + 1.0) / 2.0);
        ties += size * (size * size - 1.0);
        before += size;
    }
    let u = ranks - (n * (n + 1)) as f64 / 2.0;
    if ties == 0.0 && n.max(m) <= EXACT_MOST { exact(n, m, u) } else { approximate(n, m, u, ties) }
}

/// The least chance that so many samples can show, which is that of all being larger than all others.
pub(super) fn least_chance(n: usize, m: usize) -> f64 {
    // 1 / C(n + m, n), factor by factor so that nothing overflows.
    (1..=n).fold(1.0, |chance, own| chance * own as f64 / (m + own) as f64)
}

/// Most samples on either side of an exact test. C(40, 20) is far below 2^53, so that all counts are whole.
const EXACT_MOST: usize = 20;

fn exact(n: usize, m: usize, u: f64) -> f64 {
    // The number of orders with each U are the coefficients of the Gaussian binomial: the product of (1 - x^(m+i)) / (1 - x^i).
    let mut orders = vec![0.0_f64; n * m + 1];
    orders[0] = 1.0;
    for own in 1..=n {
        for at in (m + own..orders.len()).rev() {
            orders[at] -= orders[at - m - own];
        }
        for at in own..orders.len() {
            orders[at] += orders[at - own];
        }
    }
    let all: f64 = orders.iter().sum();
    // Without ties U is a whole number between 0 and n * m.
    orders.iter().skip(u as usize).sum::<f64>() / all
}

fn approximate(n: usize, m: usize, u: f64, ties: f64) -> f64 {
    let (product, total) = ((n * m) as f64, (n + m) as f64);
    let variance = product / 12.0 * (total + 1.0 - ties / (total * (total - 1.0)));
    if variance <= 0.0 {
        return 1.0;
    }
    let z = (u - product / 2.0 - 0.5) / variance.sqrt();
    Normal::standard().sf(z).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(own: f64, expected: f64) -> bool {
        (own - expected).abs() < 1e-9
    }

    /// The values of `scipy.stats.mannwhitneyu(a, b, alternative="greater")`, scipy 1.17.
    #[test]
    fn the_test_is_that_of_scipy() {
        let chance = chance_of_larger;
        assert!(close(chance(&[4.0, 5.0, 6.0], &[1.0, 2.0, 3.0]), 0.05));
        let (a, b) = ([1.35, 1.45, 1.6, 1.7, 1.8], [1.1, 1.2, 1.3, 1.4, 1.5]);
        assert!(close(chance(&a, &b), 0.027_777_777_777_777_776));
        let (a, b) = ([2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.5], [1.0, 3.0, 5.0, 7.0, 9.0, 11.0, 13.0, 0.5]);
        assert!(close(chance(&a, &b), 0.231_701_631_701_631_72));
        let (a, b) = ([3.0, 3.0, 4.0, 5.0, 6.0, 7.0, 7.0, 8.0], [1.0, 2.0, 3.0, 3.0, 4.0, 4.0, 5.0, 6.0]);
        assert!(close(chance(&a, &b), 0.039_636_327_567_582_39));
        let a: Vec<f64> = (0..25).map(|at| f64::from(103 + (at * 41) % 19)).collect();
        let b: Vec<f64> = (0..30).map(|at| f64::from(100 + (at * 37) % 23)).collect();
        assert!(close(chance(&a, &b), 0.282_545_332_470_707_4));
        assert!(close(chance(&[5.0; 9], &[5.0; 9]), 1.0) && close(chance(&[], &[1.0]), 1.0));
        assert!(close(least_chance(3, 3), 0.05) && close(least_chance(9, 9), 1.0 / 48_620.0));
    }

    /// The positions where `scipy.stats.binom` passes 0.05 on either side.
    #[test]
    fn bounds_of_a_quantile_are_samples() {
        let numbers = |count: u32| (1..=count).map(f64::from).collect::<Vec<_>>();
        let told: Vec<(f64, f64)> = [(4, 0.5), (5, 0.5), (10, 0.5), (30, 0.5), (100, 0.5), (58, 0.95), (59, 0.95)]
            .into_iter()
            .map(|(count, at)| bounds(&numbers(count), at, 0.05))
            .collect();
        let (least, most) = (f64::NEG_INFINITY, f64::INFINITY);
        assert_eq!(told, [(least, most), (1.0, 5.0), (2.0, 9.0), (11.0, 20.0), (42.0, 59.0), (52.0, most), (53.0, 59.0)]);
        assert_eq!(bounds(&[], 0.5, 0.05), (least, most));
    }

    #[test]
    fn noise_is_relative_to_the_median() {
        assert!(noise(&[9.0, 10.0, 11.0]).is_some_and(|noise| close(noise, 0.148_26)));
        assert_eq!((noise(&[5.0; 4]), noise(&[0.0, 0.0, 1.0]), noise(&[])), (Some(0.0), None, None));
    }

    fn samples() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec((0_u32..40).prop_map(f64::from), 1..30)
    }

    proptest! {
        /// One of the two is the larger one, unless they are alike; a U that both share is counted twice.
        #[test]
        fn both_sides_together_are_certain(a in samples(), b in samples()) {
            let (more, less) = (chance_of_larger(&a, &b), chance_of_larger(&b, &a));
            prop_assert!((0.0..=1.0).contains(&more) && (0.0..=1.0).contains(&less));
            prop_assert!(more + less >= 1.0 - 1e-9, "{} + {}", more, less);
        }

        #[test]
        fn order_and_scale_do_not_matter(a in samples(), b in samples()) {
            let chance = chance_of_larger(&a, &b);
            let turned = |list: &[f64]| list.iter().rev().map(|one| one * 1_024.0).collect::<Vec<_>>();
            prop_assert!(close(chance, chance_of_larger(&turned(&a), &turned(&b))));
        }

        #[test]
        fn larger_samples_are_never_less_significant(a in samples(), b in samples()) {
            let larger: Vec<f64> = a.iter().map(|one| one + 100.0).collect();
            prop_assert!(chance_of_larger(&larger, &b) <= chance_of_larger(&a, &b) + 0.03);
        }

        #[test]
        fn the_median_lies_within_its_bounds(a in samples(), significance in 0.001_f64..0.4) {
            let sorted = ascending(&a);
            let (low, high) = bounds(&sorted, 0.5, significance);
            let middle = quantile(&sorted, 0.5).expect("samples");
            prop_assert!(low <= middle && middle <= high, "{} {} {}", low, middle, high);
        }
    }
}
