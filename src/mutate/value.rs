//! What can be written in the place of a value: other types, opposites, neighbours.

use super::mutant::Mutator;
use super::tree::{Kind, Literal};
use crate::model::parse_instant;
use chrono::{Duration, SecondsFormat};

/// Words and their opposites, in lower case.
const OPPOSITES: [(&str, &str); 10] = [
    ("pass", "fail"),
    ("passed", "failed"),
    ("passing", "failing"),
    ("success", "failure"),
    ("succeeded", "failed"),
    ("ok", "error"),
    ("true", "false"),
    ("yes", "no"),
    ("stable", "regression"),
    ("healthy", "unhealthy"),
];

/// Everything that is written in the place of a value, with the word for it.
pub(super) fn others(kind: &Kind) -> Vec<(Mutator, Literal)> {
    let text = |text: &str| Literal::Text(text.to_owned());
    match kind {
        Kind::Null => vec![(Mutator::Type, text("text"))],
        Kind::Bool(flag) => vec![
            (Mutator::Null, Literal::Null),
            (Mutator::Type, text(if *flag { "true" } else { "false" })),
            (Mutator::Flip, Literal::Bool(!flag)),
        ],
        Kind::Number(number) => {
            let mut all = vec![(Mutator::Null, Literal::Null), (Mutator::Type, Literal::Text(number.clone()))];
            all.extend(numbers(number).into_iter().map(|(mutator, number)| (mutator, Literal::Number(number))));
            all
        }
        Kind::Text(written) => {
            let mut all = vec![(Mutator::Null, Literal::Null), (Mutator::Type, Literal::Number("7".to_owned()))];
            all.extend(opposite(written).map(|word| (Mutator::Flip, Literal::Text(word))));
            let numbers = numbers(written).into_iter().filter(|(mutator, _)| *mutator != Mutator::Negate);
            let numbers: Vec<_> = numbers.map(|(mutator, number)| (mutator, Literal::Text(number))).collect();
            match numbers.is_empty() {
                true => all.push((Mutator::Change, Literal::Text(changed(written)))),
                false => all.extend(numbers),
            }
            all
        }
        Kind::List(items) => {
            let mut all = vec![(Mutator::Null, Literal::Null), (Mutator::Type, text("text"))];
            all.extend((!items.is_empty()).then_some((Mutator::Clear, Literal::Nothing(false))));
            all
        }
        Kind::Map(_) => vec![(Mutator::Null, Literal::Null), (Mutator::Type, text("text"))],
    }
}

/// The neighbours of a number and its opposite, as it is written; none for what is no number.
pub(super) fn numbers(written: &str) -> Vec<(Mutator, String)> {
    if let Ok(number) = written.parse::<i128>() {
        let Some((more, less)) = number.checked_add(1).zip(number.checked_sub(1)) else { return Vec::new() };
        let mut all = vec![(Mutator::Increment, more.to_string()), (Mutator::Decrement, less.to_string())];
        all.extend((number != 0).then(|| (Mutator::Negate, (-number).to_string())));
        return all;
    }
    let plain = written.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    match written.parse::<f64>() {
        Ok(number) if plain && number.is_finite() && number.abs() < 1e15 => {
            let write = |number: f64| if number.fract() == 0.0 { format!("{number:.1}") } else { number.to_string() };
            let mut all = vec![(Mutator::Increment, write(number + 1.0)), (Mutator::Decrement, write(number - 1.0))];
            all.extend((number != 0.0).then(|| (Mutator::Negate, write(-number))));
            all
        }
        Ok(_) | Err(_) => Vec::new(),
    }
}

/// The opposite of a word for success or failure, in the same case.
pub(super) fn opposite(word: &str) -> Option<String> {
    let lower = word.to_ascii_lowercase();
    let other = OPPOSITES.iter().find_map(|(good, bad)| match lower.as_str() {
        found if found == *good => Some(*bad),
        found if found == *bad => Some(*good),
        _ => None,
    })?;
    let capital = |c: char| c.is_ascii_uppercase();
    Some(if word.chars().all(capital) {
        other.to_ascii_uppercase()
    } else if word.starts_with(capital) {
        other[..1].to_ascii_uppercase() + &other[1..]
    } else {
        other.to_owned()
    })
}

/// A text that differs in one character, and still looks alike: a time is a second later, a digest a digest.
pub(super) fn changed(text: &str) -> String {
    if let Ok(instant) = parse_instant(text) {
        return (instant + Duration::seconds(1)).to_rfc3339_opts(SecondsFormat::AutoSi, true);
    }
    let Some((at, last)) = text.char_indices().rev().find(|(_, c)| c.is_ascii_alphanumeric()) else {
        return format!("{text}x");
    };
    let other = match last {
        '9' => '0',
        'f' => 'e',
        'F' => 'E',
        'z' => 'y',
        'Z' => 'Y',
        // A digit, or a letter with one behind it of its own kind.
        c => char::from_u32(u32::from(c) + 1).unwrap_or('x'),
    };
    format!("{}{other}{}", &text[..at], &text[at + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_move_by_one_and_change_sign() {
        let told = |written: &str| numbers(written).into_iter().map(|(_, number)| number).collect::<Vec<_>>();
        assert_eq!(told("5"), ["6", "4", "-5"]);
        assert_eq!(told("0"), ["1", "-1"]);
        assert_eq!(told("0.5"), ["1.5", "-0.5", "-0.5"]);
        assert_eq!(told("five"), Vec::<String>::new());
        assert_eq!(told("inf"), Vec::<String>::new());
    }

    #[test]
    fn words_turn_into_their_opposite() {
        assert_eq!(opposite("pass").as_deref(), Some("fail"));
        assert_eq!(opposite("FAILED").as_deref(), Some("PASSED"));
        assert_eq!(opposite("Ok").as_deref(), Some("Error"));
        assert_eq!(opposite("compass"), None);
    }

    #[test]
    fn texts_change_and_look_alike() {
        assert_eq!(changed("2026-03-02T10:15:00Z"), "2026-03-02T10:15:01Z");
        assert_eq!(changed("abcdef"), "abcdee");
        assert_eq!(changed("v1.9"), "v1.0");
        assert_eq!(changed("…"), "…x");
        let mut seen = 0;
        for text in ["a", "Z", "9", "f/", "tests/a.rs", "", "x y"] {
            assert_ne!(changed(text), text);
            seen += 1;
        }
        assert_eq!(seen, 7);
    }
}
