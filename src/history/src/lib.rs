//! gatekeeper-history keeps the rows of many verdicts and answers questions over them.
//!
//! One verdict is a point; this is the line. The main program gains no package for it: verdicts and reports are read by gatekeeper's own
//! readers, rows are those of its `-o history`, and everything else is here. See `docs/history.md`.

pub mod answer;
pub mod batch;
pub mod cli;
pub mod compact;
pub mod engine;
pub mod fault;
pub mod file;
pub mod keep;
pub mod kept_look;
pub mod laid_out;
pub mod look_back;
pub mod page;
pub mod part;
pub mod question;
pub mod record;
pub mod replay;
pub mod replay_told;
pub mod sheet;
pub mod store;
pub mod tables;
pub mod verify;
pub mod what_if;
