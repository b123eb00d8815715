//! What integration tests share.

pub mod agent_cli;
pub mod shop;
