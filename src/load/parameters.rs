//! `[parameter.<name>]`: values that checks see as `policy.<name>`, and where they are named.

use super::gates::Draft;
use crate::definition::{Keys, Kind, Raw, Refusal, choice};
use crate::diagnostic::{Code, Diagnostic};
use crate::gate::{DefinedCheck, Paths};
use crate::model::{Age, Parameter, Policy, Quantity, RelPath, Tighter, Unit, Value};
use crate::source::Span;

const DIRECTIONS: [(&str, Tighter); 5] = [
    ("higher", Tighter::Higher),
    ("lower", Tighter::Lower),
    ("more", Tighter::More),
    ("fewer", Tighter::Fewer),
    ("fixed", Tighter::Fixed),
];

/// Reads one parameter of a policy.
pub(super) fn read(name: &str, at: Option<Span>, keys: &mut Keys<'_>) -> Option<(String, Parameter)> {
    if let Some(at) = at.filter(|_| !is_name(name)) {
        let headline = format!("`{name}` cannot be the name of a parameter");
        let help = "use `a-z`, `0-9` and `_`, beginning with a letter, so that expressions can say `policy.<name>`";
        keys.report(Diagnostic::error(Code::WRONG_TYPE, headline).label(at, "").help(help));
    }
    let value = keys.required::<Value>("value", "What expressions see as `policy.<name>`.");
    let words = DIRECTIONS.iter().map(|(word, _)| *word).collect();
    let doc = "The direction in which a repository may move the value without a reason: `higher` or `lower` for numbers, \
               `more` or `fewer` for lists, `fixed` for neither.";
    let tighter = keys.custom("tighter", true, Kind::Choice(words), doc, |raw: Raw<'_>| choice(raw, &DIRECTIONS));
    let doc = keys.required::<String>("doc", "What it means.");
    let (value, tighter) = (value?, tighter?);
    let fits = match tighter {
        Tighter::Higher | Tighter::Lower => matches!(value, Value::Number(_)) || quantity(&value).is_some(),
        Tighter::More | Tighter::Fewer => matches!(value, Value::List(_)),
        Tighter::Fixed => true,
    };
    if !fits {
        let refusal = Refusal::new(format!("{} cannot grow in this direction", type_name(&value)));
        keys.refuse(
            "tighter",
            refusal.help("`higher` and `lower` are for numbers, also with a unit, `more` and `fewer` for lists"),
        );
    }
    Some((name.to_owned(), Parameter { value, tighter, doc: doc? }))
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// A value's type, as messages say it.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::Text(_) => "text",
        Value::List(_) => "a list",
        Value::Map(_) => "a table",
    }
}

/// A number with its unit, `250 ms`, which parameters hold as text.
fn quantity(value: &Value) -> Option<Quantity> {
    if let Value::Text(text) = value { Quantity::parse(text).ok().or_else(|| age(text)) } else { None }
}

/// A length of time, `5d`, as a number of seconds.
fn age(text: &str) -> Option<Quantity> {
    let seconds = i32::try_from(Age::parse(text).ok()?.as_seconds()).ok()?;
    Some(Quantity { value: f64::from(seconds), unit: Unit::parse("s")? })
}

/// Whether moving a parameter to this value loosens it.
pub fn loosens(parameter: &Parameter, to: &Value) -> bool {
    let within = |inner: &[Value], outer: &[Value]| inner.iter().all(|item| outer.contains(item));
    match (parameter.tighter, &parameter.value, to) {
        (_, from, to) if from == to => false,
        (Tighter::Higher, Value::Number(from), Value::Number(to)) => to < from,
        (Tighter::Lower, Value::Number(from), Value::Number(to)) => to > from,
        (Tighter::Higher | Tighter::Lower, from @ Value::Text(_), to @ Value::Text(_)) => {
            let moved = quantity(from).zip(quantity(to)).and_then(|(from, to)| {
                let to = to.unit.convert(to.value, from.unit)?;
                Some(if parameter.tighter == Tighter::Lower { to > from.value } else { to < from.value })
            });
            moved.unwrap_or(true)
        }
        (Tighter::More, Value::List(from), Value::List(to)) => !within(from, to),
        (Tighter::Fewer, Value::List(from), Value::List(to)) => !within(to, from),
        (Tighter::Higher | Tighter::Lower | Tighter::More | Tighter::Fewer | Tighter::Fixed, _, _) => true,
    }
}

