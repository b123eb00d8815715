//! `jsonl`: one JSON record a line, read in constant memory.
//!
//! Each record is as strict as a `json` document, and a byte order mark or UTF-16 is malformed. Blank lines are skipped and counted in line numbers; the last line needs no
//! line break. A line beyond the policy's `line_max` and, when a check wants all records at once, a file beyond `file_max` are
//! over the limit. A stream without any record is empty.

use super::{json, plain_utf8};
use crate::gate::{Format, Input, Reading, StreamReader};
use crate::model::{Builder, Built, Content, Document, Gap, GapKind, Limits, Mark, Records, Where};
use rayon::prelude::*;
use std::io::Read;
use std::mem;

/// The format.
pub(super) static JSONL: Format = Format {
    id: "jsonl",
    extensions: &["jsonl", "ndjson"],
    about: "one JSON record a line, streamed",
    docs: include_str!("jsonl.rs"),
    reading: Reading::Stream(read),
};

/// How many bytes are read at once, and how many of them, in whole lines, one thread parses at once. While one block is read and hashed,
/// the one before it is parsed on all cores, and the records of the one before that pass the folds in their order.
const BLOCK: usize = 1 << 20;
const PIECE: usize = 64 << 10;

fn read(input: Input<'_>, stream: StreamReader) -> Result<Content, Gap> {
    let Input { bytes, size, at, limits } = input;
    if stream.keep && size > limits.file_max {
        let expected = format!("at most {} bytes, because a check needs all records at once", limits.file_max);
        return Err(Gap::new(GapKind::OverLimit, at, expected, format!("{size} bytes")));
    }
    let mut blocks = Blocks { bytes, at: &at, limits, line: 0, rest: Vec::new(), ended: false };
    let mut sink = Sink::new(stream, &at);
    let (mut parsing, mut passing): (Vec<Piece>, Vec<Piece>) = Default::default();
    let mut block = blocks.next()?;
    while let Some((first, bytes)) = block {
        let alone = blocks.ended;
        let mut pass = || passing.iter().try_for_each(|piece| sink.pass(piece));
        let mut parse = || parse(&bytes, first, &mut parsing, &at, limits);
        let (passed, next) = if alone {
            parse();
            (pass(), Ok(None))
        } else {
            let (passed, (next, ())) = rayon::join(pass, || rayon::join(|| blocks.next(), parse));
            (passed, next)
        };
        passed?;
        mem::swap(&mut parsing, &mut passing);
        // What cannot be read lies behind what was parsed, which may be damaged earlier.
        block = match next {
            Ok(next) => next,
            Err(gap) => return passing.iter().try_for_each(|piece| sink.pass(piece)).and(Err(gap)),
        };
    }
    passing.iter().try_for_each(|piece| sink.pass(piece))?;
    sink.finish(at.clone())
}

/// Whole lines, block after block.
struct Blocks<'a> {
    bytes: &'a mut (dyn Read + Send),
    at: &'a Where,
    limits: &'a Limits,
    /// Lines before the rest.
    line: u64,
    /// The beginning of a line that goes on.
    rest: Vec<u8>,
    ended: bool,
}

impl Blocks<'_> {
    /// The lines before the next ones and their bytes; `None` at the end.
    fn next(&mut self) -> Result<Option<(u64, Vec<u8>)>, Gap> {
        let mut block = Vec::with_capacity(BLOCK + self.rest.len());
        block.append(&mut self.rest);
        let first = self.line;
        let here = |block: &[u8]| Where { line: Some(first + breaks(block) + 1), ..self.at.clone() };
        while !self.ended {
            let before = block.len();
            if let Err(error) = (&mut *self.bytes).take(BLOCK as u64).read_to_end(&mut block) {
                return Err(Gap::new(GapKind::Unreadable, here(&block), "a readable file", error.to_string()));
            }
            self.ended = block.len() - before < BLOCK;
            if self.ended {
                break;
            }
            if let Some(last) = block.iter().rposition(|byte| *byte == b'\n') {
                self.rest = block.split_off(last + 1);
                break;
            }
            if block.len() as u64 > self.limits.line_max {
                return Err(too_long(here(&block), self.limits));
            }
        }
        self.line += breaks(&block);
        Ok((!block.is_empty()).then_some((first, block)))
    }
}

