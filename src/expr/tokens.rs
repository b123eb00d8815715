//! The tokens of a text: how many, how deep, which brackets belong together.
//!
//! In: the text. Out: its tokens with byte ranges, or the problems that would make the parser recurse too deeply or complain unclearly. It
//! judges no grammar; that is the parser's work.

use super::bounds;
use super::lexer::{self, TokenKind};
use super::problem::Problem;
use std::ops::Range;

/// One token.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) range: Range<usize>,
    kind: TokenKind,
    /// The other bracket of a pair, as a position in the tokens.
    partner: Option<usize>,
}

/// The tokens of a text in their order, brackets paired.
#[derive(Debug)]
pub(super) struct Tokens<'t> {
    text: &'t str,
    tokens: Vec<Token>,
}

impl<'t> Tokens<'t> {
    /// Scans the text.
    pub(super) fn scan(text: &'t str) -> Result<Self, Vec<Problem>> {
        if text.len() > bounds::TEXT {
            let message = format!("the expression has {} bytes; at most {} are read", text.len(), bounds::TEXT);
            return Err(vec![Problem::new(0..text.len(), message).help("split it into several checks")]);
        }
        let (found, mut problems) = lexer::read(text);
        let tokens = found.into_iter().map(|(range, kind)| Token { range, kind, partner: None }).collect();
        let mut this = Self { text, tokens };
        if this.tokens.is_empty() && problems.is_empty() {
            problems.push(Problem::new(0..text.len(), "the expression is empty"));
        }
        if this.tokens.len() > bounds::TOKENS {
            let range = this.tokens[bounds::TOKENS].range.clone();
            let message = format!("the expression has {} tokens; at most {} are read", this.tokens.len(), bounds::TOKENS);
            problems.push(Problem::new(range, message).help("split it into several checks"));
        }
        problems.extend(this.pair());
        problems.extend(this.signs());
        if problems.is_empty() { Ok(this) } else { Err(problems) }
    }

    /// The text of a range.
    pub(super) fn slice(&self, range: &Range<usize>) -> &'t str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    /// The position of the token that covers a byte.
    pub(super) fn index_at(&self, byte: usize) -> Option<usize> {
        let at = self.tokens.partition_point(|token| token.range.end <= byte);
        self.tokens.get(at).filter(|token| token.range.start <= byte).map(|_| at)
    }

    /// A token by its position.
    pub(super) fn get(&self, at: usize) -> Option<&Token> {
        self.tokens.get(at)
    }

    /// The text of a token; nothing behind the last one.
    pub(super) fn text(&self, at: usize) -> &'t str {
        self.slice(&self.range(at))
    }

    /// The bytes of a token; the end of the text behind the last one.
    pub(super) fn range(&self, at: usize) -> Range<usize> {
        self.get(at).map_or(self.text.len()..self.text.len(), |token| token.range.clone())
    }

    /// What a token is.
    pub(super) fn kind(&self, at: usize) -> Option<TokenKind> {
        self.get(at).map(|token| token.kind)
    }

    /// The other bracket of a pair.
    pub(super) fn partner(&self, at: usize) -> Option<&Token> {
        self.tokens.get(self.tokens.get(at)?.partner?)
    }

    /// The range with the parentheses that merely group it, however many there are.
    pub(super) fn with_parentheses(&self, range: &Range<usize>) -> Range<usize> {
        let mut range = range.clone();
        while let Some(wider) = self.one_pair_wider(&range) {
            range = wider;
        }
        range
    }

    fn one_pair_wider(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let open = self.index_at(range.start)?.checked_sub(1)?;
        let grouping = self.slice(&self.get(open)?.range) == "(" && !self.is_call(open);
        let close = self.partner(open)?;
        let next = self.index_at(range.end.checked_sub(1)?)? + 1;
        (grouping && self.get(next)?.range == close.range).then(|| self.tokens[open].range.start..close.range.end)
    }

    /// Whether a parenthesis opens the arguments of a call.
    fn is_call(&self, open: usize) -> bool {
        let before = open.checked_sub(1).and_then(|at| self.get(at));
        before.is_some_and(|token| token.kind == TokenKind::Word && self.slice(&token.range) != "in")
    }

    /// Finds the partner of each bracket, and what is unbalanced or too deep.
    fn pair(&mut self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        for at in 0..self.tokens.len() {
            let range = self.tokens[at].range.clone();
            match self.tokens[at].kind {
                TokenKind::Open => {
                    open.push(at);
                    if open.len() == bounds::BRACKETS + 1 {
                        let message = format!("brackets are nested more than {} deep", bounds::BRACKETS);
                        problems.push(Problem::new(range, message));
                    }
                }
                TokenKind::Close => match open.pop() {
                    Some(partner) if pairs(self.slice(&self.tokens[partner].range), self.slice(&range)) => {
                        self.tokens[partner].partner = Some(at);
                        self.tokens[at].partner = Some(partner);
                    }
                    Some(partner) => {
                        let opened = self.slice(&self.tokens[partner].range);
                        let message = format!("`{}` does not close `{opened}`", self.slice(&range));
                        problems.push(Problem::new(range, message));
                        return problems;
                    }
                    None => {
                        problems.push(Problem::new(range.clone(), format!("`{}` closes nothing", self.slice(&range))));
                        return problems;
                    }
                },
                TokenKind::Word | TokenKind::Literal | TokenKind::Operator => {}
            }
        }
        problems.extend(open.last().map(|&at| {
            let range = self.tokens[at].range.clone();
            let message = format!("`{}` is not closed", self.slice(&range));
            Problem::new(range, message)
        }));
        problems
    }

    /// CEL drops pairs of `!` and of `-` without looking at what follows, so `!!5` is `5` there.
    fn signs(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut operand_before = false;
        let mut last_sign = "";
        for token in &self.tokens {
            let text = self.slice(&token.range);
            let sign = if operand_before || !["!", "-"].contains(&text) { "" } else { text };
            if !sign.is_empty() && sign == last_sign {
                problems.push(Problem::new(token.range.clone(), format!("two `{sign}` in a row cancel out")));
            }
            last_sign = sign;
            operand_before = match token.kind {
                TokenKind::Word => text != "in",
                TokenKind::Literal | TokenKind::Close => true,
                TokenKind::Open | TokenKind::Operator => false,
            };
        }
        problems
    }
}

