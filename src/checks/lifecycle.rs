//! What waivers and quarantine entries have in common: fields, days and renewals are judged alike.
//!
//! In: the ledger documents of one evidence, with their git history. Out: an outcome whose findings begin with `waiver-` or
//! `quarantine-`. It never passes over an entry that cannot be read, and never counts renewals as none when git cannot tell.

use super::tally::Tally;
use super::values::admit;
use crate::gate::{Admitted, Declared, Doc, Place, Refused};
use crate::model::{
    Entry, EvidenceId, Finding, Gap, GapKind, History, Ledger, Outcome, Spans, Unsound, Validity, Where, is_blank, renewals,
};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// The fields of a ledger's entries, as we spell them: those that are judged, and those that must be there.
pub(super) fn declares(ledger: &EvidenceId, section: &str, judged: &[&str], there: &[&str]) -> Vec<Declared> {
    let at = |field: &&str| Place::of(ledger, &format!("{section}.*.{field}"));
    judged.iter().map(at).map(Declared::Value).chain(there.iter().map(at).map(Declared::Presence)).collect()
}

/// One class of exception.
pub(super) struct Class<T: 'static> {
    /// `waiver` or `quarantine`: the ledger's section and the beginning of finding kinds.
    pub(super) section: &'static str,
    /// The other sections, whose problems are judged elsewhere.
    pub(super) others: [&'static str; 2],
    /// What a renewal is called, in finding kinds and in words.
    pub(super) renewed: [&'static str; 2],
    /// The entries of a ledger.
    pub(super) entries: fn(&Ledger) -> &[Entry<T>],
    /// One version for [`renewals`].
    pub(super) spans: fn(&Ledger) -> Spans,
    /// The last day of an entry.
    pub(super) last: fn(&T) -> NaiveDate,
    /// How often an entry may be renewed.
    pub(super) renewals_max: fn(&Admitted<'_>) -> u32,
    /// Whether an entry holds today.
    pub(super) validity: fn(&T, &Admitted<'_>) -> Validity,
    /// What was expected of an unsound entry of this name, in words.
    pub(super) wanted: fn(&Unsound, &str, &Admitted<'_>) -> String,
}

/// Judges every entry of the ledger.
///
/// # Errors
/// The outcome to return when the ledger is not admitted.
pub(super) fn judge<T>(class: &Class<T>, id: &EvidenceId, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
    admit(evidence, [id])?;
    let mut tally = Tally::default();
    let mut names: BTreeMap<String, Where> = BTreeMap::new();
    for doc in evidence.documents(id)? {
        tally.examined();
        let ledger = evidence.context.ledger(doc.root);
        outside(class, doc, &ledger, &mut tally);
        let counts = counts(class, doc, &ledger, evidence);
        if let (Err(phrase), false) = (&counts, (class.entries)(&ledger).is_empty()) {
            let expected = format!("git history to count {} in", class.renewed[1]);
            tally.gap(Gap::new(GapKind::Unreadable, Where::file(&doc.artifact.path.shown), expected, phrase.as_str()));
        }
        for entry in (class.entries)(&ledger) {
            tally.examined();
            let place = doc.at(entry.at.clone());
            if let Some(first) = names.get(&entry.name) {
                let actual = format!("`{}` again, first at {first}", entry.name);
                tally.find(Finding::new(format!("{}-twice", class.section), "one entry for each name", actual).at(place));
            } else {
                names.insert(entry.name.clone(), place);
            }
            judge_entry(class, doc, entry, evidence, &mut tally);
            let count = counts.as_ref().ok().and_then(|counts| counts.get(&entry.name)).copied().unwrap_or(0);
            let max = (class.renewals_max)(evidence);
            if count > max {
                let kind = format!("{}-{}", class.section, class.renewed[0]);
                let expected = format!("at most {max} {}", class.renewed[1]);
                let finding = Finding::new(kind, expected, format!("{count} in git history"));
                tally.find(finding.at(expires(doc, entry, evidence)));
            }
        }
    }
    Ok(tally.finish(|| ("a ledger".to_owned(), Where::file(id.to_string()))))
}

/// Problems of the ledger itself, and of this section as a whole.
fn outside<T>(class: &Class<T>, doc: Doc<'_>, ledger: &Ledger, tally: &mut Tally) {
    if !doc.root.is_map() {
        let actual = format!("a {}", doc.root.type_name());
        tally.find(Finding::new("ledger-invalid", "a table of sections", actual).at(doc.at(Default::default())));
    }
    for problem in &ledger.problems {
        let section = problem.at.steps().next().unwrap_or_default();
        if !class.others.contains(&section.as_str()) {
            let finding = Finding::new("ledger-invalid", &*problem.expected, &*problem.actual);
            tally.find(finding.at(doc.at(problem.at.clone())));
        }
    }
}

/// How often each entry was renewed, or why that cannot be told.
fn counts<T>(
    class: &Class<T>,
    doc: Doc<'_>,
    ledger: &Ledger,
    evidence: &Admitted<'_>,
) -> Result<BTreeMap<String, u32>, String> {
    match &doc.artifact.history {
        Some(History::Versions(versions)) => {
            let mut spans: Vec<Spans> =
                versions.iter().map(|version| (class.spans)(&evidence.context.ledger(version.root()))).collect();
            spans.push((class.spans)(ledger));
            Ok(renewals(&spans))
        }
        Some(History::Unknown(phrase)) => Err(phrase.clone()),
        None => Err("git was not asked".to_owned()),
    }
}

fn expires<T>(doc: Doc<'_>, entry: &Entry<T>, evidence: &Admitted<'_>) -> Where {
    doc.at(entry.at.key(evidence.context.fields.spelled("expires")))
}

fn judge_entry<T>(class: &Class<T>, doc: Doc<'_>, entry: &Entry<T>, evidence: &Admitted<'_>, tally: &mut Tally) {
    let kind = |word: &str| format!("{}-{word}", class.section);
    if is_blank(&entry.name) {
        tally.find(Finding::new(kind("invalid"), "a name", "a blank one").at(doc.at(entry.at.clone())));
    }
    let read = match &entry.read {
        Ok(read) => read,
        Err(problems) => {
            for problem in problems {
                let finding = Finding::new(kind("invalid"), &*problem.expected, &*problem.actual);
                tally.find(finding.at(doc.at(problem.at.clone())));
            }
            return;
        }
    };
    match (class.validity)(read, evidence) {
        Validity::InForce { .. } | Validity::Expiring { .. } => {}
        Validity::Expired { days } => {
            let today = evidence.context.now.date_naive();
            let unit = if days == 1 { "day" } else { "days" };
            let actual = format!("expired {days} {unit} ago; its last day was {}", (class.last)(read));
            let finding = Finding::new(kind("expired"), format!("a last day of {today} or later"), actual);
            let next = format!("Mend the cause and remove `{}`, or renew it with a reason.", entry.name);
            tally.find(finding.at(expires(doc, entry, evidence)).next(next));
        }
        Validity::Unsound(reasons) => {
            for reason in &reasons {
                let finding =
                    Finding::new(kind("unsound"), (class.wanted)(reason, &entry.name, evidence), reason.to_string());
                tally.find(finding.at(unsound_at(reason, doc, entry, evidence)));
            }
        }
    }
}

/// The field that is to blame.
fn unsound_at<T>(reason: &Unsound, doc: Doc<'_>, entry: &Entry<T>, evidence: &Admitted<'_>) -> Where {
    let fields = &evidence.context.fields;
    match reason {
        Unsound::UnknownGate | Unsound::Unwaivable => doc.at(entry.at.clone()),
        Unsound::UnknownLane(_) => doc.at(entry.at.key(fields.spelled("scope"))),
        Unsound::Future(_) => {
            let first = ["created", "since"].map(|field| entry.at.key(fields.spelled(field)));
            let there = first.iter().find(|at| doc.root.at(at).is_some());
            doc.at(there.unwrap_or(&entry.at).clone())
        }
        Unsound::Reversed | Unsound::TooLong { .. } => expires(doc, entry, evidence),
    }
}
