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
use memchr::{memchr, memchr_iter, memrchr};
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

/// How much is looked at together, because most lines hold nothing that anybody wants, in bytes.
const TOGETHER: usize = 4 << 10;

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
    let mut lines = Lines { stream: &mut stream, builder: Builder::default(), kept: Vec::new(), line: 1, count: 0 };
    // Whether the piece holds more than the repeated end of the one before.
    let mut fresh = false;
    loop {
        let length = match bytes.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(unreadable(Some(lines.line), error)),
        };
        let mut rest = &buffer[..length];
        // So much at its end was not yet looked at together.
        let mut unseen = length;
        loop {
            if piece.is_empty() && rest.len() <= unseen {
                let together = whole_lines(rest);
                unseen = rest.len() - together.len();
                if lines.pass(together) {
                    rest = &rest[together.len()..];
                    continue;
                }
            }
            let end = memchr(b'\n', rest);
            let (part, ends) = (&rest[..end.unwrap_or(rest.len())], end.is_some());
            // Most lines lie in the buffer as a whole.
            if ends && piece.is_empty() && !part.contains(&0) {
                lines.hand_over(part);
                lines.line += 1;
                rest = &rest[part.len() + 1..];
                continue;
            }
            let mut left = without_zeros(part);
            while !left.is_empty() {
                if piece.len() == PIECE {
                    lines.hand_over(&piece);
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
                lines.hand_over(&piece);
                piece.clear();
                (lines.line, fresh) = (lines.line + 1, false);
            }
            match end {
                Some(end) => rest = &rest[end + 1..],
                None => break,
            }
        }
    }
    if fresh {
        lines.hand_over(&piece);
    }
    let Lines { count, kept, .. } = lines;
    let folded = stream.folds.into_iter().map(|(whose, fold)| (whose, fold.finish())).collect();
    let kept = stream.keep.then(|| Document::new(Value::List(kept)));
    Ok(Content::Records(Records { count, kept, folded }))
}

/// The lines that end in the first few KiB.
fn whole_lines(text: &[u8]) -> &[u8] {
    let head = &text[..text.len().min(TOGETHER)];
    &head[..memrchr(b'\n', head).map_or(0, |end| end + 1)]
}

/// Hands lines over to those who want them.
struct Lines<'s> {
    stream: &'s mut StreamReader,
    builder: Builder,
    kept: Vec<Value>,
    /// The number of the next line.
    line: u64,
    count: u64,
}

impl Lines<'_> {
    fn is_wanted(&self, text: &[u8]) -> bool {
        self.stream.keep || self.stream.folds.iter().any(|(_, fold)| fold.wants(text))
    }

    /// Passes over whole lines that nobody wants.
    fn pass(&mut self, lines: &[u8]) -> bool {
        if lines.is_empty() || self.is_wanted(lines) {
            return false;
        }
        let count = memchr_iter(b'\n', lines).count() as u64;
        self.line += count;
        self.count += count;
        true
    }

    /// One line, or a piece of one.
    fn hand_over(&mut self, piece: &[u8]) {
        self.count += 1;
        if !self.is_wanted(piece) {
            return;
        }
        let text = decode::lossy(piece);
        self.builder.clear();
        let built = self.builder.text(&text).expect("a piece is short");
        self.stream.folds.iter_mut().for_each(|(_, fold)| fold.record(self.line, self.builder.look(built)));
        if self.stream.keep {
            self.kept.push(Value::from(&*text));
        }
    }
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
    use crate::gate::Fold;
    use crate::model::{Limits, Node};
    use std::any::Any;

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

    /// Wants lines with an `x`.
    #[derive(Default)]
    struct Crosses(Vec<(u64, String)>);

    impl Fold for Crosses {
        fn record(&mut self, line: u64, record: Node<'_>) {
            self.0.push((line, record.text().unwrap_or_default().to_owned()));
        }

        fn wants(&self, lines: &[u8]) -> bool {
            lines.contains(&b'x')
        }

        fn finish(self: Box<Self>) -> Box<dyn Any + Send + Sync> {
            Box::new(self.0)
        }
    }

    #[test]
    fn what_is_wanted_comes_with_its_number_whatever_is_passed_over() {
        let mut seen = 0;
        for every in [1, 2, 37, 1_000, 100_000] {
            let line = |at: usize| {
                let mark = if at.is_multiple_of(every) { "x" } else { "-" };
                format!("{}{mark}{at}", "y".repeat(at * 7 % 120))
            };
            let all: Vec<String> = (0..5_000).map(line).collect();
            let text = all.join("\n");
            let whose = (crate::model::GateId::try_from("g").expect("an id"), 0);
            let stream = StreamReader { folds: vec![(whose, Box::new(Crosses::default()))], keep: false };
            let limits = Limits::default();
            let size = text.len() as u64;
            let input = Input { bytes: &mut text.as_bytes(), size, at: Where::file("a"), limits: &limits };
            let Ok(Content::Records(records)) = read(input, stream) else { panic!("it can be read") };
            let told: Vec<(u64, String)> = (1..).zip(all.iter().cloned()).filter(|(_, line)| line.contains('x')).collect();
            let found = records.folded.into_iter().next().and_then(|(_, found)| found.downcast::<Vec<_>>().ok());
            assert_eq!((found.map(|found| *found), records.count), (Some(told), 5_000));
            seen += 1;
        }
        assert_eq!(seen, 5);
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
