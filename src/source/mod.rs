//! The text we were given: definition files with their names, and spans into them.

use std::ops::Range;
use std::sync::Arc;

/// A byte range in one source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The file.
    pub source: SourceId,
    /// Bytes, half open.
    pub start: usize,
    /// Bytes, half open.
    pub end: usize,
}

impl Span {
    /// A span in a source.
    pub fn new(source: SourceId, range: Range<usize>) -> Self {
        Self { source, start: range.start, end: range.end }
    }
}

/// A file in a [`SourceMap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(usize);

/// One definition file.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its path as people know it: relative to the repository, or `builtin:gates/...`.
    pub name: String,
    /// Its text.
    pub text: Arc<str>,
}

impl Source {
    /// Line and column, both from 1, of a byte offset; columns count characters.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let before = &self.text[..self.text.floor_char_boundary(offset)];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

/// Every definition file that was read, in reading order.
#[derive(Debug, Clone, Default)]
pub struct SourceMap(Vec<Source>);

impl SourceMap {
    /// Adds a file.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> SourceId {
        self.0.push(Source { name: name.into(), text: text.into() });
        SourceId(self.0.len() - 1)
    }

    /// The file.
    pub fn get(&self, id: SourceId) -> &Source {
        &self.0[id.0]
    }

    /// Every file.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.0.iter()
    }

    /// The names of the files, each once, in reading order; a text without a name is no file.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for source in self.0.iter().filter(|source| !source.name.is_empty()) {
            if !names.contains(&source.name) {
                names.push(source.name.clone());
            }
        }
        names
    }

    /// `gates/a.toml:12` for a span.
    pub fn place(&self, span: &Span) -> String {
        let source = self.get(span.source);
        format!("{}:{}", source.name, source.position(span.start).0)
    }
}
