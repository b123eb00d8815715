//! The contract of a check: one fact asserted over admitted evidence.

use super::place::Place;
use crate::model::{
    Artifact, Content, Document, Evidence, EvidenceId, Exceptions, Gap, GapKind, Gaps, GateId, Instant, Ledger, Limits,
    Measure, Node, Note, Outcome, Policy, RunIdentity, Where,
};
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How a check uses one of its evidence needs, so that collecting can do no more than is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// Its parsed content, all at once.
    Whole,
    /// Record by record, through [`Check::fold`]; the records are not kept. Documents and other content are used whole.
    Stream,
    /// Whether its bytes are those of the commit and the index.
    Committed,
    /// The exceptions that it holds. It is then one of the exceptions files of the policy, or the definitions do not load.
    Exceptions,
}

/// One fact asserted over admitted evidence. Pure: the same evidence and context give the same outcome.
pub trait Check: Send + Sync {
    /// The evidence it reads and how. Never empty.
    fn reads(&self) -> Vec<(EvidenceId, Use)>;

    /// Looks at the evidence. Gaps and allowed absence come from [`Admitted`] as ready outcomes; pass them on.
    fn examine(&self, evidence: &Admitted<'_>) -> Outcome;

    /// What there is to tell beside the outcome, for the record of the verdict.
    fn notes(&self, _evidence: &Admitted<'_>) -> Vec<Note> {
        Vec::new()
    }

    /// What it measures in the evidence, whatever it decides; nothing of evidence that it could not look at.
    fn measures(&self, _evidence: &Admitted<'_>) -> Vec<Measure> {
        Vec::new()
    }

    /// The commands that run again what failed in its evidence, and nothing else; `outcome` is what it said of that.
    fn reruns(&self, _evidence: &Admitted<'_>, _outcome: &Outcome) -> Vec<String> {
        Vec::new()
    }

    /// For evidence used as [`Use::Stream`]: what takes the records while they pass. Its result is found again with
    /// [`Admitted::folded`].
    fn fold(&self, _evidence: &EvidenceId, _context: &Context) -> Option<Box<dyn Fold>> {
        None
    }

    /// The places in its evidence whose values decide what it says, as far as its definition names them or its kind does. What it reads
    /// out of test reports, texts and files as a whole has no place.
    fn declares(&self) -> Vec<Declared> {
        Vec::new()
    }

    /// The parameters of the policy that it names as `policy.<name>`, so that `load` can refuse unknown ones.
    fn parameters(&self) -> Vec<String> {
        Vec::new()
    }

    /// Evidence whose content its expressions name: it must be documents, records or reports, since names and plain text have no values.
    fn named_in_expressions(&self) -> Vec<EvidenceId> {
        Vec::new()
    }

    /// Words of caution about the check's own definition, for `lint`: each a code's headline and help.
    fn cautions(&self) -> Vec<crate::definition::Refusal> {
        Vec::new()
    }
}

/// A place that the definition of a check names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Declared {
    /// What stands there decides.
    Value(Place),
    /// Something must stand there, of the right form; what it says is for people.
    Presence(Place),
}

/// Takes records one by one, in constant memory.
pub trait Fold: Send {
    /// The next record; `line` counts from 1, blank lines included.
    fn record(&mut self, line: u64, record: Node<'_>);

    /// Whether one line of text or several, as they stand in the file, would change what comes of it; lines that change nothing need not be
    /// handed over. A text of which one line is wanted is wanted.
    fn wants(&self, _lines: &[u8]) -> bool {
        true
    }

    /// What came of it.
    fn finish(self: Box<Self>) -> Box<dyn Any + Send + Sync>;
}

/// What checks may know beside their evidence.
#[derive(Debug, Clone)]
pub struct Context {
    /// The one clock.
    pub now: Instant,
    /// The policy: terms of gates, limits.
    pub policy: Policy,
    /// The policy's parameters as one object, seen by expressions as `policy`.
    pub parameters: Document,
    /// The run under judgement; one shard of it where shards are judged one by one.
    pub run: Option<RunIdentity>,
    /// Whether `run` is one shard of a run whose shards are judged together.
    pub part: bool,
    /// The commit under judgement, or why it cannot be told.
    pub commit: Result<String, String>,
    /// How the ledger spells its fields.
    pub fields: crate::model::FieldNames,
    /// The exceptions of the policy.
    pub exceptions: Arc<Exceptions>,
}

impl Context {
    /// The policy's bounds.
    pub fn limits(&self) -> &Limits {
        &self.policy.limits
    }

    /// Reads a ledger document with this context's spelling.
    pub fn ledger(&self, root: Node<'_>) -> Ledger {
        Ledger::read(root, &self.fields)
    }
}

/// Evidence that a check may not look at, as the outcome to return.
pub type Refused = Outcome;

/// One document of admitted evidence.
#[derive(Clone, Copy)]
pub struct Doc<'a> {
    /// The artifact it was read from.
    pub artifact: &'a Artifact,
    /// Its top value.
    pub root: Node<'a>,
}

