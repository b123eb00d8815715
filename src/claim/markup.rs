//! What of Markdown is not shown: tags, comments, targets of links, marks of footnotes, and what HTML hides.
//!
//! In: a text and a place in it. Out: the piece that stands there and its length. Where something ends is looked for once, however often it
//! is begun, so a text of nothing but beginnings takes no longer than any other.

use entities::ENTITIES;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

/// How far the quotes of a tag or of the title of a link are heeded, in bytes. Behind that the next end is the end.
const QUOTES_MAX: usize = 300;

/// The longest name of an entity.
const ENTITY_MAX: usize = 34;

/// Elements whose text is not read as a part of the sentence around them.
const ASIDE: [&str; 6] = ["script", "style", "template", "sup", "sub", "noscript"];

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// A character that is shown, with its bytes.
    Shown(char, Range<usize>),
    /// An entity: what it stands for, with its bytes.
    Decoded(&'static str, Range<usize>),
    /// Something that is not shown.
    Nothing,
    /// From here on letters stand from right to left, or no longer.
    Turn(bool),
}

/// Where the brackets of a text end.
pub(super) struct Marks {
    /// The closing bracket of each opening one behind `]`, in the order of the text.
    closed: Vec<(u32, u32)>,
    /// Where the last comment ends.
    comment: usize,
    next: RefCell<[Next; 3]>,
}

/// Which of the next places is which.
const TAG: usize = 0;
const BRACKET: usize = 1;
const CLOSING: usize = 2;

/// The next place of something behind another place. What lies before the place that was found is not looked at again.
#[derive(Default)]
struct Next {
    from: usize,
    found: Option<usize>,
    looked: bool,
}

impl Next {
    fn of(&mut self, text: &str, from: usize, wanted: &[u8]) -> Option<usize> {
        let known = self.looked && from >= self.from && self.found.is_none_or(|found| found >= from);
        if !known {
            let behind = text.as_bytes().get(from..).unwrap_or_default();
            self.found = behind.windows(wanted.len()).position(|own| own == wanted).map(|at| from + at);
            (self.from, self.looked) = (from, true);
        }
        self.found
    }
}

impl Marks {
    /// Looks through a text.
    pub(super) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let (mut open, mut closed): (Vec<usize>, Vec<(u32, u32)>) = (Vec::new(), Vec::new());
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'(' => open.push(at),
                b')' => {
                    let begin = open.pop().filter(|begin| *begin > 0 && bytes[begin - 1] == b']');
                    if let Some((begin, at)) = begin.and_then(|begin| Some((begin.try_into().ok()?, at.try_into().ok()?))) {
                        closed.push((begin, at));
                    }
                }
                _ => {}
            }
        }
        closed.sort_unstable();
        Self { closed, comment: text.rfind("-->").unwrap_or(0), next: RefCell::default() }
    }

    /// The piece at a place, and its length. `bare`: without what stands aside.
    pub(super) fn piece(&self, text: &str, at: usize, c: char, bare: bool) -> (usize, Piece) {
        let rest = &text[at..];
        if bare && let Some(length) = self.aside(text, at) {
            return (length, Piece::Nothing);
        }
        if let Some(length) = self.hidden(text, at) {
            let tag = rest[..length].to_ascii_lowercase();
            return match () {
                () if tag.starts_with("<bdo") && tag.contains("rtl") => (length, Piece::Turn(true)),
                () if tag.starts_with("</bdo") => (length, Piece::Turn(false)),
                () => (length, Piece::Nothing),
            };
        }
        if let Some((decoded, length)) = entity(rest) {
            return (length, decoded.into_piece(at..at + length));
        }
        (c.len_utf8(), Piece::Shown(c, at..at + c.len_utf8()))
    }

    /// The length of what is not shown: a comment, a tag, the target of a link, the mark of a footnote.
    fn hidden(&self, text: &str, at: usize) -> Option<usize> {
        let rest = &text[at..];
        if rest.starts_with("<!--") {
            return if at < self.comment { rest.find("-->").map(|end| end + 3) } else { None };
        }
        if let Some(tag) = rest.strip_prefix('<') {
            let opens = tag.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
            return opens.then(|| self.until(text, at, b'>')).flatten();
        }
        if rest.starts_with("](") {
            return self.target(text, at + 1).map(|length| 1 + length);
        }
        if rest.starts_with("][") || rest.starts_with("[^") {
            return self.until(text, at, b']');
        }
        None
    }

    /// The length up to and with the end of what begins here.
    fn until(&self, text: &str, at: usize, end: u8) -> Option<usize> {
        let slot = if end == b'>' { TAG } else { BRACKET };
        let plain = self.next.borrow_mut()[slot].of(text, at + 2, &[end])?;
        let quoted =
            if end == b'>' { unquoted(&text.as_bytes()[at + 1..], end).map(|length| at + 1 + length) } else { None };
        Some(quoted.unwrap_or(plain) + 1 - at)
    }

    /// The length of the target of a link with its brackets, which may hold others in pairs, and any in quotes.
    fn target(&self, text: &str, at: usize) -> Option<usize> {
        let begin = u32::try_from(at).ok()?;
        let plain =
            self.closed.binary_search_by_key(&begin, |(begin, _)| *begin).ok().map(|found| self.closed[found].1 as usize);
        let inner = &text.as_bytes()[at + 1..];
        let quoted = titled(inner).map(|length| at + 1 + length);
        Some(quoted.or(plain)? + 1 - at)
    }

    /// The length of an element that stands aside, or of an image.
    fn aside(&self, text: &str, at: usize) -> Option<usize> {
        let rest = &text[at..];
        if rest.starts_with("![") {
            let inner = rest.as_bytes().iter().take(QUOTES_MAX).position(|byte| *byte == b']')?;
            let target = text[at + inner..].starts_with("](").then(|| self.target(text, at + inner + 1)).flatten();
            return Some(inner + 1 + target.unwrap_or(0));
        }
        let tag = rest.strip_prefix('<')?;
        let length = tag.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let name = tag[..length].to_ascii_lowercase();
        if name.is_empty() {
            return None;
        }
        let opening = self.until(text, at, b'>')?;
        let attributes = rest[1 + length..opening].to_ascii_lowercase();
        let plain = attributes.replace(char::is_whitespace, "");
        let hides = attributes
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .any(|word| word == "hidden" || word == "aria-hidden");
        let hides = hides || plain.contains("display:none") || plain.contains("visibility:hidden");
        if !(hides || ASIDE.contains(&&*name)) || rest[..opening].ends_with("/>") {
            return None;
        }
        // What is aside is short; what is longer is looked at as any other text.
        let mut from = at + opening;
        loop {
            let end = self.next.borrow_mut()[CLOSING].of(text, from, b"</")?;
            if end - at - opening >= ASIDE_MAX {
                return None;
            }
            let own = text.as_bytes().get(end + 2..end + 2 + length);
            if own.is_some_and(|own| own.eq_ignore_ascii_case(name.as_bytes())) {
                return Some(end - at + self.until(text, end, b'>')?);
            }
            from = end + 2;
        }
    }
}

