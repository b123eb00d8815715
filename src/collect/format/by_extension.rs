//! `by-extension`: any file, read as JSON or TOML if its name ends in `.json` or `.toml`, else only hashed and measured.
//!
//! For files of several kinds that another document names: `from = "contract.claim_tiers[*].required_evidence[*]"`. A document among them must be
//! sound, as with [`json`](json.md) and [`toml`](toml.md). Every file is read whole, so one beyond the limit is a gap.

use super::{json, toml};
use crate::gate::{Format, Reading};
use crate::model::{Content, Gap, Where};

/// The format.
pub(in crate::collect) static BY_EXTENSION: Format = Format {
    id: "by-extension",
    extensions: &[],
    about: "documents among files of any kind, by their names",
    docs: include_str!("by_extension.rs"),
    reading: Reading::Whole(read),
};

fn read(bytes: &[u8], at: &Where) -> Result<Content, Gap> {
    match at.path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("json") => json::read(bytes, at),
        Some("toml") => toml::read(bytes, at),
        Some(_) | None => Ok(Content::Bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_how_a_file_is_read() {
        let read = |path: &str, text: &str| super::read(text.as_bytes(), &Where::file(path));
        assert!(matches!(read("a/b.json", "{}"), Ok(Content::Document(_))));
        assert!(matches!(read("b.toml", "a = 1"), Ok(Content::Document(_))));
        assert!(matches!(read("a.json/b", "{"), Ok(Content::Bytes)));
        assert!(matches!(read("b.md", "# A"), Ok(Content::Bytes)));
        assert!(read("b.json", "{").is_err() && read("b.toml", "=").is_err());
    }
}
