//! One definition file: syntax, schema version, then its keys.

use super::files::Definition;
use crate::definition::{Keys, Kind, Raw, Refusal, Scope, Site};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use toml::de::DeTable;

/// The schema of a kind of definition file: `gatekeeper.gate/1`.
#[derive(Clone, Copy)]
pub(super) struct Schema {
    /// The word: `gate`.
    pub word: &'static str,
    /// The whole id.
    pub id: &'static str,
}

pub(super) const GATE: Schema = Schema { word: "gate", id: "gatekeeper.gate/1" };
pub(super) const POLICY: Schema = Schema { word: "policy", id: "gatekeeper.policy/1" };
pub(super) const SIGNATURES: Schema = Schema { word: "signatures", id: "gatekeeper.signatures/1" };
pub(super) const CONFIG: Schema = Schema { word: "config", id: "gatekeeper.config/1" };

impl Schema {
    /// The version that a schema id states, if it is one of this schema.
    fn version(self, given: &str) -> Option<u32> {
        let rest = given.strip_prefix("gatekeeper.")?.strip_prefix(self.word)?.strip_prefix('/')?;
        rest.parse().ok().filter(|_| !rest.starts_with(['0', '+']))
    }

    /// Reads the `schema` key.
    pub fn read(self, keys: &mut Keys<'_>) {
        let read = |raw: Raw<'_>| {
            let help = format!("write `schema = \"{}\"`", self.id);
            match raw.string("the schema of this file") {
                Ok(given) if given == self.id => Ok(()),
                Ok(given) => {
                    Err(vec![Refusal::new(format!("`{given}` is not the schema of a {} file", self.word)).help(help)])
                }
                Err(refusal) => Err(vec![refusal.help(help)]),
            }
        };
        let doc = "The version of the definition language that the file is written in. A newer one than this gatekeeper knows \
                   is refused.";
        keys.custom("schema", true, Kind::Choice(vec![self.id]), doc, read);
    }
}

/// A parsed definition file, ready to be read.
pub(super) struct Parsed<'t> {
    definition: &'t Definition,
    /// Its top table.
    pub table: DeTable<'t>,
}

impl<'t> Parsed<'t> {
    /// Parses the text. With syntax errors, or for a newer schema, nothing in the file can be believed: only that is reported.
    pub fn new(definition: &'t Definition, schema: Schema, problems: &mut Vec<Diagnostic>) -> Option<Self> {
        let (table, errors) = DeTable::parse_recoverable(&definition.text);
        let table = table.into_inner();
        if !errors.is_empty() {
            problems.extend(errors.iter().map(|error| syntax(definition, error)));
            return None;
        }
        if let Some(stated) = table.get("schema") {
            let version = stated.get_ref().as_str().and_then(|given| schema.version(given));
            if version.is_some_and(|version| version > 1) {
                let headline = format!("this {} file is written for a newer gatekeeper", schema.word);
                let problem = Diagnostic::error(Code::NEWER_SCHEMA, headline)
                    .label(Span::new(definition.source, stated.span()), format!("this gatekeeper reads `{}`", schema.id))
                    .help(format!("use a gatekeeper that knows it; this one is {}", env!("CARGO_PKG_VERSION")));
                problems.push(problem);
                return None;
            }
        }
        Some(Self { definition, table })
    }

    /// A table inside a file that was parsed before: a part that might as well be a file of its own, without `schema`.
    pub fn part(definition: &'t Definition, of: impl FnOnce(DeTable<'t>) -> Option<DeTable<'t>>) -> Option<Self> {
        let (table, _) = DeTable::parse_recoverable(&definition.text);
        Some(Self { definition, table: of(table.into_inner())? })
    }

    /// Reads the top table.
    pub fn read<T>(
        &'t self,
        scope: &'t Scope,
        problems: &mut Vec<Diagnostic>,
        reader: impl FnOnce(&mut Keys<'t>) -> Option<T>,
    ) -> Option<T> {
        let site = Site { source: self.definition.source, text: &self.definition.text, scope };
        let (read, more) = Keys::read(site, &self.table, self.start(), reader);
        problems.extend(more);
        read
    }

    /// The first key of the file: what to point at when the whole file lacks something.
    pub fn start(&self) -> std::ops::Range<usize> {
        self.table.keys().map(toml::Spanned::span).min_by_key(|span| span.start).unwrap_or(0..0)
    }
}

fn syntax(definition: &Definition, error: &toml::de::Error) -> Diagnostic {
    let length = definition.text.len();
    let span = error.span().unwrap_or(length..length);
    let (first, rest) = error.message().split_once(", expected ").unwrap_or((error.message(), ""));
    let label = if rest.is_empty() { String::new() } else { format!("expected {rest}") };
    Diagnostic::error(Code::SYNTAX, format!("not TOML: {first}")).label(Span::new(definition.source, span), label)
}
