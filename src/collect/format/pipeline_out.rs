//! The document that a reader of a pipeline's documents writes: its fields with our names, and those that nobody took with their own.

use super::pipeline_words::{Conflict, Fields};
use crate::model::{Builder, Built, Document, Number, Pointer};

/// The document that is written.
#[derive(Default)]
pub(super) struct Out {
    builder: Builder,
    entries: Vec<(Built, Built)>,
    keys: Vec<String>,
}

impl Out {
    pub(super) fn put(&mut self, key: &str, value: impl FnOnce(&mut Builder) -> Result<Built, crate::model::Overflow>) {
        let own = self.builder.key(key).expect("less text than a document may have");
        let value = value(&mut self.builder).expect("less text than a document may have");
        self.entries.push((own, value));
        self.keys.push(key.to_owned());
    }

    pub(super) fn text(&mut self, key: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.put(key, |builder| builder.text(text));
        }
    }

    pub(super) fn number(&mut self, key: &str, number: Number) {
        self.put(key, |builder| Ok(builder.number(number)));
    }

    pub(super) fn list(&mut self, key: &str, rows: &[Document]) {
        self.put(key, |builder| {
            let mark = builder.begin();
            for row in rows {
                let built = builder.copy(row.root())?;
                builder.push(built);
            }
            Ok(builder.list(mark))
        });
    }

    /// The fields that were not taken, under their own names.
    pub(super) fn rest(&mut self, fields: &Fields<'_>) {
        for (key, node) in fields.rest() {
            if !self.keys.iter().any(|own| own == key) {
                self.put(key, |builder| builder.copy(node));
            }
        }
    }

    pub(super) fn document(mut self) -> Document {
        let mark = self.builder.begin();
        for (key, value) in self.entries {
            self.builder.push(key);
            self.builder.push(value);
        }
        let built = self.builder.map(mark).expect("each key once");
        Document::of(self.builder, built)
    }
}

/// A stage with what the last of its attempts says beside it: what the stage leaves out is taken from there, and nothing may be contradicted.
pub(super) fn beside(stage: &Document, attempt: &Document, at: &Pointer) -> Result<Document, Conflict> {
    let (own, other) = (stage.root(), attempt.root());
    for key in ["status", "exit_code"] {
        let both = own.get(key).zip(other.get(key)).filter(|(own, other)| !own.is_null() && !other.is_null());
        if let Some((own, other)) = both.filter(|(own, other)| own != other) {
            let expected = format!("a `{key}` that is that of the last attempt, {}", other.excerpt(40));
            return Err(Conflict { at: at.clone(), expected, actual: own.excerpt(40) });
        }
    }
    let mut out = Out::default();
    for (key, node) in own.entries() {
        let said = other.get(key).filter(|_| node.is_null()).unwrap_or(node);
        out.put(key, |builder| builder.copy(said));
    }
    for (key, node) in other.entries().filter(|(key, _)| own.get(key).is_none()) {
        out.put(key, |builder| builder.copy(node));
    }
    Ok(out.document())
}
