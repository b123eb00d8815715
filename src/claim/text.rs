//! Finds phrases in Markdown as a reader would, however they are set.
//!
//! In: a text and phrases. Out: the places of the phrases. Case, width and accents do not count, and neither do white space, line breaks,
//! dashes, emphasis, quotes, brackets, headings, block quotes and table rules. A text is read in three ways, and a phrase that is
//! found in any of them is found: as it is written; as it is shown, without tags, comments, targets of links and entities; and so
//! again without markers of lists. So nothing that one way drops can hide what another one shows.

use super::letter::{Letter, letter};
use std::ops::Range;

/// What may follow the last word of a phrase without making it another word.
const ENDINGS: [&str; 8] = ["s", "es", "d", "ed", "ing", "ly", "ness", "able"];

/// The longest tag or target of a link that is left out, in bytes.
const MARKUP_MAX: usize = 2_000;

/// A phrase that is sought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// As the contract writes it.
    pub written: String,
    folded: Vec<char>,
}

impl Phrase {
    /// Folds a phrase; `None` if fewer than two signs of it count, as such a phrase is in any text.
    pub fn new(written: &str) -> Option<Self> {
        let signs = shown(written, false).into_iter().map(|sign| sign.sign).collect::<Vec<_>>();
        let stop = |sign: &char| matches!(sign, '.' | '!' | '?');
        let first = signs.iter().position(|sign| !stop(sign))?;
        let last = signs.iter().rposition(|sign| !stop(sign))?;
        let folded = signs[first..=last].to_vec();
        (folded.len() >= 2).then(|| Self { written: written.to_owned(), folded })
    }

    /// Whether two phrases are the same to a reader.
    pub fn same(&self, other: &Phrase) -> bool {
        self.folded == other.folded
    }
}

/// One sign of a text that counts.
#[derive(Debug, Clone, Copy)]
struct Sign {
    sign: char,
    /// Its bytes in the text.
    start: usize,
    end: usize,
    /// Whether a word may begin here.
    begins: bool,
}

/// A text, read in every way.
pub(super) struct Text {
    views: [Vec<Sign>; Self::WAYS],
    /// Where each line begins.
    lines: Vec<usize>,
}

impl Text {
    /// In how many ways a text is read.
    pub(super) const WAYS: usize = 3;

    /// Reads a text.
    pub(super) fn new(text: &str) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { views: [shown(text, false), shown(text, true), written(text)], lines }
    }

    /// The line of a byte, from 1.
    pub(super) fn line(&self, at: usize) -> u64 {
        self.lines.partition_point(|start| *start <= at) as u64
    }

    /// The bytes of every place of a phrase, for each way to read the text: as readers see it first, as it is written last.
    pub(super) fn find(&self, phrase: &Phrase) -> Vec<Vec<Range<usize>>> {
        self.views.iter().map(|view| places(view, &phrase.folded)).collect()
    }
}

fn places(signs: &[Sign], phrase: &[char]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, window) in signs.windows(phrase.len()).enumerate() {
        let same = window[0].begins && window.iter().zip(phrase).all(|(sign, wanted)| sign.sign == *wanted);
        if same && ends(&signs[at + phrase.len()..]) {
            found.push(window[0].start..window[phrase.len() - 1].end);
        }
    }
    found
}

/// Whether a word ends here, but for an ending that changes only its form.
fn ends(rest: &[Sign]) -> bool {
    let more = rest.iter().take_while(|sign| !sign.begins && sign.sign.is_alphanumeric()).take(8);
    let more: String = more.map(|sign| sign.sign).collect();
    more.is_empty() || ENDINGS.contains(&more.as_str())
}

/// Signs as they are gathered.
#[derive(Default)]
struct Signs {
    signs: Vec<Sign>,
    inside: bool,
}

impl Signs {
    fn push(&mut self, c: char, bytes: Range<usize>) {
        match letter(c) {
            Letter::Mark => {}
            Letter::Gap => self.inside = false,
            Letter::Signs(folded) => {
                for sign in folded {
                    let begins = !self.inside;
                    // Behind a stop or a percent sign a word may begin.
                    self.inside = sign.is_alphanumeric();
                    self.signs.push(Sign { sign, start: bytes.start, end: bytes.end, begins });
                }
            }
        }
    }
}

