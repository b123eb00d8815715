//! Asserts that texts claim no more than the evidence of their claim contract allows.
//!
//! `contract` holds `claim_tiers`, from the weakest to the strongest, each with `id`, `allowed_claim_language`, `forbidden_claim_language` and
//! `required_evidence`. A tier may be claimed only if it and every tier below it have all their evidence. A word such as `conformance_rate` is
//! a gate, and stands if `release`, a verdict of gatekeeper of the commit under judgement, counts it as `pass`; a waived gate does not. The
//! verdict may fail because of other gates; one that says something else than its own gates come to blocks. It must not be the verdict
//! that the judgement itself writes: that one is sealed as a failure before anything is read. Give it `shape`, too: the published schema of
//! verdicts. A path is a file of `artifacts`: it is there, not empty, and JSON if its name ends so. Anything else is prose, and nothing stands for it. With
//! `strict_replacement` the last tier also needs its `required_artifacts`, of which at least one has the `overall_verdict` that it names, and none
//! another one.
//!
//! ```toml
//! [evidence.contract]
//! path = "repo:docs/claims.json"
//! [evidence.files]
//! from = "contract.claim_tiers[*].required_evidence[*]"
//! base = "repo"
//! format = "by-extension"
//! [evidence.release]
//! path = "repo:verdict/full_suite_verdict.json"
//! optional = true
//! [evidence.readme]
//! path = "repo:README.md"
//! format = "text"
//! [evidence.recorded]
//! path = "repo:verdict/claim_verdict.json"
//!
//! [[check]]
//! kind = "claims-allowed"
//! contract = "contract"
//! artifacts = "files"
//! release = "release"
//! texts = "readme"
//! recorded = "recorded"
//! ```
//!
//! A text may not say what the highest such tier or a stronger one forbids, nor what only stronger ones allow; if there is no such tier, nothing
//! that any tier forbids or allows. A phrase is found in any case and width, with emphasis, tags, links, quotes, dashes, line breaks and invisible
//! characters in it, in letters that look alike, as entities of HTML, from right to left, around notes, images and hidden elements. Inside a longer phrase that the tier allows it is no claim, and neither is it between
//! `<!-- gatekeeper: claims off: REASON -->` and `<!-- gatekeeper: claims on -->`. With `recorded`, what a claim verdict says of `tier` and `decision`
//! must be what comes out here.
//!
//! Notes: `claim-tier`, the highest tier that may be claimed, and `claim-allowed`, each phrase that it allows.
//!
//! A release verdict that is not there, or is of another commit, tells nothing of the gates that tiers rest on. A phrase that would be allowed if
//! they passed is not known to be too much: the missing verdict is the error, and no `overclaim`. A file that was never brought is no evidence.
//!
//! Findings: `overclaim` (with its lines and the tier that would allow it), `unsound-fence`, `contradiction` (also of the release verdict
//! with itself). Errors: the contract is none, there is
//! no text, a text is blank, or evidence is damaged.

use super::reports::Ids;
use super::tally::Tally;
use super::text;
use super::values::{admit, shown};
use crate::claim::{Assessment, Contract, Missing, Overclaim, Proof, Proofs, Unusable, assess, check, release};
use crate::definition::{Keys, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Declared, Doc, Place, Refused, Use};
use crate::model::{Artifact, Content, EvidenceId, Finding, Gap, GapKind, Gaps, Node, Note, Outcome, Pointer, Where};

/// The kind `claims-allowed`.
pub static CLAIMS_ALLOWED: CheckKind = CheckKind {
    id: "claims-allowed",
    about: "texts claim no more than the evidence of their claim contract allows",
    docs: include_str!("claims_allowed.rs"),
    parse,
};

struct ClaimsAllowed {
    contract: EvidenceId,
    artifacts: Ids,
    release: Option<EvidenceId>,
    texts: Ids,
    recorded: Option<EvidenceId>,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[
        ("contract", Stricter::Unclear),
        ("artifacts", Stricter::Unclear),
        ("release", Stricter::Unclear),
        ("texts", Stricter::Unclear),
        ("recorded", Stricter::Given),
    ]);
    let contract = keys.required("contract", "The claim contract.");
    let doc = "The files that it requires: an evidence id, or several. JSON must be read as such.";
    let artifacts = keys.required::<Ids>("artifacts", doc);
    let release = keys.optional("release", "The release verdict that tells of gates.");
    let texts = keys.required::<Ids>("texts", "The texts: an evidence id, or several.");
    let recorded = keys.optional("recorded", "The recorded claim verdict.");
    Some(Box::new(ClaimsAllowed { contract: contract?, artifacts: artifacts?, release, texts: texts?, recorded }))
}

