//! What looks like a secret in a text, and the text without it.
//!
//! In: any text. Out: where something has the shape of a token, a key or a password, and of which class; never the value itself. It knows
//! shapes, not secrets: it cannot tell whether a token is still valid, and what has no shape is not seen. Texts that stand for a value
//! (`${TOKEN}`, `<token>`, `***`, `example`) are none. Time is linear in the text.

use std::borrow::Cow;
use std::ops::Range;

/// Something that looks like a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Its class in words: `GitHub token`.
    pub class: &'static str,
    /// Its bytes in the text.
    pub range: Range<usize>,
}

/// A token that is known by how it begins.
struct Shape {
    class: &'static str,
    begins: &'static str,
    /// Fewest characters behind the beginning.
    least: usize,
    /// Whether a character belongs to it.
    belongs: fn(u8) -> bool,
    /// Whether words could have the shape too, so that a digit among the characters is asked for.
    digit: bool,
}

const fn shape(class: &'static str, begins: &'static str, least: usize, belongs: fn(u8) -> bool) -> Shape {
    Shape { class, begins, least, belongs, digit: false }
}

const fn wordy(class: &'static str, begins: &'static str, least: usize, belongs: fn(u8) -> bool) -> Shape {
    Shape { class, begins, least, belongs, digit: true }
}

fn alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn capital(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn token68(byte: u8) -> bool {
    word(byte) || matches!(byte, b'.' | b'~' | b'+' | b'/' | b'=')
}

static SHAPES: &[Shape] = &[
    shape("GitHub token", "ghp_", 30, alphanumeric),
    shape("GitHub token", "gho_", 30, alphanumeric),
    shape("GitHub token", "ghu_", 30, alphanumeric),
    shape("GitHub token", "ghs_", 30, alphanumeric),
    shape("GitHub token", "ghr_", 30, alphanumeric),
    shape("GitHub token", "github_pat_", 22, word),
    shape("GitLab token", "glpat-", 20, word),
    shape("npm token", "npm_", 36, alphanumeric),
    shape("AWS access key", "AKIA", 16, capital),
    shape("AWS access key", "ASIA", 16, capital),
    shape("Google API key", "AIza", 35, word),
    wordy("Slack token", "xoxa-", 10, word),
    wordy("Slack token", "xoxb-", 10, word),
    wordy("Slack token", "xoxp-", 10, word),
    wordy("Slack token", "xoxr-", 10, word),
    wordy("Slack token", "xoxs-", 10, word),
    wordy("API key", "sk-", 20, word),
    wordy("API key", "sk_live_", 16, word),
    wordy("API key", "rk_live_", 16, word),
];

/// Fewest characters behind a beginning for which a text is hidden: excerpts cut tokens off, and half a token helps to guess it.
const HIDDEN_FROM: usize = 8;

/// Longest name and longest value that are looked at.
const NAME_MOST: usize = 80;
const VALUE_MOST: usize = 512;

/// How names end that hold secrets.
const NAMES: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "api_key",
    "apikey",
    "api-key",
    "access_key",
    "accesskey",
    "secret_key",
    "secretkey",
    "private_key",
    "privatekey",
    "credential",
    "credentials",
    "auth_key",
];

/// Names whose value needs no digit to be a secret.
const PASSWORDS: &[&str] = &["password", "passwd", "passphrase"];

/// Words that make a value one that stands for another.
const STAND_INS: &[&str] = &[
    "example",
    "redacted",
    "placeholder",
    "dummy",
    "changeme",
    "change-me",
    "your",
    "xxxx",
    "****",
    "....",
    "todo",
    "fake",
    "::",
];

/// Everything in the text that looks like a secret, in the order of the text.
pub fn secrets(text: &str) -> Vec<Secret> {
    scan(text, false)
}

/// The text with every secret, whole or cut off, replaced by its class.
pub fn redact(text: &str) -> Cow<'_, str> {
    let found = scan(text, true);
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let (mut shown, mut from) = (String::with_capacity(text.len()), 0);
    for secret in found {
        shown.push_str(&text[from..secret.range.start]);
        shown.push_str(&format!("[redacted: {}]", secret.class));
        from = secret.range.end;
    }
    shown.push_str(&text[from..]);
    Cow::Owned(shown)
}

