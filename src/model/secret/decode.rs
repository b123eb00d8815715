//! A text as its reader sees it: escapes undone, colours and what nobody sees taken out.
//!
//! In: any text. Out: the decoded text with the way back to the bytes it came from, or nothing where there is nothing to decode. Known are the
//! escapes of JSON and of programming languages (`\n`, `\u0070`, `\x70`, `\033`), of URLs (`%70`) and of markup (`&#112;`, `&quot;`), however
//! often their own sign is escaped again, and the sequences that colour a terminal. What is decoded serves to look for something and is
//! never shown. Time is linear in the text.

use crate::model::unseen::deceives;
use std::ops::Range;

/// How often an escape may be wrapped in another kind of escape.
const ROUNDS: usize = 3;

/// Longest sequence that sets the title of a terminal or a link, in bytes.
const TITLE_MOST: usize = 256;

/// One escape: where it stood, and how many bytes are there instead.
struct Edit {
    decoded: usize,
    length: usize,
    from: Range<usize>,
}

/// A text with its escapes undone once.
struct Round {
    text: String,
    edits: Vec<Edit>,
}

impl Round {
    /// The byte that the decoded byte came from; with `end`, the byte behind what it came from.
    fn back(&self, at: usize, end: bool) -> usize {
        let before = self.edits.partition_point(|edit| edit.decoded <= at);
        // Edits that left nothing stand at one place; the last one counts, which is the one that `at` follows.
        let Some(edit) = before.checked_sub(1).map(|last| &self.edits[last]) else { return at + usize::from(end) };
        match at.checked_sub(edit.decoded + edit.length) {
            Some(behind) => edit.from.end + behind + usize::from(end),
            None if end => edit.from.end,
            None => edit.from.start,
        }
    }

    fn origin(&self, range: &Range<usize>) -> Range<usize> {
        match range.is_empty() {
            true => self.back(range.start, false)..self.back(range.start, false),
            false => self.back(range.start, false)..self.back(range.end - 1, true),
        }
    }
}

/// A decoded text.
pub(super) struct Decoded(Vec<Round>);

impl Decoded {
    /// The text.
    pub(super) fn text(&self) -> &str {
        self.0.last().map_or("", |round| &round.text)
    }

    /// The bytes of the original that a range of the decoded text came from.
    pub(super) fn origin(&self, range: Range<usize>) -> Range<usize> {
        self.0.iter().rev().fold(range, |range, round| round.origin(&range))
    }

    /// The range with every escape that it cuts taken in whole.
    pub(super) fn whole(&self, mut range: Range<usize>) -> Range<usize> {
        let Some(first) = self.0.first() else { return range };
        let at = first.edits.partition_point(|edit| edit.from.end <= range.start);
        if let Some(edit) = first.edits.get(at).filter(|edit| edit.from.start < range.start) {
            range.start = edit.from.start;
        }
        let at = first.edits.partition_point(|edit| edit.from.end < range.end);
        if let Some(edit) = first.edits.get(at).filter(|edit| edit.from.start < range.end) {
            range.end = edit.from.end;
        }
        range
    }
}

/// Whether a text may hold anything to decode; fast, because it is asked of everything.
fn suspicious(text: &str) -> bool {
    // Without an early end inside a block the compiler looks at many bytes at once.
    text.as_bytes().chunks(128).any(|block| block.iter().fold(false, |found, byte| found | is_odd(*byte)))
}

/// Whether something to decode may begin with this byte.
pub(super) const fn is_odd(byte: u8) -> bool {
    byte >= 0x7f || byte == b'\\' || byte == b'%' || byte == b'&' || (byte < 0x20 && !(9 <= byte && byte < 14))
}

/// The text with its escapes undone; `None` if there are none.
pub(super) fn decode(text: &str) -> Option<Decoded> {
    if !suspicious(text) {
        return None;
    }
    let mut rounds = vec![round(text)?];
    while rounds.len() < ROUNDS {
        match rounds.last().filter(|last| suspicious(&last.text)).and_then(|last| round(&last.text)) {
            Some(next) => rounds.push(next),
            None => break,
        }
    }
    Some(Decoded(rounds))
}

