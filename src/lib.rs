//! gatekeeper: turns a directory of run artifacts into a release verdict that people can trust.

pub mod expr;
pub mod model;
