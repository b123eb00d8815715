//! JSON texts of every class that public conformance suites try: what must be read, what must not, and what is left to each reader.

use super::*;

/// Texts beside one another, with this sign between them.
fn texts(several: &str) -> impl Iterator<Item = &str> {
    several.split('§').map(str::trim)
}

const SOUND: &str = r##"
[] § [[] ] § [ [ ], [ [ ] ] ] § [""] § ["x"] § [false] § [true] § [null] § [null,true,"x",2,{"k":[]}] § [null,7,null,null,8] § [[],[[]]] §
[77] § [ 7] § [-7] § [-1] § [-0] § [0] § [0.0] § [-0.0] § [0e1] § [0e+1] § [0E-7] § [7e2] § [7E2] § [70E22] § [7E+3] § [7E-3] § [7e-3] §
[7e+3] § [7.25e4] § [7.25e-40] § [77.125] § [456e78] § [456e54] § [1E22] § [123e45] § [5e22] § [1.5e300] § [1.7976931348623157e308] §
[2.2250738585072014e-308] § [4.9e-324] § [-1e-78] § [-0.000000000000000000000000000000000000000000000000000000000000000000000000000000009] §
[9223372036854775807] § [-9223372036854775808] § [18446744073709551615] § {} § { } § {"k":"v"} § {"k":"v","l":"w"} § {"":7} § {"k\u0000l":7} §
{"low":-9.5e27,"high":9.5e27} § {"k":[],"l":{}} § {"k":"\u0416\u0436"} § {"k":{"k":{"k":7}}} § "" § "x" § [" "] § [ "x"] § ["x y"] §
["\u0061\u00e4\u20ac"] § ["\ud834\udd1e"] § ["\uD83D\uDE00\uD83D\uDE01"] § ["\udbff\udfff"] § ["\"\\\/\b\f\n\r\t"] § ["\\u0000"] § ["\""] §
["\u0022"] § ["\u005C"] § ["a/*b*/c//d"] § ["\\a"] § ["\\n"] § ["\u0012"] § ["\u0000"] § ["\uffff"] § ["\u00A0"] § ["\u000A"] § ["\uABCD"] §
["\u200b"] § null § true § false § 7 § -7.5
"##;

