//! The forms of XML that nearly all of a report is made of, recognised at once: text, start tags with quoted attributes, end tags.
//!
//! In: a text and a place in it. Out: what stands there, and where it ends; or nothing, where the form is any other one or is damaged. Then the
//! whole reader looks at the same place, so nothing is refused here, and nothing is read here that it would read in another way.

use super::xml::ATTRIBUTES_MOST;
use memchr::{memchr, memchr2};
use std::borrow::Cow;

/// What stands at a place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// Text up to the next markup or reference; never empty.
    Text(&'t str),
    /// A start tag with its name; `closed` if it is an end tag too.
    Start { name: &'t str, closed: bool },
    /// An end tag.
    End(&'t str),
}

/// The attributes of a tag: names, and values as they stand there.
pub(super) type Written<'t> = Vec<(&'t str, Cow<'t, str>)>;

/// What stands at this byte, and the first byte behind it. The attributes of a start tag are put in place of what was there.
pub(super) fn next<'t>(text: &'t str, at: usize, attributes: &mut Written<'t>) -> Option<(Token<'t>, usize)> {
    let rest = text.as_bytes().get(at..)?;
    match rest {
        [b'<', b'/', ..] => {
            let name = name_at(text, at + 2)?;
            let end = at + 2 + name.len();
            (text.as_bytes().get(end) == Some(&b'>')).then_some((Token::End(name), end + 1))
        }
        [b'<', ..] => start(text, at + 1, attributes),
        [b'&', ..] | [] => None,
        _ => {
            let end = memchr2(b'<', b'&', rest).map_or(text.len(), |length| at + length);
            Some((Token::Text(&text[at..end]), end))
        }
    }
}

fn start<'t>(text: &'t str, at: usize, attributes: &mut Written<'t>) -> Option<(Token<'t>, usize)> {
    attributes.clear();
    let bytes = text.as_bytes();
    let name = name_at(text, at)?;
    let mut at = at + name.len();
    loop {
        let blanks = bytes[at..].iter().take_while(|byte| is_blank(**byte)).count();
        at += blanks;
        match bytes.get(at)? {
            b'>' => return Some((Token::Start { name, closed: false }, at + 1)),
            b'/' if bytes.get(at + 1) == Some(&b'>') => return Some((Token::Start { name, closed: true }, at + 2)),
            _ if blanks == 0 || attributes.len() > ATTRIBUTES_MOST => return None,
            _ => {}
        }
        let key = name_at(text, at)?;
        at += key.len();
        let [b'=', quote @ (b'"' | b'\''), value @ ..] = bytes.get(at..)? else { return None };
        let length = memchr(*quote, value)?;
        attributes.push((key, Cow::Borrowed(&text[at + 2..at + 2 + length])));
        at += length + 3;
    }
}

/// A name in ASCII that begins with a letter or `_`.
fn name_at(text: &str, at: usize) -> Option<&str> {
    let bytes = text.as_bytes().get(at..)?;
    let length = bytes.iter().take_while(|byte| NAME[usize::from(**byte)]).count();
    bytes.first().filter(|first| first.is_ascii_alphabetic() || **first == b'_')?;
    text.get(at..at + length)
}

/// The bytes of names.
const NAME: [bool; 256] = {
    let mut own = [false; 256];
    let mut byte = 0;
    while byte < own.len() {
        let one = byte as u8;
        own[byte] = one.is_ascii_alphanumeric() || matches!(one, b'_' | b'-' | b'.' | b':');
        byte += 1;
    }
    own
};

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let mut attributes = Vec::new();
        match next(text, 0, &mut attributes) {
            Some((token, end)) => format!("{token:?} {attributes:?} {}", &text[end..]),
            None => "none".to_owned(),
        }
    }

    #[test]
    fn the_usual_forms_are_recognised() {
        let cases = [
            ("a b<c", "Text(\"a b\") [] <c"),
            ("a&b;", "Text(\"a\") [] &b;"),
            ("ä", "Text(\"ä\") [] "),
            ("<a>b", "Start { name: \"a\", closed: false } [] b"),
            ("<x:a-1/>", "Start { name: \"x:a-1\", closed: true } [] "),
            (
                "<a b=\"1>'\"\n\tc='\"&<' />z",
                "Start { name: \"a\", closed: true } [(\"b\", \"1>'\"), (\"c\", \"\\\"&<\")] z",
            ),
            ("</a>b", "End(\"a\") [] b"),
        ];
        let mut seen = 0;
        for (text, expected) in cases {
            assert_eq!(told(text), expected, "{text}");
            seen += 1;
        }
        assert_eq!(seen, 7);
    }

    #[test]
    fn every_other_form_is_left_to_the_whole_reader() {
        let cases = [
            "",
            "&a;",
            "<",
            "<a",
            "<a b",
            "<a b=",
            "<a b=1>",
            "<a b='1>",
            "<a b='1'c='2'>",
            "<a b = '1'>",
            "<a / >",
            "<1a>",
            "<ä>",
            "<a ä='1'>",
            "<!-- a -->",
            "<![CDATA[a]]>",
            "<?a?>",
            "<!DOCTYPE a>",
            "</a >",
            "</>",
            "</a",
            "<a b>",
            "<a 'b'>",
        ];
        let mut passed = 0;
        for text in cases {
            assert_eq!(told(text), "none", "{text}");
            passed += 1;
        }
        assert_eq!(passed, 23);
        let many = (0..200).map(|at| format!(" a{at}=''")).collect::<String>();
        assert_eq!(told(&format!("<a{many}>")), "none");
    }
}
