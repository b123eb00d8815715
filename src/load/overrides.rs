//! The configuration laid over the policy: what tightens is taken, what loosens needs its reason.

use super::config::{Config, Override, Subject, Weaken};
use super::gates;
use super::limits::Limit;
use super::parameters::{self, type_name};
use super::paths::{Located, Outputs};
use super::policies::Draft;
use crate::diagnostic::{Code, Diagnostic, did_you_mean};
use crate::gate::{Format, Paths, Reading};
use crate::model::{Base, Document, GateTerms, RelPath, SecretShapes, Value, Weakening};
use crate::source::Span;

/// Lays the configuration over the policy and says what that loosens.
pub(super) fn apply(config: &Config, draft: &mut Draft, problems: &mut Vec<Diagnostic>) -> Vec<Weakening> {
    let mut scale =
        Scale { reasons: &config.weaken, used: vec![false; config.weaken.len()], weakened: Vec::new(), problems };
    for stated in &config.limits {
        let old = stated.limit.get(&draft.policy.limits);
        if stated.limit.loosens(old, stated.amount) {
            let show = |amount| stated.limit.show(amount);
            let fact = format!("limit `{}` goes from {} to {}", stated.limit.name, show(old), show(stated.amount));
            scale.weigh(Subject::Limit, stated.limit.name, &fact, stated.at.as_ref().unwrap_or(&config.at));
        }
        stated.limit.set(&mut draft.policy.limits, stated.amount);
        let at = stated.at.as_ref().unwrap_or(&config.at);
        draft.places.put(format!("limit.{}", stated.limit.name), at.clone());
    }
    if !config.secrets.is_empty() {
        let shapes = draft.policy.secrets.own().iter().chain(&config.secrets).cloned();
        draft.policy.secrets = SecretShapes::with(shapes.collect());
        draft.places.put("secret", config.places.find("secret").unwrap_or(&config.at).clone());
    }
    parameters(config, draft, &mut scale);
    for (position, terms) in config.overrides.iter().enumerate() {
        match config.overrides[..position].iter().find(|earlier| earlier.id == terms.id) {
            Some(earlier) => scale.problems.push(
                Diagnostic::error(Code::DUPLICATE_ID, format!("the gate `{}` is named twice", terms.id))
                    .label(terms.at.clone(), "named again here")
                    .label(earlier.at.clone(), "named here first"),
            ),
            None => gate(terms, draft, &mut scale),
        }
    }
    scale.refuse_idle_reasons();
    let weakened = scale.weakened;

    if let Some((ledger, at)) = &config.ledger {
        draft.policy.ledger = ledger.iter().map(|Located(base, path)| (*base, path.clone())).collect();
        draft.ledger_at = Some(at.clone());
        draft.places.put("ledger", at.clone());
    }
    for key in ["output", "verdict_schema"] {
        config.places.find(key).into_iter().for_each(|at| draft.places.put(key, at.clone()));
    }
    draft.settings.extend(config.settings.iter().cloned());
    draft.places.put("configuration", config.at.clone());
    if let Some(Outputs(base, path)) = &config.output {
        draft.policy.output = Some((*base, path.clone()));
    }
    if let Some(schema) = &config.verdict_schema {
        draft.policy.verdict_schema = Some(schema.clone());
    }
    weakened
}

/// Weighs changes against the reasons for them.
struct Scale<'a> {
    reasons: &'a [Weaken],
    used: Vec<bool>,
    weakened: Vec<Weakening>,
    problems: &'a mut Vec<Diagnostic>,
}

impl Scale<'_> {
    /// Takes a loosening fact: with a reason it is a weakening, without one an error.
    fn weigh(&mut self, subject: Subject, name: &str, fact: &str, at: &Span) {
        let reason = self.reasons.iter().position(|reason| reason.subject == subject && reason.name == name);
        if let Some(position) = reason {
            self.used[position] = true;
            let detail = format!("{fact}: {}", self.reasons[position].reason);
            self.weakened.push(Weakening { switch: "override", detail });
        } else {
            let help = format!("say why, under `[[weaken]]`: `{} = \"{name}\"` and `reason = \"...\"`", subject.word());
            let problem = Diagnostic::error(Code::WEAKENED, format!("{fact}, which is looser, without a reason"));
            self.problems.push(problem.label(at.clone(), "looser than in the policy").help(help));
        }
    }

    fn refuse_idle_reasons(&mut self) {
        for reason in self.reasons.iter().zip(&self.used).filter(|(_, used)| !**used).map(|(reason, _)| reason) {
            let headline =
                format!("the {} `{}` is not loosened, so its reason excuses nothing", reason.subject.word(), reason.name);
            let mut warning = Diagnostic::warning(Code::UNUSED_REASON, headline).label(reason.at.clone(), "");
            if reason.subject == Subject::Limit && Limit::named(&reason.name).is_none() {
                warning = warning.help(did_you_mean(&reason.name, Limit::names()));
            }
            self.problems.push(warning);
        }
    }
}

