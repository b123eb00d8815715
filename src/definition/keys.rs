//! Reading a table key by key.

use super::schema::{KeyDoc, Kind};
use super::value::{Raw, Read, Refusal, type_name};
use crate::diagnostic::{Code, Diagnostic, did_you_mean};
use crate::model::EvidenceId;
use crate::source::{SourceId, Span};
use std::fmt::Display;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What names mean at this place: the evidence a gate declares, the parameters its policy has.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// The evidence ids of the gate.
    pub evidence: Vec<EvidenceId>,
}

impl Scope {
    /// The declared evidence of this name.
    ///
    /// # Errors
    /// `unknown-evidence`, with the nearest name.
    pub fn evidence(&self, name: &str) -> Result<EvidenceId, Refusal> {
        self.evidence.iter().find(|id| id.as_str() == name).cloned().ok_or_else(|| {
            Refusal::new(format!("the gate declares no evidence `{name}`"))
                .code(Code::UNKNOWN_EVIDENCE)
                .help(did_you_mean(name, self.evidence.iter().map(EvidenceId::as_str)))
        })
    }
}

/// Where a table stands.
#[derive(Clone, Copy)]
pub struct Site<'t> {
    /// The file.
    pub source: SourceId,
    /// Its text.
    pub text: &'t str,
    /// What may be named here.
    pub scope: &'t Scope,
}

struct Table<'t> {
    site: Site<'t>,
    table: &'t DeTable<'t>,
    span: Range<usize>,
}

/// A table that is being read, or described (see the room's doc).
pub struct Keys<'t> {
    table: Option<Table<'t>>,
    docs: Vec<KeyDoc>,
    problems: Vec<Diagnostic>,
}

impl<'t> Keys<'t> {
    /// Reads a table: runs `reader`, then reports the keys that nothing asked for.
    pub fn read<T>(
        site: Site<'t>,
        table: &'t DeTable<'t>,
        span: Range<usize>,
        reader: impl FnOnce(&mut Keys<'t>) -> Option<T>,
    ) -> (Option<T>, Vec<Diagnostic>) {
        let mut keys = Keys { table: Some(Table { site, table, span }), docs: Vec::new(), problems: Vec::new() };
        let value = reader(&mut keys);
        keys.refuse_unknown();
        (value, keys.problems)
    }

    pub(super) fn describing() -> Self {
        Keys { table: None, docs: Vec::new(), problems: Vec::new() }
    }

    pub(super) fn into_docs(self) -> Vec<KeyDoc> {
        self.docs
    }

    /// Where the table stands; `None` while describing.
    pub fn site(&self) -> Option<Site<'t>> {
        self.table.as_ref().map(|table| table.site)
    }

    /// The span of a key's value, or of the whole table where the key is absent; `None` while describing.
    pub fn span(&self, key: &str) -> Option<Span> {
        let table = self.table.as_ref()?;
        let range = table.table.get(key).map_or(table.span.clone(), Spanned::span);
        Some(Span::new(table.site.source, range))
    }

    /// The span of the table's header.
    pub fn here(&self) -> Option<Span> {
        self.table.as_ref().map(|table| Span::new(table.site.source, table.span.clone()))
    }

    /// Adds a problem that only the reader can see.
    pub fn report(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    /// Refuses the value of a key for a reason that only the reader can see.
    pub fn refuse(&mut self, key: &str, refusal: Refusal) {
        let Some(table) = &self.table else { return };
        let whole = table.table.get(key).map_or(table.span.clone(), Spanned::span);
        let span = Span::new(table.site.source, refusal.range.unwrap_or(whole));
        let mut problem =
            Diagnostic::error(refusal.code, format!("`{key}`: {}", refusal.message)).label(span, String::new());
        problem.help = refusal.help;
        self.problems.push(problem);
    }

    fn document(&mut self, name: &'static str, required: bool, default: Option<String>, kind: Kind, doc: &'static str) {
        self.docs.push(KeyDoc { name, required, default, kind, doc });
    }

    fn raw(&self, key: &str) -> Option<Raw<'t>> {
        let table = self.table.as_ref()?;
        let value = table.table.get(key)?;
        Some(Raw { value, scope: table.site.scope, text: table.site.text })
    }

