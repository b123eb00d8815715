//! The lines of a log as `stage-logs` compares them: what each says, with and without what stands before it.
//!
//! In: lines, one after the other. Out: for each a print of its text, and of what is left of it behind each part that the prefix matches; the names in
//! such parts; and whether it is one of the pipeline's own. Their texts are not kept.

use crate::gate::Fold;
use crate::model::{Gap, GapKind, Node, Where};
use regex::Regex;
use std::any::Any;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

/// How much of a line is compared, in bytes.
const COMPARED: usize = 32 << 10;

/// Most parts that are taken off before a line.
const PARTS_MOST: usize = 8;

/// Colours and other signs for a terminal.
static COLOURS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\x1b\[[0-9;?]*[ -/]*[@-~]").expect("a sound pattern"));

/// One line that is not blank.
#[derive(Debug)]
pub(super) struct Line {
    /// Of the whole line first, then of what is left of it behind each part before it.
    pub(super) prints: Vec<u128>,
    /// The words that stand before it, in small letters, each with the number of prints in which it still stands.
    pub(super) names: Vec<(Box<str>, usize)>,
    /// Whether the pipeline says it of a stage.
    pub(super) frame: bool,
}

/// The lines of one file; blank ones are `None`.
pub(super) struct Lines {
    prefix: Regex,
    frames: Regex,
    lines: Vec<Option<Line>>,
    /// Of a line that is no text.
    pub(super) gap: Option<Gap>,
}

/// Two short hashes: equal lines have equal prints, and nobody else's business depends on them.
fn print(text: &str) -> u128 {
    let half = |seed: u64| {
        let mut hasher = DefaultHasher::new();
        (seed, text).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}

impl Lines {
    pub(super) fn new(prefix: &Regex, frames: &Regex) -> Self {
        Self { prefix: prefix.clone(), frames: frames.clone(), lines: Vec::new(), gap: None }
    }

    fn line(&self, text: &str) -> Option<Line> {
        let mut end = text.len().min(COMPARED);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let text = COLOURS.replace_all(&text[..end], "");
        let mut rest = text.trim();
        if rest.is_empty() {
            return None;
        }
        let at_start =
            |regex: &Regex, text: &str| regex.find(text).filter(|found| found.start() == 0).map(|found| found.end());
        let mut line = Line { prints: vec![print(rest)], names: Vec::new(), frame: at_start(&self.frames, rest).is_some() };
        for _ in 0..PARTS_MOST {
            let Some(length) = at_start(&self.prefix, rest).filter(|length| *length > 0) else { break };
            let (part, behind) = rest.split_at(length);
            let name = part.trim_matches(|c: char| c.is_whitespace() || "[](){}<>|:-".contains(c));
            // `[unit:stderr]` is a line of `unit`.
            let pieces = name.split([':', '/', ' ', '|']).filter(|piece| *piece != name);
            for name in std::iter::once(name).chain(pieces).filter(|name| name.contains(char::is_alphabetic)) {
                line.names.push((name.to_lowercase().into(), line.prints.len()));
            }
            rest = behind.trim_start();
            line.prints.push(print(rest));
            line.frame |= rest.is_empty() || at_start(&self.frames, rest).is_some();
        }
        Some(line)
    }

    /// The lines that are not blank, each with its position from 0.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &Line)> {
        self.lines.iter().enumerate().filter_map(|(at, line)| Some((at, line.as_ref()?)))
    }

    /// Those before which a name stands.
    pub(super) fn tagged(&self) -> impl Iterator<Item = (usize, &Line)> {
        self.lines().filter(|(_, line)| !line.names.is_empty())
    }

    /// What each line says as it stands.
    pub(super) fn plain(&self) -> impl Iterator<Item = (usize, u128)> + '_ {
        self.lines().filter_map(|(at, line)| Some((at, *line.prints.first()?)))
    }

    /// What its lines say.
    pub(super) fn every(&self) -> impl Iterator<Item = u128> + '_ {
        self.plain().map(|(_, print)| print)
    }

    /// Whether nothing stands in it.
    pub(super) fn is_blank(&self) -> bool {
        self.lines().next().is_none()
    }

    /// Where each thing is said that its lines say, with and without what stands before them.
    pub(super) fn positions(&self) -> Positions {
        let every = self.lines().flat_map(|(at, line)| line.prints.iter().map(move |print| (*print, at)));
        let mut sorted: Vec<(u128, usize)> = every.collect();
        sorted.sort_unstable();
        Positions(sorted)
    }
}

/// What lines say, sorted, with the positions of the lines: so that a log is compared in one pass, however long it is.
pub(super) struct Positions(Vec<(u128, usize)>);

impl Positions {
    /// The first line from a position on that says this.
    pub(super) fn find(&self, wanted: u128, from: usize) -> Option<usize> {
        let first = self.0.partition_point(|pair| *pair < (wanted, from));
        self.0.get(first).filter(|(print, _)| *print == wanted).map(|(_, at)| *at)
    }
}

impl Fold for Lines {
    fn record(&mut self, line: u64, record: Node<'_>) {
        let Some(text) = record.text() else {
            let gap = Gap::new(GapKind::Invalid, Where::line("", line), "a line of text", record.type_name());
            self.gap.get_or_insert(gap);
            return;
        };
        // A long line comes in several pieces under one number; the first is enough.
        let at = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
        if at < self.lines.len() {
            return;
        }
        self.lines.resize_with(at, || None);
        let line = self.line(text);
        self.lines.push(line);
    }

    fn finish(self: Box<Self>) -> Box<dyn Any + Send + Sync> {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_before_a_line_are_taken_off() {
        let prefix = r"[0-9:.]+|\[[a-z]+\]|INFO";
        let none = Regex::new("never").expect("a pattern");
        let lines = Lines::new(&Regex::new(prefix).expect("a pattern"), &none);
        let line = lines.line("12:00:01 INFO [unit]   \u{1b}[32mok 3\u{1b}[0m").expect("a line");
        assert_eq!(line.prints.last(), Some(&print("ok 3")));
        assert_eq!((line.prints.len(), line.names), (4, vec![("info".into(), 2), ("unit".into(), 3)]));
        assert!(lines.line(" \t\r").is_none());
        assert_ne!(print("a"), print("b"));
    }
}
