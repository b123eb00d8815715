//! Reads a claim contract: tiers from the weakest to the strongest, with what each needs, allows and forbids.
//!
//! In: a document. Out: a [`Contract`], or every place where it is none. A tier without evidence, or without words, is no tier.

use super::text::Phrase;
use crate::model::{GateId, Node, Pointer, RelPath};
use std::collections::BTreeSet;

/// What is wrong with a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub at: Pointer,
    /// What was expected.
    pub expected: String,
    /// What is there.
    pub actual: String,
}

/// What a piece of required evidence is, by how it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A gate: a word of `a-z`, `0-9`, `_` and `-`.
    Gate(GateId),
    /// A file: a path in the repository with a `/` or a `.`, without blanks.
    Artifact(RelPath),
    /// Neither, so nothing can stand for it.
    Prose,
}

/// One piece of required evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Required {
    /// As the contract writes it.
    pub written: String,
    /// What it is.
    pub source: Source,
    /// Where the contract asks for it.
    pub at: Pointer,
}

/// One tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    /// Its name.
    pub id: String,
    /// What may be said from this tier on.
    pub allowed: Vec<Phrase>,
    /// What may not be said at this tier.
    pub forbidden: Vec<Phrase>,
    /// What must be there before it may be claimed.
    pub required: Vec<Required>,
}

/// What the last tier needs besides its own evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strict {
    /// The word that certifies, in the field `overall_verdict` of an artifact.
    pub verdict: String,
    /// The artifacts; at least one has the field, and each that has it has the word.
    pub required: Vec<Required>,
}

/// Tiers of claims, from the weakest to the strongest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// The tiers, at least one.
    pub tiers: Vec<Tier>,
    /// What a strict replacement needs.
    pub strict: Option<Strict>,
}

impl Contract {
    /// Reads a contract.
    ///
    /// # Errors
    /// Every fault, at least one.
    pub fn read(root: Node<'_>) -> Result<Self, Vec<Fault>> {
        let mut reader = Reader { faults: Vec::new() };
        let at = Pointer::root().key("claim_tiers");
        let mut tiers = Vec::new();
        let mut ids = BTreeSet::new();
        for (node, at) in reader.list(root.get("claim_tiers"), &at, "the tiers, at least one") {
            let tier = reader.tier(node, &at);
            if !ids.insert(tier.id.clone()) {
                reader.fault(at.key("id"), "a name of its own", format!("`{}` again", tier.id));
            }
            tiers.push(tier);
        }
        let strict = root.get("strict_replacement").filter(|node| !node.is_null()).map(|node| {
            let at = Pointer::root().key("strict_replacement");
            let verdict = reader.text(node.get("overall_verdict"), &at.key("overall_verdict"));
            let key = at.key("required_artifacts");
            let required = reader.list(node.get("required_artifacts"), &key, "artifacts, at least one");
            let required = required.into_iter().map(|(node, at)| reader.required(node, at)).collect();
            Strict { verdict, required }
        });
        if reader.faults.is_empty() { Ok(Self { tiers, strict }) } else { Err(reader.faults) }
    }
}

struct Reader {
    faults: Vec<Fault>,
}

impl Reader {
    fn fault(&mut self, at: Pointer, expected: impl Into<String>, actual: impl Into<String>) {
        self.faults.push(Fault { at, expected: expected.into(), actual: actual.into() });
    }

    fn list<'d>(&mut self, node: Option<Node<'d>>, at: &Pointer, expected: &str) -> Vec<(Node<'d>, Pointer)> {
        let items: Vec<_> = node
            .filter(|node| node.is_list())
            .into_iter()
            .flat_map(|node| node.items().enumerate())
            .map(|(index, item)| (item, at.index(index)))
            .collect();
        if items.is_empty() {
            self.fault(at.clone(), expected, node.map_or_else(|| "nothing".to_owned(), |node| node.excerpt(120)));
        }
        items
    }

    fn text(&mut self, node: Option<Node<'_>>, at: &Pointer) -> String {
        match node.and_then(Node::text) {
            Some(text) if !text.trim().is_empty() => text.to_owned(),
            Some(_) | None => {
                let actual = node.map_or_else(|| "nothing".to_owned(), |node| node.excerpt(120));
                self.fault(at.clone(), "a text that is not blank", actual);
                String::new()
            }
        }
    }

    fn required(&mut self, node: Node<'_>, at: Pointer) -> Required {
        let written = self.text(Some(node), &at);
        let source = match (GateId::try_from(written.as_str()), RelPath::parse(&written)) {
            (Ok(gate), _) => Source::Gate(gate),
            (Err(_), Ok(path)) if written.contains(['/', '.']) && !written.contains(char::is_whitespace) => {
                Source::Artifact(path)
            }
            (Err(_), Ok(_) | Err(_)) => Source::Prose,
        };
        Required { written, source, at }
    }

    fn phrases(&mut self, node: Option<Node<'_>>, at: &Pointer) -> Vec<Phrase> {
        let mut phrases = Vec::new();
        for (node, at) in self.list(node, at, "phrases, at least one") {
            let text = self.text(Some(node), &at);
            match Phrase::new(&text) {
                Some(phrase) => phrases.push(phrase),
                None if text.is_empty() => {}
                None => self.fault(at, "a phrase with at least two letters or digits", node.excerpt(120)),
            }
        }
        phrases
    }

    fn tier(&mut self, node: Node<'_>, at: &Pointer) -> Tier {
        let id = self.text(node.get("id"), &at.key("id"));
        let (allowed_at, forbidden_at) = (at.key("allowed_claim_language"), at.key("forbidden_claim_language"));
        let allowed = self.phrases(node.get("allowed_claim_language"), &allowed_at);
        let forbidden = self.phrases(node.get("forbidden_claim_language"), &forbidden_at);
        for (index, phrase) in forbidden.iter().enumerate() {
            if allowed.iter().any(|other| other.same(phrase)) {
                let expected = "a phrase that the same tier does not allow";
                self.fault(forbidden_at.index(index), expected, format!("`{}`", phrase.written));
            }
        }
        let key = at.key("required_evidence");
        let required = self.list(node.get("required_evidence"), &key, "evidence, at least one");
        let required = required.into_iter().map(|(node, at)| self.required(node, at)).collect();
        Tier { id, allowed, forbidden, required }
    }
}
