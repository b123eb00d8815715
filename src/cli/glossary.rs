//! The words that gatekeeper prints and its pages use, each with what it means. `explain WORD` and `docs/glossary.md` read this one table.

use super::explain::plain;
use crate::checks::CHECKS;
use crate::gate::CheckKind;
use std::collections::{BTreeMap, BTreeSet};

/// A word, other spellings of it, and its meaning in one or two sentences.
struct Word(&'static str, &'static [&'static str], &'static str);

/// In the order of the alphabet.
const TERMS: [Word; 45] = [
    Word(
        "advisory",
        &[],
        "A gate whose failure is told and does not make the verdict fail; the verdict is then `warn`. The policy says which gates are advisory.",
    ),
    Word(
        "artifact",
        &[],
        "A file that a run left: a report, a log, a JSON document. What was read of it is in the verdict with its SHA-256.",
    ),
    Word(
        "attestation",
        &["attest"],
        "A signed statement about a verdict, in the form of in-toto: what was judged, by which rules, with what result.",
    ),
    Word(
        "baseline",
        &[],
        "An earlier run that this one is compared with. Evidence whose path begins with `baseline:` lies in it; `--baseline DIR` names it.",
    ),
    Word(
        "blocked",
        &[],
        "The result of a gate whose need did not pass: its own result is not relied on. Mend what it waits for.",
    ),
    Word("blocking", &[], "A gate whose failure makes the verdict fail. The policy says which gates are blocking."),
    Word(
        "bound",
        &["unbound", "foreign"],
        "Evidence that says of which commit or run it is (`bound` in its table). Evidence of another commit or run is the evidence problem `unbound`, and fails.",
    ),
    Word(
        "check",
        &[],
        "One fact that a gate asserts of its evidence: `kind = \"tests-pass\"`. `gatekeeper explain KIND` has each kind's page.",
    ),
    Word(
        "confidence",
        &[],
        "How sure a statement about a rate or a regression is: at 95 %, one in twenty such statements may be wrong.",
    ),
    Word("culprit", &[], "What a finding is about: the test, the module, the budget, the file."),
    Word(
        "definition",
        &["definitions"],
        "What a verdict is judged by: gates, policies, packs, schemas, in TOML files of the repository or inside the program.",
    ),
    Word(
        "digest",
        &["sha256"],
        "The SHA-256 of the bytes that were judged. `reverify` reads the files again and compares.",
    ),
    Word(
        "evidence",
        &[],
        "What a gate reads: `[evidence.NAME]` with a path and, if that matters, an age, a commit, a run and a schema. What is not there, old or damaged never passes.",
    ),
    Word(
        "evidence problem",
        &["gap", "problem"],
        "Why evidence could not be judged: missing, unreadable, malformed, invalid, stale, unbound, over-limit, empty, undecided. A gate with one fails, and the exit code is 3 if nothing else failed.",
    ),
    Word(
        "exception",
        &["exceptions"],
        "A waiver or a quarantine entry: something that fails, counts as excused for some days, has an owner and a reason, and is in every verdict that it touches.",
    ),
    Word(
        "exceptions file",
        &["ledger"],
        "The TOML file with waivers, quarantine and, where they are listed, suites. The policy names it under `exceptions`; `ledger` is an older spelling.",
    ),
    Word(
        "expression",
        &["cel"],
        "A condition over evidence in the syntax of CEL. A missing field is a finding, never true or false.",
    ),
    Word(
        "finding",
        &["findings"],
        "One thing that a check found wrong, with a kind, a sentence, a place and often what to do.",
    ),
    Word(
        "flake",
        &["flaky"],
        "A test that passes and fails without a change. One that passed at a later attempt is flaky in that run.",
    ),
    Word(
        "gate",
        &["gates"],
        "One question that a release must answer, in one TOML file: its evidence, its checks, its owner, how to reproduce it.",
    ),
    Word("issue", &["bead"], "The id in your tracker that a gate or an exception belongs to; `bead` is an older spelling."),
    Word(
        "known failure",
        &["known-failure"],
        "A test that fails and is in quarantine as such: it must go on failing, or be taken out. `known_failures_max` is how many there may be, where `init` wrote the policy.",
    ),
    Word(
        "lane",
        &["preflight", "full"],
        "How far a judgement goes: `full` looks at every gate, `preflight` at the blocking ones and stops at the first that fails.",
    ),
    Word(
        "limit",
        &["limits"],
        "A bound of a check (`at most 0`), or of the policy's `[limits]`: sizes, days, how far a clock may be wrong.",
    ),
    Word(
        "max_age",
        &["age"],
        "How old evidence may be by its own timestamp (`at`). Older evidence is the evidence problem `stale`.",
    ),
    Word(
        "measured value",
        &["measured", "measure"],
        "What a check measured, whatever it decided: a number of tests, a share of lines, a time, an age, each with its limit if there is one.",
    ),
    Word("module", &["room"], "A part of gatekeeper's own source. `room` is an older word for it."),
    Word(
        "need",
        &["needs"],
        "A gate that must pass before another can: what rests on broken evidence is `blocked`, and the cause is told first.",
    ),
    Word(
        "pack",
        &["packs"],
        "Gates that belong together, with their policies and schemas. The generic ones are inside the program.",
    ),
    Word("parameter", &["parameters"], "A number or list that a policy sets and its gates read as `policy.NAME`."),
    Word(
        "placeholder verdict",
        &["seal"],
        "A failing verdict, marked as incomplete, that is written before work begins, so that a run that dies leaves no older pass behind.",
    ),
    Word(
        "policy",
        &["policies"],
        "Which gates count, which of them block, which may be waived, with parameters and limits.",
    ),
    Word(
        "policy-ref",
        &["policy_ref"],
        "`--policy-ref REF`: the definitions of a commit instead of those of the work tree, so that a change is judged by the rules of its base.",
    ),
    Word(
        "quarantine",
        &["quarantined"],
        "A table of failing or flaky tests that do not count, each with an owner, a reason and a last day.",
    ),
    Word(
        "reason",
        &[],
        "Why a gate did not simply pass: a finding, the word of an evidence problem, `blocked`, `absent`, `not-evaluated`, `incomplete`.",
    ),
    Word(
        "reproduce",
        &["reproduce command"],
        "The commands that make the evidence of a gate again. Where the runner of tests is known, the failing tests alone come first.",
    ),
    Word(
        "result",
        &["standing"],
        "What a gate counts as: pass, fail, waived, advisory, blocked, skipped, not-evaluated. In JSON it is `standing`, for as long as that schema lives.",
    ),
    Word("rollback", &["rollback-mode"], "A verdict that fails and, for a stated time and reason, does not block."),
    Word("run", &[], "The directory that is judged. Evidence whose path begins with `run:` lies in it."),
    Word(
        "shard",
        &["shards"],
        "A part of one run that ran elsewhere. `--shards` judges the parts together; one that is not there is missing evidence.",
    ),
    Word("status", &[], "What came of the checks of a gate alone: pass, fail, warn, skip. `result` is what it counts as."),
    Word(
        "suite",
        &["suites"],
        "A group of tests as its runner names it; in an exceptions file, a named list of such groups.",
    ),
    Word(
        "verdict",
        &[],
        "pass, warn or fail, with every gate, what was read, and what was excused. Exit code 0, 1, 2, 3 or 4.",
    ),
    Word(
        "waiver",
        &["waivers"],
        "An exception for a whole gate: an owner, a reason, lanes, a first and a last day. It is told in every verdict that it touches.",
    ),
    Word(
        "weakened by",
        &["weakened_by", "weakening"],
        "What makes a verdict worth less than it looks: a waiver, quarantined failures, a set clock, a gate that was skipped.",
    ),
];

/// The meaning of a word or of another spelling of it.
pub(super) fn meaning(word: &str) -> Option<String> {
    let told = |Word(name, others, about): &Word| {
        let other = if *name == word { String::new() } else { format!(" (also `{word}`)") };
        let spellings = if others.is_empty() { String::new() } else { format!("\n\nAlso: {}", others.join(", ")) };
        format!("word {name}{other}\n\n{about}{spellings}")
    };
    let wanted = word.to_lowercase();
    TERMS.iter().find(|Word(name, others, _)| *name == wanted || others.contains(&&*wanted)).map(told)
}

/// Every word, with every other spelling.
pub(super) fn words() -> Vec<&'static str> {
    TERMS.iter().flat_map(|Word(name, others, _)| [*name].into_iter().chain(others.iter().copied())).collect()
}

