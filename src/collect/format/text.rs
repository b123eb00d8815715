//! `text`: text as it stands: logs, Markdown, sources.
//!
//! Encodings: UTF-8 with or without a byte order mark, or UTF-16 with one; the mark is no part of the text. Other bytes are malformed, and so is UTF-16 without
//! a mark, in which nothing would be found.

use super::decode;
use crate::gate::{Format, Reading};
use crate::model::{Content, Gap, Where};

/// The format.
pub(super) static TEXT: Format = Format {
    id: "text",
    extensions: &["txt", "log", "md", "rs"],
    about: "text in UTF-8 or UTF-16",
    docs: include_str!("text.rs"),
    reading: Reading::Whole(read),
};

fn read(bytes: &[u8], at: &Where) -> Result<Content, Gap> {
    Ok(Content::Text(decode::text(bytes, at)?.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hides_in_an_encoding() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
        let found = |bytes: &[u8]| match read(bytes, &Where::file("a")) {
            Ok(Content::Text(text)) => text.into_string(),
            Ok(other) => panic!("{other:?}"),
            Err(gap) => gap.actual,
        };
        assert_eq!(found(b"\xef\xbb\xbffatal: x\n"), "fatal: x\n");
        assert_eq!(found(&wide("\u{feff}fatal: ä\n")), "fatal: ä\n");
        assert_eq!(found(&wide("fatal: x\n")), "text in UTF-16 without a byte order mark, on line 1");
    }

    #[test]
    fn text_is_utf8() {
        assert!(matches!(read("ä\n".as_bytes(), &Where::file("a")), Ok(Content::Text(text)) if &*text == "ä\n"));
        assert_eq!(read(b"a\nb\xff", &Where::file("a")).map_err(|gap| gap.at.line).err(), Some(Some(2)));
    }
}
