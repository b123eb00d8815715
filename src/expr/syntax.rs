//! The parser of the package `cel`, and nothing else of it: text in, its syntax tree out.
//!
//! Macros stay unexpanded (`x.all(..)` is a call), so that the tree still shows what was written. The parser is generated
//! code that recurses with the text, so it runs on a stack of its own size and only after [`Tokens::scan`] has bounded the
//! text; a panic in it becomes a problem.

use super::bounds;
use super::problem::Problem;
use super::tokens::Tokens;
use cel::common::ast::{IdedExpr, SourceInfo};
use std::ops::Range;

/// Parses the text and hands the tree to `then`, all on the parser's stack: the tree is as deep as the text is long, so
/// dropping it recurses too.
pub(super) fn parse<T: Send>(
    tokens: &Tokens<'_>,
    text: &str,
    then: impl FnOnce(&IdedExpr, &SourceInfo) -> Result<T, Vec<Problem>> + Send,
) -> Result<T, Vec<Problem>> {
    parse_on(bounds::PARSER_STACK, tokens, text, then)
}

fn parse_on<T: Send>(
    stack: usize,
    tokens: &Tokens<'_>,
    text: &str,
    then: impl FnOnce(&IdedExpr, &SourceInfo) -> Result<T, Vec<Problem>> + Send,
) -> Result<T, Vec<Problem>> {
    let work = || {
        let parser = cel::Env::default().parser().enable_ident_escape_syntax(true).enable_optional_syntax(false);
        match parser.parse_with_source_info(text) {
            Ok((expr, info)) => then(&expr, &info),
            Err(errors) => Err(problems(tokens, text, &errors)),
        }
    };
    let gave_up = |because: &str| vec![Problem::new(0..text.len(), format!("the expression cannot be parsed: {because}"))];
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(stack);
        match thread.spawn_scoped(scope, work) {
            Ok(handle) => handle.join().unwrap_or_else(|_| Err(gave_up("the parser gave up"))),
            Err(error) => Err(gave_up(&format!("no thread for the parser ({error})"))),
        }
    })
}

fn problems(tokens: &Tokens<'_>, text: &str, errors: &cel::ParseErrors) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    for error in &errors.errors {
        let range = range_of(tokens, text, error.pos);
        // One mistake makes the parser stumble more than once at the same place, and again over what it left incomplete.
        let echo = error.msg.contains("Incomplete") && errors.errors.len() > 1;
        if !echo && problems.iter().all(|other| other.range != range) {
            let mut problem = Problem::new(range.clone(), message(&error.msg, tokens.slice(&range)));
            problem.help = help(tokens, &range).map(str::to_owned);
            problems.push(problem);
        }
    }
    if problems.is_empty() {
        problems.push(Problem::new(0..text.len(), "the expression cannot be parsed"));
    }
    problems
}

/// The way out of mistakes that other languages invite, at the token that the parser stumbled over or just before it.
fn help(tokens: &Tokens<'_>, range: &Range<usize>) -> Option<&'static str> {
    let at = tokens.index_at(range.start);
    let before = at.and_then(|at| tokens.get(at.checked_sub(1)?)).map_or("", |token| tokens.slice(&token.range));
    [tokens.slice(range), before].into_iter().find_map(|word| match word {
        "and" | "AND" => Some("write `&&`"),
        "or" | "OR" => Some("write `||`"),
        "not" | "NOT" => Some("write `!`"),
        "if" | "then" | "else" => Some("write `condition ? this : that`"),
        _ => None,
    })
}

/// The parser's sentence in our words, without the list of everything that could have stood there.
fn message(sentence: &str, token: &str) -> String {
    let sentence = sentence.strip_prefix("Syntax error: ").unwrap_or(sentence);
    let stumbled = ["mismatched input", "extraneous input", "no viable alternative"];
    if sentence.contains("Recursion limit") {
        "the expression is nested too deeply".to_owned()
    } else if let Some(word) = sentence.strip_prefix("reserved identifier: ") {
        format!("`{word}` is a reserved word")
    } else if sentence.starts_with("token recognition error") && token.contains(['"', '\'']) {
        "the string holds an escape that does not exist".to_owned()
    } else if stumbled.iter().any(|start| sentence.starts_with(start)) && token.is_empty() {
        "the expression ends too early".to_owned()
    } else if stumbled.iter().any(|start| sentence.starts_with(start)) {
        format!("`{token}` is not expected here")
    } else {
        sentence.split(" expecting ").next().unwrap_or(sentence).to_owned()
    }
}

/// The token at a line and column, both from 1, columns in characters.
fn range_of(tokens: &Tokens<'_>, text: &str, (line, column): (isize, isize)) -> Range<usize> {
    let Some(line_text) = usize::try_from(line - 1).ok().and_then(|at| text.split_inclusive('\n').nth(at)) else {
        return 0..text.len();
    };
    let line_start = line_text.as_ptr() as usize - text.as_ptr() as usize;
    let skipped = usize::try_from(column - 1).unwrap_or(0);
    let byte = line_start + line_text.char_indices().nth(skipped).map_or(line_text.len(), |(at, _)| at);
    match tokens.index_at(byte).and_then(|at| tokens.get(at)) {
        Some(token) => token.range.clone(),
        None => byte..byte,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_text_needs_an_eighth_of_the_stack() {
        let texts = [
            "1+".repeat(511) + "1",
            "1==".repeat(511) + "1",
            "s".to_owned() + &".a".repeat(511),
            "s".to_owned() + &"[0]".repeat(340),
            "(1+[".repeat(12) + &"1==".repeat(450) + "1" + &"])".repeat(12),
            "-(".repeat(24) + &"s.a".repeat(100) + &")".repeat(24),
            "1?1:".repeat(250) + "1",
            "1?".repeat(500),
        ];
        let mut parsed = Vec::new();
        for text in &texts {
            let tokens = Tokens::scan(text).expect("within the bounds");
            let result = parse_on(bounds::PARSER_STACK / 8, &tokens, text, |_, _| Ok(()));
            parsed.push(result.is_ok());
        }
        // What is refused here is one ternary chain beyond the parser's own depth and one that is no expression.
        assert_eq!(parsed, [true, true, true, true, true, true, false, false]);
    }

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
            ("s == '\\q'", "the string holds an escape that does not exist"),
            ("s <> 1", "`>` is not expected here"),
            ("s == 5m", "`5m` is not expected here"),
            ("[1,,2]", "`,` is not expected here"),
            (&"1?1:".repeat(120), "the expression is nested too deeply"),
        ];
        let mut seen = 0;
        for (text, expected) in cases {
            let tokens = Tokens::scan(text).expect("within the bounds");
            let problems = parse(&tokens, text, |_, _| Ok(())).expect_err(text);
            assert_eq!(problems[0].to_string(), expected, "{text}");
            seen += 1;
        }
        assert_eq!(seen, 12);
    }
}
