//! The ledger's problems with their places, for `lint` and for the commands that change it.
//!
//! The same reading and the same judgement of validity as in a verdict (`model::Ledger`, `Validity`); only the places are
//! those of the text. A verdict does not come through here: there the ledger is evidence like any other.

use super::files::{Unread, read_bounded};
use crate::definition::{Raw, Read, Scope};
use crate::diagnostic::{Code, Diagnostic, did_you_mean};
use crate::gate::{Paths, Suite};
use crate::model::{
    Base, Document, Exception, Exceptions, FieldNames, Ledger, Pointer, Policy, Problem, ProblemKind, RelPath, Unsound,
    Validity, Value,
};
use crate::source::{SourceMap, Span};
use crate::workspace::Workspace;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The text of a ledger file of the policy.
///
/// # Errors
/// A phrase that follows the file's name: why it cannot be read.
pub fn text(workspace: &dyn Workspace, base: Base, path: &RelPath) -> Result<String, String> {
    bytes(workspace, base, path).map_err(|unread| match unread {
        Unread::Missing => "does not exist".to_owned(),
        Unread::Refused(phrase) => phrase,
    })
}

fn bytes(workspace: &dyn Workspace, base: Base, path: &RelPath) -> Result<String, Unread> {
    let read = match base {
        Base::Repo => read_bounded(workspace, path),
        Base::Run | Base::Baseline | Base::History | Base::Shard(_) => {
            Err(Unread::Refused("does not lie in the repository".to_owned()))
        }
    };
    read.and_then(|bytes| String::from_utf8(bytes).map_err(|_| Unread::Refused("is not UTF-8 text".to_owned())))
}

/// Whether every gate that reads an exceptions file lets it be absent: without it there are no exceptions.
fn may_be_absent(suite: &Suite, base: Base, path: &RelPath) -> bool {
    let mut needs = suite.gates.values().flat_map(|gate| &gate.evidence).filter(|need| match &need.paths {
        Paths::Declared { base: own, pattern, .. } => *own == base && pattern == path.as_str(),
        Paths::Referenced { .. } => false,
    });
    needs.next().is_some_and(|first| first.optional && needs.all(|need| need.optional))
}

/// Everything wrong with the policy's ledger files, as the exceptions state judges them; their texts are added to `sources`.
pub fn lint(workspace: &dyn Workspace, suite: &Suite, sources: &mut SourceMap, state: &Exceptions) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let mut entries: BTreeMap<(&'static str, String), Span> = BTreeMap::new();
    for (position, (base, path)) in suite.policy.ledger.iter().enumerate() {
        match bytes(workspace, *base, path) {
            Ok(text) => {
                let source = sources.add(path.as_str(), text.as_str());
                one(&text, source, suite, (state, position), &mut entries, &mut problems);
            }
            Err(Unread::Missing) if may_be_absent(suite, *base, path) => {}
            Err(Unread::Missing) => {
                problems.push(Diagnostic::error(Code::UNREADABLE, format!("the ledger `{path}` does not exist")));
            }
            Err(Unread::Refused(phrase)) => {
                problems.push(Diagnostic::error(Code::UNREADABLE, format!("the ledger `{path}` {phrase}")));
            }
        }
    }
    super::sort(&mut problems, sources);
    problems
}

/// Reads a ledger's text, for commands that show or change it.
///
/// # Errors
/// What keeps it from being read at all. Damaged entries are part of the ledger.
pub fn read(text: &str, path: &RelPath, fields: &FieldNames, sources: &mut SourceMap) -> Result<Ledger, Vec<Diagnostic>> {
    let source = sources.add(path.as_str(), text);
    let mut problems = Vec::new();
    parsed(text, source, fields, &mut problems).map(|(_, ledger)| ledger).ok_or(problems)
}

