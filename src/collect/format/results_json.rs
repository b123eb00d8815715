//! What the readers of test results in one JSON document share: damage at a value, totals, the run as a whole.

use super::{decode, json, malformed, report};
use crate::model::{
    Attempt, AttemptStatus, Contradiction, Gap, Node, Number, Pointer, Remark, Spot, TestReport, TestSuite, Where,
};

/// A value that no document of the format has.
pub(super) struct Misfit {
    at: Pointer,
    expected: &'static str,
    actual: String,
}

pub(super) fn misfit(at: &Pointer, expected: &'static str, found: Option<Node<'_>>) -> Misfit {
    Misfit { at: at.clone(), expected, actual: found.map_or_else(|| "nothing".to_owned(), |node| node.excerpt(80)) }
}

/// Parses one JSON document and reads it with this function.
pub(super) fn read(bytes: &[u8], at: &Where, own: fn(Node<'_>) -> Result<TestReport, Misfit>) -> Result<TestReport, Gap> {
    let document = json::parse(&decode::json(bytes, at)?, &json::Room::default()).map_err(|fault| {
        let actual = format!("{} (line {}, column {})", fault.message, fault.line, fault.column);
        fault.gap(at, (fault.line > 0).then_some(fault.line), "a sound JSON document of test results", actual)
    })?;
    let told = own(document.root()).map_err(|Misfit { at: pointer, expected, actual }| {
        let gap = malformed(at, None, expected, actual);
        Gap { at: Where { pointer: Some(pointer), ..gap.at.clone() }, ..gap }
    })?;
    report::room(told.suites.iter().flat_map(|suite| &suite.cases).map(|case| case.attempts.len()).sum(), at)?;
    Ok(told)
}

/// The list under this key.
pub(super) fn list<'d>(node: Node<'d>, at: &Pointer, key: &str) -> Result<Node<'d>, Misfit> {
    let found = node.get(key);
    found.filter(|list| list.is_list()).ok_or_else(|| misfit(&at.key(key), "a list", found))
}

/// The text under this key.
pub(super) fn text<'d>(node: Node<'d>, at: &Pointer, key: &str) -> Result<&'d str, Misfit> {
    let found = node.get(key);
    found.and_then(Node::text).ok_or_else(|| misfit(&at.key(key), "a text", found))
}

/// The text under this key, or nothing.
pub(super) fn words<'d>(node: Node<'d>, key: &str) -> &'d str {
    node.get(key).and_then(Node::text).unwrap_or_default()
}

/// A line number under this key.
pub(super) fn line(node: Node<'_>, key: &str) -> Option<u64> {
    whole(node, key).and_then(|line| line.try_into().ok())
}

/// A whole number under this key.
pub(super) fn whole(node: Node<'_>, key: &str) -> Option<i128> {
    node.get(key).and_then(Node::number).and_then(Number::as_integer)
}

/// A length of time as `0.5s`, in seconds.
pub(super) fn seconds_of_text(text: &str) -> Option<f64> {
    report::seconds(text.strip_suffix('s')?)
}

/// A length of time in this unit, in seconds.
pub(super) fn seconds(node: Option<Node<'_>>, units_per_second: f64) -> Option<f64> {
    node.and_then(Node::number).map(|number| number.as_float() / units_per_second).filter(|seconds| *seconds >= 0.0)
}

/// So many failed attempts before the last one, of which the report tells no more.
pub(super) fn earlier(count: i128) -> impl Iterator<Item = Attempt> {
    (0..count.clamp(0, 100)).map(|_| Attempt::new(AttemptStatus::Failed, None, "it was run again"))
}

/// The message of a status that is not known: it failed.
pub(super) fn unknown(status: &str) -> String {
    format!("unknown status `{}`", status.chars().take(40).collect::<String>())
}

/// How many cases and errors of suites are told that did not pass.
pub(super) fn trouble(report: &TestReport) -> i128 {
    let totals = report.totals();
    (totals.failed + totals.errored) as i128
}

/// An error that belongs to no suite that is told of.
pub(super) fn of_the_run(report: &mut TestReport, message: &str, at: Spot) {
    let mut suite = TestSuite::new("", at.clone());
    suite.errors.push(Remark::new(message, at));
    report.suites.push(suite);
}

/// Compares a stated total with what is told. More trouble than is told is a contradiction, anything else a difference.
pub(super) fn total(
    report: &mut TestReport,
    (at, word): (&Pointer, &str),
    stated: Option<Node<'_>>,
    told: i128,
    bad: bool,
) {
    let Some(node) = stated else { return };
    let number = node.number().and_then(Number::as_integer);
    if number == Some(told) {
        return;
    }
    let found = Contradiction {
        items: format!("{told} {word}"),
        stated: format!("{word} = {}", node.excerpt(40)),
        at: Spot::Value(at.clone()),
    };
    let worse = bad && number.is_none_or(|number| number > told);
    if worse { report.contradictions.push(found) } else { report.differences.push(found) }
}
