//! Rust tokens before and beside the syntax tree: how deep a parser would have to go, and which paths macros are handed.

use super::rust_items::Mention;
use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// Deepest nesting of brackets.
const DEEPEST: usize = 256;

/// Most tokens that may stand open: in one expression or type, with those that hold it. A parser recurses for each at most once.
const OPEN: usize = 10_000;

/// Why a text is not parsed, with its line.
pub(super) enum Bound {
    /// Its brackets nest too deep.
    Deep(u64),
    /// An expression or type is too long.
    Long(u64),
}

fn line(token: &TokenTree) -> u64 {
    token.span().start().line as u64
}

/// Whether a parser can take these tokens without going deeper than its stack.
///
/// # Errors
/// The bound that is passed.
pub(super) fn bounded(tokens: &TokenStream) -> Result<(), Bound> {
    // Each level: the tokens that are left, how many are open, and whether a comma may be inside of a type or a closure.
    struct Level {
        left: std::iter::Peekable<proc_macro2::token_stream::IntoIter>,
        open: usize,
        sticky: bool,
        brace: bool,
    }
    let level = |tokens: TokenStream| Level { left: tokens.into_iter().peekable(), open: 0, sticky: false, brace: false };
    let (mut levels, mut open) = (vec![level(tokens.clone())], 0);
    while let Some(own) = levels.last_mut() {
        let Some(token) = own.left.next() else {
            open -= own.open;
            levels.pop();
            continue;
        };
        // Behind `{ }` a word begins something new, unless it continues an `if` or a cast.
        let begins = own.brace && matches!(&token, TokenTree::Ident(word) if word != "else" && word != "as");
        let character = if let TokenTree::Punct(punct) = &token { punct.as_char() } else { ' ' };
        own.sticky |= character == '<' || character == '|';
        if begins && !own.sticky || character == ';' || character == ',' && !own.sticky {
            open -= own.open;
            own.open = 0;
        }
        if character == ';' {
            own.sticky = false;
        }
        own.open += 1;
        open += 1;
        if open > OPEN {
            return Err(Bound::Long(line(&token)));
        }
        own.brace = matches!(&token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        // What follows an item or a statement with a body is another one, whatever its types and closures were.
        let ends = own.brace
            && match own.left.peek() {
                None => true,
                Some(TokenTree::Ident(word)) => word != "else" && word != "as",
                Some(TokenTree::Punct(punct)) => punct.as_char() == '#',
                Some(TokenTree::Group(_) | TokenTree::Literal(_)) => false,
            };
        own.sticky &= !ends;
        if let TokenTree::Group(group) = &token {
            if levels.len() > DEEPEST {
                return Err(Bound::Deep(line(&token)));
            }
            levels.push(level(group.stream()));
        }
    }
    Ok(())
}

/// The paths in tokens that nobody has parsed. With `texts`, those in string literals too. Words behind a dot are fields and
/// methods, those behind `'` lifetimes, those behind `$` parameters of a macro.
pub(super) fn mentions(tokens: TokenStream, texts: bool) -> Vec<Mention> {
    let mut found = Vec::new();
    scan(tokens, &[], texts, &mut found);
    found
}

fn scan(tokens: TokenStream, prefix: &[Box<str>], texts: bool, found: &mut Vec<Mention>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is = |at: usize, character| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == character);
    let joined = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.spacing() == Spacing::Joint);
    let colons = |at: usize| is(at, ':') && joined(at) && is(at + 1, ':');
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token {
            TokenTree::Ident(word) => {
                let before = |character| at > 0 && is(at - 1, character);
                let global = at > 1 && colons(at - 2);
                let parameter = before('$') && word != "crate";
                let skipped = before('\'') || before('.') && !(at > 1 && is(at - 2, '.'));
                let mut words: Vec<Box<str>> = if global { Vec::new() } else { prefix.to_vec() };
                words.push(plain(&word.to_string()));
                let line = line(token);
                at += 1;
                while let (true, Some(TokenTree::Ident(next))) = (colons(at), tokens.get(at + 2)) {
                    words.push(plain(&next.to_string()));
                    at += 3;
                }
                let called = is(at, '!') && !is(at + 1, '=');
                if !(parameter || skipped && words.len() == 1) {
                    found.push(Mention { words: words.clone(), global, called, line });
                }
                if let (true, Some(TokenTree::Group(group))) = (colons(at), tokens.get(at + 2)) {
                    scan(group.stream(), if parameter { &[] } else { &words }, texts, found);
                    at += 3;
                }
            }
            TokenTree::Group(group) => {
                scan(group.stream(), &[], texts, found);
                at += 1;
            }
            TokenTree::Literal(literal) => {
                if texts && let syn::Lit::Str(text) = syn::Lit::new(literal.clone()) {
                    found.extend(in_text(&text.value(), line(token)));
                }
                at += 1;
            }
            TokenTree::Punct(_) => at += 1,
        }
    }
}

/// A word without the mark of a raw one.
pub(super) fn plain(word: &str) -> Box<str> {
    word.strip_prefix("r#").unwrap_or(word).into()
}

/// The path that a text is, if it says from where it starts.
pub(super) fn in_text(text: &str, line: u64) -> Option<Mention> {
    let words: Vec<&str> = text.trim().split("::").map(str::trim).collect();
    let word = |word: &&str| !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || c == '_');
    let rooted = words.len() > 1 && ["crate", "self", "super"].contains(&words[0]);
    (rooted && words.iter().all(word)).then(|| Mention {
        words: words.into_iter().map(Box::from).collect(),
        global: false,
        called: false,
        line,
    })
}
