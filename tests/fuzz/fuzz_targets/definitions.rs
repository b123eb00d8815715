#![no_main]
//! Fuzzes one target of `../targets`.

#[path = "../targets/mod.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::run("definitions", bytes));
