//! Each encoding that each kind of content may have, each that it may not, and that places stay where they are.

use super::*;

fn at() -> Where {
    Where::file("a")
}

/// The text in UTF-16 behind its mark.
fn wide(text: &str, big: bool) -> Vec<u8> {
    let unit = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
    "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(unit).collect()
}

fn marked(text: &str) -> Vec<u8> {
    [b"\xef\xbb\xbf", text.as_bytes()].concat()
}

/// The text, or the line and what was wrong.
type Told = Result<String, (Option<u64>, String)>;

fn told<'b>(read: impl Fn(&'b [u8], &Where) -> Result<Cow<'b, str>, Gap>, bytes: &'b [u8]) -> Told {
    read(bytes, &at()).map(Cow::into_owned).map_err(|gap| (gap.at.line, gap.actual))
}

fn plain<'b>(bytes: &'b [u8], at: &Where) -> Result<Cow<'b, str>, Gap> {
    plain_utf8(bytes, at).map(Cow::Borrowed)
}

fn signed<'b>(bytes: &'b [u8], at: &Where) -> Result<Cow<'b, str>, Gap> {
    marked_utf8(bytes, at).map(Cow::Borrowed)
}

type Reader = for<'b> fn(&'b [u8], &Where) -> Result<Cow<'b, str>, Gap>;

#[test]
fn the_same_text_is_read_from_each_encoding_that_the_content_may_have() {
    let readers: [(&str, Reader); 7] = [
        ("plain", plain),
        ("marked", signed),
        ("text", text),
        ("xml", xml),
        ("json", json),
        ("log", log),
        ("events", events),
    ];
    let sample = "<größe 𝄞>\n\"ok\"\r\n";
    let mut read = 0;
    for (name, reader) in readers {
        let decodes = !["plain", "marked"].contains(&name);
        let cases = [
            ("UTF-8", sample.as_bytes().to_vec(), true),
            ("UTF-8 with a mark", marked(sample), name != "plain"),
            ("UTF-16LE", wide(sample, false), decodes),
            ("UTF-16BE", wide(sample, true), decodes),
            ("UTF-32LE", b"\xff\xfe\0\0<\0\0\0a\0\0\0".to_vec(), false),
            ("UTF-32BE", b"\0\0\xfe\xff\0\0\0<".to_vec(), false),
        ];
        for (encoding, bytes, sound) in cases {
            match told(reader, &bytes) {
                Ok(text) => assert!(sound && text == sample, "{name} {encoding}: {text}"),
                Err((line, actual)) => {
                    let named = ["byte order mark", "UTF-16", "UTF-32"].iter().any(|word| actual.contains(word));
                    assert!(!sound && named && line == Some(1), "{name} {encoding}: {actual}");
                }
            }
            read += 1;
        }
    }
    assert_eq!(read, 42);
}

