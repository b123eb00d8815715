//! The documents that lie in the directory of another one: the detail of a job beside the answer to its submission.
//!
//! In: the evidence that a key names, and the path of a document. Out: what each name means there: the one document of that evidence in
//! the same directory, or `null` and the word that it is missing.

use super::expression::NULL;
use super::values::Value;
use crate::definition::{Keys, Refusal};
use crate::diagnostic::Code;
use crate::expr::Scope;
use crate::gate::{Admitted, Doc, Refused};
use crate::model::{ArtifactPath, Base, EvidenceId, Finding, Gap, GapKind, Node, Outcome, Where};
use std::collections::BTreeMap;

/// The documents of one evidence by their directory, each with its position.
type Directories<'a> = BTreeMap<(Base, &'a str), (usize, Node<'a>)>;

/// The key `beside`: the evidence whose names mean the document beside that of an item of `items`.
pub(super) fn read(keys: &mut Keys<'_>, items: Option<&EvidenceId>) -> Option<Vec<EvidenceId>> {
    let doc = "The evidence whose names mean, in the expressions, the one document in the directory of the item's.";
    let ids = keys.optional::<Vec<EvidenceId>>("beside", doc);
    let refused = ids.is_none() && keys.span("beside") != keys.here();
    let ids = ids.unwrap_or_default();
    if items.is_some_and(|items| ids.contains(items)) {
        keys.refuse("beside", Refusal::new("it names the evidence of the items themselves").code(Code::WRONG_TYPE));
        return None;
    }
    (!refused).then_some(ids)
}

/// What lies beside the documents of a check.
pub(super) struct Beside<'a, 'i> {
    of: Vec<(&'i EvidenceId, Directories<'a>)>,
}

impl<'a, 'i> Beside<'a, 'i> {
    /// Puts the documents of this evidence into their directories.
    ///
    /// # Errors
    /// The outcome to return when the evidence is not admitted, or two of its documents lie in one directory.
    pub(super) fn new(ids: &'i [EvidenceId], evidence: &Admitted<'a>) -> Result<Self, Refused> {
        let mut of = Vec::new();
        for id in ids {
            let mut directories = Directories::new();
            let documents = if evidence.is_absent(id) { Vec::new() } else { evidence.documents(id)? };
            for (index, Doc { artifact, root }) in documents.into_iter().enumerate() {
                if directories.insert(directory(&artifact.path), (index, root)).is_some() {
                    let at = Where::file(&artifact.path.shown);
                    let expected = format!("one file of `{id}` in each directory");
                    return Err(Outcome::Error(Gap::new(GapKind::Invalid, at, expected, "a second one").into()));
                }
            }
            of.push((id, directories));
        }
        Ok(Self { of })
    }

    /// Binds what lies beside this document, and `null` for what does not; the names of the latter.
    pub(super) fn bind(&self, scope: &mut Scope<'a>, path: &ArtifactPath) -> Vec<&'i EvidenceId> {
        let mut missing = Vec::new();
        for (id, directories) in &self.of {
            match directories.get(&directory(path)) {
                Some((index, root)) => scope.bind_document(id.as_str(), *index, *root),
                None => {
                    scope.bind(id.as_str(), NULL.root());
                    missing.push(*id);
                }
            }
        }
        missing
    }
}

/// The finding that something does not lie beside an item.
pub(super) fn missing(id: &EvidenceId, path: &ArtifactPath, item: &Value<'_>) -> Finding {
    let directory = directory(path).1;
    let message = format!("`{directory}` has no file of `{id}` beside `{}`", path.rel.name());
    let finding = Finding::new("missing-file", format!("a file of `{id}` in `{directory}`"), "nothing");
    finding.saying(message).at(item.at.clone())
}

fn directory(path: &ArtifactPath) -> (Base, &str) {
    (path.base, path.rel.as_str().rsplit_once('/').map_or("", |(directory, _)| directory))
}
