//! `jsonl`: one JSON record a line, read in constant memory.
//!
//! Each record is as strict as a `json` document. Blank lines are skipped and counted in line numbers; the last line needs no
//! line break. A line beyond the policy's `line_max` and, when a check wants all records at once, a file beyond `file_max` are
//! over the limit. A stream without any record is empty.

use super::{json, plain_utf8};
use crate::gate::{Format, Input, Reading, StreamReader};
use crate::model::{Builder, Built, Content, Document, Gap, GapKind, Records, Where};
use std::io::{self, BufRead, BufReader};

/// The format.
pub(super) static JSONL: Format = Format {
    id: "jsonl",
    extensions: &["jsonl", "ndjson"],
    about: "one JSON record a line, streamed",
    docs: include_str!("jsonl.rs"),
    reading: Reading::Stream(read),
};

fn read(input: Input<'_>, mut stream: StreamReader) -> Result<Content, Gap> {
    let Input { bytes, size, at, limits } = input;
    if stream.keep && size > limits.file_max {
        let expected = format!("at most {} bytes, because a check needs all records at once", limits.file_max);
        return Err(Gap::new(GapKind::OverLimit, at, expected, format!("{size} bytes")));
    }
    let mut reader = BufReader::with_capacity(64 << 10, bytes);
    let mut buffer = Vec::new();
    let mut builder = Builder::default();
    let kept = builder.begin();
    let (mut line, mut count) = (0, 0);
    let mut room = json::Room::default();
    loop {
        let here = || Where { line: Some(line + 1), ..at.clone() };
        match next_line(&mut reader, &mut buffer, limits.line_max) {
            Ok(Line::End) => break,
            Ok(Line::Whole) => {}
            Ok(Line::TooLong) => {
                let expected = format!("lines of at most {} bytes", limits.line_max);
                return Err(Gap::new(GapKind::OverLimit, here(), expected, "a longer line"));
            }
            Err(error) => return Err(Gap::new(GapKind::Unreadable, here(), "a readable file", error.to_string())),
        }
        line += 1;
        if buffer.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        // Records that pass by need room one at a time, records that are kept need it together.
        if !stream.keep {
            room = json::Room::default();
            builder.clear();
        }
        let built = record(&buffer, line, &at, &mut builder, &room)?;
        for (_, fold) in &mut stream.folds {
            fold.record(line, builder.look(built));
        }
        count += 1;
        if stream.keep {
            builder.push(built);
        }
    }
    if count == 0 {
        return Err(Gap::new(GapKind::Empty, at, "at least one record", "none"));
    }
    let folded = stream.folds.into_iter().map(|(whose, fold)| (whose, fold.finish())).collect();
    let kept = stream.keep.then(|| {
        let list = builder.list(kept);
        Document::of(builder, list)
    });
    Ok(Content::Records(Records { count, kept, folded }))
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

enum Line {
    Whole,
    TooLong,
    End,
}

/// Reads up to and with the next line break into the buffer, which never grows far beyond `max`.
fn next_line(reader: &mut impl BufRead, buffer: &mut Vec<u8>, max: u64) -> io::Result<Line> {
    buffer.clear();
    loop {
        let available = match reader.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        let found = available.iter().position(|byte| *byte == b'\n');
        let taken = found.map_or(available.len(), |at| at + 1);
        buffer.extend_from_slice(&available[..found.unwrap_or(taken)]);
        reader.consume(taken);
        if buffer.len() as u64 > max {
            return Ok(Line::TooLong);
        }
        match (found, taken) {
            (Some(_), _) => return Ok(Line::Whole),
            (None, 0) => return Ok(if buffer.is_empty() { Line::End } else { Line::Whole }),
            (None, _) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::Fold;
    use crate::model::{GateId, Limits, Node};
    use std::any::Any;
    use std::io::Read;

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

    fn take(bytes: &mut dyn Read, size: u64, limits: &Limits, keep: bool) -> Result<Records, Gap> {
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
