//! What is read as JSON, each way in which it is malformed, and the places that are named.

use super::*;
use crate::model::GapKind;

fn gap(bytes: &[u8]) -> Option<Gap> {
    read(bytes, &Where::file("a.json")).err()
}

#[test]
fn sound_documents_are_read() {
    let deep = "[".repeat(127) + &"]".repeat(127);
    let sound = [
        "null",
        " true ",
        "\t[ ]\r\n",
        "{}",
        "0",
        "-0",
        "-1",
        "1.5e3",
        "9223372036854775807",
        "-9223372036854775808",
        "18446744073709551615",
        "9007199254740993",
        "1e18",
        "1e300",
        "9223372036854775808.0",
        "[0.0, \"1e-400\", 0e-400]",
        "\"\\ud83d\\ude00\"",
        "\"\\u0000\"",
        "\"\u{feff}\"",
        r#"{"a":1,"A":2,"":3}"#,
        r#"{"a":{"a":{}},"b":[{"a":1},{"a":1}]}"#,
        &deep,
    ];
    let mut read = 0;
    for text in sound {
        assert_eq!(gap(text.as_bytes()), None, "{text}");
        read += 1;
    }
    assert_eq!(read, 22);
}

#[test]
fn everything_else_is_malformed() {
    let deep = "[".repeat(128) + &"]".repeat(128);
    let abyss = "[".repeat(100_000);
    let objects = r#"{"a":"#.repeat(100_000);
    let damaged: [&[u8]; 45] = [
        b"",
        b" ",
        b"\n",
        b"\xef\xbb\xbf{}",
        b"\xff",
        b"\"\xff\"",
        b"\"\xed\xa0\x80\"",
        b"\"\xc0\x80\"",
        b"\xfe\xff\0{\0}",
        b"nul",
        b"NULL",
        b"True",
        b"NaN",
        b"-NaN",
        b"Infinity",
        b"-Infinity",
        b"[NaN]",
        b"1e400",
        b"-1e400",
        b"1e-400",
        b"[0.0, -1.5e-9999]",
        b"{\"a\\\"1e-400\": 0.0, \"b\": 18446744073709551616}",
        b"18446744073709551616",
        b"-9223372036854775809",
        b"340282366920938463463374607431768211456",
        b"01",
        b"+1",
        b".5",
        b"1.",
        b"0x10",
        b"1_000",
        b"'a'",
        b"\"a",
        b"\"\\x41\"",
        b"\"\\ud800\"",
        b"\"a\0b\"",
        b"\"a\tb\"",
        b"[1,]",
        b"{\"a\":1,}",
        b"{a:1}",
        b"{\"a\":1,\"a\":1}",
        b"{\"a\":{\"b\":1,\"c\":2,\"b\":3}}",
        b"{\"a\":1,\"\\u0061\":2}",
        b"{} {}",
        b"{}\0",
    ];
    let more: [&[u8]; 7] =
        [b"[1] // c", b"/**/1", b"[1", b"{\"a\"}", deep.as_bytes(), abyss.as_bytes(), objects.as_bytes()];
    let mut refused = 0;
    for bytes in damaged.into_iter().chain(more) {
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]);
        assert_eq!(gap(bytes).map(|gap| gap.kind), Some(GapKind::Malformed), "{shown:?}");
        refused += 1;
    }
    assert_eq!(refused, 52);
}

#[test]
fn gaps_name_the_place() {
    let twins = gap(b"{\n  \"a\": 1,\n  \"b\": {\"k\": 1, \"k\": 2},\n  \"z\": 0\n}").expect("malformed");
    assert_eq!(twins.at.line, Some(3));
    assert_eq!(twins.actual, "the key `k` is there twice in one object (line 3, column 19)");
    let behind = gap(b"{}\n]").expect("malformed");
    assert_eq!((behind.at.line, behind.actual.as_str()), (Some(2), "trailing characters (line 2, column 1)"));
    let number = gap(b"[18446744073709551616]").expect("malformed");
    assert_eq!(number.actual, "`18446744073709551616`, an integer beyond 64 bits (line 1, column 2)");
    let small = gap(b"{\n \"a\": 0.0,\n \"b\": -1e-400}").expect("malformed");
    assert_eq!(small.actual, "`-1e-400`, a number so near to 0 that a double cannot hold it (line 3, column 7)");
    assert_eq!(small.at.line, Some(3));
    assert_eq!(gap(b"\"a\nb\xff\"").map(|gap| gap.at.line), Some(Some(2)));
}

#[test]
fn values_are_counted() {
    let room = |left: u32| Room(Cell::new(left));
    let left = room(5);
    assert!(parse("[1, [2, 3]]", &left).is_ok() && left.0.get() == 0);
    let fault = parse("[1, [2, 3]]", &room(4)).expect_err("crowded");
    assert_eq!(fault.gap(&Where::file("a"), None, "", String::new()).kind, GapKind::OverLimit);
    // Damage on the last value that has room is damage.
    let fault = parse("[1, [2, 3]", &room(6)).expect_err("damaged");
    assert_eq!(fault.gap(&Where::file("a"), None, "", String::new()).kind, GapKind::Malformed);
    assert_eq!(gap(format!("[{}0]", "0,".repeat(8_000_000)).as_bytes()).map(|gap| gap.kind), Some(GapKind::OverLimit));
}

#[test]
fn numbers_keep_their_digits() {
    let root = |text: &str| parse(text, &Room::default()).expect("sound");
    assert_eq!(root("18446744073709551615").root().number(), Some(Number::Int(18_446_744_073_709_551_615)));
    // The nearest float to each text, as the compiler finds it.
    for (text, float) in
        [("0.95", 0.95), ("0.30000000000000004", 0.1 + 0.2), ("123456.789012345678", 123_456.789_012_345_68)]
    {
        assert_eq!(root(text).root().number().map(Number::as_float), Some(float), "{text}");
    }
}
