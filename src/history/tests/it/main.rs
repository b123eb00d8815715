//! The tests of gatekeeper-history, in one binary: what takes long is to link it.

mod command_line;
mod crashes;
mod duckdb;
mod look_back;
mod made;
mod page;
mod questions;
mod real_runs;
mod store;
mod sums;
mod what_if;
mod when;