/// How long something aside may be, in bytes.
const ASIDE_MAX: usize = 2_000;

/// The place of the end outside quotes, near enough.
fn unquoted(bytes: &[u8], end: u8) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in bytes.iter().take(QUOTES_MAX).enumerate() {
        match (byte, quote) {
            (b'"' | b'\'', None) => quote = Some(*byte),
            (own, Some(open)) if *own == open => quote = None,
            (own, None) if *own == end => return Some(at),
            _ => {}
        }
    }
    None
}

/// The place of the bracket that ends a target with a title in quotes, which may hold brackets: `x "a ("`.
fn titled(bytes: &[u8]) -> Option<usize> {
    let near = &bytes[..bytes.len().min(QUOTES_MAX)];
    let begin = near.iter().position(|byte| matches!(byte, b'"' | b'\'' | b')'))?;
    let quote = near[begin];
    let blank = begin.checked_sub(1).is_some_and(|before| near[before].is_ascii_whitespace());
    if quote == b')' || !blank {
        return None;
    }
    let end = begin + 1 + near[begin + 1..].iter().position(|byte| *byte == quote)?;
    let behind = near[end + 1..].iter().position(|byte| !byte.is_ascii_whitespace())?;
    (near[end + 1 + behind] == b')').then_some(end + 1 + behind)
}

/// What an entity stands for.
enum Decoded {
    One(char),
    Several(&'static str),
}

impl Decoded {
    fn into_piece(self, bytes: Range<usize>) -> Piece {
        match self {
            Decoded::One(c) => Piece::Shown(c, bytes),
            Decoded::Several(text) => Piece::Decoded(text, bytes),
        }
    }
}

/// The entities of HTML, each with its signs around it. Those that HTML reads without a semicolon are none in Markdown.
static NAMED: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| ENTITIES.iter().map(|entity| (entity.entity, entity.characters)).collect());

/// What the entity at the beginning stands for, with its length.
fn entity(rest: &str) -> Option<(Decoded, usize)> {
    let body = rest.strip_prefix('&')?;
    let end = body.bytes().take(ENTITY_MAX).position(|byte| byte == b';')?;
    let name = &body[..end];
    let decoded = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            Decoded::One(char::from_u32(code)?)
        }
        None => Decoded::Several(NAMED.get(rest.get(..end + 2)?).copied()?),
    };
    Some((decoded, end + 2))
}

/// The length of the marker of a list item at the beginning of a line, with block quotes before it and a box behind it.
pub(super) fn marker(line: &str) -> usize {
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
