//! Gates: which there are, how the policy takes them, and what each says of itself.

use super::value::UNCLEAR;
use super::{Changes, Class, checks, needs, shown};
use crate::gate::{Gate, Suite};
use crate::model::{GateId, GateTerms};
use std::collections::BTreeSet;

/// Compares the gates of two suites.
pub(super) fn compare(base: &Suite, head: &Suite, changes: &mut Changes<'_>) {
    order(base, head, changes);
    let known: Vec<&GateId> = base.policy.gates.iter().chain(&head.policy.gates).map(|terms| &terms.id).collect();
    let mut seen = BTreeSet::new();
    for id in known.into_iter().filter(|id| seen.insert(*id)) {
        changes.gate = Some(id.clone());
        terms(id, base, head, changes);
        if let (Some(from), Some(to)) = (base.gates.get(id), head.gates.get(id)) {
            gate(from, to, changes);
        }
    }
    changes.gate = None;
}

/// The order of the report, among the gates that both have.
fn order(base: &Suite, head: &Suite, changes: &mut Changes<'_>) {
    let common = |own: &Suite, other: &Suite| -> Vec<String> {
        let both = own.policy.gates.iter().filter(|terms| other.policy.terms(&terms.id).is_some());
        both.map(|terms| terms.id.to_string()).collect()
    };
    let (from, to) = (common(base, head), common(head, base));
    if from != to {
        let at = (base.places.find("gate"), head.places.find("gate"));
        changes.add(Class::Neutral, "order of gates", shown(from.join(", "), to.join(", ")), "only the order", at);
    }
}

fn terms(id: &GateId, base: &Suite, head: &Suite, changes: &mut Changes<'_>) {
    let (from, to) = (base.policy.terms(id), head.policy.terms(id));
    let at = |key: &str| {
        let name = format!("gate.{id}{key}");
        (base.places.find(&name), head.places.find(&name))
    };
    let (Some(from), Some(to)) = (from, to) else {
        let show = |terms: &crate::model::GateTerms| if terms.blocking { "blocking" } else { "advisory" }.to_owned();
        changes.presence("gate", (from.map(show), to.map(show)), at(""));
        return;
    };
    let GateTerms { id: _, blocking, waivable, gap_waivable } = from;
    changes.flag("blocking", *blocking, to.blocking, true, at(".blocking"));
    changes.flag("waivable", *waivable, to.waivable, false, at(".waivable"));
    changes.flag("gap_waivable", *gap_waivable, to.gap_waivable, false, at(".gap_waivable"));
}

fn gate(from: &Gate, to: &Gate, changes: &mut Changes<'_>) {
    // Taken apart, so that what is added does not compile until it is weighed here. Needs, evidence and checks are weighed below.
    let Gate {
        id: _,
        pack,
        title,
        owner,
        bead,
        why,
        needs: _,
        reproduce,
        remediation,
        evidence: _,
        checks: _,
        at: place,
        places,
    } = from;
    let at = |name: &str| (places.find(name).or(Some(place)), to.places.find(name).or(Some(&to.at)));
    changes.prose("title", title, &to.title, at("title"));
    changes.prose("owner", owner, &to.owner, at("owner"));
    changes.prose("bead", bead, &to.bead, at("bead"));
    changes.prose("why", why, &to.why, at("why"));
    changes.prose("remediation", &remediation.join(" / "), &to.remediation.join(" / "), at("remediation"));
    changes.prose("pack", pack.as_str(), to.pack.as_str(), at("id"));
    if *reproduce != to.reproduce {
        changes.add(Class::Unclear, "reproduce", shown(reproduce.text(), to.reproduce.text()), UNCLEAR, at("reproduce"));
    }
    edges(from, to, at("needs"), changes);
    needs::compare(from, to, changes);
    checks::compare(from, to, changes);
}

/// The gates that must stand before this one can.
fn edges(from: &Gate, to: &Gate, at: super::At<'_>, changes: &mut Changes<'_>) {
    for gone in from.needs.iter().filter(|need| !to.needs.contains(need)) {
        changes.presence("needs", (Some(gone.to_string()), None), at);
    }
    for new in to.needs.iter().filter(|need| !from.needs.contains(need)) {
        changes.presence("needs", (None, Some(new.to_string())), at);
    }
    let list = |gate: &Gate| gate.needs.iter().map(GateId::to_string).collect::<Vec<_>>();
    let (was, is) = (list(from), list(to));
    let same = was.iter().collect::<BTreeSet<_>>() == is.iter().collect::<BTreeSet<_>>();
    if same && was != is {
        changes.add(Class::Neutral, "needs", shown(was.join(", "), is.join(", ")), "only the order", at);
    }
}
