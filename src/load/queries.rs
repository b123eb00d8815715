//! Evidence that is the answer to a question about earlier runs: `query = "latest-runs"`.
//!
//! The answer is a JSON file that `gatekeeper-history verify` lays among the earlier runs; its place, its schema, its age and the commit that
//! it is of follow from the question, so that it is admitted as any other evidence is. What the shape asks for makes short and damaged
//! history a gap: enough rows, no value that is not there, this question with these parameters and no other.

use super::needs::Beside;
use super::paths::Pattern;
use crate::definition::{Keys, Kind, Raw, Refusal};
use crate::gate::{Bound, EvidenceNeed, Query, Registry, Shape};
use crate::model::{Age, Base, Pointer, RelPath};
use std::collections::BTreeMap;
use std::sync::Arc;
use toml::de::DeValue;

/// What the document states in its `schema`.
pub(super) const ANSWER_SCHEMA: &str = "gatekeeper.history-answer/1";

/// How old an answer may be where the definition does not say.
const AGE: Age = Age::seconds(3_600);

/// The keys that say where files are and how they are read. An answer says it of itself.
const OTHERS: [&str; 16] = [
    "path",
    "from",
    "base",
    "pick",
    "fallback",
    "exclude",
    "format",
    "schema",
    "shape",
    "at",
    "at_name",
    "timezone",
    "bound",
    "optional",
    "decisive",
    "duplicates",
];

/// A question, with the terms of its answer.
pub(super) struct Asked {
    pub query: Query,
    pub path: Pattern,
    pub shape: Arc<dyn Shape>,
    pub at: Pointer,
    pub commit: Pointer,
}

impl Asked {
    /// The need, admitted on the terms of an answer.
    pub(super) fn terms_of(self, need: EvidenceNeed) -> EvidenceNeed {
        EvidenceNeed {
            schema: Some(ANSWER_SCHEMA.to_owned()),
            shape: Some(self.shape),
            at: Some(self.at),
            max_age: need.max_age.or(Some(AGE)),
            bound: Bound { commit: Some(self.commit), ..Bound::default() },
            query: Some(self.query),
            ..need
        }
    }
}

/// Reads the keys of a question. `None` also if something of it is refused, which is reported.
pub(super) fn read(keys: &mut Keys<'_>, registry: &Registry, beside: &mut Beside<'_>) -> Option<Asked> {
    let doc = "Instead of `path`: the question about earlier runs that `gatekeeper-history verify --store DIR` answers for this judgement: the \
               name of one that it ships (`latest-runs`), or a file of SQL beside the gate file (`green.sql`). Without an answer of at most `max_age` (by \
               default `1h`), of this commit, the evidence is missing.";
    let kind = Kind::Pattern(
        "^([a-z][a-z0-9-]*|[^/\\\\].*\\.sql)$",
        "the name of a question, or a file of SQL beside the gate file",
    );
    let name = keys.custom("query", false, kind, doc, name);
    let doc = "The values of the question's parameters. `commit`, `project` and `branch` are those of the judgement where the question has them \
               and nothing is said here.";
    let scalar = Kind::Either(vec![Kind::Text, Kind::Number]);
    let parameters = keys.custom("parameters", false, Kind::Map(Box::new(scalar)), doc, parameters);
    let doc = "How many rows the answer must have, at least; by default 1. Fewer is too short a history, and a gap.";
    let rows_min = keys.optional::<u64>("rows_min", doc);
    let here = keys.here()?;
    if keys.span("query")? == here {
        for key in ["parameters", "rows_min"] {
            if keys.span(key)? != here {
                keys.refuse(key, Refusal::new("only goes with `query`"));
            }
        }
        return None;
    }
    for key in OTHERS {
        if keys.span(key)? != here {
            keys.refuse(
                key,
                Refusal::new("does not go with `query`: the answer is one document, of this commit, and never optional"),
            );
        }
    }
    if rows_min == Some(0) {
        let refusal = Refusal::new("is met by no history at all").help("ask for the rows that the checks need, at least 1");
        keys.refuse("rows_min", refusal);
        return None;
    }
    let name = name?;
    let sql = match RelPath::parse(&name) {
        Ok(path) if name.ends_with(".sql") => match beside(&path) {
            Ok((_, text)) => Some(text),
            Err(phrase) => {
                keys.refuse("query", Refusal::new(phrase));
                return None;
            }
        },
        Ok(_) | Err(_) => None,
    };
    let query = Query { name, sql, parameters: parameters.unwrap_or_default() };
    let path = RelPath::parse(&format!("{}/{}", Query::DIRECTORY, query.file())).expect("a name without odd characters");
    let shape = (registry.shape)(&shape(&query, rows_min.unwrap_or(1))).expect("a sound schema");
    let pointer = |text| Pointer::parse(text).expect("a pointer");
    let path = Pattern { base: Base::History, path };
    Some(Asked { query, path, shape, at: pointer("/asked_at"), commit: pointer("/commit") })
}

/// The JSON Schema of an answer that holds: nothing in it needs to be escaped.
fn shape(query: &Query, rows_min: u64) -> String {
    format!(
        r#"{{"type": "object", "required": ["query", "asked_at", "commit", "rows"], "properties": {{
            "query": {{"type": "object", "required": ["sha256"], "properties": {{"sha256": {{"const": "{}"}}}}}},
            "rows": {{"type": "array", "minItems": {rows_min}, "items": {{
                "type": "object", "minProperties": 1, "additionalProperties": {{"type": ["string", "number", "boolean"]}}}}}}}}}}"#,
        query.digest()
    )
}

fn name(raw: Raw<'_>) -> Result<String, Vec<Refusal>> {
    let text = raw.string("the name of a question").map_err(|refusal| vec![refusal])?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let shipped = text.starts_with(|first: char| first.is_ascii_lowercase()) && text.bytes().all(plain);
    if shipped || (text.ends_with(".sql") && RelPath::parse(text).is_ok()) {
        return Ok(text.to_owned());
    }
    let refusal = Refusal::new(format!("`{text}` is no name of a question and no file of SQL"));
    Err(vec![refusal.help("write the name of a shipped question (`gatekeeper-history queries` lists them), or `FILE.sql`")])
}

fn parameters(raw: Raw<'_>) -> Result<BTreeMap<String, String>, Vec<Refusal>> {
    let DeValue::Table(table) = raw.get() else { return Err(vec![raw.wrong_type("a table of texts and numbers")]) };
    let one = |(name, value): (&toml::Spanned<std::borrow::Cow<'_, str>>, &toml::Spanned<DeValue<'_>>)| {
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok()?.to_string(),
            DeValue::Float(number) => number.as_str().replace('_', ""),
            DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => return None,
        };
        Some((name.get_ref().to_string(), text))
    };
    let read = |entry: (&toml::Spanned<std::borrow::Cow<'_, str>>, &toml::Spanned<DeValue<'_>>)| {
        let wrong = || Refusal::new(format!("`{}` is neither a text nor a number of 64 bits", entry.0.get_ref()));
        one(entry).ok_or_else(|| vec![wrong()])
    };
    table.iter().map(read).collect()
}
