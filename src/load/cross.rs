//! What shows only when all files are read: names that lead nowhere, names that two things have, rules that bind nothing.

use super::config::FILE;
use super::{gates, policies};
use crate::diagnostic::{Code, Diagnostic, did_you_mean};
use crate::gate::{Gate, Paths, Use};
use crate::model::{Base, GateId, LaneRule};
use crate::source::Span;
use globset::{GlobBuilder, GlobMatcher};
use std::collections::{BTreeMap, BTreeSet};

/// The check kind that judges waivers.
const LIFECYCLE_KIND: &str = "waiver-lifecycle";
/// The check kinds that judge exceptions.
const LIFECYCLE_KINDS: [&str; 2] = [LIFECYCLE_KIND, "quarantine-lifecycle"];

/// Removes and reports gates that two files define; the first stands.
pub(super) fn refuse_twins(drafts: Vec<gates::Draft>, problems: &mut Vec<Diagnostic>) -> Vec<gates::Draft> {
    let mut kept: Vec<gates::Draft> = Vec::new();
    let mut places: BTreeMap<GateId, Span> = BTreeMap::new();
    for draft in drafts {
        match places.get(&draft.id) {
            Some(first) => problems.push(
                Diagnostic::error(Code::DUPLICATE_ID, format!("two files define the gate `{}`", draft.id))
                    .label(draft.at.clone(), "defined again here")
                    .label(first.clone(), "defined here first")
                    .help("rename one, or remove it"),
            ),
            None => {
                places.insert(draft.id.clone(), draft.at.clone());
                kept.push(draft);
            }
        }
    }
    kept
}

/// Compares the policy with the gate files. `complete` says whether every file that names gates could be read: else a gate
/// that nobody names may be named where nobody can see it.
pub(super) fn judge(policy: &policies::Draft, drafts: &[gates::Draft], complete: bool, problems: &mut Vec<Diagnostic>) {
    let mut first = BTreeMap::new();
    let defined: BTreeSet<&GateId> = drafts.iter().map(|draft| &draft.id).collect();
    for (terms, at) in policy.policy.gates.iter().zip(&policy.gates_at) {
        if let Some(earlier) = first.insert(&terms.id, at) {
            problems.push(
                Diagnostic::error(Code::DUPLICATE_ID, format!("the gate `{}` is named twice", terms.id))
                    .label(at.clone(), "named again here")
                    .label((*earlier).clone(), "named here first"),
            );
        } else if !defined.contains(&terms.id) {
            let known = drafts.iter().map(|draft| draft.id.as_str());
            let help = if drafts.is_empty() {
                let packs: Vec<String> = policy.packs.iter().map(|(pack, _)| format!("`gates/{pack}/`")).collect();
                format!("no gate file was found in {}", packs.join(", "))
            } else {
                did_you_mean(terms.id.as_str(), known)
            };
            let who = if at.source == policy.at.source { "policy" } else { "configuration" };
            let headline = format!("the {who} names unknown gate `{}`", terms.id);
            problems.push(Diagnostic::error(Code::UNKNOWN_GATE, headline).label(at.clone(), "has no file").help(help));
        }
    }
    if complete {
        for draft in drafts.iter().filter(|draft| !first.contains_key(&draft.id)) {
            let headline = format!("no policy names the gate `{}`, so it would never be judged", draft.id);
            problems.push(
                Diagnostic::error(Code::UNPOLICED_GATE, headline)
                    .label(draft.at.clone(), "defined here")
                    .label(policy.at.clone(), "not named in this policy")
                    .help(format!("add `[[gate]]` with `id = \"{}\"` to the policy, or remove the file", draft.id)),
            );
        }
        lanes(policy, problems);
        ledger(policy, drafts, problems);
        exceptions(policy, drafts, problems);
        super::fresh::judge(policy, drafts, problems);
    }
    parameters(policy, drafts, problems);
}

