//! Expressions in the keys of checks: read with the file's ranges, evaluated over admitted evidence, told as findings.
//!
//! In: the text of a key, and [`Admitted`]. Out: a [`Condition`] with what it names, the [`Scope`] it is evaluated in, and findings
//! whose places are those of the evidence. Names that may occur free: the gate's evidence, `policy`, `now`, `run`, and what the
//! kind binds. Optional evidence that is absent is `null` for an expression that speaks of `null`; any other is not evaluated then.

use crate::definition::{Kind, Raw, Refusal};
use crate::diagnostic::Code;
use crate::expr::{At, Expression, Operand, Problem, Scope, Trouble, TroubleKind};
use crate::gate::{Admitted, Context, Declared, Place, Refused, Step, Use};
use crate::model::{Content, Document, EvidenceId, Finding, Gap, GapKind, Map, Value, Where};
use std::ops::Range;
use std::sync::LazyLock;

/// Names that every expression may use beside evidence.
const ALWAYS: [&str; 3] = ["policy", "now", "run"];

/// What stands for evidence that is absent.
pub(super) static NULL: LazyLock<Document> = LazyLock::new(|| Document::new(Value::Null));

/// A compiled expression of a check.
#[derive(Debug)]
pub(super) struct Condition {
    /// The expression.
    pub(super) expression: Expression,
    /// The evidence that it names.
    pub(super) evidence: Vec<EvidenceId>,
    /// Each `has(..)` in it: the path, and its bytes in the file.
    guards: Vec<(String, Range<usize>)>,
    /// Each text that is put in order although it looks like a number or a version, and its bytes in the file.
    orders: Vec<(String, Range<usize>)>,
}

impl Condition {
    /// Whether it may look at the items of evidence that [`Content::summary`] leaves out.
    fn looks_at_items(&self, id: &EvidenceId, many: bool) -> bool {
        self.expression.looks_at(id.as_str(), many, Content::ITEMS)
    }
}

/// The form of keys that hold expressions.
pub(super) fn kind() -> Kind {
    Kind::Pattern("\\S", "an expression")
}

/// Reads the expression of a key. `bound` are the names that the kind binds.
pub(super) fn read(raw: Raw<'_>, bound: &[&str]) -> Result<Condition, Vec<Refusal>> {
    let text = raw.string("an expression").map_err(|e| vec![e])?;
    compile(raw, text, 0, text, bound)
}

/// Compiles the part of a key's `content` that begins at byte `start`.
pub(super) fn compile(
    raw: Raw<'_>,
    content: &str,
    start: usize,
    text: &str,
    bound: &[&str],
) -> Result<Condition, Vec<Refusal>> {
    let evidence: Vec<&str> = raw.scope.evidence.iter().map(EvidenceId::as_str).collect();
    if let Some(hidden) = evidence.iter().find(|id| ALWAYS.contains(id) || bound.contains(id)) {
        let message = format!("the name `{hidden}` is both evidence of the gate and bound by the check");
        return Err(vec![Refusal::new(message).code(Code::EXPRESSION).help("give the evidence another id")]);
    }
    let known: Vec<&str> = evidence.iter().chain(&ALWAYS).chain(bound).copied().collect();
    let place = |range: &Range<usize>| {
        let from = raw.offset_in_string(content, start + range.start);
        let to = raw.offset_in_string(content, start + range.end);
        from..to.max(from + 1)
    };
    let expression = Expression::compile(text, &known).map_err(|problems| {
        problems.into_iter().map(|problem| refusal(&problem, place(&problem.range))).collect::<Vec<_>>()
    })?;
    let named = raw.scope.evidence.iter().filter(|id| expression.names().contains(id.as_str())).cloned().collect();
    let guards = expression.guards().iter().map(|guard| (guard.path.clone(), place(&guard.range))).collect();
    let ordered = |range: Range<usize>| (text.get(range.clone()).unwrap_or(text).to_owned(), place(&range));
    let orders = expression.doubted_orders().into_iter().map(ordered).collect();
    Ok(Condition { expression, evidence: named, guards, orders })
}

