//! Bytes to text, for every format: the one place that knows of encodings.
//!
//! | content | a UTF-8 mark | UTF-16 with a mark | other bytes than UTF-8 |
//! |---|---|---|---|
//! | documents and lists of evidence ([`plain_utf8`]) | malformed | malformed | malformed |
//! | YAML and Rust ([`marked_utf8`]) | dropped | malformed | malformed |
//! | text and reports ([`text`]) | dropped | decoded | malformed |
//! | XML ([`xml`]) | dropped | decoded | as the declaration says: US-ASCII, ISO-8859-1, windows-1252; else malformed |
//! | JSON reports ([`json`]) | dropped | decoded | malformed; half a surrogate pair `\ud83d` is U+FFFD |
//! | console logs ([`log`], [`events`]) | dropped | decoded | each such byte is shown as `\xff`, because what a log is read by is ASCII |
//! | a stream of lines ([`Stream`]) | dropped | decoded | left to the reader |
//!
//! Of logs the stamps that a host of CI puts in front of each line are dropped too ([`super::stamps`]).
//!
//! UTF-16 without a mark and UTF-32 are malformed by name everywhere, because their bytes pass for UTF-8 in which nothing is found. Lines stay
//! lines, so places in what is decoded are places in the file.

use super::malformed;
use super::stamps::without_stamps;
use crate::model::{Gap, Where};
use memchr::memchr;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Read};

/// What the first bytes of a file say of its encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Nothing,
    Utf8,
    /// Whether the high byte comes first.
    Utf16 {
        big: bool,
    },
    Utf32,
}

impl Mark {
    /// The mark, and how many bytes it has.
    fn of(bytes: &[u8]) -> (Self, usize) {
        match bytes {
            [0xef, 0xbb, 0xbf, ..] => (Mark::Utf8, 3),
            [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => (Mark::Utf32, 4),
            [0xff, 0xfe, ..] => (Mark::Utf16 { big: false }, 2),
            [0xfe, 0xff, ..] => (Mark::Utf16 { big: true }, 2),
            _ => (Mark::Nothing, 0),
        }
    }
}

const UTF_32: &str = "text in UTF-32";
const UNMARKED: &str = "text in UTF-16 without a byte order mark";

/// Bytes as text without a byte order mark: some readers skip the mark and others choke on it.
pub(super) fn plain_utf8<'b>(bytes: &'b [u8], at: &Where) -> Result<&'b str, Gap> {
    let expected = "UTF-8 text without a byte order mark";
    match Mark::of(bytes).0 {
        Mark::Nothing => utf8(bytes, at),
        Mark::Utf8 => Err(malformed(at, Some(1), expected, "a byte order mark".to_owned())),
        Mark::Utf16 { .. } => Err(malformed(at, Some(1), expected, "text in UTF-16".to_owned())),
        Mark::Utf32 => Err(malformed(at, Some(1), expected, UTF_32.to_owned())),
    }
}

/// UTF-8 with or without a mark, for what its own specification lets begin with one.
pub(super) fn marked_utf8<'b>(bytes: &'b [u8], at: &Where) -> Result<&'b str, Gap> {
    plain_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes), at)
}

/// Text of people and reports: UTF-8 with or without a mark, or UTF-16 with one.
pub(super) fn text<'b>(bytes: &'b [u8], at: &Where) -> Result<Cow<'b, str>, Gap> {
    let (mark, length) = Mark::of(bytes);
    match mark {
        Mark::Nothing | Mark::Utf8 => {
            unmarked(bytes, at)?;
            utf8(&bytes[length..], at).map(Cow::Borrowed)
        }
        Mark::Utf16 { big } => utf16(&bytes[length..], big, at).map(Cow::Owned),
        Mark::Utf32 => Err(malformed(at, Some(1), "text in UTF-8 or UTF-16", UTF_32.to_owned())),
    }
}

