//! Definitions to a suite, or every problem at once.
//!
//! In: the policy that is chosen, the repository's configuration, and the gate files of both, as TOML. Out: a
//! [`Suite`](crate::gate::Suite) that is sound and complete, or diagnostics with places in the files; never a suite beside an
//! error. Nothing is judged here, and no evidence is read.
//!
//! | file | what it knows |
//! |---|---|
//! | `files`, `builtin` | where definition files lie, and their digest |
//! | `document` | syntax and schema version of any of them |
//! | `gates`, `needs`, `queries`, `check_tables`, `paths` | gate files |
//! | `policies`, `limits`, `parameters`, `secrets` | policy files |
//! | `config`, `overrides`, `parts` | `gatekeeper.toml`, what it may change, and the policy inside it |
//! | `select` | which policy it is |
//! | `cross`, `graph` | what shows only between files |
//! | `signatures` | the failure signatures of `gatekeeper triage`, which take no part in a verdict |
//! | `ledger`, `ledger_files` | the ledger's problems and places, for `lint` and for the commands that change or compare it |
//! | `schemas` | JSON Schemas of all of them, for editors |

mod builtin;
mod check_tables;
mod config;
mod cross;
mod document;
mod files;
mod fresh;
mod gates;
mod graph;
mod ledger;
mod ledger_files;
mod limits;
mod needs;
mod overrides;
mod parameters;
mod parts;
mod paths;
mod policies;
mod queries;
mod schemas;
mod secrets;
mod select;
mod signatures;

#[cfg(test)]
mod tests;

pub use builtin::policies as builtin_policies;
pub use ledger::{lint as lint_ledger, lint_entry, read as read_ledger, text as ledger_text};
pub use ledger_files::{LedgerFile, files as ledger_files};
pub use limits::{LimitChange, changes as limit_changes, values as limit_values};
pub use parameters::loosens as parameter_loosens;
pub use schemas::{check_kind_keys, described, schemas};
pub use select::Selection;
pub use signatures::{Signatures, lint_signatures, signatures};

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::gate::{Gate, Registry, Suite};
use crate::model::{Base, FieldNames, PackId, RelPath, Weakening};
use crate::source::{SourceMap, Span};
use crate::workspace::Workspace;
use builtin::Packs;
use config::Config;
use files::{Files, Origin};
use std::collections::{BTreeMap, BTreeSet};

/// What loading came to.
pub struct Loaded {
    /// The suite; there is one if no problem is an error.
    pub suite: Option<Suite>,
    /// Every problem, by file and position.
    pub problems: Vec<Diagnostic>,
    /// The definition files, for showing the problems.
    pub sources: SourceMap,
    /// Where verdicts go, if the policy could be read so far: an older one there must not outlive unsound definitions.
    pub output: Option<(Base, RelPath)>,
    /// The policy was neither named nor detected: it judges runs of which nothing is known.
    pub last_resort: bool,
}

/// Reads the definitions that judge this repository.
pub fn load(workspace: &dyn Workspace, registry: &Registry, selection: &Selection) -> Loaded {
    load_with(workspace, Packs::embedded(), registry, selection)
}

fn load_with(workspace: &dyn Workspace, packs: &Packs, registry: &Registry, selection: &Selection) -> Loaded {
    let mut files = Files::new(workspace, packs);
    let suite = assemble(&mut files, registry, selection);
    let mut problems = std::mem::take(&mut files.problems);
    sort(&mut problems, &files.sources);
    let sound = problems.iter().all(|problem| match problem.severity {
        Severity::Error => false,
        Severity::Warning => true,
    });
    Loaded {
        suite: suite.filter(|_| sound),
        problems,
        sources: files.sources,
        output: files.output,
        last_resort: files.last_resort,
    }
}

/// By file and position, those without a place first; what two readers saw at one place is told once.
fn sort(problems: &mut Vec<Diagnostic>, sources: &SourceMap) {
    let place = |problem: &Diagnostic| {
        problem.labels.first().map(|label| (sources.get(label.span.source).name.clone(), label.span.start, label.span.end))
    };
    problems.sort_by_cached_key(|problem| (place(problem), problem.severity, problem.code.name, problem.headline.clone()));
    problems.dedup_by(|a, b| a.code == b.code && !a.labels.is_empty() && place(a) == place(b) && a.headline == b.headline);
}

