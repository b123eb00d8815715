//! Which policy judges: the one that is named, else the repository's configuration, else the one builtin policy whose marks
//! the repository or the run itself bears, else, for a run, the one that is meant for runs of which nothing is known (`fallback`). Never one policy
//! for another: where some marks of a policy are seen and not all, none is chosen.

use super::builtin;
use super::config::{self, Config};
use super::files::{Definition, Files, Origin, Unread};
use super::policies;
use crate::diagnostic::{Code, Diagnostic, did_you_mean};
use crate::model::{Base, PackId, RelPath, Weakening};
use crate::source::Span;
use std::collections::BTreeSet;

/// How the policy is chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// The name of a builtin policy, or the path of a policy file. `None`: by `gatekeeper.toml`, else by the marks that
    /// builtin policies name under `detect`.
    pub policy: Option<String>,
}

/// What was chosen.
pub(super) struct Chosen {
    /// The policy's file.
    pub policy: Definition,
    /// Whether that is the configuration, which holds the policy.
    pub part: bool,
    /// The configuration, if it extends this policy.
    pub config: Option<Config>,
    /// A configuration that is there and is passed over.
    pub weakened: Vec<Weakening>,
}

/// A policy, before its file is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Named {
    Builtin(PackId),
    Path(String),
}

/// Chooses; problems go to `files`.
pub(super) fn choose(files: &mut Files<'_>, selection: &Selection) -> Option<Chosen> {
    let config_path = RelPath::parse(config::FILE).expect("a sound path");
    let config = match files.open(Origin::Repository, &config_path) {
        Ok(definition) => Some(config::read(files, &definition)),
        Err(Unread::Missing) => None,
        Err(Unread::Refused(phrase)) => {
            files.problems.push(Diagnostic::error(Code::UNREADABLE, format!("`{config_path}` {phrase}")));
            Some(None)
        }
    };
    // The configuration as a policy file is the policy that it holds.
    let held = matches!(&config, Some(Some(config)) if config.holds_policy);
    match (&selection.policy.as_ref().filter(|given| !held || given.as_str() != config::FILE), config) {
        (Some(_), Some(Some(config))) if config.holds_policy => {
            let named = named(files, selection.policy.as_deref()?, None)?;
            let policy = open(files, &named, None)?;
            let detail = format!("`{}` holds a policy of its own and is not applied", config::FILE);
            let weakened = vec![Weakening { switch: "configuration", detail }];
            Some(Chosen { policy, part: false, config: None, weakened })
        }
        (None, Some(Some(config))) if config.holds_policy => {
            Some(Chosen { policy: config.definition.clone(), part: true, config: Some(config), weakened: Vec::new() })
        }
        (Some(given), config) => {
            let named = named(files, given, None)?;
            let policy = open(files, &named, None)?;
            let config = config.flatten();
            let extended = config.as_ref().and_then(|config| config.extends.as_ref());
            let extended = extended.and_then(|(text, at)| self::named(files, text, Some(at)));
            match extended {
                // What the repository says of a policy holds for those that add to it, too.
                Some(extended) if extended != named && !adds_to(files, &policy, &extended) => {
                    let detail = format!("`{}` extends another policy than `{given}` and is not applied", config::FILE);
                    let weakened = vec![Weakening { switch: "configuration", detail }];
                    Some(Chosen { policy, part: false, config: None, weakened })
                }
                Some(_) | None => Some(Chosen { policy, part: false, config, weakened: Vec::new() }),
            }
        }
        (None, Some(config)) => {
            // A configuration that cannot be read has its own problems, and nothing else may stand in for it.
            let config = config?;
            let (text, at) = config.extends.clone()?;
            let named = named(files, &text, Some(&at))?;
            let policy = open(files, &named, Some(at))?;
            Some(Chosen { policy, part: false, config: Some(config), weakened: Vec::new() })
        }
        (None, None) => {
            let policy = detect(files)?;
            Some(Chosen { policy, part: false, config: None, weakened: Vec::new() })
        }
    }
}

/// Whether a policy adds to the other one.
fn adds_to(files: &Files<'_>, policy: &Definition, other: &Named) -> bool {
    // A look that leaves no trace; the policy is read for good later.
    let draft = policies::read(&mut files.afresh(), policy);
    match (draft.and_then(|draft| draft.base), other) {
        (Some(base), Named::Builtin(other)) => base == *other,
        (Some(_) | None, Named::Builtin(_) | Named::Path(_)) => false,
    }
}

fn refuse(files: &mut Files<'_>, headline: String, at: Option<&Span>, help: String) {
    let problem = Diagnostic::error(Code::UNKNOWN_POLICY, headline).help(help);
    files.problems.push(match at {
        Some(at) => problem.label(at.clone(), ""),
        None => problem,
    });
}

/// Understands `full-suite`, `builtin:full-suite` and `policies/mine.toml`. A bare word is a name, and only a builtin one.
fn named(files: &mut Files<'_>, given: &str, at: Option<&Span>) -> Option<Named> {
    let name = given.strip_prefix("builtin:");
    if name.is_none() && (given.ends_with(".toml") || given.contains(['/', '\\'])) {
        let folded = RelPath::parse(given).map_or_else(|_| given.to_owned(), |path| path.to_string());
        return Some(Named::Path(folded));
    }
    let name = name.unwrap_or(given);
    let known = files.packs().policies();
    if let Some(id) = known.iter().find(|id| id.as_str() == name) {
        return Some(Named::Builtin(id.clone()));
    }
    let help = format!(
        "{}; a policy of your own is named by its path: `policies/{name}.toml`",
        did_you_mean(name, known.iter().map(PackId::as_str)).trim_end_matches('?')
    );
    refuse(files, format!("there is no builtin policy `{name}`"), at, help);
    None
}

