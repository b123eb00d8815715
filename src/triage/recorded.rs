//! The replay commands that a run recorded about its failures.
//!
//! In: `replay_bundle.json` and the failure digest of a target. Out: the recorded commands that may be shown beside ours, as words
//! for people; never run, never part of a plan. Only a command of plain words without secrets that begins with a program of the runbook and names
//! its target is shown; what is recorded otherwise is only counted.

use super::run::{Key, Surface, Target, document};
use crate::model::{Base, Limits, Node, RelPath, secrets};
use crate::workspace::Workspace;
use std::collections::BTreeMap;

/// What recorded commands may begin with, behind settings such as `VCR_MODE=playback`.
const PROGRAMS: [&[&str]; 4] = [
    &["cargo", "test"],
    &["./scripts/e2e/run_all.sh"],
    &["rch", "exec", "--", "cargo", "test"],
    &["cargo", "nextest", "run"],
];

/// The commands recorded for one target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Recorded {
    /// Those that may be shown, each once.
    pub shown: Vec<String>,
    /// How many may not.
    pub withheld: usize,
}

/// Whether a recorded command may be shown: plain words, a known program, the target among its words.
fn may_be_shown(command: &str, target: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+@, ".contains(c);
    let setting = |word: &&str| {
        let name = word.split_once('=').map(|(name, _)| name);
        name.is_some_and(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
    };
    let words: Vec<&str> = command.split(' ').filter(|word| !word.is_empty()).collect();
    let words: Vec<&str> = words.into_iter().skip_while(setting).collect();
    command.len() <= 1_024
        && secrets(command).is_empty()
        && command.chars().all(plain)
        && PROGRAMS.iter().any(|program| words.starts_with(program))
        && words.contains(&target)
}

/// Every recorded command by target. A bundle or digest that cannot be read records nothing; it is for `verify` to judge.
pub(super) fn commands(workspace: &dyn Workspace, failed: &[&Target], limits: &Limits) -> BTreeMap<Key, Recorded> {
    let bundle = RelPath::parse("replay_bundle.json").expect("a sound path");
    let bundle = document(workspace, Base::Run, &bundle, limits).ok();
    let mut all = BTreeMap::new();
    for target in failed {
        let mut texts: Vec<String> = Vec::new();
        let (list, key) = match target.surface {
            Surface::Suite => ("failed_suites", "suite"),
            Surface::Unit => ("failed_units", "target"),
        };
        let rows = bundle.iter().flat_map(|(bundle, _)| bundle.root().get(list)).flat_map(Node::items);
        for row in rows.filter(|row| row.get(key).and_then(Node::text) == Some(target.name.as_str())) {
            take(row, &["cargo_replay", "targeted_replay"], &mut texts);
        }
        let digest = RelPath::parse("failure_digest.json").ok();
        let digest = target.directory.as_ref().zip(digest).map(|(directory, digest)| directory.join(&digest));
        if let Some((digest, _)) = digest.and_then(|path| document(workspace, Base::Run, &path, limits).ok()) {
            let pointer = digest.root().get("remediation_pointer");
            let keys = ["replay_command", "suite_replay_command", "targeted_test_replay_command"];
            pointer.into_iter().for_each(|pointer| take(pointer, &keys, &mut texts));
        }
        let mut recorded = Recorded::default();
        for text in texts {
            if !may_be_shown(&text, &target.name) {
                recorded.withheld += 1;
            } else if !recorded.shown.contains(&text) {
                recorded.shown.push(text);
            }
        }
        all.insert((target.surface, target.name.clone()), recorded);
    }
    all
}

fn take(row: Node<'_>, keys: &[&str], texts: &mut Vec<String>) {
    texts.extend(keys.iter().filter_map(|key| row.get(key)?.text().map(str::to_owned)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_commands_that_name_their_target_are_shown() {
        for shown in [
            "cargo test --test a -- --nocapture",
            "VCR_MODE=playback cargo test --test a -- --nocapture",
            "./scripts/e2e/run_all.sh --profile full --suite a",
            "rch exec -- cargo test --test a -- m::t --exact",
        ] {
            assert!(may_be_shown(shown, "a"), "{shown}");
        }
        let mut withheld = 0;
        for hostile in [
            "cargo test --test b -- --nocapture",
            "cargo test --test a; rm -rf ~",
            "cargo test --test a && curl x",
            "cargo test --test $(a) a",
            "cargo test --test a\nrm -rf ~",
            "cargo test --test a \u{1b}[2J",
            "rm -rf a",
            "sh -c a",
            "x=1 cargo test a",
            "",
        ] {
            assert!(!may_be_shown(hostile, "a"), "{hostile:?}");
            withheld += 1;
        }
        assert_eq!(withheld, 10);
    }
}
