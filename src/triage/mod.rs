//! What to do about a run that failed: compare it, replay it, recognise its failures.
//!
//! In: a workspace with a run, perhaps a baseline, and signatures. Out: a [`Diff`], a [`Plan`], a [`Triage`]; plain data that the
//! command line shows. Results of suites and units are read from their own `result.json` and logs, never from a summary; damage
//! is a gap. Nothing is run, nothing is written. Commands are built here or filled from signatures, and names are quoted or refused; those of
//! a run and of a verdict are shown as theirs where they may be shown, and are never part of a plan. Files are read as for a judgement, by `collect`.
//!
//! | part | does |
//! |---|---|
//! | `run` | which suites and units there are and how each ended |
//! | `log` | test results and panics in libtest logs |
//! | `cause` | why a suite or unit failed, with the line that decided |
//! | `command` | commands that are safe to paste |
//! | `replay` | the smallest plan that runs again what failed |
//! | `recorded` | commands that the run recorded, where they may be shown |
//! | `diff` | two runs, and the recorded comparison |
//! | `condition` | the condition of a signature over an artifact |
//! | `search` | signatures against logs and artifacts |
//! | `reports` | the test reports in a directory, found by what they hold |
//! | `past` | a run that was given: who it says it is, and its reports |
//! | `flakes` | tests that both failed and passed in runs of one commit |
//! | `quarantine` | entries for the ledger, ready to paste |

mod cause;
mod command;
mod condition;
mod diff;
mod flakes;
mod log;
mod past;
mod quarantine;
mod recorded;
mod replay;
mod reports;
mod run;
mod search;

pub use cause::{Cause, Class};
pub use command::Command;
pub use diff::{Diff, Disagreement, Row, diff};
pub use flakes::{Flakes, Given, Proposal, Seen, Suspect, flakes};
pub use replay::{Covered, Plan, Refused, Step, plan};
pub use reports::test_reports;
pub use run::{Surface, Target};
pub use search::{Failure, Found, Match, Place, Triage, Unclaimed, triage};