fn pairs(open: &str, close: &str) -> bool {
    matches!((open, close), ("(", ")") | ("[", "]") | ("{", "}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        let tokens = Tokens::scan(text).expect("sound");
        tokens.tokens.iter().map(|token| tokens.slice(&token.range)).collect()
    }

    #[test]
    fn tokens_are_told_apart() {
        assert_eq!(texts("a.b_1[-1]!=2.5e-3"), ["a", ".", "b_1", "[", "-", "1", "]", "!=", "2.5e-3"]);
        assert_eq!(texts("'a\\'b' + r'\\' + \"\"\"x\"y\"\"\""), ["'a\\'b'", "+", "r'\\'", "+", "\"\"\"x\"y\"\"\""]);
        assert_eq!(texts("1-1 // a ( comment\n+ 0x1f-1"), ["1", "-", "1", "+", "0x1f", "-", "1"]);
        assert_eq!(texts("a.`b-c`.d"), ["a", ".", "`b-c`", ".", "d"]);
    }

    #[test]
    fn parentheses_that_group_are_found() {
        let text = "f((a || b)) && x in ((c))";
        let tokens = Tokens::scan(text).expect("sound");
        let around = |part: &str| {
            let start = text.find(part).expect("there");
            tokens.slice(&tokens.with_parentheses(&(start..start + part.len())))
        };
        assert_eq!(around("a || b"), "(a || b)");
        assert_eq!(around("c)").len(), 2, "a range that cuts through brackets stays as it is");
        assert_eq!(around("((c))"), "((c))");
        assert_eq!(around("f"), "f");
    }

    #[test]
    fn what_has_no_tokens_or_no_bounds_is_refused() {
        let cases = [
            ("", "empty"),
            ("  // nothing\n", "empty"),
            ("(a", "not closed"),
            ("a)", "closes nothing"),
            ("[a)", "does not close"),
            ("'a", "string is not closed"),
            ("'a\nb'", "string is not closed"),
            ("'a\\", "string is not closed"),
            ("a.`b", "field name is not closed"),
            ("a = b", "no meaning"),
            ("a & b", "no meaning"),
            ("ä == 1", "no meaning"),
            ("!!a", "cancel out"),
            ("! ! a", "cancel out"),
            ("--a", "cancel out"),
            ("1 - - -a", "cancel out"),
            ("a in --b", "cancel out"),
        ];
        for (text, part) in cases {
            let problems = Tokens::scan(text).expect_err(text);
            assert!(problems.iter().any(|problem| problem.message.contains(part)), "{text}: {problems:?}");
        }
        let deep = "(".repeat(25) + "1" + &")".repeat(25);
        assert!(Tokens::scan(&deep).is_err() && Tokens::scan(&deep[1..50]).is_ok());
        let long = "1+".repeat(512) + "1";
        assert!(Tokens::scan(&long).is_err() && Tokens::scan(&long[2..]).is_ok());
        assert!(Tokens::scan(&" ".repeat(4_097)).is_err());
        assert!(Tokens::scan("1 - -a").is_ok() && Tokens::scan("!a && !b").is_ok() && Tokens::scan("[-1, -1]").is_ok());
    }
}
