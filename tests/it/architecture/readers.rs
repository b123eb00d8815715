//! One fact, one reader: what tells a fact is named only where that fact is read.
//!
//! A second reader with rules of its own is how a thing comes to be two things. Names are all that this can see: whoever makes a reader of his
//! own under another name is found by review, and whoever asks the reader there is, by a line here.

use super::sources::sources;
use std::collections::BTreeSet;

/// A fact, the name of what reads it, and every file of `src` that names it.
const READERS: &[(&str, &str, &[&str])] = &[
    ("which exceptions hold", "ExceptionsFile", &["collect/exceptions.rs", "model/exceptions.rs", "model/mod.rs"]),
    ("which versions exceptions had", "ExceptionsPast", &["collect/exceptions.rs", "model/exceptions.rs", "model/mod.rs"]),
    (
        "how often an exception was renewed",
        "Term",
        &["model/exception.rs", "model/exceptions.rs", "model/mod.rs", "model/renewals.rs"],
    ),
    (
        "whether two names are one test",
        "may_be_one_test",
        &["collect/exceptions.rs", "model/exceptions.rs", "model/mod.rs", "model/renewals.rs"],
    ),
    ("from which files names were moved", "Origins", &["workspace/git.rs", "workspace/origins.rs"]),
    ("for which commit a name stands", "revparse_single", &["workspace/reference.rs"]),
    ("where git is", "open_ext", &["workspace/git.rs"]),
    ("of which commit a run is", "Grounds", &["collect/anchor.rs", "collect/gather.rs", "collect/mod.rs"]),
    ("where a command works", "current_dir", &["cli/place.rs"]),
    (
        "when evidence was made",
        "parse_stamp_in",
        &["cli/init/survey.rs", "collect/terms.rs", "model/age.rs", "model/mod.rs"],
    ),
    ("what time it is", "SubsecRound", &["workspace/disk.rs"]),
    ("which test it is", "Identity", &["model/cases.rs", "model/test_ids.rs"]),
    ("by which marks a policy is chosen", "detect", &["load/policies.rs", "load/select.rs"]),
    ("whether evidence brings definitions", "brings_no_definitions", &["cli/place.rs"]),
    (
        "where a directory really lies",
        "canonicalize",
        &["cli/place.rs", "workspace/disk.rs", "workspace/git.rs", "workspace/mount.rs", "workspace/outlet.rs"],
    ),
    // Who names it has the words of a verdict from the reader: the reader itself, and the claims that rest on a verdict.
    (
        "where a recorded verdict contradicts itself",
        "Contradicted",
        &["claim/release.rs", "model/mod.rs", "model/recorded.rs"],
    ),
    ("what a recorded verdict says", "recorded_rules", &["model/mod.rs", "model/recorded.rs"]),
    ("which of two verdicts stands in an output", "put_older", &["cli/judgement.rs", "cli/outputs.rs", "cli/refused.rs"]),
    ("where outputs go when a command cannot say", "policys_place", &["cli/judgement.rs", "cli/mod.rs", "cli/refused.rs"]),
];

#[test]
fn a_fact_is_read_in_one_place() {
    let (files, _) = sources();
    let mut faults = Vec::new();
    for (fact, name, homes) in READERS {
        let named = files.iter().filter(|file| file.tokens.iter().any(|token| token.text == *name));
        let found: BTreeSet<&str> = named.map(|file| file.name.as_str()).collect();
        let expected: BTreeSet<&str> = homes.iter().copied().collect();
        let strays: Vec<_> = found.difference(&expected).collect();
        let gone: Vec<_> = expected.difference(&found).collect();
        if !strays.is_empty() || !gone.is_empty() {
            faults.push(format!("{fact}: `{name}` is named in {strays:?}, and no longer in {gone:?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(READERS.len(), 19);
}
