#![no_main]
//! Fuzzes one target of `../targets`.

// Each fuzzer names one target of the list, and asks nothing else.
#[expect(dead_code)]
#[path = "../targets/mod.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::run("outputs", bytes));
