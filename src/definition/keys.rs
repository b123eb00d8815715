//! Reading a table key by key.

use super::schema::{KeyDoc, Kind};
use super::stated::{Places, Stated, Stricter};
use super::value::{Raw, Read, Refusal, type_name};
use crate::diagnostic::{Code, Diagnostic, did_you_mean, nearest};
use crate::model::{EvidenceId, Number, Value};
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
    missing: Vec<&'static str>,
    stricter: Vec<(&'static str, Stricter)>,
    rest_unread: bool,
}

impl<'t> Keys<'t> {
    /// Reads a table: runs `reader`, then reports the keys that were asked for in vain and those that nothing asked for.
    pub fn read<T>(
        site: Site<'t>,
        table: &'t DeTable<'t>,
        span: Range<usize>,
        reader: impl FnOnce(&mut Keys<'t>) -> Option<T>,
    ) -> (Option<T>, Vec<Diagnostic>) {
        let mut keys = Keys { table: Some(Table { site, table, span }), ..Keys::describing() };
        let value = reader(&mut keys);
        keys.conclude();
        (value, keys.problems)
    }

    pub(super) fn describing() -> Self {
        Keys {
            table: None,
            docs: Vec::new(),
            problems: Vec::new(),
            missing: Vec::new(),
            stricter: Vec::new(),
            rest_unread: false,
        }
    }

    pub(super) fn into_docs(self) -> Vec<KeyDoc> {
        let stricter = self.stricter;
        let known = |name| stricter.iter().find(|(key, _)| *key == name).map(|(_, stricter)| *stricter);
        self.docs.into_iter().map(|doc| KeyDoc { stricter: known(doc.name), ..doc }).collect()
    }

    /// Says which change of each key makes the definition stricter. A key of which nothing is said weakens with every change.
    pub fn stricter(&mut self, directions: &[(&'static str, Stricter)]) {
        self.stricter.extend_from_slice(directions);
    }

    /// What the table states of every key that was asked for, absent ones too; nothing while describing.
    pub fn stated(&self) -> Vec<Stated> {
        let Some(Table { site, table, .. }) = &self.table else { return Vec::new() };
        let stated = self.docs.iter().map(|doc| {
            let read = table.get(doc.name).map(|value| {
                let read = Value::read(Raw { value, scope: site.scope, text: site.text });
                // A value that no data can hold was refused by its reader.
                (read.unwrap_or(Value::Null), Span::new(site.source, value.span()))
            });
            let stricter = self.stricter.iter().find(|(key, _)| *key == doc.name).map(|(_, stricter)| *stricter);
            let (value, at) =
                read.map_or((doc.default.as_deref().map(default_value), None), |(value, at)| (Some(value), Some(at)));
            Stated { key: doc.name, value, at, stricter }
        });
        stated.collect()
    }

    /// Says where the values of the keys stand that the table has, each under its name behind `above`.
    pub fn mark(&self, above: &str, places: &mut Places) {
        let Some(Table { site, table, .. }) = &self.table else { return };
        for doc in &self.docs {
            if let Some(value) = table.get(doc.name) {
                places.put(format!("{above}{}", doc.name), Span::new(site.source, value.span()));
            }
        }
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

    /// Leaves the keys that nobody asked for unjudged, where what may be asked is itself unknown (a check of unknown kind).
    pub fn leave_rest(&mut self) {
        self.rest_unread = true;
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
        // A reader may ask twice for a key that two of its parts use; the first description stands.
        if !self.docs.iter().any(|known| known.name == name) {
            self.docs.push(KeyDoc { name, required, default, kind, doc, stricter: None });
        }
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

    fn missing(&mut self, key: &'static str) {
        if !self.missing.contains(&key) {
            self.missing.push(key);
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

    /// Reports missing keys in one problem and unknown keys in one each. A key that is missing only because it is misspelt is
    /// reported once, as the misspelling.
    fn conclude(&mut self) {
        let Some(Table { site, table, span }) = &self.table else { return };
        let known: Vec<&str> = self.docs.iter().map(|key| key.name).collect();
        let mut unknown: Vec<_> = table.keys().filter(|key| !known.contains(&&**key.get_ref())).collect();
        if self.rest_unread {
            unknown.clear();
        }
        unknown.sort_by_key(|key| key.span().start);
        for key in unknown {
            // A key that the table does not have yet is likelier to be meant than one that it has.
            let absent = nearest(key.get_ref(), known.iter().copied().filter(|known| !table.contains_key(*known)));
            self.missing.retain(|missing| Some(*missing) != absent);
            let help = match absent {
                Some(word) => format!("did you mean `{word}`?"),
                None => did_you_mean(key.get_ref(), known.iter().copied()),
            };
            let problem = Diagnostic::error(Code::UNKNOWN_KEY, format!("the key `{}` is unknown here", key.get_ref()))
                .label(Span::new(site.source, key.span()), String::new())
                .help(help);
            self.problems.push(problem);
        }
        let quoted: Vec<String> = self.missing.iter().map(|key| format!("`{key}`")).collect();
        // A whole file is pointed at by its first key.
        let whole = table.keys().any(|key| key.span() == *span);
        let (needs, above) = if whole { ("the file", ", above its first table") } else { ("this table", "") };
        let (headline, label) = match quoted.as_slice() {
            [] => return,
            [one] => (format!("the key {one} is missing"), format!("{needs} needs {one}{above}")),
            [most @ .., last] => (
                format!("the keys {} and {last} are missing", most.join(", ")),
                format!("{needs} needs all of them{above}"),
            ),
        };
        let span = Span::new(site.source, span.clone());
        self.problems.push(Diagnostic::error(Code::MISSING_KEY, headline).label(span, label));
    }
}

/// The value that a default is shown as.
fn default_value(text: &str) -> Value {
    match (text.parse::<bool>(), text.parse::<i128>(), text.parse::<f64>()) {
        (Ok(flag), _, _) => Value::Bool(flag),
        (_, Ok(int), _) => Value::Number(Number::Int(int)),
        (_, _, Ok(float)) if float.is_finite() => Value::Number(Number::Float(float)),
        (_, _, _) => Value::from(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headlines(text: &str) -> Vec<String> {
        let mut sources = crate::source::SourceMap::default();
        let source = sources.add("a.toml", text);
        let table = DeTable::parse(text).expect("TOML").into_inner();
        let site = Site { source, text, scope: &Scope::default() };
        let (_, problems) = Keys::read(site, &table, 0..0, |keys| {
            let (a, b) = (keys.required::<String>("title", ""), keys.required::<bool>("blocking", ""));
            Some((a, b, keys.required::<u64>("days", "")))
        });
        problems.into_iter().map(|problem| problem.headline).collect()
    }

    #[test]
    fn every_problem_of_a_table_is_reported_once() {
        assert_eq!(headlines("title = ' '"), ["`title`: must not be blank", "the keys `blocking` and `days` are missing"]);
        assert_eq!(headlines("tilte = 'a'\nblocking = 1\ndays = 3").len(), 2, "misspelt and of the wrong type");
        assert_eq!(headlines("title = 'a'\nblocking = true\ndays = 3"), [""; 0]);
    }
}
