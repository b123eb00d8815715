//! The ledger files of a policy with the place of every entry, to compare two versions of them.
//!
//! A file that is not there has no entries. One that is there and cannot be read whole is a problem: what it no longer says
//! must not look as if it had never been said.

use super::files::{Unread, read_bounded};
use super::ledger::{parsed, unread};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::gate::Suite;
use crate::model::{Base, Ledger, Pointer};
use crate::source::{SourceId, SourceMap, Span};
use crate::workspace::Workspace;
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::DeValue;

/// One ledger file.
pub struct LedgerFile {
    /// Its path below the repository.
    pub path: String,
    /// What it holds; every entry can be read.
    pub ledger: Ledger,
    spans: BTreeMap<Pointer, Span>,
}

impl LedgerFile {
    /// Where a value stands, or else the nearest that holds it.
    pub fn find(&self, at: &Pointer) -> Option<&Span> {
        let steps: Vec<_> = at.steps().collect();
        (0..=steps.len()).rev().find_map(|length| {
            let above = steps[..length].iter().fold(Pointer::root(), |above, step| above.key(step));
            self.spans.get(&above)
        })
    }
}

/// Reads the ledger files of a policy; their texts are added to `sources`.
///
/// # Errors
/// Everything because of which one of them cannot be read whole.
pub fn files(
    workspace: &dyn Workspace,
    suite: &Suite,
    sources: &mut SourceMap,
) -> Result<Vec<LedgerFile>, Vec<Diagnostic>> {
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    for (base, path) in &suite.policy.ledger {
        let bytes = match base {
            Base::Repo => read_bounded(workspace, path),
            Base::Run | Base::Baseline | Base::History | Base::Shard(_) => {
                Err(Unread::Refused("does not lie in the repository".to_owned()))
            }
        };
        let text =
            bytes.and_then(|bytes| String::from_utf8(bytes).map_err(|_| Unread::Refused("is not UTF-8 text".to_owned())));
        let text = match text {
            Ok(text) => text,
            Err(Unread::Missing) => continue,
            Err(Unread::Refused(phrase)) => {
                problems.push(Diagnostic::error(Code::UNREADABLE, format!("the ledger `{path}` {phrase}")));
                continue;
            }
        };
        let source = sources.add(path.as_str(), text.as_str());
        let Some((root, ledger)) = parsed(&text, source, &suite.fields, &mut problems) else { continue };
        let mut spans = BTreeMap::new();
        mark(&root, Pointer::root(), source, &mut spans);
        let file = LedgerFile { path: path.to_string(), ledger, spans };
        problems.extend(damage(&file));
        files.push(file);
    }
    super::sort(&mut problems, sources);
    match problems.iter().any(|problem| problem.severity == Severity::Error) {
        true => Err(problems),
        false => Ok(files),
    }
}

fn damage(file: &LedgerFile) -> Vec<Diagnostic> {
    let nowhere = || file.spans.get(&Pointer::root()).cloned();
    let place = |at: &Pointer| file.find(at).cloned().or_else(nowhere).expect("the root has a place");
    let ledger = &file.ledger;
    let mut told: Vec<Diagnostic> = Vec::new();
    for problem in &ledger.problems {
        told.extend(unread("the ledger", std::slice::from_ref(problem), place));
    }
    let waivers = ledger.waivers.iter().map(|entry| ("waiver", &entry.name, entry.read.as_ref().err()));
    let quarantine = ledger.quarantine.iter().map(|entry| ("quarantine", &entry.name, entry.read.as_ref().err()));
    for (section, name, problems) in waivers.chain(quarantine) {
        let what = format!("{section} `{name}`");
        told.extend(problems.into_iter().flat_map(|problems| unread(&what, problems, place)));
    }
    told
}

fn mark(value: &Spanned<DeValue<'_>>, at: Pointer, source: SourceId, spans: &mut BTreeMap<Pointer, Span>) {
    match value.get_ref() {
        DeValue::Table(table) => {
            for (key, inner) in table {
                mark(inner, at.key(key.get_ref()), source, spans);
            }
        }
        DeValue::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                mark(inner, at.index(index), source, spans);
            }
        }
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
    // A table of tables has no bytes of its own.
    if !value.span().is_empty() || at == Pointer::root() {
        spans.insert(at, Span::new(source, value.span()));
    }
}
