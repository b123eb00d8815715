//! `match` arms: does one over a deciding enum catch what nobody named?

use super::tokens::{Token, behind_bracket};

/// The lines of arms that catch everything, in matches that name a variant of one of `enums`. With `own`, `Self::` counts as
/// naming one too.
pub fn catch_alls(tokens: &[Token], enums: &[&str], own: bool) -> Vec<usize> {
    let mut lines = Vec::new();
    for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.text == "match") {
        let Some(body) = body(tokens, at + 1) else {
            panic!("line {}: a match without a body", token.line);
        };
        let patterns = patterns(tokens, body);
        let deciding = patterns.iter().any(|pattern| {
            pattern.windows(2).any(|pair| {
                pair[1].text == "::" && (enums.contains(&pair[0].text.as_str()) || own && pair[0].text == "Self")
            })
        });
        if deciding {
            lines.extend(patterns.iter().filter(|pattern| catches_all(pattern)).map(|pattern| pattern[0].line));
        }
    }
    lines
}

/// The brace that opens the arms: the first one outside brackets.
fn body(tokens: &[Token], mut at: usize) -> Option<usize> {
    while let Some(token) = tokens.get(at) {
        match token.text.as_str() {
            "{" => return Some(at),
            "(" | "[" => at = behind_bracket(tokens, at),
            _ => at += 1,
        }
    }
    None
}

/// The patterns of the arms, without guards.
fn patterns(tokens: &[Token], body: usize) -> Vec<&[Token]> {
    let end = behind_bracket(tokens, body) - 1;
    let (mut found, mut at) = (Vec::new(), body + 1);
    while at < end {
        let start = at;
        let mut guard = None;
        while at < end && tokens[at].text != "=>" {
            if tokens[at].text == "if" {
                guard.get_or_insert(at);
            }
            at = if matches!(tokens[at].text.as_str(), "(" | "[" | "{") { behind_bracket(tokens, at) } else { at + 1 };
        }
        found.push(&tokens[start..guard.unwrap_or(at)]);
        at += 1;
        let block = tokens.get(at).is_some_and(|token| token.text == "{");
        while at < end && tokens[at].text != "," {
            let opens = matches!(tokens[at].text.as_str(), "(" | "[" | "{");
            at = if opens { behind_bracket(tokens, at) } else { at + 1 };
            if block {
                break;
            }
        }
        if tokens.get(at).is_some_and(|token| token.text == ",") {
            at += 1;
        }
    }
    found.retain(|pattern| !pattern.is_empty());
    found
}

/// `_`, a lone lower-case name, and tuples of nothing else.
fn catches_all(pattern: &[Token]) -> bool {
    pattern.iter().all(|token| {
        let text = token.text.as_str();
        let binding = token.is_name() && text.starts_with(|c: char| c == '_' || c.is_lowercase());
        matches!(text, "(" | ")" | "," | "&" | "|") || binding && text != "true" && text != "false"
    })
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tokens;
    use super::*;

    fn lines(source: &str) -> Vec<usize> {
        catch_alls(&tokens(source), &["Outcome"], false)
    }

    #[test]
    fn a_catch_all_over_an_outcome_is_seen() {
        assert_eq!(lines("match o {\n Outcome::Pass => {}\n _ => {}\n}"), [3]);
        assert_eq!(lines("match o {\n Outcome::Pass => 1,\n other => f(other),\n}"), [3]);
        assert_eq!(lines("match (a, b) {\n (Outcome::Pass, _) => 1,\n (_, _) => 2,\n}"), [3]);
        assert_eq!(lines("match o { x::Outcome::Fail(f) if f.is_empty() => match y {\n _ => 0 },\n _ if z => 1 }"), [3]);
    }

    #[test]
    fn named_arms_and_other_enums_are_fine() {
        assert!(lines("match o { Outcome::Pass => 1, Outcome::Fail(_) | Outcome::Error(_) => 2 }").is_empty());
        assert!(lines("match n { 0 => Outcome::Pass, _ => Outcome::Skip }").is_empty());
        assert!(lines("match f(|x| { x }) { Some(Outcome::Pass) => 1, Some(Outcome::Fail) => 0, None => 3 }").is_empty());
    }

    #[test]
    fn self_counts_where_the_enum_is_at_home() {
        let source = tokens("match self { Self::Pass => 1, _ => 2 }");
        assert_eq!(catch_alls(&source, &["Outcome"], true), [1]);
        assert!(catch_alls(&source, &["Outcome"], false).is_empty());
    }
}