/// The kinds of findings, by word: which kinds of check say it.
fn findings() -> BTreeMap<String, BTreeSet<&'static str>> {
    let mut found: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
    for kind in CHECKS {
        for word in said(kind) {
            found.entry(word).or_default().insert(kind.id);
        }
    }
    found
}

/// The words between `Findings:` and `Errors:` of a kind's page that are in code, and of one or several small words with dashes.
fn said(kind: &CheckKind) -> Vec<String> {
    let page = plain(kind.docs);
    let part = page.split("Findings:").nth(1).map(|rest| rest.split("Errors:").next().unwrap_or(rest)).unwrap_or_default();
    // Kinds that list their findings in tables do so above: in the last cell, or alone in one.
    let rows = page.lines().filter(|line| line.starts_with('|'));
    let alone = |cell: &str| cell.trim().trim_matches('`').len() + 2 == cell.trim().len() && !cell.trim().contains(' ');
    let cells = rows.flat_map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
        let last = cells.len() - 1;
        cells
            .into_iter()
            .enumerate()
            .filter(|(at, cell)| *at == last || alone(cell))
            .map(|(_, cell)| cell)
            .collect::<Vec<_>>()
    });
    let is_word = |word: &&str| {
        word.contains('-') && !word.starts_with('-') && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    };
    let quoted = |text: &str| text.split('`').skip(1).step_by(2).filter(is_word).map(str::to_owned).collect::<Vec<_>>();
    cells.chain([part]).flat_map(quoted).filter(|word| word == kind.id || CHECKS.iter().all(|own| own.id != word)).collect()
}