fn lanes(policy: &policies::Draft, problems: &mut Vec<Diagnostic>) {
    let Some(_) = policy.policy.gates.first() else {
        let headline = format!("policy `{}` names no gate", policy.policy.id);
        problems.push(Diagnostic::error(Code::EMPTY_LANE, headline).label(policy.at.clone(), "could only ever pass"));
        return;
    };
    if policy.policy.lanes.is_empty() {
        let headline = format!("policy `{}` has no lane", policy.policy.id);
        let problem = Diagnostic::error(Code::EMPTY_LANE, headline).label(policy.at.clone(), "");
        problems.push(problem.help("add `[lane.full]` with `rule = \"full\"`"));
    }
    let blocking = policy.policy.gates.iter().any(|terms| terms.blocking);
    for (lane, at) in policy.policy.lanes.iter().zip(&policy.lanes_at) {
        let empty = match lane.rule {
            LaneRule::Preflight => !blocking,
            LaneRule::Full => false,
        };
        if empty {
            let headline = format!("lane `{}` takes blocking gates, and no gate is blocking", lane.id);
            problems.push(Diagnostic::error(Code::EMPTY_LANE, headline).label(at.clone(), "could only ever pass"));
        }
    }
}

/// Every ledger file must be evidence of a check that judges waivers: of one in another file nobody would hear that it is
/// damaged.
fn ledger(policy: &policies::Draft, drafts: &[gates::Draft], problems: &mut Vec<Diagnostic>) {
    // In a gate that could not be read the check may well be.
    if drafts.is_empty() || drafts.iter().any(|draft| draft.gate.is_none()) {
        return;
    }
    let judged: Vec<(Base, GlobMatcher)> = drafts
        .iter()
        .filter_map(|draft| draft.gate.as_ref())
        .flat_map(|gate| gate.checks.iter().filter(|check| check.kind.id == LIFECYCLE_KIND).map(move |check| (gate, check)))
        .flat_map(|(gate, check)| check.check.reads().into_iter().filter_map(|(id, _)| gate.need(&id)))
        .filter_map(|need| match &need.paths {
            Paths::Declared { base, pattern, .. } => {
                let glob = GlobBuilder::new(pattern).literal_separator(true).build();
                Some((*base, glob.expect("patterns are sound once they are read").compile_matcher()))
            }
            Paths::Referenced { .. } => None,
        })
        .collect();
    for (base, path) in &policy.policy.ledger {
        if judged.iter().any(|(other, glob)| other == base && glob.is_match(path.as_str())) {
            continue;
        }
        let headline = format!("no gate judges the ledger `{}:{path}` of policy `{}`", base.word(), policy.policy.id);
        problems.push(
            Diagnostic::error(Code::UNJUDGED_LEDGER, headline)
                .label(
                    policy.ledger_at.clone().unwrap_or_else(|| policy.at.clone()),
                    "nobody would hear that it is damaged",
                )
                .help(format!("give one of its gates a check of kind `{LIFECYCLE_KIND}` over evidence with this path")),
        );
    }
}

