//! `gatekeeper check-claims`: claims in texts that go beyond what the evidence of the claim contract allows, and the claim verdict.

use super::args::CheckClaims as Arguments;
use super::{Console, Exit, place, told};
use crate::claim::{self, Assessment, Contract, Proof, Proofs, Quoted, Required, Said, Source};
use crate::collect::{FORMATS, look_as};
use crate::incident;
use crate::load::Selection;
use crate::model::{
    Artifact, Base, Content, Document, Gap, GapKind, Instant, Limits, RelPath, Where, show_instant, shown_path,
};
use crate::pipeline;
use crate::report::wire::{document as shape, v1::commands::claims as wire};
use crate::workspace::{Disk, Outlet, Workspace, clock};
use std::collections::BTreeMap;
use std::path::Path;

/// What came of it.
#[derive(Default)]
struct Judged {
    run_id: Option<String>,
    commit: Option<String>,
    assessment: Option<Assessment>,
    /// Required files that are there: path, digest, size.
    evidence: Vec<(String, Option<String>, u64)>,
    /// What each text says.
    said: Vec<(String, Said)>,
    /// What is too much even if all evidence were there that is not.
    known: Vec<claim::Overclaim>,
    gaps: Vec<Gap>,
}

/// Runs the command.
///
/// # Errors
/// The exit code of whatever kept it from judging, said.
pub fn run(args: &Arguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    if let Some(path) = &args.out {
        publish(path, &unfinished(clock()), console)?;
    }
    let printer = args.printing.printer(&["text", "json"], None, console)?;
    let now = place::clock(args.now.as_deref(), console)?;
    let around =
        place::root(args.root.as_deref()).and_then(|root| Disk::new(&root, None, None, now)).map_err(|phrase| {
            console.say(&format!("error: {phrase}"));
            Exit::Usage
        })?;
    // The configuration may say where the history lies.
    drop(pipeline::load(&around, &Selection::default()));
    let judged = judge(args, &around);
    if let Some(path) = &args.out {
        publish(path, shape(&verdict(&judged, around.now())).as_bytes(), console)?;
    }
    if !printer.shows("text") {
        console.note(text(&judged).trim_end());
    }
    let make = |form: &str| if form == "json" { shape(&verdict(&judged, around.now())) } else { text(&judged) };
    printer.print(&make, console)?;
    // A claim that is too much is so whatever else is missing; a pass is last.
    let known = |one: &claim::Overclaim| judged.known(one);
    Ok(if judged.said.iter().any(|(_, said)| said.overclaims.iter().any(known) || !said.fences.is_empty()) {
        Exit::Failed
    } else if !judged.gaps.is_empty()
        || judged.assessment.is_none()
        || judged.said.iter().any(|(_, said)| !said.overclaims.is_empty())
    {
        Exit::Gap
    } else {
        Exit::Pass
    })
}

/// The claim verdict before anything is judged: it allows nothing.
pub fn unfinished(now: Instant) -> Vec<u8> {
    let gap = Gap::new(GapKind::Undecided, Where::file("claim contract"), "a judgement", "not finished");
    shape(&verdict(&Judged { gaps: vec![gap], ..Judged::default() }, now)).into_bytes()
}

fn publish(path: &Path, bytes: &[u8], console: &mut Console<'_>) -> Result<(), Exit> {
    Outlet::around(path).and_then(|(outlet, name)| outlet.put(&name, bytes)).map_err(|error| {
        console.say(&format!("error: cannot write `{}`: {error}", shown_path(path)));
        Exit::Internal
    })
}

