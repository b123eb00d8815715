//! The attempts of a pipeline's stages: which rows are attempts of one stage, and which of them another one took the place of.
//!
//! In: the stages as they are told. Out: the same with one row for each attempt, the number that each states counted from 1, and whether a later one
//! follows. Whether the numbers are those that they should be is for the gate.

use super::pipeline_summary::Row;
use super::pipeline_words::Fields;
use crate::model::{Node, Number};
use std::collections::BTreeMap;

/// The number of an attempt.
pub(super) const NUMBER: &[&str] = &["attempt", "attempt_number", "attemptNumber", "attempt_no", "try"];
/// The attempts themselves, the last one among them.
const LIST: &[&str] = &["attempts", "tries"];
/// The same of the run as a whole: a number that is that of the run says nothing of a stage.
const OF_THE_RUN: &[&str] = &["attempt", "run_attempt", "runAttempt", "attempt_number"];

/// What a row is among the attempts of its stage.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// Its number, from 1; `None` for a stage that tells of no attempts.
    pub(super) attempt: Option<i128>,
    /// A later attempt stands behind it.
    pub(super) superseded: bool,
}

/// One row for each attempt: a stage with a list of them is so many, of which the last is the stage itself.
pub(super) fn apart<'d>(stages: Vec<Row<'d>>) -> Vec<Row<'d>> {
    let mut rows = Vec::new();
    for stage in stages {
        let list = LIST.iter().copied().find_map(|key| Some((key, stage.node.get(key)?)));
        let attempts: Vec<Node<'d>> = list.iter().flat_map(|(_, list)| list.items()).collect();
        if attempts.is_empty() || !attempts.iter().all(|attempt| attempt.is_map()) {
            rows.push(stage);
            continue;
        }
        let key = list.map_or("", |(key, _)| key);
        let last = attempts.len() - 1;
        for (index, attempt) in attempts.into_iter().enumerate() {
            let number = Some(number(attempt).unwrap_or(index as i128 + 1));
            let name = stage.name.clone();
            rows.push(match index == last {
                true => Row { last: Some(attempt), number, name, at: stage.at.clone(), ..stage },
                false => Row { node: attempt, name, at: stage.at.key(key).index(index), last: None, number },
            });
        }
    }
    rows
}

/// The place of each row.
pub(super) fn places(root: Node<'_>, rows: &[Row<'_>]) -> Vec<Place> {
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        by_name.entry(row.name.as_deref().unwrap_or_default()).or_default().push(index);
    }
    let stated: Vec<Option<i128>> = rows.iter().map(|row| row.number.or_else(|| number(row.node))).collect();
    let whole = OF_THE_RUN.iter().find_map(|key| integer(root.get(key)?));
    let alone = by_name.values().all(|rows| rows.len() == 1);
    let mut places = vec![Place::default(); rows.len()];
    if alone && whole.is_some() && stated.iter().all(|number| number.is_none() || *number == whole) {
        return places;
    }
    for own in by_name.values() {
        let numbers: Vec<i128> = own.iter().filter_map(|index| stated[*index]).collect();
        if numbers.is_empty() {
            continue;
        }
        let shift = i128::from(numbers.contains(&0));
        for (nth, index) in own.iter().enumerate() {
            let number = stated[*index].map(|number| number.saturating_add(shift));
            places[*index].attempt = number.or((nth == 0).then_some(1));
            places[*index].superseded = places[*index].attempt.is_some() && nth + 1 < own.len();
        }
    }
    places
}

/// The number that an attempt states: `2`, `"2"`, `"2/3"`.
fn number(node: Node<'_>) -> Option<i128> {
    if !node.is_map() {
        return None;
    }
    Fields::new(node, crate::model::Pointer::root()).first(NUMBER, integer).ok().flatten()
}

/// A number, or a text that begins with one.
pub(super) fn integer(node: Node<'_>) -> Option<i128> {
    let text = |text: &str| text.split('/').next()?.trim().parse().ok();
    node.number().and_then(Number::as_integer).or_else(|| node.text().and_then(text))
}
