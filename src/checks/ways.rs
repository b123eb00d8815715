//! Places in a record, as the keys of a check name them: a key, a JSON Pointer, or several of which the first that is there counts.

use crate::definition::{Kind, Raw, Read, Refusal};
use crate::gate::{Place, Step};
use crate::model::Pointer;
use std::fmt;

/// A place in a record: a key, or a JSON Pointer.
pub(super) struct Way(pub(super) Pointer);

impl Way {
    /// The place below a record's.
    pub(super) fn below(&self, record: &Place) -> Place {
        let steps = record.steps.iter().cloned().chain(self.0.steps().map(Step::Key)).collect();
        Place { evidence: record.evidence.clone(), steps }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().strip_prefix('/').filter(|key| !key.contains('/')).unwrap_or(self.0.as_str()))
    }
}

impl Read for Way {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        let text = raw.string("a key, or a JSON Pointer like `/answer/job`").map_err(|refusal| vec![refusal])?;
        let pointer = if text.starts_with('/') { Pointer::parse(text) } else { Some(Pointer::root().key(text)) };
        let pointer = pointer.filter(|_| !text.is_empty());
        pointer.map(Self).ok_or_else(|| vec![Refusal::new(format!("`{text}` is neither a key nor a JSON Pointer"))])
    }

    fn kind() -> Kind {
        Kind::Pattern("\\S", "a key, or a JSON Pointer: `/answer/job`")
    }
}

/// One place or several, of which the first that is there counts.
pub(super) struct Ways(pub(super) Vec<Way>);

impl Read for Ways {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        if raw.get().as_array().is_some() { Vec::read(raw).map(Self) } else { Way::read(raw).map(|way| Self(vec![way])) }
    }

    fn kind() -> Kind {
        Kind::Either(vec![Way::kind(), Vec::<Way>::kind()])
    }
}
