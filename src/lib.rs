//! gatekeeper turns a directory of run artifacts into a release verdict that people can trust.
//!
//! Data flows one way, and only [`pipeline`] knows the order:
//!
//! ```text
//! definitions ─ load ─> Suite ─ collect ─> Collected ─ evaluate ─> Judged ─ decide ─> Verdict ─ report ─> bytes
//! ```
//!
//! [`model`] holds the nouns that the stages hand over, [`gate`] the contracts of plug-ins, [`workspace`] the one door to
//! files, git and the clock. The stages do not import each other. See `docs/architecture.md`.

pub mod attest;
pub mod audit;
pub mod boundary;
pub mod checks;
pub mod claim;
pub mod cli;
pub mod collect;
pub mod compare;
pub mod decide;
pub mod definition;
pub mod diagnostic;
pub mod evaluate;
pub mod expr;
pub mod flake;
pub mod gate;
pub mod incident;
pub mod load;
pub mod model;
pub mod mutate;
pub mod pipeline;
pub mod report;
pub mod scenario;
pub mod signature;
pub mod source;
pub mod triage;
pub mod workspace;