fn refusal(problem: &Problem, range: Range<usize>) -> Refusal {
    let refusal = Refusal { range: Some(range), ..Refusal::new(problem.message.clone()).code(Code::EXPRESSION) };
    match &problem.help {
        Some(help) => refusal.help(help.clone()),
        None => refusal,
    }
}

/// The words of caution about orders: each text that looks like a number or a version and is compared by code point.
pub(super) fn doubts<'c>(conditions: impl IntoIterator<Item = &'c Condition>) -> Vec<Refusal> {
    let orders = conditions.into_iter().flat_map(|condition| &condition.orders);
    let doubt = |(text, range): &(String, Range<usize>)| {
        let refusal =
            Refusal::new(format!("{text} is compared as a text: \"9\" comes after \"18\"")).code(Code::TEXT_ORDER);
        let refusal = refusal.help("write `version(..)` on both sides, or `double(..)` and a number");
        Refusal { range: Some(range.clone()), ..refusal }
    };
    orders.map(doubt).collect()
}

/// The words of caution about guards, each `has(..)` without a reason, and a reason without any; and about orders.
pub(super) fn cautions<'c>(reason: Option<&str>, conditions: impl IntoIterator<Item = &'c Condition>) -> Vec<Refusal> {
    let conditions: Vec<&Condition> = conditions.into_iter().collect();
    let mut cautions = guarded(reason, &conditions);
    cautions.extend(doubts(conditions));
    cautions
}

fn guarded(reason: Option<&str>, conditions: &[&Condition]) -> Vec<Refusal> {
    let guards: Vec<&(String, Range<usize>)> = conditions.iter().flat_map(|condition| &condition.guards).collect();
    match reason {
        Some(_) if guards.is_empty() => {
            let refusal = Refusal::new("`absence` gives a reason, and no expression asks `has(...)`");
            vec![refusal.code(Code::GUARDED_ABSENCE).help("remove `absence`")]
        }
        Some(_) => Vec::new(),
        None => guards
            .into_iter()
            .map(|(path, range)| {
                let message = format!("without `{path}` the expression may hold all the same");
                let refusal = Refusal::new(message).code(Code::GUARDED_ABSENCE);
                let refusal = refusal.help(format!("ask for `{path}` itself, or say in `absence` why it may be absent"));
                Refusal { range: Some(range.clone()), ..refusal }
            })
            .collect(),
    }
}

/// What conditions read: each evidence they name, whole.
pub(super) fn reads<'c>(conditions: impl IntoIterator<Item = &'c Condition>) -> Vec<(EvidenceId, Use)> {
    conditions.into_iter().flat_map(|condition| condition.evidence.iter().map(|id| (id.clone(), Use::Whole))).collect()
}

/// The places that conditions read: of the evidence that they name, and of what `bound` names are bound to.
pub(super) fn declares<'c>(
    conditions: impl IntoIterator<Item = &'c Condition>,
    bound: &[(&str, &[&Place])],
) -> Vec<Declared> {
    let mut found = Vec::new();
    for condition in conditions {
        for (name, way) in condition.expression.places() {
            let steps = way.into_iter().map(|step| step.map_or(Step::Each, Step::Key));
            let steps: Vec<Step> = steps.collect();
            let evidence = condition.evidence.iter().find(|id| id.as_str() == name);
            let mut add = |evidence: &EvidenceId, before: &[Step]| {
                let steps = before.iter().chain(&steps).cloned().collect();
                found.push(Declared::Value(Place { evidence: evidence.clone(), steps }));
            };
            if let Some(id) = evidence {
                add(id, &[]);
            }
            for place in bound.iter().filter(|(own, _)| *own == name).flat_map(|(_, places)| *places) {
                // A list at a place stands for its items.
                add(&place.evidence, &place.steps);
                add(&place.evidence, &place.below("*").steps);
            }
        }
    }
    found
}