fn breaks(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

fn too_long(at: Where, limits: &Limits) -> Gap {
    Gap::new(GapKind::OverLimit, at, format!("lines of at most {} bytes", limits.line_max), "a longer line")
}

/// The records of some lines, up to the first that is damaged.
#[derive(Default)]
struct Piece {
    builder: Builder,
    /// Line, record, and how many values it has.
    records: Vec<(u64, Built, u32)>,
    gap: Option<Gap>,
}

/// Parses the lines of a block on all cores.
fn parse(block: &[u8], first: u64, pieces: &mut Vec<Piece>, at: &Where, limits: &Limits) {
    let mut parts = Vec::new();
    let (mut rest, mut line) = (block, first);
    while !rest.is_empty() {
        let end = rest.iter().skip(PIECE).position(|byte| *byte == b'\n').map_or(rest.len(), |end| PIECE + end + 1);
        let (part, behind) = rest.split_at(end);
        parts.push((part, line));
        line += breaks(part);
        rest = behind;
    }
    pieces.resize_with(parts.len(), Piece::default);
    pieces.par_iter_mut().zip(parts).for_each(|(piece, (part, first))| piece.parse(part, first, at, limits));
}

impl Piece {
    fn parse(&mut self, bytes: &[u8], first: u64, at: &Where, limits: &Limits) {
        self.builder.clear();
        self.records.clear();
        self.gap = None;
        for (line, bytes) in (first + 1..).zip(bytes.split_inclusive(|byte| *byte == b'\n')) {
            let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
            if bytes.len() as u64 > limits.line_max {
                self.gap = Some(too_long(Where { line: Some(line), ..at.clone() }, limits));
                return;
            }
            if bytes.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let room = json::Room::default();
            match record(bytes, line, at, &mut self.builder, &room) {
                Ok(built) => self.records.push((line, built, room.taken())),
                Err(gap) => {
                    self.gap = Some(gap);
                    return;
                }
            }
        }
    }
}

fn record(bytes: &[u8], line: u64, at: &Where, builder: &mut Builder, room: &json::Room) -> Result<Built, Gap> {
    let number = usize::try_from(line).unwrap_or(usize::MAX);
    let on_line = |mut gap: Gap| {
        gap.at.line = Some(line);
        gap
    };
    let text = plain_utf8(bytes, at).map_err(on_line)?;
    json::build(text, builder, room).map_err(|fault| {
        let actual = format!("{} (line {line}, column {})", fault.message, fault.column);
        fault.gap(at, Some(number), "a sound JSON record on each line", actual)
    })
}

/// What takes the records, in their order.
struct Sink<'a> {
    stream: StreamReader,
    at: &'a Where,
    count: u64,
    kept: Builder,
    list: Mark,
    /// Records that pass by need room one at a time, records that are kept need it together.
    room: json::Room,
}

impl<'a> Sink<'a> {
    fn new(stream: StreamReader, at: &'a Where) -> Self {
        let kept = Builder::default();
        let list = kept.begin();
        Self { stream, at, count: 0, kept, list, room: json::Room::default() }
    }

    /// Passes on what was parsed, and then says what was damaged.
    fn pass(&mut self, piece: &Piece) -> Result<(), Gap> {
        for (line, built, values) in &piece.records {
            let record = piece.builder.look(*built);
            for (_, fold) in &mut self.stream.folds {
                fold.record(*line, record);
            }
            self.count += 1;
            if self.stream.keep {
                let copied = self.room.take(*values).then(|| self.kept.copy(record)).and_then(Result::ok);
                let crowded = || {
                    let at = Where { line: Some(*line), ..self.at.clone() };
                    Gap::new(GapKind::OverLimit, at, "records that fit into one document", json::CROWDED)
                };
                let copied = copied.ok_or_else(crowded)?;
                self.kept.push(copied);
            }
        }
        piece.gap.clone().map_or(Ok(()), Err)
    }