/// What a file proves; `None` if it was read in a way that tells nothing of it.
fn proof(artifact: &Artifact) -> Option<Proof> {
    let json = artifact.path.rel.extension() == Some("json");
    match &artifact.content {
        Ok(Content::Document(document)) => Some(Proof::of_document(document.root())),
        Ok(_) => (!json).then(|| Proof::of_size(artifact.size)),
        Err(gap) => Some(Proof::Unsound(format!("{}: {}", gap.kind.word(), gap.actual))),
    }
}

impl ClaimsAllowed {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        let present = |id: &&EvidenceId| !evidence.is_absent(id);
        let texts: Vec<&EvidenceId> = self.texts.0.iter().filter(present).collect();
        let others = self.release.iter().chain(&self.recorded).chain(&self.artifacts.0).filter(present);
        admit(evidence, std::iter::once(&self.contract).chain(others).chain(texts.iter().copied()))?;
        let doc = evidence.document(&self.contract)?;
        let contract = self.read(&doc)?;
        let (proofs, contradiction) = self.proofs(evidence)?;
        let seen = assess(&contract, &proofs);
        let mut tally = Tally::default();
        // A verdict that contradicts itself blocks whatever the texts say: nobody knows what else in it is not so.
        contradiction.into_iter().for_each(|finding| tally.find(finding));
        let mut blocked = false;
        for id in texts {
            for (artifact, text) in text::texts(evidence, id, false, &mut tally)? {
                tally.examined();
                let said = check(text, &contract, seen.highest());
                blocked |= !said.overclaims.is_empty() || !said.fences.is_empty();
                let path = &artifact.path.shown;
                // What the evidence that is not there might allow is not known to be too much.
                let least = check(text, &contract, seen.possible());
                let known = |one: &&Overclaim| least.overclaims.iter().any(|other| other.is_at(one));
                said.overclaims.iter().filter(known).for_each(|one| tally.find(overclaim(one, &seen, path)));
                if !said.overclaims.iter().all(|one| known(&one)) {
                    seen.unknown().for_each(|missing| tally.gap(self.gap(missing, evidence)));
                }
                for fault in said.fences {
                    let finding = Finding::new("unsound-fence", fault.expected, fault.actual);
                    tally.find(finding.at(Where::line(path, fault.line)));
                }
            }
        }
        for recorded in self.recorded.iter().filter(present) {
            let doc = evidence.document(recorded)?;
            // It may well be right: what it rests on is not there.
            let stated = doc.root.get("tier").and_then(Node::text);
            let at = stated.and_then(|stated| seen.tiers.iter().position(|tier| tier.id == stated));
            if at > seen.highest() && at <= seen.possible() {
                seen.unknown().for_each(|missing| tally.gap(self.gap(missing, evidence)));
                continue;
            }
            for (key, own) in [("tier", seen.tier()), ("decision", if blocked { "blocked" } else { "allowed" })] {
                let stated = doc.root.get(key);
                if stated.and_then(Node::text) != Some(own) {
                    let actual = stated.map_or_else(|| "nothing".to_owned(), shown);
                    let message = format!("`{key}` is {actual}; it must be `{own}`, as evidence and texts come to");
                    let finding = Finding::new("contradiction", format!("`{own}`, as evidence and texts come to"), actual);
                    let finding = finding.saying(message);
                    tally.find(finding.at(doc.at(Pointer::root().key(key))));
                }
            }
        }
        Ok(tally.finish(|| ("at least one text".to_owned(), Where::file(evidence_name(&self.texts)))))
    }

    /// That the release verdict tells nothing of a gate that a claim rests on.
    fn gap(&self, missing: &Missing, evidence: &Admitted<'_>) -> Gap {
        let expected = format!("a release verdict of this commit, for the gate `{}`", missing.required.written);
        let kind = missing.gap.unwrap_or(GapKind::Missing);
        Gap::new(kind, Where::file(self.release_path(evidence)), expected, missing.because.clone())
    }

    /// Where the release verdict lies, or should.
    fn release_path(&self, evidence: &Admitted<'_>) -> String {
        let Some(id) = &self.release else { return "the release verdict".to_owned() };
        match evidence.get(id) {
            Ok(found) => found.artifacts.first().map_or_else(|| id.to_string(), |artifact| artifact.path.shown.clone()),
            Err(Outcome::Skip(phrase)) => {
                phrase.split(" (").next().unwrap_or_default().trim_start_matches("repo:").to_owned()
            }
            Err(_) => id.to_string(),
        }
    }

    fn read(&self, doc: &Doc<'_>) -> Result<Contract, Refused> {
        Contract::read(doc.root).map_err(|faults| {
            let gap =
                |fault: crate::claim::Fault| Gap::new(GapKind::Invalid, doc.at(fault.at), fault.expected, fault.actual);
            let gaps = faults.into_iter().map(gap).collect();
            Outcome::Error(Gaps::from_vec(gaps).expect("a contract is refused for a reason"))
        })
    }

    /// What is known of the evidence, and what the release verdict contradicts itself in.
    fn proofs(&self, evidence: &Admitted<'_>) -> Result<(Proofs, Option<Finding>), Refused> {
        let (mut proofs, mut contradiction) = (Proofs::default(), None);
        for id in self.artifacts.0.iter().filter(|id| !evidence.is_absent(id)) {
            for artifact in evidence.artifacts(id)? {
                if let Some(proof) = proof(artifact) {
                    proofs.artifacts.entry(artifact.path.rel.to_string()).or_insert(proof);
                }
            }
        }
        if let Some(id) = self.release.as_ref().filter(|id| !evidence.is_absent(id)) {
            let commit = evidence.context.commit.as_ref().ok().map(String::as_str);
            let doc = evidence.document(id)?;
            let read = release(doc.root, commit).map_err(|unusable| match unusable {
                Unusable::Foreign(phrase) => (Some(GapKind::Unbound), phrase),
                Unusable::Contradictory(fault) => {
                    let finding = Finding::new("contradiction", fault.expected, fault.actual).at(doc.at(fault.at));
                    contradiction = Some(finding.next("Judge the release again; a verdict is not written by hand."));
                    (None, "the release verdict contradicts itself".to_owned())
                }
            });
            proofs.release = Some(read);
        }
        Ok((proofs, contradiction))
    }
}