/// The parameters that conditions name: `policy.<name>`.
pub(super) fn parameters<'c>(conditions: impl IntoIterator<Item = &'c Condition>) -> Vec<String> {
    let names = conditions.into_iter().flat_map(|condition| condition.expression.fields("policy"));
    names.map(str::to_owned).collect()
}

/// `run` as expressions see it: the name of its directory, its id and commit; or `null`.
pub(super) fn run(context: &Context) -> Document {
    let text = |text: &Option<String>| text.as_deref().map_or(Value::Null, Value::from);
    Document::new(context.run.as_ref().map_or(Value::Null, |run| {
        let entries =
            vec![("name".into(), text(&run.name)), ("id".into(), text(&run.id)), ("commit".into(), text(&run.commit))];
        Value::Map(Map::from_entries(entries).expect("three different keys"))
    }))
}

/// Binds `policy`, `now` and `run` where a condition names them.
pub(super) fn bind_always<'d>(scope: &mut Scope<'d>, names: &[&Condition], context: &'d Context, run: &'d Document) {
    let named = |name: &str| names.iter().any(|condition| condition.expression.names().contains(name));
    if named("policy") {
        scope.bind("policy", context.parameters.root());
    }
    if named("now") {
        scope.bind_instant("now", context.now);
    }
    if named("run") {
        scope.bind("run", run.root());
    }
}

/// The evidence that must be admitted before conditions can be evaluated: all that they name, without what is absent and may be
/// `null`.
pub(super) fn asked<'c>(conditions: &[&'c Condition], evidence: &Admitted<'_>) -> Vec<&'c EvidenceId> {
    let mut asked: Vec<&EvidenceId> = Vec::new();
    for condition in conditions {
        let speaks_of_null = says_null(condition.expression.text());
        asked.extend(condition.evidence.iter().filter(|id| !(speaks_of_null && evidence.is_absent(id))));
    }
    asked
}

/// The scope of conditions: all evidence that they name, and what is always there.
///
/// # Errors
/// The outcome to return: every gap of the evidence, or the allowed absence of evidence in an expression without `null`.
pub(super) fn scope<'d>(
    conditions: &[&Condition],
    evidence: &Admitted<'d>,
    run: &'d Document,
) -> Result<Scope<'d>, Refused> {
    super::values::admit(evidence, asked(conditions, evidence))?;
    let mut scope = Scope::new();
    bind_always(&mut scope, conditions, evidence.context, run);
    for id in conditions.iter().flat_map(|condition| &condition.evidence) {
        if evidence.is_absent(id) {
            scope.bind(id.as_str(), NULL.root());
            continue;
        }
        let many = evidence.get(id)?.many;
        let whole = conditions.iter().any(|condition| condition.looks_at_items(id, many));
        let documents = if whole { evidence.documents(id)? } else { evidence.summaries(id)? };
        match documents.as_slice() {
            [one, ..] if !many => scope.bind(id.as_str(), one.root),
            all => scope.bind_documents(id.as_str(), all.iter().map(|doc| doc.root)),
        }
    }
    Ok(scope)
}