    fn finish(mut self, at: Where) -> Result<Content, Gap> {
        if self.count == 0 {
            return Err(Gap::new(GapKind::Empty, at, "at least one record", "none"));
        }
        let folded = self.stream.folds.into_iter().map(|(whose, fold)| (whose, fold.finish())).collect();
        let kept = self.stream.keep.then(|| {
            let list = self.kept.list(self.list);
            Document::of(self.kept, list)
        });
        Ok(Content::Records(Records { count: self.count, kept, folded }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::Fold;
    use crate::model::{GateId, Limits, Node};
    use std::any::Any;
    use std::io;

    struct Lines(Vec<(u64, String)>);

    impl Fold for Lines {
        fn record(&mut self, line: u64, record: Node<'_>) {
            self.0.push((line, record.excerpt(40)));
        }

        fn finish(self: Box<Self>) -> Box<dyn Any + Send + Sync> {
            Box::new(self.0)
        }
    }

    fn gate() -> GateId {
        GateId::try_from("g").expect("an id")
    }

    fn take(bytes: &mut (dyn Read + Send), size: u64, limits: &Limits, keep: bool) -> Result<Records, Gap> {
        let folds: Vec<((GateId, usize), Box<dyn Fold>)> =
            (0..2).map(|at| ((gate(), at), Box::new(Lines(Vec::new())) as Box<dyn Fold>)).collect();
        let input = Input { bytes, size, at: Where::file("a.jsonl"), limits };
        match read(input, StreamReader { folds, keep })? {
            Content::Records(records) => Ok(records),
            other => panic!("{other:?}"),
        }
    }

    fn lines(text: &[u8]) -> Result<Records, Gap> {
        take(&mut &*text, text.len() as u64, &Limits::default(), true)
    }

    #[test]
    fn folds_get_each_record_once() {
        let records = lines(b"\n{\"a\":1}\r\n  \n[2]\n\n3").expect("sound");
        assert_eq!(records.count, 3);
        let kept = records.kept.expect("kept");
        assert_eq!(kept.root().excerpt(80), "[{\"a\": 1}, [2], 3]");
        let expected = [(2, "{\"a\": 1}".to_owned()), (4, "[2]".to_owned()), (6, "3".to_owned())];
        let mut folded = 0;
        for at in 0..2 {
            let own = records.folded.get(&(gate(), at)).and_then(|own| own.downcast_ref::<Vec<(u64, String)>>());
            assert_eq!(own.map(Vec::as_slice), Some(&expected[..]));
            folded += 1;
        }
        assert_eq!(folded, records.folded.len());
    }

    #[test]
    fn damage_names_its_line() {
        let cases: [(&[u8], GapKind, Option<u64>); 11] = [
            (b"", GapKind::Empty, None),
            (b"\n \n\r\n", GapKind::Empty, None),
            (b"1\n{\n", GapKind::Malformed, Some(2)),
            (b"1\n\n{\"a\":1,\"a\":2}", GapKind::Malformed, Some(3)),
            (b"1\n2 3\n", GapKind::Malformed, Some(2)),
            (b"1\n\"cut", GapKind::Malformed, Some(2)),
            (b"1\n\0\n", GapKind::Malformed, Some(2)),
            (b"1\n\0\0\0", GapKind::Malformed, Some(2)),
            (b"1\n\"\xff\"\n", GapKind::Malformed, Some(2)),
            (b"\xef\xbb\xbf1\n", GapKind::Malformed, Some(1)),
            (b"1\n[NaN]\n", GapKind::Malformed, Some(2)),
        ];
        let mut refused = 0;
        for (bytes, kind, line) in cases {
            let gap = lines(bytes).expect_err("damaged");
            assert_eq!((gap.kind, gap.at.line), (kind, line), "{}", String::from_utf8_lossy(bytes));
            refused += 1;
        }
        assert_eq!(refused, 11);
    }

    /// Lines of different lengths, several blocks of them, a line longer than a block in the middle, and no break at the end.
    fn several_blocks() -> (Vec<String>, usize) {
        let mut lines: Vec<String> = (0..30_000).map(|at| format!("[{at},\"{}\"]", "x".repeat(at % 200))).collect();
        lines[15_000] = format!("[15000,\"{}\"]", "y".repeat(2 * BLOCK + 77));
        lines[20_000] = String::new();
        let bytes = lines.iter().map(|line| line.len() + 1).sum::<usize>() - 1;
        assert!(bytes > 5 * BLOCK);
        (lines, bytes)
    }

    #[test]
    fn blocks_are_one_stream() {
        let (lines, size) = several_blocks();
        let text = lines.join("\n");
        for keep in [false, true] {
            let records = take(&mut text.as_bytes(), size as u64, &Limits::default(), keep).expect("sound");
            assert_eq!(records.count, 29_999);
            let seen = records.folded[&(gate(), 1)].downcast_ref::<Vec<(u64, String)>>().expect("lines");
            let expected = lines.iter().enumerate().filter(|(_, line)| !line.is_empty());
            let mut compared = 0;
            for ((line, excerpt), (at, _)) in seen.iter().zip(expected) {
                assert!(*line == at as u64 + 1 && excerpt.starts_with(&format!("[{at}, ")), "{line}: {excerpt}");
                compared += 1;
            }
            assert_eq!(compared, 29_999);
            assert_eq!(records.kept.map(|kept| kept.root().items().len()), keep.then_some(29_999));
        }
    }

    #[test]
    fn the_first_damage_of_several_blocks_is_told() {
        let (mut lines, size) = several_blocks();
        for at in [29_998, 16_001, 9_000] {
            lines[at] = "{".to_owned();
            let text = lines.join("\n");
            let gap = take(&mut text.as_bytes(), size as u64, &Limits::default(), false).expect_err("damaged");
            assert_eq!((gap.kind, gap.at.line), (GapKind::Malformed, Some(at as u64 + 1)));
        }
        // What cannot be read lies behind it, in the block that is read while the damaged one is parsed.
        struct Fails;
        impl Read for Fails {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("gone"))
            }
        }
        let text = lines[..12_000].join("\n");
        let mut broken = text.as_bytes().chain(Fails);
        let gap = take(&mut broken, size as u64, &Limits::default(), false).expect_err("damaged, then gone");
        assert_eq!((gap.kind, gap.at.line), (GapKind::Malformed, Some(9_001)));
        let text = lines[..8_000].join("\n");
        let gap = take(&mut text.as_bytes().chain(Fails), size as u64, &Limits::default(), false).expect_err("gone");
        assert_eq!((gap.kind, gap.at.line), (GapKind::Unreadable, Some(8_000)));
        let short = Limits { line_max: BLOCK as u64, ..Limits::default() };
        let gap = take(&mut text.as_bytes(), size as u64, &short, false).map(|records| records.count);
        assert_eq!(gap.ok(), Some(8_000), "every line is short enough");
        let (lines, size) = several_blocks();
        let gap = take(&mut lines.join("\n").as_bytes(), size as u64, &short, false).expect_err("one is too long");
        assert_eq!((gap.kind, gap.at.line), (GapKind::OverLimit, Some(15_001)));
    }

    #[test]
    fn long_lines_stop_the_stream() {
        let limits = Limits { line_max: 8, ..Limits::default() };
        assert_eq!(take(&mut &b"1234567\n12345678\n"[..], 17, &limits, false).expect("short enough").count, 2);
        let gap = take(&mut &b"1\n123456789\n"[..], 12, &limits, false).expect_err("too long");
        assert_eq!((gap.kind, gap.at.line), (GapKind::OverLimit, Some(2)));
        // An endless line is given up at the limit and not at its end.
        let mut endless = io::repeat(b'1');
        let gap = take(&mut endless, 1 << 40, &Limits::default(), false).expect_err("too long");
        assert_eq!(gap.kind, GapKind::OverLimit);
    }

    #[test]
    fn keeping_is_bounded_and_streaming_is_not() {
        let limits = Limits { file_max: 3, ..Limits::default() };
        assert_eq!(take(&mut &b"1\n2\n3\n"[..], 6, &limits, false).expect("streamed").count, 3);
        let gap = take(&mut &b"1\n2\n3\n"[..], 6, &limits, true).expect_err("too large to keep");
        assert_eq!(gap.kind, GapKind::OverLimit);
    }
}