/// `docs/glossary.md`, without the first line of generated pages.
pub fn glossary_page() -> String {
    let mut page = "# Glossary\n\nEvery word that gatekeeper prints and these pages use. `gatekeeper explain WORD` says the same on the spot.\n\n\
        | word | also | means |\n|---|---|---|\n"
        .to_owned();
    for Word(name, others, about) in &TERMS {
        let others: Vec<String> = others.iter().map(|other| format!("`{other}`")).collect();
        page += &format!("| {name} | {} | {about} |\n", others.join(", "));
    }
    page += "\n## Kinds of findings\n\nA gate may give findings of its own a word (`finding = \"...\"`). These are the words of the kinds of checks:\n\n\
        | finding | said by |\n|---|---|\n";
    for (word, kinds) in findings() {
        let kinds: Vec<String> = kinds.iter().map(|kind| format!("[`{kind}`](checks/{kind}.md)")).collect();
        page += &format!("| `{word}` | {} |\n", kinds.join(", "));
    }
    page += "\n## Evidence problems\n\n| word | means |\n|---|---|\n";
    for kind in crate::model::GapKind::ALL {
        page += &format!("| `{}` | {} |\n", kind.word(), kind.about());
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_there_once_and_in_order() {
        let words = words();
        let once: BTreeSet<&str> = words.iter().copied().collect();
        assert_eq!(once.len(), words.len(), "a word twice");
        assert!(TERMS.windows(2).all(|pair| pair[0].0 < pair[1].0), "in the order of the alphabet");
        assert!(TERMS.iter().all(|Word(name, _, about)| about.ends_with('.') && meaning(name).is_some()));
        assert_eq!(meaning("nosuch"), None);
        assert!(meaning("bead").is_some_and(|text| text.starts_with("word issue (also `bead`)")));
    }

    /// Every kind of finding that a check makes has its row: its page names it.
    #[test]
    fn every_finding_of_a_check_is_in_the_glossary() {
        let known = findings();
        let mut looked_at = 0;
        let mut missing = BTreeSet::new();
        for kind in CHECKS {
            let code = kind.docs.split("#[cfg(test)]").next().unwrap_or_default();
            for word in code.split("Finding::new(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                looked_at += 1;
                let single = !word.contains('-');
                if !single && !known.contains_key(word) {
                    missing.insert(format!("{}: {word}", kind.id));
                }
            }
        }
        assert!(looked_at > 60, "{looked_at}");
        assert_eq!(missing, BTreeSet::new());
    }
}
