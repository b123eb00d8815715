//! Boundaries inside a Rust crate: which domain owns which module, and which domains must not reach each other.
//!
//! In: a boundary manifest, the manifest of the package, and its source files as they were read. Out: for each of three facts what
//! speaks against it, with file and line. Nothing here reads files, and nothing is compiled: names are followed through modules,
//! imports, globs and re-exports, whatever `cfg` they stand under. Where that leaves a choice, both are taken.
//!
//! | part | does |
//! |---|---|
//! | `package` | the crates of a package and where they begin |
//! | `manifest` | reads domains, deferred modules and banned pairs, or says what is wrong with them |
//! | `tree` | source files to modules |
//! | `names` | what a path leads to |
//! | `judge` | the three facts |

mod judge;
mod manifest;
mod names;
mod package;
mod tree;

#[cfg(test)]
mod tests;

pub use judge::{Fact, Judgement, judge};
pub use manifest::{Deferral, Domain, Entry, Fault, Manifest, Pair};
pub use package::Package;
pub use tree::Source;
