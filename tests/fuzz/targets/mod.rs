//! What is fuzzed: functions that take any bytes and panic when a promise of gatekeeper is broken.
//!
//! They are compiled twice: by the fuzzers in `tests/fuzz`, which look for bytes that break a promise, and by `tests/it/fuzz_replay.rs`,
//! which replays every seed and every case that was ever found. They read what they are given and nothing else.

mod definitions;
mod expressions;
mod ledger;
mod outputs;
mod readers;
mod shown;
mod structured;

/// A target: its name, which is that of its seeds and of its fuzzer, and what it does with bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: &[Target] = &[
    ("readers", readers::target),
    ("structured", structured::target),
    ("definitions", definitions::target),
    ("expressions", expressions::target),
    ("outputs", outputs::target),
];

/// Runs the target of this name.
pub fn run(name: &str, bytes: &[u8]) {
    let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).expect("a target of the list");
    target(bytes);
}

/// What must hold of a text that is shown, for a test of the promises themselves.
pub fn promise(what: &str, shown: &str) {
    shown::is_no_command(what, shown);
}

/// What is wrong with the definitions that the target `definitions` puts around its bytes.
pub fn surroundings() -> Vec<String> {
    definitions::surroundings()
}

/// A text and what stands behind its first line `---`; the whole text and nothing, where there is no such line.
fn parts(text: &str) -> (&str, &str) {
    match text.split_once("\n---\n") {
        Some((first, second)) => (first, second),
        None => (text, ""),
    }
}
