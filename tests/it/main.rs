//! Integration tests, in one binary: linking once is what costs.

mod architecture;
mod catalogue;
mod fixture_repository;
mod support;
