//! `lines`: any file as a stream of lines, in constant memory.
//!
//! For checks that look for something in files of every kind: logs, documents, binary files. Each line is a record that is a text. A
//! byte order mark is left out, and UTF-16 with one is decoded;
//! bytes that are not UTF-8 become the replacement character, and zero bytes, which only space out other encodings, are left out. A line
//! of more than 64 KiB comes in several pieces under the same number, each of which repeats the last KiB of the one before, so that what
//! lies across a cut is seen whole. An empty file has no lines. Compressed files are not unpacked.

use super::decode;
use crate::gate::{Format, Input, Reading, StreamReader};
use crate::model::{Builder, Content, Document, Gap, GapKind, Records, Value, Where};
use memchr::memchr;
use std::borrow::Cow;
use std::io::{self, Read};

/// The format.
pub(super) static LINES: Format = Format {
    id: "lines",
    extensions: &[],
    about: "any file, line by line, streamed",
    docs: include_str!("lines.rs"),
    reading: Reading::Stream(read),
};

/// Longest piece of a line, and how much of it the next piece repeats, in bytes.
const PIECE: usize = 64 << 10;
const OVERLAP: usize = 1 << 10;

fn read(input: Input<'_>, mut stream: StreamReader) -> Result<Content, Gap> {
    let Input { bytes, size, at, limits } = input;
    if stream.keep && size > limits.file_max {
        let expected = format!("at most {} bytes, because a check needs all lines at once", limits.file_max);
        return Err(Gap::new(GapKind::OverLimit, at, expected, format!("{size} bytes")));
    }
    let unreadable = |line: Option<u64>, error: io::Error| {
        let place = Where { line, ..at.clone() };
        Gap::new(GapKind::Unreadable, place, "a readable file", error.to_string())
    };
    let mut bytes = decode::Stream::new(bytes).map_err(|error| unreadable(None, error))?;
    let (mut buffer, mut piece) = (vec![0; PIECE], Vec::with_capacity(PIECE));
    let (mut line, mut count, mut kept) = (1, 0, Vec::new());
    // Whether the piece holds more than the repeated end of the one before.
    let mut fresh = false;
    let mut builder = Builder::default();
    let mut hand_over = |line: u64, piece: &[u8]| {
        count += 1;
        if !stream.keep && !stream.folds.iter().any(|(_, fold)| fold.wants(piece)) {
            return;
        }
        let text = decode::lossy(piece);
        builder.clear();
        let built = builder.text(&text).expect("a piece is short");
        stream.folds.iter_mut().for_each(|(_, fold)| fold.record(line, builder.look(built)));
        if stream.keep {
            kept.push(Value::from(&*text));
        }
    };
    loop {
        let length = match bytes.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(unreadable(Some(line), error)),
        };
        let mut rest = &buffer[..length];
        loop {
            let end = memchr(b'\n', rest);
            let (part, ends) = (&rest[..end.unwrap_or(rest.len())], end.is_some());
            // Most lines lie in the buffer as a whole.
            if ends && piece.is_empty() && !part.contains(&0) {
                hand_over(line, part);
                line += 1;
                rest = &rest[part.len() + 1..];
                continue;
            }
            let mut left = without_zeros(part);
            while !left.is_empty() {
                if piece.len() == PIECE {
                    hand_over(line, &piece);
                    piece.drain(..PIECE - OVERLAP);
                }
                let length = left.len().min(PIECE - piece.len());
                piece.extend_from_slice(&left[..length]);
                left = match left {
                    Cow::Borrowed(left) => Cow::Borrowed(&left[length..]),
                    Cow::Owned(mut left) => Cow::Owned(left.split_off(length)),
                };
                fresh = true;
            }
            if ends {
                hand_over(line, &piece);
                piece.clear();
                (line, fresh) = (line + 1, false);
            }
            match end {
                Some(end) => rest = &rest[end + 1..],
                None => break,
            }
        }
    }
    if fresh {
        hand_over(line, &piece);
    }
    let folded = stream.folds.into_iter().map(|(whose, fold)| (whose, fold.finish())).collect();
    let kept = stream.keep.then(|| Document::new(Value::List(kept)));
    Ok(Content::Records(Records { count, kept, folded }))
}

/// Zero bytes only space out other encodings.
fn without_zeros(bytes: &[u8]) -> Cow<'_, [u8]> {
    if bytes.contains(&0) {
        Cow::Owned(bytes.iter().copied().filter(|byte| *byte != 0).collect())
    } else {
        Cow::Borrowed(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Limits, Node};

    fn lines(bytes: &[u8]) -> Vec<String> {
        let input =
            Input { bytes: &mut &*bytes, size: bytes.len() as u64, at: Where::file("a"), limits: &Limits::default() };
        match read(input, StreamReader { folds: Vec::new(), keep: true }) {
            Ok(Content::Records(records)) => {
                let kept = records.kept.expect("kept");
                assert_eq!(records.count, kept.root().items().len() as u64);
                kept.root().items().filter_map(Node::text).map(str::to_owned).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_line_is_there_whatever_its_bytes() {
        assert_eq!(lines(b"a\n\nb"), ["a", "", "b"]);
        assert_eq!(lines(b"a\n"), ["a"]);
        assert_eq!(lines(b"x\xff\nw\0i\0d\0e\0"), ["x\u{fffd}", "wide"]);
        assert_eq!(lines(b""), [""; 0]);
    }

    #[test]
    fn what_is_in_utf_16_is_seen_on_its_line() {
        // In the bytes of the first line stands what would be two line feeds.
        let text = "\u{10a}\u{a0a}\nkey=ä\n";
        let (little, big) = (u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes as fn(u16) -> [u8; 2]);
        for bytes in [little, big] {
            let wide: Vec<u8> = "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect();
            assert_eq!(lines(&wide), ["\u{10a}\u{a0a}", "key=ä"]);
        }
        assert_eq!(lines(b"\xef\xbb\xbfa\nb"), ["a", "b"]);
    }

    #[test]
    fn long_lines_come_in_pieces_that_overlap() {
        let long: Vec<u8> = (0..PIECE + 10).map(|at| b'a' + (at % 26) as u8).collect();
        let pieces = lines(&long);
        assert_eq!(pieces.iter().map(String::len).collect::<Vec<_>>(), [PIECE, OVERLAP + 10]);
        assert!(pieces[0].ends_with(&pieces[1][..OVERLAP]));
    }

    #[test]
    fn keeping_everything_has_a_limit_and_passing_by_has_none() {
        let limits = Limits { file_max: 3, ..Limits::default() };
        let take = |keep| {
            let input = Input { bytes: &mut &b"abcdef"[..], size: 6, at: Where::file("a"), limits: &limits };
            read(input, StreamReader { folds: Vec::new(), keep }).map_err(|gap| gap.kind)
        };
        assert_eq!(take(true).err(), Some(GapKind::OverLimit));
        assert!(take(false).is_ok());
    }
}
