//! The parser: tokens in, a syntax tree out.
//!
//! The grammar is that of CEL; `docs/decisions/0002-expressions.md` says why, and a test holds the two against each other. Loops stay
//! calls (`x.all(..)`), chains of `&&` and of `||` are flat. The parser stops at the first mistake. It recurses with brackets and with
//! `?:` only, and both are bounded.

use super::bounds;
use super::lexer::TokenKind;
use super::literal;
use super::problem::Problem;
use super::tokens::Tokens;
use super::tree::{Operator, Relation};
use crate::model::Number;

/// A node of the syntax tree.
#[derive(Debug)]
pub(super) struct Node {
    /// The token that stands for it: a literal or name itself (with a sign: the sign), else the operator, the dot or the bracket.
    pub(super) at: usize,
    pub(super) kind: Ast,
}

/// What was written.
#[derive(Debug)]
pub(super) enum Ast {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    Name(String),
    Select(Box<Node>, String),
    Index(Box<[Node; 2]>),
    /// A function, or a method of the target; the token is the parenthesis.
    Call {
        target: Option<Box<Node>>,
        name: String,
        arguments: Vec<Node>,
    },
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
    Not(Box<Node>),
    Negate(Box<Node>),
    /// Two or more, flat.
    And(Vec<Node>),
    /// Two or more, flat.
    Or(Vec<Node>),
    /// Condition, then, otherwise.
    Choose(Box<[Node; 3]>),
    Compare(Relation, Box<[Node; 2]>),
    /// What is looked for, and in what.
    In(Box<[Node; 2]>),
    Arithmetic(Operator, Box<[Node; 2]>),
}

/// An operator between two operands.
#[derive(Debug, Clone, Copy)]
enum Infix {
    Or,
    And,
    Compare(Relation),
    In,
    Arithmetic(Operator),
}

/// The operators, from those that bind least to those that bind most. Each goes from left to right.
const LEVELS: [&[(&str, Infix)]; 5] = [
    &[("||", Infix::Or)],
    &[("&&", Infix::And)],
    &[
        ("==", Infix::Compare(Relation::Equal)),
        ("!=", Infix::Compare(Relation::NotEqual)),
        ("<", Infix::Compare(Relation::Less)),
        ("<=", Infix::Compare(Relation::LessOrEqual)),
        (">", Infix::Compare(Relation::Greater)),
        (">=", Infix::Compare(Relation::GreaterOrEqual)),
        ("in", Infix::In),
    ],
    &[("+", Infix::Arithmetic(Operator::Add)), ("-", Infix::Arithmetic(Operator::Subtract))],
    &[
        ("*", Infix::Arithmetic(Operator::Multiply)),
        ("/", Infix::Arithmetic(Operator::Divide)),
        ("%", Infix::Arithmetic(Operator::Remainder)),
    ],
];

/// Words that CEL keeps for itself; they may be fields, but not names.
const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "namespace",
    "package",
    "return",
    "var",
    "void",
    "while",
];

/// Words that are neither names nor fields.
const KEYWORDS: [&str; 4] = ["false", "in", "null", "true"];

/// Parses the tokens.
pub(super) fn parse(tokens: &Tokens<'_>) -> Result<Node, Problem> {
    let mut parser = Parser { tokens, at: 0, depth: 0 };
    let tree = parser.expression()?;
    match tokens.get(parser.at) {
        None => Ok(tree),
        Some(_) => Err(parser.unexpected()),
    }
}

struct Parser<'t> {
    tokens: &'t Tokens<'t>,
    /// The token that is looked at.
    at: usize,
    /// How many expressions are open.
    depth: usize,
}

type Parsed<T = Node> = Result<T, Problem>;