/// Whether an expression asks about `null`, outside of strings.
pub(super) fn says_null(text: &str) -> bool {
    static WORDS: LazyLock<regex::Regex> =
        LazyLock::new(|| regex::Regex::new(r#""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\b(null)\b"#).expect("a sound pattern"));
    WORDS.captures_iter(text).any(|found| found.get(1).is_some())
}

/// The place of a value in the evidence; `None` for what is no evidence (`policy`, `run`).
pub(super) fn place(at: &At, evidence: &Admitted<'_>) -> Option<Where> {
    let id = EvidenceId::try_from(at.binding.as_str()).ok()?;
    evidence.evidence.get(&id)?;
    let artifact = *evidence.artifacts(&id).ok()?.get(at.document)?;
    Some(Where::pointer(&artifact.path.shown, at.pointer.clone()))
}

/// What came of an evaluation without an answer: a finding about the evidence, or a gap where the definition is at fault. `at` is the
/// value to blame, `fallback` the place of what was evaluated.
pub(super) fn fault(trouble: &Trouble, text: &str, at: Option<Where>, fallback: &Where) -> Result<Finding, Gap> {
    let part = text.get(trouble.range.clone()).unwrap_or(text);
    let expected = format!("{} for `{part}`", trouble.expected);
    let of_policy = trouble.at.as_ref().is_some_and(|at| at.binding == "policy");
    let gap = match trouble.kind {
        TroubleKind::TooExpensive => Some(GapKind::OverLimit),
        TroubleKind::Unbound => Some(GapKind::Invalid),
        TroubleKind::MissingField
        | TroubleKind::TypeMismatch
        | TroubleKind::Overflow
        | TroubleKind::DivisionByZero
        | TroubleKind::BadTimestamp
        | TroubleKind::BadDuration
        | TroubleKind::BadNumber
        | TroubleKind::BadVersion
        | TroubleKind::NotBoolean
        | TroubleKind::NotList
        | TroubleKind::OutOfRange
        | TroubleKind::EmptyList => of_policy.then_some(GapKind::Invalid),
    };
    if let Some(kind) = gap {
        return Err(Gap::new(kind, fallback.clone(), expected, trouble.actual.clone()));
    }
    // One word for one idea: the typed kinds call it so too.
    let kind = if trouble.kind == TroubleKind::TypeMismatch { "wrong-type" } else { trouble.kind.word() };
    let at = at.unwrap_or_else(|| fallback.clone());
    let message = format!("{}: {} is needed; found {}", at.subject(), trouble.expected, trouble.actual);
    Ok(Finding::new(kind, expected, trouble.actual.clone()).saying(message).at(at))
}

/// The sentence of a condition that is not true, without any expression: what the author of the gate asks for, and the plain values that
/// decided.
pub(super) fn sentence(expect: Option<&str>, operands: &[Operand]) -> String {
    static PATH: LazyLock<regex::Regex> = LazyLock::new(|| {
        regex::Regex::new(r#"^[A-Za-z_]\w*(\.\w+|\["[^"]+"\]|\['[^']+'\]|\[\w+\])*$"#).expect("a sound pattern")
    });
    let fact = |operand: &Operand| {
        let sized = operand.text.strip_suffix(".size()").filter(|path| PATH.is_match(path));
        match (sized, operand.value.as_str()) {
            (Some(path), "1") => Some(format!("`{path}` has 1 item")),
            (Some(path), count) => Some(format!("`{path}` has {count} items")),
            (None, value) if value.starts_with(['[', '{']) || !PATH.is_match(&operand.text) => None,
            (None, value) => Some(format!("`{}` is {value}", operand.text)),
        }
    };
    let facts: Vec<String> = operands.iter().filter_map(fact).take(4).collect();
    let expect = expect.unwrap_or("the condition of this gate (`-v` shows it)");
    match facts.as_slice() {
        [] => format!("not true: {expect}"),
        facts => format!("not true: {expect}; {}", facts.join(", ")),
    }
}

/// The values that decided, for a finding's `actual`.
pub(super) fn told(operands: &[Operand]) -> String {
    if operands.is_empty() {
        return "it does not hold".to_owned();
    }
    operands.iter().map(|operand| format!("`{}` = {}", operand.text, operand.value)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_a_word_outside_of_strings() {
        assert!(says_null("a == null || a.b") && says_null("null!=a"));
        assert!(!says_null("a == 'null'") && !says_null("a.nullable") && !says_null(r#"a == "x \" null""#));
    }
}
