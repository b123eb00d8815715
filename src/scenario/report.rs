//! What came of the scenarios, for people.
//!
//! No scenario at all is a failure: a self-test that tested nothing has proved nothing.

use super::printed::Printed;
use std::fmt;

/// What came of one scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseReport {
    /// Its folder.
    pub name: String,
    /// What it proves.
    pub says: String,
    /// What is not as expected; empty when it holds.
    pub differences: Vec<String>,
    /// What the terminal prints, of a scenario that is to fail.
    pub printed: Option<Printed>,
}

/// What came of all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The scenarios, in order.
    pub cases: Vec<CaseReport>,
}

impl Report {
    /// Whether there were scenarios and each of them holds.
    pub fn passed(&self) -> bool {
        !self.cases.is_empty() && self.failed().next().is_none()
    }

    /// What the terminal prints for each scenario that is to fail, a line each.
    pub fn printed(&self) -> String {
        let line = |case: &CaseReport| case.printed.as_ref().map(|printed| format!("{}\t{printed}\n", case.name));
        self.cases.iter().filter_map(line).collect()
    }

    /// The scenarios that do not hold.
    pub fn failed(&self) -> impl Iterator<Item = &CaseReport> {
        self.cases.iter().filter(|case| !case.differences.is_empty())
    }
}

impl fmt::Display for Report {
    /// A line for each scenario, what differs below those that do not hold, and the totals at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for case in &self.cases {
            let word = if case.differences.is_empty() { "ok    " } else { "FAILED" };
            write!(f, "{word} {}", case.name)?;
            writeln!(f, "{}{}", if case.says.is_empty() { "" } else { ": " }, case.says)?;
            for line in case.differences.iter().flat_map(|difference| difference.lines()) {
                writeln!(f, "       {line}")?;
            }
        }
        let failed: Vec<&str> = self.failed().map(|case| case.name.as_str()).collect();
        match (self.cases.len(), failed.len()) {
            (0, _) => writeln!(f, "no scenario was found, so nothing was proved"),
            (all, 0) => writeln!(f, "{all} scenario{} hold", if all == 1 { "" } else { "s" }),
            (all, bad) => writeln!(f, "{bad} of {all} scenarios do not hold: {}", failed.join(", ")),
        }
    }
}