fn scan(text: &str, lenient: bool) -> Vec<Secret> {
    let bytes = text.as_bytes();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        // Everything that is looked for begins at one of these; most of a log does not.
        let secret = match bytes[at] {
            b'-' => private_key(text, at),
            b'=' | b':' => credentials(bytes, at).or_else(|| assigned(text, at)),
            b'b' | b'B' => starts(bytes, at).then(|| bearer(bytes, at, lenient)).flatten(),
            b'e' => starts(bytes, at).then(|| web_token(bytes, at, lenient)).flatten(),
            b'g' | b'n' | b'A' | b'x' | b's' | b'r' => starts(bytes, at).then(|| token(text, at, lenient)).flatten(),
            _ => None,
        };
        match secret {
            Some(secret) => {
                at = secret.range.end.max(at + 1);
                found.push(secret);
            }
            None => at += 1,
        }
    }
    found
}

/// Whether a word can begin here.
fn starts(bytes: &[u8], at: usize) -> bool {
    at == 0 || !word(bytes[at - 1])
}

fn run(bytes: &[u8], from: usize, belongs: fn(u8) -> bool) -> usize {
    bytes[from..].iter().position(|byte| !belongs(*byte)).map_or(bytes.len(), |length| from + length)
}

fn token(text: &str, at: usize, lenient: bool) -> Option<Secret> {
    let bytes = text.as_bytes();
    let shape = SHAPES.iter().find(|shape| bytes[at..].starts_with(shape.begins.as_bytes()))?;
    let from = at + shape.begins.len();
    let end = run(bytes, from, shape.belongs);
    let least = if lenient { shape.least.min(HIDDEN_FROM) } else { shape.least };
    let sound = end - from >= least && (!shape.digit || bytes[from..end].iter().any(u8::is_ascii_digit));
    // The provider's own manuals use keys that end so.
    let stand_in = text[from..end].ends_with("EXAMPLE") || uniform(&bytes[from..end]);
    (sound && !stand_in).then_some(Secret { class: shape.class, range: at..end })
}

fn uniform(bytes: &[u8]) -> bool {
    bytes.windows(2).all(|pair| pair[0] == pair[1])
}

/// `header.payload.signature` in base64 of JSON objects.
fn web_token(bytes: &[u8], at: usize, lenient: bool) -> Option<Secret> {
    if !bytes[at..].starts_with(b"eyJ") {
        return None;
    }
    let mut end = run(bytes, at, word);
    if end - at < 12 {
        return None;
    }
    let mut parts = 1;
    while parts < 3 && bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(|byte| word(*byte)) {
        end = run(bytes, end + 1, word);
        parts += 1;
    }
    (parts == 3 || (lenient && end - at >= 16)).then_some(Secret { class: "JSON web token", range: at..end })
}

fn bearer(bytes: &[u8], at: usize, lenient: bool) -> Option<Secret> {
    let word = bytes.get(at..at + 7)?;
    if !word.eq_ignore_ascii_case(b"bearer ") {
        return None;
    }
    let from = at + 7;
    let end = run(bytes, from, token68);
    let least = if lenient { HIDDEN_FROM } else { 16 };
    let value = &bytes[from..end];
    let sound = value.len() >= least && value.iter().any(u8::is_ascii_digit) && !uniform(value);
    sound.then_some(Secret { class: "bearer token", range: from..end })
}

/// From its first line to its last, or to the end of the text.
fn private_key(text: &str, at: usize) -> Option<Secret> {
    let rest = text[at..].strip_prefix("-----BEGIN ")?;
    let kind = &rest[..rest.find("-----")?];
    if kind.len() > NAME_MOST || !kind.contains("PRIVATE KEY") {
        return None;
    }
    let end = text[at..].find("-----END ").map_or(text.len(), |end| {
        let tail = at + end + "-----END ".len();
        text[tail..].find("-----").map_or(text.len(), |length| tail + length + 5)
    });
    Some(Secret { class: "private key", range: at..end })
}

