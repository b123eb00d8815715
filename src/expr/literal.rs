//! Numbers and strings as they are written out in an expression.
//!
//! In: the text of one token. Out: its value, or a problem whose bytes count from the start of the token. Integers range from -2^63 to 2^63-1, with the suffix `u` from 0 to
//! 2^64-1; strings have the prefixes and escapes of CEL.

use super::catalogue::Function;
use super::functions;
use super::problem::Problem;
use crate::model::Number;
use std::str::Chars;

/// Whether the token is a number and not a string.
pub(super) fn is_number(token: &str) -> bool {
    token.starts_with(|c: char| c.is_ascii_digit()) || (token.len() > 1 && token.starts_with('.'))
}

/// The number that a token says, with `negative` behind a sign.
pub(super) fn number(token: &str, negative: bool) -> Result<Number, Problem> {
    let sign = if negative { "-" } else { "" };
    let unsigned = token.strip_suffix(['u', 'U']);
    let digits = unsigned.unwrap_or(token);
    let hex = digits.strip_prefix("0x").filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()) && !hex.is_empty());
    if hex.is_none() && (digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit())) {
        return match (unsigned, token.parse::<f64>()) {
            (None, Ok(float)) if float.is_finite() => Ok(Number::Float(if negative { -float } else { float })),
            (None, Ok(_)) => Err(wrong(token, format!("`{sign}{token}` is larger than a number can be"))),
            (_, _) => Err(no_number(token)),
        };
    }
    let (digits, radix) = hex.map_or((digits, 10), |hex| (hex, 16));
    let read = i128::from_str_radix(digits, radix).ok().map(|number| if negative { -number } else { number });
    let (range, limits) = match unsigned {
        Some(_) => (0..=i128::from(u64::MAX), "0 to 2^64-1"),
        None => (i128::from(i64::MIN)..=i128::from(i64::MAX), "-2^63 to 2^63-1; with the suffix `u` from 0 to 2^64-1"),
    };
    match read.filter(|number| range.contains(number)) {
        Some(number) => Ok(Number::Int(number)),
        None => Err(wrong(token, format!("`{sign}{token}` is no integer from {limits}"))),
    }
}

fn wrong(token: &str, message: impl Into<String>) -> Problem {
    Problem::new(0..token.len(), message)
}

fn no_number(token: &str) -> Problem {
    let meant = [(Function::Duration, "duration"), (Function::Version, "version")];
    let help = meant.into_iter().find(|&(function, _)| functions::check_literal(function, token).is_ok());
    let problem = wrong(token, format!("`{token}` is no number"));
    match help {
        Some((_, name)) => problem.help(format!("write `{name}('{token}')`")),
        None => problem,
    }
}

/// The text that a string token says.
pub(super) fn string(token: &str) -> Result<String, Problem> {
    let start = token.find(['"', '\'']).unwrap_or(token.len());
    let (prefix, quoted) = token.split_at(start);
    if prefix.contains(['b', 'B']) {
        return Err(wrong(token, "documents hold no bytes; write a string"));
    }
    let triple = ["\"\"\"", "'''"].iter().any(|quote| quoted.starts_with(quote));
    let width = if triple { 3 } else { 1 };
    let inner = quoted.get(width..quoted.len() - width).unwrap_or_default().replace("\r\n", "\n").replace('\r', "\n");
    if !prefix.is_empty() || !inner.contains('\\') {
        return Ok(inner);
    }
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner.chars();
    while let Some(next) = rest.next() {
        match next {
            '\\' => {
                let before = rest.as_str();
                let escaped = escape(&mut rest);
                out.push(escaped.ok_or_else(|| {
                    let written: String = before.chars().take(1).collect();
                    wrong(token, format!("the string holds an escape that does not exist: `\\{written}`"))
                })?);
            }
            plain => out.push(plain),
        }
    }
    Ok(out)
}

/// The character that an escape means; the text stands behind its backslash.
fn escape(rest: &mut Chars<'_>) -> Option<char> {
    let first = rest.next()?;
    let mut code = |start: u32, radix: u32, digits: usize| {
        let value = (0..digits).try_fold(start, |value, _| Some(value.checked_mul(radix)? + rest.next()?.to_digit(radix)?));
        char::from_u32(value?)
    };
    Some(match first {
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        '\\' | '?' | '"' | '\'' | '`' => first,
        'x' | 'X' => code(0, 16, 2)?,
        'u' => code(0, 16, 4)?,
        'U' => code(0, 16, 8)?,
        '0'..='3' => code(first.to_digit(8)?, 8, 2)?,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_edges() {
        let cases = [
            ("0", false, "0"),
            ("007", false, "7"),
            ("9223372036854775807", false, "9223372036854775807"),
            ("9223372036854775808", true, "-9223372036854775808"),
            ("18446744073709551615u", false, "18446744073709551615"),
            ("0x1F", true, "-31"),
            ("0xffU", false, "255"),
            (".5", false, "0.5"),
            ("1.5e-3", true, "-0.0015"),
            ("2E2", false, "200.0"),
        ];
        let read = cases.map(|(text, negative, _)| number(text, negative).expect(text).to_string());
        assert_eq!(read, cases.map(|(_, _, value)| value));
    }

    #[test]
    fn what_is_no_number_is_said() {
        let cases = [
            ("9223372036854775808", "no integer from -2^63"),
            ("18446744073709551616u", "no integer from 0"),
            ("0x", "no number"),
            ("0xg", "no number"),
            ("1_000", "no number"),
            ("1e", "no number"),
            ("1e999", "larger than a number can be"),
            ("1.5u", "no number"),
            ("5d", "no number"),
        ];
        for (text, part) in cases {
            let wrong = number(text, false).expect_err(text);
            assert!(wrong.message.contains(part), "{text}: {wrong:?}");
        }
    }

    #[test]
    fn strings_are_unescaped() {
        let cases = [
            ("'a'", "a"),
            ("\"it's\"", "it's"),
            ("'''a'b\r\nc'''", "a'b\nc"),
            ("r'\\d'", "\\d"),
            ("''", ""),
            ("''''''", ""),
            ("'\\x41\\u00e4\\U0001F980\\101\\n\\\\\\''", "Aä🦀A\n\\'"),
        ];
        for (token, text) in cases {
            assert_eq!(string(token).expect(token), text);
        }
        for token in ["'\\q'", "'\\x4'", "'\\ud800'", "'\\U00110000'", "'\\400'", "'\\18'", "'\\x+4'", "b'a'", "Br'a'"] {
            assert!(string(token).is_err(), "{token}");
        }
    }
}