/// What a check reads as exceptions must be one of the policy's exceptions files: only those are compared with the commit that a pull
/// request starts from, counted in history and listed in the verdict.
fn exceptions(policy: &policies::Draft, drafts: &[gates::Draft], problems: &mut Vec<Diagnostic>) {
    let known = &policy.policy.ledger;
    // By the ending they are found again in history when they are renamed.
    for (base, path) in known.iter().filter(|(_, path)| path.extension() != Some("toml")) {
        let headline = format!("the exceptions file `{}:{path}` does not end in `.toml`", base.word());
        let at = policy.ledger_at.clone().unwrap_or_else(|| policy.at.clone());
        let problem = Diagnostic::error(Code::WRONG_TYPE, headline).label(at, "is TOML, and its name does not say so");
        problems.push(problem.help("rename the file"));
    }
    for draft in drafts {
        let Some(gate) = &draft.gate else { continue };
        let read = gate.checks.iter().flat_map(|check| check.check.reads());
        let read: BTreeSet<_> = read.filter(|(_, wanted)| *wanted == Use::Exceptions).map(|(id, _)| id).collect();
        for need in read.iter().filter_map(|id| gate.need(id)) {
            let listed = |base: Base, path: &str| known.iter().any(|(own, file)| *own == base && file.as_str() == path);
            let (shown, all_listed) = match &need.paths {
                Paths::Declared { base, pattern, fallback, .. } => {
                    let second = fallback.as_ref().is_none_or(|file| listed(Base::Repo, file.as_str()));
                    let all = spelled_out(pattern).is_some_and(|files| files.iter().all(|file| listed(*base, file)));
                    (format!("`{}:{pattern}`", base.word()), all && second)
                }
                Paths::Referenced { .. } => ("files that other evidence names".to_owned(), false),
            };
            if all_listed {
                continue;
            }
            let headline = format!(
                "the gate `{}` reads exceptions from `{}` ({shown}), which is no exceptions file of the policy `{}`",
                gate.id, need.id, policy.policy.id
            );
            let files: Vec<String> = known.iter().map(|(base, file)| format!("`{}:{file}`", base.word())).collect();
            let help = match files.as_slice() {
                [] => format!("add `ledger = [...]` with this path to the policy, or `[ledger]` `paths` to `{FILE}`"),
                files => {
                    format!("the policy's exceptions files are {}; name them, without `*`, `?` or `[..]`", files.join(", "))
                }
            };
            problems.push(
                Diagnostic::error(Code::UNLISTED_EXCEPTIONS, headline)
                    .label(draft.at.clone(), "what it excuses would be compared and listed nowhere")
                    .help(help),
            );
        }
    }
}

/// The paths that a pattern stands for, whatever files there are: `None` where that hangs on the files.
fn spelled_out(pattern: &str) -> Option<Vec<String>> {
    if pattern.contains(['*', '?', '[', '\\']) {
        return None;
    }
    let Some((before, rest)) = pattern.split_once('{') else { return Some(vec![pattern.to_owned()]) };
    let (inner, after) = rest.split_once('}').filter(|(inner, _)| !inner.contains('{'))?;
    let behind = spelled_out(after)?;
    let words = inner.split(',').flat_map(|word| behind.iter().map(move |end| format!("{before}{word}{end}")));
    Some(words.collect())
}

/// Gates that judge exceptions are never excused by one, whatever they are called.
pub(super) fn protect_lifecycle(policy: &mut policies::Draft, drafts: &[gates::Draft], problems: &mut Vec<Diagnostic>) {
    for gate in drafts.iter().filter_map(|draft| draft.gate.as_ref()).filter(|gate| judges_exceptions(gate)) {
        let whole = policy.places.find(&format!("gate.{}", gate.id));
        let place = |key: &str| policy.places.find(&format!("gate.{}.{key}", gate.id)).filter(|at| Some(*at) != whole);
        for terms in policy.policy.gates.iter_mut().filter(|terms| terms.id == gate.id) {
            for (key, term) in [("waivable", &mut terms.waivable), ("gap_waivable", &mut terms.gap_waivable)] {
                if let (true, Some(stated)) = (*term, place(key)) {
                    let headline = format!("the gate `{}` judges exceptions, so no exception covers it", gate.id);
                    let problem = Diagnostic::warning(Code::UNWAIVABLE, headline).label(stated.clone(), "has no effect");
                    problems.push(problem.help(format!("remove `{key}`, or say `{key} = false`")));
                }
                *term = false;
            }
        }
    }
}

fn judges_exceptions(gate: &Gate) -> bool {
    gate.checks.iter().any(|check| LIFECYCLE_KINDS.contains(&check.kind.id))
}

fn parameters(policy: &policies::Draft, drafts: &[gates::Draft], problems: &mut Vec<Diagnostic>) {
    let known = &policy.policy.parameters;
    for (name, at) in drafts.iter().flat_map(|draft| &draft.parameters).filter(|(name, _)| !known.contains_key(name)) {
        let headline = format!("the policy `{}` has no parameter `{name}`", policy.policy.id);
        let help = if known.is_empty() {
            format!("add `[parameter.{name}]` to the policy")
        } else {
            did_you_mean(name, known.keys().map(String::as_str))
        };
        problems.push(Diagnostic::error(Code::UNKNOWN_PARAMETER, headline).label(at.clone(), "").help(help));
    }
}
