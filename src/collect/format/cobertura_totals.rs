//! What a Cobertura report states about itself, held against its lines.
//!
//! Tools add up lines, classes, or the `line` elements as they stand, and write rates with as many digits as they like. The way in which a report counts
//! is the first of these that fits everything that it states; only what fits none is a disagreement.

use crate::model::{CoverageMeasure, CoverageReport, CoveredFile, Disagreement, SourceCount, Spot};
use std::collections::BTreeMap;

/// A rate as it is written.
#[derive(Debug, Clone)]
pub(super) struct Rate {
    text: String,
    /// `None` is the rate of nothing, `NaN`.
    share: Option<f64>,
    /// How far it may lie from the exact share.
    tolerance: f64,
}

impl Rate {
    /// Reads `0.67`, `0,67`, `66.7%`, `NaN`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let rate = |share, tolerance| Some(Self { text: text.chars().take(40).collect(), share, tolerance });
        if text.eq_ignore_ascii_case("nan") {
            return rate(None, 0.0);
        }
        let (digits, percent) = text.strip_suffix('%').map_or((text, false), |rest| (rest.trim(), true));
        let digits = digits.replace(',', ".");
        let value = digits.parse::<f64>().ok().filter(|value| value.is_finite() && *value >= 0.0)?;
        let percent = percent || value > 1.0;
        let decimals =
            digits.split(['e', 'E']).next().and_then(|plain| plain.split_once('.')).map_or(0, |(_, tail)| tail.len());
        // No tool rounds to fewer than two digits; it leaves out zeros at the end. Some cut where others round. Behind the fourth digit is noise:
        // Istanbul writes 92.3 % as 0.9229999999999999.
        let decimals = (decimals + if percent { 2 } else { 0 }).clamp(2, 4);
        let unit = 10_f64.powi(-i32::try_from(decimals).unwrap_or(4));
        rate(Some(if percent { value / 100.0 } else { value }), unit)
    }

    /// Whether it is that of this count. Tools call the rate of nothing 0, 1 or `NaN`.
    fn fits(&self, count: SourceCount) -> bool {
        match (count.percent(), self.share) {
            (Some(percent), Some(share)) => (percent / 100.0 - share).abs() < self.tolerance,
            (None, Some(share)) => share == 0.0 || share == 1.0,
            (None, None) => true,
            (Some(_), None) => false,
        }
    }

    /// Whether it is lower than that of this count, by more than its digits hide.
    fn is_below(&self, count: SourceCount) -> bool {
        self.share.zip(count.percent()).is_some_and(|(share, percent)| share + self.tolerance <= percent / 100.0)
    }
}

/// What the root states.
#[derive(Default)]
pub(super) struct Stated {
    totals: Vec<Total>,
    /// The line of the report on which it does.
    pub(super) line: u64,
}

struct Total {
    measure: CoverageMeasure,
    /// The attributes, in the order of what follows.
    names: [&'static str; 3],
    /// How many there are, and how many ran.
    counts: [Option<f64>; 2],
    rate: Option<Rate>,
}

impl Stated {
    /// Takes in what is stated of a measure.
    pub(super) fn add(
        &mut self,
        measure: CoverageMeasure,
        names: [&'static str; 3],
        counts: [Option<f64>; 2],
        rate: Option<Rate>,
    ) {
        self.totals.push(Total { measure, names, counts, rate });
    }
}

impl Total {
    fn counts_fit(&self, count: SourceCount) -> [bool; 2] {
        let fits = |stated: Option<f64>, own: usize| stated.is_none_or(|stated| stated == own as f64);
        [fits(self.counts[0], count.total), fits(self.counts[1], count.covered)]
    }

    fn fits(&self, count: SourceCount) -> bool {
        self.counts_fit(count) == [true; 2] && self.rate.as_ref().is_none_or(|rate| rate.fits(count))
    }

    /// Whether the stated counts come to a lower share than these.
    fn is_below(&self, count: SourceCount) -> bool {
        let [valid, covered] = self.counts;
        let (valid, covered) = (valid.unwrap_or(count.total as f64), covered.unwrap_or(count.covered as f64));
        covered * (count.total as f64) < count.covered as f64 * valid
    }

    /// How many of the two counts are others.
    fn counts_differ(&self, count: SourceCount) -> usize {
        self.counts_fit(count).into_iter().filter(|fits| !fits).count()
    }

    /// What is stated beyond this count, if something is told and neither of the two counts is lower.
    fn more_than(&self, count: SourceCount) -> Option<SourceCount> {
        let [Some(valid), Some(covered)] = self.counts else { return None };
        let (valid, covered) = (whole(valid)?, whole(covered)?);
        let more = SourceCount { total: valid.checked_sub(count.total)?, covered: covered.checked_sub(count.covered)? };
        (count.total > 0 && more.covered <= more.total).then_some(more)
    }

