//! Diagnostics as a terminal shows them: headline, source lines with carets, help.

use super::{Diagnostic, Severity};
use crate::source::SourceMap;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

/// Renders one diagnostic, with or without terminal colours. Ends with a newline.
pub fn render(diagnostic: &Diagnostic, sources: &SourceMap, colour: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(diagnostic.headline.as_str()).id(diagnostic.code.name));
    // One snippet per file, in the order in which the labels name them.
    let mut files = Vec::new();
    for label in &diagnostic.labels {
        if !files.contains(&label.span.source) {
            files.push(label.span.source);
        }
    }
    for file in files {
        let source = sources.get(file);
        let mut snippet = Snippet::source(&*source.text).path(source.name.as_str());
        for (at, label) in diagnostic.labels.iter().enumerate().filter(|(_, label)| label.span.source == file) {
            let kind = if at == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
            let end = source.text.floor_char_boundary(label.span.end.min(source.text.len()));
            let start = source.text.floor_char_boundary(label.span.start.min(end));
            snippet = snippet.annotation(kind.span(start..end).label(label.text.as_str()));
        }
        group = group.element(snippet);
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    format!("{}\n", renderer.render(&[group]))
}