impl Doc<'_> {
    /// A place in this document.
    pub fn at(&self, pointer: crate::model::Pointer) -> Where {
        Where::pointer(&self.artifact.path.shown, pointer)
    }
}

/// The only view a check has of its gate's evidence: what is not admitted cannot be looked at.
pub struct Admitted<'a> {
    /// The gate, for [`Admitted::folded`].
    pub gate: &'a GateId,
    /// The check's position in the gate, from 0.
    pub check: usize,
    /// The gate's evidence, admitted or not.
    pub evidence: &'a BTreeMap<EvidenceId, Evidence>,
    /// What else there is to know.
    pub context: &'a Context,
}

impl<'a> Admitted<'a> {
    /// The evidence, if it is admitted.
    ///
    /// # Errors
    /// `Error` with every gap of it, or `Skip` if it is optional and absent.
    pub fn get(&self, id: &EvidenceId) -> Result<&'a Evidence, Refused> {
        let evidence = self.evidence.get(id).expect("every read of a check is declared by its gate");
        if let Some(gaps) = Gaps::from_vec(evidence.gaps.clone()) {
            Err(Outcome::Error(gaps))
        } else if let Some(phrase) = &evidence.absent {
            Err(Outcome::Skip(phrase.clone()))
        } else {
            Ok(evidence)
        }
    }

    /// Whether optional evidence is absent (and not damaged).
    pub fn is_absent(&self, id: &EvidenceId) -> bool {
        self.evidence.get(id).is_some_and(|evidence| evidence.gaps.is_empty() && evidence.absent.is_some())
    }

    /// The artifacts of admitted evidence, at least one.
    ///
    /// # Errors
    /// As [`Admitted::get`]; also `Error` if there is none.
    pub fn artifacts(&self, id: &EvidenceId) -> Result<Vec<&'a Artifact>, Refused> {
        let evidence = self.get(id)?;
        if evidence.artifacts.is_empty() {
            let at = Where::file(id.to_string());
            return Err(Outcome::Error(Gap::new(GapKind::Empty, at, "at least one file", "none").into()));
        }
        Ok(evidence.artifacts.iter().map(|artifact| &**artifact).collect())
    }

    /// The documents of admitted evidence, at least one: whatever [`Content::document`] shows.
    ///
    /// # Errors
    /// As [`Admitted::artifacts`]; also `Error` if an artifact is no document.
    pub fn documents(&self, id: &EvidenceId) -> Result<Vec<Doc<'a>>, Refused> {
        self.docs(id, Content::document)
    }

    /// The same as [`Content::summary`], for those who do not look at [`Content::ITEMS`].
    ///
    /// # Errors
    /// As [`Admitted::documents`].
    pub fn summaries(&self, id: &EvidenceId) -> Result<Vec<Doc<'a>>, Refused> {
        self.docs(id, Content::summary)
    }

    fn docs(&self, id: &EvidenceId, of: fn(&Content) -> Option<&Document>) -> Result<Vec<Doc<'a>>, Refused> {
        let mut documents = Vec::new();
        for artifact in self.artifacts(id)? {
            match &artifact.content {
                Ok(content) => match of(content) {
                    Some(document) => documents.push(Doc { artifact, root: document.root() }),
                    None => return Err(self.not_a_document(artifact, content.what())),
                },
                Err(gap) => return Err(Outcome::Error(gap.clone().into())),
            }
        }
        Ok(documents)
    }

    /// The one document of evidence that is not a list.
    ///
    /// # Errors
    /// As [`Admitted::documents`].
    pub fn document(&self, id: &EvidenceId) -> Result<Doc<'a>, Refused> {
        let documents = self.documents(id)?;
        Ok(documents[0])
    }

    fn not_a_document(&self, artifact: &Artifact, actual: &str) -> Refused {
        let at = Where::file(&artifact.path.shown);
        Outcome::Error(Gap::new(GapKind::Invalid, at, "a document", actual).into())
    }

    /// What this check's [`Fold`] made of each stream of this evidence, with its artifact.
    ///
    /// # Errors
    /// As [`Admitted::artifacts`].
    pub fn folded<T: 'static>(&self, id: &EvidenceId) -> Result<Vec<(&'a Artifact, &'a T)>, Refused> {
        let mut results = Vec::new();
        for artifact in self.artifacts(id)? {
            if let Ok(Content::Records(records)) = &artifact.content {
                let own =
                    records.folded.get(&(self.gate.clone(), self.check)).and_then(|result| result.downcast_ref::<T>());
                match own {
                    Some(result) => results.push((artifact, result)),
                    None => return Err(self.not_a_document(artifact, "a stream of records that was not folded")),
                }
            }
        }
        Ok(results)
    }
}