    /// Every statement that the count does not come to.
    fn disagreements(&self, count: SourceCount, at: &Spot) -> Vec<Disagreement> {
        let word = self.measure.word();
        let one = |items: String, name: &str, stated: &dyn std::fmt::Display, worse: bool| Disagreement {
            measure: self.measure,
            items,
            stated: format!("{name} = {stated}"),
            at: at.clone(),
            worse,
        };
        let items = [format!("{} {word}", count.total), format!("{} {word} that ran", count.covered)];
        let fit = self.counts_fit(count);
        let worse = self.is_below(count);
        let counts = items.into_iter().zip(self.names).zip(self.counts).zip(fit);
        let counts = counts.filter_map(|(((items, name), stated), fits)| {
            stated.filter(|_| !fits).map(|stated| one(items, name, &stated, worse))
        });
        let rate = self.rate.iter().filter(|rate| !rate.fits(count)).map(|rate| {
            let items = format!("{} of {} {word}", count.covered, count.total);
            one(items, self.names[2], &rate.text, rate.is_below(count))
        });
        counts.chain(rate).collect()
    }
}

/// What the root states, judged.
#[derive(Default)]
pub(super) struct Settled {
    /// What fits no way of counting.
    pub(super) disagreements: Vec<Disagreement>,
    /// What is counted and told of nowhere.
    pub(super) elsewhere: BTreeMap<CoverageMeasure, SourceCount>,
}

/// Finds out how the report counts, and what it states that fits no way of counting. `stated` of the files is, before, their elements as they stand, and
/// after, how the report counts where that is not each line once.
pub(super) fn settle(files: &mut [CoveredFile], stated: &Stated) -> Settled {
    let mut settled = Settled::default();
    // Each line once, however many classes tell of it.
    let whole = CoverageReport::assemble(files.to_vec(), Vec::new()).totals();
    for total in &stated.totals {
        let measure = total.measure;
        let distinct = if measure == CoverageMeasure::Branches { whole.branches } else { whole.lines };
        let sum = |own: &dyn Fn(&CoveredFile) -> SourceCount| {
            files.iter().fold(SourceCount::default(), |count, file| count.plus(own(file)))
        };
        let (classes, elements) = (sum(&|file| file.count(measure)), sum(&|file| file.count_as_stated(measure)));
        if total.fits(distinct) {
            forget(files, measure);
        } else if total.fits(elements) {
            continue;
        } else if total.fits(classes) {
            for file in files.iter_mut() {
                file.stated.insert(measure, file.count(measure));
            }
        } else {
            forget(files, measure);
            let found = total.disagreements(distinct, &Spot::Line(stated.line));
            let more = total.more_than(distinct).filter(|_| measure == CoverageMeasure::Branches);
            if let Some(more) = more.filter(|more| total.rate.as_ref().is_none_or(|rate| rate.fits(distinct.plus(*more)))) {
                settled.elsewhere.insert(measure, more);
                // The rate is that of all of them, and no difference of its own.
                let counts = found.into_iter().take(total.counts_differ(distinct));
                settled.disagreements.extend(counts.map(|one| Disagreement { worse: false, ..one }));
            } else if measure == CoverageMeasure::Lines || distinct.total > 0 {
                // What a tool states of branches of which no line tells is nothing to hold against anything.
                settled.disagreements.extend(found);
            }
        }
    }
    settled
}

/// A count that 32 bits hold, so that sums stay within a word.
fn whole(count: f64) -> Option<usize> {
    (count.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&count)).then_some(count as usize)
}

fn forget(files: &mut [CoveredFile], measure: CoverageMeasure) {
    for file in files {
        file.stated.remove(&measure);
    }
}

/// What a class states of itself, if it fits none of the ways to count its lines. Some tools write 0 there, some the rate of statements: never worse, only told.
pub(super) fn class_differs(file: &str, rate: &Rate, ways: &[SourceCount], at: Spot) -> Option<Disagreement> {
    let lines = ways.first().copied().unwrap_or_default();
    // A way in which there is nothing to count fits only a class of nothing.
    if ways.iter().any(|count| (count.total > 0 || lines.total == 0) && rate.fits(*count)) {
        return None;
    }
    let items = format!("{} of {} lines of `{file}`", lines.covered, lines.total);
    let stated = format!("line-rate = {}", rate.text);
    Some(Disagreement { measure: CoverageMeasure::Lines, items, stated, at, worse: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_agree_to_their_digits() {
        let cases = [
            ("0.67", 2, 3, true),
            ("0.66", 2, 3, true),
            ("0.6666", 2, 3, true),
            ("0.66666666666666663", 2, 3, true),
            ("0.9229999999999999", 12, 13, true),
            ("0,6667", 2, 3, true),
            ("66.7 %", 2, 3, true),
            ("66.66%", 2, 3, true),
            ("67%", 2, 3, true),
            ("66.7", 2, 3, true),
            ("0.7", 2, 3, false),
            ("0.68", 2, 3, false),
            ("0.6657", 2, 3, false),
            ("0.6676", 2, 3, false),
            ("68%", 2, 3, false),
            ("1", 3, 3, true),
            ("1.0", 3, 3, true),
            ("100%", 3, 3, true),
            ("1", 98, 99, false),
            ("0", 0, 3, true),
            ("0", 1, 3, false),
            ("0.5", 1, 2, true),
            ("0.5", 51, 100, false),
            ("NaN", 0, 0, true),
            ("0", 0, 0, true),
            ("1.0", 0, 0, true),
            ("0.5", 0, 0, false),
            ("NaN", 1, 2, false),
        ];
        let mut looked_at = 0;
        for (text, covered, total, agrees) in cases {
            let rate = Rate::parse(text).expect(text);
            assert_eq!(rate.fits(SourceCount { total, covered }), agrees, "{text} of {covered}/{total}");
            looked_at += 1;
        }
        assert_eq!(looked_at, 28);
        assert!(["", "x", "-1", "inf", "1.2.3", "%"].iter().all(|text| Rate::parse(text).is_none()));
    }

    #[test]
    fn below_is_beyond_the_digits() {
        let two_of_three = SourceCount { total: 3, covered: 2 };
        let below = |text: &str| Rate::parse(text).expect(text).is_below(two_of_three);
        assert!(below("0.65") && below("0") && below("66%") == below("0.66"));
        assert!(!below("0.66") && !below("0.67") && !below("1") && !below("NaN"));
    }
}
