//! Whether a value is a secret: how mixed it is, and what of it only stands for a value.

use super::shapes::{PRINTED, STAND_INS};
use std::sync::LazyLock;

/// Digits and letters both.
pub(super) fn mixed(value: &[u8]) -> bool {
    value.iter().any(u8::is_ascii_digit) && value.iter().any(u8::is_ascii_alphabetic)
}

/// All of one character; true of nothing and of a single one.
pub(super) fn uniform(value: &[u8]) -> bool {
    value.windows(2).all(|pair| pair[0] == pair[1])
}

/// How many different characters there are.
pub(super) fn distinct(value: &[u8]) -> usize {
    let mut seen = [false; 256];
    value.iter().filter(|byte| !std::mem::replace(&mut seen[usize::from(**byte)], true)).count()
}

/// Whether a stretch of letters and digits of this length, without a separator, mixes both; `cases`: capitals and small letters too.
pub(super) fn stretch(value: &[u8], least: usize, cases: bool) -> bool {
    value.split(|byte| !byte.is_ascii_alphanumeric()).any(|part| {
        let both = part.iter().any(u8::is_ascii_uppercase) && part.iter().any(u8::is_ascii_lowercase);
        part.len() >= least && mixed(part) && (both || !cases)
    })
}

/// Bits a character, after how often each occurs in the value.
pub(super) fn entropy(value: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    value.iter().for_each(|byte| counts[usize::from(*byte)] += 1);
    let length = value.len() as f64;
    let bits = |count: &u32| {
        let share = f64::from(*count) / length;
        -share * share.log2()
    };
    counts.iter().filter(|count| **count > 0).map(bits).sum()
}

/// Whether a value of a name that holds secrets is one; `password`: people think of them, so they need no digits.
pub(super) fn telling(value: &str, password: bool) -> bool {
    let bytes = value.as_bytes();
    let long = match (password, mixed(bytes)) {
        (true, _) => bytes.len() >= 6,
        (false, true) => bytes.len() >= 8 && entropy(bytes) >= 2.5,
        (false, false) => bytes.len() >= 20 && entropy(bytes) >= 3.8,
    };
    long && !harmless(value)
}

/// Whether a value stands for another, whole: the manuals print it, it is one character, it is a digest, or nothing is left of it that
/// somebody could have drawn by lot.
pub(super) fn harmless(value: &str) -> bool {
    if PRINTED.contains(&value) || uniform(value.as_bytes()) || digest(value) {
        return true;
    }
    let (rest, stands_in) = rest(value);
    stands_in && !drawn(&rest)
}

/// `sha256:` and as many digits as it takes.
fn digest(value: &str) -> bool {
    let lengths = [("sha1", 40, 28), ("sha256", 64, 44), ("sha384", 96, 64), ("sha512", 128, 88)];
    let sign = |c: char| matches!(c, ':' | '-' | '=');
    lengths.iter().any(|(name, hex, base64)| {
        let Some(digits) = value.strip_prefix(name).and_then(|rest| rest.strip_prefix(sign)) else { return false };
        let in_hex = digits.len() == *hex && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        in_hex
            || digits.len() == *base64 && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
    })
}

/// Whether what is left beside a stand-in looks random: at least nine characters in parts that mix digits and letters, or that change
/// their case all the time.
fn drawn(rest: &[String]) -> bool {
    let parts = rest.iter().flat_map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric()));
    let random = |part: &&str| {
        let bytes = part.as_bytes();
        let turns = bytes.windows(2).filter(|pair| pair[0].is_ascii_uppercase() != pair[1].is_ascii_uppercase()).count();
        mixed(bytes) && distinct(bytes) >= 4 || turns >= 5
    };
    parts.filter(random).map(str::len).sum::<usize>() >= 9
}

/// What is left of a value without the parts that stand for something, and whether there were any.
fn rest(value: &str) -> (Vec<String>, bool) {
    let (mut left, mut stands_in) = (Vec::new(), false);
    let mut piece = String::new();
    let mut at = 0;
    while let Some(c) = value[at..].chars().next() {
        let length = placeholder(&value[at..]);
        if length > 0 {
            stands_in = true;
            left.push(std::mem::take(&mut piece));
            at += length;
        } else {
            piece.push(c);
            at += c.len_utf8();
        }
    }
    left.push(piece);
    (left, stands_in)
}