fn assemble(files: &mut Files<'_>, registry: &Registry, selection: &Selection) -> Option<Suite> {
    let chosen = select::choose(files, selection)?;
    let mut policy = match chosen.part {
        true => parts::policy(files, &chosen.policy)?,
        false => policies::read(files, &chosen.policy)?,
    };
    let ledger = policy.policy.ledger.clone();
    let config = chosen.config;
    let mut weakened: Vec<Weakening> = chosen.weakened;
    if let Some(config) = &config {
        weakened.extend(overrides::apply(config, &mut policy, &mut files.problems));
        attach_git(files, config);
    }
    if chosen.part {
        parts::settle_lanes(&mut policy);
    }
    files.output.clone_from(&policy.policy.output);
    let complete = policy.complete && config.as_ref().is_none_or(|config| config.complete);

    let origin = chosen.policy.origin;
    let mut drafts = Vec::new();
    for (pack, at) in policy.packs.clone() {
        for (origin, path) in pack_files(files, origin, &pack, at, config.is_some()) {
            drafts.extend(gates::open(files, registry, (origin, &path), &pack, None));
        }
    }
    let own = own_files(files, config.as_ref());
    let read: BTreeSet<String> = files.sources.iter().map(|source| source.name.clone()).collect();
    for (path, at) in own {
        // A pattern may also match the files of a pack in this repository, which are read already.
        if read.contains(path.as_str()) {
            continue;
        }
        let pack = PackId::try_from("repository").expect("an id");
        drafts.extend(gates::open(files, registry, (Origin::Repository, &path), &pack, Some(at)));
    }
    if let Some(config) = &config {
        // Where the file holds the policy, its gates are a pack of that name.
        let own = config.holds_policy.then(|| policy.policy.id.clone());
        let pack = own.unwrap_or_else(|| PackId::try_from("repository").expect("an id"));
        let defined = config.overrides.iter().filter(|terms| terms.defines).map(|terms| (&terms.id, &terms.at));
        drafts.extend(defined.map(|gate| gates::open_part(files, registry, &config.definition, gate, &pack)));
    }
    let mut drafts = cross::refuse_twins(drafts, &mut files.problems);
    overrides::move_ledger(&ledger, &policy.policy.ledger, &mut drafts);
    parameters::fill_ages(&policy.policy, &mut drafts, &mut files.problems);
    parameters::fill_paths(&policy.policy, &mut drafts, &mut files.problems);
    cross::judge(&policy, &drafts, complete, &mut files.problems);
    cross::protect_lifecycle(&mut policy, &drafts, &mut files.problems);
    if let Some(config) = &config {
        overrides::pin_schemas(config, &mut drafts, &mut files.problems);
    }
    let levels = graph::levels(&policy.policy, &drafts, complete, &mut files.problems);

    policy.policy.digest = files.digest();
    let gates: BTreeMap<_, Gate> = drafts.into_iter().filter_map(|draft| Some((draft.id, draft.gate?))).collect();
    let fields = config.map_or_else(FieldNames::default, |config| config.fields);
    let (settings, places) = (policy.settings, policy.places);
    let sources = files.sources.clone();
    Some(Suite { policy: policy.policy, gates, levels, fields, weakened, settings, places, sources })
}

fn attach_git(files: &mut Files<'_>, config: &Config) {
    if let Some((directory, at)) = &config.git_dir
        && let Err(phrase) = files.workspace().attach_git(directory)
    {
        let headline = format!("`{directory}` cannot serve as git directory: {phrase}");
        files.problems.push(Diagnostic::error(Code::UNREADABLE, headline).label(at.clone(), ""));
    }
}

/// The gate files of a pack. A policy in the repository takes the pack `gates/<pack>` of the repository, if it is there.
fn pack_files(
    files: &mut Files<'_>,
    origin: Origin,
    pack: &PackId,
    at: Option<Span>,
    configured: bool,
) -> Vec<(Origin, RelPath)> {
    let folder = RelPath::parse(&format!("gates/{pack}")).expect("an id is a sound path component");
    let own = match origin {
        Origin::Repository => files.tables_in(Origin::Repository, &folder).map(|paths| (Origin::Repository, paths)),
        Origin::Builtin => None,
    };
    let found = own.or_else(|| files.tables_in(Origin::Builtin, &folder).map(|paths| (Origin::Builtin, paths)));
    match found {
        Some((origin, paths)) => paths.into_iter().map(|path| (origin, path)).collect(),
        None => {
            // A pack that is only the policy's own name need not exist where the configuration names gate files itself.
            if at.is_some() || !configured {
                let problem = Diagnostic::error(Code::UNREADABLE, format!("the pack `{pack}` has no directory `{folder}`"));
                files.problems.push(match at {
                    Some(at) => problem.label(at, "named here"),
                    None => problem.help("name the policy's packs with `packs = [...]`"),
                });
            }
            Vec::new()
        }
    }
}

/// The gate files that the configuration's patterns match, each once.
fn own_files(files: &mut Files<'_>, config: Option<&Config>) -> Vec<(RelPath, Span)> {
    let mut found: BTreeMap<RelPath, Span> = BTreeMap::new();
    for (pattern, at) in config.into_iter().flat_map(|config| &config.gates) {
        let phrase = match files.matching(pattern) {
            Ok(paths) if paths.is_empty() => "matches no file".to_owned(),
            Ok(paths) => {
                for path in paths {
                    found.entry(path).or_insert_with(|| at.clone());
                }
                continue;
            }
            Err(phrase) => phrase,
        };
        files.problems.push(Diagnostic::error(Code::UNREADABLE, format!("`{pattern}` {phrase}")).label(at.clone(), ""));
    }
    found.into_iter().collect()
}