#[test]
fn utf_16_without_a_mark_is_named_and_never_taken_for_utf_8() {
    let readers: [Reader; 5] = [text, xml, json, log, events];
    let mut refused = 0;
    for reader in readers {
        for big in [false, true] {
            let whole = wide("not ok 1 - a\nok 2 - b\n", big)[2..].to_vec();
            let appended = [b"1..2\nok 1\n", &whole[..]].concat();
            for (bytes, line) in [(whole, 1), (appended, 3)] {
                let expected = (Some(line), format!("{UNMARKED}, on line {line}"));
                assert_eq!(told(reader, &bytes), Err(expected));
                assert!(glance(&bytes).contains("not ok 1 - a\n"), "{}", glance(&bytes));
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 20);
    // A zero byte that a test printed is no sign of it.
    assert_eq!(told(log, b"ok 1\na\0b\nxy\0\0\0\0\0\0z\n"), Ok("ok 1\na\0b\nxy\0\0\0\0\0\0z\n".to_owned()));
}

#[test]
fn damage_names_its_line() {
    let cut = |text: &str| wide(text, false)[..text.len() * 2 + 1].to_vec();
    let lone = |units: &[u16]| [b"\xfe\xff".to_vec(), units.iter().flat_map(|unit| unit.to_be_bytes()).collect()].concat();
    let strict: [Reader; 3] = [text, xml, json];
    let cases = [
        (b"a\nb\xff".to_vec(), 2, "bytes that are not UTF-8 on line 2"),
        (marked("a\n\n\u{e4}")[..7].to_vec(), 3, "bytes that are not UTF-8 on line 3"),
        (cut("a\nbc"), 2, "half a character on line 2"),
        (lone(&[0x61, 0x0a, 0xd83d, 0x62]), 2, "half a character on line 2"),
        (lone(&[0xdc00]), 1, "half a character on line 1"),
    ];
    let mut refused = 0;
    for (bytes, line, actual) in cases {
        for reader in strict {
            assert_eq!(told(reader, &bytes), Err((Some(line), actual.to_owned())));
            refused += 1;
        }
        assert!(told(log, &bytes).is_ok());
    }
    assert_eq!(refused, 15);
}

#[test]
fn a_log_is_read_whatever_a_test_printed() {
    let cases: [(&[u8], &str); 6] = [
        (b"ok 1 - pr\xfcfung\n", "ok 1 - pr\\xfcfung\n"),
        // Two names that differ only there stay two.
        (b"t\xff\nt\xfe\n", "t\\xff\nt\\xfe\n"),
        (b"\xc3\xa4 \xc3", "\u{e4} \\xc3"),
        (b"\xef\xbb\xbfok\xe2\x82", "ok\\xe2\\x82"),
        (b"\xff\xfea\0\x3d\xd8b\0", "a\u{fffd}b"),
        (b"\xff\xfea\0b", "a\u{fffd}"),
    ];
    for (bytes, expected) in cases {
        assert_eq!(told(log, bytes), Ok(expected.to_owned()));
    }
    assert_eq!(cases.len(), 6);
}

#[test]
fn xml_is_in_the_encoding_that_it_declares() {
    let document = |encoding: &str, inside: &[u8]| {
        [format!("<?xml version='1.0' encoding=\"{encoding}\"?>\n<a>").as_bytes(), inside, b"</a>"].concat()
    };
    let inside = |text: &str| text.split_once("<a>").and_then(|(_, rest)| rest.strip_suffix("</a>")).map(str::to_owned);
    let sound: [(&str, &[u8], &str); 9] = [
        ("UTF-8", "\u{e4}".as_bytes(), "\u{e4}"),
        ("utf8", b"a", "a"),
        ("US-ASCII", b"a", "a"),
        ("ISO-8859-1", b"\xe4\x80", "\u{e4}\u{80}"),
        ("latin1", b"\xff", "\u{ff}"),
        ("iso8859-1", b"\xb5", "\u{b5}"),
        ("windows-1252", b"\x80\xe4\x9f", "\u{20ac}\u{e4}\u{178}"),
        ("Windows-1252", b"\x93x\x94", "\u{201c}x\u{201d}"),
        ("cp1252", b"\x8a\x9e\xa0", "\u{160}\u{17e}\u{a0}"),
    ];
    for (encoding, bytes, text) in sound {
        let read = told(xml, &document(encoding, bytes)).unwrap_or_else(|refused| panic!("{encoding}: {refused:?}"));
        assert_eq!(inside(&read).as_deref(), Some(text), "{encoding}");
    }
    assert_eq!(sound.len(), 9);
    for (encoding, big) in [("utf-16", false), ("UTF-16", true), ("utf-16le", false), ("UTF-16BE", true)] {
        let text = String::from_utf8(document(encoding, "ä𝄞".as_bytes())).expect("UTF-8");
        assert_eq!(told(xml, &wide(&text, big)), Ok(text), "{encoding}");
    }
    let stated = |encoding: &str| String::from_utf8(document(encoding, b"a")).expect("ASCII");
    let refused: [(Vec<u8>, u64, &str); 11] = [
        (document("us-ascii", b"\n\xc3\xa4"), 3, "a byte that `us-ascii` has not"),
        (document("windows-1252", b"\x81"), 2, "a byte that `windows-1252` has not"),
        (document("utf-8", b"\xe4"), 2, "bytes that are not UTF-8"),
        (document("utf-16", b"a"), 1, "the encoding `utf-16`, declared in text that is not UTF-16"),
        (document("shift_jis", b"a"), 1, "the encoding `shift_jis`"),
        (document("ebcdic-cp-us", b"a"), 1, "the encoding `ebcdic-cp-us`"),
        (marked(&stated("iso-8859-1")), 1, "declared in text with a byte order mark of UTF-8"),
        (marked(&stated("utf-16")), 1, "declared in text with a byte order mark of UTF-8"),
        (wide(&stated("utf-8"), false), 1, "the encoding `utf-8`, declared in text in UTF-16"),
        (wide(&stated("utf-16be"), false), 1, "declared in text in UTF-16"),
        (wide(&stated("iso-8859-1"), true), 1, "declared in text in UTF-16"),
    ];
    for (bytes, line, phrase) in &refused {
        let (at, actual) = told(xml, bytes).expect_err(phrase);
        assert!(at == Some(*line) && actual.contains(phrase), "{actual}");
    }
    assert_eq!(refused.len(), 11);
    // Only the declaration says so, and not what looks like one.
    for text in
        ["<a encoding='latin1'/>", "<?xml version='1.0'?><a x='encoding=\"utf-16\"'/>", "<?xml version='1.0' encoding="]
    {
        assert_eq!(told(xml, text.as_bytes()), Ok(text.to_owned()));
    }
}

#[test]
fn halves_of_surrogate_pairs_are_replaced_where_they_stand() {
    let cases = [
        (r#""\ud83d""#, r#""\ufffd""#),
        (r#""cut \uD83D"#, r#""cut \ufffd"#),
        (r#""\ude00 \udE00""#, r#""\ufffd \ufffd""#),
        (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
        (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
        (r#""\ud83dA""#, r#""\ufffdA""#),
        (r#""\\ud83d""#, r#""\\ud83d""#),
        (r#""\\\ud83d\\""#, r#""\\\ufffd\\""#),
        (r#""\ud83""#, r#""\ud83""#),
        (r#""\ud83d\n\ude00""#, r#""\ufffd\n\ufffd""#),
        (r#""\uD7FF\uE000""#, r#""\uD7FF\uE000""#),
        (r#""\ud83d\"#, r#""\ufffd\"#),
        ("\"\\ud83\u{e4}\"", "\"\\ud83\u{e4}\""),
    ];
    for (text, expected) in cases {
        assert_eq!((told(json, text.as_bytes()), text.len()), (Ok(expected.to_owned()), expected.len()));
        assert_eq!(told(events, text.as_bytes()), Ok(expected.to_owned()));
    }
    assert_eq!(cases.len(), 13);
}

/// A reader that gives as few bytes at once as it can.
struct Slow<'b>(&'b [u8]);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(self.0.len()).min(1);
        buffer[..length].copy_from_slice(&self.0[..length]);
        self.0 = &self.0[length..];
        Ok(length)
    }
}

#[test]
fn a_stream_is_decoded_as_it_comes() {
    let streamed = |bytes: &[u8]| {
        let (mut slow, mut out) = (Slow(bytes), Vec::new());
        Stream::new(&mut slow).and_then(|mut stream| stream.read_to_end(&mut out)).expect("memory");
        out
    };
    // A pair lies across every cut between two pieces, for one of these.
    let mut read = 0;
    for before in ["", "a", "ab", "abc"] {
        let text = format!("{before}{}", "𝄞ä\n".repeat(9_000));
        assert!(text.len() > 3 * PIECE);
        for big in [false, true] {
            assert!(streamed(&wide(&text, big)) == text.as_bytes(), "{before}");
            read += 1;
        }
        assert!(streamed(&marked(&text)) == text.as_bytes() && streamed(text.as_bytes()) == text.as_bytes());
    }
    assert_eq!(read, 8);
    let kept: [&[u8]; 5] = [b"", b"a", b"\xef\xbb", b"\xffab", b"a\0b\0"];
    assert!(kept.iter().all(|bytes| streamed(bytes) == *bytes));
    assert_eq!(streamed(b"\xff\xfea\0\x3d\xd8b\0c"), "a\u{fffd}b\u{fffd}".as_bytes());
    assert_eq!(streamed(b"\xef\xbb\xbf"), b"");
}
