//! What `scenarios-ran` asks of the scenarios of a repository and of their newest runs, one function for each question.
//!
//! In: scenarios, runs and terms that were read already. Out: findings. Nothing here looks at evidence.

use super::scenario_runs::{Run, failed};
use super::tally::Tally;
use crate::model::{Age, Finding, Instant, Where, parse_stamp, show_instant, show_span};
use std::collections::BTreeMap;

/// A scenario of the repository.
pub(super) struct Known {
    pub(super) at: Where,
    pub(super) test_id: String,
    pub(super) cases: usize,
}

/// What runs are held against.
pub(super) struct Terms {
    pub(super) now: Instant,
    pub(super) skew: Age,
    pub(super) oldest: Age,
    pub(super) since: Option<Instant>,
    pub(super) packages: Vec<String>,
}

impl Terms {
    /// Whether what ended then is of this run, and says something about today.
    pub(super) fn counts(&self, at: Instant) -> bool {
        self.since.is_none_or(|since| at >= since) && self.now - at <= self.oldest.duration()
    }

    /// Whether a run ended before the time from which runs count.
    pub(super) fn before(&self, run: &Run<'_>) -> bool {
        self.since.is_some_and(|since| run.completed().is_ok_and(|completed| completed < since))
    }

    /// Whether a run ended so long ago that it says nothing about today; one that does not say when did not.
    pub(super) fn forgotten(&self, run: &Run<'_>) -> bool {
        run.completed().is_ok_and(|completed| self.now - completed > self.oldest.duration())
    }
}

/// A recent and whole run of every scenario.
pub(super) fn reported(known: &[Known], newest: &BTreeMap<&str, &Run<'_>>, terms: &Terms, tally: &mut Tally) {
    for scenario in known {
        tally.examined();
        let name = &scenario.test_id;
        let Some(run) = newest.get(name.as_str()) else {
            let expected = format!("a report of `{name}`");
            let next = format!("Run `{name}`, or name in the parameter `packages` what is asked for.");
            let finding =
                Finding::new("left-out", expected, "none").saying(format!("`{name}` has no report: it did not run"));
            tally.find(finding.at(scenario.at.clone()).next(next));
            continue;
        };
        match run.completed() {
            Ok(completed) if terms.forgotten(run) => {
                let expected = format!("`{name}` ended at most {} ago", terms.oldest);
                let age = show_span((terms.now - completed).num_seconds());
                let actual = format!("{}, {age} ago", show_instant(completed));
                let message = format!(
                    "`{name}` ended {age} ago, at {}; at most {} is allowed",
                    show_instant(completed),
                    terms.oldest
                );
                let finding = Finding::new("stale-report", expected, actual).saying(message);
                tally.find(finding.at(run.root.at_key("completed")).next(format!("Run `{name}` again.")));
            }
            Ok(_) => {}
            // The metadata of a run that died say nothing but that it did not pass.
            Err(_) if run.text("run-id").is_none() && !run.passed() => {}
            Err(finding) => tally.find(finding),
        }
        // A run that ended in an error counts what it came to.
        if let Some(total) = run.count("tcs-total").filter(|total| run.status != "error" && *total < scenario.cases as i128)
        {
            let expected = format!("`{name}`: all {} cases of the scenario", scenario.cases);
            let message = format!("`{name}`: {total} of {} cases ran (`tcs-total`)", scenario.cases);
            let finding = Finding::new("cases-left-out", expected, format!("{total}")).saying(message);
            tally.find(finding.at(run.root.at_key("tcs-total")));
        }
    }
}

/// No run ended in the future or before it began, whether the repository has its scenario or not: the clock that dated it dated the others.
pub(super) fn of_the_past(runs: &[Run<'_>], terms: &Terms, tally: &mut Tally) {
    for run in runs {
        let began = run.text("started").and_then(|text| parse_stamp(text).ok());
        if let (Some(began), Ok(completed)) = (began, run.completed())
            && began > completed + terms.skew.duration()
        {
            let expected = format!("`{}` ended after it began, at {}", run.test_id, show_instant(began));
            let message = format!(
                "`{}` ended at {}, before it began at {}",
                run.test_id,
                show_instant(completed),
                show_instant(began)
            );
            let finding = Finding::new("bad-timestamp", expected, show_instant(completed)).saying(message);
            tally.find(finding.at(run.root.at_key("completed")));
        }
        let Some(completed) = run.completed().ok().filter(|at| *at > terms.now + terms.skew.duration()) else { continue };
        let name = run.test_id;
        let expected = format!("`{name}` ended at most {} in the future", terms.skew);
        let message = format!("`{name}` ended in the future, at {}", show_instant(completed));
        let finding = Finding::new("future-report", expected, show_instant(completed)).saying(message);
        tally.find(finding.at(run.root.at_key("completed")));
    }
}

/// The newest runs passed, and so did single cases that ran behind them.
pub(super) fn passed(runs: &[Run<'_>], newest: &BTreeMap<&str, &Run<'_>>, tally: &mut Tally) {
    let later = runs
        .iter()
        .filter(|run| run.of_one_case() && newest.get(run.test_id).is_none_or(|newest| newest.directory < run.directory));
    for run in newest.values().copied().chain(later) {
        tally.examined();
        if run.passed() {
            continue;
        }
        let list = failed(&run.root);
        for one in &list {
            let expected = format!("`{}` passes `{}`", run.test_id, one.tc);
            let actual = one.category.map_or_else(|| "failed".to_owned(), |category| format!("failed: {category}"));
            let message = format!("`{}`: `{}` {actual}", run.test_id, one.tc);
            tally.find(Finding::new("failed-scenario", expected, actual).saying(message).at(one.at.clone()));
        }
        if list.is_empty() {
            let expected = format!("`{}` passes every case", run.test_id);
            let message = format!("`{}` failed: {}", run.test_id, run.shown());
            let finding = Finding::new("failed-scenario", expected, run.shown()).saying(message);
            tally.find(finding.at(run.root.at_key("status")));
        }
    }
}

/// The newest runs that passed did so at their first try.
pub(super) fn first_time(runs: &[Run<'_>], newest: &BTreeMap<&str, &Run<'_>>, terms: &Terms, tally: &mut Tally) {
    for run in newest.values() {
        tally.examined();
        let mut before = runs.iter().filter(|other| other.test_id == run.test_id && other.directory < run.directory);
        let failure = before.rfind(|other| !other.passed() && !terms.forgotten(other));
        if let (true, Some(failure)) = (run.passed(), failure) {
            let expected = format!("`{}` passed at its first try", run.test_id);
            let actual = format!("it failed in `{}` and passed in `{}`", failure.directory, run.directory);
            let next =
                "Mended in between? Run with `--prune-artifacts`, or let the CI state when its run began.".to_owned();
            let message = format!("`{}` passed on a retry only: {actual}", run.test_id);
            let finding = Finding::new("flaky-recovery", expected, actual).saying(message);
            tally.find(finding.at(failure.root.at_key("status")).next(next));
        }
    }
}