impl<'t> Parser<'t> {
    fn text(&self) -> &'t str {
        self.tokens.text(self.at)
    }

    /// Whether the token is that operator, bracket or word, and if so goes past it.
    fn eats(&mut self, text: &str) -> bool {
        let is = self.text() == text;
        self.at += usize::from(is);
        is
    }

    fn expects(&mut self, text: &str) -> Parsed<()> {
        if self.eats(text) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Goes past the token; where it was.
    fn next(&mut self) -> usize {
        self.at += 1;
        self.at - 1
    }

    fn unexpected(&self) -> Problem {
        let range = self.tokens.range(self.at);
        let message = match self.text() {
            "" => "the expression ends too early".to_owned(),
            token => format!("`{token}` is not expected here"),
        };
        Problem { range, message, help: self.help() }
    }

    /// The way out of mistakes that other languages invite, at this token or the one before it.
    fn help(&self) -> Option<String> {
        let before = self.at.checked_sub(1).map_or("", |at| self.tokens.text(at));
        let help = [self.text(), before].into_iter().find_map(|word| match word {
            "and" | "AND" => Some("write `&&`"),
            "or" | "OR" => Some("write `||`"),
            "not" | "NOT" => Some("write `!`"),
            "if" | "then" | "else" => Some("write `condition ? this : that`"),
            _ => None,
        });
        help.map(str::to_owned)
    }

    fn expression(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > bounds::DEPTH + bounds::BRACKETS {
            return Err(Problem::new(self.tokens.range(self.at), "the expression is nested too deeply"));
        }
        let mut tree = self.infix(0)?;
        if self.text() == "?" {
            let at = self.next();
            let then = self.infix(0)?;
            self.expects(":")?;
            tree = Node { at, kind: Ast::Choose(Box::new([tree, then, self.expression()?])) };
        }
        self.depth -= 1;
        Ok(tree)
    }

    fn infix(&mut self, level: usize) -> Parsed {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.infix(level + 1)?;
        while let Some(&(_, operator)) = operators.iter().find(|(sign, _)| *sign == self.text()) {
            let at = self.next();
            let right = self.infix(level + 1)?;
            left = Node { at, kind: joined(operator, left, right) };
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed {
        let kind: fn(Box<Node>) -> Ast = match self.text() {
            "!" => Ast::Not,
            "-" if !self.signs_a_number() => Ast::Negate,
            _ => return self.member(),
        };
        let at = self.next();
        Ok(Node { at, kind: kind(Box::new(self.member()?)) })
    }

    /// Whether a sign belongs to the number behind it: `-5`, but not `-5u`.
    fn signs_a_number(&self) -> bool {
        literal::is_number(self.tokens.text(self.at + 1)) && !self.tokens.text(self.at + 1).ends_with(['u', 'U'])
    }

    /// What binds most: a value with the fields, indexes and methods behind it.
    fn member(&mut self) -> Parsed {
        let mut tree = self.primary()?;
        loop {
            match self.text() {
                "." => {
                    let dot = self.next();
                    let field = self.field()?;
                    tree = if self.text() == "(" && !self.tokens.text(dot + 1).starts_with('`') {
                        self.call(Some(Box::new(tree)), field)?
                    } else {
                        Node { at: dot, kind: Ast::Select(Box::new(tree), field) }
                    };
                }
                "[" => {
                    let at = self.next();
                    let index = self.expression()?;
                    self.expects("]")?;
                    tree = Node { at, kind: Ast::Index(Box::new([tree, index])) };
                }
                "{" if matches!(tree.kind, Ast::Name(_) | Ast::Select(..)) => {
                    let message = "a name with `{..}` builds a message; there are none here";
                    return Err(Problem::new(self.tokens.range(self.at), message));
                }
                _ => return Ok(tree),
            }
        }
    }

    fn field(&mut self) -> Parsed<String> {
        let word = self.text();
        if self.tokens.kind(self.at) != Some(TokenKind::Word) {
            return Err(self.unexpected());
        }
        if KEYWORDS.contains(&word) {
            return Err(self.unexpected().help(format!("write `['{word}']`")));
        }
        let name = word.trim_matches('`');
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-/ ".contains(c)) {
            let problem = Problem::new(self.tokens.range(self.at), format!("{word} is no quoted field name"));
            return Err(problem.help("write `['name']`"));
        }
        self.at += 1;
        Ok(name.to_owned())
    }

    /// A call whose parenthesis comes next.
    fn call(&mut self, target: Option<Box<Node>>, name: String) -> Parsed {
        let at = self.next();
        let mut arguments = Vec::new();
        while self.text() != ")" {
            arguments.push(self.expression()?);
            if !self.eats(",") {
                break;
            } else if self.text() == ")" {
                return Err(self.unexpected());
            }
        }
        self.expects(")")?;
        Ok(Node { at, kind: Ast::Call { target, name, arguments } })
    }

    fn primary(&mut self) -> Parsed {
        match self.tokens.kind(self.at) {
            Some(TokenKind::Word) => self.word(),
            Some(TokenKind::Literal) => self.literal(false),
            Some(TokenKind::Operator) if self.text() == "-" && self.signs_a_number() => {
                self.at += 1;
                self.literal(true)
            }
            Some(TokenKind::Open) => match self.text() {
                "(" => {
                    self.at += 1;
                    let inner = self.expression()?;
                    self.expects(")")?;
                    Ok(inner)
                }
                "[" => self.list(),
                _ => self.map(),
            },
            Some(TokenKind::Operator | TokenKind::Close) | None => Err(self.unexpected()),
        }
    }

    fn word(&mut self) -> Parsed {
        let word = self.text();
        let kind = match word {
            "null" => Ast::Null,
            "true" | "false" => Ast::Bool(word == "true"),
            "in" => return Err(self.unexpected()),
            _ if word.starts_with('`') => return Err(self.unexpected()),
            _ if RESERVED.contains(&word) => {
                let message = format!("`{word}` is a reserved word");
                return Err(Problem { range: self.tokens.range(self.at), message, help: self.help() });
            }
            _ if self.tokens.text(self.at + 1) == "(" => {
                self.at += 1;
                return self.call(None, word.to_owned());
            }
            _ => Ast::Name(word.to_owned()),
        };
        Ok(Node { at: self.next(), kind })
    }

    /// A number or a string; with `negative` behind its sign.
    fn literal(&mut self, negative: bool) -> Parsed {
        let at = self.next();
        let text = self.tokens.text(at);
        let read = match literal::is_number(text) {
            true => literal::number(text, negative).map(Ast::Number),
            false => literal::string(text).map(Ast::Text),
        };
        match read {
            Ok(kind) => Ok(Node { at: at - usize::from(negative), kind }),
            Err(problem) => {
                let start = self.tokens.range(at).start;
                Err(Problem { range: start + problem.range.start..start + problem.range.end, ..problem })
            }
        }
    }

    fn list(&mut self) -> Parsed {
        let at = self.next();
        let mut items = Vec::new();
        while self.text() != "]" {
            items.push(self.expression()?);
            if !self.eats(",") {
                break;
            }
        }
        self.expects("]")?;
        Ok(Node { at, kind: Ast::List(items) })
    }

    fn map(&mut self) -> Parsed {
        let at = self.next();
        let mut entries = Vec::new();
        while self.text() != "}" {
            let key = self.expression()?;
            self.expects(":")?;
            entries.push((key, self.expression()?));
            if !self.eats(",") {
                break;
            }
        }
        self.expects("}")?;
        Ok(Node { at, kind: Ast::Map(entries) })
    }
}

fn joined(operator: Infix, left: Node, right: Node) -> Ast {
    match operator {
        Infix::Or => Ast::Or(terms(left, right, |kind| match kind {
            Ast::Or(terms) => Ok(terms),
            other => Err(other),
        })),
        Infix::And => Ast::And(terms(left, right, |kind| match kind {
            Ast::And(terms) => Ok(terms),
            other => Err(other),
        })),
        Infix::Compare(relation) => Ast::Compare(relation, Box::new([left, right])),
        Infix::In => Ast::In(Box::new([left, right])),
        Infix::Arithmetic(operator) => Ast::Arithmetic(operator, Box::new([left, right])),
    }
}

/// The terms of a chain: those of its sides where they are chains of the same kind, grouped or not.
fn terms(left: Node, right: Node, chain: impl Fn(Ast) -> Result<Vec<Node>, Ast>) -> Vec<Node> {
    let sides = [left, right].map(|Node { at, kind }| match chain(kind) {
        Ok(terms) => terms,
        Err(kind) => vec![Node { at, kind }],
    });
    sides.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syntax_errors_are_told_plainly() {
        let cases = [
            ("s ==", "the expression ends too early"),
            ("s..x", "`.` is not expected here"),
            ("s == 1 2", "`2` is not expected here"),
            ("if s", "`if` is a reserved word (help: write `condition ? this : that`)"),
            ("not s", "`s` is not expected here (help: write `!`)"),
            ("s == 'a' or s", "`or` is not expected here (help: write `||`)"),
            ("s ? 1", "the expression ends too early"),
            ("s == '\\q'", "the string holds an escape that does not exist: `\\q`"),
            ("s <> 1", "`>` is not expected here"),
            ("s == 5m", "`5m` is no number (help: write `duration('5m')`)"),
            ("s == 1.2.3", "`1.2.3` is no number (help: write `version('1.2.3')`)"),
            ("[1,,2]", "`,` is not expected here"),
            ("[,]", "`,` is not expected here"),
            ("size(s,)", "`)` is not expected here"),
            ("s.in", "`in` is not expected here (help: write `['in']`)"),
            ("s.`a:b`", "`a:b` is no quoted field name (help: write `['name']`)"),
            (".s", "`.` is not expected here"),
            ("s.?x", "`?` is not expected here"),
            ("-!s", "`!` is not expected here"),
            (&"1?1:".repeat(120), "the expression is nested too deeply"),
        ];
        let mut seen = 0;
        for (text, expected) in cases {
            let tokens = Tokens::scan(text).expect("within the bounds");
            assert_eq!(parse(&tokens).expect_err(text).to_string(), expected, "{text}");
            seen += 1;
        }
        assert_eq!(seen, 20);
    }
}
