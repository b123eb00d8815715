//! What follows from what in a verdict. `decide` makes verdicts that hold to this; a document that does not was changed.

use super::document::Node;
use super::location::Pointer;
use super::outcome::Note;
use super::policy::{LaneRule, Mode};
use super::recorded::{Read, Rest, Spot, refuse};
use super::standing::{Reason, Standing, Status};
use super::verdict::{GateResult, Ruling, Summary, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// The verdict, if everything in it follows.
pub(super) fn hold(verdict: Verdict, spot: &Spot<'_>, rest: &Rest) -> Read<Verdict> {
    let incomplete = verdict.incomplete.is_some();
    let list = spot.at.key("gates");
    let mut standings = BTreeMap::new();
    for (index, gate) in verdict.gates.iter().enumerate() {
        let at = list.index(index);
        if standings.insert(gate.id.as_str(), gate.standing).is_some() {
            return refuse(&at.key("id"), "each gate once", format!("`{}` again", gate.id));
        }
        if incomplete { unjudged(gate, &at)? } else { judged(gate, &at)? }
    }
    for (index, gate) in verdict.gates.iter().enumerate() {
        for (position, need) in gate.blocked_by.iter().enumerate() {
            let at = list.index(index).key("blocked_by").index(position);
            match standings.get(need.as_str()) {
                Some(standing) if !standing.permits() && *need != gate.id => {}
                Some(_) | None => return refuse(&at, "a gate that keeps another from standing", format!("`{need}`")),
            }
        }
    }
    for (at, reader) in &rest.readers {
        if !standings.contains_key(reader.as_str()) {
            return refuse(at, "a gate of the verdict", format!("`{reader}`"));
        }
    }
    exceptions(&verdict, rest, spot)?;
    let verdict = ruled(verdict, spot)?;
    counted(&verdict.summary(), spot)?;
    Ok(verdict)
}

/// A gate of a verdict that was never finished.
fn unjudged(gate: &GateResult, at: &Pointer) -> Read<()> {
    let status = if gate.terms.blocking { Status::Fail } else { Status::Warn };
    let as_sealed = gate.standing == Standing::NotEvaluated
        && gate.reason == Some(Reason::Incomplete)
        && gate.status == status
        && gate.checks.is_empty()
        && gate.findings.is_empty()
        && gate.blocked_by.is_empty();
    if as_sealed {
        Ok(())
    } else {
        refuse(&at.key("standing"), "a gate that was not judged, as the verdict is incomplete", gate.standing.word())
    }
}

/// What the checks of a gate come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Came {
    /// One failed, or could not be judged.
    Bad,
    /// One passed, and no other is bad.
    Good,
    /// All were skipped.
    Nothing,
}

impl Came {
    fn of(gate: &GateResult) -> Self {
        let any = |outcome| gate.checks.iter().any(|check| check.outcome == outcome);
        match (any("error") || any("fail"), any("pass")) {
            (true, _) => Came::Bad,
            (false, true) => Came::Good,
            (false, false) => Came::Nothing,
        }
    }
}

fn judged(gate: &GateResult, at: &Pointer) -> Read<()> {
    let came = Came::of(gate);
    let failed = if gate.terms.blocking { Status::Fail } else { Status::Warn };
    let status = match came {
        Came::Bad => failed,
        Came::Good if gate.standing == Standing::Blocked => Status::Skip,
        Came::Good => Status::Pass,
        Came::Nothing => Status::Skip,
    };
    if gate.status != status {
        let expected = format!("`{}`, as the checks of `{}` come to", status.word(), gate.id);
        return refuse(&at.key("status"), expected, format!("`{}`", gate.status.word()));
    }
    let standing_fails = if gate.terms.blocking { Standing::Fail } else { Standing::Advisory };
    let may = match (came, gate.blocked_by.is_empty()) {
        (_, false) => gate.standing == Standing::Blocked,
        (Came::Bad, true) => gate.standing == standing_fails || gate.standing == Standing::Waived,
        (Came::Good, true) => gate.standing == Standing::Pass,
        (Came::Nothing, true) => match gate.standing {
            Standing::Skipped => !gate.checks.is_empty(),
            Standing::NotEvaluated => gate.checks.is_empty(),
            Standing::Pass | Standing::Fail | Standing::Waived | Standing::Advisory | Standing::Blocked => false,
        },
    };
    if !may {
        let expected = format!("a standing that goes with status, checks and needs of `{}`", gate.id);
        return refuse(&at.key("standing"), expected, format!("`{}`", gate.standing.word()));
    }
    reasoned(gate, came, at)?;
    if (came == Came::Bad) == gate.findings.is_empty() {
        let expected = if came == Came::Bad { "what a check found" } else { "nothing, as no check found anything" };
        return refuse(&at.key("findings"), expected, format!("{} findings", gate.findings.len()));
    }
    for (index, check) in gate.checks.iter().enumerate() {
        if (check.outcome == "pass") != (check.examined > 0) {
            let at = at.key("checks").index(index).key("examined");
            return refuse(&at, "something examined by a check that passed, and by no other", check.examined.to_string());
        }
    }
    Ok(())
}