/// `scheme://user:password@host`; `at` is the colon before the slashes.
fn credentials(bytes: &[u8], at: usize) -> Option<Secret> {
    if !bytes[at..].starts_with(b"://") || at == 0 || !bytes[at - 1].is_ascii_alphanumeric() {
        return None;
    }
    let from = at + 3;
    let most = bytes.len().min(from + VALUE_MOST);
    let ends = |byte: &u8| matches!(byte, b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'>') || byte.is_ascii_whitespace();
    let end = bytes[from..most].iter().position(ends).map_or(most, |length| from + length);
    let host = from + bytes[from..end].iter().rposition(|byte| *byte == b'@')?;
    let password = from + bytes[from..host].iter().position(|byte| *byte == b':')? + 1;
    let value = std::str::from_utf8(&bytes[password..host]).ok()?;
    (value.len() >= 3 && !stands_in(value)).then_some(Secret { class: "password in a URL", range: password..host })
}

/// `name = value`, `"name": "value"`; `at` is the sign between them.
fn assigned(text: &str, at: usize) -> Option<Secret> {
    let bytes = text.as_bytes();
    // `==`, `!=`, `::` and the like assign nothing.
    if matches!(bytes.get(at + 1), Some(b'=' | b':'))
        || (at > 0 && matches!(bytes[at - 1], b'=' | b'!' | b'<' | b'>' | b':'))
    {
        return None;
    }
    let around = |byte: &u8| matches!(byte, b'"' | b'\'' | b'\\' | b'`' | b' ');
    let most = at.saturating_sub(NAME_MOST);
    let name_end = most + bytes[most..at].iter().rposition(|byte| !around(byte))? + 1;
    let name_start =
        bytes[most..name_end].iter().rposition(|byte| !word(*byte) && *byte != b'.').map_or(most, |p| most + p + 1);
    let name = bytes[name_start..name_end].to_ascii_lowercase();
    let ends = |names: &[&str]| names.iter().any(|known| name.ends_with(known.as_bytes()));
    if !ends(NAMES) {
        return None;
    }
    let mut from = at + 1 + usize::from(bytes.get(at + 1) == Some(&b'>'));
    let mut quoted = false;
    while let Some(byte) = bytes.get(from).filter(|byte| around(byte)) {
        quoted |= *byte != b' ';
        from += 1;
    }
    let most = bytes.len().min(from + VALUE_MOST);
    let over = |byte: &u8| {
        byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'\\' | b'`' | b',' | b';' | b')' | b'}' | b'&')
    };
    let length = bytes[from..most].iter().position(over).unwrap_or(most - from);
    let value = text.get(from..from + length)?;
    let mixed = value.bytes().any(|b| b.is_ascii_digit()) && value.bytes().any(|b| b.is_ascii_alphabetic());
    // In prose a colon explains, and what stands behind it is a word.
    let meant = quoted || bytes[at] == b'=';
    let telling = match (ends(PASSWORDS) && meant, mixed) {
        (true, _) => value.len() >= 6,
        (false, true) => value.len() >= 8 && entropy(value) >= 2.5,
        (false, false) => value.len() >= 20 && entropy(value) >= 3.8,
    };
    let range = from..from + length;
    (telling && !stands_in(value)).then_some(Secret { class: "value of a secret name", range })
}

fn stands_in(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    value.starts_with(['$', '<', '{', '%', '*', '[', '('])
        || uniform(value.as_bytes())
        || STAND_INS.iter().any(|word| lower.contains(word))
        || value.contains('(')
}