fn written(text: &str) -> Vec<Sign> {
    let mut signs = Signs::default();
    text.char_indices().for_each(|(at, c)| signs.push(c, at..at + c.len_utf8()));
    signs.signs
}

fn shown(text: &str, without_lists: bool) -> Vec<Sign> {
    let mut signs = Signs::default();
    let (mut at, mut fresh) = (0, true);
    let last = text.rfind("-->").unwrap_or(0);
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let skipped = if fresh && without_lists { marker(rest) } else { 0 };
        fresh = false;
        let skipped = if skipped > 0 { skipped } else { markup(rest, at < last) };
        if skipped > 0 {
            signs.inside = false;
            fresh = rest[..skipped].ends_with('\n');
            at += skipped;
            continue;
        }
        if let Some((decoded, length)) = entity(rest) {
            signs.push(decoded, at..at + length);
            at += length;
            continue;
        }
        signs.push(c, at..at + c.len_utf8());
        fresh = c == '\n';
        at += c.len_utf8();
    }
    signs.signs
}

/// The length of the marker of a list item at the beginning of a line, with block quotes before it and a box behind it.
fn marker(line: &str) -> usize {
    let body = line.trim_start_matches([' ', '\t', '>']);
    let digits = body.bytes().take_while(u8::is_ascii_digit).count();
    let own = match body[digits..].chars().next() {
        Some('.' | ')') if (1..=9).contains(&digits) => digits + 1,
        Some('-' | '*' | '+') if digits == 0 => 1,
        Some(_) | None => return 0,
    };
    let behind = &body[own..];
    if !behind.starts_with([' ', '\t']) {
        return 0;
    }
    let item = behind.trim_start_matches([' ', '\t']);
    let boxed = ["[x]", "[X]", "[ ]"].iter().any(|ticked| item.starts_with(ticked));
    line.len() - item.len() + if boxed { 3 } else { 0 }
}

/// The length of what is not shown: a comment, a tag, the target of a link, the mark of a footnote. `comments` says whether any
/// comment ends behind here.
fn markup(rest: &str, comments: bool) -> usize {
    if rest.starts_with("<!--") {
        return if comments { rest.find("-->").map_or(0, |at| at + 3) } else { 0 };
    }
    if let Some(tag) = rest.strip_prefix('<') {
        let opens = tag.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        return if opens { until(rest, b'>') } else { 0 };
    }
    if rest.starts_with("](") {
        return target(&rest[1..]).map_or(0, |length| 1 + length);
    }
    if rest.starts_with("][") || rest.starts_with("[^") {
        return until(rest, b']');
    }
    0
}

/// The length up to and with the end, which is not the first byte; 0 if there is none near enough.
fn until(rest: &str, end: u8) -> usize {
    rest.bytes().take(MARKUP_MAX).skip(1).position(|byte| byte == end).map_or(0, |at| at + 2)
}

/// The length of the target of a link with its brackets, which may hold others in pairs.
fn target(rest: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in rest.bytes().take(MARKUP_MAX).enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 1 => return Some(at + 1),
            b')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The character that an entity stands for, with the entity's length.
fn entity(rest: &str) -> Option<(char, usize)> {
    let body = rest.strip_prefix('&')?;
    let end = body.bytes().take(32).position(|byte| byte == b';')?;
    let name = &body[..end];
    let decoded = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
        None => match name {
            "percnt" => '%',
            "plus" => '+',
            "period" => '.',
            "excl" => '!',
            "quest" => '?',
            // Every other named one stands for a blank, a dash, a quote or a symbol, or is a letter with an accent, and is left as
            // it is written: `&eacute;`.
            "nbsp" | "shy" | "zwj" | "zwnj" | "ensp" | "emsp" | "thinsp" | "hairsp" | "ndash" | "mdash" | "hyphen"
            | "dash" | "amp" | "lt" | "gt" | "quot" | "apos" | "lsquo" | "rsquo" | "ldquo" | "rdquo" | "NoBreak"
            | "ZeroWidthSpace" | "Tab" | "NewLine" | "lowbar" | "ast" | "sol" | "bull" | "middot" => ' ',
            _ => return None,
        },
    };
    Some((decoded, end + 2))
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
