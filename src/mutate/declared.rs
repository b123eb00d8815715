//! What blocking gates declare: the files that they read, and the fields that their definitions name.
//!
//! In: a suite and which gates read which file. Out: whether a mutant damages something declared. A field that a check has for an operand
//! must be neither lost nor changed; one that only a shape requires must not be lost. What a gate takes from the bytes of a text is not
//! told by its definition, so of a text only the whole is declared.

use super::mutant::{Mutant, Mutator};
use crate::gate::{self, EvidenceNeed, Gate, Paths, Step, Suite};
use crate::model::{EvidenceId, GateId, Pointer};
use std::collections::BTreeSet;

/// One step to a declared field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Key(String),
    /// Any key, any position.
    Any,
    /// Any position of a list.
    Item,
}

impl Part {
    fn fits(&self, own: &str) -> bool {
        match self {
            Part::Key(key) => key == own,
            Part::Any => true,
            Part::Item => own.bytes().all(|byte| byte.is_ascii_digit()),
        }
    }
}

/// A declared field, of which gate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Field {
    steps: Vec<Part>,
    /// Whether what stands there counts, and not only that something does.
    operand: bool,
    gate: Option<GateId>,
}

/// What is declared about one file.
#[derive(Debug, Default)]
pub(super) struct Declared {
    fields: BTreeSet<Field>,
    gates: BTreeSet<GateId>,
    /// It tells which run is judged, or which exceptions hold.
    ground: bool,
}

impl Declared {
    /// What these needs of blocking gates declare about a file that they read. A file that was looked at and passed over is none of them.
    pub(super) fn of(suite: &Suite, reads: &BTreeSet<(GateId, EvidenceId)>) -> Self {
        let blocking = |id: &GateId| suite.policy.terms(id).is_some_and(|terms| terms.blocking);
        let mut declared = Self::default();
        for (id, need) in reads.iter().filter(|(id, _)| blocking(id)) {
            let Some((gate, need)) = suite.gates.get(id).and_then(|gate| Some((gate, gate.need(need)?))) else { continue };
            declared.gates.insert(id.clone());
            declared.need(gate, need);
        }
        declared
    }

    /// Adds the places at which a document states the run's identity.
    pub(super) fn identity<'p>(
        &mut self,
        values: impl IntoIterator<Item = &'p Pointer>,
        others: impl IntoIterator<Item = &'p Pointer>,
    ) {
        self.ground = true;
        let field =
            |pointer: &Pointer, operand| Field { steps: pointer.steps().map(Part::Key).collect(), operand, gate: None };
        self.fields.extend(values.into_iter().map(|pointer| field(pointer, true)));
        self.fields.extend(others.into_iter().map(|pointer| field(pointer, false)));
    }

    /// Says that the file as a whole counts for every gate.
    pub(super) fn ground(&mut self) {
        self.ground = true;
    }

    fn need(&mut self, gate: &Gate, need: &EvidenceNeed) {
        let mut add = |steps: Vec<Part>, operand| {
            self.fields.insert(Field { steps, operand, gate: Some(gate.id.clone()) });
        };
        let pointed = |pointer: &Pointer| pointer.steps().map(Part::Key).collect::<Vec<_>>();
        if need.schema.is_some() {
            add(vec![Part::Key("schema".to_owned())], true);
        }
        need.bound
            .commit
            .iter()
            .chain(&need.bound.ancestor)
            .chain(&need.bound.run_id)
            .for_each(|pointer| add(pointed(pointer), true));
        need.at.iter().for_each(|pointer| add(pointed(pointer), false));
        for path in need.shape.iter().flat_map(|shape| shape.required()) {
            add(steps(&path), false);
        }
        let sources = gate.evidence.iter().filter_map(|other| match &other.paths {
            Paths::Referenced { place, .. } if place.evidence == need.id => Some(place.clone()),
            Paths::Referenced { .. } | Paths::Declared { .. } => None,
        });
        let named = gate.checks.iter().flat_map(|defined| defined.check.declares());
        for declared in named.chain(sources.map(gate::Declared::Value)) {
            let (place, operand) = match declared {
                gate::Declared::Value(place) => (place, true),
                gate::Declared::Presence(place) => (place, false),
            };
            if place.evidence != need.id {
                continue;
            }
            let mut steps = steps(&place.steps);
            // Of several files an expression names one first; or it is the one beside an item, and this an item of its list.
            if let (true, [first @ (Part::Any | Part::Item), rest @ ..]) = (need.many(), &mut *steps) {
                add(rest.to_vec(), operand);
                *first = Part::Item;
            }
            add(steps, operand);
        }
    }

    /// Whether a mutant damages what is declared, and by which gates. A loss reaches everything inside of what is lost.
    pub(super) fn by(&self, mutant: &Mutant) -> Option<Vec<GateId>> {
        let Some(at) = &mutant.at else {
            let whole = mutant.line.is_none() && (self.ground || !self.gates.is_empty());
            return whole.then(|| self.gates.iter().cloned().collect());
        };
        let place: Vec<String> = at.steps().collect();
        let reaches = |field: &&Field| {
            let along = field.steps.iter().zip(&place).all(|(step, own)| step.fits(own));
            let exact = field.steps.len() == place.len();
            along
                && (field.operand || mutant.mutator.loses())
                && (exact || inside(mutant.mutator) && field.steps.len() > place.len())
        };
        let found: Vec<&Field> = self.fields.iter().filter(reaches).collect();
        let gates: BTreeSet<GateId> = found.iter().filter_map(|field| field.gate.clone()).collect();
        (!found.is_empty()).then(|| gates.into_iter().collect())
    }
}

/// Whether what a mutator does to a value is done to everything in it.
const fn inside(mutator: Mutator) -> bool {
    mutator.loses()
}

fn steps(place: &[Step]) -> Vec<Part> {
    let step = |step: &Step| match step {
        Step::Key(key) => Part::Key(key.clone()),
        Step::Index(index) => Part::Key(index.to_string()),
        Step::Each => Part::Any,
        Step::Item => Part::Item,
    };
    place.iter().map(step).collect()
}
