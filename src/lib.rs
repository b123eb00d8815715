//! gatekeeper: turns a directory of run artifacts into a release verdict that people can trust.

pub mod collect;
pub mod decide;
pub mod definition;
pub mod diagnostic;
pub mod evaluate;
pub mod gate;
pub mod model;
pub mod source;
pub mod workspace;
