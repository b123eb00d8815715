//! `text`: UTF-8 text as it stands: logs, Markdown, sources.

use super::utf8;
use crate::gate::{Format, Reading};
use crate::model::{Content, Gap, Where};

/// The format.
pub(super) static TEXT: Format = Format {
    id: "text",
    extensions: &["txt", "log", "md", "rs"],
    about: "UTF-8 text",
    docs: include_str!("text.rs"),
    reading: Reading::Whole(read),
};

fn read(bytes: &[u8], at: &Where) -> Result<Content, Gap> {
    Ok(Content::Text(utf8(bytes, at)?.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_utf8() {
        assert!(matches!(read("ä\n".as_bytes(), &Where::file("a")), Ok(Content::Text(text)) if &*text == "ä\n"));
        assert_eq!(read(b"a\nb\xff", &Where::file("a")).map_err(|gap| gap.at.line).err(), Some(Some(2)));
    }
}
