//! What waivers and quarantine entries have in common: fields, days and renewals are judged alike.
//!
//! In: the exceptions files that one evidence is, as the exceptions state has them. Out: an outcome whose findings begin with `waiver-` or
//! `quarantine-`, and `ledger-invalid` for whatever else is wrong in these files: any problem leaves no exception that holds, so what no
//! other gate of the policy tells of is told here. It never passes over an entry that cannot be read, and never counts renewals as none when git cannot
//! tell.

use super::tally::Tally;
use super::values::admit;
use crate::gate::{Admitted, Declared, Place, Refused};
use crate::model::{
    EvidenceId, Exception, Exceptions, Finding, Gap, GapKind, Ledger, Measure, Number, Outcome, Problem, Unsound, Validity,
    Where, is_blank, unlike,
};
use chrono::NaiveDate;

/// The fields of a ledger's entries, as we spell them: those that are judged, and those that must be there.
pub(super) fn declares(ledger: &EvidenceId, section: &str, judged: &[&str], there: &[&str]) -> Vec<Declared> {
    let at = |field: &&str| Place::of(ledger, &format!("{section}.*.{field}"));
    judged.iter().map(at).map(Declared::Value).chain(there.iter().map(at).map(Declared::Presence)).collect()
}

/// One class of exception.
pub(super) struct Class<T: 'static> {
    /// `waiver` or `quarantine`: the ledger's section and the beginning of finding kinds.
    pub(super) section: &'static str,
    /// What a renewal is called, in finding kinds and in words.
    pub(super) renewed: [&'static str; 2],
    /// The entries of the state.
    pub(super) entries: fn(&Exceptions) -> &[Exception<T>],
    /// The problems of entries of the other class.
    pub(super) others: fn(&Ledger) -> Vec<&Problem>,
    /// The field that holds the first day.
    pub(super) first: &'static str,
    /// The last day of an entry.
    pub(super) last: fn(&T) -> NaiveDate,
    /// What was expected of an unsound entry of this name, in words.
    pub(super) wanted: fn(&Unsound, &str, &Admitted<'_>) -> String,
}

/// Judges every entry of the exceptions files that this evidence is.
///
/// # Errors
/// The outcome to return when the evidence is not admitted.
pub(super) fn judge<T>(class: &Class<T>, id: &EvidenceId, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
    admit(evidence, [id])?;
    let mut tally = Tally::default();
    let state = &evidence.context.exceptions;
    for artifact in evidence.artifacts(id)? {
        tally.examined();
        let shown = &artifact.path.shown;
        let file = state.position(shown).map(|at| (at, &state.files[at].read));
        let (position, ledger) = match file {
            Some((position, Ok(ledger))) => (position, ledger),
            Some((_, Err(gap))) => {
                tally.gap(gap.clone());
                continue;
            }
            None => {
                let expected = "one of the policy's exceptions files";
                tally.gap(Gap::new(GapKind::Invalid, Where::file(shown), expected, "another file"));
                continue;
            }
        };
        let place = |at: &crate::model::Pointer| Where::pointer(shown, at.clone());
        let own = |problem: &&Problem| {
            let section = problem.at.steps().next().unwrap_or_default();
            section == class.section || !state.told_elsewhere.contains(section.as_str())
        };
        for problem in ledger.problems.iter().chain((class.others)(ledger)).filter(own) {
            let at = place(&problem.at);
            let message = format!("{}: {}", at.subject(), unlike(&problem.expected, &problem.actual));
            tally.find(Finding::new("ledger-invalid", &*problem.expected, &*problem.actual).saying(message).at(at));
        }
        let entries = || (class.entries)(state).iter().filter(|entry| entry.file == position);
        if let Some(phrase) = state.unknown.as_ref().filter(|_| entries().next().is_some()) {
            let expected = format!("git history to count {} in", class.renewed[1]);
            let message = format!("git cannot tell how many {} there were: {phrase}", class.renewed[1]);
            tally.gap(Gap::new(GapKind::Unreadable, Where::file(shown), expected, phrase.as_str()).saying(message));
        }
        for entry in entries() {
            tally.examined();
            judge_entry(class, entry, &place, evidence, &mut tally);
        }
    }
    Ok(tally.finish(|| ("a ledger".to_owned(), Where::file(id.to_string()))))
}

/// How many entries there are, and how many days are left to the one that ends first; negative once it has ended.
pub(super) fn measures<T>(class: &Class<T>, id: &EvidenceId, evidence: &Admitted<'_>) -> Vec<Measure> {
    let Ok(artifacts) = evidence.artifacts(id) else { return Vec::new() };
    let state = &evidence.context.exceptions;
    let files: Vec<usize> = artifacts.iter().filter_map(|artifact| state.position(&artifact.path.shown)).collect();
    let entries = || (class.entries)(state).iter().filter(|entry| files.contains(&entry.file));
    let today = evidence.context.now.date_naive();
    let days = entries().filter_map(|entry| entry.entry.read.as_ref().ok()).map(|read| (class.last)(read) - today);
    let first = days.map(|left| left.num_days()).min().map(|days| {
        let what = format!("to the end of the first {} entry", class.section);
        Measure { what, value: Number::Int(days.into()), unit: "days".to_owned(), limit: None }
    });
    let count = Measure::count(format!("{} entries", class.section), entries().count());
    std::iter::once(count).chain(first).collect()
}

fn judge_entry<T>(
    class: &Class<T>,
    held: &Exception<T>,
    place: &dyn Fn(&crate::model::Pointer) -> Where,
    evidence: &Admitted<'_>,
    tally: &mut Tally,
) {
    let (entry, fields) = (&held.entry, &evidence.context.fields);
    let kind = |word: &str| format!("{}-{word}", class.section);
    let expires = || place(&entry.at.key(fields.spelled("expires")));
    if is_blank(&entry.name) {
        tally.find(Finding::new(kind("invalid"), "a name", "a blank one").at(place(&entry.at)));
    }
    let read = match &entry.read {
        Ok(read) => read,
        Err(problems) => {
            for problem in problems {
                let field = problem.at.steps().nth(2).unwrap_or_default();
                let field = if field.is_empty() { field } else { format!("{field}: ") };
                let message =
                    format!("{} `{}`: {field}{}", class.section, entry.name, unlike(&problem.expected, &problem.actual));
                let finding = Finding::new(kind("invalid"), &*problem.expected, &*problem.actual).saying(message);
                tally.find(finding.at(place(&problem.at)));
            }
            return;
        }
    };
    match &held.validity {
        None | Some(Validity::InForce { .. } | Validity::Expiring { .. }) => {}
        Some(Validity::Expired { days }) => {
            let today = evidence.context.now.date_naive();
            let unit = if *days == 1 { "day" } else { "days" };
            let actual = format!("expired {days} {unit} ago; its last day was {}", (class.last)(read));
            let message = format!("{} `{}` {actual}", class.section, entry.name);
            let finding = Finding::new(kind("expired"), format!("a last day of {today} or later"), actual).saying(message);
            let next = format!("Mend the cause and remove `{}`, or renew it with a reason.", entry.name);
            tally.find(finding.at(expires()).next(next));
        }
        Some(Validity::Unsound(reasons)) => {
            for reason in reasons {
                let field = |field: &str| place(&entry.at.key(fields.spelled(field)));
                let (kind, expected, at) = match reason {
                    // It is told where it is.
                    Unsound::Damaged(_) => continue,
                    Unsound::Twice => (kind("twice"), "one entry for each name".to_owned(), place(&entry.at)),
                    Unsound::RenewedTooOften { max, .. } => {
                        (kind(class.renewed[0]), format!("at most {max} {}", class.renewed[1]), expires())
                    }
                    other => {
                        let at = match other {
                            Unsound::UnknownLane(_) => field("scope"),
                            Unsound::Future(_) => field(class.first),
                            Unsound::Reversed | Unsound::TooLong { .. } | Unsound::RenewedTooFar { .. } => expires(),
                            _ => place(&entry.at),
                        };
                        (kind("unsound"), (class.wanted)(other, &entry.name, evidence), at)
                    }
                };
                let actual = match reason {
                    Unsound::RenewedTooOften { count, .. } => format!("{count} in git history"),
                    other => other.to_string(),
                };
                let wanted = match reason {
                    Unsound::UnknownGate | Unsound::UnknownLane(_) => format!("; needed: {expected}"),
                    _ => String::new(),
                };
                let message = format!("{} `{}`: {reason}{wanted}", class.section, entry.name);
                tally.find(Finding::new(kind, expected, actual).saying(message).at(at));
            }
        }
    }
}