/// Bits a character, after how often each occurs in the value.
fn entropy(value: &str) -> f64 {
    let mut counts = [0_u32; 256];
    value.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let length = value.len() as f64;
    let bits = |count: &u32| {
        let share = f64::from(*count) / length;
        -share * share.log2()
    };
    counts.iter().filter(|count| **count > 0).map(bits).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Put together here, so that no scanner takes this file for a leak.
    fn planted() -> Vec<(&'static str, String)> {
        let body = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0fG3hJ6";
        vec![
            ("GitHub token", format!("ghp_{body}")),
            ("GitHub token", format!("github_pat_{body}")),
            ("AWS access key", format!("AKIA{}", "Q3R5T7W9Y1P2L4K6")),
            ("Slack token", format!("xoxb-{}", "123456789012-abcdefghij")),
            ("API key", format!("sk-{body}")),
            ("JSON web token", format!("eyJ{}.eyJ{}.{}", "hbGciOiJIUzI1NiJ9", "zdWIiOiIxMjM0In0", body)),
            ("bearer token", format!("Authorization: Bearer {body}")),
            ("private key", format!("-----BEGIN RSA {} KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----", "PRIVATE")),
            ("value of a secret name", format!("{}=hunter22-and-more", "DB_PASSWORD")),
            ("value of a secret name", format!(r#"{{"client_{}": "{body}"}}"#, "secret")),
            ("value of a secret name", format!("api_key: {body}")),
            ("value of a secret name", format!(r#"\"auth_{}\":\"{body}\""#, "token")),
            ("password in a URL", format!("postgres://app:{}@db/x", "s3cr3t")),
            ("GitLab token", format!("glpat-{body}")),
        ]
    }

    #[test]
    fn every_class_is_seen_and_hidden() {
        let mut seen = 0;
        for (class, text) in planted() {
            let line = format!("before {text} behind");
            let found = secrets(&line);
            assert_eq!(found.iter().map(|secret| secret.class).collect::<Vec<_>>(), [class], "{text}");
            let hidden = redact(&line);
            assert!(!hidden.contains(&line[found[0].range.clone()]), "{hidden}");
            assert!(hidden.starts_with("before ") && hidden.contains(&format!("[redacted: {class}]")), "{hidden}");
            seen += 1;
        }
        assert_eq!(seen, 14);
    }

    #[test]
    fn what_evidence_is_full_of_is_none() {
        let plain = [
            "\"log_sha256\": \"a8e7fe0c8cedf60ed5c8361510fe79f4fa140c97bb20dbe8a357c01191c23093\"",
            "\"git_sha\": \"196187d63450d9f4c3d286562ad9e4d9bd7563f7\"",
            "test token_refresh_after_401 ... ok",
            "error: unexpected token: expected identifier",
            "password: required",
            "the secret_scan: completed",
            "max_tokens = 4096",
            "API_TOKEN=${API_TOKEN}",
            "token=<your token here>",
            "password = \"********\"",
            "let token = next_token(input)",
            "assert!(token == expected)",
            "secret: std::env::var",
            "AKIAIOSFODNN7EXAMPLE",
            "task-12345678901234567890 disk-sk-1",
            "sk-learn-is-a-library-of-words",
            "https://host:8080/path@2",
            "-----BEGIN PUBLIC KEY-----",
            "the bearer of this letter is known to me",
        ];
        for text in plain {
            assert_eq!(secrets(text), [], "{text}");
        }
        assert!(matches!(redact("nothing here"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_is_cut_off_is_hidden_too() {
        let mut cut = 0;
        for (_, text) in
            planted().into_iter().filter(|(class, _)| matches!(*class, "GitHub token" | "AWS access key" | "API key"))
        {
            let half = &text[..text.len() - 4];
            assert!(redact(half).starts_with("[redacted: "), "{half}");
            cut += 1;
        }
        assert_eq!(cut, 4);
        let key = format!("-----BEGIN {} KEY-----\nMIIEow", "PRIVATE");
        assert_eq!(redact(&key), "[redacted: private key]");
    }

    #[test]
    fn hostile_text_costs_linear_time_and_never_panics() {
        for piece in ["sk-", "=", "token=", "eyJ", "://", "-----BEGIN ", "ä=ö", "password=é", "://a:b"] {
            let text = piece.repeat(20_000);
            assert!(secrets(&text).len() <= text.len());
            assert!(!redact(&text).is_empty());
        }
    }
}
