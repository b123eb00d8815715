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
    let work = || {
        let parser = cel::Env::default().parser().enable_ident_escape_syntax(true).enable_optional_syntax(false);
        match parser.parse_with_source_info(text) {
            Ok((expr, info)) => then(&expr, &info),
            Err(errors) => Err(problems(tokens, text, &errors)),
        }
    };
    let gave_up = |because: &str| vec![Problem::new(0..text.len(), format!("the expression cannot be parsed: {because}"))];
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(bounds::PARSER_STACK);
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
        let problem = Problem::new(range.clone(), message(&error.msg));
        let problem = match tokens.slice(&range) {
            "and" | "AND" => problem.help("write `&&`"),
            "or" | "OR" => problem.help("write `||`"),
            "not" | "NOT" => problem.help("write `!`"),
            _ => problem,
        };
        // One mistake makes the parser stumble more than once at the same place.
        if problems.iter().all(|other| other.range != problem.range) {
            problems.push(problem);
        }
    }
    if problems.is_empty() {
        problems.push(Problem::new(0..text.len(), "the expression cannot be parsed"));
    }
    problems
}

/// The parser's sentence without the list of everything that could have stood there.
fn message(sentence: &str) -> String {
    let sentence = sentence.strip_prefix("Syntax error: ").unwrap_or(sentence);
    let sentence = sentence.split(" expecting ").next().unwrap_or(sentence);
    sentence.replace("'<EOF>'", "the end of the expression").replace("<EOF>", "the end of the expression")
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