fn round(text: &str) -> Option<Round> {
    let bytes = text.as_bytes();
    let (mut decoded, mut edits) = (String::new(), Vec::new());
    let (mut at, mut kept) = (0, 0);
    while at < bytes.len() {
        let Some((length, instead)) = escape(text, at) else {
            at += 1;
            continue;
        };
        if edits.is_empty() {
            decoded.reserve(text.len());
        }
        decoded.push_str(&text[kept..at]);
        let begin = decoded.len();
        decoded.extend(instead);
        edits.push(Edit { decoded: begin, length: decoded.len() - begin, from: at..at + length });
        at += length;
        kept = at;
    }
    if edits.is_empty() {
        return None;
    }
    decoded.push_str(&text[kept..]);
    Some(Round { text: decoded, edits })
}

/// The escape that begins here: its length, and the character it stands for, if it stands for one.
fn escape(text: &str, at: usize) -> Option<(usize, Option<char>)> {
    let bytes = text.as_bytes();
    match bytes[at] {
        // A run of them is looked at once, from its first.
        b'\\' if at == 0 || bytes[at - 1] != b'\\' => backslash(bytes, at),
        b'%' => percent(bytes, at),
        b'&' => entity(&bytes[at..]),
        0x1b => Some((sequence(bytes, at), None)),
        byte @ (0..=0x1f | 0x7f) => (!(9..14).contains(&byte)).then_some((1, None)),
        0x80.. if text.is_char_boundary(at) => {
            let c = text[at..].chars().next()?;
            deceives(c).then(|| (c.len_utf8(), None))
        }
        _ => None,
    }
}

fn hex(digits: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(digits).ok()?;
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    digits.then(|| u32::from_str_radix(text, 16).ok())?
}

/// `\n` and its like, with any number of backslashes.
fn backslash(bytes: &[u8], at: usize) -> Option<(usize, Option<char>)> {
    let run = bytes[at..].iter().take_while(|byte| **byte == b'\\').count();
    let sign = at + run;
    let plain = |c: char| Some((run + 1, Some(c)));
    let numeric = |length: usize, code: Option<u32>| Some((run + 1 + length, Some(char::from_u32(code?)?)));
    match bytes.get(sign)? {
        b'n' => plain('\n'),
        b'r' => plain('\r'),
        b't' => plain('\t'),
        b'e' | b'E' => plain('\u{1b}'),
        b'b' | b'f' | b'v' | b'a' => plain(' '),
        quote @ (b'"' | b'\'' | b'/' | b'`' | b'=' | b':' | b'&') => plain(char::from(*quote)),
        b'x' => numeric(2, hex(bytes.get(sign + 1..sign + 3)?)),
        b'u' if bytes.get(sign + 1) == Some(&b'{') => {
            let most = bytes.len().min(sign + 9);
            let length = bytes[sign + 2..most].iter().position(|byte| *byte == b'}')?;
            numeric(length + 2, hex(&bytes[sign + 2..sign + 2 + length]))
        }
        b'u' => numeric(4, hex(bytes.get(sign + 1..sign + 5)?)),
        b'0'..=b'3' => {
            let digits = bytes.get(sign..sign + 3)?;
            let code = digits
                .iter()
                .try_fold(0, |sum, digit| (b'0'..=b'7').contains(digit).then(|| sum * 8 + u32::from(digit - b'0')))?;
            numeric(2, Some(code))
        }
        _ => None,
    }
}

/// `%70`, and `%2570` for `%70`.
fn percent(bytes: &[u8], at: usize) -> Option<(usize, Option<char>)> {
    let mut digits = at + 1;
    while bytes[digits..].starts_with(b"25") && hex(bytes.get(digits + 2..digits + 4)?).is_some() {
        digits += 2;
    }
    let code = hex(bytes.get(digits..digits + 2)?)?;
    // Of a character that takes several bytes no token is made.
    (code < 0x80).then(|| (digits + 2 - at, char::from_u32(code)))
}