    fn accept<T>(&mut self, key: &str, result: Result<T, Vec<Refusal>>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(refusals) => {
                for refusal in refusals {
                    self.refuse(key, refusal);
                }
                None
            }
        }
    }

    fn missing(&mut self, key: &str) {
        if let Some(span) = self.here() {
            let problem = Diagnostic::error(Code::MISSING_KEY, format!("the key `{key}` is missing"));
            self.problems.push(problem.label(span, format!("this table needs `{key}`")));
        }
    }

    /// Reads a value with a reader of the caller's, for types that need more than their own text (expressions).
    pub fn custom<T>(
        &mut self,
        key: &'static str,
        required: bool,
        kind: Kind,
        doc: &'static str,
        read: impl FnOnce(Raw<'_>) -> Result<T, Vec<Refusal>>,
    ) -> Option<T> {
        self.document(key, required, None, kind, doc);
        match self.raw(key) {
            Some(raw) => {
                let result = read(raw);
                self.accept(key, result)
            }
            None => {
                if required {
                    self.missing(key);
                }
                None
            }
        }
    }

    /// Reads, in another way, a key that an earlier reader of this table has asked for and described: a kind of check that
    /// fills placeholders in `next`. Describes nothing; `None` also if the value is refused, which is reported.
    pub fn again<T>(&mut self, key: &str, read: impl FnOnce(Raw<'_>) -> Result<T, Vec<Refusal>>) -> Option<T> {
        let result = read(self.raw(key)?);
        self.accept(key, result)
    }

    /// A key that must be there. `None` if it is not, or is refused; both are reported.
    pub fn required<T: Read>(&mut self, key: &'static str, doc: &'static str) -> Option<T> {
        self.custom(key, true, T::kind(), doc, T::read)
    }

    /// A key that may be absent. `None` also if it is refused, which is reported.
    pub fn optional<T: Read>(&mut self, key: &'static str, doc: &'static str) -> Option<T> {
        self.custom(key, false, T::kind(), doc, T::read)
    }

    /// A key with a value that stands for its absence.
    pub fn or<T: Read + Display>(&mut self, key: &'static str, default: T, doc: &'static str) -> T {
        self.document(key, false, Some(default.to_string()), T::kind(), doc);
        let read = self.raw(key).map(T::read);
        read.and_then(|result| self.accept(key, result)).unwrap_or(default)
    }

    fn enter<T>(
        &mut self,
        key: &str,
        value: &'t Spanned<DeValue<'t>>,
        site: Site<'t>,
        reader: impl FnOnce(&mut Keys<'t>) -> Option<T>,
    ) -> Option<T> {
        match value.get_ref() {
            DeValue::Table(table) => {
                let (read, problems) = Keys::read(site, table, value.span(), reader);
                self.problems.extend(problems);
                read
            }
            other => {
                let refusal = Refusal::new(format!("expected a table, found {}", type_name(other)));
                self.refuse(key, Refusal { range: Some(value.span()), ..refusal });
                None
            }
        }
    }

    /// A nested table.
    pub fn table<T>(
        &mut self,
        key: &'static str,
        required: bool,
        doc: &'static str,
        mut reader: impl FnMut(&mut Keys<'_>) -> Option<T>,
    ) -> Option<T> {
        let Some(Table { site, table, .. }) = &self.table else {
            self.describe_nested(key, required, doc, |keys| drop(reader(keys)), Kind::Table);
            return None;
        };
        let (site, value) = (*site, table.get(key));
        self.document(key, required, None, Kind::Any, doc);
        match value {
            Some(value) => self.enter(key, value, site, |keys| reader(keys)),
            None => {
                if required {
                    self.missing(key);
                }
                None
            }
        }
    }

    /// A list of tables (`[[check]]`), each read by `reader`; those that cannot be read are reported and left out.
    pub fn tables<T>(
        &mut self,
        key: &'static str,
        doc: &'static str,
        mut reader: impl FnMut(&mut Keys<'_>) -> Option<T>,
    ) -> Vec<T> {
        let Some(Table { site, table, .. }) = &self.table else {
            self.describe_nested(
                key,
                false,
                doc,
                |keys| drop(reader(keys)),
                |keys| Kind::List(Box::new(Kind::Table(keys))),
            );
            return Vec::new();
        };
        let (site, value) = (*site, table.get(key));
        self.document(key, false, None, Kind::Any, doc);
        match value.map(|value| (value, value.get_ref())) {
            None => Vec::new(),
            Some((_, DeValue::Array(items))) => {
                items.iter().filter_map(|item| self.enter(key, item, site, |keys| reader(keys))).collect()
            }
            Some((_, other)) => {
                self.refuse(key, Refusal::new(format!("expected a list of tables, found {}", type_name(other))));
                Vec::new()
            }
        }
    }

    /// A table of tables (`[evidence.<name>]`), each read by `reader` with its name and the name's span; in file order.
    pub fn named_tables<T>(
        &mut self,
        key: &'static str,
        doc: &'static str,
        mut reader: impl FnMut(&str, Option<Span>, &mut Keys<'_>) -> Option<T>,
    ) -> Vec<T> {
        let Some(Table { site, table, .. }) = &self.table else {
            let nest = |keys| Kind::Map(Box::new(Kind::Table(keys)));
            self.describe_nested(key, false, doc, |keys| drop(reader("name", None, keys)), nest);
            return Vec::new();
        };
        let (site, value) = (*site, table.get(key));
        self.document(key, false, None, Kind::Any, doc);
        match value.map(Spanned::get_ref) {
            None => Vec::new(),
            Some(DeValue::Table(tables)) => {
                let mut entries: Vec<_> = tables.iter().collect();
                entries.sort_by_key(|(name, _)| name.span().start);
                let mut read = Vec::new();
                for (name, value) in entries {
                    let span = Span::new(site.source, name.span());
                    read.extend(self.enter(key, value, site, |keys| reader(name.get_ref(), Some(span), keys)));
                }
                read
            }
            Some(other) => {
                self.refuse(key, Refusal::new(format!("expected a table of tables, found {}", type_name(other))));
                Vec::new()
            }
        }
    }

    fn describe_nested(
        &mut self,
        key: &'static str,
        required: bool,
        doc: &'static str,
        reader: impl FnOnce(&mut Keys<'_>),
        nest: impl FnOnce(Vec<KeyDoc>) -> Kind,
    ) {
        let kind = nest(super::schema::describe(reader));
        self.document(key, required, None, kind, doc);
    }

    /// Describes a key whose form only the caller knows (the tables of `[[check]]`, one for each kind).
    pub fn describe_key(&mut self, key: &'static str, required: bool, kind: Kind, doc: &'static str) {
        self.document(key, required, None, kind, doc);
    }

    fn refuse_unknown(&mut self) {
        let Some(Table { site, table, .. }) = &self.table else { return };
        let known: Vec<&str> = self.docs.iter().map(|key| key.name).collect();
        let mut unknown: Vec<_> = table.keys().filter(|key| !known.contains(&&**key.get_ref())).collect();
        unknown.sort_by_key(|key| key.span().start);
        for key in unknown {
            let problem = Diagnostic::error(Code::UNKNOWN_KEY, format!("the key `{}` is unknown here", key.get_ref()))
                .label(Span::new(site.source, key.span()), String::new())
                .help(did_you_mean(key.get_ref(), known.iter().copied()));
            self.problems.push(problem);
        }
    }
}