/// Everything wrong with one entry (`waiver` or `quarantine`, and its name) of a ledger's text: what `lint` says of it. In the state the
/// file has this position.
pub fn lint_entry(
    text: &str,
    path: &RelPath,
    (section, name): (&str, &str),
    suite: &Suite,
    sources: &mut SourceMap,
    (state, position): (&Exceptions, usize),
) -> Vec<Diagnostic> {
    let source = sources.add(path.as_str(), text);
    let mut problems = Vec::new();
    if let Some((root, _)) = parsed(text, source, &suite.fields, &mut problems) {
        for (found, entry, at, read) in judged_entries(state, position) {
            if (found, entry) == (section, name) {
                problems.extend(entry_problems((found, entry), at, read, &suite.policy, |at| {
                    Span::new(source, find(&root, at))
                }));
            }
        }
    }
    super::sort(&mut problems, sources);
    problems
}

pub(super) type Parsed<'t> = (Spanned<DeValue<'t>>, Ledger);

/// The tree with its places, and the ledger in it; `None` beside the problems of a text that is no TOML.
pub(super) fn parsed<'t>(
    text: &'t str,
    source: crate::source::SourceId,
    fields: &FieldNames,
    problems: &mut Vec<Diagnostic>,
) -> Option<Parsed<'t>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let span = Span::new(source, error.span().unwrap_or(text.len()..text.len()));
        problems.push(Diagnostic::error(Code::SYNTAX, format!("not TOML: {}", error.message())).label(span, ""));
    }
    let root = Spanned::new(0..0, DeValue::Table(table.into_inner()));
    let scope = Scope::default();
    if !errors.is_empty() {
        return None;
    }
    let value = match Value::read(Raw { value: &root, scope: &scope, text }) {
        Ok(value) => value,
        Err(refusals) => {
            let whole = Span::new(source, 0..text.len().min(1));
            problems.extend(refusals.into_iter().map(|refusal| {
                Diagnostic::error(Code::UNREADABLE, format!("the ledger {}", refusal.message)).label(whole.clone(), "")
            }));
            return None;
        }
    };
    let document = Document::new(value);
    let ledger = Ledger::read(document.root(), fields);
    Some((root, ledger))
}

type JudgedEntry<'l> = (&'static str, &'l str, &'l Pointer, Result<Validity, &'l [Problem]>);

/// Every entry of the file at this position with its section and whether it holds.
fn judged_entries(state: &Exceptions, position: usize) -> Vec<JudgedEntry<'_>> {
    fn of<'l, T>(section: &'static str, all: &'l [Exception<T>], position: usize) -> Vec<JudgedEntry<'l>> {
        let own = all.iter().filter(|held| held.file == position);
        let judged = own.map(|held| {
            let read = match (&held.entry.read, &held.validity) {
                (Err(problems), _) => Err(problems.as_slice()),
                (Ok(_), Some(validity)) => Ok(validity.clone()),
                (Ok(_), None) => Ok(Validity::Unsound(Vec::new())),
            };
            (section, held.entry.name.as_str(), &held.entry.at, read)
        });
        judged.collect()
    }
    [of("waiver", &state.waivers, position), of("quarantine", &state.quarantine, position)].concat()
}

fn entry_problems(
    (section, name): (&str, &str),
    at: &Pointer,
    read: Result<Validity, &[Problem]>,
    policy: &Policy,
    place: impl Fn(&Pointer) -> Span,
) -> Vec<Diagnostic> {
    let what = format!("{section} `{name}`");
    match read {
        Ok(validity) => {
            judged(&what, &validity, policy, name).map(|problem| problem.label(place(at), "")).into_iter().collect()
        }
        Err(unsound) => unread(&what, unsound, place),
    }
}