fn entity(bytes: &[u8]) -> Option<(usize, Option<char>)> {
    const NAMED: [(&[u8], char); 5] =
        [(b"&quot;", '"'), (b"&apos;", '\''), (b"&amp;", '&'), (b"&lt;", '<'), (b"&gt;", '>')];
    if let Some((name, c)) = NAMED.iter().find(|(name, _)| bytes.starts_with(name)) {
        return Some((name.len(), Some(*c)));
    }
    let digits = bytes.strip_prefix(b"&#")?;
    let length = digits.iter().take(9).position(|byte| *byte == b';')?;
    let code = match digits[..length].strip_prefix(b"x").or_else(|| digits[..length].strip_prefix(b"X")) {
        Some(digits) => hex(digits)?,
        None => std::str::from_utf8(&digits[..length]).ok()?.parse().ok()?,
    };
    Some((length + 3, Some(char::from_u32(code)?)))
}

/// The length of a terminal's sequence.
fn sequence(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at + 1) {
        Some(b'[') => {
            let inside = bytes[at + 2..].iter().take(64).take_while(|byte| (0x20..0x40).contains(*byte)).count();
            let closed = bytes.get(at + 2 + inside).is_some_and(|byte| (0x40..0x7f).contains(byte));
            2 + inside + usize::from(closed)
        }
        Some(b']') => {
            let inside = bytes[at + 2..].iter().take(TITLE_MOST);
            let mut inside = inside.enumerate().filter(|(_, byte)| matches!(byte, 7 | 0x1b | b'\n'));
            match inside.next() {
                Some((length, 7)) => 3 + length,
                Some((length, 0x1b)) if bytes.get(at + 3 + length) == Some(&b'\\') => 4 + length,
                // What is no title is no reason to pass over what stands there.
                Some(_) | None => 2,
            }
        }
        Some(byte) if (0x40..0x60).contains(byte) => 2,
        Some(_) | None => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_escape_is_undone_and_leads_back() {
        let table = [
            (r"\u0070", "p"),
            (r"\\u0070", "p"),
            (r"\\\\u0070", "p"),
            (r"\x70", "p"),
            (r"\160", "p"),
            (r"\u{70}", "p"),
            ("%70", "p"),
            ("%2570", "p"),
            ("%252570", "p"),
            ("&#112;", "p"),
            ("&#x70;", "p"),
            ("&amp;#112;", "p"),
            (r"\u0025\u0037\u0030", "p"),
            (r"%5Cu0070", "p"),
            ("\u{1b}[31mp", "p"),
            ("p\u{1b}[0m", "p"),
            (r"\u001b[31mp", "p"),
            (r"\033[1;31mp", "p"),
            (r"\e[31mp", "p"),
            ("\u{1b}]8;;http://x\u{7}p", "p"),
            ("\u{200b}p\u{feff}", "p"),
        ];
        let mut seen = 0;
        for (escaped, plain) in table {
            let text = format!("ä{escaped}ö");
            let decoded = decode(&text).unwrap_or_else(|| panic!("{text:?} has an escape"));
            assert_eq!(decoded.text(), format!("ä{plain}ö"), "{text:?}");
            let at = decoded.origin(2..3);
            assert!(at.start >= 2 && at.end <= text.len() - 2 && at.start < at.end, "{text:?}: {at:?}");
            assert_eq!(decoded.origin(0..2), 0..2, "{text:?}");
            assert_eq!(decoded.origin(3..5).end, text.len(), "{text:?}");
            seen += 1;
        }
        assert_eq!(seen, 21);
    }

    #[test]
    fn what_is_no_escape_stays() {
        for text in
            ["plain", "a%zz", "a%", "a\\", "a\\q", "a&b", "&#;", "&#99999999;", "\\u12", "\\u{}", "ä%C3%A4", "100% of 5"]
        {
            assert!(decode(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn a_range_that_cuts_an_escape_takes_it_in() {
        let decoded = decode(r"a\npm_b").expect("an escape");
        assert_eq!(decoded.whole(2..7), 1..7);
        assert_eq!(decoded.whole(0..2), 0..3);
        assert_eq!(decoded.whole(3..7), 3..7);
    }
}