/// Puts in the ages that parameters of the policy hold; reports a parameter that is no length of time.
pub(super) fn fill_ages(policy: &Policy, drafts: &mut [Draft], problems: &mut Vec<Diagnostic>) {
    for draft in drafts {
        for (evidence, name, at) in &draft.ages {
            // One that is not there is reported with all others.
            let Some(parameter) = policy.parameters.get(name) else { continue };
            let text = if let Value::Text(text) = &parameter.value { Age::parse(text).ok() } else { None };
            match text {
                Some(age) => {
                    let needs = draft.gate.iter_mut().flat_map(|gate| &mut gate.evidence);
                    needs.filter(|need| need.id == *evidence).for_each(|need| need.max_age = Some(age));
                }
                None => {
                    let headline =
                        format!("the parameter `{name}` is {}, and no length of time", type_name(&parameter.value));
                    let problem = Diagnostic::error(Code::WRONG_TYPE, headline).label(at.clone(), "");
                    problems.push(problem.help("write it as text with its unit: `90s`, `15m`, `36h`, `5d`, `2w`"));
                }
            }
        }
    }
}

/// What stands in a pattern of evidence for a parameter of the policy.
const HOLE: &str = "{policy.";

/// The parameters in a pattern of evidence: `repo:{policy.scenarios}/TS-*/scenario.yml`.
pub(super) fn in_pattern(pattern: &str) -> impl Iterator<Item = &str> {
    pattern.split(HOLE).skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}

/// Puts the paths that parameters of the policy hold into the patterns of evidence; reports a parameter that is no path.
pub(super) fn fill_paths(policy: &Policy, drafts: &mut [Draft], problems: &mut Vec<Diagnostic>) {
    for draft in drafts {
        let at = &draft.at;
        for need in draft.gate.iter_mut().flat_map(|gate| &mut gate.evidence) {
            let Paths::Declared { pattern, .. } = &mut need.paths else { continue };
            let names: Vec<String> = in_pattern(pattern).map(str::to_owned).collect();
            for name in names {
                // One that is not there is reported with all others.
                let Some(parameter) = policy.parameters.get(&name) else { continue };
                let text = if let Value::Text(text) = &parameter.value { Some(&**text) } else { None };
                let folded = text.and_then(|text| RelPath::parse(text).ok());
                let sound = |path: &RelPath| globset::Glob::new(path.as_str()).is_ok() && !path.as_str().contains(HOLE);
                match folded.filter(sound) {
                    Some(path) => *pattern = pattern.replace(&format!("{HOLE}{name}}}"), path.as_str()),
                    None => {
                        let headline =
                            format!("the parameter `{name}` is {}, and no path of evidence", type_name(&parameter.value));
                        let problem = Diagnostic::error(Code::WRONG_TYPE, headline).label(at.clone(), "");
                        problems.push(problem.help("write a path or pattern below the repository or run: `*/test/e2e`"));
                    }
                }
            }
        }
    }
}

/// The parameters that a check names, each where its table says so.
pub(super) fn named(check: &DefinedCheck, text: &str) -> Vec<(String, Span)> {
    let names = check.check.parameters().into_iter();
    names
        .map(|name| {
            let written = format!("policy.{name}");
            let ends = |at: usize| !text[at + written.len()..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
            let below = check.at.start..text.len();
            let mut places = text[below.clone()].match_indices(&written).map(|(at, _)| below.start + at);
            let at = places.find(|at| ends(*at)).map(|at| Span::new(check.at.source, at..at + written.len()));
            (name, at.unwrap_or_else(|| check.at.clone()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Number;

    #[test]
    fn each_direction_has_two_sides() {
        let number = |n| Value::Number(Number::Int(n));
        let list = |items: &[&str]| Value::List(items.iter().map(|item| Value::from(*item)).collect());
        let cases = [
            (Tighter::Higher, number(5), number(6), number(4)),
            (Tighter::Lower, number(5), number(4), number(6)),
            (Tighter::More, list(&["a"]), list(&["a", "b"]), list(&["b"])),
            (Tighter::Fewer, list(&["a", "b"]), list(&["a"]), list(&["a", "c"])),
            (Tighter::Lower, Value::from("2 s"), Value::from("1999 ms"), Value::from("2001 ms")),
            (Tighter::Higher, Value::from("99 %"), Value::from("1 ratio"), Value::from("1 s")),
            (Tighter::Fixed, number(5), number(5), number(4)),
        ];
        for (tighter, from, stricter, looser) in cases {
            let parameter = Parameter { value: from, tighter, doc: "d".to_owned() };
            assert!(!loosens(&parameter, &stricter) && loosens(&parameter, &looser), "{tighter:?}");
            assert!(loosens(&parameter, &Value::Bool(true)), "another type is never stricter: {tighter:?}");
        }
    }
}
