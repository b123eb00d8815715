//! Cases of a large report that are read ahead of the walk, on all cores.
//!
//! Most of a report are tests that passed, each one tag behind the other. Such cases say nothing of what is around them, so they can be read
//! before the walk comes to them: from any place where a `<testcase` stands. What is read ahead counts only if the walk itself comes to exactly that
//! place between two tags of a suite; a place inside a comment or a text is one to which it never comes. Whatever is not of the simple form, and
//! whatever is damaged, is left to the walk.

use super::junit_case::plain;
use super::report::TESTS_MOST;
use super::xml::{self, Attributes};
use super::xml_token::{self, Token, Written};
use crate::model::PlainCases;
use memchr::{memchr_iter, memmem};
use rayon::prelude::*;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};

const BEGIN: &str = "<testcase";

/// How much is read ahead at once, and by one thread at a time, in bytes.
const WINDOW: usize = 2 << 20;
const PIECE: usize = 128 << 10;

/// Cases that passed and stand behind each other.
#[derive(Debug)]
pub(super) struct Run {
    from: usize,
    /// The byte behind the last of them, and behind the blanks that follow it.
    pub(super) to: usize,
    pub(super) cases: PlainCases,
}

/// What was read ahead of a text.
#[derive(Default)]
pub(super) struct Ahead<'t> {
    text: &'t str,
    window: usize,
    piece: usize,
    /// Where the window ends.
    until: usize,
    runs: VecDeque<Run>,
    /// Lines are counted up to this byte.
    counted: usize,
    lines: u64,
    /// How many cases were read ahead.
    told: AtomicUsize,
}

impl<'t> Ahead<'t> {
    /// For a text that is walked over from its beginning. Small ones are not worth it.
    pub(super) fn of(text: &'t str) -> Self {
        if text.len() < 4 * PIECE { Self::default() } else { Self::in_pieces(text, WINDOW, PIECE) }
    }

    pub(super) fn in_pieces(text: &'t str, window: usize, piece: usize) -> Self {
        Self { text, window, piece, ..Self::default() }
    }

    /// The cases that stand at this byte, if they were read ahead. Bytes are asked for in their order.
    pub(super) fn at(&mut self, position: usize) -> Option<Run> {
        if position >= self.until && position < self.text.len() {
            self.look(position);
        }
        while self.runs.front().is_some_and(|run| run.from < position) {
            self.runs.pop_front();
        }
        if self.runs.front()?.from == position { self.runs.pop_front() } else { None }
    }

    /// Reads the next window.
    fn look(&mut self, from: usize) {
        let text = self.text;
        let bytes = text.as_bytes();
        self.until = bytes.len().min(from.saturating_add(self.window));
        let mut starts = Vec::new();
        let mut at = from;
        while let Some(found) = memmem::find(&bytes[at..self.until], BEGIN.as_bytes()) {
            starts.push((at + found, self.line(at + found)));
            at = self.until.min(at + found + self.piece);
        }
        let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([self.until]);
        let pieces: Vec<(usize, u64, usize)> =
            starts.iter().zip(ends).map(|((from, line), to)| (*from, *line, to)).collect();
        let told = &self.told;
        let runs = pieces.into_par_iter().flat_map_iter(|(from, line, to)| runs(text, from, line, to, told));
        self.runs = runs.collect::<Vec<_>>().into();
    }

    /// The line of a byte, from 1.
    fn line(&mut self, at: usize) -> u64 {
        self.lines += breaks(&self.text.as_bytes()[self.counted..at]);
        self.counted = at;
        self.lines + 1
    }
}

fn breaks(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}

/// The simple cases that begin between two bytes, the first of which is on this line.
fn runs(text: &str, from: usize, mut line: u64, to: usize, told: &AtomicUsize) -> Vec<Run> {
    let (mut runs, mut at, mut counted) = (Vec::new(), from, from);
    let mut attributes = Vec::new();
    loop {
        let mut run = Run { from: at, to: at, cases: PlainCases::default() };
        while run.to < to {
            line += breaks(&text.as_bytes()[counted..run.to]);
            counted = run.to;
            let Some(end) = simple(text, run.to, line, &mut attributes, &mut run.cases) else { break };
            run.to = end;
        }
        at = run.to;
        // A file of endless small tests would fill the memory; the walk says so when it comes to the first that has no room.
        if told.fetch_add(run.cases.len(), Ordering::Relaxed) > TESTS_MOST {
            return runs;
        }
        if !run.cases.is_empty() {
            runs.push(run);
        }
        let next = text.as_bytes().get(at + 1..to).and_then(|rest| memmem::find(rest, BEGIN.as_bytes()));
        let Some(next) = next else { return runs };
        at += 1 + next;
    }
}

/// Reads the case at this byte, if it passed and is a tag without anything in it. The next byte that is no blank.
fn simple<'t>(text: &'t str, at: usize, line: u64, attributes: &mut Written<'t>, cases: &mut PlainCases) -> Option<usize> {
    let (Token::Start { name: "testcase", closed }, mut end) = xml_token::next(text, at, attributes)? else { return None };
    xml::settle(attributes).ok()?;
    if !closed {
        // An end tag has no attributes, and leaves those of the case alone.
        let (Token::End("testcase"), behind) = xml_token::next(text, blanks(text, end), attributes)? else { return None };
        end = behind;
    }
    cases.push(&plain(&Attributes::of(attributes), line)?).then(|| blanks(text, end))
}

/// The first byte from here that is no blank.
fn blanks(text: &str, at: usize) -> usize {
    let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    at + text.as_bytes()[at..].iter().take_while(blank).count()
}
