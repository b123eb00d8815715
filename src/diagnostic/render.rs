//! Diagnostics as a terminal shows them: headline, source lines with carets, help.
//!
//! Definitions come from the repository under judgement, so nothing in them may steer the terminal or rearrange what people
//! read: control and direction characters are shown, never sent.

use super::{Diagnostic, Severity};
use crate::source::SourceMap;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::borrow::Cow;

/// The longest text shown beside the source, in characters.
const TEXT_MAX: usize = 600;

/// Renders one diagnostic, with or without terminal colours. Ends with a newline.
pub fn render(diagnostic: &Diagnostic, sources: &SourceMap, colour: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(visible(&diagnostic.headline)).id(diagnostic.code.name));
    // One snippet per file, in the order in which the labels name them.
    let mut files = Vec::new();
    for label in &diagnostic.labels {
        if !files.contains(&label.span.source) {
            files.push(label.span.source);
        }
    }
    for file in files {
        let source = sources.get(file);
        let text = in_place(&source.text);
        let length = text.len();
        let mut snippet = Snippet::source(text).path(visible(&source.name));
        for (at, label) in diagnostic.labels.iter().enumerate().filter(|(_, label)| label.span.source == file) {
            let kind = if at == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
            let end = source.text.floor_char_boundary(label.span.end.min(length));
            let start = source.text.floor_char_boundary(label.span.start.min(end));
            snippet = snippet.annotation(kind.span(start..end).label(visible(&label.text)));
        }
        group = group.element(snippet);
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(visible(help)));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    for_any_host(&renderer.render(&[group]))
}

/// The text without anything that a CI host takes for its own command: a line that begins with `::`, which is how the renderer points at
/// a second file, and `##[` and its like anywhere.
fn for_any_host(rendered: &str) -> String {
    let mut text = String::with_capacity(rendered.len() + 1);
    for line in rendered.lines() {
        let pointing = line.trim_start().starts_with("::");
        let line = if pointing { line.replacen(":::", "-->", 1) } else { line.to_owned() };
        text.push_str(&line.replace("##[", "# #[").replace("##vso[", "# #vso[").replace("##teamcity[", "# #teamcity["));
        text.push('\n');
    }
    text
}

/// A character that a terminal obeys, or that hides or reorders what stands beside it: the same as in reports, which a test sees to.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// A text in one line, unseen characters as their escapes, cut where nobody reads on.
fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(TEXT_MAX * 4));
    for (count, c) in text.chars().enumerate() {
        if count == TEXT_MAX {
            shown.push_str(" ...");
            break;
        }
        if is_unseen(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    shown
}

/// Source text whose every byte keeps its place. Control characters of one byte are left to the renderer, which shows them.
fn in_place(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| c.len_utf8() > 1 && is_unseen(c)) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c.len_utf8() {
            2 if is_unseen(c) => shown.push('\u{b7}'),
            3 if is_unseen(c) => shown.push(char::REPLACEMENT_CHARACTER),
            4 if is_unseen(c) => shown.push_str("\u{b7}\u{b7}"),
            _ => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::source::Span;

    #[test]
    fn nothing_in_a_definition_reaches_the_terminal_as_a_command() {
        let hostile = "\u{1b}[2J \u{9b}2J \u{202e}evil\u{2028}\u{7} \u{feff}";
        let text = format!("# {hostile}\nid = \"{hostile}\" # behind\n");
        let at = text.find("behind").expect("it is there");
        let mut sources = SourceMap::default();
        let source = sources.add(format!("gates/{hostile}.toml"), text.as_str());
        let diagnostic = Diagnostic::error(Code::WRONG_TYPE, format!("`{hostile}\nerror: forged`"))
            .label(Span::new(source, at..at + 6), format!("{hostile}\n"))
            .help(format!("not {hostile}\n= help: forged"));
        let shown = render(&diagnostic, &sources, false);
        let unseen: Vec<char> = shown.chars().filter(|c| is_unseen(*c) && *c != '\n').collect();
        assert!(unseen.is_empty(), "{unseen:?}\n{shown}");
        assert!(
            !shown.lines().any(|line| line.starts_with("error: forged") || line.trim_start().starts_with("= help: forged"))
        );
        let lines: Vec<&str> = shown.lines().collect();
        let source_line = lines.iter().position(|line| line.contains("behind")).expect("the source line");
        let column = |line: &str, what: &str| line.find(what).map(|at| line[..at].chars().count());
        assert_eq!(column(lines[source_line], "behind"), column(lines[source_line + 1], "^^^^^^"), "{shown}");
    }

    #[test]
    fn no_line_is_a_command_for_a_host() {
        let mut sources = SourceMap::default();
        let mut diagnostic = Diagnostic::error(Code::WRONG_TYPE, "##[error]x".to_owned());
        for name in ["a.toml", "b.toml"] {
            let source = sources.add(name, "id = 1 # ##vso[task.complete]\n");
            diagnostic = diagnostic.label(Span::new(source, 5..6), "here");
        }
        let shown = render(&diagnostic, &sources, false);
        assert!(shown.contains("--> b.toml") && shown.matches("# #vso[").count() == 2, "{shown}");
        let command = |line: &str| line.trim_start().starts_with("::") || line.contains("##[") || line.contains("##vso[");
        assert!(!shown.lines().any(command), "{shown}");
    }

    #[test]
    fn what_deceives_in_a_report_deceives_here() {
        let differ: Vec<char> =
            ('\0'..=char::MAX).filter(|c| is_unseen(*c) != crate::report::sanitise::deceives(*c)).collect();
        assert!(differ.is_empty(), "{differ:?}");
        let hidden = "a\u{ad}b\u{115f}c\u{e0041}d";
        let shown = in_place(hidden);
        assert_eq!((shown.len(), &*shown), (hidden.len(), "a\u{b7}b\u{fffd}c\u{b7}\u{b7}d"));
    }

    #[test]
    fn endless_texts_are_cut() {
        let diagnostic = Diagnostic::error(Code::WRONG_TYPE, "x".repeat(100_000));
        assert!(render(&diagnostic, &SourceMap::default(), false).len() < 2_000);
    }
}
