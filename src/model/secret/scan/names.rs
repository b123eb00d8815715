//! Secrets that are known by the name that they are the value of.

use super::super::shapes::Alphabet;
use super::super::value::telling;
use super::{NAME_MOST, Scan, VALUE_MOST};
use std::ops::Range;

/// Whether a byte ends a value.
fn ends(byte: &u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'\\' | b'`' | b',' | b';' | b')' | b'}' | b'&')
}

impl Scan<'_> {
    /// A value without white space, quotes and brackets, and whether it stands inside one that was looked at before.
    fn value(&mut self, from: usize) -> (Range<usize>, bool) {
        let inner = self.values.0 < from && from < self.values.1;
        if !inner {
            let length = self.bytes[from..].iter().position(ends);
            self.values = (from, length.map_or(self.bytes.len(), |length| from + length));
        }
        (from..self.text.floor_char_boundary(self.values.1.min(from + VALUE_MOST)), inner)
    }

    /// `name = value`, `"name": "value"`, `name="name" value="value"`, `<name>value<`, `--name value`.
    pub(super) fn named(&mut self, start: usize, end: usize, password: bool) {
        // What stands inside a secret is hidden with it.
        if start < self.named {
            return;
        }
        let Some((from, meant)) = self.sign(start, end) else { return };
        let (whole, inner) = self.value(from);
        let mut range = whole.clone();
        if inner {
            // The whole was looked at with the name before, so that every byte is looked at twice at most.
            let next = self.bytes[range.clone()].iter().position(|byte| matches!(byte, b'=' | b':'));
            range.end = next.map_or(range.end, |length| range.start + length);
        } else {
            range = self.closed(range);
        }
        let Some(mut value) = self.text.get(range.clone()) else { return };
        if let Some(markup) = value.find('<').filter(|at| *at > 0) {
            (range.end, value) = (range.start + markup, &value[..markup]);
        }
        if telling(value, password && meant) {
            let end = if inner { whole.end } else { range.end };
            self.add(6, "value of a secret name", range.start..end);
            self.named = end;
        }
    }

    /// The value with the closing sign of `${X}` and `f(x)`, which belongs to it, and ends others.
    fn closed(&self, mut range: Range<usize>) -> Range<usize> {
        let closes = |value: &str, end: usize| {
            let opened = |open: char, close: char| value.matches(open).count() > value.matches(close).count();
            match self.bytes.get(end) {
                Some(b'}') => opened('{', '}'),
                Some(b')') => opened('(', ')'),
                Some(b' ') if value.starts_with(['$', '{']) => opened('{', '}') || opened('(', ')'),
                Some(_) | None => false,
            }
        };
        while range.len() < VALUE_MOST && self.text.get(range.clone()).is_some_and(|value| closes(value, range.end)) {
            let from = range.end + 1;
            let most = self.bytes.len().min(from + VALUE_MOST);
            let length = self.bytes[from..most].iter().position(ends).unwrap_or(most - from);
            range.end = self.text.floor_char_boundary(from + length);
        }
        range
    }

    /// Where the value of a name begins, and whether it is surely one: in prose a colon explains, and what stands behind it is a word.
    fn sign(&self, start: usize, end: usize) -> Option<(usize, bool)> {
        let bytes = self.bytes;
        let around = |byte: &u8| matches!(byte, b'"' | b'\'' | b'\\' | b'`' | b' ');
        let skip = |mut at: usize| {
            let most = bytes.len().min(at + NAME_MOST);
            let from = at;
            while at < most && around(&bytes[at]) {
                at += 1;
            }
            (at, bytes[from..at].iter().any(|byte| *byte != b' '))
        };
        let (mut at, quoted) = skip(end);
        let blank = bytes.get(end) == Some(&b' ');
        if quoted && !blank {
            // The property of a report and the member of a list: the value has a name of its own.
            let comma = usize::from(bytes.get(at) == Some(&b','));
            let (word, _) = skip(at + comma);
            if bytes.get(word..word + 5).is_some_and(|word| word.eq_ignore_ascii_case(b"value")) {
                at = skip(word + 5).0;
            }
        }
        let meant = match *bytes.get(at)? {
            b'=' => true,
            b':' if bytes.get(at + 1) == Some(&b'=') => {
                at += 1;
                true
            }
            b':' => false,
            b'>' if at == end => {
                at += 1;
                return (at < bytes.len() && !around(&bytes[at])).then_some((at, false));
            }
            _ if blank && self.is_netrc(start) => return Some((at, true)),
            _ => return (blank && self.flag(start)).then_some((at, false)),
        };
        // `==`, `!=`, `::` and the like assign nothing.
        if matches!(bytes.get(at + 1), Some(b'=' | b':')) {
            return None;
        }
        at += 1 + usize::from(bytes.get(at + 1) == Some(&b'>'));
        let (from, quoted) = skip(at);
        Some((from, meant || quoted))
    }

    /// Whether the name stands in a line of `.netrc`: `machine host login user password value`.
    fn is_netrc(&self, start: usize) -> bool {
        let line = self.line_before(start);
        let says = |word: &[u8]| line.windows(word.len()).any(|own| own == word);
        says(b"login ") && (says(b"machine ") || says(b"default "))
    }

    /// Whether the name is that of an option.
    fn flag(&self, start: usize) -> bool {
        let begin = self.back(start, Alphabet::Word);
        let apart = begin == 0 || !self.bytes[begin - 1].is_ascii_alphanumeric();
        apart && self.bytes[begin] == b'-'
    }
}