fn parameters(config: &Config, draft: &mut Draft, scale: &mut Scale<'_>) {
    for (name, value, at) in &config.parameters {
        let Some(parameter) = draft.policy.parameters.get_mut(name) else {
            let known = draft.policy.parameters.keys().map(String::as_str);
            let headline = format!("the policy `{}` has no parameter `{name}`", draft.policy.id);
            let problem = Diagnostic::error(Code::UNKNOWN_PARAMETER, headline).label(at.clone(), "");
            scale.problems.push(problem.help(did_you_mean(name, known)));
            continue;
        };
        let (is, was) = (type_name(value), type_name(&parameter.value));
        if is != was {
            let headline = format!("parameter `{name}` is {was} in the policy and {is} here");
            scale.problems.push(Diagnostic::error(Code::WRONG_TYPE, headline).label(at.clone(), format!("expected {was}")));
            continue;
        }
        if parameters::loosens(parameter, value) {
            let show = |value: &Value| Document::new(value.clone()).root().excerpt(60);
            let fact = format!("parameter `{name}` goes from {} to {}", show(&parameter.value), show(value));
            scale.weigh(Subject::Parameter, name, &fact, at);
        }
        parameter.value = value.clone();
        draft.places.put(format!("parameter.{name}.value"), at.clone());
    }
}

fn gate(stated: &Override, draft: &mut Draft, scale: &mut Scale<'_>) {
    let value = |flag: &Option<(bool, Span)>, default| flag.as_ref().map_or(default, |(value, _)| *value);
    let Some(terms) = draft.policy.gates.iter_mut().find(|terms| terms.id == stated.id) else {
        if stated.blocking.is_none() {
            let headline = format!("the added gate `{}` does not say whether it is blocking", stated.id);
            let problem = Diagnostic::error(Code::MISSING_KEY, headline).label(stated.at.clone(), "not in the policy");
            scale.problems.push(problem.help("add `blocking = true` or `blocking = false`"));
        }
        draft.policy.gates.push(GateTerms {
            id: stated.id.clone(),
            blocking: value(&stated.blocking, true),
            waivable: value(&stated.waivable, true),
            gap_waivable: value(&stated.gap_waivable, false),
        });
        draft.gates_at.push(stated.at.clone());
        draft.places.put(format!("gate.{}", stated.id), stated.at.clone());
        return;
    };
    let changes = [
        ("blocking", &mut terms.blocking, &stated.blocking, true, "is no longer blocking"),
        ("waivable", &mut terms.waivable, &stated.waivable, false, "becomes waivable"),
        ("gap_waivable", &mut terms.gap_waivable, &stated.gap_waivable, false, "becomes waivable even without evidence"),
    ];
    for (key, term, change, strict, phrase) in changes {
        let Some((value, at)) = change else { continue };
        if *term == strict && *value != strict {
            scale.weigh(Subject::Gate, stated.id.as_str(), &format!("gate `{}` {phrase}", stated.id), at);
        }
        *term = *value;
        draft.places.put(format!("gate.{}.{key}", stated.id), at.clone());
    }
}

/// Lets the evidence of gates follow the ledger to where the configuration says it lies, so that the ledger that is in force
/// is the one that is judged. Several files are not followed, and then reported if no gate judges them.
pub(super) fn move_ledger(from: &[(Base, RelPath)], to: &[(Base, RelPath)], drafts: &mut [gates::Draft]) {
    let ([(old_base, old)], [(new_base, new)]) = (from, to) else { return };
    for need in drafts.iter_mut().filter_map(|draft| draft.gate.as_mut()).flat_map(|gate| &mut gate.evidence) {
        match &mut need.paths {
            Paths::Declared { base, pattern, .. } if base == old_base && *pattern == old.as_str() => {
                *base = *new_base;
                *pattern = new.to_string();
            }
            Paths::Declared { .. } | Paths::Referenced { .. } => {}
        }
    }
}

/// Puts the configuration's schema ids on the evidence that they name.
pub(super) fn pin_schemas(config: &Config, drafts: &mut [gates::Draft], problems: &mut Vec<Diagnostic>) {
    for (name, schema, at) in &config.schemas {
        let ids: Vec<&str> = drafts.iter().map(|draft| draft.id.as_str()).collect();
        let (gate, evidence) = name.split_once('.').unwrap_or((name, ""));
        let Some(place) = ids.iter().position(|id| *id == gate) else {
            let headline = format!("a schema is pinned for `{name}`, and there is no gate `{gate}`");
            let problem = Diagnostic::error(Code::UNKNOWN_GATE, headline).label(at.clone(), "");
            problems.push(problem.help(did_you_mean(gate, ids.iter().copied())));
            continue;
        };
        // A gate that could not be read has its own problems.
        let Some(own) = &mut drafts[place].gate else { continue };
        let known: Vec<String> = own.evidence.iter().map(|need| need.id.to_string()).collect();
        let Some(need) = own.evidence.iter_mut().find(|need| need.id.as_str() == evidence) else {
            let headline = format!("a schema is pinned for `{name}`, and gate `{gate}` has no evidence `{evidence}`");
            let problem = Diagnostic::error(Code::UNKNOWN_EVIDENCE, headline).label(at.clone(), "");
            problems.push(problem.help(did_you_mean(evidence, known.iter().map(String::as_str))));
            continue;
        };
        if looks_inside(need.format) {
            need.schema = Some(schema.clone());
        } else {
            let headline =
                format!("a schema is pinned for `{name}`, whose format `{}` does not look into files", need.format.id);
            problems.push(Diagnostic::error(Code::WRONG_TYPE, headline).label(at.clone(), ""));
        }
    }
}

fn looks_inside(format: &Format) -> bool {
    match format.reading {
        Reading::Whole(_) | Reading::Tests(_) | Reading::Sift(_) | Reading::Stream(_) => true,
        Reading::Opaque | Reading::Names => false,
    }
}