fn above(file: &Path) -> &Path {
    file.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A file that the operator names, read in its own directory, so that the same containment holds as in a judgement.
fn named(file: &Path, format: &str) -> Result<Artifact, Gap> {
    let shown = Where::file(file.to_string_lossy());
    let refuse = |kind, actual: String| Gap::new(kind, shown.clone(), "a file", actual);
    let name = file.file_name().and_then(|name| name.to_str()).and_then(|name| RelPath::parse(name).ok());
    let name = name.ok_or_else(|| refuse(GapKind::Invalid, "a name that no path of evidence can hold".to_owned()))?;
    let beside = Disk::new(above(file), None, None, None).map_err(|phrase| refuse(GapKind::Missing, phrase))?;
    Ok(read(&beside, &name, format))
}

fn read(workspace: &Disk, path: &RelPath, format: &str) -> Artifact {
    let format = FORMATS.iter().find(|known| known.id == format).expect("a format of our own");
    look_as(workspace, Base::Repo, path, format, &Limits::default())
}

/// A gap of a file that the operator named, as the operator named it.
fn renamed(gap: Gap, file: &Path) -> Gap {
    Gap { at: Where { path: file.to_string_lossy().into_owned(), ..gap.at }, ..gap }
}

fn document(file: &Path) -> Result<Document, Gap> {
    match named(file, "json")?.content {
        Ok(Content::Document(document)) => Ok(document),
        Ok(other) => Err(Gap::new(GapKind::Invalid, Where::file(file.to_string_lossy()), "JSON", other.what())),
        Err(gap) => Err(renamed(gap, file)),
    }
}

fn contract(file: &Path) -> Result<Contract, Vec<Gap>> {
    let document = document(file).map_err(|gap| vec![gap])?;
    Contract::read(document.root()).map_err(|faults| {
        let at = |pointer| Where::pointer(file.to_string_lossy(), pointer);
        let gap = |fault: claim::Fault| Gap::new(GapKind::Invalid, at(fault.at), fault.expected, fault.actual);
        faults.into_iter().map(gap).collect()
    })
}

/// The release verdict: of the shape that gatekeeper writes, in agreement with itself, and of this commit.
fn release(file: &Path, commit: Option<&str>) -> Result<claim::Release, Gap> {
    let root = document(file)?;
    let name = file.file_name().and_then(|name| name.to_str()).and_then(|name| RelPath::parse(name).ok());
    let at = Where::file(file.to_string_lossy());
    let refuse = |phrase: String| Gap::new(GapKind::Unbound, at.clone(), "a release verdict of this commit", phrase);
    let name = name.ok_or_else(|| refuse("a name that no path of evidence can hold".to_owned()))?;
    let beside = Disk::new(above(file), None, None, None).map_err(&refuse)?;
    incident::read(&beside, &name, &Limits::default()).map_err(|gap| renamed(gap, file))?;
    claim::release(root.root(), commit).map_err(|unusable| match unusable {
        claim::Unusable::Foreign(phrase) => refuse(phrase),
        claim::Unusable::Contradictory(fault) => {
            let place = Where::pointer(file.to_string_lossy(), fault.at);
            Gap::new(GapKind::Invalid, place, fault.expected, fault.actual)
        }
    })
}

fn judge(args: &Arguments, around: &Disk) -> Judged {
    let mut judged = Judged { commit: around.git().and_then(|git| git.head()).ok(), ..Judged::default() };
    let contract = match contract(&args.contract) {
        Ok(contract) => contract,
        Err(gaps) => {
            judged.gaps = gaps;
            return judged;
        }
    };
    let mut proofs = Proofs::default();
    if let Some(file) = &args.verdict {
        proofs.release = Some(match release(file, judged.commit.as_deref()) {
            Ok(release) => Ok(release),
            Err(gap) => {
                let told = ((gap.kind != GapKind::Invalid).then_some(gap.kind), gap.actual.clone());
                judged.gaps.push(gap);
                Err(told)
            }
        });
    }
    judged.run_id = proofs.release.as_ref().and_then(|release| release.as_ref().ok()?.run_id.clone());
    let strict = contract.strict.iter().flat_map(|strict| &strict.required);
    for required in contract.tiers.iter().flat_map(|tier| &tier.required).chain(strict) {
        prove(required, around, &mut proofs.artifacts, &mut judged.evidence);
    }
    let assessment = claim::assess(&contract, &proofs);
    for file in &args.text {
        match named(file, "text").and_then(|artifact| artifact.content.map_err(|gap| renamed(gap, file))) {
            Ok(Content::Text(text)) if !text.trim().is_empty() => {
                let said = claim::check(&text, &contract, assessment.highest());
                let least = claim::check(&text, &contract, assessment.possible()).overclaims;
                judged.said.push((file.to_string_lossy().into_owned(), said));
                judged.known.extend(least);
            }
            Ok(_) => {
                let at = Where::file(file.to_string_lossy());
                judged.gaps.push(Gap::new(GapKind::Empty, at, "text", "nothing to examine"));
            }
            Err(gap) => judged.gaps.push(gap),
        }
    }
    judged.assessment = Some(assessment);
    judged
}

/// Looks for a required file, once.
fn prove(
    required: &Required,
    around: &Disk,
    proofs: &mut BTreeMap<String, Proof>,
    evidence: &mut Vec<(String, Option<String>, u64)>,
) {
    let Source::Artifact(path) = &required.source else { return };
    if proofs.contains_key(path.as_str()) {
        return;
    }
    let artifact = read(around, path, "by-extension");
    let proof = match &artifact.content {
        Ok(Content::Document(document)) => Proof::of_document(document.root()),
        Ok(_) => Proof::of_size(artifact.size),
        Err(gap) => Proof::Unsound(format!("{}: {}", gap.kind.word(), gap.actual)),
    };
    if matches!(proof, Proof::Sound(_)) {
        evidence.push((path.to_string(), artifact.digest.map(|digest| digest.to_string()), artifact.size));
    }
    proofs.insert(path.to_string(), proof);
}

fn tier(judged: &Judged) -> &str {
    judged.assessment.as_ref().map_or("none", Assessment::tier)
}

impl Judged {
    /// Whether a phrase is too much whatever the evidence that is not there would say.
    fn known(&self, one: &claim::Overclaim) -> bool {
        self.known.iter().any(|other| other.is_at(one))
    }
}

/// Why a text may not stand as it is; nothing exactly if the command exits with 0.
fn reasons(judged: &Judged) -> Vec<String> {
    let mut reasons = Vec::new();
    for (file, said) in &judged.said {
        for one in &said.overclaims {
            let lines = if one.first == one.last { one.first.to_string() } else { format!("{}-{}", one.first, one.last) };
            let allowed = match &one.allowed_by {
                Some(tier) => format!("the tier `{tier}` would allow it"),
                None => "no tier allows it".to_owned(),
            };
            if judged.known(one) {
                reasons.push(format!("{file}:{lines}: claims `{}`; {allowed}", one.phrase));
            } else {
                let unknown = judged.assessment.iter().flat_map(Assessment::unknown);
                let missing: Vec<&str> = unknown.map(|missing| missing.required.written.as_str()).collect();
                let missing = missing.join("`, `");
                reasons.push(format!(
                    "{file}:{lines}: whether `{}` may be claimed is not known; not there: `{missing}`",
                    one.phrase
                ));
            }
        }
        for fault in &said.fences {
            reasons.push(format!("{file}:{}: expected {}, found {}", fault.line, fault.expected, fault.actual));
        }
    }
    let gap = |gap: &Gap| format!("{}: {}: expected {}, found {}", gap.at, gap.kind.word(), gap.expected, gap.actual);
    reasons.extend(judged.gaps.iter().map(gap));
    reasons
}

fn text(judged: &Judged) -> String {
    let mut out = format!("highest tier that may be claimed: {}\n", told::safe(tier(judged)));
    for tier in judged.assessment.iter().flat_map(|assessment| &assessment.tiers) {
        for missing in &tier.missing {
            let (written, because) = (told::safe(&missing.required.written), told::safe(&missing.because));
            out.push_str(&format!("  {} misses {written}: {because}\n", told::safe(&tier.id)));
        }
    }
    for (file, said) in &judged.said {
        for Quoted { first, last, reason, excused } in &said.quoted {
            let what = format!(
                "{file}:{first}-{last}: quoted, not claimed: {reason}; {} left out",
                told::count(*excused, "phrase")
            );
            out.push_str(&format!("{}\n", told::safe(&what)));
        }
    }
    let reasons = reasons(judged);
    for reason in &reasons {
        out.push_str(&format!("{}\n", told::safe(reason)));
    }
    let texts = told::count(judged.said.len(), "text");
    out + &match reasons.len() {
        0 => format!("allowed: {texts}, nothing claimed beyond the evidence\n"),
        _ => format!("blocked: {texts}, {}\n", told::count(reasons.len(), "reason")),
    }
}

/// The claim verdict.
fn verdict(judged: &Judged, now: Instant) -> wire::ClaimVerdict {
    let reasons = reasons(judged);
    let evidence = |(path, digest, size): &(String, Option<String>, u64)| wire::Evidence {
        path: path.clone(),
        sha256: digest.clone(),
        size: *size,
    };
    let missing = |missing: &claim::Missing| wire::Missing {
        evidence: missing.required.written.clone(),
        at: missing.required.at.as_str().to_owned(),
        because: missing.because.clone(),
    };
    let tiers = judged.assessment.iter().flat_map(|assessment| &assessment.tiers).map(|tier| wire::Tier {
        id: tier.id.clone(),
        claimable: tier.claimable,
        missing: tier.missing.iter().map(missing).collect(),
    });
    let findings = judged.said.iter().flat_map(|(file, said)| {
        said.overclaims.iter().map(move |one| wire::Finding {
            file: file.clone(),
            first_line: one.first,
            last_line: one.last,
            phrase: one.phrase.clone(),
            allowed_by: one.allowed_by.clone(),
        })
    });
    let fences = judged.said.iter().flat_map(|(file, said)| {
        said.quoted.iter().map(move |one| wire::Fence {
            file: file.clone(),
            first_line: one.first,
            last_line: one.last,
            reason: one.reason.clone(),
            excused: one.excused,
        })
    });
    wire::ClaimVerdict {
        schema: wire::SCHEMA,
        run_id: judged.run_id.clone(),
        commit: judged.commit.clone(),
        generated_at: show_instant(now),
        tier: tier(judged).to_owned(),
        decision: if reasons.is_empty() && judged.assessment.is_some() { "allowed" } else { "blocked" },
        blocking_reasons: reasons,
        evidence: judged.evidence.iter().map(evidence).collect(),
        tiers: tiers.collect(),
        texts: judged.said.iter().map(|(file, _)| file.clone()).collect(),
        findings: findings.collect(),
        fences: fences.collect(),
        gaps: told::gaps_json(&judged.gaps),
    }
}