fn one(
    text: &str,
    source: crate::source::SourceId,
    suite: &Suite,
    (state, position): (&Exceptions, usize),
    entries: &mut BTreeMap<(&'static str, String), Span>,
    problems: &mut Vec<Diagnostic>,
) {
    let Some((root, ledger)) = parsed(text, source, &suite.fields, problems) else { return };
    let place = |at: &Pointer| Span::new(source, find(&root, at));
    for problem in &ledger.problems {
        problems.extend(unread("the ledger", std::slice::from_ref(problem), place));
    }
    for (section, name, at, read) in judged_entries(state, position) {
        problems.extend(entry_problems((section, name), at, read, &suite.policy, place));
        let here = place(at);
        if let Some(first) = entries.insert((section, name.to_owned()), here.clone()) {
            let headline = format!("two ledger files hold the {section} `{name}`");
            let problem =
                Diagnostic::error(Code::DUPLICATE_ID, headline).label(here, "here again").label(first, "here first");
            problems.push(problem);
        }
    }
}

/// What cannot be read, missing fields of one table in one problem.
pub(super) fn unread(what: &str, unsound: &[Problem], place: impl Fn(&Pointer) -> Span) -> Vec<Diagnostic> {
    let field = |problem: &Problem| problem.at.steps().last().unwrap_or_default();
    let (missing, wrong): (Vec<&Problem>, Vec<&Problem>) =
        unsound.iter().partition(|problem| problem.kind == ProblemKind::Missing);
    let mut told: Vec<Diagnostic> = wrong
        .into_iter()
        .map(|problem| {
            let headline = match problem.kind {
                ProblemKind::Unknown => format!("{what} holds {}", problem.actual),
                ProblemKind::Wrong | ProblemKind::Missing => {
                    format!("{what} has {} for `{}`", problem.actual, field(problem))
                }
            };
            Diagnostic::error(Code::LEDGER, headline).label(place(&problem.at), format!("expected {}", problem.expected))
        })
        .collect();
    if let Some(first) = missing.first() {
        let names: Vec<String> = missing.iter().map(|problem| format!("`{}`", field(problem))).collect();
        let wanted: Vec<String> =
            missing.iter().map(|problem| format!("`{}`: {}", field(problem), problem.expected)).collect();
        let problem = Diagnostic::error(Code::LEDGER, format!("{what} has no {}", names.join(", ")));
        told.push(problem.label(place(&first.at), "").help(format!("add {}", wanted.join("; "))));
    }
    told
}

fn judged(what: &str, validity: &Validity, policy: &Policy, name: &str) -> Option<Diagnostic> {
    let error = |phrase: String| Diagnostic::error(Code::LEDGER, format!("{what} {phrase}"));
    match validity {
        Validity::InForce { .. } => None,
        Validity::Expiring { days_left: 0 } => Some(Diagnostic::warning(Code::LEDGER, format!("{what} ends today"))),
        Validity::Expiring { days_left } => {
            Some(Diagnostic::warning(Code::LEDGER, format!("{what} ends in {days_left} days")))
        }
        Validity::Expired { days } => Some(
            error(format!("expired {days} days ago"))
                .help("mend what it covers and remove it, or renew it with a new reason"),
        ),
        Validity::Unsound(because) => {
            // What hangs on other entries is told where they are.
            let elsewhere = |why: &&Unsound| matches!(why, Unsound::Damaged(_) | Unsound::Twice);
            let phrases: Vec<String> = because.iter().filter(|why| !elsewhere(why)).map(Unsound::to_string).collect();
            if phrases.is_empty() {
                return None;
            }
            let problem = error(format!("is not in force: {}", phrases.join("; ")));
            Some(match because.contains(&Unsound::UnknownGate) {
                true => problem.help(did_you_mean(name, policy.gates.iter().map(|terms| terms.id.as_str()))),
                false => problem,
            })
        }
    }
}

/// The bytes of the value at a pointer, or of the deepest table or value on the way that is there.
pub(super) fn find(root: &Spanned<DeValue<'_>>, at: &Pointer) -> Range<usize> {
    let (mut value, mut span) = (root, root.span());
    for step in at.steps() {
        let inner = match value.get_ref() {
            DeValue::Table(table) => table.get(step.as_str()),
            DeValue::Array(items) => step.parse::<usize>().ok().and_then(|index| items.get(index)),
            DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
                None
            }
        };
        let Some(inner) = inner else { break };
        value = inner;
        if !inner.span().is_empty() {
            span = inner.span();
        }
    }
    span
}
