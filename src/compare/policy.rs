//! The policy as a whole: how it is chosen, its lanes, limits and parameters, and the reasons for what is loosened.
//!
//! Both policies are as they stand once the configuration is laid over them, so a loosening is seen whether it is made in the
//! policy, in `gatekeeper.toml`, or by extending another policy.

use super::value::{UNCLEAR, show, weigh};
use super::{Changes, Class, Definitions, shown};
use crate::gate::Suite;
use crate::load;
use crate::model::{Alphabet, Base, Lane, LaneRule, Parameter, Policy, RelPath, RunBinding, SecretShape, Tighter};
use std::collections::{BTreeMap, BTreeSet};

/// Compares everything but gates and ledger entries.
pub(super) fn compare(base: &Definitions, head: &Definitions, changes: &mut Changes<'_>) {
    let (base, head) = (&base.suite, &head.suite);
    let at = |name: &str| (base.places.find(name), head.places.find(name));
    let (from, to) = (&base.policy, &head.policy);
    // Taken apart, so that what is added does not compile until it is weighed, here or in a function named for it.
    let Suite { policy: _, gates: _, levels: _, fields: _, weakened: _, settings: _, places: _, sources: _ } = base;
    let Policy {
        id: _,
        title: _,
        digest: _,
        gates: _,
        lanes: _,
        limits: _,
        parameters: _,
        ledger: _,
        output: _,
        verdict_schema: _,
        run: _,
        secrets: _,
    } = from;
    changes.unclear("policy", Some(from.id.to_string()), Some(to.id.to_string()), at("id"));
    changes.prose("title", &from.title, &to.title, at("title"));
    lanes(base, head, changes);
    for limit in load::limit_changes(&from.limits, &to.limits) {
        let (class, reason) = match limit.loosens {
            true => (Class::Weakening, "the limit is looser"),
            false => (Class::Tightening, "the limit is stricter"),
        };
        let at = at(&format!("limit.{}", limit.name));
        changes.add(class, format!("limit {}", limit.name), (Some(limit.from), Some(limit.to)), reason, at);
    }
    parameters(base, head, changes);
    secrets(base, head, changes);
    let paths = |ledger: &[(Base, RelPath)]| {
        let paths: Vec<String> = ledger.iter().map(located).collect();
        (!paths.is_empty()).then(|| paths.join(", "))
    };
    changes.unclear("ledger", paths(&from.ledger), paths(&to.ledger), at("ledger"));
    changes.unclear("output", from.output.as_ref().map(located), to.output.as_ref().map(located), at("output"));
    changes.unclear("verdict_schema", from.verdict_schema.clone(), to.verdict_schema.clone(), at("verdict_schema"));
    changes.unclear("run", from.run.as_ref().map(binding), to.run.as_ref().map(binding), at("run"));
    spellings(base, head, changes);
    settings(base, head, changes);
    reasons(base, head, changes);
}

/// What is looked for and hidden beside the built-in shapes of secrets.
fn secrets(base: &Suite, head: &Suite, changes: &mut Changes<'_>) {
    let rows = |suite: &Suite| -> BTreeSet<String> {
        let row = |shape: &SecretShape| {
            let word = Alphabet::ALL.iter().find(|(_, of)| *of == shape.of).map_or("", |(word, _)| word);
            format!("`{}` and {} {word}: {}", shape.begins, shape.least, shape.class)
        };
        suite.policy.secrets.own().iter().map(row).collect()
    };
    let (from, to) = (rows(base), rows(head));
    let at = (base.places.find("secret"), head.places.find("secret"));
    for gone in from.difference(&to) {
        let both = (Some(gone.clone()), None);
        changes.add(Class::Weakening, "secret", both, "secrets of this shape are neither found nor hidden any more", at);
    }
    for new in to.difference(&from) {
        changes.add(
            Class::Tightening,
            "secret",
            (None, Some(new.clone())),
            "secrets of this shape are found and hidden",
            at,
        );
    }
}

fn located((base, path): &(Base, RelPath)) -> String {
    format!("{}:{path}", base.word())
}

fn binding(run: &RunBinding) -> String {
    let RunBinding { file, file_optional, format, id, commit, commit_optional, artifact_dir, baseline, baseline_required } =
        run;
    let format = format.map(|format| format!(", format {format}")).unwrap_or_default();
    let optional = if *commit_optional { " (optional)" } else { "" };
    let directory = artifact_dir.as_ref().map(|at| format!(", artifact_dir {at}")).unwrap_or_default();
    let baseline = baseline.as_ref().map(|(file, at)| format!(", baseline {file}#{at}")).unwrap_or_default();
    let file = if *file_optional { format!("{file} (optional)") } else { file.to_string() };
    let required = if *baseline_required { " (a baseline is required)" } else { "" };
    format!("file {file}{format}, id {id}, commit {commit}{optional}{directory}{baseline}{required}")
}