/// What a console showed: as [`text`], and bytes that are not UTF-8 are written `\xff`, so that names stay apart.
pub(super) fn log<'b>(bytes: &'b [u8], at: &Where) -> Result<Cow<'b, str>, Gap> {
    let (mark, length) = Mark::of(bytes);
    let body = &bytes[length..];
    match mark {
        Mark::Nothing | Mark::Utf8 => {
            unmarked(bytes, at)?;
            Ok(without_stamps(std::str::from_utf8(body).map_or_else(|_| Cow::Owned(escaped(body)), Cow::Borrowed)))
        }
        // What is cut off in the middle of a character was cut off; the lines before it stand.
        Mark::Utf16 { big } => Ok(without_stamps(Cow::Owned(char::decode_utf16(units(body, big)).map(replaced).collect()))),
        Mark::Utf32 => Err(malformed(at, Some(1), "text in UTF-8 or UTF-16", UTF_32.to_owned())),
    }
}

/// A JSON report: as [`text`], without halves of surrogate pairs, which is what is left of a title that was cut.
pub(super) fn json<'b>(bytes: &'b [u8], at: &Where) -> Result<Cow<'b, str>, Gap> {
    text(bytes, at).map(whole_pairs)
}

/// Lines of JSON that a console showed: as [`log`], without halves of surrogate pairs.
pub(super) fn events<'b>(bytes: &'b [u8], at: &Where) -> Result<Cow<'b, str>, Gap> {
    log(bytes, at).map(whole_pairs)
}

/// XML: as [`text`], or in the encoding that its declaration names; one that the bytes do not have is malformed.
pub(super) fn xml<'b>(bytes: &'b [u8], at: &Where) -> Result<Cow<'b, str>, Gap> {
    let expected = "XML in the encoding that it declares";
    let refuse = |line, actual: String| malformed(at, Some(line), expected, actual);
    let (mark, length) = Mark::of(bytes);
    let body = &bytes[length..];
    let disagrees = |stated: &str, found: &str| {
        let stated: String = stated.chars().take(40).collect();
        Err(refuse(1, format!("the encoding `{stated}`, declared in {found}")))
    };
    if let Mark::Utf16 { big } = mark {
        let text = utf16(body, big, at)?;
        let own = if big { "utf-16be" } else { "utf-16le" };
        return match declared(&text) {
            Some(stated) if !["utf-16", own].contains(&&*stated) => disagrees(&stated, "text in UTF-16"),
            Some(_) | None => Ok(Cow::Owned(text)),
        };
    }
    if mark == Mark::Utf32 {
        return Err(refuse(1, UTF_32.to_owned()));
    }
    unmarked(body, at)?;
    let head = String::from_utf8_lossy(&body[..body.len().min(HEAD)]);
    let stated = declared(&head).unwrap_or_else(|| "utf-8".to_owned());
    let single = |find: fn(u8) -> Option<char>| {
        let text: Result<String, usize> = body.iter().enumerate().map(|(at, byte)| find(*byte).ok_or(at)).collect();
        text.map(Cow::Owned).map_err(|at| {
            let line = line_of(&body[..at]);
            refuse(line, format!("a byte that `{stated}` has not, on line {line}"))
        })
    };
    match (&*stated, mark) {
        ("utf-8" | "utf8", _) => utf8(body, at).map(Cow::Borrowed),
        ("us-ascii" | "ascii", _) => single(|byte| byte.is_ascii().then_some(char::from(byte))),
        (_, Mark::Utf8) => disagrees(&stated, "text with a byte order mark of UTF-8"),
        ("iso-8859-1" | "iso8859-1" | "iso_8859-1" | "latin1" | "latin-1", _) => single(|byte| Some(char::from(byte))),
        ("windows-1252" | "cp1252", _) => single(windows_1252),
        ("utf-16" | "utf-16le" | "utf-16be" | "ucs-2", _) => disagrees(&stated, "text that is not UTF-16"),
        _ => Err(refuse(1, format!("the encoding `{}`", stated.chars().take(40).collect::<String>()))),
    }
}

