//! gatekeeper: turns a directory of run artifacts into a release verdict that people can trust.

pub mod definition;
pub mod diagnostic;
pub mod gate;
pub mod model;
pub mod source;