/// Why the gate does not simply pass.
fn reasoned(gate: &GateResult, came: Came, at: &Pointer) -> Read<()> {
    let any = |outcome| gate.checks.iter().any(|check| check.outcome == outcome);
    let may = match gate.standing {
        Standing::Pass => gate.reason.is_none(),
        Standing::Blocked => gate.reason == Some(Reason::Blocked),
        Standing::Skipped => gate.reason == Some(Reason::Absent),
        Standing::NotEvaluated => gate.reason == Some(Reason::NotEvaluated),
        Standing::Fail | Standing::Advisory | Standing::Waived => match gate.reason {
            // A gap beside a finding is told by the finding's check, and makes the gate one that could not be judged.
            Some(Reason::Gap(kind)) => gate.findings.first().is_some_and(|first| first.kind == kind.word()),
            Some(Reason::Finding) => came == Came::Bad && !any("error"),
            Some(Reason::Blocked | Reason::Absent | Reason::NotEvaluated | Reason::Incomplete) | None => false,
        },
    };
    if may {
        return Ok(());
    }
    let expected = format!("the reason that goes with standing, checks and findings of `{}`", gate.id);
    refuse(&at.key("reason"), expected, gate.reason.map_or("nothing", Reason::word))
}

/// Waived gates have a waiver that holds and says it was used, and everything that weakens the verdict is told.
fn exceptions(verdict: &Verdict, rest: &Rest, spot: &Spot<'_>) -> Read<()> {
    let with = |standing| verdict.gates.iter().filter(move |gate| gate.standing == standing);
    let mut used = BTreeSet::new();
    for (at, gate, holds) in &rest.used {
        let covered = with(Standing::Waived).any(|own| own.id.as_str() == gate);
        if !covered || !holds || !used.insert(gate.as_str()) {
            return refuse(
                &at.key("used"),
                "a waiver in force that covers the failure of a waived gate, once",
                format!("`{gate}`"),
            );
        }
    }
    for (index, gate) in verdict.gates.iter().enumerate().filter(|(_, gate)| gate.standing == Standing::Waived) {
        let at = spot.at.key("gates").index(index);
        if !used.contains(gate.id.as_str()) {
            return refuse(&at.key("standing"), "a waiver among the exceptions that was used", "none");
        }
        if gate.reason == Some(Reason::Finding) && !gate.terms.waivable {
            return refuse(&at.key("waivable"), "a gate that may be waived, as it is waived", "false");
        }
    }
    let excused = verdict.gates.iter().any(|gate| gate.notes.iter().any(|note| note.about == Note::QUARANTINED));
    if excused && !rest.held {
        return refuse(&spot.at.key("exceptions").key("quarantine"), "the entry that excused a failure", "none that holds");
    }
    let told = |switch| verdict.weakened_by.iter().filter(|row| row.switch == switch).count();
    let incomplete = verdict.incomplete.is_some();
    let rows = [
        ("waiver", with(Standing::Waived).count() > 0),
        ("skipped-gate", with(Standing::Skipped).count() > 0),
        ("quarantine", excused),
        ("rollback-mode", matches!(verdict.mode, Mode::Rollback { .. }) && !incomplete),
    ];
    for (switch, expected) in rows {
        if (told(switch) > 0) != expected {
            let expected =
                if expected { format!("`{switch}`, as gates and mode come to") } else { format!("no `{switch}`") };
            return refuse(&spot.at.key("weakened_by"), expected, format!("{} such rows", told(switch)));
        }
    }
    for (switch, least) in [("waiver", with(Standing::Waived).count()), ("skipped-gate", with(Standing::Skipped).count())] {
        if told(switch) < least {
            return refuse(
                &spot.at.key("weakened_by"),
                format!("`{switch}` for each such gate"),
                format!("{} rows", told(switch)),
            );
        }
    }
    Ok(())
}