/// The bytes with which words for a stand-in begin, in both cases: nearly every other byte needs no comparison.
static BEGINS: LazyLock<[bool; 256]> = LazyLock::new(|| {
    let mut begins = [false; 256];
    for first in STAND_INS.iter().filter_map(|word| word.bytes().next()) {
        begins[usize::from(first.to_ascii_lowercase())] = true;
        begins[usize::from(first.to_ascii_uppercase())] = true;
    }
    begins
});

/// How long the stand-in is that begins here; 0 if there is none.
fn placeholder(text: &str) -> usize {
    let bytes = text.as_bytes();
    let closed = |open: usize, close: &str| {
        // What is not closed was cut off.
        text[open..].find(close).map_or(text.len(), |length| open + length + close.len())
    };
    match bytes[0] {
        b'$' if bytes.get(1) == Some(&b'{') => closed(2, "}"),
        b'$' if bytes.get(1) == Some(&b'(') => closed(2, ")"),
        b'$' => 1 + name(&bytes[1..]),
        b'{' => closed(1, "}").max(text.find("}}").map_or(0, |at| at + 2)),
        b'<' => closed(1, ">"),
        b'[' => closed(1, "]"),
        b'%' => match text[1..].find('%') {
            Some(length) if length == name(&bytes[1..]) && length > 0 => length + 2,
            Some(_) | None => 0,
        },
        b'*' => bytes.iter().take_while(|byte| **byte == b'*').count(),
        b'(' => 1,
        first if !BEGINS[usize::from(first)] => 0,
        _ => {
            let word = STAND_INS
                .iter()
                .find(|word| bytes.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word.as_bytes())));
            word.map_or(0, |word| word.len())
        }
    }
}

/// The length of the name of a variable: small letters or capitals, not both.
fn name(bytes: &[u8]) -> usize {
    let run = |capitals: bool| {
        let belongs = |byte: &&u8| match capitals {
            true => byte.is_ascii_uppercase() || byte.is_ascii_digit() || **byte == b'_',
            false => byte.is_ascii_lowercase() || **byte == b'_',
        };
        bytes.iter().take_while(belongs).count()
    };
    let first = bytes.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    if first { run(true).max(run(false)) } else { 0 }
}

/// Base64 as text; `None` if it is none or no text.
pub(super) fn base64(text: &[u8]) -> Option<String> {
    let text = String::from_utf8(base64_bytes(text)?).ok()?;
    (!text.chars().any(char::is_control)).then_some(text)
}

/// Base64 as bytes; `None` if it is none.
pub(super) fn base64_bytes(text: &[u8]) -> Option<Vec<u8>> {
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    let end = text.iter().position(|byte| *byte == b'=').unwrap_or(text.len());
    for byte in &text[..end] {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        (bits, count) = (bits << 6 | u32::from(six), count + 6);
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stand_in_excuses_itself_and_nothing_beside_it() {
        let lot = "k3Zq9wXv2LmT";
        let mut seen = 0;
        for value in [
            "example",
            "${TOKEN}",
            "$TOKEN",
            "$token",
            "<your token here>",
            "***",
            "your-api-key-2024-here",
            "changeme123",
            "%TOKEN%",
            "{{secrets.X}}",
            "[redacted:",
            "next_token(input",
            "std::env::var",
            "example-password-1",
            "aaaaaaaa",
            "your_new_password",
            "fake-token-abc123",
            "todo-later",
            "xxxxxxxx1234",
        ] {
            assert!(harmless(value), "{value}");
            seen += 1;
        }
        for value in [
            format!("example{lot}"),
            format!("***{lot}"),
            format!("${{X}}{lot}"),
            format!("{lot}-example"),
            format!("$X-{lot}"),
            format!("<x>{lot}"),
            format!("[x]{lot}"),
            format!("f({lot}"),
            format!("your{lot}"),
            format!("$2b$12${lot}"),
        ] {
            assert!(!harmless(&value), "{value}");
            seen += 1;
        }
        assert_eq!(seen, 29);
    }

    #[test]
    fn digests_are_no_secrets_and_only_whole() {
        let hex = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        assert!(harmless(&format!("sha256:{hex}")));
        assert!(!harmless(&format!("sha256:{hex}ab")) && !harmless(hex));
    }

    #[test]
    fn base64_is_read_as_text() {
        assert_eq!(base64(b"YTpi").as_deref(), Some("a:b"));
        assert_eq!(base64(b"YTpiYw==").as_deref(), Some("a:bc"));
        assert_eq!((base64(b"a b"), base64(b"/////w==")), (None, None));
    }
}
