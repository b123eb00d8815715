//! What answers are counted with, another way than the engine does.

use serde_json::{Value, json};

/// Whether two numbers are one, but for the order in which they were added up.
pub fn near(left: &Value, right: f64) -> bool {
    left.as_f64().is_some_and(|left| (left - right).abs() <= 1e-9 * right.abs().max(1.0))
}

/// The engine counts the place between two values in millionths.
pub fn nearly(left: &Value, right: f64) -> bool {
    left.as_f64().is_some_and(|left| (left - right).abs() <= 1e-5 * right.abs().max(1.0))
}

/// The value in the middle.
pub fn median(values: &mut [f64]) -> f64 {
    part(values, 0.5)
}

/// The value at this part of the way, between two where it lies between them.
pub fn part(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let place = part * (values.len() - 1) as f64;
    let (low, high) = (place.floor() as usize, place.ceil() as usize);
    values[low] + (values[high] - values[low]) * (place - low as f64)
}

/// The row with these values; it is not there twice.
pub fn row<'a>(answer: &'a [Value], keys: &[(&str, &str)]) -> Option<&'a Value> {
    let mut found = answer.iter().filter(|row| keys.iter().all(|(key, value)| row[*key] == json!(value)));
    let one = found.next();
    assert!(found.next().is_none(), "{keys:?} is there twice");
    one
}