/// Opens a policy file: builtin, below the repository, or (only if the operator named it) anywhere.
fn open(files: &mut Files<'_>, named: &Named, at: Option<Span>) -> Option<Definition> {
    let given = match named {
        Named::Builtin(id) => return files.demand(Origin::Builtin, &builtin::policy_path(id), at),
        Named::Path(given) => given,
    };
    if let Ok(path) = RelPath::parse(given) {
        match files.open(Origin::Repository, &path) {
            Ok(definition) => return Some(definition),
            Err(Unread::Missing) => {}
            Err(Unread::Refused(phrase)) => {
                refuse(
                    files,
                    format!("the policy `{path}` {phrase}"),
                    at.as_ref(),
                    "name a policy file that can be read".to_owned(),
                );
                return None;
            }
        }
    }
    // A configuration names policies of its own repository; an operator may name any file.
    let named = if at.is_some() { Err(Unread::Missing) } else { files.open_named(given) };
    let phrase = match named {
        Ok(definition) => return Some(definition),
        Err(Unread::Missing) => "does not exist".to_owned(),
        Err(Unread::Refused(phrase)) => phrase,
    };
    let builtin: Vec<String> = files.packs().policies().iter().map(|id| format!("`builtin:{id}`")).collect();
    let help = format!("paths start at the repository; builtin policies are {}", builtin.join(", "));
    refuse(files, format!("the policy `{given}` {phrase}"), at.as_ref(), help);
    None
}

/// What marks a policy, and where it is looked for.
type Marks = [(Base, RelPath)];

/// Whether a mark is there. Those of a run are looked for in the run that is judged, whatever repository it lies in; where none is
/// named, the directory that is looked at may be one.
fn there(files: &Files<'_>, (base, path): &(Base, RelPath)) -> bool {
    match base {
        Base::Run if files.workspace().run().is_some() => files.exists_in_run(path),
        Base::Run | Base::Repo | Base::Baseline | Base::History | Base::Shard(_) => files.exists(path),
    }
}

/// The marks of a policy that speak for it although they are not all there: any of them in a run, because a run that died leaves
/// only its first files, and half of them in a repository, where a file of that name may be anything.
fn seen(files: &Files<'_>, marks: &Marks) -> Vec<RelPath> {
    let in_run = marks.iter().any(|(_, path)| files.exists_in_run(path));
    let seen = marks.iter().filter(|mark| there(files, mark) || files.exists_in_run(&mark.1));
    let seen: Vec<RelPath> = seen.map(|(_, path)| path.clone()).collect();
    if in_run || 2 * seen.len() >= marks.len() { seen } else { Vec::new() }
}

/// The one builtin policy whose marks are all there; one that asks for more than another is the more telling.
fn detect(files: &mut Files<'_>) -> Option<Definition> {
    let known = files.packs().policies();
    let mut matching: Vec<(PackId, Vec<(Base, RelPath)>)> = Vec::new();
    let (mut wanted, mut marked, mut fallback) = (Vec::new(), Vec::new(), Vec::new());
    for id in &known {
        // Only the policy that is chosen takes part in what is judged, so looking at the others leaves no trace.
        let mut probe = files.afresh();
        let Some(definition) = probe.demand(Origin::Builtin, &builtin::policy_path(id), None) else { continue };
        let Some(draft) = policies::read(&mut probe, &definition) else { continue };
        if draft.fallback {
            fallback.push(id.clone());
        }
        if !draft.detect.is_empty() {
            marked.extend(seen(files, &draft.detect));
            let marks: Vec<String> = draft.detect.iter().map(|(_, path)| format!("`{path}`")).collect();
            wanted.push(format!("`{id}` needs {}", marks.join(" and ")));
            if draft.detect.iter().all(|mark| there(files, mark)) {
                matching.push((id.clone(), draft.detect));
            }
        }
    }
    let outdone = |marks: &Marks, other: &Marks| other.len() > marks.len() && marks.iter().all(|mark| other.contains(mark));
    let best: Vec<&PackId> = matching
        .iter()
        .filter(|(_, marks)| !matching.iter().any(|(_, other)| outdone(marks, other)))
        .map(|(id, _)| id)
        .collect();
    match best.as_slice() {
        [one] => files.demand(Origin::Builtin, &builtin::policy_path(one), None),
        [] => {
            // Some marks of a policy may be what is left of all of them, so nothing less strict stands in for it.
            if let (true, true, [one]) = (marked.is_empty(), files.workspace().run().is_some(), fallback.as_slice()) {
                files.last_resort = true;
                return files.demand(Origin::Builtin, &builtin::policy_path(one), None);
            }
            // What is there comes first: a long list of what is not may be cut.
            let mut told = Vec::new();
            if !marked.is_empty() {
                let there: BTreeSet<String> = marked.iter().map(|path| format!("`{path}`")).collect();
                told.push(format!("of the marks of policies there is only {}", Vec::from_iter(there).join(", ")));
            }
            told.extend(fallback.iter().map(|id| format!("`{id}` judges the test reports of any run")));
            told.extend(wanted);
            let help = match told.as_slice() {
                [] => "name one with `--policy`, or write a `gatekeeper.toml` that extends one".to_owned(),
                told => format!("name one with `--policy`, or write a `gatekeeper.toml`; {}", told.join("; ")),
            };
            refuse(files, "no policy can be detected for this repository".to_owned(), None, help);
            None
        }
        several => {
            let names: Vec<String> = several.iter().map(|id| format!("`{id}`")).collect();
            let headline = format!("the repository bears the marks of several policies: {}", names.join(", "));
            refuse(
                files,
                headline,
                None,
                "name one with `--policy`, or write a `gatekeeper.toml` that extends one".to_owned(),
            );
            None
        }
    }
}