/// The ruling, the status and the sentence, derived. Which gates have a say is the lane's rule, which is not recorded: one of the two fits.
fn ruled(verdict: Verdict, spot: &Spot<'_>) -> Read<Verdict> {
    let (word, sentence) = (spot.text("verdict")?, spot.text("reason")?);
    let rules = [LaneRule::Full, LaneRule::Preflight].map(|rule| Verdict { lane_rule: rule, ..verdict.clone() });
    // Another version may say it in other words; which gates it is about follows from the gates all the same.
    let ours = spot.get("tool").is_some_and(|tool| tool.text("version") == Ok(env!("CARGO_PKG_VERSION")));
    let fits = |one: &&Verdict| one.ruling().word() == word && (!ours || one.reason() == sentence);
    let Some(fit) = rules.iter().find(fits) else {
        let own = &rules[0];
        if !rules.iter().any(|one| one.ruling().word() == word) {
            let expected = format!("`{}`, as its gates come to", own.ruling().word());
            return refuse(&spot.at.key("verdict"), expected, format!("`{word}`"));
        }
        return refuse(
            &spot.at.key("reason"),
            format!("`{}`, as its gates come to", own.reason()),
            format!("`{sentence}`"),
        );
    };
    let status = match (fit.incomplete.is_some(), fit.rolled_back()) {
        (true, _) => Some("incomplete"),
        (false, true) => Some("rolled_back"),
        (false, false) => None,
    };
    let stated = spot.maybe("status")?;
    if stated != status {
        let expected = status.unwrap_or("nothing");
        return refuse(
            &spot.at.key("status"),
            format!("{expected}, as mode and gates come to"),
            stated.unwrap_or("nothing"),
        );
    }
    if fit.gates.is_empty() && fit.ruling() != Ruling::Fail {
        return refuse(&spot.at.key("gates"), "gates", "none");
    }
    Ok(fit.clone())
}

fn counted(own: &Summary, spot: &Spot<'_>) -> Read<()> {
    // Destructured, so that a count that is added must be looked at.
    let Summary {
        gates,
        passed,
        failed,
        warned,
        skipped,
        waived,
        quarantined,
        blocked,
        blocking_standing,
        // The gates themselves say it.
        blocking_skipped: _,
        blocking_total,
    } = *own;
    let Some(summary) = spot.get("summary").filter(|summary| summary.node.is_map()) else {
        return refuse(&spot.at.key("summary"), "counts over the gates", "nothing");
    };
    let none = Spot { node: Node::clone(&summary.node), at: summary.at.key("blocking") };
    let blocking = summary.get("blocking").unwrap_or(none);
    let rows = [
        (&summary, "gates", gates),
        (&summary, "passed", passed),
        (&summary, "failed", failed),
        (&summary, "warned", warned),
        (&summary, "skipped", skipped),
        (&summary, "waived", waived),
        (&summary, "quarantined", quarantined),
        (&summary, "exceptions", waived + quarantined),
        (&summary, "blocked", blocked),
        (&blocking, "standing", blocking_standing),
        (&blocking, "total", blocking_total),
    ];
    // A verdict that was written before these were counted has none of them.
    let later = ["quarantined", "exceptions"];
    for (at, key, own) in rows.into_iter().filter(|(at, key, _)| !later.contains(key) || at.get(key).is_some()) {
        let stated = at.count(key)?;
        if stated != own {
            return refuse(&at.at.key(key), format!("{own}, as its gates come to"), stated.to_string());
        }
    }
    Ok(())
}
