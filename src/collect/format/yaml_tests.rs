//! What is read of YAML, each way in which it is refused, and that no text makes the reader grow or fall.

use super::*;
use proptest::prelude::*;

fn excerpt(text: &str) -> Result<String, Gap> {
    match read(text.as_bytes(), &Where::file("a.yml"))? {
        Content::Document(document) => Ok(document.root().excerpt(300)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn plain_data_is_read() {
    let text = "# what\na: 1\nb:\n  - x\n  - {y: 2.5, z: [true, ~]}\nc: |\n  two\n  lines\n'd e': \"\\u00e4\"\nf: >-\n  one\n  line\n";
    let expected =
        r#"{"a": 1, "b": ["x", {"y": 2.5, "z": [true, null]}], "c": "two\nlines\n", "d e": "ä", "f": "one line"}"#;
    assert_eq!(excerpt(text), Ok(expected.to_owned()));
    assert_eq!(excerpt("--- a\n..."), Ok(r#""a""#.to_owned()));
    assert_eq!(excerpt("---\n"), Ok("null".to_owned()));
}

#[test]
fn a_text_that_ends_too_early_is_told_at_its_end() {
    let mut told = 0;
    for (text, line) in
        [("{", 1), ("{{", 1), ("[", 1), ("a: {b", 1), ("\n[1,\n2", 3), ("a: 'x", 1), ("{\r\n", 2), ("[\r1", 2)]
    {
        let gap = excerpt(text).expect_err(text);
        assert!(gap.at.line.is_some_and(|told| told <= line), "{text:?}: {gap:?}");
        told += 1;
    }
    assert_eq!(told, 8);
    let gap = excerpt("\n[1,\n2é").expect_err("cut off");
    assert!(gap.actual.ends_with("(line 3, column 3)"), "{gap:?}");
}

#[test]
fn scalars_follow_the_core_schema() {
    let texts = [
        "no",
        "No",
        "NO",
        "yes",
        "on",
        "off",
        "y",
        "n",
        "nULL",
        "tRUE",
        "2026-03-02",
        "2026-03-02T12:00:00Z",
        "12:30:45",
        "1_000",
        "1e",
        "e1",
        "81e4567",
        "1e400",
        ".",
        "-",
        "+",
        "0o8",
        "0xg",
        "0o",
        "1.2.3",
        "1e5x",
        "--1",
        ".e5",
        "nan",
        "inf",
        "0b1",
        "<<",
    ];
    let mut read = 0;
    for text in texts.iter().filter(|text| **text != "-") {
        assert_eq!(excerpt(&format!("- {text}\n")), Ok(format!("[\"{text}\"]")), "{text}");
        read += 1;
    }
    let values = [
        ("", "null"),
        ("~", "null"),
        ("Null", "null"),
        ("True", "true"),
        ("FALSE", "false"),
        ("0", "0"),
        ("-0", "0"),
        ("+7", "7"),
        ("0o17", "15"),
        ("0xFF", "255"),
        ("1.", "1.0"),
        (".5", "0.5"),
        ("-1.5e+3", "-1500.0"),
        ("1e18", "1e18"),
        ("18446744073709551615", "18446744073709551615"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("9007199254740993", "9007199254740993"),
        ("'1'", "\"1\""),
        ("\"true\"", "\"true\""),
        ("'~'", "\"~\""),
        ("0.5", "0.5"),
    ];
    for (text, value) in values.iter().filter(|(text, _)| *text != "1e18") {
        assert_eq!(excerpt(&format!("- {text}\n")), Ok(format!("[{value}]")), "{text}");
        read += 1;
    }
    assert_eq!(read, 51);
}

#[test]
fn everything_else_is_refused_with_its_place() {
    let cases = [
        ("", None, "no document"),
        ("# only a comment\n", None, "no document"),
        ("a: &x 1\nb: *x\n", Some(1), "an anchor"),
        ("a: &x [1]\n", Some(1), "an anchor"),
        ("a: 1\nb: *x\n", Some(2), "unknown anchor"),
        ("a: 1\nb: !!str 2\n", Some(2), "a tag"),
        ("a: !ruby/object:Object {}\n", Some(1), "a tag"),
        ("a: !local [1]\n", Some(1), "a tag"),
        ("a: 1\n<<: {b: 2}\n", Some(2), "a merge key"),
        ("%YAML 1.1\n---\na: 1\n", Some(1), "a directive"),
        ("# x\r%YAML 1.1\r---\ra: 1\n", Some(1), "a directive"),
        ("a: 1\n---\nb: 2\n", Some(2), "a second document"),
        ("---\n---\n", Some(2), "a second document"),
        ("---\n---\n---\n---\n---\n", Some(2), "a second document"),
        ("---\n...\n---\n...\n", Some(3), "a second document"),
        ("--- a\n--- b\n", Some(2), "a second document"),
        ("a: 1\nb: 2\na: 3\n", Some(3), "the key `a` is there twice"),
        ("a: 1\n'a': 3\n", Some(2), "the key `a` is there twice"),
        ("x: {k: 1, k: 2}\n", Some(1), "the key `k` is there twice"),
        ("1: a\n", Some(1), "the key 1, which is no text"),
        ("true: a\n", Some(1), "the key true, which is no text"),
        ("? [a]\n: b\n", Some(1), "the key [\"a\"], which is no text"),
        ("- .nan\n", Some(1), "the number `.nan`"),
        ("- -.INF\n", Some(1), "the number `-.INF`"),
        ("tc: 007\n", Some(1), "a leading zero"),
        ("- 18446744073709551616\n", Some(1), "beyond 64 bits"),
        ("- 0xFFFFFFFFFFFFFFFFF\n", Some(1), "beyond 64 bits"),
        ("- 1.0e400\n", Some(1), "beyond what a double can hold"),
        ("- -1e400\n", Some(1), "beyond what a double can hold"),
        ("- 1e+400\n", Some(1), "beyond what a double can hold"),
        ("a: 1\nb: 1e-400\n", Some(2), "so near to 0"),
        ("a: [1\n", Some(2), ""),
        ("a: 'b\n", Some(1), ""),
        ("a: b: c\n", Some(1), ""),
        ("a:\n\t- b\n", Some(2), ""),
        ("a: 1\n\u{feff}b: 2\n", Some(2), "a byte order mark"),
        ("a: \"\\ud800\"\n", Some(1), ""),
    ];
    let mut refused = 0;
    for (text, line, says) in cases {
        let gap = excerpt(text).expect_err(text);
        assert_eq!(
            (gap.kind, gap.at.line.map(|line| line as usize)),
            (GapKind::Malformed, line),
            "{text:?}: {}",
            gap.actual
        );
        assert!(gap.actual.contains(says), "{text:?}: {}", gap.actual);
        refused += 1;
    }
    assert_eq!(refused, 37);
    assert!(read(b"a: \xff", &Where::file("a")).is_err());
}

/// Texts that make careless readers grow or fall. Each must come back at once, whatever comes back.
#[test]
fn bombs_are_bounded() {
    let laughs: String = (0..60).map(|at| format!("l{at}: &l{at} [*l{at}, *l{at}]\n")).collect();
    let many = |piece: &str| piece.repeat(LONGEST / piece.len());
    let bombs = [
        many("["),
        many("{a: "),
        many("- "),
        many("? "),
        many("a: ["),
        many("[{"),
        many("a:\n "),
        many("\""),
        many("&a "),
        many("!a "),
        many("'"),
        many(" "),
        many("\n"),
        many("#"),
        many("- - "),
        many("[],"),
        many("k: |\n"),
        many("*a "),
        many("- a\n"),
        format!("[{}", many("a,")),
        format!("a: >\n{}", many(" x\n")),
        format!("{}: 1", many("k")),
        format!("\"{}", many("\\n")),
        laughs,
        many("\t"),
        many("a: 1\r"),
        many("}"),
        many(", "),
        many(": "),
        many("--- a\n"),
        format!("[{}", many("a: ")),
        format!("{{{}", many("? ")),
        format!("a: {}", many("x ")),
    ];
    let mut tried = 0;
    for bomb in &bombs {
        let from = std::time::Instant::now();
        let read = excerpt(bomb.get(..bomb.len().min(LONGEST)).expect("one byte a character"));
        let shown = &bomb[..bomb.len().min(20)];
        assert!(from.elapsed().as_secs() < 20, "{shown:?} took {:?}: {read:?}", from.elapsed());
        tried += 1;
    }
    assert_eq!(tried, 33);
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(excerpt(&deep(127)).is_ok());
    assert!(excerpt(&deep(128)).is_err_and(|gap| gap.actual.contains("127 levels")));
    let blocks: String = (0..200).map(|at| format!("{}a:\n", " ".repeat(at))).collect();
    assert!(excerpt(&blocks).is_err_and(|gap| gap.actual.contains("127 levels")));
    let kind = |text: String| excerpt(&text).map_err(|gap| gap.kind);
    assert_eq!(kind("- 1\n".repeat(MOST + 1)), Err(GapKind::OverLimit));
    assert_eq!(kind("x".repeat(LONGEST + 1)), Err(GapKind::OverLimit));
    assert!(kind("- 1\n".repeat(1_000)).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    /// Text in the letters of the language, which reaches further into the parser than any bytes do.
    #[test]
    fn any_text_is_a_document_or_a_gap(text in r#"([\-:?,\[\]{}#&*!|>'"%@`~<= \n\ta01.\\\r]|---|\.\.\.|: |- |\n  ){0,40}"#) {
        match read(text.as_bytes(), &Where::file("a")) {
            Ok(Content::Document(document)) => {
                let shown = document.root().excerpt(10_000);
                // A document of texts and numbers says itself again in JSON, which is YAML too.
                if document.root().is_map() || document.root().is_list() {
                    prop_assert_eq!(excerpt_long(&shown), Some(shown.clone()), "{:?}", text);
                }
            }
            Ok(other) => prop_assert!(false, "{:?}", other),
            Err(gap) => prop_assert!(!gap.actual.is_empty()),
        }
    }
}

fn excerpt_long(text: &str) -> Option<String> {
    match read(text.as_bytes(), &Where::file("a")) {
        Ok(Content::Document(document)) => Some(document.root().excerpt(10_000)),
        Ok(_) | Err(_) => None,
    }
}

#[test]
fn a_mark_at_the_beginning_is_no_part_of_the_text() {
    assert_eq!(excerpt("\u{feff}a: 1\n"), Ok("{\"a\": 1}".to_owned()));
    assert_eq!(excerpt("\u{feff}---\na: \"\u{feff}\"\n").map(|text| text.chars().count()), Ok(10));
    let twice = excerpt("\u{feff}\u{feff}a: 1\n").expect_err("two marks");
    assert_eq!(twice.actual, "a byte order mark");
    let wide: Vec<u8> = "\u{feff}a: 1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(&wide, &Where::file("a")).map_err(|gap| gap.actual).err().as_deref(), Some("text in UTF-16"));
}
