//! What became of exceptions, from the versions of a ledger: how long they stood, whether they came back, whether they outlived
//! their last day.

use super::exception::Spans;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// One version of a ledger's exceptions, and the commits in which it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// The exceptions; `None` where the ledger could not be read. Such a version is passed over.
    pub spans: Option<Spans>,
    /// Id and day (UTC) of each commit, oldest first.
    pub commits: Vec<(String, NaiveDate)>,
}

/// An exception that was taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// Its name.
    pub name: String,
    /// Its own first day.
    pub created: NaiveDate,
    /// The day of the first commit without it.
    pub removed: NaiveDate,
}

/// An exception that had been taken out, or had run out, and was begun anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escape {
    /// Its name.
    pub name: String,
    /// The day of the first commit without it, or the last day that it had.
    pub ended: NaiveDate,
    /// The day of the commit in which it was there again.
    pub again: NaiveDate,
}

/// An exception that stood past its last day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Its name.
    pub name: String,
    /// The last day.
    pub expires: NaiveDate,
    /// The first such commit.
    pub commit: String,
    /// The day of that commit.
    pub day: NaiveDate,
    /// How many commits of the line it stood in too long.
    pub commits: u64,
}

/// What became of exceptions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExceptionHistory {
    /// Taken out, in the order of history.
    pub fixed: Vec<Fix>,
    /// Begun anew, in the order of history.
    pub escapes: Vec<Escape>,
    /// Past their last day, by name and last day.
    pub violations: Vec<Violation>,
    /// Commits looked at.
    pub commits: u64,
    /// Of them, those whose ledger was not there or could not be read.
    pub passed_over: u64,
}

impl ExceptionHistory {
    /// Days from first day to removal, on average; `None` if nothing was taken out.
    pub fn mean_days_to_fix(&self) -> Option<f64> {
        let days: i64 = self.fixed.iter().map(|fix| (fix.removed - fix.created).num_days()).sum();
        let count = u32::try_from(self.fixed.len()).ok().filter(|count| *count > 0)?;
        // Days of a calendar are far below the numbers that a float cannot hold.
        Some(f64::from(i32::try_from(days).ok()?) / f64::from(count))
    }
}

/// Walks the versions, oldest first. An entry that cannot be read in one version is as it was in the version before.
pub fn exception_history(versions: &[Past]) -> ExceptionHistory {
    let mut told = ExceptionHistory::default();
    let mut standing: BTreeMap<String, (NaiveDate, NaiveDate)> = BTreeMap::new();
    let mut gone: BTreeMap<String, NaiveDate> = BTreeMap::new();
    let mut late: BTreeMap<(String, NaiveDate), Violation> = BTreeMap::new();
    for version in versions {
        let commits = version.commits.len() as u64;
        told.commits += commits;
        let Some((spans, (_, day))) = version.spans.as_ref().zip(version.commits.first()) else {
            told.passed_over += commits;
            continue;
        };
        let removed: Vec<String> = standing.keys().filter(|name| !spans.contains_key(*name)).cloned().collect();
        for name in removed {
            if let Some((created, _)) = standing.remove(&name) {
                gone.insert(name.clone(), *day);
                told.fixed.push(Fix { name, created, removed: *day });
            }
        }
        for (name, span) in spans {
            let Some((begins, ends)) = *span else { continue };
            let ran_out = standing.get(name).map(|(_, ends)| *ends).filter(|ended| begins > *ended);
            if let Some(ended) = gone.remove(name).or(ran_out) {
                told.escapes.push(Escape { name: name.clone(), ended, again: *day });
            }
            standing.insert(name.clone(), (begins, ends));
        }
        for (name, (_, expires)) in &standing {
            for (commit, day) in version.commits.iter().filter(|(_, day)| day > expires) {
                let first =
                    || Violation { name: name.clone(), expires: *expires, commit: commit.clone(), day: *day, commits: 0 };
                late.entry((name.clone(), *expires)).or_insert_with(first).commits += 1;
            }
        }
    }
    told.violations = late.into_values().collect();
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn version(days: &[&str], span: Option<(&str, &str)>) -> Past {
        let spans = span.map(|(first, last)| ("g".to_owned(), Some((day(first), day(last)))));
        let commits = days.iter().map(|text| (format!("c{text}"), day(text))).collect();
        Past { spans: Some(spans.into_iter().collect()), commits }
    }

    #[test]
    fn removals_escapes_and_violations_are_counted() {
        let told = exception_history(&[
            version(&["2026-06-01", "2026-06-10", "2026-06-11", "2026-06-12"], Some(("2026-06-01", "2026-06-10"))),
            version(&["2026-06-13"], None),
            version(&["2026-06-20"], Some(("2026-06-20", "2026-06-25"))),
            version(&["2026-06-22"], None),
        ]);
        assert_eq!((told.fixed.len(), told.mean_days_to_fix()), (2, Some(7.0)));
        assert_eq!(told.escapes, [Escape { name: "g".to_owned(), ended: day("2026-06-13"), again: day("2026-06-20") }]);
        let [late] = told.violations.as_slice() else { panic!("{:?}", told.violations) };
        assert_eq!((late.commits, late.commit.as_str()), (2, "c2026-06-11"), "its last day is no violation");
        assert_eq!((told.commits, told.passed_over), (7, 0));
    }

    #[test]
    fn one_that_ran_out_and_begins_anew_in_place_escaped_and_a_renewal_did_not() {
        let first = version(&["2026-06-01"], Some(("2026-06-01", "2026-06-10")));
        let renewed = version(&["2026-06-09"], Some(("2026-06-01", "2026-06-20")));
        let anew = version(&["2026-06-12"], Some(("2026-06-12", "2026-06-20")));
        assert!(exception_history(&[first.clone(), renewed]).escapes.is_empty());
        assert_eq!(exception_history(&[first, anew]).escapes.len(), 1);
    }

    #[test]
    fn what_cannot_be_read_is_passed_over_and_said() {
        let first = version(&["2026-06-01"], Some(("2026-06-01", "2026-06-10")));
        let torn = Past { spans: None, commits: vec![("t".to_owned(), day("2026-06-02"))] };
        let damaged = Past {
            spans: Some(BTreeMap::from([("g".to_owned(), None)])),
            commits: vec![("d".to_owned(), day("2026-06-11"))],
        };
        let told = exception_history(&[first, torn, damaged]);
        assert_eq!((told.passed_over, told.fixed.len(), told.mean_days_to_fix()), (1, 0, None));
        assert_eq!(told.violations.len(), 1, "a damaged entry still stands");
    }
}