/// Whatever the bytes are, as text to look at: what is found in it is read again by the reader that it is for.
pub(super) fn glance(bytes: &[u8]) -> Cow<'_, str> {
    let (mark, length) = Mark::of(bytes);
    let text = match mark {
        Mark::Utf16 { big } => Cow::Owned(char::decode_utf16(units(&bytes[length..], big)).map(replaced).collect()),
        // The zero bytes only space out what is ASCII.
        Mark::Utf32 => spaced_out(&bytes[length..]),
        Mark::Nothing | Mark::Utf8 if unmarked_line(bytes).is_some() => spaced_out(&bytes[length..]),
        Mark::Nothing | Mark::Utf8 => lossy(&bytes[length..]),
    };
    without_stamps(text)
}

/// Text, with the replacement character for what is not UTF-8. Most bytes are, and that is found out many at a time.
pub(super) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

fn spaced_out(bytes: &[u8]) -> Cow<'_, str> {
    let own: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    Cow::Owned(String::from_utf8_lossy(&own).into_owned())
}

/// Bytes as text, or the line on which they stop being UTF-8.
fn utf8<'b>(bytes: &'b [u8], at: &Where) -> Result<&'b str, Gap> {
    std::str::from_utf8(bytes).map_err(|error| {
        let line = line_of(&bytes[..error.valid_up_to()]);
        malformed(at, Some(line), "UTF-8 text", format!("bytes that are not UTF-8 on line {line}"))
    })
}

fn line_of(before: &[u8]) -> usize {
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}

/// The units of UTF-16; a last byte that stands alone is half of one, which is no character.
fn units(bytes: &[u8], big: bool) -> impl Iterator<Item = u16> {
    bytes.chunks(2).map(move |pair| unit(pair, big))
}

fn unit(pair: &[u8], big: bool) -> u16 {
    match (pair, big) {
        ([high, low], true) | ([low, high], false) => u16::from_be_bytes([*high, *low]),
        // A low surrogate without a high one: U+FFFD or malformed, as the reader will have it.
        _ => 0xdc00,
    }
}

fn replaced(one: Result<char, std::char::DecodeUtf16Error>) -> char {
    one.unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Text in UTF-16, strictly.
fn utf16(bytes: &[u8], big: bool, at: &Where) -> Result<String, Gap> {
    let mut text = String::with_capacity(bytes.len() / 2);
    for one in char::decode_utf16(units(bytes, big)) {
        let one = one.map_err(|_| {
            let line = line_of(text.as_bytes());
            malformed(at, Some(line), "UTF-16 text", format!("half a character on line {line}"))
        })?;
        text.push(one);
    }
    Ok(text)
}

fn unmarked(bytes: &[u8], at: &Where) -> Result<(), Gap> {
    match unmarked_line(bytes) {
        Some(line) => Err(malformed(at, Some(line), "UTF-8 text", format!("{UNMARKED}, on line {line}"))),
        None => Ok(()),
    }
}

/// The first line that begins as ASCII does in UTF-16: each character beside a zero byte. A shell that appends to a log writes such
/// lines behind others.
fn unmarked_line(bytes: &[u8]) -> Option<usize> {
    memchr(0, bytes)?;
    let ascii = |byte: u8| matches!(byte, b'\t' | b' '..=b'~');
    let wide = |line: &[u8]| {
        let Some(begin) = line.get(..8) else { return false };
        let pairs = || begin.chunks_exact(2);
        pairs().all(|pair| ascii(pair[0]) && pair[1] == 0) || pairs().all(|pair| pair[0] == 0 && ascii(pair[1]))
    };
    bytes.split(|byte| *byte == b'\n').position(wide).map(|above| above + 1)
}

/// UTF-8 in which every byte that belongs to no character is written `\xff`.
fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing into a text cannot fail.
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

/// How far into a file its XML declaration reaches at most, in bytes.
const HEAD: usize = 1_024;

/// The encoding that an XML declaration at the beginning names, in lower case.
fn declared(text: &str) -> Option<String> {
    let inside = text.trim_start().strip_prefix("<?xml")?.split_once("?>")?.0;
    let (before, rest) = inside.split_once("encoding")?;
    let value = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote =
        value.chars().next().filter(|quote| matches!(quote, '"' | '\'') && before.ends_with(char::is_whitespace))?;
    value[1..].split_once(quote).map(|(name, _)| name.trim().to_ascii_lowercase())
}

/// The characters of windows-1252 between 0x80 and 0x9f; a blank where it has none.
const WINDOWS_1252: [char; 32] = [
    '€', ' ', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', ' ', 'Ž', ' ', ' ', '‘', '’', '“', '”', '•', '–', '—',
    '˜', '™', 'š', '›', 'œ', ' ', 'ž', 'Ÿ',
];

fn windows_1252(byte: u8) -> Option<char> {
    match byte {
        0x80..=0x9f => Some(WINDOWS_1252[usize::from(byte - 0x80)]).filter(|one| *one != ' '),
        _ => Some(char::from(byte)),
    }
}

/// JSON text in which each half of a surrogate pair without its other half is `\ufffd`. Every place stays where it was.
fn whole_pairs(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains("\\ud") && !text.contains("\\uD") {
        return text;
    }
    let bytes = text.as_bytes();
    let half = |at: usize| {
        let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
        let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
        u16::from_str_radix(digits, 16).ok().filter(|unit| (0xd800..0xe000).contains(unit))
    };
    let (mut out, mut copied, mut at) = (String::with_capacity(text.len()), 0, 0);
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            at += 1;
            continue;
        }
        match (half(at), half(at + 6)) {
            (Some(0xd800..0xdc00), Some(0xdc00..)) => at += 12,
            (Some(_), _) => {
                out.push_str(&text[copied..at]);
                out.push_str("\\ufffd");
                at += 6;
                copied = at;
            }
            // What follows a backslash belongs to it, a second backslash too.
            (None, _) => at += 2,
        }
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// How many bytes of UTF-16 are decoded at once.
const PIECE: usize = 16 << 10;

/// A file as it is read bit by bit: without its mark, and UTF-16 with a mark as UTF-8.
pub(super) struct Stream<'r> {
    bytes: &'r mut dyn Read,
    /// Bytes that are to be handed on, and how many of them were.
    ready: Vec<u8>,
    given: usize,
    /// UTF-16, and whether the high byte comes first.
    wide: Option<bool>,
    /// What is left of UTF-16: half a unit, or the first half of a pair.
    left: Vec<u8>,
}

