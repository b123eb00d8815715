//! Rust source as tokens: comments gone, literals emptied, every token with its line.
//!
//! A small lexer, not a parser: enough to see paths, `match` arms and `mod` lines without being fooled by text inside
//! strings and comments.

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its text; `""` for any raw or byte string, `''` for any character, `'a` for any lifetime.
    pub text: String,
    /// Its line, from 1.
    pub line: usize,
}

impl Token {
    /// Whether it is a name or keyword.
    pub fn is_name(&self) -> bool {
        self.text.starts_with(|c: char| c == '_' || c.is_alphabetic())
    }
}

/// The tokens of a source text.
pub fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let (mut at, mut line, mut found) = (0, 1, Vec::new());
    while at < chars.len() {
        let start = at;
        let text = match (chars[at], chars.get(at + 1).copied()) {
            (c, _) if c.is_whitespace() => {
                at += 1;
                None
            }
            ('/', Some('/')) => {
                at = chars[at..].iter().position(|c| *c == '\n').map_or(chars.len(), |end| at + end);
                None
            }
            ('/', Some('*')) => {
                at = end_of_comment(&chars, at);
                None
            }
            (':', Some(':')) => {
                at += 2;
                Some("::".to_owned())
            }
            ('=', Some('>')) => {
                at += 2;
                Some("=>".to_owned())
            }
            ('\'', next) => {
                let closed = chars.get(at + 2) == Some(&'\'');
                if next == Some('\\') || closed {
                    at = end_of_quoted(&chars, at + 1, '\'');
                    Some("''".to_owned())
                } else {
                    at = end_of_word(&chars, at + 1);
                    Some("'a".to_owned())
                }
            }
            ('"', _) => {
                at = end_of_quoted(&chars, at + 1, '"');
                Some(chars[start..at].iter().collect())
            }
            (c, _) if c == '_' || c.is_alphanumeric() => {
                at = end_of_word(&chars, at);
                let word: String = chars[start..at].iter().collect();
                match (word.as_str(), chars.get(at)) {
                    ("b" | "c", Some('"')) => {
                        at = end_of_quoted(&chars, at + 1, '"');
                        Some("\"\"".to_owned())
                    }
                    ("b", Some('\'')) => {
                        at = end_of_quoted(&chars, at + 1, '\'');
                        Some("''".to_owned())
                    }
                    ("r" | "br" | "cr", Some('"' | '#')) => match end_of_raw(&chars, at) {
                        Some(end) => {
                            at = end;
                            Some("\"\"".to_owned())
                        }
                        // `r#name`: a name that happens to be a keyword.
                        None => {
                            let name = at + 1;
                            at = end_of_word(&chars, name);
                            Some(chars[name..at].iter().collect())
                        }
                    },
                    _ => Some(word),
                }
            }
            (c, _) => {
                at += 1;
                Some(c.to_string())
            }
        };
        found.extend(text.map(|text| Token { text, line }));
        line += chars[start..at].iter().filter(|c| **c == '\n').count();
    }
    found
}

fn end_of_word(chars: &[char], at: usize) -> usize {
    chars[at..].iter().position(|c| *c != '_' && !c.is_alphanumeric()).map_or(chars.len(), |end| at + end)
}

fn end_of_quoted(chars: &[char], mut at: usize, quote: char) -> usize {
    while at < chars.len() && chars[at] != quote {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

fn end_of_raw(chars: &[char], at: usize) -> Option<usize> {
    let hashes = chars[at..].iter().take_while(|c| **c == '#').count();
    if chars.get(at + hashes) != Some(&'"') {
        return None;
    }
    let mut end = at + hashes + 1;
    while end < chars.len() {
        if chars[end] == '"' && chars[end + 1..].iter().take_while(|c| **c == '#').count() >= hashes {
            return Some(end + 1 + hashes);
        }
        end += 1;
    }
    Some(end)
}

fn end_of_comment(chars: &[char], mut at: usize) -> usize {
    let mut depth = 0;
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => {
                depth += 1;
                at += 2;
            }
            ('*', Some('/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    at
}

/// The position behind the bracket that closes the one at `open`.
pub fn behind_bracket(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    tokens.len()
}

/// The tokens without what only tests compile, and the modules that `#[cfg(test)] mod name;` declares, each by the name of
/// its file (`#[path = "file.rs"]`) or else its own.
pub fn without_tests(tokens: &[Token]) -> (Vec<Token>, Vec<String>) {
    const TEST_ONLY: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let (mut kept, mut modules, mut at) = (Vec::new(), Vec::new(), 0);
    while at < tokens.len() {
        let here = &tokens[at..];
        if here.len() < 7 || !here.iter().zip(TEST_ONLY).all(|(token, text)| token.text == text) {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        }
        at += 7;
        let mut path = None;
        while tokens.get(at).is_some_and(|token| token.text == "#") {
            let end = behind_bracket(tokens, at + 1);
            if tokens[at + 2].text == "path" {
                path = Some(tokens[at + 4].text.trim_matches('"').to_owned());
            }
            at = end;
        }
        let item = at;
        while at < tokens.len() && tokens[at].text != ";" && tokens[at].text != "{" {
            at = if matches!(tokens[at].text.as_str(), "(" | "[") { behind_bracket(tokens, at) } else { at + 1 };
        }
        if tokens.get(at).is_some_and(|token| token.text == "{") {
            at = behind_bracket(tokens, at);
            // `#[cfg(test)] use a::{b, c};` ends at the semicolon, not at the brace.
            if tokens.get(item).is_some_and(|token| token.text == "use") {
                at += 1;
            }
        } else {
            let words: Vec<&str> = tokens[item..at].iter().map(|token| token.text.as_str()).collect();
            if let Some(name) = words.iter().position(|word| *word == "mod").and_then(|mark| words.get(mark + 1)) {
                modules.push(path.unwrap_or_else(|| (*name).to_owned()));
            }
            at += 1;
        }
    }
    (kept, modules)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        tokens(source).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn comments_and_literals_hold_no_names() {
        let source = "a // crate::b\n/* c /* d */ e */ \"f \\\" g\" r#\"h \" i\"# b\"j\" 'k' '\\'' 'l: r#type";
        assert_eq!(texts(source), ["a", "\"f \\\" g\"", "\"\"", "\"\"", "''", "''", "'a", ":", "type"]);
    }

    #[test]
    fn lines_count_through_strings_and_comments() {
        let found = tokens("/*\n\n*/ a \"\n\" b");
        assert_eq!(found.iter().map(|token| token.line).collect::<Vec<_>>(), [3, 3, 4]);
    }

    #[test]
    fn what_only_tests_compile_is_cut_off() {
        let source = "a; #[cfg(test)] mod tests { b; } c; #[cfg(test)] mod more; #[cfg(test)] #[path = \"x.rs\"] mod y; #[cfg(test)] use d::{e, f}; g";
        let (kept, modules) = without_tests(&tokens(source));
        assert_eq!(kept.iter().map(|token| token.text.as_str()).collect::<String>(), "a;c;g");
        assert_eq!(modules, ["more", "x.rs"]);
    }
}
