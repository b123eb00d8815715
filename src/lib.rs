//! gatekeeper: turns a directory of run artifacts into a release verdict that people can trust.

pub mod checks;
pub mod collect;
pub mod decide;
pub mod definition;
pub mod diagnostic;
pub mod evaluate;
pub mod expr;
pub mod gate;
pub mod load;
pub mod model;
pub mod report;
pub mod scenario;
pub mod source;
pub mod workspace;
