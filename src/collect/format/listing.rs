//! `listing`: the names of the files that a pattern matches; the files are not opened. The digest is that of the names.
//!
//! A backslash, a control character and a byte that is not UTF-8 in a name on disk are written `\x5c`, `\x09`, `\xff`, here, in patterns and in every path, so that
//! each file has one name and each name one file.

use crate::gate::{Format, Reading};

/// The format.
pub(super) static LISTING: Format = Format {
    id: "listing",
    extensions: &[],
    about: "the names of the files that a pattern matches",
    docs: include_str!("listing.rs"),
    reading: Reading::Names,
};
