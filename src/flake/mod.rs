//! Flaky tests: what many runs of one commit say about each test, and how much that proves.
//!
//! In: runs of one commit, each with its test reports. Out: one [`Record`] for each test with an end for each run in which it
//! ran, the runs that were given twice, upper bounds of failure rates, and what a message hints at. Both the check kind
//! `flake-rate` and `gatekeeper flakes` count here, so they cannot disagree. Nothing here reads files, and runs of different
//! commits are for the caller to keep apart.
//!
//! | part | does |
//! |---|---|
//! | `bound` | how high the rate behind so many failures may be, and how many clean runs are missing |
//! | `record` | the ends of each test over the runs |
//! | `hint` | which category of flake a line suggests |

mod bound;
mod hint;
mod record;

pub use bound::{clean_runs_missing, percent, upper_bound};
pub use hint::{Hint, hint, words};
pub use record::{End, History, Part, Record, Repeat, Run, Sighting, Subject};
