//! Private keys: PEM, PEM in base64 as configurations of clusters hold it, and those of PuTTY.

use super::super::shapes::Alphabet;
use super::super::value::base64_bytes;
use super::{NAME_MOST, Scan};

/// How much of a block in base64 is decoded to see what it is.
const HEAD_MOST: usize = 60;

/// Fewest characters of a line of base64 behind which another line may follow.
const WRAPPED_FROM: usize = 48;

impl Scan<'_> {
    /// From its first line to its last, or to the end of the text.
    pub(super) fn private_key(&mut self, at: usize) {
        let Some(rest) = self.text[at..].strip_prefix("-----BEGIN ") else { return };
        let head = &rest.as_bytes()[..rest.len().min(NAME_MOST)];
        let Some(length) = head.windows(5).position(|window| window == b"-----") else { return };
        if !rest[..length].contains("PRIVATE KEY") {
            return;
        }
        let end = self.text[at..].find("-----END ").map_or(self.text.len(), |end| {
            let tail = at + end + "-----END ".len();
            self.text[tail..].find("-----").map_or(self.text.len(), |length| tail + length + 5)
        });
        self.add(0, "private key", at..end);
    }

    /// A PEM block in base64, whatever was encoded with it; `apart` characters stand before the next group of four.
    pub(super) fn encoded_key(&mut self, at: usize, begins: &str, apart: usize) {
        if !self.bytes[at..].starts_with(begins.as_bytes()) {
            return;
        }
        let mut end = self.run(at, Alphabet::Token);
        let head = &self.bytes[at + apart..end.min(at + apart + HEAD_MOST)];
        if !base64_bytes(head).is_some_and(|head| head.windows(11).any(|word| word == b"PRIVATE KEY")) {
            return;
        }
        // The rest of it may be wrapped.
        let mut length = end - at;
        while length >= WRAPPED_FROM {
            let blank = |byte: &&u8| matches!(byte, b'\n' | b'\r' | b' ' | b'\t');
            let next = end + self.bytes[end..].iter().take(NAME_MOST).take_while(blank).count();
            if next == end || next >= self.bytes.len() || !Alphabet::Token.has(self.bytes[next]) {
                break;
            }
            let stop = self.run(next, Alphabet::Token);
            // A line is no longer than the one before it; what has a colon is the next key.
            if stop - next > length.max(76) || self.bytes.get(stop) == Some(&b':') {
                break;
            }
            (length, end) = (stop - next, stop);
        }
        self.add(0, "private key", at..end);
    }

    /// From the lines of the key to their digest, or to the end of the text.
    pub(super) fn putty_key(&mut self, at: usize) {
        if !self.bytes[at..].starts_with(b"Private-Lines: ") {
            return;
        }
        let end = self.text[at..].find("Private-MAC").map_or(self.text.len(), |length| at + length);
        self.add(0, "private key", at..end);
    }
}
