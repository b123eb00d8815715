//! Secrets that are known by what carries them: headers, cookies, options, signed addresses.

use super::super::shapes::Alphabet;
use super::super::value::{base64, entropy, harmless, mixed, uniform};
use super::{HIDDEN_FROM, Scan, VALUE_MOST};
use std::ops::Range;

/// Attributes of a cookie that hold no value of its own.
const ATTRIBUTES: [&str; 7] = ["path", "domain", "expires", "max-age", "samesite", "priority", "version"];

/// Programs that take `-u user:password`, and how far before it they may stand.
const FETCHERS: [&str; 4] = ["curl", "wget", "http", "twine"];
const BEFORE_MOST: usize = 400;

/// Programs that take `-p password`, and those that take `-ppassword`.
const LOGINS: [&str; 8] =
    ["docker login", "podman login", "buildah login", "skopeo login", "registry login", "oras login", "sshpass", "mongosh"];
const ATTACHED: [&str; 5] = ["mysql ", "mysqldump ", "mysqladmin ", "mariadb ", "sshpass "];

impl Scan<'_> {
    /// Skips blanks, quotes and what escapes them.
    fn skip(&self, at: usize) -> usize {
        let around = |byte: &u8| !matches!(byte, b'"' | b'\'' | b'\\' | b'`' | b' ');
        let most = self.bytes.len().min(at + 16);
        self.bytes[at.min(most)..most].iter().position(around).map_or(most, |length| at + length)
    }

    /// The run of a header's value.
    fn piece(&mut self, from: usize) -> Range<usize> {
        from..if from < self.bytes.len() { self.run(from, Alphabet::Token) } else { from }
    }

    /// Behind `bearer `.
    pub(super) fn bearer(&mut self, from: usize) {
        let range = self.piece(from);
        let value = &self.bytes[range.start..range.end.min(range.start + VALUE_MOST)];
        let least = if self.lenient { HIDDEN_FROM } else { 16 };
        if value.len() >= least && short_mix(value) && !uniform(value) {
            self.add(3, "bearer token", range);
        }
    }

    /// Behind `basic `: `user:password` in base64.
    pub(super) fn basic(&mut self, from: usize) {
        self.pair(from, "basic credentials");
    }

    /// Behind `"auth"`: the same, as the configuration of Docker has it.
    pub(super) fn registry(&mut self, end: usize) {
        let colon = self.bytes[end - 1] == b':';
        let at = if colon { end } else { self.skip(end) };
        match self.bytes.get(at) {
            _ if colon => self.pair(self.skip(at), "credentials of a registry"),
            Some(b':') => self.pair(self.skip(at + 1), "credentials of a registry"),
            Some(_) | None => {}
        }
    }

    fn pair(&mut self, from: usize, class: &'static str) {
        let range = self.piece(from);
        let value = &self.bytes[range.start..range.end.min(range.start + VALUE_MOST)];
        let said = base64(value).filter(|text| text.len() >= 3 && text.contains(':'));
        if said
            .is_some_and(|text| !harmless(text.split_once(':').map_or("", |(_, password)| password)) || text.ends_with(':'))
        {
            self.add(3, class, range);
        }
    }

    /// Behind `authorization`: the value, with or without a scheme.
    pub(super) fn authorization(&mut self, end: usize) {
        let at = self.skip(end);
        if !matches!(self.bytes.get(at), Some(b':' | b'=' | b',')) {
            return;
        }
        let mut range = self.piece(self.skip(at + 1));
        let scheme = self.bytes[range.clone()].iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'-');
        if scheme && self.bytes.get(range.end) == Some(&b' ') && range.len() <= 20 {
            range = self.piece(self.skip(range.end));
        }
        // The name of a parameter stands before its value.
        let value = &self.bytes[range.start..range.end.min(range.start + VALUE_MOST)];
        let text = std::str::from_utf8(value).unwrap_or_default();
        let long = value.len() >= HIDDEN_FROM && mixed(value) || value.len() >= 16 && entropy(value) >= 3.5;
        if long && !harmless(text) {
            self.add(5, "authorization", range);
        }
    }

    /// Behind `cookie`: each value of the header, or the first one of a header that sets it.
    pub(super) fn cookies(&mut self, start: usize, end: usize) {
        let sets = start >= 4 && self.bytes[start - 4..start - 1].eq_ignore_ascii_case(b"set");
        let mut at = self.skip(end);
        match self.bytes.get(at) {
            Some(b':' | b'=') => at = self.skip(at + 1),
            Some(_) if at > end => {}
            Some(_) | None => return,
        }
        let most = self.bytes.len().min(at + 4 * VALUE_MOST);
        let over = |byte: &u8| matches!(byte, b'\n' | b'\r' | b'"' | b'\'' | b'\\' | b'`');
        let last = self.bytes[at..most].iter().position(over).map_or(most, |length| at + length);
        while at < last {
            let stop = self.bytes[at..last].iter().position(|byte| *byte == b';').map_or(last, |length| at + length);
            self.cookie(at..stop);
            if sets {
                break;
            }
            at = stop + 1;
        }
    }

    fn cookie(&mut self, pair: Range<usize>) {
        let bytes = &self.bytes[pair.clone()];
        let Some(sign) = bytes.iter().position(|byte| *byte == b'=') else { return };
        let (name, value) = (&bytes[..sign], &bytes[sign + 1..]);
        let name = String::from_utf8_lossy(name).trim().to_ascii_lowercase();
        let odd = |byte: &u8| byte.is_ascii_whitespace() || !byte.is_ascii();
        let length = value.iter().position(odd).unwrap_or(value.len());
        // A value is one word; what has more was no cookie.
        if ATTRIBUTES.contains(&&*name) || name.contains(' ') {
            return;
        }
        let value = &value[..length];
        let text = std::str::from_utf8(value).unwrap_or_default();
        let long = value.len() >= HIDDEN_FROM && mixed(value) || value.len() >= 16 && entropy(value) >= 3.5;
        if long && !harmless(text) {
            let from = pair.start + sign + 1;
            self.add(4, "cookie", from..from + length);
        }
    }

    /// `-u user:password`.
    pub(super) fn user(&mut self, start: usize, end: usize) {
        let apart = start == 0 || !Alphabet::Token.has(self.bytes[start - 1]) && self.bytes[start - 1].is_ascii();
        let from = match self.bytes.get(end) {
            Some(b'=') => self.skip(end + 1),
            Some(b' ' | b'"' | b'\'') => self.skip(end),
            Some(byte) if byte.is_ascii_alphanumeric() && self.bytes[start..end] == *b"-u" => end,
            Some(_) | None => return,
        };
        if !apart || from >= self.bytes.len() {
            return;
        }
        let most = self.bytes.len().min(from + VALUE_MOST);
        let over =
            |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'\\' | b'`' | b',' | b';' | b')');
        let stop = self.bytes[from..most].iter().position(over).map_or(most, |length| from + length);
        let pair = &self.bytes[from..stop];
        let Some(colon) = pair.iter().position(|byte| *byte == b':') else { return };
        let (name, value) = (&pair[..colon], &pair[colon + 1..]);
        // `-u 1000:1000` names a user and a group, and so do two words.
        let ids = name.is_empty() || name == value || value.iter().all(u8::is_ascii_digit) || value.starts_with(b"/");
        let text = std::str::from_utf8(value).unwrap_or_default();
        let line = self.line_before(start);
        let fetches = FETCHERS.iter().any(|program| line.windows(program.len()).any(|word| word == program.as_bytes()));
        let long = if fetches { !value.is_empty() } else { value.len() >= 6 && mixed(value) };
        let attached = from == end;
        if !ids && long && (fetches || !attached) && (value.len() < 2 || !harmless(text)) {
            self.add(5, "password of a user", from + colon + 1..stop);
        }
    }

    /// Behind ` -p`: the password of a program that takes one so.
    pub(super) fn option(&mut self, start: usize, end: usize) {
        let line = self.line_before(start);
        let runs = |programs: &[&str]| {
            programs.iter().any(|program| line.windows(program.len()).any(|word| word == program.as_bytes()))
        };
        let attached = runs(&ATTACHED) && self.bytes.get(end).is_some_and(|byte| !matches!(byte, b' ' | b'='));
        if self.bytes[start..end] != *b" -p" || !attached && !runs(&LOGINS) {
            return;
        }
        let from = match self.bytes.get(end) {
            Some(_) if attached => self.skip(end),
            Some(b' ' | b'=') => self.skip(end + 1),
            Some(_) | None => return,
        };
        let most = self.bytes.len().min(from + VALUE_MOST);
        let over = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'\\' | b'`' | b';' | b')');
        let stop = self.bytes[from.min(most)..most].iter().position(over).map_or(most, |length| from + length);
        let Some(value) = self.text.get(from..stop).filter(|value| value.len() >= 4 && !value.starts_with('-')) else {
            return;
        };
        if !harmless(value) {
            self.add(5, "password of a user", from..stop);
        }
    }

    pub(super) fn line_before(&self, at: usize) -> &[u8] {
        let before = &self.bytes[at.saturating_sub(BEFORE_MOST)..at];
        before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default()
    }

    /// Behind `sig=` of an address.
    pub(super) fn signed(&mut self, from: usize) {
        let most = self.bytes.len().min(from + VALUE_MOST);
        let belongs = |byte: &u8| Alphabet::Token.has(*byte) || *byte == b'%';
        let length = self.bytes[from..most].iter().take_while(|byte| belongs(byte)).count();
        if length >= 40 && mixed(&self.bytes[from..from + length]) {
            self.add(1, "signed address", from..from + length);
        }
    }
}

/// Digits, or capitals and small letters.
fn short_mix(value: &[u8]) -> bool {
    let cases = value.iter().any(u8::is_ascii_uppercase) && value.iter().any(u8::is_ascii_lowercase);
    value.iter().any(u8::is_ascii_digit) || cases && entropy(value) >= 3.8
}