impl<'r> Stream<'r> {
    /// Looks at the first bytes.
    ///
    /// # Errors
    /// That of reading them.
    pub(super) fn new(bytes: &'r mut dyn Read) -> io::Result<Self> {
        let mut first = Vec::new();
        bytes.take(4).read_to_end(&mut first)?;
        let (mark, length) = Mark::of(&first);
        let rest = first.split_off(length.min(3));
        let stream = Self { bytes, ready: Vec::new(), given: 0, wide: None, left: Vec::new() };
        Ok(match mark {
            Mark::Utf16 { big } => Self { left: rest, wide: Some(big), ..stream },
            // Zero bytes between the others are for the reader.
            Mark::Nothing | Mark::Utf8 | Mark::Utf32 => Self { ready: rest, ..stream },
        })
    }

    /// Decodes the next piece; whether there was one.
    fn decode(&mut self, big: bool) -> io::Result<bool> {
        let mut units = std::mem::take(&mut self.left);
        let before = units.len();
        (&mut *self.bytes).take(PIECE as u64).read_to_end(&mut units)?;
        let ended = units.len() - before < PIECE;
        if !ended {
            let mut whole = units.len() & !1;
            if whole >= 2 && (0xd800..0xdc00).contains(&unit(&units[whole - 2..whole], big)) {
                whole -= 2;
            }
            self.left = units.split_off(whole);
        }
        let text: String = char::decode_utf16(self::units(&units, big)).map(replaced).collect();
        (self.ready, self.given) = (text.into_bytes(), 0);
        Ok(!self.ready.is_empty())
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.ready.len() {
            let Some(big) = self.wide else { return self.bytes.read(buffer) };
            if !self.decode(big)? {
                return Ok(0);
            }
        }
        let ready = &self.ready[self.given..];
        let length = ready.len().min(buffer.len());
        buffer[..length].copy_from_slice(&ready[..length]);
        self.given += length;
        Ok(length)
    }
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
