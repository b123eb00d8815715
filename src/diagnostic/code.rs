//! Every diagnostic code, once. `explain <code>` and `docs/diagnostics.md` are made from this table.

/// A class of problem in definitions.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Kebab-case name, stable.
    pub name: &'static str,
    /// What is wrong, and what to do, in one or two sentences.
    pub about: &'static str,
}

macro_rules! codes {
    ($($constant:ident = $name:literal: $about:literal;)+) => {
        impl Code {
            $(#[doc = $about] pub const $constant: &'static Code = &Code { name: $name, about: $about };)+
        }

        /// Every code, in the order of the table.
        pub const CODES: &[&Code] = &[$(Code::$constant),+];
    };
}

codes! {
    SYNTAX = "syntax": "The file is not TOML. Nothing in it can be read until the line is mended.";
    UNREADABLE = "unreadable": "A definition file is named and cannot be read, or is not UTF-8 text.";
    UNKNOWN_KEY = "unknown-key": "A table holds a key that nothing reads, so what it was to say would be lost. Correct its spelling or remove it.";
    MISSING_KEY = "missing-key": "A table lacks a key that it must have.";
    WRONG_TYPE = "wrong-type": "A value is of another type or form than its key takes.";
    UNKNOWN_KIND = "unknown-kind": "A check names a kind that this gatekeeper does not have. Correct its spelling, or use a newer gatekeeper.";
    UNKNOWN_FORMAT = "unknown-format": "An evidence need names a format that this gatekeeper cannot read, or its extension says none and no `format` is given.";
    UNKNOWN_EVIDENCE = "unknown-evidence": "A check names evidence that its gate does not declare under `[evidence]`.";
    UNUSED_EVIDENCE = "unused-evidence": "A gate declares evidence that none of its checks reads, so its content is never judged.";
    SHARDS = "shards": "A check takes all shards of a run together and reads evidence of which the run has one, so that every shard has its own. Say `pick = \"all\"` at the evidence, or judge each shard by itself.";
    EXPRESSION = "expression": "An expression is not sound: a syntax error, an unknown name or function, a bad pattern, or too costly.";
    GUARDED_ABSENCE = "guarded-absence": "An expression asks `has(...)`, so deleting the field may turn a failure into a pass. Ask for the field, or say in `absence` why its absence is fine.";
    TEXT_ORDER = "text-order": "An expression puts a text in order that looks like a number or a version. Texts compare by code point, so `'9.11.2' >= '18.0.0'` is true. Write `version(..)` or `double(..)`.";
    VACUOUS = "vacuous": "A check or lane can be satisfied by nothing at all, or examines the same thing twice.";
    DUPLICATE_ID = "duplicate-id": "Two definitions have the same id, so one would hide the other.";
    STEM_MISMATCH = "stem-mismatch": "A definition's id is not the stem of its file, so it cannot be found by name.";
    NO_CHECKS = "no-checks": "A gate has no check or no evidence and could only ever pass.";
    NEEDS_CYCLE = "needs-cycle": "Gates need each other in a circle, so none of them can come first.";
    UNKNOWN_NEED = "unknown-need": "A gate needs another one that does not exist, or that the policy does not take.";
    UNKNOWN_GATE = "unknown-gate": "A policy or configuration names a gate that has no file.";
    UNPOLICED_GATE = "unpoliced-gate": "A gate file belongs to the policy's packs and the policy does not name it, so it would never be judged.";
    UNKNOWN_POLICY = "unknown-policy": "No policy has this name, or none can be detected for this repository.";
    UNKNOWN_PARAMETER = "unknown-parameter": "A `policy.<name>` is not a parameter of the policy.";
    EMPTY_LANE = "empty-lane": "A lane selects no gate, so it could only ever pass.";
    UNJUDGED_LEDGER = "unjudged-ledger": "A policy has a ledger and none of its gates has a `waiver-lifecycle` check, so a damaged ledger would go unheard.";
    UNLISTED_EXCEPTIONS = "unlisted-exceptions": "A check reads exceptions from a file that is none of the policy's exceptions files, so that what it excuses would be neither compared nor listed. Name the file in `ledger`.";
    UNBOUND_RUN = "unbound-run": "A policy reads a run, or reports of tests, that nothing holds to a commit or a day: those of last year would pass. Say `max_age` and `at`, or `bound`, at the evidence that dates it, or `[run]` where the run states its commit.";
    UNWAIVABLE = "unwaivable": "A gate that judges exceptions is said to be waivable. No exception ever covers it.";
    UNUSED_REASON = "unused-reason": "A `[[weaken]]` entry gives a reason for something that is not loosened. Remove it, or it will excuse a later change.";
    NEWER_SCHEMA = "newer-schema": "The file is written for a newer gatekeeper. Its new words might be the ones that tighten it, so it is refused.";
    WEAKENED = "weakened": "A configuration loosens what it extends without a `[[weaken]]` entry that says why.";
    SHAPE = "shape": "A JSON Schema named by `shape` cannot be read or compiled.";
    LIMIT = "limit": "A limit is outside the range in which it means anything.";
    LEDGER = "ledger": "An entry of the ledger is not sound. It is not in force, and `waiver_lifecycle` or `quarantine_lifecycle` fails.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_kebab_case_and_unique() {
        let names: BTreeSet<_> = CODES.iter().map(|code| code.name).collect();
        assert_eq!(names.len(), CODES.len());
        assert!(names.iter().all(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '-')));
    }
}