const UNSOUND: &str = r##"
[7 true] § [7 8] § ["":7] § [""], § [,7] § [7,,8] § [7,,] § [7]] § ["",] § [7,] § [7,,,] § ["x" § [x § [8[9]] § [7;8] § [,] § [-] §
[   , ""] § [*] § ["" § [7, § [{} § [ § [fals] § [nul] § [tru] § True § TRUE § Null § undefined § [nan] § [NaN] § [-NaN] § [Inf] § [+Inf] §
[Infinity] § [-Infinity] § [-foo] § 7 000 § [++7] § [+7] § [-01] § [-7.0.] § [-7.] § [.-7] § [.7e-3] § [0.7.8] § [0.7e+] § [0.7e] § [0.e1] §
[0E+] § [0E] § [0e+] § [0e] § [7.0e+] § [7.0e-] § [7.0e] § [7 000.0] § [7eE2] § [7.e+3] § [7.e-3] § [7.e3] § [7.e+] § [7+8] § [0x7] § [0x77] §
[7e+-8] § [-77.8foo] § [- 7] § [-012] § [-.7] § [-7x] § [7ea] § [7.] § [.7] § [7.8a-] § [7.8f7] § [012] § 7@ § 7] § - § [07] § [1_000] §
["k", tru] § {"k", null} § {"k"::"v"} § {"k":"v" 7} § {key: 'v'} § {"k" v} § {:"v"} § {"k" "v"} § {"k": § {"k" § {7:7} § {9999E9999:7} §
{null:null,null:null} § {"k":7,,,,,} § {'k':0} § {"k":0,} § {"k":"v"}/**/ § {"k":"v"}/**// § {"k":"v"}// § {"k":"v"}/ § {"k":"v",,"l":"w"} §
{k: "v"} § {"k":"v § { "k" : "v", "l" } § {"k":"v"}# § {"k":7}} § {"k":/* 7 */7} § {"k": true} "x" § {"k":7] § { § {] § {, § {[ § {"k § {'k' §
["\uD800\"] § ["\uD800\u"] § ["\uD800\u1"] § ["\uD800\u1x"] § ["\x41"] § ["\\\"] § ["\"] § ["\u00A"] § ["\uD834\uDd"] § ["\uD800\uD800\x"] §
["\a"] § ["\uqqqq"] § [\u0020"x"] § [\n] § " § ['x'] § x § ["\ § "\UA66D" § ""x § <.> § [<null>] § [7]x § [7]] § ["x] § ] § {"k":true § [][] §
2@ § {}} § ["x § [' § [, § [{ § ["x" § ["x § {"k":"x § [\{[" § * § [\u000A""] § [7 § [ false, nul § [ true, fals § [ false, tru
"##;

fn reads(text: &[u8]) -> bool {
    read(text, &Where::file("a.json")).is_ok()
}

/// What every reader of JSON must read. Keys that are there twice are the one exception, see below.
#[test]
fn what_json_is_is_read() {
    let others: &[&str] = &[
        "[7\n]",
        " [7]",
        "[7] ",
        "\r\n[\t]\n",
        "{\n\"k\" :\n7\n}",
        "{\"\u{436}\":7}",
        "[\"\u{a0}\"]",
        "[\"\u{7f}\"]",
        "[\"x\u{7f}y\"]",
        "[\"\u{3c0}\"]",
        "[\"\u{2028}\u{2029}\"]",
        "[\"\u{ffff}\"]",
        "[\"\u{fffe}\"]",
        "[\"\u{fdd0}\"]",
        "[\"\u{10ffff}\"]",
        "[\"\u{10fffe}\"]",
        "[\"\u{1bfff}\"]",
        "[\"\u{1fffe}\"]",
        "[\"\u{200b}\u{2064}\"]",
        "[\"\u{2342}\u{3c7}\u{1d11e}\"]",
        "[\"\u{feff}\"]",
        "7\n",
        " 7 ",
        "\t\"x\"\r\n",
        "[\n]\n",
    ];
    let sound: Vec<&str> = texts(SOUND).chain(others.iter().copied()).collect();
    let missed: Vec<&&str> = sound.iter().filter(|text| !reads(text.as_bytes())).collect();
    assert!(missed.is_empty(), "{missed:?}");
    assert_eq!(sound.len(), 110);
}

/// What no reader of JSON may read.
#[test]
fn what_json_is_not_is_malformed() {
    let others: &[&[u8]] = &[
        b"[\"x\",\n7\n,8",
        b"[\"\x0bx\"\\f]",
        b"[\x0c]",
        b"[7,\n8\n,9",
        b"[x\xe5]",
        b"[\xff]",
        b"[777\xe5]",
        b"[7e1\xe5]",
        b"[0\xe5]",
        b"[7e\xe5]",
        b"[\xef\xbc\x97]",
        b"{[: \"k\"}\n",
        b"{\xf0\x9f\x87\xa8}",
        b"{\"\xb9\":\"0\",}",
        b" ",
        b"[\xc3\xa9]",
        b"[\"\\\0\"]",
        b"[\"\\\t\"]",
        b"[\"\\\xf0\x9f\x8c\x80\"]",
        b"[\"\\u\xe5\"]",
        b"[\"\\\xe5\"]",
        b"[\"x\0y\"]",
        b"[\"new\nline\"]",
        b"[\"\t\"]",
        b"[\xe2\x81\xa0]",
        b"\xef\xbb\xbf",
        b"\xef\xbb{}",
        b"a\xc3\xa5",
        b"",
        b"[\0]",
        b"\xe9",
        b"\xe2\x81\xa0",
        b"\xe5",
    ];
    let unsound: Vec<&[u8]> = texts(UNSOUND).map(str::as_bytes).chain(others.iter().copied()).collect();
    let read: Vec<String> = unsound.iter().filter(|text| reads(text)).map(|text| text.escape_ascii().to_string()).collect();
    assert!(read.is_empty(), "{read:?}");
    assert_eq!(unsound.len(), 195);
    for deep in ["[".repeat(100_000), "[{\"\":".repeat(50_000)] {
        assert!(!reads(deep.as_bytes()));
    }
}

/// What is left to each reader is malformed here: it could be understood in two ways.
#[test]
fn what_readers_may_differ_in_is_malformed() {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let deep = "[".repeat(500) + &"]".repeat(500);
    let unclear: Vec<Vec<u8>> = [
        // Numbers that no exact integer and no double is near.
        "[7e-10000]",
        "[0.7e00777777777777777777777]",
        "[-7e+9999]",
        "[7e+9999]",
        "[-777777e77777]",
        "[77777e77777]",
        "[777e-1000000]",
        "[-777777777777777777777777]",
        "[777777777777777777777777]",
        "[18446744073709551616]",
        "[340282366920938463463374607431768211456]",
        // Halves of surrogate pairs.
        "{\"\\uDC00\":7}",
        "[\"\\uDAAA\"]",
        "[\"\\uD888\\u4321\"]",
        "[\"\\uD800\\n\"]",
        "[\"\\uD800\\uD800\\n\"]",
        "[\"\\ud800\"]",
        "[\"\\ud800x\"]",
        "[\"\\uDd1e\\uD834\"]",
        "[\"\\uDFAA\"]",
        // Keys that are there twice, also with one value.
        "{\"k\":7,\"k\":8}",
        "{\"k\":7,\"k\":7}",
        "{\"k\":7,\"\\u006b\":8}",
        &deep,
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .chain([
        b"\xef\xbb\xbf{}".to_vec(),
        wide("\u{feff}[\"\u{e9}\"]"),
        wide("[\"x\"]"),
        b"\0[\0\"\0x\0\"\0]".to_vec(),
        // Bytes that are not UTF-8: cut, overlong, a surrogate, beyond the last character, another encoding.
        b"[\"\xe6\x97\xa5\xd1\x88\xfa\"]".to_vec(),
        b"[\"\xed\xa0\x80\"]".to_vec(),
        b"[\"\xff\"]".to_vec(),
        b"[\"\xe9\"]".to_vec(),
        b"[\"\xf4\xbf\xbf\xbf\"]".to_vec(),
        b"[\"\x81\"]".to_vec(),
        b"[\"\xc0\xaf\"]".to_vec(),
        b"[\"\xfc\x83\xbf\xbf\xbf\xbf\"]".to_vec(),
        b"[\"\xe0\xff\"]".to_vec(),
    ])
    .collect();
    let read: Vec<String> = unclear.iter().filter(|text| reads(text)).map(|text| text.escape_ascii().to_string()).collect();
    assert!(read.is_empty(), "{read:?}");
    assert_eq!(unclear.len(), 37);
}

/// A number means the same in JSON, in YAML and in TOML, and what one refuses the others refuse; but TOML has no integer from 2^63 on.
#[test]
fn json_yaml_and_toml_agree_about_numbers() {
    let texts = [
        "0",
        "-0",
        "7",
        "-7",
        "9223372036854775807",
        "-9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775809",
        "340282366920938463463374607431768211456",
        "0.0",
        "-0.0",
        "0e+1",
        "0.5",
        "20e1",
        "1E22",
        "5e22",
        "123e45",
        "1.5e300",
        "1.7976931348623157e308",
        "1.8e308",
        "1e400",
        "-1e400",
        "4.9e-324",
        "1e-400",
        "-1.5e-9999",
        "0e-9999",
        "9223372036854775808.0",
        "0.30000000000000004",
        "123456.789012345678",
    ];
    let number = |content: Result<Content, Gap>| match content {
        Ok(Content::Document(document)) => document.root().get("a").and_then(crate::model::Node::number),
        Ok(other) => panic!("{other:?}"),
        Err(_) => None,
    };
    let mut refused = 0;
    for text in texts {
        let at = Where::file("a");
        let json = number(read(format!("{{\"a\": {text}}}").as_bytes(), &at));
        let yaml = number(super::super::for_extension(Some("yaml")).map_or_else(
            || panic!("yaml"),
            |format| match &format.reading {
                Reading::Whole(parse) => parse(format!("a: {text}\n").as_bytes(), &at),
                _ => panic!("whole"),
            },
        ));
        let toml = number(super::super::toml::read(format!("a = {text}\n").as_bytes(), &at));
        let unsigned = text == "18446744073709551615";
        assert_eq!((json, json.filter(|_| !unsigned)), (yaml, toml), "{text}");
        refused += usize::from(json.is_none());
    }
    assert_eq!((texts.len(), refused), (30, 8));
}
