//! A report that says when it was made is heard: it can be too old. Held against the recordings of real tools.

use super::{Case, cases};
use crate::support::{gatekeeper, text};
use regex::Regex;
use std::collections::BTreeSet;
use std::fs;

/// Writers whose reports hold a time that is not that of the run, with the reason.
const OTHERS: &[(&str, &str)] = &[];

/// Whether `init` takes the reports of a case for such that state no time.
fn says_no_time(case: &Case) -> bool {
    let at = tempfile::tempdir().expect("a directory");
    for file in &case.recorded.reports {
        let target = at.path().join(file);
        fs::create_dir_all(target.parent().expect("above")).expect("made");
        fs::copy(case.at.join(file), target).expect("copied");
    }
    let (_, out, said) = gatekeeper(&["init", text(at.path()), "--dry-run", "--owner", "o", "--bead", "b"], &[]);
    format!("{out}{said}").contains("states no time")
}

#[test]
fn a_time_that_a_report_states_is_heard() {
    let stamp = Regex::new(r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d|\b17\d{11}\b|\b17\d{8}\.\d").expect("a pattern");
    let (mut looked, mut found) = (0, BTreeSet::new());
    for case in cases().iter().filter(|case| case.name.ends_with("/all-pass")) {
        let writer = case.name.split('/').next().expect("a writer").to_owned();
        let states = case
            .recorded
            .reports
            .iter()
            .any(|file| stamp.is_match(&fs::read_to_string(case.at.join(file)).unwrap_or_default()));
        if states && says_no_time(case) {
            found.insert(writer);
        }
        looked += usize::from(states);
    }
    assert!(looked > 40, "{looked}");
    assert_eq!(found, OTHERS.iter().map(|(writer, _)| (*writer).to_owned()).collect());
}
