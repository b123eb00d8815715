//! The paths that a source file names, and what they mean inside the crate.

use super::tokens::Token;

/// One path, as written: `use` trees are spelled out, `as` names dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// Its words, `crate`, `self` and `super` among them; a glob ends in `*`.
    pub words: Vec<String>,
    /// Where it begins.
    pub line: usize,
    /// Whether a `use` names it.
    pub imported: bool,
    /// Whether it is called as a macro.
    pub called: bool,
    /// The inline modules around it.
    inside: Vec<String>,
}

impl Path {
    /// The path from the crate's root, for a file that is `module`; `None` if it begins elsewhere (a package, a local name).
    /// Going above the root yields an empty path.
    pub fn within(&self, module: &[String]) -> Option<Vec<String>> {
        let mut place: Vec<String> = module.iter().chain(&self.inside).cloned().collect();
        let mut rest = self.words.as_slice();
        match rest.first()?.as_str() {
            "crate" => {
                place.clear();
                rest = &rest[1..];
            }
            "self" => rest = &rest[1..],
            "super" => {}
            _ => return None,
        }
        while let Some((first, tail)) = rest.split_first() {
            if first != "super" {
                break;
            }
            if place.pop().is_none() {
                return Some(Vec::new());
            }
            rest = tail;
        }
        place.extend(rest.iter().cloned());
        Some(place)
    }

    /// The path as text.
    pub fn text(&self) -> String {
        self.words.join("::")
    }

    /// Whether it begins with these words.
    pub fn begins(&self, words: &[&str]) -> bool {
        self.words.len() >= words.len() && self.words.iter().zip(words).all(|(own, word)| own == word)
    }
}

/// Every path in the tokens.
pub fn paths(tokens: &[Token]) -> Vec<Path> {
    let mut found = Vec::new();
    // Inline modules that are open, each with the depth of braces at which it ends.
    let (mut open, mut depth): (Vec<(String, usize)>, usize) = (Vec::new(), 0);
    let mut at = 0;
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    while at < tokens.len() {
        let inside: Vec<String> = open.iter().map(|(name, _)| name.clone()).collect();
        match text(at) {
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                open.retain(|(_, end)| *end <= depth);
            }
            "mod" if text(at + 2) == "{" => {
                open.push((text(at + 1).to_owned(), depth + 1));
                at += 1;
            }
            "use" if text(at + 1) != "<" => {
                let line = tokens[at].line;
                let (trees, end) = tree(tokens, at + 1, &[]);
                found.extend(trees.into_iter().map(|words| Path {
                    words,
                    line,
                    imported: true,
                    called: false,
                    inside: inside.clone(),
                }));
                at = end;
            }
            _ if tokens[at].is_name() && !follows_colons(tokens, at) => {
                let line = tokens[at].line;
                let mut words = vec![text(at).to_owned()];
                while text(at + 1) == "::" && tokens.get(at + 2).is_some_and(Token::is_name) {
                    words.push(text(at + 2).to_owned());
                    at += 2;
                }
                let called = text(at + 1) == "!" && text(at + 2) != "=";
                found.push(Path { words, line, imported: false, called, inside });
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Whether the name continues something; a leading `::` begins a path.
fn follows_colons(tokens: &[Token], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).map(|at| &tokens[at]);
    before(1).is_some_and(|token| token.text == "::") && before(2).is_some_and(|token| token.is_name() || token.text == ">")
        || before(1).is_some_and(|token| token.text == ".")
}

/// Spells out one `use` tree; the position behind it comes second.
fn tree(tokens: &[Token], mut at: usize, prefix: &[String]) -> (Vec<Vec<String>>, usize) {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let (mut words, mut spelled) = (prefix.to_vec(), Vec::new());
    loop {
        match text(at) {
            "::" => at += 1,
            "as" => at += 2,
            "{" => {
                at += 1;
                while text(at) != "}" && at < tokens.len() {
                    let (inner, end) = tree(tokens, at, &words);
                    spelled.extend(inner);
                    at = if text(end) == "," { end + 1 } else { end };
                }
                return (spelled, at + 1);
            }
            "self" if !words.is_empty() => at += 1,
            name if name == "*" || tokens.get(at).is_some_and(Token::is_name) => {
                words.push(name.to_owned());
                at += 1;
            }
            _ => return (vec![words], at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tokens;
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        paths(&tokens(source)).iter().map(Path::text).collect()
    }

    #[test]
    fn use_trees_are_spelled_out() {
        let source = "use crate::{a::{self, b as c}, d::*}; pub(super) use ::e::f; use {g::h, i};";
        let spelled =
            ["crate::a", "crate::a::b", "crate::d::*", "pub", "super", "e::f", "g::h", "i"].map(str::to_owned).to_vec();
        assert_eq!(texts(source), spelled);
    }

    #[test]
    fn inline_paths_are_seen_and_methods_are_not() {
        let source =
            "fn f(a: crate::b::C<d::E>) { a.fs::<X>(); <crate::g::H as I>::j(); k!(crate::l::m); ::std::fs::read }";
        let found = texts(source);
        for path in ["crate::b::C", "d::E", "crate::g::H", "crate::l::m", "std::fs::read"] {
            assert!(found.contains(&path.to_owned()), "{path} in {found:?}");
        }
        assert!(!found.contains(&"fs".to_owned()));
    }

    #[test]
    fn super_climbs_from_the_file_and_from_inline_modules() {
        let module = ["room".to_owned(), "file".to_owned()];
        let found = paths(&tokens("super::super::other::x; mod inner { super::super::y; } super::super::super::z;"));
        let within: Vec<Option<Vec<String>>> = found.iter().map(|path| path.within(&module)).collect();
        let place = |text: &str| Some(text.split('/').filter(|word| !word.is_empty()).map(str::to_owned).collect());
        assert_eq!(within[0], place("other/x"));
        assert!(within.contains(&place("room/y")), "{within:?}");
        assert_eq!(within.last().expect("three paths"), &place(""));
    }
}
