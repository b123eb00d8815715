//! `step-summary`: the Markdown report, small enough for a CI job's summary page.
//!
//! Such a page takes a mebibyte and drops everything when it gets more, so this one stays below 900 KiB. When the report is
//! larger it first loses the evidence manifest, then all but the first finding of each gate together with the exceptions, then
//! everything but the ruling and the names of the blocking gates that do not stand. These are never dropped, and the page says
//! what was. It has no file; the command line appends it where the CI system asks for it.

use super::Format;
use super::markdown::{Detail, compose};
use crate::model::Verdict;

/// The registry entry.
pub static FORMAT: Format = Format {
    id: "step-summary",
    file: None,
    lane: None,
    about: "The Markdown report, cut down to what a CI job's summary page takes.",
    docs: include_str!("step_summary.rs"),
    schema: None,
    write: |verdict, out| out.write_all(within(verdict, BUDGET).as_bytes()),
};

/// Bytes. The page takes 1 MiB; the rest is left to other steps' writing into the same file.
pub const BUDGET: usize = 900 << 10;

/// The most detailed report that fits. The least detailed one is given even when it does not fit.
fn within(verdict: &Verdict, budget: usize) -> String {
    let levels = [
        (Detail::Whole, ""),
        (Detail::Findings, "the evidence manifest"),
        (Detail::FirstFinding, "the evidence manifest, the exceptions and all but the first finding of each gate"),
    ];
    for (detail, dropped) in levels {
        let text = noted(compose(verdict, detail), dropped);
        if text.len() <= budget {
            return text;
        }
    }
    noted(compose(verdict, Detail::Names), "all but the ruling and the blocking gates that failed")
}

fn noted(text: String, dropped: &str) -> String {
    if dropped.is_empty() {
        return text;
    }
    format!("{text}\nLeft out because this page has a size limit: {dropped}. `full_suite_verdict.json` has it all.\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::canonical::{self, failing, gap, verdict};

    fn large(gates: usize, findings: usize) -> Verdict {
        let mut all: Vec<_> = (0..gates).map(|n| failing(&format!("gate_{n}"))).collect();
        for gate in &mut all {
            gate.findings = vec![gate.findings[0].clone(); findings];
        }
        all.push(gap("last"));
        verdict(all)
    }

    #[test]
    fn a_small_report_is_whole() {
        let verdict = canonical::named("cause and consequences");
        assert_eq!(canonical::text(&FORMAT, &verdict), compose(&verdict, Detail::Whole));
    }

    #[test]
    fn the_page_keeps_its_limit_the_ruling_and_every_blocking_gate() {
        let mut levels = Vec::new();
        for verdict in [large(2_500, 2), large(60, 100), large(4_000, 1)] {
            let text = canonical::text(&FORMAT, &verdict);
            assert!(text.len() <= BUDGET, "{}", text.len());
            assert!(text.starts_with("# ❌ Release verdict: FAIL"));
            let missing = verdict.blockers().into_iter().filter(|gate| !text.contains(&format!("`{}`", gate.id))).count();
            assert_eq!(missing, 0);
            levels.push(text.lines().last().is_some_and(|line| line.starts_with("Left out because")));
        }
        assert_eq!(levels, [true; 3]);
    }

    #[test]
    fn detail_goes_step_by_step() {
        let verdict = large(3, 50);
        let sizes: Vec<usize> =
            [Detail::Whole, Detail::Findings, Detail::FirstFinding].map(|detail| compose(&verdict, detail).len()).into();
        let mut dropped = Vec::new();
        for budget in [sizes[0], sizes[0] - 1, sizes[1], 0] {
            let text = within(&verdict, budget);
            let note =
                text.lines().last().unwrap_or_default().strip_prefix("Left out because this page has a size limit: ");
            dropped.push(note.map(|note| note.split('.').next().unwrap_or_default().to_owned()));
        }
        assert_eq!(dropped[0], None);
        assert_eq!(dropped[1].as_deref(), Some("the evidence manifest"));
        assert!(dropped[2].as_deref().is_some_and(|note| note.contains("first finding")), "{dropped:?}");
        assert!(dropped[3].as_deref().is_some_and(|note| note.starts_with("all but the ruling")), "{dropped:?}");
    }
}