fn lanes(base: &Suite, head: &Suite, changes: &mut Changes<'_>) {
    let word = |rule| match rule {
        LaneRule::Preflight => "preflight".to_owned(),
        LaneRule::Full => "full".to_owned(),
    };
    let find = |lanes: &[Lane], id| lanes.iter().find(|lane| lane.id == id).map(|lane| lane.rule);
    let known = base.policy.lanes.iter().chain(&head.policy.lanes).map(|lane| lane.id.clone());
    let mut seen = BTreeSet::new();
    for id in known.filter(|id| seen.insert(id.clone())) {
        let at = (base.places.find(&format!("lane.{id}")), head.places.find(&format!("lane.{id}")));
        let (from, to) = (find(&base.policy.lanes, id.clone()), find(&head.policy.lanes, id.clone()));
        let what = format!("lane {id}");
        let both = (from.map(word), to.map(word));
        match (from, to) {
            (Some(LaneRule::Full), Some(LaneRule::Preflight)) => {
                changes.add(Class::Weakening, what, both, "advisory gates have no say in a `preflight` lane", at);
            }
            (Some(LaneRule::Preflight), Some(LaneRule::Full)) => {
                changes.add(Class::Tightening, what, both, "a `full` lane asks every gate", at);
            }
            (Some(_), None) => changes.add(Class::Weakening, what, both, "it is gone", at),
            (None, Some(_)) => changes.add(Class::Neutral, what, both, "another way to ask, beside those there were", at),
            (Some(_), Some(_)) | (None, None) => {}
        }
        let command = |lanes: &[Lane]| {
            lanes.iter().find(|lane| lane.id == id).and_then(|lane| lane.reproduce.clone()).unwrap_or_default()
        };
        let (was, is) = (command(&base.policy.lanes), command(&head.policy.lanes));
        changes.prose("lane", &was, &is, at);
    }
}

/// Parameters, by the direction that the base names: the head cannot turn a direction around unseen.
fn parameters(base: &Suite, head: &Suite, changes: &mut Changes<'_>) {
    let (from, to) = (&base.policy.parameters, &head.policy.parameters);
    let names: BTreeSet<&String> = from.keys().chain(to.keys()).collect();
    for name in names {
        let what = format!("parameter {name}");
        let place = format!("parameter.{name}.value");
        let at = (base.places.find(&place), head.places.find(&place));
        match (from.get(name), to.get(name)) {
            (Some(from), Some(to)) => {
                changes.unclear(
                    &format!("{what} tighter"),
                    Some(direction(from).to_owned()),
                    Some(direction(to).to_owned()),
                    at,
                );
                changes.prose(&format!("{what} doc"), &from.doc, &to.doc, at);
                if from.value != to.value {
                    let both = shown(show(&from.value), show(&to.value));
                    let (class, reason) = match (from.tighter, load::parameter_loosens(from, &to.value)) {
                        (Tighter::Fixed, _) => (Class::Unclear, UNCLEAR.to_owned()),
                        (_, true) => (Class::Weakening, format!("stricter is `{}`", direction(from))),
                        (_, false) => (Class::Tightening, format!("stricter is `{}`", direction(from))),
                    };
                    changes.add(class, what, both, reason, at);
                }
            }
            (Some(gone), None) => changes.unclear(&what, Some(show(&gone.value)), None, at),
            (None, Some(new)) => {
                let both = (None, Some(show(&new.value)));
                changes.add(Class::Neutral, what, both, "a value that nothing in the base names", at);
            }
            (None, None) => {}
        }
    }
}

fn direction(parameter: &Parameter) -> &'static str {
    match parameter.tighter {
        Tighter::Higher => "higher",
        Tighter::Lower => "lower",
        Tighter::More => "more",
        Tighter::Fewer => "fewer",
        Tighter::Fixed => "fixed",
    }
}

fn spellings(base: &Suite, head: &Suite, changes: &mut Changes<'_>) {
    let show = |suite: &Suite| {
        let spelt: Vec<String> = suite.fields.0.iter().map(|(ours, theirs)| format!("{ours} = {theirs}")).collect();
        (!spelt.is_empty()).then(|| spelt.join(", "))
    };
    let at = (base.places.find("ledger"), head.places.find("ledger"));
    changes.unclear("ledger fields", show(base), show(head), at);
}

fn settings(base: &Suite, head: &Suite, changes: &mut Changes<'_>) {
    let map = |suite: &Suite| -> BTreeMap<&'static str, _> {
        suite.settings.iter().map(|stated| (stated.key, stated.clone())).collect()
    };
    let (from, to) = (map(base), map(head));
    for key in from.keys().chain(to.keys()).copied().collect::<BTreeSet<_>>() {
        let (from, to) = (from.get(key), to.get(key));
        let value = |stated: Option<&crate::definition::Stated>| stated.and_then(|stated| stated.value.clone());
        let (was, is) = (value(from), value(to));
        if let Some((class, _)) = weigh(None, was.as_ref(), is.as_ref()) {
            let both = (was.as_ref().map(show), is.as_ref().map(show));
            let at = (from.and_then(|stated| stated.at.as_ref()), to.and_then(|stated| stated.at.as_ref()));
            changes.add(class, key, both, UNCLEAR, at);
        }
    }
}

/// What the configuration loosens with a reason, and a configuration that is passed over.
fn reasons(base: &Suite, head: &Suite, changes: &mut Changes<'_>) {
    let facts = |suite: &Suite| -> BTreeSet<String> {
        suite.weakened.iter().map(|weakening| format!("{}: {}", weakening.switch, weakening.detail)).collect()
    };
    let (from, to) = (facts(base), facts(head));
    let at = (base.places.find("configuration"), head.places.find("configuration"));
    for gone in from.difference(&to) {
        let both = (Some(gone.clone()), None);
        changes.add(Class::Tightening, "weaken", both, "a reason for being looser is gone", at);
    }
    for new in to.difference(&from) {
        let both = (None, Some(new.clone()));
        changes.add(Class::Weakening, "weaken", both, "a reason for being looser is new", at);
    }
}