impl ClaimsAllowed {
    /// The highest tier that may be claimed, and what it and those below it allow.
    fn told(&self, evidence: &Admitted<'_>) -> Result<Vec<Note>, Refused> {
        let others = self.release.iter().chain(&self.artifacts.0).filter(|id| !evidence.is_absent(id));
        admit(evidence, std::iter::once(&self.contract).chain(others))?;
        let contract = self.read(&evidence.document(&self.contract)?)?;
        let seen = assess(&contract, &self.proofs(evidence)?.0);
        let mut notes = vec![Note::new("claim-tier", seen.tier())];
        let tiers = contract.tiers.iter().take(seen.highest().map_or(0, |at| at + 1));
        // The tier's own word against a phrase is stronger than that of a lower tier for it.
        let forbidden = seen.highest().map_or(&[][..], |at| &contract.tiers[at].forbidden);
        let phrases = tiers.flat_map(|tier| &tier.allowed);
        for phrase in phrases.filter(|phrase| !forbidden.iter().any(|other| other.same(phrase))) {
            let note = Note::new("claim-allowed", &*phrase.written);
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        Ok(notes)
    }
}

fn evidence_name(ids: &Ids) -> String {
    ids.0.first().map_or_else(String::new, ToString::to_string)
}

fn overclaim(one: &Overclaim, seen: &Assessment, path: &str) -> Finding {
    let expected = format!("nothing beyond the tier `{}`", seen.tier());
    let lines = if one.first == one.last { String::new() } else { format!(", up to line {}", one.last) };
    let (allowed, next) = match &one.allowed_by {
        Some(tier) => {
            let below = seen.tiers.iter().take_while(|other| other.id != *tier);
            let until = below.chain(seen.tiers.iter().filter(|other| other.id == *tier));
            let missing: Vec<&str> =
                until.flat_map(|tier| &tier.missing).map(|missing| missing.required.written.as_str()).collect();
            let missing = missing.join("`, `");
            (
                format!("`{tier}` would allow it"),
                format!("Say less, or bring what is missing up to that tier: `{missing}`."),
            )
        }
        None => ("no tier allows it".to_owned(), "Say less.".to_owned()),
    };
    let actual = format!("`{}`{lines}; {allowed}", one.phrase);
    let message = format!("`{}`{lines} claims more than the tier `{}`; {allowed}", one.phrase, seen.tier());
    Finding::new("overclaim", expected, actual).saying(message).at(Where::line(path, one.first)).next(next)
}

impl Check for ClaimsAllowed {
    fn declares(&self) -> Vec<Declared> {
        let contract = ["id", "required_evidence.*", "allowed_claim_language.*", "forbidden_claim_language.*"];
        let contract = contract.map(|key| Declared::Value(Place::of(&self.contract, "claim_tiers.*").below(key)));
        let strict = ["overall_verdict", "required_artifacts.*"];
        let strict = strict.map(|key| Declared::Value(Place::of(&self.contract, "strict_replacement").below(key)));
        contract.into_iter().chain(strict).collect()
    }

    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        let single = [Some(&self.contract), self.release.as_ref(), self.recorded.as_ref()].into_iter().flatten();
        let all = single.chain(&self.artifacts.0).chain(&self.texts.0);
        let mut reads: Vec<_> = all.map(|id| (id.clone(), Use::Whole)).collect();
        reads.sort();
        reads.dedup();
        reads
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }

    fn notes(&self, evidence: &Admitted<'_>) -> Vec<Note> {
        self.told(evidence).unwrap_or_default()
    }
}

#[cfg(test)]
#[path = "claims_allowed_tests.rs"]
mod tests;
