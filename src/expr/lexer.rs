//! Cuts the text of an expression into tokens.
//!
//! It follows the lexical rules of CEL for strings, comments and names; what is no number after all is left for the parser to refuse.

use super::problem::Problem;
use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    Word,
    Literal,
    Open,
    Close,
    Operator,
}

/// Cuts the text into tokens. A string or quoted name that is not closed ends the scan.
pub(super) fn read(text: &str) -> (Vec<(Range<usize>, TokenKind)>, Vec<Problem>) {
    let mut tokens = Vec::new();
    let mut problems = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let (length, kind) = match first {
            ' ' | '\t' | '\r' | '\n' | '\x0c' => {
                at += 1;
                continue;
            }
            _ if rest.starts_with("//") => {
                at += rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            _ if quote_at(rest).is_some() => match string_length(rest) {
                Some(length) => (length, TokenKind::Literal),
                None => {
                    problems.push(Problem::new(at..text.len(), "the string is not closed"));
                    return (tokens, problems);
                }
            },
            'a'..='z' | 'A'..='Z' | '_' => (word_length(rest), TokenKind::Word),
            '`' => match rest[1..].find('`') {
                Some(length) => (length + 2, TokenKind::Word),
                None => {
                    problems.push(Problem::new(at..at + 1, "the quoted field name is not closed"));
                    return (tokens, problems);
                }
            },
            '0'..='9' => (number_length(rest), TokenKind::Literal),
            '.' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => (number_length(rest), TokenKind::Literal),
            '(' | '[' | '{' => (1, TokenKind::Open),
            ')' | ']' | '}' => (1, TokenKind::Close),
            _ if ["==", "!=", "<=", ">=", "&&", "||"].iter().any(|two| rest.starts_with(two)) => (2, TokenKind::Operator),
            '<' | '>' | '!' | '+' | '-' | '*' | '/' | '%' | '.' | ',' | '?' | ':' => (1, TokenKind::Operator),
            other => {
                let help = match other {
                    '=' => Some("compare with `==`"),
                    '&' => Some("write `&&`"),
                    '|' => Some("write `||`"),
                    '$' | '@' => Some("names begin with a letter or `_`"),
                    _ => None,
                };
                let mut problem = Problem::new(at..at + other.len_utf8(), format!("`{other}` has no meaning here"));
                problem.help = help.map(str::to_owned);
                problems.push(problem);
                at += other.len_utf8();
                continue;
            }
        };
        tokens.push((at..at + length, kind));
        at += length;
    }
    (tokens, problems)
}

fn word_length(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())
}

/// Digits, letters and dots, and a sign behind an exponent. What is no number in the end is refused by the parser.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let hex = text.starts_with("0x");
    let mut length = 0;
    while let Some(&byte) = bytes.get(length) {
        let digit_follows = bytes.get(length + 1).is_some_and(u8::is_ascii_digit);
        let part = byte.is_ascii_alphanumeric()
            || byte == b'_'
            || (byte == b'.' && digit_follows)
            || (matches!(byte, b'+' | b'-') && !hex && digit_follows && matches!(bytes[length - 1], b'e' | b'E'));
        if !part {
            break;
        }
        length += 1;
    }
    length
}

/// Where the opening quote of a string stands, behind its `r` and `b` prefixes, and whether it is raw.
fn quote_at(text: &str) -> Option<(usize, bool)> {
    let prefix = text.bytes().take(3).position(|byte| matches!(byte, b'"' | b'\''))?;
    let lower = text[..prefix].to_ascii_lowercase();
    matches!(&*lower, "" | "r" | "b" | "br").then(|| (prefix, lower.ends_with('r')))
}

/// The length of the string that the text begins with, prefixes and quotes included.
fn string_length(text: &str) -> Option<usize> {
    let (prefix, raw) = quote_at(text)?;
    let quote = &text[prefix..prefix + 1];
    let triple = quote.repeat(3);
    let close = if text[prefix..].starts_with(&triple) { &*triple } else { quote };
    let mut at = prefix + close.len();
    while let Some(next) = text[at..].chars().next() {
        if text[at..].starts_with(close) {
            return Some(at + close.len());
        }
        if close.len() == 1 && matches!(next, '\n' | '\r') {
            return None;
        }
        at += next.len_utf8();
        if next == '\\' && !raw {
            at += text[at..].chars().next()?.len_utf8();
        }
    }
    None
}
